"""From expressions to a program of loops over a flat memory, which other printers turn into code."""
