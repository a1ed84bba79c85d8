"""SES: whom a mail is sent as."""

import base64
from email.parser import BytesHeaderParser
from email.utils import parseaddr

from ministack.core import iam_actions

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
