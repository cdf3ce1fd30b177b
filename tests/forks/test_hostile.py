"""Forks as they really come: what may be in one, and the test that says what becomes of it.

`LINES` is the list; what isn't tested elsewhere is tested here, each on a real repository.
"""

from __future__ import annotations

import csv
import importlib
import io
import json
import re
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from benchmarks.make_pack import Builder
from kit.cache import Cache
from kit.course.course import Course
from kit.forks import commit_walk
from kit.forks.cohort import Cohort, CohortOptions, read_cohort
from kit.forks.records import Fork
from kit.forks.repository import ForkRepository
from kit.git.fast_import import Commit, write_history
from kit.pairs.progress import EQUAL
from kit.report.formats import RENDERERS
from kit.report.options import RenderOptions
from kit.sources.words import find_forks
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
from tests.support.packs import bare

HERE = "tests.forks.test_hostile"
LINES: dict[str, tuple[str, ...]] = {
    # the repository
    "empty": ("tests.forks.test_cohort.test_empty_and_no_branch",),
    "no default branch": (
        "tests.forks.test_cohort.test_empty_and_no_branch",
        f"{HERE}.test_the_rosters_branch_is_taken",
    ),
    "renamed branch": (
        "tests.forks.test_cohort.test_unrelated_history_and_renamed_branch",
        "tests.forks.test_objects.test_head_is_followed",
    ),
    "work on another branch": ("tests.forks.test_cohort.test_work_on_another_branch_is_said_and_not_counted",),
    "unrelated history": ("tests.forks.test_cohort.test_unrelated_history_and_renamed_branch",),
    "very deep history": (
        *(
            "tests.forks.test_commit_walk.test_a_very_deep_history_is_bounded_and_says_so",
            f"{HERE}.test_a_history_of_thousands_of_commits",
        ),
        "tests.forks.test_cohort.test_a_very_deep_history_is_bounded_and_says_so",
    ),
    "huge blob": (
        "tests.forks.test_cohort.test_a_large_blob_is_never_read",
        "tests.forks.test_objects.test_the_size_is_known_without_reading",
    ),
    "corrupt object": (
        *(
            "tests.forks.test_cohort.test_a_corrupt_object_ends_that_fork_only",
            f"{HERE}.test_a_forged_object_is_not_believed",
        ),
        "tests.forks.test_objects.test_damage",
    ),
    "submodule": (
        "tests.forks.test_cohort.test_links_and_submodules_are_not_entered",
        "tests.forks.test_objects.test_odd_entries",
    ),
    "LFS pointer": ("tests.forks.test_cohort.test_bytes_that_are_no_chapter",),
    "filters, hooks, configuration": ("tests.forks.test_objects.test_the_forks_settings_and_hooks_do_nothing",),
    "addresses that are refused": (
        "tests.git.test_address.test_refused",
        "tests.sources.test_words.test_what_a_roster_may_not_name",
    ),
    "token in a URL": (
        "tests.git.test_address.test_redacted",
        "tests.sources.test_words.test_names_are_stripped_and_tokens_redacted",
    ),
    # files
    "symlink": (
        "tests.forks.test_cohort.test_links_and_submodules_are_not_entered",
        "tests.forks.test_objects.test_workshop_that_is_no_folder",
    ),
    "renamed": ("tests.forks.test_cohort.test_deleted_and_renamed_chapters",),
    "deleted": ("tests.forks.test_cohort.test_deleted_and_renamed_chapters",),
    "line ends and marks": (
        "tests.forks.test_cohort.test_line_ends_and_marks",
        f"{HERE}.test_line_ends_in_the_notebook",
    ),
    "Latin-1": ("tests.forks.test_cohort.test_bytes_that_are_no_chapter", f"{HERE}.test_latin_1_is_decoded_and_marked"),
    "NUL bytes": ("tests.forks.test_cohort.test_bytes_that_are_no_chapter",),
    "conflict markers": (
        "tests.forks.test_cohort.test_a_conflict_counts_neither_side",
        "tests.forks.test_flag_lines.test_conflict",
    ),
    # checklists and notebooks
    "marks and bullets": ("tests.forks.test_cohort.test_checklists",),
    "odd ticks": (
        "tests.forks.test_cohort.test_checklists",
        "tests.forks.test_flag_lines.test_odd_ticks_and_unknown_ids",
    ),
    "nested lists": (f"{HERE}.test_nested_lists",),
    "HTML checkbox": ("tests.forks.test_cohort.test_checklists", f"{HERE}.test_html_checkboxes"),
    "duplicate ids": (
        "tests.forks.test_cohort.test_an_exercise_in_two_cells",
        "tests.forks.test_flag_lines.test_duplicates_are_cited_at_their_second_place",
    ),
    "unknown and missing items": (
        "tests.pairs.test_progress.test_against_the_syllabus",
        f"{HERE}.test_items_against_the_syllabus",
    ),
    "only the notebook": ("tests.forks.test_cohort.test_only_the_notebook_edited",),
    "the pair disagrees": (
        "tests.pairs.test_progress.test_both_edited_and_different",
        "tests.forks.test_flag_lines.test_pair_differs",
    ),
    "invalid JSON": ("tests.forks.test_cohort.test_the_script_stands_in_for_a_broken_notebook",),
    "forged outputs and progress": ("tests.forks.test_cohort.test_forged_outputs_and_progress_files_are_ignored",),
    "ticked but blank": (
        "tests.pairs.test_progress.test_ticked_but_blank",
        "tests.forks.test_flag_lines.test_ticked_but_blank",
    ),
    "equal to ours": (
        "tests.forks.test_cohort.test_our_answers_all_at_once_are_flagged",
        "tests.forks.test_cohort.test_our_answers_one_by_one_are_not",
    ),
    # output
    "escape codes": (
        "tests.test_text.test_nothing_that_a_terminal_obeys_is_left",
        f"{HERE}.test_escape_codes_reach_no_report",
    ),
    "formulas": (
        "tests.report.test_formats.test_formulas_are_neutralised_in_every_cell",
        f"{HERE}.test_formulas_in_names",
    ),
    "rosters and forks": (
        "tests.forks.test_cohort.test_origins_in_trouble_are_rows",
        "tests.sources.test_words.test_roster_and_folder_are_joined_by_name",
    ),
    # all at once
    "a zoo": (f"{HERE}.test_no_fork_is_lost_and_none_is_a_silent_zero",),
}


@pytest.mark.parametrize("line", LINES)
def test_every_line_has_its_tests(line: str) -> None:
    for word in LINES[line]:
        module, _, name = word.rpartition(".")
        assert callable(getattr(importlib.import_module(module), name))


def one(tmp_path: Path, course: Course, *changes: Files) -> Fork:
    return read_one(course, make_fork(tmp_path / "student-01.git", course, *changes))


def test_the_rosters_branch_is_taken(tmp_path: Path, course: Course) -> None:
    chapter = course.chapter("00")
    work = [Commit(DAY, "x", start(course) | pair(chapter, answers(chapter, "00.01")), branch="trunk")]
    write_history(tmp_path / "all" / "student-01.git", work, head="gone")
    roster = tmp_path / "roster.csv"
    roster.write_text("name,url,branch\nstudent-01,,trunk\n")
    (fork,) = read_cohort(course, find_forks([str(tmp_path / "all"), str(roster)])).forks
    assert (fork.status, fork.chapters["00"].filled) == ("ok", ("00.01",))
    (fork,) = read_cohort(course, find_forks([str(tmp_path / "all")])).forks
    assert (fork.status, dict(fork.chapters)) == ("no branch", {})


def test_a_history_of_thousands_of_commits(tmp_path: Path, course: Course) -> None:
    chapter = course.chapter("00")
    builder = Builder({}, b"")
    builder.commit(Commit(DAY, "start", start(course)))
    for number in range(commit_walk.DEEPEST + 500):
        builder.commit(Commit(DAY + timedelta(minutes=number), "x", {"diary": b"%d" % number}))
    builder.commit(Commit(DAY + timedelta(days=9), "x", pair(chapter, answers(chapter, "00.01"))))
    path = bare(tmp_path / "a", builder)
    began = time.process_time()
    (fork,) = read_cohort(course, find_forks([str(path)]), CohortOptions(history=True)).forks
    assert time.process_time() - began < 5
    assert fork.history
    assert (fork.history.commits, [event.id for event in fork.history.events]) == (commit_walk.DEEPEST, ["00.01"])
    assert str(commit_walk.DEEPEST) in fork.history.note


@pytest.mark.parametrize("kind", ["blob", "tree", "commit"])
def test_a_forged_object_is_not_believed(tmp_path: Path, course: Course, kind: str) -> None:
    """An object stored under another's id, hiding it: what we read there would count for every other fork."""
    chapter = course.chapter("00")
    builder = Builder({}, b"")
    builder.commit(Commit(DAY, "x", start(course) | pair(chapter, answers(chapter, "00.01"))))
    path = path_of(chapter, ".py")
    oid = {"blob": builder.files[path], "tree": builder.trees["workshop/en"], "commit": builder.tip}[kind]
    data = builder.objects.pop(oid)[1]
    data = data[:-1] + bytes([data[-1] ^ 1])
    fork = bare(tmp_path / "a.git", builder)
    loose(fork, kind, len(data), data, oid.hex())
    assert read_one(course, fork).status == "unreadable"


@pytest.mark.parametrize("form", ["crlf", "bom", "indent", "one line"])
def test_line_ends_in_the_notebook(tmp_path: Path, course: Course, form: str) -> None:
    chapter = course.chapter("00")
    data = notebook(chapter, answers(chapter, "00.01"), ["00.01"])
    forms = {
        "crlf": data.replace(b"\n", b"\r\n"),
        "bom": b"\xef\xbb\xbf" + data,
        "indent": json.dumps(json.loads(data), indent=4).encode(),
        "one line": json.dumps(json.loads(data)).encode(),
    }
    both: Files = {
        path_of(chapter, ".py"): script(chapter, answers(chapter, "00.01"), ["00.01"]),
        path_of(chapter, ".ipynb"): forms[form],
    }
    progress = one(tmp_path, course, both).chapters["00"]
    assert (progress.ticked, progress.filled, progress.flags) == (("00.01",), ("00.01",), ())


def test_latin_1_is_decoded_and_marked(tmp_path: Path, course: Course) -> None:
    chapter = course.chapter("00")
    text = script(chapter, {"00.01": '# café\nlength = len(word)\ncheck("00.01")'}, ["00.01"]).decode()
    fork = one(tmp_path, course, {path_of(chapter, ".py"): text.encode("latin-1", "replace")})
    progress = fork.chapters["00"]
    assert (progress.ticked, progress.filled) == (("00.01",), ("00.01",))
    assert "not UTF-8" in words(progress)


def test_nested_lists(tmp_path: Path, course: Course) -> None:
    chapter = course.chapter("00")
    text = (
        script(chapter)
        .decode()
        .replace("# - [ ] 00.02", "#   1. [X] 00.02")
        .replace("# - [ ] 00.r1", "#     + [x] 00.r1")
    )
    progress = one(tmp_path, course, {path_of(chapter, ".py"): text.encode()}).chapters["00"]
    assert progress.ticked == ("00.02", "00.r1")


def test_html_checkboxes(tmp_path: Path, course: Course) -> None:
    chapter = course.chapter("00")
    box = '# <input type="checkbox"{}> 00.0{} x'
    text = script(chapter).decode().replace("# - [ ] 00.01 Count the letters", box.format(" checked", 1))
    text = text.replace("# - [ ] 00.02 Take the first and the last", box.format("", 2))
    progress = one(tmp_path, course, {path_of(chapter, ".py"): text.encode()}).chapters["00"]
    assert progress.ticked == ("00.01",)
    assert {"item 00.01 HTML checkbox", "item 00.02 HTML checkbox"} <= set(words(progress))


def test_items_against_the_syllabus(tmp_path: Path, course: Course) -> None:
    chapter = course.chapter("00")
    lost = "# - [ ] 00.r1 I know where positions start"
    change: Files = {
        path_of(chapter, ".py"): script(chapter).decode().replace(lost, "# - [x] 00.r7 mine").encode(),
        path_of(chapter, ".ipynb"): notebook(chapter).decode().replace("[ ] 00.r1", "[x] 00.r7").encode(),
    }
    progress = one(tmp_path, course, change).chapters["00"]
    assert (progress.total, progress.ticked) == (3, ())
    assert words(progress) == ["item missing 00.r1", "unknown item 00.r7"]


def cohort_of(course: Course, folder: Path, memory: Cache | None = None, history: bool = False) -> Cohort:
    return read_cohort(course, find_forks([str(folder)]), CohortOptions(cache=memory, history=history))


EVIL = "\x1b[31m\x1b]0;owned\x07=1+1\u202e<b>"


def evil(tmp_path: Path, course: Course) -> Path:
    """A fork with escape codes wherever a name can be."""
    chapter = course.chapter("00")
    name = f"workshop/{EVIL}/ch00_{EVIL.replace('/', '')}.py"
    both = script(chapter, {}, ["00.01"]) + b"\n# %% [markdown]\n# - [\x1b[5m] 00.02 x\n"
    builder = Builder({}, b"")
    builder.commit(Commit(DAY, EVIL, start(course) | {name: both, path_of(chapter, ".py"): both}, EVIL))
    path = bare(tmp_path / "all" / f"{EVIL}.git", builder)
    (
        path / "refs" / "heads" / EVIL.replace(":", "").replace("[", "").replace("\x1b", "").replace("\x07", "")
    ).write_text(f"{builder.tip.hex()}\n")
    return tmp_path / "all"


@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_escape_codes_reach_no_report(tmp_path: Path, course: Course, form: str) -> None:
    cohort = cohort_of(course, evil(tmp_path, course), history=True)
    assert cohort.forks[0].status == "ok"
    text = RENDERERS[form](cohort, RenderOptions(200))
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e]", text)


def test_formulas_in_names(tmp_path: Path, course: Course) -> None:
    make_fork(tmp_path / "all" / "=HYPERLINK(1).git", course)
    make_fork(tmp_path / "all" / "@SUM(1).git", course)
    text = RENDERERS["csv"](cohort_of(course, tmp_path / "all"), RenderOptions())
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in csv.reader(io.StringIO(text)) for cell in row)


def zoo(folder: Path, course: Course) -> dict[str, str]:
    """Forks of all kinds, and the status of each."""
    chapter = course.chapter("00")
    ours = pair(chapter, {exercise.id: exercise.code for exercise in chapter.exercises})
    changes: dict[str, Files] = {
        "conflict": {path_of(chapter, ".py"): b"# %%\n<<<<<<< a\r=======\r>>>>>>> b\n"},
        "binary": dict.fromkeys(start(course), b"\0"),
        "lfs": dict.fromkeys(start(course), b"version https://git-lfs.github.com/spec/v1\n"),
        "deleted": dict.fromkeys(pair(chapter)),
        "ticks": pair(chapter, {}, ["00.01", "00.02"]),
        "equal": ours,
        "work": pair(chapter, answers(chapter, "00.01")),
        "languages": {f"workshop/l{n:03d}/ch00_a.py": b"# %%\n" for n in range(200)},
        "deep": {"/".join("x" * 300) + "/a": b"x"},
    }
    for name, change in changes.items():
        make_fork(folder / f"{name}.git", course, change)
    expected = dict.fromkeys(changes, "ok")
    write_history(folder / "empty.git", [])
    write_history(folder / "lost.git", commits(course), head="gone")
    write_history(folder / "other.git", [Commit(DAY, "x", {"README": b"x"})])
    for name, data in {"loop": b"ref: refs/heads/loop\n", "garbage": b"\xff" * 100, "nothing": b""}.items():
        path = make_fork(folder / f"{name}.git", course)
        (path / "HEAD").write_bytes(data)
        if name == "loop":
            (path / "refs" / "heads" / "loop").write_bytes(data)
    path = make_fork(folder / "packed.git", course)
    (path / "packed-refs").write_bytes(b"\0garbage\n" * 50)
    path = make_fork(folder / "objects.git", course)
    for pack in path.rglob("*.idx"):
        pack.chmod(0o644)
        pack.write_bytes(b"\0" * 3000)
    (folder / "folder").mkdir()
    (folder / "fake" / ".git").mkdir(parents=True)
    (folder / "file").mkdir()
    (folder / "file" / ".git").write_text("gitdir: /nowhere\n")
    broken = ("garbage", "nothing", "objects", "folder", "fake", "file")
    return (
        expected | {"empty": "empty", "lost": "no branch", "other": "no course"} | dict.fromkeys(broken, "unreadable")
    )


def test_no_fork_is_lost_and_none_is_a_silent_zero(tmp_path: Path, course: Course) -> None:
    expected = zoo(tmp_path / "all", course)
    first = cohort_of(course, tmp_path / "all", history=True).forks
    for _ in range(2):
        memory = Cache(tmp_path / "cache")
        assert cohort_of(course, tmp_path / "all", memory, history=True).forks == first
        memory.close()
    assert len(first) == len(list((tmp_path / "all").iterdir()))
    seen = {fork.name: fork for fork in first}
    assert {name: seen[name].status for name in expected} == expected
    assert {seen[name].status for name in ("loop", "packed")} <= {"no branch", "unreadable"}
    for fork in first:
        if fork.status != "ok":
            assert fork.reason
            assert not fork.chapters
    flags = {name: {flag.word for flag in seen[name].chapters["00"].flags} for name in expected if seen[name].chapters}
    assert {name: sorted(words) for name, words in flags.items()} == {
        "conflict": ["conflict"],
        "binary": ["binary"],
        "lfs": ["not text"],
        "deleted": ["missing"],
        "ticks": ["ticked but blank"],
        "equal": [EQUAL],
        "work": [],
        "languages": [],
        "deep": [],
    }
    assert seen["work"].chapters["00"].filled == ("00.01",)
    assert ForkRepository(tmp_path / "all" / "work.git").tip() == replace(seen["work"]).tip
