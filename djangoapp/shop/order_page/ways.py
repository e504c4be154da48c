"""Ways to pay, as buyers know them."""

from shop.exceptions import ProviderUnavailable
from shop.providers import get_provider


def provider_label(name: str) -> str:
    """How a provider is called to buyers; its plain name once the installation no longer has it."""
    try:
        return str(get_provider(name).label)
    except ProviderUnavailable:
        return name


def is_online(provider_name: str) -> bool:
    try:
        return get_provider(provider_name).is_online
    except ProviderUnavailable:
        return True
