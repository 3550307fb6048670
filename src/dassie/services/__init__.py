"""Verbs: what people and servers do. A service changes the store and enqueues what follows; it speaks to nobody."""
