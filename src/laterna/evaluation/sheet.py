"""A contact sheet: a row per caption, its words above, moments of the take side by side."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from laterna.model.vocabulary import normalised
from laterna.shot import Frames

__all__ = ["contact_sheet"]

COLUMNS = 6
MARGIN, LINE = 4, 18  # pixels
PAPER, INK = (24, 24, 26), (230, 228, 222)


def contact_sheet(rows: Sequence[tuple[str, Frames]]) -> bytes:
    """A PNG of takes (T, H, W, 3), all of one size, under their captions."""
    high, wide = rows[0][1].shape[1:3]
    width = COLUMNS * (wide + MARGIN) + MARGIN
    row_height = LINE + high + MARGIN
    sheet = Image.new("RGB", (width, len(rows) * row_height + MARGIN), PAPER)
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(13)
    for index, (text, frames) in enumerate(rows):
        top = index * row_height + MARGIN
        words = " ".join(normalised(text).split())  # the font that Pillow brings knows ASCII alone
        pen.text((MARGIN, top), words, fill=INK, font=font)
        moments = np.linspace(0, len(frames) - 1, COLUMNS).round().astype(int)
        for column, moment in enumerate(moments):
            at = (MARGIN + column * (wide + MARGIN), top + LINE)
            sheet.paste(Image.fromarray(np.ascontiguousarray(frames[moment])), at)
    file = io.BytesIO()
    sheet.save(file, format="PNG")
    return file.getvalue()
