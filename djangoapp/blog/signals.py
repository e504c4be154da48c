"""No picture outlives its post, whoever deletes it: an author, the admin, or a command."""

from django.db.models.signals import post_delete
from django.dispatch import receiver

from accounts.services import delete_file_on_commit
from blog.models import Post


@receiver(post_delete, sender=Post, dispatch_uid="blog.cover")
def delete_cover(sender, instance: Post, **kwargs) -> None:
    for picture in (instance.cover, instance.cover_small):
        delete_file_on_commit(picture.storage, picture.name)
