"""From results.json (and micro.json) to docs/performance.md, between its two marks, and its charts.

    python3 bench/compare/report.py [FOLDER of results.json [FOLDER of performance.md]]

A quick run's numbers are good for finding mistakes and nothing else: they go to a copy beside results.json.
"""

import json
import pathlib
import sys

from chart import bar_chart
from intervals import median_interval, ratios
from micro_table import micro_lines
from rows import COMPARISONS, MEMORY_TARGETS, NAMES, ROWS
from scenarios import AS_API, AS_CLIENT
from servers import ROOT

BEGIN, END = "<!-- measured: written by make bench -->", "<!-- end of measured -->"


def values(results, scenario, contender, metric):
    return [run[metric] for run in results.get(scenario, {}).get(contender, [])]


def number(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}" if value < 10 else f"{value:.1f}"


def tables(results):
    lines = ["| what | server | median | 95 % interval | runs |", "|---|---|---|---|---|"]
    for row in ROWS:
        what = "; ".join(part for part in (row.title, row.detail) if part)
        for contender in row.contenders or results.get(row.scenario, {}):
            found = values(results, row.scenario, contender, row.metric)
            if not found:
                continue
            middle, low, high = median_interval(found)
            lines.append(f"| {what} | {NAMES[contender]} | {number(middle)} | {number(low)} – {number(high)} | {len(found)} |")
            what = ""
    return lines


def verdict(comparison, middle, high):
    if comparison.wanted is None:
        return "no target"
    return "met" if (high if comparison.by_upper_end else middle) <= comparison.wanted else "**missed**"


def comparison_lines(results):
    lines = ["| target | median of the pairs' ratios | 95 % interval | pairs | wanted | |", "|---|---|---|---|---|---|"]
    for each in COMPARISONS:
        pairs = ratios(*(values(results, each.scenario, who, each.metric) for who in (each.ours, each.theirs)))
        title = f"{each.title}: {NAMES[each.ours]} to {NAMES[each.theirs]}"
        wanted = "–" if each.wanted is None else f"≤ {each.wanted}{' (upper end)' if each.by_upper_end else ''}"
        if pairs:
            middle, low, high = median_interval(pairs)
            lines.append(f"| {title} | {middle:.2f} | {low:.2f} – {high:.2f} | {len(pairs)} | {wanted} | "
                         f"{verdict(each, middle, high)} |")
        elif each.scenario in results:
            lines.append(f"| {title} | – | – | 0 | {wanted} | not measured |")
    for scenario, who, what, most in MEMORY_TARGETS:
        if found := values(results, scenario, who, "memory_bytes_per_connection"):
            middle, low, high = median_interval(found)
            lines.append(f"| Memory of {what} | {middle:.0f} bytes | {low:.0f} – {high:.0f} | {len(found)} | "
                         f"≤ {most} | {'met' if middle <= most else '**missed**'} |")
    return lines


def write_charts(results, folder):
    def bars(scenario, metric):
        return [(contender.partition(":")[0].partition("@")[0], NAMES[contender], *median_interval(found))
                for contender in results.get(scenario, {})
                if contender not in (AS_API, AS_CLIENT) and (found := values(results, scenario, contender, metric))]

    fanouts = [(f"{count} in flight", bars(f"fanout{count}", "server_cpu_us_per_delivery")) for count in (1, 4, 16)]
    handshakes = [(heading, bars(scenario, "server_cpu_us_per_handshake"))
                  for heading, scenario in (("upgrade alone; usher: with a ticket", "upgrade"),
                                            ("ticket and upgrade, tickets in memory", "cycle"),
                                            ("ticket and upgrade, tickets in Redis (its own CPU not counted)", "cycle_redis"))]
    for name, title, groups in (("fanout", "Server CPU for one delivery, 1,000 subscribers, 128 bytes", fanouts),
                                ("handshake", "Server CPU for one handshake", handshakes)):
        groups = [group for group in groups if group[1]]
        if groups:
            (folder / f"performance-{name}.svg").write_text(bar_chart(title, groups, "µs"))


def uncounted_sentence(data):
    found = {name: count for name, count in data.get("uncounted", {}).items() if count}
    if not found:
        return ""
    return " Repeated, because a run failed or the load itself was late: " + ", ".join(
        f"{count} {'round' if count == 1 else 'rounds'} of {name}" for name, count in found.items()) + "."


def measured_part(data, micro):
    results, machine = data["results"], data["machine"]
    seconds = sum(data.get("seconds", {}).values())
    took = f"{seconds / 60:.0f} minutes" if seconds >= 120 else f"{seconds:.0f} s"
    lines = [
        BEGIN, "",
        f"Measured on {machine['date']}: {machine['cpu']}, {machine['cores']} cores, Linux {machine['kernel']}; server on one "
        f"core, load (and Redis) on another, loopback, {machine['rounds']} interleaved rounds"
        + (" of the quick kind" if machine["quick"] else "")
        + (f" at `BENCH_SCALE={machine['scale']:g}`" if machine.get("scale", 1) != 1 else "") + f", {took} in all, load average up to "
        f"{machine['load']:.0f}. usher logs at level `info` to a file throughout." + uncounted_sentence(data), "",
        "![server CPU for one delivery](performance-fanout.svg)", "",
        "![server CPU for one handshake](performance-handshake.svg)", "",
        "### Against the targets", "", *comparison_lines(results), "", "### All medians", "", *tables(results), ""]
    if micro:
        lines += ["### Without the kernel", "", *micro_lines(micro), ""]
    return "\n".join([*lines, END])


def main():
    source = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build/bench")
    data = json.loads((source / "results.json").read_text())
    page = ROOT / "docs" / "performance.md"
    folder = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else source if data["machine"]["quick"] else page.parent
    micro_file = source / "micro.json"
    micro = json.loads(micro_file.read_text()) if micro_file.exists() else None
    write_charts(data["results"], folder)
    text = page.read_text()
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    (folder / "performance.md").write_text(before + measured_part(data, micro) + after)
    print(f"written: {folder / 'performance.md'}")


if __name__ == "__main__":
    main()
