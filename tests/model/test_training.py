"""The parts that make training fast: they give the same numbers as the chapters' parts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from kit.errors import KitError
from kit.model.training import optimizers, text
from kit.model.training.batches import DeviceBatches, VectorisedLoader
from kit.model.training.device import choose_device
from kit.model.training.evaluate import whole_loss
from kit.model.training.fast_model import BatchedAttention, FusedLayerNorm, fast_model
from kit.model.training.muon import NEWTON_SCHULZ, POLAR_EXPRESS, Muon, Polynomial, orthogonalise
from kit.model.training.predictor import Block, Predictor
from kit.model.training.recipes import LinearTrainer, recipes
from kit.model.training.sampling import encode, sample
from kit.model.training.train import prepare, train
from nanogpt import BigramLanguageModel, Config, DataLoader

pytestmark = pytest.mark.usefixtures("one_thread")

CONFIG = Config(
    batch_size=3, input_sequence_length=8, embedding_dim=16, hidden_dim=24, num_heads=4, num_layers=2, dropout=0.0
)
PLAY = "First Citizen:\nBefore we proceed any further, hear me speak.\n\nAll:\nSpeak, speak.\n\n" * 8


def twins(config: Config = CONFIG) -> tuple[BigramLanguageModel, BigramLanguageModel]:
    """The chapters' model and the fast one, from the same seed."""
    torch.manual_seed(5)
    slow = BigramLanguageModel(11, config)
    torch.manual_seed(5)
    return slow, fast_model(11, config)


def test_the_fast_model_has_the_same_parameters_by_the_same_names() -> None:
    slow, fast = twins()
    assert isinstance(fast.blocks[1].attention, BatchedAttention)
    assert isinstance(fast.to_logits.norm, FusedLayerNorm)
    ours, theirs = fast.state_dict(), slow.state_dict()
    assert list(ours) == list(theirs)
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


@pytest.mark.parametrize("length", [1, 5, 8])
def test_the_fast_model_gives_the_same_logits_loss_and_gradients(length: int) -> None:
    slow, fast = twins()
    ids, targets = torch.randint(11, (2, 3, length))
    (ours, our_loss), (theirs, their_loss) = fast(ids, targets), slow(ids, targets)
    torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(our_loss, their_loss, atol=1e-6, rtol=1e-6)
    our_loss.backward()
    their_loss.backward()
    for mine, other in zip(fast.parameters(), slow.parameters(), strict=True):
        torch.testing.assert_close(mine.grad, other.grad, atol=1e-6, rtol=1e-5)


def test_a_blocks_own_backward_pass_in_bfloat16_rounds_no_more_than_pytorchs() -> None:
    """Where rounding turns a hidden number's sign, ReLU passes another gradient on: that's most of the difference."""
    slow, fast = twins()
    x = torch.randn(3, 8, CONFIG.embedding_dim)
    onward = torch.randn_like(x)
    found = []
    for block, half in ((slow.blocks[0], False), (slow.blocks[0], True), (fast.blocks[0], True)):
        block.zero_grad()
        given = x.clone().requires_grad_()
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            out = block(given)
        out.backward(onward)
        found.append([out, given.grad, *(parameter.grad for parameter in block.parameters())])
    for exact, parts, ours in zip(*found, strict=True):
        assert ours.dtype == torch.float32 and ours.shape == exact.shape
        assert (ours - exact).norm() < 1.25 * (parts - exact).norm() + 0.003 * exact.norm()
        assert F.cosine_similarity(ours.flatten(), exact.flatten(), dim=0) > 0.995
    assert not torch.allclose(found[0][1], found[2][1], rtol=1e-3)  # it was computed in bfloat16


def test_a_blocks_own_backward_pass_is_the_slope() -> None:
    _, fast = twins(replace(CONFIG, embedding_dim=4, hidden_dim=6, num_heads=2))
    block = fast.blocks[0]
    x = torch.randn(2, 3, 4)
    direction = torch.randn_like(x)
    given = x.clone().requires_grad_()
    block(given).square().sum().backward()
    assert given.grad is not None
    with torch.no_grad():
        step = 1e-2
        ahead, behind = (block(x + sign * step * direction).square().sum() for sign in (1, -1))
    assert (given.grad * direction).sum().item() == pytest.approx((ahead - behind).item() / (2 * step), rel=1e-2)


def test_the_fast_model_drops_out_while_training_only() -> None:
    _, fast = twins(replace(CONFIG, dropout=0.5))
    ids = torch.randint(11, (3, 8))
    assert not torch.equal(fast(ids)[0], fast(ids)[0])
    fast.eval()
    assert torch.equal(fast(ids)[0], fast(ids)[0])


@pytest.mark.parametrize("split", ["train", "validation"])
def test_the_fast_loader_gives_the_chapters_batches(split: str) -> None:
    slow, fast = DataLoader(PLAY, CONFIG), VectorisedLoader(PLAY, CONFIG)
    for _ in range(3):
        torch.manual_seed(2)
        theirs = slow.get_batch(split)
        torch.manual_seed(2)
        ours = fast.get_batch(split)
        assert torch.equal(ours[0], theirs[0]) and torch.equal(ours[1], theirs[1])


def test_the_fast_loader_refuses_a_short_text() -> None:
    with pytest.raises(ValueError, match="validation has 8 characters"):
        VectorisedLoader(PLAY[:80], CONFIG).get_batch("validation")


def test_batches_arrive_on_the_device() -> None:
    loader = DeviceBatches(DataLoader(PLAY, CONFIG), torch.device("meta"))
    assert [part.device.type for part in loader.get_batch()] == ["meta", "meta"]


@pytest.mark.parametrize("characters", [2, 8, 9, 10, 40, 41])
def test_the_whole_loss_predicts_each_character_but_the_first_once(characters: int) -> None:
    model, _ = twins()
    ids = torch.randint(11, (characters,))
    surprises = []
    with torch.no_grad():
        for start in range(0, characters - 1, 8):
            window = ids[start : min(start + 8, characters - 1)]
            targets = ids[start + 1 : start + 1 + len(window)]
            surprises.append(F.cross_entropy(model(window[None])[0][0], targets, reduction="none"))
    losses = torch.cat(surprises)
    assert len(losses) == characters - 1
    assert whole_loss(model, ids, 8) == pytest.approx(losses.mean().item(), abs=1e-6)


def test_the_whole_loss_leaves_the_mode_as_it_was_and_drops_nothing_out() -> None:
    model, _ = twins(replace(CONFIG, dropout=0.5))
    ids = torch.randint(11, (50,))
    assert whole_loss(model, ids, 8) == whole_loss(model, ids, 8)
    assert model.training
    whole_loss(model.eval(), ids, 8)
    assert not model.training
    with pytest.raises(ValueError, match="nothing to predict"):
        whole_loss(model, ids[:1], 8)


@pytest.mark.parametrize(("polynomials", "least", "most"), [(NEWTON_SCHULZ, 0.5, 1.4), (POLAR_EXPRESS, 0.4, 1.6)])
def test_orthogonalising_moves_all_singular_values_near_1(
    polynomials: Sequence[Polynomial], least: float, most: float
) -> None:
    torch.manual_seed(0)
    stretched = torch.randn(3, 6, 9) * torch.logspace(-1, 1, 6)[:, None]
    assert torch.linalg.svdvals(stretched).min() < 0.3
    values = torch.linalg.svdvals(orthogonalise(stretched, polynomials))
    assert values.min() > least and values.max() < most
    alone = torch.zeros(1, 4, 4)
    alone[0, 0, 0] = 3.0  # the largest that there can be, at the polynomials' end
    assert torch.linalg.svdvals(orthogonalise(alone, polynomials)).max() < most


def test_muon_treats_a_matrix_and_its_transpose_alike() -> None:
    torch.manual_seed(0)
    wide = torch.nn.Parameter(torch.randn(4, 9))
    tall = torch.nn.Parameter(wide.detach().mT.clone())
    muon = Muon([wide, tall], lr=0.1, weight_decay=0.5)
    wide.grad = torch.randn(4, 9)
    tall.grad = wide.grad.mT.clone()
    before = wide.detach().clone()
    muon.step()
    faded = before * (1 - 0.1 * 0.5)
    torch.testing.assert_close((tall - faded.mT).mT, (wide - faded) * (9 / 4) ** 0.5)
    assert (wide - faded).norm() > 0.1


def test_muon_refuses_what_is_no_matrix() -> None:
    with pytest.raises(ValueError, match="matrices"):
        Muon([torch.nn.Parameter(torch.zeros(4))], lr=0.1)


def test_the_fast_optimizer_has_each_parameter_once_and_its_rates_can_be_set() -> None:
    _, model = twins()
    together = optimizers.muon_and_adamw(model, CONFIG)
    assert isinstance(together, optimizers.CombinedOptimizer)
    held = [id(parameter) for group in together.param_groups for parameter in group["params"]]
    assert sorted(held) == sorted(id(parameter) for parameter in model.parameters())
    for group in together.param_groups:
        group["lr"] = 0.0
    before = [parameter.detach().clone() for parameter in model.parameters()]
    model(*torch.randint(11, (2, 3, 8)))[1].backward()
    together.step()
    assert all(torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))
    together.zero_grad()
    assert all(parameter.grad is None for parameter in model.parameters())


@pytest.mark.parametrize("name", sorted(recipes().keys() - {"large"}))
def test_each_recipe_learns(name: str) -> None:
    recipe = recipes()[name].changed(steps=12, seed=3)
    run = prepare(recipe, PLAY, torch.device("cpu"))
    ids = run.loader.validation_ids
    before = whole_loss(run.model, ids, recipe.config.input_sequence_length)
    saved, seconds = train(run)
    assert saved.validation_loss is not None and saved.validation_loss < before
    assert saved.steps == 12 and seconds > 0
    assert len(run.sample(20)) == 20


def test_the_older_settings_have_one_rate_for_all_steps() -> None:
    trainer = prepare(recipes()["seed"], PLAY, torch.device("cpu")).trainer
    assert {trainer.learning_rate(step) for step in (1, 2, 100, 2500, 5000)} == {1e-3}


def test_the_default_rate_rises_in_a_line_and_falls_in_one_to_the_last_step() -> None:
    """One warm-up, then the rate that's left is in proportion to the steps that are left."""
    recipe = recipes()["default"].changed(steps=100)
    trainer = prepare(recipe, PLAY, torch.device("cpu")).trainer
    config, peak = recipe.config, recipe.config.learning_rate
    assert isinstance(trainer, LinearTrainer) and config.warmup_steps == 2
    assert trainer.learning_rate(1) == pytest.approx(peak / 2)
    assert trainer.learning_rate(2) == peak
    assert trainer.learning_rate(3) == pytest.approx(peak * 97 / 98)
    assert trainer.learning_rate(100) == pytest.approx(0.0, abs=1e-9)
    ending = replace(config, final_learning_rate=0.001, warmup_steps=0)
    trainer.config = ending
    assert trainer.learning_rate(50) == pytest.approx((peak + 0.001) / 2)
    assert trainer.learning_rate(100) == pytest.approx(0.001)


def test_a_default_model_begins_with_all_characters_equally_likely_and_every_weight_learns() -> None:
    run = prepare(recipes()["default"].changed(steps=6), PLAY, torch.device("cpu"))
    logits, loss = run.model(*run.loader.get_batch())
    assert not logits.any()
    assert loss.item() == pytest.approx(math.log(run.loader.vocab_size))
    before = {name: tensor.clone() for name, tensor in run.model.state_dict().items()}
    run.trainer.train()
    changed = {name for name, tensor in run.model.state_dict().items() if not torch.equal(before[name], tensor)}
    assert changed == {name for name, _ in run.model.named_parameters()}


@pytest.mark.parametrize("name", recipes())
def test_fewer_steps_keep_the_share_of_the_warm_up(name: str) -> None:
    recipe = recipes()[name]
    half = recipe.changed(steps=recipe.config.steps // 2).config
    assert half.warmup_steps == recipe.config.warmup_steps // 2
    assert recipe.changed(steps=1).config.warmup_steps == 0


def test_a_device_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert choose_device("auto") == choose_device("cpu") == torch.device("cpu")
    for word in ("cuda", "mps"):
        with pytest.raises(KitError, match=word):
            choose_device(word)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert choose_device("auto") == choose_device("cuda") == torch.device("cuda")


def test_a_text_is_read_with_plain_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_bytes("\ufeffé\r\nb\rc".encode())
    assert text.read_text(path) == "é\nb\nc"


@pytest.mark.parametrize(("data", "said"), [(b"", "empty"), (b"ab\xff", "byte 3"), (None, "no such file")])
def test_a_text_that_cannot_be_used(tmp_path: Path, data: bytes | None, said: str) -> None:
    path = tmp_path / "text"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(KitError, match=said) as caught:
        text.read_text(path)
    assert caught.value.where == str(path) and caught.value.next


def test_a_folder_is_no_text(tmp_path: Path) -> None:
    with pytest.raises(KitError, match="can't read"):
        text.read_text(tmp_path)


def test_the_shortest_text_that_trains() -> None:
    run = prepare(recipes()["small"].changed(steps=1), PLAY[:81], torch.device("cpu"))
    text.require_length(PLAY[:81], 8, "a text")
    assert train(run)[0].steps == 1
    with pytest.raises(KitError, match="80 characters") as caught:
        text.require_length(PLAY[:80], 8, "a text")
    assert "81" in caught.value.what


def sampled(**how: object) -> list[int]:
    """Thirty ids after 1, 2, 3."""
    model, _ = twins()
    return list(islice(sample(model.eval(), [1, 2, 3], **how), 30))  # type: ignore[arg-type]


def test_sampling_at_temperature_0_takes_the_highest() -> None:
    model, _ = twins()
    ids = [1, 2, 3]
    for _ in range(30):
        ids.append(int(model.eval()(torch.tensor([ids[-8:]]))[0][0, -1].argmax()))
    assert sampled(temperature=0) == sampled(top_k=1, seed=1) == sampled(temperature=1e-30, seed=1) == ids[3:]


def test_a_sample_is_drawn_from_its_seed() -> None:
    assert sampled(seed=4) == sampled(seed=4) != sampled(seed=5)
    assert sampled(seed=4, top_k=99) == sampled(seed=4)
    torch.manual_seed(0)
    before = torch.get_rng_state()
    assert len(sampled()) == 30
    torch.manual_seed(0)
    assert torch.equal(before, torch.get_rng_state())


@torch.no_grad()
def without_cache(model: BigramLanguageModel, ids: list[int], count: int, seed: int) -> list[int]:
    """What `sample` would write if it computed the whole window for each id."""
    generator = torch.Generator().manual_seed(seed)
    window = list(ids)
    for _ in range(count):
        logits = model(torch.tensor([window[-model.config.input_sequence_length :]]))[0][0, -1]
        window.append(int(torch.multinomial(logits.softmax(dim=-1), num_samples=1, generator=generator)))
    return window[len(ids) :]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("prompt", [1, 2, 7, 8, 9, 30])
def test_the_same_text_with_a_cache_as_without(prompt: int, seed: int) -> None:
    model, _ = twins()
    for parameter in model.parameters():
        parameter.data *= 3  # so that what it has read matters
    ids = torch.randint(11, (prompt,)).tolist()
    found = list(islice(sample(model.eval(), ids, seed=seed), 60))  # past the window's end
    assert found == without_cache(model, ids, 60, seed)


def test_an_id_costs_one_row_until_the_window_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    rows: list[int] = []
    real = Block.forward

    def counted(block: Block, x: torch.Tensor, start: int, last: bool) -> torch.Tensor:
        rows.append(len(x))
        return real(block, x, start, last)

    monkeypatch.setattr(Block, "forward", counted)
    model, _ = twins()
    predictor = Predictor(model.eval())
    ids = [1, 2, 3]
    with torch.no_grad():
        for _ in range(9):
            logits = predictor.logits(ids)
            torch.testing.assert_close(logits, model(torch.tensor([ids[-8:]]))[0][0, -1], atol=1e-5, rtol=1e-5)
            ids.append(4)
        torch.testing.assert_close(predictor.logits([5, 6]), model(torch.tensor([[5, 6]]))[0][0, -1])  # another text
    assert rows[:: model.config.num_layers] == [3, 1, 1, 1, 1, 1, 8, 8, 8, 2]


def test_a_prompt_becomes_ids() -> None:
    assert encode("ba", "\nab") == [2, 1]
    assert encode("", "\nab") == [0]
    assert encode("", "ab") == [0]
    with pytest.raises(KitError, match="'z'") as caught:
        encode("baz", "\nab")
    assert repr("\n") in caught.value.what
