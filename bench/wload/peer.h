// One WebRTC peer: ICE, DTLS-SRTP and the counters of what it received. Viewers and the publisher are both peers.
#ifndef WLOAD_PEER_H
#define WLOAD_PEER_H

#include <netinet/in.h>

#include <openssl/ssl.h>

#include "base.h"
#include "srtp.h"

enum peer_state { PEER_IDLE, PEER_ICE, PEER_DTLS, PEER_UP, PEER_DEAD };
enum { STREAMS_PER_PEER = 4, LATENESS_BINS = 400 };

// What arrived of one SSRC (RFC 3550 appendix A.1, without probation).
struct stream {
    u32 ssrc, cycles;
    u16 base, highest;
    u8 payload_type, has_best;
    u64 packets, bytes;
    int64_t best_delay;
};

struct peer {
    int id, socket;
    enum peer_state state;
    u32 address, own_ssrc;              // own address in network order
    struct sockaddr_in remote;
    char user[12], password[28], remote_user[300], remote_password[300];
    int offerer, remote_lite, dtls_server, gcm;
    SSL *ssl;
    const u8 *datagram;                 // what OpenSSL reads next, or null
    int datagram_length;
    struct srtp_sender sender;
    u64 started, next_check, next_report;
    struct stream streams[STREAMS_PER_PEER];
    int stream_count;
    u64 janus_session, janus_handle;
};

extern struct peer *peers;
extern int peer_count;

// Milliseconds of lateness of each frame (video) and each packet (audio) that arrived while measuring.
extern u64 video_lateness[LATENESS_BINS], audio_lateness[LATENESS_BINS];
extern int measuring;
extern u64 unmatched_packets;

void peer_init(struct peer *p, int id, int socket, u32 base_ip);
void peer_send(struct peer *p, const void *data, int length);

// A datagram of `length` bytes, of which the first `kept` are in memory.
void peer_receive(struct peer *p, u8 *data, int length, int kept, const struct sockaddr_in *from, u64 now);

// Checks, consent, DTLS retransmissions and receiver reports of all peers.
void peers_tick(void);

static inline u64 stream_expected(const struct stream *s) { return (u64)s->cycles + s->highest - s->base + 1; }

#endif
