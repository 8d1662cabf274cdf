# The ways into lmtui's lab. Everything runs in the image that the Dockerfile describes; .ci/lab
# builds it when it is missing, and the checkout is mounted in it, so an edit needs no rebuild.
#
# ARGS is handed on, as in: make test ARGS='-k router -x'

LAB := .ci/lab run
# As it was typed: a $ in it is the lab's shell's to expand, not make's.
override CMD := $(value CMD)
export CMD

.DEFAULT_GOAL := help
.PHONY: help demo test chaos copy-chaos bench copies cutovers proof check snapshots stills lab image clean
RUNS ?= 10

help: ## say what there is
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-18s%s\n", $$1, $$2}'

demo: ## a migration to try, on two throw-away clusters under load (ARGS: of lmtui demo)
	@.ci/lab demo lmtui demo $(ARGS)

test: ## run the tests, on two cores (ARGS: of pytest)
	@$(LAB) pytest -n 2 --dist loadfile $(ARGS)

chaos: ## kill everything at random moments, RUNS times (a minute and 30 kills each)
	@$(LAB) env LMTUI_CHAOS_RUNS=$(RUNS) pytest -q tests/integration/test_chaos.py tests/integration/test_cutover_killed.py $(ARGS)

copy-chaos: ## break the initial copy at random moments, RUNS times (three faults each)
	@$(LAB) env LMTUI_COPY_CHAOS_RUNS=$(RUNS) pytest -q tests/integration/test_copy_chaos.py $(ARGS)

bench: ## measure replay beside the native subscription and pgcopydb (ARGS: of bench/replay.py)
	@$(LAB) python bench/replay.py $(ARGS)

cutovers: ## time cutovers beside pgcopydb's `set endpos` (ARGS: of bench/cutover.py, as --runs 10)
	@$(LAB) python bench/cutover.py $(ARGS)

copies: ## time the initial copy, whole and gone on with, beside pgcopydb's (ARGS: of bench/initial_copy.py)
	@$(LAB) python bench/initial_copy.py $(ARGS)

proof: ## find seeded corruption beside `pgcopydb compare data` (ARGS: of bench/proof.py)
	@$(LAB) python bench/proof.py $(ARGS)

check: ## format, lint, types and the wall between engine and interface
	@$(LAB) sh -c 'ruff format --check && ruff check && mypy && lint-imports --cache-dir .lab/import_linter'

snapshots: ## take the pictures of the screens anew (ARGS: of pytest)
	@$(LAB) --as-owner pytest --snapshot-update tests/screens $(ARGS)

stills: ## take the README's stills anew, of a real migration in the lab
	@$(LAB) python .ci/stills.py .lab/stills
	@mkdir -p .ci/stills && cp .lab/stills/*.svg .ci/stills/

lab: ## a shell in the lab; CMD='...' runs one command instead
	@if [ -n "$$CMD" ]; then $(LAB) bash -c "$$CMD"; else $(LAB) bash; fi

image: ## build the image for operators, lmtui
	@.ci/lab image

clean: ## remove what the lab built
	@.ci/lab clean
