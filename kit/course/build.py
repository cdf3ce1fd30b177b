"""What the build writes: for each chapter its todo pair, and the package of exported code.

Course --> derived(course) --> {path: text} --> drift | write
"""

from __future__ import annotations

from pathlib import Path

from kit import files as disk
from kit.course import package, render
from kit.course.answers import read_file
from kit.course.cells import to_percent
from kit.course.course import Course
from kit.course.notebook import to_notebook
from kit.errors import KitError


def derived_files(course: Course) -> dict[Path, str]:
    """Every derived file of the course and its text; the same on every run and platform.

    Raises:
        KitError: a chapter breaks a rule.
    """
    files: dict[Path, str] = {}
    for chapter in course.chapters:
        cells = render.learner_cells(chapter)
        stem = course.pairs() / chapter.entry.stem
        files[stem.with_suffix(".py")] = to_percent(cells)
        files[stem.with_suffix(".ipynb")] = to_notebook(cells, chapter.id)
    files |= {course.root / "nanogpt" / name: text for name, text in package.package(course.chapters).items()}
    return files


def stray_files(course: Course, files: dict[Path, str]) -> list[Path]:
    """Files that stand where derived ones do and are derived from nothing any more."""
    here = [*course.pairs().glob("ch*.py"), *course.pairs().glob("ch*.ipynb"), *(course.root / "nanogpt").glob("*.py")]
    return sorted(path for path in here if path not in files)


def drifted_files(course: Course, files: dict[Path, str]) -> list[Path]:
    """The derived files that are missing, stray, or not what the build would write, a learner's own included."""
    wrong = [path for path, text in files.items() if not path.is_file() or path.read_bytes() != text.encode()]
    return sorted(wrong) + stray_files(course, files)


def has_work(path: Path) -> bool:
    """Whether a learner's file holds a filled exercise or a ticked item."""
    if path.parent.name == "nanogpt" or not path.is_file():
        return False
    work = read_file(path)
    return any(answer.filled for answer in work.answers.values()) or any(item.ticked for item in work.items.values())


def write_derived(course: Course, files: dict[Path, str]) -> list[Path]:
    """Write what has drifted, remove what is stray; give back those paths.

    Raises:
        KitError: a file that would be overwritten holds a learner's work; nothing is written then.
    """
    changed = drifted_files(course, files)
    for path in changed:
        if has_work(path):
            raise KitError(
                "somebody's work stands here, and the build would overwrite it",
                path.relative_to(course.root).as_posix(),
                f"python scripts/reset_to_todo.py {path.stem[2:4]}, which keeps a backup, then build again",
            )
    for path in changed:
        if path in files:
            path.parent.mkdir(parents=True, exist_ok=True)
            disk.write(path, files[path].encode(), course.root)
        else:
            path.unlink()
    return changed
