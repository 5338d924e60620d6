from django.urls import path

from money import views

app_name = "money"

urlpatterns = [path("set-up/rates/", views.rates, name="rates")]
