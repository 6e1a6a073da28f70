"""Tables as people take them along: match lists, cases and plans as Excel and CSV."""
