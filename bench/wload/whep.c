#include <stdio.h>
#include <string.h>

#include "http.h"
#include "options.h"
#include "sdp.h"
#include "signalling.h"

static int post_offer(struct peer *p, const struct sdp *offer)
{
    int status = http_request("POST", opt.url, "application/sdp", offer->text);
    if (status != 201 && status != 200) {
        fprintf(stderr, "POST %s: %d %.300s\n", opt.url, status, http_body);
        return -1;
    }
    if (opt.verbose > 1)
        fprintf(stderr, "OFFER\n%s\nANSWER\n%s\n", offer->text, http_body);
    return sdp_apply(p, http_body);
}

static int offer_sections(struct peer *p, const char *direction, int audio, u32 audio_ssrc, int video, u32 video_ssrc)
{
    struct sdp offer;
    p->offerer = 1;
    sdp_begin(&offer, p);
    sdp_append(&offer, "a=group:BUNDLE%s%s\r\na=msid-semantic: WMS *\r\n", audio ? " 0" : "", video ? " 1" : "");
    if (audio)
        sdp_section(&offer, p, &(struct sdp_section){ 0, opt.audio_pt, "0", direction, opt.setup, audio_ssrc });
    if (video)
        sdp_section(&offer, p, &(struct sdp_section){ 1, opt.video_pt, "1", direction, opt.setup, video_ssrc });
    return post_offer(p, &offer);
}

int join_whip(struct peer *p, u32 audio_ssrc, u32 video_ssrc)
{
    return offer_sections(p, "sendonly", audio_ssrc != 0, audio_ssrc, video_ssrc != 0, video_ssrc);
}

int join_whep(struct peer *p)
{
    return offer_sections(p, "recvonly", 1, 0, 1, 0);
}
