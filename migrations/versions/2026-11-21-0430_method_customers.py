"""payments: under which of its provider's customers a method was stored, as an account may have got another one since"""

from alembic import op

revision = "0030_method_customers"
down_revision = "0029_last_check"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table payments.stored_method add column customer_ref text")
    op.execute(
        "update payments.stored_method m set customer_ref = p.customer_ref from payments.payer p"
        " where p.account_id = m.account_id and p.provider = m.provider"
    )


def downgrade() -> None:
    op.execute("alter table payments.stored_method drop column customer_ref")
