"""Rebuilds the tables from joblog.events alone, and holds them against the live ones."""
