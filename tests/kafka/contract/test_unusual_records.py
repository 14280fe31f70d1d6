"""What Kafka takes and joblog's own producer never writes: aborted transactions, header names that are no text."""

import asyncio
import struct
import time
import uuid
from pathlib import Path

from aiokafka import AIOKafkaProducer
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.util import calc_crc32c
from confluent_kafka import Producer

from joblog.lifecycle.partitioner import partition_of
from tests.cluster import Cluster
from tests.kafka.contract.producing import POLICY, announcement, dispatches, framed, submission

NAME, BYTES = "zzzz", b"\xff\xfe\xc3\x28"
CRC_AT, COVERED_FROM = 17, 21


class RawNames(BatchBuilder):
    """A batch in which one header name is replaced by bytes that are no UTF-8."""

    def _build(self) -> bytes:
        built = super()._build()  # type: ignore[no-untyped-call]
        batch = bytearray(built).replace(NAME.encode(), BYTES)
        struct.pack_into(">I", batch, CRC_AT, calc_crc32c(bytes(batch[COVERED_FROM:])))
        return bytes(batch)


async def send_with_a_raw_header_name(
    bootstrap_servers: str, topic: str, partition: int, key: bytes, value: bytes
) -> None:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap_servers) as producer:
        batch = RawNames(65_536, 0)  # type: ignore[no-untyped-call]
        headers = [("before", b"1"), (NAME, b"2"), ("after", None)]
        batch.append(timestamp=None, key=key, value=value, headers=headers)
        await (await producer.send_batch(batch, topic, partition=partition))


def in_partition(partition: int) -> str:
    ids = (str(uuid.uuid4()) for _ in range(1_000))
    return next(job_id for job_id in ids if partition_of(job_id.encode(), 4) == partition)


def test_a_transaction_counts_once_it_is_committed_and_never_if_it_is_aborted(
    tmp_path: Path, bootstrap_servers: str, namespace: str
) -> None:
    events = f"{namespace}.events"
    aborted, committed, plain = in_partition(0), in_partition(0), in_partition(0)
    with Cluster(tmp_path, bootstrap_servers, namespace) as cluster:
        cluster.start("scheduler", "scheduler")
        options = {"bootstrap.servers": bootstrap_servers}
        producer = Producer(options)
        producer.produce(f"{namespace}.config", announcement(), b"type/mail")
        transactional = Producer(options | {"transactional.id": f"{namespace}-shop"})
        transactional.init_transactions(30)
        for job_id in (aborted, committed):
            transactional.begin_transaction()
            transactional.produce(events, submission(job_id), job_id.encode(), 0)
            transactional.flush(30)
            if job_id == aborted:
                transactional.abort_transaction(30)
            else:
                transactional.commit_transaction(30)
        producer.produce(events, submission(plain), plain.encode(), 0)
        producer.flush(30)
        found = dispatches(bootstrap_servers, f"{namespace}.work.default", 2)
        assert set(found) == {committed, plain}
        cluster.run("verify")


def test_a_header_name_that_is_no_text_stops_nothing(
    tmp_path: Path, bootstrap_servers: str, namespace: str
) -> None:
    first, unusual, last = (in_partition(1) for _ in range(3))
    events = f"{namespace}.events"
    with Cluster(tmp_path, bootstrap_servers, namespace) as cluster:
        cluster.start("scheduler", "scheduler")
        producer = Producer({"bootstrap.servers": bootstrap_servers})
        producer.produce(f"{namespace}.config", announcement(), b"type/mail")
        producer.produce(events, submission(first), first.encode(), 1)
        producer.flush(30)
        key, value = unusual.encode(), submission(unusual)
        asyncio.run(send_with_a_raw_header_name(bootstrap_servers, events, 1, key, value))
        producer.produce(events, submission(last), last.encode(), 1)
        producer.flush(30)
        found = dispatches(bootstrap_servers, f"{namespace}.work.default", 3)
        assert set(found) == {first, unusual, last}
        cluster.run("verify")


def test_batches_compressed_by_any_codec_are_read(
    tmp_path: Path, bootstrap_servers: str, namespace: str
) -> None:
    codecs = ("none", "gzip", "snappy", "lz4", "zstd")
    with Cluster(tmp_path, bootstrap_servers, namespace) as cluster:
        cluster.start("scheduler", "scheduler")
        announcer = Producer({"bootstrap.servers": bootstrap_servers})
        announcer.produce(f"{namespace}.config", announcement(), b"type/mail")
        announcer.flush(30)
        ids = {codec: in_partition(2) for codec in codecs}
        for codec, job_id in ids.items():
            options = {"bootstrap.servers": bootstrap_servers, "compression.type": codec}
            producer = Producer(options)
            for _ in range(20):  # a single small record would be sent as it is
                producer.produce(f"{namespace}.events", submission(job_id), job_id.encode(), 2)
            producer.flush(30)
        found = dispatches(bootstrap_servers, f"{namespace}.work.default", len(codecs))
        assert set(found) == set(ids.values())
        cluster.run("verify")


def test_an_announcement_that_cannot_be_stops_nothing(
    tmp_path: Path, bootstrap_servers: str, namespace: str
) -> None:
    events, job_id = f"{namespace}.events", in_partition(3)
    with Cluster(tmp_path, bootstrap_servers, namespace) as cluster:
        cluster.start("scheduler", "scheduler")
        producer = Producer({"bootstrap.servers": bootstrap_servers})
        now = int(time.time() * 1000)
        head = {"event_id": "foreign", "time": now}
        nowhere = {
            **head,
            "version": now * 2,
            "type": "mail",
            "lane": "nowhere",
            "retry_policy": POLICY,
        }
        another = {**head, "log_id": "another", "partition": 3, "partitions": 4}
        producer.produce(events, framed("TypeAnnounced", nowhere), None, 3)
        producer.produce(events, framed("LogOpened", another), None, 3)
        producer.produce(f"{namespace}.config", announcement(), b"type/mail")
        producer.produce(events, submission(job_id), job_id.encode(), 3)
        producer.flush(30)
        assert set(dispatches(bootstrap_servers, f"{namespace}.work.default", 1)) == {job_id}
        assert cluster.alive("scheduler")
        cluster.run("verify")
