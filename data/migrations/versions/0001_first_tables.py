"""The first tables."""

import uuid

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "chains",
        sa.Column("id", ID, nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("aliases", sa.JSON(), nullable=False),
        sa.Column("keywords", sa.JSON(), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("codes", sa.JSON(), nullable=False),
        sa.Column("counties", sa.JSON(), nullable=False),
        sa.Column("segments", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_chains"),
    )
    op.create_table(
        "match_runs",
        sa.Column("id", ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("query_kind", sa.String(length=20), nullable=False),
        sa.Column("query_id", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("data_version", sa.BigInteger(), nullable=False),
        sa.Column("config", sa.JSON(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_match_runs"),
    )
    op.create_index("ix_match_runs_query", "match_runs", ["query_kind", "query_id", "created_at"])
    op.create_table(
        "meta",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_meta"),
    )
    op.create_table(
        "organizations",
        sa.Column("id", ID, nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("changed_in", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("county", sa.String(), nullable=True),
        sa.Column("gbt4754", sa.String(length=10), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_organizations"),
    )
    op.create_index("ix_organizations_changed_in", "organizations", ["changed_in"])
    op.create_index("ix_organizations_county", "organizations", ["county"])
    op.create_index("ix_organizations_name", "organizations", ["name"])
    op.create_table(
        "removals",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("removed_in", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "id", name="pk_removals"),
    )
    op.create_index("ix_removals_removed_in", "removals", ["removed_in"])
    op.create_table(
        "achievements",
        sa.Column("visibility", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("changed_in", sa.BigInteger(), nullable=False),
        sa.Column("trl", sa.SmallInteger(), nullable=True),
        sa.Column("ip_status", sa.String(length=20), nullable=True),
        sa.Column("price_cny", sa.BigInteger(), nullable=True),
        sa.Column("patents", sa.JSON(), nullable=False),
        sa.Column("ipc", sa.JSON(), nullable=False),
        sa.Column("team", sa.JSON(), nullable=False),
        sa.Column("county", sa.String(), nullable=True),
        sa.Column("organization", ID, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cooperation_modes", sa.JSON(), nullable=False),
        sa.Column("keywords", sa.JSON(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization"], ["organizations.id"], name="fk_achievements_organization"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_achievements"),
    )
    op.create_index("ix_achievements_changed_in", "achievements", ["changed_in"])
    op.create_index("ix_achievements_county", "achievements", ["county"])
    op.create_index("ix_achievements_filter", "achievements", ["status", "visibility", "trl", "id"])
    op.create_index("ix_achievements_organization", "achievements", ["organization"])
    op.create_table(
        "needs",
        sa.Column("visibility", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("changed_in", sa.BigInteger(), nullable=False),
        sa.Column("budget_cny", sa.BigInteger(), nullable=True),
        sa.Column("deadline", sa.Date(), nullable=True),
        sa.Column("min_trl", sa.SmallInteger(), nullable=True),
        sa.Column("must_have", sa.JSON(), nullable=False),
        sa.Column("nice_to_have", sa.JSON(), nullable=False),
        sa.Column("indicators", sa.JSON(), nullable=False),
        sa.Column("county", sa.String(), nullable=True),
        sa.Column("organization", ID, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cooperation_modes", sa.JSON(), nullable=False),
        sa.Column("keywords", sa.JSON(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization"], ["organizations.id"], name="fk_needs_organization"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_needs"),
    )
    op.create_index("ix_needs_changed_in", "needs", ["changed_in"])
    op.create_index("ix_needs_county", "needs", ["county"])
    op.create_index("ix_needs_filter", "needs", ["status", "visibility", "id"])
    op.create_index("ix_needs_organization", "needs", ["organization"])
    op.create_table(
        "organization_chains",
        sa.Column("owner", ID, nullable=False),
        sa.Column("chain", sa.String(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner"], ["organizations.id"], name="fk_organization_chains_owner", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("owner", "chain", name="pk_organization_chains"),
    )
    op.create_index("ix_organization_chains_filter", "organization_chains", ["chain", "owner"])
    op.create_table(
        "achievement_chains",
        sa.Column("owner", ID, nullable=False),
        sa.Column("chain", sa.String(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner"], ["achievements.id"], name="fk_achievement_chains_owner", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("owner", "chain", name="pk_achievement_chains"),
    )
    op.create_index("ix_achievement_chains_filter", "achievement_chains", ["chain", "owner"])
    op.create_table(
        "need_chains",
        sa.Column("owner", ID, nullable=False),
        sa.Column("chain", sa.String(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner"], ["needs.id"], name="fk_need_chains_owner", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("owner", "chain", name="pk_need_chains"),
    )
    op.create_index("ix_need_chains_filter", "need_chains", ["chain", "owner"])
    meta = sa.table("meta", sa.column("key", sa.String), sa.column("value", sa.Text))
    # indexes are kept outside the database; the id tells whose they are
    facts = {"data_version": "0", "database_id": uuid.uuid4().hex}
    op.bulk_insert(meta, [{"key": key, "value": value} for key, value in facts.items()])


def downgrade() -> None:
    for name in (
        "need_chains",
        "achievement_chains",
        "organization_chains",
        "needs",
        "achievements",
        "removals",
        "organizations",
        "meta",
        "match_runs",
        "chains",
    ):
        op.drop_table(name)
