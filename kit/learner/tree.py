"""A learner's whole course as JSON: chapters, their sections, and in each the exercises and items, with where they are.

    Status, files of the pairs --> {"chapters": [{"sections": [{"exercises": [...]}]}], "next": ...}

Titles are the learner's file's own, so they come in its language. Editors draw their views from this
(docs/interface.md); `status.py --format json` prints it.
"""

from __future__ import annotations

import re
from typing import Any

from kit.course.answers import read_cells
from kit.course.cells import Cell
from kit.course.checklist import items
from kit.course.course import Course
from kit.course.own_code import to_judge
from kit.judge.verdict_cache import verdict_cache
from kit.learner.status import ChapterStatus, status
from kit.pairs.pair import Cells, Pair, read_pair
from kit.translation.edition import minutes_in
from kit.translation.language import MINUTES

TITLE = re.compile(r"^# (?:\d\d )?(?P<title>.+)$", re.MULTILINE)

Row = dict[str, Any]


def tree(course: Course, language: str = "en", chapter: str = "") -> Row:
    """The course in one language; with a `chapter`'s id, only that one's row is among the chapters.

    Raises:
        KitError: there's no such language, or the course itself can't be read.
    """
    course.require_language(language)
    found = status(course, language)
    return {
        "language": language,
        "languages": list(course.languages),
        "next": found.next,
        "filled": found.filled,
        "exercises": found.exercises,
        "chapters": [chapter_row(course, language, c) for c in found.chapters if chapter in ("", c.outline.id)],
    }


def chapter_row(course: Course, language: str, chapter: ChapterStatus) -> Row:
    """A chapter with its sections. The files are named as below the course's folder."""
    outline, heading = chapter.outline, heading_in(minutes_in(course.root, language))
    pair = Pair(course.root, language, outline.stem)
    sides = read_pair(pair)
    cells = sides.script or sides.notebook or ()
    texts = [cell.source for cell in cells if cell.kind == "markdown"]
    title = next((match["title"] for text in texts if (match := TITLE.search(text))), outline.title)
    return {
        "id": outline.id,
        "title": title,
        "script": pair.paths[0],
        "notebook": pair.paths[1],
        "filled": chapter.filled,
        "ticked": chapter.ticks,
        "exercises": chapter.exercises,
        "bonus": outline.bonus,
        "sections": sections(course, chapter, cells, sides.notebook or (), heading),
    }


def heading_in(minutes: str) -> re.Pattern[str]:
    """A section's heading, in a language that says how long it takes in this way, or in English."""
    times = "|".join(
        re.escape(before) + r"(\d+)" + re.escape(after)
        for before, _, after in (each.partition("{}") for each in dict.fromkeys((minutes, MINUTES)))
    )
    return re.compile(rf"^## (?P<title>.+?)(?: · (?:{times}))?$", re.MULTILINE)


def sections(
    course: Course, chapter: ChapterStatus, cells: Cells, notebook: Cells, heading: re.Pattern[str]
) -> list[Row]:
    """The sections of a chapter's cells, each with its exercises, and with the items that only the learner can tick."""
    place = {item.id: (item, cell.line + item.line - 1) for cell in cells for item in items(cell.source)}
    answers, in_notebook = read_cells(cells).answers, read_cells(notebook).answers
    rows: list[Row] = [section("", 0)]
    known = outcomes(course, chapter, cells)
    for cell in cells:
        if cell.kind == "markdown":
            for found in heading.finditer(cell.source):
                title, *minutes = found.groups()
                rows.append(section(title, int(next(filter(None, minutes), 0))))
            own = [item for item in items(cell.source) if item.id in chapter.outline.items]
            rows[-1]["items"] += [
                {"id": item.id, "title": item.text, "ticked": item.ticked, "line": place[item.id][1]}
                for item in own
                if item.id not in chapter.outline.exercises
            ]
        for exercise_id, answer in answers.items():
            if answer.line != cell.line or exercise_id not in chapter.outline.blanks:
                continue
            item, line = place.get(exercise_id, (None, 0))
            rows[-1]["exercises"].append(
                {
                    "id": exercise_id,
                    "title": item.text if item else "",
                    "ticked": item.ticked if item else False,
                    "item_line": line,
                    "filled": exercise_id in chapter.progress.filled,
                    "outcome": known.get(exercise_id, ""),
                    "challenge": exercise_id == chapter.outline.challenge,
                    "line": cell.line,
                    "cell": in_notebook[exercise_id].line - 1 if exercise_id in in_notebook else None,
                }
            )
    return [row for row in rows if row["exercises"] or row["items"]]


def section(title: str, minutes: int) -> Row:
    """An empty section."""
    return {"title": title, "minutes": minutes, "exercises": [], "items": []}


def outcomes(course: Course, chapter: ChapterStatus, cells: tuple[Cell, ...]) -> dict[str, str]:
    """The last known outcome of each exercise as it is now; those that aren't known are left out."""
    cache, found = verdict_cache(course), {}
    for exercise_id, answer in read_cells(cells).answers.items():
        if exercise_id in chapter.outline.blanks and answer.filled:
            text = to_judge(answer.source, answer.above, chapter.outline.known(exercise_id))
            found[exercise_id] = cache.outcome(exercise_id, text) or ""
    return {exercise_id: outcome for exercise_id, outcome in found.items() if outcome}
