"""The owner's guides and what the index has of them: listed, inspected, added, removed, rebuilt."""
