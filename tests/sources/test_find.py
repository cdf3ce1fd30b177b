"""From `github:OWNER/REPO` to the report: a mock of the API whose addresses are real repositories over smart HTTP."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kit.course.course import ROOT, Course
from kit.forks.cohort import read_cohort
from kit.forks.records import Fetched, Fork, ForkTrouble, Origin
from kit.forks.repository import ForkRepository
from kit.git.address import Address
from kit.git.fast_import import write_history
from kit.sources import github_api
from kit.sources.fetch import cache_folder, fetching
from kit.sources.find import listed_origin, login_of, searching
from kit.sources.github_api import Api
from kit.sources.github_records import GitHubPlace, ListedRepository
from kit.sources.words import find_forks
from scripts import progress
from tests.support import fake_course
from tests.support.forks import answers, make_fork, pair
from tests.support.git_server import Server
from tests.support.mock_github import TOKEN, Fault, Mock, Repo, mocked


@pytest.fixture
def mock(server: Server, course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mock]:
    """Four forks, the last a fork of the third; the second has an answer. Nobody sleeps."""
    with mocked() as running:
        running.page = 2
        running.repos = [Repo("octo/course")]
        for n, parent in enumerate(["octo/course", "octo/course", "octo/course", "s2/course"]):
            publish(running, server, course, tmp_path, f"s{n}", parent, ["00.01"] if n == 1 else [])
        monkeypatch.setenv("GITHUB_API_URL", running.url)
        monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
        sleeping = Api.__init__

        def awake(self: Api, *given: object, **named: object) -> None:
            sleeping(self, *given, **named)  # type: ignore[arg-type]
            self.sleep = lambda seconds: None

        monkeypatch.setattr(github_api.Api, "__init__", awake)
        monkeypatch.chdir(course.root)
        yield running


def publish(
    mock: Mock, server: Server, course: Course, tmp_path: Path, login: str, parent: str, ids: list[str]
) -> None:
    """A served fork that the API knows about."""
    chapter = course.chapter("00")
    path = make_fork(tmp_path / "served" / f"{login}.git", course, pair(chapter, answers(chapter, *ids), ids))
    tip = ForkRepository(path).tip().oid
    mock.repos.append(Repo(f"{login}/course", f"{server.url}/{login}.git", tip, parent=parent))


def tip_of(path: Path) -> str:
    """The id of the commit at a repository's HEAD."""
    return ForkRepository(path).tip().oid


def push(mock: Mock, course: Course, tmp_path: Path, login: str) -> None:
    """One more answer in a served fork, which the API knows about."""
    chapter = course.chapter("00")
    path = tmp_path / "served" / f"{login}.git"
    scratch = tmp_path / "scratch" / login
    fake_course.git(tmp_path, "clone", "-q", str(path), str(scratch))
    for name, data in pair(chapter, answers(chapter, "00.01", "00.02")).items():
        assert data is not None
        (scratch / name).write_bytes(data)
    fake_course.git(scratch, "commit", "-qam", "work")
    fake_course.git(scratch, "push", "-q")
    mock.change(f"{login}/course", tip=ForkRepository(path).tip().oid, pushed_at="2026-03-03T18:00:00Z")


def report(capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, dict[str, object]]:
    """The report's forks by name."""
    code = progress.main([*(more or ("github:octo/course",)), "--format", "json", "--jobs", "2"])
    assert code == 0
    return {fork["name"]: fork for fork in json.loads(capsys.readouterr().out)["forks"]}


def filled(forks: dict[str, dict[str, object]]) -> dict[str, object]:
    """How many of the first chapter's exercises are filled."""
    return {name: fork["chapters"]["00"]["filled"] for name, fork in forks.items() if fork["chapters"]}  # type: ignore[index]


@pytest.mark.parametrize("token", [TOKEN, ""])
def test_from_a_list_to_a_report(
    mock: Mock, server: Server, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", token)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    forks = report(capsys)
    assert filled(forks) == {"s0": 0, "s1": 1, "s2": 0, "s3": 0}
    assert {fork["status"] for fork in forks.values()} == {"ok"}
    assert forks["s1"]["source"] == f"{server.url}/s1.git"
    assert {bool(word) for word in mock.tokens} == {bool(token)}


def test_only_what_changed_is_asked_for(
    mock: Mock, server: Server, course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = report(capsys)
    server.log.clear()
    assert report(capsys) == first
    assert server.log.requests == []
    push(mock, course, tmp_path, "s3")
    server.log.clear()
    assert filled(report(capsys)) == {"s0": 0, "s1": 1, "s2": 0, "s3": 2}
    assert {line.split("/")[1] for line in server.log.requests} == {"s3.git"}
    assert len(server.log.objects) == 1


def test_another_branch_or_default_branch_is_asked_for(
    mock: Mock, server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report(capsys)
    mock.change("s0/course", pushed_at="2026-03-03T18:00:00Z")
    mock.change("s1/course", branch="other")
    server.log.clear()
    report(capsys)
    assert {line.split("/")[1] for line in server.log.requests} == {"s0.git", "s1.git"}
    assert server.log.objects == []


def test_nothing_of_a_finished_run_is_believed(
    mock: Mock, course: Course, server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report(capsys)
    cache = course.root / ".workshop" / "forks"
    assert not [path for path in cache.iterdir() if not path.name.endswith(".git") and "sqlite" not in path.name]
    publish(mock, server, course, tmp_path, "s9", "octo/course", [])
    assert set(report(capsys)) == {"s0", "s1", "s2", "s3", "s9"}


def test_a_killed_run_goes_on(
    mock: Mock, server: Server, course: Course, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    asked: list[str] = []

    def read(stop_after: int) -> None:
        with searching(["github:octo/course", f"{server.url}/s1.git"], cache, 20) as search:
            for one in search.origins:
                assert one.address
                if len(asked) == stop_after:
                    raise KeyboardInterrupt
                asked.append(one.name)
                search.fetch(one.address)

    with pytest.raises(KeyboardInterrupt):
        read(2)
    assert asked == ["s0", "s1"]
    mock.requests.clear()
    server.log.clear()
    read(99)
    assert mock.requests == []
    assert {line.split("/")[1] for line in server.log.requests} == {"s2.git", "s3.git"}
    assert [path for path in cache.iterdir() if not path.name.endswith(".git")] == []


def test_without_tips_a_killed_run_does_not_ask_twice_either(mock: Mock, server: Server, tmp_path: Path) -> None:
    addresses = [f"{server.url}/s{n}.git" for n in range(4)]

    def stopped() -> None:
        with searching(addresses, tmp_path / "cache", 20) as search:
            search.fetch(Address(addresses[0]))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    server.log.clear()
    with searching(addresses, tmp_path / "cache", 20) as search:
        for one in addresses:
            search.fetch(Address(one))
    assert {line.split("/")[1] for line in server.log.requests} == {"s1.git", "s2.git", "s3.git"}
    server.log.clear()
    with searching(addresses, tmp_path / "cache", 20) as search:
        search.fetch(Address(addresses[0]))
    assert server.log.requests


def test_a_run_that_is_killed_by_force_goes_on(
    mock: Mock, server: Server, course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    mock.faults = [*[Fault(mended=True)] * 3, Fault(silent=True)]  # in the list of the forks of a fork
    command = [sys.executable, str(ROOT / "scripts" / "progress.py"), "github:octo/course"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while len(mock.requests) < 4:
            assert process.poll() is None
            time.sleep(0.02)
        process.kill()
    mock.requests.clear()
    assert set(report(capsys)) == {"s0", "s1", "s2", "s3"}
    assert len(mock.requests) == 1


def test_what_a_killed_git_leaves_behind_stops_nobody(
    mock: Mock, course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report(capsys)
    cache = cache_folder(Address(mock.repos[1].url), course.root / ".workshop" / "forks")
    push(mock, course, tmp_path, "s0")
    for name in ("refs/heads/main.lock", "packed-refs.lock", "config.lock", "objects/pack/tmp_pack_x"):
        (cache / name).write_text("")
    assert filled(report(capsys))["s0"] == 2
    assert not list(cache.glob("objects/pack/tmp_*"))


def test_renamed_deleted_private_and_empty_are_four(
    mock: Mock, server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.faults["s0.git"] = ("move", f"{server.url}/s1.git")
    (tmp_path / "served" / "s2.git").rename(tmp_path / "served" / "gone.git")
    server.faults["s3.git"] = ("login", "x:y")
    write_history(tmp_path / "served" / "s4.git", [])
    mock.repos.append(Repo("s4/course", f"{server.url}/s4.git", parent="octo/course", empty=True))
    forks = report(capsys)
    assert {name: fork["status"] for name, fork in forks.items()} == {
        "s0": "moved",
        "s1": "ok",
        "s2": "not found",
        "s3": "no access",
        "s4": "empty",
    }
    assert not any("/s4.git" in line for line in server.log.requests)


def test_a_list_through_all_kinds_of_trouble(mock: Mock, capsys: pytest.CaptureFixture[str]) -> None:
    mock.faults = [
        Fault(502, "<html>"),
        Fault(403, "{}", {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1"}),
        Fault(mended=True),
        Fault(200, '{"data": {"repo', cut=True),
        Fault(200, '{"errors": [{"type": "RATE_LIMITED", "message": "x"}]}'),
        Fault(429, "{}", {"retry-after": "9"}),
    ]
    assert set(report(capsys)) == {"s0", "s1", "s2", "s3"}


def test_a_roster_of_logins(mock: Mock, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "roster.csv").write_text(
        '"identifier","github_username","github_id","name"\n'
        '"student-01","S1","1","One"\n"student-02","","",""\n"student-03","nobody","",""\n"student-04","s3","",""\n'
    )
    forks = report(capsys, "github:octo/course", str(tmp_path / "roster.csv"))
    assert {name: (fork["status"], fork["reason"]) for name, fork in forks.items()} == {
        "s0": ("ok", "not in the roster"),
        "student-01": ("ok", ""),
        "s2": ("ok", "not in the roster"),
        "student-04": ("ok", ""),
        "student-02": ("missing", "in the roster, without a fork"),
        "student-03": ("missing", "in the roster, without a fork"),
    }
    assert filled(forks)["student-01"] == 1
    assert forks["student-01"]["extra"] == {"github_id": "1", "name": "One"}


def test_a_classrooms_organisation(
    mock: Mock, server: Server, course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mock.repos += [
        Repo(f"org/gpt-{login}", f"{server.url}/{login}.git", tip_of(tmp_path / "served" / f"{login}.git"))
        for login in ("s0", "s1")
    ]
    mock.repos.append(Repo("org/other", f"{server.url}/s2.git"))
    assert filled(report(capsys, "github-org:org/gpt-")) == {"s0": 0, "s1": 1}
    assert filled(report(capsys, "github-org:org/gpt")) == {"s0": 0, "s1": 1}


def test_an_unusable_place_is_one_line_and_2(mock: Mock, capsys: pytest.CaptureFixture[str]) -> None:
    for word in ("github:octo/none", "github:octo", "github-org:nobody/x"):
        assert progress.main([word]) == 2
        seen = capsys.readouterr()
        assert (seen.out, seen.err.count("\n")) == ("", 1)
    assert not Path(".workshop/forks").exists() or not list(Path(".workshop/forks").glob("*.git"))


def test_no_forks_is_an_empty_report(mock: Mock, capsys: pytest.CaptureFixture[str]) -> None:
    mock.repos = [Repo("octo/course")]
    assert report(capsys) == {}


def test_the_token_goes_to_its_own_host_only() -> None:
    place = GitHubPlace("octo", "course")
    ours = listed_origin(place, ListedRepository("s/c", "s", "https://github.com/s/c.git"), "github.com", TOKEN)
    assert ours.address
    assert (ours.address.user, ours.address.secret) == ("x-access-token", TOKEN)
    assert TOKEN not in repr(ours)
    for url in ("https://evil.example/s/c.git", "http://github.com/s/c.git", "https://github.com.evil.example/c.git"):
        other = listed_origin(place, ListedRepository("s/c", "s", url), "github.com", TOKEN)
        assert other.address
        assert not other.address.secret
    refused = listed_origin(place, ListedRepository("s/c", "s", "ext::sh -c id"), "github.com", TOKEN)
    assert (refused.address, refused.trouble and refused.trouble.status) == (None, "refused")


def test_whose_a_repository_is() -> None:
    assert login_of(GitHubPlace("octo", "course"), ListedRepository("s/c", "s", "")) == "s"
    assert login_of(GitHubPlace("org", "", "gpt"), ListedRepository("org/gpt-a-b", "org", "")) == "a-b"
    assert login_of(GitHubPlace("org", "", "gpt-"), ListedRepository("org/gpt-a", "org", "")) == "a"


def test_a_fork_with_trouble_is_not_fetched(course: Course) -> None:
    asked: list[str] = []

    def bring(address: Address) -> Fetched:
        asked.append(address.url)
        raise ForkTrouble("not found", "")

    empty = Origin("a", "a", address=Address("https://h/a"), trouble=ForkTrouble("empty", ""))
    origins = [empty, *find_forks(["https://h/b"])]
    with fetching(origins, bring) as arrive:
        forks: tuple[Fork, ...] = read_cohort(course, origins, fetched=arrive).forks
    assert [fork.status for fork in forks] == ["empty", "not found"]
    assert asked == ["https://h/b"]
