#!/usr/bin/env python3
"""HLS against nginx with the same bytes, and thousands of waiting players. Needs nginx, wrk, gcc, ffmpeg. Run under run.sh."""
import bisect, json, os, re, shutil, socket, subprocess, sys, tempfile, time, urllib.request

here = os.path.dirname(os.path.realpath(__file__))
node = os.environ.get("HLS_NODE", os.path.join(here, "bin/Release/net10.0/Sluice.Bench.Hls"))
ticks = os.sysconf("SC_CLK_TCK")
cores = sorted(os.sched_getaffinity(0))
server_core, load_core = cores[0], cores[-1]
seconds = int(os.environ.get("HLS_SECONDS", "6"))
players = int(os.environ.get("HLS_PLAYERS", "5000"))
floor_port = 21398


def cpu(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / ticks


def get(url):
    with urllib.request.urlopen(url, timeout=20) as answer:
        return answer.read()


def clip(path):
    if not os.path.exists(path):
        subprocess.run(["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=s=640x360:r=30", "-f", "lavfi", "-i", "sine=f=1000:r=48000", "-t", "10",
            "-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency", "-b:v", "400k", "-minrate", "400k", "-maxrate", "400k", "-bufsize", "100k",
            "-x264-params", "nal-hrd=cbr", "-g", "60", "-keyint_min", "60", "-sc_threshold", "0", "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "96k",
            "-movflags", "empty_moov+default_base_moof+frag_keyframe", path], check=True)
    return path


class Node:
    def __init__(self, folder, pin, *settings):
        self.times = os.path.join(folder, "times")
        env = dict(os.environ, SLUICE_DATA=os.path.join(folder, "data"), HLS_TIMES=self.times)
        command = ["taskset", "-c", str(server_core)] if pin else []
        self.child = subprocess.Popen(command + [node, clip("/tmp/sluice-bench-hls.mp4"), "--Http:Port=0", "--Http:Address=127.0.0.1", "--WebRtc:Port=0",
            "--Hls:LiveWindowSeconds=600", "--Hls:RewindWindowSeconds=0", *settings], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.url = ""
        while not self.url.startswith("http"):
            line = self.child.stdout.readline()
            if not line:
                raise SystemExit("the node did not start")
            self.url = line.strip()
        self.base = self.url.rsplit("/", 1)[0]
        self.port = int(re.search(r":(\d+)/", self.url).group(1))
        get(self.url)

    def segments(self):
        playlist = get(f"{self.base}/video-0/index.m3u8").decode()
        return re.findall(r"^([0-9a-z]+\.\d+\.m4s)$", playlist, re.M), playlist

    def newest(self):
        """The number of the newest complete segment."""
        return int(self.segments()[0][-1].split(".")[1])

    def stop(self):
        self.child.stdin.close()
        try:
            self.child.wait(10)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()


class Nginx:
    def __init__(self, folder, files):
        root = os.path.join(folder, "www")
        os.makedirs(root)
        for name, data in files.items():
            with open(os.path.join(root, name), "wb") as out:
                out.write(data)
        config = os.path.join(folder, "nginx.conf")
        with open(config, "w") as out:
            out.write(f"""daemon off; master_process off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 4096; }}
http {{ access_log off; sendfile on; tcp_nopush on; tcp_nodelay on; keepalive_requests 1000000000; open_file_cache max=100; gzip off;
types {{ video/mp4 m4s; application/vnd.apple.mpegurl m3u8; }}
server {{ listen 127.0.0.1:21399; root {root}; add_header Cache-Control "public, max-age=31536000, immutable"; add_header Access-Control-Allow-Origin "*"; }} }}
""")
        self.base = "http://127.0.0.1:21399"
        self.child = subprocess.Popen(["taskset", "-c", str(server_core), "nginx", "-c", config, "-p", folder], stderr=subprocess.DEVNULL)
        for _ in range(100):
            try:
                get(f"{self.base}/{next(iter(files))}")
                return
            except OSError:
                time.sleep(0.05)
        raise SystemExit("nginx does not answer")

    def stop(self):
        self.child.terminate()
        self.child.wait()


def load(pid, url):
    before, idle = cpu(pid), time.time()
    said = subprocess.run(["taskset", "-c", str(load_core), "wrk", "-t1", "-c50", f"-d{seconds}s", url], capture_output=True, text=True, check=True).stdout
    used = cpu(pid) - before
    requests = int(re.search(r"(\d+) requests in", said).group(1))
    errors = re.search(r"(Non-2xx.*|Socket errors.*)", said)
    return requests / used, requests / (time.time() - idle), errors.group(1) if errors else ""


def fetching(folder):
    result = {}
    server = Node(folder, True)
    nginx = None
    try:
        time.sleep(7)
        names, playlist = server.segments()
        segment = f"{server.base}/video-0/{names[1]}"
        data = get(segment)
        files = {"segment.m4s": data, "playlist.m3u8": get(f"{server.base}/video-0/index.m3u8")}
        nginx = Nginx(folder, files)
        for what, ours, theirs in [("segment", segment, "segment.m4s"), ("playlist", f"{server.base}/video-0/index.m3u8", "playlist.m3u8")]:
            rounds = []
            for _ in range(2):
                rounds.append((load(server.child.pid, ours), load(nginx.child.pid, f"{nginx.base}/{theirs}")))
            best = max(r[0][0] for r in rounds), max(r[1][0] for r in rounds)
            result[what] = {"bytes": len(files[theirs]), "sluice": round(best[0]), "nginx": round(best[1]), "ratio": round(best[0] / best[1], 3),
                "sluice_per_second": round(max(r[0][1] for r in rounds)), "nginx_per_second": round(max(r[1][1] for r in rounds)),
                "errors": [r[0][2] for r in rounds if r[0][2]]}
    finally:
        server.stop()
        if nginx:
            nginx.stop()
    return result


def answer_of(server, path):
    """One whole answer to a player who waits, as it is sent."""
    with socket.create_connection(("127.0.0.1", server.port)) as player:
        player.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\nUser-Agent: players\r\n\r\n".encode())
        said = b""
        while b"\r\n\r\n" not in said:
            said += player.recv(65536)
        head, body = said.split(b"\r\n\r\n", 1)
        length = int(re.search(rb"content-length: (\d+)", head, re.I).group(1))
        while len(body) < length:
            body += player.recv(65536)
    return head + b"\r\n\r\n" + body


def crowd(tool, port, next_sequence, pid):
    """Lets the players ask; they give way to the server, since elsewhere they would not be on its cores. What counts is when answers reached their sockets."""
    gives_way = None if os.environ.get("HLS_PLAYERS_PUSH") else lambda: os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    child = subprocess.Popen([tool, "127.0.0.1", str(port), "/hls/live/video-0/index.m3u8", str(players), str(seconds + 8), "10", os.environ.get("HLS_ROUND_TRIP", "40")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, preexec_fn=gives_way)
    child.stdout.readline()
    before, start = cpu(pid), time.time()
    said = child.communicate(str(next_sequence()))[0]
    if child.returncode:
        raise SystemExit("the players failed")
    return said, (cpu(pid) - before) / (time.time() - start)


def delays_of(said, times, share, is_floor=False):
    begun = [int(line) for line in open(times)]
    groups, refused, waited = {}, 0, 0
    for line in said.splitlines():
        sequence, part, status, asked, at, size = map(int, line.split())
        refused += status != 200
        groups.setdefault((sequence, part), []).append((at, asked, size))
    delays, sizes, late = [], [], []
    for key, answers in sorted(groups.items())[5:-1]:
        if len(answers) < players * 0.99:
            late.append((key, len(answers)))
            continue
        # The part exists with the picture behind it; nobody hears of it before that is appended. The floor knows no parts: what it sends belongs to its newest step.
        first = min(a for a, _, _ in answers)
        for at, asked, _ in answers:
            exists = begun[bisect.bisect_right(begun, at if is_floor else first) - 1]
            waited += asked <= exists
            delays.append((at - max(exists, asked)) / 1e6)
        sizes.append(answers[0][2])
    delays.sort()
    if not delays:
        return {"error": "no part was answered to all", "late": late[:10]}
    return {"parts": len(sizes), "answers": len(delays), "waited": round(waited / len(delays), 4), "refused": refused, "incomplete": late[:5], "bytes": sorted(sizes)[len(sizes) // 2],
        "p50_ms": round(delays[len(delays) // 2], 2), "p99_ms": round(delays[int(len(delays) * 0.99)], 2), "max_ms": round(delays[-1], 2), "server_cpu_share": round(share, 2)}


def waiting(folder):
    """Sluice, and the floor: a server that only sends the same bytes to as many, from a thread for each core."""
    for tool in ("players", "floor"):
        subprocess.run(["gcc", "-O2", "-pthread", "-o", os.path.join(folder, tool), os.path.join(here, f"{tool}.c")], check=True)
    tool = os.path.join(folder, "players")
    result = {"players": players, "sluice": [], "floor": []}
    for turn in range(int(os.environ.get("HLS_ROUNDS", "2"))):
        server = Node(folder, False)
        try:
            time.sleep(5)
            said, share = crowd(tool, server.port, lambda: server.newest() + 2, server.child.pid)
            answer = answer_of(server, f"/hls/live/video-0/index.m3u8?_HLS_msn={server.newest()}&_HLS_skip=YES")
        finally:
            server.stop()
        if os.environ.get("HLS_KEEP"):
            shutil.copy(server.times, os.environ["HLS_KEEP"] + ".times")
            open(os.environ["HLS_KEEP"], "w").write(said)
        result["sluice"].append(delays_of(said, server.times, share))
        bytes_file, times = os.path.join(folder, "answer"), os.path.join(folder, "floor.times")
        open(bytes_file, "wb").write(answer)
        floor = subprocess.Popen([os.path.join(folder, "floor"), str(floor_port), bytes_file, str(len(cores)), "200", times], stdin=subprocess.PIPE)
        time.sleep(0.3)
        try:
            said, share = crowd(tool, floor_port, lambda: 1, floor.pid)
        finally:
            floor.stdin.close()
            floor.wait(10)
        result["floor"].append(delays_of(said, times, share, is_floor=True))
        print(json.dumps({who: result[who][-1] for who in ("sluice", "floor")}), file=sys.stderr, flush=True)
    best = {who: min((r for r in result[who] if "p99_ms" in r), key=lambda r: r["p99_ms"], default=None) for who in ("sluice", "floor")}
    if best["sluice"] and best["floor"]:
        result["p99_ratio"] = round(best["sluice"]["p99_ms"] / best["floor"]["p99_ms"], 2)
    return result


def main():
    what = sys.argv[1:] or ["fetching", "waiting"]
    result = {}
    for one in what:
        folder = tempfile.mkdtemp(prefix="sluice-bench-hls-")
        try:
            result[one] = {"fetching": fetching, "waiting": waiting}[one](folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(result, indent=1))


main()
