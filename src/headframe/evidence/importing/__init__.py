"""From files as they come to observations: layouts, matching, mappings, conversion."""
