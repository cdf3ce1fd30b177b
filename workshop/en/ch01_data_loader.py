# %% [markdown]
# <!-- Made from checkpoints/ch01_data_loader.py by scripts/build.py. From your first edit on it is yours. -->
# # 01 DataLoader
#
# Turn the plays into batches of numbers, ready to learn from, with a class of your own.
#
# 90 minutes in ten sections. It needs chapter 00, and Python's lists, dictionaries and comprehensions.
#
# This is plumbing, and plumbing is where models quietly go wrong: a target shifted the wrong way raises no
# error at all. It teaches the wrong thing, very fast.

# %%
from dataclasses import dataclass
from typing import Self

import torch

# %%
from collections import Counter

from workshop import ____, check, corpus, draw, hint, solution

# %% [markdown]
# ## Why text must become numbers · 6 min
#
# Your digit classifier was spoilt. An image arrives as 784 grey values, and grey values can be multiplied.
# This is what our model is going to get:

# %%
text = corpus.shakespeare()
print(text[:80])

# %% [markdown]
# There is no matrix product with "First Citizen". Somebody has to decide which number stands for what, and
# first of all: the number of *what*? Choose, and only then look at the table.
#
# | one piece is | different pieces | pieces in the nine plays |
# | --- | ---: | ---: |
# | a word (what stands between spaces) | 25,833 | 204,297 |
# | a character | 64 | 1,123,763 |

# %% [markdown]
# Words give short sequences and a huge list, and 15,024 of them occur once in all nine plays: one chance each
# to be learned. Characters give long sequences, and a list that fits on a postcard.
#
# Large models sit in between. GPT-2 knows 50,257 pieces, `ing` and ` the` among them. We take characters.
# The price is that our model will have to learn spelling, too.

# %% [markdown]
# Begin with the eight that you know. They come from Coriolanus, where a tribune says "Let's hence, and hear".
#
# A computer must already keep *some* number for each character, or it could not store the text. Python shows
# it: `ord("L")` is 76.

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
# Numbers. So why not stop here? Because of what comes next: chapter 02 keeps a **table with one row for each
# number**. The highest number in our text is 122, for `z`, so that table would need 123 rows, and 59 of them
# would never be used. With a single 😀 in the text it would need 128,513.
#
# So we hand out the numbers ourselves: from 0, without holes. For that we need a list of all characters.
#
# - [ ] 01.01 Take the sentence apart, and see the numbers that Python keeps

# %% [markdown]
# ## Unique characters and the vocabulary · 10 min
#
# In 00.03 you counted: seven different characters, since `e` comes twice. Now we want the seven themselves.
# A `set` has them. But a set has no order, and this is worse than it sounds: the order in which Python shows
# you a set of strings can change each time Python starts. A model trained on Monday would read nonsense on
# Tuesday. Hence the second line.

# %%
different = ____  # each character once
ordered = ____  # the same ones as a sorted list: an order that is the same every day
size = ____  # how many they are
check("01.02")

# %%
print(size, ordered)

# %% [markdown]
# The space is first, and capitals come before small letters: `sorted` goes by the numbers of `ord`. Any order
# would do, as long as it stays.
#
# Now the same for all nine plays.

# %%
characters = ____  # the different characters of the whole text, as a sorted list
vocab_size = ____  # how many they are
check("01.03")

# %%
print(vocab_size, repr("".join(characters)))

# %% [markdown]
# The line end, the space, ten signs, 52 letters: 64. This list is the **vocabulary**. Whatever our model will
# ever write is made of these.
#
# You met the one dollar sign in chapter 00. Here is where it stands: "my sea sha$l suck them dry". It is a
# misprint in a digital edition, and for its sake we give away one number in 64. We leave it in. Real
# data looks like this.

# %% [markdown]
# A model learns what it meets often, so look at both ends. Which characters are the rarest? And guess before
# you compute: the ten most frequent ones, of 64, make up how much of the text?

# %%
counts = Counter(text)

# %%
rarest = ____  # the last five pairs of the full list of `most_common()`
top_count = sum(count for _, count in counts.most_common(10))
top_share = ____  # what share of the text is that, between 0 and 1?
check("01.04")

# %%
print(rarest)
print(f"the ten most frequent: {top_share:.1%}")
draw.bars(
    characters,
    [100 * counts[character] / len(text) for character in characters],
    title="The vocabulary in its order, and how much of the text each character is",
    y_name="percent of the text",
    alt="64 bars, in the order of the vocabulary. The line end stands at 3.6 percent, the space next to it "
    "towers over all at 15.3. Of the ten signs only the comma passes 1 percent, with 1.8. The capitals are "
    "low, the highest is I with 1.0. The small letters at the right hold 68 percent together; e is their "
    "peak with 8.5, then t with 6.0 and o with 5.9.",
)

# %% [markdown]
# Ten characters are 62.6 % of the text; `$` occurs once, `&` 12 times, `X` 112 times. Do not expect our model
# to have firm views on `&`.
#
# The tallest bar is a model already: *always say space*. It is right in 15 of 100 cases, and unreadable.
# Everything that we build has to beat it.
#
# - [ ] 01.02 Find the different characters of a sentence
# - [ ] 01.03 Find the vocabulary of the nine plays
# - [ ] 01.04 Look at its rare end, and weigh its frequent one
# - [ ] 01.r1 I can say why the vocabulary is sorted

# %% [markdown]
# ## Encode · 9 min
#
# The vocabulary is a list, so each character already has a number: its place. From now on this is its **id**.
#
# A list is quick in one direction, from place to character: `characters[23]`. In the other it is slow, since
# `characters.index("L")` walks along until it meets an `L`, and we shall ask a million times. A dictionary
# answers at once.

# %%
print(characters[23])

# %%
id_of = ____  # from each character to its place
e_id = ____  # the id of "e"
check("01.05")

# %%
print(e_id, {letter: id_of[letter] for letter in ordered})

# %% [markdown]
# `e` is 42, which explains a lot. Now for whole texts: write what the function gives back, then use it.
#
# Guess before you run: which two of the eight ids of `Let's he` will be equal?

# %%
def encode(text: str) -> list[int]:
    """The id of each character of a text."""
    return ____  # the id of each character of `text`, in a list


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
# The second and the last. These eight numbers come back in every chapter; after a while you will greet them.
#
# Is `t`, with 57, more than the apostrophe, with 5? No. An id is a name that looks like a number, like the
# one on a football shirt. Nobody adds shirts up, and a network must not either. How it is kept from doing so
# is chapter 02.
#
# - [ ] 01.05 Give each character an id
# - [ ] 01.06 Encode a text

# %% [markdown]
# ## Decode · 7 min
#
# One day the model hands us ids, and we want to read them. The way back needs no second dictionary. The list
# `characters` *is* the way back: the place at which a character stands is its id.
#
# First fetch the pieces, then glue them. `"".join(pieces)` glues strings, with nothing in between.

# %%
pieces = ____  # a list: the character of each of our ids


def decode(ids: list[int] | torch.Tensor) -> str:
    """The text that has these ids."""
    return ____  # the characters of `ids`, glued to one string


check("01.07")

# %%
print(pieces)
print(decode(sentence_ids))
print(decode([45, 42, 49, 49, 52]))

# %% [markdown]
# In the last line you sat in the model's place: five numbers, and a greeting comes out.
#
# - [ ] 01.07 Decode ids to text

# %% [markdown]
# ## The round trip and unknown characters · 8 min
#
# Encode and decode undo each other. See it with your own eyes first.
#
# Then something less innocent. A friend sends you ids. Their text had a tab in it, and a tab sorts before
# everything that we have, so each of *their* ids is one higher than ours. They mean `Let's he`. Guess what
# you read.

# %%
there_and_back = ____  # our sentence, encoded and decoded
misread = ____  # what you read when each id is one higher
check("01.08")

# %%
print(there_and_back)
print(misread)

# %% [markdown]
# `Mfu,t!if`: every character moved on by one, which is how the emperor Augustus is said to have written his
# secrets. Fitting, for plays that begin in Rome.
#
# **Ids mean nothing without the vocabulary that made them**, and nobody warns you when it is the wrong one.
# Whoever keeps a trained model keeps its list of characters with it.
#
# Now ask for something that the plays have no number for.

# %%
question = "2 B or not 2 B?"
try:
    encode(question)
except KeyError as error:
    print("KeyError:", error)

# %% [markdown]
# `KeyError: '2'` is true, and little help at nine in the evening. We can do better: find out what is unknown
# before looking anything up.
#
# Sets can be subtracted: `{1, 2, 3} - {2}` is `{1, 3}`.

# %%
unknown = ____  # sorted: which characters of the question have no id?
known = ____  # the question without them, one string
check("01.09")

# %%
print("unknown:", unknown)
print("known:  ", repr(known))

# %% [markdown]
# We could drop what is unknown without a word, and read `" B or not  B?"`. Many systems do, or put a mark in
# its place. With a text that never changes, an unknown character is a mistake of *ours*, and of one's
# mistakes one wants to hear. So here is a stricter `encode`:

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
# A network takes no list; it takes a tensor. All numbers of a tensor have one type, and for ids that is
# `torch.long`, the whole numbers (its other name is `int64`).
#
# Whole, because an id will *pick a row*: there is a row 42, and no row 42.0. PyTorch insists. And mind the
# capital: `torch.Tensor` turns whatever you give it into decimal numbers.

# %%
sentence_tensor = ____  # our ids, as a tensor of whole numbers
last_two = ____  # cut the last two ids off that tensor, and decode them
check("01.10")

# %%
print(sentence_tensor, sentence_tensor.shape, sentence_tensor.dtype)
print(repr(last_two))

# %% [markdown]
# `decode` took a tensor without complaint: a list may be indexed with a number out of a tensor. Good to have,
# since the model's answers will be tensors. And now all nine plays at once:

# %%
data = torch.tensor(encode(text), dtype=torch.long)
print(data.shape, f"{data.nbytes:,} bytes")
print(data[:13], repr(decode(data[:13])))

# %% [markdown]
# One long row of 1,123,763 ids. At eight bytes each that makes 9 MB of a text of 1.1 MB. For 64 different ids
# one byte each would do, and with larger texts people do save there. With ours, comfort wins.
#
# - [ ] 01.10 Make a tensor of ids

# %% [markdown]
# ## Train and validation · 8 min
#
# With your digits, you kept some images back, so that the network could not pass by remembering. We keep back
# text: the first 90 % is for training, the rest is for **validation**.
#
# Guess first. Images to keep back are drawn at random. Why not draw every tenth *character* at random?

# %% [markdown]
# Because text has neighbours. Draw the `h` out of "Let's hence", and the model trains on everything around
# it: it would know the line by heart, and fill the gap from memory. One unbroken piece at the end touches the
# rest at a single border.
#
# Ours lies inside The Taming of the Shrew, and behind it comes The Tempest. Prospero has 63 speeches in our
# text, all of them kept back. The model is tested on an island that it has never visited.

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
print("characters in training alone:  ", sorted(first - second))
print("characters in validation alone:", sorted(second - first))

# %% [markdown]
# The second part has no character that the first lacks. We did not leave that to luck: the *whole* text was
# numbered before it was cut. A list of letters gives nothing away, and a letter that turns up in validation
# alone would otherwise have no id.
#
# - [ ] 01.11 Split the ids into train and validation
# - [ ] 01.r2 I can say why the validation part is one piece, and not characters drawn at random

# %% [markdown]
# ## Input and target, shifted by one · 10 min
#
# For your digits, somebody had to label every image. Who labels a million characters? Nobody needs to. The
# right answer to "what comes next?" *is* what comes next. The text is its own answer sheet.
#
# So one example is two windows of the text, of the same length, the second one place further on. We go to
# where our sentence stands:

# %%
length = len(sentence)
start = text.find(sentence)
print(start, repr(text[start : start + 20]))

# %%
inputs = ____  # `length` ids of `data`, from `start` on
targets = ____  # as many again, each one place further on
check("01.12")

# %%
print("inputs ", inputs.tolist(), repr(decode(inputs)))
print("targets", targets.tolist(), repr(decode(targets)))

# %% [markdown]
# `Let's he` asks, `et's hen` answers. Guess: how many questions is that? One window, one question?
#
# At each place the model knows what it has read *so far*, and must name the character that comes next. Write
# down all the questions: what has been read at each place, and the right answer.

# %%
contexts = [decode(____) for place in range(length)]  # read so far, the one at `place` included
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
# Eight characters, **eight predictions**, and the model will make them all in one pass. It practises with one
# character of context as well as with eight, so that one day it can start to write from a single one.
#
# Not every question is fair. After `Let'` an `s` is a safe bet. After `Let's he` the plays themselves
# disagree, as you saw in chapter 00: "hear" twice, "hence" once. Nobody can be right every time. What can be
# learned is the odds, and odds are what our model will give.
#
# - [ ] 01.12 Cut an input and its target out of the text
# - [ ] 01.13 Write down the eight questions and their answers
# - [ ] 01.r3 I can say why a window of eight characters gives eight predictions

# %% [markdown]
# ## Batches · 12 min
#
# From a million characters one could take the windows in order. We take them from **random places**.
# Neighbouring windows tell the same scene, and a model that reads one play at a time keeps forgetting the
# last.
#
# At which places may a window start? Take a text of ten ids, each equal to its place, and windows of four.
# Guess how many places there are, and mind that the target must fit, too.

# %%
tiny = torch.arange(10)
window = 4
print(tiny)

# %%
possible_starts = ____  # how many starts leave room for an input and its target? From `tiny` and `window`
last_start = possible_starts - 1  # the first start is 0
last_inputs = tiny[last_start : last_start + window]
last_targets = ____  # the target of that last window
check("01.14")

# %%
print(f"{possible_starts} starts, from 0 to {last_start}")
print("last input ", last_inputs.tolist())
print("last target", last_targets.tolist())

# %% [markdown]
# Six: the length of the text, less the length of the window. Most people say seven. Their program then runs
# well for a long time, since in a text like ours one window in a million has a target that is cut off.
#
# `torch.randint(n, (k,))` draws `k` whole numbers, from 0 up to and **without** `n`. So `n` is the number of
# starts.

# %%
def random_starts(ids: torch.Tensor, length: int, batch_size: int) -> torch.Tensor:
    """Random places at which a window of `length`, and its target, fit into `ids`: (batch_size,)."""
    return ____  # `batch_size` random starts, drawn by PyTorch


check("01.15")

# %%
torch.manual_seed(1337)  # the same dice for everybody, each time this cell runs
starts = random_starts(train_ids, length, batch_size=4)
for place in starts:
    print(f"{place:>9,} {decode(train_ids[place : place + length])!r}")

# %% [markdown]
# Four windows from four places. Why several at once? A training step on one window follows the whims of eight
# characters; over many windows the whims average out, as they did with your images. And one large product
# keeps a processor busy, where many small ones keep it waiting.
#
# So put the windows on top of each other: `torch.stack` makes one tensor (4, 8) of four rows of eight. The
# first size is the **batch**, the second the **sequence**.

# %%
batch_inputs = ____  # the windows, stacked
batch_targets = ____  # their targets
check("01.16")

# %%
print(batch_inputs.shape, batch_targets.shape)
draw.heat(
    torch.stack((batch_inputs, batch_targets), dim=1).view(-1, length),
    rows=[f"{kind} {number}" for number in range(1, 5) for kind in ("input", "target")],
    columns=[str(place) for place in range(length)],
    title="A batch of four windows, each with its target below it",
    alt="Eight rows of eight squares with an id in each, in four pairs. A target row holds the ids of the "
    "input row above it, one square further left, and a new one at its end. The first input is 1, 40, 45, "
    "42, 42, 48, 11, 1, which reads ' cheek? '; its target is 40, 45, 42, 42, 48, 11, 1, 46.",
)

# %% [markdown]
# Follow any number of an input row into the row below: there it stands one square further left. The first id
# of the input has dropped out, and a new one has come in at the right. That slant is what a healthy batch
# looks like.
#
# The windows of a batch never see each other; they are four lessons that happen to be taught at once. Ours
# will be 24 windows of 32, so 768 predictions. With 1,317 such batches you have made as many predictions as
# the training text has characters.
#
# - [ ] 01.14 Count the places at which a window can start
# - [ ] 01.15 Draw random starts
# - [ ] 01.16 Stack windows to a batch
# - [ ] 01.r4 I can say what (batch, sequence) means, and find a target in the figure

# %% [markdown]
# ## The class · 14 min
#
# You have all the parts. First the numbers on which every part of the model must agree, in one place; this
# cell is finished. `frozen=True` keeps anybody from changing a setting halfway through. Most names belong
# to later chapters. Today you need two: `batch_size` and `input_sequence_length`.

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
    dropout: float = 0.0  # share of the numbers that is set to 0, while training only
    seed: int = 1337  # where random numbers start
    steps: int = 750  # batches that the model learns from
    learning_rate: float = 0.015  # how far a step of training goes, at its longest
    final_learning_rate: float = 0.0  # and at the last step
    warmup_steps: int = 100  # steps at the beginning, over which it grows to its longest
    evaluate_every: int = 100  # steps from one look at the validation text to the next
    evaluation_batches: int = 10  # batches in such a look

    @classmethod
    def small(cls) -> Self:
        """Settings for following the numbers by hand: one window of eight characters, eight numbers each."""
        return cls(
            batch_size=1, input_sequence_length=8, embedding_dim=8, hidden_dim=16, num_heads=2, num_layers=2, dropout=0.1
        )

# %% [markdown]
# How will you know that your loader is right? Give it a text whose characters are all different, and already
# in order. In such a text the id at each place *is* the place, as in `tiny`, and every batch tells you where
# it was cut. Three small testers make use of that; read them or not, as you like.

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
# Now the class: eleven blanks and no new idea. One of them chooses between two parts; the others are lines
# that you have written before, with `self.` in front of what belongs to the loader. When one will not come
# back to you, look for it above. That is what it is there for.
#
# PyTorch has a `DataLoader`, too, and you used it for the digits. It goes through a list of examples. We have
# no list: an example can begin at any of a million places.

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
        """The ids of the first 90 % of the loader's text, and those of the rest: two rows of int64."""
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
# Steps of one inside the windows, and steps of one from input to target: `([1], [1])`. The last tenth of the
# ladder has the places 90 to 99, and windows of five start at 90 to 94 in it, so that the last target ends at
# 99 and not behind it.
#
# It works on the ladder. Now on the plays.

# %%
loader = DataLoader(text, Config())
print(f"{loader.vocab_size} characters, {len(loader.train_ids):,} ids to train on")

torch.manual_seed(loader.config.seed)
asked, answered = loader.get_batch("train")
print(asked.shape, answered.shape)
print(repr(loader.decode(asked[0])))
print(repr(loader.decode(answered[0])))

# %% [markdown]
# 24 windows of 32, and the same one step ahead. The last two lines are the whole idea of this course:
# read the first, say the second. Later chapters fetch the finished loader from the package `nanogpt`.
#
# - [ ] 01.17 Write the DataLoader

# %% [markdown]
# ## What is now yours
#
# - a **vocabulary** of 64 characters, sorted, so that an id means the same every day
# - `encode` and `decode`, which undo each other, and complain about what they do not know
# - a **split** that keeps the last tenth of the text out of training, Prospero included
# - **targets for nothing**: each character is the answer to the one before it
# - `DataLoader(text, config)`, whose `get_batch` gives inputs and targets, each (batch, sequence)
#
# Tick, commit, and sleep on it. What you do not have yet is meaning: to the machine `e` is 42 and `t` is 57,
# shirts without players. In chapter 02 every id gets a row of numbers, and the numbers are allowed to learn.
