# %% [markdown]
# # 08 FeedForward
# <!-- Made from checkpoints/ch08_feed_forward.py by scripts/build.py. From your first edit on it is yours. -->
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/OWNER/REPO/blob/main/workshop/zh/ch08_feed_forward.ipynb)
# [![Open in GitHub Codespaces](https://github.com/codespaces/badge.svg)](https://codespaces.new/OWNER/REPO?quickstart=1)
#
# 给每个位置一点独处的时间，让它把听来的话琢磨出点名堂。
#
# 60 分钟，八节。你需要第 05 章和第 07 章，还有你那个数字分类器里的隐藏层。
#
# 这个类就是两个 Linear 中间夹一个 ReLU，你早就写过。今晚的问题是：模型为什么在这儿需要它，它中间为什么宽，一个块的参数又为什么有三分之二都在它这里。

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

from nanogpt import AttentionHead, Config, LayerNorm, MultiHeadAttention
from workshop import ____, check, draw, hint, running, solution

# %%
torch.set_printoptions(precision=3, linewidth=100, sci_mode=False)  # 一行放下八个数
config = Config()
small = Config.small()
width = small.embedding_dim
print(small)

# %% [markdown]
# ## 平均做不了决定 · 12 分钟
#
# 楼梯间有两个开关，楼下一个，楼上一个，还有一盏灯。两个开关**不一样**的时候，灯才亮。两件事实，一个答案。这种情况模型天天碰到：一个位置知道自己的两件事，而要紧的是它们怎么凑在一起。（一个大写字母，出现在行首说明不了什么；出现在后面，就很可能是人名的开头。）
#
# 加权和办得到吗？每个开关给你一个权重，外加一个偏置，想取多少取多少。对下面的四种情形，灯应该依次是 0、1、1、0。先猜，再看两个和。

# %%
switches = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
weights, bias = torch.tensor([2.0, -1.0]), torch.tensor(0.5)

# %%
scores = ____  # 灯的得分，四行每行一个：(4,)
sum_alike = scores[0] + scores[3]  # 两个开关一样的那两行
sum_different = ____  # 两个开关不一样的那两行，也这么算
check("08.01")

# %%
print("得分：", scores, " 一样：", round(sum_alike.item(), 3), " 不一样：", round(sum_different.item(), 3))

# %% [markdown]
# 两个和都是 2。改改权重再跑，它们还是相等，因为两边都包含每个权重各一次、偏置两次。可这盏灯要的是：开关一样的地方 0 + 0，不一样的地方 1 + 1。什么样的权重都办不到。
#
# 这种事你见过：在第 02 章，`c` 卡在 `a` 和 `e` 的正中间动弹不得。加权和都是老好人，“但不能两个都要”这种话，它们说不出口。
#
# 那注意力呢？那么一大套机关，总该行了吧？有办法检验。头没有偏置。所以它要真的只是加权和，那么把两份输入加起来再调用它，跟各调用一次再把结果加起来，得到的数应该一样。下面就让一个头接受检验，用两个句子，各三个位置。结果，三个位置里恰好有一个，它就是加权和。是哪一个？在那里，头还剩下什么？把那个位置的输出写出来，不许调用 `head`。它的三个层里，用一个就够。

# %%
torch.manual_seed(4)
head = AttentionHead(width // 2, small).eval()
one_fact = torch.randn(1, 3, width)  # 一个批次，一个句子：三个位置，带着各自的数
another = torch.randn(1, 3, width)

# %%
from_both = head(one_fact + another)  # 头对两者之和给出的结果
from_each = head(one_fact) + head(another)  # 头对两者各自给出的结果之和
alone = ____  # 这两个结果一致的那一行，(1, 4)，不用 `head(...)` 做出来
check("08.02")

# %%
print("先把输入相加：", from_both[0].detach(), sep="\n")
print("各算各的，再把输出相加：", from_each[0].detach(), sep="\n")
print("只用一个层：", alone[0].detach())

# %% [markdown]
# 第一行一致，其余的不一致。位置 0 除了自己谁也看不到，权重全给了自己，所以头剩下的只有 value 的那个矩阵：一个加权和，老好人一个。
#
# 有别人可看的地方，确实**折了一下**。softmax 决定听谁的，而它怎么选，取决于大家说了什么。可是听到的话送过来的时候，是 value 的平均。**注意力在位置之间搬东西。在一个位置内部把它们变出名堂来，是别人的活。**
#
# - [ ] 08.01 证明加权和管不了这盏灯
# - [ ] 08.02 找出头只是一个加权和的那个位置
# - [ ] 08.r1 我说得出，注意力在位置之间做什么，在一个位置内部又不做什么

# %% [markdown]
# ## 折一下：ReLU · 9 分钟
#
# 连着来两个加权和？`x @ A @ B` 就是 `x @ (A @ B)`，还是一个矩阵。摞多少个都一样，还是一个。中间必须夹一个**不是**加权和的东西。
#
# 最便宜的是 **ReLU**：负数变成 0，正数不动。做数字分类的时候你用过。看它怎么管一盏灯。先问两个问题：
#
# - 有几个开关开着？（相加：0、1、1、2）
# - 比一个多了几个？（再减 1：-1、0、0、1）
#
# 两个都折一下。灯等于第一个答案减去两倍的第二个。四行都在纸上做一遍，再到这里做。

# %%
questions = torch.tensor([[1.0, 1.0], [1.0, 1.0]])  # 一个问题一行
offsets = torch.tensor([0.0, -1.0])
asked = switches @ questions.T + offsets
verdict = torch.tensor([1.0, -2.0])  # 第一个答案，减去两倍的第二个
print(asked)

# %%
answers = ____  # 一个新张量：负数变成了 0，其余不变
lamp = ____  # 每一行的两个答案，按 verdict 加权，再加起来
check("08.03")

# %%
print("灯：", lamp)
on = torch.linspace(0, 2, 21)
first, second = torch.relu(on), torch.relu(on - 1)
draw.lines(
    {"第一个答案": first, "第二个答案": second, "第一个 - 2 x 第二个": first - 2 * second},
    x=on,
    x_name="有几个开关开着",
    y_name="答案",
    title="折两下，搭出一顶帐篷",
    alt="0 到 2 的三条线。第一个答案从 0 笔直升到 2。第二个到 1 为止一直是 0，然后升到 1。第一个减去两倍的第二个，从"
    " 0 升到中间的 1，又落回 0：一顶帐篷。",
)

# %% [markdown]
# 0, 1, 1, 0：灯听话了。“一个，但不能两个都要”，用了两个问题、一次弯折，再把答案掂量一下。
#
# 隐藏层的每个神经元，就是一个这样的问题。它的权重和偏置说明它问什么；要是答案是“不”，ReLU 就让它保持沉默。帐篷只要够多，什么形状都拼得出来。（GPT-2 用的是 GELU，棱角磨圆了，道理是一样的。）
#
# - [ ] 08.03 用两个问题和一次弯折管住这盏灯

# %% [markdown]
# ## 中间宽 · 11 分钟
#
# 一个位置该问自己多少个问题？想想**自编码器**：784 个像素进去，挤过中间窄窄的 32 个数，出来又是 784 个。中间窄，逼着它丢掉不要紧的东西。
#
# 我们的正好相反：8 个数开头，张开到 16 个，再收回 8 个；正式的模型是 64、256、64。这里什么也不用挤，因为那个位置原来是什么，残差流里都存着。我们要的是摆得下问题的地方。
#
# 而且地方要大，因为折过的问题只听得见一边：零以下的都变成 0，低多少都一样。十六个数，全都折过，还装得下一个八维向量说的全部内容吗？拿最后那个 `e` 来试：从第 07 章出来，又过了下一个 LayerNorm 的样子。

# %%
stream = running.after("07")  # 第 07 章结束时的流：(1, 8, 8)

# %%
read = LayerNorm(width)(stream).detach()  # 一个全新的归一化层，跟第 05 章一样：FeedForward 看到的就是这个
vector = read[0, -1]
print("最后那个 e：", vector)
print("折过之后： ", torch.relu(vector))

# %%
both = ____  # 先是折过的 `vector`；再接另一个，也折过，要选得让下一行能把 `vector` 找回来
back = both[:width] - both[width:]
check("08.04")

# %%
print("16 个数：", both)
print("找回来： ", back)

# %% [markdown]
# 十六个问题，八个数的两边都听得见。要是你知道这些数最低能低到哪儿，用八个问题加一个偏置也凑合：全新的 LayerNorm 给出的 8 个数，不会低于 -2.65，那就让每个问题都加 3，末了再把这 3 减掉。可这样一来，什么都没有折过，你手里又是一个加权和。要的就是折那一下，费地方的也正是它。而且到现在为止，还没有一个问题是把两个数放在**一起**问的。
#
# 那就让问题把八个数都问进去。进来八个随机数，要的是前两个的积：又是两样东西怎么凑在一起的事。神经元问的是随机的问题，而答案该配的最佳权重，我们精确地算出来。用 1、2、4……256 个神经元，这个积还有多少是不知道的？不折的话，又有多少？

# %%
def unknown(units: int, bend: bool) -> float:
    """神经元有这么多的一层，对没见过的数，那个积它有多大比例不知道。"""
    generator = torch.Generator().manual_seed(units)
    questions, offsets = torch.randn(8, units, generator=generator) / 8**0.5, torch.randn(units, generator=generator) / 2
    seen, unseen = torch.randn(2, 2000, 8, generator=generator)

    def answers(x: torch.Tensor) -> torch.Tensor:
        asked = x @ questions + offsets
        return torch.cat((torch.relu(asked) if bend else asked, torch.ones(len(x), 1)), dim=1)  # 这些 1 是偏置

    best = torch.linalg.lstsq(answers(seen), seen[:, :1] * seen[:, 1:2]).solution
    wanted = unseen[:, :1] * unseen[:, 1:2]
    return ((wanted - answers(unseen) @ best).square().mean() / wanted.var()).item()


powers = range(9)
bent = [unknown(2**power, bend=True) for power in powers]
straight = [unknown(2**power, bend=False) for power in powers]
print({2**power: round(bent[power], 2) for power in powers})
draw.lines(
    {"有 ReLU": bent, "没有": straight},
    x=powers,
    x_name="中间有几个神经元，2 的几次方",
    y_name="不知道的比例",
    title="两个数的积，隐藏层有多少不知道",
    alt="横轴是 0 到 8 次方，也就是 1 到 256 个神经元，共两条线。不折的那条始终停在 1。有 ReLU 的那条，到 8 个神经元"
    "为止都在 0.9 和 1 之间，然后往下掉：16 个时 0.76，32 个时 0.42，64 个时 0.19，256 个时 0.06。",
)

# %% [markdown]
# 不折的话，256 个神经元也什么都不知道。折了的话，跟输入一样宽（8 个）的一层知道十分之一，往后每加一倍都有起色。（要是问题可以学，会比随机的强得多。）
#
# 宽度的四倍，已经成了惯例：我们的 64 配 256，GPT-2 的 768 配 3,072。我们的小模型用两倍就凑合了。现在轮到 `Let's he`，用我们那 16 个神经元。

# %%
torch.manual_seed(1343)
expand = nn.Linear(width, small.hidden_dim)  # 从宽度到中间：问题
contract = ____  # 从中间回到宽度
hidden = ____  # 拿问题去问 `read`，再折一下：(1, 8, 16)
thought = ____  # 答案加权再加起来，好跟流对得上：(1, 8, 8)
check("08.05")

# %%
draw.heat(
    hidden[0],
    rows=running.SENTENCE,
    columns=[str(unit) for unit in range(small.hidden_dim)],
    title="对“Let's he”的每个字符，16 个神经元答了什么",
    x_name="神经元",
    alt="八行，一个字符一行；16 列，一个神经元一列。大约一半的格子是零。最大的数是 1.37，来自 8 号神经元对第一个 e "
    "的回答。没有哪两行的零落在相同的列上。",
)
print("最后那个 e 原来是   ", stream[0, -1])
print("它给自己加上        ", thought[0, -1].detach())
print("于是它成了          ", (stream + thought)[0, -1].detach())

# %% [markdown]
# 一行是一个位置，一列是一个问题。当成一份人人都填过的表格来读：8 号神经元对第一个 `e` 有很多话要说，12 号除了对 `h`，对谁都不吭声。
#
# 然后答案加权，加到流上，跟注意力一样：x + feed_forward(norm(x))。位置原来的样子都还在。一个神经元单独能加上什么，这一章末尾会看到。
#
# - [ ] 08.04 听见一个向量的两边
# - [ ] 08.05 把句子张开、折一下、再收拢
# - [ ] 08.r2 我说得出为什么自编码器中间窄，FeedForward 中间宽

# %% [markdown]
# ## 每个位置各管各的 · 6 分钟
#
# 再看看 `nn.Linear` 对三维张量做了什么：它只在最后一维上干活，其余的不动。每个位置过的都是同样两个矩阵，谁也没看见自己的邻居。
#
# 要真是这样，位置的顺序就无关紧要了。用两种办法打乱：一次先思考再打乱，一次先打乱再思考。猜猜打印出来的两行里，哪一行会说 True：FeedForward 的，注意力的，还是两行都是？

# %%
def think(x: torch.Tensor) -> torch.Tensor:
    """张开、折一下、收拢。"""
    return contract(torch.relu(expand(x)))


torch.manual_seed(5)
order = torch.randperm(8)
print(order.tolist())

# %%
shuffled_after = ____  # 先让各个位置思考，再排成新的顺序
shuffled_before = ____  # 先把位置排成新的顺序，再思考
check("08.06")

# %%
torch.manual_seed(1342)
attention = MultiHeadAttention(small).eval()
print("FeedForward：", torch.allclose(shuffled_after, shuffled_before, atol=1e-6))
print("注意力：     ", torch.allclose(attention(read)[:, order], attention(read[:, order]), atol=1e-6))

# %% [markdown]
# 谁在哪儿、邻居是谁，FeedForward 都不关心。注意力两样都关心：顺序决定一个位置可以听谁，别人决定它听到什么。整个模型的分工就在这里：注意力是开会，FeedForward 是回到自己桌前的那一小时。
#
# 这还有个实际的好处。对 FeedForward 来说，一个批次 24 个窗口、每个 32 个字符，就是 768 行，一视同仁；两个矩阵各做一次大乘法，就全收拾了。机器最喜欢这样。
#
# - [ ] 08.06 打乱位置，思考之后一次，思考之前一次

# %% [markdown]
# ## 一声不吭的神经元 · 6 分钟
#
# 图里大约一半的格子是零，这是健康的：一个人人都答“是”的问题，等于什么也没问。可 ReLU 有个毛病。它沉默的地方斜率是 0，梯度过不去；一个神经元要是对每个批次的**每个**位置都沉默，就一点梯度也得不到，再也学不回来。它死了。
#
# 神经元是怎么死的？多半是某一步训练迈得太大，把它的偏置推得太低。我们把所有偏置都往下推 1，看哪些神经元对八个位置全都沉默了。

# %%
push = torch.tensor(1.0)
pushed = torch.relu(expand(read) - push)  # (1, 8, 16)

# %%
zero_share = ____  # 推之前：`hidden` 的数里零的占比
silent = ____  # 推之后：16 个神经元，各自是不是对所有位置都沉默：(16,)
check("08.07")

# %%
print(f"推之前的零：{zero_share:.0%}")
print("推之后，对所有位置都沉默的：", [unit for unit, is_silent in enumerate(silent.tolist()) if is_silent])
slopes = torch.autograd.grad(contract(pushed).square().sum(), expand.weight)[0].norm(dim=1)
draw.bars(
    [str(unit) for unit in range(small.hidden_dim)],
    slopes,
    title="推之后：传到各神经元权重上的梯度",
    x_name="神经元",
    y_name="梯度的长度",
    alt="十六个神经元，五根柱子：8 号 1.55，13 号 0.75，3 号 0.51，10 号 0.31，0 号 0.21。其余十一个都正好在 0。",
)

# %% [markdown]
# 出声的五个神经元各有一根柱子，沉默的十一个一根也没有。没有就是真没有：正好 0。要是对所有批次都这样，这些神经元就是一行行白费时间的权重。随机数刚抽好、前面有归一化、步子又小，这种事很少见。不过哪天你的模型笨得蹊跷，就数一数。
#
# - [ ] 08.07 数清零有多少，找出沉默的神经元

# %% [markdown]
# ## 一个块的三分之二 · 4 分钟
#
# GPT 里有名的是注意力。那参数都在哪儿呢？数一数正式模型里 FeedForward 的，偏置也算。先在纸上算小的：8 x 16 + 16，还有 16 x 8 + 8。

# %%
in_expand = ____  # 第一层的权重和偏置，大小从 `config` 里拿
in_contract = ____  # 还有第二层的
check("08.08")

# %%
def count(module: nn.Module) -> int:
    """一个模块有多少参数。"""
    return sum(parameter.numel() for parameter in module.parameters())


in_feed_forward = in_expand + in_contract
in_attention, in_norms = count(MultiHeadAttention(config)), 2 * count(LayerNorm(config.embedding_dim))
in_block = in_attention + in_feed_forward + in_norms
print(f"注意力       {in_attention:7,}  {in_attention / in_block:.0%}")
print(f"FeedForward  {in_feed_forward:7,}  {in_feed_forward / in_block:.0%}")
print(f"两个归一化层 {in_norms:7,}  {in_norms / in_block:.0%}")

# %% [markdown]
# 三分之二。注意力有四个 64 x 64 的矩阵：所有头的 query、key 和 value，再加投影。FeedForward 有两个 64 x 256 的，抵得上八个 64 x 64。大模型知道的东西，看来有很大一部分就存在这儿。
#
# - [ ] 08.08 数出 FeedForward 的参数

# %% [markdown]
# ## 类和地图 · 5 分钟
#
# 三个空。dropout 放最后，跟第 07 章一样；残差的相加不写在这个类里：旁路由块来修。

# %%
class FeedForward(nn.Module):
    """两个层，中间折一下，每个位置各管各的。残差的相加，留给块去做。"""

    def __init__(self, config: Config) -> None:
        """进 `config.embedding_dim` 个数，中间 `config.hidden_dim` 个，再出 `config.embedding_dim` 个。"""
        super().__init__()
        self.expand = ____  # 问题
        self.contract = ____  # 答案会加上什么
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, sequence, embedding_dim) -> 形状不变。"""
        return ____  # 张开、折一下、收拢、dropout


check("08.09")

# %%
torch.manual_seed(1343)
feed_forward = FeedForward(small).eval()
after = stream + feed_forward(read)
print(after[0].detach())
print("这些就是贯穿全课的那些数吗？", torch.equal(after, running.after("08")))
real = FeedForward(config)
inputs_shape = (config.batch_size, config.input_sequence_length, config.embedding_dim)
print(f"正式的模型里：{inputs_shape} -> {tuple(real(torch.zeros(inputs_shape)).shape)}，{count(real):,} 个参数")

# %% [markdown]
# 又到张量地图了。Linear 存矩阵是反着存的，(out, in)，写 weight 的时候留神。

# %%
shapes = {
    "normalised": (config.batch_size, config.input_sequence_length, config.embedding_dim),
    "expand weight": ____,  # 第一层的矩阵，照 PyTorch 存的样子
    "hidden": ____,  # 所有神经元的答案
    "contract weight": (config.embedding_dim, config.hidden_dim),
    "thought": (config.batch_size, config.input_sequence_length, config.embedding_dim),
}
check("08.10")

# %%
for name, shape in shapes.items():
    print(f"{name:>18}  {shape}")

# %% [markdown]
# - [ ] 08.09 写出 FeedForward 类
# - [ ] 08.10 把它的形状记到地图上

# %% [markdown]
# ## 一个神经元，一条规则 · 7 分钟
#
# 回到最后那个 `e`，看它给自己加了什么：`thought[0, -1]` 的八个数。它们出自十六个神经元之手。谁说了什么？
#
# 在 07.07 里你把投影拆开过，同一把刀在这里也管用。每个神经元拥有 `contract.weight` 的一列，也就是一个 8 个数的向量，把它加到流上，答案有多大就加得多响。所以一个神经元就是一条规则：**向量里要是有这个，就往里加那个。**
#
# 哪个神经元把最后的 `e` 推得最远？再看一眼那张 16 个神经元的图，先猜，再算出来。还有：要是那个神经元没吭声，`e` 又会变成怎样？

# %%
answer = hidden[0, -1]  # 最后那个 e 的答案，每个神经元一个：(16,)
print("答案：", answer.detach())

# %%
added = ____  # 一个神经元一行，是它给最后那个 e 加上的东西：(16, 8)
loudest = ____  # 哪一行的向量最长，那个神经元的号码
without = ____  # 没有那个神经元，最后那个 e 会给自己加上什么：(8,)
check("08.11")

# %%
lengths = added.norm(dim=1)
for name, unit in (("答案最大", answer.argmax()), ("声音最响", loudest)):
    print(f"{name}：{unit} 号神经元，答案是 {answer[unit]:.2f}，向量长 {lengths[unit]:.3f}")
print("最后那个 e 加上     ", thought[0, -1].detach())
print("没有那个神经元      ", without.detach())

# %% [markdown]
# 是 9 号，险胜。8 号的答案更大，可它那一列短得多，加上去的反而少。答案告诉你一条规则用得上。要知道它有多大分量，得看它加上了什么。
#
# 人们读大模型，有一种读法就是这样：比方说，找出碰到城市名就大声应答的神经元，再看它们加上什么。眼下全是随机数，还没什么可读的。学完第 12 章再回来看。
#
# - [ ] 08.11 找出把最后那个 e 推得最远的神经元

# %% [markdown]
# ## 挑战：什么线都画得出来
#
# 选做，15 分钟，后面的内容都用不到它。我们说过，帐篷能拼出任何形状。自己动手拼一回，信起来才带劲。
#
# 下面是一条折线，横跨 0 到 8 这几个点。它从高度 0 出发，这样我们省了一个偏置；接下来的高度是圆周率的各位数字。你的隐藏层拿到一个数，也就是点，可以问八个关于它的问题：它过了 0 多远，过了 1 多远……过了 7 多远？在还没走到那里之前，ReLU 让答案停在 0。每个答案配上合适的权重，这条线就能不偏不倚地穿过每个高度。什么都不用训练，权重你自己就能算出来，什么高度、多少个点都行。
#
# （一条 0、1、0、1……的折线，就是一个有八个开关的楼梯间。）

# %%
heights = torch.tensor([0.0, 3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0])
spots = torch.arange(9, dtype=torch.float)
draw.lines(
    {"这条线": heights},
    x=spots,
    x_name="点",
    y_name="高度",
    title="要折八下画出来的线",
    alt="一条横跨 0 到 8 这几个点的折线，高度依次是 0、3、1、4、1、5、9、2 和 6。",
)

# %%
past = ____  # 每个点过了各个点（最后一个除外）多远：(9, 8)
bends = ____  # 由 `heights` 算出八个答案各自的权重：(8,)
drawn = torch.relu(past) @ bends
check("08.12")

# %% [markdown]
# 八段，八个神经元。要画平滑的曲线，就多用些神经元，每段短些，直到谁也看不出棱角。训练会自己找到这样的权重，而且是 64 个数一起找。
#
# - [ ] 08.12 挑战：画一条线，穿过任意的高度

# %% [markdown]
# ## 现在归你了
#
# - 注意力在位置之间搬东西，可送到的是平均，而平均说不出“但不能两个都要”
# - **提问，折一下，掂量答案**：每个神经元是一条规则，“有这个，就加那个”
# - **中间宽**，惯例是宽度的四倍：跟自编码器正好相反
# - 每个位置**各管各的**，用的是同样的权重
# - 沉默是健康的，死了就不是；两样你都会数
# - `FeedForward(config)`：(batch, sequence, width) 进，同样的形状出；一个块的参数有三分之二在这里
#
# 零件都摆在桌上了：两个归一化层、注意力、FeedForward，还有绕过它们的两条旁路。到了 **09 TransformerBlock**，由你来装到一起。
