"""The draft of a finished video: the engine's own frames, kept losslessly to build on.

Extensions, edits and remixes go on from these frames and latents and never from the MP4 that was
delivered, so film that is extended six times is encoded once. `draft/frames.mkv` is FFV1 in RGB
(exact to the bit, and readable by anyone), `draft/draft.safetensors` holds the latents, where the
engine has them, and what the frames are.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType

import av
import numpy as np
from av.error import FFmpegError
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from laterna.errors import MediaError, OutputError
from laterna.media.write import write_whole
from laterna.server.jobs.spool import Maker
from laterna.shot import Frames, Strip

__all__ = ["DRAFT", "Draft", "DraftWriter", "open_draft", "read_draft"]

FORMAT = "1"
DRAFT = "draft"
FILM = "frames.mkv"
FACTS = "draft.safetensors"
BLOCK = 8  # frames read at once


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """A draft on disk: `count` frames at `fps`, filmed by an engine with these `weights`."""

    folder: Path
    count: int
    fps: float
    engine: str
    weights: str
    latents: NDArray[np.float16] | None

    def blocks(self) -> Iterator[Frames]:
        """All frames in blocks (T, H, W, 3), at constant memory. Raises MediaError."""
        block: list[Frames] = []
        read = 0
        try:
            with av.open(os.fspath(self.folder / FILM)) as container:
                for frame in container.decode(video=0):
                    block.append(np.asarray(frame.to_ndarray(format="rgb24"), np.uint8))
                    read += 1
                    if len(block) == BLOCK:
                        yield np.stack(block)
                        block = []
        except (OSError, FFmpegError) as error:
            raise MediaError(f"draft: {self.folder} cannot be read ({error})") from error
        if block:
            yield np.stack(block)
        if read != self.count:
            raise MediaError(f"draft: {self.folder} holds {read} of {self.count} frames")


class DraftWriter:
    """Writes a draft into `folder`, which is there and empty; complete when the block ends well."""

    def __init__(self, folder: Path, maker: Maker, size: tuple[int, int]) -> None:
        self.folder, self.maker, self.count = folder, maker, 0
        self.latents: NDArray[np.float16] | None = None
        self._rate = Fraction(maker.fps).limit_denominator(1001)
        self._container = av.open(os.fspath(folder / FILM), "w", format="matroska")
        options = {"level": "3", "slicecrc": "1"}
        stream = self._container.add_stream("ffv1", rate=self._rate, options=options)
        stream.width, stream.height = size
        stream.pix_fmt = "bgr0"
        self._stream = stream

    def write(self, frames: Frames) -> None:
        """Append (T, H, W, 3) uint8 frames. Raises OutputError."""
        try:
            for picture in frames:
                frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
                frame.pts, frame.time_base = self.count, 1 / self._rate
                self.count += 1
                self._container.mux(self._stream.encode(frame))
        except (OSError, FFmpegError) as error:
            raise OutputError(f"output: the draft cannot be written ({error})") from error

    def __enter__(self) -> DraftWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self._container.mux(self._stream.encode(None))
        except (OSError, FFmpegError) as failure:
            raise OutputError(f"output: the draft cannot be written ({failure})") from failure
        finally:
            self._container.close()
        if kind is None:
            self._tell()

    def _tell(self) -> None:
        header = {
            "format": FORMAT,
            "frames": str(self.count),
            "fps": repr(float(self.maker.fps)),
            "engine": self.maker.engine,
            "weights": self.maker.weights,
        }
        arrays = {} if self.latents is None else {"latents": self.latents}
        write_whole(self.folder / FACTS, save(arrays, header))


def open_draft(folder: Path) -> Draft:
    """The draft of the finished video in `folder`, without its frames. Raises MediaError."""
    path = folder / DRAFT / FACTS
    try:
        with safe_open(path, framework="numpy") as file:
            header = file.metadata() or {}
            latents = file.get_tensor("latents") if "latents" in file.keys() else None  # noqa: SIM118
        if header.get("format") != FORMAT:
            raise MediaError(f"draft: {path} has another format than {FORMAT}; update laterna")
        count, fps = int(header["frames"]), float(header["fps"])
        return Draft(path.parent, count, fps, header["engine"], header["weights"], latents)
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise MediaError(f"draft: {path} cannot be read ({error})") from error


def read_draft(folder: Path) -> Strip:
    """Everything of the finished video in `folder`, for a Shot to build on. Raises MediaError.

    `folder` is the video's own (`Settings.folder`). Frames are as the engine made them, latents
    float32 where it had any.
    """
    draft = open_draft(folder)
    frames = np.concatenate(list(draft.blocks()))
    latents = None if draft.latents is None else draft.latents.astype(np.float32)
    return Strip(frames, draft.fps, latents)
