# %% [markdown]
# # 13 Answers
# <!-- Made from checkpoints/ch13_answers.py by scripts/build.py. From your first edit on it is yours. -->
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/OWNER/REPO/blob/main/workshop/en/ch13_answers.ipynb)
# [![Open in GitHub Codespaces](https://github.com/codespaces/badge.svg)](https://codespaces.new/OWNER/REPO?quickstart=1)
#
# Teach your model to answer when somebody says hello.
#
# 120 minutes in ten sections, and a challenge if you want one. A bonus: the course was complete without it. You'll need
# chapters 11 and 12, and best of all a trained model of your own. If you have none, the workshop lends you one.
#
# Your model writes plays. Say "Hello" to it, and it takes that for the beginning of a line. The models that chat with
# you began just like this, and then they were taught something more. Tonight you do the same to yours. It takes a few
# hundred lines of dialogue, targets that are partly hidden, and a minute of training.

# %%
# @title Run this first: it fetches the workshop if it isn't here, as on Colab or Kaggle
import importlib.util, urllib.request
if not importlib.util.find_spec("workshop"):
    address = "https://github.com/OWNER/REPO/raw/main/workshop/fetch.py"
    exec(urllib.request.urlopen(address).read(), {"address": address})

# %%
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import nn

# %%
from dataclasses import replace

from nanogpt import BigramLanguageModel, Config, DataLoader
from workshop import ____, check, columns, corpus, draw, hint, live, mine, optimizers, rehearsal, solution, trained

torch.set_printoptions(precision=3, linewidth=100, sci_mode=False)
torch.set_num_threads(1)  # for tensors this small a second core only gets in the way

# %%
config = Config()
plays = DataLoader(corpus.shakespeare(), config)
characters = plays.characters
print(f"{len(characters)} characters: {''.join(characters)!r}")

# %% [markdown]
# ## It only goes on · 8 min
#
# Fetch your model from `models/mine`, and say hello to it. Guess what it does.

# %%
model = trained.load().model
torch.manual_seed(1616)
for start in ("Hello", "Hello, how are you?\n"):
    print(plays.decode(model.generate(torch.tensor([plays.encode(start)]), 60)[0]))
    print("-" * 20)

# %% [markdown]
# It goes on. To a model of text, your greeting is the beginning of something, and it writes what might come next. It
# isn't rude. Nobody has told it that there are two of you.
#
# So tell it, in the only language it has: text. Write down what was said as in a play, with names and colons, and stop
# just where the answer should begin:
#
# ```
# You: hello
# GPT:
# ```
#
# Now *going on* and *answering* are the same thing. All that's left is to make it good at going on from there.
#
# One more thing makes its life easier. People write `Hello`, `hello!` and `HELLO`, and mean the same. Small letters and no
# stops will do for what you say. What it says may have capitals and stops. And a character that isn't in the plays,
# such as `3` or `é`, has no id, so it's left out.

# %%
def question(said: str, characters: Sequence[str]) -> str:
    """What somebody said, as a turn that waits for its answer: small letters, spaces and apostrophes, if they're known."""
    kept = [c for c in ____.replace("’", "'") if c in characters and (c.isalpha() or c in " '")]  # in small letters
    words = "".join(kept).split()  # so that no space is left over
    return ____  # the turn, with one space between two words; it ends with the space after `GPT:`


check("13.01")

# %%
for said in ("Hello!", "HELLO", "How's life, Prospero?", "2 + 2 = ?"):
    print(repr(question(said, characters)))

# %% [markdown]
# The last one asks nothing any more. It'll get an answer all the same, and a confident one.
#
# - [ ] 13.01 Write down a question so that the answer comes next

# %% [markdown]
# ## Somebody answers somebody · 10 min
#
# Where do we get answers to learn from? The plays are full of them. One speaks, another replies. Here are speeches, one
# list of lines for each, the name in front already taken away.

# %%
speeches = [speech.split("\n")[1:] for speech in plays.text.strip().split("\n\n")]
print(f"{len(speeches):,} speeches")
print(speeches[1], speeches[2], sep="\n")

# %%
said = [" ".join(lines) for lines in speeches]  # each on one line
exchanges = ____  # a list of pairs: each speech, and the one that answers it
short = [(speech, reply) for speech, reply in exchanges if 0 < ____ and 0 < ____]  # the speech has at most 20 characters; the reply at most 30
check("13.02")

# %%
print(f"{len(exchanges):,} exchanges, of which {len(short)} are short")
for speech, reply in short[6:60:9]:
    print(f"  {speech:<22} {reply}")

# %% [markdown]
# They're answers, and good ones. `What is't o'clock?` gets `Upon the stroke of four.`, and to `Hail sir!` somebody says
# `Hail to you both!` But most make sense on that stage alone, and in none of these 245 is anybody asked how they are.
# People in plays have more urgent things to discuss.
#
# So the plays have taught your model how an answer *sounds*. What to say to whom, it has to learn from somebody who has
# been asked.
#
# - [ ] 13.02 Find the short exchanges in the plays

# %% [markdown]
# ## What to say to whom · 14 min
#
# That's why the course brings a small text of its own: 15 scenes of a person and a machine. Here's the first one.

# %%
scenes = corpus.dialogues().strip().split("\n\n")
print(scenes[0])

# %% [markdown]
# Twenty ways to begin, four ways to answer, and in a scene any answer will do for any beginning. That's 80 pairs out of 24
# lines. It's a cheap way to write a lot of dialogue, and it says something true: there's more than one right answer.
#
# To get the pairs out, first find what one speaker says in a scene, without the name. Then put everything that one says
# with everything that the other says.

# %%
def turns(scene: str, speaker: str) -> list[str]:
    """What a speaker says in a scene, line by line, without the name in front."""
    name = f"{speaker}: "
    return [____ for line in scene.split("\n") if ____]  # without the name; is it this speaker's?


def pairs_of(scene: str) -> list[tuple[str, str]]:
    """Everything that's said to the machine in a scene, with each of its answers."""
    return [____ for said in turns(scene, "You") for reply in turns(scene, "GPT")]  # a pair


check("13.03")

# %%
everything = [pair for scene in scenes for pair in pairs_of(scene)]
prompts = [said for scene in scenes for said in turns(scene, "You")]
print(f"{len(everything):,} pairs from {len(prompts)} prompts, such as {everything[0]}")

# %% [markdown]
# Before we train on them, hold some back for the exam, as always. Which? The obvious thing is to take every fifteenth
# *pair*. Try it, and look at what you've held back: for how many of these pairs does the model get to see the same
# prompt, in another pair, while it trains?
#
# Then do it right: hold back every fifteenth **prompt**, with all its answers.

# %%
step = 15

# %%
exam_pairs = everything[7::step]  # every fifteenth pair, from the eighth on
other_pairs = [pair for pair in everything if pair not in exam_pairs]
practised = {said for said, _ in other_pairs}
leaked = ____  # the share of `exam_pairs` whose prompt is in `practised`
held_back = ____  # every fifteenth prompt, from the eighth on
known = [said for said in prompts if ____]  # what's left to learn from
check("13.04")

# %%
print(f"held back by pairs: {leaked:.0%} of the prompts in the exam have been practised")
print(f"held back by prompts: {len(known)} to learn from, {len(held_back)} for the exam")
print(", ".join(held_back))

# %% [markdown]
# All of them. A model that only learns by heart would pass the first exam with honours, since it knows every question. It's
# an easy mistake to make, and published papers have made it. So before you split, ask what will be *new* once it counts.
# Here that's the prompt.
#
# - [ ] 13.03 Take the scenes apart into pairs
# - [ ] 13.04 Hold back prompts, not pairs
# - [ ] 13.r1 I can say why an exam of held-back pairs proves nothing

# %% [markdown]
# ## Only the answer counts · 16 min
#
# A pair, written down as text, can be learned like any text: shift it by one, and bet on each next character. But on
# *each*? The model doesn't have to guess what you'll say. That's your part. If it learns to predict the question, too, it
# spends its strength on something it'll never be asked to do.
#
# So put a **mask** on the targets. PyTorch's `cross_entropy` has a convention for it: a target of -100 doesn't count.
# No id is ever -100, so nothing can be confused.

# %%
turn, reply = question("Hello", characters), "Well met!\n"
ids = torch.tensor(plays.encode(turn + reply))
print(repr(turn + reply), len(ids))

# %%
inputs, targets = ids[:-1], ids[1:].clone()
targets[: ____] = -100  # how many of the targets belong to the question
check("13.05")

# %%
for place in range(len(turn) - 3, len(inputs)):
    target = targets[place].item()
    print(f"{characters[inputs[place]]!r:>5} -> {'-' if target == -100 else repr(characters[target])}")

# %% [markdown]
# The first thing that counts is what comes after the space, the `W`, and the last is the **line end**. It belongs to the
# answer. That's the character by which the model says that it's finished.
#
# What's the loss on the answer alone? Work it out by hand, on a model that knows nothing yet, and compare it with what
# the model gives you if you hand it these targets.

# %%
torch.manual_seed(1349)
model = BigramLanguageModel(len(characters), config).eval()
logits = model(inputs[None])[0][0]  # (places, vocabulary)

# %%
counts = ____  # True where a target counts
surprises = -logits.log_softmax(dim=-1)[counts, ____]  # the ids that really came next, where they count
by_hand = surprises.mean()
by_model = ____  # the model's loss on this pair; it takes batches, so give it one of one row
check("13.06")

# %%
print(f"by hand {by_hand:.4f}, by the model {by_model:.4f}; {counts.sum()} of {len(targets)} targets count")

# %% [markdown]
# The same number. When you wrote the model's loss in chapter 11, nobody said a word about masks, and it can do them already.
#
# - [ ] 13.05 Mask the question
# - [ ] 13.06 Compute the loss on the answer alone, twice
# - [ ] 13.r2 I can say why the line end belongs to the answer

# %% [markdown]
# ## A window of 32 · 10 min
#
# A batch needs rows of one length, and pairs come in all lengths. Ours are longer than a window, so take one out of each,
# as chapter 01 did with the plays: half of the time the very beginning, which has the whole question in it, and half of
# the time from a random place on. If a pair is too short, as one of yours may be, fill it up with zeros whose targets
# are -100.

# %%
def window(inputs: torch.Tensor, targets: torch.Tensor, length: int) -> tuple[torch.Tensor, torch.Tensor]:
    """`length` places of an example, from its beginning or a random one; a short one is filled up with what doesn't count."""
    lacking = ____  # how many places it's short of; 0 if it's long enough
    inputs = F.pad(inputs, (0, lacking))
    targets = F.pad(targets, (0, lacking), value=____)  # what doesn't count
    start = torch.randint(____, ()).item()  # how many windows there are
    if torch.rand(()) < 0.5:
        start = 0
    return inputs[start : start + length], targets[start : start + length]


check("13.07")

# %%
long_turn, long_reply = question("How are you today", characters), "Merry as a lark, and about as wise.\n"
torch.manual_seed(1)
whole = torch.tensor(plays.encode(long_turn + long_reply))
for _ in range(3):
    print(repr(plays.decode(window(whole, whole, 32)[0])))

# %% [markdown]
# In the second window there's nothing left of the question. That's no slip of the scissors. It's how the model will
# speak, too, since it sees 32 characters: after `You: how are you today` and `GPT: ` there's room for four more, and
# from then on the question loses a character for each one that's written.
#
# So the question decides how the answer *begins*, and the rest follows from the beginning. Once the model has said `Merry
# as a`, it goes on with the lark, because that's how the sentence goes, and what it was asked is forgotten. Keep that in
# mind when it charms you.
#
# - [ ] 13.07 Cut a window out of an example, or fill it up

# %% [markdown]
# ## A loader for your Trainer · 12 min
#
# Your `Trainer` asks its loader for one thing only: `get_batch("train")` or `get_batch("validation")`. So for a new kind
# of lesson you write a new loader, and nothing else changes. You know all of its blanks.

# %%
class Dialogues:
    """Batches of pairs, something said and its reply, in which only the replies count."""

    def __init__(self, train: list[tuple[str, str]], validation: list[tuple[str, str]], plays: DataLoader) -> None:
        """The pairs to learn from, and those for the exam. `plays` has the characters, and the settings."""
        self.pairs = {"train": train, "validation": validation}
        self.plays = plays
        self.config = plays.config

    def example(self, said: str, reply: str) -> tuple[torch.Tensor, torch.Tensor]:
        """A pair as inputs and targets: one row each, as long as the pair has characters, less one."""
        turn = ____  # what was said, as a turn
        ids = torch.tensor(self.plays.encode(____))  # the whole text of the pair, to its last character
        inputs, targets = ids[:-1], ids[1:].clone()
        targets[: ____] = ____  # which don't count; what to put there
        return inputs, targets

    def get_batch(self, split: str = "train") -> tuple[torch.Tensor, torch.Tensor]:
        """Windows of random pairs from "train" or "validation": inputs and targets, each (batch, sequence), int64."""
        pairs = ____  # those of this split
        places = torch.randint(len(pairs), (self.config.batch_size,))
        rows = [window(*self.example(*____), self.config.input_sequence_length) for place in places]  # one of them
        inputs, targets = zip(*rows, strict=True)
        return torch.stack(inputs), ____  # its targets, on top of each other


check("13.08")

# %%
train = [(said, reply) for said, reply in everything if said in known]
exam = [(said, reply) for said, reply in everything if said in held_back]
dialogues = Dialogues(train, exam, plays)
torch.manual_seed(1349)
inputs, targets = dialogues.get_batch()
print(tuple(inputs.shape), "->", tuple(targets.shape), f"of which {(targets != -100).float().mean():.0%} count")

# %% [markdown]
# - [ ] 13.08 Write the loader of dialogues

# %% [markdown]
# ## Stop, and how to choose · 12 min
#
# `generate` writes as many characters as it's told to. An answer should end where the model writes a line end. And in
# chapter 11 you had two ways to choose the next character: always the likeliest, or by throwing dice. Temperature leads
# from one to the other. We'll let 0 stand for the likeliest itself, since you can't divide by it.

# %%
def choose(row: torch.Tensor, temperature: float) -> int:
    """An id by its row of scores (vocabulary,): at temperature 0 the likeliest, otherwise drawn from scores / temperature."""
    if temperature == 0:
        return ____  # the likeliest, as a plain whole number
    return torch.multinomial(____, num_samples=1).item()  # the chances at this temperature


check("13.09")

# %% [markdown]
# Now the whole thing: ask, choose, stop at the line end, or else after 80 characters, because some models never come to
# an end. To try it out before there's anybody to ask, here's a model with a script. Whatever you say to it, it says its
# lines.

# %%
class Scripted(nn.Module):
    """A model that's always sure what comes next: the next character of its script, and after the last one a `T`."""

    def __init__(self, script: str, characters: Sequence[str]) -> None:
        super().__init__()
        self.script, self.characters, self.config = list(script), characters, Config()
        self.asked: list[list[int]] = []  # what it was shown, each time

    def forward(self, ids: torch.Tensor) -> tuple[torch.Tensor, None]:
        self.asked.append(ids[0].tolist())
        scores = torch.zeros(*ids.shape, len(self.characters))
        scores[:, -1, self.characters.index(self.script.pop(0) if self.script else "T")] = 99.0
        return scores, None

# %%
@torch.no_grad()
def answer(model: nn.Module, said: str, characters: Sequence[str], temperature: float = 0.0, longest: int = 80) -> str:
    """What a model answers, up to its line end, or `longest` characters of it."""
    ids = [characters.index(character) for character in question(said, characters)]
    start = len(ids)
    was_training = model.training
    model.eval()
    while len(ids) - start < longest:
        context = ____  # the last ids, as many as the model can see
        row = ____  # the scores for what comes next
        chosen = choose(row, temperature)
        if ____:  # has it finished?
            break
        ids.append(chosen)
    model.train(was_training)
    return "".join(characters[number] for number in ____)  # the answer only


check("13.10")

# %%
print(answer(Scripted("Ay, sir. No, sir.\nYou: what", characters), "Hello", characters))

# %% [markdown]
# - [ ] 13.09 Choose the next character, hot or cold
# - [ ] 13.10 Write an answer, and stop

# %% [markdown]
# ## What it forgets · 14 min
#
# Now train a copy of your model on the dialogues, with your Trainer. It knows how to spell already, and only needs a new
# habit, so a few hundred steps will do. (Training a trained model further, on a small, special text, is called
# **fine-tuning**.) After each tenth of the run it sits two exams: one on the prompts held back, and the old one on the plays.
#
# Guess both curves, and run the next two cells. They take about half a minute, and all the while you can watch what it
# answers to "Hello".

# %%
def loss_on(model: nn.Module, loader, batches: int = 12) -> float:
    """The mean loss on this many validation batches, the same ones every time; the dice stay as they were."""
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(7)
        return sum(model.eval()(*loader.get_batch("validation"))[1].item() for _ in range(batches)) / batches


def taught(loader, steps: int):
    """Your model, trained further on a loader; its losses on dialogues and on plays, by step; its answers to "Hello"."""
    model, old, _ = trained.load()
    settings = rehearsal.settings(replace(config, steps=steps, warmup_steps=steps // 10, evaluate_every=steps))
    trainer = mine.Trainer(model, optimizers.fast(model, settings), loader, settings)
    losses = {0: (loss_on(model, dialogues), loss_on(model, old))}

    def examine(report) -> None:
        if report.step % max(1, settings.steps // 10) == 0:
            losses[report.step] = (loss_on(model, dialogues), loss_on(model, old))

    torch.manual_seed(settings.seed)
    with live.Live(lambda: answer(model, "Hello", characters)) as watch:
        trainer.train(lambda report: (watch(report), examine(report)))
    return model, losses, watch.samples


def show(losses: dict[int, tuple[float, float]], title: str) -> None:
    """Both curves, and in words what they do."""
    first, last = losses[0], losses[max(losses)]
    draw.lines(
        {"dialogues held back": [pair[0] for pair in losses.values()], "plays": [pair[1] for pair in losses.values()]},
        x=list(losses),
        title=title,
        x_name="step",
        y_name="loss",
        alt=f"Two curves over {max(losses)} steps. The loss on dialogues goes from {first[0]:.2f} to {last[0]:.2f}, the one on the "
        f"plays from {first[1]:.2f} to {last[1]:.2f}.",
    )
    print(f"dialogues {first[0]:.2f} -> {last[0]:.2f}, plays {first[1]:.2f} -> {last[1]:.2f}")

# %%
single_minded, losses, hellos = taught(dialogues, 250)
show(losses, "Trained on dialogues alone")
for step, reply in hellos.items():
    print(f"{step:>4}  {reply}")
print("-" * 20)
torch.manual_seed(1616)
print(plays.decode(single_minded.generate(torch.tensor([plays.encode("ROMEO:\n")]), 150)[0]))

# %% [markdown]
# There it is, an answer. Below the line is what it makes of a play by now. When this was written, Romeo opened with
# `S, shall whou hail,  and welcome to my little for work, and early fox.`
#
# It learns, and it forgets. Back then, the loss on the plays went from 1.84 to 4.54, and somebody who knows nothing about text
# has 4.16.
# The 209,600 numbers that knew about plays are the very ones that now learn to chat, and nothing in the loss asks them
# to keep what they had. This is called **catastrophic forgetting**, and it happens to models of any size.
#
# The cure is as old as school: revise. In each batch, let some rows come from the plays, where every character counts,
# as before. For that we need one more loader, which takes some rows from one and the rest from another.

# %%
class Mixed:
    """Batches whose rows come from two loaders."""

    def __init__(self, first, second, share: float) -> None:
        """`share` of the rows, rounded, come from `first`, the rest from `second`. Both have batches of the same shape."""
        self.first = first
        self.second = second
        self.share = share

    def get_batch(self, split: str = "train") -> tuple[torch.Tensor, torch.Tensor]:
        """The first rows of a batch of `first`, and the other rows of one of `second`: inputs and targets."""
        inputs, targets = self.first.get_batch(split)
        others, their_targets = ____  # a batch of the other one, from the same split
        rows = ____  # how many rows come from `first`, a whole number
        return torch.cat((____, ____)), torch.cat((targets[:rows], ____))  # that many of the first; the rest of the second; and their targets


check("13.11")

# %%
mixed = Mixed(plays, dialogues, 0.125)
torch.manual_seed(1349)
inputs, targets = mixed.get_batch()
print("\n".join(repr(plays.decode(row)) for row in inputs[[0, 1, -2, -1]]))

# %% [markdown]
# - [ ] 13.11 Mix the plays into the batches
# - [ ] 13.r3 I can say why a model forgets while it learns, and what helps

# %% [markdown]
# ## By heart, or not · 10 min
#
# Soon your model will answer a prompt that it has never seen, and it'll be tempting to say that it has understood. How could
# you tell? Look for the **nearest known prompt**. If you say `good morning to you`, and it has practised `good morning`,
# then a good answer proves that it has noticed the letters, and no more.
#
# How near are two prompts? Take the pairs of neighbouring letters in each, and see how many they share. With a space at
# either end, `hi` has the three pairs `" h"`, `"hi"` and `"i "`.

# %%
def letter_pairs(said: str) -> set[str]:
    """The pairs of neighbouring characters in a prompt, in small letters, with a space at either end."""
    text = f" {said.lower()} "
    return {____ for place in range(len(text) - 1)}  # the pair that starts here


def likeness(one: str, other: str) -> float:
    """How many letter pairs two prompts share, as a share of all that occur in either: 0 for none, 1 for all."""
    mine, theirs = letter_pairs(one), letter_pairs(other)
    return ____  # those in both, by those in either


def nearest(said: str, known: list[str]) -> str:
    """The known prompt that's most like this one; the first, if several are."""
    return max(known, key=lambda each: ____)  # how near it is


check("13.12")

# %%
for said in held_back[:6]:
    near = nearest(said, known)
    print(f"{said:<18} {near:<18} {likeness(said, near):.2f}")

# %% [markdown]
# And the answer itself? If it's one of the answers in the prompt's own scene, letter for letter, it **fits**. It was
# learned by heart, but that's no shame. If it's from another scene, it's **astray**. And if it's in none of them, it's
# **new**, for better or worse.

# %%
def verdict(said: str, reply: str, scenes: list[str]) -> str:
    """"fits", "astray" or "new": where a reply to a prompt comes from."""
    own = [scene for scene in scenes if ____]  # is the prompt in this scene?
    if any(reply in turns(scene, "GPT") for scene in ____):  # which scenes to look in?
        return "fits"
    if any(____ for scene in scenes):  # is it an answer there?
        return "astray"
    return "new"


check("13.13")

# %% [markdown]
# - [ ] 13.12 Find the nearest known prompt
# - [ ] 13.13 Tell reciting from writing

# %% [markdown]
# ## Challenge: what would it rather say?
#
# Optional, 15 minutes, and nothing later needs it. A model that gives chances to characters gives a chance to every
# *answer*, too. So instead of letting it write, let it judge: put each of the known answers to it, and take the one
# with the lowest loss. Search engines and translators use models in this way, and the result has no spelling mistakes.

# %%
torch.manual_seed(1349)
judge_model = BigramLanguageModel(len(characters), config).eval()
candidates = [reply for scene in scenes[:4] for reply in turns(scene, "GPT")]

# %%
@torch.no_grad()
def rather(model: nn.Module, said: str, candidates: list[str], loader: Dialogues) -> str:
    """The candidate that the model finds least surprising as an answer, per character, as far as one window shows it."""
    losses = []
    for reply in candidates:
        inputs, targets = ____  # the pair as inputs and targets
        length = loader.config.input_sequence_length
        losses.append(____)  # the loss on the first window, a plain number
    return candidates[____]  # the place of the best


check("13.14")

# %%
print(rather(judge_model, "Hello", candidates, dialogues))

# %% [markdown]
# An untrained model has its preferences, too. After the next section yours is called `speaking`. Give it to `rather`, with
# the answers of all scenes.
#
# - [ ] 13.14 Challenge: let the model judge answers

# %% [markdown]
# ## The lesson · 14 min
#
# Now everything together: your model, your Trainer, the dialogues, and an eighth of plays so that it doesn't forget so
# much. **Save this notebook first**, because `mine` reads your classes from the file. Then start it. It takes a minute
# or two.

# %%
speaking, losses, hellos = taught(mine.Mixed(plays, mine.Dialogues(train, exam, plays), 0.125), 1000)
show(losses, "Trained on dialogues and plays")
for step, reply in hellos.items():
    print(f"{step:>4}  {reply}")

# %% [markdown]
# When this was written, the loss on the plays ended at 2.08 instead of 4.54, after four times as many steps. That has its
# price: the dialogues took longer to learn, and 2.08 is still more than 1.84. But for an eighth of the rows it's a
# bargain.
#
# So, who's there?

# %%
for said in ("Hello", "Who are you?", "It's raining", "I love you", "Goodbye"):
    print(f"You: {said}\nGPT: {mine.answer(speaking, said, characters)}\n")

# %% [markdown]
# It has practised all of those. Now the exam: all twenty prompts that it has never seen, and what it answers at
# temperature 0, just as it comes. Beside each prompt are the nearest one that it has practised, and the verdict.

# %%
def report(model: nn.Module, prompts: list[str], temperature: float = 0.0) -> list[tuple[str, str, str, str]]:
    """For each prompt: itself, the nearest known one, the answer, and the verdict on it."""
    torch.manual_seed(1616)
    rows = []
    for said in prompts:
        reply = mine.answer(model, said, characters, temperature)
        rows.append((said, nearest(said, known), reply, verdict(said, reply, scenes)))
    return rows


exam_report = report(speaking, held_back)
for said, near, reply, what in exam_report:
    print(f"{said:<18} {near:<18} {what:<7} {reply}")

# %%
def tally(rows: list[tuple[str, str, str, str]]) -> list[int]:
    """How many answers fit, how many are astray, and how many are new."""
    verdicts = [row[3] for row in rows]
    return [verdicts.count(what) for what in ("fits", "astray", "new")]


def same_scene(said: str, other: str) -> bool:
    """Whether two prompts are from one scene."""
    return any({said, other} <= set(turns(scene, "You")) for scene in scenes)


looked_up = sum(same_scene(said, nearest(said, known)) for said in held_back)
print("practised, every fourteenth:", tally(report(speaking, known[::14])), "(fits, astray, new)")
print("held back:                  ", tally(exam_report))
print(f"held back, answered like the nearest known prompt: {looked_up} would fit")

# %% [markdown]
# When this was written, ten of the twenty fitted, eight were astray, and two were new: `Well met, good friend! it a bow.`
# and `Bread, cheese and ale: the rest is all arithme.`
#
# So has it understood anything? An answer from a scene at random would fit one time in 15, so ten in twenty is no
# accident. It has learned which letters go with which scene. But `It is cold` has the very letter pairs of `Is it cold`,
# which it has practised, and a program that looks up the nearest known prompt would find the right scene 14 times.
# Yours has no idea what cold is. To what resembles something it knows, it recites what goes with that. To anything else
# it recites something too, just as cheerfully.
#
# Ask three questions of every model that seems to understand. What's the nearest thing that it has practised? Is the
# answer recited? Would looking it up have done as well? With the large models they're hard to answer, because nobody
# has in mind all that they've read. Of yours you know every line.
#
# Now the dice. Ask one thing five times at each of three temperatures.

# %%
torch.manual_seed(1595)
columns.show(
    {
        f"temperature {temperature}": "\n".join(mine.answer(speaking, "Hello", characters, temperature) for _ in range(5))
        for temperature in (0.0, 0.5, 1.2)
    }
)

# %% [markdown]
# At 0 it's the same every time. At 0.5 it's one of those that fit, now this one, now that one. At 1.2 it makes slips. When
# this was written, one of its greetings was `Sleep on it,e, and ask a better machine.`
#
# Now save it. The model of chapter 12 stays as it is. Its folder gets another one inside, `answers`, for this one.

# %%
place = trained.keep(speaking, plays, trained.load().folder, losses[max(losses)][1], max(losses))
print(f"saved in {place.parent.name}/{place.name}")

# %% [markdown]
# From now on you can talk to it without this notebook. In a terminal:
#
# ```
# python scripts/sample.py models/mine --chat
# ```
#
# An empty line ends the conversation, and `--temperature 0.5` keeps it from rambling. If the model isn't yours but the
# workshop's, it's in `models/gpt`. It answers each line on its own: of the one before it remembers nothing.
#
# - [ ] 13.r4 I have said hello to my own model, and it has answered

# %% [markdown]
# ## What's yours now
#
# - a **format**, by which going on turns into answering
# - a **mask**, so that only the answer is learned
# - an exam by **prompts**, not by pairs
# - an eye on what's **forgotten**, and a cure: mix the old into the new
# - an answer that **stops**, at any temperature
# - three questions for every model that seems to understand
# - and a model that says hello
#
# The large models that chat are made like this. First text, as much as there is; then dialogues, in a format, with a mask.
# (After that, people compare their answers, and the models learn from the comparisons. That's another evening.) Yours has
# 209,600 numbers and sees 32 characters. It has said hello all the same.
