"""Render the chart as Helm would install it, without a cluster and without a network.

The database's chart is our stand-in for Bitnami's, which has the same names, keys and ports. Whoever has the real one
names its folder in POSTGRESQL_CHART, and the same tests run with it.
"""

import copy
import functools
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "djangohelm"
STUB = Path(os.environ.get("POSTGRESQL_CHART") or ROOT / "tests" / "stub-postgresql")
EXAMPLES = sorted((CHART / "ci").glob("*-values.yaml"))
OLDEST, NEWEST = "1.30", "1.37"  # of the versions of Kubernetes that the chart is for
COMPILED = Path(os.environ.get("CLUSTER_HOME", "/var/cache/cluster"), "bin")
# The least that an installation must say.
LEAST = {"app.siteUrl": "https://shop.example.org", "email.host": "mail.example.org"}
EXTERNAL = {
    "postgresql.enabled": False,
    "externalDatabase.host": "postgres.example.org",
    "externalDatabase.username": "shop",
    "externalDatabase.existingSecret": "shop-database",
}


class Refused(Exception):
    """Helm did not render the chart; the message is what it said."""


def program(name: str) -> str | None:
    """Where a program is: on the path, or where the cluster's tools are compiled to."""
    return shutil.which(name) or shutil.which(str(COMPILED / name))


HELMS = [name for name in ("helm", "helm4") if program(name)]


@functools.cache
def chart_with_stub() -> Path:
    """A copy of the chart that has its dependency. It lies in a temporary folder that goes with the process."""
    home = tempfile.TemporaryDirectory(prefix="chart-")
    _kept.append(home)
    copied = Path(home.name, "djangohelm")
    shutil.copytree(CHART, copied, ignore=shutil.ignore_patterns("charts"))
    shutil.copytree(STUB, copied / "charts" / "postgresql")
    return copied


_kept: list[tempfile.TemporaryDirectory] = []


def values_of(path: Path) -> dict:
    return yaml.safe_load(path.read_text())


def nested(flat: dict) -> dict:
    """``{"app.siteUrl": …}`` as ``{"app": {"siteUrl": …}}``."""
    values: dict = {}
    for path, value in flat.items():
        *parents, last = path.split(".")
        place = values
        for name in parents:
            place = place.setdefault(name, {})
        place[last] = value
    return values


def merged(*layers: dict) -> dict:
    """Values of several files as Helm lays them over one another."""
    result: dict = {}
    for layer in layers:
        for name, value in layer.items():
            if isinstance(value, dict) and isinstance(result.get(name), dict):
                result[name] = merged(result[name], value)
            else:
                result[name] = copy.deepcopy(value)
    return result


def render(
    values: dict | None = None,
    *,
    helm: str = "helm",
    release: str = "shop",
    kubernetes: str = NEWEST,
    arguments: tuple[str, ...] = (),
    example: Path | None = None,
) -> list[dict]:
    """Every object of a release. ``values`` are flat (``{"app.siteUrl": …}``) and lie over the example's.

    Raises ``Refused`` with Helm's message.
    """
    base = values_of(example) if example else nested(LEAST)
    text = json.dumps(merged(base, nested(values or {})))
    return copy.deepcopy(_render(text, helm, release, kubernetes, arguments))


@functools.lru_cache(maxsize=512)
def _render(values: str, helm: str, release: str, kubernetes: str, arguments: tuple[str, ...]) -> list[dict]:
    finished = subprocess.run(
        [
            *(program(helm), "template", release, str(chart_with_stub()), "--values", "-"),
            *("--namespace", "studio", "--kube-version", f"{kubernetes}.0", *arguments),
        ],
        input=values,
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode:
        raise Refused(finished.stderr)
    return [each for each in yaml.safe_load_all(finished.stdout) if each]


def one(objects: list[dict], kind: str, name: str = "") -> dict:
    """The only object of a kind, or the one whose name ends so."""
    found = [each for each in objects if each["kind"] == kind and each["metadata"]["name"].endswith(name)]
    assert len(found) == 1, [f"{each['kind']} {each['metadata']['name']}" for each in found or objects]
    return found[0]


def kinds(objects: list[dict], kind: str) -> list[dict]:
    return [each for each in objects if each["kind"] == kind]


def pod_specs(objects: list[dict]) -> Iterator[tuple[str, dict]]:
    """The name and the spec of everything that becomes a pod."""
    for each in objects:
        name = f"{each['kind']} {each['metadata']['name']}"
        match each["kind"]:
            case "Pod":
                yield name, each["spec"]
            case "Deployment" | "StatefulSet" | "Job":
                yield name, each["spec"]["template"]["spec"]
            case "CronJob":
                yield name, each["spec"]["jobTemplate"]["spec"]["template"]["spec"]


def containers(spec: dict) -> list[dict]:
    return [*spec.get("initContainers", []), *spec["containers"]]


def environment(container: dict) -> dict[str, str]:
    """The variables that are written out in a container."""
    return {each["name"]: each.get("value") for each in container.get("env", [])}
