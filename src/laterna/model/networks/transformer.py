"""The transformer: the clean latents it sees in noisy ones, with a noise level per token.

Notable:

- A level per token is told through adaLN-single (PixArt, arXiv 2310.00426): one map from the level
  to the modulation, shared by all layers, plus a small table per layer. Levels that are the same
  throughout a frame are computed once per frame and broadcast.
- Positions are seconds and picture heights, turned into rotations of queries and keys (3D RoPE), so
  that a window may have any shape. Where in the picture a token lies (sky is above) is added to it
  besides; text keys are not turned, which lets a word be about a place or a moment as well.
- Text stands beside the film as additional keys and values: tokens look at it, it looks at
  nothing, so it can be computed once per prompt.
- Step size and camera enter through zero-initialised maps: a network trained without them can be
  taught them later without starting over.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as nnf

TOKEN = 64  # numbers of a token: 16 channels of 2x2 cells
TEXT = 384  # numbers of a text token
CAMERA = 8
KINDS = 3  # video, still, anchor
HEAD = 64
ROTARY = (8, 12, 12)  # frequencies for seconds, down, right: half a head
SECONDS = (128.0, 1.0)  # longest and shortest wave of time, in seconds
HEIGHTS = (4.0, 0.3)  # of space, in picture heights
LEVEL_WAVES = 64
PLACE_WAVES = 8  # of down and right each, a quarter to eight periods a picture height
GBUFFER = 14  # what layer AUX_LAYER is asked for while training: see training/gbuffer.py
AUX_LAYER = 4


@dataclass(frozen=True, slots=True)
class Size:
    """Width (a multiple of 64) and number of layers."""

    width: int = 256
    layers: int = 14

    @property
    def hidden(self) -> int:
        """Width of the feed-forward, 8/3 of the width, on a multiple of 16."""
        return math.ceil(self.width * 8 / 3 / 16) * 16


def normed(x: Tensor) -> Tensor:
    """RMS norm of the last axis without a scale (Zhang and Sennrich 2019, arXiv 1910.07467)."""
    return nnf.rms_norm(x, (x.shape[-1],), eps=1e-6)


def rotations(position: Tensor) -> tuple[Tensor, Tensor]:
    """Cosines and sines (B, 1, N, 32) for positions (B, N, 3) in seconds and picture heights."""
    angles = []
    for axis, (count, span) in enumerate(zip(ROTARY, (SECONDS, HEIGHTS, HEIGHTS), strict=True)):
        long, short = (2 * math.pi / wave for wave in span)
        ratio = (short / long) ** (1 / (count - 1))
        waves = torch.tensor([long * ratio**i for i in range(count)], device=position.device)
        angles.append(position[..., axis, None] * waves)
    angle = torch.cat(angles, dim=-1)[:, None]
    return angle.cos(), angle.sin()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Turn (B, heads, N, 64) by its tokens' rotations; the halves of a head are the two parts."""
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


def modulate(x: Tensor, shift: Tensor, scale: Tensor) -> Tensor:
    """RMS norm of x (B, F, S, d), then scale and shift, each (B, F, S or 1, d)."""
    return normed(x) * (1 + scale) + shift


class Block(nn.Module):
    """Attention over film and text, then SwiGLU; both modulated and gated, starting as nothing."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        d = size.width
        self.table = nn.Parameter(torch.zeros(6, d))
        self.qkv = nn.Linear(d, 3 * d, bias=False)
        self.text_kv = nn.Linear(d, 2 * d, bias=False)
        self.query_scale = nn.Parameter(torch.ones(HEAD))
        self.key_scale = nn.Parameter(torch.ones(HEAD))
        self.attended = nn.Linear(d, d, bias=False)
        self.up = nn.Linear(d, 2 * size.hidden, bias=False)
        self.down = nn.Linear(size.hidden, d, bias=False)

    def forward(
        self, x: Tensor, told: Tensor, turn: tuple[Tensor, Tensor], text: Tensor, mask: Tensor
    ) -> Tensor:
        """x (B, F, S, d); told (B, F, S or 1, 6, d); turn as of `rotations`; text (B, M, d);
        mask (B, 1, 1, F * S + M), True where there is something to look at.
        """
        shift, scale, gate, shift_up, scale_up, gate_up = (told + self.table).unbind(-2)
        x = x + gate * self.attend(modulate(x, shift, scale), turn, text, mask)
        a, b = self.up(modulate(x, shift_up, scale_up)).chunk(2, dim=-1)
        change: Tensor = self.down(nnf.silu(a) * b)
        return x + gate_up * change

    def attend(self, x: Tensor, turn: tuple[Tensor, Tensor], text: Tensor, mask: Tensor) -> Tensor:
        """Every token looks at every token of the window and at the text."""
        b, f, s, d = x.shape
        q, k, v = heads(self.qkv(x.reshape(b, f * s, d)), 3)
        text_k, text_v = heads(self.text_kv(text), 2)
        cos, sin = (part.to(q.dtype) for part in turn)
        q = rotate(normed(q) * self.query_scale.to(q.dtype), cos, sin)
        k = rotate(normed(k) * self.key_scale.to(q.dtype), cos, sin)
        k = torch.cat([k, normed(text_k) * self.key_scale.to(q.dtype)], dim=2)
        v = torch.cat([v, text_v], dim=2)
        # Written out: for windows this small torch's fused attention is slower, backward above all.
        likeness = (q @ k.transpose(-1, -2)) * HEAD**-0.5
        weight = torch.softmax(likeness.float().masked_fill(~mask, -1e4), dim=-1)
        out = weight.to(v.dtype) @ v
        result: Tensor = self.attended(out.transpose(1, 2).reshape(b, f, s, d))
        return result


def heads(x: Tensor, parts: int) -> tuple[Tensor, ...]:
    """(B, N, parts * d) to `parts` tensors (B, heads, N, 64)."""
    b, n, _ = x.shape
    return x.reshape(b, n, parts, -1, HEAD).permute(2, 0, 3, 1, 4).unbind(0)


class Transformer(nn.Module):
    """See the module's docstring. The signature of `forward` is frozen."""

    def __init__(self, size: Size | None = None) -> None:
        super().__init__()
        self.size = size or Size()
        d = self.size.width
        self.enter = nn.Linear(TOKEN, d)
        self.place = nn.Linear(4 * PLACE_WAVES, d)
        self.kind = nn.Embedding(KINDS, d)
        self.camera = nn.Linear(CAMERA, d, bias=False)
        self.level = nn.Sequential(nn.Linear(2 * LEVEL_WAVES, d), nn.SiLU(), nn.Linear(d, d))
        self.step = nn.Linear(2 * LEVEL_WAVES, d, bias=False)
        self.text = nn.Sequential(nn.Linear(TEXT, d), nn.SiLU(), nn.Linear(d, d))
        self.text_scale = nn.Parameter(torch.ones(d))
        self.pooled = nn.Linear(d, d)
        self.modulation = nn.Linear(d, 6 * d)
        self.blocks = nn.ModuleList([Block(self.size) for _ in range(self.size.layers)])
        self.last = nn.Linear(d, 2 * d)
        self.leave = nn.Linear(d, TOKEN)
        self.gbuffer = nn.Linear(d, GBUFFER)
        self._initialise()

    def _initialise(self) -> None:
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.xavier_uniform_(module.weight)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
        nn.init.normal_(self.kind.weight, std=0.02)
        for zero in (self.camera, self.step, self.modulation, self.last, self.leave):
            nn.init.zeros_(zero.weight)

    def forward(
        self,
        latents: Tensor,
        sigma: Tensor,
        step: Tensor,
        position: Tensor,
        kind: Tensor,
        camera: Tensor,
        text: Tensor,
        text_mask: Tensor,
    ) -> Tensor:
        """Clean latents (B, F, S, 64) as seen in z = (1 - sigma) x + sigma eps.

        latents    (B, F, S, 64), z
        sigma      (B, F, S or 1), 0 to 1
        step       (B, F, S or 1), how far the sampler will go at once, 0 to 1
        position   (B, F, S, 3), seconds, then down and right from the centre in picture heights
        kind       (B, F, S or 1) int64: 0 video, 1 still, 2 anchor
        camera     (B, F, 8), zeros if nothing is said of it
        text       (B, M, 384) states of the text encoder; text_mask (B, M) bool, not all False
        """
        return self.seen(latents, sigma, step, position, kind, camera, text, text_mask)[0]

    def seen(
        self,
        latents: Tensor,
        sigma: Tensor,
        step: Tensor,
        position: Tensor,
        kind: Tensor,
        camera: Tensor,
        text: Tensor,
        text_mask: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """`forward`, and what the middle of the network says of the scene (B, F, S, 14)."""
        words = normed(self.text(text)) * self.text_scale
        b, f, s, _ = latents.shape
        told = self._told(sigma, step, words, text_mask)
        modulation = self.modulation(told).unflatten(-1, (6, -1))
        turn = rotations(position.reshape(b, f * s, 3))
        looks = torch.cat([torch.ones_like(position[..., 0].reshape(b, -1)).bool(), text_mask], 1)
        mask = looks[:, None, None]
        place = self.place(waves(position[..., 1:], PLACE_WAVES, 8.0).flatten(-2))
        x = self.enter(latents) + place + self.kind(kind) + self.camera(camera)[:, :, None]
        aux = x
        for index, block in enumerate(self.blocks, 1):
            x = block(x, modulation, turn, words, mask)
            if index == min(AUX_LAYER, len(self.blocks)):
                aux = x
        shift, scale = self.last(told).chunk(2, dim=-1)
        return self.leave(modulate(x, shift, scale)), self.gbuffer(normed(aux))

    def _told(self, sigma: Tensor, step: Tensor, words: Tensor, text_mask: Tensor) -> Tensor:
        """What modulates the layers (B, F, S or 1, d): level, step and the prompt as a whole."""
        weight = text_mask.to(words.dtype)[..., None]
        prompt = self.pooled((words * weight).sum(1) / weight.sum(1))
        level = self.level(waves(sigma)) + self.step(waves(step) - waves(torch.zeros_like(step)))
        return nnf.silu(level + prompt[:, None, None])


def waves(level: Tensor, count: int = LEVEL_WAVES, fastest: float = 32.0) -> Tensor:
    """(...) to cosines and sines (..., 2 count), from a quarter of a period a unit to `fastest`."""
    ratio = (fastest / 0.25) ** (1 / (count - 1))
    tempo = [2 * math.pi * 0.25 * ratio**i for i in range(count)]
    angle = level[..., None] * torch.tensor(tempo, device=level.device)
    return torch.cat([angle.cos(), angle.sin()], dim=-1)


def forward_flops(size: Size, tokens: int, text: int) -> float:
    """Multiplications and additions of one window of `tokens` tokens and `text` text tokens."""
    d, hidden = size.width, size.hidden
    per_token = 2 * (4 * d * d + 3 * d * hidden) + 4 * d * (tokens + text)
    ends = 4 * d * TOKEN * tokens + 2 * text * (TEXT * d + d * d)
    return float(size.layers * (tokens * per_token + text * 4 * d * d) + ends)
