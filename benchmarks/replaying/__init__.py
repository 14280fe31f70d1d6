"""Reading a partition of a log from its beginning, in a process of its own: barely, and as `joblog replay`."""
