"""Measurements against a real server process: `python -m bench` runs them, bench/README.md explains them."""
