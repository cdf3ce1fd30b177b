# %% [markdown]
# <!-- Made from checkpoints/ch02_token_embedding.py by scripts/build.py. From your first edit on it is yours. -->
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
scores = ____  # the three scores: each id times the weight, plus the bias
halfway = ____  # the number halfway between the scores of "a" and "e"
check("02.01")

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

# %%
letter_id = loader.encode(letter)[0]
one_hot = torch.zeros(____)  # how long? One place for each character there is
one_hot[____] = 1.0  # which place is hot?
check("02.02")

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

# %%
ids = ____  # the ids of `sentence`, as a tensor (8,)
one_hots = ____.float()  # eight one-hot vectors, (8, 64)
check("02.03")

# %%
print(one_hots.shape, "holds", int(one_hots.sum()), "ones")

# %% [markdown]
# 512 numbers for eight characters, and 504 of them are 0. What would a whole batch cost? Guess the share of
# zeros first. Write the answers with names, not figures: the check comes with another batch size too.

# %%
batch_characters = config.batch_size * config.input_sequence_length
numbers = ____  # numbers in the batch, when each character is a one-hot vector
zeros = ____  # how many of these are 0?
check("02.04")

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

# %% [markdown]
# The first number of `hot @ table` is 0 x 0.2 + 0 x 1.5 + 1 x (-0.4) + 0 x 0.9. Work out the other two before
# you fill the blanks. Do you see a shorter way?

# %%
by_product = ____  # the vector times the matrix: (4,) and (4, 3) give (3,)
by_row = ____  # the same three numbers, without any product
check("02.05")

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

# %%
torch.manual_seed(1337)
embedding = ____  # a row for each character, as wide as `small` says
rows, width = ____  # the shape of what it holds; its table is called `weight`
check("02.06")

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
vectors = ____  # the row of each id of the sentence, in order
first_e = ____  # the row for place 1 of the sentence, the first "e"
last_e = ____  # the row for its last place, the other "e"
check("02.07")

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
windows = ____  # the first number of the shape that comes out
places = ____  # the second
numbers_each = ____  # the third: numbers for each place
check("02.08")

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
gradient = ____  # what backward() left behind, one number for each number of the table
per_row = ____  # one number for each row: the mean over its columns
check("02.09")

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
class TokenEmbedding(nn.Module):
    """A table with one learned row of `embedding_dim` numbers for each id of the vocabulary."""

    def __init__(self, vocab_size: int, embedding_dim: int) -> None:
        """The table starts with random numbers, normal with mean 0 and variance 1."""
        ____  # what every module of yours does before anything else
        self.table = ____  # one row for each id

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """The row of each id: (batch, sequence) of int64 -> (batch, sequence, embedding_dim)."""
        return ____  # the row of each id


check("02.10")

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
