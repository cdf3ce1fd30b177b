# %% [markdown]
# # 05 LayerNorm
# <!-- Made from checkpoints/ch05_layer_norm.py by scripts/build.py. From your first edit on it is yours. -->
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/OWNER/REPO/blob/main/workshop/ja/ch05_layer_norm.ipynb)
# [![Open in GitHub Codespaces](https://github.com/codespaces/badge.svg)](https://codespaces.new/OWNER/REPO?quickstart=1)
#
# モデルがどれだけ深くなっても、ストリームの数を扱いやすい大きさに保ちます。
#
# 75分、7節。必要なのは04章、平均と分散、残差接続です。
#
# この部品は、シェイクスピアのことを何も知りません。家の中を片づけておくのが仕事です。でも、こういうものがないと、深いモデルはほとんど訓練できません。そこでまず、家をわざと散らかり放題にしてみます。

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
import torch.nn.functional as F

from nanogpt import Config
from workshop import ____, check, corpus, draw, hint, running, solution

torch.set_printoptions(precision=3, linewidth=100)  # 1行に数8つ

# %% [markdown]
# ## 暴走する数 · 9 分
#
# 深いモデルでは層が次々に続き、どの層も重みの行列を掛けます。64個の数のベクトルを8つ用意して、乱数を詰めた行列20個に順に通してみましょう。見るのは1つだけ、数の**ばらつき**、つまり標準偏差です。始まりでは、およそ1です。

# %%
config, small = Config(), Config.small()
torch.manual_seed(1340)
start = torch.randn(8, 64)
matrices = torch.randn(20, 64, 64)
print(f"始まりのばらつき：{start.std().item():.2f}")

# %% [markdown]
# 乱数の重みをどれだけ大きくするかは、こちらで決められます。どの行列にも`scale`という数を掛けることにします。`scale`が0.2なら、20層のあとのばらつきはどうなるでしょう？ 0.05なら？ 予想してください。

# %%
def spreads(scale: float) -> list[float]:
    """数のばらつき。始まりと、20層それぞれのあとで。重みはどれも`scale`倍。"""
    x = start
    found = [x.std().item()]
    for matrix in matrices:
        x = ____  # ベクトルを、重みが`matrix`×`scale`の層に通す
        found.append(____)  # 出てきたもののばらつき。ただの数で
    return found


check("05.01")

# %%
scales = (0.05, 0.1, 0.125, 0.15, 0.2)
draw.lines(
    {f"scale {scale}": torch.tensor(spreads(scale)).log10() for scale in scales},
    title="各層のあとの数のばらつき（10の何乗か）",
    x_name="層",
    y_name="10の何乗か",
    alt="ほぼまっすぐな5本の線。0から一緒に始まり、20層にわたって続く。scale 0.2は3.9（つまり8,800）まで上がり、0.15"
    "は1.4まで上がる。0.125は水平で、-0.1で終わる。0.1は-2.1まで、0.05は-8.1まで下がる。",
)
for scale in scales:
    print(f"scale {scale}：{spreads(scale)[-1]:.2g}")

# %% [markdown]
# 上りにしろ下りにしろ、まっすぐな線です。ばらつきは、どの層でもほぼ同じ倍率で変わり、それが20回続けば累乗になります。0.2だと倍率は1.6ほどで、ばらつきは8,800になって終わります。0.05だと0.4ほどで、残るのは0.000000008です。勾配も同じ行列を逆にたどるので、同じ運命をたどります。
#
# 真ん中の線は水平です。0.125は1/√64、つまり幅の平方根の逆数です。だったら、重みをその大きさにしておけば終わりでは？ 初日はそれでうまくいきます。ところが、訓練が始まれば重みは変わります。変わらなければ困ります。そして、釣り合いを見張っている人は、誰もいません。
#
# 必要なのは、重みを信用せず、数そのものを見るものです。それも、毎回。
#
# - [ ] 05.01 ベクトルを20層に通し、爆発するところと消えるところを見た

# %% [markdown]
# ## ベクトル1つの平均と分散 · 12 分
#
# 4つの数のベクトルを1つ、直してみましょう。まずは測ります。真ん中はどこか、そこから数はどれだけ離れているか。紙の上で計算してみてください。きれいな整数になります。

# %%
token = torch.tensor([1.0, 3.0, 3.0, 9.0])

# %%
mean = ____  # 4つの数の真ん中
deviations = ____  # それぞれの数がそこからどれだけ離れているか。符号つきで
variance = ____  # その二乗の平均
check("05.02")

# %%
print("平均: ", mean.item())
print("偏差：", deviations)
print("分散: ", variance.item(), " その平方根、標準偏差：", variance.sqrt().item())

# %% [markdown]
# 平均は4、偏差は-3、-1、-1、5、その二乗が9、1、1、25、分散は36 / 4 = 9、標準偏差は3です。
#
# では、直しましょう。欲しいのは、パターンは同じままで、平均0、標準偏差1のベクトルです。半分はもう終わっています。

# %%
normalised = ____  # 標準偏差が1になるように縮めた偏差
check("05.03")

# %%
print(normalised)
louder = 100 * token + 7
print("100倍して7を足すと：", louder)
print("正規化すると：", (louder - louder.mean()) / louder.std(correction=0))

# %% [markdown]
# -1、-1/3、-1/3、5/3。100倍して、上に7ずらしたベクトルも、同じ4つの数になりました。この手前で重みが何をしていようと、ここから出ていくものは平均0、標準偏差1です。残るのはパターン、つまり、誰が上で誰が下か、ほかと比べてどれだけか、です。
#
# 先へ進む前に、落とし穴を1つ。PyTorchには分散を求めるメソッドがありますが、9とは言いません。

# %%
print("token.var()の答えは", token.var().item())

# %%
divisor = float(____)  # `token.var()`が、二乗の合計を割った数。その2つから求める
biased = ____  # さっきの分散と同じ値になるように`.var`を呼ぶ
check("05.04")

# %%
print("割った数は", round(divisor, 3), "で、correction=0なら", biased.item())

# %% [markdown]
# 数が4つなのに、3で割っていました。統計家がこうするのは、標本から、それを取ってきた母集団のばらつきを知りたいときです。ここには、標本はありません。この4つの数がすべてで、1にしたいのは**この4つの**ばらつきです。だから4で割ります。（全個数で割った分散を、**biased**（偏りのある）分散と言います。悪口に聞こえますが、ここではこれが正しく、PyTorch自身のレイヤー正規化もこちらを使っています。）
#
# - [ ] 05.02 4つの数の平均と分散を、手で求めた
# - [ ] 05.03 ベクトルを正規化した
# - [ ] 05.04 PyTorchが何で割っているかを突きとめた

# %% [markdown]
# ## 全部同じ数のベクトル · 6 分
#
# ベクトルの数が、全部同じだったら？ 偏差は0、分散も0です。セルを実行する前に、予想してください。

# %%
constant = torch.tensor([3.0, 3.0, 3.0, 3.0])
zeros = constant - constant.mean()
print(zeros / (zeros**2).mean().sqrt())
print("そばに来たものは：", torch.tensor([1.0, 2.0]) + (zeros / (zeros**2).mean().sqrt())[0])

# %% [markdown]
# 0 / 0は`nan`、つまりnot a number（数ではないもの）です。しかも、うつります。足されたものも、掛けられたものも、`nan`になり、訓練を1ステップ進めれば、重みもそうなります。百万に1つ、そういうベクトルが混じっただけで、一晩の訓練が水の泡です。
#
# 薬は、塩ひとつまみです。ごく小さな数`eps`（イプシロンのこと）を足して、平方根が決して0にならないようにします。では、どこに足すのでしょう？ ふつうは平方根の**中**、分散の隣です。

# %%
def normalise(vector: torch.Tensor, eps: float = 1e-5) -> torch.Tensor:
    """1つのベクトルを平均0、標準偏差1に。数が全部同じなら、すべてゼロ：(width,)。"""
    deviations = vector - vector.mean()
    variance = (deviations**2).mean()
    return ____  # 05.03と同じ。ただし平方根の中、分散の隣に`eps`


check("05.05")

# %%
print("全部同じ：     ", normalise(constant))
print("token：        ", normalise(token))
print("tokenの1/1000：", normalise(0.001 * token))

# %% [markdown]
# 全部同じ数のベクトルは、ゼロばかりになりました。パターンがなければ、言うこともありません。ふつうのベクトルは、塩に気づきもしません。そして、最後のもののようにかすかなベクトルは、ふつうのベクトルより小さくなって出てきます。分散の0.000009が、`eps`より小さいからです。それでいいのです。ほとんどないに等しいものを、等身大まで引き伸ばしてはいけません。
#
# - [ ] 05.05 全部同じ数のベクトルの毒が、ほかに回らないようにした

# %% [markdown]
# ## どの次元で？ · 14 分
#
# ストリームは(batch, sequence, width)です。平均の取り方は3方向あり、どれも、誰かの考える「正規化」です。ここに、04章のベクトルの窓が3つあります。最初の窓が、例の文です。

# %%
texts = ("Let's he", "My lord,", "Good sir")
x = running.part("04")(torch.tensor([running.loader().encode(text) for text in texts])).detach()
print(x.shape, "最初の窓は04章の終わりと同じ：", torch.equal(x[:1], running.after("04")))

# %% [markdown]
# `x.mean(dim=2)`は、どの窓のどのマスについても平均を1つ取るので、形状は(3, 8)です。引き算をするには、どの平均も、自分のもとになった8つの数と出会わなければなりません。`keepdim=True`をつけると、そこに大きさ1の次元が残って(3, 8, 1)になり、あとはブロードキャストがやってくれます。
#
# どの次元でも使えるように書いてください。

# %%
def normalise_over(x: torch.Tensor, dim: int, eps: float = 1e-5) -> torch.Tensor:
    """`x`を、ある次元に沿って平均0、標準偏差1にする。形状は変わらない。"""
    mean = ____  # `dim`に沿った平均
    variance = ____  # `dim`に沿ったbiased分散
    return ____  # `normalise`と同じように


over_width, over_places, over_batch = normalise_over(x, 2), normalise_over(x, 1), normalise_over(x, 0)
check("05.06")

# %%
for name, result in (("幅", over_width), ("マス", over_places), ("バッチ", over_batch)):
    print(f"{name:>6}の方向：{tuple(result.shape)}、平均{result.mean():.3f}、標準偏差{result.std(correction=0):.3f}")

# %% [markdown]
# 3つとも、よさそうに見えます。形状は同じ、平均0、標準偏差1。では、どれにしましょう？ 壊してみればわかります。最初の窓の最後の文字を**1つだけ**変えて、正規化した24個のベクトルのうち、どれが動くかを見るのです。動いていいのは、それ1つだけ。ほかには誰も触っていません。
#
# 3つとも、予想してから進んでください。

# %%
changed = x.clone()
changed[0, -1] = x[1, 0]  # 最初の窓の最後の文字が、別の文字になった

# %%
def moved(dim: int) -> torch.Tensor:
    """変更によって、正規化した各ベクトルがどれだけ動くか：(3, 8)、窓とマス。"""
    difference = ____  # 変えたあとから、変える前を引いたもの。どちらも正規化して
    return ____  # 差のベクトルそれぞれの長さ


check("05.07")

# %%
draw.heat(
    torch.cat((moved(2), moved(1), moved(0))),
    rows=[f"{way}: {text}" for way in ("幅", "マス", "バッチ") for text in texts],
    title="最初の窓のマス7の文字を1つ変えた。正規化したベクトルで動くのは？",
    x_name="マス",
    alt="9行8列の四角。3つの窓を、3通りに正規化したもの。幅の方向では、ゼロでない四角は1つだけ、最初の窓のマス7の"
    "3.41。マスの方向では、最初の窓全体が動き、マス0から6は0.43から0.67、マス7は3.64。バッチの方向では、3つの窓のど"
    "れもマス7が動き、1.21、0.66、0.96。",
)
print("窓が1つだけのバッチでバッチの方向に正規化すると、0からいちばん遠い数は", normalise_over(x[:1], 0).abs().max().item())

# %% [markdown]
# - **マスの方向**だと、最初の窓が丸ごと動きます。マス7の変化が、マス0の耳にまで届いています。つまりマス0は、未来のことを知っているのです。次の文字を当てるはずのモデルに、答えが漏れてきます。訓練では見事なカンニングをやってのけ、文章を書くときになって落第します。そのときには、のぞき見る未来がありませんから。
# - **バッチの方向**だと、ほかの2つの窓の、同じマスが動きます。別のテキストで、こちらには関係がありません。モデルの言うことが、たまたま同じバッチに乗り合わせた顔ぶれで変わってしまいます。しかも、窓が1つだけのバッチでは、ゼロしか残りません。
# - **幅の方向**だと、動くベクトルは1つ、変えた文字のものだけです。どの文字も、前に何があろうと、後ろに何があろうと、隣に誰がいようと、自分の数だけで正規化されます。
#
# というわけで、幅です。`dim=-1`、最後の次元。これが**レイヤー正規化**です。（画像のモデルで**バッチ正規化**に会ったことがあるかもしれません。あれは、バッチとすべての位置をまとめて平均を取り、列ごとに平均が1つあります。写真ならそれでうまくいきます。このテキストでやると、両方の漏れが起こります。）

# %%
draw.lines(
    {"前": x[0].std(dim=-1, correction=0), "あと": over_width[0].std(dim=-1, correction=0)},
    title="「Let's he」の各ベクトルの標準偏差",
    x_name="マス",
    y_name="標準偏差",
    alt="マス0から7までの2本の線。前のほうは、標準偏差が上下に揺れ、マス2のtの0.57から、マス6のhの1.81まで。あとのほ"
    "うは、1の高さの水平な線。",
)

# %% [markdown]
# `h`は、`t`の3倍も大きな声を出していました。いまは、8文字とも同じ音量で話しています。
#
# - [ ] 05.06 どの次元に沿ってでも正規化した
# - [ ] 05.07 1文字変えて、ほかに誰が動くかを調べた
# - [ ] 05.r1 マスの方向やバッチの方向に正規化すると何が漏れるのか、説明できる

# %% [markdown]
# ## いくらか返す · 10 分
#
# ここまでは、厳しくやってきました。どのベクトルも、必ず平均0、標準偏差1です。でも次の層は、ベクトルの3番の数はもっと大きく、5番の数は少し高めに、と思っているかもしれません。そこで、**学べる**ベクトルを2つ加えます。掛ける**ゲイン**と、足す**バイアス**。どちらも、列ごとに数を1つ持っています。例の4つの数なら、こうです。

# %%
gain = torch.tensor([1.0, 2.0, 0.5, 1.0])
bias = torch.tensor([0.0, 0.0, 3.0, -1.0])
print(normalised)

# %% [markdown]
# 次の演習の後半は、なぞなぞです。ゲインが全部同じ、バイアスも全部同じだとして、この処理を丸ごと元に戻し、最初の`token`を取り戻せるでしょうか？ 何を、どの順番で取り去ったのか、思い出してください。

# %%
adjusted = ____  # 正規化したそれぞれの数に、ゲインを掛け、バイアスを足す
undo_gain = ____  # 数1つ：`token`の大きさを取り戻すゲイン
undo_bias = ____  # 数1つ：真ん中を取り戻すバイアス
restored = undo_gain * normalised + undo_bias
check("05.08")

# %%
print("調整後：", adjusted)
print("復元後：", restored)

# %% [markdown]
# ゲイン3、バイアス4で、tokenが戻ってきました。ということは、このベクトル1つなら、何も失われません。ちょうどいいゲインとバイアスが、元に戻してくれます。
#
# でも、ベクトルはたくさんあり、平均も大きさもそれぞれ違います。一方、ゲインとバイアスは、どのテキストのどの文字でも同じです。1つのベクトルは元に戻せても、全部を一度に、とはいきません。大きさは、消えました。それが狙いだったのです。返してあげるのは、**列**ごとの選択です。どれだけ大きく、どこを真ん中にするか。ここでは8列、本番のモデルなら64列です。ゲインは1、バイアスは0から始まるので、初めのうちは何も変えません。
#
# PyTorchには、これが全部入った関数`F.layer_norm(x, shape, gain, bias)`があります。`shape`は、正規化する次元、つまり最後のいくつかの次元の大きさです。タプルで渡し、ここでは数が1つ、幅だけです。

# %%
width = x.shape[-1]
torch.manual_seed(1340)
gains, biases = torch.rand(width) + 0.5, torch.randn(width)
by_hand = normalise_over(x, -1) * gains + biases

# %%
by_library = ____  # 同じものを、ライブラリで
check("05.09")

# %%
print(f"自作との差の最大値：{(by_hand - by_library).abs().max().item():.7f}")

# %% [markdown]
# ライブラリがやっていることも、同じでした。（新しめのモデルの多くは、もっと安上がりな親戚、**RMSNorm**を使っています。平均は引かずに、二乗の平均の平方根で割り、学んだゲインを掛けます。バイアスは、たいていありません。）
#
# - [ ] 05.08 掛けて、ずらして、丸ごと元に戻した
# - [ ] 05.09 ライブラリと比べた
# - [ ] 05.r2 ゲインとバイアスが返してくれるものと、失われたままのものを説明できる

# %% [markdown]
# ## 前か、あとか · 12 分
#
# これから作るモデルのブロックは、ストリームを置き換えるのではなく、ストリームに**足します**。`x + layer(x)`、残差接続です。理由は知っていますね。層が何をしようと、脇をまっすぐ通り抜ける道があるからです。では、この式のどこに正規化を入れるのでしょう？ 流派が2つあります。
#
# - **post-norm**は、出てくるもの、つまりストリームも含めた和を正規化する
# - **pre-norm**は、層が読むものを正規化し、ストリームには手を出さない
#
# 両方を試して、正規化なしとも比べましょう。層は例の20個の行列で、大きさは、うまくいった1/8です。

# %%
def layer(x: torch.Tensor, matrix: torch.Tensor) -> torch.Tensor:
    """ばらつきを保つ大きさの、乱数の重みの層。"""
    return x @ (matrix / 8)


def norm(x: torch.Tensor) -> torch.Tensor:
    """ゲインもバイアスもないレイヤー正規化。"""
    return normalise_over(x, -1)


def plain(x: torch.Tensor, matrix: torch.Tensor) -> torch.Tensor:
    """正規化をしないブロック。"""
    return x + layer(x, matrix)

# %%
def post_norm(x: torch.Tensor, matrix: torch.Tensor) -> torch.Tensor:
    """和を正規化するブロック。"""
    return ____  # `plain`と同じ。ただし結果を正規化する


def pre_norm(x: torch.Tensor, matrix: torch.Tensor) -> torch.Tensor:
    """層が正規化した数を読むブロック。ストリームそのものは変わらない。"""
    return ____  # `plain`と同じ。ただし層が読むのは正規化したストリーム


check("05.10")

# %%
def lengths(block):
    """ストリームの8つのベクトルの長さの平均。始まりと、各ブロックのあとで。"""
    x = start
    found = [x.norm(dim=-1).mean().item()]
    for matrix in matrices:
        x = block(x, matrix)
        found.append(x.norm(dim=-1).mean().item())
    return found


draw.lines(
    {"なし": lengths(plain)[:8], "pre-norm": lengths(pre_norm)[:8], "post-norm": lengths(post_norm)[:8]},
    title="最初の7ブロックそれぞれのあとの、ストリームのベクトルの長さ",
    x_name="ブロック",
    y_name="長さ",
    alt="8.2から始まる3本の線。正規化なしだと、長さは上へ反り返り、7ブロックのあとは93。pre-normだと、だんだんゆるや"
    "かになりながら23まで上がる。post-normだと、8のまま水平。",
)
for block in (plain, pre_norm, post_norm):
    print(f"{block.__name__:>9}：始まりは{lengths(block)[0]:.1f}、20ブロックのあとは{lengths(block)[-1]:,.1f}")

# %% [markdown]
# 正規化なしだと、1ブロックごとにストリームは約1.4倍の長さになります。長くなったストリームを読み、その分だけ大きな声で答えるからです。20ブロックのあとには、長さは8,004。20ブロック全部を図にしたら、その線しか見えなくなります。
#
# pre-normだと、層が読むベクトルはいつも同じ大きさなので、どのブロックも、前のブロックと同じくらいの量を足します。ストリームはゆっくりと37まで伸びますが、どの層もそれを正規化して読むので、誰も気づきません。（モデルのいちばん最後に、もう1つ正規化があります。10章です。）
#
# post-normだと、長さは永遠に8、つまり64の平方根です。3つの中で、いちばんきちんとして見えます。では、代償は？ 正規化は、そのたびにストリーム**全体**を割ります。いちばん初めに埋め込みが書き込んだものも、一緒にです。（ここでは`start`が、埋め込みの代役です。）その分を、3通りそれぞれで20ブロック追いかけて、最後にストリームのどれだけを占めているかを見てみましょう。まず予想を。いちばん大きな割合を残すのは、3つのうちどれでしょう？

# %%
for block in (plain, pre_norm, post_norm):
    stream, written = start, start  # ストリームと、埋め込みがそこに書き込んだもの
    for matrix in matrices:
        if block is post_norm:  # 正規化は、全体にすることを、この分にもする
            spread = plain(stream, matrix).std(dim=-1, correction=0, keepdim=True)
            written = (written - written.mean(dim=-1, keepdim=True)) / spread
        stream = block(stream, matrix)
    part, whole = written.norm(dim=-1).mean().item(), stream.norm(dim=-1).mean().item()
    print(f"{block.__name__:>9}：埋め込みの分の長さは{part:.3f}、ストリームは{whole:,.1f}、割合は1/"
    f"{whole / part:,.1f}")

# %% [markdown]
# pre-normなら、5分の1を超えます。ストリームを割るものは何もないので、埋め込みが書いたものはそっくり残り、層が足すものもほどほどです。勾配も、同じまっすぐな道を通って帰れます。
#
# 正規化なしでも、そっくり残ってはいるのですが、層たちの大声にかき消されて、千分の一になってしまいました。post-normでは、千分の一をわずかに超えるだけです。ストリームは20回も大きさを切り詰められ、そのたびに、埋め込みの分も巻き添えで、およそ0.7倍になりました。まっすぐ帰ってくる勾配も、同じ20回の正規化に出会います。（ここの層は、読んだものと同じ大きさの声を出します。09章に出てくる本物の層は、もっと小声で始まるので、ここまでひどくはありません。）
#
# 最初のTransformerはpost-normで、訓練の出だしは、ごく小さなステップで、おそるおそる進めなければなりませんでした。GPT-2が正規化を前に移すと、ほとんどみんながそれにならいました。ここでもそうします。
#
# - [ ] 05.10 正規化を、和のあとと層の前に入れた
# - [ ] 05.r3 pre-normとpost-normの図を描いて、pre-normを使う理由を説明できる

# %% [markdown]
# ## クラス · 12 分
#
# 新しいことは1つだけ。`nn.Parameter(tensor)`は、テンソルをパラメータに変えます。モジュールの属性にしておけば、オプティマイザに見つけてもらえて、モデルと一緒に保存もされます。（`nn.Linear`や`nn.Embedding`は、それを代わりにやってくれていました。ここでは誰もやってくれません。）

# %%
class LayerNorm(nn.Module):
    """どのベクトルも自分の数だけで正規化し、それから、学んだとおりに掛けてずらす。"""

    def __init__(self, dim: int, eps: float = 1e-5) -> None:
        """`dim`は幅。始まりでは、ゲインもバイアスも何も変えない。"""
        super().__init__()
        self.eps = eps
        self.gain = ____  # 掛けるパラメータ。始まりでは何も変えない
        self.bias = ____  # 足すパラメータ。始まりでは何も変えない

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """最後の次元で正規化する：(..., dim) -> (..., dim)。"""
        mean = ____  # 各ベクトルの平均
        variance = ____  # そのbiased分散
        normalised = (x - mean) / (variance + self.eps).sqrt()
        return ____  # 掛けて、ずらしたもの


check("05.11")

# %%
layer_norm = LayerNorm(small.embedding_dim)
print([(name, tuple(parameter.shape)) for name, parameter in layer_norm.named_parameters()])

with torch.no_grad():
    stream = running.after("04")
    ready = LayerNorm(stream.shape[-1])(stream)
draw.heat(
    ready[0],
    rows="Let's he",
    title="正規化した「Let's he」：最初の層が読むもの",
    alt="8行8列の数。行の名前はL、e、t、アポストロフィ、s、空白、h、e。数は-1.95から2.00まで。どの行も同じくらいの色"
    "の濃さになり、tもhに負けていない。2つのeは違っている。",
)
print(f"どの行の平均も、0から離れるのはせいぜい{ready.mean(dim=-1).abs().max().item():.6f}")
print("標準偏差：", ready[0].std(dim=-1, correction=0))
print("06章の出発点と同じ：", torch.equal(ready, running.after("05")))

# %% [markdown]
# 04章の最後の図と比べてみてください。`h`は-3.36から3.21まで、`t`は-1.20から0.53まででした。いまは、`t`もほかと同じくらい濃く描かれています。それでも、どの行の中でも、いちばん大きかった数はいちばん大きいまま、いちばん小さかった数はいちばん小さいままです。
#
# マップの行です。どの形状にも、もう会ったことがあるので、埋めてあります。ここに書いていないのは、このうちどの数が**学ぶもの**で、どの数が、バッチが来るたびに新しく**測るもの**かです。
#
# 本番のモデル（設定は`config`）で、両方を数えましょう。どのブロックにも正規化が2つあり、ブロックがいくつあるかは`num_layers`、そして最後にもう1つ正規化が続きます。まず予想を。学ぶ数と測る数では、どちらが多いでしょう？ そして、バッチを大きくすると増えるのは、どちらでしょう？

# %%
shapes = {
    "stream": (config.batch_size, config.input_sequence_length, config.embedding_dim),
    "mean": (config.batch_size, config.input_sequence_length, 1),
    "gain": (config.embedding_dim,),
    "normalised": (config.batch_size, config.input_sequence_length, config.embedding_dim),
}
norms = ____  # モデルに正規化はいくつ？
learned = ____  # 全部で、学ぶ数はいくつ？
measured = ____  # 1つのバッチから取る平均と分散はいくつ？
check("05.12")

# %%
for name, shape in shapes.items():
    print(f"{name:>12}  {shape}")
print(f"{norms}個の正規化が学ぶ数は{learned:,}個、バッチごとに測る数は{measured:,}個")

# %% [markdown]
# 学ぶのが1,152個、測るのが13,824個。バッチを大きくすれば、測る数は増えますが、学ぶ数は1つも増えません。誰もが、同じゲインとバイアスを使うからです。モデルを保存すると、ファイルに入るのは1,152個のほうです。測ったほうは、使い終われば忘れられます。そして、どのベクトルも自分だけで測るので、1文字だけでも、バッチ丸ごとのときと変わらず正規化できます。
#
# - [ ] 05.11 LayerNormクラスを書いた
# - [ ] 05.12 正規化が学ぶ数と、測る数を数えた

# %% [markdown]
# ## チャレンジ：正規化には聞こえないもの
#
# やってもやらなくても構いません。これまで、勾配はたいていautograd任せでした。この勾配は、自分で求められます。微積分なしで、幾何だけで。しかも、正規化を通しては決して学べないものが何かもわかります。
#
# 正規化（ゲインもバイアスもなし）にベクトルが入り、`out`が出てきます。`grad_out`は`out`での勾配、つまり、それぞれの数が変わると損失がどれだけ変わるかです。ベクトルには、どんな勾配が届くでしょう？ 出力まで決して届かない変化が、2種類あります。ベクトルのすべての数に、同じ数を足す。すべての偏差を、同じ倍率で引き伸ばす。正規化には、どちらも聞こえません。だから、ベクトルでの勾配は、この2つの方向の成分を持ちません。(1, 1, ..., 1)の方向にも、`out`の方向にも。この2つと直角な方向なら、どの方向でも、小さな変化は標準偏差で割られて出てきます。
#
# そこで、`grad_out`から、この2つの方向を向いた分を取り除きます。残ったものが`heard`で、どちらとも直角です。それから、標準偏差の面倒を見ます。ベクトルがある方向の成分をどれだけ持っているかは、内積でわかります。ただし、`out`の長さに注意。二乗の平均が1なのです。

# %%
torch.manual_seed(1340)
vector, grad_out = 3 * torch.randn(width) + 2, torch.randn(width)
deviation = vector.std(correction=0)
out = (vector - vector.mean()) / deviation


def by_autograd():
    """いつものやり方で求めた、`vector`での勾配。"""
    leaf = vector.clone().requires_grad_()
    return torch.autograd.grad(normalise(leaf) @ grad_out, leaf)[0]

# %%
heard = ____  # `grad_out`から、2つの方向の成分を引いたもの
grad_in = ____  # `vector`での勾配
print("手計算：  ", grad_in)
print("autograd：", by_autograd())
check("05.13")

# %% [markdown]
# というわけで、正規化を通ってくる勾配は、「もっと大きな声で」とも「みんな少しだけ上へ」とも、決して言いません。そして、標準偏差で割られるので、かすかなベクトルは大きな勾配を、声の大きいベクトルは小さな勾配をもらいます。
#
# - [ ] 05.13 チャレンジ：正規化の勾配を、autogradなしで求めた

# %% [markdown]
# ## これで自分のもの
#
# - 20層も通ると、数は爆発するか消えるかしている。重みがぴったりの大きさでないかぎり、あるいは、何かがそのたびに数を見てくれないかぎり
# - **正規化**：平均を引き、(分散 + eps)の平方根で割る。分散は、**biased**のほう
# - 正規化は**幅**の方向で。マスの方向（未来が漏れる）でも、バッチの方向（隣が漏れる）でもない
# - **ゲイン**と**バイアス**が、列ごとの選択を返してくれる。どのベクトルがどれだけ大きかったかは、わざと失ったまま
# - **pre-norm**：層は正規化した数を読み、ストリームは手つかずのまま流れる
# - `LayerNorm(dim, eps=1e-5)`：どんな形状を入れても、同じ形状が出てくる
#
# これから作るモデルには、これが9個入ります。4つのブロックに2つずつと、最後に1つ。そのあいだに入るのが、ここまでの話すべての目的地、**06 AttentionHead**です。文字たちが、初めて互いを見ます。
