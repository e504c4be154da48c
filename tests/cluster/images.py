"""Images of the shop, as the cluster pulls them: today's, and those of imagined later versions."""

import json
import os
import tempfile
from functools import cache
from pathlib import Path

import image

from cluster.machine import ROOT, Unfit, machine, run


def engine() -> str:
    """podman or docker. Raises ``Unfit`` where neither works."""
    try:
        return image.find_engine(("podman", "docker"))
    except image.NoEngine as problem:
        raise Unfit(str(problem)) from problem


def pushed(local: str, name: str) -> str:
    """Bring an image of this machine into the registry; returns the name by which the cluster pulls it.

    Without a tag it gets its content's checksum, so that no node serves an older one.
    """
    if ":" not in name:
        identity = json.loads(run(engine(), "image", "inspect", local).stdout)[0]["Id"]
        name = f"{name}:{identity.removeprefix('sha256:')[:12]}"
    remote = f"{machine().registry}/{name}"
    run(engine(), "tag", local, remote)
    run(engine(), "push", "--quiet", *(["--tls-verify=false"] if engine() == "podman" else []), remote)
    return remote


def provide() -> None:
    """Build the image of this tree and bring the database's, for this process and those that it starts."""
    local = "localhost/djangoapp:cluster-test"
    image.build(engine(), local)
    os.environ["CLUSTER_IMAGE"] = pushed(local, "djangoapp")
    os.environ["CLUSTER_POSTGRES"] = _postgres()


def shop() -> str:
    """The image of this tree, as the cluster pulls it."""
    return os.environ["CLUSTER_IMAGE"]


def postgres() -> str:
    """The database's image: with the kit its stand-in, elsewhere the official one."""
    return os.environ["CLUSTER_POSTGRES"]


@cache
def later(version: str, *, migration: str = "", command: str = "") -> str:
    """The image of an imagined version: with one more migration of shop, or with another command."""
    with tempfile.TemporaryDirectory() as scratch:
        lines = [f"FROM {shop()}", f"ENV DJANGOAPP_VERSION={version}"]
        if migration:
            newest = newest_migration()
            operations = f"dependencies = [('shop', {newest!r})]\n    operations = [{migration}]"
            text = f"from django.db import migrations\n\n\nclass Migration(migrations.Migration):\n    {operations}\n"
            name = f"9000_of_{version.replace('.', '_')}.py"  # each its own: an applied one is not run again
            Path(scratch, name).write_text(text)
            lines.append(f"COPY {name} /app/shop/migrations/")
        if command:
            lines.append(f"ENTRYPOINT {json.dumps(command.split())}")
        Path(scratch, "Dockerfile").write_text("\n".join(lines) + "\n")
        local = f"localhost/djangoapp:cluster-test-{version}"
        run(engine(), "build", "--quiet", "--tag", local, scratch)
    return pushed(local, "djangoapp")


def newest_migration() -> str:
    folder = ROOT / "djangoapp" / "shop" / "migrations"
    return max(path.stem for path in folder.glob("[0-9]*.py"))


def _postgres() -> str:
    if not machine().kit:
        return "docker.io/library/postgres:17.11-bookworm"
    base(("postgres", "docker.io/library/postgres:17"))
    return pushed("docker.io/library/postgres:17", "postgres:17")


def missing(name: str) -> bool:
    """Whether this machine has no such image."""
    return bool(run(engine(), "image", "inspect", name, check=False).returncode)


def base(*wanted: tuple[str, str]) -> None:
    """Let the kit make stand-ins for public images that are not here yet."""
    for name, public in wanted:
        if missing(public):
            machine().kit_does("bases", name)


def split(full_name: str) -> dict[str, str]:
    """Registry, repository and tag, as values of the chart."""
    name, _, tag = full_name.rpartition(":")
    registry, _, repository = name.partition("/")
    return {"registry": registry, "repository": repository, "tag": tag}
