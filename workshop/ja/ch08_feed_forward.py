# %% [markdown]
# # 08 FeedForward
# <!-- Made from checkpoints/ch08_feed_forward.py by scripts/build.py. From your first edit on it is yours. -->
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/OWNER/REPO/blob/main/workshop/ja/ch08_feed_forward.ipynb)
# [![Open in GitHub Codespaces](https://github.com/codespaces/badge.svg)](https://codespaces.new/OWNER/REPO?quickstart=1)
#
# どのマスにも、聞いてきたことをひとりで考える時間をあげましょう。
#
# 8節、60分。必要なのは05章と07章、それに数字の分類器で使った隠れ層です。
#
# クラスはLinearが2つと、あいだにReLU。前にも書いたことがありますね。今夜の問いは、なぜモデルにはそれがここで必要なのか、なぜ真ん中が広いのか、なぜブロックのパラメータの3分の2がここにあるのか、です。

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

from nanogpt import AttentionHead, Config, LayerNorm, MultiHeadAttention
from workshop import ____, check, draw, hint, running, solution

# %%
torch.set_printoptions(precision=3, linewidth=100, sci_mode=False)  # 1行に数8つ
config = Config()
small = Config.small()
width = small.embedding_dim
print(small)

# %% [markdown]
# ## 平均には決められない · 12 分
#
# 階段の下と上にスイッチが1つずつ、そして電灯。スイッチの向きが**違う**とき、電灯がつきます。事実は2つ、答えは1つ。モデルはしょっちゅうこれに出くわします。マスが自分について2つのことを知っていて、大事なのはその組み合わせ、という場面です。（行の頭なら、大文字に意味はありません。行の途中なら、人名の始まりかもしれません。）
#
# 重みつきの和でできるでしょうか？ 使えるのは、スイッチごとに重みが1つと、バイアス。数は何でも構いません。下の4通りの状態で、電灯は0、1、1、0になってほしいのです。予想してから、2つの和を見てください。

# %%
switches = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
weights, bias = torch.tensor([2.0, -1.0]), torch.tensor(0.5)

# %%
scores = ____  # 4つの行それぞれの、電灯のスコア：(4,)
sum_alike = scores[0] + scores[3]  # スイッチの向きが同じ2つの行
sum_different = ____  # 向きが違う2つの行で同じことを
check("08.01")

# %%
print("スコア：", scores, " 同じ：", round(sum_alike.item(), 3), " 違う：", round(sum_different.item(), 3))

# %% [markdown]
# 和はどちらも2になりました。重みを変えて、もう一度実行してみてください。やっぱり等しいままです。どちらの和にも、それぞれの重みが1回ずつと、バイアスが2回入っているからです。でも電灯が欲しいのは、向きが同じなら0 + 0、違うなら1 + 1。どんな重みを持ってきても無理です。
#
# 前にも見た光景です。02章では、`c`が`a`と`e`のちょうど真ん中から動けませんでした。和はお人よしで、「ただし両方はだめ」とは言えないのです。
#
# アテンションならどうでしょう？ あれだけの仕掛けがあれば、さすがにできそうです。見分ける方法があります。ヘッドにバイアスはありません。だから、もしただの重みつきの和なら、2つの入力の和で呼んでも、別々に呼んで結果を足しても、同じ数になるはずです。下では、マス3つの文を2つ使って、ヘッドにこの検査を受けさせます。すると、3つのマスのうちちょうど1つで、ヘッドは重みつきの和だとわかります。どのマスでしょう？ そして、そこではヘッドの何が残っているのでしょう？ そのマスの出力を、`head`を呼ばずに書いてください。3つの層のうち、1つあれば足ります。

# %%
torch.manual_seed(4)
head = AttentionHead(width // 2, small).eval()
one_fact = torch.randn(1, 3, width)  # 文1つのバッチ：マス3つとその数
another = torch.randn(1, 3, width)

# %%
from_both = head(one_fact + another)  # 2つの和から、ヘッドが作るもの
from_each = head(one_fact) + head(another)  # ヘッドがそれぞれから作るものの和
alone = ____  # 2つが一致する行、(1, 4)、`head(...)`なしで
check("08.02")

# %%
print("入力を足す：", from_both[0].detach(), sep="\n")
print("出力を足す：", from_each[0].detach(), sep="\n")
print("層1つだけ：", alone[0].detach())

# %% [markdown]
# 最初の行は一致し、ほかは一致しません。マス0には自分しか見えないので、重みを全部自分に配ります。すると、ヘッドに残るのはバリューの行列だけ。つまり、ほかと変わらないお人よしの、重みつきの和です。
#
# ほかのマスが見えるところでは、たしかに何かが**曲がります**。誰の話を聞くかをsoftmaxが決め、それはみんなの言うこと次第です。でも、聞いた話はバリューの平均として届きます。**アテンションはマスからマスへものを運びます。マスの中でそれを何かに仕立てるのは、別の誰かの仕事です**。
#
# - [ ] 08.01 重みつきの和では電灯をつけられないことを示した
# - [ ] 08.02 ヘッドがただの重みつきの和になるマスを見つけた
# - [ ] 08.r1 アテンションがマスのあいだで何をし、マスの中では何をしないかを説明できる

# %% [markdown]
# ## 曲げる：ReLU · 9 分
#
# 重みつきの和を2つ続けたら？ `x @ A @ B`は`x @ (A @ B)`、また行列1つです。いくつ重ねても、1つのまま。あいだに、和**ではない**ものが要ります。
#
# いちばん安上がりなのが**ReLU**です。負の数は0になり、正の数はそのまま。手書き数字のときに使いましたね。これで電灯をつけてみましょう。まず質問を2つします。
#
# - 入っているスイッチはいくつ？（和：0, 1, 1, 2）
# - 1つを超えて、いくつ？（同じものから1を引く：-1, 0, 0, 1）
#
# どちらも曲げます。電灯は、1つ目の答えから、2つ目の答えの2倍を引いたものです。4つの行を、まず紙の上で、それからここで計算してください。

# %%
questions = torch.tensor([[1.0, 1.0], [1.0, 1.0]])  # 質問ごとに1つの行
offsets = torch.tensor([0.0, -1.0])
asked = switches @ questions.T + offsets
verdict = torch.tensor([1.0, -2.0])  # 1つ目の答えから、2つ目の2倍を引く
print(asked)

# %%
answers = ____  # 新しいテンソル。負の数は0になり、ほかはそのまま
lamp = ____  # 行ごとに、2つの答えにverdictの重みをつけて足す
check("08.03")

# %%
print("電灯：", lamp)
on = torch.linspace(0, 2, 21)
first, second = torch.relu(on), torch.relu(on - 1)
draw.lines(
    {"1つ目の答え": first, "2つ目の答え": second, "1つ目 - 2 x 2つ目": first - 2 * second},
    x=on,
    x_name="入っているスイッチの数",
    y_name="答え",
    title="2回曲げるとテントになる",
    alt="横軸0から2の、3本の線。1つ目の答えは0から2までまっすぐ上る。2つ目は1までは0のままで、そこから1まで上る。1つ"
    "目から2つ目の2倍を引いたものは、真ん中で0から1に上り、また0に下りる。テントの形。",
)

# %% [markdown]
# 0、1、1、0。電灯がつきました。「どちらか一方、ただし両方はだめ」に必要だったのは、質問2つと曲げ、そして答えの重みづけです。
#
# 隠れ層のユニットは、どれもこういう質問です。重みとバイアスが何を尋ねるかを決め、答えがノーなら、ReLUのおかげで黙っていられる。テントを十分に集めれば、どんな形でも作れます。（GPT-2が使うのはGELUで、角が丸くなっています。考え方は同じです。）
#
# - [ ] 08.03 質問2つと曲げで、電灯をつけた

# %% [markdown]
# ## 真ん中を広く · 11 分
#
# マスはいくつ自問すればいいでしょう？ **オートエンコーダ**を思い出してください。784個の画素が入り、32個の数しかない狭い真ん中を通って、また784個になって出てきます。真ん中が狭いから、どうでもいいことを捨てるしかありません。
#
# こちらは逆です。8個の数で始まり、16に広がって、8に戻ります。本番のモデルでは64、256、64。押しつぶす必要はありません。マスが何だったかは、残差ストリームがもう持っていますから。欲しいのは、質問を置く場所です。
#
# 場所はたっぷり欲しいのです。曲げた質問には、片側しか聞こえません。0より下は、どんなに下でも0になってしまいます。16個の数で、それも全部曲げた数で、数8個のベクトルが言うことを残らず持っていられるでしょうか？ 最後の`e`でやってみましょう。07章の終わりのままを、次のLayerNormに通した姿です。

# %%
stream = running.after("07")  # 07章の終わりにあったもの：(1, 8, 8)

# %%
read = LayerNorm(width)(stream).detach()  # 05章と同じ、できたての正規化。FeedForwardが見るもの
vector = read[0, -1]
print("最後のe：", vector)
print("曲げた： ", torch.relu(vector))

# %%
both = ____  # まず`vector`を曲げたもの。次に、やはり曲げたもう1つのもの。次の行で`vector`が戻ってくるように選ぶ
back = both[:width] - both[width:]
check("08.04")

# %%
print("16個の数：", both)
print("戻すと：  ", back)

# %% [markdown]
# 質問が16個あれば、8個の数の両側が聞こえます。数がどこまで下がるかを知っていれば、8個とバイアスでもやりくりできます。できたてのLayerNormは、8個の数なら-2.65より下を決して出さないので、どの質問にも3を足しておいて、最後に3を引けばいい。ただ、それでは何も曲がらず、できるのは重みつきの和です。曲げることこそが目的で、だから場所を取るのです。それに、ここまでの質問には、2つの数を「組み合わせて」尋ねるものが1つもありませんでした。
#
# では、8個全部について尋ねさせましょう。乱数が8個入ってきて、欲しいのは最初の2つの積。これも、2つのものの組み合わせの話です。ユニットがする質問はランダム、答えにつける最善の重みは、きちんと計算で出します。ユニットが1、2、4、…、256個のとき、積のどれだけがわからないままでしょう？ 曲げなかったら、どれだけでしょう？

# %%
def unknown(units: int, bend: bool) -> float:
    """その数のユニットの層が、初めて見る数について知らずに終わる、積の割合。"""
    generator = torch.Generator().manual_seed(units)
    questions, offsets = torch.randn(8, units, generator=generator) / 8**0.5, torch.randn(units, generator=generator) / 2
    seen, unseen = torch.randn(2, 2000, 8, generator=generator)

    def answers(x: torch.Tensor) -> torch.Tensor:
        asked = x @ questions + offsets
        return torch.cat((torch.relu(asked) if bend else asked, torch.ones(len(x), 1)), dim=1)  # 並んだ1はバイアス

    best = torch.linalg.lstsq(answers(seen), seen[:, :1] * seen[:, 1:2]).solution
    wanted = unseen[:, :1] * unseen[:, 1:2]
    return ((wanted - answers(unseen) @ best).square().mean() / wanted.var()).item()


powers = range(9)
bent = [unknown(2**power, bend=True) for power in powers]
straight = [unknown(2**power, bend=False) for power in powers]
print({2**power: round(bent[power], 2) for power in powers})
draw.lines(
    {"ReLUあり": bent, "ReLUなし": straight},
    x=powers,
    x_name="真ん中のユニットの数（2の何乗か）",
    y_name="わからない割合",
    title="2つの数の積のうち、隠れ層が知らないままの割合",
    alt="2本の線。横軸は0乗から8乗、つまりユニット1個から256個まで。曲げないと、線はずっと1のまま。ReLUありでは、8個"
    "までは0.9から1のあいだにあり、そこから下がる。16個で0.76、32個で0.42、64個で0.19、256個で0.06。",
)

# %% [markdown]
# 曲げないと、ユニットが256個あっても、何もわかりません。曲げれば、入力と同じ幅の8個で一割がわかり、そこからは倍にするたびによくなります。（質問のほうも学べるなら、ランダムな質問よりずっとうまくやります。）
#
# 幅は4倍、というのが慣例になりました。本番の64には256、GPT-2の768には3,072です。小さいモデルは2倍でがまんします。では、`Let's he`を16個のユニットで。

# %%
torch.manual_seed(1343)
expand = nn.Linear(width, small.hidden_dim)  # 幅から真ん中へ。質問
contract = ____  # 真ん中から幅へ戻る
hidden = ____  # `read`に質問して、曲げたもの：(1, 8, 16)
thought = ____  # 答えに重みをつけて足し、ストリームに合う形に戻したもの：(1, 8, 8)
check("08.05")

# %%
draw.heat(
    hidden[0],
    rows=running.SENTENCE,
    columns=[str(unit) for unit in range(small.hidden_dim)],
    title="16個のユニットが、「Let's he」の各文字に出す答え",
    x_name="ユニット",
    alt="行が8つ、文字ごとに1つ。列が16、ユニットごとに1つ。マス目の半分ほどはゼロ。いちばん大きい数は、最初のeでの"
    "ユニット8の1.37。ゼロの並び方が同じ行は、2つとない。",
)
print("最後のe、元は  ", stream[0, -1])
print("自分に足すのは ", thought[0, -1].detach())
print("それで今は     ", (stream + thought)[0, -1].detach())

# %% [markdown]
# 行はマス、列は質問です。みんなが記入したアンケートだと思って読んでください。ユニット8は最初の`e`について言いたいことがたくさんあり、ユニット12は`h`以外のときは黙っています。
#
# そのあと、答えは重みをつけてストリームに足されます。アテンションのときと同じで、x + feed_forward(norm(x))。マスは、元の自分を失いません。1つのユニットが何を足すのかは、章の終わりで見ます。
#
# - [ ] 08.04 ベクトルの両側を聞いた
# - [ ] 08.05 文を広げ、曲げ、縮めた
# - [ ] 08.r2 オートエンコーダの真ん中が狭く、FeedForwardの真ん中が広い理由を説明できる

# %% [markdown]
# ## どのマスもひとりで · 6 分
#
# `nn.Linear`が3次元のテンソルに何をしたか、もう一度見てください。働いたのは最後の次元で、ほかはそのままでした。どのマスも同じ2つの行列を通り、どのマスも隣を見ていません。
#
# だとすれば、マスの順番は関係ないはずです。2通りに並べ替えてみましょう。考えたあとで並べ替えるのと、考える前に並べ替えるのと。出力の2行のうち、Trueになるのはどちらでしょう？ FeedForwardか、アテンションか、両方か。予想してください。

# %%
def think(x: torch.Tensor) -> torch.Tensor:
    """広げて、曲げて、縮める。"""
    return contract(torch.relu(expand(x)))


torch.manual_seed(5)
order = torch.randperm(8)
print(order.tolist())

# %%
shuffled_after = ____  # マスのことを考えてから、新しい順番に並べる
shuffled_before = ____  # マスを新しい順番に並べてから、考える
check("08.06")

# %%
torch.manual_seed(1342)
attention = MultiHeadAttention(small).eval()
print("FeedForward：", torch.allclose(shuffled_after, shuffled_before, atol=1e-6))
print("アテンション： ", torch.allclose(attention(read)[:, order], attention(read[:, order]), atol=1e-6))

# %% [markdown]
# FeedForwardは、誰がどこにいようと、隣が誰だろうと、おかまいなしです。アテンションは両方を気にします。順番は、マスが誰の話を聞いていいかを決め、まわりの顔ぶれは、何が聞こえるかを決めます。これがモデル全体の役割分担です。アテンションは会議、FeedForwardは自分の机に戻ってからの1時間です。
#
# 実務のうえでもありがたい話です。FeedForwardにとって、32文字の窓が24個のバッチは、同じように扱っていい768の行です。2つの行列は、それぞれ大きな積1つで、全部をさばきます。機械の大好物です。
#
# - [ ] 08.06 マスを、考えたあとと考える前に並べ替えた

# %% [markdown]
# ## 何も言わないユニット · 6 分
#
# さっきの図では、マス目の半分ほどがゼロでした。健康なしるしです。みんながイエスと答える質問からは、何もわかりませんから。ただ、ReLUには困った癖があります。黙っているところでは傾きが0なので、勾配が通りません。どのバッチの**どの**マスでも黙っているユニットには、勾配がまったく届かない。学んで抜け出すこともできません。死んでいるのです。
#
# ユニットはどうして死ぬのでしょう？ たいていは、訓練のステップが大きすぎて、バイアスがずっと下に押しやられたときです。ここではバイアスを全部1だけ押し下げて、8つのマス全部で黙るユニットがどれかを見てみましょう。

# %%
push = torch.tensor(1.0)
pushed = torch.relu(expand(read) - push)  # (1, 8, 16)

# %%
zero_share = ____  # 押す前：`hidden`の数のうち、ゼロの割合
silent = ____  # 押したあと：16個のユニットそれぞれが、全部のマスで黙っているか：(16,)
check("08.07")

# %%
print(f"押す前のゼロ：{zero_share:.0%}")
print("押したあと、全部のマスで黙っているもの：", [unit for unit, is_silent in enumerate(silent.tolist()) if is_silent])
slopes = torch.autograd.grad(contract(pushed).square().sum(), expand.weight)[0].norm(dim=1)
draw.bars(
    [str(unit) for unit in range(small.hidden_dim)],
    slopes,
    title="押したあと、各ユニットの重みに届く勾配",
    x_name="ユニット",
    y_name="勾配の長さ",
    alt="ユニットが16個、棒が5本。ユニット8が1.55、ユニット13が0.75、ユニット3が0.51、ユニット10が0.31、ユニット0が"
    "0.21。残りの11個はちょうど0。",
)

# %% [markdown]
# 話している5個のユニットには棒が1本ずつあり、黙っている11個には棒がありません。ほんの少しもなく、きっかり0です。どのバッチでもそのままなら、そのユニットは、時間ばかりかかって何もしない重みの行です。できたての乱数で、前に正規化があり、ステップが小さければ、めったに起こりません。でも、自分のモデルが妙に間抜けだと思ったら、数えてみてください。
#
# - [ ] 08.07 ゼロを数え、黙っているユニットを見つけた

# %% [markdown]
# ## ブロックの3分の2 · 4 分
#
# GPTで有名なのはアテンションです。では、パラメータはどこにあるのでしょう？ 本番のモデルで、FeedForwardの分を、バイアスも入れて数えてください。まず紙の上で、小さいほうを。8 × 16 + 16と、16 × 8 + 8です。

# %%
in_expand = ____  # 最初の層の重みとバイアス。大きさは`config`から
in_contract = ____  # 2つ目の層の分
check("08.08")

# %%
def count(module: nn.Module) -> int:
    """モジュールのパラメータの数。"""
    return sum(parameter.numel() for parameter in module.parameters())


in_feed_forward = in_expand + in_contract
in_attention, in_norms = count(MultiHeadAttention(config)), 2 * count(LayerNorm(config.embedding_dim))
in_block = in_attention + in_feed_forward + in_norms
print(f"アテンション {in_attention:7,}  {in_attention / in_block:.0%}")
print(f"FeedForward  {in_feed_forward:7,}  {in_feed_forward / in_block:.0%}")
print(f"正規化2つ    {in_norms:7,}  {in_norms / in_block:.0%}")

# %% [markdown]
# 3分の2でした。アテンションには64 × 64の行列が4つ。全部のヘッドのクエリ、キー、バリュー、そして射影です。FeedForwardには64 × 256が2つで、数の個数は64 × 64の8つ分。大きなモデルが知っていることの多くは、どうやらここにしまってあるようです。
#
# - [ ] 08.08 FeedForwardのパラメータを数えた

# %% [markdown]
# ## クラスとマップ · 5 分
#
# 空欄は3つ。07章と同じで、ドロップアウトは最後です。残差の和はクラスに入れません。道を作るのはブロックです。

# %%
class FeedForward(nn.Module):
    """2つの層と、そのあいだの曲げ。マスごとに別々に。残差の和はブロックに任せる。"""

    def __init__(self, config: Config) -> None:
        """`config.embedding_dim`個の数が入り、真ん中は`config.hidden_dim`個、また`config.embedding_dim`個が出る。"""
        super().__init__()
        self.expand = ____  # 質問
        self.contract = ____  # 答えが足すもの
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, sequence, embedding_dim) -> 同じ形状。"""
        return ____  # 広げる、曲げる、縮める、ドロップアウト


check("08.09")

# %%
torch.manual_seed(1343)
feed_forward = FeedForward(small).eval()
after = stream + feed_forward(read)
print(after[0].detach())
print("例の文と同じ数？", torch.equal(after, running.after("08")))
real = FeedForward(config)
inputs_shape = (config.batch_size, config.input_sequence_length, config.embedding_dim)
print(f"本番のモデルでは：{inputs_shape} -> {tuple(real(torch.zeros(inputs_shape)).shape)}、パラメータ{count(real):,}"
    "個")

# %% [markdown]
# またテンソルマップです。Linearは行列を逆向きに、(out, in)で持っているので、重みには気をつけてください。

# %%
shapes = {
    "normalised": (config.batch_size, config.input_sequence_length, config.embedding_dim),
    "expand weight": ____,  # 最初の層の行列を、PyTorchの持ち方で
    "hidden": ____,  # 全部のユニットの答え
    "contract weight": (config.embedding_dim, config.hidden_dim),
    "thought": (config.batch_size, config.input_sequence_length, config.embedding_dim),
}
check("08.10")

# %%
for name, shape in shapes.items():
    print(f"{name:>18}  {shape}")

# %% [markdown]
# - [ ] 08.09 FeedForwardクラスを書いた
# - [ ] 08.10 形状をマップに書きとめた

# %% [markdown]
# ## ユニット1つ、規則1つ · 7 分
#
# 最後の`e`に戻りましょう。自分に足したのは、`thought[0, -1]`の8つの数でした。作ったのは16個のユニットです。誰が何を言ったのでしょう？
#
# 演習07.07では射影を分解しました。同じ包丁が、ここでも使えます。どのユニットも`contract.weight`の列を1つ、つまり8個の数のベクトルを持っていて、自分の答えの分だけの大きさで、それをストリームに足します。だからユニットとは規則です。**これがベクトルの中にあれば、あれを足せ**、という。
#
# 最後の`e`をいちばん動かしたのは、どのユニットでしょう？ 16個のユニットの図をもう一度見て予想し、それから計算してください。そして、そのユニットが黙っていたら、`e`はどう変わっていたでしょう？

# %%
answer = hidden[0, -1]  # 最後のeの答え、ユニットごとに1つ：(16,)
print("答え：", answer.detach())

# %%
added = ____  # ユニットごとに1行、最後のeに足すもの：(16, 8)
loudest = ____  # 行のベクトルがいちばん長いユニットの番号
without = ____  # そのユニットなしで、最後のeが自分に足していたはずのもの：(8,)
check("08.11")

# %%
lengths = added.norm(dim=1)
for name, unit in (("答えが最大", answer.argmax()), ("声が最大", loudest)):
    print(f"{name}: ユニット{unit}、答えは{answer[unit]:.2f}、ベクトルの長さは{lengths[unit]:.3f}")
print("最後のeが足すもの    ", thought[0, -1].detach())
print("そのユニットなしでは ", without.detach())

# %% [markdown]
# 鼻の差で、ユニット9です。答えはユニット8のほうが大きいのに、列がずっと短いので、足すものは小さくなります。答えを見ればわかるのは、規則が当てはまるということ。それがどれだけ効くかは、足すものを見ないとわかりません。
#
# 大きなモデルは、こんなふうにして読まれることもあります。たとえば都市の名前に大声で答えるユニットを見つけて、何を足しているのかを見る。乱数のうちは、読むものがまだありません。12章のあとで、また来てください。
#
# - [ ] 08.11 最後のeをいちばん動かしたユニットを見つけた

# %% [markdown]
# ## チャレンジ：どんな線でも描く
#
# やってもやらなくても構いません。15分ほどかかりますが、あとの章では使いません。テントを集めればどんな形でも作れる、と言いました。自分でやってみたあとなら、信じるのがもっと楽しくなります。
#
# 下にあるのは、地点0から8までのジグザグです。高さは0から始まり（おかげでバイアスが1つ要りません）、円周率の数字が続きます。隠れ層に入るのは数1つ、つまり地点だけ。それについて、8つの質問ができます。0をどれだけ過ぎた？ 1をどれだけ過ぎた？ …、7をどれだけ過ぎた？ そこに着くまで、ReLUがその答えを0にしておきます。それぞれの答えに正しい重みをつければ、線はどの高さもぴったり通ります。訓練は要りません。重みは計算で出せます。どんな高さでも、地点がいくつでも。
#
# （0、1、0、1、…というジグザグなら、スイッチが8つある階段になります。）

# %%
heights = torch.tensor([0.0, 3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0])
spots = torch.arange(9, dtype=torch.float)
draw.lines(
    {"線": heights},
    x=spots,
    x_name="地点",
    y_name="高さ",
    title="8回曲げて描く線",
    alt="地点0から8までのジグザグ。高さは0、3、1、4、1、5、9、2、6。",
)

# %%
past = ____  # 地点ごとに、最後以外のそれぞれの地点をどれだけ過ぎたか：(9, 8)
bends = ____  # `heights`から、8つの答えそれぞれの重み：(8,)
drawn = torch.relu(past) @ bends
check("08.12")

# %% [markdown]
# 8つの区間に、8つのユニット。なめらかな曲線なら、ユニットを増やして区間を短くします。角が誰の目にも見えなくなるまで。訓練は、こういう重みをひとりでに見つけます。それも、64個の数について一度に。
#
# - [ ] 08.12 チャレンジ：どんな高さでも通る線を描いた

# %% [markdown]
# ## これで自分のもの
#
# - アテンションはマスからマスへものを運ぶが、届くのは平均で、平均には「ただし両方はだめ」が言えない
# - **質問、曲げ、答えの重みづけ**：どのユニットも規則で、「これがあれば、あれを足せ」
# - **真ん中が広い**、慣例では幅の4倍：オートエンコーダの正反対
# - どのマスも**ひとりで**、同じ重みで
# - 黙っているのは健康、死んでいるのはだめ。どちらも数えられる
# - `FeedForward(config)`：(batch, sequence, width)が入り、同じ形状で出る。ブロックのパラメータの3分の2
#
# 部品は全部そろいました。正規化が2つ、アテンション、FeedForward、そして、脇を通る道が2本。**09 TransformerBlock**で、組み立てます。
