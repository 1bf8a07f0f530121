import { Failure } from '@sluice/signalling';
import { describe, expect, it } from 'vitest';
import { withToken } from './hls-address.ts';
import { codecName } from './hls-engine.ts';
import { HlsRecovery } from './hls-recovery.ts';
import type { Fault } from './hls-recovery.ts';
import { PathMemory } from './path-memory.ts';
import { ProtocolChoice } from './protocol-choice.ts';
import { FakeStorage } from './testing/hls.ts';
import { secondsBack } from './timeline.ts';

const minute = 60_000;
const name = 'sluice.blocked:https://a';

describe('the memory of a blocked path', () => {
  it.each(['', '{', 'null', '7', '[]', '{"until":"soon","times":1}', '{"until":99999999999999999,"times":1}', '{"until":5000,"times":0}', '{"until":5000}'])('believes nothing of %j', (text) => {
    const storage = new FakeStorage();
    storage.setItem(name, text);
    expect(new PathMemory('https://a', storage).isBlocked(1000)).toBe(false);
  });

  it('does not last because a clock was set back', () => {
    const storage = new FakeStorage();
    const memory = new PathMemory('https://a', storage);
    memory.block(1_000_000 * minute);
    expect(memory.isBlocked(1_000_000 * minute)).toBe(true);
    expect(memory.isBlocked(500_000 * minute)).toBe(false);
  });

  it('bears a storage that is forbidden, full or missing', () => {
    const no = (): never => {
      throw new DOMException('no', 'SecurityError');
    };
    for (const memory of [new PathMemory('https://a', { getItem: no, setItem: no, removeItem: no }), new PathMemory('https://a', undefined)]) {
      memory.block(0);
      memory.clear();
      expect(memory.isBlocked(1)).toBe(false);
    }
  });

  it('lasts twice as long each time it is found true again, and a day at most', () => {
    const memory = new PathMemory('https://a', new FakeStorage());
    const lasts = [];
    let now = 0;
    for (let each = 0; each < 12; each += 1) {
      memory.block(now);
      let minutes = 0;
      while (memory.isBlocked(now + minutes * minute)) {
        minutes += 1;
      }
      lasts.push(minutes);
      now += minutes * minute;
    }
    expect(lasts.slice(0, 4)).toEqual([10, 20, 40, 80]);
    expect(lasts.at(-1)).toBe(24 * 60);
  });

  it('begins anew after WebRTC got through', () => {
    const memory = new PathMemory('https://a', new FakeStorage());
    memory.block(0);
    memory.block(0);
    memory.clear();
    expect(memory.isBlocked(1)).toBe(false);
    memory.block(0);
    expect(memory.isBlocked(11 * minute)).toBe(false);
  });

  it('holds for one server alone', () => {
    const storage = new FakeStorage();
    new PathMemory('https://a', storage).block(0);
    expect(new PathMemory('https://b', storage).isBlocked(1)).toBe(false);
  });
});

describe('the choice of the protocol', () => {
  const both = { webrtc: true, hls: true };
  const choice = (offered = both): ProtocolChoice => new ProtocolChoice(offered, new PathMemory('https://a', new FakeStorage()));
  const unsupported = new Failure('unsupported', 'no decoder');
  const noPath = new Failure('no-path', 'firewall');

  it('never takes what is not offered, whatever is wished', () => {
    const webrtc = choice({ webrtc: true, hls: false });
    webrtc.wish = 'hls';
    webrtc.rewound = true;
    expect(webrtc.next(0)).toBe('webrtc');
    expect(webrtc.ended('webrtc', noPath, undefined, 0)).toEqual({ next: 'fail', failure: noPath });
    const hls = choice({ webrtc: false, hls: true });
    hls.wish = 'webrtc';
    expect(hls.next(0)).toBe('hls');
    expect(hls.ended('hls', unsupported, undefined, 0)).toEqual({ next: 'fail', failure: unsupported });
  });

  it('goes back to WebRTC when only an old memory led to an HLS that does not play', () => {
    const memory = new PathMemory('https://a', new FakeStorage());
    memory.block(0);
    const remembered = new ProtocolChoice(both, memory);
    expect(remembered.next(1)).toBe('hls');
    expect(remembered.ended('hls', unsupported, undefined, 1)).toEqual({ next: 'go-on' });
    expect(remembered.next(2)).toBe('webrtc');
    expect(remembered.hasAlternative(2)).toBe(false);
  });

  it('never goes round in a circle without a pause', () => {
    for (const first of [unsupported, noPath, new Failure('stalled', 'x'), new Failure('connection-lost', 'x')]) {
      for (const second of [unsupported, new Failure('off-air', 'x'), new Failure('network', 'x'), new Failure('stalled', 'x'), new Failure('rejected', 'x')]) {
        for (const rewound of [false, true]) {
          const one = choice();
          one.rewound = rewound;
          let hasty = 0;
          for (let each = 0; each < 60; each += 1) {
            const protocol = one.next(0);
            const { next } = one.ended(protocol, protocol === 'webrtc' ? first : second, undefined, 0);
            hasty = next === 'go-on' ? hasty + 1 : 0;
            expect(hasty, `${first.kind}, then ${second.kind}`).toBeLessThan(4);
          }
        }
      }
    }
  });

  it('does not hold a long connection’s end against WebRTC', () => {
    const one = choice();
    for (let each = 0; each < 9; each += 1) {
      expect(one.ended('webrtc', new Failure('connection-lost', 'x'), 60_000, 0).next).toBe('fail');
      expect(one.next(0)).toBe('webrtc');
    }
  });
});

describe('faults of hls.js', () => {
  const fault = (type: string, more: Partial<Fault> = {}): Fault => ({ fatal: true, type, details: 'x', status: undefined, ...more });

  it('are left to it where it says that it goes on', () => {
    const recovery = new HlsRecovery();
    for (let each = 0; each < 100; each += 1) {
      expect(recovery.decide(fault('mediaError', { fatal: false, details: 'bufferStalledError' }), each)).toBe('none');
    }
  });

  it.each(['manifestIncompatibleCodecsError', 'bufferAddCodecError', 'bufferIncompatibleCodecsError'])('end it when the browser cannot decode: %s', (details) => {
    expect(new HlsRecovery().decide(fault('mediaError', { details }), 0)).toMatchObject({ kind: 'unsupported' });
  });

  it('in decoding are met by a new decoder, then by the other AAC, then by a new start', () => {
    const recovery = new HlsRecovery();
    expect([0, 100, 200].map((at) => recovery.decide(fault('mediaError'), at))).toMatchObject(['recover', 'swap', { kind: 'connection-lost' }]);
  });

  it('in decoding that lie far apart have nothing to do with each other', () => {
    const recovery = new HlsRecovery();
    expect([0, 20_000, 40_000].map((at) => recovery.decide(fault('mediaError'), at))).toEqual(['recover', 'recover', 'recover']);
  });

  it('of the network are met by loading again, thrice', () => {
    const recovery = new HlsRecovery();
    expect([0, 1, 2, 3].map((at) => recovery.decide(fault('networkError'), at))).toMatchObject(['reload', 'reload', 'reload', { kind: 'network', fatal: false }]);
  });

  it.each([[404, 'off-air'], [410, 'off-air'], [401, 'connection-lost'], [403, 'connection-lost'], [400, 'connection-lost']] as const)('by HTTP %i mean %s, and are not the last word', (status, kind) => {
    expect(new HlsRecovery().decide(fault('networkError', { status }), 0)).toMatchObject({ kind, fatal: false });
  });

  it.each([429, 500, 503])('by HTTP %i pass', (status) => {
    expect(new HlsRecovery().decide(fault('networkError', { status }), 0)).toBe('reload');
  });

  it('of any other kind are met by a new start', () => {
    expect(new HlsRecovery().decide(fault('otherError'), 0)).toMatchObject({ kind: 'connection-lost', fatal: false });
  });
});

describe('the token', () => {
  const base = 'https://live.example/hls/a/index.m3u8';

  it('goes to its own server alone', () => {
    expect(withToken('https://cdn.example/part.m4s', 'secret', base)).toBe('https://cdn.example/part.m4s');
    expect(withToken('http://live.example/part.m4s', 'secret', base)).toBe('http://live.example/part.m4s');
    expect(withToken('part.m4s?_HLS_msn=4', 'a b&c', base)).toBe('https://live.example/hls/a/part.m4s?_HLS_msn=4&token=a+b%26c');
  });

  it('is not given twice, and not where there is none', () => {
    expect(withToken(`${base}?token=own`, 'secret', base)).toBe(`${base}?token=own`);
    expect(withToken(base, undefined, base)).toBe(base);
    expect(withToken(base, '', base)).toBe(base);
  });
});

describe('the time line', () => {
  const live = { live: true, length: 600, position: 0, atEdge: false };

  it('takes its end for live, and what lies outside for its ends', () => {
    expect([-5, 0, 300, 595, 597, 600, 9_999].map((position) => secondsBack(live, position))).toEqual([600, 600, 300, 5, undefined, undefined, undefined]);
  });

  it('of a recording has no live', () => {
    expect(secondsBack({ ...live, live: false }, 600)).toBe(0);
  });
});

describe('codec names', () => {
  it.each([['avc1.64001f', 'H264'], ['hvc1.1.6.L93.B0', 'H265'], ['av01.0.04M.08', 'AV1'], ['mp4a.40.2', 'AAC'], ['Opus', 'opus'], ['ec-3', 'ec-3'], ['', undefined], [undefined, undefined]])('%s is %s', (codec, known) => {
    expect(codecName(codec)).toBe(known);
  });
});
