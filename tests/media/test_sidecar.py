"""A sidecar gives back what it was given, and says clearly when it cannot."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save_file

from laterna.errors import MediaError, OutputError
from laterna.media.sidecar import (
    Sidecar,
    read_sidecar,
    shot_from_json,
    shot_to_json,
    sidecar_path,
)
from laterna.shot import Cue, Keyframe, Shot, Strip

LATENTS = np.arange(2 * 16 * 3 * 4, dtype=np.float16).reshape(2, 16, 3, 4)


def test_latents_shot_and_weights_come_back(tmp_path: Path) -> None:
    shot = Shot("ein Ballon über den Hügeln", seed=2**62 + 1, cues=(Cue(2.0, "Nacht"),), loop=True)
    path = sidecar_path(tmp_path / "clip.mp4")
    assert path.name == "clip.mp4.laterna"
    Sidecar(LATENTS, shot, "ab" * 32).write(path)
    got = read_sidecar(path)
    np.testing.assert_array_equal(got.latents, LATENTS)
    assert got.weights == "ab" * 32
    assert shot_to_json(got.shot) == shot_to_json(shot)
    assert [entry.name for entry in tmp_path.iterdir()] == ["clip.mp4.laterna"]


@given(
    prompt=st.text('abc äöü🎈雨"{}', min_size=1, max_size=40).filter(str.strip),
    seconds=st.floats(0.125, 60),
    size=st.one_of(st.sampled_from(["16:9", "1:1"]), st.tuples(st.just(640), st.just(360))),
    steps=st.none() | st.integers(1, 100),
)
def test_words_and_numbers_of_any_shot_survive(
    prompt: str, seconds: float, size: str | tuple[int, int], steps: int | None
) -> None:
    shot = Shot(prompt, seconds, size, steps=steps)
    told = shot_to_json(shot)
    back = shot_from_json(told)
    assert (back.prompt, back.seconds, back.size, back.steps) == (prompt, seconds, size, steps)


def test_pictures_are_named_but_not_stored() -> None:
    picture = np.zeros((4, 4, 3), np.uint8)
    shot = Shot(
        "sea", keyframes=(Keyframe(1.5, picture),), source=Strip(picture[None]), strength=0.5
    )
    told = shot_to_json(shot)
    assert told["keyframes"] == [1.5]
    assert told["given"] == ["source"]
    assert shot_from_json(told).keyframes == ()


def test_a_later_format_asks_for_an_update(tmp_path: Path) -> None:
    save_file({"latents": LATENTS}, tmp_path / "x.laterna", {"format": "2"})
    with pytest.raises(MediaError, match="format 2; update"):
        read_sidecar(tmp_path / "x.laterna")


@pytest.mark.parametrize(
    "header",
    [{}, {"format": "1"}, {"format": "1", "shot": "{", "weights": ""},
     {"format": "1", "shot": "[]", "weights": ""}],
)  # fmt: skip
def test_what_is_no_sidecar_is_refused(tmp_path: Path, header: dict[str, str]) -> None:
    save_file({"latents": LATENTS}, tmp_path / "x.laterna", header)
    with pytest.raises(MediaError, match="sidecar: "):
        read_sidecar(tmp_path / "x.laterna")


def test_damage_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "x.laterna"
    Sidecar(LATENTS, Shot("sea"), "").write(path)
    data = path.read_bytes()
    for keep in (0, 4, 100, len(data) - 1):
        path.write_bytes(data[:keep])
        with pytest.raises(MediaError):
            read_sidecar(path)
    bad = LATENTS.copy()
    bad[0, 0, 0, 0] = np.nan
    Sidecar(bad, Shot("sea"), "").write(path)
    with pytest.raises(MediaError, match="latents"):
        read_sidecar(path)
    with pytest.raises(MediaError, match="not a file"):
        read_sidecar(tmp_path / "gone.laterna")


def test_an_unwritable_place_is_an_output_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError):
        Sidecar(LATENTS, Shot("sea"), "").write(tmp_path / "nowhere" / "x.laterna")
