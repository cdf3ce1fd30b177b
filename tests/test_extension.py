"""The VS Code extension as files: its package, its texts, and what its parts say of each other.

What it does in a real editor is tested in tests/editors (`make test-editors`).
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from kit.course.cells import from_percent
from kit.course.checklist import items
from kit.learner import extension as vsix

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / ".vscode" / "extensions" / "workshop"
CODE = {path.name: path.read_text(encoding="utf-8") for path in sorted(SOURCE.glob("*.js"))}


def read(name: str) -> Any:
    return json.loads((SOURCE / name).read_text(encoding="utf-8"))


def test_the_package_has_every_file_and_is_the_same_each_time(tmp_path: Path) -> None:
    one, two = tmp_path / "one.vsix", tmp_path / "two" / "two.vsix"
    vsix.pack(SOURCE, one)
    vsix.pack(SOURCE, two)
    assert one.read_bytes() == two.read_bytes()
    with zipfile.ZipFile(one) as archive:
        names = {name.removeprefix("extension/") for name in archive.namelist() if name.startswith("extension/")}
        manifest = archive.read("extension.vsixmanifest").decode()
        types = archive.read("[Content_Types].xml").decode()
    assert names == {path.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("*") if path.is_file()}
    assert "%" not in manifest
    assert {Path(name).suffix for name in names} <= {f".{end}" for end in re.findall(r'Extension="\.(\w+)"', types)}


def test_every_text_is_in_a_file_for_translators() -> None:
    own = read("package.json")
    named = set(re.findall(r'"%([\w.]+)%"', json.dumps(own)))
    assert named == set(read("package.nls.json"))
    said = {text for code in CODE.values() for text in re.findall(r'\bl10n\.t\(\s*"((?:[^"\\]|\\.)*)"', code)}
    assert sum(len(re.findall(r"\bl10n\.t\(", code)) for code in CODE.values()) >= len(said) > 30
    assert not [code for code in CODE.values() if re.search(r'\bl10n\.t\(\s*[^"\s]', code)]
    bundle = read("l10n/bundle.l10n.json")
    assert {json.loads(f'"{text}"') for text in said} == set(bundle)
    assert all(text == key for key, text in bundle.items())


def test_what_is_contributed_is_registered() -> None:
    commands = {row["command"] for row in read("package.json")["contributes"]["commands"]}
    registered = {f"workshop.{name}" for name in re.findall(r'\bregister\("(\w+)"', CODE["extension.js"])}
    assert commands <= registered
    used = set(re.findall(r'(?:command: |make\()"(workshop\.\w+)"', "\n".join(CODE.values())))
    assert used <= registered


def test_it_steps_aside_where_the_folder_is_not_trusted() -> None:
    assert read("package.json")["capabilities"]["untrustedWorkspaces"]["supported"] is False


def test_it_sees_the_items_and_exercises_that_the_kit_sees(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node isn't installed")
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "vscode.js").write_text(
        "class Range { constructor(...at) { this.at = at; } }\nmodule.exports = { Range };\n"
    )
    shutil.copy(SOURCE / "chapters.js", tmp_path)
    (tmp_path / "look.js").write_text(
        "const fs = require('fs'), { itemsIn, exercisesIn } = require('./chapters');\n"
        "const document = (path) => ({ uri: { scheme: 'file' }, getText: () => fs.readFileSync(path, 'utf8') });\n"
        "const look = (path) => [itemsIn(document(path)), exercisesIn(document(path))];\n"
        "console.log(JSON.stringify(process.argv.slice(2).map(look)));\n"
    )
    paths = sorted((ROOT / "workshop" / "en").glob("ch*.py"))
    got = subprocess.run([node, "look.js", *map(str, paths)], cwd=tmp_path, capture_output=True, text=True, check=True)
    for path, (found_items, found_exercises) in zip(paths, json.loads(got.stdout), strict=True):
        cells = from_percent(path.read_text(encoding="utf-8"))
        own = [
            (item.id, item.ticked, cell.line + item.line - 2)
            for cell in cells
            if cell.kind == "markdown"
            for item in items(cell.source)
        ]
        assert [(item["id"], item["ticked"], item["line"]) for item in found_items] == own
        exercises = [(cell.exercise, cell.line - 1, cell.source) for cell in cells if cell.exercise]
        assert [(each["id"], each["line"], each["text"]) for each in found_exercises] == exercises
