"""Statistical integrity: what in the figures cannot be trusted, and why."""
