"""What screens and reports say in English, for tests that read it."""

from facilitator.resources.texts import texts_of

ENGLISH = texts_of("en")
