"""The verdict: which placing fits which machine, and what would fit instead."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from laterna.engines.diffusers.presets import PRESETS, preset_named
from laterna.engines.preflight import Machine, Report, best_alternative, preflight_model
from laterna.engines.preflight.geometry import geometry_of
from laterna.engines.preflight.machine import memory_available
from laterna.shot import Control, Keyframe, Shot, Strip

GIB = 1 << 30


def gpu(memory: float, device_memory: float) -> Machine:
    return Machine(int(memory * GIB), "cuda", "a card", int(device_memory * GIB))


def judged(name: str, machine: Machine, shot: Shot | None = None, **more: object) -> Report:
    preset = preset_named(name)
    assert preset is not None
    return preflight_model(None, preset, shot or Shot("a boat"), machine, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "machine", "placing"),
    [
        ("wan-2.1-t2v-1.3b", gpu(64, 24), "whole"),
        ("wan-2.1-t2v-1.3b", gpu(32, 16), "model"),
        ("wan-2.1-t2v-14b", gpu(64, 24), "group"),
        ("wan-2.1-t2v-14b", gpu(128, 80), "whole"),
        ("wan-2.1-t2v-14b", gpu(16, 24), ""),
        ("wan-2.2-t2v-a14b", gpu(64, 24), ""),
        ("stable-diffusion-1.5", Machine(12 * GIB), "whole"),
        ("wan-2.1-t2v-14b", Machine(24 * GIB), ""),
        ("wan-2.1-t2v-1.3b", Machine(64 * GIB, "mps", "Apple", 45 * GIB), "whole"),
    ],
)
def test_the_fastest_placing_that_fits(name: str, machine: Machine, placing: str) -> None:
    shot = Shot("a boat", frames=1) if "diffusion" in name else None
    report = judged(name, machine, shot)
    assert report.placing == placing, report.lines()
    assert report.fits == (not report.reason)
    assert bool(report.alternative) != report.fits


def test_the_reason_has_the_numbers_and_what_fits_instead() -> None:
    report = judged("wan-2.2-t2v-a14b", gpu(32, 24))
    assert "32.0 GiB" in report.reason
    assert "24.0 GiB" in report.reason
    other = preset_named(report.alternative)
    assert other is not None
    assert judged(other.name, gpu(32, 24)).fits
    assert report.alternative in report.reason
    assert f"would fit: {report.alternative}" in report.lines()[-1]


def test_what_would_fit_honours_the_shot_too() -> None:
    card, film = gpu(64, 24), np.zeros((32, 64, 64, 3), np.uint8)
    shot = Shot("a boat", keyframes=(Keyframe(0.0, film[0]),))
    other = preset_named(best_alternative(shot, card))
    assert other is not None
    assert "keyframes" in other.fields
    assert best_alternative(shot, Machine(GIB)) == "native"
    control = Shot("a boat", control=Control("depth", Strip(film)))
    assert best_alternative(control, Machine(GIB)) == ""


def test_a_placing_that_is_asked_for_is_the_only_one_tried() -> None:
    assert judged("wan-2.1-t2v-1.3b", gpu(64, 24), placing="group").placing == "group"
    assert judged("wan-2.1-t2v-14b", gpu(64, 24), placing="whole").placing == ""


def test_fewer_bits_take_less() -> None:
    full, small = (judged("wan-2.1-t2v-14b", gpu(64, 24), bits=bits) for bits in (None, 4))
    assert small.weights < full.weights - 18e9
    assert small.placing == "model"


def test_work_grows_with_the_picture_and_decoding_hardly_with_length() -> None:
    for preset in PRESETS:
        shape = geometry_of(preset.family)
        width, height = preset.size.sizes[0]
        long, short = preset.frames.longest, preset.frames.fit(1)
        small = (width // 2, height // 2)
        most = shape.denoising(long, (width, height), "bfloat16")
        assert shape.denoising(long, small, "bfloat16") < most
        assert shape.denoising(short, (width, height), "bfloat16") <= most
        assert 0 < shape.decoding(long, (width, height), "bfloat16") < 16 * GIB, preset.name


def test_a_limit_of_the_container_counts(tmp_path: Path) -> None:
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal: 99 kB\nMemAvailable:   8388608 kB\nSwapFree: 99999999 kB\n")
    groups = tmp_path / "cgroup"
    groups.mkdir()
    assert memory_available(meminfo, groups) == 8 * GIB
    (groups / "memory.max").write_text(f"{2 * GIB}\n")
    (groups / "memory.current").write_text(f"{GIB}\n")
    (groups / "memory.stat").write_text(f"anon 5\ninactive_file {GIB // 2}\n")
    assert memory_available(meminfo, groups) == GIB * 3 // 2
    (groups / "memory.max").write_text("max\n")
    assert memory_available(meminfo, groups) == 8 * GIB
    old = groups / "memory"
    old.mkdir()
    (old / "memory.limit_in_bytes").write_text(str(GIB))
    (old / "memory.usage_in_bytes").write_text("0")
    assert memory_available(meminfo, groups) == GIB


def test_the_gpu_that_nvidia_smi_tells_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    tool = tmp_path / "nvidia-smi"
    tool.write_text('#!/bin/sh\necho "$@" > "$(dirname "$0")/asked"\necho "NVIDIA L4, 22000"\n')
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3,1")
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    machine = Machine.here(device="cuda:1")
    assert (machine.device, machine.device_name) == ("cuda", "NVIDIA L4")
    assert machine.device_memory == 22000 << 20
    assert "--id=1" in (tmp_path / "asked").read_text()
    assert Machine.here(device="cpu").device == "cpu"
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert Machine.here(tmp_path / "not" / "yet").device == "cpu"
    assert Machine.here(tmp_path / "not" / "yet").disk
