"""Runs in the environment of pyAudioAnalysis: `python pyaudioanalysis_child.py SOUND.wav SPEAKERS`, JSON on stdout."""

import json
import sys

import matplotlib as mpl
import numpy as np

mpl.use("Agg")
from pyAudioAnalysis.audioSegmentation import speaker_diarization

STEP_S = 0.1

np.random.seed(1)
labels, *_ = speaker_diarization(sys.argv[1], int(sys.argv[2]), mid_step=STEP_S)
print(json.dumps({"step_s": STEP_S, "labels": [int(label) for label in labels]}))
