"""What other servers' activities do here: one file per type."""
