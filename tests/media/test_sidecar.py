"""A sidecar gives back what it was given, and says clearly when it cannot."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from laterna.errors import MediaError, OutputError
from laterna.media.sidecar import Sidecar, read_sidecar, sidecar_path
from laterna.shot import Cue, Keyframe, Shot
from laterna.shot_json import array_sha256, shot_to_json

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


def test_pictures_are_named_but_not_stored(tmp_path: Path) -> None:
    picture = np.full((64, 64, 3), 9, np.uint8)
    shot = Shot("sea", seed=3, keyframes=(Keyframe(1.5, picture),))
    path = tmp_path / "x.laterna"
    Sidecar(LATENTS, shot, "").write(path)
    assert array_sha256(picture).encode() in path.read_bytes()
    got = read_sidecar(path).shot
    assert (got.prompt, got.seed, got.keyframes) == ("sea", 3, ())


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
