"""Pictures from outside: what is one comes back as pixels, anything else is an answer in words."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from laterna.server.errors import ApiError
from laterna.server.uploads import picture

from .conftest import LIMITS, saved, still


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_pictures_of_three_kinds_are_read(form: str) -> None:
    pixels = picture(still(form=form), LIMITS, "input_reference")
    assert (pixels.shape, pixels.dtype) == ((48, 64, 3), np.uint8)
    assert pixels[24, 8, 0] > 200 > 60 > pixels[24, 8, 2]
    pixels[0, 0] = 0  # it is the caller's own


def test_it_is_turned_upright_and_tells_nothing_else() -> None:
    image = Image.open(io.BytesIO(still(form="JPEG")))
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010E] = "taken at home"
    pixels = picture(saved(image, "JPEG", exif=exif), LIMITS, "input_reference")
    assert pixels.shape == (64, 48, 3)
    assert pixels[8, 24, 0] > 200 and pixels[56, 24, 2] > 200
    assert type(pixels) is np.ndarray


def test_transparency_lies_over_black_and_greys_and_palettes_are_colours() -> None:
    clear = saved(Image.new("RGBA", (32, 32), (255, 255, 255, 0)), "PNG")
    assert picture(clear, LIMITS, "image").max() == 0
    for mode in ("L", "P", "1", "I;16"):
        assert picture(saved(Image.new(mode, (32, 32)), "PNG"), LIMITS, "image").shape == (
            32,
            32,
            3,
        )


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def claims(width: int, height: int) -> bytes:
    """A PNG of few bytes that says it is this large."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(1 << 16))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def wordy() -> bytes:
    """A PNG whose compressed comment unfolds to 64 MB."""
    text = chunk(b"zTXt", b"note\x00\x00" + zlib.compress(bytes(64 << 20), 9))
    plain = still()
    return plain[:33] + text + plain[33:]


BAD = {
    "empty": b"",
    "a few bytes": b"\x89PN",
    "cut short": still((640, 480), "JPEG")[:-4000],
    "a signature alone": b"\x89PNG\r\n\x1a\n",
    "noise behind a signature": b"\xff\xd8\xff" + bytes(range(256)) * 40,
    "text": b"hello, I am a picture",
    "SVG": b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>",
    "EPS": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 64 64\n(run) show",
    "PDF": b"%PDF-1.7\n1 0 obj<<>>endobj",
    "TIFF": saved(Image.new("RGB", (64, 48)), "TIFF"),
    "BMP": saved(Image.new("RGB", (64, 48)), "BMP"),
    "GIF": saved(Image.new("P", (64, 48)), "GIF"),
    "a film's beginning": b"\x00\x00\x00\x20ftypisom" + bytes(100),
    "100,000 x 1": saved(Image.new("L", (100_000, 1)), "PNG"),
    "1 x 100,000": saved(Image.new("L", (1, 100_000)), "PNG"),
    "tiny": saved(Image.new("L", (1, 1)), "PNG"),
    "too many pixels": saved(Image.new("1", (8000, 8000)), "PNG"),
    "a bomb": saved(Image.new("1", (20_000, 20_000)), "PNG"),
    "a claim of 4 thousand million": claims(65_535, 65_535),
    "a claim of far more": claims(2**31 - 1, 2**31 - 1),
    "less than it claims": claims(2000, 2000),
    "a comment that unfolds": wordy(),
    "a web page with a PNG's name": b"<!doctype html><script>alert(1)</script>",
    "a zip": b"PK\x03\x04" + bytes(60),
}


@pytest.mark.parametrize("what", BAD)
def test_anything_else_is_refused_in_words(what: str) -> None:
    with pytest.raises(ApiError) as refused:
        picture(BAD[what], LIMITS, "input_reference")
    error = refused.value
    assert (error.status, error.param, error.code) == (400, "input_reference", "invalid_media")
    assert error.message.startswith("input_reference: ")
    assert "/" not in error.message.replace("input/", "")  # no path of ours


def test_too_many_bytes_are_not_even_looked_at() -> None:
    with pytest.raises(ApiError, match="5,000,000 bytes are too many") as refused:
        picture(bytes(5_000_000), LIMITS, "input_reference")
    assert refused.value.status == 413


def test_every_byte_may_be_wrong() -> None:
    """Flipped bytes give a picture or a refusal, and never anything else."""
    rng = np.random.default_rng(7)
    for form in ("PNG", "JPEG", "WEBP"):
        data = bytearray(still(form=form))
        for place in rng.integers(8, len(data), 12):
            data[place] ^= 0xFF
        try:
            assert picture(bytes(data), LIMITS, "image").shape[2] == 3
        except ApiError as error:
            assert error.status == 400
