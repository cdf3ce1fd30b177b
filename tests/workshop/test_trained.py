"""The model that a chapter goes on from: the learner's, or one of the workshop's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
import torch.nn.functional as F

import nanogpt
from kit.course.corpus import shakespeare
from kit.model.training import chat
from kit.model.training.saved_model import SavedModel, load, save
from nanogpt import BigramLanguageModel, Config, DataLoader
from workshop import mine, rehearsal, trained

pytestmark = pytest.mark.usefixtures("one_thread")

CHARACTERS = "".join(sorted(set(shakespeare())))
CONFIG = Config(batch_size=7, embedding_dim=8, hidden_dim=16, num_heads=2, num_layers=1)


def a_model(characters: str = CHARACTERS, config: Config = CONFIG) -> SavedModel:
    """A model that has learned nothing."""
    return SavedModel(BigramLanguageModel(len(characters), config).state_dict(), characters, config, 4.2, 5)


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course without models, in which all classes are the package's."""
    monkeypatch.delenv(rehearsal.STEPS, raising=False)
    monkeypatch.setattr(trained, "course", lambda: SimpleNamespace(root=tmp_path))
    monkeypatch.setattr(trained, "made", [])
    monkeypatch.setattr(trained, "trained_now", lambda folder: pytest.fail("it trained one"))
    use(monkeypatch)
    return tmp_path


def use(monkeypatch: pytest.MonkeyPatch, **classes: Any) -> None:
    """Let the learner have these classes."""
    package = {name: getattr(nanogpt, name) for name in nanogpt.__all__}
    monkeypatch.setattr(mine, "loaded", mine.Loaded((), package | classes))


def same(model: Any, saved: SavedModel) -> bool:
    """Whether a model has these weights."""
    return all(torch.equal(tensor, saved.state[name]) for name, tensor in model.state_dict().items())


def test_the_learners_own_comes_first_and_is_new_each_time(root: Path) -> None:
    own, other = a_model(), a_model()
    save(root / "models" / "gpt", other)
    assert same(trained.load().model, other)
    save(root / "models" / "mine", own)
    model, plays, folder = trained.load()
    assert same(model, own) and folder == root / "models" / "mine"
    assert isinstance(plays, DataLoader) and plays.config == replace(CONFIG, batch_size=Config().batch_size)
    with torch.no_grad():
        model.to_logits.to_scores.bias += 1
    assert same(trained.load().model, own)


@pytest.mark.parametrize("odd", [a_model("\nab"), a_model(config=replace(CONFIG, input_sequence_length=31))])
def test_a_model_that_does_not_fit_is_passed_over(
    root: Path, odd: SavedModel, capsys: pytest.CaptureFixture[str]
) -> None:
    fitting = a_model()
    save(root / "models" / "mine", odd)
    save(root / "models" / "gpt", fitting)
    assert same(trained.load().model, fitting)
    assert str(root / "models" / "mine") in capsys.readouterr().out


def test_whoever_has_none_gets_one(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lent, trainings = a_model(), list[Path]()

    def trained_now(folder: Path) -> SavedModel:
        trainings.append(folder)
        return lent

    monkeypatch.setattr(trained, "trained_now", trained_now)
    assert same(trained.load().model, lent) and same(trained.load().model, lent)
    assert trainings == [root / "models" / "gpt"]


def test_a_lent_model_is_saved_except_in_a_rehearsal(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    folder = root / "models" / "gpt"
    monkeypatch.setenv(rehearsal.STEPS, "2")
    assert trained.trained_now(folder).characters == CHARACTERS
    assert not folder.exists()
    monkeypatch.setattr(rehearsal, "is_on", lambda: False)
    assert same(trained.trained_now(folder).model(), load(folder))


class ByHand(BigramLanguageModel):
    """A learner's model whose loss is worked out by hand, so that a target of -100 is an error."""

    def forward(self, ids: torch.Tensor, targets: torch.Tensor | None = None) -> Any:
        logits, _ = super().forward(ids)
        chances = logits.log_softmax(dim=-1)
        return logits, None if targets is None else -chances.gather(2, targets[..., None]).mean()


class Padded(BigramLanguageModel):
    """A learner's model that takes a target of -100 for the id 0."""

    def forward(self, ids: torch.Tensor, targets: torch.Tensor | None = None) -> Any:
        logits, _ = super().forward(ids)
        return logits, None if targets is None else F.cross_entropy(
            logits.flatten(0, 1), targets.clamp(min=0).flatten()
        )


class Own(BigramLanguageModel):
    """A learner's model that's as good as the workshop's."""


class Renamed(BigramLanguageModel):
    """A learner's model whose tensors have other names than those saved."""

    def __init__(self, *sizes: Any) -> None:
        super().__init__(*sizes)
        self.layers = self.blocks
        del self.blocks


@pytest.mark.parametrize(
    ("own", "taken"), [(Own, Own), *((each, BigramLanguageModel) for each in (ByHand, Padded, Renamed))]
)
def test_a_class_that_cannot_leave_targets_out_is_not_used(
    root: Path, monkeypatch: pytest.MonkeyPatch, own: type, taken: type, capsys: pytest.CaptureFixture[str]
) -> None:
    save(root / "models" / "mine", a_model())
    use(monkeypatch, BigramLanguageModel=own)
    assert type(trained.load().model) is taken
    assert bool(capsys.readouterr().out) == (own is not taken)


def test_the_answering_model_is_kept_beside_the_other(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writes = a_model()
    save(root / "models" / "mine", writes)
    model, plays, folder = trained.load()
    assert trained.keep(model, plays, folder, 1.9, 1000) == folder / "answers"
    found = chat.find(folder)
    assert (found.answers, found.validation_loss, found.steps, found.characters) == (True, 1.9, 1000, CHARACTERS)
    assert not load(folder).answers and same(trained.load().model, writes)
    monkeypatch.setenv(rehearsal.STEPS, "2")
    assert root not in trained.keep(model, plays, folder, 1.9, 2).parents
