"""Text: guides are read and split into passages. Imports nothing else of Rolewise."""
