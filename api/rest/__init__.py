"""The REST interface: thin endpoints over a desk, one module for each resource."""
