"""The README in another language: README.ja.md beside README.md, with that language's chapters in its table.

README.md --entries--> Entry, ...  --> the catalogue `readme`
README.md --translated--> its text in a language; the table of chapters and the row of languages are made anew
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from kit.course.build import HEAD, README, TABLE, chapter_table
from kit.course.course import Course
from kit.course.render import ENGLISH
from kit.translation import prose
from kit.translation.entry import NOTES, Entry, Kind
from kit.translation.language import Language

CATALOGUE = "readme"
PLACE = "CHAPTERS"  # for the table, while the rest is translated
ROW = re.compile(r"\A(?P<title># [^\n]*\n)(?:\n(?:\*\*|\[)English[^\n]*\n)?")
COMMENT = re.compile(r"^(?P<code>(?:python |make | {20}).*?)# (?P<said>\S.*)$", re.MULTILINE)


def file_name(language: str) -> str:
    """The name of the README in a language."""
    return README if language == "en" else f"README.{language}.md"


def entries(root: Path) -> tuple[Entry, ...]:
    """The texts of the README, the comments beside its commands included; none if there's no README."""
    found: list[Entry] = []
    path = root / README
    if path.is_file():
        walk(path.read_bytes().decode(), found.append, wrap=True)
    return tuple(found)


def translated(course: Course, text: str, said: Mapping[tuple[str, str], str], language: Language) -> str:
    """The README's text in a language, as far as it's translated, without the row of languages."""
    body, head = walk(text, lambda entry: said.get(entry.key), language.wrap)
    table = chapter_table(course, language.code, head).rstrip("\n")
    return body.replace(PLACE, table, 1).replace(ENGLISH, f"workshop/{language.code}/")


def walk(text: str, visit: Callable[[Entry], str | None], wrap: bool) -> tuple[str, str]:
    """The README with what `visit` gives for each of its texts and `PLACE` for its table, and the table's head."""
    counts = Counter[Kind]()

    def say(kind: Kind, source: str, note: str, template: bool = False) -> str | None:
        if source == PLACE:
            return None
        counts[kind] += 1
        return visit(Entry(f"{CATALOGUE} {kind} {counts[kind]}", kind, source, note, template))

    def comment(found: re.Match[str]) -> str:
        return f"{found['code']}# {say('comment', found['said'], NOTES['comment']) or found['said']}"

    body = TABLE.sub(f"{PLACE}\n", ROW.sub(r"\g<title>", text, count=1), count=1)
    body = COMMENT.sub(comment, prose.rewrite(body, say, wrap))
    return body, say("table", HEAD, "the head of the table of chapters") or HEAD


def with_row(text: str, languages: Sequence[Language], current: str) -> str:
    """A README with the row of languages below its title, if there are any besides English."""
    if not languages:
        return text
    names = {"en": "English"} | {language.code: language.name for language in languages}
    row = " · ".join(f"**{n}**" if code == current else f"[{n}]({file_name(code)})" for code, n in names.items())
    return ROW.sub(lambda found: f"{found['title']}\n{row}\n", text, count=1)
