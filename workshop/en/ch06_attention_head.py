# %% [markdown]
# <!-- Made from checkpoints/ch06_attention_head.py by scripts/build.py. From your first edit on it is yours. -->
# # 06 AttentionHead
#
# Let every character look back at the others, decide by itself which of them matter, and take from those.
#
# 200 minutes in twelve sections; two or three evenings are a good pace, and the end of a section is a good
# place to stop. It needs chapters 02 to 05, matrix products, mean and variance.
#
# This is the heart of the course. So far every character has been looked at on its own. Here they meet.

# %%
import torch
import torch.nn.functional as F
from torch import nn

# %%
import re
from collections import Counter
from dataclasses import replace

from nanogpt import Config, EmbeddingModule
from workshop import ____, check, corpus, draw, hint, running, solution

torch.set_printoptions(precision=3, linewidth=100, sci_mode=False)  # eight numbers on a line
torch.set_num_threads(1)  # for tensors this small a second core only gets in the way

# %% [markdown]
# ## Why context · 14 min
#
# Look at where we are. `"Let's he"` has become eight rows of eight numbers. The last row knows that it is an
# `e`, that it stands at place 7, and nothing else. It is now to say what comes next.
#
# Guess what an `e` is followed by most often. And what, if you know the `h` before it, too? And the space?

# %%
text = corpus.shakespeare()
for known in ("e", "he", " he", "'s he"):
    follows = Counter(re.findall(f"(?<={re.escape(known)}).", text, re.DOTALL))
    best = [f"{letter!r} {count / follows.total():.0%}" for letter, count in follows.most_common(3)]
    print(f"after {known!r:<8} {follows.total():>6,} times, then {', '.join(best)}")

# %% [markdown]
# The same `e`, four times over, and each time it should say something else: a space, a space with more
# conviction, an `r`, an `a`. What an `e` means is decided by the **company** it keeps.
#
# So why not go on counting? We did: note in the training part what follows each string of *k* characters, always
# name the most frequent one, and take the exam in the validation part.
#
# | characters known | right answers | strings never met in training |
# | ---: | ---: | ---: |
# | 1 | 27.0 % | 0.0 % |
# | 2 | 38.1 % | 0.1 % |
# | 3 | 46.9 % | 1.0 % |
# | 4 | 51.7 % | 3.6 % |
# | 6 | 44.9 % | 19.9 % |
# | 8 | 28.7 % | 48.9 % |

# %% [markdown]
# More company helps, and then it ruins us. A table needs a line of its own for each string, there are 64⁸
# strings of eight, about 281 million million, and every second one in the exam is new. To a table, `Let's he`
# and `let's he` are strangers.
#
# Rows of numbers are more forgiving: similar rows can be treated alike, and rows can be **mixed**. So that is the
# plan. Each place mixes the rows of its company into one row. The only question is, in which proportions?
#
# We try it out on three words with two numbers each, made up by hand: how much of *somebody* is in the word, and
# how much of a *feeling*.

# %%
names = ["I", "love", "you"]
words = torch.tensor([[1.0, 0.5],
                      [0.5, 1.5],
                      [1.5, 1.0]])

# %% [markdown]
# The first idea that comes to mind: the average. Work it out on paper for `I love you`. Then for each word the
# average of what has been read so far: for `I` only `I`, for `love` of `I love`, and so on. (01.13 had the same
# slices.)

# %%
average = ____  # one row: the mean of the three rows
so_far = torch.stack([
    ____  # the mean of the rows up to this place, its own included
    for place in range(len(words))
])
check("06.01")

# %%
print("average:", average)
print(so_far)

# %% [markdown]
# (1, 1): the numbers were chosen kindly. And the average of `you love I`? The same, since adding does not care
# about order. Our real rows carry their places, thanks to chapter 03, so that trouble is behind us.
#
# Another one is not. Take `I do not love you`. In an average, `not` has a fifth of the say, and so has `do`. Of 32
# characters each has a thirty-second, the one that decides the matter and the one that stopped mattering a line
# ago. **In an average every word counts the same.**

# %% [markdown]
# But an average is only one way to mix. It says "a third of each". Nothing keeps us from saying *0.2 of `I`,
# 0.7 of `love`, 0.1 of `you`*: **shares** that add up to 1.
#
# Each row is multiplied by its share, and the results are added up. You know an operation that multiplies and
# adds up. First on paper: 0.2 x 1.0 + 0.7 x 0.5 + 0.1 x 1.5, and the same for the second column.

# %%
shares = torch.tensor([0.2, 0.7, 0.1])
recipe = torch.tensor([[1.0, 0.0, 0.0],
                       [0.5, 0.5, 0.0],
                       [0.2, 0.7, 0.1]])

# %%
mixed = ____  # 0.2 of "I", 0.7 of "love" and 0.1 of "you", as one row
all_mixed = ____  # a mixture for each row of `recipe`
check("06.02")

# %%
print("mixed:", mixed)
print(all_mixed)

# %% [markdown]
# One product mixes for all places at once: **a table of shares times the rows**. Row 0 of the recipe takes `I`
# alone, row 1 is an average of two, row 2 is our mixture.
#
# Keep this sentence, everything else hangs on it: *attention is a matrix product with a table of shares*. What
# remains is to find good shares. For three words we can set them by hand. For a million windows the rows had better
# find them themselves.
#
# - [ ] 06.01 Average what has been read so far
# - [ ] 06.02 Mix with shares instead
# - [ ] 06.r1 I can say what an average of its company does not give a word

# %% [markdown]
# ## Mixing by relevance · 16 min
#
# Whom should `I` listen to? Whoever it has something in common with, for a start. We need a number that is large
# when two rows go well together, and small when they do not.
#
# Here is one: multiply number by number, then add up. Two words that are both much of a somebody bring a large first
# product, two that are both much of a feeling a large second one. You know it as the **dot product**.
#
# On paper first: `I` is (1.0, 0.5), `love` is (0.5, 1.5), `you` is (1.5, 1.0).

# %%
i, love, you = words

# %%
i_with_love = ____  # the dot product of the two rows
scores_of_i = ____  # all three at once: "I" with "I", with "love", with "you"
check("06.03")

# %%
print("I with love:", i_with_love)
print("I with all: ", scores_of_i)

# %% [markdown]
# `I` finds 1.25 in itself, 1.25 in `love`, and 2.0 in `you`. How romantic. We call these numbers **scores**.
#
# That was one product for one word that asks. Three words ask, so: three products, or one? A matrix product is
# a table of dot products, each row of the left matrix with each *column* of the right one. We want rows with
# rows, so the right one has to be turned over first.
#
# Guess: which word is the favourite of `love`?

# %%
scores = ____  # row: who asks; column: who is asked
favourites = ____  # for each row, the place of its largest score, all in one tensor
check("06.04")

# %%
draw.heat(
    scores,
    rows=names,
    columns=names,
    title="How well each word goes with each: dot products",
    alt="Three rows, who asks, and three columns, who is asked. I: 1.25, 1.25, 2.00. love: 1.25, 2.50, 2.25. "
    "you: 2.00, 2.25, 3.25. The table is the same when mirrored at its diagonal.",
    x_name="is asked",
    y_name="asks",
)
print("favourites:", [names[place] for place in favourites])

# %% [markdown]
# `love` loves itself. Remember that, and also that the table is its own mirror image; both will bother us soon.
#
# But it is a beginning: we have a table of scores, three by three, and need a table of shares, three by three. The
# scores of `love` add up to 6. Shares should add up to 1.
#
# - [ ] 06.03 Compute scores with a dot product
# - [ ] 06.04 Compute all scores with one matrix product
# - [ ] 06.r2 I can read the table: who asks, who is asked

# %% [markdown]
# ## Softmax · 20 min
#
# Divide by the sum, then? That works until a fourth word comes along, *hate*, with the numbers (0.5, -1.5): a
# bit of somebody, and a feeling in the opposite direction. `love` asks all four:

# %%
four = ["I", "love", "you", "hate"]
love_scores = torch.tensor([1.25, 2.5, 2.25, -2.0])
print("sum:", love_scores.sum(), " divided by the sum:", love_scores / love_scores.sum())

# %% [markdown]
# Minus a half of `hate`, and in return one and a half of the others. Had the four scores added up to 0, there would
# have been nothing to divide by. A score may be any number; a share may not.
#
# So before dividing we need something that turns every number into a **positive** one, and leaves the larger one
# larger. Do you know a function whose curve never touches zero and always climbs?

# %%
powers = ____  # e to the power of each score
love_shares = ____  # each power's share of all of them
check("06.05")

# %%
for word, score, power, share in zip(four, love_scores.tolist(), powers.tolist(), love_shares.tolist(), strict=True):
    print(f"{word:>5} {score:>6.2f} -> {power:>6.2f} -> {share:.3f}")
print("the shares add up to", round(love_shares.sum().item(), 4))

# %% [markdown]
# Everybody has a share, the order has stayed, and `hate` has not been thrown out, only shown to the back row. Exp,
# then each over the sum: this is **softmax**. With it, a *difference* of scores decides: one point more always
# means 2.72 times the share.
#
# PyTorch has it as `F.softmax(scores, dim=...)`. Before we use that, two things it does for us.

# %% [markdown]
# The first one. Scores can be large. Guess what comes out here, before you run it: 1000, 999 and 998 are one
# point apart each.

# %%
large = torch.tensor([1000.0, 999.0, 998.0])
print(torch.exp(large), torch.exp(large) / torch.exp(large).sum())

# %% [markdown]
# A float32 ends at about 3.4 x 10³⁸, and e¹⁰⁰⁰ has 435 digits. Infinity divided by infinity is `nan`, *not a
# number*, and a single one of those goes through a model like ink through water.
#
# The way out: only differences count. Take the same number off every score, and every power is divided by the
# same factor, which falls out of the shares. So we may take off what we like. Which number would you choose?

# %%
shifted = ____  # the scores, moved so that the largest is 0
safe = ____  # their shares
check("06.06")

# %%
print(shifted, "->", safe)

# %% [markdown]
# 0.665, 0.245, 0.090: the shares of any three scores one point apart. `F.softmax` takes off the maximum too,
# always, so you can give it what you like.
#
# The second thing goes wrong in real life, and silently. A table of scores has two dimensions. Along which of them
# do the shares add up to 1?
#
# Ask what a row means. Row 1 is `love` asking around. It has one portion of attention to hand out, so **each row
# adds up to 1**, and the columns do as they please. `dim=-1` names the last dimension, along the row, and
# `keepdim=True` keeps a column of sums, (3, 1), so that each row is divided by its own.

# %%
row_powers = torch.exp(scores - scores.max(dim=-1, keepdim=True).values)
word_shares = ____  # each row's shares
gathered = ____  # for each word, the mixture by its shares
check("06.07")

# %%
print(word_shares)
print("rows add up to", word_shares.sum(dim=1), "columns to", word_shares.sum(dim=0))
print(gathered)

# %% [markdown]
# Scores, shares, mixture. That is attention, in its simplest form, and you could have invented it: rows
# look at each other, decide how much they have in common, and take accordingly. In PyTorch it is one line:
# `F.softmax(words @ words.T, dim=-1) @ words`.
#
# From now on the shares have the name they carry everywhere: **attention weights**.
#
# - [ ] 06.05 Turn scores into shares: exp, then over the sum
# - [ ] 06.06 Keep large scores from overflowing
# - [ ] 06.07 Share out along the right dimension, and mix
# - [ ] 06.r3 I can say why each row of the weights adds up to 1, and a column need not

# %% [markdown]
# ## Queries, keys and values · 22 min
#
# Now to what bothered us. `love` gives 2.5 to itself, 2.25 to `you` and 1.25 to `I`. A row tends to have much in
# common with itself. But `love` knows already that it is love. What it *lacks* is who loves whom.
#
# And `love` with `you` is the same number as `you` with `love`; a dot product cannot help that. Yet what I seek in
# you and what you seek in me are two questions, as anybody knows who was courted by Richard III.
#
# The trouble is that one and the same row has to say *what I look for* and *what I am*. So let it say two things.

# %% [markdown]
# Each word gets a **query**, which says what it looks for, and a **key**, which says what it can be found by. A
# score is then the dot product of *my query with your key*. Both are made out of the word's row by a matrix:

# %%
to_query = torch.tensor([[0.0, 1.0],
                         [2.0, 0.0]])
to_key = torch.tensor([[1.0, 0.0],
                       [-1.0, 1.0]])

# %% [markdown]
# Read them as instructions. A query is (2 x feeling, 1 x somebody): a feeling asks for a somebody, a somebody asks
# for a feeling. A key is (somebody - feeling, feeling): "I am more of a somebody than of a feeling", and "I am a
# feeling".
#
# On paper: the query of `love`, (0.5, 1.5), and the keys of `I`, (1.0, 0.5), and of `love` itself.

# %%
query_of_love = ____  # what love looks for
key_of_i = ____  # what "I" can be found by
key_of_love = love @ to_key
love_asks_i = ____  # the score that love gives to "I"
love_asks_love = query_of_love @ key_of_love
check("06.08")

# %%
print("query of love:", query_of_love, " key of I:", key_of_i, " key of love:", key_of_love)
print(f"love asks I: {love_asks_i:.2f}   love asks love: {love_asks_love:.2f}")

# %% [markdown]
# 1.75 for `I`, -2.25 for itself: `love` now looks away from itself.
#
# And a third view, while we are at it. What a word is *found by* need not be what it *gives*. A book is found by
# its title, and nobody reads the title for three weeks. So each word also has a **value**: the numbers that it
# hands over to whoever listens. Ours are three long, to show that they may be as long as they like.
#
# | | is | made by | goes into |
# | --- | --- | --- | --- |
# | query | what I ask for | `words @ to_query` | scores |
# | key | what I offer myself as | `words @ to_key` | scores |
# | value | what I give | `words @ to_value` | the mixture |

# %%
to_value = torch.tensor([[1.0, 0.0, 0.5],
                         [0.0, 2.0, 0.5]])
word_queries = words @ to_query
word_values = words @ to_value
print(word_queries)
print(word_values)

# %%
word_keys = ____  # the keys of all three words, a row each
asked = ____  # all scores; row: who asks, column: who is asked
answer = ____  # the values, mixed by the weights of each row
check("06.09")

# %%
draw.heat(
    F.softmax(asked, dim=-1),
    rows=names,
    columns=names,
    title="Attention weights, with queries and keys",
    alt="Three rows, who asks, and three columns, who is asked. I: 0.31, 0.19, 0.51. love: 0.43, 0.01, 0.56. "
    "you: 0.30, 0.07, 0.63. The table is no mirror image any more: love gives 0.56 to you, and you gives 0.07 back.",
    x_name="is asked",
    y_name="asks",
)
print(answer)

# %% [markdown]
# `love` listens to `you` and to `I`, and hardly to itself. `love` wants much from `you` and gets little back;
# the mirror is broken, as in the best comedies.
#
# Everything here was made up by hand: the words, the matrices, their meanings. In the model **nobody sets them**.
# The three matrices start with random numbers, and the loss pushes them about. The last `e` of `Let's he` may come to
# ask for a consonant nearby; the `h` offers itself as a consonant at place 6, and gives whatever it is good to know
# about an `h`. Or they come to ask and offer things for which there is no word. It is their business.

# %% [markdown]
# A matrix that multiplies rows and learns: PyTorch calls it `nn.Linear(in, out)`. Two details. We want it without
# the bias that it usually adds. And it keeps its matrix the other way round, as (out, in).
#
# Guess the shape of `weight` for a layer from 8 numbers to 4. Then write as a matrix product what `layer(rows)` does.

# %%
torch.manual_seed(1341)
rows = torch.randn(5, 8)
layer = ____  # from 8 numbers to 4, without a bias
by_product = ____  # what layer(rows) gives, by a product with its weight
check("06.10")

# %%
print("weight:", tuple(layer.weight.shape), " rows:", tuple(rows.shape), "->", tuple(by_product.shape))
print("the same as layer(rows):", torch.allclose(by_product, layer(rows)))

# %% [markdown]
# Why no bias? Add a row *b* to every key. Then all scores of one query grow by the same number, *query · b*, and
# from 06.06 you know what softmax makes of that: nothing at all. A bias of the queries would not vanish like this,
# but one does well without it. (GPT-2 has biases here; many newer models have none.)
#
# - [ ] 06.08 Let "love" ask, with a query and a key
# - [ ] 06.09 Queries, keys and values for all words
# - [ ] 06.10 Make the three matrices with nn.Linear
# - [ ] 06.r4 I can say what each of the three views is for: ask, offer, give

# %% [markdown]
# ## Scaling · 24 min
#
# Two numbers for each word fit on paper. The real settings give queries and keys of 16 numbers, GPT-2 has 64. Does
# anything change, except that there is more to add up?
#
# Let us measure. Take random queries and keys, every number with mean 0 and variance 1. Their dot products are 0 on
# average, some above, some below. How far do they spread? Guess the variance for vectors of 4 numbers, and for 256.
# Mind that each query meets one key only, its own: 5,000 pairs, 5,000 numbers.

# %%
sizes = (4, 16, 64, 256)


def dot_products(d: int) -> torch.Tensor:
    """The dot products of 5,000 pairs of random vectors of d numbers: (5000,)."""
    torch.manual_seed(1341)
    some_queries, some_keys = torch.randn(5_000, d), torch.randn(5_000, d)
    return ____  # a dot product for each pair: row with row


variances = [____ for d in sizes]  # their variance, as `.var()` gives it
check("06.11")

# %%
for d, variance in zip(sizes, variances, strict=True):
    print(f"d = {d:>3}: variance {variance:6.1f}")
draw.lines(
    {"variance of the dot products": variances, "d": sizes},
    x=sizes,
    title="The longer the vectors, the further their dot products spread",
    alt="Two lines over d, from 4 to 256. The measured variance and d itself lie on top of each other: both climb "
    "straight from about 4 to about 256.",
    x_name="d, numbers in a vector",
    y_name="variance",
)

# %% [markdown]
# The variance *is* d, up to the luck of 5,000 draws. You can see why: a product of two such numbers has mean 0 and
# variance 1, a dot product adds up d of them, and variances of independent things add up.
#
# So with 256 numbers a typical score is 16, or -16, and no longer 1. Is that bad? Here are eight scores of a calm
# sort. Take their shares, and those of the same scores times 2, times 4, times 16. Guess how large the largest
# share gets.

# %%
calm = torch.tensor([0.9, 0.1, -0.4, 1.2, -1.1, 0.5, -0.2, -1.0])
factors = (1, 2, 4, 16)

# %%
sharper = torch.stack([
    ____  # the shares of the scores, multiplied by the factor
    for factor in factors
])
peaks = ____  # the largest share in each row
check("06.12")

# %%
draw.heat(
    sharper,
    rows=[f"x {factor}" for factor in factors],
    columns=[f"{score:.1f}" for score in calm],
    title="The same eight scores, larger and larger, after softmax",
    alt="Four rows of shares over the scores 0.9, 0.1, -0.4, 1.2, -1.1, 0.5, -0.2, -1.0. Times 1 the shares are spread "
    "out: 0.23 for 0.9, 0.31 for 1.2, and no less than 0.03. Times 2 the largest is 0.49, times 4 it is 0.72. "
    "Times 16 it is 0.99, the second 0.01, and all others 0.00.",
)

# %% [markdown]
# Times 16, softmax puts 0.99 on one place. That is picking, and no longer mixing; the runner-up, which had three
# quarters of the winner's share, is left with a hundredth.
#
# And a row like this can hardly **learn**. Nudge the best score by a little: how much does its share move? The
# slope is *share x (1 - share)*, and PyTorch's gradient agrees:

# %%
for factor in factors:
    nudged = (factor * calm).requires_grad_()
    best = F.softmax(nudged, dim=-1).max()
    (slope,) = torch.autograd.grad(best, nudged)
    print(f"x {factor:>2}: share {best.item():.4f}  slope {slope.max().item():.4f}  share x (1 - share)", end=" ")
    print(f"{(best * (1 - best)).item():.4f}")

# %% [markdown]
# | largest share | slope |
# | ---: | ---: |
# | 0.31 | 0.21 |
# | 0.99 | 0.008 |
# | 0.9999 | 0.0001 |
#
# At 0.99 the slope is 26 times smaller than at 0.31. Training goes by slopes: a head that has made up its mind by
# chance, before it has learned anything, would hardly hear that it is wrong. So keep the scores at the size of 1, at
# least until there is a reason to be sure.
#
# Dividing numbers by *c* divides their variance by *c²*. The variance is *d*. What do you divide by, so that it
# becomes 1?

# %%
d = 64

# %%
scaled = ____  # `dot_products(d)`, divided by what makes their variance 1


def scaled_scores(queries: torch.Tensor, keys: torch.Tensor) -> torch.Tensor:
    """Scores of each query with each key, of variance about 1: (places, d) and (places, d) -> (places, places)."""
    d = ____  # how many numbers has a query?
    return ____  # all scores, scaled


check("06.13")

# %%
for size in sizes:
    raw = dot_products(size)
    print(f"d = {size:>3}: variance {raw.var():6.1f}   over root d {(raw / size**0.5).var():.2f}", end="   ")
    print(f"over d {(raw / size).var():.4f}")

# %% [markdown]
# With the root the variance stays at 1, whatever d is. Divided by d itself, it shrinks towards 0, and equal scores
# are the plain average again, where we came from.
#
# That is all there is to the famous √d. Scores = *queries @ keys.T / √d*; with softmax and the values this is called
# **scaled dot-product attention**. Mind which d: the length of a query, for that is what is added up. Not the number
# of places, and not the width of the model.
#
# - [ ] 06.11 Measure how dot products spread
# - [ ] 06.12 See what softmax does with large scores
# - [ ] 06.13 Scale them
# - [ ] 06.r5 I can say what goes wrong without the root of d

# %% [markdown]
# ## The causal mask · 24 min
#
# Here is a head that predicts dice. It is shown eight throws and has to name, at each of the eight places, the throw
# that comes next, as our model does with characters. You know how well this can be done: one in six.
#
# The function below trains a small head of the kind that you have built, for 100 steps, and returns the share of
# right answers at each place, on new throws. No need to read it. Guess what comes out.

# %%
def train_on_dice(wall: torch.Tensor) -> torch.Tensor:
    """The share of right answers at each of 8 places, after training; `wall` (8, 8) is added to the scores."""
    torch.manual_seed(1341)
    number, place = nn.Embedding(6, 8), nn.Embedding(8, 8)
    asks, offers, gives = (nn.Linear(8, 8, bias=False) for _ in range(3))
    guess = nn.Linear(8, 6)
    parameters = [p for part in (number, place, asks, offers, gives, guess) for p in part.parameters()]

    def answers(throws: torch.Tensor) -> torch.Tensor:
        x = number(throws) + place.weight
        return guess(F.softmax(asks(x) @ offers(x).mT / 8**0.5 + wall, dim=-1) @ gives(x))

    for _ in range(100):
        throws = torch.randint(6, (32, 9))
        loss = F.cross_entropy(answers(throws[:, :-1]).flatten(0, 1), throws[:, 1:].flatten())
        slopes = torch.autograd.grad(loss, parameters)
        with torch.no_grad():
            for parameter, slope in zip(parameters, slopes, strict=True):
                parameter -= slope
    throws = torch.randint(6, (500, 9))
    return (answers(throws[:, :-1]).argmax(dim=-1) == throws[:, 1:]).float().mean(dim=0)


no_wall = torch.zeros(8, 8)
dice = train_on_dice(no_wall)
draw.bars(
    range(8),
    dice,
    title="Predicting dice: share of right answers at each place",
    alt="Eight bars. At the places 0 to 6 the share of right answers is 1.00. At place 7 it is 0.16.",
    x_name="place",
)

# %% [markdown]
# It predicts dice without a single error. Ten seconds of triumph, then suspicion.
#
# Look at the last bar. At place 3 the head is asked for the throw that stands at place 4. And place 4 is in the
# window, one step to the right. The head looks there and reads out the answer. Only at place 7 there is nothing to
# the right, and it is back at one in six.
#
# **It has learned to copy from the answer sheet**, and it is good for nothing else: when a model writes, it always
# stands at the last place.

# %% [markdown]
# So nobody looks to the right. Each place may see itself and what came before: place 0 itself alone, place 1 two
# places, and so on. Draw it as a table for four places, rows for who asks, columns for who is asked, 1 for *may* and
# 0 for *may not*. What shape do the ones have?
#
# `torch.tril` keeps the lower triangle of a matrix, its diagonal included, and sets the rest to 0.

# %%
n = 4

# %%
allowed = ____  # 1 where the row may see the column, else 0
seen = ____  # how many places may each place see? Count them in `allowed`
check("06.14")

# %%
print("may see:", seen)
draw.heat(
    torch.tril(torch.ones(8, 8)),
    rows=running.SENTENCE,
    columns=running.SENTENCE,
    title='The causal mask for "Let\'s he": who may see whom',
    alt="Eight rows, who asks, and eight columns, who is asked, labelled L, e, t, apostrophe, s, space, h, e. The squares on "
    "the diagonal and below it are 1, those above it are 0: a staircase. The first row has a single 1, the last eight.",
    x_name="is asked",
    y_name="asks",
)

# %% [markdown]
# A staircase: the **causal mask**, since a cause comes before its effect.
#
# Now it has to act on the scores. After the softmax a forbidden place must have a weight of exactly 0. Which score
# gives 0, when e is raised to it? Not 0: e⁰ is 1. Not -5 either, that leaves 0.007. There is one, and computers
# have it: minus infinity, `float("-inf")`.
#
# `x.masked_fill(condition, number)` writes the number wherever the condition is true.

# %%
raw_scores = torch.tensor([[0.5, 1.5, -0.5, 3.0],
                           [1.0, 0.2, 2.5, -1.0],
                           [-0.7, 0.8, 1.4, 0.6],
                           [0.3, -1.2, 0.9, 0.4]])

# %%
masked = ____  # minus infinity where it is not allowed to look
attention = ____  # the weights, row by row
check("06.15")

# %%
print(masked)
print(attention)

# %% [markdown]
# Look at the first row: 1, 0, 0, 0. There was a 3.0 in it, for the last place, and it is gone. The first place sees
# nobody but itself, so it gives itself everything, **whatever the scores are**. That is so in every head of every
# model of this kind.
#
# Each row still adds up to 1; the portion is divided among those who may be seen. Could we have had it cheaper, with
# the softmax first and then zeros in the upper right? It sounds the same. Try.

# %%
late = ____  # softmax first, then zeros where it is not allowed to look
late_sums = ____  # what does each row add up to?
check("06.16")

# %%
print("rows add up to", late_sums)
other_future = raw_scores.clone()
other_future[0, 3] = -3.0  # the first place's score for the last place, which it must not see
print("first row, before:", late[0], " after:", (F.softmax(other_future, dim=-1) * allowed)[0])

# %% [markdown]
# The first row adds up to 0.06. The rest of its portion went to places that were then taken from it. And worse: change
# a score that it must not see, and its weight changes, from 0.06 to 0.24. **How much is missing tells about the
# future**, and training finds every hole of this kind.
#
# So the mask comes before the softmax, with minus infinity. Now the dice again, behind a wall:

# %%
wall = torch.zeros(8, 8).masked_fill(torch.tril(torch.ones(8, 8)) == 0, float("-inf"))
dice_masked = train_on_dice(wall)
print("without a wall:", dice)
print("with a wall:   ", dice_masked)

# %% [markdown]
# One in six, give or take, at every place. For once we are pleased with a model that knows nothing: there is nothing
# to know.
#
# - [ ] 06.14 Write down who may see whom
# - [ ] 06.15 Put the mask in front of the softmax
# - [ ] 06.16 Put it behind, and see what leaks
# - [ ] 06.r6 I can say why the first row of the weights is always 1, 0, 0, ...

# %% [markdown]
# ## Dropout on the weights · 18 min
#
# Two heads want to know whether a vowel comes next. Four earlier places have something to tell them, `told`, where 1
# means yes, and each head mixes it by its weights. The first leans on one neighbour, from which it once heard something
# useful. The second listens to all four. Both mixtures come to about 1: yes.
#
# Now one of the places keeps silent, so its product is missing from the mixture. What is left? Work it out for each
# place in turn.

# %%
leaning = torch.tensor([0.02, 0.02, 0.94, 0.02])
listening = torch.tensor([0.25, 0.25, 0.25, 0.25])
told = torch.tensor([1.0, 0.8, 1.2, 1.0])

# %%
products = ____  # what each place adds to the mixture
left = ____  # four numbers: the mixture without place 0, without place 1, ...
check("06.17")

# %%
listened = listening * told
print(f"leaning on one:   {products.sum():.3f}, with one missing {left}")
print(f"listening to all: {listened.sum():.3f}, with one missing {listened.sum() - listened}")

# %% [markdown]
# Without its neighbour the first head is left with 0.056 of 1.184. The second never falls below 0.7, whoever is
# silent. And in new text somebody is always silent: a rule such as *look two to the left* may have held for a few lines
# of Coriolanus and nowhere else.
#
# How do you teach a head not to lean? By taking places away from it **while it trains**, at random, other ones at
# every step. This is **dropout**. Here it acts on the attention weights: each is set to 0 with a probability *p*.
#
# One question first. With p = 0.25 every fourth weight goes, on average. What does that do to the size of the
# mixture? Throw dice 10,000 times for four weights.

# %%
p = 0.25
four_weights = torch.tensor([0.1, 0.2, 0.3, 0.4])
torch.manual_seed(1341)
keeps = torch.rand(10_000, 4) > p  # True: this weight stays
print(keeps[:3])

# %%
dropped = ____  # each weight's mean over all throws, 0 where it was dropped
repaired = ____  # all throws, made larger, so that the mean is as before
check("06.18")

# %%
print("weights:  ", four_weights)
print("dropped:  ", dropped)
print("repaired: ", repaired.mean(dim=0))

# %% [markdown]
# Dropping a quarter leaves three quarters on average, 0.075 of 0.1. The layers behind would get used to that, and be
# startled in the exam, when nobody is dropped any more. So whatever stays is divided by 1 - p, here three quarters,
# and the mean is what it was.
#
# `nn.Dropout(p)` does all this, and it has a switch. In training it drops. In the exam, when the model is to do its
# best, it hands everything through. The two positions are `module.train()` and `module.eval()`, and a new module
# stands at train.

# %%
ones = torch.ones(1000)
torch.manual_seed(1341)
dropout = ____  # drops each number with the probability p
in_training = dropout(ones)
dropout.____()  # to the position for the exam
in_exam = dropout(ones)
check("06.19")

# %%
print("in training:", in_training[:8], f" zeros: {(in_training == 0).float().mean():.3f}, mean {in_training.mean():.3f}")
print("in the exam:", in_exam[:8], f" mean {in_exam.mean():.3f}")

# %% [markdown]
# The survivors are 1.333, that is 1/0.75. In the exam everything is 1.
#
# Forgetting `eval()` is a classic: the model works a little worse than it could, and answers differently each time.
# Forgetting to go back to `train()` is the other one: from then on nothing is dropped.
#
# To be honest about ours: in its training it will meet most places of the text once or never. Nothing can be learned by
# heart that way, and so `Config()` leaves dropout off, at 0; only the small configuration has it on, to be seen. Where a large
# model goes over a small text again and again, it matters. The price is one line.
#
# - [ ] 06.17 See what is left of a head that leans on one neighbour
# - [ ] 06.18 Drop weights by hand, and repair the mean
# - [ ] 06.19 Switch between training and exam
# - [ ] 06.r7 I can say what the division by 1 - p is for

# %% [markdown]
# ## One head, end to end · 18 min
#
# All the parts lie on the table. Now `"Let's he"` with its real numbers, as they left LayerNorm in chapter 05. The
# three matrices and what follows them are called a **head**. In the small configuration a row has 8 numbers, and a head
# makes queries, keys and values of 4 numbers out of it. (Why 4? Two heads will share the 8, in chapter 07.)

# %%
small = Config.small()
head_size = small.embedding_dim // small.num_heads
x = running.after("05")[0]
print(tuple(x.shape), "head size", head_size)
print(x)

# %%
torch.manual_seed(1341)
query, key, value = (
    ____  # from a row of the model to one of the head, by their names
    for _ in range(3)
)
queries, keys, values = ____  # x, seen in three ways
check("06.20")

# %%
print("queries", tuple(queries.shape), "keys", tuple(keys.shape), "values", tuple(values.shape))
print(queries.detach().round(decimals=3))

# %% [markdown]
# Eight places, and for each a question of four numbers. Now the scores, scaled; then the mask; then the softmax. You
# have done them one by one. Guess first: these layers have learned nothing, and start with small random numbers. Will
# the weights be sharp, or nearly even?

# %%
mask = torch.tril(torch.ones(small.input_sequence_length, small.input_sequence_length))
head_scores = ____  # scaled scores, (8, 8)
weights = ____  # the attention weights, masked
check("06.21")

# %%
draw.heat(
    weights,
    rows=running.SENTENCE,
    columns=running.SENTENCE,
    title='Attention weights of an untrained head on "Let\'s he"',
    alt="Eight rows, who asks, and eight columns, who is asked, labelled L, e, t, apostrophe, s, space, h, e. Above the "
    "diagonal all weights are 0.00. Row L has 1.00 for itself. Row e has 0.41 for L and 0.59 for itself, row t 0.37, 0.29 "
    "and 0.35. From row s on no weight is above 0.29; the last row has eight between 0.07 and 0.15.",
    x_name="is asked",
    y_name="asks",
)

# %% [markdown]
# Read it row by row. `L` has only itself, as it must. `e` gives 0.41 to `L` and 0.59 to itself. In the last row an
# average would give 0.125 to each of the eight; this head gives between 0.07 and 0.15. It is an average with a tremor,
# and the tremor means nothing yet. As a place to start from it is a good one: nobody is ignored, so everybody can still
# be found.
#
# The last step, you know it by now. Guess what row 0 will be.

# %%
out = ____  # the values, mixed for each place: (8, 4)
second_row = ____  # row 1 of it, without `@`: two places are seen
check("06.22")

# %%
print(out.detach())
print("what leaves this chapter:", torch.equal(out.round(decimals=4), running.after("06")[0].round(decimals=4)))

# %% [markdown]
# Row 0 is the value of `L`, unmixed: its weight was 1. Row 1 is 0.41 of that and 0.59 of the value of `e`.
#
# And look at the two `e`, rows 1 and 7. In chapter 02 they were the same eight numbers. In chapter 03 their places told
# them apart. Now one of them has met an `L`, and the other a whole line: **they differ by their company**, which is what
# we were after when the chapter began.
#
# - [ ] 06.20 Give "Let's he" queries, keys and values
# - [ ] 06.21 Compute its attention weights
# - [ ] 06.22 Mix its values
# - [ ] 06.r8 I can point at a square of the figure and say what it means

# %% [markdown]
# ## Many windows at once · 12 min
#
# A batch has many windows, and each keeps to itself: `Let's he` has no business with the `h` of another play. Three
# windows, eight places, eight numbers: (3, 8, 8). A Linear does not mind, it works on the last dimension.

# %%
three = ["Let's he", "O Romeo,", "the quee"]
windows = running.part("05")(running.part("04")(torch.tensor([running.loader().encode(w) for w in three]))).detach()
torch.manual_seed(1341)
head_queries, head_keys = torch.randn(3, 2, 8, 4), torch.randn(3, 2, 8, 4)  # made up: two heads

# %%
window_queries, window_keys, window_values = query(windows), key(windows), value(windows)
print(tuple(windows.shape), "->", tuple(window_queries.shape))

# %% [markdown]
# No loop is needed. With more than two dimensions `@` takes the **last two** as matrices, and whatever stands in front
# says how many products there are: (3, 8, 4) @ (3, 4, 8) is three products of (8, 4) with (4, 8), and gives (3, 8, 8). In
# front may stand more than one size. With two heads in each of three windows it is (3, 2, 8, 4), in words (batch, heads,
# sequence, head size).
#
# Only the turning over needs care. `.T` is for matrices and would turn all dimensions round. `.mT` turns the last two,
# and so does `.transpose(-2, -1)`.

# %%
window_scores = ____  # scaled scores, a table for each window
window_weights = F.softmax(window_scores.masked_fill(mask == 0, float("-inf")), dim=-1)
window_out = ____  # the values, mixed in each window
head_tables = ____  # two heads in each window, scores not scaled: (3, 2, 8, 8)
check("06.23")

# %%
print(tuple(window_scores.shape), "->", tuple(window_out.shape), " two heads:", tuple(head_tables.shape))
print('"Let\'s he" as before:', torch.allclose(window_out[0], out, atol=1e-6))

# %% [markdown]
# One mask of (8, 8) was laid on all three tables. And the first window came out as it did when it was alone: no window
# has seen another.
#
# PyTorch has all of this in one call, `F.scaled_dot_product_attention(queries, keys, values, is_causal=True)`. You now
# know what it does.
#
# - [ ] 06.23 Do it for a batch of windows, and for two heads

# %% [markdown]
# ## Shorter windows · 10 min
#
# The mask is made for the longest window, 8 here. But when the model begins to write, it has read a single character,
# then two, then three, and a table of (5, 5) does not meet a mask of (8, 8).
#
# Which part of a staircase of 8 steps is a staircase of 5? The corner at the top left, `mask[:5, :5]`.
#
# Guess before you compute: how does the answer for the first five characters alone differ from the first five rows of
# the answer for all eight?

# %%
def attend(x: torch.Tensor) -> torch.Tensor:
    """The head's answer for windows of any length up to 8: (..., sequence, 8) -> (..., sequence, 4)."""
    length = ____  # how many places has a window?
    attend_scores = query(x) @ key(x).mT / head_size**0.5
    attend_scores = attend_scores.masked_fill(____ == 0, float("-inf"))  # as much of the mask as is needed
    return F.softmax(attend_scores, dim=-1) @ value(x)


first_five = attend(windows[:, :5])
check("06.24")

# %%
print(tuple(windows[:, :5].shape), "->", tuple(first_five.shape))
print("the same as the first five rows of eight:", torch.allclose(first_five, window_out[:, :5], atol=1e-6))

# %% [markdown]
# Not at all. None of the first five could see the last three, so it makes no difference whether they are there. **What
# a place has worked out stays, whatever is written behind it.** This is why one window of eight gives eight honest exam
# questions, as chapter 01 promised: at place 4 the head knows no more than if the text ended there.

# %% [markdown]
# One thing is left: where does the mask live? The head should keep it. But it is no parameter, nobody is to train it.
# And as a plain attribute, `self.mask = ...`, it would be left behind: when a model moves to a graphics card, or to
# wider numbers with `.double()`, it takes along what is *registered* with it and nothing else.
#
# For this there are **buffers**: `self.register_buffer("mask", tensor, persistent=False)`. A buffer moves along and is
# not trained. `persistent=False` keeps it out of the saved file, which need not hold a staircase that anybody can build.

# %%
class Keeper(nn.Module):
    """Has one number to train, and keeps a mask for windows up to `length`."""

    def __init__(self, length: int) -> None:
        """The mask lets every place see itself and what came before."""
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))
        ____  # keep the mask as a buffer


check("06.25")

# %%
keeper = Keeper(3).double()
print("trained:", [name for name, _ in keeper.named_parameters()], " saved:", list(keeper.state_dict()))
print("moved along:", keeper.mask.dtype)

# %% [markdown]
# - [ ] 06.24 Cut the mask for shorter windows
# - [ ] 06.25 Keep the mask in a buffer
# - [ ] 06.r9 I can say why the first five answers do not depend on the last three characters

# %% [markdown]
# ## The class · 12 min
#
# Nine blanks and no new idea: every line has been written above. The work is divided into two methods. `weights` ends
# with the softmax, so that one can look at it, and `forward` does what remains: drop some of the weights, mix the
# values.

# %%
class AttentionHead(nn.Module):
    """Lets each place look at itself and those before it, and mixes their values by what it finds."""

    mask: torch.Tensor

    def __init__(self, head_size: int, config: Config) -> None:
        """Queries, keys and values of `head_size` numbers each, out of rows of `config.embedding_dim`."""
        super().__init__()
        self.query = ____  # what a place asks for
        self.key = ____  # what it offers itself as
        self.value = ____  # what it gives
        self.dropout = ____  # drops weights while training
        longest = config.input_sequence_length
        self.register_buffer("mask", ____, persistent=False)  # who may see whom

    def weights(self, x: torch.Tensor) -> torch.Tensor:
        """How much each place listens to each, before dropout: (..., sequence, width) -> (..., sequence, sequence)."""
        length, head_size = x.shape[-2], self.query.out_features
        scores = ____  # scaled scores
        scores = ____  # minus infinity for the future
        return ____  # in each row, shares that add up to 1

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """What each place has gathered: (batch, sequence, width) -> (batch, sequence, head_size)."""
        return ____  # the values, mixed by the weights after dropout


check("06.26")

# %%
torch.manual_seed(1341)
head = AttentionHead(head_size, small).eval()
leaving = head(x[None])  # a batch of one window
print(tuple(x[None].shape), "->", tuple(leaving.shape))
print("as by hand:", torch.allclose(leaving[0], out, atol=1e-6))
print("what chapter 07 begins with:", torch.equal(leaving, running.after("06")))

# %% [markdown]
# The same numbers as by hand.
#
# Now for your **tensor map**: the shapes that this chapter adds. Write them with the names of the settings, this time
# those of the real model; the check also comes with others.

# %%
config = Config()
size = config.embedding_dim // config.num_heads
print(config, "head size", size)

# %%
shapes = {
    "normalised": (config.batch_size, config.input_sequence_length, config.embedding_dim),
    "queries": ____,  # and keys, and values
    "mask": (config.input_sequence_length, config.input_sequence_length),
    "attention weights": ____,  # a table for each window
    "head output": ____,  # what a place has gathered
}
check("06.27")

# %%
real = AttentionHead(size, config)
rows_in = torch.zeros(config.batch_size, config.input_sequence_length, config.embedding_dim)
print("queries          ", tuple(real.query(rows_in).shape), "you said", shapes["queries"])
print("attention weights", tuple(real.weights(rows_in).shape), "you said", shapes["attention weights"])
print("head output      ", tuple(real(rows_in).shape), "you said", shapes["head output"])
print("parameters:", sum(p.numel() for p in real.parameters()))

# %% [markdown]
# Look at the middle one: every place against every place. A window of twice the length makes a table four times as
# large. That is the price of attention, and why the length of a model's context is something to boast of.
#
# - [ ] 06.26 Write the class AttentionHead
# - [ ] 06.27 Note its shapes on the map

# %% [markdown]
# ## A head that has learned · 10 min
#
# Random weights are a picture of nothing. What does a head look like that has learned something? Give it a task of
# which we know how it must be done: at each place, **name the last vowel so far**, the place itself included. At the
# `t` of `Let's he` that is the `e` before it; at the `L` there has been none, and nothing is asked.
#
# To solve it, a head has to look at one certain place, another one in every window. Nobody tells it which: all it gets
# is windows out of the plays, and the right vowel. Below are the parts, in a row: the module of chapter 04, the head,
# and a Linear that guesses; then plain gradient descent, as in chapter 02.

# %%
loader = running.loader()
is_vowel = torch.zeros(loader.vocab_size, dtype=torch.bool)
is_vowel[loader.encode("aeiou")] = True


def last_vowel(ids: torch.Tensor) -> torch.Tensor:
    """The place of the last vowel up to each place, -1 where there has been none: (batch, 8) -> (batch, 8)."""
    return torch.where(is_vowel[ids], torch.arange(ids.shape[-1]), -1).cummax(dim=-1).values


def some_windows(ids: torch.Tensor, count: int) -> torch.Tensor:
    """Windows of 8 from random places: (count, 8)."""
    return ids[torch.randint(len(ids) - 8, (count, 1)) + torch.arange(8)]


torch.manual_seed(1341)
toy = replace(small, embedding_dim=16, dropout=0.0)
parts = nn.ModuleList([EmbeddingModule(loader.vocab_size, toy), AttentionHead(8, toy), nn.Linear(8, loader.vocab_size)])
embed, learned, guess = parts
losses = []
for _ in range(200):
    ids = some_windows(loader.train_ids, 32)
    places = last_vowel(ids)
    wanted = ids.gather(1, places.clamp(min=0)).masked_fill(places < 0, -100)  # -100: nothing is asked here
    loss = F.cross_entropy(guess(learned(embed(ids))).flatten(0, 1), wanted.flatten())
    losses.append(loss.item())
    for parameter, slope in zip(parts.parameters(), torch.autograd.grad(loss, list(parts.parameters())), strict=True):
        parameter.data -= slope
print(f"loss {losses[0]:.2f} -> {losses[-1]:.2f}")

# %% [markdown]
# That was 200 steps. Now windows from the validation part, which it has never met, and a question to it: where do you
# look? Find the place with the largest weight in each row, and see how often it is that of the last vowel.

# %%
torch.manual_seed(1342)
with torch.no_grad():
    unseen = some_windows(loader.validation_ids, 1000)
    unseen_weights = learned.weights(embed(unseen))
vowel_places = last_vowel(unseen)
print(tuple(unseen_weights.shape), tuple(vowel_places.shape))

# %%
looked_at = ____  # where does each place look most?
found = (looked_at == vowel_places)[____].float().mean()  # only where there has been a vowel
check("06.28")

# %%
with torch.no_grad():
    pattern = learned.weights(embed(running.ids()))[0]
draw.heat(
    pattern,
    rows=running.SENTENCE,
    columns=running.SENTENCE,
    title='Attention weights on "Let\'s he", after learning to name the last vowel',
    alt="Eight rows, who asks, and eight columns, who is asked, labelled L, e, t, apostrophe, s, space, h, e. Each row has a "
    "single 1.00, all else is 0.00. Row L has it for itself. The rows e, t, apostrophe, s, space and h all have it in the "
    "column of the first e. The last row, the second e, has it for itself.",
    x_name="is asked",
    y_name="asks",
)
print(f"looks at the last vowel in {found:.1%} of the places")

# %% [markdown]
# In 99 of 100 places it looks at the last vowel. And in our sentence you can read it off: from the first `e` on,
# everybody looks at that `e`, past all that stands between, until a second `e` comes along and looks at itself. `L` has
# nothing to find, and nobody else to look at.
#
# Nobody has told it where to look, only which vowel would have been right. From that its queries have come to ask for
# *a vowel, and the later the better*, and its keys to answer. In another window it looks elsewhere. That is what an
# average could never do: **the shares depend on what is there**.
#
# Put the two figures side by side. The same class, the same eight characters, and between them 200 steps.
#
# - [ ] 06.28 Ask a trained head where it looks
# - [ ] 06.r10 I can read the two figures of "Let's he", before and after learning

# %% [markdown]
# ## What is now yours
#
# - attention is **a table of shares times rows**; an average is the dullest such table
# - **query, key, value**: what I ask for, what I offer myself as, what I give
# - scores = queries @ keys.mT / **√d**, so that they keep the size of 1 and can learn
# - the **causal mask**, minus infinity before the softmax, so that nobody copies from the future
# - **softmax** along each row, **dropout** on what comes out, and then the values
# - (batch, sequence, width) goes in, (batch, sequence, head_size) comes out: `AttentionHead(head_size, config)`
#
# Tick, commit, and be pleased with yourself; nothing in the rest of the course is harder.
#
# One head asks one question, and brings back rows half as wide as they came. In **07 MultiHeadAttention** several heads
# ask at once, and together they fill the width again.
