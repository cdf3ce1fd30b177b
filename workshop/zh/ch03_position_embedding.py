# %% [markdown]
# # 03 PositionEmbedding
# <!-- Made from checkpoints/ch03_position_embedding.py by scripts/build.py. From your first edit on it is yours. -->
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/OWNER/REPO/blob/main/workshop/zh/ch03_position_embedding.ipynb)
# [![Open in GitHub Codespaces](https://github.com/codespaces/badge.svg)](https://codespaces.new/OWNER/REPO?quickstart=1)
#
# 给窗口里的每个位置一行自己的数，模型就分得清第一个 `e` 和最后一个 `e` 了。
#
# 45 分钟，五节，只需要第 02 章：那张表，以及怎么从里面挑行。
#
# 工具就是你刚做好的那个。新鲜的是拿它来做什么，还有两个更省事的主意为什么会栽跟头。

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

from nanogpt import Config, TokenEmbedding
from workshop import ____, check, corpus, draw, hint, running, solution

torch.set_printoptions(precision=3, linewidth=100)  # 一行放下八个数

# %% [markdown]
# ## 一袋字符 · 8 分钟
#
# `running` 把我们的例子从一章带到下一章，每次都是同样的数。第 02 章你停在了这里：`"Let's he"`，八个字符各有一行，每行 8 个数。

# %%
config, small = Config(), Config.small()
ids = running.ids()  # (1, 8)：一批一个窗口
vectors = running.after("02")[0]  # (8, 8)：它的各行
print(ids)
print(vectors.shape)

# %% [markdown]
# 下一个字符取决于全部八个，所以模型早晚得把这些行合到一起。最朴素的办法就是加起来，或者取均值。
#
# 现在把字符换个顺序：`"he Let's"`。先猜：它的和跟 `"Let's he"` 的和，会差多少？

# %%
other_ids = torch.tensor([running.loader().encode("he Let's")])
other_vectors = running.part("02")(other_ids)[0].detach()
print(other_ids)

# %%
bag = ____  # “Let's he”的八行加起来
average = ____  # 以及它们的均值
check("03.01")

# %%
print("Let's he，和：  ", bag)
print("he Let's，和：  ", other_vectors.sum(dim=0))
print("Let's he，均值：", average)
print("he Let's，均值：", other_vectors.mean(dim=0))

# %% [markdown]
# 没有差别。加法不可能知道谁先谁后。八个字符，其中两个相同，一共有 20,160 种排法，全都是这个和、这个均值。我们手里是一个袋子，里面装着八个字符。
#
# 先让每一行过一层，再加起来，会不会好一点？看看这一层把两个 `e` 变成了什么：

# %%
torch.manual_seed(1338)
layer = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 8))
before, after = running.after("02")[0], layer(running.after("02")[0])
print("两个 e 的距离，还没进这一层时：", (before[1] - before[7]).norm().item())
print("两个 e 的距离，出了这一层后：  ", (after[1] - after[7]).norm().item())

# %% [markdown]
# 进去的行相同，出来的行也相同，管它在位置 1 还是位置 7。第一个 `e` 要去拼 `Let`，最后一个正要变成 `hence`，可哪一层也分不出谁是谁，因为没有人告诉过它。对英语来说这是灾难，对中文也一样：“狗咬人”，“人咬狗”。
#
# 所以位置必须进到数里面去。换了你，会怎么做？
#
# - [ ] 03.01 把一个句子的行加起来，顺序就丢了

# %% [markdown]
# ## 两次失败的尝试 · 9 分钟
#
# 人人都会先想到这个：给位置编号，把号加上去。位置 0 给自己那行的每个数加 0，位置 1 给自己那行的每个数加 1，位置 7 加 7。
#
# `torch.arange(n)` 会数数：0、1、……、n - 1，横着排成一行。`x[:, None]` 让一行立起来，变成一列，形状是 (n, 1)。要加到八行八个数上去，你用哪一种？

# %%
places = ____  # 我们这个窗口的位置，从 0 数起
numbered = ____  # 每一行所有的数，都加上它的位置
check("03.02")

# %%
draw.lines(
    {"字符自己的向量": vectors.norm(dim=1), "位置加上去的东西": (places[:, None] * torch.ones(8)).norm(dim=1)},
    title="八个位置上向量的长度",
    x_name="位置",
    y_name="长度",
    alt="两条线，横轴是位置 0 到 7。字符自己的向量，长度一直在 2.2 和 3.5 之间。位置加上去的东西从 0 开始，沿直线升"
    "到 19.8，是最长的字符向量的五倍还多。",
)
print("位置 6 和 7 上 h 和 e 的余弦")
print(f"  不加位置：{F.cosine_similarity(vectors[6], vectors[7], dim=0).item():6.3f}")
print(f"  加上位置：{F.cosine_similarity(numbered[6], numbered[7], dim=0).item():6.3f}")

# %% [markdown]
# （两个向量的**余弦**，是点积除以两者的长度：方向相同是 1，成直角是 0，方向相反是 -1。）
#
# 两个 `e` 现在不一样了。可看看代价：位置在大喊，字符在嘀咕。`h` 和 `e` 本来差不多成直角，-0.016；给它们所有的数加上 6 和 7，方向就几乎相同了，0.978。这还只有八个位置。要是窗口长 32，每行还是这 8 个数，最后一个位置加上去的向量，长度会是 88。
#
# 第二个主意是来给第一个补漏的：把位置缩放一下，从 0 到 1，永远不会变大。写成对任何长度的窗口都管用的样子。然后猜：位置 3 在长 8 的窗口里得到多少，在长 32 的窗口里又得到多少？

# %%
window, longer = 8, 32

# %%
def scaled(length: int) -> torch.Tensor:
    """窗口的位置，第一个是 0，最后一个是 1：(length,)。"""
    return ____  # 每个位置除以一个数，让最后一个变成 1


here = scaled(window)[3]
there = ____  # 位置 3 在长为 `longer` 的窗口里得到的数
check("03.03")

# %%
print(f"位置 3 在长 {window} 的窗口里：{here:.3f}，在长 {longer} 的窗口里：{there:.3f}")
print(f"往右一步：{1 / (window - 1):.3f} 和 {1 / (longer - 1):.3f}")

# %% [markdown]
# 同一个撇号，同一个位置，在一个窗口里得 0.429，在另一个里得 0.097。而“我前面那个字符”，拼写里最有用的一条消息，在这边差 0.143，在那边差 0.032。一个数是什么意思，要看后面碰巧还有多少文本。（窗口只有一个字符时，干脆就坏了：0 / 0。而我们的模型写东西，很可能就是从单独一个字符开始。）
#
# 两次尝试犯的是同一个毛病：位置是什么意思，由**我们**来定，还硬塞进一个数里。我们的愿望是这样的：
#
# 1. 每个位置跟别的位置都不同
# 2. 它加上去的东西，跟字符的向量差不多长，而且不会越来越长
# 3. 位置 3 就是位置 3，不管窗口多长
# 4. 什么叫“近”，什么叫“远”，不由我们来定
#
# 用手把下一节遮住。你自己想得出来吗？
#
# - [ ] 03.02 把位置的号加上去，看到它怎么淹没字符
# - [ ] 03.03 把位置缩放，看到它们的意思怎么随长度变化
# - [ ] 03.r1 我说得出两次尝试各错在哪里

# %% [markdown]
# ## 每个位置一行 · 12 分钟
#
# 这个问题我们早就遇到过。第 02 章里，编号是网络不该去乘的数，药方是一张表：每个编号一行，开始是随机的，剩下的交给损失。所以：**一张表，每个位置一行。** 几行？窗口有几个位置，就几行。多宽？跟它要加上去的那些向量一样宽。

# %%
torch.manual_seed(1338)
position_table = ____  # 每个位置一行
all_places = ____  # 整个窗口的位置，从 0 开始
positions = ____.detach()  # 它们的行
check("03.04")

# %%
draw.heat(
    positions,
    rows=[f"位置 {place}" for place in range(8)],
    title="位置表，什么都还没学",
    alt="八行，位置 0 到位置 7；八列，数在 -1.97 和 2.52 之间，大于零是红色，小于零是蓝色。横看竖看都没有规律：全是"
    "随机数。",
)
e_first, e_last = (running.after("02")[0] + running.after("03"))[[1, 7]]
print(f"两个 e 各加上自己的位置之后的距离：{(e_first - e_last).norm().item():.2f}")

# %% [markdown]
# 八行噪声。拿来开个头，噪声就够了。两个 `e` 本来是同一个向量，各加上自己位置的那一行之后，相距 4.90。愿望 1、2、3 都实现了：所有行都不同；跟字符的向量差不多长；位置 3 只有一行，窗口多长都一样。（相加本身是第 04 章的事。）
#
# 愿望 4 说的是近和远。这张表怎么看待近和远？把每个位置跟每个位置都比一比，用余弦。
#
# 八个位置就有 64 个余弦，两行代码，不用循环，就能一次全部得到。要让普通的点积直接就是余弦，得先对行做点什么？又是哪一种乘法，能让每一行跟每一行都做点积？给它五分钟。（`rows.norm(dim=1)` 给出每一行的长度，长度是横着排的，(n,)；加上 `keepdim=True`，它们就立着，(n, 1)。）

# %%
def cosines(rows: torch.Tensor) -> torch.Tensor:
    """每一行和每一行的余弦：(n, width) -> (n, n)。"""
    unit = ____  # 把行准备好，让任意两行的点积就是它们的余弦
    return ____  # 所有这些点积，(n, n)，一次矩阵乘法


position_cosines = cosines(positions)
check("03.05")

# %%
draw.heat(
    position_cosines,
    rows=[f"位置 {place}" for place in range(8)],
    columns=range(8),
    title="哪些位置彼此相像？余弦，什么都还没学",
    alt="8 乘 8 的余弦方阵。对角线是 1。其余的数散布在 -0.89（位置 1 和 3）到 0.73（位置 2 和 6）之间。邻居并不比离"
    "得远的更相像。",
)
torch.manual_seed(1338)
real_table = nn.Embedding(config.input_sequence_length, config.embedding_dim)
draw.heat(
    cosines(real_table.weight),
    title="正式的模型也看一看：32 个位置，每个 64 个数",
    alt="32 乘 32 的方阵。对角线是一条醒目的深红线，余弦为 1；别处颜色都很淡，大多离零不到 0.13。位置跟邻居并不比跟"
    "别的位置更相像。",
)

# %% [markdown]
# 在小表里，位置 0 更像位置 6（0.48），而不是邻居位置 1（-0.33）。这是碰巧：每行只有 8 个数，随机的行之间，余弦通常离零 0.35 左右，有正有负。在正式的表里，宽 64，大多离零不到 0.13。数一多，随机向量之间就差不多都成直角，所以每个位置跟别的位置都差不多一样生疏，跟第 02 章的 one-hot 向量似的。又是一个公道的起点。
#
# 训练之后呢？每一行都会往损失更低的地方走。我们用第 12 章的设置试过，三次训练，种子各不相同。邻居之间的余弦平均在 0.1 到 0.2；相隔 20 的位置，余弦小于零。规律很淡，可是谁也没告诉过模型 3 排在 2 后面。GPT-2 训练得久得多，相邻的位置最后明显地相像。
#
# （给位置编号还有别的办法。第一个 Transformer 的行一行都不学，用正弦和余弦算出来。好奇的话，末尾的挑战里你也可以算一回。GPT-2 是学的，跟我们一样。更新的模型，大多是把向量转一个角度，角度由位置决定。）
#
# - [ ] 03.04 做出位置表，取出它的行
# - [ ] 03.05 把所有位置两两比较

# %% [markdown]
# ## 什么时候用哪些行？ · 9 分钟
#
# 在 TokenEmbedding 里，出来哪些行由编号决定。这里由什么决定？不是编号：位置 3 就是位置 3，不管那里是什么字符。要紧的只是一共有几个位置。窗口短一些，就用开头的几行。
#
# 输入还是一个批次，(batch, sequence)。填空之前先猜：出来的是什么形状？

# %%
def rows_for(ids: torch.Tensor) -> torch.Tensor:
    """一批编号的各个位置的行：(batch, sequence) -> (sequence, width)。"""
    length = ____  # 每个窗口有几个位置？
    return ____  # 位置 0 到 length - 1 的行


check("03.06")

# %%
for some_ids in (ids, ids[:, :5], ids[:, :5].repeat(16, 1)):
    print(tuple(some_ids.shape), "->", tuple(rows_for(some_ids).shape))

# %% [markdown]
# 批次从形状里消失了。16 个窗口的位置全都一样，一组行就够它们用。
#
# 还剩两个问题，你的模型写东西的时候都会碰上。第一个：假设训练时所有窗口都很短，只有五个字符，像 `Let's` 那样。哪些行学到了东西？像第 02 章那样看看梯度。
#
# 对一张由 True 和 False 组成的表，`.any(dim=1)` 问每一行里有没有 True，`~` 把 True 和 False 对调，`.sum()` 数有多少个 True。

# %%
short = ids[:, :5].repeat(16, 1)
position_table.zero_grad()
rows_for(short).sum().backward()
gradient = position_table.weight.grad  # (8, 8)：表里每个数对应一个数

# %%
taught = ____  # 每一行：只要其中有一个数的梯度不是 0，就是 True
untaught = int(____)  # 有几行什么都没学到？
check("03.07")

# %%
print("学过：", taught.tolist(), " 没学过的行数：", untaught)

# %% [markdown]
# 位置 5、6、7 什么也没学到。它们的行还是随机的，模型以后碰上它们，吃进去的就是噪声，而且不会有任何报错来提醒谁。所以，模型以后要读多长的窗口，训练时就得用多长的。我们的模型向来如此；而且在整个窗口里，它也练习了那些短的开头，第 01 章里你见过。
#
# 第二个问题：文本比表**更长**，怎么办？

# %%
long_ids = torch.tensor([running.loader().encode("Let's hence, and hear")])
try:
    position_table(torch.arange(long_ids.shape[1]))
except IndexError as error:
    print(f"{long_ids.shape[1]} 个字符：IndexError，{error}")

# %% [markdown]
# 没有第 8 行，也没有什么规则能算出一行来。行是学来的，这就是代价。我们的模型有 32 个位置，GPT-2 有 1,024 个，再往外，谁都两眼一抹黑。
#
# 可是正在写的文本会越写越长，而表有几行，模型就只能看见几个字符。要说出接下来是什么，它该看哪几个：最前面的，还是最后面的？

# %%
recent = ____  # 每个窗口里模型该看到的部分：位置有几个，听 `small` 的
check("03.08")

# %%
print(repr(running.loader().decode(recent[0])), "->", tuple(rows_for(recent).shape))

# %% [markdown]
# 最后八个，`and hear`。它们的位置是 0 到 7，好像世界就是从它们开始的。到第 11 章模型开口说话的时候，这行代码你还会见到。
#
# - [ ] 03.06 给一个批次配上它各个位置的行
# - [ ] 03.07 找出短窗口永远教不到的位置
# - [ ] 03.08 给只有八个位置的模型，留下它该看的部分
# - [ ] 03.r2 我说得出，为什么这些行只取决于输入的长度

# %% [markdown]
# ## 类 · 7 分钟
#
# 类里没有新东西，不过它许下一个承诺：位置比行多的时候，它会报 IndexError。你知道三种挑行的写法，窗口放得下的时候，三种给出的行都一样：
#
#     self.table(places)
#     self.table.weight[places]
#     self.table.weight[: len(places)]
#
# 其中有一种守不住承诺。填最后一个空之前，先认出是哪一种。明明只有 8 行，你却要 21 行，它会给你什么？
#
# （有个细节已经写好了：`device=ids.device` 让 `places` 建在编号所在的设备上，这样类在显卡上也能用。在显卡上，位置超出了表，报的是另一种错误；承诺只针对 CPU。）

# %%
class PositionEmbedding(nn.Module):
    """一张表，窗口里每个位置有学出来的一行，每行 `embedding_dim` 个数。"""

    def __init__(self, input_sequence_length: int, embedding_dim: int) -> None:
        """表从随机数开始，正态分布，均值 0，方差 1。"""
        super().__init__()
        self.table = ____  # 每个位置一行

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """`ids` 里各个位置的行：(batch, sequence) -> (sequence, embedding_dim)。

        在 CPU 上，位置比行多时报 IndexError。
        """
        places = torch.arange(____, device=ids.device)  # 有几个位置？
        return ____  # 每个位置的那一行；别忘了承诺


check("03.09")

# %%
torch.manual_seed(1338)
position_embedding = PositionEmbedding(small.input_sequence_length, small.embedding_dim)
position_vectors = position_embedding(ids)
print(position_vectors[:3].detach())
print(tuple(ids.shape), "->", tuple(position_vectors.shape))
print("第 04 章就从这里开始：", torch.equal(position_vectors, running.after("03")))
print("向切片要 21 行，它给的行数：", len(position_table.weight[:21]))

# %% [markdown]
# 就是切片。它会把 8 行交给 21 个字符，错误要到别处才冒出来，说的还是别的事。
#
# 最后一件事，从现在起每章都有：**张量地图**。你把新出现的东西的形状都记下来，按正式的模型，用 `config` 里的名字。到第 12 章，地图就画全了，挂在书桌上方再好不过。在终端里，`python scripts/tensor_map.py` 会把它画到你做到的地方。
#
# 形状是元组，所以写在圆括号里：`(5, 3)`。里面只有一个数的话，要带个逗号，`(5,)`；没有逗号，Python 看到的就是一个套了括号的数。

# %%
shapes = {
    "ids": (config.batch_size, config.input_sequence_length),
    "token vectors": (config.batch_size, config.input_sequence_length, config.embedding_dim),
    "position table": ____,  # 几行，多宽
    "places": ____,  # 整个窗口，`torch.arange` 给出的东西
    "position vectors": ____,  # forward 返回的东西
}
check("03.10")

# %%
for name, shape in shapes.items():
    print(f"{name:>18}  {shape}")

# %% [markdown]
# - [ ] 03.09 写出 PositionEmbedding 类，守住它的承诺
# - [ ] 03.10 把它的形状记到地图上

# %% [markdown]
# ## 挑战：用钟表来定位置
#
# 选做，大约 15 分钟，后面用不到。第一个 Transformer 没有位置表。任何位置的行，第 8 个也好，第 8,000 个也好，它都按一条规则算出来。换了你，找得到这条规则吗？
#
# 想想钟表。秒针能把相邻的秒分开，可过了一分钟它又从头转起。分针慢一些，时针更慢，三根合起来，半天里的每一秒它们都说得清。所以：几根指针，各按自己的速度转，再用一行数说出针尖在哪里。一个针尖是两个数，就是指针转过的角度的正弦和余弦。
#
# 从一个位置到下一个，指针转动的角度就是它的速度；在位置 0，所有指针都指着 0。算之前先猜：相邻的位置会相像吗？要紧的是它们在哪里，还是只看相隔多远？

# %%
hands, apart = 32, 3

# %%
speeds = 10_000 ** -(torch.arange(hands) / hands)  # 从每个位置 1 弧度，一路降到几乎为零：(hands,)
print(f"转一整圈，最快的指针要 {2 * torch.pi / speeds[0]:.1f} 个位置，最慢的要 {2 * torch.pi / speeds[-1]:,.0f} 个")

# %%
def tips(places: torch.Tensor) -> torch.Tensor:
    """某些位置上针尖在哪里：(n,) -> (n, 2 * hands)，先是所有正弦，再是所有余弦。"""
    turned = ____  # 在每个位置，每根指针转过了多少，(n, hands)
    return ____  # 每个位置的那一行


row_length = ____  # 这样的一行有多长？用不着真去算一行
by_distance = ____  # 任意两个相隔 `apart` 的位置，它们的行的余弦
draw.heat(
    cosines(tips(torch.arange(32))),
    title="按钟表来看，哪些位置彼此相像？",
    alt="32 乘 32 的余弦方阵，全是正的。对角线是 1，深红色，往两边颜色渐淡，形成与对角线平行的条纹：邻居是 0.97，相"
    "隔 20 的位置大约 0.6。",
)
check("03.11")

# %% [markdown]
# 没有表，不用训练，什么位置都有行，而且每行一样长。位置靠得近就相像，像到什么程度只看相隔多远：条纹就是这么来的。那愿望 4 呢？什么叫近，又是我们说了算了。第一个 Transformer 的作者两种都试过，学出来的行和算出来的行，结果几乎一样。
#
# - [ ] 03.11 挑战：用钟表的指针算出任何位置的行

# %% [markdown]
# ## 现在归你了
#
# - 行的和是一个**袋子**：“Let's he”的 20,160 种排法，和都一样
# - 位置的号，原样加上去会淹没字符；缩放一下，窗口变长，意思又变了
# - **每个位置学一行**：`PositionEmbedding(input_sequence_length, embedding_dim)`
# - 要紧的只有编号的形状：进去的是 (batch, sequence)，出来的是 **(sequence, width)**
# - 训练从没到过的位置只是噪声，过了最后一个位置就什么都没有
#
# 现在你有一张表知道是“什么”，一张表知道在“哪里”。到 **04 EmbeddingModule**，它们就碰头了。
