"""Items, revisions of labels, their heads, leases, queues, schemas and settings."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make all tables."""
    op.create_table(
        "items",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("frame", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("place", _KEY, nullable=False),
        sa.Column("decisions", sa.Integer(), nullable=False),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_items")),
    )
    op.create_index(
        "ix_items_decisions_place",
        "items",
        ["decisions", "place"],
        unique=False,
    )
    op.create_index(
        "uq_items_path_frame",
        "items",
        ["path", "frame"],
        unique=True,
    )
    op.create_index(
        "uq_items_place",
        "items",
        ["place"],
        unique=True,
    )
    op.create_table(
        "schemas",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("at", sa.Float(precision=53), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schemas")),
        sa.UniqueConstraint("digest", name=op.f("uq_schemas_digest")),
    )
    op.create_table(
        "settings",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_settings")),
    )
    op.create_table(
        "leases",
        sa.Column("item_id", _KEY, nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("expires", sa.Float(precision=53), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_leases_item_id")),
        sa.PrimaryKeyConstraint("item_id", "holder", name=op.f("pk_leases")),
    )
    op.create_table(
        "queue_entries",
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("place", _KEY, nullable=False),
        sa.Column("item_id", _KEY, nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", _KEY, nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_queue_entries_item_id")),
        sa.PrimaryKeyConstraint("queue", "place", name=op.f("pk_queue_entries")),
    )
    op.create_index(
        "ix_queue_entries_item", "queue_entries", ["queue", "item_id", "object"], unique=False
    )
    op.create_table(
        "revisions",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("batch", sa.Text(), nullable=True),
        sa.Column("item_id", _KEY, nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("subject", sa.String(length=16), nullable=False),
        sa.Column("content", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("at", sa.Float(precision=53), nullable=False),
        sa.Column("base", _KEY, nullable=True),
        sa.Column("undoes", _KEY, nullable=True),
        sa.Column("stale", sa.Boolean(), nullable=False),
        sa.Column("schema_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_revisions_item_id")),
        sa.ForeignKeyConstraint(["schema_id"], ["schemas.id"], name=op.f("fk_revisions_schema_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revisions")),
        sa.UniqueConstraint("action", name=op.f("uq_revisions_action")),
    )
    op.create_index(
        "ix_revisions_author_id",
        "revisions",
        ["author", "id"],
        unique=False,
    )
    op.create_index(
        "ix_revisions_item_id_object",
        "revisions",
        ["item_id", "object"],
        unique=False,
    )
    for column in ("undoes", "batch"):
        few = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            f"ix_revisions_{column}",
            "revisions",
            [column],
            unique=False,
            sqlite_where=few,
            postgresql_where=few,
        )
    op.create_table(
        "heads",
        sa.Column("item_id", _KEY, nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("subject", sa.String(length=16), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("revision_id", _KEY, nullable=False),
        sa.Column("place", _KEY, nullable=False),
        sa.Column("proposed", sa.Boolean(), nullable=False),
        sa.Column("decisions", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_heads_item_id")),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revisions.id"], name=op.f("fk_heads_revision_id")
        ),
        sa.PrimaryKeyConstraint("item_id", "object", "subject", "layer", name=op.f("pk_heads")),
    )
    op.create_index(
        "ix_heads_order",
        "heads",
        ["subject", "proposed", "place", "object", "item_id"],
        unique=False,
    )
    op.create_index(
        "ix_heads_queue",
        "heads",
        ["subject", "proposed", "decisions", "place", "object", "item_id"],
        unique=False,
    )
