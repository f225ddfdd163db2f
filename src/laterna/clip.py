"""Clip: what came back."""
