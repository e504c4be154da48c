from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.generic import TemplateView

from app import views
from core.styleguide import styleguide

urlpatterns = [
    path("", views.home, name="home"),
    path("robots.txt", views.robots, name="robots"),
    path("sitemap.xml", views.sitemap_index, name="sitemap"),
    path("sitemap-<slug:section>.xml", views.sitemap_part, name="sitemap_part"),
    path(settings.ADMIN_URL, admin.site.urls),
    path("account/", include("accounts.urls")),
    path("account/", include("allauth.urls")),
    path("stripe/", include("payments.urls")),
    path("polls/", include("polls.urls")),
    path("terms/", TemplateView.as_view(template_name="pages/terms.html"), name="terms"),
    path("privacy/", TemplateView.as_view(template_name="pages/privacy.html"), name="privacy"),
    path(
        "site.webmanifest",
        TemplateView.as_view(template_name="site.webmanifest", content_type="application/manifest+json"),
        name="manifest",
    ),
    path("favicon.ico", views.favicon, name="favicon"),
    path("styleguide/", styleguide, name="styleguide"),
    path("", include("shop.urls")),
]
