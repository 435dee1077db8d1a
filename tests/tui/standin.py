"""A process that stands in for a relay, or for something else on its port.

usage: standin.py MODE PORT [key=value ...]

Writes its port to stdout once it listens. `lock` names a file to hold, `record` one to announce itself in.
"""

import json
import os
import signal
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from filelock import FileLock, Timeout

MODE, PORT = sys.argv[1], int(sys.argv[2])
OPTIONS = dict(argument.split("=", 1) for argument in sys.argv[3:])
TOKEN = OPTIONS.get("token", "good")
unready = iter(range(int(OPTIONS.get("late", "0"))))


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if MODE == "foreign":
            self.answer(200, {"hello": "world"})
        elif self.path == "/healthz":
            self.answer(200, health())
        elif self.path == "/readyz":
            self.answer(503 if MODE == "never" or next(unready, None) is not None else 200, {})
        else:
            self.answer(200 if self.headers["authorization"] == f"Bearer {TOKEN}" else 401, {})

    do_HEAD = do_GET  # noqa: N815 - the library's name

    def do_POST(self) -> None:
        if MODE == "deaf":
            self.answer(404, {})
        elif self.headers["authorization"] != f"Bearer {TOKEN}":
            self.answer(401, {})
        else:
            self.answer(202, {})
            if MODE == "stays":
                return
            threading.Thread(target=server.shutdown).start()

    def answer(self, status: int, body: object) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data if self.command != "HEAD" else b"")

    def log_message(self, *_: object) -> None:
        pass


def tell(port: int) -> None:
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()


def health() -> dict[str, object]:
    viewers = OPTIONS.get("viewers", "0")
    return {
        "service": "knocktop-relay",
        "pid": int(OPTIONS.get("pid", os.getpid())),
        "started_by": OPTIONS.get("started_by"),
        "viewers": json.loads(Path(viewers).read_text() if os.sep in viewers else viewers),
    }


if MODE == "dies":
    sys.stderr.write("\n".join(f"word {number}" for number in range(int(OPTIONS.get("words", "9")))) + "\n")
    sys.exit(int(OPTIONS.get("code", "1")))
if MODE == "mute":
    with socket.create_server(("127.0.0.1", PORT)) as mute:
        tell(mute.getsockname()[1])
        signal.pause()
if "lock" in OPTIONS:
    lock = FileLock(OPTIONS["lock"], timeout=0)
    try:
        lock.acquire()
    except Timeout:
        sys.exit(19)
try:
    server = ThreadingHTTPServer(("127.0.0.1", PORT), Handler)
except OSError:
    sys.exit(18)
port = server.server_address[1]
if "record" in OPTIONS:
    record = {"pid": os.getpid(), "url": f"http://127.0.0.1:{port}", "started_by": OPTIONS.get("started_by")}
    Path(OPTIONS["record"]).write_text(json.dumps(record))
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
tell(port)
server.serve_forever()
