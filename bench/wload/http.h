// A blocking HTTP/1.1 request that keeps media flowing while it waits.
#ifndef WLOAD_HTTP_H
#define WLOAD_HTTP_H

// The body of the last answer; a string.
extern char http_body[1 << 18];

// Returns the status, or below zero when there was no answer. body may be null.
int http_request(const char *method, const char *url, const char *content_type, const char *body);

#endif
