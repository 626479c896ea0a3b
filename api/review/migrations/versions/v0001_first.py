"""The first tables: accounts, links, sessions, the log, what was signed, and drafts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_APPEND_ONLY = ("review_audit", "review_parts")


def upgrade() -> None:
    """Make the tables, and let the database itself refuse to change a line of the log."""
    op.create_table(
        "review_accounts",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("shown", sa.String(100), nullable=False),
        sa.Column("role", sa.String(10), nullable=False),
        sa.Column("password", sa.String(200), nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("locked_until", sa.String(30), nullable=False),
        sa.Column("created", sa.String(30), nullable=False),
    )
    op.create_table(
        "review_links",
        sa.Column("token", sa.String(80), primary_key=True),
        sa.Column("account", sa.String(40), nullable=False),
        sa.Column("expires", sa.String(30), nullable=False),
    )
    op.create_table(
        "review_sessions",
        sa.Column("token", sa.String(80), primary_key=True),
        sa.Column("account", sa.String(40), nullable=False),
        sa.Column("created", sa.String(30), nullable=False),
        sa.Column("expires", sa.String(30), nullable=False),
    )
    op.create_table(
        "review_audit",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.String(30), nullable=False),
        sa.Column("actor", sa.String(40), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(400), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("previous", sa.String(80), nullable=False),
        sa.Column("hash", sa.String(80), nullable=False),
    )
    op.create_index("review_audit_by_action", "review_audit", ["action", "subject"])
    op.create_table(
        "review_parts",
        sa.Column("hash", sa.String(80), primary_key=True),
        sa.Column("name", sa.String(400), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_table(
        "review_drafts",
        sa.Column("account", sa.String(40), primary_key=True),
        sa.Column("subject", sa.String(400), primary_key=True),
        sa.Column("at", sa.String(30), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    _refuse_changes()


def _refuse_changes() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in _APPEND_ONLY:
            for verb in ("update", "delete"):
                op.execute(
                    f"CREATE TRIGGER {table}_{verb} BEFORE {verb.upper()} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
        return
    op.execute(
        "CREATE FUNCTION review_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'what was signed is append-only'; END $$"
    )
    for table in _APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION review_append_only()"
        )
