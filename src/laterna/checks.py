"""Checks of single values, shared by everything that takes a wish: one error, with its remedy.

Each raises InputError naming the field `name`, or returns nothing.
"""

from __future__ import annotations

import unicodedata
from numbers import Integral
from typing import TypeGuard

import numpy as np

from laterna.errors import InputError

MAX_PROMPT = 2000
INVISIBLE = ("Cc", "Cf", "Zl", "Zp", "Zs")  # general categories (Unicode standard, 4.5)
# They turn what follows around, so that text reads otherwise than it is (UAX 9, 2.1 to 2.4).
TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def check_text(name: str, text: object) -> None:
    """`text` can be a prompt: not blank, at most 2,000 characters, nothing unprintable."""
    if not isinstance(text, str):
        raise InputError(name, text, "say in words what is to be seen")
    if all(unicodedata.category(letter) in INVISIBLE for letter in text):
        raise InputError(name, text, "say in words what is to be seen; it is empty")
    if len(text) > MAX_PROMPT:
        remedy = f"use at most {MAX_PROMPT:,} characters; it has {len(text):,}"
        raise InputError(name, text, remedy)
    for place, letter in enumerate(text):
        if unicodedata.category(letter) in ("Cc", "Cs") or letter in TURNING:
            remedy = f"take out the control character U+{ord(letter):04X} at place {place + 1}"
            raise InputError(name, text, remedy)


def check_number(name: str, value: object, low: float, high: float, unit: str = "") -> None:
    """`value` is a number from `low` to `high`; NaN and infinity are not."""
    if isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool):
        good = bool(low <= value <= high)
    else:
        good = False
    if not good:
        raise InputError(name, value, f"give {low:g} to {high:g} {unit}".rstrip())


def check_whole(name: str, value: object, low: int, high: int) -> None:
    """`value` is a whole number from `low` to `high`."""
    if not is_whole(value) or not low <= value <= high:
        raise InputError(name, value, f"give a whole number from {low} to {high}")


def check_pictures(name: str, pictures: object, shape: str) -> None:
    """`pictures` is an sRGB array of `shape`, "(H, W, 3)" or "(T, H, W, 3)", uint8, not empty."""
    axes = shape.count(",") + 1
    if (
        not isinstance(pictures, np.ndarray)
        or pictures.dtype != np.uint8
        or pictures.ndim != axes
        or pictures.shape[-1] != 3
        or pictures.size == 0
    ):
        raise InputError(name, pictures, f"give sRGB pictures {shape} uint8, not empty")


def is_whole(value: object) -> TypeGuard[int]:
    """Whether `value` is an integer of any kind (numpy's too), and not a truth value."""
    return isinstance(value, Integral) and not isinstance(value, bool)
