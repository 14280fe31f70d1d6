"""What is said: the events, their schemas and the errors."""

if __name__ != "joblog.schemas":
    raise ImportError(f"import joblog.schemas, not {__name__}: each class has to exist once")
