"""Our accounts, statuses and activities as ActivityPub documents, in the manner that other servers know best."""
