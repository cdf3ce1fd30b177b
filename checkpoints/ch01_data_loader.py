# %% [markdown]
# # 01 DataLoader
#
# Turn nine plays into batches of numbers that a model can learn from, with a class you write yourself.
#
# 90 minutes, ten sections. You'll need chapter 00, and Python's lists, dictionaries and comprehensions.
#
# This is plumbing, and plumbing is where models quietly go wrong. Shift a target the wrong way and nothing complains.
# The model learns the wrong thing, very fast.

# %%
#| export
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
#! redraw: text = new.until(lambda: "".join(sign * new.whole(1, 99) for sign in
#!   new.random.sample("#%()*+/0123456789<=>[]", new.whole(6, 12))) + "\n" + text[new.whole(0, 900_000) :][:200_000],
#!   lambda drawn: len({count for _, count in Counter(drawn).most_common()[-6:]}) == 6)

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
#! redraw: sentence = new.sentence()
#! redraw: text = (lambda place: text[:place] + sentence + text[place:])(new.until(lambda: new.whole(185_000, 199_000),
#!   lambda place: text[place] not in sentence))

# %%
letters = list(sentence)  # blank: a list with one string for each character
codes = [ord(letter) for letter in letters]  # blank: a list with the number of each of them
check("01.01")
#! hint: `list` walks through a string character by character; a list comprehension can call `ord` on each
#! mistake: sentence.split() -> `split` cuts at the spaces and gives you words. `list` cuts after every character.
#! mistake: [sentence] -> That's a list with one string in it, the whole sentence. `list` takes it apart.
#! mistake 2: [letters.index(letter) for letter in letters] -> Those are places in your list. `ord` gives you Python's
#!   own number for the character.
#! mistake 2: [ord(letters)] -> `ord` takes one character at a time. Walk through the list, and call it on each.
#! mistake 2: [ord(letter) - ord("a") for letter in letters] -> That counts from "a". Take the numbers as `ord` gives
#!   them.
#! mistake 2: [ord(letter) for letter in set(letters)] -> A set has each character once, in no particular order. Walk
#!   through the list itself.
#! mistake 2: ord(letters[0]) -> That's the number of the first character alone. You want a list with the numbers of all
#!   of them.
#! alternative: [*sentence]
#! alternative: [letter for letter in sentence]
#! alternative 2: list(map(ord, sentence))
#! alternative 2: [ord(letter) for letter in sentence]
#! equivalent: another name: letters => sentence -> the sentence has the same characters in the same order

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
different = set(sentence)  # blank: each character once
ordered = sorted(different)  # blank: the same characters as a sorted list, in the same order every day
size = len(ordered)  # blank: how many there are
check("01.02")
#! hint: three of Python's built-in functions, one on each line; the second and the third each take what the line above
#!   made
#! mistake: list(sentence) -> A list keeps everything, so a character that occurs twice is in it twice. A set keeps one
#!   of each.
#! mistake: {sentence} -> Curly braces make a set with one member, the whole sentence. `set(sentence)` takes its
#!   characters.
#! mistake 2: list(different) -> A list, but in whatever order the set has today. `sorted` gives you the same order
#!   every day.
#! mistake 2: sorted(different, reverse=True) -> Sorted, but from the end of the alphabet to its beginning. Without
#!   `reverse`, `sorted` starts at the front.
#! mistake 2: list(dict.fromkeys(sentence)) -> That's the order in which they turn up in this sentence. In another
#!   sentence it would be different. Sort them.
#! mistake 2: sorted(sentence) -> In order, but made from the sentence, which has `e` twice. Sort the set.
#! mistake: set(sentence.lower()) -> `lower()` turns the capitals into small letters first. "L" and "l" are two
#!   characters, each with its own number.
#! mistake: set(sentence.split()) -> That's a set of words. Leave the string whole, and the set takes its characters.
#! mistake 3: len(ordered) - 1 -> One too few: `len` counts all of them. It's only the last *place* that's one less.
#! mistake 3: len(sentence) -> That counts the repeats as well. Count the different ones.
#! alternative: {letter for letter in sentence}
#! alternative: set(letters)
#! alternative 2: sorted(list(different))
#! alternative 2: sorted(set(sentence))
#! alternative 3: len(different)
#! equivalent: another name: ordered => different -> the set has as many members as the list made of it

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
first_places = [text.index(character) for character in characters]  # blank: a list: where does each of these characters first turn up in the text?
needed = max(first_places) + 1  # blank: how many characters of the text must you read, from its beginning, to have met all of them?
check("01.03")
#! hint: look up each character of the vocabulary in the text; the one that turns up last decides. And mind that places
#!   start at 0
#! mistake: [text.rindex(character) for character in characters] -> `rindex` searches from the end, so those are the
#!   last places. You meet a character at its first.
#! mistake: [text.count(character) for character in characters] -> That's how often each of them occurs. The question is
#!   where each one occurs first.
#! mistake: [characters.index(character) for character in characters] -> Those are places in the vocabulary. Look for
#!   the characters in `text`.
#! mistake: [sentence.find(character) for character in characters] -> That looks in our eight-character sentence, and
#!   gives -1 for whatever isn't in it. Look in `text`.
#! mistake: text.index(characters) -> `index` looks for one string at a time. Walk through the vocabulary, and call it
#!   for each character.
#! mistake: [text.index(character) + 1 for character in characters] -> Places count from 0, as `index` gives them. Leave
#!   them as they are.
#! mistake: text.index(characters[-1]) -> That's one place, for the last character of the vocabulary. Make a list with a
#!   place for each.
#! mistake 2: max(first_places) -> One short. To read as far as place 5 you read six characters, because there's a place
#!   0.
#! mistake 2: max(first_places) + 2 -> One too many. To read as far as place 5 you read six characters.
#! mistake 2: min(first_places) + 1 -> By then you've met one character. It's the last newcomer that you have to wait
#!   for.
#! mistake 2: sum(first_places) -> You don't start again from page one for each character. By the time you meet the last
#!   newcomer, you've met the others.
#! mistake 2: first_places[-1] + 1 -> That's how far you read for the last character of the vocabulary. Another one may
#!   keep you waiting longer.
#! mistake 2: len(first_places) -> That's how many different characters there are. How much of the text do you have to
#!   read to meet them?
#! mistake 2: len(text) -> By then you've met them all, and read the whole text. Could you have stopped earlier?
#! alternative: [text.find(character) for character in characters]
#! alternative: list(map(text.index, characters))
#! alternative: [len(text.split(character, 1)[0]) for character in characters]
#! alternative 2: sorted(first_places)[-1] + 1
#! alternative 2: len(text[: max(first_places) + 1])
#! alternative 2: max(place + 1 for place in first_places)

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
rarest = counts.most_common()[-5:]  # blank: the last five pairs of the full list that `most_common()` gives
top_count = sum(count for _, count in counts.most_common(10))
top_share = top_count / len(text)  # blank: what share of the text is that, as a number between 0 and 1?
check("01.04")
#! hint: with nothing in its brackets `most_common()` lists them all, and a list can be sliced from its end; a share is
#!   a part divided by the whole
#! mistake: counts.most_common(5) -> Those are the five most frequent. The rarest are at the other end of the full list.
#! mistake: list(counts.items())[-5:] -> Those are the five latecomers of the text: a Counter keeps things in the order
#!   in which it met them. `most_common` sorts them by count.
#! mistake: counts.most_common()[-5] -> That's one pair, the fifth from the end. Put a colon after the 5, and you get
#!   that one and all those after it.
#! mistake: counts.most_common()[:-6:-1] -> The right five, but back to front. Leave them in the order of the list.
#! mistake: counts.most_common()[-4:] -> Those are four. You need five.
#! mistake: sorted(counts)[-5:] -> That sorts the characters themselves, and takes the last five. How often they occur
#!   is lost.
#! mistake 2: top_count // len(text) -> `//` divides and rounds down, so every share below one becomes 0.
#! mistake 2: 100 * top_count / len(text) -> That's a percentage. Give the share, between 0 and 1.
#! mistake 2: len(text) / top_count -> Upside down: divide the part by the whole.
#! mistake 2: top_count / len(counts) -> `len(counts)` is how many different characters there are. The whole is the
#!   text.
#! mistake 2: 10 / vocab_size -> That's their share of the vocabulary. How much of the *text* are they?
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
id_of = {character: number for number, character in enumerate(characters)}  # blank: from each character to its place
e_id = id_of["e"]  # blank: the id of "e"
check("01.05")
#! hint: `enumerate(characters)` gives pairs (number, character), counting from 0; a dictionary comprehension can turn
#!   them round
#! mistake: {character: number for number, character in enumerate(characters, start=1)} -> This counts from 1, so no
#!   character gets the id 0. Places in a list start at 0.
#! mistake: {character: ord(character) for character in characters} -> Those are Python's own numbers, with gaps in
#!   between. Take the place in `characters`.
#! mistake: dict(enumerate(characters)) -> This goes from number to character, which the list can do already. Turn the
#!   pairs round.
#! mistake: {character: number for number, character in enumerate(sentence)} -> Those are places in our sentence. Every
#!   character of the vocabulary needs an id, so walk through `characters`.
#! mistake: {character: characters.index(character) + 1 for character in characters} -> This counts from 1, so no
#!   character gets the id 0. Places in a list start at 0.
#! mistake 2: sentence.index("e") -> That's a place in our sentence. The id is a place in the vocabulary.
#! mistake 2: id_of["E"] -> That's the capital E. To a model it's another character, with another id.
#! mistake 2: ord("e") -> That's Python's own number for "e". Look ours up in `id_of`.
#! alternative: dict(zip(characters, range(len(characters))))
#! alternative: {character: characters.index(character) for character in characters}
#! alternative: {characters[number]: number for number in range(vocab_size)}
#! alternative 2: characters.index("e")

# %%
print(e_id, {letter: id_of[letter] for letter in ordered})

# %% [markdown]
# `e` is 42, which explains a lot. Now for whole texts: write what the function returns, then use it.
#
# Guess before you run: which two of the eight ids of `Let's he` will be equal?

# %%
def encode(text: str) -> list[int]:
    """The id of each character of a text."""
    return [id_of[character] for character in text]  # blank: a list: the id of each character of `text`


sentence_ids = encode(sentence)  # blank: the ids of our sentence
check("01.06")
#! hint: walk through `text`, character by character, and look each one up in `id_of`
#! mistake: [id_of[character] for character in sentence] -> This encodes our sentence, whatever text it's given. Inside
#!   the function the text is called `text`.
#! mistake: [ord(character) for character in text] -> Those are Python's own numbers. Look the characters up in `id_of`.
#! mistake: {character: id_of[character] for character in text} -> A dictionary has each character once, so repeats are
#!   lost. A text needs a list.
#! mistake: [id_of[character] for character in sorted(set(text))] -> This encodes the different characters, sorted. A
#!   text has an order of its own, and repeats itself.
#! mistake: [id_of[character] for character in text if character in sentence] -> This leaves out whatever our sentence
#!   doesn't have. `encode` is for any text.
#! mistake: [id_of[text]] -> The dictionary knows only single characters. Walk through the text, and look each one up.
#! mistake: (id_of[character] for character in text) -> Round brackets make a generator, which can be read only once.
#!   Square ones make a list.
#! mistake 2: encode(sentence[0]) -> That's the first character alone. Give `encode` the whole sentence.
#! mistake 2: encode("sentence") -> In quotation marks that's a word of eight letters. Without them it's the name of our
#!   sentence.
#! mistake 2: [encode(character) for character in sentence] -> Each call gives a list, so this is a list of lists.
#!   `encode` takes the whole sentence at once.
#! alternative: list(map(id_of.get, text))
#! alternative: [characters.index(character) for character in text]
#! alternative 2: [id_of[letter] for letter in letters]
#! probe: encode("The tides") -> the ids of "The tides"
#! probe: encode("") -> the ids of an empty text

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
    return "".join(characters[number] for number in ids)  # blank: the characters of `ids`, glued into one string


check("01.07")
#! hint: `characters[42]` is "e"; fetch one for every id, and put `"".join(...)` around them all
#! mistake: "".join(chr(number) for number in ids) -> `chr` goes back from Python's own numbers. Ours are places in
#!   `characters`.
#! mistake: "".join(str(number) for number in ids) -> That glues the numbers together, as digits. Fetch the character
#!   that each one stands for.
#! mistake: "".join(id_of[number] for number in ids) -> `id_of` goes from character to id. For the way back, ask the
#!   list `characters`.
#! mistake: "".join(characters[number] for number in sentence_ids) -> That's our sentence, whatever ids the function is
#!   given. Inside it they're called `ids`.
#! mistake: "".join(sorted(characters[number] for number in ids)) -> Sorted, the text loses its order. Leave the
#!   characters where they are.
#! mistake: " ".join(characters[number] for number in ids) -> This puts a space between every two characters. What's in
#!   front of `.join` is the glue, and ours is the empty string.
#! mistake: [characters[number] for number in ids] -> The right characters, as a list. A text is one string, so join
#!   them.
#! mistake: characters[ids] -> A list takes one place at a time. Walk through `ids`, and fetch the character for each.
#! alternative: "".join([characters[number] for number in ids])
#! alternative: "".join(map(characters.__getitem__, ids))
#! probe: decode(encode("The tides")) -> the text made from the ids of "The tides"
#! probe: decode([]) -> the text made from no ids

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
there_and_back = decode(encode(sentence))  # blank: our sentence, encoded and decoded again
misread = decode([number + 1 for number in sentence_ids])  # blank: what you read when each id is one higher
check("01.08")
#! hint: the first is one function inside the other; for the second, make a list of the higher ids and decode it
#! mistake: encode(sentence) -> Those are ids, so you're halfway there. Turn them back into text.
#! mistake: encode(decode(sentence)) -> The inner function runs first, and here that's `decode`, which wants ids. Encode
#!   first.
#! mistake: decode(encode(sentence[:-1])) -> The last character gets left behind.
#! mistake 2: decode(sentence_ids) -> That's the sentence as we mean it. Your friend's ids are each one higher.
#! mistake 2: [number + 1 for number in sentence_ids] -> Those are the higher ids. Now read them: `decode`.
#! mistake 2: decode([number + number for number in sentence_ids]) -> This doubles each id. Make it one higher.
#! mistake 2: decode([number - 1 for number in sentence_ids]) -> This makes each id one lower. Theirs are higher.
#! mistake 2: decode(sentence_ids[1:]) -> This drops the first id and leaves the others as they are. Change the numbers,
#!   not their places.
#! alternative: decode(sentence_ids)
#! alternative: "".join(letters)
#! alternative 2: decode(number + 1 for number in sentence_ids)
#! alternative 2: "".join(characters[id_of[letter] + 1] for letter in sentence)

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
#! redraw: question = new.until(lambda: "".join(new.random.sample("@^~|{}" * 2 + "To be, or not?", 26)),
#!   lambda drawn: min(drawn.index(sign) for sign in "^~|{}") < drawn.index("@"))

# %% [markdown]
# `KeyError: '2'` is true, and not much help at nine in the evening. We can do better: find out what's unknown before we
# look anything up.
#
# Sets can be subtracted: `{1, 2, 3} - {2}` is `{1, 3}`.

# %%
unknown = sorted(set(question) - set(characters))  # blank: a sorted list: which characters of the question have no id?
known = "".join(character for character in question if character in id_of)  # blank: the question without them, as one string
check("01.09")
#! hint: subtract the set of what we have from the set of what's asked for; and a comprehension may end with `if`
#! mistake: set(question) - set(characters) -> The right ones, as a set. Sort it, so that it always reads the same.
#! mistake: sorted(set(characters) - set(question)) -> The other way round: that's what the vocabulary has and the
#!   question doesn't.
#! mistake: [character for character in question if character not in characters] -> This names a character every time it
#!   occurs. A set names it once.
#! mistake: sorted(set(question) - set(sentence)) -> Those are the characters our sentence doesn't have. What has an id
#!   is in `characters`.
#! mistake: list(set(question) - set(characters)) -> The right ones, in whatever order the set has today. Sort them.
#! mistake: sorted(set(question) & set(characters)) -> `&` keeps what's in both: those are the ones that do have an id.
#! mistake 2: question.replace(unknown[0], "") -> This takes out the first unknown character only. Here there's just
#!   one; another question may have several.
#! mistake 2: "".join(sorted(set(question) & set(characters))) -> A set loses order and repeats. Go through the question
#!   itself, character by character.
#! mistake 2: "".join(character for character in question if character not in id_of) -> Those are the ones without an
#!   id, since `not in` keeps what the dictionary doesn't have.
#! mistake 2: [character for character in question if character in id_of] -> The right characters, as a list. Join them
#!   into one string.
#! mistake 2: "".join(unknown) -> Those are the ones without an id. You want the others.
#! alternative: sorted({character for character in question if character not in id_of})
#! alternative: sorted(set(question).difference(characters))
#! alternative 2: "".join([character for character in question if character not in unknown])
#! equivalent: another name: characters => id_of -> a set made of a dictionary has its keys, the same characters
#! equivalent: another name: id_of => characters -> the list has the characters that the dictionary has

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
sentence_tensor = torch.tensor(sentence_ids, dtype=torch.long)  # blank: our ids, as a tensor of whole numbers
last_two = decode(sentence_tensor[-2:])  # blank: the last two ids of that tensor, decoded
check("01.10")
#! hint: `torch.tensor(a_list, dtype=...)`; and a tensor is sliced like a list, where `[-2:]` starts two from the end
#! mistake: torch.Tensor(sentence_ids) -> With a capital T the ids become floats, and a float can't pick a row. Use
#!   `torch.tensor`.
#! mistake: torch.tensor([sentence_ids]) -> One pair of square brackets too many: that makes a table with one row.
#!   `sentence_ids` is a list already.
#! mistake: torch.tensor(sentence_ids, dtype=torch.float) -> Those are floats, and no table has a row 42.0.
#! mistake: torch.tensor(sentence) -> A tensor holds numbers. Our ids are in `sentence_ids`.
#! mistake: torch.tensor(sentence_ids, dtype=torch.int32) -> Whole numbers, but half as wide as those of `torch.long`.
#!   PyTorch's loss function will ask for `torch.long`.
#! mistake 2: sentence_tensor[-2:] -> The right two ids. Now read them: `decode`.
#! mistake 2: decode(sentence_tensor[-2]) -> Without a colon that's a single id, the last but one. With a colon after
#!   the 2, the slice goes on to the end.
#! mistake 2: decode(sentence_tensor[-1:]) -> That's the last one alone. Start two from the end.
#! mistake 2: decode(sentence_tensor[:-2]) -> That's all but the last two: this slice stops where it should start.
#! mistake 2: decode(sentence_tensor[6:]) -> Place 6 is two from the end of these eight ids. Count from the end, and it
#!   works for any length.
#! mistake 2: decode(sentence_tensor[:2]) -> Those are the first two. With a minus, a slice counts from the end.
#! alternative: torch.tensor(sentence_ids)
#! alternative: torch.LongTensor(sentence_ids)
#! alternative 2: decode(sentence_ids[-2:])
#! alternative 2: decode(sentence_tensor[len(sentence_tensor) - 2 :])
#! probe: str(sentence_tensor.dtype) -> the type of the tensor's numbers
#! equivalent: an argument less: torch.tensor(sentence_ids, dtype=torch.long) => torch.tensor(sentence_ids) -> a list
#!   of Python's whole numbers becomes torch.long anyway
#! equivalent: another name: sentence_tensor => sentence_ids -> the list has the same ids, and decodes the same

# %%
print(sentence_tensor, sentence_tensor.shape, sentence_tensor.dtype)
print(repr(last_two))

# %% [markdown]
# `decode` took a tensor without complaint: you can index a list with a whole number from a tensor. That's handy, since
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
    boundary = int(0.9 * len(ids))  # blank: nine tenths of the length, rounded down to a whole number
    return ids[:boundary], ids[boundary:]  # blank [ids[:boundary]] [ids[boundary:]]: up to there, and from there on


check("01.11")
#! hint: `int` cuts off what comes after the decimal point; `row[:3]` stops before place 3, `row[3:]` starts with it
#! mistake: round(0.9 * len(ids)) -> `round` goes up when that's nearer: nine tenths of 14 is 12.6, and `round` makes it
#!   13. `int` always goes down.
#! mistake: int(0.1 * len(ids)) -> That's where the first tenth ends. The model would train on a tenth, and be tested on
#!   the rest.
#! mistake: 0.9 * len(ids) -> That's a float, and a slice needs a whole number. `int` cuts off what comes after the
#!   decimal point.
#! mistake: len(ids) - len(ids) // 10 -> Here the tenth is rounded down, so the nine tenths come out rounded up: nine
#!   tenths of 14 is 12.6, and this makes it 13.
#! mistake: len(ids) // 10 * 9 -> This rounds down first and multiplies afterwards: for 14 ids that gives 9. Multiply
#!   first.
#! mistake: int(0.9 * len(data)) -> Whatever it's given, this takes the length of `data`, all nine plays. Inside the
#!   function the row is called `ids`.
#! mistake: int(0.9 * len(ids)) + 1 -> The first part is one id too long. Nine tenths are rounded down, and a slice
#!   stops just before its end.
#! mistake: int(0.9 * len(ids)) - 1 -> The first part is one id too short. A slice already stops just before its end, so
#!   there's nothing to take off.
#! mistake 2: ids[boundary:] -> That's the rest. The first nine tenths come first.
#! mistake 3: ids[:boundary] -> That's the first part once more. The second starts where it stops.
#! mistake 3: ids[-boundary:] -> That counts the nine tenths from the end. The rest *starts* at the boundary.
#! mistake 2: ids -> That's the whole text: the model would train on what it's tested on.
#! mistake 2: ids[torch.randperm(len(ids))[:boundary]] -> This draws characters from all over the text. Neighbours are
#!   torn apart, and much of what you test on has been trained on.
#! mistake 3: ids[boundary + 1 :] -> Now the id at the boundary is in neither part. The second starts where the first
#!   stops.
#! alternative: len(ids) * 9 // 10
#! alternative 2: ids[torch.arange(boundary)]
#! alternative 3: ids[boundary - len(ids) :]
#! probe: len(split_ids(torch.arange(10))[0]) -> the length of the first part of 10 ids
#! probe: len(split_ids(torch.arange(14))[0]) -> the length of the first part of 14 ids
#! probe: len(split_ids(torch.arange(14))[1]) -> the length of the second part of 14 ids
#! probe: len(split_ids(torch.arange(79))[0]) -> the length of the first part of 79 ids
#! probe: split_ids(torch.tensor(new.wholes(27, 0, 99)))[0] -> the first part of 27 ids
#! probe: split_ids(torch.tensor(new.wholes(27, 0, 99)))[1] -> the second part of 27 ids
#! probe: len(split_ids(torch.arange(14))) -> the number of parts

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
inputs = data[start : start + length]  # blank: `length` ids of `data`, from `start` on
targets = data[start + 1 : start + length + 1]  # blank: the same number of ids, all of them one place further on
check("01.12")
#! hint: a slice has two numbers, the place where it starts and the place it stops before; for the targets both move on
#!   by one
#! mistake: data[start:length] -> The second number of a slice is a place, not a length. This one stops before it has
#!   started, so it's empty.
#! mistake: text[start : start + length] -> Those are characters. Their ids are in `data`.
#! mistake: data[:length] -> Those are the very first ids of the nine plays. Our sentence starts at `start`.
#! mistake: data[start : start + length + 1] -> One id too many. A slice stops before its end, so `start + length` is
#!   far enough.
#! mistake: data[start : start + 8] -> Eight is the length of `Let's he`. The window is as long as the sentence,
#!   whichever sentence that is: `length`.
#! mistake 2: inputs.roll(-1) -> `roll` brings the first id round to the end. The last target must be the next id of the
#!   text.
#! mistake 2: inputs + 1 -> That gives each id the next *number*, and so another character. The next id of the text is
#!   one *place* further on.
#! mistake 2: data[start - 1 : start + length - 1] -> That's one place back: it asks what came before.
#! mistake 2: data[start + 2 : start + length + 2] -> Two places on. You want the character right after.
#! mistake 2: data[start + 1 : start + length] -> One id short: the last character has no answer. Move both ends.
#! mistake 2: data[start : start + length] -> The same window again. To be right, the model only has to repeat what it's
#!   given.
#! mistake 2: data[start + length : start + 2 * length] -> That's the window after this one. A character's target is its
#!   neighbour, one place on.
#! alternative: data[start:][:length]
#! alternative: torch.tensor(encode(sentence))
#! alternative 2: data[start + 1 :][:length]
#! alternative 2: data[start : start + length + 1][1:]
#! typed: inputs
#! typed: targets

# %%
print("inputs ", inputs.tolist(), repr(decode(inputs)))
print("targets", targets.tolist(), repr(decode(targets)))

# %% [markdown]
# `Let's he` asks, `et's hen` answers. Guess: how many questions is that? One window, one question?
#
# At each place the model knows what it has read *so far*, and has to name the character that comes next. Write down all
# the questions and answers: for each place, what's been read by then, and what comes next.

# %%
contexts = [decode(inputs[: place + 1]) for place in range(length)]  # blank [inputs[: place + 1]]: what's been read so far, the id at `place` included
answers = [decode([targets[place]]) for place in range(length)]  # blank [targets[place]]: the id that comes next
check("01.13")
#! hint: at place 0 one character has been read, at place 1 two; an answer is at the same place in `targets`
#! mistake: inputs[:place] -> One too few: a slice stops before its end, so at place 0 nothing has been read.
#! mistake: inputs[: place + 2] -> One too many: this lets the model read the answer before it gives it.
#! mistake: inputs -> The whole window at every place: all the answers but the last could be looked up in it.
#! mistake: inputs[place] -> That's one id on its own. What's been read begins at the start of the window.
#! mistake: inputs[place:] -> That runs from `place` to the end of the window. What's been read runs from the start of
#!   the window to `place`.
#! mistake: data[: place + 1] -> That starts reading at the first line of the nine plays. The window is in `inputs`.
#! mistake: targets[: place + 1] -> Those are answers. What's been read is in `inputs`.
#! mistake 2: inputs[place + 1] -> At the last place there's no next input, but `targets` has the answer.
#! mistake 2: targets[place - 1] -> The answers are one place late, and the first question gets the last one. An answer
#!   has the same place as its question.
#! mistake 2: data[place + 1] -> That counts from the beginning of the nine plays. The window starts at `start`.
#! mistake 2: inputs[place] -> That's been read already. What comes next is in `targets`.
#! mistake 2: targets[0] -> That's the answer to the first question, every time. Each place has its own.
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
#! redraw: tiny = torch.tensor(new.wholes(new.whole(40, 45), 0, 99))
#! redraw: window = len(tiny) - new.whole(3, 5)

# %%
possible_starts = len(tiny) - window  # blank: how many starts leave room for an input and its target? Work it out from `tiny` and `window`
times_asked = [sum(start < place <= start + window for start in range(possible_starts)) for place in range(len(tiny))]  # blank [sum(start < place <= start + window for start in range(possible_starts))]: in how many of these windows is the id at `place` a target?
check("01.14")
#! hint: run a finger along the row: the last target ends with the last id, and its input starts one place before the
#!   target does. Then go through the starts: which places are the targets of a window that starts at 0, and of one that
#!   starts at 1? `sum` counts how often a condition is true
#! mistake: len(tiny) - window + 1 -> That many inputs fit, but the target of the last one is cut off at the end of the
#!   text.
#! mistake: len(tiny) - window - 1 -> Too careful by one: the last id would never be a target.
#! mistake: len(tiny) -> A window that starts at the last place has nowhere to go. Leave room for it.
#! mistake: len(tiny) // window -> That many windows fit side by side. But they may overlap: a window can start at any
#!   place.
#! mistake: len(tiny) - 1 -> That leaves room for a window of one. A window has `window` ids.
#! mistake: window - 1 -> That depends on the window alone. A longer text has more starts.
#! mistake 2: window -> Fewer windows reach the places near the two ends. Count the windows for each place.
#! mistake 2: min(place, window) -> Near the beginning fewer windows reach a place, and this allows for it. The same is
#!   true near the end.
#! mistake 2: min(place, len(tiny) - place) -> This keeps growing towards the middle. But a window has only `window`
#!   targets, so no place can be a target more often than that.
#! mistake 2: sum(start <= place < start + window for start in range(possible_starts)) -> That counts the windows that
#!   have `place` in their input. Targets are one place further on.
#! mistake 2: sum(start <= place <= start + window for start in range(possible_starts)) -> This counts a window's first
#!   id as a target too. Nothing comes before it in the window, so nobody is asked for it.
#! mistake 2: sum(start < place < start + window for start in range(possible_starts)) -> One target short: a window's
#!   last target is at `start + window`.
#! mistake 2: sum(start < place for start in range(possible_starts)) -> Those are all the windows that start before
#!   `place`. Some of them stop before it, too.
#! mistake 2: sum(start < place <= start + window for start in range(len(tiny))) -> Some of these windows run off the
#!   end. Only `possible_starts` of them fit.
#! mistake 2: possible_starts -> That's how many windows there are. Which of them have the id at `place` among their
#!   targets?
#! alternative: len(tiny[window:])
#! alternative 2: min(place, window, possible_starts, len(tiny) - place)
#! alternative 2: sum(place in range(start + 1, start + window + 1) for start in range(possible_starts))
#! alternative 2: len(range(max(0, place - window), min(place, possible_starts)))
#! alternative 2: sum(1 for start in range(possible_starts) if 1 <= place - start <= window)

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
    return torch.randint(len(ids) - length, (batch_size,))  # blank: `batch_size` random starts, drawn by PyTorch


check("01.15")
#! hint: `torch.randint(how_many_starts, (how_many_draws,))`; you found the number of starts in 01.14
#! mistake: torch.randint(len(ids), (batch_size,)) -> Some of these windows start so late that they run off the end.
#!   Leave room for a window and its target.
#! mistake: torch.randint(len(ids) - length + 1, (batch_size,)) -> One start too many: the input fits, but its target is
#!   cut off.
#! mistake: torch.randint(len(ids) - length - 1, (batch_size,)) -> One start too few: `randint` already stops before its
#!   upper end.
#! mistake: torch.randint(len(ids) - length, (length,)) -> As many starts as a window has places. There should be one
#!   for each window of the batch.
#! mistake: torch.randint(len(ids) - length, (4,)) -> Always four. The function is told how many to draw: `batch_size`.
#! mistake: torch.randint(len(train_ids) - length, (batch_size,)) -> Whatever it's given, this draws from the starts of
#!   `train_ids`. Inside the function the row is called `ids`.
#! mistake: torch.randint(1, len(ids) - length, (batch_size,)) -> The window at place 0 is never drawn, so nobody learns
#!   what follows the first character. The first start is 0.
#! mistake: torch.randint(len(ids) - length, (1,)).repeat(batch_size) -> One start, `batch_size` times: every window of
#!   the batch would be the same. Draw one for each.
#! mistake: torch.randint(len(ids) - length, (1,)) + torch.arange(batch_size) -> One random start, and the places right
#!   after it. Draw a start for each window.
#! mistake: torch.randint(batch_size, (len(ids) - length,)) -> The two numbers have changed places: first how far the
#!   draws may go, then how many there are.
#! mistake: torch.rand(batch_size) * (len(ids) - length) -> Those are floats, and a place is a whole number.
#!   `torch.randint` draws whole numbers.
#! mistake: torch.arange(batch_size) -> Nothing random here: every batch would be the beginning of the text.
#! alternative: torch.randint(low=0, high=len(ids) - length, size=(batch_size,))
#! alternative: torch.randperm(len(ids) - length)[:batch_size]
#! alternative: torch.tensor([int(torch.randint(len(ids) - length, ())) for _ in range(batch_size)])
#! probe: tuple(random_starts(torch.arange(50), 8, 3).shape) -> the shape of three starts
#! probe: str(random_starts(torch.arange(50), 8, 3).dtype) -> the type of the starts
#! probe: ["the first again" if one.equal(other) else "new" for one, other in [(random_starts(torch.arange(2_000), 8,
#!   5), random_starts(torch.arange(2_000), 8, 5))]][0] -> a second draw
#! probe: int(torch.cat([random_starts(torch.arange(30), 8, 5) for _ in range(400)]).min()) -> the smallest of 2,000
#!   starts in a row of 30 ids, for windows of 8,
#! probe: int(torch.cat([random_starts(torch.arange(30), 8, 5) for _ in range(400)]).max()) -> the largest of 2,000
#!   starts in a row of 30 ids, for windows of 8,
#! probe: len(torch.cat([random_starts(torch.arange(30), 8, 5) for _ in range(400)]).unique()) -> the number of
#!   different starts in a row of 30 ids, for windows of 8,
#! probe: [int(torch.cat([random_starts(torch.arange(size), window, 50) for _ in range(200)]).max()) for size, window in
#!   [(new.whole(40, 60), new.whole(3, 9))]][0] -> the largest of many starts in another row
#! probe: "mixed" if len(random_starts(torch.arange(2_000), 8, 50).unique()) > 30 else "all alike" -> a draw of 50
#!   starts in a row of 2,000 ids
#! probe: "random" if len(random_starts(torch.arange(2_000), 8, 50).sort().values.diff().unique()) > 5 else "regular" ->
#!   the distance between neighbours among 50 starts
#! probe: ["the same" if one.equal(other) else "different" for one, other in [[(torch.manual_seed(3),
#!   random_starts(torch.arange(2_000), 8, 5))[1] for _ in range(2)]]][0] -> a draw after the same
#!   `torch.manual_seed` as another

# %%
torch.manual_seed(1337)  # the same dice for everybody, every time this cell runs
starts = random_starts(train_ids, length, batch_size=4)
for place in starts:
    print(f"{place:>9,} {decode(train_ids[place : place + length])!r}")
#! redraw: starts = random_starts(train_ids, length, batch_size=new.pick(5, 6, 7))

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
strips = torch.stack([train_ids[place : place + length + 1] for place in starts])  # blank: for each start, the strip that covers a window and its target; all strips stacked
batch_inputs = strips[:, :-1]  # blank: the window from each strip
batch_targets = strips[:, 1:]  # blank: the target from each strip
check("01.16")
#! hint: a window and its target share all but one of their ids; cut with `for place in starts`, and give the list to
#!   `torch.stack`. The colon before the comma keeps every row; after the comma you say which columns
#! mistake: torch.cat([train_ids[place : place + length + 1] for place in starts]) -> `cat` lays the strips end to end,
#!   in one long row. `stack` puts them on top of each other.
#! mistake: torch.stack([train_ids[place : place + length + 1] for place in starts], dim=1) -> Here the strips are
#!   columns, (sequence, batch). The batch comes first.
#! mistake: [train_ids[place : place + length + 1] for place in starts] -> A list of tensors. `torch.stack` turns it
#!   into one tensor.
#! mistake: torch.stack([train_ids[place : place + length] for place in starts]) -> That's the window without its last
#!   target. The strip is one id longer.
#! mistake: torch.stack([train_ids[place : place + 2 * length] for place in starts]) -> That's two windows side by side.
#!   A window and its target overlap, so they need less than that.
#! mistake: torch.stack([train_ids[place : place + 9] for place in starts]) -> Nine is right for windows of eight. A
#!   window has `length` ids.
#! mistake: torch.stack([data[place : place + length + 1] for place in range(len(starts))]) -> Those are the first
#!   strips of the text, and the places in `starts` aren't used.
#! mistake: torch.stack([train_ids[place] for place in starts]) -> That's one id for each start. Cut a strip there.
#! mistake: torch.stack([validation_ids[place : place + length + 1] for place in starts]) -> That's the text we keep
#!   back. The starts were drawn for `train_ids`.
#! mistake 2: strips -> Those are the whole strips, with the last target in them. Leave off the last column.
#! mistake 2: strips[:-1] -> That leaves off the last *row*, a whole strip. Columns come after a comma.
#! mistake 2: strips[:, :8] -> Eight columns are right for windows of eight. A window has `length` ids.
#! mistake 2: strips[:, 1:] -> That leaves off the first column, so those are the targets. The window starts where its
#!   strip does.
#! mistake 3: strips[:, :-1] -> Those are the inputs once more. The target starts one place later.
#! mistake 3: strips[1:] -> That leaves off the first *row*, a whole strip. Columns come after a comma.
#! mistake 3: batch_inputs + 1 -> That gives each id the next *number*. The next id of the text is one *place* further
#!   on.
#! mistake 3: torch.roll(batch_inputs, -1, dims=1) -> `roll` brings the first id of a window round to its end. The last
#!   target must be the next id of the text, and `strips` has it.
#! mistake 3: batch_inputs[:, 1:] -> One target too few in each row: the last one isn't in the inputs. `strips` has it.
#! alternative: train_ids[starts[:, None] + torch.arange(length + 1)]
#! alternative: torch.cat([train_ids[place : place + length + 1] for place in starts]).view(len(starts), length + 1)
#! alternative: train_ids.unfold(0, length + 1, 1)[starts]
#! alternative 2: strips[:, :length]
#! alternative 2: torch.stack([train_ids[place : place + length] for place in starts])
#! alternative 3: strips[:, -length:]
#! alternative 3: torch.stack([train_ids[place + 1 : place + length + 1] for place in starts])
#! alternative 3: torch.stack([strip[1:] for strip in strips])
#! typed: strips
#! typed: batch_inputs
#! typed: batch_targets

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
# will be 24 windows of 32, so 768 predictions each. After 1,317 batches the model will have made as many predictions as
# the training text has characters.
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
        """The ids of the first 90% of the loader's text, and those of the rest: two rows of int64."""
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
#! hint: you wrote the first seven in 01.02, 01.05, 01.06, 01.07, 01.10 and 01.11 (twice); then comes the choice, then
#!   01.15, then 01.16, where you may cut inputs and targets separately; what belongs to the loader gets `self.`
#! mistake 1: list(set(text)) -> Not sorted, so the ids can change every time Python starts. A saved model couldn't read
#!   its own text.
#! mistake 1: characters -> That's this notebook's list, made for the nine plays. A loader makes its own, from the text
#!   it's given.
#! mistake 1: sorted(set(text.lower())) -> `lower()` loses the capitals. They're characters in their own right.
#! mistake 1: sorted(text) -> This keeps every repeat. The vocabulary has each character once.
#! mistake 2: {character: number for number, character in enumerate(self.characters, start=1)} -> Here ids count from 1,
#!   so `decode` fetches the character after the right one.
#! mistake 2: dict(enumerate(self.characters)) -> This goes from number to character, which the list can do already.
#!   Turn the pairs round.
#! mistake 2: {character: ord(character) for character in self.characters} -> Those are Python's own numbers. Take the
#!   place in `self.characters`.
#! mistake 3: [self.id_of[character] for character in sorted(set(text))] -> This encodes the different characters,
#!   sorted. A text has an order of its own, and repeats itself.
#! mistake 3: [self.id_of[character] for character in self.text] -> This encodes the loader's own text, whatever it's
#!   given. Use the argument, `text`.
#! mistake 3: [id_of[character] for character in text] -> `id_of` is this notebook's dictionary, made for the nine
#!   plays. A loader for another text needs its own, `self.id_of`.
#! mistake 4: " ".join(self.characters[number] for number in ids) -> This puts a space between every two characters.
#!   Ours are glued with the empty string.
#! mistake 4: "".join(chr(number) for number in ids) -> `chr` goes back from Python's own numbers. Ours are places in
#!   `self.characters`.
#! mistake 4: [self.characters[number] for number in ids] -> A list of characters. A text is one string.
#! mistake 4: "".join(characters[number] for number in ids) -> `characters` is this notebook's list, made for the nine
#!   plays. A loader for another text needs its own, `self.characters`.
#! mistake 5: torch.tensor(encode(self.text), dtype=torch.long) -> That's this notebook's function, with the vocabulary
#!   of the nine plays. Use the loader's own, `self.encode`.
#! mistake 5: torch.Tensor(self.encode(self.text)) -> With a capital T the ids become floats, and a float can't pick a
#!   row of a table.
#! mistake 5: self.encode(self.text) -> A list of the right ids. The parts should be tensors.
#! mistake 5: torch.tensor(self.encode(self.text), dtype=torch.float) -> Those are floats, and no table has a row 42.0.
#! mistake 6: round(0.9 * len(ids)) -> `round` goes up when that's nearer. `int` always goes down.
#! mistake 6: len(ids) - len(ids) // 10 -> Here the tenth is rounded down, so the nine tenths come out rounded up.
#! mistake 6: int(0.9 * len(ids)) + 1 -> The training part is one id too long. Nine tenths are rounded down, and a slice
#!   stops just before its end.
#! mistake 6: 0.9 * len(ids) -> That's a float, and a slice needs a whole number. `int` cuts off what comes after the
#!   decimal point.
#! mistake 6: int(0.1 * len(ids)) -> Here the training part is only the first tenth.
#! mistake 7: (ids[boundary:], ids[:boundary]) -> The parts are swapped. The one for training comes first.
#! mistake 7: (ids[:boundary], ids[boundary + 1 :]) -> The id at the boundary is lost. The second part starts where the
#!   first stops.
#! mistake 8: self.validation_ids -> This always cuts from the part that's kept back, and nothing would be left to test
#!   on.
#! mistake 8: {"train": self.validation_ids, "validation": self.train_ids}[split] -> The parts are swapped: asked for
#!   training, this cuts from what's kept back.
#! mistake 8: self.split_data()[0] -> That's the training part, whatever `split` says.
#! mistake 8: self.train_ids -> Asked for validation, this still cuts from the training part, and every score would
#!   flatter the model.
#! mistake 9: torch.randint(len(ids) - length - 1, (self.config.batch_size,)) -> One start too few: `randint` already
#!   stops before its upper end.
#! mistake 9: torch.randint(len(ids), (self.config.batch_size,)) -> Some of these windows start so late that they run
#!   off the end. Leave room for a window and its target.
#! mistake 9: torch.randint(len(ids) - length, (24,)) -> Always 24 windows. The right number is in `self.config`.
#! mistake 9: torch.randint(len(ids) - length + 1, (self.config.batch_size,)) -> One start too many: the input fits, but
#!   its target is cut off.
#! mistake 9: torch.randint(len(self.train_ids) - length, (self.config.batch_size,)) -> Asked for validation, this draws
#!   starts for a part nine times as long. The part you were asked for is `ids`.
#! mistake 9: torch.randint(len(ids) - length, (1,)).repeat(self.config.batch_size) -> One start for the whole batch:
#!   all its windows would be the same.
#! mistake 9: torch.randint(len(ids) - length, (length,)) -> As many starts as a window has places. There should be one
#!   for each window: the batch size is in `self.config`.
#! mistake 9: torch.arange(self.config.batch_size) -> Nothing random here: every batch would be the beginning of the
#!   text.
#! mistake 10: torch.stack([self.train_ids[place : place + length] for place in starts]) -> Asked for validation, this
#!   still cuts from the training part. The part you were asked for is `ids`.
#! mistake 10: torch.stack([ids[place : place + length] for place in starts]).float() -> Those are floats, and no table
#!   has a row 42.0.
#! mistake 10: torch.stack([ids[place : place + length] for place in starts], dim=1) -> Here the windows are columns,
#!   (sequence, batch). The batch comes first.
#! mistake 11: torch.stack([ids[place : place + length] for place in starts]) -> The targets are the inputs again, so
#!   the model learns to repeat what it has read. Move both ends on by one.
#! mistake 11: inputs + 1 -> That gives each id the next *number*, and so another character. The next id of the text is
#!   one *place* further on.
#! mistake 11: torch.stack([ids[place + 1 : place + length] for place in starts]) -> One target too few in each row.
#!   Move both ends.
#! mistake 11: torch.stack([self.train_ids[place + 1 : place + length + 1] for place in starts]) -> Asked for
#!   validation, these targets still come from the training part. The part you were asked for is `ids`.
#! mistake 11: torch.roll(inputs, -1, dims=1) -> Here the last target of a window is the window's own first id. It must
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
#! probe: DataLoader("Let's hence, Lear", Config.small()).characters -> the vocabulary of "Let's hence, Lear"
#! probe: DataLoader("Let's hence, Lear", Config.small()).vocab_size -> the size of that vocabulary
#! probe: DataLoader(text[:2000], Config()).encode("the people") -> the ids of "the people"
#! probe: DataLoader("Let's hence, 7 Lears", Config.small()).encode("2 7s") -> `encode` with an unknown character
#! probe: DataLoader(text[:2000], Config()).decode([3, 1, 2, 3]) -> the text of a list of ids
#! probe: DataLoader(text[:2000], Config()).decode(torch.tensor([9, 8, 9])) -> the text of a tensor of ids
#! probe: len(DataLoader("Let's hence, and hear:", Config()).split_data()) -> the number of parts
#! probe: DataLoader("Let's hence, and hear:", Config()).split_data()[0] -> the training part of 22 characters
#! probe: DataLoader("Let's hence, and hear:", Config()).split_data()[1] -> the validation part of 22 characters
#! probe: len(DataLoader("Coriolanus hen", Config()).split_data()[0]) -> the length of the training part of 14
#!   characters
#! probe: len(DataLoader(text[:79], Config()).train_ids) -> the length of the training part of 79 characters
#! probe: str(DataLoader("Let's hence, and hear:", Config()).split_data()[0].dtype) -> the type of the training ids
#! probe: tuple(DataLoader(text[:2000], Config()).get_batch()[0].shape) -> the shape of the inputs
#! probe: tuple(DataLoader(text[:2000], Config()).get_batch()[1].shape) -> the shape of the targets
#! probe: tuple(DataLoader(ladder, Config(batch_size=3, input_sequence_length=5)).get_batch("validation")[0].shape) ->
#!   the shape of three windows of five
#! probe: tuple(DataLoader(ladder, Config(batch_size=3, input_sequence_length=5)).get_batch("validation")[1].shape) ->
#!   the shape of their targets
#! probe: str(DataLoader(ladder, Config.small()).get_batch("train")[0].dtype) -> the type of the inputs
#! probe: str(DataLoader(ladder, Config.small()).get_batch("train")[1].dtype) -> the type of the targets
#! probe: steps_seen(DataLoader(ladder, Config()))[0] -> the steps from place to place in a window of the ladder
#! probe: steps_seen(DataLoader(ladder, Config()))[1] -> the steps from input to target on the ladder
#! probe: "the next ids" if follows(DataLoader(text[:2000], Config()), "train") else "others" -> what the targets are in
#!   a batch of the plays
#! probe: ["the first again" if str(one.get_batch()) == str(one.get_batch()) else "new" for one in [DataLoader(ladder,
#!   Config())]][0] -> a second batch
#! probe: starts_seen(DataLoader(ladder, Config()), "train")[0] -> the first start for training on the ladder
#! probe: starts_seen(DataLoader(ladder, Config()), "train")[-1] -> the last start for training on the ladder
#! probe: len(starts_seen(DataLoader(ladder, Config()), "train")) -> the number of different starts for training on the
#!   ladder
#! probe: starts_seen(DataLoader(ladder, Config(input_sequence_length=5)), "validation")[0] -> the first start for
#!   validation on the ladder
#! probe: starts_seen(DataLoader(ladder, Config(input_sequence_length=5)), "validation")[-1] -> the last start for
#!   validation on the ladder
#! probe: "the next ids" if follows(DataLoader(text[:2000], Config()), "validation") else "others" -> what the targets
#!   are in a batch for validation
#! probe: "train" if DataLoader(ladder, Config()).get_batch()[1].max() < 90 else "validation" -> the part that batches
#!   come from when none is named
#! probe: "mixed" if len(DataLoader(text[:2000], Config(batch_size=60)).get_batch()[0].unique(dim=0)) > 40 else
#!   "all alike" -> a batch of 60 windows
#! probe: ["the same" if str(one) == str(other) else "different" for one, other in [[(torch.manual_seed(3),
#!   DataLoader(ladder, Config()).get_batch())[1] for _ in range(2)]]][0] -> a batch after
#!   the same `torch.manual_seed` as another
#! probe: DataLoader(ladder, Config(input_sequence_length=10)).get_batch("validation") -> a batch of windows as long as
#!   the part
#! probe: tuple(DataLoader(ladder, Config(input_sequence_length=9)).get_batch("validation")[1].shape) -> the shape of
#!   the targets when a part is one id longer than a window
#! probe: [(one.encode("hen"), one.decode([1, 2]), one.vocab_size) for one, other in [(DataLoader("Let's hence",
#!   Config()), DataLoader("the sea", Config.small()))]] -> what the first of two loaders knows
#! probe: [tuple(one.get_batch()[1].shape) for one, other in [(DataLoader(ladder, Config(batch_size=7)),
#!   DataLoader("the sea", Config.small()))]] -> the batch of the first of two loaders
#! equivalent: a call left out: sorted(set(text) - set(self.characters)) => set(text) - set(self.characters) -> the
#!   order in which a complaint names the characters
#! equivalent: another attribute: self.characters => self.id_of -> a set made of the dictionary has the same characters
#! equivalent: another attribute: self.characters => self.text -> a set made of the text has the same characters
#! equivalent: an argument less: ValueError(f'not in the vocabulary: {', '.join(map(repr, ... => ValueError() -> a
#!   complaint without its text; the line is given
#! equivalent: an argument less: torch.tensor(self.encode(self.text), dtype=torch.long) =>
#!   torch.tensor(self.encode(self.text)) -> a list of Python's whole numbers becomes torch.long anyway
#! equivalent: the gradient cut: ids = torch.tensor(self.encode(self.text), dtype=torch.long) => ids =
#!   torch.tensor(self.encode(self.text), dtype=torch.lo... -> ids are whole numbers, through which no gradient goes
#! equivalent: an argument less: ValueError(f'{split} has {len(ids)} characters, a window ... => ValueError() -> a
#!   complaint without its text; the line is given
#! equivalent: the gradient cut: ids = {'train': self.train_ids, 'validation': self.valida... => ids =
#!   {'train': self.train_ids, 'validation': self.valida... -> whole numbers have no gradient
#! equivalent: the gradient cut: starts = torch.randint(len(ids) - length, (self.config.ba... => starts =
#!   torch.randint(len(ids) - length, (self.config.ba... -> ids are whole numbers, through which no gradient goes
#! equivalent: the gradient cut: inputs = torch.stack([ids[place:place + length] for place... => inputs =
#!   torch.stack([ids[place:place + length] for place... -> ids are whole numbers, through which no gradient goes
#! equivalent: the gradient cut: targets = torch.stack([ids[place + 1:place + length + 1] ... => targets =
#!   torch.stack([ids[place + 1:place + length + 1] ... -> ids are whole numbers, through which no gradient goes

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
    return Counter(pairwise(ids)).most_common(1)[0][0]  # blank: the pair alone, without its count


def merge(ids: list[int], pair: tuple[int, int], new_id: int) -> list[int]:
    """The ids from left to right, with `new_id` wherever the two ids of `pair` came one after the other."""
    merged: list[int] = []
    for number in ids:
        if merged and (merged[-1], number) == pair:  # blank [merged and (merged[-1], number) == pair]: does `number` complete the pair?
            merged[-1] = new_id
        else:
            merged.append(number)
    return merged


shorter, spellings = encode(text[:20_000]), list(characters)
for _ in range(20):
    pair = best_pair(shorter)
    shorter = merge(shorter, pair, len(spellings))
    spellings.append(spellings[pair[0]] + spellings[pair[1]])  # blank [spellings[pair[0]] + spellings[pair[1]]]: how is the new piece written?
check("01.18")
#! challenge: 15 minutes
#! hint: a Counter counts pairs as happily as characters; when `number` arrives, its left neighbour is the last entry of
#!   `merged`, if there is one; a new piece is written as its two halves, one after the other
#! mistake: Counter(pairwise(ids)).most_common(1) -> That's a list with one entry in it, and the entry has a count, too.
#!   Take out the pair.
#! mistake: Counter(pairwise(ids)).most_common(1)[0] -> That's the pair together with its count. You want the pair
#!   alone.
#! mistake: Counter(zip(ids[::2], ids[1::2])).most_common(1)[0][0] -> This lays the ids out two by two, and misses every
#!   pair that starts at an odd place.
#! mistake: tuple(number for number, _ in Counter(ids).most_common(2)) -> Those are the two most frequent ids. They
#!   needn't be neighbours.
#! mistake: max(pairwise(ids)) -> That's the pair with the highest ids. Count how often each pair occurs.
#! mistake: Counter(pairwise(ids)).most_common()[-1][0] -> That's the rarest pair. The most frequent one is at the other
#!   end of the list.
#! mistake 2: (merged[-1], number) == pair -> When the first number arrives, `merged` is empty and has no last entry.
#!   Ask first whether there's anything in it.
#! mistake 2: merged and [merged[-1], number] == pair -> A list never equals a tuple, so this merges nothing. `pair` is
#!   a tuple.
#! mistake 2: merged and merged[-1] == pair[0] -> That looks at the first half of the pair only. The second half has to
#!   match as well.
#! mistake 2: merged and number == pair[1] -> That looks at the second half of the pair only. The first half has to
#!   match as well.
#! mistake 2: merged and (number, merged[-1]) == pair -> Back to front: the first half of the pair is in `merged`
#!   already, and `number` comes after it.
#! mistake 3: spellings[pair[1]] + spellings[pair[0]] -> The two halves have changed places.
#! mistake 3: characters[pair[0]] + characters[pair[1]] -> `characters` has the 64 you started with. A half may be a new
#!   piece itself, and the new pieces are in `spellings`.
#! mistake 3: spellings[pair[0]] -> That's the first half. The second one is missing.
#! alternative: max(Counter(pairwise(ids)).items(), key=lambda item: item[1])[0]
#! alternative: Counter(zip(ids, ids[1:])).most_common(1)[0][0]
#! alternative: Counter((ids[place], ids[place + 1]) for place in range(len(ids) - 1)).most_common(1)[0][0]
#! alternative 2: merged[-1:] == [pair[0]] and number == pair[1]
#! alternative 2: len(merged) > 0 and merged[-1] == pair[0] and number == pair[1]
#! alternative 3: "".join(spellings[half] for half in pair)
#! equivalent: an argument less: Counter(pairwise(ids)).most_common(1) => Counter(pairwise(ids)).most_common() -> the
#!   first of all pairs is the first of one
#! equivalent: plus one: 1 => 2 -> the same, where it's the number of pairs asked for
#! equivalent: minus one: 0 => -1 -> the last of one pair is the first
#! probe: best_pair([5, 1, 2, 5, 1, 3, 5, 1]) -> the best pair of 5, 1, 2, 5, 1, 3, 5, 1
#! probe: best_pair(new.random.choices(range(6), k=200)) -> the best pair of 200 random ids
#! probe: best_pair([4, 2, 3, 4, 2, 3]) -> the best pair of 4, 2, 3, 4, 2, 3, where two pairs are equally frequent
#! probe: merge([7, 7, 7, 2, 7], (7, 7), 9) -> 7, 7, 7, 2, 7 after merging (7, 7) into 9
#! probe: merge(new.random.choices(range(4), k=60), (2, 3), 4) -> 60 random ids after a merge
#! probe: merge([], (1, 2), 3) -> what's left of no ids at all after a merge

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
