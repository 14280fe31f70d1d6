"""`joblog submit`: which of the lines of standard input are payloads."""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, Field

from joblog.cli.payload_type import PayloadForm
from joblog.cli.submit import payloads_of
from joblog.client.json_form import JsonForm
from joblog.schemas.payloads import payload_schema


class Bill(BaseModel):
    total: Annotated[Decimal, Field(max_digits=5, decimal_places=2)]


def test_a_decimal_that_is_too_long_is_refused_by_its_line_and_the_lines_before_it_are_kept() -> (
    None
):
    schema = payload_schema(Bill)
    form = PayloadForm("bill", schema, JsonForm(schema))
    lines = [b'{"total": "1.25"}\n', b"\n", b'{"total": "1.255"}\n', b'{"total": "2.25"}\n']
    payloads, refused = payloads_of(form, list(enumerate(lines, start=1)))
    assert [form.form.from_avro(payload.body) for payload in payloads] == [{"total": "1.25"}]
    assert refused is not None
    assert refused.line == 3
    assert "total does not fit" in refused.reason
    assert "1.255" not in refused.reason
