"""What all tests share."""

from __future__ import annotations

import pytest
from hypothesis import settings

from laterna.engines.fake import FakeEngine

# Machines differ in speed, and a slow one is no failure.
settings.register_profile("laterna", deadline=None, print_blob=True)
settings.load_profile("laterna")


@pytest.fixture
def fake() -> FakeEngine:
    """The engine that films gradients and honours every field."""
    return FakeEngine()
