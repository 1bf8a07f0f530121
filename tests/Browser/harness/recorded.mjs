// ffmpeg as the judge of what was recorded.
import { spawn, spawnSync } from 'node:child_process';

/** Whether there is a judge. */
export function hasJudge() {
  return spawnSync('ffprobe', ['-version']).error === undefined;
}

/** Runs ffmpeg or ffprobe to its end; their complaints are errors alone, unless options ask for more. @param {string} program @param {string[]} options @returns {Promise<{ output: Buffer, complaints: string }>} */
export function run(program, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, ['-v', 'error', ...options], { timeout: 60_000 });
    /** @type {Buffer[]} */
    const output = [];
    let complaints = '';
    child.stdout.on('data', (chunk) => output.push(chunk));
    child.stderr.on('data', (chunk) => { complaints += chunk; });
    child.once('error', reject);
    child.once('close', (_, signal) => {
      if (signal === null) {
        resolve({ output: Buffer.concat(output), complaints: complaints.trim() });
      } else {
        reject(new Error(`${program} ${options.join(' ')} came to no end. ${complaints}`));
      }
    });
  });
}

/** Decodes all pictures and all sound at an address. @param {string} address */
export async function decode(address) {
  const { output, complaints } = await run('ffmpeg', ['-i', address, '-map', '0:v:0', '-map', '0:a:0', '-fps_mode', 'passthrough', '-f', 'framemd5', '-']);
  return { pictures: output.toString().split('\n').filter((line) => line.startsWith('0,')).length, complaints };
}

/** @param {string} address @returns {Promise<{ streams: { codec_name: string }[], format: { duration: string } }>} */
export async function probe(address) {
  return JSON.parse((await run('ffprobe', ['-show_entries', 'stream=codec_name:format=duration', '-of', 'json', address])).output.toString());
}

/** The widths that decoded pictures have, in order, each once. @param {string} address */
export async function widths(address) {
  const { output } = await run('ffprobe', ['-select_streams', 'v:0', '-show_entries', 'frame=width', '-of', 'csv=p=0', address]);
  const all = output.toString().split('\n').map((line) => Number(line.replace(',', ''))).filter((width) => width > 0);
  return all.filter((width, index) => width !== all[index - 1]);
}

/** The frequency of the sound in Hz, by its zero crossings, and for how many seconds it is heard. @param {string} address */
export async function tone(address) {
  const { output } = await run('ffmpeg', ['-i', address, '-map', '0:a:0', '-ac', '1', '-ar', '48000', '-f', 's16le', '-']);
  const samples = new Int16Array(output.buffer, output.byteOffset, output.length >> 1);
  let crossings = 0;
  let heard = 0;
  // In windows of 20 ms: silence, as before the encoder's first frame, counts for nothing.
  for (let begin = 0; begin + 960 <= samples.length; begin += 960) {
    const window = samples.subarray(begin, begin + 960);
    if (window.every((sample) => Math.abs(sample) < 200)) {
      continue;
    }
    heard += 0.02;
    for (let index = 1; index < window.length; index += 1) {
      crossings += (window[index - 1] < 0) !== (window[index] < 0) ? 1 : 0;
    }
  }
  return { frequency: crossings / 2 / heard, seconds: heard };
}
