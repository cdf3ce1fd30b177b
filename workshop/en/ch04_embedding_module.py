# %% [markdown]
# <!-- Made from checkpoints/ch04_embedding_module.py by scripts/build.py. From your first edit on it is yours. -->
# # 04 EmbeddingModule
#
# Put *what* and *where* into one vector, by the smallest operation there is: a plus.
#
# 35 minutes in five sections. It needs chapters 02 and 03.
#
# A plus takes one second to write. The rest of the time goes into two questions that it raises. Does it not stir two
# things together that nobody can separate again? And does it land where it should?

# %%
import torch
from torch import nn

# %%
import torch.nn.functional as F

from nanogpt import Config, PositionEmbedding, TokenEmbedding
from workshop import ____, check, corpus, draw, hint, running, solution

torch.set_printoptions(precision=3, linewidth=100)  # eight numbers on a line

# %% [markdown]
# ## Side by side, or added · 8 min
#
# From chapter 02 come eight rows that say what stands there, from chapter 03 eight rows that say where.

# %%
config, small = Config(), Config.small()
width, vocab_size = small.embedding_dim, running.loader().vocab_size
ids = running.ids()  # (1, 8)
vectors = running.after("02")[0]  # (8, 8): the row of each character of "Let's he"
positions = running.after("03")  # (8, 8): the row of each place
characters = running.part("02").table.weight.detach()  # (64, 8): the rows of all characters
print("L:      ", vectors[0])
print("place 0:", positions[0])

# %% [markdown]
# The careful way keeps both: lay them **side by side**, and every character has 16 numbers, the first eight for what
# and the last eight for where. Nothing is lost. The bold way **adds** them, and eight numbers have to do.
#
# Which would you choose? Before you answer, see what the model will do with the 16 numbers. Whatever comes next
# multiplies them by a matrix of weights. Here is such a matrix, (16, 8). Its upper half meets the character, its lower
# half the place. (`torch.cat((a, b), dim=...)` joins two tensors along a dimension: downwards is 0, to the right is 1.)

# %%
torch.manual_seed(1339)
weight = torch.randn(2 * width, width)
print(weight.shape)

# %%
both = ____  # each row of `vectors` with the row of its place on its right
from_both = both @ weight
from_character = ____  # the characters alone, times the upper half of the weights
from_place = ____  # the places alone, times the lower half
check("04.01")

# %%
print(tuple(both.shape), "->", tuple(from_both.shape))
difference = from_both - (from_character + from_place)
print(f"largest difference between the two ways: {difference.abs().max().item():.6f}")

# %% [markdown]
# The same numbers. A matrix product adds up anyway, so *side by side, then multiply* is nothing but *multiply each
# alone, then **add***. Even the careful way ends in a sum. All it has more is a matrix of its own for each of the two.
#
# But the rows themselves are learned. If it helped to turn them by a matrix first, the tables can learn the turned rows
# at once. So the matrices bring nothing new, and 16 numbers would have to be carried through all that follows: a
# matrix from 16 to 16 has four times as many weights as one from 8 to 8. We add.
#
# - [ ] 04.01 Lay characters and places side by side, and find the sum inside

# %% [markdown]
# ## Can both be read back? · 8 min
#
# Here is the doubt. If I tell you that two numbers add up to 12, you cannot say which two. A sum of two *vectors* is
# kinder. In chapter 03 wide random rows were nearly at right angles to each other, and what lies at a right angle does not
# disturb: the dot product of a sum with a row asks *how much of you is in there?*
#
# Let us try it with all 64 characters at all 8 places, 512 sums. For each, take the dot products with all rows of the
# table; the largest one wins, and we look whether it is the right one. (`argmax` says *where* the largest number stands,
# along the dimension that you name.) Guess first: how often do you find the right place out of 8? And the right character
# out of 64?

# %%
def read_back(sums: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
    """The number of the row with the largest dot product with each sum: (..., width) and (n, width) -> (...)."""
    scores = ____  # the dot product of each sum with each row: (..., n)
    return ____  # for each sum, which row has the largest?


check("04.02")

# %%
def shares(characters, places):
    """How often the place, and how often the character, is read back rightly from all their sums."""
    sums = characters[:, None] + places  # (characters, places, width)
    right_places = read_back(sums, places) == torch.arange(len(places))
    right_characters = read_back(sums, characters) == torch.arange(len(characters))[:, None]
    return right_places.float().mean().item(), right_characters.float().mean().item()


print("our small tables: place right in {:.0%}, character right in {:.0%}".format(
    *shares(characters, positions)
))

# %%
widths = [4, 8, 16, 32, 64]
torch.manual_seed(1339)
trials = [shares(torch.randn(64, some_width), torch.randn(8, some_width)) for some_width in widths]
draw.lines(
    {"place, out of 8": [100 * place for place, _ in trials], "character, out of 64": [100 * what for _, what in trials]},
    x=widths,
    title="How often a dot product reads the right one back from the sum, random tables",
    x_name="width",
    y_name="percent",
    alt="Two rising lines over the widths 4, 8, 16, 32 and 64. The place is read rightly in 46, 76, 96, 99 and 100 percent of "
    "the sums, the character in 16, 30, 63, 93 and 99.8.",
)

# %% [markdown]
# With 8 numbers the doubt is justified: in our tables the place is found in 78 of 100 sums, the character in 28 of 100. With 64
# numbers, and that is our real model, both are found practically always. Room is what makes a sum readable: the more
# numbers, the nearer to right angles, the less do the two disturb each other.
#
# Keep this in mind when you look at our small example. It has eight numbers so that they fit on a page, and it could
# not speak.
#
# - [ ] 04.02 Read places and characters back out of sums
# - [ ] 04.r1 I can say why adding does not hopelessly mix the two up

# %% [markdown]
# ## Where a plus lands · 7 min
#
# A batch of vectors has shape (batch, sequence, width), the positions have (sequence, width). Added, PyTorch lays the
# two shapes side by side *from the right*, and what is missing on the left is repeated:
#
# | | batch | sequence | width |
# | --- | ---: | ---: | ---: |
# | vectors | 16 | 8 | 8 |
# | positions | | 8 | 8 |
# | their sum | 16 | 8 | 8 |
#
# So every window gets the same positions, without a loop and without a copy. This is **broadcasting**. It helps
# whenever the shapes agree, and it asks nobody whether the *meaning* agrees.
#
# Here are eight windows of eight characters with eight numbers each. With such shapes everything fits everything, and
# no error will save you. Somebody has read that `[:, None]` makes broadcasting work, and adds
# `positions[:, None]`, of shape (8, 1, 8). Lay the shapes side by side from the right: with which dimension does the
# first 8 line up now?

# %%
torch.manual_seed(1339)
windows = torch.randint(vocab_size, (len(positions), ids.shape[1]))  # eight windows
batch = F.embedding(windows, torch.randn(vocab_size, width))  # their vectors
window, place = 2, 5
print(tuple(batch.shape), tuple(positions.shape), tuple(positions[:, None].shape))

# %%
summed = ____  # every window with the row of each place added
wrong = batch + positions[:, None]
row = ____  # which row of `positions` did `wrong[window, place]` get? Its number, by a name from the cell above
check("04.03")

# %%
for name, total in (("summed", summed), ("wrong ", wrong)):
    rows_added = [read_back((total - batch)[number], positions).tolist() for number in (0, 1, 2)]
    print(name, "windows 0, 1, 2 got the rows", rows_added)

# %% [markdown]
# In `summed` every window got the rows 0 to 7. In `wrong` all places of window 2 got row 2: it has numbered the
# windows. No error, the right shape, a loss that even falls, since the characters are still there. The two `e`s of one
# window would be one again.
#
# The best protection costs nothing: test with sizes that all differ. With 3 windows the wrong plus refuses.

# %%
try:
    batch[:3] + positions[:, None]
except RuntimeError as error:
    print("RuntimeError:", error)

# %% [markdown]
# - [ ] 04.03 Add the places to a batch, and say where a wrong plus lands

# %% [markdown]
# ## Is the bag cured? · 5 min
#
# Chapter 03 began with a bag: `"Let's he"` and `"he Let's"` had the same sum. Now each row carries its place. Guess:
# are the two sums different at last?

# %%
order = [*range(6, len(vectors)), 5, 0, 1, 2, 3, 4]  # "he Let's": h, e, then the space, then the rest
other_vectors = vectors[order]
bag, other_bag = (vectors + positions).sum(dim=0), (other_vectors + positions).sum(dim=0)
print(repr(running.loader().decode(ids[0, order])))
print(bag)
print(other_bag)

# %% [markdown]
# They are not. A sum of sums can be sorted: first all characters, then all places, and both orders have the same of
# each. The plus alone has put character and place into one row, and adding the rows has thrown them together again.
#
# What is missing is a look at each row *before* they are brought together. Even the simplest bend will do: a ReLU, which
# keeps what is above zero and makes everything else 0.

# %%
bent = ____  # each row with its place added, then bent by ReLU, then all added up
other_bent = ____  # the same for the other order
check("04.04")

# %%
print(bent)
print(other_bent)

# %% [markdown]
# Now they differ, in every number. Keep the order of events: **what and where meet in one row; something that bends looks
# at each row; only then are rows brought together.** Attention, in chapter 06, will do the looking with more refinement.
# Without the places in the rows it would have nothing to see.
#
# - [ ] 04.04 Tell two orders apart

# %% [markdown]
# ## The class · 7 min
#
# EmbeddingModule owns one object of each of your two classes, and adds what they say. Its settings come as a `Config`.

# %%
class EmbeddingModule(nn.Module):
    """What stands where: the vector of each character plus the vector of its place."""

    def __init__(self, vocab_size: int, config: Config) -> None:
        """Both tables start with random numbers, normal with mean 0 and variance 1."""
        super().__init__()
        self.token_embedding = ____  # the table of characters
        self.position_embedding = ____  # the table of places

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """The sum of both: (batch, sequence) of int64 -> (batch, sequence, embedding_dim)."""
        return ____  # what, plus where


check("04.05")

# %% [markdown]
# Now "Let's he", with the very tables of chapters 02 and 03. Check one number by hand: the first of `L` was 0.96, the
# first of place 0 was -1.31.

# %%
torch.manual_seed(1339)
embedding = EmbeddingModule(vocab_size, small)
embedding.token_embedding, embedding.position_embedding = running.part("02"), running.part("03")
x = embedding(running.ids())
draw.heat(
    x[0],
    rows="Let's he",
    title='"Let\'s he": what stands where',
    alt="Eight rows, labelled L, e, t, apostrophe, s, space, h, e, and eight columns of numbers between -3.36 and 3.21. The "
    "second row and the last, both e, no longer agree: the second begins 0.72, -1.85, the last 1.04, -2.18.",
)
print(tuple(running.ids().shape), "->", tuple(x.shape))
print("what chapter 05 begins with:", torch.equal(x, running.after("04")))

# %% [markdown]
# 0.96 - 1.31 = -0.35, as it should be. And the two `e`s are no longer one: still relatives, the same row underneath, with
# two different places on top.
#
# This tensor, (batch, sequence, width), is the **stream** of the model. From here on nothing replaces it. Every part
# that you write reads it, and adds something to it.
#
# Two lines for the map:

# %%
shapes = {
    "ids": (config.batch_size, config.input_sequence_length),
    "token vectors": (config.batch_size, config.input_sequence_length, config.embedding_dim),
    "position vectors": ____,  # what is added
    "embedding": ____,  # what comes out
}
check("04.06")

# %%
for name, shape in shapes.items():
    print(f"{name:>18}  {shape}")

# %% [markdown]
# - [ ] 04.05 Write the class EmbeddingModule
# - [ ] 04.06 Note its shapes on the map

# %% [markdown]
# ## What is now yours
#
# - *side by side, then a matrix* is a sum in disguise, so we **add** at once and stay narrow
# - with enough numbers a sum can be read back: 28 % of the characters at width 8, practically all at width 64
# - **broadcasting** lines shapes up from the right and asks nobody what they mean
# - rows must be looked at one by one before they are brought together, or the places are lost again
# - `EmbeddingModule(vocab_size, config)`: (batch, sequence) in, (batch, sequence, width) out
#
# The stream has begun to flow. It has a bad habit, though: given a chance, its numbers grow until nothing can be learned
# any more. **05 LayerNorm** teaches it manners.
