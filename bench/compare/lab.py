"""The place of the measurement: network namespaces, and the processes in them. Everything made here is gone after close()."""

import os
import signal
import subprocess
import time
from pathlib import Path

PREFIX = "sluice-compare"


def run(*command, check=True):
    return subprocess.run(command, check=check, capture_output=True, text=True)


class Lab:
    """Two namespaces joined by a veth, one for the server and one for publisher and viewers.

    Viewers have an address each out of a network that the load's namespace calls its own as a whole, so that no address is
    configured one by one. On loopback there is one namespace, with nothing in it but lo.
    """

    def __init__(self, folder, loopback=False):
        self.folder = Path(folder)
        self.loopback = loopback
        self.processes = []
        name = f"{PREFIX}-{os.getpid()}"
        self.server_space = f"{name}-s"
        self.load_space = self.server_space if loopback else f"{name}-l"
        self.server_ip = "127.0.0.1" if loopback else "198.18.0.1"
        self.first_viewer_ip = "127.1.0.1" if loopback else "198.19.0.1"
        self.publisher_ip = "127.2.0.1" if loopback else "198.19.128.1"

    def open(self):
        self._remove_leftovers()
        run("ip", "netns", "add", self.server_space)
        self._ip(self.server_space, "link set lo up")
        if self.loopback:
            return
        run("ip", "netns", "add", self.load_space)
        self._ip(self.load_space, "link set lo up")
        run("ip", "link", "add", "server", "netns", self.server_space, "type", "veth", "peer", "name", "load", "netns", self.load_space)
        self._ip(self.server_space, "addr add 198.18.0.1/24 dev server")
        self._ip(self.load_space, "addr add 198.18.0.2/24 dev load")
        self._ip(self.server_space, "link set server up")
        self._ip(self.load_space, "link set load up")
        self._ip(self.load_space, "route add local 198.19.0.0/16 dev lo")
        self._ip(self.server_space, "route add 198.19.0.0/16 via 198.18.0.2")

    def start(self, space, name, command, environment=None):
        """Starts a program in a namespace; its output goes to NAME.log, its pid is the program's own, and it never outlives us."""
        log = open(self.folder / f"{name}.log", "wb")
        process = subprocess.Popen(
            ["ip", "netns", "exec", space, "setpriv", "--pdeathsig", "KILL", *map(str, command)],
            stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            env={**os.environ, **(environment or {})}, start_new_session=True)
        log.close()
        process.log = self.folder / f"{name}.log"
        self.processes.append(process)
        return process

    def request(self, *arguments):
        """curl from the load's side; the body, or None when there was no good answer."""
        answer = run("ip", "netns", "exec", self.load_space, "curl", "-fsS", "--max-time", "5", *arguments, check=False)
        return answer.stdout if answer.returncode == 0 else None

    def await_answer(self, process, url, seconds=20):
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            if self.request(url) is not None:
                return
            if process.poll() is not None:
                break
            time.sleep(0.1)
        raise RuntimeError(f"{url} does not answer:\n{tail(process.log)}")

    def stop(self, process):
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if process in self.processes:
            self.processes.remove(process)

    def close(self):
        """A second Ctrl-C does not leave half of it behind."""
        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        handlers = [signal.signal(number, signal.SIG_IGN) for number in numbers]
        for process in reversed(list(self.processes)):
            self.stop(process)
        for space in {self.server_space, self.load_space}:
            run("ip", "netns", "delete", space, check=False)
        for number, handler in zip(numbers, handlers):
            signal.signal(number, handler)

    @staticmethod
    def _ip(space, command):
        run("ip", "-n", space, *command.split())

    @staticmethod
    def _remove_leftovers():
        """Namespaces of earlier runs that were killed."""
        for line in run("ip", "netns", "list").stdout.splitlines():
            name = line.split()[0] if line.split() else ""
            parts = name.removeprefix(PREFIX + "-").split("-")
            if name.startswith(PREFIX + "-") and parts[0].isdigit() and not Path(f"/proc/{parts[0]}").exists():
                run("ip", "netns", "delete", name, check=False)


def tail(path, lines=20):
    return "\n".join(Path(path).read_text(errors="replace").splitlines()[-lines:])
