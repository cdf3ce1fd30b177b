"""A judging process: what it leaves out of torch is there once something asks for it, and its memory is unchanged."""

from __future__ import annotations

import mmap
import subprocess
import sys

import pytest

from kit.course.course import ROOT
from kit.judge.trials.prepare import TRIED, use_large_pages

LARGE = 2 << 20

STEP = """
layer = torch.nn.Linear(2, 2)
optimizer = torch.optim.AdamW(layer.parameters(), lr=0.1)
before = layer.weight.clone()
layer(torch.ones(2)).sum().backward()
optimizer.step()
assert (layer.weight != before).all()
"""
ASKING = {
    "the compiler": "assert torch.compile(lambda x: x * 2, backend='eager')(torch.ones(1)) == 2",
    "the compiler's parts": "import torch._dynamo.config as found; assert torch._dynamo.config is found",
    "export": "torch.export.export(torch.nn.Linear(2, 2), (torch.ones(1, 2),))",
    "vmap": "assert torch.func.vmap(lambda x: x.softmax(0))(torch.ones(2, 3)).shape == (2, 3)",
    "jvp": "torch.func.jvp(torch.nn.functional.softplus, (torch.ones(2),), (torch.ones(2),))",
    "hessian": "assert torch.func.hessian(lambda x: (x**3).sum())(torch.ones(2)).trace() == 12",
    "fakes": "from torch._subclasses import FakeTensorMode as Fake; Fake().from_tensor(torch.ones(3)).sum()",
    "meta": """
import_for("torch.zeros(2, device='meta')")
ids = torch.zeros(2, dtype=torch.long, device="meta")
assert torch.nn.Embedding(5, 3, device="meta")(ids).shape == (2, 3)
""",
}


def left_out_after(code: str) -> bool:
    """Run code in a fresh judging process; returns whether the compiler is still left out."""
    program = f"""
import sys
from kit.judge.trials.prepare import import_for, prepare_torch
prepare_torch()
import torch
{code}
print("torch._dynamo.convert_frame" not in sys.modules, "torch._decomp" in sys.modules, torch.__version__)
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    no_compiler, shapes, version = done.stdout.split()
    assert shapes == str(no_compiler == "False" or not version.startswith(TRIED))
    return no_compiler == "True"


def test_an_optimizer_steps_without_the_compiler() -> None:
    assert left_out_after(f"import_for('layer = torch.ones(2)', 'layer + 1')\n{STEP}")


@pytest.mark.parametrize("code", ASKING.values(), ids=ASKING)
def test_whoever_asks_for_what_is_left_out_gets_it(code: str) -> None:
    assert not left_out_after(STEP + code)


@pytest.mark.skipif(sys.platform != "linux", reason="Linux's pages")
def test_what_was_written_is_still_there() -> None:
    with mmap.mmap(-1, 3 * LARGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as memory:
        for place in range(0, len(memory), 4096):
            memory[place] = place // 4096 % 251
        use_large_pages()
        assert all(memory[place] == place // 4096 % 251 for place in range(0, len(memory), 4096))
