"""A program that stands in for cloudflared, ngrok, or any other that opens a tunnel.

usage: tunnel_standin.py DIRECTORY HABIT[,HABIT...] LOOK [arguments of the real program]

LOOK is whose words it writes. It listens on a free port of its own and passes on what comes there to the relay, as
the other end of a tunnel does, and writes `pid`, `port` and `arguments` into DIRECTORY. Habits: `opens`, `slow`,
`mute` (writes, but no address), `dies` (at once), `later` (ends once DIRECTORY has a file `end`), `stubborn` (does
not end when asked to, nor does its child, whose pid is in `child`), `lists` (also writes its environment).
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

DIRECTORY, HABITS, LOOK, *ARGUMENTS = sys.argv[1:] if __name__ == "__main__" else ("", "", "")
HERE = Path(DIRECTORY)
PUBLIC = {
    "cloudflared": "https://some-words-here.trycloudflare.com",
    "ngrok": "https://1f2e-203-0-113-7.ngrok-free.app",
    "other": "https://tunnel.example.com/some/path",
}

AT = "2026-11-23T10:42:04Z INF"
CLOUDFLARED = f"""\
{AT} Thank you for trying Cloudflare Tunnel. Doing so, without a Cloudflare account, is a quick way to experiment \
and try it out. However, be aware that these account-less Tunnels have no uptime guarantee, are subject to the \
Cloudflare Online Services Terms of Use (https://www.cloudflare.com/website-terms/), and Cloudflare reserves the \
right to investigate your use of Tunnels for violations of such terms. If you intend to use Tunnels in production \
you should use a pre-created named tunnel by following: https://developers.cloudflare.com/cloudflare-one/connections/
{AT} Requesting new quick Tunnel on trycloudflare.com...
{AT} +{"-" * 92}+
{AT} |  Your quick Tunnel has been created! Visit it at (it may take some time to be reachable):  |
{AT} |  {{url:<88}}  |
{AT} +{"-" * 92}+
{AT} Version 2026.9.1 (Checksum 0f1e)
{AT} Registered tunnel connection connIndex=0 event=0 ip=198.51.100.7 location=zrh01 protocol=quic
"""
NGROK = """\
t=2026-11-23T10:42:00+0000 lvl=info msg="no configuration paths supplied"
t=2026-11-23T10:42:00+0000 lvl=info msg="starting web service" obj=web addr=127.0.0.1:4040 allow_hosts=[]
t=2026-11-23T10:42:00+0000 lvl=info msg="client session established" obj=tunnels.session
t=2026-11-23T10:42:01+0000 lvl=info msg="started tunnel" obj=tunnels name=command_line addr={target} url={url}
"""
OTHER = """\
forwarding https://127.0.0.1:4443 and https://localhost/
\x1b[1mready:\x1b[0m \x1b[32m{url}\x1b[0m, have fun
"""
FAILURES = {
    "cloudflared": 'failed to request quick Tunnel: Post "https://api.trycloudflare.com/tunnel": dial tcp: lookup'
    " api.trycloudflare.com on 127.0.0.11:53: no such host\n",
    "ngrok": "ERROR:  authentication failed: Usage of ngrok requires a verified account and authtoken.\nERROR:  \n"
    "ERROR:  Your authtoken: 2abcDEFghi\nERROR:  ERR_NGROK_4018\n"
    "ERROR:  https://ngrok.com/docs/errors/err_ngrok_4018\n",
    "other": "permission denied (publickey)\n",
}


def target() -> tuple[str, int]:
    """Where the relay is, as the arguments say."""
    found = re.search(r"([\w.-]+):(\d+)", " ".join(ARGUMENTS).replace("port=", "127.0.0.1:"))
    return (found[1], int(found[2])) if found else ("127.0.0.1", 9)


def write(text: str) -> None:
    stream = sys.stderr if LOOK == "cloudflared" else sys.stdout
    stream.write(text)
    stream.flush()


def note(name: str, text: object) -> None:
    part = HERE / f"{name}.part"
    part.write_text(str(text))
    part.replace(HERE / name)


def pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65_536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def serve(listener: socket.socket) -> None:
    while True:
        here, _ = listener.accept()
        there = socket.create_connection(target())
        for pair in ((here, there), (there, here)):
            threading.Thread(target=pump, args=pair, daemon=True).start()


def main() -> None:
    habits = HABITS.split(",")
    note("arguments", json.dumps(ARGUMENTS))
    note("environment", json.dumps(dict(os.environ)))
    if "dies" in habits:
        write(FAILURES[LOOK])
        sys.exit(1)
    if "stubborn" in habits:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        child = subprocess.Popen([shutil.which("sleep") or "sleep", "600"])
        note("child", child.pid)
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=serve, args=(listener,), daemon=True).start()
    note("port", listener.getsockname()[1])
    note("pid", os.getpid())
    if "slow" in habits:
        time.sleep(0.5)
    host, port = target()
    words = {"cloudflared": CLOUDFLARED, "ngrok": NGROK, "other": OTHER}[LOOK]
    text = words.format(url=PUBLIC[LOOK], target=f"http://{host}:{port}")
    if "mute" in habits:
        text = "".join(line for line in text.splitlines(keepends=True) if PUBLIC[LOOK] not in line)
    write(text)
    while "later" not in habits or not (HERE / "end").exists():
        time.sleep(0.01)
    write("the other side hung up\n")
    sys.exit(7)


if __name__ == "__main__":
    main()
