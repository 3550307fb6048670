"""dassie: a Mastodon-compatible ActivityPub server for the home."""
