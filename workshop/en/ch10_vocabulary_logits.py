# %% [markdown]
# # 10 VocabularyLogits
# <!-- Made from checkpoints/ch10_vocabulary_logits.py by scripts/build.py. From your first edit on it is yours. -->
#
# Turn a vector into a bet on the next character, and measure how big a surprise the real one is.
#
# 50 minutes, six sections. You'll need chapters 05 and 09, and the softmax of chapter 06.
#
# By the end of the evening you'll have one number that says how good a language model is. Everything after that is
# about making the number smaller.

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

# %%
mean_id = ____  # the mean of the ids that follow
middle = round(float(mean_id))
share = ____  # how often is this the right answer, as a share of all places?
check("10.01")

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
# `Q`. There isn't a single `heQ` in nine plays, and nobody ever suggested one. The `Q` is just halfway between the
# space, whose id is 1, and the small letters, whose ids are around 50, the way a compromise between London and New York
# is somewhere in the Atlantic.
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
score_r = ____  # how well does `r` fit? One number
scores = ____  # all four scores at once
check("10.02")

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
# says. In training the space will get a large one, and the `$` a small one.
#
# Scores like these, one for each possible answer, before any softmax, are called **logits**.

# %% [markdown]
# On to the real ones. Here's what left chapter 09, and how long each vector has become.

# %%
stream = running.after("09")  # (1, 8, 8)
print("lengths:", stream[0].norm(dim=-1))

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

# %% [markdown]
# 1/4. A number used as a loss should be 0 when all is well, and large when things are bad. The negative logarithm does
# that. It's 0 for a probability of 1, and grows without limit as the probability sinks to 0. We'll call it the
# **surprise**.

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

# %%
picked = ____  # at each place, the probability of what came: (3,)
mean_surprise = ____  # the mean of the three surprises
check("10.05")

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

# %%
print("logits", tuple(logits.shape), "targets", tuple(targets.shape))
try:
    F.cross_entropy(logits, targets)
except (RuntimeError, ValueError) as error:
    print("it says:", error)

# %% [markdown]
# It takes the *second* dimension for the classes, whatever comes after it, and our second dimension is the places. (For
# pictures that's the custom: classes, then rows and columns.) The plain way out is to lay all places of all windows in
# one long line, as if they were so many digits to classify: logits (batch * sequence, vocabulary), targets (batch *
# sequence,). `.view(-1, n)` does this; the `-1` means *as many as there are*.
#
# And it wants **logits**, not probabilities, because the softmax is part of the function.

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
# Eight surprises, and their mean, 4.53, is the **loss** of our sentence. (In a batch of many windows, every place of
# every window counts the same.)
#
# Why does the library insist on logits? Here's a model that's very sure of itself.

# %%
sure = torch.tensor([100.0, 98.0, 101.0])
print("e to the power of the scores:", sure.exp())
print("softmax by the formula:      ", sure.exp() / sure.exp().sum())

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
log_sum = ____  # log(sum of e^scores), with no `inf` on the way
surprises = ____  # for each of the three, the surprise if that's the one that comes
check("10.07")

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

# %%
nothing = ____  # the loss of equal scores
formula = ____  # the same without the library: the logarithm of a whole number, as a plain number
equals = ____  # the perplexity of the loss `good`: how many equals does it choose among?
check("10.08")

# %%
print(f"knowing nothing: {nothing:.4f}, and ln {vocab_size} is {formula:.4f}")
print(f"a loss of {good} is a choice among {equals:.2f} equals")

# %% [markdown]
# **4.16** is the loss of knowing nothing. Keep it in mind, because it's the first number to look at when a training run
# starts. The model that you'll train in chapter 12 came to 1.86 when this was written, a choice among 6.4 equals. And
# tonight's model is at 4.53. So it knows *less than nothing*?
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
class VocabularyLogits(nn.Module):
    """A last norm, and a score for each character of the vocabulary."""

    def __init__(self, vocab_size: int, config: Config) -> None:
        """`config.embedding_dim` numbers go in, `vocab_size` scores come out."""
        super().__init__()
        self.norm = ____  # so that no place shouts
        self.to_scores = ____  # a dot product and a bias for each character

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
# The table at the entrance has a row of 64 numbers for each character, and so does the weight here at the exit. Could
# they be one and the same table? GPT-2 does just that. It's called weight tying, and it saves a lot if you have 50,257
# rows. Our two tables are small, so we keep them apart.
#
# Three lines for the map: the scores, what the library wants them to look like, and the loss.

# %%
shapes = {
    "into the logits": (config.batch_size, config.input_sequence_length, config.embedding_dim),
    "logits": ____,  # scores for each place
    "flat logits": ____,  # as the library wants them
    "loss": ____,  # a single number, not a list
}
check("10.10")

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

# %%
with torch.no_grad():  # we're only looking
    divisor = ____  # what the norm divides `last` by, one number
    votes = ____  # what each voice adds to each character's score: (4, 64)
    unasked = ____  # what's in each character's score besides the votes: (64,)
check("10.11")

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
# - the library wants logits, (batch * sequence, vocabulary), and takes the top score out before it raises e to any
#   power
# - `VocabularyLogits(vocab_size, config)`: (batch, sequence, width) in, (batch, sequence, vocabulary) out
#
# All the parts are on the table. In **11 BigramLanguageModel** they become one model, and it begins to speak.
