"""The JavaScript backend: the program as a script that a page or node runs."""
