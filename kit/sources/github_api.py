"""Requests to GitHub's API: limited in time and size, and repeated after any pause that the server asks for.

    Api.get, Api.graphql --send--> HttpAnswer --wait_of--> wait and send again | HttpAnswer

The token goes to the API's own host and nowhere else.
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
ATTEMPTS = 6  # at one request, whether the server asks us to repeat it or it fails
SETTLING = 5.0  # seconds until what was posted is sure to be listed
REDIRECTS = 5
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def origin_of(url: str) -> tuple[str, str]:
    """Scheme and host (with its port) of a URL."""
    parts = urlsplit(url)
    return parts.scheme.lower(), parts.netloc.lower()


def web_host(base: str) -> str:
    """The host of the repositories: `api.github.com` -> `github.com`, a self-hosted server -> itself."""
    return origin_of(base)[1].removeprefix("api.")


def graphql_url(base: str) -> str:
    """The address of GraphQL: next to REST on github.com, one folder up on a self-hosted server."""
    return f"{base.removesuffix('/v3')}/graphql" if base.endswith("/api/v3") else f"{base}/graphql"


def base_url() -> str:
    """The API's address: GITHUB_API_URL, or else GitHub's own.

    Raises:
        KitError: it isn't a server's address, or it contains a user or password.
    """
    base = os.environ.get("GITHUB_API_URL", "").strip().rstrip("/") or BASE
    scheme, host = origin_of(base)
    if scheme not in ("https", "http") or not host or "@" in host:
        raise KitError(
            "GITHUB_API_URL isn't an API's address", redact(label(base)), "unset it, or make it https://HOST/api/v3"
        )
    return base


@dataclass
class Api:
    """A session with the API. Tests pass `sleep` and `clock` (seconds since 1970); `quota` is from the last answer."""

    base: str
    token: str = field(default="", repr=False)
    say: Callable[[str], None] = say
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.time
    seconds: float = SECONDS
    quota: Quota | None = None
    setting: str = "GITHUB_API_URL"

    def __post_init__(self) -> None:
        self.client = httpx.Client(headers=self.headers(), timeout=self.seconds, follow_redirects=False)

    def headers(self) -> dict[str, str]:
        """What each request says about itself."""
        headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
        headers["User-Agent"] = "workshop-kit"
        return headers | ({"Authorization": f"Bearer {self.token}"} if self.token else {})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.client.close()

    def tell(self, text: str) -> None:
        """Print a remark that may quote the server."""
        self.say(label(redact(text, self.token), 1000))

    def get(self, url: str) -> HttpAnswer:
        """The API's answer at a path (`/repos/octo/course`) or one of its own URLs; redirects are followed.

        Raises:
            KitError: it asks for too long a pause, or redirects to another server.
        """
        url = url if "://" in url else f"{self.base}{url}"
        for _ in range(REDIRECTS):
            answer = self.send("GET", url)
            if answer.status not in (301, 302, 307, 308):
                return answer
            url = urljoin(url, answer.headers.get("location", ""))
            if origin_of(url) != origin_of(self.base):
                raise KitError("the API redirects to another server", redact(label(url)), f"check {self.setting}")
        raise KitError("the API redirects in a circle", redact(label(url)), f"check {self.setting}")

    def graphql(self, query: str, variables: dict[str, Any]) -> HttpAnswer:
        """The API's answer to a GraphQL query.

        Raises:
            KitError: it asks for too long a pause.
        """
        return self.send("POST", graphql_url(self.base), {"query": query, "variables": variables})

    def send(self, method: str, url: str, body: dict[str, Any] | None = None) -> HttpAnswer:
        """Send a request until there's an answer, waiting as the server says; if it keeps failing, the last answer."""
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
                advice = "run the same command later, and it goes on from there"
                raise KitError(f"{wait.why}, until {until} or later", web_host(self.base), advice)
            self.tell(f"{web_host(self.base)}: {wait.why}; waiting {duration(wait.seconds)}, until {until}")
            self.sleep(wait.seconds)

    def post(self, path: str, body: dict[str, Any], arrived: Callable[[], HttpAnswer | None]) -> HttpAnswer:
        """The API's answer to something that must happen at most once, whatever fails along the way.

        After a fault nobody knows whether it happened; `arrived` finds out, and says with what answer.

        Raises:
            KitError: it asks for too long a pause.
        """
        for attempt in range(ATTEMPTS):
            answer = self.once("POST", f"{self.base}{path}", body)
            self.quota = quota_of(answer) or self.quota
            wait = wait_of(answer, attempt, self.clock())
            if wait is None or wait.seconds > LONGEST:
                return answer
            seconds = max(wait.seconds, SETTLING) if wait.kind == "fault" else wait.seconds
            self.tell(f"{web_host(self.base)}: {wait.why}; waiting {duration(seconds)}")
            self.sleep(seconds)
            if wait.kind == "fault":
                found = arrived()
                if found:
                    return found
        return answer

    def once(self, method: str, url: str, body: dict[str, Any] | None) -> HttpAnswer:
        """One request and its answer; if something goes wrong along the way, the answer says so."""
        end = time.monotonic() + self.seconds
        try:
            with self.client.stream(method, url, json=body) as response:
                headers = {name.lower(): text for name, text in response.headers.items()}
                data = bytearray()
                for piece in response.iter_bytes():
                    data += piece
                    if len(data) > LARGEST:
                        return HttpAnswer(0, headers, None, "the server's answer is far too large", url)
                    if time.monotonic() > end:
                        return HttpAnswer(0, headers, None, f"the server didn't answer within {self.seconds:g} s", url)
        except httpx.TimeoutException:
            return HttpAnswer(0, {}, None, f"the server didn't answer within {self.seconds:g} s", url)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return HttpAnswer(0, {}, None, f"no answer ({label(redact(str(error), self.token))})", url)
        try:
            return HttpAnswer(response.status_code, headers, json.loads(data) if data else None, "", url)
        except ValueError:
            broken = "the server's answer is cut off" if response.status_code == 200 else ""
            return HttpAnswer(response.status_code, headers, None, broken, url)


def connect(tell: Callable[[str], None] = say) -> Api:
    """A session with the API that the environment names, with a token if there's one.

    Raises:
        KitError: GITHUB_API_URL or GITHUB_TOKEN is unusable.
    """
    base = base_url()
    token = token_for(web_host(base))
    if token and origin_of(base)[0] == "http" and urlsplit(base).hostname not in LOOPBACK:
        raise KitError("the token won't be sent unencrypted", label(base), "make GITHUB_API_URL an https address")
    return Api(base, token, tell)
