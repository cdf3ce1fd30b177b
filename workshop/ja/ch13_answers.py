# %% [markdown]
# # 13 返事
# <!-- Made from checkpoints/ch13_answers.py by scripts/build.py. From your first edit on it is yours. -->
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/OWNER/REPO/blob/main/workshop/ja/ch13_answers.ipynb)
# [![Open in GitHub Codespaces](https://github.com/codespaces/badge.svg)](https://codespaces.new/OWNER/REPO?quickstart=1)
#
# 挨拶されたら返事をすることを、モデルに教えます。
#
# 10節、120分、よければチャレンジも。おまけの章です。講座は、これがなくても完結しています。必要なのは11章と12章、できれば自分で訓練したモデルも。なければ、講座のものを貸し出します。
#
# 自分のモデルは、戯曲を書きます。「Hello」と声をかけても、何かの行の出だしだと思われるだけ。人とおしゃべりするモデルも、はじめはまったく同じでした。そのあとで、もう少し教わったのです。今夜、自分のモデルにも同じことをします。要るのは、対話が数百行、一部を隠したターゲット、それに訓練が1分です。

# %%
# @title 最初に実行：この講座がここになければ（ColabやKaggleなど）、取ってきます
import importlib.util, urllib.request
if not importlib.util.find_spec("workshop"):
    address = "https://github.com/OWNER/REPO/raw/main/workshop/fetch.py"
    exec(urllib.request.urlopen(address).read(), {"address": address})

# %%
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import nn

# %%
from dataclasses import replace

from nanogpt import BigramLanguageModel, Config, DataLoader
from workshop import ____, check, columns, corpus, draw, hint, live, mine, optimizers, rehearsal, solution, trained

torch.set_printoptions(precision=3, linewidth=100, sci_mode=False)
torch.set_num_threads(1)  # これほど小さいテンソルでは、2つ目のコアは邪魔になるだけ

# %%
config = Config()
plays = DataLoader(corpus.shakespeare(), config)
characters = plays.characters
print(f"文字は{len(characters)}種類：{''.join(characters)!r}")

# %% [markdown]
# ## 続きを書くだけ · 8 分
#
# 自分のモデルを`models/mine`から連れてきて、挨拶してみましょう。何をすると思いますか？

# %%
model = trained.load().model
torch.manual_seed(1616)
for start in ("Hello", "Hello, how are you?\n"):
    print(plays.decode(model.generate(torch.tensor([plays.encode(start)]), 60)[0]))
    print("-" * 20)

# %% [markdown]
# 続きを書きはじめました。テキストのモデルにとっては、挨拶も何かの出だしです。だから、次に来そうなものを書きます。失礼なのではありません。話しているのが2人だとは、誰からも聞いていないのです。
#
# それなら、教えてあげましょう。モデルに通じる唯一の言葉、テキストで。言われたことを、戯曲のように名前とコロンをつけて書き、返事が始まるはずのところでぴたりと止めます。
#
# ```
# You: hello
# GPT:
# ```
#
# これで、**続きを書く**ことと**返事をする**ことが、同じことになりました。あとは、そこからの続きを上手に書けるようにするだけです。
#
# もう1つ、モデルを楽にしてあげられることがあります。人は`Hello`とも`hello!`とも`HELLO`とも書きますが、言いたいことは同じです。だから、こちらの言うことは、小文字だけ、記号はなしで足ります。モデルの言うことには、大文字や記号があっても構いません。それから、`3`や`é`のように戯曲に出てこない文字にはIDがないので、捨ててしまいます。

# %%
def question(said: str, characters: Sequence[str]) -> str:
    """誰かの言ったことを、返事を待つターンにする。使うのは、小文字と空白とアポストロフィ（知っている文字なら）。"""
    kept = [c for c in ____.replace("’", "'") if c in characters and (c.isalpha() or c in " '")]  # 小文字で
    words = "".join(kept).split()  # 余計な空白が残らないように
    return ____  # ターン。単語と単語のあいだは空白1つ、終わりは`GPT:`のあとの空白


check("13.01")

# %%
for said in ("Hello!", "HELLO", "How's life, Prospero?", "2 + 2 = ?"):
    print(repr(question(said, characters)))

# %% [markdown]
# 最後のは、もう何も尋ねていません。それでも返事は来ます。それも、自信たっぷりに。
#
# - [ ] 13.01 質問を、次に返事が来る形で書いた

# %% [markdown]
# ## 誰かが誰かに返事をする · 10 分
#
# 手本になる返事は、どこから持ってくればいいのでしょう？ 戯曲なら、返事だらけです。誰かがしゃべると、誰かが答えます。ここに、せりふがあります。1つのせりふが行のリスト1つで、先頭の名前はもう取ってあります。

# %%
speeches = [speech.split("\n")[1:] for speech in plays.text.strip().split("\n\n")]
print(f"せりふが{len(speeches):,}個")
print(speeches[1], speeches[2], sep="\n")

# %%
said = [" ".join(lines) for lines in speeches]  # それぞれを1行に
exchanges = ____  # ペアのリスト：それぞれのせりふと、それに答えるせりふ
short = [(speech, reply) for speech, reply in exchanges if 0 < ____ and 0 < ____]  # せりふは20文字まで。返事は30文字まで
check("13.02")

# %%
print(f"やりとりが{len(exchanges):,}個、そのうち短いのは{len(short)}個")
for speech, reply in short[6:60:9]:
    print(f"  {speech:<22} {reply}")

# %% [markdown]
# 返事です。それも、なかなかの返事。`What is't o'clock?`と聞けば`Upon the stroke of four.`、`Hail sir!`と声をかければ、誰かが`Hail to you both!`と返します。でも、たいていは、その舞台の上でしか通じません。それに、この245個のどこを探しても、「元気？」と聞かれる人はいません。戯曲の登場人物には、もっと差し迫った話があるのです。
#
# つまり、返事とは**どんな響き**のものかは、モデルはもう戯曲から教わっています。誰に何と言えばいいかは、そう聞かれたことのある誰かに教わるしかありません。
#
# - [ ] 13.02 戯曲の中の短いやりとりを見つけた

# %% [markdown]
# ## 誰に何と言うか · 14 分
#
# そこで、この講座は小さなテキストを自前で用意しました。人と機械の場面が15個あります。これが、その1つ目です。

# %%
scenes = corpus.dialogues().strip().split("\n\n")
print(scenes[0])

# %% [markdown]
# 声のかけ方が20通り、返事のしかたが4通り。同じ場面の中なら、どの声かけに、どの返事をしても構いません。24行で、ペアが80個になります。たくさんの対話を安上がりに書くやり方ですが、本当のことも言っています。正しい返事は、1つではないのです。
#
# ペアを取り出すには、まず、ある場面で片方の話し手が言うことを、名前なしで集めます。次に、片方の言うことの全部と、もう片方の言うことの全部を、総当たりで組み合わせます。

# %%
def turns(scene: str, speaker: str) -> list[str]:
    """話し手がある場面で言うこと。1行ずつ、先頭の名前なしで。"""
    name = f"{speaker}: "
    return [____ for line in scene.split("\n") if ____]  # 名前なしで。この話し手の行？


def pairs_of(scene: str) -> list[tuple[str, str]]:
    """ある場面で機械に向けて言われることの全部を、返事のひとつひとつと組み合わせたもの。"""
    return [____ for said in turns(scene, "You") for reply in turns(scene, "GPT")]  # ペアを1つ


check("13.03")

# %%
everything = [pair for scene in scenes for pair in pairs_of(scene)]
prompts = [said for scene in scenes for said in turns(scene, "You")]
print(f"プロンプト{len(prompts)}個からペアが{len(everything):,}個、たとえば{everything[0]}")

# %% [markdown]
# 訓練の前に、いつものように、いくらかを試験用に取っておきます。どれにしましょう？ すぐ思いつくのは、十五個に一つの**ペア**です。やってみて、取っておいたものをよく見てください。モデルが訓練中に、同じプロンプトを別のペアで見てしまうのは、そのうちどれだけでしょう？
#
# それから、正しいやり方で。取っておくのは、十五個に一つの**プロンプト**です。その返事も、全部一緒に。

# %%
step = 15

# %%
exam_pairs = everything[7::step]  # 8番目から、十五個に一つのペア
other_pairs = [pair for pair in everything if pair not in exam_pairs]
practised = {said for said, _ in other_pairs}
leaked = ____  # `exam_pairs`のうち、プロンプトが`practised`にあるものの割合
held_back = ____  # 8番目から、十五個に一つのプロンプト
known = [said for said in prompts if ____]  # 学ぶために残るもの
check("13.04")

# %%
print(f"ペアで取っておくと：試験のプロンプトの{leaked:.0%}は練習済み")
print(f"プロンプトで取っておくと：学ぶのに{len(known)}個、試験に{len(held_back)}個")
print(", ".join(held_back))

# %% [markdown]
# 全部でした。1つ目の試験なら、丸暗記しかしないモデルでも、優等で合格します。どの質問も知っているのですから。やってしまいがちな間違いで、発表された論文にさえ見つかります。だから、分ける前に、本番になったら何が**新しい**のかを考えてください。ここでは、それがプロンプトです。
#
# - [ ] 13.03 場面をペアにばらした
# - [ ] 13.04 ペアではなく、プロンプトを取っておいた
# - [ ] 13.r1 取っておいたペアの試験では何の証明にもならない理由を説明できる

# %% [markdown]
# ## 数に入るのは返事だけ · 16 分
#
# テキストとして書いたペアは、ほかのテキストと同じように学べます。ひとつずらして、次の文字のひとつひとつに賭けるのです。でも、**ひとつひとつ**全部に？ こちらが何を言うかを、モデルが当てる必要はありません。それは、こちらの役です。質問まで予測することを学ばせると、一度もやらされることのない仕事に力を使ってしまいます。
#
# だから、ターゲットに**マスク**をかけます。PyTorchの`cross_entropy`には、そのための決まりがあります。-100というターゲットは、数に入らないのです。-100というIDはないので、取り違えることもありません。

# %%
turn, reply = question("Hello", characters), "Well met!\n"
ids = torch.tensor(plays.encode(turn + reply))
print(repr(turn + reply), len(ids))

# %%
inputs, targets = ids[:-1], ids[1:].clone()
targets[: ____] = -100  # ターゲットのうち、質問の分はいくつ？
check("13.05")

# %%
for place in range(len(turn) - 3, len(inputs)):
    target = targets[place].item()
    print(f"{characters[inputs[place]]!r:>5} -> {'-' if target == -100 else repr(characters[target])}")

# %% [markdown]
# 最初に数に入るのは、空白の次に来る`W`で、最後は**改行**です。改行も返事のうち。モデルは、この文字で「言い終わった」と伝えるのです。
#
# 返事だけの損失は、いくつでしょう？ まだ何も知らないモデルで、手で計算してみてください。それから、このターゲットを渡したときにモデルが返すものと比べましょう。

# %%
torch.manual_seed(1349)
model = BigramLanguageModel(len(characters), config).eval()
logits = model(inputs[None])[0][0]  # （マス、語彙）

# %%
counts = ____  # ターゲットが数に入るところでTrue
surprises = -logits.log_softmax(dim=-1)[counts, ____]  # 本当に次に来たID、数に入るところだけ
by_hand = surprises.mean()
by_model = ____  # このペアでのモデルの損失。モデルが受け取るのはバッチなので、1行だけのバッチにして渡す
check("13.06")

# %%
print(f"手で{by_hand:.4f}、モデルで{by_model:.4f}。ターゲット{len(targets)}個のうち、数に入るのは{counts.sum()}個")

# %% [markdown]
# 同じ数です。11章でモデルの損失を書いたときは、マスクのマの字も出てきませんでした。それなのに、もうできるのです。
#
# - [ ] 13.05 質問にマスクをかけた
# - [ ] 13.06 返事だけの損失を、2通りに計算した
# - [ ] 13.r2 改行が返事のうちである理由を説明できる

# %% [markdown]
# ## 32文字の窓 · 10 分
#
# バッチの行は、長さをそろえなければなりませんが、ペアの長さはまちまちです。ここのペアは窓より長いので、どのペアからも、01章で戯曲から取ったように、窓を1つ取ります。半分は、質問が丸ごと入っている、いちばん頭から。もう半分は、ランダムなマスからです。自分でペアを書くと、窓より短いものもあるかもしれません。そのときは、ターゲットが-100のゼロで埋めます。

# %%
def window(inputs: torch.Tensor, targets: torch.Tensor, length: int) -> tuple[torch.Tensor, torch.Tensor]:
    """訓練例から取った`length`個のマス、頭から、またはランダムなマスから。短いものは、数に入らないもので埋める。"""
    lacking = ____  # 足りないマスの数。足りていれば0
    inputs = F.pad(inputs, (0, lacking))
    targets = F.pad(targets, (0, lacking), value=____)  # 数に入らないもの
    start = torch.randint(____, ()).item()  # 窓はいくつある？
    if torch.rand(()) < 0.5:
        start = 0
    return inputs[start : start + length], targets[start : start + length]


check("13.07")

# %%
long_turn, long_reply = question("How are you today", characters), "Merry as a lark, and about as wise.\n"
torch.manual_seed(1)
whole = torch.tensor(plays.encode(long_turn + long_reply))
for _ in range(3):
    print(repr(plays.decode(window(whole, whole, 32)[0])))

# %% [markdown]
# 2つ目の窓には、質問がもう残っていません。はさみの入れ方をしくじったのではなく、モデルがしゃべるときも、このとおりになるのです。見えるのは32文字なので、`You: how are you today`と`GPT: `のあとには、あと4文字しか入りません。そこから先は、1文字書くごとに、質問が1文字ずつ消えていきます。
#
# つまり、質問が決めるのは、返事の**出だし**です。残りは、その出だしで決まります。`Merry as a`まで言えば、あとはヒバリ（lark）が続くだけ。そういう文だからで、何を聞かれたかは、もう忘れています。モデルの言葉にうっとりしたときは、このことを思い出してください。
#
# - [ ] 13.07 訓練例から窓を切り出した（足りなければ埋めた）

# %% [markdown]
# ## Trainerのためのローダー · 12 分
#
# `Trainer`がローダーに頼むことは、1つしかありません。`get_batch("train")`か、`get_batch("validation")`です。だから、新しい種類の授業には、新しいローダーを書けばよく、ほかは何も変わりません。空欄も、知っているものばかりです。

# %%
class Dialogues:
    """言われたことと返事のペアのバッチ。数に入るのは返事だけ。"""

    def __init__(self, train: list[tuple[str, str]], validation: list[tuple[str, str]], plays: DataLoader) -> None:
        """学ぶためのペアと、試験用のペア。文字と設定は`plays`が持っている。"""
        self.pairs = {"train": train, "validation": validation}
        self.plays = plays
        self.config = plays.config

    def example(self, said: str, reply: str) -> tuple[torch.Tensor, torch.Tensor]:
        """ペアを、入力とターゲットにする。どちらも1行で、長さはペアの文字数より1つ少ない。"""
        turn = ____  # 言われたことを、ターンにしたもの
        ids = torch.tensor(self.plays.encode(____))  # ペアのテキスト全体、最後の文字まで
        inputs, targets = ids[:-1], ids[1:].clone()
        targets[: ____] = ____  # どれが数に入らない？ そこに何を置く？
        return inputs, targets

    def get_batch(self, split: str = "train") -> tuple[torch.Tensor, torch.Tensor]:
        """「train」または「validation」からランダムに取ったペアの窓。入力とターゲット、どちらも(batch, sequence)、int64。"""
        pairs = ____  # この部分のペア
        places = torch.randint(len(pairs), (self.config.batch_size,))
        rows = [window(*self.example(*____), self.config.input_sequence_length) for place in places]  # そのうちの1つ
        inputs, targets = zip(*rows, strict=True)
        return torch.stack(inputs), ____  # ターゲットのほうも、重ねて


check("13.08")

# %%
train = [(said, reply) for said, reply in everything if said in known]
exam = [(said, reply) for said, reply in everything if said in held_back]
dialogues = Dialogues(train, exam, plays)
torch.manual_seed(1349)
inputs, targets = dialogues.get_batch()
print(tuple(inputs.shape), "->", tuple(targets.shape), f"そのうち数に入るのは{(targets != -100).float().mean():.0%}")

# %% [markdown]
# - [ ] 13.08 対話のローダーを書いた

# %% [markdown]
# ## どこで止まる、どう選ぶ · 12 分
#
# `generate`は、言われた文字数だけ書きます。でも、返事は、モデルが改行を書いたところで終わってほしいもの。それから、次の文字の選び方は、11章で2つ出てきました。いつでもいちばん来そうなものを選ぶか、さいころを振るか。その2つをつなぐのが温度です。0で割ることはできないので、0は「いちばん来そうなもの」を表すことにします。

# %%
def choose(row: torch.Tensor, temperature: float) -> int:
    """スコアの行(vocabulary,)からIDを1つ。温度0ならいちばん来そうなもの、そうでなければスコア / 温度から引く。"""
    if temperature == 0:
        return ____  # いちばん来そうなもの、ふつうの整数で
    return torch.multinomial(____, num_samples=1).item()  # この温度での確率


check("13.09")

# %% [markdown]
# さあ、全部つなげましょう。尋ね、選び、改行が出たら止まります。出なくても、80文字で止まります。いつまでも終わらないモデルもあるからです。尋ねる相手がいないうちにも試せるように、台本を持ったモデルを用意しました。何を言われても、自分のせりふを言うだけです。

# %%
class Scripted(nn.Module):
    """次に来るものに、いつでも自信満々のモデル。台本の次の文字、台本が終わったあとは`T`。"""

    def __init__(self, script: str, characters: Sequence[str]) -> None:
        super().__init__()
        self.script, self.characters, self.config = list(script), characters, Config()
        self.asked: list[list[int]] = []  # 毎回、何を見せられたか

    def forward(self, ids: torch.Tensor) -> tuple[torch.Tensor, None]:
        self.asked.append(ids[0].tolist())
        scores = torch.zeros(*ids.shape, len(self.characters))
        scores[:, -1, self.characters.index(self.script.pop(0) if self.script else "T")] = 99.0
        return scores, None

# %%
@torch.no_grad()
def answer(model: nn.Module, said: str, characters: Sequence[str], temperature: float = 0.0, longest: int = 80) -> str:
    """モデルの返事。改行まで、または最初の`longest`文字まで。"""
    ids = [characters.index(character) for character in question(said, characters)]
    start = len(ids)
    was_training = model.training
    model.eval()
    while len(ids) - start < longest:
        context = ____  # 最後のほうのIDを、モデルに見える数だけ
        row = ____  # 次に来るもののスコア
        chosen = choose(row, temperature)
        if ____:  # 言い終わった？
            break
        ids.append(chosen)
    model.train(was_training)
    return "".join(characters[number] for number in ____)  # 返事だけ


check("13.10")

# %%
print(answer(Scripted("Ay, sir. No, sir.\nYou: what", characters), "Hello", characters))

# %% [markdown]
# - [ ] 13.09 熱くなったり冷静になったりして、次の文字を選んだ
# - [ ] 13.10 返事を書いて、止まった

# %% [markdown]
# ## 忘れていくもの · 14 分
#
# では、自分のTrainerで、モデルのコピーを対話で訓練しましょう。つづりはもう知っていて、新しい習慣を1つ身につけるだけなので、数百ステップで足ります。（訓練したモデルを、小さくて特別なテキストでさらに訓練することを、**ファインチューニング**といいます。）全体の10分の1が終わるごとに、試験を2つ受けさせます。1つは取っておいたプロンプトで、もう1つは、これまでどおり戯曲で。
#
# 曲線がそれぞれどうなるか予想してから、次の2つのセルを実行してください。三十秒ほどかかりますが、「Hello」に何と返事をするか、そのあいだずっと眺めていられます。

# %%
def loss_on(model: nn.Module, loader, batches: int = 12) -> float:
    """検証用のこの数のバッチでの、損失の平均。バッチは毎回同じで、さいころは元のまま。"""
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(7)
        return sum(model.eval()(*loader.get_batch("validation"))[1].item() for _ in range(batches)) / batches


def taught(loader, steps: int):
    """あるローダーでさらに訓練した自分のモデル、ステップごとの対話と戯曲での損失、「Hello」への返事。"""
    model, old, _ = trained.load()
    settings = rehearsal.settings(replace(config, steps=steps, warmup_steps=steps // 10, evaluate_every=steps))
    trainer = mine.Trainer(model, optimizers.fast(model, settings), loader, settings)
    losses = {0: (loss_on(model, dialogues), loss_on(model, old))}

    def examine(report) -> None:
        if report.step % max(1, settings.steps // 10) == 0:
            losses[report.step] = (loss_on(model, dialogues), loss_on(model, old))

    torch.manual_seed(settings.seed)
    with live.Live(lambda: answer(model, "Hello", characters)) as watch:
        trainer.train(lambda report: (watch(report), examine(report)))
    return model, losses, watch.samples


def show(losses: dict[int, tuple[float, float]], title: str) -> None:
    """両方の曲線と、それがどう動くかの言葉での説明。"""
    first, last = losses[0], losses[max(losses)]
    draw.lines(
        {"取っておいた対話": [pair[0] for pair in losses.values()], "戯曲": [pair[1] for pair in losses.values()]},
        x=list(losses),
        title=title,
        x_name="ステップ",
        y_name="損失",
        alt=f"{max(losses)}ステップの曲線が2本。対話での損失は{first[0]:.2f}から{last[0]:.2f}へ、戯曲での損失は"
        f"{first[1]:.2f}から{last[1]:.2f}へ。",
    )
    print(f"対話 {first[0]:.2f} -> {last[0]:.2f}、戯曲 {first[1]:.2f} -> {last[1]:.2f}")

# %%
single_minded, losses, hellos = taught(dialogues, 250)
show(losses, "Trained on dialogues alone")
for step, reply in hellos.items():
    print(f"{step:>4}  {reply}")
print("-" * 20)
torch.manual_seed(1616)
print(plays.decode(single_minded.generate(torch.tensor([plays.encode("ROMEO:\n")]), 150)[0]))

# %% [markdown]
# 来ました、返事です。線の下は、いま戯曲を書かせるとこうなる、というもの。これを書いた時点では、ロミオの第一声が`S, shall whou hail, and welcome to my little for work, and early fox.`でした。
#
# 学びながら、忘れていくのです。そのとき、戯曲での損失は1.84から4.54になりました。テキストのことを何も知らない人でも4.16です。おしゃべりを学んでいる209,600個の数は、戯曲のことを知っていた、まさにその数です。前からあるものを残しておけとは、損失のどこにも書いてありません。これを**破滅的忘却**といって、どんな大きさのモデルにも起こります。
#
# 薬は、学校と同じくらい昔からあります。復習です。どのバッチにも、戯曲の行をいくらか混ぜましょう。そこでは、これまでどおり、どの文字も数に入ります。それには、ローダーがもう1つ要ります。いくらかの行をこちらから、残りをあちらから取ってくるローダーです。

# %%
class Mixed:
    """2つのローダーの行を混ぜたバッチ。"""

    def __init__(self, first, second, share: float) -> None:
        """行のうち`share`の割合（整数に丸める）が`first`から、残りが`second`から来る。どちらのバッチも同じ形状。"""
        self.first = first
        self.second = second
        self.share = share

    def get_batch(self, split: str = "train") -> tuple[torch.Tensor, torch.Tensor]:
        """`first`のバッチの先頭の行と、`second`のバッチの残りの行。入力とターゲット。"""
        inputs, targets = self.first.get_batch(split)
        others, their_targets = ____  # もう1つのローダーのバッチ、同じ部分から
        rows = ____  # `first`から来る行の数、整数で
        return torch.cat((____, ____)), torch.cat((targets[:rows], ____))  # 1つ目からその数だけ。2つ目の残り。そのターゲット


check("13.11")

# %%
mixed = Mixed(plays, dialogues, 0.125)
torch.manual_seed(1349)
inputs, targets = mixed.get_batch()
print("\n".join(repr(plays.decode(row)) for row in inputs[[0, 1, -2, -1]]))

# %% [markdown]
# - [ ] 13.11 バッチに戯曲を混ぜた
# - [ ] 13.r3 モデルが学びながら忘れる理由と、何が効くかを説明できる

# %% [markdown]
# ## 丸暗記かどうか · 10 分
#
# もうすぐモデルは、一度も見たことのないプロンプトに返事をします。すると、わかってくれたと言いたくなるでしょう。でも、どうすれば確かめられるのでしょう？ **知っているプロンプトの中で、いちばん近いもの**を探すのです。`good morning to you`と話しかけたとき、`good morning`を練習したことがあるなら、いい返事が証明するのは、文字に気づいたということだけです。
#
# 2つのプロンプトがどれだけ近いかは、どう測りましょう？ それぞれから隣り合う文字のペアを取り出して、どれだけ共通しているかを見ます。前後に空白をつければ、`hi`のペアは、`" h"`、`"hi"`、`"i "`の3つです。

# %%
def letter_pairs(said: str) -> set[str]:
    """プロンプトの隣り合う文字のペア。小文字で、前後に空白をつけて。"""
    text = f" {said.lower()} "
    return {____ for place in range(len(text) - 1)}  # ここから始まるペア


def likeness(one: str, other: str) -> float:
    """2つのプロンプトに共通する文字のペアが、どちらかにあるもの全部に占める割合。0は1つもなし、1は全部。"""
    mine, theirs = letter_pairs(one), letter_pairs(other)
    return ____  # 両方にあるものを、どちらかにあるもので割る


def nearest(said: str, known: list[str]) -> str:
    """知っているプロンプトのうち、これにいちばん似ているもの。いくつかあれば、最初のもの。"""
    return max(known, key=lambda each: ____)  # どれだけ近いか


check("13.12")

# %%
for said in held_back[:6]:
    near = nearest(said, known)
    print(f"{said:<18} {near:<18} {likeness(said, near):.2f}")

# %% [markdown]
# では、返事そのものは？ 一字一句、そのプロンプトの場面にある返事と同じなら、**fits**（ぴったり）。丸暗記ですが、恥じることはありません。別の場面の返事なら、**astray**（迷子）。どの場面にもなければ、よくも悪くも**new**（新作）です。

# %%
def verdict(said: str, reply: str, scenes: list[str]) -> str:
    """「fits」「astray」「new」のどれか。プロンプトへの返事がどこから来たか。"""
    own = [scene for scene in scenes if ____]  # プロンプトはこの場面にある？
    if any(reply in turns(scene, "GPT") for scene in ____):  # どの場面を探す？
        return "fits"
    if any(____ for scene in scenes):  # そこの返事の1つ？
        return "astray"
    return "new"


check("13.13")

# %% [markdown]
# - [ ] 13.12 知っているプロンプトの中で、いちばん近いものを見つけた
# - [ ] 13.13 暗唱と自作を見分けた

# %% [markdown]
# ## チャレンジ：言うならどれ？
#
# やってもやらなくても構いません。15分ほどかかりますが、あとの章では使いません。文字に確率を出すモデルなら、**返事**にだって確率を出せます。だから、書かせるかわりに、審査してもらいましょう。知っている返事を1つずつ見せて、損失がいちばん低いものを選ぶのです。検索エンジンや翻訳でもモデルはこう使われていて、結果には、つづりの間違いがありません。

# %%
torch.manual_seed(1349)
judge_model = BigramLanguageModel(len(characters), config).eval()
candidates = [reply for scene in scenes[:4] for reply in turns(scene, "GPT")]

# %%
@torch.no_grad()
def rather(model: nn.Module, said: str, candidates: list[str], loader: Dialogues) -> str:
    """候補のうち、返事としてモデルの驚きがいちばん小さいもの。1文字あたりで、窓1つに入るところまで。"""
    losses = []
    for reply in candidates:
        inputs, targets = ____  # ペアを、入力とターゲットで
        length = loader.config.input_sequence_length
        losses.append(____)  # 最初の窓での損失、ふつうの数で
    return candidates[____]  # いちばんいいもののマス


check("13.14")

# %%
print(rather(judge_model, "Hello", candidates, dialogues))

# %% [markdown]
# 訓練していないモデルにも、好みはあります。次の節が終わると、自分のモデルは`speaking`という名前になっています。それを、全部の場面の返事と一緒に、`rather`に渡してみてください。
#
# - [ ] 13.14 チャレンジ：モデルに返事を審査させた

# %% [markdown]
# ## 授業 · 14 分
#
# では、全部を合わせましょう。自分のモデル、自分のTrainer、対話、そして、あまり忘れないように戯曲を8分の1。**先にこのノートブックを保存してください**。`mine`は、クラスをファイルから読むからです。それから始めます。1、2分かかります。

# %%
speaking, losses, hellos = taught(mine.Mixed(plays, mine.Dialogues(train, exam, plays), 0.125), 1000)
show(losses, "Trained on dialogues and plays")
for step, reply in hellos.items():
    print(f"{step:>4}  {reply}")

# %% [markdown]
# これを書いた時点では、ステップが4倍あったのに、戯曲での損失は、4.54ではなく2.08で終わりました。ただではありません。対話を学ぶのに前より時間がかかりましたし、2.08は、まだ1.84より大きいのです。それでも、行の8分の1でこれなら、お買い得です。
#
# さて、そこにいるのは誰だ？

# %%
for said in ("Hello", "Who are you?", "It's raining", "I love you", "Goodbye"):
    print(f"You: {said}\nGPT: {mine.answer(speaking, said, characters)}\n")

# %% [markdown]
# どれも、練習したプロンプトです。いよいよ試験。一度も見たことのない20個の全部に何と返事をするか、温度0で、出てきたままを並べます。それぞれの横にあるのは、練習したプロンプトの中でいちばん近いものと、判定です。

# %%
def report(model: nn.Module, prompts: list[str], temperature: float = 0.0) -> list[tuple[str, str, str, str]]:
    """プロンプトごとに、それ自身、知っている中でいちばん近いプロンプト、返事、その判定。"""
    torch.manual_seed(1616)
    rows = []
    for said in prompts:
        reply = mine.answer(model, said, characters, temperature)
        rows.append((said, nearest(said, known), reply, verdict(said, reply, scenes)))
    return rows


exam_report = report(speaking, held_back)
for said, near, reply, what in exam_report:
    print(f"{said:<18} {near:<18} {what:<7} {reply}")

# %%
def tally(rows: list[tuple[str, str, str, str]]) -> list[int]:
    """fits、astray、newの返事が、それぞれいくつあるか。"""
    verdicts = [row[3] for row in rows]
    return [verdicts.count(what) for what in ("fits", "astray", "new")]


def same_scene(said: str, other: str) -> bool:
    """2つのプロンプトが、1つの場面にあるかどうか。"""
    return any({said, other} <= set(turns(scene, "You")) for scene in scenes)


looked_up = sum(same_scene(said, nearest(said, known)) for said in held_back)
print("練習済み（十四個に一つ）：", tally(report(speaking, known[::14])), "（fits、astray、new）")
print("取っておいた分：          ", tally(exam_report))
print(f"取っておいた分に、知っている中でいちばん近いプロンプトと同じ返事をしたら：{looked_up}個がfits")

# %% [markdown]
# これを書いた時点では、20個のうち10個がfits、8個がastray、2個がnewで、newは`Well met, good friend! it a bow.`と`Bread, cheese and ale: the rest is all arithme.`でした。
#
# では、モデルは何かがわかったのでしょうか？ どこかの場面からランダムに取ってきた返事なら、fitsになるのは15回に1回。20個のうち10個は、偶然ではありません。どの文字がどの場面と一緒に出てくるのかを学んだのです。とはいえ、`It is cold`の文字のペアは、練習した`Is it cold`とそっくり同じ。それに、知っている中でいちばん近いプロンプトを調べるだけのプログラムでも、正しい場面が14回見つかります。自分のモデルは、寒いとはどういうことか、まるで知りません。知っているものに似たものが来れば、それに合うものを暗唱します。ほかのものが来ても、やっぱり何かを、同じくらい陽気に暗唱するのです。
#
# わかっているように見えるモデルには、いつでも3つの質問をしましょう。練習したもののうち、いちばん近いのはどれ？ その返事は暗唱？ 調べて写すだけでも、同じくらいできた？ 大きなモデルだと、答えるのは難しくなります。モデルの読んだものを全部覚えている人など、いないからです。自分のモデルが読んだものなら、1行残らず知っています。
#
# 次は、さいころです。同じことを、3つの温度で、5回ずつ尋ねてみます。

# %%
torch.manual_seed(1595)
columns.show(
    {
        f"温度{temperature}": "\n".join(mine.answer(speaking, "Hello", characters, temperature) for _ in range(5))
        for temperature in (0.0, 0.5, 1.2)
    }
)

# %% [markdown]
# 0では、いつでも同じです。0.5では、合うもののうち、あるときはこれ、あるときはあれ。1.2では、言い間違いをします。これを書いた時点では、その挨拶の1つが`Sleep on it,e, and ask a better machine.`でした。
#
# では、保存しましょう。12章のモデルは、そのままです。こちらのモデルには、そのフォルダの中に、`answers`というフォルダをもう1つ作ります。

# %%
place = trained.keep(speaking, plays, trained.load().folder, losses[max(losses)][1], max(losses))
print(f"{place.parent.name}/{place.name}に保存")

# %% [markdown]
# これからは、このノートブックがなくても話せます。ターミナルで、こう打ってください。
#
# ```
# python scripts/sample.py models/mine --chat
# ```
#
# 何も打たずに改行すると、会話が終わります。`--temperature 0.5`をつければ、話があまり脱線しません。自分のモデルではなく講座のモデルなら、場所は`models/gpt`です。返事は、1行ごとに別々。その前の行のことは、何も覚えていません。
#
# - [ ] 13.r4 自分のモデルに挨拶したら、返事が来た

# %% [markdown]
# ## これで自分のもの
#
# - 続きを書くことを返事に変える、**書式**
# - 返事だけを学ぶための、**マスク**
# - ペアではなく**プロンプト**で分けた試験
# - **忘れたもの**に気づく目と、その薬：新しいものに古いものを混ぜる
# - どんな温度でも、ちゃんと**止まる**返事
# - わかっているように見えるモデルには、いつでも3つの質問
# - そして、挨拶を返してくれるモデル
#
# 人とおしゃべりする大きなモデルも、こうやって作られます。まず、ありったけのテキスト。それから、書式を決めて、マスクをかけた対話。（そのあと、人が返事どうしを比べ、モデルはその比較から学びます。それはまた、別の晩の話です。）自分のモデルは、数が209,600個、見えるのは32文字。それでも、ちゃんと挨拶を返してくれました。
