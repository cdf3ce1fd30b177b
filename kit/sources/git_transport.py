"""Git over a network: one command at a time, its time limit, its environment, and what its error messages mean.

Git may use https, http, ssh and its own protocol. It never prompts, runs no hook, and is stopped when its time is up. A
token is only in the environment of the git process that needs it, never in a command line or a file, and it's removed
from everything that is shown.
"""

from __future__ import annotations

import contextlib
import os
import re
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from kit.errors import KitError
from kit.forks.records import ForkTrouble, Status
from kit.git.address import SCHEMES, Address, redact
from kit.git.command import clean_environment
from kit.text import label

SECONDS = 120.0  # for one git command
PATIENCE = 3.0  # seconds between asking git to stop and killing it
LONGEST_OUTPUT = 8 * 2**20
LARGEST_FETCH = 256 * 2**20  # bytes that one fetch may transfer; the course and a student's work are a few MB
KEPT = ("GIT_SSH", "GIT_SSH_COMMAND", "GIT_EXEC_PATH", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM")
HELPER = '!f() { test "$1" = get && printf "username=%s\\npassword=%s\\n" "$KIT_USER" "$KIT_SECRET"; }; f'
SETTINGS = (
    ("core.hooksPath", os.devnull),
    ("protocol.version", "2"),
    ("gc.autoDetach", "false"),
    ("maintenance.autoDetach", "false"),
    ("http.lowSpeedLimit", "100"),
    ("http.lowSpeedTime", "30"),
    ("fetch.unpackLimit", "1"),  # everything that arrives goes into one file, whose size is watched
    ("core.bigFileThreshold", "16m"),  # larger files are never held in memory
)
REASONS: tuple[tuple[str, Status, str], ...] = (
    # the first pattern found in what git printed says what happened
    (r"too slow|timed? ?out", "timed out", "the server didn't answer in time"),
    (r"not resolve|refused|failed to connect|unreachable|connection reset|no route", "unreachable", "no such server"),
    (r"error: 429|rate limit|too many requests", "rate limited", "the server asks for a pause"),
    (r"error: 5\d\d", "unreachable", "the server is busy"),
    (r"not found|error: (?:404|410)|not appear to be|not exist", "not found", "there's no such repository"),
    (r"host key verification", "no access", "the server's key isn't known here"),
    (r"authentication|could not read|error: 40[13]|denied|prompts disabled", "no access", "private, or doesn't exist"),
)
HALT = threading.Event()  # set when the command is being stopped
POLL_SECONDS = 0.2  # between looks at HALT and at the size of what arrives


def environment(address: Address) -> dict[str, str]:
    """The environment for git to talk to this address: the person's own settings, overridden by ours."""
    settings = list(SETTINGS)
    secrets: dict[str, str] = {}
    if address.user or address.secret:
        host = "/".join(address.url.split("/")[:3])  # and to no other, even if the server redirects us
        settings += [("credential.helper", ""), (f"credential.{host}.helper", HELPER)]
        secrets = {"KIT_USER": address.user, "KIT_SECRET": address.secret or "x-oauth-basic"}
    return (
        clean_environment(settings, KEPT)
        | secrets
        | {
            "GIT_ALLOW_PROTOCOL": ":".join(SCHEMES),
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ASKPASS": "",
            "SSH_ASKPASS": "",
            "GCM_INTERACTIVE": "never",
            "GIT_NO_LAZY_FETCH": "1",
        }
    )


def stop(process: subprocess.Popen[bytes]) -> None:
    """End git and its children: first with a request, so that it removes its locks, then by force."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, how)
            process.wait(PATIENCE)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def arriving(folder: Path) -> int:
    """How many bytes of packs have arrived in a bare repository so far."""
    size = 0
    for path in folder.glob("objects/pack/tmp_*"):
        with contextlib.suppress(OSError):
            size += path.stat().st_size
    return size


def read_output(process: subprocess.Popen[bytes], seconds: float, folder: Path | None = None) -> tuple[str, str]:
    """What git prints on stdout and stderr until it ends; meanwhile, we watch how much arrives in `folder`.

    Raises:
        ForkTrouble: its time is up, or it prints or fetches far too much.
    """
    assert process.stdout and process.stderr
    output: dict[int, bytearray] = {stream.fileno(): bytearray() for stream in (process.stdout, process.stderr)}
    end = time.monotonic() + seconds
    next_look = 0.0
    with selectors.DefaultSelector() as selector:
        for stream in output:
            selector.register(stream, selectors.EVENT_READ)
        while selector.get_map():
            ready = selector.select(POLL_SECONDS)
            if HALT.is_set() or time.monotonic() > end:
                raise ForkTrouble("timed out", f"the server didn't answer within {seconds:g} s")
            if folder and time.monotonic() > next_look:
                next_look = time.monotonic() + POLL_SECONDS
                if arriving(folder) > LARGEST_FETCH:
                    raise ForkTrouble("too large", f"the server sends more than {LARGEST_FETCH / 2**20:g} MiB")
            for key, _ in ready:
                piece = os.read(key.fd, 65536)
                output[key.fd] += piece
                if not piece:
                    selector.unregister(key.fd)
            if max(map(len, output.values())) > LONGEST_OUTPUT:
                raise ForkTrouble("unreadable", "the server lists too many branches")
    process.wait()
    out, errors = (bytes(text).decode(errors="replace") for text in output.values())
    return out, errors


def git(words: Sequence[str], address: Address, seconds: float, folder: Path | None = None) -> tuple[str, str]:
    """Run git for an address; returns what it printed on stdout and stderr.

    `folder` is the bare repository it fetches into, if it fetches.

    Raises:
        ForkTrouble: it failed; the reason is in plain words and contains no secret.
        KitError: git isn't installed.
    """
    try:
        process = subprocess.Popen(
            ["git", *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(address),
            start_new_session=True,  # no terminal to prompt on, and one process group to end
        )
    except FileNotFoundError as error:
        raise KitError("git isn't installed", "", "install git, then try again") from error
    with process:
        try:
            out, errors = read_output(process, seconds, folder)
        except BaseException:
            stop(process)
            raise
    if process.returncode != 0:
        raise trouble_from(errors, address)
    return out, errors


def trouble_from(errors: str, address: Address) -> ForkTrouble:
    """What git's error messages mean."""
    said = redact(errors.replace(address.url, "the address"), address.secret, address.user)
    last = next((line for line in reversed(said.splitlines()) if line.startswith(("fatal:", "error:"))), said)
    for pattern, status, reason in REASONS:
        if re.search(pattern, said, re.IGNORECASE):
            return ForkTrouble(status, f"{reason} ({label(last)})")
    return ForkTrouble("unreadable", f"git: {label(last)}")
