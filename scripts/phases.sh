# Sourced by scripts/test, check and nightly: runs phases one after the other, prints what each took, adds up what passed
# and failed, and closes with one line that says both.
#
#   phase NAME COMMAND…    a failing command fails the run, but later phases still run
#   finish                 the closing lines; exits 1 if anything failed
#   storm FOLDER TEST…     a command for a phase: clients that misbehave together

set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export JOBS=${JOBS:-$(nproc)}
phase_logs=build/phases
mkdir -p "$phase_logs"
phase_table=()
passed=0
failed=0
run_started=$SECONDS

# Adds the counts in a log, as ctest, pytest, vitest, node's runner and our own scripts print them. A phase that counts
# nothing is one test itself.
count_log() { # status file
  /usr/bin/python3 - "$1" "$2" <<'PY'
import re, sys
status, text = int(sys.argv[1]), open(sys.argv[2], errors="replace").read()
text = re.sub(r"\x1b\[[0-9;]*m", "", text)
passed = failed = 0
for bad, total in re.findall(r"tests passed, (\d+) tests? failed out of (\d+)", text):
    failed += int(bad); passed += int(total) - int(bad)
for line in re.findall(r"^=+ (.*) in [\d.]+s.*=+$|^((?:\d+ \w+(?:, )?)+) in [\d.]+s.*$", text, re.M):
    for n, what in re.findall(r"(\d+) (passed|failed|errors?)", line[0] or line[1]):
        if what == "passed": passed += int(n)
        else: failed += int(n)
for line in re.findall(r"^\s*Tests\s+(.*)$", text, re.M):
    for n, what in re.findall(r"(\d+) (passed|failed)", line):
        if what == "passed": passed += int(n)
        else: failed += int(n)
for what, n in re.findall(r"^(?:#|ℹ) (pass|fail) (\d+)$", text, re.M):
    if what == "pass": passed += int(n)
    else: failed += int(n)
for n, m in re.findall(r"^(\d+) passed, (\d+) failed$", text, re.M):
    passed += int(n); failed += int(m)
if status and not failed: failed = 1
if not passed and not failed: passed = 1
print(passed, failed)
PY
}

# Installs a folder's npm packages, if they are not there as its lock file says.
npm_ci() { [ -d "$1/node_modules" ] && [ "$1/node_modules/.package-lock.json" -nt "$1/package-lock.json" ] || npm --prefix "$1" ci --no-audit --no-fund; }

# The storm suite (tests/hostile/storm.py) against the gateway in a folder, and more tests before it. USHER_STORM_SECONDS and
# USHER_STORM_KINDS say how long and on what; each storm's line is in the phase's log.
storm() { # folder test…
  USHER_BIN_DIR=$1 PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 -m pytest -q -rP -p no:cacheprovider "${@:2}" tests/hostile/test_storm.py
}

phase() {
  local name=$1
  shift
  local log="$phase_logs/${name//[^a-zA-Z0-9]/_}.log" begun=$SECONDS status=0
  printf '==> %s\n' "$name"
  "$@" >"$log" 2>&1 </dev/null || status=$?
  local counts
  counts=($(count_log "$status" "$log"))
  passed=$((passed + counts[0]))
  failed=$((failed + counts[1]))
  if [ "$status" -ne 0 ]; then
    tail -n "${PHASE_TAIL:-80}" "$log"
    printf 'FAILED: %s (the whole output: %s)\n' "$name" "$log"
  fi
  phase_table+=("$(printf '%6ds  %-44s %5d passed %4d failed' $((SECONDS - begun)) "$name" "${counts[0]}" "${counts[1]}")")
  printf '    %s\n' "${phase_table[-1]}"
  return 0
}

finish() {
  printf '\nTime by phase:\n'
  printf '%s\n' "${phase_table[@]}"
  printf '%6ds  in all\n\n' $((SECONDS - run_started))
  printf '%d passed, %d failed\n' "$passed" "$failed"
  [ "$failed" -eq 0 ]
}
