"""Pictures and films that come with a request, or that it names.

What was uploaded is decoded by `laterna.server.uploads`, never here; what is named is one of the
owner's own videos, taken from its lossless draft and never from its MP4.
"""

from __future__ import annotations

import base64
import binascii
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from laterna.engines.protocol import Engine
from laterna.media.scale import cover
from laterna.media.shown import shown_size
from laterna.server import uploads
from laterna.server.accounts import stages
from laterna.server.accounts.door import Who
from laterna.server.errors import ApiError, bad_request, not_found
from laterna.server.fetch import fetch
from laterna.server.ids import is_id
from laterna.server.jobs.draft import read_draft
from laterna.server.settings import Settings
from laterna.server.store import Store
from laterna.server.tables import Video
from laterna.server.videos.requests import Film, Picture, PictureReference
from laterna.server.wire import Upload
from laterna.shot import DRAFT_FPS, Shot, Strip
from laterna.shot_json import shot_from_json

__all__ = ["Desk", "Found"]

DATA_URL = re.compile(r"data:image/[a-z0-9.+-]+;base64,", re.I)


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A film to work on. `row` and `shot` are those of a video of ours, None of an upload."""

    strip: Strip
    row: Video | None = None
    shot: Shot | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a request's material is laid out: whose it is, and where theirs lies."""

    settings: Settings
    store: Store
    who: Who

    def picture(self, given: Picture, field: str) -> NDArray[np.uint8]:
        """A picture (H, W, 3) uint8. Raises ApiError."""
        limits = self.settings.limits
        if isinstance(given, PictureReference):
            return uploads.picture(self._bytes(given, field), limits, field)
        return uploads.picture(given.read(limits.upload_bytes, field), limits, field)

    def _bytes(self, given: PictureReference, field: str) -> bytes:
        param = f"{field}.image_url"
        if given.file_id is not None or given.image_url is None:
            remedy = "this server keeps no files; send the picture itself or a data URL"
            raise bad_request(f"{field}.file_id", f"{field}.file_id: {remedy}")
        match = DATA_URL.match(given.image_url)
        if match is None:
            return fetch(given.image_url, self.settings, param)
        try:
            return base64.b64decode(given.image_url[match.end() :], validate=True)
        except (binascii.Error, ValueError) as error:
            raise bad_request(param, f"{param}: it is not base64") from error

    def film(self, given: Film, engine: Callable[[], Engine], field: str = "video") -> Found:
        """A film to work on; an upload as `engine`, which is asked for only then, is shown it.

        Raises ApiError.
        """
        if not isinstance(given, Upload):
            return self.named(given.id, f"{field}.id")
        stages.allow(self.who, "edit")
        can = engine().capabilities
        fps = DRAFT_FPS if can.drafts else None
        with self.stored(given, field) as path:
            limits = self.settings.limits
            frames, rate = uploads.film(path, limits, field, fps=fps, fastest=can.fps)
        have = Strip(frames, rate)
        shown = shown_size((frames.shape[2], frames.shape[1]), size_of(have), can.drafts)
        return Found(replace(have, frames=cover(frames, shown)))

    def named(self, name: str, field: str = "video_id") -> Found:
        """One of the owner's completed videos, from its lossless draft. Raises ApiError."""
        with self.store.reading() as session:
            row = own(session.get(Video, name) if is_id(name, "video") else None, self.who, name)
        whole(row, field)
        shot = shot_from_json(row.spec["shot"])
        return Found(read_draft(self.settings.folder(row.id)), row, shot)

    @contextmanager
    def stored(self, given: Upload, field: str) -> Iterator[Path]:
        """An upload as a file, for as long as the block runs. Raises ApiError 413."""
        limit = self.settings.limits.upload_bytes
        if given.size > limit:
            raise ApiError(413, f"{field}: at most {limit:,} bytes are taken", param=field)
        with tempfile.NamedTemporaryFile(prefix="laterna-", suffix=".upload") as file:
            given.file.seek(0)
            shutil.copyfileobj(given.file, file)
            file.flush()
            yield Path(file.name)


def own(row: Video | None, who: Who, name: str) -> Video:
    """`row` if it is there and theirs. Raises ApiError 404, the same for both."""
    if row is None or row.owner != who.owner or row.deleted is not None:
        raise not_found("video", name[:80])
    return row


def whole(row: Video, param: str) -> None:
    """Raise ApiError unless the film of `row` is there. Never 409, which clients would retry."""
    if row.status == "failed":
        reason = row.error_message or "it could not be filmed"
        raise bad_request(param, f"video {row.id} has failed: {reason}", "video_failed")
    if row.status != "completed":
        raise bad_request(param, f"video {row.id} is not filmed yet; poll it", "video_not_ready")
    # The sweep comes by only now and then; what is promised is the moment.
    if row.expired is not None or (row.expires is not None and row.expires < time.time()):
        raise ApiError(
            410, f"video {row.id} has expired; film it anew", param=param, code="expired"
        )


def size_of(strip: Strip) -> str | tuple[int, int]:
    """The size a shot takes that goes on from a film of no shot."""
    from laterna.edit.strips import fields_of

    size: str | tuple[int, int] = fields_of(strip, {})["size"]
    return size
