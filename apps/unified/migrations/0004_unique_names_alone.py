"""The constraint on names for templates without an organization; rows that break it already keep their names."""

from django.db import migrations, models

UNMARK = """
UPDATE unified_unifiedjobtemplate t SET named_uniquely = false FROM (
    SELECT id, row_number() OVER (PARTITION BY polymorphic_ctype_id, name ORDER BY id) AS place
    FROM unified_unifiedjobtemplate WHERE named_uniquely AND organization_id IS NULL
) known WHERE known.id = t.id AND known.place > 1
"""


class Migration(migrations.Migration):
    dependencies = [("unified", "0003_count_index")]

    operations = [
        migrations.RunSQL(UNMARK, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="unifiedjobtemplate",
            constraint=models.UniqueConstraint(
                condition=models.Q(("named_uniquely", True), ("organization__isnull", True)),
                fields=("polymorphic_ctype", "name"),
                name="template_unique_name_alone",
            ),
        ),
    ]
