"""Secrets are where they belong, can all be brought by the operator, and outlive the release."""

import base64
import json

import pytest

from chart.rendering import EXAMPLES, EXTERNAL, ROOT, Refused, kinds, one, render

SECRET_SETTINGS = {
    "DJANGOAPP_FERNET_KEY": "secrets.fernetKey",
    "DJANGOAPP_EMAIL_PASSWORD": "email.password",
    "DJANGOAPP_STRIPE_LIVE_SECRET_KEY": "stripe.liveSecretKey",
    "DJANGOAPP_STRIPE_TEST_SECRET_KEY": "stripe.testSecretKey",
    "DJANGOAPP_STRIPE_WEBHOOK_SECRET": "stripe.webhookSecret",
    "DJANGOAPP_GOOGLE_CLIENT_SECRET": "google.clientSecret",
    "DJANGOAPP_AWS_ACCESS_KEY_ID": "s3.accessKeyId",
    "DJANGOAPP_AWS_SECRET_ACCESS_KEY": "s3.secretAccessKey",
    "DJANGOAPP_REDIS_URL": "redis.url",
}
GIVEN = {path: f"given-{name.lower().replace('_', '-')}-{'x' * 32}" for name, path in SECRET_SETTINGS.items()}
GIVEN |= {"s3.bucket": "pictures", "google.clientId": "id", "backup.enabled": True}


def decoded(secret: dict) -> dict[str, str]:
    return {name: base64.b64decode(value).decode() for name, value in secret["data"].items()}


def test_given_secrets_arrive_under_the_names_that_the_application_reads():
    data = decoded(one(render(GIVEN), "Secret", "shop-djangohelm"))

    assert data == {name: GIVEN[path] for name, path in SECRET_SETTINGS.items()}
    example = (ROOT / ".env.example").read_text()
    assert all(f"{name}=" in example for name in data)


def test_no_secret_is_anywhere_else():
    password = "the-database-password"
    objects = render(GIVEN | {"postgresql.auth.password": password})

    elsewhere = json.dumps([each for each in objects if each["kind"] != "Secret"])
    for value in (password, *(GIVEN[path] for path in SECRET_SETTINGS.values())):
        assert value not in elsewhere


@pytest.mark.parametrize(
    ("name", "path"), [*SECRET_SETTINGS.items(), ("DATABASE_PASSWORD", "externalDatabase.password")]
)
def test_a_secret_among_the_plain_settings_is_sent_where_it_belongs(name, path):
    with pytest.raises(Refused, match=rf"config\.{name} would lie open in a ConfigMap. Set {path},"):
        render({"config": {name: "secret"}})


@pytest.mark.parametrize("kind", ["ConfigMap", "Deployment", "Job", "CronJob", "Pod"])
def test_the_external_databases_password_is_nowhere_else_either(kind):
    values = EXTERNAL | {"externalDatabase.existingSecret": "", "externalDatabase.password": "hidden-away"}

    assert "hidden-away" not in json.dumps(kinds(render(values), kind))


def test_an_existing_secret_replaces_ours_entirely():
    objects = render(EXTERNAL | {"secrets.existingSecret": "{{ .Release.Name }}-secrets"})

    assert not kinds(objects, "Secret")
    (web,) = one(objects, "Deployment", "-web")["spec"]["template"]["spec"]["containers"]
    assert {"secretRef": {"name": "shop-secrets"}} in web["envFrom"]


def test_what_was_made_up_is_long_and_stays_when_the_release_goes():
    for secret in kinds(render(), "Secret"):
        assert secret["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"
        assert all(len(value) >= 32 for value in decoded(secret).values())


def test_former_keys_stay_valid():
    data = decoded(
        one(render({"secrets.fernetKeyFallbacks": ["a" * 40, "b" * 40]}), "Secret", "shop-djangohelm")
    )

    assert data["DJANGOAPP_FERNET_KEY_FALLBACKS"] == f"{'a' * 40},{'b' * 40}"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_no_example_has_a_password(example):
    words = example.read_text().lower()

    for name in ("password:", "secretkey:", "fernetkey:", "secretaccesskey:"):
        for line in words.splitlines():
            assert not line.strip().startswith(name) or line.strip() == name, line


def test_every_setting_of_the_config_map_is_one_that_the_application_reads():
    example = (ROOT / ".env.example").read_text()
    data = one(
        render(GIVEN | {"app.siteName": "Shop", "stripe.webhookUuid": "u"}), "ConfigMap", "shop-djangohelm"
    )["data"]

    unknown = {name for name in data if f"{name}=" not in example} - {
        "DJANGO_SETTINGS_MODULE",
        "DJANGOAPP_METRICS_PORT",
    }
    assert not unknown
