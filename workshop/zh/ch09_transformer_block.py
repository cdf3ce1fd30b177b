# %% [markdown]
# # 09 TransformerBlock
# <!-- Made from checkpoints/ch09_transformer_block.py by scripts/build.py. From your first edit on it is yours. -->
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/OWNER/REPO/blob/main/workshop/zh/ch09_transformer_block.ipynb)
# [![Open in GitHub Codespaces](https://github.com/codespaces/badge.svg)](https://codespaces.new/OWNER/REPO?quickstart=1)
#
# 把零件装到一起，量一量每个零件给流加了多少，最后得到一块可以往上摞的砖。
#
# 45 分钟，六节。你需要第 05、07 和 08 章，数学上一点新东西也没有。
#
# 难的部分你已经做完了。一个块要做的每一件事，你都算过，只不过是拆开来，分在好几个晚上算的。

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
import copy

import torch.nn.functional as F

from nanogpt import Config, FeedForward, LayerNorm, MultiHeadAttention
from workshop import ____, check, draw, hint, running, solution

# %%
torch.set_printoptions(precision=3, linewidth=100, sci_mode=False)  # 一行放下八个数
config = Config()
small = Config.small()

# %% [markdown]
# ## 两行代码 · 8 分钟
#
# 桌上摆着两个归一化层、一个 MultiHeadAttention、一个 FeedForward，里面的数跟第 05、07 和 08 章时一模一样。进去的是 `Let's he` 的嵌入输出，也就是第 04 章结束时的样子。
#
# 顺序从来没有悬念：先听听别人知道什么，再自己想一想。两步的动作也都是那三下：透过归一化层**读**流，**干活**，**加**回流里。两行，完事。

# %%
norm_1 = LayerNorm(small.embedding_dim)
attention = running.part("07")
norm_2 = LayerNorm(small.embedding_dim)
feed_forward = running.part("08")
stream = running.after("04")  # (1, 8, 8)
print("最后那个 e：", stream[0, -1])

# %%
heard = ____  # 读，听别人说，加
block_out = ____  # 再读，想一想，加
check("09.01")

# %%
print("最后那个 e 听过之后：", heard[0, -1].detach())
print("最后那个 e 想过之后：", block_out[0, -1].detach())
print("和第 05 到 08 章一步一步做的一样：", torch.equal(block_out, running.after("08")))

# %% [markdown]
# `True`：数一样，到最后一位都一样。这两行就是块。最小的 GPT-2 有十二个，一个接一个。大模型有一百来个，向量更宽，再加上几处改良。
#
# - [ ] 09.01 让句子走过四个零件

# %% [markdown]
# ## 一个大嗓门，两声低语 · 9 分钟
#
# 每一步做了什么？所有东西都是**加**上去的，所以这个问题有精确的答案：求差。做了多少呢？取向量的长度，`.norm(dim=-1)`，每个位置一个数。猜猜看：注意力加上去的东西，跟原先在那儿的向量比，是更长、差不多长，还是更短？
#
# 有一个问题，求差答不了。FeedForward 读到的流里，已经有注意力的消息了。要是注意力没吭声，它还会说同样的话吗？算一算，那样的话它会加上什么。

# %%
from_attention = heard - stream
from_feed_forward = block_out - heard
unheard = ____  # 要是注意力没吭声，FeedForward 会加上什么
three = torch.stack((stream, from_attention, from_feed_forward))[:, 0]  # (3, 8 个位置, 8 个数)
lengths = ____  # 每个向量的长度：(3, 8 个位置)
check("09.02")

# %%
draw.heat(
    lengths,
    rows=["流", "注意力加上", "FeedForward 加上"],
    columns=running.SENTENCE,
    title="“Let's he”每个位置上，向量有多长",
    alt="三行八列。流的向量长 2.02 到 5.14。注意力加上去的长 0.55 到 1.13，最长的在 L 那里。FeedForward 加上去的长 "
    "0.41 到 1.27。",
)
print("平均：", lengths.mean(dim=1).detach())
print(f"注意力让 FeedForward 的消息变了多少：{(from_feed_forward - unheard).norm(dim=-1).mean().item():.2f}")

# %% [markdown]
# 一个大嗓门，两声低语。流平均长 3.77；注意力加 0.71，FeedForward 加 0.89。所以没训练过的块话不多，嵌入当初说的还清清楚楚地摆在那儿。而 FeedForward 几乎没察觉前面有人说过话：没有注意力的话，它的消息只差一个长 0.12 的向量。训练会让低语变响，有的比那个大嗓门还响。
#
# 再留意一下，这里**没有**什么。哪一步都删不掉东西。最多只能加上一份相反的。
#
# - [ ] 09.02 量出每一步加了什么，以及没有注意力的话 FeedForward 会说什么
# - [ ] 09.r1 我说得出谁从流里读，谁往流里写，为什么谁也删不掉东西

# %% [markdown]
# ## 归一化，在前还是在后？ · 13 分钟
#
# 我们的块里，归一化在前：pre-norm。第 05 章你也试过另一派，拿随机矩阵当层。post-norm 每道关口只放过大约 0.7 的流，嵌入写下的东西，到顶上几乎一点不剩。换成真正的注意力和真正的 FeedForward，它们只会低语，还会那么糟吗？先猜。然后写出最早那个 Transformer（2017 年）的块，归一化在后：干活，加，**然后**把流本身归一化。
#
# 第三个空要动点脑筋。归一化是做除法，而这里它除的是整个流，所以当初进来的东西也跟着一起被除了。然后第二个归一化层又来一遍。那么两次下来，进来的东西一共除以了多少？八个位置，各有各的答案。（增益和偏置先不管。在全新的归一化层里，它们什么也不做。）

# %%
heard_post = ____  # 听，加，再把相加的结果归一化
block_out_post = ____  # 想，加，再把相加的结果归一化
divided = ____  # 两个归一化层一共把进来的东西除以多少：(1, 8)
check("09.03")

# %%
print("除以：", divided[0].detach())

# %% [markdown]
# 第一个 `e` 嗓门大，进来的东西现在不到原来的一半响。`t` 安静，进来的东西除以 0.758，反而响了。归一化不问谁该多响，它让大家一样响。
#
# 光看一个块看不出多少名堂。那就来二十个，随机数都是新抽的，让句子按两种办法各走一遍。每过一个块问两件事：向量有多长？还认得出多少当初进来的样子？（1 表示向量的方向跟最初完全一样，0 表示那个方向一点也不剩。）

# %%
def fresh() -> tuple[nn.Module, nn.Module, nn.Module, nn.Module]:
    """一个块的四个零件，各有各的随机数。"""
    width = small.embedding_dim
    return LayerNorm(width), MultiHeadAttention(small).eval(), LayerNorm(width), FeedForward(small).eval()


torch.manual_seed(2)
pre, post, left = [stream], [stream], torch.ones(1, 8)
with torch.no_grad():
    for first_norm, listen, second_norm, work in [fresh() for _ in range(20)]:
        x = pre[-1] + listen(first_norm(pre[-1]))
        pre.append(x + work(second_norm(x)))
        x = post[-1] + listen(post[-1])
        y = first_norm(x) + work(first_norm(x))
        post.append(second_norm(y))
        left = left / x.std(dim=-1, correction=0) / y.std(dim=-1, correction=0)  # 每个位置上，进来的东西还剩多少

print("归一化在后，进来的东西还剩：", left[0])
draw.lines(
    {"归一化在前": [x.norm(dim=-1).mean() for x in pre], "归一化在后": [x.norm(dim=-1).mean() for x in post]},
    title="向量的长度，一个块一个块看过去",
    x_name="走过几个块",
    y_name="平均长度",
    alt="横轴是 0 到 20 个块，两条线都从 3.77 出发。归一化在前，向量越来越长，偶有小的回落，最后到 6.7。归一化在后，"
    "每过一个块都是 2.83。",
)
draw.lines(
    {
        "归一化在前": [F.cosine_similarity(x, stream, dim=-1).mean() for x in pre],
        "归一化在后": [F.cosine_similarity(x, stream, dim=-1).mean() for x in post],
    },
    title="当初进来的样子还认得出多少",
    x_name="走过几个块",
    y_name="与输入的余弦",
    alt="横轴是 0 到 20 个块，两条线都从 1 出发，都在下降。归一化在前的那条最后到 0.54；归一化在后的那条一路都更低，"
    "最后到 0.22。",
)

# %% [markdown]
# 没那么糟，但也够糟的。归一化在后，每个向量都被弄成同样的长度 2.83，也就是 √8：八个数，方差是 1。这时旁路是从归一化层**中间**穿过去的，一个块两次；为了凑出那个长度要除以多少，路上的一切就都跟着除以多少。走过二十个块，八个位置里有七个，当初进来的东西比一开始少了，撇号和 `h` 大约只剩四分之一。在最后那个 `e`，消息老是跟原有的东西唱反调，归一化就老是把剩下的调大，直到当初进来的变成了原来的 4.5 倍。音量没有人管。
#
# 归一化在前，从最后一个块出来的，就是当初进来的，加上一路上的每一条消息，大小一点没变。这些向量的方向也会转，因为消息会积少成多，只是转得慢些。
#
# 说句公道话，这二十个块的梯度，两种办法都没毛病，因为 PyTorch 让它的层起步很温和；像我们模型里那样只有四个块，两种办法都训练得成。不过 pre-norm 更能容错：步子大一点，块多一点，开头马虎一点，都没关系。
#
# - [ ] 09.03 把归一化放到后面，算出它们除以了多少
# - [ ] 09.r2 我说得出，归一化放在末尾会对旁路做什么

# %% [markdown]
# ## 类 · 5 分钟
#
# 六个空：四个零件，两行代码。你全都有了。

# %%
class TransformerBlock(nn.Module):
    """每个位置先听别人说，再自己想；每条消息都加到原有的东西上。"""

    def __init__(self, config: Config) -> None:
        """两个归一化层，一个 MultiHeadAttention，一个 FeedForward，大小由 `config` 定。"""
        super().__init__()
        self.norm_1 = ____  # 注意力透过它来读流
        self.attention = ____  # 一个位置怎么听别人说
        self.norm_2 = ____  # FeedForward 透过它来读流
        self.feed_forward = ____  # 它怎么想

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """流，(batch, sequence, embedding_dim)，加上了两条消息：形状不变。"""
        x = ____  # 读，听，加
        return ____  # 读，想，加


check("09.04")

# %%
block = TransformerBlock(small).eval()
block.norm_1, block.attention = copy.deepcopy(norm_1), copy.deepcopy(attention)  # 桌上那些零件的副本
block.norm_2, block.feed_forward = copy.deepcopy(norm_2), copy.deepcopy(feed_forward)
print(block(stream)[0].detach())
print("和桌上的一样：", torch.equal(block(stream), block_out))
print("离开这一章时就是这些数：", torch.equal(block(stream), running.after("09")))

# %% [markdown]
# 又是同样的数，这回只调用了一次。第 05 到 08 章一步一步做的事，块一口气做完。
#
# - [ ] 09.04 写出 TransformerBlock 类

# %% [markdown]
# ## 砖 · 4 分钟
#
# (1, 8, 8) 进，(1, 8, 8) 出。这句话比听上去值钱：**从一个块出来的，可以直接进下一个块**。所谓深度模型，就是一摞这样的块。小配置写着 `num_layers=2`。

# %%
torch.manual_seed(9)
stack = ____.eval()  # 照 `small` 说的个数新做几个块，一个接一个，合成一个模块
top = ____  # 从最后一个块出来的东西
check("09.05")

# %%
said, x = [], stream
for layer in stack:
    said.append(layer(x) - x)  # 这个块加上的东西
    x = layer(x)
print(tuple(stream.shape), "->", tuple(top.shape))
print("进来的，加上每个块说的，就是出来的：", torch.allclose(stream + sum(said), top, atol=1e-5))

# %% [markdown]
# 等学完了，能说出哪个块学会了什么吗？只能说个大概。代码里没有任何东西能分出第一个块和最后一个块。它们后来各自变成什么，全看自己站在哪儿。
#
# - [ ] 09.05 把块摞起来

# %% [markdown]
# ## 它有多重，以及地图 · 6 分钟
#
# 第 07 章的习惯你还记得：训练之前，数一遍参数，跟纸上算的对一对。对正式的模型，第 07 和 08 章算出来注意力有 16,448 个，FeedForward 有 33,088 个。归一化层对 64 个数各有一个增益、一个偏置。
#
# `named_children()` 走遍一个模块的零件，把每个零件的名字和零件本身都给你。

# %%
real = TransformerBlock(config)
weights_of = {name: sum(parameter.numel() for parameter in part.parameters()) for name, part in real.named_children()}
print(weights_of, "合计", f"{sum(weights_of.values()):,}")
draw.bars(
    weights_of.keys(),
    weights_of.values(),
    title="一个块的参数",
    alt="四根柱子。FeedForward 有 33,088 个参数，注意力 16,448 个，两个归一化层各 128 个，柱子几乎看不见。",
)

# %% [markdown]
# 假设你要一个宽一倍的模型：`embedding_dim` 加倍，`hidden_dim` 加倍，其余不变。它的块会有几倍的参数？先猜，再说出准确的个数。不用真做出来。`real` 的参数要么是矩阵，要么是向量，`parameter.dim()` 会说是哪种，2 或 1。两种各会怎样？

# %%
all_blocks = ____  # 模型所有的块里一共有多少参数
twice_as_wide = ____  # 要是模型宽一倍，会有多少
check("09.06")

# %%
print(f"全部 {config.num_layers} 个块：{all_blocks:,}")
print(f"宽一倍：{twice_as_wide:,}，是原来的 {twice_as_wide / all_blocks:.2f} 倍")

# %% [markdown]
# 四个块一共 199,168 个，而整个模型会有 209,600 个：嵌入和得分只是零头。你眼前的这个，就是 GPT。深一倍，参数多一倍；宽一倍，参数差不多到四倍。所以做大模型的人，想加宽什么之前都要想了又想。
#
# 张量地图上添两笔。

# %%
shapes = {
    "stream": (config.batch_size, config.input_sequence_length, config.embedding_dim),
    "norm_1 gain": ____,  # 向量里的每个数，都配一个数
    "norm_2 gain": (config.embedding_dim,),
    "out of the last block": ____,  # 过完全部 `config.num_layers` 个块之后
}
check("09.07")

# %%
for name, shape in shapes.items():
    print(f"{name:>22}  {shape}")

# %% [markdown]
# - [ ] 09.06 数出所有的块，再数宽一倍的块
# - [ ] 09.07 把它的形状记到地图上

# %% [markdown]
# ## 挑战：倒着跑
#
# 选做，15 分钟，后面的内容都用不到它。我们说过，哪一步都不能删东西。要真是这样，当初进来的一切，就都还在出来的东西里，你应该能把它找回来：从离开那一摞块的 `top`，找回当初进去的 `stream`，不许看 stream。
#
# 难处在这里。一步把 x 变成 `x + message(x)`。想把消息拿掉，得知道它是什么；想知道它是什么，得有 x；而 x 正是你要找的。不过消息都是低语，所以出来的离进去的不远。先拿出来的当第一个猜测。从它出发，能不能得到一个更好的？从那个出发，再来一个更好的？然后一步一步地撤销，顺序别弄错。

# %%
def before(after, message):
    """使 `x + message(x)` 等于 `after` 的那个 x。"""
    x = after  # 第一个猜测
    with torch.no_grad():
        for _ in range(100):
            x = ____  # 比 x 更好的猜测
    return x


def undo(layer, after):
    """从一个块出来的东西，推出当初进去的。"""
    between = ____  # 块的两步之间的流
    return ____  # 两步之前的流


back = top.detach()
for layer in ____:  # 那些块，按什么顺序？
    back = undo(layer, back)
check("09.08")

# %% [markdown]
# 打印 `back - stream` 看看：全是零，或者说，32 位的数能有多接近零就有多接近。整个句子都还在里面。这办法行得通，是因为 x 动一点点，消息动得比 x 还少，所以每个猜测都比前一个更近。消息要是很响，猜测就会越跑越远。而 2017 年的块根本没法倒着跑：它的归一化把每个向量原来有多长给扔了，谁也没记下来。
#
# - [ ] 09.08 挑战：从那一摞块出来的东西里，把流找回来

# %% [markdown]
# ## 现在归你了
#
# - **读、干活、加**，来两遍：x + attention(norm_1(x))，然后 x + feed_forward(norm_2(x))
# - **残差流**带着当初进来的东西，加上每一条消息，大小一点没变
# - 归一化**在前**，旁路不受打扰；在后，路上的一切都要被除
# - 块不改变形状，所以可以**往上摞**
# - `TransformerBlock(config)`，正式的模型里有 49,792 个参数，三分之二在 FeedForward 里
#
# 从最后一个块出来的，还是每个字符八个数，可你想知道的是**下一个**字符是什么。这就是 **10 VocabularyLogits** 的活了。
