# %% [markdown]
# # 02 TokenEmbedding
# <!-- Made from checkpoints/ch02_token_embedding.py by scripts/build.py. From your first edit on it is yours. -->
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/OWNER/REPO/blob/main/workshop/ja/ch02_token_embedding.ipynb)
# [![Open in GitHub Codespaces](https://github.com/codespaces/badge.svg)](https://codespaces.new/OWNER/REPO?quickstart=1)
#
# どの文字にも自分だけの数の列を1行ずつ与えて、その数に学んでもらいます。
#
# 45分、6節。必要なのは01章と行列積です。word2vecと聞いて何か思い出せるなら、なおよし。
#
# 最後に書くクラスは3行です。いますぐ打ち込むこともできます。45分かけるのは、ほかのやり方ではなぜだめなのかを見るためです。

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
import timeit

import torch.nn.functional as F

from nanogpt import Config, DataLoader
from workshop import ____, check, corpus, draw, hint, solution

# %%
config = Config()
loader = DataLoader(corpus.shakespeare(), config)
print(loader.vocab_size, loader.encode("Let's he"))

# %% [markdown]
# ## IDは名前 · 6 分
#
# `b`は39、`e`は42です。`e`は`b`より大きいのでしょうか？ 番号はアルファベット順に自分たちで配ったのですから、ばかばかしい質問だとわかります。ニューラルネットワークにはわかりません。数に対してできるのは掛け算と足し算だけで、掛け算をする以上、42は39より**大きい**のです。
#
# 現場を押さえましょう。これ以上小さくできないネットワークを用意します。重みが1つ、バイアスが1つ。仕事は文字にスコアをつけることです。母音の`a`と`e`には1、あいだの`c`には0。
#
# まず予想を。これは可能でしょうか？ 重みもバイアスも、好きな数にして構いません。

# %%
letter_ids = torch.tensor(loader.encode("ace"))
weight, bias = torch.tensor(0.5), torch.tensor(-18.0)
print(letter_ids)

# %%
scores = ____  # 3つのスコア。それぞれ、IDに重みを掛けてバイアスを足す
halfway = ____  # 「a」と「e」のスコアのちょうど真ん中の数
check("02.01")

# %%
print("a、c、eのスコア：", scores.tolist(), " aとeの真ん中：", float(halfway))

# %% [markdown]
# `c`は、ちょうど真ん中に来ました。重みとバイアスを変えて、3つのセルを実行し直してみてください。いつでもそうなります。40は38と42の真ん中で、掛けても足しても、真ん中は真ん中のままです。`a`と`e`がどちらも1なら、`c`も1になります。
#
# 層を増やせば、この直線を折り曲げて、無理やり合わせることもできるでしょう。でも、それはアルファベット順を帳消しにするための苦労です。しかも、その順番は言語について何も語っていません。それなら、初めから入れないほうがいい。
#
# - [ ] 02.01 IDを量として使うと、cがaとeのあいだに来てしまうことを示した

# %% [markdown]
# ## 1文字に1マス · 8 分
#
# どの文字もほかより大きくなく、どの文字もあいだに来ない。64文字でそうしようとしても、数1つではできません。そこで、それぞれに自分のマスを与えます。数字の分類器で、どの数字にも自分の出力があったのと同じです。64個の数のベクトルで、中身は0ばかり、IDが指すマスにだけ1がある。これが**one-hot**ベクトルです。
#
# 手で1つ作ってみましょう。

# %%
letter = "e"

# %%
letter_id = loader.encode(letter)[0]
one_hot = torch.zeros(____)  # 長さは？ 文字1種類につき1マス
one_hot[____] = 1.0  # ホットなマスはどれ？
check("02.02")

# %%
print(one_hot.int().tolist())
b, e, z = (F.one_hot(torch.tensor(number), loader.vocab_size).float() for number in loader.encode("bez"))
print("内積：   ", f"{e @ e:.3f} {e @ b:.3f} {e @ z:.3f}")
print("距離：   ", f"{(e - e).norm():.3f} {(e - b).norm():.3f} {(e - z).norm():.3f}")

# %% [markdown]
# 違う文字なら、どの2つも内積は0、距離は√2です。このベクトルたちにとって、`e`から`b`までと、`e`から`z`までは、同じ遠さです。誰もほかより大きくないし、誰もあいだにいません。公平なスタートです。
#
# 文字がいくつもあるときのために、PyTorchには`F.one_hot(ids, num_classes)`があります。整数を受け取って、整数を返します。ところがPyTorchは、整数と浮動小数点数の行列を掛けてくれません。だから`.float()`がついています。

# %%
sentence = "Let's he"

# %%
ids = ____  # `sentence`のID。テンソル(8,)で
one_hots = ____.float()  # one-hotベクトルを8つ、(8, 64)
check("02.03")

# %%
print(one_hots.shape, "全部足すと", int(one_hots.sum()), "になる")

# %% [markdown]
# 8文字で512個の数、そのうち504個が0です。バッチ1つなら、どうなるでしょう？ まず、ゼロの割合を予想してください。答えは、数字ではなく変数の名前で書きます。判定では、別の大きさのバッチも試すからです。

# %%
batch_characters = config.batch_size * config.input_sequence_length
numbers = ____  # どの文字もone-hotベクトルなら、バッチには数がいくつある？
zeros = ____  # そのうち0はいくつ？
check("02.04")

# %%
print(f"{batch_characters}文字で{numbers:,}個の数、うち{zeros / numbers:.1%}がゼロ")

# %% [markdown]
# 64文字でこれです。GPT-2の語彙には50,257個のテキストのかけらがあるので、かけら1つが、1が1個と0が50,256個になって届きます。それだけの費用をかけても、ベクトルは何も知りません。`e`は`!`より`a`に近い、などということは、いまも、これから先も永遠にないのです。アイデア1つで、両方の悩みが片づきます。
#
# - [ ] 02.02 手でone-hotベクトルを作った
# - [ ] 02.03 文をone-hotベクトルに変えた
# - [ ] 02.04 one-hotベクトルだと、バッチにいくらかかるかを数えた

# %% [markdown]
# ## 行を選ぶ積 · 6 分
#
# ニューラルネットワークが入力に対してまずやるのは、重みの行列を掛けることです。一度、手でやってみましょう。語彙が4文字で、どの文字も3つの数を持っているとします。

# %%
table = torch.tensor([[0.2, -1.0, 0.5],
                      [1.5, 0.3, -0.7],
                      [-0.4, 0.8, 1.1],
                      [0.9, -0.6, 0.1]])
hot = F.one_hot(torch.tensor(2), 4).float()
print(hot)

# %% [markdown]
# `hot @ table`の1つ目の数は、0 × 0.2 + 0 × 1.5 + 1 × (-0.4) + 0 × 0.9です。空欄を埋める前に、残りの2つも計算してみてください。もっと近道はないでしょうか？

# %%
by_product = ____  # ベクトルと行列の積：(4,)と(4, 3)から(3,)
by_row = ____  # 同じ3つの数を、積を使わずに
check("02.05")

# %%
print(by_product, by_row)

# %% [markdown]
# 掛け算が12回。9回は0を、3回は1を掛けて、最初からそこにあった3つの数を写しただけです。積のほうは、2番の本を取ってくるのに、図書館の棚の前を全部歩きました。`table[2]`なら、まっすぐ取りに行きます。
#
# どちらも結果は同じで、one-hotベクトルが要るのは片方だけです。時間を計ってみましょう。768個の文字か単語のバッチ、1行は64個の数。語彙は、だんだん大きくしていきます。

# %%
def measure(vocabulary):
    """積と行選びにかかるミリ秒。3回ずつ計った中の最短。"""
    big_table = torch.randn(vocabulary, 64)
    some_ids = torch.randint(vocabulary, (768,))
    product = timeit.repeat(lambda: F.one_hot(some_ids, vocabulary).float() @ big_table, number=1, repeat=3)
    picking = timeit.repeat(lambda: big_table[some_ids], number=1, repeat=3)
    return 1000 * min(product), 1000 * min(picking)


torch.manual_seed(1337)
torch.set_num_threads(1)  # これほど小さいテンソルでは、2つ目のコアは邪魔になるだけ
print("語彙サイズ   one-hot @ table   table[ids]")
for vocabulary in (64, 1_000, 5_000):
    product, picking = measure(vocabulary)
    print(f"{vocabulary:>10,}   {product:12.2f} ms   {picking:7.2f} ms")

# %% [markdown]
# 積の時間は、語彙とともに増えていきます。行選びの時間は、ほとんど動きません。選べる行がいくつあっても、写すのは768行だからです。（ミリ秒の値は人それぞれです。傾向は変わりません。）
#
# というわけで、方針はこうです。**表には1文字につき1行、IDがその行を選ぶ。** ゼロをためこむことも、掛け算をすることもありません。IDは、本来得意な仕事に戻ります。引き出しの名札です。
#
# - [ ] 02.05 one-hotベクトルに表を掛け、そのあと行を選んだ
# - [ ] 02.r1 行を選ぶことと、one-hotベクトルを掛けることが、同じ結果になる理由を説明できる

# %% [markdown]
# ## 表：nn.Embedding · 9 分
#
# PyTorchには、この表が出来合いであります。`nn.Embedding(num_embeddings, embedding_dim)`。何行あるか、そして幅はいくつか、です。行の数は選べません。1文字につき1行です。幅は選べます。これから作るモデルは1文字につき64個、いちばん小さいGPT-2は768個の数を使います。
#
# 偶然の一致が2つあるので、気をつけてください。文字が64種類あることと、1文字につき64個の数を使うことには、何の関係もありません。そこでこの章では、`Config.small()`を使って表の幅を8にします。これなら数が画面に収まります。ところが、そうすると今度は文も8文字です。文の行列では、行が文の中のマス、列がそれぞれの8つの数です。

# %%
small = Config.small()
print(small)

# %%
torch.manual_seed(1337)
embedding = ____  # 文字ごとに1行、幅は`small`のとおり
rows, width = ____  # その表（名前は`weight`）の形状
check("02.06")

# %%
print(f"{rows}行、幅は{width}")
print(f"平均{embedding.weight.mean().item():.3f}、標準偏差{embedding.weight.std().item():.3f}")
print("パラメータなので、オプティマイザが変えてよい：", embedding.weight.requires_grad)

# %% [markdown]
# この表は、まだ誰からも何も教わっていません。だから、乱数から始まります。1つひとつ、平均0、分散1の正規分布から引いた数です。（ここの512個の数は、512回引いたにしては上出来なくらい、それに近くなっています。）
#
# では、例の8文字で引いてみましょう。同じ文字の2つから、目を離さないでください。

# %%
vectors = ____  # 文の各IDの行を、順番どおりに
first_e = ____  # 文のマス1、最初の「e」の行
last_e = ____  # 最後のマス、別のほうの「e」の行
check("02.07")

# %%
draw.heat(
    vectors,
    rows=sentence,
    title="行列になった「Let's he」：1文字に1行、1行に8つの数",
    alt="8行8列の数。行の名前はL、e、t、アポストロフィ、s、空白、h、e。数は-2.16から2.14までで、ゼロより上は赤、下は"
    "青。ばらばらに見えるが、2番目の行と最後の行だけは、どの四角も一致している。",
)
print("ID：", ids.tolist())
print("2つのeは同じ行：", torch.equal(first_e, last_e))

# %% [markdown]
# 2つの`e`を探してください。1番と7番の行が、1つ残らず同じ数です。当然ですね。同じ文字だから、表の同じ行なのです。
#
# これは困ったことでもあります。最初の`e`は`Let's`のもの、最後の`e`は`hence`をつづり始めたところです。行を見ても、どちらがどちらか区別がつきません。文をかき混ぜても、同じ8行がかき混ざるだけです。この行列は、各文字が**何**かは言ってくれますが、**どこ**かは言ってくれません。それは03章の話です。
#
# 次はバッチです。IDは(batch, sequence)で来ます。どんな形状になって出てくるでしょう？ 3つの空欄を、その下のセルを**見る前に**埋めてください。ここでも変数の名前で書きます。

# %%
torch.manual_seed(1337)
inputs, targets = loader.get_batch("train")
print(inputs.shape)

# %%
windows = ____  # 出てくる形状の、1つ目の数
places = ____  # 2つ目
numbers_each = ____  # 3つ目：1マスあたりの数
check("02.08")

# %%
print(tuple(inputs.shape), "->", tuple(embedding(inputs).shape), "予想は", (windows, places, numbers_each))

# %% [markdown]
# どのIDも行になり、IDがもともと持っていた形状は、そのまま前に残っています。
#
# | ID | 出てくるもの |
# | --- | --- |
# | () ID1つ | (8,) |
# | (8,) 文 | (8, 8) |
# | (24, 32) バッチ | (24, 32, 8) |
#
# 一度、声に出して言ってみてください。**(batch, sequence)が入って、(batch, sequence, width)が出てくる。** widthは幅のことです。ここから09章まで、ほとんど何でもこの形状です。
#
# - [ ] 02.06 表を作った
# - [ ] 02.07 文の行を選んだ
# - [ ] 02.08 バッチの形状を、見る前に言い当てた
# - [ ] 02.r2 2つのeがなぜ同じ行になるのか、何が足りないのかを説明できる

# %% [markdown]
# ## 使われた行だけ · 10 分
#
# 覚えているでしょうか。word2vecでも、どの単語も表の中に1行持っています。行は乱数から始まり、隣の単語を当てるというささやかな課題に小突き回されて、だんだんよくなっていきます。終わったら、課題は捨てて、表は残します。
#
# ここでも同じことをしますが、何も捨てません。表はほかと同じモデルのパラメータで、課題のほうは、もともと解きたいもの、つまり次の文字を言い当てることです。違いが1つあります。単語にはそれ自身の意味がありますが、文字にはほとんどありません。文字の行が言えるようになるのは、**母音だ**、**大文字だ**、**行の終わりだ**、といったことです。単語の中でどんな意味になるかは、上の層に考えてもらいます。
#
# 損失は、どうやって行に届くのでしょう？ おもちゃの損失を考えます。選んだ数を全部足し、ただし、どのマスも同じではつまらないので、最後のマスの分は3倍に数えます。マス0の数をほんの少し増やすと、損失もちょうどそれだけ増えます。つまり、マス0は傾き1を送り返します。ほかのマスも同じで、マス7だけは3を送り返します。

# %%
slopes = torch.tensor([1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 3.0])  # 文の各マスが送り返すもの

# %% [markdown]
# 表には64行あります。それぞれの行は、どんな勾配をもらうでしょう？（1つの行の数は、どれも同じ勾配をもらうので、1行につき数1つで済みます。）PyTorchが教えてくれる前に、考え抜いてみてください。文に出てこない文字は？ `e`は？
#
# 考えたら、1行で書きます。8つの傾きから、64行へ。どのマスがどの行を使ったかは、`one_hots`が知っています。ループは禁止。これには5分かける値打ちがあります。

# %%
per_row = ____  # `one_hots`と`slopes`から、各行がもらう勾配、(64,)
embedding.zero_grad()  # 前の勾配は忘れる：このセルは2度実行されるかもしれない
(embedding(ids) * slopes[:, None]).sum().backward()  # おもちゃの損失
gradient = ____  # backward()が残していったもの。表の数1つにつき数1つ
check("02.09")

# %%
used = [number for number, size in enumerate(per_row.tolist()) if size != 0]
print(len(used), "／", loader.vocab_size, "行：", [loader.decode([number]) for number in used])
print("PyTorchも同じ答え：", torch.allclose(gradient, per_row[:, None].float()))
draw.bars(
    [loader.decode([number]) for number in range(loader.vocab_size)],
    per_row,
    title="「Let's he」のあと、表の各行に返ってくるもの",
    alt="64個のマスが、1文字に1マスで1列に並び、棒が7本立っている。空白、アポストロフィ、L、h、s、tの棒は高さ1、eの"
    "棒は高さ4。残りの57個のマスは空。",
    y_name="行の勾配",
)

# %% [markdown]
# 7つの行が使われ、`e`は4をもらいました。マス1から1、マス7から3です。行が2回使われても、上書きはされず、傾きが足し合わさります。残りの57行はゼロ。損失が見なかったものには、何の跡も残りません。
#
# 積として見ると、これは02.05の逆回しです。行きは、`one_hots @ table`が行を取ってきます。帰りは、`one_hots.T @ slopes`が、どの傾きも、出てきた行へ返します。
#
# だから、ある行が学ぶのは、その文字が出てきたときです。100文字のうち15文字くらいは空白なので、空白はどのバッチにもいます。例の誤植のドル記号は、テキスト全体で1回です。バッチは32文字の窓が24個、訓練用の部分は百万マスあるので、`$`がやって来るのは、およそ1,300バッチに1回。訓練は全部で750バッチです。ということは、むしろ一度も来ないほうが多く、`$`の行は何も学びません。運がよければ1、2回使われますが、それでも最後まで、初めとほとんど変わらないままです。（「来ないほうが多い」とは、どのくらい？ 計算できます。章の最後のチャレンジがそれです。）
#
# - [ ] 02.09 各行に何が返ってくるかを、PyTorchより先に求めた

# %% [markdown]
# ## クラス · 6 分
#
# 3行で、新しい考えはありません。`nn.Embedding`をそのまま使ってもいいくらいです。でも、モデルは自分で名前をつけた部品で組み立てることになっていて、これがその1つ目です。

# %%
class TokenEmbedding(nn.Module):
    """語彙の各IDに、学習される`embedding_dim`個の数を1行ずつ持つ表。"""

    def __init__(self, vocab_size: int, embedding_dim: int) -> None:
        """表は乱数で始まる。平均0、分散1の正規分布。"""
        ____  # 自作のモジュールが、何よりも先にすること
        self.table = ____  # IDごとに1行

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """各IDの行：int64の(batch, sequence) -> (batch, sequence, embedding_dim)。"""
        return ____  # 各IDの行


check("02.10")

# %%
torch.manual_seed(1337)
token_embedding = TokenEmbedding(loader.vocab_size, small.embedding_dim)
sentence_batch = ids.unsqueeze(0)  # 窓1つのバッチ
print(tuple(sentence_batch.shape), "->", tuple(token_embedding(sentence_batch).shape))
print("前と同じ：", torch.equal(token_embedding(sentence_batch)[0], vectors))
print(f"本番のモデルの幅では、パラメータ{loader.vocab_size * config.embedding_dim:,}個")

# %% [markdown]
# では、学ばせてみましょう。絵に描けるように、1文字につき数は2つ。課題は、これ以上ないほど小さくします。1文字を見て、次の1文字を当てる。（損失は、数字の分類器で使った交差エントロピーです。同じ2つ組は、あらかじめまとめて数えてあります。時間の節約になるだけで、結果は変わりません。）母音のことなど、誰も教えません。
#
# まず予想を。近くに集まるのは、どの文字でしょう？

# %%
vocab_size = loader.vocab_size
some = loader.train_ids[:200_001]
here, following = some[:-1], some[1:]
pairs = torch.bincount(here * vocab_size + following, minlength=vocab_size**2).view(vocab_size, vocab_size)

torch.manual_seed(2)
flat = TokenEmbedding(vocab_size, 2)
guess = nn.Linear(2, vocab_size)
parameters = [*flat.parameters(), *guess.parameters()]
for _ in range(300):
    log_probabilities = guess(flat(torch.arange(vocab_size))).log_softmax(dim=1)  # (いまの文字64、次の文字64)
    loss = -(pairs * log_probabilities).sum() / pairs.sum()
    gradients = torch.autograd.grad(loss, parameters)
    with torch.no_grad():
        for parameter, slope in zip(parameters, gradients, strict=True):
            parameter -= 5 * slope  # 素朴な勾配降下法

alphabet = "abcdefghijklmnopqrstuvwxyz"
draw.points(
    flat(torch.tensor(loader.encode(alphabet))),
    alphabet,
    title="小文字の行。次の文字当てを300ステップしたあと",
    alt="平面上の点になったアルファベット。a、e、i、o、uは下のほう、ほかのどの文字よりも下にあり、2つの集団のあいだ"
    "に直線を引ける。jだけは、左端にぽつんとある。",
)

# %% [markdown]
# 母音どうしが、互いを見つけました。そのあとに来る文字が似ているので、行も似ているほうが損失が小さくなるのです。word2vecの考え方が、自作のクラスの中で働いています。（ぽつんと離れた`j`は、珍しい文字です。ここで使った200,000文字のうち88回しか出てきません。損失にはほとんど響かないので、行は、偶然置かれた場所からたいして動いていません。）
#
# 始まりを思い出してください。IDだったころ、`a`、`c`、`e`は一列に並んでいて、どんな重みでも、2つの母音をあいだの`c`より上に持ち上げることはできませんでした。行になったいまは、5つの母音が直線の片側に、ほかの文字が全部反対側にいます。
#
# - [ ] 02.10 TokenEmbeddingクラスを書いた

# %% [markdown]
# ## チャレンジ：ドルに教えるのは誰？
#
# やってもやらなくても構いません。15分ほどかかりますが、あとの章では使いません。それでも、これから訓練するモデルのことですから、気になる質問ではあります。訓練が丸ごと終わっても、`$`の行が何も学ばない。それは、どのくらいありそうなことでしょう？
#
# 調べるのに、訓練は要りません。数えるだけです。1回の訓練では、`steps`個のバッチを引きます。どの窓もランダムなマスから始まり、`possible_starts`個の始点は、ほかの窓がどうであれ、どれも同じ確率です。`$`の行が学ぶのは、どれかの窓の入力に`$`が入ったときだけ。まず予想を。訓練を100回やったら、そのうち何回は一度も出会わないでしょう？ そして、まず出会えると言えるようにするには、訓練をどれだけ長くすればいいでしょう？

# %%
rare, steps = "$", config.steps

# %%
at = loader.text.index(rare)  # これが唯一のマス
possible_starts = len(loader.train_ids) - config.input_sequence_length
print(f"{rare!r}はマス{at:,}にある。窓はマス0から{possible_starts - 1:,}までのどこからでも始められる")

# %%
catching = ____  # 始点のうち、`rare`の入った窓になるのはいくつ？
never = ____  # 訓練のあいだ、どの窓にも入らない確率
enough = ____  # `never`を0.05まで下げるには、訓練を何倍の長さにする？（端数はそのまま）
check("02.11")

# %% [markdown]
# 答えは、さいころで確かめられます。下の300回の訓練では、何も訓練しません。始点を引くだけです。

# %%
torch.manual_seed(1337)
starts = torch.randint(possible_starts, (300, config.batch_size * config.steps))
met = ((starts <= at) & (at < starts + config.input_sequence_length)).sum(dim=1)
for times, word in enumerate(("一度も出会わない", "1回出会う", "2回出会う")):
    print(f"{word}: {(met == times).float().mean().item():.0%}")
print(f"もっと多い：{(met > 2).float().mean().item():.0%}")

# %% [markdown]
# 式によると、100回の訓練のうち57回は`$`に一度も出会わず、32回は1回だけ出会います。さいころの答えも、だいたい同じです。100回のうち95回で出会えるようにするには、訓練を5.26倍の長さ、3,945ステップにしなければなりません。しかも、一度会っただけでは、教育を受けたとはとても言えません。
#
# - [ ] 02.11 チャレンジ：訓練が丸ごと終わっても`$`に出会わない確率を求めた

# %% [markdown]
# ## これで自分のもの
#
# - IDは**名前**。選ぶためのもので、掛け算には決して使わない
# - **one-hot**ベクトルに表を掛けると、表の行になる。ただし値段は何倍もする
# - **埋め込み**。パラメータの表で、初めは乱数、行は使われたときに学ぶ
# - (batch, sequence) -> (batch, sequence, width)。これからずっとモデルの中を旅する形状
# - `TokenEmbedding(vocab_size, embedding_dim)`。各マスに**何**があるかを知っている
#
# 知らないのは、**どこ**かです。「Let's he」の2つの`e`も、この表から見ればまったく同じものです。**03 PositionEmbedding**では、マスのほうが自分の行をもらいます。
