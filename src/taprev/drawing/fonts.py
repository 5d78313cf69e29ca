"""The fonts of figures and documents: DejaVu Sans, and Noto Sans for Chinese, Japanese and Korean where installed.

The second is 16 MB and comes with `pip install 'taprev[cjk]'`. Without it PNG and PDF have an empty box for such a
character, and say so; SVG is drawn with the fonts of its reader in either case.
"""

from __future__ import annotations

import os
from dataclasses import replace
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import matplotlib
from matplotlib import font_manager, ft2font

FAMILY, CJK_FAMILY = "DejaVu Sans", "Noto Sans CJK JP"
CJK_PACKAGE, CJK_FILE = "notojp_matplotlib", Path("fonts") / "NotoSansCJKjp-Regular.otf"

Slant = Literal["normal", "italic"]


def _cjk() -> Path | None:
    """Return the font for Chinese, Japanese and Korean without importing its package, or None where it is absent."""
    found = find_spec(CJK_PACKAGE)
    file = Path(found.origin).parent / CJK_FILE if found and found.origin else None
    return file if file and file.is_file() else None


OWN = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
"""Where matplotlib keeps the fonts that it brings; one of the same name on the machine may be of another version."""
_fonts = font_manager.fontManager.ttflist
_fonts[:] = [font for font in _fonts if font.name != FAMILY or Path(font.fname).parent == OWN]
if not any(font.name == FAMILY for font in _fonts):
    for _file in sorted(OWN.glob("DejaVuSans*.ttf")):
        font_manager.fontManager.addfont(_file)
CJK = _cjk()
FAMILIES = (FAMILY, CJK_FAMILY) if CJK else (FAMILY,)
if CJK:
    font_manager.fontManager.addfont(CJK)
    _only = font_manager.fontManager.ttflist[-1]
    font_manager.fontManager.ttflist.append(replace(_only, weight=700))


def folders() -> list[Path]:
    """Return the folders in which the fonts lie."""
    return [OWN, CJK.parent] if CJK else [OWN]


@lru_cache(maxsize=8)
def face(weight: str = "normal", slant: Slant = "normal") -> ft2font.FT2Font:
    """Return the open font of a weight and slant, which takes from the next what it lacks itself."""
    properties = font_manager.FontProperties(family=[FAMILY], weight=weight, style=slant)
    own = font_manager.findfont(properties)
    return font_manager.get_font([str(path) for path in (own, CJK) if path])


@lru_cache(maxsize=1)
def _known() -> frozenset[int]:
    """Return the code points of all characters that can be drawn."""
    own = font_manager.findfont(font_manager.FontProperties(family=[FAMILY]))
    paths = [str(path) for path in (own, CJK) if path]
    return frozenset().union(*(font_manager.get_font(path).get_charmap() for path in paths))


def lacking(text: str) -> set[str]:
    """Return the characters of a text that no font has, so that PNG and PDF show an empty box for each."""
    return {char for char in text if char.isprintable() and ord(char) not in _known()}


# A fork would read the open file of a font at the place where its sibling does; matplotlib forgets its own likewise.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=face.cache_clear)
