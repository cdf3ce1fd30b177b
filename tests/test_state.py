from __future__ import annotations

import subprocess
import sys

from kit.course import ROOT

STEP = """
import sys
from kit.state import Compiler, prepare
prepare()
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
