"""catalog: an index that counts narrowed lists, made anew for every list"""

from alembic import op

revision = "0012_facet_index"
down_revision = "0011_picture_sizes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "insert into catalog.dirty_listing (category_id) select distinct category_id from catalog.listing"
        " on conflict do nothing"
    )
    op.execute("delete from catalog.listing")
    op.execute("alter table catalog.listing add column index bytea not null")


def downgrade() -> None:
    op.execute("alter table catalog.listing drop column index")
