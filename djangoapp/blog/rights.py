"""Who may write. Whose posts one may change is a question to ``Post.objects.changeable_by()``.

The groups ``authors`` and ``editors``, which a migration makes, carry the permissions that are asked for here.
"""

from accounts.models import Membership
from accounts.services import membership_of


def may_write(user) -> bool:
    """Whether somebody may begin posts: staff, approved members, and whom the studio put into a group."""
    if not user.is_authenticated or not user.is_active:
        return False
    return user.is_staff or membership_of(user) != Membership.BUSINESS or user.has_perm("blog.add_post")


def is_editor(user) -> bool:
    """Whether somebody may change what others write."""
    return user.is_authenticated and user.has_perm("blog.change_post")
