"""How the outbox's table came to be what it is."""
