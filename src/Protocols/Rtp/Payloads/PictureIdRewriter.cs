using System.Runtime.CompilerServices;
using Sluice.Protocols.Media;

namespace Sluice.Protocols.Rtp.Payloads;

/// <summary>
/// Keeps the picture ids, TL0PICIDX and KEYIDX that one viewer sees continuous while what feeds the viewer changes: another simulcast
/// layer, or a publisher that came back. One per viewer and video track; one thread.
/// <para>
/// Between two switches (a <i>run</i>) rewriting adds a constant, so late and retransmitted packets get what they would have got in time.
/// The constants of the last <see cref="RememberedRuns"/> runs are remembered; older ones are forgotten, the oldest first.
/// </para>
/// <para>Payloads of codecs without such numbers pass untouched.</para>
/// </summary>
public sealed class PictureIdRewriter
{
    /// <summary>How many runs are remembered, the current one included.</summary>
    public const int RememberedRuns = 8;

    private Runs _runs;
    private PictureIdState _given;

    /// <summary>The number of the current run; the first is 0.</summary>
    public int Run { get; private set; }

    /// <summary>Begins a new run: the next packet of the current run comes from another source and is the first of a keyframe.</summary>
    /// <returns>The run's number, to be kept with what the viewer may ask for again.</returns>
    public int Switch()
    {
        Run++;
        _runs[Run % RememberedRuns] = default;
        return Run;
    }

    /// <summary>Rewrites a payload of the current run in place. See <see cref="Rewrite(Codec, Span{byte}, int)"/>.</summary>
    public bool Rewrite(Codec codec, Span<byte> payload) => Rewrite(codec, payload, Run);

    /// <summary>Rewrites a payload in place; its length and its field widths stay.</summary>
    /// <param name="codec">The codec of the payload.</param>
    /// <param name="payload">The viewer's copy.</param>
    /// <param name="run">The run the packet belongs to, as <see cref="Switch"/> numbered it.</param>
    /// <returns>
    /// False where the packet must not be sent: its descriptor is damaged, its run is forgotten, or its frame lies outside what the run
    /// sent, so that its number belongs to another frame. The payload is untouched then.
    /// </returns>
    public bool Rewrite(Codec codec, Span<byte> payload, int run)
    {
        PictureIds ids;
        bool startsKeyframe;
        switch (codec)
        {
            case Codec.Vp8:
                if (!Vp8Descriptor.TryParse(payload, out var vp8)) return false;
                ids = vp8.Ids;
                startsKeyframe = Vp8Inspection.StartsKeyframe(payload, vp8);
                break;
            case Codec.Vp9:
                if (!Vp9Descriptor.TryParse(payload, out var vp9)) return false;
                ids = vp9.Ids;
                startsKeyframe = vp9.StartsKeyframe;
                break;
            default:
                return true;
        }

        if (run < 0 || run > Run || run <= Run - RememberedRuns) return false;
        ref var entry = ref _runs[run % RememberedRuns];
        var mapped = run == Run ? TryMapCurrent(ref entry, startsKeyframe, ref ids) : TryMapEarlier(entry, ref ids);
        if (mapped) ids.Write(payload);
        return mapped;
    }

    private bool TryMapCurrent(ref PictureIdRun run, bool startsKeyframe, ref PictureIds ids)
    {
        run.Begin(ids, _given);
        var source = 0L;
        var isNewest = true;
        if (ids.HasPictureId)
        {
            source = run.Unwrap(ids);
            if (run.IsBefore(source))
            {
                if (!startsKeyframe) return false;
                run = default; // the source counts anew
                run.Begin(ids, _given);
                source = ids.PictureId;
            }

            isNewest = run.Advance(source);
        }

        var original = ids;
        ids = run.Apply(original, source);
        if (isNewest) Remember(original.HasPictureId ? run.Map(source) : _given.PictureId, ids);
        return true;
    }

    // An earlier run gives out nothing new: its numbers end where the next run began.
    private static bool TryMapEarlier(in PictureIdRun run, ref PictureIds ids)
    {
        var source = 0L;
        if (ids.HasPictureId)
        {
            source = run.Unwrap(ids);
            if (!run.Covers(source)) return false;
        }

        ids = run.Apply(ids, source);
        return true;
    }

    private void Remember(long pictureId, in PictureIds ids)
    {
        if (ids.HasPictureId)
        {
            _given.PictureId = _given.HasPictureId ? Math.Max(_given.PictureId, pictureId) : pictureId;
            _given.HasPictureId = true;
        }

        if (ids.HasTl0)
        {
            _given.Tl0 = ids.Tl0;
            _given.HasTl0 = true;
        }

        if (ids.HasKeyIndex)
        {
            _given.KeyIndex = ids.KeyIndex;
            _given.HasKeyIndex = true;
        }
    }

    [InlineArray(RememberedRuns)]
    private struct Runs
    {
        private PictureIdRun _first;
    }
}
