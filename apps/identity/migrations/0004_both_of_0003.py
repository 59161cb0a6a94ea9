"""Joins two migrations that were written side by side."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0003_external_account"),
        ("identity", "0003_say_that_a_user_exists"),
    ]

    operations = []
