from __future__ import annotations

from django.contrib import admin

from users.admin_pages import register_history
from users.models import User
from users.permissions import Permission

admin.site.site_header = admin.site.site_title = "GAM"
admin.site.site_url = "/"

register_history(User, Permission.MANAGE_USERS)
