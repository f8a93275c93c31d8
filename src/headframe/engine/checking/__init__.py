"""Checks that hold for any model: units, conservation, order of the step, extremes, isolation, agreement."""
