"""The shop finds its database: the bundled one by the names that the subchart gives, an external one by its values."""

import pytest

from chart.rendering import EXTERNAL, containers, environment, kinds, one, pod_specs, render


def asked_for(objects: list[dict]) -> dict:
    """What the web pods are told about the database."""
    web = one(objects, "Deployment", "-web")
    (container,) = web["spec"]["template"]["spec"]["containers"]
    (password,) = (each for each in container["env"] if each["name"] == "DATABASE_PASSWORD")
    told = {
        name: value for name, value in environment(container).items() if name.startswith(("DATABASE_", "PG"))
    }
    return told | {"DATABASE_PASSWORD": tuple(password["valueFrom"]["secretKeyRef"].values())}


@pytest.mark.parametrize(
    ("values", "release", "host"),
    [
        ({}, "shop", "shop-postgresql"),
        ({}, "my-postgresql", "my-postgresql"),
        ({"postgresql.architecture": "replication"}, "shop", "shop-postgresql-primary"),
        ({"postgresql.nameOverride": "db"}, "shop", "shop-db"),
        ({"postgresql.fullnameOverride": "data"}, "shop", "data"),
        ({"global.postgresql.fullnameOverride": "one"}, "shop", "one"),
        ({"fullnameOverride": "ours", "nameOverride": "also"}, "shop", "shop-postgresql"),
    ],
)
def test_the_bundled_database_is_found_whatever_it_is_called(values, release, host):
    objects = render(values, release=release)

    told = asked_for(objects)

    assert told["DATABASE_HOSTNAME"] == host
    one(objects, "Service", host)
    name, key = told["DATABASE_PASSWORD"]
    assert key in one(objects, "Secret", name)["data"]
    database = one(objects, "StatefulSet", host)
    mounted = database["spec"]["template"]["spec"]["volumes"]
    assert name in [each["secret"]["secretName"] for each in mounted if "secret" in each]


def test_its_port_user_and_name_follow_its_values():
    told = asked_for(
        render(
            {
                "postgresql.primary.service.ports.postgresql": 6432,
                "postgresql.auth.username": "u",
                "postgresql.auth.database": "d",
            }
        )
    )

    assert (told["DATABASE_PORT"], told["DATABASE_USER"], told["DATABASE_NAME"]) == ("6432", "u", "d")


def test_a_user_called_postgres_has_the_administrators_password():
    told = asked_for(render({"postgresql.auth.username": "postgres"}))

    assert told["DATABASE_PASSWORD"] == ("shop-djangohelm-db", "postgres-password")


def test_an_existing_secret_takes_the_place_of_ours():
    objects = render({"postgresql.auth.existingSecret": "mine"})

    assert asked_for(objects)["DATABASE_PASSWORD"] == ("mine", "password")
    assert [each["metadata"]["name"] for each in kinds(objects, "Secret")] == ["shop-djangohelm"]


def test_our_secret_has_the_keys_of_every_architecture():
    secret = one(render(), "Secret", "-db")

    assert set(secret["data"]) == {"password", "postgres-password", "replication-password"}
    assert secret["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"


def test_an_external_database_is_used_as_it_is_named():
    told = asked_for(
        render(
            EXTERNAL
            | {
                "externalDatabase.port": "6432",
                "externalDatabase.sslMode": "verify-full",
                "externalDatabase.sslRootCertificate.existingSecret": "ca",
                "externalDatabase.passwordKey": "pw",
            }
        )
    )

    assert told == {
        "DATABASE_HOSTNAME": "postgres.example.org",
        "DATABASE_PORT": "6432",
        "DATABASE_NAME": "workshops",
        "DATABASE_USER": "shop",
        "DATABASE_PASSWORD": ("shop-database", "pw"),
        "PGSSLMODE": "verify-full",
        "PGSSLROOTCERT": "/etc/database-ca/ca.crt",
    }


def test_the_former_name_of_its_user_still_works():
    objects = render(EXTERNAL | {"externalDatabase.username": "", "externalDatabase.user": "old"})

    assert asked_for(objects)["DATABASE_USER"] == "old"


def test_its_password_may_be_a_value():
    objects = render(EXTERNAL | {"externalDatabase.existingSecret": "", "externalDatabase.password": "p@/#%"})

    assert asked_for(objects)["DATABASE_PASSWORD"] == ("shop-djangohelm-external-db", "password")
    assert one(objects, "Secret", "external-db")["data"] == {"password": "cEAvIyU="}
    assert not kinds(objects, "StatefulSet")


def test_every_pod_of_ours_is_known_to_a_database_that_admits_clients_only():
    objects = render({"backup.enabled": True, "postgresql.primary.networkPolicy.allowExternal": False})

    for each in objects:
        template = {
            "Deployment": lambda of: of["spec"]["template"],
            "Job": lambda of: of["spec"]["template"],
            "CronJob": lambda of: of["spec"]["jobTemplate"]["spec"]["template"],
        }.get(each["kind"])
        if template:
            assert template(each)["metadata"]["labels"]["shop-postgresql-client"] == "true", each["metadata"][
                "name"
            ]


def test_the_backup_speaks_to_the_same_database():
    objects = render(EXTERNAL | {"backup.enabled": True, "externalDatabase.sslMode": "require"})

    spec = dict(pod_specs(objects))["CronJob shop-djangohelm-backup"]
    dump, keep = containers(spec)

    assert environment(dump) == {
        "PGHOST": "postgres.example.org",
        "PGPORT": "5432",
        "PGDATABASE": "workshops",
        "PGUSER": "shop",
        "PGPASSWORD": None,
        "PGSSLMODE": "require",
    }
    assert environment(keep)["DATABASE_HOSTNAME"] == "postgres.example.org"


def test_migrations_and_backups_go_past_a_pool_of_connections():
    pooled = {
        "externalDatabase.host": "pool",
        "externalDatabase.port": 6432,
        "externalDatabase.directHost": "server",
    }
    objects = render(EXTERNAL | pooled | {"backup.enabled": True})

    specs = dict(pod_specs(objects))
    (migrate,) = (spec for name, spec in specs.items() if "migrate" in name)
    dump, _keep = containers(specs["CronJob shop-djangohelm-backup"])
    assert asked_for(objects)["DATABASE_HOSTNAME"] == "pool"
    assert environment(migrate["containers"][0])["DATABASE_HOSTNAME"] == "server"
    assert environment(migrate["containers"][0])["DATABASE_PORT"] == "5432"
    assert environment(dump)["PGHOST"] == "server"
    web = one(objects, "Deployment", "-web")  # where `make backup` and `make restore` read it
    assert web["metadata"]["annotations"]["djangohelm/direct-database"] == "server:5432"
