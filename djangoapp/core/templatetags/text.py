"""``{% filter one_line %}`` keeps what it surrounds on one line, whatever the values in it hold."""

from django import template

from core import text

register = template.Library()
register.filter(text.one_line)
