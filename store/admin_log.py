"""Who changed people, configuration or secrets: written in the transaction of the change itself."""

import sqlalchemy as sa

from .database import run

INSERT_ADMIN = """INSERT INTO admin_log (at, "by", action, subject, detail)
    VALUES (:at, :by, :action, :subject, :detail)"""


def record_admin(connection: sa.Connection, at: str, by: str, action: str, subject: str, detail: str = "") -> None:
    row = {"at": at, "by": by, "action": action, "subject": subject, "detail": detail}
    run(connection, INSERT_ADMIN, row)
