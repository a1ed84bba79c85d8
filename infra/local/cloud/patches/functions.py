"""Lambda functions: how they run, and how their errors look."""

from ministack.core import lambda_runtime as runtime
from ministack.services import lambda_svc

from patching import edit, restores


@restores
def errors_have_the_name_they_were_thrown_with():
    """A function's error has the thrown error's name and trace, which is what Retry and Catch match."""
    for plain, named in (
        ('error: String(err.message || err), trace: err.stack || ""',
         'error: String(err.message || err), errorType: err.name || "Error", trace: err.stack || ""'),
        ("error: e.message, trace: e.stack", "error: e.message, errorType: e.name, trace: e.stack"),
    ):
        assert runtime._NODEJS_WORKER_SCRIPT.count(plain) == 1, plain
        runtime._NODEJS_WORKER_SCRIPT = runtime._NODEJS_WORKER_SCRIPT.replace(plain, named)
    edit(
        lambda_svc._execute_function_warm,
        ('error_type = "Runtime.HandlerError"', 'error_type = result.get("errorType", "Runtime.HandlerError")'),
        ('"errorType": error_type,',
         '"errorType": error_type,\n                    "trace": result.get("trace", "").split("\\n"),'),
    )


@restores
def an_error_keeps_the_environment():
    """A thrown error ends the invocation, not the execution environment: the next one finds it warm."""
    edit(
        runtime.Worker.invoke,
        ('if response.get("status") == "error":', 'if response.get("status") == "error" and "trace" not in response:'),
    )


@restores
def a_silent_function_answers_at_once():
    """An answer does not wait for log lines that do not come."""
    runtime.Worker._drain_stderr_bounded.__defaults__ = (0.002, 0.005, 0.250)
