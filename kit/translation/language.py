"""A language of the course: a folder in translations/, with its name and how its lines are broken.

translations/ja/language.toml     name = "日本語", complete = true, wrap = false, minutes = "{} 分", units."万" = 10000
translations/ja/glossary.toml     tone = "...", keep = ["GPT"], [terms] loss = "損失"
translations/ja/ch06_attention_head.po
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kit import files
from kit.errors import KitError

FOLDER = "translations"
SETTINGS = "language.toml"
GLOSSARY = "glossary.toml"
MINUTES = "{} min"
CODE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class Language:
    """A language's code, what it calls itself, and its settings.

    Of a `complete` one the build accepts no gaps. With `wrap`, paragraphs are broken into lines; a language without
    spaces between words can't have that. `minutes` is how it says how long a section takes, with `{}` for the number.
    `units` are words that multiply the number before them.
    """

    code: str
    name: str
    complete: bool = False
    wrap: bool = True
    minutes: str = MINUTES
    units: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Glossary:
    """How a language says the field's terms, what stays English, and the tone."""

    tone: str = ""
    keep: tuple[str, ...] = ()
    terms: Mapping[str, str] = field(default_factory=dict)


def languages(root: Path) -> tuple[Language, ...]:
    """The languages that have a folder in translations/, in order.

    Raises:
        KitError: a language's settings are wrong.
    """
    found = sorted(path.parent.name for path in (root / FOLDER).glob(f"*/{SETTINGS}"))
    return tuple(read_language(root, code) for code in found)


def read_language(root: Path, code: str) -> Language:
    """The language with this code.

    Raises:
        KitError: it has no settings, or they're wrong.
    """
    path = root / FOLDER / code / SETTINGS
    data = read_toml(path, root)
    if data is None:
        raise KitError("there's no such language yet", f"{FOLDER}/{code}", f"python scripts/translate.py {code}")
    types = {"name": str, "complete": bool, "wrap": bool, "minutes": str, "units": dict}
    wrong = set(data) - set(types)
    wrong |= {key for key, kind in types.items() if key in data and not isinstance(data[key], kind)}
    units, minutes = data.get("units", {}), data.get("minutes", MINUTES)
    if "minutes" not in wrong and not re.fullmatch(r"[^{}\n]*\{\}[^{}\n]*", minutes):
        wrong.add("minutes")
    if wrong or "name" not in data or not all(isinstance(each, int) for each in units.values()):
        raise KitError(
            f"keys missing, unknown or of the wrong type: {', '.join(sorted(wrong)) or 'name, units'}",
            files.shown(path, root),
            "give name (text), complete and wrap (true or false), minutes (text with {}), and [units] (whole numbers)",
        )
    return Language(code, data["name"], data.get("complete", False), data.get("wrap", True), minutes, units)


def read_glossary(root: Path, code: str) -> Glossary:
    """A language's glossary; an empty one if there's none.

    Raises:
        KitError: it's wrong.
    """
    path = root / FOLDER / code / GLOSSARY
    data = read_toml(path, root) or {}
    tone, keep, terms = data.get("tone", ""), data.get("keep", []), data.get("terms", {})
    texts = [tone, *keep, *terms.values()] if isinstance(keep, list) and isinstance(terms, dict) else [None]
    if set(data) - {"tone", "keep", "terms"} or not all(isinstance(each, str) for each in texts):
        raise KitError("a glossary has tone (text), keep (texts) and [terms] (texts)", files.shown(path, root))
    return Glossary(tone, tuple(keep), terms)


def read_toml(path: Path, root: Path) -> dict[str, Any] | None:
    """What's in a TOML file; `None` if there's no such file.

    Raises:
        KitError: it isn't TOML.
    """
    data = files.read(path, root)
    try:
        return None if data is None else tomllib.loads(data.decode())
    except ValueError as error:
        raise KitError(f"this isn't TOML: {error}", files.shown(path, root), "fix the line it names") from error
