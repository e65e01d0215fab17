"""A storm of made-up events around the real bot, and what it must be found to have done."""
