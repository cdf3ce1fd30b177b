"""The extension in a real VS Code, as a learner uses it. The tests go one after another through one window.

WORKSHOP_SCREENSHOTS names a folder for pictures; WORKSHOP_EDITORS says where tests/editors/setup.sh put the editor.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING

import pytest

from benchmarks.page import browsing
from kit.course.checklist import tick_marks
from kit.errors import KitError
from kit.pairs.convert import notebook_cells, script_cells
from kit.translation import vscode
from tests.editors.editor import ROOT, SERVER, SETTINGS, Editor, code_server, copy_checkout, end_resident, git, wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.editors
SHOTS = os.environ.get("WORKSHOP_SCREENSHOTS", "")
CLICKS = 20  # for the 95th percentiles
TICKED = ("06.05", "06.06", "06.07", "06.r3", "06.08", "06.09", "06.10", "06.r4")  # the items of two cells


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all tests."""
    if not SERVER.exists():
        pytest.skip("code-server isn't installed: sh tests/editors/setup.sh")
    pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with browsing() as found:
        yield found


@pytest.fixture(scope="module")
def editor(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    """A window on a copy of this checkout."""
    home = tmp_path_factory.mktemp("editor")
    root = copy_checkout(home / "course")
    try:
        with code_server(home) as address:
            page = browser.new_page(viewport={"width": 1400, "height": 900})
            page.set_default_timeout(20_000)
            yield Editor(page, address, root)
    finally:
        end_resident(root)


@pytest.fixture(autouse=True)
def picture(request: pytest.FixtureRequest) -> Iterator[None]:
    """Where pictures are wanted, one of the window after each test."""
    yield
    if "editor" in request.fixturenames:
        shoot(request.getfixturevalue("editor").page, f"after-{request.node.name}")


def shoot(page: Page, name: str) -> None:
    """A picture of the window, if anybody wants one."""
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png")


def ticks(editor: Editor, stem: str) -> tuple[set[str], set[str]]:
    """What's ticked in the `.py` and in the notebook, on disk."""
    path = editor.root / "workshop" / "en" / stem
    found = []
    for ending, read in ((".py", script_cells), (".ipynb", notebook_cells)):
        try:
            cells = read(path.with_suffix(ending).read_bytes(), stem)
        except (KitError, ValueError):  # half written
            cells = ()
        found.append({each for each, mark in tick_marks(cells).items() if mark == "x"})
    return found[0], found[1]


def fill(editor: Editor, stem: str, line: str, answer: str) -> None:
    """Write an answer into both files on disk, as another program would."""
    for ending in (".py", ".ipynb"):
        path = editor.root / "workshop" / "en" / f"{stem}{ending}"
        text = path.read_text(encoding="utf-8")
        new = re.sub(rf"({line} = )[^\n\\]*?(  #|\\n|\n)", lambda found: found[1] + answer + found[2], text, count=1)
        assert new != text, path
        path.write_text(new, encoding="utf-8")


def panel(editor: Editor) -> str:
    """What the panel says."""
    return str(editor.frame_with("main[aria-live]").inner_text())


def test_the_tree_and_the_status_bar_show_the_course(editor: Editor) -> None:
    page = editor.page
    page.locator(".statusbar-item", has_text="Next: 00.01").wait_for(timeout=60_000)
    page.locator(".activitybar .action-label[aria-label^='Workshop']").first.click()
    row = page.locator(".monaco-list-row[aria-label*='00.01 Count the characters']")
    row.wait_for()
    assert "not ticked" in (row.get_attribute("aria-label") or "")
    assert page.locator(".monaco-list-row[aria-label^='00 Start here']").count() == 1


def test_the_next_exercise_opens_in_its_notebook(editor: Editor) -> None:
    editor.page.locator(".statusbar-item", has_text="Next: 00.01").click()
    editor.page.locator(".tab.active", has_text="ch00_start.ipynb").wait_for()
    editor.page.locator(".cell-statusbar-container", has_text="Check").first.wait_for()


def test_a_blank_a_wrong_and_a_right_answer(editor: Editor) -> None:
    check(editor, "00.01")
    wait_for(lambda: "00.01 blank" in panel(editor))
    fill(editor, "ch00_start", "characters", "7")
    editor.page.locator(".view-lines", has_text="characters = 7").wait_for()
    check(editor, "00.01")
    wait_for(lambda: "00.01 failed" in panel(editor))
    editor.page.locator(".notebookOverlay .squiggly-error").wait_for()
    shoot(editor.page, "light-failed")
    fill(editor, "ch00_start", "characters", "len(sentence)")
    editor.page.locator(".view-lines", has_text="len(sentence)").first.wait_for()
    editor.page.locator(".notebookOverlay .squiggly-error").wait_for(state="detached")
    check(editor, "00.01")
    wait_for(lambda: "00.01 passed" in panel(editor))
    assert "sum(1 for character in sentence)" in panel(editor)
    editor.page.locator(".cell-statusbar-container", has_text="00.01 passed").wait_for()


def check(editor: Editor, exercise: str) -> None:
    """Click Check below the exercise's cell."""
    label = f"Check {exercise}"
    editor.page.locator(f".cell-status-item[aria-label='{label}']").first.click()


def test_hints_climb(editor: Editor) -> None:
    editor.page.locator(".cell-status-item[aria-label='Hint for 00.01']").first.click()
    wait_for(lambda: "hint 1 of 3" in panel(editor))
    editor.frame_with("main[aria-live] button").first.click()
    wait_for(lambda: "hint 2 of 3" in panel(editor))


def test_reset_empties_the_exercise_and_can_be_undone(editor: Editor) -> None:
    editor.page.locator(".cell-status-item[aria-label^='Reset 00.01']").first.click()
    wait_for(lambda: "characters = ____" in (editor.root / "workshop/en/ch00_start.py").read_text())
    editor.page.locator(".view-lines", has_text="characters = ____").first.wait_for()
    editor.frame_with("main[aria-live] button").first.click()
    wait_for(lambda: "characters = len(sentence)" in (editor.root / "workshop/en/ch00_start.py").read_text(), 40)


def test_ten_clicks_in_two_cells(editor: Editor) -> None:
    editor.open("en/ch06_attention_head.ipynb")
    order = [one for pair in zip(*[TICKED[n : n + 4] for n in (0, 4)], strict=True) for one in pair]
    order += [order[0], order[1]]
    editor.scroll_to(TICKED[0])
    frame = editor.scroll_to(TICKED[-1])
    frame.evaluate(
        """async (order) => {
            const roots = () => [...document.querySelectorAll("*")].map((e) => e.shadowRoot).filter(Boolean);
            const box = (id) => roots().map((r) => r.querySelector(`input[data-item="${id}"]`)).find(Boolean);
            for (const id of order) { box(id).click(); await new Promise((done) => setTimeout(done, 20)); }
        }""",
        order,
    )
    wanted = set(TICKED) - set(order[:2])
    wait_for(lambda: ticks(editor, "ch06_attention_head") == (wanted, wanted))
    time.sleep(1)  # nothing that comes later takes one away
    assert ticks(editor, "ch06_attention_head") == (wanted, wanted)
    shown = frame.evaluate(
        """() => [...document.querySelectorAll("*")].map((e) => e.shadowRoot).filter(Boolean)
            .flatMap((r) => [...r.querySelectorAll("input[data-item]:checked")].map((b) => b.dataset.item))"""
    )
    assert set(shown) == wanted
    shoot(editor.page, "light-list")


def test_a_box_by_keyboard_keeps_its_place_and_has_a_name(editor: Editor) -> None:
    exercise = TICKED[-1]
    frame = editor.scroll_to(exercise)
    box = frame.locator(f'input[data-item="{exercise}"]')
    before = exercise in ticks(editor, "ch06_attention_head")[0]
    box.focus()
    box.press("Space")
    wait_for(lambda: (exercise in ticks(editor, "ch06_attention_head")[0]) != before)
    title = frame.locator("label", has=box).inner_text().strip()
    assert title.startswith(exercise)
    named = frame.get_by_role("checkbox", name=title, exact=True, checked=not before)  # as a screen reader is told
    named.wait_for()
    time.sleep(1)
    assert named.evaluate("box => box.getRootNode().activeElement === box")


@pytest.mark.parametrize("wanted", [{"00.03"}, set()])
def test_a_box_of_the_list_of_chapters_by_keyboard(editor: Editor, wanted: set[str]) -> None:
    box = editor.page.locator(".monaco-list-row [role='checkbox'][aria-label^='00.03']")
    assert (box.get_attribute("aria-checked") == "true") is not bool(wanted)
    box.focus()
    editor.page.keyboard.press("Space")
    wait_for(lambda: ticks(editor, "ch00_start") == (wanted, wanted))
    state = "ticked" if wanted else "not ticked"
    editor.page.locator(f"[role='checkbox'][aria-label^='00.03'][aria-label*=', {state},']").wait_for()


def test_how_long_a_click_takes(editor: Editor) -> None:
    exercise = TICKED[-1]
    frame = editor.scroll_to(exercise)
    times = []
    for _ in range(CLICKS):
        both = [exercise not in side for side in ticks(editor, "ch06_attention_head")]
        start = time.perf_counter()
        frame.locator(f'input[data-item="{exercise}"]').evaluate("box => box.click()")
        wait_for_ticks(editor, exercise, both)
        times.append(time.perf_counter() - start)
        time.sleep(0.6)
    report("a click to both files", times)


def wait_for_ticks(editor: Editor, exercise: str, both: list[bool]) -> None:
    """Wait until an exercise is ticked in both files, or isn't."""
    wait_for(lambda: [exercise in side for side in ticks(editor, "ch06_attention_head")] == both, 10, 0.005)


def report(what: str, times: list[float]) -> None:
    """Print the figures; `-s` shows them."""
    p95 = quantiles(times, n=20)[-1]
    print(f"\n{what}: median {1000 * median(times):.0f} ms, p95 {1000 * p95:.0f} ms, n={len(times)}")
    if SHOTS:
        with (Path(SHOTS) / "figures.txt").open("a") as file:
            file.write(json.dumps({"what": what, "median": median(times), "p95": p95, "times": times}) + "\n")


def line_of(editor: Editor, start: str, path: str = "en/ch00_start.py") -> int:
    """The line of a script, chapter 00's if no other is named, that starts like this."""
    lines = (editor.root / "workshop" / path).read_text(encoding="utf-8").split("\n")
    return next(number for number, line in enumerate(lines, 1) if line.startswith(start))


def test_a_script_has_lenses_boxes_and_a_squiggle(editor: Editor) -> None:
    page = editor.page
    editor.open("en/ch00_start.py")
    editor.go_to(line_of(editor, "first = "))
    page.keyboard.press("Control+Shift+K")  # delete both lines
    page.keyboard.press("Control+Shift+K")
    page.keyboard.type("first = sentence[1]\nlast = sentence[-1]\n")
    lens = page.locator(".codelens-decoration a", has_text="Check").nth(1)
    lens.wait_for()
    page.locator(".codelens-decoration a[title='Check 00.02']").first.click()
    page.locator(".editor-instance .squiggly-error").first.wait_for()
    wait_for(lambda: "00.02 failed" in panel(editor))
    assert "first = sentence[1]" in (editor.root / "workshop/en/ch00_start.ipynb").read_text()
    shoot(page, "light-script")
    page.locator(".codelens-decoration a[title^='00.02 Take the first']").first.click()
    wait_for(lambda: ticks(editor, "ch00_start") == ({"00.02"}, {"00.02"}))
    editor.go_to(line_of(editor, "# - [ ] 00.01"))
    page.keyboard.press("Shift+Alt+X")
    wait_for(lambda: ticks(editor, "ch00_start") == ({"00.01", "00.02"}, {"00.01", "00.02"}))


def test_how_long_a_verdict_takes(editor: Editor) -> None:
    page = editor.page
    times = []
    editor.go_to(line_of(editor, "first = "))
    for number in range(CLICKS):
        page.keyboard.press("Control+Shift+K")
        page.keyboard.type(f"first = sentence[{2 + number % 5}]\n")
        page.keyboard.press("ArrowUp")
        page.locator(".editor-instance .squiggly-error").first.wait_for(state="detached")
        time.sleep(0.3)
        start = time.perf_counter()
        page.keyboard.press("Shift+Alt+C")
        page.locator(".editor-instance .squiggly-error").first.wait_for()
        times.append(time.perf_counter() - start)
    report("check to squiggle", times)


def test_the_testing_view_has_every_exercise(editor: Editor) -> None:
    editor.command("Testing: Focus on Test Explorer View")
    page = editor.page
    page.locator(".test-explorer .monaco-list-row", has_text="00 Start here").wait_for()
    page.locator(".test-explorer .monaco-list-row", has_text="00 Start here").click()
    page.keyboard.press("ArrowRight")
    page.locator(".test-explorer .monaco-list-row", has_text="00.01").wait_for()
    editor.command("Test: Run All Tests")
    page.locator(".test-explorer .monaco-list-row[aria-label*='00.01'][aria-label*='Passed']").wait_for(timeout=90_000)
    shoot(page, "light-tests")


def test_save_and_push(editor: Editor) -> None:
    editor.command("Workshop: Save my progress")
    wait_for(lambda: git(editor.root, "rev-list", "--count", "HEAD").strip() == "2", 90)
    editor.command("Workshop: Save and push")
    wait_for(
        lambda: git(editor.root, "rev-parse", "HEAD") == git(editor.root.parent / "fork.git", "rev-parse", "main"), 90
    )
    assert git(editor.root, "status", "--porcelain") == ""
    committed = git(editor.root, "show", "HEAD:workshop/en/ch06_attention_head.py")
    assert committed == (editor.root / "workshop/en/ch06_attention_head.py").read_text()


@pytest.mark.parametrize("code", ["ja", "bn", "en"])
def test_it_speaks_the_language_of_the_chapters(editor: Editor, code: str) -> None:
    names = {"ja": "日本語", "bn": "বাংলা", "en": "English"}
    bundle = ROOT / vscode.FOLDER / "l10n" / f"bundle.l10n.{code}.json"
    words = json.loads(bundle.read_text(encoding="utf-8")) if bundle.exists() else {}
    editor.command("Workshop: Switch language")
    editor.page.locator(".quick-input-list .monaco-list-row", has_text=names[code]).click()
    said = words.get("Next: {0}", "Next: {0}").partition("{0}")[0].strip()
    editor.page.locator(".statusbar-item[id*='workshop']", has_text=said).wait_for(timeout=60_000)
    script = f"{code}/ch06_attention_head.py"
    editor.open(script)
    editor.go_to(line_of(editor, 'check("06.01")', script))
    editor.page.locator(".codelens-decoration a", has_text=words.get("Check", "Check")).first.wait_for()
    shoot(editor.page, f"light-{code}")


def test_the_walkthrough_ends_in_chapter_00(editor: Editor) -> None:
    editor.command("Workshop: Get started")
    editor.page.locator(".getting-started-step", has_text="Start with chapter 00").wait_for()
    shoot(editor.page, "light-walkthrough")


def test_light_and_dark(editor: Editor) -> None:
    page = editor.page
    for theme in ("light", "dark"):
        if theme == "light":
            if page.locator(".part.panel").is_visible():
                editor.command("View: Hide Panel")
            editor.command("View: Close All Editors")
        page.locator(".activitybar .action-label[aria-label^='Workshop']").first.click()
        page.mouse.move(1150, 17)  # nothing there answers to a hover
        editor.open("en/ch00_start.py")
        editor.go_to(line_of(editor, "first = "))
        page.keyboard.press("Shift+Alt+C")
        page.locator(".editor-instance .squiggly-error").first.wait_for()
        wait_for(lambda: "00.02 failed" in panel(editor))
        shoot(page, f"{theme}-script")
        page.locator(".monaco-list-row[aria-label^='00.02 Take the first']").click()
        page.locator(".notebookOverlay .squiggly-error").first.wait_for()
        wait_for(lambda: "00.02 failed" in panel(editor))
        editor.scroll_to("00.01")
        time.sleep(0.5)
        shoot(page, f"{theme}-notebook")
        if theme == "light":
            editor.command("Preferences: Toggle between Light/Dark Themes")
            page.locator(".monaco-workbench.vs-dark").wait_for()


def test_it_steps_aside_in_restricted_mode(browser: Browser, tmp_path: Path) -> None:
    root = copy_checkout(tmp_path / "course")
    restricted = {"security.workspace.trust.enabled": True, "security.workspace.trust.startupPrompt": "never"}
    with code_server(tmp_path, SETTINGS | restricted) as address:
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.goto(f"{address}/?folder={root}", wait_until="domcontentloaded")
        page.locator(".statusbar-item", has_text="Restricted Mode").wait_for(timeout=90_000)
        time.sleep(3)
        assert page.locator(".statusbar-item[id*='workshop']").count() == 0
        assert not (root / ".workshop" / "judge.json").exists()
        shoot(page, "restricted")
