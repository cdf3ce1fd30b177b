"""A block of the chapters as one operation with a backward pass of its own, for a CPU.

It computes what autograd would, with fewer tensors in between. Where the processor multiplies faster in bfloat16, the
products with weights and those of their gradients are taken in it; sums, norms and attention never are.
"""

from __future__ import annotations

from typing import Any

import torch

Tensor = torch.Tensor


class BlockFunction(torch.autograd.Function):
    """The stream x (batch, sequence, width) after a block: what attention and FeedForward add to it is added."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, heads: int, eps: float, dtype: torch.dtype, *weights: Tensor) -> Tensor:
        """Rows are (batch * sequence, width); queries, keys and values (batch * heads, sequence, head size)."""
        gain_1, bias_1, _, _, _, gain_2, bias_2, *_ = weights
        _, _, qkv, project, project_bias, _, _, expand, expand_bias, contract, contract_bias = [
            weight.to(dtype) for weight in weights
        ]
        batch, length, width = x.shape
        size = width // heads
        rows = x.reshape(-1, width)
        normal_1, *moments_1 = torch.native_layer_norm(rows, [width], gain_1, bias_1, eps)
        normal_1 = normal_1.to(dtype)
        parts = (normal_1 @ qkv.T).view(batch, length, 3, heads, size).permute(2, 0, 3, 1, 4)
        query, key, value = x.new_empty(parts.shape).copy_(parts).view(3, batch * heads, length, size)
        future = torch.full((length, length), float("-inf")).triu_(1)
        shares = torch.baddbmm(future, query, key.mT, alpha=size**-0.5).softmax(dim=-1)
        mixed = rows.new_empty(rows.shape, dtype=dtype)
        mixed.view(batch, length, heads, size).copy_((shares @ value).view(batch, heads, length, size).transpose(1, 2))
        middle = torch.addmm(project_bias, mixed, project.T).add(rows)
        normal_2, *moments_2 = torch.native_layer_norm(middle, [width], gain_2, bias_2, eps)
        normal_2 = normal_2.to(dtype)
        hidden = torch.addmm(expand_bias, normal_2, expand.T).relu_()
        ctx.save_for_backward(
            *(rows, normal_1, *moments_1, query, key, value, shares, mixed),
            *(middle, normal_2, *moments_2, hidden, gain_1, bias_1, qkv, project, gain_2, bias_2, expand, contract),
        )
        return torch.addmm(contract_bias, hidden, contract.T).add(middle).view(x.shape)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        """The gradients of x and of the weights."""
        rows, normal_1, mean_1, scale_1, query, key, value, shares, mixed, *others = ctx.saved_tensors
        middle, normal_2, mean_2, scale_2, hidden, gain_1, bias_1, qkv, project, gain_2, bias_2, expand, contract = (
            others
        )
        batch, length, width = grad.shape
        size = query.shape[-1]
        heads, dtype = width // size, hidden.dtype
        layer_norm_backward = torch.ops.aten.native_layer_norm_backward
        out = grad.reshape(-1, width)
        low_out = out.to(dtype)
        d_hidden = low_out @ contract
        torch.ops.aten.threshold_backward.grad_input(d_hidden, hidden, 0, grad_input=d_hidden)
        d_middle, d_gain_2, d_bias_2 = layer_norm_backward(
            (d_hidden @ expand).float(), middle, [width], mean_2, scale_2, gain_2, bias_2, [True] * 3
        )
        low_middle = d_middle.add_(out).to(dtype)
        d_mixed = grad.new_empty(batch, heads, length, size)
        d_mixed.copy_((low_middle @ project).view(batch, length, heads, size).transpose(1, 2))
        d_mixed = d_mixed.view(shares.shape[0], length, size)
        d_scores = torch._softmax_backward_data(d_mixed @ value.mT, shares, -1, torch.float32).mul_(size**-0.5)
        d_parts = grad.new_empty((batch, length, 3, heads, size), dtype=dtype)
        for part, d_part in enumerate((d_scores @ key, d_scores.mT @ query, shares.mT @ d_mixed)):
            d_parts[:, :, part] = d_part.view(batch, heads, length, size).transpose(1, 2)
        d_rows = d_parts.view(len(rows), 3 * width)
        d_x, d_gain_1, d_bias_1 = layer_norm_backward(
            (d_rows @ qkv).float(), rows, [width], mean_1, scale_1, gain_1, bias_1, [True] * 3
        )
        return (
            *(d_x.add_(d_middle).view(grad.shape), None, None, None),
            *(d_gain_1, d_bias_1, (d_rows.T @ normal_1).float(), (low_middle.T @ mixed).float(), d_middle.sum(0)),
            *(d_gain_2, d_bias_2, (d_hidden.T @ normal_2).float(), d_hidden.sum(0, dtype=torch.float32)),
            *((low_out.T @ hidden).float(), out.sum(0)),
        )
