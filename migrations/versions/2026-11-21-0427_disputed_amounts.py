"""payments: how much of a payment is contested or lost in disputes, beside what was promised back of it"""

from alembic import op

revision = "0027_disputed_amounts"
down_revision = "0026_charged_back"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "alter table payments.payment add column lost_amount bigint not null default 0,"
        " add column contested_amount bigint not null default 0,"
        " add constraint ck_payment_disputed check (lost_amount >= 0 and contested_amount >= 0)"
    )
    op.execute(
        """
        update payments.payment p set lost_amount = disputed.lost, contested_amount = disputed.contested
        from (
            select payment_id, currency, coalesce(sum(amount) filter (where status = 'lost'), 0) as lost,
                coalesce(sum(amount) filter (where status in ('needs_response', 'under_review')), 0) as contested
            from payments.dispute where payment_id is not null group by payment_id, currency
        ) as disputed
        where disputed.payment_id = p.id and disputed.currency = p.currency
        """
    )


def downgrade() -> None:
    op.execute("alter table payments.payment drop column contested_amount, drop column lost_amount")
