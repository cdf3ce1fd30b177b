# %% [markdown]
# # 05 LayerNorm
#
# Keep the numbers of the stream at a size you can work with, however deep the model gets.
#
# 75 minutes, seven sections. You'll need chapter 04, mean and variance, and residual connections.
#
# This part knows nothing about Shakespeare. It keeps the house in order, and without something like it a deep model can
# hardly be trained at all. We start by letting the house fall down.

# %%
#| export
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
#! redraw: config = Config(**new.sizes(num_heads=new.pick(2, 3, 5), num_layers=new.whole(6, 12)))
#! redraw: small = Config(**new.sizes(batch_size=1))

# %% [markdown]
# How large the random weights are is up to us: each matrix gets multiplied by a number, `scale`. Guess the spread after
# 20 layers with `scale` 0.2. And with 0.05?

# %%
def spreads(scale: float) -> list[float]:
    """The spread of the numbers at the start and after each of the 20 layers, with all weights times `scale`."""
    x = start
    found = [x.std().item()]
    for matrix in matrices:
        x = x @ (scale * matrix)  # blank: the vectors, through a layer whose weights are `matrix` times `scale`
        found.append(x.std().item())  # blank [x.std().item()]: the spread of what came out, as a plain number
    return found


check("05.01")
#! hint: the rows of `x` meet the columns of the matrix; for the spread, look at how `found` begins
#! mistake: start @ (scale * matrix) -> Here every layer starts again from the beginning. Each should take what came out
#!   of the one before it.
#! mistake: x * (scale * matrix) -> `*` multiplies number by number, and (8, 64) doesn't fit (64, 64). A layer is a matrix
#!   product.
#! mistake: (scale * matrix) @ x -> The shapes (64, 64) and (8, 64) don't fit. Our vectors are rows, so they go on the left.
#! mistake: x @ matrix -> The weights have their full size here, whatever `scale` says.
#! mistake: x @ matrix + scale -> The scale is added to what came out. It should multiply the weights.
#! alternative 2: x.std()
#! mistake: x @ (scale * matrix).T -> The matrix has been turned on its side. That fits, since it's square, but each number of
#!   a vector now meets weights that were meant for another.
#! mistake: x @ (scale * matrices[0]) -> That's the first matrix, 20 times over. Each layer has its own, `matrix`.
#! mistake 2: x.std(correction=0).item() -> This divides by one more than the measure at the start does. Measure the
#!   same way: `found` begins with a plain `.std()`.
#! mistake 2: x.var().item() -> That's the variance. The spread is its square root, as at the start.
#! mistake 2: start.std().item() -> That's the spread at the start, over and over. Measure what came out.
#! mistake 2: x.mean().item() -> That's the mean. It says where the middle of the numbers is, and nothing about how far they
#!   are spread.
#! mistake 2: x.std(dim=-1).mean().item() -> That's the mean of eight spreads, one for each vector. Take all numbers together.
#! alternative: scale * (x @ matrix)
#! alternative: torch.matmul(x, scale * matrix)
#! alternative: F.linear(x, scale * matrix.T)
#! alternative: torch.einsum("ri,io->ro", x, matrix * scale)
#! alternative 2: float(x.std())
#! alternative 2: torch.std(x).item()
#! probe: spreads(0.2) -> the list of spreads for scale 0.2
#! probe: spreads(new.number(0.03, 0.1)) -> the list of spreads for a small scale
#! equivalent: a call left out: x.std().item() => x.std() -> a tensor that holds one number is as good as the number

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
#! redraw: token = new.until(lambda: 3 * torch.randn(new.whole(5, 9)) + 2,
#!   lambda token: ((token - token.mean()) ** 2).sum() // token.var() < len(token) - 1)

# %%
mean = token.mean()  # blank: the middle of the four numbers
deviations = token - mean  # blank: how far each number is from it, with its sign
variance = (deviations**2).mean()  # blank: the mean of their squares
check("05.02")
#! hint: three lines, each built on the one above it: a mean, a difference, and another mean
#! mistake: token.sum() -> That's the sum. Divide it by how many numbers there are, or take `.mean()`.
#! mistake: token.median() -> The median is the number in the middle of the queue. Here we want the mean: the sum, shared out
#!   equally.
#! mistake: 4 -> Right for these four numbers. Compute it from `token`, and it's right for any others too.
#! mistake 2: mean - token -> The sign is the wrong way round. A number above the mean should have a positive deviation.
#! mistake 2: token / mean -> This divides. How *far* a number is from the mean is a difference.
#! mistake 2: (token - mean).abs() -> Without their signs, the deviations forget who was above and who was below.
#! mistake 3: (deviations**2).mean().sqrt() -> That's the standard deviation. The variance is what you had before you
#!   took the root.
#! mistake 3: (deviations**2).sum() / (len(token) - 1) -> The squares are shared out among one too few. A mean divides by how
#!   many there are.
#! mistake 3: deviations.mean() -> Positive and negative deviations cancel, so this mean is always 0. Square them first.
#! mistake 3: (deviations**2).sum() -> That's the sum of the squares. Take their mean.
#! mistake 3: token.var() -> Unless you tell it otherwise, PyTorch divides by one less than there are numbers. Why that isn't
#!   what we want comes in a moment.
#! mistake 3: deviations.abs().mean() -> That measures spread, too. But the variance takes squares.
#! alternative: token.sum() / len(token)
#! alternative: torch.mean(token)
#! alternative 2: token - token.mean()
#! alternative 2: torch.sub(token, mean)
#! alternative 3: token.var(correction=0)
#! alternative 3: deviations @ deviations / len(token)
#! alternative 3: deviations.square().mean()
#! alternative 3: (token**2).mean() - mean**2

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
normalised = deviations / variance.sqrt()  # blank: the deviations, scaled so that their standard deviation is 1
check("05.03")
#! hint: divide all numbers by 3, and their standard deviation is divided by 3 as well; so what do you need to divide by?
#! mistake: deviations / variance -> This divides by 9 where 3 was needed. The variance is a mean of squares; its root
#!   is in the same unit as the numbers.
#! mistake: token / variance.sqrt() -> The size is right, but the middle isn't 0. Start from the deviations.
#! mistake: deviations * variance.sqrt() -> This multiplies by the standard deviation. Divide.
#! mistake: deviations / deviations.abs().max() -> Now the number furthest from 0 is 1 or -1. It's the standard
#!   deviation that should be 1.
#! mistake: deviations / 3 -> 3 is right for this vector. Another vector needs another number, so compute it: it's the
#!   root of something you have.
#! mistake: deviations / token.std() -> Left alone, `.std` shares the squares out among one too few, so this divides by too
#!   much. You have the variance; take its root.
#! mistake: deviations / deviations.norm() -> Now the length is 1, and the standard deviation depends on how many numbers
#!   there are.
#! alternative: (token - mean) / variance**0.5
#! alternative: deviations * variance.rsqrt()
#! alternative: (token - token.mean()) / token.std(correction=0)

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
divisor = float((deviations**2).sum() / token.var())  # blank [(deviations**2).sum() / token.var()]: the number that `token.var()` divided the sum of the squares by, found from the two
biased = token.var(correction=0)  # blank: call `.var` so that it gives our variance
check("05.04")
#! hint: the sum of the squares divided by *what* gives `token.var()`? And `.var` has an argument called `correction`:
#!   how much to take off the count before dividing, which is 1 unless you say otherwise
#! mistake: (deviations**2).mean() / token.var() -> What it divided was the sum of the squares. Their mean has been divided
#!   once already.
#! mistake: token.var() / (deviations**2).sum() -> The other way round: what was divided goes on top.
#! mistake: 3 -> 3 is right for these four numbers. Compute it from the squares of the deviations and from `token.var()`, and
#!   it's right for any vector.
#! mistake: (deviations**2).sum() / variance -> That gives what our own variance divides by, the full count. Ask
#!   `token.var()`.
#! mistake: len(token) -> That's what we divide by, and we get a different variance. What did `token.var()` divide by?
#! mistake 2: token.var(correction=1) -> That's what `.var` does when left alone: it takes off 1 before it divides. Tell it
#!   to take off nothing.
#! mistake 2: token.var() -> Left alone, it takes off 1 before it divides. Tell it to take off nothing.
#! mistake 2: token.var(0) -> The first number that `.var` takes is a dimension. What to take off has to be named:
#!   `correction=`.
#! mistake 2: token.std(correction=0) -> That's the standard deviation, the root of what we want.
#! alternative: deviations @ deviations / token.var()
#! alternative: len(token) - 1
#! alternative 2: token.var(unbiased=False)
#! alternative 2: torch.var(token, correction=0)
#! alternative 2: torch.var_mean(token, correction=0)[0]
#! equivalent: another name: token => deviations -> a variance is the same wherever the middle is

# %%
print("it divided by", round(divisor, 3), "and with correction=0 it says", biased.item())

# %% [markdown]
# Divided by 3, with four numbers. Statisticians do this when they have a sample and want to know the spread of the
# population it came from. We don't have a sample. These four numbers are all there is, and it's *their* spread that
# should be 1, so we divide by 4. (The variance you get when you divide by the full count is called **biased**. That
# sounds like a fault. Here it's the right one, and PyTorch's own layer normalisation uses it, too.)
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
    return deviations / (variance + eps).sqrt()  # blank: as in 05.03, with `eps` beside the variance, under the root


check("05.05")
#! hint: brackets around the sum of the two, and then the root
#! mistake: deviations / variance.sqrt() -> A constant vector still gives `nan`. Add `eps` to the variance, in brackets,
#!   and take the root of the sum.
#! mistake: deviations / (variance.sqrt() + eps) -> Here `eps` is beside the root. Under the root it counts for more: the
#!   root of 0.00001 is 0.003. PyTorch's own layer normalisation has it under the root.
#! mistake: deviations / (variance + eps) -> The root is missing.
#! mistake: deviations / variance.sqrt() + eps -> Here `eps` comes too late, after the division by 0. It goes under the root.
#! mistake: deviations / (variance + 1e-5).sqrt() -> The function is told how large the grain is: `eps`. Here it's always the
#!   same.
#! mistake: deviations / variance.clamp(min=eps).sqrt() -> This only keeps the variance from being less than `eps`. Add
#!   the grain to every variance.
#! mistake: deviations / (variance + eps**2).sqrt() -> The grain has been squared here. Add `eps` itself.
#! alternative: deviations * (variance + eps).rsqrt()
#! alternative: deviations / torch.sqrt(variance + eps)
#! alternative: deviations / (variance + eps) ** 0.5
#! alternative: F.layer_norm(vector, vector.shape, eps=eps)
#! probe: normalise(constant) -> what `normalise` makes of the constant vector
#! probe: normalise(token) -> what `normalise` makes of our four numbers
#! probe: normalise(0.003 * token) -> what `normalise` makes of a very faint vector
#! probe: normalise(token, eps=2.0) -> what `normalise` makes of our four numbers with an eps of 2

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
#! redraw: x = 3 * torch.randn(new.pick(5, 6, 7), *new.wholes(2, 9, 14)) + 1

# %% [markdown]
# `x.mean(dim=2)` takes one mean for each place of each window, shape (3, 8). To be subtracted, each mean has to meet
# the eight numbers it came from. `keepdim=True` keeps a dimension of size 1 there, (3, 8, 1), and broadcasting does the
# rest.
#
# Write it for any dimension.

# %%
def normalise_over(x: torch.Tensor, dim: int, eps: float = 1e-5) -> torch.Tensor:
    """`x` with mean 0 and standard deviation 1 along one of its dimensions; the shape stays the same."""
    mean = x.mean(dim=dim, keepdim=True)  # blank: the means along `dim`
    variance = x.var(dim=dim, correction=0, keepdim=True)  # blank: the biased variances along `dim`
    return (x - mean) / (variance + eps).sqrt()  # blank: as in `normalise`


over_width, over_places, over_batch = normalise_over(x, 2), normalise_over(x, 1), normalise_over(x, 0)
check("05.06")
#! hint: mean and variance both take `dim=dim` and `keepdim=True`; the variance also takes what you found in 05.04
#! mistake: x.mean(dim=dim) -> Without `keepdim=True`, what was taken along `dim` no longer lines up with the numbers it
#!   came from. That goes for the means and for the variances.
#! mistake: x.mean() -> That's one mean for everything. Take the means along `dim`.
#! mistake: x.mean(dim=-1, keepdim=True) -> That's always along the last dimension, whatever `dim` says.
#! mistake 2: x.var(dim=dim, keepdim=True) -> This divides by one too few, see 05.04. `correction=0` divides by the full
#!   count.
#! mistake 2: x.std(dim=dim, correction=0, keepdim=True) -> That's the root already, and the last line takes it once more.
#! mistake 2: ((x - mean) ** 2).sum(dim=dim, keepdim=True) -> That's the sum of the squares. Take their mean.
#! mistake 2: x.var(dim=-1, correction=0, keepdim=True) -> Always along the last dimension, whatever `dim` says.
#! mistake 2: x.var(correction=0) -> That's one variance for everything. Take the variances along `dim`.
#! mistake 3: (x - mean) / variance.sqrt() -> `eps` is missing. Add it to the variance, and take the root after that. Here
#!   it hardly shows. Where all numbers are equal, or nearly, it does.
#! mistake 3: (x - mean) / (variance.sqrt() + eps) -> Here `eps` is beside the root. It belongs under it, as in 05.05.
#! mistake 3: x - mean / (variance + eps).sqrt() -> Python divides first, so only the mean is divided. Put brackets around the
#!   difference.
#! mistake 3: (x - mean) / (variance + eps) -> The root is missing.
#! mistake 3: x / (variance + eps).sqrt() -> The middle hasn't been moved to 0. Subtract the mean first.
#! alternative: torch.mean(x, dim, True)
#! alternative: x.sum(dim=dim, keepdim=True) / x.shape[dim]
#! alternative: x.mean(dim).unsqueeze(dim)
#! alternative 2: ((x - mean) ** 2).mean(dim=dim, keepdim=True)
#! alternative 2: x.var(dim, unbiased=False, keepdim=True)
#! alternative 2: (x - mean).square().mean(dim, keepdim=True)
#! alternative 3: (x - mean) * torch.rsqrt(variance + eps)
#! alternative 3: (x - mean) / torch.sqrt(variance + eps)
#! probe: normalise_over(x[0], 0) -> what `normalise_over` makes of one window along dimension 0
#! probe: normalise_over(0.002 * x, 1) -> what `normalise_over` makes of very faint numbers along dimension 1
#! probe: normalise_over(x, 2, eps=0.5) -> what `normalise_over` makes of a batch along dimension 2 with an eps of 0.5

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
changed[0, -1] = x[1, 0]  # the last character of the first window is now a different one

# %%
def moved(dim: int) -> torch.Tensor:
    """How far each normalised vector moves because of the change: (3, 8), windows and places."""
    difference = normalise_over(changed, dim) - normalise_over(x, dim)  # blank: after the change minus before, both normalised
    return difference.norm(dim=-1)  # blank: the length of each vector of differences


check("05.07")
#! hint: normalise both along `dim`, then subtract; take each vector's length along the last dimension
#! mistake: normalise_over(changed - x, dim) -> This normalises the difference. We want the difference of the normalised ones.
#! mistake: changed - x -> Nothing is normalised here, so nothing can leak.
#! mistake: normalise_over(changed, 2) - normalise_over(x, 2) -> That's always along the width, whatever `dim` says.
#! mistake: changed - normalise_over(x, dim) -> Only one of the two is normalised. Compare them after both have been.
#! mistake: normalise_over(changed, dim) -> That's only after the change. Subtract what was there before it.
#! mistake 2: difference.norm(dim=dim) -> A vector's numbers lie along the last dimension, whichever one was normalised.
#! mistake 2: difference.norm() -> That's one length for everything. Each vector has its own.
#! mistake 2: difference.abs().sum(dim=-1) -> That adds up the differences. A length is the root of the sum of their squares.
#! mistake 2: difference.mean(dim=-1) -> Positive and negative differences cancel in a mean. Take the length.
#! alternative 2: torch.linalg.vector_norm(difference, dim=2)
#! alternative 2: (difference**2).sum(dim=-1).sqrt()
#! alternative 2: difference.square().sum(-1) ** 0.5
#! probe: moved(0) -> how far each vector moves when normalised over the batch (`moved(0)`)
#! probe: moved(1) -> how far each vector moves when normalised over the places (`moved(1)`)
#! probe: moved(2) -> how far each vector moves when normalised over the width (`moved(2)`)
#! equivalent: terms swapped: normalise_over(changed, dim) - normalise_over(x, dim) => normalise_over(x, dim) -
#!   normalise_over(changed, dim) -> a length doesn't ask in which direction

# %%
draw.heat(
    torch.cat((moved(2), moved(1), moved(0))),
    rows=[f"{way}: {text}" for way in ("width", "places", "batch") for text in texts],
    title="One character changed, at place 7 of the first window. Whose normalised vector moves?",
    x_name="place",
    alt="Nine rows of eight squares: the three windows, normalised in three ways. Over the width, only one square isn't "
    "zero: place 7 of the first window, 3.41. Over the places, the whole first window moves, places 0 to 6 by 0.43 to 0.67 "
    "and place 7 by 3.64. Over the batch, place 7 of all three windows moves, by 1.21, 0.66 and 0.96.",
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
#! redraw: gain, bias = torch.rand(len(token)) + 0.5, torch.randn(len(token))

# %% [markdown]
# The second half of the next exercise is a riddle. If all gains are equal and all biases are equal, can they undo the
# whole step, so that the original `token` comes out again? Remember what was taken away, and in which order.

# %%
adjusted = gain * normalised + bias  # blank: each normalised number times its gain, plus its bias
undo_gain = variance.sqrt()  # blank: one number: the gain that gives `token` back its size
undo_bias = mean  # blank: one number: the bias that gives it back its middle
restored = undo_gain * normalised + undo_bias
check("05.08")
#! hint: first we subtracted something, then we divided by something; undo the last step first. Everything you need has
#!   a name above
#! mistake: gain * (normalised + bias) -> Here the gain multiplies the bias as well. First the gain, then add the bias.
#! mistake: gain @ normalised + bias -> `@` adds the products up to a single number. Each number has a gain of its own: `*`.
#! equivalent: another name: variance => biased -> 05.04 computed the same variance another way
#! mistake: gain * token + bias -> This scales and shifts the raw numbers. Take the normalised ones.
#! mistake: gain * deviations + bias -> The deviations haven't been divided by anything yet. Take the normalised ones.
#! mistake: gain + normalised * bias -> Gain and bias have changed places.
#! mistake 2: 3 -> Right for this token. Another token needs another number: the root of something that has a name
#!   further up.
#! mistake 2: token.std() -> Left alone, `.std` divides by one too few, so it doesn't undo what was done. Tell it to take off
#!   nothing.
#! mistake 2: variance -> We divided by the root of the variance.
#! mistake 2: 1 / variance.sqrt() -> That divides a second time. To undo a division, multiply.
#! mistake 2: mean -> The mean was subtracted. The gain has to undo the division.
#! mistake 3: 4 -> Right for this token. Other tokens have other means, and the mean has a name further up.
#! mistake 3: -mean -> That takes the mean away a second time. It was subtracted, so add it.
#! mistake 3: deviations.mean() -> The deviations have mean 0. You need the mean that was taken away to make them.
#! mistake 3: token -> That's the whole vector. The bias here is a single number, the one that was subtracted from all
#!   of them.
#! alternative: normalised * gain + bias
#! alternative: torch.addcmul(bias, gain, normalised)
#! alternative: torch.addcmul(bias, normalised, gain)
#! alternative 2: token.std(correction=0)
#! alternative 2: variance**0.5
#! alternative 3: token.mean()

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
by_library = F.layer_norm(x, (width,), gains, biases)  # blank: the same, from the library
check("05.09")
#! hint: a tuple with one number needs a comma; the gains come before the biases
#! mistake: F.layer_norm(x, (width,)) -> Normalised, but without gains and biases.
#! mistake: F.layer_norm(x, (width,), gains) -> The gains are in, the biases aren't.
#! mistake: F.layer_norm(x, (width,)) + biases -> The biases are in, the gains aren't.
#! mistake: F.layer_norm(x, (width,), biases, gains) -> Gains and biases have changed places. The one that multiplies comes
#!   first.
#! mistake: F.layer_norm(x, x.shape[1:], gains.expand(x.shape[1:]), biases.expand(x.shape[1:])) -> This normalises over two
#!   dimensions together, the places and the width, so the future leaks in. Normalise over the width alone.
#! mistake: F.normalize(x, dim=-1) * gains + biases -> `normalize` makes the *length* 1 and leaves the mean in. It's a
#!   different thing with a similar name.
#! alternative: torch.layer_norm(x, (width,), gains, biases)
#! alternative: F.layer_norm(x, x.shape[-1:], weight=gains, bias=biases)
#! alternative: F.layer_norm(x, gains.shape, gains, biases, eps=1e-5)
#! alternative: normalise_over(x, -1) * gains + biases

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
    return norm(x + layer(x, matrix))  # blank: like `plain`, with the result normalised


def pre_norm(x: torch.Tensor, matrix: torch.Tensor) -> torch.Tensor:
    """A block whose layer reads normalised numbers; the stream itself stays as it is."""
    return x + layer(norm(x), matrix)  # blank: like `plain`, but the layer reads a normalised stream


check("05.10")
#! hint: both are `x + layer(x, matrix)` with one `norm(...)` put in; for each, ask what gets normalised
#! mistake: norm(x) + layer(norm(x), matrix) -> This normalises what goes in, on both paths. Post-norm works on the sum.
#! mistake: x + norm(layer(x, matrix)) -> Only what the layer says is normalised here. Post-norm takes the whole sum.
#! mistake: x + layer(norm(x), matrix) -> That's pre-norm, the function below. Post-norm works on the sum.
#! mistake: norm(layer(x, matrix)) -> The stream is missing, so there's no way past the layer.
#! mistake 2: norm(x) + layer(norm(x), matrix) -> The layer reads the right thing, but the stream is normalised, too.
#!   Nothing may touch it on its way past the layer.
#! mistake 2: layer(norm(x), matrix) -> The stream is missing. Add to it.
#! mistake 2: x + norm(layer(x, matrix)) -> Here the layer reads the raw stream, and its answer is normalised. In pre-norm the
#!   norm comes before the layer.
#! mistake 2: norm(x + layer(x, matrix)) -> That's post-norm again.
#! mistake 2: norm(x + layer(norm(x), matrix)) -> One norm too many: the layer reads the right thing, but the sum should stay
#!   as it is.
#! alternative: norm(plain(x, matrix))
#! alternative: F.layer_norm(x + layer(x, matrix), x.shape[-1:])
#! alternative 2: layer(norm(x), matrix) + x
#! alternative 2: torch.add(x, layer(norm(x), matrix))
#! probe: post_norm(3 * start, matrices[0]) -> the output of `post_norm` for a stream
#! probe: pre_norm(3 * start, matrices[0]) -> the output of `pre_norm` for a stream

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
# the rest, each time to about 0.7 of what it was. And the gradient, on its straight way back, meets the same 20 norms.
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
#| export
class LayerNorm(nn.Module):
    """Normalises each vector over its own numbers, then scales and shifts it by what was learned."""

    def __init__(self, dim: int, eps: float = 1e-5) -> None:
        """`dim` is the width. At the start, gain and bias change nothing."""
        super().__init__()
        self.eps = eps
        self.gain = nn.Parameter(torch.ones(dim))  # blank: a parameter that multiplies, and changes nothing at the start
        self.bias = nn.Parameter(torch.zeros(dim))  # blank: a parameter that is added, and changes nothing at the start

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Normalise over the last dimension: (..., dim) -> (..., dim)."""
        mean = x.mean(dim=-1, keepdim=True)  # blank: the mean of each vector
        variance = x.var(dim=-1, correction=0, keepdim=True)  # blank: its biased variance
        normalised = (x - mean) / (variance + self.eps).sqrt()
        return self.gain * normalised + self.bias  # blank: scaled and shifted


check("05.11")
#! hint: multiplying by 1 changes nothing, adding 0 changes nothing; the rest is 05.06 with the last dimension, and 05.08
#! mistake: torch.ones(dim) -> A plain tensor: no optimizer will ever find it, and it stays 1 for ever. Wrap it in
#!   `nn.Parameter`.
#! mistake: nn.Parameter(torch.zeros(dim)) -> A gain of 0 silences everything. A gain that changes nothing is 1.
#! mistake: nn.Parameter(torch.ones(1)) -> One gain for all would scale the vector as a whole. Each column has its own.
#! mistake: nn.Parameter(torch.randn(dim)) -> Random gains change a good deal at the start. Gains of 1 change nothing.
#! mistake 2: nn.Parameter(torch.ones(dim)) -> A bias of 1 moves everything up. A bias that changes nothing is 0.
#! mistake: nn.Parameter(torch.ones(dim), requires_grad=False) -> A parameter, but one that's been told not to learn.
#! mistake 2: nn.Parameter(torch.zeros(1)) -> One bias for all would move the vector as a whole. Each column has its
#!   own.
#! mistake 2: nn.Parameter(torch.randn(dim)) -> Random biases move everything at the start. Biases of 0 change nothing.
#! mistake 2: torch.zeros(dim) -> A plain tensor: no optimizer will ever find it. Wrap it in `nn.Parameter`.
#! mistake 3: x.mean(dim=-1) -> Without `keepdim=True`, what was taken from each vector doesn't line up with the numbers it
#!   came from. That goes for the means and for the variances.
#! mistake 3: x.mean(dim=1, keepdim=True) -> In (batch, sequence, width), dimension 1 runs over the places, and the future
#!   leaks in. The width is the last, -1.
#! mistake 3: x.mean() -> One mean for everything, so all windows hear of each other. Each vector has its own.
#! mistake 3: x.mean(dim=2, keepdim=True) -> Right for three dimensions only. The width is the last one, however many come
#!   before it: -1.
#! mistake 4: x.var(dim=-1, keepdim=True) -> This divides by one too few. `correction=0` divides by the full count.
#! mistake 4: x.std(dim=-1, correction=0, keepdim=True) -> That's the root already, and the next line takes it once more.
#! mistake 5: normalised -> Gain and bias were made, but they aren't used.
#! mistake 5: self.gain * (normalised + self.bias) -> Here the gain multiplies the bias, too. First multiply, then add.
#! mistake 5: self.bias * normalised + self.gain -> Gain and bias have changed places. The gain multiplies.
#! mistake 5: self.gain * normalised -> The bias was made, but it isn't used.
#! mistake 5: normalised + self.bias -> The gain was made, but it isn't used.
#! mistake 5: self.gain * x + self.bias -> This scales and shifts the raw numbers. Take the normalised ones.
#! alternative: nn.Parameter(torch.full((dim,), 1.0))
#! alternative 2: nn.Parameter(torch.full((dim,), 0.0))
#! alternative 3: x.sum(dim=-1, keepdim=True) / x.shape[-1]
#! alternative 3: torch.mean(x, -1, keepdim=True)
#! alternative 4: ((x - mean) ** 2).mean(dim=-1, keepdim=True)
#! alternative 4: x.var(-1, unbiased=False, keepdim=True)
#! alternative 5: normalised * self.gain + self.bias
#! alternative 5: torch.addcmul(self.bias, self.gain, normalised)
#! alternative 5: F.layer_norm(x, self.gain.shape, self.gain, self.bias, self.eps)
#! probe: same_weights(LayerNorm(x.shape[-1]))(x) -> the output for a batch with numbers filled in for gain and bias
#! probe: same_weights(LayerNorm(5, eps=0.5))(x[:, :, :5]) -> the output for a batch of width 5 with an eps of 0.5
#! probe: same_weights(LayerNorm(4))(x[0, :4, :4]) -> the output for a single window of width 4
#! probe: LayerNorm(7) -> a `LayerNorm(7)`
#! probe: LayerNorm(x.shape[-1])(x) -> the output of a new LayerNorm for a batch
#! equivalent: statements swapped: super().__init__() -> a number may be kept before the module is ready

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
norms = 2 * config.num_layers + 1  # blank: how many norms the model has
learned = norms * 2 * config.embedding_dim  # blank: how many numbers all of them learn
measured = norms * 2 * config.batch_size * config.input_sequence_length  # blank: how many means and variances they take from one batch
check("05.12")
#! hint: a norm learns a gain and a bias; it measures a mean and a variance; the shapes above say how many numbers each of these
#!   holds
#! mistake: 2 * config.num_layers -> Those are the norms in the blocks. One more comes at the end.
#! mistake: config.num_layers + 1 -> That's one norm for each block. Each has two.
#! mistake: 2 * (config.num_layers + 1) -> This gives the end two norms as well. It has one.
#! mistake: 2 * small.num_layers + 1 -> Those are the norms of a small model. The question is about the real one: `config`.
#! mistake: 9 -> Right for these settings. Compute it from `config`, and it's right for any.
#! mistake 2: norms * config.embedding_dim -> Those are the gains. The biases are learned, too.
#! mistake 2: 2 * config.embedding_dim -> That's what a single norm learns. How many are there?
#! mistake 2: norms * 2 -> Each norm has a gain and a bias, but those are vectors: how many numbers in each?
#! mistake 2: norms * 2 * config.batch_size * config.input_sequence_length * config.embedding_dim -> Then every place of every
#!   window would have gains and biases of its own. All of them share one gain and one bias per column.
#! mistake 2: norms * 2 * small.embedding_dim -> Those norms are as wide as the small model. The question is about the
#!   real one: `config`.
#! mistake 3: norms * config.batch_size * config.input_sequence_length -> Those are the means. Each vector has a variance, too.
#! mistake 3: 2 * config.batch_size * config.input_sequence_length -> That's what a single norm measures. How many are there?
#! mistake 3: norms * 2 * config.batch_size * config.input_sequence_length * config.embedding_dim -> A vector has
#!   `embedding_dim` numbers, but all of them share one mean and one variance.
#! mistake 3: norms * 2 * config.input_sequence_length -> That's for one window. A batch has several.
#! mistake 3: norms * 2 * config.embedding_dim -> That's what is learned. A mean is measured for each vector, so how many
#!   vectors does a batch have?
#! alternative: config.num_layers * 2 + 1
#! alternative 2: norms * sum(p.numel() for p in LayerNorm(config.embedding_dim).parameters())
#! alternative 3: 2 * norms * config.input_sequence_length * config.batch_size

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
# loss would change with each of its numbers. What gradient arrives at the vector? Two kinds of change never reach the
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
heard = grad_out - grad_out.mean() - (grad_out * out).mean() * out  # blank: `grad_out`, less its parts in the two directions
grad_in = heard / deviation  # blank: the gradient at `vector`
print("yours:   ", grad_in)
print("autograd:", by_autograd())
check("05.13")
#! challenge: 15 minutes
#! hint: the part in the direction (1, 1, ..., 1) is the mean, in every number; the part in the direction of `out` is some number
#!   times `out`, and the number is such that what's left has dot product 0 with `out`
#! mistake: grad_out - grad_out.mean() -> The first direction is gone. The part along `out` is still in there.
#! mistake: grad_out - (grad_out * out).mean() * out -> The part along `out` is gone. What all numbers have in common is still in
#!   there: the mean.
#! mistake: grad_out - grad_out.mean() - (grad_out @ out) * out -> This takes away too much, since the length of `out`
#!   isn't 1. Its squares add up to how many numbers it has; divide by that.
#! mistake: grad_out - grad_out.mean() - (grad_out @ out) / out.norm() * out -> You've divided by the length of `out`
#!   once, which measures the part. The `out` you multiply by needs length 1 as well.
#! mistake: grad_out - grad_out.mean() - out -> This takes away all of `out`. Take away only as much of it as there is in
#!   `grad_out`.
#! mistake: grad_out - grad_out.mean() - (grad_out * out).mean() -> The last part is a number here, the same for all. It has to
#!   point along `out`.
#! mistake: grad_out - grad_out.mean() + (grad_out * out).mean() * out -> The part along `out` is in there twice now. Subtract it.
#! mistake 2: heard * deviation -> The norm divides by the standard deviation, so the gradient is divided by it as well.
#! mistake 2: heard / deviation**2 -> That's the variance. The norm divides by its root.
#! mistake 2: heard / vector.std() -> Left alone, `.std` divides by one too few, see 05.04.
#! mistake 2: grad_out / deviation -> That would be the gradient if the norm heard everything. Divide `heard`.
#! mistake 2: heard -> The two directions are gone. Now the standard deviation: the norm divides by it.
#! alternative: grad_out - grad_out.mean() - (grad_out @ out) / (out @ out) * out
#! alternative: grad_out - grad_out.mean() - (grad_out @ out) / len(out) * out
#! alternative: grad_out - grad_out.mean() - F.normalize(out, dim=0) * (grad_out @ F.normalize(out, dim=0))
#! alternative 2: heard / vector.var(correction=0).sqrt()
#! alternative 2: heard * (1 / deviation)

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
# - over the **width**, not over the places (the future would leak in) and not over the batch (the neighbours would)
# - **gain** and **bias** give a choice back to each column; how loud each vector was stays lost, on purpose
# - **pre-norm**: the layer reads normalised numbers, and the stream flows on untouched
# - `LayerNorm(dim, eps=1e-5)`: any shape goes in, the same shape comes out
#
# Your model will have nine of these: two in each of its four blocks, and one at the end. Between them goes what all of
# this has been leading up to: **06 AttentionHead**, where the characters look at each other for the first time.
