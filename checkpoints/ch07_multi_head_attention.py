# %% [markdown]
# # 07 MultiHeadAttention
#
# Let several heads look at once, each for something else, and bring what they found back into one vector.
#
# 75 minutes in seven sections. It needs chapter 06, and the residual connections that you once met in a network for
# images.
#
# There is little new mathematics here. There are three decisions, and for each of them you can see what happens to
# those who decide otherwise.

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
# plays an `e` follows `th` in 46 cases of 100, and `ht` in 14. So it matters which of the two letters came last, and
# the place must come to know both of them, apart.
#
# Say each neighbour has one number to tell. The character before tells 2, the one before that tells 6. A head that
# looks at both alike hands over 4. In another text they tell 6 and 2, and the head hands over 4.
#
# Very well: unequal weights, three quarters and one quarter. Now the two texts give 3 and 5. Is that the end of the
# trouble? Guess, then fill in: what does the head hand over, and which *other* pair would look the same?

# %%
weights = torch.tensor([0.75, 0.25])  # for the character before, and for the one before that
pair = torch.tensor([2.0, 6.0])
other_first = torch.tensor(1.0)  # in another text, the character before tells this

# %%
seen = weights @ pair  # blank: what the head hands over: each number times its weight, added up
other_second = (seen - weights[0] * other_first) / weights[1]  # blank: the second number for which the head sees the same
check("07.01")
#! hint: a sum of products is a dot product; for the second, write down `seen = w0 * other_first + w1 * ?` and solve
#!   it for the question mark
#! mistake: weights * pair -> Those are the two products. The head hands over their sum, one number.
#! mistake: pair.mean() -> That looks at both alike. This head has weights of its own.
#! mistake: weights @ pair.flip(0) -> Here the weights have changed places: the first one belongs to the first number.
#! mistake 2: seen - weights[0] * other_first -> That is what the second neighbour has to add, its weight included.
#!   Divide by the weight.
#! mistake 2: (seen - other_first) / weights[1] -> The first number counts with its weight too: subtract `weights[0] *
#!   other_first`.
#! mistake 2: 9.0 -> 9 is right for these numbers. Compute it from `seen` and the weights, and it's right for any others.
#! mistake 2: (seen - weights[1] * other_first) / weights[0] -> The weights have changed places: the first neighbour counts with
#!   `weights[0]`.
#! equivalent: terms swapped: weights @ pair => pair @ weights -> the same products, the same sum
#! mistake 2: pair[1] -> With the same second number the head would see something else, since the first has changed.
#! alternative: (weights * pair).sum()
#! alternative: torch.dot(weights, pair)
#! alternative: torch.einsum("n,n->", weights, pair)
#! alternative: sum(weight * number for weight, number in zip(weights, pair))
#! alternative 2: pair[1] + weights[0] / weights[1] * (pair[0] - other_first)

# %%
print(f"the head sees {seen.item():.2f} for {pair.tolist()}, and for [{other_first.item():.2f}, {other_second.item():.2f}]")

# %% [markdown]
# (2, 6) and (1, 9) look the same to it. So do (3, 3) and (4, 0). From one number you cannot get two back, whatever
# the weights. (A real head hands over more than one number. But it mixes all of them with the same weights: one look,
# many numbers.)
#
# Still, some weights may lose less than others. Let us measure: a thousand pairs of random numbers, a head, and
# `lost`, which finds the best straight-line rule for reading both neighbours off what was handed over, and says which
# share of them it cannot know: 0 is everything known, 1 is nothing.

# %%
torch.manual_seed(7)
pairs = torch.randn(1000, 2)  # in each row: the character before, the one before that
look = torch.tensor([[0.75, 0.25]])  # a row for each head: its two weights
looks = torch.tensor([[0.75, 0.25],
                      [0.4, 0.6]])


def lost(handed: torch.Tensor) -> float:
    """The share of `pairs` that cannot be read off what the heads handed over: (1000, heads)."""
    rule = torch.linalg.lstsq(handed, pairs).solution
    return ((pairs - handed @ rule).square().sum() / pairs.square().sum()).item()


# %% [markdown]
# One product does all thousand pairs. `pairs` is (1000, 2) and `look` has a row for each head, (1, 2), so one of them
# must be turned for the twos to meet.

# %%
one_head = pairs @ look.T  # blank: what one head hands over for every pair: (1000, 1)
two_heads = pairs @ looks.T  # blank: what the two heads of `looks` hand over: (1000, 2)
check("07.02")
#! hint: `.T` turns a matrix over, and then the 2 of (1000, 2) meets a 2; both lines are made alike
#! mistake: pairs @ look -> The shapes (1000, 2) and (1, 2) do not meet: turn the second one over with `.T`.
#! mistake: look @ pairs.T -> The right numbers lying down: (1, 1000). A pair should keep its row.
#! mistake: pairs * look -> The products without their sums: (1000, 2). A head hands over one number for each pair.
#! mistake: pairs.mean(dim=1, keepdim=True) -> That looks at both alike. The weights stand in `look`.
#! mistake 2: pairs @ looks -> Without turning it over, a head gets one weight from each row. It goes through, because
#!   the matrix is square, and that is the treacherous part.
#! mistake 2: pairs @ look.T -> That is the one head again. The two are in `looks`.
#! alternative: F.linear(pairs, look)
#! alternative: (pairs * look).sum(dim=1, keepdim=True)
#! alternative: torch.matmul(pairs, look.mT)
#! alternative 2: torch.einsum("pn,hn->ph", pairs, looks)
#! alternative 2: torch.stack([pairs @ weights for weights in looks], dim=1)
#! alternative 2: pairs @ looks.transpose(0, 1)

# %%
print(f"one head loses {lost(one_head):.2f}, two heads lose {lost(two_heads):.2f}")
steps = [step / 20 for step in range(21)]
tried = torch.tensor([[[step, 1 - step], [1 - step, step]] for step in steps])  # the second head the other way round
draw.lines(
    {
        "one head": [lost(pairs @ heads[:1].T) for heads in tried],
        "two heads, the second the other way round": [lost(pairs @ heads.T) for heads in tried],
    },
    x=steps,
    x_name="weight of the first head for the character before",
    y_name="share that is lost",
    title="What stays unknown of two neighbours",
    alt="Two lines over the weight from 0 to 1. For one head the line is flat at about one half, between 0.49 and 0.51, "
    "whatever the weight. For two heads it lies at zero, except for a single peak at weight one half, where it reaches the "
    "other line.",
)

# %% [markdown]
# Did you expect the flat line? With weight 1 the head copies one neighbour and knows nothing of the other. With
# weight 1/2 it knows half of each. In between, what it gains on one side it loses on the other: about half is lost,
# always.
#
# Two heads lose nothing. They need not even look at one neighbour each; it is enough that they look *differently*.
# The peak in the middle is where both do the same: two heads that agree are one head.
#
# - [ ] 07.01 Find a pair of neighbours that a head takes for another
# - [ ] 07.02 Measure what one head loses, and what two lose

# %% [markdown]
# ## Splitting the width · 10 min
#
# So take several heads. What do they cost? Each has three matrices, `query`, `key` and `value`, and each matrix leads
# from the width of the model to the size of the head. Two heads as wide as the model would cost twice as much as one,
# sixteen heads sixteen times.
#
# There is a way to have them for nothing: **split the width**. Two heads share the eight numbers of our small model,
# four each. Work it out on paper first: a head has no biases, so it has 3 x 8 x 4 parameters.

# %%
width, heads_wanted = small.embedding_dim, small.num_heads
if_all_wide = heads_wanted * 3 * width * width
print(f"{heads_wanted} heads as wide as the model: {if_all_wide} parameters")

# %%
head_size = width // heads_wanted  # blank: how many numbers each head hands over, a whole number
if_split = heads_wanted * 3 * width * head_size  # blank: parameters of all the heads together, when each has this size
check("07.03")
#! hint: `//` divides and stays with whole numbers; the second is the line of `if_all_wide` with one of its factors
#!   changed
#! typed: head_size
#! mistake: width / heads_wanted -> One slash gives a decimal number, 4.0, and a layer cannot have 4.0 outputs. Two
#!   slashes stay with whole numbers.
#! mistake: heads_wanted -> That is how many heads there are. Each of them gets its share of the width.
#! mistake: width -> Then every head would be as wide as the model, and nothing is split.
#! mistake: width % heads_wanted -> `%` is what a division leaves over. `//` is the division.
#! mistake 2: heads_wanted * 3 * (width * head_size + head_size) -> A head has no biases, only its three matrices.
#! mistake 2: if_all_wide -> That's for heads as wide as the model. Each of these has `head_size` in the place of one width.
#! mistake 2: 3 * width * head_size -> That is one head. All of them are asked for.
#! mistake 2: heads_wanted * width * head_size -> Each head has three such matrices, for query, key and value.
#! alternative: int(width / heads_wanted)
#! alternative: divmod(width, heads_wanted)[0]
#! alternative 2: 3 * width**2
#! alternative 2: 3 * width * width
#! alternative 2: if_all_wide // heads_wanted

# %%
print(f"split: {head_size} numbers each, {if_split} parameters")
for number in (1, 2, 4, 8, 64):
    size = 64 // number
    print(f"width 64: {number:2} heads of {size:2} numbers have {number * 3 * 64 * size:,} parameters")

# %% [markdown]
# The number of heads has dropped out: all together cost what one wide head costs. It is the same for the products of
# queries and keys, 8 multiplications for each pair of places, in one go or in two times four.
#
# So why not 64 heads of one number each? A head finds its places by comparing queries with keys, and with one number
# there is little to compare. More heads, blunter heads. GPT-2's smallest splits 768 among 12, 64 each; our real model
# splits 64 among 4, 16 each.
#
# The division must leave nothing over. 64 among 5 heads is 12 each, which makes 60, and four numbers belong to
# nobody.
#
# Now make two heads, new ones with numbers of their own, and let them look at `Let's he`. What goes in is what
# chapter 05 gave, the normalised vectors. Dropout is off, `.eval()`, so that the numbers stay put.

# %%
sentence = running.SENTENCE
embedded = running.after("04")  # what the embeddings gave: (1, 8, 8)
normed = running.after("05")  # the same, normalised: what a head gets to see
print(tuple(normed.shape))
#! redraw: embedded, normed = torch.randn(2, 1, 8, width)

# %%
torch.manual_seed(1342)
heads = [AttentionHead(head_size, small).eval() for _ in range(heads_wanted)]  # blank: a list of heads, each one made anew and in eval mode
outputs = [head(normed) for head in heads]  # blank: a list with what each of them hands over
check("07.04")
#! hint: two list comprehensions: the first makes an `AttentionHead(head_size, small)` for each number of a range, the
#!   second calls each head with `normed`
#! mistake: [AttentionHead(head_size, small).eval()] * heads_wanted -> That is one head, listed several times. They
#!   share their weights for ever, and two heads that agree are one head.
#! mistake: [AttentionHead(head_size, small) for _ in range(heads_wanted)] -> These heads are in training mode, so
#!   that dropout throws numbers away and every run gives others. `.eval()` switches it off.
#! mistake: [AttentionHead(width, small).eval() for _ in range(heads_wanted)] -> These heads are as wide as the model.
#!   Each gets its share, `head_size`.
#! mistake: nn.ModuleList(AttentionHead(head_size, small) for _ in range(heads_wanted)).eval() -> It holds the right heads, and it's a
#!   module, which this chapter comes to later. For now, a plain list.
#! mistake: [AttentionHead(heads_wanted, small).eval() for _ in range(head_size)] -> How many and how large have changed places.
#! mistake: AttentionHead(head_size, small).eval() -> That is one head. Make a list of them.
#! mistake 2: [head(embedded) for head in heads] -> A head gets the normalised vectors, `normed`.
#! mistake 2: heads[0](normed) -> That asks the first head only. Ask each of them.
#! mistake 2: heads(normed) -> A list cannot be called. Call each head in it.
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
    alt="Two rows, one for each head, and eight columns, one for each character. Head 0 looks at the last e itself with a "
    "share of 0.20 and at all others with 0.11 to 0.13. Head 1 spreads its look evenly, between 0.10 for the first e and 0.14 "
    "for t and h.",
)

# %% [markdown]
# Two heads, two looks at the same eight characters. Nobody told them to differ. They began with other random numbers,
# that is all, and training is free to lead each its own way.
#
# - [ ] 07.03 Split the width
# - [ ] 07.04 Let two heads look at the sentence

# %% [markdown]
# ## Side by side · 10 min
#
# Each head gives (1, 8, 4), and the rest of the model wants (1, 8, 8). Adding them up would fit nowhere, and it would
# be the old mistake: a sum, from which nobody can get its parts back. So put them **side by side**: for each place
# first the four numbers of head 0, then the four of head 1.
#
# `torch.cat` glues tensors along one dimension, and there are three to choose from: batch, places, numbers. Choose.
# And then say what shape would have come out along the *places*, dimension 1, as a tuple made of names that you have.

# %%
side_by_side = torch.cat(outputs, dim=-1)  # blank: the heads' outputs glued to (1, 8, 8), place by place
along_places = (1, heads_wanted * 8, head_size)  # blank: the shape, had you glued along dimension 1
check("07.05")
#! hint: gluing makes one dimension longer and leaves the others; the one to grow here is the last, which is -1 or 2
#! mistake: torch.cat(outputs, dim=1) -> Now there are sixteen places. The second eight are the same characters over
#!   again.
#! mistake: torch.cat(outputs) -> Without `dim` they are glued along the batch: one sentence has become two, and each
#!   belongs to one head.
#! mistake: torch.stack(outputs, dim=-1) -> `stack` makes a new dimension. `cat` makes one that is there longer.
#! mistake: sum(outputs) -> A sum. Which head said what is lost, and so is half of the width.
#! mistake: torch.cat(outputs[::-1], dim=-1) -> Side by side, and the last head comes first. Head 0 first, please.
#! mistake: torch.stack(outputs, dim=-1).flatten(2) -> This shuffles them together: number 0 of each head, then number 1 of each.
#!   First all of head 0, then all of head 1.
#! mistake: torch.cat(outputs, dim=1).view(1, 8, -1) -> Glued along the places, and then forced into a shape. The next cell shows
#!   what that mixes up.
#! mistake 2: (1, 8, heads_wanted * head_size) -> That is the shape along the numbers, the right one. Along the places
#!   it is the eight that grows.
#! mistake 2: (heads_wanted, 8, head_size) -> That is along the batch, dimension 0.
#! mistake 2: (1, 8, head_size) -> That is one head alone. Gluing makes a dimension longer.
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
    "see nothing but itself, is the strongest; towards the end of the sentence the numbers get smaller.",
)

# %% [markdown]
# The wrong dimension gives (1, 16, 4), and the next layer, which wants 8 numbers, would refuse it. A lucky accident.
# What does a tired person do with an error about shapes? They write `.view(1, 8, 8)`, and the error goes away.
#
# Let us see what went away with it. We change the *last* character only. Nobody can see the future, so the only row
# that may change is the last one. Guess what the tired version does.

# %%
def glued(x: torch.Tensor) -> torch.Tensor:
    """The heads' outputs side by side."""
    return torch.cat([head(x) for head in heads], dim=-1)


def forced(x: torch.Tensor) -> torch.Tensor:
    """Glued along the places, and then forced into the shape that was wanted."""
    return torch.cat([head(x) for head in heads], dim=1).view(x.shape)


nudged = normed.clone()
nudged[0, -1] += 1  # another last character
print("      ", *(f"{letter:>5}" for letter in sentence))
for version in (glued, forced):
    change = (version(nudged) - version(normed)).abs().sum(dim=-1)[0]
    print(f"{version.__name__:6}", *(f"{size:5.2f}" for size in change.tolist()))

# %% [markdown]
# Place 3, the apostrophe, changes when place 7 does. The apostrophe **sees the future**, and the causal mask is
# intact: `view` pours the numbers into the new shape in the order in which they lie, so that row 3 is filled with
# what head 0 said about places 6 and 7. In training such a model looks brilliant, because it can peep at the answers.
# It writes rubbish.
#
# `view` and `reshape` never fix a shape. They rename one that was right.
#
# - [ ] 07.05 Put the heads side by side
# - [ ] 07.r1 I can say what a forced shape mixes up

# %% [markdown]
# ## Let them talk: the projection · 12 min
#
# The eight columns now belong to somebody. Head 0 writes the first four and head 1 the others, for ever. Think of the
# 2 and the 6 from the beginning. One head has found the 2, the other the 6, and the place wants to know which is
# larger, so it wants their difference. It stands in neither column.
#
# A row of weights finds it: 1 x 2 + (-1) x 6. That takes one matrix more, which may mix all columns: a Linear from
# the width to the width. It is called the **projection**.
#
# In the next cell the two heads are made once more. Same seed, same numbers; what is drawn after them is the
# projection's.

# %%
torch.manual_seed(1342)
heads = [AttentionHead(head_size, small).eval() for _ in range(heads_wanted)]
projection = nn.Linear(width, width)  # blank: from all columns to as many new ones
projected = projection(side_by_side)  # blank: the numbers of both heads, mixed
check("07.06")
#! hint: `nn.Linear(in, out)`: how many numbers of a place go in, and how many come out? It works on the last
#!   dimension
#! mistake: nn.Linear(head_size, head_size) -> That takes one head's numbers. All of them go in together.
#! mistake: nn.Linear(width, head_size) -> Then a place would come out with fewer numbers than it had, and could not
#!   be added to anything later.
#! mistake: nn.Linear(width, width, bias=False) -> The heads' matrices have no bias; this layer has one.
#! mistake: nn.Linear(8 * width, 8 * width) -> That would mix the places, too. The heads have done that; here each
#!   place mixes its own numbers.
#! mistake 2: projection(normed) -> That is what the heads were given. What they gave back goes in.
#! mistake 2: projection.weight @ side_by_side -> Shapes that happen to meet: this mixes the places, and forgets the
#!   bias. Call the layer, and it works on the last dimension.
#! mistake 2: side_by_side @ projection.weight.T -> Nearly: the bias is missing. Call the layer itself.
#! alternative: nn.Linear(in_features=width, out_features=width)
#! alternative: nn.Linear(heads_wanted * head_size, width)
#! alternative 2: F.linear(side_by_side, projection.weight, projection.bias)
#! alternative 2: side_by_side @ projection.weight.T + projection.bias
#! alternative 2: torch.einsum("bsi,oi->bso", side_by_side, projection.weight) + projection.bias

# %%
silent = torch.cat([outputs[0], *(0 * output for output in outputs[1:])], dim=-1)  # head 0 speaks alone
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
# Before the projection head 1 has its four columns, and not a word of it reaches the others. After it, every column
# has heard of both.
#
# There is another way to see this layer, and it is worth two minutes, because people who look inside such models
# think of it in this way only. Cut the weight matrix into the columns that meet head 0 and those that meet head 1.
# Multiply each head with its own columns. Then add.

# %%
columns = projection.weight.split(head_size, dim=1)
print([tuple(part.shape) for part in columns])

# %%
messages = [output @ part.T for output, part in zip(outputs, columns, strict=True)]  # blank: for each head, its output times its columns
together = sum(messages) + projection.bias  # blank: all messages added up, and the bias once
check("07.07")
#! hint: a Linear multiplies by its weight turned over, `.T`; so does each part: (1, 8, 4) times (4, 8)
#! mistake: [output @ part for output, part in zip(outputs, columns)] -> The parts are (8, 4), and output has 4
#!   numbers: turn them over, as a Linear does with its weight.
#! mistake: [output @ columns[0].T for output in outputs] -> Every head has columns of its own. Walk through both
#!   lists together, with `zip`.
#! mistake: [output @ part.reshape(head_size, width) for output, part in zip(outputs, columns)] -> `reshape` pours the weights into
#!   rows of another length, in the order in which they lie. Turning over is `.T`.
#! equivalent: an argument less: zip(outputs, columns, strict=True) => zip(outputs, columns) -> both lists are equally long
#! equivalent: the other truth value: True => False -> both lists are equally long
#! mistake: [projection(output) for output in outputs] -> The projection wants the numbers of all heads at once.
#!   Multiply each head's by its part of the weight.
#! mistake 2: sum(messages) -> The bias is still missing.
#! mistake 2: torch.cat(messages, dim=-1) + projection.bias -> Every message has all the columns already. They are
#!   added up.
#! mistake 2: sum(message + projection.bias for message in messages) -> That adds the bias once for every head. It is
#!   there once.
#! alternative: [torch.matmul(output, part.transpose(0, 1)) for output, part in zip(outputs, columns)]
#! alternative: [F.linear(output, part) for output, part in zip(outputs, columns)]
#! alternative: [torch.einsum("bsi,oi->bso", output, part) for output, part in zip(outputs, columns)]
#! alternative 2: torch.stack(messages).sum(dim=0) + projection.bias
#! alternative 2: projection.bias + sum(messages)

# %%
print("largest difference to the projection:", f"{(together - projected).abs().max().item():.7f}")

# %% [markdown]
# The same, up to rounding. So "side by side, then project" means: **each head writes a message to the whole vector,
# and the messages are added up**. The heads do not queue up, they do not vote. They add.
#
# - [ ] 07.06 Let the projection mix the heads
# - [ ] 07.07 Take the projection apart into one message for each head

# %% [markdown]
# ## The road past it: residual · 13 min
#
# One thing is still wrong, and it is a large one. What comes out at a place is a mixture of what the heads saw. Where
# is the place itself? The last `e` may have looked at `L` and `t`, and whether it was an `e` is no longer written
# anywhere.
#
# The cure you know from your network for images, and you used it in chapter 05, on our word: what is new is **added**
# to the stream. The stream is `embedded`, as it was before the norm; the norm is only the glasses through which the
# heads read. Now you can see what happens to those who leave it out.

# %%
mixed = embedded + projected  # blank: what each place was, plus what the heads tell it
check("07.08")
#! hint: two tensors of the same shape, and the sign between them stands in the sentence above
#! mistake: normed + projected -> The heads read the normalised vectors, but what is kept is what was there before
#!   them, `embedded`.
#! mistake: projected -> That is only what is new. Keep what was there.
#! mistake: embedded + side_by_side -> Here the heads have not talked yet. The projection comes first.
#! mistake: torch.cat((embedded, projected), dim=-1) -> Side by side the vector would grow with every layer. What is
#!   new is added on top.
#! equivalent: another name: projected => together -> 07.07 computed the same another way
#! mistake: embedded + normed -> That's the stream and what the heads were given. Add what they gave back.
#! mistake: F.layer_norm(embedded + projected, (width,)) -> What is kept stays as it was: no norm on the sum.
#! mistake: (embedded + projected) / 2 -> No halving: that would fade what was there with every layer. It stays as it
#!   was.
#! alternative: torch.add(embedded, projected)
#! alternative: projected + embedded
#! alternative: torch.stack((embedded, projected)).sum(dim=0)

# %%
print("the last e was      ", embedded[0, -1].detach())
print("the heads tell it   ", projected[0, -1].detach())
print("and now it is       ", mixed[0, -1].detach())

# %% [markdown]
# Still recognisable, a little changed. A layer that knows nothing yet should not be able to do much harm, and with
# the road past it, it is not.
#
# How much it would matter becomes clear when layers are stacked. Think of a layer that multiplies by 0.1, and of ten
# of them. A nudge at the bottom arrives at the top times 0.1 x 0.1 x ..., which is 0.0000000001. With the road past
# it each layer multiplies by 1 + 0.1, and ten of them by 2.6. The nudge going up and the gradient coming down pass
# the same factors.
#
# That was arithmetic. Now with attention: ten layers as above, each with random numbers of its own, once without the
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
    road = road + layer(road)  # blank: one layer further, and what was there is kept
check("07.09")
#! hint: `layer` is called like a function; the second line is 07.08 with the names of this loop
#! mistake: layer(start) -> That begins at the bottom every time, so ten layers become one. Feed it what the layer
#!   before it gave.
#! mistake: bare + layer(bare) -> That is the road. This line is the one that goes without it.
#! mistake: layer(road) -> The two ways must not mix: `bare` feeds on `bare`.
#! mistake 2: start + layer(road) -> That always adds the very first vector. Each layer keeps what came *to it*.
#! mistake 2: layer(road + road) -> The sum belongs outside: what was there never passes through the layer.
#! mistake 2: layer(road) -> Without `road +` this is the other line once more.
#! mistake 2: road + layer(bare) -> The layer reads the other way's stream here. Each way feeds on itself.
#! mistake 2: road + layer(start) -> Every layer reads the very first vector. It should read what came to it.
#! mistake 2: road + layer(F.layer_norm(road, (width,))) -> There will be a norm there, in chapter 09. These layers read the stream
#!   as it is.
#! mistake 2: bare + layer(road) -> What is kept on this way is `road`.
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
    title="What is left of the gradient, on its way down from layer 10 to the bottom",
    alt="Two lines over 0 to 10 layers. With the road the gradient stays near ten to the power 1 all the way. Without it the "
    "line starts at the same height at 10 layers and falls steadily, by about half a power of ten for each layer, to "
    "ten to the power -4.3 at the bottom.",
)

# %% [markdown]
# Without the road the lowest layer would learn from a gradient 160,000 times smaller than the one at the top. With it
# the gradient even grows a little on its way down, since each layer adds its share to what passes by.
#
# The second line of the printout is the sadder one. A head averages, and ten averages in a row leave nothing to tell
# places apart: eight characters have become eight copies of the same vector. With the road each place stays what it
# is, and is told more and more.
#
# Hence the full name of what flows there: the **residual stream**. Everything from here on reads from it and adds to
# it. (In our model the attention does not add itself; the block around it does, in chapter 09. So the class below
# ends with the projection.)
#
# - [ ] 07.08 Keep what was there
# - [ ] 07.09 Send ten layers up without the road and with it
# - [ ] 07.r2 I can say what the road does for the gradient, and what for the places

# %% [markdown]
# ## A list that nobody sees: nn.ModuleList · 8 min
#
# Before the class, a trap that has cost people days. Here is a module that keeps its heads in a list. It looks right,
# and it computes the right thing, too. How many parameters does it have? On paper: 2 heads with 3 x 8 x 4, and a
# projection with 8 x 8 and 8 biases, so 264.

# %%
class Listed(nn.Module):
    """Heads in a list of Python's, and a projection."""

    def __init__(self) -> None:
        """As many heads as `small` says."""
        super().__init__()
        self.heads = [AttentionHead(head_size, small) for _ in range(small.num_heads)]
        self.projection = nn.Linear(width, width)


# %%
def count(module: nn.Module) -> int:
    """How many numbers of this module an optimizer would get."""
    return sum(parameter.numel() for parameter in module.parameters())  # blank: over all its parameters, add up how many numbers each has


class Registered(Listed):
    """The same in a list that PyTorch knows."""

    def __init__(self) -> None:
        """The same heads, registered."""
        super().__init__()
        self.heads = nn.ModuleList(self.heads)  # blank: the same heads, in the kind of list that this section is named after


check("07.10")
#! hint: `module.parameters()` gives one tensor after the other, and `numel()` says how many numbers a tensor has; an
#!   `nn.ModuleList` is made from any list of modules
#! mistake: len(list(module.parameters())) -> That counts tensors. A matrix is one tensor and has many numbers.
#! mistake: sum(len(parameter) for parameter in module.parameters()) -> `len` of a matrix is how many rows it has.
#!   `numel()` counts all its numbers.
#! mistake: sum(tensor.numel() for tensor in module.state_dict().values()) -> That counts everything that is saved. Some of it
#!   nobody trains; an optimizer gets the parameters.
#! mistake: sum(parameter.shape[0] * parameter.shape[-1] for parameter in module.parameters()) -> That is right for a matrix. A bias
#!   has one dimension, the first and the last alike.
#! mistake: sum(module.parameters()) -> That tries to add the tensors up. Their sizes are to be added.
#! mistake 2: list(self.heads) -> A list of Python's again. `nn.ModuleList` is the one that PyTorch looks into.
#! mistake 2: nn.ModuleList([self.heads]) -> That is a list in a list. Hand the heads over as they are.
#! mistake 2: nn.ModuleList(self.heads[:1]) -> That registers the first head and loses the others.
#! alternative: sum(map(torch.numel, module.parameters()))
#! alternative: sum(parameter.nelement() for parameter in module.parameters())
#! alternative: nn.utils.parameters_to_vector(module.parameters()).numel()
#! alternative 2: nn.ModuleList([head for head in self.heads])
#! alternative 2: nn.ModuleList(AttentionHead(head_size, small) for _ in range(small.num_heads))
#! probe: count(nn.Linear(3, 5)) -> the count for a Linear from 3 numbers to 5
#! probe: count(nn.BatchNorm1d(3)) -> the count for a module that also keeps numbers which nobody trains
#! probe: count(Registered()) -> the count for `Registered()`
#! probe: [tuple(head(normed).shape) for head in Registered().heads] -> the list of the heads' outputs' shapes

# %%
print("in a list:         ", count(Listed()))
print("in an nn.ModuleList:", count(Registered()))
print("saved from a list: ", list(Listed().state_dict()))
print("and after eval(), are the heads still in training mode?", [head.training for head in Listed().eval().heads])

# %% [markdown]
# 72 of 264. An `nn.Module` looks for its parameters among its attributes, and knows a module when it sees one; into a
# list of Python's it does not look. So the optimizer never hears of the heads, which stay random for ever. `eval()`
# does not reach their dropout. `state_dict()`, from which a model is saved, has none of their weights, and
# `.to("cuda")` would leave them behind.
#
# And there is **no error**. The loss even falls, since the rest learns to make do with random heads. Only a count
# tells. Make it a habit: before training, count, and compare with paper.
#
# - [ ] 07.10 Count the parameters that a list hides, and show them

# %% [markdown]
# ## The class and the map · 10 min
#
# Four blanks, and no new idea. What is given: a word of protest when the split leaves something over, and the dropout
# that chapter 06 had on its weights, here once more on what goes out.

# %%
#| export
class MultiHeadAttention(nn.Module):
    """Several heads side by side, and a projection that lets them talk. Adds nothing to its input: the block does that."""

    def __init__(self, config: Config) -> None:
        """`config.num_heads` heads split `config.embedding_dim`; ValueError when something is left over."""
        super().__init__()
        if config.embedding_dim % config.num_heads:
            raise ValueError(f"{config.num_heads} heads cannot split {config.embedding_dim} numbers evenly")
        head_size = config.embedding_dim // config.num_heads
        self.heads = nn.ModuleList(AttentionHead(head_size, config) for _ in range(config.num_heads))  # blank: the heads, where PyTorch sees them
        self.projection = nn.Linear(config.embedding_dim, config.embedding_dim)  # blank: what mixes them
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, sequence, embedding_dim) -> the same shape."""
        side_by_side = torch.cat([head(x) for head in self.heads], dim=-1)  # blank: what all heads hand over, glued place by place, head 0 first
        return self.dropout(self.projection(side_by_side))  # blank: mixed, and at last through the dropout


check("07.11")
#! hint: 07.04 with a ModuleList around it, 07.06, 07.05, and 07.06 again; what belongs to the object gets `self.`
#! mistake: [AttentionHead(head_size, config) for _ in range(config.num_heads)] -> A list of Python's hides the heads,
#!   and they will never learn. Put it into an `nn.ModuleList`.
#! mistake: nn.ModuleList([AttentionHead(head_size, config)] * config.num_heads) -> That is one head, listed several
#!   times, with one set of weights for all. Make each one anew.
#! mistake: nn.ModuleList(AttentionHead(config.embedding_dim, config) for _ in range(config.num_heads)) -> These heads
#!   are as wide as the model, and do not fit into the projection side by side. Give each its `head_size`.
#! mistake: nn.ModuleList(AttentionHead(4, config) for _ in range(2)) -> That is right for the small configuration
#!   only. How many heads and how large, the class hears from `config`.
#! mistake 2: nn.Linear(head_size, config.embedding_dim) -> This takes a single head's numbers. All of them go in
#!   together.
#! mistake 2: nn.Linear(config.embedding_dim, config.embedding_dim, bias=False) -> The projection has a bias, as a
#!   Linear has when you say nothing.
#! mistake: nn.ModuleList(AttentionHead(head_size, config).eval() for _ in range(config.num_heads)) -> Above, `eval` kept the
#!   numbers still for us. A new module is in training mode, and so are its parts.
#! mistake 3: torch.cat([head(x) for head in self.heads], dim=1) -> Glued along the places: too many places, too few
#!   numbers in each.
#! mistake 3: torch.cat([head(x) for head in self.heads], dim=1).view(x.shape) -> The forced shape of 07.05: it fits,
#!   and it mixes up the places. Glue along the last dimension.
#! mistake 3: self.heads(x) -> A ModuleList is a list: it cannot be called. Call each head in it.
#! mistake: nn.ModuleList(AttentionHead(config.num_heads, config) for _ in range(head_size)) -> How many and how large have changed
#!   places: `config.num_heads` of them, each of size `head_size`.
#! mistake 3: torch.cat([head(x) for head in reversed(self.heads)], dim=-1) -> Side by side, and the last head comes first. Head 0
#!   first, as in 07.05.
#! mistake 3: torch.stack([head(x) for head in self.heads], dim=-1).flatten(-2) -> This shuffles them together: number 0 of each
#!   head, then number 1 of each. First all of head 0, then all of head 1.
#! mistake 4: self.projection(self.dropout(side_by_side)) -> The dropout acts on what goes out, so it comes after the projection.
#! mistake 4: self.dropout(self.projection(self.dropout(side_by_side))) -> One dropout too many. It acts once, on what goes out.
#! mistake 4: side_by_side + self.dropout(self.projection(side_by_side)) -> Nothing is added here: what goes out is what the
#!   projection says.
#! mistake 4: self.projection(side_by_side) -> The dropout is left out, so that training and use would be the same.
#! mistake 4: x + self.dropout(self.projection(side_by_side)) -> The road past it is built by the block, in chapter
#!   09. Built twice it would double what was there.
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
print("what chapter 08 begins with:", torch.equal(mixed, running.after("07")))

real = MultiHeadAttention(config)
inputs_shape = (config.batch_size, config.input_sequence_length, config.embedding_dim)
print(f"in the real model: {inputs_shape} -> {tuple(real(torch.zeros(inputs_shape)).shape)}")
print(f"{count(real):,} parameters, {count(real.heads):,} in the heads and {count(real.projection):,} in the projection")

# %% [markdown]
# Last, the tensor map: what this chapter adds, for the real model. Where a number is the result of a division, write
# the division, the one that gives a whole number.

# %%
shapes = {
    "normalised": (config.batch_size, config.input_sequence_length, config.embedding_dim),
    "head output": (config.batch_size, config.input_sequence_length, config.embedding_dim // config.num_heads),  # blank [(config.batch_size, config.input_sequence_length, config.embedding_dim // config.num_heads)]: what a single head hands over
    "heads side by side": (config.batch_size, config.input_sequence_length, config.embedding_dim),  # blank [(config.batch_size, config.input_sequence_length, config.embedding_dim)]: all of them, glued
    "projection weight": (config.embedding_dim, config.embedding_dim),  # blank [(config.embedding_dim, config.embedding_dim)]: a matrix of parameters
    "projected": (config.batch_size, config.input_sequence_length, config.embedding_dim),
}
check("07.12")
#! hint: what travels has the batch and the sequence in front, and only its last number changes; what is learned knows
#!   neither of the two
#! mistake: (config.batch_size, config.input_sequence_length, config.embedding_dim) -> That is as wide as the model. A
#!   head has its share of the width.
#! mistake: (config.batch_size, config.input_sequence_length, head_size) -> That is a head of the small configuration. The map is
#!   for the real model, whose settings are in `config`.
#! mistake: (config.batch_size, config.input_sequence_length, config.num_heads) -> Last comes how many numbers a head
#!   hands over, not how many heads there are.
#! mistake: (config.batch_size, config.input_sequence_length, config.embedding_dim / config.num_heads) -> The right number, but a
#!   decimal one, and a shape is made of whole numbers. Two slashes.
#! probe: shapes["head output"][-1] -> the last number of the head output's shape
#! typed: shapes["head output"][-1]
#! mistake: (config.batch_size, config.num_heads, config.input_sequence_length, config.embedding_dim //
#!   config.num_heads) -> That is all the heads in one tensor of four dimensions. One head's has three.
#! mistake 2: (config.batch_size, config.num_heads * config.input_sequence_length, config.embedding_dim //
#!   config.num_heads) -> That is glued along the places, and there would be more of them than characters.
#! mistake 2: (config.batch_size, config.input_sequence_length, config.num_heads * config.embedding_dim) -> The heads
#!   have split the width among themselves; together they have it once.
#! mistake 3: (config.batch_size, config.input_sequence_length, config.embedding_dim) -> That is what goes through it.
#!   The weight itself knows nothing of batch and places.
#! mistake 3: (config.embedding_dim, config.embedding_dim // config.num_heads) -> These are the columns that belong to
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
# Three numbers in and three numbers out, the same three. What stands between is nobody's business outside, and that
# is why such layers can be stacked.
#
# - [ ] 07.11 Write the class MultiHeadAttention
# - [ ] 07.12 Note its shapes on the map

# %% [markdown]
# ## What is now yours
#
# - **several heads**, because one hands over one mixture
# - they **split the width**, and so cost what one costs
# - **side by side**, along the last dimension, then the **projection**, which adds up a message from each head
# - the **residual stream**: x + attention(x), a road on which gradients come down and places stay themselves
# - `nn.ModuleList`, and the habit of counting
# - `MultiHeadAttention(config)`: (batch, sequence, width) in and out
#
# Every place has now heard from the others. It has not yet had a moment to think about what it heard. Thinking is
# **08 FeedForward**.
