"""From trained networks to what ships: float16 tensors, graphs without weights, a manifest.

A graph must hold for any weights of its shape, but exporters fold weights that are alike, or
already multiplied, into constants of their own. So each network is exported with random weights:
then every constant of the graph can be recognised as one of them, or its transpose, by its
numbers, is taken out and named after it. What the graph computes with the real weights is compared
with torch before anything is written.
"""

from __future__ import annotations

import copy
import hashlib
import json
import logging
import os
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, numpy_helper
from safetensors.numpy import save
from torch import Tensor, nn
from torch.export import Dim

from laterna.errors import OutputError, WeightsError
from laterna.model.networks.codec import Codec, following
from laterna.model.runtime import Codec as Runtime
from laterna.model.runtime import transformer as load_transformer
from laterna.model.take import CAMERA, Manner
from laterna.model.weights import FORMAT, MANIFEST, SHIPPED, Weights
from laterna.training import checkpoint
from laterna.training.latents import codec_name
from laterna.training.leg import CHECKPOINT

OPSET = 20
AGREEMENT = 1e-3  # largest difference between torch and ONNX, relative to the largest output
SMALL = 4096  # constants of fewer numbers may be the graph's own: shapes, frequencies, ones


def graph_of(
    module: nn.Module,
    inputs: Mapping[str, Tensor],
    outputs: Sequence[str],
    dynamic: Mapping[str, Mapping[int, Any]],
    prefix: str,
) -> tuple[bytes, list[str]]:
    """Export `module`, called with `inputs` in order, as an ONNX graph without weights.

    `dynamic` names the variable dimensions of each input. Returns the file and the names of its
    initialisers: `prefix` and the tensor's name in `module`, with `.T` if it is transposed.
    """
    module = _randomised(module)
    with _quiet():
        program = torch.onnx.export(
            module,
            tuple(inputs.values()),
            dynamo=True,
            opset_version=OPSET,
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_shapes=tuple(dict(dynamic.get(name, {})) for name in inputs),
            verbose=False,
        )
    assert program is not None
    model = program.model_proto
    state = {name: value.detach().numpy() for name, value in module.state_dict().items()}
    renamed = {}
    for constant in model.graph.initializer:
        name = _recognise(numpy_helper.to_array(constant), state, constant.name)
        if name is not None:
            renamed[constant.name] = prefix + name
            _take_out(constant, prefix + name)
    for node in model.graph.node:
        node.input[:] = [renamed.get(name, name) for name in node.input]
    _forget_origin(model)
    return model.SerializeToString(), sorted(set(renamed.values()))


def export_run(
    run: Path, codec: Path, folder: Path | None = None, manner: Manner | None = None
) -> Path:
    """Export the averaged transformer of the run in `run` with the codec in file `codec`.

    `folder` is where the shipped weights lie, if not given; returns the manifest's path. Raises
    WeightsError for a run or a codec that cannot be read, and what `export` raises.
    """
    transformer, told = checkpoint.load_transformer(run / CHECKPOINT)
    network = Codec()
    seen = checkpoint.load_module(network, codec)
    learnt = told.get("settings", {}).get("codec")
    if learnt != codec_name(codec):
        raise WeightsError(f"{run} learnt the latents of another codec than {codec}")
    return export(
        network,
        transformer,
        folder or SHIPPED,
        manner=manner,
        record={"transformer": told, "codec": seen},
    )


def export(
    codec: nn.Module,
    transformer: nn.Module,
    folder: Path,
    *,
    manner: Manner | None = None,
    record: Mapping[str, Any] | None = None,
) -> Path:
    """Write the weights folder that the native engine films with; returns the manifest's path.

    `codec` and `transformer` are laterna.model.networks modules, `record` says what they were
    trained on (JSON). Raises OutputError if the folder cannot be written and WeightsError if torch
    and ONNX disagree by more than a thousandth.
    """
    files = build(codec, transformer, manner=manner, record=record)
    with tempfile.TemporaryDirectory() as proof:
        write(Path(proof), files)
        verify(codec, transformer, Weights.open(proof))
    write(folder, files)
    return folder / MANIFEST


def build(
    codec: nn.Module,
    transformer: nn.Module,
    *,
    manner: Manner | None = None,
    record: Mapping[str, Any] | None = None,
) -> dict[str, bytes]:
    """The files of a weights folder by name, the manifest last."""
    graphs = {
        "encoder": _encoder_graph(codec),
        "decoder": _decoder_graph(codec),
        "transformer": _transformer_graph(transformer, per_token=False),
        "transformer-tokens": _transformer_graph(transformer, per_token=True),
    }
    files = {f"{name}.onnx": graph for name, (graph, _) in graphs.items()}
    for name, network in (("codec", codec), ("transformer", transformer)):
        files[f"{name}.safetensors"] = _tensors(network, name, graphs)
    manifest = {
        "format": FORMAT,
        "files": {
            name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            for name, data in files.items()
        },
        "graphs": {
            name: {
                "file": f"{name}.onnx",
                "weights": f"{initialisers[0].split('.')[0]}.safetensors",
                "initialisers": initialisers,
            }
            for name, (_, initialisers) in graphs.items()
        },
        "manner": asdict(manner or Manner()),
        "record": dict(record or {}),
    }
    return {**files, MANIFEST: (json.dumps(manifest, indent=1) + "\n").encode()}


def _tensors(network: nn.Module, name: str, graphs: Mapping[str, tuple[bytes, list[str]]]) -> bytes:
    """The tensors of `network` that any graph computes with, as a safetensors file in float16."""
    used = {i.removesuffix(".T") for _, initialisers in graphs.values() for i in initialisers}
    half = {
        f"{name}.{key}": value.cpu().numpy().astype(np.float16)
        for key, value in network.state_dict().items()
        if f"{name}.{key}" in used
    }
    return save(half, {"format": str(FORMAT)})


class _Encoder(nn.Module):
    def __init__(self, codec: nn.Module) -> None:
        super().__init__()
        self.codec = codec

    def forward(self, frames: Tensor) -> Tensor:
        latents: Tensor = self.codec.encode(frames)  # type: ignore[operator]
        return latents


class _Decoder(nn.Module):
    def __init__(self, codec: nn.Module) -> None:
        super().__init__()
        self.codec = codec

    def forward(
        self, latents: Tensor, ahead: Tensor, sigma: Tensor,
        state0: Tensor, state1: Tensor, state2: Tensor, state3: Tensor,
    ) -> tuple[Tensor, ...]:  # fmt: skip
        state = (state0, state1, state2, state3)
        frames, after = self.codec.decode_chunk(  # type: ignore[operator]
            latents, ahead, sigma, state
        )
        return frames, *after


def _encoder_graph(codec: nn.Module) -> tuple[bytes, list[str]]:
    h, w = Dim("h", min=2), Dim("w", min=2)
    return graph_of(
        _Encoder(codec),
        {"frames": torch.randn(1, 4, 3, 96, 128)},
        ["latents"],
        {"frames": {3: 16 * h, 4: 16 * w}},
        "",
    )


def _decoder_graph(codec: nn.Module) -> tuple[bytes, list[str]]:
    h, w = Dim("h", min=2), Dim("w", min=2)
    latents, ahead = torch.randn(1, 1, 16, 6, 8), torch.randn(1, 1, 17, 6, 8)
    state = codec.start(latents)  # type: ignore[operator]
    states = {f"state{n}": torch.randn_like(value) for n, value in enumerate(state)}
    grown = {
        name: {2: value.shape[2] // 6 * h, 3: value.shape[3] // 8 * w}
        for name, value in states.items()
    }
    return graph_of(
        _Decoder(codec),
        {"latents": latents, "ahead": ahead, "sigma": torch.zeros(1, 1), **states},
        ["frames", *(f"after{n}" for n in range(len(state)))],
        {"latents": {3: h, 4: w}, "ahead": {3: h, 4: w}, **grown},
        "",
    )


def transformer_inputs(
    frames: int, tokens: int, words: int, batch: int, *, per_token: bool
) -> dict[str, Tensor]:
    """Random inputs of the frozen signature; levels and kinds per token, or one a frame."""
    level = (batch, frames, tokens if per_token else 1)
    return {
        "latents": torch.randn(batch, frames, tokens, 64),
        "sigma": torch.rand(level),
        "step": torch.rand(level),
        "position": torch.randn(batch, frames, tokens, 3),
        "kind": torch.randint(0, 3, level),
        "camera": torch.randn(batch, frames, CAMERA),
        "text": torch.randn(batch, words, 384),
        "text_mask": torch.arange(words).expand(batch, words) < words - 1,
    }


def _transformer_graph(transformer: nn.Module, *, per_token: bool) -> tuple[bytes, list[str]]:
    """One graph for levels per token, and one per frame: a graph cannot have a dimension both ways.

    Per frame the network computes its modulation once a frame, and so it films most shots.
    """
    sizes = {name: Dim(name, min=2) for name in ("batch", "frames", "tokens", "words")}
    frame = {0: sizes["batch"], 1: sizes["frames"]}
    window = {**frame, 2: sizes["tokens"]}
    prompt = {0: sizes["batch"], 1: sizes["words"]}
    dynamic = dict.fromkeys(("sigma", "step", "kind"), window if per_token else frame)
    dynamic |= {"latents": window, "position": window, "camera": frame}
    dynamic |= {"text": prompt, "text_mask": prompt}
    inputs = transformer_inputs(3, 5, 7, batch=2, per_token=per_token)
    return graph_of(transformer, inputs, ["x_hat"], dynamic, "transformer.")


def _randomised(module: nn.Module) -> nn.Module:
    """A copy with other numbers everywhere, no two alike."""
    module = copy.deepcopy(module).eval()
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for value in module.state_dict().values():
            if value.is_floating_point():
                value.copy_(torch.randn(value.shape, generator=generator) * 0.1)
    return module


def _rounded(module: nn.Module) -> nn.Module:
    """A copy with the weights as they will be read back from float16."""
    module = copy.deepcopy(module).float().cpu().eval()
    with torch.no_grad():
        for value in module.state_dict().values():
            if value.is_floating_point():
                value.copy_(value.half().float())
    return module


def _recognise(constant: np.ndarray, state: Mapping[str, np.ndarray], name: str) -> str | None:
    """Which tensor a graph's constant is; None if it is none and small.

    Should a small one be computed from weights after all, the comparison with torch finds it.
    """
    if constant.size > 1:
        for own, value in state.items():
            if value.shape == constant.shape and np.array_equal(value, constant):
                return own
            if value.ndim == 2 and np.array_equal(value.T, constant):
                return own + ".T"
    if constant.size > SMALL:
        raise WeightsError(f"the exported graph's constant {name} is no tensor of the network")
    return None


def _take_out(constant: TensorProto, name: str) -> None:
    """Leave of a constant its name, type and shape; its numbers are handed in when it is loaded."""
    numbers = numpy_helper.to_array(constant).nbytes
    constant.name = name
    for part in ("raw_data", "float_data"):
        constant.ClearField(part)
    constant.data_location = TensorProto.EXTERNAL
    for key, value in (("location", name), ("offset", "0"), ("length", str(numbers))):
        entry = constant.external_data.add()
        entry.key, entry.value = key, value


def _forget_origin(model: onnx.ModelProto) -> None:
    """Drop stack traces and the like: they tell of the exporting machine and triple the file."""
    model.ClearField("metadata_props")
    for part in (*model.graph.node, *model.graph.value_info, *model.graph.initializer):
        part.ClearField("metadata_props")
        part.ClearField("doc_string")
    model.graph.ClearField("metadata_props")
    model.graph.ClearField("doc_string")


def verify(codec: nn.Module, transformer: nn.Module, weights: Weights) -> None:
    """Hold the graphs with their weights against torch, at sizes they were not exported with.

    Raises WeightsError where they differ by more than a thousandth of the largest output.
    """
    codec, transformer = _rounded(codec), _rounded(transformer)
    runtime = Runtime(weights, threads=1)
    with torch.random.fork_rng(), torch.inference_mode():
        torch.manual_seed(0)
        film = torch.randint(0, 256, (8, 64, 96, 3), dtype=torch.uint8)
        frames = film.permute(0, 3, 1, 2)[None].float() / 127.5 - 1
        latents = codec.encode(frames)  # type: ignore[operator]
        _agree("encoder", latents[0], runtime.encode(film.numpy()))
        decoded, after = codec.decode_chunk(  # type: ignore[operator]
            latents[:, :1],
            following(latents)[:, :1],
            torch.zeros(1, 1),
            codec.start(latents),  # type: ignore[operator]
        )
        one, ahead = latents[0].numpy()[:, None]
        values, state = runtime.decode_float(one, ahead, runtime.start(4, 6))
        _agree("decoder", decoded[0], values)
        for ours, theirs in zip(after, state, strict=True):
            _agree("decoder", ours, theirs)
        network = load_transformer(weights, threads=1)
        for frames_shown, tokens, per_token in ((9, 6, False), (2, 15, True), (1, 4, False)):
            inputs = transformer_inputs(frames_shown, tokens, 5, batch=1, per_token=per_token)
            x_hat = transformer(*inputs.values())
            _agree("transformer", x_hat, network(*(t.numpy() for t in inputs.values())))


def _agree(name: str, ours: Tensor, theirs: np.ndarray) -> None:
    wanted = ours.numpy()
    error = np.abs(wanted - theirs).max() / max(1e-6, np.abs(wanted).max())
    if wanted.shape != theirs.shape or not error <= AGREEMENT:
        raise WeightsError(f"torch and ONNX differ in the {name}: {error:.1e} relative")


def write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write every file beside its name, then rename them in order: the manifest comes last.

    Raises OutputError, and leaves nothing half-written.
    """
    beside = {name: folder / f"{name}.part" for name in files}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            beside[name].write_bytes(data)
        for name in files:
            os.replace(beside[name], folder / name)
    except OSError as error:
        with suppress(OSError):
            for path in beside.values():
                path.unlink(missing_ok=True)
        raise OutputError(f"cannot write the weights to {folder}: {error.strerror}") from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the exporter's remarks on packages that are not installed."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
