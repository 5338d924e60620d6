from django.db import migrations

# An edit writes the new version of a cell onto the page of the old one, where indexes need not hear of it, as long as there is
# room. Countries' cells are few and hot: every edit changes some. Tables keep what they hold; a rebuild leaves the room.
_ROOM = """
ALTER TABLE rollups_cell SET (fillfactor = 85);
ALTER TABLE rollups_accountcell SET (fillfactor = 85);
ALTER TABLE rollups_countrycell SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
"""
_NONE = """
ALTER TABLE rollups_cell RESET (fillfactor);
ALTER TABLE rollups_accountcell RESET (fillfactor);
ALTER TABLE rollups_countrycell RESET (fillfactor, autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold);
"""


class Migration(migrations.Migration):
    dependencies = [("rollups", "0010_country_years")]
    operations = [migrations.RunSQL(_ROOM, _NONE)]
