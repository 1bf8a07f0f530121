// wload: a light WebRTC load generator for live-streaming servers. README.md describes the commands.
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "options.h"

static const struct { const char *name; int (*run)(void); } commands[] = {
    { "record", command_record }, { "synth", command_synth }, { "play", command_play }, { "publish", command_publish }, { "view", command_view },
};

static void on_signal(int number)
{
    (void)number;
    stopping = 1;
}

int main(int argc, char **argv)
{
    signal(SIGINT, on_signal);
    signal(SIGTERM, on_signal);
    signal(SIGPIPE, SIG_IGN);
    setvbuf(stdout, 0, _IOLBF, 0);
    for (size_t i = 0; argc > 1 && i < sizeof commands / sizeof *commands; i++)
        if (!strcmp(argv[1], commands[i].name)) {
            options_parse(argc, argv);
            return commands[i].run();
        }
    die("usage: wload record|synth|play|publish|view --option value ... (see README.md)");
}
