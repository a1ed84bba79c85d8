"""Data Firehose: what a rule sends there, and how it lands in a bucket."""

import base64
import contextvars
import gzip
import threading

from ministack.services import eventbridge, firehose

from patching import before, edit, restores, swap


@restores
def a_rule_delivers_to_a_delivery_stream():
    """A delivery stream is a target of a rule: each event is a record, as the target's input makes it."""

    def put(spec, payload):
        data = base64.b64encode(payload.encode()).decode()
        firehose._put_record({"DeliveryStreamName": spec.resource.partition("/")[2], "Record": {"Data": data}})

    edit(
        eventbridge._invoke_target,
        before('elif spec.service == "lambda":', """
            elif spec.service == "firehose":
                _dispatch_to_firehose(spec, event_payload)
            """),
        _dispatch_to_firehose=put,
    )


@restores
def a_delivery_stream_gathers_records_into_objects():
    """Records of one prefix are gathered (here for a second), delimited and compressed as the destination says."""
    waiting, lock = {}, threading.Lock()

    def delimiter(cfg):
        processors = (cfg.get("ProcessingConfiguration") or {}).get("Processors") or []
        return b"\n" if any(one.get("Type") == "AppendDelimiterToRecord" for one in processors) else b""

    def flush(cfg, bucket, prefix, suffix):
        with lock:
            body = b"".join(waiting.pop((bucket, prefix)))
        gzipped = cfg.get("CompressionFormat") == "GZIP"
        _put(bucket, f"{prefix}{suffix}{'.gz' if gzipped else ''}", gzip.compress(body) if gzipped else body)

    def gather(cfg, bucket, prefix, suffix, body):
        with lock:
            first = (bucket, prefix) not in waiting
            waiting.setdefault((bucket, prefix), []).append(body + delimiter(cfg))
        if first:
            # Whose account and region it is, is known only to this request.
            run = contextvars.copy_context().run
            timer = threading.Timer(1, run, (flush, cfg, bucket, prefix, suffix))
            timer.daemon = True
            timer.start()

    _put = firehose._put_s3_object
    edit(
        firehose._deliver_to_s3,
        swap('_put_s3_object(bucket, f"{prefix}{suffix}{cfg.get(\'FileExtension\') or extension}", body)',
             '_gather(cfg, bucket, prefix, f"{suffix}{cfg.get(\'FileExtension\') or extension}", body)'),
        _gather=gather,
    )
