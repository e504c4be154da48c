"""Where the tests run: the cluster that KUBECONFIG names, or one of the kit's, which is raised for them.

| variable | says |
| --- | --- |
| ``KUBECONFIG`` | which cluster; without it the kit raises one on this machine |
| ``CLUSTER_KIT`` | where the kit's program is; else it is looked for beside the repository |
| ``CLUSTER_REGISTRY`` | a registry to which this machine pushes and from which the cluster pulls; the kit has one |
| ``CLUSTER_ADDRESS`` | where NodePorts answer; 127.0.0.1 with the kit |
| ``CLUSTER_KEEP`` | leave the releases, and a cluster that was raised for the tests, standing |
"""

import os
import re
import shutil
import signal
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COMPILED = Path(os.environ.get("CLUSTER_HOME", "/var/cache/cluster"), "bin")
# What goes to a Service of the kit's cluster and that kube-proxy has not led elsewhere.
UNSERVED = "--destination 10.96.0.0/16 --protocol tcp --jump REJECT --reject-with tcp-reset"


class Unfit(Exception):
    """What this machine lacks."""


@dataclass(frozen=True)
class Machine:
    """A cluster that answers, and how images get to it."""

    registry: str
    address: str
    kit: Path | None
    is_ours: bool  # raised for these tests, and to be taken down after them

    def take_down(self) -> None:
        if self.kit:
            firewall("--delete")
        if self.is_ours and not os.environ.get("CLUSTER_KEEP"):
            run(self.kit, "down")

    def kit_does(self, *arguments: str, timeout: float = 1800) -> None:
        """One of the kit's own commands. Raises ``Unfit`` on another cluster."""
        if not self.kit:
            raise Unfit("Only the kit's cluster has this.")
        run(self.kit, *arguments, timeout=timeout)


def run(
    *command: object, stdin: str | None = None, timeout: float = 600, check: bool = True
) -> subprocess.CompletedProcess:
    """Run a program and keep what it says; its last lines are the message of an ``AssertionError`` when it fails."""
    words = [str(word) for word in command]
    pipes = {"stdin": subprocess.DEVNULL if stdin is None else subprocess.PIPE}
    pipes |= {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    # A group of its own, so that what it has started ends with it when it takes too long.
    with subprocess.Popen(words, text=True, start_new_session=True, **pipes) as process:
        try:
            out, err = process.communicate(stdin, timeout=timeout)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    done = subprocess.CompletedProcess(words, process.returncode, out, err)
    if check and done.returncode:
        said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-25:])
        raise AssertionError(f"{' '.join(words[:6])} … failed ({done.returncode}):\n{said}")
    return done


def program(*names: str) -> str:
    """The first of these programs that this machine has. Raises ``Unfit`` if there is none."""
    for name in names:
        if found := shutil.which(name) or shutil.which(str(COMPILED / name)):
            return found
    raise Unfit(f"{' or '.join(names)} is not installed.")


def find_kit() -> Path | None:
    named = os.environ.get("CLUSTER_KIT")
    for path in [Path(named)] if named else [ROOT.parent / "shared" / "cluster" / "cluster"]:
        path = path / "cluster" if path.is_dir() else path
        if os.access(path, os.X_OK):
            return path
    return None


@cache
def machine() -> Machine:
    """The cluster to test on. Raises ``Unfit`` with everything that is missing."""
    kit, kubeconfig = find_kit(), os.environ.get("KUBECONFIG")
    is_ours = False
    if not kubeconfig:
        if not kit:
            raise Unfit("KUBECONFIG names no cluster, and there is no kit that could raise one here.")
        if os.geteuid() or not Path("/proc").exists():
            raise Unfit("The kit raises a cluster on Linux, as root. Name another cluster with KUBECONFIG.")
        is_ours = "running" not in run(kit, "status", check=False).stdout.splitlines()[0]
        for name, value in re.findall(r"(\w+)=(\S+)", run(kit, "up", timeout=3600).stdout):
            os.environ[name] = value.replace("$PATH", os.environ["PATH"])
    for name in ("kubectl", "helm"):
        program(name)
    is_kits = str(COMPILED.parent) in os.environ.get("KUBECONFIG", "")
    if is_kits and not firewall("--check"):
        firewall("--append")
    registry = os.environ.get("CLUSTER_REGISTRY") or ("127.0.0.1:5000" if is_kits else "")
    if not registry:
        raise Unfit("CLUSTER_REGISTRY names no registry from which the cluster can pull what is built here.")
    address = os.environ.get("CLUSTER_ADDRESS") or ("127.0.0.1" if is_kits else node_address())
    return Machine(registry, address, kit if is_kits else None, is_ours)


def firewall(command: str) -> bool:
    """Refuse connections to Services that kube-proxy does not know yet (--append), no longer (--delete), or is it so?

    They would leave by this machine's default route. Where somebody answers there, the API server takes that for the
    Service's answer as long as the connection lasts: no metrics, and no namespace that is ever gone.
    """
    said = [
        run("iptables", command, chain, *UNSERVED.split(), check=command == "--append")
        for chain in ("OUTPUT", "FORWARD")
    ]
    return not any(each.returncode for each in said)


def node_address() -> str:
    where = 'jsonpath={.items[0].status.addresses[?(@.type=="InternalIP")].address}'
    return run(program("kubectl"), "get", "nodes", "--output", where).stdout
