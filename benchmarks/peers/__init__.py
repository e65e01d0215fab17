"""Rolewise beside other frameworks: the same model, the same passages, the same machine."""
