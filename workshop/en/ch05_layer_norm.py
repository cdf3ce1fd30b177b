# %% [markdown]
# <!-- Made from checkpoints/ch05_layer_norm.py by scripts/build.py. From your first edit on it is yours. -->
# # 05 LayerNorm
#
# Keep the numbers of the stream at a size that can be worked with, however deep the model gets.
#
# 75 minutes in seven sections. It needs chapter 04, mean and variance, and residual connections.
#
# This part says nothing about Shakespeare. It keeps the house in order, and a deep model without it hardly trains at
# all. We let the house fall down first.

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
# A deep model is one layer after another, and each multiplies by a matrix of weights. Let us push eight vectors, 64
# numbers each, through 20 such matrices, filled at random, and look at one thing only: the **spread** of the numbers,
# their standard deviation. At the start it is about 1.

# %%
config, small = Config(), Config.small()
torch.manual_seed(1340)
start = torch.randn(8, 64)
matrices = torch.randn(20, 64, 64)
print(f"spread at the start: {start.std().item():.2f}")

# %% [markdown]
# How large the random weights are is up to us: each matrix is multiplied by a number, `scale`. Guess what comes out
# behind 20 layers with `scale` 0.2. And with 0.05?

# %%
def spreads(scale: float) -> list[float]:
    """The spread of the numbers at the start and behind each of the 20 layers, all weights times `scale`."""
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
    title="Spread of the numbers behind each layer, in powers of ten",
    x_name="layers",
    y_name="power of ten",
    alt="Five nearly straight lines that start together at 0 and run over 20 layers. Scale 0.2 climbs to 3.9, which is 8,800; "
    "0.15 climbs to 1.4; 0.125 stays level and ends at -0.1; 0.1 sinks to -2.1; 0.05 sinks to -8.1.",
)
for scale in scales:
    print(f"scale {scale}: {spreads(scale)[-1]:.2g}")

# %% [markdown]
# Straight lines, up or down: every layer multiplies the spread by about the same factor, and 20 equal factors are a
# power. With 0.2 the factor is about 1.6, and the spread ends at 8,800. With 0.05 it is about 0.4, and there are 0.000000008
# left. The gradients come back through the same matrices and share their fate.
#
# The middle line stays level. 0.125 is 1/√64, one over the root of the width. So choose the weights that large and be
# done? That works on the first day. Then training changes the weights, as it should, and nobody guards the balance.
#
# We need something that does not trust the weights and looks at the numbers themselves. Each time.
#
# - [ ] 05.01 Push vectors through 20 layers, and watch them explode or vanish

# %% [markdown]
# ## Mean and variance of one vector · 12 min
#
# Take a single vector of four numbers, and repair that one. First measure it: where is its middle, and how far do the
# numbers stray from it? Work it out on paper; it comes out even.

# %%
token = torch.tensor([1.0, 3.0, 3.0, 9.0])

# %%
mean = ____  # the middle of the four numbers
deviations = ____  # how far each number lies from it, with its sign
variance = ____  # the mean of the squares of these
check("05.02")

# %%
print("mean      ", mean.item())
print("deviations", deviations)
print("variance  ", variance.item(), " and its root, the standard deviation:", variance.sqrt().item())

# %% [markdown]
# Mean 4; deviations -3, -1, -1, 5; squares 9, 1, 1, 25; variance 36 / 4 = 9; standard deviation 3.
#
# Now the repair. We want a vector with the same pattern, whose middle is 0 and whose standard deviation is 1. The first
# half is done already.

# %%
normalised = ____  # deviations, made so small or large that their standard deviation is 1
check("05.03")

# %%
print(normalised)
louder = 100 * token + 7
print("100 times as large, plus 7:", louder)
print("normalised:", (louder - louder.mean()) / louder.std(correction=0))

# %% [markdown]
# -1, -1/3, -1/3, 5/3. A vector a hundred times as large and moved by 7 gives the very same four numbers. Whatever the
# weights before it do, explode or shrink, what leaves this step has mean 0 and standard deviation 1. What it keeps is the
# pattern: who is above, who is below, and by how much compared to the others.
#
# Before we go on, a trap. PyTorch has a method for the variance, and it does not say 9.

# %%
print("token.var() says", token.var().item())

# %%
divisor = float(____)  # computed from the squares and `token.var()`: by what did it divide their sum?
biased = ____  # call `.var` in such a way that it gives our variance
check("05.04")

# %%
print("divided by", round(divisor, 3), "and with correction=0:", biased.item())

# %% [markdown]
# Divided by 3, with four numbers. Statisticians do so when they hold a sample and wish to know the spread of the crowd
# that it came from. We hold no sample. These four numbers are all there are, we want *their* spread to be 1, and so we
# divide by 4. (The variance that divides by all of them is called **biased**. It sounds like a fault. Here it is the
# right one, and the library uses it, too.)
#
# - [ ] 05.02 Find mean and variance of four numbers by hand
# - [ ] 05.03 Normalise a vector
# - [ ] 05.04 Find out by what PyTorch divides

# %% [markdown]
# ## A vector that is all the same · 6 min
#
# What if all numbers of a vector are equal? Its deviations are 0, its variance is 0. Guess before you run.

# %%
constant = torch.tensor([3.0, 3.0, 3.0, 3.0])
zeros = constant - constant.mean()
print(zeros / (zeros**2).mean().sqrt())
print("and whatever comes near it:", torch.tensor([1.0, 2.0]) + (zeros / (zeros**2).mean().sqrt())[0])

# %% [markdown]
# 0 / 0 is `nan`, *not a number*, and it is catching: whatever is added to it or multiplied by it becomes `nan` as well,
# and after one step of training so are all weights. One such vector, once in a million, and the night's training is gone.
#
# The cure is a grain of salt: add a tiny number, `eps` for epsilon, so that the root is never 0. Where exactly? Usually
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
# The constant vector becomes zeros: no pattern, nothing to say. The ordinary one does not notice. And a vector as faint as
# the last comes out smaller than it should, since its variance, 0.000009, is less than `eps`. That is as it should be: what
# is hardly there shall not be blown up to full size.
#
# - [ ] 05.05 Keep a constant vector from poisoning the rest

# %% [markdown]
# ## Over which dimension? · 14 min
#
# The stream is (batch, sequence, width). There are three directions in which one could take a mean, and each is somebody's
# idea of normalising. Here are three windows with the vectors of chapter 04; the first one is ours.

# %%
texts = ("Let's he", "My lord,", "Good sir")
x = running.part("04")(torch.tensor([running.loader().encode(text) for text in texts])).detach()
print(x.shape, "and the first is what chapter 04 ended with:", torch.equal(x[:1], running.after("04")))

# %% [markdown]
# `x.mean(dim=2)` takes one mean for each place of each window, shape (3, 8). To subtract it, each mean has to stand beside
# the eight numbers that it came from: `keepdim=True` keeps a dimension of size 1 there, (3, 8, 1), and broadcasting does
# the rest.
#
# Write it for any dimension.

# %%
def normalise_over(x: torch.Tensor, dim: int, eps: float = 1e-5) -> torch.Tensor:
    """`x` with mean 0 and standard deviation 1 along one of its dimensions; the shape stays."""
    mean = ____  # the means along `dim`
    variance = ____  # the variances along `dim`, divided by all
    return ____  # as in `normalise`


over_width, over_places, over_batch = normalise_over(x, 2), normalise_over(x, 1), normalise_over(x, 0)
check("05.06")

# %%
for name, result in (("width", over_width), ("places", over_places), ("batch", over_batch)):
    print(f"over the {name:>6}: {tuple(result.shape)}, mean {result.mean():.3f}, standard deviation {result.std(correction=0):.3f}")

# %% [markdown]
# All three look fine: same shape, mean 0, standard deviation 1. So which? Try to break them. Change **one** character, the
# last one of the first window, and see which of the 24 normalised vectors move. Only that one should: nobody else has been
# touched.
#
# Guess for each of the three.

# %%
changed = x.clone()
changed[0, -1] = x[1, 0]  # the last character of the first window is now another one

# %%
def moved(dim: int) -> torch.Tensor:
    """How far each normalised vector moves by the change: (3, 8), windows and places."""
    difference = ____  # after the change minus before, both normalised
    return ____  # the length of each vector of differences


check("05.07")

# %%
draw.heat(
    torch.cat((moved(2), moved(1), moved(0))),
    rows=[f"{way}: {text}" for way in ("width", "places", "batch") for text in texts],
    title="One character changed, at place 7 of the first window. Whose normalised vector moves?",
    x_name="place",
    alt="Nine rows of eight squares, three windows for each of three ways. Over the width a single square is not zero: place "
    "7 of the first window, 3.41. Over the places the whole first window is, places 0 to 6 with 0.43 to 0.67 and place 7 with "
    "3.64. Over the batch place 7 of all three windows is, with 1.21, 0.66 and 0.96.",
)
print("over a batch of one:", normalise_over(x[:1], 0).abs().max().item())

# %% [markdown]
# - **Over the places** the whole first window moves. Place 0 has heard of a change at place 7, and so it knows something
#   about the future. A model that is to guess the next character would find the answer leaking in, cheat brilliantly in
#   training, and fail when it writes, as then there is no future to peek at.
# - **Over the batch** the other two windows move, at the same place. They are other texts, and no business of ours. What a
#   model says would depend on who happens to sit in the same batch; and with a batch of one there is nothing left but
#   zeros. (This is batch normalisation. In image models it works well, with some extra care.)
# - **Over the width** one vector moves, the one that was changed. Each character is normalised by its own numbers, whatever
#   comes before, behind or beside it.
#
# So the width it is: `dim=-1`, the last. That is what **layer normalisation** means.

# %%
draw.lines(
    {"before": x[0].std(dim=-1, correction=0), "after": over_width[0].std(dim=-1, correction=0)},
    title='Standard deviation of each vector of "Let\'s he"',
    x_name="place",
    y_name="standard deviation",
    alt="Two lines over the places 0 to 7. Before, the standard deviations go up and down between 0.57, for the t at place 2, "
    "and 1.81, for the h at place 6. After, they lie on a level line at 1.",
)

# %% [markdown]
# The `h` was three times as loud as the `t`. Now all eight speak at one volume.
#
# - [ ] 05.06 Normalise along any dimension
# - [ ] 05.07 Change one character, and find who else is moved
# - [ ] 05.r1 I can say what leaks when one normalises over the places, and over the batch

# %% [markdown]
# ## Give some of it back · 10 min
#
# We have been strict: every vector has mean 0, standard deviation 1, always. Perhaps the next layer would rather have
# number 3 of each vector louder, and number 5 always a little above zero. So two vectors are added that can *learn*: a
# **gain** that multiplies, and a **bias** that is added, one number each for every number of the width. Here on our four:

# %%
gain = torch.tensor([1.0, 2.0, 0.5, 1.0])
bias = torch.tensor([0.0, 0.0, 3.0, -1.0])
print(normalised)

# %% [markdown]
# The second half is a riddle. With gains that are all equal and biases that are all equal, can you make the step undo
# itself, so that out comes the `token` that went in? Remember what was taken away, and in which order.

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
# Gain 3, bias 4, and the token is back. So nothing has been forbidden: if normalising were a bad idea at some place, training
# could take it back.
#
# Not completely, though. Gain and bias are the same for every character of every text, while each vector had a mean and a
# size of its own. Those are gone, and that was the purpose. What is given back is a choice for each of the 64 *columns*: how
# loud, and around which middle. Gains start as 1 and biases as 0, so that in the beginning they change nothing.
#
# PyTorch has all of this in one function, `F.layer_norm(x, shape, gain, bias)`. `shape` says over which last dimensions to
# normalise, as a tuple: for us it holds one number, the width.

# %%
width = x.shape[-1]
torch.manual_seed(1340)
gains, biases = torch.rand(width) + 0.5, torch.randn(width)
by_hand = normalise_over(x, -1) * gains + biases

# %%
by_library = ____  # the same, by the library
check("05.09")

# %%
print(f"largest difference from ours: {(by_hand - by_library).abs().max().item():.7f}")

# %% [markdown]
# The library does what you did. (Many newer models leave out the mean and the bias and only divide, which is a little
# cheaper. It goes by the name RMSNorm.)
#
# - [ ] 05.08 Scale, shift, and undo the whole step
# - [ ] 05.09 Compare with the library
# - [ ] 05.r2 I can say what gain and bias give back, and what stays lost

# %% [markdown]
# ## Before or after? · 12 min
#
# A block of our model does not replace the stream, it **adds** to it: `x + layer(x)`, a residual connection. You know why:
# whatever the layer does, there is a straight way through. Where in this line does the normalising go? There are two
# schools:
#
# - **post-norm** normalises what comes out: the sum, stream included
# - **pre-norm** normalises what the layer reads, and leaves the stream alone
#
# Try both, and as a third one none at all. The layers are our 20 matrices, with the good scale 1/8.

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
    return ____  # like `plain`, and the result normalised


def pre_norm(x: torch.Tensor, matrix: torch.Tensor) -> torch.Tensor:
    """A block whose layer reads normalised numbers; the stream itself stays as it is."""
    return ____  # like `plain`, but the layer reads a normalised stream


check("05.10")

# %%
def lengths(block):
    """The mean length of the eight vectors of the stream, at the start and behind each block."""
    x = start
    found = [x.norm(dim=-1).mean().item()]
    for matrix in matrices:
        x = block(x, matrix)
        found.append(x.norm(dim=-1).mean().item())
    return found


draw.lines(
    {"none": lengths(plain)[:8], "pre-norm": lengths(pre_norm)[:8], "post-norm": lengths(post_norm)[:8]},
    title="Length of the stream's vectors behind each of the first 7 blocks",
    x_name="blocks",
    y_name="length",
    alt="Three lines that start at 8.2. Without a norm the length curves upwards, to 93 behind 7 blocks. With pre-norm it climbs "
    "ever more slowly, to 23. With post-norm it stays level at 8.",
)
for block in (plain, pre_norm, post_norm):
    print(f"{block.__name__:>9}: {lengths(block)[0]:.1f} at the start, {lengths(block)[-1]:,.1f} behind 20 blocks")

# %% [markdown]
# Without a norm each block makes the stream about 1.4 times as long, since it reads a longer stream and answers more loudly.
# Behind 20 blocks that is 8,004, and the drawing would be nothing but that line.
#
# With pre-norm the layer always reads the same size, so each block adds about as much as the one before it. The stream grows,
# slowly, to 37, and no layer notices, as each reads it normalised. (At the very end of the model stands one norm more, in
# chapter 10.)
#
# With post-norm the length is 8 for ever, the root of 64. It looks like the tidiest of the three. What does it cost? Each
# norm divides the *whole* stream, and with it what the embedding wrote in chapter 04. Follow that part through 20 blocks:

# %%
x_post, kept = start, 1.0
for matrix in matrices:
    total = plain(x_post, matrix)
    kept /= total.std(dim=-1, correction=0).mean().item()
    x_post = norm(total)
print(f"post-norm: what the embedding wrote is still there, 1/{1 / kept:,.0f} as large")

# %% [markdown]
# In pre-norm nothing ever divides the stream. What the embedding wrote is there in full, to the last block, and the gradient
# finds the same straight way back. In post-norm the straight way has 20 gates, and each lets about 0.7 of it through. The
# first transformer was post-norm, and one had to begin its training with tiny steps, very carefully. GPT-2 moved the norm to
# the front, nearly everybody has followed, and so do we.
#
# - [ ] 05.10 Put the norm behind the sum, and before the layer
# - [ ] 05.r3 I can draw pre-norm and post-norm, and say why we take pre-norm

# %% [markdown]
# ## The class · 12 min
#
# One new word: `nn.Parameter(tensor)` turns a tensor into a parameter of the module. From then on the optimizer finds it,
# and it is saved with the model. (`nn.Linear` and `nn.Embedding` did it for you; here nobody does.)

# %%
class LayerNorm(nn.Module):
    """Normalises each vector over its own numbers, then scales and shifts it by what was learned."""

    def __init__(self, dim: int, eps: float = 1e-5) -> None:
        """`dim` is the width. At the start gain and bias change nothing."""
        super().__init__()
        self.eps = eps
        self.gain = ____  # a parameter that multiplies, and changes nothing at the start
        self.bias = ____  # a parameter that is added, and changes nothing at the start

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Normalise over the last dimension: (..., dim) -> (..., dim)."""
        mean = ____  # the mean of each vector
        variance = ____  # its variance, divided by all
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
    "are now about equally strong in colour, the t as much as the h. The two e differ.",
)
print(f"the mean of a row is never further from 0 than {ready.mean(dim=-1).abs().max().item():.6f}")
print("standard deviations:", ready[0].std(dim=-1, correction=0))
print("what chapter 06 begins with:", torch.equal(ready, running.after("05")))

# %% [markdown]
# Compare with the figure at the end of chapter 04. The `h` reached from -3.36 to 3.21, the `t` from -1.20 to 0.53. Now the `t`
# is written as boldly as everybody else, and inside each row the largest number is still the largest, and the smallest the
# smallest.
#
# Three lines for the map:

# %%
shapes = {
    "stream": (config.batch_size, config.input_sequence_length, config.embedding_dim),
    "mean": ____,  # with `keepdim=True`
    "gain": ____,  # how many gains are there?
    "normalised": ____,  # what comes out
}
check("05.12")

# %%
for name, shape in shapes.items():
    print(f"{name:>12}  {shape}")

# %% [markdown]
# - [ ] 05.11 Write the class LayerNorm
# - [ ] 05.12 Note its shapes on the map

# %% [markdown]
# ## What is now yours
#
# - behind 20 random layers numbers explode or vanish, unless something looks at them each time
# - **normalise**: minus the mean, divided by the root of (variance + eps), variance divided by *all*
# - over the **width**: over the places the future leaks, over the batch the neighbours do
# - **gain** and **bias** give each column a choice back; the loudness of each vector stays lost, on purpose
# - **pre-norm**: the layer reads normalised numbers, and the stream flows on untouched
# - `LayerNorm(dim, eps=1e-5)`: any shape goes in, the same comes out
#
# Your model will have nine of these: two in each of its four blocks, and one at the end. Between them goes what all of this
# has been preparing: **06 AttentionHead**, in which the characters look at each other for the first time.
