// Recordings (.wlr): RTP packets with the time each is due. A packet is 8 bytes of header, little endian (u32 microseconds since
// the start, u8 kind, u8 zero, u16 length), and the packet itself.
#ifndef WLOAD_RECORDING_H
#define WLOAD_RECORDING_H

#include <stdio.h>

#include "base.h"

enum { VIDEO = 0, AUDIO = 1, KINDS = 2, PACKET_MAX = 2048 };

struct recorded {
    u32 time;
    u8 kind;
    u16 length;
    u8 *packet;
};

struct recording {
    struct recorded *packets;
    int count;
    u64 duration_us;                    // of one loop in media time
    int has[KINDS];
    u32 first_timestamp[KINDS];
};

static const int clock_rates[KINDS] = { 90000, 48000 };

struct recording recording_load(const char *path);
void recording_append(FILE *f, u32 time, int kind, const u8 *packet, int length);

#endif
