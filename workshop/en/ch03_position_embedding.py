# %% [markdown]
# <!-- Made from checkpoints/ch03_position_embedding.py by scripts/build.py. From your first edit on it is yours. -->
# # 03 PositionEmbedding
#
# Give every place of a window a row of numbers of its own, so that the model can tell the first `e` from the last.
#
# 45 minutes in five sections. It needs chapter 02: the table, and picking rows from it.
#
# You own the tool already. New is what we ask it for, and why two shorter ways lead into the ditch.

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
# `running` keeps our example for us, with the same numbers in every chapter. This is what you left chapter 02
# with: `"Let's he"`, a row for each of its eight characters, and 8 numbers in a row.

# %%
config, small = Config(), Config.small()
ids = running.ids()  # (1, 8): a batch of one window
vectors = running.after("02")[0]  # (8, 8): its rows
print(ids)
print(vectors.shape)

# %% [markdown]
# To guess the next character from all eight, the model will have to bring eight rows together somewhere. The
# plainest way to do that is to add them up, or to take their mean.
#
# The same characters can be arranged differently: `"he Let's"`. Guess first: by how much will its sum differ
# from the sum of `"Let's he"`?

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
# By nothing at all. A sum does not ask who came first. These eight characters can be put in 20,160 different
# orders, and every one of them has this sum and this mean: a bag with eight characters in it, well shaken.
#
# Bring each row through a layer first, and add afterwards? It changes nothing. Equal rows leave a layer as equal
# rows, wherever they stand:

# %%
torch.manual_seed(1338)
layer = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 8))
before, after = running.after("02")[0], layer(running.after("02")[0])
print("between the two e's, before the layer:", (before[1] - before[7]).norm().item())
print("between the two e's, behind the layer:", (after[1] - after[7]).norm().item())

# %% [markdown]
# Distance 0 between the two `e`s, before and behind. The first has `Let` to build, the last one is on its way to
# become `hence`, and no layer will ever know which is which, because nobody has told it. In English this is a
# disaster: *the dog bites the man*, *the man bites the dog*.
#
# So the place must get into the numbers. How would you do it?
#
# - [ ] 03.01 Add up the rows of a sentence, and lose its order

# %% [markdown]
# ## Two tries that fail · 10 min
#
# The first idea that everybody has: number the places, and add the number. Place 0 adds 0 to each number of its
# row, place 1 adds 1 to each number of its row, place 7 adds 7.
#
# `torch.arange(n)` counts: 0, 1, ..., n - 1. They lie in a row; `x[:, None]` stands a row upright, as a column of
# shape (n, 1). Which of the two do you want to add to eight rows of eight numbers?

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
    "the place adds starts at 0 and climbs in a straight line to 19.8, more than five times as long.",
)
print("cosine of h and e, at places 6 and 7")
print(f"  without their places: {F.cosine_similarity(vectors[6], vectors[7], dim=0).item():6.3f}")
print(f"  with them:            {F.cosine_similarity(numbered[6], numbered[7], dim=0).item():6.3f}")

# %% [markdown]
# (The **cosine** of two vectors is their dot product divided by both lengths: 1 for the same direction, 0 for a
# right angle, -1 for opposite ones.)
#
# The two `e`s differ now. But look at what it cost: the place shouts and the character whispers. `h` and `e`
# stood at right angles, -0.016. With 6 and 7 added to all their numbers they point the same way, 0.978. In a window
# of 32 the last place adds a vector of length 88.

# %% [markdown]
# The second idea repairs the first: scale the places, so that they run from 0 to 1 and never grow. Write it for a
# window of any length. Then guess: what does place 3 get in a window of 8, and what in a window of 32?

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
# The same apostrophe, at the same place, is 0.429 in one window and 0.097 in the other. And *the character before
# me*, the most useful thing to know in spelling, is 0.143 away here and 0.032 there. The meaning depends on how
# much happens to follow. (A window of one character breaks it altogether: 0 / 0. And a text that our model writes may
# well begin with one.)
#
# Both tries have a common fault: *we* decide what a place means, and squeeze it into one number. What we want
# instead:
#
# 1. every place differs from every other
# 2. what it adds is about as long as a character's vector, and does not grow
# 3. place 3 is place 3, however long the window is
# 4. what *near* and *far* mean is not decided by us
#
# Cover the next section with your hand. Could you have invented it?
#
# - [ ] 03.02 Add the number of the place, and watch it drown the character
# - [ ] 03.03 Scale the places, and watch their meaning change with the length
# - [ ] 03.r1 I can say what is wrong with each of the two

# %% [markdown]
# ## A row for each place · 11 min
#
# The problem has been here before. In chapter 02 an id was a number that no network should multiply, and the cure
# was a table: a row for each id, random at first, and the loss does the rest. So: **a table with a row for each
# place.** How many rows? As many as a window has places. How wide? As wide as the vectors to which it will be
# added.

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
print(f"between the two e's, each with its place added: {(e_first - e_last).norm().item():.2f}")

# %% [markdown]
# Eight rows of noise, and noise is enough to begin with. The two `e`s were the same vector; with the rows of place
# 1 and place 7 added they are 4.90 apart. Wishes 1, 2 and 3 are granted: all rows differ, they are as long as the
# vectors of characters, and place 3 has one row for ever. (The adding itself is chapter 04.)
#
# Wish 4 was about near and far. What does this table believe? Compare all places with each other by their cosines.
# Divide each row by its own length, and the cosine is a dot product; and all dot products of rows with rows are
# one matrix product. `rows.norm(dim=1)` gives the lengths, lying in a row; with `keepdim=True` they stand upright, (n, 1).

# %%
def cosines(rows: torch.Tensor) -> torch.Tensor:
    """The cosine of any two rows: (n, width) -> (n, n)."""
    unit = ____  # each row, divided by its own length
    return ____  # the dot products of all rows with all rows


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
    "within 0.13 of zero. No place is more alike its neighbours than others.",
)

# %% [markdown]
# In the small table place 0 is more alike place 6 (0.48) than its neighbour, place 1 (-0.33). That is chance: with 8
# numbers each, random rows have cosines of about 0.35 up or down. In the real table, 64 wide, most are within 0.13 of
# zero. Random vectors with many numbers are nearly at right angles to each other: every place is equally foreign to
# every other, like the one-hot vectors of chapter 02. An honest start.
#
# And after training? Every row moves, wherever that lowers the loss. In a training with the settings of chapter 12,
# neighbours came to a cosine of 0.09 on average, and places that are 20 apart to -0.20. A faint pattern, and nobody had
# told it that 3 comes after 2. In GPT-2, which trained for far longer, neighbouring places ended up clearly alike.
#
# (There are other ways to number the places. The first transformer computed the rows from sines and cosines and
# learned nothing; GPT-2 learns them, as we do; most newer models turn their vectors by an angle that depends on the
# place.)
#
# - [ ] 03.04 Make the table of positions, and pick its rows
# - [ ] 03.05 Compare all places with each other

# %% [markdown]
# ## Which rows, when? · 9 min
#
# For TokenEmbedding the ids decided which rows come out. What decides here? Not the ids: at place 3 stands place 3,
# whichever character it is. All that counts is how many places there are. A shorter window takes the first rows.
#
# The input is a batch again, (batch, sequence). Guess the shape of what comes out, before you fill the blanks.

# %%
def rows_for(ids: torch.Tensor) -> torch.Tensor:
    """The rows of the places that a batch of ids has: (batch, sequence) -> (sequence, width)."""
    length = ____  # how many places has each window?
    return ____  # the rows of the places 0 to length - 1


check("03.06")

# %%
for some_ids in (ids, ids[:, :5], ids[:, :5].repeat(16, 1)):
    print(tuple(some_ids.shape), "->", tuple(rows_for(some_ids).shape))

# %% [markdown]
# The batch has gone from the shape. All 16 windows have the same places, so one set of rows serves them all.
#
# Two questions remain, and both will come up when your model writes. First: suppose that all windows in training had
# been short, five characters like `Let's`. Which rows would have learned something? Look at the gradients, as in
# chapter 02.
#
# For tables of True and False, `.any(dim=1)` asks each row whether one of its numbers is True, `~` turns True and False
# round, and `.sum()` counts the True ones.

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
# noise, with no error to warn anybody. So a model must train on windows as long as it is to read; ours always do, and
# inside a full window the short beginnings are practised as well, as you saw in chapter 01.
#
# Second question: what about a text that is *longer* than the table?

# %%
long_ids = torch.tensor([running.loader().encode("Let's hence, and hear")])
try:
    rows_for(long_ids)
except IndexError as error:
    print(f"{long_ids.shape[1]} characters: IndexError, {error}")

# %% [markdown]
# There is no row 8, and no rule from which one could be computed: this is the price of learning the rows. Our model
# has 32 places, GPT-2 had 1,024, and each is blind beyond that.
#
# But a text that is being written grows and grows, and the model sees no more of it than the table has rows. Which of
# its characters should these be, to say what comes next: the first, or the last?

# %%
recent = ____  # of each window, the part that the model should see: as many places as `small` has
check("03.08")

# %%
print(repr(running.loader().decode(recent[0])), "->", tuple(rows_for(recent).shape))

# %% [markdown]
# The last eight, `and hear`. They get the places 0 to 7, as if the world had begun with them. You will meet this line
# again in chapter 11, when the model speaks.
#
# - [ ] 03.06 Give a batch the rows of its places
# - [ ] 03.07 Find the places that short windows never teach
# - [ ] 03.08 Keep what a model with eight places should see
# - [ ] 03.r2 I can say why the rows depend on the length of the input only

# %% [markdown]
# ## The class · 7 min
#
# No new idea. One detail is given: `device=ids.device` makes the places where the ids live, so that the class works on
# a graphics card too.

# %%
class PositionEmbedding(nn.Module):
    """A table with one learned row of `embedding_dim` numbers for each place of a window."""

    def __init__(self, input_sequence_length: int, embedding_dim: int) -> None:
        """The table starts with random numbers, normal with mean 0 and variance 1."""
        super().__init__()
        self.table = ____  # one row for each place

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """The rows of the places that `ids` has: (batch, sequence) -> (sequence, embedding_dim).

        IndexError if there are more places than rows.
        """
        places = torch.arange(____, device=ids.device)  # how many places?
        return ____  # the row of each place


check("03.09")

# %%
torch.manual_seed(1338)
position_embedding = PositionEmbedding(small.input_sequence_length, small.embedding_dim)
position_vectors = position_embedding(ids)
print(position_vectors[:3].detach())
print(tuple(ids.shape), "->", tuple(position_vectors.shape))
print("what chapter 04 begins with:", torch.equal(position_vectors, running.after("03")))

# %% [markdown]
# Last, and from now on in every chapter: the **tensor map**. You note the shape of everything new, for the real model,
# in the names of `config`. In chapter 12 the map is complete, and it is the best thing to hang above a desk. In a
# terminal, `python scripts/tensor_map.py` draws it as far as you have come.
#
# A shape is a tuple, so it stands in round brackets: `(5, 3)`. One with a single number has a comma, `(5,)`; without it
# Python sees a number in brackets.

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
# - [ ] 03.09 Write the class PositionEmbedding
# - [ ] 03.10 Note its shapes on the map

# %% [markdown]
# ## What is now yours
#
# - a sum of rows is a **bag**: 20,160 orders of "Let's he" have the same one
# - the number of a place, added as it is, drowns the character; scaled, it changes its meaning with the length
# - **a learned row for each place**: `PositionEmbedding(input_sequence_length, embedding_dim)`
# - the ids matter for their shape only: (batch, sequence) in, **(sequence, width)** out
# - a place that training never reached is noise, and behind the last place there is nothing
#
# Now you have one table that knows *what* and one that knows *where*. In **04 EmbeddingModule** they meet.
