"""Who reacts: scheduler, worker, delays, dead letters and replay."""

if __name__ != "joblog.processors":
    raise ImportError(f"import joblog.processors, not {__name__}: each class has to exist once")
