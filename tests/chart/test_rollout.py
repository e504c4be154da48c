"""What an upgrade replaces, what it leaves alone, and in which order things happen."""

import re

import pytest

from chart.rendering import EXTERNAL, Refused, containers, kinds, one, pod_specs, render

GIVEN = {"secrets.fernetKey": "k" * 40} | {
    f"postgresql.auth.{name}": f"given-{name}"
    for name in ("password", "postgresPassword", "replicationPassword")
}
SECRETS = EXTERNAL | {"secrets.existingSecret": "shop-secrets"}


def templates(objects: list[dict]) -> dict[str, dict]:
    return {
        each["metadata"]["name"]: each["spec"]["template"]
        for each in objects
        if each["kind"] in ("Deployment", "StatefulSet")
    }


def test_an_upgrade_with_unchanged_values_restarts_nothing():
    installed = render(GIVEN)
    upgraded = render(GIVEN, arguments=("--is-upgrade",))

    assert upgraded == installed


def test_pods_do_not_depend_on_what_is_made_up():
    """The key is random here each time; a checksum over it would restart every pod with every upgrade."""
    once = render(kubernetes="1.35")
    again = render(kubernetes="1.36")

    keys = [
        one(objects, "Secret", "shop-djangohelm")["data"]["DJANGOAPP_FERNET_KEY"] for objects in (once, again)
    ]
    assert keys[0] != keys[1]
    assert templates(once) == templates(again)


@pytest.mark.parametrize(
    "change",
    [
        {"shop.currency": "EUR"},
        {"config": {"DJANGOAPP_HOLD_MINUTES": 20}},
        {"secrets.fernetKey": "n" * 40},
        {"stripe.testSecretKey": "sk_test_new", "stripe.webhookSecret": "whsec_new"},
        {"rolloutToken": "2"},
        {"image.tag": "2.0.0"},
    ],
)
def test_what_pods_read_at_their_start_restarts_them(change):
    before, after = templates(render(GIVEN)), templates(render(GIVEN | change))

    assert {name for name in before if before[name] != after[name]} == {
        "shop-djangohelm-web",
        "shop-djangohelm-worker",
    }


def test_other_changes_restart_nothing():
    changed = {
        "replicaCount": 1,
        "service.type": "NodePort",
        "ingress.enabled": True,
        "ingress.hosts": ["shop.example.org"],
    }

    before, after = (
        templates(render(GIVEN | {"app.trustedProxyCount": 1})),
        templates(render(GIVEN | changed | {"app.trustedProxyCount": 1})),
    )

    assert before == after


def test_while_pods_are_replaced_none_is_missing():
    for deployment in kinds(render(), "Deployment"):
        spec = deployment["spec"]
        assert spec["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
        waiting = spec["template"]["spec"]["initContainers"][0]
        assert waiting["args"][0] == "wait-for-migrations"
        assert spec["progressDeadlineSeconds"] > int(waiting["args"][2])
        assert spec["progressDeadlineSeconds"] > job({})["spec"]["activeDeadlineSeconds"]


def test_where_all_pods_go_before_new_ones_come_nothing_is_said_of_steps():
    for deployment in kinds(render({"strategy.type": "Recreate"}), "Deployment"):
        assert deployment["spec"]["strategy"] == {"type": "Recreate"}


def test_pods_that_need_not_linger_have_no_hook():
    """Before 1.33 Kubernetes refuses to sleep for no time at all."""
    (web,) = one(render({"preStopSeconds": 0}), "Deployment", "-web")["spec"]["template"]["spec"][
        "containers"
    ]

    assert "lifecycle" not in web


@pytest.mark.parametrize("probe", ["startupProbe", "livenessProbe", "readinessProbe"])
def test_a_probe_can_be_left_out(probe):
    (web,) = one(render({probe: None}), "Deployment", "-web")["spec"]["template"]["spec"]["containers"]

    assert {name for name in web if name.endswith("Probe")} == {
        "startupProbe",
        "livenessProbe",
        "readinessProbe",
    } - {probe}


def test_a_worker_needs_no_probes():
    without = {"worker.livenessProbe": None, "worker.readinessProbe": None}
    (worker,) = one(render(without), "Deployment", "-worker")["spec"]["template"]["spec"]["containers"]

    assert not {name for name in worker if name.endswith("Probe")}


def test_a_web_pod_serves_until_every_proxy_knows_that_it_goes():
    spec = one(render(), "Deployment", "-web")["spec"]["template"]["spec"]
    (web,) = spec["containers"]
    stop = web["lifecycle"]["preStop"]["sleep"]["seconds"]
    graceful = int(
        next(each["value"] for each in web["env"] if each["name"] == "GUNICORN_GRACEFUL_TIMEOUT_SECONDS")
    )

    assert spec["terminationGracePeriodSeconds"] >= stop + graceful + 10


def test_liveness_asks_the_process_and_readiness_the_database():
    (web,) = one(render(), "Deployment", "-web")["spec"]["template"]["spec"]["containers"]

    assert web["livenessProbe"]["httpGet"]["path"] == web["startupProbe"]["httpGet"]["path"] == "/livez"
    assert web["readinessProbe"]["httpGet"]["path"] == "/readyz"


# Migrations


def job(values: dict, **options) -> dict:
    (found,) = (
        each
        for each in kinds(render(GIVEN | values, **options), "Job")
        if "migrate" in each["metadata"]["name"]
    )
    return found


def test_each_image_gets_a_migration_of_its_own():
    names = {job({"image.tag": tag})["metadata"]["name"] for tag in ("1", "2", "1")}

    assert len(names) == 2


def test_the_same_image_does_not_migrate_again_when_settings_change():
    names = {
        job(values, arguments=arguments)["metadata"]["name"]
        for values in ({}, {"shop.currency": "EUR"}, {"replicaCount": 3})
        for arguments in ((), ("--is-upgrade",))
    }

    assert len(names) == 1


def test_a_new_token_lets_the_migration_run_again():
    """A Job that failed is not repeated by Kubernetes; nothing but its name makes another."""
    names = {job({"rolloutToken": token})["metadata"]["name"] for token in ("", "1", 2)}

    assert len(names) == 3


def test_the_token_may_be_the_second_of_the_clock():
    """``--set rolloutToken=$(date +%s)`` is a number to Helm."""
    web = one(render({"rolloutToken": 1796079600}), "Deployment", "-web")

    assert web["spec"]["template"]["metadata"]["annotations"]["djangohelm/rollout-token"] == "1796079600"


def test_the_migration_is_no_hook_and_keeps_its_logs():
    migration = job({})

    assert "annotations" not in migration["metadata"]
    assert migration["spec"]["template"]["spec"]["restartPolicy"] == "Never"
    assert migration["spec"]["ttlSecondsAfterFinished"] >= 86400


def test_a_finished_job_may_stay_for_whoever_would_miss_it():
    """Argo CD and Flux make a missing object again, so a Job that is cleaned up would run day by day."""
    objects = render({"migrations.ttlSecondsAfterFinished": None, "backup.enabled": True})

    assert len(kinds(objects, "Job")) == 2
    assert all("ttlSecondsAfterFinished" not in each["spec"] for each in kinds(objects, "Job"))


def test_migrations_before_the_release_bring_all_that_they_need():
    """A hook runs before our ConfigMap, Secrets and ServiceAccount exist."""
    objects = render(SECRETS | {"migrations.mode": "hook"})

    migration = one(objects, "Job")
    spec = migration["spec"]["template"]["spec"]
    (container,) = spec["containers"]
    ours = {
        each["metadata"]["name"]
        for each in objects
        if each["kind"] in ("ConfigMap", "Secret", "ServiceAccount")
    }
    named = {source[kind]["name"] for source in container["envFrom"] for kind in source}
    assert migration["metadata"]["annotations"]["helm.sh/hook"] == "pre-install,pre-upgrade"
    assert spec["serviceAccountName"] == "default"
    assert not named & ours
    assert {"name": "DJANGO_SETTINGS_MODULE", "value": "app.settings.production"} in container["env"]


@pytest.mark.parametrize("values", [{}, EXTERNAL, {"secrets.existingSecret": "shop-secrets"}])
def test_they_are_refused_where_something_would_be_missing(values):
    with pytest.raises(Refused, match="hook"):
        render(values | {"migrations.mode": "hook"})


def test_without_migrations_pods_still_wait_for_them():
    objects = render({"migrations.mode": "none"})

    assert not kinds(objects, "Job")
    assert one(objects, "Deployment", "-web")["spec"]["template"]["spec"]["initContainers"]


# How many


def test_the_number_of_pods_is_the_autoscalers_or_ours_never_both():
    fixed, scaled = render({"replicaCount": 3}), render({"autoscaling.enabled": True})

    assert one(fixed, "Deployment", "-web")["spec"]["replicas"] == 3
    assert not kinds(fixed, "HorizontalPodAutoscaler")
    assert "replicas" not in one(scaled, "Deployment", "-web")["spec"]
    target = one(scaled, "HorizontalPodAutoscaler")["spec"]["scaleTargetRef"]
    assert target["name"] == one(scaled, "Deployment", "-web")["metadata"]["name"]


@pytest.mark.parametrize(
    ("values", "protected"),
    [
        ({}, []),
        ({"replicaCount": 2}, ["shop-djangohelm-web"]),
        ({"autoscaling.enabled": True}, ["shop-djangohelm-web"]),
        ({"autoscaling.enabled": True, "autoscaling.minReplicas": 1}, []),
        ({"worker.replicaCount": 2}, ["shop-djangohelm-worker"]),
        ({"replicaCount": 2, "podDisruptionBudget.enabled": False}, []),
    ],
)
def test_a_node_can_always_be_drained(values, protected):
    """A budget over a single pod would keep its node from ever being drained."""
    budgets = [
        each
        for each in kinds(render(values), "PodDisruptionBudget")
        if "djangohelm" in each["metadata"]["name"]
    ]

    assert [each["metadata"]["name"] for each in budgets] == protected
    assert all(each["spec"]["maxUnavailable"] == 1 for each in budgets)


@pytest.mark.parametrize(
    ("values", "is_bound"),
    [
        ({}, True),
        ({"media.persistence.accessModes": ["ReadWriteMany"]}, False),
        ({"media.persistence.enabled": False}, False),
        ({"secrets.existingSecret": "s", "s3.bucket": "pictures"}, False),
    ],
)
def test_pods_share_a_node_when_one_alone_can_mount_the_uploads(values, is_bound):
    for name, spec in pod_specs(render(values | {"backup.enabled": True})):
        if name.startswith(("Deployment", "CronJob shop-djangohelm-backup")):
            assert ("podAffinity" in spec.get("affinity", {})) is is_bound, name


def test_only_pods_that_handle_uploads_mount_them():
    mounting = {
        name
        for name, spec in pod_specs(render({"backup.enabled": True}))
        for container in containers(spec)
        if "media" in [mount["name"] for mount in container.get("volumeMounts", [])]
    }

    mounting = {re.sub("-[0-9a-f]{8}$", "", name) for name in mounting}
    assert mounting == {
        "Job shop-djangohelm-backup",
        "Deployment shop-djangohelm-web",
        "Deployment shop-djangohelm-worker",
        "CronJob shop-djangohelm-backup",
    }
