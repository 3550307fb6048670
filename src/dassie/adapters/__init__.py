"""The real things behind `ports`: files, HTTP, streams, clocks."""
