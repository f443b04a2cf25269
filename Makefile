# The commands of the README. Each installs what is missing first (scripts/setup), and is quick when nothing is.
.PHONY: build run test check demo bench nightly package soak clean

JOBS ?= $(shell nproc)

build:
	@scripts/setup run
	@scripts/build release

run:
	@scripts/setup run
	@scripts/build release usher
	@exec build/release/bin/usher serve --dev

test:
	@scripts/setup test
	@scripts/test

check:
	@scripts/setup test
	@scripts/check

demo:
	@scripts/setup run
	@scripts/build release usher
	@build/release/bin/usher demo

bench: build
	@scripts/setup bench
	@scripts/bench

nightly:
	@scripts/setup nightly
	@scripts/nightly

package:
	@scripts/setup run
	@scripts/package

soak:
	@scripts/setup test
	@scripts/soak

clean:
	rm -rf build
