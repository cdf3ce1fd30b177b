# %% [markdown]
# # 08 FeedForward
#
# Give every place a moment alone, to make something of what it has heard.
#
# 60 minutes in seven sections. It needs chapters 05 and 07, and the hidden layer of your digit classifier.
#
# The class is two Linears with a ReLU between, and you have written that before. The questions of this evening are
# why it must stand here, why it is wide in the middle, and why it holds two thirds of all the parameters.

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
scores = switches @ weights + bias  # blank: the lamp's score for each of the four rows: (4,)
sum_alike = scores[0] + scores[3]  # the two rows in which the switches are alike
sum_different = scores[1] + scores[2]  # blank: the same for the two rows in which they differ
check("08.01")
#! hint: a matrix times a vector gives one number for each row, and the bias is added to every one of them
#! mistake: switches * weights + bias -> That leaves two numbers in each row. A score adds them up: use `@`.
#! mistake: switches @ weights -> The bias is still missing.
#! mistake: switches @ (weights + bias) -> The bias is added to the score, not to the weights.
#! mistake: weights @ switches + bias -> The vector stands on the right, so that its two weights meet the two
#!   switches.
#! mistake 2: scores[0] + scores[1] -> Rows count from 0. The switches differ in rows 1 and 2.
#! mistake 2: scores[2] + scores[3] -> Those are the third row and the last. The switches differ in rows 1 and 2,
#!   counted from 0.
#! mistake 2: scores[1] - scores[2] -> A difference. The sum of the two is asked for.
#! mistake 2: scores[1] + scores[3] -> The switches are both on in row 3. They differ in rows 1 and 2.
#! alternative: (switches * weights).sum(dim=1) + bias
#! alternative: torch.matmul(switches, weights) + bias
#! alternative: F.linear(switches, weights[None], bias).squeeze(1)
#! alternative: torch.einsum("rs,s->r", switches, weights) + bias
#! alternative 2: scores[1:3].sum()
#! alternative 2: scores.sum() - sum_alike
#! alternative 2: sum_alike

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
from_both = head(one_fact + another)  # blank: what the head makes of the sum of the two
from_each = head(one_fact) + head(another)  # blank: the sum of what it makes of each alone
check("08.02")
#! hint: once add first and then call the head; once call it twice and then add
#! mistake: head(one_fact) + another -> Here only the first has gone through the head. The sum goes in.
#! mistake: head(torch.cat((one_fact, another), dim=1)) -> That makes a sentence of two places. Here it has one, which
#!   holds the sum.
#! mistake 2: head(one_fact) -> That is half of it. Add what it makes of the other one.
#! mistake 2: (head(one_fact) + head(another)) / 2 -> That is the mean. The sum is asked for.
#! mistake 2: head(one_fact) + another -> Only one of the two has gone through the head here. Call it for each.
#! mistake 2: one_fact + another -> Nothing has gone through the head here. Call it for each of the two.
#! alternative: head(torch.add(one_fact, another))
#! alternative: head(one_fact) + head(another)
#! alternative 2: sum(head(fact) for fact in (one_fact, another))
#! alternative 2: torch.stack([head(one_fact), head(another)]).sum(dim=0)

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
answers = torch.relu(asked)  # blank: a new tensor, in which negative numbers become 0 and the others stay
lamp = answers @ verdict  # blank: for each row its two answers, weighted by the verdict and added up
check("08.03")
#! hint: torch has a function of that name; the second line is a matrix times a vector
#! mistake: asked.abs() -> That turns a negative number round. ReLU makes 0 of it.
#! mistake: torch.sigmoid(asked) -> A bend too, but another one: it squeezes everything between 0 and 1.
#! mistake: (asked > 0).float() -> That says only whether. ReLU keeps how much.
#! mistake: F.leaky_relu(asked) -> That one lets a little of each negative number through. ReLU makes it 0.
#! mistake: F.gelu(asked) -> That's the rounded one, GPT-2's. Here the corner stays.
#! mistake: torch.relu(-asked) -> With the sign turned the other half is cut off.
#! mistake: asked -> Without the bend both layers are one, and you know what one can do.
#! mistake 2: answers * verdict -> The products are there, the sum of each row is missing: `@` does both.
#! mistake 2: answers.sum(dim=1) -> That adds them up with weight 1. The second one counts minus twice.
#! mistake 2: answers[:, 0] - 2 * answers[:, 1] -> The weights are typed in here. They stand in `verdict`; take them
#!   from there.
#! mistake 2: asked @ verdict -> That goes past the bend. Use the answers.
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
#! redraw: stream = torch.randn(1, 8, width)

# %%
read = LayerNorm(width)(stream).detach()  # a fresh norm, as in chapter 05: this is what FeedForward gets to see
vector = read[0, -1]
print("the last e:", vector)
print("bent:      ", torch.relu(vector))

# %%
both = torch.cat((torch.relu(vector), torch.relu(-vector)))  # blank: its 8 numbers bent, and behind them its 8 negatives bent
back = both[:width] - both[width:]  # blank: the vector again, from the two halves of `both`, each `width` long
check("08.04")
#! hint: `torch.cat` takes the pieces in brackets; a number is what is positive of it minus what is positive of its
#!   negative
#! mistake: torch.cat((torch.relu(vector), -torch.relu(vector))) -> This turns the sign after the bend, when the
#!   negative numbers are gone. Turn it first.
#! mistake: torch.cat((torch.relu(vector), torch.relu(vector))) -> The same half twice. The second one bends the
#!   negative of the vector.
#! mistake: torch.cat((vector, -vector)) -> Nothing is bent yet.
#! mistake: torch.cat((torch.relu(-vector), torch.relu(vector))) -> The halves have changed places: the bent vector
#!   comes first.
#! mistake: torch.cat((torch.relu(vector), vector.abs())) -> The second half has every number's size. Only the negative
#!   ones are wanted there, with their sign turned.
#! mistake: torch.relu(vector) + torch.relu(-vector) -> Added up they are one vector of 8, and the signs are gone. Put
#!   one behind the other.
#! mistake 2: both[:width] + both[width:] -> That makes all the signs positive. What was negative must be subtracted.
#! mistake 2: both[:width] -> That is the bent half, with zeros where something negative was.
#! mistake 2: both[:8] - both[8:] -> Half of it is 8 for this `Let's he` only. How long a half is, `width` says.
#! mistake 2: both[width:] - both[:width] -> All signs are turned: the first eight are the positive ones.
#! alternative: torch.relu(torch.cat((vector, -vector)))
#! alternative: torch.cat([vector.clamp(min=0), (-vector).clamp(min=0)])
#! alternative: torch.hstack((F.relu(vector), F.relu(-vector)))
#! alternative: torch.cat((vector.clamp(min=0), -vector.clamp(max=0)))
#! alternative 2: torch.sub(*both.chunk(2))
#! alternative 2: vector
#! alternative 2: both.view(2, -1)[0] - both.view(2, -1)[1]

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
contract = nn.Linear(small.hidden_dim, width)  # blank: from the middle back to the width
hidden = torch.relu(expand(read))  # blank: the questions asked of `read`, and bent: (1, 8, 16)
thought = contract(hidden)  # blank: the answers weighed, so that they fit the stream again: (1, 8, 8)
check("08.05")
#! hint: `nn.Linear(in, out)` once more, the other way round; then one layer, the bend, and the other layer, each a
#!   call
#! mistake: nn.Linear(width, small.hidden_dim) -> That widens once more. This one leads back: in comes the middle.
#! mistake: nn.Linear(small.hidden_dim, small.hidden_dim) -> What comes out must fit the stream, `width` numbers for
#!   each place.
#! mistake: nn.Linear(small.hidden_dim, width, bias=False) -> Both layers have a bias, as a Linear has when you say
#!   nothing.
#! mistake 2: expand(read) -> Not bent yet: without the ReLU the two layers are one.
#! mistake 2: expand(torch.relu(read)) -> Bent too early: this throws away half of what the place knows before a
#!   question is asked.
#! mistake 2: torch.sigmoid(expand(read)) -> A bend too, but not this one: here a question that gets a no is silent, 0.
#! mistake 2: torch.relu(expand(stream)) -> FeedForward reads what the norm shows it, `read`. The stream itself is
#!   what is added to later.
#! mistake 3: torch.relu(contract(hidden)) -> A second bend would only let it add, never subtract. The last layer
#!   stays straight.
#! mistake 3: contract(expand(read)) -> This goes past the bend. Use `hidden`.
#! mistake 3: stream + contract(hidden) -> That is the next step. This is what is going to be added.
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
shuffled_after = think(read)[:, order]  # blank: think about the places, then put them into the new order
shuffled_before = think(read[:, order])  # blank: put the places into the new order, then think
check("08.06")
#! hint: places are the second dimension, so the order stands behind `:,` in the square brackets; only the place of
#!   the brackets differs between the two lines
#! mistake: think(read)[order] -> That asks for other sentences of the batch. The places are the second dimension.
#! mistake: think(read)[:, :, order] -> That shuffles the numbers within each place. The places come before them.
#! mistake: think(read) -> Nothing is shuffled here yet.
#! mistake: think(read)[:, order.argsort()] -> That's the way back from `order` to the old order. Use `order` as it is.
#! mistake 2: think(read)[:, order.flip(0)] -> That is another order. Use `order` as it is, inside the brackets of
#!   `think`.
#! mistake 2: think(read[:, :, order]) -> That shuffles the numbers within each place, and so asks the wrong
#!   questions.
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
zero_share = (hidden == 0).float().mean()  # blank: before the push: the share of zeros among the numbers of `hidden`
silent = (pushed == 0).all(dim=1)[0]  # blank: after it: for each of the 16 units, whether it is silent for all places: (16,)
check("08.07")
#! hint: a comparison gives True and False; as numbers their mean is a share, and `.all(dim=...)` asks whether all
#!   along a dimension are True
#! mistake: (hidden == 0).sum() -> That is how many. The share is the mean of the same zeros and ones.
#! mistake: (hidden > 0).float().mean() -> That is the share of those that speak.
#! mistake: hidden.mean() -> That is the mean of the answers. The question is how many of them are zero.
#! mistake 2: (pushed == 0).any(dim=1)[0] -> `any` is True for a unit that is silent once. It must be silent for all.
#! mistake 2: (pushed == 0).all(dim=2)[0] -> That asks, for each place, whether all units are silent. Turn the
#!   question round: along the places.
#! mistake 2: (pushed == 0).all() -> That is one answer for all of them together. Each unit should get its own.
#! mistake 2: (hidden == 0).all(dim=1)[0] -> That is before the push. Ask `pushed`.
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
in_expand = config.embedding_dim * config.hidden_dim + config.hidden_dim  # blank: weights and biases of the first layer, from the sizes in `config`
in_contract = config.hidden_dim * config.embedding_dim + config.embedding_dim  # blank: and of the second
check("08.08")
#! hint: a Linear has one weight for each pair of a number going in and a number coming out, and one bias for each
#!   that comes out
#! mistake: config.embedding_dim * config.hidden_dim -> The biases are missing, one for each number that comes out.
#! mistake: config.embedding_dim * config.hidden_dim + config.embedding_dim -> A bias belongs to a number that comes
#!   *out*. Out of the first layer comes the middle.
#! mistake: small.embedding_dim * small.hidden_dim + small.hidden_dim -> That's the small model, and you have done it
#!   on paper. The real one's sizes are in `config`.
#! mistake: config.embedding_dim + config.hidden_dim -> Each number that goes in is tied to each that comes out:
#!   multiply them.
#! mistake 2: config.hidden_dim * config.embedding_dim + config.hidden_dim -> Out of the second layer comes the width,
#!   so that many biases it has.
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
#| export
class FeedForward(nn.Module):
    """Two layers with a bend between them, for each place on its own. Adds nothing to its input: the block does that."""

    def __init__(self, config: Config) -> None:
        """`config.embedding_dim` numbers open to `config.hidden_dim`, and close again."""
        super().__init__()
        self.expand = nn.Linear(config.embedding_dim, config.hidden_dim)  # blank: the questions
        self.contract = nn.Linear(config.hidden_dim, config.embedding_dim)  # blank: what their answers add
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, sequence, embedding_dim) -> the same shape."""
        return self.dropout(self.contract(torch.relu(self.expand(x))))  # blank: expand, bend, contract, dropout


check("08.09")
#! hint: 08.05 with `self.`; read the last line from the inside out: what happens first stands innermost
#! mistake: nn.Linear(config.hidden_dim, config.embedding_dim) -> The two numbers have changed places: in comes the
#!   width.
#! mistake: nn.Linear(8, 16) -> That is right for the small configuration only. The class hears its sizes from
#!   `config`.
#! mistake: nn.Linear(config.embedding_dim, 4 * config.embedding_dim) -> Four times is a custom, and the small
#!   configuration has another one. `config.hidden_dim` says how many.
#! mistake: nn.Linear(config.embedding_dim, config.hidden_dim, bias=False) -> Both layers have a bias.
#! mistake: nn.Linear(small.embedding_dim, small.hidden_dim) -> `small` belongs to this notebook. The class hears its
#!   sizes from `config`.
#! mistake 2: nn.Linear(config.hidden_dim, config.hidden_dim) -> What comes out must fit the stream again.
#! mistake 2: nn.Linear(config.hidden_dim, config.embedding_dim, bias=False) -> Both layers have a bias.
#! mistake 3: self.dropout(self.contract(self.expand(x))) -> Without the bend the two layers are one.
#! mistake 3: self.dropout(torch.relu(self.contract(torch.relu(self.expand(x))))) -> One bend, between the layers. A
#!   second one behind them would only let it add, never subtract.
#! mistake 3: self.contract(torch.relu(self.expand(x))) -> The dropout is left out.
#! mistake 3: self.contract(self.dropout(torch.relu(self.expand(x)))) -> The dropout stands between the layers here. It
#!   comes last.
#! mistake 3: self.dropout(torch.relu(self.contract(self.expand(x)))) -> The bend comes after both layers here. It
#!   belongs between them.
#! mistake 3: self.dropout(self.contract(F.gelu(self.expand(x)))) -> That's GPT-2's rounded bend. Ours has the corner:
#!   ReLU.
#! mistake 3: self.dropout(self.contract(self.expand(torch.relu(x)))) -> The bend belongs between the two layers. Here
#!   it comes before both.
#! mistake 3: x + self.dropout(self.contract(torch.relu(self.expand(x)))) -> The road past it is built by the block,
#!   in chapter 09.
#! mistake 3: self.dropout(contract(torch.relu(expand(x)))) -> Those are the layers of this notebook. The object has
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
print("what leaves this chapter:", torch.equal(after, running.after("08")))
real = FeedForward(config)
inputs_shape = (config.batch_size, config.input_sequence_length, config.embedding_dim)
print(f"in the real model: {inputs_shape} -> {tuple(real(torch.zeros(inputs_shape)).shape)}, {count(real):,} parameters")

# %% [markdown]
# The tensor map once more. A matrix of a Linear is kept the other way round, (out, in): mind the weight.

# %%
shapes = {
    "normalised": (config.batch_size, config.input_sequence_length, config.embedding_dim),
    "expand weight": (config.hidden_dim, config.embedding_dim),  # blank [(config.hidden_dim, config.embedding_dim)]: the first layer's matrix, as PyTorch keeps it
    "hidden": (config.batch_size, config.input_sequence_length, config.hidden_dim),  # blank [(config.batch_size, config.input_sequence_length, config.hidden_dim)]: the answers of all units
    "contract weight": (config.embedding_dim, config.hidden_dim),
    "thought": (config.batch_size, config.input_sequence_length, config.embedding_dim),
}
check("08.10")
#! hint: a weight has a row for each number that comes out; in what travels, the place of the width is taken by how
#!   many units there are
#! mistake: (config.embedding_dim, config.hidden_dim) -> A Linear keeps a row for each number that comes *out*, and
#!   out of this one comes the middle.
#! mistake: (4 * config.embedding_dim, config.embedding_dim) -> Four times is a custom. How wide the middle is,
#!   `config.hidden_dim` says.
#! mistake: (config.batch_size, config.input_sequence_length, config.hidden_dim) -> That is what comes out of it. The
#!   weight itself knows nothing of batch and places.
#! mistake 2: (config.batch_size, config.input_sequence_length, config.embedding_dim) -> That is what went in. In the
#!   middle it is wider.
#! mistake 2: (config.batch_size, config.input_sequence_length, 4 * config.embedding_dim) -> Four times is a custom. How
#!   wide the middle is, `config.hidden_dim` says.
#! mistake 2: (config.batch_size, config.hidden_dim) -> Every place has its own answers, so the places are still
#!   there.
#! mistake 2: (config.batch_size, config.hidden_dim, config.embedding_dim) -> The places stay as they are. It is the
#!   width that opens.
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
