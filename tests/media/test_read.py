"""Film, stills and masks come in upright, at the asked rate, and within limits."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from laterna.errors import MediaError
from laterna.media.read import iterate, probe, read_image, read_mask, read_strip
from laterna.media.write import open_writer
from laterna.shot import Frames
from tests.media.conftest import moving_square


def numbered(path: Path, count: int, fps: int) -> None:
    """A lossless film whose frame k is grey of value 4 k."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=fps)
        stream.width, stream.height, stream.pix_fmt = 16, 16, "bgr0"
        for index in range(count):
            grey = np.full((16, 16, 3), 4 * index, np.uint8)
            frame = av.VideoFrame.from_ndarray(grey, format="rgb24").reformat(format="bgr0")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def numbers(frames: Frames) -> list[int]:
    return [int(frame[0, 0, 0]) // 4 for frame in frames]


def test_a_strip_of_a_film_three_times_as_fast_holds_every_third_frame(tmp_path: Path) -> None:
    numbered(tmp_path / "film.mkv", 48, 24)
    strip = read_strip(tmp_path / "film.mkv", 8)
    assert strip.fps == 8
    assert strip.frames is not None
    assert numbers(strip.frames) == list(range(0, 48, 3))


def test_a_strip_of_a_slower_film_repeats_frames(tmp_path: Path) -> None:
    numbered(tmp_path / "film.mkv", 4, 4)
    strip = read_strip(tmp_path / "film.mkv", 8)
    assert strip.frames is not None
    assert numbers(strip.frames) == [0, 0, 1, 1, 2, 2, 3, 3]


@settings(max_examples=15, deadline=None)
@given(fps=st.integers(1, 60), count=st.integers(1, 40), wanted=st.integers(1, 60))
def test_any_rate_keeps_length_and_order(
    tmp_path_factory: pytest.TempPathFactory, fps: int, count: int, wanted: int
) -> None:
    path = tmp_path_factory.mktemp("rates") / "film.mkv"
    numbered(path, count, fps)
    got = numbers(np.stack(list(iterate(path, fps=wanted))))
    assert len(got) == pytest.approx(max(1, round(count / fps * wanted)), abs=1)
    assert got == sorted(got)
    assert got[0] == 0


def test_without_a_rate_every_frame_comes_as_it_is(tmp_path: Path, frames: Frames) -> None:
    with open_writer(tmp_path / "clip.mp4", size=(64, 48), fps=24) as writer:
        writer.write(frames)
    got = np.stack(list(iterate(tmp_path / "clip.mp4")))
    assert got.shape == frames.shape
    assert np.abs(got.astype(int) - frames).mean() < 4


def test_probing_tells_size_rate_and_length(tmp_path: Path, frames: Frames) -> None:
    with open_writer(tmp_path / "clip.mp4", size=(64, 48), fps=24) as writer:
        writer.write(frames)
    media = probe(tmp_path / "clip.mp4")
    assert (media.size, media.fps, media.codec) == ((64, 48), 24, "h264")
    assert media.seconds == pytest.approx(25 / 24)


def test_a_strip_comes_at_the_size_asked_cropped_not_squeezed(tmp_path: Path) -> None:
    wide = moving_square(8, 128, 32)
    with open_writer(tmp_path / "wide", size=(128, 32), fps=8) as writer:
        writer.write(wide)
    with open_writer(tmp_path / "wide.mp4", size=(128, 32), fps=8) as writer:
        writer.write(wide)
    strip = read_strip(tmp_path / "wide.mp4", size=(32, 32))
    assert strip.frames is not None
    assert strip.frames.shape == (8, 32, 32, 3)


def test_too_long_a_film_is_refused(tmp_path: Path) -> None:
    numbered(tmp_path / "film.mkv", 48, 8)
    with pytest.raises(MediaError, match=r"lead: .* lasts 6\.0 s; at most 2 s"):
        read_strip(tmp_path / "film.mkv", 8, 2, field="lead")


def test_too_big_a_film_for_memory_is_refused(tmp_path: Path) -> None:
    numbered(tmp_path / "film.mkv", 48, 1)
    with pytest.raises(MediaError, match="memory"):
        read_strip(tmp_path / "film.mkv", 8, size=(8192, 4096))


def test_a_film_cut_short_is_an_error_and_not_a_shorter_film(
    tmp_path: Path, frames: Frames
) -> None:
    with open_writer(tmp_path / "clip.mp4", size=(64, 48), fps=8) as writer:
        writer.write(frames)
    data = (tmp_path / "clip.mp4").read_bytes()
    for keep in (len(data) // 2, 40, 0):
        (tmp_path / "cut.mp4").write_bytes(data[:keep])
        with pytest.raises(MediaError):
            list(iterate(tmp_path / "cut.mp4", fps=8))


@pytest.mark.parametrize(
    "content", [b"", b"not a film", b"\x00" * 4096, b"#EXTM3U\n#EXTINF:1,\n/x"]
)
@pytest.mark.parametrize("name", ["film.mp4", "film.m3u8", "film.txt"])
def test_what_is_no_film_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(MediaError, match="source: "):
        probe(tmp_path / name)


def test_a_playlist_opens_no_other_file(tmp_path: Path) -> None:
    numbered(tmp_path / "film.mkv", 4, 8)
    (tmp_path / "list.mp4").write_text(f"ffconcat version 1.0\nfile {tmp_path}/film.mkv\n")
    with pytest.raises(MediaError, match="not film"):
        probe(tmp_path / "list.mp4")


def test_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"keyframe: .*gone\.png"):
        read_image(tmp_path / "gone.png", field="keyframe")
    with pytest.raises(MediaError, match=r"gone\.mp4"):
        read_strip(tmp_path / "gone.mp4")
    with pytest.raises(MediaError, match="not a file"):
        read_image(tmp_path)


def test_a_picture_is_cropped_to_cover(tmp_path: Path) -> None:
    picture = np.zeros((40, 120, 3), np.uint8)
    picture[:, 40:80] = 255
    Image.fromarray(picture).save(tmp_path / "wide.png")
    got = read_image(tmp_path / "wide.png", (20, 20))
    assert got.shape == (20, 20, 3)
    assert got[10, 10].tolist() == [255, 255, 255]  # the sides are gone, the middle stays
    assert got[:, 3:-3].min() == 255


def test_transparency_becomes_black_and_depth_becomes_eight_bits(tmp_path: Path) -> None:
    Image.fromarray(np.full((4, 4, 4), (255, 255, 255, 0), np.uint8)).save(tmp_path / "clear.png")
    assert read_image(tmp_path / "clear.png").max() == 0
    Image.fromarray(np.full((4, 4), 32768, np.uint16)).save(tmp_path / "deep.png")
    assert set(read_image(tmp_path / "deep.png").ravel().tolist()) <= {127, 128}


def test_a_turned_photograph_comes_upright(tmp_path: Path) -> None:
    picture = Image.new("RGB", (8, 4))
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera lay on its side
    picture.save(tmp_path / "turned.jpg", exif=exif)
    assert read_image(tmp_path / "turned.jpg").shape == (8, 4, 3)


def test_a_damaged_picture_is_an_error(tmp_path: Path) -> None:
    Image.fromarray(moving_square(1)[0]).save(tmp_path / "good.png")
    data = (tmp_path / "good.png").read_bytes()
    (tmp_path / "cut.png").write_bytes(data[: len(data) // 2])
    with pytest.raises(MediaError, match="not a whole picture"):
        read_image(tmp_path / "cut.png")


def test_white_is_filmed_anew(tmp_path: Path) -> None:
    picture = np.zeros((4, 4, 3), np.uint8)
    picture[:, 2:] = 255
    Image.fromarray(picture).save(tmp_path / "mask.png")
    mask = read_mask(tmp_path / "mask.png")
    assert mask.dtype == np.bool_
    assert mask.tolist() == [[False, False, True, True]] * 4


def test_a_mask_may_move(tmp_path: Path) -> None:
    film = np.zeros((4, 16, 16, 3), np.uint8)
    film[2:] = 255
    with open_writer(tmp_path / "mask.mp4", size=(16, 16), fps=8) as writer:
        writer.write(film)
    mask = read_mask(tmp_path / "mask.mp4", (32, 32))
    assert mask.shape == (4, 32, 32)
    assert mask.mean(axis=(1, 2)).tolist() == [0, 0, 1, 1]
