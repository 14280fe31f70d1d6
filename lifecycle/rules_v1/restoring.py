"""What stood on a work or delay topic that is gone is put out again."""

from joblog.lifecycle.decisions import Context, Decision, Verdict
from joblog.lifecycle.rules_v1.attempts import taken_back
from joblog.lifecycle.rules_v1.delays import wait_on, woken
from joblog.lifecycle.states import Status
from joblog.schemas.state import JobRow


def restore(row: JobRow, context: Context) -> Decision:
    """Take a dispatch back, uncharged, which has the job dispatched again; let a wait go on for its rest.

    An attempt that has a lease needs no record: it goes on.
    """
    if row.status == Status.DISPATCHED:
        return taken_back(row, context)
    if row.status in {Status.SCHEDULED, Status.RETRYING} and row.due is not None:
        return woken(row, context) if row.due <= context.now else wait_on(row, row.due, context)
    return Decision(row, verdict=Verdict.KEPT)
