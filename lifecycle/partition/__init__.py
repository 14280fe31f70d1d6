"""One partition's log, folded: everything that decides, without I/O."""
