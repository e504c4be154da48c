"""The blog's addresses. ``models.RESERVED_SLUGS`` keeps posts away from the first words of the others."""

from django.urls import path

from blog import feeds
from blog.views import reading, writing

app_name = "blog"
urlpatterns = [
    path("", reading.post_list, name="post_list"),
    path("feed/rss/", feeds.rss, name="feed_rss"),
    path("feed/atom/", feeds.atom, name="feed_atom"),
    path("new/", writing.post_new, name="post_new"),
    path("mine/", writing.my_posts, name="my_posts"),
    path("preview/", writing.preview, name="preview"),
    path("tags/<slug:slug>/", reading.tag, name="tag"),
    path("authors/<int:pk>/", reading.author, name="author"),
    path("archive/<int:year>/<int:month>/", reading.month, name="month"),
    path("drafts/<int:pk>/<str:token>/", reading.post_draft, name="post_draft"),
    path("<slug:slug>/", reading.post_detail, name="post_detail"),
    path("<slug:slug>/edit/", writing.post_edit, name="post_edit"),
    path("<slug:slug>/publish/", writing.post_publish, name="post_publish"),
    path("<slug:slug>/unpublish/", writing.post_unpublish, name="post_unpublish"),
    path("<slug:slug>/delete/", writing.post_delete, name="post_delete"),
]
