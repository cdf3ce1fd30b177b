"""What the build writes: each chapter's todo pair, the package of exported code, the table of chapters in the README.

Course --> derived_files --> {path: text} --> drifted_files | write_derived
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from kit import files
from kit.course.answers import read_file
from kit.course.cells import to_percent
from kit.course.chapter import Chapter
from kit.course.course import CHAPTER_FILE, Course
from kit.course.notebook import to_notebook
from kit.course.package import package_files
from kit.course.render import learner_cells
from kit.errors import KitError

README = "README.md"
HEAD = "| chapter | title | minutes | open it without installing anything |"
TABLE = re.compile(r"^\| chapter \| title \|.*\n(?:\|.*\n)+", re.MULTILINE)


def derived_files(course: Course) -> dict[Path, str]:
    """Every derived file of the English course and its text; the same on every run and platform.

    Raises:
        KitError: a chapter breaks a rule.
    """
    derived: dict[Path, str] = {}
    for chapter in course.chapters:
        derived |= pair_files(course, chapter)
    readme = course.root / README
    if readme.is_file():
        derived[readme] = with_table(readme.read_bytes().decode(), course)
    return derived | {course.root / "nanogpt" / name: text for name, text in package_files(course.chapters).items()}


def with_table(text: str, course: Course) -> str:
    """The README with the syllabus in its table of chapters, and each chapter's badges if the course is on the web."""
    return TABLE.sub(lambda _: chapter_table(course), text, count=1)


def chapter_table(course: Course, language: str = "en", head: str = HEAD) -> str:
    """The syllabus as a table. If the course is on the web, each chapter has badges that open it in this language."""
    rows = []
    for entry in course.entries:
        badges = " ".join(course.home.badges(f"workshop/{language}/{entry.stem}.ipynb")) if not entry.planned else ""
        rows.append(f"| {entry.id} | {entry.title} | {entry.minutes} |{f' {badges} |' if badges else ''}\n")
    wide = any("badge" in row for row in rows)
    columns = head.strip("|").split("|")[: 4 if wide else 3]
    line = f"| --- | --- | ---: |{' --- |' if wide else ''}\n"
    return "".join([f"|{'|'.join(columns)}|\n", line, *rows])


def pair_files(course: Course, chapter: Chapter, language: str = "en") -> dict[Path, str]:
    """The two files of a chapter, whose texts are in this language."""
    cells = learner_cells(chapter, language=language)
    stem = course.pairs(language) / chapter.entry.stem
    return {stem.with_suffix(".py"): to_percent(cells), stem.with_suffix(".ipynb"): to_notebook(cells, chapter.id)}


def drifted_files(course: Course, derived: Mapping[Path, str]) -> list[Path]:
    """The files that aren't as the build would write them: changed (perhaps by a learner), missing, then stray ones."""
    here = set((course.root / "nanogpt").glob("*.py"))
    for folder in {course.pairs(), *(path.parent for path in derived)}:
        here |= {*folder.glob("ch*.py"), *folder.glob("ch*.ipynb")}
    wrong = [path for path, text in derived.items() if not path.is_file() or path.read_bytes() != text.encode()]
    return sorted(wrong) + sorted(path for path in here if path not in derived)


def has_work(path: Path) -> bool:
    """Whether a learner's file has a filled exercise or a ticked item in it."""
    if not CHAPTER_FILE.fullmatch(path.name) or not path.is_file():
        return False
    work = read_file(path)
    return any(answer.filled for answer in work.answers.values()) or any(item.ticked for item in work.items.values())


def write_derived(course: Course, derived: Mapping[Path, str]) -> list[Path]:
    """Write what has drifted and delete what is stray; return the paths of both.

    Raises:
        KitError: a file that would be overwritten has someone's work in it; then nothing is written.
    """
    drifted = drifted_files(course, derived)
    for path in drifted:
        if has_work(path):
            raise KitError(
                "someone has worked in this file, and the build would overwrite it",
                files.shown(path, course.root),
                f"python scripts/reset_to_todo.py {path.stem[2:4]}, which makes a backup, then build again",
            )
    for path in drifted:
        if path in derived:
            files.write(path, derived[path].encode(), course.root)
        else:
            path.unlink()
    return drifted
