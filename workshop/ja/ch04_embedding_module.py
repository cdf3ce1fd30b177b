# %% [markdown]
# # 04 EmbeddingModule
# <!-- Made from checkpoints/ch04_embedding_module.py by scripts/build.py. From your first edit on it is yours. -->
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/OWNER/REPO/blob/main/workshop/ja/ch04_embedding_module.ipynb)
# [![Open in GitHub Codespaces](https://github.com/codespaces/badge.svg)](https://codespaces.new/OWNER/REPO?quickstart=1)
#
# **何**と**どこ**を1つのベクトルに入れます。使うのは、いちばん小さな演算、足し算です。
#
# 35分、6節。必要なのは02章と03章です。
#
# プラスを書くのは一瞬です。残りの時間は、そこから出てくる2つの疑問に使います。混ぜてしまったら、もう誰にも元どおりには分けられないのでは？ そして、足したものは、ちゃんと行くべきところへ行くのでしょうか？

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

from nanogpt import Config, PositionEmbedding, TokenEmbedding
from workshop import ____, check, corpus, draw, hint, running, solution

torch.set_printoptions(precision=3, linewidth=100)  # 1行に数8つ

# %% [markdown]
# ## 並べるか、足すか · 8 分
#
# 02章が残してくれたのは、**何**かを言う8行。`"Let's he"`の1文字につき1行です。03章では、**どこ**かを言う8行が加わりました。1マスにつき1行です。

# %%
config, small = Config(), Config.small()
width, vocab_size = small.embedding_dim, running.loader().vocab_size
ids = running.ids()  # (1, 8)
vectors = running.after("02")[0]  # (8, 8)：「Let's he」の各文字の行
positions = running.after("03")  # (8, 8)：各マスの行
characters = running.part("02").table.weight.detach()  # (64, 8)：すべての文字の行
print("L:      ", vectors[0])
print("マス0：", positions[0])

# %% [markdown]
# 慎重なやり方なら、両方とも取っておきます。**横に並べて**、どの文字にも数を16個。8つが「何」を、続く8つが「どこ」を言います。失われるものはありません。大胆なやり方なら、**足して**しまい、8つで済ませます。
#
# どちらを選びますか？ 答える前に、その16個の数をモデルがどうするかを見ておきましょう。次に来るものが何であれ、重みの行列を掛けます。ここにあるのがその行列で、(16, 8)です。上半分は文字と、下半分はマスと出会います。（`torch.cat((a, b), dim=...)`は、2つのテンソルをある次元の向きにつなぎます。0なら下へ、1なら右へ。）

# %%
torch.manual_seed(1339)
weight = torch.randn(2 * width, width)
print(weight.shape)

# %%
both = ____  # `vectors`の各行の右に、マスの行を並べたもの
from_both = both @ weight
from_character = ____  # 文字だけに、重みの上半分を掛ける
from_place = ____  # マスだけに、下半分を掛ける
check("04.01")

# %%
print(tuple(both.shape), "->", tuple(from_both.shape))
difference = from_both - (from_character + from_place)
print(f"2つのやり方の差の最大値：{difference.abs().max().item():.6f}")

# %% [markdown]
# 丸め誤差を除けば、同じ数です。行列積は、どのみち足し算をします。だから、**並べてから掛ける**のは、**別々に掛けてから足す**のと同じことです。慎重なやり方も、結局は和になるのです。大胆なやり方に勝るところがあるとすれば、文字とマスが、それぞれ自分の行列をもらうことだけです。
#
# しかも、その行列からは、たいして得るものがありません。行そのものが学ぶからです。文字を先に行列に通すほうがいいのなら、文字の表のほうが、通したあとに出てくるはずの行を学べばいいのです。この先では、いくつもの行列が同じ数を読むことになり、**何**だけを読みたい行列も、**どこ**だけを読みたい行列も出てくるでしょう。それにも、和で応えられます。文字はある列を、マスは別の列を使うように学べばいいのですから。行の幅さえ十分なら、和は学ぶうちに「横に並べる」にもなれる、というわけです。
#
# 一方、慎重なやり方だと、そのあとのすべての幅が2倍になります。16から16への行列には、8から8への行列の4倍の重みがあります。だから、足します。
#
# - [ ] 04.01 文字とマスを横に並べ、その中に和を見つけた

# %% [markdown]
# ## 両方とも読み戻せる？ · 7 分
#
# 疑問はこうです。足して12になる2つの数、と言われても、どの2つかはわかりません。**ベクトル**の和は、もう少し親切です。03章では、幅の広いランダムな行どうしが、ほぼ直角でした。そして、直角なものどうしは、互いに邪魔をしません。和とある行の内積は、**この中にきみはどれだけ入っている？** と尋ねているのです。
#
# 64文字全部を8つのマス全部に置いて、512個の和で試してみましょう。どの和についても、マスの表か文字の表の、すべての行との内積を取ります。いちばん大きかった行の勝ち。それから、それが正しい行だったかどうかを見ます。（`argmax`は、指定した次元の向きで、いちばん大きい数が**どこ**にあるかを答えます。）まず予想を。8つの中から正しいマスが見つかるのは、どのくらいでしょう？ 64文字の中から正しい文字が見つかるのは？

# %%
def read_back(sums: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
    """それぞれの和について、内積がいちばん大きい行の番号：(..., width), (n, width) -> (...)。"""
    scores = ____  # それぞれの和と、それぞれの行の内積：(..., n)
    return ____  # それぞれの和で、いちばん大きいのはどの行？


check("04.02")

# %%
def shares(characters, places):
    """すべての和のうち、正しいマス、正しい文字が読み戻せた割合。"""
    sums = characters[:, None] + places  # (文字, マス, 幅)
    right_places = read_back(sums, places) == torch.arange(len(places))
    right_characters = read_back(sums, characters) == torch.arange(len(characters))[:, None]
    return right_places.float().mean().item(), right_characters.float().mean().item()


print("小さい表：マスの正解は和の{:.0%}、文字の正解は{:.0%}".format(
    *shares(characters, positions)
))

# %%
widths = [4, 8, 16, 32, 64]
torch.manual_seed(1339)
trials = [shares(torch.randn(64, some_width), torch.randn(8, some_width)) for some_width in widths]
draw.lines(
    {"マス（8つから）": [100 * place for place, _ in trials], "文字（64種類から）": [100 * what for _, what in trials]},
    x=widths,
    title="和から、内積が正しい行を読み戻せる割合（乱数の表）",
    x_name="幅",
    y_name="%",
    alt="幅4、8、16、32、64に対する2本の上り調子の線。正しいマスが見つかるのは、和の46、76、96、99、100%。正しい文字"
    "は16、30、63、93、99.8%。",
)

# %% [markdown]
# 数が8つなら、疑うのももっともです。ここの表では、100の和のうち、マスが見つかるのは78、文字は28。数が64個、つまり本番のモデルの幅なら、どちらもほとんどいつも見つかります。和を読めるものにするのは、ゆとりです。数が多いほど、ランダムな行どうしは直角に近づき、互いの邪魔をしなくなります。
#
# 小さな例を見るときは、このことを覚えておいてください。1行に数が8つしかないのは、ページに収めるためです。文章を書かせるモデルなら、8つでは足りません。
#
# - [ ] 04.02 和から、マスと文字を読み戻した
# - [ ] 04.r1 「何」と「どこ」を足しても、手のつけられないごちゃ混ぜにはならない理由を説明できる

# %% [markdown]
# ## プラスの行き先 · 6 分
#
# ベクトルのバッチの形状は(batch, sequence, width)、位置のほうは(sequence, width)です。足すとき、PyTorchは2つの形状を**右から**そろえて、左に足りないものはくり返します。
#
# | | batch | sequence | width |
# | --- | ---: | ---: | ---: |
# | ベクトル | 16 | 8 | 8 |
# | 位置 | | 8 | 8 |
# | その和 | 16 | 8 | 8 |
#
# だから、どの窓も同じ位置をもらいます。ループも、コピーも要りません。これが**ブロードキャスト**です。形状さえ合っていれば、働いてくれます。**意味**が合っているかどうかは、聞いてくれません。
#
# ここに、8文字の窓が8つ、1文字につき数が8つあります。こんな形状では、何でも何とでも合ってしまい、エラーは助けてくれません。`[:, None]`をつけるとブロードキャストがうまくいく、とどこかで読んだ人が、形状(8, 1, 8)の`positions[:, None]`を足しました。形状を右からそろえてみてください。最初の8は、今度はどの次元と出会うでしょう？

# %%
torch.manual_seed(1339)
windows = torch.randint(vocab_size, (len(positions), ids.shape[1]))  # 8つの窓
batch = F.embedding(windows, torch.randn(vocab_size, width))  # そのベクトル
window, place = 2, 5
print(tuple(batch.shape), tuple(positions.shape), tuple(positions[:, None].shape))

# %%
summed = ____  # どの窓にも、各マスの行を足したもの
wrong = batch + positions[:, None]
row = ____  # `wrong[window, place]`がもらったのは`positions`のどの行？ 番号を、上のセルの名前で
check("04.03")

# %%
for name, total in (("summed", summed), ("wrong ", wrong)):
    rows_added = [read_back((total - batch)[number], positions).tolist() for number in (0, 1, 2)]
    print(name, "窓0、1、2がもらった行", rows_added)

# %% [markdown]
# `summed`では、どの窓も0番から7番の行をもらいました。`wrong`では、窓2のすべてのマスが2番の行をもらっています。これでは、窓に番号をつけたことになります。エラーは出ないし、形状は合っているし、文字は残っているので損失さえ下がります。それでも、同じ窓にある2つの`e`は、また同じものに戻ってしまうのです。
#
# いちばんよい予防策は、ただです。大きさを全部違う数にして試すこと。窓が3つなら、間違ったプラスはエラーで止まります。

# %%
try:
    batch[:3] + positions[:, None]
except RuntimeError as error:
    print("RuntimeError：", error)

# %% [markdown]
# - [ ] 04.03 バッチにマスを足し、間違ったプラスの行き先を答えた

# %% [markdown]
# ## まだ袋のまま？ · 4 分
#
# 03章は、袋の話から始まりました。`"Let's he"`と`"he Let's"`の合計は同じでした。いまは、どの行もマスの分を持っています。予想してください。今度こそ、2つの合計は違うでしょうか？

# %%
order = [*range(6, len(vectors)), 5, 0, 1, 2, 3, 4]  # 「he Let's」：h、e、次に空白、それから残り
other_vectors = vectors[order]
bag, other_bag = (vectors + positions).sum(dim=0), (other_vectors + positions).sum(dim=0)
print(repr(running.loader().decode(ids[0, order])))
print(bag)
print(other_bag)

# %% [markdown]
# 違いません。こういう合計は、整理し直せるからです。先に文字を全部、それからマスを全部足す。すると、どちらの順番でも、足すものは同じです。プラスはたしかに、文字とマスを1つの行に入れました。でも、行を合計したとたん、何もかもまたごちゃ混ぜになったのです。
#
# 足りないのは、行をまとめる**前に**、どの行にも一度目を通すことです。それも、非線形なものを通して。行列では、また和になるだけです。いちばん単純な曲げ方で十分です。ReLU、つまり、ゼロより上はそのまま、残りは0にします。

# %%
bent = ____  # 各行にマスを足し、ReLUで曲げて、それから全部合計する
other_bent = ____  # もう片方の順番でも同じことを
check("04.04")

# %%
print(bent)
print(other_bent)

# %% [markdown]
# 今度は、どの数も違います。大事なのは順番です。**「何」と「どこ」が1つの行で出会う。どの行も別々に曲げられる。それからやっと、行がまとめられる。** 06章のアテンションは、ReLUよりもっと注意深く見ます。それでも、行の中にマスがなければ、見ようにも順番がないのです。
#
# - [ ] 04.04 2つの順番を区別した

# %% [markdown]
# ## クラス · 4 分
#
# EmbeddingModuleは、前に書いた2つのクラスのオブジェクトを1つずつ持っていて、それぞれが返すものを足します。設定は`Config`で渡されます。

# %%
class EmbeddingModule(nn.Module):
    """どこに何があるか：各文字のベクトルと、そのマスのベクトルの和。"""

    def __init__(self, vocab_size: int, config: Config) -> None:
        """どちらの表も乱数で始まる。平均0、分散1の正規分布。"""
        super().__init__()
        self.token_embedding = ____  # 文字の表
        self.position_embedding = ____  # マスの表

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """2つのベクトルの和：int64の(batch, sequence) -> (batch, sequence, embedding_dim)。"""
        return ____  # 「何」足す「どこ」


check("04.05")

# %% [markdown]
# では「Let's he」を。表は02章、03章と同じものです。数を1つ、手で確かめてみましょう。`L`の行は0.96から、マス0の行は-1.31から始まっていました。

# %%
torch.manual_seed(1339)
embedding = EmbeddingModule(vocab_size, small)
embedding.token_embedding, embedding.position_embedding = running.part("02"), running.part("03")
x = embedding(running.ids())
draw.heat(
    x[0],
    rows="Let's he",
    title="「Let's he」：どこに何があるか",
    alt="8行8列の数。行の名前はL、e、t、アポストロフィ、s、空白、h、e。数は-3.36から3.21まで。2番目の行と最後の行は"
    "、どちらもeだが、もう同じではない。2番目は0.72, -1.85で始まり、最後は1.04, -2.18で始まる。",
)
print(tuple(running.ids().shape), "->", tuple(x.shape))
print("05章の出発点と同じ：", torch.equal(x, running.after("04")))

# %% [markdown]
# 0.96 - 1.31 = -0.35で、合っています。そして2つの`e`は、もう同じではありません。それでも親戚です。下には同じ行、その上に別々の2つのマスが重なっています。
#
# このテンソル(batch, sequence, width)が、モデルの**ストリーム**です。この先、これが何かに置き換えられることはありません。これから作るブロックは、どれもこれを読んで、何かを足していきます。
#
# - [ ] 04.05 EmbeddingModuleクラスを書いた

# %% [markdown]
# ## ペアごとに1行？ · 6 分
#
# マップの行です。どの形状にも、もう会ったことがあるので、埋めてあります。
#
# その代わりに、問題を1つ。実は、初めから第3の道がありました。それなら、何も混ざりようがありません。表を1つだけ作り、**ペア**ごとに1行にするのです。マス0の`e`に1行、マス1の`e`に1行、というふうに、窓のすべてのマスのすべての文字に1行ずつ。こうすれば、足さなくて済みます。本番のモデル（設定は`config`）では、これにいくらかかるでしょう？
#
# 値段は2つあります。1つは、表の大きさ。もう1つは、見落としやすいものです。行が学ぶのは読まれたときだけで、バッチの文字は、文字の表だろうとペアの表だろうと、1文字につき1行を読みます。訓練では、表のどの行もだいたい同じ回数読まれるとしましょう。文字の表の行は、ペアの表の行の何倍読まれるでしょう？ 計算する前に予想を。2倍？ 30倍？ 2,000倍？

# %%
shapes = {
    "ids": (config.batch_size, config.input_sequence_length),
    "token vectors": (config.batch_size, config.input_sequence_length, config.embedding_dim),
    "position vectors": (config.input_sequence_length, config.embedding_dim),
    "embedding": (config.batch_size, config.input_sequence_length, config.embedding_dim),
}
in_both = ____  # 表2つで、数は合わせていくつ？
in_pairs = ____  # ペアの表なら、数はいくつ？
times_as_often = ____  # 文字の行は、ペアの行の何倍読まれる？
check("04.06")

# %%
for name, shape in shapes.items():
    print(f"{name:>18}  {shape}")
print(f"表2つ：{in_both:,}個の数、ペアの表：{in_pairs:,}個、{in_pairs / in_both:.0f}倍")
print(f"文字の表の行は、ペアの表の行の{times_as_often}倍読まれる")

# %% [markdown]
# 6,144個で済むところが、131,072個です。しかも、どの数も、学ぶ機会が減ります。マス3の`e`が教えてくれたことは、マス4の`e`には何の役にも立たないからです。プラスなら、テキスト中のどの`e`も同じ行に教えます。和のよいところはここです。**分かち合う**のです。
#
# その代わり、あきらめたものもあります。和では、「マス3にいる」ことの意味が、どの文字でも同じです。もし、マス3の`e`だけに特別な意味があるのなら、あとの層に考えてもらえばいいのです。「何」と「どこ」は、1つの行にそろっているのですから。
#
# - [ ] 04.06 ペアの表の値段を求めた

# %% [markdown]
# ## チャレンジ：もっとよい読み手
#
# やってもやらなくても構いません。あの28%がまだ気になる人のためのものです。残りの文字は、和の中で失われたのでしょうか？ それとも、内積が下手な読み手なのでしょうか？ 訓練した層なら、両方の表を丸暗記することもできます。すると、ありえる和はペア1つにつき1つ、512個しかないとわかるはずです。そこで、読み手にその中からいちばん近いものを探させ、そのペアの文字とマスを答えさせます。
#
# 疑い深い人にも公平なように、先にすべての数に雑音を足しておきます。モデルのほかの部分も、同じ数に書き込むことになるからです。予想してください。`read_both`は、文字を28%より多く見つけるでしょうか？
#
# （`torch.cdist(a, b)`は、`a`の各行から`b`の各行までの距離を返します。`flatten(0, 1)`は、表に並んだ行を、1列に並べ直します。そして、17 // 8は2、17 % 8は1。1行に8つずつ並べると、17番は、2番の行の1番の列にあります。）

# %%
torch.manual_seed(1340)
which, where = torch.arange(len(characters)), torch.arange(len(positions))  # 各文字の番号、各マスの番号
noisy = (characters[:, None] + positions).flatten(0, 1)
noisy = noisy + 0.4 * torch.randn(noisy.shape)  # (512, 8)：文字0をすべてのマスで、次に文字1、というふうに

# %%
def read_both(sums, characters, places):
    """`sums`、(n, width)のそれぞれについて、和がいちばん近い文字とマスの番号：(n,), (n,)。"""
    pairs = ____  # ありえる和の全部。行を1列に並べて
    nearest = ____  # `sums`のそれぞれに、いちばん近いペアはどれ？
    return ____  # その文字の番号と、マスの番号


found_which, found_where = read_both(noisy, characters, positions)
right_which = found_which.unflatten(0, (len(which), len(where))) == which[:, None]
right_where = found_where.unflatten(0, (len(which), len(where))) == where
print(f"文字の正解{right_which.float().mean():.0%}、マスの正解{right_where.float().mean():.0%}")
check("04.07")

# %% [markdown]
# 同じ8つの数から、雑音つきでも、100文字のうち96文字。ずっとそこにあったのです。内積は、せっかちな読み手でした。ただし、雑音を0.4から1に上げると、この読み手でも、100文字のうち40文字ほどに落ちます。
#
# - [ ] 04.07 チャレンジ：雑音の中から、両方とも読み戻した

# %% [markdown]
# ## これで自分のもの
#
# - **横に並べてから行列を掛ける**のは、変装した和。だから、初めから**足して**、幅を狭いままにしておく
# - 数が十分あれば、内積が和を読み戻せる。幅8なら文字の28%、幅64ならほとんど全部
# - **ブロードキャスト**は、形状を右からそろえる。意味は聞かない
# - 行をまとめる前に、どの行も何かで曲げておかなければ、また順番が失われる
# - 和は**分かち合う**。どこにいようと、どの`e`も1つの行に教える
# - `EmbeddingModule(vocab_size, config)`：(batch, sequence)が入って、(batch, sequence, width)が出てくる
#
# ストリームが流れ始めました。ただ、困った癖があります。放っておくと、数がどんどん大きくなって、何も学べなくなってしまうのです。**05 LayerNorm**で、お行儀を教えましょう。
