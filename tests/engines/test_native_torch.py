"""The native model over torch: the pixels of the ONNX graphs, and shots side by side."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

from laterna.engines.native import NativeEngine
from laterna.engines.native_torch import NativeTorchEngine
from laterna.engines.protocol import Chunk
from laterna.errors import EngineError, InputError
from laterna.shot import Cue, Frames, Keyframe, Shot, Strip
from tests.tiny_native import tiny_weights


@pytest.fixture(scope="module")
def onnx() -> NativeEngine:
    return NativeEngine(tiny_weights(), threads=1)


@pytest.fixture(scope="module")
def engine() -> NativeTorchEngine:
    return NativeTorchEngine(tiny_weights(), device="cpu")


def shot(**fields: Any) -> Shot:
    return Shot("a boat on the lake", **{"seed": 1, "size": "1:1", "frames": 12, **fields})


def frames(chunks: list[Chunk]) -> Frames:
    return np.concatenate([chunk.frames for chunk in chunks])


def latents(chunks: list[Chunk]) -> np.ndarray:
    return np.concatenate([np.asarray(c.latents, np.float32) for c in chunks])


def strip(seed: int) -> Strip:
    noise = np.random.default_rng(seed).integers(0, 255, (8, 5, 5, 3), np.uint8)
    return Strip(noise.repeat(32, 1).repeat(32, 2))


WISHES = {
    "words": {},
    "guided": {"guidance": 3.0, "negative": "fog"},
    "keyframe": {"keyframes": (Keyframe(0.0, strip(1).frames[0]),)},
    "masked": {
        "source": Strip(strip(2).frames.repeat(2, 0)[:12]),
        "mask": np.arange(160)[None, :].repeat(160, 0) < 80,
    },
    "lead": {"lead": strip(3)},
    "cue": {"cues": (Cue(0.5, "a city at night"),)},
}


@pytest.mark.parametrize("wish", WISHES)
def test_in_float32_it_films_what_the_graphs_film(
    wish: str, onnx: NativeEngine, engine: NativeTorchEngine
) -> None:
    wanted, found = (list(e.film(shot(**WISHES[wish]))) for e in (onnx, engine))
    assert [c.start for c in found] == [c.start for c in wanted]
    np.testing.assert_allclose(latents(found), latents(wanted), atol=5e-3)
    away = np.abs(frames(found).astype(int) - frames(wanted))
    assert away.max() <= 1
    assert (away > 0).mean() < 0.01


def test_a_state_of_one_engine_goes_on_in_the_other(
    onnx: NativeEngine, engine: NativeTorchEngine
) -> None:
    whole = list(onnx.film(shot()))
    rest = list(engine.film(shot(), whole[0].state))
    assert np.abs(frames(rest).astype(int) - frames(whole[1:])).max() <= 1


def test_bfloat16_films_nearly_the_same(engine: NativeTorchEngine) -> None:
    half = NativeTorchEngine(tiny_weights(), device="cpu", dtype="bfloat16")
    wanted, found = (frames(list(e.film(shot()))) for e in (engine, half))
    away = (wanted.astype(float) - found) ** 2
    assert 0 < away.mean() < 255**2 / 10**3  # above 30 dB


def test_shots_side_by_side_are_those_filmed_alone(engine: NativeTorchEngine) -> None:
    shots = [
        shot(),
        shot(seed=2, frames=4),
        Shot("a red balloon over the hills in the evening", seed=3, size="1:1", frames=12),
        shot(seed=4, **WISHES["masked"]),
        shot(seed=5, size="16:9"),
    ]
    together: list[list[Chunk]] = [[] for _ in shots]
    for number, chunk in engine.film_all(shots):
        together[number].append(chunk)
    for one, found in zip(shots, together, strict=True):
        alone = list(engine.film(one))
        assert [c.start for c in found] == [c.start for c in alone]
        np.testing.assert_allclose(latents(found), latents(alone), atol=5e-3)
        assert np.abs(frames(found).astype(int) - frames(alone)).max() <= 1


def test_side_by_side_the_network_is_asked_once_for_all(
    engine: NativeTorchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = engine._side_by_side
    network, rows = meeting._network, []

    def counting(*arrays: np.ndarray) -> np.ndarray:
        rows.append(len(arrays[0]))
        assert network is not None
        return network(*arrays)

    monkeypatch.setattr(meeting, "_network", counting)
    assert len(list(engine.film_all([shot(seed=n) for n in range(4)]))) == 12
    assert set(rows) == {4}


def test_closing_ends_all_of_them(engine: NativeTorchEngine) -> None:
    before = threading.active_count()
    films = engine.film_all([shot(seed=n, frames=80) for n in range(3)])
    next(films)
    films.close()  # type: ignore[attr-defined]
    assert threading.active_count() == before
    assert len(frames(list(engine.film(shot())))) == 12


def test_a_film_that_fails_ends_the_others_with_its_error(
    engine: NativeTorchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arrays: np.ndarray) -> np.ndarray:
        raise EngineError("out of memory")

    monkeypatch.setattr(engine._side_by_side, "_network", broken)
    with pytest.raises(EngineError, match="out of memory"):
        list(engine.film_all([shot(seed=n) for n in range(2)]))


def test_a_device_that_is_not_there_is_named() -> None:
    with pytest.raises(EngineError, match="cuda:77"):
        next(NativeTorchEngine(tiny_weights(), device="cuda:77").film(shot()))
    with pytest.raises(InputError, match="bfloat16"):
        NativeTorchEngine(tiny_weights(), dtype="int8")


def test_the_environment_names_the_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LATERNA_DEVICE", "cuda:77")
    films: Iterator[Chunk] = NativeTorchEngine(tiny_weights()).film(shot())
    with pytest.raises(EngineError, match="cuda:77"):
        next(films)
