"""The extension's texts: found in its files, and its files made in a language."""

from __future__ import annotations

import json
from pathlib import Path

from kit.translation import vscode
from kit.translation.language import Language

LANGUAGE = Language("pt-BR", "Português")


def made(root: Path) -> Path:
    folder = root / vscode.FOLDER
    (folder / "media").mkdir(parents=True)
    (folder / "package.nls.json").write_text('{"title": "Workshop", "open": "Open it"}')
    (folder / "one.js").write_text('say(t("Check {0}", id)); at(1); t(\n"say \\"no\\"");')
    (folder / "two.js").write_text('t("Open it")')
    (folder / "media" / "tick.md").write_text("Click **it**.\n\n- once\n")
    (folder / "media" / "tick.nls.ja.md").write_text("not English")
    return folder


def test_each_text_is_found_once(tmp_path: Path) -> None:
    made(tmp_path)
    found = vscode.entries(tmp_path)
    texts = ["Workshop", "Open it", "Check {0}", 'say "no"', "Click **it**.", "once"]
    assert [entry.text for entry in found] == texts
    assert [entry.template for entry in found] == [text == "Check {0}" for text in texts]
    assert len({entry.key for entry in found}) == len(found)


def test_without_an_extension_there_are_none(tmp_path: Path) -> None:
    assert vscode.entries(tmp_path) == ()


def test_what_is_translated_is_in_its_files(tmp_path: Path) -> None:
    folder = made(tmp_path)
    keys = {entry.text: entry.key for entry in vscode.entries(tmp_path)}
    said = {keys["Open it"]: "Abrir", keys["Check {0}"]: "Checar {0}", keys["once"]: "uma vez"}
    derived = vscode.translated(tmp_path, said, LANGUAGE)
    assert {path.relative_to(folder).as_posix() for path in derived} == {
        "package.nls.pt-br.json",
        "l10n/bundle.l10n.pt-br.json",
        "media/tick.nls.pt-br.md",
    }
    assert json.loads(derived[folder / "package.nls.pt-br.json"]) == {"open": "Abrir"}
    assert json.loads(derived[folder / "l10n" / "bundle.l10n.pt-br.json"]) == {
        "Check {0}": "Checar {0}",
        "Open it": "Abrir",
    }
    assert derived[folder / "media" / "tick.nls.pt-br.md"] == "Click **it**.\n\n- uma vez\n"
    assert vscode.translated(tmp_path, {}, LANGUAGE) == {}
