/** By what a stream comes: WebRTC (WHEP), a fraction of a second behind, or HLS, one to two seconds behind, but through any firewall. */
export type Protocol = 'webrtc' | 'hls';

/** `auto` takes WebRTC where it works, and HLS where not. */
export type ProtocolWish = Protocol | 'auto';
