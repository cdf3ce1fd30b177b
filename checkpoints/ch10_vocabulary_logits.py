# %% [markdown]
# # 10 VocabularyLogits
#
# Turn a vector into a bet on the next character, and measure how big a surprise the real one is.
#
# 50 minutes, six sections. You'll need chapters 05 and 09, and the softmax of chapter 06.
#
# By the end of the evening you'll have one number that says how good a language model is. Everything after that is
# about making the number smaller.

# %%
#| export
import torch
from torch import nn

# %%
import math
import re

import torch.nn.functional as F

from nanogpt import Config, DataLoader, LayerNorm
from workshop import ____, check, corpus, draw, hint, running, solution

torch.set_printoptions(precision=3, linewidth=100, sci_mode=False)

# %%
config, small = Config(), Config.small()
loader = running.loader()
vocab_size = loader.vocab_size
print(vocab_size, "characters")
#! redraw: config = Config(**new.sizes())
#! redraw: loader = DataLoader(corpus.shakespeare()[new.whole(0, 20) * 50_000 :][:60_000], small)
#! redraw: vocab_size = loader.vocab_size

# %% [markdown]
# ## An average of letters · 6 min
#
# Eight numbers came out of the block for the last `e` of `Let's he`, and we want the next character. The obvious plan:
# turn the eight numbers into one, the **id** of the next character. A single output, like a thermometer.
#
# What would that output learn? Look at everything that follows `he` in the plays. Suppose a network has to give the
# same number every time, and pays the square of the distance whenever it's off. The best it can do is give the mean of
# all those ids.
#
# Guess which letter that is.

# %%
pair = "he"

# %%
following = torch.tensor([loader.id_of[character] for character in re.findall(pair + "(.)", loader.text, re.DOTALL)])
print(f"{pair!r} is in the text {len(following):,} times, followed by the ids {following[:8].tolist()} ...")
#! redraw: following = torch.randint(new.whole(0, 9), new.whole(20, 40), (new.whole(2000, 4000),))

# %%
mean_id = following.float().mean()  # blank: the mean of the ids that follow
middle = round(float(mean_id))
share = (following == middle).float().mean()  # blank: how often is this the right answer, as a share of all places?
check("10.01")
#! hint: PyTorch has no mean for whole numbers, so turn them into floats first; and if True counts as 1 and False as 0,
#!   their mean is the share of True
#! mistake: following.mean() -> PyTorch takes means of floats only. `.float()` turns the ids into floats.
#! mistake: following.float().median() -> That's the one in the middle of the queue. It's the mean that makes the
#!   squares smallest.
#! mistake: following.float().mode().values -> That's the most frequent id, and a fine answer. But one number that has
#!   to please everybody doesn't end up there. It ends up at the mean.
#! mistake: following.float().max() / 2 -> That looks only at the highest id. The mean takes every place into
#!   account.
#! mistake 2: (following == middle).sum() -> That counts the places. A share is the count, divided by how many places
#!   there are.
#! mistake 2: (following != middle).float().mean() -> That's how often it's wrong.
#! mistake 2: (following == middle).float().mean() * 100 -> That's a percentage. A share is between 0 and 1.
#! mistake 2: (following >= middle).float().mean() -> That counts larger ids too. Only an equal one is right.
#! alternative: following.sum() / len(following)
#! alternative: following.double().mean()
#! alternative: following.float().mean().item()
#! alternative 2: (following == middle).sum() / len(following)
#! alternative 2: following.eq(middle).float().mean()
#! alternative 2: following.tolist().count(middle) / len(following)

# %%
print(f"the mean id is {middle}, which is {loader.decode([middle])!r}")
print(f"it's right at {share:.1%} of the places")
counts = torch.bincount(following, minlength=vocab_size)
often = counts.topk(8)
draw.bars(
    [loader.decode([number]) for number in often.indices.tolist()],
    often.values,
    title='What follows "he", the eight most frequent',
    alt="Eight bars. The space leads with 7,813, then r with 4,160, n 1,247, a 1,186, e 960, i 567, m 552 and y 543. "
    "Q isn't among them.",
)

# %% [markdown]
# `Q`. There isn't a single `heQ` in nine plays, and nobody ever suggested one. The `Q` just happens to be about halfway
# between the space, whose id is 1, and the small letters, whose ids are around 50, the way a compromise between London
# and New York is somewhere in the Atlantic.
#
# Chapter 02 said it about what goes in: an id is a name. It's true of what comes out as well. A mean of names is
# nobody's name, and there's no such thing as a bit more of a character. What the model has to be able to say is
# *probably a space, perhaps an r, and almost certainly not a Q*. That takes a number for **each** character.
#
# - [ ] 10.01 Find out which letter the mean of all answers is

# %% [markdown]
# ## A score for each · 10 min
#
# You know how to ask how well one vector goes with another: with a dot product, the way a query asks the keys. So give
# every character a vector of its own that says *what the stream looks like when I'm next*. Let's start small, with a
# stream of three numbers, and four characters.

# %%
vector = torch.tensor([2.0, -1.0, 1.0])  # what the stream says at the last place
rows = torch.tensor([[1.0, 0.0, 1.0],  # what the space would like to see
                     [0.5, 1.0, 0.0],  # a
                     [-1.0, 0.0, 1.0],  # n
                     [1.0, -1.0, -1.0]])  # r
names = [" ", "a", "n", "r"]

# %% [markdown]
# Work out the four scores on paper; they're small whole numbers. Which character fits best?

# %%
score_r = vector @ rows[3]  # blank: how well does `r` fit? One number
scores = rows @ vector  # blank: all four scores at once
check("10.02")
#! hint: the row of `r` is the last one; and a matrix times a vector is one dot product for each row of the matrix
#! mistake: vector * rows[3] -> That multiplies number by number. A dot product also adds up the three products.
#! mistake: vector @ rows[0] -> That's the space's score. The row of `r` is the last one.
#! mistake: vector @ rows[:, 2] -> That's a column, and it has four numbers. A character's vector is a row.
#! mistake: vector @ vector -> That's the vector's own length, squared. Ask the row of `r`.
#! mistake 2: vector @ rows -> Here three numbers meet four rows. For dot products with the rows, put the matrix on the
#!   left, or transpose it.
#! mistake 2: rows * vector -> Twelve products, and nobody has added them up.
#! mistake 2: (rows * vector).sum() -> One sum for everything. Each row has a score of its own.
#! mistake 2: (rows * vector).sum(dim=0) -> This adds down the columns, and gives three numbers. To add along each
#!   row, use `dim=1`.
#! alternative: torch.dot(vector, rows[3])
#! alternative: (vector * rows[-1]).sum()
#! alternative: sum(a * b for a, b in zip(vector, rows[3]))
#! alternative 2: vector @ rows.T
#! alternative 2: torch.matmul(rows, vector)
#! alternative 2: torch.einsum("cw,w->c", rows, vector)
#! alternative 2: F.linear(vector, rows)
#! equivalent: terms swapped: vector @ rows[3] => rows[3] @ vector -> a dot product is the same either way round

# %%
for name, score in zip(names, scores.tolist(), strict=True):
    print(f"{name!r}: {score:4.1f}")
print("as probabilities:", scores.softmax(dim=0))

# %% [markdown]
# 3, 0, -1, 2. Softmax turns them into probabilities, as it turned scores into weights in chapter 06: 70% for the
# space, 26% for the `r`. That's what we wanted to be able to say. Only the *differences* matter. Add 5 to all four,
# and the probabilities stay as they are.
#
# Now, `rows @ vector` is a layer you know. `nn.Linear(3, 4)` holds a weight of shape (4, 3), one row for each output,
# and does exactly this. It also adds a **bias**, one number for each character: how welcome it is, whatever the stream
# says. In training the space will get a higher one than the `$`.
#
# Scores like these, one for each possible answer, before any softmax, are called **logits**.

# %% [markdown]
# On to the real ones. Here's what left chapter 09, and how long each vector has become.

# %%
stream = running.after("09")  # (1, 8, 8)
print("lengths:", stream[0].norm(dim=-1))
#! redraw: stream = 2 * torch.randn(new.whole(2, 4), new.whole(9, 12), 8)

# %% [markdown]
# Between 2.5 and 6.3. A vector twice as long gives dot products twice as large, and so a softmax that's much more sure
# of itself. The first `e` would shout and the `t` after it would mumble, just because one vector happens to be longer
# than the other. You know the cure: one **last LayerNorm** before the scores, the one you were promised in chapter 05.
#
# Here are a norm and a layer for the scores, both made to fit our stream. At the end of the chapter, you'll make them
# yourself.

# %%
part = running.part("10")
norm, to_scores = part.norm, part.to_scores
print("weight", tuple(to_scores.weight.shape), "bias", tuple(to_scores.bias.shape))
#! redraw: norm, to_scores = LayerNorm(8), nn.Linear(8, vocab_size)
#! redraw: norm.gain.data.uniform_(0.5, 2), norm.bias.data.uniform_(-1, 1)

# %%
logits = to_scores(norm(stream))  # blank: the stream through the norm, then the scores
probabilities = logits.softmax(dim=-1)  # blank: the scores of each place as probabilities
best = logits.argmax(dim=-1)  # blank: at each place, the id with the highest score
check("10.03")
#! hint: modules are called like functions, the inner one first; the 64 scores of a place are in the last dimension
#! mistake: to_scores(stream) -> Now the long vectors shout. The norm goes between the stream and the scores.
#! mistake: norm(to_scores(stream)) -> The norm is for the stream, before it's turned into scores. It's 8 wide, and
#!   there are as many scores as characters.
#! mistake: to_scores.weight @ norm(stream) -> Here the matrix meets the places instead of a vector's numbers, and the
#!   bias is missing. Call the module.
#! mistake: norm(stream) @ to_scores.weight.T -> The dot products are right, but the bias is missing.
#! mistake 2: logits.softmax(dim=1) -> This shares out 100% among the places. Share it out among the characters.
#! mistake 2: logits.softmax(dim=0) -> This shares out 100% among the windows of the batch. (`F.softmax` without a
#!   dimension does that too.)
#! mistake 2: logits.sigmoid() -> Each score becomes a number between 0 and 1, all by itself. But the characters
#!   compete: exactly one of them comes next.
#! mistake 2: logits / logits.sum(dim=-1, keepdim=True) -> Some scores are negative, so this gives negative
#!   probabilities. Softmax raises e to the power of each score first.
#! mistake 2: logits.log_softmax(dim=-1) -> Those are the logarithms of the probabilities. We'll need them, but not yet.
#! mistake 3: logits.argmax() -> One place in the whole tensor. Say along which dimension to look for the best.
#! mistake 3: logits.argmax(dim=1) -> That asks at which place of the sentence each character scores best. Ask which
#!   character scores best at each place.
#! mistake 3: logits.max(dim=-1).values -> Those are the highest scores. Which ids have them?
#! alternative: F.linear(norm(stream), to_scores.weight, to_scores.bias)
#! alternative: nn.Sequential(norm, to_scores)(stream)
#! alternative: norm(stream) @ to_scores.weight.T + to_scores.bias
#! alternative 2: F.softmax(logits, dim=-1)
#! alternative 2: torch.softmax(logits, 2)
#! alternative 2: logits.exp() / logits.exp().sum(dim=-1, keepdim=True)
#! alternative 3: torch.argmax(probabilities, dim=-1)
#! alternative 3: logits.max(dim=-1).indices
#! alternative 3: logits.topk(1).indices[..., 0]
#! equivalent: another name: logits => probabilities -> softmax keeps the order, so the likeliest has the highest score

# %%
print(tuple(stream.shape), "->", tuple(logits.shape))
for place, character in enumerate(running.SENTENCE):
    number = best[0, place]
    chance = probabilities[0, place, number].item()
    print(f"after {character!r:>3}: {loader.decode([number])!r}, with probability {chance:.3f}")
draw.bars(
    loader.characters,
    probabilities[0, -1],
    title="After \"Let's he\": the bet of an untrained model",
    alt="64 bars, one for each character, with no pattern in them. They are between 0.003 and 0.045, around 1/64, which "
    "is 0.016. The y is a little ahead of the others, then come v, E, N and P.",
)

# %% [markdown]
# There's the bet. `y` gets 4.5%, by chance, because the weights are random. And notice what came out: eight sets of 64
# scores, one set for *each* place. What comes after `L`, what comes after `Le`, and so on. The causal mask has seen to
# it that none of them knew the answer.
#
# - [ ] 10.02 Score four characters
# - [ ] 10.03 Turn the stream into logits, probabilities and a best character
# - [ ] 10.r1 I can say why there are 64 scores and not one id

# %% [markdown]
# ## How surprised? · 10 min
#
# Is it a good bet? You can't say until you know what comes. Then only one number counts: the probability that the bet
# gave to the character **that came**. How the rest was shared out makes no difference.
#
# A small example again, with four characters. The bet was 8 to 4 to 2 to 2, and then an `a` came.

# %%
odds = torch.tensor([8.0, 4.0, 2.0, 2.0])
chances = odds / odds.sum()
right = names.index("a")
print(chances, "and the right one has id", right)
#! redraw: right = new.pick(0, 2, 3)

# %% [markdown]
# 1/4. A number used as a loss should be 0 when all is well, and large when things are bad. The negative logarithm does
# that. It's 0 for a probability of 1, and grows without limit as the probability sinks to 0. We'll call it the
# **surprise**.

# %%
chance = chances[right]  # blank: the probability that the bet gave to the right character
surprise = -chance.log()  # blank: its negative logarithm (the natural one)
check("10.04")
#! hint: the id of the right character is its place among the chances; `.log()` is the natural logarithm
#! mistake: chances.max() -> That's the favourite's probability. What counts is the one that came, favourite or not.
#! mistake: odds[right] -> Those are the odds. The probabilities are in `chances`.
#! mistake: 1 - chances[right] -> That's the probability that something else comes.
#! mistake 2: chance.log() -> The logarithm of a number below 1 is negative, and a loss below 0 is hard to read. Flip
#!   the sign.
#! mistake 2: 1 - chance -> That's a loss too, but a mild one: being sure and wrong costs 1, and never more.
#! mistake 2: -chance.log2() -> That measures in bits. The library takes the natural logarithm.
#! mistake 2: -chances.log() -> Those are four surprises, one for each character that could have come. Only one came.
#! mistake 2: -chance.log10() -> That's the logarithm to base 10. Take the natural one, `.log()`.
#! alternative: chances[names.index(names[right])]
#! alternative: (chances * F.one_hot(torch.tensor(right), 4)).sum()
#! alternative 2: -torch.log(chance)
#! alternative 2: (1 / chance).log()
#! alternative 2: chance.reciprocal().log()
#! alternative 2: -chances[right].log()
#! alternative 2: -math.log(chance)

# %%
print(f"{chance:.2f} -> {surprise:.3f}")
grid = torch.linspace(0.01, 1, 100)
draw.lines(
    {"surprise": -grid.log(), "1 - probability": 1 - grid},
    x=grid,
    title="What a bet costs",
    x_name="probability given to the right character",
    y_name="cost",
    alt="Two falling lines, which both end at 0 where the probability is 1. The straight one, 1 - probability, begins at "
    "0.99. The surprise is a curve that begins at 4.6 for a probability of 0.01, falls steeply to 1.6 at 0.2, and then "
    "flattens.",
)

# %% [markdown]
# 1.386, which is ln 4: as surprising as the suit of a card drawn from the pack. At 1% it's 4.6, at 0.01% it would be
# 9.2. Being sure of the wrong thing is what this loss won't forgive. The straight line would.
#
# And why a logarithm, of all things? A text is many characters, and the probability of the whole text is a *product*:
# 1/4 of 1/2 of 1/8. The logarithm turns it into a sum. So the surprises of the characters add up to the surprise of the
# text, and their mean is fair to long texts and short ones.
#
# Three places now, each with a bet of its own.

# %%
odds = torch.tensor([[8.0, 4.0, 2.0, 2.0],
                     [2.0, 8.0, 4.0, 2.0],
                     [4.0, 8.0, 2.0, 2.0]])
chances = odds / odds.sum(dim=1, keepdim=True)  # (3 places, 4 characters)
came = torch.tensor([1, 1, 3])  # what came at each place
print(chances)
#! redraw: came = torch.tensor(new.wholes(3, 0, 3))

# %%
picked = chances[torch.arange(3), came]  # blank: at each place, the probability of what came: (3,)
mean_surprise = -picked.log().mean()  # blank: the mean of the three surprises
check("10.05")
#! hint: square brackets take a row number and a column number, and each may be a tensor of three; the rows are 0, 1, 2
#! mistake: chances[:, came] -> That takes three columns from *every* row, (3, 3). In each row only one column counts:
#!   say which row goes with it.
#! mistake: chances[came, torch.arange(3)] -> Row and column are swapped: the place comes first.
#! mistake: chances[came] -> That picks rows. What came is a column.
#! mistake: chances.max(dim=1).values -> Those are the favourites. What counts is what came.
#! mistake: chances.gather(1, came[:, None]) -> The right numbers, in a column, (3, 1). Take the last dimension away.
#! mistake: odds[torch.arange(3), came] -> Those are the odds. The probabilities are in `chances`.
#! mistake 2: -picked.mean().log() -> Here the mean comes first. A text's probability is a product, so take each one's
#!   logarithm, and then the mean.
#! mistake 2: -picked.log().sum() -> That's the surprise of the whole text. A mean can be compared between texts of
#!   different lengths.
#! mistake 2: picked.log().mean() -> The sign is missing.
#! mistake 2: F.cross_entropy(odds, came) -> This treats the odds as logarithms and raises e to the power of each, which
#!   gives different chances from the ones you picked.
#! mistake 2: -picked.log() -> Those are three surprises. Take their mean.
#! alternative: chances.gather(1, came[:, None])[:, 0]
#! alternative: torch.stack([row[number] for row, number in zip(chances, came)])
#! alternative: (chances * F.one_hot(came, 4)).sum(dim=1)
#! alternative: torch.einsum("pc,pc->p", chances, F.one_hot(came, 4).float())
#! alternative: torch.take_along_dim(chances, came.view(3, 1), dim=1).squeeze(1)
#! alternative: chances[range(3), came]
#! alternative 2: -torch.log(picked).sum() / len(picked)
#! alternative 2: -picked.prod().log() / 3
#! alternative 2: F.nll_loss(chances.log(), came)

# %%
print("picked:   ", picked)
print("surprises:", -picked.log())
print(f"mean:      {mean_surprise:.3f}, and e to that power: {math.exp(mean_surprise):.3f}")

# %% [markdown]
# 1/4, 1/2 and 1/8: two, one and three times ln 2. The mean is two times ln 2, which is ln 4. So on the whole, this was
# as surprising as a choice among **four** equally likely characters at each place: four equals, for short. That's what
# e to the power of the loss tells you, and it's called the **perplexity**: how many equals the model is choosing among.
#
# The mean surprise itself is called the **cross-entropy**.
#
# - [ ] 10.04 Compute a surprise by hand
# - [ ] 10.05 Average it over three places
# - [ ] 10.r2 I can say why a surprise is a logarithm

# %% [markdown]
# ## The library, and its shapes · 12 min
#
# What comes after each character of `Let's he`? In chapter 01 you cut the answer from the same text, one place further
# on: `et's hen`, because the line in Coriolanus goes on with "hence". With the logits of 10.03 you have everything you
# need. The library does the whole calculation in one function, `F.cross_entropy(logits, targets)`. Try it.

# %%
targets = torch.tensor([loader.encode("et's hen")])
#! redraw: targets = torch.randint(vocab_size, stream.shape[:2])

# %%
print("logits", tuple(logits.shape), "targets", tuple(targets.shape))
try:
    F.cross_entropy(logits, targets)
except (RuntimeError, ValueError) as error:
    print("it says:", error)

# %% [markdown]
# It expects the classes in the *second* dimension, whatever comes after that, and our second dimension is the places.
# (For pictures that's the custom: classes, then rows and columns.) The plain way out is to lay all places of all
# windows in one long line, as if they were so many digits to classify: logits (batch * sequence, vocabulary), targets
# (batch * sequence,). `.view(-1, n)` does this; the `-1` means *as many as there are*.
#
# And it wants **logits**, not probabilities, because the softmax is part of the function.

# %%
flat_logits = logits.view(-1, vocab_size)  # blank: (batch * sequence, vocabulary)
flat_targets = targets.view(-1)  # blank: (batch * sequence,)
loss = F.cross_entropy(flat_logits, flat_targets)  # blank: the mean surprise, by the library
check("10.06")
#! hint: `.view` with -1 first and the size of the vocabulary second; for the targets -1 is enough
#! mistake: probabilities.view(-1, vocab_size) -> Those have been through a softmax, and the library would do it a
#!   second time. It wouldn't complain, and the model would hardly learn. Give it the logits.
#! mistake: logits[0] -> That's the first window. If there were more, the others would be forgotten.
#! mistake: logits.view(-1) -> Everything in one line, and nobody can tell where one place ends. Keep the vocabulary as
#!   the last dimension.
#! mistake: logits.view(vocab_size, -1) -> This cuts the same numbers into different rows: a row is no longer one
#!   place's scores.
#! mistake 2: targets[0] -> That's only the first window. `.view(-1)` takes all of them, however many there are.
#! mistake 2: targets.view(-1, 1) -> That's a column. There should be a single dimension.
#! mistake 2: F.one_hot(targets.view(-1), vocab_size) -> The library takes the ids as they are. It picks, as you did in
#!   10.05.
#! mistake 3: F.cross_entropy(flat_targets, flat_logits) -> The other way round: first the scores, then what came.
#! mistake 3: F.cross_entropy(flat_logits.softmax(dim=-1), flat_targets) -> The softmax is inside already, so here it's
#!   taken twice.
#! mistake 3: F.cross_entropy(flat_logits, flat_targets, reduction="sum") -> That's the surprise of all places together.
#!   If you don't say anything, you get the mean.
#! mistake 3: F.nll_loss(flat_logits, flat_targets) -> That one expects logarithms of probabilities. `cross_entropy`
#!   makes them itself.
#! alternative: logits.flatten(0, 1)
#! alternative: logits.reshape(-1, logits.shape[-1])
#! alternative: torch.cat(list(logits))
#! alternative 2: targets.flatten()
#! alternative 2: targets.reshape(targets.numel())
#! alternative 2: torch.cat(list(targets))
#! alternative 3: F.cross_entropy(logits.transpose(1, 2), targets)
#! alternative 3: nn.CrossEntropyLoss()(flat_logits, flat_targets)
#! alternative 3: F.nll_loss(flat_logits.log_softmax(dim=-1), flat_targets)
#! alternative 3: -probabilities.view(-1, vocab_size)[torch.arange(len(flat_targets)), flat_targets].log().mean()
#! alternative 3: (flat_logits.logsumexp(dim=-1) - flat_logits.gather(1, flat_targets[:, None])[:, 0]).mean()

# %%
by_hand = -probabilities.view(-1, vocab_size)[torch.arange(len(flat_targets)), flat_targets].log()
print(f"by hand {by_hand.mean().item():.4f}, by the library {loss:.4f}")
draw.bars(
    loader.decode(targets[0]),
    by_hand[:8],
    title="How surprised the untrained model is by each character of \"et's hen\"",
    alt="Eight bars of nearly the same height: e 4.50, t 3.96, apostrophe 4.94, s 4.74, space 4.44, h 4.29, e 4.47, "
    "n 4.92.",
)

# %% [markdown]
# Eight surprises, and their mean, 4.53, is the **loss** of our sentence. (In a batch of many windows, every place of
# every window counts the same.)
#
# Why does the library insist on logits? Here's a model that's very sure of itself.

# %%
sure = torch.tensor([100.0, 98.0, 101.0])
print("e to the power of the scores:", sure.exp())
print("softmax by the formula:      ", sure.exp() / sure.exp().sum())
#! redraw: sure = torch.tensor([new.number(190, 260), new.number(-300, -200), new.number(90, 110)])

# %% [markdown]
# e to the power of 89 is more than a 32-bit float can hold: `inf`, and `inf` / `inf` is `nan`. You met that word in
# chapter 05. Yet there's nothing wrong with these scores. Only their differences matter, so 100, 98, 101 is the same
# bet as -1, -3, 0.
#
# That's the way out, but you have to find the door yourself. The surprise is -log(e^score / sum of e^scores), and
# that's **log(sum of e^scores) - score**. The first term is a tame number, a little over 101. It's only on the way to
# it that you run into `inf`. How do you get there if you may never raise e to more than 0? This one deserves a pen and
# five minutes. Shift the scores, and ask what that does to the sum, and then to its logarithm.

# %%
top = sure.max()
log_sum = top + (sure - top).exp().sum().log()  # blank: log(sum of e^scores), with no `inf` on the way
surprises = log_sum - sure  # blank: for each of the three, the surprise if that's the one that comes
check("10.07")
#! hint: e^score is e^top times e^(score - top). So e^top is a factor of the whole sum, and you can take it out. What
#!   does a logarithm turn a factor into?
#! mistake: sure.exp().sum().log() -> The formula is right, but it runs into `inf` on the way. Make the scores smaller
#!   first.
#! mistake: (sure - top).exp().sum().log() -> `top` was taken out and not put back.
#! mistake: top + (sure - top).exp().log().sum() -> Logarithm and sum are swapped: add up first.
#! mistake: top * (sure - top).exp().sum().log() -> What was a factor inside the logarithm comes out as something to
#!   *add*.
#! mistake: top + (sure - top).exp().sum() -> The logarithm is missing.
#! mistake: sure.mean() + (sure - sure.mean()).exp().sum().log() -> Even after taking off the mean, the largest score
#!   may be far above 0, and e to that power is too much for a 32-bit number. Take off the largest.
#! mistake: top -> That's close, and what's missing is the favourite's own surprise. Add the logarithm of the sum that's
#!   left.
#! mistake 2: sure - log_sum -> Those are the logarithms of the probabilities. A surprise has the other sign.
#! mistake 2: log_sum - top -> That's only the favourite's surprise.
#! mistake 2: -sure.softmax(dim=0).log() -> When a score is more than about 100 below the top, softmax gives exactly 0,
#!   and the logarithm of 0 is minus infinity. `log_sum` gets you there without that.
#! mistake 2: -sure.softmax(dim=0) -> Those are probabilities with a minus sign. A surprise is a logarithm.
#! alternative: torch.logsumexp(sure, dim=0)
#! alternative: sure.logsumexp(0)
#! alternative: torch.log(torch.sum(torch.exp(sure - top))) + top
#! alternative: sure.double().exp().sum().log().float()
#! alternative 2: -sure.log_softmax(dim=0)
#! alternative 2: -F.log_softmax(sure, dim=-1)
#! alternative 2: F.cross_entropy(sure.expand(3, 3), torch.arange(3), reduction="none")

# %%
print(f"log of the sum: {log_sum:.3f}   surprises: {surprises}")

# %% [markdown]
# No `inf` anywhere: log(sum of e^scores) = top + log(sum of e^(scores - top)), and no power is larger than e^0. If you
# hand over probabilities, you've thrown the scores away, and with them the chance to do it like this.
#
# The formula is also a good way to read a loss. A model that's sure of itself has one score far above the rest, and
# then the logarithm of the sum is hardly more than that score. So the loss is how far *below the top* the right
# character's score is, plus a bit.
#
# - [ ] 10.06 Bring logits and targets into the library's shapes
# - [ ] 10.07 Find a way around the overflow

# %% [markdown]
# ## Knowing nothing · 6 min
#
# Is 4.53 a lot? A loss needs something to compare it with. So what loss do you get if you know nothing at all, and give
# each of the 64 characters the same score?

# %%
equal_scores = torch.zeros(len(flat_targets), vocab_size)
good = 1.86  # what the model of chapter 12 came to, on text it hasn't seen, when this was written
#! redraw: good = new.number(0.5, 3.5)

# %%
nothing = F.cross_entropy(equal_scores, flat_targets)  # blank: the loss of equal scores
formula = math.log(vocab_size)  # blank: the same without the library: the logarithm of a whole number, as a plain number
equals = math.exp(good)  # blank: the perplexity of the loss `good`: how many equals does it choose among?
check("10.08")
#! hint: each character has probability 1 / vocab_size, and its surprise is the logarithm of ... ; the perplexity is e
#!   to the power of the loss
#! mistake: F.cross_entropy(flat_logits, flat_targets) -> That's our model's loss. Give the library the equal scores.
#! mistake: F.cross_entropy(equal_scores, flat_targets, reduction="none") -> That's one surprise for each place. They're
#!   all equal, and their mean is a single number.
#! mistake: F.cross_entropy(equal_scores, flat_targets, reduction="sum") -> That's the sum. If you don't say anything,
#!   the library gives the mean.
#! mistake 2: -math.log(vocab_size) -> The logarithm of 1/64 is negative, and the surprise is minus that, so it's
#!   positive.
#! mistake 2: math.log2(vocab_size) -> That's in bits: the number of yes-or-no questions it takes. The library takes the
#!   natural logarithm.
#! mistake 2: 1 / vocab_size -> That's the probability of each. What's its surprise?
#! mistake 2: math.log(len(flat_targets)) -> The number of places doesn't matter. How many characters is the choice
#!   among?
#! mistake 3: 10**good -> It was the natural logarithm, so the base is e and not 10.
#! mistake 3: good**2 -> That's the loss to the power of two. Take e to the power of the loss.
#! mistake 3: math.log(good) -> That takes yet another logarithm. To undo one, make it the exponent of e.
#! mistake 3: math.exp(-good) -> That's the probability each of the equals would have. Leave out the minus.
#! mistake 3: 2**good -> It was the natural logarithm, so the base is e and not 2.
#! alternative: F.cross_entropy(torch.ones_like(flat_logits), flat_targets)
#! alternative: -equal_scores.log_softmax(dim=-1)[:, 0].mean()
#! alternative: math.log(vocab_size)
#! alternative 2: -math.log(1 / vocab_size)
#! alternative 2: torch.tensor(float(vocab_size)).log().item()
#! alternative 3: math.e**good
#! alternative 3: torch.tensor(good).exp().item()
#! alternative 3: torch.tensor(good).exp()

# %%
print(f"knowing nothing: {nothing:.4f}, and ln {vocab_size} is {formula:.4f}")
print(f"a loss of {good} is a choice among {equals:.2f} equals")

# %% [markdown]
# **4.16** is the loss of knowing nothing. Keep it in mind: you'll want to check the first loss of a training run
# against it. The model that you'll train in chapter 12 came to 1.86 when this was written, a choice among 6.4 equals.
# And tonight's model is at 4.53. So it knows *less than nothing*?
#
# In a way, yes. It has opinions, and they're random. Measure it on more text, and then try other random opinions:
# scores drawn from a normal distribution, some louder, some quieter.

# %%
torch.manual_seed(1345)
here = torch.randint(len(loader.validation_ids) - 9, (256, 1)) + torch.arange(9)
windows = loader.validation_ids[here]
with torch.no_grad():
    many = to_scores(norm(running.part("09")(running.part("04")(windows[:, :-1]))))
untrained = F.cross_entropy(many.flatten(0, 1), windows[:, 1:].flatten())
print(f"our untrained parts on 2,048 places: {untrained.item():.3f}")

answers = torch.randint(vocab_size, (20_000,))
for loudness in (0.0, 0.3, 0.6, 1.0, 2.0):
    opinions = loudness * torch.randn(20_000, vocab_size)
    print(f"random opinions, loudness {loudness}: {F.cross_entropy(opinions, answers).item():.3f}")

# %% [markdown]
# The louder you guess, the worse it gets. Sometimes the scores are right by luck, and the surprise is smaller. But
# being sure and wrong costs more than being sure and right brings in. That's the bend of the curve in the figure above.
# A little over 4.16 is what an untrained model looks like. If yours starts at 20, something is broken.
#
# - [ ] 10.08 Compute the loss of knowing nothing, and read a perplexity
# - [ ] 10.r3 I can say why an untrained model is a little above ln 64

# %% [markdown]
# ## The class · 6 min
#
# Two parts and a line. In 10.03 the two parts were ready-made. What does each of them have to be told?

# %%
#| export
class VocabularyLogits(nn.Module):
    """A last norm, and a score for each character of the vocabulary."""

    def __init__(self, vocab_size: int, config: Config) -> None:
        """`config.embedding_dim` numbers go in, `vocab_size` scores come out."""
        super().__init__()
        self.norm = LayerNorm(config.embedding_dim)  # blank: so that no place shouts
        self.to_scores = nn.Linear(config.embedding_dim, vocab_size)  # blank: a dot product and a bias for each character

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The stream, (batch, sequence, embedding_dim) -> logits (batch, sequence, vocab_size)."""
        return self.to_scores(self.norm(x))  # blank: normalise, then score


check("10.09")
#! hint: how many numbers does a vector have when it comes in, and how many scores come out for it? A norm is told one
#!   of the two, a Linear both
#! mistake: LayerNorm(vocab_size) -> The norm reads the stream, which is `config.embedding_dim` wide.
#! mistake: LayerNorm(config) -> A norm takes a single number, how wide the vectors are.
#! mistake: LayerNorm(small.embedding_dim) -> `small` belongs to this notebook. The class gets its sizes from `config`.
#! mistake: norm -> That's this notebook's norm. Each object makes its own.
#! mistake 2: nn.Linear(vocab_size, config.embedding_dim) -> First what goes in, then what comes out: a vector's numbers
#!   in, a score for each character out.
#! mistake 2: nn.Linear(config.embedding_dim, 64) -> That's right only for our plays. The class is told how many
#!   characters there are.
#! mistake 2: nn.Linear(config.embedding_dim, vocab_size, bias=False) -> Without a bias no character is welcome in its
#!   own right. Queries and keys could do without one, but the scores keep theirs.
#! mistake 2: nn.Embedding(vocab_size, config.embedding_dim) -> That's the way in: an id picks a row. On the way out,
#!   every row meets the vector.
#! mistake 3: self.to_scores(x) -> The norm was made, but it isn't used.
#! mistake 3: self.to_scores(self.norm(x)).softmax(dim=-1) -> Those are probabilities. The loss wants logits.
#! mistake 3: to_scores(norm(x)) -> Those are this notebook's parts. The object has its own, with `self.`.
#! mistake 3: self.norm(x) -> That's the stream, normalised, and nobody has scored it.
#! alternative: nn.LayerNorm(config.embedding_dim)
#! alternative: LayerNorm(dim=config.embedding_dim)
#! alternative 2: nn.Linear(in_features=config.embedding_dim, out_features=vocab_size)
#! alternative 3: self.to_scores.forward(self.norm.forward(x))
#! alternative 3: F.linear(self.norm(x), self.to_scores.weight, self.to_scores.bias)
#! probe: same_weights(VocabularyLogits(7, small))(stream) -> its output for `stream`, with 7 characters
#! probe: VocabularyLogits(65, small) -> the object for 65 characters
#! probe: VocabularyLogits(11, config) -> the object for 11 characters in the real configuration
#! probe: [same_weights(VocabularyLogits(new.whole(3, 30), sizes))(x) for sizes in [Config(**new.sizes())] for x in [3 *
#!   torch.randn(2, 5, sizes.embedding_dim) + 1]][0] -> its output for two windows of five places, in another
#!   configuration

# %%
torch.manual_seed(1345)
vocabulary_logits = VocabularyLogits(vocab_size, small)
with torch.no_grad():
    bet = vocabulary_logits(stream)
print(tuple(stream.shape), "->", tuple(bet.shape))
print("as before:", torch.equal(bet, logits), " what leaves this chapter:", torch.equal(bet, running.after("10")))
real = VocabularyLogits(vocab_size, config)
print(f"{sum(parameter.numel() for parameter in real.parameters()):,} parameters in the real model")

# %% [markdown]
# The table at the entrance has a row of 64 numbers for each character, and so does the weight here at the exit. Could
# they be one and the same table? In GPT-2 they are. It's called weight tying, and it saves a lot if you have 50,257
# rows. Our two tables are small, so we keep them apart.
#
# Three lines for the map: the scores, what the library wants them to look like, and the loss.

# %%
shapes = {
    "into the logits": (config.batch_size, config.input_sequence_length, config.embedding_dim),
    "logits": (config.batch_size, config.input_sequence_length, vocab_size),  # blank [(config.batch_size, config.input_sequence_length, vocab_size)]: scores for each place
    "flat logits": (config.batch_size * config.input_sequence_length, vocab_size),  # blank [(config.batch_size * config.input_sequence_length, vocab_size)]: as the library wants them
    "loss": (),  # blank [()]: a single number, not a list
}
check("10.10")
#! hint: a place had a vector and now has scores; laid in one line, there are as many rows as places in the whole batch;
#!   and the shape of a single number is a tuple with nothing in it
#! mistake: (config.batch_size, config.input_sequence_length, config.embedding_dim) -> That's what went in. What comes
#!   out has as many numbers as there are characters.
#! mistake: (config.batch_size, vocab_size) -> That would be one bet for each window. Every place has one.
#! mistake: (config.batch_size, vocab_size, config.input_sequence_length) -> The library would even like that one, but
#!   in our model the scores of a place come last.
#! mistake 2: (config.batch_size, config.input_sequence_length, vocab_size) -> The library wants two dimensions: batch
#!   and sequence are merged into one.
#! mistake 2: (config.batch_size + config.input_sequence_length, vocab_size) -> Each window has that many places, so
#!   multiply.
#! mistake 2: (config.batch_size, config.input_sequence_length * vocab_size) -> It's the places that were laid in one
#!   line, not the scores.
#! mistake 2: (vocab_size, config.batch_size * config.input_sequence_length) -> The other way round: a row for each
#!   place.
#! mistake 3: (1,) -> That would be a list with one number in it. A mean over everything has no dimensions left.
#! mistake 3: (config.batch_size * config.input_sequence_length,) -> That's how many surprises there are. The loss is
#!   their mean.
#! alternative: (config.batch_size, config.input_sequence_length) + (vocab_size,)
#! alternative: tuple(VocabularyLogits(vocab_size, config)(torch.zeros(config.batch_size, config.input_sequence_length,
#!   config.embedding_dim)).shape)
#! alternative 2: (math.prod((config.batch_size, config.input_sequence_length)), vocab_size)
#! alternative 3: tuple(loss.shape)

# %%
for name, shape in shapes.items():
    print(f"{name:>16}  {shape}")

# %% [markdown]
# - [ ] 10.09 Write the class VocabularyLogits
# - [ ] 10.10 Note its shapes on the map

# %% [markdown]
# ## Challenge: who voted for the y?
#
# Optional, 15 minutes; nothing later needs it. After `Let's he` the untrained model bets on `y`. Who talked it into
# that?
#
# The stream is a sum, so you can ask. Four voices are in it: the row of `e` from chapter 02, the row of its place from
# chapter 03, what attention added, and what FeedForward added. A dot product with a sum is the sum of the dot products,
# so each voice has an exact share in every score. The rest comes from the biases, and no voice asked for it.
#
# Only the norm is in the way, and you know what it does. It takes off the mean, divides by one number, multiplies by
# the gain and adds a bias. The number it divides by comes from the whole vector; once you have that one, the rest can
# be done for each voice on its own.
#
# Guess first: which of the four wants the `y` most? The `e`, its place, what it heard, or what it thought?

# %%
voices = torch.stack((
    running.after("02")[0, -1],  # the character
    running.after("03")[-1],  # its place
    (running.after("07") - running.after("04"))[0, -1],  # what it heard
    (running.after("08") - running.after("07"))[0, -1],  # what it thought
))  # (4, 8)
last = voices.sum(dim=0)  # (8,)
print("together, the last e of the stream:", torch.allclose(last, stream[0, -1], atol=1e-5))
#! redraw: voices = torch.randn(4, 8)
#! redraw: last = voices.sum(dim=0)

# %%
with torch.no_grad():  # we're only looking
    divisor = (last.var(correction=0) + norm.eps).sqrt()  # blank: what the norm divides `last` by, one number
    votes = (norm.gain * (voices - voices.mean(dim=1, keepdim=True)) / divisor) @ to_scores.weight.T  # blank: what each voice adds to each character's score: (4, 64)
    unasked = to_scores(norm.bias)  # blank: what's in each character's score besides the votes: (64,)
check("10.11")
#! challenge: 15 minutes
#! hint: write down to_scores(norm(last)) in full, with `last` as a sum of four voices, and sort it: what has a voice in
#!   it, and what hasn't? A voice loses its own mean, and all four are divided by the same number. Two biases are left
#!   at the end
#! mistake: last.std() -> Nearly: this one divides by one too few. The norm's has `correction=0`.
#! mistake: last.var(correction=0) -> That's the variance. The norm divides by its root.
#! mistake: last.norm() -> That's the length. The norm divides by the standard deviation.
#! mistake: (voices.var(dim=1, correction=0, keepdim=True) + norm.eps).sqrt() -> Those are four numbers, one for each
#!   voice. The norm only ever saw their sum.
#! mistake 2: to_scores(norm(voices)) -> This gives each voice a norm of its own, so all are equally loud, and adds both
#!   biases four times.
#! mistake 2: voices @ to_scores.weight.T -> The norm is missing. Each voice loses its mean, gets divided by `divisor`,
#!   and is multiplied by the gain.
#! mistake 2: (norm.gain * (voices - last.mean()) / divisor) @ to_scores.weight.T -> This takes the whole vector's mean
#!   off four times. Each voice brings its own part of that mean.
#! mistake 2: ((voices - voices.mean(dim=1, keepdim=True)) / divisor) @ to_scores.weight.T -> The gain is missing. It's
#!   all ones on this page, but it won't be after training.
#! mistake 2: to_scores(norm.gain * (voices - voices.mean(dim=1, keepdim=True)) / divisor) -> Calling the layer adds its
#!   bias to every voice, four times in all. Use its weight alone.
#! mistake 3: to_scores.bias -> The layer's bias is half of it. The norm has a bias too, and it goes through the weight.
#! mistake 3: norm.bias @ to_scores.weight.T -> The norm's bias is half of it. The layer has one too.
#! mistake 3: to_scores(norm(last)) -> That's the whole score. Take the votes off.
#! mistake 3: to_scores(norm(last)) - votes -> This takes off each voice's votes separately. Add them up first.
#! equivalent: another operator: last.var(correction=0) + norm.eps => last.var(correction=0) - norm.eps -> beside a
#!   variance of this size, eps is too small to show
#! equivalent: a term dropped: last.var(correction=0) + norm.eps => last.var(correction=0) -> beside a variance of this
#!   size, eps is too small to show
#! alternative: last.std(correction=0)
#! alternative: ((last - last.mean()).square().mean() + norm.eps) ** 0.5
#! alternative 2: F.linear(norm.gain * (voices - voices.mean(dim=1, keepdim=True)) / divisor, to_scores.weight)
#! alternative 2: torch.stack([to_scores.weight @ (norm.gain * (voice - voice.mean()) / divisor) for voice in voices])
#! alternative 2: (voices - voices.mean(dim=1, keepdim=True)) @ (to_scores.weight * norm.gain / divisor).T
#! alternative 3: norm.bias @ to_scores.weight.T + to_scores.bias
#! alternative 3: to_scores(norm(last)) - votes.sum(dim=0)

# %% [markdown]
# Look at `votes[:, best[0, -1]]`. Of the 1.27 that `y` scored, 0.57 came from the `e`, 0.28 from its place, 0.05 from
# attention and 0.15 from FeedForward. The other 0.22 nobody asked for. Now sort each row, and see what the voices would
# rather have had: the `e` a `P`, its place an `M`. Not one of them has `y` among its first eight, and every one has it
# among its first sixteen. It's a compromise again, but this time one that everybody can live with.
#
# People take large models apart in this way, to find out which layer an answer came from. They call it direct logit
# attribution.
#
# - [ ] 10.11 Challenge: find out who voted for the y

# %% [markdown]
# ## What's yours now
#
# - you can't average ids: the mean of everything that follows `he` is a `Q`
# - **logits**: a dot product and a bias for each of 64 characters, after a last norm
# - **surprise**: the negative logarithm of the probability given to the right character
# - **cross-entropy**: its mean. Knowing nothing costs ln 64 = 4.16, and e to the power of a loss is the **perplexity**
# - the library wants logits, (batch * sequence, vocabulary), and subtracts the top score before it raises e to any
#   power
# - `VocabularyLogits(vocab_size, config)`: (batch, sequence, width) in, (batch, sequence, vocabulary) out
#
# All the parts are on the table. In **11 BigramLanguageModel** they become one model, and it begins to speak.
