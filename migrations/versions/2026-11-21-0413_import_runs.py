"""catalog: imports from the back office"""

from alembic import op

revision = "0013_import_runs"
down_revision = "0012_facet_index"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        create table catalog.import_run (
            id uuid constraint pk_import_run primary key,
            started_by uuid not null,
            file_name text not null,
            file_size bigint not null,
            images_name text,
            preset text,
            mapping text,
            stage text not null default 'check' constraint ck_import_run_stage check (stage in ('check', 'import')),
            state text not null default 'queued'
                constraint ck_import_run_state check (state in ('queued', 'running', 'done', 'failed', 'interrupted')),
            position bigint not null default 0,
            size bigint not null default 0,
            report jsonb,
            preview jsonb,
            message text,
            attempts integer not null default 0,
            leased_until timestamptz,
            created_at timestamptz not null default now(),
            updated_at timestamptz not null default now()
        )
        """
    )
    op.execute("create index ix_import_run_state on catalog.import_run (state) where state in ('queued', 'running')")


def downgrade() -> None:
    op.execute("drop table catalog.import_run")
