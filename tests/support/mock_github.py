"""GitHub's API on loopback, as much of it as we need for forks: GraphQL and REST, with faults on demand and a log.

It lists plain records, so their addresses can be those of repositories that are really being served.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "ghp_0123456789abcdefghij"


@dataclass(frozen=True)
class Repo:
    """A repository as the API describes it."""

    name: str  # owner/name
    url: str = ""
    tip: str = "1" * 40
    branch: str = "main"
    pushed_at: str = "2026-03-02T18:00:00Z"
    parent: str = ""
    empty: bool = False
    private: bool = False


@dataclass(frozen=True)
class Fault:
    """What one request gets instead of its answer."""

    status: int = 200
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    silent: bool = False
    trickle: bool = False
    mended: bool = False  # the usual answer, with these headers


@dataclass
class Mock:
    """A running API: what's in it, what it will do wrong (first come, first served), and what it was asked."""

    url: str = ""
    repos: list[Repo] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    page: int = 100
    graphql: bool = True
    stuck: bool = False  # a list whose next page is the first
    remaining: int = 5000

    def change(self, name: str, **news: Any) -> None:
        """Change a repository."""
        self.repos = [replace(repo, **news) if repo.name == name else repo for repo in self.repos]

    def forks(self, name: str) -> list[Repo]:
        """The forks of a repository."""
        return [repo for repo in self.repos if repo.parent == name]

    def find(self, name: str) -> Repo | None:
        """The repository with this name."""
        return next((repo for repo in self.repos if repo.name.casefold() == name.casefold()), None)


def node(mock: Mock, repo: Repo) -> dict[str, Any]:
    """A repository in GraphQL's form."""
    return {
        "nameWithOwner": repo.name,
        "url": repo.url.removesuffix(".git"),
        "pushedAt": repo.pushed_at,
        "isEmpty": repo.empty,
        "forkCount": len(mock.forks(repo.name)),
        "owner": {"login": repo.name.split("/")[0]},
        "defaultBranchRef": None if repo.empty else {"name": repo.branch, "target": {"oid": repo.tip}},
    }


def item(mock: Mock, repo: Repo) -> dict[str, Any]:
    """A repository in REST's form."""
    return {
        "full_name": repo.name,
        "clone_url": repo.url,
        "pushed_at": repo.pushed_at,
        "default_branch": repo.branch,
        "forks_count": len(mock.forks(repo.name)),
        "owner": {"login": repo.name.split("/")[0]},
        "private": repo.private,
    }


def answer_graphql(mock: Mock, body: dict[str, Any]) -> dict[str, Any]:
    """GraphQL's answer."""
    given = body["variables"]
    rate = {"limit": 5000, "remaining": mock.remaining, "resetAt": "2026-03-02T19:00:00Z"}
    if "repositoryOwner" in body["query"]:
        owned = [repo for repo in mock.repos if repo.name.startswith(f"{given['owner']}/")]
        if not owned:
            return {"data": {"rateLimit": rate, "repositoryOwner": None}}
        if "nodes" not in body["query"]:
            found: dict[str, Any] = {"login": given["owner"], "repositories": {"totalCount": len(owned)}}
        else:
            found = {"repositories": connection(mock, owned, given)}
        return {"data": {"rateLimit": rate, "repositoryOwner": found}}
    name = f"{given['owner']}/{given['name']}"
    repo = mock.find(mock.renamed.get(name, name))
    if repo is None:
        error = {"type": "NOT_FOUND", "path": ["repository"], "message": f"Could not resolve to '{name}'."}
        return {"data": {"rateLimit": rate, "repository": None}, "errors": [error]}
    found = {"nameWithOwner": repo.name, "forkCount": len(mock.forks(repo.name))}
    if "nodes" in body["query"]:
        found["forks"] = connection(mock, mock.forks(repo.name), given)
    return {"data": {"rateLimit": rate, "repository": found}}


def connection(mock: Mock, repos: list[Repo], given: dict[str, Any]) -> dict[str, Any]:
    """A page from GraphQL."""
    start = int(given["after"] or 0)
    end = start + min(mock.page, given["first"])
    more = end < len(repos) or mock.stuck
    return {
        "totalCount": len(repos),
        "pageInfo": {"hasNextPage": more, "endCursor": str(end if end < len(repos) else start)},
        "nodes": [node(mock, repo) if not repo.private else None for repo in repos[start:end]],
    }


def answer_rest(mock: Mock, path: str, query: dict[str, list[str]]) -> tuple[int, dict[str, str], Any]:
    """REST's answer: status, headers, body."""
    kind, *pieces = path.strip("/").split("/")
    if kind == "repos":
        full = "/".join(pieces[:2])
        if full in mock.renamed:
            moved = "/".join(["", "repos", mock.renamed[full], *pieces[2:]])
            return 301, {"Location": f"{mock.url}{moved}"}, {"message": "Moved Permanently"}
        repo = mock.find(full)
        if repo is None:
            return 404, {}, {"message": "Not Found"}
        if len(pieces) == 2:
            return 200, {}, item(mock, repo)
        listed = mock.forks(repo.name)
    else:
        listed = [repo for repo in mock.repos if repo.name.startswith(f"{pieces[0]}/")]
        if kind == "orgs" and not pieces[0].startswith("org"):
            return 404, {}, {"message": "Not Found"}
        if not listed:
            return 404, {}, {"message": "Not Found"}
        if len(pieces) == 1:
            return 200, {}, {"login": pieces[0], "public_repos": len(listed)}
    number = int(query.get("page", ["1"])[0])
    size = min(mock.page, int(query["per_page"][0]))
    headers = {}
    if number * size < len(listed) or mock.stuck:
        following = number + 1 if number * size < len(listed) else 1
        headers["Link"] = f'<{mock.url}{path}?per_page={size}&page={following}>; rel="next", <{mock.url}/x>; rel="last"'
    return 200, headers, [item(mock, repo) for repo in listed[(number - 1) * size : number * size]]


@contextmanager
def mocked() -> Iterator[Mock]:
    """A running API."""
    mock = Mock()
    released = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer(None)

        def do_POST(self) -> None:
            self.answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def answer(self, body: dict[str, Any] | None) -> None:
            address = urlsplit(self.path)
            mock.requests.append(f"{self.command} {self.path}")
            mock.tokens.append(self.headers.get("Authorization", ""))
            fault = mock.faults.pop(0) if mock.faults else Fault(mended=True)
            if fault.silent:
                released.wait(30)
                return None
            if fault.trickle:
                self.send_response(200)
                self.end_headers()
                while not released.wait(0.05):
                    self.wfile.write(b" ")
                return None
            headers = {"x-ratelimit-limit": "5000", "x-ratelimit-remaining": str(mock.remaining)}
            headers["x-ratelimit-reset"] = "1772478000"
            if not fault.mended:
                return self.send(fault.status, headers | fault.headers, fault.body.encode(), fault.cut)
            if body is None:
                status, more, data = answer_rest(mock, address.path, parse_qs(address.query))
            elif not mock.graphql:
                status, more, data = 404, {}, {"message": "Not Found"}
            elif not self.headers.get("Authorization"):
                status, more, data = 401, {}, {"message": "This endpoint requires you to be authenticated."}
            else:
                status, more, data = 200, {}, answer_graphql(mock, body)
            return self.send(status, headers | more | fault.headers, json.dumps(data).encode())

        def send(self, status: int, headers: dict[str, str], data: bytes, cut: bool = False) -> None:
            self.send_response(status)
            for name, text in headers.items():
                self.send_header(name, text)
            self.send_header("Content-Length", str(len(data) + (10 if cut else 0)))
            self.end_headers()
            self.wfile.write(data)

        def handle(self) -> None:
            with suppress(ConnectionError):  # whoever asked has gone
                super().handle()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    mock.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield mock
    finally:
        released.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
