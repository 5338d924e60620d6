from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("rollups", "0006_alignment_runs"),
    ]

    operations = [
        migrations.AlterField(
            model_name="run",
            name="kind",
            field=models.CharField(
                choices=[
                    ("drain", "Batch"),
                    ("rebuild", "Rebuild"),
                    ("as_of", "Change of the as-of date"),
                    ("verify", "Check"),
                    ("alignment", "Alignment scores"),
                    ("scores", "Scores"),
                ],
                max_length=10,
                verbose_name="kind",
            ),
        ),
    ]
