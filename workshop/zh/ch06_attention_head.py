# %% [markdown]
# # 06 AttentionHead
# <!-- Made from checkpoints/ch06_attention_head.py by scripts/build.py. From your first edit on it is yours. -->
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/OWNER/REPO/blob/main/workshop/zh/ch06_attention_head.ipynb)
# [![Open in GitHub Codespaces](https://github.com/codespaces/badge.svg)](https://codespaces.new/OWNER/REPO?quickstart=1)
#
# 让每个字符都能回头看看别的字符，自己判断哪些要紧，再从要紧的那些身上取走自己需要的东西。
#
# 195 分钟，共十二节。分两三个晚上来做吧，每一节的结尾都适合停下。你需要第 02 到 05 章，外加矩阵乘法、均值和方差。
#
# 这是整门课的心脏。到目前为止，模型看字符都是一个一个孤零零地看。在这一章，它们终于碰面了。

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
import re
from collections import Counter
from dataclasses import replace

from nanogpt import Config, EmbeddingModule
from workshop import ____, check, corpus, draw, hint, running, solution

torch.set_printoptions(precision=3, linewidth=100, sci_mode=False)  # 一行放下八个数
torch.set_num_threads(1)  # 这么小的张量，第二个核只会碍事

# %% [markdown]
# ## 为什么要看上下文 · 14 分钟
#
# `"Let's he"` 已经变成了八行，每行八个数。最后一行知道自己是个 `e`，知道自己在位置 7，别的一概不知。现在我们要它说出下一个字符是什么。
#
# 猜猜看：`e` 后面最常出现的是哪个字符？要是知道它前面是 `h` 呢？再前面还是个空格呢？

# %%
text = corpus.shakespeare()
for known in ("e", "he", " he", "'s he"):
    follows = Counter(re.findall(f"(?<={re.escape(known)}).", text, re.DOTALL))
    best = [f"{letter!r} {count / follows.total():.0%}" for letter, count in follows.most_common(3)]
    print(f"{known!r:<8} {follows.total():>6,} 次；后面是 {', '.join(best)}")

# %% [markdown]
# 同一个 `e`，出现了四次，每次该说的话都不一样：一个空格；还是空格，只是更有把握；一个 `r`；一个 `a`。一个 `e` 意味着什么，要看它**跟谁做伴**。
#
# 那为什么不接着数下去？我们数过了。训练部分里每一个长度为 *k* 的字符串，我们都记下它后面最常跟着什么。考试的时候（也就是在验证部分上），就拿它当答案。
#
# | 知道几个字符 | 答对 | 训练时从没见过的字符串 |
# | ---: | ---: | ---: |
# | 1 | 27.0% | 0.0% |
# | 2 | 38.1% | 0.1% |
# | 3 | 46.9% | 1.0% |
# | 4 | 51.7% | 3.6% |
# | 6 | 44.9% | 19.9% |
# | 8 | 28.7% | 48.9% |

# %% [markdown]
# 同伴多了有用，可再多下去，就把我们拖垮了。用表来记，每个字符串都要占一行。长度为八的字符串有 64⁸ 个，大约 281 万亿，而考试里碰到的将近一半是新面孔。在表看来，`Let's he` 和 `let's he` 素不相识。
#
# 一行行的数就宽容多了：相似的行可以同样对待，行与行还能**混合**。所以计划是这样的：每个位置把同伴们的行混合成一行。剩下的问题只有一个：按什么比例？
#
# 先拿三个单词来试，每个单词两个数，是我们随手编的：这个词有几分像“人”，又有几分像“感情”。

# %%
names = ["I", "love", "you"]
words = torch.tensor([[1.0, 0.5],
                      [0.5, 1.5],
                      [1.5, 1.0]])

# %% [markdown]
# 最先想到的办法是取平均。拿 `I love you` 在纸上算一遍。然后替每个单词把读到它为止的词平均一下：先是 `I`，再是 `I love`，依此类推。

# %%
average = ____  # 三行的均值，合成一行
so_far = torch.stack([
    ____  # 到这个位置为止（含它自己）所有行的均值
    for place in range(len(words))
])
check("06.01")

# %%
print("平均：", average)
print(so_far)

# %% [markdown]
# (1, 1)：这些数是特意挑的，好算。那 `you love I` 的平均呢？一模一样，因为加法不管顺序。好在有第 03 章，我们真正用的行都带着位置，这个麻烦已经解决了。
#
# 另一个麻烦还在：看 `I do not love you`。取平均的话，`not` 有五分之一的发言权，`do` 也有。**在平均里，每个词都一样重。**

# %% [markdown]
# 平均只是混合的一种配方：各占三分之一。没人拦着我们说“0.2 份 `I`，0.7 份 `love`，0.1 份 `you`”。这些就是**份额**，加起来等于 1。
#
# 每一行乘上它的份额，再加起来。先乘后加的运算，你是认识的。先在纸上算：0.2 x 1.0 + 0.7 x 0.5 + 0.1 x 1.5，再算第二列。

# %%
shares = torch.tensor([0.2, 0.7, 0.1])
recipe = torch.tensor([[1.0, 0.0, 0.0],
                       [0.5, 0.5, 0.0],
                       [0.2, 0.7, 0.1]])

# %%
mixed = ____  # 0.2 份“I”、0.7 份“love”、0.1 份“you”，合成一行
all_mixed = ____  # `recipe` 的每一行混出一个结果
check("06.02")

# %%
print("混合：", mixed)
print(all_mixed)

# %% [markdown]
# 一次乘法，所有位置都混好了：**份额表乘以那些行**。配方的第 0 行只取 `I`，第 1 行是两个词的平均，第 2 行就是我们刚才的混合。
#
# 后面的一切都靠这句话撑着：**注意力就是拿一张份额表去做矩阵乘法**。剩下的问题是怎么找到好的份额。三个单词可以手工来定。换成一百万个窗口，最好还是让这些行自己去找。
#
# - [ ] 06.01 把读到的内容平均起来
# - [ ] 06.02 改用份额来混合
# - [ ] 06.r1 我说得出，只把同伴平均一下，一个词得不到的是什么

# %% [markdown]
# ## 按相关程度混合 · 16 分钟
#
# `I` 该听谁的？先这么定：谁跟它有共同点，就听谁的。我们需要一个数：两行合得来，它就大；合不来，它就小。
#
# 有一个现成的：对应的数两两相乘，再加起来。两个词都很像“人”，第一个积就大；都很像“感情”，第二个积就大。你早就认识它了，它叫**点积**。
#
# 先在纸上算：`I` 是 (1.0, 0.5)，`love` 是 (0.5, 1.5)，`you` 是 (1.5, 1.0)。

# %%
i, love, you = words

# %%
i_with_love = ____  # 两行的点积
scores_of_i = ____  # 三个一起算：“I”和“I”、和“love”、和“you”
check("06.03")

# %%
print("I 和 love：", i_with_love)
print("I 和大家： ", scores_of_i)

# %% [markdown]
# `I` 在自己身上找到 1.25，在 `love` 身上找到 1.25，在 `you` 身上找到 2.0。真浪漫。这些数叫**得分**。
#
# 刚才是一个词在问。三个词都要问，是做三次乘法，还是一次就行？矩阵乘法就是一张点积表：左边的每一行，配右边的每一**列**。我们要的是行配行，所以先把右边那个转置。
#
# 猜猜看：`love` 最中意谁？

# %%
scores = ____  # 行：谁在问；列：问的是谁
favourites = ____  # 每一行里最大得分的位置，合成一个张量
check("06.04")

# %%
draw.heat(
    scores,
    rows=names,
    columns=names,
    title="单词之间有多合得来：点积",
    alt="三行是谁在问，三列是问的是谁。I：1.25, 1.25, 2.00。love：1.25, 2.50, 2.25。you：2.00, 2.25, 3.25。沿对角线"
    "翻过来，表还是原样。",
    x_name="问的是谁",
    y_name="谁在问",
)
print("最中意的：", [names[place] for place in favourites])

# %% [markdown]
# `love` 爱的是它自己；这张表呢，照照镜子，跟自己一模一样。这两点马上就要让我们头疼。
#
# 不过总算开了头：得分表有了，要的是份额表。`love` 的得分加起来是 6。份额加起来应该是 1。
#
# - [ ] 06.03 用点积算得分
# - [ ] 06.04 用一次矩阵乘法算出所有得分
# - [ ] 06.r2 我看得懂这张表：谁在问，问的是谁

# %% [markdown]
# ## Softmax · 20 分钟
#
# 那就除以总和？本来行得通，直到来了第四个词：*hate*，(0.5, -1.5)，有点像“人”，“感情”却是反方向的。`love` 把四个都问了一遍：

# %%
four = ["I", "love", "you", "hate"]
love_scores = torch.tensor([1.25, 2.5, 2.25, -2.0])
print("总和：", love_scores.sum(), " 除以总和：", love_scores / love_scores.sum())

# %% [markdown]
# `hate` 占了负的二分之一，为了补上这个窟窿，其余几个合起来占了一又二分之一。要是四个得分加起来正好是 0，连除都没法除。得分可以是任何数，份额不行。
#
# 所以首先要有个东西，把每个数都变成**正数**，同时大的还是大。你知道哪个函数的曲线永远碰不到零，又一路往上走吗？

# %%
powers = ____  # e 的“得分”次方，每个得分算一个
love_shares = ____  # 每个幂占总和的份额
check("06.05")

# %%
for word, score, power, share in zip(four, love_scores.tolist(), powers.tolist(), love_shares.tolist(), strict=True):
    print(f"{word:>5} {score:>6.2f} -> {power:>6.2f} -> {share:.3f}")
print("份额加起来是", round(love_shares.sum().item(), 4))

# %% [markdown]
# 人人有份，次序没变，`hate` 也没被赶出去，只是被请到了最后一排。取指数，再各自除以总和：这就是 **softmax**。起决定作用的是得分之间的**差**。多一分，份额总是变成 2.72 倍。
#
# PyTorch 里是 `F.softmax(scores, dim=...)`。还有两个地方会出岔子。

# %% [markdown]
# 第一，得分可能很大。下面三个是 1000、999 和 998，各差一分。先猜会出来什么，再运行：

# %%
large = torch.tensor([1000.0, 999.0, 998.0])
print(torch.exp(large), torch.exp(large) / torch.exp(large).sum())

# %% [markdown]
# float32 大约到 3.4 x 10³⁸ 就到头了，而 e¹⁰⁰⁰ 有 435 位。无穷除以无穷是 `nan`（*not a number*，不是数），只要有一个，就会像一滴墨水滴进清水，染遍整个模型。
#
# 出路在这儿：只有差才算数。所有得分都减去同一个数，每个幂就都除以同一个因子，算份额时正好约掉。你会减去哪个数？

# %%
shifted = ____  # 得分整体平移，让最大的变成 0
safe = ____  # 它们的份额
check("06.06")

# %%
print(shifted, "->", safe)

# %% [markdown]
# 0.665、0.245、0.090：任何三个各差一分的得分，份额都是这样。`F.softmax` 也会先减去最大值，所以多大的得分你都可以放心交给它。
#
# 第二个岔子，实际干活时真会碰上，而且一声不吭。得分表有两维。份额该沿着哪一维加起来等于 1？
#
# 第 1 行是 `love` 在挨个打听。它手里只有一份注意力可以分，所以**每一行加起来等于 1**，至于列，随它去。`dim=-1` 指最后一维，也就是沿着行。`keepdim=True` 让各行的和保持一列的样子，(3, 1)，这样每一行除的才是自己的和。

# %%
row_powers = torch.exp(scores - scores.max(dim=-1, keepdim=True).values)
word_shares = ____  # 每一行的份额
gathered = ____  # 每个词一行：按它自己的份额，把所有的词混合起来
check("06.07")

# %%
print(word_shares)
print("行加起来是", word_shares.sum(dim=1), "列加起来是", word_shares.sum(dim=0))
print(gathered)

# %% [markdown]
# 得分、份额、混合。最简单的注意力就是这样，你自己也能发明出来。写成 PyTorch 只要一行：`F.softmax(words @ words.T, dim=-1) @ words`。
#
# 从现在起，这些份额改用大家都用的名字：**注意力权重**。
#
# - [ ] 06.05 把得分变成份额：取指数，再除以总和
# - [ ] 06.06 没让大得分溢出
# - [ ] 06.07 沿着正确的一维取份额，再混合
# - [ ] 06.r3 我说得出为什么权重的每一行加起来等于 1，而列不必

# %% [markdown]
# ## query、key 和 value · 22 分钟
#
# 现在来处理那两件让人头疼的事。`love` 给自己 2.5，给 `you` 2.25，给 `I` 1.25。一行往往跟自己最有共同点。可 `love` 早就知道自己是爱了。它**缺**的是：谁爱谁。
#
# 还有，`love` 对 `you` 和 `you` 对 `love` 是同一个数，点积只能如此。可是“我在你身上找什么”和“你在我身上找什么”明明是两个问题，被理查三世追求过的人都可以作证。
#
# 问题出在：同一行既要说“我在找什么”，又要说“我是什么”。那就让它说两样东西。

# %% [markdown]
# 每个词有一个 **query**，说它在找什么；还有一个 **key**，说别人凭什么找到它。于是得分就是“我的 query 和你的 key”的点积。两者各有一个矩阵，从这个词的行把它算出来：

# %%
to_query = torch.tensor([[0.0, 1.0],
                         [2.0, 0.0]])
to_key = torch.tensor([[1.0, 0.0],
                       [-1.0, 1.0]])

# %% [markdown]
# 把它们当成指令来读。query 是 (2 x 感情, 1 x 人)：感情在找人，人在找感情。key 是 (人 - 感情, 感情)，意思是“我更像人，不太像感情”和“我是感情”。
#
# 在纸上算：`love`，也就是 (0.5, 1.5)，发出的 query；还有 `I`，也就是 (1.0, 0.5)，以及 `love` 自己的 key。

# %%
query_of_love = ____  # love 在找什么
key_of_i = ____  # 别人凭什么找到“I”
key_of_love = love @ to_key
love_asks_i = ____  # love 给“I”打的得分
love_asks_love = query_of_love @ key_of_love
check("06.08")

# %%
print("love 的 query：", query_of_love, " I 的 key：", key_of_i, " love 的 key：", key_of_love)
print(f"love 问 I：{love_asks_i:.2f}   love 问 love：{love_asks_love:.2f}")

# %% [markdown]
# 给 `I` 的是 1.75，给自己的是 -2.25：`love` 现在不看自己了。
#
# 一个词**凭什么被找到**，跟它**能给什么**，不必是一回事。找书靠书名，可你不会花三个星期去读书名。所以每个词还有一个 **value**：谁来听，它就把这些数交给谁。我们的 value 有三个数，是想让你看到：它多长都行。
#
# | | 是什么 | 怎么算 | 用到哪里 |
# | --- | --- | --- | --- |
# | query | 我要问什么 | `words @ to_query` | 得分 |
# | key | 凭什么找到我 | `words @ to_key` | 得分 |
# | value | 我给什么 | `words @ to_value` | 混合 |

# %%
to_value = torch.tensor([[1.0, 0.0, 0.5],
                         [0.0, 2.0, 0.5]])
word_queries = words @ to_query
word_values = words @ to_value
print(word_queries)
print(word_values)

# %%
word_keys = ____  # 三个单词的 key，一行一个
asked = ____  # 所有得分；行：谁在问，列：问的是谁
answer = ____  # 按每一行的权重混合出来的 value
check("06.09")

# %%
draw.heat(
    F.softmax(asked, dim=-1),
    rows=names,
    columns=names,
    title="注意力权重，用上了 query 和 key",
    alt="三行是谁在问，三列是问的是谁。I：0.31, 0.19, 0.51。love：0.43, 0.01, 0.56。you：0.30, 0.07, 0.63。这张表照"
    "镜子不再和自己一样了：love 给 you 0.56，you 只还了 0.07。",
    x_name="问的是谁",
    y_name="谁在问",
)
print(answer)

# %% [markdown]
# `love` 听 `you` 的，也听 `I` 的，几乎不听自己。它想从 `you` 那里得到很多，得到的却很少。镜子破了，好看的喜剧都是这么开场的。
#
# 这些全是我们手工编的。到了模型里，**没有人来编**：三个矩阵一开始是随机数，然后被损失推来推去。`Let's he` 的最后一个 `e`，也许会学着去问“附近有没有辅音”；`h` 也许会让人凭“位置 6 上的辅音”找到它，再把关于 `h` 值得知道的东西交出去。也可能它们问的东西，谁也叫不出名字。那就是它们自己的事了。

# %% [markdown]
# 会学习的矩阵，在 PyTorch 里叫 `nn.Linear(in, out)`。两个细节：它平时会加一个偏置，我们不要；它存矩阵是反着存的，(out, in)。
#
# 一个从 8 个数到 4 个数的层，先猜猜它的 `weight` 是什么形状。再把 `layer(rows)` 做的事写成矩阵乘法。

# %%
torch.manual_seed(1341)
rows = torch.randn(5, 8)
layer = ____  # 从 8 个数到 4 个数，不要偏置
by_product = ____  # layer(rows) 的结果，用它的 weight 乘出来
check("06.10")

# %%
print("weight：", tuple(layer.weight.shape), " rows：", tuple(rows.shape), "->", tuple(by_product.shape))
print("和 layer(rows) 一样：", torch.allclose(by_product, layer(rows)))

# %% [markdown]
# 为什么不要偏置？给每个 key 都加上一行 *b*，那么同一个 query 的所有得分都会增加同一个数，*query · b*。这对 softmax 有什么影响，06.06 已经告诉你了：一点也没有。加在 query 上的偏置倒不会消失，不过没有它我们也过得不错。（GPT-2 两个都有；许多更新的模型一个也没有。）
#
# - [ ] 06.08 让“love”用 query 和 key 来提问
# - [ ] 06.09 给所有单词用上 query、key 和 value
# - [ ] 06.10 用 nn.Linear 做出矩阵
# - [ ] 06.r4 我说得出，这三种样子各管什么：提问、被找到、给出去

# %% [markdown]
# ## 缩放 · 24 分钟
#
# 我们的 query 和 key 只有两个数。正式配置里有 16 个，GPT-2 里有 64 个。除了要加的东西变多，还有什么会变吗？
#
# 取一些随机的 query 和 key，每个数的均值是 0，方差是 1。它们的点积平均是 0，有的偏大，有的偏小。散得有多开？猜一猜：向量有 4 个数的时候，点积的方差是多少？有 256 个数的时候呢？每个 query 只跟它自己的那个 key 配对：5,000 对，得到 5,000 个数。

# %%
sizes = (4, 16, 64, 256)


def dot_products(d: int) -> torch.Tensor:
    """5,000 对随机向量的点积，每个向量 d 个数：(5000,)。"""
    torch.manual_seed(1341)
    some_queries, some_keys = torch.randn(5_000, d), torch.randn(5_000, d)
    return ____  # 每一对一个点积：行对行


variances = [____ for d in sizes]  # 它们的方差，照 `.var()` 的算法
check("06.11")

# %%
for d, variance in zip(sizes, variances, strict=True):
    print(f"d = {d:>3}：方差 {variance:6.1f}")
draw.lines(
    {"点积的方差": variances, "d": sizes},
    x=sizes,
    title="向量越长，点积散得越开",
    alt="d 从 4 到 256 的两条线。量出来的方差和 d 本身重合在一起，都从 4 左右笔直地升到 256 左右。",
    x_name="d，一个向量里有几个数",
    y_name="方差",
)

# %% [markdown]
# 方差**就是** d，那点出入，只是抽了 5,000 次的运气。道理是这样的：两个这样的数相乘，积的均值是 0，方差是 1；点积把 d 个这样的积加起来；而互相独立的东西，方差可以直接相加。
#
# 所以有 256 个数的时候，一个普普通通的得分就是 16 或 -16，不再是 1 了。这有什么不好吗？下面是八个心平气和的得分。先取它们的份额，再把同样的得分乘 2、乘 4、乘 16，各取一遍份额。猜猜最大的份额会有多大。

# %%
calm = torch.tensor([0.9, 0.1, -0.4, 1.2, -1.1, 0.5, -0.2, -1.0])
factors = (1, 2, 4, 16)

# %%
sharper = torch.stack([
    ____  # 得分乘上 factor 之后的份额
    for factor in factors
])
peaks = ____  # 每一行里最大的份额
check("06.12")

# %%
draw.heat(
    sharper,
    rows=[f"x {factor}" for factor in factors],
    columns=[f"{score:.1f}" for score in calm],
    title="同样的八个得分，越乘越大，再做 softmax",
    alt="四行份额，对应得分 0.9、0.1、-0.4、1.2、-1.1、0.5、-0.2、-1.0。乘 1 时份额分得很散：0.9 得 0.23，1.2 得 "
    "0.31，没有一个低于 0.03。乘 2 时最大的是 0.49，乘 4 时是 0.72。乘 16 时是 0.99，第二名 0.01，其余都是 0.00。",
)

# %% [markdown]
# 乘 16 以后，softmax 把 0.99 押在一个位置上。这叫挑，不叫混合。
#
# 而且这样的一行几乎**学不动**。把最好的那个得分轻轻推一下，它的份额会动多少？斜率是“份额 x (1 - 份额)”，PyTorch 的梯度也这么说：

# %%
for factor in factors:
    nudged = (factor * calm).requires_grad_()
    best = F.softmax(nudged, dim=-1).max()
    (slope,) = torch.autograd.grad(best, nudged)
    print(f"x {factor:>2}：份额 {best.item():.4f}  斜率 {slope.max().item():.4f}  份额 x (1 - 份额)", end=" ")
    print(f"{(best * (1 - best)).item():.4f}")

# %% [markdown]
# | 最大的份额 | 斜率 |
# | ---: | ---: |
# | 0.31 | 0.21 |
# | 0.99 | 0.008 |
# | 0.9999 | 0.0001 |
#
# 份额到了 0.99，斜率只有 0.31 时的 26 分之一。训练就靠斜率：一个头还什么都没学到就先拿定了主意，你再告诉它错了，它也几乎听不见。所以在有理由确信之前，让得分待在 1 左右。
#
# 把一批数除以 *c*，方差就除以 *c²*。现在方差是 *d*。要让它变成 1，该除以什么？

# %%
d = 64

# %%
scaled = ____  # `dot_products(d)`，除以能让方差变成 1 的那个数


def scaled_scores(queries: torch.Tensor, keys: torch.Tensor) -> torch.Tensor:
    """每个 query 对每个 key 的得分，方差约为 1：(places, d) 和 (places, d) -> (places, places)。"""
    d = ____  # 一个 query 有几个数？
    return ____  # 所有得分，缩放过


check("06.13")

# %%
for size in sizes:
    raw = dot_products(size)
    print(f"d = {size:>3}：方差 {raw.var():6.1f}   除以根号 d {(raw / size**0.5).var():.2f}", end="   ")
    print(f"除以 d {(raw / size).var():.4f}")

# %% [markdown]
# 除以平方根，不管 d 是多少，方差都待在 1。除以 d 本身，方差就一路往 0 缩，我们又回到了普普通通的平均。
#
# 大名鼎鼎的 √d，说穿了就是这么回事。得分 = *queries @ keys.T / √d*；再加上 softmax 和 value，就叫**缩放点积注意力**（scaled dot-product attention）。别弄错是哪个 d：是一个 query 的长度，因为加起来的积就有这么多个。不是位置的个数，也不是模型的宽度。
#
# - [ ] 06.11 量出点积散得多开
# - [ ] 06.12 看到 softmax 会把大得分怎么样
# - [ ] 06.13 缩放得分
# - [ ] 06.r5 我说得出，没有根号 d 会出什么毛病

# %% [markdown]
# ## 因果掩码 · 24 分钟
#
# 来看一个会预测骰子的头。给它看八次掷骰子的结果，它要在八个位置上各说一个：下一次掷出几点。谁来猜，最好也就是六次里中一次。
#
# 下面的函数拿一个小小的头，就是你做出来的那种，训练 100 步，然后拿新掷的骰子来考它，返回每个位置上答对的比例。不用读它。先猜会出来什么。

# %%
def train_on_dice(wall: torch.Tensor) -> torch.Tensor:
    """训练之后，8 个位置各自答对的比例；`wall` (8, 8) 会加到得分上。"""
    torch.manual_seed(1341)
    number, place = nn.Embedding(6, 8), nn.Embedding(8, 8)
    asks, offers, gives = (nn.Linear(8, 8, bias=False) for _ in range(3))
    guess = nn.Linear(8, 6)
    parameters = [p for part in (number, place, asks, offers, gives, guess) for p in part.parameters()]

    def answers(throws: torch.Tensor) -> torch.Tensor:
        x = number(throws) + place.weight
        return guess(F.softmax(asks(x) @ offers(x).mT / 8**0.5 + wall, dim=-1) @ gives(x))

    for _ in range(100):
        throws = torch.randint(6, (32, 9))
        loss = F.cross_entropy(answers(throws[:, :-1]).flatten(0, 1), throws[:, 1:].flatten())
        slopes = torch.autograd.grad(loss, parameters)
        with torch.no_grad():
            for parameter, slope in zip(parameters, slopes, strict=True):
                parameter -= slope
    throws = torch.randint(6, (500, 9))
    return (answers(throws[:, :-1]).argmax(dim=-1) == throws[:, 1:]).float().mean(dim=0)


no_wall = torch.zeros(8, 8)
dice = train_on_dice(no_wall)
draw.bars(
    range(8),
    dice,
    title="预测骰子：每个位置答对的比例",
    alt="八根柱子。位置 0 到 6 上，答对的比例是 1.00。位置 7 上大约是 0.16。",
    x_name="位置",
)

# %% [markdown]
# 七个位置，一次都没错。得意十秒钟，然后就该起疑心了。
#
# 在位置 3，问的是位置 4 掷出了几点。而位置 4 就在窗口里，往右一步就是，所以这个头直接把答案念了出来。只有到了位置 7，也就是最后一根柱子，右边什么也没有了，它又退回到六次里中一次。
#
# **它学会的是照抄答案**，别的什么也不会：模型自己写的时候，永远站在最后一个位置上。

# %% [markdown]
# 所以，谁都不许往右看。每个位置可以看自己，也可以看前面的。给四个位置画一张表：行是谁在问，列是问的是谁，1 是“可以”，0 是“不可以”。那些 1 排成什么形状？
#
# `torch.tril` 留下矩阵的下三角，连同对角线，其余都变成 0。

# %%
n = 4

# %%
allowed = ____  # 这一行可以看这一列就是 1，否则是 0
seen = ____  # 每个位置可以看几个位置？在 `allowed` 里数
check("06.14")

# %%
print("可以看几个：", seen)
draw.heat(
    torch.tril(torch.ones(8, 8)),
    rows=running.SENTENCE,
    columns=running.SENTENCE,
    title="“Let's he”的因果掩码：谁可以看谁",
    alt="八行是谁在问，八列是问的是谁，标着 L、e、t、撇号、s、空格、h、e。对角线上和对角线下面的格子是 1，上面的是 0"
    "，像一段楼梯。第一行只有一个 1，最后一行有八个。",
    x_name="问的是谁",
    y_name="谁在问",
)

# %% [markdown]
# 一段楼梯：这就是**因果掩码**，因为原因总在结果前面。
#
# 现在要让它对得分起作用。softmax 之后，禁看的位置权重必须正好是 0。e 的多少次方是 0？不是 0 次方：e⁰ 是 1。-5 次方也不行，还剩 0.007。有一个可以，电脑里也有：负无穷，`float("-inf")`。
#
# `x.masked_fill(condition, number)`：凡是条件成立的地方，就写上这个数。

# %%
raw_scores = torch.tensor([[0.5, 1.5, -0.5, 3.0],
                           [1.0, 0.2, 2.5, -1.0],
                           [-0.7, 0.8, 1.4, 0.6],
                           [0.3, -1.2, 0.9, 0.4]])

# %%
masked = ____  # 不许看的地方填负无穷
attention = ____  # 权重，一行一行来
check("06.15")

# %%
print(masked)
print(attention)

# %% [markdown]
# 看第一行：1, 0, 0, 0。给最后一个位置的 3.0 没了。第一个位置除了自己谁也看不到，所以全都给了自己，**不管得分是多少**。凡是这一类模型，每个头都是如此。
#
# 每一行加起来仍然是 1。能不能省事一点：先 softmax，事后再把右上角清零？听起来是一回事。试试看。

# %%
late = ____  # 先 softmax，再把不许看的地方清零
late_sums = ____  # 每一行加起来是多少？
check("06.16")

# %%
print("行加起来是", late_sums)
other_future = raw_scores.clone()
other_future[0, 3] = -3.0  # 第一个位置给最后一个位置的得分，它本来不许看
print("第一行，改之前：", late[0], " 改之后：", (F.softmax(other_future, dim=-1) * allowed)[0])

# %% [markdown]
# 第一行加起来是 0.06。其余的分给了别的位置，随后又被没收了。还有更糟的：把第一个位置不许看的某个得分改一改，它给自己的权重也跟着变了，从 0.06 变成 0.24。**缺了多少，这件事本身就泄露了未来**，而这样的漏洞，训练一个都不会放过。
#
# 所以掩码要放在 softmax 之前，用负无穷。现在再来掷骰子，这回隔着一堵墙：

# %%
wall = torch.zeros(8, 8).masked_fill(torch.tril(torch.ones(8, 8)) == 0, float("-inf"))
dice_masked = train_on_dice(wall)
print("没有墙：", dice)
print("有墙：  ", dice_masked)

# %% [markdown]
# 每个位置差不多都是六次里中一次。难得有一回，模型什么都不知道，我们反而高兴：本来就没有什么可知道的。
#
# - [ ] 06.14 写下谁可以看谁
# - [ ] 06.15 把掩码放在 softmax 之前
# - [ ] 06.16 把它放在 softmax 之后，看到泄露了什么
# - [ ] 06.r6 我说得出为什么权重的第一行总是 1, 0, 0, ...

# %% [markdown]
# ## 对权重做 dropout · 13 分钟
#
# 有两个头想知道接下来是不是元音。它们去问前面的四个位置，答案在 `told` 里，接近 1 就是“是”；每个头再按自己的权重把答案混合起来。一个头只靠着某个邻居，因为它曾经管用过一次；另一个头四个都听。现在，有一个位置不出声了。猜猜两边的混合各剩多少：

# %%
told = torch.tensor([1.0, 0.8, 1.2, 1.0])
leaning = torch.tensor([0.02, 0.02, 0.94, 0.02])
listening = torch.tensor([0.25, 0.25, 0.25, 0.25])
for how, shares_of_four in (("只靠一个", leaning), ("四个都听", listening)):
    products = shares_of_four * told
    print(f"{how:<16} {products.sum():.3f}，一个位置不出声时：{products.sum() - products}")

# %% [markdown]
# 没了那个邻居，第一个头的 1.184 只剩下 0.056。第二个头呢，不管谁不出声，都没有低于 0.7。而在新的文本里，总会有谁不出声：“往左数两个，看那里”也许在《科利奥兰纳斯》的某几行里行得通，换个地方就不灵了。
#
# 怎么教一个头别死靠着谁？**训练的时候**随机拿走几个位置，每一步拿走的都不一样。这就是 **dropout**。在这里，它作用在注意力权重上：每个权重以概率 *p* 变成 0。
#
# p = 0.25 的话，平均每四个权重去掉一个。混合的大小会怎样？拿四个权重掷 10,000 次骰子看看。

# %%
p = 0.25
four_weights = torch.tensor([0.1, 0.2, 0.3, 0.4])
torch.manual_seed(1341)
keeps = torch.rand(10_000, 4) > p  # True：这个权重留下
print(keeps[:3])

# %%
dropped = ____  # 每个权重在各次里的均值，被丢掉的那几次算 0
repaired = ____  # 每一次的权重，放大到均值和原来一样
check("06.18")

# %%
print("权重：     ", four_weights)
print("丢掉之后： ", dropped)
print("补好之后： ", repaired.mean(dim=0))

# %% [markdown]
# 去掉四分之一，平均还剩四分之三：0.1 剩下 0.075。后面的层会慢慢习惯这个大小，等到哪天什么都不丢了，反而吓一跳。所以留下来的都除以 1 - p，均值就跟原来一样了。
#
# `nn.Dropout(p)` 两件事都做，还带一个开关：训练时丢，考试时全部放行。`module.train()` 和 `module.eval()` 拨动开关；新建的模块处于训练模式。

# %%
ones = torch.ones(1000)
torch.manual_seed(1341)
dropout = ____  # 以概率 p 丢掉每个数
in_training = dropout(ones)
dropout.____()  # 把开关拨到考试那一档
in_exam = dropout(ones)
check("06.19")

# %%
print("训练时：", in_training[:8], f" 零的比例：{(in_training == 0).float().mean():.3f}，均值 "
    f"{in_training.mean():.3f}")
print("考试时：", in_exam[:8], f" 均值 {in_exam.mean():.3f}")

# %% [markdown]
# 幸存下来的是 1.333，也就是 1/0.75。考试的时候，全都是 1。
#
# 忘了 `eval()` 是经典错误：模型比它本来的水平差一点，而且每次答得都不一样。忘了拨回 `train()` 是另一个经典：从那以后就什么都不丢了。
#
# 说到我们自己的模型，得讲实话：训练时，文本里的大多数地方它只碰到一次，或者一次都碰不到。这样根本没法死记硬背，所以 `Config()` 把 dropout 设成 0，只有小配置才开着它。dropout 真正要紧的场合，是大模型把一份小文本翻来覆去地读。
#
# - [ ] 06.18 手工丢掉一些权重，再把均值补回来
# - [ ] 06.19 从训练切换到考试
# - [ ] 06.r7 我说得出为什么要除以 1 - p

# %% [markdown]
# ## 一个头，从头到尾 · 18 分钟
#
# 零件都摆在桌上了。现在轮到 `"Let's he"`，用它真正的数，也就是第 05 章 LayerNorm 留下的样子。三个矩阵，加上后面这一串，合起来叫一个**头**。小配置里一行有 8 个数，头把它变成 query、key 和 value 各 4 个数。（为什么是 4？到第 07 章，会有两个头来分这 8 个数。）

# %%
small = Config.small()
head_size = small.embedding_dim // small.num_heads
x = running.after("05")[0]
print(tuple(x.shape), "头的大小", head_size)
print(x)

# %%
torch.manual_seed(1341)
query, key, value = (
    ____  # 从模型的宽度到头的大小，用变量名写
    for _ in range(3)
)
queries, keys, values = ____  # x 的三种样子
check("06.20")

# %%
print("query", tuple(queries.shape), "key", tuple(keys.shape), "value", tuple(values.shape))
print(queries.detach().round(decimals=3))

# %% [markdown]
# 八个位置，每个位置一个提问，也就是四个数。接下来是缩放过的得分，然后掩码，然后 softmax。先猜：这些层什么都没学过，一开始是很小的随机数。权重会很尖锐，还是差不多平均？

# %%
mask = torch.tril(torch.ones(small.input_sequence_length, small.input_sequence_length))
head_scores = ____  # 缩放过的得分，(8, 8)
weights = ____  # 注意力权重，加了掩码
check("06.21")

# %%
draw.heat(
    weights,
    rows=running.SENTENCE,
    columns=running.SENTENCE,
    title="没训练过的头在“Let's he”上的注意力权重",
    alt="八行是谁在问，八列是问的是谁，标着 L、e、t、撇号、s、空格、h、e。对角线以上的权重都是 0.00。L 行把 1.00 给"
    "了自己。e 行给 L 0.41，给自己 0.59；t 行是 0.37、0.29 和 0.35。从 s 行往下，没有一个权重超过 0.29；最后一行有八"
    "个，在 0.07 和 0.15 之间。",
    x_name="问的是谁",
    y_name="谁在问",
)

# %% [markdown]
# 一行一行地读。`L` 只有自己，也只能如此。`e` 给 `L` 0.41，给自己 0.59。最后一行要是取平均，八个位置各得 0.125；这个头给的在 0.07 和 0.15 之间。像是手一边发抖一边取的平均，而且怎么个抖法，现在还没有任何意义。从这里出发挺好：谁也没有被冷落。
#
# 最后一步，先手工来。第 1 行，也就是那个 `e`，看得到两个位置：哪个权重配哪个 value？然后八行一起算。猜猜第 0 行会是什么。

# %%
second_row = ____  # 手算第 1 行，不用 `@`：它看得到的两个位置
out = ____  # 所有行一起算：给每个位置混合 value，(8, 4)
check("06.22")

# %%
print(out.detach())
print("离开这一章时就是这些数：", torch.equal(out.round(decimals=4), running.after("06")[0].round(decimals=4)))

# %% [markdown]
# 第 0 行就是 `L` 的 value，什么也没掺，因为它的权重是 1。第 1 行掺的是 0.41 份它，加 0.59 份 `e` 的 value。
#
# 再看两个 `e`，第 1 行和第 7 行。在第 02 章，它们是同样的八个数。在第 03 章，位置把它们区分开了。现在，一个碰到过一个 `L`，另一个碰到过一整句：**它们的不同，在于跟谁做伴**，这正是我们一路追求的。
#
# - [ ] 06.20 给“Let's he”配上 query、key 和 value
# - [ ] 06.21 算出它的注意力权重
# - [ ] 06.22 混合它的 value，其中一行手算
# - [ ] 06.r8 我能指着图里的一个格子，说出它是什么意思

# %% [markdown]
# ## 许多窗口一起来 · 12 分钟
#
# 一个批次有许多窗口，各管各的：`Let's he` 跟另一部剧里的 `h` 毫无瓜葛。三个窗口，八个位置，八个数：(3, 8, 8)。Linear 只在最后一维上干活，其余的它不在乎。

# %%
three = ["Let's he", "O Romeo,", "the quee"]
windows = running.part("05")(running.part("04")(torch.tensor([running.loader().encode(w) for w in three]))).detach()
torch.manual_seed(1341)
head_queries, head_keys = torch.randn(3, 2, 8, 4), torch.randn(3, 2, 8, 4)  # 编出来的：两个头

# %%
window_queries, window_keys, window_values = query(windows), key(windows), value(windows)
print(tuple(windows.shape), "->", tuple(window_queries.shape))

# %% [markdown]
# 不用循环。维数超过两个的时候，`@` 把**最后两维**当作矩阵，前面那些维只说明要做多少次乘法：(3, 8, 4) @ (3, 4, 8) 就是三次 (8, 4) 乘 (4, 8)，得到 (3, 8, 8)。三个窗口，每个窗口两个头，就是 (3, 2, 8, 4)，写成文字就是 (批次, 头, 序列, 头的大小)。
#
# 转置要小心。`.T` 会把所有维都倒过来。`.mT` 只交换最后两维，`.transpose(-2, -1)` 也是。

# %%
window_scores = ____  # 缩放过的得分，每个窗口一张表
window_weights = F.softmax(window_scores.masked_fill(mask == 0, float("-inf")), dim=-1)
window_out = ____  # 在各自的窗口里混合 value
head_tables = ____  # 每个窗口两个头，不缩放：(3, 2, 8, 8)
check("06.23")

# %%
print(tuple(window_scores.shape), "->", tuple(window_out.shape), " 两个头：", tuple(head_tables.shape))
print("“Let's he”和之前一样：", torch.allclose(window_out[0], out, atol=1e-6))

# %% [markdown]
# 一张 (8, 8) 的掩码，三张表都够用了。第一个窗口的结果跟它单独算的时候完全一样：没有哪个窗口偷看过别的窗口。
#
# 这一整套在 PyTorch 里只要调用一次：`F.scaled_dot_product_attention(queries, keys, values, is_causal=True)`。
#
# - [ ] 06.23 对一批窗口做了一遍，又对两个头做了一遍

# %% [markdown]
# ## 短一点的窗口 · 10 分钟
#
# 掩码是照最长的窗口做的，这里是 8。可是刚开始写的模型，先只读了一个字符，然后两个，然后三个。读了五个，它的得分表是 (5, 5)，跟 (8, 8) 的掩码对不上。
#
# 一段 8 级的楼梯，哪一部分是 5 级的楼梯？左上角，`mask[:5, :5]`。
#
# 先猜再算：只给前五个字符得到的答案，跟给全八个字符得到的答案的前五行，有什么不同？

# %%
def attend(x: torch.Tensor) -> torch.Tensor:
    """头对窗口的回答，窗口最长 8 个位置：(..., sequence, 8) -> (..., sequence, 4)。"""
    length = ____  # 一个窗口有几个位置？
    attend_scores = query(x) @ key(x).mT / head_size**0.5
    attend_scores = attend_scores.masked_fill(____ == 0, float("-inf"))  # 掩码，用多少取多少
    return F.softmax(attend_scores, dim=-1) @ value(x)


first_five = attend(windows[:, :5])
check("06.24")

# %%
print(tuple(windows[:, :5].shape), "->", tuple(first_five.shape))
print("和八行里的前五行一样：", torch.allclose(first_five, window_out[:, :5], atol=1e-6))

# %% [markdown]
# 没有任何不同。前五个字符谁也看不到后三个，所以后三个在不在都一样。**一个位置算出来的东西，不管后面再写什么，都不会变**。第 01 章承诺过，一个八字符的窗口就是八道公平的考题，道理就在这里：在位置 4，这个头知道的，一点也不比文本到那里就结束时多。

# %% [markdown]
# 还剩一件事：掩码放在哪儿？它该由头来保管，但它不是参数，谁也不该去训练它。要是做成普通属性，`self.mask = ...`，它就会被落下：你把模型搬到显卡上，或者用 `.double()` 换成更宽的数，模型只带走在它那里“登记”过的东西，别的一概不管。
#
# **buffer** 就是干这个的：`self.register_buffer("mask", tensor, persistent=False)`。buffer 会跟着走，但不参加训练。`persistent=False` 让它不进保存的文件：一段楼梯，谁都搭得出来。

# %%
class Keeper(nn.Module):
    """有一个要训练的数，还保管着一张掩码，窗口最长 `length`。"""

    def __init__(self, length: int) -> None:
        """掩码让每个位置看得到自己和前面的。"""
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))
        ____  # 把掩码存成 buffer


check("06.25")

# %%
keeper = Keeper(3).double()
print("要训练的：", [name for name, _ in keeper.named_parameters()], " 会保存的：", list(keeper.state_dict()))
print("跟着走了：", keeper.mask.dtype)

# %% [markdown]
# - [ ] 06.24 为短窗口切掩码
# - [ ] 06.25 把掩码存进 buffer
# - [ ] 06.r9 我说得出为什么前五个答案跟后三个字符无关

# %% [markdown]
# ## 类 · 12 分钟
#
# 九个空，没有新东西：每一行你都写过了。方法 `weights` 到 softmax 为止，这样你可以看权重；`forward` 再丢掉其中一些，然后混合 value。

# %%
class AttentionHead(nn.Module):
    """让每个位置看自己和前面的位置，再按看到的情况混合它们的 value。"""

    mask: torch.Tensor

    def __init__(self, head_size: int, config: Config) -> None:
        """query、key 和 value 各 `head_size` 个数，由 `config.embedding_dim` 宽的行算出。"""
        super().__init__()
        self.query = ____  # 一个位置要问什么
        self.key = ____  # 别人凭什么找到它
        self.value = ____  # 它给什么
        self.dropout = ____  # 训练时丢掉一些权重
        longest = config.input_sequence_length
        self.register_buffer("mask", ____, persistent=False)  # 谁可以看谁

    def weights(self, x: torch.Tensor) -> torch.Tensor:
        """每个位置各听各个位置多少，dropout 之前：(..., sequence, width) -> (..., sequence, sequence)。"""
        length, head_size = x.shape[-2], self.query.out_features
        scores = ____  # 缩放过的得分
        scores = ____  # 未来填负无穷
        return ____  # 每行加起来等于 1 的份额

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """每个位置收集到的东西：(batch, sequence, width) -> (batch, sequence, head_size)。"""
        return ____  # 按 dropout 之后的权重混合 value


check("06.26")

# %%
torch.manual_seed(1341)
head = AttentionHead(head_size, small).eval()
leaving = head(x[None])  # 一个批次，里面只有一个窗口
print(tuple(x[None].shape), "->", tuple(leaving.shape))
print("和手算的一样：", torch.allclose(leaving[0], out, atol=1e-6))
print("第 07 章就从这些数开始：", torch.equal(leaving, running.after("06")))

# %% [markdown]
# 跟手算的数一样。
#
# 现在来补你的**张量地图**：这一章新添的形状。用配置里的名字来写，这回是正式模型的；检查时还会换别的配置来试。

# %%
config = Config()
size = config.embedding_dim // config.num_heads
print(config, "头的大小", size)

# %%
shapes = {
    "normalised": (config.batch_size, config.input_sequence_length, config.embedding_dim),
    "queries": ____,  # key 和 value 也一样
    "mask": (config.input_sequence_length, config.input_sequence_length),
    "attention weights": ____,  # 每个窗口一张表
    "head output": ____,  # 每个位置收集到的东西
}
check("06.27")

# %%
real = AttentionHead(size, config)
rows_in = torch.zeros(config.batch_size, config.input_sequence_length, config.embedding_dim)
print("query     ", tuple(real.query(rows_in).shape), "你写的是", shapes["queries"])
print("注意力权重", tuple(real.weights(rows_in).shape), "你写的是", shapes["attention weights"])
print("头的输出  ", tuple(real(rows_in).shape), "你写的是", shapes["head output"])
print("参数：", sum(p.numel() for p in real.parameters()))

# %% [markdown]
# 看中间那个：每个位置对每个位置。窗口长一倍，表就大到四倍。这就是注意力的代价，也是为什么模型的上下文长度值得拿出来吹一吹。
#
# - [ ] 06.26 写出 AttentionHead 类
# - [ ] 06.27 把它的形状记到地图上

# %% [markdown]
# ## 一个学过的头 · 10 分钟
#
# 一个头学到了东西以后是什么样子？给它一个我们自己会做的任务：在每个位置上，**说出到目前为止的最后一个元音**，这个位置自己也算。（只算小写字母。）在 `Let's he` 的 `t` 那里，就是前面那个 `e`；在 `L` 那里，还没有出现过元音，所以不问。
#
# 要做到这一点，头必须看准某一个位置，而没有人告诉它是哪一个：它得到的只有剧本里的窗口，和正确的元音。下面是第 04 章的模块、这个头，再加一个负责猜的 Linear；然后就是普通的梯度下降，跟第 02 章一样。

# %%
loader = running.loader()
is_vowel = torch.zeros(loader.vocab_size, dtype=torch.bool)
is_vowel[loader.encode("aeiou")] = True


def last_vowel(ids: torch.Tensor) -> torch.Tensor:
    """到每个位置为止，最后一个元音的位置，还没有就是 -1：(batch, 8) -> (batch, 8)。"""
    return torch.where(is_vowel[ids], torch.arange(ids.shape[-1]), -1).cummax(dim=-1).values


def some_windows(ids: torch.Tensor, count: int) -> torch.Tensor:
    """从随机位置取的长度为 8 的窗口：(count, 8)。"""
    return ids[torch.randint(len(ids) - 8, (count, 1)) + torch.arange(8)]


torch.manual_seed(1341)
toy = replace(small, embedding_dim=16, dropout=0.0)
parts = nn.ModuleList([EmbeddingModule(loader.vocab_size, toy), AttentionHead(8, toy), nn.Linear(8, loader.vocab_size)])
embed, learned, guess = parts
losses = []
for _ in range(200):
    ids = some_windows(loader.train_ids, 32)
    places = last_vowel(ids)
    wanted = ids.gather(1, places.clamp(min=0)).masked_fill(places < 0, -100)  # -100：这里不问
    loss = F.cross_entropy(guess(learned(embed(ids))).flatten(0, 1), wanted.flatten())
    losses.append(loss.item())
    for parameter, slope in zip(parts.parameters(), torch.autograd.grad(loss, list(parts.parameters())), strict=True):
        parameter.data -= slope
print(f"损失 {losses[0]:.2f} -> {losses[-1]:.2f}")

# %% [markdown]
# 200 步就这么走完了。现在从验证部分取一些它从没见过的窗口，问问它：你在看哪儿？每一行里最大的权重，有多少次正好落在最后一个元音上？

# %%
torch.manual_seed(1342)
with torch.no_grad():
    unseen = some_windows(loader.validation_ids, 1000)
    unseen_weights = learned.weights(embed(unseen))
vowel_places = last_vowel(unseen)
print(tuple(unseen_weights.shape), tuple(vowel_places.shape))

# %%
looked_at = ____  # 每个位置看得最多的是哪儿？
found = (looked_at == vowel_places)[____].float().mean()  # 只算已经出现过元音的地方
check("06.28")

# %%
with torch.no_grad():
    pattern = learned.weights(embed(running.ids()))[0]
draw.heat(
    pattern,
    rows=running.SENTENCE,
    columns=running.SENTENCE,
    title="学会说出最后一个元音之后，在“Let's he”上的注意力权重",
    alt="八行是谁在问，八列是问的是谁，标着 L、e、t、撇号、s、空格、h、e。每一行有一个权重大约是 1，其余大约是 0。L "
    "行的落在自己身上。e、t、撇号、s、空格和 h 这几行都落在第一个 e 的那一列。最后一行是第二个 e，落在自己身上。",
    x_name="问的是谁",
    y_name="谁在问",
)
print(f"在 {found:.1%} 的位置上，看的是最后一个元音")

# %% [markdown]
# 100 个位置里，有 95 个以上看的是最后一个元音。在我们的句子上一眼就看得出来：从第一个 `e` 起，大家都越过中间的一切，看向那个 `e`；直到第二个 `e` 出现，它看自己。`L` 没什么可找的，也没有别人可看。
#
# 光凭正确的元音，它的 query 就学会了去问“元音，越靠后越好”，它的 key 也学会了应答。换一个窗口，它看的又是别的地方。这是平均永远办不到的：**份额取决于那里有什么**。
#
# 把这张图跟没训练过的头那张放在一起看。同一个类，同样的八个字符，中间隔着 200 步。
#
# - [ ] 06.28 问出一个训练过的头在看哪儿
# - [ ] 06.r10 我看得懂“Let's he”的那两张图，学之前的和学之后的

# %% [markdown]
# ## 挑战：不要那张表
#
# 这一节选做，大约 15 分钟，后面的内容都用不到它。
#
# 100,000 个位置的窗口，每个头都要一张有一百亿个权重的表。可模型照样在读这么长的窗口，因为谁都不需要那张表。一个 query 可以把所有位置走一遍，每次只拿一个得分、一个 value，心里记三样东西：到目前为止最大的得分、幂的和、value 乘各自的幂之后的和。走到头，除一下。FlashAttention 的诀窍就在这里面。
#
# 麻烦在 06.06 的溢出：得先减去最大的得分，可走到半路你还不知道它是多少。于是先减去**到目前为止**最大的。等更大的来了，旧的和该乘以什么？

# %%
torch.manual_seed(1341)
long_scores = 100 + 2 * torch.randn(12)
long_values = torch.randn(12, 3)
print("得分：", long_scores)
print("用一整行权重算的：", F.softmax(long_scores, dim=-1) @ long_values)

# %%
def one_pass(scores: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
    """`F.softmax(scores, dim=-1) @ values`，但不用权重：(places,) 和 (places, d) -> (d,)。"""
    top = torch.tensor(float("-inf"))
    total, mixture = 0.0, torch.zeros(values.shape[-1])
    for score, value in zip(scores, values, strict=True):
        new_top = torch.maximum(top, score)
        power = torch.exp(score - new_top)
        shrink = ____  # 旧的和（当时减去的是 `top`）要乘的因子
        total = ____  # 到目前为止幂的和，含这一个
        mixture = ____  # 到目前为止，每个 value 乘自己的幂，再加起来的和，含这一个
        top = new_top
    return ____  # 混合的结果，份额加起来等于 1


from_one_pass = one_pass(long_scores, long_values)
check("06.29")

# %% [markdown]
# - [ ] 06.29 挑战：不用权重表来混合

# %% [markdown]
# ## 现在归你了
#
# - 注意力就是**一张份额表乘以一堆行**；平均是其中最乏味的那张表
# - **query、key、value**：我要问什么，凭什么找到我，我给什么
# - 得分 = queries @ keys.mT / **√d**，让得分待在 1 左右，头才学得动
# - **因果掩码**，softmax 之前填负无穷，谁也别想从未来抄答案
# - 沿着每一行做 **softmax**，对结果做 **dropout**，然后才是 value
# - (batch, sequence, width) 进，(batch, sequence, head_size) 出：`AttentionHead(head_size, config)`
#
# 打勾，提交，好好得意一下：这门课剩下的部分，没有比这更难的了。
#
# 一个头只问一个问题，带回来的行还比进去的窄。到了 **07 MultiHeadAttention**，几个头一起问，合起来又把宽度填满。
