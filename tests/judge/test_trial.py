from __future__ import annotations

import subprocess
import sys

from kit.course.course import ROOT
from kit.judge.trial import tried

SHAPES = """
import sys
from kit.judge.trial import Compiler, prepare_torch, with_shapes
prepare_torch()
import torch
before = "torch._decomp" in sys.modules
with_shapes("#| export\\nself.__init__(); check()")
same = "torch._decomp" in sys.modules
with_shapes("x", "torch.zeros(2, device='meta')")
ids = torch.zeros(2, dtype=torch.long, device="meta")
print(before, same, tuple(torch.nn.Embedding(5, 3, device="meta")(ids).shape))
"""

STEP = """
import sys
from kit.judge.trial import Compiler, prepare_torch
prepare_torch()
import torch
layer = torch.nn.Linear(2, 2)
optimizer = torch.optim.AdamW(layer.parameters(), lr=0.1)
before = layer.weight.clone()
layer(torch.ones(2)).sum().backward()
optimizer.step()
print((layer.weight != before).all().item(), "torch._dynamo.convert_frame" in sys.modules)
print(torch.compile(lambda x: x * 2, backend="eager")(torch.ones(1)).item())
print(isinstance(sys.modules["torch._dynamo"], Compiler), torch._dynamo is sys.modules["torch._dynamo"])
"""


def test_an_optimizer_steps_without_the_compiler_and_who_asks_for_the_compiler_gets_it() -> None:
    done = subprocess.run([sys.executable, "-c", STEP], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split("\n") == ["True False", "2.0", "False True", ""]


def test_shapes_without_numbers_are_there_for_who_asks_for_them() -> None:
    done = subprocess.run([sys.executable, "-c", SHAPES], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == ("False False (2, 3)\n" if tried() else "True True (2, 3)\n")
