"""One job in a fresh process, for systems without `fork()`: run the chapter up to the exercise, then the cell.

Started by kit.judge.runners as `python -m kit.judge.replay ROOT`: the packed job on standard input, the reply on
standard output.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from kit.course.course import Course
from kit.errors import KitError
from kit.judge.fork_server import Reply, error_reply
from kit.judge.jobs import Job, unpack_job
from kit.judge.trial import prepare_torch, script_cells, trial, walk


def replay(root: Path, job: Job) -> Reply:
    """The reply to a job."""
    try:
        chapter = Course(root).chapter(job.chapter)
        if job.exercise not in {exercise.id for exercise in chapter.exercises}:
            raise KitError(f"there is no exercise {job.exercise}")
        prepare_torch()
        state = next(s for id, s, done in walk(script_cells(chapter), job.salt) if id == job.exercise and not done)
    except KitError as error:
        return error_reply(error)
    return b"o" + trial(state, job).pack()


def main(argv: list[str]) -> int:
    """Read a job, write its reply; what the cells print goes nowhere."""
    out = os.dup(1)
    quiet = os.open(os.devnull, os.O_RDWR)
    data = sys.stdin.buffer.read()
    for descriptor in (0, 1, 2):
        os.dup2(quiet, descriptor)
    with open(out, "wb") as file:
        file.write(replay(Path(argv[0]), unpack_job(data)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
