"""The catalogue: what the workbench knows by name, as data files with both languages, and the reader for them."""
