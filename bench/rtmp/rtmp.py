#!/usr/bin/env python3
"""CPU of RTMP publishers: Sluice against nginx with its rtmp module, in one run, with one generator and one clip.

Both take streams in and do nothing else with them: HLS waits for a viewer. Both servers run all the while and are loaded in turn (nginx, Sluice, Sluice, nginx), so that a machine that changes its mind is seen in the spread. What counts is user
and system time of the server's processes, from /proc, for each megabit it took in.
"""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOKEN = "operator-token-of-the-rtmp-bench-0123456789"
TICK = os.sysconf("SC_CLK_TCK")
NGINX_MODULE = "/usr/lib/nginx/modules/ngx_rtmp_module.so"


def cpu(pids):
    total = 0
    for pid in pids:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICK


def children(pid):
    return [int(c) for c in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def make_clip(folder, kbps):
    path = folder / "clip.flv"
    subprocess.run(
        ["ffmpeg", "-nostdin", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=30,noise=alls=20:allf=t", "-f", "lavfi", "-i",
         "sine=frequency=440:sample_rate=48000", "-t", "8", "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "60",
         "-b:v", f"{kbps}k", "-minrate", f"{kbps}k", "-maxrate", f"{kbps}k", "-bufsize", f"{kbps}k", "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "128k", "-f", "flv", str(path)], check=True)
    return path


def start_sluice(folder, port, http, count, settings=()):
    binary = ROOT / "src/Server/bin/Release/net10.0/sluice"
    environment = dict(os.environ, SLUICE_DATA=str(folder / "data"), SLUICE_ADMIN_TOKEN=TOKEN)
    process = subprocess.Popen(
        [binary, "serve", f"--Http:Port={http}", "--Http:Address=127.0.0.1", "--WebRtc:Port=0", f"--Rtmp:Port={port}", "--Log:Level=warning", *settings],
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    keys = []
    for attempt in range(100):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{http}/healthz")
            break
        except OSError:
            time.sleep(0.1)
    for number in range(count):
        request = urllib.request.Request(
            f"http://127.0.0.1:{http}/api/v1/channels", json.dumps({"name": f"room {number}", "id": f"room_{number}"}).encode(),
            {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"})
        keys.append(json.load(urllib.request.urlopen(request))["key"])
    return process, lambda: [process.pid], keys


def start_nginx(folder, port):
    configuration = folder / "nginx.conf"
    configuration.write_text(f"""
load_module {NGINX_MODULE};
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log warn;
worker_processes 1;
events {{ worker_connections 1024; }}
rtmp {{ server {{ listen 127.0.0.1:{port}; chunk_size 4096; application live {{ live on; }} }} }}
""")
    process = subprocess.Popen(["nginx", "-p", str(folder), "-c", str(configuration)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(0.5)
    return process, lambda: [process.pid, *children(process.pid)]


class Load:
    def __init__(self, port, clip, folder, name, keys):
        file = folder / f"{name}.keys"
        file.write_text("\n".join(keys))
        dll = ROOT / "bench/rtmp/Load/bin/Release/net10.0/Sluice.Bench.RtmpLoad.dll"
        self.process = subprocess.Popen(["dotnet", str(dll), f"127.0.0.1:{port}", str(clip), "live", str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline().strip() != "publishing":
            raise SystemExit(f"{name}: the generator could not publish")

    def mark(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


def measure(name, port, pids, clip, folder, keys, seconds, http):
    load = Load(port, clip, folder, name, keys)
    time.sleep(3)
    load.mark()
    before, began = cpu(pids()), time.monotonic()
    time.sleep(seconds)
    after, sent, ended = cpu(pids()), load.mark(), time.monotonic()
    if name == "sluice":
        streams = json.load(urllib.request.urlopen(f"http://127.0.0.1:{http}/api/v1/streams"))["streams"]
        live = sum(1 for s in streams if len(s["tracks"]) == 2 and s["publisher"]["bitrate"] > 0)
        if live != len(keys):
            raise SystemExit(f"sluice has {live} whole streams of {len(keys)}")
    load.stop()
    megabits = sent * 8 / 1e6
    result = {"server": name, "cpuSeconds": after - before, "megabits": megabits, "mbps": megabits / (ended - began),
              "microsecondsPerMegabit": (after - before) * 1e6 / megabits}
    print(f"{name:8} {result['mbps']:8.1f} Mbit/s {result['cpuSeconds']:7.2f} s of CPU {result['microsecondsPerMegabit']:9.1f} us a megabit", flush=True)
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--publishers", type=int, default=50)
    parser.add_argument("--kbps", type=int, default=2500)
    parser.add_argument("--seconds", type=float, default=24)
    parser.add_argument("--rounds", type=int, default=1, help="how often the four turns are made")
    parser.add_argument("--packaged", action="store_true", help="let Sluice package every stream as HLS and keep it for rewinding, as it does unless told otherwise; nginx does neither here")
    parser.add_argument("--json")
    parser.add_argument("--bar", type=float, default=1.0)
    options = parser.parse_args()
    if not shutil.which("nginx") or not os.path.exists(NGINX_MODULE):
        print("not measured  RTMP against nginx: apt-get install nginx-core libnginx-mod-rtmp")
        return 0
    folder = pathlib.Path(tempfile.mkdtemp(prefix="sluice-rtmp-bench-"))
    started = []
    try:
        clip = make_clip(folder, options.kbps)
        sluice, sluice_pids, keys = start_sluice(folder, 21935, 21936, options.publishers, () if options.packaged else ('--Hls:Start=demand',))
        started.append(sluice)
        nginx, nginx_pids = start_nginx(folder, 21937)
        started.append(nginx)
        turns = ["nginx", "sluice", "sluice", "nginx"] * options.rounds
        results = []
        for turn in turns:
            if turn == "nginx":
                results.append(measure(turn, 21937, nginx_pids, clip, folder, [f"room_{i}" for i in range(options.publishers)], options.seconds, 21936))
            else:
                results.append(measure(turn, 21935, sluice_pids, clip, folder, keys, options.seconds, 21936))
        cost = {name: sum(r["cpuSeconds"] for r in results if r["server"] == name) / sum(r["megabits"] for r in results if r["server"] == name)
                for name in ("sluice", "nginx")}
        ratio = cost["sluice"] / cost["nginx"]
        print(f"ratio    {ratio:.2f} of nginx's CPU for each megabit taken in, {options.publishers} publishers of {options.kbps} kbit/s (bar {options.bar:.2f})")
        if options.json:
            pathlib.Path(options.json).write_text(json.dumps({"options": vars(options), "turns": results, "ratio": ratio}, indent=2))
        return 0 if ratio <= options.bar else 1
    finally:
        for process in started:
            process.terminate()
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
