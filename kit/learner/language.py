"""Which language a learner is in: the one whose files they mean, or work in, or have chosen, or their system's.

    a file they name > --lang > the folder they're in > what scripts/language.py noted > whose files have work > locale

Where the course exists in English alone, it's English, and no file is opened to find that out.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from kit import files
from kit.cache import Cache, code_digest, files_digest, key_of
from kit.course.course import CHAPTER_FILE, Course
from kit.errors import KitError
from kit.learner.locate import CURSOR
from kit.pairs.fast_read import read_side

SETTING = "language"  # the file in .workshop/ with the language that was chosen
LOCALES = ("LC_ALL", "LC_MESSAGES", "LANG")  # the first that's set counts


def setting(course: Course) -> Path:
    """The file that has the chosen language's code in it."""
    return course.root / files.WORKSHOP_FOLDER / SETTING


def chosen(course: Course, given: str = "", words: Iterable[str] = (), cwd: Path | None = None) -> str:
    """The language that a learner is in.

    `given` is what they gave as `--lang`, whether there are such files or not; `words` is what else they typed:
    chapters, exercises, files.
    """
    here = cwd or Path.cwd()
    named = (language_of(course, here / path) for path in named_files(words))
    return next(filter(None, named), "") or given or of_folder(course, here) or usual(course)


def named_files(words: Iterable[str]) -> Iterator[str]:
    """Those words that name a file, or a line in one."""
    for word in words:
        cursor = CURSOR.fullmatch(word)
        if cursor or Path(word).suffix in (".py", ".ipynb"):
            yield cursor["file"] if cursor else word


def language_of(course: Course, path: Path) -> str:
    """The language whose folder a chapter's file is in; empty if it's in none."""
    return of_folder(course, path.parent) if CHAPTER_FILE.fullmatch(path.name) else ""


def of_folder(course: Course, folder: Path) -> str:
    """The language whose folder this is, or is in; empty if it's none of them."""
    real, root = Path(os.path.realpath(folder)), Path(os.path.realpath(course.root))
    parts = real.relative_to(root).parts if real.is_relative_to(root) else ()
    return parts[1] if len(parts) > 1 and parts[0] == "workshop" and parts[1] in course.languages else ""


def usual(course: Course) -> str:
    """The language of somebody who works in no language's folder and names no file."""
    if len(course.languages) == 1:
        return course.languages[0]
    return noted(course) or worked_in(course) or of_system(course.languages) or course.languages[0]


def noted(course: Course) -> str:
    """The language that was chosen with scripts/language.py; empty if none was, or if its files are gone."""
    with suppress(KitError):
        code = (files.read(setting(course), course.root) or b"").decode("utf-8", "replace").strip()
        return code if code in course.languages else ""
    return ""


def worked_in(course: Course) -> str:
    """The language in which there's most work; empty if there's none in any. English wins a tie."""
    amounts = work(course)
    best = max(course.languages, key=lambda language: amounts[language])  # the first of several
    return best if amounts[best] else ""


def work(course: Course) -> dict[str, int]:
    """How many exercises are filled and items ticked, by language. What was counted once is remembered."""
    cache = Cache(course.root / files.WORKSHOP_FOLDER)
    try:
        return {language: counted(course, language, cache) for language in course.languages}
    finally:
        cache.close()


def counted(course: Course, language: str, cache: Cache) -> int:
    """The number of filled exercises and ticked items in one language: in either file, each once."""
    paths = [path for path in sorted(course.pairs(language).glob("ch*")) if CHAPTER_FILE.fullmatch(path.name)]
    try:
        key = key_of("work", code_digest(), files_digest(course.root, paths))
    except OSError:  # one has gone this very moment, or can't be read
        return 0
    known = cache.get(key)
    if known is not None and known.isdigit():
        return int(known)
    done: set[str] = set()
    for path in paths:
        side = read_side(path.read_bytes(), path.suffix == ".ipynb")
        done |= {each for each, answer in side.answers.items() if answer.filled}
        done |= {f"item {each}" for each, ticked in side.ticks.items() if ticked}
    cache.put({key: str(len(done)).encode()})
    return len(done)


def of_system(languages: Sequence[str]) -> str:
    """The language of the system's locale, such as ja for `ja_JP.UTF-8`; empty if the course doesn't exist in it."""
    name = next(filter(None, map(os.environ.get, LOCALES)), "")
    code = name.partition(".")[0].partition("@")[0].replace("_", "-")
    return next((each for each in (code, code.partition("-")[0]) if each in languages), "")
