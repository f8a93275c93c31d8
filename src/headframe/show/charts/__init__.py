"""Charts as Vega-Lite dicts from one family, with one theme."""
