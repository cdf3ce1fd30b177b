"""Start over: `python scripts/reset_to_todo.py CHAPTER|EXERCISE|FILE:LINE`, or `--all`; `--restore` undoes it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

if __name__ == "__main__":
    __import__("environment")

from kit.i18n import noted, told
from kit.terminal import USAGE, guarded


def run(words: list[str], every: bool, language: str) -> int:
    """Reset, and say how to undo it."""
    from kit.course.course import Course, find_root
    from kit.learner.locate import exercise_at
    from kit.learner.reset import describe, reset
    from kit.learner.told import use_language

    course = Course(find_root(Path.cwd()))
    language = use_language(course, language, words)
    words = [chapter.id for chapter in course.chapters] if every else [exercise_at(word) for word in words]
    done = reset(course, words, language)
    for line in describe(done, course.root, [noted("every chapter")] if every else words):
        print(told(line))
    return 0


def run_restore(name: str) -> int:
    """Bring back what a reset overwrote, and say how to undo that too."""
    from kit.course.course import Course, find_root
    from kit.git.backup import choose, restore
    from kit.learner.told import use_language

    root = find_root(Path.cwd())
    use_language(Course(root))
    chosen = choose(root, name, kind="reset")
    done = restore(root, chosen)
    for path in done.paths:
        print(told(f"{path} restored from {chosen.name}"))
    if done.previous is None:
        print(told(f"nothing to do: everything is as it was in {chosen.name}"))
    else:
        print(told(f"to undo: {done.previous.command}"))
    return 0


def run_list() -> int:
    """Print the backups, oldest first."""
    from kit.course.course import Course, find_root
    from kit.git.backup import backups
    from kit.learner.told import use_language

    root = find_root(Path.cwd())
    found = backups(root)
    for backup in found:
        print(f"{backup.name}  {backup.kind}: {backup.subject}")
    if not found:
        use_language(Course(root))
        print(told("there are no backups here yet"))
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the arguments and run the command."""
    parser = argparse.ArgumentParser(
        prog="reset_to_todo.py",
        description="Empty chapters or exercises again, so you can start over. Makes a backup first.",
    )
    parser.add_argument(
        "words", nargs="*", metavar="CHAPTER|EXERCISE|FILE:LINE", help="01, 01.05 with its tick, or what's at a line"
    )
    parser.add_argument("--all", action="store_true", help="reset every chapter")
    parser.add_argument("--lang", default="", metavar="LANG", help="language of your files (default: the one you use)")
    parser.add_argument(
        "--restore", nargs="?", const="", metavar="NAME", help="undo the last reset, or restore the backup NAME"
    )
    parser.add_argument("--list", action="store_true", help="list the backups")
    given = parser.parse_args(argv)
    if sum((bool(given.words), given.all, given.restore is not None, given.list)) != 1:
        parser.print_usage(sys.stderr)
        return USAGE
    if given.list:
        return guarded(run_list)
    if given.restore is not None:
        return guarded(lambda: run_restore(given.restore))
    return guarded(lambda: run(given.words, given.all, given.lang))


if __name__ == "__main__":
    sys.exit(main())
