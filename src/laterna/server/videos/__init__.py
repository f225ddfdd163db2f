"""/v1/videos as Sora's clients speak it, and what stands beside it."""
