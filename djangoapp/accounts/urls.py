from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("", views.profile, name="profile"),
    path("membership/", views.apply_for_membership, name="membership"),
    path("data/", views.download_data, name="data"),
    path("delete/", views.delete_account, name="delete"),
]
