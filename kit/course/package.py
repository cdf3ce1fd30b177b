"""The package that the chapters build: `nanogpt/<slug>.py` from a chapter's exported cells, and its `__init__`.

Each module gets the imports its code needs, taken from the chapter's own import statements. A name that isn't
defined, imported or built in stops the build.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
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


@dataclass(frozen=True, slots=True)
class Package:
    """The package as some chapters make it: the modules' texts, and what each of them exports, both by slug."""

    modules: Mapping[str, str] = field(default_factory=dict)
    exports: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def extended(self, chapter: Chapter) -> Package:
        """The package with the next chapter's module, if that exports anything.

        Raises:
            KitError: exported code uses a name that its module won't have.
        """
        if not exported(chapter):
            return self
        slug = chapter.entry.slug
        homes = {name: module for module, names in self.exports.items() for name in names}
        text = module_text(chapter, homes)
        return Package({**self.modules, slug: text}, {**self.exports, slug: tuple(sorted(defined(text)))})

    def files(self) -> dict[str, str]:
        """The package's files, by name."""
        every = ", ".join(f'"{name}"' for name in sorted(name for names in self.exports.values() for name in names))
        lines = [
            '"""The finished model, piece by piece. Made from checkpoints/ by scripts/build.py; edit those."""',
            "",
            *(f"from nanogpt.{slug} import {', '.join(names)}" for slug, names in sorted(self.exports.items())),
            "",
            f"__all__ = [{every}]",
        ]
        modules = {f"{slug}.py": text for slug, text in self.modules.items()}
        return modules | {"__init__.py": "\n".join(lines) + "\n"}


def package_files(chapters: Sequence[Chapter]) -> dict[str, str]:
    """The files of the package that these chapters make, by name: a module for each that exports something, and
    `__init__.py`.

    Raises:
        KitError: exported code uses a name that its module won't have.
    """
    return reduce(Package.extended, chapters, Package()).files()
