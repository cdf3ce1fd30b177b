"""How much a server lets us ask for: its limits, and how long to wait before the next request.

    Answer --quota_of--> Quota      what is left, and until when
    Answer --wait_of---> Wait       how long to wait and why; None: use the answer

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
LONGEST = 3700.0  # seconds to wait for one answer: an hour's limit and a little more
LIMITED = re.compile(r"rate limit|abuse detection|too many requests", re.IGNORECASE)
BUSY = (408, 500, 502, 503, 504)


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """A server's answer. `data` is its JSON; `broken` says why there's none where there should be.

    `status` is 0 if no answer came at all.
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
    """How many requests (GraphQL: points) are left, out of how many, until `reset` in seconds since 1970."""

    remaining: int
    limit: int
    reset: float


@dataclass(frozen=True, slots=True)
class Wait:
    """How long to wait, in seconds, and why: the server said so (`limit`), or it failed (`fault`)."""

    seconds: float
    why: str
    kind: Literal["limit", "fault"]


def to_number(text: str | None) -> float | None:
    """A header's number; None if it isn't a number."""
    try:
        return float(text) if text else None
    except ValueError:
        return None


def quota_of(answer: HttpAnswer) -> Quota | None:
    """What's left, from an answer's body (GraphQL) or its headers."""
    inner = answer.data.get("data") if isinstance(answer.data, dict) else None
    rate = inner.get("rateLimit") if isinstance(inner, dict) else None
    try:
        if isinstance(rate, dict):
            reset = datetime.fromisoformat(rate["resetAt"]).timestamp()
            return Quota(int(rate["remaining"]), int(rate["limit"]), reset)
        limit, remaining, at = (answer.headers[f"x-ratelimit-{name}"] for name in ("limit", "remaining", "reset"))
        return Quota(int(remaining), int(limit), float(at))
    except (KeyError, TypeError, ValueError):
        return None


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """The seconds that the header `retry-after` asks for, as a number or as a date; None if it has neither."""
    text = headers.get("retry-after", "").strip()
    seconds = to_number(text)
    if seconds is None and text:
        try:
            seconds = parsedate_to_datetime(text).timestamp() - now
        except ValueError:
            return None
    return None if seconds is None else max(0.0, seconds)


def server_time(headers: Mapping[str, str], now: float) -> float:
    """The server's time, or `now` if it doesn't say: its limits follow its own clock, and ours may be wrong."""
    try:
        return parsedate_to_datetime(headers["date"]).timestamp()
    except (KeyError, ValueError):
        return now


def wait_of(answer: HttpAnswer, attempt: int, now: float) -> Wait | None:
    """How long to wait before sending the same request again; None if we can use the answer.

    `attempt` counts from 0, `now` is in seconds since 1970. If the server doesn't name a time, waits double: from a
    minute for a limit, from a second for a fault.
    """
    if answer.status == 0 or answer.status in BUSY or answer.broken:
        why = answer.broken or f"the server is busy ({answer.status})"
        asked = retry_after(answer.headers, now)
        return Wait(asked if asked is not None else 2.0**attempt, why, "fault")
    limited = any(error.get("type") == "RATE_LIMITED" for error in answer.errors) or LIMITED.search(answer.message)
    if answer.status == 200:
        refused = bool(answer.errors) and bool(limited)
    else:
        spent = to_number(answer.headers.get("x-ratelimit-remaining")) == 0
        pause = "retry-after" in answer.headers
        refused = answer.status == 429 or (answer.status == 403 and bool(limited or spent or pause))
    if not refused:
        return None
    there = server_time(answer.headers, now)
    asked = retry_after(answer.headers, there)
    if asked is not None:
        return Wait(asked, "the server asks for a pause", "limit")
    if to_number(answer.headers.get("x-ratelimit-remaining")) == 0:
        reset = to_number(answer.headers.get("x-ratelimit-reset"))
        if reset is not None:
            return Wait(max(0.0, reset - there) + 1, "this hour's requests are used up", "limit")
    return Wait(MINUTE * 2**attempt, "too many requests in a short time", "limit")
