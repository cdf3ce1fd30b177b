# %% [markdown]
# # 01 DataLoader
# <!-- Made from checkpoints/ch01_data_loader.py by scripts/build.py. From your first edit on it is yours. -->
#
# Turn nine plays into batches of numbers that a model can learn from, with a class you write yourself.
#
# 90 minutes, ten sections. You'll need chapter 00, and Python's lists, dictionaries and comprehensions.
#
# This is plumbing, and plumbing is where models quietly go wrong. Shift a target the wrong way and nothing complains.
# The model learns the wrong thing, very fast.

# %%
from dataclasses import dataclass
from typing import Self

import torch

# %%
from collections import Counter
from itertools import pairwise

from workshop import ____, check, corpus, draw, hint, solution

# %% [markdown]
# ## Why text must become numbers · 6 min
#
# Your digit classifier had it easy. An image arrives as 784 grey values, and grey values can be multiplied. Here's what
# our model gets:

# %%
text = corpus.shakespeare()
print(text[:80])

# %% [markdown]
# You can't multiply a matrix by "First Citizen". Somebody has to decide which number means what. And before that, what
# gets a number: each word, or each character? Choose before you look at the table.
#
# | one piece is | different pieces | pieces in the nine plays |
# | --- | ---: | ---: |
# | a word (whatever is between spaces or line ends) | 25,833 | 204,297 |
# | a character | 64 | 1,123,763 |

# %% [markdown]
# Words give short sequences and a huge list, and 15,024 of them turn up only once in all nine plays: one chance each to
# be learned. Characters give long sequences, and a list that fits on a postcard.
#
# Large models settle for something in between. GPT-2 has 50,257 pieces, `ing` and ` the` among them. We'll take
# characters. The price is that our model has to learn to spell.

# %% [markdown]
# Start with eight you already know. They're from Coriolanus, where a tribune says "Let's hence, and hear".
#
# Your computer already has *some* number for each character, or it couldn't store the text. Python will show you:
# `ord("L")` is 76.

# %%
sentence = "Let's he"

# %%
letters = ____  # a list with one string for each character
codes = ____  # a list with the number of each of them
check("01.01")

# %%
for letter, code in zip(letters, codes, strict=True):
    print(repr(letter), code)

# %% [markdown]
# Numbers. So why not stop here? Because of what comes next: chapter 02 keeps a **table with one row for each number**.
# The highest number in our text is 122, for `z`, so the table would need 123 rows, and 59 of them would never be used.
# Put a single 😀 in the text, and it would need 128,513.
#
# So we hand out the numbers ourselves, starting at 0 and leaving no gaps. For that we need a list of all the
# characters.
#
# - [ ] 01.01 Take the sentence apart, and look at Python's own numbers

# %% [markdown]
# ## Unique characters and the vocabulary · 12 min
#
# In 00.03 you counted the different characters of `Let's he`: seven, because there are two `e`s. Now we want the seven
# themselves, and a `set` will give us those. But a set has no order, and that's worse than it sounds. The order in
# which Python shows you a set of strings can change every time Python starts. A model trained on Monday would read
# nonsense on Tuesday. The second line below is there to prevent that.

# %%
different = ____  # each character once
ordered = ____  # the same characters as a sorted list, in the same order every day
size = ____  # how many there are
check("01.02")

# %%
print(size, ordered)

# %% [markdown]
# The space is first, and capitals come before small letters: `sorted` goes by the numbers that `ord` gives. Any order
# would do, as long as it stays the same.
#
# Now for all nine plays. The list takes one line, the one you've just worked out, so here's another question. You open
# the plays at page one and read until you've met all 64 characters. How far do you get? A scene, an act, a play? Guess
# first.
#
# `text.index("L")` is the first place at which `text` has an `L`.

# %%
characters = sorted(set(text))
vocab_size = len(characters)
first_places = ____  # a list: where does each of these characters first turn up in the text?
needed = ____  # how many characters of the text must you read, from its beginning, to have met all of them?
check("01.03")

# %%
print(vocab_size, repr("".join(characters)))
print(f"all met after {needed:,} characters, {needed / len(text):.0%} of the text")
print("the last newcomer:", repr(text[needed - 1]))

# %% [markdown]
# The line end, the space, ten symbols, 52 letters: 64. This list is the **vocabulary**. Whatever our model writes will
# be made of these.
#
# It took 62% of the nine plays to collect it. So number the characters of the whole text before you cut any of it off.
#
# The latecomer is the one dollar sign, which you met in chapter 00. It's in "my sea sha$l suck them dry", a misprint in
# a digital edition, and it costs us one of our 64 numbers. We leave it in. Real data looks like this.

# %% [markdown]
# A model learns what it meets often, so look at both ends. Which characters are the rarest? And guess before you
# compute: how much of the text do the ten most frequent make up, ten out of 64?

# %%
counts = Counter(text)

# %%
rarest = ____  # the last five pairs of the full list that `most_common()` gives
top_count = sum(count for _, count in counts.most_common(10))
top_share = ____  # what share of the text is that, as a number between 0 and 1?
check("01.04")

# %%
print(rarest)
print(f"the ten most frequent: {top_share:.1%}")
draw.bars(
    characters,
    [100 * counts[character] / len(text) for character in characters],
    title="How much of the text each character makes up, in the order of the vocabulary",
    y_name="percent of the text",
    alt="64 bars, in the order of the vocabulary. The line end is at 3.6 percent; the space next to it towers "
    "over all the others at 15.3. Of the ten symbols only the comma passes 1 percent, with 1.8. The capitals are "
    "low; the highest is I with 1.0. Together the small letters on the right make up 68 percent, with peaks at e "
    "(8.5), t (6.0) and o (5.9).",
)

# %% [markdown]
# Ten characters make up 62.6% of the text. `$` occurs once, `&` 12 times, `X` 112 times. Don't expect our model to
# have firm views on `&`.
#
# The tallest bar is a model already: *always say space*. It's right 15 times in 100, and unreadable. Everything we
# build has to beat it.
#
# - [ ] 01.02 Find the different characters of a sentence
# - [ ] 01.03 Find out how far you must read to meet them all
# - [ ] 01.04 Look at the rarest, and weigh the ten most frequent
# - [ ] 01.r1 I can say why the vocabulary is sorted

# %% [markdown]
# ## Encode · 8 min
#
# The vocabulary is a list, so every character already has a number: its place in that list. From now on that's its
# **id**.
#
# A list is quick in one direction, from place to character: `characters[23]`. The other way it's slow.
# `characters.index("L")` walks along until it meets an `L`, and we'll be asking a million times. A dictionary answers
# at once.

# %%
print(characters[23])

# %%
id_of = ____  # from each character to its place
e_id = ____  # the id of "e"
check("01.05")

# %%
print(e_id, {letter: id_of[letter] for letter in ordered})

# %% [markdown]
# `e` is 42, which explains a lot. Now for whole texts: write what the function returns, then use it.
#
# Guess before you run: which two of the eight ids of `Let's he` will be equal?

# %%
def encode(text: str) -> list[int]:
    """The id of each character of a text."""
    return ____  # a list: the id of each character of `text`


sentence_ids = ____  # the ids of our sentence
check("01.06")

# %%
print(letters)
print(sentence_ids)

# %% [markdown]
# | character | `L` | `e` | `t` | `'` | `s` | space | `h` | `e` |
# | --- | --- | --- | --- | --- | --- | --- | --- | --- |
# | id | 23 | 42 | 57 | 5 | 56 | 1 | 45 | 42 |
#
# The second and the last. These eight numbers come back in every chapter; after a while you'll greet them like old
# friends.
#
# Is `t`, with 57, more than the apostrophe, with 5? No. An id is a name that looks like a number, like the one on a
# football shirt. Nobody adds up shirts, and a network mustn't either. Chapter 02 is about how to keep it from trying.
#
# - [ ] 01.05 Give each character an id
# - [ ] 01.06 Encode a text

# %% [markdown]
# ## Decode · 5 min
#
# One day the model will hand us ids, and we'll want to read them. The way back doesn't need a second dictionary. The
# list `characters` *is* the way back: a character's id is its place in it.
#
# So fetch the characters and glue them together. `"".join(pieces)` glues strings, with nothing in between.

# %%
def decode(ids: list[int] | torch.Tensor) -> str:
    """The text that has these ids."""
    return ____  # the characters of `ids`, glued into one string


check("01.07")

# %%
print(decode(sentence_ids))
print(decode([45, 42, 49, 49, 52]))

# %% [markdown]
# In the last line you were the model: five numbers went in, and a greeting came out.
#
# - [ ] 01.07 Decode ids into text

# %% [markdown]
# ## The round trip and unknown characters · 7 min
#
# Encode and decode undo each other. See it with your own eyes first.
#
# Then something less innocent. A friend sends you ids. Their text had a tab in it, and a tab sorts before everything we
# have, so each of *their* ids is one higher than ours. They mean `Let's he`. Guess what you'll read.

# %%
there_and_back = ____  # our sentence, encoded and decoded again
misread = ____  # what you read when each id is one higher
check("01.08")

# %%
print(there_and_back)
print(misread)

# %% [markdown]
# `Mfu,t!if`: every character moved on by one. The emperor Augustus is said to have written his secrets that way.
# Fitting, for plays that begin in Rome.
#
# **Ids mean nothing without the vocabulary that made them**, and nothing warns you when it's the wrong one. If you keep
# a trained model, keep its list of characters with it.
#
# Now ask for something that the plays have no number for.

# %%
question = "2 B or not 2 B?"
try:
    encode(question)
except KeyError as error:
    print("KeyError:", error)

# %% [markdown]
# `KeyError: '2'` is true, and not much help at nine in the evening. We can do better: find out what's unknown before we
# look anything up.
#
# Sets can be subtracted: `{1, 2, 3} - {2}` is `{1, 3}`.

# %%
unknown = ____  # a sorted list: which characters of the question have no id?
known = ____  # the question without them, as one string
check("01.09")

# %%
print("unknown:", unknown)
print("known:  ", repr(known))

# %% [markdown]
# We could drop what's unknown without a word and read `" B or not  B?"`. Many systems do, or replace it with a
# placeholder. But our text never changes, so an unknown character is a mistake of *ours*, and we'd rather hear about
# it. Here's a stricter `encode`:

# %%
def encode(text: str) -> list[int]:
    """The id of each character of a text; ValueError names the characters that have none."""
    unknown = sorted(set(text) - set(characters))
    if unknown:
        raise ValueError(f"not in the vocabulary: {', '.join(map(repr, unknown))}")
    return [id_of[character] for character in text]


try:
    encode(question)
except ValueError as error:
    print("ValueError:", error)

# %% [markdown]
# - [ ] 01.08 Go there and back, and misread a friend
# - [ ] 01.09 Find the characters that have no id

# %% [markdown]
# ## Tensors of ids · 6 min
#
# A network doesn't take a list; it takes a tensor. All the numbers in a tensor have the same type, and for ids that's
# `torch.long`: whole numbers, 64 bits each (its other name is `int64`).
#
# Whole, because an id will *pick a row*. There's a row 42, but no row 42.0, and PyTorch won't let you pretend there is.
# And mind the capital: `torch.Tensor` turns a list of whole numbers into floats, and `torch.Tensor(3)` doesn't hold a 3
# at all. It makes room for three floats, and their values are whatever was lying around in memory.

# %%
sentence_tensor = ____  # our ids, as a tensor of whole numbers
last_two = ____  # the last two ids of that tensor, decoded
check("01.10")

# %%
print(sentence_tensor, sentence_tensor.shape, sentence_tensor.dtype)
print(repr(last_two))

# %% [markdown]
# `decode` took a tensor without complaint: you can index a list with a whole number from a tensor. Good to have, since
# the model's answers will be tensors. And now all nine plays at once:

# %%
data = torch.tensor(encode(text), dtype=torch.long)
print(data.shape, f"{data.nbytes:,} bytes")
print(data[:13], repr(decode(data[:13])))

# %% [markdown]
# One long row of 1,123,763 ids. At eight bytes each, 1.1 MB of text becomes 9 MB. For 64 different ids one byte each
# would do, and with larger texts people do save space that way. With ours, convenience wins.
#
# - [ ] 01.10 Make a tensor of ids

# %% [markdown]
# ## Train and validation · 8 min
#
# With your digits, you kept some images back, so that the network couldn't pass its exam by remembering the answers.
# Here we keep some text back: the first 90% is for training, the rest for **validation**.
#
# Guess first. The images to keep back can be drawn at random. Why not draw a tenth of the *characters* at random?

# %% [markdown]
# Because characters have neighbours. Take the `h` out of "Let's hence", and the model trains on everything around it.
# It would know the line by heart and fill the gap from memory. One unbroken piece at the end touches the rest at a
# single boundary.
#
# Ours starts early in The Taming of the Shrew, and after that comes The Tempest. Prospero has 63 speeches in our text,
# and all of them are kept back. The model is tested on an island it has never visited.

# %%
def split_ids(ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The first nine tenths of a row of ids, and the rest."""
    boundary = ____  # nine tenths of the length, rounded down to a whole number
    return ____, ____  # up to there, and from there on


check("01.11")

# %%
train_ids, validation_ids = split_ids(data)
print(f"{len(train_ids):,} for training, {len(validation_ids):,} for validation")
first, second = set(text[: len(train_ids)]), set(text[len(train_ids) :])
print("only in training:  ", sorted(first - second))
print("only in validation:", sorted(second - first))

# %% [markdown]
# Every character of the second part occurs in the first part too. Good, but we didn't leave it to luck: the *whole*
# text was numbered before it was cut. Otherwise a character that turned up only in validation would have no id. And it
# isn't cheating: a list of characters gives nothing away.
#
# - [ ] 01.11 Split the ids into training and validation
# - [ ] 01.r2 I can say why the validation part is one piece, and not characters drawn at random

# %% [markdown]
# ## Input and target, shifted by one · 10 min
#
# With your digits, somebody had to label every image. Who labels a million characters? Nobody needs to. The right
# answer to "what comes next?" *is* what comes next. The text is its own answer sheet.
#
# So one example is two windows of the text, equally long, the second one place further on. Let's go to where our
# sentence is:

# %%
length = len(sentence)
start = text.find(sentence)
print(start, repr(text[start : start + 20]))

# %%
inputs = ____  # `length` ids of `data`, from `start` on
targets = ____  # the same number of ids, all of them one place further on
check("01.12")

# %%
print("inputs ", inputs.tolist(), repr(decode(inputs)))
print("targets", targets.tolist(), repr(decode(targets)))

# %% [markdown]
# `Let's he` asks, `et's hen` answers. Guess: how many questions is that? One window, one question?
#
# At each place the model knows what it has read *so far*, and has to name the character that comes next. Write down all
# the questions and answers: for each place, what's been read by then, and what comes next.

# %%
contexts = [decode(____) for place in range(length)]  # what's been read so far, the id at `place` included
answers = [decode([____]) for place in range(length)]  # the id that comes next
check("01.13")

# %%
for context, answer in zip(contexts, answers, strict=True):
    print(f"{context!r:>12} -> {answer!r}")

# %% [markdown]
# | the model has read | as ids | it should say | id |
# | --- | --- | --- | --- |
# | `L` | 23 | `e` | 42 |
# | `Le` | 23, 42 | `t` | 57 |
# | `Let` | 23, 42, 57 | `'` | 5 |
# | `Let'` | 23, 42, 57, 5 | `s` | 56 |
# | `Let's` | 23, 42, 57, 5, 56 | `␣` | 1 |
# | `Let's␣` | 23, 42, 57, 5, 56, 1 | `h` | 45 |
# | `Let's␣h` | 23, 42, 57, 5, 56, 1, 45 | `e` | 42 |
# | `Let's␣he` | 23, 42, 57, 5, 56, 1, 45, 42 | `n` | 51 |

# %% [markdown]
# Eight characters, **eight predictions**, and the model will make them all in one pass. It practises with one character
# of context as well as with eight, so that one day it can start to write from a single one.
#
# Not every question is fair. After `Let'` an `s` is a safe bet. After `Let's he` the plays themselves disagree, as you
# saw in chapter 00: "hear" twice, "hence" once. Nobody can be right every time. What can be learned is the odds, and
# odds are what our model will give.
#
# - [ ] 01.12 Cut an input and its target out of the text
# - [ ] 01.13 Write down the eight questions and their answers
# - [ ] 01.r3 I can say why a window of eight characters gives eight predictions

# %% [markdown]
# ## Batches · 15 min
#
# We could cut a million characters into windows and take them in order. Instead we take windows from **random places**.
# Neighbouring windows come from the same scene, and a model that reads one play at a time keeps forgetting the one
# before.
#
# Where may a window start? Take a text of ten ids, each equal to its place, and windows of four. Guess how many starts
# there are, and mind that the target has to fit too.
#
# Then a second guess. Cut a window at every one of these starts. Every window asks for four targets, so is each of the
# ten ids a target equally often?

# %%
tiny = torch.arange(10)
window = 4
print(tiny)

# %%
possible_starts = ____  # how many starts leave room for an input and its target? Work it out from `tiny` and `window`
times_asked = [____ for place in range(len(tiny))]  # in how many of these windows is the id at `place` a target?
check("01.14")

# %%
last_start = possible_starts - 1
print(f"{possible_starts} starts, from 0 to {last_start}")
print("last input ", tiny[last_start : last_start + window].tolist())
print("last target", tiny[last_start + 1 : last_start + window + 1].tolist())
print("how often each id is a target", times_asked)

# %% [markdown]
# Six starts: the length of the text, less the length of the window. If you said seven, your program would run without
# trouble for a long time, because in a text like ours only one window in a million has a target that's cut off.
#
# And no, the ids don't all get the same number of turns: 0, 1, 2, 3, 4, 4, 4, 3, 2, 1. In the middle of the text an id
# is a target four times, once at each place of a window. Towards the ends fewer windows reach it, and nobody is ever
# asked for the very first id, because nothing comes before it. With windows of 32, that leaves 63 of our million
# training ids short of turns. We can live with that.
#
# `torch.randint(n, (k,))` draws `k` whole numbers, from 0 up to but **not including** `n`. So `n` is the number of
# starts.

# %%
def random_starts(ids: torch.Tensor, length: int, batch_size: int) -> torch.Tensor:
    """Random places at which a window of `length`, and its target, fit into `ids`: (batch_size,)."""
    return ____  # `batch_size` random starts, drawn by PyTorch


check("01.15")

# %%
torch.manual_seed(1337)  # the same dice for everybody, every time this cell runs
starts = random_starts(train_ids, length, batch_size=4)
for place in starts:
    print(f"{place:>9,} {decode(train_ids[place : place + length])!r}")

# %% [markdown]
# Four windows from four places. Why several at once? A training step on one window follows the whims of eight
# characters. Over many windows the whims average out, as they did with your images. And one large matrix product keeps
# a processor busy, while many small ones keep it waiting.
#
# A batch is a stack of windows. `torch.stack` turns four rows of eight into one tensor (4, 8): the first dimension is
# the **batch**, the second the **sequence**.
#
# Each window needs its target as well. You could cut twice at every start, once for the input and once for the target.
# Once is enough, if you cut the right strip. Guess: how many ids of the text do a window of eight and its target of
# eight cover together? Cut one such strip at each start, stack the strips, and take the inputs and the targets from the
# stack. In a table `[:, 2:]` means every row, from column 2 on.

# %%
strips = ____  # for each start, the strip that covers a window and its target; all strips stacked
batch_inputs = ____  # the window from each strip
batch_targets = ____  # the target from each strip
check("01.16")

# %%
print(strips.shape, batch_inputs.shape, batch_targets.shape)
draw.heat(
    torch.stack((batch_inputs, batch_targets), dim=1).view(-1, length),
    rows=[f"{kind} {number}" for number in range(1, 5) for kind in ("input", "target")],
    columns=[str(place) for place in range(length)],
    title="A batch of four windows, each with its target below it",
    alt="Eight rows of eight squares with an id in each, in four pairs. A target row has the ids of the input "
    "row above it, one square further left, and a new one at its end. The first input is 1, 40, 45, 42, 42, 48, "
    "11, 1, which reads ' cheek? '; its target is 40, 45, 42, 42, 48, 11, 1, 46.",
)

# %% [markdown]
# Nine ids are enough: the window and its target share seven of them. Take any number but the first in an input row and
# look for it in the row below: there it is, one square further left. The first id of the input has dropped out, and a
# new one has come in on the right. That slant is what a healthy batch looks like.
#
# The windows of a batch never see each other; they're four lessons that happen to be taught at once. Our real batches
# will be 24 windows of 32, so 768 predictions. After 1,317 of them the model will have made as many predictions as the
# training text has characters.
#
# - [ ] 01.14 Count the starts, and how often each id is a target
# - [ ] 01.15 Draw random starts
# - [ ] 01.16 Cut a batch and its targets from one stack of strips
# - [ ] 01.r4 I can say what (batch, sequence) means, and find a target in the figure

# %% [markdown]
# ## The class · 13 min
#
# You have all the parts. First come the numbers that every part of the model has to agree on, all in one place. This
# cell is finished. `frozen=True` keeps anybody from changing a setting halfway through. Most of the names are for later
# chapters. Today you need two: `batch_size` and `input_sequence_length`.

# %%
@dataclass(frozen=True)
class Config:
    """The settings that all parts of the model share."""

    batch_size: int = 24  # windows in a batch
    input_sequence_length: int = 32  # characters in a window: as far back as the model can see
    embedding_dim: int = 64  # numbers that describe one character inside the model
    hidden_dim: int = 256  # width of the hidden layer of FeedForward
    num_heads: int = 4  # attention heads in a block, each embedding_dim / num_heads wide
    num_layers: int = 4  # blocks, one after the other
    dropout: float = 0.0  # share of the numbers that are set to 0, in training only
    seed: int = 1337  # where random numbers start
    steps: int = 750  # batches that the model learns from
    learning_rate: float = 0.015  # size of a training step, at its largest
    final_learning_rate: float = 0.0  # and its size at the last step
    warmup_steps: int = 100  # steps at the beginning, over which the learning rate grows to its largest
    evaluate_every: int = 100  # steps from one look at the validation text to the next
    evaluation_batches: int = 10  # batches in each of these looks

    @classmethod
    def small(cls) -> Self:
        """Settings for following the numbers by hand: one window of eight characters, eight numbers each."""
        return cls(
            batch_size=1, input_sequence_length=8, embedding_dim=8, hidden_dim=16, num_heads=2, num_layers=2, dropout=0.1
        )

# %% [markdown]
# How will you know that your loader is right? Give it a text whose characters are all different, and already in order.
# In such a text the id at each place *is* the place, as in `tiny`, so every batch tells you where it was cut. The three
# small functions below help you check that; reading them is up to you.

# %%
ladder = "".join(chr(256 + place) for place in range(100))
print(ladder[:20], "...")


def steps_seen(loader: "DataLoader") -> tuple[list[int], list[int]]:
    """In a batch from `ladder`: the steps from place to place in a window, and those from input to target."""
    inputs, targets = loader.get_batch()
    return inputs.diff().unique().tolist(), (targets - inputs).unique().tolist()


def starts_seen(loader: "DataLoader", split: str) -> list[int]:
    """The different places of `ladder` at which the windows of 80 batches begin, in order."""
    return sorted({int(start) for _ in range(80) for start in loader.get_batch(split)[0][:, 0]})


def follows(loader: "DataLoader", split: str) -> bool:
    """Whether each window of a batch, with its last target after it, is a piece of the loader's text."""
    inputs, targets = loader.get_batch(split)
    pairs = list(zip(inputs, targets, strict=True))
    written = all(loader.decode([*window, target[-1]]) in loader.text for window, target in pairs)
    return written and all(torch.equal(window[1:], target[:-1]) for window, target in pairs)

# %% [markdown]
# Now the class: eleven blanks and no new idea. One of them chooses between the two parts. The others are things you've
# done before, with `self.` in front of whatever belongs to the loader. If one won't come back to you, look for it
# above. That's what it's there for.
#
# PyTorch has a `DataLoader` too, and you probably used it for the digits. It goes through a list of examples. We don't
# have a list: an example can start at any of a million places.

# %%
class DataLoader:
    """Cuts a text into examples: windows of ids, and the same windows one place further on."""

    def __init__(self, text: str, config: Config) -> None:
        """Number the characters of `text`, and split its ids into `train_ids` and `validation_ids`."""
        self.text = text
        self.config = config
        self.characters = ____  # the vocabulary of `text`, as a sorted list
        self.vocab_size = len(self.characters)
        self.id_of = ____  # from character to id
        self.train_ids, self.validation_ids = self.split_data()

    def encode(self, text: str) -> list[int]:
        """The id of each character of `text`; ValueError names the characters that have none."""
        unknown = sorted(set(text) - set(self.characters))
        if unknown:
            raise ValueError(f"not in the vocabulary: {', '.join(map(repr, unknown))}")
        return ____  # the ids, in a list

    def decode(self, ids: list[int] | torch.Tensor) -> str:
        """The text of a list of ids, or of a tensor (length,) of them."""
        return ____  # the characters, in one string

    def split_data(self) -> tuple[torch.Tensor, torch.Tensor]:
        """The ids of the first 90% of the loader's text, and those of the rest: two rows of int64."""
        ids = ____  # the ids of the loader's text, as a tensor
        boundary = ____  # nine tenths of the length, rounded down
        return ____  # both parts, train first

    def get_batch(self, split: str = "train") -> tuple[torch.Tensor, torch.Tensor]:
        """Inputs and targets from random places of "train" or "validation": each (batch, sequence), int64."""
        ids = ____  # the part that `split` names
        length = self.config.input_sequence_length
        if len(ids) <= length:
            raise ValueError(f"{split} has {len(ids)} characters, a window and its target need {length + 1}")
        starts = ____  # one random start for each window
        inputs = ____  # the windows, stacked
        targets = ____  # their targets
        return inputs, targets


check("01.17")

# %%
trial = DataLoader(ladder, Config(input_sequence_length=5))
print("steps:                ", steps_seen(trial))
print("starts for validation:", starts_seen(trial, "validation"))

# %% [markdown]
# Steps of one inside the windows, and steps of one from input to target: `([1], [1])`. The last tenth of the ladder is
# places 90 to 99. Windows of five can start at 90 to 94 there, so the last target ends at 99, and nothing runs off the
# end.
#
# It works on the ladder. Now for the plays.

# %%
loader = DataLoader(text, Config())
print(f"{loader.vocab_size} characters, {len(loader.train_ids):,} ids to train on")

torch.manual_seed(loader.config.seed)
asked, answered = loader.get_batch("train")
print(asked.shape, answered.shape)
print(repr(loader.decode(asked[0])))
print(repr(loader.decode(answered[0])))

# %% [markdown]
# 24 windows of 32, and the same windows one place further on. The last two lines are the whole idea of this course:
# read the first, say the second. Later chapters fetch the finished loader from the package `nanogpt`.
#
# - [ ] 01.17 Write the DataLoader

# %% [markdown]
# ## Challenge: pieces like GPT-2's
#
# This one is optional: 15 minutes, and nothing later needs it. At the start you had to choose between words and
# characters, and GPT-2 sat in between. Nobody wrote down its 50,257 pieces by hand. The list started with 256 bytes,
# and a very small loop found 50,000 more pieces. You have what it takes to write that loop. What would it find in
# Coriolanus?
#
# One round goes like this. Find the two neighbours that turn up together most often. Give the pair a new id, and put
# that id wherever the pair was. In the next round the new piece can be half of a pair itself. The cell plays 20 rounds
# on the first 20,000 characters. Before you run it, guess the first two pieces, and guess whether 20 rounds are enough
# for a word of three letters.
#
# `pairwise(ids)` gives each id with the one after it: `pairwise("abc")` is `("a", "b")`, then `("b", "c")`.

# %%
def best_pair(ids: list[int]) -> tuple[int, int]:
    """The two neighbours that occur together most often; if that's true of several pairs, the one that comes first."""
    return ____  # the pair alone, without its count


def merge(ids: list[int], pair: tuple[int, int], new_id: int) -> list[int]:
    """The ids from left to right, with `new_id` wherever the two ids of `pair` came one after the other."""
    merged: list[int] = []
    for number in ids:
        if ____:  # does `number` complete the pair?
            merged[-1] = new_id
        else:
            merged.append(number)
    return merged


shorter, spellings = encode(text[:20_000]), list(characters)
for _ in range(20):
    pair = best_pair(shorter)
    shorter = merge(shorter, pair, len(spellings))
    spellings.append(____)  # how is the new piece written?
check("01.18")

# %% [markdown]
# Done? Put `spellings[vocab_size:]` into a cell of your own and look. The first two are `e␣`, an e and the space after
# it, and `th`: here 18% of the words end in e, and 8% start with th. Round 12 glues the colon to the line end,
# because that's how the speakers' names end. Round 18 finds `you`, and round 20 `the␣`, space included. The 20,000
# characters have shrunk to 15,752 pieces, and nobody told the loop what a word is.
#
# GPT-2's loop went on for 50,000 rounds. (It wasn't allowed to glue one word to the next, which keeps the pieces
# tidier.) All those rounds buy shorter sequences. The price is a table of 50,257 rows, while ours needs 64.
#
# - [ ] 01.18 Challenge: Grow the vocabulary the way GPT-2 did

# %% [markdown]
# ## What's yours now
#
# - a **vocabulary** of 64 characters, sorted, so that an id means the same thing every day
# - `encode` and `decode`, which undo each other, and an error that names what has no id
# - a **split** that keeps the last tenth of the text out of training, Prospero included
# - **targets for free**: each character is the answer to the one before it
# - `DataLoader(text, config)`, whose `get_batch` gives inputs and targets, each (batch, sequence)
#
# Tick, commit, and sleep on it. What you don't have yet is meaning: to the machine `e` is 42 and `t` is 57, shirts
# without players. In chapter 02 every id gets a row of numbers, and those numbers are allowed to learn.
