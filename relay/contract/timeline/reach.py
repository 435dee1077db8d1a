"""How far a message can get on its channel: what Knock reports there, and what it never does."""

from __future__ import annotations

from collections.abc import Mapping

from relay.contract.events import Channel
from relay.contract.knock import ChannelType, Engagement

STRAIGHT = frozenset({ChannelType.IN_APP, ChannelType.IN_APP_FEED, ChannelType.IN_APP_GUIDE, ChannelType.HTTP})
"""Channels on which a message is delivered without having been sent."""
_ENDS_AT_SENT = frozenset({ChannelType.PUSH, ChannelType.CHAT})

_REPORTING = (
    # Email
    "knock",
    "ses",
    "mailersend",
    "mailgun",
    "mailjet",
    "mailtrap",
    "mandrill",
    "postmark",
    "resend",
    "sendgrid",
    "sparkpost",
    # SMS
    "messagemedia",
    "telnyx",
    "twilio",
)
_SILENT = ("smtp", "cloudflare", "sns", "vonage")

_IN_APP = frozenset(Engagement)
_CLICKS = frozenset({Engagement.READ, Engagement.LINK_CLICKED})
_ENGAGEMENT: Mapping[str, frozenset[Engagement]] = {
    ChannelType.EMAIL: _CLICKS,
    ChannelType.SMS: _CLICKS,
    ChannelType.CHAT: _CLICKS,
    ChannelType.PUSH: frozenset(),
    ChannelType.HTTP: frozenset(),
    ChannelType.IN_APP: _IN_APP,
    ChannelType.IN_APP_FEED: _IN_APP,
    ChannelType.IN_APP_GUIDE: _IN_APP,
}
CLICK_READS = frozenset({ChannelType.SMS, ChannelType.CHAT})
"""Channels on which a click also counts as reading, which Knock could not know otherwise."""


def is_sent_first(channel: Channel | None) -> bool:
    """Whether a message is sent before it can be delivered; where the channel is not known, it may be not."""
    return channel is not None and channel.type in (ChannelType.EMAIL, ChannelType.SMS)


def can_be_sent(channel: Channel | None) -> bool:
    """Whether Knock tells when a message was handed over."""
    return channel is None or channel.type not in STRAIGHT


def reports_delivery(channel: Channel | None) -> bool | None:
    """Whether Knock tells when a message was delivered; `None` where that is not known of the provider."""
    if channel is None or channel.type is None:
        return None
    if channel.type in STRAIGHT:
        return True
    if channel.type in _ENDS_AT_SENT:
        return False
    provider = (channel.provider or "").lower()
    if any(name in provider for name in _SILENT):
        return False
    return True if any(name in provider for name in _REPORTING) else None


def can_engage(channel: Channel | None, deed: Engagement) -> bool:
    """Whether Knock itself tells of this on the channel; of one that is not known, anything may come."""
    known = _ENGAGEMENT.get(channel.type) if channel is not None and channel.type is not None else None
    return known is None or deed in known
