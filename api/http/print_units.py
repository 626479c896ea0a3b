"""Units as people print them, where programs send the signs of UCUM."""

from __future__ import annotations

import re

# A power of ten, and "u" for a millionth.
_POWER = re.compile(r"(?:(?<!\w)[x×] ?)?(?<![\d.])10[*^](\d+)")
_MICRO = re.compile(r"(?<![A-Za-z])u(?=(?:mol|g|L|kat)\b)")
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def unit_in_print(text: str) -> str:
    """Write the units of a text as they are printed."""
    text = _POWER.sub(lambda found: f"× 10{found[1].translate(_RAISED)}", text)
    return _MICRO.sub("µ", text)
