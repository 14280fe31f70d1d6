"""A work partition while this worker holds it."""

from dataclasses import dataclass

from aiokafka import TopicPartition

from joblog.processors.worker.claims import ClaimLedger


@dataclass(eq=False)
class Tenure:
    """A partition in one generation of the group.

    Attributes:
        partition: the partition.
        ledger: what of it is untouched, claimed, settled.
        former: the worker whose claims were found with the committed offset.
        topic_id: id of the topic; one made anew has another.
        active: whether its attempts may still begin; never again once it is not.
    """

    partition: TopicPartition
    ledger: ClaimLedger
    former: str
    topic_id: str
    active: bool = True
