"""The tables of the review store; the log is the truth, and signatures are lines of it."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, MetaData, String, Table, Text

metadata = MetaData()
# The version of the tables themselves.
VERSION_TABLE = "review_version"

accounts = Table(
    "review_accounts",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("shown", String(100), nullable=False),
    Column("role", String(10), nullable=False),
    # Empty until the person has set a password by the link.
    Column("password", String(200), nullable=False),
    Column("failures", Integer, nullable=False),
    Column("locked_until", String(30), nullable=False),
    Column("created", String(30), nullable=False),
)
# A link is good for one password, and a session for one person; only their hashes are kept.
links = Table(
    "review_links",
    metadata,
    Column("token", String(80), primary_key=True),
    Column("account", String(40), nullable=False),
    Column("expires", String(30), nullable=False),
)
sessions = Table(
    "review_sessions",
    metadata,
    Column("token", String(80), primary_key=True),
    Column("account", String(40), nullable=False),
    Column("created", String(30), nullable=False),
    Column("expires", String(30), nullable=False),
)
# Append-only: each line holds the hash of the one before.
audit = Table(
    "review_audit",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", String(30), nullable=False),
    Column("actor", String(40), nullable=False),
    Column("action", String(40), nullable=False),
    Column("subject", String(400), nullable=False),
    Column("body", Text, nullable=False),
    Column("previous", String(80), nullable=False),
    Column("hash", String(80), nullable=False),
    Index("review_audit_by_action", "action", "subject"),
)
# What was signed, each part once, under its hash.
parts = Table(
    "review_parts",
    metadata,
    Column("hash", String(80), primary_key=True),
    Column("name", String(400), nullable=False),
    Column("body", Text, nullable=False),
)
drafts = Table(
    "review_drafts",
    metadata,
    Column("account", String(40), primary_key=True),
    Column("subject", String(400), primary_key=True),
    Column("at", String(30), nullable=False),
    Column("body", Text, nullable=False),
)
APPEND_ONLY = (audit, parts)
