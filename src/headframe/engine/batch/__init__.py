"""The batch backend: the graph interpreted with NumPy over blocks of runs."""
