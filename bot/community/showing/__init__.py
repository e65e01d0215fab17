"""Showing: replies, buttons and errors as people see them, within Discord's limits."""
