"""Tests of the release scripts."""
