"""Commands: what everybody may call, what it shows, and how Discord comes to know of it."""
