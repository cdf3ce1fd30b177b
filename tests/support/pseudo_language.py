"""A made-up language by rule: English with accents on its letters, in brackets. Code, ids and numbers stay.

It stands for any language: a folder in translations/ is all it takes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import polib

from kit.course.build import pair_files, write_derived
from kit.course.course import Course
from kit.translation import catalogue
from kit.translation.domain import domains
from kit.translation.edition import editions
from kit.translation.entry import IN_BRACES, Entry
from kit.translation.language import FOLDER, Language, read_language

CODE = "qps"
SETTINGS = 'name = "Ƥṡéůḋő"\ncomplete = true\n'
ACCENTED = str.maketrans("aceiouACEIOUnyd", "áçéíóúÁÇÉÍÓÚñýđ")
KEPT = re.compile(r"`+[^`]*`+|<[^<>]+>|\]\([^)]*\)|https?://\S+|\s+|^[\s|:-]+$")


def accented(text: str, template: bool) -> str:
    """The text with accents on its letters, but for what must stay."""
    kept = re.compile(f"{KEPT.pattern}|{IN_BRACES.pattern}") if template else KEPT
    parts, at = [], 0
    for found in kept.finditer(text):
        parts += [text[at : found.start()].translate(ACCENTED), found[0]]
        at = found.end()
    return "".join([*parts, text[at:].translate(ACCENTED)])


def pseudo(entry: Entry) -> str:
    """The translation of an entry."""
    if entry.kind == "table":
        return accented(entry.text, False)
    start, end = (len(entry.text) - len(entry.text.lstrip()), len(entry.text.rstrip()))
    return f"{entry.text[:start]}⟦{accented(entry.text[start:end], entry.template)}⟧{entry.text[end:]}"


def backwards(entry: Entry) -> str:
    """Another translation of an entry: its words in reverse order, if nothing in it must keep its place."""
    if entry.template or entry.kind == "table" or KEPT.search(entry.text.replace(" ", "")):
        return pseudo(entry).replace("⟦", "⟪").replace("⟧", "⟫")
    start, end = (len(entry.text) - len(entry.text.lstrip()), len(entry.text.rstrip()))
    return entry.text[:start] + " ".join(reversed(accented(entry.text, False).split())) + entry.text[end:]


def translations(found: tuple[Entry, ...]) -> dict[tuple[str, str], str]:
    """The translations of these entries, by their keys."""
    return {entry.key: pseudo(entry) for entry in found}


def add_language(
    course: Course, code: str = CODE, settings: str = SETTINGS, say: Callable[[Entry], str] = pseudo
) -> Language:
    """Write the language's folder into a course, as somebody would who has translated all of it."""
    folder: Path = course.root / FOLDER / code
    folder.mkdir(parents=True)
    (folder / "language.toml").write_text(settings, encoding="utf-8")
    language = read_language(course.root, code)
    for domain in domains(course):
        known = {entry.key: say(entry) for entry in domain.entries}
        filled, _ = catalogue.merged(polib.POFile(), domain.entries, language)
        for entry in filled:
            entry.msgstr = known[catalogue.key_of(entry)]
        catalogue.path_of(course.root, code, domain.name).write_bytes(catalogue.to_bytes(filled))
    return language


def build_all(course: Course) -> Course:
    """Write the pairs of every language, and return the course as it is then."""
    english = (pair_files(course, chapter) for chapter in course.chapters)
    write_derived(course, {path: text for files in (editions(course).files, *english) for path, text in files.items()})
    return Course(course.root)
