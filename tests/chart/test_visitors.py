"""How visitors get in, and what the application is told about it."""

import pytest

from chart.rendering import EXTERNAL, Refused, kinds, one, render

INGRESS = {"ingress.enabled": True, "app.siteUrl": ""}
ROUTE = {"httpRoute.enabled": True, "httpRoute.parentRefs": [{"name": "public"}], "app.siteUrl": ""}


def settings(values: dict) -> dict:
    return one(render(values), "ConfigMap", "shop-djangohelm")["data"]


@pytest.mark.parametrize(
    ("values", "site", "hosts", "proxies"),
    [
        ({}, "https://shop.example.org", "shop.example.org", "0"),
        ({"app.siteUrl": "http://127.0.0.1:8081/"}, "http://127.0.0.1:8081", "127.0.0.1", "0"),
        (
            INGRESS | {"ingress.hosts": ["a.example", "b.example"]},
            "https://a.example",
            "a.example,b.example",
            "1",
        ),
        (
            INGRESS | {"ingress.hosts": [{"host": "a.example", "paths": ["/"]}]},
            "https://a.example",
            "a.example",
            "1",
        ),
        (ROUTE | {"httpRoute.hostnames": ["c.example"]}, "https://c.example", "c.example", "1"),
        (
            INGRESS
            | ROUTE
            | {"ingress.hosts": ["a.example"], "httpRoute.hostnames": ["c.example", "a.example"]},
            "https://a.example",
            "a.example,c.example",
            "1",
        ),
        (
            INGRESS | {"ingress.hosts": ["*.a.example", "shop.a.example"]},
            "https://shop.a.example",
            "shop.a.example,.a.example",
            "1",
        ),
        ({"app.allowedHosts": ["d.example"]}, "https://shop.example.org", "shop.example.org,d.example", "0"),
        ({"app.trustedProxyCount": 2}, "https://shop.example.org", "shop.example.org", "2"),
        (
            INGRESS | {"ingress.hosts": ["a.example"], "app.trustedProxyCount": 0},
            "https://a.example",
            "a.example",
            "0",
        ),
    ],
)
def test_address_hosts_and_proxies_follow_from_how_visitors_come(values, site, hosts, proxies):
    told = settings(values)

    assert told["DJANGOAPP_SITE_URL"] == site
    assert told["DJANGOAPP_ALLOWED_HOSTS"] == hosts
    assert told["DJANGOAPP_TRUSTED_PROXY_COUNT"] == proxies
    assert "*" not in told["DJANGOAPP_ALLOWED_HOSTS"]
    assert site in told["DJANGOAPP_CSRF_TRUSTED_ORIGINS"].split(",")


def test_forms_of_every_host_are_accepted():
    told = settings(
        INGRESS
        | {"ingress.hosts": ["a.example", "b.example"], "app.csrfTrustedOrigins": ["https://x.example"]}
    )

    assert told["DJANGOAPP_CSRF_TRUSTED_ORIGINS"] == "https://a.example,https://b.example,https://x.example"


def test_forms_of_every_host_under_a_wildcard_are_accepted():
    told = settings(INGRESS | {"ingress.hosts": ["*.a.example"], "app.siteUrl": "https://shop.a.example"})

    assert told["DJANGOAPP_CSRF_TRUSTED_ORIGINS"] == "https://shop.a.example,https://*.a.example"


def test_a_wildcard_is_no_address():
    with pytest.raises(Refused, match="no address"):
        render(INGRESS | {"ingress.hosts": ["*.a.example"]})


def test_ingress_and_route_may_both_be_there_while_one_moves():
    objects = render(
        INGRESS
        | ROUTE
        | {"ingress.hosts": ["a.example"], "httpRoute.hostnames": ["a.example"], "service.name": "door"}
    )

    ingress, route = one(objects, "Ingress"), one(objects, "HTTPRoute")
    assert ingress["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"] == {
        "name": "door",
        "port": {"name": "http"},
    }
    assert route["spec"]["rules"][-1]["backendRefs"] == [{"name": "door", "port": 80}]
    assert one(objects, "Service", "door")


def test_without_either_there_is_neither():
    objects = render()

    assert not kinds(objects, "Ingress")
    assert not kinds(objects, "HTTPRoute")


def test_no_controller_is_assumed():
    ingress = one(render(INGRESS | {"ingress.hosts": ["a.example"]}), "Ingress")

    assert "annotations" not in ingress["metadata"]
    assert "ingressClassName" not in ingress["spec"]


def test_figures_never_leave_by_the_visitors_door():
    objects = render({"service.type": "LoadBalancer"})

    assert [port["name"] for port in one(objects, "Service", "shop-djangohelm")["spec"]["ports"]] == ["http"]
    for component in ("web", "worker"):
        metrics = one(objects, "Service", f"-{component}-metrics")
        assert metrics["spec"]["type"] == "ClusterIP"
        assert metrics["spec"]["clusterIP"] == "None"


def test_a_fixed_port_of_the_node():
    service = one(
        render({"service.type": "NodePort", "service.nodePort": 30080, "service.port": 8080}),
        "Service",
        "shop-djangohelm",
    )

    assert service["spec"]["ports"][0] == {
        "name": "http",
        "port": 8080,
        "targetPort": "http",
        "protocol": "TCP",
        "nodePort": 30080,
    }


def test_large_numbers_stay_whole():
    told = settings(
        {
            "app.hstsSeconds": 63072000,
            "config": {"DJANGOAPP_HOLD_MINUTES": 1234567, "GUNICORN_LOG_LEVEL": "info"},
        }
    )

    assert told["DJANGOAPP_HSTS_SECONDS"] == "63072000"
    assert told["DJANGOAPP_HOLD_MINUTES"] == "1234567"


def test_network_policies_close_every_pod_and_open_the_web_pods():
    objects = render({"networkPolicy.enabled": True, "networkPolicy.from": [{"namespaceSelector": {}}]})

    everybody, web = one(objects, "NetworkPolicy", "shop-djangohelm"), one(objects, "NetworkPolicy", "-web")
    assert everybody["spec"]["ingress"] == []
    assert set(everybody["spec"]["policyTypes"]) == {"Ingress", "Egress"}
    assert {port["port"] for rule in everybody["spec"]["egress"] for port in rule["ports"]} == {
        53,
        5432,
        587,
        443,
        8000,
    }
    assert [rule["ports"][0]["port"] for rule in web["spec"]["ingress"]] == [8000]
    assert {"namespaceSelector": {}} in web["spec"]["ingress"][0]["from"]


POOLED = EXTERNAL | {"externalDatabase.port": 6432, "externalDatabase.directHost": "server"}
KEYS = {"s3.bucket": "pictures", "s3.accessKeyId": "id", "s3.secretAccessKey": "key"}


@pytest.mark.parametrize(
    ("values", "ports"),
    [
        (POOLED, {6432, 5432}),
        (POOLED | {"externalDatabase.directPort": 5433}, {6432, 5433}),
        ({"redis.url": "redis://cache"}, {6379}),
        ({"redis.url": "rediss://:p:w@cache:6380/0"}, {6380}),
        ({"secrets.existingSecret": "s", "networkPolicy.redisPort": 6381}, {6381}),
        (KEYS | {"s3.endpointUrl": "http://minio:9000"}, {9000}),
        (KEYS | {"s3.endpointUrl": "http://minio/"}, {80}),
        ({"email.port": 25}, {25}),
        ({"config": {"DJANGOAPP_EMAIL_PORT": 1025}}, {1025}),
        ({"config": {"DJANGOAPP_STRIPE_API_URL": "http://[fd00::1]:12112/v1"}}, {12112}),
    ],
)
def test_whatever_the_values_name_can_be_reached(values, ports):
    policy = one(render(values | {"networkPolicy.enabled": True}), "NetworkPolicy", "shop-djangohelm")

    anywhere = [rule for rule in policy["spec"]["egress"] if "to" not in rule]
    assert ports | {53, 443} <= {port["port"] for rule in anywhere for port in rule["ports"]}
