"""The running example: "Let's he" making its way through the model, with the same numbers in every chapter.

What leaves one chapter enters the next: `after("04")` is what chapter 04 ends with and chapter 05 starts from. The
parts are the finished ones, in the small configuration (`Config.small()`). Their seeds depend only on the chapter, and
dropout is off.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

SENTENCE = "Let's he"
FIRST_SEED = 1337  # chapter 02's; each later chapter adds one


def seed_of(chapter: str) -> int:
    """The seed for a chapter's part."""
    return FIRST_SEED + int(chapter) - 2


@cache
def loader() -> Any:
    """The DataLoader over the nine plays, in the small configuration."""
    from kit.course import corpus
    from nanogpt import Config, DataLoader

    return DataLoader(corpus.shakespeare(), Config.small())


def ids() -> torch.Tensor:
    """The ids of "Let's he": (1, 8)."""
    import torch

    return torch.tensor([loader().encode(SENTENCE)])


def make(chapter: str) -> torch.nn.Module:
    """A chapter's part, with random numbers from the chapter's seed. The global random state stays as it was."""
    import torch

    import nanogpt

    config, vocab_size = loader().config, loader().vocab_size
    width, heads = config.embedding_dim, config.num_heads
    parts: dict[str, tuple[str, tuple[Any, ...]]] = {
        "02": ("TokenEmbedding", (vocab_size, width)),
        "03": ("PositionEmbedding", (config.input_sequence_length, width)),
        "04": ("EmbeddingModule", (vocab_size, config)),
        "05": ("LayerNorm", (width,)),
        "06": ("AttentionHead", (width // heads, config)),
        "07": ("MultiHeadAttention", (config,)),
        "08": ("FeedForward", (config,)),
        "09": ("TransformerBlock", (config,)),
        "10": ("VocabularyLogits", (vocab_size, config)),
    }
    name, arguments = parts[chapter]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed_of(chapter))
        module: torch.nn.Module = getattr(nanogpt, name)(*arguments)
    return module.eval()


def part(chapter: str) -> torch.nn.Module:
    """A chapter's part. The parts inside it have the same numbers as in the chapters they come from."""
    module = make(chapter)
    inner = {"04": ("02", "03"), "09": ("05", "07", "05", "08")}.get(chapter, ())
    if inner:
        import torch

        numbers = torch.nn.utils.parameters_to_vector([p for c in inner for p in part(c).parameters()])
        torch.nn.utils.vector_to_parameters(numbers, module.parameters())
    return module


def after(chapter: str) -> torch.Tensor:
    """What leaves a chapter.

    02 the token vectors (1, 8, 8); 03 the position vectors (8, 8); 04 their sum (1, 8, 8); 05 the sum, normalised;
    06 one head's output (1, 8, 4); 07 the sum plus what all heads add; 08 that plus what FeedForward adds; 09 the
    output of the whole block, which is the same; 10 the scores of the vocabulary (1, 8, vocabulary size).
    """
    import torch

    with torch.no_grad():
        result: torch.Tensor = step(chapter)
    return result


def step(chapter: str) -> Any:
    """What leaves a chapter, with gradients."""
    if chapter == "02":
        return part("02")(ids())
    if chapter == "03":
        return part("03")(ids())
    if chapter == "04":
        return after("02") + after("03")
    if chapter == "05":
        return part("05")(after("04"))
    if chapter == "06":
        return part("06")(after("05"))
    if chapter == "07":
        return after("04") + part("07")(after("05"))
    if chapter == "08":
        return after("07") + part("08")(part("05")(after("07")))
    if chapter == "09":
        return part("09")(after("04"))
    return part("10")(after("09"))
