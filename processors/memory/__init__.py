"""A whole joblog in memory: the scheduler's own code over a log in memory, under a virtual clock."""
