"""The pairs of the course at one commit, and what each chapter of an older commit has become in a newer one.

tree --> editions --> {("en", "ch06_attention_head"): Edition}
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kit.course.course import CHAPTER_FILE
from kit.git.worktree import blob
from kit.pairs import convert
from kit.pairs.pair import Cells

if TYPE_CHECKING:
    import pygit2

PATH = re.compile(r"workshop/(?P<language>[^/]+)/(?P<stem>[^/]+)\.(?:py|ipynb)")
Name = tuple[str, str]  # language, stem


@dataclass(frozen=True, slots=True)
class Edition:
    """A pair in a tree, as the ids of its two blobs; empty for a missing file."""

    script: str
    notebook: str


def name_of(path: str) -> Name | None:
    """The pair that a path belongs to, if it's a chapter's file."""
    found = PATH.fullmatch(path)
    return (found["language"], found["stem"]) if found and CHAPTER_FILE.fullmatch(path.rsplit("/", 1)[1]) else None


def paths_of(name: Name) -> tuple[str, str]:
    """The two files of a pair, the `.py` first."""
    stem = f"workshop/{name[0]}/{name[1]}"
    return f"{stem}.py", f"{stem}.ipynb"


def editions(tree: pygit2.Tree) -> dict[Name, Edition]:
    """Every pair in a tree, in order."""
    import pygit2

    try:
        workshop = tree["workshop"]
    except KeyError:
        return {}
    names = set[Name]()
    for folder in workshop if isinstance(workshop, pygit2.Tree) else ():
        for file in folder if isinstance(folder, pygit2.Tree) else ():
            name = name_of(f"workshop/{folder.name}/{file.name}")
            if name:
                names.add(name)
    found: dict[Name, Edition] = {}
    for name in sorted(names):
        script, notebook = (blob(tree, path) for path in paths_of(name))
        found[name] = Edition(str(script.id) if script else "", str(notebook.id) if notebook else "")
    return found


def cells_in(tree: pygit2.Tree, name: Name) -> Cells:
    """The cells of a pair in a tree, from the `.py` if there is one.

    Raises:
        KitError: the file can't be parsed.
    """
    script, notebook = paths_of(name)
    found = blob(tree, script)
    if found:
        return convert.script_cells(found.data, script)
    found = blob(tree, notebook)
    return convert.notebook_cells(found.data, notebook) if found else ()


def successor(name: Name, before: Collection[Name], after: Collection[Name]) -> Name | None:
    """The pair that an older one has become; `None` if the course no longer has it.

    That's the one with the same name, or the same slug and another number, or the same number and a new slug.
    """
    if name in after:
        return name
    language, stem = name
    others = [other for other in sorted(after) if other[0] == language]
    same_slug = [other for other in others if other[1][4:] == stem[4:]]
    old = {slug[4:] for lang, slug in before if lang == language}
    same_number = [other for other in others if other[1][:4] == stem[:4] and other[1][4:] not in old]
    return next(iter(same_slug or same_number), None)
