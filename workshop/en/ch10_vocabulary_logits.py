# %% [markdown]
# <!-- Made from checkpoints/ch10_vocabulary_logits.py by scripts/build.py. From your first edit on it is yours. -->
# # 10 VocabularyLogits
#
# Turn a vector into a bet on the next character, and measure how surprised the bet was by what came.
#
# 50 minutes in six sections. It needs chapters 05 and 09, and softmax from chapter 06.
#
# At the end of this evening there is one number that says how good a language model is. Everything after it is making
# that number smaller.

# %%
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

# %% [markdown]
# ## An average of letters · 6 min
#
# Eight numbers have come out of the block for the last `e` of `Let's he`, and we want the next character. The obvious
# plan: turn the eight numbers into a single one, the **id** of the next character. One output, like a thermometer.
#
# What would such an output learn? Look at everything that follows `he` in the plays. A network with one number to say
# for all of these places, and punished by the square of its distance, can do no better than to say their mean.
#
# Guess which letter that is.

# %%
pair = "he"

# %%
following = torch.tensor([loader.id_of[character] for character in re.findall(pair + "(.)", loader.text, re.DOTALL)])
print(f"{pair!r} stands in the text {len(following):,} times, followed by the ids {following[:8].tolist()} ...")

# %%
mean_id = ____  # the mean of the ids that follow
middle = round(float(mean_id))
share = ____  # how often is this the right answer, as a share of all places?
check("10.01")

# %%
print(f"the mean id is {middle}, which is {loader.decode([middle])!r}")
print(f"it is right in {share:.1%} of the places")
counts = torch.bincount(following, minlength=vocab_size)
often = counts.topk(8)
draw.bars(
    [loader.decode([number]) for number in often.indices.tolist()],
    often.values,
    title='What follows "he", the eight most frequent',
    alt="Eight bars. The space leads with 7,813, then r with 4,160, n 1,247, a 1,186, e 960, i 567, m 552 and y 543. "
    "A Q is not among them.",
)

# %% [markdown]
# `Q`. There is not a single `heQ` in nine plays. Nobody proposed it: it lies in the middle between the space, whose id
# is 1, and the small letters, whose ids are around 50, as a compromise between London and New York lies in the sea.
#
# Chapter 02 said it of what goes in: an id is a name. It holds for what comes out as well. A mean of names is nobody's
# name, and "a bit more" of a character does not exist. What the model has to be able to say is *probably a space,
# perhaps an r, and hardly anything else*. That takes a number for **each** character.
#
# - [ ] 10.01 Find out which letter the mean of all answers is

# %% [markdown]
# ## A score for each · 10 min
#
# You know how to ask how well one vector goes with another: with a dot product, as a query asks the keys. So let every
# character have a vector of its own that says *what the stream looks like when I am next*. In small: a stream of three
# numbers, and four characters.

# %%
vector = torch.tensor([2.0, -1.0, 1.0])  # what the stream says at the last place
rows = torch.tensor([[1.0, 0.0, 1.0],  # the space would like to see this
                     [0.5, 1.0, 0.0],  # a
                     [-1.0, 0.0, 1.0],  # n
                     [1.0, -1.0, -1.0]])  # r
names = [" ", "a", "n", "r"]

# %% [markdown]
# Work the four scores out on paper; they are small whole numbers. Which character fits best?

# %%
score_r = ____  # how well does `r` fit? One number
scores = ____  # all four scores at once
check("10.02")

# %%
for name, score in zip(names, scores.tolist(), strict=True):
    print(f"{name!r}: {score:4.1f}")
print("as probabilities:", scores.softmax(dim=0))

# %% [markdown]
# 3, 0, -1, 2. Softmax makes probabilities of them, as it made weights of the scores in chapter 06: 70 % for the space,
# 26 % for the `r`. That is what we wanted to be able to say. And one thing only matters, the *differences*: add 5 to
# all four, and the probabilities stay.
#
# Now `rows @ vector` is a layer that you know. `nn.Linear(3, 4)` holds a weight of shape (4, 3), a row for each output,
# and does exactly this. It adds a **bias** too, one number for each character: how welcome it is whatever the stream
# says. The space will get a large one, and the `$` a small one.
#
# Scores of this kind, one for each possible answer, before any softmax, are called **logits**.

# %% [markdown]
# On to the real ones. Here is what left chapter 09, and how long each of its vectors has become.

# %%
stream = running.after("09")  # (1, 8, 8)
print("lengths:", stream[0].norm(dim=-1))

# %% [markdown]
# Between 2.5 and 6.3. A vector that is twice as long gives scores that are twice as large, and so a softmax that is
# much more sure of itself. The first `e` would shout, and the `t` behind it would mumble, for no other reason than that
# the stream has grown more in one place than in the other. You know the cure. One **last LayerNorm** stands before the
# scores, the one that chapters 05 and 09 promised.

# %%
torch.manual_seed(1345)
norm = LayerNorm(stream.shape[-1])
to_scores = nn.Linear(stream.shape[-1], vocab_size)
print("weight", tuple(to_scores.weight.shape), "bias", tuple(to_scores.bias.shape))

# %%
logits = ____  # the stream through the norm, then the scores
probabilities = ____  # the scores of each place as probabilities
best = ____  # at each place, the id with the highest score
check("10.03")

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
    alt="64 bars, one for each character, with no pattern in them. They lie between 0.003 and 0.045, around 1/64, which "
    "is 0.016. The y is a little ahead of the others, then come v, E, N and P.",
)

# %% [markdown]
# There is the bet. `y` gets 4.5 %, by chance: the weights are random. And mind what the class of this chapter gives at
# the end, eight sets of 64 scores, one set for *each* place. What comes after `L`, what after `Le`, and so on; the
# causal mask has seen to it that none of them knew the answer.
#
# - [ ] 10.02 Score four characters
# - [ ] 10.03 Make logits, probabilities and a best character of the stream
# - [ ] 10.r1 I can say why there are 64 scores and not one id

# %% [markdown]
# ## How surprised? · 10 min
#
# Is this bet good or bad? You cannot say until you know what comes. Then there is one number that counts: the
# probability that the bet had given to the character **that came**. Never mind how the rest was shared out.
#
# Small again, four characters. The bet was 8 to 4 to 2 to 2, and then an `a` came.

# %%
odds = torch.tensor([8.0, 4.0, 2.0, 2.0])
chances = odds / odds.sum()
right = names.index("a")
print(chances, "and the right one has id", right)

# %% [markdown]
# 1/4. A number for a loss should be 0 when all is well and large when it is bad. The negative logarithm does that: 0
# for a probability of 1, and without any limit as the probability sinks to 0. We call it the **surprise**.

# %%
chance = ____  # the probability that the bet gave to the right character
surprise = ____  # its negative logarithm (the natural one)
check("10.04")

# %%
print(f"{chance:.2f} -> {surprise:.3f}")
grid = torch.linspace(0.01, 1, 100)
draw.lines(
    {"surprise": -grid.log(), "1 - probability": 1 - grid},
    x=grid,
    title="What a bet costs",
    x_name="probability that was given to the right character",
    y_name="cost",
    alt="Two falling lines, which both end at 0 where the probability is 1. The straight one, 1 - probability, begins at "
    "0.99. The surprise is a curve that begins at 4.6 for a probability of 0.01, falls steeply to 1.6 at 0.2, and then "
    "flattens.",
)

# %% [markdown]
# 1.386, which is ln 4: as surprising as one particular card suit. At 1 % it is 4.6, at 0.01 % it would be 9.2. Being
# sure of the wrong thing is what this loss cannot forgive, and the straight line could.
#
# And why a logarithm of all things? A text is many characters, and the probability of the whole text is a *product*:
# 1/4 of 1/2 of 1/8. The logarithm makes a sum of it. So the surprises of the characters add up to the surprise of the
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

# %%
picked = ____  # at each place the probability of what came: (3,)
mean_surprise = ____  # the mean of the three surprises
check("10.05")

# %%
print("picked:   ", picked)
print("surprises:", -picked.log())
print(f"mean:      {mean_surprise:.3f}, and e to its power: {math.exp(mean_surprise):.3f}")

# %% [markdown]
# 1/4, 1/2 and 1/8: two, one and three times ln 2. The mean is two times ln 2, which is ln 4. So on the whole this was
# as surprising as a choice among **four** equally likely characters at each place. That is what e to the power of the
# loss tells, and it has a name, **perplexity**: among how many equals the model is choosing.
#
# The mean surprise itself is called the **cross-entropy**.
#
# - [ ] 10.04 Compute a surprise by hand
# - [ ] 10.05 Average it over three places
# - [ ] 10.r2 I can say why it is a logarithm

# %% [markdown]
# ## The library, and its shapes · 11 min
#
# What comes after each character of `Let's he`? In chapter 01 the answer was cut from the same text, one place further
# on: `et's hen`, since Coriolanus goes on with "hence". With the logits of 10.03 everything is there. The library has
# the whole calculation in one function, `F.cross_entropy(logits, targets)`. Try it.

# %%
targets = torch.tensor([loader.encode("et's hen")])

# %%
print("logits", tuple(logits.shape), "targets", tuple(targets.shape))
try:
    F.cross_entropy(logits, targets)
except (RuntimeError, ValueError) as error:
    print("it says:", error)

# %% [markdown]
# It takes the *second* dimension for the classes, whatever stands behind it, and our second dimension is the places.
# (For pictures that is the custom: classes, then rows and columns.) The plain way is to lay all places of all windows
# in one long line, as if they were so many digits to classify: logits (batch * sequence, vocabulary), targets (batch *
# sequence,). `.view(-1, n)` does this; `-1` means *as many as there are*.
#
# And it wants **logits**, not probabilities: the softmax is inside.

# %%
flat_logits = ____  # (batch * sequence, vocabulary)
flat_targets = ____  # (batch * sequence,)
loss = ____  # the mean surprise, by the library
check("10.06")

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
# Eight surprises, and their mean, 4.53, is the **loss** of our sentence. (The two windows of a batch, the places of a
# window: all count the same.)
#
# Why does the library insist on logits? Here is a model that is very sure of itself.

# %%
sure = torch.tensor([100.0, 98.0, 101.0])
print("e to the power of the scores:", sure.exp())
print("softmax by the formula:      ", sure.exp() / sure.exp().sum())

# %% [markdown]
# e to the power of 89 is more than a 32-bit number can hold: `inf`, and `inf` / `inf` is `nan`. You met that word in
# chapter 05. Yet nothing is wrong with these scores. Only their differences matter, so that 100, 98, 101 are the same
# bet as -1, -3, 0.
#
# That is the way out. The surprise is -log(e^score / sum of e^scores) = **log(sum of e^scores) - score**. And from the
# first term the largest score may be taken out beforehand: log(sum of e^scores) = top + log(sum of e^(scores - top)).
# No power is larger than e^0.

# %%
top = sure.max()
log_sum = ____  # log(sum of e^scores), with no `inf` on the way
surprises = ____  # the surprise of each of the three, in case it comes
check("10.07")

# %%
print(f"log of the sum: {log_sum:.3f}   surprises: {surprises}")

# %% [markdown]
# No `inf` anywhere. Whoever hands over probabilities has thrown the scores away, and with them the chance to do it like
# this. It is also a good way to read the loss: the logarithm of the sum is hardly more than the largest score. The loss
# is how far the right character's score lies *below the top*, and a bit.
#
# - [ ] 10.06 Bring logits and targets into the library's shapes
# - [ ] 10.07 Keep large scores from overflowing

# %% [markdown]
# ## Knowing nothing · 6 min
#
# Is 4.53 much? A loss needs something to be compared with, so ask what somebody gets who knows nothing at all, and
# gives each of the 64 characters the same score.

# %%
equal_scores = torch.zeros(len(flat_targets), vocab_size)
good = 1.88  # a loss that your model will reach in chapter 12

# %%
nothing = ____  # the loss of equal scores
formula = ____  # the same from your head: a logarithm of a whole number, as a plain number
equals = ____  # the perplexity of the loss `good`: among how many equals does it choose?
check("10.08")

# %%
print(f"knowing nothing: {nothing:.4f}, and ln {vocab_size} is {formula:.4f}")
print(f"a loss of {good} is a choice among {equals:.2f} equals")

# %% [markdown]
# **4.16** is the loss of knowing nothing. Keep it in mind, it is the first number to look at when a training starts. A
# loss of 1.88 is a choice among six and a half. And our model has 4.53. So it knows *less than nothing*?
#
# In a way. It has opinions, and they are random. Measure it on more text, and try other random opinions as well: scores
# drawn from a normal distribution, some louder, some milder.

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
# The louder one guesses, the worse it gets. By luck the scores are sometimes right, and the surprise is smaller then;
# but it costs more to be sure and wrong than it brings to be sure and right. That is the bend of the curve in the
# figure above. Near 4.16 and a bit over it: so does an untrained model look, and if yours begins at 20, something is
# broken.
#
# - [ ] 10.08 Compute the loss of knowing nothing, and read a perplexity
# - [ ] 10.r3 I can say why an untrained model lies a little above ln 64

# %% [markdown]
# ## The class · 7 min
#
# Two parts and a line.

# %%
class VocabularyLogits(nn.Module):
    """A last norm, and a score for each character of the vocabulary."""

    def __init__(self, vocab_size: int, config: Config) -> None:
        """`config.embedding_dim` numbers go in, `vocab_size` scores come out."""
        super().__init__()
        self.norm = ____  # so that no place shouts
        self.to_scores = ____  # dot product and bias for each character

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The stream, (batch, sequence, embedding_dim) -> logits (batch, sequence, vocab_size)."""
        return ____  # normalise, then score


check("10.09")

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
# The table at the entrance has a row of 64 numbers for each character, and so has the weight here at the exit. Might
# they be one and the same table? GPT-2 does that, it is called weight tying, and it saves a great deal when there are
# 50,257 rows. Ours are small, and we leave them apart.
#
# Three lines for the map; the batch, the windows, and what the library made of them.

# %%
shapes = {
    "into the logits": (config.batch_size, config.input_sequence_length, config.embedding_dim),
    "logits": ____,  # scores for each place
    "flat logits": ____,  # as the library wants them
    "loss": ____,  # one number, in no list
}
check("10.10")

# %%
for name, shape in shapes.items():
    print(f"{name:>16}  {shape}")

# %% [markdown]
# - [ ] 10.09 Write the class VocabularyLogits
# - [ ] 10.10 Note its shapes on the map

# %% [markdown]
# ## What is now yours
#
# - an id cannot be averaged: the middle between all that follows `he` is a `Q`
# - **logits**: a dot product and a bias for each of 64 characters, behind a last norm
# - **surprise**: the negative logarithm of the probability that the right character was given
# - **cross-entropy**: its mean. Knowing nothing costs ln 64 = 4.16, and e to its power is the **perplexity**
# - the library wants logits, (batch * sequence, vocabulary), and takes the top score out before it raises e to any
#   power
# - `VocabularyLogits(vocab_size, config)`: (batch, sequence, width) in, (batch, sequence, vocabulary) out
#
# All the parts lie on the table. In **11 BigramLanguageModel** they become one model, and it begins to speak.
