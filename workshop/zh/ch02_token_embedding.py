# %% [markdown]
# # 02 TokenEmbedding
# <!-- Made from checkpoints/ch02_token_embedding.py by scripts/build.py. From your first edit on it is yours. -->
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/OWNER/REPO/blob/main/workshop/zh/ch02_token_embedding.ipynb)
# [![Open in GitHub Codespaces](https://github.com/codespaces/badge.svg)](https://codespaces.new/OWNER/REPO?quickstart=1)
#
# 给每个字符一行属于它自己的数，再让这些数去学习。
#
# 45 分钟，六节。需要第 01 章和矩阵乘法。要是还记得一点 word2vec，更好。
#
# 最后那个类只有三行，你现在就敲得出来。这 45 分钟，是为了看清楚为什么非这样不可。

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
import timeit

import torch.nn.functional as F

from nanogpt import Config, DataLoader
from workshop import ____, check, corpus, draw, hint, solution

# %%
config = Config()
loader = DataLoader(corpus.shakespeare(), config)
print(loader.vocab_size, loader.encode("Let's he"))

# %% [markdown]
# ## 编号只是个名字 · 6 分钟
#
# `b` 是 39，`e` 是 42。`e` 比 `b` 大吗？编号是我们自己按字母顺序发的，所以我们知道这么问很傻。网络不知道。它拿到一个数，能做的只有乘和加，而一乘起来，42 就是比 39 大。
#
# 我们来当场抓它一回。下面是天底下最小的网络：一个权重，一个偏置。它的活是给字符打分：元音 `a` 和 `e` 打 1 分，夹在中间的 `c` 打 0 分。
#
# 先猜：办得到吗？权重和偏置随你挑，什么数都行。

# %%
letter_ids = torch.tensor(loader.encode("ace"))
weight, bias = torch.tensor(0.5), torch.tensor(-18.0)
print(letter_ids)

# %%
scores = ____  # 三个得分：每个编号乘以权重，再加偏置
halfway = ____  # “a”和“e”的得分正中间的那个数
check("02.01")

# %%
print("a、c、e 的得分：", scores.tolist(), " a 和 e 的正中间：", float(halfway))

# %% [markdown]
# `c` 正好落在中间。改改权重和偏置，把三个单元格再运行一遍：回回如此。40 在 38 和 42 的正中间，乘一乘、加一加之后，中间还是中间。`a` 和 `e` 要是都得 1 分，`c` 也得 1 分。
#
# 多来几层，可以把这条直线掰弯，掰到合适为止。可它们的力气，全花在抵消字母表上了，而字母表的顺序跟语言毫无关系。还不如一开始就别喂进去。
#
# - [ ] 02.01 证明编号一旦当成数量来用，c 就落在 a 和 e 中间

# %% [markdown]
# ## 每个字符一个位置 · 8 分钟
#
# 谁也不比谁大，谁也不在中间：64 个字符，只用一个数可做不到。那就给每个字符一个自己的位置，就像你的分类器里每个数字有自己的输出：一个由 64 个数组成的向量，全是 0，只有编号指着的那个位置是 1。这叫 **one-hot** 向量。
#
# 手工做一个。

# %%
letter = "e"

# %%
letter_id = loader.encode(letter)[0]
one_hot = torch.zeros(____)  # 多长？有多少种字符，就有多少个位置
one_hot[____] = 1.0  # 哪个位置是“热”的？
check("02.02")

# %%
print(one_hot.int().tolist())
b, e, z = (F.one_hot(torch.tensor(number), loader.vocab_size).float() for number in loader.encode("bez"))
print("点积： ", f"{e @ e:.3f} {e @ b:.3f} {e @ z:.3f}")
print("距离： ", f"{(e - e).norm():.3f} {(e - b).norm():.3f} {(e - z).norm():.3f}")

# %% [markdown]
# 任意两个不同的字符，点积是 0，距离是 √2。在这些向量看来，`e` 离 `b` 有多远，离 `z` 就有多远。没有谁更大，没有谁在中间，这个起点很公道。
#
# 一次做好几个字符，PyTorch 有 `F.one_hot(ids, num_classes)`。它收的是整数，给的也是整数，而 PyTorch 不肯拿整数去乘浮点数的矩阵，所以后面有个 `.float()`。

# %%
sentence = "Let's he"

# %%
ids = ____  # `sentence` 的编号，张量 (8,)
one_hots = ____.float()  # 八个 one-hot 向量，(8, 64)
check("02.03")

# %%
print(one_hots.shape, "里有", int(one_hots.sum()), "个一")

# %% [markdown]
# 八个字符用了 512 个数，其中 504 个是 0。整整一个批次要花多少？先猜零占多大比例。答案请用变量名来写，别写数字，因为检查时还会换别的批次大小来试。

# %%
batch_characters = config.batch_size * config.input_sequence_length
numbers = ____  # 如果每个字符是一个 one-hot 向量，整个批次有多少个数
zeros = ____  # 其中有多少个是 0？
check("02.04")

# %%
print(f"{batch_characters} 个字符，{numbers:,} 个数，其中 {zeros / numbers:.1%} 是零")

# %% [markdown]
# 这还只是 64 种字符。GPT-2 的词表有 50,257 种词块，每个词块送来，就是一个 1 和 50,256 个零。花了这么多，这些向量还是什么都不懂：`e` 离 `a` 并不比离 `!` 更近，现在不，永远也不。一个主意，能同时治好这两样毛病。
#
# - [ ] 02.02 手工做一个 one-hot 向量
# - [ ] 02.03 把句子变成 one-hot 向量
# - [ ] 02.04 算出一个批次要花多少

# %% [markdown]
# ## 会挑行的乘法 · 6 分钟
#
# 网络拿到输入，第一件事就是乘上一个权重矩阵。我们手算一次。假设词表有四种字符，每种有三个数：

# %%
table = torch.tensor([[0.2, -1.0, 0.5],
                      [1.5, 0.3, -0.7],
                      [-0.4, 0.8, 1.1],
                      [0.9, -0.6, 0.1]])
hot = F.one_hot(torch.tensor(2), 4).float()
print(hot)

# %% [markdown]
# `hot @ table` 的第一个数是 0 x 0.2 + 0 x 1.5 + 1 x (-0.4) + 0 x 0.9。填空之前，先把另外两个算出来。有没有看出一条近路？

# %%
by_product = ____  # 向量乘矩阵：(4,) 和 (4, 3) 得到 (3,)
by_row = ____  # 同样的三个数，不做任何乘法
check("02.05")

# %%
print(by_product, by_row)

# %% [markdown]
# 十二次乘法，九次乘 0，三次乘 1，就为了抄三个早就在那儿的数。乘法为了取 2 号书，把图书馆的每个书架都走了一遍；`table[2]` 直接走过去拿。
#
# 两种办法结果一样，其中只有一种用得着 one-hot 向量。来计个时：一个批次 768 个字符或者词，每行 64 个数，词表越来越大：

# %%
def measure(vocabulary):
    """相乘和挑行各要多少毫秒，各跑三次，取最快的。"""
    big_table = torch.randn(vocabulary, 64)
    some_ids = torch.randint(vocabulary, (768,))
    product = timeit.repeat(lambda: F.one_hot(some_ids, vocabulary).float() @ big_table, number=1, repeat=3)
    picking = timeit.repeat(lambda: big_table[some_ids], number=1, repeat=3)
    return 1000 * min(product), 1000 * min(picking)


torch.manual_seed(1337)
torch.set_num_threads(1)  # 这么小的张量，第二个核只会碍事
print("词表的大小   one-hot @ table   table[ids]")
for vocabulary in (64, 1_000, 5_000):
    product, picking = measure(vocabulary)
    print(f"{vocabulary:>10,}   {product:12.2f} ms   {picking:7.2f} ms")

# %% [markdown]
# 相乘的时间随着词表增长。挑行的时间几乎不动：不管有多少行可挑，它都只抄 768 行。（你的毫秒数跟别人的都不会一样，规律是一样的。）
#
# 所以就这么办：**一张表，每种字符一行，编号负责挑行。** 零不用存，乘法不用做，编号也重新干起它擅长的事：当抽屉上的名签。
#
# - [ ] 02.05 用 one-hot 向量乘一张表，再改成直接挑行
# - [ ] 02.r1 我说得出，为什么挑一行和乘上 one-hot 向量，结果一样

# %% [markdown]
# ## 表：nn.Embedding · 9 分钟
#
# 这张表 PyTorch 有现成的：`nn.Embedding(num_embeddings, embedding_dim)`，先写有几行，再写多宽。行数由不得我们，每种字符一行。宽度由我们定。我们的模型给每个字符 64 个数，最小的 GPT-2 给 768 个。
#
# 有两处碰巧，要当心。我们有 64 种字符，每种有 64 个数，这两个 64 互不相干。所以这一章的表只有 8 宽，用 `Config.small()`，这样数字也写得下。可这么一来，我们的句子又正好有 8 个字符。在它的矩阵里，行是句子里的位置，列是每个位置的 8 个数。

# %%
small = Config.small()
print(small)

# %%
torch.manual_seed(1337)
embedding = ____  # 每种字符一行，宽度听 `small` 的
rows, width = ____  # 它的表叫 `weight`，问这张表的形状
check("02.06")

# %%
print(f"{rows} 行，每行 {width} 个数")
print(f"均值 {embedding.weight.mean().item():.3f}，标准差 {embedding.weight.std().item():.3f}")
print("是参数，所以优化器可以改它：", embedding.weight.requires_grad)

# %% [markdown]
# 谁也没跟这张表说过什么，所以它从随机数开始，每个数都从均值 0、方差 1 的正态分布里抽。（这里只抽了 512 个数，也就只能贴近到这个程度。）
#
# 现在向它要我们那八个字符。盯住相同的那两个。

# %%
vectors = ____  # 句子里每个编号的那一行，按顺序
first_e = ____  # 句子位置 1 的那一行，也就是第一个“e”
last_e = ____  # 句子最后一个位置的那一行，也就是另一个“e”
check("02.07")

# %%
draw.heat(
    vectors,
    rows=sentence,
    title="“Let's he”变成矩阵：每个字符一行，每行 8 个数",
    alt="八行，标着 L、e、t、撇号、s、空格、h、e；八列，数在 -2.16 和 2.14 之间，大于零是红色，小于零是蓝色。看上去"
    "很随机，只是第二行和最后一行，每一格都一样。",
)
print("编号：", ids.tolist())
print("两个 e 的行相同：", torch.equal(first_e, last_e))

# %% [markdown]
# 找到那两个 `e`：第 1 行和第 7 行，每个数都一样。当然一样：同一个字符，表里的同一行。
#
# 这也是个麻烦。第一个 `e` 属于 `Let's`，最后一个正要拼出 `hence`。光看行，分不出谁是谁。把句子打乱，你得到的还是这八行，打乱了而已。矩阵说得出每个字符是“什么”，说不出它在“哪里”。那是第 03 章的事。
#
# 现在来一个批次。送来的编号是 (batch, sequence)，出来的是什么形状？**先**填三个空，再看下面那个单元格，还是用变量名来写。

# %%
torch.manual_seed(1337)
inputs, targets = loader.get_batch("train")
print(inputs.shape)

# %%
windows = ____  # 出来的形状，第一个数
places = ____  # 第二个
numbers_each = ____  # 第三个：每个位置有几个数
check("02.08")

# %%
print(tuple(inputs.shape), "->", tuple(embedding(inputs).shape), "你说的是", (windows, places, numbers_each))

# %% [markdown]
# 每个编号成了一行；编号原来的形状，还原样留在前面：
#
# | 编号 | 出来的是 |
# | --- | --- |
# | () 一个编号 | (8,) |
# | (8,) 一个句子 | (8, 8) |
# | (24, 32) 一个批次 | (24, 32, 8) |
#
# 大声念一遍：**进去的是 (batch, sequence)，出来的是 (batch, sequence, width)。** 从这里到第 09 章，几乎什么都是这个形状。
#
# - [ ] 02.06 做出这张表
# - [ ] 02.07 取出句子的那些行
# - [ ] 02.08 还没看见，就说出了一个批次的形状
# - [ ] 02.r2 我说得出，两个 e 的行为什么相同，还缺了什么

# %% [markdown]
# ## 只有用过的行 · 10 分钟
#
# 还记得 word2vec 吗？那里也是每个词在表里有一行。开始时这些行是随机的，后来越变越好，因为有个小任务（猜邻居）不停地推着它们走。最后任务扔掉，表留下。
#
# 我们也这么做，只是什么都不扔。表跟别的参数一样，是模型的参数；任务呢，就是我们本来就想解决的那个：说出下一个字符。有一点不同。词自己有意思，字符几乎没有。字符的行可以慢慢学会说“元音”、“大写”、“行尾”。至于它在一个词里意味着什么，那是上面几层的活。
#
# 损失怎么够得着一行？拿一个玩具损失来看：把挑出来的数全加起来，只是最后一个位置的数算三遍，免得所有位置都一个样。把位置 0 的某个数轻轻推一下，损失就增加同样多：位置 0 送回来的斜率是 1。别的位置也是，除了位置 7，它送回来的是 3。

# %%
slopes = torch.tensor([1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 3.0])  # 句子的每个位置送回来多少

# %% [markdown]
# 表有 64 行，每行得到的梯度是多少？（一行里每个数得到的都一样，所以每行说一个数就够。）趁 PyTorch 还没告诉你，先自己想清楚。句子里没有的字符呢？`e` 呢？
#
# 然后写成一行代码：从八个斜率到 64 行。哪个位置用了哪一行，`one_hots` 知道。请别用循环；这道题值得花五分钟。

# %%
per_row = ____  # 用 `one_hots` 和 `slopes`：每行得到的梯度，(64,)
embedding.zero_grad()  # 忘掉以前的梯度：这个单元格可能会运行两遍
(embedding(ids) * slopes[:, None]).sum().backward()  # 玩具损失
gradient = ____  # backward() 留下的东西，表里每个数对应一个数
check("02.09")

# %%
used = [number for number, size in enumerate(per_row.tolist()) if size != 0]
print(len(used), "行（共", loader.vocab_size, "行）：", [loader.decode([number]) for number in used])
print("PyTorch 也同意：", torch.allclose(gradient, per_row[:, None].float()))
draw.bars(
    [loader.decode([number]) for number in range(loader.vocab_size)],
    per_row,
    title="“Let's he”之后，表的每一行收回了多少",
    alt="64 个位置排成一排，每种字符一个，其中七根柱子。空格、撇号、L、h、s 和 t 的高度是 1，e 的高度是 4。另外 57 "
    "个位置是空的。",
    y_name="这一行的梯度",
)

# %% [markdown]
# 七行，其中 `e` 得到 4：从位置 1 得到 1，从位置 7 得到 3。一行用了两次，谁也没盖掉谁，斜率加起来了。另外 57 行得到零：损失没见过的，不留痕迹。
#
# 写成乘法，这就是把 02.05 倒着跑。去的时候，`one_hots @ table` 把行取来。回的时候，`one_hots.T @ slopes` 把每个斜率还给它来的那一行。
#
# 所以字符露一次面，它的行就学一次。每 100 个字符里大约有 15 个空格，所以空格每个批次都在。美元符号，那个错字，整个文本里只有一次。一个批次是 24 个长 32 的窗口，训练部分有一百万个位置，所以大约 1,300 个批次里，`$` 才来一次。整个训练是 750 个批次。因此多半情况下，`$` 的行什么也学不到；运气好，用上一两次，到头来也没比一开始多懂多少。（“多半”是多少？你可以自己算出来，那就是本章末尾的挑战。）
#
# - [ ] 02.09 赶在 PyTorch 之前，算出每行收回了多少

# %% [markdown]
# ## 类 · 6 分钟
#
# 三行，没有新东西。直接用 `nn.Embedding` 也行。不过我们的模型要用自己取名的零件拼起来，这是第一个。

# %%
class TokenEmbedding(nn.Module):
    """一张表，词表里每个编号有学出来的一行，每行 `embedding_dim` 个数。"""

    def __init__(self, vocab_size: int, embedding_dim: int) -> None:
        """表从随机数开始，正态分布，均值 0，方差 1。"""
        ____  # 你的每个模块，第一件事都是它
        self.table = ____  # 每个编号一行

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """每个编号的那一行：(batch, sequence)，int64 -> (batch, sequence, embedding_dim)。"""
        return ____  # 每个编号的那一行


check("02.10")

# %%
torch.manual_seed(1337)
token_embedding = TokenEmbedding(loader.vocab_size, small.embedding_dim)
sentence_batch = ids.unsqueeze(0)  # 一批一个窗口
print(tuple(sentence_batch.shape), "->", tuple(token_embedding(sentence_batch).shape))
print("跟之前一样：", torch.equal(token_embedding(sentence_batch)[0], vectors))
print(f"按正式模型的宽度，有 {loader.vocab_size * config.embedding_dim:,} 个参数")

# %% [markdown]
# 现在让它学。每种字符两个数，这样画得出来；任务是最小的那种：看见一个字符，猜下一个。（损失就是你那个数字分类器里的交叉熵。相同的字符对事先数好了，省时间，结果不变。）谁也没跟它提过元音。
#
# 先猜：哪些字母最后会挨在一起？

# %%
vocab_size = loader.vocab_size
some = loader.train_ids[:200_001]
here, following = some[:-1], some[1:]
pairs = torch.bincount(here * vocab_size + following, minlength=vocab_size**2).view(vocab_size, vocab_size)

torch.manual_seed(2)
flat = TokenEmbedding(vocab_size, 2)
guess = nn.Linear(2, vocab_size)
parameters = [*flat.parameters(), *guess.parameters()]
for _ in range(300):
    log_probabilities = guess(flat(torch.arange(vocab_size))).log_softmax(dim=1)  # (眼前 64，接下来 64)
    loss = -(pairs * log_probabilities).sum() / pairs.sum()
    gradients = torch.autograd.grad(loss, parameters)
    with torch.no_grad():
        for parameter, slope in zip(parameters, gradients, strict=True):
            parameter -= 5 * slope  # 普普通通的梯度下降

alphabet = "abcdefghijklmnopqrstuvwxyz"
draw.points(
    flat(torch.tensor(loader.encode(alphabet))),
    alphabet,
    title="猜下一个字符猜了 300 步之后，小写字母的行",
    alt="平面上的点，每个是一个字母。a、e、i、o 和 u 在下半部分，比所有别的字母都低，两群之间可以画一条直线。j 孤零"
    "零地在左边缘。",
)

# %% [markdown]
# 元音自己凑到一起了。它们后面跟的字符相似，行相似，损失就低。这正是 word2vec 的思路，在你写的类里干起活来了。（`j` 一个人待在外面，因为它少见：这里用的 200,000 个字符里只有 88 个。它在损失里分量轻，所以它的行没离开当初随机落下的地方多远。）
#
# 还记得开头吗：当编号用的时候，`a`、`c`、`e` 排成一线，什么权重都没法把两个元音举过中间的 `c`。变成行以后，五个元音全在一条直线的一边，别的字母全在另一边。
#
# - [ ] 02.10 写出 TokenEmbedding 类

# %% [markdown]
# ## 挑战：谁来教美元符号？
#
# 选做，大约 15 分钟，后面用不到。可对于你要训练的那个模型，这个问题问得在理：整个训练下来，`$` 的行什么都没学到，有多大可能？
#
# 要知道答案，不用训练，数一数就行。一次训练抽 `steps` 个批次。每个窗口从随机的位置开始，`possible_starts` 个起点机会均等，别的窗口怎么抽都不影响。只有某个窗口的输入里有 `$`，`$` 的行才学得到东西。先猜：100 次训练里，有几次从没遇到它？要相当有把握地遇到它，训练得有多长？

# %%
rare, steps = "$", config.steps

# %%
at = loader.text.index(rare)  # 它唯一的位置
possible_starts = len(loader.train_ids) - config.input_sequence_length
print(f"{rare!r} 在位置 {at:,}，窗口可以从 0 到 {possible_starts - 1:,} 的任何位置开始")

# %%
catching = ____  # 在可能的起点里，有几个起点的窗口含有 `rare`？
never = ____  # 整个训练里，没有一个窗口含有它的概率
enough = ____  # 要把 `never` 压到 0.05，训练得是原来的多少倍长？（不取整）
check("02.11")

# %% [markdown]
# 答案可以掷骰子来验。下面是 300 次训练，其实什么都没训练，只抽起点。

# %%
torch.manual_seed(1337)
starts = torch.randint(possible_starts, (300, config.batch_size * config.steps))
met = ((starts <= at) & (at < starts + config.input_sequence_length)).sum(dim=1)
for times, word in enumerate(("从没遇到", "遇到一次", "遇到两次")):
    print(f"{word}: {(met == times).float().mean().item():.0%}")
print(f"遇到更多次: {(met > 2).float().mean().item():.0%}")

# %% [markdown]
# 按公式，100 次训练里有 57 次从没遇到 `$`，32 次遇到一次。骰子说的差不多。要让 100 次里有 95 次好歹遇到它，训练得长到 5.26 倍：3,945 步。而且遇到一次，也谈不上受过教育。
#
# - [ ] 02.11 挑战：算出整个训练都错过 `$` 的可能性有多大

# %% [markdown]
# ## 现在归你了
#
# - 编号是**名字**：用来挑，从不用来乘
# - **one-hot** 向量乘一张表，就是表里的一行，只是贵了许多倍
# - **嵌入**：一张由参数组成的表，开始是随机的，哪一行用到了，哪一行就学
# - (batch, sequence) -> (batch, sequence, width)，从现在起，在模型里流动的就是这个形状
# - `TokenEmbedding(vocab_size, embedding_dim)`，它知道每个位置上是“什么”
#
# 它不知道在“哪里”：在它眼里，“Let's he”的两个 `e` 就是同一个。到 **03 PositionEmbedding**，位置也会有自己的行。
