"""Writing posts on the site: the form, the preview, publishing, deleting, and who may do it."""

from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import ApprovalStatus, Membership
from accounts.tests.people import picture_file
from blog.models import Post, PostState
from blog.rights import may_write
from blog.tests.factories import PostFactory, author, draft, editor, member, scheduled, with_cover
from shop.tests.factories import ProjectFactory, UserFactory

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning"),
]

HTMX = {"HTTP_HX_REQUEST": "true"}


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def told(**fields) -> dict:
    return {"title": "Pruning", "summary": "In short.", "body": "At **length**.", "when": "draft"} | fields


def errors(response) -> dict[str, list[str]]:
    assert response.status_code == 422
    return {name: list(found) for name, found in response.context["form"].errors.items()}


def test_a_member_writes_a_draft_that_others_do_not_see():
    user = member()
    project = ProjectFactory()

    response = signed_in(user).post(
        "/blog/new/", told(tags="apples,  winter ,", project=project.pk, slug="prune"), follow=True
    )

    post = Post.objects.get()
    assert (post.author, post.slug, post.project) == (user, "prune", project)
    assert [tag.name for tag in post.tags.all()] == ["apples", "winter"]
    assert "This is a draft" in response.content.decode()
    for other in (Client(), signed_in(member())):
        assert other.get("/blog/prune/").status_code == 404
    assert signed_in(editor()).get("/blog/prune/").status_code == 200


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"when": "draft"}, PostState.DRAFT),
        ({"when": "now"}, PostState.PUBLISHED),
        ({"when": "later", "publish_at": "2036-12-24T09:00"}, PostState.SCHEDULED),
        ({"when": "draft", "publish_at": "2036-12-24T09:00"}, PostState.DRAFT),
    ],
)
def test_the_author_says_when_it_appears(fields, state):
    signed_in(member()).post("/blog/new/", told(**fields))

    assert Post.objects.get().state() == state


def test_times_are_those_of_the_studio():
    user = member()
    signed_in(user).post("/blog/new/", told(when="later", publish_at="2036-12-24T09:00"))
    post = Post.objects.get()

    page = signed_in(user).get(f"/blog/{post.slug}/edit/").content.decode()

    assert post.publish_at.isoformat() == "2036-12-24T08:00:00+00:00"
    assert 'value="2036-12-24T09:00"' in page


@pytest.mark.parametrize(
    ("fields", "name", "words"),
    [
        ({"title": ""}, "title", "required"),
        ({"body": ""}, "body", "required"),
        ({"body": "x" * 100_001}, "body", "100000"),
        ({"when": "later"}, "publish_at", "Write the day"),
        ({"when": "later", "publish_at": "2020-01-01T09:00"}, "publish_at", "This time is over"),
        ({"when": "later", "publish_at": "2037-03-29T02:30"}, "publish_at", "clocks go forward"),
        ({"when": "some day"}, "when", "valid choice"),
        ({"slug": "new"}, "slug", "needs the address"),
        ({"slug": "taken"}, "slug", "already exists"),
        ({"slug": "no spaces"}, "slug", "valid"),
        ({"tags": ",".join("abcdefghi")}, "tags", "8 tags at most"),
        ({"tags": "x" * 41}, "tags", "40 letters"),
        ({"project": 10**30}, "project", "valid choice"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(fields, name, words):
    PostFactory(slug="taken")

    found = errors(signed_in(member()).post("/blog/new/", told(**fields)))

    assert list(found) == [name]
    assert words in found[name][0]
    assert Post.objects.count() == 1


def test_a_former_address_of_another_post_is_refused():
    user = member()
    post = PostFactory(author=user, slug="old")
    form = told(slug="moved", when="now", version=post.updated_at.isoformat())
    signed_in(user).post("/blog/old/edit/", form)
    assert Post.objects.get().slug == "moved"

    assert "is or was" in errors(signed_in(user).post("/blog/new/", told(slug="old")))["slug"][0]


@pytest.mark.parametrize(
    ("upload", "words"),
    [
        (lambda: SimpleUploadedFile("hive.jpg", b"MZ\x90\x00" + bytes(300)), "not a picture"),
        (lambda: SimpleUploadedFile("hive.png", b"<svg><script>alert(1)</script></svg>"), "not a picture"),
        (lambda: picture_file((9_000, 9_000), mode="1", color=0), "40 million pixels"),
        (lambda: SimpleUploadedFile("hive.png", b"\x89PNG" + bytes(5 * 1024 * 1024)), "larger than 5 MB"),
        (lambda: SimpleUploadedFile("hive.png", b""), "empty"),
    ],
)
def test_what_is_no_picture_is_refused_in_words(upload, words):
    found = errors(signed_in(member()).post("/blog/new/", told(cover=upload(), cover_alt="x")))

    assert list(found) == ["cover"]
    assert words in found["cover"][0]


def test_a_picture_is_stripped_and_must_be_described():
    client = signed_in(member())

    def upload():
        return picture_file((900, 600), "JPEG", comment=b"in front of my house")

    assert "cover_alt" in errors(client.post("/blog/new/", told(cover=upload())))
    client.post("/blog/new/", told(cover=upload(), cover_alt="A hive"))

    post = Post.objects.get()
    for kept, width in ((post.cover, 1440), (post.cover_small, 720)):
        assert kept.width == width
        assert b"in front of my house" not in kept.read()
        assert kept.name.endswith(".webp")


def test_an_edit_without_a_picture_keeps_the_one_there_is():
    post = with_cover(member())
    client = signed_in(post.author)
    kept = post.cover.name
    edit = f"/blog/{post.slug}/edit/"
    assert kept in client.get(edit).content.decode()

    client.post(edit, told(when="now", cover_alt="The same"))
    assert Post.objects.get().cover.name == kept
    client.post(edit, told(**{"when": "now", "cover-clear": "on"}))
    assert not Post.objects.get().cover


def test_an_edit_keeps_the_day_on_which_it_appeared():
    post = PostFactory(author=member())

    signed_in(post.author).post(f"/blog/{post.slug}/edit/", told(when="now"))

    assert Post.objects.get().publish_at == post.publish_at


def test_a_second_window_loses_nothing():
    post = draft(author=member())
    client = signed_in(post.author)
    version = post.updated_at.isoformat()
    client.post(f"/blog/{post.slug}/edit/", told(body="First.", version=version))

    second = client.post(f"/blog/{post.slug}/edit/", told(body="Second.", version=version))

    assert "changed in the meantime" in errors(second)["__all__"][0]
    assert "Second." in second.content.decode()
    assert Post.objects.get().body == "First."


@pytest.mark.parametrize(("headers", "is_part"), [({}, False), (HTMX, True)])
def test_the_preview_keeps_nothing(headers, is_part):
    response = signed_in(member()).post(
        "/blog/preview/", {"title": "T<b>", "body": "**bold** <script>x</script>"}, **headers
    )

    page = response.content.decode()
    assert "<strong>bold</strong>" in page
    assert "T&lt;b&gt;" in page
    assert "<script>x" not in page
    assert ("<html" in page) != is_part
    assert not Post.objects.exists()


def test_publishing_taking_back_and_deleting():
    post = draft(author=member())
    client = signed_in(post.author)
    address = post.get_absolute_url()

    assert "is out" in client.post(f"{address}publish/", follow=True).content.decode()
    assert Client().get(address).status_code == 200
    assert "draft again" in client.post(f"{address}unpublish/", follow=True).content.decode()
    assert Client().get(address).status_code == 404
    assert "Delete this post?" in client.get(f"{address}delete/").content.decode()
    assert Post.objects.exists()
    client.post(f"{address}delete/")
    assert not Post.objects.exists()


def test_a_scheduled_post_can_be_edited_once_it_is_out():
    post = scheduled(author=member())
    client = signed_in(post.author)

    with time_machine.travel(post.publish_at + timedelta(hours=1)):
        client.force_login(post.author)
        page = client.get(f"{post.get_absolute_url()}edit/").content.decode()

    assert "It is out" in page


PEOPLE = {
    "anonymous": lambda: None,
    "customer": UserFactory,
    "member": member,
    "author": author,
    "editor": editor,
    "staff": lambda: UserFactory(is_staff=True),
}
SIGN_IN, FORBIDDEN, MISSING, OK, MOVES = "sign in", 403, 404, 200, 302
# What each is told who asks for a page, or sends a form, about somebody else's published post.
RIGHTS = {
    ("GET", "/blog/new/"): (SIGN_IN, FORBIDDEN, OK, OK, OK, OK),
    ("POST", "/blog/new/"): (SIGN_IN, FORBIDDEN, 422, 422, 422, 422),
    ("POST", "/blog/preview/"): (SIGN_IN, FORBIDDEN, OK, OK, OK, OK),
    ("GET", "/blog/mine/"): (SIGN_IN, OK, OK, OK, OK, OK),
    ("GET", "/blog/post/"): (OK, OK, OK, OK, OK, OK),
    ("GET", "/blog/draft/"): (MISSING, MISSING, MISSING, MISSING, OK, MISSING),
    ("GET", "/blog/post/edit/"): (SIGN_IN, MISSING, MISSING, MISSING, OK, MISSING),
    ("POST", "/blog/post/edit/"): (SIGN_IN, MISSING, MISSING, MISSING, 422, MISSING),
    ("GET", "/blog/post/delete/"): (SIGN_IN, MISSING, MISSING, MISSING, OK, MISSING),
    ("POST", "/blog/post/delete/"): (SIGN_IN, MISSING, MISSING, MISSING, MOVES, MISSING),
    ("POST", "/blog/post/publish/"): (SIGN_IN, MISSING, MISSING, MISSING, MOVES, MISSING),
    ("POST", "/blog/post/unpublish/"): (SIGN_IN, MISSING, MISSING, MISSING, MOVES, MISSING),
    ("GET", "/blog/post/publish/"): (SIGN_IN, 405, 405, 405, 405, 405),
}


@pytest.mark.parametrize(("asked", "answers"), RIGHTS.items(), ids=lambda asked: " ".join(map(str, asked)))
def test_who_may_what(asked, answers):
    method, path = asked
    got = []
    for make in PEOPLE.values():
        Post.objects.all().delete()
        PostFactory(slug="post")
        draft(slug="draft")
        user = make()
        client = signed_in(user) if user else Client()
        response = client.generic(method, path)
        to_sign_in = response.status_code == 302 and response["Location"].startswith(reverse("account_login"))
        got.append(SIGN_IN if to_sign_in else response.status_code)

    assert dict(zip(PEOPLE, got, strict=True)) == dict(zip(PEOPLE, answers, strict=True))


@pytest.mark.parametrize(
    ("membership", "status", "may"),
    [
        (Membership.BUSINESS, ApprovalStatus.APPROVED, False),
        (Membership.MEMBER, ApprovalStatus.PENDING, False),
        (Membership.MEMBER, ApprovalStatus.DECLINED, False),
        (Membership.MEMBER, ApprovalStatus.APPROVED, True),
        (Membership.NONPROFIT, ApprovalStatus.APPROVED, True),
    ],
)
def test_members_write_once_they_are_approved(membership, status, may):
    user = UserFactory()
    user.profile.membership_type, user.profile.membership_status = membership, status

    assert may_write(user) == may


def test_whose_membership_ended_keeps_hold_of_their_posts():
    post = PostFactory(author=UserFactory())

    assert signed_in(post.author).post(f"{post.get_absolute_url()}delete/").status_code == 302
    assert not Post.objects.exists()


def test_my_posts_are_mine_and_editors_see_everybodys():
    mine = draft(author=editor(), title="Mine")
    draft(title="Another’s")
    client = signed_in(mine.author)

    assert "Another’s" not in client.get("/blog/mine/").content.decode()
    assert "Another’s" in client.get("/blog/mine/?of=all").content.decode()
    other = signed_in(member()).get("/blog/mine/?of=all").content.decode()
    assert "Another’s" not in other


def test_my_posts_cost_the_same_with_one_and_with_many():
    user = member()
    client = signed_in(user)

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get("/blog/mine/").status_code == 200
        return len(asked)

    draft(author=user)
    one = queries()
    for make in (draft, scheduled, PostFactory):
        make(author=user)

    assert queries() == one


def test_the_account_tells_what_one_wrote():
    post = draft(author=member(), title="Secret plan", body="Plant more trees.")

    data = b"".join(signed_in(post.author).get(reverse("accounts:data")).streaming_content).decode()

    assert "Secret plan" in data
    assert "Plant more trees." in data


def test_a_form_of_a_future_that_passed_is_refused_in_words():
    post = scheduled(author=member())
    passed = timezone.localtime(timezone.now() - timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M")

    found = errors(
        signed_in(post.author).post(f"{post.get_absolute_url()}edit/", told(when="later", publish_at=passed))
    )

    assert "This time is over" in found["publish_at"][0]
