"""What other people's checkers say of the chart."""

import json
import re
import subprocess

import pytest
import yaml

from chart.rendering import CHART, EXAMPLES, HELMS, NEWEST, ROOT, chart_with_stub, program, render, values_of

HARDENED = CHART / "ci" / "hardened-values.yaml"


@pytest.mark.parametrize("helm", HELMS)
@pytest.mark.parametrize("example", [None, *EXAMPLES], ids=lambda path: path.name if path else "defaults")
def test_helm_lint_finds_nothing(example, helm):
    finished = subprocess.run(
        [
            *(
                program(helm),
                "lint",
                "--strict",
                "--quiet",
                str(chart_with_stub()),
                "--kube-version",
                f"{NEWEST}.0",
            ),
            *(["--values", str(example)] if example else []),
        ],
        capture_output=True,
        text=True,
        check=False,
    )

    assert finished.returncode == 0, finished.stdout + finished.stderr


@pytest.mark.skipif(not program("kube-score"), reason="kube-score is not here")
def test_kube_score_has_nothing_against_the_hardened_installation():
    # The database is another's chart. A limit on processors is left out on purpose, see values.yaml.
    # Nobody connects to the worker, so it has one sign of life for both probes.
    ignored = ("--ignore-container-cpu-limit", "--ignore-test", "pod-probes-identical")
    ours = [
        each
        for each in render(example=HARDENED, release="shop")
        if "postgresql" not in each["metadata"]["name"]
    ]
    finished = subprocess.run(
        [program("kube-score"), "score", *ignored, "--output-format", "json", "-"],
        input=yaml.safe_dump_all(ours),
        capture_output=True,
        text=True,
        check=False,
    )

    critical = 1  # of kube-score's grades: 1 critical, 5 warning, 7 and 10 well
    found = [
        (
            each["object_name"],
            check["check"]["name"],
            [comment["summary"] for comment in check["comments"] or []],
        )
        for each in json.loads(finished.stdout)
        for check in each["checks"]
        if check["grade"] <= critical and not check["skipped"]
    ]
    assert not found


def test_the_chart_runs_the_version_that_the_repository_has():
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())

    assert chart["appVersion"] == (ROOT / "VERSION").read_text().strip()


def test_the_dependency_is_locked_exactly():
    """The checksum is Helm's own over what Chart.yaml asks for and what Chart.lock answers."""
    import hashlib

    asked = yaml.safe_load((CHART / "Chart.yaml").read_text())["dependencies"]
    lock = yaml.safe_load((CHART / "Chart.lock").read_text())
    order = ("name", "version", "repository", "condition")

    def written(entries):
        return [{name: each[name] for name in order if name in each} for each in entries]

    text = json.dumps([written(asked), written(lock["dependencies"])], separators=(",", ":"))
    assert lock["digest"] == f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
    assert [each["version"] for each in asked] == [each["version"] for each in lock["dependencies"]]


def test_the_bundled_image_and_the_backups_image_are_of_one_version():
    values = values_of(CHART / "values.yaml")

    assert values["backup"]["image"]["tag"] == values["postgresql"]["image"]["tag"]


def test_the_example_with_failover_runs_a_server_that_the_backup_can_read():
    """pg_dump refuses a server of a newer major version, and the operator's own choice is the newest."""
    (database,) = values_of(CHART / "ci" / "cnpg-values.yaml")["extraObjects"]
    (major,) = re.findall(r":(\d+)\.", database["spec"]["imageName"])

    assert major == values_of(CHART / "values.yaml")["backup"]["image"]["tag"].partition(".")[0]
