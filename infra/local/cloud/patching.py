"""How the emulator's text is changed, and when that is refused."""

import importlib.metadata
import inspect
import textwrap

VERSION = "1.5.33"

_patches = {}
_sources = {}


def restores(patch):
    """Registers a patch: a function without arguments, named after the AWS behaviour that it restores."""
    _patches[patch.__name__] = patch
    return patch


def edit(function, *changes, **names):
    """Replaces pieces of a function's text, each (old, new) found exactly once, in place: every reference sees it.

    `names` become known to the function. Changes are written without the indentation of a method's class.
    """
    source = _sources.get(function) or textwrap.dedent(inspect.getsource(function))
    for old, new in changes:
        if source.count(old) != 1:
            raise SystemExit(f"{function.__qualname__}: expected once, found {source.count(old)} times: {old}")
        source = source.replace(old, new)
    _sources[function] = source
    scope = dict(function.__globals__)
    exec(compile(source, inspect.getsourcefile(function), "exec"), scope)
    edited = scope[function.__name__]
    function.__code__, function.__defaults__ = edited.__code__, edited.__defaults__
    function.__globals__.update(names)


def apply(without=()):
    """Applies all registered patches but those named. Refuses any other version of the emulator."""
    found = importlib.metadata.version("ministack")
    if found != VERSION:
        raise SystemExit(f"The patches fit ministack {VERSION}, not {found}.")
    for unknown in set(without) - {"", *_patches}:
        raise SystemExit(f"There is no patch {unknown}; there are: {', '.join(_patches)}.")
    for name, patch in _patches.items():
        if name not in without:
            patch()
