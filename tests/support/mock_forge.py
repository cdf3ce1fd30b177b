"""GitLab's and Gitea's lists of forks on loopback, page by page, with faults on demand and a log."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass
class Forge:
    """A running server: who is whose fork (name to parent), where each is cloned from, what it was asked.

    A fault is a status with headers; `None` is the usual answer.
    """

    url: str = ""
    parents: dict[str, str] = field(default_factory=dict)
    clones: dict[str, str] = field(default_factory=dict)
    empty: set[str] = field(default_factory=set)
    faults: list[tuple[int, dict[str, str]] | None] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    page: int = 2

    @property
    def host(self) -> str:
        """`127.0.0.1:port`."""
        return urlsplit(self.url).netloc

    def item(self, name: str, gitlab: bool) -> dict[str, Any]:
        """A repository as the server describes it."""
        keys = (
            ("path_with_namespace", "http_url_to_repo", "empty_repo") if gitlab else ("full_name", "clone_url", "empty")
        )
        clone = self.clones.get(name, f"{self.url}/{name}.git")
        forks = sum(1 for parent in self.parents.values() if parent == name)
        return dict(zip(keys, (name, clone, name in self.empty), strict=True)) | {"forks_count": forks}


@contextmanager
def forging() -> Iterator[Forge]:
    """A running server."""
    forge = Forge()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            forge.requests.append(self.path)
            forge.tokens.append(self.headers.get("Authorization", ""))
            fault = forge.faults.pop(0) if forge.faults else None
            if fault:
                return self.send(fault[0], {"message": "not now"}, fault[1])
            address = urlsplit(self.path)
            gitlab = address.path.startswith("/api/v4/projects/")
            name = unquote(address.path.split("/projects/" if gitlab else "/repos/")[1].removesuffix("/forks"))
            if name not in forge.parents:
                return self.send(404, {"message": "404 Not Found"})
            listed = [each for each, parent in forge.parents.items() if parent == name]
            number = int(parse_qs(address.query).get("page", ["1"])[0])
            more = {}
            if len(listed) > number * forge.page:
                more["Link"] = f'<{forge.url}{address.path}?page={number + 1}>; rel="next"'
            rows = [forge.item(each, gitlab) for each in listed[(number - 1) * forge.page : number * forge.page]]
            return self.send(200, rows, more)

        def send(self, status: int, data: Any, headers: dict[str, str] | None = None) -> None:
            encoded = json.dumps(data).encode()
            self.send_response(status)
            for name, text in (headers or {}).items():
                self.send_header(name, text)
            self.send_header("Content-Length", str(len(encoded)))
            self.end_headers()
            self.wfile.write(encoded)

        def handle(self) -> None:
            with suppress(ConnectionError):
                super().handle()

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    forge.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield forge
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
