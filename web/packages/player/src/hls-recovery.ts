import { Failure, kindOfStatus } from '@sluice/signalling';

/** What hls.js says of a fault. */
export interface Fault {
  readonly fatal: boolean;
  readonly type: string;
  readonly details: string;
  /** Of the HTTP answer, where one was the cause. */
  readonly status: number | undefined;
}

/** `reload` and `recover` ask hls.js to load, or to decode, anew; `swap` also to take the sound for the other kind of AAC. */
export type Remedy = 'none' | 'reload' | 'recover' | 'swap';

const undecodable = new Set(['manifestIncompatibleCodecsError', 'bufferAddCodecError', 'bufferIncompatibleCodecsError', 'fragParsingUnsupportedError']);
/** Two faults further apart than this have nothing to do with each other. */
const related = 10_000;
const reloads = 3;

/** Decides what to do about faults of hls.js: it goes on by itself where it can. Knows no clock. */
export class HlsRecovery {
  #mediaFaults: number[] = [];
  #networkFaults: number[] = [];

  decide(fault: Fault, now: number): Remedy | Failure {
    if (!fault.fatal) {
      return 'none';
    }
    if (undecodable.has(fault.details)) {
      return new Failure('unsupported', 'This browser does not decode the stream.');
    }
    switch (fault.type) {
      case 'networkError':
        return this.#network(fault.status, now);
      case 'mediaError': {
        this.#mediaFaults = [...this.#mediaFaults.filter((at) => now - at < related), now];
        const remedy = (['recover', 'swap'] as const)[this.#mediaFaults.length - 1];
        return remedy ?? new Failure('connection-lost', 'The stream could not be decoded.');
      }
      default:
        return new Failure('connection-lost', 'The player had to start anew.');
    }
  }

  #network(status: number | undefined, now: number): Remedy | Failure {
    if (status === 404 || status === 410) {
      return new Failure('off-air', 'The stream is over.');
    }
    if (status !== undefined && status >= 400 && kindOfStatus(status) !== 'network') {
      // Leave to watch may have run out, and may be had again. The next start finds out.
      return new Failure('connection-lost', `The server answered ${status}.`, { status });
    }
    this.#networkFaults = [...this.#networkFaults.filter((at) => now - at < related), now];
    return this.#networkFaults.length <= reloads ? 'reload' : new Failure('network', 'The server cannot be reached.');
  }
}
