"""Save your progress: `python scripts/save.py [-m TEXT] [--push]` syncs, judges, ticks and makes one commit."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

if __name__ == "__main__":
    __import__("environment")

from kit.i18n import told
from kit.terminal import guarded


def run(message: str, wanted: bool) -> int:
    """Save, and say what was done; 1 if you have to choose between two versions of a cell, or if the push failed."""
    from kit.course.course import Course, find_root
    from kit.judge.show import print_folded, to_text
    from kit.learner import changes
    from kit.learner import push as pushing
    from kit.learner.check import help_with
    from kit.learner.language import language_of
    from kit.learner.placed import said
    from kit.learner.save import save
    from kit.learner.told import use_language, verdict_in
    from kit.pairs.sync import describe

    course = Course(find_root(Path.cwd()))
    use_language(course)
    done = save(course, message)
    for one in done.synced:
        print_folded(describe(one))
    for finding in done.findings:
        if finding.verdict.outcome in ("failed", "error"):
            language = language_of(course, Path(finding.places[0].file)) or "en"
            verdict = verdict_in(course, finding.verdict, language)
            print_folded(f"{to_text(verdict)}\n  {said(finding.places)}")
    failing = [f.verdict.id for f in done.findings if f.verdict.outcome in ("failed", "error")]
    if failing:
        print(help_with(failing[0]))
    if done.ticked:
        print_folded(f"ticked: {', '.join(done.ticked)}")
    if done.unticked:
        print_folded(f"changed and not passing, so unticked: {', '.join(done.unticked)}")
    saved = f"{told(f'saved as {done.commit}')}: {done.message}"  # in English, as it is in git
    print_folded(saved if done.commit else "nothing new to save")
    for line in done.no_items:
        print_folded(line)
    if done.postponed:
        print_folded(f"edited while being judged, so not saved yet: {', '.join(done.postponed)}. Save again")
    for line in changes.describe(course.root, done.left):
        print_folded(line)
    pushed = pushing.push(course) if wanted else pushing.Pushed()
    for line in (line for merged in pushed.merged for line in pushing.describe(merged)):
        print_folded(line)
    failed = pushed.trouble
    if failed:
        print(told(f"committed, but not pushed: {failed}" if done.commit else f"not pushed: {failed}"), file=sys.stderr)
    elif wanted:
        print(told("pushed") if pushed.sent else told("nothing new to push"))
    return 1 if failed or pushed.clashes or any(one.clashes for one in done.synced) else 0


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the arguments and run the command."""
    parser = argparse.ArgumentParser(
        prog="save.py", description="Save your progress: sync, check, tick and commit your chapters in one go."
    )
    parser.add_argument(
        "-m", "--message", default="", metavar="TEXT", help="commit message (default: one that says what you finished)"
    )
    parser.add_argument("--push", action="store_true", help="push afterwards")
    given = parser.parse_args(argv)
    return guarded(lambda: run(given.message, given.push))


if __name__ == "__main__":
    sys.exit(main())
