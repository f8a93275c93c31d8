"""Symbolic arrays: equations traced through NumPy's own protocols, with the names of axes and the units."""
