// The sending half of SRTP and SRTCP (RFC 3711, RFC 7714): what a publisher's media and a viewer's reports need.
#ifndef WLOAD_SRTP_H
#define WLOAD_SRTP_H

#include <openssl/evp.h>

#include "base.h"

struct srtp_key {
    int gcm;
    u8 auth[20], salt[14];
    EVP_CIPHER_CTX *cipher;
};

struct srtp_sender {
    struct srtp_key rtp, rtcp;
    u32 rtcp_index;
};

// Derives the session keys (RFC 3711 §4.3) from a master key of 16 bytes and a salt of 12 (GCM) or 14 bytes.
void srtp_init(struct srtp_sender *sender, const u8 *key, const u8 *salt, int gcm);

// Both protect a packet in place and return its new length; the buffer needs 20 bytes behind the packet.
int srtp_protect(struct srtp_sender *sender, u8 *packet, int length, u32 rollover);
int srtcp_protect(struct srtp_sender *sender, u8 *packet, int length);

#endif
