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
    """Changes a function's text, one change after another, in place: every reference to it sees the new one.

    The text is the function's own, without the indentation of a class around it. `names` become known to it.
    """
    source = _sources.get(function) or textwrap.dedent(inspect.getsource(function))
    for change in changes:
        source = change(source, function.__qualname__)
    _sources[function] = source
    scope = dict(function.__globals__)
    exec(compile(source, inspect.getsourcefile(function), "exec"), scope)
    edited = scope[function.__name__]
    function.__code__, function.__defaults__ = edited.__code__, edited.__defaults__
    function.__globals__.update(names)


def swap(old, new):
    """The change of one piece of text for another."""

    def change(source, where):
        _expect_once(old, source, where)
        return source.replace(old, new)

    return change


def before(anchor, text):
    """The change that puts lines before the line that holds the anchor, as deep as that."""
    return lambda source, where: _insert(source, where, anchor, text, 0)


def after(anchor, text):
    """The change that puts lines after the line that holds the anchor, as deep as that."""
    return lambda source, where: _insert(source, where, anchor, text, 1)


def _insert(source, where, anchor, text, offset):
    _expect_once(anchor, source, where)
    lines = source.split("\n")
    place = next(i for i, line in enumerate(lines) if anchor in line)
    depth = lines[place][: len(lines[place]) - len(lines[place].lstrip())]
    new = textwrap.indent(textwrap.dedent(text).strip("\n"), depth).split("\n")
    lines[place + offset : place + offset] = new
    return "\n".join(lines)


def _expect_once(text, source, where):
    if source.count(text) != 1:
        raise SystemExit(f"{where}: expected once, found {source.count(text)} times: {text}")


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
