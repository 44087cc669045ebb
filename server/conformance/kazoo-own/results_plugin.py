"""A pytest plugin: writes each test's outcome as a line of JSON to the file in STAMPEDE_RESULTS, as it becomes known.

It changes nothing about the tests. When whoever started pytest is gone, it ends the process group, and with it the
servers that the tests have started.
"""

import json
import os
import signal
import threading
import time

PARENT_CHECK_SECONDS = 0.5

_parent = os.getppid()
_results = open(os.environ["STAMPEDE_RESULTS"], "a", buffering=1)
_reports = {}


def _end_with_parent():
    while os.getppid() == _parent:
        time.sleep(PARENT_CHECK_SECONDS)
    os.killpg(0, signal.SIGKILL)


if os.getpgrp() == os.getpid():
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _name(nodeid):
    """`test_client.py::TestClient::test_create`, wherever the file lies."""
    path, _, rest = nodeid.partition("::")
    return os.path.basename(path) + "::" + rest


def _write(**line):
    _results.write(json.dumps(line) + "\n")


def pytest_collectreport(report):
    if report.failed:
        _write(name=_name(report.nodeid), outcome="failed", seconds=0, detail=report.longreprtext)


def pytest_runtest_logstart(nodeid, location):
    _reports[nodeid] = []
    _write(name=_name(nodeid), outcome="started", seconds=0, detail="")


def pytest_runtest_logreport(report):
    _reports[report.nodeid].append(report)


def pytest_runtest_logfinish(nodeid, location):
    """Of setting up, the test itself and clearing up, what went wrong first counts."""
    reports = _reports.pop(nodeid)
    decisive = next((report for report in reports if not report.passed), reports[-1])
    detail = "" if decisive.passed else decisive.longreprtext
    if decisive.skipped and isinstance(decisive.longrepr, tuple):
        detail = decisive.longrepr[2]
    seconds = sum(report.duration for report in reports)
    _write(name=_name(nodeid), outcome=decisive.outcome, seconds=round(seconds, 2), detail=detail)
