"""Pictures without a browser: shapes, SVG and PNG."""
