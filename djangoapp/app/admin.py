"""Signing in to the admin, and changing one's password there, happen on the shop's own pages.

Their limits against guessing hold for the admin then, too, and a changed password is told by mail.
"""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.views.generic import RedirectView

from app import checklist_admin  # noqa: F401 - registers its page

admin.site.login = secure_admin_login(admin.site.login)
admin.site.password_change = RedirectView.as_view(pattern_name="account_change_password")
admin.site.password_change_done = admin.site.password_change
