from joblog.lifecycle.delays import TIERS
from joblog.lifecycle.reasons import Reason
from joblog.processors.delays.metrics import DelaysMetrics
from joblog.streams.signals.metrics import Metrics


def test_what_happens_is_counted() -> None:
    metrics = Metrics()
    observer = DelaysMetrics(metrics)
    observer.woke(250)
    observer.woke(-1)
    observer.hopped(TIERS[2])
    observer.dead_lettered(Reason.POISON)
    observer.waiting(7)
    value = metrics.registry.get_sample_value
    assert value("joblog_wakeups_total") == 2
    assert value("joblog_wakeup_lateness_seconds_sum") == 0.25
    assert value("joblog_delay_hops_total", {"tier": "10s"}) == 1
    assert value("joblog_dead_letters_total", {"reason": "poison"}) == 1
