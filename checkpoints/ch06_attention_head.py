# %% [markdown]
# # 06 AttentionHead
#
# Let every character look back at the others, work out for itself which of them matter, and take what it needs from
# those.
#
# 195 minutes in twelve sections. Take two or three evenings; the end of any section is a good place to stop. You'll
# need chapters 02 to 05, matrix products, mean and variance.
#
# This is the heart of the course. So far the model has looked at every character on its own. Here they meet.

# %%
#| export
import torch
import torch.nn.functional as F
from torch import nn

# %%
import re
from collections import Counter
from dataclasses import replace

from nanogpt import Config, EmbeddingModule
from workshop import ____, check, corpus, draw, hint, running, solution

torch.set_printoptions(precision=3, linewidth=100, sci_mode=False)  # eight numbers on a line
torch.set_num_threads(1)  # for tensors this small a second core only gets in the way

# %% [markdown]
# ## Why context · 14 min
#
# `"Let's he"` has become eight rows of eight numbers. The last row knows that it's an `e`, that it's at place 7, and
# nothing else. Now we want it to say what comes next.
#
# Guess which character follows an `e` most often. What if you know there's an `h` before it? And a space before that?

# %%
text = corpus.shakespeare()
for known in ("e", "he", " he", "'s he"):
    follows = Counter(re.findall(f"(?<={re.escape(known)}).", text, re.DOTALL))
    best = [f"{letter!r} {count / follows.total():.0%}" for letter, count in follows.most_common(3)]
    print(f"{known!r:<8} {follows.total():>6,} times; after it {', '.join(best)}")

# %% [markdown]
# The same `e` four times, and each time it should say something else: a space, a space with more conviction, an `r`, an
# `a`. What an `e` means depends on the **company** it keeps.
#
# So why not go on counting? We did. For every string of *k* characters in the training part, we noted what follows it
# most often. In the exam, on the validation part, that was our answer.
#
# | characters known | right answers | strings never met in training |
# | ---: | ---: | ---: |
# | 1 | 27.0% | 0.0% |
# | 2 | 38.1% | 0.1% |
# | 3 | 46.9% | 1.0% |
# | 4 | 51.7% | 3.6% |
# | 6 | 44.9% | 19.9% |
# | 8 | 28.7% | 48.9% |

# %% [markdown]
# More company helps, and then it ruins us. A table needs a row for every string. There are 64⁸ strings of eight, about
# 281 million million, and nearly half of those that turn up in the exam are new. To a table, `Let's he` and `let's he`
# are strangers.
#
# Rows of numbers are more forgiving: similar rows can be treated alike, and rows can be **mixed**. So here's the plan:
# each place mixes the rows of its company into one. The only question is in what proportions.
#
# We'll try it on three words of two numbers each, made up by hand: how much of a *somebody* the word is, and how much
# of a *feeling*.

# %%
names = ["I", "love", "you"]
words = torch.tensor([[1.0, 0.5],
                      [0.5, 1.5],
                      [1.5, 1.0]])
#! redraw: words = torch.randn(3, 2)

# %% [markdown]
# The first idea is the average. Work it out on paper for `I love you`. Then, for each word, average what has been read
# so far: `I`, then `I love`, and so on.

# %%
average = words.mean(dim=0)  # blank: the mean of the three rows, as one row
so_far = torch.stack([
    words[: place + 1].mean(dim=0)  # blank [words[: place + 1].mean(dim=0)]: the mean of the rows up to and including this place
    for place in range(len(words))
])
check("06.01")
#! hint: a mean over `dim=0` runs down the columns and leaves one row; for the second blank, slice first, and mind that
#!   a slice stops before its end
#! mistake: words.mean(dim=1) -> This averages each word's *somebody* with its *feeling*. Average over the words:
#!   `dim=0`.
#! mistake: words.mean() -> That's one number for everything. You want two: the mean of each column.
#! mistake: words.sum(dim=0) -> That's the sum, three times the mean. Divide it by the number of words.
#! mistake 2: words[:place].mean(dim=0) -> A slice stops before its end, so each word leaves itself out, and at place 0
#!   there's nothing to average.
#! mistake 2: words.mean(dim=0) -> That's the whole sentence, at every place. At place 0 only `I` has been read.
#! mistake 2: words[: place + 1].sum(dim=0) / 3 -> It's only at the end that three words have been read. Divide by how
#!   many there are so far.
#! mistake 2: words[: place + 1].sum(dim=0) -> That's the sum of what has been read. Divide it by the number of words
#!   read so far.
#! mistake 2: words[place] -> That's the word itself, without its company.
#! mistake 2: words[place:].mean(dim=0) -> That's what comes from here on. Company is what has already been read.
#! alternative: words.sum(dim=0) / len(words)
#! alternative: torch.mean(words, dim=0)
#! alternative: sum(words) / len(words)
#! alternative 2: words[: place + 1].sum(dim=0) / (place + 1)
#! alternative 2: torch.mean(words[: place + 1], 0)

# %%
print("average:", average)
print(so_far)

# %% [markdown]
# (1, 1): the numbers were chosen kindly. And the average of `you love I`? The same, since adding doesn't care about
# order. Our real rows carry their places, thanks to chapter 03, so that trouble is over.
#
# This one isn't: take `I do not love you`. In an average, `not` has a fifth of the say, and so does `do`. **In an
# average every word counts the same.**

# %% [markdown]
# An average is only one way to mix: a third of each. Nothing stops us from saying *0.2 of `I`, 0.7 of `love`, 0.1 of
# `you`*: **shares** that add up to 1.
#
# Multiply each row by its share, then add up. You know an operation that multiplies and adds up. On paper first: 0.2 x
# 1.0 + 0.7 x 0.5 + 0.1 x 1.5, then the second column.

# %%
shares = torch.tensor([0.2, 0.7, 0.1])
recipe = torch.tensor([[1.0, 0.0, 0.0],
                       [0.5, 0.5, 0.0],
                       [0.2, 0.7, 0.1]])

# %%
mixed = shares @ words  # blank: 0.2 of "I", 0.7 of "love" and 0.1 of "you", as one row
all_mixed = recipe @ words  # blank: one mixture for each row of `recipe`
check("06.02")
#! hint: three shares meet three rows in one matrix product, with the shares on the left; a whole table of shares works
#!   the same way
#! mistake: words @ shares -> The shapes (3, 2) and (3,) don't fit: 2 isn't 3. Put the shares on the left, so that
#!   three shares meet three rows.
#! mistake: shares[:, None] * words -> Each row has been multiplied by its share, but nothing has been added up. A
#!   product with `@` does both.
#! mistake: (shares[:, None] * words).mean(dim=0) -> The shares add up to 1 already, so the sum is the mixture. This
#!   divides it by 3 as well.
#! mistake: words.mean(dim=0) -> That gives each word a third. Use `shares`.
#! mistake 2: words @ recipe -> The shapes (3, 2) and (3, 3) don't fit. Put the recipe on the left.
#! mistake 2: recipe.T @ words -> Transpose the recipe, and its columns become rows: each mixture gets shares meant for
#!   others.
#! mistake 2: shares @ recipe -> This mixes the rows of the recipe with each other. The words are missing.
#! alternative: torch.matmul(shares, words)
#! alternative: (shares[:, None] * words).sum(dim=0)
#! alternative: words.T @ shares
#! alternative 2: torch.matmul(recipe, words)
#! alternative 2: torch.einsum("pw,wn->pn", recipe, words)
#! alternative 2: torch.stack([line @ words for line in recipe])

# %%
print("mixed:", mixed)
print(all_mixed)

# %% [markdown]
# One product mixes for every place at once: **a table of shares times the rows**. Row 0 of the recipe takes `I` alone,
# row 1 is an average of two, row 2 is our mixture.
#
# Everything else hangs on this sentence: *attention is a matrix product with a table of shares*. What's left is to find
# good shares. For three words we can set them by hand. For a million windows the rows had better find them themselves.
#
# - [ ] 06.01 Average what has been read so far
# - [ ] 06.02 Mix with shares instead
# - [ ] 06.r1 I can say what a word doesn't get from an average of its company

# %% [markdown]
# ## Mixing by relevance · 16 min
#
# Who should `I` listen to? For a start, whoever it has something in common with. We need a number that's large when two
# rows go well together and small when they don't.
#
# Here's one: multiply number by number, then add up. If both words are very much a somebody, the first product is
# large; if both are very much a feeling, the second is. You know it as the **dot product**.
#
# On paper first: `I` is (1.0, 0.5), `love` is (0.5, 1.5), `you` is (1.5, 1.0).

# %%
i, love, you = words

# %%
i_with_love = torch.dot(i, love)  # blank: the dot product of the two rows
scores_of_i = words @ i  # blank: all three at once: "I" with "I", with "love", with "you"
check("06.03")
#! hint: two vectors in, one number out; and a matrix times a vector makes one such number from each of its rows
#! mistake: i * love -> That multiplies number by number and leaves two products. A dot product adds them up.
#! mistake: i + love -> That's the sum of two rows, another row. Multiply number by number, then add up.
#! mistake: (i * love).mean() -> A mean divides by how many numbers there are. Take the sum.
#! mistake 2: i @ words -> The shapes (2,) and (3, 2) don't fit. Each row of `words` should meet `i`, so put `words` on
#!   the left.
#! mistake 2: words * i -> These are the products, two for each word. Now add up each pair.
#! mistake 2: (words * i).sum(dim=0) -> That adds down the columns, across the words. Each word's own two products
#!   belong together: `dim=1`.
#! equivalent: arguments swapped: torch.dot(i, love) => torch.dot(love, i) -> the same products, the same sum
#! alternative: i @ love
#! alternative: (i * love).sum()
#! alternative: torch.inner(i, love)
#! alternative 2: i @ words.T
#! alternative 2: torch.mv(words, i)
#! alternative 2: (words * i).sum(dim=-1)
#! alternative 2: torch.stack([torch.dot(i, word) for word in words])

# %%
print("I with love:", i_with_love)
print("I with all: ", scores_of_i)

# %% [markdown]
# `I` finds 1.25 in itself, 1.25 in `love`, and 2.0 in `you`. How romantic. We call these numbers **scores**.
#
# That was one word asking. When all three ask, is it three products, or one? A matrix product is a table of dot
# products, each row on the left with each *column* on the right. We want rows with rows, so transpose the one on the
# right first.
#
# Guess: who is `love`'s favourite?

# %%
scores = words @ words.T  # blank: row: who asks; column: who is asked
favourites = scores.argmax(dim=1)  # blank: for each row, the place of its largest score, all in one tensor
check("06.04")
#! hint: `.T` transposes a matrix; `argmax` says where the largest number is, and `dim=1` makes it search along each
#!   row
#! mistake: words @ words -> The shapes (3, 2) and (3, 2) don't fit. Transpose the one on the right.
#! mistake: words.T @ words -> That's (2, 2): *somebody* with *feeling*, summed over the words. Transpose the one on
#!   the right, not the left.
#! mistake: words * words -> That squares every number. A table of dot products comes from `@`.
#! mistake 2: scores.argmax() -> That's a single place, counted through the whole table. Name the dimension to search
#!   along.
#! mistake 2: scores.max(dim=1).values -> Those are the largest scores themselves. You want their places.
#! mistake 2: scores.max(dim=1) -> Along a dimension `max` gives two things, the largest scores and their places. Keep
#!   only the places.
#! mistake 2: [row.argmax().item() for row in scores] -> The right places, but in a list. `argmax` with a `dim` gives
#!   them all in one tensor.
#! equivalent: minus one: 1 => 0 -> this table is its own mirror image, so a column has the same favourite as its row
#! mistake 2: scores.argmin(dim=1) -> That finds the smallest score, the word that each likes least.
#! alternative: torch.matmul(words, words.T)
#! alternative: torch.einsum("qn,kn->qk", words, words)
#! alternative: torch.stack([words @ word for word in words])
#! alternative: words @ words.transpose(0, 1)
#! alternative 2: scores.max(dim=1).indices
#! alternative 2: torch.argmax(scores, dim=-1)
#! alternative 2: scores.sort(dim=1).indices[:, -1]

# %%
draw.heat(
    scores,
    rows=names,
    columns=names,
    title="How well the words go together: dot products",
    alt="Three rows, who asks, and three columns, who is asked. I: 1.25, 1.25, 2.00. love: 1.25, 2.50, 2.25. "
    "you: 2.00, 2.25, 3.25. Mirrored in its diagonal, the table stays the same.",
    x_name="is asked",
    y_name="asks",
)
print("favourites:", [names[place] for place in favourites])

# %% [markdown]
# `love` loves itself, and the table is its own mirror image. Both will bother us soon.
#
# But it's a start: we have a table of scores, and need a table of shares. The scores of `love` add up to 6. Shares
# should add up to 1.
#
# - [ ] 06.03 Compute scores with a dot product
# - [ ] 06.04 Compute all scores with one matrix product
# - [ ] 06.r2 I can read the table: who asks, who is asked

# %% [markdown]
# ## Softmax · 20 min
#
# Divide by the sum, then? That works until a fourth word comes along: *hate*, (0.5, -1.5), a bit of a somebody, and a
# feeling in the opposite direction. `love` asks all four:

# %%
four = ["I", "love", "you", "hate"]
love_scores = torch.tensor([1.25, 2.5, 2.25, -2.0])
print("sum:", love_scores.sum(), " divided by the sum:", love_scores / love_scores.sum())

# %% [markdown]
# Minus a half of `hate`, and to make up for it one and a half of the others. If the four scores had added up to 0,
# there'd have been nothing to divide by. A score can be any number; a share can't.
#
# So first, something has to make every number **positive** and keep the larger ones larger. Do you know a function
# whose curve never touches zero and always climbs?

# %%
powers = torch.exp(love_scores)  # blank: e to the power of each score
love_shares = powers / powers.sum()  # blank: each power's share of the total
check("06.05")
#! hint: PyTorch has e to the power of x under a name of three letters; a share is a part divided by the whole
#! mistake: love_scores**2 -> Squares are positive, but -2 becomes 4, and `hate` overtakes `I`. The order mustn't
#!   change.
#! mistake: love_scores.abs() -> Positive, but `hate` with its -2 would count for more than `I` with 1.25. The order
#!   mustn't change.
#! mistake: 2**love_scores -> Powers of 2 are positive and in order, and would do. They'd make the shares a little more
#!   even; the convention is base e.
#! mistake 2: powers / powers.max() -> Then the favourite alone gets 1, and all of them together get more. Divide by
#!   what they add up to.
#! mistake 2: powers / len(powers) -> That divides by how many there are, and the shares don't add up to 1. Divide by
#!   the sum.
#! mistake 2: love_scores / love_scores.sum() -> Those are the shares with minus a half among them. Divide the powers by
#!   their sum.
#! alternative: love_scores.exp()
#! alternative: torch.e**love_scores
#! alternative 2: torch.exp(love_scores) / torch.exp(love_scores).sum()
#! alternative 2: F.softmax(love_scores, dim=0)
#! alternative 2: powers / sum(powers)

# %%
for word, score, power, share in zip(four, love_scores.tolist(), powers.tolist(), love_shares.tolist(), strict=True):
    print(f"{word:>5} {score:>6.2f} -> {power:>6.2f} -> {share:.3f}")
print("the shares add up to", round(love_shares.sum().item(), 4))

# %% [markdown]
# Everybody has a share, the order is the same, and `hate` hasn't been thrown out, only shown to the back row. Exp, then
# each over the sum: this is **softmax**. What decides is the *difference* between scores. One point more always means
# 2.72 times the share.
#
# PyTorch has it as `F.softmax(scores, dim=...)`. Two things can still go wrong.

# %% [markdown]
# First, scores can be large. These three, 1000, 999 and 998, are one point apart. Guess what comes out before you run
# it:

# %%
large = torch.tensor([1000.0, 999.0, 998.0])
print(torch.exp(large), torch.exp(large) / torch.exp(large).sum())
#! redraw: large = new.until(lambda: new.whole(200, 2000) + 2 * torch.randn(new.whole(4, 6)), lambda drawn: 0 <
#!   drawn.argmax() < len(drawn) - 1)

# %% [markdown]
# A float32 ends at about 3.4 x 10³⁸, and e¹⁰⁰⁰ has 435 digits. Infinity divided by infinity is `nan`, *not a number*,
# and a single one of those spreads through a model like ink through water.
#
# The way out: only differences count. Take the same number off every score, and every power is divided by the same
# factor, which cancels in the shares. Which number would you take off?

# %%
shifted = large - large.max()  # blank: the scores, moved so that the largest is 0
safe = torch.exp(shifted) / torch.exp(shifted).sum()  # blank: their shares
check("06.06")
#! hint: subtract the largest score from all of them; then it's 06.05 once more
#! mistake: large / large.max() -> This divides, and shrinks the differences until the scores are nearly equal. Take a
#!   number off instead.
#! mistake: large - large.min() -> Now the smallest is 0 and the others are above it. Scores further apart would still
#!   overflow. Take off the largest.
#! mistake: large - large[0] -> Here the largest score happens to come first. In general it's somewhere else.
#! mistake: large - large.mean() -> Now the mean is 0, and the largest is above it. Scores further apart would still
#!   overflow.
#! mistake: large - 1000 -> Right for these three. Other scores have another maximum.
#! mistake 2: torch.exp(large) / torch.exp(large).sum() -> These are the scores that overflow. Use the shifted ones.
#! mistake 2: torch.exp(shifted) -> Those are the powers. Divide them by their sum.
#! mistake 2: shifted / shifted.sum() -> Those are shares of the scores. Raise e to them first.
#! alternative: large - torch.amax(large)
#! alternative: large - max(large)
#! alternative 2: F.softmax(large, dim=0)
#! alternative 2: torch.softmax(shifted, dim=-1)
#! alternative 2: shifted.exp() / shifted.exp().sum()

# %%
print(shifted, "->", safe)

# %% [markdown]
# 0.665, 0.245, 0.090: the shares of any three scores one point apart. `F.softmax` takes off the maximum too, so the
# scores you give it can be any size.
#
# The second thing goes wrong in real life, and silently. A table of scores has two dimensions. Along which of them do
# the shares add up to 1?
#
# Row 1 is `love` asking around. It has one portion of attention to hand out, so **each row adds up to 1**, and the
# columns do as they please. `dim=-1` names the last dimension, along the row. `keepdim=True` keeps the sums as a
# column, (3, 1), so that each row is divided by its own.

# %%
row_powers = torch.exp(scores - scores.max(dim=-1, keepdim=True).values)
word_shares = row_powers / row_powers.sum(dim=-1, keepdim=True)  # blank: each row's shares
gathered = word_shares @ words  # blank: for each word, the words mixed by its shares
check("06.07")
#! hint: divide each row by its own sum, kept as a column of sums; and mixing by a table of shares was 06.02
#! mistake: row_powers / row_powers.sum(dim=0, keepdim=True) -> Here each column adds up to 1, as if each word could be
#!   heard only so much. It's the rows that should add up to 1.
#! mistake: row_powers / row_powers.sum() -> One portion for the whole table. Each row has a portion of its own.
#! mistake: row_powers / row_powers.sum(dim=-1) -> Without `keepdim` the three sums lie down as a row, and column 0 is
#!   divided by the sum of row 0. The shapes happen to fit, so PyTorch doesn't complain.
#! mistake: F.softmax(scores, dim=0) -> Softmax down the columns: each column adds up to 1. Each row should.
#! mistake: row_powers / row_powers.max(dim=-1, keepdim=True).values -> Then each row's favourite alone gets 1, and the
#!   whole row adds up to more. Divide by the row's sum.
#! equivalent: a sign dropped: -1 => 1 -> in a table dimension 1 is the last one
#! mistake 2: scores @ words -> Those are the raw scores. Mix by the shares.
#! mistake 2: word_shares.T @ words -> Transpose the table, and each word mixes by the shares that it gets from others.
#!   The shares that it gives are in its row.
#! mistake 2: words @ word_shares -> The shapes (3, 2) and (3, 3) don't fit. Put the shares on the left.
#! alternative: F.softmax(scores, dim=-1)
#! alternative: torch.softmax(scores, dim=1)
#! alternative: scores.softmax(-1)
#! alternative: torch.stack([row / row.sum() for row in row_powers])
#! alternative 2: torch.matmul(word_shares, words)
#! alternative 2: torch.einsum("qk,kn->qn", word_shares, words)

# %%
print(word_shares)
print("rows add up to", word_shares.sum(dim=1), "columns to", word_shares.sum(dim=0))
print(gathered)

# %% [markdown]
# Scores, shares, mixture. That's attention in its simplest form, and you could have invented it. In PyTorch it's one
# line: `F.softmax(words @ words.T, dim=-1) @ words`.
#
# From now on the shares go by the name that everyone uses: **attention weights**.
#
# - [ ] 06.05 Turn scores into shares: exp, then divide by the sum
# - [ ] 06.06 Keep large scores from overflowing
# - [ ] 06.07 Take shares along the right dimension, and mix
# - [ ] 06.r3 I can say why each row of the weights adds up to 1, and a column needn't

# %% [markdown]
# ## Queries, keys and values · 22 min
#
# Now for what bothered us. `love` gives 2.5 to itself, 2.25 to `you` and 1.25 to `I`. A row tends to have a lot in
# common with itself. But `love` already knows that it's love. What it *lacks* is who loves whom.
#
# And `love` with `you` is the same number as `you` with `love`; a dot product can't help that. Yet what I'm looking for
# in you and what you're looking for in me are two questions, as anyone courted by Richard III could tell you.
#
# The trouble is that one row has to say both *what I'm looking for* and *what I am*. So let it say two things.

# %% [markdown]
# Each word gets a **query**, which says what it's looking for, and a **key**, which says what it can be found by. A
# score is then the dot product of *my query with your key*. A matrix makes each of them from the word's row:

# %%
to_query = torch.tensor([[0.0, 1.0],
                         [2.0, 0.0]])
to_key = torch.tensor([[1.0, 0.0],
                       [-1.0, 1.0]])
#! redraw: to_query, to_key = torch.randn(2, 2), torch.randn(2, 2)

# %% [markdown]
# Read them as instructions. A query is (2 x feeling, 1 x somebody): a feeling asks for a somebody, a somebody asks for
# a feeling. A key is (somebody - feeling, feeling): "I'm more of a somebody than a feeling", and "I'm a feeling".
#
# On paper: the query that `love`, (0.5, 1.5), sends out, and the keys of `I`, (1.0, 0.5), and of `love` itself.

# %%
query_of_love = love @ to_query  # blank: what love is looking for
key_of_i = i @ to_key  # blank: what "I" can be found by
key_of_love = love @ to_key
love_asks_i = query_of_love @ key_of_i  # blank: the score that love gives to "I"
love_asks_love = query_of_love @ key_of_love
check("06.08")
#! hint: a row times a matrix is another row; the score is the dot product of the asker's query and the key of the one
#!   who is asked
#! mistake: to_query @ love -> The matrix goes on the right: a row times a matrix. On the left, its rows do what its
#!   columns should.
#! mistake: love @ to_key -> That's what love can be found by. Looking is done with the query.
#! mistake: love * to_query -> `*` multiplies element by element, and gives a (2, 2) table. A row times a matrix is `@`.
#! mistake 2: i @ to_query -> That's what `I` is looking for. Here someone is looking for `I`.
#! mistake 2: to_key @ i -> The matrix goes on the right: a row times a matrix.
#! mistake 3: query_of_love * key_of_i -> That leaves two products. A score is one number, so add them up.
#! mistake 3: love @ i -> That's the old score, from the rows themselves. Now the query of one meets the key of the
#!   other.
#! mistake 3: (i @ to_query) @ key_of_love -> The other way round: this is the score that `I` gives to love.
#! equivalent: terms swapped: query_of_love @ key_of_i => key_of_i @ query_of_love -> the same products, the same sum
#! alternative: torch.matmul(love, to_query)
#! alternative: to_query.T @ love
#! alternative: (love[:, None] * to_query).sum(dim=0)
#! alternative 2: torch.matmul(i, to_key)
#! alternative 2: words[0] @ to_key
#! alternative 3: torch.dot(query_of_love, key_of_i)
#! alternative 3: (query_of_love * key_of_i).sum()

# %%
print("query of love:", query_of_love, " key of I:", key_of_i, " key of love:", key_of_love)
print(f"love asks I: {love_asks_i:.2f}   love asks love: {love_asks_love:.2f}")

# %% [markdown]
# 1.75 for `I`, -2.25 for itself: `love` now looks away from itself.
#
# What a word is *found by* needn't be what it *gives*. You find a book by its title, but you don't spend three weeks
# reading the title. So each word also has a **value**: the numbers it hands over to whoever listens. Our values are
# three numbers long, to show that they can have any length.
#
# | | is | made by | goes into |
# | --- | --- | --- | --- |
# | query | what I ask for | `words @ to_query` | scores |
# | key | what I'm found by | `words @ to_key` | scores |
# | value | what I give | `words @ to_value` | the mixture |

# %%
to_value = torch.tensor([[1.0, 0.0, 0.5],
                         [0.0, 2.0, 0.5]])
word_queries = words @ to_query
word_values = words @ to_value
print(word_queries)
print(word_values)
#! redraw: word_values = words @ torch.randn(2, 3)

# %%
word_keys = words @ to_key  # blank: the keys of all three words, one to a row
asked = word_queries @ word_keys.T  # blank: all scores; row: who asks, column: who is asked
answer = F.softmax(asked, dim=-1) @ word_values  # blank: the values, mixed by the weights of each row
check("06.09")
#! hint: what a matrix does for one row it does for three; scores as in 06.04, with two different tables; then softmax
#!   along the rows, and a product
#! mistake: words @ to_key.T -> Transposed, the matrix gives other instructions: (somebody, feeling - somebody). Use it
#!   as it is.
#! mistake: words @ to_query -> Those are the queries again.
#! mistake: words -> Until now the rows themselves served as keys. From here on `to_key` makes the keys.
#! mistake 2: word_keys @ word_queries.T -> Swap the two: the one who asks goes on the left.
#! mistake 2: word_queries @ word_values.T -> The shapes (3, 2) and (3, 3) don't fit, and aren't meant to: values are
#!   handed over, not compared. A query meets keys.
#! mistake 2: words @ words.T -> Those are the old scores. Now queries meet keys.
#! mistake 3: asked @ word_values -> Raw scores, with minus signs and any sum. Softmax first.
#! mistake 3: F.softmax(asked, dim=0) @ word_values -> Over `dim=0` the columns add up to 1. The rows should.
#! mistake 3: F.softmax(asked, dim=-1).T @ word_values -> Transpose the table, and each word mixes by the weights that
#!   it gets from others. The weights that it gives are in its row.
#! mistake 3: F.softmax(asked, dim=-1) @ word_keys -> Right weights, but they mix the keys. A key is what a word is
#!   found by; what it hands over is its value.
#! equivalent: an argument less: F.softmax(asked, dim=-1) => F.softmax(asked) -> for a table PyTorch takes the rows by
#!   itself, and warns that it has to guess
#! equivalent: a sign dropped: -1 => 1 -> in a table dimension 1 is the last one
#! mistake 3: F.softmax(asked, dim=-1) @ words -> Right weights, but they mix the rows themselves. It's the values that
#!   are handed over.
#! alternative: torch.matmul(words, to_key)
#! alternative: torch.stack([word @ to_key for word in words])
#! alternative 2: torch.matmul(word_queries, word_keys.T)
#! alternative 2: torch.einsum("qd,kd->qk", word_queries, word_keys)
#! alternative 2: word_queries @ word_keys.transpose(0, 1)
#! alternative 3: torch.softmax(asked, dim=1) @ word_values
#! alternative 3: torch.matmul(asked.softmax(-1), word_values)

# %%
draw.heat(
    F.softmax(asked, dim=-1),
    rows=names,
    columns=names,
    title="Attention weights, with queries and keys",
    alt="Three rows, who asks, and three columns, who is asked. I: 0.31, 0.19, 0.51. love: 0.43, 0.01, 0.56. "
    "you: 0.30, 0.07, 0.63. The table is no longer its own mirror image: love gives 0.56 to you, and you gives 0.07 back.",
    x_name="is asked",
    y_name="asks",
)
print(answer)

# %% [markdown]
# `love` listens to `you` and to `I`, and hardly to itself. It wants a lot from `you` and gets little back; the mirror
# is broken, as in the best comedies.
#
# We made all of this up by hand. In the model **nobody does**: the three matrices start with random numbers, and the
# loss pushes them about. The last `e` of `Let's he` may come to ask for a consonant nearby; the `h` may be found as a
# consonant at place 6, and give whatever is good to know about an `h`. Or they may ask for things that nobody has a
# word for. That's their business.

# %% [markdown]
# PyTorch calls a matrix that learns `nn.Linear(in, out)`. Two details: we want it without the bias that it usually
# adds, and it keeps its matrix the other way round, as (out, in).
#
# Guess the shape of `weight` for a layer from 8 numbers to 4. Then write what `layer(rows)` does as a matrix product.

# %%
torch.manual_seed(1341)
rows = torch.randn(5, 8)
layer = nn.Linear(8, 4, bias=False)  # blank: from 8 numbers to 4, without a bias
by_product = rows @ layer.weight.T  # blank: what layer(rows) gives, as a product with its weight
check("06.10")
#! hint: `nn.Linear(in, out, bias=...)`; its weight is (4, 8) and the rows are (5, 8), so transpose one of them to make
#!   the 8s meet
#! mistake: nn.Linear(8, 4) -> By default a Linear has a bias as well, a row of numbers that it adds to everything.
#!   Switch it off: `bias=False`.
#! mistake: nn.Linear(8, 8, bias=False) -> This one gives 8 numbers for 8. First what comes in, then what goes out.
#! mistake 2: rows @ layer.weight -> The shapes (5, 8) and (4, 8) don't fit. A Linear takes (in, out) and keeps its
#!   weight as (out, in); transpose it.
#! mistake 2: layer.weight @ rows.T -> The right numbers, lying on their side: (4, 5). A row in, a row out.
#! mistake 2: rows @ layer.weight.view(8, 4) -> `view` pours the same numbers into rows of another length. The shapes
#!   fit, the numbers don't; use `.T`.
#! alternative: nn.Linear(in_features=8, out_features=4, bias=False)
#! alternative 2: layer(rows)
#! alternative 2: F.linear(rows, layer.weight)
#! alternative 2: (layer.weight @ rows.T).T
#! alternative 2: torch.einsum("pi,oi->po", rows, layer.weight)

# %%
print("weight:", tuple(layer.weight.shape), " rows:", tuple(rows.shape), "->", tuple(by_product.shape))
print("the same as layer(rows):", torch.allclose(by_product, layer(rows)))

# %% [markdown]
# Why no bias? Add a row *b* to every key. Then all the scores of one query grow by the same number, *query · b*, and
# you know from 06.06 what difference that makes to softmax: none at all. A bias on the queries wouldn't vanish, but we
# do well without it. (GPT-2 has both; many newer models have neither.)
#
# - [ ] 06.08 Let "love" ask, with a query and a key
# - [ ] 06.09 Use queries, keys and values for all words
# - [ ] 06.10 Make the matrix with nn.Linear
# - [ ] 06.r4 I can say what each of the three views is for: to ask, to be found, to give

# %% [markdown]
# ## Scaling · 24 min
#
# Our queries and keys had two numbers. In the real settings they have 16, in GPT-2 64. Does anything change, apart from
# there being more to add up?
#
# Take random queries and keys, every number with mean 0 and variance 1. Their dot products are 0 on average, some
# above, some below. How far do they spread? Guess the variance for vectors of 4 numbers, and of 256. Each query meets
# only its own key: 5,000 pairs, 5,000 numbers.

# %%
sizes = (4, 16, 64, 256)


def dot_products(d: int) -> torch.Tensor:
    """The dot products of 5,000 pairs of random vectors of d numbers: (5000,)."""
    torch.manual_seed(1341)
    some_queries, some_keys = torch.randn(5_000, d), torch.randn(5_000, d)
    return (some_queries * some_keys).sum(dim=1)  # blank: one dot product for each pair: row with row


variances = [dot_products(d).var().item() for d in sizes]  # blank [dot_products(d).var().item()]: their variance, as `.var()` gives it
check("06.11")
#! hint: multiply number by number, then add up along each row; `.var()` gives the variance in a tensor, and `.item()`
#!   takes the number out
#! mistake: (some_queries * some_keys).sum(dim=0) -> That adds down the columns, over all the pairs. Each pair is a
#!   row; add along it.
#! mistake: (some_queries * some_keys).mean(dim=1) -> A mean divides by d, and what happens without dividing is the
#!   whole question. Add up.
#! mistake: some_queries @ some_keys -> The shapes (5000, d) and (5000, d) don't fit, and transposed they'd give each
#!   query with each key. You only want the pairs.
#! mistake 2: dot_products(d).std().item() -> That's the standard deviation, the root of the variance.
#! mistake 2: dot_products(d).mean().item() -> The mean stays near 0, whatever d is. The question is how far the dot
#!   products spread.
#! mistake 2: dot_products(d).var(correction=0).item() -> This divides by all 5,000. That was right in chapter 05,
#!   where there were no other numbers. These are a sample of all possible pairs, so leave `.var()` as it is.
#! mistake 2: dot_products(d).square().mean().item() -> The mean square comes close, since the mean is nearly 0. For
#!   the variance the mean comes off first; `.var()` does that.
#! equivalent: a call left out: dot_products(d).var().item() => dot_products(d).var() -> a tensor that holds one number
#!   is as good as the number
#! alternative 2: dot_products(d).var()
#! alternative: torch.einsum("pd,pd->p", some_queries, some_keys)
#! alternative: torch.linalg.vecdot(some_queries, some_keys)
#! alternative: (some_queries[:, None] @ some_keys[:, :, None]).flatten()
#! alternative 2: torch.var(dot_products(d)).item()
#! alternative 2: float(dot_products(d).var())
#! alternative 2: dot_products(d).std().item() ** 2
#! probe: dot_products(new.whole(5, 30)) -> the dot products for vectors of another length

# %%
for d, variance in zip(sizes, variances, strict=True):
    print(f"d = {d:>3}: variance {variance:6.1f}")
draw.lines(
    {"variance of the dot products": variances, "d": sizes},
    x=sizes,
    title="The longer the vectors, the further their dot products spread",
    alt="Two lines over d, from 4 to 256. The measured variance and d itself lie on top of each other: both climb "
    "straight from about 4 to about 256.",
    x_name="d, numbers in a vector",
    y_name="variance",
)

# %% [markdown]
# The variance *is* d, give or take the luck of 5,000 draws. Here's why: a product of two such numbers has mean 0 and
# variance 1, a dot product adds up d of them, and variances of independent things add up.
#
# So with 256 numbers a typical score is 16, or -16, and no longer 1. Is that bad? Here are eight calm scores. Take
# their shares, then those of the same scores times 2, times 4, times 16. Guess how large the largest share gets.

# %%
calm = torch.tensor([0.9, 0.1, -0.4, 1.2, -1.1, 0.5, -0.2, -1.0])
factors = (1, 2, 4, 16)
#! redraw: factors = (1, *new.wholes(3, 2, 12))

# %%
sharper = torch.stack([
    F.softmax(factor * calm, dim=-1)  # blank [F.softmax(factor * calm, dim=-1)]: the shares of the scores times the factor
    for factor in factors
])
peaks = sharper.max(dim=-1).values  # blank: the largest share in each row
check("06.12")
#! hint: first multiply, then softmax; `max` over the last dimension gives values and places, and you want the values
#! mistake: factor * F.softmax(calm, dim=-1) -> This enlarges the shares, and they no longer add up to 1. Enlarge the
#!   scores.
#! mistake: F.softmax(calm + factor, dim=-1) -> Every row comes out the same: adding one number to all the scores
#!   changes no share, as in 06.06. Multiply.
#! mistake: F.softmax(calm / factor, dim=-1) -> This makes the scores smaller, and the shares more and more equal.
#!   Multiply.
#! mistake: F.softmax(calm, dim=-1) ** factor -> This raises the shares to a power, and they no longer add up to 1.
#!   Multiply the scores, before the softmax.
#! mistake: torch.exp(factor * calm) -> Powers, not shares yet: they haven't been divided by their sum.
#! mistake 2: sharper.max(dim=-1) -> Along a dimension `max` gives two things, the largest shares and their places.
#!   Take the values.
#! mistake 2: sharper[:, 0] -> That's the first share of each row. The largest may be anywhere.
#! equivalent: an argument less: F.softmax(factor * calm, dim=-1) => F.softmax(factor * calm) -> one dimension is all
#!   there is
#! equivalent: minus one: 1 => 0 -> in the first blank, one dimension is all there is
#! equivalent: a sign dropped: -1 => 1 -> in a table dimension 1 is the last one
#! mistake 2: sharper.max(dim=-1).indices -> Those are the places of the largest shares. How large are they?
#! mistake 2: sharper.max(dim=0).values -> That's the largest of each column, over the factors. Search along each row.
#! mistake 2: sharper.max() -> The largest of all. You want one for each row.
#! alternative: torch.softmax(calm * factor, 0)
#! alternative: torch.exp(factor * calm) / torch.exp(factor * calm).sum()
#! alternative 2: sharper.amax(dim=-1)
#! alternative 2: torch.stack([row.max() for row in sharper])
#! alternative 2: sharper.sort(dim=-1).values[:, -1]

# %%
draw.heat(
    sharper,
    rows=[f"x {factor}" for factor in factors],
    columns=[f"{score:.1f}" for score in calm],
    title="The same eight scores, larger and larger, after softmax",
    alt="Four rows of shares over the scores 0.9, 0.1, -0.4, 1.2, -1.1, 0.5, -0.2, -1.0. Times 1 the shares are spread "
    "out: 0.23 for 0.9, 0.31 for 1.2, and nowhere less than 0.03. Times 2 the largest is 0.49, times 4 it is 0.72. "
    "Times 16 it is 0.99, the second 0.01, and all the others 0.00.",
)

# %% [markdown]
# Times 16, softmax puts 0.99 on one place. That's picking, not mixing.
#
# And a row like this can hardly **learn**. Nudge the best score a little: how far does its share move? The slope is
# *share x (1 - share)*, and PyTorch's gradient agrees:

# %%
for factor in factors:
    nudged = (factor * calm).requires_grad_()
    best = F.softmax(nudged, dim=-1).max()
    (slope,) = torch.autograd.grad(best, nudged)
    print(f"x {factor:>2}: share {best.item():.4f}  slope {slope.max().item():.4f}  share x (1 - share)", end=" ")
    print(f"{(best * (1 - best)).item():.4f}")

# %% [markdown]
# | largest share | slope |
# | ---: | ---: |
# | 0.31 | 0.21 |
# | 0.99 | 0.008 |
# | 0.9999 | 0.0001 |
#
# At 0.99 the slope is 26 times smaller than at 0.31. Training goes by slopes: a head that makes up its mind before it
# has learned anything hardly hears that it's wrong. So keep the scores around 1 until there's a reason to be sure.
#
# Dividing numbers by *c* divides their variance by *c²*. The variance is *d*. What do you divide by to make it 1?

# %%
d = 64
#! redraw: d = new.whole(70, 200)

# %%
scaled = dot_products(d) / d**0.5  # blank: `dot_products(d)`, divided by what makes their variance 1


def scaled_scores(queries: torch.Tensor, keys: torch.Tensor) -> torch.Tensor:
    """Scores of each query with each key, of variance about 1: (places, d) and (places, d) -> (places, places)."""
    d = queries.shape[-1]  # blank: how many numbers does a query have?
    return queries @ keys.T / d**0.5  # blank: all scores, scaled


check("06.13")
#! hint: the square root of d is `d**0.5` in Python; in a shape, `[0]` is the first size and `[-1]` the last
#! mistake: dot_products(d) / d -> Too much: the variance is divided by d², and 1/d is left. Then all shares are nearly
#!   equal, and we're back at the average.
#! mistake: dot_products(d) / 8 -> 8 is right for d = 64. Write it with `d`, and it's right for any.
#! mistake: dot_products(d) * d**0.5 -> This makes them even larger: the variance becomes d².
#! mistake: (dot_products(d) - dot_products(d).mean()) / dot_products(d).std() -> That makes the variance 1 by
#!   measuring it. What to divide by depends on d alone.
#! mistake 2: queries.shape[0] -> That's how many places there are. A longer sentence doesn't make the dot products
#!   larger; longer queries do.
#! mistake 2: queries.numel() -> That counts all the numbers, of all places together.
#! mistake 2: 64 -> Right for d = 64. The function should work for queries of any length.
#! mistake 3: queries @ keys.T / d -> Dividing by d is too much. Take its root.
#! mistake 3: queries @ keys.T -> Not scaled yet.
#! mistake 3: keys @ queries.T / d**0.5 -> Swap the two: the one who asks goes on the left.
#! alternative: dot_products(d) * d**-0.5
#! alternative: dot_products(d) / torch.tensor(d).sqrt()
#! alternative 2: queries.size(-1)
#! alternative 2: keys.shape[1]
#! alternative 3: torch.matmul(queries, keys.T) * d**-0.5
#! alternative 3: queries @ (keys / d**0.5).T
#! alternative 3: torch.einsum("qd,kd->qk", queries, keys) / d**0.5
#! probe: scaled_scores(word_queries, word_keys) -> the scaled scores of the three words
#! probe: scaled_scores(torch.randn(5, 16), torch.randn(5, 16)) -> the scaled scores of five queries of 16 numbers
#! equivalent: a sign dropped: -1 => 1 -> queries are a table, and in a table dimension 1 is the last one
#! equivalent: another name: queries => keys -> a key is as long as a query

# %%
for size in sizes:
    raw = dot_products(size)
    print(f"d = {size:>3}: variance {raw.var():6.1f}   over root d {(raw / size**0.5).var():.2f}", end="   ")
    print(f"over d {(raw / size).var():.4f}")

# %% [markdown]
# With the root, the variance stays at 1, whatever d is. Divide by d itself, and it shrinks towards 0, and we're back at
# the plain average.
#
# That's all there is to the famous √d. Scores = *queries @ keys.T / √d*; with softmax and the values this is called
# **scaled dot-product attention**. Mind which d: the length of a query, because that's how many products are added
# up. Not the number of places, and not the width of the model.
#
# - [ ] 06.11 Measure how dot products spread
# - [ ] 06.12 See what softmax does with large scores
# - [ ] 06.13 Scale them
# - [ ] 06.r5 I can say what goes wrong without the root of d

# %% [markdown]
# ## The causal mask · 24 min
#
# Here's a head that predicts dice. It's shown eight throws and has to name, at each of the eight places, the throw that
# comes next. The best anyone can do is one in six.
#
# The function below takes a small head of the kind you've built, trains it for 100 steps, and returns the share of
# right answers at each place, on new throws. No need to read it. Guess what comes out.

# %%
def train_on_dice(wall: torch.Tensor) -> torch.Tensor:
    """The share of right answers at each of 8 places, after training; `wall` (8, 8) is added to the scores."""
    torch.manual_seed(1341)
    number, place = nn.Embedding(6, 8), nn.Embedding(8, 8)
    asks, offers, gives = (nn.Linear(8, 8, bias=False) for _ in range(3))
    guess = nn.Linear(8, 6)
    parameters = [p for part in (number, place, asks, offers, gives, guess) for p in part.parameters()]

    def answers(throws: torch.Tensor) -> torch.Tensor:
        x = number(throws) + place.weight
        return guess(F.softmax(asks(x) @ offers(x).mT / 8**0.5 + wall, dim=-1) @ gives(x))

    for _ in range(100):
        throws = torch.randint(6, (32, 9))
        loss = F.cross_entropy(answers(throws[:, :-1]).flatten(0, 1), throws[:, 1:].flatten())
        slopes = torch.autograd.grad(loss, parameters)
        with torch.no_grad():
            for parameter, slope in zip(parameters, slopes, strict=True):
                parameter -= slope
    throws = torch.randint(6, (500, 9))
    return (answers(throws[:, :-1]).argmax(dim=-1) == throws[:, 1:]).float().mean(dim=0)


no_wall = torch.zeros(8, 8)
dice = train_on_dice(no_wall)
draw.bars(
    range(8),
    dice,
    title="Predicting dice: share of right answers at each place",
    alt="Eight bars. At places 0 to 6 the share of right answers is 1.00. At place 7 it's about 0.16.",
    x_name="place",
)

# %% [markdown]
# Seven places without a single error. Ten seconds of triumph, then suspicion.
#
# At place 3 the head is asked for the throw at place 4. And place 4 is in the window, one step to the right, so the
# head reads off the answer. Only at place 7, the last bar, is there nothing to the right, and it's back to one in six.
#
# **It has learned to copy from the answer sheet**, and it's good for nothing else: a model that writes is always at the
# last place.

# %% [markdown]
# So nobody looks to the right. Each place may see itself and what came before. Draw it as a table for four places: rows
# for who asks, columns for who is asked, 1 for *may* and 0 for *may not*. What shape do the ones make?
#
# `torch.tril` keeps the lower triangle of a matrix, diagonal included, and sets the rest to 0.

# %%
n = 4
#! redraw: n = new.whole(5, 9)

# %%
allowed = torch.tril(torch.ones(n, n))  # blank: 1 where the row may see the column, else 0
seen = allowed.sum(dim=1)  # blank: how many places may each place see? Count them in `allowed`
check("06.14")
#! hint: a table of ones, (n, n), of which `torch.tril` keeps the lower left; then add along each row
#! mistake: torch.triu(torch.ones(n, n)) -> `triu` keeps the upper right: each place would see itself and the future.
#! mistake: torch.tril(torch.ones(n, n), diagonal=-1) -> Without the diagonal no place sees itself, and place 0 sees
#!   nothing at all.
#! mistake: torch.tril(torch.ones(n, n)).flip(0) -> Upside down: the first place would see everything, the last one
#!   only place 0.
#! mistake: torch.eye(n) -> Here each place sees itself and nobody else. The past is allowed too.
#! mistake: torch.ones(n, n) -> Everybody sees everything, which is how the dice were predicted.
#! mistake 2: allowed.sum(dim=0) -> That adds down the columns: how many see each place. You want how many it sees.
#! mistake 2: torch.arange(n) -> One too few for each: a place sees itself as well.
#! mistake 2: allowed.sum() -> That's all the ones together. You want a number for each row.
#! alternative: torch.ones(n, n).tril()
#! alternative: (torch.arange(n)[:, None] >= torch.arange(n)).float()
#! alternative: torch.ones(n, n) - torch.triu(torch.ones(n, n), diagonal=1)
#! alternative 2: allowed.sum(dim=-1)
#! alternative 2: torch.stack([row.sum() for row in allowed])
#! alternative 2: torch.arange(1.0, n + 1)

# %%
print("may see:", seen)
draw.heat(
    torch.tril(torch.ones(8, 8)),
    rows=running.SENTENCE,
    columns=running.SENTENCE,
    title='The causal mask for "Let\'s he": who may see whom',
    alt="Eight rows, who asks, and eight columns, who is asked, labelled L, e, t, apostrophe, s, space, h, e. The squares on "
    "the diagonal and below it are 1, those above it are 0: a staircase. The first row has a single 1, the last eight.",
    x_name="is asked",
    y_name="asks",
)

# %% [markdown]
# A staircase: the **causal mask**, since a cause comes before its effect.
#
# Now it has to act on the scores. After the softmax a forbidden place must have a weight of exactly 0. Which score
# gives 0 when e is raised to it? Not 0: e⁰ is 1. Not -5 either: that leaves 0.007. There is one, and computers have it:
# minus infinity, `float("-inf")`.
#
# `x.masked_fill(condition, number)` writes the number wherever the condition is true.

# %%
raw_scores = torch.tensor([[0.5, 1.5, -0.5, 3.0],
                           [1.0, 0.2, 2.5, -1.0],
                           [-0.7, 0.8, 1.4, 0.6],
                           [0.3, -1.2, 0.9, 0.4]])
#! redraw: raw_scores = torch.randn(n, n)

# %%
masked = raw_scores.masked_fill(allowed == 0, float("-inf"))  # blank: minus infinity where looking isn't allowed
attention = F.softmax(masked, dim=-1)  # blank: the weights, row by row
check("06.15")
#! hint: the condition compares `allowed` with the number that means "may not"
#! mistake: raw_scores.masked_fill(allowed == 1, float("-inf")) -> This covers the past and leaves the future open. The
#!   zeros of `allowed` are what's forbidden.
#! mistake: raw_scores.masked_fill(allowed == 0, 0.0) -> A score of 0 is a score like any other: e to the power of 0 is
#!   1. The forbidden places would still be heard.
#! mistake: raw_scores.masked_fill(allowed == 0, float("inf")) -> Plus infinity is the most attractive score there is.
#!   Minus.
#! mistake: raw_scores.masked_fill(allowed == 0, -1e9) -> A score that low gives a weight of 0 too, as long as the
#!   others are higher. Minus infinity always works: `float("-inf")`.
#! mistake: raw_scores * allowed -> This makes the forbidden scores 0, and 0 is a score like any other: e⁰ is 1.
#! mistake: raw_scores + (1 - allowed) * float("-inf") -> Infinity times 0 is `nan`, so every place that may be seen
#!   gets a `nan`.
#! mistake: raw_scores.masked_fill(allowed.T == 0, float("-inf")) -> Transposed, the staircase leads the other way: the
#!   future is open, and the past is closed.
#! mistake: raw_scores - allowed -> That takes 1 off where looking is allowed.
#! mistake 2: F.softmax(raw_scores, dim=-1) -> Those are the scores without the mask.
#! mistake 2: F.softmax(masked, dim=0) -> Over `dim=0` the columns add up to 1. The rows should.
#! mistake 2: F.log_softmax(masked, dim=-1) -> Those are the logarithms of the weights. Leave out the log.
#! mistake 2: masked / masked.sum(dim=-1, keepdim=True) -> Infinity divided by infinity is `nan`. Softmax raises e to
#!   the scores first.
#! equivalent: an argument less: F.softmax(masked, dim=-1) => F.softmax(masked) -> for a table PyTorch takes the rows
#!   by itself, and warns that it has to guess
#! equivalent: a sign dropped: -1 => 1 -> in a table dimension 1 is the last one
#! mistake 2: torch.exp(masked) -> The zeros are in the right places. Now divide each row by its sum: softmax.
#! alternative: torch.where(allowed == 1, raw_scores, float("-inf"))
#! alternative: raw_scores.masked_fill(~allowed.bool(), -torch.inf)
#! alternative: raw_scores + torch.log(allowed)
#! alternative 2: torch.softmax(masked, dim=1)
#! alternative 2: torch.exp(masked) / torch.exp(masked).sum(dim=-1, keepdim=True)

# %%
print(masked)
print(attention)

# %% [markdown]
# Look at the first row: 1, 0, 0, 0. The 3.0 for the last place is gone. The first place sees nobody but itself, so it
# gives itself everything, **whatever the scores are**, in every head of every model of this kind.
#
# Each row still adds up to 1. Could we have got there more simply, with the softmax first and zeros in the upper right
# afterwards? It sounds the same. Try it.

# %%
late = F.softmax(raw_scores, dim=-1) * allowed  # blank: softmax first, then zeros where looking isn't allowed
late_sums = late.sum(dim=-1)  # blank: what does each row add up to?
check("06.16")
#! hint: shares of the raw scores, times the table of ones and zeros; then add along each row
#! mistake: F.softmax(raw_scores * allowed, dim=-1) -> Here the zeros come before the softmax, and count as scores of
#!   0.
#! mistake: F.softmax(masked, dim=-1) -> That's the right way, with the mask before the softmax. For once you want the
#!   wrong one.
#! mistake: F.softmax(raw_scores, dim=-1) -> The zeros are missing.
#! mistake: raw_scores * allowed -> The softmax is missing.
#! mistake: F.softmax(raw_scores, dim=0) * allowed -> Over `dim=0` the columns add up to 1. Softmax along the rows, then
#!   put in the zeros.
#! equivalent: an argument less: F.softmax(raw_scores, dim=-1) => F.softmax(raw_scores) -> for a table PyTorch takes
#!   the rows by itself, and warns that it has to guess
#! equivalent: a sign dropped: -1 => 1 -> in a table dimension 1 is the last one
#! mistake 2: late.sum(dim=0) -> Those are the sums of the columns. Whoever asks is a row: add along it.
#! mistake 2: late.sum() -> That's the whole table in one number. What does each row add up to?
#! alternative: torch.tril(F.softmax(raw_scores, dim=-1))
#! alternative: F.softmax(raw_scores, dim=-1).masked_fill(allowed == 0, 0.0)
#! alternative: torch.where(allowed == 1, F.softmax(raw_scores, dim=-1), 0.0)
#! alternative 2: late.sum(dim=1)
#! alternative 2: late @ torch.ones(n)

# %%
print("rows add up to", late_sums)
other_future = raw_scores.clone()
other_future[0, 3] = -3.0  # the first place's score for the last place, which it must not see
print("first row, before:", late[0], " after:", (F.softmax(other_future, dim=-1) * allowed)[0])

# %% [markdown]
# The first row adds up to 0.06. The rest went to places that were then taken from it. It gets worse: change a score
# that the first place must not see, and its weight for itself changes, from 0.06 to 0.24. **How much is missing gives
# the future away**, and training finds every leak of this kind.
#
# So the mask comes before the softmax, with minus infinity. Now the dice again, behind a wall:

# %%
wall = torch.zeros(8, 8).masked_fill(torch.tril(torch.ones(8, 8)) == 0, float("-inf"))
dice_masked = train_on_dice(wall)
print("without a wall:", dice)
print("with a wall:   ", dice_masked)

# %% [markdown]
# One in six, give or take, at every place. For once we're pleased with a model that knows nothing: there's nothing to
# know.
#
# - [ ] 06.14 Write down who may see whom
# - [ ] 06.15 Put the mask before the softmax
# - [ ] 06.16 Put it after the softmax, and see what leaks
# - [ ] 06.r6 I can say why the first row of the weights is always 1, 0, 0, ...

# %% [markdown]
# ## Dropout on the weights · 13 min
#
# Two heads want to know whether a vowel comes next. They ask four earlier places; the answers are in `told`, where
# anything near 1 means yes, and each head mixes them with its own weights. One head leans on a neighbour that was
# useful once, the other listens to all four. Now a place falls silent. Guess what's left of each mixture:

# %%
told = torch.tensor([1.0, 0.8, 1.2, 1.0])
leaning = torch.tensor([0.02, 0.02, 0.94, 0.02])
listening = torch.tensor([0.25, 0.25, 0.25, 0.25])
for how, shares_of_four in (("leaning on one", leaning), ("listening to all", listening)):
    products = shares_of_four * told
    print(f"{how:<16} {products.sum():.3f}, with one place silent: {products.sum() - products}")

# %% [markdown]
# Without its neighbour the first head is left with 0.056 of 1.184. The second never falls below 0.7, whoever is silent.
# And in new text somebody always is: *look two to the left* may have worked for a few lines of Coriolanus and nowhere
# else.
#
# How do you teach a head not to lean? Take places away from it **while it trains**, at random, different ones at every
# step. This is **dropout**. Here it acts on the attention weights: each is set to 0 with probability *p*.
#
# With p = 0.25 one weight in four goes, on average. What does that do to the size of the mixture? Throw dice 10,000
# times for four weights.

# %%
p = 0.25
four_weights = torch.tensor([0.1, 0.2, 0.3, 0.4])
torch.manual_seed(1341)
keeps = torch.rand(10_000, 4) > p  # True: this weight stays
print(keeps[:3])
#! redraw: p = new.number(0.3, 0.45)
#! redraw: keeps = torch.rand(10_000, 4) > p

# %%
dropped = (four_weights * keeps).mean(dim=0)  # blank: each weight's mean over all throws, counting as 0 where it was dropped
repaired = four_weights * keeps / (1 - p)  # blank: all throws, enlarged so that the mean is as before
check("06.18")
#! hint: True counts as 1 in a product, False as 0; and if three quarters are left on average, what do you divide by to
#!   get the whole back?
#! mistake: (four_weights * keeps).mean(dim=1) -> That runs along the rows, over the four weights of one throw. The
#!   mean of each weight runs down the throws.
#! mistake: (four_weights * keeps).sum(dim=0) -> That adds up 10,000 throws. Take the mean.
#! mistake: four_weights * (1 - p) -> That's what the mean should come to. Here you measure it.
#! mistake 2: four_weights * keeps / p -> p is the share that's dropped. Divide by the share that stays.
#! mistake 2: four_weights * keeps * (1 - p) -> This makes them smaller once more.
#! mistake 2: four_weights / (1 - p) -> Larger, yes, but nothing was dropped.
#! mistake 2: four_weights * keeps / keeps.float().mean(dim=0) -> This divides by what the dice happened to give.
#!   Dropout goes by the probability, which is known beforehand.
#! alternative: (four_weights * keeps).sum(dim=0) / len(keeps)
#! alternative: four_weights * keeps.float().mean(dim=0)
#! alternative 2: torch.where(keeps, four_weights / (1 - p), 0.0)
#! alternative 2: four_weights * (keeps / (1 - p))
#! alternative 2: (four_weights / (1 - p)).masked_fill(~keeps, 0.0)

# %%
print("weights:  ", four_weights)
print("dropped:  ", dropped)
print("repaired: ", repaired.mean(dim=0))

# %% [markdown]
# A quarter goes, three quarters are left on average: 0.075 of 0.1. The layers that follow would get used to that, and
# be startled when nothing is dropped any more. So whatever stays is divided by 1 - p, and the mean is what it was.
#
# `nn.Dropout(p)` does both, and has a switch: in training it drops, in the exam it lets everything through.
# `module.train()` and `module.eval()` set the switch, and a new module is in training mode.

# %%
ones = torch.ones(1000)
torch.manual_seed(1341)
dropout = nn.Dropout(p)  # blank: drops each number with probability p
in_training = dropout(ones)
dropout.eval()  # blank [eval]: set the switch for the exam
in_exam = dropout(ones)
check("06.19")
#! hint: the module is named after what it does, and is given the share that goes; the text above has both positions of
#!   the switch
#! mistake: nn.Dropout(1 - p) -> The number is the share that's dropped, not the one that stays.
#! mistake: nn.Dropout(0.5) -> This drops about half the numbers. `p` says how many should go.
#! mistake: nn.Dropout() -> If you don't say how many, it drops about half. Give it `p`.
#! mistake: nn.Dropout(0) -> With 0 nothing is ever dropped.
#! mistake 2: train -> It's in training mode already, and goes on dropping.
#! alternative: nn.Dropout(p=p)
#! alternative: nn.Dropout(p, inplace=False)
#! probe: dropout(ones) -> what `dropout` makes of a thousand ones in the end

# %%
print("in training:", in_training[:8], f" zeros: {(in_training == 0).float().mean():.3f}, mean {in_training.mean():.3f}")
print("in the exam:", in_exam[:8], f" mean {in_exam.mean():.3f}")

# %% [markdown]
# The survivors are 1.333, which is 1/0.75. In the exam everything is 1.
#
# Forgetting `eval()` is a classic: the model does a little worse than it could, and answers differently each time.
# Forgetting to go back to `train()` is another: from then on nothing is dropped.
#
# To be honest about our own model: in training it meets most places of the text once or not at all. It can't learn
# anything by heart that way, so `Config()` leaves dropout at 0; only the small configuration has it on. Dropout matters
# where a large model goes over a small text again and again.
#
# - [ ] 06.18 Drop weights by hand, and repair the mean
# - [ ] 06.19 Switch from training to the exam
# - [ ] 06.r7 I can say what the division by 1 - p is for

# %% [markdown]
# ## One head, end to end · 18 min
#
# All the parts are on the table. Now `"Let's he"` with its real numbers, as LayerNorm left them in chapter 05. The
# three matrices and what follows them are called a **head**. In the small configuration a row has 8 numbers, and a head
# turns it into a query, a key and a value of 4 numbers each. (Why 4? In chapter 07 two heads will share the 8.)

# %%
small = Config.small()
head_size = small.embedding_dim // small.num_heads
x = running.after("05")[0]
print(tuple(x.shape), "head size", head_size)
print(x)
#! redraw: small = new.until(lambda: Config(**new.sizes(batch_size=1, input_sequence_length=new.whole(9, 13),
#!   num_heads=new.pick(3, 4, 5))), lambda drawn: drawn.embedding_dim // drawn.num_heads != 4)
#! redraw: head_size = small.embedding_dim // small.num_heads
#! redraw: x = 3 * torch.randn(small.input_sequence_length, small.embedding_dim)

# %%
torch.manual_seed(1341)
query, key, value = (
    nn.Linear(small.embedding_dim, head_size, bias=False)  # blank [nn.Linear(small.embedding_dim, head_size, bias=False)]: from the model's width to the head's, by name
    for _ in range(3)
)
queries, keys, values = query(x), key(x), value(x)  # blank: x, seen in three ways
check("06.20")
#! hint: as in 06.10, with the sizes by name; call a module like a function
#! mistake: nn.Linear(small.embedding_dim, head_size) -> This one has a bias as well. We do without.
#! mistake: nn.Linear(head_size, small.embedding_dim, bias=False) -> First what comes in, the width of a row, then what
#!   goes out.
#! mistake: nn.Linear(small.embedding_dim, small.embedding_dim, bias=False) -> That keeps the width of 8. A head of
#!   this model is 4 wide.
#! mistake 2: (query(x), query(x), query(x)) -> All three are the same view. Each layer has its own.
#! mistake 2: (query(x), key(x), key(x)) -> The third layer, `value`, makes what is handed over.
#! mistake 2: (query.weight, key.weight, value.weight) -> Those are the matrices. Apply the layers to x.
#! alternative: nn.Linear(in_features=small.embedding_dim, out_features=head_size, bias=False)
#! alternative 2: (layer(x) for layer in (query, key, value))
#! alternative 2: (x @ query.weight.T, x @ key.weight.T, x @ value.weight.T)

# %%
print("queries", tuple(queries.shape), "keys", tuple(keys.shape), "values", tuple(values.shape))
print(queries.detach().round(decimals=3))

# %% [markdown]
# Eight places, and for each one a question of four numbers. Now the scores, scaled; then the mask; then the softmax.
# Guess first: these layers have learned nothing, and start with small random numbers. Will the weights be sharp, or
# nearly even?

# %%
mask = torch.tril(torch.ones(small.input_sequence_length, small.input_sequence_length))
head_scores = queries @ keys.T / head_size**0.5  # blank: scaled scores, (8, 8)
weights = F.softmax(head_scores.masked_fill(mask == 0, float("-inf")), dim=-1)  # blank: the attention weights, masked
check("06.21")
#! hint: 06.13, then 06.15: queries with keys over the root of a query's length; then minus infinity where the mask is
#!   0, and softmax along the rows
#! mistake: queries @ keys.T -> Not scaled yet. Divide by the root of a query's length.
#! mistake: queries @ keys.T / small.embedding_dim**0.5 -> The model is 8 wide, but a query here has 4 numbers, and
#!   those are added up.
#! mistake: queries @ keys.T / head_size -> Take the root: `head_size**0.5`.
#! mistake: keys @ queries.T / head_size**0.5 -> Swap the two: the one who asks goes on the left.
#! mistake 2: F.softmax(head_scores * mask, dim=-1) -> This makes the forbidden scores 0, and a score of 0 still gets a
#!   share. Minus infinity doesn't.
#! equivalent: an argument less: F.softmax(head_scores.masked_fill(mask == 0, float('-inf'... =>
#!   F.softmax(head_scores.masked_fill(mask == 0, float('-inf'))) -> for a table PyTorch takes the rows by itself, and
#!   warns that it has to guess
#! equivalent: a sign dropped: -1 => 1 -> in a table dimension 1 is the last one
#! mistake 2: F.softmax(head_scores, dim=-1) -> Without the mask `L` reads ahead to the end of the window.
#! mistake 2: F.softmax(head_scores, dim=-1) * mask -> The mask comes too late here. The rows no longer add up to 1,
#!   and the future leaks in through their sums.
#! mistake 2: F.softmax(head_scores.masked_fill(mask == 0, float("-inf")), dim=0) -> Over `dim=0` the columns add up to
#!   1. Along the rows: `dim=-1`.
#! alternative: scaled_scores(queries, keys)
#! alternative: torch.einsum("qd,kd->qk", queries, keys) / head_size**0.5
#! alternative: torch.matmul(queries, keys.mT) * head_size**-0.5
#! alternative 2: torch.softmax(torch.where(mask == 1, head_scores, float("-inf")), dim=-1)
#! alternative 2: F.softmax(head_scores + mask.log(), dim=-1)

# %%
draw.heat(
    weights,
    rows=running.SENTENCE,
    columns=running.SENTENCE,
    title='Attention weights of an untrained head on "Let\'s he"',
    alt="Eight rows, who asks, and eight columns, who is asked, labelled L, e, t, apostrophe, s, space, h, e. Above the "
    "diagonal all weights are 0.00. Row L has 1.00 for itself. Row e has 0.41 for L and 0.59 for itself, row t 0.37, 0.29 "
    "and 0.35. From row s on, no weight is above 0.29; the last row has eight between 0.07 and 0.15.",
    x_name="is asked",
    y_name="asks",
)

# %% [markdown]
# Read it row by row. `L` has only itself, as it must. `e` gives 0.41 to `L` and 0.59 to itself. In the last row an
# average would give 0.125 to each of the eight; this head gives between 0.07 and 0.15. It's an average with a tremor,
# and the tremor means nothing yet. A good place to start: nobody is ignored.
#
# The last step, by hand first. Row 1, the `e`, sees two places: which weight goes with which value? Then all eight rows
# at once. Guess what row 0 will be.

# %%
second_row = weights[1, 0] * values[0] + weights[1, 1] * values[1]  # blank: row 1 by hand, without `@`: the two places that it sees
out = weights @ values  # blank: all rows at once: the values, mixed for each place, (8, 4)
check("06.22")
#! hint: row 1 has two weights that aren't 0, and each multiplies a row of values; for all rows, the table of weights goes
#!   on the left
#! mistake: weights[1, 0] * values[0] -> Place 1 sees itself as well. Its own share is missing.
#! mistake: (values[0] + values[1]) / 2 -> That's the average. The two weights aren't 0.5.
#! mistake: weights[0, 1] * values[0] + weights[1, 1] * values[1] -> `weights[0, 1]` is what place 0 gives to place 1, and
#!   that's 0. The one who asks comes first.
#! mistake: weights[0, 0] * values[0] + weights[0, 1] * values[1] -> Those are the weights of row 0, which sees only
#!   itself.
#! mistake: weights[1, 0] * values[1] + weights[1, 1] * values[0] -> The two weights have changed places: `weights[1, 0]` is
#!   for place 0.
#! mistake: weights[1, 0] * x[0] + weights[1, 1] * x[1] -> Right weights, but they mix the rows as they came in. A head
#!   hands over values.
#! mistake 2: values @ weights -> The shapes (8, 4) and (8, 8) don't fit. Put the weights on the left.
#! mistake 2: weights.T @ values -> Transpose the table, and each place mixes by the weights that it gets from others.
#! mistake 2: weights @ x -> Right weights, but they mix the rows as they came in. A head hands over values.
#! mistake 2: mask @ values -> Here every place that's seen counts as 1. The weights say how much it should count.
#! alternative: (weights[1, :2, None] * values[:2]).sum(dim=0)
#! alternative: sum(weights[1, place] * values[place] for place in range(2))
#! alternative 2: torch.matmul(weights, values)
#! alternative 2: torch.einsum("qk,kd->qd", weights, values)

# %%
print(out.detach())
print("this is what leaves the chapter:", torch.equal(out.round(decimals=4), running.after("06")[0].round(decimals=4)))

# %% [markdown]
# Row 0 is the value of `L`, unmixed: its weight was 1. Row 1 is 0.41 of that and 0.59 of the value of `e`.
#
# And look at the two `e`s, rows 1 and 7. In chapter 02 they were the same eight numbers. In chapter 03 their places
# told them apart. Now one of them has met an `L`, and the other a whole line: **they differ by the company they keep**,
# which is what we were after.
#
# - [ ] 06.20 Give "Let's he" queries, keys and values
# - [ ] 06.21 Compute its attention weights
# - [ ] 06.22 Mix its values, one row of them by hand
# - [ ] 06.r8 I can point at a square in the figure and say what it means

# %% [markdown]
# ## Many windows at once · 12 min
#
# A batch has many windows, and each keeps to itself: `Let's he` has no business with the `h` of another play. Three
# windows, eight places, eight numbers: (3, 8, 8). A Linear works on the last dimension and doesn't mind the rest.

# %%
three = ["Let's he", "O Romeo,", "the quee"]
windows = running.part("05")(running.part("04")(torch.tensor([running.loader().encode(w) for w in three]))).detach()
torch.manual_seed(1341)
head_queries, head_keys = torch.randn(3, 2, 8, 4), torch.randn(3, 2, 8, 4)  # made up: two heads
#! redraw: windows = torch.randn(3, *x.shape)
#! redraw: head_queries, head_keys = torch.randn(2, 3, 2, *new.wholes(2, 5, 11))

# %%
window_queries, window_keys, window_values = query(windows), key(windows), value(windows)
print(tuple(windows.shape), "->", tuple(window_queries.shape))

# %% [markdown]
# No loop needed. With more than two dimensions `@` takes the **last two** as matrices, and whatever comes before them
# says how many products there are: (3, 8, 4) @ (3, 4, 8) is three products of (8, 4) with (4, 8), and gives (3, 8, 8).
# Two heads in each of three windows make it (3, 2, 8, 4), in words (batch, heads, sequence, head size).
#
# Transpose with care. `.T` would reverse all dimensions. `.mT` swaps the last two, and so does `.transpose(-2, -1)`.

# %%
window_scores = window_queries @ window_keys.mT / head_size**0.5  # blank: scaled scores, a table for each window
window_weights = F.softmax(window_scores.masked_fill(mask == 0, float("-inf")), dim=-1)
window_out = window_weights @ window_values  # blank: the values, mixed in each window
head_tables = head_queries @ head_keys.mT  # blank: two heads in each window, not scaled: (3, 2, 8, 8)
check("06.23")
#! hint: the line of 06.21 with another way of transposing; and the mixing is just what it was in 06.22
#! mistake: window_queries @ window_keys.T / head_size**0.5 -> `.T` reverses all three dimensions, (4, 8, 3), and the
#!   batch ends up last. Only the last two should change places.
#! mistake: window_queries @ window_keys / head_size**0.5 -> The shapes (8, 4) and (8, 4) don't fit. Transpose the
#!   keys.
#! mistake: window_queries.mT @ window_keys / head_size**0.5 -> That's (3, 4, 4), numbers against numbers. To make
#!   places meet places, transpose the keys.
#! mistake: window_queries @ window_keys.mT -> Not scaled yet.
#! mistake: window_keys @ window_queries.mT / head_size**0.5 -> Swap the two: the one who asks goes on the left.
#! mistake: window_queries @ window_keys.mT / head_size -> Take the root: `head_size**0.5`.
#! mistake: window_queries @ window_keys.reshape(len(window_keys), head_size, -1) / head_size**0.5 -> This pours the
#!   keys into rows of another length, in the order they come in. The shapes fit, the numbers don't; transpose them.
#! mistake 2: window_weights.mT @ window_values -> Transpose the tables, and each place mixes by the weights that it
#!   gets from others.
#! mistake 2: window_weights @ windows -> Those are the rows that came in. A head hands over values.
#! mistake 2: window_scores @ window_values -> Those are the scores. Mix by the weights.
#! alternative: window_queries @ window_keys.transpose(-2, -1) / head_size**0.5
#! alternative: window_queries @ window_keys.transpose(1, 2) * head_size**-0.5
#! alternative: torch.bmm(window_queries, window_keys.permute(0, 2, 1)) / head_size**0.5
#! alternative: torch.einsum("bqd,bkd->bqk", window_queries, window_keys) / head_size**0.5
#! alternative: torch.stack([scaled_scores(q, k) for q, k in zip(window_queries, window_keys)])
#! alternative 2: torch.bmm(window_weights, window_values)
#! alternative 2: torch.einsum("bqk,bkd->bqd", window_weights, window_values)
#! alternative 2: F.scaled_dot_product_attention(window_queries, window_keys, window_values, is_causal=True)
#! mistake 3: head_queries @ head_keys.T -> The wrong dimensions have changed places: `.T` reverses all four,
#!   `.transpose(1, 2)` swaps heads and sequence. Swap only the last two, -2 and -1.
#! mistake 3: head_queries.mT @ head_keys -> That's (3, 2, 4, 4), numbers against numbers. To make places meet places,
#!   transpose the keys.
#! alternative 3: head_queries @ head_keys.transpose(-2, -1)
#! alternative 3: torch.einsum("bhqd,bhkd->bhqk", head_queries, head_keys)

# %%
print(tuple(window_scores.shape), "->", tuple(window_out.shape), " two heads:", tuple(head_tables.shape))
print('"Let\'s he" as before:', torch.allclose(window_out[0], out, atol=1e-6))

# %% [markdown]
# One mask of (8, 8) was enough for all three tables. And the first window came out just as it did on its own: no window
# has seen another.
#
# PyTorch has all of this in one call: `F.scaled_dot_product_attention(queries, keys, values, is_causal=True)`.
#
# - [ ] 06.23 Do it for a batch of windows, and for two heads

# %% [markdown]
# ## Shorter windows · 10 min
#
# The mask is made for the longest window, 8 here. But a model that begins to write has read one character, then two,
# then three. After five its table of scores is (5, 5), which doesn't fit a mask of (8, 8).
#
# Which part of a staircase of 8 steps is a staircase of 5? The top left corner, `mask[:5, :5]`.
#
# Guess before you compute: how does the answer for the first five characters alone differ from the first five rows of
# the answer for all eight?

# %%
def attend(x: torch.Tensor) -> torch.Tensor:
    """The head's answer for windows of any length up to 8: (..., sequence, 8) -> (..., sequence, 4)."""
    length = x.shape[-2]  # blank: how many places does a window have?
    attend_scores = query(x) @ key(x).mT / head_size**0.5
    attend_scores = attend_scores.masked_fill(mask[:length, :length] == 0, float("-inf"))  # blank [mask[:length, :length]]: as much of the mask as you need
    return F.softmax(attend_scores, dim=-1) @ value(x)


first_five = attend(windows[:, :5])
check("06.24")
#! hint: a batch is (batch, sequence, width), so count from the end; one slice for the rows and another for the columns
#! mistake: x.shape[0] -> With a batch, the first dimension is the batch. The places are the last but one.
#! mistake: x.shape[-1] -> A mask with eight columns doesn't fit a table of (5, 5). Either `length` is the width of a
#!   row, which is 8 as well, or the columns haven't been cut.
#! mistake: 5 -> Right for these windows. The next ones have another length.
#! mistake: x.shape[1] -> Right with a batch. For a single window, (sequence, width), dimension 1 is the width. Count
#!   from the end.
#! mistake 2: mask -> That's all of it, which fits only the longest windows. Cut it for shorter ones.
#! mistake 2: mask[:length] -> Its rows have been cut, its columns haven't. Both are places.
#! mistake 2: torch.ones(length, length) -> The right size, with ones everywhere: nothing is forbidden.
#! mistake 2: mask[:length, :length].mT -> Transposed, the staircase leads the other way: the future is open, the past
#!   is closed.
#! alternative: x.size(-2)
#! alternative: x.mT.shape[-1]
#! alternative 2: torch.tril(torch.ones(length, length))
#! alternative 2: mask[-length:, -length:]
#! alternative 2: mask[:length][:, :length]
#! equivalent: another name: mask => weights -> the weights are 0 just where the mask is
#! probe: attend(windows[:, :3]) -> the answer for windows of three places
#! probe: attend(windows[1]) -> the answer for one long window without a batch
#! probe: attend(x[:2]) -> the answer for one window of two places without a batch

# %%
print(tuple(windows[:, :5].shape), "->", tuple(first_five.shape))
print("the same as the first five rows of eight:", torch.allclose(first_five, window_out[:, :5], atol=1e-6))

# %% [markdown]
# Not at all. None of the first five could see the last three, so it makes no difference whether they're there. **What a
# place has worked out stays, whatever is written after it.** That's why one window of eight gives eight honest exam
# questions, as chapter 01 promised: at place 4 the head knows no more than if the text ended there.

# %% [markdown]
# One thing is left: where does the mask live? The head should keep it, but it isn't a parameter; nobody should train
# it. As a plain attribute, `self.mask = ...`, it would be left behind: when you move a model to a graphics card, or to
# wider numbers with `.double()`, the model takes along what's *registered* with it and nothing else.
#
# That's what **buffers** are for: `self.register_buffer("mask", tensor, persistent=False)`. A buffer moves along and
# isn't trained. `persistent=False` keeps it out of the saved file: anybody can build a staircase.

# %%
class Keeper(nn.Module):
    """Has one number to train, and keeps a mask for windows up to `length`."""

    def __init__(self, length: int) -> None:
        """The mask lets every place see itself and what came before."""
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))
        self.register_buffer("mask", torch.tril(torch.ones(length, length)), persistent=False)  # blank: keep the mask as a buffer


check("06.25")
#! hint: the line in the text above, with the mask of 06.14 in place of `tensor`
#! mistake: setattr(self, "mask", torch.tril(torch.ones(length, length))) -> A plain attribute. When the module moves,
#!   its mask stays behind.
#! mistake: self.register_parameter("mask", nn.Parameter(torch.tril(torch.ones(length, length)))) -> That makes it one
#!   of the numbers to train, and hands it to the optimizer. Nobody should train a wall.
#! mistake: self.register_buffer("mask", torch.tril(torch.ones(length, length))) -> A buffer, but one that's written
#!   into each saved file. `persistent=False` keeps it out.
#! mistake: self.register_buffer("mask", torch.ones(length, length), persistent=False) -> A mask that masks nothing:
#!   everybody sees everything. `torch.tril` makes the staircase.
#! mistake: self.register_buffer("mask", torch.triu(torch.ones(length, length)), persistent=False) -> `triu` keeps the
#!   upper right: the future is open, and the past is closed.
#! mistake: self.register_buffer("mask", torch.tril(torch.ones(8, 8)), persistent=False) -> Right for 8. The module is
#!   told how long its windows can be: `length`.
#! alternative: self.register_buffer("mask", torch.ones(length, length).tril(), persistent=False)
#! alternative: nn.Module.register_buffer(self, "mask", torch.tril(torch.ones(length, length)), persistent=False)
#! probe: [name for name, _ in Keeper(4).named_parameters()] -> the list of parameters' names
#! probe: [name for name, _ in Keeper(4).named_buffers()] -> the list of buffers' names
#! probe: list(Keeper(4).state_dict()) -> the list of what's saved
#! probe: Keeper(3).mask -> the mask for a length of 3
#! probe: Keeper(new.whole(4, 9)).mask -> the mask for a longer length

# %%
keeper = Keeper(3).double()
print("trained:", [name for name, _ in keeper.named_parameters()], " saved:", list(keeper.state_dict()))
print("moved along:", keeper.mask.dtype)

# %% [markdown]
# - [ ] 06.24 Cut the mask for shorter windows
# - [ ] 06.25 Keep the mask in a buffer
# - [ ] 06.r9 I can say why the first five answers don't depend on the last three characters

# %% [markdown]
# ## The class · 12 min
#
# Nine blanks and no new idea: you've written every line before. The method `weights` ends with the softmax, so that you
# can look at the weights; `forward` drops some of them and mixes the values.

# %%
#| export
class AttentionHead(nn.Module):
    """Lets each place look at itself and those before it, and mixes their values by what it finds."""

    mask: torch.Tensor

    def __init__(self, head_size: int, config: Config) -> None:
        """Queries, keys and values of `head_size` numbers each, from rows of `config.embedding_dim`."""
        super().__init__()
        self.query = nn.Linear(config.embedding_dim, head_size, bias=False)  # blank: what a place asks for
        self.key = nn.Linear(config.embedding_dim, head_size, bias=False)  # blank: what it can be found by
        self.value = nn.Linear(config.embedding_dim, head_size, bias=False)  # blank: what it gives
        self.dropout = nn.Dropout(config.dropout)  # blank: drops weights while training
        longest = config.input_sequence_length
        self.register_buffer("mask", torch.tril(torch.ones(longest, longest)), persistent=False)  # blank [torch.tril(torch.ones(longest, longest))]: who may see whom

    def weights(self, x: torch.Tensor) -> torch.Tensor:
        """How much each place listens to each place, before dropout: (..., sequence, width) -> (..., sequence, sequence)."""
        length, head_size = x.shape[-2], self.query.out_features
        scores = self.query(x) @ self.key(x).mT / head_size**0.5  # blank: scaled scores
        scores = scores.masked_fill(self.mask[:length, :length] == 0, float("-inf"))  # blank: minus infinity for the future
        return F.softmax(scores, dim=-1)  # blank: shares that add up to 1 in each row

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """What each place has gathered: (batch, sequence, width) -> (batch, sequence, head_size)."""
        return self.dropout(self.weights(x)) @ self.value(x)  # blank: the values, mixed by the weights after dropout


check("06.26")
#! hint: go back to where you wrote these lines: 06.10 or 06.20 (three times), 06.19, 06.14, 06.23, 06.24, 06.15, and
#!   06.22 with dropout around the weights; what belongs to the head gets `self.`
#! mistake: nn.Linear(config.embedding_dim, head_size) -> This one has a bias as well. We do without.
#! mistake: nn.Linear(head_size, config.embedding_dim, bias=False) -> First what comes in, the width of a row; then
#!   what goes out.
#! mistake: query -> That's this notebook's layer, of fixed size, and all heads would share it. Each head makes its
#!   own.
#! mistake 2: self.query -> Then asking and being found share one layer, and the mirror is back: my score for you is
#!   yours for me.
#! mistake 2: nn.Linear(config.embedding_dim, head_size) -> A bias on the keys cancels in the softmax. Leave it out.
#! mistake 3: nn.Linear(config.embedding_dim, config.embedding_dim, bias=False) -> This gives back rows of the whole
#!   width. A head gives `head_size` numbers for each place.
#! mistake 3: self.key -> What a place is found by isn't what it gives. The third view has a layer of its own.
#! mistake 4: nn.Dropout(1 - config.dropout) -> `config.dropout` is the share that's dropped, and that's what
#!   `nn.Dropout` wants to know.
#! mistake 4: nn.Dropout(0.1) -> Right for these settings. Others have another share: `config.dropout`.
#! mistake 5: torch.ones(longest, longest) -> With ones everywhere the head would be back to predicting dice. You want
#!   the staircase.
#! mistake 5: torch.triu(torch.ones(longest, longest)) -> This opens the future and closes the past.
#! mistake 5: torch.tril(torch.ones(8, 8)) -> Right for windows of 8. The settings say how long they can be.
#! mistake 6: self.query(x) @ self.key(x).mT -> Not scaled yet. Divide by the root of a query's length.
#! mistake 6: self.query(x) @ self.key(x).mT / x.shape[-1] ** 0.5 -> That's the width of the model. A query has
#!   `head_size` numbers, and those are added up.
#! mistake 6: self.query(x) @ self.key(x).mT / head_size -> Take the root: `head_size**0.5`.
#! mistake 6: self.query(x) @ self.key(x).T / head_size**0.5 -> `.T` reverses all dimensions, the batch as well. To swap
#!   only the last two, use `.mT`.
#! mistake 6: self.key(x) @ self.query(x).mT / head_size**0.5 -> Rows and columns have changed places. The one who asks
#!   goes on the left.
#! mistake 7: scores -> The mask is there but never used, so every place sees the future.
#! mistake 7: scores.masked_fill(self.mask == 0, float("-inf")) -> Good for the longest window only. For a shorter one
#!   take the corner of the mask, `[:length, :length]`.
#! mistake 7: scores.masked_fill(self.mask[:length] == 0, float("-inf")) -> The rows of the mask have been cut, its
#!   columns haven't. Both are places: `[:length, :length]`.
#! mistake 7: scores.masked_fill(self.mask[:length, :length] == 0, 0.0) -> A score of 0 still gets a share, since e to
#!   the power of 0 is 1.
#! mistake 7: scores.masked_fill(self.mask[:length, :length] == 1, float("-inf")) -> This covers the past and leaves
#!   the future open.
#! mistake 8: F.softmax(scores, dim=1) -> In a batch, dimension 1 is the places that ask, so the columns would add up to
#!   1. The last dimension is always -1.
#! mistake 8: scores -> Those are the scores, minus infinities included. They aren't shares yet.
#! mistake 9: self.weights(x) @ self.value(x) -> The dropout is there but never used.
#! mistake 9: self.dropout(self.weights(x) @ self.value(x)) -> This drops numbers from the mixture. Ours drops weights,
#!   so that a place has to do without a neighbour.
#! mistake 9: self.dropout(self.weights(x)) @ x -> These are the rows that came in. A head hands over values.
#! mistake 9: self.dropout(F.softmax(self.weights(x), dim=-1)) @ self.value(x) -> `weights` ends with a softmax
#!   already. A second one makes the shares nearly equal, and opens the future again.
#! alternative 1: nn.Linear(in_features=config.embedding_dim, out_features=head_size, bias=False)
#! alternative 4: nn.Dropout(p=config.dropout)
#! alternative 5: torch.ones(longest, longest).tril()
#! alternative 5: (torch.arange(longest)[:, None] >= torch.arange(longest)).float()
#! alternative 6: self.query(x) @ self.key(x).transpose(-2, -1) / head_size**0.5
#! alternative 6: torch.matmul(self.query(x), self.key(x).mT) * head_size**-0.5
#! alternative 6: torch.einsum("...qd,...kd->...qk", self.query(x), self.key(x)) / head_size**0.5
#! alternative 7: torch.where(self.mask[:length, :length] == 1, scores, float("-inf"))
#! alternative 7: scores.masked_fill(~self.mask[:length, :length].bool(), -torch.inf)
#! alternative 7: scores + torch.log(self.mask[:length, :length])
#! alternative 8: torch.softmax(scores, dim=-1)
#! alternative 8: scores.softmax(-1)
#! alternative 9: torch.matmul(self.dropout(self.weights(x)), self.value(x))
#! alternative 9: torch.einsum("...qk,...kd->...qd", self.dropout(self.weights(x)), self.value(x))
#! probe: same_weights(AttentionHead(3, small)).weights(windows) -> the table of weights for three windows
#! probe: same_weights(AttentionHead(4, small))(windows) -> the output for three windows
#! probe: same_weights(AttentionHead(4, small))(windows[:, :5]) -> the output for three windows of five places
#! probe: (same_weights(AttentionHead(3, replace(small, dropout=0.4))).train(), torch.manual_seed(1))[0](windows) ->
#!   the output in training with dropout
#! probe: (same_weights(AttentionHead(3, replace(small, dropout=0.4))).train(),
#!   torch.manual_seed(1))[0].weights(windows) -> the table of weights in training before dropout
#! probe: same_weights(AttentionHead(2, Config(embedding_dim=6, hidden_dim=7,
#!   input_sequence_length=150)))(torch.randn(2, 130, 6)) -> the output for two very long windows
#! probe: len(list(AttentionHead(4, small).buffers())) -> the number of buffers
#! probe: len(AttentionHead(4, small).state_dict()) -> the number of tensors that are saved
#! probe: AttentionHead(5, small) -> a head of size 5
#! probe: all(part.training for part in AttentionHead(5, small).modules()) -> whether all parts of a new head are in
#!   training mode
#! equivalent: another attribute: self.query => self.key -> a key is as long as a query
#! equivalent: another attribute: self.query => self.value -> a value is as long as a query
#! equivalent: a statement deleted: mask: torch.Tensor -> it only tells readers and type checkers what `mask` is

# %%
torch.manual_seed(1341)
head = AttentionHead(head_size, small).eval()
leaving = head(x[None])  # a batch of one window
print(tuple(x[None].shape), "->", tuple(leaving.shape))
print("as by hand:", torch.allclose(leaving[0], out, atol=1e-6))
print("this is what chapter 07 begins with:", torch.equal(leaving, running.after("06")))

# %% [markdown]
# The same numbers as by hand.
#
# Now for your **tensor map**: the shapes that this chapter adds. Write them with the names of the settings, this time
# those of the real model; the check tries other settings too.

# %%
config = Config()
size = config.embedding_dim // config.num_heads
print(config, "head size", size)
#! redraw: config = Config(**new.sizes(num_heads=new.pick(2, 3, 5)))
#! redraw: size = config.embedding_dim // config.num_heads

# %%
shapes = {
    "normalised": (config.batch_size, config.input_sequence_length, config.embedding_dim),
    "queries": (config.batch_size, config.input_sequence_length, size),  # blank [(config.batch_size, config.input_sequence_length, size)]: keys and values too
    "mask": (config.input_sequence_length, config.input_sequence_length),
    "attention weights": (config.batch_size, config.input_sequence_length, config.input_sequence_length),  # blank [(config.batch_size, config.input_sequence_length, config.input_sequence_length)]: a table for each window
    "head output": (config.batch_size, config.input_sequence_length, size),  # blank [(config.batch_size, config.input_sequence_length, size)]: what each place has gathered
}
check("06.27")
#! hint: three numbers each, the batch first; the weights are a table of who asks by who is asked, the other two shapes
#!   have a row as wide as the head for each place
#! mistake: (config.batch_size, config.input_sequence_length, config.embedding_dim) -> That's what comes in. A query is
#!   as long as the head is wide.
#! mistake: (config.input_sequence_length, size) -> That's one window. The batch comes first.
#! mistake: (config.batch_size, size, config.input_sequence_length) -> That's what transposed keys look like. A row for
#!   each place: place first, then its numbers.
#! mistake 2: (config.input_sequence_length, config.input_sequence_length) -> That's the table of one window, as large
#!   as the mask. Each window of the batch has one.
#! mistake 2: (config.batch_size, config.input_sequence_length, size) -> The scores compare places with places, and the
#!   numbers of a query have been added up. Who asks, by who is asked.
#! mistake 2: (config.batch_size, size, size) -> Here places meet places. The numbers of the head have been added up.
#! mistake 3: (config.batch_size, config.input_sequence_length, config.embedding_dim) -> That's the width of the model.
#!   One head gives its own width; in chapter 07 several heads together fill the whole width.
#! mistake 3: (config.batch_size, config.input_sequence_length, config.input_sequence_length) -> Those are the weights.
#!   The output is made of values.
#! mistake 3: (config.batch_size, size) -> One row for each window would be a summary. Every place keeps a row.
#! alternative: (config.batch_size, config.input_sequence_length, config.embedding_dim // config.num_heads)
#! alternative 2: (config.batch_size, *[config.input_sequence_length] * 2)
#! alternative 3: (config.batch_size, config.input_sequence_length, config.embedding_dim // config.num_heads)

# %%
real = AttentionHead(size, config)
rows_in = torch.zeros(config.batch_size, config.input_sequence_length, config.embedding_dim)
print("queries          ", tuple(real.query(rows_in).shape), "you said", shapes["queries"])
print("attention weights", tuple(real.weights(rows_in).shape), "you said", shapes["attention weights"])
print("head output      ", tuple(real(rows_in).shape), "you said", shapes["head output"])
print("parameters:", sum(p.numel() for p in real.parameters()))

# %% [markdown]
# Look at the middle one: every place against every place. A window twice as long makes a table four times as large.
# That's the price of attention, and why the length of a model's context is something to boast about.
#
# - [ ] 06.26 Write the class AttentionHead
# - [ ] 06.27 Note its shapes on the map

# %% [markdown]
# ## A head that has learned · 10 min
#
# What does a head look like once it has learned something? Give it a task that we know how to do: at each place, **name
# the last vowel so far**, the place itself included. (Only small letters count.) At the `t` of `Let's he` that's the
# `e` before it; at the `L` there hasn't been one, and nothing is asked.
#
# To solve it, a head has to look at one particular place, and nobody tells it which: all it gets is windows from the
# plays, and the right vowel. Below are the module of chapter 04, the head, and a Linear that guesses; then plain
# gradient descent, as in chapter 02.

# %%
loader = running.loader()
is_vowel = torch.zeros(loader.vocab_size, dtype=torch.bool)
is_vowel[loader.encode("aeiou")] = True


def last_vowel(ids: torch.Tensor) -> torch.Tensor:
    """The place of the last vowel up to each place, -1 where there has been none: (batch, 8) -> (batch, 8)."""
    return torch.where(is_vowel[ids], torch.arange(ids.shape[-1]), -1).cummax(dim=-1).values


def some_windows(ids: torch.Tensor, count: int) -> torch.Tensor:
    """Windows of 8 from random places: (count, 8)."""
    return ids[torch.randint(len(ids) - 8, (count, 1)) + torch.arange(8)]


torch.manual_seed(1341)
toy = replace(small, embedding_dim=16, dropout=0.0)
parts = nn.ModuleList([EmbeddingModule(loader.vocab_size, toy), AttentionHead(8, toy), nn.Linear(8, loader.vocab_size)])
embed, learned, guess = parts
losses = []
for _ in range(200):
    ids = some_windows(loader.train_ids, 32)
    places = last_vowel(ids)
    wanted = ids.gather(1, places.clamp(min=0)).masked_fill(places < 0, -100)  # -100: nothing is asked here
    loss = F.cross_entropy(guess(learned(embed(ids))).flatten(0, 1), wanted.flatten())
    losses.append(loss.item())
    for parameter, slope in zip(parts.parameters(), torch.autograd.grad(loss, list(parts.parameters())), strict=True):
        parameter.data -= slope
print(f"loss {losses[0]:.2f} -> {losses[-1]:.2f}")

# %% [markdown]
# That was 200 steps. Now take windows that the head has never met, from the validation part, and ask it: where do you
# look? How often is the largest weight in a row the last vowel's?

# %%
torch.manual_seed(1342)
with torch.no_grad():
    unseen = some_windows(loader.validation_ids, 1000)
    unseen_weights = learned.weights(embed(unseen))
vowel_places = last_vowel(unseen)
print(tuple(unseen_weights.shape), tuple(vowel_places.shape))

# %%
looked_at = unseen_weights.argmax(dim=-1)  # blank: where does each place look most?
found = (looked_at == vowel_places)[vowel_places >= 0].float().mean()  # blank [vowel_places >= 0]: only where there has been a vowel
check("06.28")
#! hint: 06.04 had the place of the largest number in each row; and where there has been no vowel, `vowel_places` is -1
#! mistake: unseen_weights.argmax(dim=1) -> That runs down the columns: who listens to each place most. Go along the
#!   rows.
#! mistake: unseen_weights.max(dim=-1).values -> Those are the largest weights. You want their places.
#! mistake: unseen_weights.argmin(dim=-1) -> That's where it looks least.
#! mistake 2: vowel_places > 0 -> A vowel at place 0 is a vowel. What you leave out is -1.
#! mistake 2: vowel_places < 0 -> Those are the places where there hasn't been one.
#! mistake 2: looked_at >= 0 -> This is true everywhere, and the places without any vowel count as failures.
#! alternative: unseen_weights.max(dim=-1).indices
#! alternative: torch.argmax(unseen_weights, dim=2)
#! alternative 2: vowel_places != -1
#! alternative 2: is_vowel[unseen].cumsum(dim=-1) > 0

# %%
with torch.no_grad():
    pattern = learned.weights(embed(running.ids()))[0]
draw.heat(
    pattern,
    rows=running.SENTENCE,
    columns=running.SENTENCE,
    title='Attention weights on "Let\'s he", after learning to name the last vowel',
    alt="Eight rows, who asks, and eight columns, who is asked, labelled L, e, t, apostrophe, s, space, h, e. Each row has "
    "one weight of about 1, all the others are about 0. Row L has it for itself. The rows e, t, apostrophe, s, space and h all have it in the "
    "column of the first e. The last row, the second e, has it for itself.",
    x_name="is asked",
    y_name="asks",
)
print(f"looks at the last vowel in {found:.1%} of the places")

# %% [markdown]
# At more than 95 places out of 100 it looks at the last vowel. You can read it off our sentence: from the first `e` on,
# everybody looks at that `e`, past everything in between, until a second `e` comes along and looks at itself. `L` has
# nothing to find, and nobody else to look at.
#
# From the right vowels alone its queries have learned to ask for *a vowel, and the later the better*, and its keys to
# answer. In another window it looks elsewhere. That's what an average could never do: **the shares depend on what is
# there**.
#
# Put this figure beside the one of the untrained head. The same class, the same eight characters, and 200 steps between
# them.
#
# - [ ] 06.28 Ask a trained head where it looks
# - [ ] 06.r10 I can read the two figures of "Let's he", before and after learning

# %% [markdown]
# ## Challenge: without the table
#
# This one is optional, takes some 15 minutes, and nothing later needs it.
#
# A window of 100,000 places makes a table of ten thousand million weights, in every head. Models read such windows all
# the same, because nobody needs the table. A query can walk past the places once, one score and one value at a time, and
# remember three things: the largest score so far, the sum of the powers, and the sum of the values times their powers.
# At the end, divide. That's the trick inside FlashAttention.
#
# The catch is the overflow of 06.06: the largest score has to come off first, and halfway along you don't know it yet. So
# you take off the largest *so far*. When a larger one comes along, what do you multiply the old sums by?

# %%
torch.manual_seed(1341)
long_scores = 100 + 2 * torch.randn(12)
long_values = torch.randn(12, 3)
print("scores:", long_scores)
print("with a row of weights:", F.softmax(long_scores, dim=-1) @ long_values)
#! redraw: long_scores = new.until(lambda: 100 + 2 * torch.randn(12), lambda drawn: 1 < drawn.argmax() < 11 and drawn[0] < drawn[1])

# %%
def one_pass(scores: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
    """`F.softmax(scores, dim=-1) @ values`, without the weights: (places,) and (places, d) -> (d,)."""
    top = torch.tensor(float("-inf"))
    total, mixture = 0.0, torch.zeros(values.shape[-1])
    for score, value in zip(scores, values, strict=True):
        new_top = torch.maximum(top, score)
        power = torch.exp(score - new_top)
        shrink = torch.exp(top - new_top)  # blank: the factor for what was added up with `top` taken off
        total = total * shrink + power  # blank: the sum of the powers so far, this one included
        mixture = mixture * shrink + power * value  # blank: the sum of the values times their powers so far, this one included
        top = new_top
    return mixture / total  # blank: the mixture, by shares that add up to 1


from_one_pass = one_pass(long_scores, long_values)
check("06.29")
#! challenge: 15 minutes
#! hint: e to the power of (score - top) should have been e to the power of (score - new_top); divide the second by the
#!   first. Then both sums get that factor before anything new joins them
#! mistake: torch.exp(new_top - top) -> The other way round: this makes the sums larger. When more is taken off, powers
#!   get smaller.
#! mistake: torch.exp(score - new_top) -> That's the power of the new score. The factor is for the old sums, which go from
#!   `top` to `new_top`.
#! mistake: 1.0 -> Nothing shrinks, so this is right only if no score is larger than the first.
#! mistake: top - new_top -> That's the difference of the two scores. What's added up are powers: raise e to it.
#! mistake: top / new_top -> A quotient of scores. Take the quotient of their powers: e to the power of their
#!   difference.
#! mistake 2: total + power -> The old powers were taken with the old top. Shrink them first.
#! mistake 2: (total + power) * shrink -> This shrinks the new power too, and that one has been taken with the new top
#!   already.
#! mistake 2: total * shrink + 1 -> Each place counts as 1 here. It should count by its power.
#! mistake 3: mixture + power * value -> The old mixture was made with the old top. Shrink it first, as you do `total`.
#! mistake 3: mixture * shrink + value -> Each value joins at full weight here. Weight it by its power.
#! mistake 3: mixture * shrink + score * value -> That weights the value by its score. Weight it by its power.
#! mistake 4: mixture -> The powers don't add up to 1. Divide by their sum.
#! mistake 4: mixture / len(scores) -> That divides by how many there are. Divide by the sum of the powers.
#! alternative: (top - new_top).exp()
#! alternative: 1 / torch.exp(new_top - top)
#! alternative 2: power + shrink * total
#! alternative 3: power * value + shrink * mixture
#! alternative 4: torch.div(mixture, total)
#! probe: one_pass(3 * torch.arange(9.0), torch.eye(9)) -> the mixture for nine scores that rise
#! probe: one_pass(torch.randn(20) - 200, torch.randn(20, 5)) -> the mixture for twenty very low scores

# %% [markdown]
# - [ ] 06.29 Challenge: mix without a table of weights

# %% [markdown]
# ## What's yours now
#
# - attention is **a table of shares times rows**; an average is the dullest such table
# - **query, key, value**: what I ask for, what I'm found by, what I give
# - scores = queries @ keys.mT / **√d**, so that they stay around 1 and the head can learn
# - the **causal mask**, minus infinity before the softmax, so that nobody copies from the future
# - **softmax** along each row, **dropout** on what comes out, and then the values
# - (batch, sequence, width) goes in, (batch, sequence, head_size) comes out: `AttentionHead(head_size, config)`
#
# Tick, commit, and be pleased with yourself; nothing in the rest of the course is harder.
#
# One head asks one question, and brings back narrower rows than went in. In **07 MultiHeadAttention** several heads ask
# at once, and together they fill the width again.
