"""Step Functions."""

import time

from ministack.core import iam_actions
from ministack.services import stepfunctions as sfn

from patches import executions
from patching import after, before, edit, restores, swap

# --- Variables, outputs, payloads ------------------------------------------------------------------------------------


@restores
def parallel_branches_have_their_own_context():
    """Each branch of a Parallel state has its own variables and its own task token; none leaks out of it."""
    edit(sfn._run_parallel_branches, swap("effective, execution, ctx)", "effective, execution, copy.deepcopy(ctx))"))


@restores
def parallel_arguments_output_and_assign():
    """A JSONata Parallel state hands Arguments to its branches, and makes Output and Assign from their results."""
    edit(
        sfn._run_parallel_branches,
        after("effective = _apply_parameters(state_def, effective, ctx)", """
            is_jsonata = _state_query_language(state_def, ctx) == "JSONata"
            if is_jsonata:
                effective = _apply_jsonata_arguments(state_def, raw_input, ctx)
            """),
        before("result = _apply_result_selector(state_def, results)", """
            if is_jsonata:
                output = _apply_jsonata_output(state_def, raw_input, ctx, result=results, default=results)
                _apply_state_assign(state_def, raw_input, ctx, result=results)
                return output, _next_or_end(state_def)
            """),
    )


@restores
def succeed_has_an_output():
    """A JSONata Succeed state ends with its Output."""
    edit(
        sfn._apply_output_path,
        before('op = state_def.get("OutputPath", "$")', """
            if state_def.get("Type") == "Succeed" and _state_query_language(state_def, ctx) == "JSONata":
                return _apply_jsonata_output(state_def, data, ctx, default=data)
            """),
    )


@restores
def assign_is_simultaneous():
    """All of one Assign sees the variables as they were before it: two variables can be swapped."""

    def assign(state_def, raw_input, ctx, result=None, error_output=None):
        fields = state_def.get("Assign")
        if ctx is None or sfn._state_query_language(state_def, ctx) != "JSONata" or not isinstance(fields, dict):
            return
        values = sfn._apply_jsonata_template(fields, raw_input, ctx, result=result, error_output=error_output)
        ctx.setdefault("variables", {}).update(values)

    sfn._apply_state_assign = assign


@restores
def context_names_the_role():
    """`$states.context.Execution.RoleArn` is the role that the machine runs as."""
    edit(sfn._run_execution, after('"StartTime": execution["startDate"],', '"RoleArn": sm["roleArn"],'))


def _check_size(text):
    if len(text.encode()) > 262144:
        raise sfn._ExecutionError("States.DataLimitExceeded", "The state's result has more than 262144 bytes")


@restores
def payloads_are_limited():
    """A state's output, and an execution's input, have at most 256 KiB."""
    edit(sfn._run_execution, before("current_name = next_name", "_check_size(json.dumps(current_input))"),
         _check_size=_check_size)
    edit(
        sfn._start_execution,
        after('input_str = data.get("input", "{}")', """
            if len(input_str.encode()) > 262144:
                return error_response_json("ValidationException", "The input has more than 262144 bytes", 400)
            """),
    )


# --- Starting and ending ---------------------------------------------------------------------------------------------


@restores
def executions_start_at_once():
    """An execution starts without a fixed delay."""
    edit(sfn._run_execution, swap("time.sleep(0.15)", "pass"))


@restores
def start_is_idempotent_by_name():
    """Starting a running execution again with its name and input gives that execution; otherwise its name is taken."""
    edit(
        sfn._start_execution,
        before("if exec_arn in _executions:", """
            known = _executions.get(exec_arn)
            if known and known["status"] == "RUNNING" and known["input"] == data.get("input", "{}"):
                return json_response({"executionArn": exec_arn, "startDate": known["startDate"]})
            """),
    )


_runs = {}


def _end(exec_arn):
    if exec_arn in _runs:
        _runs[exec_arn].set()


def _time_out(execution):
    if execution["status"] == "RUNNING":
        execution.update(status="TIMED_OUT", error="States.Timeout", stopDate=sfn.now_iso())
        sfn._add_event(execution, "ExecutionTimedOut", {"executionTimedOutEventDetails": {"error": "States.Timeout"}})
        sfn._emit_execution_status_event(execution)


@restores
def executions_end_when_stopped_or_timed_out():
    """StopExecution, and the machine's own TimeoutSeconds (status TIMED_OUT), end an execution wherever it waits, with
    all its branches and the executions that it waits for; nothing that ends later changes its status."""
    walk = sfn._run_execution
    edit(walk, before("state_def = all_states.get(current_name)", "_executing.current().check()"),
         _executing=executions)
    edit(sfn._run_sub_machine, before("state_def = states.get(current_name)", "_executing.current().check()"))
    edit(sfn._scaled_sleep, swap("time.sleep(scaled)", "_executing.current().wait(threading.Event(), scaled)"))
    edit(sfn._invoke_with_callback, swap("evt.wait(timeout=timeout)", "_executing.current().wait(evt, timeout)"))
    edit(
        sfn._fail_execution,
        before('execution["status"] = "FAILED"', """
            if execution["status"] != "RUNNING":
                return
            """),
    )
    edit(sfn._stop_execution, after("_emit_execution_status_event(execution)", "_end(exec_arn)"), _end=_end)
    # The status event of every execution that did not succeed says why.
    edit(
        sfn._emit_execution_status_event,
        swap('execution.get("error") if failed else None', 'execution.get("error")'),
        swap('execution.get("cause") if failed else None', 'execution.get("cause")'),
    )

    def run_execution(exec_arn):
        execution = sfn._executions.get(exec_arn) or {}
        machine = sfn._state_machines.get(execution.get("stateMachineArn")) or {"definition": "{}"}
        seconds = sfn.json.loads(machine["definition"]).get("TimeoutSeconds")
        outer = executions.current()
        run = _runs[exec_arn] = executions.Run(deadline=seconds and time.monotonic() + seconds)
        # Only an execution that another one waits for ends with that.
        if execution.get("sync"):
            outer.watch(run)
        executions.enter(run)
        try:
            walk(exec_arn)
        except executions.Ended:
            if run.timed_out:
                _time_out(execution)
            elif execution["status"] == "RUNNING":
                sfn._stop_execution({"executionArn": exec_arn})
        finally:
            outer.forget(run)
            executions.enter(outer)
            del _runs[exec_arn]

    sfn._run_execution = run_execution


@restores
def a_failing_branch_ends_its_siblings():
    """When a branch of a Parallel state or an item of a Map fails, the others are stopped and it fails at once."""
    for function, branch in (
        (sfn._run_parallel_branches, "def run_branch(idx, branch):"),
        (sfn._run_map_items, "def run_item(idx, item):"),
    ):
        edit(
            function,
            before(branch, "siblings = _executing.enter_branches()"),
            before("except Exception as exc:", """
                except _executing.Ended:
                    pass
                """),
            after("errors[idx] = exc", "siblings.set()"),
            before("for err in errors:", "_executing.leave_branches(siblings)"),
            _executing=executions,
        )


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
                cause = f"{field} must be a positive integer but was: {seconds}"
                raise sfn._ExecutionError("States.QueryEvaluationError", cause)
    return {**state_def, **times}


@restores
def task_timeouts_are_expressions():
    """TimeoutSeconds and HeartbeatSeconds of a JSONata task may be expressions that give a positive integer."""
    edit(
        sfn._execute_task,
        before("if _mock_throw is not None:", "timed = _with_times(state_def, raw_input, ctx)"),
        swap('ctx["Task"]["Token"], state_def)', 'ctx["Task"]["Token"], timed)'),
        swap('effective, state_def["TimeoutSeconds"])', 'effective, timed["TimeoutSeconds"])'),
        _with_times=_with_times,
    )


@restores
def a_retried_callback_has_a_new_token():
    """Every attempt of a callback task has a task token of its own; the one before is void."""
    token = 'ctx["Task"] = {"Token": new_uuid()}'
    edit(
        sfn._execute_task,
        swap(f"    if is_callback:\n        {token}\n", ""),
        after('ctx["State"]["RetryCount"] = sum(retry_counts.values())', f"if is_callback:\n    {token}"),
    )


@restores
def an_answer_is_asked_of_the_machine_of_its_token():
    """`states:SendTaskSuccess` and its kind are permitted on the state machine whose task the token is of."""

    def token_of(execution):
        return f"{sfn.new_uuid()}#{execution['stateMachineArn']}"

    def machine_of(token):
        return token.partition("#")[2]

    edit(sfn._execute_task, swap('{"Token": new_uuid()}', '{"Token": _token_of(execution)}'), _token_of=token_of)
    edit(
        iam_actions.extract_resource_arn,
        swap('arn = _safe_json_field(body, "activityArn")',
             'arn = _safe_json_field(body, "activityArn") or _machine_of(_safe_json_field(body, "taskToken") or "")'),
        _machine_of=machine_of,
    )


@restores
def a_callback_task_fails_with_its_function():
    """A callback task fails at once when its function throws."""
    edit(
        sfn._invoke_with_callback,
        swap("            pass\n", "            _task_tokens.pop(token, None)\n            raise\n"),
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
        before('timeout = state_def.get("TimeoutSeconds", 99999)', """
            if "HeartbeatSeconds" in state_def:
                watched = (_task_tokens[token], state_def["HeartbeatSeconds"])
                threading.Thread(target=_watch_heartbeats, args=watched, daemon=True).start()
            """),
        _watch_heartbeats=_watch_heartbeats,
    )


@restores
def retries_keep_their_own_pace():
    """A retry waits IntervalSeconds x BackoffRate^n, at most MaxDelaySeconds where that is given."""
    longest = 'retrier.get("MaxDelaySeconds", float("inf"))'
    edit(sfn._execute_task, swap("min(sleep_sec, 60)", f"min(sleep_sec, {longest})"))
    edit(sfn._with_retry_and_catch, swap("** count), 60)", f"** count), {longest})"))
