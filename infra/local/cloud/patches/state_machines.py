"""Step Functions."""

import contextvars
import threading
import time

from ministack.services import stepfunctions as sfn

from patching import edit, restores

# --- Parallel, variables, outputs ------------------------------------------------------------------------------------


@restores
def parallel_branches_have_their_own_context():
    """Each branch of a Parallel state has its own variables and its own task token; none leaks out of it."""
    edit(sfn._run_parallel_branches, ("effective, execution, ctx)", "effective, execution, copy.deepcopy(ctx))"))


@restores
def parallel_arguments_output_and_assign():
    """A JSONata Parallel state hands Arguments to its branches, and makes Output and Assign from their results."""
    edit(
        sfn._run_parallel_branches,
        (
            "effective = _apply_parameters(state_def, effective, ctx)",
            "is_jsonata = _state_query_language(state_def, ctx) == 'JSONata'\n"
            "    effective = (_apply_jsonata_arguments(state_def, raw_input, ctx) if is_jsonata\n"
            "                 else _apply_parameters(state_def, effective, ctx))",
        ),
        (
            "    result = _apply_result_selector(state_def, results)",
            "    if is_jsonata:\n"
            "        output = _apply_jsonata_output(state_def, raw_input, ctx, result=results, default=results)\n"
            "        _apply_state_assign(state_def, raw_input, ctx, result=results)\n"
            "        return output, _next_or_end(state_def)\n"
            "    result = _apply_result_selector(state_def, results)",
        ),
    )


@restores
def succeed_has_an_output():
    """A JSONata Succeed state ends with its Output."""
    edit(
        sfn._apply_output_path,
        (
            "    op = ",
            "    if state_def.get('Type') == 'Succeed' and _state_query_language(state_def, ctx) == 'JSONata':\n"
            "        return _apply_jsonata_output(state_def, data, ctx, default=data)\n"
            "    op = ",
        ),
    )


@restores
def assign_is_simultaneous():
    """All of one Assign sees the variables as they were before it: two variables can be swapped."""
    edit(
        sfn._apply_state_assign,
        ("variables = ctx.setdefault(\"variables\", {})", "variables = {}"),
        ("            result=result, error_output=error_output,\n        )",
         "            result=result, error_output=error_output,\n        )\n"
         "    ctx.setdefault('variables', {}).update(variables)"),
    )


@restores
def context_names_the_role():
    """`$states.context.Execution.RoleArn` is the role that the machine runs as."""
    edit(sfn._run_execution, ('"StartTime": execution["startDate"],',
                              '"StartTime": execution["startDate"],\n            "RoleArn": sm["roleArn"],'))


def _check_size(text):
    if len(text.encode()) > 262144:
        raise sfn._ExecutionError(
            "States.DataLimitExceeded", "The state's result exceeds the maximum number of bytes service limit.")


@restores
def payloads_are_limited():
    """A state's output, and an execution's input, have at most 256 KiB."""
    edit(sfn._run_execution, ("            current_name = next_name",
                              "            _check_size(json.dumps(current_input))\n            current_name = next_name"),
         _check_size=_check_size)
    edit(
        sfn._start_execution,
        (
            '    input_str = data.get("input", "{}")\n',
            '    input_str = data.get("input", "{}")\n'
            "    if len(input_str.encode()) > 262144:\n"
            "        return error_response_json('ValidationException', 'The input exceeds 262144 bytes', 400)\n",
        ),
    )


# --- Starting, stopping, timeouts ------------------------------------------------------------------------------------


@restores
def executions_start_at_once():
    """An execution starts without a fixed delay."""
    edit(sfn._run_execution, ("    time.sleep(0.15)\n", ""))


@restores
def start_is_idempotent_by_name():
    """Starting a running execution again with its name and input gives the same execution; otherwise the name is taken."""
    edit(
        sfn._start_execution,
        (
            "    if exec_arn in _executions:",
            "    known = _executions.get(exec_arn)\n"
            "    if known and known['status'] == 'RUNNING' and known['input'] == data.get('input', '{}'):\n"
            "        return json_response({'executionArn': exec_arn, 'startDate': known['startDate']})\n"
            "    if known:",
        ),
    )


class Ended(BaseException):
    """Carries a thread out of an execution (or of a branch) that goes on no longer; no Retry or Catch sees it."""


class Run:
    """What waits in one execution, or in one set of branches of it, and until when it may.

    Every sleep and every wait for a callback is a wait on an event that is known here, so that ending wakes it.
    """

    def __init__(self, deadline=None, parent=None):
        self.deadline = parent.deadline if parent else deadline
        self.ended = False
        self.timed_out = False
        self._waiting = set()
        self.parent = parent
        if parent:
            parent._waiting.add(self)

    def set(self):
        """Ends it, and with it the branches below. Named as an Event's, because one can wait beside events."""
        self.ended = True
        for waiting in list(self._waiting):
            waiting.set()

    def close(self):
        if self.parent:
            self.parent._waiting.discard(self)

    def wait(self, event, seconds=None):
        """Waits for the event, at most so many seconds; whether it came. Raises Ended when the execution ends first."""
        self._waiting.add(event)
        try:
            self.check()
            left = None if self.deadline is None else max(0, self.deadline - time.monotonic())
            limits = [limit for limit in (left, seconds) if limit is not None]
            # A longer wait than a platform's lock can hold is no wait that anyone sees the end of.
            came = event.wait(min([*limits, threading.TIMEOUT_MAX]))
            self.check()
            return came
        finally:
            self._waiting.discard(event)

    def check(self):
        """Raises Ended once there is nothing more to do."""
        if self.deadline is not None and time.monotonic() >= self.deadline:
            self.timed_out = True
        if self.ended or self.timed_out:
            raise Ended


_run = contextvars.ContextVar("run", default=Run())
_runs = {}


def _current_run():
    return _run.get()


def _end_execution(exec_arn):
    run = _runs.get(exec_arn)
    if run:
        run.set()


def _branches_of_run():
    branches = Run(parent=_run.get())
    _run.set(branches)
    return branches


def _time_out(execution):
    if execution["status"] != "RUNNING":
        return
    execution.update(status="TIMED_OUT", error="States.Timeout", stopDate=sfn.now_iso())
    sfn._add_event(execution, "ExecutionTimedOut", {"executionTimedOutEventDetails": {"error": "States.Timeout"}})
    sfn._emit_execution_status_event(execution)


@restores
def executions_end_when_stopped_or_timed_out():
    """StopExecution, and the machine's own TimeoutSeconds (status TIMED_OUT), end an execution wherever it waits, with
    all its branches and the executions that it waits for; nothing that ends later changes its status."""
    run_execution = sfn._run_execution

    def run(exec_arn):
        execution = sfn._executions.get(exec_arn)
        machine = execution and sfn._state_machines.get(execution["stateMachineArn"])
        seconds = machine and sfn.json.loads(machine["definition"]).get("TimeoutSeconds")
        # Only an execution that another one waits for ends with it.
        outer = _run.get() if execution and execution.get("sync") else Run()
        mine = _runs[exec_arn] = Run(deadline=seconds and time.monotonic() + seconds)
        token = _run.set(mine)
        outer._waiting.add(mine)
        try:
            run_execution(exec_arn)
        except Ended:
            if mine.timed_out:
                _time_out(execution)
            elif outer.ended and execution["status"] == "RUNNING":
                sfn._stop_execution({"executionArn": exec_arn})
        finally:
            outer._waiting.discard(mine)
            _run.reset(token)
            _runs.pop(exec_arn, None)

    edit(sfn._run_execution, ("            state_def = all_states.get(current_name)",
                              "            _current_run().check()\n            state_def = all_states.get(current_name)"),
         _current_run=_current_run)
    edit(sfn._run_sub_machine, ("        state_def = states.get(current_name)",
                                "        _current_run().check()\n        state_def = states.get(current_name)"))
    sfn._run_execution = run
    edit(sfn._stop_execution, ("    _emit_execution_status_event(execution)",
                               "    _emit_execution_status_event(execution)\n    _end_execution(exec_arn)"),
         _end_execution=_end_execution)
    edit(sfn._scaled_sleep, ("time.sleep(scaled)", "_current_run().wait(threading.Event(), scaled)"))
    edit(sfn._invoke_with_callback, ("evt.wait(timeout=timeout)", "_current_run().wait(evt, timeout)"))
    edit(sfn._fail_execution, ('    execution["status"] = "FAILED"',
                               '    if execution["status"] != "RUNNING":\n        return\n'
                               '    execution["status"] = "FAILED"'))
    # An execution's own error is reported in its status event, whatever it ended by.
    edit(sfn._emit_execution_status_event,
         ('"error": execution.get("error") if failed else None', '"error": execution.get("error")'),
         ('"cause": execution.get("cause") if failed else None', '"cause": execution.get("cause")'))


@restores
def a_failing_branch_ends_its_siblings():
    """When a branch of a Parallel state or an item of a Map fails, the others are stopped and the state fails at once."""
    edit(
        sfn._run_parallel_branches,
        ("    def run_branch(idx, branch):", "    siblings = _branches_of_run()\n\n    def run_branch(idx, branch):"),
        ("        except Exception as exc:\n            errors[idx] = exc",
         "        except _Ended:\n            pass\n"
         "        except Exception as exc:\n            errors[idx] = exc\n            siblings.set()"),
        ("        t.join()\n", "        t.join()\n    _leave(siblings)\n"),
        _branches_of_run=_branches_of_run, _leave=_leave, _Ended=Ended,
    )
    edit(
        sfn._run_map_items,
        ("    def run_item(idx, item):", "    siblings = _branches_of_run()\n\n    def run_item(idx, item):"),
        ("        except Exception as exc:\n            errors[idx] = exc",
         "        except _Ended:\n            pass\n"
         "        except Exception as exc:\n            errors[idx] = exc\n            siblings.set()"),
        ("        futures_wait(futs)\n", "        futures_wait(futs)\n    _leave(siblings)\n"),
    )


def _leave(branches):
    branches.close()
    _run.set(branches.parent)
    branches.parent.check()


# --- Tasks -----------------------------------------------------------------------------------------------------------


def _with_times(state_def, raw_input, ctx):
    """The state with its time limits evaluated, for one attempt."""
    if sfn._state_query_language(state_def, ctx) != "JSONata":
        return state_def
    times = {}
    for field in ("TimeoutSeconds", "HeartbeatSeconds"):
        if isinstance(state_def.get(field), str):
            seconds = times[field] = sfn._jsonata_state_field(state_def, field, "number", raw_input, ctx)
            if seconds <= 0 or seconds != int(seconds):
                raise sfn._ExecutionError(
                    "States.QueryEvaluationError", f"{field} must be a positive integer but was: {seconds}")
    return {**state_def, **times}


@restores
def task_timeouts_are_expressions():
    """TimeoutSeconds and HeartbeatSeconds of a JSONata task may be expressions that give a positive integer."""
    edit(
        sfn._execute_task,
        ('resource, effective, ctx["Task"]["Token"], state_def)',
         'resource, effective, ctx["Task"]["Token"], _with_times(state_def, raw_input, ctx))'),
        ('resource, effective, state_def["TimeoutSeconds"])',
         'resource, effective, _with_times(state_def, raw_input, ctx)["TimeoutSeconds"])'),
        _with_times=_with_times,
    )


@restores
def a_retried_callback_has_a_new_token():
    """Every attempt of a callback task has a task token of its own; the one before is void."""
    edit(
        sfn._execute_task,
        ('    if is_callback:\n        ctx["Task"] = {"Token": new_uuid()}\n', ""),
        ('        ctx["State"]["RetryCount"] = sum(retry_counts.values())\n',
         '        ctx["State"]["RetryCount"] = sum(retry_counts.values())\n'
         '        if is_callback:\n            ctx["Task"] = {"Token": new_uuid()}\n'),
    )


@restores
def a_callback_task_fails_with_its_function():
    """A callback task fails at once when its function throws."""
    edit(
        sfn._invoke_with_callback,
        ("        except _ExecutionError:\n            pass",
         "        except _ExecutionError:\n            _task_tokens.pop(token, None)\n            raise"),
    )


def _watch_heartbeats(info, seconds):
    """Fails the task once no heartbeat came for so long; ends with the wait for its callback."""
    beat = info["heartbeat"]
    while not info["event"].wait(seconds):
        if info["heartbeat"] == beat:
            info["error"] = {"Error": "States.HeartbeatTimeout", "Cause": f"No heartbeat for {seconds} seconds"}
            info["event"].set()
        beat = info["heartbeat"]


@restores
def a_callback_task_needs_its_heartbeats():
    """A callback task with HeartbeatSeconds fails with States.HeartbeatTimeout when SendTaskHeartbeat does not come."""
    edit(
        sfn._invoke_with_callback,
        (
            '    timeout = state_def.get("TimeoutSeconds", 99999)\n',
            '    timeout = state_def.get("TimeoutSeconds", 99999)\n'
            "    if 'HeartbeatSeconds' in state_def:\n"
            "        threading.Thread(target=_watch_heartbeats, daemon=True,\n"
            "                         args=(_task_tokens[token], state_def['HeartbeatSeconds'])).start()\n",
        ),
        _watch_heartbeats=_watch_heartbeats,
    )


@restores
def retries_keep_their_own_pace():
    """A retry waits IntervalSeconds x BackoffRate^n, at most MaxDelaySeconds where that is given."""
    delay = 'retrier.get("MaxDelaySeconds", 31622400)'
    edit(sfn._execute_task, ("min(sleep_sec, 60)", f"min(sleep_sec, {delay})"))
    edit(sfn._with_retry_and_catch, ("** count), 60)", f"** count), {delay})"))
