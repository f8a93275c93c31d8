"""Pure textbook functions on arrays: no files, no cities, no defaults taken from data.

Every function states its formula, units, range, errors and source, and is tested against a published example.
"""
