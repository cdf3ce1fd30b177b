# %% [markdown]
# # 08 FeedForward
#
# Give every place a moment alone, to make something of what it has heard.
#
# 60 minutes, eight sections. You'll need chapters 05 and 07, and the hidden layer of your digit classifier.
#
# The class is two Linears with a ReLU between them, and you've written that before. Tonight's questions are why the model
# needs it here, why it's wide in the middle, and why it holds two thirds of a block's parameters.

# %%
#| export
import torch
from torch import nn

# %%
import torch.nn.functional as F

from nanogpt import AttentionHead, Config, LayerNorm, MultiHeadAttention
from workshop import ____, check, draw, hint, running, solution

# %%
torch.set_printoptions(precision=3, linewidth=100, sci_mode=False)  # eight numbers on a line
config = Config()
small = Config.small()
width = small.embedding_dim
print(small)
#! redraw: config = Config(**new.sizes())
#! redraw: small = Config(**new.sizes(batch_size=1, input_sequence_length=8))
#! redraw: width = small.embedding_dim

# %% [markdown]
# ## An average can't decide · 12 min
#
# A stairwell has two switches, one at the bottom and one at the top, and a lamp. The lamp is on when the switches
# *differ*. Two facts, one answer. A model meets this all the time: a place knows two things about itself, and what
# matters is how they go together. (At the start of a line, a capital means nothing. Further along, it may well start
# a name.)
#
# Can a weighted sum do it? You get one weight for each switch, and a bias: any numbers you like. For the four
# settings below, the lamp should come out as 0, 1, 1, 0. Guess, and then look at two sums.

# %%
switches = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
weights, bias = torch.tensor([2.0, -1.0]), torch.tensor(0.5)
#! redraw: switches = torch.randn(4, 2)
#! redraw: switches[[0, 3], 1] = switches[[0, 3], 0]

# %%
scores = switches @ weights + bias  # blank: the lamp's score for each of the four rows: (4,)
sum_alike = scores[0] + scores[3]  # the two rows in which the switches are alike
sum_different = scores[1] + scores[2]  # blank: the same for the two rows in which they differ
check("08.01")
#! hint: a matrix times a vector gives one number for each row, and the bias is added to every one of them
#! mistake: switches * weights + bias -> That leaves two numbers in each row. A score adds them up: use `@`.
#! mistake: switches @ weights -> The bias is missing.
#! mistake: switches @ (weights + bias) -> The bias is added to the score, not to the weights.
#! mistake: weights @ switches + bias -> The vector goes on the right, so that its two weights meet the two switches.
#! mistake 2: sum_alike -> With these switches the two are always equal, and that's the discovery. Add up rows 1 and
#!   2 to see it.
#! mistake 2: scores[0] + scores[1] -> Rows are counted from 0. The switches differ in rows 1 and 2.
#! mistake 2: scores[2] + scores[3] -> Those are the third row and the last. The switches differ in rows 1 and 2, counted
#!   from 0.
#! mistake 2: scores[1] - scores[2] -> That's a difference. The question is about the sum of the two.
#! mistake 2: scores[1] + scores[3] -> In row 3 both switches are on. They differ in rows 1 and 2.
#! alternative: (switches * weights).sum(dim=1) + bias
#! alternative: torch.matmul(switches, weights) + bias
#! alternative: F.linear(switches, weights[None], bias).squeeze(1)
#! alternative: torch.einsum("rs,s->r", switches, weights) + bias
#! alternative 2: scores[1:3].sum()
#! alternative 2: scores.sum() - sum_alike

# %%
print("scores:", scores, " alike:", round(sum_alike.item(), 3), " different:", round(sum_different.item(), 3))

# %% [markdown]
# Both sums are 2. Change the weights and run it again. They stay equal, because each of them contains every weight once
# and the bias twice. But the lamp wants 0 + 0 where the switches are alike and 1 + 1 where they differ. No weights will
# ever do that.
#
# You've met this before: in chapter 02, `c` got stuck halfway between `a` and `e`. Sums are good-natured. They can't say
# *but not both*.
#
# What about attention? Surely all that machinery can do it. There's a test. A head has no biases. So if it were only a
# weighted sum, calling it on the sum of two inputs would give the same numbers as calling it on each and adding the
# results. Below, a head takes the test with two sentences of three places each. It turns out to be a weighted sum at
# exactly one of the three places. Which one, and what's left of the head there? Write down that place's output without
# calling `head`. One of its three layers is enough.

# %%
torch.manual_seed(4)
head = AttentionHead(width // 2, small).eval()
one_fact = torch.randn(1, 3, width)  # a batch of one sentence: three places, with their numbers
another = torch.randn(1, 3, width)
#! redraw: head.mask.fill_(1)

# %%
from_both = head(one_fact + another)  # what the head makes of the sum of the two
from_each = head(one_fact) + head(another)  # the sum of what it makes of each
alone = head.value(one_fact + another)[:, 0]  # blank: the row in which these two agree, (1, 4), made without `head(...)`
check("08.02")
#! hint: which place can't see any of the others, and so gives itself a weight of 1? What does a head hand over when
#!   there's nothing to choose?
#! mistake: from_both[:, 0] -> That's the right place, but copied from what the head said. Make it with one of the
#!   head's layers, to see which one is left.
#! mistake: from_each[:, 0] -> That's the right place, but still two calls to the head. Make it with one of the head's
#!   layers.
#! mistake: head.value(one_fact + another) -> The right layer. The two agree in only one of these three rows.
#! mistake: head.value(one_fact + another)[:, -1] -> The last place sees all three, so the softmax has its say there.
#!   Which place sees only itself?
#! mistake: head.value(one_fact + another)[0] -> `[0]` picks the sentence, with all its places. Places are the second
#!   dimension.
#! mistake: head.query(one_fact + another)[:, 0] -> A query decides where to look, and nothing else. What arrives?
#! mistake: head.key(one_fact + another)[:, 0] -> A key decides who looks here, and nothing else. What arrives?
#! mistake: head.value(one_fact)[:, 0] -> That's half of it. The other sentence has a first place too.
#! alternative: head.value(one_fact)[:, 0] + head.value(another)[:, 0]
#! alternative: (one_fact + another)[:, 0] @ head.value.weight.T
#! alternative: head.value((one_fact + another)[:, 0])

# %%
print("inputs added:", from_both[0].detach(), sep="\n")
print("outputs added:", from_each[0].detach(), sep="\n")
print("one layer alone:", alone[0].detach())

# %% [markdown]
# The first rows agree, the others don't. Place 0 sees nobody but itself and gives itself all of the weight, so all that's
# left of the head is the matrix of its values: a weighted sum, as good-natured as any.
#
# Where there are others to see, something *does* bend. The softmax decides who to listen to, and its choice depends on
# what everybody says. But what gets heard arrives as an average of values. **Attention moves things between places.
# Making something of them, inside a place, is somebody else's job.**
#
# - [ ] 08.01 Show that a weighted sum can't run the lamp
# - [ ] 08.02 Find the place where a head is only a weighted sum
# - [ ] 08.r1 I can say what attention does between places, and what it doesn't do within one

# %% [markdown]
# ## A bend: ReLU · 9 min
#
# Two weighted sums in a row? `x @ A @ B` is `x @ (A @ B)`, one matrix again. Pile up as many as you like, they're still
# one. There has to be something between them that is *not* a sum.
#
# The cheapest thing is **ReLU**: negative numbers become 0, positive ones stay. You used it for the digits. Here's how it
# runs a lamp. First ask two questions:
#
# - how many switches are on? (a sum: 0, 1, 1, 2)
# - how many more than one? (the same minus 1: -1, 0, 0, 1)
#
# Bend both. The lamp is the first answer minus twice the second. Do the four rows on paper, and then here.

# %%
questions = torch.tensor([[1.0, 1.0], [1.0, 1.0]])  # a row for each question
offsets = torch.tensor([0.0, -1.0])
asked = switches @ questions.T + offsets
verdict = torch.tensor([1.0, -2.0])  # the first answer, minus twice the second
print(asked)

# %%
answers = torch.relu(asked)  # blank: a new tensor, in which negative numbers have become 0 and the others are unchanged
lamp = answers @ verdict  # blank: for each row, its two answers, weighted by the verdict and added up
check("08.03")
#! hint: torch has a function of that name; the second line is a matrix times a vector
#! mistake: asked.abs() -> That flips a negative number's sign. ReLU makes it 0.
#! mistake: torch.sigmoid(asked) -> A bend too, but a different one: it squeezes everything into the range from 0 to 1.
#! mistake: (asked > 0).float() -> That only says whether a number is positive. ReLU also says how large it is.
#! mistake: F.leaky_relu(asked) -> That one lets a little of each negative number through. ReLU makes it 0.
#! mistake: F.gelu(asked) -> That's the rounded one, GPT-2's. Ours has a corner.
#! mistake: torch.relu(-asked) -> With the sign flipped, the other half gets cut off.
#! mistake: asked -> Without the bend the two layers are one, and you know what one can do.
#! mistake 2: answers * verdict -> You have the products, but not the sum of each row: `@` does both.
#! mistake 2: answers.sum(dim=1) -> That gives both answers a weight of 1. `verdict` gives the second a weight of -2.
#! mistake 2: answers[:, 0] - 2 * answers[:, 1] -> The weights are typed in here. They're in `verdict`; take them from
#!   there.
#! mistake 2: asked @ verdict -> That skips the bend. Use the answers.
#! alternative: F.relu(asked)
#! alternative: nn.ReLU()(asked)
#! alternative: asked.clamp(min=0)
#! alternative: torch.maximum(asked, torch.zeros_like(asked))
#! alternative: torch.where(asked > 0, asked, 0.0)
#! alternative: asked * (asked > 0)
#! alternative 2: (answers * verdict).sum(dim=-1)
#! alternative 2: torch.matmul(answers, verdict)
#! alternative 2: torch.einsum("ra,a->r", answers, verdict)

# %%
print("lamp:", lamp)
on = torch.linspace(0, 2, 21)
first, second = torch.relu(on), torch.relu(on - 1)
draw.lines(
    {"first answer": first, "second answer": second, "first - 2 x second": first - 2 * second},
    x=on,
    x_name="how many switches are on",
    y_name="answer",
    title="Two bends make a tent",
    alt="Three lines over 0 to 2. The first answer rises straight from 0 to 2. The second stays at 0 up to 1, then rises to 1. "
    "The first minus twice the second rises from 0 to 1 in the middle and falls back to 0: a tent.",
)

# %% [markdown]
# 0, 1, 1, 0: the lamp works. *One, but not both* took two questions, a bend, and a weighing of the answers.
#
# Every unit of a hidden layer is a question like these. Its weights and its bias say what it asks, and the ReLU lets it
# stay silent when the answer is no. Tents can be put together into any shape, if you have enough of them. (GPT-2 uses
# GELU, where the corner is rounded off. The idea is the same.)
#
# - [ ] 08.03 Run the lamp with two questions and a bend

# %% [markdown]
# ## Wide in the middle · 11 min
#
# How many questions should a place ask itself? Think of an **autoencoder**: 784 pixels go in, through a narrow middle
# of 32 numbers, and out to 784 again. The narrow middle forces it to leave out what doesn't matter.
#
# Ours is the other way round. It starts with 8 numbers, opens up to 16 and comes back to 8; the real model goes 64,
# 256, 64. Nothing has to be squeezed here, since the residual stream already holds what the place was. What we want
# is room for questions.
#
# We want a lot of room, because a bent question hears only one side: whatever is below zero becomes 0, no matter how
# far below. Can sixteen numbers, all of them bent, still hold everything that a vector of eight says? Take the last
# `e`, as chapter 07 left it and as the next LayerNorm shows it.

# %%
stream = running.after("07")  # what chapter 07 ended with: (1, 8, 8)
#! redraw: stream = torch.randn(1, 8, width)

# %%
read = LayerNorm(width)(stream).detach()  # a fresh norm, as in chapter 05: what FeedForward gets to see
vector = read[0, -1]
print("the last e:", vector)
print("bent:      ", torch.relu(vector))

# %%
both = torch.cat((torch.relu(vector), torch.relu(-vector)))  # blank: first `vector`, bent; then another one, bent too, chosen so that the next line gets `vector` back
back = both[:width] - both[width:]
check("08.04")
#! hint: the first half is right wherever `vector` is positive, so the second half has to be 0 there; what does it have to
#!   be where `vector` is -3? Which vector, when bent, gives you that?
#! mistake: torch.cat((torch.relu(vector), -torch.relu(vector))) -> Here the sign is flipped after the bend, when the
#!   negative numbers are already gone. Flip it first.
#! mistake: torch.cat((torch.relu(vector), torch.relu(vector))) -> The same half twice, and the next line gives zeros. The
#!   second half has to hold what the first one lost.
#! mistake: torch.cat((vector, -vector)) -> Nothing is bent yet.
#! mistake: torch.cat((vector, torch.zeros(width))) -> The next line does give the vector, but nothing has been bent:
#!   the negative numbers are still there.
#! mistake: torch.cat((torch.relu(-vector), torch.relu(vector))) -> The halves are swapped: `vector` itself, bent, comes
#!   first.
#! mistake: torch.cat((torch.relu(vector), vector.abs())) -> The second half has the size of every number. It should have
#!   only what the first half lost.
#! mistake: torch.relu(vector) + torch.relu(-vector) -> Added up, they're one vector of 8, and the signs are gone. Put one
#!   after the other.
#! alternative: torch.relu(torch.cat((vector, -vector)))
#! alternative: torch.cat([vector.clamp(min=0), (-vector).clamp(min=0)])
#! alternative: torch.hstack((F.relu(vector), F.relu(-vector)))
#! alternative: torch.cat((vector.clamp(min=0), -vector.clamp(max=0)))
#! alternative: torch.cat((torch.relu(vector), torch.relu(vector) - vector))

# %%
print("16 numbers:", both)
print("and back:  ", back)

# %% [markdown]
# Sixteen questions hear both sides of eight numbers. You can get by with eight and a bias, if you know how far down
# the numbers go: a fresh LayerNorm of 8 numbers never gives anything below -2.65, so let each question add 3, and
# take the 3 off again at the end. But then nothing ever gets bent, and what you have is a weighted sum. Bending is
# the point, and it's what takes the room. And so far not one question has been about two numbers *together*.
#
# So let the questions be about all eight. Eight random numbers come in, and what we want is the product of the first
# two: again a matter of how two things go together. The units ask random questions, and the best weights for their
# answers are worked out exactly. How much of the product stays unknown with 1, 2, 4, ..., 256 units? And how much
# without the bend?

# %%
def unknown(units: int, bend: bool) -> float:
    """The share of the products that a layer of that many units doesn't know, for numbers it hasn't seen."""
    generator = torch.Generator().manual_seed(units)
    questions, offsets = torch.randn(8, units, generator=generator) / 8**0.5, torch.randn(units, generator=generator) / 2
    seen, unseen = torch.randn(2, 2000, 8, generator=generator)

    def answers(x: torch.Tensor) -> torch.Tensor:
        asked = x @ questions + offsets
        return torch.cat((torch.relu(asked) if bend else asked, torch.ones(len(x), 1)), dim=1)  # the ones are a bias

    best = torch.linalg.lstsq(answers(seen), seen[:, :1] * seen[:, 1:2]).solution
    wanted = unseen[:, :1] * unseen[:, 1:2]
    return ((wanted - answers(unseen) @ best).square().mean() / wanted.var()).item()


powers = range(9)
bent = [unknown(2**power, bend=True) for power in powers]
straight = [unknown(2**power, bend=False) for power in powers]
print({2**power: round(bent[power], 2) for power in powers})
draw.lines(
    {"with ReLU": bent, "without": straight},
    x=powers,
    x_name="units in the middle, as a power of 2",
    y_name="share unknown",
    title="How much of the product of two numbers a hidden layer doesn't know",
    alt="Two lines over the powers 0 to 8, so 1 to 256 units. Without the bend the line stays at 1 all the way. With ReLU it "
    "stays between 0.9 and 1 up to 8 units, then falls: 0.76 at 16, 0.42 at 32, 0.19 at 64, 0.06 at 256.",
)

# %% [markdown]
# Without the bend nothing is known, not even with 256 units. With it, a layer as wide as its input, 8, knows a tenth,
# and then each doubling helps. (If the questions could be learned, they'd do far better than random ones.)
#
# Four times the width has become the custom: 256 for our 64, and 3,072 for GPT-2's 768. Our small model makes do with
# twice the width. Now for `Let's he`, with our 16 units.

# %%
torch.manual_seed(1343)
expand = nn.Linear(width, small.hidden_dim)  # from the width to the middle: the questions
contract = nn.Linear(small.hidden_dim, width)  # blank: from the middle back to the width
hidden = torch.relu(expand(read))  # blank: the questions, asked of `read` and bent: (1, 8, 16)
thought = contract(hidden)  # blank: the answers, weighed and added up, to fit the stream again: (1, 8, 8)
check("08.05")
#! hint: `nn.Linear(in, out)` once more, the other way round; then one layer, the bend, and the other layer, each of
#!   them a call
#! mistake: nn.Linear(width, small.hidden_dim) -> That widens again. This one leads back: what goes in is the middle.
#! mistake: nn.Linear(small.hidden_dim, small.hidden_dim) -> What comes out has to fit the stream: `width` numbers for
#!   each place.
#! mistake: nn.Linear(small.hidden_dim, width, bias=False) -> Both layers have a bias, as any Linear has unless you say
#!   otherwise.
#! mistake 2: expand(read) -> Not bent yet. Without the ReLU the two layers are one.
#! mistake 2: expand(torch.relu(read)) -> Bent too early: that throws away everything below zero, before a question is
#!   asked.
#! mistake 2: torch.sigmoid(expand(read)) -> Also a bend, but not ours. With ReLU, a question that gets a no is silent:
#!   0.
#! mistake 2: torch.relu(expand(stream)) -> FeedForward reads what the norm shows it, `read`. The stream itself comes in
#!   later, when the result is added to it.
#! mistake 3: torch.relu(contract(hidden)) -> With a second bend it could only add, never subtract. The last layer stays
#!   straight.
#! mistake 3: contract(expand(read)) -> That skips the bend. Use `hidden`.
#! mistake 3: stream + contract(hidden) -> Adding it to the stream is the next step. Here we want only what gets added.
#! alternative: nn.Linear(in_features=small.hidden_dim, out_features=width)
#! alternative 2: F.relu(expand(read))
#! alternative 2: expand(read).clamp(min=0)
#! alternative 2: torch.relu(F.linear(read, expand.weight, expand.bias))
#! alternative 2: torch.relu(read @ expand.weight.T + expand.bias)
#! alternative 3: F.linear(hidden, contract.weight, contract.bias)
#! alternative 3: hidden @ contract.weight.mT + contract.bias

# %%
draw.heat(
    hidden[0],
    rows=running.SENTENCE,
    columns=[str(unit) for unit in range(small.hidden_dim)],
    title="What the 16 units answer to each character of \"Let's he\"",
    x_name="unit",
    alt="Eight rows, one for each character, and 16 columns, one for each unit. About half of the squares are zero. The "
    "largest number is 1.37, from unit 8 for the first e. No two rows have their zeros in the same columns.",
)
print("the last e was      ", stream[0, -1])
print("it adds to itself   ", thought[0, -1].detach())
print("and now it is       ", (stream + thought)[0, -1].detach())

# %% [markdown]
# A row is a place, a column is a question. Read it like a form that everybody has filled in: unit 8 has a lot to say
# about the first `e`, unit 12 is silent for all but the `h`.
#
# The answers then get weighed and added to the stream, as with attention: x + feed_forward(norm(x)). The place keeps
# what it was. At the end of the chapter we'll see what a single unit adds.
#
# - [ ] 08.04 Hear both sides of a vector
# - [ ] 08.05 Expand, bend and contract the sentence
# - [ ] 08.r2 I can say why an autoencoder is narrow in the middle and FeedForward is wide

# %% [markdown]
# ## Every place on its own · 6 min
#
# Look again at what `nn.Linear` did with a tensor of three dimensions: it worked on the last one and left the others
# alone. Each place went through the same two matrices, and no place saw its neighbours.
#
# If that's so, the order of the places can't matter. Shuffle them in two ways: once after thinking, once before. Guess
# which of the two lines of the printout will say True: FeedForward's, attention's, or both.

# %%
def think(x: torch.Tensor) -> torch.Tensor:
    """Expand, bend, contract."""
    return contract(torch.relu(expand(x)))


torch.manual_seed(5)
order = torch.randperm(8)
print(order.tolist())

# %%
shuffled_after = think(read)[:, order]  # blank: think about the places, then put them in the new order
shuffled_before = think(read[:, order])  # blank: put the places in the new order, then think
check("08.06")
#! hint: places are the second dimension, so in the square brackets the order comes after `:,`; the two lines differ only
#!   in where you put those brackets
#! mistake: think(read)[order] -> That asks for other sentences in the batch. The places are the second dimension.
#! mistake: think(read)[:, :, order] -> That shuffles the numbers within each place. The places are one dimension earlier.
#! mistake: think(read) -> Nothing has been shuffled yet.
#! mistake: think(read)[:, order.argsort()] -> That's the way back from `order` to the old order. Use `order` as it is.
#! mistake 2: think(read[:, order.flip(0)]) -> That's a different order. Use `order` as it is.
#! mistake 2: think(read[:, :, order]) -> That shuffles the numbers within each place, so it asks the wrong questions.
#! mistake 2: think(read[:, order])[:, order] -> Shuffled twice. Once is enough.
#! alternative: think(read).index_select(1, order)
#! alternative: torch.stack([think(read)[:, place] for place in order], dim=1)
#! alternative 2: think(read.index_select(1, order))
#! alternative 2: think(read)[:, order]

# %%
torch.manual_seed(1342)
attention = MultiHeadAttention(small).eval()
print("FeedForward:", torch.allclose(shuffled_after, shuffled_before, atol=1e-6))
print("attention:  ", torch.allclose(attention(read)[:, order], attention(read[:, order]), atol=1e-6))

# %% [markdown]
# FeedForward doesn't care who is where, or who the neighbours are. Attention cares about both: the order decides who a
# place may hear, and the others decide what it hears. That's the division of labour of the whole model: attention is the
# meeting, FeedForward is the hour at your own desk.
#
# That has a practical side. For FeedForward, a batch of 24 windows of 32 characters is 768 rows, all treated alike, and
# each of the two matrices takes them all in one large product. Machines love it.
#
# - [ ] 08.06 Shuffle the places, after thinking and before

# %% [markdown]
# ## Units that say nothing · 6 min
#
# About half of the squares in the figure were zero, and that's healthy: a question that everybody answers yes to tells
# you nothing. But ReLU has a vice. Where it's silent its slope is 0, so no gradient gets through, and a unit that is
# silent for **every** place in every batch gets no gradient at all. It can't learn its way out. It's dead.
#
# How does a unit die? Usually a training step is too large and pushes its bias far down. Let's push all the biases
# down by 1, and see which units fall silent for all eight places.

# %%
push = torch.tensor(1.0)
pushed = torch.relu(expand(read) - push)  # (1, 8, 16)

# %%
zero_share = (hidden == 0).float().mean()  # blank: before the push: the share of zeros among the numbers in `hidden`
silent = (pushed == 0).all(dim=1)[0]  # blank: after it: for each of the 16 units, whether it's silent for all the places: (16,)
check("08.07")
#! hint: a comparison gives True and False; as floats they're 1 and 0, so their mean is a share; `.all(dim=...)` asks
#!   whether all of them along a dimension are True
#! mistake: (hidden == 0).sum() -> That's how many zeros there are. For their share, take the mean of the same
#!   comparison, as floats.
#! mistake: (hidden > 0).float().mean() -> That's the share of those that speak.
#! mistake: hidden.mean() -> That's the mean of the answers. The question is how many of them are zero.
#! mistake 2: (pushed == 0).any(dim=1)[0] -> `any` is True for a unit that's silent for a single place. It has to
#!   be silent for all of them.
#! mistake 2: (pushed == 0).all(dim=2)[0] -> That asks of each place whether all units are silent. Ask the other way
#!   round: along the places.
#! mistake 2: (pushed == 0).all() -> That's one answer for all of them together. Each unit should get its own.
#! mistake 2: (hidden == 0).all(dim=1)[0] -> That's before the push. Ask `pushed`.
#! mistake 2: (pushed == 0).float().mean(dim=1)[0] -> Those are shares: for how many of the places each unit is silent.
#!   The question is whether it's all of them.
#! alternative: (hidden == 0).float().mean().item()
#! alternative: 1 - torch.count_nonzero(hidden) / hidden.numel()
#! alternative: (hidden == 0).sum() / hidden.numel()
#! alternative: torch.mean((hidden <= 0).float())
#! alternative 2: (pushed[0] == 0).all(dim=0)
#! alternative 2: ~(pushed > 0).any(dim=1).squeeze(0)
#! alternative 2: pushed.sum(dim=(0, 1)) == 0
#! alternative 2: pushed.flatten(0, 1).amax(dim=0) == 0
#! equivalent: minus one: 0 => -1 -> there is one sentence in the batch, so the first is the last

# %%
print(f"zeros before the push: {zero_share:.0%}")
print("after it, silent for all places:", [unit for unit, is_silent in enumerate(silent.tolist()) if is_silent])
slopes = torch.autograd.grad(contract(pushed).square().sum(), expand.weight)[0].norm(dim=1)
draw.bars(
    [str(unit) for unit in range(small.hidden_dim)],
    slopes,
    title="After the push: the gradient that reaches each unit's weights",
    x_name="unit",
    y_name="length of the gradient",
    alt="Sixteen units and five bars: unit 8 has 1.55, unit 13 has 0.75, unit 3 has 0.51, unit 10 has 0.31 and unit 0 "
    "has 0.21. The other eleven are at exactly 0.",
)

# %% [markdown]
# The five units that speak have a bar each, the eleven silent ones have none, and none means none: exactly 0. If it
# stays that way for all batches, these units are rows of weights that cost time and do nothing. With fresh random
# numbers, a norm in front and small steps, it's rare. But when a model of yours is strangely stupid, count.
#
# - [ ] 08.07 Count the zeros, and find the silent units

# %% [markdown]
# ## Two thirds of a block · 4 min
#
# Attention is the famous part of a GPT. So where are the parameters? Count FeedForward's, for the real model, biases
# included. On paper first, for the small one: 8 x 16 + 16, and 16 x 8 + 8.

# %%
in_expand = config.embedding_dim * config.hidden_dim + config.hidden_dim  # blank: the weights and biases of the first layer, from the sizes in `config`
in_contract = config.hidden_dim * config.embedding_dim + config.embedding_dim  # blank: and of the second
check("08.08")
#! hint: a Linear has a weight from each number that goes in to each number that comes out, and a bias for each number
#!   that comes out
#! mistake: config.embedding_dim * config.hidden_dim -> The biases are missing, one for each number that comes out.
#! mistake: config.embedding_dim * config.hidden_dim + config.embedding_dim -> A bias belongs to a number that comes
#!   *out*. What comes out of the first layer is the middle.
#! mistake: small.embedding_dim * small.hidden_dim + small.hidden_dim -> That's the small model, and you've done it on
#!   paper. The real one's sizes are in `config`.
#! mistake: config.embedding_dim + config.hidden_dim -> Each number that goes in is tied to each one that comes out:
#!   multiply the two sizes.
#! mistake 2: config.hidden_dim * config.embedding_dim + config.hidden_dim -> What comes out of the second layer is the
#!   width, and it has that many biases.
#! mistake 2: small.hidden_dim * small.embedding_dim + small.embedding_dim -> That's the small model. The real one's
#!   sizes are in `config`.
#! mistake 2: config.hidden_dim * config.embedding_dim -> The biases are missing, one for each number that comes out.
#! alternative: (config.embedding_dim + 1) * config.hidden_dim
#! alternative: sum(p.numel() for p in nn.Linear(config.embedding_dim, config.hidden_dim).parameters())
#! alternative 2: (config.hidden_dim + 1) * config.embedding_dim
#! alternative 2: sum(p.numel() for p in nn.Linear(config.hidden_dim, config.embedding_dim).parameters())

# %%
def count(module: nn.Module) -> int:
    """How many parameters a module has."""
    return sum(parameter.numel() for parameter in module.parameters())


in_feed_forward = in_expand + in_contract
in_attention, in_norms = count(MultiHeadAttention(config)), 2 * count(LayerNorm(config.embedding_dim))
in_block = in_attention + in_feed_forward + in_norms
print(f"attention    {in_attention:7,}  {in_attention / in_block:.0%}")
print(f"FeedForward  {in_feed_forward:7,}  {in_feed_forward / in_block:.0%}")
print(f"two norms    {in_norms:7,}  {in_norms / in_block:.0%}")

# %% [markdown]
# Two thirds. Attention has four matrices of 64 x 64: queries, keys and values of all heads, and the projection.
# FeedForward has two of 64 x 256, as many numbers as eight of 64 x 64. Much of what a large model knows seems to be kept
# here.
#
# - [ ] 08.08 Count the parameters of FeedForward

# %% [markdown]
# ## The class and the map · 5 min
#
# Three blanks. Dropout comes last, as in chapter 07, and the class leaves out the residual sum: the block builds the
# road.

# %%
#| export
class FeedForward(nn.Module):
    """Two layers with a bend between them, for each place on its own. Leaves the residual sum to the block."""

    def __init__(self, config: Config) -> None:
        """`config.embedding_dim` numbers in, `config.hidden_dim` in the middle, `config.embedding_dim` out again."""
        super().__init__()
        self.expand = nn.Linear(config.embedding_dim, config.hidden_dim)  # blank: the questions
        self.contract = nn.Linear(config.hidden_dim, config.embedding_dim)  # blank: what their answers add
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, sequence, embedding_dim) -> the same shape."""
        return self.dropout(self.contract(torch.relu(self.expand(x))))  # blank: expand, bend, contract, dropout


check("08.09")
#! hint: 08.05 with `self.`; read the last line from the inside out: what happens first is innermost
#! mistake: nn.Linear(config.hidden_dim, config.embedding_dim) -> The two numbers are swapped: what goes in is the width.
#! mistake: nn.Linear(8, 16) -> That's right only for the small configuration. The class gets its sizes from `config`.
#! mistake: nn.Linear(config.embedding_dim, 4 * config.embedding_dim) -> Four times is the custom, and the small
#!   configuration doesn't follow it. `config.hidden_dim` says how many.
#! mistake: nn.Linear(config.embedding_dim, config.hidden_dim, bias=False) -> Both layers have a bias.
#! mistake: nn.Linear(small.embedding_dim, small.hidden_dim) -> `small` belongs to this notebook. The class gets its
#!   sizes from `config`.
#! mistake 2: nn.Linear(config.hidden_dim, config.hidden_dim) -> What comes out has to fit the stream again.
#! mistake 2: nn.Linear(config.hidden_dim, config.embedding_dim, bias=False) -> Both layers have a bias.
#! mistake 3: self.dropout(self.contract(self.expand(x))) -> Without the bend the two layers are one.
#! mistake 3: self.dropout(torch.relu(self.contract(torch.relu(self.expand(x))))) -> One bend, between the layers. With a
#!   second one after them it could only add, never subtract.
#! mistake 3: self.contract(torch.relu(self.expand(x))) -> The dropout is missing.
#! mistake 3: self.contract(self.dropout(torch.relu(self.expand(x)))) -> Here the dropout is between the layers. It comes
#!   last.
#! mistake 3: self.dropout(torch.relu(self.contract(self.expand(x)))) -> Here the bend comes after both layers. It belongs
#!   between them.
#! mistake 3: self.dropout(self.contract(F.gelu(self.expand(x)))) -> That's GPT-2's rounded bend. Ours has a corner: ReLU.
#! mistake 3: self.dropout(self.contract(self.expand(torch.relu(x)))) -> Here the bend comes before both layers. It belongs
#!   between them.
#! mistake 3: x + self.dropout(self.contract(torch.relu(self.expand(x)))) -> The block builds the road past FeedForward,
#!   in chapter 09.
#! mistake 3: self.dropout(contract(torch.relu(expand(x)))) -> Those are this notebook's layers. The object has layers of
#!   its own, with `self.`.
#! alternative: nn.Linear(in_features=config.embedding_dim, out_features=config.hidden_dim)
#! alternative 3: self.dropout(self.contract(F.relu(self.expand(x))))
#! alternative 3: self.dropout(self.contract(self.expand(x).clamp(min=0)))
#! alternative 3: nn.Sequential(self.expand, nn.ReLU(), self.contract, self.dropout)(x)
#! alternative 3: F.dropout(self.contract(torch.relu(self.expand(x))), self.dropout.p, self.training)
#! probe: FeedForward(small) -> the object for the small configuration
#! probe: same_weights(FeedForward(small))(2 * stream + 1) -> its output for `2 * stream + 1`
#! probe: [same_weights(FeedForward(sizes))(x) for sizes in [Config(**new.sizes())] for x in [torch.randn(2, 3,
#!   sizes.embedding_dim)]][0] -> its output for two windows of three places, in another configuration
#! probe: [FeedForward(sizes).train()(torch.ones(1, 2, sizes.embedding_dim)).detach() for sizes in
#!   [Config(**new.sizes(), dropout=1.0)]][0] -> what it gives in training, when the dropout of `config` leaves nothing,
#! probe: [((out == 0) | torch.isclose(out, 2 * layer.eval()(x), atol=1e-5)).all().item() for layer in
#!   [FeedForward(Config(embedding_dim=6, hidden_dim=9, dropout=0.5)).train()] for x in [torch.randn(4, 3, 6)] for out
#!   in [layer(x)]][0] -> whether each number of the output is 0 or doubled, in training with a dropout of 0.5,

# %%
torch.manual_seed(1343)
feed_forward = FeedForward(small).eval()
after = stream + feed_forward(read)
print(after[0].detach())
print("are these the running example's numbers?", torch.equal(after, running.after("08")))
real = FeedForward(config)
inputs_shape = (config.batch_size, config.input_sequence_length, config.embedding_dim)
print(f"in the real model: {inputs_shape} -> {tuple(real(torch.zeros(inputs_shape)).shape)}, {count(real):,} parameters")

# %% [markdown]
# The tensor map again. A Linear keeps its matrix the other way round, (out, in), so mind the weight.

# %%
shapes = {
    "normalised": (config.batch_size, config.input_sequence_length, config.embedding_dim),
    "expand weight": (config.hidden_dim, config.embedding_dim),  # blank [(config.hidden_dim, config.embedding_dim)]: the first layer's matrix, as PyTorch keeps it
    "hidden": (config.batch_size, config.input_sequence_length, config.hidden_dim),  # blank [(config.batch_size, config.input_sequence_length, config.hidden_dim)]: the answers of all units
    "contract weight": (config.embedding_dim, config.hidden_dim),
    "thought": (config.batch_size, config.input_sequence_length, config.embedding_dim),
}
check("08.10")
#! hint: a weight has a row for each number that comes out; in what passes through, the number of units replaces the
#!   width
#! mistake: (config.embedding_dim, config.hidden_dim) -> A Linear keeps a row for each number that comes *out*, and what
#!   comes out of this one is the middle.
#! mistake: (4 * config.embedding_dim, config.embedding_dim) -> Four times is the custom. It's `config.hidden_dim` that
#!   says how wide the middle really is.
#! mistake: (config.batch_size, config.input_sequence_length, config.hidden_dim) -> That's what comes out of it. The
#!   weight itself knows nothing about batches or places.
#! mistake 2: (config.batch_size, config.input_sequence_length, config.embedding_dim) -> That's what went in. In the
#!   middle it's wider.
#! mistake 2: (config.batch_size, config.input_sequence_length, 4 * config.embedding_dim) -> Four times is the custom,
#!   not a rule. The width of the middle is `config.hidden_dim`.
#! mistake 2: (config.batch_size, config.hidden_dim) -> Every place has answers of its own, so the places are still
#!   there.
#! mistake 2: (config.batch_size, config.hidden_dim, config.embedding_dim) -> The places stay as they are. It's the width
#!   that opens up.
#! alternative: tuple(real.expand.weight.shape)
#! alternative 2: tuple(real.expand(torch.zeros(inputs_shape)).shape)
#! alternative 2: (*inputs_shape[:2], config.hidden_dim)

# %%
for name, shape in shapes.items():
    print(f"{name:>18}  {shape}")

# %% [markdown]
# - [ ] 08.09 Write the class FeedForward
# - [ ] 08.10 Note its shapes on the map

# %% [markdown]
# ## One unit, one rule · 7 min
#
# Back to the last `e`, and to what it added to itself: the eight numbers of `thought[0, -1]`. Sixteen units made them.
# Who said what?
#
# In 07.07 you took the projection apart, and the same knife cuts here. Each unit owns one column of `contract.weight`, a
# vector of 8 numbers, and adds it to the stream, as loudly as its answer says. So a unit is a rule: **if this is in the
# vector, then add that to it.**
#
# Which unit moved the last `e` the most? Look at the figure of the 16 units again and guess, then work it out. And how
# would the `e` have changed if that unit had kept quiet?

# %%
answer = hidden[0, -1]  # the last e's answers, one from each unit: (16,)
print("answers:", answer.detach())

# %%
added = answer[:, None] * contract.weight.T  # blank: a row for each unit, with what it adds to the last e: (16, 8)
loudest = added.norm(dim=1).argmax()  # blank: the number of the unit whose row is the longest vector
without = thought[0, -1] - added[loudest]  # blank: what the last e would have added to itself without that unit: (8,)
check("08.11")
#! hint: what does `contract` do with the answers, before it adds them up? Transpose its weight and each unit has a row;
#!   the length of a vector is its `norm`. For the last line, remember that `contract` adds one more thing of its own
#! mistake: answer * contract.weight -> The right numbers, but on their side: a column for each unit. Each should have a
#!   row.
#! mistake: answer @ contract.weight.T -> That adds up what all units say. Keep their rows apart: multiply, but don't sum.
#! mistake: contract.weight.T -> That's what each unit would add if every answer were 1. Multiply by the answers.
#! mistake: answer[:, None] * expand.weight -> Those are the questions, what each unit looks for. What it adds is in
#!   `contract.weight`.
#! mistake: answer * contract.weight.T -> The 16 answers meet the 8 columns here. Turn `answer` into a column too, with
#!   `[:, None]`.
#! mistake 2: answer.argmax() -> That unit has the largest answer. How far it moves the `e` depends on its column too.
#! mistake 2: contract.weight.norm(dim=0).argmax() -> That unit has the longest column. How loudly it's added depends on
#!   its answer.
#! mistake 2: added.sum(dim=1).argmax() -> In a sum, plus and minus cancel out. The length of a vector is its `norm`.
#! mistake 2: added.norm(dim=1).max() -> That's how long the row is. It's `argmax` that says which row it is.
#! mistake 2: added.norm(dim=0).argmax() -> That asks which of the 8 numbers is moved the most. Measure each row.
#! mistake 3: added[loudest] -> That's what this unit said. Take it away from what all of them said.
#! mistake 3: added.sum(dim=0) - added[loudest] -> Nearly: `contract` adds a bias as well, and that stays.
#! mistake 3: thought - added[loudest] -> That takes it away from every place. The unit said this to the last one.
#! mistake 3: (stream + thought)[0, -1] - added[loudest] -> That's the `e` afterwards. The question is what it adds.
#! alternative: torch.einsum("u,nu->un", answer, contract.weight)
#! alternative: (answer * contract.weight).T
#! alternative: torch.diag(answer) @ contract.weight.T
#! alternative 2: added.square().sum(dim=1).argmax()
#! alternative 2: max(range(len(added)), key=lambda unit: added[unit].norm())
#! equivalent: minus one: 0 => -1 -> there is one sentence in the batch, so the first is the last
#! alternative 3: contract(answer.index_fill(0, loudest, 0.0))
#! alternative 3: added.sum(dim=0) - added[loudest] + contract.bias

# %%
lengths = added.norm(dim=1)
for name, unit in (("largest answer", answer.argmax()), ("loudest", loudest)):
    print(f"{name}: unit {unit}, with an answer of {answer[unit]:.2f} and a vector of length {lengths[unit]:.3f}")
print("the last e adds    ", thought[0, -1].detach())
print("without that unit  ", without.detach())

# %% [markdown]
# Unit 9 it is, by a hair. Unit 8 gives the larger answer, but its column is so much shorter that it adds less. An
# answer tells you that a rule applies. To see how much it matters, look at what it adds.
#
# That's one way people read large models: find the units that answer loudly to names of cities, say, and then see what
# they add. With random numbers there's nothing to read yet. Come back after chapter 12.
#
# - [ ] 08.11 Find the unit that moved the last e the most

# %% [markdown]
# ## Challenge: draw any line
#
# Optional, 15 minutes; nothing later needs it. We said that tents can be put together into any shape. That's more fun
# to believe once you've done it yourself.
#
# Below is a zigzag over the spots 0 to 8. It starts at height 0, which saves us a bias, and goes on with the digits
# of pi. Your hidden layer gets one number, the spot, and may ask eight questions about it: how far is it past 0, past
# 1, ..., past 7? ReLU keeps each answer at 0 until we've come that far. With the right weight for each answer, the
# line goes through every height exactly. Nothing needs training. You can work the weights out, for any heights and
# any number of spots.
#
# (A zigzag of 0, 1, 0, 1, ... would be a stairwell with eight switches.)

# %%
heights = torch.tensor([0.0, 3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0])
spots = torch.arange(9, dtype=torch.float)
draw.lines(
    {"the line": heights},
    x=spots,
    x_name="spot",
    y_name="height",
    title="A line to be drawn with eight bends",
    alt="A zigzag over the spots 0 to 8, with the heights 0, 3, 1, 4, 1, 5, 9, 2 and 6.",
)
#! redraw: heights = torch.cat((torch.zeros(1), torch.randn(new.pick(5, 6, 7, 9, 10, 11))))
#! redraw: spots = torch.arange(len(heights), dtype=torch.float)

# %%
past = spots[:, None] - spots[:-1]  # blank: for each spot, how far it is past every spot but the last: (9, 8)
bends = torch.cat((heights[1:2], heights.diff().diff()))  # blank: from `heights`, a weight for each of the eight answers: (8,)
drawn = torch.relu(past) @ bends
check("08.12")
#! challenge: 15 minutes
#! hint: between two spots the line is straight, so first ask how steep it is on each of the eight stretches. A bend doesn't
#!   stop: what it adds to the slope goes on to the end. So what is left for the next one to add?
#! mistake: spots - spots[:-1, None] -> The right numbers, but on their side: (8, 9). Each spot should have a row.
#! mistake: spots[:-1] - spots[:, None] -> The signs are flipped: that's how far it still is to 0, 1, ..., 7.
#! mistake: spots[:, None] - spots -> Nine questions. Nothing comes after the last spot, so nobody has to ask about it.
#! mistake: spots[:, None] - spots[1:] -> That's how far each spot is past 1, 2, ..., 8. The first question is about
#!   spot 0.
#! mistake: spots[:, None] - torch.arange(8) -> That's right for nine spots. Take the bends from `spots`, and it's right for
#!   any number.
#! mistake 2: heights.diff() -> Those are the slopes. But each answer keeps growing after its bend, so the slopes of all
#!   earlier bends are still there. A bend adds only what changes.
#! mistake 2: heights[1:] -> Those are the heights. A weight says how much steeper the line gets at a bend.
#! mistake 2: heights.diff().diff() -> Nearly: these are the changes at 1, 2, ..., 7. The bend at 0 is missing, the one
#!   that starts the line on its way.
#! mistake 2: torch.cat((heights[1:2], -heights.diff().diff())) -> The first bend is right, the others turn the wrong way: a
#!   bend upwards is positive.
#! alternative: (spots.view(-1, 1) - spots)[:, :-1]
#! alternative: torch.stack([spots - bend for bend in spots[:-1]], dim=1)
#! alternative 2: heights.diff().diff(prepend=torch.zeros(1))
#! alternative 2: heights.diff() - F.pad(heights.diff()[:-1], (1, 0))
#! alternative 2: torch.linalg.solve(torch.relu(past)[1:], heights[1:])
#! alternative 2: torch.linalg.lstsq(torch.relu(past), heights[:, None]).solution[:, 0]

# %% [markdown]
# Eight units for eight stretches. For a smooth curve you take more units and shorter stretches, until nobody can see
# the corners any more. Training finds such weights by itself, for 64 numbers at once.
#
# - [ ] 08.12 Challenge: draw a line through any heights

# %% [markdown]
# ## What's yours now
#
# - attention moves things between places, but they arrive as an average, and an average can't say *but not both*
# - **questions, a bend, a weighing of answers**: each unit is a rule, *if this, then add that*
# - **wide in the middle**, by custom four times the width: the opposite of an autoencoder
# - each place **on its own**, with the same weights
# - silent is healthy, dead isn't; you can count both
# - `FeedForward(config)`: (batch, sequence, width) in and out, and two thirds of a block's parameters
#
# All the parts are on the table: two norms, attention, FeedForward, and the two roads past them. In
# **09 TransformerBlock** you put them together.
