"""Files beside the code agree with it: the documented settings, the import contract, the lock."""

import re
import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

ROOT = Path(settings.BASE_DIR).parent
SETTING_READ = re.compile(r"\benv\.(?:text|required|flag|integer|choice|listing|address)\(\s*\"(\w+)\"")
SETTING_DOCUMENTED = re.compile(r"^#?([A-Z][A-Z0-9_]+)=", re.MULTILINE)


def names_read() -> set[str]:
    """Every variable that some settings module, or the server's own, asks the environment for."""
    modules = [
        *(ROOT / "djangoapp" / "app" / "settings").glob("*.py"),
        ROOT / "djangoapp" / "gunicorn.conf.py",
    ]
    return {name for module in modules for name in SETTING_READ.findall(module.read_text())}


def test_every_setting_is_documented_once_and_none_is_dead():
    documented = SETTING_DOCUMENTED.findall((ROOT / ".env.example").read_text())

    assert sorted(documented) == sorted(names_read())


@pytest.mark.parametrize("name", ["DJANGOAPP_FERNET_KEY", "DATABASE_HOSTNAME", "GUNICORN_WORKERS"])
def test_the_search_for_settings_finds_them(name):
    assert name in names_read()


def test_every_app_is_under_the_import_contract():
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    ours = {
        config.name.split(".")[0]
        for config in apps.get_app_configs()
        if Path(config.path).is_relative_to(settings.BASE_DIR)
    }

    assert set(contract["root_packages"]) == ours


def test_every_lock_lets_through_who_only_refers_to_the_row():
    """Foreign keys are checked at the commit; a lock against that would put the rows into no order."""
    sources = [path for path in Path(settings.BASE_DIR).rglob("*.py") if "tests" not in path.parts]
    locks = [lock for path in sources for lock in re.findall(r".*select_for_update\(.*", path.read_text())]

    assert len(locks) > 40
    assert [lock for lock in locks if "no_key=True" not in lock] == []
