"""Submits jobs in the transaction of a database: a row beside the user's, which a relay publishes."""
