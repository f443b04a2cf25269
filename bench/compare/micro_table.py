"""What Google Benchmark wrote, as a table: nanoseconds of one operation, median and range of the repetitions."""

from statistics import median


def micro_lines(data):
    """`data`: its JSON, with repetitions and without aggregates. A benchmark's label is its row."""
    found = {}
    for run in data["benchmarks"]:
        if run.get("run_type", "iteration") == "iteration":
            found.setdefault(run["name"], []).append(run)
    lines = ["Google Benchmark on one core (`bench/micro`): what usher's own code takes for one operation, with no socket and no "
             "system call. It shows where user space spends its time; it is no promise about a server.",
             "", "| operation | ns | lowest – highest | repetitions |", "|---|---|---|---|"]
    for runs in found.values():
        times = [nanoseconds(run) for run in runs]
        lines.append(f"| {runs[0]['label']} | {number(median(times))} | {number(min(times))} – {number(max(times))} | {len(times)} |")
    return lines


def nanoseconds(run):
    return run["cpu_time"] * {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}[run["time_unit"]]


def number(value):
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"
