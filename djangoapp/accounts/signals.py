"""Every account has a profile, however the account came to be (sign-up, admin, command)."""

from django.db.models.signals import post_save
from django.dispatch import receiver

from accounts.models import Profile, User


@receiver(post_save, sender=User, dispatch_uid="accounts.profile")
def make_profile(sender, instance: User, created: bool, raw: bool, **kwargs) -> None:
    if created and not raw:
        Profile.objects.get_or_create(user=instance)
