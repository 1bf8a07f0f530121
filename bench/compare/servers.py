"""The servers: how each is started, fed and watched. All get the same namespace, address and load."""

import json
import re
import shutil
from pathlib import Path

from machine import output

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILT = ROOT / "artifacts" / "compare"
TOKEN = "operator-token-of-the-comparison"


class Server:
    """One run of one server; url arguments are for wload."""

    name = title = ""
    loopback = True

    def __init__(self, lab, wload):
        self.lab, self.wload, self.process, self.publisher = lab, wload, None, None

    @classmethod
    def missing(cls):
        """Why it cannot run here, with the command that changes it; or None."""
        return None

    @classmethod
    def version(cls):
        raise NotImplementedError

    def start(self, load, recording):
        raise NotImplementedError

    def watch_arguments(self):
        raise NotImplementedError

    def _publish(self, recording, url, key=None):
        command = [self.wload, "publish", "--file", recording, "--url", url, "--base-ip", self.lab.publisher_ip,
                   "--remote-ip", self.lab.server_ip, "--port0", "30000"]
        self.publisher = self.lab.start(self.lab.load_space, "publisher", command + (["--bearer", key] if key else []))


class Sluice(Server):
    name, title = "sluice", "Sluice"
    binary = ROOT / "src/Server/bin/Release/net10.0/sluice"

    @classmethod
    def version(cls):
        return "Sluice " + (output("git", "-C", str(ROOT), "describe", "--always", "--dirty") or "unversioned")

    def start(self, load, recording):
        settings = ["--Http:Port=8080", "--WebRtc:Port=8189", "--Rtmp:Enabled=false", "--Log:Level=warning"]
        self.process = self.lab.start(
            self.lab.server_space, self.name, [self.binary, "serve", *settings],
            {"SLUICE_DATA": str(self.lab.folder / "sluice-data"), "SLUICE_ADMIN_TOKEN": TOKEN})
        self.base = f"http://{self.lab.server_ip}:8080"
        self.lab.await_answer(self.process, self.base + "/readyz")
        channel = self.lab.request(
            "-X", "POST", "-H", f"Authorization: Bearer {TOKEN}", "-H", "Content-Type: application/json",
            "-d", '{"name":"Compare","id":"compare"}', self.base + "/api/v1/channels")
        if channel is None:
            raise RuntimeError("Sluice refuses the channel:\n" + self.process.log.read_text())
        self._publish(recording, self.base + "/whip/compare", json.loads(channel)["key"])

    def watch_arguments(self):
        return ["--url", self.base + "/whep/compare"]


class Janus(Server):
    name, title = "janus", "Janus"
    loopback = False  # libnice leaves lo out when it gathers addresses

    @classmethod
    def missing(cls):
        return None if shutil.which("janus") else "Janus is not installed: apt-get install -y --no-install-recommends janus"

    @classmethod
    def version(cls):
        return "Janus " + (output("dpkg-query", "-W", "-f", "${Version}", "janus") or "of unknown version")

    def start(self, load, recording):
        self._write_configuration(load)
        self.process = self.lab.start(self.lab.server_space, self.name, ["janus", "-F", self.lab.folder])
        self.base = f"http://{self.lab.server_ip}:8088/janus"
        self.lab.await_answer(self.process, self.base + "/info")
        to = ["--audio", f"{self.lab.server_ip}:5002"] + (["--video", f"{self.lab.server_ip}:5004"] if load.has_video else [])
        self.publisher = self.lab.start(self.lab.load_space, "publisher", [self.wload, "play", "--file", recording, *to])

    def watch_arguments(self):
        return ["--janus", self.base, "--mount", "1"]

    def _write_configuration(self, load):
        """Two event loops for two cores, one mountpoint, and none of the plugins that are not needed."""
        modules = (module.name for module in Path("/usr/lib").glob("*/janus/*/libjanus_*.so"))
        disabled = ",".join(sorted(m for m in modules if m not in ("libjanus_streaming.so", "libjanus_http.so")))
        self._write("janus", f"""general: {{
            debug_level = 3
            event_loops = 2
        }}
        plugins: {{ disable = "{disabled}" }}
        transports: {{ disable = "{disabled}" }}
        events: {{ broadcast = false }}""")
        self._write("janus.transport.http", 'general: { json = "compact", base_path = "/janus", http = true, port = 8088, https = false }\n'
                    "admin: { admin_http = false }")
        video = """
            video = true
            videoport = 5004
            videopt = 106
            videocodec = "h264"
            videofmtp = "profile-level-id=42e01f;packetization-mode=1" """ if load.has_video else "video = false"
        self._write("janus.plugin.streaming", f"""compare: {{
            type = "rtp"
            id = 1
            audio = true
            audioport = 5002
            audiopt = 111
            audiocodec = "opus"
            {video}
        }}""")

    def _write(self, name, text):
        lines = [re.sub(r"^\s+", "", line) for line in text.splitlines()]
        (self.lab.folder / f"{name}.jcfg").write_text("\n".join(lines) + "\n")


class Pion(Server):
    """A fan-out of some hundred lines on Debian's Pion: what servers built on that library start from."""

    name, title = "pion", "Pion"
    binary = BUILT / "pion-fanout"
    source = HERE / "pion" / "main.go"
    package = "golang-github-pion-webrtc.v3-dev"

    @classmethod
    def missing(cls):
        if shutil.which("go") and output("dpkg-query", "-W", "-f", "${Version}", cls.package):
            return None
        return f"Pion is not installed: apt-get install -y --no-install-recommends golang-go {cls.package}"

    @classmethod
    def version(cls):
        return "Pion " + (output("dpkg-query", "-W", "-f", "${Version}", cls.package) or "of unknown version")

    def start(self, load, recording):
        self.process = self.lab.start(self.lab.server_space, self.name, [self.binary, "-http", ":8081", "-udp", "8190"])
        self.base = f"http://{self.lab.server_ip}:8081"
        self.lab.await_answer(self.process, self.base + "/ready")
        self._publish(recording, self.base + "/whip")
        self.lab.await_answer(self.publisher, f"{self.base}/tracks?{1 + load.has_video}")

    def watch_arguments(self):
        return ["--url", self.base + "/whep"]


ALL = [Sluice, Janus, Pion]
