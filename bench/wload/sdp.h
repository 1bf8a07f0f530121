// Offers and answers: written as a browser would for one audio and one video section, read for ICE and DTLS only.
#ifndef WLOAD_SDP_H
#define WLOAD_SDP_H

#include "peer.h"

enum { SDP_MAX = 8192 };

// A description under construction; text is always a string, and what does not fit is cut.
struct sdp {
    char text[SDP_MAX];
    int length;
};

struct sdp_section {
    int video, payload_type;
    const char *mid, *direction, *setup;
    u32 ssrc;                               // 0: none announced
};

void sdp_begin(struct sdp *sdp, const struct peer *p);
void sdp_append(struct sdp *sdp, const char *format, ...) __attribute__((format(printf, 2, 3)));
void sdp_section(struct sdp *sdp, const struct peer *p, const struct sdp_section *section);

// Copies what follows `key` on the first line that begins with it; 0 when no line does.
int sdp_value(const char *sdp, const char *key, char *out, int capacity);

// Takes the other side's credentials, DTLS role and best candidate; ICE begins with the next tick. Below zero on failure.
int sdp_apply(struct peer *p, const char *sdp);

#endif
