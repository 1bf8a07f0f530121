import { describe, expect, it } from 'vitest';
import { isAborted, pause } from './abort.ts';
import { backoffDelay, defaultBackoff } from './backoff.ts';
import { Failure, failureOf, failureOfResponse, kindOfStatus } from './failure.ts';
import { MeanMeter, RateMeter } from './rate.ts';

describe('backoff', () => {
  it('grows to its ceiling and no further', () => {
    const delays = Array.from({ length: 12 }, (_, attempt) => backoffDelay(attempt, 1));
    expect(delays[0]).toBe(defaultBackoff.first);
    expect(delays.every((delay, index) => index === 0 || delay >= (delays[index - 1] ?? 0))).toBe(true);
    expect(delays.at(-1)).toBe(defaultBackoff.ceiling);
  });

  it('spreads over the upper half', () => {
    expect(backoffDelay(3, 0) * 2).toBeCloseTo(backoffDelay(3, 1), -1);
  });

  it('survives absurd attempts', () => {
    expect(backoffDelay(-5, 1)).toBe(defaultBackoff.first);
    expect(backoffDelay(100_000, 1)).toBe(defaultBackoff.ceiling);
  });
});

describe('failures', () => {
  it.each([[401, 'unauthorized'], [403, 'unauthorized'], [404, 'not-found'], [406, 'unsupported'], [409, 'conflict'], [410, 'replaced'], [422, 'unsupported'], [429, 'network'], [500, 'network'], [503, 'network'], [400, 'rejected']] as const)('%i is %s', (status, kind) => {
    expect(kindOfStatus(status)).toBe(kind);
  });

  it('tells the server’s own sentence', async () => {
    const response = new Response(JSON.stringify({ title: 'No', detail: 'The key was rotated.' }), { status: 401, headers: { 'Content-Type': 'application/problem+json' } });
    const failure = await failureOfResponse(response);
    expect(failure).toMatchObject({ kind: 'unauthorized', detail: 'The key was rotated.', status: 401, fatal: true });
  });

  it('makes do without one', async () => {
    const broken = new Response('{', { status: 503, headers: { 'Content-Type': 'application/json', 'Retry-After': '7' } });
    const failure = await failureOfResponse(broken);
    expect(failure).toMatchObject({ kind: 'network', fatal: false, retryAfter: 7000 });
    expect(failure.detail).not.toBe('');
  });

  it('takes an unreachable server for a matter of time', () => {
    expect(failureOf(new TypeError('Failed to fetch'))).toMatchObject({ kind: 'network', fatal: false });
    expect(failureOf(new DOMException('', 'TimeoutError'))).toMatchObject({ kind: 'timeout', fatal: false });
  });

  it('keeps a failure as it is', () => {
    const failure = new Failure('replaced', 'x');
    expect(failureOf(failure)).toBe(failure);
  });
});

describe('meters', () => {
  it('gives a rate per second from the second sample on', () => {
    const meter = new RateMeter();
    expect(meter.sample(1000, 0)).toBeUndefined();
    expect(meter.sample(3000, 500)).toBe(4000);
  });

  it('starts afresh when the counter shrinks', () => {
    const meter = new RateMeter();
    meter.sample(5000, 0);
    expect(meter.sample(100, 1000)).toBeUndefined();
    expect(meter.sample(300, 2000)).toBe(200);
  });

  it('ignores a gap and a standing clock', () => {
    const meter = new RateMeter();
    meter.sample(0, 0);
    expect(meter.sample(undefined, 1000)).toBeUndefined();
    expect(meter.sample(4000, 2000)).toBe(2000);
    expect(meter.sample(5000, 2000)).toBeUndefined();
  });

  it('averages only what was added', () => {
    const meter = new MeanMeter();
    expect(meter.sample(10, 100)).toBeUndefined();
    expect(meter.sample(12, 150)).toBeCloseTo(0.04);
    expect(meter.sample(12, 150)).toBeUndefined();
  });
});

describe('pause', () => {
  it('ends at once, with its reason, when its signal has fired already', async () => {
    const abort = new AbortController();
    abort.abort(new Error('enough'));
    expect(isAborted(abort.signal)).toBe(true);
    await expect(pause(1_000_000, abort.signal)).rejects.toThrow('enough');
  });

  it('ends when its signal fires while it waits', async () => {
    const abort = new AbortController();
    const waiting = pause(1_000_000, abort.signal);
    abort.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });
});
