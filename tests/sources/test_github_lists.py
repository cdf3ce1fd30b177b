from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from kit.errors import KitError
from kit.sources.github_api import Api
from kit.sources.github_lists import GitHub
from kit.sources.github_records import GitHubPlace, ListedRepository, parse_place
from kit.sources.resume import UnfinishedRun
from tests.support.mock_github import TOKEN, Fault, Mock, Repo, mocked

COURSE = GitHubPlace("octo", "course")


@pytest.fixture
def mock() -> Iterator[Mock]:
    """Seven forks of one repository, one of which has a fork with a fork, in pages of three."""
    with mocked() as running:
        running.page = 3
        running.repos = [Repo("octo/course"), Repo("octo/other")]
        for n in range(7):
            running.repos.append(Repo(f"s{n}/course", f"http://h/s{n}/course.git", str(n) * 40, parent="octo/course"))
        running.repos.append(Repo("t0/course", "http://h/t0/course.git", parent="s3/course"))
        running.repos.append(Repo("u0/mine", "http://h/u0/mine.git", parent="t0/course"))
        yield running


class Session:
    """What a test asks with, and what it's told."""

    def __init__(self, mock: Mock, cache: Path, token: str = TOKEN) -> None:
        self.told: list[str] = []
        self.slept: list[float] = []
        self.api = Api(mock.url, token, self.told.append, self.slept.append, lambda: 1_000_000.0, 5)
        self.ledger = UnfinishedRun(cache, ["x"], lambda: 1_000_000.0)
        self.ledger.begin()

    def names(self, place: GitHubPlace = COURSE) -> list[str]:
        with self.api:
            return [one.full_name for one in GitHub(self.api, self.ledger).repositories(place)]


ALL = [*(f"s{n}/course" for n in range(7)), "t0/course", "u0/mine"]


@pytest.mark.parametrize(
    ("word", "place"),
    [
        ("github:octo/course", COURSE),
        ("github:octo/course.git", COURSE),
        ("github:Octo-1/my.course_2", GitHubPlace("Octo-1", "my.course_2")),
        ("github-org:class/gpt-", GitHubPlace("class", "", "gpt-")),
        ("github-org:class/", GitHubPlace("class", "", "")),
        ("https://github.com/octo/course", None),
        ("roster.csv", None),
    ],
)
def test_words(word: str, place: GitHubPlace | None) -> None:
    assert parse_place(word) == place


@pytest.mark.parametrize(
    "word",
    [
        "github:",
        "github:octo",
        "github:octo/a/b",
        "github:octo/..",
        "github:-x/$(id)",
        "github-org:a b/c",
        "github-org:a",
    ],
)
def test_misspelt_words(word: str) -> None:
    with pytest.raises(KitError):
        parse_place(word)


def test_graphql_gives_forks_and_theirs_with_tips(mock: Mock, tmp_path: Path) -> None:
    session = Session(mock, tmp_path)
    with session.api:
        found = list(GitHub(session.api, session.ledger).repositories(COURSE))
    assert [one.full_name for one in found] == ALL
    assert found[3] == ListedRepository(
        "s3/course", "s3", "http://h/s3/course.git", "main", "3" * 40, "2026-03-02T18:00:00Z", forks=1
    )
    assert len(mock.requests) == 1 + 3 + 1 + 1  # how many there are; three pages; the forks of two forks
    assert set(mock.tokens) == {f"Bearer {TOKEN}"}


def test_rest_gives_the_same_without_tips(mock: Mock, tmp_path: Path) -> None:
    session = Session(mock, tmp_path, token="")
    with session.api:
        found = list(GitHub(session.api, session.ledger).repositories(COURSE))
    assert [one.full_name for one in found] == ALL
    assert {one.tip for one in found} == {""}
    assert found[3].url == "http://h/s3/course.git"
    assert not any("graphql" in line for line in mock.requests)


def test_what_it_costs_is_said_before_anything_is_listed(mock: Mock, tmp_path: Path) -> None:
    mock.remaining = 321
    session = Session(mock, tmp_path)
    with session.api:
        next(iter(GitHub(session.api, session.ledger).repositories(COURSE)))
    assert len(session.told) == 1
    assert {"7", "321", "5000"} <= set(re.findall(r"\d+", session.told[0]))
    assert not any("nodes" in line for line in mock.requests)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(404, "{}"),
        Fault(403, '{"message": "Resource not accessible by personal access token"}'),
        Fault(200, '{"data": null, "errors": [{"type": "INSUFFICIENT_SCOPES", "message": "no"}]}'),
        Fault(200, "[]"),
    ],
)
def test_without_graphql_rest_is_asked(mock: Mock, tmp_path: Path, fault: Fault) -> None:
    mock.faults = [fault]
    session = Session(mock, tmp_path)
    assert session.names() == ALL
    assert sum("graphql" in line for line in mock.requests) == 1


def test_graphql_that_gives_up_in_the_middle(mock: Mock, tmp_path: Path) -> None:
    usual = Fault(mended=True)
    mock.faults = [usual, usual, *[Fault(502, "")] * 6]
    session = Session(mock, tmp_path)
    names = session.names()
    assert names == ALL
    assert session.slept == [1, 2, 4, 8, 16]


def test_a_bad_token(mock: Mock, tmp_path: Path) -> None:
    mock.faults = [Fault(401, '{"message": "Bad credentials"}')]
    with pytest.raises(KitError) as caught:
        Session(mock, tmp_path).names()
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize("token", [TOKEN, ""])
@pytest.mark.parametrize("place", [GitHubPlace("octo", "gone"), GitHubPlace("nobody", "", "gpt-")])
def test_a_place_that_is_not_there(mock: Mock, tmp_path: Path, token: str, place: GitHubPlace) -> None:
    with pytest.raises(KitError):
        Session(mock, tmp_path, token).names(place)


@pytest.mark.parametrize("token", [TOKEN, ""])
def test_a_renamed_repository(mock: Mock, tmp_path: Path, token: str) -> None:
    mock.renamed["octo/old"] = "octo/course"
    session = Session(mock, tmp_path, token)
    assert session.names(GitHubPlace("octo", "old")) == ALL
    assert any("octo/course now" in line for line in session.told)


@pytest.mark.parametrize("token", [TOKEN, ""])
def test_a_list_that_repeats_itself_is_read_once(mock: Mock, tmp_path: Path, token: str) -> None:
    mock.stuck = True
    session = Session(mock, tmp_path, token)
    assert session.names() == ALL
    assert len(mock.requests) < 15


@pytest.mark.parametrize("token", [TOKEN, ""])
def test_no_forks(mock: Mock, tmp_path: Path, token: str) -> None:
    assert Session(mock, tmp_path, token).names(GitHubPlace("octo", "other")) == []


def test_what_may_not_be_seen_is_said(mock: Mock, tmp_path: Path) -> None:
    mock.change("s2/course", private=True)
    session = Session(mock, tmp_path)
    assert session.names() == [name for name in ALL if name != "s2/course"]
    assert any("1 of 7" in line for line in session.told)


@pytest.mark.parametrize("token", [TOKEN, ""])
def test_a_fork_that_goes_while_its_forks_are_asked_for(mock: Mock, tmp_path: Path, token: str) -> None:
    session = Session(mock, tmp_path, token)
    found = []
    with session.api:
        for one in GitHub(session.api, session.ledger).repositories(COURSE):
            found.append(one.full_name)
            mock.repos = [repo for repo in mock.repos if repo.name != "s3/course"] if one.login == "s6" else mock.repos
    assert found == ALL[:7]


@pytest.mark.parametrize(("token", "owner"), [(TOKEN, "org"), ("", "org"), (TOKEN, "someone"), ("", "someone")])
def test_an_owners_repositories_by_their_prefix(mock: Mock, tmp_path: Path, token: str, owner: str) -> None:
    names = ["gpt", "gpt-ann", "GPT-joe", "other", "gpt-zoe"]
    mock.repos += [Repo(f"{owner}/{name}", f"http://h/{name}.git") for name in names]
    assert Session(mock, tmp_path, token).names(GitHubPlace(owner, "", "gpt-")) == [
        f"{owner}/{name}" for name in ("gpt-ann", "GPT-joe", "gpt-zoe")
    ]


@pytest.mark.parametrize("token", [TOKEN, ""])
@pytest.mark.parametrize("when", range(6))
def test_a_killed_run_reads_only_the_pages_that_are_left(mock: Mock, tmp_path: Path, token: str, when: int) -> None:
    mock.faults = [Fault(mended=True)] * when + [Fault(429, "{}", {"retry-after": "86400"})]
    with pytest.raises(KitError):
        Session(mock, tmp_path, token).names()
    mock.requests.clear()
    assert Session(mock, tmp_path, token).names() == ALL
    assert len(mock.requests) == 6 - when


@pytest.mark.parametrize(
    "body", ['{"data": {"repository": {"forks": 3}}}', '{"data": {"repository": {"forks": {"nodes": [{}]}}}}']
)
def test_an_unknown_form(mock: Mock, tmp_path: Path, body: str) -> None:
    mock.faults = [Fault(mended=True), Fault(200, body)]
    with pytest.raises(KitError):
        Session(mock, tmp_path).names()


@pytest.mark.parametrize("body", ['{"message": "x"}', '[{"full_name": "a/b"}]', "[3]"])
def test_an_unknown_form_of_rest(mock: Mock, tmp_path: Path, body: str) -> None:
    mock.faults = [Fault(mended=True), Fault(200, body)]
    with pytest.raises(KitError):
        Session(mock, tmp_path, "").names()


def test_a_next_page_elsewhere(mock: Mock, tmp_path: Path) -> None:
    link = {"Link": '<http://localhost:9/more>; rel="next"'}
    mock.faults = [Fault(mended=True), Fault(mended=True, headers=link)]
    mock.page = 100
    with pytest.raises(KitError):
        Session(mock, tmp_path, "").names()


def test_the_token_is_in_no_file_and_no_line(mock: Mock, tmp_path: Path) -> None:
    mock.faults = [Fault(502, TOKEN), Fault(404, f'{{"message": "{TOKEN} is not right"}}')]
    session = Session(mock, tmp_path)
    session.names()
    kept = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert len(kept) > 3
    assert not any(TOKEN.encode() in data for data in kept)
    assert not any(TOKEN in line for line in session.told)
