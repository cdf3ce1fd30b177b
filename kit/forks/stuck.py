"""Who is stuck, and where. In one sentence:

A student is stuck on an exercise if they changed it the last time they worked and on earlier occasions too, it still
isn't done, and they have come back to it more often than nine in ten of those who have done it needed.

In detail:

- Only what the student did counts: their own commits (kit.forks.own_work), and of these those that changed an answer.
- An *occasion* is a sitting: commits with less than six hours between them. So holidays, a late start and having left
  off count for nothing, and where a student is now is what they changed in their latest sitting.
- They changed it in `TRIES` commits or more.
- *Done* is what passes our check, if the checks were run; otherwise what's filled. The exception is a student who
  ticks: then what is filled and not ticked isn't done.
- The *usual* number of sittings is that of the students who have done the exercise. If fewer than `FEW` have, it is
  that of all exercises in the chapter, then of all in the course; if those are still fewer, it is `UNKNOWN`.

An exercise with a blank that was ticked isn't this: its student says it's done, and a flag says it isn't.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from kit.course.outline import Outline
from kit.forks.records import NOT_JUDGED, Attempted, Fork, Stuck
from kit.pairs.progress import ChapterProgress
from kit.text import plural

FEW = 5
TRIES = 3  # commits; less is hardly a reason to ask somebody
UNKNOWN = 2  # sittings that are usual where nothing is known
MOST = 3


@dataclass(frozen=True, slots=True)
class UsualEffort:
    """The sittings that nine in ten of `count` students or exercises needed at most; `of` says for what."""

    count: int
    sittings: int
    of: str


def usual_effort(sittings: Sequence[int], of: str) -> UsualEffort:
    """The usual effort, from how many sittings each needed."""
    ordered = sorted(sittings)
    return UsualEffort(len(ordered), ordered[-(-9 * len(ordered) // 10) - 1], of)


def ticks_its_work(fork: Fork, apart_from: str) -> bool:
    """Whether a student ticks what they have done: at least half of what's filled, leaving one exercise aside."""
    filled = [x for progress in fork.chapters.values() for x in progress.filled if x != apart_from]
    ticked = {x for progress in fork.chapters.values() for x in progress.ticked}
    return bool(filled) and 2 * len(ticked.intersection(filled)) >= len(filled)


def is_checked(progress: ChapterProgress, exercise_id: str) -> bool:
    """Whether our check has said anything about an exercise; if it couldn't be judged, it hasn't."""
    return progress.verified is not None and not progress.failed.get(exercise_id, "").startswith(NOT_JUDGED)


def is_done(fork: Fork, progress: ChapterProgress, exercise_id: str) -> bool:
    """Whether an exercise is done."""
    if is_checked(progress, exercise_id):
        return exercise_id in (progress.verified or ())
    if exercise_id not in progress.filled:
        return False
    return exercise_id in progress.ticked or not ticks_its_work(fork, exercise_id)


def find_stuck(outlines: Sequence[Outline], forks: Sequence[Fork]) -> tuple[Fork, ...]:
    """The same forks, each with where its student is stuck. Call it again once the checks have been run."""
    needed: dict[str, list[int]] = {}
    open_now: list[list[tuple[str, Attempted, ChapterProgress]]] = [[] for _ in forks]
    for fork, unfinished in zip(forks, open_now, strict=True):
        if fork.history is None:
            continue
        for outline in outlines:
            progress = fork.chapters.get(outline.id)
            if progress is None:
                continue
            for exercise_id in outline.required:
                attempted = fork.history.attempted.get(exercise_id)
                if attempted is None:
                    continue
                if is_done(fork, progress, exercise_id):
                    needed.setdefault(exercise_id, []).append(attempted.sittings)
                elif attempted.now and not (exercise_id in progress.ticked and exercise_id not in progress.filled):
                    unfinished.append((exercise_id, attempted, progress))
    usual = usual_efforts(outlines, needed)
    return tuple(with_stuck(fork, usual, unfinished) for fork, unfinished in zip(forks, open_now, strict=True))


def with_stuck(
    fork: Fork, usual: Mapping[str, UsualEffort], unfinished: Sequence[tuple[str, Attempted, ChapterProgress]]
) -> Fork:
    """The fork with the exercises that its student is stuck on, most sittings first, replacing what it had before."""
    found: list[tuple[int, Stuck]] = []
    for exercise_id, attempted, progress in unfinished:
        known = usual.get(exercise_id)
        often = attempted.sittings > (known.sittings if known else UNKNOWN) and attempted.commits >= TRIES
        if attempted.first and often:
            shown = " ".join([what_shows(exercise_id, attempted, progress), *([what_is_usual(known)] if known else [])])
            found.append((attempted.sittings, Stuck(exercise_id, attempted.first, shown)))
    if fork.history is None or (not found and not fork.history.stuck):
        return fork
    most = sorted(found, key=lambda pair: (-pair[0], pair[1].id))[:MOST]
    return replace(fork, history=replace(fork.history, stuck=tuple(stuck for _, stuck in most)))


def usual_efforts(outlines: Sequence[Outline], needed: Mapping[str, list[int]]) -> dict[str, UsualEffort]:
    """The usual effort for each exercise; for its chapter's or the course's, if too few students have done it."""
    found: dict[str, UsualEffort] = {}
    course = [sittings for some in needed.values() for sittings in some]
    of_course = usual_effort(course, "the course's exercises") if len(course) >= FEW else None
    for outline in outlines:
        chapter = [sittings for exercise_id in outline.exercises for sittings in needed.get(exercise_id, [])]
        wide = usual_effort(chapter, f"the exercises of chapter {outline.id}") if len(chapter) >= FEW else of_course
        for exercise_id in outline.exercises:
            own = needed.get(exercise_id, [])
            usual = usual_effort(own, "") if len(own) >= FEW else wide
            if usual:
                found[exercise_id] = usual
    return found


def what_shows(exercise_id: str, attempted: Attempted, progress: ChapterProgress) -> str:
    """What a student did for an exercise, and how it is now, in a sentence."""
    tries, sittings = plural(attempted.commits, "commit"), plural(attempted.sittings, "sitting")
    first, last = f"{attempted.first:%Y-%m-%d}", f"{attempted.last:%Y-%m-%d}"
    if exercise_id not in progress.filled:
        return f"changed in {tries} over {sittings}, from {first} to {last}, and still not filled."
    if is_checked(progress, exercise_id):
        return f"changed in {tries} over {sittings}, from {first} to {last}, and our check still doesn't pass."
    return f"changed in {tries} over {sittings}, from {first} to {last}, and still not ticked."


def what_is_usual(usual: UsualEffort) -> str:
    """What others needed, in a sentence."""
    sittings = plural(usual.sittings, "sitting")
    if usual.of:
        return f"Nine in ten times, {usual.of} took {sittings} at most."
    return f"Nine in ten of the {usual.count} students who have done it needed {sittings} at most."
