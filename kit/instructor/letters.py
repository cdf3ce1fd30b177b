"""What `scripts/feedback.py` does: from SOURCE words to a folder of feedback, and from that folder to GitHub."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from kit.course.course import Course
from kit.errors import KitError
from kit.instructor.anonymise import Key
from kit.instructor.cohort import read_forks
from kit.instructor.feedback import load_round, named, write_feedback
from kit.instructor.options import ReportOptions
from kit.instructor.post import connected, post_all
from kit.sources.github_api import connect
from kit.terminal import say
from kit.text import first_few, plural

MOST = 8


def write(course: Course, options: ReportOptions, folder: Path) -> None:
    """Write feedback for each student into a folder, and say what was left as it is.

    Raises:
        KitError: a word is unusable, or a file can't be written.
    """
    done = write_feedback(folder, read_forks(course, options, Key()))
    if done.kept:
        say(f"left as they are, edited or posted: {first_few(done.kept, MOST)}")
    files = plural(len(done.files), "file")
    print(f"{files} in {folder}. Next: read them, then python scripts/feedback.py --post {folder}")


def post(folder: Path, *, send: bool, public: bool) -> int:
    """Post the feedback in a folder, or say what would be posted; 1 if some of it couldn't be.

    Raises:
        KitError: there's no feedback in the folder, no token, or GitHub asks for too long a pause.
    """
    round_ = load_round(folder)
    if round_ is None:
        raise KitError("there's no feedback here", str(folder), f"python scripts/feedback.py SOURCE --output {folder}")
    counts: Counter[str] = Counter()
    with connect() as api:
        for outcome in post_all(connected(api), round_, send=send, public=public):
            counts[outcome.kind] += 1
            print(f"{named(outcome.letter)}: {outcome.kind}: {outcome.where}", flush=True)
    print(", ".join(f"{counts[kind]} {kind}" for kind in counts))
    if not send and counts["would be posted"]:
        command = f"python scripts/feedback.py --post {folder} --send{' --public' if public else ''}"
        print(f"Nothing was posted. Next: {command}")
    return 1 if send and counts["not posted"] else 0
