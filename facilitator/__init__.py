"""A voice-assisted facilitator for in-person discussions. Offline."""

import logging
import os

# Hearing is many small products of matrices, one after the other: a second thread only waits for the first, and is
# taken from everything else. Said before any of these libraries is loaded, it keeps them from making a pool of threads
# at all; every entry passes here before that, and children inherit it.
for _pool in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ.setdefault(_pool, "1")

# Without this, Python would print what goes to the log over the terminal of the people at the table.
logging.getLogger(__name__).addHandler(logging.NullHandler())

__version__ = "0.1.0"
