"""Domains, as gettext has them: what has a catalogue of its own. Chapters, the messages, the README, the extension."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kit.course.chapter import Chapter
from kit.course.course import Course
from kit.translation import chapter, messages, readme, vscode
from kit.translation.entry import Entry


@dataclass(frozen=True, slots=True)
class Domain:
    """The name of its catalogues, a title for people, its texts, and the chapter that they're from, if it's one."""

    name: str
    title: str
    entries: tuple[Entry, ...]
    chapter: Chapter | None = None


def domains(course: Course) -> Iterator[Domain]:
    """What's to be translated: the chapters in order, then the rest; what isn't there is left out."""
    for each in course.chapters:
        yield Domain(each.entry.stem, f"{each.id} {each.entry.title}", chapter.entries(each), each)
    others = (
        Domain(messages.CATALOGUE, "the kit's messages", messages.entries(course.root)),
        Domain(readme.CATALOGUE, "the README", readme.entries(course.root)),
        Domain(vscode.CATALOGUE, "the VS Code extension", vscode.entries(course.root)),
    )
    yield from (domain for domain in others if domain.entries)
