// ffmpeg with x264 zerolatency and AAC, whose pictures carry the time at which they were painted: cells as tests/Browser/page/clock-picture.js reads them.
import { spawn } from 'node:child_process';

const columns = 16;
const rows = 2;
const timeBits = 24;

export class ClockEncoder {
  #child;
  #timer;
  #picture;
  #blocked = false;
  /** Pictures painted, and those left out since the encoder had not taken the one before. */
  painted = 0;
  skipped = 0;
  said = '';

  /** @param {string} target where to publish @param {{ width?: number, height?: number, framesPerSecond?: number, bitrate?: string, tuning?: string[], output?: string[] }} [options] */
  constructor(target, { width = 640, height = 360, framesPerSecond = 30, bitrate = '1500k', tuning = ['-tune', 'zerolatency'], output = ['-f', 'flv'] } = {}) {
    this.width = width;
    this.height = height;
    this.#picture = Buffer.alloc((width * height * 3) / 2, 128);
    this.#child = spawn('ffmpeg', [
      '-hide_banner', '-loglevel', 'warning',
      '-fflags', 'nobuffer', '-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-video_size', `${width}x${height}`, '-framerate', `${framesPerSecond}`, '-i', 'pipe:0',
      '-re', '-f', 'lavfi', '-i', 'sine=frequency=1000:sample_rate=48000',
      '-c:v', 'libx264', '-preset', 'veryfast', ...tuning, '-profile:v', 'main', '-g', `${2 * framesPerSecond}`, '-b:v', bitrate,
      '-c:a', 'aac', '-b:a', '128k', '-ac', '2', ...output, target,
    ], { stdio: ['pipe', 'ignore', 'pipe'] });
    this.#child.stderr.on('data', (chunk) => (this.said = (this.said + chunk).slice(-4000)));
    this.#child.stdin.on('error', () => clearTimeout(this.#timer));
    const period = 1000 / framesPerSecond;
    let next = performance.now();
    const tick = () => {
      this.#paint();
      next = Math.max(next + period, performance.now());
      this.#timer = setTimeout(tick, next - performance.now());
    };
    tick();
  }

  #paint() {
    if (this.#blocked) {
      this.skipped += 1;
      return;
    }
    const { width, height } = this;
    const strip = Math.round(height / 4);
    const code = encode(Date.now());
    for (let cell = 0; cell < columns * rows; cell += 1) {
      const level = Math.floor(code / 2 ** (31 - cell)) % 2 === 1 ? 235 : 16;
      const left = Math.round(((cell % columns) * width) / columns);
      const right = Math.round((((cell % columns) + 1) * width) / columns);
      const top = Math.round((Math.floor(cell / columns) * strip) / rows);
      const bottom = Math.round(((Math.floor(cell / columns) + 1) * strip) / rows);
      for (let y = top; y < bottom; y += 1) {
        this.#picture.fill(level, y * width + left, y * width + right);
      }
    }
    // Something that moves, so that each picture costs the encoder what a picture does.
    const bar = (this.painted * 7) % width;
    for (let y = strip; y < height; y += 1) {
      this.#picture.fill((this.painted * 3 + y) & 0x7f, y * width, (y + 1) * width);
      this.#picture.fill(220, y * width + bar, y * width + Math.min(width, bar + 40));
    }
    this.painted += 1;
    this.#blocked = !this.#child.stdin.write(Buffer.from(this.#picture), () => (this.#blocked = false));
  }

  async stop() {
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child.exitCode === null && child.signalCode === null) {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
    }
  }
}

/** 24 bits of time and 8 that check them. @param {number} time */
function encode(time) {
  const low = Math.round(time) % 2 ** timeBits;
  return low * 256 + ((((low >> 16) ^ (low >> 8) ^ low) & 0xff) ^ 0x5a);
}
