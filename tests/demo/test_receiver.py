"""The customer's server answers each message as its script says."""

from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from examples.saas.demo.receiver import SILENCE, Receiver, Script

SCRIPTS = {"busy": Script((503, 204)), "gone": Script((410,)), "silent": Script((SILENCE,))}


def post(url: str, message_id: str, timeout: float = 10) -> int:
    request = Request(url, b"{}", {"Idempotency-Key": message_id})  # noqa: S310 - loopback
    try:
        with urlopen(request, timeout=timeout) as response:  # noqa: S310 - loopback
            return int(response.status)
    except HTTPError as error:
        error.close()
        return error.code


def test_each_message_goes_through_the_script_on_its_own() -> None:
    with Receiver(SCRIPTS) as receiver:
        busy = [post(f"{receiver.url}/busy", message) for message in ("a", "b", "a", "a", "b")]
        gone = [post(f"{receiver.url}/gone", "c") for _ in range(2)]
    assert busy == [503, 503, 204, 204, 204]
    assert gone == [410, 410]
    assert receiver.answered == {"a": [503, 204, 204], "b": [503, 204], "c": [410, 410]}


def test_silence_is_counted_and_ends_with_the_server() -> None:
    with Receiver(SCRIPTS) as receiver:
        with pytest.raises(TimeoutError):
            post(f"{receiver.url}/silent", "a", timeout=0.2)
        assert post(f"{receiver.url}/gone", "b") == 410
    assert receiver.answered["a"] == [SILENCE]
