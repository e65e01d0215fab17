"""Encoding: texts become vectors, by sentence-transformers or by the export of its model."""
