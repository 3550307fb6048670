"""dassie: a Mastodon-compatible ActivityPub server for the home."""
__version__ = "0.1.0"
