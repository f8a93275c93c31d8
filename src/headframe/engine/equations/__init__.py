"""Equations of a model as mathematics: Markdown, LaTeX, and Python to prove them."""
