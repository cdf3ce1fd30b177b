# %% [markdown]
# # 04 EmbeddingModule
#
# Put *what* and *where* into one vector, by the smallest operation there is: a plus.
#
# 35 minutes in five sections. It needs chapters 02 and 03.
#
# A plus takes one second to write. The rest of the time goes into two questions that it raises. Does it not stir two
# things together that nobody can separate again? And does it land where it should?

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
#! redraw: config = Config(**new.sizes(num_heads=new.pick(2, 3, 5)))
#! redraw: small = new.until(lambda: Config(**new.sizes(batch_size=1, input_sequence_length=new.whole(9, 13), num_heads=new.pick(3, 4, 5))),
#!   lambda drawn: drawn.embedding_dim // drawn.num_heads != 4)
#! redraw: width, vocab_size = small.embedding_dim, new.whole(50, 60)
#! redraw: ids = torch.tensor([[new.whole(0, vocab_size - 1) for _ in range(small.input_sequence_length)]])
#! redraw: vectors, positions = torch.randn(2, small.input_sequence_length, width)
#! redraw: characters = torch.randn(vocab_size, width)

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
both = torch.cat((vectors, positions), dim=1)  # blank: each row of `vectors` with the row of its place on its right
from_both = both @ weight
from_character = vectors @ weight[:width]  # blank: the characters alone, times the upper half of the weights
from_place = positions @ weight[width:]  # blank: the places alone, times the lower half
check("04.01")
#! hint: `torch.cat` joins along a dimension, and to the right is `dim=1`; `weight[:width]` is the upper half of the rows
#! mistake: torch.cat((vectors, positions)) -> A row still has eight numbers here, and 16 are needed. `cat` without a
#!   `dim` joins downwards, as if there were 16 characters, and `stack` makes a third dimension. To the right is `dim=1`.
#! mistake: torch.cat((positions, vectors), dim=1) -> The places came first here, and so they meet the upper half of the
#!   weights, which is meant for the characters.
#! mistake: vectors + positions -> Eight numbers have met all 16 rows of the weights. If you have added already: first lay
#!   the two side by side. If you multiply one of them alone, give it the half of the weights that belongs to it.
#! mistake: torch.cat((vectors, positions), dim=0) -> This joins downwards, as if there were 16 characters of eight numbers.
#!   Each row should get longer.
#! mistake 2: vectors @ weight[width:] -> That is the lower half. The first eight of the 16 numbers meet the upper half.
#! mistake 2: vectors @ weight[::2] -> That is every second row of the weights. The upper half is the first `width` rows.
#! mistake 2: vectors @ weight[:, :width] -> After the comma a slice counts columns. The upper half is some of the rows.
#! mistake 2: weight[:width] @ vectors -> The factors have changed places. The rows of the characters stand on the left.
#! mistake 3: positions @ weight[:width] -> The upper half belongs to the characters. What lies on the right meets the
#!   lower half.
#! mistake 3: vectors @ weight[width:] -> The right half of the weights, with the characters. Multiply the places.
#! mistake 3: from_both - vectors @ weight[width:] -> What is left of the whole when you take the characters away: but here
#!   they met the lower half. Theirs is the upper one.
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
    scores = sums @ rows.T  # blank: the dot product of each sum with each row: (..., n)
    return scores.argmax(dim=-1)  # blank: for each sum, which row has the largest?


check("04.02")
#! hint: as with the cosines in 03.05, the rows are turned on their side to be met; then `argmax` tells the place of the
#!   largest, along the last dimension
#! mistake: sums @ rows -> Here the sums meet columns. Turn the rows on their side: `rows.T`.
#! mistake: rows @ sums.mT -> The products are right and lie the other way round: the rows must come last, so that one of
#!   them can be chosen for each sum.
#! mistake: sums * rows -> `*` multiplies number by number. A dot product also adds them up; `@` does both.
#! mistake 2: scores.max(dim=-1).values -> Those are the largest products themselves. Which row they belong to is what
#!   `argmax` tells.
#! mistake 2: scores.max(dim=-1) -> Along a dimension `max` gives two things, the largest products and where they are. Only where
#!   is asked for.
#! mistake 2: scores.argmax() -> Without a dimension that is one winner for everything. Each sum wants its own.
#! mistake 2: scores.argmin(dim=-1) -> That is the row of which there is least.
#! mistake 2: scores.argsort(dim=-1) -> That is a whole ranking for each sum. Only the winner is asked for.
#! mistake 2: scores.argmax(dim=0) -> This searches down the columns, and finds for each row the sum that likes it best. Each
#!   sum looks along its own row of scores, the last dimension.
#! mistake 2: scores.argmax(dim=1) -> Right for a plain list of sums. Here they may also come as a table, and then dimension 1
#!   isn't the rows that you choose from. Count from the end.
#! mistake 2: scores.argmax(dim=-1, keepdim=True) -> Right, but each number is left alone in a dimension of its own. Without
#!   `keepdim` there's one number for each sum.
#! mistake: -torch.cdist(sums, rows) -> That asks for the nearest row, by distance. Here the dot product decides, and a long
#!   row can win from further away.
#! alternative: torch.matmul(sums, rows.mT)
#! alternative: torch.einsum("...w,nw->...n", sums, rows)
#! alternative: F.linear(sums, rows)
#! alternative 2: torch.argmax(scores, -1)
#! alternative 2: scores.max(dim=-1).indices
#! alternative 2: scores.sort(dim=-1, descending=True).indices[..., 0]
#! probe: read_back(vectors[:5] + positions[:5], positions) -> what's read back from five sums
#! probe: read_back(vectors[:4, None] + positions, torch.cat((vectors, positions))) -> what's read back from a table of sums
#! probe: read_back(torch.randn(60, 5), torch.randn(20, 5)) -> what's read back from many sums

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
#! redraw: window, place = new.wholes(2, 3, len(positions) - 1)

# %%
summed = batch + positions  # blank: every window with the row of each place added
wrong = batch + positions[:, None]
row = window  # blank: which row of `positions` did `wrong[window, place]` get? Its number, by a name from the cell above
check("04.03")
#! hint: (8, 8, 8) beside (8, 8), then (8, 8, 8) beside (8, 1, 8): the 1 in the middle stands for "the same for every ...";
#!   the answer is one of the two names `window` and `place`
#! mistake: batch + positions[:, None] -> That is the wrong one from the line below it. In (8, 8) the places line up with
#!   the sequence already.
#! mistake: batch + positions.T -> The turned table has the same shape here, so no error. It adds number 5 of each place
#!   where row 5 belongs.
#! mistake: batch + positions.sum(dim=0) -> This adds one and the same vector at every place, and says nothing about where.
#! mistake 2: place -> That is what it should have been, and what `summed` did. In (8, 1, 8) the rows line up with the
#!   batch, and the 1 says: the same for every place.
#! mistake: batch.add_(positions) -> With the `_` the sum is written into `batch` itself, and everything below that reads
#!   `batch` gets the places a second time. A plus makes a new tensor.
#! mistake: batch + positions.mean(dim=0) -> The mean of all places is one and the same row, and says nothing about where.
#! mistake 2: 2 -> That's the one, for this window. For another it's another: give its number by a name.
#! mistake 2: 0 -> The 1 in the middle is no row 0. It means that one row serves all places; which one depends on what the
#!   first 8 lines up with.
#! mistake 2: positions[window] -> That is the row itself, all its numbers. Asked for is which one it is.
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
bent = F.relu(vectors + positions).sum(dim=0)  # blank: each row with its place added, then bent by ReLU, then all added up
other_bent = F.relu(other_vectors + positions).sum(dim=0)  # blank: the same for the other order
check("04.04")
#! hint: three steps in this order: add the places, `F.relu`, then the sum over `dim=0`
#! mistake: F.relu(vectors).sum(dim=0) + F.relu(positions).sum(dim=0) -> Here each is bent alone, before they meet, and it
#!   is two bags again. Add first, bend then.
#! mistake: F.relu((vectors + positions).sum(dim=0)) -> This bends the finished sum, when the order is lost already. Bend
#!   the rows, then add them up.
#! mistake: (F.relu(vectors) + positions).sum(dim=0) -> Only the characters are bent here, before they have met their places.
#!   Add first, bend then.
#! mistake: F.relu(vectors + positions).mean(dim=0) -> That's the mean. Add the bent rows up and leave it at that.
#! mistake: (vectors + positions).sum(dim=0) -> Nothing is bent here, and it's the bag again. `F.relu` comes between the plus
#!   and the sum.
#! mistake: (vectors + positions).abs().sum(dim=0) -> `abs` turns what is below zero round. ReLU makes it 0.
#! mistake: F.relu(vectors + positions) -> Those are the bent rows. Add them up, `dim=0`.
#! mistake: F.relu(vectors + positions).sum(dim=1) -> This adds inside each row. The rows are to be added to each other.
#! mistake 2: F.relu(vectors + positions).sum(dim=0) -> That is the first order once more. Take `other_vectors`, and let the
#!   places stay as they are: place 0 is where the window begins, whoever stands there.
#! mistake 2: F.relu(other_vectors + positions[order]).sum(dim=0) -> The places have been put in the other order too, so each
#!   character takes its old place along. Place 0 is where the window begins, whoever is there.
#! mistake 2: F.relu(other_vectors).sum(dim=0) -> The places have been forgotten, and it is chapter 03's bag again. Add them
#!   before you bend.
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
#| export
class EmbeddingModule(nn.Module):
    """What stands where: the vector of each character plus the vector of its place."""

    def __init__(self, vocab_size: int, config: Config) -> None:
        """Both tables start with random numbers, normal with mean 0 and variance 1."""
        super().__init__()
        self.token_embedding = TokenEmbedding(vocab_size, config.embedding_dim)  # blank: the table of characters
        self.position_embedding = PositionEmbedding(config.input_sequence_length, config.embedding_dim)  # blank: the table of places

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """The sum of both: (batch, sequence) of int64 -> (batch, sequence, embedding_dim)."""
        return self.token_embedding(ids) + self.position_embedding(ids)  # blank: what, plus where


check("04.05")
#! hint: both classes want to know how many rows, then how wide; both are called with the ids; and broadcasting does the rest
#! mistake: TokenEmbedding(config.embedding_dim, vocab_size) -> This table has too few rows for the ids. It needs one for each
#!   character of the vocabulary; how many rows comes first, then how wide.
#! mistake: TokenEmbedding(64, 8) -> These sizes are right on this page and nowhere else. They arrive as `vocab_size` and
#!   inside `config`.
#! mistake 2: PositionEmbedding(config.embedding_dim, config.input_sequence_length) -> The two numbers have changed places:
#!   first how many places, then how wide.
#! mistake 2: PositionEmbedding(vocab_size, config.embedding_dim) -> A row for each character, where a row for each place is
#!   needed.
#! mistake 2: TokenEmbedding(config.input_sequence_length, config.embedding_dim) -> The right sizes in the wrong class. A
#!   TokenEmbedding looks up the ids; where each one is, only a PositionEmbedding works out.
#! mistake 2: PositionEmbedding(config.input_sequence_length, vocab_size) -> As wide as the vocabulary is long. Both tables
#!   need rows of one width, or they can't be added.
#! mistake 2: PositionEmbedding(small.input_sequence_length, small.embedding_dim) -> `small` is a name of this notebook. The
#!   class is given its own settings, `config`.
#! mistake 3: self.token_embedding(ids) -> That says what, and the two e's are one again. Add where.
#! mistake 3: self.position_embedding(ids) -> That says where, and no longer what. Add both.
#! mistake 3: torch.cat((self.token_embedding(ids), self.position_embedding(ids)), dim=-1) -> `cat` needs the batch in both,
#!   and it is the careful way, which is twice as wide. We add.
#! mistake 3: self.token_embedding(ids) + self.position_embedding(ids).unsqueeze(1) -> With a 1 in the middle the rows line
#!   up with the batch: it numbers the windows, see 04.03.
#! mistake 3: (self.token_embedding(ids) + self.position_embedding(ids)) / 2 -> That's the mean of the two. Added is enough.
#! mistake 3: self.token_embedding(ids) * self.position_embedding(ids) -> This multiplies, and where a place has a number near
#!   zero it wipes the character out. Add.
#! mistake 3: self.token_embedding(ids) + self.position_embedding -> The module itself cannot be added. Call it with the ids.
#! alternative: TokenEmbedding(vocab_size=vocab_size, embedding_dim=config.embedding_dim)
#! alternative 2: PositionEmbedding(embedding_dim=config.embedding_dim, input_sequence_length=config.input_sequence_length)
#! alternative 3: torch.add(self.token_embedding(ids), self.position_embedding(ids))
#! alternative 3: self.position_embedding(ids) + self.token_embedding(ids)
#! alternative 3: self.token_embedding(ids) + self.position_embedding(ids).unsqueeze(0)
#! probe: same_weights(EmbeddingModule(vocab_size, small))(ids) -> the output for one window
#! probe: same_weights(EmbeddingModule(70, Config(input_sequence_length=7, embedding_dim=5)))(ids[:, :6].repeat(3, 1)) -> the
#!   output for three windows, each shorter than the longest one that fits
#! probe: EmbeddingModule(9, Config(input_sequence_length=4, embedding_dim=3)) -> the module

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
    "position vectors": (config.input_sequence_length, config.embedding_dim),  # blank [(config.input_sequence_length, config.embedding_dim)]: what is added
    "embedding": (config.batch_size, config.input_sequence_length, config.embedding_dim),  # blank [(config.batch_size, config.input_sequence_length, config.embedding_dim)]: what comes out
}
check("04.06")
#! hint: for the second line the table of shapes under "Where a plus lands", with names in place of numbers
#! mistake: (config.batch_size, config.input_sequence_length, config.embedding_dim) -> That is what they become by
#!   broadcasting. They come without a batch: the same rows serve every window.
#! mistake: (config.input_sequence_length, 1, config.embedding_dim) -> With a 1 in the middle the rows would line up with the
#!   batch.
#! mistake 2: (config.batch_size, config.input_sequence_length, 2 * config.embedding_dim) -> Twice as wide is side by side.
#!   A sum is as wide as what was added.
#! mistake: (config.embedding_dim, config.input_sequence_length) -> Turned over. Each place is a row, so the places come first.
#! mistake: (1, config.input_sequence_length, config.embedding_dim) -> It would come to the same sum, but your PositionEmbedding
#!   gives back two dimensions: no batch, not even of 1.
#! mistake 2: (config.batch_size, config.input_sequence_length) -> That is the shape of the ids. Each has become a vector.
#! mistake 2: (config.input_sequence_length, config.embedding_dim) -> The batch has gone missing. The sum keeps what any of the
#!   two has.
#! alternative: (config.input_sequence_length,) + (config.embedding_dim,)
#! alternative 2: (config.batch_size, *(config.input_sequence_length, config.embedding_dim))

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
