"""Cases with their events and files, and experts."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "cases",
        sa.Column("id", ID, nullable=False),
        sa.Column("need", ID, nullable=False),
        sa.Column("achievement", ID, nullable=False),
        sa.Column("broker", ID, nullable=False),
        sa.Column("stage", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(20), nullable=True),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("value_cny", sa.BigInteger(), nullable=True),
        sa.Column("run_id", ID, nullable=True),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_action", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cases"),
    )
    under_way = sa.text("stage NOT IN ('dropped', 'closed')")
    op.create_index(
        "uq_cases_under_way",
        "cases",
        ["need", "achievement"],
        unique=True,
        sqlite_where=under_way,
        postgresql_where=under_way,
    )
    op.create_index("ix_cases_created_at_id", "cases", ["created_at", "id"])
    for column in ("need", "achievement", "broker"):
        op.create_index(f"ix_cases_{column}", "cases", [column])
    op.create_table(
        "case_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case", ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", ID, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_case_events"),
        sa.ForeignKeyConstraint(
            ["case"], ["cases.id"], name="fk_case_events_case", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_case_events_case", "case_events", ["case"])
    op.create_table(
        "case_files",
        sa.Column("id", ID, nullable=False),
        sa.Column("case", ID, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(32), nullable=False),
        sa.Column("who", ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_case_files"),
        sa.ForeignKeyConstraint(
            ["case"], ["cases.id"], name="fk_case_files_case", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_case_files_case", "case_files", ["case"])
    op.create_table(
        "experts",
        sa.Column("id", ID, nullable=False),
        sa.Column("organization", ID, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_experts"),
        sa.ForeignKeyConstraint(
            ["organization"], ["organizations.id"], name="fk_experts_organization"
        ),
    )
    op.create_index("ix_experts_organization", "experts", ["organization"])


def downgrade() -> None:
    for table in ("experts", "case_files", "case_events", "cases"):
        op.drop_table(table)
