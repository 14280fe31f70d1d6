"""server.properties, as Java reads it."""

from joblog.streams.broker.properties import properties_text, server_properties


def test_clients_and_controller_have_a_port_each() -> None:
    properties = server_properties(20_001, 20_002, {})

    assert properties["listeners"] == ("PLAINTEXT://127.0.0.1:20001,CONTROLLER://127.0.0.1:20002")
    assert properties["advertised.listeners"] == "PLAINTEXT://127.0.0.1:20001"
    assert properties["controller.quorum.voters"] == "1@127.0.0.1:20002"


def test_the_callers_configs_win() -> None:
    properties = server_properties(1, 2, {"message.max.bytes": "1000", "num.io.threads": "2"})

    assert properties["message.max.bytes"] == "1000"
    assert properties["num.io.threads"] == "2"
    assert properties["auto.create.topics.enable"] == "false"


def test_a_value_cannot_begin_a_line_of_its_own() -> None:
    text = properties_text({"a": "1\nb=2", "c": "back\\slash", "d": "ä"})

    assert text == "a=1\\nb=2\nc=back\\\\slash\nd=\\u00e4\n"
