"""What one student is told about their work, as Markdown that nothing from their fork can break out of.

Cohort, Fork --to_feedback--> Markdown
"""

from __future__ import annotations

from collections.abc import Iterator

from kit.course.outline import Outline
from kit.forks.cohort import Cohort
from kit.forks.records import Fork
from kit.pairs.progress import EQUAL, ChapterProgress
from kit.report.counts import chapter_counts, failures, is_unread
from kit.report.markdown import escape

FOR_INSTRUCTORS = (EQUAL, "history followed for")  # a reason to look, and nothing to tell anybody by letter
MOST = 8  # things named in a chapter


def to_feedback(cohort: Cohort, fork: Fork) -> str:
    """What a student has done by chapter, what doesn't pass yet and why, what to look at, and what comes next.

    Only chapters that they've begun are in it.
    """
    when = cohort.until or cohort.generated_at
    commit = f", commit {fork.tip.oid[:10]}" if fork.tip and fork.tip.oid else ""
    lines = [f"Your work as of {when.strftime('%Y-%m-%d %H:%M %Z').strip()}{commit}.", ""]
    if not fork.chapters:
        reason = f" ({escape(fork.reason)})" if fork.reason else ""
        return "\n".join([*lines, f"It couldn't be read: {escape(fork.status)}{reason}.", *by_hand(fork), ""])
    begun = [outline for outline in cohort.outlines if is_begun(fork.chapters.get(outline.id))]
    checked = any(fork.chapters[outline.id].verified is not None for outline in begun)
    heads = ["chapter", "exercises", "filled", *(["pass"] if checked else [])]
    if begun:
        lines += [f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}"]
        lines += [row(outline, fork.chapters[outline.id], checked) for outline in begun]
    else:
        lines.append("No exercise is filled yet.")
    for outline in begun:
        said = [*what_fails(fork.chapters[outline.id]), *what_is_odd(fork.chapters[outline.id])]
        if said:
            more = [f"- and {len(said) - MOST} more"] if len(said) > MOST else []
            lines += ["", f"**{outline.id} {escape(outline.title)}**", "", *said[:MOST], *more]
    return "\n".join([*lines, *by_hand(fork), "", *what_is_next(cohort, fork), ""])


def is_begun(progress: ChapterProgress | None) -> bool:
    """Whether there's anything to say about a chapter."""
    return progress is not None and bool(progress.filled or progress.ticked or progress.flags)


def row(outline: Outline, progress: ChapterProgress, checked: bool) -> str:
    """A chapter's line of the table."""
    counts = chapter_counts(outline, progress)
    filled = "?" if is_unread(progress) else str(counts.filled)
    passed = ["" if counts.verified is None else str(counts.verified)] if checked else []
    return f"| {outline.id} {escape(outline.title)} | {counts.total} | {' | '.join([filled, *passed])} |"


def what_fails(progress: ChapterProgress) -> Iterator[str]:
    """The exercises that don't pass, and why; some of the words may be the student's own."""
    for exercise_id, message in failures(progress).items():
        why = escape(message, 400) or "it doesn't pass"
        yield f"- {exercise_id}: {why}. `python scripts/hint.py {exercise_id}` has a hint."


def what_is_odd(progress: ChapterProgress) -> Iterator[str]:
    """What the student should look at in their files."""
    for flag in progress.flags:
        if not flag.word.startswith(FOR_INSTRUCTORS):
            place = f" ({escape(flag.path)}, line {flag.line})" if flag.path and flag.line else ""
            yield f"- {escape(str(flag), 400)}{place}"


def by_hand(fork: Fork) -> Iterator[str]:
    """The marks that people gave, with their comments."""
    if fork.marks:
        yield from ("", "**Marks**", "")
    for mark in fork.marks:
        comment = f": {escape(mark.comment, 1000)}" if mark.comment else ""
        yield f"- {escape(mark.item)}, {mark.points:g} of {mark.of:g}{comment}"


def what_is_next(cohort: Cohort, fork: Fork) -> Iterator[str]:
    """The first exercise that's still blank."""
    for outline in cohort.outlines:
        progress = fork.chapters.get(outline.id)
        if progress is None or is_unread(progress):
            continue
        blank = next((each for each in outline.required if each not in progress.filled), "")
        if blank:
            yield f"Next: {blank}, in chapter {outline.id} {escape(outline.title)}."
            return
    yield "Every exercise is filled."
