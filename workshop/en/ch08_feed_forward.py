# %% [markdown]
# # 08 FeedForward
# <!-- Made from checkpoints/ch08_feed_forward.py by scripts/build.py. From your first edit on it is yours. -->
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/OWNER/REPO/blob/main/workshop/en/ch08_feed_forward.ipynb)
# [![Open in GitHub Codespaces](https://github.com/codespaces/badge.svg)](https://codespaces.new/OWNER/REPO?quickstart=1)
#
# Give every place a moment alone, to make something of what it has heard.
#
# 60 minutes, eight sections. You'll need chapters 05 and 07, and the hidden layer of your digit classifier.
#
# The class is two Linears with a ReLU between them, and you've written that before. Tonight's questions are why the model
# needs it here, why it's wide in the middle, and why it holds two thirds of a block's parameters.

# %%
# @title Run this first: it fetches the workshop if it isn't here, as on Colab or Kaggle
import importlib.util, urllib.request
if not importlib.util.find_spec("workshop"):
    address = "https://github.com/OWNER/REPO/raw/main/workshop/fetch.py"
    exec(urllib.request.urlopen(address).read(), {"address": address})

# %%
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

# %%
scores = ____  # the lamp's score for each of the four rows: (4,)
sum_alike = scores[0] + scores[3]  # the two rows in which the switches are alike
sum_different = ____  # the same for the two rows in which they differ
check("08.01")

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

# %%
from_both = head(one_fact + another)  # what the head makes of the sum of the two
from_each = head(one_fact) + head(another)  # the sum of what it makes of each
alone = ____  # the row in which these two agree, (1, 4), made without `head(...)`
check("08.02")

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
answers = ____  # a new tensor, in which negative numbers have become 0 and the others are unchanged
lamp = ____  # for each row, its two answers, weighted by the verdict and added up
check("08.03")

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

# %%
read = LayerNorm(width)(stream).detach()  # a fresh norm, as in chapter 05: what FeedForward gets to see
vector = read[0, -1]
print("the last e:", vector)
print("bent:      ", torch.relu(vector))

# %%
both = ____  # first `vector`, bent; then another one, bent too, chosen so that the next line gets `vector` back
back = both[:width] - both[width:]
check("08.04")

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
contract = ____  # from the middle back to the width
hidden = ____  # the questions, asked of `read` and bent: (1, 8, 16)
thought = ____  # the answers, weighed and added up, to fit the stream again: (1, 8, 8)
check("08.05")

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
shuffled_after = ____  # think about the places, then put them in the new order
shuffled_before = ____  # put the places in the new order, then think
check("08.06")

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
zero_share = ____  # before the push: the share of zeros among the numbers in `hidden`
silent = ____  # after it: for each of the 16 units, whether it's silent for all the places: (16,)
check("08.07")

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
in_expand = ____  # the weights and biases of the first layer, from the sizes in `config`
in_contract = ____  # and of the second
check("08.08")

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
class FeedForward(nn.Module):
    """Two layers with a bend between them, for each place on its own. Leaves the residual sum to the block."""

    def __init__(self, config: Config) -> None:
        """`config.embedding_dim` numbers in, `config.hidden_dim` in the middle, `config.embedding_dim` out again."""
        super().__init__()
        self.expand = ____  # the questions
        self.contract = ____  # what their answers add
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, sequence, embedding_dim) -> the same shape."""
        return ____  # expand, bend, contract, dropout


check("08.09")

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
    "expand weight": ____,  # the first layer's matrix, as PyTorch keeps it
    "hidden": ____,  # the answers of all units
    "contract weight": (config.embedding_dim, config.hidden_dim),
    "thought": (config.batch_size, config.input_sequence_length, config.embedding_dim),
}
check("08.10")

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
added = ____  # a row for each unit, with what it adds to the last e: (16, 8)
loudest = ____  # the number of the unit whose row is the longest vector
without = ____  # what the last e would have added to itself without that unit: (8,)
check("08.11")

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

# %%
past = ____  # for each spot, how far it is past every spot but the last: (9, 8)
bends = ____  # from `heights`, a weight for each of the eight answers: (8,)
drawn = torch.relu(past) @ bends
check("08.12")

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
