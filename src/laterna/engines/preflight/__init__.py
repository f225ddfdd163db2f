"""Preflight: fits, fits with offload, or does not, known before a download or a load.

weights    what a model holds, by names and safetensors headers alone
machine    memory, GPU, disk
geometry   what the work takes beside the weights, as formulas
report     the verdict, in numbers, and what would fit instead
"""

from __future__ import annotations

from laterna.engines.preflight.machine import Machine
from laterna.engines.preflight.report import Report, best_alternative, gib, preflight_model

__all__ = ["Machine", "Report", "best_alternative", "gib", "preflight_model"]
