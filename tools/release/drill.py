"""Try whether a backup can be restored, without touching what serves.

The archive goes into a release of its own, in a namespace that is made for it and goes afterwards. That release takes
nothing from the one that serves but the name of its image: its values are ``ci/drill-values.yaml``, which give it a
database of its own and nobody to write to.
"""

import contextlib
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from release.pods import ROOT, Problem, Release, find_program
from release.restore import restore

NAME = "drill"
VALUES = ROOT / "djangohelm" / "ci" / "drill-values.yaml"
GIGABYTE = 1024**3


def drill(shop: Release, source: Path, *, keeps: bool) -> None:
    """Restore the archive into a release of its own and compare. Raises ``Problem`` when anything differs."""
    with namespace_for(shop, keeps=keeps) as namespace:
        install(shop, namespace, room=source.stat().st_size)
        restored = Release(NAME, namespace)
        restore(restored, source, is_sure=True)  # nobody's data: it was made a minute ago
        restored.web_pod.run("python", "manage.py", "check_ledger")
    print("The drill went well: this backup can be restored.")


@contextlib.contextmanager
def namespace_for(shop: Release, *, keeps: bool) -> Iterator[str]:
    """A namespace that nobody had before, with the Secrets by which images are pulled."""
    namespace = f"{shop.namespace}-drill"
    forgetting = f"kubectl delete namespace {namespace}"
    try:
        shop.kubectl("create", "namespace", namespace)
    except Problem as problem:
        raise Problem(f"{problem}\nWhen it is left from an earlier drill: {forgetting}") from problem
    try:
        for named in shop.template["spec"].get("imagePullSecrets", []):
            secret = shop.get("secret", named["name"])
            secret["metadata"] = {"name": named["name"], "namespace": namespace}
            shop.kubectl(
                "create", f"--namespace={namespace}", "--filename=-", input=json.dumps(secret).encode()
            )
        yield namespace
    finally:
        if keeps:
            print(f"The drill’s release stays, with everybody’s data. To be rid of it: {forgetting}")
        else:
            shop.kubectl("delete", "namespace", namespace)


def install(shop: Release, namespace: str, *, room: int) -> None:
    """Install the chart of this tree with the drill's values, and the image of the shop."""
    values: dict = {
        "image": shop.container["image"],
        "global": {
            "imagePullSecrets": [each["name"] for each in shop.template["spec"].get("imagePullSecrets", [])]
        },
        "media": {"persistence": {"size": f"{5 + 2 * room // GIGABYTE}Gi"}},
    }
    if image := os.environ.get("POSTGRES_IMAGE"):
        name, _, tag = image.rpartition(":")
        registry, _, repository = name.partition("/")
        values["postgresql"] = {"image": {"registry": registry, "repository": repository, "tag": tag}}
    helm = find_program("helm", "https://helm.sh/docs/intro/install/")
    chart = os.environ.get("CHART") or str(ROOT / "djangohelm")
    files = ("--values", str(VALUES), "--values", "-")
    waits = ("--wait", "--wait-for-jobs", "--timeout", "15m")
    print(
        f"Installing the release {NAME} in the namespace {namespace}, with {shop.container['image']} …",
        flush=True,
    )
    done = subprocess.run(
        [helm, "install", NAME, chart, "--namespace", namespace, *files, *waits],
        input=json.dumps(values),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Problem(f"helm install: {done.stderr.strip()}")
