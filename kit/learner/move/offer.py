"""The languages that a learner can move to: how far each is translated, how much work is in it, and which is theirs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.cells import cell_len

from kit import files
from kit.cache import Cache, files_digest, key_of
from kit.course.course import Course
from kit.course.outline import course_digest, in_totals, outlines_of
from kit.i18n import told
from kit.learner.language import chosen, work
from kit.learner.status import status
from kit.translation.chapter import entries
from kit.translation.edition import catalogue_of, cover
from kit.translation.language import FOLDER, Language, languages
from kit.wrap import padded


@dataclass(frozen=True, slots=True)
class Offer:
    """A language: its code, what it calls itself, its share of translated texts, the filled exercises.

    `share` is None for a folder of somebody's own, which has no catalogue; `active` if it's the learner's.
    """

    code: str
    name: str
    share: float | None
    filled: int
    active: bool


def offers(course: Course) -> tuple[Offer, ...]:
    """The languages that have files, English first.

    Raises:
        KitError: a catalogue or the course can't be read.
    """
    known, mine, amounts = {each.code: each for each in languages(course.root)}, chosen(course), work(course)
    cache = Cache(course.root / files.WORKSHOP_FOLDER)
    try:
        return tuple(
            Offer(
                code,
                known[code].name if code in known else "English" if code == "en" else code,
                share(course, known[code], cache) if code in known else 1.0 if code == "en" else None,
                status(course, code).filled if amounts[code] else 0,
                code == mine,
            )
            for code in course.languages
        )
    finally:
        cache.close()


def share(course: Course, language: Language, cache: Cache) -> float:
    """The share of the chapters' texts that is shown in a language. It takes a second, so it's remembered."""
    folder = course.root / FOLDER / language.code
    key = key_of("translated", course_digest(course), files_digest(course.root, sorted(folder.glob("*.*"))))
    known = (cache.get(key) or b"").decode().split()
    if len(known) != 2:
        shown, total = 0, 0
        for chapter in course.chapters:
            covered = cover(entries(chapter), catalogue_of(course.root, chapter.entry.stem, language), language)
            shown, total = shown + len(covered.shown), total + len(covered.entries)
        known = [str(shown), str(total)]
        cache.put({key: " ".join(known).encode()})
    return int(known[0]) / max(int(known[1]), 1)


def lines(found: tuple[Offer, ...], exercises: int) -> Iterator[str]:
    """A line for each language; the learner's is marked as status.py marks the chapter they're in."""
    codes, names = (
        max(cell_len(text) for text in texts) for texts in zip(*((o.code, o.name) for o in found), strict=True)
    )
    for each in found:
        head = f"{'>' if each.active else ' '} {each.code:<{codes}} {padded(each.name, names)}"
        # rounded down: only what's whole is 100 %
        share = told("own files") if each.share is None else told(f"{int(100 * each.share):>3} % translated")
        yield f"{head}  {share}  {told(f'{each.filled:>3} of {exercises} filled')}"


def exercises(course: Course) -> int:
    """How many exercises the course has, without the challenges and the bonus chapters."""
    return sum(len(outline.required) for outline in in_totals(outlines_of(course)))
