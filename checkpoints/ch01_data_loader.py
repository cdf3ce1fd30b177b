# %% [markdown]
# # 01 DataLoader
#
# Turn the plays into batches of numbers, ready to learn from, with a class of your own.
#
# 90 minutes in ten sections. It needs chapter 00, and Python's lists, dictionaries and comprehensions.
#
# This is plumbing, and plumbing is where models quietly go wrong: a target shifted the wrong way raises no
# error at all. It teaches the wrong thing, very fast.

# %%
#| export
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
#! redraw: text = "Act 1\n" + text[:200_000]

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
#! redraw: sentence = "Let us kill"

# %%
letters = list(sentence)  # blank: a list with one string for each character
codes = [ord(letter) for letter in letters]  # blank: a list with the number of each of them
check("01.01")
#! hint: `list` walks through a string character by character; a list comprehension can call `ord` on each
#! mistake: sentence.split() -> `split` cuts at the spaces and gives words. `list` cuts after every character.
#! mistake: [sentence] -> That is a list with one string in it, the whole sentence. `list` opens it up.
#! mistake 2: [letters.index(letter) for letter in letters] -> Those are places in your list. `ord` gives the
#!   number that stands for the character itself.
#! mistake 2: ord(letters[0]) -> That is the number of the first character. Go through all of them, and
#!   collect the numbers in a list.
#! alternative: [*sentence]
#! alternative: [letter for letter in sentence]
#! alternative 2: list(map(ord, sentence))
#! alternative 2: [ord(letter) for letter in sentence]

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
different = set(sentence)  # blank: each character once
ordered = sorted(different)  # blank: the same ones as a list, in an order that is the same every day
size = len(ordered)  # blank: how many they are
check("01.02")
#! hint: three functions that Python has built in, one a line; each takes what the line above it made
#! mistake: list(sentence) -> A list keeps everything, so a character that comes twice is in it twice. A set
#!   keeps one of each.
#! mistake: {sentence} -> Curly braces make a set with one member, the whole sentence. `set(sentence)` takes
#!   its characters.
#! mistake 2: list(different) -> A list, but in whatever order the set had today. `sorted` gives the same
#!   order every day.
#! mistake 2: sorted(sentence) -> In order, but taken from the sentence, where `e` stands twice. Sort the set.
#! mistake 3: len(sentence) -> That counts repeated characters again. Count the different ones.
#! alternative: {letter for letter in sentence}
#! alternative: set(letters)
#! alternative 2: sorted(list(different))
#! alternative 2: sorted(set(sentence))
#! alternative 3: len(different)

# %%
print(size, ordered)

# %% [markdown]
# The space is first, and capitals come before small letters: `sorted` goes by the numbers of `ord`. Any order
# would do, as long as it stays.
#
# Now the same for all nine plays.

# %%
characters = sorted(set(text))  # blank: the different characters of the whole text, as a sorted list
vocab_size = len(characters)  # blank: how many they are
check("01.03")
#! hint: the functions of 01.02, one inside the other, and this time on `text`
#! mistake: list(set(text)) -> One of each, but in an order that can change when Python starts anew. Sort it.
#! mistake: set(text) -> A set has no first and no last, so no character would have a fixed number. Make a
#!   sorted list of it.
#! mistake: sorted(set(sentence)) -> Those are the characters of our eight-character example. Take the plays,
#!   `text`.
#! mistake 2: len(text) -> That is the length of all nine plays. Count the list of different characters.
#! alternative: sorted(list(dict.fromkeys(text)))
#! alternative: sorted(Counter(text))
#! alternative 2: len(set(text))

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
rarest = counts.most_common()[-5:]  # blank: the last five pairs of the full list of `most_common()`
top_count = sum(count for _, count in counts.most_common(10))
top_share = top_count / len(text)  # blank: what share of the text is that, between 0 and 1?
check("01.04")
#! hint: without a number in its brackets `most_common()` lists all, and a list can be sliced from its end; a
#!   share is a part divided by the whole
#! mistake: counts.most_common(5) -> Those are the five most frequent. The rarest stand at the other end of
#!   the full list.
#! mistake: list(counts.items())[-5:] -> Those are the five that turn up last in the text, as a Counter
#!   remembers what it met first. `most_common` puts them in order.
#! mistake: counts.most_common()[-5] -> That is one pair, the fifth from the end. With a colon behind the 5
#!   you get that one and all after it.
#! mistake: counts.most_common()[:-6:-1] -> The right five, but from the end forwards. Leave them in the order
#!   of the list, so that they can be compared.
#! mistake 2: top_count / len(counts) -> `len(counts)` is how many different characters there are. The whole
#!   is the text.
#! mistake 2: 10 / vocab_size -> That is their share of the vocabulary. How much of the *text* are they?
#! alternative: counts.most_common()[len(counts) - 5 :]
#! alternative: sorted(counts.items(), key=lambda pair: pair[1], reverse=True)[-5:]
#! alternative 2: top_count / sum(counts.values())
#! alternative 2: top_count / counts.total()

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
id_of = {character: number for number, character in enumerate(characters)}  # blank: from each character to its place
e_id = id_of["e"]  # blank: the id of "e"
check("01.05")
#! hint: `enumerate(characters)` gives pairs (number, character), counting from 0; a dictionary comprehension
#!   can turn them round
#! mistake: {character: number for number, character in enumerate(characters, start=1)} -> This counts from 1,
#!   so that no character has the id 0. Places in a list begin at 0.
#! mistake: {character: ord(character) for character in characters} -> Those are Python's own numbers, with
#!   holes in between. Take the place in `characters`.
#! mistake: dict(enumerate(characters)) -> This goes from number to character, which the list can do already.
#!   Turn the pairs round.
#! mistake 2: id_of["E"] -> That is the capital E, which to a model is another character with another id.
#! mistake 2: ord("e") -> That is Python's own number for "e". Look up ours in `id_of`.
#! alternative: dict(zip(characters, range(len(characters))))
#! alternative: {character: characters.index(character) for character in characters}
#! alternative: {characters[number]: number for number in range(vocab_size)}
#! alternative 2: characters.index("e")

# %%
print(e_id, {letter: id_of[letter] for letter in ordered})

# %% [markdown]
# `e` is 42, which explains a lot. Now for whole texts: write what the function gives back, then use it.
#
# Guess before you run: which two of the eight ids of `Let's he` will be equal?

# %%
def encode(text: str) -> list[int]:
    """The id of each character of a text."""
    return [id_of[character] for character in text]  # blank: the id of each character of `text`, in a list


sentence_ids = encode(sentence)  # blank: the ids of our sentence
check("01.06")
#! hint: walk through `text`, character by character, and look each one up in `id_of`
#! mistake: [id_of[character] for character in sentence] -> This encodes our sentence, whatever text it is
#!   given. Inside the function the text is called `text`.
#! mistake: [ord(character) for character in text] -> Those are Python's own numbers. Look the characters up
#!   in `id_of`.
#! mistake: {character: id_of[character] for character in text} -> A dictionary has each character once, so
#!   repetitions are lost. A text needs a list.
#! mistake 2: [encode(character) for character in sentence] -> Each call gives a list, so this is a list of
#!   lists. `encode` takes the whole sentence at once.
#! alternative: list(map(id_of.get, text))
#! alternative: [characters.index(character) for character in text]
#! alternative 2: [id_of[letter] for letter in letters]
#! probe: encode("the sea")
#! probe: encode("")

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
pieces = [characters[number] for number in sentence_ids]  # blank: a list: the character of each of our ids


def decode(ids: list[int] | torch.Tensor) -> str:
    """The text that has these ids."""
    return "".join(characters[number] for number in ids)  # blank: the characters of `ids`, glued to one string


check("01.07")
#! hint: `characters[42]` is "e"; fetch one for every id, and in the function put `"".join(...)` around that
#! mistake: [chr(number) for number in sentence_ids] -> `chr` goes back from Python's own numbers. Ours are
#!   places in `characters`.
#! mistake: [str(number) for number in sentence_ids] -> That writes the numbers as digits. Fetch the character
#!   that stands at that place.
#! mistake 2: " ".join(characters[number] for number in ids) -> This puts a space between any two characters.
#!   What stands before `.join` is the glue, and ours is the empty string.
#! mistake 2: [characters[number] for number in ids] -> The right characters, as a list. A text is one string,
#!   so join them.
#! mistake 2: "".join(pieces) -> That is our sentence, whatever ids the function is given. Use `ids`.
#! alternative: list(map(characters.__getitem__, sentence_ids))
#! alternative 2: "".join([characters[number] for number in ids])
#! probe: decode(encode("the sea"))
#! probe: decode([])

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
there_and_back = decode(encode(sentence))  # blank: our sentence, encoded and decoded
misread = decode([number + 1 for number in sentence_ids])  # blank: what you read when each id is one higher
check("01.08")
#! hint: the first is one function inside the other; for the second make a list of the higher ids, and decode
#!   it
#! mistake: encode(sentence) -> Those are ids, so you are still on the way: turn them back into text.
#! mistake 2: decode([number - 1 for number in sentence_ids]) -> Here each id is one lower. Theirs are higher.
#! mistake 2: decode(sentence_ids[1:]) -> This drops the first id and leaves the others as they are. Change
#!   the numbers, not their places.
#! alternative: decode(sentence_ids)
#! alternative: "".join(pieces)
#! alternative 2: decode(number + 1 for number in sentence_ids)
#! alternative 2: "".join(characters[id_of[letter] + 1] for letter in sentence)

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
#! redraw: question = "7 @ 7, I dare"

# %% [markdown]
# `KeyError: '2'` is true, and little help at nine in the evening. We can do better: find out what is unknown
# before looking anything up.
#
# Sets can be subtracted: `{1, 2, 3} - {2}` is `{1, 3}`.

# %%
unknown = sorted(set(question) - set(characters))  # blank: sorted: which characters of the question have no id?
known = "".join(character for character in question if character in id_of)  # blank: the question without them, one string
check("01.09")
#! hint: subtract the set of what we have from the set of what is asked; and a comprehension may end with `if`
#! mistake: set(question) - set(characters) -> The right ones, as a set. Sort it, so that it always reads the
#!   same.
#! mistake: sorted(set(characters) - set(question)) -> The other way round: what the vocabulary has and the
#!   question lacks.
#! mistake: [character for character in question if character not in characters] -> This names a character
#!   each time it occurs. A set names it once.
#! mistake 2: [character for character in question if character in id_of] -> The right characters, as a list.
#!   Join them to one string.
#! mistake 2: "".join(unknown) -> Those are the ones without an id. The others are asked for.
#! alternative: sorted({character for character in question if character not in id_of})
#! alternative: sorted(set(question).difference(characters))
#! alternative 2: "".join([character for character in question if character not in unknown])

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
sentence_tensor = torch.tensor(sentence_ids, dtype=torch.long)  # blank: our ids, as a tensor of whole numbers
last_two = decode(sentence_tensor[-2:])  # blank: cut the last two ids off that tensor, and decode them
check("01.10")
#! hint: `torch.tensor(a_list, dtype=...)`; and a tensor is sliced like a list, where `[-2:]` begins two from
#!   the end
#! mistake: torch.Tensor(sentence_ids) -> With a capital T all numbers become decimal ones, and they can pick
#!   no rows. Use `torch.tensor`.
#! mistake: torch.tensor(sentence_ids, dtype=torch.int32) -> Whole numbers, but half as wide as `torch.long`,
#!   which PyTorch's loss function will ask for.
#! mistake 2: sentence_tensor[-2:] -> The right two ids. Now read them: `decode`.
#! mistake 2: decode(sentence_tensor[:2]) -> Those are the first two. With a minus, a slice counts from the
#!   end.
#! alternative: torch.tensor(sentence_ids)
#! alternative: torch.LongTensor(sentence_ids)
#! alternative 2: decode(sentence_ids[-2:])
#! alternative 2: decode(sentence_tensor[len(sentence_tensor) - 2 :])
#! probe: str(sentence_tensor.dtype)

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
    boundary = int(0.9 * len(ids))  # blank: nine tenths of the length, rounded down to a whole number
    return ids[:boundary], ids[boundary:]  # blank [ids[:boundary]] [ids[boundary:]]: up to there, and from there on


check("01.11")
#! hint: `int` cuts off what stands behind the point; `row[:3]` stops before place 3, `row[3:]` begins with it
#! mistake: round(0.9 * len(ids)) -> `round` goes up when that is nearer: for 14 ids it gives 13, where nine
#!   tenths are 12.6. `int` always goes down.
#! mistake: int(0.1 * len(ids)) -> There the first tenth ends. The model would train on a tenth, and be tested
#!   on the rest.
#! mistake 2: ids -> That is the whole text: the model would train on what it is tested with.
#! mistake 2: ids[torch.randperm(len(ids))[:boundary]] -> This draws characters from all over the text.
#!   Neighbours are torn apart, and what is tested has been trained on.
#! mistake 3: ids[boundary + 1 :] -> Now the id at the boundary is in neither part. The second begins where
#!   the first stops.
#! alternative: len(ids) * 9 // 10
#! alternative 2: ids[torch.arange(boundary)]
#! alternative 3: ids[boundary - len(ids) :]
#! probe: [part.tolist() for part in split_ids(torch.arange(10))]
#! probe: [part.tolist() for part in split_ids(torch.arange(14))]
#! probe: split_ids(torch.tensor([5, 3, 5, 8, 1, 9, 2, 2, 7, 4, 6]))

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
inputs = data[start : start + length]  # blank: `length` ids of `data`, from `start` on
targets = data[start + 1 : start + length + 1]  # blank: as many again, each one place further on
check("01.12")
#! hint: a slice is written with two places, where it begins and before which it stops; for the targets both
#!   move on by one
#! mistake: data[start:length] -> The second number of a slice is a place, not a length: behind place 12772
#!   and before place 8 there is nothing.
#! mistake: text[start : start + length] -> Those are characters. Their ids are in `data`.
#! mistake 2: data[start + 1 : start + length] -> One id short: the last character has no answer. Move both
#!   ends.
#! mistake 2: data[start : start + length] -> The same window again. To be right, the model only has to repeat
#!   what it was given.
#! mistake 2: data[start + length : start + 2 * length] -> That is the next window. The target of a character
#!   is its neighbour, one place on.
#! alternative: data[start:][:length]
#! alternative: torch.tensor(encode(sentence))
#! alternative 2: data[start + 1 :][:length]
#! alternative 2: data[start : start + length + 1][1:]

# %%
print("inputs ", inputs.tolist(), repr(decode(inputs)))
print("targets", targets.tolist(), repr(decode(targets)))

# %% [markdown]
# `Let's he` asks, `et's hen` answers. Guess: how many questions is that? One window, one question?
#
# At each place the model knows what it has read *so far*, and must name the character that comes next. Write
# down all the questions: what has been read at each place, and the right answer.

# %%
contexts = [decode(inputs[: place + 1]) for place in range(length)]  # blank [inputs[: place + 1]]: read so far, the one at `place` included
answers = [decode([targets[place]]) for place in range(length)]  # blank [targets[place]]: the id that comes next
check("01.13")
#! hint: at place 0 one character has been read, at place 1 two; an answer stands at the same place in
#!   `targets`
#! mistake: inputs[:place] -> One too few: a slice stops before its end, so at place 0 nothing has been read.
#! mistake: inputs[: place + 2] -> One too many: the last one of these is the answer. No wonder if it is
#!   right.
#! mistake: inputs -> The whole window at every place: all answers but the last could be looked up in it.
#! mistake 2: inputs[place] -> That has been read already. What comes next stands in `targets`.
#! mistake 2: targets[0] -> That is the answer to the first question, eight times. Each place has its own.
#! alternative: data[start : start + place + 1]
#! alternative: sentence_ids[: place + 1]
#! alternative 2: data[start + place + 1]

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
#! redraw: tiny = torch.arange(100, 113)
#! redraw: window = 5

# %%
possible_starts = len(tiny) - window  # blank: how many starts leave room for an input and its target?
last_start = possible_starts - 1  # the first start is 0
last_inputs = tiny[last_start : last_start + window]
last_targets = tiny[last_start + 1 : last_start + window + 1]  # blank: the target of that last window
check("01.14")
#! hint: put a finger on it: the last target ends with the last id, and its input begins one place before it
#! mistake: len(tiny) - window + 1 -> So many inputs fit, but the last of them has a target that is cut off at
#!   the end of the text.
#! mistake: len(tiny) - window - 1 -> One too careful: the last id would never be a target.
#! mistake: len(tiny) -> A window that starts at the last place has nowhere to go. Leave room for it.
#! mistake 2: tiny[last_start : last_start + window] -> That is the input again. Its target is one place
#!   further on.
#! mistake 2: tiny[last_start + 1 : last_start + window] -> One id short. Move both ends.
#! alternative: len(tiny[window:])
#! alternative 2: tiny[last_start + 1 :]
#! alternative 2: tiny[-window:]

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
    return torch.randint(len(ids) - length, (batch_size,))  # blank: `batch_size` random starts


check("01.15")
#! hint: `torch.randint(how_many_starts, (how_many_draws,))`; how many starts there are, you know from 01.14
#! mistake: torch.randint(len(ids), (batch_size,)) -> Some of these windows begin so late that they run off
#!   the end. Leave room for a window and its target.
#! mistake: torch.randint(len(ids) - length + 1, (batch_size,)) -> One start too many: the input fits, but its
#!   target is cut off.
#! mistake: torch.randint(len(ids) - length - 1, (batch_size,)) -> One start too few: `randint` stops before
#!   its upper end anyway.
#! mistake: torch.arange(batch_size) -> Nothing random here: every batch would be the beginning of the text.
#! alternative: torch.randint(low=0, high=len(ids) - length, size=(batch_size,))
#! alternative: torch.randperm(len(ids) - length)[:batch_size]
#! alternative: torch.tensor([int(torch.randint(len(ids) - length, ())) for _ in range(batch_size)])
#! probe: tuple(random_starts(torch.arange(50), 8, 3).shape)
#! probe: torch.cat([random_starts(torch.arange(30), 8, 5) for _ in range(400)]).unique().tolist()
#! probe: torch.cat([random_starts(torch.arange(10), 4, 5) for _ in range(200)]).unique().tolist()

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
batch_inputs = torch.stack([train_ids[place : place + length] for place in starts])  # blank: the windows, stacked
batch_targets = torch.stack([train_ids[place + 1 : place + length + 1] for place in starts])  # blank: their targets
check("01.16")
#! hint: make a list of the windows, with `for place in starts`, and give the list to `torch.stack`
#! mistake: torch.cat([train_ids[place : place + length] for place in starts]) -> `cat` lays the windows end
#!   to end, in one long row. `stack` puts them on top of each other.
#! mistake: torch.stack([train_ids[place : place + length] for place in starts], dim=1) -> Here the windows
#!   stand upright, (sequence, batch). The batch comes first.
#! mistake: [train_ids[place : place + length] for place in starts] -> A list of tensors. `torch.stack` makes
#!   one of them.
#! mistake 2: torch.stack([train_ids[place : place + length] for place in starts]) -> Those are the inputs
#!   once more. Move both ends of every window on by one.
#! mistake 2: torch.roll(batch_inputs, -1, dims=1) -> `roll` brings the first id of a window round to its end.
#!   The last target must be the next id of the text.
#! mistake 2: batch_inputs[:, 1:] -> One target too few in each row: the last one is not in the inputs, only
#!   in the text.
#! alternative: train_ids[starts[:, None] + torch.arange(length)]
#! alternative: torch.cat([train_ids[place : place + length] for place in starts]).view(len(starts), length)
#! alternative: train_ids.unfold(0, length, 1)[starts]
#! alternative 2: train_ids[starts[:, None] + torch.arange(length) + 1]
#! alternative 2: torch.stack([train_ids[place + 1 :][:length] for place in starts])

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
#| export
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
# it was cut. Two small testers make use of that; read them or not, as you like.

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


# %% [markdown]
# Now the class: eleven blanks and no new idea. One of them chooses between two parts; the others are lines
# that you have written before, with `self.` in front of what belongs to the loader. When one will not come
# back to you, look for it above. That is what it is there for.
#
# PyTorch has a `DataLoader`, too, and you used it for the digits. It goes through a list of examples. We have
# no list: an example can begin at any of a million places.

# %%
#| export
class DataLoader:
    """Cuts a text into examples: windows of ids, and the same windows one place further on."""

    def __init__(self, text: str, config: Config) -> None:
        """Number the characters of `text`, and split its ids into `train_ids` and `validation_ids`."""
        self.text = text
        self.config = config
        self.characters = sorted(set(text))  # blank: the vocabulary of `text`, as a sorted list
        self.vocab_size = len(self.characters)
        self.id_of = {character: number for number, character in enumerate(self.characters)}  # blank: from character to id
        self.train_ids, self.validation_ids = self.split_data()

    def encode(self, text: str) -> list[int]:
        """The id of each character of `text`; ValueError names the characters that have none."""
        unknown = sorted(set(text) - set(self.characters))
        if unknown:
            raise ValueError(f"not in the vocabulary: {', '.join(map(repr, unknown))}")
        return [self.id_of[character] for character in text]  # blank: the ids, in a list

    def decode(self, ids: list[int] | torch.Tensor) -> str:
        """The text of a list of ids, or of a tensor (length,) of them."""
        return "".join(self.characters[number] for number in ids)  # blank: the characters, in one string

    def split_data(self) -> tuple[torch.Tensor, torch.Tensor]:
        """The ids of the first 90 % of the loader's text, and those of the rest: two rows of int64."""
        ids = torch.tensor(self.encode(self.text), dtype=torch.long)  # blank: the ids of the loader's text, as a tensor
        boundary = int(0.9 * len(ids))  # blank: nine tenths of the length, rounded down
        return ids[:boundary], ids[boundary:]  # blank: both parts, train first

    def get_batch(self, split: str = "train") -> tuple[torch.Tensor, torch.Tensor]:
        """Inputs and targets from random places of "train" or "validation": each (batch, sequence), int64."""
        ids = {"train": self.train_ids, "validation": self.validation_ids}[split]  # blank: the part that `split` names
        length = self.config.input_sequence_length
        if len(ids) <= length:
            raise ValueError(f"{split} has {len(ids)} characters, a window and its target need {length + 1}")
        starts = torch.randint(len(ids) - length, (self.config.batch_size,))  # blank: one random start for each window
        inputs = torch.stack([ids[place : place + length] for place in starts])  # blank: the windows, stacked
        targets = torch.stack([ids[place + 1 : place + length + 1] for place in starts])  # blank: their targets
        return inputs, targets


check("01.17")
#! hint: where you have written them: 01.03, 01.05, 01.06, 01.07, 01.10, 01.11 (twice), then the choice, then
#!   01.15, 01.16 (twice); what belongs to the loader gets `self.`
#! mistake 1: list(set(text)) -> Not sorted, so the ids can change each time Python starts. A model that was
#!   saved could not read its own text.
#! mistake 1: sorted(text) -> This keeps every repetition. The vocabulary has each character once.
#! mistake 2: {character: number for number, character in enumerate(self.characters, start=1)} -> Here ids
#!   count from 1, and `decode` then fetches the character behind the right one.
#! mistake 3: [self.id_of[character] for character in self.text] -> This encodes the loader's own text,
#!   whatever it is given. Use the argument, `text`.
#! mistake 3: [id_of[character] for character in text] -> `id_of` is the dictionary of this notebook, made for
#!   the nine plays. A loader of another text needs its own, `self.id_of`.
#! mistake 4: " ".join(self.characters[number] for number in ids) -> This puts a space between any two
#!   characters. Ours are glued with the empty string.
#! mistake 4: [self.characters[number] for number in ids] -> A list of characters. A text is one string.
#! mistake 4: "".join(characters[number] for number in ids) -> `characters` is the list of this notebook, made
#!   for the nine plays. A loader of another text needs its own, `self.characters`.
#! mistake 5: torch.tensor(encode(self.text), dtype=torch.long) -> That is the function of this notebook, with
#!   the vocabulary of the nine plays. Use the loader's own, `self.encode`.
#! mistake 5: torch.Tensor(self.encode(self.text)) -> With a capital T the ids become decimal numbers, which
#!   can pick no row of a table.
#! mistake 6: round(0.9 * len(ids)) -> `round` goes up when that is nearer. `int` always goes down.
#! mistake 6: int(0.1 * len(ids)) -> Here the training part is the first tenth only.
#! mistake 7: (ids[boundary:], ids[:boundary]) -> The parts are swapped. The one for training comes first.
#! mistake 7: (ids[:boundary], ids[boundary + 1 :]) -> The id at the boundary is lost. The second part begins
#!   where the first stops.
#! mistake 8: self.train_ids -> Asked for validation, this still cuts from the training part, and every score
#!   would flatter the model.
#! mistake 9: torch.randint(len(ids) - length - 1, (self.config.batch_size,)) -> One start too few: `randint`
#!   stops before its upper end anyway.
#! mistake 9: torch.randint(len(ids), (self.config.batch_size,)) -> Some of these windows begin so late that
#!   they run off the end. Leave room for a window and its target.
#! mistake 9: torch.randint(len(ids) - length, (24,)) -> Always 24 windows. How many there should be stands in
#!   `self.config`.
#! mistake 9: torch.arange(self.config.batch_size) -> Nothing random here: every batch would be the beginning
#!   of the text.
#! mistake 10: torch.stack([ids[place : place + length] for place in starts], dim=1) -> Here the windows stand
#!   upright, (sequence, batch). The batch comes first.
#! mistake 11: torch.stack([ids[place : place + length] for place in starts]) -> The targets are the inputs
#!   again, so that the model learns to repeat what it has read. Move both ends on by one.
#! mistake 11: torch.roll(inputs, -1, dims=1) -> Here the last target of a window is its own first id. It must
#!   be the next id of the text.
#! alternative 1: sorted(list(dict.fromkeys(text)))
#! alternative 2: dict(zip(self.characters, range(self.vocab_size)))
#! alternative 3: list(map(self.id_of.__getitem__, text))
#! alternative 4: "".join([self.characters[number] for number in ids])
#! alternative 5: torch.LongTensor(self.encode(self.text))
#! alternative 6: len(ids) * 9 // 10
#! alternative 7: ids.tensor_split([boundary])
#! alternative 8: self.train_ids if split == "train" else self.validation_ids
#! alternative 8: getattr(self, f"{split}_ids")
#! alternative 9: torch.randint(low=0, high=len(ids) - length, size=(self.config.batch_size,))
#! alternative 9: torch.tensor([int(torch.randint(len(ids) - length, ())) for _ in
#!   range(self.config.batch_size)])
#! alternative 10: ids[starts[:, None] + torch.arange(length)]
#! alternative 11: ids[starts[:, None] + torch.arange(length) + 1]
#! alternative 11: torch.stack([ids[place + 1 :][:length] for place in starts])
#! probe: [(loader.characters, loader.vocab_size) for loader in [DataLoader("Let's hence", Config.small())]]
#! probe: DataLoader(text[:2000], Config()).encode("the people")
#! probe: DataLoader(text[:2000], Config()).encode("two, 2, §")
#! probe: DataLoader(text[:2000], Config()).decode([3, 1, 2, 3])
#! probe: DataLoader(text[:2000], Config()).decode(torch.tensor([9, 8, 9]))
#! probe: [part.tolist() for part in DataLoader("Let's hence, and hear:", Config()).split_data()]
#! probe: [part.tolist() for part in DataLoader("Coriolanus", Config()).split_data()]
#! probe: [str(part.dtype) for part in DataLoader("Let's hence, and hear:", Config()).split_data()]
#! probe: [tuple(part.shape) for part in DataLoader(text[:2000], Config()).get_batch()]
#! probe: [tuple(part.shape) for part in DataLoader(ladder, Config(batch_size=3,
#!   input_sequence_length=5)).get_batch("validation")]
#! probe: [str(part.dtype) for part in DataLoader(ladder, Config.small()).get_batch("train")]
#! probe: steps_seen(DataLoader(ladder, Config()))
#! probe: starts_seen(DataLoader(ladder, Config()), "train")
#! probe: starts_seen(DataLoader(ladder, Config(input_sequence_length=5)), "validation")
#! probe: len({str(torch.manual_seed(3) and DataLoader(ladder, Config()).get_batch()) for _ in range(3)})

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
