"""pysaml2 with xmlsec1, for npm run bench:saml: reads one request per line, answers one line.

A request is a list of SAMLResponse fields; the answer is the CPU seconds that this process and its
children spent, and the e-mail addresses that pysaml2 read. The first line of input is the setup.
"""

import json
import logging
import resource
import sys

from saml2 import BINDING_HTTP_POST
from saml2.client import Saml2Client
from saml2.config import SPConfig
from saml2.sigver import get_xmlsec_binary

logging.disable(logging.CRITICAL)


def cpu_seconds():
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


setup = json.loads(sys.stdin.readline())
config = SPConfig()
config.load(
    {
        "entityid": setup["acsUrl"],
        "xmlsec_binary": get_xmlsec_binary(),
        "metadata": {"local": [setup["metadataFile"]]},
        "key_file": setup["keyFile"],
        "cert_file": setup["certFile"],
        "encryption_keypairs": [
            {"key_file": setup["keyFile"], "cert_file": setup["certFile"]}
        ],
        "accepted_time_diff": 180,
        "service": {
            "sp": {
                "endpoints": {
                    "assertion_consumer_service": [
                        (setup["acsUrl"], BINDING_HTTP_POST)
                    ]
                },
                "allow_unsolicited": True,
                "want_assertions_signed": True,
                "want_response_signed": False,
            }
        },
        "allow_unknown_attributes": True,
    }
)
client = Saml2Client(config=config)
print(json.dumps({"ready": True}), flush=True)

for line in sys.stdin:
    fields = json.loads(line)
    before = cpu_seconds()
    emails = []
    for field in fields:
        response = client.parse_authn_request_response(field, BINDING_HTTP_POST)
        emails.append(response.ava["Email"][0])
    print(
        json.dumps({"cpuSeconds": cpu_seconds() - before, "emails": emails}), flush=True
    )
