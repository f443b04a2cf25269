"""From results.json to docs/performance.md (between its two marks) and its charts.

    python3 bench/report.py [FOLDER of results.json [FOLDER of performance.md]]
"""

import json
import pathlib
import sys

from chart import bar_chart
from intervals import median_interval, ratios
from run import SCENARIOS
from servers import ROOT

BEGIN, END = "<!-- measured: written by make bench -->", "<!-- end of measured -->"
NAMES = {"usher": "usher", "usher:api": "usher, server API", "usher:ws": "usher, client publishes", "bun": "Bun (uWebSockets)",
         "ws": "ws on Node", "nchan": "nchan (nginx)", "node": "Node baseline", "usher-1": "one shard", "usher-2": "two shards",
         "usher-1:api": "one shard", "usher-2:api": "two shards"}
TITLES = {
    "upgrade": ("Upgrade and close, µs of server CPU", "usher redeems a ticket in each, the others let everybody in"),
    "cycle": ("Ticket, upgrade and close, µs of server CPU", "JWT verified, ticket stored and redeemed"),
    "fanout1": ("Delivery, 1 message in flight, µs of server CPU", "1,000 subscribers, 128 bytes"),
    "fanout4": ("Delivery, 4 messages in flight, µs of server CPU", "the same"),
    "fanout16": ("Delivery, 16 messages in flight, µs of server CPU", "the same"),
    "latency": ("p99 of publish to delivery, ms", "at half of Bun's maximal rate"),
    "echo": ("Round trip, µs of server CPU", "100 connections; usher: its `ping` command, the others: echo of 64 bytes"),
    "http": ("HTTP call, µs of server CPU", "usher and the Node baseline: a ticket for a JWT; the others: GET of two bytes"),
    "shards_fanout": ("Delivery on two shards, µs of server CPU", "both on two cores, which the load shares"),
    "shards_upgrade": ("Upgrade on two shards, µs of server CPU", "both on two cores, which the load shares"),
    "idle": ("Idle connection, bytes of user-space memory", "8,000 more after the first 1,000; subscribed"),
    "idle1000": ("Idle connection, bytes of user-space memory", "1,000 more after the first 1,000"),
    "idle16000": ("Idle connection, bytes of user-space memory", "16,000 more after the first 1,000"),
}
# scenario, ours, theirs, the ratio that we want, of its interval's upper end (else of the median)
TARGETS = [
    ("upgrade", "usher", "bun", 1.15, False), ("cycle", "usher", "node", 0.2, False),
    ("fanout1", "usher:api", "bun", 1.05, True), ("fanout1", "usher:ws", "bun", 1.05, True),
    ("fanout4", "usher:api", "bun", 1.05, True), ("fanout4", "usher:ws", "bun", 1.05, True),
    ("fanout16", "usher:api", "bun", 1.05, True), ("fanout16", "usher:ws", "bun", 1.05, True),
    ("fanout1", "usher:api", "ws", 0.6, False), ("fanout16", "usher:api", "ws", 0.1, False),
    ("latency", "usher:api", "bun", 1.0, False),
    ("shards_fanout", "usher-2:api", "usher-1:api", 1.1, False), ("shards_upgrade", "usher-2", "usher-1", 1.1, False),
]


def values(results, scenario, server):
    metric = SCENARIOS[scenario][2]
    return [run[metric] for run in results.get(scenario, {}).get(server, [])]


def number(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}" if value < 10 else f"{value:.1f}"


def tables(results):
    lines = ["| what | server | median | 95 % interval | runs |", "|---|---|---|---|---|"]
    for scenario, (title, detail) in TITLES.items():
        first = True
        for server in results.get(scenario, {}):
            found = values(results, scenario, server)
            if not found:
                continue
            middle, low, high = median_interval(found)
            lines.append(f"| {f'{title}; {detail}' if first else ''} | {NAMES[server]} | {number(middle)} | "
                         f"{number(low)} – {number(high)} | {len(found)} |")
            first = False
    return lines


def target_lines(results):
    lines = ["| target | median of the pairs' ratios | 95 % interval | pairs | wanted | |", "|---|---|---|---|---|---|"]
    for scenario, ours, theirs, wanted, by_upper in TARGETS:
        pairs = ratios(values(results, scenario, ours), values(results, scenario, theirs))
        if not pairs:
            continue
        middle, low, high = median_interval(pairs)
        met = (high if by_upper else middle) <= wanted
        title = TITLES[scenario][0].split(",")[0] + (f", {scenario[6:]} in flight" if scenario.startswith("fanout") else "")
        lines.append(f"| {title}: {NAMES[ours]} to {NAMES[theirs]} | {middle:.2f} | {low:.2f} – {high:.2f} | {len(pairs)} | "
                     f"≤ {wanted}{' (upper end)' if by_upper else ''} | {'met' if met else '**missed**'} |")
    found = values(results, "idle", "usher")
    if found:
        middle, low, high = median_interval(found)
        lines.append(f"| Memory of an idle connection, 8,000 of them | {middle:.0f} bytes | {low:.0f} – {high:.0f} | {len(found)} | ≤ 640 | "
                     f"{'met' if middle <= 640 else '**missed**'} |")
    return lines


def write_charts(results, folder):
    def bars(scenario):
        return [(server.split(":")[0], NAMES[server], *median_interval(values(results, scenario, server)))
                for server in results.get(scenario, {}) if values(results, scenario, server)]

    fanouts = [(f"{count} in flight", bars(f"fanout{count}")) for count in (1, 4, 16)]
    handshakes = [("upgrade alone; usher: with a ticket", bars("upgrade")), ("ticket and upgrade", bars("cycle"))]
    for name, title, groups in (("fanout", "Server CPU for one delivery, 1,000 subscribers, 128 bytes", fanouts),
                                ("handshake", "Server CPU for one handshake", handshakes)):
        groups = [group for group in groups if group[1]]
        if groups:
            (folder / f"performance-{name}.svg").write_text(bar_chart(title, groups, "µs"))


def main():
    source = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build/bench")
    folder = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else ROOT / "docs")
    data = json.loads((source / "results.json").read_text())
    results, machine = data["results"], data["machine"]
    write_charts(results, folder)
    measured = [
        BEGIN, "",
        f"Measured on {machine['date']}: {machine['cpu']}, {machine['cores']} cores, Linux {machine['kernel']}; server on one "
        f"core, load on another, loopback, up to {machine['rounds']} interleaved rounds"
        + (" of the quick kind" if machine["quick"] else "") + f", load average up to {machine['load']:.0f}. "
        "usher logs at level `info` to a file throughout.", "",
        "![server CPU for one delivery](performance-fanout.svg)", "",
        "![server CPU for one handshake](performance-handshake.svg)", "",
        "### Against the targets", "", *target_lines(results), "", "### All medians", "", *tables(results), "", END]
    page = folder / "performance.md"
    text = page.read_text()
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    page.write_text(before + "\n".join(measured) + after)


if __name__ == "__main__":
    main()
