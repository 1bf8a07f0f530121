// The command line. Every option has a default, so each command reads only what concerns it.
#ifndef WLOAD_OPTIONS_H
#define WLOAD_OPTIONS_H

#include "base.h"

struct options {
    // Where to: a WHIP or WHEP address, or Janus' API and the mountpoint to watch.
    const char *url, *janus, *bearer;
    int mount;

    // Recordings and plain RTP.
    const char *file, *out, *video_to, *audio_to;
    int video_port, audio_port;
    double seconds;

    // Synthetic recordings; slices, sei and audio_kbps below zero follow from the rest.
    int video_kbps, fps, audio_kbps, slices, sei;

    // What is negotiated.
    const char *srtp, *setup, *remote_ip;
    int video_pt, audio_pt, vp8, twcc;

    // Viewers: how many, how fast they come, how they are spread over sockets and addresses.
    const char *steps;
    int rate, per_socket, first_port, poll_us, report_ms, consent_ms;
    u32 base_ip;

    // Measuring.
    const char *pids, *aux_pids, *label, *json;
    int windows, most_windows, window_s, settle_s, quiet_ms, verbose;
};

extern struct options opt;

// Reads --name value pairs from argv[2] on; dies on what it does not know.
void options_parse(int argc, char **argv);

#endif
