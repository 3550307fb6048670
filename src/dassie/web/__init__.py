"""The web interface: pages, forms and fragments for people."""
