"""A voice-assisted facilitator for in-person discussions. Offline."""

import logging

# Without this, Python would print what goes to the log over the terminal of the people at the table.
logging.getLogger(__name__).addHandler(logging.NullHandler())

__version__ = "0.1.0"
