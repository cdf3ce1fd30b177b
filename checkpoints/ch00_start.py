# %% [markdown]
# # 00 Start here
#
# Learn how the workshop works by working in it, look at the text, and build a first language model out of
# nothing but counting.
#
# 60 minutes. It needs nothing from other chapters. You can stop after any section and come back another
# evening.

# %% [markdown]
# ## What you will have at the end · 5 min
#
# A GPT of your own, in which you have filled in every part. It is small: about 0.2 million parameters, 32
# characters of memory. It reads what stands there and bets on the next character, over and over.
#
# Untrained, it is a machine that hits keys at random. After a minute or two of training on an ordinary
# laptop, without a graphics card, it babbles like a baby: names in capitals, a colon, lines of about the
# right length, words that are nearly words, all in Shakespeare's rhythm. It will not answer questions. It has
# the same parts, though, as the large ones that do.

# %% [markdown]
# The way there has thirteen chapters:
#
# | chapters | what you build | hours |
# | --- | --- | --- |
# | 00 to 01 | text becomes numbers, in batches | 2.5 |
# | 02 to 04 | numbers become vectors that know what and where | 2 |
# | 05 to 09 | attention, and the block around it | 7.5 |
# | 10 to 11 | the whole model: it bets, and it speaks | 2.5 |
# | 12 | training | 1.5 |
#
# That is 16 hours by the syllabus: 12 if you are quick, 18 if you stop to argue, which is encouraged.

# %% [markdown]
# What you bring: matrix products, mean and variance, residual connections, word2vec, and a digit classifier
# that you once trained in PyTorch. If one of them has gone rusty, come anyway; things are met first on
# numbers small enough to check by hand.
#
# Every chapter fetches the finished classes of the chapters before it. So one bad evening in chapter 06 does
# not lock the door to chapter 07.

# %% [markdown]
# ## The first blank · 10 min
#
# Below is a code cell. Click into it and press Shift+Enter: it runs. The first time takes a few seconds,
# because PyTorch is large and wakes slowly.

# %%
import random
from collections import Counter

import torch

from workshop import ____, check, corpus, draw, hint, solution

# %% [markdown]
# Here is a scrap of Shakespeare, cut off in the middle of a word. It will travel with you through all
# thirteen chapters, and by the end you will know it better than he did.

# %%
sentence = "Let's he"
print(sentence)
#! redraw: sentence = new.until(new.sentence, lambda drawn: drawn[-1] not in drawn[:-1])

# %% [markdown]
# The next cell has a hole in it. `____`, four underscores, is a **blank**: you write Python in its place, run
# the cell, and `check` gives one of four verdicts. Meet all four, three of them on purpose:
#
# 1. Run the cell as it stands. Verdict: **blank**. Nothing is wrong, nothing is there.
# 2. Write `7` in place of `____` and run it again. Verdict: **failed**, and a reason. Read the reason.
# 3. Write `len(8)`. Verdict: **error**. Python stopped at the line; the verdict repeats its complaint.
# 4. Write what counts the characters of `sentence`, whatever `sentence` is. Verdict: **passed**.

# %%
characters = len(sentence)  # blank: how many characters has the sentence?
check("00.01")
#! hint: the function in step 3 was the right one; it was given the wrong thing to measure
#! mistake: len(sentence) - 1 -> That leaves one out. The space is a character, and so is the apostrophe: a
#!   model that writes text has to write those too.
#! mistake: len(sentence.replace(" ", "")) -> That takes the spaces out before it counts. A space is a
#!   character too: a model that writes text has to write it.
#! mistake: len(sentence) + 1 -> That counts one too many. `len` starts at 1, as you do on your fingers; only
#!   places start at 0.
#! mistake: len(set(sentence)) -> A set keeps one of each, so the second "e" is lost. Here every character
#!   counts, as often as it occurs.
#! mistake: len(sentence.split()) -> That counts words, because `split()` cuts at the space. Here every single
#!   character counts, the space as well.
#! mistake: sum(character.isalpha() for character in sentence) -> That counts the letters only. The space and
#!   the apostrophe are characters too.
#! mistake: sentence -> That is the sentence itself. What is asked for is a number: how many characters it
#!   has.
#! alternative: sum(1 for character in sentence)
#! alternative: len(list(sentence))

# %% [markdown]
# One more experiment: write `8`. It is the true number, you can count it on your fingers, and still it fails.
#
# `check` does not compare your text with ours. It runs your cell and the finished cell from the same start
# and compares what comes out; then it does so again *with another sentence*. What computes the answer passes,
# however it is written; what has the answer typed in does not. Put your good answer back before you go on.
#
# Two comforts. Each cell is judged alone, so what you broke elsewhere does not count. And a verdict is no
# grade: run `check` as often as you like.

# %% [markdown]
# Square brackets pick a character by its place. Places count from 0; negative ones count from the end. The
# next cell has two blanks, and passes when both are right.

# %%
first = sentence[0]  # blank: the first character
last = sentence[-1]  # blank: the last one, however long the sentence is
check("00.02")
#! hint: sentence[place] is one character; the first place is 0, and -1 is the last place of any sequence
#! mistake: sentence[1] -> Place 1 holds the second character. Python counts from 0, as a lift in London does.
#! mistake: sentence.split()[0] -> That is the first word. `split()` cuts the sentence into words; without it,
#!   a place is a character.
#! mistake 2: sentence[len(sentence)] -> That reaches past the end: the places go from 0 to
#!   `len(sentence) - 1`. Counting from the end is shorter.
#! mistake 2: sentence[-2] -> That is the last but one. From the end Python counts -1, -2, -3; there is no -0.
#! mistake 2: sentence[-0] -> `-0` is 0, so that is the first character again. The last place is -1.
#! mistake 2: sentence[7] -> That is the last place of `Let's he`, and of no longer sentence. Places can be
#!   counted from the end as well.
#! alternative: sentence[:1]
#! alternative 2: sentence[len(sentence) - 1]
#! alternative 2: sentence[-1:]

# %% [markdown]
# Done? These lines are your checklist. How to tick them comes in a minute.
#
# - [ ] 00.01 Count the characters, and meet the four verdicts
# - [ ] 00.02 Take the first character and the last

# %% [markdown]
# ## Hints · 5 min
#
# It is late, and an exercise will not budge. Help climbs three rungs, and you choose how high to go:
#
# 1. a hint in words
# 2. the shape of the answer, with its names hidden
# 3. the answer
#
# Try it on the next cell. Run the `hint` below it once, think, run it again, and stop climbing as soon as you
# know. Nobody keeps a score.

# %%
different = len(set(sentence))  # blank: how many different characters? A repeated one counts once
check("00.03")
#! hint: Python has a kind of collection that keeps one of each; make one of the sentence, then measure that
#! mistake: set(sentence) -> Those are the different characters themselves, one of each. How many are they?
#! mistake: len(sentence) -> That counts the repeated ones again. "e" stands in "Let's he" twice, and is one
#!   character.
#! mistake: len(sentence) - 1 -> That takes one away for the second "e". Another sentence repeats more
#!   characters, or none. Have Python find out which ones are different.
#! mistake: len(set(sentence.lower())) -> `lower()` makes small letters of the capitals first. To a model "L"
#!   and "l" are two characters.
#! mistake: len(set(sentence.split())) -> That counts different words. Leave the sentence whole, and the set
#!   takes its characters.
#! mistake: sentence.count("e") -> That counts how often one character occurs. Here all characters are asked
#!   for, each of them once.
#! alternative: len(Counter(sentence))
#! alternative: len({character for character in sentence})
#! alternative: len(dict.fromkeys(sentence))

# %%
hint("00.03")

# %% [markdown]
# To go to the top at once, write `solution("00.03")` in a cell and run it. No shame in it: read the answer,
# delete it, and write it again from your head. The writing is where the learning sits.
#
# - [ ] 00.03 Count the different characters, with as many hints as you liked

# %% [markdown]
# ## Ticks, files and commits · 10 min
#
# A checklist line is plain text with an empty box, `[ ]`. To tick it, put an `x` between the brackets, so
# that it begins with `- [x] 00.01`.
#
# In a notebook, double-click the text cell, write the `x`, and press Shift+Enter. Clicking on the box does
# nothing. Go back now and tick what you have passed. Lines such as `00.r1` below belong to no cell; there
# your word is enough.

# %% [markdown]
# Every chapter is a pair of files with the same content:
#
# | file | what it is |
# | --- | --- |
# | `workshop/en/ch00_start.ipynb` | the notebook, good for reading and running |
# | `workshop/en/ch00_start.py` | the same cells as plain Python, good for git and for an editor |
# | `checkpoints/ch00_start.py` | the finished chapter, every answer in it |
#
# Use either of the first two (in the `.py`, VS Code writes *Run Cell* above each `# %%`). They are kept the
# same for you: what you fill or tick in one of them arrives in the other when you commit. The third one is
# for the days on which you want to see how it ends.

# %% [markdown]
# Now keep your work. Save the file, open a terminal in the folder of the workshop, and write
#
# ```
# git add -A && git commit -m "Chapter 00, first half"
# ```
#
# A small program runs before the commit is made. It strips the output out of the notebook, so that git sees
# your answers and not your pictures, and brings the two files of the pair together. If it says that it
# changed something and stops, run the same line once more.

# %% [markdown]
# Two more commands for the same terminal. The first judges the whole chapter at once, with the same judge as
# `check`; the second empties one exercise to start it over, and keeps a copy of what you had. Both read the
# file and not the screen, so save first.
#
# ```
# python scripts/check.py 00
# python scripts/reset_to_todo.py 00.02
# ```
#
# Try both, and fill 00.02 again. The second time takes ten seconds, which is rather the point.
#
# - [ ] 00.r1 I have ticked a line, saved and made a commit
# - [ ] 00.r2 I have started one exercise over, and filled it again

# %% [markdown]
# ## The text · 10 min
#
# Enough housekeeping. This is what your model will read: dialogue from nine plays by Shakespeare, about
# 200,000 words.

# %%
text = corpus.shakespeare()
print(f"{len(text):,} characters\n")
print(text[:200])
#! redraw: text = "O\n" * new.whole(3, 9) + "\n" + text[text.index("\n\n", new.whole(0, 600_000)) + 2 :]

# %% [markdown]
# A speaker and a colon, then what is said, then an empty line. It starts with a riot in Coriolanus, and stops
# after 40,000 lines, in the middle of a joke in The Tempest.
#
# To a computer all of this is one string, 1,123,763 characters long. There are no lines in it, only a special
# character, written `"\n"`, at every place where a line ends. An empty line is two of them in a row, and
# every speech ends with one. `text.count("love")` tells how often something occurs.

# %%
lines = text.count("\n")  # blank: every line ends with one line end
speeches = text.count("\n\n")  # blank: and every speech with two in a row
check("00.04")
#! hint: count what stands at the end of a line; then count what stands at the end of a speech
#! mistake: text.count("\n") + 1 -> One too many: nothing stands after the last line end, so there is no line
#!   to add for it.
#! mistake: text.count("/n") -> That is a slash and the letter n, which the plays do not have. The line end is
#!   written with a backslash, `"\n"`.
#! mistake: text.splitlines() -> Those are the lines themselves, in a list. How many are they?
#! mistake: text.count("\n\n") -> Those are the empty lines alone. A line ends with a single `"\n"`.
#! mistake: text.count("n") -> That counts the letter n. The line end is written with a backslash, `"\n"`.
#! mistake: len(text.split()) -> That counts words. `split()` without an argument cuts at spaces as well as at
#!   line ends.
#! mistake: len(text.split("\n")) -> One too many. The last line ends with a cut as well, and behind that cut
#!   `split` still hands you an empty string.
#! mistake 2: text.count("\n") -> Those are all the line ends once more. A speech ends where two of them stand
#!   in a row.
#! mistake 2: len(text.split("\n\n")) -> One too many. The last speech ends with a cut as well, and behind
#!   that cut `split` still hands you an empty string.
#! mistake 2: text.count("\n\n") + 1 -> One too many: the last speech ends with two line ends as well, and
#!   none begins after them.
#! mistake 2: text.count(":\n") -> That counts the names on a line of their own. A few colons at the end of a
#!   line are no name's. Count where a speech ends.
#! mistake 2: lines // 2 -> Not every second line is empty: a speech has as many lines as it needs. Count the
#!   places where two line ends stand in a row.
#! mistake 2: text.count(":") -> People use colons in the middle of a speech: for reasons, for lists, for
#!   drama. The empty line is the safer sign.
#! alternative: len(text.splitlines())
#! alternative 2: len(text.split("\n\n")) - 1
#! alternative 2: text.splitlines().count("")

# %%
print(f"{lines:,} lines, {speeches:,} speeches")

# %% [markdown]
# Which character is the most frequent of all? Guess before you run the next cells. Cryptographers would say
# "e".
#
# A `Counter` counts whatever it is given: `Counter("hehe")` is `{'h': 2, 'e': 2}`. Its method
# `most_common(2)` lists the two most frequent things, each with its count.

# %%
counts = Counter(text)  # blank: how often does each character occur?
common = counts.most_common(12)  # blank: the twelve most frequent, with their counts
check("00.05")
#! hint: give the Counter the text, character by character as it is; then ask it for the twelve most common
#! mistake: Counter(text.split()) -> That counts words, which would be another model. A string by itself is
#!   already a row of characters.
#! mistake: Counter(set(text)) -> A set keeps one of each, so every character is counted once and all are
#!   equal. Count the text itself.
#! mistake: len(text) -> That is one number, of all characters together. A `Counter` of the text has one for
#!   each of them.
#! mistake 2: counts.most_common(10) -> Those are ten. Twelve are asked for.
#! mistake 2: counts.most_common()[-12:] -> Those are the twelve rarest: the list begins with the most frequent.
#! mistake 2: [character for character, count in counts.most_common(12)] -> The right twelve, but without
#!   their counts. `most_common` gives pairs; keep them.
#! mistake 2: counts.most_common() -> Without a number that lists all of them. Say how many you want.
#! mistake 2: sorted(counts)[:12] -> That sorts by the alphabet (capitals and signs first), and the counts are
#!   lost.
#! alternative: Counter(list(text))
#! alternative: Counter(character for character in text)
#! alternative 2: counts.most_common()[:12]
#! alternative 2: sorted(counts.items(), key=lambda pair: pair[1], reverse=True)[:12]

# %%
print(f"{len(counts)} different characters")
draw.bars(
    [character for character, _ in common],
    [count for _, count in common],
    title="The twelve most frequent characters",
    alt="Twelve bars. The space is far ahead with 171,407; e has 95,480. Then a slow descent: t 67,607, "
    "o 66,431, a 56,075, h 51,841, s 50,088, r 49,393, n 48,948, i 45,954, line end 40,000, l 33,682.",
)

# %% [markdown]
# The space wins (it is drawn as `␣`, the line end as `⏎`), with 171,407: about 15 of every 100 characters
# that your model will write should be nothing at all.
#
# There are 64 different characters: 52 letters, the space, the line end, and ten signs. No digit occurs, and
# the dollar sign once. These 64 are all that your model will ever be able to say.
#
# - [ ] 00.04 Count the lines and the speeches
# - [ ] 00.05 Find the most frequent characters

# %% [markdown]
# ## Tensors · 10 min
#
# You have met tensors with your digits. A short warm-up, on a question about English: which vowel comes after
# a "t", after an "h", after a "q"? Each row of the table is what stands now, each column what comes next.

# %%
now, later = "thq", "aeiou"
table = torch.tensor([[text.count(a + b) for b in later] for a in now])
print(table)
draw.heat(
    table,
    rows=list(now),
    columns=list(later),
    title="Which vowel comes next?",
    alt="Three rows and five columns of counts. After t: a 1,981, e 4,471, i 2,995, o 5,911, u 776. After h: "
    "a 9,781, e 18,377, i 7,055, o 5,256, u 601; he is the largest. After q: nothing but u, with 621.",
)
#! redraw: now, later = now * new.whole(2, 4), later[new.whole(0, 1) :] + "yrl"
#! redraw: table = torch.tensor([[text.count(a + b) for b in later] for a in "thq"]).repeat(len(now) // 3, 1)

# %% [markdown]
# Two questions keep most tensor code alive: *what shape has it?* and *which part do I want?* `table.shape`
# answers the first, rows before columns. Square brackets answer the second, and places count from 0 again.
#
# Many of the mistakes ahead of you will be about shapes, so make one now: fill the first blank, write
# `table[2:]` in the second, and read the verdict. The numbers in it are the right ones; the shape is not.

# %%
rows, columns = table.shape  # blank: the two sizes, taken from the table
after_q = table[2]  # blank: the row of "q", a tensor with one dimension
check("00.06")
#! hint: the shape can be unpacked into two names at once; one place in square brackets picks one row
#! mistake: reversed(table.shape) -> The other way round: a shape names the rows first, then the columns.
#! mistake: len(table) -> `len` of a tensor is one number, its first size, so there are only rows here. Its
#!   shape has both sizes.
#! mistake: table.T.shape -> `T` lays the table on its side, so the columns are named first. Ask the table as
#!   it is.
#! mistake 2: table[2:] -> The colon makes it a slice, all rows from place 2 on: a table again, though it has
#!   one row here. One place without a colon picks one row.
#! mistake 2: table[2].tolist() -> The right numbers, in a list. `table[2]` by itself is the tensor that is
#!   asked for.
#! mistake 2: table[1] -> That is the row of "h". Places count from 0, so the third row has place 2.
#! mistake 2: table[:, 2] -> The colon stands for "all of them": all rows, column 2. That is what comes before
#!   an "i".
#! mistake 2: table[3] -> That is one too far: places count from 0, so the third row has place 2.
#! alternative: table.size()
#! alternative: len(table), len(table[0])
#! alternative: len(now), len(later)
#! alternative 2: table[2, :]
#! alternative 2: table[-1]
#! alternative 2: table[now.index("q")]

# %%
print(rows, "rows,", columns, "columns; after q:", after_q)

# %% [markdown]
# After a "q" comes a "u", 621 times out of 621. A model that has learned this has learned something true.
#
# Now the other everyday thing: choosing and averaging. How long is a line? Here are the lengths of all
# 40,000, and the empty lines between the speeches are among them, as zeros. A comparison such as
# `lengths > 20` gives a tensor of `True` and `False`, and such a tensor in square brackets keeps the places
# that are true.

# %%
lengths = torch.tensor([len(line) for line in text.splitlines()])
print(lengths[:8])

# %%
spoken = lengths[lengths > 0]  # blank: only the lines that are not empty
average = spoken.float().mean()  # blank: their mean, as a tensor (whole numbers need .float() first)
check("00.07")
#! hint: put the comparison with 0 inside the square brackets; then turn the result into floats and take the
#!   mean
#! mistake: lengths > 0 -> That is the comparison itself, a yes or no for each line. Put it in square brackets
#!   behind `lengths`, and it chooses.
#! mistake: lengths -> The empty lines are still in there, and they pull the mean down.
#! mistake: lengths[lengths > 1] -> That leaves out the lines with a single character, too. The nine plays
#!   have none, but such a line is not empty.
#! mistake: lengths[lengths > 20] -> That was the example: it keeps the lines with more than 20 characters. All
#!   lines with at least one are asked for.
#! mistake: lengths[lengths == 0] -> Those are the empty lines. The others are asked for.
#! mistake: (lengths > 0).sum() -> That is how many lines are not empty. Their lengths are asked for: put the
#!   comparison in square brackets behind `lengths`.
#! mistake 2: spoken.float().median() -> The median is the length in the middle, when all are sorted. The mean
#!   is their sum, divided by how many there are.
#! mistake 2: spoken.sum() / len(lengths) -> Divided by the number of all lines, empty ones too. The mean of
#!   `spoken` divides by how many are in `spoken`.
#! mistake 2: spoken.mean() -> PyTorch takes no mean of whole numbers, as it cannot tell which kind of number
#!   you want back. Say `.float()` first.
#! mistake 2: lengths.float().mean() -> That is the mean over all lines, empty ones too. You have already
#!   chosen the right ones: `spoken`.
#! alternative 2: spoken.float().mean().item()
#! alternative: lengths[lengths != 0]
#! alternative: lengths[lengths.bool()]
#! alternative 2: spoken.sum() / len(spoken)
#! alternative 2: spoken.mean(dtype=torch.float)

# %%
print(f"{len(spoken):,} lines that are not empty, {average:.2f} characters each")

# %% [markdown]
# About 33 characters. Your GPT will look at 32 characters at a time, so what it sees when it bets is about
# one line of verse.
#
# - [ ] 00.06 Read a tensor's shape, and take a row
# - [ ] 00.07 Choose with a comparison, and average

# %% [markdown]
# ## A language model by counting · 10 min
#
# What comes after `Let's he`? Say your guess out loud, or write it on the back of your hand. You used what
# you know of English; a computer can use what stands in the plays. Go to every place where those eight
# characters occur, and note what comes next.

# %%
def following(context: str) -> list[str]:
    """Every character of the text that stands right after `context`."""
    found = []
    place = text.find(context)
    while 0 <= place < len(text) - len(context):
        found.append(text[place + len(context)])
        place = text.find(context, place + 1)
    return found


for context in ("Let's he", "s he", "he"):
    witnesses = following(context)
    print(f"{context!r:>10} {len(witnesses):>6} times, then: {Counter(witnesses).most_common(5)}")

# %% [markdown]
# With all eight characters there are three witnesses: two say "a" ("Let's hear"), one says "n" ("Let's
# hence"). It is a good answer, from almost nobody. With the last two characters there are 18,377 witnesses,
# and they think of "the" and "her": a well-founded answer to a poorer question.
#
# Stay with the many. Turn the counts into probabilities: each count becomes its share of all, and the shares
# add up to one.

# %%
context = "he"
tally = Counter(following(context))
letters = list(tally)
occurrences = torch.tensor(list(tally.values()))
print(letters)
print(occurrences)
#! redraw: context = new.pick("he", "th", "s", "me", "se")
#! redraw: tally = Counter(following(context))
#! redraw: tally = Counter(dict(new.until(lambda: new.random.sample(list(tally.items()), len(tally)),
#!   lambda drawn: [letter for letter, _ in drawn].index("a") > 2)))
#! redraw: letters, occurrences = list(tally), torch.tensor(list(tally.values()))

# %%
probabilities = occurrences / occurrences.sum()  # blank: each count as a share of all of them
chance_of_a = probabilities[letters.index("a")]  # blank: its entry at the place that "a" has in letters
check("00.08")
#! hint: divide the tensor by its own sum; then index it with letters.index(...), which tells the place of a
#!   letter
#! mistake: occurrences / occurrences.max() -> Then the most frequent character has probability 1, and the
#!   others come on top. Divide by what they all add up to.
#! mistake: occurrences / len(occurrences) -> That divides by how many different characters there are. The
#!   shares of a whole come from dividing by the whole, the sum.
#! mistake: occurrences / len(text) -> That is the share in the whole text. But we stand after "he" already:
#!   divide by how often that happened.
#! mistake: occurrences.float().softmax(dim=0) -> A softmax adds up to one as well, but it raises e to each
#!   count first, and the largest takes it all. A share is a count, divided by their sum.
#! mistake: occurrences // occurrences.sum() -> `//` divides and rounds down, and every share below one becomes
#!   0. Divide with `/`.
#! mistake: occurrences / occurrences.float().mean() -> Divided by their mean, the numbers add up to how many
#!   there are. To add up to one, they are divided by their sum.
#! mistake 2: probabilities[1] -> On this page "a" is at place 1, but the order of `letters` comes from the text.
#!   Ask it for the place.
#! mistake 2: probabilities.max() -> That is the chance of the most frequent character. The one of "a" is asked
#!   for, wherever it stands.
#! mistake 2: letters.index("a") -> That is the place of "a", and not yet what stands there. Index
#!   `probabilities` with it.
#! mistake 2: occurrences[letters.index("a")] -> That is how often "a" came. Its chance stands in the other
#!   tensor, at the same place.
#! alternative 2: tally["a"] / tally.total()
#! mistake 2: probabilities["a"] -> A tensor is indexed by places, not by letters. `letters.index("a")` knows
#!   the place.
#! alternative: occurrences.float() / occurrences.sum()
#! alternative: occurrences / len(following(context))
#! alternative: occurrences / tally.total()
#! alternative 2: probabilities[list(tally).index("a")]

# %%
print(f'{len(probabilities)} probabilities, sum {probabilities.sum():.4f}; "a" after "he": {chance_of_a:.4f}')
ranked = sorted(zip(probabilities.tolist(), letters, strict=True), reverse=True)[:8]
draw.bars(
    [letter for _, letter in ranked],
    [probability for probability, _ in ranked],
    title='What comes after "he"?',
    alt="Eight bars. A space has probability 0.425 and r 0.226, together almost two thirds. Then n 0.068, "
    "a 0.065, e 0.052, i 0.031, m 0.030, y 0.030.",
)

# %% [markdown]
# You have built a language model, and could have invented it. The name is no exaggeration: from the
# characters so far, it gives a probability to each character that may come next. Your GPT will do precisely
# this, and no more.
#
# And a model that can bet can also write: draw a character by these odds, append it, move on by one, repeat.
# Claude Shannon did it in 1948 without a computer: open a book at random, read on until you meet the
# characters you have, copy the one that follows. Here is his method, with a memory of 1, 2, 4 and 8
# characters.

# %%
def babble(start: str, memory: int, length: int, seed: int) -> str:
    """`start`, continued: each character follows the `memory` characters before it somewhere in the plays."""
    dice = random.Random(seed)
    story = start
    while len(story) < length:
        known = story[-memory:]
        place = text.find(known, dice.randrange(len(text)), -1)
        if place < 0:  # none between here and the end: look from the beginning
            place = text.find(known)
        story += text[place + memory]
    return story


for memory in (1, 2, 4, 8):
    print(f"--- memory {memory}\n{babble(sentence, memory, 150, seed=1)}\n")

# %% [markdown]
# From porridge to poetry, by nothing but a longer memory. So why not stop here, with a memory of 32?
#
# Because counting can only repeat. Of the 613,274 different stretches of eight characters in the plays, 76 in
# a hundred occur once: after them there is one witness, and the "model" copies. At 32 characters it is more
# than 99 in a hundred. And `Let us he`, which you could go on from at once, occurs nowhere: no witness at
# all.
#
# A better reader would see that it is *like* `Let's he`, and like `let us he`, which occurs six times. To be
# alike, characters must become vectors; to find what matters in a line, they must look at each other. The
# other twelve chapters do that.
#
# - [ ] 00.08 Turn counts into probabilities
# - [ ] 00.r3 I can say why counting with a long memory only copies

# %% [markdown]
# ## What is now yours
#
# You can fill a blank, read a verdict, climb a hint, tick, commit and start over. You know the text:
# 1,123,763 characters of 64 kinds, in lines of about 33. You can shape, pick and average a tensor. And you
# own a language model, made of counts, that says "Let's he" and goes on.
#
# Tick what you have done, commit, and sleep on it. In chapter 01 the 64 characters become numbers.
