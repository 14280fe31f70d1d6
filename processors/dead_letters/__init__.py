"""Dead letters: jobs that failed for good and records that could not be read, and what to do about them."""
