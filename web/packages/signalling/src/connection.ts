import { isAborted, pause, race } from './abort.ts';
import { Failure, failureOf } from './failure.ts';
import { iceServersFrom } from './link.ts';
import { iceCredentials, iceFragment, withIceRestart } from './sdp.ts';
import type { TrickledCandidate } from './sdp.ts';
import { Session } from './session.ts';

/** Unless told otherwise. */
const connectTimeout = 12_000;
const restartTimeout = 6_000;
/** A radio that hands over heals by itself within this time; restarting earlier would only add to it. */
const grace = 1_200;
const trickleBatch = 30;
const closePatience = 500;

export type ConnectionPhase = 'connected' | 'restarting';

export interface ConnectionOptions {
  readonly url: string;
  readonly token: string | undefined;
  readonly signal: AbortSignal;
  readonly iceServers: readonly RTCIceServer[];
  /** How long media may take to find its way, in milliseconds. */
  readonly connectTimeout?: number;
  /** Adds transceivers and listeners before the offer is made. */
  readonly prepare: (peer: RTCPeerConnection) => void;
  /** Changes the offer before the browser takes it for its own. */
  readonly editOffer: (sdp: string) => string;
  /** Changes only what the server gets to see of it. */
  readonly editSentOffer?: (sdp: string) => string;
  readonly editAnswer: (sdp: string) => string;
  readonly onPhase: (phase: ConnectionPhase) => void;
}

/**
 * One peer connection over one session. It repairs itself by ICE restarts; when that fails it ends, and whoever holds
 * it opens another.
 */
export class Connection {
  readonly peer: RTCPeerConnection;
  readonly session: Session;
  /** Resolves, once, with why the connection is over. */
  readonly ended: Promise<Failure>;
  readonly #abort: AbortController;
  readonly #options: ConnectionOptions;
  #answer: string;
  #end: (failure: Failure) => void = () => undefined;
  #repairing = false;

  private constructor(peer: RTCPeerConnection, session: Session, answer: string, abort: AbortController, options: ConnectionOptions) {
    this.peer = peer;
    this.session = session;
    this.#answer = answer;
    this.#abort = abort;
    this.#options = options;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /** Opens a connection; resolves when media can flow. Cleans up after itself when it throws. */
  static async open(options: ConnectionOptions): Promise<Connection> {
    const abort = new AbortController();
    const signal = AbortSignal.any([options.signal, abort.signal]);
    const peer = makePeer(options.iceServers);
    let session: Session | undefined;
    try {
      options.prepare(peer);
      const candidates = new CandidateQueue(peer, signal);
      const offer = await race(peer.createOffer(), signal);
      await race(peer.setLocalDescription({ type: 'offer', sdp: options.editOffer(offer.sdp ?? '') }), signal);
      session = await Session.open(options.url, options.token, (options.editSentOffer ?? ((sdp) => sdp))(peer.localDescription?.sdp ?? ''), signal);
      const offered = iceServersFrom(session.links);
      if (options.iceServers.length === 0 && offered.length > 0) {
        peer.setConfiguration({ ...peer.getConfiguration(), iceServers: offered });
      }
      const answer = options.editAnswer(session.answer);
      try {
        await race(peer.setRemoteDescription({ type: 'answer', sdp: answer }), signal);
      } catch (error) {
        signal.throwIfAborted();
        throw new Failure('unsupported', error instanceof Error ? error.message : 'The answer was not understood.');
      }
      candidates.sendTo(session);
      await connected(peer, options.connectTimeout ?? connectTimeout, signal);
      const connection = new Connection(peer, session, answer, abort, options);
      connection.#watch(signal);
      return connection;
    } catch (error) {
      abort.abort();
      const word = await hangUp(peer, session);
      options.signal.throwIfAborted();
      throw word ?? failureOf(error);
    }
  }

  /** Closes the connection and deletes the session; gives what the server had to say. `ended` does not fire afterwards. */
  close(): Promise<Failure | undefined> {
    this.#abort.abort();
    return hangUp(this.peer, this.session);
  }

  /** Restarts ICE, unless that is already under way. */
  async #repair(): Promise<void> {
    const signal = AbortSignal.any([this.#options.signal, this.#abort.signal]);
    if (this.#repairing || signal.aborted) {
      return;
    }
    this.#repairing = true;
    try {
      this.#options.onPhase('restarting');
      await this.#restart(signal);
      this.#options.onPhase('connected');
    } catch (error) {
      if (!isAborted(signal)) {
        const failure = failureOf(error);
        // Most refusals concern this session alone: the server restarted, or the session timed out. A new one will do.
        const concernsAll = !failure.fatal || failure.kind === 'replaced' || failure.kind === 'unauthorized';
        this.#end(concernsAll ? failure : new Failure('connection-lost', 'The connection was lost.'));
      }
    } finally {
      this.#repairing = false;
    }
  }

  async #restart(signal: AbortSignal): Promise<void> {
    const { peer } = this;
    const before = iceCredentials(peer.localDescription?.sdp ?? '')?.usernameFragment;
    const gathered = new CandidateQueue(peer, signal);
    const offer = await race(peer.createOffer({ iceRestart: true }), signal);
    await race(peer.setLocalDescription({ type: 'offer', sdp: this.#options.editOffer(offer.sdp ?? '') }), signal);
    const local = peer.localDescription?.sdp ?? '';
    if (iceCredentials(local)?.usernameFragment === before) {
      throw new Failure('connection-lost', 'The connection was lost.');
    }
    const fragment = await this.session.restart(iceFragment(local, [], false), signal);
    const answer = withIceRestart(this.#answer, fragment);
    if (answer === undefined) {
      throw new Failure('connection-lost', 'The connection was lost.');
    }
    await race(peer.setRemoteDescription({ type: 'answer', sdp: answer }), signal);
    this.#answer = answer;
    gathered.sendTo(this.session);
    await connected(peer, restartTimeout, signal);
  }

  #watch(signal: AbortSignal): void {
    const { peer } = this;
    const onState = (): void => {
      switch (peer.connectionState) {
        case 'disconnected':
          void pause(grace, signal).then(
            () => (peer.connectionState === 'disconnected' ? this.#repair() : undefined),
            () => undefined,
          );
          break;
        case 'failed':
          void this.#repair();
          break;
        case 'closed':
          this.#end(new Failure('connection-lost', 'The connection was closed.'));
          break;
        default:
          break;
      }
    };
    peer.addEventListener('connectionstatechange', onState, { signal });
    const transport = (peer.getSenders()[0] ?? peer.getReceivers()[0])?.transport ?? peer.getReceivers()[0]?.transport;
    // A DTLS alert is the server's goodbye. ICE would notice only seconds later, and cannot repair it.
    transport?.addEventListener(
      'statechange',
      () => {
        if (transport.state === 'closed' || transport.state === 'failed') {
          this.#end(new Failure('connection-lost', 'The server closed the connection.'));
        }
      },
      { signal },
    );
  }
}

/** Where WebRTC is forbidden, by a policy or by a browser without it, even the attempt fails. */
function makePeer(iceServers: readonly RTCIceServer[]): RTCPeerConnection {
  try {
    return new RTCPeerConnection({ bundlePolicy: 'max-bundle', iceServers: [...iceServers] });
  } catch {
    throw new Failure('unsupported', 'This browser has no WebRTC, or was told not to use it.');
  }
}

/** First the word, then the hanging up: a peer that hangs up first is forgotten, and its DELETE finds nothing. */
async function hangUp(peer: RTCPeerConnection, session: Session | undefined): Promise<Failure | undefined> {
  const answer = session?.close();
  if (answer !== undefined) {
    await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, closePatience))]);
  }
  peer.close();
  return answer;
}

/** Resolves when the peer connection is up; throws a failure when it fails or takes too long. */
function connected(peer: RTCPeerConnection, timeout: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = new AbortController();
    const finish = (error?: unknown): void => {
      done.abort();
      clearTimeout(timer);
      if (error === undefined) {
        resolve();
      } else {
        reject(error instanceof Error ? error : new DOMException('Aborted', 'AbortError'));
      }
    };
    const lost = (): void => finish(new Failure('no-path', 'No media path to the server: its UDP and TCP media port may be blocked by a firewall.'));
    const timer = setTimeout(lost, timeout);
    const check = (): void => {
      const ice = peer.iceConnectionState;
      if (peer.connectionState === 'connected' && (ice === 'connected' || ice === 'completed')) {
        finish();
      } else if (peer.connectionState === 'failed') {
        lost();
      }
    };
    peer.addEventListener('connectionstatechange', check, { signal: done.signal });
    peer.addEventListener('iceconnectionstatechange', check, { signal: done.signal });
    signal.addEventListener('abort', () => finish(signal.reason), { signal: done.signal });
    if (signal.aborted) {
      finish(signal.reason);
    } else {
      check();
    }
  });
}

/** Collects local candidates, and sends them in batches once there is a session to send them to. */
class CandidateQueue {
  readonly #peer: RTCPeerConnection;
  readonly #signal: AbortSignal;
  readonly #abort = new AbortController();
  #waiting: TrickledCandidate[] = [];
  #complete = false;
  #session: Session | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sending: Promise<void> = Promise.resolve();

  constructor(peer: RTCPeerConnection, signal: AbortSignal) {
    this.#peer = peer;
    this.#signal = signal;
    peer.addEventListener(
      'icecandidate',
      ({ candidate }) => {
        if (candidate === null || candidate.candidate === '') {
          this.#complete = true;
        } else {
          this.#waiting.push({ candidate: candidate.candidate, sdpMid: candidate.sdpMid });
        }
        this.#schedule();
      },
      { signal: AbortSignal.any([signal, this.#abort.signal]) },
    );
  }

  sendTo(session: Session): void {
    this.#session = session;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#session === undefined || this.#timer !== undefined || (this.#waiting.length === 0 && !this.#complete)) {
      return;
    }
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#sending = this.#sending.then(() => this.#send());
    }, trickleBatch);
  }

  async #send(): Promise<void> {
    const batch = this.#waiting;
    const complete = this.#complete;
    this.#waiting = [];
    const offer = this.#peer.localDescription?.sdp ?? '';
    try {
      const wanted = await this.#session?.trickle(iceFragment(offer, batch, complete), this.#signal);
      if (wanted !== true || complete) {
        this.#abort.abort();
      }
    } catch {
      // A lost candidate only matters if no other works, and then the connection times out with its own failure.
    }
  }
}
