"""A clip is filmed while it is read, saved as its shot says, and never half-written."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

import laterna
from laterna.clip import Clip, deliver, delivery, film, write_clip
from laterna.engines.fake import FakeEngine
from laterna.engines.protocol import Chunk, Preflight
from laterna.errors import EngineError, InputError, LaternaError, OutputError, UnsupportedError
from laterna.media.read import probe, read_image, read_strip
from laterna.media.sidecar import read_sidecar, sidecar_path
from laterna.shot import Shot, resolved


def short(**fields: object) -> Clip:
    return film("a boat", engine="fake", **{"seconds": 1, "seed": 4, **fields})


class Slow(FakeEngine):
    """Counts the chunks it was asked for, and notices when it is stopped."""

    def __init__(self, fail_at: int | None = None) -> None:
        self.filmed, self.stopped, self.fail_at = 0, False, fail_at

    def film(self, shot: Shot, resume: bytes | None = None) -> Iterator[Chunk]:
        try:
            for chunk in super().film(shot, resume):
                if self.filmed == self.fail_at:
                    raise EngineError("the lamp went out")
                self.filmed += 1
                yield chunk
        finally:
            self.stopped = True


def test_a_sentence_becomes_a_file_and_a_sidecar(tmp_path):
    path = laterna.film("a boat", engine="fake", seconds=1, seed=4).save(tmp_path / "boat.mp4")
    media = probe(path)
    assert media.size == (512, 288)
    assert media.fps == 24
    assert len(read_strip(path, fps=24).frames) == 24
    sidecar = read_sidecar(sidecar_path(path))
    assert sidecar.shot.prompt == "a boat"
    assert sidecar.shot.seed == 4
    assert sidecar.latents.shape[0] == 2
    assert sorted(p.name for p in tmp_path.iterdir()) == ["boat.mp4", sidecar_path(path).name]


def test_draft_frames_reach_a_lossless_file_untouched(tmp_path):
    clip = short(quality="draft")
    folder = clip.save(tmp_path / "frames")
    files = sorted(folder.iterdir())
    assert len(files) == 8
    assert all(
        np.array_equal(read_image(file), frame)
        for file, frame in zip(files, clip.frames, strict=True)
    )


@pytest.mark.parametrize("quality", ["draft", "quick"])
def test_a_size_asked_for_is_delivered_exactly(tmp_path, quality):
    path = short(size=(322, 110), quality=quality).save(tmp_path / "x.mp4")
    assert probe(path).size == (322, 110)


def test_a_still_is_one_picture(tmp_path):
    path = short(frames=1).save(tmp_path / "still.png")
    assert read_image(path).shape == (288, 512, 3)


def test_saving_twice_films_once(tmp_path):
    engine = Slow()
    clip = film(Shot("a boat", seconds=1, quality="draft"), engine)
    clip.save(tmp_path / "a.mp4")
    clip.save(tmp_path / "b.mp4")
    assert engine.filmed == 2
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_the_first_frames_come_before_the_last_are_filmed():
    engine = Slow()
    clip = film(Shot("a boat", seconds=4), engine)
    assert engine.filmed == 0
    next(iter(clip))
    assert clip.size == (256, 144)
    assert engine.filmed == 1
    assert len(clip.frames) == 32
    assert clip.fps == 8


def test_a_clip_knows_its_passes_latents_and_seed():
    clip = short()
    assert clip.passes["depth"].shape == (8, 144, 256)
    assert clip.passes["motion"].shape == (8, 144, 256, 2)
    assert clip.latents.shape[:2] == (2, 16)
    strip = clip.strip()
    assert strip.latents.dtype == np.float32
    assert np.array_equal(strip.frames, clip.frames)
    assert clip.seed == 4
    assert "a boat" in repr(clip)


def test_a_drawn_seed_makes_the_clip_again():
    clip = film("a boat", engine="fake", seconds=0.5)
    again = film("a boat", engine="fake", seconds=0.5, seed=clip.seed)
    assert np.array_equal(clip.frames, again.frames)


def test_closing_stops_the_engine_and_half_a_clip_is_never_saved(tmp_path):
    engine = Slow()
    clip = film(Shot("a boat", seconds=4), engine)
    next(iter(clip))
    clip.close()
    assert engine.stopped
    with pytest.raises(EngineError, match="4 of 32"):
        clip.save(tmp_path / "x.mp4")
    assert list(tmp_path.iterdir()) == []


def test_an_engine_that_fails_leaves_nothing_behind(tmp_path):
    clip = film(Shot("a boat", quality="draft"), Slow(fail_at=3))
    with pytest.raises(EngineError, match="lamp"):
        clip.save(tmp_path / "x.mp4")
    with pytest.raises(EngineError, match="12 of 32"):
        clip.save(tmp_path / "x.mp4")
    assert list(tmp_path.iterdir()) == []


def test_an_output_that_cannot_be_is_refused_before_filming(tmp_path):
    engine = Slow()
    clip = film(Shot("a boat", seconds=1, quality="draft"), engine)
    (tmp_path / "x.mp4").write_bytes(b"keep me")
    with pytest.raises(OutputError, match="exists"):
        clip.save(tmp_path / "x.mp4")
    with pytest.raises(LaternaError):
        clip.save(tmp_path / "no folder" / "x.mp4")
    with pytest.raises(InputError, match="output"):
        clip.save(tmp_path / "x.doc")
    assert engine.filmed == 0
    assert (tmp_path / "x.mp4").read_bytes() == b"keep me"
    clip.save(tmp_path / "x.mp4", overwrite=True)
    assert probe(tmp_path / "x.mp4").size == (256, 144)


def test_overwriting_leaves_no_sidecar_of_another_film(tmp_path):
    path = short(quality="draft").save(tmp_path / "x.mp4")
    assert sidecar_path(path).exists()
    shot = resolved(Shot("other", seconds=1, quality="draft"))
    bare = (Chunk(chunk.start, chunk.total, chunk.frames) for chunk in FakeEngine().film(shot))
    write_clip(path, bare, shot, fps=8, overwrite=True)
    assert not sidecar_path(path).exists()


def test_the_final_finish_is_refused_until_there_is_one(tmp_path):
    with pytest.raises(UnsupportedError, match="quality"):
        short(quality="final").save(tmp_path / "x.mp4")


def test_other_engines_sizes_and_rates_are_finished_too():
    shot = resolved(Shot("x"))
    plan = delivery(shot, (832, 480), 16)
    assert (plan.size, plan.fps, plan.frames(64)) == ((832, 480), 24, 96)
    assert delivery(shot, (832, 480), 24).frames(97) == 97
    assert delivery(shot, (832, 480), 25).fps == 25
    assert delivery(shot, (832, 480), 30).factor == 1
    assert delivery(shot, (832, 480), 12).fps == 24
    assert delivery(shot, (240, 240), 7).size == (480, 480)
    assert delivery(shot, (240, 240), 7).fps == 21
    assert delivery(resolved(Shot("x", quality="draft")), (832, 480), 16).size == (832, 480)
    assert delivery(resolved(Shot("x", size=(640, 360))), (832, 480), 16).size == (640, 360)


def test_finished_blocks_stream(fake):
    shot = resolved(Shot("x", seconds=1.5))
    asked = []

    def chunks() -> Iterator[Chunk]:
        for chunk in fake.film(shot):
            asked.append(chunk.start)
            yield chunk

    blocks = deliver(chunks(), shot, 8)
    next(blocks)
    assert len(asked) <= 2
    assert all(block.shape[1:] == (288, 512, 3) for _, block in blocks)


def test_a_shot_that_does_not_fit_is_refused_with_the_reason():
    class Small(FakeEngine):
        def preflight(self, shot: Shot) -> Preflight:
            return Preflight(False, "it needs 80 GB of memory", 80 << 30, 32)

    with pytest.raises(EngineError, match="80 GB"):
        film("x", Small())


def test_a_shot_and_fields_do_not_mix():
    with pytest.raises(TypeError):
        film(Shot("x"), engine="fake", seconds=2)
