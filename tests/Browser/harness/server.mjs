// The real server binary, on free ports, with its own data directory.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
const binary = path.join(repository, 'src/Server/bin/Release/net10.0/sluice');
const site = path.join(repository, 'web/app/dist');
const token = 'operator-token-for-browser-tests-0123456789';
const startsWithin = 60_000;

/** Sections of the sample configuration that open a port: each gets a free one. */
function portSections() {
  const sample = readFileSync(path.join(repository, 'sluice.sample.jsonc'), 'utf8').replaceAll(/^\s*\/\/.*$/gm, '').replaceAll(/,(\s*[}\]])/g, '$1');
  return Object.entries(JSON.parse(sample)).filter(([, section]) => 'Port' in section).map(([name]) => name);
}

/** @typedef {{ id: string, key: string, secret: string }} Channel */
/** @typedef {{ id: string, kind: 'video' | 'audio', codec: string, rid: string | null, width: number | null, height: number | null, bitrate: number }} TrackFigures */
/** @typedef {{ channel: string, viewers: number, tracks: TrackFigures[], publisher: { protocol: string, bitrate: number } }} StreamFigures */

export class Server {
  #child;
  #folder;
  /** @type {string[]} */
  #settings = [];
  #said = '';
  #unfinished = '';
  /** @type {Map<string, number>} */
  #named = new Map();
  /** Where the site and the API are, without a slash at the end. */
  url = '';

  /** @param {string[]} [settings] besides those of all tests @returns {Promise<Server>} */
  static async start(settings = []) {
    if (!existsSync(binary)) {
      throw new Error(`The server is not built: ${binary} is missing. Build it with: dotnet build src/Server -c Release`);
    }
    if (!existsSync(path.join(site, 'index.html'))) {
      throw new Error(`The site is not built: ${site}/index.html is missing. Build it with: npm ci --prefix web && npm run build --prefix web`);
    }
    const server = new Server();
    server.#settings = settings;
    await server.#start();
    return server;
  }

  /** @param {Record<string, number>} [ports] by section; free ones unless told */
  async #start(ports = {}) {
    this.#folder ??= mkdtempSync(path.join(tmpdir(), 'sluice-browser-'));
    this.#said = '';
    const settings = ['--Http:RequestsPerMinutePerAddress=0', '--Http:SessionsPerMinutePerAddress=0', `--Http:SiteDirectory=${site}`, ...this.#settings];
    this.#child = spawn(binary, ['serve', ...portSections().map((name) => `--${name}:Port=${ports[name] ?? 0}`), ...settings], {
      env: { ...process.env, SLUICE_DATA: this.#folder, SLUICE_ADMIN_TOKEN: token },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.url = await new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`The server named no address in ${startsWithin / 1000} s. It said:\n${this.#said}`)), startsWithin);
      const read = (/** @type {Buffer} */ chunk) => {
        this.#said = (this.#said + chunk.toString()).slice(-64_000);
        this.#hear(chunk.toString());
        const address = /Site\s+(http:\/\/[^\s/]+)/.exec(this.#said)?.[1];
        if (address !== undefined) {
          clearTimeout(timer);
          resolve(address);
        }
      };
      this.#child.stdout.on('data', read);
      this.#child.stderr.on('data', read);
      this.#child.once('error', reject);
      this.#child.once('exit', (code) => reject(new Error(`The server ended with ${code}. It said:\n${this.#said}`)));
    });
  }

  /** Lines in which the server itself speaks of an error. @type {string[]} */
  complaints = [];

  /** @param {string} text */
  #hear(text) {
    const lines = (this.#unfinished + text).split('\n');
    this.#unfinished = lines.pop() ?? '';
    this.complaints.push(...lines.filter((line) => /^(\S+ )?(fail|crit): |^Unhandled exception/.test(line)));
  }

  /** Dies without a word, and comes back at the same addresses with the same data. */
  async crash() {
    const { ports } = await this.#ask('GET', '/node');
    await this.#end('SIGKILL');
    await this.#start({ Http: ports.http, WebRtc: ports.webrtcUdp });
  }

  async stop() {
    await this.#end('SIGTERM');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** @param {NodeJS.Signals} signal */
  async #end(signal) {
    const child = this.#child;
    if (child.exitCode === null && child.signalCode === null) {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill(signal);
      const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await gone;
      clearTimeout(timer);
    }
  }

  /**
   * @param {string} method
   * @param {string} where below /api/v1
   * @param {unknown} [body]
   */
  async #ask(method, where, body) {
    const response = await fetch(`${this.url}/api/v1${where}`, {
      method,
      headers: { Authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }).catch((error) => {
      const ended = this.#child.exitCode ?? this.#child.signalCode;
      throw new Error(`${method} ${where}: ${error.cause ?? error}. The server ${ended === null ? 'is running' : `ended with ${ended}`} and said:\n${this.#said.slice(-4000)}`);
    });
    if (response.status === 404 || response.status === 204) {
      return undefined;
    }
    if (!response.ok) {
      throw new Error(`${method} ${where}: ${response.status} ${await response.text()}`);
    }
    return response.json();
  }

  /** Makes a channel of its own for a test. @param {string} name @returns {Promise<Channel>} */
  channel(name) {
    const id = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_');
    const before = this.#named.get(id) ?? 0;
    this.#named.set(id, before + 1);
    return this.#ask('POST', '/channels', { name, id: before === 0 ? id : `${id}_${before + 1}` });
  }

  /** Changes a channel. @param {Channel} channel @param {object} change */
  change(channel, change) {
    return this.#ask('PATCH', `/channels/${channel.id}`, change);
  }

  /** What the operator sees of a channel. @param {Channel} channel */
  details(channel) {
    return this.#ask('GET', `/channels/${channel.id}`);
  }

  /** Lets somebody watch a private channel. @param {Channel} channel @returns {Promise<string>} */
  async watchToken(channel) {
    return (await this.#ask('POST', `/channels/${channel.id}/watch-tokens`, { label: 'test' })).token;
  }

  /** The operator's token, for the console. */
  get operatorToken() {
    return token;
  }

  /** The processes the server has started that run this program. @param {string} program @returns {number[]} */
  children(program) {
    return readdirSync('/proc').filter((each) => /^\d+$/.test(each)).map(Number).filter((id) => {
      try {
        const [, name, parent] = /^\d+ \((.*)\) \S (\d+)/s.exec(readFileSync(`/proc/${id}/stat`, 'utf8')) ?? [];
        return name === program && Number(parent) === this.#child.pid;
      } catch {
        return false;
      }
    });
  }

  /** What the API says of a live stream; undefined while the channel is not live. @param {Channel} channel @returns {Promise<StreamFigures | undefined>} */
  stream(channel) {
    return this.#ask('GET', `/streams/${channel.id}`);
  }

  /** Everything that is live. @returns {Promise<StreamFigures[]>} */
  async streams() {
    return (await this.#ask('GET', '/streams')).streams;
  }

  /** How each viewer of a channel receives. @param {Channel} channel */
  async viewers(channel) {
    return (await this.#ask('GET', `/streams/${channel.id}/viewers`))?.viewers ?? [];
  }

  /** Says something to the players of a channel's stream. @param {Channel} channel @param {object} metadata */
  say(channel, metadata) {
    return this.#ask('POST', `/channels/${channel.id}/metadata`, metadata);
  }

  /** Adds a cue to the subtitles of a channel's stream. @param {Channel} channel @param {object} cue */
  caption(channel, cue) {
    return this.#ask('POST', `/channels/${channel.id}/captions`, cue);
  }

  /** The node's version and ports. @returns {Promise<{ ports: Record<string, number> }>} */
  node() {
    return this.#ask('GET', '/node');
  }

  /** A channel's recordings, the newest first. @param {Channel} channel @returns {Promise<{ id: string, state: string, duration: number, play: { mp4: string } }[]>} */
  async recordings(channel) {
    return (await this.#ask('GET', `/recordings?channel=${channel.id}`))?.recordings ?? [];
  }

  /** Cuts a clip out of a recording. @param {string} recording @param {number} start @param {number} end */
  cut(recording, start, end) {
    return this.#ask('POST', `/recordings/${recording}/clips`, { start, end });
  }

  /** A recording with addresses that anybody can load for some hours. @param {string} recording */
  open(recording) {
    return this.#ask('POST', `/recordings/${recording}/viewings`);
  }

  /** @param {Channel} channel */
  whip(channel) {
    return `${this.url}/whip/${channel.id}`;
  }

  /** @param {Channel} channel */
  whep(channel) {
    return `${this.url}/whep/${channel.id}`;
  }
}
