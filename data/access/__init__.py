"""Repositories that people reach: each knows who acts, asks the policy, and leaves a trail."""
