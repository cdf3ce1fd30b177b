"""What the resident process of a checkout does for commands, notebooks and editors: the methods of docs/interface.md.

    python -m kit.learner.service ROOT

The methods' parameters and results are JSON. A method may raise a KitError, which travels as one.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from kit.course.course import Course
from kit.errors import KitError
from kit.i18n import speaking, told
from kit.judge.judge import PAGE, Judge
from kit.judge.resident.remote import packed
from kit.judge.resident.server import IDLE, serve
from kit.judge.show import fold, next_step
from kit.judge.trials.runners import new_runner
from kit.learner import hints
from kit.learner.check import FORMATS, Finding, find, gather, passing_unticked, where
from kit.learner.language import chosen, language_of
from kit.learner.reset import reset
from kit.learner.status import status as learner_status
from kit.learner.told import exercise_in, translator_for, verdict_in
from kit.learner.tree import tree
from kit.pairs.pair import Pair
from kit.pairs.sync import sync

IDLE_SECONDS = "WORKSHOP_RESIDENT_SECONDS"  # the environment variable that says after how many idle ones it ends

Row = dict[str, Any]


class Service:
    """The methods, on one course and one warm judge."""

    def __init__(self, root: Path, chapter: str = "") -> None:
        """`root` is the course's folder. The chapter to get ready for is this one, or where the learner is."""
        self.course = Course(root)
        self.runner = new_runner(root)  # imports torch in a process of its own, while this one goes on
        self.judge_of_course = Judge(self.runner)
        self.ahead = self.first_ahead(chapter)

    def methods(self) -> dict[str, Any]:
        """The methods by name."""
        names = ("info", "judge", "warm", "check", "status", "hint", "solution", "reset", "sync")
        return {name: partial(self.call, getattr(self, name)) for name in names}

    def call(self, method: Callable[..., Any], **given: Any) -> Any:
        """A method's result, in the language of its `lang`, if it has one; and so is a KitError."""
        language = self.language(str(given.get("lang", "")), Path(given.get("cwd") or self.course.root))
        with speaking(translator_for(self.course.root, language)):
            try:
                return method(**given)
            except KitError as error:
                raise KitError(told(error.what), error.where, told(error.next)) from error

    def between(self) -> bool:
        """One step of what may save time later; False if there's nothing left to do."""
        try:
            next(self.ahead)
        except (StopIteration, KitError):
            return False
        return True

    def close(self) -> None:
        """End the judge's processes."""
        self.runner.close()

    def info(self) -> Row:
        """Which process this is, and the memory that it and its children have to themselves, in bytes."""
        return {"pid": os.getpid(), "root": str(self.course.root), "memory": memory(os.getpid())}

    def judge(self, cells: Sequence[Sequence[str]], seed: int | None = None) -> list[Row]:
        """The verdicts on cells, each an exercise's id and the text to judge (kit.judge.records.text_of)."""
        judge = self.judge_on(seed)
        found = judge.judge_all([(*self.course.exercise(exercise_id), text) for exercise_id, text in cells])
        self.look_ahead([exercise_id for exercise_id, _ in cells])
        return packed(found)

    def judge_on(self, seed: int | None) -> Judge:
        """The judge, or one on the inputs that a seed draws."""
        return self.judge_of_course if seed is None else Judge(self.runner, (PAGE, seed))

    def warm(self, place: str) -> None:
        """Get ready for an exercise or a chapter, once nobody is waiting."""
        if place in self.course.written:
            self.ahead = self.first_ahead(place)
        else:
            self.course.exercise(place)
            self.look_ahead([place])

    def first_ahead(self, chapter: str) -> Iterator[None]:
        """Run a chapter, or the one that the learner is in; then prepare verdicts on what comes next there."""
        next_one = learner_status(self.course, self.language("")).next
        place = next_one if next_one.startswith(chapter) else self.course.chapter(chapter).exercises[0].id
        if place:
            self.judge_of_course.warm(*self.course.exercise(place))
            yield
            yield from self.judge_of_course.look_ahead(*self.course.exercise(place))

    def look_ahead(self, exercise_ids: Sequence[str]) -> None:
        """From the last of these on, prepare verdicts when there's time."""
        if exercise_ids:
            self.ahead = self.judge_of_course.look_ahead(*self.course.exercise(exercise_ids[-1]))

    def check(
        self,
        words: Sequence[str] = (),
        lang: str = "",
        cwd: str = "",
        answers: bool = False,
        form: str = "text",
        width: int = 1000,
        seed: int | None = None,
    ) -> Row:
        """What `check.py` prints for these words, whether all have passed, and the findings one by one."""
        os.chdir(cwd or self.course.root)
        language = self.language(lang, Path(cwd or self.course.root))
        cells = gather(self.course, list(words), language, answers)
        found = find(self.judge_on(seed), cells, None if answers else self.course)
        findings = [self.translated(finding, language) for finding in found]
        unticked = passing_unticked(findings)
        self.look_ahead([finding.verdict.id for finding in findings if len(findings) <= 2])
        text = FORMATS[form](findings)
        return {
            "output": fold(text, width) if form == "text" else text,
            "passed": all(finding.verdict.outcome == "passed" for finding in findings),
            "exercises": [self.finding_row(finding, finding.verdict.id not in unticked) for finding in findings],
        }

    def language(self, given: str, cwd: Path | None = None) -> str:
        """The language that a request is about: the one it names, or else the one that the learner is in.

        Only `check` comes from somebody's working folder. The folder of this process is that of the last one.
        """
        return chosen(self.course, given, cwd=cwd or self.course.root)

    def translated(self, finding: Finding, language: str) -> Finding:
        """A finding in the language of the file that it's about; in this one, if that's nobody's."""
        language = language_of(self.course, Path(finding.places[0].file)) or language
        return replace(finding, verdict=verdict_in(self.course, finding.verdict, language))

    def finding_row(self, finding: Finding, ticked: bool) -> Row:
        """A finding for an editor, about an exercise that is `ticked` or not."""
        verdict = finding.verdict
        return {
            "id": verdict.id,
            "chapter": finding.chapter,
            "outcome": verdict.outcome,
            "message": verdict.message,
            "next": next_step(verdict, ticked),
            **where(finding),
            "file": os.path.relpath(finding.places[0].file, self.course.root),
            "seed": verdict.seed,
            "others": self.others(verdict.id) if verdict.outcome == "passed" else [],
        }

    def others(self, exercise_id: str) -> list[str]:
        """The exercise's cell with each other right answer that its chapter lists."""
        exercise = self.course.exercise(exercise_id)[1]
        return [hints.without_check(exercise.with_answer(a.blank, a.expression)) for a in exercise.alternatives]

    def status(self, lang: str = "", chapter: str = "") -> Row:
        """The course with what's filled, ticked and passed: all chapters, or one of them."""
        return tree(self.course, self.language(lang), self.course.chapter(chapter).id if chapter else "")

    def hint(self, exercise: str, rung: int | None = None, lang: str = "") -> Row:
        """The next hint, or the one asked for. The learner's commands and editors climb the same ladder."""
        found = exercise_in(self.course, exercise, self.language(lang))
        number = hints.next_rung(self.course.root, found.id, hints.RUNGS, rung)
        return {
            "number": number,
            "of": hints.RUNGS,
            "head": hints.head(found, number),
            "text": hints.rung(found, number),
            "is_code": hints.is_code(number),
        }

    def solution(self, exercise: str, lang: str = "") -> Row:
        """The finished cell, and the other ways that the chapter lists."""
        return {
            "code": hints.solution(exercise_in(self.course, exercise, self.language(lang))),
            "others": self.others(exercise),
        }

    def reset(self, exercise: str, lang: str = "") -> Row:
        """Put an exercise back to its todo in both files, after a backup; how to bring back what was there."""
        done = reset(self.course, [exercise], self.language(lang))
        files = [str(path.relative_to(self.course.root)) for path in done.paths]
        return {"files": files, "undo": done.backup.command if done.backup else ""}

    def sync(self, chapter: str, lang: str = "") -> Row:
        """Make both files of a chapter say the same; which were written, and the cells kept in two versions."""
        done = sync(self.course, Pair(self.course.root, self.language(lang), self.course.chapter(chapter).entry.stem))
        return {"wrote": list(done.wrote), "clashes": list(done.clashes)}


def memory(pid: int) -> int:
    """The bytes that a process and its children have to themselves, shared pages counted in parts; 0 if unknown."""
    total = 0
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total = int(line.split()[1]) * 1024
        children = Path(f"/proc/{pid}/task").glob("*/children")
        return total + sum(memory(int(child)) for path in children for child in path.read_text().split())
    except (OSError, ValueError):
        return total


def main(argv: Sequence[str]) -> None:
    """Serve the course in the folder `argv[0]`, with the chapter `argv[1]`, if there is one, in mind."""
    service = Service(Path(argv[0]), *argv[1:])
    serve(
        service.course.root,
        service.methods(),
        service.between,
        service.close,
        float(os.environ.get(IDLE_SECONDS) or IDLE),
    )


if __name__ == "__main__":
    main(sys.argv[1:])
