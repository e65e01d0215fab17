"""Tests of the layer that reads guides and splits them into passages."""
