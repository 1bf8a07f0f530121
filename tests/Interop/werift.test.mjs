import { relay, withServer } from './harness/scenario.mjs';
import { gstreamer, libdatachannel, libwebrtc, werift } from './harness/stacks.mjs';

withServer();
relay(werift, 'h264', [libdatachannel, gstreamer]);
relay(werift, 'vp8', [libwebrtc, werift]);
