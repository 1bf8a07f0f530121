import { relay, withServer } from './harness/scenario.mjs';
import { aiortc, gstreamer, libdatachannel, libwebrtc } from './harness/stacks.mjs';

withServer();
relay(gstreamer, 'h264', [aiortc, libdatachannel]);
relay(gstreamer, 'vp8', [libwebrtc]);
relay(gstreamer, 'vp9', [gstreamer]);
