"""Work on the Helm chart: its dependency, its package, plain manifests, its table of values.

Run by ``make``::

    tools/helm_chart.py charts      # bring the database's chart into djangohelm/charts
    tools/helm_chart.py templates   # every example as plain YAML, for `kubectl apply`
    tools/helm_chart.py dist        # package the chart into helmdist and add it to the index there
    tools/helm_chart.py docs        # write djangohelm/README.md anew from values.yaml
"""

import argparse
import base64
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
CHART = ROOT / "djangohelm"
REPOSITORY = ROOT / "helmdist"
RENDERED = ROOT / "rendered"
COMPILED = Path(os.environ.get("CLUSTER_HOME", "/var/cache/cluster"), "bin")
NEWEST_KUBERNETES = "1.37.0"
# Secrets that the chart makes up, and the values that give them: (end of the Secret's name, key) → value.
MADE_UP = {
    ("", "DJANGOAPP_FERNET_KEY"): "secrets.fernetKey",
    ("-db", "password"): "postgresql.auth.password",
    ("-db", "postgres-password"): "postgresql.auth.postgresPassword",
    ("-db", "replication-password"): "postgresql.auth.replicationPassword",
}
HELM_DOCS = (
    "--log-level=error",
    "--sort-values-order=file",
    "--chart-search-root=.",
    "--chart-to-generate=djangohelm",
)


class Problem(Exception):
    """Why something could not be done, and what would help."""


def program(name: str, advice: str) -> str:
    """Where a program is: on the path, or where the cluster's tools are compiled to."""
    found = shutil.which(name) or shutil.which(str(COMPILED / name))
    if not found:
        raise Problem(f"{name} is not installed. {advice}")
    return found


def helm(*arguments: str | Path, **options) -> subprocess.CompletedProcess:
    """Run Helm; its messages go to the terminal unless they are captured."""
    found = program("helm", "See https://helm.sh/docs/intro/install/; Helm 3.14 or newer.")
    return subprocess.run([found, *map(str, arguments)], text=True, check=False, **options)


# The dependency


def dependency() -> dict:
    """Name, version and repository of the database's chart, as Chart.lock has them."""
    (locked,) = yaml.safe_load((CHART / "Chart.lock").read_text())["dependencies"]
    return locked


def present(charts: Path) -> Path | None:
    """The dependency as it lies in a folder, as an archive or unpacked. Raises ``Problem`` if it is another version."""
    wanted = dependency()
    found = [*charts.glob(f"{wanted['name']}-*.tgz"), *charts.glob(f"{wanted['name']}/Chart.yaml")]
    if not found:
        return None
    if len(found) > 1:
        raise Problem(f"{charts} has {wanted['name']} more than once; keep {wanted['version']}.")
    (path,) = found
    description = yaml.safe_load(
        path.read_text() if path.name == "Chart.yaml" else from_archive(path, "Chart.yaml")
    )
    if (description["name"], description["version"]) != (wanted["name"], wanted["version"]):
        raise Problem(
            f"{path} is {description['name']} {description['version']}; Chart.lock wants {wanted['version']}."
        )
    return path if path.name != "Chart.yaml" else path.parent


def from_archive(archive: Path, name: str) -> bytes:
    with tarfile.open(archive) as content:
        member = next(each for each in content.getmembers() if each.name.split("/")[1:] == [name])
        return content.extractfile(member).read()


def charts(folder: Path = CHART) -> None:
    """Bring the dependency into the chart's folder, unless it is there.

    ``CHART_REGISTRY=oci://…`` names a registry that has a copy, for sites without a way to the original.
    """
    target = folder / "charts"
    if found := present(target):
        print(f"{found.relative_to(folder.parent)} is there.")
        return
    wanted = dependency()
    source = os.environ.get("CHART_REGISTRY") or wanted["repository"]
    target.mkdir(exist_ok=True)
    is_local = re.match(r"oci://(127\.0\.0\.1|localhost)[:/]", source)
    finished = helm(
        *("pull", f"{source}/{wanted['name']}", "--version", wanted["version"], "--destination", target),
        *(["--plain-http"] if is_local else []),
        stderr=subprocess.PIPE,
    )
    if finished.returncode or not present(target):
        raise Problem(
            f"{wanted['name']} {wanted['version']} could not be fetched from {source}: {finished.stderr.strip()}\n"
            f"On a site without a network put {wanted['name']}-{wanted['version']}.tgz into {target}/ "
            f"(elsewhere: helm pull {wanted['repository']}/{wanted['name']} --version {wanted['version']}), "
            "or name a registry that has it: make charts CHART_REGISTRY=oci://…\n"
            "Installations with an external database (postgresql.enabled=false) need it as well, for Helm asks for it."
        )
    print(f"Fetched {wanted['name']} {wanted['version']}.")


# Plain manifests


def templates(folder: Path, target: Path, release: str, namespace: str) -> None:
    """Render each example into a folder of its own, which ``kubectl apply --recursive`` takes.

    Passwords that an earlier rendering made up are used again.
    """
    charts(folder)
    for example in sorted((folder / "ci").glob("*-values.yaml")):
        place = target / example.name.removesuffix("-values.yaml")
        command = ("template", release, folder, "--namespace", namespace, "--values", example)
        kept = kept_secrets(place)
        write_objects(rendered(command, kept), place)
        if not kept and (kept := kept_secrets(place)):
            # As it will be the next time: whether a password is given or made up shows in the pods' annotations.
            write_objects(rendered(command, kept), place)
        print(f"{place}: kubectl apply --namespace {namespace} --recursive --filename {place}")


def rendered(command: tuple[str | Path, ...], values: dict) -> str:
    """Objects as Helm renders them for a cluster that knows every kind."""
    known = ("--kube-version", NEWEST_KUBERNETES, "--api-versions", "monitoring.coreos.com/v1")
    options = (*known, "--skip-tests", "--values", "-")
    finished = helm(*command, *options, input=json.dumps(values), capture_output=True)
    if finished.returncode:
        raise Problem(f"{' '.join(map(str, command))}: {finished.stderr.strip()}")
    return finished.stdout


def kept_secrets(place: Path) -> dict:
    """The passwords that were made up for this folder before, as values."""
    values: dict = {}
    for path in place.glob("secret-*.yaml"):
        secret = yaml.safe_load(path.read_text())
        for (ending, key), value_path in MADE_UP.items():
            if key in secret.get("data", {}) and secret["metadata"]["name"].endswith(ending):
                *parents, last = value_path.split(".")
                section = values
                for parent in parents:
                    section = section.setdefault(parent, {})
                section[last] = base64.b64decode(secret["data"][key]).decode()
    return values


def write_objects(text: str, place: Path) -> None:
    """Write each object into a file of its own; files of objects that are gone go."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    for part in re.split(r"^---\s*$", text, flags=re.MULTILINE):
        parsed = yaml.safe_load(part)
        if parsed:
            path = place / f"{parsed['kind'].lower()}-{parsed['metadata']['name']}.yaml"
            path.write_text(part.strip() + "\n")
            if parsed["kind"] == "Secret":
                path.chmod(0o600)


# The package


def dist(folder: Path, repository: Path, address: str) -> None:
    """Check and package the chart, and add it to the repository's index. Older versions stay as they are."""
    charts(folder)
    version = yaml.safe_load((folder / "Chart.yaml").read_text())["version"]
    name = f"djangohelm-{version}.tgz"
    index = repository / "index.yaml"
    published = yaml.safe_load(index.read_text())["entries"].get("djangohelm", [])
    if any(each["version"] == version for each in published) or (repository / name).exists():
        raise Problem(
            f"Version {version} is out already and is never rewritten. Raise it in djangohelm/Chart.yaml."
        )
    if helm("lint", "--strict", folder).returncode:
        raise Problem("helm lint found something.")
    with tempfile.TemporaryDirectory() as scratch:
        made = helm("package", folder, "--destination", scratch)
        indexed = made.returncode or helm(
            "repo", "index", scratch, "--merge", index, *(["--url", address] if address else [])
        )
        if made.returncode or indexed.returncode:
            raise Problem("The chart could not be packaged.")
        for path in (Path(scratch, name), Path(scratch, "index.yaml")):
            shutil.copy(path, repository / path.name)
    print(f"{repository / name}")


def docs() -> None:
    """Write the chart's README anew."""
    advice = "See https://github.com/norwoodj/helm-docs"
    subprocess.run([program("helm-docs", advice), *HELM_DOCS], cwd=ROOT, check=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=["charts", "templates", "dist", "docs"])
    parser.add_argument("--chart", type=Path, default=CHART, metavar="FOLDER")
    parser.add_argument("--to", type=Path, metavar="FOLDER", help="where templates and dist write to")
    parser.add_argument("--release", default="shop")
    parser.add_argument("--namespace", default="default")
    parser.add_argument("--address", default="", help="dist: where the repository will be served")
    options = parser.parse_args()
    try:
        match options.command:
            case "charts":
                charts(options.chart)
            case "templates":
                templates(options.chart, options.to or RENDERED, options.release, options.namespace)
            case "dist":
                dist(options.chart, options.to or REPOSITORY, options.address)
            case "docs":
                docs()
    except Problem as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main()
