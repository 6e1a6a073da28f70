"""The city as one typed graph: chains, postings, organisations, and what joins them."""
