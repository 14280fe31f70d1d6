"""Settings of the property tests: the same examples each time in CI, no clock in the verdict."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "joblog",
    deadline=None,
    derandomize=True,
    max_examples=150,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("joblog")
