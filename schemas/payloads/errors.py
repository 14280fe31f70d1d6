"""What keeps a model from being a payload, and bytes from being one of its payloads."""

from joblog.schemas.errors import JoblogError


class PayloadTypeError(JoblogError):
    """A model has no Avro schema.

    Attributes:
        model: name of the model.
        field: where in it, such as `address.street`; empty where it is the model itself.
        detail: what is wrong there, and what to use instead.
    """

    def __init__(self, model: str, field: str, detail: str) -> None:
        self.model = model
        self.field = field
        self.detail = detail
        where = f"{model}.{field}" if field else model
        super().__init__(f"{where} cannot be a payload: {detail}")


class PayloadRejectedError(JoblogError):
    """A payload does not fit its model or schema.

    Attributes:
        model: name of the model.
        detail: where it does not fit, and the rule; never the value, which may be a secret.
    """

    def __init__(self, model: str, detail: str) -> None:
        self.model = model
        self.detail = detail
        super().__init__(f"not a payload of {model}: {detail}")
