"""Tells owners' servers when a video has ended, signed after Standard Webhooks."""
