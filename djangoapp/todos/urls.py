from django.urls import path

from todos.views import items, lists, reminders, sharing

app_name = "todos"
urlpatterns = [
    path("", lists.list_index, name="list_index"),
    path("new/", lists.list_add, name="list_add"),
    path("reminders/", reminders.reminders, name="reminders"),
    path("reminders/calendar/", reminders.feed_change, name="feed_change"),
    path("feed/<int:user_pk>/<str:token>/todos.ics", reminders.feed, name="feed"),
    path("invitations/<int:pk>/", sharing.invitation_answer, name="invitation_answer"),
    path("<int:pk>/", lists.list_detail, name="list_detail"),
    path("<int:pk>/rename/", lists.list_rename, name="list_rename"),
    path("<int:pk>/delete/", lists.list_delete, name="list_delete"),
    path("<int:pk>/restore/", lists.list_restore, name="list_restore"),
    path("<int:pk>/people/", sharing.people, name="people"),
    path("<int:pk>/people/<int:share_pk>/remove/", sharing.share_remove, name="share_remove"),
    path("<int:pk>/leave/", sharing.leave, name="leave"),
    path("<int:pk>/add/", items.item_add, name="item_add"),
    path("items/<int:pk>/edit/", items.item_edit, name="item_edit"),
    path("items/<int:pk>/done/", items.item_done, name="item_done"),
    path("items/<int:pk>/move/", items.item_move, name="item_move"),
    path("items/<int:pk>/delete/", items.item_delete, name="item_delete"),
    path("items/<int:pk>/restore/", items.item_restore, name="item_restore"),
]
