"""The package that the chapters build: `nanogpt/<slug>.py` from a chapter's exported cells, and its `__init__`.

Each module gets the imports its code needs, taken from the chapter's own import statements. A name that isn't
defined, imported or built in stops the build.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Mapping, Sequence
from itertools import groupby

from kit.course.chapter import Chapter, Code
from kit.course.markup import is_check
from kit.course.syntax import parse
from kit.errors import KitError

IMPORTS = (ast.Import, ast.ImportFrom)


def exported(chapter: Chapter) -> tuple[Code, ...]:
    """The exported cells."""
    return tuple(cell for cell in chapter.cells if isinstance(cell, Code) and cell.exported)


def defined(code: str) -> list[str]:
    """The functions and classes at the top of this code, in order."""
    return [node.name for node in parse(code).body if isinstance(node, ast.FunctionDef | ast.ClassDef)]


def body(code: str) -> str:
    """The code without its `check(...)` statements and top-level imports."""
    lines = code.split("\n")
    for node in reversed(parse(code).body):
        if is_check(node) or isinstance(node, IMPORTS):
            del lines[node.lineno - 1 : node.end_lineno]
    return "\n".join(lines).strip("\n")


def imports(chapter: Chapter) -> dict[str, str]:
    """The chapter's top-level imports: each name, and the statement that imports it alone."""
    found: dict[str, str] = {}
    for cell in chapter.cells:
        for node in parse(cell.code).body if isinstance(cell, Code) else ():
            if isinstance(node, ast.Import):
                for alias in node.names:
                    found[alias.asname or alias.name.split(".")[0]] = ast.unparse(ast.Import([alias]))
            elif isinstance(node, ast.ImportFrom) and node.module != "workshop":
                for alias in node.names:
                    found[alias.asname or alias.name] = ast.unparse(ast.ImportFrom(node.module, [alias], node.level))
    return found


def needed(code: str) -> set[str]:
    """The names that code uses but doesn't define itself."""
    loaded: set[str] = set()
    stored: set[str] = set()
    for node in ast.walk(parse(code)):
        if isinstance(node, ast.Name):
            (loaded if isinstance(node.ctx, ast.Load) else stored).add(node.id)
        elif isinstance(node, ast.arg):
            stored.add(node.arg)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef | ast.ExceptHandler):
            stored.add(node.name or "")
        elif isinstance(node, IMPORTS):
            stored |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    return loaded - stored - set(dir(builtins))


def import_group(statement: str) -> int:
    """Which group an import belongs to: 0 for the standard library, 1 for torch and numpy, 2 for this package."""
    module = statement.split()[1].split(".")[0]
    return 2 if module == "nanogpt" else 1 if module in ("torch", "numpy") else 0


def module_text(chapter: Chapter, homes: Mapping[str, str]) -> str:
    """The text of a chapter's module. `homes` gives the module of each name that earlier chapters export.

    Raises:
        KitError: the exported code uses a name that the module won't have.
    """
    cells = exported(chapter)
    code = "\n\n\n".join(filter(None, (body(cell.code) for cell in cells)))
    known = imports(chapter)
    statements = {ast.unparse(node) for cell in cells for node in parse(cell.code).body if isinstance(node, IMPORTS)}
    for name in sorted(needed(code)):
        if name in homes:
            statements.add(f"from nanogpt.{homes[name]} import {name}")
        elif name in known:
            statements.add(known[name])
        else:
            raise KitError(
                f"the exported code uses `{name}`, which it neither defines nor imports",
                f"{chapter.path}:{cells[0].line}",
                "export that too, or import it at the chapter's top",
            )
    ordered = sorted(
        statements, key=lambda line: (import_group(line), line.removeprefix("from ").removeprefix("import "))
    )
    head = f'"""{chapter.entry.title}. Made from {chapter.path} by scripts/build.py; edit that file instead."""'
    groups = ["\n".join(group) for _, group in groupby(ordered, key=import_group)]
    return "\n\n".join([head, "from __future__ import annotations", *groups]) + f"\n\n\n{code}\n"


def package_files(chapters: Sequence[Chapter]) -> dict[str, str]:
    """The files of the package, by name: a module for each chapter that exports something, and `__init__.py`.

    Raises:
        KitError: exported code uses a name that its module won't have.
    """
    homes: dict[str, str] = {}  # each exported name's module
    files: dict[str, str] = {}
    names: dict[str, list[str]] = {}  # what each module exports
    for chapter in chapters:
        if exported(chapter):
            slug = chapter.entry.slug
            files[f"{slug}.py"] = text = module_text(chapter, homes)
            names[slug] = sorted(defined(text))
            homes |= dict.fromkeys(names[slug], slug)
    every = ", ".join(f'"{name}"' for name in sorted(homes))
    lines = [
        '"""The finished model, piece by piece. Made from checkpoints/ by scripts/build.py; edit those."""',
        "",
        *(f"from nanogpt.{slug} import {', '.join(names[slug])}" for slug in sorted(names)),
        "",
        f"__all__ = [{every}]",
    ]
    files["__init__.py"] = "\n".join(lines) + "\n"
    return files
