from django.urls import path

from app.studio import integrity, reports, statement, views

app_name = "studio"
urlpatterns = [
    path("", views.dashboard, name="dashboard"),
    path("reports/", reports.page, name="reports"),
    path("reports/statement/", statement.page, name="statement"),
    path("reports/statement/fetch/", statement.fetch, name="statement_fetch"),
    path("reports/<slug:table>.csv", reports.table_csv, name="report_csv"),
    path("reports/<slug:table>.xlsx", reports.table_xlsx, name="report_xlsx"),
    path("integrity/", integrity.page, name="integrity"),
    path("integrity/check/", integrity.check, name="integrity_check"),
]
