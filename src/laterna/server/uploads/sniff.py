"""What a file is, by its first bytes; its name and its declared type are the client's say-so.

Only kinds that hold their own pixels are known here. Playlists, SVG, PDF and the like, which make
a decoder open other files or run a program, are no kind at all.
"""

from __future__ import annotations

__all__ = ["HEAD", "sniff"]

HEAD = 16  # bytes that it takes
_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")  # how QuickTime files begin


def sniff(head: bytes) -> tuple[str, str] | None:
    """("picture" or "film", format) of a file that begins so, or None."""
    if head.startswith(b"\xff\xd8\xff"):
        return "picture", "JPEG"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "picture", "PNG"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "picture", "WEBP"
    if head[4:8] in _BOXES:
        return "film", "mov"
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "film", "matroska"
    if head[:6] in (b"GIF87a", b"GIF89a"):
        return "film", "gif"
    return None
