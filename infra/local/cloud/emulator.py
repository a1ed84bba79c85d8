"""The AWS emulator with our patches, as one process that ends with the process that started it.

Environment: GATEWAY_PORT, BIND_HOST, ... of MiniStack; TMPDIR, a folder of this process alone, removed at the end;
STEPWISE_WITHOUT_PATCH, comma-separated names of patches to leave out (the conformance tests must then fail).
"""

import os
import shutil
import signal
import sys
import tempfile
import threading

from hypercorn.config import Config
from ministack import app
from ministack.core import lambda_runtime

import patches  # noqa: F401  registers them
import patching


def end_with_parent():
    """Standard input is a pipe that the parent holds open; when it breaks, however the parent died, stop cleanly."""
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


async def serve_then_leave(scope, receive, send, serve=app.app):
    """After the state is saved, end the Lambda workers and leave at once: executions sleep in threads for days."""
    await serve(scope, receive, send)
    if scope["type"] == "lifespan":
        lambda_runtime.reset()
        shutil.rmtree(tempfile.gettempdir(), ignore_errors=True)
        os._exit(0)


patching.apply(without=os.environ.get("STEPWISE_WITHOUT_PATCH", "").split(","))
app.app = serve_then_leave
Config.graceful_timeout = 0.5
threading.Thread(target=end_with_parent, daemon=True).start()
app.main()
