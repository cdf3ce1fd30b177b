# %% [markdown]
# # 09 TransformerBlock
# <!-- Made from checkpoints/ch09_transformer_block.py by scripts/build.py. From your first edit on it is yours. -->
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/OWNER/REPO/blob/main/workshop/en/ch09_transformer_block.ipynb)
# [![Open in GitHub Codespaces](https://github.com/codespaces/badge.svg)](https://codespaces.new/OWNER/REPO?quickstart=1)
#
# Put the parts together, measure what each of them adds to the stream, and end up with a brick that you can stack.
#
# 45 minutes, six sections. You'll need chapters 05, 07 and 08, and no new mathematics at all.
#
# You've done the hard part. Everything a block does, you've computed before, in pieces, over several evenings.

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
import copy

import torch.nn.functional as F

from nanogpt import Config, FeedForward, LayerNorm, MultiHeadAttention
from workshop import ____, check, draw, hint, running, solution

# %%
torch.set_printoptions(precision=3, linewidth=100, sci_mode=False)  # eight numbers on a line
config = Config()
small = Config.small()

# %% [markdown]
# ## Two lines · 8 min
#
# On the table are two norms, a MultiHeadAttention and a FeedForward, with exactly the numbers they had in chapters 05,
# 07 and 08. What goes in is the embeddings' output for `Let's he`, as it left chapter 04.
#
# The order was never in doubt. First hear what the others know, then think about it. And both steps make the same three
# moves: **read** the stream through a norm, **work**, **add** to the stream. Two lines, and it's done.

# %%
norm_1 = LayerNorm(small.embedding_dim)
attention = running.part("07")
norm_2 = LayerNorm(small.embedding_dim)
feed_forward = running.part("08")
stream = running.after("04")  # (1, 8, 8)
print("the last e:", stream[0, -1])

# %%
heard = ____  # read, listen to the others, add
block_out = ____  # read again, think, add
check("09.01")

# %%
print("the last e has heard:", heard[0, -1].detach())
print("and thought about it:", block_out[0, -1].detach())
print("the same as step by step, in chapters 05 to 08:", torch.equal(block_out, running.after("08")))

# %% [markdown]
# `True`: the same numbers to the last digit. Those two lines are the block. The smallest GPT-2 has twelve of them, one
# after the other. Large models have a hundred or so, with wider vectors and a few refinements.
#
# - [ ] 09.01 Send the sentence through the four parts

# %% [markdown]
# ## A voice and two whispers · 9 min
#
# What did each step do? Everything gets *added*, so the question has an exact answer: take the difference. And how much
# did it do? Take the length of a vector, `.norm(dim=-1)`, one number for each place. Guess: is what attention adds
# longer than the vector it's added to, about as long, or shorter?
#
# One question can't be answered by a difference. FeedForward read a stream with attention's message already in it.
# Would it have said the same if attention had kept quiet? Work out what it would have added in that case.

# %%
from_attention = heard - stream
from_feed_forward = block_out - heard
unheard = ____  # what FeedForward would have added if attention had kept quiet
three = torch.stack((stream, from_attention, from_feed_forward))[:, 0]  # (3, 8 places, 8 numbers)
lengths = ____  # the length of each vector: (3, 8 places)
check("09.02")

# %%
draw.heat(
    lengths,
    rows=["the stream", "attention adds", "FeedForward adds"],
    columns=running.SENTENCE,
    title="How long the vectors are, for each place of \"Let's he\"",
    alt="Three rows and eight columns. The stream's vectors are 2.02 to 5.14 long. What attention adds is 0.55 to 1.13 long, "
    "and longest for the L. What FeedForward adds is 0.41 to 1.27 long.",
)
print("on average:", lengths.mean(dim=1).detach())
print(f"how much attention changed FeedForward's message: {(from_feed_forward - unheard).norm(dim=-1).mean().item():.2f}")

# %% [markdown]
# A voice and two whispers. The stream is 3.77 long, on average; attention adds 0.71 and FeedForward 0.89. So an
# untrained block doesn't say much, and what the embeddings said is still there to be read. And FeedForward hardly
# noticed that anybody had spoken before it. Without attention its message would have differed by a vector 0.12 long.
# Training makes the whispers louder, some of them louder than the voice.
#
# Notice what's *not* there. No step can delete anything. The most it can do is add the opposite.
#
# - [ ] 09.02 Measure what each step adds, and what FeedForward would have said without attention
# - [ ] 09.r1 I can say who reads from the stream, who writes to it, and why nobody can delete anything

# %% [markdown]
# ## Norm first, or norm last? · 13 min
#
# In our block the norm comes first: pre-norm. In chapter 05 you tried the other school too, with random matrices for
# layers. Post-norm let about 0.7 of the stream through at each gate, and next to nothing of what the embedding wrote
# arrived at the top. Is it as bad with the real attention and the real FeedForward, which only whisper? Guess. Then
# write down the block of the first transformer, from 2017, with the norms last: work, add, and *then* normalise the
# stream itself.
#
# The third blank takes some thought. A norm divides, and here it divides the whole stream, so whatever came in gets
# divided along with the rest. Then the second norm does it again. So what have the two of them divided it by,
# altogether? Each of the eight places has its own answer. (Leave gain and bias aside. In a fresh norm they do nothing.)

# %%
heard_post = ____  # listen, add, and normalise the sum
block_out_post = ____  # think, add, and normalise the sum
divided = ____  # by how much the two norms together divide what came in: (1, 8)
check("09.03")

# %%
print("divided by:", divided[0].detach())

# %% [markdown]
# What came in at the first `e`, a loud one, is now less than half as loud as it was. What came in at the quiet `t` was
# divided by 0.758, so it got louder. A norm doesn't ask who deserves what. It makes everybody equally loud.
#
# One block can't tell us much. So here are twenty of them, with fresh random numbers, and the sentence goes through
# them both ways. After each block we ask two things: how long are the vectors, and how well can you still recognise
# what came in? (1 means that a vector still points exactly where it first did, 0 that nothing of that direction is
# left.)

# %%
def fresh() -> tuple[nn.Module, nn.Module, nn.Module, nn.Module]:
    """The four parts of a block, with random numbers of their own."""
    width = small.embedding_dim
    return LayerNorm(width), MultiHeadAttention(small).eval(), LayerNorm(width), FeedForward(small).eval()


torch.manual_seed(2)
pre, post, left = [stream], [stream], torch.ones(1, 8)
with torch.no_grad():
    for first_norm, listen, second_norm, work in [fresh() for _ in range(20)]:
        x = pre[-1] + listen(first_norm(pre[-1]))
        pre.append(x + work(second_norm(x)))
        x = post[-1] + listen(post[-1])
        y = first_norm(x) + work(first_norm(x))
        post.append(second_norm(y))
        left = left / x.std(dim=-1, correction=0) / y.std(dim=-1, correction=0)  # of what came in, at each place

print("norm last, what's left of what came in:", left[0])
draw.lines(
    {"norm first": [x.norm(dim=-1).mean() for x in pre], "norm last": [x.norm(dim=-1).mean() for x in post]},
    title="Length of the vectors, block after block",
    x_name="blocks passed",
    y_name="mean length",
    alt="Two lines over 0 to 20 blocks, which begin together at 3.77. With the norm first the vectors get longer, with small "
    "setbacks, up to 6.7. With the norm last they are 2.83 long after every block.",
)
draw.lines(
    {
        "norm first": [F.cosine_similarity(x, stream, dim=-1).mean() for x in pre],
        "norm last": [F.cosine_similarity(x, stream, dim=-1).mean() for x in post],
    },
    title="How well what came in can still be recognised",
    x_name="blocks passed",
    y_name="cosine to the input",
    alt="Two lines over 0 to 20 blocks, which begin together at 1. Both fall. With the norm first the line ends at 0.54, with the "
    "norm last it's lower all the way and ends at 0.22.",
)

# %% [markdown]
# Not as bad, but bad enough. With the norm last, every vector is made the same length, 2.83, which is √8: eight numbers
# with variance 1. The road runs *through* the norms, twice a block, and everything on it gets divided by whatever makes
# the length come out right. After twenty blocks, seven of the eight places have less of what came in than at the start,
# the apostrophe and the `h` only about a quarter of it. At the last `e` the messages kept contradicting what was there,
# and the norms kept turning up the rest, until what came in was 4.5 times as large. Nobody is in charge of the volume.
#
# With the norm first, what leaves the last block is what came in, plus every message on the way, each at full size.
# Those vectors turn as well, because the messages add up, but they turn more slowly.
#
# To be fair, the gradients of these twenty blocks are fine either way, since PyTorch starts its layers gently; and with
# four blocks, as in our model, training works either way. But pre-norm forgives more: larger steps, more blocks, a
# careless start.
#
# - [ ] 09.03 Put the norms last, and find out what they divide by
# - [ ] 09.r2 I can say what a norm at the end does to the road

# %% [markdown]
# ## The class · 5 min
#
# Six blanks: four parts and two lines. You have all of it already.

# %%
class TransformerBlock(nn.Module):
    """Every place hears from the others, then thinks for itself; each message is added to what was there."""

    def __init__(self, config: Config) -> None:
        """Two norms, a MultiHeadAttention and a FeedForward, with the sizes in `config`."""
        super().__init__()
        self.norm_1 = ____  # what attention reads the stream through
        self.attention = ____  # how a place hears from the others
        self.norm_2 = ____  # what FeedForward reads the stream through
        self.feed_forward = ____  # how it thinks

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The stream, (batch, sequence, embedding_dim), with both messages added: the same shape."""
        x = ____  # read, listen, add
        return ____  # read, think, add


check("09.04")

# %%
block = TransformerBlock(small).eval()
block.norm_1, block.attention = copy.deepcopy(norm_1), copy.deepcopy(attention)  # copies of the parts on the table
block.norm_2, block.feed_forward = copy.deepcopy(norm_2), copy.deepcopy(feed_forward)
print(block(stream)[0].detach())
print("as on the table:", torch.equal(block(stream), block_out))
print("what leaves this chapter:", torch.equal(block(stream), running.after("09")))

# %% [markdown]
# The same numbers once more, this time from a single call. What chapters 05 to 08 did one step at a time, the block
# does in one go.
#
# - [ ] 09.04 Write the class TransformerBlock

# %% [markdown]
# ## Bricks · 4 min
#
# (1, 8, 8) went in, (1, 8, 8) came out. That's worth more than it sounds: **what comes out of a block can go into the
# next one.** A deep model is a stack of them. The small configuration says `num_layers=2`.

# %%
torch.manual_seed(9)
stack = ____.eval()  # as many new blocks as `small` says, one after the other, as one module
top = ____  # what leaves the last block
check("09.05")

# %%
said, x = [], stream
for layer in stack:
    said.append(layer(x) - x)  # what this block adds
    x = layer(x)
print(tuple(stream.shape), "->", tuple(top.shape))
print("what came in plus what every block said is what came out:", torch.allclose(stream + sum(said), top, atol=1e-5))

# %% [markdown]
# And when the learning is done, can you say which block learned what? Only roughly. Nothing in the code tells the first
# block from the last. Whatever they become, they become because of where they are.
#
# - [ ] 09.05 Stack blocks

# %% [markdown]
# ## What it weighs, and the map · 6 min
#
# You know the habit from chapter 07: before training, count, and compare with what you worked out on paper. For the
# real model, chapters 07 and 08 came to 16,448 for attention and 33,088 for FeedForward. A norm has a gain and a bias
# for each of 64 numbers.
#
# `named_children()` goes through the parts of a module and gives you each one's name and the part itself.

# %%
real = TransformerBlock(config)
weights_of = {name: sum(parameter.numel() for parameter in part.parameters()) for name, part in real.named_children()}
print(weights_of, "together", f"{sum(weights_of.values()):,}")
draw.bars(
    weights_of.keys(),
    weights_of.values(),
    title="The parameters of one block",
    alt="Four bars. FeedForward has 33,088 parameters, attention 16,448, and the two norms have 128 each, so that their bars can "
    "hardly be seen.",
)

# %% [markdown]
# Suppose you want a model twice as wide: double `embedding_dim`, double `hidden_dim`, everything else as it is. How
# many times as many parameters will its blocks have? Guess, then say exactly how many. You needn't build it. A
# parameter of `real` is either a matrix or a vector, and `parameter.dim()` says which, 2 or 1. What happens to each
# kind?

# %%
all_blocks = ____  # how many parameters there are in all blocks of the model
twice_as_wide = ____  # how many there would be if the model were twice as wide
check("09.06")

# %%
print(f"all {config.num_layers} blocks: {all_blocks:,}")
print(f"twice as wide: {twice_as_wide:,}, which is {twice_as_wide / all_blocks:.2f} times as many")

# %% [markdown]
# 199,168 in four blocks, and the whole model will have 209,600: the embeddings and the scores are small change. You're
# looking at the GPT. Twice as deep would mean twice as many, twice as wide nearly four times as many. That's why people
# who build large models think hard before they widen anything.
#
# Two entries for the tensor map.

# %%
shapes = {
    "stream": (config.batch_size, config.input_sequence_length, config.embedding_dim),
    "norm_1 gain": ____,  # one number for each number of a vector
    "norm_2 gain": (config.embedding_dim,),
    "out of the last block": ____,  # after all `config.num_layers` of them
}
check("09.07")

# %%
for name, shape in shapes.items():
    print(f"{name:>22}  {shape}")

# %% [markdown]
# - [ ] 09.06 Count all the blocks, and blocks twice as wide
# - [ ] 09.07 Note its shapes on the map

# %% [markdown]
# ## Challenge: run it backwards
#
# Optional, 15 minutes; nothing later needs it. We said that no step can delete anything. If that's so, everything that
# came in is still in what came out, and you should be able to get it back: from `top`, which left the stack, to the
# `stream` that went in, without looking at the stream.
#
# Here's the catch. A step turns x into `x + message(x)`. To take the message away again you'd have to know it, and to
# know it you'd need x, which is what you're looking for. But the messages are whispers, so what came out isn't far from
# what went in. Take what came out as a first guess. Can you get a better guess from it, and a better one still from
# that? Then undo one step after the other, in the right order.

# %%
def before(after, message):
    """The x for which `x + message(x)` is `after`."""
    x = after  # the first guess
    with torch.no_grad():
        for _ in range(100):
            x = ____  # a better guess than x
    return x


def undo(layer, after):
    """What went into a block, from what came out of it."""
    between = ____  # the stream between the block's two steps
    return ____  # the stream before both steps


back = top.detach()
for layer in ____:  # the blocks, in which order?
    back = undo(layer, back)
check("09.08")

# %% [markdown]
# Print `back - stream` and look at it: nothing but zeros, or as close to zero as 32-bit numbers will get you. The whole
# sentence was still in there. It works because a small change in x changes the message by less than that, so each guess
# is closer than the one before. With loud messages the guesses would run away. And the block of 2017 can't be run
# backwards at all: its norms throw away how long each vector was, and nobody kept a note.
#
# - [ ] 09.08 Challenge: get the stream back from what came out of the stack

# %% [markdown]
# ## What's yours now
#
# - **read, work, add**, twice: x + attention(norm_1(x)), then x + feed_forward(norm_2(x))
# - the **residual stream** carries what came in plus every message, each at full size
# - a norm that comes **first** leaves the road alone; one that comes last divides everything on it
# - a block keeps the shape, and so it **stacks**
# - `TransformerBlock(config)`, 49,792 parameters in the real model, two thirds of them in FeedForward
#
# What leaves the last block is still eight numbers for each character, and you wanted to know which character comes
# *next*. That's the job of **10 VocabularyLogits**.
