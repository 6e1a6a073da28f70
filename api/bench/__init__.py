"""Timings, each beside a peer measured in the same run, and a server killed at random."""
