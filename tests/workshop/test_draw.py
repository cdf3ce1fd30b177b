"""The figures: their texts, what they accept, what they refuse, and what they leave alone."""

from __future__ import annotations

import base64
import subprocess
import sys
import types
from collections.abc import Callable
from html.parser import HTMLParser
from xml.etree import ElementTree

import IPython.display
import pytest
import torch
from matplotlib.figure import Figure

from workshop import draw, picture
from workshop.values import visible, written
from workshop.words import Words

SVG = "{http://www.w3.org/2000/svg}"
AWKWARD = 'a "quoted" text, 3 < 4 & <img src=x>, it\'s'


class Tags(HTMLParser):
    """A piece of HTML's start tags with their attributes, and its text."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """What a notebook would have been given to display."""
    bundles: list[dict[str, str]] = []
    monkeypatch.setattr(picture, "in_notebook", lambda: True)
    monkeypatch.setattr(IPython.display, "display", lambda bundle, raw: bundles.append(bundle))
    return bundles


def texts(bundle: dict[str, str]) -> list[str]:
    """The pieces of text inside the picture."""
    source = dict(Tags(bundle["text/html"]).tags)["img"]["src"]
    assert source is not None
    kind, data = source.split(",", 1)
    assert kind == "data:image/svg+xml;base64"
    root = ElementTree.fromstring(base64.b64decode(data, validate=True))
    assert root.tag == f"{SVG}svg"
    return ["".join(text.itertext()).strip() for text in root.iter(f"{SVG}text")]


def bars(**texts: str) -> None:
    draw.bars(["a", "b"], torch.tensor([1.0, -2.0], requires_grad=True), **texts)


def heat(**texts: str) -> None:
    draw.heat(torch.randn(3, 2, requires_grad=True), rows="abc", columns=[0, 1], **texts)


def lines(**texts: str) -> None:
    draw.lines({"train": torch.ones(3, requires_grad=True), "validation": [3, 2, 1]}, x=[0, 10, 20], **texts)


def points(**texts: str) -> None:
    draw.points(torch.zeros(4, 2, requires_grad=True), "Let'", **texts)


FIGURES = pytest.mark.parametrize("figure", [bars, heat, lines, points])


@FIGURES
def test_a_notebook_gets_a_picture_with_both_texts(figure: Callable[..., None], shown: list[dict[str, str]]) -> None:
    figure(title=AWKWARD, alt=AWKWARD[::-1])
    page = Tags(shown[0]["text/html"])
    assert [tag for tag, _ in page.tags] == ["figure", "img", "figcaption"]
    assert dict(page.tags)["img"]["alt"] == AWKWARD[::-1]
    assert page.text == AWKWARD
    assert texts(shown[0])


@FIGURES
def test_drawing_twice_gives_the_same_bytes(figure: Callable[..., None], shown: list[dict[str, str]]) -> None:
    for _ in range(2):
        torch.manual_seed(1)
        figure(title="t", alt="a")
    assert shown[0] == shown[1]


def test_a_line_skips_what_is_not_known() -> None:
    nan = float("nan")
    shown = draw.lines_picture({"seldom": [4.0, nan, nan, 2.0], "never": [nan] * 4}, x=[0, 1, 2, 9], title="t", alt="a")
    axes = Figure().add_subplot()
    shown.paint(axes, Words())
    assert [line.get_xydata().tolist() for line in axes.get_lines()] == [[[0.0, 4.0], [9.0, 2.0]], []]


def test_logarithmic_axes_have_plain_numbers(shown: list[dict[str, str]]) -> None:
    draw.lines({"short": [2.1, 2.6], "also": [2.4, float("nan")]}, x=[2e3, 3e6], log=True, title="t", alt="a")
    draw.lines({"long": [0.02, 30]}, x=[1, 3], log=True, title="t", alt="a")
    first, second = map(texts, shown)
    assert {"10,000", "1,000,000", "2.2", "2.4"} <= set(first)
    assert {"0.1", "1", "10", "1.5", "2.5"} <= set(second)
    assert not [text for text in (*first, *second) if "e" in text.removesuffix("the")]


@FIGURES
def test_a_terminal_gets_one_line(figure: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> None:
    figure(title="some title", alt="what is to be seen")
    assert capsys.readouterr().out == "[figure] some title: what is to be seen\n"


@FIGURES
@pytest.mark.parametrize("empty", [{"title": "", "alt": "a"}, {"title": "t", "alt": " \n"}])
def test_a_figure_without_a_text_is_refused(figure: Callable[..., None], empty: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="needs its"):
        figure(**empty)


@FIGURES
def test_alt_is_required(figure: Callable[..., None]) -> None:
    with pytest.raises(TypeError):
        figure(title="t")


@pytest.mark.parametrize(
    "call",
    [
        lambda **t: draw.bars([], [], **t),
        lambda **t: draw.bars(["a"], [1, 2], **t),
        lambda **t: draw.bars(["a"], [[1]], **t),
        lambda **t: draw.bars(["a"], 1.0, **t),
        lambda **t: draw.heat([], **t),
        lambda **t: draw.heat([[]], **t),
        lambda **t: draw.heat([1, 2], **t),
        lambda **t: draw.heat(torch.zeros(8), **t),
        lambda **t: draw.heat(torch.zeros(1, 8, 8), **t),
        lambda **t: draw.heat([[1, 2], [3]], **t),
        lambda **t: draw.heat([[1, 2]], rows="ab", **t),
        lambda **t: draw.heat([[1, 2]], columns="abc", **t),
        lambda **t: draw.lines({}, **t),
        lambda **t: draw.lines({"a": []}, **t),
        lambda **t: draw.lines({"a": [1, 2]}, x=[1], **t),
        lambda **t: draw.lines({"a": [1, 2]}, log=True, **t),
        lambda **t: draw.lines({"a": [1, 2]}, x=[0, 1], log=True, **t),
        lambda **t: draw.lines({"a": [float("nan"), -2]}, x=[1, 2], log=True, **t),
        lambda **t: draw.points([], [], **t),
        lambda **t: draw.points([[1, 2, 3]], "a", **t),
        lambda **t: draw.points([[1, 2]], "ab", **t),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(call: Callable[..., None]) -> None:
    with pytest.raises(ValueError, match=":") as refusal:
        call(title="t", alt="a")
    who, sentence = str(refusal.value).split(":", 1)
    assert who in {"bars", "heat", "lines", "points"}
    assert len(sentence.split()) > 4


def test_numbers_stand_in_the_squares_of_a_small_matrix_only(shown: list[dict[str, str]]) -> None:
    draw.heat(torch.full((10, 15), 0.25), title="t", alt="a")
    draw.heat(torch.full((10, 16), 0.25), title="t", alt="a")
    assert texts(shown[0]).count("0.25") == 150
    assert texts(shown[1]).count("0.25") <= 1  # at most a tick of the colour bar


def test_a_masked_matrix_shows_where_it_is_infinite(shown: list[dict[str, str]]) -> None:
    draw.heat([[1.0, -torch.inf], [-1.0, 2.0]], title="t", alt="a")
    assert [text for text in texts(shown[0]) if "∞" in text] == ["-∞"]


@pytest.mark.parametrize(
    ("table", "scale"),
    [
        ([[-1.0, 3.0]], ("RdBu_r", -3.0, 3.0)),
        ([[-4.0, 3.0]], ("RdBu_r", -4.0, 4.0)),
        ([[0.0, 3.0]], ("cividis", 0.0, 3.0)),
        ([[-3.0, -1.0]], ("cividis", -3.0, 0.0)),
        ([[0.0, 0.0]], ("cividis", 0.0, 1.0)),
        ([[-float("inf"), 2.0]], ("cividis", 0.0, 2.0)),
        ([[-float("inf")]], ("cividis", 0.0, 1.0)),
    ],
)
def test_colours_hang_on_zero(table: list[list[float]], scale: tuple[str, float, float]) -> None:
    assert draw.colours(table) == scale


def test_a_dollar_is_a_character_and_no_formula(shown: list[dict[str, str]]) -> None:
    draw.bars(["$a$", "_b"], [1, 2], title="t", alt="a")
    draw.lines({"$x^2$": [1, 2], "_b": [2, 1]}, title="t", alt="a")
    assert {"$a$", "_b"} <= set(texts(shown[0]))
    assert {"$x^2$", "_b"} <= set(texts(shown[1]))


JAPANESE = ["損失", "学習", "検証", "文字"]
BENGALI = ["ক্ষতি", "প্রশিক্ষণ", "যাচাই", "অক্ষর"]
MIXED = ["loss 損失", "ক্ষতি & <x>", "é", "x"]


@pytest.mark.parametrize("names", [JAPANESE, BENGALI, MIXED, ["损失", "训练", "验证", "字符"]])
@pytest.mark.parametrize("kind", ["bars", "lying bars", "heat", "wide heat", "lines", "points"])
@pytest.mark.filterwarnings("error")
def test_every_script_can_be_read(kind: str, names: list[str], shown: list[dict[str, str]]) -> None:
    """No glyph is missing, or a warning would be an error; each word is text, in the picture or beside it."""
    both = {"title": names[0] * 2, "alt": names[1] * 2, "x_name": f"{names[2]}1", "y_name": f"{names[3]}2"}
    if kind == "bars":
        draw.bars(names, [1, -2, 3, 4], **both)
    elif kind == "lying bars":
        draw.bars([f"{name} {n} of some length" for n in range(4) for name in names], range(16), **both)
    elif kind == "heat":
        draw.heat(torch.randn(4, 4), rows=names, columns=names, **both)
    elif kind == "wide heat":
        draw.heat(torch.randn(4, 40), rows=names, columns=names * 10, **both)
    elif kind == "lines":
        draw.lines({name: [1, 2, number] for number, name in enumerate(names)}, **both)
    else:
        draw.points(torch.randn(4, 2), names, **both)
    page, inside = Tags(shown[0]["text/html"]), texts(shown[0])
    assert shown[0]["text/plain"] == f"[figure] {both['title']}: {both['alt']}"
    assert not any("\u2800" <= character <= "\u28ff" for text in inside for character in text)
    for name in (both["x_name"], both["y_name"]):
        assert (name in page.text) != (name in inside)
    if kind == "lines":
        assert [name for name in names if name in page.text] == names
        assert [attributes["stroke"] for tag, attributes in page.tags if tag == "line"] == [
            draw.BLUE,
            draw.VERMILION,
            draw.GREEN,
            draw.PURPLE,
        ]
    else:
        assert all(any(text.startswith(name) for text in inside) for name in names)


def test_more_words_than_signs_stay_apart() -> None:
    words = Words()
    texts = [f"字{number}" for number in range(700)]
    drawn = "".join(f"<text>{words.put(text)}</text>" for text in texts)
    assert len(set(words.signs.values())) == 700
    assert words.restored(drawn) == "".join(f"<text>{text}</text>" for text in texts)
    assert words.put("plain ∞−√é") == "plain ∞−√é"


def test_a_word_keeps_about_its_own_room() -> None:
    words = Words()
    lengths = [len(words.put(text)) for text in ("字", "字字字字", "ক্ষতি")]
    assert lengths == [2, 6, 3]


@pytest.mark.parametrize(
    ("labels", "seen"),
    [
        ("a \n", ["a", "␣", "⏎"]),
        (["the king", " a", "a  ", "\ta\n", ""], ["the king", "␣a", "a␣␣", "⇥a⏎", ""]),
        (torch.tensor([3, 1]), ["3", "1"]),
        (range(2), ["0", "1"]),
    ],
)
def test_invisible_characters_are_shown(labels: list[str], seen: list[str]) -> None:
    assert visible(labels) == seen


@pytest.mark.parametrize(
    ("numbers", "texts"),
    [
        ([1.0, -2.0, 30.0], ["1", "-2", "30"]),
        ([0.5, -0.001, -1.0], ["0.50", "0.00", "-1.00"]),
        ([0.0, -0.0], ["0", "0"]),
        ([1.0, -float("inf"), float("nan")], ["1", "-∞", "nan"]),
        ([12345.5], ["1.235e+04"]),
    ],
)
def test_numbers_are_short(numbers: list[float], texts: list[str]) -> None:
    assert written(numbers) == texts


@pytest.mark.parametrize(("shell", "answer"), [(None, False), ({}, False), ({"kernel": object()}, True)])
def test_a_notebook_is_a_shell_with_a_kernel(
    monkeypatch: pytest.MonkeyPatch, shell: dict[str, object] | None, answer: bool
) -> None:
    running = None if shell is None else types.SimpleNamespace(**shell)
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: running))
    assert picture.in_notebook() is answer


def test_a_terminal_needs_no_matplotlib_and_a_notebook_no_pyplot() -> None:
    program = """
import sys
from workshop import draw, picture
draw.bars("ab", [1, 2], title="t", alt="a")
print("matplotlib" in sys.modules)
picture.Picture("t", "a", (3, 2), lambda axes, words: None).html()
print("matplotlib" in sys.modules, "matplotlib.pyplot" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[1:] == ["False", "True False"]
