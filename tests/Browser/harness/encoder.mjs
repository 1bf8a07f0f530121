// ffmpeg as the encoders of the world: a moving picture and a tone, by RTMP.
import { spawn, spawnSync } from 'node:child_process';

/** Whether there is an ffmpeg with x264. */
export function hasEncoder() {
  return /libx264/.test(spawnSync('ffmpeg', ['-hide_banner', '-encoders'], { encoding: 'utf8' }).stdout ?? '');
}

export class Encoder {
  #child;
  #said = '';

  /**
   * @param {import('node:test').TestContext} t
   * @param {string} server as the API tells it
   * @param {string} key
   * @param {{ frequency?: number, options?: string[] }} [options] what x264 is told besides
   */
  static start(t, server, key, { frequency = 1000, options = ['-tune', 'zerolatency', '-g', '30'] } = {}) {
    const encoder = new Encoder();
    encoder.#child = spawn('ffmpeg', [
      '-hide_banner', '-loglevel', 'warning', '-re', '-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=15', '-re', '-f', 'lavfi', '-i', `sine=frequency=${frequency}:sample_rate=48000`,
      '-c:v', 'libx264', '-preset', 'veryfast', '-profile:v', 'main', '-pix_fmt', 'yuv420p', '-b:v', '600k', ...options,
      '-c:a', 'aac', '-b:a', '96k', '-ac', '2', '-f', 'flv', `${server}/${key}`,
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
