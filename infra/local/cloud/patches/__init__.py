"""Where the emulator answers otherwise than AWS, AWS's behaviour is restored here.

One function per behaviour; its docstring says what AWS does, and a test in test/integration/conformance (of roles: in
test/auth) fails without it. Most are small changes of the emulator's own text, which is why exactly one version of it
is accepted: a change that does not fit stops the start. MiniStack is (c) 2026 MiniStack Contributors, MIT licence; its excerpts stand under it.
"""

from patches import apis, functions, lake, mail, queries, resources, state, state_machines, stream_consumers  # noqa: F401
