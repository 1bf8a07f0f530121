#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>

#include "commands.h"
#include "loop.h"
#include "options.h"
#include "recording.h"

int command_record(void)
{
    FILE *f = opt.out ? fopen(opt.out, "wb") : 0;
    if (!f)
        die("--out FILE cannot be written");
    struct pollfd wait[KINDS] = { { socket_open(opt.video_port), POLLIN, 0 }, { socket_open(opt.audio_port), POLLIN, 0 } };
    u64 started = 0, end = 0;
    u32 counts[KINDS] = {0};
    u8 packet[PACKET_MAX];
    while (!stopping && (!end || now_us() < end)) {
        poll(wait, KINDS, 100);
        u64 now = now_us();
        for (int kind = 0; kind < KINDS; kind++)
            for (int n; (n = recv(wait[kind].fd, packet, sizeof packet, MSG_DONTWAIT)) > 0;) {
                int rtcp = packet[1] >= 192 && packet[1] <= 223;
                if (n < 12 || rtcp)
                    continue;
                if (!started) {
                    started = now;
                    end = now + (u64)(opt.seconds * 1e6);
                }
                recording_append(f, now - started, kind, packet, n);
                counts[kind]++;
            }
    }
    fclose(f);
    printf("recorded %u video, %u audio packets\n", counts[VIDEO], counts[AUDIO]);
    return 0;
}
