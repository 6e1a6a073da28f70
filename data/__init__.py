"""Where facts come from and rest: tables, repositories, importers, reference data."""
