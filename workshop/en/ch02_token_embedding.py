# %% [markdown]
# # 02 TokenEmbedding
# <!-- Made from checkpoints/ch02_token_embedding.py by scripts/build.py. From your first edit on it is yours. -->
#
# Give every character a row of numbers of its own, and let the numbers learn.
#
# 45 minutes, six sections. You'll need chapter 01 and matrix products. If word2vec still rings a bell, good.
#
# The class at the end has three lines, and you could type them now. The 45 minutes are for seeing why nothing else will
# do.

# %%
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
# Any two different characters have dot product 0 and distance √2. As far as these vectors know, `e` is as foreign to
# `b` as it is to `z`. Nobody is larger and nobody is in between: an honest start.
#
# For several characters at once, PyTorch has `F.one_hot(ids, num_classes)`. It takes whole numbers and gives whole
# numbers, and PyTorch won't multiply those by a matrix of floats; hence the `.float()`.

# %%
sentence = "Let's he"

# %%
ids = ____  # the ids of `sentence`, as a tensor (8,)
one_hots = ____.float()  # eight one-hot vectors, (8, 64)
check("02.03")

# %%
print(one_hots.shape, "holds", int(one_hots.sum()), "ones")

# %% [markdown]
# 512 numbers for eight characters, and 504 of them are 0. What would a whole batch cost? Guess the share of zeros
# first. Write your answers with names instead of figures, because the check will also try another batch size.

# %%
batch_characters = config.batch_size * config.input_sequence_length
numbers = ____  # numbers in the batch, if each character is a one-hot vector
zeros = ____  # how many of these are 0?
check("02.04")

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

# %% [markdown]
# The first number of `hot @ table` is 0 x 0.2 + 0 x 1.5 + 1 x (-0.4) + 0 x 0.9. Work out the other two before you fill
# in the blanks. Can you see a shorter way?

# %%
by_product = ____  # the vector times the matrix: (4,) and (4, 3) give (3,)
by_row = ____  # the same three numbers, without any product
check("02.05")

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

# %%
torch.manual_seed(1337)
embedding = ____  # a row for each character, as wide as `small` says
rows, width = ____  # the shape of its table, which is called `weight`
check("02.06")

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
windows = ____  # the first number of the shape that comes out
places = ____  # the second
numbers_each = ____  # the third: numbers for each place
check("02.08")

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
# In word2vec, if you remember, each word has a row in a table too. The rows start at random, and they get better
# because a small task, guessing the neighbours, keeps pushing them around. Afterwards the task is thrown away and the
# table is kept.
#
# We do the same and throw nothing away. The table is a parameter of the model like any other, and the task is the one
# we want solved anyway: say the next character. There's one difference. A word has a meaning of its own; a character
# hardly does. Its row can come to say *vowel*, *capital*, *ends a line*. What it means inside a word is for the layers
# above to work out.
#
# How does a loss reach a row? Take a toy loss: add up all the numbers that were picked, but count those at the last
# place three times, since it's the one that has to guess what comes next. Nudge a number at place 0 a little, and the
# loss grows by just as much: place 0 sends back a slope of 1. So do the others, except place 7, which sends back 3.

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
per_row = ____  # from `one_hots` and `slopes`: the gradient that each row gets, (64,)
embedding.zero_grad()  # forget earlier gradients: this cell may run twice
(embedding(ids) * slopes[:, None]).sum().backward()  # the toy loss
gradient = ____  # what backward() left behind, one number for each number of the table
check("02.09")

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
# between them. As rows, one straight line separates all five vowels from all the other letters.
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
# And how long would a run have to be for you to be fairly sure that it does?

# %%
rare, steps = "$", config.steps

# %%
at = loader.text.index(rare)  # its only place
possible_starts = len(loader.train_ids) - config.input_sequence_length
print(f"{rare!r} is at place {at:,}, and a window may start at any of the places 0 to {possible_starts - 1:,}")

# %%
catching = ____  # how many of the possible starts give a window with `rare` in it?
never = ____  # the chance that no window of the training run has it
enough = ____  # how many times as long must a run be to bring `never` down to 0.05? (not rounded)
check("02.11")

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
