"""What `make charts`, `make templates`, `make dist` and CI call. A stand-in is the database's chart."""

import shutil
import subprocess
import sys

import pytest
import yaml

from chart.rendering import CHART, ROOT, STUB, chart_with_stub, program


def run(*arguments, **environment):
    return subprocess.run(
        [sys.executable, ROOT / "tools" / "helm_chart.py", *map(str, arguments)],
        capture_output=True,
        text=True,
        env={
            "PATH": str(program("helm")).rpartition("/")[0] + ":/usr/bin:/bin",
            "HOME": "/nonexistent",
            **environment,
        },
        check=False,
    )


@pytest.fixture
def chart(tmp_path):
    """A copy of the chart without its dependency."""
    return shutil.copytree(CHART, tmp_path / "djangohelm", ignore=shutil.ignore_patterns("charts"))


@pytest.fixture
def repository(tmp_path):
    return shutil.copytree(ROOT / "helmdist", tmp_path / "helmdist", ignore=shutil.ignore_patterns("*.tgz"))


def version(chart, number):
    description = yaml.safe_load((chart / "Chart.yaml").read_text())
    (chart / "Chart.yaml").write_text(yaml.safe_dump(description | {"version": number}))


def test_a_registry_out_of_reach_is_named_with_the_way_around_it(chart):
    finished = run("charts", "--chart", chart, CHART_REGISTRY="oci://127.0.0.1:9/nowhere")

    assert finished.returncode == 1
    assert "oci://127.0.0.1:9/nowhere" in finished.stderr
    assert "put postgresql-16.7.27.tgz into" in finished.stderr


def test_an_archive_that_an_operator_brought_is_taken(chart):
    subprocess.run(
        [program("helm"), "package", STUB, "--destination", chart / "charts"], check=True, capture_output=True
    )

    finished = run("charts", "--chart", chart, CHART_REGISTRY="oci://127.0.0.1:9/nowhere")

    assert finished.returncode == 0, finished.stderr
    assert "postgresql-16.7.27.tgz is there" in finished.stdout


def test_an_archive_of_another_version_is_refused(chart):
    shutil.copytree(STUB, chart / "charts" / "postgresql")
    version(chart / "charts" / "postgresql", "18.8.13")

    finished = run("charts", "--chart", chart)

    assert finished.returncode == 1
    assert "Chart.lock wants 16.7.27" in finished.stderr


def test_templates_are_plain_objects_and_keep_the_passwords_of_the_time_before(tmp_path):
    arguments = ("templates", "--chart", chart_with_stub(), "--to", tmp_path, "--namespace", "studio")
    first = run(*arguments)
    written = {path: path.read_text() for path in tmp_path.glob("*/*.yaml")}
    secrets = [path for path in written if path.name.startswith("secret-")]
    (tmp_path / "minikube" / "service-gone.yaml").touch()

    run(*arguments)

    assert first.returncode == 0, first.stderr
    assert {path.name for path in tmp_path.iterdir()} == {
        path.name.removesuffix("-values.yaml") for path in (CHART / "ci").glob("*-values.yaml")
    }
    assert secrets
    # Applied again, nothing restarts.
    assert [path.name for path, text in written.items() if path.read_text() != text] == []
    assert all(path.stat().st_mode & 0o077 == 0 for path in secrets)
    assert not (tmp_path / "minikube" / "service-gone.yaml").exists()
    for path in tmp_path.glob("*/*.yaml"):
        assert "helm.sh/hook" not in path.read_text(), path


def test_a_package_has_its_dependency_and_joins_the_older_ones(tmp_path, repository):
    chart = shutil.copytree(chart_with_stub(), tmp_path / "copy" / "djangohelm")
    first = run("dist", "--chart", chart, "--to", repository, "--address", "https://charts.example.org")
    index = yaml.safe_load((repository / "index.yaml").read_text())
    version(chart, "1.0.1")

    second = run("dist", "--chart", chart, "--to", repository, "--address", "https://charts.example.org")

    assert first.returncode == second.returncode == 0, first.stderr + second.stderr
    entries = yaml.safe_load((repository / "index.yaml").read_text())["entries"]["djangohelm"]
    assert [each["version"] for each in entries] == ["1.0.1", "1.0.0"]
    assert entries[1] == index["entries"]["djangohelm"][0]
    assert entries[0]["urls"] == ["https://charts.example.org/djangohelm-1.0.1.tgz"]
    listing = subprocess.run(
        ["tar", "-tzf", repository / "djangohelm-1.0.1.tgz"], capture_output=True, text=True, check=True
    )
    names = listing.stdout.splitlines()
    assert "djangohelm/charts/postgresql/Chart.yaml" in names
    assert not [name for name in names if "/ci/" in name or name.endswith(".gotmpl")]


def test_a_version_that_is_out_is_never_rewritten(tmp_path, repository):
    chart = shutil.copytree(chart_with_stub(), tmp_path / "copy" / "djangohelm")
    run("dist", "--chart", chart, "--to", repository)
    before = (repository / "index.yaml").read_text()

    finished = run("dist", "--chart", chart, "--to", repository)

    assert finished.returncode == 1
    assert "never rewritten" in finished.stderr
    assert (repository / "index.yaml").read_text() == before


def test_no_package_is_committed():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert ".tgz" not in tracked
    assert "djangohelm/charts/" not in tracked


def test_the_summary_counts_every_report_that_is_there(tmp_path):
    summary, report = tmp_path / "summary.txt", tmp_path / "chart.xml"
    summary.write_text("3012 passed, 0 failed, 2 skipped\n")
    report.write_text('<testsuites><testsuite tests="9" failures="1" errors="1" skipped="3"/></testsuites>')
    tool = ROOT / "tools" / "sum_up.py"

    done = subprocess.run(
        [sys.executable, tool, summary, report, tmp_path / "cluster.xml"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.splitlines()[-1] == "3016 passed, 2 failed, 5 skipped"
