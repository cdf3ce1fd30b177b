"""The learner's files, what backups have of them, and commands killed while writing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pygit2

from kit.course.course import ROOT
from kit.git import backup
from kit.git.worktree import blob, open_clone

Files = dict[str, bytes]


def files(root: Path) -> Files:
    """The bytes of all of a learner's files."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes() for path in sorted((root / "workshop" / "en").iterdir())
    }


def killed(mode: str, script: str, argv: list[str], source: Path, target: Path, **more: int) -> list[int]:
    """The exit statuses of `tests.support.kill`."""
    shutil.rmtree(source / ".git" / "hooks", ignore_errors=True)  # samples, not worth copying
    plan = {"mode": mode, "script": script, "argv": argv, "source": str(source), "target": str(target), **more}
    quiet = {name: value for name, value in os.environ.items() if not name.startswith("COV")}  # many get killed
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.kill", json.dumps(plan)],
        env=quiet,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert isinstance(found, list)
    return found


def in_backups(root: Path) -> set[tuple[str, bytes]]:
    """What was in the listed files in each backup."""
    repository = open_clone(root)
    trees = [(found.paths, repository[found.commit].peel(pygit2.Tree)) for found in backup.backups(root)]
    return {(path, found.data) for paths, tree in trees for path in paths if (found := blob(tree, path))}
