"""Random work on both sides of a pair, with commands killed between any two of their writes.

After each round, every answer and every tick that was saved on either side is in both files, in a cell that
keeps it aside, or in a backup. `WORKSHOP_SEQUENCES=10000` sets how many sequences to try.
"""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pygit2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pygit2.references import References

from kit import files
from kit.course.answers import is_filled, read_cells
from kit.course.course import Course
from kit.git import backup
from kit.git.worktree import blob, open_clone
from kit.learner.reset import reset
from kit.learner.save import Edit, tick_and_normalise
from kit.pairs import convert
from kit.pairs.merge import ASIDE
from kit.pairs.normalise import normalise_file
from kit.pairs.pair import Cells
from kit.pairs.sync import Synced, sync
from tests.support import fake_course
from tests.support.cell_edits import EDITS, answers, edit, ticked
from tests.support.pair_files import cells, pair, save

SEQUENCES = int(os.environ.get("WORKSHOP_SEQUENCES", "25"))
KILLED, BROKEN = 77, 78
STEPS = [
    (os, "open"),
    (os, "write"),
    (os, "fsync"),
    (os, "replace"),
    (os, "unlink"),
    (pygit2.Repository, "create_blob"),
    (pygit2.Repository, "create_commit"),
    (References, "create"),
]

Edits = list[tuple[str, object, object]]


class Round(NamedTuple):
    """What a person does on each side, the command that follows, and before which of its steps it is killed, each time
    that it is run, by ending (`exit`) or by a signal."""

    script: Edits
    notebook: Edits
    command: str
    deaths: list[int]
    signal: bool


ROUND = st.builds(
    Round,
    EDITS,
    EDITS,
    st.sampled_from(["sync", "sync", "sync", "save", "normalise", "reset"]),
    st.lists(st.integers(0, 24), max_size=3),
    st.integers(0, 9).map(lambda number: number == 0),
)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """One repository for all the sequences."""
    made = fake_course.make_repository(tmp_path_factory.mktemp("loss") / "course")
    made.chapters  # noqa: B018  read once, for all children
    return made


def anew(course: Course, start: dict[Path, bytes]) -> None:
    """The repository as it was at the start."""
    for path, data in start.items():
        path.write_bytes(data)
    shutil.rmtree(course.root / files.WORKSHOP_FOLDER, ignore_errors=True)
    shutil.rmtree(course.root / ".git" / "refs" / "workshop", ignore_errors=True)


def dying(body: Callable[[], object], last: int, by_signal: bool) -> int:
    """Run `body` in a child that ends before its step number `last`, or in the middle of a write; the exit status."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = BROKEN
    with suppress(BaseException):
        left = [last]

        def step() -> None:
            if left[0] == 0:
                if by_signal:
                    os.kill(os.getpid(), signal.SIGKILL)
                os._exit(KILLED)
            left[0] -= 1

        for owner, name in STEPS:
            setattr(owner, name, watched(getattr(owner, name), step, name == "write"))
        body()
        code = 0
    os._exit(code)


def watched(real: Callable[..., object], step: Callable[[], None], halves: bool) -> Callable[..., object]:
    """The function, with a step before it, and one in the middle of a write."""

    def call(*given: object, **named: object) -> object:
        step()
        if not halves:
            return real(*given, **named)
        handle, data = given
        half = len(data) // 2  # type: ignore[arg-type]
        written = real(handle, data[:half])  # type: ignore[index]
        step()
        return written + real(handle, data[half:])  # type: ignore[index, operator]

    return call


def commands(course: Course, words: Round) -> Callable[[], object]:
    """What runs after the edits. All but a sync begin with one, as `save.py` does."""

    def run() -> None:
        sync(course, pair(course))
        if words.command == "save":
            now = read_cells(cells(course)).answers
            tick_and_normalise(
                Edit(pair(course), None, now), {item_id: True for item_id, answer in now.items() if answer.filled}
            )
        elif words.command == "normalise":
            for path in (pair(course).script, pair(course).notebook):
                normalise_file(path, course.root)
        elif words.command == "reset":
            reset(course, ["01.01"])

    return run


def held(course: Course) -> Iterator[Cells]:
    """The files' cells, and those of every backup."""
    yield cells(course)
    repository = open_clone(course.root)
    for found in backup.backups(course.root):
        tree = repository[found.commit].tree
        for path in found.paths:
            kept = blob(tree, path)
            if kept is not None and kept.data.strip():
                read = convert.notebook_cells if path.endswith(".ipynb") else convert.script_cells
                yield read(kept.data, path)


def require_all(course: Course, base: Cells, sides: list[Cells]) -> None:
    """Each filled answer and each tick of these sides is held somewhere; of an answer that both sides had before, one
    that has taken its place will do."""
    everywhere = list(held(course))
    filled = {item_id for some in everywhere for item_id, source in answers(some).items() if is_filled(source)}
    known = {(item_id, source.rstrip()) for some in everywhere for item_id, source in answers(some).items()}
    ticks = {item_id for some in everywhere for item_id in ticked(some)}
    asides = "\n".join(cell.source for some in everywhere for cell in some if cell.source.startswith(ASIDE))
    for side in sides:
        assert ticked(side) <= ticks
        for item_id, source in answers(side).items():
            if is_filled(source) and source == answers(base).get(item_id):
                assert item_id in filled
            elif is_filled(source):
                aside = "\n".join(f"#   {line}".rstrip() for line in source.split("\n"))
                assert (item_id, source.rstrip()) in known or aside in asides, (item_id, source)


@settings(
    max_examples=SEQUENCES,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.lists(ROUND, min_size=1, max_size=3))
def test_nothing_that_was_saved_is_ever_lost(course: Course, rounds: list[Round]) -> None:
    start = {path: path.read_bytes() for path in (pair(course).script, pair(course).notebook)}
    try:
        for number, words in enumerate(rounds):
            base = cells(course)
            sides = [
                edit(base, words.script, f"s{number}"),
                edit(cells(course, "notebook"), words.notebook, f"n{number}"),
            ]
            if not sides[0] or not sides[1]:
                continue
            save(course, "script", sides[0])
            save(course, "notebook", sides[1])
            body = commands(course, words)
            for death in words.deaths:
                assert dying(body, death, words.signal) in (0, KILLED, -signal.SIGKILL)
            body()
            assert convert.keys(cells(course)) == convert.keys(cells(course, "notebook"))
            assert sync(course, pair(course)) == Synced(pair(course))
            require_all(course, base, sides)
    finally:
        anew(course, start)
