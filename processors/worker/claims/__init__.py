"""What a worker has taken on: a ledger for each partition, committed with the group's offset."""

from joblog.processors.worker.claims.claim import METADATA_BYTES, Claim, Place, RecordState
from joblog.processors.worker.claims.ledger import WINDOW, Arrival, ClaimLedger

__all__ = ["METADATA_BYTES", "WINDOW", "Arrival", "Claim", "ClaimLedger", "Place", "RecordState"]
