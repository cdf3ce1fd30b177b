# %% [markdown]
# # 13 Answers
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
#| export
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
#! redraw: config = Config(**new.sizes(input_sequence_length=new.whole(34, 40), num_layers=2))
#! redraw: plays = DataLoader(corpus.shakespeare()[new.whole(0, 15) * 50_000 :][:200_000], config)
#! redraw: characters = plays.characters

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
#! slow: needs your trained model, and trains the workshop's if there's none

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
#| export
def question(said: str, characters: Sequence[str]) -> str:
    """What somebody said, as a turn that waits for its answer: small letters, spaces and apostrophes, if they're known."""
    kept = [c for c in said.lower().replace("’", "'") if c in characters and (c.isalpha() or c in " '")]  # blank [said.lower()]: in small letters
    words = "".join(kept).split()  # so that no space is left over
    return f"You: {' '.join(words)}\nGPT: "  # blank: the turn, with one space between two words; it ends with the space after `GPT:`


check("13.01")
#! hint: a string has a method that makes its letters small; the turn is an f-string with a line end in the middle, and
#!   `" ".join` puts the words together
#! mistake: said -> Capitals stay capitals, so Hello and hello are two different things to say.
#! mistake: said.upper() -> Those are capitals. Small letters, please.
#! mistake: said.capitalize() -> The first letter is still a capital.
#! mistake 2: f"You: {''.join(words)}\nGPT: " -> The words run together. Put a space between two of them.
#! mistake 2: f"You: {' '.join(words)}\nGPT:" -> The space after the colon is missing, and the model would have to write it
#!   first.
#! mistake 2: f"You: {' '.join(words)} GPT: " -> A turn ends its line. Between what you say and `GPT:` there's a line end.
#! mistake 2: f"You: {said}\nGPT: " -> That's what was typed, stops and all. Take `words`.
#! alternative 1: said.casefold()
#! alternative 2: "You: " + " ".join(words) + "\nGPT: "
#! alternative 2: "You: {}\nGPT: ".format(" ".join(words))
#! probe: question("Hello!", characters) -> the turn for "Hello!"
#! probe: question("  What's  your NAME, sir?", characters) -> the turn for "  What's  your NAME, sir?"
#! probe: question("What’s that?", characters) -> the turn for "What’s that?", with the apostrophe that phones type,
#! probe: question("Öl 4 me", "GPTYoume: \n'l") -> the turn for "Öl 4 me"
#! probe: question(new.sentence(), characters) -> the turn for another sentence

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
exchanges = list(zip(said[:-1], said[1:], strict=True))  # blank: a list of pairs: each speech, and the one that answers it
short = [(speech, reply) for speech, reply in exchanges if 0 < len(speech) <= 20 and 0 < len(reply) <= 30]  # blank [len(speech) <= 20] [len(reply) <= 30]: the speech has at most 20 characters; the reply at most 30
check("13.02")
#! hint: `zip` pairs two lists up, place by place; one list is all speeches but the last, the other is all but the first
#! mistake: list(zip(said[1:], said[:-1])) -> The wrong way round: this puts each answer before what it answers.
#! mistake: list(zip(said, said)) -> This pairs each speech with itself.
#! mistake: list(zip(said[::2], said[1::2])) -> This takes the speeches two by two, so each is used once. But a reply is
#!   itself something to reply to.
#! mistake: list(zip(said[:-2], said[2:])) -> Between these two somebody else has spoken.
#! mistake 2: len(speech) < 20 -> 20 characters are still allowed.
#! mistake 2: len(reply) <= 20 -> That's the reply twice. The first is the speech.
#! mistake 3: len(reply) < 30 -> 30 characters are still allowed.
#! mistake 3: len(speech) <= 30 -> That's the speech again. How long is the reply?
#! alternative 1: [(said[place], said[place + 1]) for place in range(len(said) - 1)]
#! alternative 1: list(zip(said, said[1:]))
#! equivalent: an argument less: zip(said[:-1], said[1:], strict=True) => zip(said[:-1], said[1:]) -> both are equally long
#! equivalent: the other truth value: True => False -> both are equally long
#! alternative 2: len(speech) < 21
#! alternative 3: len(reply) < 31

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
#! redraw: scenes = new.random.sample(scenes, 11)

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
    return [line.removeprefix(name) for line in scene.split("\n") if line.startswith(name)]  # blank [line.removeprefix(name)] [line.startswith(name)]: without the name; is it this speaker's?


def pairs_of(scene: str) -> list[tuple[str, str]]:
    """Everything that's said to the machine in a scene, with each of its answers."""
    return [(said, reply) for said in turns(scene, "You") for reply in turns(scene, "GPT")]  # blank [(said, reply)]: a pair


check("13.03")
#! hint: strings have methods that ask how they start, and that take a beginning away; a pair is a tuple of two
#! mistake 1: line -> The name is still in front. In a moment `question` will write it, and then it'd be there twice.
#! mistake 1: line.split(": ")[0] -> That's the name. You want the rest.
#! mistake 1: line.strip(name) -> `strip` takes away any of these characters, at both ends. A line that begins or ends
#!   with an `o` or a `u` loses it.
#! mistake 2: name in line -> The name may also occur in the middle of what somebody says. Look at the beginning.
#! mistake 2: not line.startswith(name) -> Those are the other speaker's.
#! mistake 3: (reply, said) -> That's the answer first. Pairs begin with what was said to the machine.
#! mistake 3: said + reply -> Glued together, nobody can tell any more where the answer begins.
#! alternative 1: line[len(name) :]
#! alternative 1: line.split(": ", 1)[1]
#! alternative 2: line[: len(name)] == name
#! alternative 3: tuple([said, reply])
#! probe: turns("You: Hi\nYou: You: two\nYouth: no\nGPT: Ay, You: you\nGPT: P", "You") -> `turns` of "You" in a small scene
#! probe: turns("You: Hi\nYou: You: two\nGPT: Ay, You: you\nGPT: G: P", "GPT") -> `turns` of "GPT" in a small scene
#! probe: pairs_of("You: Hi\nYou: Ho\nYou: uYo\nGPT: Ay\nGPT: No") -> `pairs_of` a small scene
#! probe: pairs_of(scenes[0]) -> `pairs_of(scenes[0])`

# %%
everything = [pair for scene in scenes for pair in pairs_of(scene)]
prompts = [said for scene in scenes for said in turns(scene, "You")]
print(f"{len(everything):,} pairs from {len(prompts)} prompts, such as {everything[0]}")
#! redraw: everything = new.random.sample(everything, len(everything) // 3)

# %% [markdown]
# Before we train on them, hold some back for the exam, as always. Which? The obvious thing is to take every fifteenth
# *pair*. Try it, and look at what you've held back: for how many of these pairs does the model get to see the same
# prompt, in another pair, while it trains?
#
# Then do it right: hold back every fifteenth **prompt**, with all its answers.

# %%
step = 15
#! redraw: step = new.whole(7, 12)

# %%
exam_pairs = everything[7::step]  # every fifteenth pair, from the eighth on
other_pairs = [pair for pair in everything if pair not in exam_pairs]
practised = {said for said, _ in other_pairs}
leaked = sum(said in practised for said, _ in exam_pairs) / len(exam_pairs)  # blank: the share of `exam_pairs` whose prompt is in `practised`
held_back = prompts[7::step]  # blank: every fifteenth prompt, from the eighth on
known = [said for said in prompts if said not in held_back]  # blank [said not in held_back]: what's left to learn from
check("13.04")
#! hint: True counts as 1, so the `sum` of many comparisons says how many are true; slices of lists take a step, as in
#!   `exam_pairs`
#! mistake 1: sum(said in practised for said, _ in exam_pairs) -> That's how many there are. Divide by the number of
#!   pairs held back.
#! mistake 1: len(practised) / len(prompts) -> That's the share of all prompts that are practised. Ask about the pairs
#!   that were held back.
#! mistake 1: sum(said not in practised for said, _ in exam_pairs) / len(exam_pairs) -> That's the share that's new.
#! mistake 2: prompts[::step] -> This begins with the very first one. Begin with the eighth.
#! mistake 2: prompts[7:step] -> That's a stretch from the eighth to the fifteenth. A third number in the brackets is the
#!   step.
#! mistake 2: prompts[8::step] -> Places count from 0, so that's from the ninth on.
#! mistake 2: everything[7::step] -> Those are pairs again. Hold back prompts.
#! mistake 3: said in held_back -> Those are the ones that are held back.
#! mistake 3: True -> That's all of them, the exam's as well.
#! alternative 1: len([said for said, _ in exam_pairs if said in practised]) / len(exam_pairs)
#! alternative 2: [prompts[place] for place in range(7, len(prompts), step)]
#! alternative 3: not said in held_back

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
#! redraw: turn, reply = question(new.pick("Bye", "Who's there", "Go"), characters), new.pick("Ay.\n", "Farewell!\n", "O no!\n")
#! redraw: ids = torch.tensor(plays.encode(turn + reply))

# %%
inputs, targets = ids[:-1], ids[1:].clone()
targets[: len(turn) - 1] = -100  # blank [len(turn) - 1]: how many of the targets belong to the question
check("13.05")
#! hint: the targets are one character ahead of the inputs, so the first one is the turn's *second* character
#! mistake: len(turn) -> That's one too many. The first target is already the turn's second character, and this way nobody
#!   learns how an answer begins.
#! mistake: len(turn) - 2 -> That's one too few. The space after `GPT:` is still part of the question.
#! mistake: len(reply) -> That's the length of the answer. The question comes first.
#! alternative: -1 + len(turn)
#! alternative: len(ids) - len(reply) - 1
#! alternative: -len(reply)

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
counts = targets != -100  # blank: True where a target counts
surprises = -logits.log_softmax(dim=-1)[counts, targets[counts]]  # blank [targets[counts]]: the ids that really came next, where they count
by_hand = surprises.mean()
by_model = model(inputs[None], targets[None])[1]  # blank: the model's loss on this pair; it takes batches, so give it one of one row
check("13.06")
#! hint: a comparison of a tensor with a number gives True and False, and these pick places in another tensor; `[None]`
#!   puts a dimension in front, as in the cell above
#! mistake 1: targets == -100 -> Those are the places that don't count.
#! mistake 1: targets > 0 -> That also leaves out the id 0, which is the line end, and with it the end of the answer.
#! mistake 2: inputs[counts] -> Those are the characters that the bets were made *on*. What came next is in `targets`.
#! mistake 2: targets[: counts.sum()] -> Those are the first few targets, and they're all -100. Pick them by `counts`.
#! mistake 3: model(inputs[None], ids[1:][None])[1] -> These targets have no mask, so the question counts, too.
#! mistake 3: model(inputs[None], targets[None])[0] -> Those are the logits. The loss is the second of the two.
#! mistake 3: model(inputs[None], inputs[None])[1] -> What comes next is in `targets`.
#! alternative 1: targets.ne(-100)
#! alternative 1: targets >= 0
#! alternative 2: targets[targets != -100]
#! alternative 3: model(inputs.unsqueeze(0), targets.unsqueeze(0))[1]
#! alternative 3: F.cross_entropy(model(inputs[None])[0].flatten(0, 1), targets)
#! equivalent: an index left out: targets[None] => targets -> the loss lays them out in one row anyway

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
#| export
def window(inputs: torch.Tensor, targets: torch.Tensor, length: int) -> tuple[torch.Tensor, torch.Tensor]:
    """`length` places of an example, from its beginning or a random one; a short one is filled up with what doesn't count."""
    lacking = max(0, length - len(inputs))  # blank: how many places it's short of; 0 if it's long enough
    inputs = F.pad(inputs, (0, lacking))
    targets = F.pad(targets, (0, lacking), value=-100)  # blank [-100]: what doesn't count
    start = torch.randint(len(inputs) - length + 1, ()).item()  # blank [len(inputs) - length + 1]: how many windows there are
    if torch.rand(()) < 0.5:
        start = 0
    return inputs[start : start + length], targets[start : start + length]


check("13.07")
#! hint: a difference may be below 0, and `max` helps against that; a row that's exactly as long as the window has one
#!   window
#! mistake 1: length - len(inputs) -> For a long row that's below 0, and padding by less than nothing cuts it off.
#! mistake 1: max(0, len(inputs) - length) -> The other way round: that's how much too long it is.
#! mistake 1: length -> That's a whole window more, however long the row is.
#! mistake 2: 0 -> 0 is an id, the line end's. The model would learn to fill the window with line ends.
#! mistake 2: -1 -> For `cross_entropy` -1 is an error. The number that doesn't count is -100.
#! mistake 3: len(inputs) - length -> That's one too few: a row as long as the window would have none at all.
#! mistake 3: len(inputs) -> From a place near the end there's no whole window left.
#! alternative 1: (length - len(inputs)) * (len(inputs) < length)
#! alternative 3: 1 + len(inputs) - length
#! equivalent: a call left out: torch.randint(len(inputs) - length + 1, ()).item() => torch.randint(len(inputs) - length + 1, ()) -> a slice takes a tensor with
#!   one whole number
#! equivalent: another comparison: torch.rand(()) < 0.5 => torch.rand(()) <= 0.5 -> nothing is drawn that's exactly a half
#! equivalent: another name: inputs => targets -> both are equally long
#! equivalent: another name: lacking => length -> targets that are longer than the inputs are cut off at the end
#! equivalent: arguments swapped: max(0, length - len(inputs)) => max(length - len(inputs), 0) -> the larger of two, in either order
#! equivalent: the gradient cut: inputs = F.pad(inputs, (0, lacking)) => inputs = F.pad(inputs, (0, lacking)).detach() -> ids have no gradient
#! equivalent: the gradient cut: targets = F.pad(targets, (0, lacking), value=-100) => targets = F.pad(targets, (0, lacking),
#!   value=-100).detach() -> ids have no gradient
#! probe: window(torch.arange(5), torch.arange(5) + 10, 8) -> `window` of a row of 5 for a length of 8
#! probe: window(torch.arange(6), torch.arange(6) + 10, 6) -> `window` of a row of 6 for a length of 6
#! probe: sorted({window(torch.arange(9), torch.arange(9) + 10, 6)[0][0].item() for _ in range(200)}) -> the list of places
#!   where 200 windows of 6 in a row of 9 start
#! probe: [(share > 0.68) - (share < 0.57) for share in [[window(torch.arange(9), torch.arange(9), 6)[0][0].item() for _ in range(2000)].count(0) / 2000]][0] -> how
#!   often 2,000 windows of 6 in a row of 9 start at 0 (0: as often as they should; 1: more often; -1: less often)
#! probe: [window(torch.arange(size), torch.arange(size) + 50, 7) for size in (3, 7, new.whole(20, 30))] -> windows of 7 in a short row, one of 7 and a long one

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
#| export
class Dialogues:
    """Batches of pairs, something said and its reply, in which only the replies count."""

    def __init__(self, train: list[tuple[str, str]], validation: list[tuple[str, str]], plays: DataLoader) -> None:
        """The pairs to learn from, and those for the exam. `plays` has the characters, and the settings."""
        self.pairs = {"train": train, "validation": validation}
        self.plays = plays
        self.config = plays.config

    def example(self, said: str, reply: str) -> tuple[torch.Tensor, torch.Tensor]:
        """A pair as inputs and targets: one row each, as long as the pair has characters, less one."""
        turn = question(said, self.plays.characters)  # blank: what was said, as a turn
        ids = torch.tensor(self.plays.encode(turn + reply + "\n"))  # blank [turn + reply + "\n"]: the whole text of the pair, to its last character
        inputs, targets = ids[:-1], ids[1:].clone()
        targets[: len(turn) - 1] = -100  # blank [len(turn) - 1] [-100]: which don't count; what to put there
        return inputs, targets

    def get_batch(self, split: str = "train") -> tuple[torch.Tensor, torch.Tensor]:
        """Windows of random pairs from "train" or "validation": inputs and targets, each (batch, sequence), int64."""
        pairs = self.pairs[split]  # blank: those of this split
        places = torch.randint(len(pairs), (self.config.batch_size,))
        rows = [window(*self.example(*pairs[place]), self.config.input_sequence_length) for place in places]  # blank [pairs[place]]: one of them
        inputs, targets = zip(*rows, strict=True)
        return torch.stack(inputs), torch.stack(targets)  # blank [torch.stack(targets)]: its targets, on top of each other


check("13.08")
#! hint: you've met them in 13.01, 13.05 (three of them), and chapter 01; what belongs to the loader gets a `self.`
#! mistake 1: f"You: {said}\nGPT: " -> That's how it was typed. `question` makes the letters small and takes the stops out.
#! mistake 1: question(said, characters) -> `characters` is this notebook's. The loader goes by those of its plays.
#! mistake 2: turn + reply -> Without a line end the model never learns to stop.
#! mistake 2: turn + reply + "\n\n" -> That's one line end too many. The first one already says that it's over.
#! mistake 2: said + reply + "\n" -> That's without the names. The turn is in `turn`.
#! mistake 3: len(turn) -> That's one too many, and nobody learns how an answer begins.
#! mistake 3: len(said) - 1 -> That's without `You: ` and `GPT: `. The whole turn is the question.
#! mistake 4: 0 -> 0 is the line end's id, so the model would learn to bet on a line end all through the question.
#! mistake 5: self.pairs["train"] -> Then the exam is held on what was practised.
#! mistake 5: self.pairs -> That's both of them, by name.
#! mistake 6: pairs[0] -> That's the first pair, in every row.
#! mistake 7: torch.cat(targets) -> That's one long row. Put them on top of each other.
#! mistake 7: torch.stack(inputs) -> That's the inputs once more.
#! alternative 2: f"{turn}{reply}\n"
#! alternative 5: self.pairs.get(split)
#! alternative 6: pairs[place.item()]
#! alternative 7: torch.cat([row[None] for row in targets])
#! equivalent: an argument less: zip(*rows, strict=True) => zip(*rows) -> each row is a pair
#! equivalent: the gradient cut: ids = torch.tensor(self.plays.encode(turn + reply + '\n')) => ids =
#!   torch.tensor(self.plays.encode(turn + reply + '\n')... -> ids have no gradient
#! equivalent: the gradient cut: places = torch.randint(len(pairs), (self.config.batch_siz... => places =
#!   torch.randint(len(pairs), (self.config.batch_siz... -> places have no gradient
#! equivalent: the other truth value: True => False -> each row is a pair
#! probe: [row.tolist() for row in Dialogues([], [], plays).example("Who's there?", "Nobody, and I.")] -> the example of "Who's
#!   there?" and "Nobody, and I."
#! probe: [row.tolist() for row in Dialogues([], [], DataLoader("You: GPT\nwhat is i, no", Config())).example("What is it?", "No")] -> an example with
#!   characters of its own
#! probe: Dialogues([("Hi", "Ay")], [("Bye", "Go thy ways")], plays).get_batch("train") -> a batch from "train"
#! probe: Dialogues([("Hi", "Ay")], [("Bye", "Go thy ways")], plays).get_batch("validation") -> a batch from "validation"
#! probe: Dialogues(everything[:9], [], plays).get_batch() -> a batch of nine pairs

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
#| export
def choose(row: torch.Tensor, temperature: float) -> int:
    """An id by its row of scores (vocabulary,): at temperature 0 the likeliest, otherwise drawn from scores / temperature."""
    if temperature == 0:
        return row.argmax().item()  # blank: the likeliest, as a plain whole number
    return torch.multinomial((row / temperature).softmax(dim=-1), num_samples=1).item()  # blank [(row / temperature).softmax(dim=-1)]: the chances at this temperature


check("13.09")
#! hint: the place of the largest number is its `argmax`; divide, then softmax, as in chapter 11
#! mistake 1: row.max().item() -> That's the highest score. Which id has it?
#! mistake 1: row.argmax() -> The right id, but inside a tensor. `.item()` takes it out.
#! mistake 1: row.argmin().item() -> That's the least likely one.
#! mistake 2: row.softmax(dim=-1) -> Those are the chances at temperature 1, whatever is asked for.
#! mistake 2: (row * temperature).softmax(dim=-1) -> The wrong way round: at a low temperature this makes the chances
#!   equal.
#! mistake 2: row.softmax(dim=-1) / temperature -> `multinomial` only looks at how the chances compare, so dividing all of
#!   them changes nothing.
#! alternative 1: int(row.argmax())
#! alternative 2: torch.softmax(row / temperature, -1)
#! alternative 2: (row / temperature).exp()
#! equivalent: minus one: 1 => 0 -> a row has one dimension, so the last is the first
#! probe: [choose(scores, 0) for scores in torch.rand(4, 9)] -> the list of the likeliest of four rows of scores
#! probe: [choose(60.0 * (torch.arange(6) == place) - 30, 1.0) for place in new.wholes(4, 0, 5)] -> draws from scores, one of which is 60 above
#!   the rest,
#! probe: [(share > 0.93) - (share < 0.82) for share in [[choose(torch.tensor([1.0, 0.0]), 0.5) for _ in range(2000)].count(0) / 2000]][0] -> in 2,000
#!   draws at temperature 0.5 from the scores 1 and 0, how often id 0 comes up (0: as often as it should; 1: more often; -1: less often)
#! probe: [(share > 0.67) - (share < 0.57) for share in [[choose(torch.tensor([1.0, 0.0]), 2.0) for _ in range(2000)].count(0) / 2000]][0] -> in 2,000
#!   draws at temperature 2 from the scores 1 and 0, how often id 0 comes up (0: as often as it should; 1: more often; -1: less often)
#! probe: choose(torch.arange(3.0), 0) -> `choose(torch.arange(3.0), 0)`
#! typed: choose(torch.arange(3.0), 0)

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
#| export
@torch.no_grad()
def answer(model: nn.Module, said: str, characters: Sequence[str], temperature: float = 0.0, longest: int = 80) -> str:
    """What a model answers, up to its line end, or `longest` characters of it."""
    ids = [characters.index(character) for character in question(said, characters)]
    start = len(ids)
    was_training = model.training
    model.eval()
    while len(ids) - start < longest:
        context = ids[-model.config.input_sequence_length :]  # blank: the last ids, as many as the model can see
        row = model(torch.tensor([context]))[0][0, -1]  # blank [model(torch.tensor([context]))[0][0, -1]]: the scores for what comes next
        chosen = choose(row, temperature)
        if characters[chosen] == "\n":  # blank [characters[chosen] == "\n"]: has it finished?
            break
        ids.append(chosen)
    model.train(was_training)
    return "".join(characters[number] for number in ids[start:])  # blank [ids[start:]]: the answer only


check("13.10")
#! hint: chapter 11's `generate` has the first two, for a batch of one; the answer is what was added
#! mistake 1: ids -> Sooner or later that's more than the model has positions for.
#! mistake 1: ids[: model.config.input_sequence_length] -> Those are the first ids. What was written last counts most.
#! mistake 2: model(torch.tensor([context]))[0][0] -> That's a row for every place. You need the last one.
#! mistake 2: model(torch.tensor([context]))[0][0, 0] -> That's what comes after the first character. You need the last
#!   row.
#! mistake 3: chosen == "\n" -> `chosen` is an id, a number, and never equal to a character. Nobody ever stops.
#! mistake 3: characters[chosen] in ".!?" -> That stops in the middle: many an answer has two sentences. And it loses the
#!   stop.
#! mistake 4: ids -> That's the question, too.
#! mistake 4: ids[start + 1 :] -> The first character of the answer is missing.
#! alternative 1: ids[max(0, len(ids) - model.config.input_sequence_length) :]
#! alternative 2: model(torch.tensor(context)[None])[0][0, -1, :]
#! alternative 2: model(torch.tensor([context]))[0].flatten(0, 1)[-1]
#! alternative 3: chosen == characters.index("\n")
#! probe: answer(same_weights(BigramLanguageModel(len(characters), config)), "Hello!", characters, longest=50) -> an `answer` of 50 characters at most
#! probe: answer(same_weights(BigramLanguageModel(len(characters), config)), "Who's there, and why at this hour?", characters, 1.0) -> another `answer` at
#!   temperature 1
#! probe: [answer(Scripted(text, letters), "Hi", letters, longest=30) for letters in ["\n :.,?AGHPTYaehinouy"] for text in ("Ay, hi.\nYou", "\nno", "Ho? Ho.\n")] -> the answers of a
#!   model that follows a script
#! probe: [(answer(model, "Hello, YOU there!", characters, longest=30), model.asked)[1] for model in [Scripted("Hail, and well met, my friend, at night.\n", characters)]][0] -> the
#!   list of what a model is shown while it answers
#! probe: [(getattr(model, mode)(), answer(model, "Hi", characters, longest=2), model.training)[2] for mode in ("train", "eval") for model in [BigramLanguageModel(len(characters), config)]] -> whether
#!   a model is in training mode afterwards that was, and one that wasn't
#! probe: answer(same_weights(BigramLanguageModel(len(characters), replace(config, dropout=0.7))).train(), "Hello!", characters, longest=40) -> the answer of a model
#!   with a dropout of 0.7
#! equivalent: a decorator deleted: torch.no_grad() -> the answer is the same; it saves memory and time
#! equivalent: minus one: 0 => -1 -> there's one row in the batch, so the first is the last


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
#! slow: trains your model on dialogues

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
#| export
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
        others, their_targets = self.second.get_batch(split)  # blank: a batch of the other one, from the same split
        rows = round(self.share * len(inputs))  # blank: how many rows come from `first`, a whole number
        return torch.cat((inputs[:rows], others[rows:])), torch.cat((targets[:rows], their_targets[rows:]))  # blank [inputs[:rows]] [others[rows:]] [their_targets[rows:]]: that many of the first; the rest of the second; and their targets


check("13.11")
#! hint: a loader is asked for a batch with the name of a split; `round` makes a whole number of a share of the rows, and two
#!   slices that meet at `rows` make a batch again
#! mistake 1: self.second.get_batch() -> That's always the text to learn from, in the exam as well.
#! mistake 1: self.first.get_batch(split) -> That's the first loader again.
#! mistake 2: int(self.share * len(inputs)) -> That rounds down, whatever comes after the point. Take the nearest whole number.
#! mistake 2: round((1 - self.share) * len(inputs)) -> That's the share of the second one.
#! mistake 2: self.share * len(inputs) -> That's a number with a point in it, and a slice needs a whole one.
#! mistake 3: inputs[rows:] -> Then you'd have more rows than a batch, or fewer. The first so many, please.
#! mistake 3: inputs -> That's all its rows, and the others' on top of them.
#! mistake 4: others[:rows] -> Then there are as many from each. The rest come from the second.
#! mistake 4: inputs[rows:] -> Those are the first loader's own.
#! mistake 5: targets[rows:] -> Those go with the inputs of the first loader.
#! mistake 5: their_targets[:rows] -> These aren't the targets of the rows that you took.
#! alternative 1: self.second.get_batch(split=split)
#! alternative 2: round(len(inputs) * self.share)
#! alternative 3: inputs[0:rows]
#! equivalent: another name: inputs => others -> both batches have as many rows
#! equivalent: another name: inputs => targets -> there are as many targets
#! equivalent: another name: inputs => their_targets -> there are as many targets
#! probe: Mixed(plays, dialogues, 0.25).get_batch("train") -> a batch with a quarter of plays
#! probe: Mixed(plays, dialogues, 0.65).get_batch("validation") -> a batch from "validation" with 0.65 of plays
#! probe: Mixed(dialogues, plays, new.number(0.2, 0.8)).get_batch() -> a batch with another share

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
    return {text[place : place + 2] for place in range(len(text) - 1)}  # blank [text[place : place + 2]]: the pair that starts here


def likeness(one: str, other: str) -> float:
    """How many letter pairs two prompts share, as a share of all that occur in either: 0 for none, 1 for all."""
    mine, theirs = letter_pairs(one), letter_pairs(other)
    return len(mine & theirs) / len(mine | theirs)  # blank: those in both, by those in either


def nearest(said: str, known: list[str]) -> str:
    """The known prompt that's most like this one; the first, if several are."""
    return max(known, key=lambda each: likeness(said, each))  # blank [likeness(said, each)]: how near it is


check("13.12")
#! hint: for sets, `&` gives what's in both and `|` what's in either; `max` takes the one for which `key` is largest
#! mistake 1: text[place] -> That's a single letter, and anagrams would be the same.
#! mistake 1: text[place : place + 3] -> Those are three.
#! mistake 2: len(mine & theirs) / len(mine) -> Then a short prompt inside a long one would be the same as it, and the
#!   answer depends on which comes first.
#! mistake 2: len(mine | theirs) / len(mine & theirs) -> Upside down, and nothing in common would be a division by zero.
#! mistake 2: len(mine & theirs) -> That's how many. Long prompts share more, so ask for the share.
#! mistake 3: -likeness(said, each) -> That finds the one that's least like it.
#! mistake 3: likeness(each, each) -> Everything is like itself. Compare with what was said.
#! alternative 1: text[place] + text[place + 1]
#! alternative 2: len(mine.intersection(theirs)) / len(mine.union(theirs))
#! alternative 3: likeness(each, said)
#! equivalent: arguments swapped: likeness(said, each) => likeness(each, said) -> one is as near to the other as the other to it
#! probe: sorted(letter_pairs("Hello")) -> the sorted letter pairs of "Hello"
#! probe: [likeness("hi", "hi there"), likeness("hi there", "hi"), likeness("abc", "xyz"), likeness("AB", "ab")] -> four likenesses
#! probe: nearest("good morning to you", ["Good day", "Good morning", "To be or not to be", "Good morning"]) -> the one nearest to "good morning to
#!   you"
#! probe: [nearest(said, known) for said in held_back] -> the list of the known prompts nearest to those held back

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
    own = [scene for scene in scenes if said in turns(scene, "You")]  # blank [said in turns(scene, "You")]: is the prompt in this scene?
    if any(reply in turns(scene, "GPT") for scene in own):  # blank [own]: which scenes to look in?
        return "fits"
    if any(reply in turns(scene, "GPT") for scene in scenes):  # blank [reply in turns(scene, "GPT")]: is it an answer there?
        return "astray"
    return "new"


check("13.13")
#! hint: `turns` gives all that a speaker says in a scene, as a list
#! mistake 1: said in scene -> That finds it in the middle of another prompt as well: `Hello` is also in `Hello there`.
#! mistake 1: said in turns(scene, "GPT") -> The prompt is what You say.
#! mistake 2: scenes -> Then an answer from any scene fits.
#! mistake 3: reply in scene -> That finds it in the middle of another answer as well.
#! mistake 3: reply in turns(scene, "You") -> Answers are GPT's.
#! alternative 1: turns(scene, "You").count(said) > 0
#! alternative 2: list(own)
#! alternative 3: turns(scene, "GPT").count(reply) > 0
#! probe: [verdict(said, reply, ["You: Hi\nYou: Who\nGPT: Ay\nGPT: Nay, Sir", "You: Hi there\nYou: Nay\nGPT: No\nGPT: Who"]) for said in ("Hi", "Nay", "Hi there") for reply in ("Ay", "Nay", "No", "Who", "Hi", "Nay, Sir")] -> the verdicts
#!   on three prompts with six answers each in two small scenes

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
        inputs, targets = loader.example(said, reply)  # blank: the pair as inputs and targets
        length = loader.config.input_sequence_length
        losses.append(model(inputs[None, :length], targets[None, :length])[1].item())  # blank [model(inputs[None, :length], targets[None, :length])[1].item()]: the loss on the first window, a plain number
    return candidates[losses.index(min(losses))]  # blank [losses.index(min(losses))]: the place of the best


check("13.14")
#! challenge: 15 minutes
#! hint: the loader has a method for pairs; `[None, :length]` makes a batch of one and cuts it off; a list knows at which
#!   place a value is
#! mistake 1: loader.get_batch() -> Those are random pairs. You want this one.
#! mistake 1: loader.example(reply, said) -> The wrong way round: what was said comes first.
#! mistake 2: model(inputs[None, :length], inputs[None, :length])[1].item() -> What comes next is in `targets`, with the
#!   question masked.
#! mistake 2: len(reply) -> That's the length. How surprised is the model?
#! mistake 3: losses.index(max(losses)) -> That's the one that surprises it most.
#! mistake 3: -1 -> That's always the last.
#! alternative 1: loader.example(said=said, reply=reply)
#! alternative 3: min(range(len(losses)), key=losses.__getitem__)
#! equivalent: a call left out: model(inputs[None, :length], targets[None, :length])[1].i... => model(inputs[None, :length],
#!   targets[None, :length])[1] -> a tensor with one number is as good as the number
#! probe: [rather(same_weights(BigramLanguageModel(len(characters), config)), said, candidates, dialogues) for said in prompts[:40:8]] -> what a model would rather say to five prompts

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
