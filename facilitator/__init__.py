"""A voice-assisted facilitator for in-person discussions. Offline."""

import logging
import os

# Native code talks and writes behind Python's back: when it is loaded, onnxruntime (measured with 1.32) looks up its
# maker's server, opens a connection and keeps a device id below the home folder. Only this, set before it is loaded,
# stops that; its own `disable_telemetry_events()` comes too late. Every entry passes here before it can load anything:
# the command, `python -m`, whoever imports this package, the benchmarks; and children inherit the environment.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

# Without this, Python would print what goes to the log over the terminal of the people at the table.
logging.getLogger(__name__).addHandler(logging.NullHandler())

__version__ = "0.1.0"
