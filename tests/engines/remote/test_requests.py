"""What is sent to a laterna of what a shot builds on."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from laterna.engines.remote.requests import Request, request_of
from laterna.engines.remote.servers import CARRIED, Server
from laterna.media.read import iterate, probe
from laterna.shot import Keyframe, Shot, Strip, resolved

NOISE = np.random.default_rng(4).integers(0, 255, (24, 108, 192, 3), np.uint8)
OPEN = Server("laterna", CARRIED, fps=16)
DRAFTS = Server("laterna", CARRIED, fps=8, drafts=True)


def asked(server: Server, **fields: Any) -> Request:
    return request_of(resolved(Shot("x", seconds=1, seed=1, **fields)), server, "")


def sent(request: Request, folder: Path) -> tuple[np.ndarray, float]:
    """The film that goes with a request, decoded, and its rate."""
    path = folder / "film.mkv"
    path.write_bytes(request.files["video"][1])
    return np.stack(list(iterate(path))), float(probe(path).fps)


def shown(request: Request) -> np.ndarray:
    url = request.fields["json"]["keyframes"][0]["image"]["image_url"]
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))))


@pytest.mark.parametrize("name", ["lead", "trail", "source"])
def test_film_goes_as_it_is_to_an_engine_that_films_no_drafts(name: str, tmp_path: Path) -> None:
    fields: dict[str, Any] = {name: Strip(NOISE[:16], 16)}
    if name == "source":
        fields["mask"] = np.arange(108)[:, None] < np.full(192, 60)
    request = asked(OPEN, **fields)
    film, rate = sent(request, tmp_path)
    np.testing.assert_array_equal(film, NOISE[:16])
    assert rate == 16
    assert request.asked == (16 if name == "source" else 32)
    if name == "source":
        mask = np.asarray(Image.open(io.BytesIO(request.files["mask"][1])))
        np.testing.assert_array_equal(mask[..., 0] > 127, fields["mask"])


def test_film_goes_no_faster_than_the_engine_films(tmp_path: Path) -> None:
    film, rate = sent(asked(OPEN, source=Strip(NOISE, 24), strength=0.5), tmp_path)
    assert (len(film), rate) == (16, 16)


def test_film_goes_in_the_pixels_that_are_asked_for(tmp_path: Path) -> None:
    request = asked(OPEN, source=Strip(NOISE[:16], 16), strength=0.5, size=(128, 128))
    assert sent(request, tmp_path)[0].shape == (16, 128, 128, 3)


def test_film_goes_as_a_draft_to_an_engine_of_drafts(tmp_path: Path) -> None:
    film, rate = sent(asked(DRAFTS, source=Strip(NOISE, 24), strength=0.5), tmp_path)
    assert (film.shape, rate) == ((8, 144, 256, 3), 8)


def test_a_picture_is_cropped_and_not_made_smaller() -> None:
    picture = np.random.default_rng(5).integers(0, 255, (400, 640, 3), np.uint8)
    request = asked(OPEN, keyframes=(Keyframe(0, picture),))
    np.testing.assert_array_equal(shown(request), picture[20:380])
