"""Twelve scripted students."""

from __future__ import annotations

from random import Random

from kit.cell import to_percent
from kit.chapter import Chapter, Exercise
from kit.notebook import to_notebook
from kit.render import learner_cells


def answer(exercise: Exercise, random: Random) -> str:
    """What some student wrote for an exercise: our answer, an alternative, a mistake; at times with a word of their own."""
    draw = random.random()
    code = exercise.code
    if draw < 0.15:
        wrong = random.choice(exercise.mistakes)
        code = exercise.with_answer(wrong.blank, wrong.expression)
    elif draw < 0.45 and exercise.alternatives:
        other = random.choice(exercise.alternatives)
        code = exercise.with_answer(other.blank, other.expression)
    if random.random() < 0.3:
        code = f"# my {random.randint(1, 99)}. try\n{code}"
    return code


def pair(chapter: Chapter, answers: dict[str, str], ticked: tuple[str, ...]) -> dict[str, bytes]:
    """Both files of a chapter with these answers and ticks, by their path."""
    cells = learner_cells(chapter, answers, ticked)
    stem = f"workshop/en/{chapter.entry.stem}"
    return {
        f"{stem}.py": to_percent(cells).encode(),
        f"{stem}.ipynb": to_notebook(cells, chapter.id).encode(),
    }
