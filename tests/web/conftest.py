"""The settings of the Django application, for as long as a test needs them."""

from collections.abc import Iterator

import pytest
from django.conf import Settings, settings


@pytest.fixture
def django_site() -> Iterator[None]:
    """Settings that other tests do not see: Django has one place for them in a process."""
    former = settings._wrapped  # noqa: SLF001 - Django's own override_settings does the same
    settings._wrapped = Settings("examples.web.django_app.settings")  # noqa: SLF001
    yield
    settings._wrapped = former  # noqa: SLF001
