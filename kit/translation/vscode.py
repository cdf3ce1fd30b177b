"""The VS Code extension in another language: what its package, its code and its walkthrough say.

package.nls.json, *.js, media/*.md --entries--> Entry, ...  --> the catalogue `vscode`
                                   --translated--> package.nls.ja.json, l10n/bundle.l10n.ja.json, media/*.nls.ja.md

VS Code reads the first and the last ones by itself, if it's in that language; the extension reads the bundle.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from kit.files import read
from kit.translation import prose
from kit.translation.entry import Entry, Kind
from kit.translation.language import Language

CATALOGUE = "vscode"
FOLDER = Path(".vscode", "extensions", "workshop")
NAMES = "package.nls.json"
SAID = re.compile(r'\bt\(\s*"(?P<text>(?:[^"\\]|\\.)*)"')


def entries(root: Path) -> tuple[Entry, ...]:
    """Every text of the extension, each once, its package's first; none if there's no extension."""
    found: dict[str, Entry] = {}
    for where, kind, text in texts(root / FOLDER):
        note = f"{where}; what's in () and {{}} stays" if "](" in text or "{" in text else where
        found.setdefault(text, Entry(f"{CATALOGUE} {kind}", kind, text, note, "{" in text))
    return tuple(found.values())


def texts(folder: Path) -> Iterator[tuple[str, Kind, str]]:
    """Where each text of the extension is, its kind, and the text."""
    for key, text in names(folder).items():
        yield f"{NAMES}: {key}", "message", text
    for path in sorted(folder.glob("*.js")):
        for found in SAID.finditer(path.read_text(encoding="utf-8")):
            yield path.name, "message", json.loads(f'"{found["text"]}"')
    for path in pages(folder):
        for passage in prose.passages(path.read_text(encoding="utf-8")):
            yield f"media/{path.name}", passage.kind, passage.text


def names(folder: Path) -> dict[str, str]:
    """The texts of the package's manifest, by key."""
    data = read(folder / NAMES, folder)
    return dict(json.loads(data)) if data else {}


def pages(folder: Path) -> list[Path]:
    """The English pages of the walkthrough."""
    return [path for path in sorted(folder.glob("media/*.md")) if ".nls." not in path.name]


def translated(root: Path, said: Mapping[tuple[str, str], str], language: Language) -> dict[Path, str]:
    """The extension's files in a language, as far as they're translated; none for what isn't at all.

    Files are named by the language's code in small letters; VS Code in `zh-cn` finds those for `zh`.
    """
    folder, code = root / FOLDER, language.code.lower()
    known = {text: translation for (_, text), translation in said.items()}
    own = {key: known[text] for key, text in names(folder).items() if text in known}
    code_texts = dict.fromkeys(text for where, _, text in texts(folder) if where.endswith(".js"))
    bundle = {text: known[text] for text in code_texts if text in known}
    files = {folder / f"package.nls.{code}.json": own, folder / "l10n" / f"bundle.l10n.{code}.json": bundle}
    derived = {path: f"{json.dumps(each, ensure_ascii=False, indent=2)}\n" for path, each in files.items() if each}
    for path in pages(folder):
        english = path.read_text(encoding="utf-8")
        page = prose.rewrite(english, lambda kind, text, note, template: known.get(text), language.wrap)
        if page != english:
            derived[path.with_suffix(f".nls.{code}.md")] = page
    return derived
