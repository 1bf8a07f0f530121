import { drawLandscape } from './landscape.js';

// A picture that carries the time at which it was drawn, as 32 black or white cells in two rows at the top.
const columns = 16;
const rows = 2;
const timeBits = 24;
const grain = 6;

/** Milliseconds on a clock that all pages of one machine share. */
export function clock() {
  return performance.timeOrigin + performance.now();
}

/** 24 bits of time and 8 that check them. @param {number} time */
function encode(time) {
  const low = Math.round(time) % 2 ** timeBits;
  return low * 256 + check(low);
}

function check(low) {
  return (((low >> 16) ^ (low >> 8) ^ low) & 0xff) ^ 0x5a;
}

export class ClockPicture {
  /** @param {{ width?: number, height?: number, framesPerSecond?: number, busy?: boolean }} options */
  constructor({ width = 320, height = 180, framesPerSecond = 15, busy = false, scene }) {
    this.scene = scene;
    this.canvas = document.createElement('canvas');
    this.canvas.width = width;
    this.canvas.height = height;
    this.context = this.canvas.getContext('2d', { alpha: false });
    this.noise = busy ? noise(width, height) : undefined;
    this.count = 0;
    this.#draw();
    this.track = this.canvas.captureStream(framesPerSecond).getVideoTracks()[0];
    this.timer = setInterval(() => this.#draw(), 1000 / framesPerSecond);
  }

  #draw() {
    const { canvas, context } = this;
    const { width, height } = canvas;
    const strip = stripHeight(height);
    this.count += 1;
    if (this.scene !== undefined) {
      drawLandscape(context, width, height, this.scene, this.count);
      return;
    }
    if (this.noise === undefined) {
      context.fillStyle = `hsl(${(this.count * 3) % 360} 45% 45%)`;
      context.fillRect(0, strip, width, height - strip);
      context.fillStyle = '#fff';
      context.fillRect((this.count * 7) % width, strip, width / 12, height - strip);
    } else {
      const shift = (this.count * 37) % height;
      context.drawImage(this.noise, 0, shift - height);
      context.drawImage(this.noise, 0, shift);
    }
    const code = encode(clock());
    const cellWidth = width / columns;
    const cellHeight = strip / rows;
    for (let cell = 0; cell < columns * rows; cell += 1) {
      context.fillStyle = Math.floor(code / 2 ** (31 - cell)) % 2 === 1 ? '#fff' : '#000';
      context.fillRect((cell % columns) * cellWidth, Math.floor(cell / columns) * cellHeight, cellWidth, cellHeight);
    }
  }

  stop() {
    clearInterval(this.timer);
    this.track.stop();
  }
}

/** Reads the time out of what a video element shows. */
export class ClockReader {
  constructor() {
    this.canvas = new OffscreenCanvas(columns * 4, rows * 4);
    this.context = this.canvas.getContext('2d', { willReadFrequently: true, alpha: false });
  }

  /** Milliseconds since the picture was drawn; undefined where the cells cannot be read. @param {HTMLVideoElement} video */
  age(video) {
    return this.ageOf(video, { x: 0, y: 0, width: video.videoWidth, height: video.videoHeight });
  }

  /** The same for a part of an image. @param {CanvasImageSource} image @param {{ x: number, y: number, width: number, height: number }} part */
  ageOf(image, { x: left, y: top, width, height }) {
    const { context } = this;
    context.drawImage(image, left, top, width, stripHeight(height), 0, 0, columns * 4, rows * 4);
    const { data } = context.getImageData(0, 0, columns * 4, rows * 4);
    let code = 0;
    for (let cell = 0; cell < columns * rows; cell += 1) {
      const x = (cell % columns) * 4 + 2;
      const y = Math.floor(cell / columns) * 4 + 2;
      code = code * 2 + (data[(y * columns * 4 + x) * 4 + 1] > 127 ? 1 : 0);
    }
    const low = Math.floor(code / 256);
    if (code % 256 !== check(low)) {
      return undefined;
    }
    const age = (Math.round(clock()) % 2 ** timeBits) - low;
    return age < 0 ? age + 2 ** timeBits : age;
  }
}

function stripHeight(height) {
  return Math.round(height / 4);
}

/** Coarse noise: fine noise takes more bits than any rate has, and the encoder would rather leave pictures out. */
function noise(width, height) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d');
  let state = 1;
  for (let y = 0; y < height; y += grain) {
    for (let x = 0; x < width; x += grain) {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      context.fillStyle = `rgb(${state >>> 24} ${(state >>> 16) & 0xff} ${(state >>> 8) & 0xff})`;
      context.fillRect(x, y, grain, grain);
    }
  }
  return canvas;
}
