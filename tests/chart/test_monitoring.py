"""Alerts and dashboard ask for figures that the application has, and tell people what to do."""

import json
import re

import pytest
import yaml

from chart.rendering import CHART, ROOT, kinds, one, render

WITH_PROMETHEUS = ("--api-versions", "monitoring.coreos.com/v1")
WATCHED = {
    "metrics.serviceMonitor.enabled": True,
    "metrics.prometheusRule.enabled": True,
    "metrics.dashboard.enabled": True,
    "backup.enabled": True,
}
DASHBOARD = json.loads((CHART / "dashboards" / "shop.json").read_text())
# Not ours: from the kubelet, and from kube-state-metrics.
OTHERS = {
    *("container_cpu_usage_seconds_total", "container_memory_working_set_bytes"),
    *(
        "kube_cronjob_created",
        "kube_cronjob_status_last_schedule_time",
        "kube_cronjob_status_last_successful_time",
    ),
}


def figures() -> set[str]:
    """What the application tells, as its source has it."""
    source = (ROOT / "djangoapp" / "app" / "vitals.py").read_text()
    signs = re.findall(r'^    "(\w+)": "', source[source.index("SIGNS = {") :], re.MULTILINE)
    return set(re.findall(r'"(shop_\w+)"', source)) | {f"shop_{name}" for name in signs}


def asked_for(expression: str) -> set[str]:
    """The names of the figures in an expression."""
    return set(re.findall(r"\b(?:shop|django|container|kube)_\w+", re.sub(r'"[^"]*"', "", expression)))


def rule(values: dict | None = None) -> dict:
    return one(render(WATCHED | (values or {}), arguments=WITH_PROMETHEUS), "PrometheusRule")


def alerts(values: dict | None = None) -> list[dict]:
    (group,) = rule(values)["spec"]["groups"]
    return group["rules"]


def alert(name: str, values: dict | None = None) -> dict:
    (found,) = (each for each in alerts(values) if each["alert"] == name)
    return found


def expressions() -> list[str]:
    panels = [target["expr"] for panel in DASHBOARD["panels"] for target in panel.get("targets", [])]
    return [each["expr"] for each in alerts()] + panels


def test_every_figure_that_is_asked_for_exists():
    for expression in expressions():
        for name in asked_for(expression):
            assert name in figures() | OTHERS or name.startswith("django_http_"), name


def test_the_search_for_figures_finds_them():
    assert {"shop_oversold_sessions", "shop_orders", "shop_vitals_up"} <= figures()
    assert asked_for('max(shop_mails{state="shop_x"}) > kube_job_failed') == {"shop_mails", "kube_job_failed"}


def test_brackets_close():
    for expression in expressions():
        for opening, closing in ("()", "{}", "[]"):
            assert expression.count(opening) == expression.count(closing), expression


def test_every_alert_says_how_bad_it_is_and_what_to_do():
    handbook = (ROOT / "docs" / "operators" / "troubleshooting.md").read_text()

    for alert in alerts():
        assert alert["labels"]["severity"] in ("critical", "warning")
        assert alert["annotations"]["summary"]
        assert alert["annotations"]["description"]
        assert alert["alert"] in handbook, alert["alert"]


def test_the_shop_is_down_when_no_web_pod_answers():
    """The worker tells figures as well, and sells nothing."""
    (service,) = re.findall(r'service="([^"]+)"', alert("ShopDown")["expr"])

    selector = one(render(WATCHED), "Service", service)["spec"]["selector"]
    assert selector["app.kubernetes.io/component"] == "web"


def test_a_night_has_failed_until_one_succeeds():
    """A failed Job stays until three later ones have failed; an alert about it would stay as long."""
    failed = alert("ShopNightFailed", {"backup.activeDeadlineSeconds": 7200})

    assert asked_for(failed["expr"]) == {
        "kube_cronjob_status_last_schedule_time",
        "kube_cronjob_status_last_successful_time",
    }
    assert failed["for"] == "7800s"


def test_a_backup_is_missing_also_where_none_ever_succeeded_and_never_before_it_is_due():
    missing = alert("ShopBackupMissing", {"backup.alertAfterHours": 192})

    assert "kube_cronjob_created" in asked_for(missing["expr"])
    assert missing["expr"].endswith(f"> {192 * 3600}")


def test_alerts_can_be_left_out_labelled_and_added():
    own = {"alert": "Ours", "expr": "vector(1)"}
    changed = alerts(
        {
            "metrics.prometheusRule.disabled": ["ShopSlow"],
            "metrics.prometheusRule.alertLabels": {"team": "studio"},
            "metrics.prometheusRule.additionalRules": [own],
        }
    )

    assert {each["alert"] for each in alerts()} - {each["alert"] for each in changed} == {"ShopSlow"}
    assert all(each["labels"]["team"] == "studio" for each in changed[:-1])
    assert changed[-1] == own


def test_every_pod_that_tells_figures_is_asked():
    objects = render(WATCHED, arguments=WITH_PROMETHEUS)

    monitor = one(objects, "ServiceMonitor")
    wanted = monitor["spec"]["selector"]["matchLabels"].items()
    services = [each for each in kinds(objects, "Service") if wanted <= each["metadata"]["labels"].items()]
    asked = {each["spec"]["selector"]["app.kubernetes.io/component"] for each in services}
    telling = {
        each["metadata"]["labels"]["app.kubernetes.io/component"]
        for each in kinds(objects, "Deployment")
        for container in each["spec"]["template"]["spec"]["containers"]
        if "metrics" in [port["name"] for port in container["ports"]]
    }
    assert asked == telling == {"web", "worker"}


@pytest.mark.parametrize("kind", ["ServiceMonitor", "PrometheusRule"])
def test_foreign_kinds_wait_for_a_cluster_that_knows_them(kind):
    assert not kinds(render(WATCHED), kind)
    assert kinds(render(WATCHED | {"skipCapabilityChecks": True}), kind)


def test_the_dashboard_is_found_by_grafana():
    config_map = one(render(WATCHED), "ConfigMap", "-dashboard")

    (text,) = config_map["data"].values()
    assert config_map["metadata"]["labels"]["grafana_dashboard"] == "1"
    assert json.loads(text) == DASHBOARD


def test_panels_do_not_lie_over_one_another():
    taken = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= 24
        taken |= cells
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


def test_without_figures_there_is_nothing_to_watch():
    objects = render(WATCHED | {"metrics.enabled": False}, arguments=WITH_PROMETHEUS)

    assert not kinds(objects, "ServiceMonitor")
    assert "9090" not in yaml.safe_dump_all(objects)
