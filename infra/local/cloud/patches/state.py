"""What is kept from a stop to the next start."""

import json
import os

from ministack.core import persistence

from patching import edit, restores, swap


@restores
def a_stop_keeps_all_or_nothing():
    """A stop that is cut off while it saves leaves everything as the stop before did: files take their places together, at the end.

    They are written by the encoder in C, ten times as fast as the one that writes to a file.
    """
    saved = []

    def then_in_place(services):
        saved.clear()
        yield from services.items()
        for tmp, path in saved:
            os.replace(tmp, path)

    def write(state, file, default):
        file.write(json.dumps(state, default=default))

    edit(
        persistence.save_state,
        swap("json.dump(", "_write("),
        swap("os.replace(tmp, path)", "_saved.append((tmp, path))"),
        _write=write,
        _saved=saved,
    )
    edit(
        persistence.save_all,
        swap("in services.items():", "in _then_in_place(services):"),
        _then_in_place=then_in_place,
    )
