"""backoffice: the audit log, which is only ever added to"""

from alembic import op

revision = "0015_audit"
down_revision = "0014_accounts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        create function kernel.refuse_change() returns trigger language plpgsql as $$
        begin
            raise exception '%.% is only ever added to', tg_table_schema, tg_table_name
                using errcode = 'insufficient_privilege';
        end
        $$
        """
    )
    op.execute("create schema backoffice")
    op.execute(
        """
        create table backoffice.audit_entry (
            id uuid constraint pk_audit_entry primary key,
            at timestamptz not null default now(),
            actor_kind text not null
                constraint ck_audit_entry_actor_kind check (actor_kind in ('account', 'program', 'system')),
            actor_id text constraint ck_audit_entry_actor_id check (char_length(actor_id) <= 100),
            program_id text constraint ck_audit_entry_program_id check (char_length(program_id) <= 100),
            permission text constraint ck_audit_entry_permission check (char_length(permission) <= 100),
            action text not null constraint ck_audit_entry_action check (char_length(action) <= 100),
            subject_kind text constraint ck_audit_entry_subject_kind check (char_length(subject_kind) <= 60),
            subject_id text constraint ck_audit_entry_subject_id check (char_length(subject_id) <= 200),
            details jsonb not null default '{}' constraint ck_audit_entry_details
                check (jsonb_typeof(details) = 'object' and octet_length(details::text) <= 4000),
            request_id text constraint ck_audit_entry_request_id check (char_length(request_id) <= 64),
            method text constraint ck_audit_entry_method check (char_length(method) <= 10),
            route text constraint ck_audit_entry_route check (char_length(route) <= 200),
            network text constraint ck_audit_entry_network check (char_length(network) <= 50),
            constraint ck_audit_entry_actor check ((actor_id is null) = (actor_kind = 'system'))
        )
        """
    )
    op.execute("create index ix_audit_entry_at_id on backoffice.audit_entry (at, id)")
    op.execute("create index ix_audit_entry_actor_id_at_id on backoffice.audit_entry (actor_id, at, id)")
    op.execute("create index ix_audit_entry_action_at_id on backoffice.audit_entry (action, at, id)")
    op.execute("create index ix_audit_entry_subject_id on backoffice.audit_entry (subject_id)")
    op.execute("create index ix_audit_entry_request_id on backoffice.audit_entry (request_id)")
    # By statement, so that a change that would touch no row is refused as well.
    op.execute(
        """
        create trigger append_only before update or delete or truncate on backoffice.audit_entry
            for each statement execute function kernel.refuse_change()
        """
    )


def downgrade() -> None:
    raise RuntimeError("What staff did is not forgotten: restore a backup")
