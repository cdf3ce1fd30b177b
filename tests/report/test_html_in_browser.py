"""The page in a real browser, headless, the same for all tests. Without a browser, they're skipped, with the reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks.page import browsing, made_up, opening_times
from kit.course.course import Course
from kit.course.outline import Outline, outline_of
from kit.forks.records import Fork, Tip
from kit.pairs.progress import ChapterProgress, Flag
from kit.report.formats import to_html
from kit.report.options import RenderOptions
from tests.support import fake_course
from tests.support.hostile_cohort import HOSTILE, hostile

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
OID = "0123456789abcdef0123456789abcdef01234567"


TITLES = (
    *("Start here", "DataLoader", "TokenEmbedding", "PositionEmbedding", "EmbeddingModule", "LayerNorm"),
    *("AttentionHead", "MultiHeadAttention", "FeedForward", "TransformerBlock", "VocabularyLogits"),
    *("BigramLanguageModel", "Trainer"),
)


def course_of(outline: Outline) -> list[Outline]:
    """Thirteen chapters of twelve exercises each, with names as long as they come."""
    found = []
    for n, title in enumerate(TITLES):
        ids = tuple(f"{n:02}.{m:02}" for m in range(1, 13))
        words = dict.fromkeys(ids, "Scale the places, and watch their meaning change with the length")
        found.append(replace(outline, id=f"{n:02}", title=title, exercises=ids, items=ids, titles=words))
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import Error

    try:
        with browsing() as found:
            yield found
    except Error as error:
        pytest.skip(f"no browser: {str(error).splitlines()[0]}")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pages of a few classes."""
    folder = tmp_path_factory.mktemp("pages")
    outlines = [outline_of(chapter) for chapter in fake_course.make_course(folder / "course").chapters]
    one, two = outlines[0].exercises
    done = ChapterProgress(3, (one, two), (one, two), (one, two))
    some = ChapterProgress(3, (one,), (one,), (), (Flag("pair stale", (), "workshop/en/ch00_first.py", 7),))
    nothing = {outline.id: ChapterProgress(3) for outline in outlines}
    tip = Tip(OID, "main", datetime(2026, 3, 20, 18, tzinfo=UTC))
    forks = (
        Fork("student-2", "https://github.com/o/two", "ok", "", tip, nothing | {"00": some}, {"group": "maple"}),
        Fork("student-10", "clones/ten", "ok", "", tip, nothing | {"00": done}, {"group": "birch"}),
        Fork("student-1", "", "empty", "not started"),
        Fork("student-3", "", "ok", "", tip, nothing, {"group": "maple"}),
    )
    cohort = replace(made_up(outlines, 0), forks=forks)
    pages = {
        "few": to_html(cohort, RenderOptions()),
        "live": to_html(cohort, RenderOptions(seconds=1)),
        "hostile": to_html(hostile(cohort), RenderOptions()),
        "class": to_html(made_up(outlines, 40), RenderOptions()),
        "course": to_html(made_up(course_of(outlines[0]), 30), RenderOptions()),
    }
    for name, text in pages.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return folder


class Seen:
    """What a page requested, and the errors it reported."""

    def __init__(self, page: Page) -> None:
        self.requests: list[str] = []
        self.errors: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: self.errors.append(message.text))
        page.on("dialog", lambda dialog: (self.errors.append("dialog"), dialog.dismiss()))


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


def names(page: Page) -> list[str]:
    """The students on the map, in order."""
    found = page.locator("#rows tr:not([hidden]) th a").all_inner_texts()
    return [name.removeprefix("student-") for name in found]


def go(page: Page, folder: Path, name: str) -> None:
    page.goto((folder / f"{name}.html").as_uri())


def test_sorting(page: Page, folder: Path) -> None:
    go(page, folder, "few")
    assert names(page) == ["2", "10", "1", "3"]
    head = page.locator("th[data-sort=name]")
    assert head.get_attribute("aria-sort") is None
    page.get_by_role("button", name="student").click()
    assert (names(page), head.get_attribute("aria-sort")) == (["1", "2", "3", "10"], "ascending")
    page.get_by_role("button", name="student").click()
    assert (names(page), head.get_attribute("aria-sort")) == (["10", "3", "2", "1"], "descending")
    page.locator("th.c button").first.click()
    assert (names(page), head.get_attribute("aria-sort")) == (["10", "2", "3", "1"], None)
    page.locator("th.c button").first.click()
    assert names(page) == ["3", "2", "10", "1"]  # those that couldn't be read stay last
    page.get_by_role("button", name="flags").click()
    assert names(page)[0] == "2"
    page.get_by_role("button", name="verified").click()
    assert names(page) == ["10", "2", "3", "1"]
    page.get_by_role("button", name="last commit").click()
    assert names(page)[-1] == "1"


def test_filtering(page: Page, folder: Path) -> None:
    go(page, folder, "few")
    shown = page.locator("#shown")
    assert "4 of 4" in shown.inner_text()
    page.get_by_label("Find").fill("maple")
    assert (names(page), page.locator(".person:not([hidden])").count()) == (["2", "3"], 2)
    assert "2 of 4" in shown.inner_text()
    assert (shown.get_attribute("role"), shown.get_attribute("aria-live")) == ("status", "polite")
    page.get_by_label("only flagged").check()
    assert names(page) == ["2"]
    page.get_by_label("Find").fill("nobody like that")
    assert page.locator("#nobody").is_visible()
    page.get_by_role("button", name="Show all").click()
    assert len(names(page)) == 4
    page.get_by_label("Status").select_option("empty")
    assert names(page) == ["1"]


def test_keyboard_alone(page: Page, folder: Path) -> None:
    go(page, folder, "few")
    page.keyboard.press("Tab")
    skip = page.locator(".skip")
    assert skip.evaluate("e => e === document.activeElement && e.getBoundingClientRect().left >= 0")
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#map"
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "sort0":
            break
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    assert names(page) == ["1", "2", "3", "10"]
    page.locator("#rows a").nth(1).focus()
    page.keyboard.press("Enter")
    panel = page.locator(".person").first
    assert panel.evaluate("e => e.open && e.querySelector('summary') === document.activeElement")
    assert page.locator("div[onclick], div[role=button]").count() == 0


def test_links_lead_to_the_commit_where_there_is_an_address(page: Page, folder: Path) -> None:
    go(page, folder, "few")
    links = page.locator(".person a[href^=http]").evaluate_all("all => all.map(a => [a.href, a.rel])")
    assert {rel for _, rel in links} == {"noreferrer noopener"}
    assert {href for href, _ in links} == {
        f"https://github.com/o/two/commit/{OID}",
        f"https://github.com/o/two/blob/{OID}/workshop/en/ch00_first.py#L7",
    }


@pytest.mark.parametrize("name", ["few", "class", "hostile", "live"])
def test_no_request_leaves_the_page_and_nothing_complains(page: Page, folder: Path, name: str) -> None:
    seen = Seen(page)
    page.route("**/*", lambda route: route.continue_() if route.request.url.startswith("file:") else route.abort())
    go(page, folder, name)
    page.locator("#unfold").click()
    page.emulate_media(media="print", color_scheme="dark")
    assert set(seen.requests) == {(folder / f"{name}.html").as_uri()}
    assert seen.errors == []


def test_hostile_names_are_text(page: Page, folder: Path) -> None:
    seen = Seen(page)
    go(page, folder, "hostile")
    found = page.locator("#rows a").all_inner_texts()
    assert len(found) == 2 * len(HOSTILE)
    assert found[0] == "<script>alert(1)</script>"
    assert page.locator("img, iframe, object, [onerror], [onmouseover]").count() == 0
    assert page.locator("script").count() == 1
    for number in range(0, 2 * len(HOSTILE), 3):
        page.locator("#rows a").nth(number).click()
    assert page.url.startswith((folder / "hostile.html").as_uri())
    assert seen.errors == []


def test_the_policy_holds_against_what_gets_in(page: Page, folder: Path, tmp_path: Path) -> None:
    """Even if something weren't escaped, it wouldn't run or load anything."""
    evil = "<script>window.evil = 1</script><img src='https://host.invalid/x.png' onerror='window.evil = 2'>"
    evil += "<style>body{display:none}</style><p id=p style='color:rgb(1, 2, 3)'>x</p><link rel=stylesheet href=x.css>"
    text = (folder / "few.html").read_text(encoding="utf-8").replace("<main>", f"<main>{evil}")
    (tmp_path / "evil.html").write_text(text, encoding="utf-8")
    seen, answered = Seen(page), list[str]()
    page.on("response", lambda response: answered.append(response.url))
    go(page, tmp_path, "evil")
    assert page.evaluate("window.evil") is None
    assert page.locator("#p").is_visible()
    assert page.locator("#p").evaluate("e => getComputedStyle(e).color") != "rgb(1, 2, 3)"
    assert set(answered) == {(tmp_path / "evil.html").as_uri()}
    assert sum("Content Security Policy" in error for error in seen.errors) >= 4


def test_without_javascript(browser: Browser, folder: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    go(page, folder, "few")
    assert names(page) == ["2", "10", "1", "3"]
    assert not page.locator("#controls").is_visible()
    assert page.locator("#grid button").count() == 0
    panel = page.locator("#s0")
    assert not panel.is_visible()
    page.locator(".person summary").first.click()
    assert panel.is_visible()
    context.close()


def test_print_shows_all_of_it(page: Page, folder: Path) -> None:
    go(page, folder, "few")
    short = page.pdf(prefer_css_page_size=True)
    assert short.startswith(b"%PDF")
    go(page, folder, "class")
    assert len(page.pdf(prefer_css_page_size=True)) > 2 * len(short)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0
    page.emulate_media(media="print")
    assert page.locator("#grid").evaluate("e => e.parentElement.scrollHeight <= e.parentElement.clientHeight + 1")
    assert not page.locator("#controls").is_visible()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator(".person[open]").count() == 0


def test_a_page_that_loads_itself_again_stays_as_it_was(page: Page, folder: Path) -> None:
    go(page, folder, "live")
    page.locator("#sort0").click()
    page.get_by_label("Find").fill("maple")
    page.locator(".person summary").first.click()
    page.evaluate("document.activeElement.blur(); scrollTo(0, 300)")
    with page.expect_event("load", timeout=15_000):
        page.evaluate("window.old = true")
    assert page.evaluate("window.old") is None
    assert (names(page), page.get_by_label("Find").input_value()) == (["2", "3"], "maple")
    assert page.locator(".person").first.evaluate("e => e.open")
    assert page.evaluate("scrollY") == 300
    page.get_by_role("button", name="Pause").click()
    page.evaluate("window.old = true")
    page.wait_for_timeout(1500)
    assert page.evaluate("window.old")


CONTRAST = """() => {
  const parts = (c) => c.match(/[\\d.]+/g).map(Number);
  const linear = (v) => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => .2126 * linear(r / 255) + .7152 * linear(g / 255) + .0722 * linear(b / 255);
  const behind = (e) => { for (; e; e = e.parentElement) { const c = parts(getComputedStyle(e).backgroundColor);
    if (c.length < 4 || c[3] > 0) return c; } return [255, 255, 255]; };
  const poor = [];
  for (const e of document.querySelectorAll("body *")) {
    const says = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!says || !e.checkVisibility() || !(e instanceof HTMLElement)) continue;
    const [one, two] = [light(parts(getComputedStyle(e).color)), light(behind(e))];
    const ratio = (Math.max(one, two) + .05) / (Math.min(one, two) + .05);
    if (ratio < 4.5) poor.push([e.outerHTML.slice(0, 80), ratio]);
  }
  return poor;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast(page: Page, folder: Path, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    go(page, folder, "class")
    page.locator("#unfold").click()
    assert (
        page.evaluate("getComputedStyle(document.body).backgroundColor")
        == {
            "light": "rgb(246, 246, 243)",
            "dark": "rgb(18, 20, 24)",
        }[scheme]
    )
    assert page.evaluate(CONTRAST) == []


def test_the_whole_map_fits_a_usual_screen(page: Page, folder: Path) -> None:
    go(page, folder, "course")
    assert page.locator("#grid thead .c").count() == len(TITLES)
    assert page.locator("#map .pane").evaluate("e => e.scrollWidth <= e.clientWidth")


def test_a_cell_says_its_numbers_in_words_when_pointed_at(page: Page, folder: Path) -> None:
    go(page, folder, "few")
    page.locator("#rows td.h").first.hover()
    title = page.locator("#rows td.h").first.get_attribute("title")
    assert title == "00 First steps: 1 ticked, 1 filled, 0 verified, of 2"


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (400, 800)])
@pytest.mark.parametrize("name", ["course", "few"])
def test_the_three_answers_are_on_the_first_screen(
    page: Page, folder: Path, width: int, height: int, name: str
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    go(page, folder, name)
    assert page.locator("#lead p").count() == 3
    assert page.locator("#lead").evaluate("e => e.getBoundingClientRect().bottom") < height


SIZES = """() => [...document.querySelectorAll("body *")].flatMap((e) => {
  const says = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
  if (!says || !e.checkVisibility() || e.tagName === "title" || e.closest(".out")) return [];
  const scale = e instanceof SVGElement ? e.getScreenCTM().a : 1;
  const size = scale * parseFloat(getComputedStyle(e).fontSize);
  return size < 10.95 ? [[e.outerHTML.slice(0, 80), size]] : [];
})"""


@pytest.mark.parametrize("width", [360, 400, 640, 980, 981, 1280])
def test_labels_are_readable_and_the_page_does_not_scroll_sideways(page: Page, folder: Path, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    go(page, folder, "course")
    page.locator("#unfold").click()
    page.evaluate("document.querySelectorAll('details').forEach((d) => d.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator("svg.chart:visible").count() == 2
    assert page.evaluate(SIZES) == []


def test_rows(browser: Browser, folder: Path) -> None:
    opened, drawn = opening_times(browser, folder / "class.html", runs=1)
    assert 0 < opened < 10
    assert 0 < drawn < 10


def test_a_narrow_screen_scrolls_the_map_alone(page: Page, folder: Path, course: Course) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    go(page, folder, "class")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
