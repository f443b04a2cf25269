"""What docs/performance.md is made of: every row has its scenario, every name, and verdicts follow from the numbers."""

import json
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import report  # noqa: E402
from micro_table import micro_lines  # noqa: E402
from rows import COMPARISONS, NAMES, ROWS  # noqa: E402
from scenarios import AS_API, AS_CLIENT, SCENARIOS, half_of_maximal_rate, load_was_in_time  # noqa: E402


def results_of(value, **of_usher):
    """Every contender of every scenario has `value` in every metric; usher may differ, by scenario."""
    metrics = {"delivery_p50_ms", "round_trip_p99_ms", "publish_late_p99_ms", "load_busy",
               "redis_cpu_us_per_handshake"}
    return {name: {who: [dict.fromkeys(metrics | {scenario.metric},
                                       of_usher.get(name, value) if who.startswith("usher") else value)] * 7
                   for who in scenario.contenders}
            for name, scenario in SCENARIOS.items()}


def test_every_scenario_has_a_row_and_every_contender_a_name():
    assert {row.scenario for row in ROWS} == set(SCENARIOS)
    assert {who for scenario in SCENARIOS.values() for who in scenario.contenders} <= set(NAMES)


def test_what_is_compared_is_measured_in_one_scenario():
    for each in COMPARISONS:
        assert {each.ours, each.theirs} <= set(SCENARIOS[each.scenario].contenders), each


def test_what_has_a_target_comes_in_seven_pairs_or_more():
    for each in COMPARISONS:
        assert SCENARIOS[each.scenario].rounds >= 7, each


def test_long_messages_are_as_long_as_a_whole_frame_of_ushers():
    push = {"push": {"channel": "bench:all", "pub": {"data": "x" * 126}}}
    assert AS_API == f"bun:{len(json.dumps(push, separators=(',', ':')))}"
    push["push"]["pub"]["info"] = {"user": "", "client": "f53f8144f4efaec7"}
    assert AS_CLIENT == f"bun:{len(json.dumps(push, separators=(',', ':')))}"


def test_a_target_is_met_or_missed_as_its_numbers_say():
    def verdicts(**of_usher):
        return {line.split("|")[1].strip(): line.split("|")[6].strip() for line in report.comparison_lines(results_of(100, **of_usher))}

    title = "p99 of publish to delivery: usher, client publishes to Bun (uWebSockets)"
    assert verdicts(latency=100)[title] == "met" and verdicts(latency=101)[title] == "**missed**"
    assert verdicts(fanout16=104)["Delivery, 16 in flight: usher, server API to Bun (uWebSockets)"] == "met"
    assert verdicts(fanout16=106)["Delivery, 16 in flight: usher, server API to Bun (uWebSockets)"] == "**missed**"


def test_what_could_not_be_measured_is_said():
    results = results_of(1) | {"cycle": {"usher": [], "node": []}}
    line = next(line for line in report.comparison_lines(results) if "in memory" in line)
    assert line.endswith("| – | – | 0 | ≤ 0.2 | not measured |")


def test_every_median_is_in_the_tables_once():
    lines = report.tables(results_of(42))
    assert len([line for line in lines if line.endswith("| 7 |")]) == sum(len(SCENARIOS[row.scenario].contenders) for row in ROWS)
    assert len({line for line in lines if not line.startswith("|  |")}) == len(ROWS) + 2


def test_half_of_the_maximal_rate_needs_buns_fan_out():
    assert half_of_maximal_rate({"fanout1": {"bun": [{"deliveries_per_second": 150_000}, {"deliveries_per_second": 90_000}]}}) == 75
    with pytest.raises(RuntimeError, match="fanout1"):
        half_of_maximal_rate({})


def test_a_round_in_which_the_load_itself_was_late_does_not_count():
    assert load_was_in_time({"publish_late_p99_ms": 5.0})
    assert not load_was_in_time({"publish_late_p99_ms": 5.1}) and not load_was_in_time(None)
    assert report.uncounted_sentence({"uncounted": {"latency": 2, "cycle": 0}}).endswith(": 2 rounds of latency.")
    assert report.uncounted_sentence({"uncounted": {"cycle": 0}}) == ""


def test_a_quick_runs_numbers_stay_out_of_the_docs(tmp_path, monkeypatch):
    page = report.ROOT / "docs" / "performance.md"
    before = page.read_text()
    machine = {"date": "2026-01-02", "cpu": "a CPU", "cores": 2, "kernel": "6.1", "rounds": 2, "scale": 0.2, "quick": True, "load": 1.0}
    (tmp_path / "results.json").write_text(json.dumps({"machine": machine, "seconds": {"cycle": 120}, "results": results_of(1)}))
    monkeypatch.setattr(sys, "argv", ["report.py", str(tmp_path)])
    report.main()
    written = (tmp_path / "performance.md").read_text()
    assert page.read_text() == before
    assert "of the quick kind at `BENCH_SCALE=0.2`, 2 minutes in all" in written
    assert written.split(report.BEGIN)[0] == before.split(report.BEGIN)[0]
    assert written.split(report.END)[1] == before.split(report.END)[1]
    assert (tmp_path / "performance-fanout.svg").exists() and (tmp_path / "performance-handshake.svg").exists()


def test_micro_benchmarks_are_told_in_nanoseconds():
    runs = [{"name": "verify", "label": "JWT verified", "cpu_time": time, "time_unit": "us"} for time in (2.0, 1.0, 4.0)]
    assert micro_lines({"benchmarks": runs})[-1] == "| JWT verified | 2,000 | 1,000 – 4,000 | 3 |"
