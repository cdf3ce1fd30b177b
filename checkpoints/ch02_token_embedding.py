# %% [markdown]
# # 02 TokenEmbedding
#
# Give every character a row of numbers of its own, and let the numbers learn.
#
# 45 minutes in six sections. It needs chapter 01 and matrix products; if word2vec still means something to
# you, good.
#
# The class at the end has three lines, and you could type them now. What takes 45 minutes is seeing that
# nothing else would do.

# %%
#| export
import torch
from torch import nn

# %%
import timeit

import torch.nn.functional as F

from nanogpt import Config, DataLoader
from workshop import ____, check, corpus, draw, hint, solution

# %%
config = Config()
loader = DataLoader(corpus.shakespeare(), config)
print(loader.vocab_size, loader.encode("Let's he"))
#! redraw: config = Config(**new.sizes(input_sequence_length=new.pick(5, 6, 7, 9)))
#! redraw: loader = DataLoader("ABCDEFGHIJKLMNOPQRSTUVWXYZ abcdefghijklmnopqrstuvwxyz'!?,.;:" + "".join(
#!   new.random.sample("#%()*+/0123456789<=>[]", new.whole(6, 20))) + corpus.shakespeare()[new.whole(0, 900_000)
#!   :][:20_000], config)

# %% [markdown]
# ## An id is a name · 6 min
#
# `b` is 39 and `e` is 42. Is `e` larger than `b`? We gave out the numbers ourselves, in the order of the
# alphabet, so we know that the question is silly. A network does not know. All it can do with a number is
# multiply it and add to it, and for that 42 *is* larger than 39.
#
# Let us catch it in the act. Here is the smallest network there is, one weight and one bias. It is to give a
# character a score: 1 for the vowels `a` and `e`, 0 for the `c` between them.
#
# Guess first: is there a weight and a bias that do it? You may choose both freely.

# %%
letter_ids = torch.tensor(loader.encode("ace"))
weight, bias = torch.tensor(0.5), torch.tensor(-18.0)
print(letter_ids)

# %%
scores = weight * letter_ids + bias  # blank: the three scores: each id times the weight, plus the bias
halfway = (scores[0] + scores[2]) / 2  # blank: the number halfway between the scores of "a" and "e"
check("02.01")
#! hint: one formula serves all three ids at once, since a number times a tensor multiplies every element;
#!   halfway between two numbers is half of their sum
#! mistake: weight * (letter_ids + bias) -> Here the bias is multiplied too. First the product, then add the
#!   bias to it.
#! mistake: weight @ letter_ids + bias -> `@` is the product of vectors and matrices. A single number multiplies
#!   with `*`.
#! mistake: weight * letter_ids -> That leaves the bias out. Add it to each product.
#! mistake: weight + letter_ids * bias -> Weight and bias have changed places: the weight multiplies, the bias
#!   is added.
#! mistake 2: scores[0] + scores[2] / 2 -> Python divides before it adds, so that only the second score is
#!   halved. Put brackets around the sum.
#! mistake: weight * letter_ids - bias -> The bias is added. It is a negative number here, and minus turns it round.
#! mistake: (weight * letter_ids + bias).sum() -> That adds the three scores up. Each character has its own.
#! mistake: [weight * number + bias for number in letter_ids] -> Three scores in a list. Without a loop, `*` and `+`
#!   work on the tensor as a whole.
#! mistake 2: (scores[0] + scores[2]) // 2 -> `//` rounds down to a whole number. Divide with `/`.
#! mistake 2: (scores[0] + scores[1]) / 2 -> That is halfway between "a" and "c". The score of "e" has place 2.
#! mistake 2: (letter_ids[0] + letter_ids[2]) / 2 -> That is halfway between their *ids*. It is asked for the scores.
#! mistake 2: scores[0] + scores[2] -> That is the sum. Halfway is half of it.
#! mistake 2: (scores[2] - scores[0]) / 2 -> That is half the distance between the two scores. The number in
#!   the middle is half of their sum.
#! alternative: letter_ids * weight + bias
#! alternative: torch.stack([weight * number + bias for number in letter_ids])
#! alternative 2: scores[[0, 2]].mean()
#! alternative 2: scores[0] + (scores[2] - scores[0]) / 2

# %%
print("scores of a, c, e:", scores.tolist(), " halfway between a and e:", float(halfway))

# %% [markdown]
# `c` got the number halfway. Change the weight and the bias and run both cells again: it always does. 40 lies
# in the middle between 38 and 42, and multiplying and adding keep a middle in the middle. If `a` and `e` both
# score 1, so does `c`.
#
# More layers could bend this straight line until it fits. They would spend themselves on undoing the order of
# the alphabet, which says nothing about the language. Better not to feed it in.
#
# - [ ] 02.01 Show that an id, used as a quantity, puts c between a and e

# %% [markdown]
# ## One place per character · 9 min
#
# Nobody larger, nobody in the middle between two others: one number cannot do this for 64 characters. So let
# each have a place of its own, as the digits had ten outputs in your classifier: a vector of 64 numbers with
# a single 1, at the place of the id. This is a **one-hot** vector.
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
#! hint: the loader knows how many different characters there are; and ids count from 0, as places do
#! mistake: letter_id -> That is as long as the id, so that its last place is the one before the id. Every
#!   character needs a place, not only those that come earlier.
#! mistake: config.embedding_dim -> That is 64 as well, by coincidence, and means something else: how many numbers our
#!   model will keep for each character. The places are as many as the characters.
#! mistake: loader.vocab_size - 1 -> One place too few: the last id is `vocab_size - 1`, and ids count from 0.
#! mistake: len(loader.text) -> That is the length of all nine plays. There are fewer different characters.
#! mistake: len(letter) -> That is a vector of one place. It needs one for each character of the vocabulary.
#! mistake: loader.vocab_size + 1 -> One place too many: ids go from 0 to `vocab_size - 1`.
#! mistake 2: letter_id + 1 -> Ids and places both count from 0, so there is nothing to add.
#! mistake 2: -1 -> That is the last place, whichever letter it is.
#! mistake 2: 0 -> That is the first place, whichever letter it is.
#! mistake 2: letter_id - 1 -> Ids and places both count from 0, so there is nothing to subtract.
#! mistake 2: letter -> A place is a number, and this is a string. Its id stands in the line above.
#! alternative: len(loader.characters)
#! alternative 2: loader.id_of[letter]

# %%
print(one_hot.int().tolist())
b, e, z = (F.one_hot(torch.tensor(number), loader.vocab_size).float() for number in loader.encode("bez"))
print("dot products: ", f"{e @ e:.3f} {e @ b:.3f} {e @ z:.3f}")
print("distances:    ", f"{(e - e).norm():.3f} {(e - b).norm():.3f} {(e - z).norm():.3f}")

# %% [markdown]
# Any two different characters have dot product 0 and distance √2. As far as these vectors know, `e` is as
# foreign to `b` as to `z`. Nobody is larger and nobody is between: an honest start.
#
# For more than one character PyTorch has `F.one_hot(ids, num_classes)`. It takes whole numbers and gives
# whole numbers, which will not multiply with a matrix of decimal ones; hence the `.float()`.

# %%
sentence = "Let's he"
#! redraw: sentence = new.until(lambda: new.any_sentence(2)[:8], lambda drawn: len(drawn) == 8 and drawn[1] == "e"
#!   and drawn[7] not in drawn[:7] and len(set(drawn)) < 8)

# %%
ids = torch.tensor(loader.encode(sentence))  # blank: the ids of `sentence`, as a tensor (8,)
one_hots = F.one_hot(ids, loader.vocab_size).float()  # blank [F.one_hot(ids, loader.vocab_size)]: eight one-hot vectors, (8, 64)
check("02.03")
#! hint: encode, then `torch.tensor` with a small t; and tell `F.one_hot` how many characters there are in all
#! mistake: torch.Tensor(loader.encode(sentence)) -> With a capital T the ids become decimal numbers, and there
#!   is no place 42.0. `torch.tensor` keeps them whole.
#! mistake: torch.tensor(sentence) -> A tensor holds numbers. Let the loader encode the sentence first.
#! mistake: loader.encode(sentence) -> A list of the right numbers. `F.one_hot` wants them in a tensor.
#! mistake: torch.tensor([loader.encode(sentence)]) -> One pair of square brackets too many: that is a batch of one
#!   sentence, (1, 8). `encode` gives a list already.
#! mistake: torch.tensor([ord(character) for character in sentence]) -> Those are Python's own numbers. The loader has
#!   its own: `encode`.
#! mistake: torch.tensor(sorted(loader.encode(sentence))) -> Sorted, the ids lose the order of the sentence.
#! mistake: torch.tensor(loader.encode(letter)) -> That is one letter's id. The sentence has eight characters.
#! mistake 2: F.one_hot(ids) -> Left alone, `one_hot` makes the vectors as long as the largest id it sees asks
#!   for, and another sentence would get another length. Tell it how many characters there are.
#! mistake 2: F.one_hot(ids, len(ids)) -> The second argument is the length of each vector. Eight places cannot
#!   hold the place 57; each vector needs one for every character of the vocabulary.
#! mistake 2: F.one_hot(ids, config.embedding_dim) -> That is 64 as well, by coincidence. A one-hot vector has a place
#!   for each character of the vocabulary.
#! mistake 2: F.one_hot(ids, loader.vocab_size + 1) -> One place too many: ids go from 0 to `vocab_size - 1`.
#! mistake 2: F.one_hot(ids, loader.vocab_size).T -> `T` lays the table on its side: (64, 8). A row for each character
#!   of the sentence is asked for.
#! mistake 2: F.one_hot(torch.tensor(letter_id), loader.vocab_size) -> That is one vector, for one letter. Give
#!   it all the ids.
#! alternative: torch.tensor([loader.encode(character)[0] for character in sentence])
#! alternative 2: torch.eye(loader.vocab_size)[ids]
#! alternative 2: F.one_hot(ids, num_classes=loader.vocab_size)
#! alternative 2: (ids[:, None] == torch.arange(loader.vocab_size))

# %%
print(one_hots.shape, "holds", int(one_hots.sum()), "ones")

# %% [markdown]
# 512 numbers for eight characters, and 504 of them are 0. What would a whole batch cost? Guess the share of
# zeros first. Write the answers with names, not figures: the check comes with another batch size too.

# %%
batch_characters = config.batch_size * config.input_sequence_length
numbers = batch_characters * loader.vocab_size  # blank: numbers in the batch, when each character is a one-hot vector
zeros = numbers - batch_characters  # blank: how many of these are 0?
check("02.04")
#! hint: every character brings a vector that is as long as the vocabulary, and every vector has a single 1
#! mistake: batch_characters + loader.vocab_size -> That adds one vector's length, once. Each character brings a
#!   vector of its own.
#! mistake: batch_characters * config.input_sequence_length -> The sequence length is in `batch_characters`
#!   already. A one-hot vector is as long as the vocabulary.
#! mistake: batch_characters * config.embedding_dim -> That is 64 as well, by coincidence: the numbers of a character
#!   inside the model. A one-hot vector is as long as the vocabulary.
#! mistake: config.batch_size * loader.vocab_size -> That counts one character in each window. A window has many:
#!   `batch_characters` counts them all.
#! mistake: config.input_sequence_length * loader.vocab_size -> That is one window. A batch has several.
#! mistake 2: numbers - loader.vocab_size -> That takes away one for each character of the vocabulary. There is a 1 for
#!   each character of the batch.
#! mistake 2: numbers - config.batch_size -> That takes away a single 1 for each window. Each of its characters has one.
#! mistake 2: numbers - 1 -> There is a 1 in every vector, and so one for each character of the batch.
#! mistake 2: batch_characters -> That is how many are 1. The zeros are all the others.
#! alternative: config.batch_size * config.input_sequence_length * loader.vocab_size
#! alternative 2: batch_characters * (loader.vocab_size - 1)

# %%
print(f"{numbers:,} numbers for {batch_characters} characters, {zeros / numbers:.1%} of them zeros")

# %% [markdown]
# That is with 64 characters. GPT-2 has 50,257 pieces of text, so each of them would arrive as one 1 and 50,256
# zeros. And for this price the vectors know nothing: `e` no nearer to `a` than to `!`, now and for ever.
# Both will be mended by the same stroke.
#
# - [ ] 02.02 Make a one-hot vector by hand
# - [ ] 02.03 Turn the sentence into one-hot vectors
# - [ ] 02.04 Count what a batch of them costs

# %% [markdown]
# ## A product that picks a row · 7 min
#
# The first thing that a network does with its input is to multiply it by a matrix of weights. Do it once by
# hand, with a vocabulary of four and three numbers for each:

# %%
table = torch.tensor([[0.2, -1.0, 0.5],
                      [1.5, 0.3, -0.7],
                      [-0.4, 0.8, 1.1],
                      [0.9, -0.6, 0.1]])
hot = F.one_hot(torch.tensor(2), 4).float()
print(hot)
#! redraw: table = torch.randn(4, 3)

# %% [markdown]
# The first number of `hot @ table` is 0 x 0.2 + 0 x 1.5 + 1 x (-0.4) + 0 x 0.9. Work out the other two before
# you fill the blanks. Do you see a shorter way?

# %%
by_product = hot @ table  # blank: the vector times the matrix: (4,) and (4, 3) give (3,)
by_row = table[2]  # blank: the same three numbers, without any product
check("02.05")
#! hint: `@` multiplies a vector from the left with a matrix; for the second, look at which row of the table
#!   survived the zeros
#! mistake: table @ hot -> The shapes (4, 3) and (4,) do not meet: 3 is not 4. The vector stands on the left, so
#!   that its four places meet the four rows.
#! mistake: hot * table -> `*` multiplies element by element, and the four places of `hot` find three columns.
#!   The matrix product is written `@`.
#! mistake: hot[:, None] * table -> This multiplies each row by its 0 or 1 and stops there. A product with `@`
#!   also adds the four rows up.
#! mistake 2: table[:, 2] -> That is a column, the third number of all four characters. A character's numbers
#!   stand in a row.
#! mistake 2: table[1] -> Rows count from 0, so this is the second one. The 1 stands at place 2.
#! mistake: hot @ table.T -> `T` lays the table on its side, and four places meet three rows. The table stands right
#!   already: its four rows meet the four places.
#! mistake: (hot @ table).sum() -> That adds the three numbers up. They are asked for one by one.
#! mistake 2: table[2:] -> The colon makes it a slice: that row and the ones after it.
#! mistake 2: table[hot.long()] -> The zeros and ones are read as places, so that rows 0 and 1 come out, four in all.
#!   The place of the 1 is the row.
#! mistake 2: table[3] -> Rows count from 0, so this is the fourth one. The 1 stands at place 2.
#! mistake 2: table[2].sum() -> That adds the row up. The three numbers themselves are asked for.
#! alternative: torch.matmul(hot, table)
#! alternative: table.T @ hot
#! alternative: (hot[:, None] * table).sum(dim=0)
#! alternative 2: table[2, :]
#! alternative 2: table[hot.argmax()]

# %%
print(by_product, by_row)

# %% [markdown]
# Twelve multiplications, nine of them by 0 and three by 1, to copy three numbers that were there all the time.
# The product walked along all the shelves of a library to fetch book number 2; `table[2]` goes and gets it.
#
# Both are the same function. Only one of them needs the one-hot vectors. Let us measure, for a batch of 768
# characters or words, rows of 64 numbers, and larger and larger vocabularies:

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
# The left column grows with the vocabulary. The right one hardly moves: it copies 768 rows, however many
# there are to choose from. (Your milliseconds differ from anybody's; the pattern does not.)
#
# So this is the plan: **a table with one row for each character; the id picks the row.** No zeros are stored,
# nothing is multiplied, and an id is back to what it is good for, a name on a drawer.
#
# - [ ] 02.05 Multiply a one-hot vector by a table, and pick the row instead
# - [ ] 02.r1 I can say why picking a row and multiplying by a one-hot vector give the same

# %% [markdown]
# ## The table: nn.Embedding · 10 min
#
# PyTorch has this table ready made: `nn.Embedding(num_embeddings, embedding_dim)`, how many rows and how wide.
# The number of rows is no choice: one for each character. The width is. Our model takes 64 numbers for each
# character; GPT-2's smallest takes 768.
#
# Beware of two coincidences. 64 characters and 64 numbers each have nothing to do with each other. So in this
# chapter the table is 8 wide, from `Config.small()`, whose numbers fit on the page. And then our sentence has
# 8 characters as well: in its matrix, rows are places in the sentence and columns are the 8 numbers of each.

# %%
small = Config.small()
print(small)
#! redraw: small = Config(**new.until(lambda: new.sizes(batch_size=1, input_sequence_length=8), lambda drawn:
#!   drawn["embedding_dim"] not in (config.batch_size, config.input_sequence_length, config.embedding_dim, 8)))

# %%
torch.manual_seed(1337)
embedding = nn.Embedding(loader.vocab_size, small.embedding_dim)  # blank: a row for each character, as wide as `small` says
rows, width = embedding.weight.shape  # blank: the shape of what it holds; its table is called `weight`
check("02.06")
#! hint: first how many rows, then how wide; and the table is an attribute of the module, the shape one of the
#!   table
#! mistake: nn.Embedding(small.embedding_dim, loader.vocab_size) -> The two numbers have changed places: a table
#!   of 8 rows has no row 42. First how many rows, then how wide.
#! mistake: nn.Linear(loader.vocab_size, small.embedding_dim) -> A Linear multiplies, so it would want the
#!   one-hot vectors back. Its weight stands the other way round, too. The layer that picks rows is
#!   `nn.Embedding`.
#! mistake: nn.Embedding(loader.vocab_size, config.embedding_dim) -> That is the width of the real model. The table of
#!   this chapter is as wide as `small` says.
#! mistake: nn.Embedding(len(ids), small.embedding_dim) -> One row for each place of the sentence. It needs one
#!   for each character of the vocabulary, whether or not the sentence has it.
#! mistake: nn.Embedding(loader.vocab_size, small.input_sequence_length) -> That is 8 as well, by coincidence: the
#!   places of a window. How wide a row is, `embedding_dim` says.
#! mistake: nn.Embedding(loader.vocab_size - 1, small.embedding_dim) -> One row too few: ids go from 0 to
#!   `vocab_size - 1`, and each of them needs one.
#! mistake: nn.Embedding.from_pretrained(torch.randn(loader.vocab_size, small.embedding_dim)) -> `from_pretrained`
#!   freezes the table: it would stay random. A plain `nn.Embedding` starts random and learns.
#! mistake: nn.Embedding(loader.vocab_size, small.hidden_dim) -> That is the width of another layer, in chapter 08. How
#!   wide a row of this table is, `embedding_dim` says.
#! mistake: nn.Embedding(loader.vocab_size, small.embedding_dim, padding_idx=0) -> With `padding_idx=0` the row of id 0
#!   never learns. Every id is a character here, that one too.
#! mistake 2: reversed(embedding.weight.shape) -> The other way round: a shape names the rows first, then how wide they
#!   are.
#! mistake 2: embedding.weight.T.shape -> `T` lays the table on its side, so the columns are named first. Ask the table
#!   as it is.
#! mistake 2: embedding.weight[0] -> That is the first row, with its numbers. The shape of the whole table is asked for.
#! mistake 2: embedding.shape -> The embedding is a module and has no shape. Its table has: `embedding.weight`.
#! mistake 2: embedding.weight -> That is the table, with all its rows. Two numbers are asked for, its shape.
#! alternative: nn.Embedding(num_embeddings=loader.vocab_size, embedding_dim=small.embedding_dim)
#! alternative 2: embedding.weight.size()
#! alternative 2: (embedding.num_embeddings, embedding.embedding_dim)
#! probe: same_weights(embedding)(ids) -> the table's rows for the sentence
#! probe: same_weights(embedding)(torch.arange(embedding.num_embeddings)) -> all rows of the table
#! redraw: embedding.weight.register_hook(lambda slope: slope * torch.linspace(1, 3, slope.shape[1]) ** 2)

# %%
print(f"{rows} rows of {width} numbers")
print(f"mean {embedding.weight.mean().item():.3f}, standard deviation {embedding.weight.std().item():.3f}")
print("a parameter, so an optimizer may change it:", embedding.weight.requires_grad)

# %% [markdown]
# Nobody has told this table anything, so it starts with random numbers: each drawn from the normal
# distribution with mean 0 and variance 1. (The 512 numbers here come close to that, as 512 draws do.)
#
# Now ask it for our eight characters. Keep an eye on the two that are the same.

# %%
vectors = embedding(ids)  # blank: the row of each id of the sentence, in order
first_e = vectors[1]  # blank: the row for place 1 of the sentence, the first "e"
last_e = vectors[7]  # blank: the row for its last place, the other "e"
check("02.07")
#! hint: call the module with the ids as if it were a function; then square brackets pick a row of what it gave
#! mistake: embedding(ids.float()) -> Ids are whole numbers: row 42 exists, row 42.0 does not. Give them as they
#!   are.
#! mistake: embedding(one_hots.long()) -> The zeros and ones were read as the ids 0 and 1, and so each character
#!   got 64 rows. An embedding takes the ids; one-hot vectors are no longer needed.
#! mistake: embedding.weight -> That is the whole table, 64 rows in the order of the ids. Eight of them are
#!   asked for, in the order of the sentence.
#! mistake: embedding.weight[ids].mean(dim=0) -> This averages the eight rows into one, and nobody could tell
#!   any more which characters they were. Keep one row for each.
#! mistake: embedding(ids.sort().values) -> Sorted, the ids lose the order of the sentence, and the rows with them.
#! mistake: embedding(ids)[0] -> That is the row of the first character alone. Keep all of them.
#! mistake: embedding(ids).detach() -> `detach` cuts the rows off from the table: nothing would reach it when the model
#!   learns.
#! mistake: embedding(torch.arange(len(ids))) -> Those are the first rows of the table, whatever the sentence is. Ask
#!   for the ids.
#! mistake 2: vectors[0] -> That is the row of the first character, "L". The "e" is at place 1.
#! mistake 2: vectors[2] -> Places count from 0, so this is the "t".
#! mistake 2: vectors[:, 1] -> That is a column: the number 1 of each of the eight characters. A character's
#!   numbers stand in a row.
#! mistake 3: vectors[8] -> Eight places, counted from 0, end at 7.
#! mistake 3: vectors[1] -> Same character, same row: the numbers are right for this sentence. In another one the
#!   last place holds another character, so take the row of the last place.
#! mistake 3: first_e -> Same character, same row: the numbers are right for this sentence. In another one the last
#!   place holds another character, so take the row of the last place.
#! mistake 3: vectors[sentence.rindex("e")] -> That finds the last "e", wherever it is. In this sentence it is at the
#!   last place; take the row of that place.
#! mistake 3: vectors[:, 7] -> That is a column: the number 7 of each of the eight characters. A character's numbers
#!   stand in a row.
#! mistake 3: vectors[-2] -> That is the last but one. From the end Python counts -1, -2, -3.
#! mistake 3: vectors[6] -> That is the "h". The last place of eight is 7.
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
# Find the two `e`: rows 1 and 7 are the same, number by number. Of course they are, it is the same character
# and the same row of the table.
#
# It is also a problem. The first `e` is in `Let's`, the last one in the beginning of `hence`. From their rows
# nobody can tell which is which. Shuffle the sentence, and you get the same eight rows, shuffled. The matrix
# says *what* each character is; it does not say *where* it stands. That is chapter 03.
#
# Now a batch. The ids come as (batch, sequence). What shape goes out? Fill the next cell **before** you look at
# the one below it, and again with names.

# %%
torch.manual_seed(1337)
inputs, targets = loader.get_batch("train")
print(inputs.shape)

# %%
windows = config.batch_size  # blank: the first number of the shape that comes out
places = config.input_sequence_length  # blank: the second
numbers_each = small.embedding_dim  # blank: the third: numbers for each place
check("02.08")
#! hint: each whole number in (batch, sequence) is replaced by a row; what is there already keeps its place, and
#!   the width of this table comes last
#! mistake: config.input_sequence_length -> That is how many characters a window has. The batch comes first: how
#!   many windows there are.
#! mistake: small.batch_size -> That would be a single window. This batch came from `loader`, which was made with
#!   `config`.
#! mistake 2: config.batch_size -> That is how many windows there are. In the middle stands how long they are.
#! mistake 2: loader.vocab_size -> The vocabulary is how many rows there are to choose from. It shows in the
#!   table's shape, and no more in what comes out.
#! mistake: config.batch_size * config.input_sequence_length -> That counts the characters of all windows. In the shape
#!   windows and places stay apart.
#! mistake 2: small.input_sequence_length -> That is how long our sentence is. This batch came from `loader`, which was
#!   made with `config`.
#! mistake 2: len(sentence) -> That is how long our sentence is. The windows of this batch are longer: they were cut by
#!   `loader`, made with `config`.
#! mistake 3: loader.vocab_size -> That is how many rows there are to choose from. What comes out for each place is one
#!   row: how many numbers has it?
#! mistake 3: small.input_sequence_length -> That is 8 as well, by coincidence: the places of a window. How wide a row
#!   is, `embedding_dim` says.
#! mistake 3: config.embedding_dim -> That will be the width in the end. This table was made 8 wide, from `small`.
#! mistake 3: config.input_sequence_length -> That is how long a window is. Each of its places gets a whole row;
#!   how many numbers has a row of this table?
#! alternative: inputs.shape[0]
#! alternative 2: inputs.shape[1]
#! alternative 2: inputs.size(1)
#! alternative 3: width
#! alternative 3: embedding.embedding_dim

# %%
print(tuple(inputs.shape), "->", tuple(embedding(inputs).shape), "and you said", (windows, places, numbers_each))

# %% [markdown]
# Each id became a row, and whatever shape the ids had stays in front of it:
#
# | ids | come out as |
# | --- | --- |
# | () one id | (8,) |
# | (8,) a sentence | (8, 8) |
# | (24, 32) a batch | (24, 32, 8) |
#
# Say it once aloud: **(batch, sequence) goes in, (batch, sequence, width) comes out.** From here to chapter 09
# nearly everything has this shape.
#
# - [ ] 02.06 Make the table
# - [ ] 02.07 Pick the rows of the sentence
# - [ ] 02.08 Say the shape of a batch before seeing it
# - [ ] 02.r2 I can say why the two e's have the same row, and what is missing

# %% [markdown]
# ## Only the rows that were used · 7 min
#
# If you remember word2vec: there, too, each word has a row in a table, the rows start at random, and they
# become good because a small task, to guess the neighbours, pushes them about. Afterwards the task is thrown
# away and the table is kept.
#
# We do the same and throw nothing away. The table is a parameter of the model like any other; the task is the
# one we want solved anyway, to say the next character; and the loss writes into the rows directly. One thing
# differs: a word has a meaning of its own, a character has hardly one. Its row can come to say *vowel*,
# *capital*, *ends a line*. What it means inside a word is for the layers above.
#
# How does a loss reach a row? Take the plainest loss there is, the sum of all numbers that were picked. Nudge
# a picked number by a little, and the sum grows by as much: each use of a row sends back a gradient of 1. Guess
# first: in how many of the 64 rows does `"Let's he"` leave a gradient, and is it 1 in all of them?

# %%
embedding.zero_grad()  # forget earlier gradients: this cell may run twice
embedding(ids).sum().backward()
gradient = embedding.weight.grad  # blank: what backward() left behind, one number for each number of the table
per_row = gradient.mean(dim=1)  # blank: one number for each row: the mean over its columns
check("02.09")
#! hint: gradients are kept by the parameter that they belong to, in its `.grad`; and a mean over `dim=1` runs
#!   along each row
#! mistake: embedding.grad -> A module keeps no gradient, its parameters do. The parameter is called `weight`.
#! mistake: embedding.weight -> That is the table itself. Its gradient hangs on it, under another name.
#! mistake: vectors.grad -> PyTorch keeps gradients for parameters only, not for what is computed on the way. Ask
#!   the table.
#! mistake 2: gradient.mean(dim=0) -> This runs down the columns and leaves a number for each column. Along a
#!   row is `dim=1`.
#! mistake: embedding.weight.grad.T -> `T` lays the gradient on its side. Leave it as it is, a number for each number of
#!   the table.
#! mistake: embedding.weight.grad[ids] -> Those are the gradients of the rows that the sentence used. The whole table's
#!   gradient is asked for.
#! mistake 2: gradient[:, 0] -> That is the first column. Here all columns are equal, as the loss is a plain sum; a mean
#!   over them holds for any loss.
#! mistake 2: gradient.max(dim=1).values -> That is the largest number of each row. Here all of them are equal, as the
#!   loss is a plain sum; the mean is asked for.
#! mistake 2: gradient.sum(dim=1) / len(gradient) -> Divided by the number of rows. A row's mean divides by how many
#!   numbers are in it.
#! mistake 2: gradient.sum(dim=1) / 8 -> A row has 8 numbers on this page. The width may change: `mean` counts by
#!   itself.
#! mistake 2: gradient.mean() -> That is one number for the whole table. Give the dimension over which to
#!   average.
#! mistake 2: gradient.sum(dim=1) -> The sum is 8 for each use of a row, since a row has 8 numbers. Take the
#!   mean.
#! alternative: next(embedding.parameters()).grad
#! alternative 2: gradient.mean(-1)
#! alternative 2: gradient.sum(dim=1) / small.embedding_dim
#! alternative 2: gradient.mean(axis=1)

# %%
used = [number for number, size in enumerate(per_row.tolist()) if size != 0]
print(len(used), "of", loader.vocab_size, "rows:", [loader.decode([number]) for number in used])
draw.bars(
    [loader.decode([number]) for number in range(loader.vocab_size)],
    per_row,
    title='Gradient in each row of the table, after "Let\'s he"',
    alt="64 places in a line, one for each character, and seven bars. Those of the space, the apostrophe, L, h, s and t "
    "have height 1, that of e has height 2. The other 57 places are empty.",
    y_name="mean gradient of the row",
)

# %% [markdown]
# Seven rows, and `e` has 2, because it was used twice. The other 57 rows hold zeros: what the loss never saw
# leaves no trace. The view with the product agrees. There the gradient of the table is `one_hots.T` times the
# gradient of what came out, and a character that is absent has a row of zeros in `one_hots.T`:

# %%
print(torch.equal(gradient, one_hots.T @ torch.ones_like(vectors)))

# %% [markdown]
# So rows learn as often as they are met. The space is 15 % of the text and is met in every batch. The dollar
# sign, that misprint, stands in the text once. A batch has 24 windows of 32 characters, the training part has
# a million places: `$` comes along in about one batch of 1,300. The whole training will have 750 of them, so
# its row gets a single chance or none, and knows little more in the end than at the start.
#
# - [ ] 02.09 Find the rows that a sentence teaches

# %% [markdown]
# ## The class · 6 min
#
# Three lines, and no new idea. We could use `nn.Embedding` as it is; but the model will be put together out
# of parts that carry our names, and this is the first.

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
#! hint: the first line wakes up nn.Module itself; the other two are 02.06 and 02.07, with `self.` before what
#!   belongs to the object
#! mistake: None -> Without `super().__init__()` the module has no place to register its parameters, and PyTorch
#!   refuses the line after it.
#! mistake: super().__init__(vocab_size, embedding_dim) -> nn.Module itself wants to know nothing. The two
#!   numbers are for the table.
#! mistake 2: nn.Embedding(embedding_dim, vocab_size) -> The two numbers have changed places: first how many
#!   rows, then how wide.
#! mistake 2: nn.Linear(vocab_size, embedding_dim) -> A Linear multiplies, and ids are names. The layer that
#!   picks rows is `nn.Embedding`.
#! mistake 2: nn.Embedding(64, 8) -> These sizes are right here and nowhere else. The class is told its sizes
#!   when an object is made: `vocab_size` and `embedding_dim`.
#! mistake 2: nn.Parameter(torch.randn(vocab_size, embedding_dim)) -> That would do: an Embedding is little more. But
#!   a Parameter cannot be called. If you keep it, pick its rows below with square brackets: `self.table[ids]`.
#! mistake 2: torch.randn(vocab_size, embedding_dim) -> A plain tensor is no parameter: no optimizer would find
#!   it, and it cannot be called.
#! mistake 3: self.table.weight -> That gives back the whole table, whatever the ids are.
#! mistake 3: self.table(ids).mean(dim=1) -> This averages the places of each window away. Every place keeps
#!   its own row.
#! mistake 3: self.table(ids.float()) -> The table wants whole numbers, and the ids are whole. Hand them on as
#!   they are.
#! mistake 3: self.table -> That is the module itself. Call it with the ids.
#! mistake 2: nn.Embedding(vocab_size, embedding_dim, padding_idx=0) -> With `padding_idx=0` the row of id 0 never
#!   learns. Every id is a character here, that one too.
#! mistake 2: nn.Embedding(vocab_size - 1, embedding_dim) -> One row too few: ids go from 0 to `vocab_size - 1`.
#! mistake 2: nn.Embedding(loader.vocab_size, embedding_dim) -> `loader` is this notebook's. The class is told its sizes
#!   when an object is made.
#! mistake 2: nn.Embedding.from_pretrained(torch.randn(vocab_size, embedding_dim)) -> `from_pretrained` freezes the
#!   table: it would stay random. A plain `nn.Embedding` starts random and learns.
#! mistake 3: self.table(ids[0]) -> That is the first window alone. All windows of the batch are to come out.
#! mistake 3: self.table(ids).detach() -> `detach` cuts the rows off from the table: nothing would reach it when the
#!   model learns.
#! mistake 3: self.table(ids.flatten()) -> `flatten` loses the windows: all ids come out in one long row. The shape of
#!   the ids stays in front.
#! mistake 3: embedding(ids) -> That is the table of exercise 02.06, which every object of the class would share. Its
#!   own one is `self.table`.
#! mistake 3: None -> Nothing comes back. A function gives back what stands behind `return`.
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
# Now let it learn. Two numbers for each character, so that we can draw them, and the smallest task there is:
# from one character alone, guess the next. (The loss is the cross-entropy of your digit classifier. Equal pairs
# of characters are counted beforehand, which saves time and changes nothing.) Nobody tells it about vowels.
#
# Guess first: which letters will end up beside each other?

# %%
vocab_size = loader.vocab_size
here, following = loader.train_ids[:200_000], loader.train_ids[1:200_001]
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
# The vowels found each other. They are followed by similar characters, so similar rows serve the loss. That is word2vec's idea, at work in a class of yours. (The `j` on its own is rare, 636 in the
# whole text. Its part in the loss is small, and its row has learned little so far.)
#
# Remember how it began: as ids, `a`, `c` and `e` stood in line, and no weight could lift both vowels above the
# `c` between them. As rows, a straight line parts all five from all the others.
#
# - [ ] 02.10 Write the class TokenEmbedding

# %% [markdown]
# ## What is now yours
#
# - an id is a **name**: it picks, and is never multiplied
# - a **one-hot** vector times a table is a row of the table, at many times the price
# - an **embedding**: a table of parameters, random at first, in which a row learns when it is used
# - (batch, sequence) -> (batch, sequence, width), the shape that now travels through the model
# - `TokenEmbedding(vocab_size, embedding_dim)`, which knows *what* stands there
#
# It does not know *where*: the two `e`s of "Let's he" are one and the same to it. In **03 PositionEmbedding** the
# places get rows of their own.
