// Every suite in one process, so that all share one server and one browser. Each can be run alone too: node --test suites/NAME.test.mjs
import './suites/codecs.test.mjs';
import './suites/site.test.mjs';
import './suites/handover.test.mjs';
import './suites/layers.test.mjs';
import './suites/tcp.test.mjs';
import './suites/crowd.test.mjs';
import './suites/tracks.test.mjs';
import './suites/signalling.test.mjs';
import './suites/leaving.test.mjs';
import './suites/bandwidth.test.mjs';
import './suites/time.test.mjs';
import './suites/recovery.test.mjs';
import './suites/screenshots.test.mjs';
import './suites/health.test.mjs';
import './suites/recording.test.mjs';
