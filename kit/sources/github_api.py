"""The edge to GitHub's API: one request, its time, its size, and the patience that the server asks for.

    Api.get, Api.graphql --send--> Answer --wait_of--> wait and send again | Answer

The token goes to the API's own host and nowhere else. What comes back is a record; only network and clock are here.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

import httpx

from kit.errors import KitError
from kit.git.address import redact
from kit.sources.credentials import token_for
from kit.sources.quota import LONGEST, HttpAnswer, Quota, quota_of, wait_of
from kit.terminal import duration, say
from kit.text import label

BASE = "https://api.github.com"
SECONDS = 30.0  # for one request, from first to last byte
LARGEST = 32 * 2**20  # bytes of one answer
ATTEMPTS = 6  # of one request that the server asks to repeat, and of one that fails
REDIRECTS = 5
LOOPBACK = ("127.0.0.1", "::1", "localhost")
ON = "the same command goes on from there"


def origin_of(url: str) -> tuple[str, str]:
    """Scheme and host (with its port) of a URL."""
    parts = urlsplit(url)
    return parts.scheme.lower(), parts.netloc.lower()


def web_host(base: str) -> str:
    """The host of the repositories: `api.github.com` -> `github.com`, a server of one's own -> itself."""
    return origin_of(base)[1].removeprefix("api.")


def graphql_url(base: str) -> str:
    """Where GraphQL is asked: beside REST on github.com, one folder up on a server of one's own."""
    return f"{base.removesuffix('/v3')}/graphql" if base.endswith("/api/v3") else f"{base}/graphql"


def base_url() -> str:
    """The API's address, from GITHUB_API_URL or GitHub's own.

    Raises:
        KitError: it is no address of a server, or it holds a user or password.
    """
    base = os.environ.get("GITHUB_API_URL", "").strip().rstrip("/") or BASE
    scheme, host = origin_of(base)
    if scheme not in ("https", "http") or not host or "@" in host:
        raise KitError(
            "GITHUB_API_URL is no address of an API", redact(label(base)), "unset it, or make it https://HOST/api/v3"
        )
    return base


@dataclass
class Api:
    """A session with the API. `sleep` and `clock` (seconds since 1970) are given by tests; `quota` is the last told."""

    base: str
    token: str = field(default="", repr=False)
    say: Callable[[str], None] = say
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.time
    seconds: float = SECONDS
    quota: Quota | None = None
    sent: int = 0

    def __post_init__(self) -> None:
        headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
        headers["User-Agent"] = "workshop-kit"
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        self.client = httpx.Client(headers=headers, timeout=self.seconds, follow_redirects=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.client.close()

    def tell(self, text: str) -> None:
        """Say something that may hold what a server said."""
        self.say(label(redact(text, self.token), 1000))

    def get(self, url: str) -> HttpAnswer:
        """What the API says at a path (`/repos/octo/course`) or URL of its own; a redirect is followed.

        Raises:
            KitError: it asks for more patience than there is, or leads to another server.
        """
        url = url if "://" in url else f"{self.base}{url}"
        for _ in range(REDIRECTS):
            answer = self.send("GET", url)
            if answer.status not in (301, 302, 307, 308):
                return answer
            url = urljoin(url, answer.headers.get("location", ""))
            if origin_of(url) != origin_of(self.base):
                raise KitError("the API leads to another server", redact(label(url)), "check GITHUB_API_URL")
        raise KitError("the API leads in a circle", redact(label(url)), "check GITHUB_API_URL")

    def graphql(self, query: str, variables: dict[str, Any]) -> HttpAnswer:
        """What the API says to a GraphQL query.

        Raises:
            KitError: it asks for more patience than there is.
        """
        return self.send("POST", graphql_url(self.base), {"query": query, "variables": variables})

    def send(self, method: str, url: str, body: dict[str, Any] | None = None) -> HttpAnswer:
        """Send a request, wait as the server says, and send it again; the last answer where only faults came."""
        faults = limits = 0
        while True:
            answer = self.once(method, url, body)
            self.quota = quota_of(answer) or self.quota
            wait = wait_of(answer, faults + limits, self.clock())
            if wait is None:
                return answer
            faults, limits = (faults + 1, limits) if wait.kind == "fault" else (faults, limits + 1)
            if wait.kind == "fault" and (faults >= ATTEMPTS or wait.seconds > LONGEST):
                return answer
            until = f"{datetime.fromtimestamp(self.clock() + wait.seconds):%H:%M}"
            if limits >= ATTEMPTS or wait.seconds > LONGEST:
                raise KitError(f"{wait.why}, until {until} or later", web_host(self.base), f"later, {ON}")
            self.tell(f"{web_host(self.base)}: {wait.why}; waiting {duration(wait.seconds)}, until {until}")
            self.sleep(wait.seconds)

    def once(self, method: str, url: str, body: dict[str, Any] | None) -> HttpAnswer:
        """One request and its answer; whatever goes wrong on the way is in the answer."""
        self.sent += 1
        end = time.monotonic() + self.seconds
        try:
            with self.client.stream(method, url, json=body) as response:
                headers = {name.lower(): text for name, text in response.headers.items()}
                data = bytearray()
                for piece in response.iter_bytes():
                    data += piece
                    if len(data) > LARGEST:
                        return HttpAnswer(0, headers, None, "the server's answer is far too long", url)
                    if time.monotonic() > end:
                        return HttpAnswer(0, headers, None, f"the server did not answer within {self.seconds:g} s", url)
        except httpx.TimeoutException:
            return HttpAnswer(0, {}, None, f"the server did not answer within {self.seconds:g} s", url)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return HttpAnswer(0, {}, None, f"no answer ({label(redact(str(error), self.token))})", url)
        try:
            return HttpAnswer(response.status_code, headers, json.loads(data) if data else None, "", url)
        except ValueError:
            broken = "the server's answer is cut off" if response.status_code == 200 else ""
            return HttpAnswer(response.status_code, headers, None, broken, url)


def connect(tell: Callable[[str], None] = say) -> Api:
    """A session with the API that the environment names, with the token that is at hand.

    Raises:
        KitError: GITHUB_API_URL or GITHUB_TOKEN is of no use.
    """
    base = base_url()
    token = token_for(web_host(base))
    if token and origin_of(base)[0] == "http" and urlsplit(base).hostname not in LOOPBACK:
        raise KitError("a token is not sent without encryption", label(base), "make GITHUB_API_URL an https address")
    return Api(base, token, tell)
