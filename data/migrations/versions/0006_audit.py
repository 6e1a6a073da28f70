"""The audit: a chain of entries that the database itself refuses to alter."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")
SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_REFUSAL = "audit entries are never altered"

# INSERT OR REPLACE deletes without a word to the delete trigger, hence the third one
_SQLITE = (
    "CREATE TRIGGER audit_entries_update BEFORE UPDATE ON audit_entries"
    f" BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END",
    "CREATE TRIGGER audit_entries_delete BEFORE DELETE ON audit_entries"
    f" BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END",
    "CREATE TRIGGER audit_entries_insert BEFORE INSERT ON audit_entries"
    " WHEN EXISTS (SELECT 1 FROM audit_entries WHERE seq = NEW.seq)"
    f" BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END",
)
_POSTGRES = (
    "CREATE FUNCTION audit_entries_refuse() RETURNS trigger LANGUAGE plpgsql AS"
    f" $$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$",
    "CREATE TRIGGER audit_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE"
    " ON audit_entries FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_refuse()",
)


def upgrade() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("seq", SEQ, autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", ID, nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("organization", ID, nullable=True),
        sa.Column("operation", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("item", ID, nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("request", sa.String(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_audit_entries"),
    )
    op.create_index("ix_audit_entries_at", "audit_entries", ["at"])
    for column in ("actor", "item", "operation"):
        op.create_index(f"ix_audit_entries_{column}", "audit_entries", [column, "seq"])
    postgres = op.get_bind().dialect.name == "postgresql"
    for statement in _POSTGRES if postgres else _SQLITE:
        op.execute(statement)
    meta = sa.table("meta", sa.column("key", sa.String), sa.column("value", sa.Text))
    op.bulk_insert(meta, [{"key": "audit_head", "value": f"0:{'0' * 64}"}])


def downgrade() -> None:
    op.drop_table("audit_entries")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_entries_refuse()")
    op.execute("DELETE FROM meta WHERE key = 'audit_head'")
