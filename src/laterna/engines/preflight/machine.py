"""What this machine has to film with: memory, a GPU and its memory, room on disk.

Memory is what could be had now: swap does not count, and a container's limit does (cgroup v1 and
v2), since the kernel ends the process there and not at the machine's end. A GPU is asked of torch
if a program has loaded it already, else of nvidia-smi, which costs no seconds of import.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

__all__ = ["Machine", "memory_available"]

UNIFIED = 0.7  # of a Mac's memory that Metal hands out by default, about


@dataclass(frozen=True, slots=True)
class Machine:
    """Bytes that can be had; None where the system does not say.

    memory          of main memory
    device          "cpu", "cuda" or "mps"; `device_name` as its maker calls it
    device_memory   of the GPU's memory; on a Mac it is part of `memory`
    disk            where models are kept
    """

    memory: int | None
    device: str = "cpu"
    device_name: str = ""
    device_memory: int = 0
    disk: int | None = None

    @classmethod
    def here(cls, folder: Path | None = None, device: str = "auto") -> Machine:
        """This machine, and the room on the disk that `folder` is, or will be, on.

        `device` is "auto", "cpu", "mps", "cuda" or "cuda:NUMBER"; with "auto" a GPU, if there is
        one.
        """
        memory = memory_available()
        device, name, own = _processor() if device == "cpu" else _gpu(memory, device)
        return cls(memory, device, name, own, None if folder is None else _disk(folder))

    @property
    def dtype(self) -> str:
        """The type that weights are loaded as: half precision on a GPU, float32 on a processor,
        where bfloat16 is emulated or slow."""
        return "float32" if self.device == "cpu" else "bfloat16"


def memory_available(
    meminfo: Path = Path("/proc/meminfo"), cgroups: Path = Path("/sys/fs/cgroup")
) -> int | None:
    """Bytes of main memory a new process could take without swapping."""
    found = [n for n in (_meminfo(meminfo), _cgroup(cgroups)) if n is not None]
    if found:
        return min(found)
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None


def _meminfo(path: Path) -> int | None:
    try:
        for line in path.read_text("ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    return None


def _cgroup(root: Path) -> int | None:
    """What is left under the tightest limit of this process's control groups."""
    left = []
    for folder in _groups(root):
        limit = _number(folder / "memory.max", folder / "memory.limit_in_bytes")
        used = _number(folder / "memory.current", folder / "memory.usage_in_bytes")
        if limit is not None and used is not None and limit < 1 << 60:
            left.append(max(0, limit - used + _cache(folder / "memory.stat")))
    return min(left, default=None)


def _groups(root: Path, own: Path = Path("/proc/self/cgroup")) -> list[Path]:
    """The folders of this process's memory groups, up to the root (a container sees its own as
    the root)."""
    starts = [(root, "/"), (root / "memory", "/")]
    try:
        for line in own.read_text("utf-8").splitlines():
            _, controllers, path = line.split(":", 2)
            if not controllers:
                starts.append((root, path))
            elif "memory" in controllers.split(","):
                starts.append((root / "memory", path))
    except (OSError, ValueError):
        pass
    folders: dict[Path, None] = {}
    for base, path in starts:
        parts = [part for part in path.split("/") if part not in ("", "..")]
        for depth in range(len(parts), -1, -1):
            folders[base.joinpath(*parts[:depth])] = None
    return list(folders)


def _number(*paths: Path) -> int | None:
    for path in paths:
        try:
            return int(path.read_text("ascii"))
        except (OSError, ValueError):  # not there, or "max"
            continue
    return None


def _cache(stat: Path) -> int:
    """Bytes of files in memory that give way to anything else."""
    try:
        lines = dict(line.split() for line in stat.read_text("ascii").splitlines())
        return int(lines.get("inactive_file", lines.get("total_inactive_file", 0)))
    except (OSError, ValueError):
        return 0


def _disk(folder: Path) -> int | None:
    there = folder.absolute()
    while not there.exists() and there != there.parent:
        there = there.parent
    try:
        return shutil.disk_usage(there).free
    except OSError:
        return None


def _processor() -> tuple[str, str, int]:
    return "cpu", platform.processor() or platform.machine(), 0


def _gpu(memory: int | None, asked: str) -> tuple[str, str, int]:
    """The device to film on, its name and the memory that is free on it."""
    number = int(asked.partition(":")[2] or 0)
    if sys.platform == "darwin" and platform.machine() == "arm64":
        return "mps", "Apple", int((memory or 0) * UNIFIED)
    found = None
    if "torch" in sys.modules or (Path("/dev/kfd").exists() and find_spec("torch")):
        found = _torch(number)
    return found or _nvidia(number) or _processor()


def _torch(number: int) -> tuple[str, str, int] | None:
    import torch

    if torch.cuda.device_count() <= number:
        return None
    free, _ = torch.cuda.mem_get_info(number)
    return "cuda", torch.cuda.get_device_name(number), int(free)


def _nvidia(number: int) -> tuple[str, str, int] | None:
    """GPU `number` of those that this process may use, by nvidia-smi."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None and visible.strip() in ("", "-1"):
        return None
    command = ["nvidia-smi", "--query-gpu=name,memory.free", "--format=csv,noheader,nounits"]
    try:
        own = str(number) if visible is None else visible.split(",")[number].strip()
        command.append(f"--id={own}")
        out = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True).stdout
        name, _, free = out.strip().splitlines()[0].rpartition(",")
        return "cuda", name.strip(), int(free) << 20
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return None
