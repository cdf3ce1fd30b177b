"""The VS Code extension as files: its package, its texts, and what its parts say of each other.

What it does in a real editor is tested in tests/editors (`make test-editors`).
"""

from __future__ import annotations

import json
import os
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
from kit.translation import vscode

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


def test_every_text_is_one_that_translators_get() -> None:
    own = read("package.json")
    assert set(re.findall(r'"%([\w.]+)%"', json.dumps(own))) == set(read("package.nls.json"))
    keys = {key for code in CODE.values() for key in re.findall(r'\bnamed\("([\w.]+)"\)', code)}
    assert keys <= set(read("package.nls.json"))
    said = {text for _, _, text in vscode.texts(SOURCE)}
    for name, code in CODE.items():
        calls = re.findall(r'\bt\(\s*"((?:[^"\\]|\\.)*)"', code)
        assert {json.loads(f'"{text}"') for text in calls} <= said
        assert "l10n.t" not in code
        if name != "words.js":
            assert len(calls) == len(re.findall(r"\bt\(", code)), name
    assert len(said) > 60


WORDS = """
const { speak, language, t, named } = require("./words");
const filled = () => t("{0} of {1} filled, {2} ticked", 1, 2, 3);
const show = () => console.log(JSON.stringify([language(), named("panel"), filled()]));
show();
for (const each of process.argv.slice(2)) { console.log(speak(each), speak(each)); show(); }
"""


def test_it_speaks_the_language_of_the_chapters_or_else_the_editors(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node isn't installed")
    shutil.copytree(SOURCE, tmp_path, dirs_exist_ok=True)
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "vscode.js").write_text("exports.env = { language: process.env.EDITOR };\n")
    (tmp_path / "say.js").write_text(WORDS)
    texts = {"en": ["Verdicts and hints", "1 of 2 filled, 3 ticked"]}
    for code in ("ja", "zh", "bn"):
        said = read(f"l10n/bundle.l10n.{code}.json")["{0} of {1} filled, {2} ticked"]
        texts[code] = [read(f"package.nls.{code}.json")["panel"], said.format(1, 2, 3)]
    for editor, chapters, wanted in (
        ("en", ["ja", "bn", "en"], ["en", "ja", "bn", "en"]),
        ("zh-cn", ["bn", "en", "xx"], ["zh", "bn", "zh", "zh"]),
        ("de", ["zh-Hant", "xx"], ["en", "zh", "en"]),
    ):
        done = subprocess.run(
            [node, "say.js", *chapters],
            cwd=tmp_path,
            env={"EDITOR": editor},
            capture_output=True,
            text=True,
            check=True,
        )
        lines = done.stdout.splitlines()
        assert lines[1::2] == ["true false"] * len(chapters)
        assert [json.loads(line) for line in lines[::2]] == [
            [name, *texts[code]] for name, code in zip([editor, *chapters], wanted, strict=True)
        ]


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
        "class Range { constructor(...at) { this.at = at; } }\nmodule.exports = { Range, env: { language: 'en' } };\n"
    )
    for name in ("chapters.js", "words.js", "package.nls.json"):
        shutil.copy(SOURCE / name, tmp_path)
    (tmp_path / "look.js").write_text(
        "const fs = require('fs'), { itemsIn, exercisesIn } = require('./chapters');\n"
        "const document = (path) => ({ uri: { scheme: 'file' }, getText: () => fs.readFileSync(path, 'utf8') });\n"
        "const look = (path) => [itemsIn(document(path)), exercisesIn(document(path))];\n"
        "console.log(JSON.stringify(process.argv.slice(2).map(look)));\n"
        "const cell = { uri: { scheme: 'vscode-notebook-cell' }, languageId: 'python' };\n"
        "cell.getText = () => '\\n\\nx = 1\\ncheck(\"00.01\")';\n"
        "console.log(JSON.stringify(exercisesIn(cell)));\n"
    )
    paths = sorted((ROOT / "workshop" / "en").glob("ch*.py"))
    got = subprocess.run([node, "look.js", *map(str, paths)], cwd=tmp_path, capture_output=True, text=True, check=True)
    found, [notebook_cell] = map(json.loads, got.stdout.splitlines())
    assert (notebook_cell["line"], notebook_cell["end"], notebook_cell["text"]) == (2, 3, 'x = 1\ncheck("00.01")')
    for path, (found_items, found_exercises) in zip(paths, found, strict=True):
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


VSCODE = """
module.exports = {
  EventEmitter: class { fire() {} },
  Range: class {},
  Uri: { file: (path) => path },
  env: { language: "en" },
  window: { showQuickPick: async (picks) => picks.find((pick) => pick.each === process.env.PICK) },
  workspace: { saveAll: async () => {} },
};
"""
SWITCH = """
const { Course } = require("./course"), { Tasks } = require("./tasks");
const print = (...each) => console.log(JSON.stringify(each));
const panel = { output: (title, text, buttons = []) => text === "…" || print(title, text, buttons.length) };
const course = new Course({ root: __dirname, ask: async (method, asked) => {
  console.log(JSON.stringify([method, asked]));
  const language = asked.chapter ? "en" : "ja";
  return { language, languages: ["en", "ja"], chapters: [{ id: asked.chapter || language }] };
} });
(async () => {
  course.status = { language: "en", languages: ["en", "ja"], chapters: [] };
  await new Tasks(course, panel).language();
  console.log(JSON.stringify(course.status.chapters));
  await course.refresh(["03"]);
  console.log(JSON.stringify(course.status.chapters));
})();
"""


@pytest.mark.parametrize(("pick", "exit_code"), [("ja", 0), ("ja", 1), ("en", None), ("", None)])
def test_a_switch_of_language_runs_the_script_and_asks_again(tmp_path: Path, pick: str, exit_code: int | None) -> None:
    """Which language it is, the kit says: after the script, and whenever it differs from what's on the screen."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node isn't installed")
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "vscode.js").write_text(VSCODE)
    for name in ("chapters.js", "course.js", "tasks.js", "words.js", "package.nls.json"):
        shutil.copy(SOURCE / name, tmp_path)
    (tmp_path / "switch.js").write_text(SWITCH)
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "python.sh").write_text(f"echo $@; echo $GIT_TERMINAL_PROMPT >&2; exit {exit_code}\n")
    env = {"PICK": pick, "PATH": os.environ["PATH"]}
    done = subprocess.run([node, "switch.js"], cwd=tmp_path, env=env, capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    said = ["language.py", "scripts/language.py ja\n0\n", exit_code]  # after a failure there's a button: the terminal
    script = [said, ["status", {"chapter": ""}], [{"id": "ja"}]]
    if exit_code is not None:
        assert lines[:3] == script
        assert lines[3:] == [["status", {"chapter": "03"}], ["status", {}], [{"id": "ja"}]]
    else:
        assert lines == [[], ["status", {"chapter": "03"}], []]
