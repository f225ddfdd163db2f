"""Work on film that is there: each module builds a Shot and films nothing itself.

    extend    what happens next, or what happened before
    remix     the same film, told anew
    loop      a bridge from its end back to its beginning
    blend     a bridge from one film into another
    inpaint   a part of the picture filmed anew
    outpaint  more picture around it
    retime    slower, with the moments between filmed

All take a Clip as it was filmed, or a Strip read from a file:

    shot = extend(clip, "the fog lifts", seconds=3)
    more = laterna.film(shot)
"""

from __future__ import annotations

from laterna.edit.blend import blend
from laterna.edit.extend import extend
from laterna.edit.inpaint import inpaint
from laterna.edit.loop import loop
from laterna.edit.outpaint import outpaint
from laterna.edit.remix import remix
from laterna.edit.retime import retime

__all__ = ["blend", "extend", "inpaint", "loop", "outpaint", "remix", "retime"]
