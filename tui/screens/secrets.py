"""The sheet of signing secrets: paste one, see which there are, remove one. Their values are never shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.app import ComposeResult

from relay.contract.api import SECRET_LIMIT, SecretInfo, is_endpoint, is_secret
from tui.mistaken import mistaken_for
from tui.model.dashboard import Dashboard
from tui.model.items import Fact, Item, Note
from tui.model.reach import is_loopback
from tui.model.source import Source, SourceError
from tui.widgets.secret_field import SecretField
from tui.widgets.sheet import Choices, Labelled, Option, Sheet, SheetField
from tui.work import begin

PASTE = "paste it from the webhook's page in Knock"


class SecretsSheet(Sheet[str]):
    """Gives a sentence about what was done."""

    title_text = "Signing secrets"

    def __init__(self, source: Source, dashboard: Dashboard) -> None:
        super().__init__()
        self.source = source
        self.dashboard = dashboard
        self.about = f"relay {source.address}"
        self.secret = SecretField(PASTE)
        self.endpoint = SheetField("all of them", limit=64, id="secret-endpoint")
        self.choices = Choices([Option("", "a new secret", "as typed above")])
        self.known: Sequence[SecretInfo] = ()
        self.failure = ""
        """What the relay did not do, and why."""
        self._armed: str | None = None
        """Id of the secret that the next Enter removes."""

    def compose_fields(self) -> ComposeResult:
        """Ask for the secret and the endpoint, and offer those that there are for removal."""
        yield Labelled("secret", self.secret)
        yield Labelled("endpoint", self.endpoint)
        yield self.choices

    def on_mount(self) -> None:
        """Read which secrets there are."""
        begin(self, "secrets", self._read)

    async def _read(self) -> None:
        try:
            self.known = await self.source.secrets()
        except SourceError as error:
            self.failure = f"Which secrets there are could not be read: {error}"
        else:
            self.choices.offer([self.choices.options[0], *map(_option, self.known)])
        self.renew()

    # What will happen

    @property
    def chosen(self) -> SecretInfo | None:
        """The secret to remove; None while a new one is to be added."""
        return self.known[self.choices.cursor - 1] if self.choices.cursor else None

    @property
    def verb(self) -> str:  # type: ignore[override]
        """Add the new secret, or remove the one that is chosen."""
        return "add" if self.chosen is None else "remove"

    @property
    def ready(self) -> bool:
        """There is a secret to add, or one that can be removed here."""
        chosen = self.chosen
        if chosen is None:
            return is_secret(self._typed) and (self._endpoint is None or is_endpoint(self._endpoint))
        return chosen.added

    @property
    def _typed(self) -> str:
        return self.secret.value.strip()

    @property
    def _endpoint(self) -> str | None:
        return self.endpoint.value.strip() or None

    def says(self) -> Iterator[Item]:
        """Say where the secret goes and what follows, or what is lacking."""
        yield from self._says_adding() if self.chosen is None else self._says_removing(self.chosen)
        if self.failure:
            yield Note(f"  {self.failure}", "bad")

    def _says_adding(self) -> Iterator[Item]:
        lacking = self._lacking()
        if lacking:
            yield Note(f"  {lacking}", "bad" if self.insisted or self._typed else "quiet")
            return
        if what := mistaken_for(self._typed):
            yield Note(f"  This looks like {what}; the signing secret is on the page of the webhook", "warn")
        yield Fact("goes to", f"the relay {self.source.address}, which keeps it for its owner alone")
        if self.source.ingest_url().startswith("http:") and not is_loopback(self.source.ingest_url()):
            yield Fact("beware", "the way there is plain HTTP: whoever is on it can read the secret", "warn")
        yield Fact("checks", self._checks())
        yield from self._then()

    def _lacking(self) -> str:
        if not self._typed:
            return (
                "Paste the secret, or choose one below with Down to remove it"
                if self.known
                else "Paste the secret"
            )
        if not is_secret(self._typed):
            return f"A secret is one line of at most {SECRET_LIMIT:,} printable characters"
        if self._endpoint is not None and not is_endpoint(self._endpoint):
            return "An endpoint is named by small letters, digits and hyphens, 64 at most"
        return ""

    def _checks(self) -> str:
        if self._endpoint is None:
            return "requests to every endpoint that has no secret of its own"
        return f"requests to /webhooks/knock/{self._endpoint}; secrets for all endpoints no longer count there"

    def _then(self) -> Iterator[Item]:
        held = self.dashboard.quarantined
        if held:
            requests = "1 request in quarantine is" if held == 1 else f"{held:,} requests in quarantine are"
            yield Fact("then", f"{requests} checked again; what fits becomes an event")
        if not self.known and not self.dashboard.secrets:
            yield Fact("from then on", "requests that do not fit it go to quarantine instead of into the list")

    def _says_removing(self, secret: SecretInfo) -> Iterator[Item]:
        same = [one for one in self.known if one.id == secret.id and one.added == secret.added]
        whose = " and ".join(
            "all endpoints" if one.endpoint is None else f"the endpoint {one.endpoint}" for one in same
        )
        if not secret.added:
            yield Fact(
                "cannot", f"{secret.id} for {whose} comes from the relay's settings: remove it there", "warn"
            )
            return
        yield Fact("removes", f"{secret.id} for {whose}", "bad")
        if len(self.known) == 1:
            yield Fact("then", "no secret is left, and whoever knows the address can post events", "warn")
        else:
            yield Fact("then", "requests that are signed with it go to quarantine")
        if self._armed == secret.id:
            yield Note("  Once more removes it", "bad")

    # Doing it

    def renew(self) -> None:
        """Say anew what will happen."""
        if self.chosen is None or self.chosen.id != self._armed:
            self._armed = None
        super().renew()

    def confirm(self) -> None:
        """Add the secret; remove one only when asked twice."""
        chosen = self.chosen
        if chosen is None:
            self._begin("Checking what is in quarantine with it")
            begin(self, "secrets", self._add, self._typed, self._endpoint)
        elif self._armed == chosen.id:
            self._begin("Removing it")
            begin(self, "secrets", self._remove, chosen.id)
        else:
            self._armed = chosen.id
            self.renew()

    def _begin(self, busy: str) -> None:
        self.busy, self.failure = busy, ""
        self.renew()

    async def _add(self, secret: str, endpoint: str | None) -> None:
        held = self.dashboard.quarantined
        try:
            added = await self.source.add_secret(secret, endpoint)
        except SourceError as error:
            self._fail(f"It was not added: {error}")
            return
        self.secret.value = ""
        self.dismiss(f"Secret {added.id} is set; {_admitted(added.admitted, held)}")

    async def _remove(self, secret_id: str) -> None:
        try:
            await self.source.remove_secret(secret_id)
        except SourceError as error:
            self._fail(f"It was not removed: {error}")
            return
        self.dismiss(f"Secret {secret_id} is removed")

    def _fail(self, failure: str) -> None:
        self.busy, self.failure, self._armed = "", failure, None
        self.renew()


def _option(secret: SecretInfo) -> Option:
    where = "all endpoints" if secret.endpoint is None else f"endpoint {secret.endpoint}"
    return Option("", secret.id, where if secret.added else f"{where}, from the relay's settings")


def _admitted(admitted: int, held: int) -> str:
    if not held and not admitted:
        return "nothing was in quarantine"
    requests = "1 request" if admitted == 1 else f"{admitted:,} requests" if admitted else "no request"
    rest = "; 6 shows why the others do not fit" if admitted < held else ""
    return f"it admitted {requests} from quarantine{rest}"
