// What it takes to be called a played stream.
import assert from 'node:assert/strict';

const Frames = 60;
const AudioSamples = 96_000;
const AudioPackets = 100;
const Reports = 2;
// A publisher's own reports are off by what its timers are late on a busy machine; a wrong rate or epoch is off by far more.
const ReportError = 0.25;
const ReportDistance = 5;
// A picture of one colour, or silence, would also be counted.
const Contrast = 60;

const isDecoded = f => f.video.frames >= Frames && f.video.width > 0 && f.audio.samples >= AudioSamples && f.audio.energy > 0
    && (f.video.contrast === undefined || f.video.contrast > Contrast);

/** The player decodes a real picture and a real tone. */
export const decodes = player => player.until(`decodes ${Frames} frames and 2 s of sound`, isDecoded);

const hasClock = f => f.reports >= Reports && f.reportError < ReportError && f.reportDistance < ReportDistance;

/** The player gets every RTP packet of a stream that could be decoded, with a clock. */
export async function receives(player, { reports = ['video', 'audio'] } = {}) {
    const figures = await player.until('receives RTP with sender reports', f =>
        f.video.frames >= Frames && f.audio.packets >= AudioPackets && f.video.keyframes >= 1 && reports.every(kind => hasClock(f[kind]))
        && f.video.missing === 0 && f.audio.missing === 0);
    for (const kind of ['video', 'audio']) {
        const { foreignTypes, backward, unmarked, ssrcs } = figures[kind];
        assert.equal(foreignTypes, 0, `${kind}: payload types as negotiated`);
        assert.equal(backward, 0, `${kind}: timestamps never step back`);
        assert.equal(unmarked, 0, `${kind}: each picture ends with a marker`);
        assert.equal(ssrcs, 1, `${kind}: one stream`);
    }
    assert.equal(figures.video.startsWithKeyframe, true, 'the first packet starts a key picture');
    return figures;
}
