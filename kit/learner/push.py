"""Pushing what was saved. What was saved elsewhere, on another machine or in the browser, is merged by exercise first.

git push --rejected--> fetch --> merge, as an update does --> git push
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kit.course.course import Course
from kit.errors import KitError
from kit.git.address import redact
from kit.git.command import error_line, git, git_output
from kit.learner.update.update import Updated, merge_saved
from kit.learner.update.upstream import Source
from kit.text import plural

ATTEMPTS = 3
BEHIND = re.compile(r"!\t[^\t]*:(?P<branch>refs/heads/[^\t]+)\t\[rejected\] \((?:fetch first|non-fast-forward)\)")
SAME = re.compile(r"^=\t", re.MULTILINE)
REMOTE_ERROR = re.compile(r"^remote: (?:error|fatal): (?P<said>.+?)\s*$", re.MULTILINE)
REF = "refs/workshop/elsewhere"


@dataclass(frozen=True, slots=True)
class Pushed:
    """What was merged before the push, what went wrong with it, empty if nothing did, and whether anything was sent."""

    merged: tuple[Updated, ...] = ()
    trouble: str = ""
    sent: bool = True

    @property
    def clashes(self) -> tuple[str, ...]:
        """The cells kept in two versions."""
        return tuple(title for done in self.merged for title in done.clashes)


def push(course: Course) -> Pushed:
    """Push the branch to its upstream, or else to the remote `origin`, with what's there merged first.

    Raises:
        KitError: git isn't installed, or no branch is checked out.
    """
    root, merged = course.root, list[Updated]()
    branch = git_output(root, "symbolic-ref", "--short", "HEAD").strip()
    remote = git(root, "for-each-ref", "--format=%(push:remotename)", f"refs/heads/{branch}").stdout.strip()
    if git(root, "rev-parse", "--abbrev-ref", "@{upstream}").returncode == 0:
        words = ["push"]
    elif "origin" in git_output(root, "remote").split():
        words, remote = ["push", "--set-upstream", "origin", branch], "origin"
    else:
        return Pushed(
            (), "there's no remote to push to: git remote add origin <address of your fork>, then save --push again"
        )
    for _ in range(ATTEMPTS):
        done = git(root, *words, "--porcelain")
        if done.returncode == 0:
            return Pushed(tuple(merged), sent=SAME.search(done.stdout) is None)
        behind = BEHIND.search(done.stdout)
        if behind is None:
            reason = redact(said(done.stderr))
            return Pushed(tuple(merged), f"{reason}; to try again: git {' '.join(words)}")
        try:
            merged.append(merge_saved(course, Source(remote or "origin", behind["branch"], REF, elsewhere=True)))
        except KitError as error:
            return Pushed(tuple(merged), str(error))
    return Pushed(tuple(merged), "something newer is there each time; run python scripts/save.py --push again")


def said(errors: str) -> str:
    """Why the push failed: what the server says is wrong, or else git's own complaint."""
    found = REMOTE_ERROR.search(errors)
    return found["said"] if found else error_line(errors)


def describe(done: Updated) -> Iterator[str]:
    """What was merged, as lines: how much, and each answer that the learner should look at."""
    if not done.commit:
        return
    yield f"merged what you saved elsewhere: {plural(done.commits, 'commit')}"
    for chapter in done.chapters:
        name, revision = (chapter.new or chapter.old or ("", ""))[1], chapter.revision
        for each in revision.merged:
            yield f"{name}: {each} was changed here and elsewhere; both changes are in its cell: check it"
        for each in revision.kept:
            yield f"{name}: {each} was changed here and elsewhere; your answer from here is in its cell: check it"
        for title in revision.clashes:
            yield f"{name}: both versions of {title} are kept: pick one and delete the lower cell"
        for lost in revision.removed:
            yield f"{name}: {lost.id} was deleted elsewhere; what you had here is in archive.md"
    for path in done.overruled:
        yield f"{path}: it was changed here and elsewhere; the version from elsewhere was taken"
    if "requirements.txt" in done.files:
        yield "the packages in requirements.txt have changed. Next: make setup"
    if done.backup:
        yield f"to get your files back as they were before: {done.backup.command}"
