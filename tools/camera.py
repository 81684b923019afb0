"""Photographs whatever a page shows, in several sizes, light and dark, and may look for what is wrong with it."""

from __future__ import annotations

import base64
import copy
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.support.browser import AXE

SIZES = {"laptop": (1366, 768), "phone": (390, 844), "tablet": (768, 1024), "desk": (1920, 1080), "zoomed": (683, 384)}
"""In CSS pixels. `zoomed` is a laptop on which everything is twice as large."""
SCHEMES = ("light", "dark")
SHEET = """<!doctype html><style>
body { margin: 0; padding: 20px; background: #8a8f98; display: grid; grid-template-columns: repeat(%d, auto); gap: 20px;
  width: max-content }
img { display: block; height: 480px; border-radius: 8px }
</style>"""
BEYOND = """() => {
  const wide = document.documentElement.scrollWidth - window.innerWidth;
  const found = wide > 0 ? [`${wide} px wider than the window`] : [];
  for (const one of document.querySelectorAll("button, h1, h2, h3, p, dt, dd, label, summary, span, bdi, td, th, a")) {
    const style = getComputedStyle(one);
    const cut = style.overflowX !== "visible" && one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 1;
    const box = one.getBoundingClientRect();
    const off = box.width > 1 && style.position !== "absolute" && (box.right > window.innerWidth + 1 || box.left < -1);
    if ((cut || off) && !one.closest(".scroll, .unseen, svg, .stretch") && one.checkVisibility?.())
      found.push(`${cut ? "cut" : "beside the window"}: <${one.localName} class="${one.className}"> ${one.textContent.slice(0, 60)}`);
  }
  return found;
}"""  # noqa: E501
"""What is cut off, or does not fit on the page."""


class Camera:
    """`wanted` empty: every screen. A contact sheet of each goes to `folder`; `singles`: each picture alone, too."""

    def __init__(
        self,
        page: Any,
        sheet: Any,
        folder: Path,
        *,
        wanted: Sequence[str] = (),
        sizes: Sequence[str] = ("laptop", "phone"),
        schemes: Sequence[str] = SCHEMES,
        singles: bool = False,
        alone: dict[str, Path] | None = None,
        check: bool = False,
    ) -> None:
        self.page, self._sheet, self._folder = page, sheet, folder
        self._wanted, self._sizes, self._schemes = wanted, sizes, schemes
        self._singles, self._check = singles, check
        self._alone = alone or {}
        self.faults: list[str] = []
        self._rest()

    def of(self, page: Any) -> Camera:
        """The same, of another page."""
        other = copy.copy(self)
        other.page = page
        other._rest()
        return other

    def __call__(self, name: str, at: str = "main") -> None:
        """`at`: what is at the top."""
        if self._wanted and name not in self._wanted:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        shots = []
        for scheme in self._schemes:
            self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            for size in self._sizes:
                self._see(size, at)
                shots.append(self.page.screenshot())
                if self._singles:
                    (self._folder / f"{name}-{size}-{scheme}.png").write_bytes(shots[-1])
                if self._check:
                    closely = size == self._sizes[0] or (size, scheme) == ("phone", self._schemes[0])
                    self._look(f"{self._folder.name}/{name}, {size}, {scheme}", closely)
        if name in self._alone:
            self._alone[name].write_bytes(shots[0])
        self._rest()
        encoded = [base64.b64encode(shot).decode() for shot in shots]
        images = "".join(f'<img src="data:image/png;base64,{shot}">' for shot in encoded)
        self._sheet.set_content(SHEET % len(self._sizes) + images)
        self._sheet.locator("body").screenshot(path=self._folder / f"{name}.png")
        print(self._folder.name, name, flush=True)

    def _see(self, size: str, at: str) -> None:
        width, height = SIZES[size]
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.locator(at).first.evaluate("element => element.scrollIntoView()")
        self.page.wait_for_timeout(150)

    def _rest(self) -> None:
        width, height = SIZES["laptop"]
        self.page.emulate_media(color_scheme="light", reduced_motion="reduce")
        self.page.set_viewport_size({"width": width, "height": height})

    def _look(self, where: str, closely: bool) -> None:
        """`closely`: with axe, which takes long."""
        told = self.page.evaluate(BEYOND)
        if closely:
            self.page.evaluate(AXE)
            found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
            serious = [one for one in found if one["impact"] in ("serious", "critical")]
            told += [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in serious]
        for fault in told:
            self.faults.append(f"{where}: {fault}")
            print(f"  {where}: {fault}", flush=True)
