"""What the transformer trains on: footage as latents and captions as text tokens, computed once.

For every clip, as it is and in a mirror: the latents of its groups of four frames, the latents of
the first frame of each group as a still, and what is true of each token (see `gbuffer`). Captions
are worded and encoded apart from that, since they outlast a codec: several per clip, one in four of
them German, those of the mirrored clip with left and right swapped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from laterna.errors import InputError
from laterna.model.networks.codec import GROUP, Codec
from laterna.model.patches import patchify
from laterna.model.take import Prompt
from laterna.training import checkpoint
from laterna.training.footage import Footage
from laterna.training.machine import half_pays
from laterna.training.shards import Shards
from laterna.training.tensors import to_tensor
from laterna.world.captions import caption, mirrored

FORMAT = 1
GERMAN = 0.25
CAPTIONS = 4
Tell = Callable[[int, int], None]


class Encoder(Protocol):
    """The text encoder, as laterna.model.text.TextEncoder offers it."""

    def encode(self, prompts: list[str]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Tokens (B, M, 384) and mask (B, M)."""
        ...


def gbuffer(footage: Footage, index: int) -> NDArray[np.float16]:
    """What is true of the tokens of clip `index`, (F, S, 14), scaled to about -1 .. 1.

    Shares of the eight matte classes, nearness (1 at 1 m, 0 at 1 km, -1 at the sky), the normal
    (x, y, z) and the motion (right, down; 4 pixels a frame is 1).
    """
    depth = np.clip(footage.read(index, "depth").astype(np.float32), 1.0, 1e6)
    parts: list[NDArray[Any]] = [
        footage.read(index, "matte").astype(np.float32),
        (1 - np.log10(depth) / 3)[..., None],
        footage.read(index, "normals").astype(np.float32),
        footage.read(index, "flow").astype(np.float32) / 4,
    ]
    cells = np.nan_to_num(np.concatenate(parts, axis=-1), posinf=4, neginf=-4).clip(-4, 4)
    t, h, w, c = cells.shape
    f = t // GROUP
    tokens = cells[: f * GROUP].reshape(f, GROUP, h // 2, 2, w // 2, 2, c).mean((1, 3, 5))
    half: NDArray[np.float16] = tokens.reshape(f, -1, c).astype(np.float16)
    return half


def mirror_gbuffer(tokens: NDArray[np.float16], across: int) -> NDArray[np.float16]:
    """The same in a mirror: columns reversed, rightward numbers (normal x, motion x) negated."""
    f, s, c = tokens.shape
    turned = tokens.reshape(f, s // across, across, c)[:, :, ::-1].reshape(f, s, c).copy()
    turned[..., [9, 12]] *= -1
    return turned


@torch.no_grad()
def encode_footage(
    data: Path, codec: Codec, name: str, folder: Path, clips: int, tell: Tell
) -> None:
    """Bring `folder` to the latents of the first `clips` clips of `data`, and their mirror images.

    `name` says which codec it is (the hash of its weights): a folder holds latents of one.
    """
    footage = Footage(data)
    shards = Shards.begin(folder, {"format": FORMAT, "codec": name})
    # Half precision moves a latent by about a hundredth, less than the noise it is trained under.
    half = half_pays()
    for index in range(len(shards), min(clips, len(footage))):
        frames = footage.read(index)
        frames = frames[: len(frames) // GROUP * GROUP]
        both = np.stack([frames, frames[:, :, ::-1]])
        stills = np.repeat(both[:, ::GROUP], GROUP, axis=1)
        truth = gbuffer(footage, index)
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            video, still = (codec.encode(to_tensor(part)) for part in (both, stills))
        arrays = {
            "video": _half(video),
            "still": _half(still),
            "truth": np.stack([truth, mirror_gbuffer(truth, frames.shape[2] // 32)]),
        }
        shards.append(arrays, {"seed": footage.seed(index)})
        tell(index + 1, min(clips, len(footage)))


def _half(latents: torch.Tensor) -> NDArray[np.float16]:
    """Latents (2, F, 16, h, w) as tokens (2, F, S, 64) in half precision."""
    tokens: NDArray[np.float16] = patchify(latents.numpy()).astype(np.float16)
    return tokens


def encode_captions(data: Path, encoder: Encoder, folder: Path, clips: int, tell: Tell) -> None:
    """Bring `folder` to CAPTIONS captions each of the first `clips` clips of `data`, and of their
    mirror images, as text tokens in half precision, with `mask`.

    Before the first clip the empty prompt stands as item 0: what is said when nothing is said.
    """
    footage = Footage(data)
    shards = Shards.begin(folder, {"format": FORMAT, "captions": CAPTIONS, "german": GERMAN})
    for item in range(len(shards), min(clips, len(footage)) + 1):
        lines = [""] * (2 * CAPTIONS) if item == 0 else captions(footage, item - 1)
        if item == 0:
            tokens, mask = (np.repeat(part, 2 * CAPTIONS, 0) for part in encoder.encode([""]))
        else:
            tokens, mask = encoder.encode(lines)
        shape = (2, CAPTIONS, *tokens.shape[1:])
        arrays = {
            "text": tokens.astype(np.float16).reshape(shape),
            "mask": mask.reshape(shape[:3]),
        }
        seed = None if item == 0 else footage.seed(item - 1)
        shards.append(arrays, {"seed": seed, "captions": lines})
        tell(item, min(clips, len(footage)))


def captions(footage: Footage, index: int) -> list[str]:
    """The captions of clip `index`, then those of its mirror image; a function of its seed."""
    rng = np.random.default_rng((footage.seed(index), 0xCA9710))
    plain = footage.factors(index)
    return [
        caption(factors, rng, "de" if rng.random() < GERMAN else "en")
        for factors in (plain, mirrored(plain))
        for _ in range(CAPTIONS)
    ]


def codec_name(path: Path) -> str:
    """What names the latents of the codec in `path`: a hash of its encoder.

    Two codecs that differ in their decoder alone share latents.
    """
    tensors, _ = checkpoint.load(path)
    digest = hashlib.sha256()
    for name in sorted(tensors):
        if name.startswith(("ema.encoder.", "ema.analysis.")):
            digest.update(tensors[name].numpy().tobytes())
    return digest.hexdigest()[:32]


def load_codec(path: Path) -> Codec:
    """The codec of a file that `laterna.training.codec.finish` wrote."""
    codec = Codec()
    checkpoint.load_module(codec, path)
    return codec.requires_grad_(False).eval()


def latents_folder(data: Path, codec: Path) -> Path:
    """Where the latents of the footage in `data` lie that the codec in the file `codec` made."""
    return data / f"latents-{codec_name(codec)[:8]}"


def text_folder(data: Path) -> Path:
    """Where the captions of the footage in `data` lie."""
    return data / "text"


class Library:
    """Latents and captions of the same clips, ready to be drawn from."""

    def __init__(self, latents: Path, text: Path) -> None:
        self.latents = Shards(latents, "laterna train encode")
        self.text = Shards(text, "laterna train captions")
        self.clips = min(len(self.latents), len(self.text) - 1)
        if self.clips < 1:
            raise InputError("data", str(latents), "encode its clips and captions first")
        pairs = zip(self.latents.records, self.text.records[1:], strict=False)
        if any(a["seed"] != b["seed"] for a, b in pairs):
            raise InputError("data", str(text), "latents and captions are not of the same clips")

    @property
    def shape(self) -> tuple[int, int, int]:
        """Latent frames, tokens and numbers of a clip."""
        _, frames, tokens, width = self.latents.read(0, "video").shape
        return frames, tokens, width

    def clip(self, index: int, side: int, kind: str) -> NDArray[Any]:
        """`kind` "video" or "still" (F, S, 64) or "truth" (F, S, 14); `side` 1 is the mirror."""
        found: NDArray[Any] = self.latents.read(index, kind)[side]
        return found

    def caption(
        self, index: int | None, side: int, which: int
    ) -> tuple[NDArray[np.float16], NDArray[np.bool_]]:
        """Text tokens (M, 384) and mask (M,); `index` None is the empty prompt."""
        item = 0 if index is None else index + 1
        return self.text.read(item, "text")[side, which], self.text.read(item, "mask")[side, which]

    def prompt(self, index: int | None, side: int = 0, which: int = 0) -> Prompt:
        """The same caption as the sampler takes it."""
        tokens, mask = self.caption(index, side, which)
        return Prompt(np.array(tokens, np.float32), np.array(mask))
