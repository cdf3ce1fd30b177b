# %% [markdown]
# # 13 উত্তর
# <!-- Made from checkpoints/ch13_answers.py by scripts/build.py. From your first edit on it is yours. -->
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/OWNER/REPO/blob/main/workshop/bn/ch13_answers.ipynb)
# [![Open in GitHub Codespaces](https://github.com/codespaces/badge.svg)](https://codespaces.new/OWNER/REPO?quickstart=1)
#
# কেউ হ্যালো বললে তোমার মডেল যেন উত্তর দেয়, সেটা শেখাও।
#
# 120 মিনিট, দশটা অংশ, আর চাইলে একটা চ্যালেঞ্জ। এটা উপরি পাওনা, এই অধ্যায় ছাড়াই কোর্স সম্পূর্ণ ছিল। লাগবে অধ্যায় 11 আর 12, আর সবচেয়ে ভালো হয় তোমার নিজের একটা
# ট্রেন করা মডেল থাকলে। না থাকলে ওয়ার্কশপ একটা ধার দেয়।
#
# তোমার মডেল নাটক লেখে। তাকে "Hello" বলো, সে ভাববে ওটা একটা লাইনের শুরু। যেসব মডেল তোমার সঙ্গে চ্যাট করে, তারাও শুরু করেছিল ঠিক এভাবেই, তারপর তাদের আরও কিছু শেখানো
# হয়েছে। আজ রাতে তোমারটাকেও তা-ই শেখাবে। লাগবে কয়েকশো লাইন কথোপকথন, কিছুটা আড়াল করা টার্গেট, আর এক মিনিটের ট্রেনিং।

# %%
# @title আগে এটা চালাও: ওয়ার্কশপটা এখানে না থাকলে (যেমন Colab বা Kaggle-এ) এটা নিয়ে আসে
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
torch.set_num_threads(1)  # এত ছোট টেনসরে দ্বিতীয় একটা কোর শুধু ভিড় বাড়ায়

# %%
config = Config()
plays = DataLoader(corpus.shakespeare(), config)
characters = plays.characters
print(f"{len(characters)}টা অক্ষর: {''.join(characters)!r}")

# %% [markdown]
# ## সে শুধু চালিয়ে যায় · 8 মিনিট
#
# `models/mine` থেকে তোমার মডেলটা আনো, আর তাকে হ্যালো বলো। আন্দাজ করো সে কী করবে।

# %%
model = trained.load().model
torch.manual_seed(1616)
for start in ("Hello", "Hello, how are you?\n"):
    print(plays.decode(model.generate(torch.tensor([plays.encode(start)]), 60)[0]))
    print("-" * 20)

# %% [markdown]
# সে চালিয়ে যায়। লেখার মডেলের কাছে তোমার সম্ভাষণ কোনো একটা কিছুর শুরু, আর সে লেখে তার পরে যা আসতে পারে। এটা অভদ্রতা নয়। এখানে যে দুজন আছে, সে কথা তাকে কেউ বলেইনি।
#
# তাহলে বলে দাও, যে একটামাত্র ভাষা সে বোঝে তাতেই: লেখায়। যা বলা হলো তা নাটকের মতো করে লেখো, নাম আর কোলন দিয়ে, আর থামো ঠিক সেইখানে যেখানে উত্তরটা শুরু হওয়ার কথা:
#
# ```
# You: hello
# GPT:
# ```
#
# এবার *চালিয়ে যাওয়া* আর *উত্তর দেওয়া* একই জিনিস। বাকি শুধু ওখান থেকে ভালো করে চালিয়ে যেতে শেখানো।
#
# আরেকটা জিনিসে তার জীবন সহজ হয়। লোকে `Hello`, `hello!`, `HELLO` যা-ই লিখুক, বলতে চায় একই কথা। তুমি যা বলবে, তাতে ছোট হাতের বর্ণই যথেষ্ট, যতিচিহ্ন লাগবে
# না। সে যা বলবে, তাতে বড় হাতের বর্ণ আর যতিচিহ্ন থাকতে পারে। আর যে অক্ষর নাটকে নেই, যেমন `3` বা `é`, তার আইডিও নেই, তাই সেটা বাদ।

# %%
def question(said: str, characters: Sequence[str]) -> str:
    """কেউ যা বলল, উত্তরের অপেক্ষায় থাকা একটা পালা হিসেবে: ছোট হাতের বর্ণ, স্পেস আর অ্যাপস্ট্রফি, যদি চেনা হয়।"""
    kept = [c for c in ____.replace("’", "'") if c in characters and (c.isalpha() or c in " '")]  # ছোট হাতের বর্ণে
    words = "".join(kept).split()  # যাতে বাড়তি স্পেস না থাকে
    return ____  # পালাটা, দুটো শব্দের মাঝে একটা স্পেস, আর শেষ হয় `GPT:`-এর পরের স্পেসে


check("13.01")

# %%
for said in ("Hello!", "HELLO", "How's life, Prospero?", "2 + 2 = ?"):
    print(repr(question(said, characters)))

# %% [markdown]
# শেষেরটা আর কিছুই জিজ্ঞেস করছে না। তবু ওটারও উত্তর আসবে, আর বেশ জোর গলায়।
#
# - [ ] 13.01 প্রশ্ন এমনভাবে লেখা, যাতে এর পরেই উত্তর আসে

# %% [markdown]
# ## একজন আরেকজনকে জবাব দেয় · 10 মিনিট
#
# শেখার মতো উত্তর পাব কোথায়? নাটকগুলো উত্তরে ঠাসা। একজন বলে, আরেকজন জবাব দেয়। এই নাও সংলাপগুলো, একেকটার জন্য লাইনের একটা লিস্ট, সামনের নামটা আগেই সরানো।

# %%
speeches = [speech.split("\n")[1:] for speech in plays.text.strip().split("\n\n")]
print(f"{len(speeches):,}টা সংলাপ")
print(speeches[1], speeches[2], sep="\n")

# %%
said = [" ".join(lines) for lines in speeches]  # প্রতিটা এক লাইনে
exchanges = ____  # জোড়ার লিস্ট: প্রতিটা সংলাপ, আর যে সংলাপ তার জবাব
short = [(speech, reply) for speech, reply in exchanges if 0 < ____ and 0 < ____]  # সংলাপ বড়জোর 20 অক্ষর, জবাব বড়জোর 30
check("13.02")

# %%
print(f"কথা-জবাবের {len(exchanges):,}টা জোড়া, তার মধ্যে {len(short)}টা ছোট")
for speech, reply in short[6:60:9]:
    print(f"  {speech:<22} {reply}")

# %% [markdown]
# উত্তরই বটে, আর খাসা উত্তর। `What is't o'clock?`-এর জবাব আসে `Upon the stroke of four.`, আর `Hail sir!` শুনে কেউ বলে
# `Hail to you both!`। কিন্তু ওই মঞ্চের বাইরে বেশির ভাগেরই কোনো মানে হয় না, আর এই 245টার একটাতেও কেউ কাউকে জিজ্ঞেস করে না সে কেমন আছে। নাটকের লোকের আরও
# জরুরি কথা থাকে।
#
# নাটক তাহলে তোমার মডেলকে শিখিয়েছে উত্তর *শুনতে* কেমন। কাকে কী বলতে হয়, সেটা শিখতে হবে এমন কারও কাছে, যাকে কেউ কিছু জিজ্ঞেস করেছে।
#
# - [ ] 13.02 নাটক থেকে ছোট কথা-জবাব খুঁজে বের করা

# %% [markdown]
# ## কাকে কী বলতে হয় · 14 মিনিট
#
# সেই জন্যই কোর্সের সঙ্গে আছে নিজস্ব ছোট একটা লেখা: একজন মানুষ আর একটা যন্ত্রের 15টা দৃশ্য। এই নাও প্রথমটা।

# %%
scenes = corpus.dialogues().strip().split("\n\n")
print(scenes[0])

# %% [markdown]
# শুরু করার কুড়িটা উপায়, উত্তর দেওয়ার চারটা, আর একই দৃশ্যে যেকোনো শুরুর সঙ্গে যেকোনো উত্তর চলে। মানে 24টা লাইন থেকে 80টা জোড়া। অনেক কথোপকথন লেখার এটা সস্তা উপায়, তবে
# এতে একটা সত্যি কথাও আছে: ঠিক উত্তর একটার বেশি হয়।
#
# জোড়াগুলো বের করতে প্রথমে নাম বাদ দিয়ে খুঁজে নাও, একটা দৃশ্যে একজন বক্তা কী কী বলে। তারপর একজনের প্রতিটা কথার সঙ্গে অন্যজনের প্রতিটা কথা জুড়ে দাও।

# %%
def turns(scene: str, speaker: str) -> list[str]:
    """একটা দৃশ্যে একজন বক্তা যা বলে, লাইন ধরে ধরে, সামনের নাম ছাড়া।"""
    name = f"{speaker}: "
    return [____ for line in scene.split("\n") if ____]  # নাম ছাড়া। লাইনটা কি এই বক্তার?


def pairs_of(scene: str) -> list[tuple[str, str]]:
    """একটা দৃশ্যে যন্ত্রকে যা যা বলা হয়, প্রতিটার সঙ্গে তার প্রতিটা উত্তর।"""
    return [____ for said in turns(scene, "You") for reply in turns(scene, "GPT")]  # একটা জোড়া


check("13.03")

# %%
everything = [pair for scene in scenes for pair in pairs_of(scene)]
prompts = [said for scene in scenes for said in turns(scene, "You")]
print(f"{len(prompts)}টা প্রম্পট থেকে {len(everything):,}টা জোড়া, যেমন {everything[0]}")

# %% [markdown]
# এগুলো দিয়ে ট্রেন করার আগে কয়েকটা পরীক্ষার জন্য সরিয়ে রাখো, বরাবরের মতো। কোনগুলো? প্রথমেই মাথায় আসে প্রতি পনেরোটা *জোড়া* থেকে একটা নেওয়ার কথা। নিয়ে দেখো, আর যা সরালে তার
# দিকে তাকাও: এই জোড়াগুলোর কটার প্রম্পট মডেল ট্রেনিংয়ের সময় অন্য কোনো জোড়ায় দেখে ফেলে?
#
# তারপর ঠিকভাবে করো: প্রতি পনেরোটা **প্রম্পট** থেকে একটা সরাও, তার সব উত্তর সমেত।

# %%
step = 15

# %%
exam_pairs = everything[7::step]  # প্রতি পনেরোটায় একটা জোড়া, অষ্টমটা থেকে
other_pairs = [pair for pair in everything if pair not in exam_pairs]
practised = {said for said, _ in other_pairs}
leaked = ____  # `exam_pairs`-এর কত ভাগের প্রম্পট `practised`-এ আছে
held_back = ____  # প্রতি পনেরোটায় একটা প্রম্পট, অষ্টমটা থেকে
known = [said for said in prompts if ____]  # শেখার জন্য যা রইল
check("13.04")

# %%
print(f"জোড়া ধরে সরালে: পরীক্ষার প্রম্পটের {leaked:.0%} আগেই অনুশীলন করা")
print(f"প্রম্পট ধরে সরালে: শেখার জন্য {len(known)}টা, পরীক্ষার জন্য {len(held_back)}টা")
print(", ".join(held_back))

# %% [markdown]
# সবকটাই। প্রথম পরীক্ষাটায় স্রেফ মুখস্থ করা মডেলও সসম্মানে পাস করে যেত, কারণ প্রতিটা প্রশ্নই তার জানা। এ ভুল সহজেই হয়ে যায়, ছাপা গবেষণাপত্রেও হয়েছে। তাই ভাগ করার
# আগে নিজেকে জিজ্ঞেস করো, আসল কাজের সময় *নতুন* হবে কোনটা। এখানে সেটা প্রম্পট।
#
# - [ ] 13.03 দৃশ্য ভেঙে জোড়া বের করা
# - [ ] 13.04 জোড়া নয়, প্রম্পট সরিয়ে রাখা
# - [ ] 13.r1 বলতে পারি, সরিয়ে রাখা জোড়া দিয়ে পরীক্ষা নিলে কেন কিছুই প্রমাণ হয় না

# %% [markdown]
# ## গোনা হয় শুধু উত্তরটা · 16 মিনিট
#
# লেখা হিসেবে একটা জোড়াও আর পাঁচটা লেখার মতোই শেখা যায়: এক ঘর সরাও, আর পরের প্রতিটা অক্ষরের ওপর বাজি ধরো। কিন্তু *প্রতিটা*? তুমি কী বলবে, মডেলের তা আন্দাজ করার
# দরকার নেই। ওটা তোমার কাজ। প্রশ্নটাও আন্দাজ করতে শিখলে তার শক্তি খরচ হয় এমন কিছুতে, যা তাকে কেউ কোনোদিন করতে বলবে না।
#
# তাই টার্গেটে একটা **মাস্ক** পরাও। PyTorch-এর `cross_entropy`-তে এর জন্য একটা নিয়ম বাঁধা আছে: টার্গেট -100 হলে সেটা গোনা হয় না। কোনো আইডি কখনো -100
# হয় না, তাই গুলিয়ে যাওয়ার ভয় নেই।

# %%
turn, reply = question("Hello", characters), "Well met!\n"
ids = torch.tensor(plays.encode(turn + reply))
print(repr(turn + reply), len(ids))

# %%
inputs, targets = ids[:-1], ids[1:].clone()
targets[: ____] = -100  # টার্গেটের কটা প্রশ্নের ভাগে পড়ে
check("13.05")

# %%
for place in range(len(turn) - 3, len(inputs)):
    target = targets[place].item()
    print(f"{characters[inputs[place]]!r:>5} -> {'-' if target == -100 else repr(characters[target])}")

# %% [markdown]
# প্রথমে গোনা হয় স্পেসের পরের অক্ষরটা, ওই `W`, আর সবার শেষে **লাইন-শেষ**। ওটা উত্তরেরই অংশ। ওই অক্ষরটা দিয়েই মডেল বলে, তার কথা শেষ।
#
# শুধু উত্তরের ওপর লস কত? এখনো কিছুই জানে না এমন একটা মডেলে হাতে হিসেব করো। তারপর এই টার্গেটগুলো মডেলের হাতে দাও, আর দেখো সে যা দেয় তার সঙ্গে মেলে কি না।

# %%
torch.manual_seed(1349)
model = BigramLanguageModel(len(characters), config).eval()
logits = model(inputs[None])[0][0]  # (places, vocabulary)

# %%
counts = ____  # যেখানে টার্গেট গোনা হয় সেখানে True
surprises = -logits.log_softmax(dim=-1)[counts, ____]  # সত্যি সত্যি যে আইডিগুলো এসেছিল, যেখানে গোনা হয়
by_hand = surprises.mean()
by_model = ____  # এই জোড়ায় মডেলের লস। সে নেয় ব্যাচ, তাই এক সারির একটা ব্যাচ দাও
check("13.06")

# %%
print(f"হাতে {by_hand:.4f}, মডেলের হিসেবে {by_model:.4f}, আর {len(targets)}টা টার্গেটের {counts.sum()}টা গোনা হয়")

# %% [markdown]
# একই সংখ্যা। অধ্যায় 11-এ তুমি যখন মডেলের লস লিখেছিলে, মাস্কের নামও কেউ করেনি। অথচ মাস্ক সামলানো তার আগে থেকেই জানা।
#
# - [ ] 13.05 প্রশ্নে মাস্ক পরানো
# - [ ] 13.06 শুধু উত্তরের লস হিসেব করা, দুভাবে
# - [ ] 13.r2 বলতে পারি, লাইন-শেষ কেন উত্তরের অংশ

# %% [markdown]
# ## 32-এর উইন্ডো · 10 মিনিট
#
# ব্যাচের সব সারি লম্বায় সমান হতে হবে, অথচ জোড়া আসে নানা মাপের। আমাদেরগুলো উইন্ডোর চেয়ে লম্বা, তাই প্রতিটা থেকে একটা উইন্ডো কেটে নাও, অধ্যায় 01 নাটকের বেলায় যেমন
# নিয়েছিল। অর্ধেক সময় একেবারে গোড়া থেকে, সেখানে গোটা প্রশ্নটা আছে, আর বাকি অর্ধেক সময় এলোমেলো কোনো জায়গা থেকে। কোনো জোড়া যদি বেশি ছোট হয় (তোমার নিজের লেখা জোড়া তো হতেই পারে),
# তাকে ভরাট করো শূন্য দিয়ে, যাদের টার্গেট -100।

# %%
def window(inputs: torch.Tensor, targets: torch.Tensor, length: int) -> tuple[torch.Tensor, torch.Tensor]:
    """একটা উদাহরণের `length`টা ঘর, গোড়া থেকে কিংবা এলোমেলো জায়গা থেকে। ছোট হলে বাকিটা ভরাট করে যা গোনা হয় না তা দিয়ে।"""
    lacking = ____  # কটা ঘর কম পড়ছে, যথেষ্ট লম্বা হলে 0
    inputs = F.pad(inputs, (0, lacking))
    targets = F.pad(targets, (0, lacking), value=____)  # যা গোনা হয় না
    start = torch.randint(____, ()).item()  # উইন্ডো কটা হয়
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
# দ্বিতীয় উইন্ডোটায় প্রশ্নের আর কিছুই নেই। কাঁচি ভুল জায়গায় চলেনি। মডেল কথাও বলবে ঠিক এভাবেই, কারণ সে দেখে 32টা অক্ষর। `You: how are you today` আর
# `GPT: `-এর পরে জায়গা থাকে আর চারটার, তারপর যতগুলো অক্ষর লেখা হয়, প্রশ্ন থেকে খসে ঠিক ততগুলো।
#
# কাজেই উত্তর কীভাবে *শুরু* হবে, সেটা ঠিক করে প্রশ্ন। বাকিটা আসে ওই শুরু থেকে। মডেল একবার `Merry as a` বলে ফেললে লার্ক পাখিতে গিয়েই পৌঁছায়, কারণ বাক্যটা ওরকমই, আর
# কী জিজ্ঞেস করা হয়েছিল তা ততক্ষণে ভুলে গেছে। তার কথায় যখন মুগ্ধ হবে, এটা মনে রেখো।
#
# - [ ] 13.07 উদাহরণ থেকে উইন্ডো কাটা, কিংবা ভরাট করা

# %% [markdown]
# ## তোমার Trainer-এর জন্য লোডার · 12 মিনিট
#
# তোমার `Trainer` লোডারের কাছে চায় শুধু একটা জিনিস: `get_batch("train")` কিংবা `get_batch("validation")`। তাই নতুন ধরনের পাঠের জন্য নতুন একটা
# লোডার লিখলেই হলো, আর কিছুই বদলায় না। এর সব শূন্যস্থান তোমার চেনা।

# %%
class Dialogues:
    """জোড়ার ব্যাচ, কারও কথা আর তার জবাব, যেখানে শুধু জবাবগুলো গোনা হয়।"""

    def __init__(self, train: list[tuple[str, str]], validation: list[tuple[str, str]], plays: DataLoader) -> None:
        """শেখার জোড়া, আর পরীক্ষার জোড়া। অক্ষর আর সেটিংস আছে `plays`-এ।"""
        self.pairs = {"train": train, "validation": validation}
        self.plays = plays
        self.config = plays.config

    def example(self, said: str, reply: str) -> tuple[torch.Tensor, torch.Tensor]:
        """একটা জোড়া, ইনপুট আর টার্গেট হিসেবে: একটা করে সারি, জোড়ায় যত অক্ষর তার চেয়ে এক কম লম্বা।"""
        turn = ____  # যা বলা হয়েছে, পালা হিসেবে
        ids = torch.tensor(self.plays.encode(____))  # জোড়ার পুরো লেখা, একেবারে শেষ অক্ষর পর্যন্ত
        inputs, targets = ids[:-1], ids[1:].clone()
        targets[: ____] = ____  # কোনগুলো গোনা হয় না, আর সেখানে কী বসবে
        return inputs, targets

    def get_batch(self, split: str = "train") -> tuple[torch.Tensor, torch.Tensor]:
        """"train" বা "validation" থেকে এলোমেলো জোড়ার উইন্ডো: ইনপুট আর টার্গেট, দুটোই (batch, sequence), int64।"""
        pairs = ____  # এই অংশের জোড়াগুলো
        places = torch.randint(len(pairs), (self.config.batch_size,))
        rows = [window(*self.example(*____), self.config.input_sequence_length) for place in places]  # তাদের একটা
        inputs, targets = zip(*rows, strict=True)
        return torch.stack(inputs), ____  # তার টার্গেটগুলো, একটার ওপর একটা


check("13.08")

# %%
train = [(said, reply) for said, reply in everything if said in known]
exam = [(said, reply) for said, reply in everything if said in held_back]
dialogues = Dialogues(train, exam, plays)
torch.manual_seed(1349)
inputs, targets = dialogues.get_batch()
print(tuple(inputs.shape), "->", tuple(targets.shape), f"তার মধ্যে গোনা হয় {(targets != -100).float().mean():.0%}")

# %% [markdown]
# - [ ] 13.08 কথোপকথনের লোডার লেখা

# %% [markdown]
# ## থামা, আর বেছে নেওয়া · 12 মিনিট
#
# `generate`-কে যত অক্ষর লিখতে বলা হয়, সে তত অক্ষরই লেখে। কিন্তু উত্তরের থামা উচিত সেখানে, যেখানে মডেল লাইন-শেষ লেখে। আর পরের অক্ষর বেছে নেওয়ার দুটো উপায় তুমি
# পেয়েছিলে অধ্যায় 11-এ: সবসময় যার সম্ভাবনা সবচেয়ে বেশি সেটা, কিংবা ছক্কা ফেলে। তাপমাত্রা একটা থেকে আরেকটায় নিয়ে যায়। আমরা ধরে নেব, 0 মানে যার সম্ভাবনা সবচেয়ে বেশি ঠিক
# সেটাই, কারণ 0 দিয়ে তো ভাগ করা যায় না।

# %%
def choose(row: torch.Tensor, temperature: float) -> int:
    """স্কোরের একটা সারি (vocabulary,) থেকে একটা আইডি: তাপমাত্রা 0 হলে যার সম্ভাবনা সবচেয়ে বেশি, নইলে scores / temperature থেকে ছক্কা ফেলে।"""
    if temperature == 0:
        return ____  # যার সম্ভাবনা সবচেয়ে বেশি, সাধারণ পূর্ণসংখ্যা হিসেবে
    return torch.multinomial(____, num_samples=1).item()  # এই তাপমাত্রায় সম্ভাবনাগুলো


check("13.09")

# %% [markdown]
# এবার পুরোটা: প্রশ্ন করো, বাছো, থামো লাইন-শেষে। লাইন-শেষ না এলে থামো 80 অক্ষরের পরে, কারণ কোনো কোনো মডেল কখনোই শেষ করে না। জিজ্ঞেস করার মতো কেউ এখনো নেই। ততক্ষণ
# পরখ করার জন্য এই নাও একটা মডেল, যার হাতে স্ক্রিপ্ট ধরানো আছে। তুমি যা-ই বলো, সে নিজের সংলাপ আউড়ে যায়।

# %%
class Scripted(nn.Module):
    """এমন মডেল, যে সবসময় নিশ্চিত জানে এরপর কী: তার স্ক্রিপ্টের পরের অক্ষর, আর শেষ অক্ষরের পরে একটা `T`।"""

    def __init__(self, script: str, characters: Sequence[str]) -> None:
        super().__init__()
        self.script, self.characters, self.config = list(script), characters, Config()
        self.asked: list[list[int]] = []  # প্রতিবার তাকে যা দেখানো হয়েছে

    def forward(self, ids: torch.Tensor) -> tuple[torch.Tensor, None]:
        self.asked.append(ids[0].tolist())
        scores = torch.zeros(*ids.shape, len(self.characters))
        scores[:, -1, self.characters.index(self.script.pop(0) if self.script else "T")] = 99.0
        return scores, None

# %%
@torch.no_grad()
def answer(model: nn.Module, said: str, characters: Sequence[str], temperature: float = 0.0, longest: int = 80) -> str:
    """মডেল যা উত্তর দেয়, লাইন-শেষ পর্যন্ত, কিংবা বড়জোর `longest`টা অক্ষর।"""
    ids = [characters.index(character) for character in question(said, characters)]
    start = len(ids)
    was_training = model.training
    model.eval()
    while len(ids) - start < longest:
        context = ____  # শেষের আইডিগুলো, মডেল যতগুলো দেখতে পায়
        row = ____  # এরপর কী আসবে, তার স্কোর
        chosen = choose(row, temperature)
        if ____:  # তার কথা কি শেষ?
            break
        ids.append(chosen)
    model.train(was_training)
    return "".join(characters[number] for number in ____)  # শুধু উত্তরটা


check("13.10")

# %%
print(answer(Scripted("Ay, sir. No, sir.\nYou: what", characters), "Hello", characters))

# %% [markdown]
# - [ ] 13.09 পরের অক্ষর বেছে নেওয়া, গরম বা ঠান্ডা মাথায়
# - [ ] 13.10 উত্তর লেখা, আর থামা

# %% [markdown]
# ## সে যা ভুলে যায় · 14 মিনিট
#
# এবার তোমার Trainer দিয়ে তোমার মডেলের একটা কপিকে কথোপকথনে ট্রেন করো। বানান সে আগে থেকেই জানে, শুধু একটা নতুন অভ্যাস দরকার, তাই কয়েকশো ধাপই যথেষ্ট। (ট্রেন করা
# মডেলকে অল্প, বিশেষ ধরনের লেখায় আরও ট্রেন করার নাম **ফাইন-টিউনিং**।) ট্রেনিংকে দশ ভাগ করা আছে, প্রতিটা ভাগের শেষে সে দুটো পরীক্ষায় বসে: একটা সরিয়ে রাখা প্রম্পটে,
# আরেকটা নাটকে, সেই পুরোনোটাই।
#
# দুটো রেখারই চেহারা আন্দাজ করো, তারপর পরের দুটো সেল চালাও। আধ মিনিটের মতো লাগে, আর সারাক্ষণ দেখা যায় "Hello"-র উত্তরে সে কী বলছে।

# %%
def loss_on(model: nn.Module, loader, batches: int = 12) -> float:
    """ভ্যালিডেশনের এতগুলো ব্যাচে গড় লস, প্রতিবার একই ব্যাচ। ছক্কা যেমন ছিল তেমনই থাকে।"""
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(7)
        return sum(model.eval()(*loader.get_batch("validation"))[1].item() for _ in range(batches)) / batches


def taught(loader, steps: int):
    """তোমার মডেল, একটা লোডারে আরও ট্রেন করা, ধাপ ধরে ধরে কথোপকথনে আর নাটকে তার লস, আর "Hello"-র উত্তরগুলো।"""
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
    """দুটো রেখা, আর ওরা কী করে তা কথায়।"""
    first, last = losses[0], losses[max(losses)]
    draw.lines(
        {"সরিয়ে রাখা কথোপকথন": [pair[0] for pair in losses.values()], "নাটক": [pair[1] for pair in losses.values()]},
        x=list(losses),
        title=title,
        x_name="ধাপ",
        y_name="লস",
        alt=f"{max(losses)} ধাপ জুড়ে দুটো রেখা। কথোপকথনে লস {first[0]:.2f} থেকে {last[0]:.2f}, নাটকে {first[1]:.2f} থেকে "
        f"{last[1]:.2f}।",
    )
    print(f"কথোপকথন {first[0]:.2f} -> {last[0]:.2f}, নাটক {first[1]:.2f} -> {last[1]:.2f}")

# %%
single_minded, losses, hellos = taught(dialogues, 250)
show(losses, "Trained on dialogues alone")
for step, reply in hellos.items():
    print(f"{step:>4}  {reply}")
print("-" * 20)
torch.manual_seed(1616)
print(plays.decode(single_minded.generate(torch.tensor([plays.encode("ROMEO:\n")]), 150)[0]))

# %% [markdown]
# এই তো, একটা উত্তর। আর দাগের নিচে দেখো, নাটক লিখতে দিলে এখন সে কী লেখে। এই অধ্যায় লেখার সময় Romeo মুখ খুলেছিল এই বলে:
# `S, shall whou hail, and welcome to my little for work, and early fox.`
#
# সে শেখে, আর ভোলে। সেবার নাটকে তার লস 1.84 থেকে উঠে গিয়েছিল 4.54-এ, অথচ লেখার কিছুই জানে না এমন কারও লস 4.16। যে 209,600টা সংখ্যা নাটক জানত, ঠিক সেগুলোই
# এখন আড্ডা দিতে শিখছে, আর আগে যা ছিল তা ধরে রাখতে হবে, লসের কোথাও সে কথা নেই। এর নাম **ক্যাটাস্ট্রফিক ফরগেটিং**, সর্বনেশে ভুলে যাওয়া। যেকোনো সাইজের মডেলেরই এটা হয়।
#
# ওষুধটা স্কুলের মতোই পুরোনো: পড়া ঝালাও। প্রতিটা ব্যাচে কয়েকটা সারি আসুক নাটক থেকে, সেখানে আগের মতোই প্রতিটা অক্ষর গোনা হয়। এর জন্য আরও একটা লোডার চাই, যে কয়েকটা সারি
# নেয় একজনের কাছ থেকে, বাকিগুলো আরেকজনের।

# %%
class Mixed:
    """দুই লোডারের সারি মেশানো ব্যাচ।"""

    def __init__(self, first, second, share: float) -> None:
        """সারির `share` ভাগ, কাছের পূর্ণসংখ্যায়, আসে `first` থেকে, বাকিটা `second` থেকে। দুজনের ব্যাচের শেপ এক।"""
        self.first = first
        self.second = second
        self.share = share

    def get_batch(self, split: str = "train") -> tuple[torch.Tensor, torch.Tensor]:
        """`first`-এর একটা ব্যাচের প্রথম সারিগুলো, আর `second`-এর একটার বাকি সারিগুলো: ইনপুট আর টার্গেট।"""
        inputs, targets = self.first.get_batch(split)
        others, their_targets = ____  # অন্যটার একটা ব্যাচ, একই অংশ থেকে
        rows = ____  # কটা সারি আসে `first` থেকে, পূর্ণসংখ্যা
        return torch.cat((____, ____)), torch.cat((targets[:rows], ____))  # প্রথমটার ততগুলো সারি, দ্বিতীয়টার বাকিগুলো, আর সেগুলোর টার্গেট


check("13.11")

# %%
mixed = Mixed(plays, dialogues, 0.125)
torch.manual_seed(1349)
inputs, targets = mixed.get_batch()
print("\n".join(repr(plays.decode(row)) for row in inputs[[0, 1, -2, -1]]))

# %% [markdown]
# - [ ] 13.11 ব্যাচে নাটক মেশানো
# - [ ] 13.r3 বলতে পারি, শিখতে শিখতে মডেল কেন ভোলে, আর কীসে কাজ হয়

# %% [markdown]
# ## মুখস্থ, নাকি নয় · 10 মিনিট
#
# একটু পরেই তোমার মডেল এমন একটা প্রম্পটের উত্তর দেবে যা সে কখনো দেখেনি, আর বলতে লোভ হবে, ও বুঝেছে। ধরবে কী করে? খুঁজে দেখো **সবচেয়ে কাছের চেনা প্রম্পট**। ধরো তুমি
# বললে `good morning to you`, আর সে অনুশীলন করেছে `good morning`। উত্তর ভালো হলে তাতে প্রমাণ হয় সে বর্ণগুলো খেয়াল করেছে, তার বেশি কিছু নয়।
#
# দুটো প্রম্পট কতটা কাছাকাছি? প্রতিটায় পাশাপাশি বর্ণের জোড়াগুলো নাও, আর দেখো কটা জোড়া দুটোতেই আছে। দুই মাথায় একটা করে স্পেস দিলে `hi`-এর জোড়া তিনটা: `" h"`, `"hi"`
# আর `"i "`।

# %%
def letter_pairs(said: str) -> set[str]:
    """একটা প্রম্পটে পাশাপাশি অক্ষরের জোড়াগুলো, ছোট হাতের বর্ণে, দুই মাথায় একটা করে স্পেস দিয়ে।"""
    text = f" {said.lower()} "
    return {____ for place in range(len(text) - 1)}  # এখানে যে জোড়া শুরু


def likeness(one: str, other: str) -> float:
    """দুটো প্রম্পট মিলিয়ে যত বর্ণ-জোড়া, তার কত ভাগ দুটোতেই আছে: একটাও না থাকলে 0, সব থাকলে 1।"""
    mine, theirs = letter_pairs(one), letter_pairs(other)
    return ____  # দুটোতেই আছে এমন কটা, ভাগ অন্তত একটায় আছে এমন কটা


def nearest(said: str, known: list[str]) -> str:
    """চেনা প্রম্পটগুলোর মধ্যে যেটার সঙ্গে এর মিল সবচেয়ে বেশি। কয়েকটা হলে প্রথমটা।"""
    return max(known, key=lambda each: ____)  # কতটা কাছাকাছি


check("13.12")

# %%
for said in held_back[:6]:
    near = nearest(said, known)
    print(f"{said:<18} {near:<18} {likeness(said, near):.2f}")

# %% [markdown]
# আর উত্তরটা? সেটা যদি অক্ষরে অক্ষরে প্রম্পটের নিজের দৃশ্যেরই একটা উত্তর হয়, তাহলে রায় **fits**, মানে খাপ খায়। ওটা মুখস্থ করা, তবে তাতে লজ্জার কিছু নেই। অন্য
# দৃশ্যের উত্তর হলে **astray**, মানে পথভোলা। আর কোনো দৃশ্যেই না থাকলে **new**, মানে নতুন, ভালো হোক বা মন্দ।

# %%
def verdict(said: str, reply: str, scenes: list[str]) -> str:
    """"fits", "astray" বা "new": একটা প্রম্পটের জবাব কোথা থেকে এল।"""
    own = [scene for scene in scenes if ____]  # প্রম্পটটা কি এই দৃশ্যে আছে?
    if any(reply in turns(scene, "GPT") for scene in ____):  # কোন দৃশ্যগুলোয় খুঁজব?
        return "fits"
    if any(____ for scene in scenes):  # এটা কি সেখানকার কোনো উত্তর?
        return "astray"
    return "new"


check("13.13")

# %% [markdown]
# - [ ] 13.12 সবচেয়ে কাছের চেনা প্রম্পট খুঁজে বের করা
# - [ ] 13.13 আওড়ানো আর লেখার তফাত ধরা

# %% [markdown]
# ## চ্যালেঞ্জ: কোনটা বলতে ওর বেশি ইচ্ছে?
#
# ইচ্ছে হলে করো, 15 মিনিট লাগবে। পরে কোথাও এটা লাগবে না। যে মডেল প্রতিটা অক্ষরের সম্ভাবনা বলে, সে প্রতিটা *উত্তরের* সম্ভাবনাও বলে। তাহলে তাকে লিখতে না দিয়ে বিচারক বানাও:
# চেনা উত্তরগুলো একে একে তার সামনে ধরো, আর নাও সেটা, যার লস সবচেয়ে কম। সার্চ ইঞ্জিন আর অনুবাদের প্রোগ্রাম মডেলকে এভাবে কাজে লাগায়, তাতে বানান ভুল থাকে না।

# %%
torch.manual_seed(1349)
judge_model = BigramLanguageModel(len(characters), config).eval()
candidates = [reply for scene in scenes[:4] for reply in turns(scene, "GPT")]

# %%
@torch.no_grad()
def rather(model: nn.Module, said: str, candidates: list[str], loader: Dialogues) -> str:
    """যে উত্তরে মডেল সবচেয়ে কম চমকায়, অক্ষরপ্রতি হিসেবে, এক উইন্ডোয় যতটা দেখা যায়।"""
    losses = []
    for reply in candidates:
        inputs, targets = ____  # জোড়াটা, ইনপুট আর টার্গেট হিসেবে
        length = loader.config.input_sequence_length
        losses.append(____)  # প্রথম উইন্ডোয় লস, সাধারণ সংখ্যা
    return candidates[____]  # সেরাটা কোন ঘরে


check("13.14")

# %%
print(rather(judge_model, "Hello", candidates, dialogues))

# %% [markdown]
# ট্রেনিং না-পাওয়া মডেলেরও পছন্দ-অপছন্দ আছে। পরের অংশের শেষে তোমারটার নাম হবে `speaking`। তখন `rather`-এর হাতে দাও ওটা, আর সব দৃশ্যের উত্তর।
#
# - [ ] 13.14 চ্যালেঞ্জ: মডেলকে উত্তরের বিচারক বানানো

# %% [markdown]
# ## পাঠ · 14 মিনিট
#
# এবার সব একসঙ্গে: তোমার মডেল, তোমার Trainer, কথোপকথন, আর আট ভাগের এক ভাগ নাটক, যাতে অত বেশি না ভোলে। **আগে এই নোটবুক সেভ করো**, কারণ `mine` তোমার
# ক্লাস পড়ে ফাইল থেকে। তারপর শুরু করো। এক-দুই মিনিট লাগে।

# %%
speaking, losses, hellos = taught(mine.Mixed(plays, mine.Dialogues(train, exam, plays), 0.125), 1000)
show(losses, "Trained on dialogues and plays")
for step, reply in hellos.items():
    print(f"{step:>4}  {reply}")

# %% [markdown]
# ধাপ এবার চার গুণ, তবু এটা লেখার সময় নাটকের লস শেষে দাঁড়িয়েছিল 4.54-এর বদলে 2.08-এ। বিনা পয়সায় নয়: কথোপকথন শিখতে সময় লেগেছে বেশি, আর 2.08 তো এখনো 1.84-এর
# চেয়ে বেশি। তবু মাত্র আট ভাগের এক ভাগ সারিতে এতটা পাওয়া সস্তা সওদা।
#
# তাহলে, কে ওখানে?

# %%
for said in ("Hello", "Who are you?", "It's raining", "I love you", "Goodbye"):
    print(f"You: {said}\nGPT: {mine.answer(speaking, said, characters)}\n")

# %% [markdown]
# এগুলোর সবই সে অনুশীলন করেছে। এবার পরীক্ষা: যে কুড়িটা প্রম্পট সে কখনো দেখেনি তার সবকটা, আর তাপমাত্রা 0-তে সে যা উত্তর দেয়, হুবহু। প্রতিটা প্রম্পটের পাশে থাকছে অনুশীলন
# করা সবচেয়ে কাছের প্রম্পট, আর রায়।

# %%
def report(model: nn.Module, prompts: list[str], temperature: float = 0.0) -> list[tuple[str, str, str, str]]:
    """প্রতিটা প্রম্পটের জন্য: সে নিজে, সবচেয়ে কাছের চেনাটা, উত্তর, আর উত্তরের রায়।"""
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
    """কটা উত্তর খাপ খায়, কটা পথভোলা, আর কটা নতুন।"""
    verdicts = [row[3] for row in rows]
    return [verdicts.count(what) for what in ("fits", "astray", "new")]


def same_scene(said: str, other: str) -> bool:
    """দুটো প্রম্পট একই দৃশ্যের কি না।"""
    return any({said, other} <= set(turns(scene, "You")) for scene in scenes)


looked_up = sum(same_scene(said, nearest(said, known)) for said in held_back)
print("অনুশীলন করা, চোদ্দোটায় একটা:", tally(report(speaking, known[::14])), "(fits, astray, new)")
print("সরিয়ে রাখা:               ", tally(exam_report))
print(f"সরিয়ে রাখা, সবচেয়ে কাছের চেনা প্রম্পটের উত্তর দিলে: খাপ খেত {looked_up}টা")

# %% [markdown]
# এটা লেখার সময় কুড়িটার দশটা খাপ খেয়েছিল, আটটা ছিল পথভোলা, আর দুটো নতুন: `Well met, good friend! it a bow.` আর
# `Bread, cheese and ale: the rest is all arithme.`
#
# তাহলে সে কি কিছু বুঝেছে? চোখ বুজে যেকোনো দৃশ্য থেকে উত্তর তুললে খাপ খেত 15টায় একটা, কাজেই কুড়িটায় দশটা কপালজোরে হয়নি। কোন দৃশ্যের সঙ্গে কোন বর্ণ যায়, সে তা শিখেছে। কিন্তু
# `It is cold`-এর বর্ণ-জোড়াগুলো হুবহু `Is it cold`-এর, আর ওটা সে অনুশীলন করেছে। স্রেফ সবচেয়ে কাছের চেনা প্রম্পট খুঁজে দেখে এমন একটা প্রোগ্রামও ঠিক দৃশ্যটা বের
# করত 14 বার। ঠান্ডা কী জিনিস, তোমার মডেলের কোনো ধারণাই নেই। চেনা কিছুর সঙ্গে মিল পেলে তার জবাবটা সে মুখস্থ আওড়ায়। মিল না পেলেও কিছু একটা আওড়ায়, সমান খুশি মনে।
#
# যে মডেলকে দেখে মনে হয় সে বোঝে, তাকে নিয়ে তিনটা প্রশ্ন কোরো। যা অনুশীলন করেছে, তার মধ্যে সবচেয়ে কাছের কোনটা? উত্তরটা কি মুখস্থ আওড়ানো? খুঁজে দেখে নিলেও কি একই ফল হতো?
# বড় মডেলদের বেলায় উত্তর দেওয়া কঠিন, কারণ ওরা যা পড়েছে তার সবটা কারও মাথায় থাকে না। তোমারটা যা পড়েছে, তার প্রতিটা লাইন তোমার জানা।
#
# এবার ছক্কা। একই কথা জিজ্ঞেস করো পাঁচবার করে, তিনটা তাপমাত্রার প্রতিটায়।

# %%
torch.manual_seed(1595)
columns.show(
    {
        f"তাপমাত্রা {temperature}": "\n".join(mine.answer(speaking, "Hello", characters, temperature) for _ in range(5))
        for temperature in (0.0, 0.5, 1.2)
    }
)

# %% [markdown]
# 0-তে প্রতিবার একই। 0.5-এ আসে খাপ-খাওয়া উত্তরগুলোর একটা, কখনো এটা, কখনো ওটা। 1.2-এ তার মুখ ফসকায়। এটা লেখার সময় একটা সম্ভাষণ ছিল
# `Sleep on it,e, and ask a better machine.`
#
# এবার সেভ করো। অধ্যায় 12-র মডেল যেমন আছে তেমনই থাকে। এটা যায় তারই ফোল্ডারের ভেতরে, `answers` নামের আরেকটা ফোল্ডারে।

# %%
place = trained.keep(speaking, plays, trained.load().folder, losses[max(losses)][1], max(losses))
print(f"সেভ হলো {place.parent.name}/{place.name}-এ")

# %% [markdown]
# এখন থেকে এই নোটবুক ছাড়াও ওর সঙ্গে কথা বলতে পারো। টার্মিনালে:
#
# ```
# python scripts/sample.py models/mine --chat
# ```
#
# ফাঁকা একটা লাইন দিলে কথা শেষ, আর `--temperature 0.5` দিলে সে আবোলতাবোল বকে না। মডেলটা তোমার না হয়ে ওয়ার্কশপের হলে সেটা আছে `models/gpt`-তে। প্রতিটা লাইনের
# উত্তর সে আলাদা করে দেয়, আগের লাইনের কিছুই তার মনে থাকে না।
#
# - [ ] 13.r4 আমি নিজের মডেলকে হ্যালো বলেছি, আর সে উত্তর দিয়েছে

# %% [markdown]
# ## এখন যা তোমার
#
# - একটা **ফরম্যাট**, যাতে চালিয়ে যাওয়াটাই হয়ে যায় উত্তর দেওয়া
# - একটা **মাস্ক**, যাতে শেখা হয় শুধু উত্তরটা
# - **প্রম্পট** ধরে পরীক্ষা, জোড়া ধরে নয়
# - যা **ভুলে যাওয়া** হচ্ছে তার ওপর নজর, আর তার ওষুধ: নতুনের মধ্যে পুরোনো মেশাও
# - এমন উত্তর, যা **থামে**, তাপমাত্রা যা-ই হোক
# - যে মডেলকে দেখে মনে হয় সে বোঝে, তার জন্য তিনটা প্রশ্ন
# - আর একটা মডেল, যে হ্যালো বলে
#
# যে বড় মডেলগুলো চ্যাট করে, তারাও এভাবেই তৈরি। প্রথমে লেখা, যত পাওয়া যায় তত। তারপর কথোপকথন, একটা ফরম্যাটে, মাস্ক পরিয়ে। (এরপর লোকে তাদের উত্তর পাশাপাশি রেখে তুলনা
# করে, আর সেই তুলনা থেকে ওরা শেখে। সে আরেক সন্ধ্যার গল্প।) তোমারটার আছে 209,600টা সংখ্যা, আর সে দেখে 32টা অক্ষর। তবু সে তোমাকে হ্যালো বলেছে।
