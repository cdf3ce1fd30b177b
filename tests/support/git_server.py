"""Serves git repositories over smart HTTP on loopback with `git http-backend`, with faults on demand and a log."""

from __future__ import annotations

import base64
import os
import struct
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

BACKEND = Path(subprocess.run(["git", "--exec-path"], capture_output=True, text=True, check=True).stdout.strip())


@dataclass
class Log:
    """What the server was asked, and how many objects each answer contained."""

    requests: list[str] = field(default_factory=list)
    objects: list[int] = field(default_factory=list)

    def clear(self) -> None:
        """Forget everything."""
        self.requests.clear()
        self.objects.clear()


@dataclass
class Server:
    """A running server: its address, its log, and what it does wrong, by the first part of the path.

    A fault is a status code, one with headers as in `(429, {"Retry-After": "9"})`, `("move", target)`,
    `("login", "user:secret")`, or `"sleep"`.
    """

    url: str
    log: Log
    faults: dict[str, object]


def packed(answer: bytes) -> int:
    """The number of objects in an answer's pack; 0 if it has none."""
    place = answer.find(b"PACK\0\0\0\2")
    return 0 if place < 0 else int(struct.unpack(">I", answer[place + 8 : place + 12])[0])


@contextmanager
def serve(folder: Path) -> Iterator[Server]:
    """Serve the repositories in `folder`."""
    log, faults = Log(), dict[str, object]()
    released = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer(b"")

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length")
            if length is not None:
                self.answer(self.rfile.read(int(length)))
                return
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            self.answer(body)

        def answer(self, body: bytes) -> None:
            address = urlsplit(self.path)
            log.requests.append(f"{self.command} {self.path}")
            fault = faults.get(address.path.split("/")[1])
            match fault:
                case int(code):
                    return self.send_error(code)
                case (int(code), dict(headers)):
                    self.send_response(code)
                    for name, text in headers.items():
                        self.send_header(name, text)
                    return self.end_headers()
                case "sleep":
                    released.wait(30)
                    return None
                case ("move", target):
                    self.send_response(301)
                    rest = address.path.split("/", 2)[2]
                    self.send_header("Location", f"{target}/{rest}?{address.query}")
                    return self.end_headers()
                case ("login", word) if self.headers.get("Authorization") != (
                    "Basic " + base64.b64encode(str(word).encode()).decode()
                ):
                    self.send_response(401)
                    self.send_header("WWW-Authenticate", 'Basic realm="git"')
                    return self.end_headers()
            environment = {
                "PATH": os.environ["PATH"],
                "GIT_PROJECT_ROOT": str(folder),
                "GIT_HTTP_EXPORT_ALL": "1",
                "GIT_CONFIG_NOSYSTEM": "1",
                "GIT_CONFIG_COUNT": "1",
                "GIT_CONFIG_KEY_0": "safe.directory",
                "GIT_CONFIG_VALUE_0": "*",
                "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                "REQUEST_METHOD": self.command,
                "PATH_INFO": address.path,
                "QUERY_STRING": address.query,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "CONTENT_LENGTH": str(len(body)),
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            }
            done = subprocess.run([BACKEND / "git-http-backend"], input=body, capture_output=True, env=environment)
            head, _, content = done.stdout.partition(b"\r\n\r\n")
            headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if line)
            self.send_response(int(headers.pop("Status", "200").split()[0]))
            for name, text in headers.items():
                self.send_header(name, text)
            self.end_headers()
            self.wfile.write(content)
            if packed(content):
                log.objects.append(packed(content))
            return None

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield Server(f"http://127.0.0.1:{server.server_address[1]}", log, faults)
    finally:
        released.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
