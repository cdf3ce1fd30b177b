# %% [markdown]
# # 11 BigramLanguageModel
# <!-- Made from checkpoints/ch11_bigram_language_model.py by scripts/build.py. From your first edit on it is yours. -->
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/OWNER/REPO/blob/main/workshop/zh/ch11_bigram_language_model.ipynb)
# [![Open in GitHub Codespaces](https://github.com/codespaces/badge.svg)](https://codespaces.new/OWNER/REPO?quickstart=1)
#
# 把所有零件装到一起，让模型第一次开口说话。
#
# 90 分钟，七节，想多做一点还有一个挑战。你需要第 04、09 和 10 章。
#
# 我们从一个只有一张表的模型开始，因为关于**说话**，该知道的从一张表里全能学到。学会的这些，大模型以后白白拿去就能用。

# %%
# @title 先运行这个：工作坊不在这里的话（比如在 Colab 或 Kaggle 上），它会去取来
import importlib.util, urllib.request
if not importlib.util.find_spec("workshop"):
    address = "https://github.com/OWNER/REPO/raw/main/workshop/fetch.py"
    exec(urllib.request.urlopen(address).read(), {"address": address})

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
torch.set_num_threads(1)  # 这么小的张量，第二个核只会碍事

# %%
config, small = Config(), Config.small()
loader = running.loader()
vocab_size = loader.vocab_size
print(f"{vocab_size} 个字符，{len(loader.train_ids):,} 个编号可以学")

# %% [markdown]
# ## 一张字符对的表 · 14 分钟
#
# 标题里许诺的是 **bigram**，意思是“两个一组”。最古老的语言模型里，有一种只看最后一个字符，靠数数来押下一个：`h` 后面跟着 `e`，有过多少次？
#
# 这就是一张表，(64, 64)。`h` 行 `e` 列写着这一对出现过多少次。要一口气数完所有的对，就给每一对编个号：`vocab_size` 乘第一个编号，再加第二个。电影院也可以这样编座位，一排接一排，一直编下去。然后 `torch.bincount` 数出每个号出现了几次。

# %%
here, following = loader.train_ids[:-1], loader.train_ids[1:]
print("最前面几对：", [loader.decode(pair) for pair in zip(here[:5], following[:5], strict=True)])

# %%
counts = torch.bincount(____, minlength=vocab_size**2).view(vocab_size, vocab_size)  # 每一对的号
more = counts + 1.0  # 每对多算一次，免得有什么绝无可能
table = ____  # `more` 的每一行，变成概率
check("11.01")

# %%
shown = loader.encode(" ehtqun")
draw.heat(
    table[shown][:, shown],
    rows=loader.decode(shown),
    columns=loader.decode(shown),
    title="已知行，列有多大可能？",
    x_name="后面跟着什么",
    alt="七行七列：空格、e、h、t、q、u、n。q 后面的 u 最显眼，0.90。h 后面的 e 是 0.35，t 后面的 h 是 0.34，e 后面的"
    "空格是 0.29，空格后面的 t 是 0.14。一半以上的格子差不多是 0。",
)
print(f"{counts.numel():,} 对里有 {int((counts == 0).sum()):,} 对从没出现过")

# %% [markdown]
# 它有多好？第 10 章给过你尺子。PyTorch 的损失要的是得分；给 `table` 取对数，得到的得分做 softmax 正好又是 `table`。所以这张得分表**就是**一个模型：编号挑出一行，那一行就是下一个字符的 logits。

# %%
seen, to_come = loader.validation_ids[:-1], loader.validation_ids[1:]

# %%
scores = ____  # 概率的对数：每个字符一行 logits
bigram_loss = ____  # 这张表在验证文本上的平均惊讶度
check("11.02")

# %%
print(f"一无所知：4.16；字符对的表：{bigram_loss:.2f}")
print(f"这张表的困惑度：{math.exp(bigram_loss):.1f}")

# %% [markdown]
# 2.48。光靠数数，一眨眼的工夫，从 64 选一降到 12 选一。一个只记得一个字符的东西，这成绩不赖。不过也好不到哪儿去了：光看见一个 `e`，没法知道它是 `the` 的结尾还是 `end` 的开头。在第 12 章，你的模型会到 1.86 左右，6.4 选一。从 12 降到 6.4，就是其余 31 个字符的价值，也是注意力存在的理由。
#
# 那名字是怎么回事？在 Andrej Karpathy 的课上，第一个模型就是这样一张表，类名叫 `BigramLanguageModel`。后来它一个零件一个零件地长大，直到长成了 GPT，还叫着旧名字。我们也沿用这个名字。它提醒你每个语言模型在做什么：拿已经有的，给接下来的打分。到这一章末尾你会看到，什么时候这个名字依然名副其实。
#
# - [ ] 11.01 数出字符对，把计数变成概率
# - [ ] 11.02 量出这张表值多少
# - [ ] 11.r1 我说得出 bigram 模型看得见什么，看不见什么

# %% [markdown]
# ## 总是最可能的那个 · 8 分钟
#
# 现在让它说话。办法是：看最后一个字符，取它那一行里**最好**的，接上去，再来一遍。这叫**贪心**。`Let's he` 后面它会说什么？猜猜看。上面那张图已经把大半答案告诉你了。

# %%
def greedy(start: str, count: int) -> str:
    """`start`，再加 `count` 个字符，每个都是前一个之后最可能的。"""
    ids = loader.encode(start)
    for _ in range(count):
        row = ____  # 最后一个编号之后，各字符的得分
        ids.append(____)  # 最好的编号，写成普通的整数
    return loader.decode(ids)


check("11.03")

# %%
for start in ("Let's he", "L", "RI", "\n"):
    print(repr(greedy(start, 50)))

# %% [markdown]
# `the the the the`。`e` 后面最可能的是空格，空格后面是 `t`，再后面是 `h`，然后是 `e`，就这样没完没了地转圈。只记得一个字符的模型，不知道这话自己已经说过了。而且它一旦换了行，就会一路按回车按到天亮。
#
# 每一步都是最好的一步，合起来却是英语里最乏味的一段文本。（更大的模型也这样，只是圈子更大：总取最可能的 token，它们就会开始整句整句地重复。）毛病出在办法上。`e` 后面跟空格的情况占 29%，贪心把它变成了 100%。
#
# - [ ] 11.03 让这张表贪心地说话

# %% [markdown]
# ## 骰子 · 14 分钟
#
# 一件事要是 29% 的时候是对的，那就 29% 的时候说它。为此我们需要一个大转盘，每个字符占一格，概率多大，格子就多宽。先来个小的，四格：

# %%
odds = torch.tensor([8.0, 4.0, 2.0, 2.0])
chances = odds / odds.sum()
torch.manual_seed(1346)
spins = torch.rand(6)  # 0 和 1 之间的六个数：指针停在哪里
print("每格概率", chances)
print("转到    ", spins)

# %% [markdown]
# 把格子从 0 到 1 挨个排开：第一格到 0.5 为止，第二格到 0.75 为止，依此类推。每条右边线，都是到那里为止所有概率的和。指针停在 0.6，就越过了**一**条边线，所以它在 1 号格里。数数它越过了几条边线，就得到编号。

# %%
edges = ____  # 每一格的右边线：(4,)
landed = ____  # 六次转动，各越过了几条边线：(6,)
check("11.04")

# %%
print("右边线  ", edges)
print("落在几号", landed)
torch.manual_seed(1346)
many = (torch.rand(10_000, 1) > edges).sum(dim=1)
print("转 10,000 次，每一格的占比：", torch.bincount(many, minlength=4) / 10_000)

# %% [markdown]
# 这就是采样。PyTorch 有现成的转盘：`torch.multinomial(chances, num_samples=1)` 会给出那一格的编号，装在只有一个数的张量里。用它写一个函数，收的是一行**得分**，因为模型给的就是得分。

# %%
def roll(row: torch.Tensor) -> int:
    """照一行得分 (vocabulary,) 给出的概率，抽一个编号。"""
    chances = ____  # 得分变成概率
    return ____  # 转一次转盘，写成普通的整数


check("11.05")

# %%
def speak(start: str, count: int, change=lambda row: row) -> str:
    """像 `greedy`，不过用骰子；`change` 可以先改一改得分。"""
    ids = loader.encode(start)
    for _ in range(count):
        ids.append(roll(change(scores[ids[-1]])))
    return loader.decode(ids)


torch.manual_seed(1346)
print(speak("Let's he", 200))

# %% [markdown]
# 不再转圈了。是胡话，可胡得有英语味儿：差不多念得出来的音节，行首的大写字母，间隔也像样的空格。任取相邻两个字符，都说得通。取三个，表就已经忘了第一个。
#
# - [ ] 11.04 做一个大转盘
# - [ ] 11.05 照得分掷出下一个字符
# - [ ] 11.r2 我说得出为什么没有人每次都写最可能的字符，模型也不该这么写

# %% [markdown]
# ## 冷一点，热一点，少一点 · 12 分钟
#
# 在 `the the the` 和这种胡话之间，还有些余地，有两个旋钮能让你在里面转悠。（它们是附送的。这一章末尾的类没有它们。）
#
# 第一个旋钮：softmax 之前，先把得分除以一个数。你在第 06 章从另一头见过这件事：得分太大，softmax 就太尖锐。得分小，押注就平；得分大，押注就尖。这个数叫**温度**。猜猜接近 0 的时候会怎样。

# %%
def heated(row: torch.Tensor, temperature: float) -> torch.Tensor:
    """一行得分在某个温度下的概率；温度 1 什么也不改。"""
    return ____  # 先除，再变成概率


check("11.06")

# %%
after_e = scores[loader.id_of["e"]]
favourites = after_e.topk(min(10, vocab_size)).indices.tolist()
temperatures = (0.1, 0.5, 1.0, 2.0, 10.0)
draw.heat(
    torch.stack([heated(after_e, temperature)[favourites] for temperature in temperatures]),
    rows=[f"温度 {temperature}" for temperature in temperatures],
    columns=[loader.decode([number]) for number in favourites],
    title='“e”后面可能跟什么，从冷到热',
    alt="五行十列：空格、r、n、s、a，还有另外五个。0.1 时空格是 1.00，其余都是 0。0.5 时空格 0.68，r 0.12。1 时是 "
    "0.29、0.12、0.08，依次递减。2 时是 0.11、0.07、0.06。10 时十个都是 0.02 或 0.03。",
)
for temperature in (0.3, 0.7, 1.5, 3.0):
    torch.manual_seed(1346)
    said = speak("Let's he", 60, lambda row, heat=temperature: row / heat)
    print(f"{temperature}: {said!r}")

# %% [markdown]
# 接近 0，就是贪心；等于 1，学到什么说什么；热起来，就胡乱敲键盘。许多人折中取 0.7 左右，不那么诚实了，可口误也少了。
#
# 口误是从哪儿来的？在任何位置上，64 个字符大多几乎不可能。几乎。每一个在转盘上都有一格，很窄，可这样的格子很多，写上一百个字符，指针总要停进去几回。第二个旋钮把它们剪掉：留下最好的 k 个得分，其余的全设成负无穷。这叫 **top-k**。

# %%
def only_best(row: torch.Tensor, k: int) -> torch.Tensor:
    """一行得分 (vocabulary,)，只留最好的 k 个，其余是负无穷。"""
    limit = ____  # 可以留下的最低得分：第 k 名
    return ____  # 比它低的，全设成负无穷


check("11.07")

# %%
for k in (1, 3, 10):
    torch.manual_seed(1346)
    said = speak("Let's he", 60, lambda row, best=k: only_best(row, best))
    print(f"{k:>2}: {said!r}")

# %% [markdown]
# 看转盘转三次，每一行只留最好的八个。

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
        title=f"{loader.decode(text_so_far)!r} 后面，转盘给出 {loader.decode([drawn])!r}",
        alt="八根柱子，从高到低： "
        + ", ".join(f"{name!r} {chance:.2f}" for name, chance in zip(names, best.values.tolist(), strict=True))
        + f"。转盘给出 {loader.decode([drawn])!r}。",
    )
    text_so_far.append(drawn)

# %% [markdown]
# k = 1 就是贪心，k = 64 等于什么也没改。运行语言模型的程序，许多都有这两个旋钮，说不定你已经拧过了。
#
# 它们让文本整齐些，可哪个都没让模型**知道**得更多。要知道得更多，就需要一个往回看得比一个字符远的模型。该动手做了。
#
# - [ ] 11.06 把押注加热和冷却
# - [ ] 11.07 留下最好的 k 个

# %% [markdown]
# ## 所有零件排成一排 · 14 分钟
#
# 再来一次 `Let's he`，小配置，从头走到尾。编号进嵌入（第 04 章），过一个块（第 09 章），出来是得分（第 10 章）。块都存在一个 `nn.ModuleList` 里。这里只装了一个，因为你一路跟着看的那些数，就是一个块的数。

# %%
ids = running.ids()  # (1, 8)
embedding, to_logits = running.part("04"), running.part("10")
blocks = nn.ModuleList([running.part("09")])
print(ids)

# %%
x = ____  # 每个编号变成知道是什么、在哪里的向量
for block in blocks:
    x = ____  # 流过这个块
logits = ____  # 每个位置的得分
check("11.08")

# %%
print(tuple(ids.shape), "->", tuple(x.shape), "->", tuple(logits.shape))
print("和第 10 章结束时一样：", torch.equal(logits, running.after("10")))

# %% [markdown]
# `True`。十个晚上，四行代码。
#
# 训练的时候，我们把答案也给模型，好让它交回损失。说话的时候没有答案，因为答案正由它现编。所以**调用模型有两种办法**：带上 `targets`，或者不带；不带的话，损失就是 `None`。

# %%
def loss_or_none(logits: torch.Tensor, targets: torch.Tensor | None) -> torch.Tensor | None:
    """logits (batch, sequence, vocabulary) 对 targets (batch, sequence) 的平均惊讶度；没有 targets 就是 None。"""
    if ____:  # 要是没人给
        return None
    return ____  # 跟第 10 章一样，变成 PyTorch 要的形状


check("11.09")

# %%
targets = torch.tensor([loader.encode("et's hen")])
print("有 targets：  ", loss_or_none(logits, targets[: len(ids), : ids.shape[1]].expand(ids.shape)))
print("没有 targets：", loss_or_none(logits, None))

# %% [markdown]
# 正式的模型会有多少个数？老规矩，先在纸上算。一个块里有多少，你从第 09 章就知道了：正式的模型里是 49,792 个。另外两样你算得出来：
#
# - 嵌入：每个字符一行，每个位置一行，宽 `config.embedding_dim`
# - 得分：归一化层里，向量的每个数有一个增益、一个偏置；然后每个数到每个字符有一个权重；再然后每个字符有一个偏置

# %%
width = config.embedding_dim
in_a_block = sum(parameter.numel() for parameter in TransformerBlock(config).parameters())

# %%
in_embedding = ____  # 两张表里一共有几个数
in_logits = ____  # 归一化层、权重和偏置
in_all = ____  # 整个模型
check("11.10")

# %%
draw.bars(
    ["嵌入", *(f"块 {number}" for number in range(1, config.num_layers + 1)), "logits"],
    [in_embedding, *[in_a_block] * config.num_layers, in_logits],
    title=f"模型的 {in_all:,} 个参数",
    alt="六根柱子。嵌入有 6,144 个参数，四个块每个 49,792 个，logits 有 4,288 个。",
)

# %% [markdown]
# 209,600 个，也就是 **0.21 M**，其中 95% 在块里。最小的 GPT-2 有 1.24 亿个。图纸是同一张，连零件的次序都一样。
#
# - [ ] 11.08 让句子走过整个模型
# - [ ] 11.09 有答案就给损失，没有就给 None
# - [ ] 11.10 在纸上数出参数

# %% [markdown]
# ## 只看这么远，还要安静 · 10 分钟
#
# 那张表要说话，只需要最后一个编号。模型则是看得见几个就要几个。那是几个呢？小配置里是八个。看看你给它十三个，它会说什么。

# %%
def forward(ids: torch.Tensor) -> torch.Tensor:
    """过完一整排零件得到的 logits：(batch, sequence) -> (batch, sequence, vocabulary)。"""
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
# 位置表没有第九行，掩码也没有。所以我们得把文本**裁**到最后八个编号。再往前的就忘了。语言模型的“上下文长度”，说的无非就是这个。
#
# 而出来的那么多得分，我们只要最后一个位置的。其余的都是在押已经有了的字符。

# %%
context = ____  # 最后的那些编号，`small` 让它看几个就取几个
last = ____  # 每个窗口最后一个位置的得分：(batch, vocabulary)
check("11.11")

# %%
print(tuple(long_ids.shape), "->", tuple(context.shape), "->", tuple(last.shape))
print([loader.decode(window) for window in context])
print("文本短的时候，同样的切片有多少取多少：", torch.tensor([[5, 6, 7]])[:, -8:].tolist())

# %% [markdown]
# 它开口之前，还有两件事。这里有一个用新零件做的模型，同一个问题问它两遍。

# %%
torch.manual_seed(1346)
fresh = nn.Sequential(EmbeddingModule(vocab_size, small), TransformerBlock(small), VocabularyLogits(vocab_size, small))
twice = [fresh(ids)[0, -1, :3].tolist() for _ in range(2)]
print("第一遍： ", twice[0])
print("第二遍：", twice[1])

# %% [markdown]
# 两个答案不一样。模型处于训练模式，所以它的 **dropout** 开着。说话的时候，它该把自己有的全用上。`eval()` 把每个零件里的 dropout 都关掉，`train()` 再打开。
#
# 它还在做笔记。`forward` 里发生的一切都记下来，留给一个永远不会来的 `backward`，又费内存又费时间。写在 `with torch.no_grad():` 里面，就什么也不记了。

# %%
____  # 关掉 dropout
with ____:  # 不做笔记
    calm = fresh(ids)
check("11.12")

# %%
print("两遍一样：", torch.equal(calm, fresh(ids)), " 做笔记：", calm.requires_grad)

# %% [markdown]
# - [ ] 11.11 裁好上下文，取最后一个位置的得分
# - [ ] 11.12 关掉 dropout，也不再做笔记
# - [ ] 11.r3 我说得出什么是模型的上下文长度，它从代码的哪里来

# %% [markdown]
# ## 类 · 18 分钟
#
# 十一个空，里面没有你没见过的东西。`generate` 用 `torch.multinomial` 来抽，一次抽完批次里的所有窗口：从概率 (batch, vocabulary) 抽出编号 (batch, 1)，就能粘到 `ids` (batch, sequence) 的末尾。已经写好的那几行会关掉 dropout，用完再恢复原样。最上面的 `@torch.no_grad()` 就是 11.12 里的那个 `with`，只是管整个函数。
#
# 下一个单元格是个测试用的小帮手，你用得上，判题程序也用得上。它让模型自信一千倍，于是骰子总是掷出最好的那个。

# %%
def sure(model: nn.Module, characters: int, times: float = 1000) -> nn.Module:
    """同一个模型，它全部 `characters` 个字符的得分都乘上 `times`。"""
    with torch.no_grad():
        for part in model.modules():
            if isinstance(part, nn.Linear) and part.out_features == characters:
                for parameter in part.parameters():
                    parameter *= times
    return model

# %%
class BigramLanguageModel(nn.Module):
    """编号进，下一个的得分出；徒有 bigram 模型之名，除非上下文是 1。"""

    def __init__(self, vocab_size: int, config: Config) -> None:
        """嵌入和 logits 之间有 `config.num_layers` 个块。"""
        super().__init__()
        self.config = config
        self.embedding = ____  # 入口
        self.blocks = ____  # 块
        self.to_logits = ____  # 出口

    def forward(
        self, ids: torch.Tensor, targets: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        """ids (batch, sequence) 的 logits (batch, sequence, vocab_size)；还有损失，没有 targets 就是 None。"""
        x = ____  # 编号变成向量
        for block in self.blocks:
            x = ____  # 过这个块
        logits = ____  # 向量变成得分
        if targets is None:
            return logits, None
        return logits, ____  # 损失

    @torch.no_grad()
    def generate(self, ids: torch.Tensor, max_new_tokens: int) -> torch.Tensor:
        """`ids` (batch, sequence)，再一个一个抽出 `max_new_tokens` 个：(batch, sequence + max_new_tokens)。"""
        was_training = self.training
        self.eval()
        for _ in range(max_new_tokens):
            context = ____  # 最后的那些编号，模型看得见几个就取几个
            logits, _ = self(context)
            chances = ____  # 最后一个位置的概率：(batch, vocab_size)
            chosen = ____  # 每个窗口转一次转盘：(batch, 1)
            ids = ____  # 原来有的，再加抽中的
        self.train(was_training)
        return ids


check("11.13")

# %%
torch.manual_seed(1346)
model = BigramLanguageModel(vocab_size, config).eval()
print(f"{sum(parameter.numel() for parameter in model.parameters()):,} 个参数；纸上算的是 {in_all:,}")

torch.manual_seed(1346)
inputs, answers = DataLoader(loader.text, config).get_batch("validation")
print(f"一无所知的损失：4.16；没训练过的模型的损失：{model(inputs, answers)[1].item():.2f}")

# %% [markdown]
# 个数跟纸上算的一样，损失比一无所知略差一点，正像第 10 章说的，随机的主见就该是这样。模型是你的了，而且是完整的。让它说话：`Let's he` 后面再来 100 个字符。猜猜会是什么样子。

# %%
torch.manual_seed(1346)
start = ____  # “Let's he”的编号，做成只有一个窗口的批次：(1, 8)
babble = ____  # 它，再加 100 个字符，变成文本
check("11.14")

# %%
print(babble)

# %% [markdown]
# 一台胡乱敲键盘的机器。它连 `the the the` 都说不出来：这一章开头那张表是 2.48，遥遥领先，而这个模型的损失在四以上。它那 209,600 个数，还是一开始的随机数。它没什么毛病，只是还一行书都没读过。
#
# 给地图添几笔，记下 `generate` 里的形状：100 步里的第一步，以及最后一步之后。第一行已经给了。

# %%
shapes = {
    "context": (config.batch_size, config.input_sequence_length),
    "last scores": ____,  # 每个窗口最后一个位置的得分
    "chosen": ____,  # 每个窗口一个新编号，随时可以粘上去
    "generated": ____,  # 100 步之后的编号
}
check("11.15")

# %%
for name, shape in shapes.items():
    print(f"{name:>12}  {shape}")

# %% [markdown]
# 名字的事，还欠你一个解释。同一个类，上下文取**一个**字符，拿全部 64 个去问它。

# %%
one = BigramLanguageModel(vocab_size, replace(config, input_sequence_length=1)).eval()
with torch.no_grad():
    its_table = one(torch.arange(vocab_size)[:, None])[0][:, 0]
print("每个字符一行得分：", tuple(its_table.shape))

# %% [markdown]
# 窗口里只有一个位置，注意力就没有别人可看，答案只取决于那一个字符。里面不管怎么折腾，这样的模型说到底就是一张 (64, 64) 的表。你数出来的那张在验证文本上是 2.48。训练能找到更好的吗？
#
# **任何**表在那份文本上最低能到多少，不用训练，你就算得出来。花五分钟想想：天底下所有的表，谁的押注在那里损失最低？准许作弊。

# %%
pairs = ____  # 天底下最好的那张表会去数哪些对？每一对的号
exam_counts = torch.bincount(pairs, minlength=vocab_size**2).view(vocab_size, vocab_size)
best_table = exam_counts / exam_counts.sum(dim=1, keepdim=True).clamp(min=1)  # `clamp`：空行不会除以 0
lowest = ____  # 它在验证文本上的损失
check("11.16")

# %%
print(f"你数的表：{bigram_loss:.2f}；最好的可能：{lowest:.2f}")

# %% [markdown]
# 2.37，而且它得先偷看答案。所以上下文为 1 的模型，怎么训练也降不到这以下。上下文为 1，这名字名副其实。上下文为 32，这名字就是历史了。
#
# - [ ] 11.13 写出 BigramLanguageModel 类
# - [ ] 11.14 让没训练过的模型开口说话
# - [ ] 11.15 把它的形状记到地图上
# - [ ] 11.16 找出一张表能有的最低损失
# - [ ] 11.r4 我说得出 BigramLanguageModel 这个名字什么时候名副其实

# %% [markdown]
# ## 挑战：最可能的文本
#
# 选做，15 分钟，后面的内容都用不到它。贪心每次都取最好的字符。可它最后得到的，是最可能的**文本**吗？一段文本的可能性，是它所有押注乘在一起；我们的 `scores` 是对数，所以改成相加就行：和越大，文本越可能。下面是贪心在 `L` 后面说的话，和它的这个和。

# %%
def total(text: str, count: int) -> float:
    """一段文本最后 `count` 个字符的得分之和：它们的概率的对数。"""
    ids = loader.encode(text)[-count - 1 :]
    return scores[ids[:-1], ids[1:]].sum().item()


print(repr(greedy("L", 3)), f"{total(greedy('L', 3), 3):.2f}")

# %% [markdown]
# 你能赢过它吗？再接三个字符，有 262,144 种接法，可以全试一遍。要是五十个字符，把宇宙的年纪全搭上也不够。好在这张表记性差，反倒救了你。对接下来的事，算数的只有最后一个字符。所以两段文本要是以同一个字符结尾，可能性小的那段就彻底出局了，留 64 段就够：每个字符留一段，是以它结尾的里面最好的。给每一段接上每个可能的字符，再按结尾各留最好的一段。
#
# 运行之前先猜猜：所有文本里最可能的那段，听上去会是什么样？

# %%
def likeliest(start: str, count: int) -> str:
    """`start`，以及它后面整体上最可能的 `count` 个字符。"""
    totals = scores[loader.encode(start)[-1]]  # (64,)：每个字符一个，以它结尾的最好文本的总分
    endings = [[number] for number in range(vocab_size)]  # 以及这段文本给 `start` 加上的编号
    for _ in range(count - 1):
        longer = ____  # 每段文本（行）接上每个字符（列）之后的总分
        totals, before = longer.max(dim=0)  # 每一列里最好的，和它所在的行：前一个字符
        endings = [____ for number in range(vocab_size)]  # 以 `number` 结尾的最好文本
    return start + loader.decode(____)  # 全部当中最好的


check("11.17")

# %%
for start, count in (("L", 3), ("\n", 3), ("\n", 50), ("Let's he", 50)):
    for text in (greedy(start, count), likeliest(start, count)):
        print(f"{total(text, count):7.2f} {text!r}")

# %% [markdown]
# `LO:` 加一个换行符：这是一个角色名的结尾，可能性大约是 `LAnd` 的两倍。贪心从来看不到它，因为第一步看上去差一些。所以最可能的文本，贪心会错过。那五十个字符里最可能的文本是什么呢？`the the the`，而 `Let's he` 后面的，跟贪心说的一个字母都不差。搜得更好了，无聊却一点没变。最可能的文本就是乏味的，所以我们才掷骰子。
#
# 你的搜索有个名字，叫**维特比算法**（Viterbi）。看得见 32 个字符的模型用不了它，因为记性太好：在它眼里，几乎没有两段文本是一样的。对这样的模型，只能留下最好的几段，然后听天由命。那叫束搜索。
#
# - [ ] 11.17 挑战：找出最可能的文本

# %% [markdown]
# ## 现在归你了
#
# - 一个真正的 **bigram 模型**：一张 (64, 64) 的表，数出来的，损失 2.48
# - **贪心**会转圈；一件事要是 29% 的时候是对的，**采样**就 29% 的时候说它
# - **温度**用来除得分，**top-k** 剪掉长尾巴；两个都让文本整齐些，哪个都没让模型知道得更多
# - **上下文长度**：每一步之前先裁文本，只用最后一个位置的得分
# - `BigramLanguageModel(vocab_size, config)`：`forward(ids, targets=None)` 给出 logits 和损失，`generate(ids, max_new_tokens)` 给出更长的文本的编号
#
# 它有 209,600 个数，四个块，十六个头，却无话可说。到了 **12 Trainer**，它学着读书。
