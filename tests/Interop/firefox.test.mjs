import { relay, withServer } from './harness/scenario.mjs';
import { aiortc, chromium, firefox, libwebrtc } from './harness/stacks.mjs';

withServer();
relay(firefox, 'vp8', [firefox, aiortc]);
relay(firefox, 'vp9', [chromium]);
relay(firefox, 'av1', [libwebrtc]);
