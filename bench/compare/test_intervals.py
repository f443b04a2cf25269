"""The arithmetic behind docs/performance.md."""

import pathlib
import sys
import xml.dom.minidom

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from chart import bar_chart  # noqa: E402
from intervals import median_interval, ratios  # noqa: E402


def test_few_values_have_their_range_for_an_interval():
    assert median_interval([3.0, 1.0, 2.0]) == (2.0, 1.0, 3.0)


def test_the_interval_holds_the_median_and_says_the_same_each_time():
    values = [10.0, 11.0, 9.0, 10.5, 30.0, 9.5, 10.2]
    middle, low, high = median_interval(values)
    assert middle == 10.2 and 9.0 <= low <= middle <= high <= 30.0
    assert median_interval(values) == (middle, low, high)


def test_equal_values_leave_no_doubt():
    assert median_interval([5.0] * 7) == (5.0, 5.0, 5.0)


def test_ratios_are_of_pairs():
    assert ratios([2.0, 9.0], [4.0, 3.0]) == [0.5, 3.0]


def test_a_chart_is_well_formed_whatever_its_labels_say():
    svg = bar_chart("a < b & c", [("one", [("usher", "usher", 1.0, 0.9, 1.2), ("bun", "<Bun>", 2.0, 1.8, 2.1)])], "µs")
    bars = xml.dom.minidom.parseString(svg).getElementsByTagName("rect")
    assert [bar.getAttribute("width") for bar in bars] == ["200.0", "400.0"]
