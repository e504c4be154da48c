"""When a backup is made at once, and not only at night."""

import pytest

from chart.api_server import cluster_that_has
from chart.rendering import EXTERNAL, HELMS, kinds, render

BACKED_UP = {"backup.enabled": True}


def backups(objects: list[dict]) -> list[dict]:
    return [each for each in kinds(objects, "Job") if "-backup-" in each["metadata"]["name"]]


@pytest.fixture(params=HELMS)
def upgrade(request, tmp_path):
    """Render an upgrade of the release that some values made. The cluster has what they made."""

    def upgraded(before: dict, after: dict) -> list[dict]:
        with cluster_that_has(render(before), tmp_path) as there:
            return render(after, helm=request.param, arguments=("--is-upgrade", *there))

    return upgraded


def test_the_first_backup_is_made_at_once(upgrade):
    assert len(backups(render(BACKED_UP))) == 1
    assert len(backups(upgrade({}, BACKED_UP))) == 1
    assert not backups(render())


@pytest.mark.parametrize(
    "change", [{}, {"image.tag": "2.0.0"}, {"shop.currency": "EUR"}, {"rolloutToken": 2}]
)
def test_no_rollout_of_a_new_version_hangs_on_a_backup(upgrade, change):
    objects = upgrade(BACKED_UP, BACKED_UP | change)

    assert not backups(objects)
    assert [each["metadata"]["name"] for each in kinds(objects, "CronJob")] == [
        "shop-djangohelm-backup",
        "shop-djangohelm-nightly",
    ]


KEYS = {"s3.accessKeyId": "id", "s3.secretAccessKey": "key"}


@pytest.mark.parametrize(
    "change",
    [{"backup.image.tag": "18.1-bookworm"}, KEYS | {"backup.s3.bucket": "backups"}, EXTERNAL],
    ids=["image", "bucket", "database"],
)
def test_whether_backups_work_is_known_at_once_when_their_settings_change(upgrade, change):
    assert len(backups(upgrade(BACKED_UP, BACKED_UP | change))) == 1
