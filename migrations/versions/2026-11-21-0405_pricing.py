"""pricing: prices, tax rates with the facts that ship with the shop"""

import tomllib
from decimal import Decimal
from importlib.resources import files

import sqlalchemy as sa
from alembic import op

revision = "0005_pricing"
down_revision = "0004_inventory"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("create schema pricing")
    op.execute(
        """
        create table pricing.price (
            variant_id uuid not null,
            currency text not null,
            amount bigint not null,
            compare_at bigint,
            tax_class text not null default 'standard',
            constraint pk_price primary key (variant_id, currency),
            constraint ck_price_currency check (currency ~ '^[A-Z]{3}$'),
            constraint ck_price_amount check (amount >= 0),
            constraint ck_price_compare_at check (compare_at > amount)
        )
        """
    )
    op.execute(
        """
        create table pricing.tax_rate (
            country text not null,
            region text not null default '',
            tax_class text not null,
            rate numeric(6, 5) not null,
            valid_from date not null,
            valid_until date,
            constraint pk_tax_rate primary key (country, region, tax_class, valid_from),
            constraint ck_tax_rate_country check (country ~ '^[A-Z]{2}$'),
            constraint ck_tax_rate_rate check (rate >= 0 and rate < 1),
            constraint ck_tax_rate_valid_until check (valid_until > valid_from)
        )
        """
    )
    facts = tomllib.loads(files("shop.modules.pricing").joinpath("data/tax_rates.toml").read_text(encoding="utf-8"))
    op.bulk_insert(
        sa.table(
            "tax_rate",
            sa.column("country", sa.Text),
            sa.column("tax_class", sa.Text),
            sa.column("rate", sa.Numeric),
            sa.column("valid_from", sa.Date),
            sa.column("valid_until", sa.Date),
            schema="pricing",
        ),
        [
            {
                "country": fact["country"],
                "tax_class": fact["class"],
                "rate": Decimal(fact["rate"]),
                "valid_from": fact["from"],
                "valid_until": fact.get("until"),
            }
            for fact in facts["rate"]
        ],
    )


def downgrade() -> None:
    op.execute("drop schema pricing cascade")
