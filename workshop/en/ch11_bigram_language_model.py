# %% [markdown]
# <!-- Made from checkpoints/ch11_bigram_language_model.py by scripts/build.py. From your first edit on it is yours. -->
# # 11 BigramLanguageModel
#
# Put all the parts together, and let the model speak for the first time.
#
# 90 minutes in seven sections. It needs chapters 04, 09 and 10.
#
# First a model that is nothing but a table, since everything that *speaking* takes can be learned on a table. Then the
# big one gets it all for nothing.

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
# The title promises a **bigram**, a pair. One of the oldest language models looks at the last character only, and bets
# on the next by what it has counted: how often did `e` follow `h`?
#
# That is a table, (64, 64). In row `h`, column `e` stands how often this pair occurred. To count all pairs at once,
# each gets a number: `vocab_size` times the first id, plus the second. It is how a cinema numbers its seats through, row after
# row. `torch.bincount` then counts how often each number occurs.

# %%
here, following = loader.train_ids[:-1], loader.train_ids[1:]
print("the first pairs:", [loader.decode(pair) for pair in zip(here[:5], following[:5], strict=True)])

# %%
counts = torch.bincount(____, minlength=vocab_size**2).view(vocab_size, vocab_size)  # the number of each pair
more = counts + 1.0  # one more for each, so that nothing is impossible
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
    alt="Seven rows and columns: space, e, h, t, q, u, n. The u after q stands out with 0.90. After h the e has 0.35, after "
    "t the h 0.34, after e the space 0.29, after the space the t 0.14. More than half of the squares are nearly 0.",
)
print(f"{int((counts == 0).sum()):,} of {counts.numel():,} pairs never occur")

# %% [markdown]
# How good is it? Chapter 10 has the yardstick. The library wants scores, and the scores whose softmax is `table` are
# the logarithms of `table`. So this table of scores *is* a model: an id picks a row, and the row holds the logits of
# what comes next.

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
# 2.48. From 64 equal characters to 12, by counting, in the blink of an eye. Not bad for something without a memory, and
# it can get no better: whoever sees only the `e` cannot know whether it ended `the` or began `end`. Your model will
# reach about 1.88 in chapter 12, that is 6.6 equal characters. The gap from 12 to 6.6 is what the other 31 characters
# are worth, and what attention is for.
#
# And the name? A well-known way to teach this begins with such a table, puts it in a class called
# `BigramLanguageModel`, and then builds one part after another into it, until a GPT stands there under the old name. We
# keep the name, too. It is a reminder of what every language model does: from what stands there, scores for what comes.
# At the end of the chapter you will see in which case it is still true to the letter.
#
# - [ ] 11.01 Count pairs, and make a table of probabilities
# - [ ] 11.02 Measure what the table is worth
# - [ ] 11.r1 I can say what a bigram model sees, and what it cannot

# %% [markdown]
# ## The likeliest, always · 10 min
#
# Now it shall speak. The plan: look at the last character, take the *best* of its row, append it, and do it again. That
# is called **greedy**. What will it say after `Let's he`? Guess; the figure above has most of it.

# %%
def greedy(start: str, count: int) -> str:
    """`start` and `count` characters more, each the likeliest after the one before it."""
    ids = loader.encode(start)
    for _ in range(count):
        row = ____  # the scores of what comes after the last id
        ids.append(____)  # the best, as a plain whole number
    return loader.decode(ids)


check("11.03")

# %%
for start in ("Let's he", "L", "RI", "\n"):
    print(repr(greedy(start, 50)))

# %% [markdown]
# `the the the the`. After `e` the likeliest is the space, after the space a `t`, after that an `h`, then an `e`, and so
# round for ever. A model with one character of memory does not know that it has said this before. And once it has ended
# a line, it presses Return until morning.
#
# Each single step is the best one. The whole is the dullest text in the language. (Larger models do it as well, in
# larger circles: taken at their likeliest, they begin to repeat whole sentences.) The mistake is in the plan: `e` is
# followed by a space in 29 % of all cases, and greedy makes 100 % of it.
#
# - [ ] 11.03 Let the table speak greedily

# %% [markdown]
# ## Dice · 14 min
#
# If something is right in 29 % of the cases, then say it in 29 % of the cases. One needs a wheel of fortune whose
# fields are as wide as the probabilities. Small, with four characters:

# %%
odds = torch.tensor([8.0, 4.0, 2.0, 2.0])
chances = odds / odds.sum()
torch.manual_seed(1346)
spins = torch.rand(6)  # six numbers between 0 and 1: where the pointer stops
print("chances", chances)
print("spins  ", spins)

# %% [markdown]
# Lay the fields side by side, from 0 to 1: the first reaches to 0.5, the second from there to 0.75, and so on. These
# right edges are sums, each of all chances so far. A pointer that stops at 0.6 has passed **one** edge, and so it is in
# field 1. Count the edges that it has passed: that is the id.

# %%
edges = ____  # the right edge of each field: (4,)
landed = ____  # for each of the six spins, how many edges it has passed: (6,)
check("11.04")

# %%
print("edges ", edges)
print("landed", landed)
torch.manual_seed(1346)
many = (torch.rand(10_000, 1) > edges).sum(dim=1)
print("10,000 spins, the share of each field:", torch.bincount(many, minlength=4) / 10_000)

# %% [markdown]
# That is sampling. PyTorch has the wheel ready made: `torch.multinomial(chances, num_samples=1)` gives the id of the
# field, in a tensor with one number. With it, write a function that takes a row of *scores*, as a model gives them.

# %%
def roll(row: torch.Tensor) -> int:
    """An id, drawn with the probabilities that a row of scores (vocabulary,) stands for."""
    chances = ____  # the scores as probabilities
    return ____  # a turn of the wheel, as a plain whole number


check("11.05")

# %%
def speak(start: str, count: int, change=lambda row: row) -> str:
    """As `greedy`, with dice; `change` may change the scores beforehand."""
    ids = loader.encode(start)
    for _ in range(count):
        ids.append(roll(change(scores[ids[-1]])))
    return loader.decode(ids)


torch.manual_seed(1346)
print(speak("Let's he", 200))

# %% [markdown]
# No more circles. It is nonsense, and yet it is somebody's nonsense: syllables that one can pronounce, capitals where a
# line begins, spaces at about the right distance. Two characters at a time every step is plausible. Over three it
# forgets.
#
# - [ ] 11.04 Build a wheel of fortune
# - [ ] 11.05 Roll the next character from its scores
# - [ ] 11.r2 I can say why the likeliest character each time does not give a likely text

# %% [markdown]
# ## Colder, warmer, fewer · 13 min
#
# Between `the the the` and the babble lies some room, and two knobs for it. (Both are extras: the class at the end does
# without.)
#
# The first knob: divide the scores by a number before the softmax. Chapter 06 had it the other way round: scores that
# are too large make softmax too sharp. Small scores make a flat bet, large ones a sharp bet. The number is called
# **temperature**. Guess what happens near 0.

# %%
def heated(row: torch.Tensor, temperature: float) -> torch.Tensor:
    """The probabilities of a row of scores at a temperature: 1 leaves them as they are."""
    return ____  # divide, then share out


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
# Near 0 it is greedy, at 1 it says what it has learned, and when hot it hits any key. Many settle somewhere around 0.7:
# a little less honest, with fewer slips.
#
# Why slips? There are 64 characters, and most of them are nearly impossible at a given place. Nearly. Each has a field
# on the wheel, very narrow, but there are many of them, and over a hundred characters the pointer will stop in one. The
# second knob cuts these off: keep the k best scores, put all others to minus infinity. It is called **top-k**.

# %%
def only_best(row: torch.Tensor, k: int) -> torch.Tensor:
    """A row of scores (vocabulary,) in which only the k best are left; the others are minus infinity."""
    limit = ____  # the lowest score that may stay: the k-th best
    return ____  # everything below it to minus infinity


check("11.07")

# %%
for k in (1, 3, 10):
    torch.manual_seed(1346)
    said = speak("Let's he", 60, lambda row, best=k: only_best(row, best))
    print(f"{k:>2}: {said!r}")

# %% [markdown]
# Watch the wheel turn three times, with the eight best left in each row.

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
        title=f"After {loader.decode(text_so_far)!r}, and the wheel gives {loader.decode([drawn])!r}",
        alt="Eight bars, from the highest to the lowest: "
        + ", ".join(f"{name!r} {chance:.2f}" for name, chance in zip(names, best.values.tolist(), strict=True))
        + f". Drawn was {loader.decode([drawn])!r}.",
    )
    text_so_far.append(drawn)

# %% [markdown]
# With k = 1 it is greedy; with k = 64 it changes nothing. Programs that chat have both knobs, and you may have turned
# them.
#
# Either knob makes the text tidier, and neither makes it *know* more. That takes a model which looks further back than
# one character. It is time to build it.
#
# - [ ] 11.06 Heat and cool the bets
# - [ ] 11.07 Keep the k best

# %% [markdown]
# ## All parts in a row · 14 min
#
# `Let's he` once more, in the small configuration, from the beginning to the end. Ids into the embedding (chapter 04),
# through a block (chapter 09), into the scores (chapter 10). The blocks stand in an `nn.ModuleList`; here it has one,
# since the numbers that you have followed are those of one block.

# %%
ids = running.ids()  # (1, 8)
embedding, to_logits = running.part("04"), running.part("10")
blocks = nn.ModuleList([running.part("09")])
print(ids)

# %%
x = ____  # every id as a vector that knows what and where
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
# In training, the model is asked with the answers beside it, and shall give the loss as well. When it speaks there are
# no answers, because it is making them up. So the model will have **two ways to be called**: with `targets`, and
# without, where the loss is `None`.

# %%
def loss_or_none(logits: torch.Tensor, targets: torch.Tensor | None) -> torch.Tensor | None:
    """The mean surprise of logits (batch, sequence, vocabulary) by targets (batch, sequence); None without targets."""
    if ____:  # nobody has given any
        return None
    return ____  # as in chapter 10, in the library's shapes


check("11.09")

# %%
targets = torch.tensor([loader.encode("et's hen")])
print("with targets:   ", loss_or_none(logits, targets[: len(ids), : ids.shape[1]].expand(ids.shape)))
print("without targets:", loss_or_none(logits, None))

# %% [markdown]
# How many numbers will the real model have? On paper first, as has become our habit. You know from chapter 09 what a
# block has, 49,792 in the real model. The other two you can work out:
#
# - the embedding: a row for each character and a row for each place, `config.embedding_dim` wide
# - the scores: gain and bias of the norm, then a weight for each pair of number and character, then a bias for each
#   character

# %%
width = config.embedding_dim
in_a_block = sum(parameter.numel() for parameter in TransformerBlock(config).parameters())

# %%
in_embedding = ____  # the numbers of both tables
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
# 209,600, or **0.21 M**, and 95 % of it in the blocks. GPT-2, the smallest one, has 124 million; the plan is the same,
# down to the order of the parts.
#
# - [ ] 11.08 Send the sentence through the whole model
# - [ ] 11.09 Give a loss where there are answers, and None where not
# - [ ] 11.10 Count the parameters on paper

# %% [markdown]
# ## Only so far back, and hush · 11 min
#
# For speaking, the table needed the last id. The model takes them all, as far back as it can see. How far is that?
# Eight places, in the small configuration. Watch what it says to thirteen.

# %%
def forward(ids: torch.Tensor) -> torch.Tensor:
    """The logits of the parts in a row: (batch, sequence) -> (batch, sequence, vocabulary)."""
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
# There is no ninth row in the table of positions, and no ninth line in the mask. So the text that stands there has to
# be **cropped** to its last eight ids. What came before is forgotten; that is all that is meant by the *context length*
# of a language model.
#
# And of all the scores that come out, we need those of the last place. The others are bets on characters that stand
# there already.

# %%
context = ____  # the last ids, as many as the settings in `small` let it see
last = ____  # the scores of the last place of every window: (batch, vocabulary)
check("11.11")

# %%
print(tuple(long_ids.shape), "->", tuple(context.shape), "->", tuple(last.shape))
print([loader.decode(window) for window in context])
print("from a short text the same slice takes what there is:", torch.tensor([[5, 6, 7]])[:, -8:].tolist())

# %% [markdown]
# Two more things before it speaks. Here is a model of fresh parts, asked the same question twice.

# %%
torch.manual_seed(1346)
fresh = nn.Sequential(EmbeddingModule(vocab_size, small), TransformerBlock(small), VocabularyLogits(vocab_size, small))
twice = [fresh(ids)[0, -1, :3].tolist() for _ in range(2)]
print("first: ", twice[0])
print("second:", twice[1])

# %% [markdown]
# Different answers: it is in training mode, and its **dropout** is on. To speak, it shall use all that it has. `eval()`
# switches dropout off, in every part; `train()` switches it on again.
#
# And it keeps notes. All that happens in `forward` is written down for a `backward` that will never come, at the price
# of memory and time. Inside `with torch.no_grad():` nothing is written down.

# %%
____  # dropout off
with ____:  # keep no notes
    calm = fresh(ids)
check("11.12")

# %%
print("the same twice:", torch.equal(calm, fresh(ids)), " notes are kept:", calm.requires_grad)

# %% [markdown]
# - [ ] 11.11 Crop the context, and take the last place's scores
# - [ ] 11.12 Switch off dropout and the keeping of notes
# - [ ] 11.r3 I can say what the context length of a model is, and where in the code it comes from

# %% [markdown]
# ## The class · 14 min
#
# Eleven blanks, and you have written each of them. `generate` draws with `torch.multinomial`, for every window of the
# batch at once: from chances (batch, vocabulary) it gives ids (batch, 1), which fit behind (batch, sequence). The lines
# that are there already switch dropout off and put it back as it was; the `@torch.no_grad()` on top is the `with` of
# 11.12 for a whole function.
#
# For the judge, and for you: a small tester, that makes a model a thousand times as sure of itself. Its dice then
# always fall on the best.

# %%
def sure(model: nn.Module, characters: int, times: float = 1000) -> nn.Module:
    """The same model, whose scores for so many `characters` are a thousand `times` as large."""
    with torch.no_grad():
        for part in model.modules():
            if isinstance(part, nn.Linear) and part.out_features == characters:
                for parameter in part.parameters():
                    parameter *= times
    return model

# %%
class BigramLanguageModel(nn.Module):
    """From ids the scores of the next one; a bigram model in name only, unless its context is 1."""

    def __init__(self, vocab_size: int, config: Config) -> None:
        """`config.num_layers` blocks between the embedding and the logits."""
        super().__init__()
        self.config = config
        self.embedding = ____  # the entrance
        self.blocks = ____  # the blocks
        self.to_logits = ____  # the exit

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
        """`ids` (batch, sequence) and so many more, drawn one after the other: (batch, sequence + max_new_tokens)."""
        was_training = self.training
        self.eval()
        for _ in range(max_new_tokens):
            context = ____  # the last ids, as many as the model can see
            logits, _ = self(context)
            chances = ____  # the last place's probabilities: (batch, vocab_size)
            chosen = ____  # a turn of the wheel for each window: (batch, 1)
            ids = ____  # what was chosen, behind what was there
        self.train(was_training)
        return ids


check("11.13")

# %%
torch.manual_seed(1346)
model = BigramLanguageModel(vocab_size, config)
print(f"{sum(parameter.numel() for parameter in model.parameters()):,} parameters; on paper it was {in_all:,}")

torch.manual_seed(1346)
inputs, answers = DataLoader(loader.text, config).get_batch("validation")
print(f"the loss of knowing nothing: 4.16; of the untrained model: {model.eval()(inputs, answers)[1].item():.2f}")
model.train()

# %% [markdown]
# The count agrees with the paper, and the loss is where chapter 10 said that it would be. It is yours, complete. Let it
# speak: 100 characters behind `Let's he`. Guess what they will look like.

# %%
torch.manual_seed(1346)
start = ____  # the ids of "Let's he" as a batch of one window: (1, 8)
babble = ____  # that, with 100 characters more, as a text
check("11.14")

# %%
print(babble)

# %% [markdown]
# A machine that hits keys at random. Not even `the the the`: the table of the beginning was far ahead of it, with 2.48
# against more than four. Its 209,600 numbers are as they were drawn. There is nothing wrong with it. It has not read a
# line yet.
#
# One promise is open: the name. Take the same class with a context of **one** character, and ask it about all 64.

# %%
one = BigramLanguageModel(vocab_size, replace(config, input_sequence_length=1)).eval()
with torch.no_grad():
    its_table = one(torch.arange(vocab_size)[:, None])[0][:, 0]
print("a row of scores for each character:", tuple(its_table.shape))

# %% [markdown]
# Attention has nobody to look at but itself, and the answer depends on one character alone. Every such model is a table
# (64, 64), whatever happens inside, and no training in the world brings it below what counting gives by much: 2.48.
# With a context of 1 the name is true. With 32 it is history.
#
# Three lines for the map; they are what happens in `generate`, at the first of 100 steps and after the last.

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
# - [ ] 11.13 Write the class BigramLanguageModel
# - [ ] 11.14 Let the untrained model speak
# - [ ] 11.15 Note its shapes on the map
# - [ ] 11.r4 I can say when the name BigramLanguageModel is true

# %% [markdown]
# ## What is now yours
#
# - a real **bigram model**: a table (64, 64), made by counting, with a loss of 2.48
# - **greedy** walks in circles; **sampling** says what is right in 29 % of the cases in 29 % of the cases
# - **temperature** divides the scores, **top-k** cuts off the long tail; both tidy up, and neither knows more
# - a **context length**: the text is cropped before each step, and the last place's scores are used
# - `BigramLanguageModel(vocab_size, config)`: `forward(ids, targets=None)` gives logits and loss, `generate(ids,
#   max_new_tokens)` a text
#
# It has 209,600 numbers, four blocks, sixteen heads, and nothing to say. In **12 Trainer** it learns to read.
