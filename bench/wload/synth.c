// Recordings made up from a bit rate. Payloads are random but shaped as H.264 (RFC 6184: slices that are not IDR, alone or in
// FU-As) and Opus (RFC 7587), so that a server which looks into them finds what it expects.
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "options.h"
#include "recording.h"

enum {
    RTP_HEADER = 12, WIRE_HEADERS = 40, RTP_MAX = 1200, PAYLOAD_MAX = RTP_MAX - RTP_HEADER, FU_MAX = PAYLOAD_MAX - 2,
    NAL_MAX = 1 << 20, MACROBLOCKS = 3600, AUDIO_STEP_US = 20000, AUDIO_OFFSET_US = 7000,
    NAL_SLICE = 0x41, NAL_FU_A = 0x5c, NAL_SEI = 0x06, OPUS_FULLBAND_STEREO_20MS = 0xfc,
};

struct writer {
    FILE *file;
    u64 random;
    u16 sequence[KINDS];
    u32 packets[KINDS];
    u64 wire_bytes[KINDS];
};

static u32 next_random(struct writer *w)
{
    w->random ^= w->random << 13;
    w->random ^= w->random >> 7;
    w->random ^= w->random << 17;
    return w->random >> 32;
}

// No zero bytes, so that nothing looks like a start code.
static void fill(struct writer *w, u8 *out, int length)
{
    for (int i = 0; i < length; i++)
        out[i] = next_random(w) % 255 + 1;
}

static void write_packet(struct writer *w, int kind, u64 time, u32 timestamp, int marker, const u8 *payload, int length)
{
    u8 packet[RTP_MAX] = { 0x80, marker << 7 | (kind == VIDEO ? 96 : 97) };
    put16(packet + 2, w->sequence[kind]++);
    put32(packet + 4, timestamp);
    put32(packet + 8, kind == VIDEO ? 0x11223344 : 0x55667788);
    memcpy(packet + RTP_HEADER, payload, length);
    recording_append(w->file, time, kind, packet, RTP_HEADER + length);
    w->packets[kind]++;
    w->wire_bytes[kind] += WIRE_HEADERS + length;
}

// Unsigned Exp-Golomb (H.264 §9.1) at bit *at of zeroed memory.
static void put_golomb(u8 *out, int *at, u32 value)
{
    int bits = 32 - __builtin_clz(value + 1);
    *at += bits - 1;
    for (int i = bits - 1; i >= 0; i--, ++*at)
        if ((value + 1) >> i & 1)
            out[*at / 8] |= 0x80 >> *at % 8;
}

// One P slice: header with its first macroblock, type and parameter set, then noise.
static void write_slice(struct writer *w, u64 time, u32 timestamp, int first_macroblock, int size, int last)
{
    static u8 nal[NAL_MAX];
    int bit = 8;
    memset(nal, 0, 8);
    nal[0] = NAL_SLICE;
    put_golomb(nal, &bit, first_macroblock);
    put_golomb(nal, &bit, 5);
    put_golomb(nal, &bit, 0);
    int header = (bit + 7) / 8;
    fill(w, nal + header, size - header);
    if (size <= PAYLOAD_MAX) {
        write_packet(w, VIDEO, time, timestamp, last, nal, size);
        return;
    }
    for (int at = 1; at < size; at += FU_MAX) {
        int part = size - at < FU_MAX ? size - at : FU_MAX, start = at == 1, end = at + part == size;
        u8 payload[PAYLOAD_MAX] = { NAL_FU_A, start << 7 | end << 6 | (NAL_SLICE & 31) };
        memcpy(payload + 2, nal + at, part);
        write_packet(w, VIDEO, time, timestamp, last && end, payload, 2 + part);
    }
}

// Of two slices the first is the small one, as an encoder makes them of a picture whose upper part is calm.
static void write_frame(struct writer *w, u64 time, u32 timestamp, int size, int slices, int sei)
{
    if (sei) {
        u8 payload[6] = { NAL_SEI, 1, 2, 1 + next_random(w) % 127, 0x80, 0x80 };
        write_packet(w, VIDEO, time, timestamp, 0, payload, sizeof payload);
    }
    for (int i = 0, left = size; i < slices; i++) {
        int last = i == slices - 1, share = last ? left : slices == 2 ? size * 18 / 100 : size / slices;
        left -= share;
        write_slice(w, time, timestamp, MACROBLOCKS / slices * i, share < 16 ? 16 : share, last);
    }
}

// What is left for slices of a frame's share of the rate once its packets' RTP, UDP and IP headers are paid.
static int frame_size(int kbps, int fps, int slices, int sei)
{
    int budget = kbps * 125 / fps, packets = slices + sei, size = budget;
    for (int i = 0; i < 8; i++) {
        size = budget - packets * WIRE_HEADERS;
        packets = slices + sei + size / PAYLOAD_MAX;
    }
    return size > 64 ? size : 64;
}

static void write_audio(struct writer *w, u64 time, u32 timestamp, int kbps)
{
    u8 payload[PAYLOAD_MAX] = { OPUS_FULLBAND_STEREO_20MS };
    int length = kbps * 125 / 50;
    length = length < 3 ? 3 : length > PAYLOAD_MAX ? PAYLOAD_MAX : length;
    fill(w, payload + 1, length - 1);
    write_packet(w, AUDIO, time, timestamp, 0, payload, length);
}

int command_synth(void)
{
    double seconds = opt.seconds > 0 ? opt.seconds : 20;
    int video = opt.video_kbps, audio = opt.audio_kbps < 0 ? 0 : opt.audio_kbps, rich = video >= 1500;
    int slices = opt.slices > 0 ? opt.slices : rich ? 2 : 1, sei = opt.sei >= 0 ? opt.sei : rich;
    if (!video && !audio)
        audio = 96;
    if (opt.fps < 1 || opt.fps > 240 || video < 0 || video > 200000 || slices > 32)
        die("synth: --fps 1 to 240, --video-kbps up to 200000, --slices up to 32");

    struct writer w = { .file = opt.out ? fopen(opt.out, "wb") : 0, .random = 0x9e3779b97f4a7c15u, .sequence = { 1000, 2000 } };
    if (!w.file)
        die("--out %s: %s", opt.out ? opt.out : "FILE is missing", strerror(errno));
    u64 frames = video ? (u64)(seconds * opt.fps) : 0, packets = audio ? (u64)(seconds * 50) : 0;
    int mean = frame_size(video, opt.fps, slices, sei);
    for (u64 f = 0, a = 0; f < frames || a < packets;) {
        u64 frame_at = f * 1000000 / opt.fps, audio_at = a * AUDIO_STEP_US + (video ? AUDIO_OFFSET_US : 0);
        if (a == packets || (f < frames && frame_at <= audio_at)) {
            // Sizes vary by up to a fifth either way.
            int size = mean + (int)(next_random(&w) % (mean * 2 / 5 + 1)) - mean / 5;
            write_frame(&w, frame_at, f++ * 90000 / opt.fps, size, slices, sei);
        } else {
            write_audio(&w, audio_at, a++ * 960, audio);
        }
    }
    if (fclose(w.file))
        die("--out %s: %s", opt.out, strerror(errno));
    printf("%s: %u video packets (%.0f kbit/s, %.2f a frame), %u audio packets (%.0f kbit/s)\n", opt.out,
        w.packets[VIDEO], w.wire_bytes[VIDEO] * 8 / seconds / 1000, frames ? (double)w.packets[VIDEO] / frames : 0,
        w.packets[AUDIO], w.wire_bytes[AUDIO] * 8 / seconds / 1000);
    return 0;
}
