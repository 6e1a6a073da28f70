"""Running the service: logs, figures, health, backups."""
