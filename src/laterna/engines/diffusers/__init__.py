"""Open-weight models through diffusers: one engine, one small preset per model family."""
