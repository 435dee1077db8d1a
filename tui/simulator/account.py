"""The made-up Knock account that simulated events come from: its environments, channels, people and workflows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any


@dataclass(frozen=True, slots=True)
class Environment:
    """Where a webhook belongs; requests name it by `id`, bodies by `slug`."""

    id: str
    slug: str


DEVELOPMENT = Environment("6a0f2c14-5d0b-4c53-9a3e-1f7b8c2d4e60", "development")
PRODUCTION = Environment("b83d1e7f-02a9-4f6c-8d15-7c4e9a0b6f32", "production")
ENVIRONMENTS = (DEVELOPMENT, PRODUCTION)


@dataclass(frozen=True, slots=True)
class Channel:
    """A configured channel. `can_deliver`: its provider reports deliveries."""

    type: str
    key: str
    name: str
    provider: str
    id: str
    can_deliver: bool

    def as_json(self) -> dict[str, Any]:
        return {
            "created_at": "2024-03-11T09:26:44.103920Z",
            "id": self.id,
            "key": self.key,
            "name": self.name,
            "provider": self.provider,
            "type": self.type,
            "updated_at": "2026-08-02T14:51:09.772301Z",
        }


SENDGRID = Channel("email", "sendgrid", "SendGrid", "sendgrid", "4c2a9f0e-7b61-4d38-a5c3-90e1d2f34b57", True)
POSTMARK = Channel("email", "postmark", "Postmark", "postmark", "e15b7d90-3c4f-4a82-9e60-5d8f1b2a7c94", True)
SMTP = Channel("email", "office-smtp", "Office SMTP", "smtp", "90d3f6b2-1e8a-4c75-b4f0-2a6c7e9d5b18", False)
TWILIO = Channel("sms", "twilio", "Twilio", "twilio", "27e8c5a1-94d6-4b0f-8c3a-6f1e0d7b9a45", True)
FCM = Channel("push", "fcm", "Android push", "push_fcm", "d4f1a8c6-5b29-4e73-a0d8-3c9b7f2e6a10", False)
APNS = Channel("push", "apns", "iOS push", "push_apns", "5f9e2b7d-8a03-4c16-9d4e-b1a7c6f03e82", False)
SLACK = Channel("chat", "slack", "Slack", "chat_slack", "a7c04e3b-6d15-4f98-b2e7-9c5d8f1a0b63", False)
FEED = Channel(
    "in_app_feed", "in-app-feed", "Feed", "in_app_feed_knock", "1b6d9e4f-c2a7-4835-8f0b-e4d3a5c7906e", True
)
HTTP = Channel(
    "http", "partner-hook", "Partner API", "http_knock_webhook", "c9a2e0d7-4f5b-4168-93ec-7b0d6a8f1e24", True
)


@dataclass(frozen=True, slots=True)
class Person:
    """A user of the made-up product."""

    id: str
    name: str

    @property
    def email(self) -> str:
        return f"{self.id.replace('_', '.')}@example.com"


PEOPLE = (
    Person("ada_okafor", "Ada Okafor"),
    Person("amelie_girard", "Amélie Girard"),
    Person("anna_kowalska", "Anna Kowalska"),
    Person("ben_whitlock", "Ben Whitlock"),
    Person("carlos_ibanez", "Carlos Ibáñez"),
    Person("chioma_eze", "Chioma Eze"),
    Person("dimitra_pappas", "Δήμητρα Παππά"),
    Person("elif_yildiz", "Elif Yıldız"),
    Person("farah_haddad", "فرح حداد"),
    Person("hana_watanabe", "渡辺 はな"),
    Person("ivan_petrov", "Иван Петров"),
    Person("jonas_mueller", "Jonas Müller"),
    Person("kofi_mensah", "Kofi Mensah"),
    Person("lena_schaefer", "Lena Schäfer"),
    Person("li_wei", "李伟"),
    Person("lukasz_nowak", "Łukasz Nowak"),
    Person("maria_santos", "Maria Santos"),
    Person("nadia_rahman", "Nadia Rahman"),
    Person("oisin_byrne", "Oisín Byrne"),
    Person("priya_nair", "Priya Nair"),
    Person("ruth_alvarez", "Ruth Álvarez"),
    Person("sam_taylor", "Sam Taylor"),
    Person("soren_dahl", "Søren Dahl"),
    Person("tomas_novak", "Tomáš Novák"),
)

EDITORS = (PEOPLE[0], PEOPLE[11], PEOPLE[19])
"""Those who change templates in the dashboard."""

PROJECTS = ("atlas", "beacon", "cascade", "delta")
"""Objects of the collection `projects`, which have a chat channel of their own."""

TENANTS = ("acme", "globex", "initech", "umbrella", None, None)

_PRODUCTS = ("Trail lamp", "Kaffeemühle", "Rain shell", "Notebook, A5", "抹茶 set", "Desk plant")
_COMMENTS = (
    "Looks good to me 👍",
    "Can we move this to Thursday?",
    "Das Layout bricht bei schmalen Fenstern um.",
    'The label should say "Save & close"',
    "すばらしい！",
    "Who owns the copy for this screen?",
)
_CITIES = ("Lisbon", "Osaka", "Zürich", "Nairobi", "São Paulo", "Leeds")


@dataclass(frozen=True, slots=True)
class Workflow:
    """A workflow of the account; `trigger_data` draws what one trigger carries."""

    key: str
    name: str
    categories: tuple[str, ...]
    version_id: str
    trigger_data: Callable[[Random], dict[str, Any]]
    link: str

    def step_ref(self, channel: Channel) -> str:
        """The step that sends on this channel."""
        return f"{channel.type}_1"


def _order(rng: Random) -> dict[str, Any]:
    return {
        "carrier": rng.choice(("DHL", "UPS", "PostNord")),
        "items": [
            {"name": rng.choice(_PRODUCTS), "quantity": rng.randint(1, 3)} for _ in range(rng.randint(1, 3))
        ],
        "order_number": f"R{rng.randint(100_000, 999_999)}",
        "total": rng.randint(900, 24_000) / 100,
    }


def _comment(rng: Random) -> dict[str, Any]:
    return {
        "comment": rng.choice(_COMMENTS),
        "page": rng.choice(("Checkout", "Onboarding", "Preise & Pläne", "Settings")),
        "thread_id": f"thr_{rng.randint(1_000, 9_999)}",
    }


def _invoice(rng: Random) -> dict[str, Any]:
    return {
        "amount": {"currency": rng.choice(("EUR", "USD", "JPY")), "value": rng.randint(1_900, 190_000)},
        "due_in_days": rng.choice((7, 14, 30)),
        "invoice": f"INV-2026-{rng.randint(1, 9_999):04}",
        "paid": False,
    }


def _sign_in(rng: Random) -> dict[str, Any]:
    return {
        "city": rng.choice(_CITIES),
        "device": rng.choice(("Firefox on Linux", "Safari on iPhone", "Chrome on Windows")),
        "ip_address": f"203.0.113.{rng.randint(1, 254)}",
        "severity": rng.choice(("notice", "warning", "critical")),
    }


def _welcome(rng: Random) -> dict[str, Any]:
    return {
        "onboarding_url": f"https://app.example.com/start/{rng.randint(10_000, 99_999)}",
        "plan": rng.choice(("free", "team")),
    }


def _deploy(rng: Random) -> dict[str, Any]:
    return {
        "branch": rng.choice(("main", "release/42", "hotfix/login")),
        "duration_s": rng.randint(60, 900),
        "project": rng.choice(PROJECTS),
        "succeeded": rng.random() < 0.7,
    }


def _code(rng: Random) -> dict[str, Any]:
    return {"expires_in_minutes": 10, "locale": rng.choice(("en", "de", "ja"))}


def _news(rng: Random) -> dict[str, Any]:
    return {
        "headline": rng.choice(("Autumn release", "Neue Berichte", "Faster search")),
        "issue": rng.randint(20, 60),
    }


WELCOME = Workflow(
    "welcome",
    "Welcome",
    ("onboarding",),
    "3e7a1c95-d08b-4f62-a94c-5b1e7d20f683",
    _welcome,
    "https://app.example.com/start",
)
COMMENT = Workflow(
    "comment-created",
    "Comment created",
    ("collaboration",),
    "f0b46d2e-8c57-4a19-b3d0-92e6c1a7584f",
    _comment,
    "https://app.example.com/threads",
)
ORDER = Workflow(
    "order-shipped",
    "Order shipped",
    ("transactional", "orders"),
    "81d5e3b7-2f6c-40a9-9c7e-d40b8a6f1e35",
    _order,
    "https://app.example.com/orders?utm_source=email&utm_campaign=shipped",
)
INVOICE = Workflow(
    "invoice-due",
    "Invoice due",
    ("transactional", "billing"),
    "c60f9a4d-71e2-4b8c-8a5f-0e3d2b9c7f16",
    _invoice,
    "https://app.example.com/invoices",
)
SIGN_IN = Workflow(
    "new-sign-in",
    "New sign-in",
    ("security",),
    "2b9c7e50-a61d-4f34-b8e9-c7d5f0136a82",
    _sign_in,
    "https://app.example.com/security",
)
DEPLOY = Workflow(
    "deploy-finished",
    "Deploy finished",
    ("engineering",),
    "97a3f1d8-e4b5-4c20-a76d-18f2c9e0b54d",
    _deploy,
    "https://app.example.com/deploys",
)
CODE = Workflow(
    "sign-in-code",
    "Sign-in code",
    ("security", "transactional"),
    "5d08b2f6-c93e-4a71-8f1c-e6a4d7b0932c",
    _code,
    "https://app.example.com/code",
)
NEWS = Workflow(
    "product-news",
    "Product news",
    ("marketing",),
    "e48c6f1b-0d7a-4952-b1e3-a9f5c2807d64",
    _news,
    "https://www.example.com/news?issue=latest",
)
WORKFLOWS: Mapping[str, Workflow] = {
    workflow.key: workflow for workflow in (WELCOME, COMMENT, ORDER, INVOICE, SIGN_IN, DEPLOY, CODE, NEWS)
}
MAIL_WORKFLOWS = (WELCOME, COMMENT, ORDER, INVOICE, SIGN_IN)
"""Those that send one email to one person."""
