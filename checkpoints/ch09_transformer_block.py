# %% [markdown]
# # 09 TransformerBlock
#
# Put the parts together, measure what each of them adds to the stream, and end up with a brick that you can stack.
#
# 45 minutes, six sections. You'll need chapters 05, 07 and 08, and no new mathematics at all.
#
# You've done the hard part. Everything a block does, you've computed before, in pieces, over several evenings.

# %%
#| export
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
#! redraw: config = Config(**new.sizes(num_layers=new.pick(3, 6, 7)))
#! redraw: small = Config(**new.sizes(batch_size=1, input_sequence_length=8, num_layers=new.pick(3, 5, 6)))

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
#! redraw: attention = MultiHeadAttention(small).eval()
#! redraw: feed_forward = FeedForward(small).eval()
#! redraw: stream = 2 * torch.randn(1, 8, small.embedding_dim)
#! redraw: norm_1.gain.data.uniform_(0.5, 2), norm_1.bias.data.uniform_(-1, 1)
#! redraw: norm_2.gain.data.uniform_(0.5, 2), norm_2.bias.data.uniform_(-1, 1)

# %%
heard = stream + attention(norm_1(stream))  # blank: read, listen to the others, add
block_out = heard + feed_forward(norm_2(heard))  # blank: read again, think, add
check("09.01")
#! hint: build each line from the inside out; the norm reads the stream as it is *now*, and the message is added to that
#!   same stream, not to the norm's version of it
#! mistake: attention(norm_1(stream)) -> The road is missing, so what was there is gone. `stream +` keeps it.
#! mistake: stream + attention(stream) -> Here attention gets the raw stream. It should read it through `norm_1`.
#! mistake: norm_1(stream) + attention(norm_1(stream)) -> What's kept is the stream itself, not the norm's version of
#!   it.
#! mistake: norm_1(stream + attention(stream)) -> That's the norm after the sum. It gets a section of its own, further
#!   down; here the norm comes before the work.
#! mistake: stream + attention(norm_2(stream)) -> Each step has its own norm, with a gain and a bias that it will learn.
#!   `norm_2` belongs to FeedForward.
#! mistake: stream + feed_forward(norm_2(stream)) -> That's thinking without having listened. Attention comes first,
#!   through `norm_1`.
#! mistake 2: heard + attention(norm_1(heard)) -> Heard twice, and nobody has thought. The second step is FeedForward's,
#!   through `norm_2`.
#! mistake 2: heard + feed_forward(norm_2(stream)) -> This reads the stream as it was before attention. Read `heard`.
#! mistake 2: stream + feed_forward(norm_2(stream)) -> This goes back to the stream before attention, so nobody has
#!   listened. Go on from `heard`.
#! mistake 2: heard + feed_forward(heard) -> Here FeedForward gets the raw stream. It should read it through `norm_2`.
#! mistake 2: feed_forward(norm_2(heard)) -> The road is missing again: `heard +`.
#! mistake 2: heard + feed_forward(norm_1(heard)) -> `norm_1` belongs to attention. FeedForward has its own.
#! mistake 2: stream + feed_forward(norm_2(heard)) -> This reads `heard` but adds to the stream from before attention,
#!   so what was heard gets lost.
#! alternative: attention(norm_1(stream)) + stream
#! alternative: torch.add(stream, attention(norm_1(stream)))
#! alternative: stream + attention.forward(norm_1.forward(stream))
#! alternative 2: feed_forward(norm_2(heard)) + heard
#! alternative 2: torch.stack((heard, feed_forward(norm_2(heard)))).sum(dim=0)

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
unheard = feed_forward(norm_2(stream))  # blank: what FeedForward would have added if attention had kept quiet
three = torch.stack((stream, from_attention, from_feed_forward))[:, 0]  # (3, 8 places, 8 numbers)
lengths = three.norm(dim=-1)  # blank: the length of each vector: (3, 8 places)
check("09.02")
#! hint: if attention adds nothing, what does `norm_2` get to read? And for a length, name the dimension that a vector's
#!   numbers are in
#! mistake: feed_forward(norm_2(heard)) -> That reads `heard`, with attention's message in it. What would be there
#!   without the message?
#! mistake: stream + feed_forward(norm_2(stream)) -> That's the whole stream afterwards. The question is what
#!   FeedForward adds to it.
#! mistake: feed_forward(stream) -> FeedForward still reads through its norm, `norm_2`.
#! mistake: feed_forward(norm_1(stream)) -> `norm_1` belongs to attention, and attention keeps quiet. FeedForward reads
#!   through `norm_2`.
#! mistake: feed_forward(norm_2(from_attention)) -> That's the message without the stream. Without attention there's the
#!   stream and no message.
#! mistake: block_out - stream -> That's the sum of what the two steps added.
#! mistake: block_out - from_attention -> That takes the message out after FeedForward has read it. Too late: let
#!   FeedForward read the stream without it.
#! mistake 2: three.norm() -> One length for everything together. Each vector should get its own: say along which
#!   dimension.
#! mistake 2: three.norm(dim=1) -> That runs along the places. A vector's numbers are in the last dimension.
#! mistake 2: three.square().sum(dim=-1) -> Nearly: those are the squares of the lengths. The root is missing.
#! mistake 2: three.abs().sum(dim=-1) -> That adds up the sizes of the numbers. The length is the root of the sum of
#!   their squares.
#! alternative: feed_forward(norm_2(heard - from_attention))
#! alternative: feed_forward.forward(norm_2.forward(stream))
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
heard_post = norm_1(stream + attention(stream))  # blank: listen, add, and normalise the sum
block_out_post = norm_2(heard_post + feed_forward(heard_post))  # blank: think, add, and normalise the sum
divided = (stream + attention(stream)).std(dim=-1, correction=0) * (heard_post + feed_forward(heard_post)).std(dim=-1, correction=0)  # blank: by how much the two norms together divide what came in: (1, 8)
check("09.03")
#! hint: the pieces of 09.01, but the norm moves from the inside of each line to the outside. A norm divides by the
#!   standard deviation (`correction=0`) of what it's given; so what are the two of them given, and what does dividing
#!   twice come to?
#! mistake: stream + attention(norm_1(stream)) -> That's the norm first, as in 09.01. Here the sum gets normalised.
#! mistake: stream + norm_1(attention(stream)) -> Here only the message gets normalised. The block of 2017 normalises
#!   the whole stream.
#! mistake: norm_1(stream + attention(norm_1(stream))) -> That's two norms, one before the work and one after it. The
#!   block of 2017 has only the one after it.
#! mistake: norm_1(attention(stream)) -> The road is missing: add, then normalise.
#! mistake: norm_2(stream + attention(stream)) -> Each step has its own norm. `norm_2` is the second step's.
#! mistake: norm_1(stream) + norm_1(attention(stream)) -> Here each part is normalised separately. Add them first.
#! mistake 2: norm_2(heard_post + feed_forward(norm_2(heard_post))) -> One norm too many: FeedForward reads the stream
#!   as it is.
#! mistake 2: heard_post + feed_forward(norm_2(heard_post)) -> That's the norm first. Here the sum gets normalised.
#! mistake 2: norm_1(heard_post + feed_forward(heard_post)) -> Each step has its own norm. `norm_1` was the first
#!   step's.
#! mistake 2: norm_2(heard + feed_forward(heard)) -> This goes on from the other block's stream. Use `heard_post`.
#! mistake 2: heard_post + norm_2(feed_forward(heard_post)) -> Here only the message gets normalised. Normalise the sum.
#! mistake 3: (stream + attention(stream)).std(dim=-1, correction=0) -> That's what the first norm divides by. The
#!   second one divides again.
#! mistake 3: heard_post.std(dim=-1, correction=0) * block_out_post.std(dim=-1, correction=0) -> That's measured after
#!   the norms. They divide by the spread of what they're given, so measure it before.
#! mistake 3: (stream + attention(stream)).std(dim=-1, correction=0) + (heard_post +
#!   feed_forward(heard_post)).std(dim=-1, correction=0) -> Those are the right two numbers, added. Dividing by 2 and
#!   then by 3 is dividing by 6.
#! mistake 3: attention(stream).std(dim=-1, correction=0) * feed_forward(heard_post).std(dim=-1, correction=0) -> That's
#!   the spread of the messages alone. What a norm is given is the whole sum.
#! mistake 3: stream.std(dim=-1, correction=0) * heard_post.std(dim=-1, correction=0) -> That's the spread before the
#!   messages are added. What a norm is given is the sum.
#! mistake 3: (stream + attention(stream)).std(dim=-1) * (heard_post + feed_forward(heard_post)).std(dim=-1) -> Nearly:
#!   this deviation divides by one too few. LayerNorm's has `correction=0`.
#! mistake 3: (stream + attention(stream)).var(dim=-1, correction=0) * (heard_post +
#!   feed_forward(heard_post)).var(dim=-1, correction=0) -> Those are variances. A norm divides by their roots.
#! mistake 3: (stream + attention(stream)).norm(dim=-1) * (heard_post + feed_forward(heard_post)).norm(dim=-1) -> Those
#!   are lengths. A norm divides by the standard deviation.
#! alternative: norm_1(torch.add(stream, attention(stream)))
#! alternative: norm_1(attention(stream) + stream)
#! alternative 2: norm_2(feed_forward(heard_post) + heard_post)
#! alternative 3: ((stream + attention(stream)).var(dim=-1, correction=0) * (heard_post +
#!   feed_forward(heard_post)).var(dim=-1, correction=0)).sqrt()
#! alternative 3: torch.stack((stream + attention(stream), heard_post + feed_forward(heard_post))).std(dim=-1,
#!   unbiased=False).prod(dim=0)

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
#| export
class TransformerBlock(nn.Module):
    """Every place hears from the others, then thinks for itself; each message is added to what was there."""

    def __init__(self, config: Config) -> None:
        """Two norms, a MultiHeadAttention and a FeedForward, with the sizes in `config`."""
        super().__init__()
        self.norm_1 = LayerNorm(config.embedding_dim)  # blank: what attention reads the stream through
        self.attention = MultiHeadAttention(config)  # blank: how a place hears from the others
        self.norm_2 = LayerNorm(config.embedding_dim)  # blank: what FeedForward reads the stream through
        self.feed_forward = FeedForward(config)  # blank: how it thinks

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The stream, (batch, sequence, embedding_dim), with both messages added: the same shape."""
        x = x + self.attention(self.norm_1(x))  # blank: read, listen, add
        return x + self.feed_forward(self.norm_2(x))  # blank: read, think, add


check("09.04")
#! hint: the parts are four classes that you've written; the two lines are 09.01 with `self.`, and with `x` for the
#!   stream
#! mistake: LayerNorm(config) -> A norm takes a single number, how wide the vectors are.
#! mistake: LayerNorm(8) -> That's right only for the small configuration. The class gets its sizes from `config`.
#! mistake: LayerNorm(small.embedding_dim) -> `small` belongs to this notebook. The class gets its sizes from `config`.
#! mistake: LayerNorm(config.hidden_dim) -> `hidden_dim` is the width inside FeedForward, and that's its own business.
#!   The stream is `config.embedding_dim` wide.
#! mistake 2: MultiHeadAttention(config.embedding_dim, config.num_heads) -> It takes the whole `config`, and looks up
#!   what it needs.
#! mistake 2: attention -> That's this notebook's attention. Each block makes its own.
#! mistake 3: self.norm_1 -> Then both steps share one norm, and whatever it learns for one of them, the other has to
#!   live with. Make a second one.
#! mistake 4: feed_forward -> That's this notebook's FeedForward. Each block makes its own.
#! mistake 4: MultiHeadAttention(config) -> That's attention a second time, and nobody thinks. This part is FeedForward.
#! mistake 5: self.attention(self.norm_1(x)) -> The road is missing: `x +`.
#! mistake 5: x + self.attention(x) -> Attention reads the stream through `self.norm_1`.
#! mistake 5: self.norm_1(x + self.attention(x)) -> That's the norm last. Ours comes first.
#! mistake 5: x + attention(norm_1(x)) -> Those are this notebook's parts. The object has its own, with `self.`.
#! mistake 6: self.feed_forward(self.norm_2(x)) -> The road is missing: `x +`.
#! mistake 6: x + self.feed_forward(self.norm_1(x)) -> FeedForward has a norm of its own, `self.norm_2`.
#! mistake 6: self.norm_2(x + self.feed_forward(x)) -> That's the norm last. Ours comes first.
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
stack = nn.Sequential(*(TransformerBlock(small) for _ in range(small.num_layers))).eval()  # blank [nn.Sequential(*(TransformerBlock(small) for _ in range(small.num_layers)))]: as many new blocks as `small` says, one after the other, as one module
top = stack(stream)  # blank: what leaves the last block
check("09.05")
#! hint: `nn.Sequential(first, second, ...)` calls one module after the other; a star turns a comprehension into
#!   separate arguments
#! mistake: nn.Sequential(*[TransformerBlock(small)] * small.num_layers) -> That's one block, called several times. Each
#!   layer should have numbers of its own, so make a new block each time.
#! mistake: nn.Sequential(*(copy.deepcopy(block) for _ in range(small.num_layers))) -> Those are copies of one block, so
#!   all layers start with the same numbers. Each should draw its own: call the class each time.
#! mistake: nn.Sequential(*(copy.deepcopy(one) for one in [TransformerBlock(small)] * small.num_layers)) -> One block is
#!   made here, then copied, so all layers start with the same numbers. Each should draw its own: call the class each
#!   time.
#! mistake: nn.ModuleList(TransformerBlock(small) for _ in range(small.num_layers)) -> A ModuleList keeps modules but
#!   can't be called. `nn.Sequential` keeps them and calls one after the other.
#! mistake: nn.Sequential([TransformerBlock(small) for _ in range(small.num_layers)]) -> Sequential wants the blocks one
#!   by one, not in a list. A star in front of the list unpacks it.
#! mistake: nn.Sequential(*(TransformerBlock(small) for _ in range(small.num_heads))) -> That's how many heads a block
#!   has. `num_layers` says how many blocks there are.
#! mistake 2: stack[0](stream) -> That's what leaves the first block.
#! mistake 2: stream + stack(stream) -> The blocks have added to the stream already.
#! mistake 2: sum(block(stream) for block in stack) -> Here each block gets the same input. Each should get what came
#!   out of the one before it.
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
all_blocks = config.num_layers * sum(weights_of.values())  # blank: how many parameters there are in all blocks of the model
twice_as_wide = config.num_layers * sum(parameter.numel() * 2 ** parameter.dim() for parameter in real.parameters())  # blank: how many there would be if the model were twice as wide
check("09.06")
#! hint: a model has `config.num_layers` blocks, and a block has as many parameters as all its parts together. For the
#!   second line: a vector twice as long has twice as many numbers, and a matrix grows on both sides
#! mistake: sum(weights_of.values()) -> That's one block. The model has several.
#! mistake: config.num_layers * len(weights_of) -> That multiplies by how many parts there are. The values say how many
#!   parameters each part has.
#! mistake: config.num_heads * sum(weights_of.values()) -> That multiplies by the number of heads, and attention's
#!   count already covers all of them. How many blocks are there?
#! mistake: config.num_layers * len(list(real.parameters())) -> That counts tensors. A matrix is one tensor and has many
#!   numbers.
#! mistake 2: 2 * all_blocks -> That would be right if everything were a vector. A matrix gets twice as many rows *and*
#!   twice as many columns.
#! mistake 2: 4 * all_blocks -> That's right for the matrices, and they're nearly everything. Gains and biases are
#!   vectors, which only double.
#! mistake 2: sum(parameter.numel() * 2 ** parameter.dim() for parameter in real.parameters()) -> That's one block. The
#!   model has several.
#! equivalent: another operator: 2 ** parameter.dim() => 2 * parameter.dim() -> with one dimension or two, they're the
#!   same number
#! alternative: config.num_layers * sum(parameter.numel() for parameter in real.parameters())
#! alternative: sum(config.num_layers * number for number in weights_of.values())
#! alternative 2: config.num_layers * sum(parameter.numel() * (4 if parameter.dim() == 2 else 2) for parameter in
#!   real.parameters())
#! alternative 2: config.num_layers * sum(parameter.numel() for parameter in TransformerBlock(Config(embedding_dim=2 *
#!   config.embedding_dim, hidden_dim=2 * config.hidden_dim, num_heads=config.num_heads)).parameters())
#! alternative 2: config.num_layers * sum(parameter.numel() * 2 * parameter.dim() for parameter in real.parameters())
#! alternative 2: 4 * all_blocks - 2 * config.num_layers * sum(parameter.numel() for parameter in real.parameters() if
#!   parameter.dim() == 1)

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
    "norm_1 gain": (config.embedding_dim,),  # blank [(config.embedding_dim,)]: one number for each number of a vector
    "norm_2 gain": (config.embedding_dim,),
    "out of the last block": (config.batch_size, config.input_sequence_length, config.embedding_dim),  # blank [(config.batch_size, config.input_sequence_length, config.embedding_dim)]: after all `config.num_layers` of them
}
check("09.07")
#! hint: a norm treats every place alike, so it knows neither batch nor places; and if bricks are to stack, what comes
#!   out must have the shape of what goes in
#! mistake: config.embedding_dim -> The number is right, but a shape is a tuple, even if it has only one number: put a
#!   comma after it.
#! mistake: (1, config.embedding_dim) -> That's a matrix with one row. The gain has one dimension.
#! mistake: (config.input_sequence_length,) -> That would be one gain for each place. It has one for each number of a
#!   vector.
#! mistake: (config.batch_size, config.input_sequence_length, config.embedding_dim) -> That's what goes through it. The
#!   gain is learned, and it's the same for every place.
#! mistake 2: (config.batch_size, config.input_sequence_length, config.num_layers * config.embedding_dim) -> The blocks
#!   come one after the other, and they add. Nothing gets wider.
#! mistake 2: (config.num_layers, config.batch_size, config.input_sequence_length, config.embedding_dim) -> There's one
#!   stream, and all blocks add to it.
#! alternative: tuple(real.norm_1.gain.shape)
#! alternative 2: tuple(real(torch.zeros(config.batch_size, config.input_sequence_length,
#!   config.embedding_dim)).shape)

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
            x = after - message(x)  # blank: a better guess than x
    return x


def undo(layer, after):
    """What went into a block, from what came out of it."""
    between = before(after, lambda x: layer.feed_forward(layer.norm_2(x)))  # blank: the stream between the block's two steps
    return before(between, lambda x: layer.attention(layer.norm_1(x)))  # blank: the stream before both steps


back = top.detach()
for layer in reversed(stack):  # blank [reversed(stack)]: the blocks, in which order?
    back = undo(layer, back)
check("09.08")
#! challenge: 15 minutes
#! hint: if x were the right one, x + message(x) would be `after`. Solve that for the first x, and put your guess in for
#!   the second. As for the order, think of socks and shoes
#! mistake: x - message(x) -> This takes one more message away each time round. The message was added only once, and the
#!   sum was `after`.
#! mistake: after - message(after) -> That's the same second guess, a hundred times. Ask for the message of the latest
#!   guess, `x`.
#! mistake: after + message(x) -> That adds the message once more. You want it gone.
#! mistake: x + message(x) -> That goes forwards, a hundred steps of it.
#! mistake: message(x) - after -> The signs are flipped: from `after`, take the message away.
#! mistake 2: before(after, lambda x: layer.attention(layer.norm_1(x))) -> Attention spoke first, so its message comes
#!   off last. What's on top is FeedForward's.
#! mistake 2: before(after, lambda x: layer.feed_forward(x)) -> FeedForward read the stream through `layer.norm_2`.
#! mistake 2: after - layer.feed_forward(layer.norm_2(after)) -> That's only the second guess. Let `before` make the
#!   other ninety-nine.
#! mistake 2: before(after, layer) -> A layer gives the stream with its messages in it. `message` should give only what
#!   FeedForward adds.
#! mistake 3: before(after, lambda x: layer.attention(layer.norm_1(x))) -> This starts again from the end. FeedForward's
#!   message is already off in `between`.
#! mistake 3: before(between, lambda x: layer.attention(x)) -> Attention read the stream through `layer.norm_1`.
#! mistake 3: between -> That's the stream with attention's message still in it.
#! mistake 4: stack -> That takes off the first block's messages first. The last block's are on top.
#! mistake 4: stack[:-1] -> The last block is left out. It's the first to be undone.
#! alternative: x + (after - x - message(x))
#! alternative: torch.sub(after, message(x))
#! alternative 2: before(after, nn.Sequential(layer.norm_2, layer.feed_forward))
#! alternative 3: before(between, nn.Sequential(layer.norm_1, layer.attention))
#! alternative 4: stack[::-1]
#! alternative 4: list(stack)[::-1]
#! probe: before(torch.tensor([4.0, -2.0]), lambda x: x / 3) -> what `before` finds for the message x / 3
#! probe: undo(stack[0], stack[0](stream).detach()) -> what goes into the first block, from what comes out of it
#! probe: [undo(layer, layer(stream).detach()) for layer in [copy.deepcopy(stack[0])] if
#!   layer.norm_2.gain.data.mul_(0.3) is not None][0] -> what goes into a block whose two norms have learned different
#!   gains
#! probe: back -> what went into the stack

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
