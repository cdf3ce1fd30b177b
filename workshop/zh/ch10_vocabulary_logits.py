# %% [markdown]
# # 10 VocabularyLogits
# <!-- Made from checkpoints/ch10_vocabulary_logits.py by scripts/build.py. From your first edit on it is yours. -->
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/OWNER/REPO/blob/main/workshop/zh/ch10_vocabulary_logits.ipynb)
# [![Open in GitHub Codespaces](https://github.com/codespaces/badge.svg)](https://codespaces.new/OWNER/REPO?quickstart=1)
#
# 把一个向量变成对下一个字符的押注，再量一量：真正来的那个，有多让人意外。
#
# 50 分钟，六节。你需要第 05 章和第 09 章，还有第 06 章的 softmax。
#
# 今晚结束的时候，你手里会有一个数，能说出一个语言模型有多好。那以后的一切，都是为了让这个数变小。

# %%
# @title 先运行这个：工作坊不在这里的话（比如在 Colab 或 Kaggle 上），它会去取来
import importlib.util, urllib.request
if not importlib.util.find_spec("workshop"):
    address = "https://github.com/OWNER/REPO/raw/main/workshop/fetch.py"
    exec(urllib.request.urlopen(address).read(), {"address": address})

# %%
import torch
from torch import nn

# %%
import math
import re

import torch.nn.functional as F

from nanogpt import Config, DataLoader, LayerNorm
from workshop import ____, check, corpus, draw, hint, running, solution

torch.set_printoptions(precision=3, linewidth=100, sci_mode=False)

# %%
config, small = Config(), Config.small()
loader = running.loader()
vocab_size = loader.vocab_size
print(vocab_size, "个字符")

# %% [markdown]
# ## 字母的平均 · 6 分钟
#
# `Let's he` 的最后一个 `e`，从块里出来八个数，而我们要的是下一个字符。最容易想到的办法：把八个数变成一个，也就是下一个字符的**编号**。只有一个输出，像温度计那样。
#
# 这样的输出会学成什么？看看剧本里 `he` 后面的每一个字符。假设有个网络，每次都得给出同一个数，差多远，就按距离的平方交罚款。它最好的办法，就是给出所有这些编号的均值。
#
# 猜猜看，那是哪个字母？

# %%
pair = "he"

# %%
following = torch.tensor([loader.id_of[character] for character in re.findall(pair + "(.)", loader.text, re.DOTALL)])
print(f"{pair!r} 在文本里出现 {len(following):,} 次，后面的编号是 {following[:8].tolist()} ...")

# %%
mean_id = ____  # 后面那些编号的均值
middle = round(float(mean_id))
share = ____  # 它在多大比例的位置上是正确答案？
check("10.01")

# %%
print(f"编号的均值是 {middle}，也就是 {loader.decode([middle])!r}")
print(f"它在 {share:.1%} 的位置上是对的")
counts = torch.bincount(following, minlength=vocab_size)
often = counts.topk(8)
draw.bars(
    [loader.decode([number]) for number in often.indices.tolist()],
    often.values,
    title='“he”后面跟着什么，最常见的八个',
    alt="八根柱子。空格领先，7,813 次，然后 r 4,160，n 1,247，a 1,186，e 960，i 567，m 552，y 543。里面没有 Q。",
)

# %% [markdown]
# `Q`。九部剧里一个 `heQ` 都没有，也从来没有人提过它。只不过空格的编号是 1，小写字母的编号在 50 上下，`Q` 碰巧就在差不多正中间，就像在伦敦和纽约之间取个折中，会掉进大西洋。
#
# 第 02 章说过，进去的编号只是名字。出来的也一样。名字的平均不是任何人的名字，也没有“字符再多一点”这回事。模型要说得出的是：“大概是空格，也许是 r，差不多肯定不是 Q”。这就得**每个**字符一个数。
#
# - [ ] 10.01 查出所有答案的均值是哪个字母

# %% [markdown]
# ## 每个字符一个得分 · 10 分钟
#
# 一个向量和另一个合不合得来，你知道怎么问：用点积，就像 query 问 key 那样。所以给每个字符一个自己的向量，它说的是“轮到我的时候，流是什么样子”。先从小的来：流有三个数，字符有四个。

# %%
vector = torch.tensor([2.0, -1.0, 1.0])  # 最后一个位置上，流说的话
rows = torch.tensor([[1.0, 0.0, 1.0],  # 空格想看到的样子
                     [0.5, 1.0, 0.0],  # a
                     [-1.0, 0.0, 1.0],  # n
                     [1.0, -1.0, -1.0]])  # r
names = [" ", "a", "n", "r"]

# %% [markdown]
# 在纸上算出四个得分，都是小整数。哪个字符最合适？

# %%
score_r = ____  # `r` 合适到什么程度？一个数
scores = ____  # 四个得分一起算
check("10.02")

# %%
for name, score in zip(names, scores.tolist(), strict=True):
    print(f"{name!r}: {score:4.1f}")
print("变成概率：", scores.softmax(dim=0))

# %% [markdown]
# 3, 0, -1, 2。softmax 把它们变成概率，就像在第 06 章把得分变成权重：空格 70%，`r` 26%。这正是我们想说的那种话。要紧的只有**差**：四个都加上 5，概率原封不动。
#
# 其实 `rows @ vector` 就是一个你认识的层。`nn.Linear(3, 4)` 存着一个形状为 (4, 3) 的 weight，每个输出一行，干的就是这个。它还会加一个**偏置**，每个字符一个数：不管流怎么说，这个字符本身有多受欢迎。训练起来，空格得到的偏置会比 `$` 的高。
#
# 像这样的得分，每个可能的答案一个，还没做过 softmax，叫作 **logits**。

# %% [markdown]
# 来看真正的数。下面是第 09 章结束时的流，还有每个向量现在有多长。

# %%
stream = running.after("09")  # (1, 8, 8)
print("长度：", stream[0].norm(dim=-1))

# %% [markdown]
# 在 2.5 和 6.3 之间。向量长一倍，点积就大一倍，softmax 也就自信得多。第一个 `e` 会大喊大叫，它后面的 `t` 只会嘟嘟囔囔，仅仅因为一个向量碰巧比另一个长。药方你知道：算得分之前，**最后再来一个 LayerNorm**，第 05 章答应过你的那个。
#
# 下面是一个归一化层和一个算得分的层，都照我们的流做好了。到这一章末尾，你自己来做。

# %%
part = running.part("10")
norm, to_scores = part.norm, part.to_scores
print("weight", tuple(to_scores.weight.shape), "bias", tuple(to_scores.bias.shape))

# %%
logits = ____  # 流先过归一化层，再算得分
probabilities = ____  # 每个位置的得分，变成概率
best = ____  # 每个位置上，得分最高的编号
check("10.03")

# %%
print(tuple(stream.shape), "->", tuple(logits.shape))
for place, character in enumerate(running.SENTENCE):
    number = best[0, place]
    chance = probabilities[0, place, number].item()
    print(f"{character!r:>3} 后面：{loader.decode([number])!r}，概率 {chance:.3f}")
draw.bars(
    loader.characters,
    probabilities[0, -1],
    title="“Let's he”后面：没训练过的模型押的注",
    alt="64 根柱子，一个字符一根，看不出规律，都在 0.003 和 0.045 之间，在 1/64（也就是 0.016）上下。y 比别的略高一"
    "点，接着是 v、E、N 和 P。",
)

# %% [markdown]
# 这就是押注。`y` 得了 4.5%，纯属偶然，因为权重是随机的。再留意一下出来的是什么：八组得分，每组 64 个，**每个**位置一组。`L` 后面是什么，`Le` 后面是什么，依此类推。有因果掩码把着，谁也没提前知道答案。
#
# - [ ] 10.02 给四个字符打分
# - [ ] 10.03 把流变成 logits、概率和最佳字符
# - [ ] 10.r1 我说得出为什么要 64 个得分，而不是一个编号

# %% [markdown]
# ## 有多意外？ · 10 分钟
#
# 这注押得好吗？来的是什么，不知道就没法说。知道了，要紧的就只有一个数：押注给**真正来的那个字符**的概率。其余的怎么分，都没关系。
#
# 还是个小例子，四个字符。押注是 8 比 4 比 2 比 2，结果来的是 `a`。

# %%
odds = torch.tensor([8.0, 4.0, 2.0, 2.0])
chances = odds / odds.sum()
right = names.index("a")
print(chances, "正确的那个编号是", right)

# %% [markdown]
# 1/4。一个数要拿来当损失，就该在一切顺利时是 0，情况糟糕时很大。负对数正好这样：概率是 1，它是 0；概率越往 0 掉，它就越大，没有上限。我们管它叫**惊讶度**。

# %%
chance = ____  # 押注给正确字符的概率
surprise = ____  # 它的负对数（自然对数）
check("10.04")

# %%
print(f"{chance:.2f} -> {surprise:.3f}")
grid = torch.linspace(0.01, 1, 100)
draw.lines(
    {"惊讶度": -grid.log(), "1 - 概率": 1 - grid},
    x=grid,
    title="一次押注的代价",
    x_name="给正确字符的概率",
    y_name="代价",
    alt="两条往下走的线，在概率为 1 处都到 0。直的那条是 1 - 概率，从 0.99 开始。惊讶度是一条曲线，概率 0.01 时从 "
    "4.6 开始，陡降到 0.2 时的 1.6，然后越来越平。",
)

# %% [markdown]
# 1.386，就是 ln 4：从一副牌里抽一张，看到它的花色，就有这么意外。概率 1% 的时候是 4.6，0.01% 的时候会是 9.2。一口咬定却错了，这个损失绝不放过你。换成那条直线，就放过了。
#
# 为什么偏偏是对数？一段文本有许多字符，整段文本的概率是个**积**：1/4 乘 1/2 再乘 1/8。对数把它变成和。于是各个字符的惊讶度加起来，就是整段文本的惊讶度；取均值，长文本和短文本就公平了。
#
# 现在是三个位置，各押各的注。

# %%
odds = torch.tensor([[8.0, 4.0, 2.0, 2.0],
                     [2.0, 8.0, 4.0, 2.0],
                     [4.0, 8.0, 2.0, 2.0]])
chances = odds / odds.sum(dim=1, keepdim=True)  # (3 个位置, 4 个字符)
came = torch.tensor([1, 1, 3])  # 每个位置来了什么
print(chances)

# %%
picked = ____  # 每个位置上，真正来的那个的概率：(3,)
mean_surprise = ____  # 三个惊讶度的均值
check("10.05")

# %%
print("挑出：  ", picked)
print("惊讶度：", -picked.log())
print(f"均值：   {mean_surprise:.3f}，e 的这个次方：{math.exp(mean_surprise):.3f}")

# %% [markdown]
# 1/4、1/2 和 1/8：分别是 ln 2 的两倍、一倍、三倍。均值是 ln 2 的两倍，也就是 ln 4。所以总的来说，这份意外程度，相当于每个位置都在**四个**同样可能的字符里挑一个，简单说就是“四选一”。e 的“损失”次方告诉你的就是这个，它叫**困惑度**：模型相当于在几个里挑一个。
#
# 惊讶度的均值本身，叫作**交叉熵**。
#
# - [ ] 10.04 手算一个惊讶度
# - [ ] 10.05 把三个位置的惊讶度平均起来
# - [ ] 10.r2 我说得出为什么惊讶度是对数

# %% [markdown]
# ## 库，和它要的形状 · 12 分钟
#
# `Let's he` 的每个字符后面各是什么？在第 01 章，你从同一段文本里往后挪一个位置，切出了答案：`et's hen`，因为《科利奥兰纳斯》里那一行接着是“hence”。有了 10.03 的 logits，要用的就齐了。整个计算，库里一个函数就做完：`F.cross_entropy(logits, targets)`。试试看。

# %%
targets = torch.tensor([loader.encode("et's hen")])

# %%
print("logits", tuple(logits.shape), "targets", tuple(targets.shape))
try:
    F.cross_entropy(logits, targets)
except (RuntimeError, ValueError) as error:
    print("它说：", error)

# %% [markdown]
# 它认定类别在**第二**维，不管后面还有什么，而我们的第二维是位置。（图像就是这个惯例：先是类别，再是行和列。）老老实实的办法，是把所有窗口的所有位置排成一长条，就当是有那么多个数字要分类：logits 变成 (batch * sequence, vocabulary)，targets 变成 (batch * sequence,)。`.view(-1, n)` 就能办到；`-1` 的意思是“有多少算多少”。
#
# 而且它要的是 **logits**，不是概率，因为 softmax 已经在函数里面了。

# %%
flat_logits = ____  # (batch * sequence, vocabulary)
flat_targets = ____  # (batch * sequence,)
loss = ____  # 惊讶度的均值，由库来算
check("10.06")

# %%
by_hand = -probabilities.view(-1, vocab_size)[torch.arange(len(flat_targets)), flat_targets].log()
print(f"手算 {by_hand.mean().item():.4f}，库算 {loss:.4f}")
draw.bars(
    loader.decode(targets[0]),
    by_hand[:8],
    title="没训练过的模型，对“et's hen”的每个字符有多意外",
    alt="八根差不多一样高的柱子：e 4.50，t 3.96，撇号 4.94，s 4.74，空格 4.44，h 4.29，e 4.47，n 4.92。",
)

# %% [markdown]
# 八个惊讶度，它们的均值 4.53，就是我们这个句子的**损失**。（一个批次里有许多窗口时，每个窗口的每个位置都一样重。）
#
# 库为什么非要 logits 不可？下面这个模型，自信得不得了。

# %%
sure = torch.tensor([100.0, 98.0, 101.0])
print("每个得分取 e 的次方：", sure.exp())
print("照公式算的 softmax： ", sure.exp() / sure.exp().sum())

# %% [markdown]
# e 的 89 次方，32 位浮点数就装不下了：`inf`，而 `inf` / `inf` 是 `nan`。这个词你在第 05 章见过。可这些得分一点毛病也没有。要紧的只有差，所以 100, 98, 101 跟 -1, -3, 0 是同一注。
#
# 出路就是它，不过门得你自己找。惊讶度是 -log(e^score / sum of e^scores)，也就是 **log(sum of e^scores) - score**。第一项是个很老实的数，比 101 大一点点。只是在算它的半路上，你会撞见 `inf`。要是规定 e 上面的指数永远不许超过 0，你怎么走到那儿？这一题值得拿支笔，花五分钟。把得分平移一下，问问自己：和会怎样变，和的对数又会怎样变。

# %%
top = sure.max()
log_sum = ____  # log(sum of e^scores)，半路上不出现 `inf`
surprises = ____  # 三个里的每一个：要是来的是它，惊讶度是多少
check("10.07")

# %%
print(f"和的对数：{log_sum:.3f}   惊讶度：{surprises}")

# %% [markdown]
# 哪儿都没有 `inf`：log(sum of e^scores) = top + log(sum of e^(scores - top))，没有一个幂比 e^0 大。你要是交概率上去，得分就已经扔了，也就没机会这样算了。
#
# 拿这个公式来读损失也不错。模型要是很有把握，就有一个得分远远高过其余，那么和的对数几乎就是那个得分。所以损失就是：正确字符的得分比**最高分低多少**，再加一点点。
#
# - [ ] 10.06 把 logits 和 targets 变成库要的形状
# - [ ] 10.07 绕开溢出

# %% [markdown]
# ## 一无所知 · 6 分钟
#
# 4.53 算大吗？损失得有个东西跟它比。要是你什么都不知道，给 64 个字符一样的得分，损失会是多少？

# %%
equal_scores = torch.zeros(len(flat_targets), vocab_size)
good = 1.86  # 写这一章时，第 12 章的模型在没见过的文本上达到的

# %%
nothing = ____  # 得分全都一样时的损失
formula = ____  # 同样的数，不用库：某个整数的对数，写成普通的数
equals = ____  # 损失 `good` 的困惑度：它相当于几选一？
check("10.08")

# %%
print(f"一无所知：{nothing:.4f}，ln {vocab_size} 是 {formula:.4f}")
print(f"损失 {good} 相当于 {equals:.2f} 选一")

# %% [markdown]
# **4.16**，就是一无所知的损失。记住它：训练开始时的第一个损失，你会想拿它来对一对。你要在第 12 章训练的模型，写这一章时达到了 1.86，相当于 6.4 选一。今晚的模型却是 4.53。难道它知道的**比一无所知还少**？
#
# 某种意义上，是的。它有主见，而且是随机的主见。在更多的文本上量一量，再试试别的随机主见：得分从正态分布里抽，有的响些，有的轻些。

# %%
torch.manual_seed(1345)
here = torch.randint(len(loader.validation_ids) - 9, (256, 1)) + torch.arange(9)
windows = loader.validation_ids[here]
with torch.no_grad():
    many = to_scores(norm(running.part("09")(running.part("04")(windows[:, :-1]))))
untrained = F.cross_entropy(many.flatten(0, 1), windows[:, 1:].flatten())
print(f"我们没训练过的零件，在 2,048 个位置上：{untrained.item():.3f}")

answers = torch.randint(vocab_size, (20_000,))
for loudness in (0.0, 0.3, 0.6, 1.0, 2.0):
    opinions = loudness * torch.randn(20_000, vocab_size)
    print(f"随机主见，音量 {loudness}：{F.cross_entropy(opinions, answers).item():.3f}")

# %% [markdown]
# 猜得越大声，结果越糟。有时候得分碰巧对了，惊讶度就小一些。可是一口咬定却错了要赔的，比一口咬定又对了能赚的多。上面那张图里，曲线的弯就弯在这上头。比 4.16 大一点，没训练过的模型就长这样。要是你的从 20 开始，那就是哪里坏了。
#
# - [ ] 10.08 算出一无所知的损失，读懂困惑度
# - [ ] 10.r3 我说得出为什么没训练过的模型会比 ln 64 高一点

# %% [markdown]
# ## 类 · 6 分钟
#
# 两个零件，一行代码。在 10.03 里，两个零件是现成的。做它们的时候，各要告诉它们什么？

# %%
class VocabularyLogits(nn.Module):
    """最后一个归一化层，再给词表的每个字符一个得分。"""

    def __init__(self, vocab_size: int, config: Config) -> None:
        """进 `config.embedding_dim` 个数，出 `vocab_size` 个得分。"""
        super().__init__()
        self.norm = ____  # 免得哪个位置大喊大叫
        self.to_scores = ____  # 每个字符一个点积，一个偏置

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """流，(batch, sequence, embedding_dim) -> logits (batch, sequence, vocab_size)。"""
        return ____  # 先归一化，再打分


check("10.09")

# %%
torch.manual_seed(1345)
vocabulary_logits = VocabularyLogits(vocab_size, small)
with torch.no_grad():
    bet = vocabulary_logits(stream)
print(tuple(stream.shape), "->", tuple(bet.shape))
print("跟之前一样：", torch.equal(bet, logits), " 离开这一章时就是这些数：", torch.equal(bet, running.after("10")))
real = VocabularyLogits(vocab_size, config)
print(f"正式的模型里有 {sum(parameter.numel() for parameter in real.parameters()):,} 个参数")

# %% [markdown]
# 入口处的那张表，每个字符一行，64 个数；出口这里的 weight 也是。能不能干脆用同一张表？GPT-2 就是。这叫权重共享（weight tying），要是有 50,257 行，能省下一大笔。我们的两张表都小，就各归各的了。
#
# 地图上添三行：得分，库要它们变成的样子，还有损失。

# %%
shapes = {
    "into the logits": (config.batch_size, config.input_sequence_length, config.embedding_dim),
    "logits": ____,  # 每个位置的得分
    "flat logits": ____,  # 库要的样子
    "loss": ____,  # 单单一个数，不是列表
}
check("10.10")

# %%
for name, shape in shapes.items():
    print(f"{name:>16}  {shape}")

# %% [markdown]
# - [ ] 10.09 写出 VocabularyLogits 类
# - [ ] 10.10 把它的形状记到地图上

# %% [markdown]
# ## 挑战：谁投了 y 的票？
#
# 选做，15 分钟，后面的内容都用不到它。`Let's he` 后面，没训练过的模型押了 `y`。是谁撺掇的？
#
# 流是加出来的，所以问得出来。里面有四个声音：第 02 章里 `e` 的行，第 03 章里它的位置的行，注意力加上的，和 FeedForward 加上的。跟加在一起的东西做点积，等于分别做点积再加起来，所以每个得分里，每个声音各占多少，可以算得一清二楚。剩下的来自偏置，没有哪个声音要过。
#
# 挡路的只有归一化层，而它干什么你都知道：减去均值，除以一个数，乘上增益，再加一个偏置。它除以的那个数来自整个向量；有了那个数，其余的就可以每个声音单独来做。
#
# 先猜：四个里面谁最想要 `y`？那个 `e`，它的位置，它听来的，还是它想出来的？

# %%
voices = torch.stack((
    running.after("02")[0, -1],  # 字符
    running.after("03")[-1],  # 它的位置
    (running.after("07") - running.after("04"))[0, -1],  # 它听来的
    (running.after("08") - running.after("07"))[0, -1],  # 它想出来的
))  # (4, 8)
last = voices.sum(dim=0)  # (8,)
print("合起来，就是流里最后那个 e：", torch.allclose(last, stream[0, -1], atol=1e-5))

# %%
with torch.no_grad():  # 我们只是看看
    divisor = ____  # 归一化层拿 `last` 除以多少，一个数
    votes = ____  # 每个声音给每个字符的得分加了多少：(4, 64)
    unasked = ____  # 除了这些票，每个字符的得分里还有什么：(64,)
check("10.11")

# %% [markdown]
# 看看 `votes[:, best[0, -1]]`。`y` 得了 1.27，其中 0.57 来自那个 `e`，0.28 来自它的位置，0.05 来自注意力，0.15 来自 FeedForward。另外 0.22 没有人要过。再给每一行排个序，看看各个声音本来更想要什么：`e` 想要 `P`，它的位置想要 `M`。没有一个把 `y` 排进前八名，可个个都把它排进了前十六名。又是个折中，不过这回，大家都过得去。
#
# 人们就是这样拆大模型的，为的是弄清一个答案出自哪一层。这叫“直接 logit 归因”（direct logit attribution）。
#
# - [ ] 10.11 挑战：查出谁投了 y 的票

# %% [markdown]
# ## 现在归你了
#
# - 编号不能取平均：`he` 后面所有字符的均值是个 `Q`
# - **logits**：先过最后一个归一化层，然后 64 个字符各有一个点积和一个偏置
# - **惊讶度**：给正确字符的概率的负对数
# - **交叉熵**：惊讶度的均值。一无所知的代价是 ln 64 = 4.16；e 的“损失”次方是**困惑度**
# - 库要的是 logits，(batch * sequence, vocabulary)；取 e 的次方之前，它会先减去最高分
# - `VocabularyLogits(vocab_size, config)`：(batch, sequence, width) 进，(batch, sequence, vocabulary) 出
#
# 零件都摆在桌上了。到了 **11 BigramLanguageModel**，它们合成一个模型，模型开口说话。
