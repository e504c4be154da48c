import pytest

from chart.rendering import HELMS, program


def pytest_configure():
    if not program("helm"):
        pytest.exit(
            "The chart's tests need Helm: https://helm.sh/docs/intro/install/ "
            "(Helm 4 beside it as `helm4`, kube-score and helm-docs are used where they are).",
            returncode=1,
        )


def pytest_report_header():
    missing = [name for name in ("helm4", "kube-score", "helm-docs") if not program(name)]
    return f"rendered by {', '.join(HELMS)}" + (f"; not here: {', '.join(missing)}" if missing else "")
