"""Whether the terminal shows more than ASCII, as far as the locale tells."""

from __future__ import annotations

import locale
import os
import sys
from collections.abc import Mapping


def speaks_utf8(
    environ: Mapping[str, str] | None = None,
    *,
    platform: str = sys.platform,
    utf8_mode: bool = bool(sys.flags.utf8_mode),
) -> bool:
    """Tell whether the locale that we were started in is one of UTF-8.

    Python hides a locale without an encoding, `C`, behind its own UTF-8 mode, and may have put another one into
    the environment by now; so the mode says that it was so, unless the user asked for it.
    """
    environ = os.environ if environ is None else environ
    if platform == "win32":
        return True
    named = next((environ[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if environ.get(name)), "")
    by_name = named.rpartition(".")[2].lower().replace("-", "").startswith("utf8")
    if utf8_mode:
        return by_name and (environ.get("PYTHONUTF8") == "1" or sys.version_info >= (3, 15))
    return by_name or locale.getencoding().lower().replace("-", "") == "utf8"
