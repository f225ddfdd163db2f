"""Files from outside: bounded, sniffed, and decoded where they can do no harm.

    picture(data, limits, field)   a still, upright, as pixels and nothing else
    film(path, limits, field)      a film, as frames and their rate
    BodyLimit                      ASGI: no body is read further than it may be long

What comes back is pixels: names, dates, places and colour profiles of the file are left behind.
"""

from laterna.server.uploads.decode import film, picture
from laterna.server.uploads.limit import BodyLimit
from laterna.server.uploads.sniff import sniff

__all__ = ["BodyLimit", "film", "picture", "sniff"]
