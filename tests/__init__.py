"""Tests mirror the source; the real encoder, FAISS, SQLite and discord.py run in them."""
