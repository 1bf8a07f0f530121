interface HeaderExtension {
  uri: string;
  direction: string;
}

/** Asks for the capture clock in the packets (abs-capture-time), where the browser lets a page choose. */
export function negotiateCaptureTime(transceiver: RTCRtpTransceiver): void {
  const negotiable = transceiver as RTCRtpTransceiver & {
    getHeaderExtensionsToNegotiate?: () => HeaderExtension[];
    setHeaderExtensionsToNegotiate?: (extensions: HeaderExtension[]) => void;
  };
  const extensions = negotiable.getHeaderExtensionsToNegotiate?.();
  const capture = extensions?.find((extension) => extension.uri.endsWith('/abs-capture-time'));
  if (extensions !== undefined && capture !== undefined) {
    capture.direction = 'sendrecv';
    negotiable.setHeaderExtensionsToNegotiate?.(extensions);
  }
}
