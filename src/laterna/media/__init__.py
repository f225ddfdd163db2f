"""Frames in and out of files, and the finish between the engine's frames and the delivered ones."""
