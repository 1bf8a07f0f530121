import { relay, withServer } from './harness/scenario.mjs';
import { aiortc, gstreamer, libdatachannel, libwebrtc, werift } from './harness/stacks.mjs';

withServer();
relay(libdatachannel, 'h264', [aiortc, gstreamer, werift, libdatachannel]);
relay(libdatachannel, 'vp8', [libwebrtc, aiortc]);
