"""Runs every row of the comparison, one server after the other under the same load, and prints one table. See README.md."""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

import lab as labs
import loads
import machine
import servers
import table

ROOT = servers.ROOT
OUT = servers.BUILT
WLOAD = ROOT / "artifacts/wload/wload"


def parse_arguments():
    parser = argparse.ArgumentParser(prog="run.sh", description="Sluice beside its rivals, under one load from one generator.")
    parser.add_argument("--quick", action="store_true", help="fewer viewers, shorter windows, Sluice and Janus only: within 90 s")
    parser.add_argument("--row", action="append", metavar="NAME", help="only this row, added to what earlier runs left: "
                        + ", ".join(row.name for row in loads.ROWS))
    parser.add_argument("--servers", help="which, in this order (default: sluice,janus,pion)")
    parser.add_argument("--clip", metavar="FILE", help="a recording of wload's for the 2.5 Mbit/s rows instead of a synthetic one")
    parser.add_argument("--over", choices=["veth", "loopback"], default="veth", help="what joins server and load (Janus needs veth)")
    parser.add_argument("--windows", type=int, help="quiet windows of each step (default 3, quick 2)")
    parser.add_argument("--window-s", type=int, help="seconds of each window (default 3, quick 2)")
    parser.add_argument("--fresh", action="store_true", help="forget what earlier --row runs left")
    parser.add_argument("--report", action="store_true", help="measure nothing, print the table of what is there")
    parser.add_argument("--out", metavar="DIR", type=Path, default=OUT, help="where results go (default: artifacts/compare)")
    return parser.parse_args()


def build():
    """Compiles what is missing or older than its sources."""
    subprocess.run(["make", "-s", "-C", ROOT / "bench/wload", f"OUT={WLOAD.parent}"], check=True)
    binary = servers.Sluice.binary.with_suffix(".dll")
    built = binary.stat().st_mtime if binary.exists() else 0
    if any(source.stat().st_mtime > built for source in (ROOT / "src").rglob("*.cs") if "obj" not in source.parts):
        subprocess.run(["dotnet", "build", ROOT / "src/Server", "-c", "Release", "-v", "q", "--nologo"], check=True)


def build_pion():
    """Debian's Go libraries are a GOPATH, so the program is built in one of its own beside them."""
    pion = servers.Pion
    if pion.binary.exists() and pion.binary.stat().st_mtime > pion.source.stat().st_mtime:
        return
    with tempfile.TemporaryDirectory(prefix="sluice-compare-go-") as path:
        package = Path(path) / "src/sluice/bench/compare/pion"
        shutil.copytree(pion.source.parent, package)
        pion.binary.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["go", "build", "-o", pion.binary, "."], check=True, cwd=package,
                       env={**os.environ, "GO111MODULE": "off", "GOPATH": f"{path}:/usr/share/gocode", "GOFLAGS": "", "PWD": str(package)})


def choose_servers(arguments):
    """Those that can run here; says of each other how to get it."""
    chosen = []
    names = arguments.servers or ("sluice,janus" if arguments.quick else "sluice,janus,pion")
    for name in names.split(","):
        server = next((s for s in servers.ALL if s.name == name), None)
        if not server:
            raise SystemExit(f"no server is called {name}; there are: " + ", ".join(s.name for s in servers.ALL))
        reason = server.missing()
        if arguments.over == "loopback" and not server.loopback:
            reason = f"{server.title} does not work on loopback alone"
        if reason:
            print(f"Left out: {reason}", file=sys.stderr)
        else:
            chosen.append(server)
    if servers.Pion in chosen:
        build_pion()
    return chosen


def make_recording(folder, load, clip):
    if clip and load is loads.HIGH:
        return Path(clip).resolve()
    path = folder / f"{load.name}.wlr"
    if not path.exists():
        subprocess.run([WLOAD, "synth", "--video-kbps", str(load.video_kbps), "--audio", "--seconds", "20", "--out", path],
                       check=True, stdout=subprocess.DEVNULL)
    return path


def measure(arguments, row, server_class):
    """One server through all steps of one row; returns wload's account of each step."""
    quick = arguments.quick
    windows = arguments.windows or (2 if quick else 3)
    with tempfile.TemporaryDirectory(prefix="sluice-compare-") as folder:
        lab = labs.Lab(folder, arguments.over == "loopback")
        server = server_class(lab, WLOAD)
        try:
            lab.open()
            server.start(row.load, make_recording(arguments.out, row.load, arguments.clip))
            steps = Path(folder) / "steps.json"
            command = [
                WLOAD, "view", *server.watch_arguments(), "--label", f"{server.title} {row.name}", "--json", steps, "--srtp", row.profile,
                "--steps", ",".join(map(str, row.quick_steps if quick else row.steps)), "--base-ip", lab.first_viewer_ip,
                "--remote-ip", lab.server_ip, "--pid", server.process.pid, "--aux-pid", server.publisher.pid,
                "--windows", windows, "--most-windows", 2 * windows, "--window-s", arguments.window_s or (2 if quick else 3), "--settle-s", 2 if quick else 3]
            viewers = lab.start(lab.load_space, "viewers", command)
            viewers.wait()
            print(viewers.log.read_text(errors="replace"), end="", flush=True)
            for process in (server.process, server.publisher):
                if process.poll() is not None:
                    raise RuntimeError(f"ended early:\n{labs.tail(process.log)}")
            if viewers.returncode or not steps.exists():
                raise RuntimeError("the viewers gave up")
            return [json.loads(line) for line in steps.read_text().splitlines()]
        finally:
            lab.close()


def run_rows(arguments, results):
    chosen = choose_servers(arguments)
    build()
    rows = [loads.by_name(name) for name in arguments.row] if arguments.row else loads.ROWS
    if arguments.fresh or not arguments.row:
        results.unlink(missing_ok=True)
    failed = False
    for row in rows:
        for server in chosen:
            try:
                steps = measure(arguments, row, server)
            except (RuntimeError, subprocess.CalledProcessError) as error:
                failed = True
                print(f"{server.title} {row.name}: {error}", file=sys.stderr)
                continue
            entry = {"row": row.name, "server": server.name, "version": server.version(), "network": arguments.over,
                     "clip": bool(arguments.clip and row.load is loads.HIGH), "date": date.today().isoformat(), "steps": steps}
            with open(results, "a", encoding="utf-8") as file:
                file.write(json.dumps(entry) + "\n")
    return failed


def report(arguments, results):
    runs = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()] if results.exists() else []
    if not runs:
        raise SystemExit("nothing has been measured yet")
    result = {
        "date": max(run["date"] for run in runs),
        "network": " and ".join(sorted({run["network"] for run in runs})),
        "versions": {run["server"]: run["version"] for run in runs},
        "machine": machine.describe(),
        "table": table.summarise(runs),
        "runs": runs,
    }
    (arguments.out / "compare.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    (arguments.out / "compare.md").write_text(table.markdown(result), encoding="utf-8")
    (arguments.out / "compare.txt").write_text(table.text(result) + "\n", encoding="utf-8")
    print(table.text(result))
    print(f"\nAlso in {arguments.out}: compare.txt, compare.md, compare.json.")


def main():
    arguments = parse_arguments()
    arguments.out.mkdir(parents=True, exist_ok=True)
    results = arguments.out / "runs.jsonl"
    failed = False
    if not arguments.report:
        if os.geteuid() != 0:
            raise SystemExit("Network namespaces need root: run with sudo.")
        for tool, package in (("ip", "iproute2"), ("curl", "curl"), ("make", "make"), ("gcc", "gcc libssl-dev")):
            if not shutil.which(tool):
                raise SystemExit(f"{tool} is missing: apt-get install -y {package}")

        # A signal unwinds like an error, so that namespaces and processes are gone afterwards; shells start background jobs deaf to SIGINT.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: sys.exit(143))
        failed = run_rows(arguments, results)
    report(arguments, results)
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
