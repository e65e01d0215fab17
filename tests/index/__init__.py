"""Tests of the layer that finds passages."""
