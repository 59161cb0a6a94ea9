"""A constraint for kinds of templates whose names are unique; rows that break it already keep their names."""

from django.conf import settings
from django.db import migrations, models

MARK = """
UPDATE unified_unifiedjobtemplate t SET named_uniquely = true FROM (
    SELECT u.id, row_number() OVER (PARTITION BY polymorphic_ctype_id, organization_id, name ORDER BY u.id) AS place
    FROM unified_unifiedjobtemplate u JOIN django_content_type c ON c.id = u.polymorphic_ctype_id
    WHERE (c.app_label, c.model) IN
        (('jobs', 'jobtemplate'), ('workflows', 'workflowjobtemplate'), ('projects', 'project'))
) known WHERE known.id = t.id AND known.place = 1
"""


class Migration(migrations.Migration):
    dependencies = [
        ("contenttypes", "0002_remove_content_type_name"),
        ("credentials", "0002_initial"),
        ("identity", "0002_initial"),
        ("instances", "0001_initial"),
        ("notifications", "0001_initial"),
        ("unified", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="unifiedjobtemplate",
            name="named_uniquely",
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.RunSQL(MARK, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="unifiedjobtemplate",
            constraint=models.UniqueConstraint(
                condition=models.Q(("named_uniquely", True)),
                fields=("polymorphic_ctype", "organization", "name"),
                name="template_unique_name",
            ),
        ),
    ]
