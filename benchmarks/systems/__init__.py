"""The systems that are measured, each from its own processes."""
