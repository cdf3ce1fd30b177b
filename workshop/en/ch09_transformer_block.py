# %% [markdown]
# <!-- Made from checkpoints/ch09_transformer_block.py by scripts/build.py. From your first edit on it is yours. -->
# # 09 TransformerBlock
#
# Screw the parts together, listen to what each of them does to the stream, and get a brick that fits on itself.
#
# 45 minutes in six sections. It needs chapters 05, 07 and 08, and no new mathematics at all.
#
# You have done the hard part. Everything in this chapter you have computed before, in pieces, over several evenings.

# %%
import torch
from torch import nn

# %%
import torch.nn.functional as F

from nanogpt import Config, FeedForward, LayerNorm, MultiHeadAttention
from workshop import ____, check, draw, hint, running, solution

# %%
torch.set_printoptions(precision=3, linewidth=100, sci_mode=False)  # eight numbers on a line
config = Config()
small = Config.small()

# %% [markdown]
# ## Two lines · 9 min
#
# On the table lie two norms, an attention and a FeedForward, with the very numbers that chapters 05, 07 and 08 gave
# them. In comes what the embeddings made of `Let's he`, after chapter 04.
#
# The order was never in doubt. First hear what the others know, then think about it. And each of the two steps has
# the same three parts: **read** the stream through a norm, **work**, **add** to the stream. In two lines it is done.

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
print("step by step, in chapters 05 to 08, it was the same:", torch.equal(block_out, running.after("08")))

# %% [markdown]
# `True`: the same numbers to the last digit. These two lines are the block. GPT-2 is made of twelve of them, the
# large models of a hundred or so, with wider vectors and a few refinements.
#
# - [ ] 09.01 Send the sentence through the four parts

# %% [markdown]
# ## A voice and two whispers · 8 min
#
# What did each step do? Since everything is *added*, the question has an exact answer: take the difference. And for
# how much it did, take the length of a vector, `.norm(dim=-1)`, one number for each place.
#
# Guess: is what attention adds longer than the vector it is added to, as long, or shorter?

# %%
from_attention = heard - stream
from_feed_forward = ____  # what the second step has added
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
    "and most for the L. What FeedForward adds is 0.41 to 1.27 long.",
)
print("on average:", lengths.mean(dim=1).detach())

# %% [markdown]
# A voice and two whispers. The stream is 3.77 long, on average; attention adds 0.71 to it and FeedForward 0.89. So an
# untrained block says little, and what the embeddings said is still there to be read. Training makes some of the
# whispers louder.
#
# Notice also what is *not* there: no step can delete. It can only add the opposite.
#
# - [ ] 09.02 Measure what each step adds
# - [ ] 09.r1 I can say who reads from the stream, who writes to it, and why nobody can delete

# %% [markdown]
# ## The norm in front, or behind? · 10 min
#
# Our norms stand in front of the work: pre-norm. In chapter 05 you tried the other school as well, with random
# matrices for layers. There post-norm let 0.7 of the stream pass at each gate, and of what the embedding wrote next
# to nothing arrived. Is it as bad with real attention and a real FeedForward, which only whisper? Guess. And write
# the block of 2017 down, with the norms behind: work, add, and *then* normalise the stream itself.

# %%
heard_post = ____  # listen, add, and normalise the sum
block_out_post = ____  # think, add, and normalise the sum
check("09.03")

# %% [markdown]
# One block shows little. So here are twenty of them, with fresh random numbers, and the sentence goes through in both
# ways. After each block we ask two things: how long are the vectors, and how well can one still recognise what came
# in? (1 means that a vector points exactly where it pointed at first, 0 that nothing of it is left to see.)

# %%
def fresh() -> tuple[nn.Module, nn.Module, nn.Module, nn.Module]:
    """The four parts of a block, with random numbers of their own."""
    width = small.embedding_dim
    return LayerNorm(width), MultiHeadAttention(small).eval(), LayerNorm(width), FeedForward(small).eval()


torch.manual_seed(2)
in_front, behind = [stream], [stream]
with torch.no_grad():
    for first_norm, listen, second_norm, work in [fresh() for _ in range(20)]:
        x = in_front[-1] + listen(first_norm(in_front[-1]))
        in_front.append(x + work(second_norm(x)))
        x = first_norm(behind[-1] + listen(behind[-1]))
        behind.append(second_norm(x + work(x)))

ways = {"norm in front": in_front, "norm behind": behind}
draw.lines(
    {way: [x.norm(dim=-1).mean() for x in heights] for way, heights in ways.items()},
    title="Length of the vectors, block after block",
    x_name="blocks passed",
    y_name="mean length",
    alt="Two lines over 0 to 20 blocks, which begin together at 3.77. With the norm in front the vectors get longer, with small "
    "setbacks, up to 6.7. With the norm behind they are 2.83 long after every block.",
)
draw.lines(
    {way: [F.cosine_similarity(x, stream, dim=-1).mean() for x in heights] for way, heights in ways.items()},
    title="How well what came in can still be recognised",
    x_name="blocks passed",
    y_name="cosine to the input",
    alt="Two lines over 0 to 20 blocks, which begin together at 1. Both fall. With the norm in front the line ends at 0.54, with the "
    "norm behind it lies lower all the way and ends at 0.22.",
)

# %% [markdown]
# Not as bad, and bad enough. Behind, every vector is pressed to the same length, 2.83, which is √8: eight numbers with
# variance 1. The road runs *through* the norm, twice a block; each time what was there is shrunk, to make room for
# what is new, and after twenty blocks it is hard to recognise. In front, what leaves the last block is what came in,
# plus every message on the way, each in full size. There the vectors turn as well, since the messages add up, but
# more slowly.
#
# To be fair: the gradients of these twenty blocks are fine in both ways, since PyTorch starts its layers gently, and
# with four blocks, as in our model, both ways learn. Pre-norm is the way that forgives: larger steps, more blocks, a
# careless start.
#
# - [ ] 09.03 Put the norms behind
# - [ ] 09.r2 I can say what the norm behind does to the road

# %% [markdown]
# ## The class · 8 min
#
# Six blanks: four parts and two lines. Everything else you have.

# %%
class TransformerBlock(nn.Module):
    """Every place hears from the others, then thinks for itself; both are added to what it was."""

    def __init__(self, config: Config) -> None:
        """Two norms, an attention and a FeedForward, each of the sizes that `config` says."""
        super().__init__()
        self.norm_1 = ____  # through which the attention reads the stream
        self.attention = ____  # with which a place hears from the others
        self.norm_2 = ____  # through which FeedForward reads the stream
        self.feed_forward = ____  # with which it thinks

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The stream, (batch, sequence, embedding_dim), with both messages added: the same shape."""
        x = ____  # read, listen, add
        return ____  # read, think, add


check("09.04")

# %%
torch.manual_seed(1344)
block = TransformerBlock(small).eval()
numbers = [number for part in (norm_1, attention, norm_2, feed_forward) for number in part.parameters()]
with torch.no_grad():
    for its_own, ours in zip(block.parameters(), numbers, strict=True):
        its_own.copy_(ours)  # the numbers of the parts on the table
print(block(stream)[0].detach())
print("as on the table:", torch.equal(block(stream), block_out))
print("what leaves this chapter:", torch.equal(block(stream), running.after("09")))

# %% [markdown]
# The same numbers once more, now from one call: what chapters 05 to 08 gave step by step is what the block gives.
#
# - [ ] 09.04 Write the class TransformerBlock

# %% [markdown]
# ## Bricks · 4 min
#
# (1, 8, 8) went in, (1, 8, 8) came out. That is worth more than it sounds: **what comes out of a block can go into
# the next one.** A deep model is a stack of them. The small configuration says `num_layers=2`.

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
print("what came in, plus what every block has said, is what came out:", torch.allclose(stream + sum(said), top, atol=1e-5))

# %% [markdown]
# And when the learning is done, can one say which block learned what? Only roughly; there is nothing in the code that
# tells the first block from the last. What they become, they become by where they stand.
#
# - [ ] 09.05 Stack blocks

# %% [markdown]
# ## What it weighs, and the map · 6 min
#
# In chapter 07 you met the habit: before training, count, and compare with paper. For the real model, from chapters
# 07 and 08, it should be 16,448 for the attention and 33,088 for FeedForward. A norm has a gain and a bias for each
# of 64 numbers.
#
# `named_children()` walks through the parts of a module and gives a name and a part each time.

# %%
real = TransformerBlock(config)
print([name for name, part in real.named_children()])

# %%
weights_of = {
    name: ____  # how many numbers this part has
    for name, part in real.named_children()
}
all_blocks = ____  # how many there are in all blocks of the model
check("09.06")

# %%
print(weights_of, "together", f"{sum(weights_of.values()):,}")
print(f"all {config.num_layers} blocks: {all_blocks:,}")
draw.bars(
    weights_of.keys(),
    weights_of.values(),
    title="The parameters of one block",
    alt="Four bars. FeedForward has 33,088 parameters, the attention 16,448, and the two norms have 128 each, so that their bars can "
    "hardly be seen.",
)

# %% [markdown]
# Nearly 200,000 in four blocks, and the whole model will have about 210,000: the embeddings and the scores are small
# change. You are looking at the GPT.
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
# - [ ] 09.06 Count a block and all of them
# - [ ] 09.07 Note its shapes on the map

# %% [markdown]
# ## What is now yours
#
# - **read, work, add**, twice: x + attention(norm_1(x)), then x + feed_forward(norm_2(x))
# - the **residual stream** carries what came in plus every message, each in full size
# - the norm **in front** leaves the road alone; behind, it presses everything on it
# - a block keeps the shape, and so it **stacks**
# - `TransformerBlock(config)`, 49,792 parameters in the real model, two thirds of them FeedForward
#
# What leaves the last block is still eight numbers for each character, and you wanted to know which character comes
# *next*. **10 VocabularyLogits** asks.
