// How a peer meets the server: WHIP and WHEP (RFC 9725), or the API of Janus' streaming plugin.
#ifndef WLOAD_SIGNALLING_H
#define WLOAD_SIGNALLING_H

#include "peer.h"

// Each returns 0 when the answer was taken; the peer then connects by itself.
int join_whip(struct peer *p, u32 audio_ssrc, u32 video_ssrc);     // an SSRC of 0 leaves that section out
int join_whep(struct peer *p);
int join_janus(struct peer *p);

// Janus forgets sessions that are silent for a minute; sends what is due, at most every 20 s.
void janus_keepalive(void);

#endif
