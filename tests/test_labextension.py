"""What the JupyterLab extension makes of two versions of a notebook, in Node; the rest of it is in tests/editors."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from kit.course.answers import read_cells
from kit.course.cells import Cell
from kit.pairs.merge import ASIDE

FOLDER = Path(__file__).parents[1] / "labextension"
SCRIPT = """
import { steps } from %s;
import { readFileSync } from "node:fs";
const place = (cells, id) => cells.findIndex(cell => cell.id === id);
function merged([base, mine, disk]) {
  const cells = mine.map(cell => ({ ...cell }));
  for (const step of steps(base, mine, disk)) {
    if (step.remove) cells.splice(place(cells, step.remove), 1);
    else if (step.insert) cells.splice(place(cells, step.after) + 1, 0, { id: "new", ...step.insert });
    else cells[place(cells, step.id)].source = step.source;
  }
  return [cells, steps(disk, cells, disk).length];
}
console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(merged)));
"""
Cells = list[dict[str, str]]


def merge(cases: list[tuple[Cells, Cells, Cells]]) -> list[tuple[Cells, int]]:
    """The cells after taking in what's on disk, and how many steps a second time would take."""
    node = shutil.which("node")
    if not node:
        pytest.skip("there's no Node")
    script = SCRIPT % json.dumps((FOLDER / "static/merge.js").as_uri())
    words = [node, "--input-type=module", "-e", script]
    got = subprocess.run(words, input=json.dumps(cases), capture_output=True, text=True, check=True)
    return [(cells, again) for cells, again in json.loads(got.stdout)]


def notebook(*sources: str) -> Cells:
    return [{"id": f"c{place}", "cell_type": "markdown", "source": source} for place, source in enumerate(sources)]


def edited(cells: Cells, who: str, dice: random.Random) -> Cells:
    """The cells after a few edits: lines changed, added and deleted, boxes ticked, cells added and deleted."""
    found = [dict(cell) for cell in cells]
    for count in range(dice.randint(0, 4)):
        cell = dice.choice(found) if found else None
        lines = cell["source"].split("\n") if cell else []
        place = dice.randrange(len(lines)) if lines else 0
        match dice.choice(["change", "tick", "insert", "cut", "new", "delete"]):
            case "new":
                new = {"id": f"{who}{count}", "cell_type": "code", "source": f"{who} cell {count}"}
                found.insert(dice.randint(0, len(found)), new)
            case "delete" if cell:
                found.remove(cell)
            case "change" if cell:
                cell["source"] = "\n".join([*lines[:place], f"{who} {count}", *lines[place + 1 :]])
            case "tick" if cell:
                cell["source"] = "\n".join([*lines[:place], lines[place].replace("[ ]", "[x]"), *lines[place + 1 :]])
            case "insert" if cell:
                cell["source"] = "\n".join([*lines[:place], f"{who} {count}", *lines[place:]])
            case "cut" if cell:
                cell["source"] = "\n".join([*lines[:place], *lines[place + 1 :]])
    return found


def text(cells: Cells) -> str:
    return "\n".join(cell["source"] for cell in cells)


def test_whatever_was_written_on_either_side_is_still_there() -> None:
    dice = random.Random(6)
    base = notebook(
        "# title\n\ntext", "a = 1\nb = 2\nc = 3", "- [ ] 00.01 one\n- [ ] 00.02 two\n- [ ] 00.r1 three", "end"
    )
    cases = [(base, edited(base, "mine", dice), edited(base, "disk", dice)) for _ in range(3000)]
    for (_, mine, disk), (result, again) in zip(cases, merge(cases), strict=True):
        for side in (mine, disk):
            for line in text(side).split("\n"):
                if line.startswith(("mine", "disk")):
                    assert line in text(result), (mine, disk, result)
        ids = [cell["id"] for cell in result if cell["id"] != "new"]
        assert len(ids) == len(set(ids))
        assert again == 0
        if mine == base:
            assert text(result) == text(disk)
        if disk == base:
            assert result == mine


def test_ticks_of_both_sides_meet_in_one_cell() -> None:
    items = "- [ ] 00.01 one\n- [ ] 00.02 two\n- [ ] 00.03 three"
    base, mine = notebook(items), notebook(items.replace("[ ] 00.02", "[x] 00.02"))
    disk = notebook(items.replace("[ ] 00.01", "[x] 00.01").replace("[ ] 00.03", "[x] 00.03"))
    assert merge([(base, mine, disk)]) == [(notebook(items.replace("[ ]", "[x]")), 0)]


def test_a_version_set_aside_is_one_that_the_kit_knows() -> None:
    def answer(words: str) -> Cells:
        return [{"id": "ex-00-01", "cell_type": "code", "source": f'{words}\ncheck("00.01")'}]

    ((cells, again),) = merge([(answer("x = ____"), answer("x = 1"), answer("x = 2"))])
    assert again == 0
    assert cells[0]["source"].startswith("x = 1\n")
    aside = cells[1]["source"]
    assert aside.startswith(f"{ASIDE}00.01: ")
    assert "x = 2" in aside
    work = read_cells([Cell("code", cell["source"]) for cell in cells])
    assert [*work.answers] == ["00.01"]


def test_the_extension_is_what_jupyterlab_looks_for() -> None:
    package: dict[str, Any] = json.loads((FOLDER / "package.json").read_text(encoding="utf-8"))
    build = package["jupyterlab"]["_build"]
    assert (FOLDER / build["load"]).is_file()
    container = (FOLDER / build["load"]).read_text(encoding="utf-8")
    assert f"_JUPYTERLAB.{package['name']} = " in container
