"""BigramLanguageModel. Made from checkpoints/ch11_bigram_language_model.py by scripts/build.py; edit that file instead."""

from __future__ import annotations

import torch
from torch import nn
import torch.nn.functional as F

from nanogpt.data_loader import Config
from nanogpt.embedding_module import EmbeddingModule
from nanogpt.transformer_block import TransformerBlock
from nanogpt.vocabulary_logits import VocabularyLogits


class BigramLanguageModel(nn.Module):
    """Ids in, scores for the next one out; a bigram model in name only, unless its context is 1."""

    def __init__(self, vocab_size: int, config: Config) -> None:
        """`config.num_layers` blocks between the embedding and the logits."""
        super().__init__()
        self.config = config
        self.embedding = EmbeddingModule(vocab_size, config)  # the way in
        self.blocks = nn.ModuleList(TransformerBlock(config) for _ in range(config.num_layers))  # the blocks
        self.to_logits = VocabularyLogits(vocab_size, config)  # the way out

    def forward(
        self, ids: torch.Tensor, targets: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Logits (batch, sequence, vocab_size) for ids (batch, sequence); and the loss, or None without targets."""
        x = self.embedding(ids)  # ids to vectors
        for block in self.blocks:
            x = block(x)  # through this block
        logits = self.to_logits(x)  # vectors to scores
        if targets is None:
            return logits, None
        return logits, F.cross_entropy(logits.flatten(0, 1), targets.flatten())  # the loss

    @torch.no_grad()
    def generate(self, ids: torch.Tensor, max_new_tokens: int) -> torch.Tensor:
        """`ids` (batch, sequence), then `max_new_tokens` more, drawn one by one: (batch, sequence + max_new_tokens)."""
        was_training = self.training
        self.eval()
        for _ in range(max_new_tokens):
            context = ids[:, -self.config.input_sequence_length :]  # the last ids, as many as the model can see
            logits, _ = self(context)
            chances = logits[:, -1].softmax(dim=-1)  # the last place's probabilities: (batch, vocab_size)
            chosen = torch.multinomial(chances, num_samples=1)  # one spin of the wheel for each window: (batch, 1)
            ids = torch.cat((ids, chosen), dim=1)  # what was there, then what was chosen
        self.train(was_training)
        return ids
