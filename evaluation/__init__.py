"""How good, how sure, how fast: systems measured side by side on human judgements."""
