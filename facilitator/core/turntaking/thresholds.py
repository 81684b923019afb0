"""Where "little", "even" and "leaning" begin, once for all that is told of a session, each with where it comes from."""

from __future__ import annotations

LITTLE_TALK_MS = 60_000
"""With less talk than this, one sentence more or less would change everything. Our choice."""
BALANCED = 0.55
"""Of two who aim at equal parts: up to this the larger share is in balance. The bands of talk-time sharing between two
people are under 55 %, 55 to 65 %, and over 65 % (the design's metrics, "Balance")."""
LEANING = 0.65
"""Of two: up to this the talk leans to one side, beyond it is mostly on one side."""
EVEN_GINI = 0.15
"""Of more than two: up to this Gini coefficient (scaled by n / (n - 1)) the time is about evenly shared. Free meetings
of four typically have 0.22, and one in ten has under 0.09 (the same); this lies between. Our choice."""
USUAL_GINI = 0.38
"""Up to this it is as in most free meetings: one in ten has more (the same)."""
