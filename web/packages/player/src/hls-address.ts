/** The address with the watch token of a private channel, in the query, where every player can send it. What the playlist names carries its own leave. */
export function withToken(address: string, token: string | undefined, base: string): string {
  const url = new URL(address, base);
  // The token is for its own server, and for nobody a playlist may refer to.
  if (token !== undefined && token !== '' && url.origin === new URL(base).origin && !url.searchParams.has('token')) {
    url.searchParams.set('token', token);
  }
  return url.href;
}
