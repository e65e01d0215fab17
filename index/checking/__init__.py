"""Checking: what may be damaged in a home folder is found, and mended where it can be."""
