export interface CaptureSettings {
  readonly source: 'camera' | 'screen';
  /** Empty for the system's choice. */
  readonly camera: string;
  /** Empty for the system's choice, `none` for silence. */
  readonly microphone: string;
  readonly height: number;
  readonly framesPerSecond: number;
  /** Echo and noise removal: right for speech, wrong for music. */
  readonly cleanVoice: boolean;
}

export interface Captured {
  readonly stream: MediaStream;
  readonly stop: () => void;
}

/** Browsers hand out cameras and screens on https and localhost only. */
export function canCapture(): boolean {
  // Typed as always there; on plain http it is not.
  return (navigator as Partial<Navigator>).mediaDevices !== undefined;
}

/** Phones have no screen to share with a page. */
export function canShareScreen(): boolean {
  return canCapture() && 'getDisplayMedia' in navigator.mediaDevices;
}

export async function capture(settings: CaptureSettings): Promise<Captured> {
  return settings.source === 'screen' ? captureScreen(settings) : captureCamera(settings);
}

function videoConstraints({ height, framesPerSecond, camera }: CaptureSettings): MediaTrackConstraints {
  return {
    width: { ideal: Math.round((height * 16) / 9) },
    height: { ideal: height },
    frameRate: { ideal: framesPerSecond },
    ...(camera === '' ? {} : { deviceId: { exact: camera } }),
  };
}

function audioConstraints({ microphone, cleanVoice }: CaptureSettings): MediaTrackConstraints | false {
  return (
    microphone !== 'none' && {
      echoCancellation: cleanVoice,
      noiseSuppression: cleanVoice,
      autoGainControl: cleanVoice,
      channelCount: { ideal: cleanVoice ? 1 : 2 },
      ...(microphone === '' ? {} : { deviceId: { exact: microphone } }),
    }
  );
}

async function captureCamera(settings: CaptureSettings): Promise<Captured> {
  const video = videoConstraints(settings);
  const audio = audioConstraints(settings);
  let stream: MediaStream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video, audio });
  } catch (error) {
    // A computer without a microphone, or without a camera, can still send the other.
    if (!(error instanceof DOMException) || error.name !== 'NotFoundError' || audio === false) {
      throw error;
    }
    stream = await navigator.mediaDevices.getUserMedia({ video }).catch(() => navigator.mediaDevices.getUserMedia({ audio }));
  }
  return { stream, stop: () => stopTracks(stream) };
}

async function captureScreen(settings: CaptureSettings): Promise<Captured> {
  const screen = await navigator.mediaDevices.getDisplayMedia({ video: { ...videoConstraints({ ...settings, camera: '' }) }, audio: true });
  const audio = audioConstraints(settings);
  const voice = audio === false ? undefined : await navigator.mediaDevices.getUserMedia({ audio }).catch(() => undefined);
  const [screenSound] = screen.getAudioTracks();
  const [voiceSound] = voice?.getAudioTracks() ?? [];
  if (screenSound === undefined || voiceSound === undefined) {
    const stream = new MediaStream([...screen.getVideoTracks(), ...[screenSound, voiceSound].filter((track) => track !== undefined)]);
    return { stream, stop: () => stopTracks(screen, voice) };
  }
  const context = new AudioContext();
  const mix = context.createMediaStreamDestination();
  context.createMediaStreamSource(new MediaStream([screenSound])).connect(mix);
  context.createMediaStreamSource(new MediaStream([voiceSound])).connect(mix);
  return {
    stream: new MediaStream([...screen.getVideoTracks(), ...mix.stream.getAudioTracks()]),
    stop: () => {
      stopTracks(screen, voice, mix.stream);
      void context.close();
    },
  };
}

function stopTracks(...streams: readonly (MediaStream | undefined)[]): void {
  for (const track of streams.flatMap((stream) => stream?.getTracks() ?? [])) {
    track.stop();
  }
}

/** Why there is no picture, and what to do about it. */
export function captureProblem(error: unknown): string {
  switch (error instanceof DOMException ? error.name : '') {
    case 'NotAllowedError':
      return 'The browser was told not to share this. Allow it beside the address, then try again.';
    case 'NotFoundError':
      return 'No camera or microphone was found. Plug one in, or share the screen.';
    case 'NotReadableError':
      return 'Another program is using the camera or microphone. Close it, then try again.';
    case 'OverconstrainedError':
      return 'The device chosen before is gone, or cannot do this. Choose another.';
    default:
      return error instanceof Error ? error.message : 'The source could not be opened.';
  }
}
