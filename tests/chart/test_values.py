"""Values: each is documented and has a type; what is misspelt, contradictory or of an earlier chart is refused."""

import json
import re
import subprocess

import pytest
import yaml
from helm_chart import HELM_DOCS

from chart.rendering import CHART, EXTERNAL, ROOT, Refused, containers, one, pod_specs, program, render

VALUES = yaml.safe_load((CHART / "values.yaml").read_text())
SCHEMA = json.loads((CHART / "values.schema.json").read_text())
FORMER = re.search(
    r'formerValues" -}}\n(.*?){{- end', (CHART / "templates" / "_former-values.tpl").read_text(), re.DOTALL
)
FORMER_VALUES = yaml.safe_load(FORMER[1])
# The keys that deployments of earlier charts used, with their sub-keys.
SEED_KEYS = """
replicaCount image initContainerImage pullPolicy djangoappFernetKey djangoappCustomTimezone djangoappLogLevel
djangoappAdminDefaultUrl djangoappEmailHostUser djangoappEmailHostPassword djangoappAwsId djangoappAwsKey
djangoappBucket
djangoappStripeLivePub djangoappStripeLiveKey djangoappStripeTestPub djangoappStripeTestKey djangoappStripeWebHook
service.type service.name service.externalPort service.internalPort externalDatabase.host externalDatabase.user
externalDatabase.password externalDatabase.database externalDatabase.port ingress.enabled ingress.hosts
ingress.annotations ingress.tls resources postgresql.enabled postgresql.nameOverride postgresql.postgresqlUsername
postgresql.postgresqlPassword postgresql.postgresqlDatabase postgresql.service.port postgresql.persistence myappTag
myappPort imageRegistry databaseUser databasePassword databaseName databaseHostnameSuffix databaseMigrationSuffix
""".split()


def documented() -> list[str]:
    """Every path that has a description in values.yaml: what somebody may set, alone or with all below it."""
    found: list[str] = []
    above: list[tuple[int, str]] = []
    is_described = False
    for line in (CHART / "values.yaml").read_text().splitlines():
        if re.match(r" *# -- ", line):
            is_described = True
        elif key := re.match(r"( *)(\w+):", line):
            depth = len(key[1])
            above = [each for each in above if each[0] < depth] + [(depth, key[2])]
            if is_described:
                found.append(".".join(name for _depth, name in above))
            is_described = False
    return found


def leaves(values: dict, before: str = "") -> list[str]:
    found = []
    for name, value in values.items():
        path = f"{before}{name}"
        found += leaves(value, f"{path}.") if isinstance(value, dict) and value else [path]
    return found


DOCUMENTED = documented()


def branches(schema: dict) -> list[dict]:
    return [each for each in (schema, *schema.get("oneOf", [])) if "properties" in each]


def in_schema(path: str) -> bool:
    places = [SCHEMA]
    for name in path.split("."):
        places = [
            branch["properties"][name]
            for place in places
            for branch in branches(place)
            if name in branch["properties"]
        ]
    return bool(places)


def test_every_value_is_documented():
    for leaf in leaves(VALUES):
        steps = leaf.split(".")
        assert any(".".join(steps[: n + 1]) in DOCUMENTED for n in range(len(steps))), leaf


@pytest.mark.parametrize("path", DOCUMENTED)
def test_a_value_is_in_the_schema_and_in_the_readme(path):
    assert in_schema(path)
    assert f"| `{path}` |" in (CHART / "README.md").read_text(), "make chart-docs writes the table anew"


def test_the_schema_knows_no_value_that_is_gone():
    def walk(schema: dict, before: str = ""):
        for branch in branches(schema):
            for name, below in branch["properties"].items():
                path = f"{before}{name}"
                if path in DOCUMENTED and path != "image":
                    continue
                assert path in FORMER_VALUES or any(each.startswith(f"{path}.") for each in DOCUMENTED), path
                walk(below, f"{path}.")

    walk(SCHEMA)


@pytest.mark.skipif(not program("helm-docs"), reason="helm-docs is not here")
def test_the_readme_is_what_helm_docs_makes_of_the_values():
    made = subprocess.run(
        [program("helm-docs"), *HELM_DOCS, "--dry-run"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert made.strip() == (CHART / "README.md").read_text().strip(), "make chart-docs writes it anew"


def test_our_own_sections_are_closed_and_foreign_ones_open():
    for name, value in VALUES.items():
        schema = SCHEMA["properties"][name]
        if name in ("postgresql", "global"):
            assert "additionalProperties" not in schema, name
        elif isinstance(value, dict) and value and "properties" in schema:
            assert schema["additionalProperties"] is False, name


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"replicacount": 2}, "replicacount"),
        ({"service.typ": "NodePort"}, "typ"),
        ({"service.type": "Nodeport"}, "service"),
        ({"replicaCount": "two"}, "replicaCount"),
        ({"app.trustedProxyCount": -1}, "trustedProxyCount"),
        ({"app.allowedHosts": "shop.example.org"}, "allowedHosts"),
        ({"app.sslRedirect": "yes"}, "sslRedirect"),
        ({"secrets.fernetKey": "short"}, "fernetKey"),
        ({"migrations.mode": "sometimes"}, "mode"),
        ({"ingress.enabled": True, "ingress.hosts": [{"hosts": "a"}]}, "hosts"),
        ({"image.digest": "sha256:beef"}, "image"),
        ({"media.persistence.accessModes": ["Everybody"]}, "accessModes"),
        ({"config": {"NAME": ["a", "list"]}}, "config"),
        ({"app.siteUrl": "shop.example.org"}, "siteUrl"),
        ({"tmpSizeLimit": "1.2.3Gi"}, "tmpSizeLimit"),
        ({"tmpSizeLimit": "5 GB"}, "tmpSizeLimit"),
    ],
)
def test_what_is_misspelt_or_of_a_wrong_type_is_refused_by_name(values, named):
    with pytest.raises(Refused, match=rf"(?s)schema.*{named}"):
        render(values)


@pytest.mark.parametrize("quantity", ["5Gi", "0.5Gi", "500k", "1Ei", "1e3", "12E6", "100m"])
def test_whatever_kubernetes_takes_for_a_quantity_is_taken(quantity):
    assert render({"tmpSizeLimit": quantity})


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"app.siteUrl": ""}, r"app\.siteUrl"),
        ({"email.host": ""}, r"email\.host"),
        ({"externalDatabase.host": "db"}, "Two databases"),
        ({"postgresql.enabled": False}, "No database"),
        (EXTERNAL | {"externalDatabase.existingSecret": ""}, "no password"),
        (EXTERNAL | {"externalDatabase.password": "x"}, "not both"),
        (EXTERNAL | {"externalDatabase.username": ""}, "no user"),
        (EXTERNAL | {"externalDatabase.user": "another"}, "two users"),
        ({"secrets.existingSecret": "s", "email.password": "x"}, "DJANGOAPP_EMAIL_PASSWORD"),
        ({"stripe.testSecretKey": "sk_test_x"}, r"stripe\.webhookSecret"),
        ({"s3.bucket": "pictures"}, r"s3\.accessKeyId"),
        ({"secrets.existingSecret": "s", "s3.staticBucket": "styles"}, r"s3\.staticUrl"),
        ({"httpRoute.enabled": True, "httpRoute.hostnames": ["a.example"]}, "parentRefs"),
        ({"ingress.enabled": True}, r"ingress\.hosts"),
        ({"migrations.mode": "hook"}, r"migrations\.mode=job"),
        ({"autoscaling.enabled": True, "autoscaling.maxReplicas": 1}, "maxReplicas"),
        ({"replicaCount": 2, "media.persistence.enabled": False}, "common place for uploads"),
        ({"image.tag": "latest"}, "latest"),
        ({"image": "studio/shop:latest"}, "latest"),
        ({"image": "registry.example.org:5000/shop"}, "neither a tag nor a digest"),
    ],
)
def test_what_contradicts_itself_stops_with_advice(values, sentence):
    with pytest.raises(Refused, match=sentence):
        render(values)


@pytest.mark.parametrize("path", FORMER_VALUES)
def test_a_value_of_earlier_charts_names_what_took_its_place(path):
    value = (
        {"port": 5432}
        if path.startswith("postgresql.") and path.endswith(("service", "persistence"))
        else "x"
    )

    with pytest.raises(Refused) as refusal:
        render({path: value})

    assert f"The value {path} {FORMER_VALUES[path]}." in str(refusal.value)


def test_what_took_the_place_of_a_former_value_exists():
    known = {*DOCUMENTED, "postgresql.primary.persistence"} | {
        *("postgresql.auth.existingSecret", "postgresql.primary.service", "externalDatabase.existingSecret"),
        "postgresql.primary.service.ports.postgresql",
    }
    for path, sentence in FORMER_VALUES.items():
        for named in re.findall(r"\b[a-z]\w*(?:\.[a-zA-Z]\w*)+", sentence):
            assert named in known, f"{path}: {named}"


@pytest.mark.parametrize("path", SEED_KEYS)
def test_no_value_of_earlier_charts_is_ignored(path):
    """Each is a value of this chart or of the database's, or is refused by name."""
    refused = any(path == former or path.startswith(f"{former}.") for former in FORMER_VALUES)

    assert refused or path in {*DOCUMENTED, "postgresql.nameOverride", "image"}


def test_the_handbook_lists_every_value_of_earlier_charts():
    page = (ROOT / "docs" / "operators" / "upgrading.md").read_text()

    for path in SEED_KEYS:
        assert f"`{path}`" in page, path


def images(values: dict) -> set[str]:
    return {
        container["image"]
        for name, spec in pod_specs(render(values))
        if "djangohelm" in name
        for container in containers(spec)
    }


def test_the_image_may_be_one_string_as_before():
    values = {"image": "registry.example.org/shop:3"}

    assert images(values) == {"registry.example.org/shop:3"}
    labels = one(render(values), "Deployment", "-web")["metadata"]["labels"]
    assert labels["app.kubernetes.io/version"] == "3"


def test_a_string_may_end_with_a_digest():
    image = f"registry.example.org:5000/shop@sha256:{'0' * 64}"

    assert images({"image": image}) == {image}


def test_a_tag_of_digits_stays_as_it_is():
    """Numbers of values files are floating point."""
    tags = {"image.tag": 20261130, "backup.enabled": True, "backup.image.tag": 1717171717}

    assert images(tags) == {"djangoapp:20261130", "docker.io/library/postgres:1717171717"}
