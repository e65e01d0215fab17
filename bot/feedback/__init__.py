"""Feedback: what came of questions, what members thought of it, and what the guides leave out."""
