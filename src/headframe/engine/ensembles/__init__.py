"""Ensembles: draws, many runs, streamed statistics, checkpoints, adapters to other tools."""
