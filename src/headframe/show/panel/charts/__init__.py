"""Charts of many places at once, in the theme of the other charts."""
