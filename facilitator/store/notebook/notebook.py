"""All that can be changed of what people agreed on."""

from __future__ import annotations

from facilitator.store.notebook.own_rules import OwnRules
from facilitator.store.notebook.recurring import Times


class Notebook(OwnRules, Times):
    """What was agreed on, in what words, by whom, and when it comes again: one database, so that changes of all these
    kinds can be made at once."""
