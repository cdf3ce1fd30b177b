# %% [markdown]
# # 06 AttentionHead
# <!-- Made from checkpoints/ch06_attention_head.py by scripts/build.py. From your first edit on it is yours. -->
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/OWNER/REPO/blob/main/workshop/ja/ch06_attention_head.ipynb)
# [![Open in GitHub Codespaces](https://github.com/codespaces/badge.svg)](https://codespaces.new/OWNER/REPO?quickstart=1)
#
# どの文字も過去をふり返り、どれが大事かを自分で見きわめて、そこから必要なものをもらってくる。そんな部品を作ります。
#
# 12節、195分。2、3晩かけてください。どの節の終わりでも、気持ちよく切り上げられます。必要なのは02章から05章までと、行列積、平均と分散です。
#
# ここがこの講座の心臓部です。これまでのモデルは、文字をひとつひとつ別々に見てきました。ここでようやく、文字どうしが顔を合わせます。

# %%
# @title 最初に実行：この講座がここになければ（ColabやKaggleなど）、取ってきます
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

torch.set_printoptions(precision=3, linewidth=100, sci_mode=False)  # 1行に数8つ
torch.set_num_threads(1)  # これほど小さいテンソルでは、2つ目のコアは邪魔になるだけ

# %% [markdown]
# ## なぜ文脈が要るのか · 14 分
#
# `"Let's he"`は、数が8つずつ並んだ8つの行になりました。最後の行が知っているのは、自分が`e`で、マス7にいるということだけ。その行に、次に何が来るかを言わせたいのです。
#
# 予想してみましょう。`e`の次にいちばんよく来る文字は何でしょう？ その前に`h`があると知っていたら？ さらにその前が空白だとわかったら？

# %%
text = corpus.shakespeare()
for known in ("e", "he", " he", "'s he"):
    follows = Counter(re.findall(f"(?<={re.escape(known)}).", text, re.DOTALL))
    best = [f"{letter!r} {count / follows.total():.0%}" for letter, count in follows.most_common(3)]
    print(f"{known!r:<8} {follows.total():>6,}回。次は {', '.join(best)}")

# %% [markdown]
# 同じ`e`が4回。なのに、言うべきことは毎回違います。空白、もっと自信のある空白、`r`、`a`。`e`が何を意味するかは、**連れ**しだいなのです。
#
# それなら、ずっと数えていけばいいのでは？ やってみました。訓練用テキストに出てくる*k*文字の並びすべてについて、次にいちばん多く来る文字を控えておき、検証用テキストでの試験では、それを答えにしました。
#
# | 知っている文字数 | 正答率 | 訓練で一度も見ていない並び |
# | ---: | ---: | ---: |
# | 1 | 27.0% | 0.0% |
# | 2 | 38.1% | 0.1% |
# | 3 | 46.9% | 1.0% |
# | 4 | 51.7% | 3.6% |
# | 6 | 44.9% | 19.9% |
# | 8 | 28.7% | 48.9% |

# %% [markdown]
# 連れが増えると助かり、増えすぎると身を滅ぼします。表には、並びごとに行が1つ要ります。8文字の並びは64⁸通り、およそ281兆。しかも試験に出てくる並びの半分近くは初顔合わせです。表にとって、`Let's he`と`let's he`は赤の他人なのです。
#
# 数の並んだ行なら、もっと融通がききます。似た行は似たように扱えますし、行どうしは**混ぜられます**。そこで作戦です。マスごとに、連れの行を混ぜて1つにする。あとは、どんな配合で混ぜるか。問題はそれだけです。
#
# 単語3つで試しましょう。どれにも、数を2つずつ手でつけてあります。その単語がどれだけ「人」らしいかと、どれだけ「気持ち」らしいかです。

# %%
names = ["I", "love", "you"]
words = torch.tensor([[1.0, 0.5],
                      [0.5, 1.5],
                      [1.5, 1.0]])

# %% [markdown]
# まず思いつくのは平均です。`I love you`で、紙の上で計算してみてください。それから、単語ごとに、そこまでに読んだ分の平均を取ります。`I`、次に`I love`、というふうに。

# %%
average = ____  # 3つの行の平均を、1つの行で
so_far = torch.stack([
    ____  # このマスまで（このマスも含む）の行の平均
    for place in range(len(words))
])
check("06.01")

# %%
print("平均：", average)
print(so_far)

# %% [markdown]
# (1, 1)。きれいに出るように数を選んでおきました。では`you love I`の平均は？ 同じです。足し算は順番を気にしませんから。本物の行は03章のおかげで位置も持ち歩いているので、そちらの心配はもう済んでいます。
#
# まだ済んでいないのは、こちらです。`I do not love you`を考えてみてください。平均では、`not`の発言力は5分の1。`do`も5分の1です。**平均では、どの単語も同じ重さなのです。**

# %% [markdown]
# 平均は、3分の1ずつという混ぜ方にすぎません。**`I`を0.2、`love`を0.7、`you`を0.1**と言ったっていいのです。合わせて1になる**割合**です。
#
# それぞれの行に割合を掛けて、足し合わせる。掛けて足す演算なら、もう知っていますね。まず紙の上で、0.2 × 1.0 + 0.7 × 0.5 + 0.1 × 1.5。それから2列目です。

# %%
shares = torch.tensor([0.2, 0.7, 0.1])
recipe = torch.tensor([[1.0, 0.0, 0.0],
                       [0.5, 0.5, 0.0],
                       [0.2, 0.7, 0.1]])

# %%
mixed = ____  # 「I」を0.2、「love」を0.7、「you」を0.1。1つの行で
all_mixed = ____  # `recipe`の行ごとに、混ぜたものを1つ
check("06.02")

# %%
print("混ぜたもの：", mixed)
print(all_mixed)

# %% [markdown]
# 積1つで、全部のマスの分がいっぺんに混ざります。**割合の表 × 行**です。レシピの0番の行は`I`だけを取り、1番の行は2つの平均、2番の行はさっきの配合です。
#
# このあとの話は全部、この一文にかかっています。**アテンションとは、割合の表との行列積である。** 残るは、いい割合を見つけることだけ。単語3つなら手で決められます。窓が百万もあったら、行たちに自分で見つけてもらうしかありません。
#
# - [ ] 06.01 そこまでに読んだ分の平均を取った
# - [ ] 06.02 平均のかわりに、割合で混ぜた
# - [ ] 06.r1 連れの平均だけでは、単語が何を受け取れないのかを説明できる

# %% [markdown]
# ## 関係の深さで混ぜる · 16 分
#
# `I`は誰の話を聞けばいいでしょう？ 手始めに、共通点のある相手の話を。欲しいのは、2つの行の相性がよければ大きく、悪ければ小さくなる数です。
#
# こんなのはどうでしょう？ 数どうしを掛けて、足し合わせる。どちらの単語もいかにも「人」なら1つ目の積が大きくなり、どちらもいかにも「気持ち」なら2つ目が大きくなる。おなじみの**内積**です。
#
# まずは紙の上で。`I`は(1.0, 0.5)、`love`は(0.5, 1.5)、`you`は(1.5, 1.0)です。

# %%
i, love, you = words

# %%
i_with_love = ____  # 2つの行の内積
scores_of_i = ____  # 3つとも一度に。「I」と「I」、「love」、「you」
check("06.03")

# %%
print("Iとlove：", i_with_love)
print("Iと全員： ", scores_of_i)

# %% [markdown]
# `I`が見つけた共通点は、自分に1.25、`love`に1.25、`you`に2.0。お熱いことです。こういう数を**スコア**と呼びます。
#
# いま尋ねたのは1語でした。3語とも尋ねるなら、積は3回でしょうか、それとも1回？ 行列積は内積の表です。左の行それぞれと、右の**列**それぞれの内積が並びます。欲しいのは行と行なので、右のほうを先に転置します。
#
# 予想してください。`love`のお気に入りは誰でしょう？

# %%
scores = ____  # 行：尋ねる側、列：尋ねられる側
favourites = ____  # 行ごとに、スコアが最大のマス。1つのテンソルで
check("06.04")

# %%
draw.heat(
    scores,
    rows=names,
    columns=names,
    title="単語どうしの相性（内積）",
    alt="行が3つ（尋ねる側）、列が3つ（尋ねられる側）。I: 1.25, 1.25, 2.00。love: 1.25, 2.50, 2.25。you: 2.00, "
    "2.25, 3.25。対角線で折り返しても、表は変わらない。",
    x_name="尋ねられる側",
    y_name="尋ねる側",
)
print("お気に入り：", [names[place] for place in favourites])

# %% [markdown]
# `love`がいちばん好きなのは自分。そして表は、対角線を鏡にして、ぴったり映り合っています。どちらも、もうすぐ困りものになります。
#
# でも、出だしとしては上々です。スコアの表ができました。欲しいのは割合の表です。`love`のスコアは合わせて6。割合なら、合わせて1でないといけません。
#
# - [ ] 06.03 内積でスコアを計算した
# - [ ] 06.04 行列積1つで全部のスコアを計算した
# - [ ] 06.r2 表を読める。誰が尋ね、誰が尋ねられているか

# %% [markdown]
# ## softmax · 20 分
#
# では、合計で割りましょうか？ それでうまくいくのは、4つ目の単語が来るまでです。*hate*、(0.5, -1.5)。少しだけ人らしく、気持ちは正反対。`love`が4語全員に尋ねます。

# %%
four = ["I", "love", "you", "hate"]
love_scores = torch.tensor([1.25, 2.5, 2.25, -2.0])
print("合計：", love_scores.sum(), " 合計で割ると：", love_scores / love_scores.sum())

# %% [markdown]
# `hate`がマイナス半人前、その埋め合わせに、残りが合わせて一人前半。スコア4つの合計がもし0だったら、割ることすらできませんでした。スコアはどんな数でも構いません。割合はそうはいきません。
#
# だから、まず全部の数を**正**にするものが要ります。しかも、大きいものは大きいまま。グラフが決して0に触れず、ずっと上り続ける関数に、心当たりはありませんか？

# %%
powers = ____  # eの（スコア）乗
love_shares = ____  # 合計に占める、それぞれの割合
check("06.05")

# %%
for word, score, power, share in zip(four, love_scores.tolist(), powers.tolist(), love_shares.tolist(), strict=True):
    print(f"{word:>5} {score:>6.2f} -> {power:>6.2f} -> {share:.3f}")
print("割合の合計は", round(love_shares.sum().item(), 4))

# %% [markdown]
# 全員に割合が行きわたり、順番もそのまま。`hate`は追い出されたわけではなく、後ろの席に案内されただけです。expを取って、それぞれを合計で割る。これが**softmax**です。決め手はスコアの**差**です。スコアが1点高ければ、割合はいつでも2.72倍です。
#
# PyTorchでは`F.softmax(scores, dim=...)`です。とはいえ、つまずく場所がまだ2つあります。

# %% [markdown]
# 1つ目は、スコアが大きいとき。1000、999、998。この3つは1点ずつ離れています。実行する前に、何が出るか予想してください。

# %%
large = torch.tensor([1000.0, 999.0, 998.0])
print(torch.exp(large), torch.exp(large) / torch.exp(large).sum())

# %% [markdown]
# float32は3.4 × 10³⁸あたりで終わりですが、e¹⁰⁰⁰は435桁あります。無限大割る無限大は`nan`、「数ではない」という値です。1つでも出れば、水に落としたインクのようにモデル全体へ広がります。
#
# 逃げ道はあります。大事なのは差だけでした。全部のスコアから同じ数を引けば、べき乗はみな同じ数で割られることになり、割合にすると約分されて消えます。では、どの数を引きましょうか？

# %%
shifted = ____  # 最大が0になるようにずらしたスコア
safe = ____  # その割合
check("06.06")

# %%
print(shifted, "->", safe)

# %% [markdown]
# 0.665、0.245、0.090。1点ずつ離れた3つのスコアなら、割合はいつもこうです。`F.softmax`も最大を引いてくれるので、渡すスコアはどんなに大きくても構いません。
#
# 2つ目は、実際によく起こり、しかもエラーが出ません。スコアの表には次元が2つあります。合わせて1になるのは、どちらに沿った割合でしょう？
#
# 1番の行は、`love`がみんなに尋ねている行です。配れる注意は一人前。だから**行ごとの合計が1**で、列がいくつになるかは知ったことではありません。`dim=-1`は最後の次元、つまり行に沿った方向です。`keepdim=True`は合計を(3, 1)の列のまま残すので、どの行も自分の合計で割られます。

# %%
row_powers = torch.exp(scores - scores.max(dim=-1, keepdim=True).values)
word_shares = ____  # 行ごとの割合
gathered = ____  # 単語ごとに、その割合で単語を混ぜたもの
check("06.07")

# %%
print(word_shares)
print("行の合計は", word_shares.sum(dim=1), "列の合計は", word_shares.sum(dim=0))
print(gathered)

# %% [markdown]
# スコア、割合、混ぜる。これがいちばん素朴なアテンションです。自分でも思いつけそうなものでしたね。PyTorchなら1行、`F.softmax(words @ words.T, dim=-1) @ words`です。
#
# ここからは、この割合をみんなが使う名前で呼びます。**アテンションの重み**です。
#
# - [ ] 06.05 スコアを割合にした。expを取って、合計で割った
# - [ ] 06.06 大きなスコアがあふれないようにした
# - [ ] 06.07 正しい次元に沿って割合を取り、混ぜた
# - [ ] 06.r3 重みは行ごとの合計が1なのに、列はそうでなくていい理由を説明できる

# %% [markdown]
# ## クエリ、キー、バリュー · 22 分
#
# さて、困りものの話です。`love`がつけた点は、自分に2.5、`you`に2.25、`I`に1.25でした。行はたいてい、自分自身との共通点がいちばん多いのです。でも`love`は、自分がloveだなんてもう知っています。**足りない**のは、誰が誰を愛しているのかです。
#
# それに、`love`と`you`の数は、`you`と`love`の数と同じです。内積なのでどうしようもありません。でも、こちらが相手に求めるものと、相手がこちらに求めるものは、別の話のはずです。リチャード三世に口説かれたことのある人なら、誰でもそう言うでしょう。
#
# まずいのは、1つの行に**何を探しているか**と**自分は何者か**の両方を言わせていることです。それなら、別々に言ってもらいましょう。

# %% [markdown]
# どの単語にも、何を探しているかを言う**クエリ**と、何を手がかりに見つけてもらうかを言う**キー**を持たせます。スコアは、**こちらのクエリと相手のキー**の内積です。どちらも、単語の行に行列を掛けて作ります。

# %%
to_query = torch.tensor([[0.0, 1.0],
                         [2.0, 0.0]])
to_key = torch.tensor([[1.0, 0.0],
                       [-1.0, 1.0]])

# %% [markdown]
# これは指示書として読めます。クエリは(2 × 気持ち, 1 × 人)。気持ちは人を探し、人は気持ちを探しています。キーは(人 - 気持ち, 気持ち)。「気持ちというより人です」と「気持ちです」という意味です。
#
# 紙の上でどうぞ。`love`、つまり(0.5, 1.5)が出すクエリと、`I`、つまり(1.0, 0.5)のキー、それから`love`自身のキーです。

# %%
query_of_love = ____  # loveが探しているもの
key_of_i = ____  # 「I」を見つけてもらう手がかり
key_of_love = love @ to_key
love_asks_i = ____  # loveが「I」につけるスコア
love_asks_love = query_of_love @ key_of_love
check("06.08")

# %%
print("loveのクエリ：", query_of_love, " Iのキー：", key_of_i, " loveのキー：", key_of_love)
print(f"loveからIへ：{love_asks_i:.2f}   loveからloveへ：{love_asks_love:.2f}")

# %% [markdown]
# `I`には1.75、自分には-2.25。`love`は自分から目をそらすようになりました。
#
# 単語が**何を手がかりに見つかるか**と、**何を渡すか**は、同じでなくて構いません。本は題名で探しますが、題名を3週間かけて読む人はいませんよね。そこで、どの単語にも**バリュー**を持たせます。話を聞きに来た相手に渡す数です。ここのバリューは3つの数にしました。長さはいくつでもいい、とわかるようにです。
#
# | | 何か | 作り方 | 使いみち |
# | --- | --- | --- | --- |
# | クエリ | 探しているもの | `words @ to_query` | スコア |
# | キー | 見つけてもらう手がかり | `words @ to_key` | スコア |
# | バリュー | 渡すもの | `words @ to_value` | 混ぜたもの |

# %%
to_value = torch.tensor([[1.0, 0.0, 0.5],
                         [0.0, 2.0, 0.5]])
word_queries = words @ to_query
word_values = words @ to_value
print(word_queries)
print(word_values)

# %%
word_keys = ____  # 3語全部のキー、1行に1つ
asked = ____  # 全部のスコア。行：尋ねる側、列：尋ねられる側
answer = ____  # 各行の重みで混ぜたバリュー
check("06.09")

# %%
draw.heat(
    F.softmax(asked, dim=-1),
    rows=names,
    columns=names,
    title="アテンションの重み（クエリとキー）",
    alt="行が3つ（尋ねる側）、列が3つ（尋ねられる側）。I: 0.31, 0.19, 0.51。love: 0.43, 0.01, 0.56。you: 0.30, "
    "0.07, 0.63。対角線で折り返すと、表はもう重ならない。loveはyouに0.56を配り、youが返すのは0.07。",
    x_name="尋ねられる側",
    y_name="尋ねる側",
)
print(answer)

# %% [markdown]
# `love`は`you`と`I`の話を聞き、自分の話はほとんど聞きません。`you`にたくさん求めて、返ってくるのはわずか。鏡は割れました。喜劇の名作は、たいていここから始まります。
#
# ここまでは全部、手でこしらえたものです。モデルの中では、**誰もこしらえません**。3つの行列は乱数で始まり、あとは損失が押したり引いたりします。`Let's he`の最後の`e`は、近くの子音を探すようになるかもしれません。`h`は「マス6の子音です」と見つけてもらい、`h`について知っておくといいことを渡すかもしれません。あるいは、誰も名前をつけたことのない何かを探しはじめるかもしれません。それは、あちらの都合です。

# %% [markdown]
# 学ぶ行列のことを、PyTorchでは`nn.Linear(in, out)`といいます。細かい点が2つ。ふつうはバイアスが足されますが、今回はなしにします。それから、行列は逆向きに、(out, in)の形で持っています。
#
# 数8つから4つへの層では、`weight`の形状はどうなるでしょう？ 予想してから、`layer(rows)`がすることを行列積で書いてみてください。

# %%
torch.manual_seed(1341)
rows = torch.randn(5, 8)
layer = ____  # 数8つから4つへ、バイアスなし
by_product = ____  # layer(rows)と同じものを、その重みとの積で
check("06.10")

# %%
print("重み：", tuple(layer.weight.shape), " 行：", tuple(rows.shape), "->", tuple(by_product.shape))
print("layer(rows)と同じ：", torch.allclose(by_product, layer(rows)))

# %% [markdown]
# なぜバイアスが要らないのでしょう？ どのキーにも行*b*を足したとします。すると、あるクエリのスコアは全部が同じ数、*query · b*だけ増えます。それがsoftmaxにどう響くかは、演習06.06で見ました。まったく響かないのです。クエリのほうのバイアスなら消えはしませんが、なくても困りません。（GPT-2には両方あり、最近のモデルの多くにはどちらもありません。）
#
# - [ ] 06.08 「love」にクエリとキーで尋ねさせた
# - [ ] 06.09 全部の単語にクエリ、キー、バリューを使った
# - [ ] 06.10 行列をnn.Linearで作った
# - [ ] 06.r4 3つの見方がそれぞれ何のためかを説明できる。探すため、見つけてもらうため、渡すため

# %% [markdown]
# ## スケーリング · 24 分
#
# さっきのクエリとキーは、数が2つでした。本番の設定では16、GPT-2では64です。足す数が増えるほかに、何か変わるでしょうか？
#
# 乱数のクエリとキーを用意します。どの数も平均0、分散1です。内積は平均すると0で、それより上もあれば下もあります。どのくらいばらつくでしょう？ 数4つのベクトルのときと256のときの分散を、予想してください。どのクエリも、出会うのは自分のキーだけ。5,000組で、5,000個の数です。

# %%
sizes = (4, 16, 64, 256)


def dot_products(d: int) -> torch.Tensor:
    """d個の数からなる乱数ベクトル5,000組の内積：(5000,)。"""
    torch.manual_seed(1341)
    some_queries, some_keys = torch.randn(5_000, d), torch.randn(5_000, d)
    return ____  # 組ごとに内積を1つ。行と行


variances = [____ for d in sizes]  # `.var()`で求めた、その分散
check("06.11")

# %%
for d, variance in zip(sizes, variances, strict=True):
    print(f"d = {d:>3}: 分散 {variance:6.1f}")
draw.lines(
    {"内積の分散": variances, "d": sizes},
    x=sizes,
    title="ベクトルが長いほど、内積はばらつく",
    alt="横軸dが4から256までの、2本の線。測った分散とd自身が重なっている。どちらも4あたりから256あたりまで、まっすぐ"
    "上る。",
    x_name="d（ベクトルの数の個数）",
    y_name="分散",
)

# %% [markdown]
# 分散はdそのものです。5,000回分の運の良し悪しで、多少ずれるだけ。理由はこうです。こういう数2つの積は、平均0、分散1。内積はそれをd個足したもの。そして、独立なものの分散は足し算になります。
#
# つまり数が256個なら、よくあるスコアは1ではなく、16や-16です。それはまずいことでしょうか？ ここに、落ちついたスコアが8つあります。まずその割合を、次に同じスコアを2倍、4倍、16倍にした割合を出してください。最大の割合はどこまで大きくなるでしょう？ 予想してから、どうぞ。

# %%
calm = torch.tensor([0.9, 0.1, -0.4, 1.2, -1.1, 0.5, -0.2, -1.0])
factors = (1, 2, 4, 16)

# %%
sharper = torch.stack([
    ____  # factor倍したスコアの割合
    for factor in factors
])
peaks = ____  # 各行の最大の割合
check("06.12")

# %%
draw.heat(
    sharper,
    rows=[f"x {factor}" for factor in factors],
    columns=[f"{score:.1f}" for score in calm],
    title="同じ8つのスコアを、どんどん大きくしてsoftmaxに",
    alt="スコア0.9, 0.1, -0.4, 1.2, -1.1, 0.5, -0.2, -1.0の割合が4行。1倍では散らばっている。0.9に0.23、1.2に0.31で"
    "、どこも0.03以上ある。2倍では最大が0.49、4倍では0.72。16倍では0.99で、2番目が0.01、ほかは全部0.00。",
)

# %% [markdown]
# 16倍では、softmaxは0.99を1つのマスに置きます。混ぜるのではなく、選んでしまっています。
#
# しかも、こういう行はほとんど**学べません**。最高のスコアをちょっとつつくと、その割合はどれだけ動くでしょう？ 傾きは「割合 × (1 - 割合)」で、PyTorchの勾配も同じ意見です。

# %%
for factor in factors:
    nudged = (factor * calm).requires_grad_()
    best = F.softmax(nudged, dim=-1).max()
    (slope,) = torch.autograd.grad(best, nudged)
    print(f"x {factor:>2}: 割合 {best.item():.4f}  傾き {slope.max().item():.4f}  割合 x (1 - 割合)", end=" ")
    print(f"{(best * (1 - best)).item():.4f}")

# %% [markdown]
# | 最大の割合 | 傾き |
# | ---: | ---: |
# | 0.31 | 0.21 |
# | 0.99 | 0.008 |
# | 0.9999 | 0.0001 |
#
# 0.99のところの傾きは、0.31のところの26分の1です。訓練は傾きを頼りに進みます。何も学ばないうちに心を決めてしまったヘッドには、「違うよ」という声がほとんど届きません。だから、自信を持っていい理由ができるまで、スコアは1くらいに抑えておきます。
#
# 数を*c*で割ると、分散は*c²*で割られます。分散は*d*。1にするには、何で割ればいいでしょう？

# %%
d = 64

# %%
scaled = ____  # `dot_products(d)`を、分散が1になるもので割る


def scaled_scores(queries: torch.Tensor, keys: torch.Tensor) -> torch.Tensor:
    """全部のクエリと全部のキーのスコア、分散は約1：(places, d)と(places, d) -> (places, places)。"""
    d = ____  # クエリの数は何個？
    return ____  # 全部のスコアを、スケーリングして


check("06.13")

# %%
for size in sizes:
    raw = dot_products(size)
    print(f"d = {size:>3}: 分散 {raw.var():6.1f}   √dで割ると {(raw / size**0.5).var():.2f}", end="   ")
    print(f"dで割ると {(raw / size).var():.4f}")

# %% [markdown]
# 平方根で割ると、dがいくつでも分散は1のままです。dそのもので割ると、分散は0に向かって縮み、ただの平均に逆戻りします。
#
# 有名な√dの正体は、これだけです。スコア = *queries @ keys.T / √d*。softmaxとバリューまで合わせて、**スケール化内積アテンション**（scaled dot-product attention）といいます。どのdかに注意してください。クエリの長さです。足し合わせる積の個数が、それだからです。マスの個数でも、モデルの幅でもありません。
#
# - [ ] 06.11 内積がどれだけばらつくかを測った
# - [ ] 06.12 大きなスコアをsoftmaxがどうするかを見た
# - [ ] 06.13 スコアをスケーリングした
# - [ ] 06.r5 dの平方根がないと何がまずいかを説明できる

# %% [markdown]
# ## 因果マスク · 24 分
#
# ここに、さいころの目を当てるヘッドがあります。8回分の目を見せて、8つのマスそれぞれで、次に出る目を答えさせます。どんなにがんばっても、当たるのは6回に1回のはずです。
#
# 下の関数は、いま作ったような小さいヘッドを100ステップ訓練して、新しい目でのマスごとの正答率を返します。読まなくて構いません。結果だけ予想してください。

# %%
def train_on_dice(wall: torch.Tensor) -> torch.Tensor:
    """訓練後の、8つのマスそれぞれの正答率。`wall` (8, 8)はスコアに足される。"""
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
    title="さいころ当て：マスごとの正答率",
    alt="棒が8本。マス0から6では正答率が1.00、マス7では約0.16。",
    x_name="マス",
)

# %% [markdown]
# 7つのマスで、間違いゼロ。勝ち誇れるのは10秒だけで、すぐに疑いが頭をもたげます。
#
# マス3のヘッドが聞かれているのは、マス4の目です。そのマス4は窓の中、すぐ右にあります。ヘッドは答えを読み上げているだけなのです。右に何もないのは最後の棒、マス7だけで、そこでは6回に1回に逆戻りです。
#
# **覚えたのは、模範解答を丸写しすることでした**。ほかには何の役にも立ちません。文章を書くモデルは、いつも最後のマスにいるからです。

# %% [markdown]
# だから、誰も右を見てはいけません。どのマスも、見ていいのは自分と、それより前だけです。4マス分の表に描いてみましょう。行は尋ねる側、列は尋ねられる側、1は「見てよし」、0は「見てはだめ」。1はどんな形に並ぶでしょう？
#
# `torch.tril`は行列の左下の三角を、対角線も含めて残し、ほかを0にします。

# %%
n = 4

# %%
allowed = ____  # 行が列を見ていいところは1、だめなら0
seen = ____  # 各マスはいくつのマスを見ていい？ `allowed`で数える
check("06.14")

# %%
print("見ていい数：", seen)
draw.heat(
    torch.tril(torch.ones(8, 8)),
    rows=running.SENTENCE,
    columns=running.SENTENCE,
    title="「Let's he」の因果マスク：誰が誰を見ていいか",
    alt="行が8つ（尋ねる側）、列が8つ（尋ねられる側）。どちらもL、e、t、アポストロフィ、s、空白、h、e。対角線とその"
    "下のマス目は1、上は0で、階段になっている。1は最初の行に1つだけ、最後の行に8つ。",
    x_name="尋ねられる側",
    y_name="尋ねる側",
)

# %% [markdown]
# 階段です。これを**因果マスク**といいます。原因は結果より先に来ますからね。
#
# さて、これをスコアに効かせます。softmaxのあと、禁じられたマスの重みは、ぴったり0でないといけません。eを何乗したら0になるでしょう？ 0ではだめ、e⁰は1です。-5でもだめで、0.007が残ります。ちょうどいいのが1つだけあって、コンピュータはそれを持っています。マイナス無限大、`float("-inf")`です。
#
# `x.masked_fill(condition, number)`は、条件が真のところに、その数を書き込みます。

# %%
raw_scores = torch.tensor([[0.5, 1.5, -0.5, 3.0],
                           [1.0, 0.2, 2.5, -1.0],
                           [-0.7, 0.8, 1.4, 0.6],
                           [0.3, -1.2, 0.9, 0.4]])

# %%
masked = ____  # 見てはいけないところはマイナス無限大
attention = ____  # 行ごとの重み
check("06.15")

# %%
print(masked)
print(attention)

# %% [markdown]
# 最初の行を見てください。1、0、0、0。最後のマスへの3.0は消えました。最初のマスから見えるのは自分だけなので、全部を自分に配ります。**スコアがいくつであっても**です。この種のモデルなら、どのヘッドでもそうなります。
#
# どの行も、まだ合わせて1です。もっと簡単に、先にsoftmaxをして、あとから右上にゼロを入れてもよかったのでは？ 同じことに聞こえます。試してみましょう。

# %%
late = ____  # 先にsoftmax、それから見てはいけないところをゼロに
late_sums = ____  # 各行の合計はいくつ？
check("06.16")

# %%
print("行の合計は", late_sums)
other_future = raw_scores.clone()
other_future[0, 3] = -3.0  # 最初のマスから、見てはいけない最後のマスへのスコア
print("最初の行、変更前：", late[0], " 変更後：", (F.softmax(other_future, dim=-1) * allowed)[0])

# %% [markdown]
# 最初の行の合計は0.06。残りは、よそのマスへ行ったあとで取り上げられました。もっとまずいことがあります。最初のマスが見てはいけないスコアを変えると、自分への重みまで変わるのです。0.06から0.24へ。**どれだけ減ったかを見れば、未来がばれてしまう**わけです。そして訓練は、こういう漏れをひとつ残らず見つけます。
#
# だから、マスクはsoftmaxの前に、マイナス無限大で。では、壁をはさんで、さいころをもう一度。

# %%
wall = torch.zeros(8, 8).masked_fill(torch.tril(torch.ones(8, 8)) == 0, float("-inf"))
dice_masked = train_on_dice(wall)
print("壁がないと：", dice)
print("壁があると： ", dice_masked)

# %% [markdown]
# どのマスも、だいたい6回に1回。何も知らないモデルを見て喜べるのは、今回くらいでしょう。知るべきことが、そもそもないのですから。
#
# - [ ] 06.14 誰が誰を見ていいかを書いた
# - [ ] 06.15 softmaxの前にマスクをかけた
# - [ ] 06.16 softmaxのあとにかけて、何が漏れるかを見た
# - [ ] 06.r6 重みの最初の行がいつも1, 0, 0, ...になる理由を説明できる

# %% [markdown]
# ## 重みにドロップアウト · 13 分
#
# 次に母音が来るかどうかを知りたいヘッドが2つあります。どちらも手前の4つのマスに尋ねます。返事は`told`にあり、1に近いものは「はい」です。それを各自の重みで混ぜます。片方のヘッドは、前に一度役に立った隣人にべったり。もう片方は4人全員の話を聞きます。ここで、マスが1つ黙り込みます。混ぜたものがどれだけ残るか、予想してください。

# %%
told = torch.tensor([1.0, 0.8, 1.2, 1.0])
leaning = torch.tensor([0.02, 0.02, 0.94, 0.02])
listening = torch.tensor([0.25, 0.25, 0.25, 0.25])
for how, shares_of_four in (("ひとりに頼る", leaning), ("みんなに聞く", listening)):
    products = shares_of_four * told
    print(f"{how:<16} {products.sum():.3f}、ひとり黙ると：{products.sum() - products}")

# %% [markdown]
# 頼りの隣人がいないと、最初のヘッドには1.184のうち0.056しか残りません。2つ目のほうは、誰が黙っても0.7を割りません。そして新しいテキストでは、必ず誰かが黙ります。「2つ左を見よ」が効いたのは『コリオレイナス』の数行だけ、なんてこともあるのです。
#
# 頼りすぎない癖は、どうやってつけさせましょう。**訓練のあいだ**、ヘッドからマスを取り上げるのです。ランダムに、ステップごとに違うマスを。これが**ドロップアウト**です。ここではアテンションの重みに効かせます。どの重みも、確率*p*で0にします。
#
# p = 0.25なら、平均して4つに1つの重みが消えます。混ぜたものの大きさはどうなるでしょう？ 重み4つのために、さいころを10,000回振ってみましょう。

# %%
p = 0.25
four_weights = torch.tensor([0.1, 0.2, 0.3, 0.4])
torch.manual_seed(1341)
keeps = torch.rand(10_000, 4) > p  # Trueなら、この重みは残る
print(keeps[:3])

# %%
dropped = ____  # 全部の回での、各重みの平均。落とされた回は0として
repaired = ____  # 全部の回を、平均が元どおりになるように大きくして
check("06.18")

# %%
print("重み：    ", four_weights)
print("落とす：  ", dropped)
print("戻す：    ", repaired.mean(dim=0))

# %% [markdown]
# 4分の1が消えて、平均して4分の3が残ります。0.1なら0.075です。このままだと、後ろの層はその大きさに慣れてしまい、何も落とさなくなったときにびっくりします。だから、残ったものを1 - pで割って、平均を元どおりにします。
#
# `nn.Dropout(p)`はその両方をやり、スイッチもついています。訓練では落とし、試験では全部を通します。スイッチを切り替えるのは`module.train()`と`module.eval()`。できたてのモジュールは訓練モードです。

# %%
ones = torch.ones(1000)
torch.manual_seed(1341)
dropout = ____  # 確率pでそれぞれの数を落とす
in_training = dropout(ones)
dropout.____()  # 試験用に切り替える
in_exam = dropout(ones)
check("06.19")

# %%
print("訓練では：", in_training[:8], f" ゼロの割合 {(in_training == 0).float().mean():.3f}、平均 "
    f"{in_training.mean():.3f}")
print("試験では：", in_exam[:8], f" 平均 {in_exam.mean():.3f}")

# %% [markdown]
# 生き残りは1.333、つまり1/0.75です。試験では全部が1です。
#
# `eval()`を忘れるのは、よくある失敗です。モデルの出来が本来より少し悪くなり、答えが毎回変わります。`train()`に戻すのを忘れるのも、よくある失敗。そこから先は、もう何も落ちません。
#
# 正直に言うと、本番のモデルは訓練中、テキストのたいていの箇所に一度しか、あるいは一度も出会いません。それでは丸暗記のしようがないので、`Config()`ではドロップアウトを0にしてあります。入れてあるのは小さい設定だけ。ドロップアウトがものを言うのは、大きなモデルが小さなテキストを何周もするときです。
#
# - [ ] 06.18 手で重みを落とし、平均を元に戻した
# - [ ] 06.19 訓練から試験に切り替えた
# - [ ] 06.r7 なぜ1 - pで割るのかを説明できる

# %% [markdown]
# ## 1つのヘッドを端から端まで · 18 分
#
# 部品は全部そろいました。ここからは`"Let's he"`を本物の数で。05章でLayerNormを出たときのままの数です。3つの行列と、そのあとに続くもの全部をまとめて**ヘッド**といいます。小さい設定では、1行に数が8つ。ヘッドはそれを、数4つずつのクエリ、キー、バリューにします。（なぜ4つか？ 07章で、2つのヘッドが8つを分け合うからです。）

# %%
small = Config.small()
head_size = small.embedding_dim // small.num_heads
x = running.after("05")[0]
print(tuple(x.shape), "ヘッドの大きさ", head_size)
print(x)

# %%
torch.manual_seed(1341)
query, key, value = (
    ____  # モデルの幅からヘッドの幅へ、名前で
    for _ in range(3)
)
queries, keys, values = ____  # xを3通りの見方で
check("06.20")

# %%
print("クエリ", tuple(queries.shape), "キー", tuple(keys.shape), "バリュー", tuple(values.shape))
print(queries.detach().round(decimals=3))

# %% [markdown]
# マスが8つ、それぞれに数4つの質問が1つ。ではスコアをスケーリングして、マスク、それからsoftmax。先に予想を。この層はまだ何も学んでいなくて、小さな乱数で始まっています。重みはくっきりするでしょうか、それともほぼ均等でしょうか？

# %%
mask = torch.tril(torch.ones(small.input_sequence_length, small.input_sequence_length))
head_scores = ____  # スケーリングしたスコア、(8, 8)
weights = ____  # マスクをかけたアテンションの重み
check("06.21")

# %%
draw.heat(
    weights,
    rows=running.SENTENCE,
    columns=running.SENTENCE,
    title="「Let's he」への、訓練前のヘッドのアテンションの重み",
    alt="行が8つ（尋ねる側）、列が8つ（尋ねられる側）。どちらもL、e、t、アポストロフィ、s、空白、h、e。対角線より上"
    "の重みは全部0.00。行Lは自分に1.00。行eはLに0.41、自分に0.59。行tは0.37, 0.29, 0.35。行sから先は、0.29を超える重"
    "みがない。最後の行の8つは0.07から0.15のあいだ。",
    x_name="尋ねられる側",
    y_name="尋ねる側",
)

# %% [markdown]
# 1行ずつ読んでいきましょう。`L`には自分しかいません。当然です。`e`は`L`に0.41、自分に0.59。最後の行は、平均なら8つに0.125ずつのところ、このヘッドは0.07から0.15までを配っています。手ぶれした平均、といったところで、そのぶれにはまだ意味がありません。出発点としては上々です。誰も無視されていないのですから。
#
# 最後の一歩は、まず手で。1番の行、つまり`e`からは、マスが2つ見えます。どの重みがどのバリューにつくでしょう？ それから、8行をいっぺんに。0番の行がどうなるか、予想してください。

# %%
second_row = ____  # 1番の行を手で、`@`なしで。見えるのは2つのマス
out = ____  # 全部の行を一度に。マスごとに混ぜたバリュー、(8, 4)
check("06.22")

# %%
print(out.detach())
print("この章から出ていくのはこれ：", torch.equal(out.round(decimals=4), running.after("06")[0].round(decimals=4)))

# %% [markdown]
# 0番の行は`L`のバリューそのまま、混じりけなしです。重みが1でしたから。1番の行は、それが0.41と、`e`のバリューが0.59です。
#
# そして2つの`e`、1番と7番の行を見てください。02章では、まったく同じ8つの数でした。03章では位置のおかげで見分けがつきました。そしていま、片方は`L`とだけ出会い、もう片方は1行丸ごとと出会いました。**違いを生んだのは、連れです**。これが欲しかったのです。
#
# - [ ] 06.20 「Let's he」にクエリ、キー、バリューを作った
# - [ ] 06.21 アテンションの重みを計算した
# - [ ] 06.22 バリューを混ぜた。1行は手で計算した
# - [ ] 06.r8 図のマス目を指さして、意味を説明できる

# %% [markdown]
# ## たくさんの窓を一度に · 12 分
#
# バッチには窓がたくさんあり、どの窓もよそには関わりません。`Let's he`は、よその戯曲の`h`に用などないのです。窓3つ、マス8つ、数8つで(3, 8, 8)。Linearが働くのは最後の次元で、ほかは気にしません。

# %%
three = ["Let's he", "O Romeo,", "the quee"]
windows = running.part("05")(running.part("04")(torch.tensor([running.loader().encode(w) for w in three]))).detach()
torch.manual_seed(1341)
head_queries, head_keys = torch.randn(3, 2, 8, 4), torch.randn(3, 2, 8, 4)  # 作りもの：ヘッド2つ

# %%
window_queries, window_keys, window_values = query(windows), key(windows), value(windows)
print(tuple(windows.shape), "->", tuple(window_queries.shape))

# %% [markdown]
# ループは要りません。次元が2つより多いとき、`@`は**最後の2つ**を行列とみなします。その前にあるのは、積の回数です。(3, 8, 4) @ (3, 4, 8)なら、(8, 4)と(4, 8)の積が3回で、答えは(3, 8, 8)。3つの窓それぞれにヘッドが2つなら(3, 2, 8, 4)、言葉にすると(batch, heads, sequence, head size)です。
#
# 転置は慎重に。`.T`だと全部の次元がひっくり返ります。最後の2つだけを入れ替えるのは`.mT`、または`.transpose(-2, -1)`です。

# %%
window_scores = ____  # スケーリングしたスコア、窓ごとに表が1つ
window_weights = F.softmax(window_scores.masked_fill(mask == 0, float("-inf")), dim=-1)
window_out = ____  # 窓ごとに混ぜたバリュー
head_tables = ____  # 窓ごとにヘッド2つ、スケーリングなし：(3, 2, 8, 8)
check("06.23")

# %%
print(tuple(window_scores.shape), "->", tuple(window_out.shape), " ヘッド2つ：", tuple(head_tables.shape))
print("「Let's he」は前と同じ：", torch.allclose(window_out[0], out, atol=1e-6))

# %% [markdown]
# 3つの表に、(8, 8)のマスクが1つで足りました。そして最初の窓の結果は、ひとりでやったときと同じです。窓どうしは、お互いを見ていません。
#
# PyTorchなら、ここまで全部が1回の呼び出しです。`F.scaled_dot_product_attention(queries, keys, values, is_causal=True)`。
#
# - [ ] 06.23 窓のバッチで、ヘッド2つでもやってみた

# %% [markdown]
# ## 短い窓 · 10 分
#
# マスクはいちばん長い窓、ここでは8に合わせて作りました。でも、書きはじめたばかりのモデルが読んだのは、1文字、それから2文字、3文字。5文字読んだところでは、スコアの表は(5, 5)で、(8, 8)のマスクには合いません。
#
# 8段の階段のどこを取れば、5段の階段になるでしょう？ 左上の角、`mask[:5, :5]`です。
#
# 計算する前に予想を。最初の5文字だけで出した答えは、8文字全部で出した答えの最初の5行と、どう違うでしょう？

# %%
def attend(x: torch.Tensor) -> torch.Tensor:
    """長さ8までの窓への、ヘッドの答え：(..., sequence, 8) -> (..., sequence, 4)。"""
    length = ____  # 窓のマスはいくつ？
    attend_scores = query(x) @ key(x).mT / head_size**0.5
    attend_scores = attend_scores.masked_fill(____ == 0, float("-inf"))  # マスクを必要なだけ
    return F.softmax(attend_scores, dim=-1) @ value(x)


first_five = attend(windows[:, :5])
check("06.24")

# %%
print(tuple(windows[:, :5].shape), "->", tuple(first_five.shape))
print("8つの最初の5行と同じ：", torch.allclose(first_five, window_out[:, :5], atol=1e-6))

# %% [markdown]
# 何も違いません。最初の5つからは、最後の3つは見えません。だから、いてもいなくても同じなのです。**マスが出した答えは、あとに何が書かれても変わりません**。だからこそ、8マスの窓1つから、まっとうな試験問題が8問取れます。01章で約束したとおりです。マス4でヘッドが知っていることは、テキストがそこで終わっている場合と変わりません。

# %% [markdown]
# あと1つ残っています。マスクはどこに住むのでしょう？ ヘッドに持たせたいのですが、パラメータではありません。訓練されては困るものです。かといって、ただの属性、`self.mask = ...`では置いていかれます。モデルをグラフィックボードに移したり、`.double()`で桁の多い数に変えたりするとき、連れていってもらえるのは**登録**されたものだけなのです。
#
# そのためにあるのが**バッファ**です。`self.register_buffer("mask", tensor, persistent=False)`と書きます。バッファは一緒に引っ越し、訓練はされません。`persistent=False`にすると、保存ファイルには入りません。階段くらい、誰にでも作れますから。

# %%
class Keeper(nn.Module):
    """訓練する数を1つ持ち、`length`までの窓のためのマスクを持っておく。"""

    def __init__(self, length: int) -> None:
        """マスクは、どのマスにも自分とそれより前を見せる。"""
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))
        ____  # マスクをバッファとして持つ


check("06.25")

# %%
keeper = Keeper(3).double()
print("訓練する：", [name for name, _ in keeper.named_parameters()], " 保存する：", list(keeper.state_dict()))
print("一緒に移った：", keeper.mask.dtype)

# %% [markdown]
# - [ ] 06.24 短い窓のためにマスクを切った
# - [ ] 06.25 マスクをバッファに入れた
# - [ ] 06.r9 最初の5つの答えが、最後の3文字に左右されない理由を説明できる

# %% [markdown]
# ## クラス · 12 分
#
# 空欄は9つ、新しい考えはゼロ。どの行も、もう書いたものです。メソッド`weights`はsoftmaxで終わるので、重みをのぞいて見られます。`forward`がその一部を落とし、バリューを混ぜます。

# %%
class AttentionHead(nn.Module):
    """どのマスにも自分とそれより前を見せ、見つけたものに応じてバリューを混ぜる。"""

    mask: torch.Tensor

    def __init__(self, head_size: int, config: Config) -> None:
        """`config.embedding_dim`の行から、`head_size`個ずつのクエリ、キー、バリューを作る。"""
        super().__init__()
        self.query = ____  # マスが探しているもの
        self.key = ____  # 見つけてもらう手がかり
        self.value = ____  # 渡すもの
        self.dropout = ____  # 訓練中に重みを落とす
        longest = config.input_sequence_length
        self.register_buffer("mask", ____, persistent=False)  # 誰が誰を見ていいか

    def weights(self, x: torch.Tensor) -> torch.Tensor:
        """各マスが各マスの話をどれだけ聞くか、ドロップアウトの前：(..., sequence, width) -> (..., sequence, sequence)。"""
        length, head_size = x.shape[-2], self.query.out_features
        scores = ____  # スケーリングしたスコア
        scores = ____  # 未来にはマイナス無限大
        return ____  # 各行で合わせて1になる割合

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """各マスが集めてきたもの：(batch, sequence, width) -> (batch, sequence, head_size)。"""
        return ____  # ドロップアウト後の重みで混ぜたバリュー


check("06.26")

# %%
torch.manual_seed(1341)
head = AttentionHead(head_size, small).eval()
leaving = head(x[None])  # 窓1つのバッチ
print(tuple(x[None].shape), "->", tuple(leaving.shape))
print("手でやったのと同じ：", torch.allclose(leaving[0], out, atol=1e-6))
print("07章の出発点と同じ：", torch.equal(leaving, running.after("06")))

# %% [markdown]
# 手でやったのと同じ数になりました。
#
# さて、**テンソルマップ**です。この章で増えた形状を書き込みましょう。設定の名前を使って、今度は本番のモデルで。判定では、別の設定も試します。

# %%
config = Config()
size = config.embedding_dim // config.num_heads
print(config, "ヘッドの大きさ", size)

# %%
shapes = {
    "normalised": (config.batch_size, config.input_sequence_length, config.embedding_dim),
    "queries": ____,  # キーとバリューも同じ
    "mask": (config.input_sequence_length, config.input_sequence_length),
    "attention weights": ____,  # 窓ごとに表が1つ
    "head output": ____,  # 各マスが集めてきたもの
}
check("06.27")

# %%
real = AttentionHead(size, config)
rows_in = torch.zeros(config.batch_size, config.input_sequence_length, config.embedding_dim)
print("クエリ            ", tuple(real.query(rows_in).shape), "予想は", shapes["queries"])
print("アテンションの重み", tuple(real.weights(rows_in).shape), "予想は", shapes["attention weights"])
print("ヘッドの出力      ", tuple(real(rows_in).shape), "予想は", shapes["head output"])
print("パラメータ：", sum(p.numel() for p in real.parameters()))

# %% [markdown]
# 真ん中を見てください。どのマスも、全部のマスと向き合っています。窓が2倍の長さになれば、表は4倍の大きさになります。それがアテンションの値段で、モデルの文脈の長さが自慢の種になるのもそのせいです。
#
# - [ ] 06.26 AttentionHeadクラスを書いた
# - [ ] 06.27 形状をマップに書きとめた

# %% [markdown]
# ## 学んだヘッド · 10 分
#
# 何かを学んだヘッドは、どんなふうに見えるのでしょう？ 解き方なら人間のほうもよく知っている、という課題を出してみましょう。マスごとに、そのマスも含めて、**そこまでで最後の母音を言いなさい**。（数えるのは小文字だけです。）`Let's he`の`t`なら、その前の`e`。`L`ではまだ母音が出てきていないので、何も聞かれません。
#
# これを解くには、ヘッドは特定の1つのマスを見なければなりません。どこを見ろとは、誰も教えません。もらえるのは戯曲から切った窓と、正しい母音だけです。下にあるのは、04章のモジュール、ヘッド、そして答えを言うLinear。あとは02章と同じ、素朴な勾配降下法です。

# %%
loader = running.loader()
is_vowel = torch.zeros(loader.vocab_size, dtype=torch.bool)
is_vowel[loader.encode("aeiou")] = True


def last_vowel(ids: torch.Tensor) -> torch.Tensor:
    """各マスまでで最後の母音のマス、まだなければ-1：(batch, 8) -> (batch, 8)。"""
    return torch.where(is_vowel[ids], torch.arange(ids.shape[-1]), -1).cummax(dim=-1).values


def some_windows(ids: torch.Tensor, count: int) -> torch.Tensor:
    """ランダムな箇所から切った8マスの窓：(count, 8)。"""
    return ids[torch.randint(len(ids) - 8, (count, 1)) + torch.arange(8)]


torch.manual_seed(1341)
toy = replace(small, embedding_dim=16, dropout=0.0)
parts = nn.ModuleList([EmbeddingModule(loader.vocab_size, toy), AttentionHead(8, toy), nn.Linear(8, loader.vocab_size)])
embed, learned, guess = parts
losses = []
for _ in range(200):
    ids = some_windows(loader.train_ids, 32)
    places = last_vowel(ids)
    wanted = ids.gather(1, places.clamp(min=0)).masked_fill(places < 0, -100)  # -100：ここでは何も聞かれない
    loss = F.cross_entropy(guess(learned(embed(ids))).flatten(0, 1), wanted.flatten())
    losses.append(loss.item())
    for parameter, slope in zip(parts.parameters(), torch.autograd.grad(loss, list(parts.parameters())), strict=True):
        parameter.data -= slope
print(f"損失 {losses[0]:.2f} -> {losses[-1]:.2f}")

# %% [markdown]
# 200ステップでした。では、検証用テキストから、ヘッドが一度も見たことのない窓を持ってきて、聞いてみましょう。どこを見ていますか、と。行の中でいちばん大きい重みが最後の母音についているのは、どのくらいの割合でしょう？

# %%
torch.manual_seed(1342)
with torch.no_grad():
    unseen = some_windows(loader.validation_ids, 1000)
    unseen_weights = learned.weights(embed(unseen))
vowel_places = last_vowel(unseen)
print(tuple(unseen_weights.shape), tuple(vowel_places.shape))

# %%
looked_at = ____  # 各マスはどこをいちばん見ている？
found = (looked_at == vowel_places)[____].float().mean()  # 母音がもう出てきたところだけ
check("06.28")

# %%
with torch.no_grad():
    pattern = learned.weights(embed(running.ids()))[0]
draw.heat(
    pattern,
    rows=running.SENTENCE,
    columns=running.SENTENCE,
    title="最後の母音を言えるようになったあとの、「Let's he」へのアテンションの重み",
    alt="行が8つ（尋ねる側）、列が8つ（尋ねられる側）。どちらもL、e、t、アポストロフィ、s、空白、h、e。どの行にも約1"
    "の重みが1つあり、ほかは全部約0。行Lでは自分自身。行e、t、アポストロフィ、s、空白、hでは、どれも最初のeの列。最"
    "後の行、2つ目のeでは自分自身。",
    x_name="尋ねられる側",
    y_name="尋ねる側",
)
print(f"最後の母音を見ているマスは{found:.1%}")

# %% [markdown]
# 100マスのうち95を超えるマスで、最後の母音を見ています。例の文からも読み取れます。最初の`e`から先は、あいだのものには目もくれず、みんなその`e`を見ています。やがて2つ目の`e`が来て、自分を見ます。`L`には見つけるものがなく、自分のほかに見る相手もいません。
#
# 正しい母音だけを手がかりに、クエリは「母音を。なるべく新しいのを」と尋ねることを学び、キーはそれに応えることを学びました。別の窓なら、別のところを見ます。平均には、逆立ちしてもできなかったことです。**割合が、そこに何があるかで決まる**のですから。
#
# この図を、訓練前のヘッドの図と並べてみてください。同じクラス、同じ8文字。あいだにあるのは、200ステップです。
#
# - [ ] 06.28 訓練したヘッドに、どこを見ているか聞いた
# - [ ] 06.r10 「Let's he」の2つの図を、学ぶ前と学んだあとで読み比べられる

# %% [markdown]
# ## チャレンジ：表なしで
#
# やってもやらなくても構いません。15分ほどかかりますが、あとの章では使いません。
#
# マスが100,000個の窓では、重みが百億個の表ができます。しかもヘッドごとに。それでも、そういう窓を読むモデルはあります。表なんて、なくてもいいからです。クエリは、マスの前を一度だけ通りすぎ、スコアとバリューを1つずつ順に見て、3つだけ覚えておけばいい。これまでの最大のスコア、べき乗の合計、べき乗を掛けたバリューの合計です。最後に割ります。これがFlashAttentionの中にある手品の種です。
#
# 問題は、演習06.06のあふれです。先に最大のスコアを引かないといけませんが、途中ではまだわかりません。だから、「これまでの」最大を引いておきます。もっと大きいのが来たら、それまでの合計に何を掛ければいいでしょう？

# %%
torch.manual_seed(1341)
long_scores = 100 + 2 * torch.randn(12)
long_values = torch.randn(12, 3)
print("スコア：", long_scores)
print("重みの行を使うと：", F.softmax(long_scores, dim=-1) @ long_values)

# %%
def one_pass(scores: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
    """`F.softmax(scores, dim=-1) @ values`を、重みなしで：(places,)と(places, d) -> (d,)。"""
    top = torch.tensor(float("-inf"))
    total, mixture = 0.0, torch.zeros(values.shape[-1])
    for score, value in zip(scores, values, strict=True):
        new_top = torch.maximum(top, score)
        power = torch.exp(score - new_top)
        shrink = ____  # `top`を引いて足してきたものに掛ける数
        total = ____  # これも含めた、ここまでのべき乗の合計
        mixture = ____  # これも含めた、ここまでのバリュー × べき乗の合計
        top = new_top
    return ____  # 合わせて1になる割合で混ぜたもの


from_one_pass = one_pass(long_scores, long_values)
check("06.29")

# %% [markdown]
# - [ ] 06.29 チャレンジ：重みの表なしで混ぜた

# %% [markdown]
# ## これで自分のもの
#
# - アテンションとは、**割合の表 × 行**。平均は、そんな表の中でいちばん退屈なもの
# - **クエリ、キー、バリュー**：探すもの、見つけてもらう手がかり、渡すもの
# - スコア = queries @ keys.mT / **√d**。1くらいにとどめて、ヘッドが学べるように
# - **因果マスク**：softmaxの前にマイナス無限大。誰も未来をカンニングできないように
# - 各行に沿った**softmax**、出てきたものに**ドロップアウト**、それからバリュー
# - (batch, sequence, width)が入り、(batch, sequence, head_size)が出る：`AttentionHead(head_size, config)`
#
# チェックを入れて、コミットして、自分をほめてあげてください。この講座のこの先に、これより難しいところはありません。
#
# ヘッド1つが尋ねる質問は1つで、持ち帰る行は、入ったときより細くなります。**07 MultiHeadAttention**では、いくつものヘッドが一度に尋ね、みんなで幅を埋めなおします。
