"""Searching: passages are found by their vectors and by their words."""
