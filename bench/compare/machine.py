"""What the figures were measured on."""

import os
import platform
import subprocess
from pathlib import Path


def output(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def _field(path, key):
    for line in Path(path).read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() == key:
            return value.strip()
    return ""


def describe():
    flags = set(_field("/proc/cpuinfo", "flags").split())
    shown = [f for f in ("aes", "vaes", "vpclmulqdq", "avx2", "avx512bw", "sha_ni") if f in flags]
    release = dict(line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if "=" in line)
    return {
        "cpu": _field("/proc/cpuinfo", "model name") or platform.machine(),
        "cores": os.cpu_count(),
        "cpu_features": shown,
        "memory_gib": round(int(_field("/proc/meminfo", "MemTotal").split()[0]) / 1048576),
        "kernel": platform.release(),
        "system": release.get("PRETTY_NAME", "").strip('"'),
        "openssl": output("openssl", "version").partition(" (")[0],
        "dotnet": output("dotnet", "--version"),
    }


def sentence(machine):
    return (f"{machine['cpu']}, {machine['cores']} cores ({' '.join(machine['cpu_features'])}), {machine['memory_gib']} GiB; "
            f"Linux {machine['kernel']}, {machine['system']}; .NET SDK {machine['dotnet']}; {machine['openssl']}")
