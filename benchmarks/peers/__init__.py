"""Other job systems, each with its own environment, its best documented durable settings and the same handler."""
