"""What is sent: the rows of the table, and how each load's recording is made."""

from dataclasses import dataclass

GCM = "SRTP_AEAD_AES_128_GCM"
SHA1 = "SRTP_AES128_CM_SHA1_80"
PROFILE_NAMES = {GCM: "GCM", SHA1: "CM_SHA1_80"}


@dataclass(frozen=True)
class Load:
    name: str
    title: str
    video_kbps: int

    @property
    def has_video(self):
        return self.video_kbps > 0


@dataclass(frozen=True)
class Row:
    """One server process per row: its viewers grow from step to step."""

    name: str
    load: Load
    profile: str
    steps: tuple
    quick_steps: tuple


HIGH = Load("2500k", "2.5 Mbit/s", 2500)
LOW = Load("600k", "600 kbit/s", 600)
AUDIO = Load("audio", "audio only", 0)

ROWS = [
    Row("2500k-gcm", HIGH, GCM, (100, 300), (100,)),
    Row("2500k-sha1", HIGH, SHA1, (100, 300), (100,)),
    Row("600k-gcm", LOW, GCM, (200,), (100,)),
    Row("audio-gcm", AUDIO, GCM, (300,), (100,)),
]


def by_name(name):
    for row in ROWS:
        if row.name == name:
            return row
    raise SystemExit(f"no row is called {name}; there are: " + ", ".join(row.name for row in ROWS))
