"""Imported before any library that computes, it keeps them from making a pool of threads.

Hearing is many small products of matrices, one after the other: a second thread only waits for the first, and is taken
from everything else. The command line imports this first, and children inherit it; a program that imports
`facilitator` keeps its own setting, and hearing limits itself there.
"""

import os

for _pool in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ.setdefault(_pool, "1")
