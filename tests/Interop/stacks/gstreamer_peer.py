"""GStreamer's webrtcbin with libnice. Encodes a test picture and a tone; decodes what it plays."""
import struct
import sys
import threading

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstSdp", "1.0")
gi.require_version("GstWebRTC", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC

from control import REPORT_SECONDS, Signalling, contrast, options, say

WIDTH, HEIGHT, RATE = 320, 180, 30
VIDEO, AUDIO = 96, 97
ENCODERS = {
    "h264": f"x264enc tune=zerolatency speed-preset=ultrafast key-int-max={10 * RATE} bitrate=500 ! video/x-h264,profile=constrained-baseline"
    " ! rtph264pay config-interval=-1 aggregate-mode=zero-latency",
    "vp8": f"vp8enc deadline=1 cpu-used=8 keyframe-max-dist={10 * RATE} target-bitrate=500000 ! rtpvp8pay picture-id-mode=2",
    "vp9": f"vp9enc deadline=1 cpu-used=8 keyframe-max-dist={10 * RATE} target-bitrate=500000 ! rtpvp9pay picture-id-mode=2",
}
FEEDBACK = "rtcp-fb-nack=true,rtcp-fb-nack-pli=true"
FORMATS = {
    "h264": f"application/x-rtp,media=video,encoding-name=H264,clock-rate=90000,payload={VIDEO},packetization-mode=(string)1,"
    f"profile-level-id=(string)42e01f,{FEEDBACK}",
    "vp8": f"application/x-rtp,media=video,encoding-name=VP8,clock-rate=90000,payload={VIDEO},{FEEDBACK}",
    "vp9": f"application/x-rtp,media=video,encoding-name=VP9,clock-rate=90000,payload={VIDEO},{FEEDBACK}",
}
SOUND = f"application/x-rtp,media=audio,encoding-name=OPUS,clock-rate=48000,encoding-params=(string)2,payload={AUDIO}"
STATES = {0: "new", 1: "connecting", 2: "connected", 3: "disconnected", 4: "failed", 5: "closed"}
FULL_SCALE = 32768
# What is made before the connection is there would make all that follows late.
FRESH = "queue leaky=downstream max-size-buffers=5"

Gst.init(None)
loop = GLib.MainLoop()
signalling = Signalling()
figures = {"video": {"frames": 0, "width": 0, "height": 0, "contrast": 0}, "audio": {"samples": 0, "energy": 0}}


def in_loop(call, *arguments):
    GLib.idle_add(lambda: call(*arguments) and False)


def publish():
    encoder = ENCODERS[options["codec"]]
    pipeline = Gst.parse_launch(
        "webrtcbin name=peer bundle-policy=max-bundle"
        f" videotestsrc is-live=true pattern=ball ! video/x-raw,width={WIDTH},height={HEIGHT},framerate={RATE}/1 ! {FRESH}"
        f" ! {encoder} pt={VIDEO} ! {FORMATS[options['codec']].split(',rtcp-fb')[0].replace(',profile-level-id=(string)42e01f', '')} ! queue ! peer."
        f" audiotestsrc is-live=true wave=sine freq=440 volume=0.3 ! audio/x-raw,rate=48000,channels=2 ! {FRESH}"
        f" ! opusenc ! rtpopuspay pt={AUDIO} ! {SOUND} ! queue ! peer."
    )
    return pipeline, pipeline.get_by_name("peer")


def play():
    pipeline = Gst.Pipeline.new("player")
    peer = Gst.ElementFactory.make("webrtcbin", "peer")
    peer.set_property("bundle-policy", GstWebRTC.WebRTCBundlePolicy.MAX_BUNDLE)
    pipeline.add(peer)
    for caps in (FORMATS[options["codec"]], SOUND):
        transceiver = peer.emit("add-transceiver", GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY, Gst.Caps.from_string(caps))
        if "video" in caps:
            transceiver.set_property("do-nack", True)
    peer.connect("pad-added", lambda _, pad: decode(pipeline, pad))
    return pipeline, peer


def decode(pipeline, pad):
    if pad.get_direction() != Gst.PadDirection.SRC:
        return
    decoder = Gst.ElementFactory.make("decodebin", None)
    decoder.connect("pad-added", lambda _, raw: count(pipeline, raw))
    pipeline.add(decoder)
    decoder.sync_state_with_parent()
    pad.link(decoder.get_static_pad("sink"))


def count(pipeline, pad):
    is_video = pad.get_current_caps().to_string().startswith("video")
    ends = Gst.parse_bin_from_description(
        "videoconvert ! video/x-raw,format=I420 ! fakesink name=sink signal-handoffs=true sync=false"
        if is_video
        else "audioconvert ! audio/x-raw,format=S16LE ! fakesink name=sink signal-handoffs=true sync=false",
        True,
    )
    ends.get_by_name("sink").connect("handoff", on_picture if is_video else on_sound)
    pipeline.add(ends)
    ends.sync_state_with_parent()
    pad.link(ends.get_static_pad("sink"))


def on_picture(_, buffer, pad):
    video = figures["video"]
    shape = pad.get_current_caps().get_structure(0)
    video["width"], video["height"] = shape.get_value("width"), shape.get_value("height")
    video["frames"] += 1
    if video["frames"] % 10 == 0:
        video["contrast"] = contrast(buffer.extract_dup(0, video["width"] * video["height"]))


def on_sound(_, buffer, pad):
    channels = pad.get_current_caps().get_structure(0).get_value("channels")
    data = buffer.extract_dup(0, buffer.get_size())
    samples = struct.unpack(f"<{len(data) // 2}h", data)
    figures["audio"]["samples"] += len(samples) // channels
    figures["audio"]["energy"] += sum((s / FULL_SCALE) ** 2 for s in samples[::64])


def on_offer_needed(peer):
    def created(promise):
        # The offer lives in the reply.
        reply = promise.get_reply()
        peer.emit("set-local-description", reply.get_value("offer"), Gst.Promise.new())

    peer.emit("create-offer", None, Gst.Promise.new_with_change_func(created))


def on_gathering(peer, _):
    if peer.get_property("ice-gathering-state") == GstWebRTC.WebRTCICEGatheringState.COMPLETE:
        threading.Thread(target=exchange, args=[peer], daemon=True).start()


def exchange(peer):
    offer = peer.get_property("local-description")
    answer = signalling.exchange(offer.sdp.as_text())
    _, message = GstSdp.SDPMessage.new_from_text(answer)
    description = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, message)
    in_loop(peer.emit, "set-remote-description", description, Gst.Promise.new())


def on_state(peer, _):
    say("state", state=STATES[int(peer.get_property("connection-state"))])


def report():
    say("figures", figures=figures)
    return True


def wait_for_stop():
    sys.stdin.readline()
    say("stopped", status=signalling.end())
    loop.quit()


pipeline, peer = publish() if options["direction"] == "publish" else play()
peer.connect("on-negotiation-needed", on_offer_needed)
peer.connect("notify::ice-gathering-state", on_gathering)
peer.connect("notify::connection-state", on_state)
pipeline.set_state(Gst.State.PLAYING)
GLib.timeout_add(int(1000 * REPORT_SECONDS), report)
threading.Thread(target=wait_for_stop, daemon=True).start()
loop.run()
pipeline.set_state(Gst.State.NULL)
