"""Our views as the Mastodon API's JSON. Ids become strings here and nowhere else."""
