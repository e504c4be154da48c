"""Everything below ``/door/``: for staff behind a second factor, see ``settings.ACCOUNTS_STAFF_PATHS``."""

from django.urls import path

from attendance.views import checkin, device, door, sheets

app_name = "door"
urlpatterns = [
    path("", door.home, name="home"),
    path("gate/", door.gate, name="gate"),
    path("<int:pk>/", door.session, name="session"),
    path("<int:pk>/scan/", checkin.scan, name="scan"),
    path("<int:pk>/walk-in/", checkin.walk_in, name="walk_in"),
    path("<int:pk>/list.json", device.kept, name="kept"),
    path("<int:pk>/news.json", device.latest, name="news"),
    path("entries/<int:pk>/undo/", checkin.undo, name="undo"),
    path("sheets/", sheets.sheets, name="sheets"),
    path("sheets/attendance.csv", sheets.sheet_csv, name="sheet_csv"),
    path("sheets/attendance.xlsx", sheets.sheet_xlsx, name="sheet_xlsx"),
    path("sheets/show-rates/", sheets.show_rates, name="show_rates"),
    path("sheets/<int:pk>/sign-in/", sheets.sign_in_sheet, name="sign_in_sheet"),
    path("offline/", device.shell, name="shell"),
    path("sw.js", device.worker, name="worker"),
    path("door.webmanifest", device.manifest, name="manifest"),
]
