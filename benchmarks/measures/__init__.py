"""The measures, one a module; `catalog` has them all."""
