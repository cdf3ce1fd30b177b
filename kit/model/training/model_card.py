"""A model's card: who trained it, with whose classes, how well, and what it sounds like. A record in, Markdown out."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from kit.learner.mine import Part
from kit.model.training.saved_model import SavedModel

SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|])")  # in a name, these would be markup
BACKTICKS = re.compile("`+")


@dataclass(frozen=True)
class ModelCard:
    """What a card says. `name` is the learner's; it's empty if git doesn't know one."""

    name: str
    day: date
    source: str  # the text it learned from, in words
    parts: tuple[Part, ...]  # of the package, with whose classes they are
    saved: SavedModel
    seconds: float  # that the training took
    sample: str

    def markdown(self) -> str:
        """The whole card."""
        blocks = (self.head(), self.numbers(), self.classes(), self.voice(), self.use())
        return "\n\n".join("\n".join(lines) for lines in blocks) + "\n"

    def head(self) -> Iterator[str]:
        """The title, and when and on what it was trained."""
        yield f"# A character-level GPT by {plain(self.name)}" if self.name else "# A character-level GPT"
        yield ""
        day = f"{self.day.day} {self.day:%B %Y}"
        kept = f"Kept: the model after step {self.saved.steps} of {self.saved.config.steps}."
        yield f"Trained on {day}, on {plain(self.source)}, in {round(self.seconds)} seconds. {kept}"

    def numbers(self) -> Iterator[str]:
        """How good it is, and how large."""
        config, characters = self.saved.config, len(self.saved.characters)
        loss = self.saved.validation_loss
        how_good = "not measured" if loss is None else f"{loss:.3f}: a choice among {math.exp(loss):.1f} equals"
        parameters = sum(tensor.numel() for tensor in self.saved.state.values())
        yield "| | |"
        yield "| --- | --- |"
        yield f"| loss on text it has never seen | {how_good} |"
        yield f"| a model that knows nothing | {math.log(characters):.3f}: a choice among {characters} |"
        yield f"| parameters | {parameters:,} |"
        yield f"| blocks, heads in each, width | {config.num_layers}, {config.num_heads}, {config.embedding_dim} |"
        yield f"| sees | {config.input_sequence_length} characters at a time |"

    def classes(self) -> Iterator[str]:
        """Whose class each is. One that's the learner's has passed its check, or it wouldn't have been used."""
        owner = plain(self.name) + ("'" if self.name.endswith("s") else "'s") if self.name else "The learner's"
        rows = [(part.chapter, name, part.reason) for part in self.parts for name in part.names]
        own = sum(not reason for _, _, reason in rows)
        yield "## Whose code it is"
        yield ""
        yield f"{owner} own: {own} of {len(rows)} parts. A part is used only if it has passed its check."
        yield ""
        yield "| chapter | part | whose |"
        yield "| --- | --- | --- |"
        for chapter, name, reason in rows:
            whose = f"the workshop’s: {plain(reason)}" if reason else f"{owner}, and passed"
            yield f"| {chapter} | `{name}` | {whose} |"

    def voice(self) -> Iterator[str]:
        """A sample, fenced by more backticks than it has in a row."""
        fence = "`" * max(3, 1 + max(map(len, BACKTICKS.findall(self.sample)), default=0))
        yield "## What it sounds like"
        yield ""
        yield f"{fence}text"
        yield self.sample.strip("\n")
        yield fence

    def use(self) -> Iterator[str]:
        """What to do with it, and what not to expect."""
        yield "## What it's good for"
        yield ""
        yield "Reading aloud. It has an ear for what usually comes next, and no idea what any of it means. For more:"
        yield ""
        yield "```"
        yield "python scripts/sample.py THIS_FOLDER"
        yield "```"


def plain(text: str) -> str:
    """A text in which nothing is markup."""
    return SPECIAL.sub(r"\\\1", " ".join(text.split()))
