# %% [markdown]
# # 05 LayerNorm
# <!-- Made from checkpoints/ch05_layer_norm.py by scripts/build.py. From your first edit on it is yours. -->
#
# Keep the numbers of the stream at a size you can work with, however deep the model gets.
#
# 75 minutes, seven sections. You'll need chapter 04, mean and variance, and residual connections.
#
# This part knows nothing about Shakespeare. It keeps the house in order, and without something like it a deep model can
# hardly be trained at all. We start by letting the house fall down.

# %%
import torch
from torch import nn

# %%
import torch.nn.functional as F

from nanogpt import Config
from workshop import ____, check, corpus, draw, hint, running, solution

torch.set_printoptions(precision=3, linewidth=100)  # eight numbers on a line

# %% [markdown]
# ## Numbers that run away · 9 min
#
# A deep model is one layer after another, and each layer multiplies by a matrix of weights. Let's push eight vectors of
# 64 numbers through 20 such matrices, filled at random, and watch only one thing: the **spread** of the numbers, their
# standard deviation. At the start it's about 1.

# %%
config, small = Config(), Config.small()
torch.manual_seed(1340)
start = torch.randn(8, 64)
matrices = torch.randn(20, 64, 64)
print(f"spread at the start: {start.std().item():.2f}")

# %% [markdown]
# How large the random weights are is up to us: each matrix gets multiplied by a number, `scale`. Guess the spread after
# 20 layers with `scale` 0.2. And with 0.05?

# %%
def spreads(scale: float) -> list[float]:
    """The spread of the numbers at the start and after each of the 20 layers, with all weights times `scale`."""
    x = start
    found = [x.std().item()]
    for matrix in matrices:
        x = ____  # the vectors, through a layer whose weights are `matrix` times `scale`
        found.append(____)  # the spread of what came out, as a plain number
    return found


check("05.01")

# %%
scales = (0.05, 0.1, 0.125, 0.15, 0.2)
draw.lines(
    {f"scale {scale}": torch.tensor(spreads(scale)).log10() for scale in scales},
    title="Spread of the numbers after each layer, in powers of ten",
    x_name="layers",
    y_name="power of ten",
    alt="Five nearly straight lines that start together at 0 and run over 20 layers. Scale 0.2 climbs to 3.9, which is 8,800; "
    "0.15 climbs to 1.4; 0.125 stays level and ends at -0.1; 0.1 sinks to -2.1; 0.05 sinks to -8.1.",
)
for scale in scales:
    print(f"scale {scale}: {spreads(scale)[-1]:.2g}")

# %% [markdown]
# Straight lines, up or down. Every layer multiplies the spread by about the same factor, and 20 equal factors make a
# power. With 0.2 the factor is about 1.6, and the spread ends at 8,800. With 0.05 it's about 0.4, and 0.000000008 is
# left. The gradients come back through the same matrices and meet the same fate.
#
# The middle line stays level. 0.125 is 1/√64, one over the square root of the width. So why not make the weights that
# size and be done with it? That works on the first day. Then training changes the weights, as it should, and nobody
# guards the balance.
#
# We need something that doesn't trust the weights and looks at the numbers themselves. Every time.
#
# - [ ] 05.01 Push vectors through 20 layers, and watch them explode or vanish

# %% [markdown]
# ## Mean and variance of one vector · 12 min
#
# Let's take a single vector of four numbers, and repair it. First measure it: where is its middle, and how far do the
# numbers stray from it? Work it out on paper. It comes out in whole numbers.

# %%
token = torch.tensor([1.0, 3.0, 3.0, 9.0])

# %%
mean = ____  # the middle of the four numbers
deviations = ____  # how far each number is from it, with its sign
variance = ____  # the mean of their squares
check("05.02")

# %%
print("mean      ", mean.item())
print("deviations", deviations)
print("variance  ", variance.item(), " and its root, the standard deviation:", variance.sqrt().item())

# %% [markdown]
# Mean 4; deviations -3, -1, -1, 5; squares 9, 1, 1, 25; variance 36 / 4 = 9; standard deviation 3.
#
# Now the repair. We want a vector with the same pattern, but with mean 0 and standard deviation 1. Half of that is done
# already.

# %%
normalised = ____  # the deviations, scaled so that their standard deviation is 1
check("05.03")

# %%
print(normalised)
louder = 100 * token + 7
print("100 times as large, plus 7:", louder)
print("normalised:", (louder - louder.mean()) / louder.std(correction=0))

# %% [markdown]
# -1, -1/3, -1/3, 5/3. A vector that's a hundred times as large and moved up by 7 gives the same four numbers. Whatever
# the weights have done before this step, what leaves it has mean 0 and standard deviation 1. What it keeps is the
# pattern: who is above, who is below, and by how much compared with the others.
#
# Before we go on, a trap. PyTorch has a method for the variance, and it doesn't say 9.

# %%
print("token.var() says", token.var().item())

# %%
divisor = float(____)  # from the squares and `token.var()`, find what it divided their sum by
biased = ____  # call `.var` so that it gives our variance
check("05.04")

# %%
print("it divided by", round(divisor, 3), "and with correction=0 it says", biased.item())

# %% [markdown]
# Divided by 3, with four numbers. Statisticians do this when they have a sample and want to know the spread of the
# population it came from. We don't have a sample. These four numbers are all there is, and it's *their* spread that
# should be 1, so we divide by 4. (The variance you get when you divide by all of them is called **biased**. That sounds
# like a fault. Here it's the right one, and the library uses it, too.)
#
# - [ ] 05.02 Find the mean and the variance of four numbers by hand
# - [ ] 05.03 Normalise a vector
# - [ ] 05.04 Find out what PyTorch divides by

# %% [markdown]
# ## A vector that is all the same · 6 min
#
# What if all the numbers in a vector are equal? Its deviations are 0, its variance is 0. Guess before you run the cell.

# %%
constant = torch.tensor([3.0, 3.0, 3.0, 3.0])
zeros = constant - constant.mean()
print(zeros / (zeros**2).mean().sqrt())
print("and whatever comes near it:", torch.tensor([1.0, 2.0]) + (zeros / (zeros**2).mean().sqrt())[0])

# %% [markdown]
# 0 / 0 is `nan`, *not a number*, and it's catching: whatever is added to it or multiplied by it becomes `nan` too, and
# after one step of training, so do the weights. One such vector, once in a million, and the night's training is gone.
#
# The cure is a grain of salt. Add a tiny number, `eps` for epsilon, so that the root is never 0. Where exactly? Usually
# it goes *under* the root, beside the variance.

# %%
def normalise(vector: torch.Tensor, eps: float = 1e-5) -> torch.Tensor:
    """One vector with mean 0 and standard deviation 1; all zeros if its numbers are equal: (width,)."""
    deviations = vector - vector.mean()
    variance = (deviations**2).mean()
    return ____  # as in 05.03, with `eps` beside the variance, under the root


check("05.05")

# %%
print("constant:            ", normalise(constant))
print("token:               ", normalise(token))
print("token, 1/1000 as big:", normalise(0.001 * token))

# %% [markdown]
# The constant vector becomes zeros: no pattern, nothing to say. The ordinary one doesn't notice. And a vector as faint
# as the last one comes out smaller than the ordinary one, because its variance, 0.000009, is less than `eps`. That's as
# it should be. What is hardly there shouldn't be blown up to full size.
#
# - [ ] 05.05 Keep a constant vector from poisoning the rest

# %% [markdown]
# ## Over which dimension? · 14 min
#
# The stream is (batch, sequence, width). You could take a mean in three directions, and each is somebody's idea of
# normalising. Here are three windows with the vectors of chapter 04; the first window is ours.

# %%
texts = ("Let's he", "My lord,", "Good sir")
x = running.part("04")(torch.tensor([running.loader().encode(text) for text in texts])).detach()
print(x.shape, "and the first is what chapter 04 ended with:", torch.equal(x[:1], running.after("04")))

# %% [markdown]
# `x.mean(dim=2)` takes one mean for each place of each window, shape (3, 8). To be subtracted, each mean has to meet
# the eight numbers it came from. `keepdim=True` keeps a dimension of size 1 there, (3, 8, 1), and broadcasting does the
# rest.
#
# Write it for any dimension.

# %%
def normalise_over(x: torch.Tensor, dim: int, eps: float = 1e-5) -> torch.Tensor:
    """`x` with mean 0 and standard deviation 1 along one of its dimensions; the shape stays the same."""
    mean = ____  # the means along `dim`
    variance = ____  # the biased variances along `dim`
    return ____  # as in `normalise`


over_width, over_places, over_batch = normalise_over(x, 2), normalise_over(x, 1), normalise_over(x, 0)
check("05.06")

# %%
for name, result in (("width", over_width), ("places", over_places), ("batch", over_batch)):
    print(f"over the {name:>6}: {tuple(result.shape)}, mean {result.mean():.3f}, standard deviation {result.std(correction=0):.3f}")

# %% [markdown]
# All three look fine: same shape, mean 0, standard deviation 1. So which one? Try to break them. Change **one**
# character, the last one of the first window, and see which of the 24 normalised vectors move. Only that one should.
# Nobody touched the others.
#
# Guess for each of the three.

# %%
changed = x.clone()
changed[0, -1] = x[1, 0]  # the last character of the first window is now another one

# %%
def moved(dim: int) -> torch.Tensor:
    """How far each normalised vector moves because of the change: (3, 8), windows and places."""
    difference = ____  # after the change minus before, both normalised
    return ____  # the length of each vector of differences


check("05.07")

# %%
draw.heat(
    torch.cat((moved(2), moved(1), moved(0))),
    rows=[f"{way}: {text}" for way in ("width", "places", "batch") for text in texts],
    title="One character changed, at place 7 of the first window. Whose normalised vector moves?",
    x_name="place",
    alt="Nine rows of eight squares, three windows for each of three ways. Over the width, only one square isn't zero: "
    "place 7 of the first window, 3.41. Over the places, the whole first window moves, places 0 to 6 by 0.43 to 0.67 and place 7 by "
    "3.64. Over the batch, place 7 of all three windows moves, by 1.21, 0.66 and 0.96.",
)
print("over a batch of one, the number furthest from 0 is", normalise_over(x[:1], 0).abs().max().item())

# %% [markdown]
# - **Over the places**, the whole first window moves. Place 0 has heard of a change at place 7, so it knows something
#   about the future. A model that's supposed to guess the next character would find the answer leaking in, cheat
#   brilliantly in training, and fail when it writes, because then there is no future to peek at.
# - **Over the batch**, the other two windows move, at the same place. They're other texts and none of our business.
#   What a model says would depend on who happens to sit in the same batch, and in a batch of one nothing is left but
#   zeros.
# - **Over the width**, one vector moves, the one that was changed. Each character is normalised by its own numbers,
#   whatever comes before it, after it or beside it.
#
# So the width it is: `dim=-1`, the last. That's what **layer normalisation** means. (You may know *batch normalisation*
# from image models. It takes its mean over the batch and over all positions together, one mean for each column. On
# photographs that works well. On our text it would leak both ways.)

# %%
draw.lines(
    {"before": x[0].std(dim=-1, correction=0), "after": over_width[0].std(dim=-1, correction=0)},
    title='Standard deviation of each vector of "Let\'s he"',
    x_name="place",
    y_name="standard deviation",
    alt="Two lines over the places 0 to 7. Before, the standard deviations go up and down between 0.57, for the t at place 2, "
    "and 1.81, for the h at place 6. After, they form a level line at 1.",
)

# %% [markdown]
# The `h` was three times as loud as the `t`. Now all eight speak at the same volume.
#
# - [ ] 05.06 Normalise along any dimension
# - [ ] 05.07 Change one character, and find out who else moves
# - [ ] 05.r1 I can say what leaks if you normalise over the places, and over the batch

# %% [markdown]
# ## Give some of it back · 10 min
#
# We've been strict: every vector has mean 0 and standard deviation 1, always. Perhaps the next layer would like number
# 3 of each vector louder, and number 5 a little higher. So we add two vectors that can *learn*: a **gain** that
# multiplies, and a **bias** that is added, each with one number for every column. Here they are for our four numbers:

# %%
gain = torch.tensor([1.0, 2.0, 0.5, 1.0])
bias = torch.tensor([0.0, 0.0, 3.0, -1.0])
print(normalised)

# %% [markdown]
# The second half of the next exercise is a riddle. If all gains are equal and all biases are equal, can they undo the
# whole step, so that the original `token` comes out again? Remember what was taken away, and in which order.

# %%
adjusted = ____  # each normalised number times its gain, plus its bias
undo_gain = ____  # one number: the gain that gives `token` back its size
undo_bias = ____  # one number: the bias that gives it back its middle
restored = undo_gain * normalised + undo_bias
check("05.08")

# %%
print("adjusted:", adjusted)
print("restored:", restored)

# %% [markdown]
# Gain 3, bias 4, and the token is back. So for this one vector nothing is lost: the right gain and bias undo the step.
#
# But there are many vectors, each with a mean and a size of its own, and gain and bias are the same for every character
# of every text. They can restore one vector, but not all of them at once. The sizes are gone, and that was the point.
# What we give back is a choice for each *column*, 8 of them here and 64 in the real model: how loud, and around which
# middle. Gains start at 1 and biases at 0, so in the beginning they change nothing.
#
# PyTorch has all of this in one function, `F.layer_norm(x, shape, gain, bias)`. `shape` holds the sizes of the last
# dimensions, the ones to normalise over. It's a tuple, and ours holds one number, the width.

# %%
width = x.shape[-1]
torch.manual_seed(1340)
gains, biases = torch.rand(width) + 0.5, torch.randn(width)
by_hand = normalise_over(x, -1) * gains + biases

# %%
by_library = ____  # the same, from the library
check("05.09")

# %%
print(f"largest difference from ours: {(by_hand - by_library).abs().max().item():.7f}")

# %% [markdown]
# The library does what you did. (Many newer models use a cheaper relative, **RMSNorm**. It doesn't subtract the mean:
# it divides by the root of the mean square and multiplies by a learned gain, usually without a bias.)
#
# - [ ] 05.08 Scale, shift, and undo the whole step
# - [ ] 05.09 Compare with the library
# - [ ] 05.r2 I can say what gain and bias give back, and what stays lost

# %% [markdown]
# ## Before or after? · 12 min
#
# A block of our model doesn't replace the stream, it **adds** to it: `x + layer(x)`, a residual connection. You know
# why: whatever the layer does, there's a straight way past it. Where in this line does the normalising go? There are
# two schools:
#
# - **post-norm** normalises what comes out: the sum, stream included
# - **pre-norm** normalises what the layer reads, and leaves the stream alone
#
# Try both, and compare them with no norm at all. The layers are our 20 matrices, at the good scale, 1/8.

# %%
def layer(x: torch.Tensor, matrix: torch.Tensor) -> torch.Tensor:
    """A layer with random weights of the size that keeps the spread."""
    return x @ (matrix / 8)


def norm(x: torch.Tensor) -> torch.Tensor:
    """Layer normalisation without gain and bias."""
    return normalise_over(x, -1)


def plain(x: torch.Tensor, matrix: torch.Tensor) -> torch.Tensor:
    """A block without any normalising."""
    return x + layer(x, matrix)

# %%
def post_norm(x: torch.Tensor, matrix: torch.Tensor) -> torch.Tensor:
    """A block that normalises the sum."""
    return ____  # like `plain`, with the result normalised


def pre_norm(x: torch.Tensor, matrix: torch.Tensor) -> torch.Tensor:
    """A block whose layer reads normalised numbers; the stream itself stays as it is."""
    return ____  # like `plain`, but the layer reads a normalised stream


check("05.10")

# %%
def lengths(block):
    """The mean length of the eight vectors of the stream, at the start and after each block."""
    x = start
    found = [x.norm(dim=-1).mean().item()]
    for matrix in matrices:
        x = block(x, matrix)
        found.append(x.norm(dim=-1).mean().item())
    return found


draw.lines(
    {"none": lengths(plain)[:8], "pre-norm": lengths(pre_norm)[:8], "post-norm": lengths(post_norm)[:8]},
    title="Length of the stream's vectors after each of the first 7 blocks",
    x_name="blocks",
    y_name="length",
    alt="Three lines that start at 8.2. Without a norm the length curves upwards, to 93 after 7 blocks. With pre-norm it climbs "
    "more and more slowly, to 23. With post-norm it stays level at 8.",
)
for block in (plain, pre_norm, post_norm):
    print(f"{block.__name__:>9}: {lengths(block)[0]:.1f} at the start, {lengths(block)[-1]:,.1f} after 20 blocks")

# %% [markdown]
# Without a norm, each block makes the stream about 1.4 times as long, because it reads a longer stream and answers more
# loudly. After 20 blocks its length is 8,004, and a drawing of all 20 would show nothing but that line.
#
# With pre-norm the layer always reads vectors of the same size, so each block adds about as much as the one before it.
# The stream grows slowly, to 37, and no layer notices, since each reads it normalised. (The very end of the model has
# one more norm, in chapter 10.)
#
# With post-norm the length is 8 for ever, the square root of 64. It looks like the tidiest of the three. What does it
# cost? Each norm divides the *whole* stream, including what the embedding wrote at the very beginning. (Here `start`
# stands in for the embedding.) Follow that part through the 20 blocks, in each of the three ways, and see how much of
# the stream it still is at the end. Guess first: which of the three keeps the largest share?

# %%
for block in (plain, pre_norm, post_norm):
    stream, written = start, start  # the stream, and what the embedding wrote into it
    for matrix in matrices:
        if block is post_norm:  # its norm does to this part what it does to the whole
            spread = plain(stream, matrix).std(dim=-1, correction=0, keepdim=True)
            written = (written - written.mean(dim=-1, keepdim=True)) / spread
        stream = block(stream, matrix)
    part, whole = written.norm(dim=-1).mean().item(), stream.norm(dim=-1).mean().item()
    print(f"{block.__name__:>9}: the embedding's part is {part:.3f} long, the stream {whole:,.1f}: a share of 1/{whole / part:,.1f}")

# %% [markdown]
# With pre-norm, more than a fifth. Nothing ever divides the stream, so what the embedding wrote is there in full, and
# what the layers add is moderate. The gradient finds the same straight way back.
#
# With no norm at all it's there in full, too, but the layers have shouted it down to a thousandth. With post-norm it's
# hardly more than a thousandth. The stream has been cut back to size 20 times over, and the embedding's part along with
# the rest, each time to about 0.7 of what it was. And the gradient, on its straight way back, passes the same 20 gates.
# (Our layers are as loud as what they read. In chapter 09 real ones start off quieter, and it isn't as bad.)
#
# The first transformer was post-norm, and people had to begin its training with tiny steps, very carefully. GPT-2 moved
# the norm to the front, nearly everybody followed, and so do we.
#
# - [ ] 05.10 Put the norm after the sum, and before the layer
# - [ ] 05.r3 I can draw pre-norm and post-norm, and say why we use pre-norm

# %% [markdown]
# ## The class · 12 min
#
# One thing is new: `nn.Parameter(tensor)` turns a tensor into a parameter. Once it's an attribute of the module, the
# optimizer finds it, and it's saved with the model. (`nn.Linear` and `nn.Embedding` did that for you. Here nobody
# does.)

# %%
class LayerNorm(nn.Module):
    """Normalises each vector over its own numbers, then scales and shifts it by what was learned."""

    def __init__(self, dim: int, eps: float = 1e-5) -> None:
        """`dim` is the width. At the start, gain and bias change nothing."""
        super().__init__()
        self.eps = eps
        self.gain = ____  # a parameter that multiplies, and changes nothing at the start
        self.bias = ____  # a parameter that is added, and changes nothing at the start

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Normalise over the last dimension: (..., dim) -> (..., dim)."""
        mean = ____  # the mean of each vector
        variance = ____  # its biased variance
        normalised = (x - mean) / (variance + self.eps).sqrt()
        return ____  # scaled and shifted


check("05.11")

# %%
layer_norm = LayerNorm(small.embedding_dim)
print([(name, tuple(parameter.shape)) for name, parameter in layer_norm.named_parameters()])

with torch.no_grad():
    stream = running.after("04")
    ready = LayerNorm(stream.shape[-1])(stream)
draw.heat(
    ready[0],
    rows="Let's he",
    title='"Let\'s he", normalised: what the first layer will read',
    alt="Eight rows, labelled L, e, t, apostrophe, s, space, h, e, and eight columns of numbers between -1.95 and 2.00. All rows "
    "are now about equally strong in colour, the t as much as the h. The two e's differ.",
)
print(f"the mean of a row is never further from 0 than {ready.mean(dim=-1).abs().max().item():.6f}")
print("standard deviations:", ready[0].std(dim=-1, correction=0))
print("what chapter 06 begins with:", torch.equal(ready, running.after("05")))

# %% [markdown]
# Compare this with the last figure of chapter 04. The `h` ranged from -3.36 to 3.21, the `t` from -1.20 to 0.53. Now
# the `t` is drawn as boldly as all the others, and within each row the largest number is still the largest, and the
# smallest still the smallest.
#
# Here are the lines for the map. You've met all these shapes, so they're filled in. What they don't say is which of
# these numbers are **learned**, and which are **measured** afresh each time a batch comes by.
#
# Count both for the real model, whose settings are in `config`. Each of its blocks has two norms, `num_layers` says how
# many blocks there are, and one more norm follows at the end. Guess first: are there more learned numbers or more
# measured ones? And which of the two would grow with a larger batch?

# %%
shapes = {
    "stream": (config.batch_size, config.input_sequence_length, config.embedding_dim),
    "mean": (config.batch_size, config.input_sequence_length, 1),
    "gain": (config.embedding_dim,),
    "normalised": (config.batch_size, config.input_sequence_length, config.embedding_dim),
}
norms = ____  # how many norms the model has
learned = ____  # how many numbers all of them learn
measured = ____  # how many means and variances they take from one batch
check("05.12")

# %%
for name, shape in shapes.items():
    print(f"{name:>12}  {shape}")
print(f"{norms} norms learn {learned:,} numbers, and measure {measured:,} for each batch")

# %% [markdown]
# 1,152 learned, 13,824 measured. A larger batch means more measuring, but not one more number to learn: everyone shares
# the same gains and biases. When you save your model, the 1,152 go into the file. The measured ones are forgotten once
# they've been used. And since each vector is measured on its own, a single character can be normalised just as well as
# a whole batch.
#
# - [ ] 05.11 Write the class LayerNorm
# - [ ] 05.12 Count what the norms learn, and what they measure

# %% [markdown]
# ## Challenge: what a norm can't hear
#
# Optional. So far you've mostly left gradients to autograd. This one you can find yourself, with some geometry and no
# calculus, and it shows what can never be learned through a norm.
#
# A vector goes into a norm (no gain, no bias), and `out` comes out. `grad_out` is the gradient at `out`: how much the
# loss would change with each of its numbers. Which gradient arrives at the vector? Two kinds of change never reach the
# output. You can add the same number to all numbers of the vector. You can stretch all its deviations by the same
# factor. The norm is deaf to both, so the gradient at the vector has no part in these two directions: not in the
# direction (1, 1, ..., 1), and not in the direction of `out`. In every direction at right angles to these two, a small
# change comes out divided by the standard deviation.
#
# So remove from `grad_out` whatever points in these two directions. What's left is `heard`, at right angles to both.
# Then take care of the standard deviation. A dot product tells you how large a vector's part in some direction is. Mind
# the length of `out`, though: the mean of its squares is 1.

# %%
torch.manual_seed(1340)
vector, grad_out = 3 * torch.randn(width) + 2, torch.randn(width)
deviation = vector.std(correction=0)
out = (vector - vector.mean()) / deviation


def by_autograd():
    """The gradient at `vector`, found the usual way."""
    leaf = vector.clone().requires_grad_()
    return torch.autograd.grad(normalise(leaf) @ grad_out, leaf)[0]

# %%
heard = ____  # `grad_out`, less its parts in the two directions
grad_in = ____  # the gradient at `vector`
print("yours:   ", grad_in)
print("autograd:", by_autograd())
check("05.13")

# %% [markdown]
# Through a norm, then, no gradient ever says "louder", or "all of you, up a little". And because it's divided by the
# standard deviation, faint vectors get large gradients, and loud vectors small ones.
#
# - [ ] 05.13 Challenge: find the gradient of a norm without autograd

# %% [markdown]
# ## What's yours now
#
# - after 20 layers the numbers have exploded or vanished, unless the weights are just right, or something looks at the
#   numbers each time
# - **normalise**: minus the mean, divided by the root of (variance + eps), where the variance is the *biased* one
# - over the **width**: over the places the future leaks, over the batch the neighbours do
# - **gain** and **bias** give each column a choice back; how loud each vector was stays lost, on purpose
# - **pre-norm**: the layer reads normalised numbers, and the stream flows on untouched
# - `LayerNorm(dim, eps=1e-5)`: any shape goes in, the same shape comes out
#
# Your model will have nine of these: two in each of its four blocks, and one at the end. Between them goes what all of
# this has been leading up to: **06 AttentionHead**, where the characters look at each other for the first time.
