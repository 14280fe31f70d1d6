"""The handler for the jobs of programs in other languages; it keeps a ledger of what it got."""

import json
import os
from pathlib import Path

from pydantic import BaseModel

from joblog import Context, job

LEDGER = Path(os.environ["TEST_LEDGER"])


class Mail(BaseModel):
    to: str
    subject: str
    copies: int = 1  # which no producer knows of yet


@job("mail.send")
def send_mail(mail: Mail, context: Context) -> None:
    line = {"job_id": context.job_id, **mail.model_dump()}
    with LEDGER.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
