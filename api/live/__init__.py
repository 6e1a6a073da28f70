"""The engine of a server: it follows changes while it answers."""
