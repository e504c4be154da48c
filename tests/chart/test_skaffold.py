"""skaffold.yaml names files that exist, values that the chart has, and what the image is built from."""

import subprocess

import pytest
import yaml

from chart.rendering import CHART, ROOT, program, values_of

CONFIGURATION = yaml.safe_load((ROOT / "skaffold.yaml").read_text())
(ARTIFACT,) = CONFIGURATION["build"]["artifacts"]
(RELEASE,) = CONFIGURATION["deploy"]["helm"]["releases"]
PATCHES = {each["path"]: each for each in CONFIGURATION["profiles"][0]["patches"]}


def value(path: str) -> object:
    place = values_of(CHART / "values.yaml")
    for name in path.split("."):
        place = place[name]
    return place


@pytest.mark.parametrize("path", [*RELEASE["setValues"], *RELEASE["setValueTemplates"]])
def test_every_value_that_is_set_is_one_of_the_chart(path):
    assert value(path) is not None


def test_the_files_are_there():
    operators_own = {"production.yaml"}
    patched = PATCHES["/deploy/helm/releases/0/valuesFiles"]["value"]

    for name in {*RELEASE["valuesFiles"], *patched} - operators_own:
        assert (ROOT / name).is_file(), name
    assert (ROOT / RELEASE["chartPath"] / "Chart.yaml").is_file()
    for name in operators_own:
        assert subprocess.run(["git", "check-ignore", "--quiet", name], cwd=ROOT, check=False).returncode == 0


def test_both_targets_are_stages_of_the_dockerfile():
    dockerfile = (ROOT / ARTIFACT["docker"]["dockerfile"]).read_text()

    for target in (ARTIFACT["docker"]["target"], PATCHES["/build/artifacts/0/docker/target"]["value"]):
        assert f" AS {target}\n" in dockerfile


def test_changed_files_go_where_the_image_has_them():
    for rule in ARTIFACT["sync"]["manual"]:
        assert rule["src"].startswith(rule["strip"])
        assert rule["dest"] == "/app"
    assert RELEASE["setValues"]["securityContext.readOnlyRootFilesystem"] is False


def test_the_port_that_is_forwarded_is_the_services():
    (forwarded,) = CONFIGURATION["portForward"]

    assert forwarded["port"] == value("service.port")
    assert str(forwarded["localPort"]) in values_of(CHART / "ci" / "minikube-values.yaml")["app"]["siteUrl"]


@pytest.mark.skipif(not program("skaffold"), reason="skaffold is not here")
@pytest.mark.parametrize("profile", [[], ["--profile", "production"]])
def test_skaffold_understands_it(profile):
    finished = subprocess.run(
        [program("skaffold"), "diagnose", "--yaml-only", *profile],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert finished.returncode == 0, finished.stderr
