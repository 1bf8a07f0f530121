// ffmpeg as the encoders of the world: a moving picture and a tone, by RTMP.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

/** Whether there is an ffmpeg with this encoder. */
export function hasEncoder(name = 'libx264') {
  return (spawnSync('ffmpeg', ['-hide_banner', '-encoders'], { encoding: 'utf8' }).stdout ?? '').split(/\s+/).includes(name);
}

/** Where eng/encoders.sh puts an ffmpeg that sends Enhanced RTMP. */
const newer = path.join(process.env['SLUICE_ENCODERS'] ?? path.join(process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache'), 'sluice/encoders'), 'bin/ffmpeg');

/** The newer ffmpeg; undefined where it could not be had. @returns {string | undefined} */
export function newerEncoder() {
  return existsSync(newer) ? newer : undefined;
}

/** Sixteen stripes that say the number of the picture in binary, black for 0, the lowest bit on the left. */
export const numberedPicture = "nullsrc=size=320x180:rate=15,geq=lum='if(mod(floor(N/pow(2,floor(X*16/W))),2),235,16)':cb=128:cr=128";

const h264 = ['-c:v', 'libx264', '-preset', 'veryfast', '-profile:v', 'main', '-b:v', '600k'];
const aac = ['-c:a', 'aac', '-b:a', '96k', '-ac', '2'];

/**
 * @typedef {object} EncoderOptions
 * @property {number} [frequency] of the tone, in Hz
 * @property {string[]} [options] what the video encoder is told besides
 * @property {string[]} [video] the video encoder
 * @property {string[]} [audio] the audio encoder
 * @property {string} [picture] a source of lavfi
 * @property {string} [program] the ffmpeg
 */

export class Encoder {
  #child;
  #said = '';

  /**
   * @param {import('node:test').TestContext} t
   * @param {string} server as the API tells it
   * @param {string} key
   * @param {EncoderOptions} [options]
   */
  static start(t, server, key, { frequency = 1000, video = h264, options = ['-tune', 'zerolatency', '-g', '30'], audio = aac, picture = 'testsrc2=size=640x360:rate=15', program = 'ffmpeg' } = {}) {
    const encoder = new Encoder();
    encoder.#child = spawn(program, [
      '-hide_banner', '-loglevel', 'warning', '-re', '-f', 'lavfi', '-i', picture, '-re', '-f', 'lavfi', '-i', `sine=frequency=${frequency}:sample_rate=48000`,
      ...video, '-pix_fmt', 'yuv420p', ...options, ...audio, '-f', 'flv', `${server}/${key}`,
    ], { stdio: ['ignore', 'ignore', 'pipe'] });
    encoder.#child.stderr.on('data', (chunk) => (encoder.#said = (encoder.#said + chunk).slice(-4000)));
    t.after(() => encoder.stop());
    return encoder;
  }

  /** What it complained of. */
  get said() {
    return this.#said;
  }

  async stop() {
    const child = this.#child;
    if (child.exitCode === null && child.signalCode === null) {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
      await gone;
      clearTimeout(timer);
    }
  }
}
