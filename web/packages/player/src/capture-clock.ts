/** From the NTP epoch (1900) to the Unix epoch, in milliseconds. */
const ntpEpoch = 2_208_988_800_000;

/**
 * Reads how old the picture on the screen is: from the frame's own capture time, which the browser carries over to its
 * clock by the sender's reports, or else from the packets' capture time, which is right if both clocks are set right.
 */
export class CaptureClock {
  readonly #peer: RTCPeerConnection;
  #frameDelay: number | undefined;

  constructor(peer: RTCPeerConnection, video: HTMLVideoElement | undefined, signal: AbortSignal) {
    this.#peer = peer;
    if (video !== undefined && 'requestVideoFrameCallback' in video) {
      const onFrame = (_now: number, frame: VideoFrameCallbackMetadata): void => {
        if (signal.aborted) {
          return;
        }
        const { captureTime } = frame;
        this.#frameDelay = captureTime === undefined ? undefined : frame.expectedDisplayTime - captureTime;
        video.requestVideoFrameCallback(onFrame);
      };
      video.requestVideoFrameCallback(onFrame);
    }
  }

  /** Milliseconds from capture to display; undefined while unknown. */
  delay(): number | undefined {
    if (this.#frameDelay !== undefined) {
      return this.#frameDelay;
    }
    const receiver = this.#peer.getReceivers().find(({ track }) => track.kind === 'video');
    const source = receiver?.getSynchronizationSources()[0] as (RTCRtpSynchronizationSource & { captureTimestamp?: number }) | undefined;
    const captured = source?.captureTimestamp;
    return captured === undefined ? undefined : performance.timeOrigin + performance.now() + ntpEpoch - captured;
  }
}
