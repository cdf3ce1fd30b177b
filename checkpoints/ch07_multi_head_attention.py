# %% [markdown]
# # 07 MultiHeadAttention
#
# Let several heads look at once, each for something different, and combine what they find in one vector.
#
# 75 minutes, seven sections. You'll need chapter 06, and the residual connections you once met in a network for images.
#
# There's little new mathematics here. There are three decisions, and each time you get to see what happens to people
# who decide otherwise.

# %%
#| export
import torch
from torch import nn

# %%
import torch.nn.functional as F

from nanogpt import AttentionHead, Config
from workshop import ____, check, draw, hint, running, solution

# %%
torch.set_printoptions(precision=3, linewidth=100, sci_mode=False)  # eight numbers on a line
config = Config()
small = Config.small()
print(config)
print(small)
#! redraw: config = Config(**new.sizes(num_heads=new.pick(2, 3, 5)))
#! redraw: small = new.until(
#!   lambda: Config(**new.sizes(batch_size=1, input_sequence_length=8, num_heads=new.pick(3, 4, 5)), dropout=0.1),
#!   lambda drawn: drawn.embedding_dim // drawn.num_heads != 4)

# %% [markdown]
# ## Two neighbours, one head · 12 min
#
# A head looks back, decides what matters, and hands over **one** mixture. Often a place needs two things. In our
# plays, `th` is followed by an `e` 46 times out of 100, and `ht` 14 times. So it matters which of the two letters came
# last, and the place has to hear about each of them separately.
#
# Say each neighbour has one number to pass on. The previous character says 2, the one before it says 6. A head that
# looks at both equally hands over 4. In another text they say 6 and 2, and the head hands over 4 again.
#
# Fine, so make the weights unequal: three quarters and one quarter. Now the two texts give 3 and 5. Is that the end of
# the trouble? Guess, then fill in: what does the head hand over, and which *other* pair would look the same to it?

# %%
weights = torch.tensor([0.75, 0.25])  # for the previous character, and for the one before it
pair = torch.tensor([2.0, 6.0])
other_first = torch.tensor(1.0)  # in another text, the previous character says this

# %%
seen = weights @ pair  # blank: what the head hands over: each number times its weight, added up
other_second = (seen - weights[0] * other_first) / weights[1]  # blank: the second number that makes the head hand over the same result
check("07.01")
#! hint: a sum of products is a dot product; for the second blank, write down `seen = w0 * other_first + w1 * ?` and
#!   solve for the question mark
#! mistake: weights * pair -> Those are the two products. The head hands over their sum, one number.
#! mistake: pair.mean() -> That looks at both equally. This head has weights of its own.
#! mistake: weights @ pair.flip(0) -> The weights are swapped here: the first weight belongs to the first number.
#! mistake 2: seen - weights[0] * other_first -> That's what the second neighbour has to contribute, with its weight
#!   already in it. Divide by the weight.
#! mistake 2: (seen - other_first) / weights[1] -> The first number has a weight too: subtract `weights[0] *
#!   other_first`.
#! mistake 2: 9.0 -> 9 is right for these numbers. Compute it from `seen` and the weights, and it's right for any.
#! mistake 2: (seen - weights[1] * other_first) / weights[0] -> The weights are swapped: the first neighbour's is
#!   `weights[0]`.
#! equivalent: terms swapped: weights @ pair => pair @ weights -> the same products, the same sum
#! mistake 2: pair[1] -> The first number has changed, so with the same second one the head would hand over something
#!   else.
#! alternative: (weights * pair).sum()
#! alternative: torch.dot(weights, pair)
#! alternative: torch.einsum("n,n->", weights, pair)
#! alternative: sum(weight * number for weight, number in zip(weights, pair))
#! alternative 2: pair[1] + weights[0] / weights[1] * (pair[0] - other_first)

# %%
print(f"the head sees {seen.item():.2f} for {pair.tolist()}, and for [{other_first.item():.2f}, {other_second.item():.2f}]")

# %% [markdown]
# (2, 6) and (1, 9) look the same to this head. So do (3, 3) and (4, 0). You can't get two numbers back from one,
# whatever the weights are. (A real head hands over more than one number. But it mixes all of them with the same
# weights: one look, many numbers.)
#
# Still, some weights may lose less than others. Let's measure it, with a thousand pairs of random numbers. The function
# `lost` finds the best linear rule for reading both neighbours from what was handed over, and tells you what share
# remains unknown: 0 means that everything can be read, 1 that nothing can.

# %%
torch.manual_seed(7)
pairs = torch.randn(1000, 2)  # in each row: the previous character, and the one before it
look = torch.tensor([[0.75, 0.25]])  # a row for each head: its two weights
looks = torch.tensor([[0.75, 0.25],
                      [0.4, 0.6]])


def lost(handed: torch.Tensor) -> float:
    """The share of `pairs` that can't be read from what the heads handed over: (1000, heads)."""
    rule = torch.linalg.lstsq(handed, pairs).solution
    return ((pairs - handed @ rule).square().sum() / pairs.square().sum()).item()


# %% [markdown]
# One product does all the pairs at once. `pairs` is (1000, 2), and `look` is (1, 2), a row for each head. For the twos
# to meet, one of the two matrices has to be transposed.

# %%
one_head = pairs @ look.T  # blank: what one head hands over for every pair: (1000, 1)
two_heads = pairs @ looks.T  # blank: what the two heads of `looks` hand over: (1000, 2)
check("07.02")
#! hint: `.T` transposes a matrix, and then the 2 in (1000, 2) meets a 2; both lines work the same way
#! mistake: pairs @ look -> (1000, 2) and (1, 2) don't fit together: transpose the second one with `.T`.
#! mistake: look @ pairs.T -> The right numbers, but on their side: (1, 1000). Each pair should keep its row.
#! mistake: pairs * look -> Those are the products, not yet added up: (1000, 2). A head hands over one number per pair.
#! mistake: pairs.mean(dim=1, keepdim=True) -> That looks at both equally. The weights are in `look`.
#! mistake 2: pairs @ looks -> Without `.T`, each head gets one weight from each row. It runs all the same, because the
#!   matrix is square, and that's the treacherous part.
#! mistake 2: pairs @ look.T -> That's the one head again. The two are in `looks`.
#! alternative: F.linear(pairs, look)
#! alternative: (pairs * look).sum(dim=1, keepdim=True)
#! alternative: torch.matmul(pairs, look.mT)
#! alternative 2: torch.einsum("pn,hn->ph", pairs, looks)
#! alternative 2: torch.stack([pairs @ weights for weights in looks], dim=1)
#! alternative 2: pairs @ looks.transpose(0, 1)

# %%
print(f"one head loses {lost(one_head):.2f}, two heads lose {lost(two_heads):.2f}")
steps = [step / 20 for step in range(21)]
tried = torch.tensor([[[step, 1 - step], [1 - step, step]] for step in steps])  # the second head has its weights swapped
draw.lines(
    {
        "one head": [lost(pairs @ heads[:1].T) for heads in tried],
        "two heads, the second with its weights swapped": [lost(pairs @ heads.T) for heads in tried],
    },
    x=steps,
    x_name="the first head's weight for the previous character",
    y_name="share that is lost",
    title="What stays unknown about two neighbours",
    alt="Two lines over the weight, from 0 to 1. For one head the line is flat at about one half, between 0.49 and 0.51, "
    "whatever the weight. For two heads it lies at zero, except for a single peak at weight one half, where it touches the "
    "other line.",
)

# %% [markdown]
# Did you expect the flat line? With weight 1 the head copies one neighbour and knows nothing about the other. With
# weight 1/2 it knows half of each. In between, what it gains on one side it loses on the other. About half is always
# lost.
#
# Two heads lose nothing. They don't have to take one neighbour each; it's enough that they look *differently*. The peak
# in the middle is where both do the same thing: two heads that agree are one head.
#
# - [ ] 07.01 Find two pairs that a head can't tell apart
# - [ ] 07.02 Measure what one head loses, and what two lose

# %% [markdown]
# ## Splitting the width · 10 min
#
# So we want several heads. What do they cost? Each has three matrices, `query`, `key` and `value`, and each matrix goes
# from the width of the model to the size of the head. Two heads as wide as the model would cost twice as much as one,
# sixteen heads sixteen times as much.
#
# There's a way to get them for free: **split the width**. The two heads share the eight numbers of our small model, four
# each. Work it out on paper first: a head has no biases, so it has 3 x 8 x 4 parameters.

# %%
width, heads_wanted = small.embedding_dim, small.num_heads
if_all_wide = heads_wanted * 3 * width * width
print(f"{heads_wanted} heads as wide as the model: {if_all_wide} parameters")

# %%
head_size = width // heads_wanted  # blank: how many numbers each head hands over, a whole number
if_split = heads_wanted * 3 * width * head_size  # blank: the parameters of all the heads together, if each has this size
check("07.03")
#! hint: `//` divides and gives a whole number; the second line is `if_all_wide` with one of its factors changed
#! typed: head_size
#! mistake: width / heads_wanted -> One slash gives a float, 4.0, and a layer can't have 4.0 outputs. Two slashes give a
#!   whole number.
#! mistake: heads_wanted -> That's how many heads there are. Each of them gets a share of the width.
#! mistake: width -> Then every head is as wide as the model, and nothing is split.
#! mistake: width % heads_wanted -> `%` is what's left over after a division. `//` is the division.
#! mistake 2: heads_wanted * 3 * (width * head_size + head_size) -> A head has no biases, only its three matrices.
#! mistake 2: if_all_wide -> That's for heads as wide as the model. Here `head_size` replaces one of the two widths.
#! mistake 2: 3 * width * head_size -> That's one head. The question is about all of them.
#! mistake 2: heads_wanted * width * head_size -> Each head has three of these matrices: query, key and value.
#! alternative: int(width / heads_wanted)
#! alternative: divmod(width, heads_wanted)[0]
#! alternative 2: 3 * width**2
#! alternative 2: 3 * width * width
#! alternative 2: if_all_wide // heads_wanted

# %%
print(f"split: {head_size} numbers each, {if_split} parameters")
for number in (1, 2, 4, 8, 64):
    size = 64 // number
    print(f"width 64, split {number:2} x {size:2}: {number * 3 * 64 * size:,} parameters")

# %% [markdown]
# The number of heads has dropped out: together they cost what one wide head costs. The same goes for the products of
# queries and keys. It's 8 multiplications for each pair of places, all at once or in two lots of four.
#
# So why not 64 heads of one number each? A head finds its places by comparing queries with keys, and one number doesn't
# leave much to compare. More heads, blunter heads. The smallest GPT-2 splits 768 among 12 heads, 64 each. Our real model
# splits 64 among 4, 16 each.
#
# The division mustn't leave anything over. 64 among 5 heads is 12 each, which makes 60, and four numbers belong to
# nobody.
#
# Now make two heads, with numbers of their own, and let them look at `Let's he`. What goes in is what chapter 05 left
# us, the normalised vectors. Dropout is off, thanks to `.eval()`, so the numbers stay put.

# %%
sentence = running.SENTENCE
embedded = running.after("04")  # the embeddings' output: (1, 8, 8)
normed = running.after("05")  # the same, normalised: what a head gets to see
print(tuple(normed.shape))
#! redraw: embedded, normed = torch.randn(2, 1, 8, width)

# %%
torch.manual_seed(1342)
heads = [AttentionHead(head_size, small).eval() for _ in range(heads_wanted)]  # blank: a list of heads, each one made anew and in eval mode
outputs = [head(normed) for head in heads]  # blank: a list of what each of them hands over
check("07.04")
#! hint: two list comprehensions: the first makes an `AttentionHead(head_size, small)` for each number in a range, the
#!   second calls each head on `normed`
#! mistake: [AttentionHead(head_size, small).eval()] * heads_wanted -> That's one head, listed several times. All
#!   the entries share one set of weights for good, and two heads that agree are one head.
#! mistake: [AttentionHead(head_size, small) for _ in range(heads_wanted)] -> These heads are in training mode, where
#!   dropout throws away some of what they see, and every run gives different numbers. `.eval()` switches it off.
#! mistake: [AttentionHead(width, small).eval() for _ in range(heads_wanted)] -> These heads are as wide as the model.
#!   Each gets its share, `head_size`.
#! mistake: nn.ModuleList(AttentionHead(head_size, small) for _ in range(heads_wanted)).eval() -> The right heads, but in
#!   a module, and this chapter gets to that later. For now, make a plain list.
#! mistake: [AttentionHead(heads_wanted, small).eval() for _ in range(head_size)] -> The number of heads and the size of
#!   each are swapped.
#! mistake: AttentionHead(head_size, small).eval() -> That's one head. Make a list of them.
#! mistake 2: [head(embedded) for head in heads] -> A head gets the normalised vectors, `normed`.
#! mistake 2: heads[0](normed) -> That asks only the first head. Ask each of them.
#! mistake 2: heads(normed) -> A list can't be called. Call each head in it.
#! alternative: [AttentionHead(head_size=head_size, config=small).eval() for number in range(heads_wanted)]
#! alternative 2: list(map(lambda head: head(normed), heads))
#! alternative 2: [head.forward(normed) for head in heads]

# %%
print([tuple(output.shape) for output in outputs])
draw.heat(
    torch.stack([head.weights(normed)[0, -1] for head in heads]),
    rows=[f"head {number}" for number in range(len(heads))],
    columns=sentence,
    title="Where the last e of \"Let's he\" looks, before anything is learned",
    alt="Two rows, one for each head, and eight columns, one for each character. Head 0 puts 0.20 on the last e itself and "
    "0.11 to 0.13 on each of the others. Head 1 spreads its attention evenly, from 0.10 for the first e to 0.14 for t and h.",
)

# %% [markdown]
# Two heads, two ways of looking at the same eight characters. Nobody told them to differ. They started from different
# random numbers, that's all, and training is free to send each of them its own way.
#
# - [ ] 07.03 Split the width
# - [ ] 07.04 Let two heads look at the sentence

# %% [markdown]
# ## Side by side · 10 min
#
# Each head gives (1, 8, 4), and the rest of the model wants (1, 8, 8). Adding up the heads' outputs would give
# (1, 8, 4) again, and it would be the old mistake: nobody could get the parts back. So put them **side by side**: for
# each place, first the four numbers of head 0, then the four of head 1.
#
# `torch.cat` glues tensors together along one dimension, and there are three to choose from: batch, places, numbers.
# Choose one. Then say what shape you'd have got along the *places*, dimension 1: write it as a tuple, and use the names
# you have.

# %%
side_by_side = torch.cat(outputs, dim=-1)  # blank: the heads' outputs, glued into (1, 8, 8), head 0 first
along_places = (1, heads_wanted * 8, head_size)  # blank: the shape you'd get along dimension 1
check("07.05")
#! hint: gluing makes one dimension longer and leaves the others alone; the one that should grow here is the last,
#!   which is -1 or 2
#! mistake: torch.cat(outputs, dim=1) -> Now there are sixteen places: the same eight characters, twice.
#! mistake: torch.cat(outputs) -> Without `dim`, they're glued along the batch: one sentence has become two, one for each
#!   head.
#! mistake: torch.stack(outputs, dim=-1) -> `stack` makes a new dimension. `cat` makes an existing one longer.
#! mistake: sum(outputs) -> That's a sum. You can no longer tell which head said what, and half the width is gone.
#! mistake: torch.cat(outputs[::-1], dim=-1) -> Side by side, but the last head comes first. Head 0 first, please.
#! mistake: torch.stack(outputs, dim=-1).flatten(2) -> This interleaves them: number 0 of each head, then number 1 of
#!   each. First all of head 0, then all of head 1.
#! mistake: torch.cat(outputs, dim=1).view(1, 8, -1) -> Glued along the places, then forced into a shape. The rest
#!   of this section shows what that mixes up.
#! mistake 2: (1, 8, heads_wanted * head_size) -> That's the shape along the numbers, the one we want. Along the places,
#!   it's the eight that grows.
#! mistake 2: (heads_wanted, 8, head_size) -> That's along the batch, dimension 0.
#! mistake 2: (1, 8, head_size) -> That's one head alone. Gluing makes a dimension longer.
#! alternative: torch.cat(outputs, dim=2)
#! alternative: torch.concat(outputs, -1)
#! alternative: torch.stack(outputs, dim=2).flatten(start_dim=2)
#! alternative 2: tuple(torch.cat(outputs, dim=1).shape)
#! alternative 2: (1, sum(output.shape[1] for output in outputs), head_size)

# %%
draw.heat(
    side_by_side[0],
    rows=sentence,
    columns=[f"{number}.{column}" for number in range(heads_wanted) for column in range(head_size)],
    title="Side by side: columns 0.0 to 0.3 come from head 0, columns 1.0 to 1.3 from head 1",
    alt="Eight rows, one for each character, and eight columns of numbers between -0.71 and 0.82. The row of L, which can "
    "see nothing but itself, is the strongest; the last four rows are the faintest.",
)

# %% [markdown]
# The wrong dimension gives (1, 16, 4), and the next layer, which wants 8 numbers, would refuse it. That's a lucky
# accident. But what does a tired person do about a shape error? They write `.view(1, 8, 8)`, and the error goes away.
#
# Let's see what went away with it. We change only the *last* character. Nobody can see the future, so the last row is
# the only one that should change. Guess what the tired version does.

# %%
def glued(x: torch.Tensor) -> torch.Tensor:
    """The heads' outputs side by side."""
    return torch.cat([head(x) for head in heads], dim=-1)


def forced(x: torch.Tensor) -> torch.Tensor:
    """Glued along the places, then forced into the shape we wanted."""
    return torch.cat([head(x) for head in heads], dim=1).view(x.shape)


nudged = normed.clone()
nudged[0, -1] += 1  # a different last character
print("      ", *(f"{letter:>5}" for letter in sentence))
for version in (glued, forced):
    change = (version(nudged) - version(normed)).abs().sum(dim=-1)[0]
    print(f"{version.__name__:6}", *(f"{size:5.2f}" for size in change.tolist()))

# %% [markdown]
# When place 7 changes, so does place 3, the apostrophe. The apostrophe **sees the future**, though the causal mask is
# intact. `view` pours the numbers into the new shape in the order they're stored, so row 3 ends up with what head 0
# said about places 6 and 7. In training, a model like that looks brilliant, because it can peek at the answers. When it
# has to write, there are no answers to peek at.
#
# `view` and `reshape` never fix a shape error. They hide it: you get the shape you asked for, whatever the numbers
# mean.
#
# - [ ] 07.05 Put the heads side by side
# - [ ] 07.r1 I can say what a forced shape mixes up

# %% [markdown]
# ## Let them talk: the projection · 12 min
#
# The eight columns now have owners. Head 0 writes the first four and head 1 the others, for good. Remember the 2 and
# the 6 from the beginning. One head has found the 2, the other the 6, and the place wants to know which is larger. For
# that it needs their difference, and no column holds it.
#
# A row of weights finds it: 1 x 2 + (-1) x 6. So we need one more matrix, one that may mix all the columns: a Linear
# from the width to the width. It's called the **projection**.
#
# The next cell makes the two heads once more, with the same seed and so with the same numbers. The numbers drawn after
# them are the projection's.

# %%
torch.manual_seed(1342)
heads = [AttentionHead(head_size, small).eval() for _ in range(heads_wanted)]
projection = nn.Linear(width, width)  # blank: from all columns to as many new ones
projected = projection(side_by_side)  # blank: the numbers of both heads, mixed
check("07.06")
#! hint: `nn.Linear(in, out)`: how many numbers go in for each place, and how many come out? It works on the last
#!   dimension
#! mistake: nn.Linear(head_size, head_size) -> That takes one head's numbers. All of them go in together.
#! mistake: nn.Linear(width, head_size) -> A place would come out with fewer numbers than it had, and you couldn't add
#!   them to anything later.
#! mistake: nn.Linear(width, width, bias=False) -> The heads' matrices have no bias, but this layer does.
#! mistake: nn.Linear(8 * width, 8 * width) -> That would mix the places too. The heads have done that already; here each
#!   place mixes its own numbers.
#! mistake 2: projection(normed) -> That's what the heads were given. Pass in what they gave back.
#! mistake 2: projection.weight @ side_by_side -> The shapes happen to meet, but this mixes the places and forgets the
#!   bias. Call the layer: it works on the last dimension.
#! mistake 2: side_by_side @ projection.weight.T -> Nearly: the bias is missing. Call the layer itself.
#! alternative: nn.Linear(in_features=width, out_features=width)
#! alternative: nn.Linear(heads_wanted * head_size, width)
#! alternative 2: F.linear(side_by_side, projection.weight, projection.bias)
#! alternative 2: side_by_side @ projection.weight.T + projection.bias
#! alternative 2: torch.einsum("bsi,oi->bso", side_by_side, projection.weight) + projection.bias

# %%
silent = torch.cat([outputs[0], *(0 * output for output in outputs[1:])], dim=-1)  # only head 0 speaks
draw.heat(
    torch.stack([
        (side_by_side - silent).abs().mean(dim=(0, 1)),
        (projected - projection(silent)).abs().mean(dim=(0, 1)),
    ]),
    rows=["side by side", "projected"],
    title="How much each of the eight columns changes when head 1 falls silent",
    alt="Two rows of eight squares. In the upper row, before the projection, the first four squares are zero and the others "
    "0.12 to 0.22. In the lower row, after the projection, none is zero: they lie between 0.03 and 0.08.",
)

# %% [markdown]
# Before the projection, head 1 has its own four columns, and nothing it says reaches the others. After it, every
# column has heard from both heads.
#
# There's another way to see this layer. It's worth five minutes, because it's how people who look inside such models
# think of it. Cut the weight matrix in two: the columns that meet head 0, and the columns that meet head 1. Multiply each
# head's output by the head's own columns. Then add.

# %%
columns = projection.weight.split(head_size, dim=1)
print([tuple(part.shape) for part in columns])
#! redraw: kept, projected = projected, projected + 1

# %%
messages = [output @ part.T for output, part in zip(outputs, columns, strict=True)]  # blank: for each head, its output times its columns
together = sum(messages) + projection.bias  # blank: all the messages added up, and the bias once
check("07.07")
#! hint: a Linear multiplies by the transpose of its weight, `.T`; do the same with each part: (1, 8, 4) times (4, 8)
#! mistake: [output @ part for output, part in zip(outputs, columns)] -> The parts are (8, 4), and `output` has 4
#!   numbers for each place: transpose the parts, as a Linear does with its weight.
#! mistake: [output @ columns[0].T for output in outputs] -> Every head has columns of its own. Walk through both
#!   lists together, with `zip`.
#! mistake: [output @ part.reshape(head_size, width) for output, part in zip(outputs, columns)] -> `reshape` pours the
#!   weights into rows of a different length, in the order they're stored. You want the transpose, `.T`.
#! equivalent: an argument less: zip(outputs, columns, strict=True) => zip(outputs, columns) -> both lists are equally long
#! equivalent: the other truth value: True => False -> both lists are equally long
#! mistake: [projection(output) for output in outputs] -> The projection wants the numbers of all heads at once.
#!   Multiply each head's by its part of the weight.
#! mistake 2: sum(messages) -> The bias is missing.
#! mistake 2: torch.cat(messages, dim=-1) + projection.bias -> Every message has all the columns already. Add them up.
#! mistake 2: sum(message + projection.bias for message in messages) -> That adds the bias once for every head. Add it
#!   once.
#! mistake 2: projected -> That's what the projection said. Get there from the messages, to see that it's the same.
#! alternative: [torch.matmul(output, part.transpose(0, 1)) for output, part in zip(outputs, columns)]
#! alternative: [F.linear(output, part) for output, part in zip(outputs, columns)]
#! alternative: [torch.einsum("bsi,oi->bso", output, part) for output, part in zip(outputs, columns)]
#! alternative 2: torch.stack(messages).sum(dim=0) + projection.bias
#! alternative 2: projection.bias + sum(messages)

# %%
print("largest difference from the projection:", f"{(together - projected).abs().max().item():.7f}")
#! redraw: projected = kept

# %% [markdown]
# The same, up to rounding. So "side by side, then project" means: **each head writes a message to the whole vector,
# and the messages are added up**. The heads don't take turns, and they don't vote. They add.
#
# - [ ] 07.06 Let the projection mix the heads
# - [ ] 07.07 Take the projection apart into one message for each head

# %% [markdown]
# ## The road past it: residual · 13 min
#
# One thing is still wrong, and it's a big one. What comes out at a place is a mixture of what the heads found. Where's
# the place itself? The last `e` has looked at eight characters, and nothing guarantees that the mixture still says it
# was an `e`.
#
# You know the cure from your network for images, and you used it in chapter 05: keep what was there, and **add**
# what's new. But there are now four tensors of the same shape on the table: `embedded`, `normed`, `side_by_side` and
# `projected`. Two of them belong in the sum. Which two?

# %%
mixed = embedded + projected  # blank: what each place was, plus what the heads have to tell it
check("07.08")
#! hint: ask what each of the four is for; anything made only for the next step to read isn't part of the sum
#! mistake: normed + projected -> The heads read the normalised vectors, but what's kept is what was there before the
#!   norm, `embedded`.
#! mistake: projected -> That's only what's new. Keep what was there.
#! mistake: embedded + side_by_side -> The heads haven't talked yet. What the projection made of them is what's new.
#! mistake: torch.cat((embedded, projected), dim=-1) -> Side by side, the vector would grow with every layer. What's new
#!   is added on top.
#! equivalent: another name: projected => together -> 07.07 computed the same another way
#! mistake: embedded + normed -> That's the stream and what the heads were given. Add what they gave back.
#! mistake: normed + side_by_side -> Both are steps on the way: what the heads were given, and what they said before the
#!   projection. What was there before, and what's new at the end?
#! mistake: F.layer_norm(embedded + projected, (width,)) -> What's kept stays as it was: no norm on the sum.
#! mistake: (embedded + projected) / 2 -> No halving: with every layer, what was there would fade. It stays as it was.
#! alternative: torch.add(embedded, projected)
#! alternative: projected + embedded
#! alternative: torch.stack((embedded, projected)).sum(dim=0)

# %%
print("the last e was      ", embedded[0, -1].detach())
print("the heads tell it   ", projected[0, -1].detach())
print("and now it is       ", mixed[0, -1].detach())

# %% [markdown]
# `embedded` is the stream, as it was before the norm. The norm is only a pair of glasses that the heads read through;
# the page stays as it was. `projected` is what's new, now that the heads have talked.
#
# The `e` is still recognisable, a little changed. A layer that knows nothing yet shouldn't be able to do much harm, and
# with the road past it, this one can't.
#
# You see how much that matters when you stack layers. Take a layer that multiplies by 0.1, and stack ten of them. A
# nudge at the bottom reaches the top multiplied by 0.1 x 0.1 x ..., which is 0.0000000001. With the road past it, each
# layer multiplies by 1 + 0.1, and all ten by 2.6. The nudge going up and the gradient coming down meet the same
# factors.
#
# That was arithmetic. Now with attention: ten layers like ours, each with random numbers of its own, once without the
# road and once with it. Guess how much of the gradient arrives at the bottom.

# %%
class Layer(nn.Module):
    """Heads, side by side, projected: what you have so far, without the road."""

    def __init__(self) -> None:
        """Fresh random numbers."""
        super().__init__()
        self.heads = nn.ModuleList(AttentionHead(head_size, small) for _ in range(heads_wanted))
        self.projection = nn.Linear(width, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, sequence, width) in and out."""
        return self.projection(torch.cat([head(x) for head in self.heads], dim=-1))


torch.manual_seed(3)
layers = [Layer().eval() for _ in range(10)]

# %%
start = embedded.clone().requires_grad_()
bare, road = start, start
for layer in layers:
    bare = layer(bare)  # blank: one layer further, without the road
    road = road + layer(road)  # blank: one layer further, keeping what was there
check("07.09")
#! hint: call `layer` like a function; the second line is 07.08 with the names of this loop
#! mistake: layer(start) -> That starts at the bottom every time, so ten layers become one. Feed it what the layer before
#!   it gave.
#! mistake: bare + layer(bare) -> That's the road. This line goes without it.
#! mistake: layer(road) -> The two paths mustn't mix: `bare` feeds on `bare`.
#! mistake 2: start + layer(road) -> That adds the very first vector every time. Each layer keeps what *it* was given.
#! mistake 2: layer(road + road) -> The sum belongs outside: what was there is added to what the layer says.
#! mistake 2: layer(road) -> Without `road +`, this is the other line again.
#! mistake 2: road + layer(bare) -> Here the layer reads the other path's stream. Each path feeds on itself.
#! mistake 2: road + layer(start) -> Every layer reads the very first vector. It should read what the one before it
#!   left.
#! mistake 2: road + layer(F.layer_norm(road, (width,))) -> There will be a norm there, in chapter 09. These layers read
#!   the stream as it is.
#! mistake 2: bare + layer(road) -> What's kept on this path is `road`.
#! alternative: layer.forward(bare)
#! alternative 2: layer(road) + road
#! alternative 2: torch.add(road, layer(road))

# %%
def gradients(with_road: bool) -> list[float]:
    """The length of the gradient after 0, 1, ..., 10 layers, for the sum of all numbers at the top."""
    heights = [embedded.clone().requires_grad_()]
    for layer in layers:
        x = heights[-1]
        heights.append(x + layer(x) if with_road else layer(x))
    return [slope.norm().item() for slope in torch.autograd.grad(heights[-1].sum(), heights)]


without, with_it = gradients(with_road=False), gradients(with_road=True)
print(f"gradient at the top: {without[-1]:.2f}; at the bottom: {without[0]:.6f} without the road, {with_it[0]:.2f} with it")
print(f"how much the places differ: {start.std(dim=1).mean().item():.2f} at the bottom; at the top "
      f"{bare.std(dim=1).mean().item():.7f} without the road, {road.std(dim=1).mean().item():.2f} with it")
draw.lines(
    {
        "without the road": torch.tensor(without).log10(),
        "with it": torch.tensor(with_it).log10(),
    },
    x_name="layers below",
    y_name="gradient, as a power of 10",
    title="What is left of the gradient on its way down, from layer 10 to the bottom",
    alt="Two lines over 0 to 10 layers. With the road the gradient stays near ten to the power 1 all the way. Without it the "
    "line starts at the same height at 10 layers and falls steadily, by about half a power of ten for each layer, to "
    "ten to the power -4.3 at the bottom.",
)

# %% [markdown]
# Without the road, what reaches the bottom is 160,000 times smaller than the gradient at the top. With it, the gradient
# even grows on its way down, from 8 to 21, since each layer adds its share to what passes by.
#
# The second line of the printout is the sadder one. A head averages, and after ten averages in a row there's nothing
# left to tell the places apart: eight characters have become eight copies of the same vector. With the road each place
# stays what it is, and is told more and more.
#
# Hence the full name of what flows along this road: the **residual stream**. Everything from here on reads from it and
# adds to it. (In our model, attention doesn't do the adding. The block around it does, in chapter 09, so the class
# below leaves the sum out.)
#
# - [ ] 07.08 Choose what to keep, and what to add to it
# - [ ] 07.09 Send the sentence up ten layers, without the road and with it
# - [ ] 07.r2 I can say what the road does for the gradient, and what it does for the places

# %% [markdown]
# ## A list that nobody sees: nn.ModuleList · 8 min
#
# Before the class, a trap that has cost people days. Here's a module that keeps its heads in a list. It looks right, and
# each of its heads computes the right thing. How many parameters does it have? On paper: 2 heads with 3 x 8 x 4 each, and
# a projection with 8 x 8 and 8 biases, so 264.

# %%
class Listed(nn.Module):
    """Heads in a plain Python list, and a projection."""

    def __init__(self) -> None:
        """As many heads as `small` says."""
        super().__init__()
        self.heads = [AttentionHead(head_size, small) for _ in range(small.num_heads)]
        self.projection = nn.Linear(width, width)


# %%
def count(module: nn.Module) -> int:
    """How many of this module's numbers an optimizer would get."""
    return sum(parameter.numel() for parameter in module.parameters())  # blank: go through its parameters, and add up how many numbers each one has


class Registered(Listed):
    """The same, in a list that PyTorch knows about."""

    def __init__(self) -> None:
        """The same heads, registered."""
        super().__init__()
        self.heads = nn.ModuleList(self.heads)  # blank: the same heads, in the kind of list this section is named after


check("07.10")
#! hint: `module.parameters()` gives one tensor after another, and `numel()` says how many numbers a tensor has; you can
#!   make an `nn.ModuleList` from any list of modules
#! mistake: len(list(module.parameters())) -> That counts tensors. A matrix is one tensor and has many numbers.
#! mistake: sum(len(parameter) for parameter in module.parameters()) -> `len` of a matrix is how many rows it has.
#!   `numel()` counts all its numbers.
#! mistake: sum(tensor.numel() for tensor in module.state_dict().values()) -> That counts everything that's saved, and
#!   not all of that is trained. An optimizer gets the parameters.
#! mistake: sum(parameter.shape[0] * parameter.shape[-1] for parameter in module.parameters()) -> That's right for a
#!   matrix. A bias has one dimension, first and last at once, and gets counted as a square.
#! mistake: sum(module.parameters()) -> That tries to add up the tensors themselves. Add up their sizes.
#! mistake 2: list(self.heads) -> That's a plain Python list again. `nn.ModuleList` is the one PyTorch looks into.
#! mistake 2: nn.ModuleList([self.heads]) -> That's a list inside a list. Hand the heads over as they are.
#! mistake 2: nn.ModuleList(self.heads[:1]) -> That registers the first head and loses the others.
#! alternative: sum(map(torch.numel, module.parameters()))
#! alternative: sum(parameter.nelement() for parameter in module.parameters())
#! alternative: nn.utils.parameters_to_vector(module.parameters()).numel()
#! alternative 2: nn.ModuleList([head for head in self.heads])
#! alternative 2: nn.ModuleList(AttentionHead(head_size, small) for _ in range(small.num_heads))
#! probe: count(nn.Linear(3, 5)) -> the count for a Linear from 3 numbers to 5
#! probe: count(nn.BatchNorm1d(3)) -> the count for a module that also keeps numbers nobody trains
#! probe: count(Registered()) -> the count for `Registered()`
#! probe: [tuple(head(normed).shape) for head in Registered().heads] -> the list of the shapes of the heads' outputs

# %%
print("in a list:         ", count(Listed()))
print("in an nn.ModuleList:", count(Registered()))
print("saved from a list: ", list(Listed().state_dict()))
print("and after eval(), are the heads still in training mode?", [head.training for head in Listed().eval().heads])

# %% [markdown]
# 72 out of 264. An `nn.Module` looks for its parameters among its attributes, and knows a module when it sees one. It
# doesn't look inside a plain Python list. So the optimizer never hears of the heads, and they stay random for ever.
# `eval()` doesn't reach their dropout. `state_dict()`, which is what gets saved, has none of their weights, and
# `.to("cuda")` would leave them behind.
#
# And there's **no error**. The loss even falls, because the rest learns to make do with random heads. Only a count
# tells you. Make it a habit: before training, count, and compare with what you worked out on paper.
#
# - [ ] 07.10 Count the parameters that a list hides, and bring them back

# %% [markdown]
# ## The class and the map · 10 min
#
# Four blanks, and no new idea. Two things are given: an error for a split that leaves something over, and a dropout
# layer. The one in chapter 06 acted on the weights; this one acts on what goes out.

# %%
#| export
class MultiHeadAttention(nn.Module):
    """Several heads side by side, and a projection that lets them talk. Leaves the residual sum to the block."""

    def __init__(self, config: Config) -> None:
        """`config.num_heads` heads split `config.embedding_dim`; ValueError if something is left over."""
        super().__init__()
        if config.embedding_dim % config.num_heads:
            raise ValueError(f"{config.num_heads} heads cannot split {config.embedding_dim} numbers evenly")
        head_size = config.embedding_dim // config.num_heads
        self.heads = nn.ModuleList(AttentionHead(head_size, config) for _ in range(config.num_heads))  # blank: the heads, where PyTorch sees them
        self.projection = nn.Linear(config.embedding_dim, config.embedding_dim)  # blank: what mixes them
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, sequence, embedding_dim) -> the same shape."""
        side_by_side = torch.cat([head(x) for head in self.heads], dim=-1)  # blank: what all the heads hand over, side by side, head 0 first
        return self.dropout(self.projection(side_by_side))  # blank: mixed, then passed through the dropout


check("07.11")
#! hint: 07.04 with an `nn.ModuleList` around it, then 07.06, 07.05, and 07.06 again; what belongs to the object gets
#!   `self.`
#! mistake: [AttentionHead(head_size, config) for _ in range(config.num_heads)] -> A plain Python list hides the heads,
#!   and they will never learn. Put them into an `nn.ModuleList`.
#! mistake: nn.ModuleList([AttentionHead(head_size, config)] * config.num_heads) -> That's one head, listed several
#!   times, with one set of weights for all. Make each one anew.
#! mistake: nn.ModuleList(AttentionHead(config.embedding_dim, config) for _ in range(config.num_heads)) -> These heads
#!   are as wide as the model, and side by side they don't fit into the projection. Give each its `head_size`.
#! mistake: nn.ModuleList(AttentionHead(4, config) for _ in range(2)) -> That's right only for the small configuration.
#!   In the class, `config` says how many heads there are, and `head_size` how large each is.
#! mistake 2: nn.Linear(head_size, config.embedding_dim) -> This takes a single head's numbers. All of them go in
#!   together.
#! mistake 2: nn.Linear(config.embedding_dim, config.embedding_dim, bias=False) -> The projection has a bias, as any
#!   Linear has unless you say otherwise.
#! mistake: nn.ModuleList(AttentionHead(head_size, config).eval() for _ in range(config.num_heads)) -> Earlier, `eval`
#!   kept the numbers still for us. A new module is in training mode, and so are its parts.
#! mistake 3: torch.cat([head(x) for head in self.heads], dim=1) -> Glued along the places: too many places, too few
#!   numbers in each.
#! mistake 3: torch.cat([head(x) for head in self.heads], dim=1).view(x.shape) -> The forced shape of 07.05: it fits,
#!   but it mixes up the places. Glue along the last dimension.
#! mistake 3: self.heads(x) -> A ModuleList is a list, and can't be called. Call each head in it.
#! mistake: nn.ModuleList(AttentionHead(config.num_heads, config) for _ in range(head_size)) -> You've swapped the
#!   number of heads and their size: there are `config.num_heads` of them, each of size `head_size`.
#! mistake 3: torch.cat([head(x) for head in reversed(self.heads)], dim=-1) -> Side by side, but the last head comes
#!   first. Head 0 first, as in 07.05.
#! mistake 3: torch.stack([head(x) for head in self.heads], dim=-1).flatten(-2) -> This interleaves them: number 0 of
#!   each head, then number 1 of each. First all of head 0, then all of head 1.
#! mistake 4: self.projection(self.dropout(side_by_side)) -> The dropout acts on what goes out, so it comes after the
#!   projection.
#! mistake 4: self.dropout(self.projection(self.dropout(side_by_side))) -> One dropout too many. It acts once, on what
#!   goes out.
#! mistake 4: side_by_side + self.dropout(self.projection(side_by_side)) -> Nothing is added here: what goes out is what
#!   the projection says.
#! mistake 4: self.projection(side_by_side) -> The dropout is missing.
#! mistake 4: x + self.dropout(self.projection(side_by_side)) -> The block builds the road past attention, in chapter
#!   09. With another one here, what was there would count twice.
#! mistake 4: self.dropout(side_by_side) -> Without the projection the heads never talk.
#! alternative: nn.ModuleList([AttentionHead(head_size, config) for _ in range(config.num_heads)])
#! alternative 2: nn.Linear(config.num_heads * head_size, config.embedding_dim)
#! alternative 3: torch.cat([head(x) for head in self.heads], dim=2)
#! alternative 3: torch.cat(list(map(lambda head: head(x), self.heads)), dim=-1)
#! alternative 4: F.dropout(self.projection(side_by_side), self.dropout.p, self.training)
#! alternative 4: self.dropout(F.linear(side_by_side, self.projection.weight, self.projection.bias))
#! probe: MultiHeadAttention(small) -> a MultiHeadAttention
#! probe: same_weights(MultiHeadAttention(small))(3 * embedded + 1) -> the output for one window
#! probe: same_weights(MultiHeadAttention(small))(torch.cat((normed, normed.flip(1)))[:, :5]) -> the output for two short windows
#! probe: same_weights(MultiHeadAttention(Config(embedding_dim=6, num_heads=1)))(torch.eye(6).unsqueeze(0)) -> the output with a
#!   single head
#! probe: (same_weights(MultiHeadAttention(Config(embedding_dim=6, num_heads=2, dropout=0.4))).train(),
#!   torch.manual_seed(1))[0](torch.eye(6).unsqueeze(0)) -> the output in training with some dropout
#! probe: len({tuple(one.flatten().tolist()) for one in MultiHeadAttention(small).parameters()}) -> the number of different
#!   tensors in it
#! probe: MultiHeadAttention(Config(embedding_dim=6, num_heads=4)) -> a MultiHeadAttention with 4 heads for a width of 6
#! equivalent: an argument less: ValueError(f'{config.num_heads} heads cannot split {confi... => ValueError() -> what it says is
#!   up to you
#! equivalent: statements swapped: super().__init__() -> settings may be checked before the module is ready
#! equivalent: statements swapped: if config.embedding_dim % config.num_heads: raise ValueEr... -> a division with something left
#!   over does no harm before the check
#! probe: all(part.training for part in MultiHeadAttention(small).modules()) -> whether all parts of a new one are in training mode
#! probe: len(MultiHeadAttention(small).state_dict()) -> the number of tensors that are saved

# %%
torch.manual_seed(1342)
attention = MultiHeadAttention(small).eval()
mixed = embedded + attention(normed)
print(mixed[0].detach())
print("is this what chapter 08 starts from?", torch.equal(mixed, running.after("07")))

real = MultiHeadAttention(config)
inputs_shape = (config.batch_size, config.input_sequence_length, config.embedding_dim)
print(f"in the real model: {inputs_shape} -> {tuple(real(torch.zeros(inputs_shape)).shape)}")
print(f"{count(real):,} parameters, {count(real.heads):,} in the heads and {count(real.projection):,} in the projection")

# %% [markdown]
# Last, the tensor map: what this chapter adds, for the real model. Where a number comes from a division, write the
# division, with two slashes.

# %%
shapes = {
    "normalised": (config.batch_size, config.input_sequence_length, config.embedding_dim),
    "head output": (config.batch_size, config.input_sequence_length, config.embedding_dim // config.num_heads),  # blank [(config.batch_size, config.input_sequence_length, config.embedding_dim // config.num_heads)]: what a single head hands over
    "heads side by side": (config.batch_size, config.input_sequence_length, config.embedding_dim),  # blank [(config.batch_size, config.input_sequence_length, config.embedding_dim)]: all of them, glued
    "projection weight": (config.embedding_dim, config.embedding_dim),  # blank [(config.embedding_dim, config.embedding_dim)]: a matrix of parameters
    "projected": (config.batch_size, config.input_sequence_length, config.embedding_dim),
}
check("07.12")
#! hint: what passes through has batch and sequence in front, and only the last number changes; a matrix of parameters
#!   has neither
#! mistake: (config.batch_size, config.input_sequence_length, config.embedding_dim) -> That's as wide as the model. A
#!   head has its share of the width.
#! mistake: (config.batch_size, config.input_sequence_length, head_size) -> That's a head of the small configuration. The
#!   map is for the real model, whose settings are in `config`.
#! mistake: (config.batch_size, config.input_sequence_length, config.num_heads) -> The last number is how many numbers a
#!   head hands over, not how many heads there are.
#! mistake: (config.batch_size, config.input_sequence_length, config.embedding_dim / config.num_heads) -> The right
#!   number, but as a float, and a shape is made of whole numbers. Two slashes.
#! probe: shapes["head output"][-1] -> the last number of the head output's shape
#! typed: shapes["head output"][-1]
#! mistake: (config.batch_size, config.num_heads, config.input_sequence_length, config.embedding_dim //
#!   config.num_heads) -> That's all the heads, in one tensor with four dimensions. One head's output has three.
#! mistake 2: (config.batch_size, config.num_heads * config.input_sequence_length, config.embedding_dim //
#!   config.num_heads) -> That's glued along the places, and there would be more places than characters.
#! mistake 2: (config.batch_size, config.input_sequence_length, config.num_heads * config.embedding_dim) -> The heads
#!   have split the width among themselves; together they have it once.
#! mistake 3: (config.batch_size, config.input_sequence_length, config.embedding_dim) -> That's what goes through it.
#!   The weight itself knows nothing about batches or places.
#! mistake 3: (config.embedding_dim, config.embedding_dim // config.num_heads) -> Those are the columns that belong to
#!   one head. The whole weight has all of them.
#! alternative: (*inputs_shape[:2], inputs_shape[2] // config.num_heads)
#! alternative 2: (config.batch_size, config.input_sequence_length, config.num_heads * (config.embedding_dim //
#!   config.num_heads))
#! alternative 2: inputs_shape
#! alternative 3: tuple(real.projection.weight.shape)

# %%
for name, shape in shapes.items():
    print(f"{name:>18}  {shape}")

# %% [markdown]
# The output has the shape of the input. What happens in between is nobody else's business, and that's why such
# layers can be stacked.
#
# - [ ] 07.11 Write the class MultiHeadAttention
# - [ ] 07.12 Note its shapes on the map

# %% [markdown]
# ## Challenge: all the heads at once
#
# Optional, 15 minutes; nothing later needs it. But it's the line that frightens people most in a GPT's source, and
# tonight you can write it.
#
# Our class calls its heads one after another. Large models don't: they compute one product for the queries of all the
# heads, one for the keys and one for the values. Then they give the heads a dimension of their own, as if they were a
# batch, and everything from chapter 06 works on all of them at once. So (1, 8, 8) has to become (1, 2, 8, 4): batch,
# heads, places, numbers. Several ways of getting there give the right shape. Only one gives the right numbers, and
# 07.05 showed you what the others do.
#
# In `queries`, head 0's columns come first, then head 1's. If all goes well, `at_once` is `side_by_side` again.

# %%
def for_all(name: str) -> torch.Tensor:
    """`normed` times all the heads' matrices of that name, in one product: (1, 8, 8)."""
    return normed @ torch.cat([getattr(head, name).weight for head in heads]).T


queries, keys, values = for_all("query"), for_all("key"), for_all("value")
future = torch.ones(8, 8).triu(1) == 1
print(tuple(queries.shape))

# %%
def apart(x: torch.Tensor) -> torch.Tensor:
    """(batch, places, all columns) -> (batch, heads, places, columns of one head)."""
    batch, places, _ = x.shape
    return x.view(batch, places, heads_wanted, -1).transpose(1, 2)  # blank: each head's columns by themselves


def joined(x: torch.Tensor) -> torch.Tensor:
    """(batch, heads, places, columns of one head) -> (batch, places, all columns)."""
    return x.transpose(1, 2).flatten(2)  # blank: the way back: side by side, head 0 first


scores = apart(queries) @ apart(keys).mT / head_size**0.5  # blank: every head's scaled scores, (1, 2, 8, 8)
shares = scores.masked_fill(future, float("-inf")).softmax(dim=-1)
at_once = joined(shares @ apart(values))
check("07.13")
#! challenge: 15 minutes
#! hint: first cut the last dimension in two, heads before numbers, then move the heads forward; `joined` does the same
#!   in reverse; with tensors of four dimensions, a product works on the last two and leaves the others alone
#! mistake: x.view(batch, heads_wanted, places, -1) -> The right shape by force: `view` keeps the order in which the
#!   numbers are stored, so head 0 gets the first places instead of the first columns. Cut the last dimension only.
#! mistake: x.view(batch, places, heads_wanted, -1) -> Cut correctly, but the heads still come after the places. Swap
#!   those two dimensions.
#! mistake: x.view(batch, places, -1, heads_wanted).permute(0, 3, 1, 2) -> This deals the columns out like cards, one to
#!   each head in turn. A head's columns are next to each other.
#! mistake: x.transpose(1, 2).reshape(batch, heads_wanted, places, -1) -> Transposed before it was cut, so each head
#!   gets its numbers in the wrong order. Cut first, then transpose.
#! mistake 2: x.reshape(x.shape[0], x.shape[2], -1) -> The right shape by force: a place gets one head's numbers for
#!   several places. Swap the heads and the places back first.
#! mistake 2: x.flatten(2) -> This puts a head's places one after another. The heads should come side by side.
#! mistake 2: x.transpose(1, 2).view(x.shape[0], x.shape[2], -1) -> After a `transpose`, the numbers are no longer
#!   stored in the order of the shape, and `view` refuses. The shape is the right one here, so use `flatten` or
#!   `reshape`: both copy the numbers into that order.
#! mistake 2: x.transpose(1, 2).flatten(1) -> This flattens the places too. Each should keep its row.
#! mistake 3: apart(queries) @ apart(keys).mT -> The scores aren't scaled yet.
#! mistake 3: apart(queries) @ apart(keys).mT / width**0.5 -> A score adds up `head_size` products, not `width`: each
#!   head compares its own columns only. Divide by the square root of `head_size`.
#! mistake 3: queries @ keys.mT / head_size**0.5 -> This compares whole rows, as one wide head would. Take them apart
#!   first.
#! equivalent: arguments swapped: x.view(batch, places, heads_wanted, -1).transpose(1, 2) => x.view(batch, places,
#!   heads_wanted, -1).transpose(2, 1) -> two dimensions change places, whichever comes first
#! equivalent: arguments swapped: x.transpose(1, 2) => x.transpose(2, 1) -> two dimensions change places, whichever comes first
#! alternative: x.unflatten(-1, (heads_wanted, -1)).transpose(1, 2)
#! alternative: torch.stack(x.chunk(heads_wanted, dim=-1), dim=1)
#! alternative: x.reshape(batch, places, heads_wanted, -1).permute(0, 2, 1, 3)
#! alternative 2: x.transpose(1, 2).reshape(x.shape[0], x.shape[2], -1)
#! alternative 2: torch.cat(x.unbind(dim=1), dim=-1)
#! alternative 2: x.permute(0, 2, 1, 3).contiguous().view(x.shape[0], x.shape[2], -1)
#! alternative 3: torch.einsum("bhqn,bhkn->bhqk", apart(queries), apart(keys)) / head_size**0.5
#! alternative 3: apart(queries / head_size**0.5) @ apart(keys).transpose(-2, -1)
#! probe: apart(torch.arange(2 * 5 * 3 * heads_wanted).view(2, 5, -1)) -> what `apart` makes of another tensor
#! probe: joined(torch.arange(2 * 5 * 3 * heads_wanted).view(2, heads_wanted, 5, 3)) -> what `joined` makes of another
#!   tensor

# %% [markdown]
# Two heads or two hundred, it's the same few products, and that's how a graphics card likes them: few and large.
# PyTorch even has one function for the whole middle part (the scores, the shares, and their product with the values):
# `F.scaled_dot_product_attention`.
#
# - [ ] 07.13 Challenge: let all heads attend at once, without a loop

# %% [markdown]
# ## What's yours now
#
# - **several heads**, because one head hands over only one mixture
# - they **split the width**, so together they cost what one wide head costs
# - **side by side**, along the last dimension, then the **projection**, which adds up a message from each head
# - the **residual stream**: x + attention(norm(x)), where gradients get through and places stay themselves
# - `nn.ModuleList`, and the habit of counting
# - `MultiHeadAttention(config)`: (batch, sequence, width) in and out
#
# Every place has now heard from those before it. It hasn't yet had a moment to think about what it heard. That moment
# is **08 FeedForward**.
