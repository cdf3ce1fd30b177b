"""The language that this process speaks to its user. The kit writes English; `told` says it in that language.

    speak(translate)                    translate: an English text --> the same in another language
    told("nothing new to save")         in that language; English if nobody has called `speak`, or if it isn't known

So messages, verdicts and their caches are one and the same in every language, and English costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Translate = Callable[[str], str]
current: Translate | None = None


def told(text: str) -> str:
    """A text in the language that is spoken now."""
    return text if current is None else current(text)


def noted(text: str) -> str:
    """The text itself: a word that is part of a message somewhere else, so that its translation is asked for."""
    return text


def speak(translate: Translate | None) -> None:
    """From here on, speak through `translate`; with None, English."""
    global current
    current = translate


@contextmanager
def speaking(translate: Translate | None) -> Iterator[None]:
    """Speak through `translate` for a while; with None, English."""
    before = current
    speak(translate)
    try:
        yield
    finally:
        speak(before)
