# %% [markdown]
# # 04 EmbeddingModule
#
# Put *what* and *where* into one vector, using the smallest operation there is: a plus.
#
# 35 minutes, six sections. You'll need chapters 02 and 03.
#
# Writing a plus takes a second. The rest of the time goes into the two questions it raises. Doesn't it stir two things
# together so that nobody can pull them apart again? And does it land where it should?

# %%
#| export
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
#! redraw: config = Config(**new.sizes(num_heads=new.pick(2, 3, 5)))
#! redraw: small = new.until(lambda: Config(**new.sizes(batch_size=1, input_sequence_length=new.whole(9, 13), num_heads=new.pick(3, 4, 5))),
#!   lambda drawn: drawn.embedding_dim // drawn.num_heads != 4)
#! redraw: width, vocab_size = small.embedding_dim, new.whole(50, 60)
#! redraw: ids = torch.tensor([[new.whole(0, vocab_size - 1) for _ in range(small.input_sequence_length)]])
#! redraw: vectors, positions = torch.randn(2, small.input_sequence_length, width)
#! redraw: characters = torch.randn(vocab_size, width)

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
both = torch.cat((vectors, positions), dim=1)  # blank: each row of `vectors`, with the row of its place to the right of it
from_both = both @ weight
from_character = vectors @ weight[:width]  # blank: the characters alone, times the upper half of the weights
from_place = positions @ weight[width:]  # blank: the places alone, times the lower half
check("04.01")
#! hint: `torch.cat` joins along a dimension, and to the right is `dim=1`; `weight[:width]` is the upper half of the rows
#! mistake: torch.cat((vectors, positions)) -> Each row needs 16 numbers, and here it has eight. Without a `dim`, `cat`
#!   joins downwards, as if there were 16 characters. To the right is `dim=1`.
#! mistake: torch.cat((positions, vectors), dim=1) -> The places come first here, so they meet the upper half of the
#!   weights, which is meant for the characters.
#! mistake: vectors + positions -> You've added already, so eight numbers meet all 16 rows of the weights. First put the
#!   two side by side.
#! mistake: torch.cat((vectors, positions), dim=0) -> This joins downwards, as if there were 16 characters of eight numbers.
#!   It's the rows that should get longer.
#! mistake 2: vectors @ weight[width:] -> That's the lower half. The first eight of the 16 numbers meet the upper one.
#! mistake 2: vectors @ weight[::2] -> That's every second row of the weights. The upper half is the first `width` rows.
#! mistake 2: vectors @ weight[:, :width] -> After the comma a slice picks columns. The upper half is made of rows.
#! mistake 2: weight[:width] @ vectors -> The factors are the wrong way round. The characters' rows go on the left.
#! mistake 3: positions @ weight[:width] -> The upper half belongs to the characters. What's on the right meets the lower
#!   half.
#! mistake 3: vectors @ weight[width:] -> The correct half of the weights, but here it meets the characters. Multiply
#!   the places.
#! mistake 3: from_both - vectors @ weight[width:] -> Taking the characters' part away from the whole is a good idea. But the
#!   characters met the upper half, and this takes away the lower one.
#! alternative: torch.hstack((vectors, positions))
#! alternative: torch.cat((vectors, positions), -1)
#! alternative: torch.stack((vectors, positions), dim=1).flatten(1)
#! alternative 2: torch.matmul(vectors, weight[:width])
#! alternative 2: vectors @ weight.chunk(2)[0]
#! alternative 2: torch.einsum("si,io->so", vectors, weight[:width])
#! alternative 3: torch.matmul(positions, weight[width:])
#! alternative 3: positions @ weight.chunk(2)[1]

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
    """For each sum, the number of the row with which its dot product is largest: (..., width), (n, width) -> (...)."""
    scores = sums @ rows.T  # blank: the dot product of each sum with each row: (..., n)
    return scores.argmax(dim=-1)  # blank: for each sum, which row has the largest?


check("04.02")
#! hint: as with the cosines in 03.05, the rows need to be turned on their side first; then `argmax` finds the largest
#!   along the last dimension
#! mistake: sums @ rows -> Here each sum meets the table's columns, not its rows. Turn the rows on their side: `rows.T`.
#! mistake: rows @ sums.mT -> The right products, but the wrong way round. The rows must come last, so that each sum can
#!   choose one of them.
#! mistake: sums * rows -> `*` multiplies number by number. A dot product also adds the products up; `@` does both.
#! mistake 2: scores.max(dim=-1).values -> Those are the largest products themselves. `argmax` says which row each
#!   belongs to.
#! mistake 2: scores.max(dim=-1) -> Along a dimension, `max` gives two things: the largest products, and where they are. We
#!   only want where.
#! mistake 2: scores.argmax() -> Without a dimension there's a single winner for everything. Each sum needs its own.
#! mistake 2: scores.argmin(dim=-1) -> That's the row with the smallest dot product. We want the largest.
#! mistake 2: scores.argsort(dim=-1) -> That's a whole ranking for each sum. We only want the winner.
#! mistake 2: scores.argmax(dim=0) -> This searches along the first dimension, where the sums are: it finds a sum for each row.
#!   Each sum should look along its own scores, the last dimension.
#! mistake 2: scores.argmax(dim=1) -> Right for a plain list of sums. But they may also come as a table, and then the
#!   scores of a sum don't lie along dimension 1. Count from the end.
#! mistake 2: scores.argmax(dim=-1, keepdim=True) -> The right numbers, each alone in a dimension of its own. Without
#!   `keepdim` there's one number for each sum.
#! mistake: -torch.cdist(sums, rows) -> That asks for the nearest row, by distance. Here the dot product decides, and a long
#!   row can win from further away.
#! alternative: torch.matmul(sums, rows.mT)
#! alternative: torch.einsum("...w,nw->...n", sums, rows)
#! alternative: F.linear(sums, rows)
#! alternative 2: torch.argmax(scores, -1)
#! alternative 2: scores.max(dim=-1).indices
#! alternative 2: scores.sort(dim=-1, descending=True).indices[..., 0]
#! probe: read_back(vectors[:5] + positions[:5], positions) -> what `read_back` finds in five sums
#! probe: read_back(vectors[:4, None] + positions, torch.cat((vectors, positions))) -> what `read_back` finds in a table of sums
#! probe: read_back(torch.randn(60, 5), torch.randn(20, 5)) -> what `read_back` finds in many sums

# %%
def shares(characters, places):
    """How often the right place, and how often the right character, is read back, over all their sums."""
    sums = characters[:, None] + places  # (characters, places, width)
    right_places = read_back(sums, places) == torch.arange(len(places))
    right_characters = read_back(sums, characters) == torch.arange(len(characters))[:, None]
    return right_places.float().mean().item(), right_characters.float().mean().item()


print("our small tables: place right in {:.0%} of the sums, character right in {:.0%}".format(
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
#! redraw: window, place = new.wholes(2, 3, len(positions) - 1)

# %%
summed = batch + positions  # blank: every window, with the row of each place added
wrong = batch + positions[:, None]
row = window  # blank: which row of `positions` did `wrong[window, place]` get? Give its number, by a name from the cell above
check("04.03")
#! hint: (8, 8, 8) beside (8, 8), then (8, 8, 8) beside (8, 1, 8): the 1 in the middle means "the same for every ..."; the
#!   answer is one of the two names `window` and `place`
#! mistake: batch + positions[:, None] -> That's the wrong one, from the line below. The (8, 8) of the positions already
#!   lines up with places and width.
#! mistake: batch + positions.T -> The transposed table has the same shape here, so there's no error. But it adds number 5 of each
#!   place where row 5 belongs.
#! mistake: batch + positions.sum(dim=0) -> This adds the same vector at every place, so it says nothing about where.
#! mistake 2: place -> That's the row it should have got, and the one `summed` gave it. In (8, 1, 8) the rows line up with
#!   the batch, and the 1 says: the same for every place.
#! mistake: batch.add_(positions) -> With the `_`, the sum is written into `batch` itself, and everything below that reads
#!   `batch` gets the places a second time. A plus makes a new tensor.
#! mistake: batch + positions.mean(dim=0) -> The mean of all the places is a single row, added everywhere. It says
#!   nothing about where.
#! mistake 2: 2 -> That's the one for this window. Another window gets another row, so give the number by a name.
#! mistake 2: 0 -> The 1 in the middle doesn't mean row 0. It means that one row serves all places. Which row depends on
#!   what the first 8 lines up with.
#! mistake 2: positions[window] -> That's the row itself, with all its numbers. The question is which row it is.
#! alternative: batch + positions[None]
#! alternative: torch.add(batch, positions)
#! alternative: torch.stack([one + positions for one in batch])
#! alternative: batch + positions.expand_as(batch)
#! alternative 2: int((positions - (wrong - batch)[window, place]).norm(dim=1).argmin())

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
# ## Is it still a bag? · 4 min
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
# What's missing is a look at each row *before* the rows are brought together, through something nonlinear: a matrix
# would only give another sum. The simplest bend will do: a ReLU, which keeps what's above zero and turns the rest
# into 0.

# %%
bent = F.relu(vectors + positions).sum(dim=0)  # blank: add its place to each row, bend the rows with ReLU, then add them all up
other_bent = F.relu(other_vectors + positions).sum(dim=0)  # blank: the same for the other order
check("04.04")
#! hint: three steps in this order: add the places, `F.relu`, then the sum over `dim=0`
#! mistake: F.relu(vectors).sum(dim=0) + F.relu(positions).sum(dim=0) -> Here characters and places are bent separately,
#!   before they meet, so it's two bags again. Add first, then bend.
#! mistake: F.relu((vectors + positions).sum(dim=0)) -> This bends the finished sum, when the order is already lost. Bend
#!   the rows, then add them up.
#! mistake: (F.relu(vectors) + positions).sum(dim=0) -> Only the characters are bent here, before they've met their places.
#!   Add first, then bend.
#! mistake: F.relu(vectors + positions).mean(dim=0) -> That's the mean. We want the sum of the bent rows.
#! mistake: (vectors + positions).sum(dim=0) -> Nothing is bent here, so it's the bag again. `F.relu` comes between the plus
#!   and the sum.
#! mistake: (vectors + positions).abs().sum(dim=0) -> `abs` flips the sign of what's below zero. ReLU makes it 0.
#! mistake: F.relu(vectors + positions) -> Those are the bent rows. Add them up, `dim=0`.
#! mistake: F.relu(vectors + positions).sum(dim=1) -> This adds up inside each row. Add the rows to each other, `dim=0`.
#! mistake 2: F.relu(vectors + positions).sum(dim=0) -> That's the first order once more. Take `other_vectors`, and leave the
#!   places as they are: place 0 is where the window begins, whoever is there.
#! mistake 2: F.relu(other_vectors + positions[order]).sum(dim=0) -> The places are in the other order too, so each character
#!   takes its old place along. Place 0 is where the window begins, whoever is there.
#! mistake 2: F.relu(other_vectors).sum(dim=0) -> The places are missing, so it's chapter 03's bag again. Add them before
#!   you bend.
#! alternative: (vectors + positions).relu().sum(dim=0)
#! alternative: (vectors + positions).clamp(min=0).sum(dim=0)
#! alternative: torch.where(vectors + positions > 0, vectors + positions, 0.0).sum(dim=0)
#! alternative 2: torch.relu(other_vectors + positions).sum(dim=0)
#! alternative 2: nn.ReLU()(other_vectors + positions).sum(dim=0)
#! alternative 2: sum(F.relu(other_vectors + positions))

# %%
print(bent)
print(other_bent)

# %% [markdown]
# Now they differ, in every number. Remember the order of events: **what and where meet in one row; each row is bent on
# its own; only then are the rows brought together.** Attention, in chapter 06, looks more carefully than a ReLU does.
# Without the places in the rows it would have no order to see.
#
# - [ ] 04.04 Tell two orders apart

# %% [markdown]
# ## The class · 4 min
#
# An EmbeddingModule owns one object of each of your two classes, and adds what they return. Its settings come as a
# `Config`.

# %%
#| export
class EmbeddingModule(nn.Module):
    """What is where: the vector of each character plus the vector of its place."""

    def __init__(self, vocab_size: int, config: Config) -> None:
        """Both tables start with random numbers, normal with mean 0 and variance 1."""
        super().__init__()
        self.token_embedding = TokenEmbedding(vocab_size, config.embedding_dim)  # blank: the table of characters
        self.position_embedding = PositionEmbedding(config.input_sequence_length, config.embedding_dim)  # blank: the table of places

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """The sum of the two vectors: (batch, sequence) of int64 -> (batch, sequence, embedding_dim)."""
        return self.token_embedding(ids) + self.position_embedding(ids)  # blank: what, plus where


check("04.05")
#! hint: both classes want to know how many rows, then how wide; both are called with the ids; broadcasting does the rest
#! mistake: TokenEmbedding(config.embedding_dim, vocab_size) -> The two numbers are the wrong way round. First how many
#!   rows, one for each character of the vocabulary, then how wide.
#! mistake: TokenEmbedding(64, 8) -> These sizes are right on this page and nowhere else. They arrive as `vocab_size` and
#!   inside `config`.
#! mistake 2: PositionEmbedding(config.embedding_dim, config.input_sequence_length) -> The two numbers are the wrong way round:
#!   first how many places, then how wide.
#! mistake 2: PositionEmbedding(vocab_size, config.embedding_dim) -> That's a row for each character. This table needs a row
#!   for each place.
#! mistake 2: TokenEmbedding(config.input_sequence_length, config.embedding_dim) -> The right sizes in the wrong class. A
#!   TokenEmbedding looks up ids; only a PositionEmbedding works out where each one is.
#! mistake 2: PositionEmbedding(config.input_sequence_length, vocab_size) -> These rows are as wide as the vocabulary is
#!   long. The rows of the two tables must have the same width, or they can't be added.
#! mistake 2: PositionEmbedding(small.input_sequence_length, small.embedding_dim) -> `small` belongs to this notebook.
#!   The class gets its own settings, `config`.
#! mistake 3: self.token_embedding(ids) -> That says what, and the two `e`s are the same again. Add where.
#! mistake 3: self.position_embedding(ids) -> That says where, but no longer what. Add both.
#! mistake 3: torch.cat((self.token_embedding(ids), self.position_embedding(ids)), dim=-1) -> That's the careful way,
#!   twice as wide, and `cat` would need the batch in both tensors. We add.
#! mistake 3: self.token_embedding(ids) + self.position_embedding(ids).unsqueeze(1) -> With a 1 in the middle the rows line
#!   up with the batch, so this numbers the windows, as in 04.03.
#! mistake 3: (self.token_embedding(ids) + self.position_embedding(ids)) / 2 -> That's the mean of the two. The sum is enough.
#! mistake 3: self.token_embedding(ids) * self.position_embedding(ids) -> This multiplies, and where a place has a number near
#!   zero, it wipes out the character. Add.
#! mistake 3: self.token_embedding(ids) + self.position_embedding -> You can't add the module itself. Call it with the ids.
#! alternative: TokenEmbedding(vocab_size=vocab_size, embedding_dim=config.embedding_dim)
#! alternative 2: PositionEmbedding(embedding_dim=config.embedding_dim, input_sequence_length=config.input_sequence_length)
#! alternative 3: torch.add(self.token_embedding(ids), self.position_embedding(ids))
#! alternative 3: self.position_embedding(ids) + self.token_embedding(ids)
#! alternative 3: self.token_embedding(ids) + self.position_embedding(ids).unsqueeze(0)
#! probe: same_weights(EmbeddingModule(vocab_size, small))(ids) -> the output for one window
#! probe: same_weights(EmbeddingModule(70, Config(input_sequence_length=7, embedding_dim=5)))(ids[:, :6].repeat(3, 1))
#!   -> the output for three windows shorter than the longest possible
#! probe: EmbeddingModule(9, Config(input_sequence_length=4, embedding_dim=3)) -> the module

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
# Here are the lines for the map. You've met all these shapes, so they're filled in.
#
# Here's a question instead. There was a third way all along, and it can't mix anything up. Make one table, with a
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
in_both = (vocab_size + config.input_sequence_length) * config.embedding_dim  # blank: how many numbers our two tables hold together
in_pairs = vocab_size * config.input_sequence_length * config.embedding_dim  # blank: how many numbers the table of pairs would hold
times_as_often = config.input_sequence_length  # blank: how many times as often a character's row is read as a pair's row
check("04.06")
#! hint: a table holds its rows times the width, so count rows first; for the last blank, the same number of reads is
#!   shared among the rows of one table or of the other
#! mistake: vocab_size * config.embedding_dim + config.input_sequence_length -> Only the characters' rows are counted
#!   with their width here. The rows of the places are just as wide.
#! mistake: vocab_size * config.embedding_dim -> That's the table of characters. The table of places has rows, too.
#! mistake: vocab_size + config.input_sequence_length -> That's how many rows there are. Each row holds `embedding_dim` numbers.
#! mistake: (vocab_size + small.input_sequence_length) * small.embedding_dim -> Those are the tables on this page. The question
#!   is about the real model: `config`.
#! mistake 2: vocab_size * config.input_sequence_length -> That's how many rows it would have. Each row holds `embedding_dim`
#!   numbers.
#! mistake 2: config.batch_size * config.input_sequence_length * config.embedding_dim -> That's what comes out for a batch. A
#!   table has its rows before any text arrives: one for each character at each place.
#! mistake 2: (vocab_size + config.input_sequence_length) * config.embedding_dim -> That's our two tables. Every character can
#!   be at every place, so how many pairs are there?
#! mistake 3: in_pairs / in_both -> That compares the sizes, and `in_both` has the places in it as well. Here it's about rows:
#!   those of the characters, and those of the pairs.
#! mistake 3: vocab_size -> There are `vocab_size` times as many pairs as places. Compare the pairs with the characters.
#! mistake 3: config.batch_size * config.input_sequence_length -> That's how many reads a batch makes, of either table. Among
#!   how many rows are they shared?
#! mistake 3: 1 / config.input_sequence_length -> The other way round: a row of the character table is read *more* often.
#! mistake 3: config.batch_size -> A larger batch makes more reads, but of both tables alike. Among how many rows are
#!   they shared?
#! alternative: sum(parameter.numel() for parameter in EmbeddingModule(vocab_size, config).parameters())
#! alternative: vocab_size * config.embedding_dim + config.input_sequence_length * config.embedding_dim
#! alternative 2: nn.Embedding(vocab_size * config.input_sequence_length, config.embedding_dim).weight.numel()
#! alternative 3: in_pairs / (vocab_size * config.embedding_dim)
#! alternative 3: (vocab_size * config.input_sequence_length) // vocab_size

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
# To be fair to the doubters, we first add some noise to every number, because other parts of the model will write
# into the same numbers. Guess: will `read_both` find more than 28% of the characters?
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
    pairs = (characters[:, None] + places).flatten(0, 1)  # blank: every sum there can be, as a list of rows
    nearest = torch.cdist(sums, pairs).argmin(dim=-1)  # blank: for each of `sums`, which pair is nearest?
    return nearest // len(places), nearest % len(places)  # blank: the number of its character, and of its place


found_which, found_where = read_both(noisy, characters, positions)
right_which = found_which.unflatten(0, (len(which), len(where))) == which[:, None]
right_where = found_where.unflatten(0, (len(which), len(where))) == where
print(f"character right in {right_which.float().mean():.0%}, place right in {right_where.float().mean():.0%}")
check("04.07")
#! challenge: 15 minutes
#! hint: `shares`, further up, adds each character to each place; in the list, a character's places come one after the
#!   other, so the next character begins `len(places)` rows later
#! mistake: characters + places -> This adds row to row, and there are more characters than places. Each character must
#!   meet each place: `characters[:, None]`.
#! mistake: characters[:, None] + places -> The sums are right, but still in a table, (characters, places, width). Lay them
#!   out as a list of rows.
#! mistake: (characters + places[:, None]).flatten(0, 1) -> In this list the places come first: place 0 with every character,
#!   then place 1. The last line has to fit the order of your list.
#! mistake: torch.cat((characters, places)) -> Those are the rows that get added. The list needs their sums, one for each pair.
#! mistake 2: torch.cdist(sums, pairs).argmax(dim=-1) -> That's the pair that is furthest away.
#! mistake 2: read_back(sums, pairs) -> That's the dot product again, and here too, a long row can win from further away.
#!   Ask for the smallest distance.
#! mistake 2: torch.cdist(sums, pairs).argmin(dim=0) -> This finds the nearest sum for each pair. Each sum looks for a pair, so
#!   search along the last dimension.
#! mistake 2: torch.cdist(sums, pairs).min(dim=-1).values -> That's how far away the nearest pair is. `argmin` says
#!   which one it is.
#! mistake 3: (nearest % len(places), nearest // len(places)) -> The right numbers in the wrong order: first the character, then
#!   the place.
#! mistake 3: (nearest // len(characters), nearest % len(characters)) -> In the list, the next character begins after
#!   `len(places)` rows, not after `len(characters)`.
#! mistake 3: (nearest, nearest % len(places)) -> The first is still the number of the pair. How many whole groups of places
#!   come before it?
#! alternative: torch.cat([character + places for character in characters])
#! alternative: (characters.unsqueeze(1) + places).reshape(-1, places.shape[1])
#! alternative 2: (sums[:, None] - pairs).norm(dim=-1).argmin(dim=-1)
#! alternative 2: (sums @ pairs.T - (pairs**2).sum(dim=-1) / 2).argmax(dim=-1)
#! alternative 3: torch.unravel_index(nearest, (len(characters), len(places)))
#! alternative 3: (torch.div(nearest, len(places), rounding_mode="floor"), nearest.remainder(len(places)))
#! equivalent: a sign dropped: -1 => 1 -> the distances are a table, and dimension 1 is its last one
#! probe: read_both(torch.randn(40, 5), torch.randn(11, 5), torch.randn(6, 5)) -> what `read_both` finds in other sums

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
# - something must bend each row before the rows are brought together, or the order is lost again
# - a sum **shares**: every `e` teaches one row, wherever it is
# - `EmbeddingModule(vocab_size, config)`: (batch, sequence) in, (batch, sequence, width) out
#
# The stream has begun to flow. It has a bad habit, though: given a chance, its numbers grow until nothing can be
# learned any more. **05 LayerNorm** teaches it manners.
