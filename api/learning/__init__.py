"""What brokers, editors and the corpus teach: rankers, adapters, precedents, tags."""
