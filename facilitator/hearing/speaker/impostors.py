"""Two voices under one name: somebody who is not enrolled, and whom the sources took for the likeliest who is.

All windows that were given to a person are split in two by what the voice encoder makes of them (spherical k-means,
Dhillon and Modha 2001). One voice splits into halves that are alike, and about equally near to its voice sample. Where
the halves are not alike, and one is clearly further from the sample, and from everybody else's, that half is another
voice. (Near somebody else's, it is that person's speech under the wrong name.)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

ALIKE = 0.65
"""Two halves more alike than this are one voice."""
FURTHER = 0.25
"""So much less like any sample than the other half is like its own must a half be. For CAM++, own voices are at
.65 to .70, a guest at .17 to .32. In `d13-guest-child` 0.5 % of the guest's speech stays with a participant."""
LEAST = 12
"""Windows at least in the smaller half."""
_ROUNDS = 12

Values = NDArray[np.float32]


def _unit(vector: Values) -> Values:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-6), np.float32)


def strangers(windows: Values, samples: Values, person: int) -> NDArray[np.bool_]:
    """Which of the windows (n, numbers) that were given to `person` are the voice of nobody in `samples` (people,
    numbers). All vectors have unit length."""
    sample = samples[person]
    none = np.zeros(len(windows), bool)
    if len(windows) < 2 * LEAST:
        return none
    order, third = np.argsort(windows @ sample), max(2, len(windows) // 3)
    near, far = _unit(windows[order[-third:]].mean(axis=0)), _unit(windows[order[:third]].mean(axis=0))
    other = none
    for _ in range(_ROUNDS):
        other = windows @ far > windows @ near
        if min(other.sum(), (~other).sum()) < LEAST:
            return none
        near, far = _unit(windows[~other].mean(axis=0)), _unit(windows[other].mean(axis=0))
    if near @ sample < far @ sample:
        near, far, other = far, near, ~other
    nearest = float((samples @ far).max())
    return other if near @ far < ALIKE and near @ sample - nearest > FURTHER else none
