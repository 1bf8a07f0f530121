using Sluice.Protocols.WebRtc.Stun;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.WebRtc.Ice;

/// <content>The connectivity checks: what comes in, what is answered, what they change.</content>
public sealed partial class IceLiteAgent
{
    private const int MaxUnknownAttributes = 8;

    /// <summary>
    /// Takes one STUN datagram and writes the answer, to be sent back on the same path. Nothing unproven is answered (RFC 8445 §7.3).
    /// </summary>
    /// <param name="now">The time.</param>
    /// <param name="path">The way it came.</param>
    /// <param name="datagram">The datagram, without TCP framing.</param>
    /// <param name="response">Room for the answer: <see cref="MaxResponseLength"/> bytes; may not overlap the datagram.</param>
    /// <param name="responseLength">Bytes written; 0 where there is no answer.</param>
    public IceHandling HandleStun(
        Instant now, in NetworkPath path, ReadOnlySpan<byte> datagram, Span<byte> response, out int responseLength)
    {
        responseLength = 0;
        if (State == IceState.Failed
            || !StunMessageView.TryParse(datagram, out var check)
            || check.Class != StunClass.Request
            || check.Method != StunMethod.Binding
            || FindSession(check) is not { } session
            || (check.HasFingerprint && !check.CheckFingerprint())
            || !session.IsAuthentic(check))
        {
            return IceHandling.Refused;
        }

        Span<ushort> unknown = stackalloc ushort[MaxUnknownAttributes];
        unknown = unknown[..check.CopyUnknownRequired(unknown)];
        if (!unknown.IsEmpty)
        {
            responseLength = WriteUnknownAttributes(check.TransactionId, unknown, session, response);
            return IceHandling.Answered;
        }

        // A lite agent is always the controlled one and cannot change its role, whatever the tie-breaker (RFC 8445 §6.1.1, §7.3.1.1).
        if (!RemoteIsLite && check.TryGetAttribute(StunAttributeType.IceControlled, out _))
        {
            responseLength = WriteRoleConflict(check.TransactionId, session, response);
            return IceHandling.Answered;
        }

        responseLength = WriteSuccess(check.TransactionId, path, session, response);
        return _transactions.TryAdd(check.TransactionId) ? Learn(now, path, check, session) : IceHandling.Answered;
    }

    private IceSession? FindSession(in StunMessageView check)
    {
        if (!check.TryGetUsername(out var username)) return null;
        if (_session.Matches(username)) return _session;
        return _previous is { } previous && previous.Matches(username) ? previous : null;
    }

    private IceHandling Learn(Instant now, in NetworkPath path, in StunMessageView check, IceSession session)
    {
        var index = _paths.Find(path);
        var isNew = index == IcePathTable.None;
        if (isNew)
        {
            if (_paths.FindVictim() is var victim and not IcePathTable.None) Drop(victim);
            index = _paths.Add(path);
            if (_paths.Count == 1) _timers.Set(IceTimer.Consent, now + ConsentTimeout);
        }

        ref var entry = ref _paths[index];
        entry.LastHeard = now;
        entry.Generation = Math.Max(entry.Generation, session.Generation);
        // Required, but FFmpeg's WHIP muxer was shipped without it; its only path needs no rank.
        if (check.TryGetPriority(out var priority)) entry.Priority = priority;

        var before = Selected;
        if (check.HasUseCandidate)
        {
            entry.IsNominated = true;
            entry.LastNominated = now;
            if (check.TryGetNomination(out var nomination)) entry.Nomination = Math.Max(entry.Nomination, nomination);
            Nominate(now, index, session);
        }

        Revive(now, _paths.Find(path));
        return Selected != before ? IceHandling.Nominated : isNew ? IceHandling.Validated : IceHandling.Answered;
    }

    private void Nominate(Instant now, int index, IceSession session)
    {
        var selected = _paths.Selected;
        if (selected == IcePathTable.None || (selected != index && _paths[index].Outranks(_paths[selected], now, AggressiveWindow)))
        {
            Select(index);
            SetState(IceState.Connected);
        }

        if (session == _session && _previous is not null) LeavePreviousSession();
    }

    // The restart has taken hold (RFC 8445 §9): what was proven by the old credentials only is let go.
    private void LeavePreviousSession()
    {
        _previous = null;
        for (var i = _paths.Count - 1; i >= 0; i--)
        {
            if (i != _paths.Selected && _paths[i].Generation < _session.Generation) Drop(i);
        }
    }

    private static int WriteSuccess(in StunTransactionId transaction, in NetworkPath path, IceSession session, Span<byte> response)
    {
        var writer = new StunMessageWriter(response, StunClass.Success, StunMethod.Binding, transaction);
        writer.AddXorMappedAddress(path.Remote);
        return Finish(ref writer, session);
    }

    private static int WriteRoleConflict(in StunTransactionId transaction, IceSession session, Span<byte> response)
    {
        var writer = new StunMessageWriter(response, StunClass.Error, StunMethod.Binding, transaction);
        writer.AddErrorCode(StunErrorCode.RoleConflict, "Role Conflict"u8);
        return Finish(ref writer, session);
    }

    private static int WriteUnknownAttributes(
        in StunTransactionId transaction, ReadOnlySpan<ushort> unknown, IceSession session, Span<byte> response)
    {
        var writer = new StunMessageWriter(response, StunClass.Error, StunMethod.Binding, transaction);
        writer.AddErrorCode(StunErrorCode.UnknownAttribute, "Unknown Attribute"u8);
        writer.AddUnknownAttributes(unknown);
        return Finish(ref writer, session);
    }

    private static int Finish(ref StunMessageWriter writer, IceSession session)
    {
        writer.AddIntegrity(session.Password);
        writer.AddFingerprint();
        return writer.Length;
    }
}
