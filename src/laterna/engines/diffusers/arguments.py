"""How a Shot becomes a pipeline's arguments: one function for each form of call.

A form takes a `Call`, which has everything in the size and at the rate the pipeline films, and
gives the arguments beyond words, size, length and seed. A preset's `Use` names its form.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from laterna.shot import Frames, Size

__all__ = ["FORMS", "Call", "Form"]

GREY = 128  # what VACE was shown where nothing is known


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """What one window is given, in frames of the window at the size that is filmed.

    size      (width, height) of what is filmed
    frames    how many are filmed
    held      known frames by number, (H, W, 3) uint8
    source    film to work on, (T, H, W, 3), and `mask` (T, H, W), True where it is filmed anew
    strength  how far the result may leave the source
    control   film of the blocking, (T, H, W, 3), and how closely to `follow` it
    ratio     frames of one latent frame
    """

    size: Size
    frames: int
    held: dict[int, Frames] = field(default_factory=dict)
    source: Frames | None = None
    mask: NDArray[np.bool_] | None = None
    strength: float | None = None
    control: Frames | None = None
    follow: float = 1.0
    ratio: int = 4


Form = Callable[[Call], dict[str, Any]]


def _text(call: Call) -> dict[str, Any]:
    return {"num_frames": call.frames}


def _image(call: Call) -> dict[str, Any]:
    """The first picture, and where the pipeline takes it the last."""
    told: dict[str, Any] = {"image": _pil(call.held[0]), "num_frames": call.frames}
    end = call.frames - 1
    if end in call.held and end:
        told["last_image"] = _pil(call.held[end])
    return told


def _moving(call: Call) -> dict[str, Any]:
    """As `_image`, for pipelines that cut their decoding up themselves: here in one piece."""
    return {**_image(call), "decode_chunk_size": call.frames}


def _video(call: Call) -> dict[str, Any]:
    assert call.source is not None
    return {"video": [_pil(frame) for frame in call.source], "strength": call.strength}


def _conditions(call: Call) -> dict[str, Any]:
    """LTX: pieces of film at the frame they begin with."""
    from diffusers.pipelines.ltx.pipeline_ltx_condition import LTXVideoCondition

    pieces: list[Any] = []
    for first, film in _pieces(call):
        pictures = [_pil(frame) for frame in film]
        if len(pictures) == 1:
            pieces.append(LTXVideoCondition(image=pictures[0], frame_index=first))
        else:
            pieces.append(LTXVideoCondition(video=pictures, frame_index=first))
    told: dict[str, Any] = {"num_frames": call.frames}
    return {**told, "conditions": pieces} if pieces else told


def _conditions2(call: Call) -> dict[str, Any]:
    """LTX-2: the same, placed by latent frame."""
    from diffusers.pipelines.ltx2.pipeline_ltx2_condition import LTX2VideoCondition

    pieces = [
        LTX2VideoCondition(frames=film, index=-(-first // call.ratio))
        for first, film in _pieces(call)
    ]
    told: dict[str, Any] = {"num_frames": call.frames}
    return {**told, "conditions": pieces} if pieces else told


def _vace(call: Call) -> dict[str, Any]:
    """Film and a mask of what is not known in it: grey where it is to be made up."""
    width, height = call.size
    video = np.full((call.frames, height, width, 3), GREY, np.uint8)
    mask = np.full((call.frames, height, width), 255, np.uint8)
    if call.control is not None:
        video[:] = call.control
    if call.source is not None and call.mask is not None:
        video[:] = np.where(call.mask[..., None], GREY, call.source)
        mask[:] = np.where(call.mask, 255, 0)
    for number, frame in call.held.items():
        video[number], mask[number] = frame, 0
    return {
        "video": [_pil(frame) for frame in video],
        "mask": [Image.fromarray(frame) for frame in mask],
        "num_frames": call.frames,
        "conditioning_scale": float(call.follow),
    }


def _still(call: Call) -> dict[str, Any]:
    return {}


def _picture(call: Call) -> dict[str, Any]:
    assert call.source is not None
    return {"image": _pil(call.source[0]), "strength": call.strength}


def _inpaint(call: Call) -> dict[str, Any]:
    assert call.source is not None
    assert call.mask is not None
    return {
        "image": _pil(call.source[0]),
        "mask_image": Image.fromarray(np.where(call.mask[0], 255, 0).astype(np.uint8)),
        "strength": 1.0 if call.strength is None else call.strength,
    }


FORMS: dict[str, Form] = {
    "text": _text,
    "image": _image,
    "moving": _moving,
    "video": _video,
    "conditions": _conditions,
    "conditions2": _conditions2,
    "vace": _vace,
    "still": _still,
    "picture": _picture,
    "inpaint": _inpaint,
}


def _pil(frame: Frames) -> Image.Image:
    return Image.fromarray(np.ascontiguousarray(frame))


def _pieces(call: Call) -> list[tuple[int, Frames]]:
    """Known frames as pieces of film (T, H, W, 3) by the frame they begin with.

    The film from frame 0 on is one piece as far as latents hold all of it, `ratio` * k + 1 frames:
    the pipelines cut off what is over without a word. Every other frame is a piece of its own, as
    they take pictures at any frame and film only at the first of a latent.
    """
    there = 0
    while there in call.held:
        there += 1
    whole = (there - 1) // call.ratio * call.ratio + 1 if there else 0
    pieces = [(0, np.stack([call.held[number] for number in range(whole)]))] if whole else []
    rest = sorted(number for number in call.held if number >= whole)
    return pieces + [(number, call.held[number][None]) for number in rest]
