"""Bar charts as SVG, readable on light and dark pages."""

from xml.sax.saxutils import escape

COLOURS = {"usher": "#2f81f7", "bun": "#d29922", "ws": "#8b949e", "nchan": "#3fb950", "node": "#db6d28"}
STYLE = ("text{font:13px system-ui,sans-serif;fill:#1f2328}.faint{fill:#59636e}line{stroke:#1f2328}"
         "@media(prefers-color-scheme:dark){text{fill:#f0f6fc}.faint{fill:#9198a1}line{stroke:#f0f6fc}}")
LABEL_WIDTH, BAR_WIDTH, BAR_HEIGHT, GAP = 240, 420, 16, 4


def bar_chart(title, groups, unit):
    """`groups`: [(heading, [(server, label, value, low, high)])]; a whisker from low to high."""
    rows, y = [], 34
    for heading, bars in groups:
        longest = max(high for *_, high in bars)
        if heading:
            rows.append(f'<text x="0" y="{y + 12}" class="faint">{escape(heading)}</text>')
            y += 22
        for server, label, value, low, high in bars:
            width, begin, end = (BAR_WIDTH * v / longest for v in (value, low, high))
            middle = y + BAR_HEIGHT / 2
            rows.append(f'<text x="{LABEL_WIDTH - 8}" y="{y + 12}" text-anchor="end">{escape(label)}</text>'
                        f'<rect x="{LABEL_WIDTH}" y="{y}" width="{width:.1f}" height="{BAR_HEIGHT}" rx="2" '
                        f'fill="{COLOURS[server]}"/>'
                        f'<line x1="{LABEL_WIDTH + begin:.1f}" x2="{LABEL_WIDTH + end:.1f}" y1="{middle}" y2="{middle}"/>'
                        f'<text x="{LABEL_WIDTH + max(width, end) + 8:.1f}" y="{y + 12}">{value:.3g} {escape(unit)}</text>')
            y += BAR_HEIGHT + GAP
        y += 10
    width = LABEL_WIDTH + BAR_WIDTH + 110
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {y}" width="{width}" height="{y}" role="img" '
            f'aria-label="{escape(title)}"><style>{STYLE}</style><text x="0" y="16" font-weight="600">{escape(title)}</text>'
            + "".join(rows) + "</svg>\n")
