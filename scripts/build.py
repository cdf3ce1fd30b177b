"""Derive workshop/ and nanogpt/ from checkpoints/ and translations/: `python scripts/build.py [--check] [--prove]`."""

from __future__ import annotations

import argparse
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path

if __name__ == "__main__":
    __import__("environment")

from kit.terminal import guarded


def run(check: bool, prove: list[str] | None, seeds: int) -> int:
    """Write the derived files, or say what has drifted; then prove the chapters asked for. 1 if anything is wrong."""
    from kit.course.build import derived_files, drifted_files, has_work, write_derived
    from kit.course.course import Course, find_root
    from kit.errors import KitError
    from kit.translation.edition import editions

    course = Course(find_root(Path.cwd()))
    others = editions(course)
    derived = {**derived_files(course), **others.files}
    if check:
        print("".join(f"{gap}\n" for gap in others.gaps), end="")
        code = 1 if others.gaps else 0
        for path in drifted_files(course, derived):
            mine = has_work(path)
            what = "left alone, since someone has worked in it" if mine else "doesn't match its source"
            print(KitError(what, path.relative_to(course.root).as_posix(), "" if mine else "python scripts/build.py"))
            code = code if mine else 1
        return code
    for path in write_derived(course, derived):
        print(f"{'wrote' if path in derived else 'removed'} {path.relative_to(course.root).as_posix()}")
    return 0 if prove is None else prove_chapters(course.root, prove, seeds)


def prove_chapters(root: Path, words: list[str], seeds: int) -> int:
    """Prove the chapters that the words name, or all, on as many more `seeds`; print each flaw. 1 if there are any."""
    from kit.course.course import Course
    from kit.judge.judge import SEEDS, Judge
    from kit.judge.proof.mutation import mutate, write_report
    from kit.judge.proof.prove import prove, refused
    from kit.judge.trials.runners import shared_runner

    judge = Judge(shared_runner(root))
    wrong = 0
    for chapter in {chapter.id: chapter for chapter, _ in Course(root).select(words)}.values():
        flaws = prove(judge, chapter)
        mutation = mutate(judge, chapter)
        write_report(root, chapter, mutation)
        wrong += len(flaws) + len(mutation.survivors) + len(mutation.needless)
        for flaw in flaws:
            print(f"{chapter.path}:{flaw.line}: {flaw.exercise}: {flaw.what}")
        print("".join(mutation.complaints(chapter)), end="")
        for seed, verdict in refused(judge, chapter, (secrets.choice(SEEDS) for _ in range(seeds))):
            wrong += 1
            print(f"{chapter.path}:{chapter.exercise(verdict.id).line}: {verdict.id}: seed {seed}: {verdict.message}")
        blanks = sum(len(exercise.blanks) for exercise in chapter.exercises)
        mistakes = sum(len(exercise.mistakes) for exercise in chapter.exercises)
        print(
            f"chapter {chapter.id}: {len(chapter.exercises)} exercises, {blanks} blanks, {mistakes} mistakes, "
            f"{len(flaws) or 'no'} flaw{'' if len(flaws) == 1 else 's'}; {mutation.made} mutants, "
            f"{mutation.killed} killed, {mutation.equivalent} equivalent, {len(mutation.survivors)} surviving",
            flush=True,
        )
    judge.runner.close()
    return 1 if wrong else 0


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the arguments and run the command."""
    parser = argparse.ArgumentParser(prog="build.py", description="Build workshop/ and nanogpt/ from checkpoints/.")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; list what's out of date, and exit with 1 if anything is"
    )
    parser.add_argument(
        "--prove", nargs="*", metavar="CHAPTER", help="also prove every exercise, or only those of the chapters named"
    )
    seeds_help = "with --prove, try the right answers on N more sets of inputs (default: 0)"
    parser.add_argument("--seeds", type=int, default=0, metavar="N", help=seeds_help)
    given = parser.parse_args(argv)
    return guarded(lambda: run(given.check, given.prove, given.seeds))


if __name__ == "__main__":
    sys.exit(main())
