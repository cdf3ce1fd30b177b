# %% [markdown]
# # 14 Bigger
# <!-- Made from checkpoints/ch14_bigger.py by scripts/build.py. From your first edit on it is yours. -->
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/OWNER/REPO/blob/main/workshop/bn/ch14_bigger.ipynb)
# [![Open in GitHub Codespaces](https://github.com/codespaces/badge.svg)](https://codespaces.new/OWNER/REPO?quickstart=1)
#
# Measure what a bigger model would bring, and predict it before you train one.
#
# 98 minutes in seven sections, and a challenge if you want one. This is a bonus chapter: you'll need chapters 01, 11
# and 12, and nothing from chapter 13.
#
# Everybody who has trained a small model has the same thought on the way home: what if it were bigger? You could rent a
# machine and find out. Or you could do what people do before they spend millions on a training run. They train a few
# models that are far too small, draw a line through the results, and read off the rest.

# %%
# @title আগে এটা চালাও: ওয়ার্কশপটা এখানে না থাকলে (যেমন Colab বা Kaggle-এ) এটা নিয়ে আসে
import importlib.util, urllib.request
if not importlib.util.find_spec("workshop"):
    address = "https://github.com/OWNER/REPO/raw/main/workshop/fetch.py"
    exec(urllib.request.urlopen(address).read(), {"address": address})

# %%
import copy
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch
from torch import nn

from nanogpt import BigramLanguageModel, Config
from workshop import ____, check, corpus, draw, hint, mine, optimizers, rehearsal, running, solution

torch.set_printoptions(precision=3, linewidth=100, sci_mode=False)
torch.set_num_threads(1)  # for tensors this small a second core only gets in the way

# %%
config = Config()
vocab_size = running.loader().vocab_size
print(f"{vocab_size} characters, {config.num_layers} blocks, {config.embedding_dim} numbers for each character")

# %% [markdown]
# ## What it costs · 15 min
#
# Before you build something bigger, you'll want to know what it costs, and for that a pencil is enough. Take the parts
# of chapter 11 in order and write down how many numbers each of them holds. Two letters will do: d for the width,
# `embedding_dim`, and h for the hidden layer of FeedForward.
#
# A layer that turns d numbers into h has d times h numbers in its matrix, and if it has a bias, h more. In attention,
# the heads share the width among them, so all their queries together take as much as one matrix of d by d. Keys and
# values each take the same again. None of the three has a bias. The projection that follows them does.

# %%
def count(vocab_size: int, config: Config) -> int:
    """How many numbers a model has, without building it."""
    d, h = config.embedding_dim, config.hidden_dim
    tables = ____  # a row for each character, and one for each place
    attention = ____  # queries, keys and values of all heads, the projection and its bias
    feed_forward = ____  # there and back, with a bias each way
    norm = 2 * d  # a gain and a bias
    scores = ____  # from the width to a score for each character, with a bias
    return tables + config.num_layers * (attention + feed_forward + 2 * norm) + norm + scores


check("14.01")

# %%
print(f"counted by hand: {count(vocab_size, config):,}")
print(f"counted by PyTorch: {sum(parameter.numel() for parameter in BigramLanguageModel(vocab_size, config).parameters()):,}")
for width in (64, 128, 256, 512, 1024):
    wide = replace(config, embedding_dim=width, hidden_dim=4 * width)
    inside = 12 * wide.num_layers * width**2
    print(f"width {width:>4}: {count(vocab_size, wide):>10,} numbers, and the matrices inside the blocks have {inside / count(vocab_size, wide):.1%} of them")

# %% [markdown]
# With h at four times d, the matrices of a block have 12 times d times d numbers. The wider the model, the less
# everything else matters. So twice the width means about four times the numbers, and twice the blocks only twice.
#
# Now for the time. As a character passes through the model, each number of a matrix is used once: one multiplication,
# and one addition to a running sum. That's **2** operations for each number. Then comes `backward`, with two more
# products of the same size at every matrix. One finds the gradient of the matrix. The other finds the gradient of what
# came in, to hand it on to the part before. That's **4** more, and the rule of thumb is complete: learning from one
# character takes **6 operations for each number of the model**.

# %%
parameters = count(vocab_size, config)
per_character = ____  # the operations for one character, by the rule of thumb
whole_run = ____  # and for a whole training run with the settings in `config`
check("14.02")

# %%
print(f"{per_character:,} operations for one character, {whole_run:.2e} for the training run of chapter 12")

# %% [markdown]
# 724 billion for the run of chapter 12. A single core does tens of billions of them in a second, as long as it's given
# nothing but large matrix products. So the run could be over in seconds. If yours took a minute or two, that's because
# a model this small spends most of its time getting ready for products that are done in no time.
#
# The rule itself isn't exact either. It counts too much, because the tables are only picked from, and gains and biases
# aren't matrices. And it counts too little, because two products in attention have nothing to do with any parameter.
# Each place compares its query with the keys of a whole window. For all heads together, that's as many dot products of
# length d as the window has characters. (Half of them are masked afterwards, but they've been computed.) Then it mixes
# as many values, which takes the same again. So count once more, properly.

# %%
def operations(vocab_size: int, config: Config) -> int:
    """How many operations it takes to learn from one character: all matrix products, there and back."""
    d, h, length = config.embedding_dim, config.hidden_dim, config.input_sequence_length
    matrices = ____  # the numbers in all matrices: four in each attention, two in each FeedForward, and the scores
    looking = ____  # the operations of one block's two products without parameters, on the way there
    there = ____  # all operations on the way there
    return 3 * there  # there, and twice as much on the way back


check("14.03")

# %%
from torch.utils.flop_counter import FlopCounterMode

torch.manual_seed(1349)
batch = torch.randint(vocab_size, (config.batch_size, config.input_sequence_length + 1))
with FlopCounterMode(display=False) as counter:  # it listens to every product that PyTorch computes
    BigramLanguageModel(vocab_size, config)(batch[:, :-1], batch[:, 1:])[1].backward()
characters = config.batch_size * config.input_sequence_length
print(f"PyTorch counted {counter.get_total_flops():,} operations in one step")
print(f"your formula says {operations(vocab_size, config) * characters:,}, and 6 for each number {per_character * characters:,}")

# %% [markdown]
# Yours is right to the last operation. The rule of thumb is 3% too low: here, what it leaves out outweighs what it
# overcounts. With a longer window the gap would widen, because every character then has more to look at, and the number
# of parameters hardly changes.
#
# - [ ] 14.01 Count a model's numbers without building it
# - [ ] 14.02 Count operations by the rule of thumb
# - [ ] 14.03 Count them properly
# - [ ] 14.r1 I can say where the 6 comes from

# %% [markdown]
# ## Four small models · 13 min
#
# Now measure. Four models made of your own classes, alike in everything but their width: 8, 12, 20 and 32. Each learns
# for the same number of steps, and then takes the same exam: 1,024 windows, spread evenly over the validation text. If
# all of them get the same questions, a hard question is hard for everybody, and luck has less of a say in who's better.
#
# Where a class of yours isn't there yet, or doesn't pass, the workshop's takes its place, as in chapter 12. **Save this
# notebook first**, because `mine` reads what's on disk.

# %%
mine.table()

# %%
loader = mine.DataLoader(corpus.shakespeare(), replace(config, batch_size=16))

# %%
base = Config(batch_size=16, embedding_dim=32, hidden_dim=128, num_heads=2, num_layers=2, steps=400, warmup_steps=40,
              learning_rate=0.01, evaluate_every=10_000, evaluation_batches=1)


def same_exam(model: nn.Module, windows: int = 1024) -> float:
    """The mean loss on this many windows of the validation text, the same ones every time."""
    ids, length = loader.validation_ids, loader.config.input_sequence_length
    starts = torch.linspace(0, len(ids) - length - 1, windows).long()
    cut = ids[starts[:, None] + torch.arange(length + 1)]
    model.eval()
    with torch.no_grad():
        return statistics.fmean(model(part[:, :-1], part[:, 1:])[1].item() for part in cut.split(128))


def trained(config: Config, characters: int | None = None) -> tuple[int, float]:
    """Train a model, on the text or its first `characters` only; how many numbers it has, and its loss in the exam."""
    config = rehearsal.settings(config)
    torch.manual_seed(config.seed)
    text = copy.copy(loader)
    text.train_ids = loader.train_ids[:characters]
    model = mine.BigramLanguageModel(loader.vocab_size, config)
    start = time.perf_counter()
    mine.Trainer(model, optimizers.fast(model, config), text, config).train()
    size, loss = sum(parameter.numel() for parameter in model.parameters()), same_exam(model)
    print(f"width {config.embedding_dim:>3}, {config.num_layers} blocks, {config.steps} steps: {size:>9,} numbers, loss {loss:.3f}, {time.perf_counter() - start:.1f} s")
    return size, loss


def of_width(width: int) -> Config:
    """The settings of a model this wide."""
    return replace(base, embedding_dim=width, hidden_dim=4 * width)

# %% [markdown]
# Each takes a few seconds. Guess first: the numbers about double from one model to the next. What will the four losses
# do?

# %%
widths = [8, 12, 20, 32]
runs = [trained(of_width(width)) for width in widths]
sizes = torch.tensor([float(size) for size, _ in runs])
losses = torch.tensor([loss for _, loss in runs])
reached = ", ".join(f"{size:,}: {loss:.2f}" for size, loss in runs)
draw.lines(
    {"loss": losses},
    x=sizes,
    title="Four models of your own",
    x_name="numbers in the model",
    y_name="loss in the exam",
    alt=f"A curve through four points: {reached} (size: loss). It bends: steep on the left, where three of the points are crowded together, and flatter on the way to the fourth.",
)
draw.lines(
    {"loss": losses},
    x=sizes,
    log=True,
    title="The same four, on logarithmic axes",
    x_name="numbers in the model",
    y_name="loss in the exam",
    alt=f"The same four points, {reached} (size: loss), now nearly evenly spaced from left to right, so that it can be seen how close to a straight line they are.",
)

# %% [markdown]
# On ordinary axes you see a curve that flattens, and you might conclude that it's hardly worth going on. The second
# picture has the same four points on **logarithmic** axes, where each doubling covers the same distance, wherever it
# starts. There the points lie close to a straight line, and a straight line is something you can make longer.
#
# What does such a line say? Go one doubling to the right, and you go down by a fixed distance. On a logarithmic axis a
# distance is a *factor*. So each time the model doubles, the loss is multiplied by the same number, a little below 1.
# The slope says which. Here are two models from somebody else's notebook:

# %%
numbers_of_two = torch.tensor([1000.0, 8000.0])
losses_of_two = torch.tensor([3.2, 2.4])

# %%
run_of = (numbers_of_two[1] / numbers_of_two[0]).log()  # how far to the right, on a logarithmic axis
slope = ____  # how far up on a logarithmic axis, divided by how far to the right; down is negative
factor = ____  # what the loss is multiplied by, each time the model doubles
check("14.04")

# %%
print(f"slope {slope:.3f}: each doubling multiplies the loss by {factor:.3f}, and three doublings by {factor**3:.2f}")

# %% [markdown]
# A slope of -0.138 means that each doubling takes 9% off the loss, and three of them take it from 3.2 to 2.4. This is
# called a **power law**. It has turned up again and again, in models from a few thousand numbers to many billions, and
# nobody can fully explain why.
#
# - [ ] 14.04 Read a slope off logarithmic axes
# - [ ] 14.r2 I can say what a straight line on logarithmic axes means

# %% [markdown]
# ## A line, and a promise · 18 min
#
# There's a line through any two points. Through four there hardly ever is, so you want the one that misses them least.
# "Least" has meant the same for two hundred years: square each miss, add up the squares, and make that sum as small as
# it gets. There's a formula for it. Measure each point from the middle of all four: how far across, how far up.
# Multiply the two and add up the products. Divide that by the sum of the squares of how far across, and you have the
# slope. And the line goes through the middle.
#
# First practise on four points of ours. Yours come right after.

# %%
practice_sizes = torch.tensor([3000.0, 9000.0, 31_000.0, 98_000.0])
practice_losses = torch.tensor([2.61, 2.38, 2.22, 2.02])

# %%
x, y = practice_sizes.log(), practice_losses.log()
across, up = x - x.mean(), y - y.mean()
tilt = ____  # the slope of the line
level = ____  # its height where x is 0
check("14.05")

# %%
print(f"log(loss) = {level:.3f} + {tilt:.4f} · log(size); each doubling multiplies the loss by {2**tilt:.3f}")

# %% [markdown]
# Packed into a function, for any number of points:

# %%
def fit(sizes: torch.Tensor, losses: torch.Tensor) -> tuple[float, float]:
    """The line of least squares through the logarithms: its slope, and its height where the size is 1."""
    x, y = sizes.double().log(), losses.double().log()
    across = x - x.mean()
    slope = (across * y).sum() / (across**2).sum()
    return slope.item(), (y.mean() - slope * x.mean()).item()

# %% [markdown]
# Now read the line both ways. What loss does it promise for a size? And what size does it ask for, if you want a
# certain loss?

# %%
def promised(size: float, slope: float, level: float) -> float:
    """The loss that the line gives for a size."""
    return ____  # up the line, and back from logarithms


def needed(loss: float, slope: float, level: float) -> float:
    """The size that the line asks for to get to a loss."""
    return ____  # solve the same line for the size


check("14.06")

# %% [markdown]
# Now make a promise with your own line, *before* the run that could break it. The fifth model is twice as wide as the
# widest of the four, and you can count its numbers without building it. Write the promise down, on paper if you don't
# trust yourself.

# %%
slope_of_mine, level_of_mine = fit(sizes, losses)
fifth = of_width(2 * widths[-1])
size = count(loader.vocab_size, fifth)
promise = promised(size, slope_of_mine, level_of_mine)
misses = [abs(loss / promised(each, slope_of_mine, level_of_mine) - 1) for each, loss in runs]
print(f"your line: slope {slope_of_mine:.4f}; each doubling of the model multiplies the loss by {2**slope_of_mine:.3f}")
print(f"it misses its own four points by at most {max(misses):.1%}")
print(f"promised: a model of width {fifth.embedding_dim} and {size:,} numbers will have a loss of {promise:.3f}")

# %% [markdown]
# Now train it. It takes a little longer than the others.

# %%
_, kept = trained(fifth)
print(f"promised {promise:.3f}, measured {kept:.3f}: off by {abs(kept / promise - 1):.1%}")
print(f"had you said that nothing changes any more: {losses[-1]:.3f}, off by {abs(kept / losses[-1].item() - 1):.1%}")
draw.lines(
    {"measured": [*losses, kept], "the line through the first four": [promised(each, slope_of_mine, level_of_mine) for each in [*sizes.tolist(), size]]},
    x=[*sizes.tolist(), size],
    log=True,
    title="A promise, and what became of it",
    x_name="numbers in the model",
    y_name="loss in the exam",
    alt=f"Five measured points and a straight line that was drawn through the first four. At the fifth, with {size:,} numbers, "
    f"the line is at {promise:.2f} and the measured point at {kept:.2f}.",
)

# %% [markdown]
# How good is that? Compare it with two things. One is how far the line misses the points that it was drawn through: you
# can't expect it to do better on a new one. The other is the laziest prediction of all, that nothing changes any more.
# If the line beats that, it has told you something you didn't know. When this was written, it promised 2.11 and got
# 2.08, and the lazy one was off by 8%.
#
# Be suspicious all the same, whichever way yours came out. Each of the five learned with one seed, and another would
# have moved its loss a little, so a small miss may be luck, and so may a direct hit. And all five stopped after the
# same number of steps, with the same learning rate, though a wide model can use more steps than a narrow one. When we
# doubled the width once more, to 128, the line promised 1.96 and we got about 2.0. Is that model too wide for the line,
# or was it only stopped too early? Find out, if you like: `trained(of_width(128))` is all you need, and a little
# patience. The steps are in `base`.
#
# - [ ] 14.05 Draw the line of least squares by hand
# - [ ] 14.06 Read the line both ways
# - [ ] 14.r3 I have predicted a run, and then made it

# %% [markdown]
# ## The floor · 12 min
#
# A straight line on logarithmic axes never ends. Make the model large enough, and it promises you a loss of 0.1, which
# can't be true. After `The King of`, nobody can know for certain what comes next. Shakespeare didn't, until he'd made
# up his mind. Some of the surprise belongs to the text, not to the reader. It's called the **irreducible loss**, and no
# model gets below it, however large. It's a floor.
#
# So the honest law has a floor, plus something that shrinks as a power of the size. It isn't the loss that lies on a
# straight line, it's the loss *above the floor*. If you knew the floor, you'd subtract it and fit as before. You don't,
# so try many, and see which one misses least. Here are seven models that we've made up, with a floor that's hidden in
# the cell. Don't look.

# %%
hidden = 1.2

# %%
seven_sizes = 10 ** torch.linspace(3.5, 5, 7, dtype=torch.float64)  # from about 3,000 to 100,000
seven_losses = hidden + 6 * seven_sizes**-0.2
floors = [number / 10 for number in range(15)]  # 0.0, 0.1, ... 1.4
print("losses:", seven_losses)

# %%
def miss(floor: float, losses: torch.Tensor) -> float:
    """How far a floor and the best line above it miss the losses: the root of the mean square."""
    slope, level = fit(seven_sizes, losses - floor)
    off = ____  # how far each loss is above the floor plus what the line promises, no logarithms: (7,)
    return ____  # the root of the mean square, a plain number


found = min(floors, key=lambda floor: ____)  # what should be least?
check("14.07")

# %%
print(f"the best floor is {found}, and with it the line misses by {miss(found, seven_losses):.4f}; without a floor, by {miss(0.0, seven_losses):.4f}")
for seed in range(1350, 1356):
    torch.manual_seed(seed)
    shaken = seven_losses * (1 + 0.01 * torch.randn(7))  # each is off by 1% or so, up or down
    print("with 1% of luck in each loss, the best floor is", min(floors, key=lambda floor, shaken=shaken: miss(floor, shaken)))

# %% [markdown]
# On the losses as they are, the floor comes out exactly. Then we moved each of them up or down by about one percent, as
# another seed might have done, and the best floor is anywhere, once even at 0. Seven points from 3,000 numbers to
# 100,000 aren't enough to find it. Your own four, over a shorter range, know even less.
#
# Close by, that hardly matters. Far out it does:

# %%
straight = fit(seven_sizes, seven_losses)
bent = fit(seven_sizes, seven_losses - found)
far = 10 ** torch.linspace(3, 12, 10, dtype=torch.float64)
without_floor = [promised(size, *straight) for size in far.tolist()]
with_floor = [found + promised(size, *bent) for size in far.tolist()]
draw.lines(
    {"with the floor": with_floor, "straight line": without_floor, "the floor": [found] * len(far)},
    x=far,
    log=True,
    title="The same seven points, taken too far",
    x_name="numbers in the model",
    y_name="loss",
    alt="A level line at 1.2, the floor, and two others, which can hardly be told apart on the left, up to a hundred thousand numbers. "
    "Then the straight one goes on down and crosses the floor, and the bent one comes ever closer to the floor without reaching it.",
)
for place, size in enumerate(far.tolist()):
    print(f"{size:>21,.0f}: {with_floor[place]:.2f} with the floor, {without_floor[place]:.2f} on the straight line")

# %% [markdown]
# Where the seven points are, the two can hardly be told apart. A thousand times further on they disagree so much that
# believing the wrong one could cost somebody a great deal of money, and no measurement on the left says which one that
# is. So here's the rule for every such line, yours included: believe it for the next doubling or two. Further out it's
# a hope, drawn with a ruler.
#
# - [ ] 14.07 Look for the floor under seven losses
# - [ ] 14.r4 I can say why the loss can't go to 0

# %% [markdown]
# ## The other knobs · 12 min
#
# Width isn't the only thing you can have more of. There are blocks, and steps, and text. Leave the text for later.
# Start from one small model, and turn up one knob at a time, in two doublings, while the others stay where they are.
# Which one does most? Rank them before you run the cell. (It trains seven models, and takes about as long as the five
# up to here.)

# %%
middle = replace(of_width(24), num_layers=1, steps=200, warmup_steps=20)
shares = [1, 2, 4]
start = trained(middle)[1]
wider = [start, *(trained(replace(middle, embedding_dim=24 * share, hidden_dim=96 * share))[1] for share in shares[1:])]
deeper = [start, *(trained(replace(middle, num_layers=share))[1] for share in shares[1:])]
longer = [start, *(trained(replace(middle, steps=200 * share, warmup_steps=20 * share))[1] for share in shares[1:])]
draw.lines(
    {"width": wider, "blocks": deeper, "steps": longer},
    x=shares,
    log=True,
    title="Three knobs, each turned up twice",
    x_name="how many times as much",
    y_name="loss in the exam",
    alt=f"Three lines that start from one point, {start:.2f}. At four times as much, {wider[-1]:.2f} for the width, {deeper[-1]:.2f} "
    f"for the blocks and {longer[-1]:.2f} for the steps.",
)

# %% [markdown]
# One start, and three slopes that aren't the same. None of them is a law of nature. They only say what this model is
# short of, *here*. After so few steps, more blocks can't do much for a model that has hardly had time to use the first
# one. Give it what it's most short of, and after a while it's short of something else.
#
# The fourth knob is the text. Turn that one down for a change, and give a model less and less to read:

# %%
amounts = [2_000, 8_000, 32_000, 128_000]
starved = [trained(base, amount)[1] for amount in amounts]
listed = ", ".join(f"{amount:,}: {loss:.2f}" for amount, loss in zip(amounts, starved, strict=True))
draw.lines(
    {"loss in the exam": starved},
    x=amounts,
    log=True,
    title="The same model, the same steps, less text to learn from",
    x_name="characters of text to learn from",
    y_name="loss in the exam",
    alt=f"A line that falls from left to right. {listed} (characters: loss).",
)
each_time = base.batch_size * base.input_sequence_length * base.steps
print(f"in {base.steps} steps it reads {each_time:,} characters: " + ", ".join(f"{each_time / amount:.1f} × {amount:,}" for amount in amounts))

# %% [markdown]
# With 2,000 characters it reads the same page about a hundred times, and learns it by heart (chapter 12), which is no
# help in an exam. With 128,000 it reads each page once or twice. A longer text would have other words in it, and other
# names, but in this many steps the model couldn't read all of it. A knob only helps as far as the others keep up.
#
# That becomes a real question as soon as somebody pays. The bill is for operations: 6, times the numbers in the model,
# times the characters that it learns from. For the same money you get a large model that reads little, or a small one
# that reads a lot. Which is better? Hoffmann and others measured it in 2022, on models that read tokens instead of
# characters, and this law came out:

# %%
def law(size: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
    """The loss of a model with `size` numbers after `tokens` tokens: Hoffmann et al. (2022), equation 10."""
    return 1.69 + 406.4 / size**0.34 + 410.7 / tokens**0.28


candidates = 10 ** torch.linspace(6, 11, 101, dtype=torch.float64)  # from a million numbers to 100 billion

# %%
budget = 1e19

# %%
readings = ____  # how many tokens each candidate can learn from, for the budget
best_size = candidates[____]  # the place of the lowest loss
check("14.08")

# %%
print(f"for {budget:.0e} operations: {best_size:,.0f} numbers, {budget / (6 * best_size):,.0f} tokens, {budget / (6 * best_size**2):.0f} tokens for each number")
draw.lines(
    {f"{money:.0e} operations": law(candidates, money / (6 * candidates)) for money in (1e18, 1e19, 1e20)},
    x=candidates,
    log=True,
    title="For the same money: few numbers that read a lot, or many that read little",
    x_name="numbers in the model",
    y_name="loss, by the law",
    alt="Three curves, each a valley, for budgets of one, ten and a hundred units. Each valley is lower than the one before it and lies further to the right. "
    "At both ends the curves climb steeply.",
)

# %% [markdown]
# Each budget has its valley. If the model is too small, it has no room for what it reads. If it's too large, it hardly
# gets to read. And ten times the money should go into both: a model about three times as large, which reads about three
# times as much. Before this was known, the largest models were far too large for what they had read. (The constants are
# somebody's fit, too, and everything the last section says about fits is true of them. The 1.69 is their floor.)
#
# - [ ] 14.08 Spend a budget well
# - [ ] 14.r5 I can say why more of one thing alone stops helping

# %% [markdown]
# ## Fewer digits, fewer trips · 14 min
#
# So much for what to buy. The rest of the evening is about getting more for your money, and the first trick is to
# compute with worse numbers.
#
# A float32 has 32 bits, and 23 of them hold its digits. A **bfloat16** has 16 bits and saves on the digits, which get
# 7. It reaches from the tiny to the huge as a float32 does, but in much coarser steps. It takes half the memory, and
# hardware that's made for it multiplies it several times as fast. How coarse is it?

# %%
numbers = torch.tensor([3.14159, 0.001234, 1.00392, 209.6, 0.7071, 1000.5])

# %%
coarse = ____  # each number, to bfloat16 and back to float32
worst = ____  # the largest error, as a share of the number itself, without its sign
check("14.09")

# %%
for number, rounded in zip(numbers.tolist(), coarse.tolist(), strict=True):
    print(f"{number:>12.6f} -> {rounded:>12.6f}")
print(f"worst: {worst:.2%}")
weight = torch.tensor(1.0, dtype=torch.bfloat16)
for _ in range(1000):
    weight -= 0.001
print(f"1 minus a thousand times 0.001: {weight.item()}")

# %% [markdown]
# Two or three digits are right, and the error is below 0.4%. For a product that's good enough. For *learning* it isn't.
# Take a thousand tiny steps away from 1, and you're still at 1, because each of them is rounded away. So the parameters
# stay in float32, and so do the optimizer's steps. Only the products are done in bfloat16.
#
# You needn't change a line of your classes for that. Inside `with torch.autocast(...)`, PyTorch converts whatever goes
# into a product, and computes the loss in float32, where digits matter. `backward()` and `step()` stay outside.

# %%
def loss_on(model: nn.Module, inputs: torch.Tensor, targets: torch.Tensor, coarse: bool) -> torch.Tensor:
    """The model's loss on a batch, with the products in bfloat16 if they're to be `coarse`."""
    with torch.autocast(____, dtype=____, enabled=____):  # on what kind of device; which sort of number; when
        return model(inputs, targets)[1]


check("14.10")

# %% [markdown]
# The second trick is a better machine. Everything you've written runs on a GPU as it is, once the model and its batches
# have been moved there with `.to(device)`. The next cell looks for one, and takes the CPU if there's none. Then it
# times a step of a wider model, with fine products and with coarse ones.

# %%
device = torch.device("cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu")


def seconds(action: Callable[[], object], times: int = 7) -> float:
    """How long something takes: the median of several tries, after one that doesn't count."""
    taken = []
    for _ in range(times + 1):
        start = time.perf_counter()
        action()
        if device.type == "cuda":
            torch.cuda.synchronize()  # it works on while we go on; wait until it's done
        taken.append(time.perf_counter() - start)
    return statistics.median(taken[1:])


torch.manual_seed(1349)
heavy = Config(embedding_dim=128, hidden_dim=512, num_heads=2, num_layers=2)
trainee = mine.BigramLanguageModel(loader.vocab_size, heavy).to(device)
inputs, targets = (part.to(device) for part in loader.get_batch())


def learn(coarse: bool) -> None:
    """One step, without the optimizer's part in it."""
    trainee.zero_grad()
    loss_on(trainee, inputs, targets, coarse).backward()


fine_time, coarse_time = seconds(lambda: learn(False)), seconds(lambda: learn(True))
print(f"on {device}: {1000 * fine_time:.1f} ms for a step in float32, {1000 * coarse_time:.1f} ms with products in bfloat16")
print(f"{fine_time / coarse_time:.2f} times as fast; losses {loss_on(trainee, inputs, targets, False):.4f} and {loss_on(trainee, inputs, targets, True):.4f}")

# %% [markdown]
# Look at the two losses first: they hardly differ. Then look at how many times as fast it is. Above 1, that's a free
# lunch. Below 1, the conversions cost more than the coarse products save, which is what happens on a processor that
# isn't made for them, so leave it off there. Nobody can tell you which it is without measuring, and measuring takes a
# second.
#
# (On a GPU, too, the gain may be small or none. A model this small doesn't keep it busy, and most of what you're timing
# is Python, which hands out the work in little parcels. Try a larger batch.)
#
# The third trick is about those parcels. Your LayerNorm from chapter 05 is half a dozen operations, and each of them
# reads a whole tensor from memory and writes another one back. `torch.compile` looks at what a module does and writes a
# program for it that makes the trip once. That program is faster, but writing and translating it takes a while. When
# does it pay?

# %%
def pays_after(compiling: float, before: float, after: float) -> float:
    """After how many calls compiling has paid for itself; infinity if it never does. All three are in seconds."""
    if ____:  # when does it never pay?
        return math.inf
    return ____  # how many savings make up for the time it took, rounded up


check("14.11")

# %%
torch.manual_seed(1349)
norm, stream = mine.LayerNorm(256).to(device), torch.randn(768, 256, device=device)
try:
    with torch.no_grad():
        before = seconds(lambda: norm(stream), 31)
        start = time.perf_counter()
        compiled = torch.compile(norm, backend="eager" if rehearsal.STEPS in os.environ else "inductor")
        compiled(stream)  # it's compiled when it's first called
        compiling = time.perf_counter() - start
        after = seconds(lambda: compiled(stream), 31)
        print(f"compiled in {compiling:.1f} s; {1e6 * before:.0f} µs before, {1e6 * after:.0f} µs after: {before / after:.1f} times as fast")
        print(f"it pays after {pays_after(compiling, before, after):,} calls; largest difference {(compiled(stream) - norm(stream)).abs().max():.1e}")
except Exception as error:
    print(f"this machine can't compile, and nothing else needs it: {type(error).__name__}: {str(error).strip().splitlines()[0][:200]}")

# %% [markdown]
# On a CPU, compiling takes a C++ compiler. If there's none here, you've just been told so, and nothing that follows
# needs it. If it worked, look at the number of calls. The run of chapter 12, with 750 steps and nine norms in its
# model, makes 6,750 of them. Is that enough? For an evening's run, compiling may cost more time than it saves. For a
# run of days it's the first thing to try, on the whole model: `torch.compile(model)`. (We took a single norm because
# compiling a whole model, and its way back, can take minutes on a CPU.)
#
# - [ ] 14.09 See what bfloat16 rounds off
# - [ ] 14.10 Let a model use it
# - [ ] 14.11 Find out when compiling pays

# %% [markdown]
# ## Two at once · 14 min
#
# The last trick is more machines, or more processes on one. Each has a whole copy of the model, and a part of the
# batch. After `backward`, each has a gradient that comes from its own part. They exchange them, all of them take the
# **mean**, and with that they all take the same step. So the copies stay copies.
#
# Why the mean? Check it where you can see everything: four rows of three numbers, a weight for each of the three, and
# as the loss the mean of the squared errors. You know the derivative of a square, so you can do without `backward`.

# %%
rows = torch.tensor([[1.0, 2.0, -1.0], [0.5, -1.0, 3.0], [2.0, 1.0, 1.0], [-1.5, 0.5, 2.0]])
right = torch.tensor([2.0, -1.0, 3.0, 0.5])
weights = torch.tensor([0.3, -0.2, 0.1])

# %%
def gradient(rows: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """The gradient of the mean of (row @ weights - right)² over the rows, for the weights: (3,)."""
    errors = rows @ weights - right  # (rows,)
    return ____  # for each weight, the mean over the rows of 2 · error · the number that it's multiplied by


together = gradient(rows, right)
first, second = gradient(rows[:2], right[:2]), gradient(rows[2:], right[2:])
averaged = ____  # what both processes have after the exchange
check("14.12")

# %%
print("one process, four rows: ", together)
print("two with two rows each: ", first, second)
print("the mean of these two:  ", averaged)

# %% [markdown]
# The same three numbers. Each process has a mean over its two rows, and the mean of two such means is the mean over all
# four. The loss of your GPT is a mean as well, over bets, so the same is true of it, and of any number of processes.
# That's what training on ten thousand GPUs comes down to.
#
# But both had *equally many* rows. Suppose that the first process gets three, and the second only one.

# %%
parts = [rows[:3], rows[3:]]
sizes_of_parts = [len(part) for part in parts]
uneven = [gradient(rows[:3], right[:3]), gradient(rows[3:], right[3:])]
plain_mean = sum(uneven) / 2
fair_mean = sum(____ for n, each in zip(sizes_of_parts, uneven, strict=True)) / ____  # what each adds; what to divide by
check("14.13")

# %%
print("plain mean:", plain_mean)
print("fair mean: ", fair_mean)
print("all rows:  ", gradient(rows, right))

# %% [markdown]
# So give every process the same number of windows, and the plain mean is right. PyTorch's **DistributedDataParallel**
# relies on that. You wrap the model in it, and from then on `backward()` exchanges the gradients, too, while it's still
# computing the rest of them. On CPUs the messages are carried by a library called **gloo**.
#
# The next cell writes a small program into a file, and has `torchrun` start it twice. Each process is told its number,
# its `rank`, and takes every second window of the batch. Before that, it computes the gradient of the whole batch by
# itself, so that it can compare. (It takes some seconds, most of them to import PyTorch twice.)

# %%
program = '''
import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel
from nanogpt import BigramLanguageModel, Config

dist.init_process_group("gloo")
rank, world = dist.get_rank(), dist.get_world_size()
torch.set_num_threads(1)
torch.manual_seed(1337)  # the same copy everywhere, and the same batch
alone = BigramLanguageModel(64, Config())
batch = torch.randint(64, (24, 33))
alone(batch[:, :-1], batch[:, 1:])[1].backward()
expected = [parameter.grad.clone() for parameter in alone.parameters()]  # one process, 24 windows

alone.zero_grad()
shared = DistributedDataParallel(alone)
part = batch[rank::world]  # every second window, starting with mine
shared(part[:, :-1], part[:, 1:])[1].backward()
found = [parameter.grad for parameter in alone.parameters()]
furthest = max((a - b).abs().max().item() for a, b in zip(expected, found))
print(f"process {rank} of {world}: {len(part)} windows; furthest from the gradient of all 24: {furthest:.1e}", flush=True)
dist.destroy_process_group()
'''
with tempfile.TemporaryDirectory() as folder:
    file = Path(folder) / "two.py"
    file.write_text(program, encoding="utf-8")
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", str(file)]
    surroundings = {**os.environ, "PYTHONPATH": str(Path(running.__file__).parent.parent), "OMP_NUM_THREADS": "1"}
    try:
        done = subprocess.run(command, capture_output=True, text=True, env=surroundings, timeout=180, check=False)
        said, trouble = done.stdout.strip(), done.stderr.strip().splitlines()[-1:]
    except (OSError, subprocess.TimeoutExpired) as error:
        said, trouble = "", [error]
if said:
    print(said)
else:
    print("it didn't work here, and nothing else needs it:", *trouble)

# %% [markdown]
# If both have answered, the difference is next to nothing. What there is comes from adding up the same numbers in
# another order.
#
# One trap: the processes must start from the *same* model, and read *different* windows. If each draws its batch with
# the same seed, they all compute the same gradient, the mean of two equal gradients is nothing new, and your second
# process is a heater.
#
# And what does it buy you? Two processes with a batch each do the work of a batch twice as large in hardly more time,
# if each has a core to itself. Whether a larger batch helps is another question. It's one more knob: worth a lot while
# batches are small, and less and less as they grow.
#
# - [ ] 14.12 Average the gradients of two processes
# - [ ] 14.13 Average them fairly
# - [ ] 14.r6 I can say why two processes with half a batch each do what one does with all of it

# %% [markdown]
# ## Challenge: one after the other
#
# Optional, 10 minutes, and nothing later needs it. Suppose you have one machine, and the batch doesn't fit into its
# memory. What several processes do at the same time, a single one can do in turns: cut the batch into equal pieces,
# call `backward()` on one after the other, and take a single step at the end. You saw in 12.03 that gradients add up by
# themselves. But what you want is their mean.

# %%
def in_turns(model: nn.Module, inputs: torch.Tensor, targets: torch.Tensor, pieces: int) -> None:
    """Leave the gradient of the whole batch in the model's parameters, from equal pieces of it, one after the other."""
    model.____()
    for questions, answers in zip(inputs.chunk(pieces), targets.chunk(pieces), strict=True):
        loss = ____  # this piece's share of the loss
        loss.____()


check("14.14")

# %% [markdown]
# - [ ] 14.14 Challenge: learn from a large batch in pieces

# %% [markdown]
# ## What's yours now
#
# - a model's **numbers and operations**, counted before it's built; **6** for each number and character
# - a **line on logarithmic axes**, fitted by hand, and a promise that you've put to the test
# - the **floor** under every loss, and how little a few points know about it
# - a **budget**: not the largest model you can pay for, but the largest that still gets enough to read
# - **bfloat16** where digits don't matter, and float32 where they do
# - **averaged gradients**, by which two processes are one
#
# Now go and do it. On the command line a larger model is waiting for you, with about ten million numbers and a window
# of 256 characters. It's meant for a GPU, and on a CPU it takes patience:
#
# ```
# python scripts/train.py --config large
# ```
#
# And here's the usual training, on two processes that average their gradients as you did:
#
# ```
# torchrun --nproc-per-node 2 scripts/train.py
# ```
#
# Before either of them starts, write down what you expect. You know how.
