"""Lambda functions that read a DynamoDB stream: what happens to records that they fail on."""

import json
import time

from ministack.services import dynamodb, lambda_svc

from patching import after, before, edit, restores, swap

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


def _settle(esm, func_rec, records, result):
    """How many of the records are done, or given up and reported; the others are tried again, smaller or later."""
    esm_id = esm["UUID"]
    failed = _first_failed(esm, records, result)
    if failed is None:
        _attempts.pop(esm_id, None)
        esm["LastProcessingResult"] = f"OK - {len(records)} records"
        return len(records)

    esm["LastProcessingResult"] = "PROBLEM: Function call failed"
    if failed > 0:
        _attempts[esm_id] = {"size": len(records) - failed, "failures": 0}
        return failed
    attempt = _attempts.setdefault(esm_id, {"size": None, "failures": 0})
    if esm.get("BisectBatchOnFunctionError") in (True, "true") and len(records) > 1:
        attempt["size"] = (len(records) + 1) // 2
        return 0

    attempt["size"] = len(records)
    attempt["failures"] += 1
    given_up = _given_up(esm, records, attempt["failures"])
    if given_up:
        lambda_svc._send_ddb_stream_failure_record(esm, func_rec, records, esm["EventSourceArn"], result, given_up)
        _attempts.pop(esm_id)
        return len(records)
    lambda_svc._esm_backoff_until[esm_id] = time.time() + lambda_svc._ESM_BACKOFF_SECONDS
    return 0


def _given_up(esm, records, failures):
    """Why these records are not tried again, in the words of the on-failure message; None when they are."""
    retries = int(esm.get("MaximumRetryAttempts", -1))
    if 0 <= retries < failures:
        return "RetryAttemptsExhausted"
    longest = int(esm.get("MaximumRecordAgeInSeconds", -1))
    oldest = min(float(record["dynamodb"]["ApproximateCreationDateTime"]) for record in records)
    return "MaxRecordAgeExceeded" if 0 < longest < time.time() - oldest else None


@restores
def stream_failures_are_bounded():
    """Records that a function reports (ReportBatchItemFailures) or throws on are tried again from the first of them, in
    halves with BisectBatchOnFunctionError, MaximumRetryAttempts times; then their place goes to the on-failure queue
    and the stream goes on."""
    edit(
        lambda_svc._poll_dynamodb_streams,
        swap("stream_records_since(table_name, pos, batch_size)",
             "stream_records_since(table_name, pos, _limit(esm_id, batch_size))"),
        after("raw_len = len(batch)", "raw = batch"),
        before("# All records filtered", "_attempts.pop(esm_id, None)"),
        after("result = _execute_function(func_rec, event)", """
            settled = _settle(esm, func_rec, raw, result)
            with _dynamodb_stream_positions_lock:
                _dynamodb_stream_positions[esm_id] = pos + settled
            # Even with nothing settled: half of the batch is tried at once, and a pause is seen at the next pass.
            processed_any = True
            continue
            """),
        _limit=_limit, _settle=_settle, _attempts=_attempts,
    )


@restores
def a_stream_outlives_a_restart():
    """A stream keeps its records for a day, whatever restarts: its readers' positions are kept, so the records must be too,
    or a reader waits until as many new ones have come."""
    edit(
        dynamodb.get_state,
        swap('"imports": copy.deepcopy(_imports),', '"imports": copy.deepcopy(_imports),\n'
             '        "stream_records": copy.deepcopy(_stream_records), "stream_trimmed": copy.deepcopy(_stream_trimmed),'),
    )
    edit(
        dynamodb._restore_state,
        after('_imports.update(data.get("imports", {}))', """
            _stream_records.update(data.get("stream_records", {}))
            _stream_trimmed.update(data.get("stream_trimmed", {}))
            """),
    )
