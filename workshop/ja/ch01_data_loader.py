# %% [markdown]
# # 01 DataLoader
# <!-- Made from checkpoints/ch01_data_loader.py by scripts/build.py. From your first edit on it is yours. -->
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/OWNER/REPO/blob/main/workshop/ja/ch01_data_loader.ipynb)
# [![Open in GitHub Codespaces](https://github.com/codespaces/badge.svg)](https://codespaces.new/OWNER/REPO?quickstart=1)
#
# 9本の戯曲を数のバッチに変えて、モデルが学べるようにします。クラスも自分で書きます。
#
# 90分、10節。必要なのは00章と、Pythonのリスト、辞書、内包表記です。
#
# ここでやるのは、いわば配管工事です。そして、モデルがこっそりおかしくなるのも、たいてい配管からです。ターゲットを逆向きにずらしても、誰も文句を言いません。モデルは間違ったことを、猛スピードで学んでいきます。

# %%
# @title 最初に実行：この講座がここになければ（ColabやKaggleなど）、取ってきます
import importlib.util, urllib.request
if not importlib.util.find_spec("workshop"):
    address = "https://github.com/OWNER/REPO/raw/main/workshop/fetch.py"
    exec(urllib.request.urlopen(address).read(), {"address": address})

# %%
from dataclasses import dataclass
from typing import Self

import torch

# %%
from collections import Counter
from itertools import pairwise

from workshop import ____, check, corpus, draw, hint, solution

# %% [markdown]
# ## テキストを数にするわけ · 6 分
#
# 数字の分類器は楽でした。画像は784個の濃淡の値として届きますし、濃淡の値なら掛け算ができます。ところが、このモデルに届くのはこれです。

# %%
text = corpus.shakespeare()
print(text[:80])

# %% [markdown]
# 行列に「First Citizen」を掛けることはできません。どの数が何を表すかを、誰かが決める必要があります。その前に、何に番号をつけるのか。単語ごとか、文字ごとか。表を見る前に、どちらかに決めてください。
#
# | 1つの単位 | 種類の数 | 戯曲9本の中の個数 |
# | --- | ---: | ---: |
# | 単語（空白や改行で区切られたもの） | 25,833 | 204,297 |
# | 文字 | 64 | 1,123,763 |

# %% [markdown]
# 単語にすると、並びは短く、一覧は巨大になります。しかも15,024語は、戯曲9本を通して一度しか出てきません。学ぶチャンスは、それぞれ一度きりです。文字にすると、並びは長くなりますが、一覧ははがき1枚に収まります。
#
# 大きなモデルは、あいだを取っています。GPT-2には50,257個の単位があり、`ing`や` the`もその仲間です。この講座では文字にします。その代わり、モデルはつづりから覚えなければなりません。

# %% [markdown]
# おなじみの8文字から始めましょう。これは『コリオレイナス』の一節で、護民官が「Let's hence, and hear」と言うところです。
#
# コンピュータの中では、どの文字にも**何かしらの**番号がもうついています。そうでなければ、テキストを保存できません。Pythonに聞けば教えてくれます。`ord("L")`は76です。

# %%
sentence = "Let's he"

# %%
letters = ____  # 1文字ずつの文字列を並べたリスト
codes = ____  # それぞれの番号のリスト
check("01.01")

# %%
for letter, code in zip(letters, codes, strict=True):
    print(repr(letter), code)

# %% [markdown]
# 数になりました。では、もうこれでいいのでは？ そうはいきません。02章では、**番号1つにつき1行の表**を持つことになるのです。このテキストでいちばん大きい番号は`z`の122なので、表は123行必要で、そのうち59行は一度も使われません。テキストに😀が1つ入るだけで、128,513行になります。
#
# そこで、番号は自分たちで配ることにします。0から、欠番なしで。それには、全部の文字の一覧が要ります。
#
# - [ ] 01.01 文をばらばらにして、Python自身の番号を見た

# %% [markdown]
# ## 重複のない文字の一覧、つまり語彙 · 12 分
#
# 00.03では、`Let's he`に出てくる違う文字を数えました。`e`が2つあるので、7種類でしたね。今度はその7文字そのものが欲しい。`set`を使えば手に入ります。ただし、setには順番がありません。これが、思ったより厄介です。Pythonが文字列のsetを見せる順番は、Pythonを起動するたびに変わるかもしれないのです。月曜に訓練したモデルが、火曜にはちんぷんかんぷんな文を読まされることになります。それを防ぐのが、下の2つ目の行です。

# %%
different = ____  # どの文字も1回ずつ
ordered = ____  # 同じ文字を並べ替えたリスト。毎日同じ順番になる
size = ____  # いくつあるか
check("01.02")

# %%
print(size, ordered)

# %% [markdown]
# 先頭は空白、そして大文字が小文字より前です。`sorted`は`ord`の番号の順に並べるからです。いつも同じでさえあれば、どんな順番でも構いません。
#
# 次は戯曲9本を全部使います。文字の一覧を作るのは、いま書いたのと同じ1行で済むので、別の問題を出しましょう。戯曲を最初のページから読んでいって、64種類の文字に全部出会うまで、どこまで読むことになるでしょう？ 1場、1幕、それとも1本？ まず予想を。
#
# `text.index("L")`は、`text`の中で`L`が最初に出てくるマスの番号です。

# %%
characters = sorted(set(text))
vocab_size = len(characters)
first_places = ____  # リスト：それぞれの文字は、テキストのどこで初めて出てくる？
needed = ____  # 全部の文字に出会うには、テキストの先頭から何文字読めばいい？
check("01.03")

# %%
print(vocab_size, repr("".join(characters)))
print(f"{needed:,}文字で全部に出会う。テキストの{needed / len(text):.0%}")
print("最後の新顔：", repr(text[needed - 1]))

# %% [markdown]
# 改行、空白、記号が10個、英字が52個、合わせて64。この一覧が**語彙**です。モデルが何を書くにしても、材料はここにあるものだけです。
#
# 集め終わるまでに、戯曲9本の62%が必要でした。だから番号は、テキストを少しでも切り離す前に、全体を見てつけるものです。
#
# いちばん遅れて来たのは、00章で会った、たった1つのドル記号です。「my sea sha$l suck them dry」という箇所にあります。電子版の誤植なのですが、これのせいで64個の番号のうち1つがふさがります。でも、このまま残しておきます。本物のデータとは、こういうものです。

# %% [markdown]
# モデルは、よく出会うものを学びます。だから、両端を見ておきましょう。いちばん珍しい文字は何でしょう？ それから、計算する前に予想を。多いほうから10文字は、テキストのどれだけを占めるでしょう？ 64文字のうちの10文字です。

# %%
counts = Counter(text)

# %%
rarest = ____  # `most_common()`が返す全部のリストの、最後の2つ組5つ
top_count = sum(count for _, count in counts.most_common(10))
top_share = ____  # テキストに占める割合は？ 0から1までの数で
check("01.04")

# %%
print(rarest)
print(f"多いほうから10文字：{top_share:.1%}")
draw.bars(
    characters,
    [100 * counts[character] / len(text) for character in characters],
    title="それぞれの文字がテキストに占める割合（語彙の順）",
    y_name="テキストに占める%",
    alt="棒が64本、語彙の順に並ぶ。改行は3.6%、その隣の空白は15.3%で、ほかのどれよりもはるかに高い。10個の記号のうち"
    "、1%を超えるのはカンマだけで1.8%。大文字は低く、最高でもIの1.0%。右側の小文字は合わせて68%を占め、e（8.5）、t（"
    "6.0）、o（5.9）が高い。",
)

# %% [markdown]
# 10文字で、テキストの62.6%を占めています。`$`は1回、`&`は12回、`X`は112回。`&`について、このモデルにはっきりした意見を期待してはいけません。
#
# いちばん高い棒は、もうそれだけでモデルになっています。**いつでも空白と言う**モデルです。100回のうち15回は当たり、そして読めたものではありません。これから作るものは、どれもこのモデルに勝たなければなりません。
#
# - [ ] 01.02 文に出てくる違う文字を見つけた
# - [ ] 01.03 全部に出会うには、どこまで読めばいいかを調べた
# - [ ] 01.04 珍しい文字を見て、多いほうから10文字の割合を調べた
# - [ ] 01.r1 語彙を並べ替えておく理由を説明できる

# %% [markdown]
# ## エンコード · 8 分
#
# 語彙はリストなので、どの文字にももう番号があります。リストの中でのマスの番号です。これからは、それをその文字の**ID**と呼びます。
#
# リストは、片方の向きには速いものです。マスから文字へなら、`characters[23]`で済みます。逆向きは遅い。`characters.index("L")`は、`L`に出会うまで1つずつ歩いていきます。しかも、これから百万回は聞くことになります。辞書なら即答です。

# %%
print(characters[23])

# %%
id_of = ____  # どの文字からも、そのマスの番号へ
e_id = ____  # 「e」のID
check("01.05")

# %%
print(e_id, {letter: id_of[letter] for letter in ordered})

# %% [markdown]
# `e`は42。いろいろと腑に落ちる番号です。次は、テキスト丸ごとに進みましょう。関数が返すものを書いて、それを使ってみます。
#
# 実行する前に予想を。`Let's he`の8つのIDのうち、同じになるのはどの2つでしょう？

# %%
def encode(text: str) -> list[int]:
    """テキストの各文字のID。"""
    return ____  # リスト：`text`の各文字のID


sentence_ids = ____  # 例の文のID
check("01.06")

# %%
print(letters)
print(sentence_ids)

# %% [markdown]
# | 文字 | `L` | `e` | `t` | `'` | `s` | 空白 | `h` | `e` |
# | --- | --- | --- | --- | --- | --- | --- | --- | --- |
# | ID | 23 | 42 | 57 | 5 | 56 | 1 | 45 | 42 |
#
# 2番目と最後でした。この8つの数は、どの章にも出てきます。そのうち、旧友に会ったような気がしてくるはずです。
#
# 57の`t`は、5のアポストロフィより大きいのでしょうか？ いいえ。IDは、数の姿をした名前です。サッカー選手の背番号と同じで、背番号を足し算する人はいませんし、ニューラルネットワークにもさせてはいけません。どうすればさせずに済むか、それが02章の話です。
#
# - [ ] 01.05 それぞれの文字にIDをつけた
# - [ ] 01.06 テキストをエンコードした

# %% [markdown]
# ## デコード · 5 分
#
# いつかモデルがIDを差し出してきたら、読めなければ困ります。帰り道に、もう1つ辞書を用意する必要はありません。リスト`characters`**が**帰り道です。文字のIDとは、その中でのマスの番号だったのですから。
#
# だから、文字を取ってきて、糊でつなげばいいのです。`"".join(pieces)`は、あいだに何もはさまずに文字列をつなぎます。

# %%
def decode(ids: list[int] | torch.Tensor) -> str:
    """これらのIDが表すテキスト。"""
    return ____  # `ids`の文字をつないだ、1つの文字列


check("01.07")

# %%
print(decode(sentence_ids))
print(decode([45, 42, 49, 49, 52]))

# %% [markdown]
# 最後の行では、自分がモデルの役をやりました。5つの数が入って、あいさつが出てきましたね。
#
# - [ ] 01.07 IDをテキストにデコードした

# %% [markdown]
# ## 往復と、知らない文字 · 7 分
#
# エンコードとデコードは、互いに打ち消し合います。まずは自分の目で見ておきましょう。
#
# 次は、もう少し物騒な話です。友人がIDを送ってきました。友人のテキストにはタブが入っていて、タブはこちらのどの文字よりも前に並ぶので、**友人の**IDはどれもこちらより1大きくなっています。言いたいのは`Let's he`。さて、何と読めるでしょう？

# %%
there_and_back = ____  # 例の文をエンコードして、またデコードしたもの
misread = ____  # どのIDも1大きいときに読めるもの
check("01.08")

# %%
print(there_and_back)
print(misread)

# %% [markdown]
# `Mfu,t!if`。どの文字も、1つずつ先へずれました。皇帝アウグストゥスは、秘密の手紙をこのやり方で書いたと言われています。ローマで幕を開ける戯曲に、お似合いです。
#
# **IDは、それを作った語彙がなければ何の意味もありません。** しかも、違う語彙を使っていても、誰も教えてくれません。訓練したモデルを取っておくなら、文字の一覧も一緒に取っておきましょう。
#
# 今度は、戯曲が番号を持っていないものを聞いてみます。

# %%
question = "2 B or not 2 B?"
try:
    encode(question)
except KeyError as error:
    print("KeyError：", error)

# %% [markdown]
# `KeyError: '2'`。そのとおりなのですが、夜の9時にこう言われても、あまり助けになりません。もっとうまくやりましょう。引く前に、何が知らない文字なのかを調べておくのです。
#
# setは引き算ができます。`{1, 2, 3} - {2}`は`{1, 3}`です。

# %%
unknown = ____  # 並べ替えたリスト：質問の中で、IDのない文字はどれ？
known = ____  # それを除いた質問。1つの文字列で
check("01.09")

# %%
print("知らない文字：", unknown)
print("残り：        ", repr(known))

# %% [markdown]
# 知らない文字を黙って捨てて、`" B or not B?"`と読むこともできます。そうするシステムは多いですし、代わりの記号に置き換えるものもあります。でも、ここのテキストは変わりません。知らない文字があるなら、それは**こちらの**間違いです。だったら、教えてもらったほうがいい。そこで、もっと厳しい`encode`です。

# %%
def encode(text: str) -> list[int]:
    """テキストの各文字のID。IDのない文字があれば、ValueErrorがその名を挙げる。"""
    unknown = sorted(set(text) - set(characters))
    if unknown:
        raise ValueError(f"not in the vocabulary: {', '.join(map(repr, unknown))}")
    return [id_of[character] for character in text]


try:
    encode(question)
except ValueError as error:
    print("ValueError：", error)

# %% [markdown]
# - [ ] 01.08 行って帰ってきて、友人の手紙を読み違えた
# - [ ] 01.09 IDのない文字を見つけた

# %% [markdown]
# ## IDのテンソル · 6 分
#
# ニューラルネットワークが受け取るのは、リストではなくテンソルです。テンソルの中の数は、全部同じ型です。IDなら`torch.long`、つまり1つ64ビットの整数です（別名は`int64`）。
#
# なぜ整数かというと、IDは**行を選ぶ**からです。42番の行はあっても、42.0番の行はありません。あるふりをしようとしても、PyTorchが許してくれません。それから、大文字に注意してください。`torch.Tensor`は、整数のリストを浮動小数点数に変えてしまいます。`torch.Tensor(3)`に至っては、3が入ってすらいません。浮動小数点数3つ分の場所を用意するだけで、中身は、たまたまメモリに転がっていたものです。

# %%
sentence_tensor = ____  # 例の文のIDを、整数のテンソルに
last_two = ____  # そのテンソルの最後の2つのIDを、デコードしたもの
check("01.10")

# %%
print(sentence_tensor, sentence_tensor.shape, sentence_tensor.dtype)
print(repr(last_two))

# %% [markdown]
# `decode`は、文句も言わずにテンソルを受け取りました。テンソルから取り出した整数でも、リストは引けるのです。モデルの答えはテンソルで出てくるので、これは助かります。では、戯曲9本をまとめて。

# %%
data = torch.tensor(encode(text), dtype=torch.long)
print(data.shape, f"{data.nbytes:,}バイト")
print(data[:13], repr(decode(data[:13])))

# %% [markdown]
# 1,123,763個のIDが、長い1列に並びました。1つ8バイトなので、1.1 MBのテキストが9 MBになります。IDは64種類しかないのだから、本当は1つ1バイトで足ります。もっと大きなテキストなら、実際にそうやって場所を節約します。この大きさなら、手軽さを取りましょう。
#
# - [ ] 01.10 IDのテンソルを作った

# %% [markdown]
# ## 訓練と検証 · 8 分
#
# 数字の分類器では、画像をいくらか取り分けておきました。答えを覚えているだけで試験に受かってしまっては困るからです。ここではテキストを取り分けます。最初の90%が訓練用、残りが**検証**用です。
#
# まず予想を。取り分ける画像は、くじで選んで構いません。では、**文字**の1割をくじで選んではいけないのは、なぜでしょう？

# %% [markdown]
# 文字には隣があるからです。「Let's hence」から`h`を抜いても、モデルはそのまわり全部を使って訓練されます。その行を丸暗記して、抜けたところを記憶で埋めてしまうでしょう。最後のほうを切れ目なくひとかたまりで取り分ければ、残りと接するのは境目の1か所だけです。
#
# このかたまりは『じゃじゃ馬ならし』の序盤から始まり、そのあとに『テンペスト』が続きます。このテキストでプロスペローが口を開くのは63回で、全部が取り分けた側に入っています。モデルは、行ったことのない島で試されるのです。

# %%
def split_ids(ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """IDの列の最初の9割と、残り。"""
    boundary = ____  # 長さの9割。端数を切り捨てた整数で
    return ____, ____  # そこまでと、そこから


check("01.11")

# %%
train_ids, validation_ids = split_ids(data)
print(f"訓練用{len(train_ids):,}個、検証用{len(validation_ids):,}個")
first, second = set(text[: len(train_ids)]), set(text[len(train_ids) :])
print("訓練用だけ: ", sorted(first - second))
print("検証用だけ：", sorted(second - first))

# %% [markdown]
# 2つ目の部分の文字は、どれも最初の部分にも出てきます。よかった。でも、運任せにしたわけではありません。番号をつけたのは、切る前の**全体**に対してでした。そうでなければ、検証用にしか出てこない文字があったとき、その文字にIDがなくなります。それに、これはカンニングでもありません。文字の一覧を見ても、中身は何もわかりませんから。
#
# - [ ] 01.11 IDを訓練用と検証用に分けた
# - [ ] 01.r2 検証用が、くじで引いた文字ではなく、ひとかたまりである理由を説明できる

# %% [markdown]
# ## 入力とターゲット、1つずらして · 10 分
#
# 数字のときは、どの画像にも誰かがラベルをつけなければなりませんでした。百万文字のラベルは、誰がつけるのでしょう？ 誰もつけなくていいのです。「次に何が来る？」の正しい答えは、次に来るもの**そのもの**です。テキストは、それ自体が模範解答になっています。
#
# つまり、訓練例1つは、テキストの窓2つ。長さは同じで、2つ目は1マス先へずらしたものです。例の文のところへ行ってみましょう。

# %%
length = len(sentence)
start = text.find(sentence)
print(start, repr(text[start : start + 20]))

# %%
inputs = ____  # `data`のID、`start`から`length`個
targets = ____  # 同じ個数のID、どれも1マス先
check("01.12")

# %%
print("入力      ", inputs.tolist(), repr(decode(inputs)))
print("ターゲット", targets.tolist(), repr(decode(targets)))

# %% [markdown]
# `Let's he`が聞き、`et's hen`が答えます。予想してください。これで質問はいくつでしょう？ 窓が1つで、質問も1つ？
#
# どのマスでも、モデルが知っているのは**そこまでに**読んだものだけで、次に来る文字を言い当てなければなりません。質問と答えを全部書き出してみましょう。マスごとに、そこまでに読んだものと、次に来るものです。

# %%
contexts = [decode(____) for place in range(length)]  # そこまでに読んだもの。`place`のIDも含める
answers = [decode([____]) for place in range(length)]  # 次に来るID
check("01.13")

# %%
for context, answer in zip(contexts, answers, strict=True):
    print(f"{context!r:>12} -> {answer!r}")

# %% [markdown]
# | モデルが読んだもの | IDでは | 言ってほしいもの | ID |
# | --- | --- | --- | --- |
# | `L` | 23 | `e` | 42 |
# | `Le` | 23, 42 | `t` | 57 |
# | `Let` | 23, 42, 57 | `'` | 5 |
# | `Let'` | 23, 42, 57, 5 | `s` | 56 |
# | `Let's` | 23, 42, 57, 5, 56 | `␣` | 1 |
# | `Let's␣` | 23, 42, 57, 5, 56, 1 | `h` | 45 |
# | `Let's␣h` | 23, 42, 57, 5, 56, 1, 45 | `e` | 42 |
# | `Let's␣he` | 23, 42, 57, 5, 56, 1, 45, 42 | `n` | 51 |

# %% [markdown]
# 8文字で**予測が8つ**。モデルは、それを全部まとめて一度にやってのけます。文脈が8文字のときだけでなく、1文字のときの練習もするわけで、だからこそ、いつか1文字から書き始められるようになります。
#
# フェアな質問ばかりではありません。`Let'`のあとなら、`s`に賭けておけば安全です。`Let's he`のあとは、00章で見たとおり、戯曲のほうで意見が割れています。「hear」が2回、「hence」が1回。いつも当てられる人はいません。学べるのは、それぞれの見込みです。そして、このモデルが出すのも、その見込みです。
#
# - [ ] 01.12 テキストから入力とターゲットを切り出した
# - [ ] 01.13 8つの質問とその答えを書き出した
# - [ ] 01.r3 8文字の窓で予測が8つになる理由を説明できる

# %% [markdown]
# ## バッチ · 15 分
#
# 百万文字を窓に切り分けて、順番に使うこともできます。でもここでは、窓を**ランダムな場所**から取ってきます。隣どうしの窓は同じ場面のものですし、1本の戯曲ばかり続けて読むモデルは、前の戯曲を忘れていくからです。
#
# 窓はどこから始められるでしょう？ IDが10個のテキストを考えます。どのIDも、自分のマスの番号と同じ。窓の長さは4です。始められるところがいくつあるか、予想してください。ターゲットも収まらないといけませんよ。
#
# もう1つ予想を。始められるところ全部で、窓を切り出します。どの窓もターゲットを4つ求めます。では、10個のIDは、どれも同じ回数ターゲットになるでしょうか？

# %%
tiny = torch.arange(10)
window = 4
print(tiny)

# %%
possible_starts = ____  # 入力とターゲットが収まる始点はいくつ？ `tiny`と`window`から求める
times_asked = [____ for place in range(len(tiny))]  # `place`のIDがターゲットになる窓は、このうちいくつ？
check("01.14")

# %%
last_start = possible_starts - 1
print(f"始点は{possible_starts}個、0から{last_start}まで")
print("最後の入力      ", tiny[last_start : last_start + window].tolist())
print("最後のターゲット", tiny[last_start + 1 : last_start + window + 1].tolist())
print("各IDがターゲットになる回数", times_asked)

# %% [markdown]
# 始点は6つ。テキストの長さから、窓の長さを引いた数です。7つと答えた人のプログラムは、長いあいだ何事もなく動いたことでしょう。このくらいのテキストだと、ターゲットが切れる窓は百万に1つしかありませんから。
#
# もう1つの予想のほうは、「いいえ」です。IDの出番は同じ回数ではなく、0、1、2、3、4、4、4、3、2、1です。テキストの真ん中なら、IDは4回、つまり窓のどのマスでも1回ずつターゲットになります。端に近いほど届く窓は減り、いちばん最初のIDに至っては、前に何もないので、誰からも聞かれません。窓が32なら、百万個ある訓練用IDのうち63個は、出番がほかより少なくなります。そのくらいは、我慢しましょう。
#
# `torch.randint(n, (k,))`は、整数を`k`個引きます。0から始まり、`n`は**含みません**。だから`n`は、始点の数そのものです。

# %%
def random_starts(ids: torch.Tensor, length: int, batch_size: int) -> torch.Tensor:
    """長さ`length`の窓とそのターゲットが`ids`に収まる、ランダムなマス：(batch_size,)。"""
    return ____  # PyTorchに引かせた、ランダムな始点を`batch_size`個


check("01.15")

# %%
torch.manual_seed(1337)  # セルを何度実行しても、誰が実行しても、同じさいころ
starts = random_starts(train_ids, length, batch_size=4)
for place in starts:
    print(f"{place:>9,} {decode(train_ids[place : place + length])!r}")

# %% [markdown]
# 4か所から4つの窓が取れました。なぜ、いくつもまとめて使うのでしょう？ 窓1つだけで訓練のステップを進めると、8文字の気まぐれに振り回されます。たくさんの窓なら、画像のときと同じで、気まぐれは均されます。それに、大きな行列積1つならプロセッサを休まず働かせられますが、小さな行列積をたくさんやると、待たせてばかりになります。
#
# バッチは、窓を積み重ねたものです。`torch.stack`は、8マスの列4本を、1つのテンソル(4, 8)にします。最初の次元が**バッチ**（batch）、2つ目が**系列**（sequence）です。
#
# どの窓にも、ターゲットが要ります。始点ごとに、入力で1回、ターゲットで1回と、2度切ることもできます。でも、うまい帯を切り出せば、1回で足ります。予想してください。長さ8の窓と、その窓の、やはり長さ8のターゲットは、合わせてテキストのIDをいくつ覆うでしょう？ その帯を始点ごとに1本切り、積み重ねて、入力とターゲットをそこから取り出します。表では、`[:, 2:]`は、すべての行の、2番の列から先という意味です。

# %%
strips = ____  # 始点ごとに、窓とターゲットを覆う帯。全部積み重ねる
batch_inputs = ____  # それぞれの帯から窓を
batch_targets = ____  # それぞれの帯からターゲットを
check("01.16")

# %%
print(strips.shape, batch_inputs.shape, batch_targets.shape)
draw.heat(
    torch.stack((batch_inputs, batch_targets), dim=1).view(-1, length),
    rows=[f"{kind} {number}" for number in range(1, 5) for kind in ("入力", "ターゲット")],
    columns=[str(place) for place in range(length)],
    title="4つの窓のバッチ。ターゲットをそれぞれの下に",
    alt="8行8列の四角に、IDが1つずつ入っている。2行ずつ4組。ターゲットの行には、上の入力の行のIDが1つ左へずれて並び"
    "、末尾に新しいIDがある。最初の入力は1, 40, 45, 42, 42, 48, 11, 1で、読むと「 cheek? 」。そのターゲットは40, "
    "45, 42, 42, 48, 11, 1, 46。",
)

# %% [markdown]
# IDは9つで足ります。窓とターゲットは、7つを共有しているのです。入力の行から、先頭以外の好きな数を選んで、すぐ下の行で探してみてください。1つ左にあります。入力の先頭のIDは抜け落ち、右から新しいIDが入ってきました。この斜めのずれが、健康なバッチの印です。
#
# バッチの中の窓は、互いを見ることがありません。たまたま同じ時間に開かれている、4つの授業のようなものです。本番のバッチは、長さ32の窓が24個。予測はバッチ1つで768個になります。1,317バッチが終わるころには、訓練用テキストの文字数と同じだけの予測をしたことになります。
#
# - [ ] 01.14 始点と、各IDがターゲットになる回数を数えた
# - [ ] 01.15 ランダムな始点を引いた
# - [ ] 01.16 積み重ねた帯から、バッチとターゲットを切り出した
# - [ ] 01.r4 (batch, sequence)の意味を説明でき、図の中からターゲットを見つけられる

# %% [markdown]
# ## クラス · 13 分
#
# 部品はそろいました。まずは、モデルのどの部品も従う数を、1か所にまとめます。このセルはもう完成しています。`frozen=True`にしておくと、途中で誰かが設定を変えることができません。名前の大半は、あとの章のためのものです。今日要るのは2つ、`batch_size`と`input_sequence_length`です。

# %%
@dataclass(frozen=True)
class Config:
    """モデルのすべての部品に共通の設定。"""

    batch_size: int = 24  # バッチの中の窓の数
    input_sequence_length: int = 32  # 窓の文字数。モデルはここまでしか遡れない
    embedding_dim: int = 64  # モデルの中で1文字を表す数の個数
    hidden_dim: int = 256  # FeedForwardの隠れ層の幅
    num_heads: int = 4  # ブロックのアテンションヘッドの数。それぞれの幅はembedding_dim / num_heads
    num_layers: int = 4  # 直列につなぐブロックの数
    dropout: float = 0.0  # 0にする数の割合。訓練のときだけ
    seed: int = 1337  # 乱数の出発点
    steps: int = 750  # モデルが学ぶバッチの数
    learning_rate: float = 0.015  # 訓練のステップの大きさ、いちばん大きいとき
    final_learning_rate: float = 0.0  # その大きさ、最後のステップで
    warmup_steps: int = 100  # 始めのうち、学習率が最大値まで上がっていくステップの数
    evaluate_every: int = 100  # 検証用テキストを何ステップごとに見るか
    evaluation_batches: int = 10  # そのたびに見るバッチの数

    @classmethod
    def small(cls) -> Self:
        """手で数を追いかけるための設定。8文字の窓が1つ、1文字につき数が8つ。"""
        return cls(
            batch_size=1, input_sequence_length=8, embedding_dim=8, hidden_dim=16, num_heads=2, num_layers=2, dropout=0.1
        )

# %% [markdown]
# ローダーが正しいと、どうすればわかるでしょう？ 文字が全部違い、しかも初めから順番に並んでいるテキストを渡します。そういうテキストなら、`tiny`と同じで、各マスのIDがマスの番号**そのもの**になります。だから、どのバッチも、どこから切り取られたかを白状します。下の小さな関数3つは、それを確かめるためのものです。読むかどうかはお任せします。

# %%
ladder = "".join(chr(256 + place) for place in range(100))
print(ladder[:20], "...")


def steps_seen(loader: "DataLoader") -> tuple[list[int], list[int]]:
    """`ladder`のバッチで、窓のマスからマスへの歩幅と、入力からターゲットへの歩幅。"""
    inputs, targets = loader.get_batch()
    return inputs.diff().unique().tolist(), (targets - inputs).unique().tolist()


def starts_seen(loader: "DataLoader", split: str) -> list[int]:
    """80個のバッチで窓が始まる、`ladder`の違うマスを順に並べたもの。"""
    return sorted({int(start) for _ in range(80) for start in loader.get_batch(split)[0][:, 0]})


def follows(loader: "DataLoader", split: str) -> bool:
    """バッチのどの窓も、最後のターゲットまで含めて、ローダーのテキストの一部かどうか。"""
    inputs, targets = loader.get_batch(split)
    pairs = list(zip(inputs, targets, strict=True))
    written = all(loader.decode([*window, target[-1]]) in loader.text for window, target in pairs)
    return written and all(torch.equal(window[1:], target[:-1]) for window, target in pairs)

# %% [markdown]
# ではクラスです。空欄は11個、新しい考えは1つもありません。1つは、2つの部分のどちらかを選ぶところ。ほかはやったことばかりで、ローダーのものには前に`self.`をつけます。思い出せなければ、上を探してください。そのためにあるのですから。
#
# PyTorchにも`DataLoader`があって、数字の分類器ではたぶんそれを使ったはずです。あれは、訓練例のリストを順にたどるものです。ここにはリストがありません。訓練例は、百万のマスのどこからでも始められるからです。

# %%
class DataLoader:
    """テキストを訓練例に切り分ける。IDの窓と、同じ窓を1マス先へずらしたもの。"""

    def __init__(self, text: str, config: Config) -> None:
        """`text`の文字に番号をつけ、IDを`train_ids`と`validation_ids`に分ける。"""
        self.text = text
        self.config = config
        self.characters = ____  # `text`の語彙。並べ替えたリストで
        self.vocab_size = len(self.characters)
        self.id_of = ____  # 文字からIDへ
        self.train_ids, self.validation_ids = self.split_data()

    def encode(self, text: str) -> list[int]:
        """`text`の各文字のID。IDのない文字があれば、ValueErrorがその名を挙げる。"""
        unknown = sorted(set(text) - set(self.characters))
        if unknown:
            raise ValueError(f"not in the vocabulary: {', '.join(map(repr, unknown))}")
        return ____  # IDのリスト

    def decode(self, ids: list[int] | torch.Tensor) -> str:
        """IDのリスト、またはIDのテンソル(length,)が表すテキスト。"""
        return ____  # 文字をつないだ1つの文字列

    def split_data(self) -> tuple[torch.Tensor, torch.Tensor]:
        """ローダーのテキストの最初の90%のIDと、残りのID。int64の列が2つ。"""
        ids = ____  # ローダーのテキストのIDを、テンソルに
        boundary = ____  # 長さの9割、切り捨て
        return ____  # 両方の部分。訓練用が先

    def get_batch(self, split: str = "train") -> tuple[torch.Tensor, torch.Tensor]:
        """ランダムな場所から取った、"train"か"validation"の入力とターゲット：どちらも(batch, sequence)、int64。"""
        ids = ____  # `split`が指すほうの部分
        length = self.config.input_sequence_length
        if len(ids) <= length:
            raise ValueError(f"{split} has {len(ids)} characters, a window and its target need {length + 1}")
        starts = ____  # 窓ごとに、ランダムな始点を1つ
        inputs = ____  # 窓を積み重ねたもの
        targets = ____  # そのターゲット
        return inputs, targets


check("01.17")

# %%
trial = DataLoader(ladder, Config(input_sequence_length=5))
print("歩幅：        ", steps_seen(trial))
print("検証用の始点：", starts_seen(trial, "validation"))

# %% [markdown]
# 窓の中の歩幅は1、入力からターゲットへの歩幅も1。だから`([1], [1])`です。ladderの最後の1割は、マス90から99まで。そこで長さ5の窓を始められるのは、90から94までのマスです。だから最後のターゲットは99で終わり、どれも端からはみ出しません。
#
# ladderでは動きました。次は戯曲です。

# %%
loader = DataLoader(text, Config())
print(f"文字は{loader.vocab_size}種類、訓練用のIDは{len(loader.train_ids):,}個")

torch.manual_seed(loader.config.seed)
asked, answered = loader.get_batch("train")
print(asked.shape, answered.shape)
print(repr(loader.decode(asked[0])))
print(repr(loader.decode(answered[0])))

# %% [markdown]
# 長さ32の窓が24個と、同じ窓を1マス先へずらしたもの。最後の2行に、この講座のすべてがあります。1行目を読んだら、2行目を言う。これだけです。あとの章では、完成したローダーをパッケージ`nanogpt`から取ってきます。
#
# - [ ] 01.17 DataLoaderを書いた

# %% [markdown]
# ## チャレンジ：GPT-2のようなかけら
#
# ここはやってもやらなくても構いません。15分かかりますが、あとの章では使いません。初めに、単語か文字かを選んでもらいました。GPT-2は、そのあいだでしたね。あの50,257個のかけらは、誰かが手で書き出したのではありません。一覧は256個のバイトで始まり、とても小さなループが、あと50,000個のかけらを見つけました。そのループを書く力は、もうついています。『コリオレイナス』では、何が見つかるでしょう？
#
# 1周でやることはこうです。いちばんよく隣り合っている2つを見つける。その2つ組に新しいIDを与え、2つ組があったところ全部に、そのIDを置く。次の周では、この新しいかけらが、また別の2つ組の片割れになることもあります。セルでは、最初の20,000文字で20周やります。実行する前に、最初の2つのかけらは何か、20周で3文字の単語までできるか、予想してください。
#
# `pairwise(ids)`は、どのIDも次のIDと組にして返します。`pairwise("abc")`なら`("a", "b")`、それから`("b", "c")`です。

# %%
def best_pair(ids: list[int]) -> tuple[int, int]:
    """いちばんよく隣り合っている2つ。同点がいくつもあれば、最初に出てくるもの。"""
    return ____  # 2つ組だけ。回数は要らない


def merge(ids: list[int], pair: tuple[int, int], new_id: int) -> list[int]:
    """IDを左から右へ並べたもの。`pair`の2つのIDが続いていたところには、代わりに`new_id`が入る。"""
    merged: list[int] = []
    for number in ids:
        if ____:  # `number`で2つ組がそろう？
            merged[-1] = new_id
        else:
            merged.append(number)
    return merged


shorter, spellings = encode(text[:20_000]), list(characters)
for _ in range(20):
    pair = best_pair(shorter)
    shorter = merge(shorter, pair, len(spellings))
    spellings.append(____)  # 新しいかけらのつづりは？
check("01.18")

# %% [markdown]
# できましたか？ 自分でセルを作って、`spellings[vocab_size:]`を見てみましょう。最初の2つは`e␣`、つまりeとそのあとの空白、それから`th`です。ここでは、単語の18%がeで終わり、8%がthで始まります。12周目では、コロンと改行がくっつきます。話す人の名前が、そう終わるからです。18周目で`you`、20周目で空白つきの`the␣`が見つかりました。20,000文字が、15,752個のかけらに縮みました。単語とは何か、誰もループに教えていないのに。
#
# GPT-2のループは、50,000周まで続きました。（単語と次の単語をくっつけるのは禁止だったので、かけらはもっと行儀よくなります。）それだけ回して買ったのは、短い並びです。代金は50,257行の表。こちらは64行で済みます。
#
# - [ ] 01.18 チャレンジ：GPT-2のやり方で語彙を増やした

# %% [markdown]
# ## これで自分のもの
#
# - 64文字の**語彙**。並べ替えてあるので、同じIDは毎日同じ意味になる
# - `encode`と`decode`。互いに打ち消し合う。IDのない文字の名を挙げるエラーつき
# - テキストの最後の1割を、プロスペローもろとも訓練から外しておく**分割**
# - **ただで手に入るターゲット**。どの文字も、前の文字への答えになる
# - `DataLoader(text, config)`。その`get_batch`が、入力とターゲットをどちらも(batch, sequence)で返す
#
# チェックを入れ、コミットして、今日はもう寝ましょう。まだないものが1つあります。意味です。機械にとっては、`e`が42、`t`が57というだけ。選手のいない背番号です。02章では、どのIDも数の列を1行もらいます。そしてその数には、学ぶことが許されているのです。
