// The stacks, by the program that drives each, what it needs of the machine, and how what it plays is judged.
import { decodes, receives } from './judge.mjs';

export const werift = { name: 'werift', program: 'werift.mjs', tool: 'ffmpeg', judge: receives };
export const libdatachannel = {
    name: 'libdatachannel', program: 'nodedatachannel.mjs', tool: 'ffmpeg',
    // The library keeps the reports of the picture to itself.
    judge: player => receives(player, { reports: ['audio'] }),
};
export const libwebrtc = { name: 'libwebrtc', program: 'wrtc.mjs', judge: decodes };
export const aiortc = { name: 'aiortc', program: 'aiortc_peer.py', tool: 'aiortc', judge: decodes };
export const gstreamer = { name: 'GStreamer', program: 'gstreamer_peer.py', tool: 'gstreamer', judge: decodes };

const page = (name, browser, library) => ({ name, program: 'browser.mjs', tool: browser, options: { browser, library }, judge: decodes });
export const firefox = page('Firefox with whip-whep-js', 'firefox', 'medooze');
export const chromium = page('Chromium with whip-whep-js', 'chromium', 'medooze');
export const eyevinn = page("Chromium with Eyevinn's library", 'chromium', 'eyevinn');
