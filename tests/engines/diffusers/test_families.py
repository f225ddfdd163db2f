"""Every family films through the real pipelines: words, pictures, film, long shots."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from laterna.engines.diffusers import DiffusersEngine
from laterna.errors import InputError, UnsupportedError
from laterna.shot import Control, Cue, Keyframe, Shot, Strip
from tests.engines.diffusers.conftest import filmed, footage, picture, small

pytest.importorskip("diffusers")
from tests.engines.diffusers.tiny import OF_PRESET, TINY

FILM = Strip(footage(), 8)
FIRST = (Keyframe(0, picture()),)
ENDS = (*FIRST, Keyframe(0.5, picture(90)))
THROUGH = (*FIRST, Keyframe(0.25, picture(140)), Keyframe(0.5, picture(90)))
MASK = np.zeros((64, 64), bool)
MASK[:20] = True
ANEW = {"source": FILM, "mask": MASK}
REMIX = {"source": FILM, "strength": 0.6}
STILL = {"frames": 1}

# pipeline: the preset it is taken for, a field it does not take, and what it films beside the plain
# shot of test_every_preset
FAMILIES: dict[str, tuple[str, dict[str, Any], list[dict[str, Any]]]] = {
    "wan": ("wan-2.1-t2v-1.3b", {"keyframes": FIRST}, [REMIX, {"negative": "w7"}, STILL]),
    "wan_two": ("wan-2.2-t2v-a14b", {"source": FILM, "strength": 0.5}, []),
    "wan_image": ("wan-2.1-i2v-14b-480p", {"trail": FILM}, [{"lead": FILM}]),
    "wan_ends": (
        "wan-2.1-flf2v-14b",
        {"keyframes": FIRST},
        [{"keyframes": ENDS}, {"lead": FILM, "trail": FILM}],
    ),
    "wan_two_image": ("wan-2.2-i2v-a14b", {"keyframes": THROUGH}, [{"keyframes": ENDS}]),
    "wan_both": ("wan-2.2-ti2v-5b", {"keyframes": ENDS}, [{"keyframes": FIRST}]),
    "wan_vace": (
        "wan-2.1-vace-1.3b",
        {"control": Control("normal", FILM)},
        [
            {"keyframes": THROUGH},
            {"lead": FILM, "trail": FILM},
            ANEW,
            {"control": Control("depth", FILM, 0.7)},
        ],
    ),
    "ltx": ("ltx-video-2b", {"trail": FILM}, [{"keyframes": FIRST}, {"lead": FILM}]),
    "ltx_condition": (
        "ltx-video-0.9.5",
        REMIX,
        [{"keyframes": THROUGH}, {"lead": FILM, "trail": FILM}],
    ),
    "ltx_2": ("ltx-2", REMIX, [{"keyframes": ENDS}]),
    "hunyuan": ("hunyuan-video", {"negative": "w7"}, []),
    "hunyuan_image": ("hunyuan-video-i2v", {"keyframes": ENDS}, [{"lead": FILM}]),
    "hunyuan_15": ("hunyuan-video-1.5-t2v-480p", {"keyframes": FIRST}, []),
    "hunyuan_15_image": ("hunyuan-video-1.5-i2v-480p", REMIX, []),
    "cogvideox": ("cogvideox-2b", {"keyframes": FIRST}, [REMIX]),
    "cogvideox_image": ("cogvideox-5b-i2v", REMIX, []),
    "cogvideox_15": ("cogvideox-1.5-5b", REMIX, []),
    "cogvideox_15_image": ("cogvideox-1.5-5b-i2v", {"keyframes": ENDS}, [{"lead": FILM}]),
    "mochi": ("mochi-1", {"keyframes": FIRST}, []),
    "svd": ("svd", {"negative": "w7"}, []),
    "svd_xt": ("svd-xt", {"negative": "w7"}, []),
    "animatediff": ("animatediff", {"keyframes": FIRST}, [REMIX]),
    "stable_diffusion": (
        "stable-diffusion-1.5",
        {**STILL, "keyframes": FIRST},
        [STILL | REMIX, STILL | ANEW],
    ),
    "stable_diffusion_xl": ("stable-diffusion-xl", {"seconds": 1.0}, [STILL | REMIX]),
}


def test_every_tiny_pipeline_is_filmed_here() -> None:
    assert FAMILIES.keys() == TINY.keys()
    assert all(OF_PRESET[preset] == name for name, (preset, _, _) in FAMILIES.items())


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_films_what_its_preset_promises(name: str, tiny: Any) -> None:
    preset, refused, wishes = FAMILIES[name]
    engine = DiffusersEngine(str(tiny(name)))
    assert engine.source.preset.name == preset
    with pytest.raises((UnsupportedError, InputError)) as error:
        check_all(engine, small(**refused))
    assert error.value.field in (*refused, "keyframes")
    for wish in wishes:
        shares: list[float] = []
        engine.watch = shares.append
        frames = filmed(engine, small(**wish))
        assert frames.shape[1:] == (64, 64, 3)
        assert frames.std() > 1
        assert shares == sorted(shares)
        assert len(shares) > 1


def check_all(engine: DiffusersEngine, shot: Shot) -> None:
    """What whoever films asks before filming."""
    from laterna.engines.registry import check

    check(engine, shot)
    engine.preflight(shot)
    pytest.fail("it was not refused")


LONG = {
    "wan": ({"seconds": 6.0}, 96),  # held in latents
    "ltx_condition": ({"seconds": 8.0, "keyframes": FIRST}, 200),
    "cogvideox": ({"seconds": 7.0}, 56),
    "svd": ({"seconds": 3.0, "keyframes": FIRST}, 21),
    "animatediff": ({"seconds": 3.0}, 24),
}


@pytest.mark.parametrize("name", LONG)
def test_a_long_shot_is_filmed_in_windows(name: str, tiny: Any) -> None:
    fields, count = LONG[name]
    engine = DiffusersEngine(str(tiny(name)))
    frames = filmed(engine, small(**fields))
    assert len(frames) == count


def test_the_same_seed_films_the_same(tiny: Any) -> None:
    first = filmed(DiffusersEngine(str(tiny("wan"))), small())
    again = DiffusersEngine(str(tiny("wan")))
    assert np.array_equal(first, filmed(again, small()))
    assert not np.array_equal(first, filmed(again, small(seed=2)))


def test_a_short_shot_is_what_the_pipeline_alone_makes_of_it(tiny: Any) -> None:
    import torch
    from diffusers import WanPipeline

    alone = WanPipeline.from_pretrained(tiny("wan"))
    alone.set_progress_bar_config(disable=True)
    made = alone(
        prompt="w5 w6", height=64, width=64, num_frames=9, num_inference_steps=2,
        guidance_scale=5.0, generator=torch.Generator("cpu").manual_seed(1), output_type="np",
    ).frames[0]  # fmt: skip
    ours = filmed(DiffusersEngine(str(tiny("wan"))), small())
    assert np.abs(ours - made[:8] * 255.0).max() <= 1


def test_what_a_mask_keeps_is_kept_to_the_bit(tiny: Any) -> None:
    frames = filmed(DiffusersEngine(str(tiny("wan_vace"))), small(**ANEW))
    assert FILM.frames is not None
    assert np.array_equal(frames[0][~MASK], FILM.frames[0][~MASK])
    assert not np.array_equal(frames[0][MASK], FILM.frames[0][MASK])


def test_an_unsupported_field_is_refused_before_anything_is_loaded(tiny: Any) -> None:
    engine = DiffusersEngine(str(tiny("wan")))
    for fields in ({"cues": (Cue(0.2, "w9"),)}, {"loop": True}, {"lead": FILM}):
        with pytest.raises(UnsupportedError, match=r"does not take it; .* do(es)?$"):
            check_all(engine, small(**fields))
    assert engine._loaded is None


NEEDS_FIRST = r"needs a first picture \(--image\) or film that it goes on from"
NOT_THERE = r"takes first pictures.*wan-2.1-vace-1.3b takes it"
UNPLACED: list[tuple[str, dict[str, Any], str]] = [
    ("wan_image", {}, rf"keyframes: .*{NEEDS_FIRST}$"),
    ("wan_image", {"keyframes": THROUGH}, rf"keyframes: .*{NOT_THERE}$"),
    ("wan_image", {"keyframes": FIRST, "lead": FILM}, "keyframes: .*first and lead.* together"),
    ("wan_two_image", {"keyframes": ENDS, "trail": FILM}, "trail: .*last and trail.* together"),
    ("wan_ends", {"keyframes": FIRST}, r"keyframes: .*needs a last picture \(--last-image\)$"),
    ("wan_ends", {}, rf"keyframes: .*{NEEDS_FIRST} and a last picture \(--last-image\)$"),
]


@pytest.mark.parametrize(("name", "fields", "says"), UNPLACED)
def test_pictures_a_model_cannot_place_are_refused_by_name(
    name: str, fields: dict[str, Any], says: str, tiny: Any
) -> None:
    with pytest.raises(InputError, match=says):
        DiffusersEngine(str(tiny(name))).preflight(small(**fields))


def test_a_model_with_sizes_of_its_own_films_the_size_asked(
    tiny: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from diffusers import AutoencoderKLHunyuanVideo15 as Autoencoder

    decoded: list[tuple[int, ...]] = []
    decode = Autoencoder.decode

    def heard(self: Any, latents: Any, *args: Any, **told: Any) -> Any:
        decoded.append(tuple(latents.shape[-2:]))
        return decode(self, latents, *args, **told)

    monkeypatch.setattr(Autoencoder, "decode", heard)
    shot = small(keyframes=FIRST, size=(96, 64), extra={"film": "96x64"}, seconds=0.25)
    frames = filmed(DiffusersEngine(str(tiny("hunyuan_15_image"))), shot)
    assert frames.shape == (6, 64, 96, 3)
    assert decoded == [(64 // 16, 96 // 16)]
