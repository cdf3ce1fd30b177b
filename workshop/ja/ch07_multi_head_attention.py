# %% [markdown]
# # 07 MultiHeadAttention
# <!-- Made from checkpoints/ch07_multi_head_attention.py by scripts/build.py. From your first edit on it is yours. -->
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/OWNER/REPO/blob/main/workshop/ja/ch07_multi_head_attention.ipynb)
# [![Open in GitHub Codespaces](https://github.com/codespaces/badge.svg)](https://codespaces.new/OWNER/REPO?quickstart=1)
#
# いくつものヘッドに一度に、それぞれ違うものを探させて、見つけたものを1つのベクトルにまとめます。
#
# 7節、75分。必要なのは06章と、画像のネットワークでいつか出会った残差接続です。
#
# 新しい数学はほとんど出てきません。出てくるのは、3つの決断です。そのたびに、別の道を選んだ人がどんな目にあうかをお見せします。

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

from nanogpt import AttentionHead, Config
from workshop import ____, check, draw, hint, running, solution

# %%
torch.set_printoptions(precision=3, linewidth=100, sci_mode=False)  # 1行に数8つ
config = Config()
small = Config.small()
print(config)
print(small)

# %% [markdown]
# ## 隣人は2人、ヘッドは1つ · 12 分
#
# ヘッドはふり返り、何が大事かを決め、混ぜたものを**1つ**渡します。ところが、マスには2つのものが要ることがよくあります。この戯曲では、`th`のあとは100回に46回が`e`。`ht`のあとなら14回です。だから、2つの文字のどちらがあとに来たかが問題で、マスは両方について、別々に聞かせてもらわないと困ります。
#
# 隣人がそれぞれ、伝えたい数を1つ持っているとしましょう。ひとつ前の文字は2、そのもうひとつ前は6と言います。両方を同じだけ見るヘッドが渡すのは4。別のテキストでは、6と2と言います。ヘッドが渡すのは、また4です。
#
# それなら、重みに差をつけましょう。4分の3と4分の1です。これで2つのテキストは3と5になりました。めでたしめでたし、でしょうか？ 予想してから埋めてください。ヘッドは何を渡すでしょう？ そして、ヘッドには同じに見えてしまう**別の**組は？

# %%
weights = torch.tensor([0.75, 0.25])  # ひとつ前の文字の分と、そのもうひとつ前の分
pair = torch.tensor([2.0, 6.0])
other_first = torch.tensor(1.0)  # 別のテキストで、ひとつ前の文字が言う数

# %%
seen = ____  # ヘッドが渡すもの。数に重みを掛けて、足す
other_second = ____  # ヘッドが同じものを渡すことになる、2つ目の数
check("07.01")

# %%
print(f"ヘッドには{pair.tolist()}も[{other_first.item():.2f}, {other_second.item():.2f}]も{seen.item():.2f}に見える")

# %% [markdown]
# このヘッドには、(2, 6)と(1, 9)が同じに見えます。(3, 3)と(4, 0)も同じです。重みがどうであれ、1つの数から2つの数は取り戻せません。（本物のヘッドが渡す数は、1つではありません。でも、全部を同じ重みで混ぜます。まなざしは1つ、数はたくさんです。）
#
# それでも、重みによっては失うものが少なくてすむかもしれません。乱数の組を千組用意して、測ってみましょう。関数`lost`は、渡されたものから両方の隣人を読み取る、いちばんいい線形の規則を見つけて、わからずじまいになる割合を教えてくれます。0なら全部読める、1なら何ひとつ読めない、という意味です。

# %%
torch.manual_seed(7)
pairs = torch.randn(1000, 2)  # 各行に、ひとつ前の文字と、そのもうひとつ前
look = torch.tensor([[0.75, 0.25]])  # ヘッドごとに1行、重みが2つ
looks = torch.tensor([[0.75, 0.25],
                      [0.4, 0.6]])


def lost(handed: torch.Tensor) -> float:
    """ヘッドが渡したものから読み取れない`pairs`の割合：(1000, heads)。"""
    rule = torch.linalg.lstsq(handed, pairs).solution
    return ((pairs - handed @ rule).square().sum() / pairs.square().sum()).item()

# %% [markdown]
# 1つの積で、全部の組をいっぺんに片づけます。`pairs`は(1000, 2)、`look`は(1, 2)で、ヘッドごとに1行。2どうしが出会うには、2つの行列の片方を転置しないといけません。

# %%
one_head = ____  # 全部の組に、1つのヘッドが渡すもの：(1000, 1)
two_heads = ____  # `looks`の2つのヘッドが渡すもの：(1000, 2)
check("07.02")

# %%
print(f"失うのは、ヘッド1つで{lost(one_head):.2f}、ヘッド2つで{lost(two_heads):.2f}")
steps = [step / 20 for step in range(21)]
tried = torch.tensor([[[step, 1 - step], [1 - step, step]] for step in steps])  # 2つ目のヘッドは重みが逆
draw.lines(
    {
        "ヘッド1つ": [lost(pairs @ heads[:1].T) for heads in tried],
        "ヘッド2つ（2つ目は重みが逆）": [lost(pairs @ heads.T) for heads in tried],
    },
    x=steps,
    x_name="最初のヘッドの、ひとつ前の文字への重み",
    y_name="失われる割合",
    title="2人の隣人について、わからずじまいのもの",
    alt="横軸が0から1までの重みの、2本の線。ヘッド1つの線は、重みがいくつでも、半分あたり、0.49から0.51のあいだで平"
    "らである。ヘッド2つの線はゼロのところにあるが、重みが半分のところにだけ鋭い山が1つあり、その頂がもう1本の線に触"
    "れる。",
)

# %% [markdown]
# 平らな線になると思いましたか？ 重みが1なら、ヘッドは片方の隣人を書き写して、もう片方のことは何も知りません。重みが1/2なら、どちらのことも半分だけ知っています。そのあいだでは、こちらで得をすれば、あちらで損をします。だいたい半分が、いつも失われるのです。
#
# ヘッドが2つなら、何も失いません。隣人を1人ずつ受け持つ必要はなくて、見方が**違って**いれば十分です。真ん中の山は、2つが同じことをしているところ。意見の同じヘッド2つは、ヘッド1つと変わりません。
#
# - [ ] 07.01 ヘッドには見分けのつかない2つの組を見つけた
# - [ ] 07.02 ヘッド1つが失うもの、2つが失うものを測った

# %% [markdown]
# ## 幅を分ける · 10 分
#
# というわけで、ヘッドはいくつか欲しい。お値段は？ ヘッドには`query`、`key`、`value`の3つの行列があり、どれもモデルの幅からヘッドの大きさへの行列です。モデルと同じ幅のヘッドが2つなら、値段は1つのときの2倍。16個なら16倍です。
#
# ただで手に入れる方法があります。**幅を分ける**のです。小さいモデルの8つの数を、2つのヘッドで4つずつ分けます。まず紙の上で計算してみてください。ヘッドにはバイアスがないので、パラメータは3 × 8 × 4個です。

# %%
width, heads_wanted = small.embedding_dim, small.num_heads
if_all_wide = heads_wanted * 3 * width * width
print(f"モデルと同じ幅のヘッド{heads_wanted}つ：パラメータ{if_all_wide}個")

# %%
head_size = ____  # ヘッド1つが渡す数の個数、整数で
if_split = ____  # 全部のヘッドがこの大きさのとき、合わせたパラメータの数
check("07.03")

# %%
print(f"分けると：数{head_size}つずつ、パラメータ{if_split}個")
for number in (1, 2, 4, 8, 64):
    size = 64 // number
    print(f"幅64を {number:2} x {size:2} に分けると：パラメータ{number * 3 * 64 * size:,}個")

# %% [markdown]
# ヘッドの個数は、式から消えてしまいました。全部合わせて、幅広のヘッド1つと同じ値段なのです。クエリとキーの積も同じことで、マスの組ごとに掛け算が8回。まとめてやっても、4回ずつ2つに分けても変わりません。
#
# それなら、数1つずつのヘッドを64個では？ ヘッドはクエリとキーを比べて、見るマスを決めます。数が1つでは、比べようにもほとんど材料がありません。ヘッドは、増やせば増やすほど鈍くなります。いちばん小さいGPT-2は、768を12のヘッドで64ずつに分けます。本番のモデルでは、64を4つで、16ずつです。
#
# 割り算に余りが出てはいけません。64を5つのヘッドで分けると、12ずつで60。数が4つ、持ち主なしになってしまいます。
#
# では、別々の数を持ったヘッドを2つ作って、`Let's he`を見せましょう。入れるのは、05章が残してくれた、正規化されたベクトルです。`.eval()`のおかげでドロップアウトは切れているので、数は動きません。

# %%
sentence = running.SENTENCE
embedded = running.after("04")  # 埋め込みの出力：(1, 8, 8)
normed = running.after("05")  # それを正規化したもの。ヘッドが見るのはこちら
print(tuple(normed.shape))

# %%
torch.manual_seed(1342)
heads = ____  # ヘッドのリスト。1つずつ新しく作って、試験モードに
outputs = ____  # それぞれが渡すもののリスト
check("07.04")

# %%
print([tuple(output.shape) for output in outputs])
draw.heat(
    torch.stack([head.weights(normed)[0, -1] for head in heads]),
    rows=[f"ヘッド{number}" for number in range(len(heads))],
    columns=sentence,
    title="何も学ばないうちに、「Let's he」の最後のeが見ているところ",
    alt="行が2つ、ヘッドごとに1つ。列が8つ、文字ごとに1つ。ヘッド0は最後のe自身に0.20、ほかの文字には0.11から0.13ず"
    "つ。ヘッド1はまんべんなく配り、最初のeの0.10から、tとhの0.14まで。",
)

# %% [markdown]
# 2つのヘッドに、同じ8文字の2通りの見方。違う見方をしろとは、誰も言っていません。別の乱数から始まった、それだけのことです。ここから訓練が、それぞれを別の道へ送り出せます。
#
# - [ ] 07.03 幅を分けた
# - [ ] 07.04 2つのヘッドに文を見せた

# %% [markdown]
# ## 横に並べる · 10 分
#
# ヘッドが出すのは(1, 8, 4)ずつ、モデルの残りが欲しいのは(1, 8, 8)です。ヘッドの出力を足すと、また(1, 8, 4)になり、前と同じ失敗です。誰にも元に戻せません。だから**横に並べます**。マスごとに、まずヘッド0の数を4つ、次にヘッド1の数を4つ。
#
# `torch.cat`は、テンソルを1つの次元に沿ってくっつけます。次元の候補は3つ。バッチ、マス、数です。選んでください。そして、もし**マス**、つまり次元1に沿ってくっつけたらどんな形状になったか、いまある名前を使って、タプルで書いてみましょう。

# %%
side_by_side = ____  # ヘッドの出力を(1, 8, 8)にくっつけたもの。ヘッド0が先
along_places = ____  # 次元1に沿った場合の形状
check("07.05")

# %%
draw.heat(
    side_by_side[0],
    rows=sentence,
    columns=[f"{number}.{column}" for number in range(heads_wanted) for column in range(head_size)],
    title="横に並べる：列0.0〜0.3はヘッド0、列1.0〜1.3はヘッド1",
    alt="行が8つ、文字ごとに1つ。列が8つで、数は-0.71から0.82。自分しか見えないLの行がいちばん強く、最後の4行がいち"
    "ばん薄い。",
)

# %% [markdown]
# 間違った次元だと(1, 16, 4)になります。次の層は数8つを待っているので、受け付けてくれないでしょう。これは運がいいほうです。でも、疲れた人が形状のエラーを見たら、何をするでしょう？ `.view(1, 8, 8)`と書く。エラーは消えます。
#
# エラーと一緒に何が消えたのか、見てみましょう。変えるのは**最後の**文字だけです。未来は誰にも見えないはずだから、変わっていいのは最後の行だけ。疲れた人のほうはどうなるか、予想してください。

# %%
def glued(x: torch.Tensor) -> torch.Tensor:
    """ヘッドの出力を横に並べたもの。"""
    return torch.cat([head(x) for head in heads], dim=-1)


def forced(x: torch.Tensor) -> torch.Tensor:
    """マスに沿ってくっつけ、欲しい形状に無理やり合わせたもの。"""
    return torch.cat([head(x) for head in heads], dim=1).view(x.shape)


nudged = normed.clone()
nudged[0, -1] += 1  # 最後の文字を変える
print("      ", *(f"{letter:>5}" for letter in sentence))
for version in (glued, forced):
    change = (version(nudged) - version(normed)).abs().sum(dim=-1)[0]
    print(f"{version.__name__:6}", *(f"{size:5.2f}" for size in change.tolist()))

# %% [markdown]
# マス7が変わると、マス3のアポストロフィまで変わりました。因果マスクは無傷なのに、アポストロフィは**未来を見ている**のです。`view`は数を、しまってある順に新しい形へ流し込みます。だから3番の行には、ヘッド0がマス6とマス7について言ったことが入ってしまいます。訓練のあいだ、こういうモデルはすばらしく優秀に見えます。答えをのぞけるからです。いざ書く番になると、のぞく答えがありません。
#
# `view`や`reshape`で、形状のエラーが直ることはありません。隠れるだけです。数の意味がどうなろうと、頼んだとおりの形状は手に入ります。
#
# - [ ] 07.05 ヘッドを横に並べた
# - [ ] 07.r1 無理やり合わせた形状が何を混ぜてしまうかを説明できる

# %% [markdown]
# ## 話し合わせる：射影 · 12 分
#
# 8つの列には、もう持ち主がいます。最初の4つにはヘッド0が、残りにはヘッド1が書く。ずっとそのままです。最初の2と6を思い出してください。片方のヘッドが2を、もう片方が6を見つけました。マスが知りたいのは、どちらが大きいかです。それには差が要りますが、差の入った列はどこにもありません。
#
# 重みの行があれば見つかります。1 × 2 + (-1) × 6です。だから、もう1つ行列が要ります。全部の列を混ぜていい行列、幅から幅へのLinearです。これを**射影**といいます。
#
# 次のセルでは、2つのヘッドをもう一度、同じシード、つまり同じ数で作ります。そのあとに引かれる数が、射影の分です。

# %%
torch.manual_seed(1342)
heads = [AttentionHead(head_size, small).eval() for _ in range(heads_wanted)]
projection = ____  # 全部の列から、同じ数の新しい列へ
projected = ____  # 両方のヘッドの数を混ぜたもの
check("07.06")

# %%
silent = torch.cat([outputs[0], *(0 * output for output in outputs[1:])], dim=-1)  # 話すのはヘッド0だけ
draw.heat(
    torch.stack([
        (side_by_side - silent).abs().mean(dim=(0, 1)),
        (projected - projection(silent)).abs().mean(dim=(0, 1)),
    ]),
    rows=["横並び", "射影後"],
    title="ヘッド1が黙ると、8つの列はどれだけ変わるか",
    alt="マス目8つの行が2つ。上の行は射影の前で、最初の4つがゼロ、ほかは0.12から0.22。下の行は射影のあとで、ゼロは1"
    "つもなく、0.03から0.08のあいだ。",
)

# %% [markdown]
# 射影の前は、ヘッド1には自分の列が4つあるだけで、何を言ってもほかの列には届きません。射影のあとは、どの列にも両方のヘッドの話が届いています。
#
# この層には、もう1つの見方があります。これには5分かける値打ちがあります。こういうモデルの中身を調べる人たちは、この見方で考えるからです。重みの行列を2つに切ります。ヘッド0と出会う列と、ヘッド1と出会う列です。各ヘッドの出力に、そのヘッドの列を掛ける。そして足す。

# %%
columns = projection.weight.split(head_size, dim=1)
print([tuple(part.shape) for part in columns])

# %%
messages = ____  # ヘッドごとに、出力 × その列
together = ____  # 全部のメッセージを足し、バイアスを一度だけ足す
check("07.07")

# %%
print("射影との最大の差：", f"{(together - projected).abs().max().item():.7f}")

# %% [markdown]
# 丸め誤差を除けば、同じです。つまり「横に並べて射影する」とは、**ヘッドがそれぞれ、ベクトル全体にメッセージを書き、それが足し合わされる**ということ。ヘッドは順番に話すのでも、多数決を取るのでもありません。足すのです。
#
# - [ ] 07.06 射影にヘッドを混ぜさせた
# - [ ] 07.07 射影を、ヘッドごとのメッセージに分解した

# %% [markdown]
# ## 脇を通る道：残差 · 13 分
#
# まだ1つ、まずいところがあります。しかも大きいのが。マスから出てくるのは、ヘッドが見つけたものを混ぜたものです。では、マス自身はどこへ行ったのでしょう？ 最後の`e`は8つの文字を見ました。でも、混ぜたものがまだ「もとは`e`でした」と言っている保証は、どこにもありません。
#
# 薬は知っていますね。画像のネットワークで見たし、05章でも使いました。前からあったものを取っておき、新しいものを**足す**。ただ、同じ形状のテンソルが、いま4つも机に載っています。`embedded`、`normed`、`side_by_side`、`projected`。和に入るのはこのうち2つ。どれとどれでしょう？

# %%
mixed = ____  # マスの前の姿に、ヘッドがマスに伝えたいことを足したもの
check("07.08")

# %%
print("最後のe、元は ", embedded[0, -1].detach())
print("ヘッドの話は  ", projected[0, -1].detach())
print("それで今は    ", mixed[0, -1].detach())

# %% [markdown]
# `embedded`は、正規化の前のストリームです。正規化は、ヘッドが読むときにかける眼鏡にすぎません。紙面そのものは元のままです。`projected`は、ヘッドが話し合ったあとの、新しいものです。
#
# `e`は、少し変わったけれど、まだ`e`だとわかります。まだ何も知らない層に、たいした悪さができては困ります。脇を通る道があれば、できません。
#
# それがどれだけ大事かは、層を積むとわかります。0.1を掛ける層を10個積みます。いちばん下をつつくと、上には0.1 × 0.1 × …が掛かって届きます。0.0000000001倍です。脇を通る道があれば、どの層も1 + 0.1を掛け、10層で2.6倍。上っていくひと突きにも、下ってくる勾配にも、同じ数が掛かります。
#
# いまのは算数でした。今度はアテンションで。いま作ったような層を10個、それぞれ自分の乱数で。一度は道なし、一度は道ありです。勾配はいちばん下にどれだけ届くか、予想してください。

# %%
class Layer(nn.Module):
    """ヘッドを横に並べ、射影する。ここまでに作ったもの、道なし。"""

    def __init__(self) -> None:
        """新しい乱数。"""
        super().__init__()
        self.heads = nn.ModuleList(AttentionHead(head_size, small) for _ in range(heads_wanted))
        self.projection = nn.Linear(width, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, sequence, width)が入り、同じ形状で出る。"""
        return self.projection(torch.cat([head(x) for head in self.heads], dim=-1))


torch.manual_seed(3)
layers = [Layer().eval() for _ in range(10)]

# %%
start = embedded.clone().requires_grad_()
bare, road = start, start
for layer in layers:
    bare = ____  # 1層進む、道なし
    road = ____  # 1層進む、前からあったものを取っておく
check("07.09")

# %%
def gradients(with_road: bool) -> list[float]:
    """0, 1, ..., 10層のあとの勾配の長さ。いちばん上の数全部の和について。"""
    heights = [embedded.clone().requires_grad_()]
    for layer in layers:
        x = heights[-1]
        heights.append(x + layer(x) if with_road else layer(x))
    return [slope.norm().item() for slope in torch.autograd.grad(heights[-1].sum(), heights)]


without, with_it = gradients(with_road=False), gradients(with_road=True)
print(f"いちばん上の勾配：{without[-1]:.2f}。いちばん下では：道なし{without[0]:.6f}、道あり{with_it[0]:.2f}")
print(f"マスどうしの違い：いちばん下で{start.std(dim=1).mean().item():.2f}。いちばん上では、道なし"
    f"{bare.std(dim=1).mean().item():.7f}、道あり{road.std(dim=1).mean().item():.2f}")
draw.lines(
    {
        "道なし": torch.tensor(without).log10(),
        "道あり": torch.tensor(with_it).log10(),
    },
    x_name="下にある層の数",
    y_name="勾配（10の何乗か）",
    title="10層目から下へ、勾配はどれだけ残るか",
    alt="横軸が0層から10層までの、2本の線。道ありでは、勾配はずっと10の1乗のそばにある。道なしの線は、10層のところで"
    "同じ高さから始まり、1層ごとに半桁くらいずつ着実に下がって、いちばん下では10の-4.3乗。",
)

# %% [markdown]
# 道がないと、いちばん下に届くのは、いちばん上の勾配の160,000分の1です。道があれば、勾配は下るあいだに8から21へと、むしろ育ちます。通りすぎるものに、どの層も自分の分を足すからです。
#
# 出力の2行目のほうは、もっと悲しい話です。ヘッドは平均を取ります。平均を10回続けると、マスを見分けるものが何も残りません。8つの文字が、同じベクトルのコピー8枚になってしまいました。道があれば、どのマスも元の自分のまま、話をどんどん聞かせてもらえます。
#
# この道を流れるもののフルネームは、そこから来ています。**残差ストリーム**です。ここから先は、何もかもがここから読み、ここへ足します。（このモデルでは、足すのはアテンションではありません。09章で、まわりのブロックがやります。だから下のクラスに和は出てきません。）
#
# - [ ] 07.08 何を取っておき、それに何を足すかを選んだ
# - [ ] 07.09 文を10層上らせた。道なしと道ありで
# - [ ] 07.r2 道が勾配のために何をし、マスのために何をするかを説明できる

# %% [markdown]
# ## 誰にも見えないリスト：nn.ModuleList · 8 分
#
# クラスの前に、はまった人が何日も棒に振ってきた罠を1つ。ヘッドをリストに入れているモジュールです。見た目は正しく、ヘッドの計算もひとつひとつ正しい。さて、パラメータはいくつあるでしょう？ 紙の上では、ヘッド2つに3 × 8 × 4個ずつ、射影に8 × 8個とバイアスが8個で、264個です。

# %%
class Listed(nn.Module):
    """ヘッドはただのPythonのリストに。それと射影。"""

    def __init__(self) -> None:
        """ヘッドの数は`small`のとおり。"""
        super().__init__()
        self.heads = [AttentionHead(head_size, small) for _ in range(small.num_heads)]
        self.projection = nn.Linear(width, width)

# %%
def count(module: nn.Module) -> int:
    """このモジュールの数のうち、オプティマイザに渡るものの個数。"""
    return ____  # パラメータを順に見て、それぞれに数がいくつあるかを足す


class Registered(Listed):
    """同じものを、PyTorchの知っているリストで。"""

    def __init__(self) -> None:
        """同じヘッドを、登録して。"""
        super().__init__()
        self.heads = ____  # 同じヘッドを、この節の題になっているリストに


check("07.10")

# %%
print("リスト：       ", count(Listed()))
print("nn.ModuleList：", count(Registered()))
print("リストから保存： ", list(Listed().state_dict()))
print("eval()のあと、ヘッドはまだ訓練モード？", [head.training for head in Listed().eval().heads])

# %% [markdown]
# 264個のうち、72個。`nn.Module`は自分の属性の中からパラメータを探し、モジュールがあればモジュールだとわかります。でも、ただのPythonのリストの中はのぞきません。だから、オプティマイザはヘッドのことを知らされず、ヘッドは永遠に乱数のままです。`eval()`もヘッドのドロップアウトに届きません。保存されるのは`state_dict()`ですが、そこにヘッドの重みは1つもなく、`.to("cuda")`でも置いていかれます。
#
# しかも、**エラーが出ません**。残りの部分が乱数のヘッドでやりくりすることを学ぶので、損失まで下がります。教えてくれるのは、個数だけです。訓練の前に数えて、紙の上の計算と比べる。これを習慣にしましょう。
#
# - [ ] 07.10 リストが隠すパラメータを数え、連れ戻した

# %% [markdown]
# ## クラスとマップ · 10 分
#
# 空欄は4つ、新しい考えはゼロ。2つはもう書いてあります。分けると余りが出るときのエラーと、ドロップアウトの層です。06章のドロップアウトは重みに効きました。こちらは、出ていくものに効きます。

# %%
class MultiHeadAttention(nn.Module):
    """横に並んだヘッドと、話し合わせる射影。残差の和はブロックに任せる。"""

    def __init__(self, config: Config) -> None:
        """`config.num_heads`個のヘッドで`config.embedding_dim`を分ける。余りが出たらValueError。"""
        super().__init__()
        if config.embedding_dim % config.num_heads:
            raise ValueError(f"{config.num_heads} heads cannot split {config.embedding_dim} numbers evenly")
        head_size = config.embedding_dim // config.num_heads
        self.heads = ____  # ヘッドを、PyTorchから見えるところに
        self.projection = ____  # それを混ぜるもの
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, sequence, embedding_dim) -> 同じ形状。"""
        side_by_side = ____  # 全部のヘッドが渡すものを横に並べる。ヘッド0が先
        return ____  # 混ぜて、ドロップアウトを通す


check("07.11")

# %%
torch.manual_seed(1342)
attention = MultiHeadAttention(small).eval()
mixed = embedded + attention(normed)
print(mixed[0].detach())
print("08章の出発点と同じ？", torch.equal(mixed, running.after("07")))

real = MultiHeadAttention(config)
inputs_shape = (config.batch_size, config.input_sequence_length, config.embedding_dim)
print(f"本番のモデルでは：{inputs_shape} -> {tuple(real(torch.zeros(inputs_shape)).shape)}")
print(f"パラメータ{count(real):,}個。ヘッドに{count(real.heads):,}個、射影に{count(real.projection):,}個")

# %% [markdown]
# 最後に、テンソルマップです。この章で増えたものを、本番のモデルで。割り算で出てくる数は、スラッシュ2本の割り算のまま書いてください。

# %%
shapes = {
    "normalised": (config.batch_size, config.input_sequence_length, config.embedding_dim),
    "head output": ____,  # ヘッド1つが渡すもの
    "heads side by side": ____,  # 全部をくっつけたもの
    "projection weight": ____,  # パラメータの行列
    "projected": (config.batch_size, config.input_sequence_length, config.embedding_dim),
}
check("07.12")

# %%
for name, shape in shapes.items():
    print(f"{name:>18}  {shape}")

# %% [markdown]
# 出力の形状は、入力の形状と同じです。途中で何が起ころうと、外には関係ありません。だからこそ、こういう層は積み重ねられるのです。
#
# - [ ] 07.11 MultiHeadAttentionクラスを書いた
# - [ ] 07.12 形状をマップに書きとめた

# %% [markdown]
# ## チャレンジ：全部のヘッドを一度に
#
# やってもやらなくても構いません。15分ほどかかりますが、あとの章では使いません。それでも、GPTのソースコードでいちばん怖がられている行が、今夜、自分で書けます。
#
# いま書いたクラスは、ヘッドを順番に呼びます。大きなモデルはそうしません。全部のヘッドのクエリを1つの積で、キーを1つの積で、バリューも1つの積で計算します。それから、ヘッドに専用の次元を与える。すると、ヘッドがバッチのような顔をして、06章でやったことが全部いっぺんに効きます。つまり(1, 8, 8)を、(1, 2, 8, 4)にするのです。バッチ、ヘッド、マス、数。正しい形状にたどり着く道は何本もあります。正しい数にたどり着く道は1本だけ。ほかの道がどこへ行くかは、演習07.05で見ました。
#
# `queries`では、ヘッド0の列が先で、ヘッド1の列があとです。うまくいけば、`at_once`はまた`side_by_side`になります。

# %%
def for_all(name: str) -> torch.Tensor:
    """`normed`かける、全部のヘッドのその名前の行列。1つの積で：(1, 8, 8)。"""
    return normed @ torch.cat([getattr(head, name).weight for head in heads]).T


queries, keys, values = for_all("query"), for_all("key"), for_all("value")
future = torch.ones(8, 8).triu(1) == 1
print(tuple(queries.shape))

# %%
def apart(x: torch.Tensor) -> torch.Tensor:
    """(batch, places, all columns) -> (batch, heads, places, columns of one head)。"""
    batch, places, _ = x.shape
    return ____  # ヘッドごとの列を別々に


def joined(x: torch.Tensor) -> torch.Tensor:
    """(batch, heads, places, columns of one head) -> (batch, places, all columns)。"""
    return ____  # 帰り道：横に並べる、ヘッド0が先


scores = ____  # 全部のヘッドのスケーリングしたスコア、(1, 2, 8, 8)
shares = scores.masked_fill(future, float("-inf")).softmax(dim=-1)
at_once = joined(shares @ apart(values))
check("07.13")

# %% [markdown]
# ヘッドが二つでも二百でも、やることは同じ数回の積。グラフィックボードの好物は、こういう、少なくて大きな積です。真ん中の部分（スコア、割合、バリューとの積）を丸ごと引き受ける関数まで、PyTorchにはあります。`F.scaled_dot_product_attention`です。
#
# - [ ] 07.13 チャレンジ：全部のヘッドを一度に、ループなしで注目させた

# %% [markdown]
# ## これで自分のもの
#
# - **いくつものヘッド**。1つのヘッドが渡すのは、混ぜたもの1つだけだから
# - ヘッドは**幅を分ける**。だから全部合わせて、幅広のヘッド1つと同じ値段
# - 最後の次元に沿って**横に並べ**、それから**射影**。各ヘッドからのメッセージを足し合わせる
# - **残差ストリーム**：x + attention(norm(x))。勾配が通り抜け、マスは自分のままでいられる
# - `nn.ModuleList`と、数える習慣
# - `MultiHeadAttention(config)`：(batch, sequence, width)が入り、同じ形状で出る
#
# どのマスも、自分より前のマスの話を聞きました。でも、聞いたことを考える時間はまだもらっていません。その時間が、**08 FeedForward**です。
