"""A voice-assisted facilitator for in-person discussions. Offline."""

__version__ = "0.1.0"
