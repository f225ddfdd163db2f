"""What a prompt means, token by token: multilingual-e5-small, frozen, in English, German, French
and Spanish.

`unigram` cuts text into pieces, `store` reads the packed weights, `encoder` runs the network.
"""

from laterna.model.text.encoder import TOKENS, WIDTH, TextEncoder

__all__ = ["TOKENS", "WIDTH", "TextEncoder"]
