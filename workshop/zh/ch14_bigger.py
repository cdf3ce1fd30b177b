# %% [markdown]
# # 14 更大
# <!-- Made from checkpoints/ch14_bigger.py by scripts/build.py. From your first edit on it is yours. -->
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/OWNER/REPO/blob/main/workshop/zh/ch14_bigger.ipynb)
# [![Open in GitHub Codespaces](https://github.com/codespaces/badge.svg)](https://codespaces.new/OWNER/REPO?quickstart=1)
#
# 量一量，模型变大能带来什么；还没训练，就先预测出来。
#
# 98 分钟，七节，想多做一点还有一个挑战。这一章是加餐：你需要第 01、11 和 12 章，第 13 章一点也用不到。
#
# 凡是训练过小模型的人，回家路上都会冒出同一个念头：要是再大一点呢？你可以租台机器，试了就知道。也可以学学那些一次训练要花几百万的人，他们花钱之前是这么做的：先训练几个小得不像话的模型，穿过结果画一条线，其余的照着线读出来。

# %%
# @title 先运行这个：工作坊不在这里的话（比如在 Colab 或 Kaggle 上），它会去取来
import importlib.util, urllib.request
if not importlib.util.find_spec("workshop"):
    address = "https://github.com/OWNER/REPO/raw/main/workshop/fetch.py"
    exec(urllib.request.urlopen(address).read(), {"address": address})

# %%
import copy
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch
from torch import nn

from nanogpt import BigramLanguageModel, Config
from workshop import ____, check, corpus, draw, hint, mine, optimizers, rehearsal, running, solution

torch.set_printoptions(precision=3, linewidth=100, sci_mode=False)
torch.set_num_threads(1)  # 这么小的张量，第二个核只会碍事

# %%
config = Config()
vocab_size = running.loader().vocab_size
print(f"{vocab_size} 种字符，{config.num_layers} 个块，每个字符 {config.embedding_dim} 个数")

# %% [markdown]
# ## 要花多少 · 15 分钟
#
# 造个更大的之前，总得知道它要花多少，而这有支铅笔就够了。把第 11 章的零件按次序过一遍，写下每个装着多少个数。两个字母就够用：d 是宽度 `embedding_dim`，h 是 FeedForward 隐藏层的大小。
#
# 把 d 个数变成 h 个的层，矩阵里有 d 乘 h 个数，有偏置的话再加 h 个。在注意力里，几个头平分宽度，所以它们的 query 合在一起，要的数跟一个 d 乘 d 的矩阵一样多。key 和 value 也各要这么多。这三样都没有偏置，它们后面的投影有。

# %%
def count(vocab_size: int, config: Config) -> int:
    """一个模型有多少个数，不用把它造出来。"""
    d, h = config.embedding_dim, config.hidden_dim
    tables = ____  # 每个字符一行，每个位置一行
    attention = ____  # 所有头的 query、key 和 value，再加投影和它的偏置
    feed_forward = ____  # 去一趟，回一趟，每趟都有偏置
    norm = 2 * d  # 增益和偏置
    scores = ____  # 从宽度到每个字符一个得分，带偏置
    return tables + config.num_layers * (attention + feed_forward + 2 * norm) + norm + scores


check("14.01")

# %%
print(f"手工数的：{count(vocab_size, config):,}")
print("PyTorch 数的："
    f"{sum(parameter.numel() for parameter in BigramLanguageModel(vocab_size, config).parameters()):,}")
for width in (64, 128, 256, 512, 1024):
    wide = replace(config, embedding_dim=width, hidden_dim=4 * width)
    inside = 12 * wide.num_layers * width**2
    print(f"宽度 {width:>4}：{count(vocab_size, wide):>10,} 个数，其中块里的矩阵占 "
    f"{inside / count(vocab_size, wide):.1%}")

# %% [markdown]
# h 是 d 的四倍时，一个块的矩阵有 12 乘 d 乘 d 个数。模型越宽，别的东西就越不算什么。所以宽度翻倍，数差不多变成四倍；块的个数翻倍，数只变成两倍。
#
# 再来算时间。一个字符穿过模型，矩阵里的每个数都用上一次：乘一下，再加到累计的和上。每个数 **2** 次运算。然后是 `backward`，每个矩阵又要做两次同样大小的乘法：一次求矩阵的梯度，另一次求进来的东西的梯度，好交给前一个零件。这又是 **4** 次。经验法则就齐了：从一个字符里学，**模型的每个数要 6 次运算**。

# %%
parameters = count(vocab_size, config)
per_character = ____  # 一个字符要多少次运算，按经验法则
whole_run = ____  # 整个训练呢，按 `config` 里的配置
check("14.02")

# %%
print(f"一个字符 {per_character:,} 次运算，第 12 章的整个训练 {whole_run:.2e} 次")

# %% [markdown]
# 第 12 章的训练要 7240 亿次。一个核一秒能做几百亿次，只要你喂给它的全是大矩阵的乘法。这样算，那次训练几秒钟就能跑完。你的要是花了一两分钟，那是因为模型太小，时间大多花在准备乘法上，乘法本身一眨眼就做完了。
#
# 法则本身也不精确。有的地方算多了：表只是从里面挑几行，增益和偏置也不是矩阵。有的地方算少了：注意力里有两个乘法，跟哪个参数都没关系。每个位置拿自己的 query 去跟整个窗口的 key 比。所有头合起来，窗口里有多少个字符，就有多少个长度为 d 的点积。（其中一半后来给掩码遮住了，可算是算过了。）接着，它把同样多的 value 混在一起，又要这么多次。所以再数一遍，这回认真数。

# %%
def operations(vocab_size: int, config: Config) -> int:
    """从一个字符里学要多少次运算：所有的矩阵乘法，去程加回程。"""
    d, h, length = config.embedding_dim, config.hidden_dim, config.input_sequence_length
    matrices = ____  # 所有矩阵里的数：每个注意力四个矩阵，每个 FeedForward 两个，还有得分
    looking = ____  # 一个块里那两个没有参数的乘法，去程的运算次数
    there = ____  # 去程的全部运算
    return 3 * there  # 去程，再加两倍的回程


check("14.03")

# %%
from torch.utils.flop_counter import FlopCounterMode

torch.manual_seed(1349)
batch = torch.randint(vocab_size, (config.batch_size, config.input_sequence_length + 1))
with FlopCounterMode(display=False) as counter:  # PyTorch 算的每个乘法它都听着
    BigramLanguageModel(vocab_size, config)(batch[:, :-1], batch[:, 1:])[1].backward()
characters = config.batch_size * config.input_sequence_length
print(f"PyTorch 数出来，一步 {counter.get_total_flops():,} 次运算")
print(f"你的公式说 {operations(vocab_size, config) * characters:,}，每个数 6 次的话是 {per_character * characters:,}")

# %% [markdown]
# 你的一次都不差。经验法则低了 3%：在这里，它漏掉的比多算的还多。窗口再长一些，差距会更大，因为每个字符要看的东西多了，参数的个数却几乎不变。
#
# - [ ] 14.01 不造模型，数出它有多少个数
# - [ ] 14.02 按经验法则数运算
# - [ ] 14.03 认真数一遍
# - [ ] 14.r1 我说得出那个 6 是怎么来的

# %% [markdown]
# ## 四个小模型 · 13 分钟
#
# 现在动手量。用你自己的类做四个模型，除了宽度，处处一样：8、12、20 和 32。每个都学同样多的步，然后考同一场试：1,024 个窗口，均匀地撒在验证文本上。考题都一样，难题就对谁都难，谁更好，运气就插不上多少嘴。
#
# 你的哪个类还没写好，或者没通过，就由工作坊的顶上，跟第 12 章一样。**先保存这个 notebook**，因为 `mine` 读的是磁盘上的内容。

# %%
mine.table()

# %%
loader = mine.DataLoader(corpus.shakespeare(), replace(config, batch_size=16))

# %%
base = Config(batch_size=16, embedding_dim=32, hidden_dim=128, num_heads=2, num_layers=2, steps=400, warmup_steps=40,
              learning_rate=0.01, evaluate_every=10_000, evaluation_batches=1)


def same_exam(model: nn.Module, windows: int = 1024) -> float:
    """在验证文本的这么多个窗口上的平均损失，每次都是同样的窗口。"""
    ids, length = loader.validation_ids, loader.config.input_sequence_length
    starts = torch.linspace(0, len(ids) - length - 1, windows).long()
    cut = ids[starts[:, None] + torch.arange(length + 1)]
    model.eval()
    with torch.no_grad():
        return statistics.fmean(model(part[:, :-1], part[:, 1:])[1].item() for part in cut.split(128))


def trained(config: Config, characters: int | None = None) -> tuple[int, float]:
    """训练一个模型，用整个文本，或者只用开头的 `characters` 个字符；返回它有多少个数，和它考试的损失。"""
    config = rehearsal.settings(config)
    torch.manual_seed(config.seed)
    text = copy.copy(loader)
    text.train_ids = loader.train_ids[:characters]
    model = mine.BigramLanguageModel(loader.vocab_size, config)
    start = time.perf_counter()
    mine.Trainer(model, optimizers.fast(model, config), text, config).train()
    size, loss = sum(parameter.numel() for parameter in model.parameters()), same_exam(model)
    print(f"宽度 {config.embedding_dim:>3}，{config.num_layers} 个块，{config.steps} 步：{size:>9,} 个数，损失 "
    f"{loss:.3f}，{time.perf_counter() - start:.1f} 秒")
    return size, loss


def of_width(width: int) -> Config:
    """这么宽的模型的配置。"""
    return replace(base, embedding_dim=width, hidden_dim=4 * width)

# %% [markdown]
# 每个要几秒钟。从一个模型到下一个，数大约翻一番。四个损失会怎么变？先猜一猜。

# %%
widths = [8, 12, 20, 32]
runs = [trained(of_width(width)) for width in widths]
sizes = torch.tensor([float(size) for size, _ in runs])
losses = torch.tensor([loss for _, loss in runs])
reached = ", ".join(f"{size:,}: {loss:.2f}" for size, loss in runs)
draw.lines(
    {"损失": losses},
    x=sizes,
    title="你自己的四个模型",
    x_name="模型有多少个数",
    y_name="考试的损失",
    alt=f"一条穿过四个点的曲线：{reached}（大小：损失）。它是弯的：左边陡，三个点挤在那里；往第四个点去，越来越平。",
)
draw.lines(
    {"损失": losses},
    x=sizes,
    log=True,
    title="还是这四个，画在对数坐标上",
    x_name="模型有多少个数",
    y_name="考试的损失",
    alt=f"同样的四个点，{reached}（大小：损失），现在从左到右差不多是等距的，看得出它们离一条直线有多近。",
)

# %% [markdown]
# 在普通坐标上，你看到一条越来越平的曲线，也许就想：再往下做也没多大意思了。第二张图画的是同样的四个点，用的是**对数**坐标：每翻一番都走同样的距离，不管从哪里开始。在那里，几个点差不多排成一条直线，而直线是可以延长的。
#
# 这样一条线说的是什么？往右翻一番，就往下走一段固定的距离。在对数坐标上，距离就是**倍数**。所以模型每翻一番，损失都乘上同一个数，比 1 小一点。乘的是几，斜率告诉你。下面是别人的 notebook 里的两个模型：

# %%
numbers_of_two = torch.tensor([1000.0, 8000.0])
losses_of_two = torch.tensor([3.2, 2.4])

# %%
run_of = (numbers_of_two[1] / numbers_of_two[0]).log()  # 往右走了多远，在对数坐标上
slope = ____  # 在对数坐标上，往上走了多远，除以往右走了多远；往下是负的
factor = ____  # 模型每翻一番，损失要乘的数
check("14.04")

# %%
print(f"斜率 {slope:.3f}：每翻一番，损失乘 {factor:.3f}；翻三番，乘 {factor**3:.2f}")

# %% [markdown]
# 斜率是 -0.138，意思是每翻一番，损失减掉 9%；翻三番，就从 3.2 降到 2.4。这叫**幂律**。从几千个数的模型，到几十亿、上百亿个数的模型，它一次又一次地冒出来，为什么会这样，谁也没法完全说清。
#
# - [ ] 14.04 从对数坐标上读出斜率
# - [ ] 14.r2 我说得出对数坐标上的一条直线是什么意思

# %% [markdown]
# ## 一条线，一句承诺 · 18 分钟
#
# 过两个点，总有一条直线。过四个点，就几乎从来没有，所以要的是差得最少的那条。“最少”是什么意思，两百年没变过：每个点差多少，平方，全加起来，让这个和尽可能地小。有个公式。以四个点的正中间为准，量每个点：往右多远，往上多远。两个相乘，把积都加起来。再除以“往右多远”的平方的和，就得到斜率。还有，这条线穿过正中间。
#
# 先拿我们的四个点练练手。你自己的马上就来。

# %%
practice_sizes = torch.tensor([3000.0, 9000.0, 31_000.0, 98_000.0])
practice_losses = torch.tensor([2.61, 2.38, 2.22, 2.02])

# %%
x, y = practice_sizes.log(), practice_losses.log()
across, up = x - x.mean(), y - y.mean()
tilt = ____  # 线的斜率
level = ____  # x 为 0 的地方，线有多高
check("14.05")

# %%
print(f"log(损失) = {level:.3f} + {tilt:.4f} · log(大小)；每翻一番，损失乘 {2**tilt:.3f}")

# %% [markdown]
# 装进一个函数，有几个点都行：

# %%
def fit(sizes: torch.Tensor, losses: torch.Tensor) -> tuple[float, float]:
    """穿过对数的最小二乘直线：它的斜率，和大小为 1 的地方它有多高。"""
    x, y = sizes.double().log(), losses.double().log()
    across = x - x.mean()
    slope = (across * y).sum() / (across**2).sum()
    return slope.item(), (y.mean() - slope * x.mean()).item()

# %% [markdown]
# 现在从两头来读这条线。给它一个大小，它承诺多少损失？你想要某个损失，它要求多大？

# %%
def promised(size: float, slope: float, level: float) -> float:
    """给定大小，这条线给出的损失。"""
    return ____  # 顺着线上去，再从对数变回来


def needed(loss: float, slope: float, level: float) -> float:
    """要达到某个损失，这条线要求的大小。"""
    return ____  # 还是这条线，解出大小


check("14.06")

# %% [markdown]
# 现在拿你自己的线许下一个承诺，而且要**赶在**可能打破它的那次训练之前。第五个模型的宽度，是四个里最宽的那个的两倍，它有多少个数，不造出来也数得清。把承诺写下来，信不过自己就写在纸上。

# %%
slope_of_mine, level_of_mine = fit(sizes, losses)
fifth = of_width(2 * widths[-1])
size = count(loader.vocab_size, fifth)
promise = promised(size, slope_of_mine, level_of_mine)
misses = [abs(loss / promised(each, slope_of_mine, level_of_mine) - 1) for each, loss in runs]
print(f"你的线：斜率 {slope_of_mine:.4f}；模型每翻一番，损失乘 {2**slope_of_mine:.3f}")
print(f"跟它自己的四个点，最多差 {max(misses):.1%}")
print(f"承诺：宽度 {fifth.embedding_dim}、{size:,} 个数的模型，损失会是 {promise:.3f}")

# %% [markdown]
# 现在训练它。比前几个要久一点。

# %%
_, kept = trained(fifth)
print(f"承诺 {promise:.3f}，实测 {kept:.3f}：差 {abs(kept / promise - 1):.1%}")
print(f"要是你当初说再也不会变了：{losses[-1]:.3f}，差 {abs(kept / losses[-1].item() - 1):.1%}")
draw.lines(
    {"实测": [*losses, kept], "穿过前四个点的线": [promised(each, slope_of_mine, level_of_mine) for each in [*sizes.tolist(), size]]},
    x=[*sizes.tolist(), size],
    log=True,
    title="一句承诺，兑现了没有",
    x_name="模型有多少个数",
    y_name="考试的损失",
    alt=f"五个实测的点，和一条按前四个点画的直线。在第五个点，{size:,} 个数那里，线在 {promise:.2f}，实测的点在 "
    f"{kept:.2f}。",
)

# %% [markdown]
# 这算准吗？跟两样东西比一比。一样是，画线用的那几个点，线自己差了多少：到了新的点上，别指望它更准。另一样是天底下最懒的预测：再也不会变了。要是线赢了它，就是告诉了你一件你不知道的事。写这一章时，线承诺 2.11，得到 2.08，懒的那个差了 8%。
#
# 不过，不管你的结果是好是坏，都留个心眼。五个模型，每个只用一个种子学过，换一个种子，损失就会挪一点，所以差得少可能是运气，正中靶心也可能是运气。还有，五个都停在同样的步数上，用的是同样的学习率，可宽的模型比窄的用得上更多的步。我们把宽度又翻了一番，到 128，线承诺 1.96，得到的大约是 2.0。是模型太宽，线管不到了，还是只不过停得太早？想知道就试试：一句 `trained(of_width(128))`，再加一点耐心。步数在 `base` 里。
#
# - [ ] 14.05 亲手画出最小二乘直线
# - [ ] 14.06 从两头读这条线
# - [ ] 14.r3 我先预测了一次训练，然后才去训练

# %% [markdown]
# ## 地板 · 12 分钟
#
# 对数坐标上的直线没有尽头。模型做得够大，它就承诺你 0.1 的损失，而这不可能是真的。`The King of` 后面是什么，谁也说不准。莎士比亚也说不准，直到他拿定主意。意外里有一部分属于文本，怪不着读它的人。它叫**不可约损失**（irreducible loss），不管多大的模型，都到不了它下面。它是一块地板。
#
# 所以，老实的定律分两部分：一块地板，再加上随着模型变大、按幂缩小的那部分。排在一条直线上的不是损失，是**高出地板的**那部分损失。要是知道地板在哪里，减掉它，再照前面那样拟合就行。可你不知道，那就试上许多个，看哪个差得最少。下面是我们编出来的七个模型，地板藏在单元格里。别偷看。

# %%
hidden = 1.2

# %%
seven_sizes = 10 ** torch.linspace(3.5, 5, 7, dtype=torch.float64)  # 从大约 3,000 到 100,000
seven_losses = hidden + 6 * seven_sizes**-0.2
floors = [number / 10 for number in range(15)]  # 0.0, 0.1, ... 1.4
print("损失：", seven_losses)

# %%
def miss(floor: float, losses: torch.Tensor) -> float:
    """一块地板，加上它上面最好的线，跟损失差多少：均方根。"""
    slope, level = fit(seven_sizes, losses - floor)
    off = ____  # 每个损失，比地板加线承诺的部分高出多少，不带对数：(7,)
    return ____  # 平方的均值，再开方，一个普通的数


found = min(floors, key=lambda floor: ____)  # 该让什么最小？
check("14.07")

# %%
print(f"最好的地板是 {found}，用上它，线的偏差是 {miss(found, seven_losses):.4f}；没有地板，是 "
    f"{miss(0.0, seven_losses):.4f}")
for seed in range(1350, 1356):
    torch.manual_seed(seed)
    shaken = seven_losses * (1 + 0.01 * torch.randn(7))  # 每个偏 1% 左右，偏上或者偏下
    print("每个损失带 1% 的运气，最好的地板是", min(floors, key=lambda floor, shaken=shaken: miss(floor, shaken)))

# %% [markdown]
# 损失照原样，地板找得一点不差。然后我们把每个损失往上或往下挪了百分之一左右，换一个种子就可能挪这么多，最好的地板就到处乱跑，有一次甚至跑到了 0。从 3,000 个数到 100,000 个数，七个点还不够找到它。你自己的四个点，范围更窄，知道得就更少了。
#
# 在近处，这几乎无所谓。到了远处就不是了：

# %%
straight = fit(seven_sizes, seven_losses)
bent = fit(seven_sizes, seven_losses - found)
far = 10 ** torch.linspace(3, 12, 10, dtype=torch.float64)
without_floor = [promised(size, *straight) for size in far.tolist()]
with_floor = [found + promised(size, *bent) for size in far.tolist()]
draw.lines(
    {"有地板": with_floor, "直线": without_floor, "地板": [found] * len(far)},
    x=far,
    log=True,
    title="同样的七个点，延伸得太远",
    x_name="模型有多少个数",
    y_name="损失",
    alt="1.2 处的一条水平线，是地板；还有两条线，在左边，到十万个数为止，几乎分不开。再往后，直的那条一路往下，穿过"
    "地板；弯的那条越来越靠近地板，却始终碰不到。",
)
for place, size in enumerate(far.tolist()):
    print(f"{size:>21,.0f}：有地板 {with_floor[place]:.2f}，直线上 {without_floor[place]:.2f}")

# %% [markdown]
# 在七个点所在的地方，两条线几乎分不开。再走到一千倍远，它们就差得很大，信错了一条，可能要赔上一大笔钱，而错的是哪一条，左边的测量没有一个说得出来。所以，凡是这样的线，都有一条规矩，你的也不例外：往前翻一两番，可以信。再往外，就是拿尺子画出来的愿望。
#
# - [ ] 14.07 在七个损失下面找地板
# - [ ] 14.r4 我说得出损失为什么到不了 0

# %% [markdown]
# ## 别的旋钮 · 12 分钟
#
# 能加的不光是宽度。还有块，还有步，还有文本。文本留到后面再说。从一个小模型出发，一次只拧一个旋钮，翻两番，别的都不动。哪个最管用？运行单元格之前，先给它们排个名次。（它要训练七个模型，时间跟前面那五个加起来差不多。）

# %%
middle = replace(of_width(24), num_layers=1, steps=200, warmup_steps=20)
shares = [1, 2, 4]
start = trained(middle)[1]
wider = [start, *(trained(replace(middle, embedding_dim=24 * share, hidden_dim=96 * share))[1] for share in shares[1:])]
deeper = [start, *(trained(replace(middle, num_layers=share))[1] for share in shares[1:])]
longer = [start, *(trained(replace(middle, steps=200 * share, warmup_steps=20 * share))[1] for share in shares[1:])]
draw.lines(
    {"宽度": wider, "块数": deeper, "步数": longer},
    x=shares,
    log=True,
    title="三个旋钮，各拧大两次",
    x_name="是原来的几倍",
    y_name="考试的损失",
    alt=f"从同一个点 {start:.2f} 出发的三条线。到了四倍的地方，宽度那条是 {wider[-1]:.2f}，块数那条是 "
    f"{deeper[-1]:.2f}，步数那条是 {longer[-1]:.2f}。",
)

# %% [markdown]
# 一个起点，三个斜率，各不一样。没有哪个是自然规律。它们只是说，这个模型**在这里**缺的是什么。才走了这么几步，模型连第一个块都没怎么来得及用，再多几个块也帮不上什么忙。它最缺什么，就给它什么，过一阵子，缺的就是别的了。
#
# 第四个旋钮是文本。这个我们反过来，往小里拧，让一个模型读的东西越来越少：

# %%
amounts = [2_000, 8_000, 32_000, 128_000]
starved = [trained(base, amount)[1] for amount in amounts]
listed = ", ".join(f"{amount:,}: {loss:.2f}" for amount, loss in zip(amounts, starved, strict=True))
draw.lines(
    {"考试的损失": starved},
    x=amounts,
    log=True,
    title="同样的模型，同样的步数，用来学的文本越来越少",
    x_name="用来学的文本有多少个字符",
    y_name="考试的损失",
    alt=f"一条从左到右往下走的线。{listed}（字符数：损失）。",
)
each_time = base.batch_size * base.input_sequence_length * base.steps
print(f"{base.steps} 步里，它读了 {each_time:,} 个字符： " + ", ".join(f"{each_time / amount:.1f} × {amount:,}" for amount in amounts))

# %% [markdown]
# 只有 2,000 个字符，它就把同一页读了一百来遍，背下来了（第 12 章），这在考试里帮不上忙。有 128,000 个字符，每页读一两遍。文本再长一些，会有别的词、别的名字，可只有这么多步，模型读不完。一个旋钮有多大用，要看别的旋钮跟不跟得上。
#
# 一有人付钱，这就成了正经问题。账单是按运算来算的：6，乘模型有多少个数，再乘它学多少个字符。同样的钱，可以买个读得少的大模型，也可以买个读得多的小模型。哪个更好？Hoffmann 等人在 2022 年量过，他们的模型读的是 token，不是字符，结果得到了这条定律：

# %%
def law(size: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
    """有 `size` 个数的模型，读过 `tokens` 个 token 之后的损失：Hoffmann 等人（2022），公式 10。"""
    return 1.69 + 406.4 / size**0.34 + 410.7 / tokens**0.28


candidates = 10 ** torch.linspace(6, 11, 101, dtype=torch.float64)  # 从一百万个数到 1000 亿个

# %%
budget = 1e19

# %%
readings = ____  # 花这份预算，每个候选能学多少个 token
best_size = candidates[____]  # 最低的损失在什么位置
check("14.08")

# %%
print(f"{budget:.0e} 次运算：{best_size:,.0f} 个数，{budget / (6 * best_size):,.0f} 个 token，每个数 "
    f"{budget / (6 * best_size**2):.0f} 个 token")
draw.lines(
    {f"{money:.0e} 次运算": law(candidates, money / (6 * candidates)) for money in (1e18, 1e19, 1e20)},
    x=candidates,
    log=True,
    title="同样的钱：数少读得多，还是数多读得少",
    x_name="模型有多少个数",
    y_name="损失，按定律",
    alt="三条曲线，每条都是一个山谷，预算分别是一份、十份和一百份。每个山谷都比前一个低，也更靠右。在两头，曲线都陡"
    "陡地往上爬。",
)

# %% [markdown]
# 每份预算都有自己的山谷。模型太小，读到的东西装不下。太大，就几乎没得读。钱要是多到十倍，两样都该加：模型大到三倍左右，读的也多到三倍左右。在人们知道这一点之前，最大的那些模型，跟它们读过的东西比，实在大得太多了。（那几个常数也是别人拟合出来的，上一节说拟合的话，句句都用得上。1.69 就是他们的地板。）
#
# - [ ] 14.08 把一份预算花好
# - [ ] 14.r5 我说得出为什么光加一样，加到后来就不管用了

# %% [markdown]
# ## 少几位，少几趟 · 14 分钟
#
# 买什么，就说到这里。今晚剩下的时间，讲怎么让同样的钱多办事。第一招：用差一点的数来算。
#
# 一个 float32 有 32 位，其中 23 位记的是有效数字。**bfloat16** 有 16 位，省就省在有效数字上，只给 7 位。从极小到极大，它够得着的范围跟 float32 一样，只是刻度粗得多。它占的内存只有一半，而专为它造的硬件，乘起来要快好几倍。到底有多粗？

# %%
numbers = torch.tensor([3.14159, 0.001234, 1.00392, 209.6, 0.7071, 1000.5])

# %%
coarse = ____  # 每个数，变成 bfloat16，再变回 float32
worst = ____  # 最大的误差，算它占那个数本身多大比例，去掉符号
check("14.09")

# %%
for number, rounded in zip(numbers.tolist(), coarse.tolist(), strict=True):
    print(f"{number:>12.6f} -> {rounded:>12.6f}")
print(f"最差的：{worst:.2%}")
weight = torch.tensor(1.0, dtype=torch.bfloat16)
for _ in range(1000):
    weight -= 0.001
print(f"1 减一千次 0.001：{weight.item()}")

# %% [markdown]
# 头两三位数字是对的，误差不到 0.4%。做乘法，够好了。**学习**就不行。从 1 出发，往下走一千小步，你还在 1，因为每一步都给舍掉了。所以参数还是用 float32，优化器走的步也是。只有乘法用 bfloat16。
#
# 要这样做，你的类一行都不用改。在 `with torch.autocast(...)` 里面，凡是进乘法的，PyTorch 都替你转换，而损失用 float32 算，那里位数要紧。`backward()` 和 `step()` 留在外面。

# %%
def loss_on(model: nn.Module, inputs: torch.Tensor, targets: torch.Tensor, coarse: bool) -> torch.Tensor:
    """模型在一个批次上的损失；要 `coarse` 的话，乘法用 bfloat16。"""
    with torch.autocast(____, dtype=____, enabled=____):  # 在哪种设备上；哪种数；什么时候
        return model(inputs, targets)[1]


check("14.10")

# %% [markdown]
# 第二招，换台好机器。你写的东西，照原样就能在 GPU 上跑，只要先用 `.to(device)` 把模型和它的批次搬过去。下一个单元格会去找 GPU，没有就用 CPU。然后它拿一个更宽的模型掐表，看走一步要多久，先用精细的乘法，再用粗的。

# %%
device = torch.device("cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu")


def seconds(action: Callable[[], object], times: int = 7) -> float:
    """一件事要多久：试好几次，取中位数，最前面的一次不算。"""
    taken = []
    for _ in range(times + 1):
        start = time.perf_counter()
        action()
        if device.type == "cuda":
            torch.cuda.synchronize()  # 我们往下走，它还在算；等它算完
        taken.append(time.perf_counter() - start)
    return statistics.median(taken[1:])


torch.manual_seed(1349)
heavy = Config(embedding_dim=128, hidden_dim=512, num_heads=2, num_layers=2)
trainee = mine.BigramLanguageModel(loader.vocab_size, heavy).to(device)
inputs, targets = (part.to(device) for part in loader.get_batch())


def learn(coarse: bool) -> None:
    """一步，不算优化器的那部分。"""
    trainee.zero_grad()
    loss_on(trainee, inputs, targets, coarse).backward()


fine_time, coarse_time = seconds(lambda: learn(False)), seconds(lambda: learn(True))
print(f"在 {device} 上：一步用 float32 要 {1000 * fine_time:.1f} ms，乘法用 bfloat16 要 {1000 * coarse_time:.1f} ms")
print(f"速度是 {fine_time / coarse_time:.2f} 倍；损失 {loss_on(trainee, inputs, targets, False):.4f} 和 "
    f"{loss_on(trainee, inputs, targets, True):.4f}")

# %% [markdown]
# 先看两个损失：几乎没有差别。再看速度是几倍。大于 1，就是白捡的便宜。小于 1，就是转换花的时间，比粗的乘法省下来的还多；不是为它造的处理器就会这样，那就关着别用。到底是哪一种，不量谁也说不准，而量一下只要一秒钟。
#
# （就算在 GPU 上，也可能快不了多少，甚至一点不快。这么小的模型喂不饱它，你量到的大半是 Python 的时间，它在一小包一小包地派活儿。换个大点的批次试试。）
#
# 第三招，对付的就是这些小包。你在第 05 章写的 LayerNorm，有五六个操作，每一个都要从内存里读出一整个张量，再写回去一个。`torch.compile` 会看一个模块在做什么，替它写一个程序，一趟就跑完。这个程序更快，可要写出来、翻译好，得花点时间。什么时候才划算？

# %%
def pays_after(compiling: float, before: float, after: float) -> float:
    """调用多少次之后，编译才回本；回不了本就是无穷大。三个时间都以秒计。"""
    if ____:  # 什么时候永远不划算？
        return math.inf
    return ____  # 要省多少次，才抵得上编译花的时间，向上取整


check("14.11")

# %%
torch.manual_seed(1349)
norm, stream = mine.LayerNorm(256).to(device), torch.randn(768, 256, device=device)
try:
    with torch.no_grad():
        before = seconds(lambda: norm(stream), 31)
        start = time.perf_counter()
        compiled = torch.compile(norm, backend="eager" if rehearsal.STEPS in os.environ else "inductor")
        compiled(stream)  # 第一次调用时才编译
        compiling = time.perf_counter() - start
        after = seconds(lambda: compiled(stream), 31)
        print(f"编译用了 {compiling:.1f} 秒；之前 {1e6 * before:.0f} µs，之后 {1e6 * after:.0f} µs：速度是 "
        f"{before / after:.1f} 倍")
        print(f"调用 {pays_after(compiling, before, after):,} 次之后回本；最大的差别 "
        f"{(compiled(stream) - norm(stream)).abs().max():.1e}")
except Exception as error:
    print(f"这台机器不能编译，别的内容也用不到它：{type(error).__name__}: {str(error).strip().splitlines()[0][:200]}")

# %% [markdown]
# 在 CPU 上，编译需要一个 C++ 编译器。要是这里没有，刚才已经告诉你了，后面的内容也都用不到它。要是成功了，看看那个次数。第 12 章的训练有 750 步，模型里有九个归一化层，一共要调用 6,750 次。够了吗？只跑一晚上的训练，编译花的时间可能比省下的还多。要跑好几天的训练，它就是头一件该试的事，而且是对整个模型：`torch.compile(model)`。（我们只取一个归一化层，是因为在 CPU 上编译整个模型，连同它的回程，可能要好几分钟。）
#
# - [ ] 14.09 看到 bfloat16 舍掉了什么
# - [ ] 14.10 让模型用上它
# - [ ] 14.11 弄清编译什么时候划算

# %% [markdown]
# ## 两个一起干 · 14 分钟
#
# 最后一招，多几台机器，或者在一台机器上多开几个进程。每个都有一份完整的模型，和批次的一部分。`backward` 之后，每个都有一份梯度，出自它自己的那部分。它们互相交换，全都取**均值**，于是全都走出同样的一步。所以，副本始终还是副本。
#
# 为什么是均值？找个什么都看得清的地方验一验：四行，每行三个数，三个数各有一个权重，损失是误差平方的均值。平方的导数你会求，所以用不着 `backward`。

# %%
rows = torch.tensor([[1.0, 2.0, -1.0], [0.5, -1.0, 3.0], [2.0, 1.0, 1.0], [-1.5, 0.5, 2.0]])
right = torch.tensor([2.0, -1.0, 3.0, 0.5])
weights = torch.tensor([0.3, -0.2, 0.1])

# %%
def gradient(rows: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """各行 (row @ weights - right)² 的均值，对权重的梯度：(3,)。"""
    errors = rows @ weights - right  # (rows,)
    return ____  # 对每个权重，2 · 误差 · 跟它相乘的数，在各行上取均值


together = gradient(rows, right)
first, second = gradient(rows[:2], right[:2]), gradient(rows[2:], right[2:])
averaged = ____  # 交换之后，两个进程手里有什么
check("14.12")

# %%
print("一个进程，四行：   ", together)
print("两个进程，各两行： ", first, second)
print("这两个的均值：     ", averaged)

# %% [markdown]
# 同样的三个数。每个进程有自己那两行的均值，两个这样的均值再取均值，就是四行的均值。你的 GPT 的损失也是均值，是对所有押注取的均值，所以对它也成立，进程再多也成立。在一万块 GPU 上训练，说到底就是这么回事。
#
# 不过，刚才两个进程的行数**一样多**。假如第一个进程分到三行，第二个只有一行呢？

# %%
parts = [rows[:3], rows[3:]]
sizes_of_parts = [len(part) for part in parts]
uneven = [gradient(rows[:3], right[:3]), gradient(rows[3:], right[3:])]
plain_mean = sum(uneven) / 2
fair_mean = sum(____ for n, each in zip(sizes_of_parts, uneven, strict=True)) / ____  # 每个进程加上多少；除以什么
check("14.13")

# %%
print("直接取的均值：", plain_mean)
print("公平的均值：  ", fair_mean)
print("所有的行：    ", gradient(rows, right))

# %% [markdown]
# 所以，给每个进程同样多的窗口，直接取均值就对了。PyTorch 的 **DistributedDataParallel** 靠的就是这一点。拿它把模型包起来，从此 `backward()` 还会交换梯度，一边交换，一边接着算其余的。在 CPU 上，负责传话的是一个叫 **gloo** 的库。
#
# 下一个单元格把一个小程序写进文件，让 `torchrun` 把它启动两次。每个进程都会得知自己的编号，也就是 `rank`，然后在批次里隔一个窗口拿一个。在那之前，它先自己把整个批次的梯度算一遍，好拿来对照。（要几秒钟，大半花在把 PyTorch 导入两次上。）

# %%
program = '''
import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel
from nanogpt import BigramLanguageModel, Config

dist.init_process_group("gloo")
rank, world = dist.get_rank(), dist.get_world_size()
torch.set_num_threads(1)
torch.manual_seed(1337)  # the same copy everywhere, and the same batch
alone = BigramLanguageModel(64, Config())
batch = torch.randint(64, (24, 33))
alone(batch[:, :-1], batch[:, 1:])[1].backward()
expected = [parameter.grad.clone() for parameter in alone.parameters()]  # one process, 24 windows

alone.zero_grad()
shared = DistributedDataParallel(alone)
part = batch[rank::world]  # every second window, starting with mine
shared(part[:, :-1], part[:, 1:])[1].backward()
found = [parameter.grad for parameter in alone.parameters()]
furthest = max((a - b).abs().max().item() for a, b in zip(expected, found))
print(f"process {rank} of {world}: {len(part)} windows; furthest from the gradient of all 24: {furthest:.1e}", flush=True)
dist.destroy_process_group()
'''
with tempfile.TemporaryDirectory() as folder:
    file = Path(folder) / "two.py"
    file.write_text(program, encoding="utf-8")
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", str(file)]
    surroundings = {**os.environ, "PYTHONPATH": str(Path(running.__file__).parent.parent), "OMP_NUM_THREADS": "1"}
    try:
        done = subprocess.run(command, capture_output=True, text=True, env=surroundings, timeout=180, check=False)
        said, trouble = done.stdout.strip(), done.stderr.strip().splitlines()[-1:]
    except (OSError, subprocess.TimeoutExpired) as error:
        said, trouble = "", [error]
if said:
    print(said)
else:
    print("这里没跑成，别的内容也用不到它：", *trouble)

# %% [markdown]
# 要是两个都回了话，差别就几乎等于没有。剩下的那一丁点，是同样的数换个次序相加造成的。
#
# 有一个坑：几个进程必须从**同一个**模型出发，读**不同的**窗口。要是它们抽批次用的是同一个种子，算出来的梯度就全都一样，两个相等的梯度取均值，得不到什么新东西，你的第二个进程就成了一台电暖器。
#
# 那它给你换来了什么？两个进程各拿一个批次，干的是两倍大的批次的活儿，时间几乎不多花，只要它们各有一个核。批次大了有没有用，是另一个问题。那又是一个旋钮：批次小的时候很值，批次越大就越不值。
#
# - [ ] 14.12 对两个进程的梯度取均值
# - [ ] 14.13 公平地取均值
# - [ ] 14.r6 我说得出为什么两个进程各拿半个批次，跟一个进程拿整个批次是一回事

# %% [markdown]
# ## 挑战：一份接一份
#
# 选做，10 分钟，后面的内容都用不到它。假如你只有一台机器，批次又装不进它的内存，怎么办？几个进程同时做的事，一个进程可以轮着做：把批次切成相等的几份，一份接一份地调用 `backward()`，最后只走一步。12.03 里你见过，梯度自己就会加起来。可你要的是它们的均值。

# %%
def in_turns(model: nn.Module, inputs: torch.Tensor, targets: torch.Tensor, pieces: int) -> None:
    """把整个批次的梯度留在模型的参数里，办法是切成相等的几份，一份接一份地算。"""
    model.____()
    for questions, answers in zip(inputs.chunk(pieces), targets.chunk(pieces), strict=True):
        loss = ____  # 这一份在损失里占的份额
        loss.____()


check("14.14")

# %% [markdown]
# - [ ] 14.14 挑战：把大批次分成几份来学

# %% [markdown]
# ## 现在归你了
#
# - 一个模型的**数和运算**，没造出来就数好；每个数、每个字符 **6** 次
# - 一条**对数坐标上的直线**，亲手拟合的，还有一句你检验过的承诺
# - 每个损失下面的**地板**，以及光凭几个点，对它知道得多么少
# - 一份**预算**：不是买得起的最大的模型，而是还能读够的模型里最大的那个
# - **bfloat16**，用在位数不要紧的地方；要紧的地方用 float32
# - **取均值的梯度**，有了它，两个进程就是一个
#
# 现在真的去做吧。命令行里有个更大的模型在等你，大约一千万个数，窗口有 256 个字符。它是为 GPU 准备的，在 CPU 上跑，得有耐心：
#
# ```
# python scripts/train.py --config large
# ```
#
# 这是平常的训练，用两个进程，跟你做的一样对梯度取均值：
#
# ```
# torchrun --nproc-per-node 2 scripts/train.py
# ```
#
# 不管跑哪一个，开始之前先写下你预计的结果。怎么预计，你已经会了。
