"""How long one example takes says more about the machine than about the code: hostile ones are a megabyte long."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("contract", settings.default, deadline=None)
settings.load_profile("contract")
