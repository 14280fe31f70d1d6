"""Prints a pip.conf for containers: how this machine's pip, by its files and environment, reaches its registry."""

import ast
import os
import subprocess
import sys
from typing import Final

CERTIFICATES: Final = "/etc/ssl/certs/ca-certificates.crt"
CARRIED: Final = (
    "index-url",
    "extra-index-url",
    "trusted-host",
    "proxy",
    "retries",
    "default-timeout",
)


def main() -> None:
    """Print it."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    options = {"cert": CERTIFICATES}
    if proxy := os.environ.get("https_proxy") or os.environ.get("HTTPS_PROXY"):
        options["proxy"] = proxy
    for line in listed.splitlines():
        name, _, value = line.partition("=")
        option = name.rpartition(".")[2]
        if option in CARRIED:
            options[option] = " ".join(ast.literal_eval(value).split())
    print("[global]", *(f"{name} = {value}" for name, value in options.items()), sep="\n")


if __name__ == "__main__":
    main()
