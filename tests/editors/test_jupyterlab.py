"""Chapter 00 in a real JupyterLab: boxes that tick, and commands that write while the notebook is open."""

from __future__ import annotations

import json
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks.page import browsing
from tests.editors.jupyterlab import CELL, PAIR, Clone, Window, lab, require_jupyterlab, until

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Route

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = pytest.mark.editors
Open = Callable[..., tuple[Clone, Window]]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import Error

    require_jupyterlab()
    try:
        with browsing() as found:
            yield found
    except Error as error:
        pytest.skip(f"no browser: {str(error).splitlines()[0]}")


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Opens chapter 00 in a clone of its own; `ours=False` leaves our extension out."""
    with ExitStack() as stack:

        def open_chapter(ours: bool = True) -> tuple[Clone, Window]:
            clone = Clone.make(tmp_path / "course")
            address = stack.enter_context(lab(clone.root, tmp_path / "state", ours))
            page = stack.enter_context(browser.new_page(viewport={"width": 1300, "height": 900}))
            page.on("console", lambda said: print(said.text) if "workshop:" in said.text else None)
            return clone, Window.open(page, address)

        yield open_chapter


def picture(window: Window, name: str) -> None:
    """Keep a picture, if somebody wants to look."""
    folder = os.environ.get("EDITOR_PICTURES")
    if folder:
        window.page.screenshot(path=f"{folder}/{name}.png")


def test_ten_quick_clicks_are_ten_ticks_in_both_files(opened: Open) -> None:
    clone, window = opened()
    assert window.page.locator(".jp-Notebook h1").count() == 1
    picture(window, "jupyterlab-heading")
    window.scroll_through()
    assert window.boxes.count() >= 10
    assert window.page.locator(".jp-MarkdownCell input[type=checkbox][disabled]").count() == 0
    assert window.page.locator("[lang=en] .jp-Notebook").count() == 1
    assert window.page.get_by_role("checkbox", name=re.compile(r"^\d\d\.\w+ \S")).count() == window.boxes.count()
    wanted = window.click(10)
    print(f"ten clicks, on disk after {until(lambda: len(clone.ticks()[0]) == 10):.2f} s")
    window.boxes.last.scroll_into_view_if_needed()
    picture(window, "jupyterlab-boxes")
    clone.run("scripts/save.py")
    first = "00.01"
    assert [*map(sorted, clone.ticks())] == [sorted({first, *wanted})] * 2
    until(lambda: window.page.locator(".jp-MarkdownCell input:checked").count() == len({first, *wanted}))
    window.save()
    assert window.asks == []
    assert [*map(sorted, clone.ticks())] == [sorted({first, *wanted})] * 2


def test_an_open_notebook_takes_in_what_save_wrote_and_keeps_its_outputs(opened: Open) -> None:
    clone, window = opened()
    window.type("\nprint('an output')")
    window.page.keyboard.press("Shift+Enter")
    window.page.wait_for_selector("text=an output >> visible=true", timeout=60_000)
    until(lambda: "an output" in clone.notebook)
    clone.run("scripts/save.py")
    assert "00.01" in clone.ticks()[0]
    window.page.wait_for_timeout(2500)
    assert window.page.locator(".jp-OutputArea-output:has-text('an output')").count() == 1
    window.type("\n# later")
    until(lambda: "# later" in clone.notebook)
    assert window.asks == []
    assert clone.ticks() == (["00.01"], ["00.01"])


def test_nothing_typed_while_a_command_writes_is_lost(opened: Open) -> None:
    clone, window = opened()
    window.type("\n# begins")
    saving = threading.Thread(target=clone.run, args=("scripts/save.py",))
    saving.start()
    typed, start = 0, time.monotonic()
    while saving.is_alive() or time.monotonic() < start + 3:
        window.page.keyboard.type("ab")
        window.page.wait_for_timeout(50)
        typed += 2
    saving.join()
    window.page.keyboard.type(" ends")
    until(lambda: "b ends" in clone.notebook)
    assert window.asks == []
    assert f"# begins{'ab' * (typed // 2)} ends" in clone.notebook
    assert clone.ticks()[0] == ["00.01"]
    clone.run("scripts/save.py")
    assert clone.ticks() == (["00.01"], ["00.01"])
    assert f"# begins{'ab' * (typed // 2)} ends" in clone.script


def test_two_versions_of_a_line_both_stay(opened: Open) -> None:
    clone, window = opened()
    path = clone.root / PAIR.paths[1]
    notebook = json.loads(path.read_text(encoding="utf-8"))
    source = next(cell["source"] for cell in notebook["cells"] if cell["source"][-1:] == [CELL])
    window.type("  # mi")
    source[-1] += "  # theirs"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    window.page.keyboard.type("ne")
    until(lambda: "# mine" in clone.notebook and "# theirs" in clone.notebook)
    assert "# Two versions of " in clone.notebook
    assert window.asks == []
    picture(window, "jupyterlab-two-versions")


@pytest.mark.parametrize("button", ["Cancel", "Revert", "Overwrite"])
def test_should_it_ask_after_all_every_button_keeps_both_sides_work(opened: Open, button: str) -> None:
    """A command ticks an item whenever the file's hash is asked for: also between our look and JupyterLab's own."""
    clone, window = opened()
    items, made = ["00.r1", "00.r2", "00.r3", "00.10", "00.09", "00.08"], list[str]()

    def between(route: Route) -> None:
        if len(made) < len(items) and not window.asks:
            made.append(items[len(made)])
            tick(clone, made[-1])
        route.continue_()

    window.type("\n# unsaved")
    window.page.route(re.compile(r"api/contents/.*content=0"), between)
    window.save()
    until(lambda: window.asks == ["File Changed"])
    window.page.unroute_all()
    window.press(button)
    until(lambda: "# unsaved" in clone.notebook)
    assert window.asks == []
    clone.run("scripts/save.py")  # the `.py` still has a tick that was overwritten
    assert "# unsaved" in clone.notebook
    assert "# unsaved" in clone.script
    assert [*map(sorted, clone.ticks())] == [sorted(["00.01", *made])] * 2


def tick(clone: Clone, item: str) -> None:
    """Tick an item in both files, as a command would."""
    for path in PAIR.paths:
        file = clone.root / path
        file.write_text(file.read_text(encoding="utf-8").replace(f"- [ ] {item}", f"- [x] {item}"), encoding="utf-8")


def test_without_our_extension_one_command_brings_back_what_was_overwritten(opened: Open) -> None:
    clone, window = opened(ours=False)
    window.type("\n# unsaved")
    said = clone.run("scripts/save.py")
    assert clone.ticks() == (["00.01"], ["00.01"]), said
    window.save()
    until(lambda: window.asks == ["File Changed"])
    picture(window, "jupyterlab-file-changed")
    window.press("Overwrite")
    until(lambda: clone.ticks() == ([], ["00.01"]))
    back = re.search(r"python (scripts/reset_to_todo\.py --restore \S+)", clone.run("scripts/save.py"))
    assert back is not None
    clone.run(*back[1].split())
    clone.run("scripts/save.py")
    assert clone.ticks() == (["00.01"], ["00.01"])
