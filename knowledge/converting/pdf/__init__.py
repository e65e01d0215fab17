"""PDF, which knows where each character stands and nothing of what it belongs to."""
