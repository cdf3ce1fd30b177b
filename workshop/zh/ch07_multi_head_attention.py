# %% [markdown]
# # 07 MultiHeadAttention
# <!-- Made from checkpoints/ch07_multi_head_attention.py by scripts/build.py. From your first edit on it is yours. -->
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/OWNER/REPO/blob/main/workshop/zh/ch07_multi_head_attention.ipynb)
# [![Open in GitHub Codespaces](https://github.com/codespaces/badge.svg)](https://codespaces.new/OWNER/REPO?quickstart=1)
#
# 让几个头同时看，各看各的东西，再把它们找到的合成一个向量。
#
# 75 分钟，七节。你需要第 06 章，还有当年在图像网络里见过的残差连接。
#
# 这一章没什么新的数学，只有三个决定。每一个，你都会看到不这么决定的人是什么下场。

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

from nanogpt import AttentionHead, Config
from workshop import ____, check, draw, hint, running, solution

# %%
torch.set_printoptions(precision=3, linewidth=100, sci_mode=False)  # 一行放下八个数
config = Config()
small = Config.small()
print(config)
print(small)

# %% [markdown]
# ## 两个邻居，一个头 · 12 分钟
#
# 一个头往回看，判断什么要紧，然后交出**一份**混合。可一个位置常常需要两样东西。在我们的剧本里，`th` 后面每 100 次有 46 次是 `e`，`ht` 后面只有 14 次。所以这两个字母谁在后头很重要，它们各自的消息，这个位置必须能分开听到。
#
# 假设每个邻居有一个数要传过来。前一个字符说 2，再前一个说 6。一个头要是两边看得一样重，交出的就是 4。换一段文本，它们说的是 6 和 2，头交出的又是 4。
#
# 行，那就让权重不一样：四分之三和四分之一。这下两段文本分别给出 3 和 5。麻烦就此解决了吗？先猜，再填：这个头交出什么？还有哪**另外**一对数，在它看来是一样的？

# %%
weights = torch.tensor([0.75, 0.25])  # 给前一个字符的，和给再前一个的
pair = torch.tensor([2.0, 6.0])
other_first = torch.tensor(1.0)  # 在另一段文本里，前一个字符说的是这个

# %%
seen = ____  # 头交出的东西：每个数乘上自己的权重，再加起来
other_second = ____  # 第二个数取多少，头交出的结果才会一样
check("07.01")

# %%
print(f"{pair.tolist()} 在这个头看来是 {seen.item():.2f}，[{other_first.item():.2f}, {other_second.item():.2f}] 也是")

# %% [markdown]
# (2, 6) 和 (1, 9)，这个头分不出来。(3, 3) 和 (4, 0) 也一样。一个数里找不回两个数，权重怎么挑都不行。（真正的头交出的不止一个数。但所有的数都是按同样的权重混合的：只看一眼，拿走许多数。）
#
# 不过，也许有些权重丢得少一点。拿一千对随机数来量一量。函数 `lost` 会找出最好的线性规则，从交出来的东西里读回两个邻居，然后告诉你还有多大比例不知道：0 表示全都读得出来，1 表示什么都读不出来。

# %%
torch.manual_seed(7)
pairs = torch.randn(1000, 2)  # 每一行：前一个字符，再前一个
look = torch.tensor([[0.75, 0.25]])  # 一个头一行：它的两个权重
looks = torch.tensor([[0.75, 0.25],
                      [0.4, 0.6]])


def lost(handed: torch.Tensor) -> float:
    """`pairs` 中有多大比例，从头交出的东西里读不出来：(1000, heads)。"""
    rule = torch.linalg.lstsq(handed, pairs).solution
    return ((pairs - handed @ rule).square().sum() / pairs.square().sum()).item()

# %% [markdown]
# 一次乘法就能算完所有的对。`pairs` 是 (1000, 2)，`look` 是 (1, 2)，一个头一行。要让两个 2 碰头，得把其中一个矩阵转置。

# %%
one_head = ____  # 每一对数，一个头交出的东西：(1000, 1)
two_heads = ____  # `looks` 里的两个头交出的东西：(1000, 2)
check("07.02")

# %%
print(f"一个头丢了 {lost(one_head):.2f}，两个头丢了 {lost(two_heads):.2f}")
steps = [step / 20 for step in range(21)]
tried = torch.tensor([[[step, 1 - step], [1 - step, step]] for step in steps])  # 第二个头的权重对调过
draw.lines(
    {
        "一个头": [lost(pairs @ heads[:1].T) for heads in tried],
        "两个头，第二个的权重对调": [lost(pairs @ heads.T) for heads in tried],
    },
    x=steps,
    x_name="第一个头给前一个字符的权重",
    y_name="丢掉的比例",
    title="关于两个邻居，有多少始终不知道",
    alt="权重从 0 到 1 的两条线。一个头的那条是平的，不管权重多少都在一半左右，在 0.49 和 0.51 之间。两个头的那条贴"
    "着零，只在权重为二分之一处有一个尖峰，碰到了另一条线。",
)

# %% [markdown]
# 那条平线，你料到了吗？权重是 1，头就照抄一个邻居，对另一个一无所知。权重是 1/2，两边各知道一半。介于两者之间，这边多知道一点，那边就少知道一点。总是丢掉一半上下。
#
# 两个头什么都不丢。不必一人分管一个邻居，只要看法**不同**就够了。中间那个尖峰，是两个头做同一件事的地方：两个头意见完全一致，那就是一个头。
#
# - [ ] 07.01 找出一个头分不清的两对数
# - [ ] 07.02 量出一个头丢多少，两个头丢多少

# %% [markdown]
# ## 分宽度 · 10 分钟
#
# 所以我们要好几个头。代价是什么？每个头有三个矩阵，`query`、`key` 和 `value`，每个矩阵都是从模型的宽度到头的大小。两个跟模型一样宽的头，价钱是一个的两倍；十六个就是十六倍。
#
# 有个办法可以白拿：**把宽度分掉**。我们的小模型有八个数，两个头来分，一人四个。先在纸上算：头没有偏置，所以有 3 x 8 x 4 个参数。

# %%
width, heads_wanted = small.embedding_dim, small.num_heads
if_all_wide = heads_wanted * 3 * width * width
print(f"{heads_wanted} 个跟模型一样宽的头：{if_all_wide} 个参数")

# %%
head_size = ____  # 每个头交出几个数，要整数
if_split = ____  # 每个头都这么大，所有头一共有多少参数
check("07.03")

# %%
print(f"分开：每个 {head_size} 个数，{if_split} 个参数")
for number in (1, 2, 4, 8, 64):
    size = 64 // number
    print(f"宽度 64，分成 {number:2} x {size:2}：{number * 3 * 64 * size:,} 个参数")

# %% [markdown]
# 头的个数从式子里消失了：几个头合起来，跟一个宽的头一样贵。query 和 key 的乘法也是如此：每一对位置要做 8 次乘法，一口气做完也好，四个四个分两批做也好。
#
# 那为什么不干脆用 64 个头，每个一个数？头是靠比较 query 和 key 来找位置的，只剩一个数，就没什么可比了。头越多，每个头越钝。最小的 GPT-2 把 768 分给 12 个头，每个 64。我们的正式模型把 64 分给 4 个头，每个 16。
#
# 除法不能有余数。64 分给 5 个头，每个 12，一共 60，剩下四个数没人要。
#
# 现在做两个头，各有各的数，让它们看 `Let's he`。进去的是第 05 章留给我们的归一化过的向量。有 `.eval()` 在，dropout 是关着的，所以这些数不会乱动。

# %%
sentence = running.SENTENCE
embedded = running.after("04")  # 嵌入的输出：(1, 8, 8)
normed = running.after("05")  # 同样的东西，归一化过：头看到的就是它
print(tuple(normed.shape))

# %%
torch.manual_seed(1342)
heads = ____  # 一个列表，里面的头都是新做的，处于 eval 模式
outputs = ____  # 一个列表：每个头交出的东西
check("07.04")

# %%
print([tuple(output.shape) for output in outputs])
draw.heat(
    torch.stack([head.weights(normed)[0, -1] for head in heads]),
    rows=[f"头 {number}" for number in range(len(heads))],
    columns=sentence,
    title="“Let's he”的最后一个 e 在看哪里，什么都还没学的时候",
    alt="两行，一个头一行；八列，一个字符一列。头 0 给最后一个 e 自己 0.20，给其余每个 0.11 到 0.13。头 1 的注意力分"
    "得很匀，从给第一个 e 的 0.10 到给 t 和 h 的 0.14。",
)

# %% [markdown]
# 两个头，看同样的八个字符，看法却不一样。没有人叫它们不一样，只是一开始的随机数不同罢了。以后训练起来，它们大可以各走各的路。
#
# - [ ] 07.03 把宽度分掉
# - [ ] 07.04 让两个头去看句子

# %% [markdown]
# ## 并排 · 10 分钟
#
# 每个头给出 (1, 8, 4)，而模型的其余部分要的是 (1, 8, 8)。把两个头的输出加起来，还是 (1, 8, 4)，而且是老毛病：谁也没法把两部分再分开。所以要让它们**并排**：每个位置上，先是头 0 的四个数，再是头 1 的四个数。
#
# `torch.cat` 沿着一维把张量粘起来，可选的有三维：批次、位置、数。选一个。然后说出要是沿着**位置**（第 1 维）粘，会得到什么形状：写成元组，用你手头有的名字。

# %%
side_by_side = ____  # 两个头的输出，粘成 (1, 8, 8)，头 0 在前
along_places = ____  # 沿着第 1 维粘会得到的形状
check("07.05")

# %%
draw.heat(
    side_by_side[0],
    rows=sentence,
    columns=[f"{number}.{column}" for number in range(heads_wanted) for column in range(head_size)],
    title="并排：0.0 到 0.3 列来自头 0，1.0 到 1.3 列来自头 1",
    alt="八行，一个字符一行；八列数，在 -0.71 和 0.82 之间。L 除了自己什么都看不到，它那一行颜色最浓；最后四行最淡。",
)

# %% [markdown]
# 选错了维，得到 (1, 16, 4)，而下一层要 8 个数，会拒收。这算你走运。可是一个累坏了的人看到形状报错，会怎么办？写上 `.view(1, 8, 8)`，错误就不见了。
#
# 来看看跟着错误一起不见的还有什么。我们只改**最后**一个字符。谁都看不见未来，所以该变的只有最后一行。猜猜累坏了的人写的那一版会怎样。

# %%
def glued(x: torch.Tensor) -> torch.Tensor:
    """各个头的输出，并排。"""
    return torch.cat([head(x) for head in heads], dim=-1)


def forced(x: torch.Tensor) -> torch.Tensor:
    """沿着位置粘，再硬塞成我们要的形状。"""
    return torch.cat([head(x) for head in heads], dim=1).view(x.shape)


nudged = normed.clone()
nudged[0, -1] += 1  # 最后一个字符换了
print("      ", *(f"{letter:>5}" for letter in sentence))
for version in (glued, forced):
    change = (version(nudged) - version(normed)).abs().sum(dim=-1)[0]
    print(f"{version.__name__:6}", *(f"{size:5.2f}" for size in change.tolist()))

# %% [markdown]
# 位置 7 一变，位置 3 的撇号也跟着变了。撇号**看见了未来**，尽管因果掩码好端端地在那儿。`view` 按存放的顺序把数倒进新的形状，于是第 3 行装的成了头 0 对位置 6 和 7 的看法。训练的时候，这样的模型成绩耀眼，因为它能偷看答案。等到真要写的时候，没有答案可偷看了。
#
# `view` 和 `reshape` 从来治不好形状错误，只会把它藏起来：你要什么形状就给什么形状，至于那些数是什么意思，它不管。
#
# - [ ] 07.05 让几个头并排
# - [ ] 07.r1 我说得出，硬塞出来的形状搞乱了什么

# %% [markdown]
# ## 让它们交谈：投影 · 12 分钟
#
# 八列现在各有主人了。头 0 写前四列，头 1 写其余的，永远如此。还记得开头的 2 和 6 吗？一个头找到了 2，另一个找到了 6，而这个位置想知道哪个大。那就需要两者的差，可没有哪一列装着它。
#
# 一行权重就能算出来：1 x 2 + (-1) x 6。所以还需要一个矩阵，一个可以把所有列混起来的矩阵：从宽度到宽度的 Linear。它叫**投影**。
#
# 下一个单元格用同样的种子把两个头重做一遍，所以数也一样。接着抽出来的那些数，就归投影了。

# %%
torch.manual_seed(1342)
heads = [AttentionHead(head_size, small).eval() for _ in range(heads_wanted)]
projection = ____  # 从所有的列，到同样多的新列
projected = ____  # 两个头的数，混在一起
check("07.06")

# %%
silent = torch.cat([outputs[0], *(0 * output for output in outputs[1:])], dim=-1)  # 只有头 0 在说话
draw.heat(
    torch.stack([
        (side_by_side - silent).abs().mean(dim=(0, 1)),
        (projected - projection(silent)).abs().mean(dim=(0, 1)),
    ]),
    rows=["并排", "投影后"],
    title="头 1 一闭嘴，八列各变了多少",
    alt="两行，每行八个格子。上面一行是投影之前，前四格是零，其余 0.12 到 0.22。下面一行是投影之后，没有一格是零，都"
    "在 0.03 和 0.08 之间。",
)

# %% [markdown]
# 投影之前，头 1 守着自己的四列，它说什么都传不到别的列。投影之后，每一列都听到了两个头的话。
#
# 这个层还可以换个角度来看。值得花五分钟，因为专门研究这类模型内部的人就是这么看的。把权重矩阵切成两块：对着头 0 的那些列，和对着头 1 的那些列。每个头的输出乘上自己的那些列，然后相加。

# %%
columns = projection.weight.split(head_size, dim=1)
print([tuple(part.shape) for part in columns])

# %%
messages = ____  # 每个头：它的输出乘它的那些列
together = ____  # 所有消息加起来，偏置只加一次
check("07.07")

# %%
print("和投影的最大差别：", f"{(together - projected).abs().max().item():.7f}")

# %% [markdown]
# 一样，只差舍入误差。所以“先并排，再投影”的意思是：**每个头给整个向量写一条消息，所有消息加起来**。头与头之间不轮流发言，也不投票。它们相加。
#
# - [ ] 07.06 让投影把各个头混起来
# - [ ] 07.07 把投影拆开，每个头一条消息

# %% [markdown]
# ## 旁路：残差 · 13 分钟
#
# 还有一件事不对，而且是大事。一个位置上出来的，是各个头所找到的东西的混合。那这个位置自己呢？最后那个 `e` 看了八个字符，可没有什么能保证混合的结果里还写着它曾经是个 `e`。
#
# 药方你在图像网络里见过，第 05 章也用过：原来的留着，新的**加**上去。可现在桌上有四个形状相同的张量：`embedded`、`normed`、`side_by_side` 和 `projected`。该加在一起的是其中两个。哪两个？

# %%
mixed = ____  # 每个位置原来是什么，加上各个头要告诉它的
check("07.08")

# %%
print("最后那个 e 原来是   ", embedded[0, -1].detach())
print("各个头告诉它        ", projected[0, -1].detach())
print("于是它成了          ", mixed[0, -1].detach())

# %% [markdown]
# `embedded` 是流，归一化之前的样子。归一化只是头读东西时戴的一副眼镜，书页本身没变。`projected` 是新的，是头与头交谈过之后的结果。
#
# 那个 `e` 还认得出来，稍微变了一点。一个还什么都不懂的层，不该有本事闯大祸；有了旁路，它就闯不了。
#
# 这有多要紧，层一叠起来就知道了。拿一个乘以 0.1 的层，叠十个。在底下轻轻推一下，传到顶上要乘 0.1 x 0.1 x ...，也就是 0.0000000001。有了旁路，每层乘的是 1 + 0.1，十层一共乘 2.6。往上走的推动和往下走的梯度，碰到的是同样的因子。
#
# 刚才是算术。现在换成注意力：十个像我们这样的层，各有各的随机数，没有旁路来一遍，有旁路再来一遍。猜猜有多少梯度能传到底下。

# %%
class Layer(nn.Module):
    """头，并排，投影：到目前为止你有的，没有旁路。"""

    def __init__(self) -> None:
        """全新的随机数。"""
        super().__init__()
        self.heads = nn.ModuleList(AttentionHead(head_size, small) for _ in range(heads_wanted))
        self.projection = nn.Linear(width, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, sequence, width) 进，同样的形状出。"""
        return self.projection(torch.cat([head(x) for head in self.heads], dim=-1))


torch.manual_seed(3)
layers = [Layer().eval() for _ in range(10)]

# %%
start = embedded.clone().requires_grad_()
bare, road = start, start
for layer in layers:
    bare = ____  # 再往上一层，没有旁路
    road = ____  # 再往上一层，留着原来的
check("07.09")

# %%
def gradients(with_road: bool) -> list[float]:
    """经过 0, 1, ..., 10 层之后梯度的长度；求的是顶上所有数之和的梯度。"""
    heights = [embedded.clone().requires_grad_()]
    for layer in layers:
        x = heights[-1]
        heights.append(x + layer(x) if with_road else layer(x))
    return [slope.norm().item() for slope in torch.autograd.grad(heights[-1].sum(), heights)]


without, with_it = gradients(with_road=False), gradients(with_road=True)
print(f"顶上的梯度：{without[-1]:.2f}；底下的：没有旁路 {without[0]:.6f}，有旁路 {with_it[0]:.2f}")
print(f"位置之间差多少：底下 {start.std(dim=1).mean().item():.2f}；顶上，没有旁路 {bare.std(dim=1).mean().item():.7f}"
    f"，有旁路 {road.std(dim=1).mean().item():.2f}")
draw.lines(
    {
        "没有旁路": torch.tensor(without).log10(),
        "有旁路": torch.tensor(with_it).log10(),
    },
    x_name="下面有几层",
    y_name="梯度，10 的几次方",
    title="梯度从第 10 层往下走，一路还剩多少",
    alt="0 到 10 层的两条线。有旁路时，梯度一路都在十的 1 次方附近。没有旁路时，线在 10 层处从同样的高度出发，稳稳地"
    "往下掉，每层大约掉半个数量级，到底下是十的 -4.3 次方。",
)

# %% [markdown]
# 没有旁路，传到底下的梯度是顶上的 160,000 分之一。有了旁路，梯度往下走反而变大，从 8 变到 21，因为每一层都往经过的东西里添上自己的一份。
#
# 打印出来的第二行更让人难过。头做的是平均，连着平均十次，位置与位置就再也分不出来了：八个字符变成了同一个向量的八份拷贝。有了旁路，每个位置还是它自己，只是听到的越来越多。
#
# 所以沿着这条路流动的东西，全名叫**残差流**。从这里起，一切都从它那里读，再往它上面加。（在我们的模型里，加法不归注意力管，归包着它的块管，那是第 09 章的事。所以下面的类里没有这个加法。）
#
# - [ ] 07.08 选好留下什么，再往上加什么
# - [ ] 07.09 送句子爬十层，没有旁路一遍，有旁路一遍
# - [ ] 07.r2 我说得出，旁路对梯度有什么用，对位置又有什么用

# %% [markdown]
# ## 谁也看不见的列表：nn.ModuleList · 8 分钟
#
# 写类之前，先看一个坑，有人在里面蹲过好几天。下面这个模块把头存在一个列表里。看上去没问题，每个头算得也对。它有多少个参数？在纸上算：2 个头，每个 3 x 8 x 4，再加一个投影，8 x 8 外加 8 个偏置，一共 264。

# %%
class Listed(nn.Module):
    """一个普通 Python 列表里的头，外加一个投影。"""

    def __init__(self) -> None:
        """头的个数照 `small` 说的来。"""
        super().__init__()
        self.heads = [AttentionHead(head_size, small) for _ in range(small.num_heads)]
        self.projection = nn.Linear(width, width)

# %%
def count(module: nn.Module) -> int:
    """这个模块有多少个数会交给优化器。"""
    return ____  # 走遍它的参数，把每个参数有多少个数加起来


class Registered(Listed):
    """一样，只是列表换成 PyTorch 认识的那种。"""

    def __init__(self) -> None:
        """同样的头，登记过。"""
        super().__init__()
        self.heads = ____  # 同样的头，装进本节标题里的那种列表


check("07.10")

# %%
print("放在列表里：           ", count(Listed()))
print("放在 nn.ModuleList 里：", count(Registered()))
print("从列表存下来：         ", list(Listed().state_dict()))
print("eval() 之后，那些头还在训练模式吗？", [head.training for head in Listed().eval().heads])

# %% [markdown]
# 264 个里只有 72 个。`nn.Module` 找参数，是在自己的属性里找，见到模块它认得，普通的 Python 列表它不会翻开看。所以优化器从来没听说过这些头，它们永远是随机数。`eval()` 够不着它们的 dropout。`state_dict()`，也就是会保存下来的东西，里面没有它们的一个权重；`.to("cuda")` 也会把它们落下。
#
# 而且**不报错**。损失甚至会下降，因为其余的部分学会了拿随机的头凑合着过。只有数一数才能发现。养成习惯：训练之前，数一遍参数，跟纸上算的对一对。
#
# - [ ] 07.10 数清列表藏起来的参数，再把它们找回来

# %% [markdown]
# ## 类和地图 · 10 分钟
#
# 四个空，没有新东西。有两样是写好的：宽度分不匀时的报错，还有一个 dropout 层。第 06 章的那个作用在权重上，这个作用在往外送的东西上。

# %%
class MultiHeadAttention(nn.Module):
    """几个并排的头，加一个让它们交谈的投影。残差的相加，留给块去做。"""

    def __init__(self, config: Config) -> None:
        """`config.num_heads` 个头来分 `config.embedding_dim`；有余数就 ValueError。"""
        super().__init__()
        if config.embedding_dim % config.num_heads:
            raise ValueError(f"{config.num_heads} heads cannot split {config.embedding_dim} numbers evenly")
        head_size = config.embedding_dim // config.num_heads
        self.heads = ____  # 头，放在 PyTorch 看得见的地方
        self.projection = ____  # 把它们混起来的东西
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, sequence, embedding_dim) -> 形状不变。"""
        side_by_side = ____  # 所有头交出的东西，并排，头 0 在前
        return ____  # 混合，再过一遍 dropout


check("07.11")

# %%
torch.manual_seed(1342)
attention = MultiHeadAttention(small).eval()
mixed = embedded + attention(normed)
print(mixed[0].detach())
print("第 08 章就从这里开始吗？", torch.equal(mixed, running.after("07")))

real = MultiHeadAttention(config)
inputs_shape = (config.batch_size, config.input_sequence_length, config.embedding_dim)
print(f"正式的模型里：{inputs_shape} -> {tuple(real(torch.zeros(inputs_shape)).shape)}")
print(f"{count(real):,} 个参数，头里 {count(real.heads):,} 个，投影里 {count(real.projection):,} 个")

# %% [markdown]
# 最后是张量地图：这一章给正式的模型新添的。一个数要是除出来的，就把除法写出来，用双斜杠。

# %%
shapes = {
    "normalised": (config.batch_size, config.input_sequence_length, config.embedding_dim),
    "head output": ____,  # 一个头交出的东西
    "heads side by side": ____,  # 所有头的，粘在一起
    "projection weight": ____,  # 一个参数矩阵
    "projected": (config.batch_size, config.input_sequence_length, config.embedding_dim),
}
check("07.12")

# %%
for name, shape in shapes.items():
    print(f"{name:>18}  {shape}")

# %% [markdown]
# 输出的形状就是输入的形状。中间发生了什么，是它自己的事，别人管不着，所以这样的层可以一直往上叠。
#
# - [ ] 07.11 写出 MultiHeadAttention 类
# - [ ] 07.12 把它的形状记到地图上

# %% [markdown]
# ## 挑战：所有的头一起来
#
# 选做，15 分钟，后面的内容都用不到它。不过 GPT 的源码里，最吓人的就是这一行，而今晚你写得出来。
#
# 我们的类是一个头接一个头地调用。大模型不这么干：所有头的 query 一次乘法算完，key 一次，value 一次。然后给头单独开一维，就当它是批次一样，于是第 06 章的一切都能对所有的头一起做。所以 (1, 8, 8) 要变成 (1, 2, 8, 4)：批次、头、位置、数。有好几种办法能得到正确的形状。得到正确的数的，只有一种；其余的会干出什么来，07.05 已经给你看过了。
#
# 在 `queries` 里，先是头 0 的列，再是头 1 的列。要是一切顺利，`at_once` 会跟 `side_by_side` 一样。

# %%
def for_all(name: str) -> torch.Tensor:
    """`normed` 一次乘上所有头里叫这个名字的矩阵：(1, 8, 8)。"""
    return normed @ torch.cat([getattr(head, name).weight for head in heads]).T


queries, keys, values = for_all("query"), for_all("key"), for_all("value")
future = torch.ones(8, 8).triu(1) == 1
print(tuple(queries.shape))

# %%
def apart(x: torch.Tensor) -> torch.Tensor:
    """(batch, places, 所有列) -> (batch, heads, places, 一个头的列)。"""
    batch, places, _ = x.shape
    return ____  # 每个头的列，单独放


def joined(x: torch.Tensor) -> torch.Tensor:
    """(batch, heads, places, 一个头的列) -> (batch, places, 所有列)。"""
    return ____  # 原路返回：并排，头 0 在前


scores = ____  # 每个头缩放过的得分，(1, 2, 8, 8)
shares = scores.masked_fill(future, float("-inf")).softmax(dim=-1)
at_once = joined(shares @ apart(values))
check("07.13")

# %% [markdown]
# 两个头也好，两百个头也好，乘法就是那么几次，显卡最爱这种：次数少，个头大。PyTorch 甚至把中间一整段（得分、份额，以及份额乘 value）做成了一个函数：`F.scaled_dot_product_attention`。
#
# - [ ] 07.13 挑战：让所有的头一起注意，不用循环

# %% [markdown]
# ## 现在归你了
#
# - **好几个头**，因为一个头只交出一份混合
# - 它们**分掉宽度**，所以合起来跟一个宽的头一样贵
# - 沿着最后一维**并排**，然后**投影**，把每个头的一条消息加起来
# - **残差流**：x + attention(norm(x))，梯度走得通，位置还是它自己
# - `nn.ModuleList`，还有数一数的习惯
# - `MultiHeadAttention(config)`：(batch, sequence, width) 进，同样的形状出
#
# 现在，每个位置都听过了前面位置的话，只是还没有工夫去想想听到了什么。这份工夫，就是 **08 FeedForward**。
