// VP8 by Enhanced RTMP, which no ffmpeg puts into FLV: ffmpeg encodes, and what it makes is put into messages here.
import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { numberedPicture } from './encoder.mjs';

const types = { chunkSize: 1, video: 9, command: 20 };

// Level 1, 8 bits, 4:2:0, colours unspecified; no initialization data.
const configuration = Buffer.from([0, 10, 0x82, 2, 2, 2, 0, 0]);

/** @param {string | number | null | Record<string, string>} value */
function amf(value) {
  if (value === null) {
    return Buffer.from([5]);
  }
  if (typeof value === 'number') {
    const number = Buffer.alloc(9);
    number.writeDoubleBE(value, 1);
    return number;
  }
  const text = (/** @type {string} */ said) => Buffer.concat([Buffer.from([said.length >> 8, said.length & 0xff]), Buffer.from(said)]);
  return typeof value === 'string'
    ? Buffer.concat([Buffer.from([2]), text(value)])
    : Buffer.concat([Buffer.from([3]), ...Object.entries(value).flatMap(([name, each]) => [text(name), amf(each)]), Buffer.from([0, 0, 9])]);
}

export class Vp8Encoder {
  #socket;
  #encoder;
  #said = '';
  #unread = Buffer.alloc(0);

  /** @param {import('node:test').TestContext} t @param {string} server as the API tells it @param {string} key */
  static start(t, server, key) {
    const made = new Vp8Encoder();
    const { hostname, port, pathname } = new URL(server.replace('rtmp:', 'http:'));
    made.#socket = connect(Number(port), hostname);
    made.#socket.on('error', (error) => (made.#said += error.message));
    made.#socket.resume();
    made.#socket.write(Buffer.concat([Buffer.from([3]), Buffer.alloc(2 * 1536)]));
    made.#send(types.chunkSize, 0, 0, Buffer.from([0, 1, 0, 0]));
    made.#command(0, 'connect', 1, { app: pathname.slice(1) });
    made.#command(0, 'createStream', 2, null);
    made.#command(1, 'publish', 3, null, key, 'live');
    made.#video(0, 1, 0, configuration);

    const options = ['-re', '-f', 'lavfi', '-i', numberedPicture, '-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-b:v', '500k', '-g', '30', '-f', 'ivf', 'pipe:1'];
    made.#encoder = spawn('ffmpeg', ['-hide_banner', '-loglevel', 'warning', '-nostdin', ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
    made.#encoder.stdout.once('data', (first) => {
      // The header of the file.
      made.#read(first.subarray(32));
      made.#encoder.stdout.on('data', (chunk) => made.#read(chunk));
    });
    made.#encoder.stderr.on('data', (chunk) => (made.#said = (made.#said + chunk).slice(-4000)));
    t.after(() => made.stop());
    return made;
  }

  /** What went wrong. */
  get said() {
    return this.#said;
  }

  stop() {
    this.#encoder.kill('SIGKILL');
    this.#socket.destroy();
  }

  /** Takes frames of an IVF file: length and time, twelve bytes in all, then the frame. @param {Buffer} chunk */
  #read(chunk) {
    this.#unread = Buffer.concat([this.#unread, chunk]);
    while (this.#unread.length >= 12 && this.#unread.length >= 12 + this.#unread.readUInt32LE(0)) {
      const frame = this.#unread.subarray(12, 12 + this.#unread.readUInt32LE(0));
      // One in fifteen of a second; the first bit of a frame says that it needs others.
      this.#video(Math.round((this.#unread.readUInt32LE(4) * 1000) / 15), (frame[0] & 1) === 0 ? 1 : 2, 1, frame);
      this.#unread = this.#unread.subarray(12 + frame.length);
    }
  }

  /** @param {number} time in milliseconds @param {number} frame 1 is a key picture @param {number} packet 0 is the configuration, 1 a coded frame @param {Buffer} payload */
  #video(time, frame, packet, payload) {
    this.#send(types.video, 1, time, Buffer.concat([Buffer.from([0x80 | (frame << 4) | packet]), Buffer.from('vp08'), payload]));
  }

  /** @param {number} stream @param {...Parameters<typeof amf>[0]} values */
  #command(stream, ...values) {
    this.#send(types.command, stream, 0, Buffer.concat(values.map((value) => amf(value))));
  }

  /** A message in one chunk, since chunks may be so large. @param {number} type @param {number} stream @param {number} time @param {Buffer} payload */
  #send(type, stream, time, payload) {
    const head = Buffer.alloc(12);
    head[0] = 3;
    head.writeUIntBE(time, 1, 3);
    head.writeUIntBE(payload.length, 4, 3);
    head[7] = type;
    head.writeUInt32LE(stream, 8);
    this.#socket.write(Buffer.concat([head, payload]));
  }
}
