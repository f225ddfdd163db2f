"""The codec's figures on codecs whose faults are known."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file

from laterna.errors import WeightsError
from laterna.evaluation.codec import TrainedCodec, codec_figures, round_trip
from laterna.evaluation.judge import Judge
from laterna.model.networks.codec import Codec
from laterna.world.factors import Factors

Film = NDArray[np.uint8]


def test_a_codec_that_loses_nothing(judge: Judge, clips: Callable[[int], list[Film]]) -> None:
    found = codec_figures(lambda film: film, judge, [(film, Factors()) for film in clips(2)])
    assert found["clips"] == 2
    assert found["psnr"].value == 99 and found["ssim"].value == pytest.approx(1)
    assert found["edges"].value == 1 and found["flicker"].value == pytest.approx(1)
    assert found["read"] is None or found["read"].value == 1


def test_a_codec_that_blurs_loses_edges(judge: Judge, clips: Callable[[int], list[Film]]) -> None:
    def soft(film: Film) -> Film:
        small = film.reshape(len(film), 20, 8, 32, 8, 3).mean((2, 4))
        return np.repeat(np.repeat(small, 8, 1), 8, 2).astype(np.uint8)

    found = codec_figures(soft, judge, [(film, Factors()) for film in clips(2)])
    assert found["psnr"].value < 40 and found["ssim"].value < 0.98


def test_a_codec_of_a_training_is_judged_in_torch(tmp_path: Path) -> None:
    torch.manual_seed(0)
    tensors = {f"ema.{name}": value for name, value in Codec().state_dict().items()}
    save_file({k: v.contiguous() for k, v in tensors.items()}, tmp_path / "codec.safetensors")
    film = np.full((8, 64, 96, 3), 128, np.uint8)
    assert TrainedCodec(tmp_path / "codec.safetensors")(film).shape == film.shape


def test_a_file_that_is_no_codec_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="codec:"):
        TrainedCodec(tmp_path / "nothing.safetensors")
    (tmp_path / "words").write_text("a codec, honestly")
    with pytest.raises(WeightsError, match="codec:"):
        TrainedCodec(tmp_path / "words")


def test_the_streaming_round_trip_carries_the_memory_on() -> None:
    class Counts:
        def encode(self, frames: Film) -> NDArray[np.float32]:
            return np.zeros((len(frames) // 4, 16, 2, 3), np.float32)

        def start(self, height: int, width: int) -> tuple[NDArray[np.float32], ...]:
            assert (height, width) == (2, 3)
            return (np.zeros(1, np.float32),)

        def decode(
            self,
            latents: NDArray[np.float32],
            ahead: NDArray[np.float32] | None,
            state: tuple[NDArray[np.float32], ...],
        ) -> tuple[Film, tuple[NDArray[np.float32], ...]]:
            seen = int(state[0][0]) + (0 if ahead is None else 100 * len(ahead))
            return np.full((4, 32, 48, 3), seen, np.uint8), (state[0] + 1,)

    shown = round_trip(Counts())(np.zeros((12, 32, 48, 3), np.uint8))
    assert shown[::4, 0, 0, 0].tolist() == [100, 101, 2]
