"""What happens between a pipeline's steps: telling how far it is, giving up, holding latents.

Every pipeline of diffusers updates a progress bar after each step and calls its scheduler's `step`;
both are methods of an object, so one stand-in of each serves all families.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch

__all__ = ["Hold", "holding", "telling"]


class _Bar:
    """Stands in for a progress bar."""

    def __init__(self, total: int | None, tell: Callable[[float], None]) -> None:
        self._total, self._done, self._tell = max(1, total or 1), 0, tell

    def update(self, steps: int = 1) -> None:
        self._done += steps
        self._tell(min(1.0, self._done / self._total))

    def __enter__(self) -> _Bar:
        return self

    def __exit__(self, *trouble: object) -> None:
        pass

    def over(self, items: Iterable[Any]) -> Iterator[Any]:
        for item in items:
            yield item
            self.update()


@contextmanager
def telling(pipeline: Any, tell: Callable[[float], None]) -> Iterator[None]:
    """Inside, `tell` hears the share of the steps that are done; what it raises ends the call."""

    def progress_bar(iterable: Any = None, total: int | None = None) -> Any:
        if iterable is None:
            return _Bar(total, tell)
        items = list(iterable)
        return _Bar(len(items), tell).over(items)

    pipeline.progress_bar = progress_bar
    try:
        yield
    finally:
        del pipeline.progress_bar


class Hold:
    """Holds the first latent frames of a window at those the window before ended with.

    After each step they are put back at the noise level the rest has reached (as RePaint does for
    a mask, arXiv 2201.09865), so the frames denoised beside them go on from them. `axis` is time,
    `frames` how many latent frames the window has by its family's rule; where a pipeline pads
    them, the padding comes first.
    """

    def __init__(self, axis: int, frames: int, known: torch.Tensor | None, seed: int) -> None:
        self._axis, self._frames, self._known = axis, frames, known
        self._noise: torch.Tensor | None = None
        self._seed = seed
        self.last: torch.Tensor | None = None  # the latents after the last step

    def after(self, scheduler: Any, timestep: Any, latents: torch.Tensor) -> torch.Tensor:
        """The latents after a step, with the known ones in their place."""
        if self._known is not None:
            known = self._known.to(latents)
            if self._noise is None:
                source = torch.Generator("cpu").manual_seed(self._seed)
                noise = torch.randn(known.shape, generator=source, dtype=torch.float32)
                self._noise = noise.to(latents)
            first = latents.shape[self._axis] - self._frames
            latents = latents.clone()
            place = latents.narrow(self._axis, first, known.shape[self._axis])
            place.copy_(_noised(scheduler, timestep, known, self._noise))
        self.last = latents
        return latents


@contextmanager
def holding(pipeline: Any, hold: Hold) -> Iterator[None]:
    """Inside, every step of the pipeline's scheduler ends with `hold`."""
    scheduler = pipeline.scheduler
    step = scheduler.step
    # CogVideoX's DPM scheduler takes the last prediction third and the time in the middle.
    time_at = 3 if type(scheduler).__name__ == "CogVideoXDPMScheduler" else 1

    def held(*args: Any, **kwargs: Any) -> Any:
        timestep = args[2] if time_at == 3 and len(args) > 2 else args[1]
        done = step(*args, **kwargs)
        if isinstance(done, tuple):
            return (hold.after(scheduler, timestep, done[0]), *done[1:])
        done.prev_sample = hold.after(scheduler, timestep, done.prev_sample)
        return done

    scheduler.step = held
    try:
        yield
    finally:
        del scheduler.step


def _noised(
    scheduler: Any, timestep: Any, known: torch.Tensor, noise: torch.Tensor
) -> torch.Tensor:
    """`known` at the noise level that the scheduler has reached after the step at `timestep`."""
    index = getattr(scheduler, "step_index", None)
    sigmas = getattr(scheduler, "sigmas", None)
    if index is not None and sigmas is not None and _flows(scheduler):
        sigma = sigmas[index].to(known)
        level: torch.Tensor = (1 - sigma) * known + sigma * noise
        return level
    times = scheduler.timesteps
    later = times[times < timestep]
    if not len(later):
        return known
    mixed: torch.Tensor = scheduler.add_noise(known, noise, later[:1].to(known.device).long())
    return mixed


def _flows(scheduler: Any) -> bool:
    """Whether noise level 1 is all noise: rectified flow, x = (1 - sigma) film + sigma noise."""
    config = scheduler.config
    name = type(scheduler).__name__
    return name.startswith("FlowMatch") or bool(config.get("use_flow_sigmas"))
