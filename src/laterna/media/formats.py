"""The formats a clip can take, each a sink that is given frames one by one.

A sink writes to a path of its own and knows nothing of the final name; `laterna.media.write` keeps
the promises around it. Film is tagged BT.709 with limited range, which is what players assume and
editing systems ask for; time stamps count frames in units of 1 / fps, so lengths are exact.
"""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path
from typing import ClassVar, Protocol, cast

import av
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter
from PIL import Image

from laterna.errors import InputError
from laterna.shot import Frames

__all__ = ["FILMS", "Film", "Folder", "Sink", "Still"]

FIRST_FRAME = 1001  # of a folder of PNG
BT709 = 1  # code point of primaries, transfer and matrix alike (ITU-T H.273, tables 2 to 4)
LIMITED = 1  # AVCOL_RANGE_MPEG


class Sink(Protocol):
    """A place that takes frames one by one; `close` makes it complete."""

    def put(self, frame: Frames) -> None: ...

    def close(self, whole: bool) -> None: ...

    def count(self) -> int: ...


class Film:
    """A container file with one video stream."""

    muxer, codec, pixels = "mp4", "libx264", "yuv420p"
    muxer_options: ClassVar[dict[str, str]] = {"movflags": "+faststart"}

    def __init__(self, path: Path, size: tuple[int, int], fps: Fraction, quality: int) -> None:
        self.path = path
        self.fps = fps
        self.written = 0
        self.reformat = VideoReformatter()
        self.container = av.open(
            os.fspath(path), "w", format=self.muxer, container_options=self.muxer_options
        )
        try:
            stream = cast(
                av.VideoStream,
                self.container.add_stream(self.codec, rate=fps, options=self.options(quality)),
            )
            stream.width, stream.height = size
            stream.pix_fmt = self.pixels
            stream.time_base = 1 / fps
            context = stream.codec_context
            context.time_base = 1 / fps
            context.thread_count = min(4, os.cpu_count() or 1)
            self.tag(context)
            context.open()
        except BaseException:
            self.container.close()
            raise
        self.stream = stream

    def options(self, quality: int) -> dict[str, str]:
        # Macroblock trees give other films of the same frames with AVX-512 (docs/decisions.md).
        return {"crf": str(quality), "preset": "medium", "x264-params": "no-mbtree=1"}

    def tag(self, context: av.VideoCodecContext) -> None:
        context.color_primaries = context.color_trc = context.colorspace = BT709
        context.color_range = LIMITED

    def picture(self, frame: Frames) -> av.VideoFrame:
        source = av.VideoFrame.from_ndarray(frame, format="rgb24")
        picture = self.reformat.reformat(
            source,
            format=self.pixels,
            dst_colorspace=Colorspace.ITU709,
            src_color_range=ColorRange.JPEG,
            dst_color_range=ColorRange.MPEG,
        )
        picture.color_primaries = picture.color_trc = BT709
        return picture

    def put(self, frame: Frames) -> None:
        picture = self.picture(frame)
        picture.pts, picture.time_base = self.written, 1 / self.fps
        self.written += 1
        self.container.mux(self.stream.encode(picture))

    def close(self, whole: bool) -> None:
        if not whole:
            self.container.close()
            return
        try:
            self.container.mux(self.stream.encode(None))
        finally:
            self.container.close()

    def count(self) -> int:
        with av.open(os.fspath(self.path)) as container:
            return sum(packet.size > 0 for packet in container.demux(video=0))


class ProRes(Film):
    muxer, codec, pixels = "mov", "prores_ks", "yuv422p10le"

    def options(self, quality: int) -> dict[str, str]:
        return {"profile": "2", "vendor": "apl0"}


class Vp9(Film):
    muxer, codec = "webm", "libvpx-vp9"
    muxer_options: ClassVar[dict[str, str]] = {}

    def options(self, quality: int) -> dict[str, str]:
        # VP9's scale is coarser than x264's: some ten steps up look the same.
        crf = str(min(63, quality + 10))
        return {"crf": crf, "b": "0", "deadline": "good", "cpu-used": "4", "row-mt": "1"}


class Gif(Film):
    """Each frame gets the palette of its own, so that nothing waits for the last frame."""

    muxer, codec, pixels = "gif", "gif", "pal8"
    muxer_options: ClassVar[dict[str, str]] = {"loop": "0"}

    def __init__(self, path: Path, size: tuple[int, int], fps: Fraction, quality: int) -> None:
        super().__init__(path, size, fps, quality)
        graph = av.filter.Graph()
        source = graph.add_buffer(
            width=size[0], height=size[1], format=av.VideoFormat("rgb24"), time_base=1 / fps
        )
        split = graph.add("split")
        palette = graph.add("palettegen", "stats_mode=single")
        use = graph.add("paletteuse", "new=1:dither=bayer:bayer_scale=4")
        sink = graph.add("buffersink")
        source.link_to(split)
        split.link_to(use, 0, 0)
        split.link_to(palette, 1, 0)
        palette.link_to(use, 0, 1)
        use.link_to(sink)
        graph.configure()
        self.graph = graph

    def options(self, quality: int) -> dict[str, str]:
        return {}

    def tag(self, context: av.VideoCodecContext) -> None:
        """A GIF has no place for colour tags."""

    def put(self, frame: Frames) -> None:
        source = av.VideoFrame.from_ndarray(frame, format="rgb24")
        source.pts, source.time_base = self.written, 1 / self.fps
        self.written += 1
        self.graph.push(source)
        self.pull()

    def pull(self) -> None:
        while True:
            try:
                picture = self.graph.pull()
            except (BlockingIOError, EOFError):
                return
            self.container.mux(self.stream.encode(cast(av.VideoFrame, picture)))

    def close(self, whole: bool) -> None:
        if whole:
            try:
                self.graph.push(None)
                self.pull()
            except BaseException:
                self.container.close()
                raise
        super().close(whole)


class Still:
    """Exactly one PNG."""

    def __init__(self, path: Path, name: Path) -> None:
        """`name` is what it will be called."""
        self.path, self.name = path, name
        self.written = 0

    def put(self, frame: Frames) -> None:
        if self.written:
            remedy = "a still holds one frame; name a film or a folder"
            raise InputError("output", self.name.name, remedy)
        Image.fromarray(frame).save(self.path, format="PNG")
        self.written += 1

    def close(self, whole: bool) -> None:
        """Nothing is left to write."""

    def count(self) -> int:
        with Image.open(self.path) as image:
            image.verify()
        return 1


class Folder:
    """One PNG a frame."""

    def __init__(self, path: Path, stem: str) -> None:
        self.path, self.stem = path, stem
        self.written = 0

    def put(self, frame: Frames) -> None:
        name = f"{self.stem}.{FIRST_FRAME + self.written:04d}.png"
        Image.fromarray(frame).save(self.path / name, compress_level=4)
        self.written += 1

    def close(self, whole: bool) -> None:
        """Nothing is left to write."""

    def count(self) -> int:
        return sum(1 for name in self.path.iterdir() if name.stat().st_size)


FILMS: dict[str, type[Film]] = {".mp4": Film, ".mov": ProRes, ".webm": Vp9, ".gif": Gif}
