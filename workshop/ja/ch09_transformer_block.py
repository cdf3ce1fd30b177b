# %% [markdown]
# # 09 TransformerBlock
# <!-- Made from checkpoints/ch09_transformer_block.py by scripts/build.py. From your first edit on it is yours. -->
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/OWNER/REPO/blob/main/workshop/ja/ch09_transformer_block.ipynb)
# [![Open in GitHub Codespaces](https://github.com/codespaces/badge.svg)](https://codespaces.new/OWNER/REPO?quickstart=1)
#
# 部品を組み立て、それぞれがストリームに何を足すかを測ります。最後には、積み重ねられるレンガが1つできあがります。
#
# 6節、45分。必要なのは05章、07章、08章。新しい数学はひとつもありません。
#
# 難しいところはもう終わっています。ブロックがすることは、全部、何晩もかけて、少しずつ計算してきました。

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
import copy

import torch.nn.functional as F

from nanogpt import Config, FeedForward, LayerNorm, MultiHeadAttention
from workshop import ____, check, draw, hint, running, solution

# %%
torch.set_printoptions(precision=3, linewidth=100, sci_mode=False)  # 1行に数8つ
config = Config()
small = Config.small()

# %% [markdown]
# ## たったの2行 · 8 分
#
# 机の上には、正規化が2つと、MultiHeadAttention、FeedForward。数は、05章、07章、08章のときとまったく同じです。入れるのは、`Let's he`の埋め込みの出力。04章を出たときのままです。
#
# 順番に迷う余地はありません。まずほかのマスの知っていることを聞き、それから考える。そして、どちらの段階も同じ3つの動作です。正規化を通してストリームを**読む**、**働く**、ストリームに**足す**。2行で終わりです。

# %%
norm_1 = LayerNorm(small.embedding_dim)
attention = running.part("07")
norm_2 = LayerNorm(small.embedding_dim)
feed_forward = running.part("08")
stream = running.after("04")  # (1, 8, 8)
print("最後のe：", stream[0, -1])

# %%
heard = ____  # 読む、ほかのマスの話を聞く、足す
block_out = ____  # もう一度読む、考える、足す
check("09.01")

# %%
print("話を聞いた最後のe：", heard[0, -1].detach())
print("考えてみた最後のe：", block_out[0, -1].detach())
print("05章から08章まで一歩ずつやったのと同じ：", torch.equal(block_out, running.after("08")))

# %% [markdown]
# `True`、最後の1桁まで同じ数です。この2行がブロックです。いちばん小さいGPT-2は、これを12個、順につなげています。大きなモデルでは百個かそこら。ベクトルの幅がもっと広く、細かい工夫も少し入っています。
#
# - [ ] 09.01 文に4つの部品を通らせた

# %% [markdown]
# ## 1つの声と、2つのささやき · 9 分
#
# それぞれの段階は、何をしたのでしょう？ 何もかも**足される**のですから、この問いには正確な答えがあります。差を取ればいいのです。では、どれだけのことをしたのか。ベクトルの長さ、`.norm(dim=-1)`を取れば、マスごとに数が1つ出ます。予想してください。アテンションが足すものは、足される相手のベクトルより長いでしょうか、同じくらいでしょうか、短いでしょうか？
#
# 差では答えの出ない問いが、1つあります。FeedForwardが読んだストリームには、アテンションのメッセージがもう入っていました。アテンションが黙っていても、同じことを言ったでしょうか？ その場合に何を足したはずか、計算してください。

# %%
from_attention = heard - stream
from_feed_forward = block_out - heard
unheard = ____  # アテンションが黙っていたら、FeedForwardが足したはずのもの
three = torch.stack((stream, from_attention, from_feed_forward))[:, 0]  # (3, マス8つ, 数8つ)
lengths = ____  # それぞれのベクトルの長さ：(3, マス8つ)
check("09.02")

# %%
draw.heat(
    lengths,
    rows=["ストリーム", "アテンションが足す", "FeedForwardが足す"],
    columns=running.SENTENCE,
    title="ベクトルの長さ、「Let's he」のマスごとに",
    alt="行が3つ、列が8つ。ストリームのベクトルの長さは2.02から5.14。アテンションが足すものは0.55から1.13で、いちば"
    "ん長いのはL。FeedForwardが足すものは0.41から1.27。",
)
print("平均：", lengths.mean(dim=1).detach())
print("アテンションでFeedForwardのメッセージが変わった分："
    f"{(from_feed_forward - unheard).norm(dim=-1).mean().item():.2f}")

# %% [markdown]
# 1つの声と、2つのささやきです。長さは平均して、ストリームが3.77、アテンションの足すものが0.71、FeedForwardのが0.89。訓練前のブロックはあまりものを言わず、埋め込みの言ったことは、まだちゃんと読めます。しかもFeedForwardは、前に誰かが話したことに、ほとんど気づいていません。アテンションがなくても、メッセージの違いは、長さ0.12のベクトルの分だけでした。訓練すると、ささやきは大きくなります。声より大きくなるものもあります。
#
# ここに**ない**ものに気づきましたか？ どの段階も、何ひとつ消せないのです。できるのはせいぜい、逆のものを足すことだけです。
#
# - [ ] 09.02 各段階が足すものと、アテンションなしでFeedForwardが言ったはずのことを測った
# - [ ] 09.r1 誰がストリームから読み、誰が書き、なぜ誰にも何も消せないのかを説明できる

# %% [markdown]
# ## 正規化は先か、あとか · 13 分
#
# このブロックでは、正規化が先に来ます。pre-normです。05章では、もう1つの流儀も、乱数の行列を層にして試しました。post-normは、正規化を1つ通るたびにストリームを0.7倍ほどにし、埋め込みの書いたものは、上までほとんど届きませんでした。ささやくだけの、本物のアテンションと本物のFeedForwardでも、そんなにひどいでしょうか？ 予想してください。それから、2017年の、最初のTransformerのブロックを書いてみましょう。正規化は最後です。働く、足す、**それから**ストリームそのものを正規化する。
#
# 3つ目の空欄は、少し考えてください。正規化は割り算です。ここではストリームを丸ごと割るので、入ってきたものも一緒に割られます。2つ目の正規化が、それをもう一度やります。では、2つ合わせて、いくつで割ったことになるでしょう？ 8つのマスの答えは、それぞれ違います。（ゲインとバイアスは考えなくて構いません。できたての正規化では、何もしていませんから。）

# %%
heard_post = ____  # 聞く、足す、その和を正規化
block_out_post = ____  # 考える、足す、その和を正規化
divided = ____  # 入ってきたものを、2つの正規化が合わせていくつで割るか：(1, 8)
check("09.03")

# %%
print("割った数：", divided[0].detach())

# %% [markdown]
# 大声だった最初の`e`では、入ってきたものの音量が半分より小さくなりました。静かな`t`で入ってきたものは、0.758で割られたので、大きくなりました。誰がどんな扱いにふさわしいか、なんてことを正規化は聞きません。全員を同じ音量にするだけです。
#
# ブロック1つでは、たいしたことはわかりません。そこで20個。新しい乱数で作り、文を両方のやり方で通します。ブロックを1つ通るたびに、2つのことを調べます。ベクトルはどれだけ長いか。入ってきたものは、まだどれだけ見分けがつくか。（1なら、ベクトルはまだ最初とぴったり同じ向き。0なら、その向きはもう何も残っていません。）

# %%
def fresh() -> tuple[nn.Module, nn.Module, nn.Module, nn.Module]:
    """ブロックの4つの部品、それぞれ自分の乱数で。"""
    width = small.embedding_dim
    return LayerNorm(width), MultiHeadAttention(small).eval(), LayerNorm(width), FeedForward(small).eval()


torch.manual_seed(2)
pre, post, left = [stream], [stream], torch.ones(1, 8)
with torch.no_grad():
    for first_norm, listen, second_norm, work in [fresh() for _ in range(20)]:
        x = pre[-1] + listen(first_norm(pre[-1]))
        pre.append(x + work(second_norm(x)))
        x = post[-1] + listen(post[-1])
        y = first_norm(x) + work(first_norm(x))
        post.append(second_norm(y))
        left = left / x.std(dim=-1, correction=0) / y.std(dim=-1, correction=0)  # 入ってきたもののうち、マスごとに残る分

print("正規化があとの場合に、入ってきたものの残り：", left[0])
draw.lines(
    {"正規化が先": [x.norm(dim=-1).mean() for x in pre], "正規化があと": [x.norm(dim=-1).mean() for x in post]},
    title="ベクトルの長さ、ブロックごとに",
    x_name="通ったブロックの数",
    y_name="長さの平均",
    alt="横軸がブロック0個から20個までの、2本の線。どちらも3.77から始まる。正規化が先だと、ときどき少し下がりながら"
    "長くなり、6.7になる。正規化があとだと、どのブロックのあとでも長さは2.83。",
)
draw.lines(
    {
        "正規化が先": [F.cosine_similarity(x, stream, dim=-1).mean() for x in pre],
        "正規化があと": [F.cosine_similarity(x, stream, dim=-1).mean() for x in post],
    },
    title="入ってきたものが、まだどれだけ見分けがつくか",
    x_name="通ったブロックの数",
    y_name="入力とのコサイン",
    alt="横軸がブロック0個から20個までの、2本の線。どちらも1から始まり、下がっていく。正規化が先の線は0.54で終わる。"
    "正規化があとの線は、ずっとそれより低いまま、0.22で終わる。",
)

# %% [markdown]
# あれほどひどくはない。でも、十分ひどい。正規化があとだと、どのベクトルも同じ長さ、2.83にそろえられます。√8、つまり分散1の数8つ分です。道が正規化の**中を**通っているのです。ブロックごとに2回、道の上のものは全部、ちょうどその長さになるような数で割られます。ブロックを20個通ると、8つのマスのうち7つでは、入ってきたものが最初より減っています。アポストロフィと`h`では、4分の1くらいしか残っていません。最後の`e`では、元からあったものにメッセージが逆らいつづけ、そのたびに正規化が残りの音量を上げました。そうして、入ってきたものは4.5倍になりました。音量の責任者がいないのです。
#
# 正規化が先なら、最後のブロックから出てくるのは、入ってきたものに、途中のメッセージを全部、どれも満額で足したものです。メッセージが積もるので、こちらのベクトルも向きを変えます。ただし、もっとゆっくりです。
#
# 公平のために言うと、この20個のブロックでは、勾配はどちらでも大丈夫です。PyTorchが層をそっと始めてくれるからです。それに、このモデルのようにブロックが4つなら、どちらでも訓練できます。でも、pre-normのほうが心が広いのです。大きめのステップでも、多めのブロックでも、雑な始め方でも、許してくれます。
#
# - [ ] 09.03 正規化をあとに移し、いくつで割るかを突きとめた
# - [ ] 09.r2 最後に来る正規化が、道に何をするかを説明できる

# %% [markdown]
# ## クラス · 5 分
#
# 空欄は6つ。部品が4つと、行が2つ。全部、もう手元にあります。

# %%
class TransformerBlock(nn.Module):
    """どのマスも、ほかのマスの話を聞き、それから自分で考える。どのメッセージも、前からあったものに足される。"""

    def __init__(self, config: Config) -> None:
        """正規化2つ、MultiHeadAttentionとFeedForward。大きさは`config`から。"""
        super().__init__()
        self.norm_1 = ____  # アテンションがストリームを読むときに通すもの
        self.attention = ____  # マスがほかのマスの話を聞くためのもの
        self.norm_2 = ____  # FeedForwardがストリームを読むときに通すもの
        self.feed_forward = ____  # 考えるためのもの

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """ストリーム、(batch, sequence, embedding_dim)に、両方のメッセージを足したもの。形状は同じ。"""
        x = ____  # 読む、聞く、足す
        return ____  # 読む、考える、足す


check("09.04")

# %%
block = TransformerBlock(small).eval()
block.norm_1, block.attention = copy.deepcopy(norm_1), copy.deepcopy(attention)  # 机の上の部品のコピー
block.norm_2, block.feed_forward = copy.deepcopy(norm_2), copy.deepcopy(feed_forward)
print(block(stream)[0].detach())
print("机の上でやったのと同じ：", torch.equal(block(stream), block_out))
print("この章から出ていくのはこれ：", torch.equal(block(stream), running.after("09")))

# %% [markdown]
# また同じ数が、今度は1回の呼び出しで出てきました。05章から08章までが一歩ずつやったことを、ブロックは一息でやります。
#
# - [ ] 09.04 TransformerBlockクラスを書いた

# %% [markdown]
# ## レンガ · 4 分
#
# (1, 8, 8)が入り、(1, 8, 8)が出ました。これは、聞いて思うよりありがたいことです。**ブロックから出たものは、次のブロックに入れられる**のです。深いモデルとは、それを積んだものです。小さい設定には`num_layers=2`とあります。

# %%
torch.manual_seed(9)
stack = ____.eval()  # `small`の言う数だけの新しいブロック。順につないで、1つのモジュールに
top = ____  # 最後のブロックから出てくるもの
check("09.05")

# %%
said, x = [], stream
for layer in stack:
    said.append(layer(x) - x)  # このブロックが足すもの
    x = layer(x)
print(tuple(stream.shape), "->", tuple(top.shape))
print("入ってきたもの + 全ブロックの言ったこと = 出てきたもの：", torch.allclose(stream + sum(said), top, atol=1e-5))

# %% [markdown]
# では、学び終わったとき、どのブロックが何を学んだのか言えるでしょうか？ だいたいのところしか言えません。コードには、最初のブロックと最後のブロックを区別するものが何もないのです。ブロックが何になるにしても、それは、どこに置かれたかで決まります。
#
# - [ ] 09.05 ブロックを積んだ

# %% [markdown]
# ## 重さとマップ · 6 分
#
# 07章の習慣を覚えていますね。訓練の前に数えて、紙の上の計算と比べる。本番のモデルでは、07章と08章の計算で、アテンションが16,448個、FeedForwardが33,088個でした。正規化には、64個の数それぞれにゲインとバイアスがあります。
#
# `named_children()`は、モジュールの部品を順に見て、名前と部品そのものを返します。

# %%
real = TransformerBlock(config)
weights_of = {name: sum(parameter.numel() for parameter in part.parameters()) for name, part in real.named_children()}
print(weights_of, "合計", f"{sum(weights_of.values()):,}")
draw.bars(
    weights_of.keys(),
    weights_of.values(),
    title="ブロック1つのパラメータ",
    alt="棒が4本。FeedForwardのパラメータは33,088個、アテンションは16,448個、2つの正規化は128個ずつで、棒がほとんど"
    "見えない。",
)

# %% [markdown]
# 幅が2倍のモデルが欲しいとしましょう。`embedding_dim`を2倍、`hidden_dim`も2倍、ほかはそのまま。ブロックのパラメータは何倍になるでしょう？ 予想してから、正確な数を出してください。実際に作る必要はありません。`real`のパラメータは、行列かベクトルのどちらかです。どちらなのかは`parameter.dim()`でわかり、2か1になります。それぞれ、どうなるでしょう？

# %%
all_blocks = ____  # モデルの全部のブロックにあるパラメータの数
twice_as_wide = ____  # モデルの幅が2倍だったときの数
check("09.06")

# %%
print(f"ブロック{config.num_layers}つで：{all_blocks:,}")
print(f"幅が2倍なら：{twice_as_wide:,}、つまり{twice_as_wide / all_blocks:.2f}倍")

# %% [markdown]
# 4つのブロックで199,168個。モデル全体では209,600個になるので、埋め込みとスコアは端数のようなものです。いま目の前にあるのが、GPTなのです。深さが2倍なら個数も2倍、幅が2倍なら4倍近く。大きなモデルを作る人たちが、幅を広げる前にじっくり考えるのは、そのためです。
#
# テンソルマップには、2つ書き込みます。

# %%
shapes = {
    "stream": (config.batch_size, config.input_sequence_length, config.embedding_dim),
    "norm_1 gain": ____,  # ベクトルの数1つにつき、数が1つ
    "norm_2 gain": (config.embedding_dim,),
    "out of the last block": ____,  # `config.num_layers`個全部のあと
}
check("09.07")

# %%
for name, shape in shapes.items():
    print(f"{name:>22}  {shape}")

# %% [markdown]
# - [ ] 09.06 全部のブロックと、幅が2倍のブロックを数えた
# - [ ] 09.07 形状をマップに書きとめた

# %% [markdown]
# ## チャレンジ：逆回し
#
# やってもやらなくても構いません。15分ほどかかりますが、あとの章では使いません。どの段階も何ひとつ消せない、と言いました。それなら、入ってきたものは、出てきたものの中に全部残っていて、取り戻せるはずです。積んだブロックから出てきた`top`から、入れた`stream`へ。ストリームを見ないで。
#
# ただし、1つ引っかかります。どの段階も、xを`x + message(x)`に変えます。メッセージを取り除くには、メッセージを知らないといけない。知るにはxが要る。そのxを探しているのです。でも、メッセージはささやきなので、出てきたものは、入ったものからそう遠くありません。出てきたものを最初の予想にしましょう。そこから、もっといい予想が作れるでしょうか？ そこから、さらにいい予想は？ それができたら、段階を1つずつ、正しい順番で元に戻します。

# %%
def before(after, message):
    """`x + message(x)`が`after`になるx。"""
    x = after  # 最初の予想
    with torch.no_grad():
        for _ in range(100):
            x = ____  # xよりいい予想
    return x


def undo(layer, after):
    """ブロックから出てきたものから、入ったものを求める。"""
    between = ____  # ブロックの2つの段階のあいだのストリーム
    return ____  # 2つの段階の前のストリーム


back = top.detach()
for layer in ____:  # ブロックを、どんな順番で？
    back = undo(layer, back)
check("09.08")

# %% [markdown]
# `back - stream`を表示して、見てください。ゼロばかり、というか、32ビットの数で届くかぎりゼロに近い数ばかりです。文は丸ごと、まだ中にありました。これがうまくいくのは、xを少し変えても、メッセージの変化のほうが小さいからです。だから予想は、ひとつ前のより必ず近づきます。メッセージが大声だったら、予想は逃げていったでしょう。そして2017年のブロックは、そもそも逆に回せません。ベクトルがどれだけ長かったかを正規化が捨ててしまい、誰も控えを取っていないからです。
#
# - [ ] 09.08 チャレンジ：積んだブロックから出てきたものから、ストリームを取り戻した

# %% [markdown]
# ## これで自分のもの
#
# - **読む、働く、足す**を2回：x + attention(norm_1(x))、次にx + feed_forward(norm_2(x))
# - **残差ストリーム**が運ぶのは、入ってきたものと全部のメッセージ。どれも満額で
# - **先に**来る正規化は、道に手を出さない。あとに来る正規化は、道の上のものを全部割る
# - ブロックは形状を変えない。だから**積める**
# - `TransformerBlock(config)`。本番のモデルではパラメータ49,792個、3分の2がFeedForward
#
# 最後のブロックから出てくるのは、まだ、文字ごとに8つの数です。知りたいのは、**次に**どの文字が来るかでした。そこから先が、**10 VocabularyLogits**の仕事です。
