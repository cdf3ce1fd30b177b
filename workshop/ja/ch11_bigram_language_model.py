# %% [markdown]
# # 11 BigramLanguageModel
# <!-- Made from checkpoints/ch11_bigram_language_model.py by scripts/build.py. From your first edit on it is yours. -->
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/OWNER/REPO/blob/main/workshop/ja/ch11_bigram_language_model.ipynb)
# [![Open in GitHub Codespaces](https://github.com/codespaces/badge.svg)](https://codespaces.new/OWNER/REPO?quickstart=1)
#
# 部品を全部組み立てて、モデルに初めてしゃべらせます。
#
# 7節、90分、よければチャレンジも。必要なのは04章、09章、10章です。
#
# 最初のモデルは、ただの表です。**しゃべる**ことについて知っておくべきことは、全部、表から学べるからです。大きなモデルは、あとでそれをそっくり、ただでもらえます。

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
import math
from dataclasses import replace

from nanogpt import Config, DataLoader, EmbeddingModule, TransformerBlock, VocabularyLogits
from workshop import ____, check, corpus, draw, hint, running, solution

torch.set_printoptions(precision=3, linewidth=100, sci_mode=False)
torch.set_num_threads(1)  # これほど小さいテンソルでは、2つ目のコアは邪魔になるだけ

# %%
config, small = Config(), Config.small()
loader = running.loader()
vocab_size = loader.vocab_size
print(f"{vocab_size}文字、学ぶためのIDが{len(loader.train_ids):,}個")

# %% [markdown]
# ## 2つ組の表 · 14 分
#
# 題名にある**バイグラム**とは、2つ組のことです。いちばん古い言語モデルの1つで、最後の文字だけを見て、次の文字への賭けは数えて決めます。`h`のあとに`e`が何回来たか、というふうに。
#
# それは(64, 64)の表になります。`h`の行、`e`の列に、この組が何回出てきたかが入ります。全部の組をいっぺんに数えるには、組に番号をつけます。1つ目のIDの`vocab_size`倍に、2つ目のIDを足したもの。映画館の座席に、前の列から順に、通し番号をつけるようなものです。あとは`torch.bincount`が、どの番号が何回出てきたかを数えてくれます。

# %%
here, following = loader.train_ids[:-1], loader.train_ids[1:]
print("最初の組：", [loader.decode(pair) for pair in zip(here[:5], following[:5], strict=True)])

# %%
counts = torch.bincount(____, minlength=vocab_size**2).view(vocab_size, vocab_size)  # それぞれの組の番号
more = counts + 1.0  # どれも1増やして、不可能なものをなくす
table = ____  # `more`の行をそれぞれ確率に
check("11.01")

# %%
shown = loader.encode(" ehtqun")
draw.heat(
    table[shown][:, shown],
    rows=loader.decode(shown),
    columns=loader.decode(shown),
    title="行が決まっているとき、列が来る確率は？",
    x_name="次に来る文字",
    alt="行も列も7つ。空白、e、h、t、q、u、n。qのあとのuが0.90で目立つ。hのあとのeが0.35、tのあとのhが0.34、eのあと"
    "の空白が0.29、空白のあとのtが0.14。マス目の半分より多くは、ほとんど0。",
)
print(f"{counts.numel():,}組のうち{int((counts == 0).sum()):,}組は一度も出てこない")

# %% [markdown]
# 出来はどうでしょう？ 物差しは10章でもらいました。PyTorchの損失にはスコアを渡しますが、`table`の対数を取れば、softmaxが`table`になるスコアが手に入ります。つまり、このスコアの表は、もう立派な**モデル**なのです。IDが行を選び、その行に、次に来るもののロジットが入っています。

# %%
seen, to_come = loader.validation_ids[:-1], loader.validation_ids[1:]

# %%
scores = ____  # 確率の対数：文字ごとにロジットの行が1つ
bigram_loss = ____  # 検証用テキストでの、表の驚きの平均
check("11.02")

# %%
print(f"何も知らないと 4.16、2つ組の表は {bigram_loss:.2f}")
print(f"表のパープレキシティ：{math.exp(bigram_loss):.1f}")

# %% [markdown]
# 2.48です。数えただけで、互角の64文字が12文字になりました。それも、まばたきするあいだに。1文字しか覚えていないにしては、悪くありません。ただ、ここからたいしてよくはなりません。見えるのが`e`だけでは、それが`the`の終わりなのか、`end`の始まりなのか、知りようがないからです。12章でできあがるモデルは、だいたい1.86、互角の6.4文字まで行きます。12から6.4までの差が、残りの31文字の値打ちです。アテンションは、そのためにあります。
#
# では、名前は？ Andrej Karpathyの講義では、最初のモデルはこういう表で、`BigramLanguageModel`というクラスに入っていました。それが部品を1つずつ足されて育ち、とうとうGPTになっても、名前は昔のまま。ここでもその名前を使います。どんな言語モデルでもやっていることを、思い出させてくれるからです。そこにあるものを受け取って、次に来るものにスコアをつける。この名前が、いまでも文字どおり正しいのはどんなときか。それは章の終わりでわかります。
#
# - [ ] 11.01 組を数え、回数を確率にした
# - [ ] 11.02 表にどれだけの値打ちがあるかを測った
# - [ ] 11.r1 バイグラムモデルに何が見え、何が見えないかを説明できる

# %% [markdown]
# ## いつも、いちばん来そうなものを · 8 分
#
# では、しゃべらせましょう。やり方はこうです。最後の文字を見て、その行の**最高**を取り、末尾につけ足す。それをくり返す。**貪欲法**（greedy）といいます。`Let's he`のあとに何と言うでしょう？ 予想してください。上の図から、だいたいわかります。

# %%
def greedy(start: str, count: int) -> str:
    """`start`に`count`文字を足す。どれも、ひとつ前の文字のあとにいちばん来そうなもの。"""
    ids = loader.encode(start)
    for _ in range(count):
        row = ____  # 最後のIDのあとに来るもののスコア
        ids.append(____)  # 最高のID、ふつうの整数で
    return loader.decode(ids)


check("11.03")

# %%
for start in ("Let's he", "L", "RI", "\n"):
    print(repr(greedy(start, 50)))

# %% [markdown]
# `the the the the`。`e`のあとにいちばん来そうなのは空白、空白のあとは`t`、そのあとは`h`、それから`e`。あとは輪になって、永遠に回りつづけます。1文字しか覚えていないモデルは、さっきも同じことを言ったとは知らないのです。しかも一度行を終えると、朝まで改行キーを押しつづけます。
#
# 一歩一歩はどれもその場で最高なのに、通して読むと、この言語でいちばん退屈な文章です。（もっと大きなモデルでも、もっと大きな輪でそうなります。いつもいちばん来そうなトークンを取っていると、文を丸ごとくり返しはじめます。）まずいのは、やり方です。`e`のあとに空白が来るのは29%の場合なのに、貪欲法はそれを100%にしてしまうのですから。
#
# - [ ] 11.03 表に貪欲法でしゃべらせた

# %% [markdown]
# ## さいころ · 14 分
#
# 29%の場合に正しいことは、29%の場合に言えばいい。それにはルーレットが要ります。文字ごとに区画が1つ、幅はその確率。区画が4つの、小さいのがこれです。

# %%
odds = torch.tensor([8.0, 4.0, 2.0, 2.0])
chances = odds / odds.sum()
torch.manual_seed(1346)
spins = torch.rand(6)  # 0から1までの数6つ。針が止まるところ
print("確率は", chances)
print("針は  ", spins)

# %% [markdown]
# 区画を、0から1まで横に並べましょう。最初の区画は0.5で終わり、2番目は0.75で終わり、と続きます。この右端はどれも、そこまでの確率を全部足したものです。0.6で止まった針は、端を**1つ**越えているので、区画1にいます。越えた端の数を数えれば、それがIDです。

# %%
edges = ____  # それぞれの区画の右端：(4,)
landed = ____  # 6回の針それぞれについて、越えた端の数：(6,)
check("11.04")

# %%
print("右端      ", edges)
print("着いた区画", landed)
torch.manual_seed(1346)
many = (torch.rand(10_000, 1) > edges).sum(dim=1)
print("10,000回まわしたときの、区画ごとの割合：", torch.bincount(many, minlength=4) / 10_000)

# %% [markdown]
# これがサンプリングです。PyTorchには、出来合いのルーレットがあります。`torch.multinomial(chances, num_samples=1)`が、区画のIDを、数が1つ入ったテンソルで返します。それを使って、**スコア**の行を受け取る関数を書いてください。モデルが出すのは、スコアですから。

# %%
def roll(row: torch.Tensor) -> int:
    """スコアの行(vocabulary,)が決める確率で引いた、ID1つ。"""
    chances = ____  # スコアを確率に
    return ____  # ルーレットを一度回す。ふつうの整数で


check("11.05")

# %%
def speak(start: str, count: int, change=lambda row: row) -> str:
    """`greedy`と同じだが、さいころで。`change`で先にスコアを変えてもいい。"""
    ids = loader.encode(start)
    for _ in range(count):
        ids.append(roll(change(scores[ids[-1]])))
    return loader.decode(ids)


torch.manual_seed(1346)
print(speak("Let's he", 200))

# %% [markdown]
# 堂々めぐりは終わりました。でたらめですが、英語のでたらめです。発音できそうな音節、行の始まりには大文字、空白もだいたいそれらしい間隔で入っています。隣どうしの2文字は、どこを取ってももっともらしい。3文字取ると、もう表は最初の文字を忘れています。
#
# - [ ] 11.04 ルーレットを作った
# - [ ] 11.05 スコアから次の文字を引いた
# - [ ] 11.r2 いちばん来そうな文字を毎回書く人はいない理由、モデルもそうすべきでない理由を説明できる

# %% [markdown]
# ## 冷たく、熱く、絞って · 12 分
#
# `the the the`とこのうわごとのあいだには、まだ余地があります。その中を動き回るためのつまみが2つ。（おまけです。最後のクラスには出てきません。）
#
# 1つ目のつまみは、softmaxの前に、スコアをある数で割ることです。06章で、裏側から見ましたね。スコアが大きすぎて、softmaxがとがりすぎたのでした。スコアが小さければ賭けは平ら、大きければ鋭くなります。割る数のことを**温度**といいます。0に近づけるとどうなるか、予想してください。

# %%
def heated(row: torch.Tensor, temperature: float) -> torch.Tensor:
    """ある温度での、スコアの行の確率。1なら変わらない。"""
    return ____  # 割ってから、確率にする


check("11.06")

# %%
after_e = scores[loader.id_of["e"]]
favourites = after_e.topk(min(10, vocab_size)).indices.tolist()
temperatures = (0.1, 0.5, 1.0, 2.0, 10.0)
draw.heat(
    torch.stack([heated(after_e, temperature)[favourites] for temperature in temperatures]),
    rows=[f"温度{temperature}" for temperature in temperatures],
    columns=[loader.decode([number]) for number in favourites],
    title='「e」のあとに来るもの、冷たいほうから熱いほうへ',
    alt="行が5つ、列が10。空白、r、n、s、aと、ほかに5つ。温度0.1では空白が1.00で、ほかは全部0。0.5では空白が0.68、r"
    "が0.12。1では0.29、0.12、0.08と下がっていく。2では0.11、0.07、0.06。10では10個とも0.02か0.03。",
)
for temperature in (0.3, 0.7, 1.5, 3.0):
    torch.manual_seed(1346)
    said = speak("Let's he", 60, lambda row, heat=temperature: row / heat)
    print(f"{temperature}: {said!r}")

# %% [markdown]
# 0の近くでは貪欲法、1では学んだとおりにしゃべり、熱くなると、どのキーでもおかまいなしに叩きます。0.7くらいに落ち着く人が多いようです。少し正直さを欠きますが、失敗が減ります。
#
# そもそも、なぜ失敗するのでしょう？ どのマスでも、64の文字のほとんどは、まずありえません。「まず」です。どれにも、ルーレットにとても狭い区画があり、その数が多い。百文字も書くうちには、針がいくつかに止まってしまいます。2つ目のつまみは、それを切り落とします。スコアのいいほうからk個を残して、ほかを全部マイナス無限大にする。**top-k**といいます。

# %%
def only_best(row: torch.Tensor, k: int) -> torch.Tensor:
    """スコアの行(vocabulary,)のうち、いいほうからk個だけを残したもの。ほかはマイナス無限大。"""
    limit = ____  # 残っていい最低のスコア、つまりk番目
    return ____  # それより下を全部マイナス無限大に


check("11.07")

# %%
for k in (1, 3, 10):
    torch.manual_seed(1346)
    said = speak("Let's he", 60, lambda row, best=k: only_best(row, best))
    print(f"{k:>2}: {said!r}")

# %% [markdown]
# 行ごとに、いいほうから8個だけを残して、ルーレットが3回まわるのを見てみましょう。

# %%
torch.manual_seed(1346)
text_so_far = loader.encode("Let's h")
for _ in range(3):
    bet = only_best(scores[text_so_far[-1]], 8)
    best = bet.softmax(dim=-1).topk(8)
    names = [loader.decode([number]) for number in best.indices.tolist()]
    drawn = roll(bet)
    draw.bars(
        names,
        best.values,
        title=f"{loader.decode(text_so_far)!r}のあと、ルーレットは{loader.decode([drawn])!r}",
        alt="棒が8本、高いほうから順に: "
        + ", ".join(f"{name!r} {chance:.2f}" for name, chance in zip(names, best.values.tolist(), strict=True))
        + f"。ルーレットが出したのは{loader.decode([drawn])!r}。",
    )
    text_so_far.append(drawn)

# %% [markdown]
# k = 1なら貪欲法、k = 64なら何も変わりません。言語モデルを動かすプログラムの多くには、このつまみが両方ついています。もう回したことがあるかもしれません。
#
# つまみを回せば文章は整います。でも、どちらも、モデルが**知っている**ことを増やしはしません。それには、1文字よりもっと後ろまでふり返るモデルが要ります。作るときが来ました。
#
# - [ ] 11.06 賭けを熱し、冷ました
# - [ ] 11.07 いいほうからk個を残した

# %% [markdown]
# ## 部品を全部つなぐ · 14 分
#
# もう一度`Let's he`を、小さい設定で、最初から最後まで。IDが埋め込みに入り（04章）、ブロックを通り（09章）、スコアになって出てきます（10章）。ブロックは`nn.ModuleList`に入れてあります。ここでは1つしか入っていません。ずっと追いかけてきた数が、ブロック1つのときの数だからです。

# %%
ids = running.ids()  # (1, 8)
embedding, to_logits = running.part("04"), running.part("10")
blocks = nn.ModuleList([running.part("09")])
print(ids)

# %%
x = ____  # どのIDも、「何が」と「どこに」を知るベクトルに
for block in blocks:
    x = ____  # ストリームをこのブロックに通す
logits = ____  # マスごとのスコア
check("11.08")

# %%
print(tuple(ids.shape), "->", tuple(x.shape), "->", tuple(logits.shape))
print("10章の終わりにあったもの：", torch.equal(logits, running.after("10")))

# %% [markdown]
# `True`。10晩かけて、4行です。
#
# 訓練のときは、モデルに答えも渡して、損失を返してもらいます。しゃべるときには、答えがありません。それをこれから作るのですから。だから、**モデルの呼び方は2通り**あります。`targets`ありで呼ぶか、なしで呼ぶか。なしなら、損失は`None`です。

# %%
def loss_or_none(logits: torch.Tensor, targets: torch.Tensor | None) -> torch.Tensor | None:
    """ターゲット(batch, sequence)での、ロジット(batch, sequence, vocabulary)の驚きの平均。ターゲットがなければNone。"""
    if ____:  # もし誰も渡していなければ
        return None
    return ____  # 10章と同じく、PyTorchの望む形状で


check("11.09")

# %%
targets = torch.tensor([loader.encode("et's hen")])
print("ターゲットあり：  ", loss_or_none(logits, targets[: len(ids), : ids.shape[1]].expand(ids.shape)))
print("ターゲットなしで：", loss_or_none(logits, None))

# %% [markdown]
# 本番のモデルには、数がいくつあるでしょう？ いつものように、まず紙の上で。ブロックの中身は09章でわかっています。本番のモデルでは49,792個。残りの2つは計算できます。
#
# - 埋め込み：文字ごとに1行、マスごとに1行、幅は`config.embedding_dim`
# - スコア：正規化には、ベクトルの数1つにつきゲインとバイアス。それから、数ひとつひとつから文字ひとつひとつへの重み。そして文字ごとのバイアス

# %%
width = config.embedding_dim
in_a_block = sum(parameter.numel() for parameter in TransformerBlock(config).parameters())

# %%
in_embedding = ____  # 両方の表の数
in_logits = ____  # 正規化、重み、バイアス
in_all = ____  # モデル全体
check("11.10")

# %%
draw.bars(
    ["埋め込み", *(f"ブロック{number}" for number in range(1, config.num_layers + 1)), "ロジット"],
    [in_embedding, *[in_a_block] * config.num_layers, in_logits],
    title=f"モデルのパラメータ{in_all:,}個",
    alt="棒が6本。埋め込みのパラメータは6,144個、4つのブロックは49,792個ずつ、ロジットは4,288個。",
)

# %% [markdown]
# 209,600個、つまり**0.21 M**（Mは百万のこと）で、その95%はブロックにあります。いちばん小さいGPT-2は1.24億個。設計図は、部品の順番にいたるまで同じです。
#
# - [ ] 11.08 文をモデル全体に通した
# - [ ] 11.09 答えがあれば損失を、なければNoneを返すようにした
# - [ ] 11.10 紙の上でパラメータを数えた

# %% [markdown]
# ## 見えるのはここまで。あとはお静かに · 10 分
#
# しゃべるのに、表なら最後のIDだけで足りました。モデルは、見えるだけ受け取ります。いくつ見えるでしょう？ 小さい設定では8つです。13個渡すと何と言うか、見てみましょう。

# %%
def forward(ids: torch.Tensor) -> torch.Tensor:
    """ロジット。部品を順に全部通す：(batch, sequence) -> (batch, sequence, vocabulary)。"""
    x = embedding(ids)
    for block in blocks:
        x = block(x)
    return to_logits(x)


long_ids = torch.tensor([loader.encode("Let's hence, "), loader.encode("and hear the ")])  # (2, 13)
try:
    forward(long_ids)
except (IndexError, RuntimeError, ValueError) as error:
    print(f"{type(error).__name__}: {error}")

# %% [markdown]
# 位置の表に9行目はなく、マスクにもありません。だから、テキストを最後の8つのIDに**切りつめ**ないといけません。その前のことは忘れます。言語モデルの**文脈長**というのは、それだけのことです。
#
# それに、出てくるスコアのうち、要るのは最後のマスの分だけ。ほかは、もうそこにある文字への賭けです。

# %%
context = ____  # 最後のほうのID、`small`で見えるだけ
last = ____  # どの窓も、最後のマスのスコア：(batch, vocabulary)
check("11.11")

# %%
print(tuple(long_ids.shape), "->", tuple(context.shape), "->", tuple(last.shape))
print([loader.decode(window) for window in context])
print("短いテキストなら、同じスライスがあるだけ取る：", torch.tensor([[5, 6, 7]])[:, -8:].tolist())

# %% [markdown]
# しゃべる前に、あと2つ。できたての部品で作ったモデルに、同じことを2回聞いてみます。

# %%
torch.manual_seed(1346)
fresh = nn.Sequential(EmbeddingModule(vocab_size, small), TransformerBlock(small), VocabularyLogits(vocab_size, small))
twice = [fresh(ids)[0, -1, :3].tolist() for _ in range(2)]
print("1回目： ", twice[0])
print("2回目は：", twice[1])

# %% [markdown]
# 答えが2つとも違います。モデルは訓練モードなので、**ドロップアウト**が入っているのです。しゃべるときには、持てるものを全部使わせましょう。`eval()`は、全部の部品のドロップアウトを切ります。`train()`で、また入ります。
#
# それに、メモまで取っています。`forward`の中で起こったことを何もかも、決して来ない`backward`のために書きとめていて、メモリも時間もかかります。`with torch.no_grad():`の中では、何も書きとめません。

# %%
____  # ドロップアウトを切る
with ____:  # メモを取らない
    calm = fresh(ids)
check("11.12")

# %%
print("2回とも同じ：", torch.equal(calm, fresh(ids)), " メモを取った：", calm.requires_grad)

# %% [markdown]
# - [ ] 11.11 文脈を切りつめ、最後のマスのスコアを取り出した
# - [ ] 11.12 ドロップアウトを切り、メモを取るのをやめた
# - [ ] 11.r3 モデルの文脈長とは何で、コードのどこから来ているかを説明できる

# %% [markdown]
# ## クラス · 18 分
#
# 空欄は11個、初めて見るものは1つもありません。`generate`は`torch.multinomial`で、バッチの窓全部の分をいっぺんに引きます。確率(batch, vocabulary)からID(batch, 1)ができるので、`ids` (batch, sequence)の末尾にくっつけられます。もう書いてある行は、ドロップアウトを切り、あとで元に戻すためのもの。上にある`@torch.no_grad()`は、演習11.12の`with`を、関数全体にかけたものです。
#
# 次のセルは、試すための小さな道具です。自分用でもあり、判定用でもあります。モデルの自信を千倍にするので、さいころは、いつもいちばんいい目が出ます。

# %%
def sure(model: nn.Module, characters: int, times: float = 1000) -> nn.Module:
    """同じモデルで、`characters`個の文字のスコアを全部`times`倍にしたもの。"""
    with torch.no_grad():
        for part in model.modules():
            if isinstance(part, nn.Linear) and part.out_features == characters:
                for parameter in part.parameters():
                    parameter *= times
    return model

# %%
class BigramLanguageModel(nn.Module):
    """IDが入り、次のIDへのスコアが出る。文脈が1でないかぎり、バイグラムモデルなのは名前だけ。"""

    def __init__(self, vocab_size: int, config: Config) -> None:
        """埋め込みとロジットのあいだに、`config.num_layers`個のブロック。"""
        super().__init__()
        self.config = config
        self.embedding = ____  # 入り口
        self.blocks = ____  # ブロック
        self.to_logits = ____  # 出口

    def forward(
        self, ids: torch.Tensor, targets: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        """ID (batch, sequence)へのロジット(batch, sequence, vocab_size)。それと損失、ターゲットがなければNone。"""
        x = ____  # IDをベクトルに
        for block in self.blocks:
            x = ____  # このブロックを通す
        logits = ____  # ベクトルをスコアに
        if targets is None:
            return logits, None
        return logits, ____  # 損失

    @torch.no_grad()
    def generate(self, ids: torch.Tensor, max_new_tokens: int) -> torch.Tensor:
        """`ids` (batch, sequence)に続けて、`max_new_tokens`個を1つずつ引く：(batch, sequence + max_new_tokens)。"""
        was_training = self.training
        self.eval()
        for _ in range(max_new_tokens):
            context = ____  # 最後のほうのID、モデルに見えるだけ
            logits, _ = self(context)
            chances = ____  # 最後のマスの確率：(batch, vocab_size)
            chosen = ____  # 窓ごとにルーレットを一度回す：(batch, 1)
            ids = ____  # 前からあったもの、そのあとに選ばれたもの
        self.train(was_training)
        return ids


check("11.13")

# %%
torch.manual_seed(1346)
model = BigramLanguageModel(vocab_size, config).eval()
print(f"パラメータ{sum(parameter.numel() for parameter in model.parameters()):,}個、紙の上では{in_all:,}個")

torch.manual_seed(1346)
inputs, answers = DataLoader(loader.text, config).get_batch("validation")
print(f"何も知らないときの損失は4.16、訓練前のモデルは{model(inputs, answers)[1].item():.2f}")

# %% [markdown]
# 個数は紙の上の計算と合い、損失は、何も知らないときより少しだけ悪い。でたらめな意見ならそうなると、10章に書いてあったとおりです。このモデルは自分のもので、もう完成しています。しゃべらせましょう。`Let's he`のあとに100文字。どんなふうになるか、予想してください。

# %%
torch.manual_seed(1346)
start = ____  # 「Let's he」のID、窓1つのバッチとして：(1, 8)
babble = ____  # それに100文字足したものを、テキストで
check("11.14")

# %%
print(babble)

# %% [markdown]
# でたらめにキーを叩く機械です。`the the the`すら言えません。章の初めに2.48を取ったあの表のほうが、損失が4を超えるこのモデルより、はるかに先を行っています。モデルの209,600個の数は、まだ始まったときの乱数のまま。どこも悪くはありません。まだ1行も読んだことがないだけです。
#
# マップには、`generate`の中の形状を書き込みましょう。100ステップのうち最初のステップと、最後のステップのあとです。1行目は書いてあります。

# %%
shapes = {
    "context": (config.batch_size, config.input_sequence_length),
    "last scores": ____,  # 窓ごとに、最後のマスのスコア
    "chosen": ____,  # 窓ごとに新しいIDが1つ、くっつけられる形で
    "generated": ____,  # 100ステップ後のID
}
check("11.15")

# %%
for name, shape in shapes.items():
    print(f"{name:>12}  {shape}")

# %% [markdown]
# 名前の説明が、まだ残っていました。同じクラスで、文脈を**1文字**にして、64文字全部について尋ねてみてください。

# %%
one = BigramLanguageModel(vocab_size, replace(config, input_sequence_length=1)).eval()
with torch.no_grad():
    its_table = one(torch.arange(vocab_size)[:, None])[0][:, 0]
print("文字ごとにスコアの行が1つ：", tuple(its_table.shape))

# %% [markdown]
# 窓にマスが1つしかないと、アテンションにはほかに見るものがなく、答えはその1文字だけで決まります。中で何が起ころうと、こういうモデルはどれも、(64, 64)の表に行き着きます。さっき数えた表は、検証用テキストで2.48でした。訓練すれば、もっといい表が見つかるでしょうか？
#
# そのテキストで**どんな**表でもどこまで下がれるかは、何も訓練しなくても計算できます。5分かけて考えてみてください。世界中の表のうち、そこでの損失がいちばん低いのは、どんな賭け方をする表でしょう？ ずるをしても構いません。

# %%
pairs = ____  # この世でいちばんいい表が数えたはずの、組の番号
exam_counts = torch.bincount(pairs, minlength=vocab_size**2).view(vocab_size, vocab_size)
best_table = exam_counts / exam_counts.sum(dim=1, keepdim=True).clamp(min=1)  # `clamp`：空の行を0で割らないように
lowest = ____  # 検証用テキストでのその損失
check("11.16")

# %%
print(f"数えた表は {bigram_loss:.2f}、ありうる最善は {lowest:.2f}")

# %% [markdown]
# 2.37。それも、答えを読んでおいての話です。だから、文脈が1のモデルは、どれだけ訓練してもそれより下には行けません。文脈が1なら、あの名前は正しい。32なら、ただの歴史です。
#
# - [ ] 11.13 BigramLanguageModelクラスを書いた
# - [ ] 11.14 訓練前のモデルにしゃべらせた
# - [ ] 11.15 形状をマップに書きとめた
# - [ ] 11.16 表の損失がどこまで低くなれるかを突きとめた
# - [ ] 11.r4 BigramLanguageModelという名前がいつ正しいかを説明できる

# %% [markdown]
# ## チャレンジ：いちばん来そうなテキスト
#
# やってもやらなくても構いません。15分ほどかかりますが、あとの章では使いません。貪欲法は、毎回いちばんいい文字を取ります。でも、いちばん来そうな**テキスト**になるのでしょうか？ テキストの確率は、賭けを全部掛けたものです。ここの`scores`は対数なので、かわりに足せばいい。合計が高いほど、来そうなテキストです。`L`のあとに貪欲法が言うことの合計は、こうなります。

# %%
def total(text: str, count: int) -> float:
    """テキストの最後の`count`文字のスコアの合計、つまりその確率の対数。"""
    ids = loader.encode(text)[-count - 1 :]
    return scores[ids[:-1], ids[1:]].sum().item()


print(repr(greedy("L", 3)), f"{total(greedy('L', 3), 3):.2f}")

# %% [markdown]
# それに勝てるでしょうか？ 3文字の足し方は262,144通りで、全部試せます。50文字となると、宇宙の年齢より長くかかります。でも、表の物覚えの悪さに救われます。次に来るものを決めるのは、最後の1文字だけ。だから、同じ文字で終わるテキストが2つあれば、来そうにないほうは、もう勝負から降ろしていいのです。すると、64本あれば足ります。文字ごとに、それで終わるテキストのうちの最高を1本。それぞれに、ありうる文字を全部つけて、また終わりの文字ごとに最高を残します。
#
# 実行する前に予想を。いちばん来そうなテキストは、どんなふうに聞こえるでしょう？

# %%
def likeliest(start: str, count: int) -> str:
    """`start`と、全体としていちばん来そうな、続きの`count`文字。"""
    totals = scores[loader.encode(start)[-1]]  # (64,)：文字ごとに、それで終わる最高のテキストの合計
    endings = [[number] for number in range(vocab_size)]  # そのテキストが`start`に足したID
    for _ in range(count - 1):
        longer = ____  # テキストそれぞれ（行）に、次の文字それぞれ（列）をつけた合計
        totals, before = longer.max(dim=0)  # 列ごとの最高と、その行。つまりひとつ前の文字
        endings = [____ for number in range(vocab_size)]  # `number`で終わる最高のテキスト
    return start + loader.decode(____)  # 全体の最高


check("11.17")

# %%
for start, count in (("L", 3), ("\n", 3), ("\n", 50), ("Let's he", 50)):
    for text in (greedy(start, count), likeliest(start, count)):
        print(f"{total(text, count):7.2f} {text!r}")

# %% [markdown]
# `LO:`と改行。役名の終わりで、`LAnd`の2倍くらい来そうです。最初の一歩が見劣りするので、貪欲法はこれに気づきません。つまり貪欲法は、いちばん来そうなテキストを見逃すことがあるのです。では、いちばん来そうな50文字のテキストの中身は？ `the the the`でした。`Let's he`のあとなら、貪欲法が言ったことと一字一句同じです。探し方はうまくなったのに、退屈さは変わりません。いちばん来そうなテキストは、退屈なもの。だから、さいころを振るのです。
#
# いま書いた探し方は、**ビタビアルゴリズム**として知られています。32文字見えるモデルには使えません。物覚えがよすぎて、同じに見えるテキストが、まず2つとないからです。そういうモデルでは、最高のものをいくつか残して、あとは祈ります。ビームサーチといいます。
#
# - [ ] 11.17 チャレンジ：いちばん来そうなテキストを見つけた

# %% [markdown]
# ## これで自分のもの
#
# - 本物の**バイグラムモデル**：数えて作った(64, 64)の表、損失2.48
# - **貪欲法**は堂々めぐりをする。29%の場合に正しいことを、**サンプリング**は29%の場合に言う
# - **温度**はスコアを割り、**top-k**は長い尻尾を切り落とす。どちらも文章を整えるだけで、モデルの知っていることは増えない
# - **文脈長**：各ステップの前にテキストを切りつめ、使うのは最後のマスのスコアだけ
# - `BigramLanguageModel(vocab_size, config)`。`forward(ids, targets=None)`はロジットと損失を、`generate(ids, max_new_tokens)`は長くなったテキストのIDを返す
#
# 209,600個の数、4つのブロック、16のヘッド。それなのに、言うことが何もありません。**12 Trainer**で、読むことを学びます。
