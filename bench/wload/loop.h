// The sockets all peers share, and the loop that drains them.
#ifndef WLOAD_LOOP_H
#define WLOAD_LOOP_H

#include "base.h"

extern int *sockets;
extern int socket_count;

// A UDP socket on every local address that tells which one a datagram came to.
int socket_open(int port);

// Takes all that waits. Peers are told apart by the address it came to: opt.base_ip plus their number.
void drain(void);

// Drains and ticks every --poll-us until the given time. It sleeps in between, so that a server's sends do not pay for waking it.
void pump(u64 until);

#endif
