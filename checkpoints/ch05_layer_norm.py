# %% [markdown]
# # 05 LayerNorm
#
# Keep the numbers of the stream at a size that can be worked with, however deep the model gets.
#
# 75 minutes in seven sections. It needs chapter 04, mean and variance, and residual connections.
#
# This part says nothing about Shakespeare. It keeps the house in order, and a deep model without it hardly trains at
# all. We let the house fall down first.

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
# A deep model is one layer after another, and each multiplies by a matrix of weights. Let us push eight vectors, 64
# numbers each, through 20 such matrices, filled at random, and look at one thing only: the **spread** of the numbers,
# their standard deviation. At the start it is about 1.

# %%
config, small = Config(), Config.small()
torch.manual_seed(1340)
start = torch.randn(8, 64)
matrices = torch.randn(20, 64, 64)
print(f"spread at the start: {start.std().item():.2f}")
#! redraw: config, small = Config(**new.sizes(num_heads=new.pick(2, 3, 5))), Config(**new.sizes(batch_size=1))

# %% [markdown]
# How large the random weights are is up to us: each matrix is multiplied by a number, `scale`. Guess what comes out
# behind 20 layers with `scale` 0.2. And with 0.05?

# %%
def spreads(scale: float) -> list[float]:
    """The spread of the numbers at the start and behind each of the 20 layers, all weights times `scale`."""
    x = start
    found = [x.std().item()]
    for matrix in matrices:
        x = x @ (scale * matrix)  # blank: the vectors, through a layer whose weights are `matrix` times `scale`
        found.append(x.std().item())  # blank [x.std().item()]: the spread of what came out, as a plain number
    return found


check("05.01")
#! hint: the rows of `x` meet the columns of the matrix; for the spread look at how `found` begins
#! mistake: start @ (scale * matrix) -> Every layer starts from the beginning again. Each takes what the one before it gave.
#! mistake: x * (scale * matrix) -> `*` multiplies number by number, and (8, 64) does not fit (64, 64). A layer is a matrix
#!   product.
#! mistake: (scale * matrix) @ x -> The shapes (64, 64) and (8, 64) do not meet. Our vectors are rows, so they stand on the
#!   left.
#! mistake: x @ matrix -> The weights have their full size here, whatever `scale` says.
#! mistake: x @ matrix + scale -> The scale was added to what came out. It multiplies the weights.
#! alternative 2: x.std()
#! mistake: x @ (scale * matrix).T -> The matrix has been turned over. It fits, since it's square, but each number of a vector
#!   meets weights that were meant for another.
#! mistake: x @ (scale * matrices[0]) -> That is the first matrix, 20 times over. Each layer has its own, `matrix`.
#! mistake 2: x.std(correction=0).item() -> This divides by one more than the measure at the start does. Take the same one:
#!   `found` begins with a plain `.std()`.
#! mistake 2: x.var().item() -> That's the variance. The spread is its root, as at the start.
#! mistake 2: start.std().item() -> That is the spread at the start, over and over. Measure what came out.
#! mistake 2: x.mean().item() -> That is the mean, which stays near zero while the numbers run away to both sides.
#! mistake 2: x.std(dim=-1).mean().item() -> That is the mean of eight spreads, one for each vector. Take all numbers together.
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
#! redraw: token = new.until(lambda: 3 * torch.randn(new.whole(5, 9)) + 2,
#!   lambda token: ((token - token.mean()) ** 2).sum() // token.var() < len(token) - 1)

# %%
mean = token.mean()  # blank: the middle of the four numbers
deviations = token - mean  # blank: how far each number lies from it, with its sign
variance = (deviations**2).mean()  # blank: the mean of the squares of these
check("05.02")
#! hint: three lines, each from the one above it: a mean, a difference, and again a mean
#! mistake: token.sum() -> That is the sum. Divide it by how many there are, or take `.mean()`.
#! mistake: token.median() -> The median is the number in the middle of the queue. Here the mean is meant: the sum, shared
#!   out equally.
#! mistake: 4 -> That's it, for these four numbers. Compute it from `token`, and it's right for any others too.
#! mistake 2: mean - token -> The sign is turned round. A number above the mean shall have a positive deviation.
#! mistake 2: token / mean -> This divides. How *far* a number lies from the mean is a difference.
#! mistake 2: (token - mean).abs() -> Without their signs the deviations forget who was above and who below.
#! mistake 3: (deviations**2).mean().sqrt() -> That is the standard deviation. The variance is what it was before the root.
#! mistake 3: (deviations**2).sum() / (len(token) - 1) -> The squares are shared out among one too few. A mean divides by how
#!   many there are.
#! mistake 3: deviations.mean() -> Positive and negative deviations cancel, and the mean is always 0. Square them first.
#! mistake 3: (deviations**2).sum() -> That is the sum of the squares. Take their mean.
#! mistake 3: token.var() -> PyTorch divides by one less than there are numbers, unless you tell it otherwise. Why this is
#!   not what we want comes in a moment.
#! mistake 3: deviations.abs().mean() -> That is a measure of spread, too. The variance takes squares.
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
# Now the repair. We want a vector with the same pattern, whose middle is 0 and whose standard deviation is 1. The first
# half is done already.

# %%
normalised = deviations / variance.sqrt()  # blank: deviations, made so small or large that their standard deviation is 1
check("05.03")
#! hint: when all numbers are divided by 3, their standard deviation is divided by 3 as well; so by what must you divide?
#! mistake: deviations / variance -> Divided by 9 where 3 was needed. The variance grows with the square; its root has the
#!   same unit as the numbers.
#! mistake: token / variance.sqrt() -> The size is right and the middle is not: start from the deviations.
#! mistake: deviations * variance.sqrt() -> This makes it larger still. Divide.
#! mistake: deviations / deviations.abs().max() -> Now the largest is 1. It is the standard deviation that should be.
#! mistake: deviations / 3 -> 3 is the right number for this vector. Another one has another, so compute it: it's the root of
#!   something that you have.
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
# -1, -1/3, -1/3, 5/3. A vector a hundred times as large and moved by 7 gives the very same four numbers. Whatever the
# weights before it do, explode or shrink, what leaves this step has mean 0 and standard deviation 1. What it keeps is the
# pattern: who is above, who is below, and by how much compared to the others.
#
# Before we go on, a trap. PyTorch has a method for the variance, and it does not say 9.

# %%
print("token.var() says", token.var().item())

# %%
divisor = float((deviations**2).sum() / token.var())  # blank [(deviations**2).sum() / token.var()]: computed from the squares and `token.var()`: by what did it divide their sum?
biased = token.var(correction=0)  # blank: call `.var` in such a way that it gives our variance
check("05.04")
#! hint: the sum of the squares divided by *what* gives `token.var()`? And `.var` has an argument called `correction`, how
#!   much to take off before dividing, which is 1 unless you say something else
#! mistake: (deviations**2).mean() / token.var() -> The sum of the squares is what was divided. Its mean has been divided
#!   once already.
#! mistake: token.var() / (deviations**2).sum() -> The other way round: what was divided goes on top.
#! mistake: 3 -> 3 is right for these four numbers. Compute it, from the squares of the deviations and from what `token.var()`
#!   says: then it's right for any vector.
#! mistake: (deviations**2).sum() / variance -> That's how many our own variance divides by, all of them. Ask `token.var()`.
#! mistake: len(token) -> That is what we divide by, and it gives another variance. By what did `token.var()` divide?
#! mistake 2: token.var(correction=1) -> That is what `.var` does when left alone: it takes 1 off before it divides. Tell it
#!   to take off nothing.
#! mistake 2: token.var() -> Left alone, it takes 1 off before it divides. Tell it to take off nothing.
#! mistake 2: token.var(0) -> The first number that `.var` takes is a dimension. What to take off has to be named:
#!   `correction=`.
#! mistake 2: token.std(correction=0) -> That is the standard deviation, the root of what is asked for.
#! alternative: deviations @ deviations / token.var()
#! alternative: len(token) - 1
#! alternative 2: token.var(unbiased=False)
#! alternative 2: torch.var(token, correction=0)
#! alternative 2: torch.var_mean(token, correction=0)[0]
#! equivalent: another name: token => deviations -> a variance is the same wherever the middle is

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
    return deviations / (variance + eps).sqrt()  # blank: as in 05.03, with `eps` beside the variance, under the root


check("05.05")
#! hint: brackets around the sum of the two, and then the root
#! mistake: deviations / variance.sqrt() -> A constant vector still gives `nan`. `eps` has to be there *before* anything is
#!   divided; without brackets Python divides first and adds afterwards.
#! mistake: deviations / (variance.sqrt() + eps) -> Here `eps` stands beside the root. Under the root it counts for more:
#!   the root of 0.00001 is 0.003. The library has it under the root, and so has every model that was trained with it.
#! mistake: deviations / (variance + eps) -> The root is missing.
#! mistake: deviations / variance.sqrt() + eps -> Here `eps` comes too late, after the division by 0. Under the root, please.
#! mistake: deviations / (variance + 1e-5).sqrt() -> The function is told how large a grain to take: `eps`. Here it's always
#!   the same.
#! mistake: deviations / variance.clamp(min=eps).sqrt() -> This only keeps the variance from being less than `eps`. Add the
#!   grain, to every variance.
#! mistake: deviations / (variance + eps**2).sqrt() -> The grain has been squared, and is a good deal smaller than `eps`.
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
#! redraw: x = 3 * torch.randn(new.pick(5, 6, 7), *new.wholes(2, 9, 14)) + 1

# %% [markdown]
# `x.mean(dim=2)` takes one mean for each place of each window, shape (3, 8). To subtract it, each mean has to stand beside
# the eight numbers that it came from: `keepdim=True` keeps a dimension of size 1 there, (3, 8, 1), and broadcasting does
# the rest.
#
# Write it for any dimension.

# %%
def normalise_over(x: torch.Tensor, dim: int, eps: float = 1e-5) -> torch.Tensor:
    """`x` with mean 0 and standard deviation 1 along one of its dimensions; the shape stays."""
    mean = x.mean(dim=dim, keepdim=True)  # blank: the means along `dim`
    variance = x.var(dim=dim, correction=0, keepdim=True)  # blank: the variances along `dim`, divided by all
    return (x - mean) / (variance + eps).sqrt()  # blank: as in `normalise`


over_width, over_places, over_batch = normalise_over(x, 2), normalise_over(x, 1), normalise_over(x, 0)
check("05.06")
#! hint: both take `dim=dim` and `keepdim=True`; the variance also takes what you found in 05.04
#! mistake: x.mean(dim=dim) -> The dimension has gone, so what was taken along it no longer lines up with the numbers that it
#!   came from. `keepdim=True` keeps its place, for the means and for the variances.
#! mistake: x.mean() -> That is one mean for everything. Each vector wants its own, along `dim`.
#! mistake: x.mean(dim=-1, keepdim=True) -> Always along the last dimension, whatever `dim` says.
#! mistake 2: x.var(dim=dim, keepdim=True) -> This divides by one too few, see 05.04. `correction=0` divides by all.
#! mistake 2: x.std(dim=dim, correction=0, keepdim=True) -> That is the root already, and the last line takes it once more.
#! mistake 2: ((x - mean) ** 2).sum(dim=dim, keepdim=True) -> That is the sum of the squares. Take their mean.
#! mistake 2: x.var(dim=-1, correction=0, keepdim=True) -> Always along the last dimension, whatever `dim` says.
#! mistake 2: x.var(correction=0) -> That is one variance for everything. Each vector wants its own, along `dim`.
#! mistake 3: (x - mean) / variance.sqrt() -> `eps` is missing under the root. Here it hardly shows; where all numbers are
#!   equal, or nearly, it does.
#! mistake 3: (x - mean) / (variance.sqrt() + eps) -> Here `eps` is beside the root. It belongs under it, as in 05.05.
#! mistake 3: x - mean / (variance + eps).sqrt() -> Python divides first, and so only the mean is divided. Put brackets around
#!   the difference.
#! mistake 3: (x - mean) / (variance + eps) -> The root is missing.
#! mistake 3: x / (variance + eps).sqrt() -> The middle has not been moved to 0. Subtract the mean first.
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
    difference = normalise_over(changed, dim) - normalise_over(x, dim)  # blank: after the change minus before, both normalised
    return difference.norm(dim=-1)  # blank: the length of each vector of differences


check("05.07")
#! hint: normalise both along `dim`, then subtract; a length runs along the last dimension
#! mistake: normalise_over(changed - x, dim) -> This normalises the difference. What is asked for is the difference of the
#!   normalised ones.
#! mistake: changed - x -> Nothing is normalised here, so nothing can leak.
#! mistake: normalise_over(changed, 2) - normalise_over(x, 2) -> Always along the width, whatever `dim` says.
#! mistake: changed - normalise_over(x, dim) -> Only one of the two is normalised. Both are to be compared after it.
#! mistake: normalise_over(changed, dim) -> That's only after the change. Subtract what was there before it.
#! mistake 2: difference.norm(dim=dim) -> A vector's numbers lie along the last dimension, whichever one was normalised.
#! mistake 2: difference.norm() -> That is one length for everything. Each of the vectors wants its own.
#! mistake 2: difference.abs().sum(dim=-1) -> That adds the differences up. A length is the root of the sum of their squares.
#! mistake 2: difference.mean(dim=-1) -> Positive and negative differences cancel in a mean. Take the length.
#! alternative 2: torch.linalg.vector_norm(difference, dim=2)
#! alternative 2: (difference**2).sum(dim=-1).sqrt()
#! alternative 2: difference.square().sum(-1) ** 0.5
#! probe: moved(0) -> how far each vector moves over the batch (`moved(0)`)
#! probe: moved(1) -> how far each vector moves over the places (`moved(1)`)
#! probe: moved(2) -> how far each vector moves over the width (`moved(2)`)
#! equivalent: terms swapped: normalise_over(changed, dim) - normalise_over(x, dim) => normalise_over(x, dim) -
#!   normalise_over(changed, dim) -> a length doesn't ask in which direction

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
#! redraw: gain, bias = torch.rand(len(token)) + 0.5, torch.randn(len(token))

# %% [markdown]
# The second half is a riddle. With gains that are all equal and biases that are all equal, can you make the step undo
# itself, so that out comes the `token` that went in? Remember what was taken away, and in which order.

# %%
adjusted = gain * normalised + bias  # blank: each normalised number times its gain, plus its bias
undo_gain = variance.sqrt()  # blank: one number: the gain that gives `token` back its size
undo_bias = mean  # blank: one number: the bias that gives it back its middle
restored = undo_gain * normalised + undo_bias
check("05.08")
#! hint: first the mean was subtracted, then there was a division; undo the last thing first. All of it has a name above
#! mistake: gain * (normalised + bias) -> Here the bias is multiplied as well. First the gain, then add the bias.
#! mistake: gain @ normalised + bias -> `@` adds the four products up to one number. Each number has a gain of its own: `*`.
#! equivalent: another name: variance => biased -> 05.04 computed the same variance another way
#! mistake: gain * token + bias -> This scales and shifts the raw numbers. Take the normalised ones.
#! mistake: gain * deviations + bias -> The deviations aren't divided by anything yet. Take the normalised ones.
#! mistake: gain + normalised * bias -> Gain and bias have changed places.
#! mistake 2: 3 -> That is it, for this token. Others have another one: it has a name further up, or can be computed from one.
#! mistake 2: token.std() -> Left alone, `.std` divides by one too few, and so does not undo what was done. Tell it to take
#!   off nothing.
#! mistake 2: variance -> The division was by the root of the variance.
#! mistake 2: 1 / variance.sqrt() -> That divides once more. What was divided must be multiplied.
#! mistake 2: mean -> The mean was subtracted. What has been multiplied or divided is the size.
#! mistake 3: 4 -> That is it, for this token. Others have another one, and it has a name further up.
#! mistake 3: -mean -> That takes the mean away a second time. It was subtracted, so add it.
#! mistake 3: deviations.mean() -> The deviations have mean 0 by now. The mean that was taken away is older.
#! mistake 3: token -> Then everything would come from the bias. One number is asked for.
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
by_library = F.layer_norm(x, (width,), gains, biases)  # blank: the same, by the library
check("05.09")
#! hint: a tuple with one number needs a comma; gain before bias
#! mistake: F.layer_norm(x, (width,)) -> Normalised, and neither gains nor biases have been applied.
#! mistake: F.layer_norm(x, (width,), gains) -> The gains are in, and the biases aren't.
#! mistake: F.layer_norm(x, (width,)) + biases -> The biases are in, and the gains aren't.
#! mistake: F.layer_norm(x, (width,), biases, gains) -> Gains and biases have changed places. The one that multiplies comes
#!   first.
#! mistake: F.layer_norm(x, x.shape[1:], gains.expand(x.shape[1:]), biases.expand(x.shape[1:])) -> Two dimensions are normalised
#!   together here, the places and the width, and the future leaks in. The width alone.
#! mistake: F.normalize(x, dim=-1) * gains + biases -> `normalize` makes the *length* 1 and leaves the mean where it was. It is
#!   another thing with a similar name.
#! alternative: torch.layer_norm(x, (width,), gains, biases)
#! alternative: F.layer_norm(x, x.shape[-1:], weight=gains, bias=biases)
#! alternative: F.layer_norm(x, gains.shape, gains, biases, eps=1e-5)
#! alternative: normalise_over(x, -1) * gains + biases

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
    return norm(x + layer(x, matrix))  # blank: like `plain`, and the result normalised


def pre_norm(x: torch.Tensor, matrix: torch.Tensor) -> torch.Tensor:
    """A block whose layer reads normalised numbers; the stream itself stays as it is."""
    return x + layer(norm(x), matrix)  # blank: like `plain`, but the layer reads a normalised stream


check("05.10")
#! hint: both are `x + layer(x, matrix)` with one `norm(...)` put in; ask each time what is to be normalised
#! mistake: norm(x) + layer(norm(x), matrix) -> This normalises what goes in, on both ways. Post-norm works on the sum.
#! mistake: x + norm(layer(x, matrix)) -> Only what the layer says is normalised here. Post-norm takes the whole sum.
#! mistake: x + layer(norm(x), matrix) -> That is pre-norm, the function below. Post-norm works on the sum.
#! mistake: norm(layer(x, matrix)) -> The stream is missing: there is no way around the layer.
#! mistake 2: norm(x) + layer(norm(x), matrix) -> The layer reads the right thing, but the stream was normalised, too. On its
#!   straight way nothing must touch it.
#! mistake 2: layer(norm(x), matrix) -> The stream is missing. Add to it.
#! mistake 2: x + norm(layer(x, matrix)) -> Here the layer reads the raw stream, and its answer is normalised. Pre-norm stands
#!   before the layer.
#! mistake 2: norm(x + layer(x, matrix)) -> That is post-norm once more.
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
#| export
class LayerNorm(nn.Module):
    """Normalises each vector over its own numbers, then scales and shifts it by what was learned."""

    def __init__(self, dim: int, eps: float = 1e-5) -> None:
        """`dim` is the width. At the start gain and bias change nothing."""
        super().__init__()
        self.eps = eps
        self.gain = nn.Parameter(torch.ones(dim))  # blank: a parameter that multiplies, and changes nothing at the start
        self.bias = nn.Parameter(torch.zeros(dim))  # blank: a parameter that is added, and changes nothing at the start

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Normalise over the last dimension: (..., dim) -> (..., dim)."""
        mean = x.mean(dim=-1, keepdim=True)  # blank: the mean of each vector
        variance = x.var(dim=-1, correction=0, keepdim=True)  # blank: its variance, divided by all
        normalised = (x - mean) / (variance + self.eps).sqrt()
        return self.gain * normalised + self.bias  # blank: scaled and shifted


check("05.11")
#! hint: multiplying by 1 changes nothing, adding 0 changes nothing; the rest is 05.06 with the last dimension, and 05.08
#! mistake: torch.ones(dim) -> A plain tensor: no optimizer would ever find it, and it would stay 1 for ever. Wrap it in
#!   `nn.Parameter`.
#! mistake: nn.Parameter(torch.zeros(dim)) -> A gain of 0 silences everything. To change nothing a gain is 1.
#! mistake: nn.Parameter(torch.ones(1)) -> One gain for all would scale the vector as a whole. Each number of the width has
#!   one of its own.
#! mistake: nn.Parameter(torch.randn(dim)) -> Random gains change a good deal at the start. With 1 they change nothing.
#! mistake 2: nn.Parameter(torch.ones(dim)) -> A bias of 1 moves everything up. To change nothing a bias is 0.
#! mistake: nn.Parameter(torch.ones(dim), requires_grad=False) -> A parameter, but one that has been told not to learn.
#! mistake 2: nn.Parameter(torch.zeros(1)) -> One bias for all would move the vector as a whole. Each number of the width has
#!   one of its own.
#! mistake 2: nn.Parameter(torch.randn(dim)) -> Random biases move everything at the start. With 0 they change nothing.
#! mistake 2: torch.zeros(dim) -> A plain tensor: no optimizer would ever find it. Wrap it in `nn.Parameter`.
#! mistake 3: x.mean(dim=-1) -> Without `keepdim=True` what was taken of each vector does not line up with the numbers that it
#!   came from. That goes for the means and for the variances.
#! mistake 3: x.mean(dim=1, keepdim=True) -> In (batch, sequence, width) dimension 1 runs over the places, and the future leaks
#!   in. The width is the last, -1.
#! mistake 3: x.mean() -> One mean for everything, so that all windows hear of each other. Each vector has its own.
#! mistake 3: x.mean(dim=2, keepdim=True) -> Right for three dimensions only. The width is the last one, however many come
#!   before it: -1.
#! mistake 4: x.var(dim=-1, keepdim=True) -> This divides by one too few. `correction=0` divides by all.
#! mistake 4: x.std(dim=-1, correction=0, keepdim=True) -> That is the root already, and the next line takes it once more.
#! mistake 5: normalised -> Gain and bias were made and are not used.
#! mistake 5: self.gain * (normalised + self.bias) -> Here the gain multiplies the bias, too. First multiply, then add.
#! mistake 5: self.bias * normalised + self.gain -> Gain and bias have changed places. The gain multiplies.
#! mistake 5: self.gain * normalised -> The bias was made and isn't used.
#! mistake 5: normalised + self.bias -> The gain was made and isn't used.
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
#! probe: same_weights(LayerNorm(x.shape[-1]))(x) -> the output for a batch with some gains and biases
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
    "mean": (config.batch_size, config.input_sequence_length, 1),  # blank [(config.batch_size, config.input_sequence_length, 1)]: with `keepdim=True`
    "gain": (config.embedding_dim,),  # blank [(config.embedding_dim,)]: how many gains are there?
    "normalised": (config.batch_size, config.input_sequence_length, config.embedding_dim),  # blank [(config.batch_size, config.input_sequence_length, config.embedding_dim)]: what comes out
}
check("05.12")
#! hint: one mean for every vector; one gain for every number of the width, whoever the vector belongs to; and normalising
#!   leaves the shape alone
#! mistake: (config.batch_size, config.input_sequence_length) -> One mean for each vector, that is right. `keepdim=True` keeps the
#!   dimension over which it was taken, with size 1.
#! mistake: (config.batch_size, 1, config.embedding_dim) -> That would be a mean over the places. The 1 stands where the mean was
#!   taken.
#! mistake: (config.batch_size, config.input_sequence_length, config.embedding_dim) -> That many numbers went in. Along the width
#!   a single mean is left of them.
#! mistake 2: (config.batch_size, config.input_sequence_length, config.embedding_dim) -> Then every place of every window would
#!   have gains of its own. They are shared by all.
#! mistake 2: config.embedding_dim -> The number is right, but a shape is a tuple: put a comma behind it.
#! mistake: (1, config.input_sequence_length, config.embedding_dim) -> That would be a mean over the batch. Over the width, the
#!   last number becomes 1.
#! mistake 2: (config.hidden_dim,) -> That is the width of another layer, in chapter 08. A gain goes with each number of the
#!   stream.
#! mistake 2: (1,) -> One for each number of the width.
#! mistake 3: (config.batch_size, config.input_sequence_length, 1) -> That is the shape of the means. What comes out has as many
#!   numbers as what went in.
#! mistake 3: (config.embedding_dim,) -> That is one vector. Every place of every window has one.
#! alternative: (config.batch_size, config.input_sequence_length) + (1,)
#! alternative 2: tuple(LayerNorm(config.embedding_dim).gain.shape)
#! alternative 3: (config.batch_size, config.input_sequence_length, *LayerNorm(config.embedding_dim).bias.shape)

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
