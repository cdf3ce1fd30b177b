# %% [markdown]
# # 03 PositionEmbedding
# <!-- Made from checkpoints/ch03_position_embedding.py by scripts/build.py. From your first edit on it is yours. -->
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/OWNER/REPO/blob/main/workshop/ja/ch03_position_embedding.ipynb)
# [![Open in GitHub Codespaces](https://github.com/codespaces/badge.svg)](https://codespaces.new/OWNER/REPO?quickstart=1)
#
# 窓のどのマスにも自分だけの数の列を1行ずつ与えます。これで、モデルは最初の`e`と最後の`e`を見分けられるようになります。
#
# 45分、5節。必要なのは02章だけ。表と、そこから行を選ぶ方法です。
#
# 道具は、さっき作ったものをそのまま使います。新しいのは、それを何に使うか。それから、もっと安上がりな考えが2つ、どうして行き詰まるかです。

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

from nanogpt import Config, TokenEmbedding
from workshop import ____, check, corpus, draw, hint, running, solution

torch.set_printoptions(precision=3, linewidth=100)  # 1行に数8つ

# %% [markdown]
# ## 文字の袋 · 8 分
#
# `running`は、例の文を章から章へと運んでくれます。数もずっと同じです。ここにあるのは、02章の終わりの状態、`"Let's he"`です。8文字のどれにも行が1つ、どの行にも数が8つ。

# %%
config, small = Config(), Config.small()
ids = running.ids()  # (1, 8)：窓1つのバッチ
vectors = running.after("02")[0]  # (8, 8)：その行
print(ids)
print(vectors.shape)

# %% [markdown]
# 次の文字は8文字全部で決まるので、モデルは遅かれ早かれ、これらの行をまとめなければなりません。いちばん単純なのは、足してしまうか、平均を取るかです。
#
# では、文字を並べ替えます。`"he Let's"`。まず予想を。この合計は、`"Let's he"`の合計とどれだけ違うでしょう？

# %%
other_ids = torch.tensor([running.loader().encode("he Let's")])
other_vectors = running.part("02")(other_ids)[0].detach()
print(other_ids)

# %%
bag = ____  # 「Let's he」の8行を足したもの
average = ____  # その平均
check("03.01")

# %%
print("Let's heの合計: ", bag)
print("he Let'sの合計: ", other_vectors.sum(dim=0))
print("Let's heの平均：", average)
print("he Let'sの平均：", other_vectors.mean(dim=0))

# %% [markdown]
# 違いなし。足し算には、何が先に来たかがわかりません。8文字のうち2つが同じ文字なので、並べ方は20,160通り。その全部が、この合計、この平均になります。ここにあるのは、8文字が入った袋です。
#
# 先に行を1つずつ層に通して、そのあとで足せばどうでしょう？ 2つの`e`が層を通るとどうなるか、見てみましょう。

# %%
torch.manual_seed(1338)
layer = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 8))
before, after = running.after("02")[0], layer(running.after("02")[0])
print("層に通す前の、2つのeの距離：", (before[1] - before[7]).norm().item())
print("層を出た後の、2つのeの距離: ", (after[1] - after[7]).norm().item())

# %% [markdown]
# 同じ行が入れば、同じ行が出てきます。マス1にいようと、マス7にいようと、です。最初の`e`には`Let`を作る仕事があり、最後の`e`は`hence`になる途中です。なのに、どの層にも、どちらがどちらか永遠にわかりません。誰も教えていないからです。英語にとっては大惨事です。**the dog bites the man**（犬が人を噛む）と**the man bites the dog**（人が犬を噛む）が同じになるのですから。
#
# だから、どのマスにいるかを、数の中に入れなければなりません。さて、どうしましょう？
#
# - [ ] 03.01 文の行を足して、順番を失くした

# %% [markdown]
# ## 失敗する2つの試み · 9 分
#
# 誰でも最初に思いつくのはこれです。マスに番号をつけて、その番号を足す。マス0は行のすべての数に0を足し、マス1はすべての数に1を足し、マス7は7を足します。
#
# `torch.arange(n)`は0, 1, ..., n - 1と数えて、横に寝かせて並べます。`x[:, None]`は、寝ている列を縦に起こして、形状(n, 1)にします。8つの数が8行あるところに足したいのは、どちらでしょう？

# %%
places = ____  # この窓のマスの番号、0から
numbered = ____  # どの行も、すべての数にマスの番号を足したもの
check("03.02")

# %%
draw.lines(
    {"文字自身のベクトル": vectors.norm(dim=1), "マスが足すもの": (places[:, None] * torch.ones(8)).norm(dim=1)},
    title="8つのマスでのベクトルの長さ",
    x_name="マス",
    y_name="長さ",
    alt="マス0から7までの2本の線。文字自身のベクトルの長さは2.2と3.5のあいだにとどまる。マスが足すものは0から始まり"
    "、一直線に19.8まで上がる。文字のベクトルのうち最も長いものの5倍を超える。",
)
print("マス6のhとマス7のeのコサイン")
print(f"  番号を足す前：{F.cosine_similarity(vectors[6], vectors[7], dim=0).item():6.3f}")
print(f"  足したあと：  {F.cosine_similarity(numbered[6], numbered[7], dim=0).item():6.3f}")

# %% [markdown]
# （2つのベクトルの**コサイン**とは、内積を両方の長さで割ったものです。同じ向きなら1、直角なら0、反対向きなら-1になります。）
#
# これで、2つの`e`は別のものになりました。でも、その代償を見てください。マスが大声で怒鳴り、文字はささやくだけ。`h`と`e`は、ほとんど直角でした。-0.016です。それぞれの数に6と7を足すと、ほぼ同じ向き、0.978になります。しかも、まだ8マスです。1行に数が8つのまま32の窓にすると、最後のマスが足すベクトルは、長さ88になります。
#
# 2つ目の考えは、1つ目の手直しです。番号を縮めて、0から1までにして、決して大きくならないようにする。どんな長さの窓にも使えるように書いてください。そのあと予想を。マス3がもらう数は、8の窓ではいくつ、32の窓ではいくつでしょう？

# %%
window, longer = 8, 32

# %%
def scaled(length: int) -> torch.Tensor:
    """窓のマスの番号を、最初が0、最後が1になるように縮めたもの：(length,)。"""
    return ____  # それぞれの番号を、最後が1になるように割る


here = scaled(window)[3]
there = ____  # 長さ`longer`の窓でマス3がもらう数
check("03.03")

# %%
print(f"マス3は、{window}の窓では{here:.3f}、{longer}の窓では{there:.3f}")
print(f"右へ1歩：{1 / (window - 1):.3f}と{1 / (longer - 1):.3f}")

# %% [markdown]
# 同じアポストロフィが、同じマスにいるのに、片方の窓では0.429、もう片方では0.097をもらいます。そして、つづりでいちばん知りたい**自分の1つ前の文字**までが、こちらでは0.143、あちらでは0.032離れています。同じ数なのに、あとにたまたまどれだけテキストが続くかで、意味が変わってしまうのです。（1文字の窓では、そもそも壊れます。0 / 0です。モデルが書く文章が1文字から始まることは、十分ありえるのに。）
#
# どちらの試みも、同じところで間違えています。マスの意味を決めているのが**人間**で、それを数1つに押し込んでいるのです。欲しいのは、こういうものです。
#
# 1. どのマスも、ほかのどのマスとも違う
# 2. マスが足すものは、文字のベクトルと同じくらいの長さで、大きくならない
# 3. 窓がどんな長さでも、マス3はマス3
# 4. **近い**、**遠い**の意味を決めるのは、人間ではない
#
# 次の節を、手で隠してください。自分で思いつけたでしょうか？
#
# - [ ] 03.02 マスの番号を足して、文字がかき消されるのを見た
# - [ ] 03.03 番号を縮めて、長さによって意味が変わるのを見た
# - [ ] 03.r1 2つの試みのどこが悪いのか、それぞれ説明できる

# %% [markdown]
# ## マスごとに1行 · 12 分
#
# この悩みには、前にも会いました。02章では、IDは、ネットワークに掛け算させてはいけない数でした。治したのは、表です。IDごとに1行、初めは乱数、あとは損失がやってくれる。だったら、**マスごとに1行ある表**です。何行？ 窓のマスの数だけ。幅は？ 足す相手のベクトルと同じです。

# %%
torch.manual_seed(1338)
position_table = ____  # マスごとに1行
all_places = ____  # 長さいっぱいの窓のマスの番号、0から
positions = ____.detach()  # その行
check("03.04")

# %%
draw.heat(
    positions,
    rows=[f"マス{place}" for place in range(8)],
    title="位置の表。まだ何も学んでいない",
    alt="マス0からマス7までの8行と、8列の数。数は-1.97から2.52までで、ゼロより上は赤、下は青。行に沿っても列に沿って"
    "も、規則性はない。乱数だからである。",
)
e_first, e_last = (running.after("02")[0] + running.after("03"))[[1, 7]]
print(f"マスの行を足した、2つのeの距離：{(e_first - e_last).norm().item():.2f}")

# %% [markdown]
# 雑音が8行。始めるには、雑音で十分です。2つの`e`は同じベクトルでしたが、それぞれのマスの行を足したいまは、4.90離れています。願いの1、2、3はかないました。どの行も違い、長さは文字のベクトルと同じくらい、そして、どんな窓でもマス3の行は1つです。（足すところは04章でやります。）
#
# 願いの4は、近い、遠いの話でした。この表では、どうなっているでしょう？ どのマスも、ほかのすべてのマスと、コサインで比べてみます。
#
# 8マスなら、コサインは64個。ループを使わなくても、2行のコードで一度に求まります。ただの内積がもうコサインになっているようにするには、行をどうしておけばいいでしょう？ そして、すべての行とすべての行の内積を取るのは、どんな積でしょう？ 5分かけてください。（`rows.norm(dim=1)`は、各行の長さを返します。長さは横に寝て(n,)で出てきます。`keepdim=True`をつけると、縦に立って(n, 1)になります。）

# %%
def cosines(rows: torch.Tensor) -> torch.Tensor:
    """すべての行とすべての行のコサイン：(n, width) -> (n, n)。"""
    unit = ____  # どの2行の内積も、そのままコサインになるようにした行
    return ____  # その内積を全部、(n, n)、行列積1つで


position_cosines = cosines(positions)
check("03.05")

# %%
draw.heat(
    position_cosines,
    rows=[f"マス{place}" for place in range(8)],
    columns=range(8),
    title="どのマスが似ている？ 何も学んでいないときのコサイン",
    alt="コサインの8×8の正方形。対角線は1。ほかの数は、マス1と3の-0.89から、マス2と6の0.73まで散らばる。隣どうしだか"
    "らといって、離れたマスより似ているわけではない。",
)
torch.manual_seed(1338)
real_table = nn.Embedding(config.input_sequence_length, config.embedding_dim)
draw.heat(
    cosines(real_table.weight),
    title="本番のモデルでも同じ図：32マス、数は64個ずつ",
    alt="32×32の正方形。対角線がコサイン1の濃い赤の線になって目立つ。ほかは薄い色で、ほとんどがゼロから0.13以内。ど"
    "のマスも、隣だからといって、ほかより似ているわけではない。",
)

# %% [markdown]
# 小さい表では、マス0は、隣のマス1（-0.33）よりも、マス6（0.48）に似ています。偶然です。数が8つの乱数の行なら、コサインは、ゼロから上か下へ0.35くらいずれるのがふつうです。幅64の本番の表では、ほとんどがゼロから0.13以内です。数の多いランダムなベクトルは、互いにほぼ直角になります。だから、どのマスも、ほかのどのマスとも同じくらい似ていません。02章のone-hotベクトルがそうでした。ここでも、公平なスタートです。
#
# では、訓練のあとは？ どの行も、損失が下がるほうへ動きます。12章の設定で、シードを変えて3回訓練してみました。隣どうしのコサインは、平均で0.1から0.2。20マス離れると、ゼロより下でした。かすかな規則性です。でも、2の次が3だなんて、誰もモデルに教えていないのです。もっとずっと長く訓練したGPT-2では、隣どうしのマスが、はっきり似たものになりました。
#
# （マスに番号をつける方法は、ほかにもあります。最初のTransformerは行を1つも学ばず、サインとコサインから計算していました。気になる人は、最後のチャレンジで同じことができます。GPT-2は、ここと同じように学びます。もっと新しいモデルの多くは、マスで決まる角度だけベクトルを回します。）
#
# - [ ] 03.04 位置の表を作り、行を選んだ
# - [ ] 03.05 すべてのマスを互いに比べた

# %% [markdown]
# ## どの行を、いつ？ · 9 分
#
# TokenEmbeddingでは、どの行が出てくるかをIDが決めます。ここで決めるのは何でしょう？ IDではありません。どの文字がいようと、マス3はマス3です。問題になるのは、マスがいくつあるかだけ。短い窓なら、最初のほうの行を使います。
#
# 入力は、ここでもバッチの(batch, sequence)です。空欄を埋める前に、出てくるものの形状を予想してください。

# %%
def rows_for(ids: torch.Tensor) -> torch.Tensor:
    """IDのバッチの、マスの行：(batch, sequence) -> (sequence, width)。"""
    length = ____  # 1つの窓に、マスはいくつある？
    return ____  # マス0からlength - 1までの行


check("03.06")

# %%
for some_ids in (ids, ids[:, :5], ids[:, :5].repeat(16, 1)):
    print(tuple(some_ids.shape), "->", tuple(rows_for(some_ids).shape))

# %% [markdown]
# 形状からバッチが消えました。16個の窓のマスはどれも同じなので、行は1組あれば、みんなの役に立ちます。
#
# 残った疑問が2つあります。どちらも、モデルが文章を書くときにぶつかるものです。1つ目。訓練の窓が、どれも`Let's`のように5文字と短かったとしたら、学べたのはどの行でしょう？ 02章と同じように、勾配を見てみましょう。
#
# TrueとFalseの表では、`.any(dim=1)`が、各行にTrueが1つでもあるかを尋ねます。`~`はTrueとFalseを入れ替え、`.sum()`はTrueを数えます。

# %%
short = ids[:, :5].repeat(16, 1)
position_table.zero_grad()
rows_for(short).sum().backward()
gradient = position_table.weight.grad  # (8, 8)：表の数1つにつき数1つ

# %%
taught = ____  # 各行について、0でない勾配を持つ数があればTrue
untaught = int(____)  # 何も学んでいない行はいくつ？
check("03.07")

# %%
print("学んだ行：", taught.tolist(), " 学んでいない行の数：", untaught)

# %% [markdown]
# マス5、6、7は何も学んでいません。まだ乱数の行のままです。あとになってそのマスに出会ったモデルには雑音が流れ込みますが、エラーは出ないので、誰も気づきません。だからモデルは、実際に読むのと同じ長さの窓で訓練しなければなりません。ここで作るモデルは、いつもそうしています。しかも、01章で見たとおり、長さいっぱいの窓の中で、短い出だしの練習もしています。
#
# 2つ目。では、テキストが表**より長い**ときは？

# %%
long_ids = torch.tensor([running.loader().encode("Let's hence, and hear")])
try:
    position_table(torch.arange(long_ids.shape[1]))
except IndexError as error:
    print(f"{long_ids.shape[1]}文字：IndexError、{error}")

# %% [markdown]
# 8番の行はなく、計算で求める規則もありません。行を学ばせることの代償です。ここで作るモデルは32マス、GPT-2は1,024マスで、どちらもその先は見えません。
#
# ところが、書いている途中の文章は、どんどん長くなっていきます。モデルに見えるのは、そのうち表の行の数だけです。次に何が来るかを言うためには、どれを見せるべきでしょう？ 最初のほうか、最後のほうか。

# %%
recent = ____  # 各窓のうち、モデルに見せる部分。`small`のマスの数だけ
check("03.08")

# %%
print(repr(running.loader().decode(recent[0])), "->", tuple(rows_for(recent).shape))

# %% [markdown]
# 最後の8文字、`and hear`です。この8文字がマス0から7をもらいます。まるで、世界がそこから始まったかのように。このコードには11章でまた会います。モデルがしゃべるときです。
#
# - [ ] 03.06 バッチにマスの行を渡した
# - [ ] 03.07 短い窓では何も学べないマスを見つけた
# - [ ] 03.08 8マスのモデルに見せるものを残した
# - [ ] 03.r2 行が入力の長さだけで決まる理由を説明できる

# %% [markdown]
# ## クラス · 7 分
#
# クラスに新しいものは何も入りませんが、約束が1つあります。表の行より多いマスを渡されたら、IndexErrorを出すこと。行の選び方は、もう3通り知っています。収まる窓なら、どれでも同じ行が出てきます。
#
#     self.table(places)
#     self.table.weight[places]
#     self.table.weight[: len(places)]
#
# この中の1つは、約束を守りません。最後の空欄を埋める前に、どれなのかを決めてください。8行しかないところに21行くれと言ったら、何が返ってくるでしょう？
#
# （1つだけ、もう書いてある部分があります。`device=ids.device`は、IDのあるデバイスの上に`places`を作ります。グラフィックボードの上でもクラスが動くように、です。そちらでは、表からはみ出したマスは別の種類のエラーになります。約束は、CPUでの話です。）

# %%
class PositionEmbedding(nn.Module):
    """窓の各マスに、学習される`embedding_dim`個の数を1行ずつ持つ表。"""

    def __init__(self, input_sequence_length: int, embedding_dim: int) -> None:
        """表は乱数で始まる。平均0、分散1の正規分布。"""
        super().__init__()
        self.table = ____  # マスごとに1行

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """`ids`のマスの行：(batch, sequence) -> (sequence, embedding_dim)。

        マスが行より多ければ、（CPUでは）IndexError。
        """
        places = torch.arange(____, device=ids.device)  # マスはいくつ？
        return ____  # 各マスの行。約束を忘れずに


check("03.09")

# %%
torch.manual_seed(1338)
position_embedding = PositionEmbedding(small.input_sequence_length, small.embedding_dim)
position_vectors = position_embedding(ids)
print(position_vectors[:3].detach())
print(tuple(ids.shape), "->", tuple(position_vectors.shape))
print("04章の出発点と同じ：", torch.equal(position_vectors, running.after("03")))
print("スライスに21行くれと言うと、返ってくる行は", len(position_table.weight[:21]))

# %% [markdown]
# 犯人はスライスでした。21文字に8行だけ渡して知らん顔、エラーは別の場所で、別の話として出ていたことでしょう。
#
# 最後に、この章からは毎回、**テンソルマップ**を書きます。新しく出てきたものの形状を、どれも本番のモデルの大きさで、`config`の名前を使って書きとめるのです。12章にはマップが完成します。机の前に貼るなら、これに勝るものはありません。ターミナルで`python scripts/tensor_map.py`と打つと、これまでの分を描いてくれます。
#
# 形状はタプルなので、丸括弧で`(5, 3)`と書きます。数が1つしかないときは、`(5,)`とカンマが要ります。カンマがないと、Pythonには、括弧に入ったただの数に見えます。

# %%
shapes = {
    "ids": (config.batch_size, config.input_sequence_length),
    "token vectors": (config.batch_size, config.input_sequence_length, config.embedding_dim),
    "position table": ____,  # 行の数と、その幅
    "places": ____,  # 長さいっぱいの窓で`torch.arange`が返すもの
    "position vectors": ____,  # forwardが返すもの
}
check("03.10")

# %%
for name, shape in shapes.items():
    print(f"{name:>18}  {shape}")

# %% [markdown]
# - [ ] 03.09 PositionEmbeddingクラスを書き、約束を守った
# - [ ] 03.10 形状をマップに書きとめた

# %% [markdown]
# ## チャレンジ：時計から作るマス
#
# やってもやらなくても構いません。15分ほどかかりますが、あとの章では使いません。最初のTransformerには、位置の表がありませんでした。8だろうと8,000だろうと、どのマスの行も、規則で計算していたのです。自分で思いつけたでしょうか？
#
# 時計を思い浮かべてください。秒針は、隣り合う秒を区別できますが、1分たつと振り出しに戻ります。分針はもっと遅く、時針はさらに遅い。全部そろえば、半日の中のどの1秒でも言い当てられます。そこで、針を何本か用意して、それぞれ自分の速さで回し、針先がどこにあるかを行にします。針先は数2つ、つまり、針の回った角度のサインとコサインです。
#
# マスを1つ進むと、針は自分の速さだけ回ります。マス0では、どの針も0を指しています。計算する前に予想を。隣どうしのマスは似るでしょうか？ そして、大事なのはどこにいるか、それとも、どれだけ離れているかだけでしょうか？

# %%
hands, apart = 32, 3

# %%
speeds = 10_000 ** -(torch.arange(hands) / hands)  # 1マスあたり1ラジアンから、ほぼゼロまで：(hands,)
print(f"一回りするのに、いちばん速い針は{2 * torch.pi / speeds[0]:.1f}マス、いちばん遅い針は"
    f"{2 * torch.pi / speeds[-1]:,.0f}マス")

# %%
def tips(places: torch.Tensor) -> torch.Tensor:
    """マスごとの針先の場所：(n,) -> (n, 2 * hands)。先にサインを全部、そのあとコサインを全部。"""
    turned = ____  # 各マスで、各針が回った角度、(n, hands)
    return ____  # 各マスの行


row_length = ____  # この行の長さは？ 計算して調べなくてもわかる
by_distance = ____  # `apart`だけ離れた2つのマスの行のコサイン
draw.heat(
    cosines(tips(torch.arange(32))),
    title="時計で見ると、どのマスが似ている？",
    alt="コサインの32×32の正方形。すべて正。対角線は1で濃い赤、その両側へ向かって、対角線に沿った縞になって色が薄れ"
    "ていく。隣どうしは0.97、20マス離れると0.6ほど。",
)
check("03.11")

# %% [markdown]
# 表も訓練もなしに、どのマスの行も作れて、どの行も同じ長さです。近くのマスどうしは似ていて、どれだけ似ているかは、距離だけで決まります。だから縞になるのです。では、願いの4はどうなったでしょう？ 近いとはどういうことかを決めたのは、またしても**人間**です。最初のTransformerの著者たちが、学んだ行と計算した行の両方を試したところ、結果はほとんど同じでした。
#
# - [ ] 03.11 チャレンジ：時計の針から、どのマスの行も計算した

# %% [markdown]
# ## これで自分のもの
#
# - 行の合計は**袋**。「Let's he」の20,160通りの並べ方は、どれも同じ合計になる
# - マスの番号をそのまま足すと、文字がかき消される。縮めると、長い窓では意味が変わる
# - **マスごとに、学んだ行を1つ**：`PositionEmbedding(input_sequence_length, embedding_dim)`
# - IDの形状だけで決まる。(batch, sequence)が入り、出てくるのは、**(sequence, width)**
# - 訓練が届かなかったマスは雑音、最後のマスの先には何もない
#
# これで、**何**を知る表と、**どこ**を知る表がそろいました。**04 EmbeddingModule**では、その両方が出会います。
