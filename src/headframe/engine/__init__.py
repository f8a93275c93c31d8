"""The stock-flow engine: models as small NumPy functions, one expression graph, many ways to compute it."""
