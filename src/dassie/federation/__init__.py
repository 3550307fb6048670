"""ActivityPub: what other servers send us and what we send them."""
