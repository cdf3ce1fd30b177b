"""Asking the resident process, and starting it if there's none.

    .workshop/judge.json     {"socket": PATH, "pid": NUMBER}, as long as it runs
    the socket               JSON-RPC 2.0, a request or a response on each line (docs/interface.md)

This imports little, since a command that only asks should be as quick as Python starts.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from kit.errors import KitError
from kit.files import WORKSHOP_FOLDER, python_path
from kit.lock import acquire

CONNECTION = "judge.json"  # the connection file
LOG = "judge.log"  # what the process printed, if it ended in an unexpected way
SWITCH = "WORKSHOP_RESIDENT"  # `0` in the environment: every command judges by itself
PATIENCE = 10.0  # seconds for the process to start
RESTARTING = -32001  # the code of the error of a process that's about to end, since its code has changed
FAULT = -32000  # the code of a KitError
ATTEMPTS = 3


class Unavailable(Exception):
    """There's no resident process here, and none can be started."""


def connection_file(root: Path) -> Path:
    """The file that says where the process of a course listens."""
    return root / WORKSHOP_FOLDER / CONNECTION


def is_possible() -> bool:
    """Whether this system can have a resident process, and nobody has switched it off."""
    return os.environ.get(SWITCH) != "0" and hasattr(os, "fork") and hasattr(socket, "AF_UNIX")


def connect(root: Path) -> socket.socket | None:
    """A connection to the process, or None if it isn't running."""
    try:
        path = str(json.loads(connection_file(root).read_bytes())["socket"])
        if os.stat(path).st_uid != os.getuid():
            return None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        link.connect(path)
    except OSError:
        link.close()
        return None
    return link


@contextlib.contextmanager
def starting(root: Path) -> Iterator[None]:
    """Let one command at a time start a process.

    Raises:
        Unavailable: nothing can be locked here.
    """
    try:
        (root / WORKSHOP_FOLDER).mkdir(exist_ok=True)
        with open(root / WORKSHOP_FOLDER / "judge.start", "ab") as handle:
            if not acquire(handle.fileno(), PATIENCE):
                raise Unavailable("another command has been starting the judge for too long")
            yield
    except OSError as error:
        raise Unavailable(str(error)) from error


def launch(root: Path, chapter: str = "") -> subprocess.Popen[bytes]:
    """Start the process, on its own, so that it outlives this one. It gets ready for this chapter first."""
    with open(root / WORKSHOP_FOLDER / LOG, "wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "kit.learner.service", str(root), chapter],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env=os.environ | {"PYTHONPATH": python_path()},
            cwd=root,
        )


class Client:
    """A connection that's made when it's needed, and made again when the process has been replaced."""

    def __init__(self, root: Path) -> None:
        """`root` is the course's folder."""
        self.root = root
        self.link: socket.socket | None = None
        self.unread = b""
        self.process: subprocess.Popen[bytes] | None = None  # what this client has launched

    def begin(self, chapter: str = "") -> None:
        """Start the process if it isn't running, without waiting for it; it gets ready for this chapter first.

        Raises:
            Unavailable: it can't be started.
        """
        if not is_possible():
            raise Unavailable("switched off")
        self.link, self.unread = connect(self.root), b""
        if self.link is None:
            with starting(self.root):
                self.link = connect(self.root)
                if self.link is None:
                    self.process = launch(self.root, chapter)

    def open(self) -> None:
        """Connect to the process, which is started if it isn't running.

        Raises:
            Unavailable: it can't be started.
        """
        if self.process is None:
            self.begin()
        end = time.monotonic() + PATIENCE
        while self.link is None:
            ended = self.process is None or self.process.poll() is not None
            self.link, self.unread = connect(self.root), b""
            if self.link is None and (ended or time.monotonic() > end):
                self.process = None
                raise Unavailable(f"it ended right away; {WORKSHOP_FOLDER}/{LOG} may say why")
            time.sleep(0.01 if self.link is None else 0)
        self.process = None

    def ask(self, method: str, **params: Any) -> Any:
        """The result of a method.

        Raises:
            KitError: the method raised it.
            Unavailable: there's nobody to ask.
        """
        for attempt in range(ATTEMPTS):
            if self.link is None:
                self.open()
            try:
                response = self.exchange({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
            except (OSError, ValueError):
                self.close()  # it was killed or replaced; asking twice does no harm
                continue
            except BaseException:
                self.close()  # an answer that nobody waits for must not be taken for the next one's
                raise
            error = response.get("error")
            if error is None:
                return response["result"]
            if error["code"] == FAULT:
                raise KitError(*error["data"])
            self.close()
            if error["code"] != RESTARTING:
                raise Unavailable(error["message"])
            time.sleep(0.05 * attempt)
        raise Unavailable("it ends again and again")

    def exchange(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Send a request and wait for its response.

        Raises:
            OSError: the process has gone.
            ValueError: that's no JSON.
        """
        assert self.link is not None
        self.link.sendall(json.dumps(request).encode() + b"\n")
        while b"\n" not in self.unread:
            data = self.link.recv(1 << 16)
            if not data:
                raise OSError("the process has gone")
            self.unread += data
        line, _, self.unread = self.unread.partition(b"\n")
        found: dict[str, Any] = json.loads(line)
        return found

    def close(self) -> None:
        """Close the connection. The process stays."""
        if self.link is not None:
            self.link.close()
        self.link = None
