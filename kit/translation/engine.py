"""A translation engine: any server that speaks the OpenAI chat protocol, on the net or on this machine.

    messages --ask--> text      waits and asks again if the server is busy, limits us or answers too late

Its address, key and model come from OPENAI_BASE_URL, OPENAI_API_KEY and OPENAI_MODEL, or from options.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kit.errors import KitError

if TYPE_CHECKING:
    import httpx

ADDRESS = "https://api.openai.com/v1"
TRIES = 6
LONGEST_WAIT = 60.0  # seconds
TIMEOUT = 180.0
SETTINGS = "set OPENAI_BASE_URL, OPENAI_API_KEY and OPENAI_MODEL, or give --address and --model"

Message = Mapping[str, str]


class BadAnswerError(Exception):
    """The server has answered, but with no text we can use: cut off, empty, or not what the protocol says."""


@dataclass(frozen=True, slots=True)
class Engine:
    """Where to ask, for which model, and with which key. `timeout` is in seconds; `pause` waits that long."""

    address: str
    model: str
    key: str = field(default="", repr=False)
    timeout: float = TIMEOUT
    pause: Callable[[float], None] = time.sleep

    def ask(self, messages: Sequence[Message]) -> str:
        """The text that the model answers.

        Raises:
            BadAnswerError: it's cut off, or there's none.
            KitError: the server refuses, or can't be reached however often we try.
        """
        import httpx

        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        body = {"model": self.model, "messages": list(messages)}
        last = ""
        with httpx.Client(timeout=self.timeout, headers=headers) as client:
            for number in range(TRIES):
                wait = min(2.0**number, LONGEST_WAIT)
                try:
                    reply = client.post(f"{self.address.rstrip('/')}/chat/completions", json=body)
                except httpx.InvalidURL as error:
                    raise KitError(f"this address can't be asked: {error}", self.address, SETTINGS) from error
                except httpx.HTTPError as error:
                    last = f"{type(error).__name__}: {error}"
                else:
                    if reply.status_code == 200:
                        return answer(reply)
                    last = f"status {reply.status_code}"
                    if reply.status_code not in (408, 409, 429) and reply.status_code < 500:
                        raise KitError(f"the server refuses: {last}: {reply.text[:300]}", self.address, SETTINGS)
                    wait = waiting_time(reply, wait)
                if number < TRIES - 1:
                    self.pause(wait)
        advice = "run the same command again later; it goes on where it stopped"
        raise KitError(f"the server can't be reached or is busy: {last}", self.address, advice)


def waiting_time(reply: httpx.Response, usual: float) -> float:
    """How long a server wants us to wait, in seconds; `usual` if it doesn't say."""
    try:
        return min(max(float(reply.headers["retry-after"]), 0.0), LONGEST_WAIT)
    except (KeyError, ValueError):
        return usual


def answer(reply: httpx.Response) -> str:
    """The text in a reply.

    Raises:
        BadAnswerError: there's none, or it's cut off.
    """
    try:
        choice = reply.json()["choices"][0]
        text = choice["message"]["content"]
        cut = choice.get("finish_reason") == "length"
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise BadAnswerError("the answer isn't what the protocol says") from error
    if cut or not isinstance(text, str) or not text.strip():
        raise BadAnswerError("the answer is cut off, or empty")
    return text


def object_in(text: str) -> dict[str, str]:
    """The JSON object in an answer, whatever is said around it, with those of its values that are texts.

    Raises:
        BadAnswerError: there's none.
    """
    start, end = text.find("{"), text.rfind("}")
    try:
        found = json.loads(text[start : end + 1])
    except ValueError as error:
        raise BadAnswerError("the answer isn't JSON") from error
    if not isinstance(found, dict):
        raise BadAnswerError("the answer isn't a JSON object")
    return {str(key): value for key, value in found.items() if isinstance(value, str)}
