"""The terminal: the REPL, batches, and what is shown and asked there."""
