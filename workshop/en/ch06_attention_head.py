# %% [markdown]
# # 06 AttentionHead
# <!-- Made from checkpoints/ch06_attention_head.py by scripts/build.py. From your first edit on it is yours. -->
#
# Let every character look back at the others, work out for itself which of them matter, and take what it needs from
# those.
#
# 195 minutes in twelve sections. Take two or three evenings; the end of any section is a good place to stop. You'll
# need chapters 02 to 05, matrix products, mean and variance.
#
# This is the heart of the course. So far the model has looked at every character on its own. Here they meet.

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
# `"Let's he"` has become eight rows of eight numbers. The last row knows that it's an `e`, that it's at place 7, and
# nothing else. Now we want it to say what comes next.
#
# Guess which character follows an `e` most often. What if you know there's an `h` before it? And a space before that?

# %%
text = corpus.shakespeare()
for known in ("e", "he", " he", "'s he"):
    follows = Counter(re.findall(f"(?<={re.escape(known)}).", text, re.DOTALL))
    best = [f"{letter!r} {count / follows.total():.0%}" for letter, count in follows.most_common(3)]
    print(f"after {known!r:<8} {follows.total():>6,} times, then {', '.join(best)}")

# %% [markdown]
# The same `e` four times, and each time it should say something else: a space, a space with more conviction, an `r`, an
# `a`. What an `e` means depends on the **company** it keeps.
#
# So why not go on counting? We did. For every string of *k* characters in the training part, we noted what follows it
# most often. In the exam, on the validation part, that was our answer.
#
# | characters known | right answers | strings never met in training |
# | ---: | ---: | ---: |
# | 1 | 27.0% | 0.0% |
# | 2 | 38.1% | 0.1% |
# | 3 | 46.9% | 1.0% |
# | 4 | 51.7% | 3.6% |
# | 6 | 44.9% | 19.9% |
# | 8 | 28.7% | 48.9% |

# %% [markdown]
# More company helps, and then it ruins us. A table needs a row for every string. There are 64⁸ strings of eight, about
# 281 million million, and nearly half of those that turn up in the exam are new. To a table, `Let's he` and `let's he`
# are strangers.
#
# Rows of numbers are more forgiving: similar rows can be treated alike, and rows can be **mixed**. So here's the plan:
# each place mixes the rows of its company into one. The only question is in what proportions.
#
# We'll try it on three words of two numbers each, made up by hand: how much of a *somebody* the word is, and how much
# of a *feeling*.

# %%
names = ["I", "love", "you"]
words = torch.tensor([[1.0, 0.5],
                      [0.5, 1.5],
                      [1.5, 1.0]])

# %% [markdown]
# The first idea is the average. Work it out on paper for `I love you`. Then, for each word, average what has been read
# so far: `I`, then `I love`, and so on.

# %%
average = ____  # the mean of the three rows, as one row
so_far = torch.stack([
    ____  # the mean of the rows up to and including this place
    for place in range(len(words))
])
check("06.01")

# %%
print("average:", average)
print(so_far)

# %% [markdown]
# (1, 1): the numbers were chosen kindly. And the average of `you love I`? The same, since adding doesn't care about
# order. Our real rows carry their places, thanks to chapter 03, so that trouble is over.
#
# This one isn't: take `I do not love you`. In an average, `not` has a fifth of the say, and so does `do`. **In an
# average every word counts the same.**

# %% [markdown]
# An average is only one way to mix: a third of each. Nothing stops us from saying *0.2 of `I`, 0.7 of `love`, 0.1 of
# `you`*: **shares** that add up to 1.
#
# Multiply each row by its share, then add up. You know an operation that multiplies and adds up. On paper first: 0.2 x
# 1.0 + 0.7 x 0.5 + 0.1 x 1.5, then the second column.

# %%
shares = torch.tensor([0.2, 0.7, 0.1])
recipe = torch.tensor([[1.0, 0.0, 0.0],
                       [0.5, 0.5, 0.0],
                       [0.2, 0.7, 0.1]])

# %%
mixed = ____  # 0.2 of "I", 0.7 of "love" and 0.1 of "you", as one row
all_mixed = ____  # one mixture for each row of `recipe`
check("06.02")

# %%
print("mixed:", mixed)
print(all_mixed)

# %% [markdown]
# One product mixes for every place at once: **a table of shares times the rows**. Row 0 of the recipe takes `I` alone,
# row 1 is an average of two, row 2 is our mixture.
#
# Everything else hangs on this sentence: *attention is a matrix product with a table of shares*. What's left is to find
# good shares. For three words we can set them by hand. For a million windows the rows had better find them themselves.
#
# - [ ] 06.01 Average what has been read so far
# - [ ] 06.02 Mix with shares instead
# - [ ] 06.r1 I can say what a word doesn't get from an average of its company

# %% [markdown]
# ## Mixing by relevance · 16 min
#
# Who should `I` listen to? For a start, whoever it has something in common with. We need a number that's large when two
# rows go well together and small when they don't.
#
# Here's one: multiply number by number, then add up. If both words are very much a somebody, the first product is
# large; if both are very much a feeling, the second is. You know it as the **dot product**.
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
# That was one word asking. When all three ask, is it three products, or one? A matrix product is a table of dot
# products, each row on the left with each *column* on the right. We want rows with rows, so transpose the one on the
# right first.
#
# Guess: who is `love`'s favourite?

# %%
scores = ____  # row: who asks; column: who is asked
favourites = ____  # for each row, the place of its largest score, all in one tensor
check("06.04")

# %%
draw.heat(
    scores,
    rows=names,
    columns=names,
    title="How well the words go together: dot products",
    alt="Three rows, who asks, and three columns, who is asked. I: 1.25, 1.25, 2.00. love: 1.25, 2.50, 2.25. "
    "you: 2.00, 2.25, 3.25. Mirrored in its diagonal, the table stays the same.",
    x_name="is asked",
    y_name="asks",
)
print("favourites:", [names[place] for place in favourites])

# %% [markdown]
# `love` loves itself, and the table is its own mirror image. Both will bother us soon.
#
# But it's a start: we have a table of scores, and need a table of shares. The scores of `love` add up to 6. Shares
# should add up to 1.
#
# - [ ] 06.03 Compute scores with a dot product
# - [ ] 06.04 Compute all scores with one matrix product
# - [ ] 06.r2 I can read the table: who asks, who is asked

# %% [markdown]
# ## Softmax · 20 min
#
# Divide by the sum, then? That works until a fourth word comes along: *hate*, (0.5, -1.5), a bit of a somebody, and a
# feeling in the opposite direction. `love` asks all four:

# %%
four = ["I", "love", "you", "hate"]
love_scores = torch.tensor([1.25, 2.5, 2.25, -2.0])
print("sum:", love_scores.sum(), " divided by the sum:", love_scores / love_scores.sum())

# %% [markdown]
# Minus a half of `hate`, and to make up for it one and a half of the others. If the four scores had added up to 0,
# there'd have been nothing to divide by. A score can be any number; a share can't.
#
# So first, something has to make every number **positive** and keep the larger ones larger. Do you know a function
# whose curve never touches zero and always climbs?

# %%
powers = ____  # e to the power of each score
love_shares = ____  # each power's share of the total
check("06.05")

# %%
for word, score, power, share in zip(four, love_scores.tolist(), powers.tolist(), love_shares.tolist(), strict=True):
    print(f"{word:>5} {score:>6.2f} -> {power:>6.2f} -> {share:.3f}")
print("the shares add up to", round(love_shares.sum().item(), 4))

# %% [markdown]
# Everybody has a share, the order is the same, and `hate` hasn't been thrown out, only shown to the back row. Exp, then
# each over the sum: this is **softmax**. What decides is the *difference* between scores. One point more always means
# 2.72 times the share.
#
# PyTorch has it as `F.softmax(scores, dim=...)`. Two things can still go wrong.

# %% [markdown]
# First, scores can be large. These three, 1000, 999 and 998, are one point apart. Guess what comes out before you run
# it:

# %%
large = torch.tensor([1000.0, 999.0, 998.0])
print(torch.exp(large), torch.exp(large) / torch.exp(large).sum())

# %% [markdown]
# A float32 ends at about 3.4 x 10³⁸, and e¹⁰⁰⁰ has 435 digits. Infinity divided by infinity is `nan`, *not a number*,
# and a single one of those spreads through a model like ink through water.
#
# The way out: only differences count. Take the same number off every score, and every power is divided by the same
# factor, which cancels in the shares. Which number would you take off?

# %%
shifted = ____  # the scores, moved so that the largest is 0
safe = ____  # their shares
check("06.06")

# %%
print(shifted, "->", safe)

# %% [markdown]
# 0.665, 0.245, 0.090: the shares of any three scores one point apart. `F.softmax` takes off the maximum too, so the
# scores you give it can be any size.
#
# The second thing goes wrong in real life, and silently. A table of scores has two dimensions. Along which of them do
# the shares add up to 1?
#
# Row 1 is `love` asking around. It has one portion of attention to hand out, so **each row adds up to 1**, and the
# columns do as they please. `dim=-1` names the last dimension, along the row. `keepdim=True` keeps the sums as a
# column, (3, 1), so that each row is divided by its own.

# %%
row_powers = torch.exp(scores - scores.max(dim=-1, keepdim=True).values)
word_shares = ____  # each row's shares
gathered = ____  # for each word, the words mixed by its shares
check("06.07")

# %%
print(word_shares)
print("rows add up to", word_shares.sum(dim=1), "columns to", word_shares.sum(dim=0))
print(gathered)

# %% [markdown]
# Scores, shares, mixture. That's attention in its simplest form, and you could have invented it. In PyTorch it's one
# line: `F.softmax(words @ words.T, dim=-1) @ words`.
#
# From now on the shares go by the name that everyone uses: **attention weights**.
#
# - [ ] 06.05 Turn scores into shares: exp, then divide by the sum
# - [ ] 06.06 Keep large scores from overflowing
# - [ ] 06.07 Take shares along the right dimension, and mix
# - [ ] 06.r3 I can say why each row of the weights adds up to 1, and a column needn't

# %% [markdown]
# ## Queries, keys and values · 22 min
#
# Now for what bothered us. `love` gives 2.5 to itself, 2.25 to `you` and 1.25 to `I`. A row tends to have a lot in
# common with itself. But `love` already knows that it's love. What it *lacks* is who loves whom.
#
# And `love` with `you` is the same number as `you` with `love`; a dot product can't help that. Yet what I'm looking for
# in you and what you're looking for in me are two questions, as anyone courted by Richard III could tell you.
#
# The trouble is that one row has to say both *what I'm looking for* and *what I am*. So let it say two things.

# %% [markdown]
# Each word gets a **query**, which says what it's looking for, and a **key**, which says what it can be found by. A
# score is then the dot product of *my query with your key*. A matrix makes each of them from the word's row:

# %%
to_query = torch.tensor([[0.0, 1.0],
                         [2.0, 0.0]])
to_key = torch.tensor([[1.0, 0.0],
                       [-1.0, 1.0]])

# %% [markdown]
# Read them as instructions. A query is (2 x feeling, 1 x somebody): a feeling asks for a somebody, a somebody asks for
# a feeling. A key is (somebody - feeling, feeling): "I'm more of a somebody than a feeling", and "I'm a feeling".
#
# On paper: the query that `love`, (0.5, 1.5), sends out, and the keys of `I`, (1.0, 0.5), and of `love` itself.

# %%
query_of_love = ____  # what love is looking for
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
# What a word is *found by* needn't be what it *gives*. You find a book by its title, but you don't spend three weeks
# reading the title. So each word also has a **value**: the numbers it hands over to whoever listens. Ours are three
# numbers long, to show that they can have any length.
#
# | | is | made by | goes into |
# | --- | --- | --- | --- |
# | query | what I ask for | `words @ to_query` | scores |
# | key | what I'm found by | `words @ to_key` | scores |
# | value | what I give | `words @ to_value` | the mixture |

# %%
to_value = torch.tensor([[1.0, 0.0, 0.5],
                         [0.0, 2.0, 0.5]])
word_queries = words @ to_query
word_values = words @ to_value
print(word_queries)
print(word_values)

# %%
word_keys = ____  # the keys of all three words, one to a row
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
    "you: 0.30, 0.07, 0.63. The table is no longer its own mirror image: love gives 0.56 to you, and you gives 0.07 back.",
    x_name="is asked",
    y_name="asks",
)
print(answer)

# %% [markdown]
# `love` listens to `you` and to `I`, and hardly to itself. It wants a lot from `you` and gets little back; the mirror
# is broken, as in the best comedies.
#
# We made all of this up by hand. In the model **nobody does**: the three matrices start with random numbers, and the
# loss pushes them about. The last `e` of `Let's he` may come to ask for a consonant nearby; the `h` may be found as a
# consonant at place 6, and give whatever is good to know about an `h`. Or they may ask for things that nobody has a
# word for. That's their business.

# %% [markdown]
# PyTorch calls a matrix that learns `nn.Linear(in, out)`. Two details: we want it without the bias that it usually
# adds, and it keeps its matrix the other way round, as (out, in).
#
# Guess the shape of `weight` for a layer from 8 numbers to 4. Then write what `layer(rows)` does as a matrix product.

# %%
torch.manual_seed(1341)
rows = torch.randn(5, 8)
layer = ____  # from 8 numbers to 4, without a bias
by_product = ____  # what layer(rows) gives, as a product with its weight
check("06.10")

# %%
print("weight:", tuple(layer.weight.shape), " rows:", tuple(rows.shape), "->", tuple(by_product.shape))
print("the same as layer(rows):", torch.allclose(by_product, layer(rows)))

# %% [markdown]
# Why no bias? Add a row *b* to every key. Then all the scores of one query grow by the same number, *query · b*, and
# you know from 06.06 what difference that makes to softmax: none at all. A bias on the queries wouldn't vanish, but we
# do well without it. (GPT-2 has both; many newer models have neither.)
#
# - [ ] 06.08 Let "love" ask, with a query and a key
# - [ ] 06.09 Use queries, keys and values for all words
# - [ ] 06.10 Make the matrix with nn.Linear
# - [ ] 06.r4 I can say what each of the three views is for: to ask, to be found, to give

# %% [markdown]
# ## Scaling · 24 min
#
# Our queries and keys had two numbers. In the real settings they have 16, in GPT-2 64. Does anything change, apart from
# there being more to add up?
#
# Take random queries and keys, every number with mean 0 and variance 1. Their dot products are 0 on average, some
# above, some below. How far do they spread? Guess the variance for vectors of 4 numbers, and of 256. Each query meets
# only its own key: 5,000 pairs, 5,000 numbers.

# %%
sizes = (4, 16, 64, 256)


def dot_products(d: int) -> torch.Tensor:
    """The dot products of 5,000 pairs of random vectors of d numbers: (5000,)."""
    torch.manual_seed(1341)
    some_queries, some_keys = torch.randn(5_000, d), torch.randn(5_000, d)
    return ____  # one dot product for each pair: row with row


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
# The variance *is* d, give or take the luck of 5,000 draws. Here's why: a product of two such numbers has mean 0 and
# variance 1, a dot product adds up d of them, and variances of independent things add up.
#
# So with 256 numbers a typical score is 16, or -16, and no longer 1. Is that bad? Here are eight calm scores. Take
# their shares, then those of the same scores times 2, times 4, times 16. Guess how large the largest share gets.

# %%
calm = torch.tensor([0.9, 0.1, -0.4, 1.2, -1.1, 0.5, -0.2, -1.0])
factors = (1, 2, 4, 16)

# %%
sharper = torch.stack([
    ____  # the shares of the scores times the factor
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
    "out: 0.23 for 0.9, 0.31 for 1.2, and nowhere less than 0.03. Times 2 the largest is 0.49, times 4 it is 0.72. "
    "Times 16 it is 0.99, the second 0.01, and all the others 0.00.",
)

# %% [markdown]
# Times 16, softmax puts 0.99 on one place. That's picking, not mixing.
#
# And a row like this can hardly **learn**. Nudge the best score a little: how far does its share move? The slope is
# *share x (1 - share)*, and PyTorch's gradient agrees:

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
# At 0.99 the slope is 26 times smaller than at 0.31. Training goes by slopes: a head that makes up its mind before it
# has learned anything hardly hears that it's wrong. So keep the scores around 1 until there's a reason to be sure.
#
# Dividing numbers by *c* divides their variance by *c²*. The variance is *d*. What do you divide by to make it 1?

# %%
d = 64

# %%
scaled = ____  # `dot_products(d)`, divided by what makes their variance 1


def scaled_scores(queries: torch.Tensor, keys: torch.Tensor) -> torch.Tensor:
    """Scores of each query with each key, of variance about 1: (places, d) and (places, d) -> (places, places)."""
    d = ____  # how many numbers does a query have?
    return ____  # all scores, scaled


check("06.13")

# %%
for size in sizes:
    raw = dot_products(size)
    print(f"d = {size:>3}: variance {raw.var():6.1f}   over root d {(raw / size**0.5).var():.2f}", end="   ")
    print(f"over d {(raw / size).var():.4f}")

# %% [markdown]
# With the root, the variance stays at 1, whatever d is. Divide by d itself, and it shrinks towards 0, and we're back at
# the plain average.
#
# That's all there is to the famous √d. Scores = *queries @ keys.T / √d*; with softmax and the values this is called
# **scaled dot-product attention**. Mind which d: the length of a query, because that's what gets added up. Not the
# number of places, and not the width of the model.
#
# - [ ] 06.11 Measure how dot products spread
# - [ ] 06.12 See what softmax does with large scores
# - [ ] 06.13 Scale them
# - [ ] 06.r5 I can say what goes wrong without the root of d

# %% [markdown]
# ## The causal mask · 24 min
#
# Here's a head that predicts dice. It's shown eight throws and has to name, at each of the eight places, the throw that
# comes next. The best anyone can do is one in six.
#
# The function below takes a small head of the kind you've built, trains it for 100 steps, and returns the share of
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
    alt="Eight bars. At places 0 to 6 the share of right answers is 1.00. At place 7 it's about 0.16.",
    x_name="place",
)

# %% [markdown]
# Seven places without a single error. Ten seconds of triumph, then suspicion.
#
# At place 3 the head is asked for the throw at place 4. And place 4 is in the window, one step to the right, so the
# head reads off the answer. Only at place 7, the last bar, is there nothing to the right, and it's back to one in six.
#
# **It has learned to copy from the answer sheet**, and it's good for nothing else: a model that writes is always at the
# last place.

# %% [markdown]
# So nobody looks to the right. Each place may see itself and what came before. Draw it as a table for four places: rows
# for who asks, columns for who is asked, 1 for *may* and 0 for *may not*. What shape do the ones make?
#
# `torch.tril` keeps the lower triangle of a matrix, diagonal included, and sets the rest to 0.

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
# gives 0 when e is raised to it? Not 0: e⁰ is 1. Not -5 either: that leaves 0.007. There is one, and computers have it:
# minus infinity, `float("-inf")`.
#
# `x.masked_fill(condition, number)` writes the number wherever the condition is true.

# %%
raw_scores = torch.tensor([[0.5, 1.5, -0.5, 3.0],
                           [1.0, 0.2, 2.5, -1.0],
                           [-0.7, 0.8, 1.4, 0.6],
                           [0.3, -1.2, 0.9, 0.4]])

# %%
masked = ____  # minus infinity where looking isn't allowed
attention = ____  # the weights, row by row
check("06.15")

# %%
print(masked)
print(attention)

# %% [markdown]
# Look at the first row: 1, 0, 0, 0. The 3.0 for the last place is gone. The first place sees nobody but itself, so it
# gives itself everything, **whatever the scores are**, in every head of every model of this kind.
#
# Each row still adds up to 1. Could we have got there more simply, with the softmax first and zeros in the upper right
# afterwards? It sounds the same. Try it.

# %%
late = ____  # softmax first, then zeros where looking isn't allowed
late_sums = ____  # what does each row add up to?
check("06.16")

# %%
print("rows add up to", late_sums)
other_future = raw_scores.clone()
other_future[0, 3] = -3.0  # the first place's score for the last place, which it must not see
print("first row, before:", late[0], " after:", (F.softmax(other_future, dim=-1) * allowed)[0])

# %% [markdown]
# The first row adds up to 0.06. The rest went to places that were then taken from it. It gets worse: change a score
# that the first place must not see, and its weight for itself changes, from 0.06 to 0.24. **How much is missing gives
# the future away**, and training finds every leak of this kind.
#
# So the mask comes before the softmax, with minus infinity. Now the dice again, behind a wall:

# %%
wall = torch.zeros(8, 8).masked_fill(torch.tril(torch.ones(8, 8)) == 0, float("-inf"))
dice_masked = train_on_dice(wall)
print("without a wall:", dice)
print("with a wall:   ", dice_masked)

# %% [markdown]
# One in six, give or take, at every place. For once we're pleased with a model that knows nothing: there's nothing to
# know.
#
# - [ ] 06.14 Write down who may see whom
# - [ ] 06.15 Put the mask before the softmax
# - [ ] 06.16 Put it after the softmax, and see what leaks
# - [ ] 06.r6 I can say why the first row of the weights is always 1, 0, 0, ...

# %% [markdown]
# ## Dropout on the weights · 13 min
#
# Two heads want to know whether a vowel comes next. They ask four earlier places; the answers are in `told`, where 1
# means yes, and each head mixes them with its own weights. One head leans on a neighbour that was useful once, the
# other listens to all four. Now a place falls silent. Guess what's left of each mixture:

# %%
told = torch.tensor([1.0, 0.8, 1.2, 1.0])
leaning = torch.tensor([0.02, 0.02, 0.94, 0.02])
listening = torch.tensor([0.25, 0.25, 0.25, 0.25])
for how, shares_of_four in (("leaning on one", leaning), ("listening to all", listening)):
    products = shares_of_four * told
    print(f"{how:<16} {products.sum():.3f}, with one place silent: {products.sum() - products}")

# %% [markdown]
# Without its neighbour the first head is left with 0.056 of 1.184. The second never falls below 0.7, whoever is silent.
# And in new text somebody always is: *look two to the left* may have worked for a few lines of Coriolanus and nowhere
# else.
#
# How do you teach a head not to lean? Take places away from it **while it trains**, at random, different ones at every
# step. This is **dropout**. Here it acts on the attention weights: each is set to 0 with probability *p*.
#
# With p = 0.25 one weight in four goes, on average. What does that do to the size of the mixture? Throw dice 10,000
# times for four weights.

# %%
p = 0.25
four_weights = torch.tensor([0.1, 0.2, 0.3, 0.4])
torch.manual_seed(1341)
keeps = torch.rand(10_000, 4) > p  # True: this weight stays
print(keeps[:3])

# %%
dropped = ____  # each weight's mean over all throws, counting as 0 where it was dropped
repaired = ____  # all throws, enlarged so that the mean is as before
check("06.18")

# %%
print("weights:  ", four_weights)
print("dropped:  ", dropped)
print("repaired: ", repaired.mean(dim=0))

# %% [markdown]
# A quarter goes, three quarters are left on average: 0.075 of 0.1. The layers that follow would get used to that, and
# be startled when nothing is dropped any more. So whatever stays is divided by 1 - p, and the mean is what it was.
#
# `nn.Dropout(p)` does both, and has a switch: in training it drops, in the exam it lets everything through.
# `module.train()` and `module.eval()` set the switch, and a new module is in training mode.

# %%
ones = torch.ones(1000)
torch.manual_seed(1341)
dropout = ____  # drops each number with probability p
in_training = dropout(ones)
dropout.____()  # set the switch for the exam
in_exam = dropout(ones)
check("06.19")

# %%
print("in training:", in_training[:8], f" zeros: {(in_training == 0).float().mean():.3f}, mean {in_training.mean():.3f}")
print("in the exam:", in_exam[:8], f" mean {in_exam.mean():.3f}")

# %% [markdown]
# The survivors are 1.333, which is 1/0.75. In the exam everything is 1.
#
# Forgetting `eval()` is a classic: the model does a little worse than it could, and answers differently each time.
# Forgetting to go back to `train()` is another: from then on nothing is dropped.
#
# To be honest about our own model: in training it meets most places of the text once or not at all. It can't learn
# anything by heart that way, so `Config()` leaves dropout at 0; only the small configuration has it on. Dropout matters
# where a large model goes over a small text again and again.
#
# - [ ] 06.18 Drop weights by hand, and repair the mean
# - [ ] 06.19 Switch from training to the exam
# - [ ] 06.r7 I can say what the division by 1 - p is for

# %% [markdown]
# ## One head, end to end · 18 min
#
# All the parts are on the table. Now `"Let's he"` with its real numbers, as LayerNorm left them in chapter 05. The
# three matrices and what follows them are called a **head**. In the small configuration a row has 8 numbers, and a head
# turns it into a query, a key and a value of 4 numbers each. (Why 4? In chapter 07 two heads will share the 8.)

# %%
small = Config.small()
head_size = small.embedding_dim // small.num_heads
x = running.after("05")[0]
print(tuple(x.shape), "head size", head_size)
print(x)

# %%
torch.manual_seed(1341)
query, key, value = (
    ____  # from the model's width to the head's, by name
    for _ in range(3)
)
queries, keys, values = ____  # x, seen in three ways
check("06.20")

# %%
print("queries", tuple(queries.shape), "keys", tuple(keys.shape), "values", tuple(values.shape))
print(queries.detach().round(decimals=3))

# %% [markdown]
# Eight places, and for each one a question of four numbers. Now the scores, scaled; then the mask; then the softmax.
# Guess first: these layers have learned nothing, and start with small random numbers. Will the weights be sharp, or
# nearly even?

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
    "and 0.35. From row s on, no weight is above 0.29; the last row has eight between 0.07 and 0.15.",
    x_name="is asked",
    y_name="asks",
)

# %% [markdown]
# Read it row by row. `L` has only itself, as it must. `e` gives 0.41 to `L` and 0.59 to itself. In the last row an
# average would give 0.125 to each of the eight; this head gives between 0.07 and 0.15. It's an average with a tremor,
# and the tremor means nothing yet. A good place to start: nobody is ignored.
#
# The last step, by hand first. Row 1, the `e`, sees two places: which weight goes with which value? Then all eight rows
# at once. Guess what row 0 will be.

# %%
second_row = ____  # row 1 by hand, without `@`: the two places that it sees
out = ____  # all rows at once: the values, mixed for each place, (8, 4)
check("06.22")

# %%
print(out.detach())
print("this is what leaves the chapter:", torch.equal(out.round(decimals=4), running.after("06")[0].round(decimals=4)))

# %% [markdown]
# Row 0 is the value of `L`, unmixed: its weight was 1. Row 1 is 0.41 of that and 0.59 of the value of `e`.
#
# And look at the two `e`s, rows 1 and 7. In chapter 02 they were the same eight numbers. In chapter 03 their places
# told them apart. Now one of them has met an `L`, and the other a whole line: **they differ by the company they keep**,
# which is what we were after.
#
# - [ ] 06.20 Give "Let's he" queries, keys and values
# - [ ] 06.21 Compute its attention weights
# - [ ] 06.22 Mix its values, one row of them by hand
# - [ ] 06.r8 I can point at a square in the figure and say what it means

# %% [markdown]
# ## Many windows at once · 12 min
#
# A batch has many windows, and each keeps to itself: `Let's he` has no business with the `h` of another play. Three
# windows, eight places, eight numbers: (3, 8, 8). A Linear works on the last dimension and doesn't mind the rest.

# %%
three = ["Let's he", "O Romeo,", "the quee"]
windows = running.part("05")(running.part("04")(torch.tensor([running.loader().encode(w) for w in three]))).detach()
torch.manual_seed(1341)
head_queries, head_keys = torch.randn(3, 2, 8, 4), torch.randn(3, 2, 8, 4)  # made up: two heads

# %%
window_queries, window_keys, window_values = query(windows), key(windows), value(windows)
print(tuple(windows.shape), "->", tuple(window_queries.shape))

# %% [markdown]
# No loop needed. With more than two dimensions `@` takes the **last two** as matrices, and whatever comes before them
# says how many products there are: (3, 8, 4) @ (3, 4, 8) is three products of (8, 4) with (4, 8), and gives (3, 8, 8).
# Two heads in each of three windows make it (3, 2, 8, 4), in words (batch, heads, sequence, head size).
#
# Transpose with care. `.T` would reverse all dimensions. `.mT` swaps the last two, and so does `.transpose(-2, -1)`.

# %%
window_scores = ____  # scaled scores, a table for each window
window_weights = F.softmax(window_scores.masked_fill(mask == 0, float("-inf")), dim=-1)
window_out = ____  # the values, mixed in each window
head_tables = ____  # two heads in each window, not scaled: (3, 2, 8, 8)
check("06.23")

# %%
print(tuple(window_scores.shape), "->", tuple(window_out.shape), " two heads:", tuple(head_tables.shape))
print('"Let\'s he" as before:', torch.allclose(window_out[0], out, atol=1e-6))

# %% [markdown]
# One mask of (8, 8) was enough for all three tables. And the first window came out just as it did on its own: no window
# has seen another.
#
# PyTorch has all of this in one call: `F.scaled_dot_product_attention(queries, keys, values, is_causal=True)`.
#
# - [ ] 06.23 Do it for a batch of windows, and for two heads

# %% [markdown]
# ## Shorter windows · 10 min
#
# The mask is made for the longest window, 8 here. But a model that begins to write has read one character, then two,
# then three. After five its table of scores is (5, 5), which doesn't fit a mask of (8, 8).
#
# Which part of a staircase of 8 steps is a staircase of 5? The top left corner, `mask[:5, :5]`.
#
# Guess before you compute: how does the answer for the first five characters alone differ from the first five rows of
# the answer for all eight?

# %%
def attend(x: torch.Tensor) -> torch.Tensor:
    """The head's answer for windows of any length up to 8: (..., sequence, 8) -> (..., sequence, 4)."""
    length = ____  # how many places does a window have?
    attend_scores = query(x) @ key(x).mT / head_size**0.5
    attend_scores = attend_scores.masked_fill(____ == 0, float("-inf"))  # as much of the mask as you need
    return F.softmax(attend_scores, dim=-1) @ value(x)


first_five = attend(windows[:, :5])
check("06.24")

# %%
print(tuple(windows[:, :5].shape), "->", tuple(first_five.shape))
print("the same as the first five rows of eight:", torch.allclose(first_five, window_out[:, :5], atol=1e-6))

# %% [markdown]
# Not at all. None of the first five could see the last three, so it makes no difference whether they're there. **What a
# place has worked out stays, whatever is written after it.** That's why one window of eight gives eight honest exam
# questions, as chapter 01 promised: at place 4 the head knows no more than if the text ended there.

# %% [markdown]
# One thing is left: where does the mask live? The head should keep it, but it isn't a parameter; nobody should train
# it. As a plain attribute, `self.mask = ...`, it would be left behind: when you move a model to a graphics card, or to
# wider numbers with `.double()`, the model takes along what's *registered* with it and nothing else.
#
# That's what **buffers** are for: `self.register_buffer("mask", tensor, persistent=False)`. A buffer moves along and
# isn't trained. `persistent=False` keeps it out of the saved file: anybody can build a staircase.

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
# - [ ] 06.r9 I can say why the first five answers don't depend on the last three characters

# %% [markdown]
# ## The class · 12 min
#
# Nine blanks and no new idea: you've written every line before. The method `weights` ends with the softmax, so that you
# can look at the weights; `forward` drops some of them and mixes the values.

# %%
class AttentionHead(nn.Module):
    """Lets each place look at itself and those before it, and mixes their values by what it finds."""

    mask: torch.Tensor

    def __init__(self, head_size: int, config: Config) -> None:
        """Queries, keys and values of `head_size` numbers each, from rows of `config.embedding_dim`."""
        super().__init__()
        self.query = ____  # what a place asks for
        self.key = ____  # what it can be found by
        self.value = ____  # what it gives
        self.dropout = ____  # drops weights while training
        longest = config.input_sequence_length
        self.register_buffer("mask", ____, persistent=False)  # who may see whom

    def weights(self, x: torch.Tensor) -> torch.Tensor:
        """How much each place listens to each place, before dropout: (..., sequence, width) -> (..., sequence, sequence)."""
        length, head_size = x.shape[-2], self.query.out_features
        scores = ____  # scaled scores
        scores = ____  # minus infinity for the future
        return ____  # shares that add up to 1 in each row

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
print("this is what chapter 07 begins with:", torch.equal(leaving, running.after("06")))

# %% [markdown]
# The same numbers as by hand.
#
# Now for your **tensor map**: the shapes that this chapter adds. Write them with the names of the settings, this time
# those of the real model; the check tries other settings too.

# %%
config = Config()
size = config.embedding_dim // config.num_heads
print(config, "head size", size)

# %%
shapes = {
    "normalised": (config.batch_size, config.input_sequence_length, config.embedding_dim),
    "queries": ____,  # keys and values too
    "mask": (config.input_sequence_length, config.input_sequence_length),
    "attention weights": ____,  # a table for each window
    "head output": ____,  # what each place has gathered
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
# Look at the middle one: every place against every place. A window twice as long makes a table four times as large.
# That's the price of attention, and why the length of a model's context is something to boast about.
#
# - [ ] 06.26 Write the class AttentionHead
# - [ ] 06.27 Note its shapes on the map

# %% [markdown]
# ## A head that has learned · 10 min
#
# What does a head look like once it has learned something? Give it a task that we know how to do: at each place, **name
# the last vowel so far**, the place itself included. At the `t` of `Let's he` that's the `e` before it; at the `L`
# there hasn't been one, and nothing is asked.
#
# To solve it, a head has to look at one particular place, and nobody tells it which: all it gets is windows from the
# plays, and the right vowel. Below are the module of chapter 04, the head, and a Linear that guesses; then plain
# gradient descent, as in chapter 02.

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
# That was 200 steps. Now take windows that the head has never met, from the validation part, and ask it: where do you
# look? How often is the largest weight in a row the last vowel's?

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
    alt="Eight rows, who asks, and eight columns, who is asked, labelled L, e, t, apostrophe, s, space, h, e. Each row has "
    "one weight of about 1, all the others are about 0. Row L has it for itself. The rows e, t, apostrophe, s, space and h all have it in the "
    "column of the first e. The last row, the second e, has it for itself.",
    x_name="is asked",
    y_name="asks",
)
print(f"looks at the last vowel in {found:.1%} of the places")

# %% [markdown]
# At more than 95 places out of 100 it looks at the last vowel. You can read it off our sentence: from the first `e` on,
# everybody looks at that `e`, past everything in between, until a second `e` comes along and looks at itself. `L` has
# nothing to find, and nobody else to look at.
#
# From the right vowels alone its queries have learned to ask for *a vowel, and the later the better*, and its keys to
# answer. In another window it looks elsewhere. That's what an average could never do: **the shares depend on what is
# there**.
#
# Put the two figures side by side. The same class, the same eight characters, and 200 steps between them.
#
# - [ ] 06.28 Ask a trained head where it looks
# - [ ] 06.r10 I can read the two figures of "Let's he", before and after learning

# %% [markdown]
# ## Challenge: without the table
#
# This one is optional, takes some 15 minutes, and nothing later needs it.
#
# A window of 100,000 places makes a table of ten thousand million weights, in every head. Models read such windows all
# the same, because nobody needs the table. A query can walk past the places once, one score and one value at a time, and
# remember three things: the largest score so far, the sum of the powers, and the sum of the values times their powers.
# At the end, divide. That's the trick inside FlashAttention.
#
# The catch is the overflow of 06.06: the largest score has to come off first, and halfway along you don't know it yet. So
# you take off the largest *so far*. When a larger one comes along, what do you multiply the old sums by?

# %%
torch.manual_seed(1341)
long_scores = 100 + 2 * torch.randn(12)
long_values = torch.randn(12, 3)
print("scores:", long_scores)
print("with a row of weights:", F.softmax(long_scores, dim=-1) @ long_values)

# %%
def one_pass(scores: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
    """`F.softmax(scores, dim=-1) @ values`, without the weights: (places,) and (places, d) -> (d,)."""
    top = torch.tensor(float("-inf"))
    total, mixture = 0.0, torch.zeros(values.shape[-1])
    for score, value in zip(scores, values, strict=True):
        new_top = torch.maximum(top, score)
        power = torch.exp(score - new_top)
        shrink = ____  # the factor for what was added up with `top` taken off
        total = ____  # the sum of the powers so far, this one included
        mixture = ____  # the sum of the values times their powers so far, this one included
        top = new_top
    return ____  # the mixture, by shares that add up to 1


from_one_pass = one_pass(long_scores, long_values)
check("06.29")

# %% [markdown]
# - [ ] 06.29 Challenge: mix without a table of weights

# %% [markdown]
# ## What's yours now
#
# - attention is **a table of shares times rows**; an average is the dullest such table
# - **query, key, value**: what I ask for, what I'm found by, what I give
# - scores = queries @ keys.mT / **√d**, so that they stay around 1 and the head can learn
# - the **causal mask**, minus infinity before the softmax, so that nobody copies from the future
# - **softmax** along each row, **dropout** on what comes out, and then the values
# - (batch, sequence, width) goes in, (batch, sequence, head_size) comes out: `AttentionHead(head_size, config)`
#
# Tick, commit, and be pleased with yourself; nothing in the rest of the course is harder.
#
# One head asks one question, and brings back narrower rows than went in. In **07 MultiHeadAttention** several heads ask
# at once, and together they fill the width again.
