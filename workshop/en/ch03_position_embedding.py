# %% [markdown]
# # 03 PositionEmbedding
# <!-- Made from checkpoints/ch03_position_embedding.py by scripts/build.py. From your first edit on it is yours. -->
#
# Give every place of a window its own row of numbers, and the model can tell the first `e` from the last.
#
# 45 minutes in five sections, and all you need is chapter 02: the table, and how to pick rows from it.
#
# The tool is the one you've just built. The new part is what we use it for, and why two cheaper ideas come to grief.

# %%
import torch
from torch import nn

# %%
import torch.nn.functional as F

from nanogpt import Config, TokenEmbedding
from workshop import ____, check, corpus, draw, hint, running, solution

torch.set_printoptions(precision=3, linewidth=100)  # eight numbers on a line

# %% [markdown]
# ## A bag of characters · 8 min
#
# `running` carries our example from chapter to chapter, with the same numbers each time. This is where you left off in
# chapter 02: `"Let's he"`, a row for each of its eight characters, 8 numbers per row.

# %%
config, small = Config(), Config.small()
ids = running.ids()  # (1, 8): a batch of one window
vectors = running.after("02")[0]  # (8, 8): its rows
print(ids)
print(vectors.shape)

# %% [markdown]
# The next character depends on all eight, so sooner or later the model has to bring these rows together. The plainest
# way is to add them up, or to take their mean.
#
# Now rearrange the characters: `"he Let's"`. Guess first: how much will its sum differ from the sum of `"Let's he"`?

# %%
other_ids = torch.tensor([running.loader().encode("he Let's")])
other_vectors = running.part("02")(other_ids)[0].detach()
print(other_ids)

# %%
bag = ____  # the eight rows of "Let's he", added up
average = ____  # and their mean
check("03.01")

# %%
print("Let's he, sum: ", bag)
print("he Let's, sum: ", other_vectors.sum(dim=0))
print("Let's he, mean:", average)
print("he Let's, mean:", other_vectors.mean(dim=0))

# %% [markdown]
# No difference. Addition can't know what came first. Eight characters, two of them the same: that makes 20,160
# different orders, and all of them have this sum and this mean. We have a bag with eight characters in it.
#
# Would it help to send each row through a layer first, and add them up afterwards? See what a layer makes of the two
# `e`s:

# %%
torch.manual_seed(1338)
layer = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 8))
before, after = running.after("02")[0], layer(running.after("02")[0])
print("distance between the two e's, before the layer:", (before[1] - before[7]).norm().item())
print("distance between the two e's, after the layer: ", (after[1] - after[7]).norm().item())

# %% [markdown]
# Equal rows go in and equal rows come out, whether they were at place 1 or at place 7. The first `e` has `Let` to
# build, the last one is on its way to becoming `hence`, and no layer will ever know which is which, because nobody has
# told it. For English that's a disaster: *the dog bites the man*, *the man bites the dog*.
#
# So the place has to get into the numbers. How would you do it?
#
# - [ ] 03.01 Add up the rows of a sentence, and lose its order

# %% [markdown]
# ## Two tries that fail · 9 min
#
# The first idea everybody has: number the places, and add the number. Place 0 adds 0 to every number of its row, place
# 1 adds 1 to every number of its row, and place 7 adds 7.
#
# `torch.arange(n)` counts: 0, 1, ..., n - 1, lying in a row. `x[:, None]` stands a row upright, as a column of shape
# (n, 1). Which of the two do you want to add to eight rows of eight numbers?

# %%
places = ____  # the places of our window, counted from 0
numbered = ____  # each row with its place added to all of its numbers
check("03.02")

# %%
draw.lines(
    {"the character's own vector": vectors.norm(dim=1), "what its place adds": (places[:, None] * torch.ones(8)).norm(dim=1)},
    title="Length of the vectors at each of the eight places",
    x_name="place",
    y_name="length",
    alt="Two lines over the places 0 to 7. The length of the characters' own vectors stays between 2.2 and 3.5. What "
    "the place adds starts at 0 and climbs in a straight line to 19.8, more than five times the longest of them.",
)
print("cosine of h and e, at places 6 and 7")
print(f"  without their places: {F.cosine_similarity(vectors[6], vectors[7], dim=0).item():6.3f}")
print(f"  with them:            {F.cosine_similarity(numbered[6], numbered[7], dim=0).item():6.3f}")

# %% [markdown]
# (The **cosine** of two vectors is their dot product divided by both lengths: 1 if they point the same way, 0 if
# they're at a right angle, -1 if they point in opposite directions.)
#
# Now the two `e`s differ. But look what it cost: the place shouts and the character whispers. `h` and `e` were almost
# at right angles, -0.016. Add 6 and 7 to all their numbers, and they point nearly the same way, 0.978. And that's only
# eight places. In a window of 32, with these 8 numbers per row, the last place would add a vector of length 88.
#
# The second idea repairs the first: scale the places, so that they run from 0 to 1 and never grow. Write it for a
# window of any length. Then guess: what does place 3 get in a window of 8, and what does it get in a window of 32?

# %%
window, longer = 8, 32

# %%
def scaled(length: int) -> torch.Tensor:
    """The places of a window, from 0 for the first to 1 for the last: (length,)."""
    return ____  # each place, divided so that the last one is 1


here = scaled(window)[3]
there = ____  # what place 3 gets in the window of length `longer`
check("03.03")

# %%
print(f"place 3 in a window of {window}: {here:.3f}, and in a window of {longer}: {there:.3f}")
print(f"one step to the right: {1 / (window - 1):.3f} and {1 / (longer - 1):.3f}")

# %% [markdown]
# The same apostrophe, at the same place, gets 0.429 in one window and 0.097 in the other. And *the character before
# me*, the most useful thing to know in spelling, is 0.143 away here and 0.032 there. What a number means depends on how
# much text happens to follow. (A window of one character breaks it altogether: 0 / 0. And a text that our model writes
# may well start with a single character.)
#
# Both tries have the same fault: *we* decide what a place means, and squeeze it into one number. What we'd like is
# this:
#
# 1. every place differs from every other
# 2. what it adds is about as long as a character's vector, and doesn't grow
# 3. place 3 is place 3, however long the window is
# 4. we aren't the ones who decide what *near* and *far* mean
#
# Cover the next section with your hand. Could you have invented it?
#
# - [ ] 03.02 Add the number of the place, and watch it drown the character
# - [ ] 03.03 Scale the places, and watch their meaning change with the length
# - [ ] 03.r1 I can say what's wrong with each of the two tries

# %% [markdown]
# ## A row for each place · 12 min
#
# We've had this problem before. In chapter 02 an id was a number that no network should multiply, and the cure was a
# table: a row for each id, random at first, and the loss does the rest. So: **a table with a row for each place.** How
# many rows? As many as a window has places. How wide? As wide as the vectors they'll be added to.

# %%
torch.manual_seed(1338)
position_table = ____  # a row for each place
all_places = ____  # the places of a full window, from 0
positions = ____.detach()  # their rows
check("03.04")

# %%
draw.heat(
    positions,
    rows=[f"place {place}" for place in range(8)],
    title="The table of positions, before anything is learned",
    alt="Eight rows, place 0 to place 7, and eight columns of numbers between -1.97 and 2.52, red above zero and blue "
    "below. There is no pattern along the rows or down the columns: they are random numbers.",
)
e_first, e_last = (running.after("02")[0] + running.after("03"))[[1, 7]]
print(f"distance between the two e's, each with its place added: {(e_first - e_last).norm().item():.2f}")

# %% [markdown]
# Eight rows of noise, and noise is enough to begin with. The two `e`s were the same vector; now that each has the row
# of its place added, they're 4.90 apart. Wishes 1, 2 and 3 are granted: all rows differ, they're about as long as the
# characters' vectors, and place 3 has one row, whatever the window. (The adding itself is chapter 04.)
#
# Wish 4 was about near and far. What does this table make of them? Compare every place with every other, by cosine.
#
# Eight places make 64 cosines, and two lines without a loop give you all of them at once. What has to happen to the
# rows so that a plain dot product is already the cosine? And which product takes the dot product of every row with
# every row? Give it five minutes. (`rows.norm(dim=1)` gives the length of each row. The lengths come out lying in a
# row, (n,); with `keepdim=True` they stand upright, (n, 1).)

# %%
def cosines(rows: torch.Tensor) -> torch.Tensor:
    """The cosine of every row with every row: (n, width) -> (n, n)."""
    unit = ____  # the rows, prepared so that the dot product of any two is their cosine
    return ____  # all of these dot products, (n, n), in one matrix product


position_cosines = cosines(positions)
check("03.05")

# %%
draw.heat(
    position_cosines,
    rows=[f"place {place}" for place in range(8)],
    columns=range(8),
    title="Which places resemble each other? The cosines, before anything is learned",
    alt="An 8 by 8 square of cosines. The diagonal is 1. Elsewhere the numbers are spread between -0.89, for places 1 and "
    "3, and 0.73, for places 2 and 6. Neighbours are no more alike than places far apart.",
)
torch.manual_seed(1338)
real_table = nn.Embedding(config.input_sequence_length, config.embedding_dim)
draw.heat(
    cosines(real_table.weight),
    title="The same for the real model: 32 places, 64 numbers each",
    alt="A 32 by 32 square. The diagonal stands out as a dark red line with cosine 1; everything else is pale, most of it "
    "within 0.13 of zero. Places are no more like their neighbours than like the others.",
)

# %% [markdown]
# In the small table place 0 is more like place 6 (0.48) than like its neighbour, place 1 (-0.33). That's chance: with 8
# numbers each, the cosines of random rows are typically about 0.35 above or below zero. In the real table, 64 wide,
# most are within 0.13 of zero. Random vectors with many numbers are nearly at right angles, so every place is about
# equally unlike all the others, as the one-hot vectors of chapter 02 were. An honest start, again.
#
# And after training? Every row goes where it lowers the loss. We tried it with the settings of chapter 12, in three
# training runs with different seeds. Neighbours had a cosine of 0.1 to 0.2 on average; for places 20 apart it was below
# zero. A faint pattern, but nobody had told the model that 3 comes after 2. In GPT-2, which trained for far longer,
# neighbouring places ended up clearly alike.
#
# (There are other ways to number the places. The first transformer learned none of its rows; it computed them from
# sines and cosines. You can do the same in the challenge at the end, if you're curious. GPT-2 learns them, as we do.
# Most newer models turn their vectors by an angle that depends on the place.)
#
# - [ ] 03.04 Make the table of positions, and pick its rows
# - [ ] 03.05 Compare all places with each other

# %% [markdown]
# ## Which rows, when? · 9 min
#
# In TokenEmbedding, the ids decide which rows come out. What decides here? Not the ids: place 3 is place 3, whichever
# character is there. All that counts is how many places there are. A shorter window takes the first rows.
#
# The input is a batch again, (batch, sequence). Guess the shape of what comes out before you fill in the blanks.

# %%
def rows_for(ids: torch.Tensor) -> torch.Tensor:
    """The rows for the places in a batch of ids: (batch, sequence) -> (sequence, width)."""
    length = ____  # how many places does each window have?
    return ____  # the rows of places 0 to length - 1


check("03.06")

# %%
for some_ids in (ids, ids[:, :5], ids[:, :5].repeat(16, 1)):
    print(tuple(some_ids.shape), "->", tuple(rows_for(some_ids).shape))

# %% [markdown]
# The batch has dropped out of the shape. All 16 windows have the same places, so one set of rows serves them all.
#
# Two questions are left, and your model will meet both when it writes. First: suppose all windows in training had been
# short, five characters like `Let's`. Which rows would have learned something? Look at the gradients, as in chapter 02.
#
# With a table of True and False, `.any(dim=1)` asks each row whether any of its numbers is True, `~` swaps True and
# False, and `.sum()` counts the True ones.

# %%
short = ids[:, :5].repeat(16, 1)
position_table.zero_grad()
rows_for(short).sum().backward()
gradient = position_table.weight.grad  # (8, 8): a number for each number of the table

# %%
taught = ____  # for each row, True if any of its numbers has a gradient other than 0
untaught = int(____)  # how many rows have learned nothing?
check("03.07")

# %%
print("taught:", taught.tolist(), " untaught:", untaught)

# %% [markdown]
# Places 5, 6 and 7 have learned nothing. They still hold their random rows, and a model that meets them later is fed
# noise, without any error to warn anybody. So a model has to train on windows as long as those it will read. Ours
# always does, and inside a full window it practises the short beginnings too, as you saw in chapter 01.
#
# Second question: what about a text that's *longer* than the table?

# %%
long_ids = torch.tensor([running.loader().encode("Let's hence, and hear")])
try:
    position_table(torch.arange(long_ids.shape[1]))
except IndexError as error:
    print(f"{long_ids.shape[1]} characters: IndexError, {error}")

# %% [markdown]
# There's no row 8, and no rule to compute one by. That's the price of learning the rows. Our model has 32 places, GPT-2
# had 1,024, and each is blind beyond that.
#
# But a text that's being written grows and grows, and the model can see only as many of its characters as the table has
# rows. To say what comes next, which ones should it see: the first, or the last?

# %%
recent = ____  # the part of each window that the model should see: as many places as `small` has
check("03.08")

# %%
print(repr(running.loader().decode(recent[0])), "->", tuple(rows_for(recent).shape))

# %% [markdown]
# The last eight, `and hear`. They get places 0 to 7, as if the world had begun with them. You'll meet this line again
# in chapter 11, when the model speaks.
#
# - [ ] 03.06 Give a batch the rows of its places
# - [ ] 03.07 Find the places that short windows never teach
# - [ ] 03.08 Keep what a model with eight places should see
# - [ ] 03.r2 I can say why the rows depend on nothing but the length of the input

# %% [markdown]
# ## The class · 7 min
#
# Nothing new goes into the class, but it makes a promise: give it more places than it has rows, and it raises an
# IndexError. You know three ways to pick the rows, and for a window that fits they all give the same rows:
#
#     self.table(places)
#     self.table.weight[places]
#     self.table.weight[: len(places)]
#
# One of them doesn't keep the promise. Decide which before you fill in the last blank. What would it give if you asked
# for 21 rows where there are 8?
#
# (One detail is given: `device=ids.device` creates `places` on the device that holds the ids, so that the class works
# on a graphics card too. There, a place beyond the table ends in a different kind of error; the promise is for the
# CPU.)

# %%
class PositionEmbedding(nn.Module):
    """A table with one learned row of `embedding_dim` numbers for each place of a window."""

    def __init__(self, input_sequence_length: int, embedding_dim: int) -> None:
        """The table starts with random numbers, normal with mean 0 and variance 1."""
        super().__init__()
        self.table = ____  # one row for each place

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """The rows for the places in `ids`: (batch, sequence) -> (sequence, embedding_dim).

        IndexError, on the CPU, if there are more places than rows.
        """
        places = torch.arange(____, device=ids.device)  # how many places?
        return ____  # the row of each place; mind the promise


check("03.09")

# %%
torch.manual_seed(1338)
position_embedding = PositionEmbedding(small.input_sequence_length, small.embedding_dim)
position_vectors = position_embedding(ids)
print(position_vectors[:3].detach())
print(tuple(ids.shape), "->", tuple(position_vectors.shape))
print("what chapter 04 begins with:", torch.equal(position_vectors, running.after("03")))
print("a slice, asked for 21 rows, gives", len(position_table.weight[:21]))

# %% [markdown]
# It was the slice. It would have handed 8 rows to 21 characters, and the error would have come somewhere else, about
# something else.
#
# Last, and in every chapter from now on: the **tensor map**. You write down the shape of everything new, for the real
# model, with the names in `config`. By chapter 12 the map is complete, and there's nothing better to hang over a desk.
# In a terminal, `python scripts/tensor_map.py` draws it as far as you've got.
#
# A shape is a tuple, so it's written in round brackets: `(5, 3)`. If there's only one number in it, it needs a comma,
# `(5,)`; without the comma, Python sees a number in brackets.

# %%
shapes = {
    "ids": (config.batch_size, config.input_sequence_length),
    "token vectors": (config.batch_size, config.input_sequence_length, config.embedding_dim),
    "position table": ____,  # rows, and how wide
    "places": ____,  # what `torch.arange` gives for a full window
    "position vectors": ____,  # what forward returns
}
check("03.10")

# %%
for name, shape in shapes.items():
    print(f"{name:>18}  {shape}")

# %% [markdown]
# - [ ] 03.09 Write the class PositionEmbedding, and keep its promise
# - [ ] 03.10 Note its shapes on the map

# %% [markdown]
# ## Challenge: places from clocks
#
# Optional, about 15 minutes, and nothing later needs it. The first transformer had no table of positions. It computed
# the row of any place, 8 or 8,000, by a rule. Could you have found it?
#
# Think of clocks. The second hand tells neighbouring seconds apart, but after a minute it starts again. The minute hand
# is slower, the hour hand slower still, and together they name every second of half a day. So: some hands, each turning
# at its own speed, and a row that says where their tips are. A tip is two numbers, the sine and the cosine of how far
# the hand has turned.
#
# From each place to the next, a hand turns by its speed; at place 0 all the hands point to 0. Guess before you compute:
# will neighbouring places be alike? And will it matter where they are, or only how far apart?

# %%
hands, apart = 32, 3

# %%
speeds = 10_000 ** -(torch.arange(hands) / hands)  # from 1 radian per place down to almost nothing: (hands,)
print(f"a full turn takes the fastest hand {2 * torch.pi / speeds[0]:.1f} places, the slowest {2 * torch.pi / speeds[-1]:,.0f}")

# %%
def tips(places: torch.Tensor) -> torch.Tensor:
    """Where the tips are at some places: (n,) -> (n, 2 * hands), all the sines first, then all the cosines."""
    turned = ____  # how far each hand has turned at each place, (n, hands)
    return ____  # the row of each place


row_length = ____  # how long is each of these rows? No need to compute one
by_distance = ____  # the cosine of the rows of any two places at a distance of `apart`
draw.heat(
    cosines(tips(torch.arange(32))),
    title="Which places resemble each other, by the clocks?",
    alt="A 32 by 32 square of cosines, all of them positive. The diagonal is dark red with 1, and the colour fades on "
    "both sides of it, in stripes that run along the diagonal: 0.97 for neighbours, about 0.6 for places 20 apart.",
)
check("03.11")

# %% [markdown]
# No table, no training, a row for any place, and all rows equally long. Places are alike if they're near each other,
# and how alike depends on the distance alone: hence the stripes. So what became of wish 4? Once again *we're* the ones
# who say what near means. When the authors of the first transformer tried both, learned rows and computed ones, they
# got nearly the same results.
#
# - [ ] 03.11 Challenge: compute the row of any place from the hands of clocks

# %% [markdown]
# ## What's yours now
#
# - a sum of rows is a **bag**: all 20,160 orders of "Let's he" have the same sum
# - the number of a place, added as it is, drowns the character; scaled, it means something else in a longer window
# - **a learned row for each place**: `PositionEmbedding(input_sequence_length, embedding_dim)`
# - only the shape of the ids matters: (batch, sequence) in, **(sequence, width)** out
# - a place that training never reached is noise, and past the last place there's nothing
#
# Now you have one table that knows *what* and one that knows *where*. In **04 EmbeddingModule** they meet.
