"""Background work: durable, one at a time per attempt, inside the service or beside it."""
