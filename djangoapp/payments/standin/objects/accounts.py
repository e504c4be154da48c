"""The account, its customers and its webhook endpoints."""

NO_ADDRESS = {
    "city": None,
    "country": None,
    "line1": None,
    "line2": None,
    "postal_code": None,
    "state": None,
}


def account(settings):
    requirements = {
        "alternatives": [],
        "current_deadline": None,
        "currently_due": [],
        "disabled_reason": None,
        "errors": [],
        "eventually_due": [],
        "past_due": [],
        "pending_verification": [],
    }
    return {
        "id": settings.account_id,
        "object": "account",
        "business_profile": {
            "annual_revenue": None,
            "estimated_worker_count": None,
            "mcc": None,
            "name": settings.business_name,
            "product_description": None,
            "support_address": None,
            "support_email": None,
            "support_phone": None,
            "support_url": None,
            "url": None,
        },
        "business_type": None,
        "capabilities": {"card_payments": "active", "transfers": "active"},
        "charges_enabled": True,
        "controller": {"type": "account"},
        "country": settings.country,
        "created": 1700000000,
        "default_currency": settings.currency,
        "details_submitted": True,
        "email": "studio@example.com",
        "external_accounts": empty_list(f"/v1/accounts/{settings.account_id}/external_accounts"),
        "future_requirements": requirements,
        "metadata": {},
        "payouts_enabled": True,
        "requirements": requirements,
        "settings": {
            "branding": {
                "icon": None,
                "logo": None,
                "primary_color": None,
                "secondary_color": None,
            },
            "card_payments": {
                "statement_descriptor_prefix": None,
                "statement_descriptor_prefix_kana": None,
                "statement_descriptor_prefix_kanji": None,
            },
            "dashboard": {"display_name": settings.business_name, "timezone": "Europe/Zurich"},
            "payments": {
                "statement_descriptor": None,
                "statement_descriptor_kana": None,
                "statement_descriptor_kanji": None,
            },
        },
        "tos_acceptance": {"date": None, "ip": None, "user_agent": None},
        "type": "standard",
    }


def empty_list(url):
    return {"object": "list", "data": [], "has_more": False, "url": url}


def customer(store, params):
    return {
        "id": store.new_id("customer"),
        "object": "customer",
        "address": {**NO_ADDRESS, **params["address"]} if "address" in params else None,
        "balance": 0,
        "created": store.now(),
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": params.get("description"),
        "discount": None,
        "email": params.get("email"),
        "invoice_prefix": f"{store.random.getrandbits(28):07X}",
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": kept_metadata(params),
        "name": params.get("name"),
        "next_invoice_sequence": 1,
        "phone": params.get("phone"),
        "preferred_locales": params.get("preferred_locales", []),
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }


def kept_metadata(params):
    """On creation an empty value means: no such key."""
    return {key: value for key, value in params.get("metadata", {}).items() if value != ""}


def merge_metadata(obj, changes):
    """On update an empty value removes the key, an empty hash removes them all."""
    if not changes:
        return {}
    merged = {**obj["metadata"], **changes}
    return {key: value for key, value in merged.items() if value != ""}


def webhook_endpoint(store, params):
    return {
        "id": store.new_id("webhook_endpoint"),
        "object": "webhook_endpoint",
        "api_version": params.get("api_version"),
        "application": None,
        "created": store.now(),
        "description": params.get("description"),
        "enabled_events": params["enabled_events"],
        "livemode": False,
        "metadata": kept_metadata(params),
        "status": "enabled",
        "url": params["url"],
    }
