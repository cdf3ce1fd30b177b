# %% [markdown]
# # 11 BigramLanguageModel
# <!-- Made from checkpoints/ch11_bigram_language_model.py by scripts/build.py. From your first edit on it is yours. -->
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/OWNER/REPO/blob/main/workshop/bn/ch11_bigram_language_model.ipynb)
# [![Open in GitHub Codespaces](https://github.com/codespaces/badge.svg)](https://codespaces.new/OWNER/REPO?quickstart=1)
#
# সব অংশ জোড়া দাও, আর মডেলকে এই প্রথম কথা বলতে দাও।
#
# 90 মিনিট, সাতটা অংশ, আর চাইলে একটা চ্যালেঞ্জ। লাগবে অধ্যায় 04, 09 আর 10।
#
# শুরু করব এমন একটা মডেল দিয়ে যা স্রেফ একটা টেবিল, কারণ *কথা বলা* নিয়ে যা কিছু জানা দরকার, সব একটা টেবিল থেকেই শেখা যায়। বড় মডেল তারপর সেটা পেয়ে যায় মুফতে।

# %%
# @title আগে এটা চালাও: ওয়ার্কশপটা এখানে না থাকলে (যেমন Colab বা Kaggle-এ) এটা নিয়ে আসে
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
torch.set_num_threads(1)  # এত ছোট টেনসরে দ্বিতীয় একটা কোর শুধু ভিড় বাড়ায়

# %%
config, small = Config(), Config.small()
loader = running.loader()
vocab_size = loader.vocab_size
print(f"{vocab_size}টা অক্ষর, শেখার জন্য {len(loader.train_ids):,}টা আইডি")

# %% [markdown]
# ## জোড়ার টেবিল · 14 মিনিট
#
# নামেই আছে **বাইগ্রাম**, মানে জোড়া। সবচেয়ে পুরোনো ল্যাঙ্গুয়েজ মডেলগুলোর একটা দেখে শুধু শেষ অক্ষরটা, আর পরেরটার ওপর বাজি ধরে গুনে: `h`-এর পরে `e` কতবার এসেছে?
#
# সেটা একটা টেবিল, (64, 64)। সারি `h`, কলাম `e` বলে জোড়াটা কতবার এসেছে। সব জোড়া একসঙ্গে গুনতে হলে প্রতিটাকে একটা নম্বর দাও: প্রথম আইডি গুণ `vocab_size`,
# তার সঙ্গে দ্বিতীয় আইডি। সিনেমা হলে সিটের নম্বর এভাবে দেওয়া যায়, টানা, এক সারির পরে আরেক সারি। তারপর `torch.bincount` গুনে দেয় কোন নম্বর কতবার এসেছে।

# %%
here, following = loader.train_ids[:-1], loader.train_ids[1:]
print("প্রথম জোড়াগুলো:", [loader.decode(pair) for pair in zip(here[:5], following[:5], strict=True)])

# %%
counts = torch.bincount(____, minlength=vocab_size**2).view(vocab_size, vocab_size)  # প্রতিটা জোড়ার নম্বর
more = counts + 1.0  # সবাইকে একটা করে বেশি, যাতে কিছুই অসম্ভব না হয়
table = ____  # `more`-এর প্রতিটা সারি, সম্ভাবনা হিসেবে
check("11.01")

# %%
shown = loader.encode(" ehtqun")
draw.heat(
    table[shown][:, shown],
    rows=loader.decode(shown),
    columns=loader.decode(shown),
    title="সারি জানা, কলামের সম্ভাবনা কত?",
    x_name="পরে যা আসে",
    alt="সাতটা সারি আর কলাম: স্পেস, e, h, t, q, u, n। সবার ওপরে q-এর পরে u, 0.90। h-এর পরে e 0.35, t-এর পরে h 0.34, e-র পরে স্পেস "
    "0.29, স্পেসের পরে t 0.14। অর্ধেকের বেশি খোপ প্রায় 0।",
)
print(f"{counts.numel():,}টা জোড়ার মধ্যে {int((counts == 0).sum()):,}টা কখনোই আসে না")

# %% [markdown]
# এটা কতটা ভালো? মাপকাঠি দিয়ে রেখেছে অধ্যায় 10। PyTorch-এর লস চায় স্কোর, আর `table`-এর লগারিদম নিলে এমন স্কোর পাও, যার সফটম্যাক্স হলো `table`। তাহলে
# স্কোরের এই টেবিলটা নিজেই একটা মডেল: আইডি একটা সারি তোলে, আর সেই সারিতে আছে পরের অক্ষরের লজিট।

# %%
seen, to_come = loader.validation_ids[:-1], loader.validation_ids[1:]

# %%
scores = ____  # সম্ভাবনাগুলোর লগারিদম: প্রতি অক্ষরে লজিটের একটা সারি
bigram_loss = ____  # ভ্যালিডেশনের লেখায় টেবিলটার গড় চমক
check("11.02")

# %%
print(f"কিছুই না জেনে: 4.16, জোড়ার টেবিল: {bigram_loss:.2f}")
print(f"টেবিলের পারপ্লেক্সিটি: {math.exp(bigram_loss):.1f}")

# %% [markdown]
# 2.48। ছিল 64 সমান দাবিদারের মধ্যে বাছাই, হলো 12 জনের মধ্যে, স্রেফ গুনে, চোখের পলকে। যে মাত্র একটা অক্ষর মনে রাখে, তার পক্ষে মন্দ না। তবে এর চেয়ে খুব একটা ভালো
# তার হবে না: শুধু `e` দেখে জানার উপায় নেই সেটা `the`-র শেষ, না `end`-এর শুরু। অধ্যায় 12-তে তোমার মডেল পৌঁছাবে 1.86-এর কাছাকাছি, 6.4 সমান দাবিদারের মধ্যে বাছাই।
# 12 থেকে 6.4, এই নামাটুকুই বাকি 31টা অক্ষরের দাম, আর অ্যাটেনশনের দরকার এই জন্যই।
#
# আর নামটা? Andrej Karpathy-র লেকচারে প্রথম মডেলটা ঠিক এরকমই একটা টেবিল, ক্লাসের নাম `BigramLanguageModel`। তারপর সেটা একটার পর একটা অংশ জুড়ে
# বাড়তে বাড়তে হয়ে যায় GPT, পুরোনো নামটা গায়ে লেগে থাকে। আমরাও নামটা রেখে দিলাম। ওটা মনে করিয়ে দেয় যেকোনো ল্যাঙ্গুয়েজ মডেল কী করে: যা আছে তা নেয়, পরেরটার জন্য স্কোর দেয়।
# নামটা কখন অক্ষরে অক্ষরে সত্যি, সেটা দেখবে অধ্যায়ের শেষে।
#
# - [ ] 11.01 জোড়া গোনা, আর গুনতিকে সম্ভাবনা বানানো
# - [ ] 11.02 টেবিলটা কতটা ভালো, মেপে দেখা
# - [ ] 11.r1 বলতে পারি, বাইগ্রাম মডেল কী দেখে, আর কী দেখতে পায় না

# %% [markdown]
# ## সবসময় যার সম্ভাবনা সবচেয়ে বেশি · 8 মিনিট
#
# এবার ওকে কথা বলতে দাও। ফন্দিটা এই: শেষ অক্ষরটা দেখো, তার সারির *সেরাটা* নাও, পেছনে জোড়ো, আবার করো। একে বলে **গ্রিডি**, মানে লোভী। `Let's he`-র পরে সে কী
# বলবে? আন্দাজ করো। ওপরের ছবিটাই বেশিটা বলে দিচ্ছে।

# %%
def greedy(start: str, count: int) -> str:
    """`start` আর তার পরে আরও `count`টা অক্ষর, প্রতিবার আগেরটার পরে যার সম্ভাবনা সবচেয়ে বেশি।"""
    ids = loader.encode(start)
    for _ in range(count):
        row = ____  # শেষ আইডির পরে কী আসবে, তার স্কোর
        ids.append(____)  # সেরা আইডি, সাধারণ পূর্ণসংখ্যা হিসেবে
    return loader.decode(ids)


check("11.03")

# %%
for start in ("Let's he", "L", "RI", "\n"):
    print(repr(greedy(start, 50)))

# %% [markdown]
# `the the the the`। `e`-র পরে সবচেয়ে বেশি সম্ভাবনা স্পেসের, স্পেসের পরে `t`, তার পরে `h`, তারপর `e`, এইভাবে পাকে পাকে অনন্তকাল। এক অক্ষরের স্মৃতি যার,
# সে জানে না একথা সে আগেও বলেছে। আর একবার লাইন শেষ করলে তো সকাল পর্যন্ত Enter টিপে চলে।
#
# প্রতিটা ধাপে সেরাটাই নেওয়া হলো, অথচ সব মিলিয়ে দাঁড়াল ভাষার সবচেয়ে একঘেয়ে লেখা। (বড় মডেলও এটা করে, আরও বড় বৃত্তে: প্রতিবার সবচেয়ে বেশি সম্ভাবনার টোকেনটা নিলে ওরা গোটা
# গোটা বাক্য আওড়াতে শুরু করে।) দোষটা ফন্দির। `e`-র পরে স্পেস আসে 29% ক্ষেত্রে, আর গ্রিডি সেটাকে বানায় 100%।
#
# - [ ] 11.03 টেবিলকে গ্রিডি ধরনে কথা বলতে দেওয়া

# %% [markdown]
# ## ছক্কা · 14 মিনিট
#
# যেটা 29% ক্ষেত্রে ঠিক, সেটা বলো 29% ক্ষেত্রেই। তার জন্য চাই মেলার মাঠের ভাগ্যের চাকা, প্রতি অক্ষরের একটা ফালি, যার যত সম্ভাবনা তত চওড়া। এই নাও ছোট একটা, চার
# ফালির:

# %%
odds = torch.tensor([8.0, 4.0, 2.0, 2.0])
chances = odds / odds.sum()
torch.manual_seed(1346)
spins = torch.rand(6)  # 0 আর 1-এর মধ্যে ছয়টা সংখ্যা: কাঁটা কোথায় থামে
print("সম্ভাবনা", chances)
print("ঘোরানো  ", spins)

# %% [markdown]
# ফালিগুলো পাশাপাশি পাতো, 0 থেকে 1: প্রথমটা শেষ হয় 0.5-এ, দ্বিতীয়টা 0.75-এ, এইভাবে। ডান দিকের প্রতিটা কিনারা মানে এ পর্যন্ত সব সম্ভাবনার যোগফল। যে কাঁটা 0.6-এ থামে,
# সে **একটা** কিনারা পেরিয়েছে, তাই সে আছে ফালি 1-এ। কটা কিনারা পেরোল গোনো, সেটাই আইডি।

# %%
edges = ____  # প্রতিটা ফালির ডান দিকের কিনারা: (4,)
landed = ____  # ছয়বার ঘোরানোর প্রতিটায় কটা কিনারা পেরোল: (6,)
check("11.04")

# %%
print("কিনারা ", edges)
print("থামল", landed)
torch.manual_seed(1346)
many = (torch.rand(10_000, 1) > edges).sum(dim=1)
print("10,000 বার ঘোরালে, কোন ফালির কত ভাগ:", torch.bincount(many, minlength=4) / 10_000)

# %% [markdown]
# একে বলে স্যাম্পলিং। PyTorch-এ চাকাটা তৈরিই আছে: `torch.multinomial(chances, num_samples=1)` দেয় ফালির আইডি, এক সংখ্যার একটা টেনসরে। এটা দিয়ে একটা
# ফাংশন লেখো যা নেয় *স্কোরের* একটা সারি, কারণ মডেল তো স্কোরই দেয়।

# %%
def roll(row: torch.Tensor) -> int:
    """একটা আইডি, স্কোরের একটা সারি (vocabulary,) যে সম্ভাবনা দেয় সেই অনুযায়ী টানা।"""
    chances = ____  # স্কোরগুলো, সম্ভাবনা হিসেবে
    return ____  # চাকা একবার ঘোরানো, সাধারণ পূর্ণসংখ্যা হিসেবে


check("11.05")

# %%
def speak(start: str, count: int, change=lambda row: row) -> str:
    """`greedy`-র মতোই, তবে ছক্কা ফেলে। `change` আগে স্কোর বদলে নিতে পারে।"""
    ids = loader.encode(start)
    for _ in range(count):
        ids.append(roll(change(scores[ids[-1]])))
    return loader.decode(ids)


torch.manual_seed(1346)
print(speak("Let's he", 200))

# %% [markdown]
# আর পাকে পাকে ঘোরা নেই। আবোলতাবোল, তবে ইংরেজি আবোলতাবোল: প্রায় উচ্চারণ করা যায় এমন সিলেবল, লাইনের শুরুতে বড় হাতের বর্ণ, মোটামুটি ঠিক দূরত্বে স্পেস। যেকোনো দুটো পড়শি ধরো,
# মানানসই। তিনটা ধরো, ততক্ষণে টেবিল প্রথমটা ভুলে বসে আছে।
#
# - [ ] 11.04 একটা ভাগ্যের চাকা বানানো
# - [ ] 11.05 স্কোর থেকে ছক্কা ফেলে পরের অক্ষর তোলা
# - [ ] 11.r2 বলতে পারি, কেন কেউ প্রতিবার সবচেয়ে বেশি সম্ভাবনার অক্ষরটা লেখে না, আর মডেলেরও কেন লেখা উচিত নয়

# %% [markdown]
# ## আরও ঠান্ডা, আরও গরম, আরও কম · 12 মিনিট
#
# `the the the` আর এই আবোলতাবোলের মাঝখানে কিছুটা জায়গা আছে, আর সেখানে ঘোরাফেরা করার জন্য আছে দুটো নব। (এগুলো বাড়তি। শেষের ক্লাসটা এগুলো ছাড়াই চলে।)
#
# প্রথম নব: সফটম্যাক্সের আগে স্কোরগুলোকে একটা সংখ্যা দিয়ে ভাগ করো। এর উল্টো পিঠটা দেখেছ অধ্যায় 06-এ, সেখানে বেশি বড় স্কোর সফটম্যাক্সকে বড্ড ধারালো করে তুলেছিল। ছোট স্কোরে
# বাজি হয় চ্যাপ্টা, বড় স্কোরে ধারালো। এই সংখ্যাটার নাম **তাপমাত্রা**। 0-র কাছাকাছি কী হয়, আন্দাজ করো।

# %%
def heated(row: torch.Tensor, temperature: float) -> torch.Tensor:
    """একটা তাপমাত্রায় স্কোরের একটা সারির সম্ভাবনা। 1 হলে যেমন ছিল তেমনই থাকে।"""
    return ____  # ভাগ করো, তারপর সম্ভাবনা বানাও


check("11.06")

# %%
after_e = scores[loader.id_of["e"]]
favourites = after_e.topk(min(10, vocab_size)).indices.tolist()
temperatures = (0.1, 0.5, 1.0, 2.0, 10.0)
draw.heat(
    torch.stack([heated(after_e, temperature)[favourites] for temperature in temperatures]),
    rows=[f"তাপমাত্রা {temperature}" for temperature in temperatures],
    columns=[loader.decode([number]) for number in favourites],
    title='"e"-র পরে কী আসতে পারে, ঠান্ডা থেকে গরম',
    alt="পাঁচটা সারি, দশটা কলাম: স্পেস, r, n, s, a আর আরও পাঁচটা। 0.1-এ স্পেস পায় 1.00, বাকি সবাই 0। 0.5-এ সে পায় 0.68, r পায় 0.12। 1-এ "
    "0.29, 0.12, 0.08, তারপর নামতে থাকে। 2-এ 0.11, 0.07, 0.06। 10-এ দশজনেরই 0.02 কি 0.03।",
)
for temperature in (0.3, 0.7, 1.5, 3.0):
    torch.manual_seed(1346)
    said = speak("Let's he", 60, lambda row, heat=temperature: row / heat)
    print(f"{temperature}: {said!r}")

# %% [markdown]
# 0-র কাছে সে গ্রিডি, 1-এ যা শিখেছে তা-ই বলে, আর গরম হলে যে বোতাম হাতে পড়ে সেটাই টেপে। অনেকে থিতু হয় 0.7-এর আশপাশে। তাতে সততা একটু কমে, তবে হোঁচটও কমে।
#
# হোঁচট আদৌ খায় কেন? যেকোনো ঘরে 64টা অক্ষরের বেশির ভাগই প্রায় অসম্ভব। প্রায়। চাকায় প্রত্যেকের একটা ফালি আছে, খুবই সরু, কিন্তু সংখ্যায় অনেক, আর একশো অক্ষর লিখতে লিখতে
# কাঁটা তার কয়েকটায় গিয়ে থামবেই। দ্বিতীয় নব সেগুলো কেটে ফেলে: সেরা k-টা স্কোর রাখো, বাকি সব করে দাও মাইনাস অসীম। এর নাম **টপ-k**।

# %%
def only_best(row: torch.Tensor, k: int) -> torch.Tensor:
    """স্কোরের একটা সারি (vocabulary,), তাতে শুধু সেরা k-টা বাকি। অন্যরা মাইনাস অসীম।"""
    limit = ____  # সবচেয়ে কম যে স্কোর থাকতে পারে: সেরাদের মধ্যে k নম্বর
    return ____  # তার নিচের সব মাইনাস অসীম করো


check("11.07")

# %%
for k in (1, 3, 10):
    torch.manual_seed(1346)
    said = speak("Let's he", 60, lambda row, best=k: only_best(row, best))
    print(f"{k:>2}: {said!r}")

# %% [markdown]
# চাকা তিনবার ঘোরে, দেখো। প্রতি সারিতে শুধু সেরা আটটা বাকি।

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
        title=f"{loader.decode(text_so_far)!r}-এর পরে চাকা দিল {loader.decode([drawn])!r}",
        alt="আটটা দণ্ড, সবচেয়ে উঁচু থেকে সবচেয়ে নিচু: "
        + ", ".join(f"{name!r} {chance:.2f}" for name, chance in zip(names, best.values.tolist(), strict=True))
        + f"। চাকা দিল {loader.decode([drawn])!r}।",
    )
    text_so_far.append(drawn)

# %% [markdown]
# k = 1 হলে সে গ্রিডি, আর k = 64 হলে কিছুই বদলায় না। ল্যাঙ্গুয়েজ মডেল চালানোর অনেক প্রোগ্রামেই নব দুটো থাকে, হয়তো তুমি ঘুরিয়েওছ।
#
# এতে লেখা পরিপাটি হয়, কিন্তু কোনোটাতেই মডেলের *জ্ঞান* বাড়ে না। তার জন্য চাই এমন মডেল, যে এক অক্ষরের চেয়ে বেশি পেছনে তাকায়। এবার সেটা বানানোর পালা।
#
# - [ ] 11.06 বাজি গরম আর ঠান্ডা করা
# - [ ] 11.07 সেরা k-টা রাখা

# %% [markdown]
# ## সব অংশ পরপর · 14 মিনিট
#
# আবার `Let's he`, ছোট কনফিগারেশনে, শুরু থেকে শেষ। আইডি ঢোকে এমবেডিংয়ে (অধ্যায় 04), যায় একটা ব্লকের ভেতর দিয়ে (অধ্যায় 09), বেরোয় স্কোর হয়ে (অধ্যায় 10)।
# ব্লকগুলো রাখা থাকে একটা `nn.ModuleList`-এ। এখানে তাতে আছে মাত্র একটা, কারণ এতদিন যে সংখ্যাগুলো দেখে আসছ, সেগুলো একটা ব্লকেরই।

# %%
ids = running.ids()  # (1, 8)
embedding, to_logits = running.part("04"), running.part("10")
blocks = nn.ModuleList([running.part("09")])
print(ids)

# %%
x = ____  # প্রতিটা আইডি একটা ভেক্টর হিসেবে, যে জানে কী আর কোথায়
for block in blocks:
    x = ____  # এই ব্লকের ভেতর দিয়ে স্ট্রিম
logits = ____  # প্রতি ঘরের স্কোর
check("11.08")

# %%
print(tuple(ids.shape), "->", tuple(x.shape), "->", tuple(logits.shape))
print("অধ্যায় 10 যেখানে শেষ হয়েছিল:", torch.equal(logits, running.after("10")))

# %% [markdown]
# `True`। দশটা সন্ধ্যা, চারটা লাইন।
#
# ট্রেনিংয়ে মডেলকে উত্তরগুলোও দিই, আর চাই লস ফেরত। কথা বলার সময় কোনো উত্তর নেই, কারণ কথাগুলো সে বানাচ্ছে নিজেই। তাই **মডেলকে ডাকার দুটো ধরন** থাকবে: `targets`
# দিয়ে, নয়তো না দিয়ে, আর তখন লস হবে `None`।

# %%
def loss_or_none(logits: torch.Tensor, targets: torch.Tensor | None) -> torch.Tensor | None:
    """লজিট (batch, sequence, vocabulary), টার্গেট (batch, sequence): গড় চমক। টার্গেট না থাকলে None।"""
    if ____:  # কেউ কোনো টার্গেট না দিলে
        return None
    return ____  # অধ্যায় 10-এর মতো, PyTorch যে শেপ চায় সেই শেপে


check("11.09")

# %%
targets = torch.tensor([loader.encode("et's hen")])
print("টার্গেট দিয়ে:   ", loss_or_none(logits, targets[: len(ids), : ids.shape[1]].expand(ids.shape)))
print("টার্গেট ছাড়া:", loss_or_none(logits, None))

# %% [markdown]
# আসল মডেলে কটা সংখ্যা থাকবে? বরাবরের মতো আগে কাগজে। একটা ব্লকে কত, সেটা অধ্যায় 09 থেকে জানো: আসল মডেলে 49,792। বাকি দুটো কষে নেওয়া যায়:
#
# - এমবেডিং: প্রতি অক্ষরে একটা সারি আর প্রতি ঘরে একটা সারি, `config.embedding_dim` চওড়া
# - স্কোর: নর্মে ভেক্টরের প্রতিটা সংখ্যার একটা গেইন আর একটা বায়াস, তারপর প্রতিটা সংখ্যা থেকে প্রতিটা অক্ষরে একটা ওয়েট, তারপর প্রতি অক্ষরে একটা বায়াস

# %%
width = config.embedding_dim
in_a_block = sum(parameter.numel() for parameter in TransformerBlock(config).parameters())

# %%
in_embedding = ____  # দুটো টেবিলের সব সংখ্যা
in_logits = ____  # নর্ম, ওয়েট আর বায়াস
in_all = ____  # গোটা মডেল
check("11.10")

# %%
draw.bars(
    ["এমবেডিং", *(f"ব্লক {number}" for number in range(1, config.num_layers + 1)), "লজিট"],
    [in_embedding, *[in_a_block] * config.num_layers, in_logits],
    title=f"মডেলের {in_all:,}টা প্যারামিটার",
    alt="ছয়টা দণ্ড। এমবেডিংয়ে 6,144টা প্যারামিটার, চার ব্লকের প্রতিটায় 49,792টা, লজিটে 4,288টা।",
)

# %% [markdown]
# 209,600, মানে **0.21 M**, আর তার 95% ব্লকগুলোয়। সবচেয়ে ছোট GPT-2-র 12.4 কোটি। নকশা একই, অংশগুলোর ক্রম পর্যন্ত।
#
# - [ ] 11.08 বাক্যটাকে গোটা মডেলের ভেতর দিয়ে পাঠানো
# - [ ] 11.09 উত্তর থাকলে লস দেওয়া, না থাকলে None
# - [ ] 11.10 কাগজে প্যারামিটার গোনা

# %% [markdown]
# ## পেছনে এতটুকুই, আর চুপচাপ · 10 মিনিট
#
# কথা বলতে টেবিলটার লাগত শুধু শেষ আইডি। মডেল নেয় যতগুলো দেখতে পায়, সব। কতগুলো সেটা? ছোট কনফিগারেশনে আটটা। তেরোটা দিলে কী বলে, দেখো।

# %%
def forward(ids: torch.Tensor) -> torch.Tensor:
    """লজিট, সব অংশের ভেতর দিয়ে পরপর: (batch, sequence) -> (batch, sequence, vocabulary)।"""
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
# পজিশনের টেবিলে নবম সারি নেই, মাস্কেও নেই। তাই লেখাটাকে তার শেষ আটটা আইডি পর্যন্ত **ছাঁটতে** হয়। আগে যা ছিল, ভুলে যাওয়া হলো। ল্যাঙ্গুয়েজ মডেলের *কনটেক্সট লেংথ* বলতে
# লোকে এটুকুই বোঝায়।
#
# আর যত স্কোর বেরোয়, তার মধ্যে লাগে শুধু শেষ ঘরেরগুলো। বাকিগুলো এমন অক্ষরের ওপর বাজি, যা আগে থেকেই আছে।

# %%
context = ____  # শেষ আইডিগুলো, `small` তাকে যতগুলো দেখতে দেয়
last = ____  # প্রতিটা উইন্ডোর শেষ ঘরের স্কোর: (batch, vocabulary)
check("11.11")

# %%
print(tuple(long_ids.shape), "->", tuple(context.shape), "->", tuple(last.shape))
print([loader.decode(window) for window in context])
print("লেখা ছোট হলে ওই একই স্লাইস যা আছে তা-ই নেয়:", torch.tensor([[5, 6, 7]])[:, -8:].tolist())

# %% [markdown]
# কথা বলার আগে আরও দুটো ব্যাপার। এই এক মডেল, আনকোরা অংশ দিয়ে গড়া, একই প্রশ্ন তাকে করা হলো দুবার।

# %%
torch.manual_seed(1346)
fresh = nn.Sequential(EmbeddingModule(vocab_size, small), TransformerBlock(small), VocabularyLogits(vocab_size, small))
twice = [fresh(ids)[0, -1, :3].tolist() for _ in range(2)]
print("প্রথম:   ", twice[0])
print("দ্বিতীয়:", twice[1])

# %% [markdown]
# দুটো আলাদা উত্তর। মডেলটা ট্রেনিং মোডে আছে, তাই তার **ড্রপআউট** চালু। কথা বলার সময় তার যা আছে সব কাজে লাগানো উচিত। `eval()` সব অংশে ড্রপআউট বন্ধ করে,
# `train()` আবার চালু করে।
#
# তার ওপর সে খাতা খুলে বসে থাকে। `forward`-এ যা যা ঘটে, সব টুকে রাখে একটা `backward`-এর জন্য, যেটা কোনোদিন আসবেই না। তাতে মেমোরি যায়, সময় যায়।
# `with torch.no_grad():`-এর ভেতরে কিছুই টোকা হয় না।

# %%
____  # ড্রপআউট বন্ধ
with ____:  # কিছু টুকো না
    calm = fresh(ids)
check("11.12")

# %%
print("দুবারই এক:", torch.equal(calm, fresh(ids)), " টোকা চলছে:", calm.requires_grad)

# %% [markdown]
# - [ ] 11.11 কনটেক্সট ছাঁটা, আর শেষ ঘরের স্কোর নেওয়া
# - [ ] 11.12 ড্রপআউট বন্ধ করা, টোকা থামানো
# - [ ] 11.r3 বলতে পারি, মডেলের কনটেক্সট লেংথ কী, আর কোডের কোথা থেকে সেটা আসে

# %% [markdown]
# ## ক্লাস · 18 মিনিট
#
# এগারোটা শূন্যস্থান, অচেনা একটাও না। `generate` অক্ষর টানে `torch.multinomial` দিয়ে, ব্যাচের সব উইন্ডোর জন্য একসঙ্গে: সম্ভাবনা (batch, vocabulary)
# থেকে আইডি (batch, 1), যা `ids` (batch, sequence)-এর শেষে জুড়ে দেওয়া যায়। যে লাইনগুলো আগে থেকেই আছে, তারা ড্রপআউট বন্ধ করে, তারপর যেমন ছিল তেমন করে
# দেয়। মাথার `@torch.no_grad()` হলো 11.12-এর সেই `with`, গোটা একটা ফাংশনের জন্য।
#
# পরের সেলে আছে ছোট একটা সাহায্যকারী, যাচাই করার জন্য, তোমারও কাজে লাগে, বিচারকেরও। সে মডেলের আত্মবিশ্বাস হাজার গুণ বাড়িয়ে দেয়, তাই তার ছক্কা সবসময় সেরাটাতেই পড়ে।

# %%
def sure(model: nn.Module, characters: int, times: float = 1000) -> nn.Module:
    """একই মডেল, তার সব `characters`-এর স্কোর `times` দিয়ে গুণ করা।"""
    with torch.no_grad():
        for part in model.modules():
            if isinstance(part, nn.Linear) and part.out_features == characters:
                for parameter in part.parameters():
                    parameter *= times
    return model

# %%
class BigramLanguageModel(nn.Module):
    """ঢোকে আইডি, বেরোয় পরেরটার স্কোর। নামেই শুধু বাইগ্রাম মডেল, যদি না কনটেক্সট 1 হয়।"""

    def __init__(self, vocab_size: int, config: Config) -> None:
        """এমবেডিং আর লজিটের মাঝখানে `config.num_layers`টা ব্লক।"""
        super().__init__()
        self.config = config
        self.embedding = ____  # ঢোকার দরজা
        self.blocks = ____  # ব্লকগুলো
        self.to_logits = ____  # বেরোনোর দরজা

    def forward(
        self, ids: torch.Tensor, targets: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        """আইডি (batch, sequence)-এর জন্য লজিট (batch, sequence, vocab_size)। আর লস, টার্গেট না থাকলে None।"""
        x = ____  # আইডি থেকে ভেক্টর
        for block in self.blocks:
            x = ____  # এই ব্লকের ভেতর দিয়ে
        logits = ____  # ভেক্টর থেকে স্কোর
        if targets is None:
            return logits, None
        return logits, ____  # লসটা

    @torch.no_grad()
    def generate(self, ids: torch.Tensor, max_new_tokens: int) -> torch.Tensor:
        """`ids` (batch, sequence), তারপর আরও `max_new_tokens`টা, একটা একটা করে টানা: (batch, sequence + max_new_tokens)।"""
        was_training = self.training
        self.eval()
        for _ in range(max_new_tokens):
            context = ____  # শেষ আইডিগুলো, মডেল যতগুলো দেখতে পায়
            logits, _ = self(context)
            chances = ____  # শেষ ঘরের সম্ভাবনাগুলো: (batch, vocab_size)
            chosen = ____  # প্রতি উইন্ডোর জন্য চাকা একবার ঘোরানো: (batch, 1)
            ids = ____  # যা ছিল, তারপর যা বাছা হলো
        self.train(was_training)
        return ids


check("11.13")

# %%
torch.manual_seed(1346)
model = BigramLanguageModel(vocab_size, config).eval()
print(f"{sum(parameter.numel() for parameter in model.parameters()):,}টা প্যারামিটার, কাগজে ছিল {in_all:,}")

torch.manual_seed(1346)
inputs, answers = DataLoader(loader.text, config).get_batch("validation")
print(f"কিছুই না জানার লস: 4.16, ট্রেনিং না-পাওয়া মডেলের: {model(inputs, answers)[1].item():.2f}")

# %% [markdown]
# গুনতি কাগজের সঙ্গে মেলে। আর লস কিছুই না জানার চেয়ে একটু খারাপ, এলোমেলো মতামতের কাছে ঠিক যা আশা করতে বলেছিল অধ্যায় 10। মডেলটা তোমার, আর সেটা সম্পূর্ণ। এবার কথা
# বলুক: `Let's he`-র পরে 100টা অক্ষর। দেখতে কেমন হবে, আন্দাজ করো।

# %%
torch.manual_seed(1346)
start = ____  # "Let's he"-র আইডিগুলো, এক উইন্ডোর একটা ব্যাচ হিসেবে: (1, 8)
babble = ____  # সেটা আর তার পরে আরও 100টা অক্ষর, লেখা হিসেবে
check("11.14")

# %%
print(babble)

# %% [markdown]
# চোখ বুজে বোতাম টেপা একটা যন্ত্র। `the the the`-টুকুও এর হয় না: অধ্যায়ের শুরুর টেবিলটা তার 2.48 নিয়ে এই মডেলের চেয়ে ঢের এগিয়ে, এর লস চারের ওপরে। মডেলের
# 209,600টা সংখ্যা এখনো সেই এলোমেলোই, যা নিয়ে শুরু করেছিল। ওর কোনো দোষ নেই। ও শুধু এখনো একটা লাইনও পড়েনি।
#
# ম্যাপের জন্য টুকে রাখো `generate`-এর শেপগুলো: 100 ধাপের প্রথমটায়, আর শেষটার পরে। প্রথম লাইনটা দেওয়াই আছে।

# %%
shapes = {
    "context": (config.batch_size, config.input_sequence_length),
    "last scores": ____,  # প্রতিটা উইন্ডোর শেষ ঘরের স্কোর
    "chosen": ____,  # প্রতি উইন্ডোর একটা নতুন আইডি, জোড়া লাগানোর জন্য তৈরি
    "generated": ____,  # 100 ধাপ পরে আইডিগুলো
}
check("11.15")

# %%
for name, shape in shapes.items():
    print(f"{name:>12}  {shape}")

# %% [markdown]
# নামটার একটা ব্যাখ্যা এখনো পাওনা আছে তোমার। একই ক্লাস নাও, কনটেক্সট **এক** অক্ষর, আর 64টা অক্ষরের সবকটা নিয়ে তাকে জিজ্ঞেস করো।

# %%
one = BigramLanguageModel(vocab_size, replace(config, input_sequence_length=1)).eval()
with torch.no_grad():
    its_table = one(torch.arange(vocab_size)[:, None])[0][:, 0]
print("প্রতি অক্ষরে স্কোরের একটা সারি:", tuple(its_table.shape))

# %% [markdown]
# উইন্ডোতে একটাই ঘর থাকলে অ্যাটেনশনের আর কারও দিকে তাকানোর উপায় নেই, উত্তর নির্ভর করে শুধু ওই এক অক্ষরের ওপর। ভেতরে যা-ই ঘটুক, এমন যেকোনো মডেল শেষ পর্যন্ত
# একটা (64, 64) টেবিল। তুমি যেটা গুনেছ, ভ্যালিডেশনের লেখায় সে পেয়েছে 2.48। ট্রেনিং কি এর চেয়ে ভালো একটা খুঁজে পেত?
#
# *যেকোনো* টেবিল ওই লেখায় কত নিচে নামতে পারে, কোনো ট্রেনিং ছাড়াই তা কষে বের করা যায়। পাঁচটা মিনিট দাও: দুনিয়ার সব টেবিলের মধ্যে কার বাজির লস ওখানে সবচেয়ে কম? নকল করা
# চলবে।

# %%
pairs = ____  # সব টেবিলের সেরাটা যে জোড়াগুলো গুনত, তাদের নম্বর
exam_counts = torch.bincount(pairs, minlength=vocab_size**2).view(vocab_size, vocab_size)
best_table = exam_counts / exam_counts.sum(dim=1, keepdim=True).clamp(min=1)  # `clamp`: যাতে ফাঁকা সারিকে 0 দিয়ে ভাগ না করা হয়
lowest = ____  # ভ্যালিডেশনের লেখায় তার লস
check("11.16")

# %%
print(f"তোমার গোনা টেবিল: {bigram_loss:.2f}, সবচেয়ে ভালো যা হতে পারে: {lowest:.2f}")

# %% [markdown]
# 2.37, তা-ও উত্তর পড়ে নিয়ে। কাজেই কনটেক্সট 1 হলে মডেলকে যত ট্রেনিংই দাও, এর নিচে নামানো যাবে না। কনটেক্সট 1 হলে নামটা সত্যি। 32 হলে সেটা ইতিহাস।
#
# - [ ] 11.13 BigramLanguageModel ক্লাসটা লেখা
# - [ ] 11.14 ট্রেনিং না-পাওয়া মডেলকে কথা বলতে দেওয়া
# - [ ] 11.15 ম্যাপে এর শেপগুলো টোকা
# - [ ] 11.16 একটা টেবিলের লস সবচেয়ে কম কত হতে পারে, খুঁজে বের করা
# - [ ] 11.r4 বলতে পারি, BigramLanguageModel নামটা কখন সত্যি

# %% [markdown]
# ## চ্যালেঞ্জ: সবচেয়ে বেশি সম্ভাবনার লেখা
#
# ইচ্ছে হলে করো, 15 মিনিট লাগবে। পরে কোথাও এটা লাগবে না। গ্রিডি প্রতিবার সেরা অক্ষরটা নেয়। কিন্তু শেষে কি হাতে আসে সবচেয়ে বেশি সম্ভাবনার *লেখাটা*? একটা লেখার সম্ভাবনা হলো
# তার সব বাজির গুণফল। আমাদের `scores` লগারিদম, তাই গুণের বদলে যোগ করলেই চলে: যোগফল যত বেশি, লেখাটার সম্ভাবনা তত বেশি। `L`-এর পরে গ্রিডি যা বলে, তার যোগফলটা
# এই।

# %%
def total(text: str, count: int) -> float:
    """একটা লেখার শেষ `count`টা অক্ষরের স্কোরের যোগফল: তাদের সম্ভাবনার লগারিদম।"""
    ids = loader.encode(text)[-count - 1 :]
    return scores[ids[:-1], ids[1:]].sum().item()


print(repr(greedy("L", 3)), f"{total(greedy('L', 3), 3):.2f}")

# %% [markdown]
# ওকে হারাতে পারো? তিনটা অক্ষর জোড়ার রাস্তা 262,144টা, সবকটা চেষ্টা করে দেখা যায়। পঞ্চাশ অক্ষরের জন্য মহাবিশ্বের বয়সেও কুলোবে না। তবে টেবিলের দুর্বল স্মৃতি তোমাকে বাঁচিয়ে
# দেয়। পরে কী আসবে, তার জন্য কাজে লাগে শুধু শেষ অক্ষরটা। তাই দুটো লেখা একই অক্ষরে শেষ হলে যেটার সম্ভাবনা কম, সে চিরকালের মতো দৌড়ের বাইরে। 64টা লেখা রাখলেই চলে: প্রতি
# অক্ষরের জন্য, তাতে শেষ হওয়া সেরাটা। ওদের প্রত্যেকের পেছনে সম্ভব সব অক্ষর জোড়ো, আর আবার প্রতিটা শেষের জন্য সেরাটা রাখো।
#
# চালানোর আগে আন্দাজ করো, সবার চেয়ে বেশি সম্ভাবনার লেখাটা শুনতে কেমন হবে।

# %%
def likeliest(start: str, count: int) -> str:
    """`start`, আর তার পরের `count`টা অক্ষর, সব মিলিয়ে যাদের সম্ভাবনা সবচেয়ে বেশি।"""
    totals = scores[loader.encode(start)[-1]]  # (64,): প্রতি অক্ষরের জন্য, তাতে শেষ হওয়া সেরা লেখার মোট
    endings = [[number] for number in range(vocab_size)]  # আর সেই লেখা `start`-এর পেছনে যে আইডিগুলো জুড়েছে
    for _ in range(count - 1):
        longer = ____  # প্রতিটা লেখার (সারি) পরে প্রতিটা অক্ষর (কলাম) জুড়লে মোট কত
        totals, before = longer.max(dim=0)  # প্রতি কলামের সেরাটা, আর তার সারি: আগের অক্ষর
        endings = [____ for number in range(vocab_size)]  # `number`-এ শেষ হওয়া সেরা লেখাটা
    return start + loader.decode(____)  # সবার সেরা


check("11.17")

# %%
for start, count in (("L", 3), ("\n", 3), ("\n", 50), ("Let's he", 50)):
    for text in (greedy(start, count), likeliest(start, count)):
        print(f"{total(text, count):7.2f} {text!r}")

# %% [markdown]
# `LO:` আর একটা লাইন-শেষ: ওটা কোনো বক্তার নামের শেষ, আর তার সম্ভাবনা `LAnd`-এর প্রায় দ্বিগুণ। গ্রিডির চোখে ওটা কোনোদিন পড়ে না, কারণ প্রথম ধাপটা দেখতে খারাপ। মানে
# সবচেয়ে বেশি সম্ভাবনার লেখা গ্রিডির হাত ফসকে যেতে পারে। আর পঞ্চাশ অক্ষরের সবচেয়ে বেশি সম্ভাবনার লেখায় কী আছে? `the the the`, আর `Let's he`-র পরে অক্ষরে
# অক্ষরে তা-ই, গ্রিডি যা বলেছিল। খোঁজাটা আরও ভালো, একঘেয়েমি একই। সবচেয়ে বেশি সম্ভাবনার লেখাগুলো একঘেয়ে, আর সেই জন্যই আমরা ছক্কা ফেলি।
#
# তোমার এই খোঁজার নাম **ভিটারবি অ্যালগরিদম** (Viterbi)। যে মডেল 32টা অক্ষর দেখে, সে এটা কাজে লাগাতে পারে না, তার স্মৃতি বড্ড ভালো: তার চোখে প্রায় কোনো দুটো লেখাই এক
# নয়। সেরকম মডেল হলে সেরা কয়েকটা রেখে বাকিটা কপালের হাতে ছাড়তে হয়। তাকে বলে বিম সার্চ।
#
# - [ ] 11.17 চ্যালেঞ্জ: সবচেয়ে বেশি সম্ভাবনার লেখা খুঁজে বের করা

# %% [markdown]
# ## এখন যা তোমার
#
# - একটা খাঁটি **বাইগ্রাম মডেল**: (64, 64) টেবিল, গুনে বানানো, লস 2.48
# - **গ্রিডি** পাকে পাকে ঘোরে। যেটা 29% ক্ষেত্রে ঠিক, **স্যাম্পলিং** সেটা 29% ক্ষেত্রেই বলে
# - **তাপমাত্রা** স্কোরকে ভাগ করে, **টপ-k** লম্বা লেজটা কাটে। দুটোই লেখা পরিপাটি করে, কোনোটাতেই মডেলের জ্ঞান বাড়ে না
# - একটা **কনটেক্সট লেংথ**: প্রতি ধাপের আগে লেখা ছাঁটা হয়, আর কাজে লাগে শুধু শেষ ঘরের স্কোর
# - `BigramLanguageModel(vocab_size, config)`: `forward(ids, targets=None)` দেয় লজিট আর লস,
#   `generate(ids, max_new_tokens)` দেয় আরও লম্বা লেখার আইডি
#
# ওর আছে 209,600টা সংখ্যা, চারটা ব্লক, ষোলোটা হেড, আর বলার মতো কিছুই না। **12 Trainer**-এ সে পড়তে শেখে।
