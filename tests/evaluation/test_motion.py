"""The camera's six numbers on film whose motion is known, and what corruption does to them."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from laterna.evaluation.motion import CameraMotion, camera_motion, flicker, motions, speed
from laterna.evaluation.moves import MoveReader
from tests.evaluation.conftest import sliding, texture

Film = NDArray[np.uint8]


def camera_of(film: Film) -> CameraMotion:
    return camera_motion(*motions(film))


def warped(count: int, along: NDArray[np.float64], down: NDArray[np.float64]) -> Film:
    """A texture whose points move by `along` and `down` (80, 128) pixels with every picture."""
    plane = texture(3, 80, 128)
    y, x = np.mgrid[:80, :128].astype(float)
    film = []
    for t in range(count):
        u, v = (x - along * t) % 128, (y - down * t) % 80
        x0, y0 = u.astype(int), v.astype(int)
        fx, fy = u - x0, v - y0
        x1, y1 = (x0 + 1) % 128, (y0 + 1) % 80
        top = plane[y0, x0] * (1 - fx) + plane[y0, x1] * fx
        low = plane[y1, x0] * (1 - fx) + plane[y1, x1] * fx
        film.append(top * (1 - fy) + low * fy)
    return np.rint(np.stack(film)[..., None] * (220, 200, 180)).astype(np.uint8)


@pytest.mark.parametrize("step", [-2, 1, 3])
def test_a_sliding_picture_is_a_pan(step: int) -> None:
    seen = camera_of(sliding(1, step))
    assert seen.pan == pytest.approx(step, abs=0.3)
    assert abs(seen.tilt) < 0.2 and abs(seen.zoom) < 0.3 and abs(seen.dolly) < 0.6


def test_a_growing_picture_is_a_zoom() -> None:
    y, x = np.mgrid[:80, :128].astype(float)
    seen = camera_of(warped(4, (x - 64) / 64 * 1.5, (y - 40) / 64 * 1.5))
    assert seen.zoom == pytest.approx(1.5, abs=0.5)
    assert abs(seen.pan) < 0.3


def test_ground_that_moves_the_more_the_nearer_it_is_means_a_truck() -> None:
    y = np.mgrid[:80, :128][0].astype(float)
    near = np.maximum(y - 40, 0) / 64
    seen = camera_of(warped(5, -4 * near, 0 * near))
    assert seen.truck < -2.5
    assert abs(seen.pan) < 0.4


def test_frozen_film_does_not_move() -> None:
    still = np.repeat(sliding(1, 0, 1), 5, axis=0)
    assert speed(motions(still)[0]) < 0.01
    assert np.abs(camera_of(still).as_array()).max() < 0.01


def test_speed_grows_with_motion() -> None:
    speeds = [speed(motions(sliding(2, step, 4))[0]) for step in (1, 2, 4)]
    assert speeds == pytest.approx([1, 2, 4], rel=0.2)


def test_noise_and_shuffled_frames_flicker_motion_does_not() -> None:
    film = sliding(4, 2, 8)
    rng = np.random.default_rng(0)
    noisy = np.clip(film + rng.normal(0, 8, film.shape), 0, 255).astype(np.uint8)
    shuffled = film[[0, 5, 2, 7, 1, 6, 3, 4]]
    assert flicker(noisy) > 3 * flicker(film)
    assert flicker(shuffled) > 1.5 * flicker(film)


def test_a_jump_at_every_fourth_frame_is_seen_wherever_it_falls() -> None:
    film = sliding(4, 2, 16)
    noise = np.random.default_rng(0).normal(0, 8, (8, *film.shape[1:]))
    for shift in range(4):
        jumpy = film + noise[(np.arange(16) + shift) // 4]
        assert flicker(np.clip(jumpy, 0, 255).astype(np.uint8)) > 1.5 * flicker(film)


def test_the_reader_names_moves_it_was_fitted_on() -> None:
    rng = np.random.default_rng(0)
    kinds = {"static": (0, 0), "pan left": (2, 0), "pan right": (-2, 0), "truck left": (0, 2)}

    def seen(move: str) -> CameraMotion:
        pan, truck = kinds[move]
        numbers = rng.normal(0, 0.2, 6)
        numbers[[0, 3]] += pan, truck
        return CameraMotion(*numbers)

    moves = [move for move in kinds for _ in range(20)]
    reader = MoveReader.fit([seen(move) for move in moves], moves)
    again = [reader.read(seen(move)) for move in moves]
    assert np.mean([a == b for a, b in zip(again, moves, strict=True)]) > 0.9


def test_the_reader_can_be_held_to_some_moves() -> None:
    seen = [CameraMotion(x, 0, 0, 0, 0, 0) for x in (-2.0, 0.0, 2.0)]
    reader = MoveReader.fit(seen, ["pan right", "static", "pan left"])
    assert reader.read(seen[0], among=("static", "pan left")) == "static"
