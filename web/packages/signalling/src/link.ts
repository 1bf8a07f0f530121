export interface Link {
  readonly target: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** Reads a Link header (RFC 8288 §3). What cannot be read is left out. */
export function parseLinks(header: string | null): Link[] {
  const links: Link[] = [];
  const text = header ?? '';
  let at = 0;
  while (at < text.length) {
    const open = text.indexOf('<', at);
    const close = open < 0 ? -1 : text.indexOf('>', open);
    if (close < 0) {
      break;
    }
    const parameters = new Map<string, string>();
    const target = text.slice(open + 1, close);
    at = close + 1;
    for (;;) {
      const match = /^\s*;\s*([\w!#$&+\-.^`|~*]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?/.exec(text.slice(at));
      if (match === null) {
        break;
      }
      const name = (match[1] ?? '').toLowerCase();
      if (!parameters.has(name)) {
        parameters.set(name, match[2]?.replace(/\\(.)/g, '$1') ?? match[3] ?? '');
      }
      at += match[0].length;
    }
    links.push({ target, parameters });
    const comma = text.indexOf(',', at);
    if (comma < 0) {
      break;
    }
    at = comma + 1;
  }
  return links;
}

export function linkTo(links: readonly Link[], relation: string): Link | undefined {
  return links.find((link) => (link.parameters.get('rel') ?? '').split(/\s+/).includes(relation));
}

/** The STUN and TURN servers a WHIP or WHEP server offers (RFC 9725 §4.6). */
export function iceServersFrom(links: readonly Link[]): RTCIceServer[] {
  const servers: RTCIceServer[] = [];
  for (const { target, parameters } of links) {
    if (parameters.get('rel') !== 'ice-server' || !/^(stun|turn)s?:/i.test(target)) {
      continue;
    }
    const username = parameters.get('username');
    const credential = parameters.get('credential');
    servers.push({ urls: target, ...(username === undefined ? {} : { username }), ...(credential === undefined ? {} : { credential }) });
  }
  return servers;
}
