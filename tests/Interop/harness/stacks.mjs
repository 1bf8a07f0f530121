// The stacks, by the program that drives each.
export const werift = { name: 'werift', program: 'werift.mjs' };
export const nodeDataChannel = { name: 'node-datachannel', program: 'nodedatachannel.mjs' };
export const wrtc = { name: '@roamhq/wrtc', program: 'wrtc.mjs' };
export const aiortc = { name: 'aiortc', program: 'aiortc_peer.py' };
export const gstreamer = { name: 'GStreamer', program: 'gstreamer_peer.py' };
export const firefox = { name: 'whip-whep-js in Firefox', program: 'browser.mjs', browser: 'firefox', library: 'medooze' };
export const eyevinn = { name: 'Eyevinn in Chromium', program: 'browser.mjs', browser: 'chromium', library: 'eyevinn' };
export const medooze = { name: 'whip-whep-js in Chromium', program: 'browser.mjs', browser: 'chromium', library: 'medooze' };
