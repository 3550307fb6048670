"""The door for files: our own media, and other servers' through the signed proxy."""
