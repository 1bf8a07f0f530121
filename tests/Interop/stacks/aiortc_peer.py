"""aiortc: WebRTC in Python with FFmpeg's codecs. Encodes a moving gradient and a tone; decodes what it plays."""
import asyncio
import math
import struct
import sys
from fractions import Fraction

import av
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCRtpSender, RTCSessionDescription, VideoStreamTrack

from control import REPORT_SECONDS, Signalling, contrast, options, say

WIDTH, HEIGHT = 320, 180
SAMPLE_RATE, FRAME_SAMPLES, TONE = 48_000, 960, 440
FULL_SCALE = 32768


class Gradient(VideoStreamTrack):
    def __init__(self):
        super().__init__()
        self._number = 0
        self._row = bytes(i & 0xFF for i in range(WIDTH + 512))

    async def recv(self):
        pts, time_base = await self.next_timestamp()
        frame = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
        for index, plane in enumerate(frame.planes):
            if index == 0:
                rows = (self._row[(y + 3 * self._number) % 256 :][:WIDTH].ljust(plane.line_size, b"\0") for y in range(HEIGHT))
                plane.update(b"".join(rows))
            else:
                plane.update(b"\x80" * plane.buffer_size)
        self._number += 1
        frame.pts, frame.time_base = pts, time_base
        return frame


class Tone(MediaStreamTrack):
    kind = "audio"

    def __init__(self):
        super().__init__()
        self._sent = 0
        self._started = None

    async def recv(self):
        clock = asyncio.get_running_loop().time
        self._started = self._started or clock()
        await asyncio.sleep(max(0, self._started + self._sent / SAMPLE_RATE - clock()))
        samples = [int(8000 * math.sin(2 * math.pi * TONE * (self._sent + i) / SAMPLE_RATE)) for i in range(FRAME_SAMPLES)]
        frame = av.AudioFrame(format="s16", layout="stereo", samples=FRAME_SAMPLES)
        frame.planes[0].update(struct.pack(f"<{2 * FRAME_SAMPLES}h", *(s for s in samples for _ in range(2))))
        frame.pts, frame.sample_rate, frame.time_base = self._sent, SAMPLE_RATE, Fraction(1, SAMPLE_RATE)
        self._sent += FRAME_SAMPLES
        return frame


def prefer(transceiver, codec):
    wanted = [c for c in RTCRtpSender.getCapabilities("video").codecs if c.mimeType.lower() in (f"video/{codec}", "video/rtx")]
    transceiver.setCodecPreferences(wanted)


async def watch(track, video):
    while True:
        frame = await track.recv()
        video["frames"] += 1
        video["width"], video["height"] = frame.width, frame.height
        if video["frames"] % 10 == 0:
            video["contrast"] = contrast(bytes(frame.planes[0])[: WIDTH * HEIGHT])


async def listen(track, audio):
    while True:
        frame = await track.recv()
        audio["samples"] += frame.samples
        data = bytes(frame.planes[0])
        audio["energy"] += sum((s / FULL_SCALE) ** 2 for s in struct.unpack(f"<{len(data) // 2}h", data)[::64])


async def main():
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    figures = {"video": {"frames": 0, "width": 0, "height": 0, "contrast": 0}, "audio": {"samples": 0, "energy": 0}}
    readers = []

    @peer.on("connectionstatechange")
    def on_state():
        say("state", state=peer.connectionState)

    @peer.on("track")
    def on_track(track):
        reader = watch(track, figures["video"]) if track.kind == "video" else listen(track, figures["audio"])
        readers.append(asyncio.ensure_future(reader))

    loop = asyncio.get_running_loop()
    signalling = Signalling()
    if options.get("serverOffers"):
        offer = await loop.run_in_executor(None, signalling.request)
        await peer.setRemoteDescription(RTCSessionDescription(sdp=offer, type="offer"))
        await peer.setLocalDescription(await peer.createAnswer())
        await loop.run_in_executor(None, signalling.answer, peer.localDescription.sdp)
    else:
        is_publisher = options["direction"] == "publish"
        way = "sendonly" if is_publisher else "recvonly"
        video = peer.addTransceiver(Gradient() if is_publisher else "video", direction=way)
        peer.addTransceiver(Tone() if is_publisher else "audio", direction=way)
        prefer(video, options["codec"])
        await peer.setLocalDescription(await peer.createOffer())
        answer = await loop.run_in_executor(None, signalling.exchange, peer.localDescription.sdp)
        await peer.setRemoteDescription(RTCSessionDescription(sdp=answer, type="answer"))

    told = loop.run_in_executor(None, sys.stdin.readline)
    while True:
        done, _ = await asyncio.wait([told], timeout=REPORT_SECONDS)
        if done:
            break
        say("figures", figures=figures)
    say("stopped", status=await loop.run_in_executor(None, signalling.end))
    await peer.close()


asyncio.run(main())
