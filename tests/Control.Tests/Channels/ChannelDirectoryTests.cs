using Sluice.Control.Admission;
using Sluice.Control.Channels;
using Sluice.Storage.Sqlite;

namespace Sluice.Control.Tests.Channels;

public sealed class ChannelDirectoryTests : IDisposable
{
    private readonly TemporaryDatabase _database = new();
    private readonly ChannelDirectory _channels;
    private readonly BuiltInService _service;

    public ChannelDirectoryTests()
    {
        _channels = new ChannelDirectory(new SqliteChannelStore(_database.Database), TimeProvider.System);
        _service = new BuiltInService(_channels);
    }

    [Fact]
    public async Task A_given_id_that_is_taken_is_refused_and_a_made_one_is_told_apart()
    {
        Assert.NotNull(await CreateAsync("Night owls", "night_owls"));
        Assert.Null(await CreateAsync("Other", "night_owls"));
        Assert.Equal("night_owls_2", (await CreateAsync("Night owls"))!.Channel.Id);
        Assert.Equal("night_owls_3", (await CreateAsync("Night owls"))!.Channel.Id);
        Assert.Equal("stream_2", (await CreateAsync("Stream"))!.Channel.Id);
        Assert.Equal("channel", (await CreateAsync("夜"))!.Channel.Id);
    }

    [Fact]
    public async Task An_invalid_id_is_a_mistake_of_the_caller() =>
        await Assert.ThrowsAsync<ArgumentException>(async () => await CreateAsync("x", "no-dash"));

    [Fact]
    public async Task Numbers_are_positive_and_never_used_twice()
    {
        var first = (await CreateAsync("a"))!.Channel;
        var second = (await CreateAsync("b"))!.Channel;
        Assert.True(first.Number > 0);
        await _channels.RemoveAsync(second.Id);
        var third = (await CreateAsync("c"))!.Channel;
        Assert.Equal(3, new[] { first.Number, second.Number, third.Number }.Distinct().Count());
    }

    [Fact]
    public async Task The_secret_and_the_whole_key_open_their_own_channel_and_no_other()
    {
        var one = (await CreateAsync("one"))!;
        var two = (await CreateAsync("two"))!;
        Assert.Equal(Verdict.Granted, await PublishAsync("one", one.Secret));
        Assert.Equal(Verdict.Granted, await PublishAsync("one", one.Key));
        Assert.Equal(Verdict.KeyWrong, await PublishAsync("one", two.Secret));
        Assert.Equal(Verdict.KeyWrong, await PublishAsync("one", two.Key));
        Assert.Equal(Verdict.KeyWrong, await PublishAsync("one", $"two-{one.Secret}"));
        Assert.Equal(Verdict.KeyWrong, await PublishAsync("one", one.Secret[..^1]));
        Assert.Equal(Verdict.KeyWrong, await PublishAsync("one", one.Secret.ToLowerInvariant() + "x"));
        Assert.Equal(Verdict.KeyWrong, await PublishAsync("one", "' OR 1=1 --"));
        Assert.Equal(Verdict.KeyMissing, await PublishAsync("one", null));
        Assert.Equal(Verdict.KeyMissing, await PublishAsync("one", ""));
        Assert.Equal(Verdict.ChannelUnknown, await PublishAsync("three", one.Secret));
        Assert.Equal(Verdict.ChannelUnknown, await PublishAsync("../one", one.Secret));
    }

    [Fact]
    public async Task A_rotated_secret_counts_at_once_and_the_old_one_no_more()
    {
        var made = (await CreateAsync("one"))!;
        Assert.Equal(Verdict.Granted, await PublishAsync("one", made.Secret));
        var next = await _channels.RotateSecretAsync("one");
        Assert.Equal(Verdict.KeyWrong, await PublishAsync("one", made.Secret));
        Assert.Equal(Verdict.Granted, await PublishAsync("one", next));
        Assert.Null(await _channels.RotateSecretAsync("none"));
    }

    [Fact]
    public async Task A_removed_channel_is_unknown_at_once()
    {
        var made = (await CreateAsync("one"))!;
        Assert.Equal(Verdict.Granted, await PublishAsync("one", made.Secret));
        Assert.True(await _channels.RemoveAsync("one"));
        Assert.Equal(Verdict.ChannelUnknown, await PublishAsync("one", made.Secret));
        Assert.False(await _channels.RemoveAsync("one"));
    }

    [Fact]
    public async Task Anyone_watches_an_open_channel_and_a_private_one_needs_a_token_of_its_own()
    {
        var open = (await CreateAsync("open"))!;
        Assert.Equal(Verdict.Granted, await WatchAsync("open", null));
        var closed = (await _channels.CreateAsync("closed", null, "", new ChannelSettings(true, false)))!;
        var other = (await _channels.CreateAsync("other", null, "", new ChannelSettings(true, false)))!;
        var token = await _channels.CreateWatchTokenAsync("closed", "for a friend");
        var foreign = await _channels.CreateWatchTokenAsync(other.Channel.Id, "");
        Assert.Equal(Verdict.KeyMissing, await WatchAsync("closed", null));
        Assert.Equal(Verdict.Granted, await WatchAsync("closed", token.Secret));
        Assert.Equal(Verdict.KeyWrong, await WatchAsync("closed", foreign.Secret));
        // Publishing and watching are separate rights.
        Assert.Equal(Verdict.KeyWrong, await WatchAsync("closed", closed.Secret));
        Assert.Equal(Verdict.KeyWrong, await WatchAsync("closed", closed.Key));
        Assert.Equal(Verdict.KeyWrong, await PublishAsync("closed", token.Secret));
        Assert.Equal(Verdict.ChannelUnknown, await WatchAsync("nowhere", open.Secret));
    }

    [Fact]
    public async Task A_watch_token_taken_back_opens_nothing_at_once()
    {
        await _channels.CreateAsync("closed", null, "", new ChannelSettings(true, false));
        var one = await _channels.CreateWatchTokenAsync("closed", "");
        var two = await _channels.CreateWatchTokenAsync("closed", "");
        Assert.Equal(Verdict.Granted, await WatchAsync("closed", one.Secret));
        Assert.True(await _channels.RemoveWatchTokenAsync("closed", one.Token!.Id));
        Assert.Equal(Verdict.KeyWrong, await WatchAsync("closed", one.Secret));
        Assert.Equal(Verdict.Granted, await WatchAsync("closed", two.Secret));
        Assert.False(await _channels.RemoveWatchTokenAsync("closed", one.Token.Id));
        Assert.Equal(WatchTokenOutcome.ChannelUnknown, (await _channels.CreateWatchTokenAsync("none", "")).Outcome);
    }

    [Fact]
    public async Task Watch_tokens_of_one_channel_are_bounded()
    {
        await CreateAsync("one");
        for (var i = 0; i < ChannelDirectory.MaxWatchTokens; i++)
            Assert.Equal(WatchTokenOutcome.Made, (await _channels.CreateWatchTokenAsync("one", "")).Outcome);
        Assert.Equal(WatchTokenOutcome.TooMany, (await _channels.CreateWatchTokenAsync("one", "")).Outcome);
    }

    [Fact]
    public async Task Closing_a_channel_counts_at_once_for_who_had_no_token()
    {
        var made = (await CreateAsync("one"))!;
        Assert.Equal(Verdict.Granted, await WatchAsync("one", null));
        await _channels.UpdateAsync(made.Channel with { Settings = new ChannelSettings(true, true), Title = "Hidden" });
        Assert.Equal(Verdict.KeyMissing, await WatchAsync("one", null));
        Assert.Equal("Hidden", (await _channels.FindAsync("one"))!.Title);
    }

    [Fact]
    public async Task Changes_are_told_after_they_are_done()
    {
        var told = new List<ChannelChange>();
        _channels.Changed += told.Add;
        var made = (await CreateAsync("one"))!;
        await _channels.UpdateAsync(made.Channel with { Name = "Two" });
        await _channels.RotateSecretAsync("one");
        await _channels.RemoveAsync("one");
        await _channels.RemoveAsync("one");
        Assert.Equal([ChannelChangeKind.Updated, ChannelChangeKind.SecretRotated, ChannelChangeKind.Removed], told.Select(t => t.Kind));
    }

    [Fact]
    public async Task A_read_that_a_rotation_overtakes_is_not_kept()
    {
        var slow = new SlowStore(new SqliteChannelStore(_database.Database));
        var channels = new ChannelDirectory(slow, TimeProvider.System);
        var service = new BuiltInService(channels);
        var made = (await channels.CreateAsync("one", null, "", ChannelSettings.Default))!;
        slow.Hold = new TaskCompletionSource();
        var early = service.VerifyPublishAsync("one", made.Secret, default).AsTask();
        await channels.RotateSecretAsync("one");
        slow.Hold.SetResult();
        await early;
        Assert.Equal(Verdict.KeyWrong, (await service.VerifyPublishAsync("one", made.Secret, default)).Verdict);
    }

    public void Dispose() => _database.Dispose();

    private ValueTask<NewChannel?> CreateAsync(string name, string? id = null) => _channels.CreateAsync(name, id, "", ChannelSettings.Default);

    private async Task<Verdict> PublishAsync(string channel, string? key) => (await _service.VerifyPublishAsync(channel, key, default)).Verdict;

    private async Task<Verdict> WatchAsync(string channel, string? token) => (await _service.VerifyWatchAsync(channel, token, default)).Verdict;
}
