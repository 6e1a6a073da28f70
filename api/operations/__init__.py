"""Running the service: limits, logs, figures, health, backups."""
