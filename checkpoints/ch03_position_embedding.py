# %% [markdown]
# # 03 PositionEmbedding
#
# Give every place of a window its own row of numbers, and the model can tell the first `e` from the last.
#
# 45 minutes in five sections, and all you need is chapter 02: the table, and how to pick rows from it.
#
# The tool is the one you've just built. The new part is what we use it for, and why two cheaper ideas come to grief.

# %%
#| export
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
#! redraw: config = Config(**new.sizes(input_sequence_length=new.whole(12, 17)))
#! redraw: small = Config(**new.until(lambda: new.sizes(batch_size=1, input_sequence_length=new.whole(9, 11)),
#!   lambda drawn: drawn["embedding_dim"] not in (8, config.embedding_dim)))
#! redraw: ids = torch.tensor([new.wholes(small.input_sequence_length, 20, 63)])
#! redraw: vectors = TokenEmbedding(running.loader().vocab_size, small.embedding_dim)(ids)[0].detach()

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
bag = vectors.sum(dim=0)  # blank: the eight rows of "Let's he", added up
average = vectors.mean(dim=0)  # blank: and their mean
check("03.01")
#! hint: eight rows become one when you go *down* the columns, and down is `dim=0`
#! mistake: vectors.sum(dim=1) -> This adds up the numbers inside each row, so you get eight sums, one for each
#!   character. The rows should be added to each other: `dim=0`.
#! mistake: vectors.cumsum(dim=0) -> That keeps every step of the addition, a row for each step. Only the last row is
#!   the sum.
#! mistake: vectors.sum(dim=0, keepdim=True) -> The right numbers, with one dimension too many: (1, 8). Eight rows
#!   should become one row, not a table with a single row.
#! mistake: vectors.max(dim=0).values -> That's the largest number of each column. Add them.
#! mistake: vectors.sum(dim=0).sum() -> Added twice: down the columns, and then along the row that came out.
#! mistake: vectors.sum() -> Without a dimension everything is added, and you get a single number. Say which way:
#!   `dim=0`, down the columns.
#! mistake: vectors[0] -> That's the first row, the "L". Add all eight.
#! mistake 2: vectors.mean(dim=1) -> This is the mean inside each row. The mean *of the rows* goes down the columns,
#!   `dim=0`.
#! mistake 2: vectors.median(dim=0).values -> The median is the one in the middle once the numbers are sorted. The mean
#!   is their sum, divided by how many there are.
#! mistake 2: bag / 8 -> There are eight rows on this page, but not everywhere. `len(vectors)` counts them, and so does
#!   `mean`.
#! mistake 2: bag.mean() -> That's the mean of the eight sums, one number. The mean of the rows is a row.
#! mistake 2: vectors.mean() -> Without a dimension you get one mean of all the numbers. Give `dim=0`.
#! mistake 2: bag / vectors.shape[1] -> That divides by how wide a row is. A mean divides by how many rows there are; on
#!   this page both are 8, by coincidence.
#! alternative: sum(vectors)
#! alternative: torch.ones(len(vectors)) @ vectors
#! alternative: torch.einsum("sw->w", vectors)
#! alternative 2: bag / len(vectors)
#! alternative 2: vectors.sum(dim=0) / vectors.shape[0]

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
places = torch.arange(len(vectors))  # blank: the places of our window, counted from 0
numbered = vectors + places[:, None]  # blank: each row with its place added to all of its numbers
check("03.02")
#! hint: `len(vectors)` is how many rows there are; the places have to stand upright beside the rows, as a column:
#!   `places[:, None]` has shape (8, 1)
#! mistake: torch.arange(1, len(vectors) + 1) -> This counts from 1. The first place is place 0.
#! mistake: torch.arange(len(vectors) - 1) -> One place is missing. `arange` stops before the number you give it, so
#!   give it the full length.
#! mistake: torch.arange(8) -> There are eight places on this page, but not everywhere. `len(vectors)` counts them.
#! mistake: torch.arange(vectors.shape[1]) -> That counts the numbers in a row. The places are the rows: `shape[0]`,
#!   which is 8 too, by coincidence.
#! mistake: torch.arange(vectors.numel()) -> That counts all the numbers in the matrix. There's one place for each row.
#! mistake: torch.zeros(len(vectors)) -> Those are zeros, as many as there are places. `torch.arange` counts.
#! mistake: range(len(vectors)) -> You can't add a Python `range` to a tensor. `torch.arange` counts in a tensor.
#! mistake: len(vectors) -> That's how many places there are. `torch.arange` lists them.
#! mistake 2: vectors + places -> Here the row of places was added to every row of the matrix, so 7 landed in *column* 7
#!   of every character. Stand it upright with `places[:, None]`.
#! mistake 2: vectors + 1 -> This adds 1 everywhere. Place 0 adds 0, place 1 adds 1, and so on.
#! mistake 2: vectors + places[:, None] / len(vectors) -> Here the places are scaled down. That comes next; add them as
#!   they are.
#! mistake 2: vectors - places[:, None] -> This takes the place away. Add it.
#! mistake 2: vectors.add_(places[:, None]) -> The underscore changes `vectors` itself, and the cells below still need
#!   it. `+` makes a new tensor.
#! mistake 2: places[:, None] -> Those are the places alone. Add them to the rows.
#! mistake 2: vectors * places[:, None] -> This multiplies, so place 0 wipes its character out. Add.
#! mistake 2: vectors + len(vectors) -> This adds the same number everywhere: how many places there are. Each row should
#!   get its own place.
#! alternative: torch.arange(vectors.shape[0])
#! alternative: torch.tensor(range(len(vectors)))
#! alternative 2: vectors + places.unsqueeze(1)
#! alternative 2: (vectors.T + places).T
#! alternative 2: torch.stack([row + place for row, place in zip(vectors, places)])

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
#! redraw: window, longer = new.whole(6, 12), new.whole(16, 40)

# %%
def scaled(length: int) -> torch.Tensor:
    """The places of a window, from 0 for the first to 1 for the last: (length,)."""
    return torch.arange(length) / (length - 1)  # blank: each place, divided so that the last one is 1


here = scaled(window)[3]
there = scaled(longer)[3]  # blank: what place 3 gets in the window of length `longer`
check("03.03")
#! hint: the last of `length` places is number `length - 1`, and it should become 1
#! mistake: torch.arange(length) / length -> Here the last place falls short of 1: it's number `length - 1`, not
#!   `length`.
#! mistake: torch.arange(1, length + 1) / length -> This counts from 1, so the first place doesn't get 0.
#! mistake: torch.arange(length) / 7 -> That fits a window of 8 and no other. Use `length`.
#! mistake: torch.arange(length) / (longer - 1) -> That fits the longer window only. The function gets the `length` it
#!   should use.
#! mistake: torch.arange(length) // (length - 1) -> `//` rounds down, so every place but the last becomes 0. Divide with
#!   `/`.
#! mistake: torch.arange(length) / length - 1 -> Python divides before it subtracts. Put brackets around `length - 1`.
#! mistake: torch.arange(length - 1) / (length - 1) -> One place is missing: `arange` stops before the number you give
#!   it.
#! mistake: torch.arange(length) -> Those are the places themselves, unscaled.
#! mistake 2: scaled(window)[3] -> That's the short window once more. Ask for the longer one.
#! mistake 2: scaled(longer) -> Those are all the places of the longer window. Pick place 3.
#! mistake 2: scaled(32)[3] -> 32 is the longer window on this page. Its length has a name: `longer`.
#! mistake 2: scaled(longer)[longer - 1] -> That's the last place, which gets 1 in every window. You want place 3.
#! mistake 2: scaled(longer - 1)[3] -> That's a window with one place fewer. The function does the subtracting itself.
#! mistake 2: here * window / longer -> Nearly, but the last place is number `length - 1`. Ask `scaled` once more.
#! mistake 2: scaled(longer)[-1] -> That's the last place, which gets 1 in every window. You want place 3.
#! mistake 2: scaled(longer)[4] -> Places are counted from 0, so this is the fifth.
#! alternative: torch.linspace(0, 1, length)
#! alternative: torch.tensor([place / (length - 1) for place in range(length)])
#! alternative 2: scaled(longer)[2 + 1]
#! alternative 2: 3 / torch.tensor(longer - 1)
#! probe: scaled(5) -> the five places of a window, scaled,
#! probe: scaled(2) -> the two places of a window, scaled,
#! probe: scaled(new.whole(41, 80)) -> the places of a long window, scaled,

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
position_table = nn.Embedding(small.input_sequence_length, small.embedding_dim)  # blank: a row for each place
all_places = torch.arange(small.input_sequence_length)  # blank: the places of a full window, from 0
positions = position_table(all_places).detach()  # blank [position_table(all_places)]: their rows
check("03.04")
#! hint: the settings are in `small`: how many places a window has, and how wide a row is; then pick rows as you did for
#!   characters, with places instead of ids
#! mistake: nn.Embedding(small.embedding_dim, small.input_sequence_length) -> The two settings have changed places:
#!   first how many rows, then how wide. On this page both are 8, so nobody would notice until one of them changes.
#! mistake: nn.Embedding(running.loader().vocab_size, small.embedding_dim) -> That's a row for each character again.
#!   This table has a row for each place.
#! mistake: nn.Embedding(config.input_sequence_length, config.embedding_dim) -> Those are the sizes of the real model.
#!   On this page they come from `small`.
#! mistake: torch.randn(small.input_sequence_length, small.embedding_dim) -> You can't call a plain tensor, and no
#!   optimizer would find it. `nn.Embedding` holds a parameter.
#! mistake: nn.Embedding(8, 8) -> Right on this page, where both settings are 8. Take them from `small`.
#! mistake: nn.Embedding(small.input_sequence_length, small.input_sequence_length) -> Both are 8, by coincidence. A row
#!   is as wide as the vectors it'll be added to: `embedding_dim`.
#! mistake: nn.Embedding(small.input_sequence_length, config.embedding_dim) -> That's the width of the real model. The
#!   vectors on this page are as wide as `small` says.
#! mistake: nn.Embedding(small.input_sequence_length + 1, small.embedding_dim) -> One row too many: the places of a
#!   window go from 0 to `input_sequence_length - 1`.
#! mistake: nn.Embedding.from_pretrained(torch.randn(small.input_sequence_length, small.embedding_dim)) ->
#!   `from_pretrained` freezes the table, so it would stay random. A plain `nn.Embedding` starts random and learns.
#! mistake 2: torch.arange(1, small.input_sequence_length + 1) -> This counts from 1, and the table has no row for the
#!   last of these. The first place is place 0.
#! mistake 2: torch.arange(config.input_sequence_length) -> Those are the places of the real model's window. This table
#!   has as many rows as `small` says.
#! mistake 2: torch.arange(small.input_sequence_length - 1) -> One place is missing at the end. `arange` stops before
#!   the number you give it.
#! mistake 2: ids[0] -> Those are ids, names of characters, and the table has no rows for them. Its rows are the places,
#!   counted from 0.
#! mistake 2: small.input_sequence_length -> That's how many there are. A table wants the places themselves, in a
#!   tensor.
#! mistake 3: position_table.weight[-1] -> That's the row of the last place alone.
#! mistake 3: position_table(all_places).sum(dim=0) -> This adds up the rows, and then nobody can tell the places apart.
#!   Keep one row for each.
#! mistake 3: position_table(all_places[:-1]) -> The last place is missing.
#! mistake 3: position_table(ids[0] % len(all_places)) -> That asks for the characters again. The places are in
#!   `all_places`.
#! alternative: nn.Embedding(num_embeddings=small.input_sequence_length, embedding_dim=small.embedding_dim)
#! alternative: nn.Embedding(ids.shape[1], small.embedding_dim)
#! alternative 2: torch.arange(position_table.num_embeddings)
#! alternative 2: torch.tensor(range(small.input_sequence_length))
#! alternative 3: position_table.weight
#! alternative 3: position_table.weight[all_places]
#! alternative 3: F.embedding(all_places, position_table.weight)
#! probe: same_weights(position_table)(all_places) -> the table's rows for all places

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
    unit = rows / rows.norm(dim=1, keepdim=True)  # blank: the rows, prepared so that the dot product of any two is their cosine
    return unit @ unit.T  # blank: all of these dot products, (n, n), in one matrix product


position_cosines = cosines(positions)
check("03.05")
#! hint: the cosine divides by both lengths; if every row had length 1 already, there'd be nothing left to divide. For
#!   the product, rows meet rows when the second factor is turned on its side
#! mistake: rows / rows.norm() -> Without a dimension that's the length of all rows taken together. Each row needs its
#!   own: `dim=1`.
#! mistake: rows / rows.norm(dim=0, keepdim=True) -> Those are the lengths of the columns. A row's length is taken along
#!   the row, `dim=1`.
#! mistake: rows / rows.norm(dim=1) -> Here the lengths lie in a row, so column 0 is divided by the length of row 0.
#!   Where n and the width agree, there's not even an error. `keepdim=True` keeps them upright.
#! mistake: rows / rows.sum(dim=1, keepdim=True) -> Divided by the sum of its numbers, a row adds up to 1. Its length is
#!   `norm`.
#! mistake: rows / rows.abs().sum(dim=1, keepdim=True) -> That's how far it is if you have to follow the streets. A
#!   row's length, as the crow flies, is `norm`.
#! mistake: rows / (rows**2).sum(dim=1, keepdim=True) -> That divides by the *squared* length. The root is missing;
#!   `norm` takes it.
#! mistake: rows * rows.norm(dim=1, keepdim=True) -> This makes long rows longer. Divide.
#! mistake: (rows - rows.mean(dim=1, keepdim=True)) / rows.std(dim=1, keepdim=True) -> That gives each row mean 0 and
#!   variance 1. Only its length should become 1.
#! mistake: positions / positions.norm(dim=1, keepdim=True) -> This uses `positions`, whatever the function is given.
#!   Inside it the matrix is called `rows`.
#! mistake: rows.div_(rows.norm(dim=1, keepdim=True)) -> The underscore changes the rows themselves, and the cells below
#!   still need them. `/` makes a new tensor.
#! mistake: rows -> If you don't divide, the products aren't cosines: the diagonal has squared lengths where it should
#!   have 1.
#! mistake 2: unit * unit -> `*` multiplies each number by itself, which gives squares. The matrix product is `@`.
#! mistake 2: unit.T @ unit -> That compares columns with columns. To compare rows, turn the second factor.
#! mistake 2: (unit * unit).sum(dim=1) -> That's each row with itself, which gives 1. Every row should meet every row.
#! mistake 2: unit @ rows.T -> Here the rows of the second factor have kept their lengths. Both factors have to be
#!   divided.
#! mistake 2: rows @ rows.T -> Those are the dot products of the rows as they were. Take the divided ones, `unit`.
#! mistake 2: (unit @ unit.T).abs() -> Without its sign a cosine can't tell opposite rows from equal ones. Keep the
#!   minus signs.
#! mistake 2: unit @ unit -> Here rows meet columns. Turn the second factor on its side.
#! alternative: F.normalize(rows, dim=1)
#! alternative: rows / (rows**2).sum(dim=1, keepdim=True).sqrt()
#! alternative: rows / torch.linalg.vector_norm(rows, dim=1)[:, None]
#! alternative 2: unit @ unit.mT
#! alternative 2: torch.matmul(unit, unit.transpose(0, 1))
#! alternative 2: torch.einsum("iw,jw->ij", unit, unit)
#! alternative 2: F.cosine_similarity(rows[:, None], rows[None, :], dim=-1)
#! probe: cosines(vectors[:5]) -> the cosines of five characters' rows
#! probe: cosines(10 * vectors[2:6]) -> the cosines of four rows, ten times as long,
#! probe: cosines(torch.randn(3, 11)) -> the cosines of three rows, eleven wide,

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
    length = ids.shape[1]  # blank: how many places does each window have?
    return position_table(torch.arange(length))  # blank: the rows of places 0 to length - 1


check("03.06")
#! hint: the second number of the shape (batch, sequence); then the two steps of 03.04, for `length` places
#! mistake: ids.shape[0] -> That's how many windows there are. In (batch, sequence) the places come second.
#! mistake: len(ids) -> `len` of a tensor is its first size: how many windows there are. In (batch, sequence) the places
#!   come second.
#! mistake: len(vectors) -> That's the length of our sentence, however long these windows are. Read it off `ids`.
#! mistake: ids.shape[1] - 1 -> One place too few: `torch.arange` stops before the number you give it.
#! mistake: ids.numel() -> That counts the ids of all windows together, but the places start again in each window.
#! mistake: small.input_sequence_length -> That's a full window, however short this one is. Read the length off `ids`.
#! mistake 2: position_table(ids) -> Ids are names of characters, and this table has no rows for them. Ask it for
#!   places: `torch.arange(length)` lists them.
#! mistake 2: position_table(torch.tensor(length)) -> That's a single number, one past the last place.
#!   `torch.arange(length)` lists the places.
#! mistake 2: position_table(torch.arange(1, length + 1)) -> This counts from 1. The first place is place 0.
#! mistake 2: position_table(all_places) -> These are the rows of a full window, however short this one is.
#! mistake 2: position_table.weight[-length:] -> Those are the last rows of the table. A shorter window takes the first
#!   ones.
#! mistake 2: positions[:length] -> The right numbers, but cut off from the table: `positions` was detached, and nothing
#!   would learn. Ask the table.
#! mistake 2: position_table(torch.arange(length)).sum(dim=0) -> This adds up the rows of all the places. Keep one row
#!   for each.
#! mistake 2: position_table(torch.arange(length))[None] -> One dimension too many, (1, sequence, width). You don't need
#!   the batch here.
#! mistake 2: position_table(length) -> That's how many there are. A table wants the places themselves, in a tensor.
#! mistake 2: position_table.weight[length - 1] -> That's one row, the last place's. You need the rows of all the places
#!   up to it.
#! mistake 2: position_table(torch.arange(length)).expand(len(ids), -1, -1) -> This repeats the same rows for every
#!   window. Once is enough, (sequence, width): when they're added, they spread over the batch by themselves.
#! alternative: ids.size(1)
#! alternative: ids.shape[-1]
#! alternative: len(ids[0])
#! alternative 2: position_table.weight[:length]
#! alternative 2: position_table(all_places[:length])
#! alternative 2: F.embedding(torch.arange(length), position_table.weight)
#! probe: rows_for(ids) -> what comes out for a full window
#! probe: rows_for(ids[:, :5]) -> what comes out for a window of five
#! probe: rows_for(ids[:, :3].repeat(4, 1)) -> what comes out for four windows of three
#! probe: rows_for(ids[:, :1]) -> what comes out for a window of one

# %%
for some_ids in (ids, ids[:, :5], ids[:, :5].repeat(16, 1)):
    print(tuple(some_ids.shape), "->", tuple(rows_for(some_ids).shape))

# %% [markdown]
# The batch has dropped out of the shape. All 16 windows have the same places, so one set of rows serves them all.
#
# Two questions are left, and your model will meet both when it writes. First: suppose all windows in training had been
# short, five characters like `Let's`. Which rows would have learned something? Look at the gradients, as in chapter 02.
#
# With a table of True and False, `.any(dim=1)` asks each row whether anything in it is True, `~` swaps True and False,
# and `.sum()` counts the True ones.

# %%
short = ids[:, :5].repeat(16, 1)
position_table.zero_grad()
rows_for(short).sum().backward()
gradient = position_table.weight.grad  # (8, 8): a number for each number of the table
#! redraw: gradient = torch.zeros(small.input_sequence_length + 3, small.embedding_dim)
#! redraw: gradient[new.wholes(new.whole(2, 3), 0, 7), -1] = 1.0
#! redraw: gradient[new.pick(*gradient[:, -1].nonzero().flatten().tolist()), 1] = -1.0
#! redraw: gradient[new.pick(*(gradient[:, -1] == 0).nonzero().flatten().tolist()), 2] = -2.0

# %%
taught = (gradient != 0).any(dim=1)  # blank: for each row, True if any of its numbers has a gradient other than 0
untaught = int((~taught).sum())  # blank [(~taught).sum()]: how many rows have learned nothing?
check("03.07")
#! hint: compare with 0, then `.any(dim=1)` along each row; `~` turns True into False, and a sum counts what's True
#! mistake: (gradient != 0).any(dim=0) -> This goes down the columns, and asks each column whether it has a gradient
#!   anywhere. Along each row is `dim=1`.
#! mistake: (gradient != 0).all(dim=1) -> `all` is True where *every* number of a row has a gradient. One is enough:
#!   `any`.
#! mistake: (gradient > 0).any(dim=1) -> A gradient may be negative, and that teaches too. Compare with `!= 0`.
#! mistake: gradient.sum(dim=1) != 0 -> In a sum, plus and minus can cancel: a row with gradients 1 and -1 would count
#!   as untaught. Compare each number with 0 first.
#! mistake: (gradient != 0)[:, 0] -> That asks only the first number of each row. Here all the numbers of a row agree;
#!   elsewhere it may be another one that was taught.
#! mistake: (gradient != 0).sum(dim=1) -> That counts, for each row, how many numbers have a gradient. You want True or
#!   False: is there any?
#! mistake: (gradient != 0).any() -> Without a dimension you get one answer for the whole table. Each row needs its own.
#! mistake: (gradient == 0).any(dim=1) -> This is True for any row with a zero in it, so also for the rows that were
#!   left out. You want the rows with something else in them.
#! mistake: gradient != 0 -> That's an answer for each number. `.any(dim=1)` makes it one for each row.
#! mistake 2: taught.sum() -> That counts the rows that have learned. Swap True and False with `~`.
#! mistake 2: (~taught).float().mean() -> That's their share. How many are there?
#! mistake 2: (~taught).any() -> That says whether there is one. How many are there?
#! mistake 2: len(taught) - 5 -> Five is the length of `Let's`. Read it off `taught`.
#! mistake 2: len(taught) -> That counts all rows. How many of them haven't been taught?
#! mistake 2: ~taught -> That says which ones. A sum counts them.
#! alternative: gradient.any(dim=1)
#! alternative: gradient.abs().sum(dim=1) > 0
#! alternative: gradient.norm(dim=1) != 0
#! alternative 2: len(taught) - taught.sum()
#! alternative 2: (taught == False).sum()
#! alternative 2: torch.count_nonzero(~taught)
#! alternative 2: taught.tolist().count(False)

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
#! redraw: long_ids = torch.randint(running.loader().vocab_size, (new.whole(2, 4), small.input_sequence_length +
#!   new.whole(14, 19)))

# %% [markdown]
# There's no row 8, and no rule to compute one by. That's the price of learning the rows. Our model has 32 places, GPT-2
# had 1,024, and each is blind beyond that.
#
# But a text that's being written grows and grows, and the model can see only as many of its characters as the table has
# rows. To say what comes next, which ones should it see: the first, or the last?

# %%
recent = long_ids[:, -small.input_sequence_length :]  # blank: the part of each window that the model should see: as many places as `small` says
check("03.08")
#! hint: the next character depends most on what was said last; a slice can count from the end
#! mistake: long_ids[:, : small.input_sequence_length] -> This keeps the beginning for ever, and whatever was said last
#!   is never seen. The next character follows the end.
#! mistake: long_ids[-small.input_sequence_length :] -> Without the `:,` in front this slices the batch, and every
#!   window keeps all its characters. The places are the second dimension.
#! mistake: long_ids[:, -config.input_sequence_length :] -> That's as many as the real model sees. The table here has as
#!   many rows as `small` says.
#! mistake: long_ids[:, -8:] -> The table has 8 rows on this page. The setting has a name:
#!   `small.input_sequence_length`.
#! mistake: long_ids[:, -small.input_sequence_length : -1] -> The very last character is left out, and it matters most.
#!   Without an end, a slice runs to the last one.
#! mistake: long_ids[0, -small.input_sequence_length :] -> That's the first window, and the batch is gone from the
#!   shape. `:` takes all windows.
#! mistake: long_ids[:, -small.input_sequence_length + 1 :] -> One too few. The table has a row for one more.
#! mistake: long_ids[:, -small.input_sequence_length - 1 :] -> One too many: the table has no row for it.
#! mistake: long_ids[:, -small.input_sequence_length] -> Without the colon after it, that's a single character of each
#!   window. With the colon, it's a slice that goes on to the end.
#! mistake: long_ids[:, small.input_sequence_length :] -> This drops as many as the table has rows, and keeps the rest.
#!   It should keep that many, from the end.
#! alternative: long_ids[:, long_ids.shape[1] - small.input_sequence_length :]
#! alternative: long_ids[..., -position_table.num_embeddings :]
#! alternative: long_ids.flip(1)[:, : small.input_sequence_length].flip(1)

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
#| export
class PositionEmbedding(nn.Module):
    """A table with one learned row of `embedding_dim` numbers for each place of a window."""

    def __init__(self, input_sequence_length: int, embedding_dim: int) -> None:
        """The table starts with random numbers, normal with mean 0 and variance 1."""
        super().__init__()
        self.table = nn.Embedding(input_sequence_length, embedding_dim)  # blank: one row for each place

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """The rows for the places in `ids`: (batch, sequence) -> (sequence, embedding_dim).

        IndexError, on the CPU, if there are more places than rows.
        """
        places = torch.arange(ids.shape[1], device=ids.device)  # blank [ids.shape[1]]: how many places?
        return self.table(places)  # blank: the row of each place; mind the promise


check("03.09")
#! hint: 03.04 and 03.06 in one, with `self.` in front of what belongs to the object. As for the promise: Python's
#!   slices never complain. `[1, 2, 3][:9]` is `[1, 2, 3]`
#! mistake: nn.Embedding(embedding_dim, input_sequence_length) -> The two numbers have changed places: first how many
#!   rows, then how wide.
#! mistake: nn.Embedding(8, 8) -> These sizes are right on this page and nowhere else. Whoever makes an object chooses
#!   its sizes: `input_sequence_length` and `embedding_dim`.
#! mistake: torch.randn(input_sequence_length, embedding_dim) -> A plain tensor isn't a parameter: it would never learn,
#!   and you can't call it.
#! mistake: nn.Embedding(input_sequence_length, embedding_dim, padding_idx=0) -> With `padding_idx=0` the row of place 0
#!   never learns, and every window has a place 0.
#! mistake: nn.Embedding(input_sequence_length + 1, embedding_dim) -> One row too many: the places go from 0 to
#!   `input_sequence_length - 1`.
#! mistake: nn.Embedding(small.input_sequence_length, small.embedding_dim) -> `small` belongs to this notebook. The
#!   class gets its sizes as arguments of `__init__`.
#! mistake: nn.Embedding(input_sequence_length, input_sequence_length) -> A row is as wide as the vectors it'll be added
#!   to: `embedding_dim`.
#! mistake 2: len(ids) -> `len` of a tensor is its first size, the batch. In (batch, sequence) the places come second.
#! mistake 2: ids.shape[1] - 1 -> One place too few: `torch.arange` stops before the number you give it.
#! mistake 2: ids.shape[0] -> That's the batch. In (batch, sequence) the places come second.
#! mistake 2: self.table.num_embeddings -> That's always all the rows, even if the window is shorter. Read the length
#!   off `ids`.
#! mistake 3: self.table.weight[: len(places)] -> Right for every window that fits. But a slice never complains: where
#!   there are 8 rows and you ask for 21, it gives 8. The promised IndexError never comes.
#! mistake 3: self.table(ids) -> This looks up the characters' ids. Look up `places`.
#! mistake 3: self.table(places).detach() -> `detach` cuts the rows off from the table, so nothing that the model
#!   learns reaches it.
#! mistake 3: self.table(places)[None] -> One dimension too many, (1, sequence, width). Return (sequence, width).
#! mistake 3: self.table.weight -> That's the whole table, even if the window is shorter. Take the rows of `places`.
#! mistake 3: places -> Those are the numbers of the places. Look up the row of each, in the table.
#! mistake 3: position_table(places) -> That asks this notebook's table. The object has its own, `self.table`.
#! mistake 3: self.table(places).sum(dim=0) -> This adds up the rows, and then nobody can tell the places apart. Keep
#!   one row for each.
#! mistake 3: self.table(places).expand(len(ids), -1, -1) -> You don't need the batch here: the same rows serve every
#!   window. Return (sequence, width).
#! alternative: nn.Embedding(num_embeddings=input_sequence_length, embedding_dim=embedding_dim)
#! alternative 2: ids.size(1)
#! alternative 2: ids.shape[-1]
#! alternative 3: self.table.weight[places]
#! alternative 3: F.embedding(places, self.table.weight)
#! alternative 3: torch.index_select(self.table.weight, 0, places)
#! probe: PositionEmbedding(7, 3) -> the module for seven places
#! probe: same_weights(PositionEmbedding(ids.shape[1], 8))(ids) -> the output for a full window
#! probe: same_weights(PositionEmbedding(12, 5))(ids[:, :3].repeat(4, 1)) -> the output for four windows of three
#! probe: same_weights(PositionEmbedding(12, 5))(ids[:, :1]) -> the output for a window of one
#! probe: [same_weights(one)(ids[:, :4]) for one, other in [(PositionEmbedding(6, 4), PositionEmbedding(9, 2))]] -> the
#!   output of the first of two objects
#! probe: same_weights(PositionEmbedding(6, 4))(ids[:, :7]) -> a window of seven, given to a table with six rows,
#! equivalent: the gradient cut: places = torch.arange(ids.shape[1], device=ids.device) => places =
#!   torch.arange(ids.shape[1], device=ids.device).de... -> places are whole numbers, through which no gradient goes
#! equivalent: an argument less: torch.arange(ids.shape[1], device=ids.device) => torch.arange(ids.shape[1]) -> the same
#!   where there is no graphics card; the line is given

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
    "position table": (config.input_sequence_length, config.embedding_dim),  # blank [(config.input_sequence_length, config.embedding_dim)]: rows, and how wide
    "places": (config.input_sequence_length,),  # blank [(config.input_sequence_length,)]: what `torch.arange` gives for a full window
    "position vectors": (config.input_sequence_length, config.embedding_dim),  # blank [(config.input_sequence_length, config.embedding_dim)]: what forward returns
}
check("03.10")
#! hint: the batch is in the two shapes above, and in none of these three. Say each one aloud: "for each place of a
#!   window, ..."
#! mistake: (config.embedding_dim, config.input_sequence_length) -> First how many rows, then how wide: a table is read
#!   row by row.
#! mistake: (running.loader().vocab_size, config.embedding_dim) -> That's the table of characters. This one has a row
#!   for each place.
#! mistake 2: config.input_sequence_length -> The number is right, but a shape is a tuple even if it has only one number
#!   in it. Brackets, and a comma after the number, make it a tuple.
#! mistake 2: (config.batch_size, config.input_sequence_length) -> The places don't depend on the batch: 0, 1, 2, ...
#!   once, for all windows.
#! mistake 2: (config.input_sequence_length, 1) -> They lie in a row, in one dimension. Nothing has stood them upright.
#! mistake 3: (config.batch_size, config.input_sequence_length, config.embedding_dim) -> That's the shape of the token
#!   vectors. The same places serve every window, so the batch isn't in it.
#! mistake: (config.input_sequence_length,) -> That's one number for each place. Each has a whole row.
#! mistake: (small.input_sequence_length, small.embedding_dim) -> That's the table on this page. The map is of the real
#!   model: `config`.
#! mistake: (config.batch_size, config.input_sequence_length, config.embedding_dim) -> The table doesn't depend on the
#!   batch: a row for each place, once.
#! mistake 2: (config.input_sequence_length, config.embedding_dim) -> Those are their rows. The places themselves are
#!   one number each.
#! mistake 2: (config.embedding_dim,) -> That's how wide a row is. There are as many places as a window has.
#! mistake 3: (config.embedding_dim, config.input_sequence_length) -> That's the wrong way round: the places come first,
#!   then how wide their rows are.
#! mistake 3: (config.batch_size, config.embedding_dim) -> That's a row for each window. Each place has one.
#! mistake 3: (config.input_sequence_length,) -> That's one number for each place. Each became a row.
#! alternative: tuple(real_table.weight.shape)
#! alternative 2: tuple(torch.arange(config.input_sequence_length).shape)
#! alternative 3: (real_table.num_embeddings, real_table.embedding_dim)

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
#! redraw: hands, apart = new.whole(9, 20), new.whole(4, 30)

# %%
speeds = 10_000 ** -(torch.arange(hands) / hands)  # from 1 radian per place down to almost nothing: (hands,)
print(f"a full turn takes the fastest hand {2 * torch.pi / speeds[0]:.1f} places, the slowest {2 * torch.pi / speeds[-1]:,.0f}")

# %%
def tips(places: torch.Tensor) -> torch.Tensor:
    """Where the tips are at some places: (n,) -> (n, 2 * hands), all the sines first, then all the cosines."""
    turned = places[:, None] * speeds  # blank: how far each hand has turned at each place, (n, hands)
    return torch.cat((turned.sin(), turned.cos()), dim=1)  # blank: the row of each place


row_length = hands**0.5  # blank: how long is each of these rows? No need to compute one
by_distance = (apart * speeds).cos().mean()  # blank: the cosine of the rows of any two places at a distance of `apart`
draw.heat(
    cosines(tips(torch.arange(32))),
    title="Which places resemble each other, by the clocks?",
    alt="A 32 by 32 square of cosines, all of them positive. The diagonal is dark red with 1, and the colour fades on "
    "both sides of it, in stripes that run along the diagonal: 0.97 for neighbours, about 0.6 for places 20 apart.",
)
check("03.11")
#! challenge: 15 minutes
#! hint: every place meets every hand, so the places have to stand upright. For one hand, sine² + cosine² is 1. For two
#!   places, a hand adds sin a sin b + cos a cos b to the dot product, and that is cos(a - b)
#! mistake: places * speeds -> Here place 0 meets hand 0 and place 1 meets hand 1, if there happen to be as many places
#!   as hands. Every place should meet every hand: stand the places upright.
#! mistake: speeds[:, None] * places -> That's (hands, n). Each place should have a row: stand the places upright, and
#!   leave the speeds lying.
#! mistake: places[:, None] / speeds -> If you divide by the speed, a slow hand turns fast. Multiply.
#! mistake: places[:, None] + speeds -> At place 0 this isn't 0. A hand turns by its speed again with every place:
#!   multiply.
#! mistake 2: turned.sin() -> The sine alone says how high the tip is, but not on which side. Put the cosines after it.
#! mistake 2: torch.cat((turned.sin(), turned.cos())) -> This puts the cosines below the sines, so there are twice as
#!   many rows. They should be side by side: `dim=1`.
#! mistake 2: torch.cat((turned.cos(), turned.sin()), dim=1) -> That would do as well, but the docstring says the sines
#!   come first.
#! mistake 2: turned.sin() + turned.cos() -> Added up, the two numbers of a tip can't be told apart. Keep both, side by
#!   side.
#! mistake 2: torch.stack((turned.sin(), turned.cos()), dim=1) -> That's (n, 2, hands). A place has one row:
#!   `torch.cat`.
#! mistake 2: turned -> That's how far the hands have turned, and it grows with the place. Take the tips.
#! mistake 3: hands -> That's the squared length: each hand gives sine² + cosine² = 1. Take the root.
#! mistake 3: (2 * hands) ** 0.5 -> Each row has `2 * hands` numbers, but they aren't all 1. What do the sine and the
#!   cosine of one hand come to, squared and added?
#! mistake 3: 1 -> That's the length of one hand. A row has the tips of all of them.
#! mistake 4: (apart * speeds).cos().sum() -> That's the dot product. For the cosine, divide by both lengths.
#! mistake 4: (apart * speeds).sin().mean() -> The dot product leaves a cosine, not a sine: sin a sin b + cos a cos b is
#!   cos(a - b).
#! mistake 4: (apart * speeds.mean()).cos() -> That's one hand of average speed. Each hand has its own cosine; take
#!   their mean.
#! mistake 4: speeds.cos().mean() -> That's for neighbours, one place apart. Here they're `apart` places apart.
#! alternative: torch.outer(places, speeds)
#! alternative: torch.stack([place * speeds for place in places])
#! alternative 2: torch.hstack((torch.sin(turned), torch.cos(turned)))
#! alternative 2: torch.stack((turned.sin(), turned.cos()), dim=1).flatten(1)
#! alternative 3: tips(torch.tensor([5])).norm()
#! alternative 3: len(speeds) ** (1 / 2)
#! alternative 4: cosines(tips(torch.tensor([7, 7 + apart])))[0, 1]
#! alternative 4: torch.cos(speeds * apart).sum() / hands
#! alternative 4: F.cosine_similarity(tips(torch.tensor([0])), tips(torch.tensor([apart])))[0]
#! probe: tips(torch.tensor(new.wholes(4, 0, 300))) -> the rows of four places
#! probe: tips(torch.tensor([0])) -> the row of place 0

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
