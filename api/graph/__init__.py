"""The city graph and the chains of its items, kept beside the database."""
