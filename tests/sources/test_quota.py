from __future__ import annotations

from typing import Any

import pytest

from kit.sources.quota import HttpAnswer, Quota, Wait, quota_of, wait_of

NOW = 1_772_474_400.0  # 2026-03-02T18:00:00Z
SPENT = {"x-ratelimit-remaining": "0", "x-ratelimit-limit": "5000", "x-ratelimit-reset": str(NOW + 600)}
LIMITED = {"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]}
SECONDARY = {"message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}


@pytest.mark.parametrize(
    ("answer", "attempt", "seconds", "kind"),
    [
        (HttpAnswer(403, SPENT, {"message": "API rate limit exceeded"}), 0, 601, "limit"),
        (HttpAnswer(429, SPENT), 3, 601, "limit"),
        (HttpAnswer(403, {"retry-after": "42"}, {}), 2, 42, "limit"),
        (HttpAnswer(429, {"retry-after": "42"} | SPENT), 0, 42, "limit"),
        (HttpAnswer(429, {"retry-after": "Mon, 02 Mar 2026 18:01:30 GMT"}), 0, 90, "limit"),
        (HttpAnswer(429, {"retry-after": "soon"}), 0, 60, "limit"),
        (HttpAnswer(403, {}, SECONDARY), 0, 60, "limit"),
        (HttpAnswer(403, {}, SECONDARY), 2, 240, "limit"),
        (HttpAnswer(429, {}), 1, 120, "limit"),
        (HttpAnswer(200, {}, LIMITED), 0, 60, "limit"),
        (HttpAnswer(200, SPENT, LIMITED), 0, 601, "limit"),
        (HttpAnswer(200, {"retry-after": "5"}, {"errors": [SECONDARY], "data": None}), 0, 5, "limit"),
        (HttpAnswer(502), 0, 1, "fault"),
        (HttpAnswer(503), 4, 16, "fault"),
        (HttpAnswer(503, {"retry-after": "7"}), 0, 7, "fault"),
        (HttpAnswer(0, broken="no answer"), 1, 2, "fault"),
        (HttpAnswer(200, broken="cut off"), 0, 1, "fault"),
    ],
)
def test_how_long_to_wait(answer: HttpAnswer, attempt: int, seconds: float, kind: str) -> None:
    wait = wait_of(answer, attempt, NOW)
    assert wait
    assert (wait.seconds, wait.kind) == (seconds, kind)


@pytest.mark.parametrize(
    "answer",
    [
        HttpAnswer(200, {}, {"data": {}}),
        HttpAnswer(200, SPENT, {"data": {}}),  # the last one that was allowed
        HttpAnswer(200, {"retry-after": "9"}, []),
        HttpAnswer(200, {}, {"errors": [{"type": "NOT_FOUND", "message": "no"}]}),
        HttpAnswer(403, {"x-ratelimit-remaining": "12"}, {"message": "Must have admin rights"}),
        HttpAnswer(404),
        HttpAnswer(401, {}, {"message": "Bad credentials"}),
        HttpAnswer(301, {"location": "/x"}),
    ],
)
def test_when_to_go_on(answer: HttpAnswer) -> None:
    assert wait_of(answer, 0, NOW) is None


def test_the_servers_clock_counts() -> None:
    headers = SPENT | {"date": "Mon, 02 Mar 2026 18:09:00 GMT"}
    assert wait_of(HttpAnswer(403, headers), 0, NOW - 10_000) == Wait(61, "this hour's requests are used up", "limit")
    assert wait_of(HttpAnswer(403, headers | {"date": "?"}), 0, NOW + 10_000) == Wait(
        1, "this hour's requests are used up", "limit"
    )


@pytest.mark.parametrize(
    ("headers", "data", "expected"),
    [
        (SPENT, None, Quota(0, 5000, NOW + 600)),
        ({}, None, None),
        ({"x-ratelimit-remaining": "many"} | {"x-ratelimit-limit": "1", "x-ratelimit-reset": "1"}, None, None),
        (
            SPENT,
            {"data": {"rateLimit": {"limit": 10, "remaining": 9, "resetAt": "2026-03-02T18:00:00Z"}}},
            Quota(9, 10, NOW),
        ),
        (SPENT, {"data": {"rateLimit": None}}, Quota(0, 5000, NOW + 600)),
        ({}, {"data": {"rateLimit": {"limit": 10}}}, None),
    ],
)
def test_what_is_left(headers: dict[str, str], data: Any, expected: Quota | None) -> None:
    assert quota_of(HttpAnswer(200, headers, data)) == expected


def test_a_message_may_be_anything() -> None:
    assert HttpAnswer(200, {}, {"errors": ["x", {"message": "a"}, {"message": "b"}]}).message == "a; b"
    assert HttpAnswer(200, {}, {"errors": "x"}).errors == ()
    assert HttpAnswer(500, {}, ["x"]).message == ""
