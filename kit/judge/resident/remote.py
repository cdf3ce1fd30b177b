"""A judge that has the resident process judge, and judges by itself where there can be none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from kit.course.chapter import Chapter, Exercise
from kit.errors import KitError
from kit.judge.diagnosis import Cell, judge_text
from kit.judge.records import Verdict
from kit.judge.resident.client import Client, Unavailable
from kit.text import visible

if TYPE_CHECKING:
    from kit.judge.judge import Judge


class Judging(Protocol):
    """What a command needs of a judge."""

    def judge(self, chapter: Chapter, exercise: Exercise, source: str) -> Verdict:
        """The verdict on one cell."""

    def judge_all(self, cells: Sequence[Cell]) -> list[Verdict]:
        """The verdicts on many cells, in order."""

    def warm(self, chapter: Chapter, exercise: Exercise) -> None:
        """Get ready for an exercise, so that its first verdict is as quick as the rest."""

    def close(self) -> None:
        """End what this judge has started."""


class ResidentJudge:
    """Asks the resident process. From the first time that there's none, an own judge does the work."""

    def __init__(self, root: Path) -> None:
        """`root` is the course's folder."""
        self.root = root
        self.client = Client(root)
        self.own: Judge | None = None

    def ask(self, method: str, **params: Any) -> Any:
        """The result of a method; None if there's nobody to ask.

        Raises:
            KitError: the method raised it.
        """
        if self.own is None:
            try:
                return self.client.ask(method, **params)
            except Unavailable:
                self.own = own_judge(self.root)
        return None

    def begin(self, chapter: str = "") -> None:
        """Have the process get ready for this chapter, or an own judge if there can be none."""
        if self.own is None:
            try:
                self.client.begin(chapter)
            except Unavailable:
                self.own = own_judge(self.root)
            else:
                if chapter and self.client.link is not None:
                    self.ask("warm", place=chapter)

    def judge(self, chapter: Chapter, exercise: Exercise, source: str) -> Verdict:
        """The verdict on one cell."""
        return self.judge_all([(chapter, exercise, source)])[0]

    def judge_all(self, cells: Sequence[Cell]) -> list[Verdict]:
        """The verdicts on many cells, in order. A blank one needs nobody else.

        Raises:
            KitError: the judge can't run, or a finished chapter fails.
        """
        found = [judge_text(exercise, source) for _, exercise, source in cells]
        waiting = [cell for cell, verdict in zip(cells, found, strict=True) if verdict is None]
        others = iter(self.judge_running(waiting) if waiting else ())
        return [next(others) if v is None else replace(v, message=visible(v.message)) for v in found]

    def judge_running(self, cells: Sequence[Cell]) -> list[Verdict]:
        """The verdicts on cells that must run."""
        rows = self.ask("judge", cells=[[exercise.id, source] for _, exercise, source in cells])
        if rows is None:
            assert self.own is not None
            return self.own.judge_all(cells)
        return [Verdict(**row) for row in rows]

    def warm(self, chapter: Chapter, exercise: Exercise) -> None:
        """Get ready for an exercise. The process does that when nobody is waiting."""
        try:
            asked = self.ask("warm", place=exercise.id)
        except KitError:
            return  # the verdict will say so
        if asked is None and self.own is not None:
            self.own.warm(chapter, exercise)

    def close(self) -> None:
        """Close the connection. The resident process stays; an own judge's ends with this one."""
        self.client.close()


def own_judge(root: Path) -> Judge:
    """A judge in this process, with its own warm process."""
    from kit.judge.judge import Judge
    from kit.judge.trials.runners import shared_runner

    return Judge(shared_runner(root))


def packed(verdicts: Sequence[Verdict]) -> list[dict[str, Any]]:
    """Verdicts as they travel."""
    return [asdict(verdict) for verdict in verdicts]
