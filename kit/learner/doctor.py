"""What could keep the workshop from working, one by one: each check is fine, or has the command that mends it.

Nothing is changed and nothing is run but git and, where it is there, `code --list-extensions`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from kit.course.course import Course
from kit.errors import KitError
from kit.git.command import git, git_output
from kit.git.committer import committer, unfinished
from kit.git.worktree import open_clone
from kit.pairs import convert
from kit.pairs.pair import pairs, read

OLDEST, NEWEST = (3, 11), (3, 13)
ROOM = 500 * 2**20  # bytes that a day of work, a training and its backups may take
UNPINNED = {"torch", "numpy"}  # another version of these works too


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. `mend` is the next command, empty where all is well."""

    name: str
    said: str
    mend: str = ""

    @property
    def ok(self) -> bool:
        """Whether there is nothing to mend."""
        return not self.mend


def python() -> Check:
    """The interpreter that runs this."""
    here = sys.version_info[:2]
    said = f"{sys.version.split()[0]}, {sys.executable}"
    if not OLDEST <= here <= NEWEST:
        return Check("Python", f"{said}; the workshop needs 3.11 to 3.13", "make setup PYTHON=python3.12")
    return Check("Python", said)


def packages(root: Path) -> Check:
    """What is installed against the pins of requirements.txt; markers for other systems are left out."""
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        lines = (root / "requirements.txt").read_text(encoding="utf-8").split("\n")
    except OSError:
        return Check("packages", "requirements.txt is not here", "git checkout -- requirements.txt")
    wrong, count = [], 0
    for line in lines:
        try:
            wanted = Requirement(line.partition("#")[0].strip())
        except InvalidRequirement:
            continue
        if wanted.marker and not wanted.marker.evaluate():
            continue
        count += 1
        try:
            found = version(wanted.name)
        except PackageNotFoundError:
            wrong.append(f"{wanted.name} is missing")
            continue
        if wanted.name not in UNPINNED and not wanted.specifier.contains(found, prereleases=True):
            wrong.append(f"{wanted.name} is {found}, not {str(wanted.specifier).lstrip('=')}")
    if wrong:
        more = f" and {len(wrong) - 4} more" if wrong[4:] else ""
        return Check("packages", "; ".join(wrong[:4]) + more, "make setup")
    return Check("packages", f"{count} as pinned")


def torch() -> Check:
    """PyTorch, not imported."""
    try:
        return Check("PyTorch", version("torch"))
    except PackageNotFoundError:
        return Check("PyTorch", "not installed", "make setup")


def identity(root: Path) -> Check:
    """Whether git knows who commits."""
    known = committer(root)
    return Check("git identity", f"{known.name} <{known.email}>")


def hook(root: Path) -> Check:
    """Whether the commit hook is installed."""
    path = root / git_output(root, "rev-parse", "--git-path", "hooks/pre-commit").strip()
    if path.is_file() and "pre-commit" in path.read_text(encoding="utf-8", errors="replace"):
        return Check("commit hook", "installed")
    return Check("commit hook", "not installed, so a plain `git commit` is not checked", "make setup")


def driver(root: Path) -> Check:
    """Whether a plain `git pull` merges chapters exercise by exercise."""
    if git(root, "config", "merge.workshop.driver").stdout.strip():
        return Check("merges", "chapters are merged exercise by exercise")
    return Check("merges", "a plain `git pull` would merge chapters line by line", "make setup")


def under_way(root: Path) -> Check:
    """Whether a merge or something of its kind waits to be finished."""
    waiting = unfinished(open_clone(root))
    if waiting:
        return Check("git", f"{waiting[0]} is not finished", waiting[1])
    return Check("git", git_output(root, "--version").strip().removeprefix("git version "))


def extensions(root: Path) -> Check:
    """The editor's extensions, where its command is on the path."""
    code = shutil.which("code")
    if not code:
        return Check("extensions", "not looked at: there is no `code` on the path")
    try:
        wanted = json.loads((root / ".vscode" / "extensions.json").read_text(encoding="utf-8"))["recommendations"]
        done = subprocess.run([code, "--list-extensions"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, ValueError, KeyError, subprocess.TimeoutExpired) as error:
        return Check("extensions", f"not looked at: {type(error).__name__}")
    missing = [name for name in wanted if name.lower() not in done.stdout.lower().split()]
    if missing:
        return Check("extensions", f"missing: {', '.join(missing)}", f"code --install-extension {missing[0]}")
    return Check("extensions", f"{len(wanted)} are there")


def chapters(course: Course) -> Check:
    """Whether both files of each chapter can be read and say the same."""
    found = pairs(course)
    apart, broken = [], []
    for pair in found:
        try:
            sides = read(pair)
        except KitError as error:
            broken.append(f"{pair.name}: {error.what}")
            continue
        if sides.script is None and sides.notebook is None:
            broken.append(f"{pair.name}: nothing in it")
        elif convert.keys(sides.script or ()) != convert.keys(sides.notebook or ()):
            apart.append(pair.name)
    if broken:
        stem = broken[0].partition(":")[0]
        return Check("chapters", "; ".join(broken[:3]), f"git checkout -- {stem}.py {stem}.ipynb")
    if apart:
        more = f" and {len(apart) - 3} more" if apart[3:] else ""
        return Check("chapters", f"the two files differ of {', '.join(apart[:3])}{more}", "python scripts/sync.py")
    if not found:
        return Check("chapters", "there are none", "git checkout -- workshop")
    return Check("chapters", f"{len(found)} pairs, both files of each say the same")


def arrival(root: Path) -> Check:
    """Whether the system tells when a file is saved."""
    from kit.learner.file_events import events_arrive

    if events_arrive(root):
        return Check("file events", "arrive")
    return Check("file events", "do not arrive from this folder; --watch looks four times a second instead")


def disk_room(root: Path) -> Check:
    """How much room is left where the workshop lies."""
    free = shutil.disk_usage(root).free
    said = f"{free / 2**30:.1f} GB free"
    return Check("disk", said) if free > ROOM else Check("disk", said, "make room: a training needs some")


def writable(root: Path) -> Check:
    """Whether the workshop's folder can be written."""
    if os.access(root, os.W_OK):
        return Check("folder", f"{root} can be written")
    return Check("folder", f"{root} cannot be written", f"sudo chown -R $(id -un) {root}")


def examine(course: Course) -> Iterator[Check]:
    """Every check, one after the other; one that cannot be made says why."""
    root = course.root
    looks: list[tuple[str, Callable[[], Check]]] = [
        ("Python", python),
        ("PyTorch", torch),
        ("packages", lambda: packages(root)),
        ("folder", lambda: writable(root)),
        ("git", lambda: under_way(root)),
        ("git identity", lambda: identity(root)),
        ("commit hook", lambda: hook(root)),
        ("merges", lambda: driver(root)),
        ("chapters", lambda: chapters(course)),
        ("file events", lambda: arrival(root)),
        ("extensions", lambda: extensions(root)),
        ("disk", lambda: disk_room(root)),
    ]
    for name, look in looks:
        try:
            yield look()
        except KitError as error:
            yield Check(name, error.what, error.next or "make setup")
        except ImportError as error:
            yield Check(name, f"not looked at: {error}", "make setup")
