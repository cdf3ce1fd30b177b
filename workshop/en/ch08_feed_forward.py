# %% [markdown]
# <!-- Made from checkpoints/ch08_feed_forward.py by scripts/build.py. From your first edit on it is yours. -->
# # 08 FeedForward
#
# Give every place a moment alone, to make something of what it has heard.
#
# 60 minutes in seven sections. It needs chapters 05 and 07, and the hidden layer of your digit classifier.
#
# The class is two Linears with a ReLU between, and you have written that before. The questions of this evening are
# why it must stand here, why it is wide in the middle, and why it holds two thirds of all the parameters.

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
# ## An average cannot decide · 13 min
#
# In a stairwell there are two switches, one below and one above, and a lamp. The lamp is on when the switches
# *differ*. Two facts, one answer. Inside a model it is the same all the time: a place knows two things about itself,
# and what matters is how they go together. (A capital begins a line. A capital inside one is a name.)
#
# Can a weighted sum do it? One weight for each switch and a bias, as large as you like. The lamp should get 0, 1, 1,
# 0 for the four positions below. Guess, and then look at two sums.

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
# Both sums are 2. Change the weights and run again: they stay equal, since both hold every weight once and the bias
# twice. The lamp wants 0 + 0 for the rows that are alike and 1 + 1 for those that differ. No weights will ever do.
#
# You have met this before: in chapter 02 `c` stayed halfway between `a` and `e`. Sums are good-natured. They cannot
# say *but not both*.
#
# What about attention, then? Surely all that machinery can do it? Try it on a place that is alone with itself, a
# sentence of one character. Whom can it look at? Fill in both sides, and guess whether they are equal.

# %%
torch.manual_seed(4)
head = AttentionHead(width // 2, small).eval()
one_fact = torch.randn(1, 1, width)  # a batch of one sentence, in it one place, with its numbers
another = torch.randn(1, 1, width)

# %%
from_both = ____  # what the head makes of the sum of the two
from_each = ____  # the sum of what it makes of each alone
check("08.02")

# %%
print("from both:", from_both[0, 0].detach())
print("from each:", from_each[0, 0].detach())

# %% [markdown]
# Equal. Alone, a place gives itself all of the weight, and what remains of the head is the matrix of its values: a
# weighted sum, as good-natured as any.
#
# With others around it there *is* something that bends: the softmax decides whom to listen to, and it decides by what
# everybody says. But what is heard arrives as an average of values. **Attention moves things between places. What to
# make of them inside a place, it leaves to somebody else.**
#
# - [ ] 08.01 Show that a weighted sum cannot run the lamp
# - [ ] 08.02 Show that a head, for a place alone, is a weighted sum
# - [ ] 08.r1 I can say what attention does between places, and what it does not do within one

# %% [markdown]
# ## A bend: ReLU · 10 min
#
# Two weighted sums in a row? `x @ A @ B` is `x @ (A @ B)`, one matrix again. However many you pile up, they are one.
# There must be something between them that is *not* a sum.
#
# The cheapest is **ReLU**: what is negative becomes 0, what is positive stays. You used it for the digits. Here is
# how it runs a lamp. Ask two questions first:
#
# - how many switches are on? (a sum: 0, 1, 1, 2)
# - how many more than one? (the same minus 1: -1, 0, 0, 1)
#
# Bend both. Then the lamp is the first answer minus twice the second. Do it on paper for the four rows, then here.

# %%
questions = torch.tensor([[1.0, 1.0], [1.0, 1.0]])  # a row for each question
offsets = torch.tensor([0.0, -1.0])
asked = switches @ questions.T + offsets
verdict = torch.tensor([1.0, -2.0])  # the first answer, minus twice the second
print(asked)

# %%
answers = ____  # a new tensor, in which negative numbers become 0 and the others stay
lamp = ____  # for each row its two answers, weighted by the verdict and added up
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
    alt="Three lines over 0 to 2. The first answer rises straight from 0 to 2. The second is 0 up to 1 and then rises to 1. "
    "The first minus twice the second rises from 0 to 1 in the middle and falls back to 0: a tent.",
)

# %% [markdown]
# 0, 1, 1, 0: the lamp works. *One, but not both* took two questions, a bend, and a weighing of the answers.
#
# Every unit of the hidden layer is such a question: its weights and its bias say what it asks, and the ReLU lets it
# be silent when the answer is no. With enough of them, any shape can be built from tents. (GPT-2 rounds the corner
# off and calls it GELU. The idea is the same.)
#
# - [ ] 08.03 Run the lamp with two questions and a bend

# %% [markdown]
# ## Wide in the middle · 13 min
#
# How many questions should a place ask itself? Perhaps you know the **autoencoder**: 784 pixels, through a narrow
# middle of 32 numbers, and out to 784 again. The narrow place forces it to leave out what does not matter.
#
# Ours goes the other way round. It starts with 8 numbers, opens to 16 and comes back to 8; the real model goes 64,
# 256, 64. Nothing needs to be squeezed here, since what the place was stays on the residual stream anyway. What is
# wanted is room for questions.
#
# And much room, since a bent question hears one side only: what lies below zero becomes 0, however far below. How
# many questions does it take to hear *both* sides of 8 numbers? Take the vector of the last `e`, as chapter 07 left
# it and the next LayerNorm shows it.

# %%
stream = running.after("07")  # what chapter 07 ended with: (1, 8, 8)

# %%
read = LayerNorm(width)(stream).detach()  # a fresh norm, as in chapter 05: this is what FeedForward gets to see
vector = read[0, -1]
print("the last e:", vector)
print("bent:      ", torch.relu(vector))

# %%
both = ____  # its 8 numbers bent, and behind them its 8 negatives bent
back = ____  # the vector again, from the two halves of `both`, each `width` long
check("08.04")

# %%
print("16 numbers:", both)
print("and back:  ", back)

# %% [markdown]
# It takes 16, twice the width, to hear all there is to hear, and then not one question has been about two numbers
# *together*. Our small model has these 16 and no more.
#
# So let the questions be about all eight. Eight random numbers come in, and what is wanted is the product of the
# first two: again a matter of how two things go together. The units ask random questions, and the best weights for
# their answers are worked out exactly. How much of the product stays unknown with 1, 2, 4, ..., 256 units? And how
# much without the bend?

# %%
def unknown(units: int, bend: bool) -> float:
    """The share of the products that a layer of so many units does not know, for numbers it has not seen."""
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
    title="How much of the product of two numbers a hidden layer does not know",
    alt="Two lines over the powers 0 to 8, so 1 to 256 units. Without the bend the line stays at 1 all the way. With ReLU it "
    "stays between 0.9 and 1 up to 8 units, then falls: 0.76 at 16, 0.42 at 32, 0.19 at 64, 0.06 at 256.",
)

# %% [markdown]
# Without the bend nothing is known, with 256 units as with one. With it, a layer as wide as its input, 8, knows next
# to nothing, and then each doubling helps. (Questions that were learned would do better than random ones.)
#
# Four times the width has become the custom: 256 for our 64, and 3,072 for GPT-2's 768. Now for `Let's he`, with 16.

# %%
torch.manual_seed(1343)
expand = nn.Linear(width, small.hidden_dim)  # from the width to the middle: the questions
contract = ____  # from the middle back to the width
hidden = ____  # the questions asked of `read`, and bent: (1, 8, 16)
thought = ____  # the answers weighed, so that they fit the stream again: (1, 8, 8)
check("08.05")

# %%
draw.heat(
    hidden[0],
    rows=running.SENTENCE,
    columns=[str(unit) for unit in range(small.hidden_dim)],
    title="What the 16 units answer to each character of \"Let's he\"",
    x_name="unit",
    alt="Eight rows, one for each character, and 16 columns, one for each unit. About half of the squares are zero. The "
    "largest number is 1.37, from unit 8 for the first e. No two rows have their zeros in the same places.",
)
print("the last e was      ", stream[0, -1])
print("it adds to itself   ", thought[0, -1].detach())
print("and now it is       ", (stream + thought)[0, -1].detach())

# %% [markdown]
# A row is a place, a column is a question. Read it like a form that everybody has filled in: unit 8 has much to say
# about the first `e`, unit 12 is silent for all but the `h`.
#
# What does an answer do? In 07.07 you took the projection apart, and the same knife works here. Each unit owns one
# column of `contract.weight`, a vector of 8 numbers, and adds it to the stream, as loudly as its answer says. So a
# unit is a rule: **if this is in the vector, then add that to it.** And the stream keeps what was there, as it did
# for attention: x + feed_forward(x).
#
# - [ ] 08.04 Hear both sides of a vector, and put it together again
# - [ ] 08.05 Expand, bend and contract the sentence
# - [ ] 08.r2 I can say why an autoencoder is narrow in the middle and this is wide

# %% [markdown]
# ## Every place on its own · 7 min
#
# Look again at what `nn.Linear` did with a tensor of three dimensions: it took the last one and left the others
# alone. Each place went through the same two matrices, and none of them saw its neighbour.
#
# If that is so, the order of the places cannot matter. Shuffle them, in two ways: after thinking, and before. Guess
# in which of the two lines below the printout says True: for FeedForward, for attention, or for both.

# %%
def think(x: torch.Tensor) -> torch.Tensor:
    """Expand, bend, contract."""
    return contract(torch.relu(expand(x)))


torch.manual_seed(5)
order = torch.randperm(8)
print(order.tolist())

# %%
shuffled_after = ____  # think about the places, then put them into the new order
shuffled_before = ____  # put the places into the new order, then think
check("08.06")

# %%
torch.manual_seed(1342)
attention = MultiHeadAttention(small).eval()
print("FeedForward:", torch.allclose(shuffled_after, shuffled_before, atol=1e-6))
print("attention:  ", torch.allclose(attention(read)[:, order], attention(read[:, order]), atol=1e-6))

# %% [markdown]
# FeedForward does not care who stands where, nor who the neighbours are. Attention cares about both: whom a place may
# hear depends on the order, and what it hears on the others. This is the division of labour of the whole model:
# attention is the meeting, FeedForward is the hour at one's own desk.
#
# It has a practical side. For FeedForward a batch of 24 windows of 32 characters is 768 rows, all alike, and one
# large product does them at once. Machines love it.
#
# - [ ] 08.06 Shuffle the places before and after

# %% [markdown]
# ## Units that say nothing · 7 min
#
# Half of the squares in the figure were zero, and that is healthy: a question that everybody answers with yes asks
# nothing. But ReLU has a vice. Where it is silent its slope is 0, so no gradient passes, and a unit that is silent
# for **every** place of every batch gets no gradient at all. It cannot learn its way out. It is dead.
#
# How does a unit die? Mostly by a training step that was too large and pushed its bias far down. Let us push all of
# them down by 1, and count the victims, for these eight places.

# %%
push = torch.tensor(1.0)
pushed = torch.relu(expand(read) - push)  # (1, 8, 16)

# %%
zero_share = ____  # before the push: the share of zeros among the numbers of `hidden`
silent = ____  # after it: for each of the 16 units, whether it is silent for all places: (16,)
check("08.07")

# %%
print(f"zeros before the push: {zero_share:.0%}")
print("silent for all places after it:", [unit for unit, is_silent in enumerate(silent.tolist()) if is_silent])
slopes = torch.autograd.grad(contract(pushed).square().sum(), expand.weight)[0].norm(dim=1)
draw.bars(
    [str(unit) for unit in range(small.hidden_dim)],
    slopes,
    title="After the push: the gradient that reaches each unit's weights",
    x_name="unit",
    y_name="length of the gradient",
    alt="Sixteen places and five bars: unit 8 has 1.55, unit 13 has 0.75, unit 3 has 0.51, unit 10 has 0.31 and unit 0 has "
    "0.21. The other eleven stand at exactly 0.",
)

# %% [markdown]
# The five units that speak have a bar, the eleven silent ones have none, and none means none: not little, exactly 0.
# If this goes on for all batches, these units are so many rows of weights that cost time and do nothing. With fresh
# random numbers, a norm in front and small steps it is rare. When a model of yours is strangely stupid, count.
#
# - [ ] 08.07 Count the zeros, and find the silent units

# %% [markdown]
# ## Two thirds of a block · 4 min
#
# The famous part of a GPT is attention. Where are the parameters? Count FeedForward for the real model, biases
# included. On paper first for the small one: 8 x 16 + 16, and 16 x 8 + 8.

# %%
in_expand = ____  # weights and biases of the first layer, from the sizes in `config`
in_contract = ____  # and of the second
check("08.08")

# %%
def count(module: nn.Module) -> int:
    """How many parameters a module has."""
    return sum(parameter.numel() for parameter in module.parameters())


parts = {
    "attention": count(MultiHeadAttention(config)),
    "FeedForward": in_expand + in_contract,
    "two norms": 2 * count(LayerNorm(config.embedding_dim)),
}
for name, number in parts.items():
    print(f"{name:12} {number:7,}  {number / sum(parts.values()):.0%}")

# %% [markdown]
# Two thirds. Each of the four attention matrices has 64 x 64 weights, the two of FeedForward have 64 x 256 each,
# which is eight times 64 x 64. Much of what a large model knows, it seems, is kept in these rules: if this, then add
# that.
#
# - [ ] 08.08 Count the parameters of FeedForward

# %% [markdown]
# ## The class and the map · 6 min
#
# Three blanks. Dropout stands last, as in chapter 07, and there is no residual in it: the block builds the road.

# %%
class FeedForward(nn.Module):
    """Two layers with a bend between them, for each place on its own. Adds nothing to its input: the block does that."""

    def __init__(self, config: Config) -> None:
        """`config.embedding_dim` numbers open to `config.hidden_dim`, and close again."""
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
print("what leaves this chapter:", torch.equal(after, running.after("08")))
real = FeedForward(config)
inputs_shape = (config.batch_size, config.input_sequence_length, config.embedding_dim)
print(f"in the real model: {inputs_shape} -> {tuple(real(torch.zeros(inputs_shape)).shape)}, {count(real):,} parameters")

# %% [markdown]
# The tensor map once more. A matrix of a Linear is kept the other way round, (out, in): mind the weight.

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
# ## What is now yours
#
# - attention moves between places; for a place alone it is a weighted sum, and sums cannot say *but not both*
# - **questions, a bend, a weighing of answers**: a rule for each unit, if this, then add that
# - **wide in the middle**, by custom four times the width: the other way round than an autoencoder
# - each place **on its own**, with the same weights
# - silent is healthy, dead is not; you can count both
# - `FeedForward(config)`: (batch, sequence, width) in and out, and two thirds of the parameters
#
# All parts are on the table: two norms, attention, FeedForward, and a road past each. In **09 TransformerBlock** you
# screw them together.
