"""Background jobs as an append-only log."""
