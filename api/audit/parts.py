"""Compares all entries of the log with their rows, on every core where that is worth it."""

import gc
import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import cache, partial
from itertools import islice, repeat
from multiprocessing import get_context

from sqlalchemy.orm import Session

from api.audit import rows
from api.audit.reading import hold_the_same
from api.audit.rows import Compared
from api.db.session import Database

_WORTH_PROCESSES = 100_000
"""Entries above which processes of their own read the rows, one for each core."""
_AHEAD = 256
"""Parts that may be compared before the first of them is asked for."""


@contextmanager
def compared(session: Session, snapshot: str | None, size: int) -> Iterator[Iterator[Compared]]:
    """The parts of the log in their order. Processes are at them for as long as the context lasts,
    whatever else is done in it."""
    starts = range(0, size, rows.AT_ONCE)
    widths = [min(rows.AT_ONCE, size - start) for start in starts]
    if size < _WORTH_PROCESSES:
        yield map(rows.compare, repeat(session), starts, widths)
        return
    url = session.connection().engine.url.render_as_string(hide_password=False)
    compare = partial(_compare_alone, url, snapshot)
    # Rows refer to nothing: whatever searches them for cycles does so in vain, again and again.
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn"), gc.disable) as pool:
        parts = (pool.submit(compare, *part) for part in zip(starts, widths, strict=True))
        ahead = deque(islice(parts, _AHEAD))

        def in_order() -> Iterator[Compared]:
            while ahead:
                yield ahead.popleft().result()
                ahead.extend(islice(parts, 1))

        try:
            yield in_order()
        finally:
            pool.shutdown(cancel_futures=True)


def _compare_alone(url: str, snapshot: str | None, start: int, width: int) -> Compared:
    """A part, in a process of its own, on the database at `url`."""
    with _database(url).transaction() as session:
        hold_the_same(session, snapshot)
        return rows.compare(session, start, width)


_database = cache(Database)
