"""ActivityPub documents of all software, read into our own structs. Pure: no I/O, no database, no trust.

What a struct says is what the sender claims. Whether the sender may claim it (signature, host, author)
is decided by the readers of these structs.
"""
