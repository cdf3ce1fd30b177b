"""Scripted histories as real git repositories: commits in, a bare repository out, the same bytes every time.

    Commit, Commit, ... --git fast-import--> a bare repository with one pack

For the demo cohort, the benchmarks and the tests; it never touches anyone's repository.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from kit.git.command import git_output, isolated_environment

FILE, LINK, MODULE = "100644", "120000", "160000"
SETTINGS = (("fastimport.unpackLimit", "0"), ("init.defaultBranch", "main"), ("core.compression", "1"))


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit: its time, its message, the files it writes (`None` deletes one). `modes` has unusual file modes."""

    when: datetime
    message: str
    files: Mapping[str, bytes | None]
    author: str = "student"
    branch: str = "main"
    modes: Mapping[str, str] = field(default_factory=dict)


def stream(commits: Iterable[Commit], base: str = "") -> Iterator[bytes]:
    """The input of `git fast-import` for these commits; a branch starts at `base`, or where the first branch is.

    Blobs come first, by path, newest first. Each is stored as a delta against the one before it, so the newest is
    stored whole, as in packs that git makes itself.
    """
    commits = list(commits)
    marks: dict[tuple[str, bytes], int] = {}
    for path in sorted({path for commit in commits for path in commit.files}):
        for commit in reversed(commits):
            data = commit.files.get(path)
            if data is not None and commit.modes.get(path) != MODULE and (path, data) not in marks:
                marks[path, data] = len(marks) + 1
                yield b"blob\nmark :%d\ndata %d\n%s\n" % (len(marks), len(data), data)
    started: dict[str, int] = {}
    for number, commit in enumerate(commits, len(marks) + 1):
        who = f"{commit.author} <{commit.author}@example.org> {int(commit.when.timestamp())} {commit.when:%z}"
        message = commit.message.encode()
        yield f"commit refs/heads/{commit.branch}\nmark :{number}\ncommitter {who}\n".encode()
        yield b"data %d\n%s\n" % (len(message), message)
        if commit.branch not in started and (base or started):
            yield f"from {base or ':' + str(next(iter(started.values())))}\n".encode()
        started[commit.branch] = number
        for path, data in commit.files.items():
            mode = commit.modes.get(path, FILE)
            if data is None:
                yield f"D {path}\n".encode()
            elif mode == MODULE:
                yield f"M {mode} {data.decode()} {path}\n".encode()
            else:
                yield f"M {mode} :{marks[path, data]} {path}\n".encode()


def write_history(folder: Path, commits: Iterable[Commit], head: str = "main", base: Path | None = None) -> Path:
    """Make the bare repository `folder` with these commits and HEAD on `head`; on top of the repository `base`, if any.

    Raises:
        KitError: git isn't installed, or it fails.
    """
    environment = isolated_environment(SETTINGS)
    if base:
        shutil.copytree(base, folder, copy_function=link)
    else:
        folder.mkdir(parents=True)
        git_output(folder, "init", "-q", "--bare", "--template=", ".", environment=environment)
    given = b"".join(stream(commits, "refs/heads/main^0" if base else ""))
    if given:
        options = ("--quiet", "--depth=1", "--date-format=raw-permissive")
        git_output(folder, "fast-import", *options, environment=environment, given=given)
    (folder / "HEAD").write_text(f"ref: refs/heads/{head}\n")
    return folder


def link(source: str, target: str) -> str:
    """Hard-link what git never changes, and copy the rest."""
    if "/objects/" in source:
        os.link(source, target)
    else:
        shutil.copyfile(source, target)
    return target
