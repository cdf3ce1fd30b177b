"""The part of GitHub's API that feedback is posted to, on loopback: repositories, issues and comments, with faults."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Entry = dict[str, Any]


@dataclass
class Posts:
    """A running API: its repositories, what was posted (by the path of its list), and what goes wrong with posts.

    A fault is a status code, with which nothing is posted; `"lost"`, where it's posted and no answer comes; or
    `"limit"`, a rate limit.
    """

    url: str = ""
    repositories: dict[str, Entry] = field(default_factory=dict)
    lists: dict[str, list[Entry]] = field(default_factory=dict)
    faults: list[int | str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    page: int = 100

    def add(self, name: str, **more: Any) -> None:
        """Add a repository."""
        self.repositories[name] = {"full_name": name, "private": True, "has_issues": True} | more

    def bodies(self) -> list[str]:
        """Everything that was posted."""
        return [entry["body"] for entries in self.lists.values() for entry in entries]


@contextmanager
def serving() -> Iterator[Posts]:
    """A running API."""
    posts = Posts()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlsplit(self.path)
            posts.requests.append(f"GET {self.path}")
            name = address.path.removeprefix("/repos/")
            if name in posts.repositories:
                return self.send(200, posts.repositories[name])
            if "/".join(name.split("/")[:2]) not in posts.repositories:
                return self.send(404, {"message": "Not Found"})
            number = int(parse_qs(address.query).get("page", ["1"])[0])
            entries = posts.lists.get(address.path, [])
            more = {}
            if len(entries) > number * posts.page:
                more["Link"] = f'<{posts.url}{address.path}?page={number + 1}&per_page=100>; rel="next"'
            return self.send(200, entries[(number - 1) * posts.page : number * posts.page], more)

        def do_POST(self) -> None:
            posts.requests.append(f"POST {self.path}")
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            fault = posts.faults.pop(0) if posts.faults else None
            if fault == "limit":
                return self.send(403, {"message": "You have exceeded a secondary rate limit"}, {"Retry-After": "7"})
            if isinstance(fault, int):
                return self.send(fault, {"message": "not now"})
            entries = posts.lists.setdefault(self.path, [])
            entry = {"number": len(entries) + 1, "html_url": f"{posts.url}{self.path}/{len(entries) + 1}", **body}
            entries.append(entry)
            if fault == "lost":
                self.close_connection = True
                return self.connection.close()
            return self.send(201, entry)

        def send(self, status: int, data: Any, headers: dict[str, str] | None = None) -> None:
            encoded = json.dumps(data).encode()
            self.send_response(status)
            for name, text in (headers or {}).items():
                self.send_header(name, text)
            self.send_header("Content-Length", str(len(encoded)))
            self.end_headers()
            self.wfile.write(encoded)

        def handle(self) -> None:
            with suppress(ConnectionError, ValueError, OSError):
                super().handle()

        def finish(self) -> None:
            with suppress(ConnectionError, ValueError, OSError):
                super().finish()

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    posts.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield posts
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
