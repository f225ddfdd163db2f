"""A Shot as a Take: every wish becomes latents that are given and a strength per token.

Nothing here films. Pictures go through the encoder (or come as latents from a sidecar), seconds
become latent frames, masks become tokens, and the window does the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from laterna.engines.native_frames import GROUP, Reel, from_end, from_start
from laterna.errors import InputError
from laterna.model.patches import SIDE, patchify
from laterna.model.sampler import Floats
from laterna.model.take import Given, Manner, Prompt, Take
from laterna.shot import DRAFT_FPS, Frames, Shot, Strip, frame_at

__all__ = ["CELL", "Encode", "EncodeText", "kept_pixels", "take_of"]

CONTEXT = 6  # latent frames before or after a shot that are of use to it
CELL = 16  # pixels a side of a latent cell
GUIDANCE = 3.0  # where a shot names what it does not want but no scale, and the weights have none

Encode = Callable[[Frames], Floats]  # (4F, H, W, 3) to (F, C, h, w)
EncodeText = Callable[[list[str]], tuple[Floats, NDArray[np.bool_]]]


def take_of(shot: Shot, reel: Reel, manner: Manner, encode: Encode, text: EncodeText) -> Take:
    """Lay out `shot`. Raises InputError for a strip of nothing but latents of another size."""
    before = _strip_latents("lead", shot.lead, reel, encode)
    after = _strip_latents("trail", shot.trail, reel, encode)
    given = dict(_source(shot, reel, encode))
    given |= dict(_keyframes(shot, reel, encode))
    zero = np.zeros(reel.tokens[0] * reel.tokens[1], np.float32)
    given |= {i - len(before): Given(x, zero) for i, x in enumerate(before)}
    given |= {reel.latents + i: Given(x, zero) for i, x in enumerate(after)}
    prompts, prompt_of = _prompts(shot, reel)
    guidance = manner.guidance if shot.guidance is None else float(shot.guidance)
    if shot.negative and guidance == 1.0 and shot.guidance is None:
        guidance = GUIDANCE
    *told, unwanted = _read(text, [*prompts, shot.negative])
    return Take(
        frames=reel.latents,
        grid=reel.tokens,
        seed=shot.seed or 0,
        prompts=tuple(told),
        prompt_of=prompt_of,
        given=given,
        lead=len(before),
        trail=len(after),
        loop=shot.loop,
        still=reel.total == 1 and not len(before) and not len(after),
        unwanted=None if guidance == 1.0 else unwanted,
        guidance=guidance,
    )


def kept_pixels(shot: Shot, reel: Reel, frames: NDArray[np.int64], filmed: Frames) -> Frames:
    """`filmed` frames of the shot; what a mask keeps are the source's own pixels, bit for bit."""
    if shot.mask is None or shot.source is None or shot.source.frames is None:
        return filmed
    out = filmed.copy()
    for n, frame in enumerate(frames):
        at = _source_frame(shot.source, int(frame))
        keep = ~_mask_at(shot, reel, int(frame))
        out[n][keep] = reel.cropped(shot.source.frames[at : at + 1])[0][keep]
    return out


def _prompts(shot: Shot, reel: Reel) -> tuple[list[str], tuple[int, ...]]:
    """The prompts of a shot, and which of them each latent frame follows."""
    prompts, follows = [shot.prompt], [0] * reel.latents
    for cue in shot.cues:
        if cue.prompt not in prompts:
            prompts.append(cue.prompt)
        start = reel.latent_of(frame_at(cue.second, reel.total))
        follows[start:] = [prompts.index(cue.prompt)] * (reel.latents - start)
    return prompts, tuple(follows)


def _read(text: EncodeText, prompts: list[str]) -> list[Prompt]:
    """Encode prompts, cut to the longest of them."""
    tokens, mask = text(prompts)
    longest = max(2, int(mask.sum(axis=1).max()))
    return [Prompt(t[:longest], m[:longest]) for t, m in zip(tokens, mask, strict=True)]


def _strip_latents(name: str, strip: Strip | None, reel: Reel, encode: Encode) -> Floats:
    """The latent frames (F, S, D) next to the shot: the lead's last or the trail's first."""
    if strip is None:
        return np.zeros((0, 0, 0), np.float32)
    if _latents_serve(strip, reel):
        assert strip.latents is not None
        near = strip.latents[-CONTEXT:] if name == "lead" else strip.latents[:CONTEXT]
        return patchify(np.asarray(near, np.float32))
    if strip.frames is None:
        assert strip.latents is not None
        rows, columns = reel.cells
        raise InputError(name, strip.latents.shape, f"film of this size has cells {rows}x{columns}")
    pick = from_end if name == "lead" else from_start
    index = pick(strip, GROUP * CONTEXT)
    if len(index) < GROUP:  # hold the far end of a very short strip
        short = GROUP - len(index)
        index = np.pad(index, (short, 0) if name == "lead" else (0, short), "edge")
    whole = len(index) // GROUP * GROUP
    index = index[-whole:] if name == "lead" else index[:whole]
    return patchify(encode(reel.filmed(strip.frames[index])))


def _latents_serve(strip: Strip, reel: Reel) -> bool:
    """Whether the strip's latents are of this size and rate, and of exactly its frames."""
    if strip.latents is None or strip.fps != DRAFT_FPS or strip.latents.shape[2:] != reel.cells:
        return False
    return strip.frames is None or len(strip.frames) == GROUP * len(strip.latents)


def _keyframes(shot: Shot, reel: Reel, encode: Encode) -> Iterator[tuple[int, Given]]:
    """Each keyframe holds its latent frame; where two share one, each has its part of it."""
    at = {int(reel.picks[frame_at(k.second, reel.total)]): k.image for k in shot.keyframes}
    zero = np.zeros(reel.tokens[0] * reel.tokens[1], np.float32)
    for latent in sorted({frame // GROUP for frame in at}):
        own = {f: image for f, image in at.items() if f // GROUP == latent}
        filmed = {f: reel.filmed(image[None])[0] for f, image in own.items()}
        film = range(GROUP * latent, GROUP * (latent + 1))
        group = np.stack([filmed[min(own, key=lambda f: abs(f - i))] for i in film])
        yield latent, Given(patchify(encode(group))[0], zero, still=len(own) == 1)


def _source(shot: Shot, reel: Reel, encode: Encode) -> Iterator[tuple[int, Given]]:
    """The source's latents, and how far each token may leave them."""
    source = shot.source
    if source is None:
        return
    ready = _latents_serve(source, reel) and (reel.picks == np.arange(reel.total)).all()
    for latent in range(reel.latents):
        shown = [reel.frame_shown_at(f) for f in range(GROUP * latent, GROUP * (latent + 1))]
        if ready and source.latents is not None:
            if latent >= len(source.latents):
                return  # the shot goes on where the source ends
            cells = np.asarray(source.latents[latent : latent + 1], np.float32)
        elif source.frames is not None:
            cells = encode(reel.filmed(source.frames[[_source_frame(source, i) for i in shown]]))
        else:
            assert source.latents is not None
            rows, columns = reel.cells
            remedy = f"film of this size and rate has cells {rows}x{columns}"
            raise InputError("source", source.latents.shape, remedy)
        yield latent, Given(patchify(cells)[0], _strengths(shot, reel, shown))


def _source_frame(source: Strip, frame: int) -> int:
    assert source.frames is not None
    return min(len(source.frames) - 1, int(frame * source.fps / DRAFT_FPS + 0.5))


def _mask_at(shot: Shot, reel: Reel, frame: int) -> NDArray[np.bool_]:
    assert shot.mask is not None
    assert shot.source is not None
    mask = shot.mask
    return reel.cropped_mask(mask if mask.ndim == 2 else mask[_source_frame(shot.source, frame)])


def _strengths(shot: Shot, reel: Reel, shown: list[int]) -> Floats:
    """Per token (S,): the shot's strength where anything in it is masked, 0 where nothing is."""
    strength = np.float32(1.0 if shot.strength is None else shot.strength)
    if shot.mask is None:
        return np.full(reel.tokens[0] * reel.tokens[1], strength)
    anew = np.any([reel.filmed_mask(_mask_at(shot, reel, i)) for i in set(shown)], axis=0)
    down, across = reel.tokens
    side = SIDE * CELL
    touched = anew.reshape(down, side, across, side).any(axis=(1, 3)).reshape(-1)
    return np.where(touched, strength, np.float32(0))
