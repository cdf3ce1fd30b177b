# %% [markdown]
# # 14 もっと大きく
# <!-- Made from checkpoints/ch14_bigger.py by scripts/build.py. From your first edit on it is yours. -->
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/OWNER/REPO/blob/main/workshop/ja/ch14_bigger.ipynb)
# [![Open in GitHub Codespaces](https://github.com/codespaces/badge.svg)](https://codespaces.new/OWNER/REPO?quickstart=1)
#
# モデルを大きくすると何が手に入るかを測り、訓練する前に予想します。
#
# 7節、98分、よければチャレンジも。おまけの章です。必要なのは01章、11章、12章で、13章のものは使いません。
#
# 小さいモデルを訓練した人は、帰り道で、みんな同じことを考えます。もっと大きかったら？ マシンを借りてきて、確かめてもいいでしょう。でも、1回の訓練に何億円もかける人たちは、その前に別のことをします。どう見ても小さすぎるモデルをいくつか訓練して、その結果に線を1本引き、残りは線から読み取るのです。

# %%
# @title 最初に実行：この講座がここになければ（ColabやKaggleなど）、取ってきます
import importlib.util, urllib.request
if not importlib.util.find_spec("workshop"):
    address = "https://github.com/OWNER/REPO/raw/main/workshop/fetch.py"
    exec(urllib.request.urlopen(address).read(), {"address": address})

# %%
import copy
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch
from torch import nn

from nanogpt import BigramLanguageModel, Config
from workshop import ____, check, corpus, draw, hint, mine, optimizers, rehearsal, running, solution

torch.set_printoptions(precision=3, linewidth=100, sci_mode=False)
torch.set_num_threads(1)  # これほど小さいテンソルでは、2つ目のコアは邪魔になるだけ

# %%
config = Config()
vocab_size = running.loader().vocab_size
print(f"文字は{vocab_size}種類、ブロックは{config.num_layers}個、1文字につき数が{config.embedding_dim}個")

# %% [markdown]
# ## いくらかかるか · 15 分
#
# もっと大きいものを作る前に、いくらかかるかを知っておきたいところ。それには鉛筆が1本あれば足ります。11章の部品を順に見ていって、それぞれに数がいくつ入っているかを書きとめましょう。使う文字は2つ。dが幅（`embedding_dim`）、hがFeedForwardの隠れ層です。
#
# d個の数をh個にする層は、行列に数がd×h個あり、バイアスがあれば、さらにh個あります。アテンションでは、ヘッドが幅を分け合うので、全部のヘッドのクエリを合わせて、ちょうどd×dの行列1つ分です。キーとバリューも、それぞれ同じだけ。この3つには、どれもバイアスがありません。そのあとの射影にはあります。

# %%
def count(vocab_size: int, config: Config) -> int:
    """モデルに数がいくつあるか。作らずに数える。"""
    d, h = config.embedding_dim, config.hidden_dim
    tables = ____  # 文字ごとに1行、マスごとに1行
    attention = ____  # 全部のヘッドのクエリ、キー、バリュー、それに射影とそのバイアス
    feed_forward = ____  # 行きと帰り、それぞれにバイアスつき
    norm = 2 * d  # ゲインとバイアス
    scores = ____  # 幅から、文字ごとのスコアへ、バイアスつき
    return tables + config.num_layers * (attention + feed_forward + 2 * norm) + norm + scores


check("14.01")

# %%
print(f"手で数えて：{count(vocab_size, config):,}")
print("PyTorchが数えて："
    f"{sum(parameter.numel() for parameter in BigramLanguageModel(vocab_size, config).parameters()):,}")
for width in (64, 128, 256, 512, 1024):
    wide = replace(config, embedding_dim=width, hidden_dim=4 * width)
    inside = 12 * wide.num_layers * width**2
    print(f"幅{width:>4}：数は{count(vocab_size, wide):>10,}個、そのうちブロックの中の行列が"
    f"{inside / count(vocab_size, wide):.1%}")

# %% [markdown]
# hがdの4倍なら、1つのブロックの行列には、数が12×d×d個あります。幅が広くなればなるほど、ほかのものはどうでもよくなります。だから、幅を2倍にすると数はほぼ4倍、ブロックを2倍にしても、ただの2倍です。
#
# 次は時間です。1文字がモデルを通り抜けるとき、行列の中の数は、1つ残らず1回ずつ使われます。掛け算が1回、途中の合計への足し算が1回。つまり、数1つにつき演算は**2**回です。それから`backward`が来て、どの行列でも、同じ大きさの積があと2つ。1つは、行列の勾配を求めるもの。もう1つは、入ってきたものの勾配を求めて、手前の部品に渡すためのものです。これで**4**回が加わって、目安が完成します。1文字から学ぶには、**モデルの中の数1つにつき、演算が6回**要るのです。

# %%
parameters = count(vocab_size, config)
per_character = ____  # 1文字分の演算、目安で
whole_run = ____  # 訓練1回分では？ 設定は`config`のもので
check("14.02")

# %%
print(f"1文字につき演算が{per_character:,}回、12章の訓練では{whole_run:.2e}回")

# %% [markdown]
# 12章の訓練で、7,240億回。コア1つでも、大きな行列積だけをやらせてもらえれば、1秒に数百億回はこなします。だから、訓練は何秒かで終わったっていいのです。それが1、2分かかったのなら、これほど小さいモデルだと、積そのものはあっという間に済んで、その支度に時間のほとんどがかかるからです。
#
# この目安そのものも、正確ではありません。まず、数えすぎています。表は行を選び出すだけですし、ゲインとバイアスは行列ではありません。それから、数え足りません。アテンションには、どのパラメータとも関係のない積が2つあるのです。どのマスも、自分のクエリを、窓全体のキーと比べます。全部のヘッドを合わせると、長さdの内積が、窓の文字の数だけ。（半分はあとでマスクに隠されますが、計算はしています。）それから、同じ数のバリューを混ぜるのに、また同じだけかかります。というわけで、もう一度、今度はきちんと数えましょう。

# %%
def operations(vocab_size: int, config: Config) -> int:
    """1文字から学ぶのに要る演算の回数。行列積の全部、行きも帰りも。"""
    d, h, length = config.embedding_dim, config.hidden_dim, config.input_sequence_length
    matrices = ____  # 全部の行列の中にある数の個数。行列はアテンションに4つずつ、FeedForwardに2つずつ、それとスコアの分
    looking = ____  # ブロック1つ分の、パラメータのない2つの積の演算、行きだけ
    there = ____  # 行きの演算の全部
    return 3 * there  # 行きと、その2倍の帰り


check("14.03")

# %%
from torch.utils.flop_counter import FlopCounterMode

torch.manual_seed(1349)
batch = torch.randint(vocab_size, (config.batch_size, config.input_sequence_length + 1))
with FlopCounterMode(display=False) as counter:  # PyTorchが計算する積を、残らず聞いている
    BigramLanguageModel(vocab_size, config)(batch[:, :-1], batch[:, 1:])[1].backward()
characters = config.batch_size * config.input_sequence_length
print(f"PyTorchが数えた1ステップの演算は{counter.get_total_flops():,}回")
print(f"自分の式では{operations(vocab_size, config) * characters:,}回、数1つにつき6回とすると"
    f"{per_character * characters:,}回")

# %% [markdown]
# 自分の式は、演算の最後の1回まで合っています。目安のほうは3%足りません。ここでは、数えすぎた分より、見落とした分のほうが大きいのです。窓が長くなれば、差は広がります。どの文字も見るものが増えるのに、パラメータの個数はほとんど変わらないからです。
#
# - [ ] 14.01 モデルの中の数を、作らずに数えた
# - [ ] 14.02 演算を、目安で数えた
# - [ ] 14.03 演算を、きちんと数えた
# - [ ] 14.r1 6がどこから来るのかを説明できる

# %% [markdown]
# ## 小さいモデルを4つ · 13 分
#
# では、測りましょう。自作のクラスでできたモデルが4つ。違うのは幅だけで、8、12、20、32です。どれも同じステップ数だけ学んで、同じ試験を受けます。検証用テキストの端から端まで、等間隔に取った1,024個の窓です。みんなが同じ質問を受ければ、難しい質問は誰にとっても難しく、どれが上かという話に、運が口を出しにくくなります。
#
# まだないクラスや、合格していないクラスには、12章と同じように、講座のものが入ります。**先にこのノートブックを保存してください**。`mine`が読むのは、ディスクにあるものだからです。

# %%
mine.table()

# %%
loader = mine.DataLoader(corpus.shakespeare(), replace(config, batch_size=16))

# %%
base = Config(batch_size=16, embedding_dim=32, hidden_dim=128, num_heads=2, num_layers=2, steps=400, warmup_steps=40,
              learning_rate=0.01, evaluate_every=10_000, evaluation_batches=1)


def same_exam(model: nn.Module, windows: int = 1024) -> float:
    """検証用テキストから取ったこの数の窓での、損失の平均。窓は毎回同じ。"""
    ids, length = loader.validation_ids, loader.config.input_sequence_length
    starts = torch.linspace(0, len(ids) - length - 1, windows).long()
    cut = ids[starts[:, None] + torch.arange(length + 1)]
    model.eval()
    with torch.no_grad():
        return statistics.fmean(model(part[:, :-1], part[:, 1:])[1].item() for part in cut.split(128))


def trained(config: Config, characters: int | None = None) -> tuple[int, float]:
    """モデルを、テキスト全体か、その最初の`characters`文字だけで訓練する。返すのは、数の個数と、試験での損失。"""
    config = rehearsal.settings(config)
    torch.manual_seed(config.seed)
    text = copy.copy(loader)
    text.train_ids = loader.train_ids[:characters]
    model = mine.BigramLanguageModel(loader.vocab_size, config)
    start = time.perf_counter()
    mine.Trainer(model, optimizers.fast(model, config), text, config).train()
    size, loss = sum(parameter.numel() for parameter in model.parameters()), same_exam(model)
    print(f"幅{config.embedding_dim:>3}、ブロック{config.num_layers}個、{config.steps}ステップ：数は{size:>9,}個、損"
    f"失{loss:.3f}、{time.perf_counter() - start:.1f}秒")
    return size, loss


def of_width(width: int) -> Config:
    """この幅のモデルの設定。"""
    return replace(base, embedding_dim=width, hidden_dim=4 * width)

# %% [markdown]
# どれも数秒です。まず予想を。数は、次のモデルに進むたびに、およそ2倍になります。4つの損失はどうなるでしょう？

# %%
widths = [8, 12, 20, 32]
runs = [trained(of_width(width)) for width in widths]
sizes = torch.tensor([float(size) for size, _ in runs])
losses = torch.tensor([loss for _, loss in runs])
reached = ", ".join(f"{size:,}: {loss:.2f}" for size, loss in runs)
draw.lines(
    {"損失": losses},
    x=sizes,
    title="自作の4つのモデル",
    x_name="モデルの中の数（個）",
    y_name="試験での損失",
    alt=f"4つの点を通る曲線。{reached}（大きさ：損失）。曲がっている。左は急で、点が3つ固まっている。4つ目に向かって"
    "平らになっていく。",
)
draw.lines(
    {"損失": losses},
    x=sizes,
    log=True,
    title="同じ4つを、対数軸で",
    x_name="モデルの中の数（個）",
    y_name="試験での損失",
    alt=f"同じ4つの点、{reached}（大きさ：損失）。今度は左から右へほぼ等間隔に並び、直線にどれだけ近いかがわかる。",
)

# %% [markdown]
# ふつうの軸では、だんだん平らになる曲線が見えて、この先はやってもたいして得がない、と思うかもしれません。2つ目の図は、同じ4つの点を**対数軸**で描いたもの。どこから始めても、倍になれば同じ距離だけ進む軸です。こちらでは、点がほとんど一直線に並びます。そして直線なら、先へ延ばせます。
#
# この直線は、何を言っているのでしょう？ 倍になる分だけ右へ行けば、決まった距離だけ下がります。対数軸の上の距離は、**何倍か**ということ。つまり、モデルが倍になるたびに、損失には同じ数、1より少し小さい数が掛かるのです。どんな数かは、傾きが教えてくれます。ここに、ほかの誰かのノートブックのモデルが2つあります。

# %%
numbers_of_two = torch.tensor([1000.0, 8000.0])
losses_of_two = torch.tensor([3.2, 2.4])

# %%
run_of = (numbers_of_two[1] / numbers_of_two[0]).log()  # 対数軸の上で、どれだけ右へ行ったか
slope = ____  # 対数軸の上でどれだけ上がったかを、どれだけ右へ行ったかで割ったもの。下がればマイナス
factor = ____  # モデルが倍になるたびに、損失に掛かる数
check("14.04")

# %%
print(f"傾き{slope:.3f}：倍になるたびに損失は{factor:.3f}倍、それを3回で{factor**3:.2f}倍")

# %% [markdown]
# 傾きが-0.138なら、倍になるたびに損失が9%減り、それを3回くり返すと、3.2が2.4になります。これを**べき乗則**といいます。数が数千個のモデルから、何十億、何百億というモデルまで、いたるところで顔を出すのに、なぜなのかをきちんと説明できる人は、まだ誰もいません。
#
# - [ ] 14.04 対数軸から傾きを読み取った
# - [ ] 14.r2 対数軸の上の直線が何を意味するかを説明できる

# %% [markdown]
# ## 1本の直線と、約束 · 18 分
#
# 2つの点なら、どんな2つでも、通る直線があります。4つとなると、まずありません。だから、いちばん外れの小さい直線が欲しくなります。「いちばん小さい」の意味は、もう二百年、変わっていません。外れをそれぞれ2乗して、足し合わせ、その合計をできるだけ小さくするのです。それには公式があります。どの点も、4つ全部の真ん中から測ります。どれだけ横か、どれだけ上か。この2つを掛けて、全部足す。それを、「どれだけ横か」の2乗の合計で割ると、傾きになります。そして直線は、真ん中を通ります。
#
# まずは、こちらで用意した4つの点で練習を。そのあとすぐに、自分の点でやります。

# %%
practice_sizes = torch.tensor([3000.0, 9000.0, 31_000.0, 98_000.0])
practice_losses = torch.tensor([2.61, 2.38, 2.22, 2.02])

# %%
x, y = practice_sizes.log(), practice_losses.log()
across, up = x - x.mean(), y - y.mean()
tilt = ____  # 直線の傾き
level = ____  # xが0のところでの高さ
check("14.05")

# %%
print(f"log(損失) = {level:.3f} + {tilt:.4f} · log(大きさ)。倍になるたびに損失は{2**tilt:.3f}倍")

# %% [markdown]
# 点がいくつでも使えるように、関数に詰めておきます。

# %%
def fit(sizes: torch.Tensor, losses: torch.Tensor) -> tuple[float, float]:
    """対数にした点を通る最小二乗の直線。その傾きと、大きさが1のところでの高さ。"""
    x, y = sizes.double().log(), losses.double().log()
    across = x - x.mean()
    slope = (across * y).sum() / (across**2).sum()
    return slope.item(), (y.mean() - slope * x.mean()).item()

# %% [markdown]
# では、直線を両方向に読みましょう。ある大きさに、どんな損失を約束してくれるか。逆に、ある損失が欲しければ、どれだけの大きさが要るのか。

# %%
def promised(size: float, slope: float, level: float) -> float:
    """直線によれば、ある大きさのときに出る損失。"""
    return ____  # 直線の上の高さを、対数から元に戻す


def needed(loss: float, slope: float, level: float) -> float:
    """直線によれば、ある損失にするのに要る大きさ。"""
    return ____  # 同じ直線を、大きさについて解く


check("14.06")

# %% [markdown]
# さあ、自分の直線で約束をしましょう。それも、約束を破るかもしれない訓練の**前に**。5つ目のモデルは、4つのうちいちばん幅の広いものの、さらに2倍の幅です。数がいくつあるかは、作らなくても数えられます。約束は書きとめてください。自分が信用できなければ、紙に。

# %%
slope_of_mine, level_of_mine = fit(sizes, losses)
fifth = of_width(2 * widths[-1])
size = count(loader.vocab_size, fifth)
promise = promised(size, slope_of_mine, level_of_mine)
misses = [abs(loss / promised(each, slope_of_mine, level_of_mine) - 1) for each, loss in runs]
print(f"自分の直線：傾き{slope_of_mine:.4f}。モデルが倍になるたびに損失は{2**slope_of_mine:.3f}倍")
print(f"自分の4つの点からの外れは、最大で{max(misses):.1%}")
print(f"約束：幅{fifth.embedding_dim}、数が{size:,}個のモデルの損失は{promise:.3f}になる")

# %% [markdown]
# では、訓練します。ほかのより少しだけ長くかかります。

# %%
_, kept = trained(fifth)
print(f"約束{promise:.3f}、実測{kept:.3f}：外れは{abs(kept / promise - 1):.1%}")
print(f"「もう何も変わらない」と言っていたら：{losses[-1]:.3f}、外れは{abs(kept / losses[-1].item() - 1):.1%}")
draw.lines(
    {"実測": [*losses, kept], "最初の4つを通る直線": [promised(each, slope_of_mine, level_of_mine) for each in [*sizes.tolist(), size]]},
    x=[*sizes.tolist(), size],
    log=True,
    title="約束と、その結末",
    x_name="モデルの中の数（個）",
    y_name="試験での損失",
    alt=f"測った点が5つと、最初の4つを通るように引いた直線。数が{size:,}個の5つ目のところで、直線は{promise:.2f}、測"
    f"った点は{kept:.2f}にある。",
)

# %% [markdown]
# これは、どれくらいの出来でしょう？ 2つのものと比べてください。1つは、直線を引くのに使った点での外れ。新しい点で、それよりよく当たるとは期待できません。もう1つは、いちばん怠けた予測、「もう何も変わらない」です。直線がそれに勝ったなら、知らなかったことを教えてくれたのです。これを書いた時点では、約束が2.11、結果が2.08で、怠けた予測は8%外れました。
#
# それでも、どちらに転んでも、疑ってかかりましょう。5つとも、学んだのは1つのシードでだけです。別のシードなら、損失は少し動いたはず。だから、外れが小さいのも、ぴたりと当たったのも、運かもしれません。それに、学習率も、訓練を止めたステップ数も、5つとも同じでしたが、幅の広いモデルなら、狭いモデルより多くのステップを生かせます。幅をもう一度2倍、128にしてみたら、直線の約束は1.96、結果は2.0くらいでした。そのモデルの幅が、この直線には広すぎたのでしょうか？ それとも、止めるのが早すぎただけ？ よければ確かめてください。`trained(of_width(128))`と、ちょっとした辛抱があれば足ります。ステップ数は`base`にあります。
#
# - [ ] 14.05 最小二乗の直線を、手で引いた
# - [ ] 14.06 直線を両方向に読んだ
# - [ ] 14.r3 訓練の結果を予想してから、訓練した

# %% [markdown]
# ## 床 · 12 分
#
# 対数軸の上の直線には、終わりがありません。モデルをどんどん大きくすれば、損失0.1を約束してくれますが、そんなはずはないのです。`The King of`のあとに何が来るか、確実に知っている人はいません。シェイクスピアだって、決めるまでは知りませんでした。驚きのいくらかは、読み手のものではなく、テキストのものなのです。これを**irreducible loss**（減らせない損失）といって、どんなに大きなモデルでも、それより下には行けません。床なのです。
#
# だから、正直な法則には床があり、そこに、大きさのべき乗で縮んでいくものが乗ります。直線の上に並ぶのは、損失ではなく、**床から上**の損失です。床がわかっていれば、それを引いて、さっきと同じように直線を当てはめればいい。でも、わかりません。だから、たくさん試して、外れがいちばん小さいものを探します。ここに、こちらででっち上げたモデルが7つあります。床は、セルの中に隠してあります。見てはいけません。

# %%
hidden = 1.2

# %%
seven_sizes = 10 ** torch.linspace(3.5, 5, 7, dtype=torch.float64)  # およそ3,000から100,000まで
seven_losses = hidden + 6 * seven_sizes**-0.2
floors = [number / 10 for number in range(15)]  # 0.0, 0.1, ... 1.4
print("損失：", seven_losses)

# %%
def miss(floor: float, losses: torch.Tensor) -> float:
    """ある床と、その上のいちばんいい直線が、損失からどれだけ外れるか。2乗の平均の平方根。"""
    slope, level = fit(seven_sizes, losses - floor)
    off = ____  # それぞれの損失が、床と直線の約束の和より、どれだけ上か。対数なしで：(7,)
    return ____  # 2乗の平均の平方根、ふつうの数で


found = min(floors, key=lambda floor: ____)  # 何がいちばん小さいといい？
check("14.07")

# %%
print(f"いちばんいい床は{found}で、直線の外れは{miss(found, seven_losses):.4f}。床がないと"
    f"{miss(0.0, seven_losses):.4f}")
for seed in range(1350, 1356):
    torch.manual_seed(seed)
    shaken = seven_losses * (1 + 0.01 * torch.randn(7))  # どれも1%ほど、上か下に外れている
    print("どの損失にも1%の運が混じると、いちばんいい床は", min(floors, key=lambda floor, shaken=shaken: miss(floor, shaken)))

# %% [markdown]
# 損失がそのままなら、床はぴったり当たります。次に、どの損失も、1%ほど上か下に動かしました。別のシードなら、それくらい動いたかもしれません。すると、いちばんいい床は、あちこちに飛びます。一度は0にまで。数が3,000個から100,000個までの7つの点では、床を見つけるには足りないのです。自分の4つの点は、範囲がもっと狭いのですから、なおさら何も知りません。
#
# 近くでは、ほとんど問題になりません。遠くでは、なります。

# %%
straight = fit(seven_sizes, seven_losses)
bent = fit(seven_sizes, seven_losses - found)
far = 10 ** torch.linspace(3, 12, 10, dtype=torch.float64)
without_floor = [promised(size, *straight) for size in far.tolist()]
with_floor = [found + promised(size, *bent) for size in far.tolist()]
draw.lines(
    {"床あり": with_floor, "直線": without_floor, "床": [found] * len(far)},
    x=far,
    log=True,
    title="同じ7つの点で、遠くまで行きすぎると",
    x_name="モデルの中の数（個）",
    y_name="損失",
    alt="高さ1.2の水平な線が床で、ほかに線が2本。左のほう、数が十万個のあたりまで、2本はほとんど見分けがつかない。そ"
    "の先で、まっすぐなほうは下がりつづけて床を突き抜け、曲がったほうは床に限りなく近づくが、届かない。",
)
for place, size in enumerate(far.tolist()):
    print(f"{size:>21,.0f}：床ありで{with_floor[place]:.2f}、直線で{without_floor[place]:.2f}")

# %% [markdown]
# 7つの点があるところでは、2本はほとんど見分けがつきません。その千倍先では、大きく食い違って、間違ったほうを信じた人は大金を失うかもしれません。しかも、どちらが間違っているのかは、左側をいくら測ってもわかりません。だから、こういう直線には、自分のも含めて、どれにもこの規則を。信じていいのは、次に倍になるまで、せいぜいその次まで。その先は、定規で引いた願いごとです。
#
# - [ ] 14.07 7つの損失の下に床を探した
# - [ ] 14.r4 損失が0にならない理由を説明できる

# %% [markdown]
# ## ほかのつまみ · 12 分
#
# 増やせるのは、幅だけではありません。ブロックもあれば、ステップも、テキストもあります。テキストは、あとに回しましょう。小さいモデル1つから始めて、つまみを1つずつ回し、倍にするのを2回くり返します。ほかのつまみは、そのままです。いちばん効くのはどれでしょう？ セルを実行する前に、順位をつけてください。（モデルを7個訓練するので、ここまでの5つと同じくらい時間がかかります。）

# %%
middle = replace(of_width(24), num_layers=1, steps=200, warmup_steps=20)
shares = [1, 2, 4]
start = trained(middle)[1]
wider = [start, *(trained(replace(middle, embedding_dim=24 * share, hidden_dim=96 * share))[1] for share in shares[1:])]
deeper = [start, *(trained(replace(middle, num_layers=share))[1] for share in shares[1:])]
longer = [start, *(trained(replace(middle, steps=200 * share, warmup_steps=20 * share))[1] for share in shares[1:])]
draw.lines(
    {"幅": wider, "ブロック": deeper, "ステップ": longer},
    x=shares,
    log=True,
    title="3つのつまみを、2回ずつ上げる",
    x_name="何倍にしたか",
    y_name="試験での損失",
    alt=f"1つの点{start:.2f}から出る3本の線。4倍のところで、幅は{wider[-1]:.2f}、ブロックは{deeper[-1]:.2f}、ステップ"
    f"は{longer[-1]:.2f}。",
)

# %% [markdown]
# 出発点は1つ、傾きは三者三様です。どれも自然の法則ではありません。この傾きが言っているのは、このモデルに、**ここで**何が足りないか、それだけです。これほど少ないステップでは、最初のブロックを使いこなす暇もろくにありません。そんなモデルにブロックを増やしても、できることは知れています。いちばん足りないものを与えれば、そのうち別のものが足りなくなります。
#
# 4つ目のつまみは、テキストです。こちらは趣向を変えて、下げてみましょう。モデルの読むものを、どんどん減らします。

# %%
amounts = [2_000, 8_000, 32_000, 128_000]
starved = [trained(base, amount)[1] for amount in amounts]
listed = ", ".join(f"{amount:,}: {loss:.2f}" for amount, loss in zip(amounts, starved, strict=True))
draw.lines(
    {"試験での損失": starved},
    x=amounts,
    log=True,
    title="同じモデル、同じステップ、学ぶテキストだけ少なく",
    x_name="学ぶテキストの文字数",
    y_name="試験での損失",
    alt=f"左から右へ下がっていく線。{listed}（文字数：損失）。",
)
each_time = base.batch_size * base.input_sequence_length * base.steps
print(f"{base.steps}ステップで読むのは{each_time:,}文字： " + ", ".join(f"{each_time / amount:.1f} × {amount:,}" for amount in amounts))

# %% [markdown]
# 2,000文字だと、同じページを百回ほど読んで、丸暗記してしまいます（12章）。試験では何の役にも立ちません。128,000文字なら、どのページも1回か2回です。もっと長いテキストなら、別の単語も別の名前も出てくるでしょう。でも、このステップ数では、全部を読みきれません。つまみが効くのは、ほかのつまみがついてくるところまでです。
#
# 誰かがお金を払うとなれば、これは切実な問題になります。請求書に載るのは、演算の回数。6に、モデルの中の数の個数を掛け、学ぶ文字の数を掛けたものです。同じお金で買えるのは、少ししか読まない大きなモデルか、たくさん読む小さなモデル。どちらがいいでしょう？ Hoffmannたちが2022年に、文字ではなくトークンを読むモデルで測ってみると、こんな法則が出てきました。

# %%
def law(size: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
    """数が`size`個のモデルの、`tokens`個のトークンのあとの損失：Hoffmann et al. (2022)の式10。"""
    return 1.69 + 406.4 / size**0.34 + 410.7 / tokens**0.28


candidates = 10 ** torch.linspace(6, 11, 101, dtype=torch.float64)  # 100万個から1,000億個まで

# %%
budget = 1e19

# %%
readings = ____  # それぞれの候補が、この予算でトークンをいくつ学べるか
best_size = candidates[____]  # いちばん低い損失のマス
check("14.08")

# %%
print(f"演算{budget:.0e}回なら：数が{best_size:,.0f}個、トークンが{budget / (6 * best_size):,.0f}個、数1つにつきトー"
    f"クン{budget / (6 * best_size**2):.0f}個")
draw.lines(
    {f"演算{money:.0e}回": law(candidates, money / (6 * candidates)) for money in (1e18, 1e19, 1e20)},
    x=candidates,
    log=True,
    title="同じお金で：少ない数でたくさん読むか、たくさんの数で少しだけ読むか",
    x_name="モデルの中の数（個）",
    y_name="損失（法則による）",
    alt="3本の曲線。どれも谷の形で、予算は1、10、100の3通り。次の谷ほど低く、右に寄っている。どの曲線も、両端で急に"
    "上る。",
)

# %% [markdown]
# どの予算にも、谷が1つあります。モデルが小さすぎれば、読んだものを入れる場所がありません。大きすぎれば、ほとんど読む暇がありません。だから、お金が10倍になったら、両方に使うこと。およそ3倍の大きさのモデルが、およそ3倍の量を読むのです。これがわかるまで、最大級のモデルは、読んだ量のわりに、あまりにも大きすぎました。（この法則の定数も、誰かが当てはめたもの。前の節で当てはめについて言ったことは、全部これにも言えます。1.69が、この法則の床です。）
#
# - [ ] 14.08 予算をうまく使った
# - [ ] 14.r5 1つだけを増やしても、やがて効かなくなる理由を説明できる

# %% [markdown]
# ## 桁を減らす、往復を減らす · 14 分
#
# 何を買うかの話は、ここまで。今夜の残りは、同じお金でもっと手に入れる話です。最初の手は、出来の悪い数で計算すること。
#
# float32は32ビットで、そのうち23ビットが桁を受け持ちます。**bfloat16**は16ビットで、桁を節約して、7ビットにしました。ごく小さい数から巨大な数まで、float32と同じ範囲に届きますが、目盛りはずっと粗くなります。メモリは半分。専用のハードウェアなら、掛け算は数倍速くなります。では、どれくらい粗いのでしょう？

# %%
numbers = torch.tensor([3.14159, 0.001234, 1.00392, 209.6, 0.7071, 1000.5])

# %%
coarse = ____  # それぞれの数を、bfloat16にして、float32に戻す
worst = ____  # いちばん大きい誤差、その数そのものに対する割合で、符号なしで
check("14.09")

# %%
for number, rounded in zip(numbers.tolist(), coarse.tolist(), strict=True):
    print(f"{number:>12.6f} -> {rounded:>12.6f}")
print(f"最悪で：{worst:.2%}")
weight = torch.tensor(1.0, dtype=torch.bfloat16)
for _ in range(1000):
    weight -= 0.001
print(f"1から0.001を千回引くと：{weight.item()}")

# %% [markdown]
# 正しいのは2、3桁で、誤差は0.4%未満です。積なら、これで足ります。でも、**学ぶ**には足りません。1から離れようと小さな一歩を千回踏み出しても、まだ1にいます。どの一歩も、丸められて消えてしまうからです。だから、パラメータはfloat32のまま。オプティマイザの一歩もです。bfloat16でやるのは、積だけです。
#
# そのために、クラスを1行も変えなくて構いません。`with torch.autocast(...)`の中では、積に入るものは何でもPyTorchが変換し、桁がものを言う損失は、float32で計算してくれます。`backward()`と`step()`は、その外です。

# %%
def loss_on(model: nn.Module, inputs: torch.Tensor, targets: torch.Tensor, coarse: bool) -> torch.Tensor:
    """あるバッチでのモデルの損失。`coarse`なら、積をbfloat16で計算する。"""
    with torch.autocast(____, dtype=____, enabled=____):  # どんな種類のデバイスで？ どの種類の数で？ いつ？
        return model(inputs, targets)[1]


check("14.10")

# %% [markdown]
# 2つ目の手は、もっといいマシンです。モデルとバッチを`.to(device)`でGPUに移せば、これまでに書いたものは、何も変えなくても、全部そこで動きます。次のセルはGPUを探して、なければCPUにします。それから、もっと幅の広いモデルで、一歩にかかる時間を計ります。積が細かいときと、粗いときとで。

# %%
device = torch.device("cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu")


def seconds(action: Callable[[], object], times: int = 7) -> float:
    """何かにかかる時間。何回か試した中央値で、最初の1回は数に入れない。"""
    taken = []
    for _ in range(times + 1):
        start = time.perf_counter()
        action()
        if device.type == "cuda":
            torch.cuda.synchronize()  # こちらが先へ進んでも、裏で働いている。終わるまで待つ
        taken.append(time.perf_counter() - start)
    return statistics.median(taken[1:])


torch.manual_seed(1349)
heavy = Config(embedding_dim=128, hidden_dim=512, num_heads=2, num_layers=2)
trainee = mine.BigramLanguageModel(loader.vocab_size, heavy).to(device)
inputs, targets = (part.to(device) for part in loader.get_batch())


def learn(coarse: bool) -> None:
    """オプティマイザの分を除いた一歩。"""
    trainee.zero_grad()
    loss_on(trainee, inputs, targets, coarse).backward()


fine_time, coarse_time = seconds(lambda: learn(False)), seconds(lambda: learn(True))
print(f"{device}で：一歩がfloat32で{1000 * fine_time:.1f} ms、積がbfloat16で{1000 * coarse_time:.1f} ms")
print(f"{fine_time / coarse_time:.2f}倍の速さ。損失は{loss_on(trainee, inputs, targets, False):.4f}と"
    f"{loss_on(trainee, inputs, targets, True):.4f}")

# %% [markdown]
# まず、2つの損失を見てください。ほとんど同じです。次に、何倍の速さになったか。1より上なら、まるもうけです。1より下なら、変換の手間が、粗い積で浮いた分より高くついています。そのために作られていないプロセッサでは、そうなります。そこでは、切っておきましょう。どちらになるかは、測ってみなければ誰にもわかりませんが、測るのは1秒で済みます。
#
# （GPUでも、得はわずかか、まったくないかもしれません。これほど小さいモデルではGPUが暇を持てあまし、計っている時間のほとんどは、仕事を小さな包みにして配っているPythonのものだからです。もっと大きいバッチで試してみてください。）
#
# 3つ目の手は、その小さな包みの話です。05章で書いたLayerNormは、五、六回の演算でできていて、そのたびにメモリからテンソルを丸ごと読み、別のテンソルを書き戻します。`torch.compile`は、モジュールが何をするのかを見て、往復が一度で済むプログラムを書いてくれます。そのプログラムは速いのですが、書いて翻訳するのには、しばらくかかります。元が取れるのは、いつでしょう？

# %%
def pays_after(compiling: float, before: float, after: float) -> float:
    """コンパイルの元が取れるまでの呼び出しの回数。いつまでも取れなければ無限大。3つとも秒。"""
    if ____:  # いつまでも元が取れないのは？
        return math.inf
    return ____  # かかった時間を埋め合わせるには、何回分浮けばいい？ 切り上げて


check("14.11")

# %%
torch.manual_seed(1349)
norm, stream = mine.LayerNorm(256).to(device), torch.randn(768, 256, device=device)
try:
    with torch.no_grad():
        before = seconds(lambda: norm(stream), 31)
        start = time.perf_counter()
        compiled = torch.compile(norm, backend="eager" if rehearsal.STEPS in os.environ else "inductor")
        compiled(stream)  # コンパイルされるのは、初めて呼ばれたとき
        compiling = time.perf_counter() - start
        after = seconds(lambda: compiled(stream), 31)
        print(f"コンパイルに{compiling:.1f}秒。前は{1e6 * before:.0f} µs、あとは{1e6 * after:.0f} µs："
        f"{before / after:.1f}倍の速さ")
        print(f"{pays_after(compiling, before, after):,}回呼べば元が取れる。違いは最大で"
        f"{(compiled(stream) - norm(stream)).abs().max():.1e}")
except Exception as error:
    print(f"このマシンではコンパイルできませんが、ほかでは使いません：{type(error).__name__}: "
    f"{str(error).strip().splitlines()[0][:200]}")

# %% [markdown]
# CPUでコンパイルするには、C++のコンパイラが要ります。ここになければ、たったいまそう言われたはず。この先では使わないので、大丈夫です。うまくいったなら、回数を見てください。12章の訓練は750ステップで、モデルには正規化が9つあるので、呼び出しは6,750回になります。足りるでしょうか？ 一晩で終わる訓練なら、コンパイルで浮く時間より、かかる時間のほうが長いかもしれません。何日もかかる訓練なら、まっ先に試すべきもので、しかもモデル全体にかけます。`torch.compile(model)`です。（ここで正規化1つだけにしたのは、モデル全体とその帰り道をコンパイルすると、CPUでは何分もかかることがあるからです。）
#
# - [ ] 14.09 bfloat16が何を丸めてしまうかを見た
# - [ ] 14.10 それをモデルに使わせた
# - [ ] 14.11 コンパイルの元がいつ取れるかを調べた

# %% [markdown]
# ## 2つ同時に · 14 分
#
# 最後の手は、マシンを増やすか、1台の中でプロセスを増やすこと。どのプロセスも、モデルを丸ごと1つコピーして持ち、バッチの一部を受け持ちます。`backward`が終わると、どのプロセスにも、自分の分から出た勾配があります。それを交換し合って、全員が**平均**を取り、その平均で、全員が同じ一歩を踏み出します。だから、コピーはコピーのままです。
#
# なぜ平均なのでしょう？ 何もかも見えるところで確かめてください。3つの数でできた行が4つ、その3つに重みが1つずつ、そして損失は、誤差の2乗の平均です。2乗の微分なら知っているので、`backward`がなくても大丈夫です。

# %%
rows = torch.tensor([[1.0, 2.0, -1.0], [0.5, -1.0, 3.0], [2.0, 1.0, 1.0], [-1.5, 0.5, 2.0]])
right = torch.tensor([2.0, -1.0, 3.0, 0.5])
weights = torch.tensor([0.3, -0.2, 0.1])

# %%
def gradient(rows: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """(row @ weights - right)²を行で平均したものの、重みについての勾配：(3,)。"""
    errors = rows @ weights - right  # （行,）
    return ____  # 重みごとに、「2 · 誤差 · その重みが掛かる数」を行で平均したもの


together = gradient(rows, right)
first, second = gradient(rows[:2], right[:2]), gradient(rows[2:], right[2:])
averaged = ____  # 交換のあと、両方のプロセスが持っているもの
check("14.12")

# %%
print("1つのプロセス、4行：       ", together)
print("2つのプロセス、2行ずつ：   ", first, second)
print("この2つの平均：            ", averaged)

# %% [markdown]
# 同じ3つの数になりました。どちらのプロセスにも、2行の平均があります。その平均2つを平均すれば、4行全部の平均です。自分のGPTの損失も、賭けの平均なので、同じことが言えます。プロセスがいくつあっても同じです。1万台のGPUでの訓練も、つまるところは、これなのです。
#
# でも、行の数は**どちらも同じ**でした。1つ目のプロセスに3行、2つ目には1行だけを渡したとしましょう。

# %%
parts = [rows[:3], rows[3:]]
sizes_of_parts = [len(part) for part in parts]
uneven = [gradient(rows[:3], right[:3]), gradient(rows[3:], right[3:])]
plain_mean = sum(uneven) / 2
fair_mean = sum(____ for n, each in zip(sizes_of_parts, uneven, strict=True)) / ____  # それぞれが足すもの。何で割る？
check("14.13")

# %%
print("そのままの平均：", plain_mean)
print("公平な平均：    ", fair_mean)
print("全部の行：      ", gradient(rows, right))

# %% [markdown]
# だから、どのプロセスにも同じ数の窓を渡しましょう。それなら、そのままの平均で合っています。PyTorchの**DistributedDataParallel**は、それを当てにしています。モデルをこれでくるむと、それからは`backward()`が勾配の交換もやってくれます。それも、残りの勾配を計算している最中に。CPUでは、**gloo**というライブラリがそのやりとりを受け持ちます。
#
# 次のセルは、小さなプログラムをファイルに書いて、`torchrun`に2つ同時に動かしてもらいます。どのプロセスも自分の番号、`rank`を知らされて、バッチの窓を1つおきに取ります。その前に、バッチ全体の勾配を自分だけで計算して、比べられるようにしておきます。（何秒かかかります。そのほとんどは、PyTorchを2回インポートする時間です。）

# %%
program = '''
import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel
from nanogpt import BigramLanguageModel, Config

dist.init_process_group("gloo")
rank, world = dist.get_rank(), dist.get_world_size()
torch.set_num_threads(1)
torch.manual_seed(1337)  # the same copy everywhere, and the same batch
alone = BigramLanguageModel(64, Config())
batch = torch.randint(64, (24, 33))
alone(batch[:, :-1], batch[:, 1:])[1].backward()
expected = [parameter.grad.clone() for parameter in alone.parameters()]  # one process, 24 windows

alone.zero_grad()
shared = DistributedDataParallel(alone)
part = batch[rank::world]  # every second window, starting with mine
shared(part[:, :-1], part[:, 1:])[1].backward()
found = [parameter.grad for parameter in alone.parameters()]
furthest = max((a - b).abs().max().item() for a, b in zip(expected, found))
print(f"process {rank} of {world}: {len(part)} windows; furthest from the gradient of all 24: {furthest:.1e}", flush=True)
dist.destroy_process_group()
'''
with tempfile.TemporaryDirectory() as folder:
    file = Path(folder) / "two.py"
    file.write_text(program, encoding="utf-8")
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", str(file)]
    surroundings = {**os.environ, "PYTHONPATH": str(Path(running.__file__).parent.parent), "OMP_NUM_THREADS": "1"}
    try:
        done = subprocess.run(command, capture_output=True, text=True, env=surroundings, timeout=180, check=False)
        said, trouble = done.stdout.strip(), done.stderr.strip().splitlines()[-1:]
    except (OSError, subprocess.TimeoutExpired) as error:
        said, trouble = "", [error]
if said:
    print(said)
else:
    print("ここではうまくいきませんでしたが、ほかでは使いません：", *trouble)

# %% [markdown]
# 両方から答えが返ってきたら、違いはほとんどないはずです。残った違いは、同じ数を別の順番で足したせいです。
#
# 落とし穴が1つ。プロセスは、**同じ**モデルから出発して、**違う**窓を読まなければいけません。どれもが同じシードでバッチを引くと、みんなが同じ勾配を計算します。等しい勾配2つの平均には、新しいことが何もありません。2つ目のプロセスは、ただの暖房です。
#
# それで、何が手に入るのでしょう？ 2つのプロセスに1つずつバッチがあれば、2倍の大きさのバッチの仕事が、ほとんど同じ時間で終わります。それぞれにコアが1つずつあれば、ですが。大きいバッチが役に立つかどうかは、また別の話。これも、つまみの1つです。バッチが小さいうちはよく効いて、大きくなるにつれて、だんだん効かなくなります。
#
# - [ ] 14.12 2つのプロセスの勾配を平均した
# - [ ] 14.13 それを公平に平均した
# - [ ] 14.r6 バッチを半分ずつ持つ2つのプロセスが、全部を持つ1つと同じことをする理由を説明できる

# %% [markdown]
# ## チャレンジ：1つずつ順番に
#
# やってもやらなくても構いません。10分ほどかかりますが、あとの章では使いません。マシンが1台しかなく、バッチがメモリに入りきらないとしましょう。いくつものプロセスが同時にやることは、1つのプロセスでも、順番にならできます。バッチを同じ大きさに切り分けて、1つずつ`backward()`を呼び、最後に一歩だけ進むのです。勾配がひとりでに足されていくのは、12.03で見ました。でも、欲しいのは平均です。

# %%
def in_turns(model: nn.Module, inputs: torch.Tensor, targets: torch.Tensor, pieces: int) -> None:
    """バッチ全体の勾配を、モデルのパラメータに残す。同じ大きさに切り分けて、1つずつ順番に。"""
    model.____()
    for questions, answers in zip(inputs.chunk(pieces), targets.chunk(pieces), strict=True):
        loss = ____  # 損失のうち、この一切れの分
        loss.____()


check("14.14")

# %% [markdown]
# - [ ] 14.14 チャレンジ：大きなバッチを切り分けて学んだ

# %% [markdown]
# ## これで自分のもの
#
# - 作る前に数える、**モデルの中の数と演算**：数1つ、文字1つにつき**6**回
# - 手で当てはめた**対数軸の上の直線**と、自分で試した約束
# - どの損失の下にもある**床**と、少しの点ではそれがほとんどわからないということ
# - **予算**：買えるいちばん大きなモデルではなく、ちゃんと読ませてやれるいちばん大きなモデル
# - 桁がものを言わないところでは**bfloat16**、言うところではfloat32
# - 2つのプロセスが1つになる、**勾配の平均**
#
# さあ、やってみましょう。コマンドラインで、もっと大きなモデルが待っています。数はおよそ一千万個、窓は256文字。GPU向けなので、CPUでは辛抱が要ります。
#
# ```
# python scripts/train.py --config large
# ```
#
# こちらは、いつもの訓練を2つのプロセスで。さっきと同じように、勾配を平均します。
#
# ```
# torchrun --nproc-per-node 2 scripts/train.py
# ```
#
# どちらにしても、始める前に、予想を書きとめてください。やり方は、もう知っています。
