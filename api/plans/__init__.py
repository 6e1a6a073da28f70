"""Pairing plans: made, kept, told in words, tables, pictures and files."""
