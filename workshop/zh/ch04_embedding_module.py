# %% [markdown]
# # 04 EmbeddingModule
# <!-- Made from checkpoints/ch04_embedding_module.py by scripts/build.py. From your first edit on it is yours. -->
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/OWNER/REPO/blob/main/workshop/zh/ch04_embedding_module.ipynb)
# [![Open in GitHub Codespaces](https://github.com/codespaces/badge.svg)](https://codespaces.new/OWNER/REPO?quickstart=1)
#
# 把“是什么”和“在哪里”放进同一个向量，用的是天底下最小的运算：一个加号。
#
# 35 分钟，六节。需要第 02 章和第 03 章。
#
# 写一个加号只要一秒。剩下的时间，都花在它引出的两个问题上。两样东西搅到一起，不就谁也拆不开了吗？还有，它加对地方了吗？

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
import torch.nn.functional as F

from nanogpt import Config, PositionEmbedding, TokenEmbedding
from workshop import ____, check, corpus, draw, hint, running, solution

torch.set_printoptions(precision=3, linewidth=100)  # 一行放下八个数

# %% [markdown]
# ## 并排，还是相加 · 8 分钟
#
# 第 02 章留给我们八行，说的是“是什么”，`"Let's he"` 的每个字符一行。第 03 章又添了八行，说的是“在哪里”，每个位置一行。

# %%
config, small = Config(), Config.small()
width, vocab_size = small.embedding_dim, running.loader().vocab_size
ids = running.ids()  # (1, 8)
vectors = running.after("02")[0]  # (8, 8)：“Let's he”每个字符的那一行
positions = running.after("03")  # (8, 8)：每个位置的那一行
characters = running.part("02").table.weight.detach()  # (64, 8)：所有字符的行
print("L:      ", vectors[0])
print("位置 0：", positions[0])

# %% [markdown]
# 稳妥的做法是两样都留着。把它们**并排**放，每个字符就有 16 个数：八个说它是什么，接着八个说它在哪里。什么都没丢。大胆的做法是把它们**相加**，八个数就凑合了。
#
# 你选哪个？先别回答，看看模型会拿这 16 个数做什么。接下来不管是什么，都要拿一个权重矩阵去乘它们。下面就是这样一个矩阵，(16, 8)。它的上半截碰到的是字符，下半截碰到的是位置。（`torch.cat((a, b), dim=...)` 沿着某一维把两个张量接起来：0 是往下接，1 是往右接。）

# %%
torch.manual_seed(1339)
weight = torch.randn(2 * width, width)
print(weight.shape)

# %%
both = ____  # `vectors` 的每一行，右边接上它的位置的那一行
from_both = both @ weight
from_character = ____  # 只拿字符，乘权重的上半截
from_place = ____  # 只拿位置，乘下半截
check("04.01")

# %%
print(tuple(both.shape), "->", tuple(from_both.shape))
difference = from_both - (from_character + from_place)
print(f"两种办法最多相差：{difference.abs().max().item():.6f}")

# %% [markdown]
# 数是一样的，只差一点舍入。矩阵乘法本来就要把东西加起来，所以“并排，再乘”，就是“各乘各的，然后**相加**”。就连稳妥的做法，最后也是一个和。它比大胆的做法只多一样东西：字符和位置各有一个自己的矩阵。
#
# 而这两个矩阵给不了多少好处，因为行本身就是学出来的。要是让字符先过一个矩阵有用，那它们的表大可直接学成过完矩阵的样子。再往后，会有好几个矩阵来读同样的数，有的只想知道“是什么”，有的只想知道“在哪里”。相加也办得到：字符学着用其中几列，位置用另外几列。只要行够宽，“并排”不过是相加能学成的样子之一。
#
# 稳妥的做法还会让后面的一切都宽一倍，而从 16 到 16 的矩阵，权重是从 8 到 8 的四倍。所以我们相加。
#
# - [ ] 04.01 把字符和位置并排，找出藏在里面的和

# %% [markdown]
# ## 两样都读得回来吗？ · 7 分钟
#
# 疑问在这儿。我告诉你两个数加起来是 12，你说不出是哪两个。两个**向量**的和就没这么难为人。第 03 章里，宽的随机行之间差不多都成直角，而成直角的东西互不碍事：拿这个和去跟某一行做点积，就是在问：“你里面有多少是它？”
#
# 拿全部 64 种字符、全部 8 个位置来试，一共 512 个和。每个和都跟一张表的每一行做点积，位置表或者字符表。最大的赢，再看赢的是不是该赢的那一行。（`argmax` 说的是最大的数在哪里，沿着你点名的那一维。）先猜：8 个位置，这样找对的有多少？64 种字符，找对的又有多少？

# %%
def read_back(sums: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
    """对每个和，给出点积最大的那一行的行号：(..., width), (n, width) -> (...)。"""
    scores = ____  # 每个和跟每一行的点积：(..., n)
    return ____  # 对每个和，最大的是哪一行？


check("04.02")

# %%
def shares(characters, places):
    """在所有的和里，读对位置的占多少，读对字符的占多少。"""
    sums = characters[:, None] + places  # (字符, 位置, 宽度)
    right_places = read_back(sums, places) == torch.arange(len(places))
    right_characters = read_back(sums, characters) == torch.arange(len(characters))[:, None]
    return right_places.float().mean().item(), right_characters.float().mean().item()


print("我们的小表：{:.0%} 的和里位置读对，{:.0%} 的和里字符读对".format(
    *shares(characters, positions)
))

# %%
widths = [4, 8, 16, 32, 64]
torch.manual_seed(1339)
trials = [shares(torch.randn(64, some_width), torch.randn(8, some_width)) for some_width in widths]
draw.lines(
    {"位置（共 8 个）": [100 * place for place, _ in trials], "字符（共 64 种）": [100 * what for _, what in trials]},
    x=widths,
    title="表是随机的时候，用点积从和里读回正确的行，读对的有多少",
    x_name="宽度",
    y_name="百分比",
    alt="两条上升的线，宽度分别是 4、8、16、32 和 64。读对位置的和占百分之 46、76、96、99 和 100，读对字符的占 16、"
    "30、63、93 和 99.8。",
)

# %% [markdown]
# 只有 8 个数的时候，怀疑得有理：在我们的表里，100 个和里位置找对 78 个，字符找对 28 个。有 64 个数的时候，也就是正式模型的宽度，两样几乎次次都能找到。一个和读不读得回来，要看地方够不够大。数越多，随机的行越接近直角，越不会互相打扰。
#
# 看我们那个小例子的时候，记着这一点。它的行只有八个数，是为了一页写得下。对一个要写文章的模型来说，八个太少了。
#
# - [ ] 04.02 从和里读回位置和字符
# - [ ] 04.r1 我说得出，为什么相加没有把“是什么”和“在哪里”搅成一锅粥

# %% [markdown]
# ## 加号落在哪里 · 6 分钟
#
# 一批向量的形状是 (batch, sequence, width)，位置的形状是 (sequence, width)。要相加，PyTorch 把两个形状**从右边**对齐，左边缺什么就把什么重复出来：
#
# | | 批次 | 序列 | 宽度 |
# | --- | ---: | ---: | ---: |
# | 向量 | 16 | 8 | 8 |
# | 位置 | | 8 | 8 |
# | 它们的和 | 16 | 8 | 8 |
#
# 所以每个窗口都加上同样的位置，不用循环，也不用复制。这叫**广播**。形状对得上，它就帮忙。意思对不对得上，它不问。
#
# 下面有八个窗口，每个八个字符，每个字符八个数。这样的形状，什么跟什么都对得上，没有错误会来救你。有人在哪儿读到过，加个 `[:, None]` 广播就能用，于是他加的是 `positions[:, None]`，形状 (8, 1, 8)。把形状从右边对齐：第一个 8 现在对上的是哪一维？

# %%
torch.manual_seed(1339)
windows = torch.randint(vocab_size, (len(positions), ids.shape[1]))  # 八个窗口
batch = F.embedding(windows, torch.randn(vocab_size, width))  # 它们的向量
window, place = 2, 5
print(tuple(batch.shape), tuple(positions.shape), tuple(positions[:, None].shape))

# %%
summed = ____  # 每个窗口，都加上每个位置的那一行
wrong = batch + positions[:, None]
row = ____  # `wrong[window, place]` 加上的是 `positions` 的哪一行？用上面单元格里的一个变量名，写出行号
check("04.03")

# %%
for name, total in (("summed", summed), ("wrong ", wrong)):
    rows_added = [read_back((total - batch)[number], positions).tolist() for number in (0, 1, 2)]
    print(name, "里，窗口 0, 1, 2 加上的行是", rows_added)

# %% [markdown]
# 在 `summed` 里，每个窗口都加上了第 0 行到第 7 行。在 `wrong` 里，窗口 2 的所有位置加的都是第 2 行：这是给窗口编号去了。没有报错，形状也对，损失甚至还会往下走，因为字符还在。可同一个窗口里的两个 `e`，又变得一模一样了。
#
# 最好的防护不花一分钱：测试的时候，让所有大小都不一样。用 3 个窗口，那个错误的加号就会报错停下。

# %%
try:
    batch[:3] + positions[:, None]
except RuntimeError as error:
    print("RuntimeError:", error)

# %% [markdown]
# - [ ] 04.03 把位置加到一个批次上，并说出错误的加号落在哪里

# %% [markdown]
# ## 还是一个袋子吗？ · 4 分钟
#
# 第 03 章从一个袋子开始：`"Let's he"` 和 `"he Let's"` 的和一样。现在每一行都带着自己的位置了。猜一猜：两个和总该不同了吧？

# %%
order = [*range(6, len(vectors)), 5, 0, 1, 2, 3, 4]  # “he Let's”：h、e，然后空格，然后其余的
other_vectors = vectors[order]
bag, other_bag = (vectors + positions).sum(dim=0), (other_vectors + positions).sum(dim=0)
print(repr(running.loader().decode(ids[0, order])))
print(bag)
print(other_bag)

# %% [markdown]
# 还是一样。这样的和可以重新排一排：先加所有的字符，再加所有的位置，而两种顺序里，字符和位置都是那些。加号确实把字符和位置放进了同一行，可是把行一加起来，又全都倒到一块儿去了。
#
# 缺的是在行合到一起**之前**，先把每一行看上一眼，而且要用非线性的东西看：矩阵只会再给你一个和。最简单的弯折就够了：ReLU，大于零的留着，其余变成 0。

# %%
bent = ____  # 每一行加上它的位置，用 ReLU 折一下，再全部加起来
other_bent = ____  # 换一种顺序，同样做一遍
check("04.04")

# %%
print(bent)
print(other_bent)

# %% [markdown]
# 这下不同了，每个数都不同。记住先后：**“是什么”和“在哪里”在同一行里碰头；每一行自己折一下；然后行才合到一起。** 第 06 章的注意力，看得比 ReLU 仔细。要是行里没有位置，它也看不出什么顺序。
#
# - [ ] 04.04 分清两种顺序

# %% [markdown]
# ## 类 · 4 分钟
#
# EmbeddingModule 自己带着两个对象，你那两个类各一个，它把两者返回的东西相加。它的设置由一个 `Config` 传进来。

# %%
class EmbeddingModule(nn.Module):
    """什么在哪里：每个字符的向量，加上它的位置的向量。"""

    def __init__(self, vocab_size: int, config: Config) -> None:
        """两张表都从随机数开始，正态分布，均值 0，方差 1。"""
        super().__init__()
        self.token_embedding = ____  # 字符的表
        self.position_embedding = ____  # 位置的表

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """两个向量的和：(batch, sequence)，int64 -> (batch, sequence, embedding_dim)。"""
        return ____  # 是什么，加上在哪里


check("04.05")

# %% [markdown]
# 现在轮到“Let's he”，用的是第 02 章和第 03 章的那两张表。手算核对一个数：`L` 的那一行开头是 0.96，位置 0 的那一行开头是 -1.31。

# %%
torch.manual_seed(1339)
embedding = EmbeddingModule(vocab_size, small)
embedding.token_embedding, embedding.position_embedding = running.part("02"), running.part("03")
x = embedding(running.ids())
draw.heat(
    x[0],
    rows="Let's he",
    title="“Let's he”：什么在哪里",
    alt="八行，标着 L、e、t、撇号、s、空格、h、e；八列，数在 -3.36 和 3.21 之间。第二行和最后一行都是 e，但不再相同"
    "：第二行开头是 0.72, -1.85，最后一行开头是 1.04, -2.18。",
)
print(tuple(running.ids().shape), "->", tuple(x.shape))
print("第 05 章就从这里开始：", torch.equal(x, running.after("04")))

# %% [markdown]
# 0.96 - 1.31 = -0.35，没错。两个 `e` 也不再相同了。它们仍然是亲戚：底下是同一行，上面盖着两个不同的位置。
#
# 这个张量，(batch, sequence, width)，就是模型的**流**。从这里开始，再没有什么会取代它。你以后做的每个块，都是读它，再往里加点东西。
#
# - [ ] 04.05 写出 EmbeddingModule 类

# %% [markdown]
# ## 每个配对一行？ · 6 分钟
#
# 这是地图上的几行。这些形状你都见过，所以已经填好了。
#
# 我们来问点别的。其实一直有第三条路，而且它绝不会把什么搅混：做一张表，每个**配对**一行。位置 0 上的 `e` 一行，位置 1 上的 `e` 一行，依此类推，窗口的每个位置配每种字符。那就什么都不用加了。在正式的模型里，也就是按 `config` 的设置，这要花多少？
#
# 代价有两样。一样是表的大小，另一样容易漏掉。一行只有被读到才会学，而不管是字符表还是配对表，批次里每个字符都只读一行。假设训练时，一张表的各行被读到的次数差不多。那么我们字符表里的一行，被读到的次数是配对表里一行的多少倍？算之前先猜：2 倍，30 倍，2,000 倍？

# %%
shapes = {
    "ids": (config.batch_size, config.input_sequence_length),
    "token vectors": (config.batch_size, config.input_sequence_length, config.embedding_dim),
    "position vectors": (config.input_sequence_length, config.embedding_dim),
    "embedding": (config.batch_size, config.input_sequence_length, config.embedding_dim),
}
in_both = ____  # 我们的两张表一共有多少个数
in_pairs = ____  # 配对表会有多少个数
times_as_often = ____  # 一个字符的行被读到的次数，是一个配对的行的多少倍
check("04.06")

# %%
for name, shape in shapes.items():
    print(f"{name:>18}  {shape}")
print(f"我们的两张表：{in_both:,} 个数；配对表：{in_pairs:,} 个，是 {in_pairs / in_both:.0f} 倍")
print(f"字符表的一行，被读到的次数是配对表里一行的 {times_as_often} 倍")

# %% [markdown]
# 131,072 个数，而不是 6,144 个。而且每个数能学到的还更少，因为位置 3 的 `e` 学到的，位置 4 的 `e` 一点也沾不上光。用加号的话，文本里每个 `e` 教的都是同一行。相加的好处就在这里：它会**共用**。
#
# 作为交换，它也放弃了一点东西。加在一起以后，“在位置 3”对每种字符都是同一个意思。万一 `e` 在那里有什么特别的意思，后面的层可以自己弄明白，因为在同一行里，是什么、在哪里，它都找得到。
#
# - [ ] 04.06 算出一张配对表要花多少

# %% [markdown]
# ## 挑战：更会读的读者
#
# 选做，给对那个 28% 还耿耿于怀的人。另外那些字符，是真的丢在和里了，还是点积不会读？一个训练过的层，可以把两张表都背下来，也就知道可能的和只有 512 种，每个配对一种。那就让读者去找其中最近的一个，再给出这个配对的字符和位置。
#
# 为了对怀疑的人公平，我们先给每个数加一点噪声，因为模型的其他部分也会往这些数里写东西。猜一猜：`read_both` 找对的字符，会超过 28% 吗？
#
# （`torch.cdist(a, b)` 给出 `a` 的每一行到 `b` 的每一行的距离。`flatten(0, 1)` 把一张由行组成的表，变成一个由行组成的列表。还有，17 // 8 是 2，17 % 8 是 1：每行八个的话，17 号在第 2 行第 1 列。）

# %%
torch.manual_seed(1340)
which, where = torch.arange(len(characters)), torch.arange(len(positions))  # 每种字符的号，每个位置的号
noisy = (characters[:, None] + positions).flatten(0, 1)
noisy = noisy + 0.4 * torch.randn(noisy.shape)  # (512, 8)：字符 0 在每个位置，然后是字符 1，依此类推

# %%
def read_both(sums, characters, places):
    """`sums` 是 (n, width)。对它的每一行，给出一个字符号和一个位置号，它们那两行的和离这一行最近：(n,), (n,)。"""
    pairs = ____  # 所有可能的和，排成由行组成的列表
    nearest = ____  # 对 `sums` 的每一行，哪个配对最近？
    return ____  # 它的字符号，以及位置号


found_which, found_where = read_both(noisy, characters, positions)
right_which = found_which.unflatten(0, (len(which), len(where))) == which[:, None]
right_where = found_where.unflatten(0, (len(which), len(where))) == where
print(f"字符读对 {right_which.float().mean():.0%}，位置读对 {right_where.float().mean():.0%}")
check("04.07")

# %% [markdown]
# 100 个字符读对 96 个，用的还是那八个数，还带着噪声。它们一直都在，是点积读得太急了。不过把噪声从 0.4 调到 1，就连这位读者也掉到 100 个里读对 40 个左右。
#
# - [ ] 04.07 挑战：加了噪声，也把两样都读了回来

# %% [markdown]
# ## 现在归你了
#
# - “并排，再乘矩阵”，其实是改头换面的和，所以我们直接**相加**，不加宽
# - 数够多，点积就能把和读回来：宽 8 时读对 28% 的字符，宽 64 时几乎全对
# - **广播**从右边对齐形状，意思它不问
# - 在行合到一起之前，得有个东西把每一行折一下，不然顺序又丢了
# - 相加就是**共用**：每个 `e`，不管在哪里，教的都是同一行
# - `EmbeddingModule(vocab_size, config)`：进去的是 (batch, sequence)，出来的是 (batch, sequence, width)
#
# 流已经流起来了。可它有个坏毛病：一有机会，里面的数就越长越大，大到什么都学不动。**05 LayerNorm** 来教它规矩。
