"""The codec: film to latents and back, four frames at a time.

One latent cell holds 16x16 pixels of four frames in 16 uncorrelated numbers (192:1), the first of
which moves the picture most and is the largest (see `laterna.training.basis`). Two things are
notable:

- Beside every convolutional branch runs a linear map of the bare patch. The branches end in
  zero-initialised layers and the linear maps start as the principal components of the footage, so
  that training begins at the quality of PCA and every step goes to what PCA cannot do.
- The encoder knows nothing but its four frames, so any group of a film can be encoded by itself
  (keyframes, retakes, random access), while the decoder carries the features of the group before
  (the memory blocks of TAEHV, github.com/madebyollin/taehv) and draws each frame after the one
  before, moved to where its things are now: what it has to make up, it makes up once. It keeps what
  was right, and sees the latents of the group to come, so that it can lead over to them.

Frames are float in [-1, 1], shape (B, T, 3, H, W), T a multiple of 4, H and W of 16; latents are
(B, F, 16, H/16, W/16), F = T/4. The decoder is told the noise level `sigma` that is left in its
latents (0 to 0.2), in the convention z = (1 - sigma) x + sigma eps.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as nnf

GROUP = 4  # frames per latent frame
CELL = 16  # pixels per latent cell, each way
CHANNELS = 16
PATCH = 3 * GROUP * CELL * CELL
MAX_SIGMA = 0.2
SIGMA_WAVES = 8

State = tuple[Tensor, Tensor, Tensor, Tensor]  # of three memories, and the frame before


def grow(x: Tensor, times: int, side: int) -> Tensor:
    """(N, times * side^2 * C, h, w) to (N * times, C, side * h, side * w).

    Channels of a pixel stay together in memory: runs are copied, not single numbers.
    """
    n, c, h, w = x.shape
    c //= times * side * side
    x = x.permute(0, 2, 3, 1).reshape(n, h, w, times, side, side, c)
    x = x.permute(0, 3, 1, 4, 2, 5, 6).reshape(n * times, h * side, w * side, c)
    return x.permute(0, 3, 1, 2)


def shrink(x: Tensor, times: int, side: int) -> Tensor:
    """The inverse of `grow`."""
    n, c, h, w = x.shape
    n, h, w = n // times, h // side, w // side
    x = x.permute(0, 2, 3, 1).reshape(n, times, h, side, w, side, c)
    x = x.permute(0, 2, 4, 1, 3, 5, 6).reshape(n, h, w, times * side * side * c)
    return x.permute(0, 3, 1, 2)


class Conv(nn.Conv2d):
    """A convolution that keeps the size; all of them work on (N, C, h, w), channels last."""

    def __init__(self, inner: int, outer: int, kernel: int = 3, *, zero: bool = False) -> None:
        super().__init__(inner, outer, kernel, padding=kernel // 2)
        with torch.no_grad():
            nn.init.kaiming_normal_(self.weight, nonlinearity="relu", mode="fan_in")
            self.weight.mul_(0.0 if zero else 1.0)
            nn.init.zeros_(self.bias)  # type: ignore[arg-type]


class Residual(nn.Module):
    """x + conv(relu(conv x)), starting as the identity."""

    def __init__(self, channels: int, hidden: int | None = None) -> None:
        super().__init__()
        hidden = hidden or channels
        self.inner = Conv(channels, hidden)
        self.outer = Conv(hidden, channels, zero=True)

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, h, w) to the same shape."""
        change: Tensor = self.outer(nnf.relu(self.inner(x)))
        return x + change


class Memory(nn.Module):
    """A residual block that also sees the features of the frame before.

    `before` (B, C, h, w) are the features that came before the first frame of `x`; the second
    result is what to hand in as `before` with the next chunk.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.inner = Conv(2 * channels, channels)
        self.outer = Conv(channels, channels, zero=True)

    def forward(self, x: Tensor, before: Tensor) -> tuple[Tensor, Tensor]:
        """x (B * F, C, h, w), before (B, C, h, w) to the same two shapes."""
        b, c, h, w = before.shape
        frames = x.permute(0, 2, 3, 1).reshape(b, -1, h, w, c)
        first = before.permute(0, 2, 3, 1)[:, None].to(x.dtype)
        past = torch.cat([first, frames[:, :-1]], dim=1).flatten(0, 1).permute(0, 3, 1, 2)
        hidden = nnf.relu(self.inner(torch.cat([x, past], dim=1)))
        return x + self.outer(hidden), frames[:, -1].permute(0, 3, 1, 2)


class Echo(nn.Module):
    """A residual block that also sees the frame before."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.inner = Conv(channels + 48, channels)
        self.outer = Conv(channels, channels, zero=True)

    def forward(self, x: Tensor, before: Tensor) -> Tensor:
        """x (N, C, h, w) and a frame (N, 3, 4h, 4w) to the shape of x."""
        seen = shrink(before, 1, 4).to(x.dtype)
        change: Tensor = self.outer(nnf.relu(self.inner(torch.cat([x, seen], dim=1))))
        return x + change


class Motion(nn.Module):
    """Where things were a frame ago, seen in the features of two frames at a time."""

    def __init__(self, channels: int, hidden: int) -> None:
        super().__init__()
        self.inner = Conv(channels, hidden)
        self.outer = Conv(hidden, 4, zero=True)

    def forward(self, x: Tensor) -> Tensor:
        """x (N, C, h, w) to (2N, 2, 8h, 8w): pixels right and down."""
        flow: Tensor = self.outer(nnf.relu(self.inner(x))).float()
        each = flow.reshape(2 * len(x), 2, *x.shape[2:])
        return nnf.interpolate(each, scale_factor=8.0, mode="bilinear")


def followed(frames: Tensor, flow: Tensor) -> Tensor:
    """`frames` (N, C, H, W) seen from where `flow` (N, 2, H, W), pixels right and down, leads away
    from: place x of the result shows place x + flow; outside is what the border shows.
    """
    height, width = frames.shape[-2:]
    down = torch.arange(height, dtype=flow.dtype, device=flow.device)[:, None] + flow[:, 1]
    right = torch.arange(width, dtype=flow.dtype, device=flow.device) + flow[:, 0]
    grid = torch.stack([(2 * right + 1) / width - 1, (2 * down + 1) / height - 1], dim=-1)
    return nnf.grid_sample(frames, grid, padding_mode="border", align_corners=False)


class Encoder(nn.Module):
    """What the linear map misses: frames to corrections of the latents."""

    def __init__(self, widths: tuple[int, int, int]) -> None:
        super().__init__()
        fine, middle, coarse = widths
        self.stem = Conv(48, fine)
        self.fine = Residual(fine)
        self.shrink = Conv(8 * fine, middle, 1)
        self.middle = Residual(middle)
        self.shrink_again = Conv(8 * middle, coarse, 1)
        self.coarse = nn.ModuleList([Residual(coarse), Residual(coarse)])
        self.out = Conv(coarse, CHANNELS, 1, zero=True)

    def forward(self, frames: Tensor) -> Tensor:
        """Frames (B, T, 3, H, W) in [-1, 1] to (B, T/4, 16, H/16, W/16)."""
        x = self.fine(nnf.relu(self.stem(shrink(frames.flatten(0, 1), 1, 4))))
        x = self.middle(self.shrink(shrink(x, 2, 2)))
        x = self.shrink_again(shrink(x, 2, 2))
        for block in self.coarse:
            x = block(x)
        latents: Tensor = self.out(nnf.relu(x))
        return latents.reshape(len(frames), -1, *latents.shape[1:])


class Decoder(nn.Module):
    """Draws what the linear map cannot, frame after frame."""

    def __init__(self, widths: tuple[int, int, int]) -> None:
        super().__init__()
        coarse, middle, fine = widths
        self.widths = widths
        self.stem = Conv(CHANNELS, coarse, 1)
        self.ahead = Conv(CHANNELS + 1, coarse, 1, zero=True)
        self.film = nn.Linear(SIGMA_WAVES, 2 * coarse)
        nn.init.zeros_(self.film.weight)
        nn.init.zeros_(self.film.bias)
        self.coarse = nn.ModuleList([Memory(coarse), Memory(coarse)])
        self.grow = Conv(coarse, 8 * middle, 1)
        self.middle_memory = Memory(middle)
        self.middle = Residual(middle)
        self.motion = Motion(middle, fine)
        self.grow_again = Conv(middle, 8 * fine, 1)
        self.echo = Echo(fine)
        self.fine = Residual(fine, fine * 3 // 4)
        self.out = Conv(fine, 48 + 16, zero=True)  # of 4x4 pixels: what is drawn, what is kept

    def forward(
        self, latents: Tensor, ahead: Tensor, sigma: Tensor, state: State, flat: Tensor
    ) -> tuple[Tensor, Tensor, State]:
        """Latents (B, F, 16, h, w), what `following` says of them, the noise level (B, F) left in
        them and the frames the linear map makes of them, to frames and what `Codec.decode_moving`
        says of them.
        """
        waves = torch.arange(SIGMA_WAVES, device=sigma.device, dtype=torch.float32)
        told = torch.cos(sigma[..., None] * (math.pi / MAX_SIGMA) * waves)
        scale, shift = self.film(told.flatten(0, 1))[..., None, None].chunk(2, dim=1)
        x = self.stem(channels_last(latents.flatten(0, 1)))
        x = x + self.ahead(channels_last(ahead.flatten(0, 1)))
        x = nnf.relu(x * (1 + scale) + shift)
        x, first = self.coarse[0](x, state[0])
        x, second = self.coarse[1](x, state[1])
        x = nnf.relu(grow(self.grow(nnf.relu(x)), 2, 2))
        x, third = self.middle_memory(x, state[2])
        x = nnf.relu(self.middle(x))
        motion = self.motion(x)
        x = nnf.relu(grow(self.grow_again(x), 2, 2))
        x, motion = (all_.reshape(len(latents), -1, *all_.shape[1:]) for all_ in (x, motion))
        shown, frames = state[3], []
        for features, flow, base in zip(x.unbind(1), motion.unbind(1), flat.unbind(1), strict=True):
            before = followed(shown.clamp(-1, 1), flow)
            drawn = self.out(nnf.relu(self.fine(self.echo(channels_last(features), before))))
            # A pixel that was right a frame ago is kept: features are too few to say it again.
            kept = torch.tanh(grow(drawn[:, 48:], 1, 4).float())
            shown = base + kept * (before - base) + grow(drawn[:, :48], 1, 4).float()
            frames.append(shown)
        return torch.stack(frames, dim=1), motion, (first, second, third, shown)


def channels_last(x: Tensor) -> Tensor:
    """The same (N, C, h, w), its channels next to each other in memory."""
    return x.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2)


def following(latents: Tensor) -> Tensor:
    """For each frame of `latents` (B, F, 16, h, w) those of the next and a 1, (B, F, 17, h, w);
    after the last frame nothing is known: zeros.
    """
    known = torch.cat([latents, torch.ones_like(latents[:, :, :1])], dim=2)
    return torch.cat([known[:, 1:], torch.zeros_like(known[:, :1])], dim=1)


class Codec(nn.Module):
    """Video autoencoder: encode any groups of four frames, decode them as a stream.

    The widths are channels of the three scales; the shipped codec has the default ones.
    """

    def __init__(
        self,
        encoder: tuple[int, int, int] = (32, 96, 192),
        decoder: tuple[int, int, int] = (256, 128, 64),
    ) -> None:
        super().__init__()
        self.analysis = nn.Linear(PATCH, CHANNELS)
        self.synthesis = nn.Linear(CHANNELS, PATCH)
        self.encoder = Encoder(encoder)
        self.decoder = Decoder(decoder)

    def encode(self, frames: Tensor) -> Tensor:
        """(B, T, 3, H, W) in [-1, 1] to latents (B, T/4, 16, H/16, W/16), float32.

        Each group of four frames is encoded by itself: encoding film in chunks or whole is the
        same. A still is its frame four times.
        """
        correction: Tensor = self.encoder(frames)
        return self.linear_encode(frames) + correction.float()

    def decode_chunk(
        self, latents: Tensor, ahead: Tensor, sigma: Tensor, state: State
    ) -> tuple[Tensor, State]:
        """Latents (B, F, 16, h, w) to frames (B, 4F, 3, 16h, 16w), nominally in [-1, 1], unclamped.

        `ahead` (B, F, 17, h, w) is what `following` says of the latents, `sigma` (B, F), 0 to 0.2,
        the noise level left in them. `state` is that of `start` for the first chunk, afterwards
        what the chunk before returned: the frames then are those of decoding the whole film at
        once.
        """
        flat = self.linear_decode(latents)
        frames, _, after = self.decoder(latents, ahead, sigma, state, flat)
        return frames, after

    def decode_moving(self, latents: Tensor, sigma: Tensor) -> tuple[Tensor, Tensor]:
        """As `decode`, and where in the frame before the decoder sought what each frame shows,
        (B, 4F, 2, H, W) pixels right and down; in the first frame that means nothing.
        """
        flat = self.linear_decode(latents)
        ahead = following(latents)
        frames, motion, _ = self.decoder(latents, ahead, sigma, self.start(latents), flat)
        return frames, motion

    def decode(self, latents: Tensor, sigma: Tensor | None = None) -> Tensor:
        """A whole film at once: `decode_chunk` from the start state; `sigma` is 0 if not given."""
        if sigma is None:
            sigma = latents.new_zeros(latents.shape[:2])
        return self.decode_chunk(latents, following(latents), sigma, self.start(latents))[0]

    def start(self, latents: Tensor) -> State:
        """The state before the first chunk, for films of the shape of `latents`."""
        b, _, _, h, w = latents.shape
        coarse, middle, _ = self.decoder.widths
        return (
            latents.new_zeros(b, coarse, h, w),
            latents.new_zeros(b, coarse, h, w),
            latents.new_zeros(b, middle, 2 * h, 2 * w),
            latents.new_zeros(b, 3, CELL * h, CELL * w),
        )

    def linear_encode(self, frames: Tensor) -> Tensor:
        """The linear path alone (at initialisation: PCA), in float32."""
        with torch.autocast(frames.device.type, enabled=False):
            rows: Tensor = self.analysis(patches(frames))
            return rows.permute(0, 1, 4, 2, 3)

    def linear_decode(self, latents: Tensor) -> Tensor:
        """The linear path alone (at initialisation: PCA), in float32."""
        with torch.autocast(latents.device.type, enabled=False):
            return unpatches(self.synthesis(latents.float().permute(0, 1, 3, 4, 2)))

    @torch.no_grad()
    def set_linear(self, mean: Tensor, basis: Tensor, scale: Tensor) -> None:
        """Start the linear maps as PCA: `mean` (3072,), `basis` (3072, 16) orthonormal columns,
        `scale` (16,) standard deviations along them. Latents are then white.
        """
        self.analysis.weight.copy_((basis / scale).T)
        self.analysis.bias.copy_(-(mean @ basis) / scale)
        self.synthesis.weight.copy_(basis * scale)
        self.synthesis.bias.copy_(mean)

    @torch.no_grad()
    def fold_basis(self, mean: Tensor, matrix: Tensor) -> None:
        """Replace latents x by `matrix` @ (x - mean) without changing any reconstruction.

        `mean` (16,), `matrix` (16, 16) invertible. Exact because every map that leaves or meets
        the latents is linear and touches one cell (hence the decoder's 1x1 stem).
        """
        inverse = torch.linalg.inv(matrix.double()).float()
        out, stem = self.encoder.out, self.decoder.stem
        assert out.bias is not None
        assert stem.bias is not None
        self.analysis.weight.copy_(matrix @ self.analysis.weight)
        self.analysis.bias.copy_(matrix @ (self.analysis.bias - mean))
        out.weight.copy_(torch.einsum("ij,jckl->ickl", matrix, out.weight))
        out.bias.copy_(matrix @ out.bias)
        self.synthesis.bias.add_(self.synthesis.weight @ mean)
        self.synthesis.weight.copy_(self.synthesis.weight @ inverse)
        stem.bias.add_(stem.weight[:, :, 0, 0] @ mean)
        stem.weight.copy_((stem.weight[:, :, 0, 0] @ inverse)[:, :, None, None])
        next_ = self.decoder.ahead.weight  # its last channel is 1 where there is a next frame
        next_[:, CHANNELS, 0, 0] += next_[:, :CHANNELS, 0, 0] @ mean
        next_[:, :CHANNELS, 0, 0] = next_[:, :CHANNELS, 0, 0] @ inverse


def patches(frames: Tensor) -> Tensor:
    """(B, T, 3, H, W) to rows of pixels (B, T/4, H/16, W/16, 3072)."""
    b, t, c, h, w = frames.shape
    f, h, w = t // GROUP, h // CELL, w // CELL
    x = frames.reshape(b, f, GROUP, c, h, CELL, w, CELL)
    return x.permute(0, 1, 4, 6, 2, 3, 5, 7).reshape(b, f, h, w, PATCH)


def unpatches(rows: Tensor) -> Tensor:
    """The inverse of `patches`."""
    b, f, h, w, _ = rows.shape
    x = rows.reshape(b, f, h, w, GROUP, 3, CELL, CELL)
    return x.permute(0, 1, 4, 5, 2, 6, 3, 7).reshape(b, f * GROUP, 3, h * CELL, w * CELL)


def forward_flops(codec: Codec, height: int, width: int) -> tuple[float, float]:
    """Multiplications and additions per frame of (encode, decode), counted from the layer sizes."""
    grid = {"stem": 16, "fine": 16, "shrink": 128, "middle": 128}
    encoder = sum(_flops(codec.encoder, grid, 1024))
    grid = {"echo": 16, "fine": 16, "out": 16}
    grid |= {"motion": 128, "grow_again": 128, "middle": 128, "middle_memory": 128}
    decoder = sum(_flops(codec.decoder, grid, 1024))
    linear = 2.0 * PATCH * CHANNELS / 1024
    return (encoder + linear) * height * width, (decoder + linear) * height * width


def _flops(module: nn.Module, pixels: dict[str, int], rest: int) -> list[float]:
    """Per layer: operations per pixel of film, where a layer runs once every `pixels` pixels."""
    return [
        2.0 * layer.weight.numel() / pixels.get(name.split(".")[0], rest)
        for name, layer in module.named_modules()
        if isinstance(layer, nn.Conv2d)
    ]
