"""How it travels: topics, codecs, Kafka, tables and settings."""

if __name__ != "joblog.streams":
    raise ImportError(f"import joblog.streams, not {__name__}: each class has to exist once")
