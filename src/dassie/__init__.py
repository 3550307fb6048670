"""dassie: a Mastodon-compatible ActivityPub server for the home."""

import sys

__version__ = "0.1.0"

# structlog pulls in rich for coloured tracebacks: a third of a second and 6 MB at every start, for nothing here.
if "rich" not in sys.modules and "structlog" not in sys.modules:
    sys.modules["rich"] = None  # type: ignore[assignment]
    try:
        import structlog as _structlog  # noqa: F401
    finally:
        del sys.modules["rich"]
