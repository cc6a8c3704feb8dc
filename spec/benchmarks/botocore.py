# SPDX-License-Identifier: MIT
"""The jobs of `make bench` with botocore: botocore.py JOB COUNT URL [AUTHORITY].

Prints what they cost as job.lua does: CPU seconds, and the peak in KiB.
"""
import sys
sys.path.pop(0)  # this file's own folder: it is called as what it imports

import resource
import time
from concurrent.futures import ThreadPoolExecutor

import botocore.session
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

PARAMS = {
    "Name": "crm-cases", "Description": "Cases from the CRM, once an hour",
    "KmsKey": "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "SourceURI": "Salesforce://AppFlow/crm-cases",
    "ScheduleConfig": {"Object": "Case", "ScheduleExpression": "rate(1 hour)"},
    "Tags": {"team": "contact-center"},
}


def client(url, authority):
    return botocore.session.Session().create_client(
        "appintegrations", region_name="us-east-1", endpoint_url=url, verify=authority,
        aws_access_key_id="AKIDEXAMPLE", aws_secret_access_key="very-secret",
        config=Config(max_pool_connections=64))


def create(url, authority):
    c = client(url, authority)
    return lambda: c.create_data_integration(**PARAMS)


def flight(url, authority):
    c = client(url, authority)
    pool = ThreadPoolExecutor(64)
    return lambda: list(pool.map(lambda _: c.create_data_integration(**PARAMS), range(64)))


def pages(url, authority):
    c = client(url, authority)
    token = {}

    def page():
        answer = c.list_data_integration_associations(DataIntegrationIdentifier="many", **token)
        token["NextToken"] = answer["NextToken"]
    return page


def sign(_url, _authority):
    signer = SigV4Auth(Credentials("AKIDEXAMPLE", "very-secret"), "app-integrations", "us-east-1")
    body = b"x" * 300

    def once():
        signer.add_auth(AWSRequest("POST", "http://127.0.0.1:4570/dataIntegrations", {
            "content-type": "application/json",
            "amz-sdk-invocation-id": "6f2d1c64-0d5a-4f43-9d4e-0f2f7f1f9a10",
            "amz-sdk-request": "ttl=20261122T102100Z; attempt=1; max=3"}, body))
    return once


JOBS = {"create": create, "first": create, "pages": pages, "flight_64": flight, "sign": sign}


def main():
    name, count, url = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    job = JOBS[name](url, sys.argv[4] if len(sys.argv) > 4 else None)
    if name != "first":
        for _ in range(min(count, 20)):
            job()
    before = time.process_time()
    for _ in range(count):
        job()
    print(time.process_time() - before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


main()
