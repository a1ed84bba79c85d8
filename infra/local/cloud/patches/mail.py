"""SES: whom a mail is sent as, and under which Message-ID."""

import base64
import time
from email.parser import BytesHeaderParser
from email.utils import parseaddr

from ministack.core import iam_actions
from ministack.core.responses import get_region, new_uuid
from ministack.services import ses

from patching import edit, restores, swap


@restores
def a_raw_mail_is_sent_as_the_domain_of_its_sender():
    """`ses:SendRawEmail` is asked of the identity that the mail is from: here, the domain of its address."""

    def domain_of(raw):
        sender = BytesHeaderParser().parsebytes(base64.b64decode(raw)).get("From", "")
        return parseaddr(sender)[1].partition("@")[2]

    identity = 'identity = _query_param(query_params, "Identity")'
    raw = '_query_param(query_params, "RawMessage.Data")'
    edit(
        iam_actions.extract_resource_arn,
        swap(f'if service == "ses":\n        {identity}',
             f'if service == "ses":\n        {identity} or _domain_of({raw} or "")'),
        _domain_of=domain_of,
    )


@restores
def a_raw_mail_has_the_message_id_of_its_region():
    """SES answers an id, and writes it with its region's domain into the mail: `<id@eu-central-1.amazonses.com>`."""

    def new_id():
        return f"0107{int(time.time() * 1000):012x}-{new_uuid()}-000000"

    def domain():
        region = get_region()
        return f"{'email' if region == 'us-east-1' else region}.amazonses.com"

    edit(
        ses._send_raw_email,
        swap('f"{new_uuid()}@email.amazonses.com"', "_new_id()"),
        swap("f'Message-ID: <{msg_id}>\\r\\n'", "f'Message-ID: <{msg_id}@{_domain()}>\\r\\n'"),
        _new_id=new_id,
        _domain=domain,
    )


@restores
def a_mail_that_was_taken_is_delivered():
    """SES goes on trying for 14 hours to hand a mail on. The relay gave up after ten seconds, and the mail was gone."""
    ses._SMTP_TIMEOUT_SECONDS = 14 * 3600
