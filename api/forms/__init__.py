"""Word and PDF forms: read into a draft of a need, with the words that each field came from."""
