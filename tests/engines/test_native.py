"""The native engine, filming with a tiny untrained model: what it keeps, joins and repeats."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from laterna.engines.native import NativeEngine
from laterna.engines.protocol import Chunk, Engine
from laterna.engines.registry import check
from laterna.errors import EngineError, InputError, WeightsError
from laterna.model.runtime import Codec
from laterna.model.weights import Weights
from laterna.shot import Cue, Frames, Keyframe, Shot, Strip
from tests.tiny_native import tiny_weights


@pytest.fixture(scope="module")
def engine() -> NativeEngine:
    return NativeEngine(tiny_weights(), threads=1)


@pytest.fixture(scope="module")
def codec() -> Codec:
    return Codec(Weights.open(tiny_weights()), threads=1)


def shoot(engine: NativeEngine, resume: bytes | None = None, **fields: Any) -> list[Chunk]:
    fields = {"seed": 1, "size": "1:1", "frames": 8, **fields}
    return list(engine.film(Shot("a boat on the lake", **fields), resume))


def frames(chunks: list[Chunk]) -> Frames:
    return np.concatenate([chunk.frames for chunk in chunks])


def latents(chunks: list[Chunk]) -> np.ndarray:
    return np.concatenate([chunk.latents for chunk in chunks if chunk.latents is not None])


def picture(seed: int, height: int = 160, width: int = 160) -> np.ndarray:
    """Smooth colour: what scaling and rounding hardly change."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width] / height
    waves = np.stack([np.sin(x * a + y * b) for a, b in rng.uniform(1, 6, (3, 2))], axis=-1)
    return np.asarray(127 + 100 * waves, np.uint8)


def strip(count: int, seed: int = 5) -> Strip:
    return Strip(np.stack([picture(seed + i // 3) for i in range(count)]))


@pytest.mark.parametrize("total", [1, 3, 32, 39, 50])
def test_a_shot_has_exactly_its_frames(engine: NativeEngine, total: int) -> None:
    chunks = shoot(engine, frames=total)
    assert [c.start for c in chunks] == [4 * n for n in range(len(chunks))]
    assert frames(chunks).shape == (total, 160, 160, 3)
    assert {c.total for c in chunks} == {total}
    assert latents(chunks).shape == (len(chunks), 16, 10, 10)


@pytest.mark.parametrize(
    ("size", "shape"),
    [("16:9", (144, 256)), ("9:16", (256, 144)), ("2.39:1", (106, 256)), ((640, 480), (160, 214))],
)
def test_any_aspect(engine: NativeEngine, size: object, shape: tuple[int, int]) -> None:
    assert shoot(engine, size=size, frames=4)[0].frames.shape[1:3] == shape


def test_the_same_seed_gives_the_same_pixels(engine: NativeEngine) -> None:
    first = frames(shoot(engine))
    np.testing.assert_array_equal(first, frames(shoot(engine)))
    assert not np.array_equal(first, frames(shoot(engine, seed=2)))
    unseeded = list(engine.film(Shot("a boat on the lake", size="1:1", frames=8)))
    again = list(engine.film(Shot("a boat on the lake", size="1:1", frames=8, seed=0)))
    np.testing.assert_array_equal(frames(unseeded), frames(again))


@pytest.mark.parametrize(
    "fields",
    [
        {"frames": 22},
        {"frames": 61},
        {"frames": 20, "loop": True},
        {"frames": 53, "loop": True},
        {"frames": 41, "lead": strip(11), "trail": strip(9)},
        {"frames": 38, "keyframes": (Keyframe(2.0, picture(1)),)},
    ],
)
def test_resumed_after_any_chunk_it_films_the_same_pixels(
    engine: NativeEngine, fields: dict[str, Any]
) -> None:
    whole = shoot(engine, **fields)
    for at in {0, len(whole) // 2, len(whole) - 2}:
        rest = shoot(engine, whole[at].state, **fields)
        assert rest[0].start == whole[at + 1].start
        np.testing.assert_array_equal(frames(rest), frames(whole[at + 1 :]))
        assert [c.state for c in rest] == [c.state for c in whole[at + 1 :]]


def test_a_state_of_something_else_is_refused(engine: NativeEngine) -> None:
    state = shoot(engine)[0].state
    with pytest.raises(InputError, match="resume"):
        shoot(engine, state, seed=9)
    with pytest.raises(InputError, match="resume"):
        shoot(engine, state[:-10])
    with pytest.raises(InputError, match="resume"):
        shoot(engine, b"")


def test_what_is_remembered_does_not_grow_with_length(engine: NativeEngine) -> None:
    def most(total: int) -> int:
        return max(len(c.state) for c in shoot(engine, frames=total, size=(64, 1920)))

    assert abs(most(480) - most(120)) < 1000  # the header counts a digit more
    assert most(480) < 4 << 20


def test_keyframes_are_kept_at_their_seconds(engine: NativeEngine, codec: Codec) -> None:
    images = {0.0: picture(1), 2.5: picture(2), 7.0: picture(3)}
    chunks = shoot(engine, frames=56, keyframes=tuple(Keyframe(s, i) for s, i in images.items()))
    for latent, image in zip((0, 5, 13), images.values(), strict=True):
        wanted = codec.encode(np.repeat(image[None], 4, axis=0))
        np.testing.assert_allclose(latents(chunks)[latent], wanted[0], atol=4e-3, rtol=1e-3)


def test_two_keyframes_in_one_latent_frame_share_it(engine: NativeEngine, codec: Codec) -> None:
    a, b = picture(1), picture(2)
    chunks = shoot(engine, keyframes=(Keyframe(0.5, a), Keyframe(0.875, b)))
    wanted = codec.encode(np.stack([a, a, b, b]))
    np.testing.assert_allclose(latents(chunks)[1], wanted[0], atol=4e-3, rtol=1e-3)


def whole_decoding(codec: Codec, cells: np.ndarray) -> Frames:
    """Decode latents (F, 16, h, w) from the start state in one go."""
    state, out = codec.start(*cells.shape[2:]), []
    cells = cells.astype(np.float32)[:, None]
    for cell, ahead in zip(cells, [*cells[1:], None], strict=True):
        decoded, state = codec.decode(cell, ahead, state)
        out.append(decoded)
    return np.concatenate(out)


def near(a: Frames, b: Frames) -> bool:
    """Equal up to what rounding latents to float16 does to a few pixels."""
    return bool((np.abs(a.astype(int) - b.astype(int)) <= 2).mean() > 0.999)


def test_an_extension_is_decoded_as_if_it_had_been_one_film(
    engine: NativeEngine, codec: Codec
) -> None:
    before = shoot(engine, frames=24)
    lead = Strip(frames(before), latents=latents(before).astype(np.float32))
    more = shoot(engine, frames=12, lead=lead, seed=2)
    joined = whole_decoding(codec, np.concatenate([latents(before), latents(more)]))
    assert near(joined[24:], frames(more))
    alone = shoot(engine, frames=12, seed=2)
    assert not np.array_equal(latents(more), latents(alone))


def test_film_made_to_precede_other_film_leads_over_to_it(
    engine: NativeEngine, codec: Codec
) -> None:
    after = shoot(engine, frames=24)
    trail = Strip(frames(after), latents=latents(after).astype(np.float32))
    more = shoot(engine, frames=12, trail=trail, seed=2)
    joined = whole_decoding(codec, np.concatenate([latents(more), latents(after)]))
    assert near(joined[:12], frames(more))


@pytest.mark.parametrize("total", [8, 20, 48])
def test_a_loop_closes(engine: NativeEngine, codec: Codec, total: int) -> None:
    """Played round and round, each round shows what the one before did."""
    chunks = shoot(engine, frames=total, loop=True)
    rounds = whole_decoding(codec, np.concatenate([latents(chunks)] * 4))
    assert near(rounds[2 * total : 3 * total], frames(chunks))


@pytest.mark.parametrize("total", [10, 44])
def test_outside_the_mask_every_pixel_is_the_sources(engine: NativeEngine, total: int) -> None:
    source = strip(total)
    assert source.frames is not None
    mask = np.zeros((160, 160), bool)
    mask[40:90, 33:120] = True
    film = frames(shoot(engine, frames=total, source=source, mask=mask))
    np.testing.assert_array_equal(film[:, ~mask], source.frames[:, ~mask])
    assert (film[:, mask] != source.frames[:, mask]).mean() > 0.5


def test_a_mask_may_move(engine: NativeEngine) -> None:
    source = strip(8)
    assert source.frames is not None
    mask = np.zeros((8, 160, 160), bool)
    for t in range(8):
        mask[t, 10 * t : 10 * t + 30] = True
    film = frames(shoot(engine, source=source, mask=mask))
    np.testing.assert_array_equal(film[~mask], source.frames[~mask])


def test_a_remix_of_no_strength_is_its_source_and_with_some_it_is_not(
    engine: NativeEngine, codec: Codec
) -> None:
    source = strip(8)
    assert source.frames is not None
    wanted = codec.encode(source.frames)

    def distance(strength: float) -> float:
        chunks = shoot(engine, source=source, strength=strength)
        return float(np.abs(latents(chunks) - wanted).mean())

    assert distance(0.0) < 1e-3
    assert distance(0.5) > 0.1


def test_words_steer_the_film(engine: NativeEngine) -> None:
    plain = frames(shoot(engine, frames=24))
    for fields in (
        {"cues": (Cue(1.5, "a desert at night"),)},
        {"negative": "fog"},
        {"guidance": 4.0},
        {"steps": 7},
    ):
        assert not np.array_equal(frames(shoot(engine, frames=24, **fields)), plain), fields


def test_it_is_an_engine_that_honours_every_field(engine: NativeEngine) -> None:
    assert isinstance(engine, Engine)
    shot = Shot("a lake", keyframes=(Keyframe(0, picture(1)),), loop=True, steps=3)
    check(engine, shot)
    before = engine.preflight(shot)
    assert before.fits
    assert before.frames == 32
    assert 100 << 20 < before.memory_bytes < 1500 << 20
    assert engine.capabilities.weights == Weights.open(tiny_weights()).sha256


def test_latents_of_another_size_need_their_frames(engine: NativeEngine) -> None:
    wrong = Strip(latents=np.zeros((3, 16, 4, 4), np.float32))
    with pytest.raises(InputError, match="lead"):
        shoot(engine, lead=wrong)
    with pytest.raises(InputError, match="source"):
        shoot(engine, source=wrong, strength=0.5)


def test_a_failing_network_is_an_engine_error(codec: Codec) -> None:
    with pytest.raises(EngineError):
        codec.decode(np.zeros((1, 3, 10, 10), np.float32), None, codec.start(10, 10))


def test_without_weights_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="manifest"):
        NativeEngine(tmp_path)


def test_filming_needs_no_torch() -> None:
    code = (
        "import sys\n"
        "from laterna.engines.native import NativeEngine\n"
        "from laterna.shot import Shot\n"
        f"engine = NativeEngine({str(tiny_weights())!r}, threads=1)\n"
        "next(engine.film(Shot('a lake', frames=1)))\n"
        "assert not {'torch', 'onnx', 'numba'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
