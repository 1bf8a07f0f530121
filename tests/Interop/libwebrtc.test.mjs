import { relay, withServer } from './harness/scenario.mjs';
import { gstreamer, libwebrtc, werift } from './harness/stacks.mjs';

withServer();
relay(libwebrtc, 'vp8', [gstreamer, werift]);
relay(libwebrtc, 'vp9', [libwebrtc]);
relay(libwebrtc, 'av1', [libwebrtc]);
