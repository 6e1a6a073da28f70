"""Accounts behind the service: passwords, sessions, second factors, keys, links."""
