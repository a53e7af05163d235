"""The results as tables: for a terminal, as Markdown, as JSON."""

import json
import pathlib
import re
import statistics

MANY = 4  # servers; with more of them they are the rows of a table
REFERENCE = "postfix"  # or, where it takes no part, the first of the servers


def medians(rounds, key):
    """Returns the median of a figure, or None for one that this server does not have."""
    found = [values[key] for values in rounds if values.get(key) is not None]
    return statistics.median(found) if found else None


def ratio(rounds, reference, key):
    """Returns the median of the ratios round by round: what disturbs the machine disturbs both."""
    pairs = [(ours.get(key), theirs.get(key)) for ours, theirs in zip(rounds, reference)]
    if any(ours is None or not theirs for ours, theirs in pairs):
        return None
    return statistics.median(ours / theirs for ours, theirs in pairs)


class Results:
    """Everything that one run has found, as plain values, so that it can be kept as JSON and shown again."""

    def __init__(self, data):
        self._data = data

    @classmethod
    def of(cls, outcomes, servers, machine, command, notes):
        scenarios = [
            {
                "name": outcome.scenario.name,
                "title": outcome.scenario.title,
                "note": outcome.scenario.note,
                "figures": [vars(figure) for figure in outcome.scenario.figures],
                "values": outcome.values,
                "failures": outcome.failures,
            }
            for outcome in outcomes
        ]
        return cls({"command": command, "machine": machine, "servers": servers, "notes": notes, "scenarios": scenarios})

    @classmethod
    def read(cls, path):
        return cls(json.loads(pathlib.Path(path).read_text(encoding="utf-8")))

    def write(self, path):
        pathlib.Path(path).write_text(json.dumps(self._data, indent=1) + "\n", encoding="utf-8")

    def text(self):
        parts = ["\n".join(self._machine())]
        parts += [f"{title}\n{_aligned(header, rows)}" for title, header, rows in self._tables()]
        return "\n\n".join([*parts, "\n".join(f"- {note}" for note in self._notes())])

    def markdown(self):
        parts = [f"```\n{self._data['command']}\n```", "\n".join(f"- {line}" for line in self._machine())]
        for title, header, rows in self._tables():
            lines = [header, ["---"] + ["--:"] * (len(header) - 1), *rows]
            parts.append(f"**{title}**\n\n" + "\n".join("| " + " | ".join(line) + " |" for line in lines))
        parts.append("\n".join(f"- {note}" for note in self._notes()))
        return "\n\n".join(part for part in parts if part) + "\n"

    def put_into(self, path, section):
        """Writes the Markdown to a file: between its marks for the section if it has them, else as the whole file."""
        path = pathlib.Path(path)
        begin, end = f"<!-- bench {section} begin -->\n", f"<!-- bench {section} end -->"
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        block = begin + self.markdown() + end
        pattern = re.escape(begin) + ".*?" + re.escape(end)
        changed, times = re.subn(pattern, lambda _: block, text, flags=re.DOTALL)
        path.write_text(changed if times else block + "\n", encoding="utf-8")

    def _machine(self):
        return [*self._data["machine"], *(f"{name}: {version}" for name, version in self._data["servers"].items())]

    def _notes(self):
        yield from self._data["notes"]
        for scenario in self._data["scenarios"]:
            if scenario["note"]:
                yield f"{scenario['name']}: {scenario['note']}"
            for server, failure in scenario["failures"].items():
                yield f"{scenario['name']}: {server} FAILED: {failure}"

    def _tables(self):
        """Yields title, header and rows: scenarios with the same figures share a table for each figure."""
        if len(self._data["servers"]) > MANY:
            yield from map(self._by_server, self._data["scenarios"])
            return
        families = {}
        for scenario in self._data["scenarios"]:
            families.setdefault(tuple(figure["key"] for figure in scenario["figures"]), []).append(scenario)
        for family in families.values():
            if len(family) == 1:
                rows = [self._row(family[0], figure, _label(figure)) for figure in family[0]["figures"]]
                yield family[0]["title"], self._header(family[0]["name"]), rows
                continue
            for figure in family[0]["figures"]:
                rows = [self._row(scenario, figure, f"{scenario['name']}: {scenario['title']}") for scenario in family]
                yield _label(figure), self._header("scenario"), rows

    def _by_server(self, scenario):
        """Returns title, header and rows of a scenario: a row for each server, values with their ratio."""
        values, reference = scenario["values"], scenario["values"].get(self._reference())
        rows = []
        for name in self._data["servers"]:
            row = [name]
            for key in (figure["key"] for figure in scenario["figures"]):
                cell = _number(medians(values[name], key)) if name in values else "–"
                if name in values and reference and name != self._reference():
                    cell += f" ({_ratio(ratio(values[name], reference, key))})"
                row.append(cell)
            rows.append(row)
        header = [scenario["name"], *(_label(figure) for figure in scenario["figures"])]
        return f"{scenario['title']} (in brackets: ÷ {self._reference()})", header, rows

    def _header(self, first):
        servers = list(self._data["servers"])
        return [first, *servers, *(f"{name} ÷ {self._reference()}" for name in self._compared())]

    def _reference(self):
        servers = list(self._data["servers"])
        return REFERENCE if REFERENCE in servers else servers[0]

    def _compared(self):
        return [name for name in self._data["servers"] if name != self._reference()]

    def _row(self, scenario, figure, first):
        values, key = scenario["values"], figure["key"]
        cells = [_number(medians(values[name], key)) if name in values else "–" for name in self._data["servers"]]
        for name in self._compared():
            both = name in values and self._reference() in values
            found = ratio(values[name], values[self._reference()], key) if both else None
            cells.append(_ratio(found))
        return [first, *cells]


def _label(figure):
    return f"{figure['label']} ({'more' if figure['more_is_better'] else 'less'} is better)"


def _ratio(value):
    return "–" if value is None else _number(value) + "×"


def _number(value):
    if value is None:
        return "–"
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _aligned(header, rows):
    widths = [max(len(row[column]) for row in [header, *rows]) for column in range(len(header))]
    lines = [
        "  ".join(
            cell.rjust(width) if column else cell.ljust(width) for column, (cell, width) in enumerate(zip(row, widths))
        )
        for row in [header, *rows]
    ]
    lines.insert(1, "-" * len(lines[0]))
    return "\n".join(lines)
