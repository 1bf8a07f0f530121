/** Pure functions from SDP text to SDP text. Lines end in CRLF (RFC 8866 §5); bare LF is accepted. */

function lines(sdp: string): string[] {
  return sdp.split(/\r?\n/).filter((line) => line !== '');
}

function text(all: readonly string[]): string {
  return all.map((line) => `${line}\r\n`).join('');
}

/** The part before the first m-line, and each media section. */
function sections(sdp: string): string[][] {
  const result: string[][] = [[]];
  for (const line of lines(sdp)) {
    if (line.startsWith('m=')) {
      result.push([]);
    }
    result[result.length - 1]?.push(line);
  }
  return result;
}

function attribute(section: readonly string[], name: string): string | undefined {
  const prefix = `a=${name}:`;
  return section.find((line) => line.startsWith(prefix))?.slice(prefix.length);
}

export interface IceCredentials {
  readonly usernameFragment: string;
  readonly password: string;
}

/** The first ICE credentials in an SDP or a fragment; with BUNDLE all sections share them. */
export function iceCredentials(sdp: string): IceCredentials | undefined {
  const all = lines(sdp);
  const usernameFragment = attribute(all, 'ice-ufrag');
  const password = attribute(all, 'ice-pwd');
  return usernameFragment === undefined || password === undefined ? undefined : { usernameFragment, password };
}

export interface TrickledCandidate {
  readonly candidate: string;
  readonly sdpMid: string | null;
}

/** The body of a trickle or ICE-restart PATCH (RFC 8840 §9, RFC 9725 §4.3): candidates under their media section. */
export function iceFragment(offer: string, candidates: readonly TrickledCandidate[], complete: boolean): string {
  const [session = [], ...media] = sections(offer);
  const credentials = iceCredentials(offer);
  const out: string[] = ['a=ice-options:trickle ice2'];
  const bundle = session.find((line) => line.startsWith('a=group:BUNDLE'));
  if (bundle !== undefined) {
    out.push(bundle);
  }
  const tagged = bundle?.split(' ')[1];
  const first = media.find((section) => attribute(section, 'mid') === tagged) ?? media[0];
  for (const section of media) {
    const mid = attribute(section, 'mid');
    const own = candidates.filter((candidate) => candidate.sdpMid === (mid ?? null) && candidate.candidate !== '');
    if (section !== first && own.length === 0) {
      continue;
    }
    out.push(section[0] ?? '');
    if (mid !== undefined) {
      out.push(`a=mid:${mid}`);
    }
    if (credentials !== undefined) {
      out.push(`a=ice-ufrag:${credentials.usernameFragment}`, `a=ice-pwd:${credentials.password}`);
    }
    out.push(...own.map((candidate) => `a=${candidate.candidate.replace(/^a=/, '')}`));
    if (complete) {
      out.push('a=end-of-candidates');
    }
  }
  return text(out);
}

/** The server's answer after an ICE restart: the earlier answer with the new credentials and candidates. */
export function withIceRestart(answer: string, fragment: string): string | undefined {
  const credentials = iceCredentials(fragment);
  if (credentials === undefined) {
    return undefined;
  }
  const fresh = [...new Set(lines(fragment).filter((line) => line.startsWith('a=candidate:')))];
  let placed = false;
  const out: string[] = [];
  for (const section of sections(answer)) {
    for (const line of section) {
      if (line.startsWith('a=ice-ufrag:')) {
        out.push(`a=ice-ufrag:${credentials.usernameFragment}`);
      } else if (line.startsWith('a=ice-pwd:')) {
        out.push(`a=ice-pwd:${credentials.password}`);
      } else if (!line.startsWith('a=candidate:') && line !== 'a=end-of-candidates') {
        out.push(line);
      }
    }
    if (!placed && section[0]?.startsWith('m=') === true && !section[0].startsWith('m=application 0')) {
      out.push(...fresh);
      placed = true;
    }
  }
  return text(out);
}

/** Payload types of a codec within one media section. */
function payloadTypes(section: readonly string[], codec: RegExp): string[] {
  return section.flatMap((line) => {
    const match = /^a=rtpmap:(\d+) ([^/]+)\//.exec(line);
    return match?.[1] !== undefined && codec.test(match[2] ?? '') ? [match[1]] : [];
  });
}

/** Adds or replaces format parameters of a codec in every section of one kind. */
export function withFormatParameters(sdp: string, kind: 'audio' | 'video', codec: RegExp, parameters: Readonly<Record<string, string>>): string {
  return text(
    sections(sdp).flatMap((section) => {
      if (section[0]?.startsWith(`m=${kind} `) !== true) {
        return section;
      }
      let result = section;
      for (const payloadType of payloadTypes(section, codec)) {
        result = withParameters(result, payloadType, parameters);
      }
      return result;
    }),
  );
}

function withParameters(section: readonly string[], payloadType: string, parameters: Readonly<Record<string, string>>): string[] {
  const prefix = `a=fmtp:${payloadType} `;
  const existing = section.find((line) => line.startsWith(prefix));
  const values = new Map<string, string | undefined>();
  for (const part of existing?.slice(prefix.length).split(';') ?? []) {
    const [name = '', value] = part.trim().split('=', 2);
    if (name !== '') {
      values.set(name, value);
    }
  }
  for (const [name, value] of Object.entries(parameters)) {
    values.set(name, value);
  }
  const line = prefix + [...values].map(([name, value]) => (value === undefined ? name : `${name}=${value}`)).join(';');
  if (existing !== undefined) {
    return section.map((candidate) => (candidate === existing ? line : candidate));
  }
  const map = section.findIndex((candidate) => candidate.startsWith(`a=rtpmap:${payloadType} `));
  return [...section.slice(0, map + 1), line, ...section.slice(map + 1)];
}

/** Opus in stereo: browsers send and play one channel unless the description they read asks for two (RFC 7587 §6.1). */
export function withStereoOpus(sdp: string, bitrate?: number): string {
  return withFormatParameters(sdp, 'audio', /^opus$/i, {
    stereo: '1',
    'sprop-stereo': '1',
    ...(bitrate === undefined ? {} : { maxaveragebitrate: String(Math.round(bitrate)) }),
  });
}

/** Chromium starts at 300 kbit/s and climbs for ten seconds; this lets it begin near the wanted rate. Others ignore it. */
export function withStartBitrate(sdp: string, bitrate: number): string {
  return withFormatParameters(sdp, 'video', /^(?!rtx$|red$|ulpfec$|flexfec)/i, {
    'x-google-start-bitrate': String(Math.max(100, Math.round(bitrate / 1000))),
  });
}

/** Turns the order of the simulcast layers around: in an offer it is the order of preference (RFC 8853 §5.2). */
export function withSimulcastReversed(sdp: string): string {
  return text(
    lines(sdp).map((line) => {
      const match = /^(a=simulcast:send )([^ ]+)$/.exec(line);
      return match === null ? line : (match[1] ?? '') + (match[2] ?? '').split(';').reverse().join(';');
    }),
  );
}
