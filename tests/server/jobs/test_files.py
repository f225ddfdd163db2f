"""What lies on disk between filming and delivery: checked when read, published once."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from laterna.engines.protocol import Chunk
from laterna.errors import MediaError, OutputError
from laterna.server.jobs.draft import DraftWriter, open_draft, read_draft
from laterna.server.jobs.publish import clean, unveil
from laterna.server.jobs.spool import Maker, read_chunk, read_maker, write_chunk
from laterna.server.jobs.starts import Starts

MAKER = Maker("fake", "ab" * 32, 8.0)


def frames(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, 106, 256, 3), dtype=np.uint8)


def chunk() -> Chunk:
    depth = np.linspace(0, 1, 4 * 106 * 256, dtype=np.float32).reshape(4, 106, 256)
    latents = np.ones((1, 16, 6, 16), np.float16)
    return Chunk(8, 32, frames(4), {"depth": depth}, latents, b"go on from here")


def test_a_chunk_comes_back_as_it_was(tmp_path: Path) -> None:
    part = write_chunk(tmp_path, chunk(), MAKER, attempt=3)
    assert (part.start, part.frames, part.stop) == (8, 4, 12)
    back = read_chunk(tmp_path, part)
    np.testing.assert_array_equal(back.frames, chunk().frames)
    np.testing.assert_array_equal(back.passes["depth"], chunk().passes["depth"])
    assert back.latents is not None and back.latents.dtype == np.float16
    assert (back.start, back.total, back.state) == (8, 32, b"go on from here")
    assert read_maker(tmp_path, part) == MAKER


def test_two_attempts_write_beside_each_other(tmp_path: Path) -> None:
    parts = [write_chunk(tmp_path, chunk(), MAKER, attempt) for attempt in (1, 2)]
    assert parts[0].path != parts[1].path


@pytest.mark.parametrize("damage", [b"", b"\0" * 40])
def test_a_damaged_chunk_is_found_out(tmp_path: Path, damage: bytes) -> None:
    part = write_chunk(tmp_path, chunk(), MAKER, 1)
    path = tmp_path / part.path
    path.write_bytes(path.read_bytes()[:-40] + damage)
    with pytest.raises(MediaError, match="not as it was written"):
        read_chunk(tmp_path, part)
    path.unlink()
    with pytest.raises(MediaError, match="cannot be read"):
        read_chunk(tmp_path, part)


def test_a_draft_is_lossless(tmp_path: Path) -> None:
    (tmp_path / "draft").mkdir()
    with DraftWriter(tmp_path / "draft", MAKER, (256, 106)) as writer:
        writer.write(frames(5))
        writer.write(frames(12, seed=1))
        writer.latents = np.full((5, 16, 6, 16), 0.5, np.float16)
    strip = read_draft(tmp_path)
    np.testing.assert_array_equal(strip.frames, np.concatenate([frames(5), frames(12, 1)]))
    assert strip.latents is not None and strip.latents.shape == (5, 16, 6, 16)
    assert strip.fps == 8
    draft = open_draft(tmp_path)
    assert (draft.count, draft.engine, draft.weights) == (17, "fake", "ab" * 32)


def test_a_draft_that_is_cut_short_is_found_out(tmp_path: Path) -> None:
    (tmp_path / "draft").mkdir()
    with DraftWriter(tmp_path / "draft", MAKER, (256, 106)) as writer:
        writer.write(frames(12))
    film = tmp_path / "draft" / "frames.mkv"
    film.write_bytes(film.read_bytes()[: film.stat().st_size // 2])
    with pytest.raises(MediaError):
        read_draft(tmp_path)
    with pytest.raises(MediaError):
        read_draft(tmp_path / "nothing")


def staged(folder: Path, attempt: int, text: str) -> Path:
    """A folder as `stage` leaves it, in small."""
    path = folder / f".publish.{attempt}.x"
    (path / "draft").mkdir(parents=True)
    for name in ("video.mp4", "thumbnail.webp", "draft/frames.mkv"):
        (path / name).write_text(text)
    return path


def test_the_first_to_publish_has_published(tmp_path: Path) -> None:
    assert unveil(tmp_path, staged(tmp_path, 1, "one")) == 9
    assert unveil(tmp_path, staged(tmp_path, 2, "three")) == 9
    for name in ("video.mp4", "thumbnail.webp", "draft/frames.mkv"):
        assert (tmp_path / name).read_text() == "one"
    assert not list(tmp_path.glob(".publish*"))


def test_publishing_that_was_interrupted_is_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = os.link

    def torn(source: Path, target: Path) -> None:
        if target.name == "video.mp4":
            raise KeyboardInterrupt
        link(source, target)

    monkeypatch.setattr(os, "link", torn)
    with pytest.raises(KeyboardInterrupt):
        unveil(tmp_path, staged(tmp_path, 1, "one"))
    assert not (tmp_path / "video.mp4").exists()
    assert (tmp_path / "thumbnail.webp").exists()
    monkeypatch.setattr(os, "link", link)
    unveil(tmp_path, staged(tmp_path, 2, "one"))
    assert (tmp_path / "video.mp4").read_text() == "one"
    clean(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"video.mp4", "thumbnail.webp", "draft"}


def test_a_disk_without_links_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(source: Path, target: Path) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "link", refuse)
    unveil(tmp_path, staged(tmp_path, 1, "one"))
    unveil(tmp_path, staged(tmp_path, 2, "two"))
    assert (tmp_path / "video.mp4").read_text() == "one"


def test_notes_of_starts_are_counted_by_frame(tmp_path: Path) -> None:
    work = tmp_path / "work"
    starts = Starts(work, 8)
    starts.note(1)
    starts.note(2)
    assert (starts.count, Starts(work, 12).count) == (2, 0)
    starts.forget(2)
    starts.forget(2)
    assert starts.count == 1
    with pytest.raises(OutputError):
        Starts(tmp_path / "deleted" / "work", 0).note(1)
