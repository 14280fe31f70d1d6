"""What is decided: the pure rules that move a job from state to state."""

if __name__ != "joblog.lifecycle":
    raise ImportError(f"import joblog.lifecycle, not {__name__}: each class has to exist once")
