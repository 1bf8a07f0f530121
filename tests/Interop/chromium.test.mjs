import { relay, withServer } from './harness/scenario.mjs';
import { aiortc, chromium, eyevinn, gstreamer, libwebrtc } from './harness/stacks.mjs';

withServer();
relay(eyevinn, 'h264', [eyevinn, aiortc]);
relay(chromium, 'vp8', [chromium]);
relay(chromium, 'vp9', [gstreamer]);
relay(chromium, 'av1', [libwebrtc]);
