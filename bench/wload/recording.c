#include "recording.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { ENTRY_HEADER = 8, RTP_HEADER = 12 };

void recording_append(FILE *f, u32 time, int kind, const u8 *packet, int length)
{
    u8 header[ENTRY_HEADER] = { time, time >> 8, time >> 16, time >> 24, kind, 0, length, length >> 8 };
    fwrite(header, 1, sizeof header, f);
    fwrite(packet, 1, length, f);
}

// From the first to the last timestamp plus one step of it, so that the loop has no seam. Video decides where there is any.
static u64 loop_length(const struct recording *r)
{
    int kind = r->has[VIDEO] ? VIDEO : AUDIO;
    u32 first = r->first_timestamp[kind], last = first, step = clock_rates[kind] / (kind == VIDEO ? 30 : 50);
    for (int i = 0; i < r->count; i++) {
        u32 timestamp = get32(r->packets[i].packet + 4);
        if (r->packets[i].kind != kind || timestamp == last)
            continue;
        step = timestamp - last;
        last = timestamp;
    }
    return (u64)(last - first + step) * 1000 / (clock_rates[kind] / 1000);
}

struct recording recording_load(const char *path)
{
    struct recording r = {0};
    int capacity = 0;
    u8 header[ENTRY_HEADER];
    FILE *f = path ? fopen(path, "rb") : 0;
    if (!f)
        die("--file %s: %s", path ? path : "is missing", path ? strerror(errno) : "give a recording");
    while (fread(header, 1, sizeof header, f) == sizeof header) {
        if (r.count == capacity)
            r.packets = realloc(r.packets, (capacity = capacity ? capacity * 2 : 4096) * sizeof *r.packets);
        struct recorded *p = &r.packets[r.count++];
        p->time = header[0] | header[1] << 8 | header[2] << 16 | (u32)header[3] << 24;
        p->kind = header[4];
        p->length = header[6] | header[7] << 8;
        if (p->kind >= KINDS || p->length < RTP_HEADER || p->length > PACKET_MAX - 64)
            die("%s: packet %d is not one of a recording", path, r.count);
        p->packet = malloc(p->length);
        if (fread(p->packet, 1, p->length, f) != p->length)
            die("%s: ends within packet %d", path, r.count);
        if (!r.has[p->kind]) {
            r.has[p->kind] = 1;
            r.first_timestamp[p->kind] = get32(p->packet + 4);
        }
    }
    fclose(f);
    if (!r.count)
        die("%s: empty", path);
    r.duration_us = loop_length(&r);
    return r;
}
