"""The finished model, piece by piece. Made from checkpoints/ by scripts/build.py; edit those."""

from nanogpt.data_loader import Config, DataLoader
from nanogpt.embedding_module import EmbeddingModule
from nanogpt.layer_norm import LayerNorm
from nanogpt.position_embedding import PositionEmbedding
from nanogpt.token_embedding import TokenEmbedding

__all__ = ["Config", "DataLoader", "EmbeddingModule", "LayerNorm", "PositionEmbedding", "TokenEmbedding"]
