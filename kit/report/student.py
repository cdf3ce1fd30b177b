"""A student on the page: a row of the map, and a panel with everything that is known about their fork."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from kit.course.outline import Outline
from kit.forks.records import Fork, Stuck
from kit.pairs.progress import ChapterProgress, Flag
from kit.report.counts import Counts, chapter_counts, failures, is_unread
from kit.report.grid import chapter_cell
from kit.report.links import commit_link, file_link
from kit.text import label

MAX_TEXT = 400  # characters of a text from a fork
MAX_FAILED = 40  # failures that are shown with their messages


@dataclass(frozen=True, slots=True)
class ChapterLine:
    """A chapter in a student's panel. `strip` has one sign for each exercise."""

    id: str
    counts: Counts
    strip: str


@dataclass(frozen=True, slots=True)
class FlagLine:
    """A flag in a student's panel, and where it is."""

    chapter: str
    words: str
    place: str | Markup


@dataclass(frozen=True, slots=True)
class Student:
    """A student as the template needs them. `cells` are the map's; `summary` is their panel's first line."""

    name: str
    status: str
    reason: str
    group: str
    last_commit: str
    filled: int
    cells: Markup
    summary: str
    facts: tuple[str | Markup, ...]
    stuck: tuple[Stuck, ...]
    chapters: tuple[ChapterLine, ...]
    untouched: str
    flags: tuple[FlagLine, ...]
    failed: tuple[tuple[str, str], ...]


def plain(text: str) -> str:
    """A text from a fork, fit to be shown."""
    return label(text, MAX_TEXT)


def strip(outline: Outline, progress: ChapterProgress) -> str:
    """One sign for each exercise of a chapter."""
    signs = (
        (set(progress.verified or ()), "●"),
        (failures(progress).keys(), "✗"),
        (set(progress.filled), "◐"),
        (set(progress.ticked), "○"),
    )
    return "".join(next((sign for group, sign in signs if one in group), "·") for one in outline.exercises)


def linked(text: str, address: str) -> str | Markup:
    """A link, where there is an address."""
    return Markup('<a href="{}" rel="noreferrer noopener">{}</a>').format(address, text) if address else text


def place_of(fork: Fork, flag: Flag) -> str | Markup:
    """The file, line and commit that a flag is about."""
    if not flag.path:
        return ""
    oid = fork.tip.oid if fork.tip else ""
    place = f"{plain(flag.path)}:{flag.line}" if flag.line > 0 else plain(flag.path)
    at = linked(place, file_link(fork.source, oid, flag.path, flag.line))
    return Markup("{} at {}").format(at, linked(oid[:8], commit_link(fork.source, oid))) if oid else at


def facts(fork: Fork) -> Iterator[str | Markup]:
    """What is known about a fork besides its chapters."""
    if fork.source:
        yield plain(fork.source)
    if fork.tip:
        if fork.tip.branch:
            yield f"branch {plain(fork.tip.branch)}"
        if fork.tip.oid:
            yield Markup("commit {}").format(linked(fork.tip.oid[:8], commit_link(fork.source, fork.tip.oid)))
        if fork.tip.committed_at:
            yield f"last commit {fork.tip.committed_at:%Y-%m-%d %H:%M} UTC"
    yield from (f"{plain(title)}: {plain(value)}" for title, value in fork.extra.items() if value)
    if fork.history and fork.history.note:
        yield plain(fork.history.note)
    if fork.sandbox:
        yield f"verified in {plain(fork.sandbox)}"
    if fork.chapters and fork.reason:
        yield plain(fork.reason)


def summary_of(fork: Fork, counts: Counts, flags: int) -> str:
    """`71 of 157 filled, 63 verified, 1 flag`, or why the fork could not be read."""
    if not fork.chapters:
        return f"{fork.status}: {plain(fork.reason)}"
    parts = [f"{counts.filled} of {counts.total} filled"]
    if counts.verified is not None:
        parts.append(f"{counts.verified} verified")
    if flags:
        parts.append(f"{flags} flag{'s' if flags > 1 else ''}")
    return ", ".join(parts)


def student_of(outlines: Sequence[Outline], fork: Fork, counts: Counts, with_verified: bool) -> Student:
    """A student as the page shows them."""
    known = [(outline, fork.chapters[outline.id]) for outline in outlines if outline.id in fork.chapters]
    lines: list[ChapterLine] = []
    untouched: list[str] = []
    for outline, progress in known:
        numbers = chapter_counts(outline, progress)
        if numbers.ticked or numbers.filled:
            lines.append(ChapterLine(outline.id, numbers, strip(outline, progress)))
        elif not is_unread(progress):
            untouched.append(outline.id)
    flags = [FlagLine(o.id, plain(str(flag)), place_of(fork, flag)) for o, p in known for flag in p.flags]
    failed = [pair for _, progress in known for pair in failures(progress).items()]
    if len(failed) > MAX_FAILED:
        failed[MAX_FAILED:] = [("", f"and {len(failed) - MAX_FAILED} more")]
    cells = (chapter_cell(o, fork.chapters.get(o.id), with_verified) for o in outlines) if fork.chapters else ()
    return Student(
        name=plain(fork.name),
        status=fork.status,
        reason=plain(fork.reason),
        group=plain(", ".join(value for value in fork.extra.values() if value)),
        last_commit=f"{fork.tip.committed_at:%Y-%m-%d}" if fork.tip and fork.tip.committed_at else "",
        filled=counts.filled,
        cells=Markup("".join(cells)),
        summary=summary_of(fork, counts, len(flags)),
        facts=tuple(facts(fork)),
        stuck=fork.history.stuck if fork.history else (),
        chapters=tuple(lines),
        untouched=", ".join(untouched),
        flags=tuple(flags),
        failed=tuple(failed),
    )
