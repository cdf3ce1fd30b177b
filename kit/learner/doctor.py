"""What could keep the workshop from working: each check is fine, or comes with the command that fixes it.

Nothing is changed, and nothing is run except git and, if it exists, `code --list-extensions`.
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
from kit.git.committer import committer, trusted, unfinished
from kit.git.worktree import open_clone
from kit.judge.resident.client import Client, Unavailable, connect, connection_file, is_possible
from kit.learner.changes import unknown_chapters
from kit.pairs import convert
from kit.pairs.pair import list_pairs, read_pair
from kit.text import first_few, plural

OLDEST, NEWEST = (3, 11), (3, 13)
MIN_FREE = 500 * 2**20  # bytes; a day's work, a training and its backups need less
UNPINNED = {"torch", "numpy"}  # other versions of these work too


@dataclass(frozen=True, slots=True)
class Check:
    """The result of one check: what was found, and the command that fixes it, empty if all is well."""

    name: str
    found: str
    fix: str = ""

    @property
    def ok(self) -> bool:
        """Whether there is nothing to fix."""
        return not self.fix


def python() -> Check:
    """The interpreter that runs this."""
    here = sys.version_info[:2]
    found = f"{sys.version.split()[0]}, {sys.executable}"
    if not OLDEST <= here <= NEWEST:
        return Check("Python", f"{found}; the workshop needs 3.11 to 3.13", "make setup PYTHON=python3.12")
    return Check("Python", found)


def packages(root: Path) -> Check:
    """The installed packages, compared with the pins in requirements.txt; lines for other systems don't count."""
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        lines = (root / "requirements.txt").read_text(encoding="utf-8").split("\n")
    except OSError:
        return Check("packages", "requirements.txt is missing", "git checkout -- requirements.txt")
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
        return Check("packages", first_few(wrong, 4, "; "), "make setup")
    return Check("packages", f"{count} as pinned")


def torch() -> Check:
    """Whether PyTorch is installed; importing it would take seconds."""
    try:
        return Check("PyTorch", version("torch"))
    except PackageNotFoundError:
        return Check("PyTorch", "not installed", "make setup")


def identity(root: Path) -> Check:
    """Whether git knows who commits."""
    known = committer(root)
    return Check("git identity", f"{known.name} <{known.email}>")


def hook(root: Path) -> Check:
    """Whether the commit hook is installed where git looks for hooks, which `core.hooksPath` may have moved."""
    path = root / git_output(root, "rev-parse", "--git-path", "hooks/pre-commit").strip()
    if path.is_file() and "pre-commit" in path.read_text(encoding="utf-8", errors="replace"):
        return Check("commit hook", "installed")
    own = Path(git_output(root, "rev-parse", "--git-common-dir").strip()) / "hooks"
    if os.path.realpath(path.parent) != os.path.realpath(root / own):
        found = f"git looks for hooks in {path.parent} (core.hooksPath), and the workshop's isn't there"
        return Check("commit hook", found, f"git config core.hooksPath {own}, then make setup; save.py needs no hook")
    return Check("commit hook", "not installed, so nothing checks a plain `git commit`", "make setup")


def driver(root: Path) -> Check:
    """Whether a plain `git pull` merges chapters exercise by exercise."""
    trusted(root)
    if git(root, "config", "merge.workshop.driver").stdout.strip():
        return Check("merges", "chapters are merged exercise by exercise")
    return Check("merges", "a plain `git pull` would merge chapters line by line", "make setup")


def under_way(root: Path) -> Check:
    """Whether a merge, a rebase or the like is unfinished."""
    clone = open_clone(root)
    trusted(root)
    waiting = unfinished(clone)
    if waiting:
        return Check("git", f"{waiting[0]} isn't finished", waiting[1])
    return Check("git", git_output(root, "--version").strip().removeprefix("git version "))


def extensions(root: Path) -> Check:
    """The editor's extensions, if its command is on the PATH."""
    code = shutil.which("code")
    if not code:
        return Check("extensions", "not checked: `code` isn't on the PATH")
    try:
        wanted = json.loads((root / ".vscode" / "extensions.json").read_text(encoding="utf-8"))["recommendations"]
        done = subprocess.run([code, "--list-extensions"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, ValueError, KeyError, subprocess.TimeoutExpired) as error:
        return Check("extensions", f"not checked: {type(error).__name__}")
    missing = [name for name in wanted if name.lower() not in done.stdout.lower().split()]
    if missing:
        return Check("extensions", f"missing: {', '.join(missing)}", f"code --install-extension {missing[0]}")
    return Check("extensions", f"all {len(wanted)} installed")


def chapters(course: Course) -> Check:
    """Whether both files of every chapter can be read and say the same."""
    found = list_pairs(course)
    apart, broken = [], []
    for pair in found:
        try:
            sides = read_pair(pair)
        except KitError as error:
            broken.append(f"{pair.name}: {error.what}")
            continue
        if sides.cells is None:
            broken.append(f"{pair.name}: empty")
        elif convert.keys(sides.script or ()) != convert.keys(sides.notebook or ()):
            apart.append(pair.name)
    if broken:
        stem = broken[0].partition(":")[0]
        return Check("chapters", "; ".join(broken[:3]), f"git checkout -- {stem}.py {stem}.ipynb")
    if apart:
        return Check("chapters", f"the .py and the notebook differ: {first_few(apart, 3)}", "python scripts/sync.py")
    if not found:
        return Check("chapters", "none found", "git checkout -- workshop")
    return Check("chapters", f"{plural(len(found), 'pair')}, and both files of each say the same")


def copies(course: Course) -> Check:
    """Files beside the chapters that look like one and aren't. That's no fault, but work in them is easily missed."""
    found = list(unknown_chapters(course))
    if found:
        return Check("copies", f"no chapter of the course; work in it is not counted: {first_few(found, 3)}")
    return Check("copies", "none beside the chapters")


def file_watching(root: Path) -> Check:
    """Whether the system reports that a file was saved."""
    from kit.learner.file_events import events_arrive

    return Check("file events", events_arrive(root).told or "arrive")


def disk_room(root: Path) -> Check:
    """How much space is left on the workshop's disk."""
    free = shutil.disk_usage(root).free
    fix = "" if free > MIN_FREE else "free some disk space: a training needs it"
    return Check("disk", f"{free / 2**30:.1f} GB free", fix)


def resident_judge(root: Path) -> Check:
    """Whether a judge is waiting for the next check, and the memory it takes."""
    if not is_possible():
        return Check("judge", "each command judges by itself")
    link = connect(root)
    if link is None:
        return Check("judge", "not running; the next check starts it")
    link.close()
    try:
        about = Client(root).ask("info")
    except Unavailable as error:
        return Check("judge", f"it doesn't answer: {error}", f"rm {connection_file(root)}")
    memory = f", {about['memory'] / 2**20:.0f} MB" if about["memory"] else ""
    return Check("judge", f"running, process {about['pid']}{memory}; it ends after ten idle minutes")


def writable(root: Path) -> Check:
    """Whether the workshop's folder is writable."""
    if os.access(root, os.W_OK):
        return Check("folder", f"{root} is writable")
    return Check("folder", f"{root} isn't writable", f"sudo chown -R $(id -un) {root}")


def examine(course: Course) -> Iterator[Check]:
    """Every check, one after the other; one that can't be done says why."""
    root = course.root
    checks: list[tuple[str, Callable[[], Check]]] = [
        ("Python", python),
        ("PyTorch", torch),
        ("packages", lambda: packages(root)),
        ("folder", lambda: writable(root)),
        ("git", lambda: under_way(root)),
        ("git identity", lambda: identity(root)),
        ("commit hook", lambda: hook(root)),
        ("merges", lambda: driver(root)),
        ("chapters", lambda: chapters(course)),
        ("copies", lambda: copies(course)),
        ("file events", lambda: file_watching(root)),
        ("extensions", lambda: extensions(root)),
        ("judge", lambda: resident_judge(root)),
        ("disk", lambda: disk_room(root)),
    ]
    said: set[str] = set()
    for name, check in checks:
        try:
            yield check()
        except KitError as error:
            if error.what in said:
                yield Check(name, "not checked, for the reason given above")
                continue
            said.add(error.what)
            yield Check(name, error.what, error.next or "make setup")
        except ImportError as error:
            yield Check(name, f"not checked: {error}", "make setup")
