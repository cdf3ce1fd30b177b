"""The package that chapters build: `nanogpt/<slug>.py` from a chapter's exported cells, and its `__init__`.

A module gets the imports that its code uses, taken from the chapter's own import statements. A name that is neither
defined, imported nor built in stops the build.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Mapping, Sequence

from kit.course.chapter import Chapter, Code
from kit.course.markup import is_check
from kit.errors import KitError

Imports = dict[str, str]


def exported(chapter: Chapter) -> tuple[Code, ...]:
    """The exported cells."""
    return tuple(cell for cell in chapter.cells if isinstance(cell, Code) and cell.exported)


def without_checks(code: str) -> str:
    """The code without its `check(...)` statements."""
    lines = code.split("\n")
    for node in reversed(ast.parse(code).body):
        if is_check(node):
            assert node.end_lineno is not None
            del lines[node.lineno - 1 : node.end_lineno]
    return "\n".join(lines).strip("\n")


def imports_of(chapter: Chapter) -> Imports:
    """The chapter's top-level imports: the name each gives, and the statement that gives it alone."""
    found: Imports = {}
    for cell in chapter.cells:
        if not isinstance(cell, Code):
            continue
        for node in ast.parse(cell.code).body:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    found[alias.asname or alias.name.split(".")[0]] = ast.unparse(ast.Import([alias]))
            elif isinstance(node, ast.ImportFrom) and node.module != "workshop":
                for alias in node.names:
                    found[alias.asname or alias.name] = ast.unparse(ast.ImportFrom(node.module, [alias], node.level))
    return found


def defined(code: str) -> list[str]:
    """The functions and classes that a module of this code has, in order."""
    return [node.name for node in ast.parse(code).body if isinstance(node, ast.FunctionDef | ast.ClassDef)]


def used(code: str) -> set[str]:
    """The names that code takes from outside of itself."""
    loaded: set[str] = set()
    stored: set[str] = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Name):
            (loaded if isinstance(node.ctx, ast.Load) else stored).add(node.id)
        elif isinstance(node, ast.arg):
            stored.add(node.arg)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef | ast.ExceptHandler):
            stored.add(node.name or "")
        elif isinstance(node, ast.Import | ast.ImportFrom):
            stored |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    return loaded - stored - set(dir(builtins))


def order(statement: str) -> tuple[int, str]:
    """Where an import stands among others: standard library, then torch, then this package."""
    module = statement.split()[1].split(".")[0]
    rank = 2 if module == "nanogpt" else 1 if module in ("torch", "numpy") else 0
    return rank, statement.removeprefix("from ").removeprefix("import ")


def module(chapter: Chapter, homes: Mapping[str, str]) -> str:
    """The text of a chapter's module. `homes` maps names that earlier chapters export to their modules.

    Raises:
        KitError: the exported code uses a name that it will not have.
    """
    cells = exported(chapter)
    own_imports = "\n".join(
        ast.unparse(node)
        for cell in cells
        for node in ast.parse(cell.code).body
        if isinstance(node, ast.Import | ast.ImportFrom)
    )
    bodies = [without_imports(without_checks(cell.code)) for cell in cells]
    code = "\n\n\n".join(body for body in bodies if body)
    known = imports_of(chapter)
    lines: set[str] = set(own_imports.split("\n")) - {""}
    for name in sorted(used(code)):
        if name in homes:
            lines.add(f"from nanogpt.{homes[name]} import {name}")
        elif name in known:
            lines.add(known[name])
        else:
            raise KitError(
                f"the exported code uses `{name}`, which it neither defines nor imports",
                f"{chapter.path}:{cells[0].line}",
                "export that too, or import it at the chapter's top",
            )
    groups: dict[int, list[str]] = {}
    for line in sorted(lines, key=order):
        groups.setdefault(order(line)[0], []).append(line)
    head = f'"""{chapter.entry.title}. Made from {chapter.path} by scripts/build.py; edit that file instead."""'
    blocks = [head, "from __future__ import annotations", *("\n".join(group) for group in groups.values())]
    return "\n\n".join(blocks) + f"\n\n\n{code}\n"


def without_imports(code: str) -> str:
    """The code without its top-level imports, which a module has at its top."""
    lines = code.split("\n")
    for node in reversed(ast.parse(code).body):
        if isinstance(node, ast.Import | ast.ImportFrom):
            assert node.end_lineno is not None
            del lines[node.lineno - 1 : node.end_lineno]
    return "\n".join(lines).strip("\n")


def package(chapters: Sequence[Chapter]) -> dict[str, str]:
    """The files of the package, by name: a module for each chapter that exports, and `__init__.py`."""
    homes: dict[str, str] = {}
    files: dict[str, str] = {}
    for chapter in chapters:
        if not exported(chapter):
            continue
        text = module(chapter, homes)
        files[f"{chapter.entry.slug}.py"] = text
        homes |= dict.fromkeys(defined(text), chapter.entry.slug)
    by_home: dict[str, list[str]] = {}
    for name, home in homes.items():
        by_home.setdefault(home, []).append(name)
    lines = [
        '"""The finished model, piece by piece. Made from checkpoints/ by scripts/build.py; edit those."""',
        "",
        *(f"from nanogpt.{home} import {', '.join(sorted(names))}" for home, names in sorted(by_home.items())),
        "",
        f"__all__ = [{', '.join(repr(name) for name in sorted(homes))}]".replace("'", '"'),
    ]
    files["__init__.py"] = "\n".join(lines) + "\n"
    return files
