"""The newest case and the newest approval are asked for with every list that is served."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_INDEXES = (
    ("ix_cases_updated_at", "cases", "updated_at"),
    ("ix_posting_masks_approved_at", "posting_masks", "approved_at"),
)


def upgrade() -> None:
    for name, table, column in _INDEXES:
        op.create_index(name, table, [column])


def downgrade() -> None:
    for name, table, _ in reversed(_INDEXES):
        op.drop_index(name, table_name=table)
