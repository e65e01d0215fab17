"""Roles: what the guides are about, recognised in titles, headings, front matter and text."""
