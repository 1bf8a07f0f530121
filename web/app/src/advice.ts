import type { Health } from '@sluice/publisher';
import { formatBitrate } from './format.ts';

export interface Advice {
  readonly level: 'good' | 'note' | 'bad';
  readonly text: string;
}

export interface Goal {
  /** Bits per second, all layers together. */
  readonly bitrate: number;
  readonly framesPerSecond: number;
  /** Milliseconds since the broadcast went live. Encoders and estimators need a while to settle. */
  readonly age: number;
}

const settled = 8_000;

/** What a broadcaster should know and can do, worst first. Never empty. */
export function advise(health: Health, goal: Goal): Advice[] {
  const advice: Advice[] = [];
  const loss = health.lossFraction ?? 0;
  const calm = goal.age >= settled;

  if (calm && health.bitrate === 0) {
    advice.push({ level: 'bad', text: 'No picture leaves this computer. Check that the camera is not covered, switched off or used by another program.' });
  }
  if (loss >= 0.05) {
    advice.push({ level: 'bad', text: `${Math.round(loss * 100)} % of the packets are lost on the way. A cable instead of Wi-Fi helps most; a lower bitrate helps too.` });
  } else if (loss >= 0.01) {
    advice.push({ level: 'note', text: `${(loss * 100).toFixed(1)} % of the packets are lost on the way. They are sent again, which costs a little delay.` });
  }
  if (calm && health.qualityLimitation === 'cpu') {
    advice.push({ level: 'bad', text: 'This computer cannot encode as fast as asked. Lower the resolution or the frame rate, or close other programs.' });
  }
  if (calm && health.qualityLimitation === 'bandwidth') {
    advice.push(bandwidthAdvice(health, goal));
  }
  const frames = health.framesPerSecond;
  if (calm && frames !== undefined && frames < goal.framesPerSecond * 0.75 && health.qualityLimitation !== 'cpu' && health.bitrate !== 0) {
    advice.push({ level: 'note', text: `The source gives ${Math.round(frames)} of ${goal.framesPerSecond} frames a second. Cameras slow down when there is little light.` });
  }
  if ((health.roundTripTime ?? 0) > 250) {
    advice.push({ level: 'note', text: `The server is ${Math.round(health.roundTripTime ?? 0)} ms away. Viewers see the stream later, and lost packets are repaired late.` });
  }
  if (advice.length === 0) {
    advice.push({ level: 'good', text: calm ? 'All is well.' : 'Settling in.' });
  }
  const order = { bad: 0, note: 1, good: 2 } as const;
  return advice.sort((a, b) => order[a.level] - order[b.level]);
}

function bandwidthAdvice(health: Health, goal: Goal): Advice {
  const available = health.availableBitrate;
  if (available === undefined || available >= goal.bitrate) {
    return { level: 'note', text: 'The picture is smaller than asked while the browser finds out what the network carries. It usually grows within a minute.' };
  }
  // A fifth is left for sound, repair and the next dip.
  const wise = Math.max(250_000, Math.floor((available * 0.8) / 250_000) * 250_000);
  const text = `The upload carries about ${formatBitrate(available)}, and ${formatBitrate(goal.bitrate)} was asked for. A bitrate of ${formatBitrate(wise)} will look steadier.`;
  return { level: available < goal.bitrate / 2 ? 'bad' : 'note', text };
}
