"""Finds the packages, which lie in folders beside src, so that no list of them can go stale.

With JOBLOG_COMPILE=1 a wheel is built whose modules that run for each record are machine code (mypyc). Their
source is the same and stays beside them; without it, or without a C compiler, the wheel is plain Python.
"""

import os
import sys
from pathlib import Path

from setuptools import Extension, find_packages, setup

FOLDERS = ("schemas", "lifecycle", "streams", "processors")
found = find_packages(include=[pattern for name in FOLDERS for pattern in (name, f"{name}.*")])

RUN_FOR_EACH_RECORD = (
    "lifecycle/**/*.py",
    "schemas/building.py",
    "schemas/codec.py",
    "schemas/framing.py",
    "schemas/compiled/made.py",
    "schemas/compiled/varint.py",
    "schemas/state/*.py",
    "schemas/payloads/codec.py",
    "schemas/payloads/datum.py",
    "streams/cloudevents.py",
    "streams/record_checks.py",
    "streams/records.py",
    "streams/kafka/inbound.py",
    "streams/signals/histogram.py",
    "streams/store/changes.py",
    "processors/scheduler/breaker.py",
    "processors/scheduler/metrics.py",
    "processors/scheduler/outbound.py",
    "processors/worker/attempt.py",
    "processors/worker/buffer.py",
    "processors/worker/claims/claim.py",
    "processors/worker/claims/ledger.py",
    "processors/worker/intake.py",
    "processors/worker/leases.py",
    "processors/worker/metrics.py",
    "processors/worker/pace.py",
    "processors/worker/reports.py",
    "processors/worker/results.py",
    "processors/worker/slots.py",
    "processors/worker/submission.py",
    "client/ids.py",
    "client/payloads.py",
    "client/records.py",
    "client/submissions.py",
)
"""Below src/joblog. No module with a coroutine: mypyc takes what a variable was before an await for what it
is after it. None with models or dynamic code either: it cannot speed them up."""


PACKAGE = Path("src/joblog")
MADE = PACKAGE / "schemas/compiled/made.py"
"""Functions made for schemas and models: in a clone they are made when they are first used."""


def extensions() -> list[Extension]:
    """Return the modules to compile."""
    from mypyc.build import mypycify  # noqa: PLC0415 - only this build needs it

    sys.path.insert(0, str(PACKAGE.parent.absolute()))
    from joblog.schemas.compiled.making import module_text  # noqa: PLC0415 - as above

    MADE.write_text(module_text())
    modules = [str(path) for glob in RUN_FOR_EACH_RECORD for path in sorted(PACKAGE.glob(glob))]
    wanted = [path for path in modules if not path.endswith("__init__.py")]
    return mypycify(wanted, opt_level="1", debug_level="0", group_name="joblog")


compiled = os.environ.get("JOBLOG_COMPILE") == "1"
try:
    setup(
        packages=sorted({*find_packages("src"), *(f"joblog.{name}" for name in found)}),
        package_dir={"joblog": "src/joblog"} | {f"joblog.{name}": name for name in FOLDERS},
        ext_modules=extensions() if compiled else [],
    )
finally:
    if compiled:
        MADE.unlink(missing_ok=True)
