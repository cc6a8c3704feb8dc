"""Tests of a Python program against appintegrations-emulator, through boto3.

    pytest examples/python/test_applications.py

EMULATOR names the command where it is not in the path. Without boto3 the tests
are skipped.
"""

import json
import os
import shutil
import subprocess
import urllib.request

import pytest

boto3 = pytest.importorskip("boto3")
Config = pytest.importorskip("botocore.config").Config

COMMAND = os.environ.get("EMULATOR") or shutil.which("appintegrations-emulator")


# ---- the program to be tested ---------------------------------------------------


def data_integrations(client):
    """The summaries of all data integrations."""
    page = client.list_data_integrations()
    yield from page["DataIntegrations"]
    while "NextToken" in page:
        page = client.list_data_integrations(NextToken=page["NextToken"])
        yield from page["DataIntegrations"]


def ensure_data_integration(client, name, key):
    """The ARN of the data integration NAME, which is created where it is absent."""
    for summary in data_integrations(client):
        if summary["Name"] == name:
            return summary["Arn"]
    return client.create_data_integration(
        Name=name, KmsKey=key, SourceURI="Salesforce://AppFlow/" + name,
        ScheduleConfig={"ScheduleExpression": "rate(1 hour)"})["Arn"]


# ---- the emulator ---------------------------------------------------------------


class Emulator:
    """The command as a child process, which ends with this one."""

    def __init__(self):
        reader, writer = os.pipe()
        self.process = subprocess.Popen(
            [COMMAND, "--port", "0", "--quiet", "--ready-fd", str(writer),
             "--exit-with", str(os.getpid()), "--access-key", "test", "--secret-key", "test"],
            pass_fds=[writer])
        os.close(writer)
        with os.fdopen(reader) as ready:
            self.url = "http://127.0.0.1:%d" % int(ready.readline())

    def control(self, name, method="GET", value=None):
        """What the control endpoint NAME answers."""
        body = None if value is None else json.dumps(value).encode()
        request = urllib.request.Request(self.url + "/_emulator/" + name, body, method=method)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def stop(self):
        self.process.terminate()
        assert self.process.wait(5) == 0


@pytest.fixture(scope="module")
def running():
    if not COMMAND:
        pytest.skip("appintegrations-emulator is not in the path")
    emulator = Emulator()
    yield emulator
    emulator.stop()


@pytest.fixture
def emulator(running):
    running.control("reset", "POST")
    return running


@pytest.fixture
def client(emulator):
    # Without retries, which would wait for seconds where a test wants a refusal.
    return boto3.client("appintegrations", region_name="us-east-1", endpoint_url=emulator.url,
                        aws_access_key_id="test", aws_secret_access_key="test",
                        config=Config(retries={"max_attempts": 0}))


# ---- the tests ------------------------------------------------------------------


def test_creates_what_is_absent(emulator, client):
    arn = ensure_data_integration(client, "crm", "alias/crm")
    assert arn.startswith("arn:aws:app-integrations:us-east-1:123456789012:data-integration/")
    received = emulator.control("requests")["requests"]
    assert [entry["operation"] for entry in received] == ["ListDataIntegrations",
                                                          "CreateDataIntegration"]
    assert received[1]["parameters"]["KmsKey"] == "alias/crm"


def test_leaves_what_is_there(emulator, client):
    arns = emulator.control("seed", "POST", {"DataIntegrations": [
        {"Name": "number-%d" % number, "KmsKey": "k"}
        for number in range(70)]})["arns"]
    assert ensure_data_integration(client, "number-65", "k") == arns[65]
    received = emulator.control("requests")["requests"]
    assert [entry["operation"] for entry in received] == ["ListDataIntegrations"] * 2


def test_passes_on_what_the_service_refuses(emulator, client):
    emulator.control("faults", "POST", {"code": "ResourceQuotaExceededException", "rate": 1,
                                        "operation": "create_data_integration"})
    with pytest.raises(client.exceptions.ResourceQuotaExceededException):
        ensure_data_integration(client, "crm", "alias/crm")
