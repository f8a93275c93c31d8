"""Where a city stands: indicators by subject, exhaustion, lifecycle, peers and the transformation meter (M1–M14)."""
