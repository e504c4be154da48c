from django.urls import path

from app.studio import integrity, views

app_name = "studio"
urlpatterns = [
    path("", views.dashboard, name="dashboard"),
    path("integrity/", integrity.page, name="integrity"),
    path("integrity/check/", integrity.check, name="integrity_check"),
]
