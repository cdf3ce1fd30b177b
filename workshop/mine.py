"""Your own classes, and the workshop's where yours aren't there yet: `mine.LayerNorm`, `mine.Trainer`.

    from workshop import mine
    mine.table()                  # which is which, and why
    mine.BigramLanguageModel(...)
    mine.bring("OWNER/REPO")      # on Colab: reads your fork, since your files aren't there

A class is yours if the exercise that defines it passes. Your classes use each other: your TransformerBlock has your
LayerNorm in it, and so does the workshop's if yours isn't there yet. What counts is what's saved in your files.
"""

from __future__ import annotations

import ast
import linecache
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import nanogpt
from kit.errors import KitError
from kit.i18n import told
from kit.judge.records import JUDGING
from kit.learner import mine
from kit.learner.mine import Part
from kit.text import plural


@dataclass(frozen=True, slots=True)
class Loaded:
    """The parts, and the class for every name in the package."""

    parts: tuple[Part, ...]
    classes: dict[str, Any]


loaded: Loaded | None = None


def find() -> list[Part]:
    """The parts as the files are now."""
    from kit.judge.judge import Judge
    from kit.judge.trials.runners import new_runner
    from workshop import colab
    from workshop.lesson import course, language

    colab.keep_open(course())

    runners: list[Any] = []

    def start() -> Judge:
        print(told("judging the classes in your files (again only if they change): chapter"), end="", flush=True)
        runners.append(new_runner(course().root))
        return Judge(runners[-1])

    try:
        return mine.parts(course(), language(), start, lambda chapter_id: print(f" {chapter_id}", end="", flush=True))
    finally:
        if runners:
            print(flush=True)
        for runner in runners:
            runner.close()


def load(parts: Sequence[Part]) -> Loaded:
    """Make the classes of these parts, in order. The workshop's are remade if they use one of the learner's."""
    classes = {name: getattr(nanogpt, name) for name in nanogpt.__all__}
    changed: set[str] = set()
    kept: list[Part] = []
    for part in parts:
        if part.theirs:
            try:
                classes |= make(part, part.theirs, classes)
                changed |= set(part.names)
            except (Exception, SystemExit) as error:
                part = part.without(f"it passes its check, but fails on its own with {type(error).__name__}: {error}")
        if not part.theirs and changed & {name for name, _ in mine.needs(part.finished)}:
            classes |= make(part, part.finished, classes)
            changed |= set(part.names)
        kept.append(part)
    return Loaded(tuple(kept), classes)


def make(part: Part, text: str, classes: dict[str, Any]) -> dict[str, Any]:
    """The classes of a part: run its module's text, with these classes in place of its imports from the package."""
    whose = "your" if text == part.theirs else "the workshop's"
    file = f"<{whose} {part.slug}>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)  # so that tracebacks show lines
    module = ModuleType(f"{__name__}.{part.slug}")
    sys.modules[module.__name__] = module
    vars(module).update({here: classes[name] for name, here in mine.needs(text)})
    tree = ast.parse(text, file)
    tree.body = [node for node in tree.body if not is_package_import(node)]
    exec(compile(tree, file, "exec"), vars(module))
    return {name: getattr(module, name) for name in part.names}


def is_package_import(node: ast.stmt) -> bool:
    """Whether a statement imports from the package."""
    return isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "nanogpt"


def current(again: bool = False) -> Loaded:
    """The classes in use, read from the files the first time, and `again` on demand.

    A cell that's being judged gets the package's: no verdict may depend on other chapters' files.
    """
    global loaded
    if JUDGING in os.environ:
        return Loaded((), {name: getattr(nanogpt, name) for name in nanogpt.__all__})
    if loaded is None or again:
        try:
            loaded = load(find())
        except KitError as error:  # the judge can't run here
            print(told(f"all classes are the workshop's, since your files can't be judged: {error}"))
            loaded = load([])
    return loaded


def parts() -> tuple[Part, ...]:
    """The parts, as last read."""
    return current().parts


def table() -> None:
    """Read your files again, and print whose each class is, and why."""
    for part in current(again=True).parts:
        for name in part.names:
            whose = told(f"the workshop's: {part.reason}") if part.reason else told("yours")
            print(f"{part.chapter}  {name:<20}  {whose}")
    if is_alone():
        print(
            told('only the open notebook is here; mine.bring("OWNER/REPO") brings your other chapters from your fork')
        )


def is_alone() -> bool:
    """Whether the course was fetched for this notebook, so that there are no files of the learner's beside it."""
    from workshop import colab
    from workshop.lesson import course

    return colab.is_fetched(course()) and not any(part.theirs for part in current().parts)


def bring(fork: str) -> None:
    """Where a notebook is alone, as on Colab, take the learner's chapters from their fork: `OWNER/REPO` on GitHub."""
    from workshop import colab
    from workshop.lesson import course, show_error

    try:
        count = colab.bring(course(), fork)
        print(told(f"{plural(count, 'chapter')} brought from {fork}"))
    except KitError as error:
        show_error(error)
        return
    table()


def __getattr__(name: str) -> Any:
    """The class of this name.

    Raises:
        AttributeError: the package has no such class.
    """
    if name not in nanogpt.__all__:
        raise AttributeError(f"there's no class {name!r}; you can use {', '.join(nanogpt.__all__)}")
    return current().classes[name]
