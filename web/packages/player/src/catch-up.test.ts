import { describe, expect, it } from 'vitest';
import { CatchUp } from './catch-up.ts';

const minute = 60_000;

/** Plays for some seconds from a time on, a step each quarter; the buffer is all there is, less what is on its way. */
function play(catchUp: CatchUp, behind: number, seconds: number, { target = 0.8, onItsWay = 0.2, from = 0 } = {}): { behind: number; rates: number[]; least: number } {
  const rates = [];
  let least = Infinity;
  for (let at = 0; at < seconds; at += 0.25) {
    const rate = catchUp.rate({ behind, target, ahead: behind - onItsWay }, from + at * 1000);
    least = Math.min(least, behind - onItsWay);
    rates.push(rate);
    behind -= (rate - 1) * 0.25;
  }
  return { behind, rates, least };
}

describe('catching up', () => {
  it.each([0.95, 1.2, 2, 4])('brings a viewer %d s behind to the target, and leaves him there', (behind) => {
    const catchUp = new CatchUp(0);
    const first = play(catchUp, behind, 60);
    expect(first.behind).toBeGreaterThan(0.79);
    expect(first.behind).toBeLessThan(0.82);
    expect(first.rates.at(-1)).toBe(1);
    expect(new Set(play(catchUp, first.behind, 10).rates)).toEqual(new Set([1]));
  });

  it('plays faster by a tenth at most, and by less near the target', () => {
    const { rates } = play(new CatchUp(0), 2.5, 60);
    expect([rates[0], Math.max(...rates)]).toEqual([1.1, 1.1]);
    expect(rates.indexOf(1.05)).toBeGreaterThan(0);
    expect(rates.slice(rates.indexOf(1.05))).not.toContain(1.1);
  });

  it.each([[0.8, 0.6], [0.85, 0.6], [0.3, 0.2], [1.5, 0.4], [1.5, 0], [5, 3], [600, 3], [Number.NaN, 3]])('leaves a viewer alone who is %d s behind with %d s buffered', (behind, ahead) => {
    expect(new CatchUp(0).rate({ behind, target: 0.8, ahead }, 1000)).toBe(1);
  });

  it('does not eat the buffer up', () => {
    const { least, rates } = play(new CatchUp(0), 1.5, 120, { onItsWay: 0.9 });
    expect(rates).toContain(1.05);
    expect(least).toBeGreaterThan(0.2);
  });

  it('does not begin and end all the time where the distance trembles', () => {
    const catchUp = new CatchUp(0);
    const rates = [0.02, 0.05, -0.03, 0.04, -0.1, 0.05].map((lateness) => catchUp.rate({ behind: 0.8 + lateness, target: 0.8, ahead: 0.6 }, 1000));
    expect(new Set(rates)).toEqual(new Set([1]));
  });

  it('keeps a distance after a stall, and comes near again when there are none', () => {
    const catchUp = new CatchUp(0);
    catchUp.stalled(10_000);
    expect(catchUp.cushion).toBeCloseTo(0.3);
    const near = play(catchUp, 1.6, 25, { from: 10_000 });
    expect(near.behind).toBeCloseTo(1.1, 1);
    const after = play(catchUp, near.behind, 150, { from: 35_000 });
    expect(after.behind).toBeCloseTo(0.8, 1);
    expect(catchUp.cushion).toBe(0);
  });

  it('comes near more slowly with each stall, and goes away only so far', () => {
    const catchUp = new CatchUp(0);
    for (let stall = 1; stall <= 20; stall += 1) {
      catchUp.stalled(stall * 10_000);
    }
    expect(catchUp.cushion).toBeCloseTo(1.5);
    play(catchUp, 2.3, 9 * 60, { from: 200_000 });
    expect(catchUp.cushion).toBeCloseTo(1.5);
    play(catchUp, 2.3, 2 * 60, { from: 200_000 + 9 * minute });
    expect(catchUp.cushion).toBeCloseTo(1.4);
  });

  it('takes nothing from a stall at the beginning, and one trouble for one', () => {
    const catchUp = new CatchUp(50_000);
    catchUp.stalled(51_000);
    expect(catchUp.cushion).toBe(0);
    for (const at of [60_000, 60_500, 62_000]) {
      catchUp.stalled(at);
    }
    expect(catchUp.cushion).toBeCloseTo(0.3);
  });
});
