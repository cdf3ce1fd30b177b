# %% [markdown]
# # 03 PositionEmbedding
#
# Give every place of a window a row of numbers of its own, so that the model can tell the first `e` from the last.
#
# 45 minutes in five sections. It needs chapter 02: the table, and picking rows from it.
#
# You own the tool already. New is what we ask it for, and why two shorter ways lead into the ditch.

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
# `running` keeps our example for us, with the same numbers in every chapter. This is what you left chapter 02
# with: `"Let's he"`, a row for each of its eight characters, and 8 numbers in a row.

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
bag = vectors.sum(dim=0)  # blank: the eight rows of "Let's he", added up
average = vectors.mean(dim=0)  # blank: and their mean
check("03.01")
#! hint: eight rows become one when you go *down* the columns, and down is `dim=0`
#! mistake: vectors.sum(dim=1) -> This adds the numbers inside each row, so that eight sums remain, one for each
#!   character. The rows are to be added to each other: `dim=0`.
#! mistake: vectors.cumsum(dim=0) -> That keeps every step of the adding, a row for each. The last one by itself is the
#!   sum.
#! mistake: vectors.sum(dim=0, keepdim=True) -> The right numbers, with a dimension too many: (1, 8). Eight rows become
#!   one row, and no table.
#! mistake: vectors.max(dim=0).values -> That is the largest number of each column. Add them.
#! mistake: vectors.sum(dim=0).sum() -> Added twice: down the columns, and then along the row that came out.
#! mistake: vectors.sum() -> Without a dimension everything is added, and one number is left. Say which way:
#!   `dim=0`, down the columns.
#! mistake: vectors[0] -> That is the first row, the "L". Add all eight.
#! mistake 2: vectors.mean(dim=1) -> This is the mean inside each row. The mean *of the rows* goes down the
#!   columns, `dim=0`.
#! mistake 2: vectors.median(dim=0).values -> The median is the number in the middle, when they are sorted. The mean is
#!   the sum, divided by how many there are.
#! mistake 2: bag / 8 -> Eight rows are on this page, and elsewhere another number. `len(vectors)` counts them, and so
#!   does `mean`.
#! mistake 2: bag.mean() -> That is the mean of the eight sums, one number. The mean of the rows is a row.
#! mistake 2: vectors.mean() -> Without a dimension there is one mean for all numbers. Give `dim=0`.
#! mistake 2: bag / vectors.shape[1] -> Divided by how wide a row is. A mean divides by how many rows there are;
#!   on this page both are 8, by coincidence.
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
places = torch.arange(len(vectors))  # blank: the places of our window, counted from 0
numbered = vectors + places[:, None]  # blank: each row with its place added to all of its numbers
check("03.02")
#! hint: `len(vectors)` is how many rows there are; to go with the rows, the places must stand upright, as a column:
#!   `places[:, None]` has shape (8, 1)
#! mistake: torch.arange(1, len(vectors) + 1) -> This counts from 1. The first place is place 0.
#! mistake: torch.arange(len(vectors) - 1) -> One place is missing. `arange` stops before the number that it is
#!   given, so it needs the full length.
#! mistake: torch.arange(8) -> Eight places are on this page, and elsewhere another number. `len(vectors)` counts them.
#! mistake: torch.arange(vectors.shape[1]) -> That counts the numbers in a row. The places are the rows: `shape[0]`,
#!   which is 8 as well, by coincidence.
#! mistake: torch.arange(vectors.numel()) -> That counts all numbers of the matrix. There is one place for each row.
#! mistake: torch.zeros(len(vectors)) -> Those are zeros, as many as there are places. `torch.arange` counts.
#! mistake: range(len(vectors)) -> A `range` of Python's cannot be added to a tensor. `torch.arange` counts in a tensor.
#! mistake: len(vectors) -> That is how many places there are. `torch.arange` lists them.
#! mistake 2: vectors + places -> No error, and still not it. A row of eight places lies down on each row of the
#!   matrix, so place 7 was added to *column* 7 of every character. Stand it upright with `places[:, None]`.
#! mistake 2: vectors + 1 -> This adds 1 everywhere. Place 0 adds 0, place 1 adds 1, and so on.
#! mistake 2: vectors + places[:, None] / len(vectors) -> Here the places are scaled down. That comes next; add them as
#!   they are.
#! mistake 2: vectors - places[:, None] -> This takes the place away. Add it.
#! mistake 2: vectors.add_(places[:, None]) -> The underscore changes `vectors` itself, and the cells below still need
#!   it. `+` makes a new tensor.
#! mistake 2: places[:, None] -> Those are the places alone. Add them to the rows.
#! mistake 2: vectors * places[:, None] -> This multiplies, so that place 0 wipes its character out. Add.
#! mistake 2: vectors + len(vectors) -> This adds 8 everywhere, at every place the same.
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
#! redraw: window, longer = new.whole(6, 12), new.whole(16, 40)

# %%
def scaled(length: int) -> torch.Tensor:
    """The places of a window, from 0 for the first to 1 for the last: (length,)."""
    return torch.arange(length) / (length - 1)  # blank: each place, divided so that the last one is 1


here = scaled(window)[3]
there = scaled(longer)[3]  # blank: what place 3 gets in the window of length `longer`
check("03.03")
#! hint: the last place of `length` places is `length - 1`, and it shall become 1
#! mistake: torch.arange(length) / length -> Here the last place falls short of 1: it is number `length - 1`, not
#!   number `length`.
#! mistake: torch.arange(1, length + 1) / length -> This counts from 1, so that the first place does not get 0.
#! mistake: torch.arange(length) / 7 -> That fits a window of 8 and no other: in a longer one the last place gets more
#!   than 1.
#! mistake: torch.arange(length) / (longer - 1) -> That fits the longer window only. The function is told its `length`.
#! mistake: torch.arange(length) // (length - 1) -> `//` rounds down, and all places but the last become 0. Divide with
#!   `/`.
#! mistake: torch.arange(length) / length - 1 -> Python divides before it subtracts. Put brackets around `length - 1`.
#! mistake: torch.arange(length - 1) / (length - 1) -> One place is missing: `arange` stops before the number that it is
#!   given.
#! mistake: torch.arange(length) -> Those are the places themselves, unscaled.
#! mistake 2: scaled(window)[3] -> That is the window of 8 once more. Ask for the longer one.
#! mistake 2: scaled(longer) -> Those are all places of the longer window. Pick place 3.
#! mistake 2: scaled(32)[3] -> 32 is the longer window on this page. Its length has a name: `longer`.
#! mistake 2: scaled(longer)[longer - 1] -> That is the last place, which gets 1 in every window. Place 3 is asked for.
#! mistake 2: scaled(longer - 1)[3] -> That is a window one shorter. The function takes care of the one by itself.
#! mistake 2: here * window / longer -> Nearly: the last place of `length` places is `length - 1`. Ask `scaled` once
#!   more.
#! mistake 2: scaled(longer)[-1] -> That is the last place, which gets 1 in every window. Place 3 is asked for.
#! mistake 2: scaled(longer)[4] -> Places count from 0, so this is the fifth.
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
position_table = nn.Embedding(small.input_sequence_length, small.embedding_dim)  # blank: a row for each place
all_places = torch.arange(small.input_sequence_length)  # blank: the places of a full window, from 0
positions = position_table(all_places).detach()  # blank [position_table(all_places)]: their rows
check("03.04")
#! hint: the settings are in `small`: how many places a window has, and how wide a row is; then pick rows as you did
#!   for characters, with places in place of ids
#! mistake: nn.Embedding(small.embedding_dim, small.input_sequence_length) -> Two settings of `small` are asked for:
#!   first how many rows, then how wide. On this page both are 8, and so nobody would notice until a setting changes.
#! mistake: nn.Embedding(running.loader().vocab_size, small.embedding_dim) -> That is a row for each character again.
#!   This table has a row for each place.
#! mistake: nn.Embedding(config.input_sequence_length, config.embedding_dim) -> Those are the sizes of the real model.
#!   The numbers on this page come from `small`.
#! mistake: torch.randn(small.input_sequence_length, small.embedding_dim) -> A plain tensor cannot be called, and no
#!   optimizer would find it. `nn.Embedding` holds a parameter.
#! mistake: nn.Embedding(8, 8) -> Right on this page, where both settings are 8. Take them from `small`.
#! mistake: nn.Embedding(small.input_sequence_length, small.input_sequence_length) -> Both are 8, by coincidence. A row
#!   is as wide as the vectors to which it will be added: `embedding_dim`.
#! mistake: nn.Embedding(small.input_sequence_length, config.embedding_dim) -> That is the width of the real model. The
#!   vectors on this page are as wide as `small` says.
#! mistake: nn.Embedding(small.input_sequence_length + 1, small.embedding_dim) -> One row too many: the places of a
#!   window go from 0 to `input_sequence_length - 1`.
#! mistake: nn.Embedding.from_pretrained(torch.randn(small.input_sequence_length, small.embedding_dim)) ->
#!   `from_pretrained` freezes the table: it would stay random. A plain `nn.Embedding` starts random and learns.
#! mistake 2: torch.arange(1, small.input_sequence_length + 1) -> This counts from 1, and the table has no row for the
#!   last of these. The first place is place 0.
#! mistake 2: torch.arange(config.input_sequence_length) -> Those are the places of the real model's window. This table
#!   has as many rows as `small` says.
#! mistake 2: torch.arange(small.input_sequence_length - 1) -> One place is missing at the end. `arange` stops before
#!   the number it is given.
#! mistake 2: ids[0] -> Those are ids, names of characters, and the table has no rows for them. Its rows are the places,
#!   counted from 0.
#! mistake 2: small.input_sequence_length -> That is how many there are. A table is asked with the places themselves, in
#!   a tensor.
#! mistake 3: position_table.weight[-1] -> That is the row of the last place alone.
#! mistake 3: position_table(all_places).sum(dim=0) -> This adds the rows up, and nobody could tell the places apart any
#!   more. Keep one row for each.
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
    unit = rows / rows.norm(dim=1, keepdim=True)  # blank: each row, divided by its own length
    return unit @ unit.T  # blank: the dot products of all rows with all rows


position_cosines = cosines(positions)
check("03.05")
#! hint: `rows.norm(dim=1)` is one length for each row, and `keepdim=True` leaves it standing upright, (n, 1); for the
#!   product, rows meet rows when the second factor is turned on its side
#! mistake: rows / rows.norm() -> Without a dimension that is the length of all rows taken together. Each row needs its
#!   own: `dim=1`.
#! mistake: rows / rows.norm(dim=0, keepdim=True) -> Those are the lengths of the columns. A row's length is taken along
#!   the row, `dim=1`.
#! mistake: rows / rows.norm(dim=1) -> The eight lengths lie down as a row here, so that column 0 is divided by the
#!   length of row 0. It raises no error where n and the width agree. `keepdim=True` keeps them upright.
#! mistake: rows / rows.sum(dim=1, keepdim=True) -> Divided by the sum of its numbers, a row adds up to 1. Its length is
#!   `norm`.
#! mistake: rows / rows.abs().sum(dim=1, keepdim=True) -> That is the way along the streets. A row's length, as the crow
#!   flies, is `norm`.
#! mistake: rows / (rows**2).sum(dim=1, keepdim=True) -> Divided by the *squared* length. The root is missing; `norm`
#!   takes it.
#! mistake: rows * rows.norm(dim=1, keepdim=True) -> This makes long rows longer. Divide.
#! mistake: (rows - rows.mean(dim=1, keepdim=True)) / rows.std(dim=1, keepdim=True) -> That gives each row mean 0 and
#!   variance 1. Only its length is to become 1.
#! mistake: positions / positions.norm(dim=1, keepdim=True) -> Whatever it is given, this takes `positions`. Inside the
#!   function the matrix is called `rows`.
#! mistake: rows.div_(rows.norm(dim=1, keepdim=True)) -> The underscore changes the rows themselves, and the cells below
#!   still need them. `/` makes a new tensor.
#! mistake: rows -> Without dividing, the products are not cosines: a row would have its squared length on the diagonal,
#!   and not 1.
#! mistake 2: unit * unit -> `*` multiplies a number with its own partner only, giving squares. The matrix product is
#!   `@`.
#! mistake 2: unit.T @ unit -> That compares columns with columns. For rows with rows the turned one stands on the
#!   right.
#! mistake 2: (unit * unit).sum(dim=1) -> That is each row with itself, which gives 1. All rows meet all rows.
#! mistake 2: unit @ rows.T -> Here the second factor has kept its lengths. Both are divided.
#! mistake 2: rows @ rows.T -> Those are the dot products of the rows as they were. Take the divided ones, `unit`.
#! mistake 2: (unit @ unit.T).abs() -> Without its sign a cosine cannot tell opposite rows from equal ones. Leave the
#!   minus.
#! mistake 2: unit @ unit -> Rows meet columns here. Turn the second factor on its side.
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
    length = ids.shape[1]  # blank: how many places has each window?
    return position_table(torch.arange(length))  # blank: the rows of the places 0 to length - 1


check("03.06")
#! hint: the second number of the shape (batch, sequence); then the two steps of 03.04, for `length` places
#! mistake: ids.shape[0] -> That is how many windows there are. The places come second in (batch, sequence).
#! mistake: len(ids) -> `len` of a tensor is its first size: how many windows there are. The places come second in
#!   (batch, sequence).
#! mistake: len(vectors) -> That is the length of our sentence, however long these windows are. Read it off `ids`.
#! mistake: ids.shape[1] - 1 -> One place too few: `torch.arange` stops before the number that it is given.
#! mistake: ids.numel() -> That counts the ids of all windows together, and the places start anew in each window.
#! mistake: small.input_sequence_length -> These are the rows of a full window, however short this one is. Read the
#!   length off `ids`, and take as many.
#! mistake 2: position_table(ids) -> Ids are names of characters, and this table has no rows for them. It is asked for
#!   places: `torch.arange(length)` lists them.
#! mistake 2: position_table(torch.tensor(length)) -> That is one number, one behind the last place.
#!   `torch.arange(length)` lists the places.
#! mistake 2: position_table(torch.arange(1, length + 1)) -> This counts from 1. The first place is place 0.
#! mistake 2: position_table(all_places) -> These are the rows of a full window, however short this one is.
#! mistake 2: position_table.weight[-length:] -> Those are the last rows of the table. A shorter window takes the first
#!   ones.
#! mistake 2: positions[:length] -> The right numbers, cut off from the table: `positions` was detached, and nothing
#!   would learn. Ask the table.
#! mistake 2: position_table(torch.arange(length)).sum(dim=0) -> This adds the places up. Keep one row for each.
#! mistake 2: position_table(torch.arange(length))[None] -> One dimension too many, (1, sequence, width). The batch is
#!   not needed here.
#! mistake 2: position_table(length) -> That is how many there are. A table is asked with the places themselves, in a
#!   tensor.
#! mistake 2: position_table.weight[length - 1] -> That is one row, of the last place. All places up to it are needed.
#! mistake 2: position_table(torch.arange(length)).expand(len(ids), -1, -1) -> This copies the same rows for every
#!   window. Once is enough, (sequence, width): adding will spread them over the batch by itself.
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
#! redraw: gradient = torch.zeros(small.input_sequence_length + 3, small.embedding_dim)
#! redraw: gradient[new.wholes(new.whole(2, 3), 0, 7), -1] = 1.0
#! redraw: gradient[new.pick(*gradient[:, -1].nonzero().flatten().tolist()), 1] = -1.0
#! redraw: gradient[new.pick(*(gradient[:, -1] == 0).nonzero().flatten().tolist()), 2] = -2.0

# %%
taught = (gradient != 0).any(dim=1)  # blank: for each row, True if any of its numbers has a gradient other than 0
untaught = int((~taught).sum())  # blank [(~taught).sum()]: how many rows have learned nothing?
check("03.07")
#! hint: compare with 0, then `.any(dim=1)` along each row; `~` turns True into False, and a sum counts what is True
#! mistake: (gradient != 0).any(dim=0) -> This goes down the columns, and finds each of them taught by somebody. Along
#!   each row is `dim=1`.
#! mistake: (gradient != 0).all(dim=1) -> `all` is True where *every* number of a row has a gradient. One is enough:
#!   `any`.
#! mistake: (gradient > 0).any(dim=1) -> A gradient may be negative, and that teaches as well. Compare with `!= 0`.
#! mistake: gradient.sum(dim=1) != 0 -> In a sum, plus and minus can cancel: a row with gradients 1 and -1 would count
#!   as untaught. Compare each number with 0 first.
#! mistake: (gradient != 0)[:, 0] -> That asks the first number of each row only. Here all of them agree; elsewhere
#!   another one may have been taught.
#! mistake: (gradient != 0).sum(dim=1) -> That counts, for each row, how many numbers have a gradient. True or False is
#!   asked for: is there any?
#! mistake: (gradient != 0).any() -> Without a dimension there is one answer for the whole table. Each row needs its
#!   own.
#! mistake: (gradient == 0).any(dim=1) -> This is True where something is zero, so for the rows that were left out.
#! mistake: gradient != 0 -> That is an answer for each number. One for each row is asked for; `.any(dim=1)` takes them
#!   together.
#! mistake 2: taught.sum() -> That counts those that have learned. Turn it round with `~`.
#! mistake 2: (~taught).float().mean() -> That is the share of them. How many are there?
#! mistake 2: (~taught).any() -> That says whether there is one. How many are there?
#! mistake 2: len(taught) - 5 -> Five is the length of `Let's`. Count what `taught` says.
#! mistake 2: len(taught) -> That counts all rows. How many of them are not taught?
#! mistake 2: ~taught -> That tells which ones. A sum counts them.
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
#! redraw: long_ids = torch.randint(running.loader().vocab_size, (new.whole(2, 4), small.input_sequence_length + new.whole(14, 19)))

# %% [markdown]
# There is no row 8, and no rule from which one could be computed: this is the price of learning the rows. Our model
# has 32 places, GPT-2 had 1,024, and each is blind beyond that.
#
# But a text that is being written grows and grows, and the model sees no more of it than the table has rows. Which of
# its characters should these be, to say what comes next: the first, or the last?

# %%
recent = long_ids[:, -small.input_sequence_length :]  # blank: of each window, the part that the model should see: as many places as `small` has
check("03.08")
#! hint: the next character depends most on what has been said last; a slice can count from the end
#! mistake: long_ids[:, : small.input_sequence_length] -> This keeps the beginning, "Let's he", for ever, and what was
#!   said last is never seen. The next character follows the end.
#! mistake: long_ids[-small.input_sequence_length :] -> Without the `:,` in front this slices the batch, and all 21
#!   characters are still there. The places are the second dimension.
#! mistake: long_ids[:, -config.input_sequence_length :] -> Those are as many as the real model sees, 32, and this text
#!   is shorter. The table here has as many rows as `small` says.
#! mistake: long_ids[:, -8:] -> The table has 8 rows on this page. The setting has a name:
#!   `small.input_sequence_length`.
#! mistake: long_ids[:, -small.input_sequence_length : -1] -> The very last character is left out, and it matters most.
#!   Without an end, a slice goes on to the last one.
#! mistake: long_ids[0, -small.input_sequence_length :] -> That is the first window, and the batch is gone from the
#!   shape. `:` takes all windows.
#! mistake: long_ids[:, -small.input_sequence_length + 1 :] -> One too few. The table has a row for one more.
#! mistake: long_ids[:, -small.input_sequence_length - 1 :] -> One too many: the table has no row for it.
#! mistake: long_ids[:, -small.input_sequence_length] -> Without the colon behind it that is a single character, the
#!   eighth from the end.
#! mistake: long_ids[:, small.input_sequence_length :] -> This drops the first eight, and 13 remain. It should keep as
#!   many as the table has rows.
#! alternative: long_ids[:, long_ids.shape[1] - small.input_sequence_length :]
#! alternative: long_ids[..., -position_table.num_embeddings :]
#! alternative: long_ids.flip(1)[:, : small.input_sequence_length].flip(1)

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
#| export
class PositionEmbedding(nn.Module):
    """A table with one learned row of `embedding_dim` numbers for each place of a window."""

    def __init__(self, input_sequence_length: int, embedding_dim: int) -> None:
        """The table starts with random numbers, normal with mean 0 and variance 1."""
        super().__init__()
        self.table = nn.Embedding(input_sequence_length, embedding_dim)  # blank: one row for each place

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """The rows of the places that `ids` has: (batch, sequence) -> (sequence, embedding_dim).

        IndexError if there are more places than rows.
        """
        places = torch.arange(ids.shape[1], device=ids.device)  # blank [ids.shape[1]]: how many places?
        return self.table(places)  # blank: the row of each place


check("03.09")
#! hint: 03.04 and 03.06 in one; what belongs to the object gets `self.`, and the sizes are the arguments of `__init__`
#! mistake: nn.Embedding(embedding_dim, input_sequence_length) -> The two numbers have changed places: first how many
#!   rows, then how wide.
#! mistake: nn.Embedding(8, 8) -> These sizes are right on this page and nowhere else. The class is told its sizes when
#!   an object is made.
#! mistake: torch.randn(input_sequence_length, embedding_dim) -> A plain tensor is no parameter: it would never learn,
#!   and it cannot be called.
#! mistake: nn.Embedding(input_sequence_length, embedding_dim, padding_idx=0) -> With `padding_idx=0` the row of place 0
#!   never learns. Every window has a place 0.
#! mistake: nn.Embedding(input_sequence_length + 1, embedding_dim) -> One row too many: the places go from 0 to
#!   `input_sequence_length - 1`.
#! mistake: nn.Embedding(small.input_sequence_length, small.embedding_dim) -> `small` is this notebook's. The class is
#!   told its sizes when an object is made.
#! mistake: nn.Embedding(input_sequence_length, input_sequence_length) -> A row is as wide as the vectors to which it
#!   will be added: `embedding_dim`.
#! mistake 2: len(ids) -> `len` of a tensor is its first size, the batch. In (batch, sequence) the places come second.
#! mistake 2: ids.shape[1] - 1 -> One place too few: `torch.arange` stops before the number that it is given.
#! mistake 2: ids.shape[0] -> That is the batch. In (batch, sequence) the places come second.
#! mistake 2: self.table.num_embeddings -> Always all rows, also for a shorter window. Read the length off `ids`.
#! mistake 3: self.table(ids) -> This asks for the characters' ids. This table is asked for places.
#! mistake 3: self.table(places).detach() -> `detach` cuts the rows off from the table: nothing would reach it when the
#!   model learns.
#! mistake 3: self.table(places)[None] -> One dimension too many, (1, sequence, width). Return (sequence, width).
#! mistake 3: self.table.weight -> That is the whole table, also for a shorter window. Take the rows of `places`.
#! mistake 3: places -> Those are the numbers of the places. Look up the row of each, in the table.
#! mistake 3: position_table(places) -> That asks the table of this notebook. The object has its own, `self.table`.
#! mistake 3: self.table(places).sum(dim=0) -> This adds the places up, and nobody could tell them apart any more. Keep
#!   one row for each.
#! mistake 3: self.table(places).expand(len(ids), -1, -1) -> The batch is not needed here: the same rows serve every
#!   window. Return (sequence, width).
#! alternative: nn.Embedding(num_embeddings=input_sequence_length, embedding_dim=embedding_dim)
#! alternative 2: ids.size(1)
#! alternative 2: ids.shape[-1]
#! alternative 3: self.table.weight[places]
#! alternative 3: self.table.weight[: ids.shape[1]]
#! alternative 3: F.embedding(places, self.table.weight)
#! probe: PositionEmbedding(7, 3) -> the module for seven places
#! probe: same_weights(PositionEmbedding(ids.shape[1], 8))(ids) -> the output for a full window
#! probe: same_weights(PositionEmbedding(12, 5))(ids[:, :3].repeat(4, 1)) -> the output for four windows of three
#! probe: same_weights(PositionEmbedding(12, 5))(ids[:, :1]) -> the output for a window of one
#! probe: [same_weights(one)(ids[:, :4]) for one, other in [(PositionEmbedding(6, 4), PositionEmbedding(9, 2))]] -> the
#!   output of the first of two objects
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
    "position table": (config.input_sequence_length, config.embedding_dim),  # blank [(config.input_sequence_length, config.embedding_dim)]: rows, and how wide
    "places": (config.input_sequence_length,),  # blank [(config.input_sequence_length,)]: what `torch.arange` gives for a full window
    "position vectors": (config.input_sequence_length, config.embedding_dim),  # blank [(config.input_sequence_length, config.embedding_dim)]: what forward returns
}
check("03.10")
#! hint: only one of the lines above has the batch in it that you need to look at, and it is none of the three; say each
#!   aloud: "for each place of a window ..."
#! mistake: (config.embedding_dim, config.input_sequence_length) -> First how many rows, then how wide: a table is read
#!   row by row.
#! mistake: (running.loader().vocab_size, config.embedding_dim) -> That is the table of characters. This one has a row
#!   for each place.
#! mistake 2: config.input_sequence_length -> The number is right, but a shape is a tuple, also when it has one number:
#!   a comma behind it makes it one.
#! mistake 2: (config.batch_size, config.input_sequence_length) -> The places do not depend on the batch: 0, 1, 2, ...
#!   once, for all windows.
#! mistake 2: (config.input_sequence_length, 1) -> They lie in a row, in one dimension. Nothing has stood them upright.
#! mistake 3: (config.batch_size, config.input_sequence_length, config.embedding_dim) -> That is the shape of the token
#!   vectors. The same places serve every window, and so the batch is not in it.
#! mistake: (config.input_sequence_length,) -> That is one number for each place. Each has a whole row.
#! mistake: (small.input_sequence_length, small.embedding_dim) -> That is the table on this page. The map is of the real
#!   model: `config`.
#! mistake: (config.batch_size, config.input_sequence_length, config.embedding_dim) -> The table does not depend on the
#!   batch: a row for each place, once.
#! mistake 2: (config.input_sequence_length, config.embedding_dim) -> Those are their rows. The places themselves are
#!   one number each.
#! mistake 2: (config.embedding_dim,) -> That is how wide a row is. There are as many places as a window has.
#! mistake 3: (config.embedding_dim, config.input_sequence_length) -> The other way round: the places come first, then
#!   how wide their rows are.
#! mistake 3: (config.batch_size, config.embedding_dim) -> That is a row for each window. Each place has one.
#! mistake 3: (config.input_sequence_length,) -> That is one number for each place. Each became a row.
#! alternative: tuple(real_table.weight.shape)
#! alternative 2: tuple(torch.arange(config.input_sequence_length).shape)
#! alternative 3: (real_table.num_embeddings, real_table.embedding_dim)

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
