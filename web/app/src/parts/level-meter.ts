import { h } from '../dom.ts';

/** Shows how loud the microphone is. */
export function levelMeter(signal: AbortSignal): { element: HTMLElement; listen: (stream: MediaStream | undefined) => void } {
  const bar = h('span', { class: 'level-bar' });
  const element = h('div', { class: 'level', role: 'meter', 'aria-label': 'Microphone level', 'aria-valuemin': 0, 'aria-valuemax': 100, 'aria-valuenow': 0, testid: 'level' }, bar);
  let context: AudioContext | undefined;
  let frame = 0;

  const stop = (): void => {
    cancelAnimationFrame(frame);
    void context?.close();
    context = undefined;
    bar.style.setProperty('--level', '0');
  };
  signal.addEventListener('abort', stop);

  return {
    element,
    listen: (stream) => {
      stop();
      const tracks = stream?.getAudioTracks() ?? [];
      element.dataset['silent'] = String(tracks.length === 0);
      if (tracks.length === 0) {
        return;
      }
      context = new AudioContext();
      const analyser = context.createAnalyser();
      analyser.fftSize = 1024;
      context.createMediaStreamSource(new MediaStream(tracks)).connect(analyser);
      const samples = new Float32Array(analyser.fftSize);
      let shown = 0;
      const draw = (): void => {
        analyser.getFloatTimeDomainData(samples);
        const level = levelOf(samples);
        // Up at once, down slowly, as needles do.
        shown = Math.max(level, shown * 0.92);
        bar.style.setProperty('--level', shown.toFixed(3));
        element.setAttribute('aria-valuenow', String(Math.round(shown * 100)));
        frame = requestAnimationFrame(draw);
      };
      draw();
    },
  };
}

/** 0 to 1 over the 60 dB below full scale. */
export function levelOf(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) {
    sum += sample * sample;
  }
  const decibels = 10 * Math.log10(sum / Math.max(1, samples.length) + 1e-12);
  return Math.min(1, Math.max(0, 1 + decibels / 60));
}
