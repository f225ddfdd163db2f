"""Synthetic footage with known truth: one seed, one clip, with caption, factors and geometry."""
