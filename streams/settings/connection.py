"""The settings of the connection to Kafka, the same for every client."""

import re
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, Field, FilePath, SecretStr, model_validator

from joblog.streams.settings.rules import MASKED, allowed, refuse

HEARTBEATS_IN_A_SESSION: Final = 3
_SERVER: Final = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):[0-9]{1,5}")
_EXISTING_FILE: Final = "path of a file that exists"


def _check_servers(text: str) -> str:
    if not all(_SERVER.fullmatch(server.strip()) for server in text.split(",")):
        raise ValueError("not host:port")
    return text


class ConnectionSettings(BaseModel):
    """Where Kafka is, how to talk to it, and who talks."""

    bootstrap_servers: Annotated[str, AfterValidator(_check_servers)] = Field(
        default="127.0.0.1:9092",
        description="Brokers to find the Kafka cluster by.",
        json_schema_extra=allowed("host:port, several separated by commas"),
    )
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        default="PLAINTEXT",
        description="How to talk to the brokers; SSL stands for TLS.",
    )
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        default="PLAIN",
        description="How to log in, with a SASL protocol.",
    )
    sasl_username: str | None = Field(
        default=None,
        description="Who logs in, with a SASL protocol.",
        json_schema_extra=allowed("a name, with a SASL protocol only"),
    )
    sasl_password: SecretStr | None = Field(
        default=None,
        description="The password of `sasl_username`. Never shown.",
        json_schema_extra=allowed("a password, with a SASL protocol only"),
    )
    ssl_ca_file: FilePath | None = Field(
        default=None,
        description="Certificate authorities that the brokers' certificates are checked against, in "
        "PEM. None: the system's.",
        json_schema_extra=allowed(f"{_EXISTING_FILE}, with SSL or SASL_SSL only"),
    )
    ssl_certificate_file: FilePath | None = Field(
        default=None,
        description="Client certificate with its chain, in PEM, where the brokers ask for one.",
        json_schema_extra=allowed(f"{_EXISTING_FILE}, with SSL or SASL_SSL only"),
    )
    ssl_key_file: FilePath | None = Field(
        default=None,
        description="Private key of the client certificate, in PEM. None: it is in the "
        "certificate's file.",
        json_schema_extra=allowed(f"{_EXISTING_FILE}, with ssl_certificate_file only"),
    )
    ssl_key_password: SecretStr | None = Field(
        default=None,
        description="Password of the private key. None: it has none. Never shown.",
        json_schema_extra=allowed("a password, with ssl_certificate_file only"),
    )
    request_timeout_ms: int = Field(
        default=30_000,
        ge=1_000,
        le=300_000,
        description="Longest wait for a broker's answer.",
    )
    session_timeout_ms: int = Field(
        default=10_000,
        ge=500,
        le=300_000,
        description="A scheduler, worker or delay service that is silent for this long loses its "
        "partitions. The brokers bound it too: `group.min.session.timeout.ms` is 6000 unless set.",
    )
    heartbeat_interval_ms: int = Field(
        default=3_000,
        ge=100,
        le=100_000,
        description="Time between two signs of life. Less than a third of `session_timeout_ms`, so "
        "that two may get lost.",
    )

    @property
    def servers(self) -> list[str]:
        """The bootstrap servers, each as host:port."""
        return [server.strip() for server in self.bootstrap_servers.split(",")]

    @property
    def uses_tls(self) -> bool:
        """Whether connections are encrypted."""
        return self.security_protocol in {"SSL", "SASL_SSL"}

    @property
    def uses_sasl(self) -> bool:
        """Whether clients log in."""
        return self.security_protocol in {"SASL_PLAINTEXT", "SASL_SSL"}

    @model_validator(mode="after")
    def _heartbeats_may_get_lost(self) -> Self:
        if self.heartbeat_interval_ms * HEARTBEATS_IN_A_SESSION >= self.session_timeout_ms:
            raise refuse(
                "heartbeat_interval_ms",
                self.heartbeat_interval_ms,
                f"less than a third of session_timeout_ms, which is {self.session_timeout_ms}",
            )
        return self

    @model_validator(mode="after")
    def _a_login_is_whole_and_used(self) -> Self:
        for name in ("sasl_username", "sasl_password"):
            given = bool(getattr(self, name))
            if self.uses_sasl and not given:
                raise refuse(name, None, f"a value, with {self._protocol}")
            if given and not self.uses_sasl:
                raise refuse(name, MASKED, f"nothing, with {self._protocol}: it would not be used")
        return self

    @model_validator(mode="after")
    def _certificates_are_used(self) -> Self:
        for name in ("ssl_ca_file", "ssl_certificate_file", "ssl_key_file", "ssl_key_password"):
            given = getattr(self, name) is not None
            if given and not self.uses_tls:
                raise refuse(name, MASKED, f"nothing, with {self._protocol}: it would not be used")
            if given and name.startswith("ssl_key") and self.ssl_certificate_file is None:
                raise refuse(name, MASKED, "nothing, without ssl_certificate_file")
        return self

    @property
    def _protocol(self) -> str:
        return f"security_protocol={self.security_protocol}"
