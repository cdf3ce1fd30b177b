# %% [markdown]
# # 05 LayerNorm
# <!-- Made from checkpoints/ch05_layer_norm.py by scripts/build.py. From your first edit on it is yours. -->
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/OWNER/REPO/blob/main/workshop/zh/ch05_layer_norm.ipynb)
# [![Open in GitHub Codespaces](https://github.com/codespaces/badge.svg)](https://codespaces.new/OWNER/REPO?quickstart=1)
#
# 不管模型多深，都让流里的数保持在好用的大小。
#
# 75 分钟，七节。需要第 04 章、均值和方差，还有残差连接。
#
# 这个零件对莎士比亚一无所知。它管的是家里的秩序，没有它这类东西，深的模型几乎没法训练。我们先让房子塌一回。

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

from nanogpt import Config
from workshop import ____, check, corpus, draw, hint, running, solution

torch.set_printoptions(precision=3, linewidth=100)  # 一行放下八个数

# %% [markdown]
# ## 跑掉的数 · 9 分钟
#
# 深的模型就是一层接一层，每层都乘一个权重矩阵。我们拿八个向量，每个 64 个数，让它们穿过 20 个这样的矩阵，矩阵里填的是随机数，只盯住一样东西：这些数的**分散程度**，也就是标准差。一开始它大约是 1。

# %%
config, small = Config(), Config.small()
torch.manual_seed(1340)
start = torch.randn(8, 64)
matrices = torch.randn(20, 64, 64)
print(f"一开始的分散程度：{start.std().item():.2f}")

# %% [markdown]
# 随机权重有多大，由我们定：每个矩阵都乘一个数，`scale`。猜一猜，`scale` 是 0.2 的话，过 20 层以后分散程度是多少？0.05 呢？

# %%
def spreads(scale: float) -> list[float]:
    """所有权重乘上 `scale`，一开始以及 20 层中每一层之后，这些数的分散程度。"""
    x = start
    found = [x.std().item()]
    for matrix in matrices:
        x = ____  # 向量穿过一层，权重是 `matrix` 乘 `scale`
        found.append(____)  # 出来的东西的分散程度，一个普通的数
    return found


check("05.01")

# %%
scales = (0.05, 0.1, 0.125, 0.15, 0.2)
draw.lines(
    {f"scale {scale}": torch.tensor(spreads(scale)).log10() for scale in scales},
    title="每一层之后的分散程度，写成 10 的几次方",
    x_name="层数",
    y_name="10 的几次方",
    alt="五条差不多笔直的线，都从 0 出发，走过 20 层。scale 0.2 升到 3.9，也就是 8,800；0.15 升到 1.4；0.125 保持水"
    "平，停在 -0.1；0.1 降到 -2.1；0.05 降到 -8.1。",
)
for scale in scales:
    print(f"scale {scale}：{spreads(scale)[-1]:.2g}")

# %% [markdown]
# 全是直线，不是往上就是往下。每一层都给分散程度乘上差不多同样的倍数，20 个一样的倍数，就成了乘方。scale 是 0.2 时，每层大约 1.6 倍，分散程度最后到了 8,800。是 0.05 时，大约 0.4 倍，只剩下 0.000000008。梯度要从同样的矩阵里走回来，下场也一样。
#
# 中间那条线是平的。0.125 就是 1/√64，宽度的平方根分之一。那就把权重做成这么大，不就完了？头一天行得通。可训练会改权重，也理应改，然后就没有谁守着这个平衡了。
#
# 我们需要一样东西，它不相信权重，只看数本身。每次都看。
#
# - [ ] 05.01 让向量穿过 20 层，看到它们爆炸或者消失

# %% [markdown]
# ## 一个向量的均值和方差 · 12 分钟
#
# 我们拿一个四个数的向量来修。先量一量：中间在哪里，各个数离中间多远？在纸上算，算出来都是整数。

# %%
token = torch.tensor([1.0, 3.0, 3.0, 9.0])

# %%
mean = ____  # 四个数的中间
deviations = ____  # 每个数离它多远，带正负号
variance = ____  # 它们的平方的均值
check("05.02")

# %%
print("均值    ", mean.item())
print("各数偏差", deviations)
print("方差    ", variance.item(), " 它的平方根，也就是标准差：", variance.sqrt().item())

# %% [markdown]
# 均值 4；偏差 -3、-1、-1、5；平方 9、1、1、25；方差 36 / 4 = 9；标准差 3。
#
# 现在来修。我们要一个起伏相同的向量，只是均值是 0，标准差是 1。活已经干完一半了。

# %%
normalised = ____  # 把偏差缩放一下，让标准差变成 1
check("05.03")

# %%
print(normalised)
louder = 100 * token + 7
print("放大 100 倍，再加 7：", louder)
print("归一化之后：", (louder - louder.mean()) / louder.std(correction=0))

# %% [markdown]
# -1、-1/3、-1/3、5/3。一个向量放大一百倍，再整体上移 7，得到的还是这四个数。不管在这一步之前权重都干了些什么，从这里出去的，均值是 0，标准差是 1。留下来的是起伏：谁在上，谁在下，跟别的比起来差多少。
#
# 先别走，这里有个坑。PyTorch 有个求方差的方法，它说的可不是 9。

# %%
print("token.var() 说是", token.var().item())

# %%
divisor = float(____)  # `token.var()` 拿平方和除以了几，由这两者求出来
biased = ____  # 调用 `.var`，让它给出我们的方差
check("05.04")

# %%
print("它除以了", round(divisor, 3), "而写上 correction=0，它说是", biased.item())

# %% [markdown]
# 除以了 3，可明明是四个数。统计学家手里是样本，想知道样本所来自的总体散得多开，就会这么除。我们手里不是样本。这四个数就是全部，要变成 1 的就是**它们自己的**分散程度，所以我们除以 4。（除以完整个数得到的方差，叫**有偏**方差。听上去像是有毛病，在这里它才是对的，PyTorch 自己的层归一化用的也是它。）
#
# - [ ] 05.02 手算四个数的均值和方差
# - [ ] 05.03 把一个向量归一化
# - [ ] 05.04 弄清楚 PyTorch 除以的是几

# %% [markdown]
# ## 所有数都一样的向量 · 6 分钟
#
# 要是一个向量里所有的数都相等呢？偏差是 0，方差是 0。运行之前先猜。

# %%
constant = torch.tensor([3.0, 3.0, 3.0, 3.0])
zeros = constant - constant.mean()
print(zeros / (zeros**2).mean().sqrt())
print("谁靠近它，谁就成了：", torch.tensor([1.0, 2.0]) + (zeros / (zeros**2).mean().sqrt())[0])

# %% [markdown]
# 0 / 0 是 `nan`，“不是一个数”，而且会传染：谁跟它相加，谁跟它相乘，谁就变成 `nan`。训练走一步，权重也全成了 `nan`。这样的向量，一百万个里来一个，一整夜的训练就没了。
#
# 药方是一小撮盐。加一个极小的数 `eps`（也就是 epsilon），让平方根永远不是 0。加在哪儿呢？通常是加在根号**里面**，和方差放在一起。

# %%
def normalise(vector: torch.Tensor, eps: float = 1e-5) -> torch.Tensor:
    """均值 0、标准差 1 的一个向量；要是所有数都相等，就全是零：(width,)。"""
    deviations = vector - vector.mean()
    variance = (deviations**2).mean()
    return ____  # 跟 05.03 一样，`eps` 和方差放在一起，在根号里面


check("05.05")

# %%
print("constant：       ", normalise(constant))
print("token：          ", normalise(token))
print("token 的 1/1000：", normalise(0.001 * token))

# %% [markdown]
# 数全相等的向量变成了零：没有起伏，就没话可说。普通的向量没察觉到什么。像最后那个一样微弱的向量，出来时比普通的小，因为它的方差，0.000009，比 `eps` 还小。本来就该这样：几乎不存在的东西，不该给吹成正常大小。
#
# - [ ] 05.05 没让数全相等的向量毒害其他向量

# %% [markdown]
# ## 沿着哪一维？ · 14 分钟
#
# 流是 (batch, sequence, width)。取均值可以沿三个方向，每个方向都有人管它叫归一化。下面是三个窗口，向量来自第 04 章；第一个窗口是我们的。

# %%
texts = ("Let's he", "My lord,", "Good sir")
x = running.part("04")(torch.tensor([running.loader().encode(text) for text in texts])).detach()
print(x.shape, "第一个就是第 04 章结束时的样子：", torch.equal(x[:1], running.after("04")))

# %% [markdown]
# `x.mean(dim=2)` 给每个窗口的每个位置取一个均值，形状是 (3, 8)。要减掉它，每个均值都得对上它所来自的那八个数。`keepdim=True` 在那里留下大小为 1 的一维，(3, 8, 1)，剩下的交给广播。
#
# 写成沿哪一维都能用的样子。

# %%
def normalise_over(x: torch.Tensor, dim: int, eps: float = 1e-5) -> torch.Tensor:
    """`x` 沿着它的某一维，均值 0，标准差 1；形状不变。"""
    mean = ____  # 沿 `dim` 的均值
    variance = ____  # 沿 `dim` 的有偏方差
    return ____  # 跟 `normalise` 里一样


over_width, over_places, over_batch = normalise_over(x, 2), normalise_over(x, 1), normalise_over(x, 0)
check("05.06")

# %%
for name, result in (("宽度方向", over_width), ("位置方向", over_places), ("批次方向", over_batch)):
    print(f"{name:>6}：{tuple(result.shape)}，均值 {result.mean():.3f}，标准差 {result.std(correction=0):.3f}")

# %% [markdown]
# 三种看上去都不错：形状没变，均值 0，标准差 1。那该用哪个？试试把它们弄坏。改掉**一个**字符，第一个窗口的最后一个，看看 24 个归一化后的向量里哪些动了。只该有那一个动。别的，谁也没碰过。
#
# 三种都先猜一猜。

# %%
changed = x.clone()
changed[0, -1] = x[1, 0]  # 第一个窗口的最后一个字符，现在换成了别的

# %%
def moved(dim: int) -> torch.Tensor:
    """因为这个改动，每个归一化后的向量动了多远：(3, 8)，窗口和位置。"""
    difference = ____  # 改动之后减去改动之前，两者都归一化过
    return ____  # 每个差向量的长度


check("05.07")

# %%
draw.heat(
    torch.cat((moved(2), moved(1), moved(0))),
    rows=[f"{way}: {text}" for way in ("宽度", "位置", "批次") for text in texts],
    title="第一个窗口的位置 7 改了一个字符。谁的归一化向量动了？",
    x_name="位置",
    alt="九行，每行八个方格：三个窗口，三种归一化。沿宽度，只有一格不是零：第一个窗口的位置 7，3.41。沿位置，整个第"
    "一个窗口都动了，位置 0 到 6 动了 0.43 到 0.67，位置 7 动了 3.64。沿批次，三个窗口的位置 7 都动了，分别是 1.21、"
    "0.66 和 0.96。",
)
print("批次里只有一个窗口时，沿批次归一化，离 0 最远的数是", normalise_over(x[:1], 0).abs().max().item())

# %% [markdown]
# - **沿位置**：整个第一个窗口都动了。位置 7 改了，位置 0 居然听到了风声，也就是说它知道一点未来。要猜下一个字符的模型，会发现答案漏了进来，训练时作弊作得漂亮，自己写的时候就露馅了，因为那时没有未来可以偷看。
# - **沿批次**：另外两个窗口在同一个位置动了。它们是别的文本，跟我们毫不相干。模型说什么，竟然要看同一批里碰巧坐着谁；要是批次里只有一个窗口，就什么都不剩，全是零。
# - **沿宽度**：只动了一个向量，就是改过的那个。每个字符都用自己的数来归一化，不管它前面、后面、旁边是什么。
#
# 所以就沿宽度：`dim=-1`，最后一维。**层归一化**说的就是这个。（你可能在图像模型里见过“批归一化”，也就是 batch norm。它沿着批次和所有位置一起取均值，每列一个均值。用在照片上很好，用在我们的文本上，两头都漏。）

# %%
draw.lines(
    {"之前": x[0].std(dim=-1, correction=0), "之后": over_width[0].std(dim=-1, correction=0)},
    title="“Let's he”每个向量的标准差",
    x_name="位置",
    y_name="标准差",
    alt="两条线，横轴是位置 0 到 7。之前，标准差忽高忽低，最小 0.57，是位置 2 的 t；最大 1.81，是位置 6 的 h。之后，"
    "是一条停在 1 的水平线。",
)

# %% [markdown]
# 原来 `h` 的嗓门是 `t` 的三倍。现在八个说话都一样响。
#
# - [ ] 05.06 沿任何一维归一化
# - [ ] 05.07 改一个字符，看清还有谁动了
# - [ ] 05.r1 我说得出，沿位置归一化会漏什么，沿批次又会漏什么

# %% [markdown]
# ## 还一点回去 · 10 分钟
#
# 我们管得很严：每个向量都是均值 0、标准差 1，没有例外。可也许下一层希望每个向量的 3 号数响一点，5 号数高一点。所以我们添两个能**学习**的向量：一个是用来乘的**增益**，一个是用来加的**偏置**，每列各有一个数。给我们那四个数用的，是这样：

# %%
gain = torch.tensor([1.0, 2.0, 0.5, 1.0])
bias = torch.tensor([0.0, 0.0, 3.0, -1.0])
print(normalised)

# %% [markdown]
# 下一道题的后半部分是个谜语。要是所有增益都相等，所有偏置也都相等，它们能把这一整步抵消掉，让原来的 `token` 再出来吗？想想当初拿走了什么，先后顺序是什么。

# %%
adjusted = ____  # 每个归一化后的数乘它的增益，再加它的偏置
undo_gain = ____  # 一个数：把大小还给 `token` 的增益
undo_bias = ____  # 一个数：把中间还给它的偏置
restored = undo_gain * normalised + undo_bias
check("05.08")

# %%
print("调整后：", adjusted)
print("还原后：", restored)

# %% [markdown]
# 增益 3，偏置 4，token 就回来了。所以对这一个向量来说，什么都没丢：增益和偏置取对了，这一步就能抵消。
#
# 可向量有很多，各有各的均值，各有各的大小，而增益和偏置，对每段文本的每个字符都是同一套。它们能还原一个向量，没法一次还原所有的。大小是没了，而这正是目的。我们还回去的，是每**列**可以自己选，这里是 8 列，正式的模型里是 64 列：选多响，选以哪里为中间。增益从 1 开始，偏置从 0 开始，所以一开始什么都不改变。
#
# 这些 PyTorch 全放在一个函数里了：`F.layer_norm(x, shape, gain, bias)`。`shape` 里是最后几维的大小，要沿着它们归一化。它是个元组，我们的只有一个数，就是宽度。

# %%
width = x.shape[-1]
torch.manual_seed(1340)
gains, biases = torch.rand(width) + 0.5, torch.randn(width)
by_hand = normalise_over(x, -1) * gains + biases

# %%
by_library = ____  # 同样的东西，用库来算
check("05.09")

# %%
print(f"跟我们的最多相差：{(by_hand - by_library).abs().max().item():.7f}")

# %% [markdown]
# 库做的就是你做的。（很多更新的模型用的是一个便宜点的亲戚，**RMSNorm**。它不减均值，只除以平方均值的平方根，再乘上学出来的增益，通常没有偏置。）
#
# - [ ] 05.08 缩放、平移，又把这一整步抵消掉
# - [ ] 05.09 跟库的结果比过
# - [ ] 05.r2 我说得出，增益和偏置还回去的是什么，什么再也回不来

# %% [markdown]
# ## 之前，还是之后？ · 12 分钟
#
# 我们模型里的块，不是换掉流，而是往流里**加**东西：`x + layer(x)`，残差连接。为什么，你知道：不管这一层做什么，旁边都有一条直路绕过它。归一化放在这一行的什么地方呢？有两派：
#
# - **post-norm** 归一化的是出来的东西：相加的结果，流也在里面
# - **pre-norm** 归一化的是层读进去的东西，流原封不动
#
# 两种都试试，再跟完全不归一化的比一比。层就是我们那 20 个矩阵，用刚才那个正好的大小，1/8。

# %%
def layer(x: torch.Tensor, matrix: torch.Tensor) -> torch.Tensor:
    """一层，权重随机，大小正好让分散程度不变。"""
    return x @ (matrix / 8)


def norm(x: torch.Tensor) -> torch.Tensor:
    """层归一化，没有增益和偏置。"""
    return normalise_over(x, -1)


def plain(x: torch.Tensor, matrix: torch.Tensor) -> torch.Tensor:
    """一个块，完全不归一化。"""
    return x + layer(x, matrix)

# %%
def post_norm(x: torch.Tensor, matrix: torch.Tensor) -> torch.Tensor:
    """一个块，归一化的是相加的结果。"""
    return ____  # 跟 `plain` 一样，结果要归一化


def pre_norm(x: torch.Tensor, matrix: torch.Tensor) -> torch.Tensor:
    """一个块，它的层读的是归一化后的数；流本身保持原样。"""
    return ____  # 跟 `plain` 一样，只是层读的是归一化后的流


check("05.10")

# %%
def lengths(block):
    """流的八个向量的平均长度，一开始以及每个块之后。"""
    x = start
    found = [x.norm(dim=-1).mean().item()]
    for matrix in matrices:
        x = block(x, matrix)
        found.append(x.norm(dim=-1).mean().item())
    return found


draw.lines(
    {"不归一化": lengths(plain)[:8], "pre-norm": lengths(pre_norm)[:8], "post-norm": lengths(post_norm)[:8]},
    title="前 7 个块，每个块之后流的向量有多长",
    x_name="块数",
    y_name="长度",
    alt="三条线，都从 8.2 出发。不归一化，长度往上翘，7 个块之后到 93。pre-norm 越升越慢，到 23。post-norm 平平地停"
    "在 8。",
)
for block in (plain, pre_norm, post_norm):
    print(f"{block.__name__:>9}：一开始 {lengths(block)[0]:.1f}，20 个块之后 {lengths(block)[-1]:,.1f}")

# %% [markdown]
# 不归一化，每个块都把流拉长到大约 1.4 倍，因为它读到的流更长，回答的嗓门也就更大。20 个块之后，长度是 8,004；要是 20 个全画出来，图上就只看得见这一条线。
#
# 用 pre-norm，层读到的向量总是一样大，所以每个块加进去的，跟前一个块差不多。流长得很慢，到 37 为止，而且没有哪一层会察觉，因为它们读到的都是归一化过的。（模型的最末尾还有一个归一化层，在第 10 章。）
#
# 用 post-norm，长度永远是 8，也就是 64 的平方根。三种里面它看上去最整齐。代价是什么？每次归一化，被除的都是**整个**流，连嵌入在最开头写下的东西也一起除。（这里用 `start` 来代替嵌入。）跟着这一部分走过 20 个块，三种办法都走一遍，看看最后它还占流的多少。先猜：三种里，哪一种给它留下的占比最大？

# %%
for block in (plain, pre_norm, post_norm):
    stream, written = start, start  # 流，以及嵌入写进去的东西
    for matrix in matrices:
        if block is post_norm:  # 归一化对整体做什么，就对这部分做什么
            spread = plain(stream, matrix).std(dim=-1, correction=0, keepdim=True)
            written = (written - written.mean(dim=-1, keepdim=True)) / spread
        stream = block(stream, matrix)
    part, whole = written.norm(dim=-1).mean().item(), stream.norm(dim=-1).mean().item()
    print(f"{block.__name__:>9}：嵌入那部分长 {part:.3f}，流长 {whole:,.1f}：占 1/{whole / part:,.1f}")

# %% [markdown]
# 用 pre-norm，还有五分之一多。流从来没有被除过，所以嵌入写下的东西原封不动，而各层加进去的也有分寸。梯度回来，走的也是这条直路。
#
# 完全不归一化，它也原封不动，可各层的声音把它盖得只剩千分之一。用 post-norm，比千分之一也多不了多少：流被削回原来大小削了 20 次，嵌入那部分每次都跟着挨一刀，每刀剩下大约 0.7。梯度沿着直路回来，碰上的也是这 20 次归一化。（我们这里的层，读到多响，说得就多响。到第 09 章，真正的层一开始要轻一些，情况没这么糟。）
#
# 第一个 Transformer 是 post-norm，训练的时候大家只能小心翼翼，从极小的步子迈起。GPT-2 把归一化挪到了前面，几乎人人跟进，我们也一样。
#
# - [ ] 05.10 把归一化放在相加之后，又放到层之前
# - [ ] 05.r3 我画得出 pre-norm 和 post-norm，也说得出为什么我们用 pre-norm

# %% [markdown]
# ## 类 · 12 分钟
#
# 只有一样是新的：`nn.Parameter(tensor)` 把一个张量变成参数。一旦成了模块的属性，优化器就找得到它，存模型的时候它也会存下来。（`nn.Linear` 和 `nn.Embedding` 替你做了这件事，这里没有人替你做。）

# %%
class LayerNorm(nn.Module):
    """用每个向量自己的数把它归一化，再按学到的东西缩放和平移。"""

    def __init__(self, dim: int, eps: float = 1e-5) -> None:
        """`dim` 是宽度。一开始，增益和偏置什么都不改变。"""
        super().__init__()
        self.eps = eps
        self.gain = ____  # 一个用来乘的参数，一开始什么都不改变
        self.bias = ____  # 一个用来加的参数，一开始什么都不改变

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """沿最后一维归一化：(..., dim) -> (..., dim)。"""
        mean = ____  # 每个向量的均值
        variance = ____  # 它的有偏方差
        normalised = (x - mean) / (variance + self.eps).sqrt()
        return ____  # 缩放，平移


check("05.11")

# %%
layer_norm = LayerNorm(small.embedding_dim)
print([(name, tuple(parameter.shape)) for name, parameter in layer_norm.named_parameters()])

with torch.no_grad():
    stream = running.after("04")
    ready = LayerNorm(stream.shape[-1])(stream)
draw.heat(
    ready[0],
    rows="Let's he",
    title="“Let's he”，归一化之后：第一层将要读到的",
    alt="八行，标着 L、e、t、撇号、s、空格、h、e；八列，数在 -1.95 和 2.00 之间。现在各行的颜色差不多一样浓，t 跟 h "
    "一样。两个 e 不同。",
)
print(f"一行的均值，离 0 最远也不过 {ready.mean(dim=-1).abs().max().item():.6f}")
print("标准差：", ready[0].std(dim=-1, correction=0))
print("第 06 章就从这里开始：", torch.equal(ready, running.after("05")))

# %% [markdown]
# 跟第 04 章的最后一张图比一比。那时 `h` 从 -3.36 到 3.21，`t` 从 -1.20 到 0.53。现在 `t` 画得跟别的一样浓，而每一行里，最大的数还是最大，最小的还是最小。
#
# 这是地图上的几行。这些形状你都见过，所以已经填好了。它们没说的是：这些数里，哪些是**学**来的，哪些是每来一个批次就重新**量**一遍的。
#
# 给正式的模型把两种都数一数，它的设置在 `config` 里。每个块有两个归一化层，有几个块看 `num_layers`，最末尾还有一个归一化层。先猜：学来的数多，还是量出来的数多？批次大了，又是哪一种会跟着变多？

# %%
shapes = {
    "stream": (config.batch_size, config.input_sequence_length, config.embedding_dim),
    "mean": (config.batch_size, config.input_sequence_length, 1),
    "gain": (config.embedding_dim,),
    "normalised": (config.batch_size, config.input_sequence_length, config.embedding_dim),
}
norms = ____  # 模型有几个归一化层
learned = ____  # 它们一共学多少个数
measured = ____  # 它们从一个批次里取多少个均值和方差
check("05.12")

# %%
for name, shape in shapes.items():
    print(f"{name:>12}  {shape}")
print(f"{norms} 个归一化层，学 {learned:,} 个数，每个批次量 {measured:,} 个数")

# %% [markdown]
# 学来的 1,152 个，量出来的 13,824 个。批次大了，量的就多，可要学的数一个也不会多：大家共用同样的增益和偏置。存模型的时候，那 1,152 个会进文件。量出来的，用完就忘。而且因为每个向量是单独量的，一个字符和一整个批次，一样可以归一化。
#
# - [ ] 05.11 写出 LayerNorm 类
# - [ ] 05.12 数清归一化层学多少，量多少

# %% [markdown]
# ## 挑战：归一化听不见什么
#
# 选做。到现在为止，梯度你大多交给了 autograd。这一个你自己就能求出来，用一点几何，不用微积分；它还会告诉你，什么东西隔着归一化永远学不到。
#
# 一个向量进了归一化（没有增益，没有偏置），出来的是 `out`。`grad_out` 是 `out` 处的梯度：它的每个数变一点，损失会变多少。那么到达这个向量的梯度是什么？有两种变化，永远到不了输出。你可以给向量的所有数加同一个数；你也可以把它所有的偏差拉长同样的倍数。这两样，归一化都听不见，所以向量处的梯度在这两个方向上没有分量：(1, 1, ..., 1) 的方向上没有，`out` 的方向上也没有。在跟这两个方向都成直角的任何方向上，一个小小的变化，出来的时候就除以了标准差。
#
# 所以，先从 `grad_out` 里去掉指向这两个方向的部分。剩下的是 `heard`，跟两者都成直角。然后再管标准差。一个向量在某个方向上的分量有多大，点积会告诉你。不过要留神 `out` 的长度：它的平方的均值是 1。

# %%
torch.manual_seed(1340)
vector, grad_out = 3 * torch.randn(width) + 2, torch.randn(width)
deviation = vector.std(correction=0)
out = (vector - vector.mean()) / deviation


def by_autograd():
    """`vector` 处的梯度，用平常的办法求。"""
    leaf = vector.clone().requires_grad_()
    return torch.autograd.grad(normalise(leaf) @ grad_out, leaf)[0]

# %%
heard = ____  # `grad_out`，去掉两个方向上的分量
grad_in = ____  # `vector` 处的梯度
print("你的：    ", grad_in)
print("autograd：", by_autograd())
check("05.13")

# %% [markdown]
# 所以隔着归一化，没有哪个梯度会说“大声点”，或者“你们全都往上一点”。而且因为要除以标准差，微弱的向量得到的梯度大，响亮的向量得到的梯度小。
#
# - [ ] 05.13 挑战：不用 autograd，求出归一化的梯度

# %% [markdown]
# ## 现在归你了
#
# - 过了 20 层，数不是爆炸就是消失，除非权重恰到好处，或者有个东西每次都盯着数本身
# - **归一化**：减去均值，除以 (方差 + eps) 的平方根，方差用**有偏**的那个
# - 沿**宽度**，不沿位置（未来会漏进来），不沿批次（邻居会漏进来）
# - **增益**和**偏置**让每列又可以自己选；每个向量原来有多响，再也回不来了，这是故意的
# - **pre-norm**：层读的是归一化后的数，流照样往下流，谁也没碰它
# - `LayerNorm(dim, eps=1e-5)`：什么形状进去，什么形状出来
#
# 你的模型里会有九个：四个块，每个块两个，末尾再一个。它们中间要放的，就是前面这一切为之铺路的东西：**06 AttentionHead**，字符头一回互相看见。
