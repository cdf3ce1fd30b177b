"""Forks on a server: fetched with git into a cache, one bare repository each, and only what is new.

Address --ls-remote--> Heads --other than the cache's?--> fetch --> Fetched (a path in the cache)
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kit.address import Address, redact
from kit.errors import KitError
from kit.fork import ForkTrouble, Status
from kit.label import label
from kit.repository import Store
from kit.transport import SECONDS, git

BEFORE_HEAD = "refs/heads/.none"  # what HEAD of a cached fork names where the server has no default branch
FOR_NOW = ("timed out", "unreachable")  # such a fork is shown as it was last fetched
MOVED = re.compile(r"redirecting to (\S+)")
DEFAULT = re.compile(r"^ref: (refs/heads/\S+)\tHEAD$", re.MULTILINE)
TIP = re.compile(r"^([0-9a-f]{40,64})\t(?:HEAD|refs/heads/(\S+))$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Heads:
    """What a server has: what its HEAD says, the tip of each branch, and the address to which it sent us, if it did."""

    head: str
    tips: Mapping[str, str]
    moved: str = ""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A fork in the cache. `status` and `reason` are those of the fetch, and stand above what is read there."""

    path: Path
    status: Status = "ok"
    reason: str = ""


def heads_of(address: Address, seconds: float = SECONDS) -> Heads:
    """What the server has, in one request.

    Raises:
        ForkTrouble: it does not say.
    """
    out, errors = git(["ls-remote", "--symref", "--", address.url, "HEAD", "refs/heads/*"], address, seconds)
    tips = {name: oid for oid, name in TIP.findall(out) if name}
    detached = [oid for oid, name in TIP.findall(out) if not name]
    default = DEFAULT.search(out)
    moved = MOVED.search(errors)
    head = f"ref: {default[1]}" if default else detached[0] if detached else f"ref: {BEFORE_HEAD}"
    return Heads(head, tips, label(redact(moved[1], address.secret, address.user)) if moved else "")


def place_of(address: Address, cache: Path) -> Path:
    """The folder of an address in the cache."""
    readable = re.sub(r"[^A-Za-z0-9.-]+", "-", address.name)[-60:].strip("-.")
    return cache / f"{readable}-{hashlib.sha256(address.url.encode()).hexdigest()[:16]}.git"


def has(folder: Path, heads: Heads) -> bool:
    """Whether the cache holds exactly these branches already."""
    try:
        return Store(folder).branches() == dict(heads.tips)
    except ForkTrouble:
        return False


def bring(address: Address, folder: Path, seconds: float) -> None:
    """Fetch all branches into the bare repository `folder`, made if it is not there."""
    if not (folder / "HEAD").exists():
        git(["init", "--quiet", "--bare", "--template=", str(folder)], address, seconds)
    options = ("--quiet", "--no-tags", "--prune", "--no-write-fetch-head", "--no-recurse-submodules")
    git(
        ["--git-dir", str(folder), "fetch", *options, "--", address.url, "+refs/heads/*:refs/heads/*"], address, seconds
    )


def fetch(address: Address, cache: Path, seconds: float = SECONDS) -> Fetched:
    """The fork at `address` in the cache, with what is new there; nothing is transferred when nothing is.

    A server that cannot be reached for now leaves the fork as it was last fetched, with the status that says so. A
    cache that is damaged is thrown away and fetched anew.

    Raises:
        ForkTrouble: there is nothing to read.
        KitError: git is not installed, or the cache cannot be written.
    """
    folder = place_of(address, cache)
    try:
        heads = heads_of(address, seconds)
        if not heads.tips:
            raise ForkTrouble("empty", "not started: the repository has no commit")
        if not has(folder, heads):
            try:
                bring(address, folder, seconds)
            except ForkTrouble as error:
                if error.status != "unreadable" or not folder.exists():
                    raise
                shutil.rmtree(folder)
                bring(address, folder, seconds)
        (folder / "HEAD").write_text(f"{heads.head}\n", encoding="utf-8")
    except ForkTrouble as error:
        if error.status in FOR_NOW and (folder / "HEAD").exists():
            return Fetched(folder, error.status, f"{error.reason}; shown as last fetched")
        raise
    except OSError as error:
        raise KitError(
            f"the cache cannot be written: {error.strerror}", str(folder), "name another with --cache"
        ) from error
    return Fetched(folder, "moved", f"it moved to {heads.moved}") if heads.moved else Fetched(folder)
