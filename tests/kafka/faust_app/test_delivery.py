"""Every record reaches the owner once, in order, as it stands in the log."""

import asyncio

from aiokafka import AIOKafkaProducer

from tests.kafka.faust_app.conftest import PARTITIONS, StartScheduler
from tests.kafka.faust_app.running import Log


async def test_records_arrive_complete_and_in_order(
    log: Log, start_scheduler: StartScheduler
) -> None:
    count = 3_000
    await asyncio.gather(
        *(
            log.append(partition, *(f"{partition}-{n}".encode() for n in range(count)))
            for partition in range(PARTITIONS)
        )
    )
    scheduler = await start_scheduler(REPORT="values")
    for partition in range(PARTITIONS):
        await scheduler.reads(partition, count - 1)
        assert [record[3] for record in scheduler.records(partition)] == [
            f"{partition}-{n}" for n in range(count)
        ]
        assert scheduler.offsets(partition) == list(range(count))


async def test_a_record_arrives_as_it_is(log: Log, start_scheduler: StartScheduler) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=log.bootstrap_servers)
    await producer.start()
    first = await producer.send_and_wait(
        log.topic, b"\x00\xff", key=b"k", partition=1, headers=[("a", b"1"), ("a", b"\xfe")]
    )
    second = await producer.send_and_wait(log.topic, None, key=b"no value", partition=1)
    third = await producer.send_and_wait(log.topic, b"no key", partition=1)
    await producer.stop()
    scheduler = await start_scheduler(REPORT="values")
    await scheduler.reads(1, 2)
    assert scheduler.records(1) == [
        [0, first.timestamp, "k", "\x00\xff", [["a", "1"], ["a", "\xfe"]]],
        [1, second.timestamp, "no value", None, []],
        [2, third.timestamp, None, "no key", []],
    ]


async def test_gaps_that_transactions_leave_lose_nothing(
    log: Log, start_scheduler: StartScheduler
) -> None:
    producer = AIOKafkaProducer(
        bootstrap_servers=log.bootstrap_servers, transactional_id=f"{log.namespace}.test"
    )
    await producer.start()
    for value in (b"0", b"2"):  # the marker of the first commit has offset 1
        async with producer.transaction():
            await producer.send_and_wait(log.topic, value, partition=0)
    await producer.stop()
    scheduler = await start_scheduler(REPORT="values")
    await scheduler.reads(0, 2)
    last = await log.append(0, b"4")
    await scheduler.reads(0, last)
    assert [(offset, value) for offset, _, _, value, _ in scheduler.records(0)] == [
        (0, "0"),
        (2, "2"),
        (last, "4"),
    ]


async def test_a_slow_partition_does_not_hold_up_the_others(
    log: Log, start_scheduler: StartScheduler
) -> None:
    scheduler = await start_scheduler(REPORT="offsets", HOLD="open 0,process 1")
    for partition in range(PARTITIONS):
        await log.append(partition, b"first")
    await scheduler.sees(kind="held", what="process 1")
    for partition in range(PARTITIONS):
        await log.append(partition, b"second")
    await scheduler.reads(2, 1)
    await scheduler.reads(3, 1)
    assert scheduler.offsets(0) == []
    assert scheduler.offsets(1) == [0]
    await scheduler.tell(release="open 0")
    await scheduler.tell(release="process 1")
    await scheduler.reads(0, 1)
    await scheduler.reads(1, 1)


async def test_a_paused_partition_loses_nothing_and_stays_bounded(
    log: Log, start_scheduler: StartScheduler
) -> None:
    limit, a_fetch = 50, 64
    value = bytes(1024 * 1024 // a_fetch)
    await log.append(0, *[value] * 1_000)
    scheduler = await start_scheduler(
        REPORT="offsets",
        HOLD="acknowledge",
        JOBLOG_SCHEDULER__MAX_RECORDS_IN_FLIGHT=str(limit),
        JOBLOG_SCHEDULER__MAX_BATCH_RECORDS="10",
    )
    await scheduler.reads(0, limit - 1)
    await log.append(1, b"goes on")
    await scheduler.reads(1, 0)
    assert len(scheduler.offsets(0)) <= limit + 2 * a_fetch, (
        "the limit and what was fetched by then"
    )

    await scheduler.tell(release="acknowledge")
    await scheduler.tell(acknowledge=[0, 0, scheduler.offsets(0)[-1]])
    await scheduler.reads(0, 999)
    assert scheduler.offsets(0) == list(range(1_000))
