import subprocess
import sys

import pytest

import joblog


@pytest.mark.parametrize("name", joblog.__all__)
def test_every_public_name_can_be_had(name: str) -> None:
    assert getattr(joblog, name) is not None


def test_a_name_that_there_is_not_is_refused_like_any_other() -> None:
    with pytest.raises(AttributeError, match="no attribute 'jobs'"):
        joblog.jobs  # noqa: B018 - looking is the test


def test_what_is_listed_is_what_there_is() -> None:
    assert dir(joblog) == sorted(joblog.__all__)


def test_a_layer_can_be_imported_without_those_above_it() -> None:
    code = (
        "import sys, joblog.schemas.models\n"
        "print(*(name for name in sys.modules if name.startswith('joblog.')))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )
    assert {name.split(".")[1] for name in loaded.stdout.split()} == {"schemas"}
