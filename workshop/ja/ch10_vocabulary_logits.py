# %% [markdown]
# # 10 VocabularyLogits
# <!-- Made from checkpoints/ch10_vocabulary_logits.py by scripts/build.py. From your first edit on it is yours. -->
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/OWNER/REPO/blob/main/workshop/ja/ch10_vocabulary_logits.ipynb)
# [![Open in GitHub Codespaces](https://github.com/codespaces/badge.svg)](https://codespaces.new/OWNER/REPO?quickstart=1)
#
# ベクトルを次の文字への賭けに変えて、本当に来た文字がどれだけの驚きだったかを測ります。
#
# 6節、50分。必要なのは05章と09章、それに06章のsoftmaxです。
#
# 今夜が終わるころには、言語モデルの出来を語る数が1つ手に入ります。そこから先は、その数を小さくする話ばかりです。

# %%
# @title 最初に実行：この講座がここになければ（ColabやKaggleなど）、取ってきます
import importlib.util, urllib.request
if not importlib.util.find_spec("workshop"):
    address = "https://github.com/OWNER/REPO/raw/main/workshop/fetch.py"
    exec(urllib.request.urlopen(address).read(), {"address": address})

# %%
import torch
from torch import nn

# %%
import math
import re

import torch.nn.functional as F

from nanogpt import Config, DataLoader, LayerNorm
from workshop import ____, check, corpus, draw, hint, running, solution

torch.set_printoptions(precision=3, linewidth=100, sci_mode=False)

# %%
config, small = Config(), Config.small()
loader = running.loader()
vocab_size = loader.vocab_size
print(vocab_size, "文字")

# %% [markdown]
# ## 文字の平均 · 6 分
#
# `Let's he`の最後の`e`のところで、ブロックから8つの数が出てきました。欲しいのは次の文字です。誰でも思いつくのはこうでしょう。8つの数を1つの数に、つまり次の文字の**ID**にする。温度計のように、出力は1つ。
#
# その出力は何を学ぶでしょう？ 戯曲の中で`he`のあとに来る文字を、全部見てみます。ネットワークは毎回同じ数を答えなければならず、外れたら、距離の二乗の罰金を払うとします。いちばんいいのは、あとに来るID全部の平均を答えることです。
#
# それがどの文字か、予想してください。

# %%
pair = "he"

# %%
following = torch.tensor([loader.id_of[character] for character in re.findall(pair + "(.)", loader.text, re.DOTALL)])
print(f"{pair!r}は全部で{len(following):,}回、あとに来るIDは {following[:8].tolist()} ...")

# %%
mean_id = ____  # あとに来るIDの平均
middle = round(float(mean_id))
share = ____  # これが正しい答えになる割合は？ 全部の箇所のうちで
check("10.01")

# %%
print(f"IDの平均は{middle}、文字にすると{loader.decode([middle])!r}")
print(f"当たるのは{share:.1%}の箇所")
counts = torch.bincount(following, minlength=vocab_size)
often = counts.topk(8)
draw.bars(
    [loader.decode([number]) for number in often.indices.tolist()],
    often.values,
    title='「he」のあとに来る文字、多いほうから8つ',
    alt="棒が8本。先頭は空白の7,813、次がrの4,160。n 1,247、a 1,186、e 960、i 567、m 552、y 543。Qはこの中にない。",
)

# %% [markdown]
# `Q`。9本の戯曲に`heQ`は1つもなく、誰もそんな提案はしていません。空白のIDが1、小文字のIDが50前後で、`Q`がたまたまその真ん中あたりにいただけです。東京とロサンゼルスのあいだを取ったら、太平洋に落ちた。そういう話です。
#
# 02章では、入るものについて言いました。IDは名前です、と。出るものについても、そのとおりです。名前の平均は誰の名前でもないし、「文字を少し多めに」なんてこともできません。モデルに言えるようになってほしいのは、「たぶん空白、もしかするとr、Qはまずない」ということ。それには、**どの**文字にも数が1つずつ要ります。
#
# - [ ] 10.01 全部の答えの平均が、どの文字なのかを調べた

# %% [markdown]
# ## どの文字にもスコアを · 10 分
#
# あるベクトルが別のベクトルとどれだけ合うかを尋ねるやり方は、もう知っています。内積です。クエリがキーに尋ねたときと同じ。だから、どの文字にも自分のベクトルを持たせましょう。**次に来るのが自分のとき、ストリームはこう見える**、というベクトルです。小さく始めます。ストリームの数は3つ、文字は4つ。

# %%
vector = torch.tensor([2.0, -1.0, 1.0])  # 最後のマスで、ストリームが言うこと
rows = torch.tensor([[1.0, 0.0, 1.0],  # 空白が見たいもの
                     [0.5, 1.0, 0.0],  # a
                     [-1.0, 0.0, 1.0],  # n
                     [1.0, -1.0, -1.0]])  # r
names = [" ", "a", "n", "r"]

# %% [markdown]
# 4つのスコアを、紙の上で計算してください。小さい整数になります。いちばん合うのは、どの文字でしょう？

# %%
score_r = ____  # `r`はどれだけ合う？ 数1つ
scores = ____  # 4つのスコアをいっぺんに
check("10.02")

# %%
for name, score in zip(names, scores.tolist(), strict=True):
    print(f"{name!r}: {score:4.1f}")
print("確率にすると：", scores.softmax(dim=0))

# %% [markdown]
# 3、0、-1、2。06章でスコアを重みにしたように、softmaxがこれを確率にします。空白に70%、`r`に26%。言いたかったのは、まさにこれです。大事なのは**差**だけ。4つ全部に5を足しても、確率は変わりません。
#
# さて、`rows @ vector`は、もう知っている層です。`nn.Linear(3, 4)`が持っている重みは形状(4, 3)、つまり出力ごとに1行で、やることはまさにこれ。さらに、**バイアス**も足します。文字ごとに数が1つ。ストリームが何と言おうと、その文字がどれだけ歓迎されるかです。訓練すれば、空白は`$`より高いバイアスをもらうでしょう。
#
# こういうスコア、つまりありうる答えごとに1つずつある、softmaxの前のスコアを、**ロジット**といいます。

# %% [markdown]
# 本物に進みましょう。これが09章から出てきたもので、ベクトルはそれぞれこんな長さになりました。

# %%
stream = running.after("09")  # (1, 8, 8)
print("長さ：", stream[0].norm(dim=-1))

# %% [markdown]
# 2.5から6.3まであります。ベクトルが2倍長ければ内積も2倍になり、softmaxはずっと自信満々になります。最初の`e`は叫び、その次の`t`は口ごもる。それも、たまたま一方のベクトルが長いというだけで。薬は知っていますね。スコアの前に、**最後のLayerNorm**です。05章で約束した、あの1つです。
#
# 正規化と、スコアのための層を用意しました。どちらも、このストリームの寸法に合わせてあります。章の終わりでは、自分で作ります。

# %%
part = running.part("10")
norm, to_scores = part.norm, part.to_scores
print("重み", tuple(to_scores.weight.shape), "バイアス", tuple(to_scores.bias.shape))

# %%
logits = ____  # ストリームを正規化に通し、それからスコア
probabilities = ____  # マスごとのスコアを確率に
best = ____  # マスごとに、スコアがいちばん高いID
check("10.03")

# %%
print(tuple(stream.shape), "->", tuple(logits.shape))
for place, character in enumerate(running.SENTENCE):
    number = best[0, place]
    chance = probabilities[0, place, number].item()
    print(f"{character!r:>3}のあと：{loader.decode([number])!r}、確率{chance:.3f}")
draw.bars(
    loader.characters,
    probabilities[0, -1],
    title="「Let's he」のあと：訓練前のモデルの賭け",
    alt="棒が64本、文字ごとに1つ。規則性はない。0.003から0.045までで、1/64、つまり0.016の前後にある。yがほかより少し"
    "高く、v、E、N、Pが続く。",
)

# %% [markdown]
# 賭けができました。`y`が4.5%なのは、重みが乱数なので、たまたまです。出てきたものにも注目してください。64個のスコアが8組、**どの**マスにも1組ずつです。`L`のあとに来るもの、`Le`のあとに来るもの、と続きます。どれも答えを知らなかったことは、因果マスクが保証しています。
#
# - [ ] 10.02 4つの文字にスコアをつけた
# - [ ] 10.03 ストリームを、ロジット、確率、最高の文字にした
# - [ ] 10.r1 ID1つではなく、スコアが64個ある理由を説明できる

# %% [markdown]
# ## どれだけ驚いた？ · 10 分
#
# いい賭けでしょうか？ 何が来るかを知るまで、わかりません。来てしまえば、ものを言う数は1つだけ。**来た**文字に、賭けがつけていた確率です。残りがどう分けられていたかは関係ありません。
#
# また小さい例を、4文字で。賭けは8対4対2対2で、来たのは`a`でした。

# %%
odds = torch.tensor([8.0, 4.0, 2.0, 2.0])
chances = odds / odds.sum()
right = names.index("a")
print(chances, "正しいIDは", right)

# %% [markdown]
# 1/4です。損失にする数は、うまくいったら0、ひどければ大きくなってほしい。負の対数なら、そうなります。確率1なら0で、確率が0に向かって沈むにつれて、どこまでも大きくなる。これを**驚き**と呼びましょう。

# %%
chance = ____  # 正しい文字に、賭けがつけた確率
surprise = ____  # その負の対数（自然対数）
check("10.04")

# %%
print(f"{chance:.2f} -> {surprise:.3f}")
grid = torch.linspace(0.01, 1, 100)
draw.lines(
    {"驚き": -grid.log(), "1 - 確率": 1 - grid},
    x=grid,
    title="賭けの値段",
    x_name="正しい文字につけた確率",
    y_name="値段",
    alt="下がっていく2本の線。どちらも、確率が1のところで0になる。まっすぐなほうは1 - 確率で、0.99から始まる。驚きの"
    "ほうは曲線で、確率0.01のとき4.6、急に下がって0.2のとき1.6、そこからゆるやかになる。",
)

# %% [markdown]
# 1.386、つまりln 4です。トランプを1枚引いてマークを見たときと同じだけの驚きです。1%なら4.6、0.01%なら9.2。自信満々で間違えることだけは、この損失は許してくれません。まっすぐな線なら許してくれたでしょう。
#
# それにしても、なぜよりによって対数なのでしょう？ テキストはたくさんの文字でできていて、テキスト全体の確率は**積**になります。1/4かける1/2かける1/8、というふうに。対数はそれを和に変えます。だから、文字の驚きを足していくとテキストの驚きになり、その平均は、長いテキストにも短いテキストにも公平です。
#
# 今度はマスが3つ、それぞれに自分の賭けがあります。

# %%
odds = torch.tensor([[8.0, 4.0, 2.0, 2.0],
                     [2.0, 8.0, 4.0, 2.0],
                     [4.0, 8.0, 2.0, 2.0]])
chances = odds / odds.sum(dim=1, keepdim=True)  # (マス3つ, 文字4つ)
came = torch.tensor([1, 1, 3])  # それぞれのマスで来た文字
print(chances)

# %%
picked = ____  # マスごとに、来た文字の確率：(3,)
mean_surprise = ____  # 3つの驚きの平均
check("10.05")

# %%
print("選んだ確率：    ", picked)
print("それぞれの驚き：", -picked.log())
print(f"平均：          {mean_surprise:.3f}、eのその乗は {math.exp(mean_surprise):.3f}")

# %% [markdown]
# 1/4、1/2、1/8。驚きは、ln 2の2倍、1倍、3倍です。平均はln 2の2倍、つまりln 4。ならして見れば、どのマスでも、同じだけ来そうな**4つ**の文字から選ぶのと同じ驚きだった、ということです。縮めて、互角の4文字。それを教えてくれるのが、eの損失乗です。名前は**パープレキシティ**。モデルが、互角の文字をいくつ並べて選んでいるか、という数です。
#
# 驚きの平均そのものには、**交差エントロピー**という名前がついています。
#
# - [ ] 10.04 驚きを手で計算した
# - [ ] 10.05 3つのマスで平均した
# - [ ] 10.r2 驚きがなぜ対数なのかを説明できる

# %% [markdown]
# ## ライブラリと、その形状 · 12 分
#
# `Let's he`のそれぞれの文字のあとには、何が来るでしょう？ 01章では、その答えを同じテキストの1マス先から切り取りました。`et's hen`です。『コリオレイナス』のあの行は「hence」と続くからです。10.03のロジットがあれば、必要なものは全部そろっています。計算は、ライブラリの関数1つで済みます。`F.cross_entropy(logits, targets)`。試してみましょう。

# %%
targets = torch.tensor([loader.encode("et's hen")])

# %%
print("ロジット", tuple(logits.shape), "ターゲット", tuple(targets.shape))
try:
    F.cross_entropy(logits, targets)
except (RuntimeError, ValueError) as error:
    print("言い分は：", error)

# %% [markdown]
# この関数は、あとに何が続こうと、**2番目**の次元にクラスが来るものと思っています。こちらの2番目の次元はマスです。（画像では、クラス、それから行と列、というのが慣例なのです。）素直な抜け道は、全部の窓の全部のマスを、分類する手書き数字がそれだけあるかのように、長い1列に並べること。ロジットは(batch * sequence, vocabulary)、ターゲットは(batch * sequence,)です。それをやるのが`.view(-1, n)`で、`-1`は「あるだけ全部」という意味です。
#
# それに、渡すのは確率ではなく**ロジット**です。softmaxは関数の中でやってくれます。

# %%
flat_logits = ____  # (batch * sequence, vocabulary)
flat_targets = ____  # (batch * sequence,)
loss = ____  # ライブラリで計算した、驚きの平均
check("10.06")

# %%
by_hand = -probabilities.view(-1, vocab_size)[torch.arange(len(flat_targets)), flat_targets].log()
print(f"手で {by_hand.mean().item():.4f}、ライブラリで {loss:.4f}")
draw.bars(
    loader.decode(targets[0]),
    by_hand[:8],
    title="訓練前のモデルが、「et's hen」の各文字にどれだけ驚くか",
    alt="ほとんど同じ高さの棒が8本。e 4.50、t 3.96、アポストロフィ 4.94、s 4.74、空白 4.44、h 4.29、e 4.47、n 4.92。",
)

# %% [markdown]
# 驚きが8つ、その平均の4.53が、例の文の**損失**です。（窓がたくさん入ったバッチでも、どの窓のどのマスも同じ重さです。）
#
# ライブラリは、なぜロジットにこだわるのでしょう？ ここに、自信満々のモデルがいます。

# %%
sure = torch.tensor([100.0, 98.0, 101.0])
print("eのスコア乗にしてみる：", sure.exp())
print("公式どおりのsoftmax：  ", sure.exp() / sure.exp().sum())

# %% [markdown]
# eの89乗は、32ビットの浮動小数点数に入りきりません。`inf`になり、`inf` / `inf`は`nan`です。この言葉には05章で会いましたね。でも、このスコアにおかしなところはありません。大事なのは差だけなので、100、98、101は、-1、-3、0と同じ賭けです。
#
# それが抜け道です。ただし、扉は自分で見つけてください。驚きは-log(e^score / e^scoresの和)で、これは**log(e^scoresの和) - score**です。最初の項はおとなしい数で、101を少し超えるだけ。`inf`にぶつかるのは、そこへ行く途中です。eの、0より大きい乗を使ってはいけないとしたら、どうやってたどり着けばいいでしょう？ これにはペンと5分をかける値打ちがあります。スコアをずらして、和がどうなるか、それからその対数がどうなるかを考えてみてください。

# %%
top = sure.max()
log_sum = ____  # log(e^scoresの和)、途中で`inf`なしに
surprises = ____  # 3つそれぞれについて、それが来たときの驚き
check("10.07")

# %%
print(f"和の対数：{log_sum:.3f}   驚き：{surprises}")

# %% [markdown]
# どこにも`inf`がありません。log(e^scoresの和) = top + log(e^(scores - top)の和)で、e^0より大きいべき乗は出てきません。確率にして渡してしまうと、スコアを捨てたことになり、こうやって計算する機会も一緒に捨てることになります。
#
# この式は、損失を読むのにも役立ちます。自信満々のモデルでは、1つのスコアがほかよりずっと高く、和の対数は、そのスコアとほとんど変わりません。だから損失とは、正しい文字のスコアが**最高よりどれだけ下か**に、おまけが少しついたものです。
#
# - [ ] 10.06 ロジットとターゲットを、ライブラリの形状にした
# - [ ] 10.07 あふれを避ける道を見つけた

# %% [markdown]
# ## 何も知らない · 6 分
#
# 4.53は大きいのでしょうか？ 損失には、比べる相手が要ります。では、まったく何も知らずに、64の文字全部に同じスコアをつけたら、損失はいくつになるでしょう？

# %%
equal_scores = torch.zeros(len(flat_targets), vocab_size)
good = 1.86  # 12章のモデルの、見たことのないテキストでの損失（これを書いた時点）

# %%
nothing = ____  # どれも同じスコアでの損失
formula = ____  # ライブラリなしで同じものを。整数の対数を、ふつうの数で
equals = ____  # 損失`good`のパープレキシティ。互角の文字いくつから選んでいる？
check("10.08")

# %%
print(f"何も知らないと {nothing:.4f}、ln {vocab_size}は {formula:.4f}")
print(f"損失{good}は、互角の{equals:.2f}文字から選ぶのと同じ")

# %% [markdown]
# **4.16**が、何も知らないときの損失です。覚えておいてください。訓練を始めたら、最初の損失をこれと比べたくなるはずです。12章で訓練するモデルは、これを書いた時点で1.86、互角の6.4文字から選ぶところまで来ました。そして今夜のモデルは4.53。つまり、**何も知らないよりも知らない**？
#
# ある意味では、そうです。意見は持っているのに、その意見がでたらめなのです。もっとたくさんのテキストで測ってから、別のでたらめな意見も試してみましょう。正規分布から引いたスコアで、声の大きいのも、小さいのも。

# %%
torch.manual_seed(1345)
here = torch.randint(len(loader.validation_ids) - 9, (256, 1)) + torch.arange(9)
windows = loader.validation_ids[here]
with torch.no_grad():
    many = to_scores(norm(running.part("09")(running.part("04")(windows[:, :-1]))))
untrained = F.cross_entropy(many.flatten(0, 1), windows[:, 1:].flatten())
print(f"訓練前の部品、2,048マスで：{untrained.item():.3f}")

answers = torch.randint(vocab_size, (20_000,))
for loudness in (0.0, 0.3, 0.6, 1.0, 2.0):
    opinions = loudness * torch.randn(20_000, vocab_size)
    print(f"でたらめな意見、声の大きさ{loudness}：{F.cross_entropy(opinions, answers).item():.3f}")

# %% [markdown]
# 大声で当てずっぽうを言うほど、ひどくなります。まぐれでスコアが当たって、驚きが小さくなることもあります。でも、自信満々で外したときの損は、自信満々で当たったときの得より大きい。上の図で曲線が曲がっていたのは、そういうことです。訓練前のモデルは、4.16を少し超えるくらいに見えるもの。もし20から始まったら、どこかが壊れています。
#
# - [ ] 10.08 何も知らないときの損失を計算し、パープレキシティを読んだ
# - [ ] 10.r3 訓練前のモデルがln 64より少し上になる理由を説明できる

# %% [markdown]
# ## クラス · 6 分
#
# 部品が2つと、行が1つ。10.03では、部品は2つとも出来合いでした。それぞれに何を伝えればいいでしょう？

# %%
class VocabularyLogits(nn.Module):
    """最後の正規化と、語彙の文字それぞれへのスコア。"""

    def __init__(self, vocab_size: int, config: Config) -> None:
        """`config.embedding_dim`個の数が入り、`vocab_size`個のスコアが出る。"""
        super().__init__()
        self.norm = ____  # どのマスも叫ばないように
        self.to_scores = ____  # 文字ごとに内積とバイアス

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """ストリーム、(batch, sequence, embedding_dim) -> ロジット(batch, sequence, vocab_size)。"""
        return ____  # 正規化してから、スコア


check("10.09")

# %%
torch.manual_seed(1345)
vocabulary_logits = VocabularyLogits(vocab_size, small)
with torch.no_grad():
    bet = vocabulary_logits(stream)
print(tuple(stream.shape), "->", tuple(bet.shape))
print("前と同じ：", torch.equal(bet, logits), " この章から出ていくのはこれ：", torch.equal(bet, running.after("10")))
real = VocabularyLogits(vocab_size, config)
print(f"本番のモデルではパラメータ{sum(parameter.numel() for parameter in real.parameters()):,}個")

# %% [markdown]
# 入り口の表には、文字ごとに64個の数の行があります。出口の重みにもあります。この2つを、同じ1つの表にしてもいいのでは？ GPT-2ではそうなっています。重み共有（weight tying）といって、行が50,257もあれば、たいへんな節約になります。こちらの2つの表は小さいので、別々にしておきます。
#
# マップには3つ書き込みます。スコア、ライブラリの望む形、そして損失です。

# %%
shapes = {
    "into the logits": (config.batch_size, config.input_sequence_length, config.embedding_dim),
    "logits": ____,  # マスごとのスコア
    "flat logits": ____,  # ライブラリの望む形
    "loss": ____,  # リストではなく、ただの数1つ
}
check("10.10")

# %%
for name, shape in shapes.items():
    print(f"{name:>16}  {shape}")

# %% [markdown]
# - [ ] 10.09 VocabularyLogitsクラスを書いた
# - [ ] 10.10 形状をマップに書きとめた

# %% [markdown]
# ## チャレンジ：yに投票したのは誰？
#
# やってもやらなくても構いません。15分ほどかかりますが、あとの章では使いません。`Let's he`のあと、訓練前のモデルは`y`に賭けました。そそのかしたのは誰でしょう？
#
# ストリームは和なので、尋ねることができます。中に入っている声は4つ。02章の`e`の行、03章の位置の行、アテンションが足したもの、FeedForwardが足したもの。和との内積は内積の和ですから、どのスコアにも、それぞれの声の取り分がぴったり決まっています。残りはバイアスから来たもので、どの声も頼んでいません。
#
# 邪魔をするのは正規化だけで、それが何をするかは知っています。平均を引き、1つの数で割り、ゲインを掛け、バイアスを足す。割る数は、ベクトル全体から決まります。それさえわかれば、あとは声ごとに別々に計算できます。
#
# 先に予想を。4つのうち、いちばん`y`を欲しがっているのはどれでしょう？ `e`か、その位置か、聞いたことか、考えたことか。

# %%
voices = torch.stack((
    running.after("02")[0, -1],  # 文字
    running.after("03")[-1],  # その位置
    (running.after("07") - running.after("04"))[0, -1],  # 聞いたこと
    (running.after("08") - running.after("07"))[0, -1],  # 考えたこと
))  # (4, 8)
last = voices.sum(dim=0)  # (8,)
print("合わせると、ストリームの最後のe：", torch.allclose(last, stream[0, -1], atol=1e-5))

# %%
with torch.no_grad():  # 見るだけなので
    divisor = ____  # 正規化が`last`を割る数、1つ
    votes = ____  # それぞれの声が、文字それぞれのスコアに足すもの：(4, 64)
    unasked = ____  # 文字それぞれのスコアのうち、票以外のもの：(64,)
check("10.11")

# %% [markdown]
# `votes[:, best[0, -1]]`を見てください。`y`のスコア1.27のうち、`e`からが0.57、その位置からが0.28、アテンションからが0.05、FeedForwardからが0.15。残りの0.22は、誰も頼んでいません。では、行ごとに並べ替えて、それぞれの声が本当は何を望んでいたのかを見ましょう。`e`は`P`、位置は`M`でした。`y`を自分の8番目までに入れていた声は1つもなく、どの声も16番目までには入れていました。また妥協です。でも今度は、みんながまあ納得できる妥協です。
#
# 大きなモデルも、こうやって分解されています。答えがどの層から来たのかを突きとめるためです。直接ロジット帰属（direct logit attribution）といいます。
#
# - [ ] 10.11 チャレンジ：yに投票したのが誰かを突きとめた

# %% [markdown]
# ## これで自分のもの
#
# - IDの平均は取れない。`he`のあとに来る文字全部の平均は、`Q`になる
# - **ロジット**：64の文字それぞれに、内積とバイアス。最後の正規化のあとで
# - **驚き**：正しい文字につけた確率の、負の対数
# - **交差エントロピー**：その平均。何も知らないとln 64 = 4.16かかり、eの損失乗が**パープレキシティ**
# - ライブラリに渡すのはロジット、(batch * sequence, vocabulary)。eのべき乗にする前に、最高のスコアを引いてくれる
# - `VocabularyLogits(vocab_size, config)`：(batch, sequence, width)が入り、(batch, sequence, vocabulary)が出る
#
# 部品は全部そろいました。**11 BigramLanguageModel**で、それが1つのモデルになり、しゃべり出します。
