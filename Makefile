# Every target is an alias of `python3 run.py TARGET`, for machines without make.
PYTHON ?= python3

.PHONY: demo setup test check bench
demo setup test check bench:
	@exec $(PYTHON) run.py $@
