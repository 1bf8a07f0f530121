#include "options.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

struct options opt = {
    .mount = 1,
    .fps = 30, .audio_kbps = -1, .slices = -1, .sei = -1,
    .srtp = "SRTP_AES128_CM_SHA1_80", .setup = "active", .video_pt = 106, .audio_pt = 111,
    .steps = "50", .rate = 100, .per_socket = 25, .first_port = 40000, .poll_us = 4000, .report_ms = 1000, .consent_ms = 2500,
    .base_ip = 0x7f010001u,
    .label = "", .windows = 3, .window_s = 8, .settle_s = 3, .quiet_ms = 150,
};

enum kind { TEXT, NUMBER };

static const struct { const char *name; enum kind kind; void *target; } table[] = {
    { "url", TEXT, &opt.url }, { "janus", TEXT, &opt.janus }, { "bearer", TEXT, &opt.bearer }, { "mount", NUMBER, &opt.mount },
    { "file", TEXT, &opt.file }, { "out", TEXT, &opt.out }, { "video", TEXT, &opt.video_to }, { "audio", TEXT, &opt.audio_to },
    { "vport", NUMBER, &opt.video_port }, { "aport", NUMBER, &opt.audio_port },
    { "video-kbps", NUMBER, &opt.video_kbps }, { "audio-kbps", NUMBER, &opt.audio_kbps }, { "fps", NUMBER, &opt.fps },
    { "slices", NUMBER, &opt.slices }, { "sei", NUMBER, &opt.sei },
    { "srtp", TEXT, &opt.srtp }, { "setup", TEXT, &opt.setup }, { "remote-ip", TEXT, &opt.remote_ip },
    { "vpt", NUMBER, &opt.video_pt }, { "apt", NUMBER, &opt.audio_pt }, { "vp8", NUMBER, &opt.vp8 }, { "twcc", NUMBER, &opt.twcc },
    { "steps", TEXT, &opt.steps }, { "rate", NUMBER, &opt.rate }, { "per-socket", NUMBER, &opt.per_socket },
    { "port0", NUMBER, &opt.first_port }, { "poll-us", NUMBER, &opt.poll_us }, { "rr-ms", NUMBER, &opt.report_ms },
    { "consent-ms", NUMBER, &opt.consent_ms },
    { "pid", TEXT, &opt.pids }, { "aux-pid", TEXT, &opt.aux_pids }, { "label", TEXT, &opt.label }, { "json", TEXT, &opt.json },
    { "windows", NUMBER, &opt.windows }, { "most-windows", NUMBER, &opt.most_windows }, { "window-s", NUMBER, &opt.window_s },
    { "settle-s", NUMBER, &opt.settle_s }, { "quiet-ms", NUMBER, &opt.quiet_ms }, { "verbose", NUMBER, &opt.verbose },
};

static int parse_table(const char *name, const char *value)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (strcmp(name, table[i].name))
            continue;
        if (table[i].kind == TEXT)
            *(const char **)table[i].target = value;
        else
            *(int *)table[i].target = atoi(value);
        return 1;
    }
    return 0;
}

void options_parse(int argc, char **argv)
{
    for (int i = 2; i < argc; i++) {
        if (strncmp(argv[i], "--", 2))
            die("unknown argument %s", argv[i]);
        const char *name = argv[i] + 2, *value = i + 1 < argc ? argv[i + 1] : 0;

        // For synth --audio stands alone; for play it names where the audio goes.
        if (!strcmp(name, "audio") && (!value || !strncmp(value, "--", 2))) {
            opt.audio_kbps = 96;
            continue;
        }
        if (!value)
            die("%s needs a value", argv[i]);
        i++;
        if (!strcmp(name, "base-ip"))
            opt.base_ip = ntohl(inet_addr(value));
        else if (!strcmp(name, "seconds"))
            opt.seconds = atof(value);
        else if (!parse_table(name, value))
            die("unknown option --%s", name);
    }
}
