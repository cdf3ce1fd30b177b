# %% [markdown]
# # 14 আরও বড়
# <!-- Made from checkpoints/ch14_bigger.py by scripts/build.py. From your first edit on it is yours. -->
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/OWNER/REPO/blob/main/workshop/bn/ch14_bigger.ipynb)
# [![Open in GitHub Codespaces](https://github.com/codespaces/badge.svg)](https://codespaces.new/OWNER/REPO?quickstart=1)
#
# বড় মডেলে কী লাভ, মাপো, আর ট্রেন করার আগেই বলে দাও।
#
# 98 মিনিট, সাতটা অংশ, আর চাইলে একটা চ্যালেঞ্জ। এই অধ্যায়টা উপরি পাওনা। লাগবে অধ্যায় 01, 11 আর 12। অধ্যায় 13-র কিছুই লাগবে না।
#
# ছোট একটা মডেল যে-ই ট্রেন করেছে, বাড়ি ফেরার পথে তার মাথায় একই কথা ঘোরে: আরও বড় হলে কী হতো? একটা মেশিন ভাড়া করে দেখে নেওয়া যায়। কিংবা করা যায় তা-ই, যা লোকে করে একটা
# ট্রেনিংয়ে কোটি কোটি টাকা ঢালার আগে। তারা কয়েকটা মডেল ট্রেন করে, কাজের তুলনায় সবকটাই খুব ছোট। সেগুলোর ফলের ভেতর দিয়ে টানে একটা রেখা। বাকিটা সেই রেখা দেখেই পড়ে নেয়।

# %%
# @title আগে এটা চালাও: ওয়ার্কশপটা এখানে না থাকলে (যেমন Colab বা Kaggle-এ) এটা নিয়ে আসে
import importlib.util, urllib.request
if not importlib.util.find_spec("workshop"):
    address = "https://github.com/OWNER/REPO/raw/main/workshop/fetch.py"
    exec(urllib.request.urlopen(address).read(), {"address": address})

# %%
import copy
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch
from torch import nn

from nanogpt import BigramLanguageModel, Config
from workshop import ____, check, corpus, draw, hint, mine, optimizers, rehearsal, running, solution

torch.set_printoptions(precision=3, linewidth=100, sci_mode=False)
torch.set_num_threads(1)  # এত ছোট টেনসরে দ্বিতীয় একটা কোর শুধু ভিড় বাড়ায়

# %%
config = Config()
vocab_size = running.loader().vocab_size
print(f"{vocab_size}টা অক্ষর, {config.num_layers}টা ব্লক, প্রতি অক্ষরে {config.embedding_dim}টা সংখ্যা")

# %% [markdown]
# ## খরচ কত · 15 মিনিট
#
# আরও বড় কিছু বানানোর আগে জানতে ইচ্ছে করবে খরচ কত, আর তার জন্য একটা পেনসিলই যথেষ্ট। অধ্যায় 11-র অংশগুলো একে একে নাও, আর লেখো কার ভেতরে কটা সংখ্যা। দুটো বর্ণেই
# কাজ চলবে: d হলো প্রস্থ, `embedding_dim`, আর h হলো FeedForward-এর হিডেন লেয়ার।
#
# যে লেয়ার dটা সংখ্যাকে hটা বানায়, তার ম্যাট্রিক্সে থাকে d গুণ h সংখ্যা। বায়াস থাকলে আরও hটা। অ্যাটেনশনে হেডেরা প্রস্থটা নিজেদের মধ্যে ভাগ করে নেয়, তাই সব হেডের query মিলিয়ে
# লাগে d বাই d একটা ম্যাট্রিক্সের সমান। key-এর জন্য আবার ততটাই, value-র জন্যও ততটা। এই তিনটার কারও বায়াস নেই। এদের পরে যে প্রজেকশন আসে, তার আছে।

# %%
def count(vocab_size: int, config: Config) -> int:
    """একটা মডেলে কটা সংখ্যা, মডেলটা না বানিয়েই।"""
    d, h = config.embedding_dim, config.hidden_dim
    tables = ____  # প্রতি অক্ষরে একটা সারি, আর প্রতি ঘরে একটা
    attention = ____  # সব হেডের query, key আর value, তারপর প্রজেকশন আর তার বায়াস
    feed_forward = ____  # যাওয়া আর ফেরা, দুই দিকেই বায়াস আছে
    norm = 2 * d  # গেইন আর বায়াস
    scores = ____  # প্রস্থ থেকে প্রতি অক্ষরে একটা করে স্কোর, বায়াস সমেত
    return tables + config.num_layers * (attention + feed_forward + 2 * norm) + norm + scores


check("14.01")

# %%
print(f"হাতে গুনে: {count(vocab_size, config):,}")
print(f"PyTorch গুনে: {sum(parameter.numel() for parameter in BigramLanguageModel(vocab_size, config).parameters()):,}")
for width in (64, 128, 256, 512, 1024):
    wide = replace(config, embedding_dim=width, hidden_dim=4 * width)
    inside = 12 * wide.num_layers * width**2
    print(f"প্রস্থ {width:>4}: {count(vocab_size, wide):>10,}টা সংখ্যা, তার {inside / count(vocab_size, wide):.1%} ব্লকের "
    "ভেতরের ম্যাট্রিক্সে")

# %% [markdown]
# h যদি d-র চার গুণ হয়, একটা ব্লকের ম্যাট্রিক্সগুলোতে থাকে 12 গুণ d গুণ d সংখ্যা। মডেল যত চওড়া, বাকি সবকিছুর ওজন তত কমে। কাজেই প্রস্থ দ্বিগুণ মানে সংখ্যা মোটামুটি
# চার গুণ, আর ব্লক দ্বিগুণ মানে শুধু দ্বিগুণ।
#
# এবার সময়ের হিসেব। একটা অক্ষর মডেলের ভেতর দিয়ে যাওয়ার সময় ম্যাট্রিক্সের প্রতিটা সংখ্যা একবার কাজে লাগে: একটা গুণ, তারপর চলতি যোগফলের সঙ্গে একটা যোগ। সংখ্যা পিছু **2**টা
# অপারেশন। তারপর আসে `backward`, আর প্রতিটা ম্যাট্রিক্সে একই সাইজের আরও দুটো ম্যাট্রিক্স গুণ। একটা বের করে ম্যাট্রিক্সের গ্রেডিয়েন্ট। অন্যটা বের করে যা ঢুকেছিল তার
# গ্রেডিয়েন্ট, যাতে সেটা আগের অংশের হাতে তুলে দেওয়া যায়। আরও **4**টা। ব্যস, মোটা হিসেবটা দাঁড়িয়ে গেল: একটা অক্ষর থেকে শিখতে লাগে **মডেলের প্রতিটা সংখ্যার জন্য 6টা
# অপারেশন**।

# %%
parameters = count(vocab_size, config)
per_character = ____  # একটা অক্ষরের জন্য কটা অপারেশন, মোটা হিসেবে
whole_run = ____  # আর `config`-এর সেটিংসে গোটা একটা ট্রেনিংয়ের জন্য
check("14.02")

# %%
print(f"এক অক্ষরে {per_character:,}টা অপারেশন, অধ্যায় 12-র গোটা ট্রেনিংয়ে {whole_run:.2e}")

# %% [markdown]
# অধ্যায় 12-র ট্রেনিংয়ে 72,400 কোটি। একটামাত্র কোর সেকেন্ডে এর কয়েক হাজার কোটি সেরে ফেলে, যদি তাকে বড় বড় ম্যাট্রিক্স গুণ ছাড়া আর কিছু না দেওয়া হয়। তার মানে গোটা ট্রেনিং
# কয়েক সেকেন্ডেই শেষ হতে পারত। তোমারটায় যদি এক-দুই মিনিট লেগে থাকে, তার কারণ এত ছোট মডেলের বেশির ভাগ সময় যায় গুণের জোগাড়যন্ত্রে, আর গুণটা সারা হয়ে যায় চোখের পলকে।
#
# মোটা হিসেবটা নিজেও একেবারে নিখুঁত নয়। একদিকে বেশি গোনে, কারণ টেবিল থেকে শুধু সারি তুলে নেওয়া হয়, আর গেইন আর বায়াস তো ম্যাট্রিক্সই নয়। আরেকদিকে কম গোনে, কারণ অ্যাটেনশনে
# দুটো গুণ আছে, যাদের সঙ্গে কোনো প্যারামিটারের সম্পর্ক নেই। প্রতিটা ঘর তার query মেলায় গোটা একটা উইন্ডোর সব key-এর সঙ্গে। সব হেড মিলিয়ে সেটা d লম্বা ডট প্রোডাক্ট,
# উইন্ডোতে যত অক্ষর ততগুলো। (তাদের অর্ধেক পরে মাস্কে ঢাকা পড়ে, কিন্তু ততক্ষণে হিসেব করা হয়েই গেছে।) তারপর ঘরটা ততগুলো value মেশায়, তাতেও লাগে ঠিক ততটাই। কাজেই
# আরেকবার গোনো, এবার ঠিকঠাক।

# %%
def operations(vocab_size: int, config: Config) -> int:
    """একটা অক্ষর থেকে শিখতে কটা অপারেশন লাগে: সব ম্যাট্রিক্স গুণ, যাওয়া আর ফেরা।"""
    d, h, length = config.embedding_dim, config.hidden_dim, config.input_sequence_length
    matrices = ____  # সব ম্যাট্রিক্স মিলিয়ে কটা সংখ্যা: প্রতি অ্যাটেনশনে ম্যাট্রিক্স চারটা, প্রতি FeedForward-এ দুটো, আর স্কোরেরটা
    looking = ____  # যাওয়ার পথে, একটা ব্লকের যে দুটো গুণে প্যারামিটার নেই তাদের অপারেশন
    there = ____  # যাওয়ার পথের সব অপারেশন
    return 3 * there  # যাওয়া, আর ফেরার পথে তার দ্বিগুণ


check("14.03")

# %%
from torch.utils.flop_counter import FlopCounterMode

torch.manual_seed(1349)
batch = torch.randint(vocab_size, (config.batch_size, config.input_sequence_length + 1))
with FlopCounterMode(display=False) as counter:  # PyTorch যত গুণ করে, সব সে কান পেতে শোনে
    BigramLanguageModel(vocab_size, config)(batch[:, :-1], batch[:, 1:])[1].backward()
characters = config.batch_size * config.input_sequence_length
print(f"PyTorch এক ধাপে গুনেছে {counter.get_total_flops():,}টা অপারেশন")
print(f"তোমার সূত্র বলছে {operations(vocab_size, config) * characters:,}, আর সংখ্যা পিছু 6 ধরলে {per_character * characters:,}")

# %% [markdown]
# তোমারটা শেষ অপারেশন পর্যন্ত মিলে গেছে। মোটা হিসেব 3% কম বলে: এখানে সে বেশি যা গোনে, বাদ দেয় তার চেয়েও বেশি। উইন্ডো লম্বা হলে ফারাকটা বাড়ত, কারণ তখন প্রতিটা অক্ষরকে
# আরও বেশি জায়গায় তাকাতে হয়, অথচ প্যারামিটারের সংখ্যা প্রায় বদলায়ই না।
#
# - [ ] 14.01 মডেল না বানিয়ে তার সংখ্যা গোনা
# - [ ] 14.02 মোটা হিসেবে অপারেশন গোনা
# - [ ] 14.03 অপারেশন ঠিকঠাক গোনা
# - [ ] 14.r1 বলতে পারি, 6 কোথা থেকে আসে

# %% [markdown]
# ## চারটা ছোট মডেল · 13 মিনিট
#
# এবার মাপো। তোমার নিজের ক্লাস দিয়ে গড়া চারটা মডেল, সব দিক থেকে এক, তফাত শুধু প্রস্থে: 8, 12, 20 আর 32। সবাই শেখে সমান সংখ্যক ধাপ, তারপর দেয় একই পরীক্ষা:
# 1,024টা উইন্ডো, গোটা ভ্যালিডেশনের লেখায় সমান তফাতে ছড়ানো। সবার প্রশ্ন এক হলে কঠিন প্রশ্ন সবার কাছেই কঠিন, আর কে ভালো তা ঠিক করায় ভাগ্যের হাত থাকে কম।
#
# তোমার কোনো ক্লাস এখনো না থাকলে, বা পাস না করলে, তার জায়গায় বসে ওয়ার্কশপেরটা, অধ্যায় 12-র মতোই। **আগে এই নোটবুক সেভ করো**, কারণ `mine` পড়ে ডিস্কে যা আছে।

# %%
mine.table()

# %%
loader = mine.DataLoader(corpus.shakespeare(), replace(config, batch_size=16))

# %%
base = Config(batch_size=16, embedding_dim=32, hidden_dim=128, num_heads=2, num_layers=2, steps=400, warmup_steps=40,
              learning_rate=0.01, evaluate_every=10_000, evaluation_batches=1)


def same_exam(model: nn.Module, windows: int = 1024) -> float:
    """ভ্যালিডেশনের লেখার এতগুলো উইন্ডোতে গড় লস, প্রতিবার সেই একই উইন্ডো।"""
    ids, length = loader.validation_ids, loader.config.input_sequence_length
    starts = torch.linspace(0, len(ids) - length - 1, windows).long()
    cut = ids[starts[:, None] + torch.arange(length + 1)]
    model.eval()
    with torch.no_grad():
        return statistics.fmean(model(part[:, :-1], part[:, 1:])[1].item() for part in cut.split(128))


def trained(config: Config, characters: int | None = None) -> tuple[int, float]:
    """একটা মডেলকে ট্রেন করে, গোটা লেখায় কিংবা শুধু তার প্রথম `characters`টা অক্ষরে। ফেরত দেয় তার কটা সংখ্যা, আর পরীক্ষায় তার লস।"""
    config = rehearsal.settings(config)
    torch.manual_seed(config.seed)
    text = copy.copy(loader)
    text.train_ids = loader.train_ids[:characters]
    model = mine.BigramLanguageModel(loader.vocab_size, config)
    start = time.perf_counter()
    mine.Trainer(model, optimizers.fast(model, config), text, config).train()
    size, loss = sum(parameter.numel() for parameter in model.parameters()), same_exam(model)
    print(f"প্রস্থ {config.embedding_dim:>3}, {config.num_layers}টা ব্লক, {config.steps} ধাপ: {size:>9,}টা সংখ্যা, লস "
    f"{loss:.3f}, {time.perf_counter() - start:.1f} সেকেন্ড")
    return size, loss


def of_width(width: int) -> Config:
    """এত চওড়া একটা মডেলের সেটিংস।"""
    return replace(base, embedding_dim=width, hidden_dim=4 * width)

# %% [markdown]
# একেকটায় কয়েক সেকেন্ড লাগে। আগে আন্দাজ করো: এক মডেল থেকে পরেরটায় গেলে সংখ্যা হয় মোটামুটি দ্বিগুণ। চারটা লস কী করবে?

# %%
widths = [8, 12, 20, 32]
runs = [trained(of_width(width)) for width in widths]
sizes = torch.tensor([float(size) for size, _ in runs])
losses = torch.tensor([loss for _, loss in runs])
reached = ", ".join(f"{size:,}: {loss:.2f}" for size, loss in runs)
draw.lines(
    {"লস": losses},
    x=sizes,
    title="তোমার নিজের চারটা মডেল",
    x_name="মডেলে কটা সংখ্যা",
    y_name="পরীক্ষার লস",
    alt=f"চারটা বিন্দুর ভেতর দিয়ে একটা বক্ররেখা: {reached} (সাইজ: লস)। রেখাটা বাঁকা: বাঁয়ে খাড়া, তিনটা বিন্দু সেখানে গাদাগাদি করে আছে, আর চতুর্থটার দিকে যেতে যেতে "
    "সমতল হয়ে আসে।",
)
draw.lines(
    {"লস": losses},
    x=sizes,
    log=True,
    title="সেই চারটাই, লগ স্কেলে",
    x_name="মডেলে কটা সংখ্যা",
    y_name="পরীক্ষার লস",
    alt=f"সেই একই চারটা বিন্দু, {reached} (সাইজ: লস), এবার বাঁ থেকে ডানে প্রায় সমান তফাতে, তাই দেখা যায় ওরা একটা সোজা রেখার কত কাছাকাছি।",
)

# %% [markdown]
# সাধারণ স্কেলে দেখছ একটা বক্ররেখা, যা ক্রমেই সমতল হয়ে আসছে। দেখে মনে হতে পারে, আর এগিয়ে লাভ নেই। দ্বিতীয় ছবিতে সেই একই চারটা বিন্দু, কিন্তু **লগারিদমিক** স্কেলে (লোকে
# বলে লগ স্কেল)। সেখানে যেখান থেকেই শুরু করো, দ্বিগুণ হলে ছবিতে সমান দূর যেতে হয়। এবার বিন্দুগুলো একটা সোজা রেখার কাছাকাছি, আর সোজা রেখা এমন জিনিস যা টেনে লম্বা করা যায়।
#
# এমন রেখা কী বলে? ডানে যাও, যতক্ষণ না সাইজ দ্বিগুণ হয়, আর রেখা নামবে একটা বাঁধা দূরত্ব। লগ স্কেলে দূরত্ব মানে একটা *গুণক*। অর্থাৎ মডেল যতবার দ্বিগুণ হয়, লস
# ততবার গুণ হয় একই সংখ্যা দিয়ে, যেটা 1-এর একটু নিচে। সংখ্যাটা কোনটা, তা বলে ঢাল। এই নাও অন্য কারও নোটবুক থেকে দুটো মডেল:

# %%
numbers_of_two = torch.tensor([1000.0, 8000.0])
losses_of_two = torch.tensor([3.2, 2.4])

# %%
run_of = (numbers_of_two[1] / numbers_of_two[0]).log()  # লগ স্কেলে ডানে কত দূর
slope = ____  # লগ স্কেলে ওপরে কত দূর, ভাগ ডানে কত দূর। নিচে মানে নেগেটিভ
factor = ____  # মডেল একবার দ্বিগুণ হলে লস কত দিয়ে গুণ হয়
check("14.04")

# %%
print(f"ঢাল {slope:.3f}: একবার দ্বিগুণ হলে লস গুণ হয় {factor:.3f} দিয়ে, তিনবার হলে {factor**3:.2f} দিয়ে")

# %% [markdown]
# ঢাল -0.138 মানে, মডেল একবার দ্বিগুণ হলে লস 9% কমে, আর তিনবার হলে 3.2 থেকে নেমে আসে 2.4-এ। এর নাম **পাওয়ার ল**। কয়েক হাজার সংখ্যার মডেল থেকে শুরু করে
# হাজার হাজার কোটি সংখ্যার মডেলে, বারবার এর দেখা মিলেছে। কেন মেলে, কেউ পুরোটা ব্যাখ্যা করতে পারে না।
#
# - [ ] 14.04 লগ স্কেল থেকে ঢাল পড়া
# - [ ] 14.r2 বলতে পারি, লগ স্কেলে সোজা রেখার মানে কী

# %% [markdown]
# ## রেখা টানা, কথা দেওয়া · 18 মিনিট
#
# যেকোনো দুটো বিন্দুর ভেতর দিয়ে একটা সোজা রেখা যায়। চারটার ভেতর দিয়ে প্রায় কখনোই যায় না, তাই চাই সেই রেখা, যার সঙ্গে বিন্দুগুলোর গরমিল সবচেয়ে কম। "সবচেয়ে কম" কথাটার মানে
# দুশো বছর ধরে একই: প্রতিটা গরমিলের বর্গ নাও, বর্গগুলো যোগ করো, আর যোগফলটাকে যতটা ছোট করা যায় করো। এর একটা সূত্র আছে। চার বিন্দুর মাঝখান থেকে প্রতিটা বিন্দু মাপো:
# পাশে কত দূর, ওপরে কত দূর। দুটোকে গুণ করো, আর গুণফলগুলো যোগ করো। তাকে ভাগ করো পাশের দূরত্বগুলোর বর্গের যোগফল দিয়ে, পেয়ে গেলে ঢাল। আর রেখাটা যায় মাঝখান দিয়ে।
#
# আগে হাত পাকাও আমাদের চারটা বিন্দুতে। তোমারগুলো আসছে ঠিক এর পরেই।

# %%
practice_sizes = torch.tensor([3000.0, 9000.0, 31_000.0, 98_000.0])
practice_losses = torch.tensor([2.61, 2.38, 2.22, 2.02])

# %%
x, y = practice_sizes.log(), practice_losses.log()
across, up = x - x.mean(), y - y.mean()
tilt = ____  # রেখার ঢাল
level = ____  # x যেখানে 0, সেখানে তার উচ্চতা
check("14.05")

# %%
print(f"log(loss) = {level:.3f} + {tilt:.4f} · log(size)। একবার দ্বিগুণ হলে লস গুণ হয় {2**tilt:.3f} দিয়ে")

# %% [markdown]
# একটা ফাংশনে ভরা, বিন্দু যতগুলোই হোক:

# %%
def fit(sizes: torch.Tensor, losses: torch.Tensor) -> tuple[float, float]:
    """লগারিদমগুলোর ভেতর দিয়ে সেই রেখা যার গরমিলের বর্গ সবচেয়ে কম: তার ঢাল, আর সাইজ যেখানে 1 সেখানে তার উচ্চতা।"""
    x, y = sizes.double().log(), losses.double().log()
    across = x - x.mean()
    slope = (across * y).sum() / (across**2).sum()
    return slope.item(), (y.mean() - slope * x.mean()).item()

# %% [markdown]
# এবার রেখাটা পড়ো দুদিক থেকে। একটা সাইজের জন্য সে কোন লসের কথা দেয়? আর তুমি যদি কোনো একটা লসে পৌঁছাতে চাও, তার জন্য কত বড় সাইজ দাবি করে?

# %%
def promised(size: float, slope: float, level: float) -> float:
    """একটা সাইজের জন্য রেখা যে লস দেয়।"""
    return ____  # রেখা ধরে ওঠো, তারপর লগারিদম থেকে ফেরো


def needed(loss: float, slope: float, level: float) -> float:
    """একটা লসে পৌঁছাতে রেখা যে সাইজ চায়।"""
    return ____  # ওই একই রেখা থেকে সাইজটা বের করো


check("14.06")

# %% [markdown]
# এবার তোমার নিজের রেখা দিয়ে একটা কথা দাও, সেই ট্রেনিংয়ের *আগে*, যেটায় কথাটা ভাঙতে পারে। পঞ্চম মডেলটা চারটার সবচেয়ে চওড়াটার দ্বিগুণ চওড়া, আর তার সংখ্যা তুমি না বানিয়েই
# গুনতে পারো। কথাটা লিখে রাখো। নিজের ওপর ভরসা না থাকলে কাগজে।

# %%
slope_of_mine, level_of_mine = fit(sizes, losses)
fifth = of_width(2 * widths[-1])
size = count(loader.vocab_size, fifth)
promise = promised(size, slope_of_mine, level_of_mine)
misses = [abs(loss / promised(each, slope_of_mine, level_of_mine) - 1) for each, loss in runs]
print(f"তোমার রেখার ঢাল {slope_of_mine:.4f}, মডেল একবার দ্বিগুণ হলে লস গুণ হয় {2**slope_of_mine:.3f} দিয়ে")
print(f"নিজের চারটা বিন্দুর সঙ্গে গরমিল বড়জোর {max(misses):.1%}")
print(f"কথা দেওয়া হলো: {fifth.embedding_dim} চওড়া, {size:,} সংখ্যার একটা মডেলের লস হবে {promise:.3f}")

# %% [markdown]
# এবার ট্রেন করো। বাকিগুলোর চেয়ে একটু বেশি সময় লাগবে।

# %%
_, kept = trained(fifth)
print(f"কথা ছিল {promise:.3f}, মেপে পাওয়া গেল {kept:.3f}: গরমিল {abs(kept / promise - 1):.1%}")
print(f"যদি বলতে আর কিছুই বদলাবে না: {losses[-1]:.3f}, গরমিল {abs(kept / losses[-1].item() - 1):.1%}")
draw.lines(
    {"মেপে পাওয়া": [*losses, kept], "প্রথম চারটার রেখা": [promised(each, slope_of_mine, level_of_mine) for each in [*sizes.tolist(), size]]},
    x=[*sizes.tolist(), size],
    log=True,
    title="কথা দিয়েছিল, রাখল কি?",
    x_name="মডেলে কটা সংখ্যা",
    y_name="পরীক্ষার লস",
    alt=f"মেপে পাওয়া পাঁচটা বিন্দু, আর একটা সোজা রেখা, যা টানা হয়েছে প্রথম চারটার ভেতর দিয়ে। পঞ্চমটায়, {size:,}টা সংখ্যায়, রেখা আছে {promise:.2f}-এ আর "
    f"মেপে পাওয়া বিন্দুটা {kept:.2f}-এ।",
)

# %% [markdown]
# এটা কতটা ভালো? দুটো জিনিসের সঙ্গে মেলাও। এক, যেসব বিন্দু দিয়ে রেখাটা টানা, তাদের সঙ্গেই তার গরমিল কত: নতুন বিন্দুতে সে এর চেয়ে ভালো করবে, সে আশা করা যায় না। দুই,
# সবচেয়ে অলস প্রেডিকশন, যে আর কিছুই বদলাবে না। রেখা যদি সেটাকে হারায়, তাহলে সে তোমাকে এমন কিছু বলেছে যা তুমি জানতে না। এটা লেখার সময় রেখা কথা দিয়েছিল 2.11, পাওয়া গেল 2.08,
# আর অলসটার গরমিল ছিল 8%।
#
# তোমারটার ফল যেমনই হোক, সন্দেহ ছেড়ো না। পাঁচটা মডেলের প্রতিটা শিখেছে একটা করে সিড দিয়ে। অন্য সিড হলে লস একটু সরত, তাই অল্প গরমিলটা কপাল হতে পারে, একেবারে মিলে
# যাওয়াটাও। তাছাড়া পাঁচটাই থেমেছে সমান সংখ্যক ধাপের পরে, একই লার্নিং রেটে, অথচ চওড়া মডেল সরু মডেলের চেয়ে বেশি ধাপ কাজে লাগাতে পারে। আমরা প্রস্থ আরও একবার দ্বিগুণ করে 128
# করেছিলাম। রেখা কথা দিয়েছিল 1.96, পেয়েছি 2.0-র মতো। মডেলটা কি এই রেখার পক্ষে বেশি চওড়া, নাকি তাকে শুধু বেশি আগে থামানো হয়েছে? ইচ্ছে হলে নিজেই বের করো। লাগবে শুধু
# `trained(of_width(128))`, আর একটু ধৈর্য। ধাপের সংখ্যা আছে `base`-এ।
#
# - [ ] 14.05 গরমিলের বর্গ সবচেয়ে কম যে রেখার, হাতে সেটা টানা
# - [ ] 14.06 রেখাটা দুদিক থেকে পড়া
# - [ ] 14.r3 আমি একটা ট্রেনিংয়ের ফল আগে বলেছি, তারপর ট্রেনিংটা করেছি

# %% [markdown]
# ## মেঝে · 12 মিনিট
#
# লগ স্কেলে সোজা রেখার কোনো শেষ নেই। মডেলটা যথেষ্ট বড় করো, সে তোমাকে 0.1 লসেরও কথা দেবে, যা সত্যি হতেই পারে না। `The King of`-এর পরে কী আসে, নিশ্চিত করে কারও
# জানার উপায় নেই। মনস্থির করার আগে Shakespeare নিজেও জানতেন না। চমকের খানিকটা লেখারই, পাঠকের দোষ নয়। এর নাম **ইরিডিউসিবল লস**, মানে যে লস আর কমে না।
# মডেল যত বড়ই হোক, এর নিচে নামে না। এটা একটা মেঝে।
#
# কাজেই সৎ নিয়মটায় থাকে একটা মেঝে, আর তার ওপরে এমন কিছু, যা সাইজের একটা ঘাত হিসেবে ছোট হয়ে আসে। সোজা রেখায় পড়ে লসটা নয়, *মেঝের ওপরের* লসটুকু। মেঝে কোথায় জানলে সেটা
# বিয়োগ করে আগের মতোই রেখা টানতে। জানো না, তাই অনেকগুলো মেঝে ধরে নিয়ে দেখো, কোনটায় গরমিল সবচেয়ে কম। এই নাও সাতটা মডেল, আমাদের বানানো, মেঝেটা লুকানো আছে সেলের ভেতর। উঁকি
# দিয়ো না।

# %%
hidden = 1.2

# %%
seven_sizes = 10 ** torch.linspace(3.5, 5, 7, dtype=torch.float64)  # মোটামুটি 3,000 থেকে 100,000
seven_losses = hidden + 6 * seven_sizes**-0.2
floors = [number / 10 for number in range(15)]  # 0.0, 0.1, ... 1.4
print("লস:", seven_losses)

# %%
def miss(floor: float, losses: torch.Tensor) -> float:
    """একটা মেঝে, আর তার ওপরে সেরা রেখা, এদের সঙ্গে লসগুলোর গরমিল কত: বর্গের গড়ের বর্গমূল।"""
    slope, level = fit(seven_sizes, losses - floor)
    off = ____  # মেঝে, তার সঙ্গে রেখা যা কথা দেয়: প্রতিটা লস এই যোগফলের কতটা ওপরে, লগারিদম ছাড়া: (7,)
    return ____  # বর্গের গড়ের বর্গমূল, সাধারণ সংখ্যা


found = min(floors, key=lambda floor: ____)  # কোনটা সবচেয়ে কম হওয়া চাই?
check("14.07")

# %%
print(f"সেরা মেঝে {found}, তাতে রেখার গরমিল {miss(found, seven_losses):.4f}, মেঝে ছাড়া {miss(0.0, seven_losses):.4f}")
for seed in range(1350, 1356):
    torch.manual_seed(seed)
    shaken = seven_losses * (1 + 0.01 * torch.randn(7))  # প্রতিটা 1%-এর মতো সরে যায়, ওপরে কিংবা নিচে
    print("প্রতিটা লসে কপালের হাত 1% হলে সেরা মেঝে", min(floors, key=lambda floor, shaken=shaken: miss(floor, shaken)))

# %% [markdown]
# লসগুলো যেমন আছে তেমন রাখলে মেঝে একেবারে ঠিকঠাক বেরোয়। তারপর আমরা প্রতিটাকে শতকরা এক ভাগের মতো ওপরে বা নিচে সরালাম, অন্য একটা সিড যেমন করতে পারত, আর সেরা মেঝে চলে
# গেল যেখানে খুশি, একবার তো একেবারে 0-তে। 3,000 থেকে 100,000 সংখ্যার মধ্যে সাতটা বিন্দু মেঝে খুঁজে পাওয়ার জন্য যথেষ্ট নয়। তোমার নিজের চারটা ছড়ানো আরও কম জায়গায়, তারা
# জানে আরও কম।
#
# কাছাকাছি থাকলে তাতে তেমন কিছু যায় আসে না। অনেক দূরে গেলে আসে:

# %%
straight = fit(seven_sizes, seven_losses)
bent = fit(seven_sizes, seven_losses - found)
far = 10 ** torch.linspace(3, 12, 10, dtype=torch.float64)
without_floor = [promised(size, *straight) for size in far.tolist()]
with_floor = [found + promised(size, *bent) for size in far.tolist()]
draw.lines(
    {"মেঝে সহ": with_floor, "সোজা রেখা": without_floor, "মেঝে": [found] * len(far)},
    x=far,
    log=True,
    title="সেই সাতটা বিন্দু, টানতে টানতে বেশি দূর",
    x_name="মডেলে কটা সংখ্যা",
    y_name="লস",
    alt="1.2-এ একটা সমান রেখা, সেটা মেঝে, আর আরও দুটো রেখা। বাঁ দিকে, এক লাখ সংখ্যা পর্যন্ত, ওই দুটোকে আলাদা করা মুশকিল। তারপর সোজাটা নামতেই থাকে, মেঝে ভেদ "
    "করে চলে যায়। বাঁকাটা মেঝের ক্রমেই আরও কাছে আসে, কিন্তু ছোঁয় না।",
)
for place, size in enumerate(far.tolist()):
    print(f"{size:>21,.0f}: মেঝে সহ {with_floor[place]:.2f}, সোজা রেখায় {without_floor[place]:.2f}")

# %% [markdown]
# সাতটা বিন্দু যেখানে আছে, সেখানে দুটোকে আলাদা করাই মুশকিল। তার হাজার গুণ দূরে গেলে ওরা এতটাই আলাদা কথা বলে যে ভুলটাকে বিশ্বাস করলে কারও মোটা টাকা গচ্চা যেতে পারে, আর কোনটা
# ভুল, বাঁ দিকের কোনো মাপ তা বলে না। তাই এমন সব রেখার জন্য, তোমারটার জন্যও, নিয়ম এই: পরের এক কি দুবার দ্বিগুণ হওয়া পর্যন্ত বিশ্বাস করো। তার ওপারে ওটা একটা আশা,
# রুলার ধরে টানা।
#
# - [ ] 14.07 সাতটা লসের তলায় মেঝে খোঁজা
# - [ ] 14.r4 বলতে পারি, লস কেন 0-তে নামতে পারে না

# %% [markdown]
# ## অন্য নবগুলো · 12 মিনিট
#
# বাড়ানোর জিনিস শুধু প্রস্থ নয়। ব্লক আছে, ধাপ আছে, লেখা আছে। লেখার কথা পরে হবে। শুরু করো ছোট একটা মডেল থেকে, আর একেকবারে একটা করে নব ঘোরাও, দুবার দ্বিগুণ, বাকিগুলো
# যেখানে আছে সেখানেই থাক। কোনটায় সবচেয়ে বেশি কাজ হয়? সেলটা চালানোর আগে এক, দুই, তিন নম্বর ঠিক করে ফেলো। (সাতটা মডেল ট্রেন হবে, সময় লাগবে এ পর্যন্ত পাঁচটায় যত লেগেছে
# মোটামুটি তত।)

# %%
middle = replace(of_width(24), num_layers=1, steps=200, warmup_steps=20)
shares = [1, 2, 4]
start = trained(middle)[1]
wider = [start, *(trained(replace(middle, embedding_dim=24 * share, hidden_dim=96 * share))[1] for share in shares[1:])]
deeper = [start, *(trained(replace(middle, num_layers=share))[1] for share in shares[1:])]
longer = [start, *(trained(replace(middle, steps=200 * share, warmup_steps=20 * share))[1] for share in shares[1:])]
draw.lines(
    {"প্রস্থ": wider, "ব্লক": deeper, "ধাপ": longer},
    x=shares,
    log=True,
    title="তিনটা নব, প্রতিটা ঘোরানো দুবার",
    x_name="কত গুণ",
    y_name="পরীক্ষার লস",
    alt=f"তিনটা রেখা, শুরু একই বিন্দু থেকে, {start:.2f}। চার গুণে গিয়ে প্রস্থের বেলায় {wider[-1]:.2f}, ব্লকের বেলায় {deeper[-1]:.2f}, আর ধাপের "
    f"বেলায় {longer[-1]:.2f}।",
)

# %% [markdown]
# শুরু একটাই, ঢাল তিনটা, আর তিনটা এক নয়। এদের কোনোটাই প্রকৃতির নিয়ম নয়। ওরা শুধু বলে এই মডেলটার *এখানে* কীসের টান পড়েছে। এত অল্প ধাপের পরে যে মডেল প্রথম
# ব্লকটাই কাজে লাগানোর সময় পায়নি বললেই চলে, আরও ব্লক দিয়ে তার বিশেষ কিছু হয় না। যেটার টান সবচেয়ে বেশি সেটা তাকে দাও, কিছু পরে টান পড়বে অন্য কিছুর।
#
# চতুর্থ নব হলো লেখা। এবার উল্টো, এটাকে কমাও, আর মডেলকে পড়তে দাও ক্রমেই কম:

# %%
amounts = [2_000, 8_000, 32_000, 128_000]
starved = [trained(base, amount)[1] for amount in amounts]
listed = ", ".join(f"{amount:,}: {loss:.2f}" for amount, loss in zip(amounts, starved, strict=True))
draw.lines(
    {"পরীক্ষার লস": starved},
    x=amounts,
    log=True,
    title="একই মডেল, সমান ধাপ, শেখার লেখা কম",
    x_name="শেখার লেখায় কটা অক্ষর",
    y_name="পরীক্ষার লস",
    alt=f"বাঁ থেকে ডানে নামতে থাকা একটা রেখা। {listed} (অক্ষর: লস)।",
)
each_time = base.batch_size * base.input_sequence_length * base.steps
print(f"{base.steps} ধাপে সে পড়ে {each_time:,} অক্ষর: " + ", ".join(f"{each_time / amount:.1f} × {amount:,}" for amount in amounts))

# %% [markdown]
# 2,000 অক্ষর দিলে সে একই পাতা পড়ে একশোবারের মতো, আর মুখস্থ করে ফেলে (অধ্যায় 12), যা পরীক্ষায় কোনো কাজে আসে না। 128,000 দিলে প্রতিটা পাতা পড়ে একবার কি দুবার। লেখা
# আরও লম্বা হলে তাতে থাকত আরও অন্য শব্দ, অন্য নাম, কিন্তু এই কটা ধাপে মডেল তার সবটা পড়ে উঠতেই পারত না। একটা নব কাজ দেয় ততটুকুই, যতটুকু বাকিরা তাল মেলাতে পারে।
#
# কেউ টাকা দিতে শুরু করলেই প্রশ্নটা আর খেলা থাকে না। বিল আসে অপারেশনের: 6, গুণ মডেলে কটা সংখ্যা, গুণ সে কটা অক্ষর থেকে শেখে। একই টাকায় পাওয়া যায় একটা বড় মডেল, যে পড়ে
# কম, কিংবা একটা ছোট মডেল, যে পড়ে অনেক। কোনটা ভালো? Hoffmann আর তাঁর সঙ্গীরা 2022 সালে সেটা মেপেছিলেন, এমন সব মডেলে যারা অক্ষর নয়, টোকেন পড়ে। বেরোল এই নিয়মটা:

# %%
def law(size: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
    """`size`টা সংখ্যার একটা মডেলের লস, `tokens`টা টোকেনের পরে: Hoffmann et al. (2022), সমীকরণ 10।"""
    return 1.69 + 406.4 / size**0.34 + 410.7 / tokens**0.28


candidates = 10 ** torch.linspace(6, 11, 101, dtype=torch.float64)  # দশ লাখ সংখ্যা থেকে 10,000 কোটি

# %%
budget = 1e19

# %%
readings = ____  # এই বাজেটে প্রতিটা প্রার্থী কটা টোকেন থেকে শিখতে পারে
best_size = candidates[____]  # সবচেয়ে কম লস কোন ঘরে
check("14.08")

# %%
print(f"{budget:.0e} অপারেশনে: {best_size:,.0f}টা সংখ্যা, {budget / (6 * best_size):,.0f}টা টোকেন, সংখ্যা পিছু "
    f"{budget / (6 * best_size**2):.0f}টা টোকেন")
draw.lines(
    {f"{money:.0e} অপারেশন": law(candidates, money / (6 * candidates)) for money in (1e18, 1e19, 1e20)},
    x=candidates,
    log=True,
    title="একই টাকায়: কম সংখ্যা, অনেক পড়া, কিংবা অনেক সংখ্যা, কম পড়া",
    x_name="মডেলে কটা সংখ্যা",
    y_name="লস, নিয়ম অনুযায়ী",
    alt="তিনটা বক্ররেখা, প্রতিটা একটা উপত্যকা, এক, দশ আর একশো একক বাজেটের জন্য। প্রতিটা উপত্যকা আগেরটার চেয়ে নিচু, আর আরও ডানে। দুই মাথাতেই রেখাগুলো খাড়া "
    "ওঠে।",
)

# %% [markdown]
# প্রতিটা বাজেটের নিজের একটা উপত্যকা আছে। মডেল বেশি ছোট হলে যা পড়ে তা রাখার জায়গা থাকে না। বেশি বড় হলে পড়ার সুযোগই পায় না। আর টাকা দশ গুণ হলে সেটা ঢালা উচিত দুদিকেই:
# মডেল মোটামুটি তিন গুণ বড়, আর পড়াও মোটামুটি তিন গুণ। এটা জানার আগে সবচেয়ে বড় মডেলগুলো যতটুকু পড়েছিল, তার তুলনায় ছিল ঢের বেশি বড়। (সূত্রের সংখ্যাগুলোও কারও টানা একটা
# রেখা থেকে পাওয়া, তাই এমন রেখা নিয়ে আগের অংশে যা যা বলা হয়েছে, তার সবই এদের বেলাতেও খাটে। 1.69 হলো ওদের মেঝে।)
#
# - [ ] 14.08 একটা বাজেট বুঝেশুনে খরচ করা
# - [ ] 14.r5 বলতে পারি, শুধু একটা জিনিস বাড়ালে কেন একসময় আর কাজ হয় না

# %% [markdown]
# ## কম ডিজিট, কম যাতায়াত · 14 মিনিট
#
# কী কিনবে, সে কথা এই পর্যন্তই। সন্ধ্যার বাকিটা একই টাকায় বেশি পাওয়া নিয়ে, আর প্রথম কৌশল হলো আরও খারাপ সংখ্যা দিয়ে হিসেব করা।
#
# একটা float32-তে 32টা বিট, তার 23টা ধরে রাখে ডিজিট। **bfloat16**-এ বিট 16টা, আর সে কিপটেমি করে ডিজিটে: তাদের ভাগে মোটে 7টা। একেবারে খুদে থেকে বিরাট, float32
# যত দূর পৌঁছায় সেও তত দূর, কিন্তু অনেক মোটা মোটা ধাপে। মেমোরি লাগে অর্ধেক, আর যে হার্ডওয়্যার এর জন্য তৈরি, সে একে গুণ করে কয়েক গুণ তাড়াতাড়ি। কতটা মোটা?

# %%
numbers = torch.tensor([3.14159, 0.001234, 1.00392, 209.6, 0.7071, 1000.5])

# %%
coarse = ____  # প্রতিটা সংখ্যা, bfloat16-এ গিয়ে আবার float32-তে ফেরা
worst = ____  # সবচেয়ে বড় ভুল, সংখ্যাটার নিজের কত ভাগ, চিহ্ন ছাড়া
check("14.09")

# %%
for number, rounded in zip(numbers.tolist(), coarse.tolist(), strict=True):
    print(f"{number:>12.6f} -> {rounded:>12.6f}")
print(f"সবচেয়ে খারাপ: {worst:.2%}")
weight = torch.tensor(1.0, dtype=torch.bfloat16)
for _ in range(1000):
    weight -= 0.001
print(f"1 থেকে হাজারবার 0.001 বাদ: {weight.item()}")

# %% [markdown]
# দুটো কি তিনটা ডিজিট ঠিক থাকে, ভুল 0.4%-এর কম। ম্যাট্রিক্স গুণের জন্য এটুকুই যথেষ্ট। *শেখার* জন্য নয়। 1 থেকে হাজারটা খুদে ধাপ নাও, দেখবে এখনো 1-এই দাঁড়িয়ে আছ,
# কারণ প্রতিটা ধাপই রাউন্ড হতে গিয়ে উবে যায়। তাই প্যারামিটার থাকে float32-তে, অপটিমাইজারের ধাপও। bfloat16-এ হয় শুধু ম্যাট্রিক্স গুণ।
#
# তার জন্য তোমার ক্লাসের একটা লাইনও বদলাতে হবে না। `with torch.autocast(...)`-এর ভেতরে ম্যাট্রিক্স গুণে যা যা ঢোকে, PyTorch সব বদলে নেয়। আর লস হিসেব
# করে float32-তে, ডিজিটের দাম সেখানে আছে। `backward()` আর `step()` থাকে বাইরে।

# %%
def loss_on(model: nn.Module, inputs: torch.Tensor, targets: torch.Tensor, coarse: bool) -> torch.Tensor:
    """একটা ব্যাচে মডেলের লস। `coarse` বললে ম্যাট্রিক্স গুণ হয় bfloat16-এ।"""
    with torch.autocast(____, dtype=____, enabled=____):  # কোন রকম ডিভাইসে, কোন জাতের সংখ্যা, কখন
        return model(inputs, targets)[1]


check("14.10")

# %% [markdown]
# দ্বিতীয় কৌশল: আরও ভালো একটা মেশিন। তুমি যা লিখেছ তার সবই GPU-তে চলে, একটুও না বদলে। শুধু মডেল আর তার ব্যাচগুলোকে `.to(device)` দিয়ে ওখানে নিয়ে যেতে হয়। পরের
# সেল GPU খোঁজে, না পেলে CPU নেয়। তারপর আরও চওড়া একটা মডেলের এক ধাপে কত সময় লাগে মাপে, একবার মিহি গুণে, একবার মোটা গুণে।

# %%
device = torch.device("cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu")


def seconds(action: Callable[[], object], times: int = 7) -> float:
    """একটা কাজে কত সময় লাগে: কয়েকবারের মিডিয়ান, তার আগের একবার ধরা হয় না।"""
    taken = []
    for _ in range(times + 1):
        start = time.perf_counter()
        action()
        if device.type == "cuda":
            torch.cuda.synchronize()  # আমরা এগিয়ে গেলেও সে কাজ করতে থাকে। শেষ হওয়া পর্যন্ত দাঁড়াও
        taken.append(time.perf_counter() - start)
    return statistics.median(taken[1:])


torch.manual_seed(1349)
heavy = Config(embedding_dim=128, hidden_dim=512, num_heads=2, num_layers=2)
trainee = mine.BigramLanguageModel(loader.vocab_size, heavy).to(device)
inputs, targets = (part.to(device) for part in loader.get_batch())


def learn(coarse: bool) -> None:
    """এক ধাপ, অপটিমাইজারের কাজটুকু বাদে।"""
    trainee.zero_grad()
    loss_on(trainee, inputs, targets, coarse).backward()


fine_time, coarse_time = seconds(lambda: learn(False)), seconds(lambda: learn(True))
print(f"{device}: এক ধাপে float32-তে {1000 * fine_time:.1f} ms, bfloat16-এ গুণ করে {1000 * coarse_time:.1f} ms")
print(f"{fine_time / coarse_time:.2f} গুণ তাড়াতাড়ি, লস {loss_on(trainee, inputs, targets, False):.4f} আর "
    f"{loss_on(trainee, inputs, targets, True):.4f}")

# %% [markdown]
# আগে দুটো লস দেখো, প্রায় একই। তারপর দেখো কত গুণ তাড়াতাড়ি হলো। 1-এর ওপরে হলে সেটা ফাউ। 1-এর নিচে হলে, মোটা গুণে যা বাঁচে, সংখ্যা বদলাতে গিয়ে খরচ হয় তার চেয়ে বেশি। যে
# প্রসেসর এর জন্য তৈরি নয়, সেখানে এমনই হয়, কাজেই ওখানে এটা বন্ধ রাখো। তোমার বেলায় কোনটা, না মেপে কেউ বলতে পারবে না, আর মাপতে লাগে এক সেকেন্ড।
#
# (GPU-তেও লাভ অল্প হতে পারে, নাও হতে পারে। এত ছোট মডেলে তার হাত খালিই থাকে, আর তুমি যে সময়টা মাপছ তার বেশির ভাগ Python-এর, যে কাজগুলো ছোট ছোট পুঁটলি করে হাতে
# ধরায়। আরও বড় একটা ব্যাচ দিয়ে দেখো।)
#
# তৃতীয় কৌশলটা ওই পুঁটলি নিয়েই। অধ্যায় 05-এ লেখা তোমার LayerNorm আসলে আধ ডজন অপারেশন, আর তার প্রতিটা মেমোরি থেকে গোটা একটা টেনসর পড়ে, তারপর আরেকটা লিখে ফেরত
# দেয়। একটা মডিউল কী করে, `torch.compile` সেটা দেখে নিয়ে তার জন্য এমন একটা প্রোগ্রাম লেখে, যে যাতায়াতটা সারে একবারে। প্রোগ্রামটা তাড়াতাড়ি চলে, কিন্তু সেটা লিখতে আর
# অনুবাদ করতে সময় লাগে। কখন পোষায়?

# %%
def pays_after(compiling: float, before: float, after: float) -> float:
    """কতবার ডাকলে কম্পাইল করার সময়টা উঠে আসে, কোনোদিন না উঠলে অসীম। তিনটা সময়ই সেকেন্ডে।"""
    if ____:  # কখন কোনোদিনই পোষায় না?
        return math.inf
    return ____  # যে সময়টা গেছে, কতবারের সাশ্রয়ে তা উঠে আসে, ওপরের পূর্ণসংখ্যায়


check("14.11")

# %%
torch.manual_seed(1349)
norm, stream = mine.LayerNorm(256).to(device), torch.randn(768, 256, device=device)
try:
    with torch.no_grad():
        before = seconds(lambda: norm(stream), 31)
        start = time.perf_counter()
        compiled = torch.compile(norm, backend="eager" if rehearsal.STEPS in os.environ else "inductor")
        compiled(stream)  # কম্পাইল হয় প্রথমবার ডাকলে
        compiling = time.perf_counter() - start
        after = seconds(lambda: compiled(stream), 31)
        print(f"কম্পাইল করতে {compiling:.1f} সেকেন্ড। আগে {1e6 * before:.0f} µs, পরে {1e6 * after:.0f} µs: "
        f"{before / after:.1f} গুণ তাড়াতাড়ি")
        print(f"{pays_after(compiling, before, after):,}বার ডাকলে পোষায়, সবচেয়ে বড় তফাত "
        f"{(compiled(stream) - norm(stream)).abs().max():.1e}")
except Exception as error:
    print(f"এই মেশিন কম্পাইল করতে পারে না, আর কোথাও এটা লাগবেও না: {type(error).__name__}: "
    f"{str(error).strip().splitlines()[0][:200]}")

# %% [markdown]
# CPU-তে কম্পাইল করতে একটা C++ কম্পাইলার লাগে। এখানে না থাকলে সেটা এইমাত্র জেনে গেছ, আর এর পরে কোথাও লাগবেও না। কাজ হয়ে থাকলে দেখো কতবার ডাকতে হয়। অধ্যায় 12-র
# ট্রেনিং 750 ধাপের, মডেলে নর্ম নয়টা, তাই ডাক পড়ে 6,750 বার। ওতে কি পোষায়? এক সন্ধ্যার ট্রেনিংয়ে কম্পাইল করলে যত সময় বাঁচে, কম্পাইল করতেই হয়তো তার চেয়ে বেশি যায়।
# কয়েক দিনের ট্রেনিং হলে প্রথমে এটাই করে দেখার কথা, গোটা মডেলে: `torch.compile(model)`। (আমরা একটামাত্র নর্ম নিয়েছি, কারণ গোটা একটা মডেল তার ফেরার পথ সমেত
# কম্পাইল করতে CPU-তে কয়েক মিনিট লেগে যেতে পারে।)
#
# - [ ] 14.09 bfloat16 রাউন্ড করে কী ফেলে দেয়, দেখা
# - [ ] 14.10 একটা মডেলকে সেটা কাজে লাগাতে দেওয়া
# - [ ] 14.11 কম্পাইল করা কখন পোষায়, বের করা

# %% [markdown]
# ## একসঙ্গে দুজন · 14 মিনিট
#
# শেষ কৌশল হলো আরও মেশিন, কিংবা একই মেশিনে আরও প্রসেস। প্রত্যেকের কাছে থাকে মডেলের পুরো একটা কপি, আর ব্যাচের একটা ভাগ। `backward`-এর পরে প্রত্যেকের হাতে একটা
# গ্রেডিয়েন্ট, যা এসেছে তার নিজের ভাগ থেকে। ওরা সেগুলো বদলাবদলি করে, সবাই **গড়** নেয়, আর তা দিয়ে সবাই একই ধাপ নেয়। তাই কপিগুলো কপিই থেকে যায়।
#
# গড় কেন? যাচাই করো এমন জায়গায়, যেখানে সবই চোখে দেখা যায়: চারটা সারি, প্রতিটায় তিনটা সংখ্যা, তিনটার প্রতিটার একটা করে ওয়েট, আর লস হলো ভুলের বর্গের গড়। বর্গের
# ডেরিভেটিভ তোমার জানা, তাই `backward` ছাড়াই চলবে।

# %%
rows = torch.tensor([[1.0, 2.0, -1.0], [0.5, -1.0, 3.0], [2.0, 1.0, 1.0], [-1.5, 0.5, 2.0]])
right = torch.tensor([2.0, -1.0, 3.0, 0.5])
weights = torch.tensor([0.3, -0.2, 0.1])

# %%
def gradient(rows: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """সারিগুলোতে (row @ weights - right)²-এর গড়ের গ্রেডিয়েন্ট, ওয়েটগুলোর জন্য: (3,)।"""
    errors = rows @ weights - right  # (rows,)
    return ____  # প্রতিটা ওয়েটের জন্য: 2 · ভুল · ওয়েটটা যে সংখ্যা দিয়ে গুণ হয়, সব সারিতে তার গড়


together = gradient(rows, right)
first, second = gradient(rows[:2], right[:2]), gradient(rows[2:], right[2:])
averaged = ____  # বদলাবদলির পরে দুই প্রসেসের হাতেই যা থাকে
check("14.12")

# %%
print("একটা প্রসেস, চার সারি: ", together)
print("দুটো, দুই সারি করে: ", first, second)
print("এই দুটোর গড়:       ", averaged)

# %% [markdown]
# সেই একই তিনটা সংখ্যা। প্রতিটা প্রসেসের হাতে তার দুই সারির গড়, আর এমন দুটো গড়ের গড়ই চারটার গড়। তোমার GPT-র লসও একটা গড়, সব বাজির, তাই তার বেলাতেও একই
# কথা, প্রসেস যতগুলোই হোক। দশ হাজার GPU-তে ট্রেনিং, সেও শেষমেশ এইটুকুই।
#
# কিন্তু এখানে দুজনের সারি ছিল *সমান সমান*। ধরো প্রথম প্রসেস পেল তিনটা, দ্বিতীয়টা মোটে একটা।

# %%
parts = [rows[:3], rows[3:]]
sizes_of_parts = [len(part) for part in parts]
uneven = [gradient(rows[:3], right[:3]), gradient(rows[3:], right[3:])]
plain_mean = sum(uneven) / 2
fair_mean = sum(____ for n, each in zip(sizes_of_parts, uneven, strict=True)) / ____  # প্রত্যেকে কী যোগ করে, আর কী দিয়ে ভাগ
check("14.13")

# %%
print("সাদামাটা গড়:", plain_mean)
print("ন্যায্য গড়:  ", fair_mean)
print("সব সারি:    ", gradient(rows, right))

# %% [markdown]
# তাই প্রতিটা প্রসেসকে সমান সংখ্যক উইন্ডো দাও, তাহলে সাদামাটা গড়ই ঠিক। PyTorch-এর **DistributedDataParallel** এর ওপর ভরসা করেই চলে। মডেলটাকে তাতে মুড়ে
# দাও, এরপর থেকে `backward()` গ্রেডিয়েন্ট বদলাবদলিও করে, বাকি গ্রেডিয়েন্টগুলোর হিসেব শেষ হওয়ার আগেই। CPU-তে খবর বয়ে নেয় একটা লাইব্রেরি, নাম **gloo**।
#
# পরের সেল একটা ফাইলে ছোট একটা প্রোগ্রাম লেখে, আর `torchrun`-কে দিয়ে সেটা চালু করায় দুবার। প্রতিটা প্রসেসকে তার নম্বর বলে দেওয়া হয়, তার `rank`, আর সে ব্যাচ থেকে
# নেয় একটা বাদে একটা উইন্ডো। তার আগে সে একা একাই গোটা ব্যাচের গ্রেডিয়েন্ট হিসেব করে, যাতে মেলাতে পারে। (কয়েক সেকেন্ড লাগে, তার বেশির ভাগই যায় PyTorch দুবার ইমপোর্ট
# করতে।)

# %%
program = '''
import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel
from nanogpt import BigramLanguageModel, Config

dist.init_process_group("gloo")
rank, world = dist.get_rank(), dist.get_world_size()
torch.set_num_threads(1)
torch.manual_seed(1337)  # the same copy everywhere, and the same batch
alone = BigramLanguageModel(64, Config())
batch = torch.randint(64, (24, 33))
alone(batch[:, :-1], batch[:, 1:])[1].backward()
expected = [parameter.grad.clone() for parameter in alone.parameters()]  # one process, 24 windows

alone.zero_grad()
shared = DistributedDataParallel(alone)
part = batch[rank::world]  # every second window, starting with mine
shared(part[:, :-1], part[:, 1:])[1].backward()
found = [parameter.grad for parameter in alone.parameters()]
furthest = max((a - b).abs().max().item() for a, b in zip(expected, found))
print(f"process {rank} of {world}: {len(part)} windows; furthest from the gradient of all 24: {furthest:.1e}", flush=True)
dist.destroy_process_group()
'''
with tempfile.TemporaryDirectory() as folder:
    file = Path(folder) / "two.py"
    file.write_text(program, encoding="utf-8")
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", str(file)]
    surroundings = {**os.environ, "PYTHONPATH": str(Path(running.__file__).parent.parent), "OMP_NUM_THREADS": "1"}
    try:
        done = subprocess.run(command, capture_output=True, text=True, env=surroundings, timeout=180, check=False)
        said, trouble = done.stdout.strip(), done.stderr.strip().splitlines()[-1:]
    except (OSError, subprocess.TimeoutExpired) as error:
        said, trouble = "", [error]
if said:
    print(said)
else:
    print("এখানে কাজ হলো না, আর কোথাও এটা লাগবেও না:", *trouble)

# %% [markdown]
# দুজনেই উত্তর দিয়ে থাকলে দেখবে তফাত প্রায় শূন্য। যেটুকু আছে, সেটা একই সংখ্যাগুলো অন্য ক্রমে যোগ করার ফল।
#
# একটা ফাঁদ আছে: প্রসেসগুলোকে শুরু করতে হবে *একই* মডেল থেকে, আর পড়তে হবে *আলাদা* উইন্ডো। সবাই যদি একই সিড দিয়ে ব্যাচ টানে, সবাই হিসেব করে একই গ্রেডিয়েন্ট। দুটো
# একই গ্রেডিয়েন্টের গড়ে নতুন কিছু নেই, আর তোমার দ্বিতীয় প্রসেসটা তখন একটা রুম হিটার।
#
# আর এতে লাভ কী? দুটো প্রসেসের প্রত্যেকের হাতে একটা করে ব্যাচ দাও। দ্বিগুণ বড় একটা ব্যাচের কাজ তারা সেরে ফেলে প্রায় একই সময়ে, যদি প্রত্যেকের নিজের একটা কোর থাকে। বড়
# ব্যাচে আদৌ লাভ হয় কি না, সে আরেক প্রশ্ন। ওটাও একটা নব: ব্যাচ যতক্ষণ ছোট ততক্ষণ অনেক দাম, যত বড় হয় তত কম।
#
# - [ ] 14.12 দুই প্রসেসের গ্রেডিয়েন্টের গড় নেওয়া
# - [ ] 14.13 ন্যায্য গড় নেওয়া
# - [ ] 14.r6 বলতে পারি, আধখানা করে ব্যাচ নিয়ে দুই প্রসেস কেন তা-ই করে, যা একজন করে পুরোটা নিয়ে

# %% [markdown]
# ## চ্যালেঞ্জ: একটার পরে একটা
#
# ইচ্ছে হলে করো, 10 মিনিট লাগবে। পরে কোথাও এটা লাগবে না। ধরো মেশিন তোমার একটাই, আর ব্যাচটা তার মেমোরিতে ধরে না। কয়েকটা প্রসেস যা একসঙ্গে করে, একজন তা পালা করে করতে
# পারে: ব্যাচটাকে সমান টুকরো করো, একটার পরে একটা টুকরোয় `backward()` ডাকো, আর শেষে ধাপ নাও একটাই। 12.03-এ দেখেছ, গ্রেডিয়েন্ট নিজে থেকেই যোগ হয়। কিন্তু তোমার চাই
# তাদের গড়।

# %%
def in_turns(model: nn.Module, inputs: torch.Tensor, targets: torch.Tensor, pieces: int) -> None:
    """মডেলের প্যারামিটারে রেখে যায় গোটা ব্যাচের গ্রেডিয়েন্ট, তার সমান সমান টুকরো থেকে, একটার পরে একটা।"""
    model.____()
    for questions, answers in zip(inputs.chunk(pieces), targets.chunk(pieces), strict=True):
        loss = ____  # লসে এই টুকরোর ভাগ
        loss.____()


check("14.14")

# %% [markdown]
# - [ ] 14.14 চ্যালেঞ্জ: বড় একটা ব্যাচ থেকে টুকরো টুকরো করে শেখা

# %% [markdown]
# ## এখন যা তোমার
#
# - একটা মডেলের **সংখ্যা আর অপারেশন**, বানানোর আগেই গোনা। প্রতি অক্ষরে, সংখ্যা পিছু **6**টা
# - **লগ স্কেলে একটা রেখা**, হাতে টানা, আর একটা দেওয়া কথা, যা রাখা গেল কি না তুমি নিজেই মেপে দেখেছ
# - সব লসের তলায় একটা **মেঝে**, আর কয়েকটা বিন্দু তার কতটুকুই বা জানে
# - একটা **বাজেট**: যত বড় মডেলের টাকা আছে তত বড়টা নয়, বরং সবচেয়ে বড় সেইটা, যে এখনো যথেষ্ট পড়তে পায়
# - **bfloat16**, ডিজিটের দাম যেখানে নেই, আর float32, যেখানে আছে
# - **গড় করা গ্রেডিয়েন্ট**, যাতে দুটো প্রসেস হয়ে যায় একটাই
#
# এবার গিয়ে করে ফেলো। কমান্ড লাইনে আরও বড় একটা মডেল তোমার অপেক্ষায় আছে, তার সংখ্যা মোটামুটি এক কোটি, উইন্ডো 256 অক্ষরের। সে GPU-র জন্য তৈরি, CPU-তে ধৈর্য লাগে:
#
# ```
# python scripts/train.py --config large
# ```
#
# আর এই হলো বরাবরের সেই ট্রেনিং, তবে দুটো প্রসেসে, যারা তোমার মতোই গ্রেডিয়েন্টের গড় নেয়:
#
# ```
# torchrun --nproc-per-node 2 scripts/train.py
# ```
#
# যেটাই চালাও, আগে লিখে রাখো কী হবে বলে ভাবছ। কীভাবে, সে তো তুমি জানো।
