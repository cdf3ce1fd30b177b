"""The finished model, piece by piece. Made from checkpoints/ by scripts/build.py; edit those."""

from nanogpt.answers import Dialogues, Mixed, answer, choose, question, window
from nanogpt.attention_head import AttentionHead
from nanogpt.bigram_language_model import BigramLanguageModel
from nanogpt.data_loader import Config, DataLoader
from nanogpt.embedding_module import EmbeddingModule
from nanogpt.feed_forward import FeedForward
from nanogpt.layer_norm import LayerNorm
from nanogpt.multi_head_attention import MultiHeadAttention
from nanogpt.position_embedding import PositionEmbedding
from nanogpt.token_embedding import TokenEmbedding
from nanogpt.trainer import Report, Trainer, rate_at
from nanogpt.transformer_block import TransformerBlock
from nanogpt.vocabulary_logits import VocabularyLogits

__all__ = ["AttentionHead", "BigramLanguageModel", "Config", "DataLoader", "Dialogues", "EmbeddingModule", "FeedForward", "LayerNorm", "Mixed", "MultiHeadAttention", "PositionEmbedding", "Report", "TokenEmbedding", "Trainer", "TransformerBlock", "VocabularyLogits", "answer", "choose", "question", "rate_at", "window"]
