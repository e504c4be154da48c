"""With an external database and existing Secrets: the chart makes no Secret, and may migrate before anything else."""

from cluster.elsewhere import SECRETS
from cluster.visitor import Visitor


def test_the_release_makes_no_secret(external):
    assert set(external.secrets()) == set(SECRETS)


def test_somebody_books_and_pays(external):
    (slug,) = external.make_sessions(5)

    booking = Visitor(external.door()).book(slug, "ana@example.org")

    assert booking.is_confirmed
    external.assert_all_adds_up()


def test_an_upgrade_migrates_first_and_restarts_nothing_else(external):
    before = external.get("jobs")["items"][0]["metadata"]["uid"]
    pods = {pod["metadata"]["uid"] for pod in external.pods("web")}

    external.helm(
        "upgrade", external.name, external.chart, "--wait", "--timeout", "8m", values=external.values
    )

    (migration,) = external.get("jobs")["items"]
    assert migration["metadata"]["uid"] != before
    assert migration["status"]["succeeded"] == 1
    assert {pod["metadata"]["uid"] for pod in external.pods("web")} == pods


def test_a_new_key_reaches_the_pods_when_they_are_told(external):
    pods = {pod["metadata"]["uid"] for pod in external.pods("web")}

    external.values["rolloutToken"] = "1"
    external.helm(
        "upgrade", external.name, external.chart, "--wait", "--timeout", "8m", values=external.values
    )
    external.rollout("web", "worker")

    assert not {pod["metadata"]["uid"] for pod in external.pods("web")} & pods
