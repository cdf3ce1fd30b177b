"""What a model's card says, and that no name or sample breaks its Markdown."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from kit.learner.mine import Part
from kit.model.training.model_card import ModelCard
from kit.model.training.saved_model import SavedModel
from nanogpt import BigramLanguageModel, Config

pytestmark = pytest.mark.usefixtures("one_thread")

CONFIG = replace(Config.small(), dropout=0.0)
MODEL = BigramLanguageModel(5, CONFIG)
CARD = ModelCard(
    name="Ada",
    day=date(2025, 3, 1),
    source="plays",
    parts=(
        Part("01", "data_loader", ("DataLoader",), "", "text"),
        Part("12", "trainer", ("rate_at", "Trainer"), "", reason="12.08 is still blank"),
    ),
    saved=SavedModel(MODEL.state_dict(), "\n é'a", CONFIG, 1.5, 7),
    seconds=61.2,
    sample="ROMEO:\nAy.\n\n",
)


def test_it_says_who_when_whose_and_how_well() -> None:
    text = CARD.markdown()
    parameters = sum(parameter.numel() for parameter in MODEL.parameters())
    for fact in (
        "Ada",
        "1 March 2025",
        "plays",
        "61 seconds",
        "step 7 of 750",
        "1.500",
        "4.5 equals",
        f"{parameters:,}",
    ):
        assert fact in text
    assert "own: 1 of 3 parts" in text
    assert text.count("12.08 is still blank") == 2  # both names of that part
    assert "```text\nROMEO:\nAy.\n```\n" in text


def test_what_is_not_known_is_left_out() -> None:
    text = replace(CARD, name="", saved=replace(CARD.saved, validation_loss=None)).markdown()
    assert text.startswith("# A character-level GPT\n")
    assert "None" not in text and "not measured" in text


def test_neither_a_name_nor_a_sample_can_break_out() -> None:
    text = replace(CARD, name="a | b\n# <i>c</i>", sample="````\nnot markup").markdown()
    assert text.startswith("# A character-level GPT by a \\| b \\# \\<i\\>c\\</i\\>\n")
    assert "`````text\n````\nnot markup\n`````\n" in text
