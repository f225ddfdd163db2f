"""Films from outside: frames and a rate, or an answer in words."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from laterna.server.errors import ApiError
from laterna.server.uploads import decode, film

from .conftest import LIMITS, shoot, sound, still


@pytest.mark.parametrize(
    ("name", "codec"), [("a.mp4", "libx264"), ("a.mov", "mpeg4"), ("a.webm", "libvpx")]
)
def test_films_of_several_kinds_are_read(name: str, codec: str, tmp_path: Path) -> None:
    path = shoot(tmp_path / name, codec=codec)
    frames, fps = film(path.rename(tmp_path / "upload"), LIMITS, "video")
    assert (frames.shape, frames.dtype, fps) == ((16, 48, 64, 3), np.uint8, 8.0)
    levels = frames.mean(axis=(1, 2, 3))
    assert np.all(np.diff(levels) > 0)
    assert [entry.name for entry in tmp_path.iterdir()] == ["upload"]


def test_frames_come_at_the_rate_and_size_asked_for(tmp_path: Path) -> None:
    path = shoot(tmp_path / "a.mp4", 48, fps=24)
    frames, fps = film(path, LIMITS, "video", fps=8, size=(32, 32))
    assert (frames.shape, fps) == ((16, 32, 32, 3), 8.0)


def made(what: str, path: Path) -> Path:
    """A bad file of this kind at `path`."""
    if what == "cut short":
        data = shoot(path).read_bytes()
        path.write_bytes(data[: len(data) // 2])
    elif what == "cut short, its index first":
        data = shoot(path.with_suffix(".mkv"), 40, (320, 240)).read_bytes()
        path.with_suffix(".mkv").unlink()
        path.write_bytes(data[: len(data) // 3])
    elif what == "audio only":
        sound(path)
    elif what == "no frames":
        path.write_bytes(
            bytes.fromhex("0000001466747970") + b"isom\0\0\2\0isom" + b"\0\0\0\x08moov"
        )
    elif what == "too long":
        shoot(path, 90, (32, 32))
    elif what == "too many frames":
        shoot(path, 320, (32, 32), fps=60)
    elif what == "too fast":
        shoot(path, 250, (32, 32), fps=1000)
    elif what == "too large":
        shoot(path, 2, (8320, 64))
    elif what == "too narrow":
        shoot(path, 2, (4096, 8))
    elif what == "an uncommon codec":
        shoot(path, codec="mpeg2video", fps=25)
    else:
        path.write_bytes(TEXTS[what])
    return path


TEXTS = {
    "empty": b"",
    "text": b"moving pictures",
    "a picture": still(),
    "an HLS playlist": b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n",
    "a concat list": b"ffconcat version 1.0\nfile /etc/passwd\n",
    "a DASH manifest": b"<?xml version='1.0'?><MPD><BaseURL>http://10.0.0.1/</BaseURL></MPD>",
    "an SDP": b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 5000 RTP/AVP 96\n",
    "a playlist behind a film's first bytes": b"\0\0\0\x14ftypisom\n#EXTM3U\nhttp://10.0.0.1/a.ts\n",
    "SVG": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "noise behind a signature": b"\x1a\x45\xdf\xa3" + bytes(range(256)) * 40,
    "sizes that lie": b"\0\0\0\x18ftypmp42" + bytes(12) + b"\xff\xff\xff\xffmoov" + b"\xff" * 99,
}
MADE = (
    "cut short", "cut short, its index first", "audio only", "no frames", "too long",
    "too many frames", "too fast", "too large", "too narrow", "an uncommon codec",
)  # fmt: skip


@pytest.mark.parametrize("what", [*TEXTS, *MADE])
def test_anything_else_is_refused_in_words(what: str, tmp_path: Path) -> None:
    path = made(what, tmp_path / "upload.mp4")
    with pytest.raises(ApiError) as refused:
        film(path, LIMITS, "video")
    error = refused.value
    assert (error.status, error.param, error.code) == (400, "video", "invalid_media")
    assert error.message.startswith("video: ")
    assert str(tmp_path) not in error.message
    assert [entry.name for entry in tmp_path.iterdir()] == ["upload.mp4"]


def test_decoded_it_may_be_too_much(tmp_path: Path) -> None:
    path = shoot(tmp_path / "a.mp4", 60, (640, 480))
    little = replace(LIMITS, decode_bytes=20 << 20)
    with pytest.raises(ApiError) as refused:
        film(path, little, "video")
    assert refused.value.status == 400


def test_a_decoder_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decode, "GRACE", 0.0)
    with pytest.raises(ApiError, match="took too long to decode"):
        film(shoot(tmp_path / "a.mp4"), replace(LIMITS, decode_seconds=0.01), "video")


def test_when_too_many_decode_the_next_is_turned_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decode, "PATIENCE", 0.01)
    path = shoot(tmp_path / "a.mp4")
    for _ in range(decode.AT_ONCE):
        assert decode._turns.acquire(timeout=1)
    try:
        with pytest.raises(ApiError) as refused:
            film(path, LIMITS, "video")
        assert (refused.value.status, refused.value.headers["Retry-After"]) == (503, "10")
    finally:
        for _ in range(decode.AT_ONCE):
            decode._turns.release()


def test_the_child_is_told_no_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dict[str, str]] = []
    real = decode.subprocess.run

    def run(command: list[str], **options: object) -> object:
        seen.append(options["env"])  # type: ignore[arg-type]
        return real(command, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(decode.subprocess, "run", run)
    monkeypatch.setenv("LATERNA_KEY", "sk-laterna-secret")
    monkeypatch.setenv("LATERNA_DATABASE_URL", "postgresql://me:secret@db/laterna")
    film(shoot(tmp_path / "a.mp4"), LIMITS, "video")
    assert "secret" not in os.pathsep.join(seen[0].values())
