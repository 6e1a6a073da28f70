"""The life of postings in the service: history, masks, match lists, repeated requests."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "posting_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("posting", ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", ID, nullable=False),
        sa.Column("step", sa.String(20), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_posting_events"),
    )
    op.create_index("ix_posting_events_posting", "posting_events", ["kind", "posting", "id"])
    op.create_table(
        "posting_masks",
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("posting", ID, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("approved_by", ID, nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("digest", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("kind", "posting", name="pk_posting_masks"),
    )
    op.create_table(
        "match_lists",
        sa.Column("need", ID, nullable=False),
        sa.Column("data_version", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("need", name="pk_match_lists"),
    )
    op.create_table(
        "match_list_items",
        sa.Column("need", ID, nullable=False),
        sa.Column("achievement", ID, nullable=False),
        sa.Column("rank", sa.SmallInteger(), nullable=False),
        sa.Column("fair", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("need", "achievement", name="pk_match_list_items"),
    )
    op.create_index("ix_match_list_items_achievement", "match_list_items", ["achievement"])
    op.create_table(
        "idempotency_keys",
        sa.Column("account", ID, nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("request", sa.String(64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("account", "key", name="pk_idempotency_keys"),
    )
    op.create_index("ix_idempotency_keys_made_at", "idempotency_keys", ["made_at"])


def downgrade() -> None:
    for table in (
        "idempotency_keys",
        "match_list_items",
        "match_lists",
        "posting_masks",
        "posting_events",
    ):
        op.drop_table(table)
