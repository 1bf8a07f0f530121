import { describe, expect, it } from 'vitest';
import { iceServersFrom, linkTo, parseLinks } from './link.ts';

describe('Link header', () => {
  it('reads several links with quoted commas and semicolons', () => {
    const links = parseLinks('</layer/1>; rel="urn:layer", </sse/1>; rel="urn:sse"; events="active,inactive;layers"');
    expect(links.map((link) => link.target)).toEqual(['/layer/1', '/sse/1']);
    expect(linkTo(links, 'urn:sse')?.parameters.get('events')).toBe('active,inactive;layers');
  });

  it('reads unquoted and valueless parameters, and undoes escapes', () => {
    const [link] = parseLinks('<x>;rel=ice-server;flag;title="say \\"hi\\""');
    expect(link?.parameters.get('rel')).toBe('ice-server');
    expect(link?.parameters.get('flag')).toBe('');
    expect(link?.parameters.get('title')).toBe('say "hi"');
  });

  it('finds one relation among several', () => {
    expect(linkTo(parseLinks('<a>; rel="one two"'), 'two')?.target).toBe('a');
    expect(linkTo(parseLinks('<a>; rel="one two"'), 'tw')).toBeUndefined();
  });

  it.each([null, '', 'nonsense', '<unclosed', ', , ,', '>;rel=x<'])('finds nothing in %j', (header) => {
    expect(parseLinks(header)).toEqual([]);
  });
});

describe('ICE servers', () => {
  it('takes credentials where given', () => {
    const links = parseLinks('<stun:s.example>; rel="ice-server", <turn:t.example?transport=udp>; rel="ice-server"; username="u"; credential="c"');
    expect(iceServersFrom(links)).toEqual([{ urls: 'stun:s.example' }, { urls: 'turn:t.example?transport=udp', username: 'u', credential: 'c' }]);
  });

  it('takes no other scheme and no other relation', () => {
    expect(iceServersFrom(parseLinks('<https://evil.example>; rel="ice-server", <stun:s.example>; rel="next"'))).toEqual([]);
  });
});
