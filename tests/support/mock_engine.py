"""A translation engine on loopback that speaks the OpenAI chat protocol, and misbehaves as told.

Moods, one for each request, then `good` for ever: `late` answers after the client has given up, `limit` says 429 and
how long to wait, `busy` says 503, `cut` stops in the middle, `nonsense` is no JSON, `odd` isn't the protocol, `empty`
has no answers, `wrong` breaks a rule, `refuse` says 401, `hang` answers when `release` is set.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.support.pseudo_language import accented


class MockEngine(ThreadingHTTPServer):
    """The server. `asked` has the texts of each request, `keys` what it was authorised with."""

    daemon_threads = True

    def __init__(self, moods: list[str], late: float) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.moods, self.late = list(moods), late
        self.asked: list[list[str]] = []
        self.prompts: list[str] = []
        self.keys: list[str] = []
        self.release = threading.Event()
        self.hanging = threading.Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: MockEngine

    def log_message(self, format: str, *args: object) -> None:
        """Nothing to the terminal."""

    def do_POST(self) -> None:
        server = self.server
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        said = body["messages"][-1]["content"]
        rows = json.loads(said[said.index("[\n") :])
        mood = server.moods.pop(0) if server.moods else "good"
        server.keys.append(self.headers.get("authorization", ""))
        server.prompts.append("\n".join(message["content"] for message in body["messages"]))
        server.asked.append([row["text"] for row in rows])
        answers = {str(row["number"]): accented(row["text"], True) for row in rows}
        if mood == "late":
            server.release.wait(server.late)
        if mood == "hang":
            server.hanging.set()
            server.release.wait(60)
        if mood in ("limit", "busy", "refuse"):
            self.reply({"limit": 429, "busy": 503, "refuse": 401}[mood], {"error": mood})
            return
        text = {
            "cut": json.dumps(answers)[: len(json.dumps(answers)) // 2],
            "nonsense": "Of course! I'd love to help you with that.",
            "empty": "{}",
            "wrong": json.dumps({number: f"{text} 4711 `nope`" for number, text in answers.items()}),
        }.get(mood, f"Here you are:\n```json\n{json.dumps(answers)}\n```")
        choice = {"message": {"content": text}, "finish_reason": "length" if mood == "cut" else "stop"}
        self.reply(200, {"oh": "no"} if mood == "odd" else {"choices": [choice]})

    def reply(self, status: int, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        try:
            self.send_response(status)
            if status == 429:
                self.send_header("retry-after", "7")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
        except OSError:  # the client has gone
            pass


@contextmanager
def mock_engine(*moods: str, late: float = 5.0) -> Iterator[MockEngine]:
    """A running server."""
    server = MockEngine(list(moods), late)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.release.set()
        server.shutdown()
        server.server_close()
        thread.join()
