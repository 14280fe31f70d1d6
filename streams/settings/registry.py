"""The settings of a schema registry."""

import re
from typing import Final, Self

from pydantic import Field, SecretStr, model_validator

from joblog.streams.settings.groups import Group, Milliseconds
from joblog.streams.settings.rules import MASKED, allowed, refuse

_PATTERN: Final = re.compile(r"https?://[^@/\s]+(/[^@\s]*)?")
_URL: Final = "an http or https URL without a user, such as `https://registry:8081`"


class RegistrySettings(Group):
    """A Confluent-compatible schema registry; joblog itself needs none."""

    url: str | None = Field(
        default=None,
        description="Base URL of the registry's API; with it the log has the topic `submissions`. None: "
        "there is no registry.",
        json_schema_extra=allowed(_URL),
    )
    username: str | None = Field(
        default=None,
        description="Who asks (HTTP basic authentication). None: nobody has to say.",
        json_schema_extra=allowed("a name, with registry.url only"),
    )
    password: SecretStr | None = Field(
        default=None,
        description="The password of `registry.username`. Never shown.",
        json_schema_extra=allowed("a password, with registry.username only"),
    )
    request_timeout_ms: Milliseconds = Field(
        default=10_000,
        description="Longest wait for the registry's answer.",
    )

    @model_validator(mode="after")
    def _the_url_is_one_and_holds_no_secret(self) -> Self:
        if self.url is not None and not _PATTERN.fullmatch(self.url):
            raise refuse("url", MASKED if "@" in self.url else self.url, _URL)
        return self

    @model_validator(mode="after")
    def _a_login_is_whole_and_used(self) -> Self:
        if self.username is not None and self.url is None:
            raise refuse("username", MASKED, "nothing, without registry.url: it would not be used")
        if (self.username is None) != (self.password is None):
            missing = "username" if self.username is None else "password"
            raise refuse(missing, None, "username and password together, or neither")
        return self
