"""Random chapters, such as an author could have written, for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

CANARY = "canary_"

WORDS = st.sampled_from(
    ["how many", "the sum: twice", "q · k", "what [comes] next", "a # sign", "ids (batch, sequence)"]
)
HIDDEN = st.sampled_from(
    [
        "{c}(x)",
        "x[{c}]",
        "[{c} for i in range(3)]",
        "'{c} # no comment'",
        "{c}.mT @ x[0:2]",
        "({c} + 1) * 2",
        "f'{{{c}:.2f}}'",
    ]
)
PROSE = st.sampled_from(
    ["Some prose.", "## A section · 10 min", "> quoted — with a dash", "| a | b |", "é 😀", "`code` and `____`"]
)


@st.composite
def exercises(draw: st.DrawFn, number: int) -> tuple[str, int]:
    """The source of one exercise's cell, and how many blanks it has."""
    item_id, lines, blanks = f"01.{number:02d}", list[str](), 0

    def hidden() -> str:
        nonlocal blanks
        blanks += 1
        return draw(HIDDEN).format(c=f"{CANARY}{number}_{blanks}")

    for place in range(draw(st.integers(1, 3))):
        comment = f": {draw(WORDS)}" if draw(st.booleans()) else ""
        form = draw(st.integers(0, 5))
        name = f"value_{number}_{place}"
        if form == 0:
            lines.append(f"{name} = {hidden()}  # blank{comment}")
        elif form == 1:
            first, second = hidden(), hidden()
            lines.append(f"{name} = {first} + {second}  # blank [{first}] [{second}]{comment}")
        elif form == 2:
            inside = hidden()
            lines += [f"for {name} in {inside}:  # blank [{inside}]{comment}", "    pass"]
        elif form == 3:
            lines += [f"def f_{name}(x):", '    """Döc."""', f"    return {hidden()}  # blank{comment}"]
        elif form == 4:
            lines += [f"{name} = [  # note", "    1,", f"    {hidden()},", f"]  # blank{comment}"]
            blanks += 0
        else:
            lines.append(f"x.{CANARY}{number}_{blanks + 1}(1)  # blank [{CANARY}{number}_{blanks + 1}]{comment}")
            blanks += 1
    lines += [
        f'check("{item_id}")',
        f"#! hint: {CANARY}hint {draw(WORDS)}",
        f"#! mistake: {CANARY}m1 -> not {draw(WORDS)}",
        f"#! mistake {draw(st.integers(1, blanks))}: {CANARY}m2(a, b) -> no, {draw(WORDS)} -> really",
    ]
    if draw(st.booleans()):
        lines.append(f"#! alternative: {CANARY}alternative")
    if draw(st.booleans()):
        lines.append(f"#! probe: {CANARY}probe(1)")
    if draw(st.booleans()):
        lines.append(f"#! redraw: {CANARY}redraw = 2")
    return "# %%\n" + "\n".join(lines) + "\n", blanks


@st.composite
def chapters(draw: st.DrawFn) -> str:
    """The source of a chapter."""
    blocks = ["# %% [markdown]\n# # 01 Made up\n"]
    for number in range(1, draw(st.integers(1, 4)) + 1):
        source, _ = draw(exercises(number))
        if draw(st.booleans()):
            blocks.append(f"# %%\nplain_{number} = 1\n")
        blocks.append(source)
        blocks.append(f"# %% [markdown]\n# {draw(PROSE)}\n#\n# - [ ] 01.{number:02d} Do\n# - [ ] 01.r{number} I can\n")
    return "\n".join(blocks)
