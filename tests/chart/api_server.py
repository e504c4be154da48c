"""Just enough of a cluster for Helm's `lookup`: an API server that knows some kinds and has some objects of them."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from chart.rendering import NEWEST

NOT_FOUND = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404}


@contextmanager
def cluster_that_has(objects: list[dict], folder: Path) -> Iterator[tuple[str, ...]]:
    """Serve the objects of a rendered release; give what Helm has to be told to look there."""
    answers = what_it_says_of_itself({(each["apiVersion"], each["kind"]) for each in objects})
    for each in objects:
        place = f"{path(each['apiVersion'])}/namespaces/studio/{plural(each['kind'])}"
        answers[f"{place}/{each['metadata']['name']}"] = each

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            answer = answers.get(self.path.partition("?")[0])
            body = json.dumps(answer or NOT_FOUND).encode()
            self.send_response(200 if answer else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    config = folder / "kubeconfig"
    config.write_text(json.dumps(way_to(f"http://127.0.0.1:{server.server_port}")))
    try:
        yield "--dry-run=server", "--disable-openapi-validation", "--kubeconfig", str(config)
    finally:
        server.shutdown()
        server.server_close()


def way_to(address: str) -> dict:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "it", "cluster": {"server": address}}],
        "users": [{"name": "we", "user": {}}],
        "contexts": [{"name": "it", "context": {"cluster": "it", "user": "we"}}],
        "current-context": "it",
    }


def path(version: str) -> str:
    return f"/apis/{version}" if "/" in version else f"/api/{version}"


def plural(kind: str) -> str:
    return f"{kind.lower()[:-1]}ies" if kind.endswith("y") else f"{kind.lower()}s"


def what_it_says_of_itself(kinds: set[tuple[str, str]]) -> dict[str, dict]:
    groups = []
    for version in sorted({version for version, _kind in kinds if "/" in version}):
        said = {"groupVersion": version, "version": version.partition("/")[2]}
        groups.append({"name": version.partition("/")[0], "versions": [said], "preferredVersion": said})
    return {
        "/version": {"major": "1", "minor": NEWEST.partition(".")[2], "gitVersion": f"v{NEWEST}.0"},
        "/api": {"kind": "APIVersions", "versions": ["v1"]},
        "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups},
    } | {
        path(version): {
            "kind": "APIResourceList",
            "groupVersion": version,
            "resources": [
                {"name": plural(kind), "kind": kind, "namespaced": True, "verbs": ["get"]}
                for its_version, kind in kinds
                if its_version == version
            ],
        }
        for version, _kind in kinds
    }
