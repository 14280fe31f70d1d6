"""Submits a job for each line of a file or of standard input."""
