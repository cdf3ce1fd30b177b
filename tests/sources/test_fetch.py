from __future__ import annotations

import os
import shutil
import stat
import time
from dataclasses import replace
from pathlib import Path

import pytest

from kit.course.course import Course
from kit.errors import KitError
from kit.forks.cohort import read_cohort
from kit.forks.objects import LARGEST_BLOB
from kit.forks.records import Fetched, Fork, ForkTrouble, ListedState
from kit.forks.repository import ForkRepository
from kit.git.address import Address, parse_address
from kit.git.fast_import import Commit, write_history
from kit.sources import fetch as remote
from kit.sources import git_transport
from kit.sources.fetch import ask_retry_after, cache_folder, fetch, fetching, list_remote
from kit.sources.fetch_state import read_fetch_state
from kit.sources.git_transport import environment
from kit.sources.rate_limit import PauseGate
from kit.sources.words import find_forks
from tests.support import fake_course
from tests.support.forks import DAY, answers, commits, make_fork, pair, path_of, read_one, start, words
from tests.support.git_server import Server, serve

TOKEN = "ghp_0123456789abcdefghij"


@pytest.fixture
def fork(tmp_path: Path, server: Server, course: Course) -> Path:
    """A fork on the server."""
    return make_fork(tmp_path / "served" / "student-01.git", course)


@pytest.fixture
def address(server: Server, fork: Path) -> Address:
    return Address(f"{server.url}/student-01.git")


def work(fork: Path, course: Course, *ids: str) -> None:
    """One more commit in a served fork."""
    chapter = course.chapter("00")
    files = pair(chapter, answers(chapter, *ids))
    scratch = fork.parent.parent / "scratch"
    fake_course.git(fork.parent.parent, "clone", "-q", str(fork), str(scratch))
    for path, data in files.items():
        assert data is not None
        (scratch / path).write_bytes(data)
    fake_course.git(scratch, "commit", "-qam", "work")
    fake_course.git(scratch, "push", "-q")
    shutil.rmtree(scratch)


def status(address: Address, cache: Path, seconds: float = 20, gate: PauseGate | None = None) -> str:
    """The status with which a fetch ends."""
    try:
        return fetch(address, cache, seconds, gate=gate).status
    except ForkTrouble as trouble:
        return trouble.status


def test_fetched_and_read(address: Address, fork: Path, tmp_path: Path) -> None:
    fetched = fetch(address, tmp_path / "cache")
    assert fetched == Fetched(cache_folder(address, tmp_path / "cache"))
    assert ForkRepository(fetched.path).tip() == ForkRepository(fork).tip()
    assert not any((fetched.path / "hooks").glob("*"))


def test_a_second_fetch_transfers_only_what_is_new(
    address: Address, fork: Path, tmp_path: Path, course: Course, server: Server
) -> None:
    cache = tmp_path / "cache"
    fetch(address, cache)
    all_objects = int(fake_course.git(fork, "rev-list", "--objects", "--all").count("\n"))
    assert server.log.objects == [all_objects]

    server.log.clear()
    fetch(address, cache)
    assert server.log.objects == []
    assert len(server.log.requests) <= 2  # capabilities and the list of branches

    before = ForkRepository(fork).tip().oid
    work(fork, course, "00.01")
    server.log.clear()
    path = fetch(address, cache).path
    new = fake_course.git(fork, "rev-list", "--objects", "--all", f"^{before}").count("\n")
    assert server.log.objects == [new]
    assert 0 < new < all_objects
    assert ForkRepository(path).tip() == ForkRepository(fork).tip()


def test_a_rewritten_and_a_deleted_branch(address: Address, fork: Path, tmp_path: Path, course: Course) -> None:
    fake_course.git(fork, "branch", "aside")
    cache = tmp_path / "cache"
    assert set(ForkRepository(fetch(address, cache).path).branches()) == {"main", "aside"}
    fake_course.git(fork, "branch", "-D", "aside")
    other = write_history(tmp_path / "other.git", [Commit(DAY, "anew", start(course))])
    fake_course.git(fork, "fetch", "-q", str(other), "+main:main")
    store = ForkRepository(fetch(address, cache).path)
    assert set(store.branches()) == {"main"}
    assert store.tip() == ForkRepository(other).tip()


def test_the_default_branch_is_the_servers(address: Address, fork: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    fake_course.git(fork, "branch", "trunk")
    assert ForkRepository(fetch(address, cache).path).tip().branch == "main"
    (fork / "HEAD").write_text("ref: refs/heads/trunk\n")
    assert ForkRepository(fetch(address, cache).path).tip().branch == "trunk"
    (fork / "HEAD").write_text("ref: refs/heads/gone\n")
    with pytest.raises(ForkTrouble) as caught:
        ForkRepository(fetch(address, cache).path).tip()
    assert caught.value.status == "no branch"
    first = ForkRepository(fork).branches()["main"]
    (fork / "HEAD").write_text(f"{first}\n")
    assert ForkRepository(fetch(address, cache).path).tip().oid == str(first)


def test_an_empty_repository(server: Server, tmp_path: Path) -> None:
    write_history(tmp_path / "served" / "student-02.git", [])
    assert status(Address(f"{server.url}/student-02.git"), tmp_path / "cache") == "empty"


def test_deleted_private_and_renamed_are_three(address: Address, server: Server, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    assert status(Address(f"{server.url}/nobody.git"), cache) == "not found"
    server.faults["private.git"] = ("login", "x:y")
    assert status(Address(f"{server.url}/private.git"), cache) == "no access"
    server.faults["old.git"] = ("move", f"{server.url}/student-01.git")
    moved = fetch(Address(f"{server.url}/old.git"), cache)
    assert moved.status == "moved"
    assert f"{server.url}/student-01.git" in moved.reason
    assert ForkRepository(moved.path).tip().branch == "main"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (404, "not found"),
        (410, "not found"),
        (401, "no access"),
        (403, "no access"),
        (500, "unreachable"),
        (503, "unreachable"),
    ],
)
def test_answers_of_a_server(address: Address, server: Server, tmp_path: Path, code: int, expected: str) -> None:
    server.faults["student-01.git"] = code
    assert status(address, tmp_path / "cache") == expected


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    assert status(Address("http://127.0.0.1:9/x.git"), tmp_path) == "unreachable"
    assert status(Address("http://name.invalid/x.git"), tmp_path) == "unreachable"


def test_a_slow_server_times_out(address: Address, server: Server, tmp_path: Path) -> None:
    server.faults["student-01.git"] = "sleep"
    start = time.monotonic()
    assert status(address, tmp_path / "cache", 0.5) == "timed out"
    assert time.monotonic() - start < 10


def test_a_server_that_is_away_for_now_leaves_what_was_fetched(
    address: Address, server: Server, tmp_path: Path
) -> None:
    path = fetch(address, tmp_path / "cache").path
    server.faults["student-01.git"] = 503
    away = fetch(address, tmp_path / "cache")
    assert (away.path, away.status) == (path, "unreachable")
    server.faults["student-01.git"] = 404
    assert status(address, tmp_path / "cache") == "not found"


def test_a_damaged_cache_is_fetched_anew(address: Address, fork: Path, tmp_path: Path, course: Course) -> None:
    cache = tmp_path / "cache"
    path = fetch(address, cache).path
    for pack in [*path.rglob("*.pack"), *path.rglob("*.idx")]:
        pack.chmod(stat.S_IRUSR | stat.S_IWUSR)
        pack.write_bytes(b"")
    work(fork, course, "00.01")
    assert ForkRepository(fetch(address, cache).path).tip() == ForkRepository(fork).tip()
    (path / "HEAD").write_text("nonsense")
    assert ForkRepository(fetch(address, cache).path).tip() == ForkRepository(fork).tip()


def test_a_cache_that_cannot_be_written(address: Address, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises((KitError, ForkTrouble)):
        fetch(address, tmp_path / "file")


def test_a_token_opens_and_shows_nowhere(fork: Path, server: Server, tmp_path: Path) -> None:
    server.faults["student-01.git"] = ("login", f"me:{TOKEN}")
    cache = tmp_path / "cache"
    host = server.url.removeprefix("http://")
    address = parse_address(f"http://me:{TOKEN}@{host}/student-01.git")
    assert fetch(address, cache).status == "ok"
    assert not any(TOKEN.encode() in path.read_bytes() for path in cache.rglob("*") if path.is_file())
    with pytest.raises(ForkTrouble) as caught:
        fetch(replace(address, secret="wrong-one-here"), tmp_path / "other")
    assert caught.value.status == "no access"
    assert "wrong-one-here" not in caught.value.reason
    assert "me:" not in caught.value.reason


def test_a_token_does_not_follow_to_another_host(fork: Path, server: Server, tmp_path: Path) -> None:
    (tmp_path / "else").mkdir()
    with serve(tmp_path / "else") as elsewhere:
        server.faults["student-01.git"] = ("move", elsewhere.url.replace("127.0.0.1", "localhost") + "/student-01.git")
        elsewhere.faults["student-01.git"] = ("login", f"me:{TOKEN}")
        make_fork(tmp_path / "else" / "student-01.git", Course(tmp_path / "course"))
        host = server.url.removeprefix("http://")
        assert status(parse_address(f"http://me:{TOKEN}@{host}/student-01.git"), tmp_path / "cache") == "no access"
        assert elsewhere.log.requests


def test_the_environment_asks_nobody_and_allows_little(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", "/elsewhere")
    monkeypatch.setenv("GIT_SSH_COMMAND", "ssh -i key")
    plain = environment(Address("https://h/r"))
    assert plain["GIT_TERMINAL_PROMPT"] == "0"
    assert plain["GIT_ALLOW_PROTOCOL"] == "https:http:ssh:git"
    assert plain["GIT_SSH_COMMAND"] == "ssh -i key"
    assert "GIT_DIR" not in plain
    assert "KIT_SECRET" not in plain
    assert environment(Address("https://h/r", "me", TOKEN))["KIT_SECRET"] == TOKEN


@pytest.mark.parametrize("url", ["ext::sh -c touch% mark", "file:///tmp"])
def test_git_itself_refuses_other_protocols(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "config"))
    (tmp_path / "config").write_text('[protocol]\n allow = always\n[protocol "ext"]\n allow = always\n')
    assert status(Address(url), tmp_path / "cache") == "unreadable"
    assert not (tmp_path / "mark").exists()


def test_no_git(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(KitError):
        list_remote(Address("https://host/r"))


def a_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    """Put a program of ours in place of git."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "git").write_text(f"#!/bin/sh\n{body}\n")
    (tmp_path / "bin" / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")


def test_a_git_that_floods_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_git(tmp_path, monkeypatch, "exec yes")
    assert status(Address("https://host/r"), tmp_path / "cache") == "unreadable"


def test_a_git_that_will_not_stop_is_made_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git_transport, "PATIENCE", 0.2)
    a_git(tmp_path, monkeypatch, f"trap '' TERM; echo $$ > {tmp_path}/pid; while :; do sleep 0.1; done")
    assert status(Address("https://host/r"), tmp_path / "cache", 1.0) == "timed out"
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_nobody_waits_for_a_fetch_when_the_command_is_stopped(
    tmp_path: Path, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_fork(tmp_path / "student-01.git", course)
    origins = find_forks([str(tmp_path / "student-01.git"), "https://host/slow"])
    a_git(tmp_path, monkeypatch, "sleep 60")

    def interrupt(fork: Fork) -> None:
        raise KeyboardInterrupt

    start = time.monotonic()
    with (
        pytest.raises(KeyboardInterrupt),
        fetching(origins, lambda address: fetch(address, tmp_path / "cache")) as arrive,
    ):
        read_cohort(course, origins, fetched=arrive, on_done=interrupt)
    assert time.monotonic() - start < 20


@pytest.mark.parametrize("name", ["timed out", "refused", "not found", "denied"])
def test_an_address_does_not_say_what_happened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    a_git(tmp_path, monkeypatch, 'echo "fatal: $4 is odd" >&2; exit 128')
    address = Address(f"https://host/{name}/r")
    assert status(address, tmp_path / "cache") == "unreadable"


def test_what_git_says_is_stripped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_git(tmp_path, monkeypatch, f"printf 'fatal: \\033[31mhttps://{TOKEN}@host/r\\n' >&2; exit 128")
    with pytest.raises(ForkTrouble) as caught:
        list_remote(Address("https://host/r"))
    assert caught.value.reason.isprintable()
    assert TOKEN not in caught.value.reason


def read(course: Course, tmp_path: Path, roster: str, jobs: int = 4) -> dict[str, Fork]:
    """The forks of a roster, by name."""
    (tmp_path / "roster.csv").write_text(roster)
    origins = find_forks([str(tmp_path / "roster.csv")])
    with fetching(origins, lambda a: fetch(a, tmp_path / "cache", 20), jobs) as arrive:
        return {fork.name: fork for fork in read_cohort(course, origins, fetched=arrive).forks}


def test_a_roster_of_addresses(tmp_path: Path, server: Server, course: Course) -> None:
    chapter = course.chapter("00")
    for number in range(5):
        make_fork(
            tmp_path / "served" / f"s{number}.git",
            course,
            pair(chapter, answers(chapter, "00.01") if number % 2 else {}),
        )
    server.faults["moved.git"] = ("move", f"{server.url}/s1.git")
    rows = [f"student-{n},{server.url}/s{n}.git" for n in range(5)]
    rows += [f"gone,{server.url}/none.git", f"moved,{server.url}/moved.git", f"again,{server.url}/s1.git", "lost,"]
    forks = read(course, tmp_path, "\n".join(["name,url", *rows]) + "\n")
    assert [fork.status for fork in forks.values()] == [*["ok"] * 5, "not found", "moved", "ok", "missing"]
    assert [len(forks[f"student-{n}"].chapters["00"].filled) for n in range(5)] == [0, 1, 0, 1, 0]
    assert forks["moved"].chapters == forks["student-1"].chapters == forks["again"].chapters
    asked = [line for line in server.log.requests if line.startswith("GET /s1.git/")]
    assert len(asked) == 4  # twice for a fetch: one for the two rows that share the address, one for the moved


def test_without_a_fetcher_an_address_is_a_row(course: Course) -> None:
    (fork,) = read_cohort(course, find_forks(["https://host/owner/repo"])).forks
    assert (fork.name, fork.status) == ("owner/repo", "missing")


class Pauses:
    """A gate whose waits are noted down and over at once; after some of them, the server is well again."""

    def __init__(self, server: Server, name: str, last: int) -> None:
        self.slept: list[float] = []
        self.now = 0.0
        self.server, self.name, self.last = server, name, last
        self.gate = PauseGate(lambda text: None, lambda: self.now, self.wait)

    def wait(self, seconds: float) -> bool:
        self.slept.append(seconds)
        self.now += seconds
        if len(self.slept) == self.last:
            del self.server.faults[self.name]
        return False


@pytest.mark.parametrize(
    ("fault", "last", "slept", "expected"),
    [
        ((429, {"Retry-After": "17"}), 1, [17], "ok"),
        ((429, {"Retry-After": "17"}), 3, [17, 17, 17], "ok"),
        (429, 2, [30, 60], "ok"),
        ((429, {"Retry-After": "17"}), 99, [17, 17, 17], "rate limited"),
        ((429, {"Retry-After": "86400"}), 99, [], "rate limited"),
    ],
)
def test_a_server_that_wants_a_pause(
    server: Server, address: Address, tmp_path: Path, fault: object, last: int, slept: list[float], expected: str
) -> None:
    server.faults["student-01.git"] = fault
    pauses = Pauses(server, "student-01.git", last)
    assert status(address, tmp_path / "cache", gate=pauses.gate) == expected
    assert pauses.slept == slept


def test_a_limited_fork_is_shown_as_last_fetched(server: Server, address: Address, tmp_path: Path) -> None:
    path = fetch(address, tmp_path / "cache").path
    server.faults["student-01.git"] = (429, {"Retry-After": "86400"})
    limited = fetch(address, tmp_path / "cache")
    assert (limited.path, limited.status) == (path, "rate limited")


def test_what_a_server_tells(server: Server, address: Address) -> None:
    assert ask_retry_after(address, 5) is None
    server.faults["student-01.git"] = (429, {"Retry-After": "17"})
    assert ask_retry_after(address, 5) == 17
    assert ask_retry_after(Address("ssh://git@host/r"), 5) is None
    assert ask_retry_after(Address("http://127.0.0.1:9/r"), 5) is None


def test_far_too_much_is_stopped(
    server: Server, course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = Address(f"{server.url}/big.git")
    make_fork(tmp_path / "served" / "big.git", course, {"x.bin": bytes(range(256)) * 4000})
    monkeypatch.setattr(git_transport, "LARGEST_FETCH", 1000)
    monkeypatch.setattr(git_transport, "arriving", lambda folder: 1001)
    assert status(address, tmp_path / "cache") == "too large"
    monkeypatch.undo()
    assert status(address, tmp_path / "cache") == "ok"


def test_what_arrives_is_counted(tmp_path: Path) -> None:
    packs = tmp_path / "objects" / "pack"
    packs.mkdir(parents=True)
    assert git_transport.arriving(tmp_path) == 0
    (packs / "tmp_pack_a").write_bytes(b"x" * 70)
    (packs / "pack-1.pack").write_bytes(b"x" * 7)
    assert git_transport.arriving(tmp_path) == 70
    remote.remove_leftovers(tmp_path)
    assert [path.name for path in packs.iterdir()] == ["pack-1.pack"]


def test_large_files_are_left_out_where_the_server_can(server: Server, course: Course, tmp_path: Path) -> None:
    chapter = course.chapter("00")
    huge = b"# " + b"x" * LARGEST_BLOB + b"\n"
    files = {path_of(course.chapter("01"), ".py"): huge} | pair(chapter, answers(chapter, "00.01"))
    path = write_history(tmp_path / "served" / "huge.git", commits(course, files))
    (path / "config").open("a").write("[uploadpack]\n allowFilter = true\n")
    got = fetch(Address(f"{server.url}/huge.git"), tmp_path / "cache").path
    assert list(got.glob("objects/pack/*.promisor"))
    fork = read_one(course, got)
    assert (fork.status, len(fork.chapters["00"].filled), words(fork.chapters["01"])) == (
        "ok",
        1,
        words(read_one(course, path).chapters["01"]),
    )
    assert fetch(Address(f"{server.url}/huge.git"), tmp_path / "cache").status == "ok"
    (got / "workshop-mark.json").unlink()  # somebody's own partial clone lacks what it lacks
    assert read_one(course, got).status == "unreadable"


def test_the_mark_of_a_fetch(server: Server, address: Address, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    tip = ForkRepository(tmp_path / "served" / "student-01.git").tip().oid
    known = ListedState("main", tip, "2026-03-02T18:00:00Z")
    fetch(address, cache, known=known)
    mark = read_fetch_state(cache_folder(address, cache))
    assert mark
    assert mark.pushed_at == known.pushed_at
    server.log.clear()
    assert fetch(address, cache, known=known).status == "ok"
    assert server.log.requests == []
    (cache_folder(address, cache) / "workshop-mark.json").write_text("{")
    fetch(address, cache, known=known)
    assert server.log.requests
