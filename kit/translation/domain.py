"""Domains, as gettext has them: what has a catalogue of its own. Each chapter is one, and so are the kit's messages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kit.course.course import Course
from kit.translation import chapter, messages
from kit.translation.entry import Entry


@dataclass(frozen=True, slots=True)
class Domain:
    """The name of its catalogues, a title for people, and its texts."""

    name: str
    title: str
    entries: tuple[Entry, ...]


def domains(course: Course) -> Iterator[Domain]:
    """What's to be translated: the chapters in order, and the kit's messages if the kit is in the course's folder."""
    for each in course.chapters:
        yield Domain(each.entry.stem, f"{each.id} {each.entry.title}", chapter.entries(each))
    said = messages.entries(course.root)
    if said:
        yield Domain(messages.CATALOGUE, "the kit's messages", said)
