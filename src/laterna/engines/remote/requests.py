"""A Shot as the request that a server films: which path, which fields, which files.

    prompt, cues, keyframes, loop   POST /v1/videos
    lead, trail                     POST /v1/videos/extensions, the film uploaded without loss
    source with mask or strength    POST /v1/videos/edits, likewise

What a request cannot carry is refused here by the field's name, before anything is sent.
"""

from __future__ import annotations

import base64
import io
import math
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from laterna.engines.remote.servers import Server
from laterna.errors import UnsupportedError
from laterna.media.scale import cover, same_shape
from laterna.media.shown import shown_rate, shown_size
from laterna.shot import (
    RATIOS,
    Frames,
    Shot,
    Size,
    Strip,
    draft_grid,
    frame_count,
    length,
)

__all__ = ["Request", "request_of"]

AREA = 832 * 480  # pixels that open-weight models are at home with, where only a ratio is asked
SIDE = 16  # pixels that their sides are multiples of
GROUP = 8  # frames; 8 n + 1 suits families of 4 n + 1 too, and what is over is cut off
VIDEOS = "/v1/videos"


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent and what has to come back.

    size    (width, height) of the film that has to come back; None where the server chooses it
    frame   (width, height) that its frames are cropped to; None where they are taken as they are
    total   frames of the shot, at the server's rate
    asked   frames the server was asked for, those of an uploaded film included
    skip    of them, frames that are not the shot's: the film that it goes on from
    """

    path: str
    size: Size | None
    frame: Size | None
    total: int
    asked: int
    skip: int = 0
    fields: dict[str, Any] = field(default_factory=dict)
    files: dict[str, tuple[str, bytes, str]] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """Arguments for httpx: a form where there are files or where only forms are read."""
        if "json" in self.fields:
            return {"json": self.fields["json"]}
        # Parts without a name keep it a multipart form even when there is no file.
        parts: list[tuple[str, Any]] = [(k, (None, str(v))) for k, v in self.fields.items()]
        return {"files": [*parts, *self.files.items()]}


def request_of(shot: Shot, server: Server, model: str) -> Request:
    """The request for `shot` (resolved). Raises UnsupportedError for what cannot be carried."""
    if not server.laterna:
        return _create_elsewhere(shot, server, model)
    fields = _options(shot, model)
    if shot.source is not None:
        return _edit(shot, server, fields)
    if shot.lead is not None or shot.trail is not None:
        return _extension(shot, server, fields)
    return _create(shot, server, fields)


def _options(shot: Shot, model: str) -> dict[str, Any]:
    """What every request of a laterna takes. A draft: the finish is ours to make."""
    told: dict[str, Any] = {"prompt": shot.prompt, "draft": True, "seed": shot.seed}
    optional = {
        "model": model or None,
        "negative_prompt": shot.negative or None,
        "guidance": shot.guidance,
        "steps": shot.steps,
    }
    return told | {name: value for name, value in optional.items() if value is not None}


def _create(shot: Shot, server: Server, fields: dict[str, Any]) -> Request:
    size = shot.size if isinstance(shot.size, str) else _by(shot.size)
    fields |= {"seconds": length(shot), "size": size}
    if shot.loop:
        fields["loop"] = True
    if shot.cues:
        fields["cues"] = [{"second": cue.second, "prompt": cue.prompt} for cue in shot.cues]
    if shot.keyframes:
        fields["keyframes"] = [
            {
                "second": one.second,
                "image": {"image_url": _data_url(_shaped(one.image, shot, server))},
            }
            for one in shot.keyframes
        ]
    total = frame_count(shot, server.fps)
    return Request(VIDEOS, _frame(shot, server), None, total, total, fields={"json": fields})


def _shaped(picture: NDArray[np.uint8], shot: Shot, server: Server) -> NDArray[np.uint8]:
    """A picture of the shot's shape; for drafts as it is where it has that shape already."""
    have = (picture.shape[1], picture.shape[0])
    if not server.drafts:
        return cover(picture, shown_size(have, shot.size, drafts=False))
    shown = draft_grid(shot.size).draft
    return picture if same_shape(have, shown) else cover(picture, shown)


def _frame(shot: Shot, server: Server) -> Size | None:
    """The size of the draft that a laterna keeps, where its engine leaves no choice."""
    return draft_grid(shot.size).frame if server.drafts else None


def _extension(shot: Shot, server: Server, fields: dict[str, Any]) -> Request:
    if shot.lead is not None and shot.trail is not None:
        remedy = "a remote server films on from one end only; leave out lead or trail"
        raise UnsupportedError("trail", shot.trail.frames, remedy)
    for name in ("keyframes", "cues"):
        if getattr(shot, name):
            remedy = "a remote server does not take it with lead or trail; leave one of them out"
            raise UnsupportedError(name, len(getattr(shot, name)), remedy)
    before = shot.lead is None
    name, strip = ("trail", shot.trail) if before else ("lead", shot.lead)
    assert strip is not None
    given = _film(name, strip, shot, server)
    assert given.frames is not None
    fields |= {"seconds": f"{length(shot):g}"}
    if before:
        fields["side"] = "start"
    fields["draft"] = "true"
    total = frame_count(shot, server.fps)
    joined = max(1, math.floor(len(given.frames) * server.fps / given.fps + 0.5))
    files = {"video": ("film.mkv", _lossless(given), "video/x-matroska")}
    skip = 0 if before else joined
    size, path = _frame(shot, server), f"{VIDEOS}/extensions"
    return Request(path, size, None, total, total + joined, skip, fields, files)


def _edit(shot: Shot, server: Server, fields: dict[str, Any]) -> Request:
    assert shot.source is not None
    if shot.mask is not None and shot.strength is not None:
        remedy = "a remote server takes a mask or a strength, not both; leave one of them out"
        raise UnsupportedError("strength", shot.strength, remedy)
    for name in ("keyframes", "cues", "lead", "trail"):
        if getattr(shot, name):
            remedy = "a remote server does not take it with a source; leave it out"
            raise UnsupportedError(name, "given", remedy)
    if shot.loop:
        raise UnsupportedError("loop", True, "a remote server does not take it with a source")
    given = _film("source", shot.source, shot, server, whole=False)
    assert given.frames is not None
    fields["draft"] = "true"
    files = {"video": ("film.mkv", _lossless(given), "video/x-matroska")}
    if shot.mask is not None:
        files["mask"] = ("mask.png", _png(_one_mask(shot.mask, given.frames)), "image/png")
    else:
        fields["strength"] = f"{shot.strength:g}"
    total = frame_count(shot, server.fps)
    path = f"{VIDEOS}/edits"
    return Request(path, _frame(shot, server), None, total, total, 0, fields, files)


def _one_mask(mask: NDArray[np.bool_], frames: Frames) -> NDArray[np.uint8]:
    """A mask as the one picture that a request has room for, at the size of `frames`."""
    if mask.ndim == 3:
        if (mask != mask[:1]).any():
            raise UnsupportedError("mask", mask, "a remote server takes one that stays as it is")
        mask = mask[0]
    grey = np.where(mask, np.uint8(255), np.uint8(0))
    size = (frames.shape[2], frames.shape[1])
    picture: NDArray[np.uint8] = cover(np.repeat(grey[..., None], 3, axis=-1), size)
    return picture


def _film(name: str, strip: Strip, shot: Shot, server: Server, *, whole: bool = True) -> Strip:
    """The frames of a strip as the server's engine is shown them; not the `whole`, only as many as
    the shot has."""
    if strip.frames is None:
        remedy = "a remote server needs its frames; latents alone do not travel"
        raise UnsupportedError(name, strip.latents, remedy)
    fps = shown_rate(strip.fps, server.fps, server.drafts)
    there = max(1, math.floor(len(strip.frames) * fps / strip.fps + 0.5))
    count = there if whole else frame_count(shot, fps)
    if there < count:
        remedy = f"the {name} lasts {there / fps:g} seconds; give no more"
        raise UnsupportedError("seconds", count / fps, remedy)
    chosen = np.minimum(np.arange(count) * strip.fps / fps + 1e-6, len(strip.frames) - 1)
    frames = strip.frames[chosen.astype(int)]
    return Strip(cover(frames, _shown(frames, shot, server)), fps)


def _shown(frames: Frames, shot: Shot, server: Server) -> Size:
    """The size in which film is sent. The server takes the film's own size for that of the shot, so
    where pixels are asked for, no others will do."""
    if server.drafts or isinstance(shot.size, str):
        return shown_size((frames.shape[2], frames.shape[1]), shot.size, server.drafts)
    return shot.size


def _create_elsewhere(shot: Shot, server: Server, model: str) -> Request:
    """A form with what servers other than ours take."""
    frame = _frame_elsewhere(shot)
    size = (-(-frame[0] // SIDE) * SIDE, -(-frame[1] // SIDE) * SIDE)
    total = frame_count(shot, server.fps)
    seconds = max(1, math.ceil(length(shot) - 1e-6))
    fields: dict[str, Any] = {"prompt": shot.prompt, "size": _by(size), "seconds": seconds}
    asked = round(seconds * server.fps)
    if server.counts:
        asked = 1 if total == 1 else GROUP * math.ceil((total - 1) / GROUP) + 1
        fields |= {"num_frames": asked, "fps": f"{server.fps:g}", "seed": shot.seed}
    optional = {
        "model": model or None,
        "negative_prompt": shot.negative or None,
        "guidance_scale": shot.guidance,
        "num_inference_steps": shot.steps,
    }
    fields |= {name: value for name, value in optional.items() if value is not None}
    files = {}
    if shot.keyframes:
        first = shot.keyframes[0]
        if len(shot.keyframes) > 1 or first.second > 0:
            remedy = "this remote server takes a first frame only, at second 0"
            raise UnsupportedError("keyframes", len(shot.keyframes), remedy)
        files["input_reference"] = ("first.png", _png(cover(first.image, size)), "image/png")
    return Request(VIDEOS, size, frame, total, asked, 0, fields, files)


def _frame_elsewhere(shot: Shot) -> Size:
    """The size of our frames: exactly as asked, or what models like of a ratio."""
    if not isinstance(shot.size, str):
        return shot.size
    width, height = RATIOS[shot.size]
    scale = math.sqrt(AREA / (width * height))
    return 2 * round(width * scale / 2), 2 * round(height * scale / 2)


def _by(size: Size) -> str:
    return f"{size[0]}x{size[1]}"


def _png(picture: NDArray[np.uint8]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(picture)).save(file, "PNG")
    return file.getvalue()


def _data_url(picture: NDArray[np.uint8]) -> str:
    return "data:image/png;base64," + base64.b64encode(_png(picture)).decode()


def _lossless(film: Strip) -> bytes:
    """A film as FFV1 in Matroska, exact to the bit; the same film is the same bytes, as a key that
    films once belongs to one request."""
    assert film.frames is not None
    rate = Fraction(film.fps).limit_denominator(1001)
    file = io.BytesIO()
    with av.open(file, "w", "matroska", container_options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream("ffv1", rate=rate, options={"level": "3"})
        stream.height, stream.width = film.frames.shape[1:3]
        stream.pix_fmt = "bgr0"
        for number, picture in enumerate(film.frames):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            frame.pts, frame.time_base = number, 1 / rate
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()
