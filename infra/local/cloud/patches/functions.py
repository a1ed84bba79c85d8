"""Lambda functions: how they run, and how their errors look."""

from ministack.core import lambda_runtime as runtime
from ministack.services import lambda_svc

from patching import after, edit, restores, swap


@restores
def errors_have_the_name_they_were_thrown_with():
    """A function's error has the thrown error's name and trace, which is what Retry and Catch match."""
    script = runtime._NODEJS_WORKER_SCRIPT
    for change in (
        swap('trace: err.stack || ""', 'trace: err.stack || "", errorType: err.name || "Error"'),
        swap("trace: e.stack\n", "trace: e.stack, errorType: e.name\n"),
    ):
        script = change(script, "the worker of Node")
    runtime._NODEJS_WORKER_SCRIPT = script
    edit(
        lambda_svc._execute_function_warm,
        swap('error_type = "Runtime.HandlerError"', 'error_type = result.get("errorType", "Runtime.HandlerError")'),
        after('"errorType": error_type,', r'"trace": result.get("trace", "").split("\n"),'),
    )


@restores
def an_error_keeps_the_environment():
    """A thrown error ends the invocation, not the execution environment: the next one finds it warm."""
    failed = 'response.get("status") == "error"'
    edit(runtime.Worker.invoke, swap(f"if {failed}:", f'if {failed} and "trace" not in response:'))


@restores
def a_silent_function_answers_at_once():
    """An answer does not wait for log lines that do not come."""
    runtime.Worker._drain_stderr_bounded.__defaults__ = (0.002, 0.005, 0.250)
