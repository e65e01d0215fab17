"""Management: `/knowledge`, for whoever owns the bot or was named by its owner."""
