"""The meter, ranks, movers and lifecycle of many places at once."""
