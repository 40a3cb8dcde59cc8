"""shipping: zones, methods, rates, with a set to start from"""

from typing import Final
from uuid import uuid4

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

from shop.kernel.config import settings

revision = "0006_shipping"
down_revision = "0005_pricing"
branch_labels = None
depends_on = None

EU: Final = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MC MT NL PL PT RO SE SI SK"
EUROPE: Final = "AD AL AX BA CH FO GB GG GI IM IS JE LI MD ME MK NO RS SM TR UA VA XK"
WORLD: Final = """
AE AG AI AM AO AR AS AU AW AZ BB BD BF BH BI BJ BL BM BN BO BQ BR BS BT BW BZ CA CC CD CF CG CI CK CL CM CN CO CR CV CW CX
DJ DM DO DZ EC EG ER ET FJ FK FM GA GD GE GF GH GL GM GN GP GQ GT GU GW GY HK HN HT ID IL IN IQ JM JO JP KE KG KH KI KM KN
KR KW KY KZ LA LB LC LK LR LS LY MA MF MG MH ML MM MN MO MP MQ MR MS MU MV MW MX MY MZ NA NC NE NF NG NI NP NR NU NZ OM PA
PE PF PG PH PK PM PN PR PS PW PY QA RE RW SA SB SC SG SH SJ SL SN SR ST SV SX SZ TC TD TG TH TJ TK TL TM TN TO TT TV TW TZ
UG US UY UZ VC VE VG VI VN VU WF WS YT ZA ZM ZW
"""
ZONES: Final = (
    ("domestic", "Domestic", ""),
    ("eu", "European Union", EU),
    ("europe", "Europe", EUROPE),
    ("world", "World", WORLD),
)
BANDS: Final = (2_000, 5_000, 10_000, 31_500)
"""Grams; the last is what parcel services carry by hand."""
METHODS: Final = (
    # zone, method, label, days, minor units per band in EUR and USD, free from (EUR, USD)
    ("domestic", "standard", "Standard", (1, 3), (490, 590, 990, 1790), (550, 650, 1090, 1990), (5000, 5500)),
    ("domestic", "express", "Express", (1, 1), (990, 1190, 1590, 2790), (1090, 1290, 1790, 2990), None),
    ("eu", "standard", "Standard", (3, 6), (890, 1190, 1790, 2990), (990, 1290, 1990, 3290), (15000, 16500)),
    ("eu", "express", "Express", (1, 3), (1990, 2490, 3490, 5990), (2190, 2790, 3890, 6590), None),
    ("europe", "standard", "Standard", (4, 8), (1490, 1990, 2990, 4990), (1590, 2190, 3290, 5490), None),
    ("europe", "express", "Express", (2, 4), (2990, 3990, 5490, 8990), (3290, 4390, 5990, 9890), None),
    ("world", "standard", "Standard", (7, 14), (1990, 3490, 5990, 11990), (2190, 3790, 6590, 12990), None),
    ("world", "express", "Express", (3, 6), (4490, 6490, 9990, 18990), (4890, 7090, 10990, 20990), None),
)


def upgrade() -> None:
    op.execute("create schema shipping")
    op.execute(
        """
        create table shipping.zone (
            id uuid not null,
            code text not null,
            label text not null,
            countries text[] not null,
            position integer not null,
            constraint pk_zone primary key (id),
            constraint uq_zone_code unique (code)
        )
        """
    )
    op.execute(
        """
        create table shipping.method (
            id uuid not null,
            zone_id uuid not null,
            code text not null,
            label text not null,
            delivery_min_days integer not null,
            delivery_max_days integer not null,
            active boolean not null default true,
            constraint pk_method primary key (id),
            constraint fk_method_zone_id foreign key (zone_id) references shipping.zone (id) on delete cascade,
            constraint uq_method_zone_id_code unique (zone_id, code),
            constraint ck_method_delivery_days check (0 <= delivery_min_days and delivery_min_days <= delivery_max_days)
        )
        """
    )
    op.execute(
        """
        create table shipping.rate (
            method_id uuid not null,
            currency text not null,
            max_weight_grams integer not null,
            min_items_total bigint not null default 0,
            amount bigint not null,
            constraint pk_rate primary key (method_id, currency, max_weight_grams, min_items_total),
            constraint fk_rate_method_id foreign key (method_id) references shipping.method (id) on delete cascade,
            constraint ck_rate_currency check (currency ~ '^[A-Z]{3}$'),
            constraint ck_rate_max_weight_grams check (max_weight_grams > 0),
            constraint ck_rate_min_items_total check (min_items_total >= 0),
            constraint ck_rate_amount check (amount >= 0)
        )
        """
    )
    seed(home=settings().country)


def seed(home: str) -> None:
    zone_ids = {code: uuid4() for code, _, _ in ZONES}
    zone = sa.table(
        "zone",
        *(sa.column(name) for name in ("id", "code", "label", "position")),
        sa.column("countries", ARRAY(sa.Text)),
        schema="shipping",
    )
    op.bulk_insert(
        zone,
        [
            {
                "id": zone_ids[code],
                "code": code,
                "label": label,
                "countries": [home] if code == "domestic" else [each for each in countries.split() if each != home],
                "position": position,
            }
            for position, (code, label, countries) in enumerate(ZONES)
        ],
    )
    method = sa.table(
        "method",
        *(sa.column(name) for name in ("id", "zone_id", "code", "label", "delivery_min_days", "delivery_max_days")),
        schema="shipping",
    )
    rate = sa.table(
        "rate",
        *(sa.column(name) for name in ("method_id", "currency", "max_weight_grams", "min_items_total", "amount")),
        schema="shipping",
    )
    methods, rates = [], []
    for zone_code, code, label, (least, most), eur, usd, free_from in METHODS:
        method_id = uuid4()
        methods.append(
            {
                "id": method_id,
                "zone_id": zone_ids[zone_code],
                "code": code,
                "label": label,
                "delivery_min_days": least,
                "delivery_max_days": most,
            }
        )
        for currency, amounts in (("EUR", eur), ("USD", usd)):
            bands = [(grams, 0, amount) for grams, amount in zip(BANDS, amounts, strict=True)]
            if free_from is not None:
                bands.append((BANDS[-1], free_from[0 if currency == "EUR" else 1], 0))
            rates += [
                {
                    "method_id": method_id,
                    "currency": currency,
                    "max_weight_grams": grams,
                    "min_items_total": least_total,
                    "amount": amount,
                }
                for grams, least_total, amount in bands
            ]
    op.bulk_insert(method, methods)
    op.bulk_insert(rate, rates)


def downgrade() -> None:
    op.execute("drop schema shipping cascade")
