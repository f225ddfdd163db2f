"""Decoding in a process of its own, which may run out of memory, hang or crash without harm.

The child gets the file and the limits, and nothing of this process: no environment with secrets in
it, no open files. It leaves raw pixels in a file, which is mapped rather than read, so that a long
film costs no memory until it is looked at. Few decode at once; the others wait their turn, and are
turned away with 503 when that takes too long.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from laterna.server.errors import ApiError, bad_request
from laterna.server.settings import Limits
from laterna.server.uploads.sniff import HEAD, sniff

__all__ = ["film", "picture"]

AT_ONCE = 2
PATIENCE = 120.0  # seconds to wait for one's turn
GRACE = 15.0  # seconds beside the processor time: starting Python, a busy machine
KEPT = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "LANG", "LC_ALL")

_turns = threading.BoundedSemaphore(AT_ONCE)


def picture(data: bytes, limits: Limits, field: str) -> NDArray[np.uint8]:
    """The picture that `data` is, (H, W, 3) uint8 sRGB, upright, transparency over black.

    JPEG, PNG and WebP. Raises ApiError 400, 413 or 503.
    """
    _bounded(len(data), limits, field)
    kind = _kind(data[:HEAD], "picture", "a JPEG, PNG or WebP picture", field)
    with tempfile.TemporaryDirectory(prefix="laterna-") as name:
        folder = Path(name)
        source = folder / "upload"
        source.write_bytes(data)
        pixels, _ = _decode({"kind": "picture", "format": kind}, source, folder, limits, field)
    return np.array(pixels[0])


def film(
    path: Path,
    limits: Limits,
    field: str,
    *,
    fps: float | None = None,
    fastest: float | None = None,
    size: tuple[int, int] | None = None,
) -> tuple[NDArray[np.uint8], float]:
    """The film at `path`: frames (T, H, W, 3) uint8 sRGB, upright, and their rate.

    MP4, MOV, WebM, Matroska and GIF. `fps` resamples it, `fastest` only where it has more frames a
    second than that; `size` (width, height) scales and crops it to cover. The frames are mapped
    from a file without a name. Raises ApiError 400, 413 or 503.
    """
    _bounded(path.stat().st_size, limits, field)
    with path.open("rb") as file:
        kind = _kind(file.read(HEAD), "film", "an MP4, MOV, WebM or GIF film", field)
    request = {"kind": "film", "format": kind, "fps": fps, "fastest": fastest, "size": size}
    with tempfile.TemporaryDirectory(prefix="laterna-", dir=path.parent) as name:
        return _decode(request, path, Path(name), limits, field)


def _bounded(size: int, limits: Limits, field: str) -> None:
    if size == 0:
        raise bad_request(field, f"{field}: the file is empty", "invalid_media")
    if size > limits.upload_bytes:
        message = f"{field}: {size:,} bytes are too many, at most {limits.upload_bytes:,} are taken"
        raise ApiError(413, message, param=field, code="too_large")


def _kind(head: bytes, wanted: str, named: str, field: str) -> str:
    found = sniff(head)
    if found is None or found[0] != wanted:
        raise bad_request(field, f"{field}: the file is not {named}", "invalid_media")
    return found[1]


def _decode(
    request: dict[str, Any], source: Path, folder: Path, limits: Limits, field: str
) -> tuple[NDArray[np.uint8], float]:
    """Run the child; (T, H, W, 3) and the rate. Raises ApiError."""
    request |= {
        "source": os.fspath(source.absolute()),
        "pixels": os.fspath(folder / "pixels"),
        "answer": os.fspath(folder / "answer"),
        "field": field,
        "limits": {
            "pixels": limits.upload_pixels,
            "seconds": limits.upload_seconds,
            "frames": limits.upload_frames,
            "cpu": limits.decode_seconds,
            "memory": limits.decode_bytes,
        },
    }
    if not _turns.acquire(timeout=PATIENCE):
        busy = "too many uploads are being read; try again soon"
        raise ApiError(503, busy, code="busy", headers={"Retry-After": "10"})
    try:
        code = _run_child(json.dumps(request), folder, limits)
    finally:
        _turns.release()
    try:
        told = json.loads((folder / "answer").read_bytes())
    except (OSError, ValueError):
        told = {"error": _end(code, field)}
    if "error" in told or code != 0:
        raise bad_request(field, told.get("error", _end(code, field)), "invalid_media")
    shape = tuple(int(n) for n in told["shape"])
    pixels = np.memmap(folder / "pixels", np.uint8, "r", shape=shape)
    return pixels, float(told["fps"])


def _run_child(request: str, folder: Path, limits: Limits) -> int | None:
    """The child's exit status; None when it took too long."""
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    # Threads of a maths library each reserve address space, which is what is rationed.
    environment |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    # The same laterna as ours, wherever it was found; relative entries would mean another folder.
    environment["PYTHONPATH"] = os.pathsep.join(str(Path(entry).absolute()) for entry in sys.path)
    command = [sys.executable, "-P", "-m", "laterna.server.uploads.child"]
    try:
        done = subprocess.run(
            command,
            input=request.encode(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env=environment,
            timeout=limits.decode_seconds + GRACE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    return done.returncode


def _end(code: int | None, field: str) -> str:
    why = "took too long to decode" if code is None else "cannot be decoded within the limits"
    return f"{field}: the file {why}; it may be damaged, or too large or too long"
