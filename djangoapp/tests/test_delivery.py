"""What builds and delivers the shop agrees with the rest: workflows, image, compose file, versions, changelog."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from django.conf import settings

ROOT = Path(settings.BASE_DIR).parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
DOCKERFILE = (ROOT / "djangoapp" / "Dockerfile").read_text()
VERSION = (ROOT / "VERSION").read_text().strip()

sys.path.append(str(ROOT / "tools"))

import changelog  # noqa: E402 - what the release runs

workflows = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)


def read(path: Path) -> dict:
    content = yaml.safe_load(path.read_text())
    content["on"] = content.pop(True)  # what YAML 1.1 makes of the word
    return content


def steps(path: Path) -> list[dict]:
    return [step for job in read(path)["jobs"].values() for step in job.get("steps", [])]


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def compose() -> dict:
    return yaml.safe_load((ROOT / "compose.yaml").read_text())


# The pipeline


@workflows
def test_nothing_is_whatever_is_newest(path):
    assert not re.search(r"[:-]latest\b", path.read_text())


@workflows
def test_actions_are_pinned_to_a_version_or_a_commit(path):
    used = [step["uses"] for step in steps(path) if "uses" in step]

    assert used
    for action in used:
        assert re.search(r"@(v\d+|[0-9a-f]{40})$", action), action


@workflows
def test_whatever_it_calls_exists(path):
    called = "\n".join(step.get("run", "") for step in steps(path))

    assert set(re.findall(r"\bmake ([a-z-]+)", called)) <= make_targets()
    for script in re.findall(r"\btools/\w+\.py", called):
        assert (ROOT / script).exists()
    for job in read(path)["jobs"].values():
        if local := job.get("uses"):
            assert (ROOT / local).exists()
        needed = job.get("needs", [])
        assert set([needed] if isinstance(needed, str) else needed) <= set(read(path)["jobs"])


@workflows
def test_it_may_only_read_unless_a_job_needs_more(path):
    written = {name for name, right in read(path)["permissions"].items() if right == "write"}

    assert written == set() or path.name == "chart-release.yml"


@workflows
def test_no_job_runs_for_ever(path):
    for name, job in read(path)["jobs"].items():
        assert "uses" in job or job["timeout-minutes"], name


def test_supported_pythons_are_all_tested():
    matrix = read(ROOT / ".github/workflows/pipeline.yml")["jobs"]["test"]["strategy"]["matrix"]["include"]

    assert {row["python"] for row in matrix} == {"3.11", "3.12", "3.13"}


def test_no_test_of_the_chart_is_skipped_for_want_of_a_program():
    told = (ROOT / "tests" / "chart" / "conftest.py").read_text()
    (wanted,) = re.findall(r"for name in \((.+)\) if not program", told)
    prepared = str(read(ROOT / ".github/workflows/pipeline.yml")["jobs"]["chart"]["steps"])

    for name in re.findall(r'"([\w-]+)"', wanted):
        assert name in prepared


def test_what_is_rolled_out_is_the_one_image_that_was_built_for_its_commit():
    jobs = read(ROOT / ".github/workflows/pipeline.yml")["jobs"]
    builders = [name for name, job in jobs.items() if "build-push-action" in str(job)]
    (rollout,) = (
        step["run"] for step in steps(ROOT / ".github/workflows/deploy.yml") if step.get("name") == "Roll out"
    )

    assert builders == ["image"]
    assert set(jobs["image"]["needs"]) == {"lint", "test", "chart"}
    assert {jobs[name]["with"]["tag"] for name in ("staging", "production")} == {"${{ github.sha }}"}
    for word in ("helm upgrade --install", '--set image.tag="$SHA"', "--wait", "--wait-for-jobs", "--atomic"):
        assert word in rollout


@workflows
def test_a_workflow_that_is_called_is_given_the_rights_that_it_asks_for(path):
    """GitHub starts nothing otherwise."""
    for job in read(path)["jobs"].values():
        if local := job.get("uses"):
            assert job["permissions"] == read(ROOT / local)["permissions"]


@workflows
def test_whoever_speaks_to_the_registry_may(path):
    whole = read(path)
    for name, job in whole["jobs"].items():
        if "ghcr.io" in str(job.get("steps")):
            rights = job.get("permissions", whole["permissions"])
            assert rights.get("packages") in {"read", "write"}, name


@workflows
def test_names_in_the_registry_are_in_small_letters(path):
    assert not re.search(r"ghcr\.io/\$(\{\{|GITHUB_REPOSITORY\b|\{GITHUB_REPOSITORY\})", path.read_text())


def test_two_runs_for_one_commit_do_not_both_build_its_image():
    image = read(ROOT / ".github/workflows/pipeline.yml")["jobs"]["image"]

    assert image["concurrency"] == {"group": "image-${{ github.sha }}", "cancel-in-progress": False}


def test_the_release_of_a_chart_can_be_taken_up_again_where_it_broke_off():
    written = (ROOT / ".github/workflows/chart-release.yml").read_text()

    assert '[ -e "helmdist/djangohelm-$version.tgz" ] || make dist' in written
    assert "git diff --cached --quiet || git commit" in written


def test_what_a_failed_migration_said_outlives_it():
    rollout = steps(ROOT / ".github/workflows/deploy.yml")
    (written,) = (step["run"] for step in rollout if step.get("name") == "Roll out")
    (told,) = (step for step in rollout if step.get("name") == "What the migration said")

    assert "app.kubernetes.io/component=migrate" in written
    assert "/tmp/migration.log" in written
    assert (told["if"], told["run"]) == ("failure()", "cat /tmp/migration.log || true")


def test_a_rollout_needs_no_rights_beyond_its_namespace():
    assert "--create-namespace" not in (ROOT / ".github/workflows/deploy.yml").read_text()


# The image


def test_the_image_installs_with_the_pipenv_of_the_other_commands():
    pinned = re.search(r'PIPENV = "(.+)"', (ROOT / "tools/packages.py").read_text())[1]

    assert pinned in DOCKERFILE


def test_the_image_is_made_from_a_named_python_and_runs_as_a_number():
    bases = set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE))

    assert {base for base in bases if ":" in base} == {"python:3.13-slim"}
    assert re.findall(r"^USER (\S+)", DOCKERFILE, re.MULTILINE)[-1] == "10001:10001"


def test_the_entry_point_says_what_its_commands_are():
    entrypoint = (ROOT / "djangoapp/entrypoint.sh").read_text()
    handbook = (ROOT / "docs/operators/image.md").read_text()
    commands = re.findall(r"^  ([a-z-]+)\)", entrypoint, re.MULTILINE)

    assert len(commands) >= 5
    for command in commands:
        assert f"| `{command}" in handbook
    assert subprocess.run(["sh", "-n", ROOT / "djangoapp/entrypoint.sh"], check=False).returncode == 0


# The compose file


def test_no_secret_has_a_default():
    text = (ROOT / "compose.yaml").read_text()
    secret = re.compile(r"(PASSWORD|SECRET|KEY|AUTH)\w*: (.*)")

    assert {value for _name, value in secret.findall(text) if not value.startswith("${")} == set()
    assert set(re.findall(r"\$\{(\w+):-", text)) == {"PORT", "STRIPE_PORT"}


def test_every_service_has_a_pinned_image_and_says_how_it_is():
    for name, service in compose()["services"].items():
        assert re.search(r":[\w.-]+$", service["image"]), name
        assert not service["image"].endswith(":latest")
        assert "healthcheck" in service or name in {"migrate", "stripe"}


def test_one_service_migrates_and_the_others_wait_for_it_by_themselves_too():
    services = compose()["services"]

    assert services["migrate"]["command"] == ["migrate"]
    for name in ("web", "worker"):
        assert services[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
        assert "wait-for-migrations" in services[name]["command"][-1]


# Versions


def test_the_chart_installs_this_version():
    chart = yaml.safe_load((ROOT / "djangohelm/Chart.yaml").read_text())

    assert re.fullmatch(r"\d+\.\d+\.\d+", VERSION)
    assert chart["appVersion"] == VERSION


def test_the_changelog_tells_of_this_version():
    date, text = changelog.section((ROOT / "CHANGELOG.md").read_text(), VERSION)

    assert date == "unreleased" or re.fullmatch(r"\d{4}-\d{2}-\d{2}", date)
    assert "### Added" in text


@pytest.mark.parametrize(
    ("file", "says", "refusal"),
    [
        ("VERSION", "1.9.0\n", "VERSION does not say 2.0.0."),
        (
            "djangohelm/Chart.yaml",
            'version: 1.9.0\nappVersion: "2.0.0"\n',
            "The chart's version is not 2.0.0.",
        ),
        (
            "djangohelm/Chart.yaml",
            'version: 2.0.0\nappVersion: "1.9.0"\n',
            "The chart's appVersion is not 2.0.0.",
        ),
        ("CHANGELOG.md", "## [1.9.0] – 2026-12-01\n", "CHANGELOG.md has no section [2.0.0]."),
        (
            "CHANGELOG.md",
            "## [2.0.0] – unreleased\n",
            "CHANGELOG.md says that 2.0.0 is unreleased: give it its date.",
        ),
        ("CHANGELOG.md", "## [2.0.0] – 2026-12-01\n\n- One\n", ""),
    ],
)
def test_a_release_stops_when_the_four_do_not_agree(tmp_path, monkeypatch, file, says, refusal):
    (tmp_path / "djangohelm").mkdir()
    (tmp_path / "VERSION").write_text("2.0.0\n")
    (tmp_path / "djangohelm/Chart.yaml").write_text('version: 2.0.0\nappVersion: "2.0.0"\n')
    (tmp_path / "CHANGELOG.md").write_text("## [2.0.0] – 2026-12-01\n")
    (tmp_path / file).write_text(says)
    monkeypatch.setattr(changelog, "ROOT", tmp_path)

    assert changelog.main("2.0.0") == refusal


def test_a_version_without_a_date_is_not_released():
    told = "## [2.0.0] – unreleased\n\n### Added\n\n- One\n\n## [1.0.0] – 2026-12-01\n\n### Added\n\n- Two\n"

    assert changelog.section(told, "2.0.0") == ("unreleased", "### Added\n\n- One")
    assert changelog.section(told, "1.0.0") == ("2026-12-01", "### Added\n\n- Two")
    with pytest.raises(LookupError):
        changelog.section(told, "3.0.0")
