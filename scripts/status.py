"""Where am I? `python scripts/status.py` shows the chapters, the next exercise and the time spent. Runs nothing."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

if __name__ == "__main__":
    __import__("environment")

from kit.i18n import told
from kit.terminal import guarded


def run_json(language: str) -> int:
    """Print the whole course as JSON (docs/interface.md)."""
    import json

    from kit.course.course import Course, find_root
    from kit.learner.told import use_language
    from kit.learner.tree import tree

    course = Course(find_root(Path.cwd()))
    print(json.dumps(tree(course, use_language(course, language)), ensure_ascii=False, indent=1))
    return 0


def run(language: str) -> int:
    """Print a line for each chapter, what to look at again, and what comes next."""
    from kit.course.course import Course, find_root
    from kit.judge.show import print_folded
    from kit.learner.status import next_lines, rows, status
    from kit.learner.time_spent import time_line
    from kit.learner.told import use_language
    from kit.terminal import terminal_width
    from kit.text import first_few

    course = Course(find_root(Path.cwd()))
    language = use_language(course, language)
    course.require_language(language)
    found = status(course, language)
    for line in rows(found, terminal_width()):
        print_folded(line)
    challenges = [chapter for chapter in found.chapters if chapter.outline.challenge]
    left = [chapter.outline.challenge for chapter in challenges if not chapter.challenge_done]
    print_folded(f"total: {found.filled} of {found.exercises} filled, {found.ticks} ticked")
    if challenges:
        done, total = len(challenges) - len(left), len(challenges)
        print_folded(f"challenges, which wait for nobody: {done} of {total} done")
    if found.spent is not None and round(found.spent.total_seconds() / 60):
        print_folded(time_line(found.spent))
    apart = [chapter.outline.id for chapter in found.chapters if chapter.apart]
    if apart:
        print_folded(
            f"the .py and the notebook differ in {first_few(apart, 8)}: python scripts/save.py brings them together"
        )
    unsolved = [each for chapter in found.chapters for each in chapter.ticked_not_passing]
    if unsolved:
        print_folded(f"ticked, but not passing: {first_few(unsolved, 8)}")
        print(told(f"  python scripts/check.py {unsolved[0]} says why"))
    for line in next_lines(found):
        print_folded(line)
    if left and found.current is None:
        print_folded(f"challenges left, for as long as you like: {', '.join(left)}")
    more = [f"{one.outline.id} {one.title}" for one in found.chapters if one.outline.bonus and one.to_do]
    if more and found.current is None:
        print_folded(f"bonus chapters, if you want more: {', '.join(more)}")
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the arguments and run the command."""
    parser = argparse.ArgumentParser(prog="status.py", description="Show where you are and what comes next.")
    parser.add_argument("--lang", default="", metavar="LANG", help="language of your files (default: the one you use)")
    parser.add_argument(
        "--format", choices=["text", "json"], default="text", help="text for you, json for a program (default: text)"
    )
    given = parser.parse_args(argv)
    return guarded(lambda: run(given.lang) if given.format == "text" else run_json(given.lang))


if __name__ == "__main__":
    sys.exit(main())
