"""Signing in to the admin happens on the shop's own page, whose limits against guessing hold for it then, too."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin

from app import checklist_admin  # noqa: F401 - registers its page

admin.site.login = secure_admin_login(admin.site.login)
