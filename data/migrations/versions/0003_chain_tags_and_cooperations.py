"""Who says which chains an item belongs to, renamed chains, and past cooperations."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")
STATEMENT = ("item_kind", "item_id", "source")


def upgrade() -> None:
    op.create_table(
        "tag_statements",
        sa.Column("item_kind", sa.String(length=20), nullable=False),
        sa.Column("item_id", ID, nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("changed_in", sa.BigInteger(), nullable=False),
        sa.Column("tagger", sa.String(length=32), nullable=True),
        sa.Column("digest", sa.String(length=32), nullable=True),
        sa.Column("who", sa.String(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(*STATEMENT, name="pk_tag_statements"),
    )
    op.create_index("ix_tag_statements_changed_in", "tag_statements", ["changed_in"])
    op.create_table(
        "chain_tags",
        sa.Column("item_kind", sa.String(length=20), nullable=False),
        sa.Column("item_id", ID, nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("chain", sa.String(), nullable=False),
        sa.Column("segment", sa.String(), nullable=True),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            STATEMENT,
            [f"tag_statements.{column}" for column in STATEMENT],
            name="fk_chain_tags_item_kind_item_id_source",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(*STATEMENT, "position", name="pk_chain_tags"),
    )
    op.create_table(
        "chain_renames",
        sa.Column("old", ID, nullable=False),
        sa.Column("new", ID, nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("old", name="pk_chain_renames"),
    )
    op.create_table(
        "cooperations",
        sa.Column("id", ID, nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("changed_in", sa.BigInteger(), nullable=False),
        sa.Column("enterprise", ID, nullable=False),
        sa.Column("university", ID, nullable=False),
        sa.Column("chain", sa.String(), nullable=True),
        sa.Column("segment", sa.String(), nullable=True),
        sa.Column("since", sa.SmallInteger(), nullable=True),
        sa.Column("year", sa.SmallInteger(), nullable=True),
        sa.Column("kind", sa.String(length=30), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["enterprise"], ["organizations.id"], name="fk_cooperations_enterprise"
        ),
        sa.ForeignKeyConstraint(
            ["university"], ["organizations.id"], name="fk_cooperations_university"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_cooperations"),
    )
    for column in ("changed_in", "enterprise", "university"):
        op.create_index(f"ix_cooperations_{column}", "cooperations", [column])


def downgrade() -> None:
    for name in ("cooperations", "chain_renames", "chain_tags", "tag_statements"):
        op.drop_table(name)
