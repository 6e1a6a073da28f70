"""Who may do what: one table of rules, asked by every repository that people reach."""
