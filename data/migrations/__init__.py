"""Alembic's scripts, inside the package so that an installed yilian can migrate."""
