"""Chapters in a language: what its catalogue covers, and the chapter made from what may be shown.

chapter + catalogue --cover--> Coverage: entries, translated, fuzzy, missing, failing
                    --edition--> the chapter; every gap shows English
course --editions--> the derived pairs of every language, and what the complete ones lack
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from kit.course.build import README, derived_files, pair_files, with_table
from kit.course.chapter import Chapter, Text
from kit.course.course import Course
from kit.errors import KitError
from kit.translation import readme, vscode
from kit.translation.chapter import entries, translated
from kit.translation.checks import flaws
from kit.translation.domain import domains
from kit.translation.entry import Entry
from kit.translation.language import FOLDER, MINUTES, SETTINGS, Language, languages, read_language
from kit.translation.translator import translator

if TYPE_CHECKING:
    import polib

TITLE = re.compile(r"^# \d\d (?P<title>.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a catalogue has for a chapter's entries. `shown` are the translations that may be shown, by key.

    `fuzzy` ones were made for another English text, `failing` ones break a rule of `checks`; both are shown in English.
    """

    entries: tuple[Entry, ...]
    shown: Mapping[tuple[str, str], str] = field(default_factory=dict)
    fuzzy: tuple[Entry, ...] = ()
    missing: tuple[Entry, ...] = ()
    failing: tuple[tuple[Entry, tuple[str, ...]], ...] = ()

    @property
    def whole(self) -> bool:
        """Whether every entry is shown in the language."""
        return len(self.shown) == len(self.entries)

    @property
    def lack(self) -> str:
        """What keeps it from being whole, in a few words."""
        counts = {"missing": self.missing, "fuzzy": self.fuzzy, "failing": self.failing}
        what = ", ".join(f"{len(each)} {name}" for name, each in counts.items() if each)
        return f"{what} of {len(self.entries)} entries"


def cover(found: tuple[Entry, ...], catalogue: polib.POFile, language: Language) -> Coverage:
    """What a catalogue has for these entries."""
    known = {(entry.msgctxt, entry.msgid): entry for entry in catalogue if not entry.obsolete}
    shown: dict[tuple[str, str], str] = {}
    fuzzy: list[Entry] = []
    missing: list[Entry] = []
    failing: list[tuple[Entry, tuple[str, ...]]] = []
    for entry in found:
        translation = known.get(entry.key)
        if translation is None or not translation.msgstr:
            missing.append(entry)
        elif translation.fuzzy:
            fuzzy.append(entry)
        elif wrong := flaws(entry, translation.msgstr, language.units):
            failing.append((entry, wrong))
        else:
            shown[entry.key] = translation.msgstr
    return Coverage(found, shown, tuple(fuzzy), tuple(missing), tuple(failing))


def catalogue_of(root: Path, name: str, language: Language) -> polib.POFile:
    """A language's catalogue of a domain.

    Raises:
        KitError: it can't be read.
    """
    from kit.translation import catalogue  # English needs none

    return catalogue.read(catalogue.path_of(root, language.code, name), root)


def edition(course: Course, chapter: Chapter, code: str) -> Chapter:
    """The chapter in the language with this code.

    Raises:
        KitError: there's no such language, or its catalogue can't be read.
    """
    if code == "en":
        return chapter
    language = read_language(course.root, code)
    covered = cover(entries(chapter), catalogue_of(course.root, chapter.entry.stem, language), language)
    return made(course, chapter, covered, language)


def made(course: Course, chapter: Chapter, covered: Coverage, language: Language) -> Chapter:
    """The chapter with the translations that may be shown."""
    said = translator(course.root, language.code)
    assert said is not None
    local = translated(chapter, covered.shown, language.wrap, language.minutes)
    return replace(local, fetching=said(chapter.fetching))


def has_edition(root: Path, code: str) -> bool:
    """Whether the course can be made in this language."""
    return code == "en" or (root / FOLDER / code / SETTINGS).is_file()


def spoken(root: Path, code: str) -> str:
    """The language with this code, or English for a folder of somebody's own."""
    return code if has_edition(root, code) else "en"


def minutes_in(root: Path, code: str) -> str:
    """How a language says what a section takes, with `{}` for the number.

    Raises:
        KitError: its settings are wrong.
    """
    code = spoken(root, code)
    return MINUTES if code == "en" else read_language(root, code).minutes


@dataclass(frozen=True, slots=True)
class Editions:
    """What the build makes of the catalogues: each derived file's text, and what languages listed as complete lack."""

    files: Mapping[Path, str]
    gaps: tuple[KitError, ...]


def everything(course: Course) -> dict[Path, str]:
    """Every derived file, in all languages.

    Raises:
        KitError: a chapter breaks a rule, or a language's settings or a catalogue can't be read.
    """
    return {**derived_files(course), **editions(course).files}


def editions(course: Course) -> Editions:
    """Every chapter and the README in every language that has a folder in translations/.

    Raises:
        KitError: a language's settings or a catalogue can't be read.
    """
    derived: dict[Path, str] = {}
    titles: dict[str, dict[str, str]] = {}
    gaps: list[KitError] = []
    known = languages(course.root)
    path = course.root / README
    text = with_table(path.read_bytes().decode(), course) if path.is_file() else ""
    if text:
        derived[path] = readme.with_row(text, known, "en")
    for domain in domains(course) if known else ():
        for language in known:
            covered = cover(domain.entries, catalogue_of(course.root, domain.name, language), language)
            if domain.chapter:
                local = made(course, domain.chapter, covered, language)
                derived |= pair_files(course, local, language.code)
                titles.setdefault(language.code, {})[local.id] = title_of(local)
            elif domain.name == readme.CATALOGUE:
                said = readme.translated(course, text, covered.shown, language, titles.get(language.code, {}))
                derived[course.root / readme.file_name(language.code)] = readme.with_row(said, known, language.code)
            elif domain.name == vscode.CATALOGUE:
                derived |= vscode.translated(course.root, covered.shown, language)
            if language.complete and not covered.whole:
                where = f"{FOLDER}/{language.code}/{domain.name}.po"
                gaps.append(KitError(covered.lack, where, f"python scripts/translate.py {language.code} --status"))
    return Editions(derived, tuple(gaps))


def title_of(chapter: Chapter) -> str:
    """A chapter's name in its first heading, without the number; the syllabus has it for one without a heading."""
    texts = (cell.source for cell in chapter.cells if isinstance(cell, Text))
    return next((found["title"] for text in texts if (found := TITLE.search(text))), chapter.entry.title)
