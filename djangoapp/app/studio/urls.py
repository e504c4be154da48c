from django.urls import path

from app.studio import views

app_name = "studio"
urlpatterns = [
    path("", views.dashboard, name="dashboard"),
]
