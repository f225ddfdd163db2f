"""What a network has alive while it works, counted at full size without computing anything.

    python benchmarks/preflight.py [wan-1.3b | wan | ltx | hunyuan | unet | wan-vae]

Tensors are fake (shape and type, no memory), so a laptop counts a model of 14 billion. Two layers
are enough: layers come one after the other. Prints a line for each; the constants stand in
`laterna.engines.preflight.geometry`.
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable
from typing import Any

import diffusers as d
import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_iter

BF16 = torch.bfloat16


class Living(TorchDispatchMode):
    """Counts the bytes of all tensors that are alive, beside those known before."""

    def __init__(self, module: torch.nn.Module) -> None:
        super().__init__()
        self.now = self.most = 0
        self._seen: Any = weakref.WeakSet()
        for tensor in (*module.parameters(), *module.buffers()):
            self._seen.add(tensor.untyped_storage())

    def __torch_dispatch__(self, call: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = call(*args, **(kwargs or {}))
        for tensor in tree_iter(out):
            if isinstance(tensor, torch.Tensor):
                storage = tensor.untyped_storage()
                if storage not in self._seen:
                    self._seen.add(storage)
                    self.now += storage.nbytes()
                    self.most = max(self.most, self.now)
                    weakref.finalize(storage, self._gone, storage.nbytes())
        return out

    def _gone(self, count: int) -> None:
        self.now -= count


def most(make: Callable[[], Any], call: Callable[[Any], Any], dtype: torch.dtype) -> int:
    """The most bytes alive in `call` of the module that `make` makes."""
    with FakeTensorMode(allow_non_fake_inputs=True):
        torch.set_default_dtype(dtype)
        module = make().eval()
        torch.set_default_dtype(torch.float32)
        with torch.no_grad(), Living(module) as living:
            call(module)
        return living.most


def zeros(*shape: int, dtype: torch.dtype = BF16) -> torch.Tensor:
    return torch.zeros(*shape, dtype=dtype)


def wan(heads: int, ffn: int) -> tuple[int, int]:
    frames, height, width = 21, 60, 104
    found = most(
        lambda: d.WanTransformer3DModel(num_attention_heads=heads, ffn_dim=ffn, num_layers=2),
        lambda net: net(
            hidden_states=zeros(1, 16, frames, height, width),
            timestep=torch.zeros(1),
            encoder_hidden_states=zeros(1, 512, 4096),
            return_dict=False,
        ),
        BF16,
    )
    return found, frames * height * width // 4 * heads * 128


def ltx() -> tuple[int, int]:
    frames, height, width = 13, 16, 22
    tokens = frames * height * width
    found = most(
        lambda: d.LTXVideoTransformer3DModel(num_layers=2),
        lambda net: net(
            hidden_states=zeros(2, tokens, 128),
            encoder_hidden_states=zeros(2, 128, 4096),
            timestep=zeros(2),
            encoder_attention_mask=zeros(2, 128),
            num_frames=frames,
            height=height,
            width=width,
            return_dict=False,
        ),
        BF16,
    )
    return found, 2 * tokens * 2048


def hunyuan() -> tuple[int, int]:
    frames, height, width = 33, 60, 106
    found = most(
        lambda: d.HunyuanVideoTransformer3DModel(
            num_layers=2, num_single_layers=2, guidance_embeds=True
        ),
        lambda net: net(
            hidden_states=zeros(1, 16, frames, height, width),
            timestep=torch.zeros(1, dtype=torch.long),
            encoder_hidden_states=zeros(1, 256, 4096),
            encoder_attention_mask=torch.ones(1, 256, dtype=torch.long),
            pooled_projections=zeros(1, 768),
            guidance=torch.zeros(1),
            return_dict=False,
        ),
        BF16,
    )
    return found, frames * height * width // 4 * 3072


def unet() -> tuple[int, int]:
    found = most(
        lambda: d.UNet2DConditionModel(cross_attention_dim=768),
        lambda net: net(zeros(2, 4, 64, 96), torch.tensor(1), zeros(2, 77, 768), return_dict=False),
        BF16,
    )
    return found, 2 * 64 * 96 * 320


def wan_vae() -> tuple[int, int]:
    """Per pixel of a tile of 240 x 416, four frames at once."""
    found = most(
        d.AutoencoderKLWan,
        lambda vae: vae.decode(zeros(1, 16, 3, 30, 52, dtype=torch.float32), return_dict=False),
        torch.float32,
    )
    return found // 2, 4 * 240 * 416  # halved: the others are counted in numbers of two bytes


CASES: dict[str, Callable[[], tuple[int, int]]] = {
    "wan-1.3b": lambda: wan(12, 8960),
    "wan": lambda: wan(40, 13824),
    "ltx": ltx,
    "hunyuan": hunyuan,
    "unet": unet,
    "wan-vae": wan_vae,
}


def main() -> None:
    """Count what is asked for, or everything."""
    print("| network | alive, GiB | numbers per token and width |")
    print("|---|---|---|")
    for name in sys.argv[1:] or CASES:
        found, unit = CASES[name]()
        print(f"| {name} | {found / 2**30:.2f} | {found / unit / 2:.1f} |", flush=True)


if __name__ == "__main__":
    main()
