"""Files that are not text become Markdown: one module for each kind of document."""
