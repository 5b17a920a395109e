"""A child is a process beside the server: it ends when the server hangs up, and with the server if that is no more."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from threading import Event
from typing import Any

_spawn = multiprocessing.get_context("spawn")
_LOOK = 0.2  # seconds between looks at whether it lives


def outlived(work: Callable[..., None], given: tuple[Any, ...], ended: Event, *, patience: float) -> int | None:
    """Have *work* done in a child until it returns or the server has *ended*; return how the child ended.

    Args:
        work: what the child does; it is given the connection to the server first, then what is *given*.
        given: what can be sent to another process.
        ended: set when the server ends.
        patience: seconds that the child has to end by itself, before it is killed.

    """
    theirs, ours = _spawn.Pipe(duplex=False)
    process = _spawn.Process(target=work, args=(theirs, *given), daemon=True)
    process.start()
    theirs.close()
    while process.is_alive() and not ended.wait(_LOOK):
        pass
    ours.close()  # tells it to end
    process.join(patience)
    process.kill()
    process.join()
    return process.exitcode
