"""What is written is what a player finds, and what cannot be written leaves no trace."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from laterna.errors import InputError, OutputError
from laterna.media.write import ensure_writable, open_writer
from laterna.shot import Frames

SIZE = (64, 48)


def write(path: Path | str, frames: Frames, **options: object) -> None:
    with open_writer(path, size=SIZE, fps=24, **options) as writer:  # type: ignore[arg-type]
        for start in range(0, len(frames), 7):
            writer.write(frames[start : start + 7])


@pytest.mark.parametrize(
    ("name", "codec", "pixels"),
    [
        ("clip.mp4", "h264", "yuv420p"),
        ("clip.mov", "prores", "yuv422p10le"),
        ("clip.webm", "vp9", "yuv420p"),
    ],
)
def test_film_has_its_codec_its_colour_tags_and_every_frame_in_time(
    tmp_path: Path, frames: Frames, name: str, codec: str, pixels: str
) -> None:
    write(tmp_path / name, frames)
    with av.open(str(tmp_path / name)) as container:
        stream = container.streams.video[0]
        context = stream.codec_context
        decoded = list(container.decode(stream))
        assert (context.name, context.pix_fmt) == (codec, pixels)
        assert (context.width, context.height) == SIZE
        assert stream.average_rate == 24
        assert (context.colorspace, context.color_primaries, context.color_trc) == (1, 1, 1)
        assert context.color_range == 1
    assert len(decoded) == len(frames)
    times = [float(frame.time) for frame in decoded]
    np.testing.assert_allclose(times, np.arange(25) / 24, atol=0.001)
    shown = decoded[10].to_ndarray(format="rgb24").astype(int)
    assert np.abs(shown[40, 5] - frames[10, 40, 5]).max() <= 4  # the field, far from edges


def test_mp4_carries_its_index_in_front(tmp_path: Path, frames: Frames) -> None:
    write(tmp_path / "clip.mp4", frames)
    data = (tmp_path / "clip.mp4").read_bytes()
    assert 0 < data.find(b"moov") < data.find(b"mdat")


def test_the_same_frames_are_the_same_film_every_time(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    picture = rng.integers(0, 256, (20, 12, 3)).repeat(32, 0).repeat(32, 1).astype(np.uint8)
    frames = np.stack([picture[t : t + 512, 2 * t : 2 * t + 288] for t in range(36)])
    films = set()
    for _ in range(9):
        with open_writer(tmp_path / "x.mp4", size=(288, 512), fps=24, overwrite=True) as writer:
            writer.write(frames)
        with av.open(str(tmp_path / "x.mp4")) as container:
            films.add(b"".join(bytes(packet) for packet in container.demux(video=0)))
    assert len(films) == 1


def test_mp4_lasts_exactly_its_frames(tmp_path: Path, frames: Frames) -> None:
    write(tmp_path / "clip.mp4", frames)
    with av.open(str(tmp_path / "clip.mp4")) as container:
        stream = container.streams.video[0]
        assert stream.duration * stream.time_base == Fraction(25, 24)


def test_gif_loops_and_keeps_every_frame(tmp_path: Path, frames: Frames) -> None:
    write(tmp_path / "clip.gif", frames)
    with Image.open(tmp_path / "clip.gif") as image:
        assert image.n_frames == 25
        assert image.info["loop"] == 0
        lengths = []
        for index in range(25):
            image.seek(index)
            lengths.append(image.info["duration"])
    assert sum(lengths) == pytest.approx(25 / 24 * 1000, abs=20)
    assert set(lengths) <= {40, 50}


@pytest.mark.parametrize("name", ["take", "take/"])
def test_a_name_without_suffix_is_a_folder_of_lossless_frames(
    tmp_path: Path, frames: Frames, name: str
) -> None:
    write(f"{tmp_path}/{name}", frames)
    names = sorted(path.name for path in (tmp_path / "take").iterdir())
    assert names[0] == "take.1001.png"
    assert names[-1] == "take.1025.png"
    with Image.open(tmp_path / "take" / "take.1004.png") as image:
        np.testing.assert_array_equal(np.asarray(image), frames[3])


def test_a_png_holds_one_still_and_no_more(tmp_path: Path, frames: Frames) -> None:
    write(tmp_path / "still.png", frames[:1])
    with Image.open(tmp_path / "still.png") as image:
        np.testing.assert_array_equal(np.asarray(image), frames[0])
    with pytest.raises(InputError, match=r"two\.png.* one frame"):
        write(tmp_path / "two.png", frames[:2])
    assert [path.name for path in tmp_path.iterdir()] == ["still.png"]


@pytest.mark.parametrize("name", ["clip.mp4", "clip.gif", "clip.webm", "clip.mov", "take/"])
@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_what_breaks_off_leaves_nothing(
    tmp_path: Path, frames: Frames, name: str, error: type[BaseException]
) -> None:
    def break_off() -> None:
        with open_writer(f"{tmp_path}/{name}", size=SIZE, fps=24) as writer:
            writer.write(frames[:9])
            raise error

    with pytest.raises(error):
        break_off()
    assert list(tmp_path.iterdir()) == []


def test_what_breaks_off_leaves_the_older_clip_as_it_was(tmp_path: Path, frames: Frames) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"older")
    with (
        pytest.raises(RuntimeError),
        open_writer(path, size=SIZE, fps=24, overwrite=True) as writer,
    ):
        writer.write(frames)
        raise RuntimeError
    assert path.read_bytes() == b"older"
    assert list(tmp_path.iterdir()) == [path]


def test_an_existing_name_is_refused_unless_it_may_be_replaced(
    tmp_path: Path, frames: Frames
) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"older")
    with pytest.raises(OutputError, match="exists"):
        open_writer(path, size=SIZE, fps=24)
    assert path.read_bytes() == b"older"
    write(path, frames, overwrite=True)
    assert path.stat().st_size > 500


def test_a_name_taken_while_filming_is_not_overwritten(tmp_path: Path, frames: Frames) -> None:
    path = tmp_path / "clip.mp4"
    with (
        pytest.raises(OutputError, match="exists"),
        open_writer(path, size=SIZE, fps=24) as writer,
    ):
        writer.write(frames)
        path.write_bytes(b"someone else's")
    assert path.read_bytes() == b"someone else's"


def test_a_folder_of_frames_is_replaced_whole_but_never_one_with_other_files(
    tmp_path: Path, frames: Frames
) -> None:
    take = tmp_path / "take"
    write(take, frames)
    write(take, frames[:3], overwrite=True)
    assert len(list(take.iterdir())) == 3
    (take / "notes.txt").write_text("scene 4")
    with pytest.raises(OutputError, match="other files"):
        write(take, frames, overwrite=True)
    assert (take / "notes.txt").read_text() == "scene 4"
    assert [path.name for path in tmp_path.iterdir()] == ["take"]


@pytest.mark.parametrize(
    ("name", "error", "says"),
    [
        ("clip.avi", InputError, r"\.mp4, \.mov"),
        ("clip.mp4/", InputError, "folder"),
        (".mp4", InputError, r"such as clip\.mp4"),
        ("nowhere/clip.mp4", OutputError, "does not exist"),
        ("file.txt/clip.mp4", OutputError, "does not exist"),
        ("x" * 300 + ".mp4", OutputError, "too long"),
    ],
)
def test_what_cannot_be_written_is_refused_before_any_frame(
    tmp_path: Path, name: str, error: type[Exception], says: str
) -> None:
    (tmp_path / "file.txt").write_text("a file")
    with pytest.raises(error, match=says):
        open_writer(f"{tmp_path}/{name}", size=SIZE, fps=24)
    assert [path.name for path in tmp_path.iterdir()] == ["file.txt"]


def test_a_folder_that_takes_no_files_is_refused() -> None:
    with pytest.raises(OutputError):
        ensure_writable("/proc/clip.mp4")


def test_the_library_has_no_frames_to_write(tmp_path: Path) -> None:
    with (
        pytest.raises(OutputError, match="no frame"),
        open_writer(tmp_path / "clip.mp4", size=SIZE, fps=24),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


def test_frames_of_another_size_are_refused(tmp_path: Path, frames: Frames) -> None:
    with (
        pytest.raises(InputError, match="frames"),
        open_writer(tmp_path / "clip.mp4", size=(32, 48), fps=24) as writer,
    ):
        writer.write(frames)


FULL_DISK = """
import resource, sys
import numpy as np
from laterna.errors import OutputError
from laterna.media.write import open_writer
limit = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
noise = np.random.default_rng(1).integers(0, 255, (40, 64, 64, 3), np.uint8)
try:
    with open_writer(sys.argv[1], size=(64, 64), fps=24) as writer:
        writer.write(noise)
except OutputError as error:
    print(error)
    sys.exit(7)
"""


@pytest.mark.parametrize("name", ["clip.mp4", "clip.gif", "clip.webm", "clip.mov", "take"])
@pytest.mark.parametrize("limit", [0, 8192])
def test_a_full_disk_is_an_error_and_leaves_nothing(tmp_path: Path, name: str, limit: int) -> None:
    assert hasattr(resource, "RLIMIT_FSIZE")
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path / name), str(limit)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
    )
    assert done.returncode == 7, done.stderr
    assert "no space left" in done.stdout
    assert list(tmp_path.iterdir()) == []
