from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from kit.course.course import Course
from kit.forks import chapters, listing, reader
from kit.forks.cohort import read_cohort
from kit.forks.listing import chapter_files
from kit.forks.objects import ObjectStore
from kit.forks.records import Fork
from kit.forks.repository import ForkRepository
from kit.git.fast_import import Commit, write_history
from kit.pairs.progress import EQUAL, Flag
from kit.sources.words import find_forks
from tests.support import fake_course
from tests.support.forks import (
    DAY,
    Files,
    answers,
    commits,
    make_fork,
    notebook,
    pair,
    path_of,
    read_one,
    script,
    start,
    words,
)
from tests.support.loose_objects import loose


def one(tmp_path: Path, course: Course, *changes: Files, modes: dict[str, str] | None = None) -> Fork:
    """The record of a fork with the todo and then these changes."""
    return read_one(course, make_fork(tmp_path / "student-01.git", course, *changes, modes=modes))


def test_a_fork(tmp_path: Path, course: Course) -> None:
    chapter = course.chapter("00")
    fork = one(tmp_path, course, pair(chapter, answers(chapter, "00.01"), ["00.01", "00.r1"]))
    assert (fork.name, fork.status, fork.reason) == ("student-01", "ok", "")
    assert fork.tip
    assert fork.tip.branch == "main"
    assert {item_id: (p.total, p.ticked, p.filled, p.verified, p.flags) for item_id, p in fork.chapters.items()} == {
        "00": (3, ("00.01", "00.r1"), ("00.01",), None, ()),
        "01": (3, (), (), None, ()),
    }


def test_only_the_notebook_edited(tmp_path: Path, course: Course) -> None:
    chapter = course.chapter("00")
    fork = one(tmp_path, course, {path_of(chapter, ".ipynb"): notebook(chapter, answers(chapter, "00.01"), ["00.01"])})
    assert fork.chapters["00"].filled == ("00.01",)
    assert words(fork.chapters["00"]) == ["pair stale"]


def test_empty_and_no_branch(tmp_path: Path, course: Course) -> None:
    assert read_one(course, write_history(tmp_path / "a.git", [])).status == "empty"
    path = write_history(tmp_path / "b.git", [Commit(DAY, "x", start(course), branch="trunk")])
    lost = read_one(course, path)
    assert (lost.status, lost.tip, dict(lost.chapters)) == ("no branch", None, {})
    assert read_one(course, path, "trunk").status == "ok"


def test_unrelated_history_and_renamed_branch(tmp_path: Path, course: Course) -> None:
    chapter = course.chapter("00")
    files: Files = {"unrelated.txt": b"x", **start(course), **pair(chapter, answers(chapter, "00.02"))}
    path = write_history(tmp_path / "a.git", [Commit(DAY, "from a template", files, branch="mine")], head="mine")
    fork = read_one(course, path)
    assert (fork.status, fork.chapters["00"].filled) == ("ok", ("00.02",))


def test_work_on_another_branch_is_said_and_not_counted(tmp_path: Path, course: Course) -> None:
    chapter = course.chapter("00")
    work = [*commits(course), Commit(DAY, "aside", pair(chapter, answers(chapter, "00.01")), branch="aside")]
    fork = read_one(course, write_history(tmp_path / "a.git", work))
    assert fork.status == "ok"
    assert "aside" in fork.reason
    assert fork.chapters["00"].filled == ()


def test_an_older_branch_is_no_news(tmp_path: Path, course: Course) -> None:
    chapter = course.chapter("00")
    work = [*commits(course, pair(chapter, answers(chapter, "00.01")))]
    path = write_history(tmp_path / "a.git", work)
    fake_course.git(path, "branch", "older", "main~1")
    assert read_one(course, path).reason == ""


def test_other_branches_are_bounded(tmp_path: Path, course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_fork(tmp_path / "a.git", course, {"a": b"1"})
    for number in range(4):
        fake_course.git(path, "branch", f"b{number}", "main~1")
    monkeypatch.setattr(listing, "MOST_BRANCHES", 2)
    assert "4 other branches" in read_one(course, path).reason


def test_an_unreadable_file_on_another_branch_does_not_matter(tmp_path: Path, course: Course) -> None:
    chapter = course.chapter("00")
    path = make_fork(tmp_path / "a.git", course)
    store = ForkRepository(path)
    files = {
        file.path: file for file in chapter_files(store, store.find_workshop(store.commit(store.tip().oid).tree)[0])
    }
    lost = files[path_of(chapter, ".py")].oid
    tree = store.odb.read(fake_course.git(path, "rev-parse", "main:workshop/en").strip())[1]
    odd = str(store.odb.write(2, tree.replace(bytes.fromhex(lost), b"\1" * 20)))
    for mode in ("workshop/en", "workshop"):
        top = f"040000 tree {odd}\t{mode.split('/')[-1]}\n".encode()
        odd = (
            subprocess.run(["git", "mktree", "--missing"], cwd=path, input=top, capture_output=True, check=True)
            .stdout.decode()
            .strip()
        )
    commit = fake_course.git(path, "commit-tree", "-m", "odd", odd).strip()
    fake_course.git(path, "update-ref", "refs/heads/odd", commit)
    fork = read_one(course, path)
    assert (fork.status, fork.reason) == ("ok", "")
    assert read_one(course, path, "odd").status == "unreadable"


def test_what_nobody_foresaw_while_looking(tmp_path: Path, course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_fork(tmp_path / "a.git", course)
    monkeypatch.setattr(reader, "list_fork", lambda store, branch, known: 1 // 0)
    assert read_one(course, path).status == "unreadable"


def test_a_broken_other_branch_does_not_matter(tmp_path: Path, course: Course) -> None:
    path = make_fork(tmp_path / "a.git", course)
    (path / "refs" / "heads" / "broken").write_text("1" * 40 + "\n")
    assert read_one(course, path).status == "ok"


def test_no_course(tmp_path: Path, course: Course) -> None:
    assert one(tmp_path, course, dict.fromkeys(start(course))).status == "no course"
    other = write_history(tmp_path / "b.git", [Commit(DAY, "x", {"workshop/en/ch77_other.py": b"# %%\n"})])
    fork = read_one(course, other)
    assert (fork.status, dict(fork.chapters)) == ("no course", {})
    assert fork.tip is not None


def test_deleted_and_renamed_chapters(tmp_path: Path, course: Course) -> None:
    first, second = course.chapters
    done = answers(first, "00.01")
    change: Files = dict.fromkeys(start(course))
    change |= {
        "workshop/en/ch00_my_own_name.py": script(first, done),
        "workshop/en/ch00_other.ipynb": notebook(first, done),
    }
    fork = one(tmp_path, course, change)
    assert (fork.chapters["00"].filled, fork.chapters["00"].flags) == (("00.01",), ())
    assert words(fork.chapters["01"]) == ["missing"]
    assert fork.chapters["01"].total == len(second.items)


def test_a_copy_beside_a_chapter(tmp_path: Path, course: Course) -> None:
    chapter = course.chapter("00")
    copy: Files = {"workshop/en/ch00_a copy.py": script(chapter, answers(chapter, "00.01"))}
    fork = one(tmp_path, course, copy)
    assert fork.chapters["00"].filled == ()
    assert words(fork.chapters["00"]) == ["two files for chapter 00"]


def test_several_languages(tmp_path: Path, course: Course) -> None:
    chapter = course.chapter("00")
    plain = one(tmp_path, course, pair(chapter, language="ja"))
    assert plain.chapters["00"].flags == ()
    alone = one(tmp_path / "3", course, pair(chapter, answers(chapter, "00.01"), language="ja"))
    assert (alone.chapters["00"].filled, alone.chapters["00"].flags) == (("00.01",), ())


def test_work_in_several_languages_is_merged_by_id(tmp_path: Path, course: Course) -> None:
    chapter = course.chapter("00")
    english = pair(chapter, answers(chapter, "00.01"), ["00.01", "00.02", "00.r1"])
    japanese = pair(chapter, answers(chapter, "00.02"), ["00.01", "00.02"], "ja")
    found = one(tmp_path / "1", course, english | japanese).chapters["00"]
    assert (found.filled, found.ticked) == (("00.01", "00.02"), ("00.01", "00.02", "00.r1"))
    assert (found.total, found.flags) == (3, ())
    assert one(tmp_path / "2", course, english).chapters["00"].flags[0].ids == ("00.02",)
    blank = pair(chapter, {}, ["00.02"], "ja")
    both = one(tmp_path / "3", course, english | blank).chapters["00"].flags
    assert [(flag.word, flag.ids) for flag in both] == [("ticked but blank", ("00.02",))]
    assert both[0].path.startswith("workshop/en/")


def test_what_one_language_lacks_and_another_has_is_no_flag(tmp_path: Path, course: Course) -> None:
    chapter = course.chapter("00")
    english = pair(chapter, answers(chapter, "00.01"), ["00.01"])
    lacking = {
        path: data.replace(b'check(\\"00.02\\")', b"").replace(b'check("00.02")', b"").replace(b"00.r1", b"")
        for path, data in pair(chapter, answers(chapter, "00.01"), ["00.01"], "ja").items()
    }
    alone = one(tmp_path / "1", course, lacking | dict.fromkeys(english)).chapters["00"]
    assert {flag.word for flag in alone.flags} >= {"exercise missing", "item missing"}
    assert one(tmp_path / "2", course, english | lacking).chapters["00"].flags == ()


def test_a_conflict_in_one_language_leaves_the_other_one_to_count(tmp_path: Path, course: Course) -> None:
    chapter = course.chapter("00")
    broken = {path_of(chapter, ".py", "ja"): script(chapter) + b"\n<<<<<<< HEAD\n=======\n>>>>>>> other\n"}
    fork = one(tmp_path, course, pair(chapter, answers(chapter, "00.01"), ["00.01"]) | broken)
    assert same_result(fork)


def same_result(fork: Fork) -> bool:
    """Whether exercise and item 00.01 are done, and there's nothing odd."""
    progress = fork.chapters["00"]
    return (progress.ticked, progress.filled, progress.flags) == (("00.01",), ("00.01",), ())


@pytest.mark.parametrize("form", ["crlf", "cr", "bom", "bom-crlf"])
def test_line_ends_and_marks(tmp_path: Path, course: Course, form: str) -> None:
    chapter = course.chapter("00")
    data = script(chapter, answers(chapter, "00.01"), ["00.01"])
    data = data.replace(b"\n", {"crlf": b"\r\n", "cr": b"\r", "bom-crlf": b"\r\n"}.get(form, b"\n"))
    data = b"\xef\xbb\xbf" + data if "bom" in form else data
    side = {
        path_of(chapter, ".py"): data,
        path_of(chapter, ".ipynb"): notebook(chapter, answers(chapter, "00.01"), ["00.01"]),
    }
    assert same_result(one(tmp_path, course, {**side}))


@pytest.mark.parametrize(
    ("data", "flag"),
    [
        (b"# %%\nword = '\xe9'\n", "not UTF-8"),
        (b"\0\1\2", "binary"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 9\n", "not text"),
        (b"<<<<<<< HEAD\na\n=======\nb\n>>>>>>> x\n", "conflict"),
    ],
)
@pytest.mark.parametrize("suffix", [".py", ".ipynb"])
def test_bytes_that_are_no_chapter(tmp_path: Path, course: Course, data: bytes, flag: str, suffix: str) -> None:
    fork = one(tmp_path, course, {path_of(course.chapter("00"), suffix): data})
    assert fork.status == "ok"
    assert flag in words(fork.chapters["00"])
    assert fork.chapters["00"].filled == ()


def test_a_conflict_counts_neither_side(tmp_path: Path, course: Course) -> None:
    chapter = course.chapter("00")
    done = answers(chapter, "00.01", "00.02")
    text = script(chapter, done, ["00.01"]).replace(b"# mine", b"<<<<<<< HEAD\n# mine\n=======\n>>>>>>> other", 1)
    fork = one(tmp_path, course, pair(chapter, done, ["00.01"]) | {path_of(chapter, ".py"): text})
    progress = fork.chapters["00"]
    assert (progress.ticked, progress.filled, words(progress)) == ((), (), ["conflict"])


def test_the_script_stands_in_for_a_broken_notebook(tmp_path: Path, course: Course) -> None:
    chapter = course.chapter("00")
    change = pair(chapter, answers(chapter, "00.01"), ["00.01"]) | {path_of(chapter, ".ipynb"): b'{"cells": ['}
    progress = one(tmp_path, course, change).chapters["00"]
    assert (progress.ticked, progress.filled, words(progress)) == (("00.01",), ("00.01",), ["unreadable notebook"])


@pytest.mark.parametrize(
    ("line", "ticked", "flag"),
    [
        ("# - [x] 00.01 a", True, None),
        ("# - [X] 00.01 a", True, None),
        ("# * [x] 00.01 a", True, None),
        ("# + [x] 00.01 a", True, None),
        ("# 1. [x] 00.01 a", True, None),
        ("#   - [x] 00.01 other words", True, None),
        ("# - [ x] 00.01 a", False, "item 00.01 odd tick [ x]"),
        ("# - [✓] 00.01 a", False, "item 00.01 odd tick [✓]"),
        ("# - [\x1b[1m] 00.01 a", False, "item 00.01 odd tick []"),
        ('# <input type="checkbox" checked> 00.01 a', True, "item 00.01 HTML checkbox"),
        ("# - [x] 00.01 a\n# - [ ] 00.01 b", True, "item 00.01 ambiguous"),
    ],
)
def test_checklists(tmp_path: Path, course: Course, line: str, ticked: bool, flag: str | None) -> None:
    chapter = course.chapter("00")
    text = script(chapter, answers(chapter, "00.01")).decode().replace("# - [ ] 00.01 Count the letters", line)
    change: Files = {
        path_of(chapter, ".py"): text.encode(),
        path_of(chapter, ".ipynb"): notebook(chapter, answers(chapter, "00.01")),
    }
    progress = one(tmp_path, course, change).chapters["00"]
    assert ("00.01" in progress.ticked) is ticked
    expected = {flag} if flag else set()
    assert set(words(progress)) - {"pair stale"} == expected


def test_an_exercise_in_two_cells(tmp_path: Path, course: Course) -> None:
    chapter = course.chapter("00")
    text = script(chapter, answers(chapter, "00.01")) + b'\n# %%\nlength = ____\ncheck("00.01")\n'
    progress = one(tmp_path, course, {path_of(chapter, ".py"): text}).chapters["00"]
    assert progress.filled == ("00.01",)
    assert "exercise 00.01 twice" in words(progress)


def test_forged_outputs_and_progress_files_are_ignored(tmp_path: Path, course: Course) -> None:
    chapter = course.chapter("00")
    forged = json.loads(notebook(chapter))
    for cell in forged["cells"]:
        cell["metadata"] = {"ticked": True, "verdict": "passed"}
        if cell["cell_type"] == "code":
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["00.01 passed\n", "- [x] 00.01\n"]}]
    change: Files = {
        path_of(chapter, ".ipynb"): json.dumps(forged).encode(),
        ".workshop/progress.json": b'{"00": {"ticked": 3, "filled": 2, "verified": 2}}',
        "progress.json": b'{"forks": []}',
        "chapters.toml": b"[[chapter]]\nslug='mine'\n",
        "checkpoints/ch00_first.py": b"# nothing to do\n",
    }
    progress = one(tmp_path, course, change).chapters["00"]
    assert (progress.total, progress.ticked, progress.filled, progress.verified, progress.flags) == (
        3,
        (),
        (),
        None,
        (),
    )


@pytest.mark.parametrize(
    ("mode", "data", "flag"), [("120000", b"../../secret", "symlink"), ("160000", b"1" * 40, "submodule")]
)
def test_links_and_submodules_are_not_entered(
    tmp_path: Path, course: Course, mode: str, data: bytes, flag: str
) -> None:
    path = path_of(course.chapter("00"), ".py")
    fork = one(tmp_path, course, {path: data}, modes={path: mode})
    assert words(fork.chapters["00"]) == [flag]


def test_a_large_blob_is_never_read(tmp_path: Path, course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_fork(tmp_path / "a.git", course)
    repository = ForkRepository(path).repository
    huge = loose(path, "blob", 2**30, b"x" * 100)

    def tree(entries: dict[str, tuple[str, str]]) -> str:
        raw = b"".join(
            f"{mode} {name}".encode() + b"\0" + bytes.fromhex(oid) for name, (mode, oid) in sorted(entries.items())
        )
        return str(repository.odb.write(2, raw))

    old = repository[repository.head.target].tree["workshop/en"]
    entries = {entry.name: ("100644", str(entry.id)) for entry in old} | {"ch00_first.py": ("100644", huge)}
    top = tree({"workshop": ("40000", tree({"en": ("40000", tree(entries))}))})
    commit = fake_course.git(path, "commit-tree", "-m", "big", top).strip()
    fake_course.git(path, "update-ref", "refs/heads/main", commit)
    read: list[str] = []
    original = ObjectStore.blob
    monkeypatch.setattr(ObjectStore, "blob", lambda self, oid: read.append(oid) or original(self, oid))  # type: ignore[func-returns-value]
    fork = read_one(course, path)
    assert words(fork.chapters["00"]) == ["too large"]
    assert read
    assert huge not in read


def test_a_corrupt_object_ends_that_fork_only(tmp_path: Path, course: Course) -> None:
    chapter = course.chapter("00")
    good = make_fork(tmp_path / "all" / "student-01.git", course)
    bad = make_fork(tmp_path / "all" / "student-02.git", course, pair(chapter, answers(chapter, "00.01")))
    store = ForkRepository(bad)
    files = {
        file.path: file for file in chapter_files(store, store.find_workshop(store.commit(store.tip().oid).tree)[0])
    }
    loose(bad, "blob", 4, b"lies", files[path_of(chapter, ".py")].oid)
    for pack in bad.rglob("*.pack"):
        pack.chmod(0o644)
        pack.write_bytes(pack.read_bytes()[:-2000] + bytes(2000))
    first, second = read_cohort(course, find_forks([str(good.parent)])).forks
    assert (first.status, len(first.chapters)) == ("ok", 2)
    assert (second.status, len(second.chapters)) == ("unreadable", 0)
    assert second.reason != ""


def test_what_nobody_foresaw_ends_one_fork_only(
    tmp_path: Path, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    chapter = course.chapter("00")
    make_fork(tmp_path / "all" / "student-01.git", course)
    make_fork(tmp_path / "all" / "student-02.git", course, pair(chapter, answers(chapter, "00.01")))
    original = chapters.read_side

    def fail(data: bytes, notebook: bool) -> object:
        if b"# mine" in data:
            raise MemoryError("no room")
        return original(data, notebook)

    monkeypatch.setattr(chapters, "read_side", fail)
    first, second = read_cohort(course, find_forks([str(tmp_path / "all")])).forks
    assert (first.status, second.status) == ("ok", "unreadable")
    assert "MemoryError" in second.reason


def test_every_distinct_blob_is_parsed_once(tmp_path: Path, course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = course.chapters
    changes = [
        pair(first, answers(first, "00.01")),
        pair(first, answers(first, "00.02")),
        pair(second, answers(second, "01.01")),
    ]
    for number in range(30):
        make_fork(tmp_path / "all" / f"s{number}.git", course, changes[number % 3], changes[(number // 3) % 3])
    parsed: list[tuple[bytes, bool]] = []
    original = chapters.read_side

    def count(data: bytes, notebook: bool) -> object:
        parsed.append((data, notebook))
        return original(data, notebook)

    monkeypatch.setattr(chapters, "read_side", count)
    forks = read_cohort(course, find_forks([str(tmp_path / "all")])).forks
    assert len(forks) == 30
    assert len(parsed) == len(set(parsed))
    tips = {data for change in [start(course), *changes] for data in change.values()}
    assert {data for data, _ in parsed} == tips


def ours(course: Course, item_id: str = "00") -> dict[str, str]:
    return {exercise.id: exercise.code for exercise in course.chapter(item_id).exercises}


def test_our_answers_all_at_once_are_flagged(tmp_path: Path, course: Course) -> None:
    fork = one(tmp_path, course, {"a": b"1"}, pair(course.chapter("00"), ours(course)), {"a": b"2"})
    assert words(fork.chapters["00"]) == [EQUAL]
    assert len(fork.chapters["00"].filled) == 2


def test_our_answers_in_the_first_commit_are_flagged(tmp_path: Path, course: Course) -> None:
    files = start(course) | pair(course.chapter("00"), ours(course))
    fork = read_one(course, write_history(tmp_path / "a.git", [Commit(DAY, "all", files)]))
    assert words(fork.chapters["00"]) == [EQUAL]


def test_our_answers_one_by_one_are_not(tmp_path: Path, course: Course) -> None:
    steps = [dict(list(ours(course).items())[: n + 1]) for n in range(2)]
    fork = one(tmp_path, course, *[pair(course.chapter("00"), step) for step in steps], {"a": b"2"})
    assert fork.chapters["00"].flags == ()
    assert len(fork.chapters["00"].filled) == 2


def test_a_very_deep_history_is_bounded_and_says_so(
    tmp_path: Path, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "DEEPEST", 3)
    noise: list[Files] = [{"a": b"%d" % n} for n in range(6)]
    fork = one(tmp_path, course, pair(course.chapter("00"), ours(course)), *noise)
    assert fork.chapters["00"].flags == (Flag("history followed for 3 commits only"),)


def test_a_shallow_clone(tmp_path: Path, course: Course) -> None:
    path = make_fork(tmp_path / "a.git", course, {"a": b"1"}, pair(course.chapter("00"), ours(course)))
    fake_course.git(tmp_path, "clone", "-q", "--depth", "1", f"file://{path}", "shallow")
    fork = read_one(course, tmp_path / "shallow")
    assert (fork.status, words(fork.chapters["00"])) == ("ok", [EQUAL])


def test_origins_in_trouble_are_rows(tmp_path: Path, course: Course) -> None:
    make_fork(tmp_path / "all" / "student-01.git", course)
    (tmp_path / "all" / "notes").mkdir()
    roster = tmp_path / "roster.csv"
    roster.write_text("name,url,story\nstudent-02,,gone\nstudent-03,ext::sh,odd\n")
    seen: list[str] = []
    read = read_cohort(
        course, find_forks([str(tmp_path / "all"), str(roster)]), on_done=lambda fork: seen.append(fork.name)
    )
    assert [(fork.name, fork.status) for fork in read.forks] == [
        ("notes", "unreadable"),
        ("student-01", "ok"),
        ("student-02", "missing"),
        ("student-03", "refused"),
    ]
    assert read.forks[1].reason == "not in the roster"
    assert dict(read.forks[2].extra) == {"story": "gone"}
    assert seen == [fork.name for fork in read.forks]
