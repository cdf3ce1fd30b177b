"""Verification: attacks, a cohort from forks to rows, what is remembered, and a cluster that loses a worker."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from kit.course import Course
from kit.fork import ChapterProgress, Fork
from kit.sandbox import LADDER, trouble
from kit.verification import Means, Verified, verify
from tests import fake
from tests.attacks import ATTACKS

BUBBLEWRAP = LADDER[0]
needs_sandbox = pytest.mark.skipif(bool(trouble(BUBBLEWRAP)), reason=f"bubblewrap: {trouble(BUBBLEWRAP)}")
HONEST = {
    "00.01": "length = sum(map(lambda letter: 1, word))",
    "00.02": "first, *_, last = word",
    "01.01": "doubled = x + 1.0 * x",
    "01.02": "def total(values):\n    return sum(values)",
}
SECRET = secrets.token_hex(8)


def fork_of(name: str, cells: Mapping[str, str]) -> tuple[Fork, dict[str, tuple[str, ...]]]:
    """A fork in which these cells are filled, and its cells."""
    sources = {id: (f'{code}\ncheck("{id}")',) for id, code in cells.items()}
    chapters = {
        chapter: ChapterProgress(3, filled=tuple(id for id in cells if id.startswith(chapter)))
        for chapter in ("00", "01")
    }
    return Fork(name, name, "ok", chapters=chapters), sources


def run(course: Course, cohort: Mapping[str, Mapping[str, str]], limit: float = 10) -> Verified:
    """Verify a cohort of cells."""
    made = [fork_of(name, cells) for name, cells in cohort.items()]
    return verify(course, [fork for fork, _ in made], [cells for _, cells in made], Means(workers=1, limit=limit))


@dataclass(frozen=True)
class Aftermath:
    """What is there when all attacks are over."""

    forks: dict[str, Fork]
    seconds: float
    home: Path
    repo: Path


@pytest.fixture(scope="module")
def aftermath(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aftermath]:
    """Every attack as a fork of its own, then an honest one."""
    course = fake.make_course(tmp_path_factory.mktemp("verify") / "course")
    home, repo = Path.home() / f".canary-{secrets.token_hex(4)}", course.root / "canary"
    home.write_text(SECRET)
    repo.write_text(SECRET)
    cohort = {
        name: {id: code.replace("HOME", repr(str(home))).replace("REPO", repr(str(repo)))}
        for name, (id, code) in ATTACKS.items()
    }
    start = time.monotonic()
    try:
        marked = {id: f"{code}  # HONEST-MARK" for id, code in HONEST.items()}
        found = run(course, {"earlier": marked, **cohort, "honest": HONEST}, limit=1)
        yield Aftermath({fork.name: fork for fork in found.forks}, time.monotonic() - start, home, repo)
    finally:
        home.unlink(missing_ok=True)


def reasons(fork: Fork) -> list[str]:
    """Why what is filled in a fork has failed."""
    return [why for progress in fork.chapters.values() for why in progress.failed.values()]


@needs_sandbox
@pytest.mark.parametrize("name", ATTACKS)
def test_no_attack_passes(aftermath: Aftermath, name: str) -> None:
    fork = aftermath.forks[name]
    assert [progress.verified for progress in fork.chapters.values()] == [(), ()]
    (why,) = reasons(fork)
    assert why
    assert SECRET not in why
    assert "LEAK" not in why
    assert fork.sandbox == BUBBLEWRAP.name


@needs_sandbox
def test_the_attacks_harm_nobody(aftermath: Aftermath) -> None:
    assert len(ATTACKS) >= 40
    assert reasons(aftermath.forks["earlier"]) + reasons(aftermath.forks["honest"]) == []
    assert [path.read_text() for path in (aftermath.home, aftermath.repo)] == [SECRET, SECRET]
    assert not Path("/tmp/pickled").exists()
    assert aftermath.seconds < 10 + 5 * len(ATTACKS)
