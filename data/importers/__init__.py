"""Files in, stored items out: one module per format, one for headers, one for values."""
