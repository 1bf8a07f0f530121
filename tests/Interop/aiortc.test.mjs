import { relay, withServer } from './harness/scenario.mjs';
import { aiortc, gstreamer, libwebrtc } from './harness/stacks.mjs';

withServer();
relay(aiortc, 'h264', [gstreamer]);
relay(aiortc, 'vp8', [libwebrtc]);
