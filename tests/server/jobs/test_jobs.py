"""What a job becomes: a film with all that belongs to it, or a failure that says why."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from laterna.media.read import iterate, probe
from laterna.media.sidecar import read_sidecar
from laterna.server.jobs import Jobs
from laterna.server.jobs.draft import DraftWriter, read_draft
from laterna.server.jobs.spool import Maker
from laterna.server.settings import Settings
from laterna.server.tables import Video
from laterna.shot import Frames, Keyframe, Shot, Strip
from tests.server.jobs.conftest import PATIENCE, House, undisturbed


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory, engines: None
) -> Iterator[tuple[House, Jobs]]:
    """A worker in this process, for all tests here."""
    house = House(Settings(data=tmp_path_factory.mktemp("house"), engine="moody"))
    jobs = Jobs(house.settings, house.store)
    jobs.start(film=True)
    yield house, jobs
    jobs.stop()
    house.store.close()


@pytest.fixture
def house(running: tuple[House, Jobs]) -> House:
    return running[0]


@pytest.fixture
def ended(running: tuple[House, Jobs]) -> list[str]:
    """Videos whose end was told."""
    told: list[str] = []
    running[1].on_end(told.append)
    return told


@pytest.fixture
def make(running: tuple[House, Jobs], ended: list[str]) -> Callable[..., str]:
    """Film a shot to its end; the video's id. Its end has been told once by then."""
    house, jobs = running

    def run(shot: Shot, **spec: object) -> str:
        video = house.add(shot, **spec)
        jobs.submit(video)
        house.wait(video)
        told(ended, video)
        return video

    return run


def told(ended: list[str], video: str) -> None:
    """Wait until the end of `video` was told; it is told once."""
    deadline = time.monotonic() + PATIENCE
    while video not in ended:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert ended.count(video) == 1


def film(seconds: float = 1, **fields: object) -> Shot:
    fields = {"seed": 5, "quality": "draft", **fields}
    return Shot("a boat", seconds=seconds, **fields)  # type: ignore[arg-type]


def test_a_film_comes_with_everything_that_belongs_to_it(
    house: House, make: Callable[..., str]
) -> None:
    shot = film(quality="quick", size=(320, 180))
    video = make(shot)
    row, folder = house.row(video), house.folder(video)
    assert (row.status, row.progress, row.error_code, row.attempt) == ("completed", 100, None, 1)
    assert row.started and row.completed and row.expires
    assert row.created <= row.started <= row.completed
    assert row.expires - row.completed == house.settings.limits.keep_hours * 3600
    media = probe(folder / "video.mp4")
    assert media.size == (320, 180) and media.fps == 24
    assert len(list(iterate(folder / "video.mp4"))) == 24
    assert read_sidecar(folder / "video.mp4.laterna").latents.shape[:2] == (2, 16)
    with Image.open(folder / "thumbnail.webp") as picture:
        assert (picture.format, picture.size) == ("WEBP", (320, 180))
    with Image.open(folder / "spritesheet.jpg") as picture:
        assert (picture.format, picture.size) == ("JPEG", (5 * 256, 5 * 144))
    with Image.open(folder / "live" / "00004.jpg") as picture:
        assert picture.size == (256, 144)
    published = [*folder.glob("*.*"), *(folder / "draft").iterdir()]
    assert row.bytes == sum(path.stat().st_size for path in published)
    assert not (folder / "work").exists() and not list(folder.glob(".*"))


def test_the_draft_holds_the_engines_own_frames(house: House, make: Callable[..., str]) -> None:
    shot = film()
    draft = read_draft(house.folder(make(shot)))
    np.testing.assert_array_equal(draft.frames, undisturbed(shot))
    assert draft.fps == 8
    assert draft.latents is not None and draft.latents.dtype == np.float32


def test_pictures_given_reach_the_engine(house: House, make: Callable[..., str]) -> None:
    picture = np.random.default_rng(1).integers(0, 256, (144, 256, 3), dtype=np.uint8)
    video = make(film(keyframes=(Keyframe(0.0, picture),)))
    np.testing.assert_array_equal(house.frames(video)[0], picture)


def test_film_before_and_behind_is_joined_without_another_encoding(
    house: House, make: Callable[..., str]
) -> None:
    first, last = make(film(seed=1)), make(film(seed=2))
    a, b = house.frames(first), house.frames(last)
    shot = film(0.5, lead=Strip(a), trail=Strip(b))
    video = make(shot, before=first, after=last)
    whole = np.concatenate([a, undisturbed(shot), b])
    draft = read_draft(house.folder(video))
    np.testing.assert_array_equal(draft.frames, whole)
    assert draft.latents is not None and len(draft.latents) == 2 + 1 + 2
    assert len(list(iterate(house.folder(video) / "video.mp4"))) == 20
    assert len(read_sidecar(house.folder(video) / "video.mp4.laterna").latents) == 5


def test_latents_that_do_not_fit_together_are_left_out(
    house: House, make: Callable[..., str]
) -> None:
    first = make(film(frames=6))
    video = make(film(0.5), before=first)
    assert len(house.frames(video)) == 10
    assert read_draft(house.folder(video)).latents is None
    assert not (house.folder(video) / "video.mp4.laterna").exists()


def test_passes_asked_for_are_kept(house: House, make: Callable[..., str]) -> None:
    video = make(film(), passes=("depth", "matte"))
    folder = house.folder(video) / "passes"
    assert {path.name for path in folder.iterdir()} == {"depth.npy", "matte.npy"}
    depth = np.load(folder / "depth.npy")
    assert depth.shape == (8, 144, 256) and depth.dtype == np.float32
    assert depth.min() == 2 and depth.max() == 100


def test_a_still(house: House, make: Callable[..., str]) -> None:
    video = make(film(frames=1))
    assert len(list(iterate(house.folder(video) / "video.mp4"))) == 1


def test_an_engine_that_fails_says_why(house: House, make: Callable[..., str]) -> None:
    video = make(film(extra={"fail_at": 4}))
    row = house.row(video)
    assert (row.status, row.error_code) == ("failed", "engine_error")
    assert row.error_message == "the film tore"
    assert row.expires and not row.completed
    assert {path.name for path in house.folder(video).iterdir()} == {"live"}


@pytest.mark.parametrize(
    ("shot", "code"),
    [
        (film(quality="final"), "unsupported"),
        (film(extra={"pause": "soon"}), "internal_error"),
    ],
)
def test_failures_have_codes(house: House, make: Callable[..., str], shot: Shot, code: str) -> None:
    row = house.row(make(shot))
    assert (row.status, row.error_code) == ("failed", code)
    assert "Traceback" not in (row.error_message or "")


def test_one_crash_is_survived(house: House, make: Callable[..., str], tmp_path: Path) -> None:
    shot = film(2, extra={"die_at": 8, "marker": str(tmp_path / "died")})
    video = make(shot)
    assert house.row(video).status == "completed"
    assert (tmp_path / "died").exists()
    np.testing.assert_array_equal(house.frames(video), undisturbed(shot))


def test_a_shot_that_crashes_its_process_twice_has_failed(
    house: House, make: Callable[..., str]
) -> None:
    row = house.row(make(film(extra={"die_at": 4})))
    assert (row.status, row.error_code) == ("failed", "worker_crashed")
    assert row.error_message is not None
    assert "ended 2 processes" in row.error_message and "SIGKILL" in row.error_message


def test_a_shot_that_ends_its_workers_again_and_again_has_failed(
    house: House, running: tuple[House, Jobs]
) -> None:
    video = house.add(film())
    work = house.folder(video) / "work"
    work.mkdir()
    for token in range(-5, 0):  # as workers leave them that die over a frame
        (work / f"00000.start.{token}").touch()
    running[1].submit(video)
    row = house.wait(video)
    assert (row.status, row.error_code) == ("failed", "worker_crashed")
    assert row.error_message == "5 workers ended over its frame 0"


def test_an_engine_without_states_films_anew(
    house: House, running: tuple[House, Jobs], tmp_path: Path
) -> None:
    shot = film(2, extra={"die_at": 8, "marker": str(tmp_path / "died")})
    video = house.add(shot, engine="stateless")
    running[1].submit(video)
    assert house.wait(video).status == "completed"
    np.testing.assert_array_equal(house.frames(video), undisturbed(shot))


@pytest.mark.parametrize("engine", ["moody", "stateless"])
def test_cancelled_while_it_is_filmed(
    house: House, running: tuple[House, Jobs], ended: list[str], engine: str
) -> None:
    jobs = running[1]
    video = house.add(film(60, extra={"pause": 0.2}), engine=engine)
    jobs.submit(video)
    house.wait_for_chunk(video, 4)
    assert jobs.cancel(video)
    row = house.row(video)
    assert (row.status, row.error_code) == ("failed", "cancelled")
    assert row.cancelled
    assert not jobs.cancel(video)
    after = house.add(film(0.5))
    jobs.submit(after)
    assert house.wait(after).status == "completed"  # the worker is free again
    told(ended, video)
    chunks = list((house.folder(video) / "live").iterdir())
    assert len(chunks) < 60
    assert not (house.folder(video) / "work").exists()
    assert house.row(video).error_code == "cancelled"


def test_cancelled_while_it_waits(
    house: House, running: tuple[House, Jobs], ended: list[str]
) -> None:
    jobs = running[1]
    busy, video = house.add(film(60, extra={"pause": 0.2})), house.add(film())
    jobs.submit(busy)
    house.wait_for_chunk(busy, 0)
    jobs.submit(video)
    assert jobs.cancel(video)
    told(ended, video)
    assert jobs.cancel(busy)
    after = house.add(film(0.5))
    jobs.submit(after)
    house.wait(after)
    assert house.row(video).attempt == 0
    assert not (house.folder(video) / "live").exists()


def test_deleted_while_it_is_filmed(house: House, running: tuple[House, Jobs]) -> None:
    jobs = running[1]
    video = house.add(film(60, extra={"pause": 0.1}))
    jobs.submit(video)
    house.wait_for_chunk(video, 4)
    jobs.cancel(video)
    shutil.rmtree(house.folder(video), ignore_errors=True)
    with house.store.session() as session:
        session.delete(session.get_one(Video, video))
    after = house.add(film(0.5))
    jobs.submit(after)
    assert house.wait(after).status == "completed"
    shutil.rmtree(house.folder(video), ignore_errors=True)


def test_late_progress_revives_nothing(house: House, running: tuple[House, Jobs]) -> None:
    rows = running[1].rows
    video = house.add(film())
    token = rows.begin(video)
    assert token == 1 and rows.advance(video, token, 30)
    assert rows.advance(video, token, 20) and house.row(video).progress == 30
    newer = rows.begin(video)
    assert newer == 2
    assert not rows.advance(video, token, 40) and not rows.complete(video, token, 1)
    assert rows.cancel(video) == "in_progress"
    assert not rows.advance(video, newer, 50) and not rows.complete(video, newer, 1)
    assert rows.begin(video) is None
    row = house.row(video)
    assert (row.status, row.progress, row.bytes) == ("failed", 30, 0)


def test_a_hook_that_fails_hurts_nobody(
    house: House, running: tuple[House, Jobs], make: Callable[..., str]
) -> None:
    def broken(video: str) -> None:
        raise RuntimeError(video)

    running[1].on_end(broken)
    assert house.row(make(film(0.5))).status == "completed"


def test_different_engines_rates_are_joined(house: House, make: Callable[..., str]) -> None:
    first = house.folder("video_" + "0" * 24) / "draft"
    first.mkdir(parents=True)
    frames: Frames = np.repeat(np.arange(12, dtype=np.uint8) * 20, 72 * 128 * 3)
    frames = frames.reshape(12, 72, 128, 3)
    with DraftWriter(first, Maker("other", "", 24.0), (128, 72)) as writer:
        writer.write(frames)
    video = make(film(0.5), before="video_" + "0" * 24)
    whole = house.frames(video)
    assert whole.shape == (4 + 4, 144, 256, 3)
    assert [int(frame[0, 0, 0]) for frame in whole[:4]] == [0, 60, 120, 180]


def test_a_shot_is_told_whole(house: House) -> None:
    shot = replace(film(), negative="rain")
    assert house.row(house.add(shot)).spec["shot"]["negative"] == "rain"
