# %% [markdown]
# # 01 DataLoader
# <!-- Made from checkpoints/ch01_data_loader.py by scripts/build.py. From your first edit on it is yours. -->
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/OWNER/REPO/blob/main/workshop/zh/ch01_data_loader.ipynb)
# [![Open in GitHub Codespaces](https://github.com/codespaces/badge.svg)](https://codespaces.new/OWNER/REPO?quickstart=1)
#
# 把九部剧变成一批批模型学得了的数，做这件事的类由你自己写。
#
# 90 分钟，十节。需要第 00 章，还有 Python 的列表、字典和推导式。
#
# 这一章是接水管的活，而模型不声不响地出毛病，往往就出在管道上。目标要是往错误的方向挪了一格，没有谁会抱怨。模型照样学，学得飞快，学的是错的。

# %%
# @title 先运行这个：工作坊不在这里的话（比如在 Colab 或 Kaggle 上），它会去取来
import importlib.util, urllib.request
if not importlib.util.find_spec("workshop"):
    address = "https://github.com/OWNER/REPO/raw/main/workshop/fetch.py"
    exec(urllib.request.urlopen(address).read(), {"address": address})

# %%
from dataclasses import dataclass
from typing import Self

import torch

# %%
from collections import Counter
from itertools import pairwise

from workshop import ____, check, corpus, draw, hint, solution

# %% [markdown]
# ## 为什么文本要变成数 · 6 分钟
#
# 你那个数字分类器日子好过：一张图送来就是 784 个灰度值，灰度值是可以拿来乘的。我们的模型拿到的却是这个：

# %%
text = corpus.shakespeare()
print(text[:80])

# %% [markdown]
# 你没法用一个矩阵去乘“First Citizen”。得有人来定，哪个数代表什么。在这之前还得定，给什么编号：给每个词，还是给每个字符？先选好，再看表。
#
# | 一块有多大 | 不同的块 | 九部剧一共多少块 |
# | --- | ---: | ---: |
# | 一个词（空格或换行之间的东西） | 25,833 | 204,297 |
# | 一个字符 | 64 | 1,123,763 |

# %% [markdown]
# 用词，序列短，清单却长得吓人，其中 15,024 个词在九部剧里只出现一次：要学会，每个词都只有一次机会。用字符，序列长，清单一张明信片就写得下。
#
# 大模型取的是中间。GPT-2 有 50,257 种词块，`ing` 和 ` the` 都在里面。我们用字符，代价是模型得自己学拼写。

# %% [markdown]
# 先从你认识的八个字符开始。它们出自《科利奥兰纳斯》，剧里一个护民官说：“Let's hence, and hear”。
#
# 其实在电脑里，每个字符早就对应着某个数，不然文本根本存不下来。Python 可以给你看：`ord("L")` 是 76。

# %%
sentence = "Let's he"

# %%
letters = ____  # 一个列表，每个字符是一个字符串
codes = ____  # 一个列表，是它们各自的数
check("01.01")

# %%
for letter, code in zip(letters, codes, strict=True):
    print(repr(letter), code)

# %% [markdown]
# 是数了。那为什么不到此为止？因为后面还有事：第 02 章要放一张**每个数占一行的表**。我们的文本里最大的数是 122，也就是 `z`，表就得有 123 行，其中 59 行永远用不上。文本里只要来一个 😀，就要 128,513 行。
#
# 所以编号由我们自己发，从 0 开始，中间不留空档。为此，先得有一份所有字符的清单。
#
# - [ ] 01.01 把句子拆开，看过 Python 自己编的数

# %% [markdown]
# ## 不同的字符，以及词表 · 12 分钟
#
# 在 00.03 里，你数过 `Let's he` 里不同的字符：七种，因为 `e` 有两个。现在要的是这七种字符本身，`set` 就能给。可集合没有顺序，这比听上去更糟：同一个字符串集合，Python 每启动一次，摆出来的顺序都可能不一样。周一训练好的模型，到周二读的就是天书。下面第二行就是用来防这个的。

# %%
different = ____  # 每种字符一个
ordered = ____  # 还是这些字符，做成排好序的列表，哪天看都是同一个顺序
size = ____  # 一共有多少种
check("01.02")

# %%
print(size, ordered)

# %% [markdown]
# 空格排第一，大写在小写前面：`sorted` 按的是 `ord` 给的数。其实什么顺序都行，只要它不变。
#
# 现在轮到九部剧。清单只要一行，就是你刚刚琢磨出来的那行，所以我们换个问题。翻开剧本第一页往下读，读到 64 种字符全见过为止。要读多远？一场，一幕，还是一整部剧？先猜。
#
# `text.index("L")` 是 `text` 里第一次出现 `L` 的位置。

# %%
characters = sorted(set(text))
vocab_size = len(characters)
first_places = ____  # 一个列表：这些字符各在文本的哪个位置第一次出现？
needed = ____  # 从文本开头读起，要读多少个字符，才能全部见过？
check("01.03")

# %%
print(vocab_size, repr("".join(characters)))
print(f"读了 {needed:,} 个字符才见全，占文本的 {needed / len(text):.0%}")
print("最后的新面孔：", repr(text[needed - 1]))

# %% [markdown]
# 换行符、空格、十个符号、52 个字母：一共 64 种。这份清单就叫**词表**。我们的模型不管写什么，都由它们组成。
#
# 要凑齐它，得读完九部剧的 62%。所以要先给整个文本的字符编号，再切，一刀都别提前。
#
# 姗姗来迟的就是那个独一无二的美元符号，第 00 章里见过的。它在“my sea sha$l suck them dry”这句里，是某个电子版的错字，占掉了我们 64 个编号中的一个。我们没删。真实数据就长这样。

# %% [markdown]
# 常见的东西，模型才学得好，所以两头都看看。最少见的是哪几个字符？还有，算之前先猜：64 种里最常见的十种，占了文本的多少？

# %%
counts = Counter(text)

# %%
rarest = ____  # `most_common()` 给出的完整列表里的最后五对
top_count = sum(count for _, count in counts.most_common(10))
top_share = ____  # 这占文本的多少？写成 0 到 1 之间的数
check("01.04")

# %%
print(rarest)
print(f"最常见的十种占 {top_share:.1%}")
draw.bars(
    characters,
    [100 * counts[character] / len(text) for character in characters],
    title="每种字符占文本的多少，按词表的顺序排",
    y_name="占文本的百分比",
    alt="64 根柱子，按词表的顺序。换行符在百分之 3.6；旁边的空格高出所有柱子一大截，15.3。十个符号里只有逗号过了百分"
    "之 1，是 1.8。大写字母都很矮，最高的是 I，1.0。右边的小写字母合起来占百分之 68，最高的几座峰是 e（8.5）、t（6.0"
    "）和 o（5.9）。",
)

# %% [markdown]
# 十种字符就占了文本的 62.6%。`$` 出现一次，`&` 12 次，`X` 112 次。别指望我们的模型对 `&` 有什么坚定的看法。
#
# 最高的那根柱子已经是一个模型了：“永远说空格”。100 次里它能说对 15 次，可写出来没法读。我们以后做的一切，都得赢过它。
#
# - [ ] 01.02 找出一个句子里不同的字符
# - [ ] 01.03 算出要读多远才能见全
# - [ ] 01.04 看过最少见的，掂过最常见的十种
# - [ ] 01.r1 我说得出词表为什么要排序

# %% [markdown]
# ## 编码 · 8 分钟
#
# 词表是个列表，所以每个字符已经有了一个数：它在列表里的位置。从现在起，这就是它的**编号**。
#
# 列表在一个方向上很快，从位置到字符：`characters[23]`。反过来就慢了，`characters.index("L")` 要一个个走过去，走到 `L` 为止，而我们要问上一百万次。字典张口就答。

# %%
print(characters[23])

# %%
id_of = ____  # 从每个字符到它的位置
e_id = ____  # “e”的编号
check("01.05")

# %%
print(e_id, {letter: id_of[letter] for letter in ordered})

# %% [markdown]
# `e` 是 42，怪不得：生命、宇宙以及一切的答案嘛。接下来是整段文本：写出函数返回什么，再用一用它。
#
# 运行之前先猜：`Let's he` 的八个编号里，哪两个会相等？

# %%
def encode(text: str) -> list[int]:
    """文本里每个字符的编号。"""
    return ____  # 一个列表：`text` 里每个字符的编号


sentence_ids = ____  # 我们那个句子的编号
check("01.06")

# %%
print(letters)
print(sentence_ids)

# %% [markdown]
# | 字符 | `L` | `e` | `t` | `'` | `s` | 空格 | `h` | `e` |
# | --- | --- | --- | --- | --- | --- | --- | --- | --- |
# | 编号 | 23 | 42 | 57 | 5 | 56 | 1 | 45 | 42 |
#
# 第二个和最后一个。这八个数每一章都会回来，过一阵子，你会像见到老朋友一样跟它们打招呼。
#
# `t` 是 57，撇号是 5，`t` 就比撇号大吗？不。编号是长得像数的名字，跟球衣上的号码一样。没有人把球衣号码加起来，网络也不该加。怎么拦住它，是第 02 章的事。
#
# - [ ] 01.05 给每个字符一个编号
# - [ ] 01.06 给一段文本编码

# %% [markdown]
# ## 解码 · 5 分钟
#
# 总有一天，模型会递给我们一串编号，我们得读懂它。回程不需要第二本字典。列表 `characters` 就是回程：字符的编号，正是它在里面的位置。
#
# 所以把字符一个个取来，粘在一起。`"".join(pieces)` 把字符串粘起来，中间什么也不加。

# %%
def decode(ids: list[int] | torch.Tensor) -> str:
    """这些编号所代表的文本。"""
    return ____  # `ids` 的字符，粘成一个字符串


check("01.07")

# %%
print(decode(sentence_ids))
print(decode([45, 42, 49, 49, 52]))

# %% [markdown]
# 最后一行里，你当了一回模型：进去五个数，出来一声招呼。
#
# - [ ] 01.07 把编号解码成文本

# %% [markdown]
# ## 一来一回，以及不认识的字符 · 7 分钟
#
# 编码和解码互相抵消。先亲眼看看。
#
# 再来点没那么老实的。朋友给你发来一串编号。对方的文本里有个制表符，制表符排在我们所有字符的前面，所以对方的每个编号都比我们的大 1。对方想说的是 `Let's he`。猜猜你读到的是什么。

# %%
there_and_back = ____  # 我们那个句子，编码再解码
misread = ____  # 每个编号都大 1 的时候，你读到的东西
check("01.08")

# %%
print(there_and_back)
print(misread)

# %% [markdown]
# `Mfu,t!if`：每个字符都往后挪了一位。据说奥古斯都皇帝就是这样写密信的。我们的剧本正好也从罗马开始，倒很般配。
#
# **离开了造出它的词表，编号什么都不是**，而且词表拿错了，也没有谁会提醒你。要保存训练好的模型，就把它的字符清单一起保存。
#
# 现在来试一样剧本里没有编号的东西。

# %%
question = "2 B or not 2 B?"
try:
    encode(question)
except KeyError as error:
    print("KeyError:", error)

# %% [markdown]
# `KeyError: '2'` 是实话，可到了晚上九点，实话也帮不上多少忙。我们能做得更好：在查任何东西之前，先弄清楚有哪些不认识。
#
# 集合可以相减：`{1, 2, 3} - {2}` 就是 `{1, 3}`。

# %%
unknown = ____  # 一个排好序的列表：问题里哪些字符没有编号？
known = ____  # 去掉它们以后的问题，一个字符串
check("01.09")

# %%
print("不认识：", unknown)
print("认识：  ", repr(known))

# %% [markdown]
# 不认识的可以一声不吭地丢掉，读成 `" B or not B?"`。很多系统就这么干，或者换成一个占位符。可我们的文本永远不变，冒出一个不认识的字符，那就是我们自己出了错，还是让它喊出来好。下面是一个更严格的 `encode`：

# %%
def encode(text: str) -> list[int]:
    """文本里每个字符的编号；没有编号的字符，由 ValueError 报出来。"""
    unknown = sorted(set(text) - set(characters))
    if unknown:
        raise ValueError(f"not in the vocabulary: {', '.join(map(repr, unknown))}")
    return [id_of[character] for character in text]


try:
    encode(question)
except ValueError as error:
    print("ValueError:", error)

# %% [markdown]
# - [ ] 01.08 走了一个来回，还读错了一回朋友的话
# - [ ] 01.09 找出没有编号的字符

# %% [markdown]
# ## 编号的张量 · 6 分钟
#
# 网络不收列表，它收张量。一个张量里所有的数类型都相同；编号用的是 `torch.long`：整数，每个 64 位（它的另一个名字是 `int64`）。
#
# 为什么要整数？因为编号是用来挑行的。有第 42 行，没有第 42.0 行，PyTorch 也不许你装作有。还要当心大写：`torch.Tensor` 会把整数列表变成浮点数；`torch.Tensor(3)` 里更是根本没有 3，它只腾出三个浮点数的地方，值是内存里碰巧剩下的东西。

# %%
sentence_tensor = ____  # 我们的编号，做成整数张量
last_two = ____  # 这个张量的最后两个编号，解码
check("01.10")

# %%
print(sentence_tensor, sentence_tensor.shape, sentence_tensor.dtype)
print(repr(last_two))

# %% [markdown]
# `decode` 收下张量，一声没吭：张量里取出的整数，可以拿去索引列表。这很方便，因为模型的回答就是张量。下面把九部剧一次全放进去：

# %%
data = torch.tensor(encode(text), dtype=torch.long)
print(data.shape, f"{data.nbytes:,} 字节")
print(data[:13], repr(decode(data[:13])))

# %% [markdown]
# 长长一串，1,123,763 个编号。每个八字节，1.1 MB 的文本就成了 9 MB。64 种编号，其实一个字节就够，文本更大的时候，大家确实会这么省。我们的文本小，图个方便。
#
# - [ ] 01.10 做一个编号的张量

# %% [markdown]
# ## 训练与验证 · 8 分钟
#
# 做数字分类的时候，你留下了一些图不训练，免得网络靠背答案通过考试。这里我们留下一些文本：前 90% 用来训练，剩下的用来**验证**。
#
# 先猜。图可以随机抽一些留下，那为什么不从“字符”里随机抽一成出来？

# %% [markdown]
# 因为字符有邻居。把“Let's hence”里的 `h` 拿走，它周围的字符，模型全都训练过。这一行它会倒背如流，空缺凭记忆就补上了。末尾完整的一大块就不同了，跟其余部分只有一处接壤。
#
# 我们这一块从《驯悍记》开头不久的地方开始，后面是《暴风雨》。普洛斯彼罗在我们的文本里有 63 段台词，全都留在这边。考模型的，是一座它从没去过的岛。

# %%
def split_ids(ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """一串编号的前九成，以及剩下的部分。"""
    boundary = ____  # 长度的九成，往下取整
    return ____, ____  # 到那里为止，以及从那里开始


check("01.11")

# %%
train_ids, validation_ids = split_ids(data)
print(f"训练 {len(train_ids):,} 个，验证 {len(validation_ids):,} 个")
first, second = set(text[: len(train_ids)]), set(text[len(train_ids) :])
print("训练部分独有：  ", sorted(first - second))
print("验证部分独有的：", sorted(second - first))

# %% [markdown]
# 后一部分的每种字符，前一部分里都有。很好，不过我们没有靠运气：先给**整个**文本编了号，然后才切。不然的话，只在验证部分出现的字符就没有编号了。这也不算作弊：一份字符清单，什么答案都没泄露。
#
# - [ ] 01.11 把编号分成训练和验证两部分
# - [ ] 01.r2 我说得出，验证部分为什么是一整块，而不是随机抽的字符

# %% [markdown]
# ## 输入和目标，错开一位 · 10 分钟
#
# 做数字分类的时候，得有人给每张图贴标签。一百万个字符，谁来贴？不用贴。“接下来是什么？”的正确答案，就是接下来的那个。文本自己就是标准答案。
#
# 所以一个样本就是文本上的两个窗口，一样长，第二个靠后一位。我们到那句话所在的地方去：

# %%
length = len(sentence)
start = text.find(sentence)
print(start, repr(text[start : start + 20]))

# %%
inputs = ____  # `data` 里从 `start` 开始的 `length` 个编号
targets = ____  # 同样多的编号，全都靠后一位
check("01.12")

# %%
print("输入    ", inputs.tolist(), repr(decode(inputs)))
print("对应目标", targets.tolist(), repr(decode(targets)))

# %% [markdown]
# `Let's he` 提问，`et's hen` 回答。猜一猜：这是几个问题？一个窗口，一个问题？
#
# 在每个位置上，模型知道的是它**到此为止**读过的东西，要说出接下来的字符。把所有的问题和答案都写下来：每个位置上，到那时读过了什么，接下来又是什么。

# %%
contexts = [decode(____) for place in range(length)]  # 到此为止读过的，包括 `place` 上的那个编号
answers = [decode([____]) for place in range(length)]  # 接下来的编号
check("01.13")

# %%
for context, answer in zip(contexts, answers, strict=True):
    print(f"{context!r:>12} -> {answer!r}")

# %% [markdown]
# | 模型读过的 | 写成编号 | 该说 | 编号 |
# | --- | --- | --- | --- |
# | `L` | 23 | `e` | 42 |
# | `Le` | 23, 42 | `t` | 57 |
# | `Let` | 23, 42, 57 | `'` | 5 |
# | `Let'` | 23, 42, 57, 5 | `s` | 56 |
# | `Let's` | 23, 42, 57, 5, 56 | `␣` | 1 |
# | `Let's␣` | 23, 42, 57, 5, 56, 1 | `h` | 45 |
# | `Let's␣h` | 23, 42, 57, 5, 56, 1, 45 | `e` | 42 |
# | `Let's␣he` | 23, 42, 57, 5, 56, 1, 45, 42 | `n` | 51 |

# %% [markdown]
# 八个字符，**八次预测**，模型一遍就能全做完。它既练习看八个字符的上下文，也练习只看一个，这样有朝一日，它可以从单独一个字符写起。
#
# 问题并不都公平。`Let'` 后面押 `s`，稳赢。`Let's he` 后面，剧本自己都意见不一，第 00 章里你见过：“hear”两次，“hence”一次。谁也不可能回回都对。能学的是概率，我们的模型要给的也正是概率。
#
# - [ ] 01.12 从文本里切出一个输入和它的目标
# - [ ] 01.13 写下八个问题和它们的答案
# - [ ] 01.r3 我说得出，八个字符的窗口为什么有八次预测

# %% [markdown]
# ## 批次 · 15 分钟
#
# 可以把一百万个字符切成窗口，按顺序来。我们不这样，而是从**随机的位置**取窗口。相邻的窗口来自同一场戏，模型要是一部一部地读，读着这部就忘了上一部。
#
# 窗口可以从哪里开始？拿一段十个编号的文本来说，每个编号等于自己的位置，窗口长四。猜猜有几个起点，别忘了目标也得放得下。
#
# 再猜一个。在这些起点上各切一个窗口，每个窗口要四个目标。那么这十个编号，当目标的次数一样多吗？

# %%
tiny = torch.arange(10)
window = 4
print(tiny)

# %%
possible_starts = ____  # 输入和目标都放得下的起点有几个？用 `tiny` 和 `window` 算出来
times_asked = [____ for place in range(len(tiny))]  # 在这些窗口里，`place` 上的编号在几个窗口里当目标？
check("01.14")

# %%
last_start = possible_starts - 1
print(f"{possible_starts} 个起点，从 0 到 {last_start}")
print("最后的输入  ", tiny[last_start : last_start + window].tolist())
print("它对应的目标", tiny[last_start + 1 : last_start + window + 1].tolist())
print("每个编号当了几次目标", times_asked)

# %% [markdown]
# 六个起点：文本的长度，减去窗口的长度。要是你说七个，你的程序也能太太平平跑很久，因为在我们这么长的文本里，目标被切掉一截的窗口，一百万个里才有一个。
#
# 还有，各个编号的次数并不一样：0、1、2、3、4、4、4、3、2、1。在文本中间，一个编号当四次目标，在窗口的每个位置上各一次。越靠两头，够得着的窗口越少；最开头那个编号谁也不会问到，因为它前面什么都没有。窗口长 32 的时候，我们那一百万个训练编号里，有 63 个次数不足。这个我们忍得了。
#
# `torch.randint(n, (k,))` 抽 `k` 个整数，从 0 开始，**不包括** `n`。所以 `n` 就是起点的个数。

# %%
def random_starts(ids: torch.Tensor, length: int, batch_size: int) -> torch.Tensor:
    """随机的位置，长 `length` 的窗口和它的目标在 `ids` 里都放得下：(batch_size,)。"""
    return ____  # `batch_size` 个随机起点，由 PyTorch 来抽


check("01.15")

# %%
torch.manual_seed(1337)  # 每次运行这个单元格，所有人掷的骰子都一样
starts = random_starts(train_ids, length, batch_size=4)
for place in starts:
    print(f"{place:>9,} {decode(train_ids[place : place + length])!r}")

# %% [markdown]
# 四个窗口，来自四个地方。为什么一次要好几个？只用一个窗口走一步训练，就得跟着八个字符的脾气走。窗口一多，脾气就互相抵消了，跟你的那些图一样。而且一次大的矩阵乘法能让处理器忙起来，许多次小的只会让它干等。
#
# 一个批次就是一摞窗口。`torch.stack` 把四串长为八的编号变成一个张量 (4, 8)：第一维是**批次**（batch），第二维是**序列**（sequence）。
#
# 每个窗口还要有目标。可以在每个起点切两次，一次切输入，一次切目标。其实一次就够，只要切对那一条。猜一猜：长为八的窗口和长为八的目标，合起来盖住文本里的几个编号？在每个起点切下这样一条，把它们摞起来，再从这一摞里取输入和目标。在表里，`[:, 2:]` 的意思是每一行都要，从第 2 列开始。

# %%
strips = ____  # 每个起点切一条，要盖住窗口和它的目标；所有的条摞起来
batch_inputs = ____  # 每一条里的窗口
batch_targets = ____  # 每一条里的目标
check("01.16")

# %%
print(strips.shape, batch_inputs.shape, batch_targets.shape)
draw.heat(
    torch.stack((batch_inputs, batch_targets), dim=1).view(-1, length),
    rows=[f"{kind} {number}" for number in range(1, 5) for kind in ("输入", "目标")],
    columns=[str(place) for place in range(length)],
    title="一批四个窗口，目标各在自己的窗口下面",
    alt="八行，每行八个方格，格里是编号，两行一对，共四对。目标行的编号就是它上面输入行的编号，往左移一格，末尾添一"
    "个新的。第一个输入是 1, 40, 45, 42, 42, 48, 11, 1，读作 ' cheek? '；它的目标是 40, 45, 42, 42, 48, 11, 1, 46。",
)

# %% [markdown]
# 九个编号就够：窗口和它的目标，共用其中七个。在输入行里随便挑一个数，只要不是第一个，到下面一行去找：果然有，往左一格。输入的第一个编号掉出去了，右边进来一个新的。健康的批次，看上去就是这么斜着的。
#
# 同一批次的窗口互相看不见，它们是碰巧同时上的四堂课。我们真正的批次是 24 个长 32 的窗口，一批就是 768 次预测。1,317 个批次之后，模型做过的预测，就跟训练文本的字符一样多了。
#
# - [ ] 01.14 数出起点，以及每个编号当几次目标
# - [ ] 01.15 抽出随机的起点
# - [ ] 01.16 从一摞长条里切出一个批次和它的目标
# - [ ] 01.r4 我说得出 (batch, sequence) 是什么意思，也能在图里找到目标

# %% [markdown]
# ## 类 · 13 分钟
#
# 零件都齐了。先把模型各部分必须说好的那些数，集中放在一处。这个单元格是写好的。`frozen=True` 是为了不让谁中途改设置。大部分名字是给后面几章用的，今天只用两个：`batch_size` 和 `input_sequence_length`。

# %%
@dataclass(frozen=True)
class Config:
    """模型各部分共用的设置。"""

    batch_size: int = 24  # 一个批次有几个窗口
    input_sequence_length: int = 32  # 一个窗口有几个字符：模型最远能看到这里
    embedding_dim: int = 64  # 在模型里，用几个数描述一个字符
    hidden_dim: int = 256  # FeedForward 隐藏层的宽度
    num_heads: int = 4  # 一个块里的注意力头数，每个头宽 embedding_dim / num_heads
    num_layers: int = 4  # 块的个数，一个接一个
    dropout: float = 0.0  # 设为 0 的数占多少，只在训练时
    seed: int = 1337  # 随机数从哪里开始
    steps: int = 750  # 模型从多少个批次里学
    learning_rate: float = 0.015  # 训练一步迈多大，最大的时候
    final_learning_rate: float = 0.0  # 最后一步迈多大
    warmup_steps: int = 100  # 开头多少步里，学习率一路升到最大
    evaluate_every: int = 100  # 每隔多少步看一次验证文本
    evaluation_batches: int = 10  # 每次看多少个批次

    @classmethod
    def small(cls) -> Self:
        """手算时用的设置：一个窗口，八个字符，每个字符八个数。"""
        return cls(
            batch_size=1, input_sequence_length=8, embedding_dim=8, hidden_dim=16, num_heads=2, num_layers=2, dropout=0.1
        )

# %% [markdown]
# 怎么知道你的 DataLoader 对不对？给它一段文本，字符全都不同，而且已经排好了序。在这样的文本里，每个位置上的编号就是位置本身，跟 `tiny` 一样，所以每个批次都会告诉你它是从哪里切的。下面三个小函数帮你检查，读不读随你。

# %%
ladder = "".join(chr(256 + place) for place in range(100))
print(ladder[:20], "...")


def steps_seen(loader: "DataLoader") -> tuple[list[int], list[int]]:
    """在 `ladder` 的一个批次里：窗口内相邻位置的步距，以及从输入到目标的步距。"""
    inputs, targets = loader.get_batch()
    return inputs.diff().unique().tolist(), (targets - inputs).unique().tolist()


def starts_seen(loader: "DataLoader", split: str) -> list[int]:
    """80 个批次的窗口在 `ladder` 上的起点，不重复，按顺序。"""
    return sorted({int(start) for _ in range(80) for start in loader.get_batch(split)[0][:, 0]})


def follows(loader: "DataLoader", split: str) -> bool:
    """批次里的每个窗口，加上它的最后一个目标，是不是 loader 文本里的一段。"""
    inputs, targets = loader.get_batch(split)
    pairs = list(zip(inputs, targets, strict=True))
    written = all(loader.decode([*window, target[-1]]) in loader.text for window, target in pairs)
    return written and all(torch.equal(window[1:], target[:-1]) for window, target in pairs)

# %% [markdown]
# 现在写类：十一个空，没有新东西。其中一个是在两个部分里挑一个，别的你全做过，只是属于 DataLoader 的东西前面要加 `self.`。哪个想不起来了，就到上面去找。上面就是干这个用的。
#
# PyTorch 也有一个 `DataLoader`，你做数字分类时多半用过。它是把一个样本列表过一遍。我们没有列表：一百万个位置，哪里都可以开始一个样本。

# %%
class DataLoader:
    """把文本切成样本：编号的窗口，以及靠后一位的同样的窗口。"""

    def __init__(self, text: str, config: Config) -> None:
        """给 `text` 的字符编号，把它的编号分成 `train_ids` 和 `validation_ids`。"""
        self.text = text
        self.config = config
        self.characters = ____  # `text` 的词表，排好序的列表
        self.vocab_size = len(self.characters)
        self.id_of = ____  # 从字符到编号
        self.train_ids, self.validation_ids = self.split_data()

    def encode(self, text: str) -> list[int]:
        """`text` 里每个字符的编号；没有编号的字符，由 ValueError 报出来。"""
        unknown = sorted(set(text) - set(self.characters))
        if unknown:
            raise ValueError(f"not in the vocabulary: {', '.join(map(repr, unknown))}")
        return ____  # 编号，放在列表里

    def decode(self, ids: list[int] | torch.Tensor) -> str:
        """一个编号列表，或一个编号张量 (length,)，所代表的文本。"""
        return ____  # 字符，放进一个字符串

    def split_data(self) -> tuple[torch.Tensor, torch.Tensor]:
        """loader 文本前 90% 的编号，和其余的编号：两串 int64。"""
        ids = ____  # loader 文本的编号，做成张量
        boundary = ____  # 长度的九成，往下取整
        return ____  # 两个部分，训练的在前

    def get_batch(self, split: str = "train") -> tuple[torch.Tensor, torch.Tensor]:
        """从 "train" 或 "validation" 的随机位置取的输入和目标：各为 (batch, sequence)，int64。"""
        ids = ____  # `split` 点名的那个部分
        length = self.config.input_sequence_length
        if len(ids) <= length:
            raise ValueError(f"{split} has {len(ids)} characters, a window and its target need {length + 1}")
        starts = ____  # 每个窗口一个随机起点
        inputs = ____  # 窗口，摞起来
        targets = ____  # 它们的目标
        return inputs, targets


check("01.17")

# %%
trial = DataLoader(ladder, Config(input_sequence_length=5))
print("步距：          ", steps_seen(trial))
print("验证部分的起点：", starts_seen(trial, "validation"))

# %% [markdown]
# 窗口里一步是一，从输入到目标一步也是一：`([1], [1])`。梯子的最后一成是位置 90 到 99。长为五的窗口在那里可以从 90 到 94 开始，最后一个目标就到 99 为止，没有谁伸出末尾。
#
# 在梯子上行得通。轮到剧本了。

# %%
loader = DataLoader(text, Config())
print(f"{loader.vocab_size} 种字符，{len(loader.train_ids):,} 个编号用来训练")

torch.manual_seed(loader.config.seed)
asked, answered = loader.get_batch("train")
print(asked.shape, answered.shape)
print(repr(loader.decode(asked[0])))
print(repr(loader.decode(answered[0])))

# %% [markdown]
# 24 个长 32 的窗口，以及靠后一位的同样的窗口。最后两行就是这门课的全部：读前一行，说后一行。后面几章会从包 `nanogpt` 里取做好的 DataLoader。
#
# - [ ] 01.17 写出 DataLoader

# %% [markdown]
# ## 挑战：像 GPT-2 那样的词块
#
# 这一节是选做的：15 分钟，后面用不到。一开始你要在词和字符之间选，而 GPT-2 坐在中间。它那 50,257 种词块，不是谁手写出来的。清单从 256 个字节开始，一个很小的循环又找出了 50,000 种词块。写这个循环，你已经够格了。在《科利奥兰纳斯》里它会找到什么？
#
# 一轮是这样的：找出最常挨在一起的两个邻居，给这一对一个新编号，凡是这一对出现的地方，都换成新编号。到下一轮，新的词块自己也可以当某一对的一半。这个单元格在前 20,000 个字符上玩 20 轮。运行之前，猜猜头两个词块是什么，再猜猜 20 轮够不够凑出一个三个字母的词。
#
# `pairwise(ids)` 把每个编号和它后面那个一起给出来：`pairwise("abc")` 先给 `("a", "b")`，再给 `("b", "c")`。

# %%
def best_pair(ids: list[int]) -> tuple[int, int]:
    """最常挨在一起的两个邻居；如果有几对一样多，就取先出现的那对。"""
    return ____  # 只要这一对，不要次数


def merge(ids: list[int], pair: tuple[int, int], new_id: int) -> list[int]:
    """从左到右的编号，凡是 `pair` 的两个编号前后相连的地方，都换成 `new_id`。"""
    merged: list[int] = []
    for number in ids:
        if ____:  # `number` 来了，这一对凑齐了吗？
            merged[-1] = new_id
        else:
            merged.append(number)
    return merged


shorter, spellings = encode(text[:20_000]), list(characters)
for _ in range(20):
    pair = best_pair(shorter)
    shorter = merge(shorter, pair, len(spellings))
    spellings.append(____)  # 新的词块怎么写？
check("01.18")

# %% [markdown]
# 做好了？自己开一个单元格，写 `spellings[vocab_size:]` 看一看。头两个是 `e␣`，也就是 e 加后面的空格，和 `th`：这里 18% 的词以 e 结尾，8% 以 th 开头。第 12 轮把冒号粘到了换行符上，因为角色名就是这样结束的。第 18 轮找到 `you`，第 20 轮找到 `the␣`，连空格一起。20,000 个字符缩成了 15,752 个词块，而谁也没告诉这个循环什么是词。
#
# GPT-2 的循环跑了 50,000 轮。（它不许把一个词粘到下一个词上，这样切出来的词块更整齐。）这么多轮，换来的是更短的序列。代价是一张 50,257 行的表，我们的只要 64 行。
#
# - [ ] 01.18 挑战：像 GPT-2 那样养大词表

# %% [markdown]
# ## 现在归你了
#
# - 一份**词表**，64 种字符，排好了序，所以一个编号每天都是同一个意思
# - `encode` 和 `decode`，互相抵消，还有一个会报出谁没有编号的错误
# - 一种**划分**，把文本的最后一成挡在训练之外，连同普洛斯彼罗
# - **白送的目标**：每个字符都是前一个字符的答案
# - `DataLoader(text, config)`，它的 `get_batch` 给出输入和目标，各是 (batch, sequence)
#
# 打勾，提交，睡一觉。还缺的是意义：在机器眼里，`e` 是 42，`t` 是 57，只有球衣，没有球员。到第 02 章，每个编号会分到一行数，而那些数是可以学习的。
