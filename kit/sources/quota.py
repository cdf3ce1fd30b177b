"""What a server says about how much may be asked of it: its limits, and how long to wait before the next request.

    Answer --quota_of--> Quota      what is left, and until when
    Answer --wait_of---> Wait       how long to wait and why; None: go on

GitHub's rules: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal

MINUTE = 60.0
LONGEST = 3700.0  # seconds to wait for one answer: an hour's limit, and a little more
LIMITED = re.compile(r"rate limit|abuse detection|too many requests", re.IGNORECASE)
BUSY = (408, 500, 502, 503, 504)


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """A server's answer. `data` is its JSON; `broken` says why there is none where one is due.

    `status` is 0 where no answer came at all.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    data: Any = None
    broken: str = ""
    url: str = ""

    @property
    def errors(self) -> tuple[Mapping[str, Any], ...]:
        """The errors in the body of a GraphQL answer."""
        found = self.data.get("errors") if isinstance(self.data, dict) else None
        return tuple(error for error in found if isinstance(error, dict)) if isinstance(found, list) else ()

    @property
    def message(self) -> str:
        """What the body says went wrong."""
        said = self.data.get("message") if isinstance(self.data, dict) else None
        return str(said or "; ".join(str(error.get("message", "")) for error in self.errors))


@dataclass(frozen=True, slots=True)
class Quota:
    """How many requests (GraphQL: points) are left of how many, until `reset` in seconds since 1970."""

    remaining: int
    limit: int
    reset: float


@dataclass(frozen=True, slots=True)
class Wait:
    """How long to wait, in seconds, and why: the server said so (`limit`), or it failed (`fault`)."""

    seconds: float
    why: str
    kind: Literal["limit", "fault"]


def number(text: str | None) -> float | None:
    """A header's number, None where it is none."""
    try:
        return float(text) if text else None
    except ValueError:
        return None


def quota_of(answer: HttpAnswer) -> Quota | None:
    """What is left, from an answer's body (GraphQL) or its headers."""
    inner = answer.data.get("data") if isinstance(answer.data, dict) else None
    told = inner.get("rateLimit") if isinstance(inner, dict) else None
    try:
        if isinstance(told, dict):
            return Quota(
                int(told["remaining"]), int(told["limit"]), datetime.fromisoformat(told["resetAt"]).timestamp()
            )
        head = answer.headers
        return Quota(
            int(head["x-ratelimit-remaining"]), int(head["x-ratelimit-limit"]), float(head["x-ratelimit-reset"])
        )
    except (KeyError, TypeError, ValueError):
        return None


def told_after(headers: Mapping[str, str], now: float) -> float | None:
    """The seconds that `retry-after` asks for, whichever of its two forms it has."""
    text = headers.get("retry-after", "").strip()
    seconds = number(text)
    if seconds is None and text:
        try:
            seconds = parsedate_to_datetime(text).timestamp() - now
        except ValueError:
            return None
    return None if seconds is None else max(0.0, seconds)


def server_time(headers: Mapping[str, str], now: float) -> float:
    """The time at the server, `now` where it does not say: our clock may be wrong, and its limits follow its own."""
    try:
        return parsedate_to_datetime(headers["date"]).timestamp()
    except (KeyError, ValueError):
        return now


def wait_of(answer: HttpAnswer, attempt: int, now: float) -> Wait | None:
    """How long to wait before the same request is sent again; None where the answer is to be used.

    `attempt` counts from 0, `now` is in seconds since 1970. A limit that names no time doubles from a minute on, a
    fault from a second on.
    """
    if answer.status == 0 or answer.status in BUSY or answer.broken:
        why = answer.broken or f"the server is busy ({answer.status})"
        told = told_after(answer.headers, now)
        return Wait(told if told is not None else 2.0**attempt, why, "fault")
    limited = any(error.get("type") == "RATE_LIMITED" for error in answer.errors) or LIMITED.search(answer.message)
    if answer.status == 200:
        refused = bool(answer.errors) and bool(limited)
    else:
        spent = number(answer.headers.get("x-ratelimit-remaining")) == 0
        told = "retry-after" in answer.headers
        refused = answer.status == 429 or (answer.status == 403 and bool(limited or spent or told))
    if not refused:
        return None
    there = server_time(answer.headers, now)
    asked = told_after(answer.headers, there)
    if asked is not None:
        return Wait(asked, "the server asks for a pause", "limit")
    if number(answer.headers.get("x-ratelimit-remaining")) == 0:
        reset = number(answer.headers.get("x-ratelimit-reset"))
        if reset is not None:
            return Wait(max(0.0, reset - there) + 1, "this hour's requests are used up", "limit")
    return Wait(MINUTE * 2**attempt, "too many requests in a short time", "limit")
