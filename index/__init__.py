"""Finding: passages are encoded, stored and searched."""
