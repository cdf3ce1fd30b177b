# %% [markdown]
# <!-- Made from checkpoints/ch11_bigram_language_model.py by scripts/build.py. From your first edit on it is yours. -->
# # 11 BigramLanguageModel
#
# Put all the parts together, and let the model speak for the first time.
#
# 90 minutes in seven sections, and a challenge if you want one. You'll need chapters 04, 09 and 10.
#
# We start with a model that's nothing but a table, because everything you need to know about *speaking* can be learned
# from a table. The big model then gets it all for free.

# %%
import torch
import torch.nn.functional as F
from torch import nn

# %%
import math
from dataclasses import replace

from nanogpt import Config, DataLoader, EmbeddingModule, TransformerBlock, VocabularyLogits
from workshop import ____, check, corpus, draw, hint, running, solution

torch.set_printoptions(precision=3, linewidth=100, sci_mode=False)
torch.set_num_threads(1)  # for tensors this small a second core only gets in the way

# %%
config, small = Config(), Config.small()
loader = running.loader()
vocab_size = loader.vocab_size
print(f"{vocab_size} characters, {len(loader.train_ids):,} ids to learn from")

# %% [markdown]
# ## A table of pairs · 14 min
#
# The title promises a **bigram**, which is a pair. One of the oldest language models looks at the last character only,
# and its bets on the next one come from counting: how often did `e` follow `h`?
#
# That's a table, (64, 64). Row `h`, column `e` says how often this pair turned up. To count all the pairs at once, give
# each a number: `vocab_size` times the first id, plus the second. A cinema could number its seats like that, straight
# through, row after row. `torch.bincount` then counts how often each number turns up.

# %%
here, following = loader.train_ids[:-1], loader.train_ids[1:]
print("the first pairs:", [loader.decode(pair) for pair in zip(here[:5], following[:5], strict=True)])

# %%
counts = torch.bincount(____, minlength=vocab_size**2).view(vocab_size, vocab_size)  # the number of each pair
more = counts + 1.0  # one more for each, so nothing is impossible
table = ____  # each row of `more` as probabilities
check("11.01")

# %%
shown = loader.encode(" ehtqun")
draw.heat(
    table[shown][:, shown],
    rows=loader.decode(shown),
    columns=loader.decode(shown),
    title="Given the row, how probable is the column?",
    x_name="what follows",
    alt="Seven rows and columns: space, e, h, t, q, u, n. The u after q stands out with 0.90. The e after h has 0.35, the h "
    "after t 0.34, the space after e 0.29, the t after a space 0.14. More than half of the squares are nearly 0.",
)
print(f"{int((counts == 0).sum()):,} of {counts.numel():,} pairs never occur")

# %% [markdown]
# How good is it? Chapter 10 gave you the yardstick. PyTorch's loss wants scores, and if you take the logarithm of
# `table` you get scores whose softmax is `table`. So this table of scores *is* a model: an id picks a row, and the row
# holds the logits for what comes next.

# %%
seen, to_come = loader.validation_ids[:-1], loader.validation_ids[1:]

# %%
scores = ____  # the logarithms of the probabilities: a row of logits for each character
bigram_loss = ____  # the mean surprise of the table on the validation text
check("11.02")

# %%
print(f"knowing nothing: 4.16; the table of pairs: {bigram_loss:.2f}")
print(f"perplexity of the table: {math.exp(bigram_loss):.1f}")

# %% [markdown]
# 2.48. From a choice among 64 equals down to 12, just by counting, in the blink of an eye. Not bad for something that
# remembers a single character. It can't get much better, though: if all you see is the `e`, you can't know whether it
# ended `the` or began `end`. In chapter 12 your model will reach about 1.86, a choice among 6.4 equals. The drop from
# 12 to 6.4 is what the other 31 characters are worth, and it's what attention is for.
#
# And the name? In Andrej Karpathy's lecture the first model is a table like this one, in a class called
# `BigramLanguageModel`. Then it grows, one part after another, until it's a GPT that still has its old name. We keep
# the name, too. It's a reminder of what every language model does: it takes what's there, and gives scores for what
# comes next. At the end of the chapter you'll see when the name is still literally true.
#
# - [ ] 11.01 Count pairs, and turn the counts into probabilities
# - [ ] 11.02 Measure what the table is worth
# - [ ] 11.r1 I can say what a bigram model sees, and what it can't see

# %% [markdown]
# ## The likeliest, always · 8 min
#
# Now let it speak. The plan: look at the last character, take the *best* in its row, append it, and do it again. That's
# called **greedy**. What will it say after `Let's he`? Guess. The figure above tells you most of it.

# %%
def greedy(start: str, count: int) -> str:
    """`start` and `count` more characters, each the likeliest after the one before it."""
    ids = loader.encode(start)
    for _ in range(count):
        row = ____  # the scores for what comes after the last id
        ids.append(____)  # the best id, as a plain whole number
    return loader.decode(ids)


check("11.03")

# %%
for start in ("Let's he", "L", "RI", "\n"):
    print(repr(greedy(start, 50)))

# %% [markdown]
# `the the the the`. After `e` the likeliest is a space, after the space a `t`, after that an `h`, then an `e`, and so
# on round the loop for ever. A model with one character of memory doesn't know that it has said this before. And once
# it has ended a line, it presses Return until morning.
#
# Every step is the best one there is, and the whole is the dullest text in the language. (Larger models do it too, in
# larger circles: if you always take their likeliest token, they begin to repeat whole sentences.) The trouble is the
# plan. In 29% of all cases an `e` is followed by a space, and greedy turns that into 100%.
#
# - [ ] 11.03 Let the table speak greedily

# %% [markdown]
# ## Dice · 14 min
#
# If something is right in 29% of the cases, say it in 29% of the cases. For that we need a wheel of fortune, with a
# segment for each character, as wide as its probability. Here's a small one with four:

# %%
odds = torch.tensor([8.0, 4.0, 2.0, 2.0])
chances = odds / odds.sum()
torch.manual_seed(1346)
spins = torch.rand(6)  # six numbers between 0 and 1: where the pointer stops
print("chances", chances)
print("spins  ", spins)

# %% [markdown]
# Lay the segments side by side, from 0 to 1: the first ends at 0.5, the second at 0.75, and so on. Each of these
# right-hand edges is the sum of all the chances so far. A pointer that stops at 0.6 has passed **one** edge, so it's
# in segment 1. Count the edges it has passed, and you have the id.

# %%
edges = ____  # the right-hand edge of each segment: (4,)
landed = ____  # for each of the six spins, how many edges it has passed: (6,)
check("11.04")

# %%
print("edges ", edges)
print("landed", landed)
torch.manual_seed(1346)
many = (torch.rand(10_000, 1) > edges).sum(dim=1)
print("10,000 spins, the share of each segment:", torch.bincount(many, minlength=4) / 10_000)

# %% [markdown]
# That's sampling. PyTorch has the wheel ready-made: `torch.multinomial(chances, num_samples=1)` gives you the id of the
# segment, in a tensor with one number. Use it to write a function that takes a row of *scores*, which is what a model
# gives.

# %%
def roll(row: torch.Tensor) -> int:
    """An id, drawn with the probabilities that a row of scores (vocabulary,) gives."""
    chances = ____  # the scores as probabilities
    return ____  # one spin of the wheel, as a plain whole number


check("11.05")

# %%
def speak(start: str, count: int, change=lambda row: row) -> str:
    """Like `greedy`, but with dice; `change` may change the scores first."""
    ids = loader.encode(start)
    for _ in range(count):
        ids.append(roll(change(scores[ids[-1]])))
    return loader.decode(ids)


torch.manual_seed(1346)
print(speak("Let's he", 200))

# %% [markdown]
# No more circles. It's nonsense, but it's English nonsense: syllables you can almost pronounce, capitals where a line
# begins, spaces at about the right distances. Take any two neighbours and they're plausible. Take three, and the table
# has already forgotten the first.
#
# - [ ] 11.04 Build a wheel of fortune
# - [ ] 11.05 Roll the next character from its scores
# - [ ] 11.r2 I can say why nobody writes the likeliest character each time, and why a model shouldn't either

# %% [markdown]
# ## Colder, warmer, fewer · 12 min
#
# There's some room between `the the the` and this babble, and two knobs let you move around in it. (They're extras. The
# class at the end does without them.)
#
# The first knob: divide the scores by a number before the softmax. You've met this from the other side in chapter 06,
# where scores that were too large made the softmax too sharp. Small scores make a flat bet, large ones a sharp bet. The
# number is called the **temperature**. Guess what happens near 0.

# %%
def heated(row: torch.Tensor, temperature: float) -> torch.Tensor:
    """The probabilities of a row of scores at a temperature; 1 leaves them as they are."""
    return ____  # divide, then turn into probabilities


check("11.06")

# %%
after_e = scores[loader.id_of["e"]]
favourites = after_e.topk(min(10, vocab_size)).indices.tolist()
temperatures = (0.1, 0.5, 1.0, 2.0, 10.0)
draw.heat(
    torch.stack([heated(after_e, temperature)[favourites] for temperature in temperatures]),
    rows=[f"temperature {temperature}" for temperature in temperatures],
    columns=[loader.decode([number]) for number in favourites],
    title='What may follow an "e", from cold to hot',
    alt="Five rows, ten columns: space, r, n, s, a and five more. At 0.1 the space has 1.00 and all others 0. At 0.5 it has "
    "0.68 and the r 0.12. At 1 it is 0.29, 0.12, 0.08 and falling. At 2 it is 0.11, 0.07, 0.06. At 10 all ten have 0.02 or "
    "0.03.",
)
for temperature in (0.3, 0.7, 1.5, 3.0):
    torch.manual_seed(1346)
    said = speak("Let's he", 60, lambda row, heat=temperature: row / heat)
    print(f"{temperature}: {said!r}")

# %% [markdown]
# Near 0 it's greedy, at 1 it says what it has learned, and when it's hot it hits any old key. Many people settle for
# something like 0.7, which is a little less honest but makes fewer slips.
#
# Why are there slips at all? At any place, most of the 64 characters are nearly impossible. Nearly. Each one has a
# segment on the wheel, a very narrow one, but there are many of them, and over a hundred characters the pointer is
# bound to stop in a few. The second knob cuts them off: keep the k best scores, and set all the others to minus
# infinity. It's called **top-k**.

# %%
def only_best(row: torch.Tensor, k: int) -> torch.Tensor:
    """A row of scores (vocabulary,) with only the k best left; the others are minus infinity."""
    limit = ____  # the lowest score that may stay: the k-th best
    return ____  # set everything below it to minus infinity


check("11.07")

# %%
for k in (1, 3, 10):
    torch.manual_seed(1346)
    said = speak("Let's he", 60, lambda row, best=k: only_best(row, best))
    print(f"{k:>2}: {said!r}")

# %% [markdown]
# Watch the wheel turn three times, with only the eight best left in each row.

# %%
torch.manual_seed(1346)
text_so_far = loader.encode("Let's h")
for _ in range(3):
    bet = only_best(scores[text_so_far[-1]], 8)
    best = bet.softmax(dim=-1).topk(8)
    names = [loader.decode([number]) for number in best.indices.tolist()]
    drawn = roll(bet)
    draw.bars(
        names,
        best.values,
        title=f"After {loader.decode(text_so_far)!r} the wheel gives {loader.decode([drawn])!r}",
        alt="Eight bars, from the highest to the lowest: "
        + ", ".join(f"{name!r} {chance:.2f}" for name, chance in zip(names, best.values.tolist(), strict=True))
        + f". The wheel gives {loader.decode([drawn])!r}.",
    )
    text_so_far.append(drawn)

# %% [markdown]
# With k = 1 it's greedy, and with k = 64 nothing changes. Many of the programs that run a language model have both
# knobs, and you may have turned them.
#
# They make the text tidier, but neither makes the model *know* more. For that we need a model that looks further back
# than one character. Time to build it.
#
# - [ ] 11.06 Heat and cool the bets
# - [ ] 11.07 Keep the k best

# %% [markdown]
# ## All the parts in a row · 14 min
#
# `Let's he` once more, in the small configuration, from beginning to end. Ids go into the embedding (chapter 04),
# through a block (chapter 09), and come out as scores (chapter 10). The blocks are kept in an `nn.ModuleList`. Here
# it holds only one, because the numbers you've been following are those of one block.

# %%
ids = running.ids()  # (1, 8)
embedding, to_logits = running.part("04"), running.part("10")
blocks = nn.ModuleList([running.part("09")])
print(ids)

# %%
x = ____  # each id as a vector that knows what and where
for block in blocks:
    x = ____  # the stream through this block
logits = ____  # the scores of each place
check("11.08")

# %%
print(tuple(ids.shape), "->", tuple(x.shape), "->", tuple(logits.shape))
print("what chapter 10 ended with:", torch.equal(logits, running.after("10")))

# %% [markdown]
# `True`. Ten evenings, four lines.
#
# In training we give the model the answers too, and want the loss back. When it speaks there are no answers, because
# it's making them up. So there will be **two ways to call the model**: with `targets`, or without them, and then the
# loss is `None`.

# %%
def loss_or_none(logits: torch.Tensor, targets: torch.Tensor | None) -> torch.Tensor | None:
    """The mean surprise of logits (batch, sequence, vocabulary) at targets (batch, sequence); None without targets."""
    if ____:  # if nobody has given any
        return None
    return ____  # as in chapter 10, in the shapes PyTorch wants


check("11.09")

# %%
targets = torch.tensor([loader.encode("et's hen")])
print("with targets:   ", loss_or_none(logits, targets[: len(ids), : ids.shape[1]].expand(ids.shape)))
print("without targets:", loss_or_none(logits, None))

# %% [markdown]
# How many numbers will the real model have? On paper first, as usual. You know from chapter 09 what's in a block:
# 49,792 in the real model. You can work out the other two:
#
# - the embedding: a row for each character and a row for each place, `config.embedding_dim` wide
# - the scores: in the norm a gain and a bias for each number of a vector, then a weight from each number to each
#   character, then a bias for each character

# %%
width = config.embedding_dim
in_a_block = sum(parameter.numel() for parameter in TransformerBlock(config).parameters())

# %%
in_embedding = ____  # the numbers in both tables
in_logits = ____  # norm, weight and bias
in_all = ____  # the whole model
check("11.10")

# %%
draw.bars(
    ["embedding", *(f"block {number}" for number in range(1, config.num_layers + 1)), "logits"],
    [in_embedding, *[in_a_block] * config.num_layers, in_logits],
    title=f"The {in_all:,} parameters of the model",
    alt="Six bars. The embedding has 6,144 parameters, each of the four blocks 49,792, the logits 4,288.",
)

# %% [markdown]
# 209,600, or **0.21 M**, and 95% of it is in the blocks. The smallest GPT-2 has 124 million. The plan is the same,
# down to the order of the parts.
#
# - [ ] 11.08 Send the sentence through the whole model
# - [ ] 11.09 Give a loss if there are answers, and None if there aren't
# - [ ] 11.10 Count the parameters on paper

# %% [markdown]
# ## Only so far back, and hush · 10 min
#
# To speak, the table only needed the last id. The model takes as many as it can see. How many is that? In the small
# configuration it's eight. Watch what it says when you give it thirteen.

# %%
def forward(ids: torch.Tensor) -> torch.Tensor:
    """The logits, through all the parts in a row: (batch, sequence) -> (batch, sequence, vocabulary)."""
    x = embedding(ids)
    for block in blocks:
        x = block(x)
    return to_logits(x)


long_ids = torch.tensor([loader.encode("Let's hence, "), loader.encode("and hear the ")])  # (2, 13)
try:
    forward(long_ids)
except (IndexError, RuntimeError, ValueError) as error:
    print(f"{type(error).__name__}: {error}")

# %% [markdown]
# The table of positions has no ninth row, and neither has the mask. So we have to **crop** the text to its last eight
# ids. What came before is forgotten. That's all anybody means by the *context length* of a language model.
#
# And of all the scores that come out, we only need those at the last place. The others are bets on characters that are
# already there.

# %%
context = ____  # the last ids, as many as `small` lets it see
last = ____  # the scores of the last place of every window: (batch, vocabulary)
check("11.11")

# %%
print(tuple(long_ids.shape), "->", tuple(context.shape), "->", tuple(last.shape))
print([loader.decode(window) for window in context])
print("on a short text the same slice takes what there is:", torch.tensor([[5, 6, 7]])[:, -8:].tolist())

# %% [markdown]
# Two more things before it speaks. Here's a model made of fresh parts, asked the same question twice.

# %%
torch.manual_seed(1346)
fresh = nn.Sequential(EmbeddingModule(vocab_size, small), TransformerBlock(small), VocabularyLogits(vocab_size, small))
twice = [fresh(ids)[0, -1, :3].tolist() for _ in range(2)]
print("first: ", twice[0])
print("second:", twice[1])

# %% [markdown]
# Two different answers. The model is in training mode, so its **dropout** is on. To speak, it should use everything
# it has. `eval()` switches dropout off in every part, and `train()` switches it on again.
#
# It also keeps notes. Everything that happens in `forward` is written down for a `backward` that will never come, and
# that costs memory and time. Inside `with torch.no_grad():` nothing is written down.

# %%
____  # dropout off
with ____:  # keep no notes
    calm = fresh(ids)
check("11.12")

# %%
print("the same twice:", torch.equal(calm, fresh(ids)), " notes kept:", calm.requires_grad)

# %% [markdown]
# - [ ] 11.11 Crop the context, and take the scores of the last place
# - [ ] 11.12 Switch off dropout, and stop keeping notes
# - [ ] 11.r3 I can say what a model's context length is, and where in the code it comes from

# %% [markdown]
# ## The class · 18 min
#
# Eleven blanks, and nothing in them that you haven't met. `generate` draws with `torch.multinomial`, for every window
# of the batch at once: from chances (batch, vocabulary) it makes ids (batch, 1), which can be glued to the end of the
# `ids` (batch, sequence). The lines already there switch dropout off, and put it back as it was. The
# `@torch.no_grad()` on top is the `with` from 11.12, for a whole function.
#
# The next cell is a small helper for testing, yours and the judge's. It makes a model a thousand times as sure of
# itself, so its dice always fall on the best.

# %%
def sure(model: nn.Module, characters: int, times: float = 1000) -> nn.Module:
    """The same model, with the scores of all its `characters` multiplied by `times`."""
    with torch.no_grad():
        for part in model.modules():
            if isinstance(part, nn.Linear) and part.out_features == characters:
                for parameter in part.parameters():
                    parameter *= times
    return model

# %%
class BigramLanguageModel(nn.Module):
    """Ids in, scores for the next one out; a bigram model in name only, unless its context is 1."""

    def __init__(self, vocab_size: int, config: Config) -> None:
        """`config.num_layers` blocks between the embedding and the logits."""
        super().__init__()
        self.config = config
        self.embedding = ____  # the way in
        self.blocks = ____  # the blocks
        self.to_logits = ____  # the way out

    def forward(
        self, ids: torch.Tensor, targets: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Logits (batch, sequence, vocab_size) for ids (batch, sequence); and the loss, or None without targets."""
        x = ____  # ids to vectors
        for block in self.blocks:
            x = ____  # through this block
        logits = ____  # vectors to scores
        if targets is None:
            return logits, None
        return logits, ____  # the loss

    @torch.no_grad()
    def generate(self, ids: torch.Tensor, max_new_tokens: int) -> torch.Tensor:
        """`ids` (batch, sequence), then `max_new_tokens` more, drawn one by one: (batch, sequence + max_new_tokens)."""
        was_training = self.training
        self.eval()
        for _ in range(max_new_tokens):
            context = ____  # the last ids, as many as the model can see
            logits, _ = self(context)
            chances = ____  # the last place's probabilities: (batch, vocab_size)
            chosen = ____  # one spin of the wheel for each window: (batch, 1)
            ids = ____  # what was there, then what was chosen
        self.train(was_training)
        return ids


check("11.13")

# %%
torch.manual_seed(1346)
model = BigramLanguageModel(vocab_size, config).eval()
print(f"{sum(parameter.numel() for parameter in model.parameters()):,} parameters; on paper it was {in_all:,}")

torch.manual_seed(1346)
inputs, answers = DataLoader(loader.text, config).get_batch("validation")
print(f"the loss of knowing nothing: 4.16; of the untrained model: {model(inputs, answers)[1].item():.2f}")

# %% [markdown]
# The count agrees with the one on paper, and the loss is a little worse than knowing nothing, as chapter 10 told you to
# expect from random opinions. The model is yours, and it's complete. Let it speak: 100 characters after `Let's he`.
# Guess what they'll look like.

# %%
torch.manual_seed(1346)
start = ____  # the ids of "Let's he" as a batch of one window: (1, 8)
babble = ____  # that and 100 more characters, as a text
check("11.14")

# %%
print(babble)

# %% [markdown]
# A machine that hits keys at random. It doesn't even manage `the the the`: with its 2.48, the table at the beginning
# of the chapter is far ahead of this model, whose loss is above four. The model's 209,600 numbers are still the
# random ones it started with. There's nothing wrong with it. It just hasn't read a line yet.
#
# For the map, note the shapes in `generate`: in the first of its 100 steps, and after the last. The first line is
# given.

# %%
shapes = {
    "context": (config.batch_size, config.input_sequence_length),
    "last scores": ____,  # the scores of the last place of each window
    "chosen": ____,  # one new id for each window, ready to be glued on
    "generated": ____,  # the ids after 100 steps
}
check("11.15")

# %%
for name, shape in shapes.items():
    print(f"{name:>12}  {shape}")

# %% [markdown]
# We still owe you an explanation of the name. Take the same class with a context of **one** character, and ask it
# about all 64.

# %%
one = BigramLanguageModel(vocab_size, replace(config, input_sequence_length=1)).eval()
with torch.no_grad():
    its_table = one(torch.arange(vocab_size)[:, None])[0][:, 0]
print("a row of scores for each character:", tuple(its_table.shape))

# %% [markdown]
# With a single place in the window, attention has nobody else to look at, and the answer depends on that one character
# alone. Whatever happens inside, any such model comes down to a (64, 64) table. The one you counted got 2.48 on the
# validation text. Could training find a better one?
#
# You can work out how low *any* table could get on that text, without training anything. Take five minutes for it: of
# all the tables in the world, whose bets would have the lowest loss there? It's allowed to cheat.

# %%
pairs = ____  # the numbers of the pairs that the best of all tables would have counted
exam_counts = torch.bincount(pairs, minlength=vocab_size**2).view(vocab_size, vocab_size)
best_table = exam_counts / exam_counts.sum(dim=1, keepdim=True).clamp(min=1)  # `clamp`: an empty row isn't divided by 0
lowest = ____  # its loss on the validation text
check("11.16")

# %%
print(f"the table you counted: {bigram_loss:.2f}; the best there can be: {lowest:.2f}")

# %% [markdown]
# 2.37, and for that it had to read the answers. So no amount of training will get a model with a context of 1 below
# that. With a context of 1 the name is true. With 32 it's history.
#
# - [ ] 11.13 Write the class BigramLanguageModel
# - [ ] 11.14 Let the untrained model speak
# - [ ] 11.15 Note its shapes on the map
# - [ ] 11.16 Find the lowest loss a table can have
# - [ ] 11.r4 I can say when the name BigramLanguageModel is true

# %% [markdown]
# ## Challenge: the likeliest text
#
# Optional, 15 minutes, and nothing later needs it. Greedy takes the best character each time. But does it end up with
# the likeliest *text*? A text is as likely as all its bets multiplied together, and our `scores` are logarithms, so we
# can add them up instead: the higher the sum, the likelier the text. Here's that sum for what greedy says after `L`.

# %%
def total(text: str, count: int) -> float:
    """The scores of the last `count` characters of a text, added up: the logarithm of their probability."""
    ids = loader.encode(text)[-count - 1 :]
    return scores[ids[:-1], ids[1:]].sum().item()


print(repr(greedy("L", 3)), f"{total(greedy('L', 3), 3):.2f}")

# %% [markdown]
# Can you beat it? There are 262,144 ways to add three characters, and you could try them all. For fifty characters
# you'd need longer than the universe has been around. But the table's bad memory saves you. For what comes next, all
# that counts is the last character. So if two texts end in the same character, the less likely one is out of the race
# for good, and 64 texts are enough: for each character, the best one that ends in it. Add every possible character to
# each of them, and again keep the best for each ending.
#
# Before you run it, guess what the likeliest text of all will sound like.

# %%
def likeliest(start: str, count: int) -> str:
    """`start`, and the `count` characters after it that are likeliest as a whole."""
    totals = scores[loader.encode(start)[-1]]  # (64,): for each character, the total of the best text that ends in it
    endings = [[number] for number in range(vocab_size)]  # and the ids that this text has added to `start`
    for _ in range(count - 1):
        longer = ____  # the total of each text (row) with each character after it (column)
        totals, before = longer.max(dim=0)  # the best in each column, and its row: the character before
        endings = [____ for number in range(vocab_size)]  # the best text that ends in `number`
    return start + loader.decode(____)  # the best of all


check("11.17")

# %%
for start, count in (("L", 3), ("\n", 3), ("\n", 50), ("Let's he", 50)):
    for text in (greedy(start, count), likeliest(start, count)):
        print(f"{total(text, count):7.2f} {text!r}")

# %% [markdown]
# `LO:` and a line end: that's the end of a speaker's name, and it's about twice as likely as `LAnd`. Greedy never sees
# it, because the first step looks worse. So greedy can miss the likeliest text. And what's in the likeliest text of
# fifty characters? `the the the`, and after `Let's he` it's letter for letter what greedy said. The search is better
# and the boredom is the same. The likeliest texts are dull, and that's why we throw dice.
#
# Your search is known as the **Viterbi algorithm**. A model that sees 32 characters can't use it, since its memory is
# too good: hardly any two texts look the same to it. With such a model you keep the best few and hope. That's called
# beam search.
#
# - [ ] 11.17 Challenge: find the likeliest text

# %% [markdown]
# ## What's yours now
#
# - a real **bigram model**: a (64, 64) table, made by counting, with a loss of 2.48
# - **greedy** goes round in circles; if something is right in 29% of the cases, **sampling** says it in 29% of the
#   cases
# - **temperature** divides the scores, **top-k** cuts off the long tail; both tidy up the text, and neither makes the
#   model know more
# - a **context length**: before each step the text is cropped, and only the last place's scores are used
# - `BigramLanguageModel(vocab_size, config)`: `forward(ids, targets=None)` gives logits and loss, `generate(ids,
#   max_new_tokens)` gives the ids of a longer text
#
# It has 209,600 numbers, four blocks, sixteen heads, and nothing to say. In **12 Trainer** it learns to read.
