from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import pytest

from kit.cache import FILE, PACKAGES, Cache, code_digest, code_files, key_of
from kit.course.course import Course
from kit.course.outline import course_digest
from kit.forks import fork_cache
from kit.forks.cohort import CohortOptions, read_cohort
from kit.forks.fork_cache import refs_digest
from kit.forks.reader import ForkReader
from kit.forks.records import Fork
from kit.forks.wire import ForkReading, pack_reading, unpack_reading
from kit.git.fast_import import write_history
from kit.sources.words import find_forks
from tests.support import fake_course
from tests.support.forks import Files, answers, commits, make_fork, pair, start


@pytest.fixture
def clones(tmp_path: Path, course: Course) -> Path:
    """Three forks: two that can be read, one damaged."""
    chapter = course.chapter("00")
    make_fork(tmp_path / "all" / "s1.git", course, pair(chapter, answers(chapter, "00.01"), ["00.02"]))
    make_fork(tmp_path / "all" / "s2.git", course)
    make_fork(tmp_path / "all" / "s3.git", course)
    (tmp_path / "all" / "s3.git" / "HEAD").write_text("?")
    return tmp_path / "all"


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The forks that were opened and read, by name."""
    names: list[str] = []
    original = ForkReader.read
    monkeypatch.setattr(
        ForkReader,
        "read",
        lambda self, want: names.append(want.path.name) or original(self, want),  # type: ignore[func-returns-value]
    )
    return names


def forks(course: Course, clones: Path, folder: Path, history: bool = False) -> tuple[Fork, ...]:
    memory = Cache(folder)
    try:
        return read_cohort(course, find_forks([str(clones)]), CohortOptions(cache=memory, history=history)).forks
    finally:
        memory.close()


@pytest.mark.parametrize("history", [False, True])
def test_what_is_known_is_not_read_and_says_the_same(
    tmp_path: Path, course: Course, clones: Path, read: list[str], history: bool
) -> None:
    alone = read_cohort(course, find_forks([str(clones)]), CohortOptions(history=history)).forks
    read.clear()
    assert forks(course, clones, tmp_path, history) == alone
    assert read == ["s1.git", "s2.git", "s3.git"]
    read.clear()
    assert forks(course, clones, tmp_path, history) == alone
    assert read == ["s3.git"]


def test_a_new_commit_another_branch_and_another_course_are_read(
    tmp_path: Path, course: Course, clones: Path, read: list[str]
) -> None:
    forks(course, clones, tmp_path)
    read.clear()
    tree = fake_course.git(clones / "s2.git", "rev-parse", "main^{tree}").strip()
    new = fake_course.git(clones / "s2.git", "commit-tree", "-p", "main", "-m", "more", tree).strip()
    fake_course.git(clones / "s2.git", "update-ref", "refs/heads/main", new)
    found = forks(course, clones, tmp_path)
    assert found[1].tip
    assert (found[1].tip.oid, read) == (new, ["s2.git", "s3.git"])
    read.clear()
    fake_course.git(clones / "s1.git", "branch", "aside", "main~1")
    forks(course, clones, tmp_path)
    assert read == ["s1.git", "s3.git"]
    read.clear()
    source = course.root / "checkpoints" / "ch00_first.py"
    source.write_text(source.read_text().replace("how many letters?", "how many?"))
    forks(Course(course.root), clones, tmp_path)
    assert read == ["s1.git", "s2.git", "s3.git"]


def test_the_cells_of_what_is_filled(tmp_path: Path, course: Course, clones: Path) -> None:
    for _ in range(2):
        memory = Cache(tmp_path)
        cohort = read_cohort(course, find_forks([str(clones)]), CohortOptions(cache=memory, cells=True))
        memory.close()
        assert cohort.cells == ({"00.01": (answers(course.chapter("00"), "00.01")["00.01"],)}, {}, {})


def test_a_twin_elsewhere_is_known(tmp_path: Path, course: Course, clones: Path, read: list[str]) -> None:
    first = forks(course, clones, tmp_path)
    shutil.copytree(clones / "s1.git", tmp_path / "other" / "t.git")
    read.clear()
    (twin,) = forks(course, tmp_path / "other", tmp_path)
    assert read == []
    assert (twin.name, twin.tip, twin.chapters) == ("t", first[0].tip, first[0].chapters)


def spoil_file(path: Path) -> None:
    path.write_bytes(b"no database at all" * 1000)


def spoil_middle(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:2000] + os.urandom(len(data) - 2000))


def spoil_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


def spoil_rows(path: Path) -> None:
    with sqlite3.connect(path) as database:
        for key, value in database.execute("SELECT key, value FROM entries").fetchall():
            database.execute("UPDATE entries SET value = ? WHERE key = ?", (value.replace(b"00.01", b"00.02"), key))


def spoil_swap(path: Path) -> None:
    with sqlite3.connect(path) as database:
        rows = database.execute("SELECT key, value FROM entries ORDER BY key").fetchall()
        for (key, _), (_, value) in zip(rows, rows[1:] + rows[:1], strict=True):
            database.execute("UPDATE entries SET value = ? WHERE key = ?", (value, key))


def spoil_types(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("UPDATE entries SET value = 7")


def spoil_table(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("DROP TABLE entries")
        database.execute("CREATE TABLE entries (name TEXT)")


def spoil_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    "spoil",
    [spoil_file, spoil_middle, spoil_short, spoil_rows, spoil_swap, spoil_types, spoil_table, spoil_folder],
)
def test_a_damaged_or_foreign_memory_is_read_anew(
    tmp_path: Path, course: Course, clones: Path, spoil: Callable[[Path], None]
) -> None:
    first = forks(course, clones, tmp_path)
    with sqlite3.connect(tmp_path / FILE) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.execute("PRAGMA journal_mode=DELETE")
    database.close()
    spoil(tmp_path / FILE)
    assert forks(course, clones, tmp_path) == first
    assert forks(course, clones, tmp_path) == first


def test_a_sound_row_with_other_contents_is_read_anew(tmp_path: Path, course: Course, clones: Path) -> None:
    first = forks(course, clones, tmp_path)
    memory = Cache(tmp_path)
    key = key_of("fork", course_digest(course), "", "False", "False", refs_digest(clones / "s1.git"))
    assert memory.get(key)
    memory.put({key: b"\xc1 not what was packed"})
    assert memory.get(key)
    memory.close()
    assert forks(course, clones, tmp_path) == first


def test_where_nothing_can_be_written_nothing_is_remembered(tmp_path: Path, course: Course, clones: Path) -> None:
    (tmp_path / "file").write_text("")
    first = forks(course, clones, tmp_path / "file")
    assert [fork.status for fork in first] == ["ok", "ok", "unreadable"]
    memory = Cache(tmp_path / "file")
    memory.put({b"a": b"b"})
    assert memory.get(b"a") is None


def test_a_locked_memory_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kit.cache.WAIT_SECONDS", 0.1)
    one, two = Cache(tmp_path), Cache(tmp_path)
    one.put({b"a": b"1"})
    assert one.database
    one.database.execute("BEGIN EXCLUSIVE")
    two.put({b"b": b"2"})
    one.database.execute("COMMIT")
    assert (two.get(b"a"), two.get(b"b")) == (b"1", None)


def write_many(folder: Path, start: int) -> int:
    memory = Cache(folder)
    for number in range(start, start + 50):
        memory.put({key_of(str(number)): str(number).encode()})
    found = sum(memory.get(key_of(str(number))) == str(number).encode() for number in range(start, start + 50))
    memory.close()
    return found


def test_two_runs_at_once(tmp_path: Path) -> None:
    with ProcessPoolExecutor(2, get_context("fork")) as pool:
        assert [each.result() for each in [pool.submit(write_many, tmp_path, start) for start in (0, 30)]] == [50, 50]
    memory = Cache(tmp_path)
    assert [memory.get(key_of(str(number))) for number in range(80)] == [str(number).encode() for number in range(80)]


def test_a_fork_that_changes_while_it_is_read_is_read_again(
    tmp_path: Path, course: Course, clones: Path, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = iter(range(1000))
    monkeypatch.setattr(fork_cache, "refs_digest", lambda path: f"{path} {next(changes)}")
    forks(course, clones, tmp_path)
    monkeypatch.undo()
    assert forks(course, clones, tmp_path)[0].status == "ok"
    memory = Cache(tmp_path)
    assert memory.get(key_of("fork", course_digest(course), "", "False", "False", f"{clones / 's1.git'} 0")) is None


def test_readings_survive_packing(course: Course, clones: Path) -> None:
    from kit.course.outline import outlines_of
    from kit.forks.reader import ReadRequest

    reader = ForkReader(outlines_of(course))
    for history in (False, True):
        for name in ("s1.git", "s3.git"):
            reading = reader.read(ReadRequest(clones / name, "", history))
            assert unpack_reading(pack_reading(reading)) == reading
    assert unpack_reading(pack_reading(ForkReading("empty", ("x",)))) == ForkReading("empty", ("x",))
    assert replace(reading, notes=("é",)) == unpack_reading(pack_reading(replace(reading, notes=("é",))))


def test_states(tmp_path: Path, course: Course) -> None:
    chapter = course.chapter("00")
    change: Files = pair(chapter, answers(chapter, "00.01"))
    one, two = (make_fork(tmp_path / name, course, change) for name in ("a", "b"))
    assert refs_digest(one) == refs_digest(two) != ""
    seen = {refs_digest(one)}
    fake_course.git(one, "branch", "other", "main~1")
    seen.add(refs_digest(one))
    fake_course.git(one, "pack-refs", "--all")
    seen.add(refs_digest(one))
    (one / "shallow").write_text("1" * 40)
    seen.add(refs_digest(one))
    (one / "HEAD").write_text("ref: refs/heads/other\n")
    seen.add(refs_digest(one))
    fake_course.git(tmp_path, "clone", "-q", "a", "clone")
    seen.add(refs_digest(tmp_path / "clone"))
    assert len(seen) == 6
    assert "" not in seen


@pytest.mark.parametrize("odd", ["nothing", "link", "head", "worktree", "large", "fifo", "many"])
def test_states_that_are_not_certain(tmp_path: Path, course: Course, odd: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_history(tmp_path / "a", commits(course, start(course)))
    if odd == "nothing":
        shutil.rmtree(path)
    elif odd == "link":
        (path / "refs" / "heads" / "more").symlink_to("main")
    elif odd == "head":
        (path / "HEAD").unlink()
        (path / "HEAD").symlink_to("refs/heads/main")
    elif odd == "worktree":
        (path / "commondir").write_text("../b")
    elif odd == "large":
        (path / "packed-refs").write_bytes(b"#" * (5 * 2**20))
    elif odd == "fifo":
        (path / "packed-refs").mkdir()
    else:
        monkeypatch.setattr("kit.forks.fork_cache.MOST", 3)
        fake_course.git(path, "branch", "more", "main")
    assert refs_digest(path) == ""


@pytest.mark.parametrize(
    "change",
    [
        "move kit/judge/judge.py kit/judge/jury.py",
        "write kit/report/page.css",
        "write workshop/running.py",
        "write kit/new.py",
    ],
)
def test_no_code_moves_or_changes_without_another_digest(tmp_path: Path, change: str) -> None:
    for name in ("kit/judge/judge.py", "kit/report/page.css", "workshop/running.py", "workshop/en/ch00_first.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x = 1\n")
    before = code_digest(tmp_path)
    code_digest.cache_clear()
    (tmp_path / "workshop" / "en" / "ch00_first.py").write_text("a learner's own\n")
    assert code_digest(tmp_path) == before
    code_digest.cache_clear()
    verb, name, *new = change.split()
    if verb == "move":
        (tmp_path / name).rename(tmp_path / new[0])
    else:
        (tmp_path / name).write_text("x = 2\n")
    assert code_digest(tmp_path) != before


def test_the_digest_is_of_this_code() -> None:
    files = {path.relative_to(PACKAGES).as_posix() for path in code_files(PACKAGES)}
    assert {"kit/cache.py", "workshop/running.py"} <= files
    assert not [name for name in files if name.startswith("workshop/en/") or "__pycache__" in name]
