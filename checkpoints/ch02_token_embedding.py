# %% [markdown]
# # 02 TokenEmbedding
#
# Give every character a row of numbers of its own, and let the numbers learn.
#
# 45 minutes, six sections. You'll need chapter 01 and matrix products. If word2vec still rings a bell, good.
#
# The class at the end has three lines, and you could type them now. The 45 minutes are for seeing why nothing else will
# do.

# %%
#| export
import torch
from torch import nn

# %%
import math
import timeit

import torch.nn.functional as F

from nanogpt import Config, DataLoader
from workshop import ____, check, corpus, draw, hint, solution

# %%
config = Config()
loader = DataLoader(corpus.shakespeare(), config)
print(loader.vocab_size, loader.encode("Let's he"))
#! redraw: config = Config(**new.until(lambda: new.sizes(input_sequence_length=new.pick(5, 6, 7, 9)), lambda drawn:
#!   drawn["batch_size"] % 2))
#! redraw: loader = DataLoader("ABCDEFGHIJKLMNOPQRSTUVWXYZ abcdefghijklmnopqrstuvwxyz'!?,.;:" + "".join(
#!   new.random.sample("#%()*+/0123456789<=>[]", new.whole(6, 20))) + corpus.shakespeare()[new.whole(0, 900_000)
#!   :][:20_000], config)

# %% [markdown]
# ## An id is a name · 6 min
#
# `b` is 39 and `e` is 42. Is `e` larger than `b`? We handed out the numbers ourselves, in alphabetical order, so we
# know the question is silly. A network doesn't. All it can do with a number is multiply it and add to it, and when you
# multiply, 42 *is* larger than 39.
#
# Let's catch it in the act. Here's the smallest network there is: one weight, one bias. Its job is to score characters:
# 1 for the vowels `a` and `e`, 0 for the `c` between them.
#
# Guess first: can it be done? The weight and the bias may be any two numbers you like.

# %%
letter_ids = torch.tensor(loader.encode("ace"))
weight, bias = torch.tensor(0.5), torch.tensor(-18.0)
print(letter_ids)

# %%
scores = weight * letter_ids + bias  # blank: the three scores: each id times the weight, plus the bias
halfway = (scores[0] + scores[2]) / 2  # blank: the number halfway between the scores of "a" and "e"
check("02.01")
#! hint: one formula serves all three ids at once, because a number times a tensor multiplies every element;
#!   halfway between two numbers is half their sum
#! mistake: weight * (letter_ids + bias) -> Here the bias gets multiplied too. Take the product first, then add the
#!   bias.
#! mistake: weight @ letter_ids + bias -> `@` multiplies vectors and matrices. For a single number, use `*`.
#! mistake: weight * letter_ids -> That leaves the bias out. Add it to each product.
#! mistake: weight + letter_ids * bias -> Weight and bias have changed places: the weight multiplies, the bias is
#!   added.
#! mistake 2: scores[0] + scores[2] / 2 -> Python divides before it adds, so only the score of "e" is halved. Put
#!   brackets around the sum.
#! mistake: weight * letter_ids - bias -> The bias is added. Here it's a negative number, and your minus makes it
#!   positive.
#! mistake: (weight * letter_ids + bias).sum() -> That adds up the three scores. Each character keeps its own.
#! mistake: [weight * number + bias for number in letter_ids] -> Three scores in a list. You don't need a loop: `*` and
#!   `+` work on the whole tensor.
#! mistake 2: (scores[0] + scores[2]) // 2 -> `//` rounds down to a whole number. Divide with `/`.
#! mistake 2: (scores[0] + scores[1]) / 2 -> That's halfway between "a" and "c". The score of "e" is at place 2.
#! mistake 2: (letter_ids[0] + letter_ids[2]) / 2 -> That's halfway between their *ids*. Take their scores.
#! mistake 2: scores[0] + scores[2] -> That's the sum. Halfway is half of it.
#! mistake 2: (scores[2] - scores[0]) / 2 -> That's half the distance between the two scores. The number halfway is half
#!   their sum.
#! alternative: letter_ids * weight + bias
#! alternative: torch.stack([weight * number + bias for number in letter_ids])
#! alternative 2: scores[[0, 2]].mean()
#! alternative 2: scores[0] + (scores[2] - scores[0]) / 2

# %%
print("scores of a, c, e:", scores.tolist(), " halfway between a and e:", float(halfway))

# %% [markdown]
# `c` landed exactly halfway. Change the weight and the bias and run the three cells again: it always does. 40 is
# halfway between 38 and 42, and after multiplying and adding, the middle is still the middle. If `a` and `e` both score
# 1, so does `c`.
#
# More layers could bend this straight line until it fits. They'd spend their effort undoing the alphabet, whose order
# says nothing about the language. Better not to feed it in.
#
# - [ ] 02.01 Show that an id, used as a quantity, puts c between a and e

# %% [markdown]
# ## One place per character · 8 min
#
# No character larger than another, none in the middle: one number can't do that for 64 characters. So give each a
# place of its own, the way each digit had its own output in your classifier: a vector of 64 numbers, all of them 0
# except for a single 1, at the place that the id names. That's a **one-hot** vector.
#
# Make one by hand.

# %%
letter = "e"
#! redraw: letter = new.pick(*"abcdfghijklmnopqrstuvwxy")

# %%
letter_id = loader.encode(letter)[0]
one_hot = torch.zeros(loader.vocab_size)  # blank [loader.vocab_size]: how long? One place for each character there is
one_hot[letter_id] = 1.0  # blank [letter_id]: which place is hot?
check("02.02")
#! hint: the loader knows how many different characters there are; and ids start at 0, as places do
#! mistake: letter_id -> That makes just enough places for the characters before this one. Every character needs a
#!   place.
#! mistake: config.embedding_dim -> That's 64 too, by coincidence, and means something else: how many numbers our model
#!   will keep for each character. Here you need one place per character.
#! mistake: loader.vocab_size - 1 -> One place too few: ids start at 0, and the last one is `vocab_size - 1`.
#! mistake: len(loader.text) -> That's the length of all nine plays. There are far fewer different characters.
#! mistake: len(letter) -> That's a vector with one place. It needs one for each character of the vocabulary.
#! mistake: loader.vocab_size + 1 -> One place too many: ids go from 0 to `vocab_size - 1`.
#! mistake 2: letter_id + 1 -> Ids and places both start at 0, so there's nothing to add.
#! mistake 2: -1 -> That's the last place, whichever letter it is.
#! mistake 2: 0 -> That's the first place, whichever letter it is.
#! mistake 2: letter_id - 1 -> Ids and places both start at 0, so there's nothing to subtract.
#! mistake 2: letter -> A place is a number, and this is a string. Its id is two lines up.
#! alternative: len(loader.characters)
#! alternative 2: loader.id_of[letter]

# %%
print(one_hot.int().tolist())
b, e, z = (F.one_hot(torch.tensor(number), loader.vocab_size).float() for number in loader.encode("bez"))
print("dot products: ", f"{e @ e:.3f} {e @ b:.3f} {e @ z:.3f}")
print("distances:    ", f"{(e - e).norm():.3f} {(e - b).norm():.3f} {(e - z).norm():.3f}")

# %% [markdown]
# Any two different characters have dot product 0 and distance √2. To these vectors, `e` is as far from `b` as it is
# from `z`. Nobody is larger and nobody is in between: an honest start.
#
# For several characters at once, PyTorch has `F.one_hot(ids, num_classes)`. It takes whole numbers and gives whole
# numbers, and PyTorch won't multiply those by a matrix of floats; hence the `.float()`.

# %%
sentence = "Let's he"
#! redraw: sentence = new.until(lambda: new.any_sentence(2)[:8], lambda drawn: len(drawn) == 8 and drawn[1] == "e"
#!   and drawn[7] not in drawn[:7] and len(set(drawn)) < 8)

# %%
ids = torch.tensor(loader.encode(sentence))  # blank: the ids of `sentence`, as a tensor (8,)
one_hots = F.one_hot(ids, loader.vocab_size).float()  # blank [F.one_hot(ids, loader.vocab_size)]: eight one-hot vectors, (8, 64)
check("02.03")
#! hint: encode, then `torch.tensor` with a small t; and tell `F.one_hot` how many characters there are in all
#! mistake: torch.Tensor(loader.encode(sentence)) -> With a capital T the ids become floats, and there's no place 42.0.
#!   `torch.tensor` keeps them whole.
#! mistake: torch.tensor(sentence) -> A tensor holds numbers. Let the loader encode the sentence first.
#! mistake: loader.encode(sentence) -> The right numbers, in a list. `F.one_hot` wants them in a tensor.
#! mistake: torch.tensor([loader.encode(sentence)]) -> One pair of square brackets too many: that's a batch of one
#!   sentence, (1, 8). `encode` already gives a list.
#! mistake: torch.tensor([ord(character) for character in sentence]) -> Those are Python's own numbers. The loader has
#!   others: `encode`.
#! mistake: torch.tensor(sorted(loader.encode(sentence))) -> Once they're sorted, the order of the sentence is lost.
#! mistake: torch.tensor(loader.encode(letter)) -> That's one letter's id. The sentence has eight characters.
#! mistake 2: F.one_hot(ids) -> If you don't tell it, `one_hot` makes the vectors just long enough for the largest id it
#!   sees, so another sentence could get vectors of a different length. Say how many characters there are.
#! mistake 2: F.one_hot(ids, len(ids)) -> The second argument is the length of each vector. A vector with eight places
#!   has no place 57. It needs one for every character of the vocabulary.
#! mistake 2: F.one_hot(ids, config.embedding_dim) -> That's 64 too, by coincidence. A one-hot vector has a place for
#!   each character of the vocabulary.
#! mistake 2: F.one_hot(ids, loader.vocab_size + 1) -> One place too many: ids go from 0 to `vocab_size - 1`.
#! mistake 2: F.one_hot(ids, loader.vocab_size).T -> `T` turns the table on its side: (64, 8). Each character of the
#!   sentence should have a row.
#! mistake 2: F.one_hot(torch.tensor(letter_id), loader.vocab_size) -> That's one vector, for one letter. Give it all
#!   the ids.
#! alternative: torch.tensor([loader.encode(character)[0] for character in sentence])
#! alternative 2: torch.eye(loader.vocab_size)[ids]
#! alternative 2: F.one_hot(ids, num_classes=loader.vocab_size)
#! alternative 2: (ids[:, None] == torch.arange(loader.vocab_size))

# %%
print(one_hots.shape, "holds", int(one_hots.sum()), "ones")

# %% [markdown]
# 512 numbers for eight characters, and 504 of them are 0. What would a whole batch cost? Guess the share of zeros
# first. Write your answers with names instead of figures, because the check will also try another batch size.

# %%
batch_characters = config.batch_size * config.input_sequence_length
numbers = batch_characters * loader.vocab_size  # blank: numbers in the batch, if each character is a one-hot vector
zeros = numbers - batch_characters  # blank: how many of these are 0?
check("02.04")
#! hint: every character brings a vector as long as the vocabulary, and every vector has a single 1
#! mistake: batch_characters + loader.vocab_size -> That adds one vector's length, once. Each character brings a vector
#!   of its own.
#! mistake: batch_characters * config.input_sequence_length -> `batch_characters` already has the sequence length in it.
#!   A one-hot vector is as long as the vocabulary.
#! mistake: batch_characters * config.embedding_dim -> That's 64 too, by coincidence: how many numbers the model keeps
#!   for a character. A one-hot vector is as long as the vocabulary.
#! mistake: config.batch_size * loader.vocab_size -> That counts one character per window. A window has many:
#!   `batch_characters` counts them all.
#! mistake: config.input_sequence_length * loader.vocab_size -> That's one window. A batch has several.
#! mistake 2: numbers - loader.vocab_size -> That takes away one for each character of the vocabulary. There's a 1 for
#!   each character of the batch.
#! mistake 2: numbers - config.batch_size -> That takes away a single 1 per window. Each of its characters has one.
#! mistake 2: numbers - 1 -> Every vector has a 1, so there's one for each character of the batch.
#! mistake 2: batch_characters -> That's how many are 1. The zeros are all the others.
#! alternative: config.batch_size * config.input_sequence_length * loader.vocab_size
#! alternative 2: batch_characters * (loader.vocab_size - 1)

# %%
print(f"{numbers:,} numbers for {batch_characters} characters, {zeros / numbers:.1%} of them zeros")

# %% [markdown]
# That's with 64 characters. GPT-2's vocabulary has 50,257 pieces of text, so each piece would arrive as one 1 and
# 50,256 zeros. And after all that expense the vectors know nothing: `e` is no nearer to `a` than to `!`, now and for
# ever. One idea will cure both.
#
# - [ ] 02.02 Make a one-hot vector by hand
# - [ ] 02.03 Turn the sentence into one-hot vectors
# - [ ] 02.04 Count what a batch of them costs

# %% [markdown]
# ## A product that picks a row · 6 min
#
# The first thing a network does with its input is multiply it by a matrix of weights. Do it once by hand. Say the
# vocabulary has four characters, and each of them has three numbers:

# %%
table = torch.tensor([[0.2, -1.0, 0.5],
                      [1.5, 0.3, -0.7],
                      [-0.4, 0.8, 1.1],
                      [0.9, -0.6, 0.1]])
hot = F.one_hot(torch.tensor(2), 4).float()
print(hot)
#! redraw: table = torch.randn(4, 3)

# %% [markdown]
# The first number of `hot @ table` is 0 x 0.2 + 0 x 1.5 + 1 x (-0.4) + 0 x 0.9. Work out the other two before you fill
# in the blanks. Can you see a shorter way?

# %%
by_product = hot @ table  # blank: the vector times the matrix: (4,) and (4, 3) give (3,)
by_row = table[2]  # blank: the same three numbers, without any product
check("02.05")
#! hint: `@` multiplies a matrix by a vector on its left; for the second blank, see which row of the table survived the
#!   zeros
#! mistake: table @ hot -> The shapes (4, 3) and (4,) don't fit: 3 isn't 4. Put the vector on the left, and its four
#!   places meet the four rows.
#! mistake: hot * table -> `*` multiplies element by element, and here four places face three columns. The matrix
#!   product is `@`.
#! mistake: hot[:, None] * table -> This multiplies each row by its 0 or 1 and stops there. A product with `@` also adds
#!   up the four rows.
#! mistake 2: table[:, 2] -> That's a column, the third number of all four characters. A character's numbers are in a
#!   row.
#! mistake 2: table[1] -> Rows are counted from 0, so this is the second one. The 1 is at place 2.
#! mistake: hot @ table.T -> `T` turns the table on its side, and then four places face three rows. Leave it as it is:
#!   its four rows fit the four places.
#! mistake: (hot @ table).sum() -> That adds up the three numbers. Keep all three.
#! mistake 2: table[2:] -> The colon makes it a slice: that row and the ones after it.
#! mistake 2: table[hot.long()] -> The zeros and ones are read as row numbers, so you get four rows: row 0 three times,
#!   and row 1 once. The number of the row you want is the *place* of the 1.
#! mistake 2: table[3] -> Rows are counted from 0, so this is the fourth one. The 1 is at place 2.
#! mistake 2: table[2].sum() -> That adds up the row. Keep its three numbers.
#! alternative: torch.matmul(hot, table)
#! alternative: table.T @ hot
#! alternative: (hot[:, None] * table).sum(dim=0)
#! alternative 2: table[2, :]
#! alternative 2: table[hot.argmax()]

# %%
print(by_product, by_row)

# %% [markdown]
# Twelve multiplications, nine of them by 0 and three by 1, to copy three numbers that were there all along. The product
# walked past every shelf in the library to fetch book number 2; `table[2]` goes and gets it.
#
# The two give the same result, and only one of them needs one-hot vectors. Let's time them, for a batch of 768
# characters or words, rows of 64 numbers, and bigger and bigger vocabularies:

# %%
def measure(vocabulary):
    """Milliseconds for the product and for picking, the best of three runs each."""
    big_table = torch.randn(vocabulary, 64)
    some_ids = torch.randint(vocabulary, (768,))
    product = timeit.repeat(lambda: F.one_hot(some_ids, vocabulary).float() @ big_table, number=1, repeat=3)
    picking = timeit.repeat(lambda: big_table[some_ids], number=1, repeat=3)
    return 1000 * min(product), 1000 * min(picking)


torch.manual_seed(1337)
torch.set_num_threads(1)  # for tensors this small a second core only gets in the way
print("vocabulary   one-hot @ table   table[ids]")
for vocabulary in (64, 1_000, 5_000):
    product, picking = measure(vocabulary)
    print(f"{vocabulary:>10,}   {product:12.2f} ms   {picking:7.2f} ms")

# %% [markdown]
# The time for the product grows with the vocabulary. The time for picking hardly moves: it copies 768 rows, however
# many there are to choose from. (Your milliseconds will differ from everybody else's. The pattern won't.)
#
# So here's the plan: **a table with one row for each character, and the id picks the row.** No zeros are stored,
# nothing is multiplied, and an id is back to doing what it's good at: being a name on a drawer.
#
# - [ ] 02.05 Multiply a one-hot vector by a table, then pick the row instead
# - [ ] 02.r1 I can say why picking a row and multiplying by a one-hot vector give the same result

# %% [markdown]
# ## The table: nn.Embedding · 9 min
#
# PyTorch has this table ready-made: `nn.Embedding(num_embeddings, embedding_dim)`, how many rows and how wide. The
# number of rows isn't up to us: one for each character. The width is. Our model will take 64 numbers for each
# character; the smallest GPT-2 takes 768.
#
# Beware of two coincidences. Our 64 characters and our 64 numbers for each have nothing to do with each other. So in
# this chapter the table is 8 wide, from `Config.small()`, and its numbers fit on the page. But then our sentence has 8
# characters too. In its matrix, rows are places in the sentence, and columns are the 8 numbers of each.

# %%
small = Config.small()
print(small)
#! redraw: small = Config(**new.until(lambda: new.sizes(batch_size=1, input_sequence_length=8), lambda drawn:
#!   drawn["embedding_dim"] not in (config.batch_size, config.input_sequence_length, config.embedding_dim, 8)))

# %%
torch.manual_seed(1337)
embedding = nn.Embedding(loader.vocab_size, small.embedding_dim)  # blank: a row for each character, as wide as `small` says
rows, width = embedding.weight.shape  # blank: the shape of its table, which is called `weight`
check("02.06")
#! hint: how many rows comes first, then how wide; the table is an attribute of the module, and its shape is an
#!   attribute of the table
#! mistake: nn.Embedding(small.embedding_dim, loader.vocab_size) -> The two numbers have changed places, and a table of
#!   8 rows has no row 42. First how many rows, then how wide.
#! mistake: nn.Linear(loader.vocab_size, small.embedding_dim) -> A Linear multiplies, so it would want the one-hot
#!   vectors back, and it keeps its weight the other way round. The layer that picks rows is `nn.Embedding`.
#! mistake: nn.Embedding(loader.vocab_size, config.embedding_dim) -> That's the width of the real model. This chapter's
#!   table is as wide as `small` says.
#! mistake: nn.Embedding(len(ids), small.embedding_dim) -> That's one row for each place of the sentence. You need one
#!   for each character of the vocabulary, whether the sentence has it or not.
#! mistake: nn.Embedding(loader.vocab_size, small.input_sequence_length) -> That's 8 too, by coincidence: the places of
#!   a window. It's `embedding_dim` that says how wide a row is.
#! mistake: nn.Embedding(loader.vocab_size - 1, small.embedding_dim) -> One row too few: ids go from 0 to
#!   `vocab_size - 1`, and each of them needs one.
#! mistake: nn.Embedding.from_pretrained(torch.randn(loader.vocab_size, small.embedding_dim)) -> `from_pretrained`
#!   freezes the table, so it would stay random. A plain `nn.Embedding` starts random and learns.
#! mistake: nn.Embedding(loader.vocab_size, small.hidden_dim) -> That's the width of another layer, in chapter 08. The
#!   width of a row of this table is `embedding_dim`.
#! mistake: nn.Embedding(loader.vocab_size, small.embedding_dim, padding_idx=0) -> With `padding_idx=0` the row of id 0
#!   never learns. Every id is a character here, and so is 0.
#! mistake 2: reversed(embedding.weight.shape) -> That's the wrong way round: a shape names the rows first, then how
#!   wide they are.
#! mistake 2: embedding.weight.T.shape -> `T` turns the table on its side, so the columns come first. Ask the table as
#!   it is.
#! mistake 2: embedding.weight[0] -> Those are the numbers of the first row. Ask the whole table for its shape.
#! mistake 2: embedding.shape -> The embedding is a module and has no shape. Its table has one: `embedding.weight`.
#! mistake 2: embedding.weight -> That's the table, with all its rows. You need two numbers, its shape.
#! alternative: nn.Embedding(num_embeddings=loader.vocab_size, embedding_dim=small.embedding_dim)
#! alternative 2: embedding.weight.size()
#! alternative 2: (embedding.num_embeddings, embedding.embedding_dim)
#! probe: same_weights(embedding)(ids) -> the table's rows for the sentence
#! probe: same_weights(embedding)(torch.arange(embedding.num_embeddings)) -> all rows of the table

# %%
print(f"{rows} rows of {width} numbers")
print(f"mean {embedding.weight.mean().item():.3f}, standard deviation {embedding.weight.std().item():.3f}")
print("a parameter, so an optimizer may change it:", embedding.weight.requires_grad)

# %% [markdown]
# Nobody has told this table anything, so it starts with random numbers, each drawn from the normal distribution with
# mean 0 and variance 1. (The 512 numbers here come as close to that as you can expect of 512 draws.)
#
# Now ask it for our eight characters. Keep an eye on the two that are the same.

# %%
vectors = embedding(ids)  # blank: the row of each id of the sentence, in order
first_e = vectors[1]  # blank: the row for place 1 of the sentence, the first "e"
last_e = vectors[7]  # blank: the row for its last place, the other "e"
check("02.07")
#! hint: call the module with the ids as if it were a function; then square brackets pick a row from what it gave you
#! mistake: embedding(ids.float()) -> There is a row 42, but no row 42.0. Pass the ids as they are: whole numbers.
#! mistake: embedding(one_hots.long()) -> The zeros and ones were read as the ids 0 and 1, so each character got 64
#!   rows. An embedding takes the ids themselves.
#! mistake: embedding.weight -> That's the whole table, 64 rows in the order of the ids. You want eight of them, in the
#!   order of the sentence.
#! mistake: embedding.weight[ids].mean(dim=0) -> This averages the eight rows into one, and then nobody can tell which
#!   characters they were. Keep one row for each.
#! mistake: embedding(ids.sort().values) -> Sorting the ids loses the order of the sentence, and the rows come out in
#!   the wrong order too.
#! mistake: embedding(ids)[0] -> That's the row of the first character alone. Keep all of them.
#! mistake: embedding(ids).detach() -> `detach` cuts the rows off from the table: no gradient would ever reach it, so it
#!   would never learn.
#! mistake: embedding(torch.arange(len(ids))) -> Those are the first rows of the table, whatever the sentence is. Pass
#!   the ids themselves.
#! mistake 2: vectors[0] -> That's the row of the first character, "L". The "e" is at place 1.
#! mistake 2: vectors[2] -> Places are numbered from 0, so this is the "t".
#! mistake 2: vectors[:, 1] -> That's a column: number 1 of each of the eight characters. A character's numbers are in a
#!   row.
#! mistake 3: vectors[8] -> Eight places, counted from 0, end at 7.
#! mistake 3: vectors[1] -> Same character, same row: the numbers are right for this sentence. In another one the last
#!   place may hold a different character, so take the row of the last place.
#! mistake 3: first_e -> Same character, same row: the numbers are right for this sentence. In another one the last
#!   place may hold a different character, so take the row of the last place.
#! mistake 3: vectors[sentence.rindex("e")] -> That finds the last "e", wherever it is. In this sentence that happens to
#!   be the last place; take the row of that place.
#! mistake 3: vectors[:, 7] -> That's a column: number 7 of each of the eight characters. A character's numbers are in a
#!   row.
#! mistake 3: vectors[-2] -> That's the last but one. From the end Python counts -1, -2, -3.
#! mistake 3: vectors[6] -> That's the "h". The last of eight places is 7.
#! alternative: embedding.weight[ids]
#! alternative: F.embedding(ids, embedding.weight)
#! alternative: torch.index_select(embedding.weight, 0, ids)
#! alternative: one_hots @ embedding.weight
#! alternative: torch.stack([embedding.weight[number] for number in ids])
#! alternative 2: embedding(ids[1])
#! alternative 3: vectors[-1]

# %%
draw.heat(
    vectors,
    rows=sentence,
    title='"Let\'s he" as a matrix: a row for each character, 8 numbers in each',
    alt="Eight rows, labelled L, e, t, apostrophe, s, space, h, e, and eight columns of numbers between -2.16 and 2.14, "
    "red above zero and blue below. They look random, except that the second row and the last agree in every square.",
)
print("ids:", ids.tolist())
print("the two e's have the same row:", torch.equal(first_e, last_e))

# %% [markdown]
# Find the two `e`s: rows 1 and 7 are the same, number for number. Of course they are: same character, same row of the
# table.
#
# It's also a problem. The first `e` belongs to `Let's`; the last one is starting to spell `hence`. You can't tell which
# is which from their rows. Shuffle the sentence, and you get the same eight rows, shuffled. The matrix says *what* each
# character is. It doesn't say *where*. That's chapter 03.
#
# Now a batch. The ids come as (batch, sequence). What shape comes out? Fill in the three blanks **before** you look at
# the cell below them, again with names.

# %%
torch.manual_seed(1337)
inputs, targets = loader.get_batch("train")
print(inputs.shape)

# %%
windows = config.batch_size  # blank: the first number of the shape that comes out
places = config.input_sequence_length  # blank: the second
numbers_each = small.embedding_dim  # blank: the third: numbers for each place
check("02.08")
#! hint: each id is replaced by a whole row, so batch and sequence stay in front, and the width of this table comes last
#! mistake: config.input_sequence_length -> That's how many characters a window has. The batch comes first: how many
#!   windows there are.
#! mistake: small.batch_size -> That would be a single window. This batch came from `loader`, which was made with
#!   `config`.
#! mistake 2: config.batch_size -> That's how many windows there are. Their length comes second.
#! mistake 2: loader.vocab_size -> That's how many rows there are to choose from. It's in the shape of the table, but
#!   not in the shape of what comes out.
#! mistake: config.batch_size * config.input_sequence_length -> That counts the characters of all windows. In the shape,
#!   windows and places are listed separately.
#! mistake 2: small.input_sequence_length -> That's how long our sentence is. This batch came from `loader`, which was
#!   made with `config`.
#! mistake 2: len(sentence) -> That's how long our sentence is. The windows of this batch were cut by `loader`, made
#!   with `config`.
#! mistake 3: loader.vocab_size -> That's how many rows there are to choose from. Each place gets one row: how many
#!   numbers does it have?
#! mistake 3: small.input_sequence_length -> That's 8 too, by coincidence: the places of a window. It's `embedding_dim`
#!   that says how wide a row is.
#! mistake 3: config.embedding_dim -> That will be the width in the end. This table is 8 wide, from `small`.
#! mistake 3: config.input_sequence_length -> That's how long a window is. Each of its places gets a whole row; how many
#!   numbers does a row of this table have?
#! alternative: inputs.shape[0]
#! alternative 2: inputs.shape[1]
#! alternative 2: inputs.size(1)
#! alternative 3: width
#! alternative 3: embedding.embedding_dim

# %%
print(tuple(inputs.shape), "->", tuple(embedding(inputs).shape), "and you said", (windows, places, numbers_each))

# %% [markdown]
# Each id became a row, and whatever shape the ids had is still there in front of it:
#
# | ids | come out as |
# | --- | --- |
# | () one id | (8,) |
# | (8,) a sentence | (8, 8) |
# | (24, 32) a batch | (24, 32, 8) |
#
# Say it aloud once: **(batch, sequence) goes in, (batch, sequence, width) comes out.** From here to chapter 09 nearly
# everything has this shape.
#
# - [ ] 02.06 Make the table
# - [ ] 02.07 Pick the rows of the sentence
# - [ ] 02.08 Say the shape of a batch before you see it
# - [ ] 02.r2 I can say why the two e's have the same row, and what's missing

# %% [markdown]
# ## Only the rows that were used · 10 min
#
# In word2vec, if you remember, each word has a row in a table too. The rows start out random, and they get better
# because a small task, guessing the neighbours, keeps pushing them around. Afterwards the task is thrown away and the
# table is kept.
#
# We do the same and throw nothing away. The table is a parameter of the model like any other, and the task is the one
# we want solved anyway: say the next character. There's one difference. A word has a meaning of its own; a character
# hardly does. Its row can come to say *vowel*, *capital*, *ends a line*. What it means inside a word is for the layers
# above to work out.
#
# How does a loss reach a row? Take a toy loss: add up all the numbers that were picked, but count those at the last
# place three times, so that the places aren't all alike. Nudge a number at place 0 a little, and the loss grows by just
# as much: place 0 sends back a slope of 1. So do the others, except place 7, which sends back 3.

# %%
slopes = torch.tensor([1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 3.0])  # what each place of the sentence sends back

# %% [markdown]
# The table has 64 rows. What gradient does each of them get? (Every number in a row gets the same one, so one number
# per row will do.) Think it through before PyTorch tells you. What about a character that isn't in the sentence? What
# about `e`?
#
# Then put it into one line: from eight slopes to 64 rows. `one_hots` knows which place used which row. No loop, please;
# this one is worth five minutes.

# %%
per_row = one_hots.T @ slopes  # blank: from `one_hots` and `slopes`: the gradient that each row gets, (64,)
embedding.zero_grad()  # forget earlier gradients: this cell may run twice
(embedding(ids) * slopes[:, None]).sum().backward()  # the toy loss
gradient = embedding.weight.grad  # blank: what backward() left behind, one number for each number of the table
check("02.09")
#! hint: each slope goes back to the row that its place used, and slopes that land in the same row add up. A product
#!   does that: which one turns (8, 64) and (8,) into (64,)? As for `gradient`, a parameter keeps it in `.grad`
#! mistake: one_hots @ slopes -> The shapes (8, 64) and (8,) don't fit: each of the 64 columns would need a slope. The
#!   slopes belong to the eight places, so transpose `one_hots`.
#! mistake: one_hots.sum(dim=0) -> That counts how often each row was used, as if each use sent back 1. Weight each use
#!   by the slope of its place.
#! mistake: torch.zeros(loader.vocab_size).index_put((ids,), slopes) -> Where a character occurs twice, the second slope
#!   overwrites the first. They should add up.
#! mistake: one_hots * slopes[:, None] -> Nearly: every slope is in the right column, but the eight places are still
#!   apart. Add them up.
#! mistake: torch.bincount(ids, weights=slopes) -> The sums are right, but the list ends at the largest id of the
#!   sentence. The table has a row for each character of the vocabulary.
#! mistake: slopes -> That's a number for each place of the sentence. The table has a row for each character of the
#!   vocabulary.
#! mistake: slopes[ids] -> This takes ids for places. Place 0 has the first slope, whatever its character is.
#! mistake: (one_hots.T * slopes).mean(dim=1) -> This averages over the eight places. Slopes that meet in a row add up.
#! mistake: (one_hots.T * slopes).max(dim=1).values -> This keeps the largest slope of each row. All of them count: add
#!   them up.
#! mistake: (one_hots * slopes[:, None]).sum(dim=1) -> That adds along the vocabulary, and you get the slopes back, one
#!   for each place. Add over the places instead.
#! mistake 2: embedding.grad -> A module doesn't have a gradient, but its parameters do. The one here is called
#!   `weight`.
#! mistake 2: embedding.weight -> That's the table itself. Its gradient is one of its attributes.
#! mistake 2: vectors.grad -> PyTorch keeps gradients for parameters, not for what was computed on the way. Ask the
#!   table.
#! mistake 2: embedding.weight.grad.T -> `T` turns the gradient on its side. Leave it as it is, a number for each number
#!   of the table.
#! mistake 2: embedding.weight.grad[ids] -> Those are the gradients of the rows that the sentence used. You want the
#!   whole table's.
#! mistake 2: embedding.weight.grad.mean(dim=1) -> That's one number per row, and `per_row` is that already. Here keep a
#!   number for each number of the table.
#! alternative: slopes @ one_hots
#! alternative: (one_hots * slopes[:, None]).sum(dim=0)
#! alternative: torch.bincount(ids, weights=slopes, minlength=loader.vocab_size)
#! alternative: torch.zeros(loader.vocab_size).index_add(0, ids, slopes)
#! alternative: torch.stack([slopes[ids == number].sum() for number in range(loader.vocab_size)])
#! alternative 2: next(embedding.parameters()).grad
#! alternative 2: torch.outer(per_row, torch.ones(width))

# %%
used = [number for number, size in enumerate(per_row.tolist()) if size != 0]
print(len(used), "of", loader.vocab_size, "rows:", [loader.decode([number]) for number in used])
print("PyTorch agrees:", torch.allclose(gradient, per_row[:, None].float()))
draw.bars(
    [loader.decode([number]) for number in range(loader.vocab_size)],
    per_row,
    title='What each row of the table gets back, after "Let\'s he"',
    alt="64 places in a line, one for each character, and seven bars. Those of the space, the apostrophe, L, h, s and t "
    "have height 1, that of e has height 4. The other 57 places are empty.",
    y_name="gradient of the row",
)

# %% [markdown]
# Seven rows, and `e` gets 4: 1 from place 1 and 3 from place 7. When a row is used twice, nothing is overwritten; the
# slopes add up. The other 57 rows get zeros: what the loss never saw leaves no trace.
#
# As a product this is 02.05 run backwards. On the way in, `one_hots @ table` fetches the rows. On the way back,
# `one_hots.T @ slopes` returns each slope to the row it came from.
#
# So a row learns whenever its character turns up. About 15 of every 100 characters are spaces, so the space is in every
# batch. The dollar sign, that misprint, is in the text once. A batch has 24 windows of 32 characters and the training
# part has a million places, so `$` comes along in about one batch in 1,300. The whole training run has 750 batches.
# More often than not, then, the row of `$` learns nothing at all; with luck it's used once or twice, and in the end it
# knows little more than it did at the start. (How often is "more often than not"? You can work it out: it's the
# challenge at the end of the chapter.)
#
# - [ ] 02.09 Work out what each row gets back, before PyTorch does

# %% [markdown]
# ## The class · 6 min
#
# Three lines and no new idea. We could use `nn.Embedding` as it is. But the model is going to be put together from
# parts that we've named ourselves, and this is the first.

# %%
#| export
class TokenEmbedding(nn.Module):
    """A table with one learned row of `embedding_dim` numbers for each id of the vocabulary."""

    def __init__(self, vocab_size: int, embedding_dim: int) -> None:
        """The table starts with random numbers, normal with mean 0 and variance 1."""
        super().__init__()  # blank: what every module of yours does before anything else
        self.table = nn.Embedding(vocab_size, embedding_dim)  # blank: one row for each id

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """The row of each id: (batch, sequence) of int64 -> (batch, sequence, embedding_dim)."""
        return self.table(ids)  # blank: the row of each id


check("02.10")
#! hint: the first line wakes up nn.Module itself; the other two are 02.06 and 02.07, with `self.` in front of what
#!   belongs to the object
#! mistake: None -> Without `super().__init__()` the module has nowhere to register its parameters, and PyTorch refuses
#!   the next line.
#! mistake: super().__init__(vocab_size, embedding_dim) -> nn.Module itself takes no arguments. The two numbers are for
#!   the table.
#! mistake 2: nn.Embedding(embedding_dim, vocab_size) -> The two numbers have changed places: first how many rows, then
#!   how wide.
#! mistake 2: nn.Linear(vocab_size, embedding_dim) -> A Linear multiplies, and ids are names. The layer that picks rows
#!   is `nn.Embedding`.
#! mistake 2: nn.Embedding(64, 8) -> These sizes only suit this chapter. A class leaves its sizes open: they arrive as
#!   `vocab_size` and `embedding_dim`.
#! mistake 2: nn.Parameter(torch.randn(vocab_size, embedding_dim)) -> That would do: an Embedding is little more. But
#!   you can't call a Parameter. If you keep it, pick its rows below with square brackets: `self.table[ids]`.
#! mistake 2: torch.randn(vocab_size, embedding_dim) -> A plain tensor isn't a parameter: no optimizer would find it,
#!   and you can't call it.
#! mistake 3: self.table.weight -> That gives back the whole table, whatever the ids are.
#! mistake 3: self.table(ids).mean(dim=1) -> This averages away the places of each window. Every place keeps its own
#!   row.
#! mistake 3: self.table(ids.float()) -> The table wants whole numbers, and the ids are whole. Pass them on as they are.
#! mistake 3: self.table -> That's the module itself. Call it with the ids.
#! mistake 2: nn.Embedding(vocab_size, embedding_dim, padding_idx=0) -> With `padding_idx=0` the row of id 0 never
#!   learns. Every id is a character here, and so is 0.
#! mistake 2: nn.Embedding(vocab_size - 1, embedding_dim) -> One row too few: ids go from 0 to `vocab_size - 1`.
#! mistake 2: nn.Embedding(loader.vocab_size, embedding_dim) -> `loader` belongs to this notebook. The class gets its
#!   size as an argument, `vocab_size`.
#! mistake 2: nn.Embedding.from_pretrained(torch.randn(vocab_size, embedding_dim)) -> `from_pretrained` freezes the
#!   table, so it would stay random. A plain `nn.Embedding` starts random and learns.
#! mistake 3: self.table(ids[0]) -> That's the first window alone. All windows of the batch should come out.
#! mistake 3: self.table(ids).detach() -> `detach` cuts the rows off from the table: no gradient would ever reach it, so
#!   it would never learn.
#! mistake 3: self.table(ids.flatten()) -> `flatten` loses the windows: all ids come out in one long row. Let the ids
#!   keep their shape.
#! mistake 3: embedding(ids) -> That's the table of exercise 02.06, and every object of the class would share it. An
#!   object has a table of its own, `self.table`.
#! mistake 3: None -> Nothing comes back. A function gives back what's after `return`.
#! alternative: nn.Module.__init__(self)
#! alternative: super(TokenEmbedding, self).__init__()
#! alternative 3: self.table.weight[ids]
#! alternative 3: F.embedding(ids, self.table.weight)
#! alternative 3: self.table.forward(ids)
#! probe: TokenEmbedding(7, 3) -> the module for 7 ids
#! probe: same_weights(TokenEmbedding(5, 3))(torch.tensor([[0, 4, 2]])) -> the output for a window with the ids 0, 4, 2
#! probe: same_weights(TokenEmbedding(90, 5))(ids.view(2, 4)) -> the output for two windows of four
#! probe: same_weights(TokenEmbedding(90, 8))(ids) -> the output for a sentence of eight ids
#! probe: [same_weights(one)(torch.tensor([[1, 3]])) for one, other in [(TokenEmbedding(6, 4), TokenEmbedding(9, 2))]]
#!   -> the output of the first of two objects

# %%
torch.manual_seed(1337)
token_embedding = TokenEmbedding(loader.vocab_size, small.embedding_dim)
sentence_batch = ids.unsqueeze(0)  # a batch of one window
print(tuple(sentence_batch.shape), "->", tuple(token_embedding(sentence_batch).shape))
print("as before:", torch.equal(token_embedding(sentence_batch)[0], vectors))
print(f"{loader.vocab_size * config.embedding_dim:,} parameters with the width of the real model")

# %% [markdown]
# Now let it learn. Two numbers for each character, so that we can draw them, and the smallest task there is: see one
# character, guess the next. (The loss is the cross-entropy from your digit classifier. Identical pairs of characters
# are counted beforehand, which saves time and changes nothing.) Nobody tells it about vowels.
#
# Guess first: which letters will end up close together?

# %%
vocab_size = loader.vocab_size
some = loader.train_ids[:200_001]
here, following = some[:-1], some[1:]
pairs = torch.bincount(here * vocab_size + following, minlength=vocab_size**2).view(vocab_size, vocab_size)

torch.manual_seed(2)
flat = TokenEmbedding(vocab_size, 2)
guess = nn.Linear(2, vocab_size)
parameters = [*flat.parameters(), *guess.parameters()]
for _ in range(300):
    log_probabilities = guess(flat(torch.arange(vocab_size))).log_softmax(dim=1)  # (64 here, 64 following)
    loss = -(pairs * log_probabilities).sum() / pairs.sum()
    gradients = torch.autograd.grad(loss, parameters)
    with torch.no_grad():
        for parameter, slope in zip(parameters, gradients, strict=True):
            parameter -= 5 * slope  # plain gradient descent

alphabet = "abcdefghijklmnopqrstuvwxyz"
draw.points(
    flat(torch.tensor(loader.encode(alphabet))),
    alphabet,
    title="The rows of the small letters, after 300 steps of guessing the next character",
    alt="The alphabet as points in a plane. a, e, i, o and u lie in the lower part, below all the other letters, so that "
    "a straight line can be drawn between the two groups. The j lies alone at the left edge.",
)

# %% [markdown]
# The vowels found each other. Similar characters follow them, so similar rows keep the loss low. That's word2vec's
# idea, at work in a class of yours. (The `j`, out on its own, is rare: 88 of the 200,000 characters used here. It
# weighs little in the loss, so its row hasn't gone far from where chance put it.)
#
# Remember how it began: as ids, `a`, `c` and `e` stood in a line, and no weight could lift both vowels above the `c`
# between them. Now that they're rows, all five vowels lie on one side of a straight line, and all the other letters on
# the other.
#
# - [ ] 02.10 Write the class TokenEmbedding

# %% [markdown]
# ## Challenge: who teaches the dollar?
#
# Optional, about 15 minutes, and nothing later needs it. But it's a fair question about the model you're going to
# train: how likely is it that a whole training run goes by without the row of `$` learning anything?
#
# You don't need to train anything to find out, only to count. A training run draws `steps` batches. Each window starts
# at a random place, each of the `possible_starts` being equally likely, whatever the other windows do. The row of `$`
# learns only if some window has the `$` among its inputs. Guess first: of 100 training runs, how many never meet it?
# And how long would a run have to be for you to be fairly sure of meeting it?

# %%
rare, steps = "$", config.steps
#! redraw: rare = new.pick(*[sign for sign in loader.text[60:66] if loader.text.count(sign) == 1])
#! redraw: steps = new.whole(17_000, 26_000) // (config.input_sequence_length * config.batch_size) * 2 + 1

# %%
at = loader.text.index(rare)  # its only place
possible_starts = len(loader.train_ids) - config.input_sequence_length
print(f"{rare!r} is at place {at:,}, and a window may start at any of the places 0 to {possible_starts - 1:,}")

# %%
catching = config.input_sequence_length  # blank: how many of the possible starts give a window with `rare` in it?
never = (1 - catching / possible_starts) ** (config.batch_size * steps)  # blank: the chance that no window of the training run has it
enough = math.log(0.05) / math.log(never)  # blank: how many times as long must a run be to bring `never` down to 0.05? (not rounded)
check("02.11")
#! challenge: 15 minutes
#! hint: `rare` may be the first character of a window, or the second, or ... the last. The chance that one window
#!   misses it is easy; for the chance that all of them do, multiply equal factors. A run twice as long misses it with a
#!   chance of `never` squared
#! mistake: 1 -> That's the window that begins with it. It may also be the second character of a window, or the third.
#! mistake: config.input_sequence_length - 1 -> One too few. Try a window of 3: the character can be its first, its
#!   second or its third.
#! mistake: config.input_sequence_length + 1 -> One too many: that window has it only among its targets, and a row
#!   learns only if its character is an input.
#! mistake: config.batch_size -> That's how many windows a batch has. Think of one window: from how many starts does it
#!   reach the character?
#! mistake: at -> That's where the character is. From how many starts does a window reach it?
#! mistake 2: 1 - catching / possible_starts -> That's the chance that one window misses it. All the windows of the run
#!   have to.
#! mistake 2: (1 - catching / possible_starts) ** steps -> That's one window in each step. A batch has more, and all of
#!   them have to miss it.
#! mistake 2: 1 - config.batch_size * steps * catching / possible_starts -> The chances of meeting it don't just add up:
#!   make the run long enough, and this is below 0. All the windows have to miss it, so the chances of missing it
#!   multiply.
#! mistake 2: 1 - (1 - catching / possible_starts) ** (config.batch_size * steps) -> That's the chance of meeting it at
#!   least once. The question is about never.
#! mistake 2: (catching / possible_starts) ** (config.batch_size * steps) -> That's the chance that *every* window has
#!   it. Take the chance that one window misses it.
#! mistake 2: math.exp(-config.batch_size * steps * catching / possible_starts) -> Very close, and a good shortcut where
#!   `catching` is a tiny share. The exact answer is a power of the chance that one window misses it.
#! mistake 3: 0.05 / never -> `never` doesn't fall in a straight line: a run twice as long has to miss it twice, so its
#!   chance is `never` times `never`.
#! mistake 3: math.log(0.95) / math.log(never) -> After a run of that length, `never` is still 0.95. It should be down
#!   to 0.05.
#! mistake 3: math.log(never) / math.log(0.05) -> Upside down: that's the power to which 0.05 has to be raised to give
#!   `never`.
#! mistake 3: math.log(0.05) / math.log(1 - catching / possible_starts) -> That's how many windows it takes. Count in
#!   training runs.
#! mistake 3: math.log(0.05) / (config.batch_size * math.log(1 - catching / possible_starts)) -> That's how many steps
#!   it takes. Count in training runs.
#! mistake 3: math.ceil(math.log(0.05) / math.log(never)) -> That's rounded up. Leave it as it is.
#! alternative: len(range(at - config.input_sequence_length + 1, at + 1))
#! alternative: int((loader.train_ids.unfold(0, config.input_sequence_length, 1) == loader.id_of[rare]).sum())
#! alternative 2: math.prod([1 - catching / possible_starts] * (config.batch_size * steps))
#! alternative 2: math.exp(config.batch_size * steps * math.log(1 - catching / possible_starts))
#! alternative 2: ((possible_starts - catching) / possible_starts) ** (config.batch_size * steps)
#! alternative 3: math.log(0.05, never)
#! alternative 3: math.log(0.05) / (config.batch_size * steps * math.log(1 - catching / possible_starts))

# %% [markdown]
# You can check your answer with dice. Here are 300 training runs in which nothing is trained: only the starts are
# drawn.

# %%
torch.manual_seed(1337)
starts = torch.randint(possible_starts, (300, config.batch_size * config.steps))
met = ((starts <= at) & (at < starts + config.input_sequence_length)).sum(dim=1)
for times, word in enumerate(("never met", "met once", "met twice")):
    print(f"{word}: {(met == times).float().mean().item():.0%}")
print(f"more often: {(met > 2).float().mean().item():.0%}")

# %% [markdown]
# By the formula, 57 of 100 runs never meet the `$`, and 32 meet it once. The dice say about the same. For 95 of 100
# runs to meet it at all, they'd have to be 5.26 times as long: 3,945 steps. And once isn't much of an education.
#
# - [ ] 02.11 Challenge: work out how likely `$` is to be missed by a whole training run

# %% [markdown]
# ## What's yours now
#
# - an id is a **name**: it picks, and it's never multiplied
# - a **one-hot** vector times a table is a row of the table, at many times the price
# - an **embedding**: a table of parameters, random at first, in which a row learns when it's used
# - (batch, sequence) -> (batch, sequence, width), the shape that travels through the model from now on
# - `TokenEmbedding(vocab_size, embedding_dim)`, which knows *what* is at each place
#
# It doesn't know *where*: the two `e`s of "Let's he" are one and the same to it. In **03 PositionEmbedding** the places
# get rows of their own.
