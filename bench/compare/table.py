"""Medians out of the measured windows, and the table as text, Markdown and JSON."""

from statistics import median

import loads
import machine as machines
from servers import ALL


def summarise(runs):
    """One entry for each load, profile, number of viewers and server; windows of repeated runs are pooled."""
    groups = {}
    for run in runs:
        for step in run["steps"]:
            groups.setdefault((run["row"], step["viewers"], run["server"]), []).append(step)
    row_order = [row.name for row in loads.ROWS]
    server_order = [server.name for server in ALL]
    keys = sorted(groups, key=lambda k: (row_order.index(k[0]), k[1], server_order.index(k[2])))
    entries = [_entry(*key, groups[key]) for key in keys]
    for entry in entries:
        own = [e for e in entries if e["server"] == "sluice" and (e["row"], e["viewers"]) == (entry["row"], entry["viewers"])]
        entry["sluice_ratio"] = round(own[0]["us_per_packet"] / entry["us_per_packet"], 3) if own and entry["us_per_packet"] else None
    return entries


def _entry(row_name, viewers, server, steps):
    row = loads.by_name(row_name)
    every = [(step, window) for step in steps for window in step["windows"]]
    quiet = [(step, window) for step, window in every if window["quiet"]]
    used = quiet or every
    windows = [window for _, window in used]
    costs = [w["user_us"] + w["system_us"] for w in windows]
    delivered, lost = sum(w["packets"] for w in windows), sum(w["lost"] for w in windows)

    def middle(key):
        return median(w[key] for w in windows)

    return {
        "row": row_name, "load": row.load.title, "srtp": loads.PROFILE_NAMES[row.profile], "viewers": viewers, "server": server,
        "us_per_packet": round(median(costs), 3), "us_lowest": round(min(costs), 3), "us_highest": round(max(costs), 3),
        "user_us": round(middle("user_us"), 3), "system_us": round(middle("system_us"), 3), "cores": round(middle("cores"), 3),
        "packets_s": round(middle("packets_s")), "loss_percent": round(100 * lost / (delivered + lost), 4) if delivered + lost else 100.0,
        "silent": max(w["silent"] for w in windows), "late_p50_ms": middle("late_p50_ms"), "late_p99_ms": middle("late_p99_ms"),
        "rss_kb_per_viewer": round(median((w["rss_kb"] - step["rss_start_kb"]) / viewers for step, w in used)),
        "join_cpu_ms": round(median(step["join_cpu_ms"] for step in steps), 2) or None,
        "generator_us": round(middle("own_us"), 3), "windows": len(windows), "quiet": bool(quiet),
    }


COLUMNS = [
    ("load", "load"), ("srtp", "SRTP"), ("viewers", "N"), ("server", "server"), ("us_per_packet", "us/packet"), ("range", "lowest..highest"),
    ("user_us", "user"), ("system_us", "sys"), ("cores", "cores"), ("loss_percent", "loss %"), ("late_p50_ms", "late p50"), ("late_p99_ms", "p99 ms"),
    ("rss_kb_per_viewer", "kB/viewer"), ("join_cpu_ms", "ms CPU/join"), ("sluice_ratio", "Sluice/this"),
]
LATEST_MS = 399  # wload counts no further
TITLES = {server.name: server.title for server in ALL}


def _cells(entry):
    shown = dict(entry, server=TITLES[entry["server"]], range=f"{entry['us_lowest']:.2f}..{entry['us_highest']:.2f}")
    formats = {"us_per_packet": ".2f", "user_us": ".2f", "system_us": ".2f", "cores": ".2f", "loss_percent": ".3f", "late_p50_ms": ".0f",
               "late_p99_ms": ".0f", "join_cpu_ms": ".1f", "sluice_ratio": ".2f"}
    cells = []
    for key, _ in COLUMNS:
        value = shown[key]
        text = "" if value is None else format(value, formats[key]) if key in formats else str(value)
        if key.startswith("late_") and value >= LATEST_MS:
            text = f">{LATEST_MS}"
        cells.append(text + ("*" if key == "us_per_packet" and not entry["quiet"] else ""))
    return cells


NOTES = [
    "us/packet: CPU of the server process, user + system, for each RTP packet that reached a viewer; medians of quiet windows"
    " (* no window was quiet). Sluice/this: Sluice's cost over this server's."
    " user and sys divide the sum as the kernel samples it, which is rough below a fifth of a core.",
    "late: arrival of a frame's last packet (audio only: of each packet) above the best that viewer saw; the source's own pacing is in it.",
    "kB/viewer: growth of resident memory since before the first viewer. ms CPU/join: without what packets delivered meanwhile"
    " cost; empty where that is all of it.",
]


AT_MOST = 0.5  # of what Janus takes, where packets are few and small


def judge(result):
    """The bars Sluice sets itself beside Janus, each in one line."""
    lines = []
    for row in (row for row in loads.ROWS if row.load is not loads.HIGH):
        pairs = [e["sluice_ratio"] for e in result["table"] if e["row"] == row.name and e["server"] == "janus" and e["sluice_ratio"]]
        bar = f"server CPU per packet, {row.load.title}: at most half of Janus'"
        lines.append(f"not measured  {bar}" if not pairs else f"{'met   ' if max(pairs) <= AT_MOST else 'MISSED'}        {bar}; {max(pairs):.2f} of it")
    return lines


def text(result):
    rows = [[title for _, title in COLUMNS]] + [_cells(entry) for entry in result["table"]]
    widths = [max(len(row[i]) for row in rows) for i in range(len(COLUMNS))]
    lines = []
    for row in rows:
        lines.append("  ".join(cell.ljust(w) if i in (0, 1, 3) else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths))).rstrip())
    return "\n".join([_head(result), "", *lines, "", *judge(result), "", *NOTES])


def markdown(result):
    lines = [_head(result), "", "| " + " | ".join(title for _, title in COLUMNS) + " |", "| " + " | ".join("---" for _ in COLUMNS) + " |"]
    lines += ["| " + " | ".join(_cells(entry)) + " |" for entry in result["table"]]
    return "\n".join([*lines, "", *NOTES]) + "\n"


def _head(result):
    clip = ", 2.5 Mbit/s from a recording" if any(run["clip"] for run in result["runs"]) else ""
    return (f"{result['date']}, over {result['network']}{clip}: " + "; ".join(result["versions"].values()) + ".\n" + machines.sentence(result["machine"]) + ".")
