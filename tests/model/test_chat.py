"""Talking with a model that has learned to answer."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from kit.course.corpus import shakespeare
from kit.course.course import ROOT
from kit.course.dialogues import dialogues
from kit.errors import KitError
from kit.model.training import chat
from kit.model.training.saved_model import ANSWERS, SETTINGS, SavedModel, load, save
from nanogpt import BigramLanguageModel, Config, Dialogues, question
from scripts import sample

pytestmark = pytest.mark.usefixtures("one_thread")

CHARACTERS = "".join(sorted(set("You: hi\nGPT: Ay, sir. No. 'now")))
REPLY = "Ay, sir."


class Plays:
    """As much of a loader of plays as a loader of dialogues needs."""

    characters: Sequence[str] = CHARACTERS
    config = Config(batch_size=8, embedding_dim=16, hidden_dim=32, num_heads=2, num_layers=1)

    def encode(self, text: str) -> list[int]:
        return [CHARACTERS.index(character) for character in text]


@pytest.fixture(scope="module")
def saved() -> SavedModel:
    """A model that has learned one answer by heart, and one more to another question."""
    torch.set_num_threads(1)
    torch.manual_seed(1)
    batches = Dialogues([("hi", REPLY), ("now", "No.")], [], Plays())  # type: ignore[arg-type]
    model = BigramLanguageModel(len(CHARACTERS), Plays.config)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    for _ in range(120):
        optimizer.zero_grad()
        model(*batches.get_batch())[1].backward()
        optimizer.step()
    return SavedModel(model.state_dict(), CHARACTERS, Plays.config, None, 120, answers=True)


def test_it_answers_and_stops(saved: SavedModel) -> None:
    said = {line: "".join(chat.answer(saved.model(), CHARACTERS, line, 0, None, None)) for line in ("Hi!", "NOW?")}
    assert said == {"Hi!": REPLY, "NOW?": "No."}


def test_what_it_does_not_know_is_left_out(saved: SavedModel) -> None:
    assert "".join(chat.answer(saved.model(), CHARACTERS, "\x1b[3 Hi 3 é こ!", 0, None, None)) == REPLY
    assert question("é 3", CHARACTERS) == "You: \nGPT: "


def test_an_answer_that_never_ends_is_cut(saved: SavedModel) -> None:
    state = {name: torch.zeros_like(tensor) for name, tensor in saved.state.items()}
    endless = replace(saved, state=state).model()
    with torch.no_grad():
        endless.to_logits.to_scores.bias[CHARACTERS.index("o")] = 9.0
    assert "".join(chat.answer(endless, CHARACTERS, "hi", 0, None, None)) == "o" * chat.LONGEST


def test_the_answering_model_is_found_where_it_is(saved: SavedModel, tmp_path: Path) -> None:
    writes = replace(saved, answers=False)
    save(tmp_path / "mine", writes)
    with pytest.raises(KitError) as caught:
        chat.find(tmp_path / "mine")
    assert "ch13" in str(caught.value)
    save(tmp_path / "mine" / ANSWERS, saved)
    assert chat.find(tmp_path / "mine").answers and chat.find(tmp_path / "mine" / ANSWERS).answers
    assert not load(tmp_path / "mine").answers
    assert "answers" not in (tmp_path / "mine" / SETTINGS).read_text()
    with pytest.raises(KitError):
        chat.find(tmp_path / "none")


def test_an_older_model_takes_its_answers_along(saved: SavedModel, tmp_path: Path) -> None:
    save(tmp_path / "mine", replace(saved, answers=False))
    save(tmp_path / "mine" / ANSWERS, saved)
    save(tmp_path / "mine", replace(saved, answers=False, steps=7))
    assert load(tmp_path / "mine-1" / ANSWERS).answers
    assert not (tmp_path / "mine" / ANSWERS).exists()


@pytest.fixture
def folder(saved: SavedModel, tmp_path: Path) -> Path:
    save(tmp_path / "mine", replace(saved, answers=False))
    save(tmp_path / "mine" / ANSWERS, saved)
    return tmp_path / "mine"


def test_a_conversation(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for end in ("", None):
        lines = ["hi", "now", end, "hi"]

        def typed(prompt: str, lines: list[str | None] = lines) -> str:
            print(prompt, end="")
            line = lines.pop(0)
            if line is None:
                raise EOFError
            return line

        monkeypatch.setattr("builtins.input", typed)
        assert sample.main([str(folder), "--chat", "--temperature", "0"]) == 0
        assert capsys.readouterr().out.rstrip() == f"You: GPT: {REPLY}\nYou: GPT: No.\nYou:"
        assert lines == ["hi"]
    monkeypatch.setattr("builtins.input", lambda prompt: "")
    assert sample.main([str(folder), "Hi", "--chat", "--temperature", "0"]) == 0
    assert capsys.readouterr().out == f"GPT: {REPLY}\n"


def test_a_model_that_only_writes_says_what_to_do(saved: SavedModel, tmp_path: Path) -> None:
    save(tmp_path / "gpt", replace(saved, answers=False))
    done = subprocess.run(
        [sys.executable, "scripts/sample.py", str(tmp_path / "gpt"), "--chat"],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin"},
        input="hello\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "checkpoints/ch13_answers.py" in done.stderr
    assert (ROOT / "checkpoints/ch13_answers.py").is_file()


def test_the_dialogues_are_of_the_plays_and_short() -> None:
    text = dialogues()
    assert set(text) <= set(shakespeare())
    scenes = [scene.split("\n") for scene in text.strip().split("\n\n")]
    prompts = [line.removeprefix("You: ") for scene in scenes for line in scene if line.startswith("You: ")]
    replies = [line.removeprefix("GPT: ") for scene in scenes for line in scene if line.startswith("GPT: ")]
    assert (len(scenes), len(prompts), len(replies)) == (15, 300, 60)
    assert len(prompts) + len(replies) == sum(map(len, scenes))
    turns = [question(prompt, shakespeare()) for prompt in prompts]
    assert len(set(turns)) == len(turns) and max(map(len, turns)) <= Config().input_sequence_length
    assert len(set(replies)) == len(replies) and max(map(len, replies)) < chat.LONGEST
