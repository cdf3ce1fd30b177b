# %% [markdown]
# # 12 Trainer
# <!-- Made from checkpoints/ch12_trainer.py by scripts/build.py. From your first edit on it is yours. -->
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/OWNER/REPO/blob/main/workshop/ja/ch12_trainer.ipynb)
# [![Open in GitHub Codespaces](https://github.com/codespaces/badge.svg)](https://codespaces.new/OWNER/REPO?quickstart=1)
#
# 最初の一歩から最後の一歩まで、モデルに学ばせて、しゃべるのを聞きます。
#
# 8節、100分、よければチャレンジも。必要なのは01章と11章です。
#
# 11章で手元に残ったのは、209,600個の数でできた、どの数にも意味のない機械でした。今夜、その数に意味が宿ります。それにかかるのは1、2分。残りの時間は、その1、2分のあいだに起こりうる失敗の話です。

# %%
# @title 最初に実行：この講座がここになければ（ColabやKaggleなど）、取ってきます
import importlib.util, urllib.request
if not importlib.util.find_spec("workshop"):
    address = "https://github.com/OWNER/REPO/raw/main/workshop/fetch.py"
    exec(urllib.request.urlopen(address).read(), {"address": address})

# %%
import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn

# %%
import copy
import json
import tempfile
import time
from dataclasses import asdict, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from statistics import fmean

from safetensors.torch import load_file, save_file

from nanogpt import BigramLanguageModel, Config, DataLoader
from workshop import ____, card, check, columns, corpus, draw, hint, live, mine, optimizers, rehearsal, running, solution, threads

torch.set_printoptions(precision=3, linewidth=100, sci_mode=False)
torch.set_num_threads(1)  # これほど小さいテンソルでは、2つ目のコアは邪魔になるだけ

# %%
config = Config()
loader = DataLoader(corpus.shakespeare(), config)
vocab_size = loader.vocab_size
print(f"違う文字が{vocab_size}、学ぶためのテキストが{len(loader.train_ids):,}文字、試験用が"
    f"{len(loader.validation_ids):,}文字")

# %% [markdown]
# ## 最初の一歩の前に · 6 分
#
# モデルを訓練する前に、どこから出発するのかを見ておきましょう。1秒で済むのに、驚くほどたくさんの間違いが見つかります。何も知らないモデルの驚きは、何も知らない人の驚きと同じくらいのはず。それがどれだけかは、10章に書いてあります。

# %%
torch.manual_seed(1347)
untrained = BigramLanguageModel(vocab_size, config).eval()
inputs, targets = loader.get_batch()
print(tuple(inputs.shape), "->", tuple(targets.shape))

# %%
start = ____  # このバッチでのモデルの損失、ふつうの数で
nothing = ____  # 何も知らないときの損失、ふつうの数で
check("12.01")

# %%
print(f"訓練前 {start:.2f}、何も知らないと {nothing:.2f}")

# %% [markdown]
# 4.16より少し上です。ランダムなスコアは、スコアがまったくないよりも悪くなります。ときどき自信満々で外すからです。もしここで11とか0.5とかが出たら、手を止めて、訓練の前に理由を突きとめてください。
#
# - [ ] 12.01 訓練前のモデルを、何も知らない場合と比べた

# %% [markdown]
# ## 一歩を手で · 16 分
#
# `Let's he`と小さい設定に戻りましょう。こちらなら全部が見えます。窓が1つ、賭けが8つ、正しい答えは`et's hen`。小さいモデルの数は2,320個です。

# %%
bare = replace(Config.small(), dropout=0.0)  # じっくり見るあいだ、さいころはなし
ids = running.ids()
answers = torch.tensor([loader.encode("et's hen")])

# %%
def fresh() -> BigramLanguageModel:
    """訓練を何もしていない小さいモデル、いつでも同じもの。"""
    torch.manual_seed(1347)
    return BigramLanguageModel(vocab_size, bare)


print(f"数は{sum(parameter.numel() for parameter in fresh().parameters()):,}個")

# %% [markdown]
# そのうちのどれが、損失の責任者でしょう？ 調べる道具は、数字の分類器でもう使いました。`backward()`は損失から出発し、全部の部品を逆にたどって最初まで戻り、どのパラメータにも`.grad`を残していきます。数のひとつひとつについて、その数が上がったら、損失がどれだけの勢いで**上がる**か、です。だから、逆へ少しだけ行きましょう。勾配に、**学習率**という数を掛けて、引きます。
#
# `torch.no_grad()`があるのは、この引き算がモデルの一部ではなく、その勾配は誰も要らないからです。

# %%
rate = 0.5

# %%
model = fresh()
before = model(ids, answers)[1]
before.backward()
with torch.no_grad():
    for parameter in model.parameters():
        parameter -= ____  # これはどれだけ進む？
after = ____  # 同じ賭けでの、いまの損失
check("12.02")

# %%
print(f"{before:.3f} -> {after:.3f}")

# %% [markdown]
# 何かを学びました。見せてもらった8つの賭けで、たった一歩で3.94から3.12になりました。
#
# それなら、なぜもっと遠くまで行かないのでしょう？ 学習率を10にするとどうなるか、予想してから、次の2つのセルを実行してください。

# %%
def after_one_step(rate: float) -> float:
    """この学習率で一歩だけ進んだあとの損失。"""
    model = fresh()
    model(ids, answers)[1].backward()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter -= rate * parameter.grad
        return model(ids, answers)[1].item()

# %%
rates = [0, 0.5, 1, 2, 3, 4, 5, 6, 8, 10]
draw.lines(
    {"一歩のあと": [after_one_step(rate) for rate in rates], "前": [after_one_step(0)] * len(rates)},
    x=rates,
    title="一歩と、その歩幅",
    x_name="学習率",
    y_name="損失",
    alt="谷と、高さ3.94の水平な線。線は一歩の前の損失。曲線はその線から始まり、学習率3で1.87に下がり、また上って、8"
    "の少し手前で線を越え、10では5.77になる。",
)

# %% [markdown]
# 谷になりました。勾配というのは、**いま立っている場所**の傾きです。それを頼りに遠くまで行きすぎると、向かい側を上ってしまい、出発したところより高いところに出ます。だから、短い一歩をたくさん重ねて、そのたびに勾配を新しくするのです。
#
# ところで、ここには、誰もが一度は落ちる落とし穴があります。勾配を求めて、それからあと3回求めて、`.grad`の中身を見てみましょう。（見るのは、最後の層のバイアスです。ほかのパラメータでも構いません。）

# %%
more = 3

# %%
model = fresh()
bias = model.to_logits.to_scores.bias
model(ids, answers)[1].backward()
once = ____  # その勾配のコピー
for _ in range(more):
    model(ids, answers)[1].backward()
ratio = ____  # いまの勾配の長さを、`once`の長さで割ったもの。ただの数で
model.____()  # 全部消す
model(ids, answers)[1].backward()
cleared = bias.grad.norm() / once.norm()
check("12.03")

# %%
print(f"あと{more}回呼ぶと{ratio:.1f}倍の長さ、消してからだと{cleared:.1f}倍の長さ")

# %% [markdown]
# `backward`は、そこにあるものに**足す**のです。何も変わっていないのに、勾配は4倍の長さになりました。百歩も進むころには、百の方角を足した方角へ、それもたいていは古くなった方角の和へ歩いていて、誰も文句を言いません。だから、`backward`の前には、必ず消します。
#
# - [ ] 12.02 手で一歩進んだ
# - [ ] 12.03 勾配がたまるのを見て、消した
# - [ ] 12.r1 一歩が長すぎてはいけない理由を説明できる

# %% [markdown]
# ## 丸暗記 · 12 分
#
# **オプティマイザ**は、パラメータを順に回るこのループを、かわりにやってくれます。パラメータを一度渡しておけば、`zero_grad()`で消し、`step()`で一歩進みます。
#
# 使うのはAdamW。Transformerを訓練する人は、ほとんどみんなこれです。さっきのループより、どこがいいのでしょう？ ここに、数が2つしかない地形があります。1つは傾き100の坂に、もう1つは傾き0.01の坂にいます。

# %%
for kind in (torch.optim.SGD, torch.optim.AdamW):
    steep, flat = nn.Parameter(torch.zeros(())), nn.Parameter(torch.zeros(()))
    optimizer = kind([steep, flat], lr=0.1)
    (100 * steep + 0.01 * flat).backward()
    optimizer.step()
    print(f"{kind.__name__:>5}: 急なほうは{steep.item():.3f}、平らなほうは{flat.item():.3f}動く")

# %% [markdown]
# SGDというのは、さっきのループです。急なほうの数は放り投げられ、平らなほうの数は布団から出てきません。AdamWは、それぞれの数の勾配を、その数の勾配がこれまでどれだけ大きかったかで割ります。だから、どちらも同じ歩調で歩きます。Transformerには、両方の数があるのです。たとえば`$`は、9本の戯曲に一度しか出てこないので、トークンの表の`$`の行には、めったに勾配が来ません。
#
# では、世界中の訓練の真ん中にあるループを、1つのバッチで、何度も何度も。4行で、順番が大事です。

# %%
def by_heart(steps: int) -> tuple[BigramLanguageModel, list[float]]:
    """`Let's he`でこの歩数だけ進んだ小さいモデルと、それぞれの一歩の前の損失。"""
    model = fresh()
    optimizer = torch.optim.AdamW(____, lr=0.01)  # 変えていいもの
    losses = []
    for _ in range(steps):
        loss = ____  # 8つの賭けでの損失
        optimizer.____()  # 消す
        loss.____()  # 責任者は誰？
        optimizer.____()  # 進む
        losses.append(loss.item())
    return model, losses


first_losses = by_heart(6)[1]
check("12.04")

# %%
learned, losses = by_heart(100)
torch.manual_seed(1347)
print("Lを渡すと：", repr(loader.decode(learned.generate(ids[:, :1], 24)[0])))
draw.lines(
    {"Let's he": losses},
    title="同じ8つの賭けを、百回",
    x_name="ステップ",
    y_name="損失",
    alt="3.94から下がっていく曲線。10ステップで2.2、30ステップで0.5。60ステップからは底を這い、0.02で終わる。",
)

# %% [markdown]
# `Let's hen`！ たった1文字から、さいころを振って、1つも間違えずに。そのあとは、たわごとに変わります。この9文字しか読んだことがないのですから。
#
# **1つの**バッチを、モデルが丸暗記するまで訓練する。それは学びではありませんが、これにまさる検査もありません。それすらできないモデルには、どこかに間違いがあります。一晩つぶすところだったのが、1秒でわかるのです。モデルを作ったら、必ずやってください。
#
# - [ ] 12.04 小さいモデルに、8つの賭けを丸暗記させた

# %% [markdown]
# ## 試験 · 12 分
#
# `Let's he`での損失は0.02です。では、モデルの実力は？ 見たことのないテキストについて聞いてみましょう。戯曲の最後の10分の1は、そのために取ってあります。そこから20バッチ、賭けは8つずつです。

# %%
exam_loader = running.loader()  # どのバッチにも、8文字の窓が1つ

# %%
torch.manual_seed(1347)
exam_batches = [exam_loader.get_batch("validation") for _ in range(20)]

# %%
with torch.no_grad():
    losses = torch.stack([____ for questions, right in exam_batches])  # そのうちの1つでの損失
average = ____  # 20個全部の平均
doubt = ____  # その平均がどれだけ外れていそうか。損失のばらつき（ふつうの`.std()`）を、個数の平方根で割る
check("12.05")

# %%
print("最初の8バッチ：", losses[:8])
print(f"丸暗記 {average:.2f}、プラスマイナス{doubt:.2f}。何も知らないと {nothing:.2f}")

# %% [markdown]
# 6.72。何も知らなければ4.16で済んだところです。モデルは、まるで見当のつかない人よりも**悪く**なりました。どこでも自信満々で、しかも間違っているからです。だから、練習に使ったテキストでの損失を信じる人はいません。ものを言うのは、モデルに一度も見せていないテキストでの損失です。
#
# バッチひとつひとつも見てください。この8つだけでも、5.7から7.4まであります。1つのバッチは、ただの逸話。だから試験にはいくつも使い、その平均を結果とします。試験には規則もあります。**ドロップアウトは切る**。答えがものを言うときは、いつもそうです（11.12）。**勾配は残さない**。試験から学ぶ者はいませんし、なしで済ませれば時間とメモリの節約になります。そして**終わったら**、モデルを訓練モードに戻します。

# %%
@torch.no_grad()
def exam(model: nn.Module, loader: DataLoader, batches: int) -> float:
    """検証用テキストから取った、この数のバッチでの損失の平均。"""
    model.____()  # ドロップアウトを切る
    losses = [model(*loader.get_batch(____))[1].item() for _ in range(____)]  # どの部分から、いくつ
    model.____()  # また入れる
    return sum(losses) / batches


check("12.06")

# %% [markdown]
# - [ ] 12.05 丸暗記したモデルに試験をした
# - [ ] 12.06 試験を書いた
# - [ ] 12.r2 練習したテキストでの損失が、あまりものを言わない理由を説明できる

# %% [markdown]
# ## どれだけ進むか · 16 分
#
# 今度は本物のバッチで、意味のある損失です。つまみの中に、ほかのどれよりも大事なものが1つあります。学習率です。次の2つのセルは、小さいモデルを3回、それぞれ300ステップ、窓32個のバッチで訓練します。学習率は0.0001、次に0.03、次に1。谷を思い出して、3本の曲線がそれぞれどうなるか、予想してください。（数秒かかります。）

# %%
def trial(rate_of: Callable[[int], float], steps: int = 300) -> list[float]:
    """小さいモデルの訓練損失、どれも20ステップの平均。`rate_of(step)`が学習率。"""
    batches = DataLoader(loader.text, replace(bare, batch_size=32))
    model = fresh()
    optimizer = torch.optim.AdamW(model.parameters())
    losses = []
    torch.manual_seed(1347)
    for step in range(1, steps + 1):
        for group in optimizer.param_groups:
            group["lr"] = rate_of(step)
        loss = model(*batches.get_batch())[1]
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return torch.tensor(losses).view(-1, 20).mean(dim=1).tolist()

# %%
crawling, good, wild = (trial(lambda step, rate=rate: rate) for rate in (0.0001, 0.03, 1.0))
draw.lines(
    {"学習率0.0001": crawling, "学習率0.03": good, "学習率1.0": wild},
    x=range(20, 301, 20),
    title="短すぎる、ちょうどいい、長すぎる",
    x_name="ステップ",
    y_name="訓練損失",
    alt=f"3本の曲線。0.0001の曲線は{crawling[0]:.2f}から始まり、ほとんど水平のまま{crawling[-1]:.2f}で終わる。0.03の"
    f"曲線は{good[0]:.2f}から、初めは速く、だんだんゆっくりと、{good[-1]:.2f}まで下がる。1.0の曲線は、ほかの2本のはる"
    f"か上の{wild[0]:.2f}から始まり、100ステップのうちに下りてきて、最後は0.03の曲線より上の{wild[-1]:.2f}になる。",
)

# %% [markdown]
# 0.0001では、這って進みます。向きは合っているので、来週あたりには着くでしょう。1.0では、最初の数歩で、何も知らないときのはるか上まで放り出されます。また下りてはきますが、3の少し上で動けなくなります。0.03は、そのあいだ。いちばんいい学習率を出す公式はありません。いくつか試すのです。どれも前の3倍か10倍にして。
#
# そもそも、1つの学習率が最初から最後まで正しいわけではありません。始まりを見てください。AdamWは、**最初の**一歩でどれだけ進むでしょう？

# %%
model = fresh()
optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
numbers = nn.utils.parameters_to_vector(model.parameters()).detach()  # 2,320個を全部1列に、動く前の値で
model(ids, answers)[1].backward()
slopes = nn.utils.parameters_to_vector([parameter.grad for parameter in model.parameters()])
optimizer.step()
moved = ____  # それぞれがどれだけ動いたか
full = ____  # 全部の数のうち、0.0099より多く動いたものの割合、ふつうの数で
check("12.07")

# %%
sloped = slopes != 0
print(f"勾配は{slopes.abs()[sloped].min():.7f}から{slopes.abs().max():.2f}まで、{(~sloped).float().mean():.0%}の数に"
    "は勾配がない")
print(f"勾配のある数が動いたのは{moved.abs()[sloped].min():.4f}から{moved.abs()[sloped].max():.4f}まで")
print(f"全部の数の{full:.0%}が、0.0099より多く動いた")

# %% [markdown]
# 勾配は0.0000006から0.34まであるのに、勾配のあった数はどれも、ほぼ**同じ**距離だけ動きました。0.01、つまり学習率まるごとです。最初の一歩では、AdamWはまだほかの勾配を見ていないので、どの勾配もそれ自身の大きさで割るのです。（名前のWは*weight decay*、重み減衰のことで、どの数も0のほうへほんの少し引っぱられます。そのせいで0.01より少し長い一歩も、少し短い一歩もあり、なかには0.0099よりさらに短いものもあります。78と20が合わせて100にならないのは、そのためです。）つまり、オプティマイザがいちばん物を知らないときに、歩幅がいちばん長いのです。薬は**ウォームアップ**。学習率を0の近くから始めて、まっすぐ上げていきます。
#
# 終わりのほうでは、長い一歩が別の理由で害になります。谷底の近くまで来ると、いちばん低いところを飛び越えて、行ったり来たりするのです。だから、学習率は**減衰**させます。よくある下り方は、コサイン波の半分。初めはゆるやか、次に速く、またゆるやかに。
#
# - `config.warmup_steps`：この歩数のあいだ学習率は上がり、その最後の一歩で`config.learning_rate`になる
# - `config.steps`：これが最後の一歩で、それまでに学習率は`config.final_learning_rate`まで下がっている
#
# 最初の一歩の番号は1です。

# %%
def rate_at(step: int, config: Config) -> float:
    """あるステップの学習率。0からまっすぐ上がり、コサイン波の半分に沿って下がる。"""
    if step <= config.warmup_steps:
        return ____  # 上りの途中
    gone = ____  # 下りのうち、どれだけ済んだか。0から1まで
    wave = (1 + math.cos(math.pi * gone)) / 2  # 1から0まで
    return ____  # 最後の学習率に、最高の学習率との差のうち`wave`の割合を足す


check("12.08")

# %%
bold = 0.2
schedule = Config(steps=300, warmup_steps=30, learning_rate=bold, final_learning_rate=0.0)
level = replace(schedule, final_learning_rate=bold)
draw.lines(
    {"ウォームアップと減衰": [rate_at(step, schedule) for step in range(1, 301)]},
    x=range(1, 301),
    title="300ステップの学習率",
    x_name="ステップ",
    y_name="学習率",
    alt=f"0の近くから、ステップ30の{bold}までまっすぐ上がる線。そこで曲がり、コサイン波の半分に沿って下がり、ステップ"
    f"165で{bold / 2}を通り、ステップ300で0に平らに着地する。",
)
fixed = trial(lambda step: bold)
warmed = trial(lambda step: rate_at(step, level))
decayed = trial(lambda step: rate_at(step, schedule))
draw.lines(
    {f"ずっと{bold}": fixed, "ウォームアップあり": warmed, "ウォームアップと減衰あり": decayed},
    x=range(20, 301, 20),
    title="同じ最高の学習率で、3通り",
    x_name="ステップ",
    y_name="訓練損失",
    alt=f"下がっていく3本の曲線。ずっと{bold}だと{fixed[0]:.2f}から{fixed[-1]:.2f}まで、ウォームアップありで"
    f"{warmed[0]:.2f}から{warmed[-1]:.2f}まで、ウォームアップと減衰ありで{decayed[0]:.2f}から{decayed[-1]:.2f}まで。",
)

# %% [markdown]
# 0.2は、このモデルには大胆な学習率です。最初の一歩から全開で使うと、300ステップでは直らないものが壊れます。30ステップのウォームアップがあれば、同じ学習率でもましになり、減衰があれば、もっとよくなります。正直に言うと、こんなに小さいモデルには、どれも要りません。`bold`を0.03にしてこのセルをもう一度実行すると、3つともこれより低いところで終わります。大きなモデルには要ります。そこでは、こういう計画があればこそ大胆な学習率が使えて、大胆な学習率が長い訓練を短くしてくれるのです。
#
# - [ ] 12.07 AdamWの最初の一歩がどこまで進むかを見た
# - [ ] 12.08 学習率の計画を書いた
# - [ ] 12.r3 ウォームアップが何の役に立ち、減衰が何の役に立つかを説明できる

# %% [markdown]
# ## クラス · 18 分
#
# 習慣が、まだ1つ足りません。モデルを訓練しているあいだ、ときどき試験をするのですが、**最後の**一歩のあとのモデルが、いつもいちばんいいとはかぎりません。だから、試験の結果がそれまでのどれよりもよかったら、モデルのコピーをよけておきます。取っておくのは`state_dict()`、テンソルの名前からテンソルそのものを引ける辞書です。ここに、2回目の試験のあとでおかしくなる訓練があります。

# %%
model = fresh()
bias = model.to_logits.to_scores.bias
best_loss, best = math.inf, {}
for exam_result in (3.5, 2.5, 2.7, 9.9):
    with torch.no_grad():
        bias += 1.0  # 何かを学ぶ
    if ____:  # これまでで最高？
        best_loss = exam_result
        best = {name: ____ for name, tensor in model.state_dict().items()}  # このテンソルの、いまの姿
model.load_state_dict(____)  # 最高のものを連れ戻す
first_of_bias = bias[0] - fresh().to_logits.to_scores.bias[0]
check("12.09")

# %%
print(f"バイアスは{first_of_bias.item():.0f}上がったので、2回目の試験のモデル。損失は{best_loss}")

# %% [markdown]
# では、全部を組み立てましょう。一歩ごとに、Trainerは何があったかを小さな記録にして報告します。記録のほうは、もう書いてあります。

# %%
@dataclass(frozen=True)
class Report:
    """Trainerが一歩ごとに報告すること。"""

    step: int  # 最初は1
    steps: int  # 全部で何ステップか
    training_loss: float  # この一歩のバッチでの、一歩の前の損失
    validation_loss: float | None = None  # この一歩のあとに試験があれば

# %% [markdown]
# 次は試すための道具です。判定用でもあり、自分用でもあります。小さいモデルを、数行のテキストで7ステップ訓練し、2ステップごとと、最後のステップのあとに試験をします。途中で誰かがモデルにちょっかいを出すので、4回の試験のうち2回目がいちばんよくなります。

# %%
@cache  # 判定では訓練をいろいろな面から調べるが、実行は一度で足りる
def seven_steps(trainer_class: type, watched: bool = True, stop: int = 0) -> tuple["Trainer", list[Report]]:
    """7ステップ訓練したあとのTrainerと、その報告。`stop`があれば、そのステップのあとで誰かが止める。"""
    settings = replace(bare, batch_size=5, steps=7, warmup_steps=4, learning_rate=0.01, final_learning_rate=0.001,
                       evaluate_every=2, evaluation_batches=3, dropout=0.2)
    sentences = DataLoader("Let's hence, and hear\n" * 9 + "Who? You, O you who know", settings)
    torch.manual_seed(1347)
    model = BigramLanguageModel(sentences.vocab_size, settings)
    groups = [{"params": model.blocks.parameters(), "lr": 0.025}, {"params": model.to_logits.parameters()},
              {"params": model.embedding.parameters()}]
    trainer = trainer_class(model, torch.optim.AdamW(groups, lr=0.01), sentences, settings)
    examined = sentences.validation_ids.unique()  # 試験に出る文字。ほとんどは、ほかのどこにも出てこない

    def meddle(report: Report) -> None:
        with torch.no_grad():
            model.to_logits.to_scores.bias[examined] += {3: 4.0, 5: -4.0}.get(report.step, 0.0)
        if report.step == stop:
            raise KeyboardInterrupt

    return trainer, trainer.train(meddle if watched else None)

# %% [markdown]
# クラスの空欄は13個で、初めて見るものはひとつもありません。もう書いてある行のうち、2つは説明が要ります。
#
# `self.shares`：オプティマイザは、パラメータをいくつかの**グループ**に分けて、グループごとに別の学習率を持たせることがあります。試すための道具では3つあり、ブロックはほかの2.5倍の速さで学びます。グループの学習率を`config.learning_rate`で割ったものが、そのグループの割合です。`train`では、どのグループも、一歩ごとに学習率の自分の割合を受け取ります。だから、計画が全員を動かし、ブロックのリードはそのまま保たれます。
#
# `except KeyboardInterrupt`：誰かがセルを手で止めると、Pythonがこれを投げます。クラスがそれを受け止めるので、それまでで最高のモデルが手元に残ります。最初の試験の前なら、そのときのモデルがそのまま残ります。

# %%
class Trainer:
    """ローダーのバッチでモデルを訓練し、いちばんいい版を取っておく。"""

    def __init__(
        self,
        model: nn.Module,
        optimizer: torch.optim.Optimizer,
        data_loader: DataLoader,
        config: Config,
    ) -> None:
        """`optimizer`は`model`のパラメータを持つ。`data_loader`は「train」と「validation」のバッチを出す。"""
        self.model = model
        self.optimizer = optimizer
        self.data_loader = data_loader
        self.config = config
        self.shares = [group["lr"] / config.learning_rate for group in optimizer.param_groups]

    def learning_rate(self, step: int) -> float:
        """あるステップの学習率。最初のステップは1。"""
        return ____  # このTrainerの設定のとおりに

    def train_step(self) -> float:
        """1つのバッチから学び、そこでのモデルの損失を返す。"""
        self.model.train()
        inputs, targets = self.data_loader.get_batch("train")
        loss = ____  # モデルはどれだけ驚く？
        self.optimizer.____()
        loss.____()
        self.optimizer.____()
        return loss.item()

    @torch.no_grad()
    def evaluate(self) -> float:
        """試験：検証用テキストの`config.evaluation_batches`個のバッチでの、損失の平均。"""
        self.model.____()
        losses = []
        for _ in range(____):  # バッチの数
            inputs, targets = self.data_loader.get_batch("validation")
            losses.append(self.model(inputs, targets)[1].item())
        self.model.train()
        return ____  # その平均

    def train(self, watch: Callable[[Report], object] | None = None) -> list[Report]:
        """`config.steps`ステップ、または誰かが止めるまで訓練し、いちばんいい版に戻す。

        `watch`があれば、一歩ごとの報告を渡して呼ぶ。
        """
        reports: list[Report] = []
        best_loss, best = math.inf, None
        try:
            for step in range(1, self.config.steps + 1):
                for group, share in zip(self.optimizer.param_groups, self.shares, strict=True):
                    group["lr"] = share * ____  # この一歩の学習率
                training_loss = ____  # 1つのバッチから学ぶ
                validation_loss = None
                if step % self.config.evaluate_every == 0 or step == self.config.steps:
                    validation_loss = ____  # 試験をする
                    if ____:  # これまでで最高？
                        best = ____  # よけておくもの
                        best_loss = validation_loss
                reports.append(Report(step, self.config.steps, training_loss, validation_loss))
                if watch is not None:
                    watch(reports[-1])
        except KeyboardInterrupt:
            pass  # ここで止める。これまでで最高のものは残る
        if best is not None:
            self.model.load_state_dict(best)
        return reports


check("12.10")

# %%
for report in seven_steps(Trainer)[1]:
    print(report)

# %% [markdown]
# マップの話です。訓練しても、モデルにテンソルは増えません。ただ、モデルの数よりもっとたくさんの数が、メモリに載ります。どのパラメータも自分の勾配を連れているし、AdamWは移動平均を2つ覚えています。勾配の平均と、その二乗の平均です。

# %%
shapes = {
    "loss": ____,  # 数1つ、次元なし
    "token table": (vocab_size, config.embedding_dim),
    "its gradient": ____,  # `backward`がそこに残すもの
    "mean of its gradients": (vocab_size, config.embedding_dim),
}
parameters = sum(parameter.numel() for parameter in untrained.parameters())
in_memory = ____  # AdamWでの訓練が、一歩から次の一歩へ持ち越す数の個数：パラメータ、勾配、両方の平均
check("12.11")

# %%
for name, shape in shapes.items():
    print(f"{name:>22}  {shape}")
print(f"訓練中のメモリには数が{in_memory:,}個、手元に残るのは{parameters:,}個")

# %% [markdown]
# - [ ] 12.09 いちばんいいモデルのコピーを取っておいた
# - [ ] 12.10 Trainerを書いた
# - [ ] 12.11 訓練の形状をマップに書きとめた

# %% [markdown]
# ## 訓練の前に保存 · 8 分
#
# 訓練したモデルは、このノートブックのメモリの中に住んでいて、ノートブックと一緒に死にます。だから、失うものができる**前に**、保存のしかたを覚えましょう。ファイルは2つで足ります。テンソルと、それを使う人が知っておくべきことです。
#
# テンソルは`model.safetensors`に入れます。名前と数だけを入れる形式で、ほかには何も入りません。（`torch.save`が書くのは*pickle*で、知らない人のpickleを開くと、中に隠れているどんなプログラムが動き出すかわかりません。）残りは`settings.json`に入れます。こちらは自分の目で読めます。設定と、**順番どおりの文字**です。これがないと、モデルはしゃべれても、何を言っているのかが誰にもわかりません。

# %%
def save(model: nn.Module, loader: DataLoader, folder: Path, validation_loss: float | None, steps: int) -> None:
    """モデルのテンソルと設定を、フォルダに書き込む。"""
    folder.mkdir(parents=True, exist_ok=True)
    save_file(____, folder / "model.safetensors")  # 全部のテンソルを、名前で
    settings = {
        "format": 1,
        "characters": ____,  # 語彙を1つの文字列で
        "config": ____,  # 設定を辞書で
        "validation_loss": validation_loss,
        "steps": steps,
    }
    (folder / "settings.json").write_text(json.dumps(settings, indent=1), encoding="utf-8")


def load(folder: Path, model_class: type = BigramLanguageModel) -> tuple[nn.Module, str]:
    """フォルダの中のモデル、しゃべる準備ができたもの。それと順番どおりの文字。"""
    settings = json.loads((folder / "settings.json").read_text(encoding="utf-8"))
    characters = settings["characters"]
    model = model_class(len(characters), ____)  # 設定に戻す
    model.load_state_dict(____)  # ファイルのテンソルを、名前で
    return model.eval(), characters


def there_and_back(model: nn.Module, config: Config) -> tuple[dict, nn.Module, str]:
    """モデルを保存したときのsettings.jsonの中身と、フォルダを読み込んで戻ってきたもの。"""
    same_text = copy.copy(loader)
    same_text.config = config
    with tempfile.TemporaryDirectory() as folder:
        save(model, same_text, Path(folder) / "model", 1.5, 7)
        return json.loads((Path(folder) / "model" / "settings.json").read_text(encoding="utf-8")), *load(Path(folder) / "model")


check("12.12")

# %%
returned = there_and_back(fresh(), bare)[1]
print("保存して読み込んでも同じ答え：", torch.equal(returned(ids)[0], fresh()(ids)[0]))

# %% [markdown]
# - [ ] 12.12 モデルを保存し、また読み込んだ

# %% [markdown]
# ## チャレンジ：丸写しか？
#
# やってもやらなくても構いません。15分ほどかかりますが、あとの章では使いません。次の節では、モデルがシェイクスピアのように聞こえるせりふを書きます。すると、きっと誰かが尋ねるでしょう。自分で考えているのか、それとも暗唱しているだけなのか、と。いまのうちに探偵を書いておきましょう。容疑者の訓練は、これからです。
#
# `longest_quote`は、テキストの切れ端のうち、元のテキストにもあるいちばん長いものを、一字一句そのまま見つけます。切れ端は山ほどあるので、どれを飛ばしていいかを考えましょう。切れ端は、これまでの最高より長くなければ意味がありません。それに、ある切れ端が元のテキストになければ、同じところから始まるもっと長い切れ端も、あるはずがありません。
#
# では、どれだけなら長いと言えるのでしょう？ それには、絶対に潔白な誰かが要ります。`stranger`は、モデルの訓練には決して使わない、戯曲の最後の10分の1から取った600文字。シェイクスピアですが、初対面です。その切れ端が、残りの10分の9の中に、一字一句そのままで、どれだけの長さまで見つかるでしょう？ 予想してください。

# %%
where = 40_000

# %%
read = loader.text[: len(loader.train_ids)]  # モデルが訓練に使うもの
stranger = loader.text[len(loader.train_ids) :][where : where + 600]

# %%
def longest_quote(text: str, source: str) -> str:
    """`text`の切れ端のうち、`source`に一字一句そのままあるいちばん長いもの。同じ長さなら、最初のもの。"""
    best = ""
    for start in range(len(text)):
        for end in ____:  # 切れ端が最高より長くなる、終わりのマス
            if ____:  # 次の始まりを試すのはどんなとき？
                break
            best = ____  # 覚えておく
    return best


innocent = longest_quote(stranger, read)
print(f"{len(innocent)}文字：{innocent!r}")
check("12.13")

# %% [markdown]
# 15文字、` am no beast.`と改行2つです。つまり、このくらいの長さの引用では、何の証拠にもなりません。同じ言語で同じようなことを書いていれば、しじゅう同じ言い回しになるものです。この数を覚えておいて、モデルがしゃべったら、`longest_quote(said, read)`で裁判にかけてください。
#
# - [ ] 12.13 チャレンジ：いちばん長い引用を見つけた

# %% [markdown]
# ## 訓練 · 12 分
#
# 残りのセルに空欄はありません。動かすのは、01章からここまでに自分で書いたものです。`mine`がファイルを読み、判定に出し、合格したクラスを残らず使います。まだないところには、この講座のものが、ほかの自作の部品に混じって入ります。**先にこのノートブックを保存してください**。`mine`が読むのは、ディスクにあるものだからです。

# %%
mine.table()

# %%
def whole_exam(model: nn.Module, loader: DataLoader) -> float:
    """検証用テキスト全体を、隙間なく並んだ窓に切ったときの、損失の平均。"""
    length, ids = loader.config.input_sequence_length, loader.validation_ids
    count = (len(ids) - 1) // length
    questions, right = ids[: count * length].view(count, length), ids[1 : count * length + 1].view(count, length)
    model.eval()
    with torch.no_grad():
        losses = [model(q, r)[1].item() * len(q) for q, r in zip(questions.split(256), right.split(256), strict=True)]
    return sum(losses) / count

# %%
settings = rehearsal.settings(config)  # 01章の大きさで。WORKSHOP_STEPS=20をつけてJupyterを起動すると、20ステップだけ訓練する
loader = mine.DataLoader(corpus.shakespeare(), settings)
torch.manual_seed(settings.seed)
model = mine.BigramLanguageModel(loader.vocab_size, settings)


def speak(length: int = 150, prompt: str = "\n") -> str:
    """プロンプトと、いまのモデルがそれに足す`length`文字。"""
    ids = model.generate(torch.tensor([loader.encode(prompt)]), length)[0]
    return loader.decode(ids).lstrip("\n")


print(speak())

# %% [markdown]
# いまは、こんな話し方です。これから訓練するのは自分で書いたコードと、借りものが1つ。オプティマイザです。
#
# AdamWは、数を1つずつ見ます。でも、行列は空間を丸ごと回したり伸ばしたりするもので、勾配の大半は、ほんのいくつかの方向に集まっていることがよくあります。最初のブロックの射影を見てみましょう。その勾配には、方向が64あります。それぞれの方向での勾配の長さを、長い順に並べます。先頭は、真ん中の何倍でしょう？

# %%
torch.manual_seed(settings.seed)
practice, batch = copy.deepcopy(model), loader.get_batch()
practice(*batch)[1].backward()
lengths = torch.linalg.svdvals(practice.blocks[0].attention.projection.weight.grad)  # いちばん長い方向からいちばん短い方向へ
middle = lengths[len(lengths) // 2]
print(f"先頭の方向で{lengths[0]:.4f}、真ん中の方向で{middle:.4f}、つまり{lengths[0] / middle:.0f}倍")

# %% [markdown]
# こういう行列は、ほとんどの方向で、ゆっくりとしか学べません。その方向だって同じくらい大事かもしれないのに。**Muon**は、どの方向でも、一歩をほぼ同じ長さにします。`optimizers.fast`は、ブロックの中の行列をMuonに任せます。表、正規化、バイアス、最後のスコアはAdamWのまま。だからグループが2つあり、`shares`がここで役に立ちます。Muonのやり方と、誰の考えなのかは、`kit/model/training/muon.py`で読めます。Trainerから見れば、ほかと同じように`zero_grad()`と`step()`のあるオプティマイザです。
#
# それで何が得られるのでしょう？ AdamWだけだと、同じところまで来るのに1,300ステップほどかかります。Muonなら750。その代わり、一歩一歩は少しだけ遅くなります。
#
# 次のセルが、モデルを訓練します。750ステップ、どのステップも32文字の窓が24個。賭けの数は、訓練用テキストの文字数の半分より多く、時間は1、2分です。どこまで進んだか、何と言っているか、そして両方の損失を、眺めていられます。もう十分だと思ったら、停止ボタン（■）を押してください。それまでで最高のモデルが残ります。
#
# 動いているあいだ、耳を澄ましてください。まず、どの文字が多いかを学びます。次に、空白がそれらしい間隔で現れます。それから、短い単語、大文字の人名とコロン、1行の長さ。

# %%
torch.set_num_threads(threads.quicker(lambda: practice(*batch)[1].backward()))  # コアは1つか2つ、速いほうで
optimizer = optimizers.fast(model, settings)
trainer = mine.Trainer(model, optimizer, loader, settings)
torch.manual_seed(settings.seed)
with live.Live(speak, evaluate=trainer.evaluate) as watch:
    reports = trainer.train(watch)
torch.set_num_threads(1)

# %% [markdown]
# 進む前に予想を。検証用テキストの**全体**では、モデルの出来はどうでしょう？ 11章のバイグラムの表は2.48でした。

# %%
loss = whole_exam(model, loader)
print(f"検証用テキスト全体で{loss:.3f}、互角の{math.exp(loss):.1f}文字から選ぶのと同じ")
exams = {step: result for step, _, result in watch.status.points}
if exams:
    ends = sorted({*exams, *range(0, len(reports) + 1, 25)})
    parts = [reports[begin:end] or reports[:1] for begin, end in pairwise([0, *ends])]  # それぞれの終わりまでのステップ
    practised = [fmean(report.training_loss for report in part) for part in parts]
    draw.lines(
        {
            "訓練": practised,
            "検証": [exams.get(end, math.nan) for end in ends],
            "バイグラムの表": [2.48] * len(ends),
            "何も知らない": [nothing] * len(ends),
        },
        x=ends,
        title="ステップ0からの、モデルの損失",
        x_name="ステップ",
        y_name="損失",
        alt=f"水平な線が2本。何も知らないときの{nothing:.2f}と、バイグラムの表の2.48。それに曲線が2本。どちらも何も知"
        f"らないときより上の{practised[0]:.2f}から始まり、急に下がり、それからだんだんゆるやかに下がる。{ends[-1]}ス"
        f"テップのあと、訓練損失（最後の何ステップかの平均）は{practised[-1]:.2f}、検証用テキストでの損失は"
        f"{exams[max(exams)]:.2f}。",
    )

# %% [markdown]
# これを書いた時点では、損失は1.86、互角の6.4文字から選ぶところまで来ました。何も知らなければ64文字、バイグラムの表で12文字です。11章の自慢の種だったあの表は、100ステップもしないうちに追い抜かれました。最後の検証用テキストでの損失は、訓練損失より0.1と少し上です。丸暗記したわけではありません。テキストのたいていの箇所は、一度しか、あるいは一度も見ていないのですから。試験に出るのは、別の戯曲なのです。『じゃじゃ馬ならし』は、モデルが読んだのは初めのほうだけ。『テンペスト』は、まったく読んでいません。たとえばプロスペローは、モデルが学んだテキストでは、一度も口をきかないのです。
#
# では、どんなふうにしゃべるのでしょう？ 訓練の前、10分の1まで来たところ、そしていま。

# %%
tenth = max(step for step in watch.samples if step <= max(1, settings.steps // 10))
torch.manual_seed(1564)
columns.show({"訓練前": watch.samples[0], f"{tenth}ステップ後": watch.samples[tenth], f"{len(reports)}ステップ後": speak()})

# %% [markdown]
# これを書いた時点では、真ん中のは、人名は大声で叫ぶもの、そのあとにはコロンが来るものだと、気づいたばかりでした。
#
# では、好きなだけしゃべらせて、声に出して読んでみてください。さいころの目を決めるのはシードです。シードを変えてこのセルをもう一度実行すれば、まだ誰も読んだことのないテキストが出てきます。

# %%
torch.manual_seed(1616)
said = speak(600)
print(said)

# %% [markdown]
# 大文字の人名とコロン、せりふとせりふのあいだの空行、詩の行の頭の大文字。短い単語はたいてい本物で、長い単語も、いかにもありそうな響きです。これを書いた時点では、ESCOLIZABEPRIOLAという人物が登場しました。どの戯曲にもいませんが、いないのが惜しいくらいです。
#
# チャレンジをやった人は、裁判の時間です。こちらのテキストでは、いちばん長い引用は20文字でした。`his way?`のあとに`ISABELLA:`、名前の前に改行が2つ、後ろに1つ。`stranger`は15文字だけでした。でも、最後の10分の1を全部、600文字ずつに切っていくと、その3分の1くらいで、いちばん長い引用が20文字以上になります。どれも初対面のシェイクスピアなのに、です。つまり、この長さの引用なら、暗唱とは言えません。
#
# 公平に、そして正直にいきましょう。モデルに一度に見えるのは32文字で、それより前のことは消えています。王とは何かを知りません。1行たりとも理解していません。あるのは、次にふつう何が来るかという、すばらしい勘だけ。それが209,600個の数にしまってあり、それだけで、つづりにも、韻文にも、紙の上の芝居の見た目にも足りてしまうのです。人とおしゃべりする、あのモデルたちも、だいたい同じ部品を、同じ順番に並べて作られています。いちばん大きなものでは数が何百万倍もあり、人が千回生きても読みきれないほどの量を読んでいます。
#
# 出だしをこちらで決めることもできます。文の途中まででもいいし、自分の名前を大文字で書いて、コロンをつけてもいい。

# %%
torch.manual_seed(1595)
print(speak(300, prompt="ROMEO:\nO, "))

# %% [markdown]
# `Let's he`のあとに何が来るか、聞いてみましょう。10章では、賭けはほとんど平らで、64文字のうちの最高でも4.5%でした。

# %%
with torch.no_grad():
    bet = model.eval()(torch.tensor([loader.encode("Let's he")]))[0][0, -1].softmax(dim=-1)
likely = bet.topk(10)
names = [loader.decode([number]) for number in likely.indices.tolist()]
draw.bars(
    names,
    likely.values,
    title="「Let's he」のあと：訓練したモデルの賭け",
    alt="棒が10本、高いほうから順に: "
    + ", ".join(f"{name!r} {chance:.2f}" for name, chance in zip(names, likely.values.tolist(), strict=True))
    + "。ほかは全部合わせて "
    + f"{1 - likely.values.sum().item():.2f}.",
)

# %% [markdown]
# それから、中をひと目。16のヘッドは、好きなだけ後ろを見ることができました。いちばんよく「ひとつ前の文字」を見ているのが、これです。そうしろとは、誰も言っていません。2つ組にどれだけの値打ちがあるかは、11章で見ました。モデルも、それに気づいたのです。

# %%
window = "First Citizen:\nLet us kill him, "
stream = model.embedding(torch.tensor([loader.encode(window)]))
patterns = {}
with torch.no_grad():
    for number, block in enumerate(model.blocks, 1):
        for place, head in enumerate(block.attention.heads, 1):
            patterns[number, place] = head.weights(block.norm_1(stream))[0]
        stream = block(stream)
looks_back = {name: pattern.diagonal(-1).mean().item() for name, pattern in patterns.items()}
block, head = max(looks_back, key=looks_back.get)
draw.heat(
    patterns[block, head],
    rows=window,
    columns=window,
    title=f"ブロック{block}、ヘッド{head}：誰が（行）誰の話を聞くか（列）",
    alt=f"32かける32のマス目。対角線の上は空。テキストは{window!r}。行の重みのうち平均して"
    f"{looks_back[block, head]:.2f}が、対角線のひとつ左、つまりひとつ前の文字に乗っている。",
)

# %% [markdown]
# 何かを閉じる前に、モデルを2つのファイルに保存して、もう一度読み込みましょう。（`models`フォルダはGitに入りません。）

# %%
folder = rehearsal.folder(Path(running.__file__).parent.parent / "models" / "mine")
if folder.exists():  # 古いモデルは場所をゆずる
    folder.rename(folder.with_name(time.strftime("mine-%Y%m%d-%H%M%S")))
save(model, loader, folder, loss, len(reports))

again, characters = load(folder, mine.BigramLanguageModel)
torch.manual_seed(1597)
there = again.generate(torch.tensor([[characters.index(character) for character in "JULIET:\n"]]), 200)
print("".join(characters[number] for number in there[0]))

# %% [markdown]
# これからは、このノートブックがなくてもしゃべります。ターミナルで、こう打ってください。
#
# ```
# python scripts/sample.py models/mine "ROMEO:"
# ```
#
# あと1つ。まじめなモデルには**カード**がついていて、誰が訓練したか、何で訓練したか、出来はどうか、何を期待していいかが書いてあります。これがそのカードです。誰かに聞かれたときのために、`model_card.md`としてフォルダにも入れてあります。

# %%
card.write(folder, said, watch.status.seconds)

# %% [markdown]
# - [ ] 12.r4 自分のモデルを訓練して、しゃべるのを聞いた

# %% [markdown]
# ## これで自分のもの
#
# - 最初の一歩の前の損失。語彙の大きさの対数と比べて確かめる
# - どんな訓練にもあるループ：**前へ、消す、後ろへ、一歩**
# - どのモデルにもできる検査：**1つのバッチを丸暗記**できるか
# - 見たことのないテキストでの**試験**：バッチはいくつも、ドロップアウトは切る、勾配はなし
# - ウォームアップして減衰する**学習率**
# - `Trainer(model, optimizer, data_loader, config)`：いちばんいいモデルを残し、止めろと言えば止まる
# - カードのついた自分のモデル。テキストからテキストまで、どの段階も自分のコードで
#
# 次は何をしましょう。`python scripts/train.py --mine --data FILE`なら、自作のクラスでできたモデルを、好きなテキストで訓練できます。自分のメールでも、料理の本でも、青春時代の歌でも。カードも残ります。`--mine`をつけなければもっと速く、残りは`--help`が教えてくれます。
#
# ここへ来たとき、`Let's he`は8つの文字でした。それがIDになり、ベクトルになり、和になり、クエリになり、重みになり、賭けになり、損失になり、勾配になり、最後には、それまで誰も書いたことのない文になりました。その大半は、自分で思いつけたはずのもの。そしていま、思いついたのです。
