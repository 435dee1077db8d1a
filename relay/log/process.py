"""`python -m relay.log.process MODULE ARGUMENT...`: runs `MODULE.main` as a process of the relay's own."""

from __future__ import annotations

import signal
import sys
from importlib import import_module


def main() -> None:
    # When to end is the relay's to say. A signal that goes to all processes of a service is meant for it.
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    from relay.log.child import Parent

    import_module(sys.argv[1]).main(Parent(), *sys.argv[2:])


if __name__ == "__main__":
    main()
