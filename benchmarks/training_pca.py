"""What PCA of 16x16x4 patches keeps of held-out footage, by number of components.

python benchmarks/training_pca.py DATA
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from laterna.training.machine import prepare_torch, settle

settle()

import torch  # noqa: E402

from laterna.media.likeness import gradient_energy, psnr, ssim  # noqa: E402
from laterna.model.networks.codec import PATCH, patches, unpatches  # noqa: E402
from laterna.training.codec import leading  # noqa: E402
from laterna.training.footage import Footage  # noqa: E402
from laterna.training.tensors import to_frames, to_tensor  # noqa: E402

CLIPS, ROWS, COUNTS = 192, 160, (8, 16, 24, 32, 64)


def main() -> None:
    """Print a line per number of components."""
    prepare_torch()
    data = Path(sys.argv[1])
    footage, held_out = Footage(data), Footage(data / "validation")
    rng = np.random.default_rng(0)
    rows = []
    for frames in footage.groups(rng, CLIPS):
        found = patches(to_tensor(frames[None])).reshape(-1, PATCH)
        rows.append(found[torch.from_numpy(rng.integers(len(found), size=ROWS))])
    x = torch.cat(rows)
    mean = x.mean(0)
    _, basis = leading(((x - mean).T @ (x - mean)).double() / len(x), max(COUNTS))
    for count in COUNTS:
        part = basis[:, :count].float()
        figures = []
        for index in range(min(24, len(held_out))):
            truth = np.asarray(held_out.read(index)[:16])
            flat = patches(to_tensor(truth[None])) - mean
            seen = to_frames(unpatches(flat @ part @ part.T + mean))[0]
            energy = gradient_energy(seen) / gradient_energy(truth)
            figures.append((psnr(truth, seen), ssim(truth, seen), energy))
        quality, structure, energy = np.mean(figures, axis=0)
        print(f"{count}: {quality:.2f} dB, SSIM {structure:.3f}, gradient energy {energy:.2f}")


if __name__ == "__main__":
    main()
