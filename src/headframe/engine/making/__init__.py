"""From declarations to a checked model: what the engine adds, how names wire themselves, tracing, trying equations."""
