# %% [markdown]
# # 12 Trainer
# <!-- Made from checkpoints/ch12_trainer.py by scripts/build.py. From your first edit on it is yours. -->
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/OWNER/REPO/blob/main/workshop/bn/ch12_trainer.ipynb)
# [![Open in GitHub Codespaces](https://github.com/codespaces/badge.svg)](https://codespaces.new/OWNER/REPO?quickstart=1)
#
# মডেলকে শিখতে দাও, প্রথম ধাপ থেকে শেষ ধাপ, তারপর শোনো সে কী বলে।
#
# 100 মিনিট, আটটা অংশ, আর চাইলে একটা চ্যালেঞ্জ। লাগবে অধ্যায় 01 আর 11।
#
# অধ্যায় 11 তোমার হাতে দিয়ে গেছে 209,600টা সংখ্যার একটা যন্ত্র, যার একটা সংখ্যারও কোনো মানে ছিল না। আজ রাতে ওরা মানে পাবে, লাগবে এক-দুই মিনিট। সন্ধ্যার বাকিটা ওই মিনিট
# দুয়েকে কী কী গোলমাল হতে পারে তা-ই নিয়ে।

# %%
# @title আগে এটা চালাও: ওয়ার্কশপটা এখানে না থাকলে (যেমন Colab বা Kaggle-এ) এটা নিয়ে আসে
import importlib.util, urllib.request
if not importlib.util.find_spec("workshop"):
    address = "https://github.com/OWNER/REPO/raw/main/workshop/fetch.py"
    exec(urllib.request.urlopen(address).read(), {"address": address})

# %%
import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn

# %%
import copy
import json
import tempfile
import time
from dataclasses import asdict, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from statistics import fmean

from safetensors.torch import load_file, save_file

from nanogpt import BigramLanguageModel, Config, DataLoader
from workshop import ____, card, check, columns, corpus, draw, hint, live, mine, optimizers, rehearsal, running, solution, threads

torch.set_printoptions(precision=3, linewidth=100, sci_mode=False)
torch.set_num_threads(1)  # এত ছোট টেনসরে দ্বিতীয় একটা কোর শুধু ভিড় বাড়ায়

# %%
config = Config()
loader = DataLoader(corpus.shakespeare(), config)
vocab_size = loader.vocab_size
print(f"{vocab_size}টা আলাদা অক্ষর, শেখার জন্য {len(loader.train_ids):,} অক্ষরের লেখা, পরীক্ষার জন্য {len(loader.validation_ids):,}")

# %% [markdown]
# ## প্রথম ধাপের আগে · 6 মিনিট
#
# মডেলকে ট্রেন করার আগে দেখে নাও সে কোথা থেকে শুরু করছে। এক সেকেন্ডের কাজ, অথচ এতেই এত ভুল ধরা পড়ে যে অবাক হতে হয়। যে মডেল কিছুই জানে না, তার চমক হওয়া উচিত কিছুই
# না-জানা মানুষের মতোই, আর সেটা কত তা বলে দিয়েছে অধ্যায় 10।

# %%
torch.manual_seed(1347)
untrained = BigramLanguageModel(vocab_size, config).eval()
inputs, targets = loader.get_batch()
print(tuple(inputs.shape), "->", tuple(targets.shape))

# %%
start = ____  # এই ব্যাচে মডেলের লস, সাধারণ সংখ্যা হিসেবে
nothing = ____  # কিছুই না জানার লস, সাধারণ সংখ্যা হিসেবে
check("12.01")

# %%
print(f"ট্রেনিংয়ের আগে {start:.2f}, কিছুই না জেনে {nothing:.2f}")

# %% [markdown]
# 4.16-এর একটু ওপরে। এলোমেলো স্কোরের ফল কোনো স্কোর না থাকার চেয়েও খারাপ, কারণ মাঝেমধ্যে ওরা নিশ্চিত, আর ভুল। এখানে যদি কোনোদিন 11 কিংবা 0.5 দেখো, থামো। কেন, সেটা বের
# করো ট্রেনিংয়ের আগেই।
#
# - [ ] 12.01 ট্রেনিং না-পাওয়া মডেলকে কিছুই না জানার সঙ্গে মেলানো

# %% [markdown]
# ## হাতে এক ধাপ · 16 মিনিট
#
# আবার `Let's he` আর ছোট কনফিগারেশন, যেখানে সবই চোখে দেখা যায়। একটা উইন্ডো, আটটা বাজি, ঠিক উত্তর `et's hen`। ছোট মডেলে সংখ্যা আছে 2,320টা।

# %%
bare = replace(Config.small(), dropout=0.0)  # খুঁটিয়ে দেখার সময় ছক্কা বন্ধ
ids = running.ids()
answers = torch.tensor([loader.encode("et's hen")])

# %%
def fresh() -> BigramLanguageModel:
    """ট্রেনিংয়ের আগের ছোট মডেল, প্রতিবার একই।"""
    torch.manual_seed(1347)
    return BigramLanguageModel(vocab_size, bare)


print(f"{sum(parameter.numel() for parameter in fresh().parameters()):,}টা সংখ্যা")

# %% [markdown]
# লসটার জন্য এদের মধ্যে দোষ কার? যন্ত্রটা তোমার চেনা, সেই ডিজিট চেনার ক্লাসিফায়ার থেকে। `backward()` লস থেকে শুরু করে সব অংশের ভেতর দিয়ে পেছনে হাঁটে একেবারে গোড়া
# পর্যন্ত, আর প্রতিটা প্যারামিটারে রেখে যায় একটা `.grad`: তার প্রতিটা সংখ্যার জন্য, সংখ্যাটা বাড়লে লস কত জোরে *বাড়ত*। তাই যাও উল্টো দিকে, অল্প একটু। বাদ দাও
# গ্রেডিয়েন্ট গুণ একটা সংখ্যা, যার নাম **লার্নিং রেট**।
#
# `torch.no_grad()` আছে কারণ এই বিয়োগটা মডেলের অংশ নয়, এর গ্রেডিয়েন্ট কারও লাগবে না।

# %%
rate = 0.5

# %%
model = fresh()
before = model(ids, answers)[1]
before.backward()
with torch.no_grad():
    for parameter in model.parameters():
        parameter -= ____  # এটা কত দূর যায়
after = ____  # ওই একই বাজিগুলোয় এখনকার লস
check("12.02")

# %%
print(f"{before:.3f} -> {after:.3f}")

# %% [markdown]
# সে কিছু একটা শিখেছে: এক ধাপেই 3.94 থেকে 3.12, যে আটটা বাজি দেখানো হয়েছে সেগুলোতে।
#
# তাহলে আরও দূরে যাই না কেন? রেট 10 হলে কী হয় আন্দাজ করো, তারপর পরের দুটো সেল চালাও।

# %%
def after_one_step(rate: float) -> float:
    """এই রেটে একটা ধাপের পরে লস।"""
    model = fresh()
    model(ids, answers)[1].backward()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter -= rate * parameter.grad
        return model(ids, answers)[1].item()

# %%
rates = [0, 0.5, 1, 2, 3, 4, 5, 6, 8, 10]
draw.lines(
    {"এক ধাপ পরে": [after_one_step(rate) for rate in rates], "আগে": [after_one_step(0)] * len(rates)},
    x=rates,
    title="এক ধাপ, আর সেটা কত দূর",
    x_name="লার্নিং রেট",
    y_name="লস",
    alt="একটা উপত্যকা, আর 3.94-এ একটা সমান রেখা, ধাপের আগের লস। বক্ররেখাটা ওই রেখা থেকে শুরু, রেট 3-এ নেমে যায় 1.87-এ, আবার ওঠে, 8-এর ঠিক আগে "
    "রেখাটা পেরোয়, আর 10-এ পৌঁছায় 5.77-এ।",
)

# %% [markdown]
# একটা উপত্যকা। গ্রেডিয়েন্ট হলো *তুমি যেখানে দাঁড়িয়ে* সেখানকার ঢাল। ওটা ধরে বেশি দূর গেলে উল্টো দিকের পাড় বেয়ে উঠতে থাকবে, শেষে শুরুর চেয়েও উঁচুতে। তাই অনেকগুলো ছোট ধাপ নাও,
# আর প্রতিটার জন্য নতুন গ্রেডিয়েন্ট।
#
# তবে এখানে একটা ফাঁদ আছে, সবাই একবার পা দেয়। গ্রেডিয়েন্ট চাও, তারপর আরও তিনবার চাও, আর দেখো `.grad`-এ কী আছে। (আমরা নজর রাখব শেষ লেয়ারের বায়াসের ওপর। অন্য
# যেকোনো প্যারামিটারেও চলত।)

# %%
more = 3

# %%
model = fresh()
bias = model.to_logits.to_scores.bias
model(ids, answers)[1].backward()
once = ____  # তার গ্রেডিয়েন্টের একটা কপি
for _ in range(more):
    model(ids, answers)[1].backward()
ratio = ____  # এখনকার গ্রেডিয়েন্টের দৈর্ঘ্য ভাগ `once`-এর দৈর্ঘ্য, সাধারণ একটা সংখ্যা
model.____()  # সব মোছো
model(ids, answers)[1].backward()
cleared = bias.grad.norm() / once.norm()
check("12.03")

# %%
print(f"আরও {more}টা ডাকের পরে: {ratio:.1f} গুণ লম্বা, মোছার পরে: {cleared:.1f} গুণ লম্বা")

# %% [markdown]
# যা আছে তার সঙ্গে `backward` **যোগ করে**। কিছুই বদলায়নি, তবু গ্রেডিয়েন্ট বেরোল চার গুণ লম্বা। একশো ধাপ পরে তুমি হাঁটতে একশোটা দিকের যোগফল ধরে, তার বেশির ভাগই
# বাসি, অথচ কেউ টুঁ শব্দটি করত না। তাই প্রতিটা `backward`-এর আগে মোছো।
#
# - [ ] 12.02 হাতে একটা ধাপ নেওয়া
# - [ ] 12.03 গ্রেডিয়েন্ট জমতে দেখা, আর মুছে ফেলা
# - [ ] 12.r1 বলতে পারি, ধাপ কেন বেশি লম্বা হওয়া চলবে না

# %% [markdown]
# ## মুখস্থ · 12 মিনিট
#
# **অপটিমাইজার** প্যারামিটারগুলোর ওপর এই লুপটা তোমার হয়ে চালায়। প্যারামিটারগুলো একবার তার হাতে দাও। তারপর `zero_grad()` মোছে, আর `step()` ধাপ নেয়।
#
# আমরা নেব AdamW, ট্রান্সফর্মার যারা ট্রেন করে তারা প্রায় সবাই যা নেয়। আমাদের লুপের চেয়ে সে কী ভালো করে? এই নাও দুই সংখ্যার এক পাহাড়ি এলাকা। একজন আছে 100 ঢালে,
# আরেকজন 0.01 ঢালে।

# %%
for kind in (torch.optim.SGD, torch.optim.AdamW):
    steep, flat = nn.Parameter(torch.zeros(())), nn.Parameter(torch.zeros(()))
    optimizer = kind([steep, flat], lr=0.1)
    (100 * steep + 0.01 * flat).backward()
    optimizer.step()
    print(f"{kind.__name__:>5}: খাড়াটা সরে {steep.item():.3f}, সমতলটা {flat.item():.3f}")

# %% [markdown]
# SGD হলো আমাদের লুপ। খাড়া সংখ্যাটাকে সে ছুড়ে ফেলে, আর সমতলটা বিছানা ছেড়ে ওঠেই না। AdamW প্রতিটা সংখ্যার গ্রেডিয়েন্টকে ভাগ করে ওই সংখ্যার গ্রেডিয়েন্ট এতদিন কত বড় ছিল তা
# দিয়ে, তাই দুজন চলে একই গতিতে। ট্রান্সফর্মারে দুই জাতই আছে। যেমন `$`, নয়টা নাটকে সে আছে মোটে একবার, তাই টোকেনের টেবিলে তার সারি গ্রেডিয়েন্ট প্রায় পায়ই না।
#
# এবার সেই লুপ, যা দুনিয়ার সব ট্রেনিংয়ের পেটের ভেতর চলছে, একটাই ব্যাচে, বারবার। চারটা লাইন, আর কার পরে কে সেটা জরুরি।

# %%
def by_heart(steps: int) -> tuple[BigramLanguageModel, list[float]]:
    """`Let's he`-র ওপর এত ধাপের পরে ছোট মডেল, আর প্রতিটা ধাপের আগের লস।"""
    model = fresh()
    optimizer = torch.optim.AdamW(____, lr=0.01)  # যা সে বদলাতে পারে
    losses = []
    for _ in range(steps):
        loss = ____  # আটটা বাজিতে লস
        optimizer.____()  # মোছো
        loss.____()  # দোষ কার?
        optimizer.____()  # চলো
        losses.append(loss.item())
    return model, losses


first_losses = by_heart(6)[1]
check("12.04")

# %%
learned, losses = by_heart(100)
torch.manual_seed(1347)
print("একটা L দাও:", repr(loader.decode(learned.generate(ids[:, :1], 24)[0])))
draw.lines(
    {"Let's he": losses},
    title="সেই আট বাজি, একশোবার",
    x_name="ধাপ",
    y_name="লস",
    alt="একটা নামতে থাকা রেখা: 3.94 থেকে দশ ধাপ পরে 2.2, তিরিশ ধাপ পরে 0.5, ধাপ 60 থেকে মেঝে ঘেঁষে চলে, শেষ হয় 0.02-এ।",
)

# %% [markdown]
# `Let's hen`! একটাই বর্ণ থেকে, ছক্কা ফেলে, একবারও না ফসকে। তার পরেই আবোলতাবোল, কারণ জীবনে সে পড়েছে ওই নয়টা অক্ষরই।
#
# **একটাই** ব্যাচে ট্রেনিং দিয়ে মুখস্থ করিয়ে ফেলাকে শেখা বলে না, কিন্তু যাচাই করার এর চেয়ে ভালো উপায় নেই। যে মডেল এটুকুও পারে না, তার ভেতরে ভুল আছে, আর যেটা জানতে তোমার
# একটা রাত যেতে পারত, সেটা জানলে এক সেকেন্ডে। যত মডেল বানাবে, প্রত্যেকটার সঙ্গে এটা কোরো।
#
# - [ ] 12.04 ছোট মডেলকে আটটা বাজি মুখস্থ করানো

# %% [markdown]
# ## পরীক্ষা · 12 মিনিট
#
# `Let's he`-তে মডেলের লস 0.02। তাহলে সে কতটা ভালো? জিজ্ঞেস করো এমন লেখা নিয়ে, যা সে দেখেনি। নাটকগুলোর শেষ দশ ভাগের এক ভাগ রাখা আছে এই জন্যই। সেখান থেকে নেব
# 20টা ব্যাচ, একেকটায় আটটা বাজি।

# %%
exam_loader = running.loader()  # প্রতি ব্যাচে আট অক্ষরের একটা উইন্ডো

# %%
torch.manual_seed(1347)
exam_batches = [exam_loader.get_batch("validation") for _ in range(20)]

# %%
with torch.no_grad():
    losses = torch.stack([____ for questions, right in exam_batches])  # তাদের একটায় লস
average = ____  # কুড়িটার গড়
doubt = ____  # গড়টা কতটা এদিক-ওদিক হতে পারে: লসগুলোর বিস্তার, সাদামাটা `.std()`, কটা আছে তার বর্গমূল দিয়ে ভাগ করা
check("12.05")

# %%
print("প্রথম আটটা ব্যাচ:", losses[:8])
print(f"মুখস্থ করে {average:.2f}, এদিক-ওদিক {doubt:.2f}, কিছুই না জেনে {nothing:.2f}")

# %% [markdown]
# 6.72, যেখানে কিছুই না জানলে 4.16। কোনো ধারণাই নেই এমন কারও চেয়েও মডেলটা *খারাপ* হয়ে গেছে, কারণ সে সবখানে নিশ্চিত, আর ভুল। এই জন্যই, যে লেখায় অনুশীলন করা হয়েছে
# তার লস দেখে কেউ ভরসা করে না। দাম আছে সেই লসের, যা মাপা হয় মডেলকে কখনো না-দেখানো লেখায়।
#
# ব্যাচগুলোকে আলাদা করেও দেখো। এই আটটাই ছড়িয়ে আছে 5.7 থেকে 7.4 পর্যন্ত। একটা ব্যাচ মানে একজনের মুখের কথা, তাই পরীক্ষায় ব্যাচ থাকে কয়েকটা, আর ফল হলো তাদের গড়।
# পরীক্ষার নিয়মও আছে। **ড্রপআউট বন্ধ**: যেখানেই উত্তরের দাম আছে, সেখানেই তা-ই (11.12)। **কোনো গ্রেডিয়েন্ট** রাখা হয় না: পরীক্ষার হলে বসে কেউ শেখে না, তাছাড়া এতে
# সময় আর মেমোরি দুটোই বাঁচে। আর **শেষ হলে** মডেল ফিরে যায় ট্রেনিং মোডে।

# %%
@torch.no_grad()
def exam(model: nn.Module, loader: DataLoader, batches: int) -> float:
    """ভ্যালিডেশনের লেখার এতগুলো ব্যাচে গড় লস।"""
    model.____()  # ড্রপআউট বন্ধ
    losses = [model(*loader.get_batch(____))[1].item() for _ in range(____)]  # কোন ভাগ থেকে, আর কটা
    model.____()  # আবার চালু
    return sum(losses) / batches


check("12.06")

# %% [markdown]
# - [ ] 12.05 মুখস্থ করা মডেলের পরীক্ষা নেওয়া
# - [ ] 12.06 পরীক্ষাটা লেখা
# - [ ] 12.r2 বলতে পারি, অনুশীলন করা লেখার লস দেখে কেন বেশি কিছু বোঝা যায় না

# %% [markdown]
# ## ধাপ কত লম্বা · 16 মিনিট
#
# এবার আসল ব্যাচ, আর এমন লস যার মানে আছে। একটা নব বাকি সবগুলোর চেয়ে বেশি জরুরি: লার্নিং রেট। পরের দুটো সেল ছোট মডেলকে ট্রেন করে তিনবার, প্রতিবার 300 ধাপ, 32
# উইন্ডোর ব্যাচে: একবার রেট 0.0001, একবার 0.03, একবার 1। উপত্যকাটার কথা ভাবো, আর আন্দাজ করো তিনটা রেখার চেহারা কেমন হবে। (কয়েক সেকেন্ড লাগে।)

# %%
def trial(rate_of: Callable[[int], float], steps: int = 300) -> list[float]:
    """ছোট মডেলের ট্রেনিং লস, প্রতিটা 20 ধাপের গড়। `rate_of(step)` হলো লার্নিং রেট।"""
    batches = DataLoader(loader.text, replace(bare, batch_size=32))
    model = fresh()
    optimizer = torch.optim.AdamW(model.parameters())
    losses = []
    torch.manual_seed(1347)
    for step in range(1, steps + 1):
        for group in optimizer.param_groups:
            group["lr"] = rate_of(step)
        loss = model(*batches.get_batch())[1]
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return torch.tensor(losses).view(-1, 20).mean(dim=1).tolist()

# %%
crawling, good, wild = (trial(lambda step, rate=rate: rate) for rate in (0.0001, 0.03, 1.0))
draw.lines(
    {"রেট 0.0001": crawling, "রেট 0.03": good, "রেট 1.0": wild},
    x=range(20, 301, 20),
    title="বেশি ছোট, মোটামুটি ঠিক, বেশি লম্বা",
    x_name="ধাপ",
    y_name="ট্রেনিং লস",
    alt=f"তিনটা রেখা। 0.0001-এরটা শুরু হয় {crawling[0]:.2f}-এ, শেষ হয় {crawling[-1]:.2f}-এ, প্রায় সমান। 0.03-এরটা {good[0]:.2f} "
    f"থেকে নামে, প্রথমে তাড়াতাড়ি, তারপর ক্রমেই আস্তে, {good[-1]:.2f} পর্যন্ত। 1.0-এরটা দুটোর অনেক ওপরে শুরু হয়, {wild[0]:.2f}-এ, একশো ধাপের মধ্যে "
    f"নেমে আসে, আর শেষে থাকে {wild[-1]:.2f}-এ, 0.03-এরটার ওপরে।",
)

# %% [markdown]
# 0.0001-এ সে হামাগুড়ি দেয়। দিক ঠিক, পৌঁছেও যাবে, আগামী সপ্তাহের কোনো এক সময়। 1.0-এ প্রথম কয়েকটা ধাপই তাকে ছুড়ে ফেলে কিছুই না জানারও অনেক ওপরে। সে আবার নামে,
# তারপর আটকে যায় 3-এর একটু ওপরে। রেট 0.03 আছে এই দুইয়ের মাঝখানে। সেরা রেটের কোনো সূত্র নেই। কয়েকটা চেষ্টা করে দেখো, প্রতিটা আগেরটার তিন কি দশ গুণ।
#
# তার ওপর, একটাই রেট সারা পথে মানায় না। শুরুটা দেখো: *প্রথম* ধাপে AdamW কত দূর যায়?

# %%
model = fresh()
optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
numbers = nn.utils.parameters_to_vector(model.parameters()).detach()  # 2,320টার সবকটা এক সারিতে, যেমন ছিল
model(ids, answers)[1].backward()
slopes = nn.utils.parameters_to_vector([parameter.grad for parameter in model.parameters()])
optimizer.step()
moved = ____  # প্রতিটা কত দূর সরেছে
full = ____  # সব সংখ্যার কত ভাগ 0.0099-এর বেশি সরেছে, সাধারণ সংখ্যা
check("12.07")

# %%
sloped = slopes != 0
print(f"গ্রেডিয়েন্ট {slopes.abs()[sloped].min():.7f} থেকে {slopes.abs().max():.2f}, আর {(~sloped).float().mean():.0%} সংখ্যার "
    "কোনো গ্রেডিয়েন্ট নেই")
print(f"যাদের গ্রেডিয়েন্ট আছে তারা সরেছে {moved.abs()[sloped].min():.4f} থেকে {moved.abs()[sloped].max():.4f}")
print(f"সব সংখ্যার {full:.0%} সরেছে 0.0099-এর বেশি")

# %% [markdown]
# গ্রেডিয়েন্ট আছে 0.0000006 থেকে 0.34 পর্যন্ত, অথচ যার গ্রেডিয়েন্ট ছিল, সে-ই গেছে মোটামুটি *একই* দূরত্ব: 0.01, পুরো লার্নিং রেটটাই। প্রথম ধাপে AdamW প্রতিটা
# গ্রেডিয়েন্টকে ভাগ করে তার নিজের মাপ দিয়েই, এখনো তো আর কিছু সে দেখেনি। (নামের W মানে *ওয়েট ডিকে*, প্রতিটা সংখ্যাকে 0-র দিকে সামান্য একটু টান। তাতে কোনো ধাপ 0.01-এর চেয়ে
# একটু লম্বা হয়, কোনোটা একটু ছোট, গুটিকয় আবার 0.0099-এর চেয়েও ছোট, তাই 78 আর 20 মিলে 100 হয় না।) ফলে অপটিমাইজার যখন সবচেয়ে কম জানে, ধাপ তখনই সবচেয়ে
# লম্বা। ওষুধের নাম **ওয়ার্ম-আপ**: শুরু করো 0-র কাছাকাছি রেট দিয়ে, আর সেটাকে সোজা রেখায় বাড়তে দাও।
#
# শেষের দিকে লম্বা ধাপ ক্ষতি করে অন্য কারণে। উপত্যকার তলার কাছে এসে তারা সবচেয়ে নিচু জায়গাটার ওপর দিয়ে এপার-ওপার লাফায়। তাই রেটের **ডিকে** চাই, মানে কমে আসা, আর নামার
# চলতি রাস্তা হলো আধখানা কোসাইন ঢেউ: প্রথমে আস্তে, তারপর জোরে, তারপর আবার আস্তে।
#
# - `config.warmup_steps`: এত ধাপ ধরে রেট ওঠে, শেষ ধাপটায় পৌঁছে যায় `config.learning_rate`-এ
# - `config.steps`: এটা শেষ ধাপ, ততক্ষণে রেট নেমে এসেছে `config.final_learning_rate`-এ
#
# প্রথম ধাপের নম্বর 1।

# %%
def rate_at(step: int, config: Config) -> float:
    """একটা ধাপের লার্নিং রেট: 0 থেকে সোজা রেখায় ওপরে, তারপর আধখানা কোসাইন ধরে নিচে।"""
    if step <= config.warmup_steps:
        return ____  # ওঠার পথে
    gone = ____  # নামার পথের কতটা পেছনে ফেলে এসেছি, 0 থেকে 1
    wave = (1 + math.cos(math.pi * gone)) / 2  # 1 থেকে 0
    return ____  # শেষ রেট, তার সঙ্গে সর্বোচ্চ আর শেষ রেটের তফাতের `wave` ভাগ


check("12.08")

# %%
bold = 0.2
schedule = Config(steps=300, warmup_steps=30, learning_rate=bold, final_learning_rate=0.0)
level = replace(schedule, final_learning_rate=bold)
draw.lines(
    {"ওয়ার্ম-আপ আর ডিকে": [rate_at(step, schedule) for step in range(1, 301)]},
    x=range(1, 301),
    title="300 ধাপ জুড়ে লার্নিং রেট",
    x_name="ধাপ",
    y_name="লার্নিং রেট",
    alt=f"একটা রেখা: 0-র কাছ থেকে সোজা উঠে ধাপ 30-এ {bold}, তারপর বেঁকে আধখানা কোসাইন ঢেউ ধরে নামে, ধাপ 165-তে {bold / 2}, আর ধাপ 300-তে এসে "
    "আলতো করে 0-তে বসে।",
)
fixed = trial(lambda step: bold)
warmed = trial(lambda step: rate_at(step, level))
decayed = trial(lambda step: rate_at(step, schedule))
draw.lines(
    {f"সারাক্ষণ {bold}": fixed, "ওয়ার্ম-আপ সহ": warmed, "ওয়ার্ম-আপ আর ডিকে সহ": decayed},
    x=range(20, 301, 20),
    title="একই সর্বোচ্চ রেট, তিনভাবে",
    x_name="ধাপ",
    y_name="ট্রেনিং লস",
    alt=f"তিনটা নামতে থাকা রেখা: সারাক্ষণ {bold} হলে {fixed[0]:.2f} থেকে {fixed[-1]:.2f}, ওয়ার্ম-আপ সহ {warmed[0]:.2f} থেকে "
    f"{warmed[-1]:.2f}, ওয়ার্ম-আপ আর ডিকে সহ {decayed[0]:.2f} থেকে {decayed[-1]:.2f}।",
)

# %% [markdown]
# এই মডেলের জন্য 0.2 দুঃসাহসী রেট। প্রথম ধাপ থেকেই পুরোটা দিলে এমন কিছু ভাঙে, যা 300 ধাপেও জোড়া লাগে না। 30 ধাপের ওয়ার্ম-আপ দিলে ওই রেটেই ফল ভালো হয়, ডিকে জুড়লে
# আরও ভালো। সত্যি বলতে, এত ছোট মডেলের এসবের কিছুই লাগে না: `bold`-কে 0.03 করে সেলটা আবার চালাও, তিনটাই শেষ হবে এখনকার চেয়ে নিচে। বড় মডেলের লাগে। সেখানে এই
# শিডিউল থাকলে দুঃসাহসী রেটও পোষায়, আর দুঃসাহসী রেট লম্বা ট্রেনিংকে ছোট করে।
#
# - [ ] 12.07 AdamW-র প্রথম ধাপ কত দূর যায়, দেখা
# - [ ] 12.08 লার্নিং রেটের শিডিউল লেখা
# - [ ] 12.r3 বলতে পারি, ওয়ার্ম-আপ কোন কাজে লাগে আর ডিকে কোন কাজে

# %% [markdown]
# ## ক্লাস · 18 মিনিট
#
# একটা অভ্যাস এখনো বাকি। ট্রেনিং চলতে চলতে তুমি মাঝে মাঝে পরীক্ষা নাও, আর *শেষ* ধাপের পরের মডেলটাই সবসময় সেরা হয় না। তাই যখনই কোনো পরীক্ষার ফল আগের সবকটার চেয়ে
# ভালো হয়, মডেলের একটা কপি তুলে রাখো: তার `state_dict()`, একটা ডিকশনারি, প্রতিটা টেনসরের নাম থেকে টেনসরটা। এই নাও এক ট্রেনিং, দ্বিতীয় পরীক্ষার পরে যেটা বিগড়ে যায়।

# %%
model = fresh()
bias = model.to_logits.to_scores.bias
best_loss, best = math.inf, {}
for exam_result in (3.5, 2.5, 2.7, 9.9):
    with torch.no_grad():
        bias += 1.0  # কিছু একটা শেখা হলো
    if ____:  # এ পর্যন্ত এটাই কি সেরা?
        best_loss = exam_result
        best = {name: ____ for name, tensor in model.state_dict().items()}  # এই টেনসর, এখন যেমন আছে
model.load_state_dict(____)  # সেরাটাকে ফিরিয়ে আনো
first_of_bias = bias[0] - fresh().to_logits.to_scores.bias[0]
check("12.09")

# %%
print(f"বায়াস বেড়েছে {first_of_bias.item():.0f}, তাই এটা দ্বিতীয় পরীক্ষার মডেল, তার লস {best_loss}")

# %% [markdown]
# এবার সব জোড়া দাও। প্রতিটা ধাপের পরে Trainer জানায় কী হলো, ছোট একটা রিপোর্টে। রিপোর্টটা লেখাই আছে:

# %%
@dataclass(frozen=True)
class Report:
    """প্রতিটা ধাপের পরে Trainer যা জানায়।"""

    step: int  # প্রথমটা 1
    steps: int  # মোট কটা হবে
    training_loss: float  # এই ধাপের ব্যাচে, ধাপ নেওয়ার আগে
    validation_loss: float | None = None  # এই ধাপের পরে পরীক্ষা হয়ে থাকলে

# %% [markdown]
# এরপর যাচাই করার একটা সেল, বিচারকের জন্য, তোমার জন্যও। সে ছোট মডেলকে কয়েকটা লাইনে সাত ধাপ ট্রেন করে, পরীক্ষা হয় দুই ধাপ পরপর আর শেষ ধাপের পরে। মাঝপথে কেউ
# একজন মডেলের কলকাঠি নাড়ে, যাতে চার পরীক্ষার দ্বিতীয়টাই সেরা হয়।

# %%
@cache  # বিচারক ট্রেনিংটাকে কয়েক দিক থেকে দেখে, একবার চালানোই যথেষ্ট
def seven_steps(trainer_class: type, watched: bool = True, stop: int = 0) -> tuple["Trainer", list[Report]]:
    """সাত ধাপ ট্রেনিংয়ের পরে একটা Trainer, আর তার রিপোর্টগুলো। `stop` দিলে ওই ধাপের পরে কেউ থামিয়ে দেয়।"""
    settings = replace(bare, batch_size=5, steps=7, warmup_steps=4, learning_rate=0.01, final_learning_rate=0.001,
                       evaluate_every=2, evaluation_batches=3, dropout=0.2)
    sentences = DataLoader("Let's hence, and hear\n" * 9 + "Who? You, O you who know", settings)
    torch.manual_seed(1347)
    model = BigramLanguageModel(sentences.vocab_size, settings)
    groups = [{"params": model.blocks.parameters(), "lr": 0.025}, {"params": model.to_logits.parameters()},
              {"params": model.embedding.parameters()}]
    trainer = trainer_class(model, torch.optim.AdamW(groups, lr=0.01), sentences, settings)
    examined = sentences.validation_ids.unique()  # পরীক্ষার অক্ষরগুলো, বেশির ভাগই আর কোথাও নেই

    def meddle(report: Report) -> None:
        with torch.no_grad():
            model.to_logits.to_scores.bias[examined] += {3: 4.0, 5: -4.0}.get(report.step, 0.0)
        if report.step == stop:
            raise KeyboardInterrupt

    return trainer, trainer.train(meddle if watched else None)

# %% [markdown]
# ক্লাসটায় তেরোটা শূন্যস্থান, অচেনা একটাও না। যে লাইনগুলো দেওয়া আছে, তার দুটো একটু বুঝিয়ে বলা দরকার।
#
# `self.shares`: অপটিমাইজার তার প্যারামিটারগুলো রাখতে পারে কয়েকটা **গ্রুপে**, যার যার নিজের রেট। যাচাইয়ের সেলটায় গ্রুপ তিনটা, আর ব্লকগুলো শেখে বাকিদের 2.5 গুণ
# তাড়াতাড়ি। ভাগ মানে একটা গ্রুপের রেটকে `config.learning_rate` দিয়ে ভাগ করলে যা হয়। `train`-এ প্রতিটা গ্রুপ প্রতি ধাপে রেটের তার ভাগটুকু পায়, তাই শিডিউল সবাইকে
# নাড়ায়, আর ব্লকগুলো এগিয়েই থাকে।
#
# `except KeyboardInterrupt`: কেউ হাতে কোনো সেল থামালে Python এটাই ছুড়ে দেয়। ক্লাস সেটা ধরে ফেলে, আর এ পর্যন্ত সেরা মডেলটা তোমার থেকে যায়। প্রথম পরীক্ষার
# আগে হলে, মডেল যেমন আছে তেমনই।

# %%
class Trainer:
    """লোডারের ব্যাচে মডেলকে ট্রেন করে, আর তার সেরা সংস্করণটা রাখে।"""

    def __init__(
        self,
        model: nn.Module,
        optimizer: torch.optim.Optimizer,
        data_loader: DataLoader,
        config: Config,
    ) -> None:
        """`optimizer`-এর হাতে আছে `model`-এর প্যারামিটার। `data_loader` দেয় "train" আর "validation"-এর ব্যাচ।"""
        self.model = model
        self.optimizer = optimizer
        self.data_loader = data_loader
        self.config = config
        self.shares = [group["lr"] / config.learning_rate for group in optimizer.param_groups]

    def learning_rate(self, step: int) -> float:
        """একটা ধাপের রেট। প্রথম ধাপ 1।"""
        return ____  # এই Trainer-এর সেটিংস যেমন বলে

    def train_step(self) -> float:
        """একটা ব্যাচ থেকে শেখো, আর তাতে মডেলের যে লস ছিল সেটা ফেরত দাও।"""
        self.model.train()
        inputs, targets = self.data_loader.get_batch("train")
        loss = ____  # মডেল কতটা চমকাল?
        self.optimizer.____()
        loss.____()
        self.optimizer.____()
        return loss.item()

    @torch.no_grad()
    def evaluate(self) -> float:
        """পরীক্ষা: ভ্যালিডেশনের লেখার `config.evaluation_batches`টা ব্যাচে গড় লস।"""
        self.model.____()
        losses = []
        for _ in range(____):  # কটা ব্যাচ
            inputs, targets = self.data_loader.get_batch("validation")
            losses.append(self.model(inputs, targets)[1].item())
        self.model.train()
        return ____  # তাদের গড়

    def train(self, watch: Callable[[Report], object] | None = None) -> list[Report]:
        """`config.steps` ধাপ ধরে, কিংবা কেউ না থামানো পর্যন্ত ট্রেন করো। তারপর সেরা সংস্করণটা ফিরিয়ে আনো।

        `watch` দেওয়া থাকলে প্রতিটা ধাপের রিপোর্ট দিয়ে তাকে ডাকা হয়।
        """
        reports: list[Report] = []
        best_loss, best = math.inf, None
        try:
            for step in range(1, self.config.steps + 1):
                for group, share in zip(self.optimizer.param_groups, self.shares, strict=True):
                    group["lr"] = share * ____  # এই ধাপের রেট
                training_loss = ____  # একটা ব্যাচ থেকে শেখো
                validation_loss = None
                if step % self.config.evaluate_every == 0 or step == self.config.steps:
                    validation_loss = ____  # পরীক্ষা নাও
                    if ____:  # এ পর্যন্ত এটাই কি সেরা?
                        best = ____  # যা তুলে রাখতে হবে
                        best_loss = validation_loss
                reports.append(Report(step, self.config.steps, training_loss, validation_loss))
                if watch is not None:
                    watch(reports[-1])
        except KeyboardInterrupt:
            pass  # এখানেই থামো। এ পর্যন্ত সেরাটা রইল
        if best is not None:
            self.model.load_state_dict(best)
        return reports


check("12.10")

# %%
for report in seven_steps(Trainer)[1]:
    print(report)

# %% [markdown]
# ম্যাপের জন্য: ট্রেনিং মডেলে কোনো টেনসর যোগ করে না, কিন্তু মডেলে যত সংখ্যা আছে, মেমোরিতে রাখে তার চেয়ে বেশি। প্রতিটা প্যারামিটারের পাশে তার গ্রেডিয়েন্ট, আর AdamW মনে রাখে দুটো
# চলতি গড়, একটা গ্রেডিয়েন্টের, একটা তাদের বর্গের।

# %%
shapes = {
    "loss": ____,  # একটা সংখ্যা, কোনো মাত্রা নেই
    "token table": (vocab_size, config.embedding_dim),
    "its gradient": ____,  # `backward` তাতে যা রেখে যায়
    "mean of its gradients": (vocab_size, config.embedding_dim),
}
parameters = sum(parameter.numel() for parameter in untrained.parameters())
in_memory = ____  # AdamW দিয়ে ট্রেনিং এক ধাপ থেকে পরের ধাপে কটা সংখ্যা ধরে রাখে: প্যারামিটার, গ্রেডিয়েন্ট, দুটো গড়
check("12.11")

# %%
for name, shape in shapes.items():
    print(f"{name:>22}  {shape}")
print(f"তোমার থেকে যাবে {parameters:,}টা সংখ্যা, তার জন্য ট্রেনিংয়ের সময় মেমোরিতে {in_memory:,}টা")

# %% [markdown]
# - [ ] 12.09 সেরা মডেলের একটা কপি রাখা
# - [ ] 12.10 Trainer লেখা
# - [ ] 12.11 ম্যাপে ট্রেনিংয়ের শেপগুলো টোকা

# %% [markdown]
# ## ট্রেন করার আগে সেভ · 8 মিনিট
#
# ট্রেন করা মডেল বাঁচে এই নোটবুকের মেমোরিতে, মরেও তার সঙ্গে। তাই হারানোর মতো কিছু হাতে আসার *আগেই* সেভ করতে শেখো। দুটো ফাইলই যথেষ্ট: টেনসরগুলো, আর সেগুলো ব্যবহার করতে
# যা জানা লাগে।
#
# টেনসরগুলো যায় `model.safetensors`-এ, এমন এক ফরম্যাট যাতে নাম আর সংখ্যা ছাড়া কিছু থাকে না। (`torch.save` লেখে একটা *pickle*, আর অচেনা কারও
# pickle খুললে তার ভেতরে লুকানো যেকোনো প্রোগ্রাম চলে উঠতে পারে।) বাকিটা যায় `settings.json`-এ, যা খালি চোখেই পড়া যায়: কনফিগারেশন, আর **অক্ষরগুলো, ঠিক ক্রমে**।
# ওগুলো না থাকলেও মডেল কথা বলত, শুধু কী বলছে কেউ জানত না।

# %%
def save(model: nn.Module, loader: DataLoader, folder: Path, validation_loss: float | None, steps: int) -> None:
    """একটা মডেলের টেনসর আর সেটিংস একটা ফোল্ডারে লেখো।"""
    folder.mkdir(parents=True, exist_ok=True)
    save_file(____, folder / "model.safetensors")  # তার সব টেনসর, নাম ধরে
    settings = {
        "format": 1,
        "characters": ____,  # ভোকাবুলারি, একটা স্ট্রিং হিসেবে
        "config": ____,  # কনফিগারেশন, ডিকশনারি হিসেবে
        "validation_loss": validation_loss,
        "steps": steps,
    }
    (folder / "settings.json").write_text(json.dumps(settings, indent=1), encoding="utf-8")


def load(folder: Path, model_class: type = BigramLanguageModel) -> tuple[nn.Module, str]:
    """একটা ফোল্ডারের মডেল, কথা বলতে তৈরি, আর তার অক্ষরগুলো, ক্রমে।"""
    settings = json.loads((folder / "settings.json").read_text(encoding="utf-8"))
    characters = settings["characters"]
    model = model_class(len(characters), ____)  # আবার কনফিগারেশন
    model.load_state_dict(____)  # ফাইলের টেনসরগুলো, নাম ধরে
    return model.eval(), characters


def there_and_back(model: nn.Module, config: Config) -> tuple[dict, nn.Module, str]:
    """মডেল সেভ করলে settings.json-এ যা থাকে, আর ফোল্ডারটা লোড করলে যা ফিরে আসে।"""
    same_text = copy.copy(loader)
    same_text.config = config
    with tempfile.TemporaryDirectory() as folder:
        save(model, same_text, Path(folder) / "model", 1.5, 7)
        return json.loads((Path(folder) / "model" / "settings.json").read_text(encoding="utf-8")), *load(Path(folder) / "model")


check("12.12")

# %%
returned = there_and_back(fresh(), bare)[1]
print("সেভ আর লোডের পরে একই উত্তর:", torch.equal(returned(ids)[0], fresh()(ids)[0]))

# %% [markdown]
# - [ ] 12.12 মডেল সেভ করা, আবার লোড করা

# %% [markdown]
# ## চ্যালেঞ্জ: ও কি নকল করছে?
#
# ইচ্ছে হলে করো, 15 মিনিট লাগবে। পরে কোথাও এটা লাগবে না। পরের অংশে তোমার মডেল এমন সব লাইন লিখবে, শুনলে মনে হয় Shakespeare। তখন কেউ না কেউ বলবেই: এসব ও
# বানাচ্ছে, না মুখস্থ ঝাড়ছে? গোয়েন্দাটাকে এখনই লিখে ফেলো। আসামি একটু পরেই ট্রেনিংয়ে যাচ্ছে।
#
# `longest_quote` একটা লেখার সবচেয়ে লম্বা সেই টুকরো খুঁজে বের করে, যেটা উৎসেও আছে, অক্ষরে অক্ষরে। একটা লেখায় টুকরো হয় অগুনতি, তাই ভাবো কোনগুলো বাদ দেওয়া যায়। এ
# পর্যন্ত সেরাটার চেয়ে লম্বা না হলে টুকরোটা নিয়ে মাথা ঘামানোর কিছু নেই। আর একটা টুকরো উৎসে না থাকলে, একই জায়গা থেকে শুরু আরও লম্বা টুকরোও থাকতে পারে না।
#
# কিন্তু লম্বা বলব কাকে? তার জন্য চাই এমন একজন, যে নিশ্চিত নির্দোষ। `stranger` হলো নাটকগুলোর শেষ দশ ভাগের এক ভাগ থেকে 600 অক্ষর, যে ভাগে তোমার মডেল কখনো
# ট্রেন করে না: Shakespeare, কিন্তু নতুন। আন্দাজ করো, এর কত লম্বা টুকরো বাকি নয় ভাগে পাওয়া যাবে, অক্ষরে অক্ষরে।

# %%
where = 40_000

# %%
read = loader.text[: len(loader.train_ids)]  # তোমার মডেল যাতে ট্রেন করে
stranger = loader.text[len(loader.train_ids) :][where : where + 600]

# %%
def longest_quote(text: str, source: str) -> str:
    """`text`-এর সবচেয়ে লম্বা টুকরো, যা `source`-এ আছে, অক্ষরে অক্ষরে। সমান লম্বা কয়েকটা থাকলে প্রথমটা।"""
    best = ""
    for start in range(len(text)):
        for end in ____:  # যেসব জায়গায় শেষ করলে টুকরোটা সেরাটার চেয়ে লম্বা হয়
            if ____:  # পরের শুরুটা ধরার সময় কখন?
                break
            best = ____  # মনে রাখো
    return best


innocent = longest_quote(stranger, read)
print(f"{len(innocent)}টা অক্ষর: {innocent!r}")
check("12.13")

# %% [markdown]
# 15টা অক্ষর: ` am no beast.` আর দুটো লাইন-শেষ। কাজেই অত লম্বা উদ্ধৃতি দিয়ে কিছু প্রমাণ হয় না। একই ভাষায় একই জিনিস নিয়ে যারা লেখে, তারা হামেশাই একে অন্যের কথা
# বলে ফেলে। সংখ্যাটা মনে রেখো, আর তোমার মডেল কথা বললে তাকে কাঠগড়ায় তোলো `longest_quote(said, read)` দিয়ে।
#
# - [ ] 12.13 চ্যালেঞ্জ: সবচেয়ে লম্বা উদ্ধৃতি খুঁজে বের করা

# %% [markdown]
# ## আসল ট্রেনিং · 12 মিনিট
#
# শেষ সেলগুলোয় কোনো শূন্যস্থান নেই। অধ্যায় 01 থেকে তুমি যা লিখেছ, ওরা চলে তারই ওপর: `mine` তোমার ফাইলগুলো পড়ে, বিচারককে জিজ্ঞেস করে, আর যে ক্লাস পাস করে সেটা নেয়।
# তোমার কোনোটা এখনো না থাকলে তার জায়গায় বসে ওয়ার্কশপেরটা, তোমার বাকি অংশগুলোর মাঝখানে। **আগে এই নোটবুক সেভ করো**, কারণ `mine` পড়ে ডিস্কে যা আছে।

# %%
mine.table()

# %%
def whole_exam(model: nn.Module, loader: DataLoader) -> float:
    """গোটা ভ্যালিডেশনের লেখায় গড় লস, পাশাপাশি উইন্ডোতে কাটা।"""
    length, ids = loader.config.input_sequence_length, loader.validation_ids
    count = (len(ids) - 1) // length
    questions, right = ids[: count * length].view(count, length), ids[1 : count * length + 1].view(count, length)
    model.eval()
    with torch.no_grad():
        losses = [model(q, r)[1].item() * len(q) for q, r in zip(questions.split(256), right.split(256), strict=True)]
    return sum(losses) / count

# %%
settings = rehearsal.settings(config)  # অধ্যায় 01-এর সাইজ। মাত্র 20 ধাপ ট্রেন করতে Jupyter চালু করো WORKSHOP_STEPS=20 দিয়ে
loader = mine.DataLoader(corpus.shakespeare(), settings)
torch.manual_seed(settings.seed)
model = mine.BigramLanguageModel(loader.vocab_size, settings)


def speak(length: int = 150, prompt: str = "\n") -> str:
    """প্রম্পট, আর তার পরে আরও `length`টা অক্ষর, মডেল এই মুহূর্তে যা জোড়ে।"""
    ids = model.generate(torch.tensor([loader.encode(prompt)]), length)[0]
    return loader.decode(ids).lstrip("\n")


print(speak())

# %% [markdown]
# এখন সে এভাবেই কথা বলে। তাকে ট্রেন করবে তোমার নিজের কোড, সঙ্গে ধার করা একটা জিনিস: অপ্টিমাইজার।
#
# AdamW প্রতিটা সংখ্যাকে একা একা দেখে। কিন্তু একটা ম্যাট্রিক্স গোটা একটা জগৎকে একসঙ্গে ঘোরায় আর টানে, আর তার গ্রেডিয়েন্টের বেশির ভাগ প্রায়ই পড়ে থাকে মাত্র কয়েকটা দিকে। তোমার
# প্রথম ব্লকের প্রজেকশনটা নাও। তার গ্রেডিয়েন্টের দিক 64টা। কোন দিকে গ্রেডিয়েন্ট কত লম্বা, সেই অনুযায়ী সাজাও, সবচেয়ে লম্বাটা আগে। প্রথমটা মাঝেরটার কত গুণ লম্বা?

# %%
torch.manual_seed(settings.seed)
practice, batch = copy.deepcopy(model), loader.get_batch()
practice(*batch)[1].backward()
lengths = torch.linalg.svdvals(practice.blocks[0].attention.projection.weight.grad)  # সবচেয়ে লম্বা দিক থেকে সবচেয়ে ছোট
middle = lengths[len(lengths) // 2]
print(f"প্রথমটা বরাবর {lengths[0]:.4f}, মাঝেরটা বরাবর {middle:.4f}: {lengths[0] / middle:.0f} গুণ লম্বা")

# %% [markdown]
# বেশির ভাগ দিকেই এমন ম্যাট্রিক্স শিখত আস্তে আস্তে, অথচ সেই দিকগুলোও হয়তো সমান জরুরি। **Muon** সব দিকে ধাপটাকে প্রায় সমান লম্বা করে দেয়। `optimizers.fast`
# তার হাতে দেয় ব্লকের ভেতরের ম্যাট্রিক্সগুলো। টেবিল, নর্ম, বায়াস আর শেষের স্কোরগুলো থাকে AdamW-র কাছে, তাই গ্রুপ হয় দুটো, আর তোমার `shares` এবার কাজে লেগে যায়।
# Muon কী করে এটা করে, আর ভাবনাটা কার, পড়তে পারো `kit/model/training/muon.py`-এ। তোমার Trainer-এর কাছে সে আর পাঁচটা অপটিমাইজারের মতোই,
# `zero_grad()` আছে, `step()` আছে।
#
# এতে লাভ কী? শুধু AdamW দিয়ে এত দূর আসতে এই ট্রেনিংয়ের লাগে মোটামুটি 1,300 ধাপ। Muon থাকলে 750, যদিও প্রতিটা একটু ধীর।
#
# পরের সেল তোমার মডেলকে ট্রেন করে: 750 ধাপ, প্রতিটায় 32 অক্ষরের 24টা উইন্ডো। তাতে যত বাজি হয়, তা ট্রেনিংয়ের লেখায় যত অক্ষর তার অর্ধেকের বেশি, আর সময় লাগে এক-দুই
# মিনিট। কত দূর এগোল, সে কী বলছে, আর দুটো লস, সবই চোখের সামনে দেখা যায়। দেখা হয়ে গেলে থামানোর বোতামটা (■) টেপো, এ পর্যন্ত সেরা মডেলটা থেকে যাবে।
#
# চলার সময় ওর কথা শোনো। প্রথমে শেখে কোন অক্ষর বেশি আসে। তারপর স্পেস পড়তে শুরু করে ঠিকঠাক তফাতে। তারপর ছোট ছোট শব্দ, বড় হাতের নাম আর তাদের কোলন, লাইনের মাপ।

# %%
torch.set_num_threads(threads.quicker(lambda: practice(*batch)[1].backward()))  # একটা কোর না দুটো, যেটায় তাড়াতাড়ি হয়
optimizer = optimizers.fast(model, settings)
trainer = mine.Trainer(model, optimizer, loader, settings)
torch.manual_seed(settings.seed)
with live.Live(speak, evaluate=trainer.evaluate) as watch:
    reports = trainer.train(watch)
torch.set_num_threads(1)

# %% [markdown]
# এগোনোর আগে আন্দাজ করো: *গোটা* ভ্যালিডেশনের লেখায় মডেল কতটা ভালো? অধ্যায় 11-র বাইগ্রাম টেবিলের ছিল 2.48।

# %%
loss = whole_exam(model, loader)
print(f"গোটা ভ্যালিডেশনের লেখায় {loss:.3f}: {math.exp(loss):.1f} জন সমান দাবিদারের মধ্যে বাছাই")
exams = {step: result for step, _, result in watch.status.points}
if exams:
    ends = sorted({*exams, *range(0, len(reports) + 1, 25)})
    parts = [reports[begin:end] or reports[:1] for begin, end in pairwise([0, *ends])]  # আগের দাগ থেকে এই দাগ পর্যন্ত ধাপগুলো
    practised = [fmean(report.training_loss for report in part) for part in parts]
    draw.lines(
        {
            "ট্রেনিং": practised,
            "ভ্যালিডেশন": [exams.get(end, math.nan) for end in ends],
            "বাইগ্রাম টেবিল": [2.48] * len(ends),
            "কিছুই না জানা": [nothing] * len(ends),
        },
        x=ends,
        title="তোমার মডেলের লস, ধাপ 0 থেকে",
        x_name="ধাপ",
        y_name="লস",
        alt=f"দুটো সমান রেখা, কিছুই না জানা {nothing:.2f}-এ আর বাইগ্রাম টেবিল 2.48-এ, আর দুটো বক্ররেখা। দুটোই শুরু হয় কিছুই না জানার ওপরে, "
        f"{practised[0]:.2f}-এ, খাড়া নামে, তারপর ক্রমেই আলতো হয়ে। {ends[-1]} ধাপ পরে ট্রেনিং লস, শেষ কয়েক ধাপের গড়, {practised[-1]:.2f}"
        f", আর ভ্যালিডেশনের লেখারটা {exams[max(exams)]:.2f}।",
    )

# %% [markdown]
# এটা লেখার সময় লস দাঁড়িয়েছিল 1.86-এ, মানে 6.4 সমান দাবিদারের মধ্যে বাছাই। কিছুই না জানলে 64 জন, বাইগ্রাম টেবিলের 12। যে টেবিল নিয়ে অধ্যায় 11-র এত গর্ব, তাকে
# পেছনে ফেলা গেছে 100 ধাপের মধ্যেই। শেষে ভ্যালিডেশনের লস ট্রেনিংয়ের লসের চেয়ে 0.1-এর একটু বেশি ওপরে। এটা মুখস্থ করা নয়, কারণ লেখার বেশির ভাগ জায়গা দেখাই হয়েছে একবার,
# নয়তো একবারও না। পরীক্ষাটা অন্য নাটকে: The Taming of the Shrew, যার শুধু শুরুটা মডেল পড়েছে, আর The Tempest, যার কিছুই পড়েনি। যেমন Prospero, যে লেখা
# থেকে সে শিখেছে তাতে ইনি একবারও মুখ খোলেন না।
#
# আর কথা বলে কেমন? ট্রেনিংয়ের আগে, দশ ভাগের এক ভাগ ট্রেনিংয়ের পরে, আর এখন:

# %%
tenth = max(step for step in watch.samples if step <= max(1, settings.steps // 10))
torch.manual_seed(1564)
columns.show({"আগে": watch.samples[0], f"{tenth} ধাপ পরে": watch.samples[tenth], f"{len(reports)} ধাপ পরে": speak()})

# %% [markdown]
# এটা লেখার সময় মাঝখানেরটা সবে ধরতে পেরেছিল যে নাম বলতে হয় চেঁচিয়ে, আর তার পরে একটা কোলন বসে।
#
# এবার ওকে হাত-পা ছড়ানোর জায়গা দাও, আর জোরে জোরে পড়ো। ছক্কা কীভাবে পড়বে, সেটা ঠিক করে সিড। বদলাও, সেলটা আবার চালাও, পাবে এমন একটা লেখা, যা তোমার আগে কেউ পড়েনি।

# %%
torch.manual_seed(1616)
said = speak(600)
print(said)

# %% [markdown]
# বড় হাতের নাম আছে, তার পরে কোলন, সংলাপের মাঝে ফাঁকা লাইন, কবিতার লাইনের শুরুতে বড় হাতের বর্ণ। ছোট শব্দের বেশির ভাগই সত্যি, আর লম্বাগুলো শুনতে এমন যেন হলেও হতে
# পারত। এটা লেখার সময় মঞ্চে এসেছিলেন জনৈক ESCOLIZABEPRIOLA, কোনো নাটকে যিনি নেই, অথচ থাকা উচিত ছিল।
#
# চ্যালেঞ্জটা করে থাকলে এবার বিচারের পালা। আমাদের লেখায় সবচেয়ে লম্বা উদ্ধৃতি ছিল 20 অক্ষরের: `his way?`, তারপর `ISABELLA:`, নামের আগে দুটো লাইন-শেষ, পরে একটা।
# `stranger`-এর ছিল মাত্র 15। কিন্তু শেষ দশ ভাগের এক ভাগ পুরোটা 600 অক্ষরের টুকরোয় কাটো, দেখবে প্রায় তিন ভাগের এক ভাগ টুকরোয় সবচেয়ে লম্বা উদ্ধৃতি 20 বা তার
# বেশি, অথচ সবটাই নতুন Shakespeare। কাজেই এত লম্বা একটা উদ্ধৃতি মানেই মুখস্থ ঝাড়া নয়।
#
# ওর প্রতি সুবিচার করো, আবার সত্যি কথাটাও বলো। ও একবারে 32টা অক্ষর দেখে, তার পেছনে যা ছিল সব গেছে। রাজা কাকে বলে ও জানে না। একটা লাইনও বোঝেনি। ওর আছে সাধারণত পরে
# কী আসে তার চমৎকার একটা আন্দাজ, 209,600টা সংখ্যায় জমানো, আর দেখা গেল বানানের জন্য, ছন্দের জন্য, পাতায় একটা নাটক দেখতে যেমন হয় তার জন্য সেটুকুই যথেষ্ট। যে
# মডেলগুলো তোমার সঙ্গে গল্প করে, তারা প্রায় একই সব অংশ একই ক্রমে জুড়ে গড়া। সবচেয়ে বড়গুলোর সংখ্যা এর কয়েক মিলিয়ন গুণ, আর তারা যা পড়েছে, হাজার জন্মেও কেউ অত পড়ে
# উঠতে পারবে না।
#
# কী দিয়ে শুরু করবে, সেটাও ওকে বলে দেওয়া যায়। আধখানা বাক্য হলেই চলে, কিংবা বড় হাতে তোমার নিজের নাম আর একটা কোলন:

# %%
torch.manual_seed(1595)
print(speak(300, prompt="ROMEO:\nO, "))

# %% [markdown]
# জিজ্ঞেস করো, `Let's he`-র পরে কী। অধ্যায় 10-এ বাজিটা ছিল প্রায় সমান, 64টা অক্ষরের সেরাটা পেয়েছিল 4.5%।

# %%
with torch.no_grad():
    bet = model.eval()(torch.tensor([loader.encode("Let's he")]))[0][0, -1].softmax(dim=-1)
likely = bet.topk(10)
names = [loader.decode([number]) for number in likely.indices.tolist()]
draw.bars(
    names,
    likely.values,
    title="\"Let's he\"-র পরে: তোমার ট্রেন করা মডেলের বাজি",
    alt="দশটা দণ্ড, সবচেয়ে উঁচু থেকে সবচেয়ে নিচু: "
    + ", ".join(f"{name!r} {chance:.2f}" for name, chance in zip(names, likely.values.tolist(), strict=True))
    + "। বাকি সবাই মিলে "
    + f"{1 - likely.values.sum().item():.2f}.",
)

# %% [markdown]
# আর ভেতরে একবার উঁকি। ষোলোটা হেড, যে যত পেছনে খুশি তাকাতে পারত। আগের অক্ষরটার দিকে সবচেয়ে বেশি তাকায় যে হেড, সেটা এই। কেউ ওকে বলে দেয়নি। একটা জোড়ার দাম কত, অধ্যায়
# 11 তোমাকে দেখিয়েছিল। মডেল সেটাও নিজেই বের করে ফেলেছে।

# %%
window = "First Citizen:\nLet us kill him, "
stream = model.embedding(torch.tensor([loader.encode(window)]))
patterns = {}
with torch.no_grad():
    for number, block in enumerate(model.blocks, 1):
        for place, head in enumerate(block.attention.heads, 1):
            patterns[number, place] = head.weights(block.norm_1(stream))[0]
        stream = block(stream)
looks_back = {name: pattern.diagonal(-1).mean().item() for name, pattern in patterns.items()}
block, head = max(looks_back, key=looks_back.get)
draw.heat(
    patterns[block, head],
    rows=window,
    columns=window,
    title=f"ব্লক {block}, হেড {head}: কে শোনে (সারি), কার কথা (কলাম)",
    alt=f"{window!r} লেখাটার জন্য 32 বাই 32 খোপের একটা ছক, কর্ণের ওপরে ফাঁকা। গড়ে এক সারির ওয়েটের {looks_back[block, head]:.2f} পড়ে কর্ণের "
    "এক ঘর বাঁয়ে, ঠিক আগের অক্ষরটায়।",
)

# %% [markdown]
# কিছু বন্ধ করার আগে এবার মডেলটা দুটো ফাইলে সেভ করো, আর আবার লোড করো। (`models` ফোল্ডারটা Git দেখেও দেখে না।)

# %%
folder = rehearsal.folder(Path(running.__file__).parent.parent / "models" / "mine")
if folder.exists():  # পুরোনো মডেল থাকলে সে সরে দাঁড়ায়
    folder.rename(folder.with_name(time.strftime("mine-%Y%m%d-%H%M%S")))
save(model, loader, folder, loss, len(reports))

again, characters = load(folder, mine.BigramLanguageModel)
torch.manual_seed(1597)
there = again.generate(torch.tensor([[characters.index(character) for character in "JULIET:\n"]]), 200)
print("".join(characters[number] for number in there[0]))

# %% [markdown]
# এখন থেকে এই নোটবুক ছাড়াও ও কথা বলে। টার্মিনালে:
#
# ```
# python scripts/sample.py models/mine "ROMEO:"
# ```
#
# আর একটা জিনিস বাকি। ভদ্রস্থ একটা মডেলের সঙ্গে থাকে একটা **কার্ড**, তাতে লেখা কে ট্রেন করেছে, কী দিয়ে, কতটা ভালো হয়েছে, আর ওর কাছে কী আশা করা যায়। তোমারটা এই।
# ফোল্ডারেও আছে, `model_card.md` নামে, যদি কেউ জিজ্ঞেস করে।

# %%
card.write(folder, said, watch.status.seconds)

# %% [markdown]
# - [ ] 12.r4 আমি নিজের মডেল ট্রেন করেছি, আর তাকে কথা বলতে শুনেছি

# %% [markdown]
# ## এখন যা তোমার
#
# - প্রথম ধাপের আগের একটা লস, যা মিলিয়ে নাও ভোকাবুলারির সাইজের লগারিদমের সঙ্গে
# - সব ট্রেনিংয়ের লুপ: **ফরোয়ার্ড, মোছা, ব্যাকওয়ার্ড, ধাপ**
# - যেকোনো মডেলের জন্য একটা যাচাই: **একটা ব্যাচ মুখস্থ** করতে পারে?
# - না-দেখা লেখায় একটা **পরীক্ষা**: কয়েকটা ব্যাচ, ড্রপআউট বন্ধ, গ্রেডিয়েন্ট নেই
# - একটা **লার্নিং রেট**, ওয়ার্ম-আপ আর ডিকে সমেত
# - `Trainer(model, optimizer, data_loader, config)`, সেরা মডেলটা রাখে, আর থামতে বললে থামে
# - তোমার নিজের একটা মডেল, কার্ড সমেত, আর লেখা থেকে লেখা পর্যন্ত প্রতিটা ধাপে তোমারই কোড
#
# এরপর কী? `python scripts/train.py --mine --data FILE` তোমার ক্লাস দিয়ে গড়া একটা মডেলকে ট্রেন করে তোমার পছন্দের যেকোনো লেখায়: নিজের ইমেল, রান্নার
# বই, ছোটবেলার গান। সেও একটা কার্ড রেখে যায়। `--mine` না দিলে তাড়াতাড়ি হয়, আর বাকিটা বলে দেয় `--help`।
#
# তুমি যখন এলে, `Let's he` ছিল আটটা অক্ষর। তারপর ওরা হলো আইডি, ভেক্টর, যোগফল, query, ওয়েট, বাজি, একটা লস, গ্রেডিয়েন্ট, আর শেষে একটা বাক্য, যা আগে কেউ
# কখনো লেখেনি। এর বেশির ভাগ তুমি নিজেই উদ্ভাবন করতে পারতে। এখন তো করেই ফেলেছ।
