"""A fork's history, compared with a replay that reads every commit as if it were the only one."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.make_pack import Builder
from kit.cache import Cache
from kit.course.course import Course
from kit.course.outline import outlines_of
from kit.forks import chapters as chapter_reading
from kit.forks import commit_walk
from kit.forks.chapters import ChapterReader
from kit.forks.cohort import CohortOptions, read_cohort
from kit.forks.history import AHEAD, BEFORE_GIT, SeenTip, compare_tip, sensible_time, unpack_seen_tip
from kit.forks.listing import list_chapters
from kit.forks.records import Event, Fork, ForkTrouble, History
from kit.forks.repository import ForkRepository
from kit.git.fast_import import Commit
from kit.pairs.progress import ChapterProgress
from kit.sources.words import find_forks
from tests.support import fake_course
from tests.support.forks import DAY, Files, answers, make_fork, pair, path_of, script, start
from tests.support.packs import bare

Replay = list[tuple[str, str, str]]  # commit, id, kind


def naive(course: Course, path: Path) -> Replay:
    """What each commit changed: each commit along first parents is read by a reader that remembers nothing."""
    found: Replay = []
    before: dict[str, ChapterProgress] = {}
    for commit in fake_course.git(path, "rev-list", "--first-parent", "--reverse", "main").split():
        reader, store = ChapterReader(outlines_of(course)), ForkRepository(path)
        try:
            now = dict(reader.all_progress(store, list_chapters(store, commit, {})[0]))
        except ForkTrouble:  # no chapter is left
            now = {outline.id: ChapterProgress(len(outline.items)) for outline in reader.outlines.values()}
        for item_id, progress in now.items():
            bad = {"conflict", "binary", "not text", "unreadable notebook", "symlink", "submodule", "too large"}
            if not progress.filled and not progress.ticked and bad.intersection(flag.word for flag in progress.flags):
                now[item_id] = before.get(item_id, ChapterProgress(0))
                continue
            old = before.get(item_id, ChapterProgress(0))
            found += [(commit, x, "filled") for x in progress.filled if x not in old.filled]
            found += [(commit, x, "emptied") for x in old.filled if x not in progress.filled]
            found += [(commit, x, "ticked") for x in progress.ticked if x not in old.ticked]
            found += [(commit, x, "unticked") for x in old.ticked if x not in progress.ticked]
        before = now
    return found


def replay(history: History) -> Replay:
    return [(event.commit, event.id, event.kind) for event in history.events]


IDS = {"00": ["00.01", "00.02"], "01": ["01.01", "01.02"]}
WORK = st.tuples(
    st.sampled_from(["00", "01"]),
    st.sets(st.integers(0, 1)),
    st.sets(st.integers(0, 1)),
    st.sampled_from([(".py", ".ipynb"), (".py",), (".ipynb",)]),
    st.sampled_from(["en", "ja"]),
)
ODD = st.tuples(
    st.sampled_from(["00", "01"]),
    st.sampled_from(["conflict", "binary", "delete", "rename", "noise", "delete all", "copy", "damaged", "language"]),
)
STEP = st.tuples(st.one_of(WORK, ODD), st.booleans(), st.integers(-(10**6), 10**6))


def files_of(course: Course, step: tuple[object, ...], builder: Builder) -> Files:
    """The files that a step writes and removes."""
    chapter = course.chapter(str(step[0]))
    if len(step) == 5:
        _, filled, ticked, suffixes, language = step
        done = answers(chapter, *(IDS[chapter.id][n] for n in filled))  # type: ignore[attr-defined]
        both = pair(chapter, done, [IDS[chapter.id][n] for n in ticked], str(language))  # type: ignore[attr-defined]
        return {path: data for path, data in both.items() if path.endswith(suffixes)}  # type: ignore[arg-type]
    there = [path for path in builder.files if f"/ch{chapter.id}" in path]
    if step[1] == "conflict":
        return {path_of(chapter, ".py"): script(chapter) + b"\n<<<<<<< HEAD\n=======\n>>>>>>> other\n"}
    if step[1] == "binary":
        return dict.fromkeys(there, b"\0\1")
    if step[1] == "damaged":
        return {path_of(chapter, ".ipynb"): b"{"}
    if step[1] == "delete":
        return dict.fromkeys(there)
    if step[1] == "delete all":
        return dict.fromkeys(path for path in builder.files if path.startswith("workshop/"))
    if step[1] == "copy":
        return {f"workshop/en/ch{chapter.id}_a.py": script(chapter, answers(chapter, IDS[chapter.id][0]))}
    if step[1] in ("rename", "language"):
        to = "ja" if step[1] == "language" else "en"
        moved: Files = dict.fromkeys(there)
        blobs = {path: builder.objects[builder.files[path]][1] for path in there}
        for path, data in blobs.items():
            name = path.split("/")[-1] if to == "ja" else f"ch{chapter.id}_new.{path.split('.')[-1]}"
            moved[f"workshop/{to}/{name}"] = data
        return moved
    return {"notes.txt": b"x"}


@given(st.lists(STEP, max_size=12))
@settings(max_examples=60)
def test_as_a_replay_commit_by_commit(steps: list[tuple[tuple[object, ...], bool, int]]) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        course = fake_course.make_course(Path(scratch) / "course")
        builder = Builder({}, b"")
        builder.commit(Commit(DAY, "start", start(course)))
        for step, merge, seconds in steps:
            when = DAY + timedelta(seconds=seconds)
            aside = b""
            if merge:  # what is merged has commits of its own, which are not on the way
                side = Builder(dict(builder.files), builder.tip, builder.objects, builder.versions)
                side.commit(Commit(when, "aside", pair(course.chapter("00"), answers(course.chapter("00"), "00.01"))))
                aside = side.tip
            builder.commit(Commit(when, "step", files_of(course, step, builder)), aside)
        path = bare(Path(scratch) / "fork.git", builder)
        (fork,) = read_cohort(course, find_forks([str(path)]), CohortOptions(history=True)).forks
        if fork.status == "no course":
            assert fork.history is None
            return
        assert fork.history
        assert replay(fork.history) == naive(course, path)
        assert fork.history.commits == len(steps) + 1
        assert fork.history.note == ""


def one(course: Course, path: Path) -> Fork:
    (fork,) = read_cohort(course, find_forks([str(path)]), CohortOptions(history=True)).forks
    return fork


def history_of(course: Course, path: Path) -> History:
    history = one(course, path).history
    assert history
    return history


def test_events_and_attempts(tmp_path: Path, course: Course) -> None:
    chapter = course.chapter("00")
    tries = [{"00.01": f'length = {n}\ncheck("00.01")'} for n in range(3)]
    path = make_fork(
        tmp_path / "a", course, *[pair(chapter, t) for t in tries], {"x": b""}, pair(chapter, {}, ["00.r1"])
    )
    history = history_of(course, path)
    oids = fake_course.git(path, "rev-list", "--reverse", "main").split()
    days = [DAY + timedelta(days=n) for n in range(6)]
    assert history.events == (
        Event("00.01", "filled", days[1], oids[1]),
        Event("00.01", "emptied", days[5], oids[5]),
        Event("00.r1", "ticked", days[5], oids[5]),
    )
    assert {item_id: (a.first, a.last, a.commits) for item_id, a in history.attempted.items()} == {
        "00.01": (days[1], days[5], 4)
    }
    assert (history.attempted["00.01"].sittings, history.attempted["00.01"].now) == (4, True)
    assert (history.commits, history.note, [one.id for one in history.stuck]) == (6, "", ["00.01"])


def test_without_history_there_is_none(tmp_path: Path, course: Course) -> None:
    (fork,) = read_cohort(course, find_forks([str(make_fork(tmp_path / "a", course))])).forks
    assert fork.history is None


def test_every_blob_is_parsed_once_and_a_commit_elsewhere_costs_nothing(
    tmp_path: Path, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    chapter = course.chapter("00")
    changes: list[Files] = [pair(chapter, answers(chapter, "00.01")), pair(chapter)]
    noise: list[Files] = [{"diary": b"%d" % n} for n in range(20)]
    path = make_fork(tmp_path / "a", course, *changes, *noise, *changes)
    parsed: list[bytes] = []
    listed: list[str] = []
    original, folder = chapter_reading.read_side, chapter_reading.list_tree
    monkeypatch.setattr(chapter_reading, "read_side", lambda data, book: parsed.append(data) or original(data, book))  # type: ignore[func-returns-value]
    monkeypatch.setattr(
        chapter_reading,
        "list_tree",
        lambda store, tree, known: listed.append(tree) or folder(store, tree, known),  # type: ignore[func-returns-value]
    )
    history = history_of(course, path)
    assert [event.kind for event in history.events] == ["filled", "emptied", "filled", "emptied"]
    assert len(parsed) == len(set(parsed)) == 6
    assert len(set(listed)) == 2


def test_a_very_deep_history_is_bounded_and_says_so(
    tmp_path: Path, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    chapter = course.chapter("00")
    path = make_fork(
        tmp_path / "a", course, pair(chapter, answers(chapter, "00.01")), {"a": b"1"}, {"a": b"2"},
        pair(chapter, answers(chapter, "00.01", "00.02")),
    )  # fmt: skip
    monkeypatch.setattr(commit_walk, "DEEPEST", 3)
    history = history_of(course, path)
    assert [event.id for event in history.events] == ["00.02"]  # what was there before isn't an event
    assert history.commits == 3
    assert "3 commits" in history.note


def test_a_shallow_clone_says_so(tmp_path: Path, course: Course) -> None:
    chapter = course.chapter("00")
    path = make_fork(tmp_path / "a", course, pair(chapter, answers(chapter, "00.01")), {"a": b"1"})
    fake_course.git(tmp_path, "clone", "-q", "--depth", "1", f"file://{path}", "shallow")
    history = history_of(course, tmp_path / "shallow")
    assert (history.events, history.commits) == ((), 1)
    assert "shallow" in history.note


def test_a_commit_that_is_not_there_ends_the_way(tmp_path: Path, course: Course) -> None:
    chapter = course.chapter("00")
    path = make_fork(tmp_path / "a", course, pair(chapter, answers(chapter, "00.01")))
    tree = fake_course.git(path, "rev-parse", "main^{tree}").strip()
    text = f"tree {tree}\nparent {'1' * 40}\nauthor a <a> 1772474400 +0000\ncommitter a <a> 1772474400 +0000\n\nx"
    oid = str(ForkRepository(path).odb.write(1, text.encode()))
    (path / "refs" / "heads" / "main").write_text(oid + "\n")
    fork = one(course, path)
    assert fork.history
    assert (fork.status, fork.chapters["00"].filled) == ("ok", ("00.01",))
    assert (fork.history.commits, fork.history.events) == (1, ())
    assert fork.history.note


def test_a_commit_whose_files_cannot_be_read_is_skipped(tmp_path: Path, course: Course) -> None:
    chapter = course.chapter("00")
    done = pair(chapter, answers(chapter, "00.01"))
    builder = Builder({}, b"")
    for files in (start(course), done, {path_of(chapter, ".py"): script(chapter, answers(chapter, "00.02"))}, done):
        builder.commit(Commit(DAY, "x", files))
    lost = builder.versions[path_of(chapter, ".py")][2]
    del builder.objects[lost]
    history = history_of(course, bare(tmp_path / "a", builder))
    assert [(event.id, event.kind) for event in history.events] == [("00.01", "filled")]
    assert "1 commit" in history.note


def test_times_that_make_no_sense(tmp_path: Path, course: Course) -> None:
    chapter = course.chapter("00")
    builder = Builder({}, b"")
    ids = [(), ("00.01",), ("00.01", "00.02")]
    times = [DAY, datetime(1970, 1, 2, tzinfo=UTC), datetime(2190, 1, 1, tzinfo=UTC)]
    for when, done in zip(times, ids, strict=True):
        builder.commit(Commit(when, "x", start(course) | pair(chapter, answers(chapter, *done))))
    history = history_of(course, bare(tmp_path / "a", builder))
    assert [(event.id, event.at) for event in history.events] == [("00.01", None), ("00.02", None)]
    assert "2 commits" in history.note
    now = DAY + timedelta(days=10)
    assert sensible_time(int(DAY.timestamp()), now) == DAY
    assert sensible_time(int((now + AHEAD).timestamp()), now) is not None
    assert sensible_time(int((now + AHEAD).timestamp()) + 1, now) is None
    assert sensible_time(int(BEFORE_GIT.timestamp()) - 1, now) is None
    assert sensible_time(10**17, now) is None


def move(path: Path, *words: str) -> str:
    """Point `main` to a new commit with this tree and these parents, and return its id."""
    tree = fake_course.git(path, "rev-parse", "main^{tree}").strip()
    oid = fake_course.git(path, "commit-tree", "-m", " ".join(words), *words, tree).strip()
    fake_course.git(path, "update-ref", "refs/heads/main", oid)
    return oid


def noted(course: Course, path: Path, cache: Path) -> str:
    memory = Cache(cache)
    (fork,) = read_cohort(course, find_forks([str(path)]), CohortOptions(cache=memory, history=True)).forks
    memory.close()
    assert fork.history
    return fork.history.note


def test_a_rewritten_history_is_noticed(tmp_path: Path, course: Course) -> None:
    path = make_fork(tmp_path / "a", course, {"a": b"1"})
    cache = tmp_path / "cache"
    old = fake_course.git(path, "rev-parse", "main").strip()
    assert noted(course, path, cache) == ""
    assert noted(course, path, cache) == ""
    old = move(path, "-p", "main")
    assert noted(course, path, cache) == ""
    move(path, "-p", "main~1")
    note = noted(course, path, cache)
    assert old[:10] in note
    move(path, "-p", "main")
    assert noted(course, path, cache) == note  # it stays known


def test_a_rewritten_history_whose_old_commits_are_gone(tmp_path: Path, course: Course) -> None:
    path = make_fork(tmp_path / "a", course, {"a": b"1"})
    cache = tmp_path / "cache"
    assert noted(course, path, cache) == ""
    path.rename(tmp_path / "old")
    make_fork(path, course, {"a": b"2"})
    assert "rewritten" in noted(course, path, cache)


def test_a_shallow_clone_proves_no_rewriting(tmp_path: Path, course: Course) -> None:
    path = make_fork(tmp_path / "a", course)
    before = SeenTip("1" * 40, "2026-03-01")
    fake_course.git(tmp_path, "clone", "-q", "--depth", "1", f"file://{path}", "shallow")
    tip = ForkRepository(path).tip().oid
    seen = compare_tip(tmp_path / "shallow", tip, before, DAY)
    assert (seen.tip, seen.lost) == (tip, "")
    assert compare_tip(path, tip, before, DAY).lost == "1" * 40
    assert compare_tip(tmp_path / "nowhere", tip, before, DAY).lost == ""
    assert unpack_seen_tip(seen.pack()) == seen
