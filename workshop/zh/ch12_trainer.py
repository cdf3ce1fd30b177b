# %% [markdown]
# # 12 Trainer
# <!-- Made from checkpoints/ch12_trainer.py by scripts/build.py. From your first edit on it is yours. -->
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/OWNER/REPO/blob/main/workshop/zh/ch12_trainer.ipynb)
# [![Open in GitHub Codespaces](https://github.com/codespaces/badge.svg)](https://codespaces.new/OWNER/REPO?quickstart=1)
#
# 让模型学习，从第一步学到最后一步，再听它开口说话。
#
# 100 分钟，八节，想多做一点还有一个挑战。你需要第 01 章和第 11 章。
#
# 第 11 章留给你一台有 209,600 个数的机器，没有一个数有意义。今晚它们就会有了，只要一两分钟。晚上剩下的时间，要讲的是这一两分钟里什么会出岔子。

# %%
# @title 先运行这个：工作坊不在这里的话（比如在 Colab 或 Kaggle 上），它会去取来
import importlib.util, urllib.request
if not importlib.util.find_spec("workshop"):
    address = "https://github.com/OWNER/REPO/raw/main/workshop/fetch.py"
    exec(urllib.request.urlopen(address).read(), {"address": address})

# %%
import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn

# %%
import copy
import json
import tempfile
import time
from dataclasses import asdict, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from statistics import fmean

from safetensors.torch import load_file, save_file

from nanogpt import BigramLanguageModel, Config, DataLoader
from workshop import ____, card, check, columns, corpus, draw, hint, live, mine, optimizers, rehearsal, running, solution, threads

torch.set_printoptions(precision=3, linewidth=100, sci_mode=False)
torch.set_num_threads(1)  # 这么小的张量，第二个核只会碍事

# %%
config = Config()
loader = DataLoader(corpus.shakespeare(), config)
vocab_size = loader.vocab_size
print(f"{vocab_size} 种不同的字符；{len(loader.train_ids):,} 个字符的文本用来学，{len(loader.validation_ids):,} 个用"
    "来考试")

# %% [markdown]
# ## 第一步之前 · 6 分钟
#
# 训练一个模型之前，先看看它从哪里起步。只要一秒钟，能抓住的错误却多得惊人。一无所知的模型，意外程度该跟一无所知的人差不多，而那是多少，第 10 章说过。

# %%
torch.manual_seed(1347)
untrained = BigramLanguageModel(vocab_size, config).eval()
inputs, targets = loader.get_batch()
print(tuple(inputs.shape), "->", tuple(targets.shape))

# %%
start = ____  # 模型在这个批次上的损失，写成普通的数
nothing = ____  # 一无所知的损失，写成普通的数
check("12.01")

# %%
print(f"训练之前 {start:.2f}，一无所知 {nothing:.2f}")

# %% [markdown]
# 比 4.16 高一点点。随机的得分还不如没有得分，因为它们时不时一口咬定，却错了。要是哪天你在这里看到 11，或者 0.5，先停下，弄清楚为什么，再去训练。
#
# - [ ] 12.01 拿没训练过的模型跟一无所知比过

# %% [markdown]
# ## 手工走一步 · 16 分钟
#
# 回到 `Let's he` 和小配置，在那里一切都看得清。一个窗口，八注，正确答案是 `et's hen`。小模型有 2,320 个数。

# %%
bare = replace(Config.small(), dropout=0.0)  # 细看的时候不掷骰子
ids = running.ids()
answers = torch.tensor([loader.encode("et's hen")])

# %%
def fresh() -> BigramLanguageModel:
    """还没训练过的小模型，每次都是同一个。"""
    torch.manual_seed(1347)
    return BigramLanguageModel(vocab_size, bare)


print(f"{sum(parameter.numel() for parameter in fresh().parameters()):,} 个数")

# %% [markdown]
# 损失该怪其中的哪些数？干这个的工具，你在数字分类器里用过。`backward()` 从损失出发，穿过所有零件一路回到开头，在每个参数里留下一个 `.grad`：对其中的每个数，它说的是，这个数要是变大，损失会**升**得多快。所以反着走，走一点点：减去梯度乘一个数，这个数叫**学习率**。
#
# 写 `torch.no_grad()`，是因为这次减法不算模型的一部分，谁也不需要它的梯度。

# %%
rate = 0.5

# %%
model = fresh()
before = model(ids, answers)[1]
before.backward()
with torch.no_grad():
    for parameter in model.parameters():
        parameter -= ____  # 这个要走多远
after = ____  # 还是那几注，现在的损失
check("12.02")

# %%
print(f"{before:.3f} -> {after:.3f}")

# %% [markdown]
# 它学到了东西：一步就从 3.94 降到 3.12，在给它看过的那八注上。
#
# 那为什么不走得更远？猜猜学习率为 10 会怎样，再运行下面两个单元格。

# %%
def after_one_step(rate: float) -> float:
    """用这个学习率走一步之后的损失。"""
    model = fresh()
    model(ids, answers)[1].backward()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter -= rate * parameter.grad
        return model(ids, answers)[1].item()

# %%
rates = [0, 0.5, 1, 2, 3, 4, 5, 6, 8, 10]
draw.lines(
    {"走一步之后": [after_one_step(rate) for rate in rates], "之前": [after_one_step(0)] * len(rates)},
    x=rates,
    title="一步，以及它走多远",
    x_name="学习率",
    y_name="损失",
    alt="一个山谷，还有一条在 3.94 处的水平线，也就是那一步之前的损失。曲线从这条线上出发，学习率为 3 时降到 1.87，"
    "然后又往上爬，在快到 8 的地方越过这条线，到 10 时是 5.77。",
)

# %% [markdown]
# 一个山谷。梯度是**你站的地方**的坡度。顺着它走得太远，就会爬上对面的坡，最后比出发的地方还高。所以要走许多小步，每一步都重新问一次梯度。
#
# 不过这里有个坑，人人都会掉进去一次。问一次梯度，接着再问三次，看看 `.grad` 里是什么。（我们盯着最后一层的偏置看。换成别的参数也一样。）

# %%
more = 3

# %%
model = fresh()
bias = model.to_logits.to_scores.bias
model(ids, answers)[1].backward()
once = ____  # 它的梯度，复制一份
for _ in range(more):
    model(ids, answers)[1].backward()
ratio = ____  # 现在的梯度长度，除以 `once` 的长度，一个普通的数
model.____()  # 全部清零
model(ids, answers)[1].backward()
cleared = bias.grad.norm() / once.norm()
check("12.03")

# %%
print(f"又调用 {more} 次之后：{ratio:.1f} 倍长；清零之后：{cleared:.1f} 倍长")

# %% [markdown]
# `backward` 是往已有的上面**加**。什么都没变，梯度却成了四倍长。走上一百步，你脚下的方向就是一百个方向的和，大多早就过时了，而且没有谁会吭一声。所以每次 `backward` 之前，先清零。
#
# - [ ] 12.02 手工走一步
# - [ ] 12.03 看到梯度越加越多，把它清零
# - [ ] 12.r1 我说得出为什么一步不能迈得太大

# %% [markdown]
# ## 死记硬背 · 12 分钟
#
# **优化器**替你对所有参数跑这个循环。参数只要交给它一次。之后，`zero_grad()` 清零，`step()` 走一步。
#
# 我们用 AdamW，训练 Transformer 的人差不多都用它。它比我们的循环好在哪里？下面这块地形有两个数。一个站在坡度 100 的地方，另一个站在坡度 0.01 的地方。

# %%
for kind in (torch.optim.SGD, torch.optim.AdamW):
    steep, flat = nn.Parameter(torch.zeros(())), nn.Parameter(torch.zeros(()))
    optimizer = kind([steep, flat], lr=0.1)
    (100 * steep + 0.01 * flat).backward()
    optimizer.step()
    print(f"{kind.__name__:>5}：陡的那个挪了 {steep.item():.3f}，平的那个挪了 {flat.item():.3f}")

# %% [markdown]
# SGD 就是我们的循环。它把陡的那个甩飞了，平的那个却还赖在床上。AdamW 拿每个数的梯度，除以这个数的梯度一向的大小，所以两个走得一样快。Transformer 里两种数都有。就说 `$` 吧，九部剧里只出现一次，所以 token 表里它那一行几乎从来得不到梯度。
#
# 下面这个循环，天底下每一次训练的核心都是它；这里只用一个批次，翻来覆去。四行代码，次序很要紧。

# %%
def by_heart(steps: int) -> tuple[BigramLanguageModel, list[float]]:
    """在 `Let's he` 上走了这么多步之后的小模型，以及每一步之前的损失。"""
    model = fresh()
    optimizer = torch.optim.AdamW(____, lr=0.01)  # 哪些它可以改
    losses = []
    for _ in range(steps):
        loss = ____  # 这八注的损失
        optimizer.____()  # 清零
        loss.____()  # 该怪谁？
        optimizer.____()  # 走
        losses.append(loss.item())
    return model, losses


first_losses = by_heart(6)[1]
check("12.04")

# %%
learned, losses = by_heart(100)
torch.manual_seed(1347)
print("给它一个 L：", repr(loader.decode(learned.generate(ids[:, :1], 24)[0])))
draw.lines(
    {"Let's he": losses},
    title="同样的八注，一百遍",
    x_name="步",
    y_name="损失",
    alt="一条往下掉的曲线，从 3.94 起，十步之后到 2.2，三十步之后到 0.5，从第 60 步起贴着地面走，最后是 0.02。",
)

# %% [markdown]
# `Let's hen`！从一个字母开始，用骰子，一次口误都没有。再往后它就胡言乱语了，因为它这辈子读过的，就只有这九个字符。
#
# 拿**一个**批次训练，直到模型背下来，这不叫学习，却是最好的测试。连这都做不到的模型，里面一定有错，而你一秒钟就发现了；换个时候，它可能会赔上你一整夜。你做的每个模型，都这样测一测。
#
# - [ ] 12.04 让小模型把八注背下来

# %% [markdown]
# ## 考试 · 12 分钟
#
# 模型在 `Let's he` 上的损失是 0.02。那它有多好？拿它没见过的文本去问它。剧本的最后十分之一就是留着干这个的。我们从里面取 20 个批次，每个八注。

# %%
exam_loader = running.loader()  # 每个批次一个窗口，长度为八

# %%
torch.manual_seed(1347)
exam_batches = [exam_loader.get_batch("validation") for _ in range(20)]

# %%
with torch.no_grad():
    losses = torch.stack([____ for questions, right in exam_batches])  # 其中一个批次的损失
average = ____  # 全部二十个的均值
doubt = ____  # 这个均值可能差多少：损失的分散程度，普通的 `.std()`，除以个数的平方根
check("12.05")

# %%
print("前八个批次：", losses[:8])
print(f"死记硬背的 {average:.2f}，出入 {doubt:.2f}；一无所知 {nothing:.2f}")

# %% [markdown]
# 6.72，而一无所知是 4.16。这个模型变得比毫无头绪的人**还差**，因为它处处一口咬定，处处都错。所以，在练过的文本上量出来的损失，谁也不信。算数的，是在从没给模型看过的文本上的损失。
#
# 再看看一个个批次。光这八个，就从 5.7 到 7.4 不等。一个批次只是孤证，所以一场考试有好几个批次，成绩是它们的均值。考试还有规矩。**dropout 关掉**，凡是答案算数的时候都这样（11.12）。**不留梯度**：没有人从考试里学东西，不留还省时间、省内存。**考完之后**，模型回到训练模式。

# %%
@torch.no_grad()
def exam(model: nn.Module, loader: DataLoader, batches: int) -> float:
    """在验证文本的这么多个批次上的平均损失。"""
    model.____()  # 关掉 dropout
    losses = [model(*loader.get_batch(____))[1].item() for _ in range(____)]  # 从哪一部分；多少个
    model.____()  # 再打开
    return sum(losses) / batches


check("12.06")

# %% [markdown]
# - [ ] 12.05 考过那个死记硬背的模型
# - [ ] 12.06 写出考试
# - [ ] 12.r2 我说得出为什么在练过的文本上，损失说明不了什么

# %% [markdown]
# ## 一步迈多远 · 16 分钟
#
# 现在来真正的批次，损失也有意义了。有一个旋钮，比别的加起来还要紧：学习率。下面两个单元格把小模型训练三遍，每遍 300 步，每批 32 个窗口：学习率先是 0.0001，再是 0.03，最后是 1。想想那个山谷，猜猜三条曲线各长什么样。（要等几秒钟。）

# %%
def trial(rate_of: Callable[[int], float], steps: int = 300) -> list[float]:
    """小模型的训练损失，每 20 步取一个均值；`rate_of(step)` 是学习率。"""
    batches = DataLoader(loader.text, replace(bare, batch_size=32))
    model = fresh()
    optimizer = torch.optim.AdamW(model.parameters())
    losses = []
    torch.manual_seed(1347)
    for step in range(1, steps + 1):
        for group in optimizer.param_groups:
            group["lr"] = rate_of(step)
        loss = model(*batches.get_batch())[1]
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return torch.tensor(losses).view(-1, 20).mean(dim=1).tolist()

# %%
crawling, good, wild = (trial(lambda step, rate=rate: rate) for rate in (0.0001, 0.03, 1.0))
draw.lines(
    {"学习率 0.0001": crawling, "学习率 0.03": good, "学习率 1.0": wild},
    x=range(20, 301, 20),
    title="太小，差不多，太大",
    x_name="步",
    y_name="训练损失",
    alt=f"三条曲线。0.0001 的那条从 {crawling[0]:.2f} 开始，到 {crawling[-1]:.2f} 结束，几乎是平的。0.03 的那条从 "
    f"{good[0]:.2f} 很快往下掉，然后越来越慢，到 {good[-1]:.2f}。1.0 的那条一开始远在两条之上，在 {wild[0]:.2f}，一百"
    f"步之内降下来，最后是 {wild[-1]:.2f}，比 0.03 的那条高。",
)

# %% [markdown]
# 0.0001 是在爬。方向没错，下个礼拜总能爬到。1.0 的前几步把它甩到了远不如一无所知的地方，后来回来了，又卡在 3 上面一点。0.03 介于两者之间。最好的学习率没有公式，就是试几个，每个是前一个的三倍或十倍。
#
# 而且没有哪一个学习率能从头对到尾。看看开头：AdamW 的**第一**步走多远？

# %%
model = fresh()
optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
numbers = nn.utils.parameters_to_vector(model.parameters()).detach()  # 全部 2,320 个排成一行，走之前的样子
model(ids, answers)[1].backward()
slopes = nn.utils.parameters_to_vector([parameter.grad for parameter in model.parameters()])
optimizer.step()
moved = ____  # 每个数挪了多远
full = ____  # 所有的数里，挪动超过 0.0099 的占多大比例，写成普通的数
check("12.07")

# %%
sloped = slopes != 0
print(f"梯度从 {slopes.abs()[sloped].min():.7f} 到 {slopes.abs().max():.2f}，{(~sloped).float().mean():.0%} 的数没有"
    "梯度")
print(f"有梯度的，挪动在 {moved.abs()[sloped].min():.4f} 和 {moved.abs()[sloped].max():.4f} 之间")
print(f"所有的数里，{full:.0%} 挪动超过 0.0099")

# %% [markdown]
# 梯度从 0.0000006 到 0.34 不等，可凡是有梯度的数，走的距离都**差不多**：0.01，整个学习率。第一步里，AdamW 拿每个梯度除以它自己的大小，因为它还没见过别的。（名字里的 W 是 *weight decay*，权重衰减，把每个数轻轻往 0 拽一点。有些步因此比 0.01 长一点，有些短一点，有几个甚至还不到 0.0099，所以 78 和 20 加起来不到 100。）也就是说，优化器知道得最少的时候，步子偏偏最大。药方叫**预热**：从接近 0 的学习率开始，让它沿一条直线涨上去。
#
# 到了另一头，步子大有另一种坏处：离谷底很近的时候，会在最低点上来回跳。所以学习率应该**衰减**，通常的降法是半个余弦波：先慢，再快，再慢。
#
# - `config.warmup_steps`：学习率涨这么多步，到其中最后一步，已经涨到 `config.learning_rate`
# - `config.steps`：这是最后一步，到这时学习率已经降到 `config.final_learning_rate`
#
# 第一步的编号是 1。

# %%
def rate_at(step: int, config: Config) -> float:
    """某一步的学习率：从 0 沿直线往上，再沿半个余弦往下。"""
    if step <= config.warmup_steps:
        return ____  # 往上走的时候
    gone = ____  # 往下的路已经走了多少，从 0 到 1
    wave = (1 + math.cos(math.pi * gone)) / 2  # 从 1 到 0
    return ____  # 最终的学习率，加上最高的与它之差乘 `wave`


check("12.08")

# %%
bold = 0.2
schedule = Config(steps=300, warmup_steps=30, learning_rate=bold, final_learning_rate=0.0)
level = replace(schedule, final_learning_rate=bold)
draw.lines(
    {"预热和衰减": [rate_at(step, schedule) for step in range(1, 301)]},
    x=range(1, 301),
    title="300 步里的学习率",
    x_name="步",
    y_name="学习率",
    alt=f"一条线，从接近 0 笔直升到第 30 步的 {bold}，拐个弯，沿着半个余弦波往下，在第 165 步经过 {bold / 2}，在第 "
    "300 步平平地落到 0。",
)
fixed = trial(lambda step: bold)
warmed = trial(lambda step: rate_at(step, level))
decayed = trial(lambda step: rate_at(step, schedule))
draw.lines(
    {f"一直是 {bold}": fixed, "有预热": warmed, "有预热和衰减": decayed},
    x=range(20, 301, 20),
    title="同样的最高学习率，三种用法",
    x_name="步",
    y_name="训练损失",
    alt=f"三条往下走的曲线：一直是 {bold} 的从 {fixed[0]:.2f} 到 {fixed[-1]:.2f}，有预热的从 {warmed[0]:.2f} 到 "
    f"{warmed[-1]:.2f}，有预热和衰减的从 {decayed[0]:.2f} 到 {decayed[-1]:.2f}。",
)

# %% [markdown]
# 对这个模型来说，0.2 是很大胆的学习率。从第一步起就用足，会弄坏些什么，300 步都修不回来。先预热 30 步，同样的学习率就好一些；再加上衰减，又好一些。说句实话，这么小的模型根本用不着这些：把 `bold` 改成 0.03，再跑一遍那个单元格，三条曲线的终点都比现在低。大一点的模型就用得着了。那里有了这样的学习率调度，才用得起大胆的学习率，而学习率一大胆，漫长的训练就能变短。
#
# - [ ] 12.07 看到 AdamW 的第一步走多远
# - [ ] 12.08 写出学习率的调度
# - [ ] 12.r3 我说得出预热有什么好处，衰减有什么好处

# %% [markdown]
# ## 类 · 18 分钟
#
# 还差一个习惯。模型训练的时候，隔一阵子就考一场，而**最后**一步之后的模型不一定最好。所以每次考出比以往都好的成绩，就把模型复制一份收起来：它的 `state_dict()`，一个从张量的名字到张量本身的字典。下面这次训练，在第二场考试之后出了岔子。

# %%
model = fresh()
bias = model.to_logits.to_scores.bias
best_loss, best = math.inf, {}
for exam_result in (3.5, 2.5, 2.7, 9.9):
    with torch.no_grad():
        bias += 1.0  # 学到了点东西
    if ____:  # 是目前最好的吗？
        best_loss = exam_result
        best = {name: ____ for name, tensor in model.state_dict().items()}  # 这个张量，此刻的样子
model.load_state_dict(____)  # 把最好的那个找回来
first_of_bias = bias[0] - fresh().to_logits.to_scores.bias[0]
check("12.09")

# %%
print(f"偏置涨了 {first_of_bias.item():.0f}，所以这是第二场考试时的模型；它的损失是 {best_loss}")

# %% [markdown]
# 现在全部装到一起。每走一步，Trainer 都用一份小小的记录报告发生了什么。这份记录已经写好了：

# %%
@dataclass(frozen=True)
class Report:
    """Trainer 每走一步报告的内容。"""

    step: int  # 第一步是 1
    steps: int  # 一共有多少步
    training_loss: float  # 这一步的批次上，走之前的损失
    validation_loss: float | None = None  # 如果这一步之后考了试

# %% [markdown]
# 接下来是一个测试工具，判题程序用，你也能用。它拿几行文本把小模型训练七步，每两步考一场，最后再考一场。半路上有人对模型动手脚，好让四场考试里第二场成绩最好。

# %%
@cache  # 一次训练，判题程序要从好几面看，跑一遍就够了
def seven_steps(trainer_class: type, watched: bool = True, stop: int = 0) -> tuple["Trainer", list[Report]]:
    """训练七步之后的 Trainer，和它的报告；给了 `stop`，就有人在那一步之后叫停。"""
    settings = replace(bare, batch_size=5, steps=7, warmup_steps=4, learning_rate=0.01, final_learning_rate=0.001,
                       evaluate_every=2, evaluation_batches=3, dropout=0.2)
    sentences = DataLoader("Let's hence, and hear\n" * 9 + "Who? You, O you who know", settings)
    torch.manual_seed(1347)
    model = BigramLanguageModel(sentences.vocab_size, settings)
    groups = [{"params": model.blocks.parameters(), "lr": 0.025}, {"params": model.to_logits.parameters()},
              {"params": model.embedding.parameters()}]
    trainer = trainer_class(model, torch.optim.AdamW(groups, lr=0.01), sentences, settings)
    examined = sentences.validation_ids.unique()  # 考试里的字符，大多在别处不出现

    def meddle(report: Report) -> None:
        with torch.no_grad():
            model.to_logits.to_scores.bias[examined] += {3: 4.0, 5: -4.0}.get(report.step, 0.0)
        if report.step == stop:
            raise KeyboardInterrupt

    return trainer, trainer.train(meddle if watched else None)

# %% [markdown]
# 这个类有十三个空，里面没有你没见过的东西。给好的代码里，有两行要解释一下。
#
# `self.shares`：优化器可以把参数分成几**组**，每组有自己的学习率。测试工具的优化器有三组，其中块的学习速度是其余的 2.5 倍。一组的份额，就是它的学习率除以 `config.learning_rate`。在 `train` 里，每一步，每组都按自己的份额拿学习率，所以调度带着大家一起变，而块始终领先。
#
# `except KeyboardInterrupt`：有人手动停掉一个单元格时，Python 抛出的就是它。这个类把它接住，于是目前最好的模型归你。第一场考试之前，那就是模型当时的样子。

# %%
class Trainer:
    """用 loader 给的批次训练模型，并留住它最好的版本。"""

    def __init__(
        self,
        model: nn.Module,
        optimizer: torch.optim.Optimizer,
        data_loader: DataLoader,
        config: Config,
    ) -> None:
        """`optimizer` 管着 `model` 的参数；`data_loader` 给出 "train" 和 "validation" 的批次。"""
        self.model = model
        self.optimizer = optimizer
        self.data_loader = data_loader
        self.config = config
        self.shares = [group["lr"] / config.learning_rate for group in optimizer.param_groups]

    def learning_rate(self, step: int) -> float:
        """某一步的学习率；第一步是 1。"""
        return ____  # 照这个 Trainer 的配置来

    def train_step(self) -> float:
        """从一个批次里学，返回模型在它上面的损失。"""
        self.model.train()
        inputs, targets = self.data_loader.get_batch("train")
        loss = ____  # 模型有多意外？
        self.optimizer.____()
        loss.____()
        self.optimizer.____()
        return loss.item()

    @torch.no_grad()
    def evaluate(self) -> float:
        """考试：在验证文本的 `config.evaluation_batches` 个批次上的平均损失。"""
        self.model.____()
        losses = []
        for _ in range(____):  # 多少个批次
            inputs, targets = self.data_loader.get_batch("validation")
            losses.append(self.model(inputs, targets)[1].item())
        self.model.train()
        return ____  # 它们的均值

    def train(self, watch: Callable[[Report], object] | None = None) -> list[Report]:
        """训练 `config.steps` 步，或者练到有人叫停；然后恢复最好的版本。

        如果给了 `watch`，每走一步就拿报告调用它一次。
        """
        reports: list[Report] = []
        best_loss, best = math.inf, None
        try:
            for step in range(1, self.config.steps + 1):
                for group, share in zip(self.optimizer.param_groups, self.shares, strict=True):
                    group["lr"] = share * ____  # 这一步的学习率
                training_loss = ____  # 从一个批次里学
                validation_loss = None
                if step % self.config.evaluate_every == 0 or step == self.config.steps:
                    validation_loss = ____  # 考一场
                    if ____:  # 是目前最好的吗？
                        best = ____  # 要收起来的东西
                        best_loss = validation_loss
                reports.append(Report(step, self.config.steps, training_loss, validation_loss))
                if watch is not None:
                    watch(reports[-1])
        except KeyboardInterrupt:
            pass  # 停在这里；目前最好的留着
        if best is not None:
            self.model.load_state_dict(best)
        return reports


check("12.10")

# %%
for report in seven_steps(Trainer)[1]:
    print(report)

# %% [markdown]
# 再说地图：训练不给模型添张量，可它在内存里存的数，比模型自己的还多。每个参数旁边有它的梯度，AdamW 还记着两个滑动平均，一个是梯度的，一个是梯度平方的。

# %%
shapes = {
    "loss": ____,  # 一个数，没有维
    "token table": (vocab_size, config.embedding_dim),
    "its gradient": ____,  # `backward` 留在里面的东西
    "mean of its gradients": (vocab_size, config.embedding_dim),
}
parameters = sum(parameter.numel() for parameter in untrained.parameters())
in_memory = ____  # 用 AdamW 训练，从一步到下一步一共存着几个数：参数、梯度、两个平均
check("12.11")

# %%
for name, shape in shapes.items():
    print(f"{name:>22}  {shape}")
print(f"训练时内存里有 {in_memory:,} 个数，最后你留下的是 {parameters:,} 个")

# %% [markdown]
# - [ ] 12.09 把最好的模型存一份副本
# - [ ] 12.10 写出 Trainer
# - [ ] 12.11 把训练的形状记到地图上

# %% [markdown]
# ## 先学保存，再训练 · 8 分钟
#
# 训练好的模型活在这个 notebook 的内存里，notebook 一关，它就没了。所以趁**还没有**什么可丢的，先学会保存。两个文件就够：一个放张量，一个放别人要用它就得知道的东西。
#
# 张量放进 `model.safetensors`，这种格式只装名字和数，别的什么也不装。（`torch.save` 写的是 *pickle*，而打开陌生人给的 pickle，里面藏着什么程序都可能跑起来。）其余的放进 `settings.json`，你用自己的眼睛就能读：配置，还有**按次序排好的字符**。没有它们，模型照样能说话，只是谁也不知道它在说什么。

# %%
def save(model: nn.Module, loader: DataLoader, folder: Path, validation_loss: float | None, steps: int) -> None:
    """把一个模型的张量和它的配置写进一个文件夹。"""
    folder.mkdir(parents=True, exist_ok=True)
    save_file(____, folder / "model.safetensors")  # 它所有的张量，按名字
    settings = {
        "format": 1,
        "characters": ____,  # 词表，写成一个字符串
        "config": ____,  # 配置，写成一个字典
        "validation_loss": validation_loss,
        "steps": steps,
    }
    (folder / "settings.json").write_text(json.dumps(settings, indent=1), encoding="utf-8")


def load(folder: Path, model_class: type = BigramLanguageModel) -> tuple[nn.Module, str]:
    """文件夹里的模型，随时能说话，以及按次序排好的字符。"""
    settings = json.loads((folder / "settings.json").read_text(encoding="utf-8"))
    characters = settings["characters"]
    model = model_class(len(characters), ____)  # 变回配置
    model.load_state_dict(____)  # 文件里的张量，按名字
    return model.eval(), characters


def there_and_back(model: nn.Module, config: Config) -> tuple[dict, nn.Module, str]:
    """模型保存后 settings.json 里有什么，以及从文件夹载入后得到什么。"""
    same_text = copy.copy(loader)
    same_text.config = config
    with tempfile.TemporaryDirectory() as folder:
        save(model, same_text, Path(folder) / "model", 1.5, 7)
        return json.loads((Path(folder) / "model" / "settings.json").read_text(encoding="utf-8")), *load(Path(folder) / "model")


check("12.12")

# %%
returned = there_and_back(fresh(), bare)[1]
print("保存再载入之后，回答一样：", torch.equal(returned(ids)[0], fresh()(ids)[0]))

# %% [markdown]
# - [ ] 12.12 保存一个模型，再载入

# %% [markdown]
# ## 挑战：它在照抄吗？
#
# 选做，15 分钟，后面的内容都用不到它。下一节里，你的模型会写出听着像莎士比亚的句子，那时一定会有人问：这是它编的，还是背的？现在就把侦探写好。嫌疑人马上就要开始训练了。
#
# `longest_quote` 找出一段文本里最长的、在原文里也一字不差出现的片段。一段文本里片段多得很，所以想想哪些可以跳过。一个片段要比目前最好的更长，才值得看。而一个片段要是不在原文里，开头相同、比它更长的也不会在。
#
# 可多长才算长？为此我们需要一个肯定清白的人。`stranger` 是剧本最后十分之一里的 600 个字符，你的模型从来不在那上面训练：是莎士比亚，但是新的。猜猜看，它有多长的一段，能在另外十分之九里一字不差地找到？

# %%
where = 40_000

# %%
read = loader.text[: len(loader.train_ids)]  # 你的模型训练用的文本
stranger = loader.text[len(loader.train_ids) :][where : where + 600]

# %%
def longest_quote(text: str, source: str) -> str:
    """`text` 里最长的、在 `source` 里一字不差出现的片段；一样长就取第一个。"""
    best = ""
    for start in range(len(text)):
        for end in ____:  # 终点取哪些，片段才比目前最好的长
            if ____:  # 什么时候该换下一个起点？
                break
            best = ____  # 记下来
    return best


innocent = longest_quote(stranger, read)
print(f"{len(innocent)} 个字符：{innocent!r}")
check("12.13")

# %% [markdown]
# 15 个字符：` am no beast.` 加两个换行符。所以这么长的引文什么也证明不了。用同一种语言写同样一些事的人，本来就老是互相重复。记住这个数，等你的模型开了口，就用 `longest_quote(said, read)` 审它一审。
#
# - [ ] 12.13 挑战：找出最长的引文

# %% [markdown]
# ## 训练 · 12 分钟
#
# 最后这些单元格没有空。跑的是你从第 01 章起写的代码：`mine` 读你的文件，去问判题程序，凡是通过的类都拿来用。你的哪个还没写好，就由工作坊的顶上，跟你其余的零件装在一起。**先保存这个 notebook**，因为 `mine` 读的是磁盘上的内容。

# %%
mine.table()

# %%
def whole_exam(model: nn.Module, loader: DataLoader) -> float:
    """整个验证文本上的平均损失，文本切成一个挨一个的窗口。"""
    length, ids = loader.config.input_sequence_length, loader.validation_ids
    count = (len(ids) - 1) // length
    questions, right = ids[: count * length].view(count, length), ids[1 : count * length + 1].view(count, length)
    model.eval()
    with torch.no_grad():
        losses = [model(q, r)[1].item() * len(q) for q, r in zip(questions.split(256), right.split(256), strict=True)]
    return sum(losses) / count

# %%
settings = rehearsal.settings(config)  # 大小照第 01 章的；启动 Jupyter 时带上 WORKSHOP_STEPS=20，就只训练 20 步
loader = mine.DataLoader(corpus.shakespeare(), settings)
torch.manual_seed(settings.seed)
model = mine.BigramLanguageModel(loader.vocab_size, settings)


def speak(length: int = 150, prompt: str = "\n") -> str:
    """开头，再加模型以现在的样子接着写的 `length` 个字符。"""
    ids = model.generate(torch.tensor([loader.encode(prompt)]), length)[0]
    return loader.decode(ids).lstrip("\n")


print(speak())

# %% [markdown]
# 它现在就是这么说话的。接下来训练它的，是你写的代码，外加一样借来的东西：优化器。
#
# AdamW 看数，是一个一个单独看的。可一个矩阵是把一个空间整个地旋转、拉伸，而它的梯度，大部分往往只落在少数几个方向上。拿你第一个块里的投影来看。它的梯度有 64 个方向。按梯度沿各方向的长度排个队，最长的在前。第一个方向上的长度，是正中间那个方向的几倍？

# %%
torch.manual_seed(settings.seed)
practice, batch = copy.deepcopy(model), loader.get_batch()
practice(*batch)[1].backward()
lengths = torch.linalg.svdvals(practice.blocks[0].attention.projection.weight.grad)  # 从最长的方向到最短的
middle = lengths[len(lengths) // 2]
print(f"沿第一个方向 {lengths[0]:.4f}，沿中间那个 {middle:.4f}：前者是后者的 {lengths[0] / middle:.0f} 倍")

# %% [markdown]
# 这样的矩阵，沿大多数方向都会学得很慢，尽管那些方向也许一样要紧。**Muon** 让一步在所有方向上差不多一样长。`optimizers.fast` 把块里面的矩阵交给它。表、归一化层、偏置，还有末尾的得分，都留给 AdamW，所以参数有两组，你的 `shares` 这就派上用场了。Muon 是怎么做到的，又是谁的点子，可以读 `kit/model/training/muon.py`。对你的 Trainer 来说，它就是个有 `zero_grad()` 和 `step()` 的优化器，跟别的没两样。
#
# 这能换来什么？只用 AdamW，这次训练大约要 1,300 步才走到同样的地方。用 Muon 是 750 步，每步慢一点点。
#
# 下一个单元格训练你的模型：750 步，每步 24 个窗口，每个 32 个字符。押的注加起来，超过训练文本字符数的一半，要跑一两分钟。你可以看着它走到了哪里，说着什么，两个损失各是多少。看够了就按停止按钮（■），目前最好的模型会留下来。
#
# 它跑的时候，听它说话。先学会的是哪些字符常见。然后空格开始出现在该出现的间隔上。再后来是短的单词、大写的人名带着冒号、一行该有的长度。

# %%
torch.set_num_threads(threads.quicker(lambda: practice(*batch)[1].backward()))  # 一个核还是两个，哪样快用哪样
optimizer = optimizers.fast(model, settings)
trainer = mine.Trainer(model, optimizer, loader, settings)
torch.manual_seed(settings.seed)
with live.Live(speak, evaluate=trainer.evaluate) as watch:
    reports = trainer.train(watch)
torch.set_num_threads(1)

# %% [markdown]
# 往下走之前先猜：在**整个**验证文本上，模型有多好？第 11 章的 bigram 表是 2.48。

# %%
loss = whole_exam(model, loader)
print(f"整个验证文本上 {loss:.3f}：相当于 {math.exp(loss):.1f} 选一")
exams = {step: result for step, _, result in watch.status.points}
if exams:
    ends = sorted({*exams, *range(0, len(reports) + 1, 25)})
    parts = [reports[begin:end] or reports[:1] for begin, end in pairwise([0, *ends])]  # 到每个终点为止的那些步
    practised = [fmean(report.training_loss for report in part) for part in parts]
    draw.lines(
        {
            "训练": practised,
            "验证": [exams.get(end, math.nan) for end in ends],
            "bigram 表": [2.48] * len(ends),
            "一无所知": [nothing] * len(ends),
        },
        x=ends,
        title="你的模型的损失，从第 0 步起",
        x_name="步",
        y_name="损失",
        alt=f"两条水平线，一无所知在 {nothing:.2f}，bigram 表在 2.48；还有两条曲线。两条都从一无所知上方的 "
        f"{practised[0]:.2f} 出发，先陡降，再越来越缓。{ends[-1]} 步之后，训练损失（最后几步的均值）是 "
        f"{practised[-1]:.2f}，验证文本上的是 {exams[max(exams)]:.2f}。",
    )

# %% [markdown]
# 写这一章时，损失降到 1.86，相当于 6.4 选一。一无所知是 64 选一，bigram 表是 12 选一。那张表，第 11 章的骄傲，不到 100 步就被超过了。末了，验证损失比训练损失高 0.1 多一点。这不是死记硬背，因为文本里的大多数地方，模型只见过一次，或者一次也没见过。是因为考的是别的剧：《驯悍记》，模型只读过开头；《暴风雨》，模型一点也没读过。比方说普洛斯彼罗，在它学习的文本里就从没开过口。
#
# 那它说话说得怎么样？训练之前，练了十分之一之后，还有现在：

# %%
tenth = max(step for step in watch.samples if step <= max(1, settings.steps // 10))
torch.manual_seed(1564)
columns.show({"之前": watch.samples[0], f"{tenth} 步之后": watch.samples[tenth], f"{len(reports)} 步之后": speak()})

# %% [markdown]
# 写这一章时，中间那段刚刚发现：人名是要喊出来的，后面还要跟个冒号。
#
# 现在让它放开了写，你来大声念。骰子怎么落，由种子决定。换一个种子，再跑一遍那个单元格，就会得到一段在你之前谁也没读过的文字。

# %%
torch.manual_seed(1616)
said = speak(600)
print(said)

# %% [markdown]
# 有大写的人名，后面跟着冒号；台词之间有空行；诗行的开头是大写字母。短的单词大多是真的，长的听上去像真的。写这一章时，上场的有个 ESCOLIZABEPRIOLA，哪部剧里都没有她，真该有。
#
# 要是你做了那个挑战，现在该开庭了。在我们那段文字里，最长的引文有 20 个字符：`his way?`，然后是 `ISABELLA:`，名字前面两个换行符，后面一个。`stranger` 只有 15 个。不过，把整个最后十分之一切成一段段 600 个字符，大约三分之一的段里，最长的引文有 20 个字符或更多，尽管全是新的莎士比亚。所以，引文有这么长，还算不上背书。
#
# 对它要公道，也要诚实。它一次看 32 个字符，再往前的就没了。它不知道国王是什么。它一行也没有读懂。它有的，是一种极好的语感，知道接下来通常是什么，存在 209,600 个数里；而这竟然就够它拼写，够它写诗，够它把一页纸写得像剧本。跟你聊天的那些模型，用的差不多是同样的零件，次序也一样。最大的那些，数的个数是它的几百万倍，读过的东西，一个人活一千辈子也读不完。
#
# 你也可以告诉它怎么开头。半句话就行，或者你自己的名字，大写，加个冒号：

# %%
torch.manual_seed(1595)
print(speak(300, prompt="ROMEO:\nO, "))

# %% [markdown]
# 问问它 `Let's he` 后面是什么。在第 10 章，押注差不多是平的，64 个字符里最好的只有 4.5%。

# %%
with torch.no_grad():
    bet = model.eval()(torch.tensor([loader.encode("Let's he")]))[0][0, -1].softmax(dim=-1)
likely = bet.topk(10)
names = [loader.decode([number]) for number in likely.indices.tolist()]
draw.bars(
    names,
    likely.values,
    title="“Let's he”后面：你训练过的模型押的注",
    alt="十根柱子，从高到低： "
    + ", ".join(f"{name!r} {chance:.2f}" for name, chance in zip(names, likely.values.tolist(), strict=True))
    + "。其余全部加起来是 "
    + f"{1 - likely.values.sum().item():.2f}.",
)

# %% [markdown]
# 再往里面看一眼。十六个头，想往回看多远就看多远，没有人管。这里是最爱看前一个字符的那一个。没有人叫它这么做。一对字符值多少，第 11 章给你看过，模型自己也发现了。

# %%
window = "First Citizen:\nLet us kill him, "
stream = model.embedding(torch.tensor([loader.encode(window)]))
patterns = {}
with torch.no_grad():
    for number, block in enumerate(model.blocks, 1):
        for place, head in enumerate(block.attention.heads, 1):
            patterns[number, place] = head.weights(block.norm_1(stream))[0]
        stream = block(stream)
looks_back = {name: pattern.diagonal(-1).mean().item() for name, pattern in patterns.items()}
block, head = max(looks_back, key=looks_back.get)
draw.heat(
    patterns[block, head],
    rows=window,
    columns=window,
    title=f"块 {block}，头 {head}：谁（行）在听谁（列）",
    alt=f"文本 {window!r} 的 32 乘 32 的格子图，对角线以上是空的。平均来说，一行的权重有 "
    f"{looks_back[block, head]:.2f} 落在对角线左边一格，也就是前一个字符上。",
)

# %% [markdown]
# 现在，趁还没关掉什么，把模型存成两个文件，再载入一遍。（Git 会忽略 `models` 这个文件夹。）

# %%
folder = rehearsal.folder(Path(running.__file__).parent.parent / "models" / "mine")
if folder.exists():  # 旧的模型让到一边
    folder.rename(folder.with_name(time.strftime("mine-%Y%m%d-%H%M%S")))
save(model, loader, folder, loss, len(reports))

again, characters = load(folder, mine.BigramLanguageModel)
torch.manual_seed(1597)
there = again.generate(torch.tensor([[characters.index(character) for character in "JULIET:\n"]]), 200)
print("".join(characters[number] for number in there[0]))

# %% [markdown]
# 从现在起，没有这个 notebook 它也能说话。在终端里：
#
# ```
# python scripts/sample.py models/mine "ROMEO:"
# ```
#
# 还剩一件事。正经的模型都带一张**卡**，写着谁训练的，用什么训练的，练得怎么样，能指望它什么。这是你的那张。文件夹里也有一份，叫 `model_card.md`，万一有人问起呢。

# %%
card.write(folder, said, watch.status.seconds)

# %% [markdown]
# - [ ] 12.r4 我训练了自己的模型，也听它说了话

# %% [markdown]
# ## 现在归你了
#
# - 第一步之前的损失，拿它跟词表大小的对数对一对
# - 每一次训练的循环：**前向、清零、反向、走一步**
# - 给每个模型的测试：它背得下**一个批次**吗？
# - 在没见过的文本上的**考试**：好几个批次，dropout 关掉，不留梯度
# - 会预热、会衰减的**学习率**
# - `Trainer(model, optimizer, data_loader, config)`，留住最好的模型，你说停就停
# - 一个你自己的模型，带着它的卡；从文本到文本，每一步都是你自己的代码
#
# 接下来呢？`python scripts/train.py --mine --data FILE` 会用你的类做一个模型，在你喜欢的任何文本上训练：你自己的邮件、一本菜谱、你年轻时的歌。它也会留下一张卡。不带 `--mine` 会快些，其余的问 `--help`。
#
# 你来的时候，`Let's he` 是八个字符。它们变成了编号、向量、总和、query、权重、押注、损失、梯度，最后变成一句从没有人写过的话。这些东西，大半你自己也能发明出来。现在，你真的发明了。
