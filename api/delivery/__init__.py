"""Sends news out: to webhooks, signed, and by mail."""
