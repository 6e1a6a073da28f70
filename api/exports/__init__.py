"""Files to take along: match lists, cases and plans as Excel and JSON."""
