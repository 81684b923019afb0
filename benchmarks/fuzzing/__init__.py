"""Input that nobody would give on purpose: what `benchmarks/fuzz.py` hands to the program, and what it watches."""
