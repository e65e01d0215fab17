"""Snapshots: what was built is kept, published whole or not at all, and read as it is needed."""
