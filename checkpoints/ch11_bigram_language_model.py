# %% [markdown]
# # 11 BigramLanguageModel
#
# Put all the parts together, and let the model speak for the first time.
#
# 90 minutes in seven sections, and a challenge if you want one. You'll need chapters 04, 09 and 10.
#
# We start with a model that's nothing but a table, because everything you need to know about *speaking* can be learned
# from a table. The big model then gets it all for free.

# %%
#| export
import torch
import torch.nn.functional as F
from torch import nn

# %%
import math
from dataclasses import replace

from nanogpt import Config, DataLoader, EmbeddingModule, TransformerBlock, VocabularyLogits
from workshop import ____, check, corpus, draw, hint, running, solution

torch.set_printoptions(precision=3, linewidth=100, sci_mode=False)
torch.set_num_threads(1)  # for tensors this small a second core only gets in the way

# %%
config, small = Config(), Config.small()
loader = running.loader()
vocab_size = loader.vocab_size
print(f"{vocab_size} characters, {len(loader.train_ids):,} ids to learn from")
#! redraw: config = Config(**new.sizes(num_layers=new.pick(3, 5)))
#! redraw: small = Config(**new.sizes(batch_size=1, num_layers=3))
#! redraw: loader = DataLoader(corpus.shakespeare()[new.whole(0, 20) * 50_000 :][:60_000], small)
#! redraw: vocab_size = loader.vocab_size

# %% [markdown]
# ## A table of pairs · 14 min
#
# The title promises a **bigram**, which is a pair. One of the oldest language models looks at the last character only,
# and its bets on the next one come from counting: how often did `e` follow `h`?
#
# That's a table, (64, 64). Row `h`, column `e` says how often this pair turned up. To count all the pairs at once, give
# each a number: `vocab_size` times the first id, plus the second. A cinema could number its seats like that, straight
# through, row after row. `torch.bincount` then counts how often each number turns up.

# %%
here, following = loader.train_ids[:-1], loader.train_ids[1:]
print("the first pairs:", [loader.decode(pair) for pair in zip(here[:5], following[:5], strict=True)])

# %%
counts = torch.bincount(here * vocab_size + following, minlength=vocab_size**2).view(vocab_size, vocab_size)  # blank [here * vocab_size + following]: the number of each pair
more = counts + 1.0  # one more for each, so nothing is impossible
table = more / more.sum(dim=1, keepdim=True)  # blank: each row of `more` as probabilities
check("11.01")
#! hint: row times the length of a row, plus column; then divide each row by its own sum, and keep the sums in a column
#! mistake: here + following -> Then (a, b) and (b, a) get the same number, and so do many other pairs.
#! mistake: following * vocab_size + here -> This turns the table round: its rows would be what follows. Each row
#!   belongs to the character that's already there.
#! mistake: here * following -> Then many pairs share a number. Row times the length of a row, plus column.
#! mistake: here * vocab_size -> That's where each row begins. The column is missing.
#! mistake 2: more / more.sum(dim=1) -> Without `keepdim=True` the sums lie in a row, so each column is divided by the
#!   sum of a row that has nothing to do with it. Add up a row afterwards: you won't get 1.
#! mistake 2: more / more.sum() -> This makes all the pairs together add up to 1. Each row is a bet of its own.
#! mistake 2: more / more.sum(dim=0, keepdim=True) -> That makes each column add up to 1: given what follows, what came
#!   before? We're asking the other way round.
#! mistake 2: more.softmax(dim=1) -> Softmax is for scores. Counts only need to be divided by their sum; e to the power
#!   of 10,000 leaves nothing for anybody else.
#! alternative: torch.add(following, here, alpha=vocab_size)
#! alternative: following + here * vocab_size
#! alternative 2: more / more.sum(dim=1)[:, None]
#! alternative 2: F.normalize(more, p=1, dim=1)
#! alternative 2: (more.T / more.sum(dim=1)).T
#! alternative 2: torch.stack([row / row.sum() for row in more])

# %%
shown = loader.encode(" ehtqun")
draw.heat(
    table[shown][:, shown],
    rows=loader.decode(shown),
    columns=loader.decode(shown),
    title="Given the row, how probable is the column?",
    x_name="what follows",
    alt="Seven rows and columns: space, e, h, t, q, u, n. The u after q stands out with 0.90. The e after h has 0.35, the h "
    "after t 0.34, the space after e 0.29, the t after a space 0.14. More than half of the squares are nearly 0.",
)
print(f"{int((counts == 0).sum()):,} of {counts.numel():,} pairs never occur")

# %% [markdown]
# How good is it? Chapter 10 gave you the yardstick. PyTorch's loss wants scores, and if you take the logarithm of
# `table` you get scores whose softmax is `table`. So this table of scores *is* a model: an id picks a row, and the row
# holds the logits for what comes next.

# %%
seen, to_come = loader.validation_ids[:-1], loader.validation_ids[1:]

# %%
scores = table.log()  # blank: the logarithms of the probabilities: a row of logits for each character
bigram_loss = F.cross_entropy(scores[seen], to_come)  # blank: the mean surprise of the table on the validation text
check("11.02")
#! hint: square brackets pick the row of each id in `seen`, all at once; what really came next is in `to_come`
#! mistake: table -> Those are probabilities, and the loss would take a softmax of them.
#! mistake: -table.log() -> With a minus those are surprises, and the likeliest gets the lowest score.
#! mistake: more.log() -> These would do as scores, since softmax doesn't mind a constant added to a row. But you're
#!   asked for the logarithms of the probabilities.
#! mistake: counts.log() -> The logarithm of 0 is minus infinity, and a single pair that was never counted makes the
#!   loss infinite. That's what the added 1 was for.
#! mistake 2: F.cross_entropy(scores[to_come], seen) -> Backwards: this guesses what came before.
#! mistake 2: F.cross_entropy(scores, to_come) -> You need a row for each *place*. Pick them: `scores[seen]`.
#! mistake 2: F.cross_entropy(scores[here], following) -> That's the text it has counted. Measure it on text it hasn't
#!   seen.
#! mistake 2: F.cross_entropy(scores[seen[:-1]], to_come[1:]) -> That moves the answers on by one more place. `seen`
#!   and `to_come` are already one apart.
#! mistake 2: F.cross_entropy(table[seen], to_come) -> Those are probabilities, and the softmax is inside. Give it the
#!   scores.
#! alternative: torch.log(table)
#! alternative: more.log().log_softmax(dim=1)
#! alternative: more.log() - more.sum(dim=1, keepdim=True).log()
#! alternative 2: -scores[seen, to_come].mean()
#! alternative 2: F.nll_loss(scores[seen], to_come)
#! alternative 2: nn.CrossEntropyLoss()(F.embedding(seen, scores), to_come)
#! alternative 2: F.cross_entropy(scores[seen], to_come).item()

# %%
print(f"knowing nothing: 4.16; the table of pairs: {bigram_loss:.2f}")
print(f"perplexity of the table: {math.exp(bigram_loss):.1f}")

# %% [markdown]
# 2.48. From a choice among 64 equals down to 12, just by counting, in the blink of an eye. Not bad for something that
# remembers a single character. It can't get much better, though: if all you see is the `e`, you can't know whether it
# ended `the` or began `end`. In chapter 12 your model will reach about 1.86, a choice among 6.4 equals. The drop from
# 12 to 6.4 is what the other 31 characters are worth, and it's what attention is for.
#
# And the name? In Andrej Karpathy's lecture the first model is a table like this one, in a class called
# `BigramLanguageModel`. Then it grows, one part after another, until it's a GPT that still has its old name. We keep
# the name, too. It's a reminder of what every language model does: it takes what's there, and gives scores for what
# comes next. At the end of the chapter you'll see when the name is still literally true.
#
# - [ ] 11.01 Count pairs, and turn the counts into probabilities
# - [ ] 11.02 Measure what the table is worth
# - [ ] 11.r1 I can say what a bigram model sees, and what it can't see

# %% [markdown]
# ## The likeliest, always · 8 min
#
# Now let it speak. The plan: look at the last character, take the *best* in its row, append it, and do it again. That's
# called **greedy**. What will it say after `Let's he`? Guess. The figure above tells you most of it.

# %%
def greedy(start: str, count: int) -> str:
    """`start` and `count` more characters, each the likeliest after the one before it."""
    ids = loader.encode(start)
    for _ in range(count):
        row = scores[ids[-1]]  # blank: the scores for what comes after the last id
        ids.append(row.argmax().item())  # blank [row.argmax().item()]: the best id, as a plain whole number
    return loader.decode(ids)


check("11.03")
#! hint: -1 is the last place in a list; the place of the largest number in a row is its `argmax`
#! mistake: scores[ids[0]] -> That's always the row of the first character. You want the one appended last.
#! mistake: scores[ids[-2]] -> That's the row of the last but one. You want the one appended last.
#! mistake: scores[:, ids[-1]] -> That's a column: what might come *before* it.
#! mistake: scores[-1] -> That's the last row of the table, whatever has been said.
#! mistake 2: row.max().item() -> That's the highest score. Which id has it?
#! mistake 2: row.argmin().item() -> That's the least likely one.
#! mistake 2: row.argmax().item() + 1 -> Places and ids both count from 0, so there's nothing to add.
#! mistake 2: torch.multinomial(row.exp(), 1).item() -> That throws dice, and dice come in the next section. Greedy
#!   always takes the best.
#! alternative: scores[ids][-1]
#! alternative: table[ids[-1]]
#! alternative 2: int(row.argmax())
#! alternative 2: row.argmax()
#! alternative 2: row.tolist().index(row.max())
#! alternative 2: row.topk(1).indices.item()
#! alternative 2: max(range(vocab_size), key=row.tolist().__getitem__)
#! probe: greedy("Let's he", 12) -> what follows "Let's he" in `greedy("Let's he", 12)`
#! probe: greedy("T", 9) -> `greedy("T", 9)`
#! probe: greedy(new.sentence(), new.whole(5, 15)) -> `greedy` for another beginning
#! equivalent: a call left out: row.argmax().item() => row.argmax() -> `decode` reads a tensor with one number, too
#! equivalent: another name: scores => table -> the likeliest has the highest score
#! equivalent: another name: scores => more -> the likeliest is the most frequent, with one more of each

# %%
for start in ("Let's he", "L", "RI", "\n"):
    print(repr(greedy(start, 50)))

# %% [markdown]
# `the the the the`. After `e` the likeliest is a space, after the space a `t`, after that an `h`, then an `e`, and so
# on round the loop for ever. A model with one character of memory doesn't know that it has said this before. And once
# it has ended a line, it presses Return until morning.
#
# Every step is the best one there is, and the whole is the dullest text in the language. (Larger models do it too, in
# larger circles: if you always take their likeliest token, they begin to repeat whole sentences.) The trouble is the
# plan. In 29% of all cases an `e` is followed by a space, and greedy turns that into 100%.
#
# - [ ] 11.03 Let the table speak greedily

# %% [markdown]
# ## Dice · 14 min
#
# If something is right in 29% of the cases, say it in 29% of the cases. For that we need a wheel of fortune, with a
# segment for each character, as wide as its probability. Here's a small one with four:

# %%
odds = torch.tensor([8.0, 4.0, 2.0, 2.0])
chances = odds / odds.sum()
torch.manual_seed(1346)
spins = torch.rand(6)  # six numbers between 0 and 1: where the pointer stops
print("chances", chances)
print("spins  ", spins)

# %% [markdown]
# Lay the segments side by side, from 0 to 1: the first ends at 0.5, the second at 0.75, and so on. Each of these
# right-hand edges is the sum of all the chances so far. A pointer that stops at 0.6 has passed **one** edge, so it's
# in segment 1. Count the edges it has passed, and you have the id.

# %%
edges = chances.cumsum(dim=0)  # blank: the right-hand edge of each segment: (4,)
landed = (spins[:, None] > edges).sum(dim=1)  # blank: for each of the six spins, how many edges it has passed: (6,)
check("11.04")
#! hint: a running sum is called `cumsum`; for the second, put the spins in a column, compare each with all the edges,
#!   and count along the row
#! mistake: chances.sum() -> That's 1, the whole wheel. You want the sums *so far*.
#! mistake: chances.cumsum(dim=0) - chances -> Those are the left-hand edges.
#! mistake: odds.cumsum(dim=0) -> The wheel goes from 0 to 1. Add up the chances, not the odds.
#! mistake 2: (spins > edges[:, None]).sum(dim=1) -> This counts how many spins have passed each *edge*.
#! mistake 2: (spins[:, None] < edges).sum(dim=1) -> Those are the edges still ahead.
#! mistake 2: spins[:, None] > edges -> This is True for each edge that has been passed. How many are there?
#! mistake 2: (spins[:, None] > chances).sum(dim=1) -> That compares with the widths of the segments. Compare with
#!   their edges.
#! alternative: torch.cumsum(chances, 0)
#! alternative: torch.stack([chances[: place + 1].sum() for place in range(4)])
#! alternative: torch.tril(torch.ones(4, 4)) @ chances
#! alternative 2: torch.searchsorted(edges, spins)
#! alternative 2: torch.bucketize(spins, edges)
#! alternative 2: torch.stack([(spin > edges).sum() for spin in spins])
#! alternative 2: torch.gt(spins.unsqueeze(1), edges).sum(-1)
#! equivalent: minus one: 0 => -1 -> there is one dimension, so the first is the last
#! equivalent: another comparison: spins[:, None] > edges => spins[:, None] >= edges -> no spin stops on an edge

# %%
print("edges ", edges)
print("landed", landed)
torch.manual_seed(1346)
many = (torch.rand(10_000, 1) > edges).sum(dim=1)
print("10,000 spins, the share of each segment:", torch.bincount(many, minlength=4) / 10_000)

# %% [markdown]
# That's sampling. PyTorch has the wheel ready-made: `torch.multinomial(chances, num_samples=1)` gives you the id of the
# segment, in a tensor with one number. Use it to write a function that takes a row of *scores*, which is what a model
# gives.

# %%
def roll(row: torch.Tensor) -> int:
    """An id, drawn with the probabilities that a row of scores (vocabulary,) gives."""
    chances = row.softmax(dim=-1)  # blank: the scores as probabilities
    return torch.multinomial(chances, num_samples=1).item()  # blank: one spin of the wheel, as a plain whole number


check("11.05")
#! hint: softmax turns scores into probabilities; the function for the wheel is in the text above, and `.item()` takes
#!   the number out of the tensor
#! mistake: row -> Those are scores, some of them negative. A wheel has no segments of negative width.
#! mistake: row.sigmoid() -> This squeezes each score between 0 and 1 on its own, so the differences shrink and the
#!   rare ones come up too often.
#! mistake: (row / 0.7).softmax(dim=-1) -> This makes the likely ones likelier still. That's a temperature, which comes
#!   later; take the scores as they are.
#! mistake: row.softmax(dim=-1).softmax(dim=-1) -> The second softmax takes probabilities for scores, and makes them
#!   nearly equal.
#! mistake: torch.ones_like(row) -> All the segments have the same width. The scores aren't used.
#! mistake 2: chances.argmax().item() -> That's greedy again.
#! mistake 2: torch.multinomial(chances, num_samples=1) -> The right id, but inside a tensor. `.item()` takes it out.
#! mistake 2: torch.randint(len(chances), (1,)).item() -> A fair die. The chances aren't used.
#! mistake 2: torch.multinomial(chances, num_samples=1).sum() -> It's still a tensor. `.item()` gives a plain number.
#! alternative: F.softmax(row, dim=0)
#! alternative: torch.softmax(row, -1)
#! alternative: row.exp() / row.exp().sum()
#! alternative 2: int(torch.multinomial(chances, 1))
#! alternative 2: torch.distributions.Categorical(chances).sample().item()
#! alternative 2: torch.multinomial(chances, 2, replacement=True)[0].item()
#! alternative 2: min(int((torch.rand(()) > chances.cumsum(dim=0)).sum()), len(chances) - 1)
#! probe: [roll(60.0 * (torch.arange(6) == place) - 30) for place in new.wholes(4, 0, 5)] -> rolls of scores, one of
#!   which is 60 above the rest,
#! probe: sorted({roll(torch.zeros(4)) for _ in range(200)}) -> the list of ids that 200 rolls of four equal scores
#!   give
#! probe: [(share > 0.68) - (share < 0.54) for share in [[roll(torch.tensor([2.0, 0.0, 1.0, 0.0])) for _ in
#!   range(2000)].count(0) / 2000]][0] -> in 2,000 rolls of the scores 2, 0, 1 and 0, how often id 0 comes up (0: as
#!   often as softmax says; 1: more often; -1: less often)
#! probe: [(share > 0.28) - (share < 0.18) for share in [[roll(torch.tensor([0.0, 1.0, 2.0, 0.0])) for _ in
#!   range(2000)].count(1) / 2000]][0] -> in 2,000 rolls of the scores 0, 1, 2 and 0, how often id 1 comes up (0: as
#!   often as softmax says; 1: more often; -1: less often)
#! equivalent: minus one: 1 => 0 -> a row has one dimension, so the last is the first

# %%
def speak(start: str, count: int, change=lambda row: row) -> str:
    """Like `greedy`, but with dice; `change` may change the scores first."""
    ids = loader.encode(start)
    for _ in range(count):
        ids.append(roll(change(scores[ids[-1]])))
    return loader.decode(ids)


torch.manual_seed(1346)
print(speak("Let's he", 200))

# %% [markdown]
# No more circles. It's nonsense, but it's English nonsense: syllables you can almost pronounce, capitals where a line
# begins, spaces at about the right distances. Take any two neighbours and they're plausible. Take three, and the table
# has already forgotten the first.
#
# - [ ] 11.04 Build a wheel of fortune
# - [ ] 11.05 Roll the next character from its scores
# - [ ] 11.r2 I can say why nobody writes the likeliest character each time, and why a model shouldn't either

# %% [markdown]
# ## Colder, warmer, fewer · 12 min
#
# There's some room between `the the the` and this babble, and two knobs let you move around in it. (They're extras. The
# class at the end does without them.)
#
# The first knob: divide the scores by a number before the softmax. You've met this from the other side in chapter 06,
# where scores that were too large made the softmax too sharp. Small scores make a flat bet, large ones a sharp bet. The
# number is called the **temperature**. Guess what happens near 0.

# %%
def heated(row: torch.Tensor, temperature: float) -> torch.Tensor:
    """The probabilities of a row of scores at a temperature; 1 leaves them as they are."""
    return (row / temperature).softmax(dim=-1)  # blank: divide, then turn into probabilities


check("11.06")
#! hint: divide the scores, not the probabilities; so what goes inside the brackets?
#! mistake: row.softmax(dim=-1) / temperature -> If you divide afterwards, the probabilities no longer add up to 1, and
#!   their ratios haven't changed.
#! mistake: (row * temperature).softmax(dim=-1) -> That's the other way round: warm would be sharp. Divide.
#! mistake: (row - temperature).softmax(dim=-1) -> Taking the same number off every score changes nothing. Softmax only
#!   sees differences.
#! mistake: row.softmax(dim=-1) ** (1 / temperature) -> Nearly. The ratios are right, but the sum isn't 1 any more.
#! mistake: row.softmax(dim=-1) -> The temperature isn't used. Divide the scores by it first.
#! mistake: row / temperature -> Those are still scores. You're asked for the probabilities.
#! alternative: F.softmax(row / temperature, dim=-1)
#! alternative: torch.softmax(row.div(temperature), -1)
#! alternative: F.normalize(row.softmax(dim=-1) ** (1 / temperature), p=1, dim=-1)
#! alternative: (row / temperature).exp() / (row / temperature).exp().sum()
#! probe: heated(scores[3], 0.5) -> row 3 of the table at a temperature of 0.5
#! probe: heated(scores[new.whole(4, 40)], new.number(1.5, 3)) -> another row, heated,
#! probe: heated(scores[new.whole(4, 40)], new.number(0.2, 0.6)) -> another row, cooled,
#! equivalent: minus one: 1 => 0 -> a row has one dimension, so the last is the first

# %%
after_e = scores[loader.id_of["e"]]
favourites = after_e.topk(min(10, vocab_size)).indices.tolist()
temperatures = (0.1, 0.5, 1.0, 2.0, 10.0)
draw.heat(
    torch.stack([heated(after_e, temperature)[favourites] for temperature in temperatures]),
    rows=[f"temperature {temperature}" for temperature in temperatures],
    columns=[loader.decode([number]) for number in favourites],
    title='What may follow an "e", from cold to hot',
    alt="Five rows, ten columns: space, r, n, s, a and five more. At 0.1 the space has 1.00 and all others 0. At 0.5 it has "
    "0.68 and the r 0.12. At 1 it is 0.29, 0.12, 0.08 and falling. At 2 it is 0.11, 0.07, 0.06. At 10 all ten have 0.02 or "
    "0.03.",
)
for temperature in (0.3, 0.7, 1.5, 3.0):
    torch.manual_seed(1346)
    said = speak("Let's he", 60, lambda row, heat=temperature: row / heat)
    print(f"{temperature}: {said!r}")

# %% [markdown]
# Near 0 it's greedy, at 1 it says what it has learned, and when it's hot it hits any old key. Many people settle for
# something like 0.7, which is a little less honest but makes fewer slips.
#
# Why are there slips at all? At any place, most of the 64 characters are nearly impossible. Nearly. Each one has a
# segment on the wheel, a very narrow one, but there are many of them, and over a hundred characters the pointer is
# bound to stop in a few. The second knob cuts them off: keep the k best scores, and set all the others to minus
# infinity. It's called **top-k**.

# %%
def only_best(row: torch.Tensor, k: int) -> torch.Tensor:
    """A row of scores (vocabulary,) with only the k best left; the others are minus infinity."""
    limit = row.topk(k).values[-1]  # blank: the lowest score that may stay: the k-th best
    return row.masked_fill(row < limit, float("-inf"))  # blank: set everything below it to minus infinity


check("11.07")
#! hint: `topk` gives values and indices, the best first, so the k-th best comes last; and you've put minus infinity
#!   into scores before, in chapter 06, under the causal mask
#! mistake: row.topk(k).values[0] -> That's the best of all, and only that one would stay. The k-th best comes last.
#! mistake: row.topk(k).indices[-1] -> That's the id of the k-th best. Its score is in `values`.
#! mistake: row.topk(k + 1).values[-1] -> One too many: this is the best of those that should go, and it stays.
#! mistake 2: row.masked_fill(row < limit, 0) -> A score of 0 isn't a low score. Ours are logarithms of probabilities,
#!   never above 0, so 0 would be the best of all.
#! mistake 2: row.masked_fill(row < limit, -1e9) -> That's very low, but it isn't minus infinity.
#! mistake 2: row.masked_fill_(row < limit, float("-inf")) -> With the `_` at the end it changes the row you were
#!   given, and so the table itself, for good.
#! mistake 2: row[row >= limit] -> The right scores, but they've lost their places, and with them the ids they belong
#!   to.
#! mistake 2: row.masked_fill(row <= limit, float("-inf")) -> This cuts off the k-th best as well. Keep that one.
#! mistake 2: row.masked_fill(row > limit, float("-inf")) -> The other way round: this removes the best ones.
#! alternative: row.sort(descending=True).values[k - 1]
#! alternative: row.kthvalue(len(row) - k + 1).values
#! alternative: sorted(row.tolist(), reverse=True)[k - 1]
#! alternative 2: torch.where(row < limit, float("-inf"), row)
#! alternative 2: row.where(row >= limit, torch.tensor(float("-inf")))
#! alternative 2: torch.full_like(row, float("-inf")).scatter(0, row.topk(k).indices, row.topk(k).values)
#! probe: only_best(torch.tensor([1.0, 0.5, 3.0, -2.0, 2.0, 0.2]), 3) -> what is left of the scores 1, 0.5, 3, -2, 2
#!   and 0.2 with `k=3`
#! probe: only_best(torch.tensor([-1.0, -4.0, -2.0, -9.0]), 2) -> what is left of the scores -1, -4, -2 and -9 with
#!   `k=2`
#! probe: only_best(torch.tensor([0.5, 3.0, -2.0]), 1) -> what is left of the scores 0.5, 3 and -2 with `k=1`
#! probe: only_best(torch.randn(12), new.whole(4, 9)) -> what is left of twelve other scores
#! probe: [(only_best(row, 2), row)[1] for row in [torch.tensor([1.0, -4.0, 2.0, -9.0])]][0] -> the row that was handed
#!   in, afterwards,

# %%
for k in (1, 3, 10):
    torch.manual_seed(1346)
    said = speak("Let's he", 60, lambda row, best=k: only_best(row, best))
    print(f"{k:>2}: {said!r}")


# %% [markdown]
# Watch the wheel turn three times, with only the eight best left in each row.

# %%
torch.manual_seed(1346)
text_so_far = loader.encode("Let's h")
for _ in range(3):
    bet = only_best(scores[text_so_far[-1]], 8)
    best = bet.softmax(dim=-1).topk(8)
    names = [loader.decode([number]) for number in best.indices.tolist()]
    drawn = roll(bet)
    draw.bars(
        names,
        best.values,
        title=f"After {loader.decode(text_so_far)!r} the wheel gives {loader.decode([drawn])!r}",
        alt="Eight bars, from the highest to the lowest: "
        + ", ".join(f"{name!r} {chance:.2f}" for name, chance in zip(names, best.values.tolist(), strict=True))
        + f". The wheel gives {loader.decode([drawn])!r}.",
    )
    text_so_far.append(drawn)

# %% [markdown]
# With k = 1 it's greedy, and with k = 64 nothing changes. Many of the programs that run a language model have both
# knobs, and you may have turned them.
#
# They make the text tidier, but neither makes the model *know* more. For that we need a model that looks further back
# than one character. Time to build it.
#
# - [ ] 11.06 Heat and cool the bets
# - [ ] 11.07 Keep the k best

# %% [markdown]
# ## All the parts in a row · 14 min
#
# `Let's he` once more, in the small configuration, from beginning to end. Ids go into the embedding (chapter 04),
# through a block (chapter 09), and come out as scores (chapter 10). The blocks are kept in an `nn.ModuleList`. Here
# it holds only one, because the numbers you've been following are those of one block.

# %%
ids = running.ids()  # (1, 8)
embedding, to_logits = running.part("04"), running.part("10")
blocks = nn.ModuleList([running.part("09")])
print(ids)
#! redraw: ids = torch.randint(vocab_size, (new.whole(2, 4), min(8, small.input_sequence_length - 1)))
#! redraw: embedding, to_logits = EmbeddingModule(vocab_size, small), VocabularyLogits(vocab_size, small)
#! redraw: blocks = nn.ModuleList([TransformerBlock(small), TransformerBlock(small)]).eval()

# %%
x = embedding(ids)  # blank: each id as a vector that knows what and where
for block in blocks:
    x = block(x)  # blank: the stream through this block
logits = to_logits(x)  # blank: the scores of each place
check("11.08")
#! hint: there are three modules, and each line takes what the line before it has made
#! mistake: embedding.token_embedding(ids) -> That's the half that knows *what*. The *where* is missing.
#! mistake: embedding(ids)[0] -> That drops the batch. Keep all the windows.
#! mistake: to_logits(ids) -> The scores come at the end. First turn the ids into vectors.
#! mistake 2: x + block(x) -> The block has already added what it has to say.
#! mistake 2: block(embedding(ids)) -> That starts again from the embedding at every block. Each block should take what
#!   the one before it gave.
#! mistake 2: x -> The stream goes past the block without meeting it.
#! mistake 3: to_logits(x).softmax(dim=-1) -> Those are probabilities. The loss wants the scores.
#! mistake 3: to_logits(embedding(ids)) -> This jumps from the embedding to the scores, past all the blocks.
#! mistake 3: to_logits(x)[:, -1] -> Those are the last place's scores. For the loss we need every place.
#! alternative: embedding.forward(ids)
#! alternative 2: block.forward(x)
#! alternative 3: nn.Sequential(embedding, *blocks, to_logits)(ids)
#! alternative 3: to_logits.forward(x)

# %%
print(tuple(ids.shape), "->", tuple(x.shape), "->", tuple(logits.shape))
print("what chapter 10 ended with:", torch.equal(logits, running.after("10")))

# %% [markdown]
# `True`. Ten evenings, four lines.
#
# In training we give the model the answers too, and want the loss back. When it speaks there are no answers, because
# it's making them up. So there will be **two ways to call the model**: with `targets`, or without them, and then the
# loss is `None`.

# %%
def loss_or_none(logits: torch.Tensor, targets: torch.Tensor | None) -> torch.Tensor | None:
    """The mean surprise of logits (batch, sequence, vocabulary) at targets (batch, sequence); None without targets."""
    if targets is None:  # blank [targets is None]: if nobody has given any
        return None
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten())  # blank: as in chapter 10, in the shapes PyTorch wants


check("11.09")
#! hint: to ask whether something is `None`, Python has `is`; `flatten(0, 1)` makes one dimension of the first two, as
#!   `view` did in chapter 10
#! mistake: not targets -> A tensor with several numbers is neither true nor false, so Python refuses. Ask whether it
#!   *is* None.
#! mistake: targets is not None -> The wrong way round: this gives no loss exactly when there are targets.
#! mistake: len(targets) == 0 -> `None` has no length.
#! mistake 2: F.cross_entropy(logits, targets) -> PyTorch takes the second dimension for the vocabulary. Lay all the
#!   places in one line first.
#! mistake 2: F.cross_entropy(logits.view(-1, vocab_size), targets.view(-1)) -> `vocab_size` belongs to this notebook.
#!   Ask the last dimension of `logits` how many characters there are.
#! mistake 2: F.cross_entropy(logits[0], targets[0]) -> That's the first window only.
#! mistake 2: F.cross_entropy(logits[:, -1], targets[:, -1]) -> That's one lesson for each window, from its last place.
#!   Every place has made a bet.
#! mistake 2: F.cross_entropy(logits.softmax(dim=-1).flatten(0, 1), targets.flatten()) -> The softmax is already inside
#!   `cross_entropy`.
#! mistake 2: F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="sum") -> That's the sum, which grows
#!   with the batch. The mean doesn't.
#! alternative: isinstance(targets, type(None))
#! alternative: not isinstance(targets, torch.Tensor)
#! alternative 2: F.cross_entropy(logits.view(-1, logits.shape[-1]), targets.view(-1))
#! alternative 2: F.cross_entropy(logits.transpose(1, 2), targets)
#! alternative 2: nn.CrossEntropyLoss()(logits.flatten(end_dim=1), targets.flatten())
#! alternative 2: -logits.log_softmax(dim=-1).gather(2, targets[:, :, None]).mean()
#! probe: loss_or_none(logits, None) -> the loss without targets
#! probe: loss_or_none(logits, ids) -> the loss of `logits`, with `ids` as targets,
#! probe: loss_or_none(logits[:1, :2], ids[:1, 1:3]) -> the loss of the first two places
#! probe: loss_or_none(torch.randn(3, 5, 7), torch.randint(7, (3, 5))) -> the loss of three windows of five places,
#!   with 7 characters,

# %%
targets = torch.tensor([loader.encode("et's hen")])
print("with targets:   ", loss_or_none(logits, targets[: len(ids), : ids.shape[1]].expand(ids.shape)))
print("without targets:", loss_or_none(logits, None))

# %% [markdown]
# How many numbers will the real model have? On paper first, as usual. You know from chapter 09 what's in a block:
# 49,792 in the real model. You can work out the other two:
#
# - the embedding: a row for each character and a row for each place, `config.embedding_dim` wide
# - the scores: in the norm a gain and a bias for each number of a vector, then a weight from each number to each
#   character, then a bias for each character

# %%
width = config.embedding_dim
in_a_block = sum(parameter.numel() for parameter in TransformerBlock(config).parameters())

# %%
in_embedding = (vocab_size + config.input_sequence_length) * width  # blank: the numbers in both tables
in_logits = 2 * width + width * vocab_size + vocab_size  # blank: norm, weight and bias
in_all = in_embedding + config.num_layers * in_a_block + in_logits  # blank: the whole model
check("11.10")
#! hint: a table has rows times width; a Linear from a to b has a times b weights and b biases; and `config` says how
#!   many blocks there are
#! mistake: vocab_size * width -> That's the characters' table. The places have one too.
#! mistake: vocab_size * config.input_sequence_length * width -> That would be a row for each character at each place.
#!   There are two tables, and their rows are added.
#! mistake: (vocab_size + config.batch_size) * width -> The batch leaves no trace in the parameters. The second table
#!   has a row for each place.
#! mistake 2: width * vocab_size + vocab_size -> That's the Linear. The norm before it has a gain and a bias.
#! mistake 2: 2 * width + width * vocab_size -> The characters' biases are missing.
#! mistake 2: 2 + width * vocab_size + vocab_size -> The norm has a gain and a bias for *each* number of a vector.
#! mistake 3: in_embedding + in_a_block + in_logits -> That's a model with one block.
#! mistake 3: config.num_layers * (in_embedding + in_a_block + in_logits) -> There are several blocks, but only one way
#!   in and one way out.
#! mistake 3: in_embedding + config.num_heads * in_a_block + in_logits -> The heads are inside the block. How many
#!   blocks are there?
#! alternative: vocab_size * width + config.input_sequence_length * width
#! alternative: sum(parameter.numel() for parameter in EmbeddingModule(vocab_size, config).parameters())
#! alternative 2: 2 * width + (width + 1) * vocab_size
#! alternative 2: sum(map(torch.numel, VocabularyLogits(vocab_size, config).parameters()))
#! alternative 3: sum([in_embedding, *[in_a_block] * config.num_layers, in_logits])

# %%
draw.bars(
    ["embedding", *(f"block {number}" for number in range(1, config.num_layers + 1)), "logits"],
    [in_embedding, *[in_a_block] * config.num_layers, in_logits],
    title=f"The {in_all:,} parameters of the model",
    alt="Six bars. The embedding has 6,144 parameters, each of the four blocks 49,792, the logits 4,288.",
)

# %% [markdown]
# 209,600, or **0.21 M**, and 95% of it is in the blocks. The smallest GPT-2 has 124 million. The plan is the same,
# down to the order of the parts.
#
# - [ ] 11.08 Send the sentence through the whole model
# - [ ] 11.09 Give a loss if there are answers, and None if there aren't
# - [ ] 11.10 Count the parameters on paper

# %% [markdown]
# ## Only so far back, and hush · 10 min
#
# To speak, the table only needed the last id. The model takes as many as it can see. How many is that? In the small
# configuration it's eight. Watch what it says when you give it thirteen.

# %%
def forward(ids: torch.Tensor) -> torch.Tensor:
    """The logits, through all the parts in a row: (batch, sequence) -> (batch, sequence, vocabulary)."""
    x = embedding(ids)
    for block in blocks:
        x = block(x)
    return to_logits(x)


long_ids = torch.tensor([loader.encode("Let's hence, "), loader.encode("and hear the ")])  # (2, 13)
try:
    forward(long_ids)
except (IndexError, RuntimeError, ValueError) as error:
    print(f"{type(error).__name__}: {error}")
#! redraw: long_ids = torch.randint(vocab_size, (new.whole(3, 5), small.input_sequence_length + new.pick(2, 3, 4, 6,
#!   7)))

# %% [markdown]
# The table of positions has no ninth row, and neither has the mask. So we have to **crop** the text to its last eight
# ids. What came before is forgotten. That's all anybody means by the *context length* of a language model.
#
# And of all the scores that come out, we only need those at the last place. The others are bets on characters that are
# already there.

# %%
context = long_ids[:, -small.input_sequence_length :]  # blank: the last ids, as many as `small` lets it see
last = forward(context)[:, -1]  # blank: the scores of the last place of every window: (batch, vocabulary)
check("11.11")
#! hint: both start with (batch, sequence), so the first index is a colon; a slice may start at a negative index
#! mistake: long_ids[:, : small.input_sequence_length] -> Those are the first ones. The next character depends most on
#!   what came last.
#! mistake: long_ids[:, -config.input_sequence_length :] -> Those are the last places, but as many of them as the real
#!   model sees. These parts were made with `small`.
#! mistake: long_ids[:, -8:] -> 8 is right for `Let's he`. Take the number from `small`.
#! mistake: long_ids[-small.input_sequence_length :] -> This takes the last windows. Windows are dimension 0, places
#!   are dimension 1.
#! mistake: long_ids[:, -small.input_sequence_length] -> Without a colon after it, that's a single place: with `small`,
#!   the eighth from the end.
#! mistake: long_ids[:, -1:] -> Only one id: the model would be a bigram again. Give it as much as it can see.
#! mistake 2: forward(context)[-1] -> That's the last window, with all its places.
#! mistake 2: forward(context)[:, -1:] -> The right scores, but with a dimension of one place still around them. An
#!   index without the colon takes it away.
#! mistake 2: forward(context)[:, 0] -> Those are the bets after the first character.
#! mistake 2: forward(context)[:, :, -1] -> That's the score of the last character in the vocabulary, at every place.
#! mistake 2: forward(context) -> Those are the scores of all the places. Only the last one bets on a character that
#!   isn't there yet.
#! alternative: long_ids[:, long_ids.shape[1] - small.input_sequence_length :]
#! alternative: long_ids.narrow(1, long_ids.shape[1] - small.input_sequence_length, small.input_sequence_length)
#! alternative: torch.stack([window[-small.input_sequence_length :] for window in long_ids])
#! alternative 2: forward(context)[:, -1, :]
#! alternative 2: forward(context).select(1, -1)
#! alternative 2: forward(context).unbind(1)[-1]

# %%
print(tuple(long_ids.shape), "->", tuple(context.shape), "->", tuple(last.shape))
print([loader.decode(window) for window in context])
print("on a short text the same slice takes what there is:", torch.tensor([[5, 6, 7]])[:, -8:].tolist())

# %% [markdown]
# Two more things before it speaks. Here's a model made of fresh parts, asked the same question twice.

# %%
torch.manual_seed(1346)
fresh = nn.Sequential(EmbeddingModule(vocab_size, small), TransformerBlock(small), VocabularyLogits(vocab_size, small))
twice = [fresh(ids)[0, -1, :3].tolist() for _ in range(2)]
print("first: ", twice[0])
print("second:", twice[1])

# %% [markdown]
# Two different answers. The model is in training mode, so its **dropout** is on. To speak, it should use everything
# it has. `eval()` switches dropout off in every part, and `train()` switches it on again.
#
# It also keeps notes. Everything that happens in `forward` is written down for a `backward` that will never come, and
# that costs memory and time. Inside `with torch.no_grad():` nothing is written down.

# %%
fresh.eval()  # blank: dropout off
with torch.no_grad():  # blank [torch.no_grad()]: keep no notes
    calm = fresh(ids)
check("11.12")
#! hint: both names are in the text above, and both need brackets to be called
#! mistake: fresh.eval -> Dropout is still on. This names the method without calling it: add brackets.
#! mistake: fresh.train() -> That's the opposite: it switches dropout on.
#! mistake: blocks.eval() -> Those are the example's blocks. The model being asked is `fresh`.
#! mistake 2: torch.enable_grad() -> That's the opposite: with this, notes are kept.
#! mistake 2: torch.no_grad -> That's the class itself. `with` needs one made from it: add brackets.
#! alternative: fresh.train(False)
#! alternative: nn.Module.eval(fresh)
#! alternative 2: torch.inference_mode()
#! alternative 2: torch.set_grad_enabled(False)
#! probe: fresh.training -> whether `fresh` is in training mode
#! probe: calm.requires_grad -> whether notes are kept for `calm`

# %%
print("the same twice:", torch.equal(calm, fresh(ids)), " notes kept:", calm.requires_grad)

# %% [markdown]
# - [ ] 11.11 Crop the context, and take the scores of the last place
# - [ ] 11.12 Switch off dropout, and stop keeping notes
# - [ ] 11.r3 I can say what a model's context length is, and where in the code it comes from

# %% [markdown]
# ## The class · 18 min
#
# Eleven blanks, and nothing in them that you haven't met. `generate` draws with `torch.multinomial`, for every window
# of the batch at once: from chances (batch, vocabulary) it makes ids (batch, 1), which can be glued to the end of the
# `ids` (batch, sequence). The lines already there switch dropout off, and put it back as it was. The
# `@torch.no_grad()` on top is the `with` from 11.12, for a whole function.
#
# The next cell is a small helper for testing, yours and the judge's. It makes a model a thousand times as sure of
# itself, so its dice always fall on the best.

# %%
def sure(model: nn.Module, characters: int, times: float = 1000) -> nn.Module:
    """The same model, with the scores of all its `characters` multiplied by `times`."""
    with torch.no_grad():
        for part in model.modules():
            if isinstance(part, nn.Linear) and part.out_features == characters:
                for parameter in part.parameters():
                    parameter *= times
    return model


# %%
#| export
class BigramLanguageModel(nn.Module):
    """Ids in, scores for the next one out; a bigram model in name only, unless its context is 1."""

    def __init__(self, vocab_size: int, config: Config) -> None:
        """`config.num_layers` blocks between the embedding and the logits."""
        super().__init__()
        self.config = config
        self.embedding = EmbeddingModule(vocab_size, config)  # blank: the way in
        self.blocks = nn.ModuleList(TransformerBlock(config) for _ in range(config.num_layers))  # blank: the blocks
        self.to_logits = VocabularyLogits(vocab_size, config)  # blank: the way out

    def forward(
        self, ids: torch.Tensor, targets: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Logits (batch, sequence, vocab_size) for ids (batch, sequence); and the loss, or None without targets."""
        x = self.embedding(ids)  # blank: ids to vectors
        for block in self.blocks:
            x = block(x)  # blank: through this block
        logits = self.to_logits(x)  # blank: vectors to scores
        if targets is None:
            return logits, None
        return logits, F.cross_entropy(logits.flatten(0, 1), targets.flatten())  # blank [F.cross_entropy(logits.flatten(0, 1), targets.flatten())]: the loss

    @torch.no_grad()
    def generate(self, ids: torch.Tensor, max_new_tokens: int) -> torch.Tensor:
        """`ids` (batch, sequence), then `max_new_tokens` more, drawn one by one: (batch, sequence + max_new_tokens)."""
        was_training = self.training
        self.eval()
        for _ in range(max_new_tokens):
            context = ids[:, -self.config.input_sequence_length :]  # blank: the last ids, as many as the model can see
            logits, _ = self(context)
            chances = logits[:, -1].softmax(dim=-1)  # blank: the last place's probabilities: (batch, vocab_size)
            chosen = torch.multinomial(chances, num_samples=1)  # blank: one spin of the wheel for each window: (batch, 1)
            ids = torch.cat((ids, chosen), dim=1)  # blank: what was there, then what was chosen
        self.train(was_training)
        return ids


check("11.13")
#! hint: `__init__` makes the three parts that 11.08 was given; `forward` is 11.08 with `self.`, and then 11.09;
#!   `generate` is 11.11, 11.05 for a whole batch, and `torch.cat` along the places
#! mistake 1: embedding -> That's this notebook's embedding, with the example's numbers. Each model makes its own.
#! mistake 1: EmbeddingModule(vocab_size, small) -> The class becomes a module of its own, and there's no `small` in
#!   there. It gets its sizes from `config`.
#! mistake 1: EmbeddingModule(config, vocab_size) -> The size of the vocabulary comes first, then the configuration.
#! mistake 2: nn.ModuleList([TransformerBlock(config)] * config.num_layers) -> That's one block, several times over.
#!   Each needs numbers of its own, so make a new one each time.
#! mistake 2: [TransformerBlock(config) for _ in range(config.num_layers)] -> PyTorch doesn't see the blocks in a plain
#!   list, and no optimizer would train them. `nn.ModuleList` keeps them in sight.
#! mistake 2: nn.ModuleList(TransformerBlock(config) for _ in range(config.num_heads)) -> That's the number of heads in
#!   a block. The number of blocks is `num_layers`.
#! mistake 2: nn.ModuleList(TransformerBlock(config) for _ in range(config.num_layers + 1)) -> One block too many:
#!   `range` gives as many numbers as you ask for, starting with 0.
#! mistake 3: nn.Linear(config.embedding_dim, vocab_size) -> The last norm is missing. Your class from chapter 10 has
#!   both.
#! mistake 3: VocabularyLogits(config.embedding_dim, config) -> There's a score for each character, so it needs to know
#!   how many characters there are.
#! mistake 4: embedding(ids) -> That's this notebook's embedding, and the class can't see it any more once it has moved
#!   to a module of its own. The model has its own, with `self.`.
#! mistake 5: x + block(x) -> The block has already added to the stream.
#! mistake 5: block(self.embedding(ids)) -> This starts afresh each time. Each block takes what the one before it gave.
#! mistake 6: self.to_logits(x).softmax(dim=-1) -> Those are probabilities. The loss wants scores, and so does
#!   `generate`.
#! mistake 6: self.to_logits(self.embedding(ids)) -> This jumps over all the blocks.
#! mistake 7: F.cross_entropy(logits, targets) -> PyTorch takes the second dimension for the vocabulary. Lay all the
#!   places in one line first.
#! mistake 7: F.cross_entropy(logits[:, -1], targets[:, -1]) -> That's one lesson for each window. Every place has made
#!   a bet, and every bet counts.
#! mistake 7: F.cross_entropy(logits[:, :-1].flatten(0, 1), targets[:, 1:].flatten()) -> The loader has already moved
#!   the targets on by one place. This moves them once more.
#! mistake 7: F.cross_entropy(logits[-1], targets[-1]) -> That's the last window only. Every window counts.
#! mistake 7: F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="sum") -> That's the sum, which grows
#!   with the batch. The mean doesn't.
#! mistake 8: ids[:, -self.config.input_sequence_length + 1 :] -> One too few: the model can see one place more than
#!   this leaves.
#! mistake 8: ids[:, -self.config.input_sequence_length - 1 :] -> One too many: the table of positions has no row for
#!   it.
#! mistake 8: ids[:, -config.input_sequence_length :] -> The class becomes a module of its own, and this notebook's
#!   `config` isn't in there. The model keeps its own, `self.config`.
#! mistake 8: ids -> That works until the text is longer than the model can see. Crop it.
#! mistake 8: ids[:, : self.config.input_sequence_length] -> Those are the first ids, so it would read the same
#!   beginning over and over. Take the last ones.
#! mistake 8: ids[:, -1:] -> One id: a bigram after all. Give it as much as it can see.
#! mistake 9: logits[:, 0].softmax(dim=-1) -> Those are the bets after the first character. Only the last place bets on
#!   what comes next.
#! mistake 9: logits[:, -1].softmax(dim=-1).softmax(dim=-1) -> The second softmax takes probabilities for scores, and
#!   makes them nearly equal.
#! mistake 9: (logits[:, -1] / 0.7).softmax(dim=-1) -> With a temperature of 0.7 the likely ones come up too often. The
#!   class does without this knob.
#! mistake 9: logits[:, -1].exp() / logits[:, -1].exp().sum(dim=-1, keepdim=True) -> Right until a score reaches 89.
#!   Then e to that power is `inf`, as in 10.07. `softmax` takes the largest off first.
#! mistake 9: logits[:, -1] -> Those are scores, some of them negative. The wheel wants probabilities.
#! mistake 9: logits.softmax(dim=-1) -> Those are the probabilities at all the places. You only need the last one's.
#! mistake 9: logits[:, -1].softmax(dim=0) -> This shares out 100% among the windows of the batch. The characters are
#!   dimension -1.
#! mistake 10: chances.argmax(dim=-1, keepdim=True) -> That's greedy, and it goes round in circles. Throw the dice.
#! mistake 10: torch.multinomial(chances[0], num_samples=1) -> That spins for the first window only. `multinomial`
#!   takes the whole batch.
#! mistake 10: torch.randint(chances.shape[-1], (len(chances), 1)) -> A fair die. The chances aren't used.
#! mistake 11: torch.cat((ids, chosen), dim=0) -> That puts them below, as if they were windows. Places are dimension
#!   1.
#! mistake 11: torch.cat((chosen, ids), dim=1) -> That puts the new one in front. It goes at the end.
#! mistake 11: chosen -> That forgets everything that was there. Put the new id after it.
#! mistake 11: torch.cat((context, chosen), dim=1) -> What was cropped would be lost for good. Keep the whole text, and
#!   crop a copy.
#! alternative 2: nn.Sequential(*(TransformerBlock(config) for _ in range(config.num_layers)))
#! alternative 2: nn.ModuleList([TransformerBlock(config) for _ in range(config.num_layers)])
#! alternative 4: self.embedding.forward(ids)
#! alternative 7: F.cross_entropy(logits.view(-1, logits.shape[-1]), targets.view(-1))
#! alternative 7: F.cross_entropy(logits.transpose(1, 2), targets)
#! alternative 8: ids[:, max(0, ids.shape[1] - self.config.input_sequence_length) :]
#! alternative 9: F.softmax(logits[:, -1, :], dim=-1)
#! alternative 9: torch.softmax(logits, dim=-1)[:, -1]
#! alternative 10: torch.distributions.Categorical(chances).sample()[:, None]
#! alternative 10: torch.multinomial(chances, 1)
#! alternative 11: torch.hstack((ids, chosen))
#! alternative 11: torch.concat([ids, chosen], dim=-1)
#! probe: BigramLanguageModel(11, replace(small, num_layers=3)) -> a model with 11 characters and three blocks
#! probe: same_weights(BigramLanguageModel(vocab_size, small))(ids)[0] -> the logits for `ids`
#! probe: same_weights(BigramLanguageModel(vocab_size, small))(ids)[1] -> the loss without targets
#! probe: same_weights(BigramLanguageModel(vocab_size, small))(ids, ids.flip(1))[0] -> the logits when there are
#!   targets
#! probe: same_weights(BigramLanguageModel(vocab_size, replace(small, num_layers=1)))(ids[:1, :3], ids[:1, 1:4])[1] ->
#!   the loss of one window of three places
#! probe: [same_weights(BigramLanguageModel(9, small))(*pair)[1] for pair in [torch.randint(9, (2, 3, 4))]][0] -> the
#!   loss of three windows of four places
#! probe: [(setattr(model, "seen", []), model.generate(begin, 4), model.seen)[2] for begin in [torch.randint(9, (2,
#!   3))] for model in [type("Recording", (BigramLanguageModel,), {"forward": lambda self, ids, targets=None:
#!   (self.seen.append(ids.tolist()), (1000.0 * F.one_hot((ids + 1) % 9, 9), None))[1]})(9, replace(small,
#!   input_sequence_length=5))]][0] -> what the model is shown at each step, when it can see 5 places and begins with
#!   3,
#! probe: sure(same_weights(BigramLanguageModel(41, replace(small, input_sequence_length=4, dropout=0.9))),
#!   41).train().generate(torch.tensor([[0, 3], [5, 9], [7, 7]]), 9) -> the text of a model that sees 4 characters and
#!   whose dice always fall on the best,
#! probe: [sure(same_weights(BigramLanguageModel(23, small)), 23).generate(begin, 5) for begin in [torch.randint(23,
#!   (2, 13))]][0] -> what a long beginning becomes, when the dice always fall on the best,
#! probe: tuple(BigramLanguageModel(11, small).generate(torch.zeros(3, 1, dtype=torch.long), 12).shape) -> the shape of
#!   three windows that began with one id each, after 12 more
#! probe: len(set(BigramLanguageModel(11, replace(small, num_layers=1)).generate(torch.zeros(1, 1, dtype=torch.long),
#!   40)[0].tolist())) > 6 -> whether an untrained model says more than 6 of its 11 characters in 40 steps
#! probe: len(set(BigramLanguageModel(41, small).generate(torch.zeros(600, 1, dtype=torch.long), 1)[:, 1].tolist())) >
#!   30 -> whether more than 30 of 41 characters come up in 600 draws from an untrained model
#! probe: [((share - scores.softmax(dim=0)).abs().max() < 0.05).item() for scores in [torch.tensor([2.0, 1.0, 0.0,
#!   -1.0, 0.5])] for model in [type("Scripted", (BigramLanguageModel,), {"forward": lambda self, ids, targets=None:
#!   (scores.expand(*ids.shape, 5), None)})(5, small)] for share in [torch.bincount(model.generate(torch.zeros(3000, 1,
#!   dtype=torch.long), 1)[:, 1], minlength=5) / 3000]][0] -> whether in 3,000 draws each character comes up as often
#!   as the softmax of the scores says
#! probe: [(model.generate(ids[:1, :1], 1) is not None, model.training)[1] for model in
#!   [BigramLanguageModel(vocab_size, small)]][0] -> whether a model that was in training still is, after it has
#!   spoken,
#! probe: [(model.generate(ids[:1, :1], 1) is not None, model.training)[1] for model in
#!   [BigramLanguageModel(vocab_size, small).eval()]][0] -> whether a model that wasn't in training is, after it has
#!   spoken,
#! equivalent: a sign dropped: -1 => 1 -> the last place's scores have two dimensions, so 1 is the last
#! equivalent: a decorator deleted: torch.no_grad() -> what is drawn stays the same; it saves memory and time
#! equivalent: statements swapped: super().__init__() -> a configuration isn't a module, so it may be stored first

# %%
torch.manual_seed(1346)
model = BigramLanguageModel(vocab_size, config).eval()
print(f"{sum(parameter.numel() for parameter in model.parameters()):,} parameters; on paper it was {in_all:,}")

torch.manual_seed(1346)
inputs, answers = DataLoader(loader.text, config).get_batch("validation")
print(f"the loss of knowing nothing: 4.16; of the untrained model: {model(inputs, answers)[1].item():.2f}")

# %% [markdown]
# The count agrees with the one on paper, and the loss is a little worse than knowing nothing, as chapter 10 told you to
# expect from random opinions. The model is yours, and it's complete. Let it speak: 100 characters after `Let's he`.
# Guess what they'll look like.

# %%
torch.manual_seed(1346)
start = torch.tensor([loader.encode("Let's he")])  # blank: the ids of "Let's he" as a batch of one window: (1, 8)
babble = loader.decode(model.generate(start, 100)[0])  # blank: that and 100 more characters, as a text
check("11.14")
#! hint: a list in a list becomes a tensor with two dimensions; what `generate` gives has a batch dimension, and
#!   `decode` takes a single row
#! mistake: torch.tensor(loader.encode("Let's he")) -> That has one dimension. The model wants windows in a batch, so
#!   put the list into another list.
#! mistake: loader.encode("Let's he") -> That's a list. The model wants a tensor.
#! mistake: torch.tensor([loader.encode("Let's he")]).T -> That's turned on its side: eight windows of one character
#!   each.
#! mistake 2: loader.decode(model.generate(start, 100)) -> That's a batch of texts, with one in it. Take the first row.
#! mistake 2: loader.decode(model.generate(start, 92)[0]) -> That makes 100 characters in all. You want 100 *more*.
#! mistake 2: loader.decode(model.generate(start, 100)[0][8:]) -> Those are the new ones only. Leave the beginning in.
#! mistake 2: loader.decode(model.generate(start, 100)[0, :100]) -> That cuts the last ones off again, because it
#!   counts the beginning among the 100.
#! mistake 2: model.generate(start, 100)[0] -> Those are ids. Decode them.
#! alternative: torch.tensor(loader.encode("Let's he")).unsqueeze(0)
#! alternative: torch.tensor(loader.encode("Let's he"))[None, :]
#! alternative: torch.tensor(loader.encode("Let's he")).view(1, -1)
#! alternative 2: loader.decode(model.generate(start, 100).squeeze(0))
#! alternative 2: loader.decode(model.generate(start, max_new_tokens=100)[0].tolist())
#! alternative 2: "".join(loader.characters[number] for number in model.generate(start, 100)[0])
#! equivalent: minus one: 0 => -1 -> there is one window in the batch, so the first is the last

# %%
print(babble)

# %% [markdown]
# A machine that hits keys at random. It doesn't even manage `the the the`: with its 2.48, the table at the beginning
# of the chapter is far ahead of this model, whose loss is above four. The model's 209,600 numbers are still the
# random ones it started with. There's nothing wrong with it. It just hasn't read a line yet.
#
# For the map, note the shapes in `generate`: in the first of its 100 steps, and after the last. The first line is
# given.

# %%
shapes = {
    "context": (config.batch_size, config.input_sequence_length),
    "last scores": (config.batch_size, vocab_size),  # blank [(config.batch_size, vocab_size)]: the scores of the last place of each window
    "chosen": (config.batch_size, 1),  # blank [(config.batch_size, 1)]: one new id for each window, ready to be glued on
    "generated": (config.batch_size, config.input_sequence_length + 100),  # blank [(config.batch_size, config.input_sequence_length + 100)]: the ids after 100 steps
}
check("11.15")
#! hint: taking one place removes a dimension; to be glued on along the places, something needs a dimension of places
#! mistake: (config.batch_size, config.input_sequence_length, vocab_size) -> Those are the scores of all the places.
#!   Once you take one place, that dimension is gone.
#! mistake: (config.batch_size, 1, vocab_size) -> `[:, -1]` removes the dimension of the places. (`[:, -1:]` would keep
#!   it.)
#! mistake: (vocab_size,) -> That's one window. Each of them has its own.
#! mistake 2: (config.batch_size,) -> The right number of ids, but no dimension to glue them along. They need to be in
#!   a column.
#! mistake 2: (1, config.batch_size) -> That's a row. Each window gets one at its end.
#! mistake 2: (config.batch_size, vocab_size) -> Those are the chances. One id was drawn from each row.
#! mistake 3: (config.batch_size, 100) -> Those are the new ones only. They come after the old ones.
#! mistake 3: (config.batch_size + 100, config.input_sequence_length) -> There are still as many windows as before. The
#!   text has become longer.
#! mistake 3: (config.batch_size, config.input_sequence_length) -> That's as much as the model can see. The text itself
#!   isn't cropped, only what the model is shown.
#! alternative: (config.batch_size,) + (vocab_size,)
#! alternative 2: tuple(torch.multinomial(torch.ones(config.batch_size, vocab_size), 1).shape)
#! alternative 3: (config.batch_size, 100 + config.input_sequence_length)

# %%
for name, shape in shapes.items():
    print(f"{name:>12}  {shape}")

# %% [markdown]
# We still owe you an explanation of the name. Take the same class with a context of **one** character, and ask it
# about all 64.

# %%
one = BigramLanguageModel(vocab_size, replace(config, input_sequence_length=1)).eval()
with torch.no_grad():
    its_table = one(torch.arange(vocab_size)[:, None])[0][:, 0]
print("a row of scores for each character:", tuple(its_table.shape))

# %% [markdown]
# With a single place in the window, attention has nobody else to look at, and the answer depends on that one character
# alone. Whatever happens inside, any such model comes down to a (64, 64) table. The one you counted got 2.48 on the
# validation text. Could training find a better one?
#
# You can work out how low *any* table could get on that text, without training anything. Take five minutes for it: of
# all the tables in the world, whose bets would have the lowest loss there? It's allowed to cheat.

# %%
pairs = seen * vocab_size + to_come  # blank: the numbers of the pairs that the best of all tables would have counted
exam_counts = torch.bincount(pairs, minlength=vocab_size**2).view(vocab_size, vocab_size)
best_table = exam_counts / exam_counts.sum(dim=1, keepdim=True).clamp(min=1)  # `clamp`: an empty row isn't divided by 0
lowest = -best_table[seen, to_come].log().mean()  # blank: its loss on the validation text
check("11.16")
#! hint: the best bets on a text are the shares counted in that very text; for the loss, pick the probability of what
#!   came at each place, and take the mean surprise
#! mistake: here * vocab_size + following -> That's the table you have, counted on the training text. The best one
#!   would know the exam.
#! mistake: torch.cat((here, seen)) * vocab_size + torch.cat((following, to_come)) -> Nine tenths of that is training
#!   text, and its habits are a little different. For the lowest loss on the exam, count the exam and nothing else.
#! mistake: to_come * vocab_size + seen -> This turns the table round: its rows would be what follows.
#! mistake: seen + to_come -> Then (a, b) and (b, a) get the same number. Look at 11.01.
#! mistake 2: F.cross_entropy(best_table[seen], to_come) -> Those are probabilities, and `cross_entropy` takes scores.
#! mistake 2: best_table[seen, to_come].log().mean() -> A surprise is *minus* the logarithm. A loss can't be below 0.
#! mistake 2: -best_table[seen, to_come].mean().log() -> That's the surprise of the mean probability. You want the mean
#!   of the surprises: first the logarithm, then the mean.
#! mistake 2: -best_table.log().mean() -> That takes every square of the table once, even those that never come up. Take
#!   the pairs of the text, one after another.
#! mistake 2: -best_table[here, following].log().mean() -> That's the training text, with pairs in it that this table
#!   has never met.
#! mistake 2: -best_table[to_come, seen].log().mean() -> Backwards: the row is the character that was seen.
#! alternative: torch.add(to_come, seen, alpha=vocab_size)
#! alternative: loader.validation_ids[:-1] * vocab_size + loader.validation_ids[1:]
#! alternative 2: F.cross_entropy(best_table.log()[seen], to_come)
#! alternative 2: F.nll_loss(best_table[seen].log(), to_come)
#! alternative 2: -(exam_counts * best_table.clamp(min=1e-12).log()).sum() / len(seen)

# %%
print(f"the table you counted: {bigram_loss:.2f}; the best there can be: {lowest:.2f}")

# %% [markdown]
# 2.37, and for that it had to read the answers. So no amount of training will get a model with a context of 1 below
# that. With a context of 1 the name is true. With 32 it's history.
#
# - [ ] 11.13 Write the class BigramLanguageModel
# - [ ] 11.14 Let the untrained model speak
# - [ ] 11.15 Note its shapes on the map
# - [ ] 11.16 Find the lowest loss a table can have
# - [ ] 11.r4 I can say when the name BigramLanguageModel is true

# %% [markdown]
# ## Challenge: the likeliest text
#
# Optional, 15 minutes, and nothing later needs it. Greedy takes the best character each time. But does it end up with
# the likeliest *text*? A text is as likely as all its bets multiplied together, and our `scores` are logarithms, so we
# can add them up instead: the higher the sum, the likelier the text. Here's that sum for what greedy says after `L`.

# %%
def total(text: str, count: int) -> float:
    """The scores of the last `count` characters of a text, added up: the logarithm of their probability."""
    ids = loader.encode(text)[-count - 1 :]
    return scores[ids[:-1], ids[1:]].sum().item()


print(repr(greedy("L", 3)), f"{total(greedy('L', 3), 3):.2f}")

# %% [markdown]
# Can you beat it? There are 262,144 ways to add three characters, and you could try them all. For fifty characters
# you'd need longer than the universe has been around. But the table's bad memory saves you. For what comes next, all
# that counts is the last character. So if two texts end in the same character, the less likely one is out of the race
# for good, and 64 texts are enough: for each character, the best one that ends in it. Add every possible character to
# each of them, and again keep the best for each ending.
#
# Before you run it, guess what the likeliest text of all will sound like.

# %%
def likeliest(start: str, count: int) -> str:
    """`start`, and the `count` characters after it that are likeliest as a whole."""
    totals = scores[loader.encode(start)[-1]]  # (64,): for each character, the total of the best text that ends in it
    endings = [[number] for number in range(vocab_size)]  # and the ids that this text has added to `start`
    for _ in range(count - 1):
        longer = totals[:, None] + scores  # blank: the total of each text (row) with each character after it (column)
        totals, before = longer.max(dim=0)  # the best in each column, and its row: the character before
        endings = [endings[before[number]] + [number] for number in range(vocab_size)]  # blank [endings[before[number]] + [number]]: the best text that ends in `number`
    return start + loader.decode(endings[totals.argmax()])  # blank [endings[totals.argmax()]]: the best of all


check("11.17")
#! challenge: 15 minutes
#! hint: a text's total goes to every square in its row, so the totals have to be a column; in `before`, each character
#!   finds the one that should come before it
#! mistake: totals + scores -> This gives each total to a column. A text's total belongs to the row of its last
#!   character.
#! mistake: totals[:, None] * scores -> Probabilities are multiplied, but these are their logarithms. Add them.
#! mistake: totals[:, None] + table -> The totals are sums of logarithms, and `table` holds probabilities. Add
#!   `scores`.
#! mistake: totals[:, None] + scores.T -> Turned round like this, it asks which character comes *before*.
#! mistake: scores.clone() -> This forgets the text so far. Its total has to count too.
#! mistake 2: endings[number] + [number] -> That goes on from the text that ended in `number` itself. Which character
#!   should come before? `before` knows.
#! mistake 2: [number] + endings[before[number]] -> That puts the new character in front. It goes at the end.
#! mistake 2: endings[before[number]] -> The new character is missing, so the texts never get longer.
#! mistake 3: endings[-1] -> That's the text that ends in the last character of the vocabulary. Take the one with the
#!   highest total.
#! mistake 3: endings[totals.argmin()] -> Totals are logarithms: the higher, the likelier. This is the worst of the 64.
#! mistake 3: endings[scores[loader.encode(start)[-1]].argmax()] -> That's the text that ends in what's likeliest right
#!   after `start`. Look at the totals.
#! alternative: scores + totals.unsqueeze(1)
#! alternative: (totals + scores.T).T
#! alternative 2: [*endings[before[number]], number]
#! alternative 2: endings[before[number].item()] + [number]
#! alternative 3: endings[int(totals.argmax())]
#! alternative 3: endings[totals.tolist().index(max(totals.tolist()))]
#! alternative 3: max(zip(totals.tolist(), endings))[1]
#! probe: likeliest("L", 3) -> the likeliest three characters after "L"
#! probe: likeliest("Let's he", 1) -> the likeliest character after "Let's he"
#! probe: [likeliest(start, 2) for start in "DNr"] -> the likeliest two characters after "D", after "N" and after "r"
#! probe: [(len(text), total(text, 12)) for text in [likeliest("Y", 12)]] -> the length and the total of the likeliest
#!   twelve characters after "Y"
#! probe: [(text.startswith(start), len(text) - len(start), total(text, count)) for start in [new.sentence()] for count
#!   in [new.whole(5, 9)] for text in [likeliest(start, count)]] -> whether the text keeps another beginning, how much
#!   it adds, and the total of that,

# %%
for start, count in (("L", 3), ("\n", 3), ("\n", 50), ("Let's he", 50)):
    for text in (greedy(start, count), likeliest(start, count)):
        print(f"{total(text, count):7.2f} {text!r}")

# %% [markdown]
# `LO:` and a line end: that's the end of a speaker's name, and it's about twice as likely as `LAnd`. Greedy never sees
# it, because the first step looks worse. So greedy can miss the likeliest text. And what's in the likeliest text of
# fifty characters? `the the the`, and after `Let's he` it's letter for letter what greedy said. The search is better
# and the boredom is the same. The likeliest texts are dull, and that's why we throw dice.
#
# Your search is known as the **Viterbi algorithm**. A model that sees 32 characters can't use it, since its memory is
# too good: hardly any two texts look the same to it. With such a model you keep the best few and hope. That's called
# beam search.
#
# - [ ] 11.17 Challenge: find the likeliest text

# %% [markdown]
# ## What's yours now
#
# - a real **bigram model**: a (64, 64) table, made by counting, with a loss of 2.48
# - **greedy** goes round in circles; if something is right in 29% of the cases, **sampling** says it in 29% of the
#   cases
# - **temperature** divides the scores, **top-k** cuts off the long tail; both tidy up the text, and neither makes the
#   model know more
# - a **context length**: before each step the text is cropped, and only the last place's scores are used
# - `BigramLanguageModel(vocab_size, config)`: `forward(ids, targets=None)` gives logits and loss, `generate(ids,
#   max_new_tokens)` gives the ids of a longer text
#
# It has 209,600 numbers, four blocks, sixteen heads, and nothing to say. In **12 Trainer** it learns to read.
