# %% [markdown]
# # 09 TransformerBlock
#
# Screw the parts together, listen to what each of them does to the stream, and get a brick that fits on itself.
#
# 45 minutes in six sections. It needs chapters 05, 07 and 08, and no new mathematics at all.
#
# You have done the hard part. Everything in this chapter you have computed before, in pieces, over several evenings.

# %%
#| export
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
#! redraw: config = Config(**new.sizes(num_layers=new.pick(3, 6, 7)))
#! redraw: small = Config(**new.sizes(batch_size=1, input_sequence_length=8, num_layers=new.pick(3, 5, 6)))

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
#! redraw: attention = MultiHeadAttention(small).eval()
#! redraw: feed_forward = FeedForward(small).eval()
#! redraw: stream = 2 * torch.randn(1, 8, small.embedding_dim)
#! redraw: norm_1.gain.data.uniform_(0.5, 2), norm_1.bias.data.uniform_(-1, 1)
#! redraw: norm_2.gain.data.uniform_(0.5, 2), norm_2.bias.data.uniform_(-1, 1)

# %%
heard = stream + attention(norm_1(stream))  # blank: read, listen to the others, add
block_out = heard + feed_forward(norm_2(heard))  # blank: read again, think, add
check("09.01")
#! hint: from the inside out: what is read is the stream as it is *now*; what is kept is the stream from before the
#!   norm
#! mistake: attention(norm_1(stream)) -> The road is missing: what was there is gone. `stream +` keeps it.
#! mistake: stream + attention(stream) -> Attention reads the stream through `norm_1`.
#! mistake: norm_1(stream) + attention(norm_1(stream)) -> What is kept is the stream itself, not what the norm shows
#!   of it.
#! mistake: norm_1(stream + attention(stream)) -> That is the norm behind. It has its own section, further down; here
#!   it stands in front.
#! mistake: stream + attention(norm_2(stream)) -> Each step has a norm of its own, with a gain and a bias that will
#!   learn. This one belongs to FeedForward.
#! mistake: stream + feed_forward(norm_2(stream)) -> That's the second step. First hear what the others know: the
#!   attention, through `norm_1`.
#! mistake 2: heard + attention(norm_1(heard)) -> Heard twice, and nobody has thought. The second step is FeedForward's,
#!   through `norm_2`.
#! mistake 2: heard + feed_forward(norm_2(stream)) -> This reads the stream as it was before the attention. Read
#!   `heard`.
#! mistake 2: stream + feed_forward(norm_2(stream)) -> This thinks about the stream as it was, so nobody has listened.
#!   Go on from `heard`.
#! mistake 2: heard + feed_forward(heard) -> FeedForward reads the stream through `norm_2`.
#! mistake 2: feed_forward(norm_2(heard)) -> The road is missing again: `heard +`.
#! mistake 2: heard + feed_forward(norm_1(heard)) -> That norm belongs to the attention. FeedForward has its own.
#! mistake 2: stream + feed_forward(norm_2(heard)) -> This keeps the stream from before the attention, and forgets
#!   what was heard.
#! alternative: attention(norm_1(stream)) + stream
#! alternative: torch.add(stream, attention(norm_1(stream)))
#! alternative: stream + attention.forward(norm_1.forward(stream))
#! alternative 2: feed_forward(norm_2(heard)) + heard
#! alternative 2: torch.stack((heard, feed_forward(norm_2(heard)))).sum(dim=0)

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
from_feed_forward = block_out - heard  # blank: what the second step has added
three = torch.stack((stream, from_attention, from_feed_forward))[:, 0]  # (3, 8 places, 8 numbers)
lengths = three.norm(dim=-1)  # blank: the length of each vector: (3, 8 places)
check("09.02")
#! hint: what was added is what is there afterwards minus what was there before; for the length give the dimension in
#!   which a vector's numbers stand
#! mistake: block_out - stream -> That is what both steps have added together. The second began with `heard`.
#! mistake: heard - block_out -> The other way round: afterwards minus before.
#! mistake: block_out -> That is the whole stream. What has been added since `heard`?
#! mistake 2: three.norm() -> One length for everything together. Each vector has its own: say along which dimension.
#! mistake 2: three.norm(dim=1) -> That runs along the places. A vector's numbers stand in the last dimension.
#! mistake 2: three.square().sum(dim=-1) -> Nearly: those are the squares of the lengths. The root is missing.
#! mistake 2: three.abs().sum(dim=-1) -> That adds up the sizes of the numbers. The length is the root of the sum of
#!   their squares.
#! alternative: feed_forward(norm_2(heard))
#! alternative: block_out.sub(heard)
#! alternative 2: three.square().sum(dim=-1).sqrt()
#! alternative 2: torch.linalg.vector_norm(three, dim=-1)
#! alternative 2: torch.linalg.norm(three, dim=2)
#! alternative 2: (three**2).sum(-1) ** 0.5
#! alternative 2: torch.einsum("kpn,kpn->kp", three, three).sqrt()

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
heard_post = norm_1(stream + attention(stream))  # blank: listen, add, and normalise the sum
block_out_post = norm_2(heard_post + feed_forward(heard_post))  # blank: think, add, and normalise the sum
check("09.03")
#! hint: the same pieces as in 09.01, and in each line the norm goes from the inside to the outside
#! mistake: stream + attention(norm_1(stream)) -> That is the norm in front, as in 09.01. Now the sum is normalised.
#! mistake: stream + norm_1(attention(stream)) -> Here only what is added is normalised. The block of 2017 normalises
#!   the whole stream.
#! mistake: norm_1(stream + attention(norm_1(stream))) -> Now there are two norms, one in front and one behind. The
#!   block of 2017 has only the one behind.
#! mistake: norm_1(attention(stream)) -> The road is missing: add, then normalise.
#! mistake: norm_2(stream + attention(stream)) -> Each step has a norm of its own. `norm_2` is the second step's.
#! mistake: norm_1(stream) + norm_1(attention(stream)) -> Here each part is normalised by itself. Add them first.
#! mistake 2: norm_2(heard_post + feed_forward(norm_2(heard_post))) -> One norm too many: nothing stands in front
#!   here.
#! mistake 2: heard_post + feed_forward(norm_2(heard_post)) -> That is the norm in front. Here the sum is normalised.
#! mistake 2: norm_1(heard_post + feed_forward(heard_post)) -> Each step has a norm of its own. `norm_1` was the first
#!   step's.
#! mistake 2: norm_2(heard + feed_forward(heard)) -> This goes on from the other way's stream. Use `heard_post`.
#! mistake 2: heard_post + norm_2(feed_forward(heard_post)) -> The sum is normalised, not only what is added.
#! alternative: norm_1(torch.add(stream, attention(stream)))
#! alternative: norm_1(attention(stream) + stream)
#! alternative 2: norm_2(feed_forward(heard_post) + heard_post)

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
#| export
class TransformerBlock(nn.Module):
    """Every place hears from the others, then thinks for itself; both are added to what it was."""

    def __init__(self, config: Config) -> None:
        """Two norms, an attention and a FeedForward, each of the sizes that `config` says."""
        super().__init__()
        self.norm_1 = LayerNorm(config.embedding_dim)  # blank: through which the attention reads the stream
        self.attention = MultiHeadAttention(config)  # blank: with which a place hears from the others
        self.norm_2 = LayerNorm(config.embedding_dim)  # blank: through which FeedForward reads the stream
        self.feed_forward = FeedForward(config)  # blank: with which it thinks

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The stream, (batch, sequence, embedding_dim), with both messages added: the same shape."""
        x = x + self.attention(self.norm_1(x))  # blank: read, listen, add
        return x + self.feed_forward(self.norm_2(x))  # blank: read, think, add


check("09.04")
#! hint: the parts are four classes that you have written, and the two lines are 09.01 with `self.` and with `x` for
#!   the stream
#! mistake: LayerNorm(config) -> A norm wants to know one number only, how wide the vectors are.
#! mistake: LayerNorm(8) -> That is right for the small configuration only. The class hears its sizes from `config`.
#! mistake: LayerNorm(small.embedding_dim) -> `small` belongs to this notebook. The class hears its sizes from `config`.
#! mistake: LayerNorm(config.hidden_dim) -> The middle of FeedForward is nobody's business here. The stream is
#!   `config.embedding_dim` wide.
#! mistake 2: MultiHeadAttention(config.embedding_dim, config.num_heads) -> It takes the whole `config`, and looks up
#!   for itself what it needs.
#! mistake 2: attention -> That is the attention of this notebook. Each block makes its own.
#! mistake 3: self.norm_1 -> Then both steps share one norm, and whatever one of them learns, the other has to bear.
#!   Make a second one.
#! mistake 4: feed_forward -> That is the FeedForward of this notebook. Each block makes its own.
#! mistake 4: MultiHeadAttention(config) -> A second attention, and nobody thinks. This part is FeedForward.
#! mistake 5: self.attention(self.norm_1(x)) -> The road is missing: `x +`.
#! mistake 5: x + self.attention(x) -> Attention reads the stream through `self.norm_1`.
#! mistake 5: self.norm_1(x + self.attention(x)) -> That is the norm behind. Ours stands in front.
#! mistake 5: x + attention(norm_1(x)) -> Those are the parts of this notebook. The object has its own, with `self.`.
#! mistake 6: self.feed_forward(self.norm_2(x)) -> The road is missing: `x +`.
#! mistake 6: x + self.feed_forward(self.norm_1(x)) -> FeedForward has a norm of its own, `self.norm_2`.
#! mistake 6: self.norm_2(x + self.feed_forward(x)) -> That is the norm behind. Ours stands in front.
#! mistake 6: x + self.feed_forward(x) -> FeedForward reads the stream through `self.norm_2`.
#! alternative: LayerNorm(dim=config.embedding_dim)
#! alternative: nn.LayerNorm(config.embedding_dim)
#! alternative 3: nn.LayerNorm(config.embedding_dim, eps=1e-5)
#! alternative 5: torch.add(x, self.attention(self.norm_1(x)))
#! alternative 5: self.attention(self.norm_1(x)) + x
#! alternative 6: self.feed_forward(self.norm_2(x)) + x
#! probe: TransformerBlock(small) -> the block for the small configuration
#! probe: same_weights(TransformerBlock(small))(stream) -> its output for `stream`
#! probe: [same_weights(TransformerBlock(sizes))(x) for sizes in [Config(**new.sizes())] for x in [3 * torch.randn(2, 4,
#!   sizes.embedding_dim) + 1]][0] -> its output for two windows of four places, in another configuration
#! probe: same_weights(TransformerBlock(small))(torch.cat((stream, stream.flip(1)))[:, :5]) -> its output for two
#!   windows that are shorter than it can see

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
stack = nn.Sequential(*(TransformerBlock(small) for _ in range(small.num_layers))).eval()  # blank [nn.Sequential(*(TransformerBlock(small) for _ in range(small.num_layers)))]: as many new blocks as `small` says, one after the other, as one module
top = stack(stream)  # blank: what leaves the last block
check("09.05")
#! hint: `nn.Sequential(first, second, ...)` calls one module after the other; a star unpacks a comprehension into its
#!   arguments
#! mistake: nn.Sequential(*[TransformerBlock(small)] * small.num_layers) -> That is one block, called several times.
#!   Each layer has numbers of its own: make each one anew.
#! mistake: nn.ModuleList(TransformerBlock(small) for _ in range(small.num_layers)) -> A ModuleList keeps modules, but
#!   cannot be called. `nn.Sequential` keeps them and calls one after the other.
#! mistake: nn.Sequential([TransformerBlock(small) for _ in range(small.num_layers)]) -> Sequential wants the blocks
#!   one by one, not in a list. A star in front of the list unpacks it.
#! mistake: nn.Sequential(*(TransformerBlock(small) for _ in range(small.num_heads))) -> That is how many heads a
#!   block has. The blocks are counted by `num_layers`.
#! mistake 2: stack[0](stream) -> That is what leaves the first block.
#! mistake 2: stream + stack(stream) -> The blocks have added to the stream already.
#! mistake 2: sum(block(stream) for block in stack) -> Here each block gets the same input. Each should get what the
#!   one before it gave.
#! alternative: nn.Sequential(*[TransformerBlock(small) for _ in range(small.num_layers)])
#! alternative: nn.Sequential(*map(TransformerBlock, [small] * small.num_layers))
#! alternative 2: stack.forward(stream)
#! alternative 2: stack[1:](stack[0](stream))

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
    name: sum(parameter.numel() for parameter in part.parameters())  # blank [sum(parameter.numel() for parameter in part.parameters())]: how many numbers this part has
    for name, part in real.named_children()
}
all_blocks = config.num_layers * sum(weights_of.values())  # blank: how many there are in all blocks of the model
check("09.06")
#! hint: the sum is 07.10 again; a model has `config.num_layers` blocks, and a block has what its parts have together
#! mistake: len(list(part.parameters())) -> That counts tensors. A matrix is one tensor and has many numbers.
#! mistake: sum(parameter.numel() for parameter in real.parameters()) -> That is the whole block, for every part. Ask
#!   the part.
#! mistake: sum(len(parameter) for parameter in part.parameters()) -> `len` of a matrix is how many rows it has.
#!   `numel()` counts all its numbers.
#! mistake 2: sum(weights_of.values()) -> That is one block. The model has several.
#! mistake 2: config.num_layers * len(weights_of) -> That multiplies by how many parts there are. Their numbers are in
#!   the values.
#! mistake 2: config.num_heads * sum(weights_of.values()) -> The heads are counted inside the attention. How many
#!   blocks are there?
#! alternative: sum(map(torch.numel, part.parameters()))
#! alternative: nn.utils.parameters_to_vector(part.parameters()).numel()
#! alternative 2: config.num_layers * sum(parameter.numel() for parameter in real.parameters())
#! alternative 2: sum(config.num_layers * number for number in weights_of.values())

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
    "norm_1 gain": (config.embedding_dim,),  # blank [(config.embedding_dim,)]: one number for each number of a vector
    "norm_2 gain": (config.embedding_dim,),
    "out of the last block": (config.batch_size, config.input_sequence_length, config.embedding_dim),  # blank [(config.batch_size, config.input_sequence_length, config.embedding_dim)]: after all `config.num_layers` of them
}
check("09.07")
#! hint: a norm treats every place alike, so it knows neither batch nor places; and a brick that fits on itself
#!   changes nothing about the shape
#! mistake: config.embedding_dim -> The number is right, but a shape is a tuple, also when it has one number: a comma
#!   behind it makes it one.
#! mistake: (1, config.embedding_dim) -> That's a matrix with one row. The gain is a row by itself: one dimension.
#! mistake: (config.input_sequence_length,) -> It has no gain for each place. It has one for each number of a vector.
#! mistake: (config.batch_size, config.input_sequence_length, config.embedding_dim) -> That is what goes through it.
#!   The gain is learned, and the same for every place.
#! mistake 2: (config.batch_size, config.input_sequence_length, config.num_layers * config.embedding_dim) -> The
#!   blocks stand one after the other and add. Nothing gets wider.
#! mistake 2: (config.num_layers, config.batch_size, config.input_sequence_length, config.embedding_dim) -> There is
#!   one stream, which all blocks add to.
#! alternative: tuple(real.norm_1.gain.shape)
#! alternative 2: tuple(real(torch.zeros(config.batch_size, config.input_sequence_length,
#!   config.embedding_dim)).shape)

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
