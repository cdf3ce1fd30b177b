"""Forks on a server: fetched with git into a cache, one bare repository each, and only what is new.

    Address --ls-remote--> Heads --other than the cache's?--> fetch --> Fetched (a path in the cache)

The one module that runs git against a network. Git may speak https, http, ssh and its own protocol, asks nobody
anything, runs no hook, and is stopped when its time is over. A token travels in the environment of the git that needs
it: it stands in no command line and in no file, and is taken out of all that is shown.
"""

from __future__ import annotations

import hashlib
import os
import re
import selectors
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kit.address import SCHEMES, Address, redact
from kit.errors import KitError
from kit.fork import ForkTrouble, Status
from kit.label import label
from kit.repository import Store

SECONDS = 120.0  # for one git command
PATIENCE = 3.0  # seconds between asking git to stop and making it stop
LONGEST_OUTPUT = 8 * 2**20
BEFORE_HEAD = "refs/heads/.none"  # what HEAD of a cached fork names where the server has no default branch
KEPT = ("GIT_SSH", "GIT_SSH_COMMAND", "GIT_EXEC_PATH", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM")
HELPER = '!f() { test "$1" = get && printf "username=%s\\npassword=%s\\n" "$KIT_USER" "$KIT_SECRET"; }; f'
SETTINGS = (
    ("core.hooksPath", os.devnull),
    ("protocol.version", "2"),
    ("gc.autoDetach", "false"),
    ("maintenance.autoDetach", "false"),
    ("http.lowSpeedLimit", "100"),
    ("http.lowSpeedTime", "30"),
)
REASONS: tuple[tuple[str, Status, str], ...] = (
    # the first that occurs in what git printed says what happened
    (r"too slow|timed? ?out", "timed out", "the server did not answer in time"),
    (r"not resolve|refused|failed to connect|unreachable|connection reset|no route", "unreachable", "no such server"),
    (r"error: (?:429|5\d\d)|rate limit", "unreachable", "the server is busy"),
    (r"not found|error: (?:404|410)|not appear to be|not exist", "not found", "there is no such repository"),
    (r"host key verification", "no access", "the server's key is not known here"),
    (r"authentication|could not read|error: 40[13]|denied|prompts disabled", "no access", "private, or not there"),
)
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


def environment(address: Address) -> dict[str, str]:
    """The environment for a git that speaks to this address: the person's own settings, ours over them."""
    settings = list(SETTINGS)
    kept = {name: text for name, text in os.environ.items() if not name.startswith("GIT_") or name in KEPT}
    if address.user or address.secret:
        host = "/".join(address.url.split("/")[:3])  # and for no other, should the server send us there
        settings += [("credential.helper", ""), (f"credential.{host}.helper", HELPER)]
        kept |= {"KIT_USER": address.user, "KIT_SECRET": address.secret or "x-oauth-basic"}
    for number, (name, text) in enumerate(settings):
        kept |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": text}
    return kept | {
        "GIT_CONFIG_COUNT": str(len(settings)),
        "GIT_ALLOW_PROTOCOL": ":".join(SCHEMES),
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "",
        "SSH_ASKPASS": "",
        "GCM_INTERACTIVE": "never",
        "LC_ALL": "C",
    }


def stop(process: subprocess.Popen[bytes]) -> None:
    """End git and its children: first asked, so that it removes its locks, then made to."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, how)
            process.wait(PATIENCE)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def listen(process: subprocess.Popen[bytes], seconds: float) -> tuple[str, str]:
    """What git prints on stdout and stderr until it ends.

    Raises:
        ForkTrouble: its time is over, or it prints far too much.
    """
    assert process.stdout and process.stderr
    heard: dict[int, bytearray] = {stream.fileno(): bytearray() for stream in (process.stdout, process.stderr)}
    end = time.monotonic() + seconds
    with selectors.DefaultSelector() as selector:
        for stream in heard:
            selector.register(stream, selectors.EVENT_READ)
        while selector.get_map():
            ready = selector.select(max(0.0, end - time.monotonic()))
            if not ready or time.monotonic() > end:
                stop(process)
                raise ForkTrouble("timed out", f"the server did not answer within {seconds:g} s")
            for key, _ in ready:
                piece = os.read(key.fd, 65536)
                heard[key.fd] += piece
                if not piece:
                    selector.unregister(key.fd)
            if max(map(len, heard.values())) > LONGEST_OUTPUT:
                stop(process)
                raise ForkTrouble("unreadable", "the server lists too many branches")
    process.wait()
    out, errors = (bytes(text).decode(errors="replace") for text in heard.values())
    return out, errors


def git(words: Sequence[str], address: Address, seconds: float) -> tuple[str, str]:
    """Run git for an address and give back what it printed on stdout and stderr.

    Raises:
        ForkTrouble: it failed; the reason is in a person's words and holds no secret.
        KitError: git is not installed.
    """
    try:
        process = subprocess.Popen(
            ["git", *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(address),
            start_new_session=True,  # no terminal to ask on, and one group to end
        )
    except FileNotFoundError as error:
        raise KitError("git is not installed", "", "install git, then try again") from error
    with process:
        try:
            out, errors = listen(process, seconds)
        except BaseException:
            stop(process)
            raise
    if process.returncode != 0:
        raise trouble(errors, address)
    return out, errors


def trouble(errors: str, address: Address) -> ForkTrouble:
    """What git's complaint means."""
    said = redact(errors, address.secret, address.user)
    last = next((line for line in reversed(said.splitlines()) if line.startswith(("fatal:", "error:"))), said)
    for pattern, status, reason in REASONS:
        if re.search(pattern, said, re.IGNORECASE):
            return ForkTrouble(status, f"{reason} ({label(last)})")
    return ForkTrouble("unreadable", f"git: {label(last)}")


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
