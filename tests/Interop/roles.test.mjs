// Who starts DTLS, and how candidates come: with the offer, by PATCH with the entity tag, by PATCH without.
import { relay, withServer } from './harness/scenario.mjs';
import { aiortc, gstreamer, libdatachannel, libwebrtc, werift } from './harness/stacks.mjs';

withServer();
relay(libdatachannel, 'h264', [libdatachannel, aiortc, gstreamer], { setup: 'passive', title: ' as DTLS server' });
relay(libwebrtc, 'vp8', [libwebrtc, werift], { setup: 'passive', title: ' as DTLS server' });
relay(aiortc, 'vp8', [libwebrtc], { setup: 'active', title: ' as DTLS client' });
relay(werift, 'h264', [libdatachannel], { trickle: 'matched', title: ', trickling with If-Match' });
relay(libdatachannel, 'vp8', [werift], { trickle: 'unmatched', title: ', trickling without If-Match' });
