"""A real relay in a process of its own, for tests that speak to it over sockets."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from relay.contract.signature import sign

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "tests" / "samples"
SECRET = "some-secret"
TOKEN = "test-token"
START_SECONDS = 30.0


@dataclass
class RelayProcess:
    """A running relay; `url` is its base, `directory` its data directory."""

    child: subprocess.Popen[bytes]
    url: str
    directory: Path

    @property
    def webhooks(self) -> str:
        return f"{self.url}/webhooks/knock"

    @property
    def stream(self) -> str:
        return f"{self.url.replace('http', 'ws', 1)}/v1/stream"

    @property
    def authorization(self) -> dict[str, str]:
        return {"authorization": f"Bearer {TOKEN}"}

    def client(self) -> httpx.Client:
        """A client of the viewer API, with the token."""
        return httpx.Client(base_url=self.url, headers=self.authorization, trust_env=False, timeout=20)

    def post(self, body: bytes, headers: Mapping[str, str] | None = None, endpoint: str = "") -> httpx.Response:
        """Send a body as Knock would."""
        url = f"{self.webhooks}/{endpoint}" if endpoint else self.webhooks
        return httpx.post(url, content=body, headers=headers, trust_env=False, timeout=20)

    def post_signed(self, body: bytes, endpoint: str = "", *, secret: str = SECRET) -> httpx.Response:
        """Send a body signed now."""
        kind = json.loads(body).get("type", "")
        return self.post(body, signed(body, kind, secret=secret), endpoint)

    def stop(self) -> int:
        """SIGTERM, and the exit code."""
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
        return self.child.wait(30)

    def kill(self) -> None:
        """SIGKILL."""
        self.child.kill()
        self.child.wait(30)


def signed(body: bytes, kind: str, *, secret: str = SECRET, t_ms: int | None = None) -> dict[str, str]:
    """Knock's headers for a body."""
    return {
        "content-type": "application/json",
        "x-knock-environment-id": "123e4567-e89b-12d3-a456-426614174000",
        "x-knock-event": kind,
        "x-knock-signature": sign(secret, body, time.time_ns() // 1_000_000 if t_ms is None else t_ms),
    }


def sample_names() -> list[str]:
    """Every sample request."""
    return sorted(path.stem for path in SAMPLES.glob("*.headers"))


def sample(name: str) -> tuple[bytes, dict[str, str]]:
    """Body and headers of a sample, as they were composed: signed at the time of the event."""
    lines = (SAMPLES / f"{name}.headers").read_text("utf-8").splitlines()
    headers = dict(line.split(": ", 1) for line in lines if line)
    return (SAMPLES / f"{name}.json").read_bytes(), headers


def environment(directory: Path, **variables: str) -> dict[str, str]:
    """The environment for a child: ours without settings of knocktop, and with nothing of the user's own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KNOCKTOP_")}
    own = {"HOME": str(directory), "XDG_CONFIG_HOME": str(directory / "config")}
    return kept | own | {"PYTHONPATH": str(ROOT)} | variables


def start(
    directory: Path,
    *flags: str,
    secret: str | None = SECRET,
    port: int = 0,
    token: str | None = TOKEN,
    shortcut: bool = True,
) -> RelayProcess:
    """Start a relay on a free port and wait until it is ready."""
    directory.mkdir(exist_ok=True)
    (directory / "relay.json").unlink(missing_ok=True)
    variables = {} if shortcut else {"KNOCKTOP_SHORTCUT": "false"}
    if secret is not None:
        variables["KNOCKTOP_SIGNING_SECRET"] = secret
    if token is not None:
        variables["KNOCKTOP_TOKEN"] = token
    child = subprocess.Popen(
        [sys.executable, "-m", "relay", "--port", str(port), "--data-dir", str(directory), *flags],
        env=environment(directory, **variables),
        cwd=directory,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if child.poll() is not None:
            said = child.communicate()[1].decode()
            raise RuntimeError(f"the relay ended with {child.returncode}: {said}")
        with contextlib.suppress(OSError, ValueError, httpx.TransportError):
            url = json.loads((directory / "relay.json").read_text("utf-8"))["url"]
            if httpx.get(f"{url}/readyz", trust_env=False, timeout=1).status_code == 200:
                return RelayProcess(child, url, directory)
        time.sleep(0.02)
    child.kill()
    child.wait(10)
    raise TimeoutError("the relay did not become ready")


@contextlib.contextmanager
def running(
    directory: Path, *flags: str, secret: str | None = SECRET, port: int = 0, shortcut: bool = True
) -> Iterator[RelayProcess]:
    """A relay that is stopped when the block is left."""
    relay = start(directory, *flags, secret=secret, port=port, shortcut=shortcut)
    try:
        yield relay
    finally:
        relay.stop()
        assert relay.child.stderr is not None
        relay.child.stderr.close()
