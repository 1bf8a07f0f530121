// DTLS by OpenSSL over a peer's datagrams (RFC 5764): certificate, handshake, SRTP keys.
#ifndef WLOAD_DTLS_H
#define WLOAD_DTLS_H

#include "peer.h"

// "AB:CD:..." of the one certificate all peers share.
extern char dtls_fingerprint[128];

// Makes the certificate and offers the SRTP profiles of --srtp; once, before the first peer.
void dtls_init(void);

void dtls_start(struct peer *p);
void dtls_receive(struct peer *p, const u8 *data, int length);
void dtls_tick(struct peer *p);

#endif
