# Every command that a person or CI runs. `make help` lists them.

PORT ?= 8081
PYTHON ?=
ARGS ?=

python := .venv/bin/python
manage := $(python) djangoapp/manage.py
release := RELEASE="$(RELEASE)" NAMESPACE="$(NAMESPACE)" $(python) tools/release
test_settings := DJANGO_SETTINGS_MODULE=app.settings.test

.DEFAULT_GOAL := help
.PHONY: help runserver demo migrate makemigrations superuser worker test quick chaos lifetimes bench screens lint format \
  lock image image-test smoke up down charts templates dist chart-test chart-docs cluster-test dev backup restore drill \
  packages dev-packages

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

runserver: packages ## serve the shop with demo data on http://127.0.0.1:8081 (PORT=8082 for another port)
	@DJANGOAPP_SITE_URL="$${DJANGOAPP_SITE_URL:-http://127.0.0.1:$(PORT)}" PYTHONUNBUFFERED=1 \
	  exec $(manage) start_local 127.0.0.1:$(PORT)

demo: packages ## load the demo data again; what is there already stays
	@$(manage) load_demo

migrate: packages ## bring the database in step with the models
	@$(manage) migrate

makemigrations: packages ## write migrations for changed models
	@$(manage) makemigrations

superuser: $(if $(RELEASE),dev-packages,packages) ## create somebody who may do everything in the admin (RELEASE=shop NAMESPACE=shop: on Kubernetes)
	@$(if $(RELEASE),$(release) superuser,$(manage) createsuperuser)

worker: packages ## do the background work: mails, reconciling payments, freeing places
	@exec $(manage) worker

test: dev-packages ## run all tests, on SQLite and on PostgreSQL (ARGS="djangoapp/shop -k cart" for some of them)
	@exec $(python) tools/run_tests.py $(ARGS)

quick: dev-packages ## run the tests that need neither PostgreSQL nor a browser
	@exec $(python) tools/run_tests.py --quick $(ARGS)

chaos: dev-packages ## let payments go wrong in every way until N notifications came (N=10000 SEED=42)
	@CHAOS_DELIVERIES=$(or $(N),2000) CHAOS_SEED=$(SEED) $(python) tools/postgres.py \
	  $(python) -m pytest --quiet --capture=no djangoapp/tests/chaos/test_chaos.py

lifetimes: dev-packages ## let orders live at random, legally or not, and count everything anew after each step (N=300)
	@LIFETIMES=$(or $(N),100) $(python) -m pytest --quiet --capture=no djangoapp/tests/lifetimes/test_lifetimes.py

bench: dev-packages ## measure pages, bookings, memory and starts; writes docs/benchmarks.md (SIZE=small for a trial, SIZE=none without the large set)
	@exec $(python) tools/bench --size $(or $(SIZE),full)

screens: dev-packages ## photograph every page: phone and desktop, light and dark; empty, usual and overfull
	@status=0; $(python) -m pytest --quiet --numprocesses=2 djangoapp/tests/screens/take.py || status=$$?; \
	  $(python) tools/contact_sheet.py && exit $$status

lint: dev-packages ## check style, imports, migrations, links and the lock file
	@.venv/bin/ruff check
	@.venv/bin/ruff format --check
	@cd djangoapp && ../.venv/bin/lint-imports --config ../pyproject.toml
	@$(test_settings) $(manage) makemigrations --check --dry-run
	@$(python) tools/check_links.py
	@$(python) tools/packages.py check

format: dev-packages ## mend what can be mended: order of imports, layout
	@.venv/bin/ruff check --fix
	@.venv/bin/ruff format

lock: dev-packages ## resolve Pipfile into Pipfile.lock
	@$(python) tools/packages.py lock

charts: dev-packages ## fetch the database's chart (CHART_REGISTRY=oci://… for another registry)
	@$(python) tools/helm_chart.py charts

templates: dev-packages ## write every example of the chart as plain YAML into rendered/, for kubectl apply
	@$(python) tools/helm_chart.py templates --release "$(or $(RELEASE),shop)" --namespace "$(or $(NAMESPACE),default)"

dist: dev-packages ## package the chart into helmdist/ (ADDRESS=https://… where it will be served)
	@$(python) tools/helm_chart.py dist --address "$(ADDRESS)"

chart-test: dev-packages ## check the chart: helm lint, rendered objects, values, Kubernetes' schemas, kube-score
	@$(python) -m pytest --quiet -c tests/pytest.ini --numprocesses=2 tests/chart $(ARGS)

dev: dev-packages ## build, deploy and follow every change in Minikube (needs skaffold); the shop answers on http://127.0.0.1:8081
	@$(python) tools/helm_chart.py charts
	@exec skaffold dev --port-forward $(ARGS)

cluster-test: dev-packages ## prove the shop on the cluster of KUBECONFIG, or on one that the kit raises
	@$(python) -m pytest -c tests/pytest.ini --numprocesses=4 tests/cluster $(ARGS)

backup: dev-packages ## save database and uploads of a release: FILE=shop.tar RELEASE=shop NAMESPACE=shop
	@$(release) backup "$(FILE)"

restore: dev-packages ## put a backup into a release, in the place of what is there: FILE= RELEASE= NAMESPACE=
	@$(release) restore "$(FILE)"

drill: dev-packages ## restore a backup into a release of its own, compare, and forget that release: FILE= RELEASE= NAMESPACE=
	@$(release) drill "$(FILE)"

chart-docs: dev-packages ## write djangohelm/README.md anew from values.yaml
	@$(python) tools/helm_chart.py docs

image: ## build the image, tagged with the commit (IMAGE=registry/name, TARGET=development)
	@exec python3 tools/image.py

image-test: ## build the image and try it, alone and by compose.yaml (needs podman or docker, and its compose)
	@python3 tools/image_test.py
	@python3 tools/compose_test.py

smoke: ## ask a shop that was rolled out whether it serves: URL=https://shop.example.org COMMIT=
	@exec python3 tools/smoke.py "$(URL)" --commit "$(COMMIT)"

up: ## start the development environment in containers: web, worker, PostgreSQL, Redis, a stand-in for Stripe
	@PORT="$(PORT)" exec python3 tools/compose.py up

down: ## stop it (VOLUMES=remove forgets its data)
	@VOLUMES="$(VOLUMES)" exec python3 tools/compose.py down

# What the commands above stand on.

packages:
	@PYTHON="$(PYTHON)" sh tools/venv.sh
	@$(python) tools/packages.py install
	@$(python) tools/write_env.py

dev-packages:
	@PYTHON="$(PYTHON)" sh tools/venv.sh
	@$(python) tools/packages.py install --dev
