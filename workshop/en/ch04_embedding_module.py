# %% [markdown]
# # 04 EmbeddingModule
# <!-- Made from checkpoints/ch04_embedding_module.py by scripts/build.py. From your first edit on it is yours. -->
#
# Put *what* and *where* into one vector, using the smallest operation there is: a plus.
#
# 35 minutes, six sections. You'll need chapters 02 and 03.
#
# Writing a plus takes a second. The rest of the time goes into the two questions it raises. Doesn't it stir two things
# together so that nobody can pull them apart again? And does it land where it should?

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
# Chapter 02 left us eight rows that say *what*, one for each character of `"Let's he"`. Chapter 03 added eight that say
# *where*, one for each place.

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
# The careful way keeps both. Put them **side by side**, and every character has 16 numbers: eight that say what it is,
# then eight that say where. Nothing is lost. The bold way **adds** them and makes do with eight.
#
# Which would you choose? Before you answer, look at what the model will do with those 16 numbers. Whatever comes next
# multiplies them by a matrix of weights. Here is such a matrix, (16, 8). Its upper half meets the character, its lower
# half the place. (`torch.cat((a, b), dim=...)` joins two tensors along a dimension: 0 goes down, 1 goes to the right.)

# %%
torch.manual_seed(1339)
weight = torch.randn(2 * width, width)
print(weight.shape)

# %%
both = ____  # each row of `vectors`, with the row of its place to the right of it
from_both = both @ weight
from_character = ____  # the characters alone, times the upper half of the weights
from_place = ____  # the places alone, times the lower half
check("04.01")

# %%
print(tuple(both.shape), "->", tuple(from_both.shape))
difference = from_both - (from_character + from_place)
print(f"largest difference between the two ways: {difference.abs().max().item():.6f}")

# %% [markdown]
# The same numbers, up to rounding. A matrix product adds things up anyway, so *side by side, then multiply* is
# *multiply each on its own, then **add***. Even the careful way ends in a sum. All it has over the bold way is that
# characters and places each get a matrix of their own.
#
# And those matrices buy us little, because the rows themselves are learned. If it helps to send the characters through
# a matrix first, their table can learn the rows that would come out. Later on, several matrices will read the same
# numbers, and one may want only *what*, another only *where*. A sum can offer that too: the characters learn to use
# some of its columns, and the places the others. Side by side is one of the things a sum can learn to be, if its rows
# are wide enough.
#
# Meanwhile the careful way makes everything that follows twice as wide, and a matrix from 16 to 16 has four times as
# many weights as one from 8 to 8. So we add.
#
# - [ ] 04.01 Put characters and places side by side, and find the sum inside

# %% [markdown]
# ## Can both be read back? · 7 min
#
# Here's the doubt. If I tell you that two numbers add up to 12, you can't say which two. A sum of two *vectors* is
# kinder. In chapter 03, wide random rows were nearly at right angles to each other, and things at right angles don't
# get in each other's way: the dot product of a sum with a row asks *how much of you is in there?*
#
# Let's try it with all 64 characters at all 8 places, 512 sums. For each sum, take its dot product with every row of a
# table, the places' or the characters'. The largest one wins, and then we see whether that's the right row. (`argmax`
# says *where* the largest number is, along the dimension you name.) Guess first: how often will this find the right
# place, out of 8? And the right character, out of 64?

# %%
def read_back(sums: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
    """The number of the row with the largest dot product with each sum: (..., width) and (n, width) -> (...)."""
    scores = ____  # the dot product of each sum with each row: (..., n)
    return ____  # for each sum, which row has the largest?


check("04.02")

# %%
def shares(characters, places):
    """How often the right place, and how often the right character, is read back, over all their sums."""
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
    title="How often a dot product reads the right row back from a sum, with random tables",
    x_name="width",
    y_name="percent",
    alt="Two rising lines over the widths 4, 8, 16, 32 and 64. The right place is found in 46, 76, 96, 99 and 100 percent of "
    "the sums, the right character in 16, 30, 63, 93 and 99.8.",
)

# %% [markdown]
# With 8 numbers the doubt is justified: in our tables, the place is found in 78 sums out of 100, the character in 28.
# With 64 numbers, the width of our real model, both are found nearly every time. What makes a sum readable is room. The
# more numbers there are, the closer random rows come to right angles, and the less they disturb each other.
#
# Keep this in mind when you look at our small example. Its rows have eight numbers so that they fit on a page. For a
# model that has to write, eight would be too few.
#
# - [ ] 04.02 Read places and characters back from sums
# - [ ] 04.r1 I can say why adding doesn't make a hopeless muddle of what and where

# %% [markdown]
# ## Where a plus lands · 6 min
#
# A batch of vectors has shape (batch, sequence, width); the positions have (sequence, width). To add them, PyTorch
# lines the two shapes up *from the right*, and repeats whatever is missing on the left:
#
# | | batch | sequence | width |
# | --- | ---: | ---: | ---: |
# | vectors | 16 | 8 | 8 |
# | positions | | 8 | 8 |
# | their sum | 16 | 8 | 8 |
#
# So every window gets the same positions, without a loop and without a copy. This is **broadcasting**. It helps
# whenever the shapes agree. Whether the *meanings* agree, it doesn't ask.
#
# Here are eight windows of eight characters, with eight numbers to a character. With shapes like these everything fits
# everything, and no error will save you. Somebody has read that `[:, None]` makes broadcasting work, so they add
# `positions[:, None]`, of shape (8, 1, 8). Line the shapes up from the right: which dimension does the first 8 meet
# now?

# %%
torch.manual_seed(1339)
windows = torch.randint(vocab_size, (len(positions), ids.shape[1]))  # eight windows
batch = F.embedding(windows, torch.randn(vocab_size, width))  # their vectors
window, place = 2, 5
print(tuple(batch.shape), tuple(positions.shape), tuple(positions[:, None].shape))

# %%
summed = ____  # every window, with the row of each place added
wrong = batch + positions[:, None]
row = ____  # which row of `positions` did `wrong[window, place]` get? Give its number, by a name from the cell above
check("04.03")

# %%
for name, total in (("summed", summed), ("wrong ", wrong)):
    rows_added = [read_back((total - batch)[number], positions).tolist() for number in (0, 1, 2)]
    print(name, "windows 0, 1, 2 got the rows", rows_added)

# %% [markdown]
# In `summed`, every window got rows 0 to 7. In `wrong`, all places of window 2 got row 2: somebody has numbered the
# windows. There's no error, the shape is right, and the loss will even fall, since the characters are still there. But
# two `e`s in one window would be the same again.
#
# The best protection costs nothing: test with sizes that are all different. With 3 windows, the wrong plus stops with
# an error.

# %%
try:
    batch[:3] + positions[:, None]
except RuntimeError as error:
    print("RuntimeError:", error)

# %% [markdown]
# - [ ] 04.03 Add the places to a batch, and say where a wrong plus lands

# %% [markdown]
# ## Is the bag cured? · 4 min
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
# They aren't. You can sort such a sum: first all the characters, then all the places, and both orders have the same
# ones. The plus did put character and place into one row, but adding up the rows threw everything together again.
#
# What's missing is a look at each row *before* the rows are brought together. The simplest bend will do: a ReLU, which
# keeps what is above zero and turns the rest into 0.

# %%
bent = ____  # add its place to each row, bend the rows with ReLU, then add them all up
other_bent = ____  # the same for the other order
check("04.04")

# %%
print(bent)
print(other_bent)

# %% [markdown]
# Now they differ, in every number. Remember the order of events: **what and where meet in one row; something that bends
# looks at each row; only then are the rows brought together.** Attention, in chapter 06, looks more carefully than a
# ReLU does. Without the places in the rows it would have no order to see.
#
# - [ ] 04.04 Tell two orders apart

# %% [markdown]
# ## The class · 4 min
#
# An EmbeddingModule owns one object of each of your two classes, and adds what they return. Its settings come as a
# `Config`.

# %%
class EmbeddingModule(nn.Module):
    """What is where: the vector of each character plus the vector of its place."""

    def __init__(self, vocab_size: int, config: Config) -> None:
        """Both tables start with random numbers, normal with mean 0 and variance 1."""
        super().__init__()
        self.token_embedding = ____  # the table of characters
        self.position_embedding = ____  # the table of places

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """The sum of the two vectors: (batch, sequence) of int64 -> (batch, sequence, embedding_dim)."""
        return ____  # what, plus where


check("04.05")

# %% [markdown]
# Now "Let's he", with the same tables as in chapters 02 and 03. Check one number by hand: the row of `L` began with
# 0.96, the row of place 0 with -1.31.

# %%
torch.manual_seed(1339)
embedding = EmbeddingModule(vocab_size, small)
embedding.token_embedding, embedding.position_embedding = running.part("02"), running.part("03")
x = embedding(running.ids())
draw.heat(
    x[0],
    rows="Let's he",
    title='"Let\'s he": what is where',
    alt="Eight rows, labelled L, e, t, apostrophe, s, space, h, e, and eight columns of numbers between -3.36 and 3.21. The "
    "second row and the last, both e, are no longer the same: the second begins 0.72, -1.85, the last 1.04, -2.18.",
)
print(tuple(running.ids().shape), "->", tuple(x.shape))
print("what chapter 05 begins with:", torch.equal(x, running.after("04")))

# %% [markdown]
# 0.96 - 1.31 = -0.35, as it should be. And the two `e`s are no longer the same. They're still relatives: one row
# underneath, two different places on top.
#
# This tensor, (batch, sequence, width), is the **stream** of the model. From here on nothing replaces it. Every block
# that you build will read it, and add something to it.
#
# - [ ] 04.05 Write the class EmbeddingModule

# %% [markdown]
# ## A row for every pair? · 6 min
#
# Here are the lines for the map. You've seen all these shapes in this chapter, so they're filled in.
#
# So here's a question instead. There was a third way all along, and it can't mix anything up. Make one table, with a
# row for every *pair*: one for `e` at place 0, one for `e` at place 1, and so on, for each character at each place of
# the window. Then nothing needs to be added. What would it cost in the real model, whose settings are in `config`?
#
# There are two prices. One is the size of the table. The other is easier to miss. A row learns only when it's read, and
# each character of a batch reads one row, whether the table is of characters or of pairs. Suppose training reads all
# the rows of a table about equally often. How much more often is a row of our character table read than a row of the
# table of pairs? Guess before you compute: twice as often, 30 times, 2,000 times?

# %%
shapes = {
    "ids": (config.batch_size, config.input_sequence_length),
    "token vectors": (config.batch_size, config.input_sequence_length, config.embedding_dim),
    "position vectors": (config.input_sequence_length, config.embedding_dim),
    "embedding": (config.batch_size, config.input_sequence_length, config.embedding_dim),
}
in_both = ____  # how many numbers our two tables hold together
in_pairs = ____  # how many numbers the table of pairs would hold
times_as_often = ____  # how many times as often a character's row is read as a pair's row
check("04.06")

# %%
for name, shape in shapes.items():
    print(f"{name:>18}  {shape}")
print(f"our two tables: {in_both:,} numbers, a table of pairs: {in_pairs:,}, {in_pairs / in_both:.0f} times as many")
print(f"a row of the character table is read {times_as_often} times as often as a row of the table of pairs")

# %% [markdown]
# 131,072 numbers instead of 6,144. And each of them gets less to learn from, since what an `e` at place 3 teaches is no
# use to an `e` at place 4. With the plus, every `e` in the text teaches the same row. That's what a sum is good for: it
# **shares**.
#
# It gives something up in return. In a sum, being at place 3 means the same for every character. Should an `e` there
# ever mean something special, a later layer can work it out, since it finds what and where in one row.
#
# - [ ] 04.06 Find the price of a table of pairs

# %% [markdown]
# ## Challenge: a better reader
#
# Optional, for anyone who's still bothered by the 28%. Are the other characters lost in the sum, or is the dot
# product a bad reader? A trained layer could know both tables by heart, and so know that only 512 sums are possible,
# one for each pair. So let the reader look for the nearest of them, and give back the character and the place of that
# pair.
#
# To be fair to the doubters, we first add some noise to every number, as the other parts of the model will. Guess: will
# `read_both` find more than 28% of the characters?
#
# (`torch.cdist(a, b)` gives the distance of each row of `a` from each row of `b`. `flatten(0, 1)` turns a table of rows
# into a list of rows. And 17 // 8 is 2, and 17 % 8 is 1: with eight to a row, number 17 is in row 2, column 1.)

# %%
torch.manual_seed(1340)
which, where = torch.arange(len(characters)), torch.arange(len(positions))  # the number of each character, of each place
noisy = (characters[:, None] + positions).flatten(0, 1)
noisy = noisy + 0.4 * torch.randn(noisy.shape)  # (512, 8): character 0 at every place, then character 1, and so on

# %%
def read_both(sums, characters, places):
    """For each of `sums`, (n, width), the numbers of the character and the place whose sum is nearest: (n,), (n,)."""
    pairs = ____  # every sum there can be, as a list of rows
    nearest = ____  # for each of `sums`, which pair is nearest?
    return ____  # the number of its character, and of its place


found_which, found_where = read_both(noisy, characters, positions)
right_which = found_which.unflatten(0, (len(which), len(where))) == which[:, None]
right_where = found_where.unflatten(0, (len(which), len(where))) == where
print(f"character right in {right_which.float().mean():.0%}, place right in {right_where.float().mean():.0%}")
check("04.07")

# %% [markdown]
# 96 characters in 100, from the same eight numbers, noise and all. They were there the whole time, and the dot product
# is a hasty reader. Turn the noise up from 0.4 to 1, though, and even this reader is down to about 40 characters in
# 100.
#
# - [ ] 04.07 Challenge: read both back, with noise

# %% [markdown]
# ## What's yours now
#
# - *side by side, then a matrix* is a sum in disguise, so we **add** straight away and stay narrow
# - with enough numbers a dot product reads a sum back: 28% of the characters at width 8, nearly all at width 64
# - **broadcasting** lines shapes up from the right, and doesn't ask what they mean
# - something must look at each row before the rows are brought together, or the order is lost again
# - a sum **shares**: every `e` teaches one row, wherever it is
# - `EmbeddingModule(vocab_size, config)`: (batch, sequence) in, (batch, sequence, width) out
#
# The stream has begun to flow. It has a bad habit, though: given a chance, its numbers grow until nothing can be
# learned any more. **05 LayerNorm** teaches it manners.
