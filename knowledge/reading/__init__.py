"""Reading: files under the knowledge paths are found, opened safely, and become documents."""
