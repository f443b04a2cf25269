# Sourced by scripts/test, check and nightly: runs phases one after the other, prints what each took, adds up what passed
# and failed, and closes with the failed tests and one line that says both numbers.
#
#   phase NAME COMMAND…    a failing command fails the run, but later phases still run
#   finish                 the closing lines; exits 1 if anything failed
#
# Commands for phases; each leaves a report in JUnit XML (scripts/phase_report.py counts):
#
#   run_pytest ARGUMENT…   run_ctest PRESET ARGUMENT…   run_node_tests FILE…
#   storm FOLDER TEST…     clients that misbehave together
#   tidy                   the style rules, and the tests of those
#   report                 prints the path of a new, empty report, for any other command that writes one
#
# No test is tried again: a test that fails now and then is a defect.

set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export JOBS=${JOBS:-$(nproc)}
# Everything that a run leaves; emptied here, so that no earlier run's report is counted.
run_folder=$PWD/build/phases/$(basename "$0")
rm -rf "$run_folder" && mkdir -p "$run_folder" && : >"$run_folder/failures" || exit 1
phase_table=()
passed=0
failed=0
run_started=$SECONDS

# Where the running phase's reports go. Exported for commands that name their reports themselves (vitest, scripts/soak).
export USHER_REPORTS=
report() { mktemp "$USHER_REPORTS/XXXXXX.xml"; }

run_pytest() { PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 -m pytest -q -p no:cacheprovider --junit-xml="$(report)" "$@"; }
run_ctest() { ctest --test-dir "build/$1" --output-on-failure -j "$JOBS" --output-junit "$(report)" "${@:2}"; }
# Node 18.17 and later have this reporter.
run_node_tests() {
  node --test --test-reporter=spec --test-reporter-destination=stdout --test-reporter=junit --test-reporter-destination="$(report)" "$@"
}

# Installs a folder's npm packages, if they are not there as its lock file says.
npm_ci() { [ -d "$1/node_modules" ] && [ "$1/node_modules/.package-lock.json" -nt "$1/package-lock.json" ] || npm --prefix "$1" ci --no-audit --no-fund; }

# The storm suite (tests/hostile/storm.py) against the gateway in a folder, and more tests before it. USHER_STORM_SECONDS and
# USHER_STORM_KINDS say how long and on what; each storm's line is in the phase's log.
storm() { # folder test…
  USHER_BIN_DIR=$1 run_pytest -rP "${@:2}" tests/hostile/test_storm.py
}

tidy() {
  local status=0
  run_pytest tests/tidy || status=1
  /usr/bin/python3 -B tests/tidy/tidy.py "$(report)" || status=1
  return "$status"
}

phase() {
  local name=$1
  shift
  local stem="$run_folder/${name//[^a-zA-Z0-9]/_}" begun=$SECONDS status=0 good bad skipped
  USHER_REPORTS=$stem
  printf '==> %s\n' "$name"
  mkdir "$USHER_REPORTS" || exit 1  # two phases of one name would count each other's reports
  "$@" >"$stem.log" 2>&1 </dev/null || status=$?
  # If the counting itself fails, that is a failure.
  read -r good bad skipped < <(
    /usr/bin/python3 -B scripts/phase_report.py judge "$name" "$status" "$stem.log" "$USHER_REPORTS" "$run_folder/failures"
  ) || { good=0 bad=1 skipped=0; }
  passed=$((passed + good))
  failed=$((failed + bad))
  if [ "$bad" -ne 0 ]; then
    tail -n "${PHASE_TAIL:-80}" "$stem.log"
    printf 'FAILED: %s (the whole output: %s)\n' "$name" "$stem.log"
  fi
  phase_table+=("$(printf '%6ds  %-44s %5d passed %4d failed' $((SECONDS - begun)) "$name" "$good" "$bad")")
  [ "$skipped" -eq 0 ] || phase_table[-1]+=" $(printf '%4d skipped' "$skipped")"
  printf '    %s\n' "${phase_table[-1]}"
  return 0
}

# USHER_SHOW_FAILURES_OF: the folder of an earlier run whose failures are named too, where only the end of all is read (.ci/run).
finish() {
  printf '\nTime by phase:\n'
  printf '%s\n' "${phase_table[@]}"
  printf '%6ds  in all\n\n' $((SECONDS - run_started))
  local of=("$run_folder/failures") earlier=${USHER_SHOW_FAILURES_OF:-}/failures
  [ ! -f "$earlier" ] || of=("$earlier" "${of[@]}")
  /usr/bin/python3 -B scripts/phase_report.py show "${of[@]}"
  printf '%d passed, %d failed\n' "$passed" "$failed"
  [ "$failed" -eq 0 ]
}
