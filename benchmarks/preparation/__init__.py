"""What is there before something is measured: full tables, or a long log, written in bulk."""
