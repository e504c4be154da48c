"""Every account has a profile, however the account came to be (sign-up, admin, command)."""

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from accounts.models import Profile, User
from accounts.services import delete_file_on_commit


@receiver(post_save, sender=User, dispatch_uid="accounts.profile")
def make_profile(sender, instance: User, created: bool, raw: bool, **kwargs) -> None:
    if created and not raw:
        Profile.objects.get_or_create(user=instance)


@receiver(post_delete, sender=Profile, dispatch_uid="accounts.picture")
def delete_picture(sender, instance: Profile, **kwargs) -> None:
    """Leave no orphan in the storage, whoever deletes the account."""
    delete_file_on_commit(instance.picture.storage, instance.picture.name)
