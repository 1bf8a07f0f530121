// What of the machine's tools a stack needs, looked for once.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const checks = {
    ffmpeg: () => spawnSync('ffmpeg', ['-version']).status === 0 ? null : 'ffmpeg is not installed',
    chromium: () => existsSync('/usr/bin/chromium') ? null : 'Debian package chromium is not installed',
    firefox: () => existsSync('/usr/bin/firefox-esr') ? null : 'Debian package firefox-esr is not installed',
    aiortc: () => python('import aiortc') ? null : 'Debian package python3-aiortc is not installed',
    gstreamer: () => python(`
import gi
gi.require_version("Gst", "1.0"); gi.require_version("GstSdp", "1.0"); gi.require_version("GstWebRTC", "1.0")
from gi.repository import Gst, GstSdp, GstWebRTC
Gst.init(None)
assert all(Gst.ElementFactory.find(e) for e in ("webrtcbin", "nicesrc", "x264enc", "avdec_h264", "vp8enc", "opusenc"))`)
        ? null : 'GStreamer lacks webrtcbin, libnice, x264enc, avdec_h264 or their introspection',
};
const found = new Map();

const python = code => spawnSync('/usr/bin/python3', ['-c', code]).status === 0;

/** Why a tool cannot be used, or null. */
export function lacks(tool) {
    if (!tool) return null;
    if (!found.has(tool)) found.set(tool, checks[tool]());
    return found.get(tool);
}
