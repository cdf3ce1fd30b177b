from __future__ import annotations

from collections.abc import Iterator

import pytest

from kit.errors import KitError
from kit.sources.github_api import ATTEMPTS, Api, base_url, connect, graphql_url, web_host
from tests.support.mock_github import TOKEN, Fault, Mock, Repo, mocked

LIMIT = Fault(403, "{}", {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1000600"})


class Time:
    """A clock that moves only by sleeping."""

    def __init__(self) -> None:
        self.now = 1_000_000.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def mock() -> Iterator[Mock]:
    with mocked() as running:
        running.repos = [Repo("octo/course")]
        yield running


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def api(mock: Mock, time: Time, told: list[str]) -> Iterator[Api]:
    with Api(mock.url, TOKEN, told.append, time.sleep, lambda: time.now, seconds=5) as session:
        yield session


def test_an_answer(api: Api, mock: Mock, told: list[str]) -> None:
    answer = api.get("/repos/octo/course")
    assert (answer.status, answer.data["full_name"]) == (200, "octo/course")
    assert mock.tokens == [f"Bearer {TOKEN}"]
    assert api.quota
    assert api.quota.remaining == 5000
    assert told == []


@pytest.mark.parametrize(
    ("faults", "slept"),
    [
        ([Fault(429, "{}", {"retry-after": "3"})], [3]),
        ([Fault(403, "{}", {"retry-after": "3"}), Fault(403, "{}", {"retry-after": "4"})], [3, 4]),
        ([Fault(502, "<html>"), Fault(503, ""), Fault(500, "{}")], [1, 2, 4]),
        ([Fault(200, '{"full_name": "oc', cut=True)], [1]),
        ([Fault(200, '{"full_name": "oc')], [1]),
        ([Fault(200, '{"errors": [{"type": "RATE_LIMITED"}]}', {"retry-after": "8"})], [8]),
        ([Fault(403, '{"message": "You have exceeded a secondary rate limit"}')], [60]),
    ],
)
def test_it_waits_and_asks_again(
    api: Api, mock: Mock, time: Time, told: list[str], faults: list[Fault], slept: list[float]
) -> None:
    mock.faults = list(faults)
    assert api.get("/repos/octo/course").data["full_name"] == "octo/course"
    assert time.slept == slept
    assert len(told) == len(faults)
    assert not any(TOKEN in line for line in told)


def test_it_waits_until_the_reset(api: Api, mock: Mock, time: Time) -> None:
    mock.faults = [Fault(403, "{}", LIMIT.headers | {"Date": "?"})]
    api.get("/repos/octo/course")
    assert len(time.slept) == 1
    assert time.slept[0] <= 601


def test_a_silent_server_is_given_up(mock: Mock, time: Time) -> None:
    mock.faults = [Fault(silent=True)] * ATTEMPTS
    with Api(mock.url, "", lambda text: None, time.sleep, lambda: time.now, seconds=0.1) as api:
        answer = api.get("/x")
    assert (answer.status, bool(answer.broken)) == (0, True)
    assert time.slept == [1, 2, 4, 8, 16]


def test_a_server_that_sends_a_byte_now_and_then(mock: Mock, time: Time) -> None:
    mock.faults = [Fault(trickle=True)]
    with Api(mock.url, "", lambda text: None, time.sleep, lambda: time.now, seconds=0.4) as api:
        assert api.get("/repos/octo/course").status == 200
    assert time.slept == [1]


def test_a_server_that_is_not_there(time: Time) -> None:
    with Api("http://127.0.0.1:9", "", lambda text: None, time.sleep, lambda: time.now) as api:
        assert api.get("/x").status == 0
    assert len(time.slept) == ATTEMPTS - 1


def test_a_limit_without_an_end_is_given_up(api: Api, mock: Mock, time: Time) -> None:
    mock.faults = [Fault(429, "{}", {"retry-after": "1"})] * 20
    with pytest.raises(KitError):
        api.get("/repos/octo/course")
    assert time.slept == [1] * (ATTEMPTS - 1)


def test_a_pause_of_a_day_is_not_waited_for(api: Api, mock: Mock, time: Time) -> None:
    mock.faults = [Fault(429, "{}", {"retry-after": "86400"})]
    with pytest.raises(KitError):
        api.get("/repos/octo/course")
    assert time.slept == []


def test_redirects_stay_on_the_server(api: Api, mock: Mock) -> None:
    mock.renamed["octo/old"] = "octo/course"
    assert api.get("/repos/octo/old").data["full_name"] == "octo/course"
    mock.faults = [Fault(301, "{}", {"Location": "http://localhost:9/repos/octo/course"})]
    with pytest.raises(KitError):
        api.get("/repos/octo/old")
    mock.faults = [Fault(301, "{}", {"Location": f"{mock.url}/again"})] * 9
    with pytest.raises(KitError):
        api.get("/repos/octo/old")


def test_an_answer_without_end(api: Api, mock: Mock, time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kit.sources.github_api.LARGEST", 10)
    assert api.get("/repos/octo/course").status == 0
    assert time.slept


@pytest.mark.parametrize(
    ("base", "host", "graphql"),
    [
        ("https://api.github.com", "github.com", "https://api.github.com/graphql"),
        ("https://git.example.org/api/v3", "git.example.org", "https://git.example.org/api/graphql"),
        ("https://api.octo.ghe.com", "octo.ghe.com", "https://api.octo.ghe.com/graphql"),
    ],
)
def test_addresses(base: str, host: str, graphql: str) -> None:
    assert (web_host(base), graphql_url(base)) == (host, graphql)


def test_the_address_is_the_environments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_API_URL", raising=False)
    assert base_url() == "https://api.github.com"
    monkeypatch.setenv("GITHUB_API_URL", "https://git.example.org/api/v3/")
    assert base_url() == "https://git.example.org/api/v3"


@pytest.mark.parametrize("word", ["ftp://h", "api.github.com", "https://", f"https://{TOKEN}@h/api"])
def test_no_address(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_API_URL", word)
    with pytest.raises(KitError) as caught:
        base_url()
    assert TOKEN not in str(caught.value)


def test_a_token_is_not_sent_in_the_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    monkeypatch.setenv("GITHUB_API_URL", "http://git.example.org/api/v3")
    with pytest.raises(KitError) as caught:
        connect()
    assert TOKEN not in str(caught.value)
    monkeypatch.setenv("GITHUB_API_URL", "http://127.0.0.1:9")
    with connect() as session:
        assert session.token == TOKEN
        assert TOKEN not in repr(session)
