"""Words, rules, ids and errors. Nothing here does I/O."""
