// The two STUN messages ICE needs (RFC 8489, RFC 8445): a binding request and the success response to one.
#ifndef WLOAD_STUN_H
#define WLOAD_STUN_H

#include <netinet/in.h>

#include "base.h"

enum { STUN_REQUEST = 0x0001, STUN_SUCCESS = 0x0101, STUN_ERROR = 0x0111, STUN_MAX = 700 };

// Writes a connectivity check signed with the remote password into STUN_MAX bytes; id marks its sender. Returns the length.
int stun_request(u8 *out, u32 id, const char *remote_user, const char *local_user, const char *remote_password, int controlling);

// Writes the answer to a request, signed with the local password; returns the length, or 0 when the request is too short.
int stun_response(u8 *out, const u8 *request, int length, const char *local_password, const struct sockaddr_in *from);

#endif
