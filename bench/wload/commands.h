// The commands; each returns the exit code.
#ifndef WLOAD_COMMANDS_H
#define WLOAD_COMMANDS_H

int command_record(void);
int command_synth(void);
int command_play(void);
int command_publish(void);
int command_view(void);

#endif
