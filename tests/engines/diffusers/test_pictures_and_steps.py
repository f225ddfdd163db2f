"""Pictures and film reach the pipeline, all of them; a strength leaves it a step to make."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from laterna.engines.diffusers import DiffusersEngine
from laterna.engines.diffusers.arguments import FORMS, Call
from laterna.engines.diffusers.presets import PRESETS
from laterna.engines.diffusers.wishes import lay_out
from laterna.errors import EngineError, InputError
from laterna.shot import Keyframe, Strip
from tests.engines.diffusers.conftest import SIDE, filmed, footage, picture, small

pytest.importorskip("diffusers")
PRESET = {preset.name: preset for preset in PRESETS}


def told(form: str, *numbers: int, frames: int = 33) -> list[tuple[int, int]]:
    """Where each condition begins, and how many frames it has."""
    held = dict(zip(numbers, footage(len(numbers)), strict=True))
    call = Call(size=(SIDE, SIDE), frames=frames, held=held, ratio=8)
    found = []
    for one in FORMS[form](call)["conditions"]:
        if form == "conditions2":
            found.append((one.index, len(one.frames)))
        else:
            found.append((one.frame_index, 1 if one.image is not None else len(one.video)))
    return found


def test_ltx_is_given_film_in_whole_latents_and_the_rest_as_pictures() -> None:
    assert told("conditions", *range(18)) == [(0, 17), (17, 1)]  # a lead, and a first picture
    assert told("conditions", *range(8)) == [(0, 1), *((n, 1) for n in range(1, 8))]
    assert told("conditions", 0, 31, 32) == [(0, 1), (31, 1), (32, 1)]  # a last picture, a trail
    assert told("conditions", 5) == [(5, 1)]


def test_ltx_2_is_given_film_in_whole_latents_and_the_rest_as_pictures() -> None:
    assert told("conditions2", *range(18)) == [(0, 17), (3, 1)]
    assert told("conditions2", 0, 31) == [(0, 1), (4, 1)]


def test_a_first_picture_behind_film_changes_what_is_filmed(tiny: Any) -> None:
    engine = DiffusersEngine(str(tiny("ltx_condition")))
    lead = Strip(footage(20), 25)
    frames = [
        filmed(engine, small(lead=lead, keyframes=(Keyframe(0, picture(level)),)))
        for level in (0, 255)
    ]
    assert not np.array_equal(*frames)


def test_pictures_that_meet_on_one_frame_are_refused(tiny: Any) -> None:
    keyframes = (Keyframe(0.24, picture()), Keyframe(0.26, picture()))
    engine = DiffusersEngine(str(tiny("ltx_condition")))
    with pytest.raises(InputError, match=r"keyframes\[1\]\.second: 0\.26 .*the one at 0\.24 s"):
        engine.preflight(small(keyframes=keyframes))


def test_pictures_that_meet_in_one_latent_are_refused_where_latents_place_them() -> None:
    ends = small(keyframes=(Keyframe(0.5, picture()),), trail=Strip(footage(1), 24))
    with pytest.raises(InputError, match=r"keyframes: .*ltx-2 holds one picture"):
        lay_out(ends, PRESET["ltx-2"])
    assert lay_out(ends, PRESET["ltx-video-0.9.5"])


@pytest.mark.parametrize(
    ("name", "strength", "steps", "says"),
    [
        ("wan", 0.0, 10, r"of 10 steps it leaves none; give at least 0\.1$"),
        ("wan", 0.3, 3, r"of 3 steps it leaves none; give at least 0\.334, or 4 steps$"),
        ("animatediff", 0.4, 2, r"give at least 0\.5, or 3 steps$"),
    ],
)
def test_a_strength_that_leaves_no_step_is_refused_before_loading(
    name: str, strength: float, steps: int, says: str, tiny: Any
) -> None:
    engine = DiffusersEngine(str(tiny(name)))
    shot = small(source=Strip(footage(8), 16), strength=strength, steps=steps)
    with pytest.raises(InputError, match=rf"strength: .*{says}"):
        engine.preflight(shot)
    assert engine._loaded is None


@pytest.mark.parametrize("error", [IndexError, KeyError, AttributeError])
def test_what_a_pipeline_raises_is_an_engines_error(
    error: type[Exception], tiny: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from diffusers import WanPipeline

    def breaks(self: Any, **told: Any) -> None:
        raise error("broken")

    monkeypatch.setattr(WanPipeline, "__call__", breaks)
    with pytest.raises(EngineError, match="broken"):
        list(DiffusersEngine(str(tiny("wan"))).film(small()))
