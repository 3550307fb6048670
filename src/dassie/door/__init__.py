"""What every way in shares: the route table, reading requests, answering, limits. No door is here itself."""
