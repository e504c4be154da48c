"""Making many tables that refer to one another, quickly."""

from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation


class AtOnce(Operation):
    """Makes the tables of many models in one step, from the operations of an initial migration.

    One by one, each of them has Django draw up anew all models that refer to it, directly or not.
    """

    def __init__(self, operations: list[Operation]) -> None:
        self.operations = operations
        self.made = [each.name for each in operations if isinstance(each, CreateModel)]

    def state_forwards(self, app_label, state) -> None:
        state.__dict__.pop(
            "apps", None
        )  # the models as they were drawn up until now; whoever asks gets new ones
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(self, app_label, schema_editor, from_state, to_state) -> None:
        for model in self._models(app_label, schema_editor, to_state):
            schema_editor.create_model(model)

    def database_backwards(self, app_label, schema_editor, from_state, to_state) -> None:
        for model in reversed(self._models(app_label, schema_editor, from_state)):
            schema_editor.delete_model(model)

    def _models(self, app_label, schema_editor, state) -> list:
        models = [state.apps.get_model(app_label, name) for name in self.made]
        return [model for model in models if self.allow_migrate_model(schema_editor.connection.alias, model)]

    def describe(self) -> str:
        return f"Create {len(self.made)} models at once"
