"""The resident process of a checkout: it listens on a socket, answers one request at a time, and ends by itself.

It ends after ten minutes without a request, when the checkout is deleted, and when the code or the chapters have
changed: then whoever asks next starts another. A lock that it holds for as long as it lives makes sure that there are
never two.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import socketserver
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

from kit.cache import PACKAGES, code_files
from kit.errors import KitError
from kit.files import SYLLABUS, WORKSHOP_FOLDER
from kit.judge.resident.client import FAULT, RESTARTING, connect, connection_file
from kit.judge.trials import memory
from kit.lock import acquire

IDLE = 600.0  # seconds
LONGEST = 100  # bytes in a socket's path; systems allow 103 or 107
NO_METHOD, BAD_REQUEST, BUG = -32601, -32600, -32603  # the codes of JSON-RPC 2.0

Method = Callable[..., Any]
Stamp = tuple[tuple[str, int, int], ...]


def stamp(root: Path) -> Stamp:
    """The files that decide what the process does, each with its time and size."""
    course = sorted(path for folder in ("checkpoints", "nanogpt") for path in (root / folder).glob("*.py"))
    found = []
    for path in (*code_files(PACKAGES), root / SYLLABUS, *course):
        with contextlib.suppress(OSError):
            state = path.stat()
            found.append((str(path), state.st_mtime_ns, state.st_size))
    return tuple(found)


def private_folder() -> Path:
    """A folder for sockets that belongs to this user alone, where the checkout's own path is too long for one.

    Raises:
        OSError: somebody else has taken it.
    """
    folder = Path(tempfile.gettempdir()) / f"workshop-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    state = folder.lstat()
    if folder.is_symlink() or state.st_uid != os.getuid() or state.st_mode & 0o077:
        raise PermissionError(f"{folder} isn't this user's alone")
    return folder


def addresses(root: Path) -> Iterator[Path]:
    """Where to listen: in the checkout, or elsewhere if its path is too long or its file system has no sockets."""
    inside = root / WORKSHOP_FOLDER / "judge.sock"
    if len(os.fsencode(inside)) <= LONGEST:
        yield inside
    yield private_folder() / f"{hashlib.sha256(os.fsencode(root)).hexdigest()[:16]}.sock"


class Handler(socketserver.StreamRequestHandler):
    """One connection: a request on each line, answered in order."""

    server: Server

    def handle(self) -> None:
        """Answer until the other side has gone."""
        with contextlib.suppress(OSError):
            for line in self.rfile:
                self.wfile.write(json.dumps(self.server.respond(line), ensure_ascii=False).encode() + b"\n")


class Server(socketserver.ThreadingUnixStreamServer):
    """Answers requests by calling `methods`; `between` is called while there are none, until it returns False."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(
        self, root: Path, address: Path, methods: Mapping[str, Method], between: Callable[[], bool], idle: float
    ) -> None:
        self.root, self.methods, self.between, self.idle = root, methods, between, idle
        self.address = address
        self.lock = threading.Lock()  # one method at a time: they change the working folder, and cores are few
        self.last = time.monotonic()
        self.waiting = 0
        self.started_with = stamp(root)
        before = os.umask(0o177)  # the socket is this user's alone
        try:
            address.unlink(missing_ok=True)
            super().__init__(str(address), Handler)
        finally:
            os.umask(before)

    def respond(self, line: bytes) -> dict[str, Any]:
        """The response to a request."""
        number = None
        try:
            request = json.loads(line)
            number, method, params = request.get("id"), request["method"], request.get("params", {})
        except (ValueError, KeyError, AttributeError):
            return failure(number, BAD_REQUEST, "this isn't a request")
        self.waiting += 1
        try:
            with self.lock:
                if stamp(self.root) != self.started_with:
                    self.end_soon()
                    return failure(number, RESTARTING, "the workshop has changed, so its judge starts again")
                return self.call(number, method, params)
        finally:
            self.waiting -= 1
            self.last = time.monotonic()

    def call(self, number: object, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """The response with the result of a method, or with what it raised."""
        if method not in self.methods:
            return failure(number, NO_METHOD, f"there's no method {method!r}; there are {', '.join(self.methods)}")
        try:
            return {"jsonrpc": "2.0", "id": number, "result": self.methods[method](**params)}
        except KitError as error:
            if memory.allowed():  # the next one is started by a shell that may allow more
                self.end_soon()
            return failure(number, FAULT, str(error), [error.what, error.where, error.next])
        except Exception as error:
            sys.excepthook(type(error), error, error.__traceback__)  # into the log
            return failure(number, BUG, f"{type(error).__name__}: {error}")

    def end_soon(self) -> None:
        """Let nobody else in, and end once the responses are out."""
        with contextlib.suppress(OSError):
            connection_file(self.root).unlink()
        threading.Thread(target=self.shutdown, daemon=True).start()

    def work_between(self) -> None:
        """While nobody asks, do what may save time later, and look at the clock."""
        more = True
        while True:
            if more and not self.waiting and self.lock.acquire(blocking=False):
                try:
                    more = self.between()
                except Exception as error:  # it could only have saved time
                    sys.excepthook(type(error), error, error.__traceback__)
                    more = False
                finally:
                    self.lock.release()
                continue
            before = self.last
            time.sleep(0.05 if more else 0.25)
            more = more or self.last != before
            alone = not self.waiting and time.monotonic() - self.last > self.idle
            if alone or not connection_file(self.root).exists():  # the checkout has been deleted, or only this file
                self.end_soon()
                return


def failure(number: object, code: int, message: str, data: object = None) -> dict[str, Any]:
    """A response with an error."""
    error = {"code": code, "message": message} | ({"data": data} if data is not None else {})
    return {"jsonrpc": "2.0", "id": number, "error": error}


def listen(root: Path, methods: Mapping[str, Method], between: Callable[[], bool], idle: float) -> Server:
    """A server that listens, and a connection file that says where.

    Raises:
        OSError: no socket can be made anywhere.
    """
    trouble: OSError | None = None
    for address in addresses(root):
        try:
            server = Server(root, address, methods, between, idle)
        except OSError as error:
            trouble = error
            continue
        temporary = connection_file(root).with_suffix(".new")
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump({"socket": str(address), "pid": os.getpid()}, file)
        temporary.replace(connection_file(root))
        return server
    raise trouble or OSError("there's nowhere to listen")


def hold_lock(root: Path) -> int | None:
    """The lock of the one resident process, held until this process ends. None if another is there and answers.

    One that's about to end is waited for.

    Raises:
        OSError: it doesn't end, or nothing can be locked here.
    """
    handle = os.open(root / WORKSHOP_FOLDER / "judge.lock", os.O_RDWR | os.O_CREAT, 0o600)
    end = time.monotonic() + 5
    while not acquire(handle, 0.05):
        other = connect(root)
        if other is not None:
            other.close()
            return None
        if time.monotonic() > end:
            raise TimeoutError("the process before this one doesn't end")
    return handle


def serve(
    root: Path,
    methods: Mapping[str, Method],
    between: Callable[[], bool],
    close: Callable[[], None],
    idle: float = IDLE,
) -> NoReturn:
    """Be the resident process of a course until nobody needs it. `close` ends what the methods have started."""
    if hold_lock(root) is None:
        close()
        os._exit(0)
    server = listen(root, methods, between, idle)
    threading.Thread(target=server.work_between, daemon=True).start()
    try:
        server.serve_forever(poll_interval=0.05)
        with server.lock:
            pass  # a response may still be on its way
        time.sleep(0.05)
    finally:
        close()
        server.address.unlink(missing_ok=True)
        os._exit(0)
