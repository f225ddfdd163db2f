"""Latents into frames in pieces, and noise levels of frames that are held."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("diffusers")

from laterna.engines.diffusers.decode import (  # noqa: E402
    FADE,
    Decoder,
    images,
    pieces_of,
    to_uint8,
)
from laterna.engines.diffusers.steps import Hold, holding  # noqa: E402

RATIO = 4


def ramp(latents: Any) -> Any:
    """An autoencoder whose frames are the latents', one for the first and four for each other."""
    frames = torch.cat([latents[:, :, :1], latents[:, :, 1:].repeat_interleave(RATIO, 2)], 2)
    return frames.repeat(1, 3, 1, 1, 1)[:, :3]


def latents(count: int) -> Any:
    return torch.linspace(-1, 1, count).view(1, 1, count, 1, 1).expand(1, 1, count, 2, 2)


@pytest.mark.parametrize("count", [1, 4, 5, 6, 9, 23])
@pytest.mark.parametrize("cut", [1, 3, 23])
def test_pieces_give_every_frame_once(count: int, cut: int) -> None:
    decoder = Decoder(ramp, RATIO, piece=5)
    film = [block for part in latents(count).split(cut, 2) for block in decoder.push(part)]
    film += list(decoder.flush())
    whole = to_uint8(ramp(latents(count))[0])
    assert np.array_equal(np.concatenate(film), whole)


@pytest.mark.parametrize("name", ["wan", "cogvideox", "hunyuan", "ltx"])
def test_a_real_autoencoder_decoded_in_pieces_is_near_the_whole(name: str) -> None:
    from tests.engines.diffusers.tiny import build

    vae = build(name).vae.eval()
    channels = vae.config.get("latent_channels") or vae.config.z_dim
    first, last = torch.randn(2, channels, 1, 4, 4, generator=torch.Generator().manual_seed(0))
    share = torch.linspace(0, 1, 13).view(1, 13, 1, 1)
    told = (first * (1 - share) + last * share)[None]

    noise = (torch.tensor([0.05]),) if name == "ltx" else ()  # it removes the last of it itself

    def decode(piece: Any) -> Any:
        with torch.no_grad():
            return vae.decode(piece, *noise, return_dict=False)[0]

    ratio = 8 if name == "ltx" else 4
    whole = to_uint8(decode(told)[0])
    decoder = Decoder(decode, ratio, piece=9)
    film = np.concatenate([*decoder.push(told), *decoder.flush()])
    assert film.shape == whole.shape
    if name in ("wan", "cogvideox"):  # the others look ahead, or have tiles of their own
        surely = 1 + (8 - FADE) * ratio
        assert np.array_equal(film[:surely], whole[:surely])
    assert np.abs(film.astype(int) - whole).mean() < 8


@pytest.mark.parametrize(("name", "most"), [("svd", 2), ("animatediff", 8)])
def test_few_pictures_are_decoded_at_once_where_there_are_no_tiles(name: str, most: int) -> None:
    from tests.engines.diffusers.tiny import build

    vae, heard = build(name).vae.eval(), []
    decode = vae.decode

    def counted(some: Any, **told: Any) -> Any:
        heard.append(len(some))
        return decode(some, **told)

    vae.decode = counted
    told = {"num_frames": 9} if name == "svd" else {}
    film = np.concatenate(list(images(vae, torch.zeros(9, 4, 2, 2), told)))
    assert film.shape == (9, 16, 16, 3)
    assert max(heard) == most


def test_pieces_are_small_where_pictures_are_large() -> None:
    assert pieces_of(object(), (1280, 720), 4) == (5, FADE)
    assert pieces_of(object(), (3840, 2160), 8) == (2 * FADE + 1, FADE)
    wan = type("AutoencoderKLWan", (), {})()
    assert pieces_of(wan, (1280, 720), 4)[0] >= 21  # a whole window, as the pipeline decodes it


class Euler:
    """A scheduler of rectified flow with three noise levels."""

    config = {"use_flow_sigmas": True}
    sigmas = torch.tensor([1.0, 0.5, 0.0])
    step_index = 0

    def step(self, output: Any, timestep: Any, sample: Any, return_dict: bool = False) -> Any:
        self.step_index += 1
        return (sample + output,)


def test_held_latents_have_the_noise_level_of_the_rest() -> None:
    class Pipeline:
        scheduler = Euler()

    pipeline = Pipeline()
    known = torch.ones(1, 2, 3, 4, 4)
    hold = Hold(axis=2, frames=5, known=known, seed=3)
    film = torch.zeros(1, 2, 6, 4, 4)  # one frame of padding in front
    with holding(pipeline, hold):
        half = pipeline.scheduler.step(torch.zeros_like(film), 500, film)[0]
        last = pipeline.scheduler.step(torch.zeros_like(film), 0, half)[0]
    assert half[:, :, 1:4].mean() == pytest.approx(0.5, abs=0.3)
    assert torch.equal(last[:, :, 1:4], known)
    assert torch.equal(last[:, :, :1], film[:, :, :1])
    assert torch.equal(last[:, :, 4:], film[:, :, 4:])
    assert hold.last is last
    assert "step" not in vars(pipeline.scheduler)
