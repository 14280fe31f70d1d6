"""An authority and the brokers' certificate, in PEM, made by openssl."""

import shutil
import subprocess
from pathlib import Path
from typing import Final, NamedTuple

import pytest

BROKER: Final = "CN=broker"
"""The brokers' name, as Kafka takes it from their certificate."""

NEW_KEY: Final = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc")


class Certificates(NamedTuple):
    """Files in PEM: the authority, and the brokers' key with their certificates."""

    authority: Path
    keystore: Path


def make_certificates(directory: Path) -> Certificates:
    """Make an authority that signs one certificate for all brokers on 127.0.0.1."""
    (directory / "names.cnf").write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
    authority = ("-x509", "-days", "2", "-subj", "/CN=authority")
    openssl(directory, "req", *NEW_KEY, *authority, "-keyout", "ca.key", "-out", "ca.pem")
    broker = ("-subj", f"/{BROKER}", "-keyout", "broker.key", "-out", "broker.csr")
    openssl(directory, "req", *NEW_KEY, *broker)
    signing = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2")
    names = ("-extfile", "names.cnf", "-in", "broker.csr", "-out", "broker.pem")
    openssl(directory, "x509", "-req", *signing, *names)
    parts = ("broker.key", "broker.pem", "ca.pem")
    keystore = directory / "keystore.pem"
    keystore.write_text("".join((directory / part).read_text() for part in parts))
    return Certificates(directory / "ca.pem", keystore)


def openssl(directory: Path, *arguments: str) -> None:
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("openssl is not installed")
    subprocess.run([program, *arguments], cwd=directory, check=True, capture_output=True)
