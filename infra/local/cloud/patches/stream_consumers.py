"""Lambda functions that read a DynamoDB stream: what happens to records that they fail on."""

import json
import time

from ministack.services import lambda_svc

from patching import edit, restores

# By event source mapping: how many records the next attempt takes, and how many attempts failed at this place.
_attempts = {}


def _limit(esm_id, batch_size):
    return _attempts.get(esm_id, {}).get("size") or batch_size


def _first_failed(esm, records, result):
    """The place of the first record that is not done; None when all are."""
    if result.get("error"):
        return 0
    if "ReportBatchItemFailures" not in (esm.get("FunctionResponseTypes") or []):
        return None
    answer = result.get("body")
    answer = json.loads(answer) if isinstance(answer, str) else answer
    reported = [failure.get("itemIdentifier") for failure in (answer or {}).get("batchItemFailures") or []]
    numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
    # An identifier that is none of the batch's makes all of it fail.
    return min((numbers.index(number) if number in numbers else 0 for number in reported), default=None)


def _go_on(esm, func_rec, records, result):
    """How many of the records are settled: done, or given up and reported. What remains is tried again, smaller or later."""
    esm_id = esm["UUID"]
    failed = _first_failed(esm, records, result)
    if failed is None:
        _attempts.pop(esm_id, None)
        esm["LastProcessingResult"] = f"OK - {len(records)} records"
        return len(records)

    esm["LastProcessingResult"] = "PROBLEM: Function call failed"
    state = _attempts.setdefault(esm_id, {"size": None, "failures": 0})
    if failed > 0:
        _attempts[esm_id] = {"size": len(records) - failed, "failures": 0}
        return failed
    if esm.get("BisectBatchOnFunctionError") in (True, "true") and len(records) > 1:
        state["size"] = (len(records) + 1) // 2
        return 0

    state["size"] = len(records)
    state["failures"] += 1
    retries = int(esm.get("MaximumRetryAttempts", -1))
    longest = int(esm.get("MaximumRecordAgeInSeconds", -1))
    age = time.time() - min(float(record["dynamodb"]["ApproximateCreationDateTime"]) for record in records)
    given_up = None
    if 0 <= retries < state["failures"]:
        given_up = "RetryAttemptsExhausted"
    elif 0 < longest < age:
        given_up = "MaxRecordAgeExceeded"
    if given_up:
        lambda_svc._send_ddb_stream_failure_record(esm, func_rec, records, esm["EventSourceArn"], result, given_up)
        _attempts.pop(esm_id)
        return len(records)
    lambda_svc._esm_backoff_until[esm_id] = time.time() + lambda_svc._ESM_BACKOFF_SECONDS
    return 0


@restores
def stream_failures_are_bounded():
    """Records a function reports (ReportBatchItemFailures) or throws on are tried again from the first of them, in halves
    with BisectBatchOnFunctionError, MaximumRetryAttempts times; then their place goes to the on-failure queue and the
    stream goes on."""
    edit(
        lambda_svc._poll_dynamodb_streams,
        ("batch = _ddb.stream_records_since(table_name, pos, batch_size)",
         "batch = _ddb.stream_records_since(table_name, pos, _limit(esm_id, batch_size))"),
        ("            raw_len = len(batch)\n", "            raw, raw_len = batch, len(batch)\n"),
        ('                # All records filtered',
         '                _attempts.pop(esm_id, None)\n                # All records filtered'),
        ('            result = _execute_function(func_rec, event)\n',
         '            result = _execute_function(func_rec, event)\n'
         '            settled = _go_on(esm, func_rec, raw, result)\n'
         '            with _dynamodb_stream_positions_lock:\n'
         '                _dynamodb_stream_positions[esm_id] = pos + settled\n'
         '            if settled or esm_id not in _esm_backoff_until:\n'
         '                processed_any = True\n'
         '            continue\n'),
        _limit=_limit, _go_on=_go_on, _attempts=_attempts,
    )
