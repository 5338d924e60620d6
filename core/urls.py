from django.urls import path
from django.views.i18n import set_language

from core import views

app_name = "core"

urlpatterns = [
    path("gallery/", views.gallery, name="gallery"),
    path("language/", set_language, name="set_language"),
    path("theme/", views.set_theme, name="set_theme"),
]
