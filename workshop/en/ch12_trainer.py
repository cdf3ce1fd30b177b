# %% [markdown]
# # 12 Trainer
# <!-- Made from checkpoints/ch12_trainer.py by scripts/build.py. From your first edit on it is yours. -->
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/OWNER/REPO/blob/main/workshop/en/ch12_trainer.ipynb)
# [![Open in GitHub Codespaces](https://github.com/codespaces/badge.svg)](https://codespaces.new/OWNER/REPO?quickstart=1)
#
# Let the model learn, from its first step to its last, and hear it speak.
#
# 100 minutes in eight sections, and a challenge if you want one. You'll need chapters 01 and 11.
#
# Chapter 11 left you with a machine of 209,600 numbers, and not one of them meant anything. Tonight they acquire
# a meaning, and it takes a minute or two. The rest of the evening is about what can go wrong in them.

# %%
# @title Run this first: it fetches the workshop if it isn't here, as on Colab or Kaggle
import importlib.util, urllib.request
if not importlib.util.find_spec("workshop"):
    address = "https://github.com/OWNER/REPO/raw/main/workshop/fetch.py"
    exec(urllib.request.urlopen(address).read(), {"address": address})

# %%
import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn

# %%
import copy
import json
import tempfile
import time
from dataclasses import asdict, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from statistics import fmean

from safetensors.torch import load_file, save_file

from nanogpt import BigramLanguageModel, Config, DataLoader
from workshop import ____, card, check, columns, corpus, draw, hint, live, mine, optimizers, rehearsal, running, solution, threads

torch.set_printoptions(precision=3, linewidth=100, sci_mode=False)
torch.set_num_threads(1)  # for tensors this small a second core only gets in the way

# %%
config = Config()
loader = DataLoader(corpus.shakespeare(), config)
vocab_size = loader.vocab_size
print(f"{vocab_size} different characters; a text of {len(loader.train_ids):,} to learn from, and {len(loader.validation_ids):,} for the exam")

# %% [markdown]
# ## Before the first step · 6 min
#
# Before you train a model, look at where it starts. That takes a second, and it catches a surprising number of
# mistakes. A model that knows nothing should be about as surprised as a person who knows nothing, and chapter 10 says
# how surprised that is.

# %%
torch.manual_seed(1347)
untrained = BigramLanguageModel(vocab_size, config).eval()
inputs, targets = loader.get_batch()
print(tuple(inputs.shape), "->", tuple(targets.shape))

# %%
start = ____  # the model's loss on this batch, as a plain number
nothing = ____  # the loss of knowing nothing, as a plain number
check("12.01")

# %%
print(f"before training {start:.2f}, knowing nothing {nothing:.2f}")

# %% [markdown]
# A little above 4.16. Random scores do worse than no scores at all, because now and then they're sure of something
# and wrong. If you ever see 11 here, or 0.5, stop, and find out why before you train.
#
# - [ ] 12.01 Compare the untrained model with knowing nothing

# %% [markdown]
# ## One step by hand · 16 min
#
# Back to `Let's he` and the small configuration, where you can see everything. One window, eight bets, and the right
# answers are `et's hen`. The small model has 2,320 numbers.

# %%
bare = replace(Config.small(), dropout=0.0)  # no dice while we look closely
ids = running.ids()
answers = torch.tensor([loader.encode("et's hen")])

# %%
def fresh() -> BigramLanguageModel:
    """The small model before any training, the same one every time."""
    torch.manual_seed(1347)
    return BigramLanguageModel(vocab_size, bare)


print(f"{sum(parameter.numel() for parameter in fresh().parameters()):,} numbers")

# %% [markdown]
# Which of them are to blame for the loss? You know the tool for this from your digit classifier. `backward()` starts at
# the loss, goes back through all the parts to the beginning, and leaves a `.grad` in each parameter: for each of its
# numbers, how fast the loss would *rise* if that number rose. So go the other way, a little. Subtract the gradient
# times a number called the **learning rate**.
#
# `torch.no_grad()` is there because this subtraction isn't part of the model, and nobody needs its gradient.

# %%
rate = 0.5

# %%
model = fresh()
before = model(ids, answers)[1]
before.backward()
with torch.no_grad():
    for parameter in model.parameters():
        parameter -= ____  # how far this one goes
after = ____  # the loss on the same bets, now
check("12.02")

# %%
print(f"{before:.3f} -> {after:.3f}")

# %% [markdown]
# It has learned something: from 3.94 to 3.12 in one step, on the eight bets it was shown.
#
# Why not go further, then? Guess what a rate of 10 does, and run the next two cells.

# %%
def after_one_step(rate: float) -> float:
    """The loss after a single step at this rate."""
    model = fresh()
    model(ids, answers)[1].backward()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter -= rate * parameter.grad
        return model(ids, answers)[1].item()

# %%
rates = [0, 0.5, 1, 2, 3, 4, 5, 6, 8, 10]
draw.lines(
    {"after one step": [after_one_step(rate) for rate in rates], "before": [after_one_step(0)] * len(rates)},
    x=rates,
    title="One step, and how far it goes",
    x_name="learning rate",
    y_name="loss",
    alt="A valley, and a level line at 3.94, the loss before the step. The curve starts on that line, drops to 1.87 at a "
    "rate of 3, climbs again, crosses the line just before 8, and reaches 5.77 at 10.",
)

# %% [markdown]
# A valley. The gradient is the slope *where you stand*. Follow it too far and you walk up the other side, and end up
# higher than where you started. So you take many short steps, and get a new gradient for each one.
#
# But there's a trap here that everybody falls into once. Ask for the gradient, then ask three more times, and look at
# what's in `.grad`. (We'll watch the bias of the last layer. Any other parameter would do.)

# %%
more = 3

# %%
model = fresh()
bias = model.to_logits.to_scores.bias
model(ids, answers)[1].backward()
once = ____  # a copy of its gradient
for _ in range(more):
    model(ids, answers)[1].backward()
ratio = ____  # how many times as long as `once` is the gradient now? A plain number
model.____()  # clear them all
model(ids, answers)[1].backward()
cleared = bias.grad.norm() / once.norm()
check("12.03")

# %%
print(f"after {more} more calls: {ratio:.1f} times as long; after clearing: {cleared:.1f} times as long")

# %% [markdown]
# `backward` **adds** to what's there. Nothing had changed, and still the gradient came out four times as long. After a
# hundred steps you'd be walking along the sum of a hundred directions, most of them out of date, and nothing would
# complain. So clear before every `backward`.
#
# - [ ] 12.02 Take one step by hand
# - [ ] 12.03 See gradients add up, and clear them
# - [ ] 12.r1 I can say why a step mustn't be too long

# %% [markdown]
# ## By heart · 12 min
#
# An **optimizer** runs this loop over the parameters for you. You hand it the parameters once. After that,
# `zero_grad()` clears, and `step()` takes the step.
#
# We'll use AdamW, like almost everybody who trains a transformer. What does it do better than our loop? Here's a
# landscape with two numbers. One is on a slope of 100, the other on a slope of 0.01.

# %%
for kind in (torch.optim.SGD, torch.optim.AdamW):
    steep, flat = nn.Parameter(torch.zeros(())), nn.Parameter(torch.zeros(()))
    optimizer = kind([steep, flat], lr=0.1)
    (100 * steep + 0.01 * flat).backward()
    optimizer.step()
    print(f"{kind.__name__:>5}: the steep one moves by {steep.item():.3f}, the flat one by {flat.item():.3f}")

# %% [markdown]
# SGD is our loop. It flings the steep number away, and the flat one doesn't get out of bed. AdamW divides each number's
# gradient by how large that number's gradients have been, so both walk at the same pace. A transformer has both kinds.
# The `$`, for one, occurs once in all nine plays, so its row of the token table hardly ever gets a gradient.
#
# Now the loop at the heart of every training run in the world, on one batch, over and over. Four lines, and their
# order matters.

# %%
def by_heart(steps: int) -> tuple[BigramLanguageModel, list[float]]:
    """The small model after this many steps on `Let's he`, and the loss before each of them."""
    model = fresh()
    optimizer = torch.optim.AdamW(____, lr=0.01)  # what it may change
    losses = []
    for _ in range(steps):
        loss = ____  # the loss on the eight bets
        optimizer.____()  # clear
        loss.____()  # who's to blame?
        optimizer.____()  # go
        losses.append(loss.item())
    return model, losses


first_losses = by_heart(6)[1]
check("12.04")

# %%
learned, losses = by_heart(100)
torch.manual_seed(1347)
print("give it an L:", repr(loader.decode(learned.generate(ids[:, :1], 24)[0])))
draw.lines(
    {"Let's he": losses},
    title="The same eight bets, a hundred times",
    x_name="step",
    y_name="loss",
    alt="A curve that falls from 3.94 to 2.2 after ten steps and to 0.5 after thirty, runs along the floor from step 60 on, "
    "and ends at 0.02.",
)

# %% [markdown]
# `Let's hen`! From a single letter, with dice, and without a slip. After that it lapses into gibberish, because those
# nine characters are all it has ever read.
#
# Training on **one** batch until the model knows it by heart isn't learning, but it's the best test there is. A model that
# can't even do that has a mistake in it, and you've found out in a second what might have cost you a night. Do it with
# every model you build.
#
# - [ ] 12.04 Let the small model learn eight bets by heart

# %% [markdown]
# ## The exam · 12 min
#
# The model's loss on `Let's he` is 0.02. So how good is it? Ask it about text that it hasn't seen. That's what the
# last tenth of the plays is for. We'll take 20 batches from it, each with eight bets.

# %%
exam_loader = running.loader()  # one window of eight in each batch

# %%
torch.manual_seed(1347)
exam_batches = [exam_loader.get_batch("validation") for _ in range(20)]

# %%
with torch.no_grad():
    losses = torch.stack([____ for questions, right in exam_batches])  # the loss on one of them
average = ____  # the mean of all twenty
doubt = ____  # how far off that mean may be: the spread of the losses, a plain `.std()`, divided by the square root of how many there are
check("12.05")

# %%
print("the first eight batches:", losses[:8])
print(f"by heart {average:.2f}, give or take {doubt:.2f}; knowing nothing {nothing:.2f}")

# %% [markdown]
# 6.72, where knowing nothing gets 4.16. The model has become *worse* than somebody with no idea, because it's sure of
# itself everywhere, and wrong. That's why nobody believes a loss on the text that was practised on. The loss that counts
# is the one on text the model was never shown.
#
# Look at the individual batches, too. These eight alone range from 5.7 to 7.4. One batch is an anecdote, so an exam has
# several, and its result is their mean. It also has rules. **Dropout is off**, as it is whenever the answer counts
# (11.12). **No gradients** are kept: nobody learns from an exam, and doing without them saves time and memory. And
# **afterwards** the model goes back to training mode.

# %%
@torch.no_grad()
def exam(model: nn.Module, loader: DataLoader, batches: int) -> float:
    """The mean loss on this many batches of the validation text."""
    model.____()  # dropout off
    losses = [model(*loader.get_batch(____))[1].item() for _ in range(____)]  # from which part; how many
    model.____()  # and on again
    return sum(losses) / batches


check("12.06")

# %% [markdown]
# - [ ] 12.05 Examine the model that learned by heart
# - [ ] 12.06 Write the exam
# - [ ] 12.r2 I can say why the loss on practised text says little

# %% [markdown]
# ## How far to step · 16 min
#
# Now real batches, and a loss that means something. One knob matters more than all the others: the learning rate. The
# next two cells train the small model three times, for 300 steps each, on batches of 32 windows: at a rate of 0.0001,
# then at 0.03, then at 1. Think of the valley, and guess what each of the three curves will look like. (It takes a few
# seconds.)

# %%
def trial(rate_of: Callable[[int], float], steps: int = 300) -> list[float]:
    """The training losses of the small model, each the mean of 20 steps; `rate_of(step)` is the learning rate."""
    batches = DataLoader(loader.text, replace(bare, batch_size=32))
    model = fresh()
    optimizer = torch.optim.AdamW(model.parameters())
    losses = []
    torch.manual_seed(1347)
    for step in range(1, steps + 1):
        for group in optimizer.param_groups:
            group["lr"] = rate_of(step)
        loss = model(*batches.get_batch())[1]
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return torch.tensor(losses).view(-1, 20).mean(dim=1).tolist()

# %%
crawling, good, wild = (trial(lambda step, rate=rate: rate) for rate in (0.0001, 0.03, 1.0))
draw.lines(
    {"rate 0.0001": crawling, "rate 0.03": good, "rate 1.0": wild},
    x=range(20, 301, 20),
    title="Too short, about right, too long",
    x_name="step",
    y_name="training loss",
    alt=f"Three curves. The one for 0.0001 begins at {crawling[0]:.2f} and ends at {crawling[-1]:.2f}, nearly level. The one for "
    f"0.03 falls from {good[0]:.2f}, quickly, then more and more slowly, to {good[-1]:.2f}. The one for 1.0 begins far above both, "
    f"at {wild[0]:.2f}, comes down within a hundred steps, and is at {wild[-1]:.2f} in the end, above the one for 0.03.",
)

# %% [markdown]
# At 0.0001 it crawls. The direction is right, and it will get there some time next week. At 1.0 the first steps throw
# it far above knowing nothing. It comes back down, and then gets stuck a little above 3. A rate of 0.03 lies in
# between. There's no formula for the best rate. You try a few, each three or ten times the one before.
#
# Nor is any single rate right all the way. Look at the beginning: how far does AdamW go in its *first* step?

# %%
model = fresh()
optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
numbers = nn.utils.parameters_to_vector(model.parameters()).detach()  # all 2,320 in one row, as they were
model(ids, answers)[1].backward()
slopes = nn.utils.parameters_to_vector([parameter.grad for parameter in model.parameters()])
optimizer.step()
moved = ____  # how far each one has moved
full = ____  # the share of all the numbers that moved by more than 0.0099, a plain number
check("12.07")

# %%
sloped = slopes != 0
print(f"gradients from {slopes.abs()[sloped].min():.7f} to {slopes.abs().max():.2f}, and {(~sloped).float().mean():.0%} of the numbers have none")
print(f"those with a gradient have moved by between {moved.abs()[sloped].min():.4f} and {moved.abs()[sloped].max():.4f}")
print(f"{full:.0%} of all the numbers have moved by more than 0.0099")

# %% [markdown]
# The gradients range from 0.0000006 to 0.34, and yet every number that had one went about the *same* distance: 0.01,
# the whole learning rate. In its first step AdamW divides each gradient by its own size, since it has seen nothing else
# yet. (The W in the name is *weight decay*, a slight pull on every number, towards 0. It makes some steps a little
# longer than 0.01 and others a little shorter, a few of them even shorter than 0.0099, which is why 78 and 20 don't add
# up to 100.) So the steps are at their longest when the optimizer knows least. The cure is called **warm-up**: start
# with a rate near 0, and let it grow in a straight line.
#
# At the other end, long steps do harm for another reason. Near the floor of the valley they jump back and forth over
# the lowest point. So the rate should **decay**, and the usual way down is half a cosine wave: gently at first, then
# fast, then gently again.
#
# - `config.warmup_steps`: the rate rises for this many steps, and at the last of them it has reached
#   `config.learning_rate`
# - `config.steps`: this is the last step, and by then the rate has come down to `config.final_learning_rate`
#
# The first step is number 1.

# %%
def rate_at(step: int, config: Config) -> float:
    """The learning rate of a step: up in a straight line from 0, then down along half a cosine."""
    if step <= config.warmup_steps:
        return ____  # on the way up
    gone = ____  # how much of the way down is behind us, from 0 to 1
    wave = (1 + math.cos(math.pi * gone)) / 2  # from 1 to 0
    return ____  # the final rate, plus the share `wave` of what the highest rate has more


check("12.08")

# %%
bold = 0.2
schedule = Config(steps=300, warmup_steps=30, learning_rate=bold, final_learning_rate=0.0)
level = replace(schedule, final_learning_rate=bold)
draw.lines(
    {"warm-up and decay": [rate_at(step, schedule) for step in range(1, 301)]},
    x=range(1, 301),
    title="The learning rate over 300 steps",
    x_name="step",
    y_name="learning rate",
    alt=f"A line that rises straight from near 0 to {bold} at step 30, bends over, falls along half a cosine wave through "
    f"{bold / 2} at step 165, and lands flat on 0 at step 300.",
)
fixed = trial(lambda step: bold)
warmed = trial(lambda step: rate_at(step, level))
decayed = trial(lambda step: rate_at(step, schedule))
draw.lines(
    {f"{bold} all the time": fixed, "with warm-up": warmed, "with warm-up and decay": decayed},
    x=range(20, 301, 20),
    title="The same highest rate, three ways",
    x_name="step",
    y_name="training loss",
    alt=f"Three curves that fall: with {bold} all the time from {fixed[0]:.2f} to {fixed[-1]:.2f}, with warm-up from "
    f"{warmed[0]:.2f} to {warmed[-1]:.2f}, with warm-up and decay from {decayed[0]:.2f} to {decayed[-1]:.2f}.",
)

# %% [markdown]
# 0.2 is a bold rate for this model. Used in full from the first step on, it breaks something that 300 steps don't
# repair. With a warm-up of 30 steps the same rate does better, and with the decay it does better still. To be honest, so
# small a model doesn't need any of this: set `bold` to 0.03, run the cell again, and all three end lower than these do.
# A larger model does need it. There the schedule lets you afford a bold rate, and a bold rate makes a long run shorter.
#
# - [ ] 12.07 See how far the first step of AdamW goes
# - [ ] 12.08 Write the schedule of the learning rate
# - [ ] 12.r3 I can say what warm-up is good for, and what decay is good for

# %% [markdown]
# ## The class · 18 min
#
# One habit is still missing. You hold the exam every so often while the model trains, and the model after the *last*
# step isn't always the best. So whenever an exam comes out better than all the ones before it, you put a copy of the
# model aside: its `state_dict()`, a dictionary from each tensor's name to the tensor itself. Here's a training run
# that goes wrong after its second exam.

# %%
model = fresh()
bias = model.to_logits.to_scores.bias
best_loss, best = math.inf, {}
for exam_result in (3.5, 2.5, 2.7, 9.9):
    with torch.no_grad():
        bias += 1.0  # something is learned
    if ____:  # is it the best so far?
        best_loss = exam_result
        best = {name: ____ for name, tensor in model.state_dict().items()}  # this tensor, as it is now
model.load_state_dict(____)  # bring the best one back
first_of_bias = bias[0] - fresh().to_logits.to_scores.bias[0]
check("12.09")

# %%
print(f"the bias has risen by {first_of_bias.item():.0f}, so it's the model from the second exam; its loss is {best_loss}")

# %% [markdown]
# Now put it all together. After each step the Trainer reports what happened, in a small record. The record is already
# written:

# %%
@dataclass(frozen=True)
class Report:
    """What the Trainer reports after each step."""

    step: int  # the first one is 1
    steps: int  # how many there will be
    training_loss: float  # on this step's batch, before the step
    validation_loss: float | None = None  # if there was an exam after this step

# %% [markdown]
# Next a tester, for the judge and for you. It trains the small model on a few lines for seven steps, with an exam after
# every second step and after the last. Somebody meddles with the model along the way, so that the second exam is the best of
# the four.

# %%
@cache  # the judge looks at a training run from several sides, and running it once is enough
def seven_steps(trainer_class: type, watched: bool = True, stop: int = 0) -> tuple["Trainer", list[Report]]:
    """A Trainer after seven steps of training, and its reports; with `stop`, somebody stops it after that step."""
    settings = replace(bare, batch_size=5, steps=7, warmup_steps=4, learning_rate=0.01, final_learning_rate=0.001,
                       evaluate_every=2, evaluation_batches=3, dropout=0.2)
    sentences = DataLoader("Let's hence, and hear\n" * 9 + "Who? You, O you who know", settings)
    torch.manual_seed(1347)
    model = BigramLanguageModel(sentences.vocab_size, settings)
    groups = [{"params": model.blocks.parameters(), "lr": 0.025}, {"params": model.to_logits.parameters()},
              {"params": model.embedding.parameters()}]
    trainer = trainer_class(model, torch.optim.AdamW(groups, lr=0.01), sentences, settings)
    examined = sentences.validation_ids.unique()  # the characters of the exam, most of which come up nowhere else

    def meddle(report: Report) -> None:
        with torch.no_grad():
            model.to_logits.to_scores.bias[examined] += {3: 4.0, 5: -4.0}.get(report.step, 0.0)
        if report.step == stop:
            raise KeyboardInterrupt

    return trainer, trainer.train(meddle if watched else None)

# %% [markdown]
# The class has thirteen blanks, and there's nothing in them that you haven't met. Two of the lines you're given need
# explaining.
#
# `self.shares`: an optimizer may keep its parameters in several **groups**, each with a rate of its own. The tester's
# has three, and the blocks learn 2.5 times as fast as the rest. A share is a group's rate divided by
# `config.learning_rate`. In `train` every group gets its share of the rate at each step, so the schedule moves them
# all, and the blocks keep their lead.
#
# `except KeyboardInterrupt`: that's what Python raises when somebody stops a cell by hand. The class catches it, and you keep
# the best model so far. Before the first exam, that's the model as it is.

# %%
class Trainer:
    """Trains a model on batches from a loader, and keeps the best version of it."""

    def __init__(
        self,
        model: nn.Module,
        optimizer: torch.optim.Optimizer,
        data_loader: DataLoader,
        config: Config,
    ) -> None:
        """`optimizer` has the parameters of `model`; `data_loader` gives batches of "train" and of "validation"."""
        self.model = model
        self.optimizer = optimizer
        self.data_loader = data_loader
        self.config = config
        self.shares = [group["lr"] / config.learning_rate for group in optimizer.param_groups]

    def learning_rate(self, step: int) -> float:
        """The rate for a step; the first step is 1."""
        return ____  # as this Trainer's settings say

    def train_step(self) -> float:
        """Learn from one batch, and return the loss that the model had on it."""
        self.model.train()
        inputs, targets = self.data_loader.get_batch("train")
        loss = ____  # how surprised is the model?
        self.optimizer.____()
        loss.____()
        self.optimizer.____()
        return loss.item()

    @torch.no_grad()
    def evaluate(self) -> float:
        """The exam: the mean loss on `config.evaluation_batches` batches of the validation text."""
        self.model.____()
        losses = []
        for _ in range(____):  # how many batches
            inputs, targets = self.data_loader.get_batch("validation")
            losses.append(self.model(inputs, targets)[1].item())
        self.model.train()
        return ____  # their mean

    def train(self, watch: Callable[[Report], object] | None = None) -> list[Report]:
        """Train for `config.steps` steps, or until somebody stops it; then restore its best version.

        `watch`, if given, is called with the report of each step.
        """
        reports: list[Report] = []
        best_loss, best = math.inf, None
        try:
            for step in range(1, self.config.steps + 1):
                for group, share in zip(self.optimizer.param_groups, self.shares, strict=True):
                    group["lr"] = share * ____  # the rate for this step
                training_loss = ____  # learn from one batch
                validation_loss = None
                if step % self.config.evaluate_every == 0 or step == self.config.steps:
                    validation_loss = ____  # hold an exam
                    if ____:  # is it the best so far?
                        best = ____  # what to put aside
                        best_loss = validation_loss
                reports.append(Report(step, self.config.steps, training_loss, validation_loss))
                if watch is not None:
                    watch(reports[-1])
        except KeyboardInterrupt:
            pass  # stop here; the best so far is kept
        if best is not None:
            self.model.load_state_dict(best)
        return reports


check("12.10")

# %%
for report in seven_steps(Trainer)[1]:
    print(report)

# %% [markdown]
# For the map: training adds no tensor to the model, but it keeps more numbers in memory than the model has. Each
# parameter has its gradient beside it, and AdamW remembers two running means, one of the gradients and one of their
# squares.

# %%
shapes = {
    "loss": ____,  # one number, no dimension
    "token table": (vocab_size, config.embedding_dim),
    "its gradient": ____,  # what `backward` leaves in it
    "mean of its gradients": (vocab_size, config.embedding_dim),
}
parameters = sum(parameter.numel() for parameter in untrained.parameters())
in_memory = ____  # how many numbers training with AdamW holds from one step to the next: parameters, gradients, both means
check("12.11")

# %%
for name, shape in shapes.items():
    print(f"{name:>22}  {shape}")
print(f"{in_memory:,} numbers in memory while it trains, for the {parameters:,} that you keep")

# %% [markdown]
# - [ ] 12.09 Keep a copy of the best model
# - [ ] 12.10 Write the Trainer
# - [ ] 12.11 Note the shapes of training on the map

# %% [markdown]
# ## Save before you train · 8 min
#
# A trained model lives in the memory of this notebook, and dies with it. So learn to save *before* there's something to
# lose. Two files are enough: the tensors, and what somebody needs to know to use them.
#
# The tensors go into `model.safetensors`, in a format that holds names and numbers and nothing else. (`torch.save`
# writes a *pickle*, and opening a stranger's pickle can run whatever program is hidden in it.) The rest goes into
# `settings.json`, which you can read with your own eyes: the configuration, and the **characters in their order**.
# Without them the model would still speak, but nobody would know what it's saying.

# %%
def save(model: nn.Module, loader: DataLoader, folder: Path, validation_loss: float | None, steps: int) -> None:
    """Write a model's tensors and its settings into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file(____, folder / "model.safetensors")  # all its tensors, by name
    settings = {
        "format": 1,
        "characters": ____,  # the vocabulary, as one string
        "config": ____,  # the configuration, as a dictionary
        "validation_loss": validation_loss,
        "steps": steps,
    }
    (folder / "settings.json").write_text(json.dumps(settings, indent=1), encoding="utf-8")


def load(folder: Path, model_class: type = BigramLanguageModel) -> tuple[nn.Module, str]:
    """The model in a folder, ready to speak, and its characters in their order."""
    settings = json.loads((folder / "settings.json").read_text(encoding="utf-8"))
    characters = settings["characters"]
    model = model_class(len(characters), ____)  # the configuration again
    model.load_state_dict(____)  # the file's tensors, by name
    return model.eval(), characters


def there_and_back(model: nn.Module, config: Config) -> tuple[dict, nn.Module, str]:
    """What's in settings.json once a model is saved, and what comes back when its folder is loaded."""
    same_text = copy.copy(loader)
    same_text.config = config
    with tempfile.TemporaryDirectory() as folder:
        save(model, same_text, Path(folder) / "model", 1.5, 7)
        return json.loads((Path(folder) / "model" / "settings.json").read_text(encoding="utf-8")), *load(Path(folder) / "model")


check("12.12")

# %%
returned = there_and_back(fresh(), bare)[1]
print("the same answers after saving and loading:", torch.equal(returned(ids)[0], fresh()(ids)[0]))

# %% [markdown]
# - [ ] 12.12 Save a model, and load it again

# %% [markdown]
# ## Challenge: does it copy?
#
# Optional, 15 minutes, and nothing later needs it. In the next section your model will write lines that sound like
# Shakespeare, and somebody is bound to ask: does it make them up, or is it reciting? Write the detective now. The suspect
# is about to be trained.
#
# `longest_quote` finds the longest piece of a text that's also in a source, letter for letter. A text has a great many
# pieces, so think about which ones to skip. A piece is only interesting if it's longer than the best one so far. And if a
# piece isn't in the source, a longer one with the same start can't be either.
#
# But what would count as long? For that we need somebody who's certainly innocent. `stranger` is 600 characters from
# the last tenth of the plays, which your model never trains on: Shakespeare, but new. Guess how long a piece of it
# you'll find, letter for letter, in the other nine tenths.

# %%
where = 40_000

# %%
read = loader.text[: len(loader.train_ids)]  # what your model trains on
stranger = loader.text[len(loader.train_ids) :][where : where + 600]

# %%
def longest_quote(text: str, source: str) -> str:
    """The longest piece of `text` that's in `source`, letter for letter; the first one, if several are equally long."""
    best = ""
    for start in range(len(text)):
        for end in ____:  # the ends that make a piece longer than the best
            if ____:  # when is it time to try the next start?
                break
            best = ____  # remember it
    return best


innocent = longest_quote(stranger, read)
print(f"{len(innocent)} characters: {innocent!r}")
check("12.13")

# %% [markdown]
# 15 characters: ` am no beast.`, and two line ends. A quote of that length proves nothing, then. People who write in
# the same language about the same things repeat each other all the time. Keep that number, and once your model has
# spoken, put it on trial with `longest_quote(said, read)`.
#
# - [ ] 12.13 Challenge: find the longest quote

# %% [markdown]
# ## The training run · 12 min
#
# The last cells have no blanks. They run on what you've written since chapter 01: `mine` reads your files, asks the
# judge, and takes each class that passes. Where one of yours isn't there yet, the workshop's takes its place, among
# your other parts. **Save this notebook first**, because `mine` reads what's on disk.

# %%
mine.table()

# %%
def whole_exam(model: nn.Module, loader: DataLoader) -> float:
    """The mean loss on the whole validation text, cut into windows that lie side by side."""
    length, ids = loader.config.input_sequence_length, loader.validation_ids
    count = (len(ids) - 1) // length
    questions, right = ids[: count * length].view(count, length), ids[1 : count * length + 1].view(count, length)
    model.eval()
    with torch.no_grad():
        losses = [model(q, r)[1].item() * len(q) for q, r in zip(questions.split(256), right.split(256), strict=True)]
    return sum(losses) / count

# %%
settings = rehearsal.settings(config)  # the sizes of chapter 01; start Jupyter with WORKSHOP_STEPS=20 to train for 20 steps only
loader = mine.DataLoader(corpus.shakespeare(), settings)
torch.manual_seed(settings.seed)
model = mine.BigramLanguageModel(loader.vocab_size, settings)


def speak(length: int = 150, prompt: str = "\n") -> str:
    """The prompt, and `length` more characters that the model, as it is now, adds to it."""
    ids = model.generate(torch.tensor([loader.encode(prompt)]), length)[0]
    return loader.decode(ids).lstrip("\n")


print(speak())

# %% [markdown]
# That's how it speaks now. One part of what will train it isn't yours but borrowed: the optimizer.
#
# AdamW looks at each number on its own. But a matrix turns and stretches a space as a whole, and most of its gradient
# often lies along just a few directions. Take the projection in your first block. Its gradient has 64 directions.
# Sort them by the gradient's length along each, the longest first. How many times as long as the middle one is the first?

# %%
torch.manual_seed(settings.seed)
practice, batch = copy.deepcopy(model), loader.get_batch()
practice(*batch)[1].backward()
lengths = torch.linalg.svdvals(practice.blocks[0].attention.projection.weight.grad)  # from the longest direction to the shortest
middle = lengths[len(lengths) // 2]
print(f"{lengths[0]:.4f} along the first, {middle:.4f} along the middle one: {lengths[0] / middle:.0f} times as long")

# %% [markdown]
# Along most directions such a matrix would learn slowly, though those may matter just as much. **Muon** makes the step
# about equally long in all of them. `optimizers.fast` gives it the matrices inside the blocks. The tables, the norms,
# the biases and the scores at the end stay with AdamW, so there are two groups, and your `shares` earn their keep. You
# can read how Muon does it, and whose idea it is, in `kit/model/training/muon.py`. To your Trainer it's an optimizer
# with `zero_grad()` and `step()`, like any other.
#
# What does it buy you? With AdamW alone, this training run takes about 1,300 steps to get as far. With Muon it takes
# 750, and each of them is a little slower.
#
# The next cell trains your model: 750 steps, each on 24 windows of 32 characters. That makes more than half as many
# bets as there are characters in the training text, and it takes a minute or two. You can watch how far it has got,
# what it says, and both losses. If you've seen enough, press the stop button (■), and the best model so far is kept.
#
# Listen to it while it runs. First it learns which characters are frequent. Then the spaces start to appear at the right intervals.
# Then short words, names in capitals with their colons, the length of a line.

# %%
torch.set_num_threads(threads.quicker(lambda: practice(*batch)[1].backward()))  # one core or two, whichever is quicker
optimizer = optimizers.fast(model, settings)
trainer = mine.Trainer(model, optimizer, loader, settings)
torch.manual_seed(settings.seed)
with live.Live(speak, evaluate=trainer.evaluate) as watch:
    reports = trainer.train(watch)
torch.set_num_threads(1)

# %% [markdown]
# Guess before you go on: how good is the model on the *whole* validation text? The bigram table of chapter 11 had 2.48.

# %%
loss = whole_exam(model, loader)
print(f"{loss:.3f} on the whole validation text: a choice among {math.exp(loss):.1f} equals")
exams = {step: result for step, _, result in watch.status.points}
if exams:
    ends = sorted({*exams, *range(0, len(reports) + 1, 25)})
    parts = [reports[begin:end] or reports[:1] for begin, end in pairwise([0, *ends])]  # the steps up to each end
    practised = [fmean(report.training_loss for report in part) for part in parts]
    draw.lines(
        {
            "training": practised,
            "validation": [exams.get(end, math.nan) for end in ends],
            "bigram table": [2.48] * len(ends),
            "knowing nothing": [nothing] * len(ends),
        },
        x=ends,
        title="The loss of your model, from step 0 on",
        x_name="step",
        y_name="loss",
        alt=f"Two level lines, knowing nothing at {nothing:.2f} and the bigram table at 2.48, and two curves. Both start above "
        f"knowing nothing, at {practised[0]:.2f}, fall steeply and then ever more gently. After {ends[-1]} steps the training "
        f"loss, a mean of the last few steps, is {practised[-1]:.2f}, and the one on the validation text {exams[max(exams)]:.2f}.",
    )

# %% [markdown]
# When this was written, the loss came to 1.86, a choice among 6.4 equals. Knowing nothing has 64, the bigram table 12.
# The table, the pride of chapter 11, was overtaken within 100 steps. At the end the validation loss is a little over 0.1
# above the training loss. That isn't learning by heart, since most places in the text were seen once or never. The exam
# is on other plays: The Taming of the Shrew, of which the model has read only the beginning, and The Tempest, of which
# it has read nothing. Prospero, for one, never speaks in the text it learned from.
#
# And how does it speak? Before training, after a tenth of it, and now:

# %%
tenth = max(step for step in watch.samples if step <= max(1, settings.steps // 10))
torch.manual_seed(1564)
columns.show({"before": watch.samples[0], f"after {tenth} steps": watch.samples[tenth], f"after {len(reports)} steps": speak()})

# %% [markdown]
# When this was written, the one in the middle had just found out that names are shouted, and that a colon comes after them.
#
# Now give it room, and read it aloud. The seed decides how the dice fall. Change it, run the cell again, and you get a
# text that nobody has read before you.

# %%
torch.manual_seed(1616)
said = speak(600)
print(said)

# %% [markdown]
# There are names in capitals with a colon after them, empty lines between the speeches, capitals where a line of verse
# begins. Most of the short words are real, and the long ones sound as if they might be. When this was written an
# ESCOLIZABEPRIOLA came on, who isn't in any of the plays and should be.
#
# If you did the challenge, it's time for the trial. In our text the longest quote had 20 characters: `his way?`, then
# `ISABELLA:`, with two line ends before the name and one after it. `stranger` had only 15. But cut the whole last tenth into pieces of 600
# characters, and in about a third of them the longest quote has 20 or more, though it's all new Shakespeare. So your
# model isn't reciting.
#
# Be fair to it, and honest. It sees 32 characters at a time, and whatever is further back is gone. It doesn't know what
# a king is. It hasn't understood a single line. What it has is an excellent sense of what usually comes next, stored in
# 209,600 numbers, and that turns out to be enough for spelling, for verse, for the look of a play on the page. The
# models that chat with you are built from much the same parts in the same order. The largest have millions of times as
# many numbers, and have read more than anybody could in a thousand lives.
#
# You can also tell it how to begin. Half a sentence will do, or your own name in capitals with a colon:

# %%
torch.manual_seed(1595)
print(speak(300, prompt="ROMEO:\nO, "))

# %% [markdown]
# Ask it what follows `Let's he`. In chapter 10 the bet was nearly flat, and the best of 64 characters had 4.5%.

# %%
with torch.no_grad():
    bet = model.eval()(torch.tensor([loader.encode("Let's he")]))[0][0, -1].softmax(dim=-1)
likely = bet.topk(10)
names = [loader.decode([number]) for number in likely.indices.tolist()]
draw.bars(
    names,
    likely.values,
    title="After \"Let's he\": the bet of your trained model",
    alt="Ten bars, from the highest to the lowest: "
    + ", ".join(f"{name!r} {chance:.2f}" for name, chance in zip(names, likely.values.tolist(), strict=True))
    + ". All the others together have "
    + f"{1 - likely.values.sum().item():.2f}.",
)

# %% [markdown]
# And one look inside. Sixteen heads were free to look as far back as they liked. Here's the one that looks most at the
# previous character. Nobody told it to. Chapter 11 showed you how much a pair is worth, and the model found that out
# too.

# %%
window = "First Citizen:\nLet us kill him, "
stream = model.embedding(torch.tensor([loader.encode(window)]))
patterns = {}
with torch.no_grad():
    for number, block in enumerate(model.blocks, 1):
        for place, head in enumerate(block.attention.heads, 1):
            patterns[number, place] = head.weights(block.norm_1(stream))[0]
        stream = block(stream)
looks_back = {name: pattern.diagonal(-1).mean().item() for name, pattern in patterns.items()}
block, head = max(looks_back, key=looks_back.get)
draw.heat(
    patterns[block, head],
    rows=window,
    columns=window,
    title=f"Block {block}, head {head}: who listens (row) to whom (column)",
    alt=f"A 32 by 32 grid, empty above the diagonal, for the text {window!r}. On average {looks_back[block, head]:.2f} of the "
    "weight of a row is one square to the left of the diagonal, on the character just before.",
)

# %% [markdown]
# Now save the model in two files before you close anything, and load it again. (Git ignores the folder `models`.)

# %%
folder = rehearsal.folder(Path(running.__file__).parent.parent / "models" / "mine")
if folder.exists():  # an older model steps aside
    folder.rename(folder.with_name(time.strftime("mine-%Y%m%d-%H%M%S")))
save(model, loader, folder, loss, len(reports))

again, characters = load(folder, mine.BigramLanguageModel)
torch.manual_seed(1597)
there = again.generate(torch.tensor([[characters.index(character) for character in "JULIET:\n"]]), 200)
print("".join(characters[number] for number in there[0]))

# %% [markdown]
# From now on it speaks without this notebook, too. In a terminal:
#
# ```
# python scripts/sample.py models/mine "ROMEO:"
# ```
#
# One thing is left. A serious model comes with a **card** that says who trained it, on what, how well, and what to expect
# from it. Here's yours. It's also in the folder, as `model_card.md`, in case somebody asks.

# %%
card.write(folder, said, watch.status.seconds)

# %% [markdown]
# - [ ] 12.r4 I have trained my own model, and heard it speak

# %% [markdown]
# ## What's yours now
#
# - a loss before the first step, which you check against the logarithm of the vocabulary's size
# - the loop of every training run: **forward, clear, backward, step**
# - a test for every model: can it learn **one batch by heart**?
# - an **exam** on text it hasn't seen: several batches, dropout off, no gradients
# - a **learning rate** that warms up and decays
# - `Trainer(model, optimizer, data_loader, config)`, which keeps the best model and stops when you say so
# - a model of your own with its card, and your own code at every step from text to text
#
# What next? `python scripts/train.py --mine --data FILE` trains a model made of your classes on any text you like: your
# own emails, a cookbook, the songs of your youth. It leaves a card as well. Without `--mine` it's faster, and `--help`
# tells you the rest.
#
# When you came, `Let's he` was eight characters. They've become ids, vectors, sums, queries, weights, bets, a loss,
# gradients, and in the end a sentence that nobody had written before. You could have invented most of it. Now you have.
