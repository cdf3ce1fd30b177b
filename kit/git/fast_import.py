"""Scripted histories as real git repositories: commits in, one bare repository out, the same bytes every time.

    Commit, Commit, ... --git fast-import--> a bare repository with one pack

For the demo's cohort, the measurements and the tests; nothing here touches a repository that is somebody's.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from kit.errors import KitError

FILE, LINK, MODULE = "100644", "120000", "160000"
SETTINGS = ("-c", "fastimport.unpackLimit=0", "-c", "init.defaultBranch=main", "-c", "core.compression=1")


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit: when, what it says, and the files it writes (`None` removes one). `modes` are those of odd files."""

    when: datetime
    message: str
    files: Mapping[str, bytes | None]
    author: str = "student"
    branch: str = "main"
    modes: Mapping[str, str] = field(default_factory=dict)


def stream(commits: Iterable[Commit], base: str = "") -> Iterator[bytes]:
    """The input of `git fast-import` for these commits; a branch starts at `base`, or where the first one was.

    Blobs come first, by path and newest first: each is stored as a difference to the one before it, and so the
    newest is stored whole, as in what git packs itself.
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


def run(folder: Path, *words: str, given: bytes | None = None) -> str:
    """Run git in a folder with no settings but ours, and give back what it printed.

    Raises:
        KitError: git is missing, or fails.
    """
    environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(folder)}
    environment |= {"GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C"}
    try:
        done = subprocess.run(
            ["git", *SETTINGS, *words], cwd=folder, input=given, capture_output=True, check=True, env=environment
        )
    except FileNotFoundError as error:
        raise KitError("git is not installed", "", "install git, then try again") from error
    except subprocess.CalledProcessError as error:
        raise KitError(
            f"git {words[0]} failed: {error.stderr.decode(errors='replace').strip()}", str(folder)
        ) from error
    return done.stdout.decode(errors="replace")


def write_history(folder: Path, commits: Iterable[Commit], head: str = "main", base: Path | None = None) -> Path:
    """Make the bare repository `folder` with these commits, its HEAD on `head`; on top of the one at `base`, if given.

    Raises:
        KitError: git is missing, or fails.
    """
    if base:
        shutil.copytree(base, folder, copy_function=link)
    else:
        folder.mkdir(parents=True)
        run(folder, "init", "-q", "--bare", "--template=", ".")
    given = b"".join(stream(commits, "refs/heads/main^0" if base else ""))
    if given:
        run(folder, "fast-import", "--quiet", "--depth=1", "--date-format=raw-permissive", given=given)
    (folder / "HEAD").write_text(f"ref: refs/heads/{head}\n")
    return folder


def link(source: str, target: str) -> str:
    """Share what git never changes, copy the rest."""
    if "/objects/" in source:
        os.link(source, target)
    else:
        shutil.copyfile(source, target)
    return target
