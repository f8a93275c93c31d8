"""Headframe."""
