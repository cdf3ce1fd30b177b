"""The finished model, piece by piece. Made from checkpoints/ by scripts/build.py; edit those files instead."""

from nanogpt.data_loader import Config, DataLoader
from nanogpt.token_embedding import TokenEmbedding

__all__ = ["Config", "DataLoader", "TokenEmbedding"]
