"""`skaffold run` builds, pushes and deploys; `skaffold dev` copies a changed template into the pod that runs."""

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
import yaml

from chart.rendering import STUB, merged, nested
from cluster import images
from cluster.machine import ROOT, Unfit, machine, program, run
from cluster.release import RESTRICTED, eventually, kubectl
from cluster.visitor import Door, Visitor

NAMESPACE = "shop"
TEMPLATE = "djangoapp/templates/pages/terms.html"


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A copy of the repository that may be edited, with what `make charts` would bring."""
    try:
        program("skaffold")
    except Unfit as missing:
        pytest.skip(str(missing))
    copy = tmp_path_factory.mktemp("skaffold") / "repository"
    for name in run(
        "git", "-C", ROOT, "ls-files", "--cached", "--others", "--exclude-standard"
    ).stdout.splitlines():
        if (ROOT / name).is_file():
            target = copy / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)
    shutil.copytree(STUB, copy / "djangohelm" / "charts" / "postgresql")
    example = copy / "djangohelm" / "ci" / "minikube-values.yaml"
    changes = nested({"postgresql.image": images.split(images.postgres()), "service.type": "NodePort"})
    example.write_text(yaml.safe_dump(merged(yaml.safe_load(example.read_text()), changes)))
    kubectl("delete", "namespace", NAMESPACE, "--ignore-not-found")
    kubectl("create", "namespace", NAMESPACE)
    kubectl("label", "namespace", NAMESPACE, RESTRICTED)
    yield copy
    kubectl("delete", "namespace", NAMESPACE, "--wait=false")


def skaffold(tree: Path, *arguments: str) -> list[str]:
    return [
        program("skaffold"),
        *arguments,
        "--filename",
        str(tree / "skaffold.yaml"),
        "--default-repo",
        machine().registry,
    ]


def web_pods() -> list[dict]:
    selector = "app.kubernetes.io/component=web"
    found = json.loads(
        kubectl("--namespace", NAMESPACE, "get", "pods", "--selector", selector, "--output", "json")
    )
    return [pod for pod in found["items"] if "deletionTimestamp" not in pod["metadata"]]


def page() -> str:
    service = json.loads(
        kubectl("--namespace", NAMESPACE, "get", "service", "shop-djangohelm", "--output", "json")
    )
    port = service["spec"]["ports"][0]["nodePort"]
    return Visitor(Door((machine().address, port), site="http://127.0.0.1:8081")).get("/terms/").text


def test_a_change_is_deployed_through_the_registry(tree, measured):
    template = tree / TEMPLATE
    template.write_text(template.read_text().replace("{% block main %}", "{% block main %}<p>Deployed.</p>"))
    began = time.monotonic()

    done = subprocess.run(skaffold(tree, "run"), cwd=tree, capture_output=True, text=True, check=False)

    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    measured(
        f"skaffold run: built, pushed, pulled by digest and deployed in {time.monotonic() - began:.0f} s"
    )
    assert "<p>Deployed.</p>" in page()
    (pod,) = web_pods()
    assert "@sha256:" in pod["spec"]["containers"][0]["image"]


def test_an_edited_template_arrives_in_the_running_pod(tree, measured):
    log = (tree.parent / "dev.log").open("w")
    process = subprocess.Popen(
        skaffold(tree, "dev", "--port-forward=off", "--cleanup=false", "--tail=false", "--auto-build=true"),
        cwd=tree,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        said = tree.parent / "dev.log"
        eventually(
            lambda: "Watching for changes" in said.read_text() or process.poll() is not None, seconds=400
        )
        assert process.poll() is None, said.read_text()[-3000:]
        (pod,) = web_pods()
        template = tree / TEMPLATE
        began = time.monotonic()

        template.write_text(template.read_text().replace("<p>Deployed.</p>", "<p>Edited.</p>"))
        eventually(lambda: "<p>Edited.</p>" in page(), seconds=180, pause=0.5)

        measured(
            f"skaffold dev: an edited template was on the page after {time.monotonic() - began:.1f} s, without a build"
        )
        (after,) = web_pods()
        assert after["metadata"]["uid"] == pod["metadata"]["uid"]
        assert "Syncing 1 files" in said.read_text()
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=60)
        log.close()
