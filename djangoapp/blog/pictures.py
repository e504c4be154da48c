"""The picture above a post, in the sizes in which it is shown."""

from dataclasses import dataclass

from django.core.files.base import ContentFile

from core.pictures import recoded

# Three to two, as all pictures of the site; twice what a desktop and a phone show.
LARGE = (1440, 960)
SMALL = (720, 480)


@dataclass(frozen=True)
class Cover:
    """A cleaned picture, ready to be kept."""

    large: ContentFile
    small: ContentFile


def cover_of(upload) -> Cover:
    """Return the uploaded picture in both sizes. Raises ``ValidationError`` as ``core.pictures.recoded`` does."""
    return Cover(*recoded(upload, LARGE, SMALL))
